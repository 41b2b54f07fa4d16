"""Which heading of a file means which field."""

import pytest

from phusong.inputs.headings import match, names_of
from phusong.tables import COMMUNES, INPUT_TABLES, LAT, LON, X_M, Y_M


@pytest.mark.parametrize("longest", [None, 10])
@pytest.mark.parametrize("table", INPUT_TABLES.values(), ids=lambda table: table.name)
def test_no_two_fields_of_a_table_answer_to_one_heading(table, longest):
    names = [
        frozenset.union(*names_of(field, longest=longest))
        for field in (*table.fields, LON, LAT, X_M, Y_M)
    ]
    assert sum(map(len, names)) == len(frozenset.union(*names))


@pytest.mark.parametrize("table", INPUT_TABLES.values(), ids=lambda table: table.name)
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_meaning_of_a_column_is_a_heading_too(table, lang):
    for headings in (
        [field.meaning(lang) for field in table.fields],
        [field.title[lang] for field in table.fields],
    ):
        assert list(match(headings, table.fields).position) == list(table.columns)


def test_heading_matches_whatever_its_case_spaces_and_diacritics():
    found = match([" MÃ XÃ ", "Dân  số", "ten-xa"], COMMUNES.fields)
    assert {name: found.position[name] for name in ("commune_code", "population", "name")} == {
        "commune_code": 0, "population": 1, "name": 2,
    }  # fmt: skip


def test_own_name_goes_before_an_alias():
    assert match(["tên", "name"], COMMUNES.fields).position["name"] == 1


def test_two_headings_for_one_field_are_told():
    found = match(["Mã xã", "code"], COMMUNES.fields)
    assert found.repeated == {"commune_code": ["Mã xã", "code"]}


def test_names_cut_by_a_shapefile_are_found():
    assert match(["commune_co"], COMMUNES.fields, longest=10).position == {"commune_code": 0}
    assert match(["commune_co"], COMMUNES.fields).position == {}


def test_likely_slip_is_named():
    assert match(["comune_code"], COMMUNES.fields).nearest["commune_code"] == "comune_code"


def test_x_and_y_are_not_taken_for_coordinates():
    assert match(["X", "Y"], [LON, LAT, X_M, Y_M]).position == {}
