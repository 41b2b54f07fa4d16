"""A mast is added with what must be said of it; the rest is lent by cells there are, and told."""

import pytest

import phusong
from phusong.errors import InputError

PLACE = (105.05, 22.80)


@pytest.fixture(scope="module")
def lenders(result):
    """Return the operator with most 4G cells, and those."""
    cells = result.inputs["cells"]
    cells = cells[cells["technology"] == "4G"]
    operator = cells["operator"].mode()[0]
    return operator, cells[cells["operator"] == operator]


def test_what_is_not_said_is_lent_by_the_operators_cells_and_told(result, lenders):
    operator, cells = lenders
    mast = result.with_mast(*PLACE, operator=operator, technology="4G", antenna_height_m=45)
    assert mast.added["azimuth_deg"].tolist() == [0.0, 120.0, 240.0]
    first = mast.added.iloc[0]
    assert first["antenna_height_m"] == 45
    assert first["frequency_mhz"] == cells["frequency_mhz"].mode()[0]
    assert first["rs_eirp_dbm"] == cells["rs_eirp_dbm"].median()
    told = [note.render("en") for note in mast.notes]
    assert any(
        f"Carrier frequency: {first['frequency_mhz']:g} MHz taken after" in line for line in told
    )
    assert not any("Antenna height" in line for line in told)
    assert any("3 sectors" in line for line in told)
    assert len(mast.cells) == len(result.inputs["cells"]) + 3
    assert "<td>45.0</td>" in mast._repr_html_()


def test_its_signal_reaches_the_place_where_it_stands(result, lenders):
    mast = result.with_mast(*PLACE, operator=lenders[0], technology="2G", azimuths_deg=[])
    after = phusong.what_if(result, mast.cells, threads=1)
    row = after.at(*PLACE).iloc[0]
    assert row["cell_id"] in set(mast.added["cell_id"])
    assert row["margin_db"] > result.at(*PLACE).iloc[0]["margin_db"]


def test_an_operator_without_cells_borrows_from_the_others(result):
    mast = result.with_mast(*PLACE, operator="Mới", technology="2G")
    others = ", ".join(
        sorted(result.inputs["cells"].query("technology == '2G'")["operator"].unique())
    )
    *lent, sectors = mast.notes
    assert [note.values["operators"] for note in lent] == [others] * 5
    assert sectors.values == {"count": 3}


def test_second_mast_has_a_name_of_its_own(result):
    first = result.with_mast(*PLACE, operator="Viettel", technology="2G")
    names = {"site_id": first.added["site_id"][0]}
    with pytest.raises(InputError, match="repeated"):
        phusong.what_if(result, first.cells).with_mast(
            *PLACE, operator="Viettel", technology="2G", **names
        )


@pytest.mark.parametrize(
    ("place", "given", "column"),
    [
        (PLACE, {"technology": "6G"}, "technology"),
        (PLACE, {"technology": "2G", "antenna_height_m": 900}, "antenna_height_m"),
        (PLACE, {"technology": "2G", "azimuths_deg": [400]}, "azimuth_deg"),
        ((22.8, 105.05), {"technology": "2G"}, None),
        ((float("nan"), 22.8), {"technology": "2G"}, None),
    ],
)
def test_a_mast_that_could_not_stand_in_a_file_is_refused(result, place, given, column):
    with pytest.raises(InputError) as refused:
        result.with_mast(*place, operator="Viettel", **given)
    assert column in {problem.column for problem in refused.value.problems}


def test_a_mast_of_a_technology_that_no_cell_lends_asks_for_what_is_missing(result):
    with pytest.raises(InputError) as refused:
        result.with_mast(*PLACE, operator="Viettel", technology="5G")
    told = "\n".join(problem.render("en") for problem in refused.value.problems)
    assert "frequency_mhz" in told
    assert "antenna_height_m" in told
    assert {problem.file for problem in refused.value.problems} == {"with_mast"}


def test_a_field_that_no_cell_has_names_the_nearest(result):
    with pytest.raises(ValueError, match="most alike: antenna_height_m"):
        result.with_mast(*PLACE, operator="Viettel", technology="2G", antena_height_m=30)


def test_operator_and_technology_must_be_said(result):
    with pytest.raises(TypeError, match="operator"):
        result.with_mast(*PLACE, technology="2G")
