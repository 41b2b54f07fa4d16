"""One spelling for each operator, whatever case, accents and spaces lists write it with."""

import pandas as pd
import pytest

from phusong.inputs import Operators, SiteLists, Source, read_assumed_values, read_cells, read_table
from phusong.tables import MEASUREMENTS, SPANS

WRITTEN = ["VIETTEL", "viettel", "Viettel ", "Việt-tel", "VIET TEL", "\u200bViettel\u00a0"]


@pytest.mark.parametrize("written", WRITTEN)
def test_an_operator_of_vietnam_goes_by_its_own_name(written):
    read, told = Operators().unify(pd.Series([written.strip()], dtype="str"))
    assert read.to_list() == ["Viettel"]
    assert set(told.values()) <= {"Viettel"}


def test_the_study_spells_operators_and_other_names_stay():
    operators = Operators(["VIETTEL", "VIETTEL "])
    read, told = operators.unify(pd.Series(["Viettel", "Công ty ABC", None], dtype="str"))
    assert read.to_list()[:2] == ["VIETTEL", "Công ty ABC"]
    assert read.isna().to_list() == [False, False, True]
    assert told == {"Viettel": "VIETTEL"}


@pytest.mark.parametrize(
    "rows", [["Foo", "FOO", "FOO"], ["FOO", "Foo", "FOO"], ["FOO", "FOO", "Foo"]]
)
def test_an_unknown_name_goes_by_its_commonest_spelling_whatever_the_order(rows):
    operators = Operators()
    assert set(operators.unify(pd.Series(rows, dtype="str"))[0]) == {"FOO"}
    assert operators.unify(pd.Series(["foo"], dtype="str"))[0].to_list() == ["FOO"]


def listed(tmp_path, operators, names):
    path = tmp_path / "tram.csv"
    rows = "".join(f"HG{i},{name},4G,1800,{104.9 + i / 100},22.8\n" for i, name in enumerate(names))
    path.write_text("Mã trạm,Nhà mạng,Công nghệ,Băng tần,Kinh độ,Vĩ độ\n" + rows, encoding="utf-8")
    return read_cells(
        Source(path=path, shown=path.name), SiteLists(read_assumed_values()), crs="EPSG:9209",
        set_aside_faulty=False, operators=operators,
    )  # fmt: skip


def test_ids_made_of_an_operator_do_not_depend_on_its_spelling(tmp_path):
    ids = [
        listed(tmp_path, Operators(), [name] * 2).table["cell_id"].to_list() for name in WRITTEN[:5]
    ]
    assert all(each == ids[0] for each in ids)
    assert ids[0][0].startswith("Viettel-HG0-4G")


def test_all_tables_of_a_study_are_spelt_alike_and_told(tmp_path):
    operators = Operators(["Viettel"])
    cells = listed(tmp_path, operators, ["VIETTEL", "viettel", "Foo"])
    assert set(cells.table["operator"]) == {"Viettel", "Foo"}
    (told,) = [one for one in cells.problems if one.message == "inputs.operators_spelt"]
    assert told.column == "Nhà mạng"
    assert told.values == {"spellings": "VIETTEL → Viettel, viettel → Viettel"}
    path = tmp_path / "do.csv"
    path.write_text("operator,technology,level_dbm,lon,lat\nFOO,4G,-90,104.9,22.8\n", "utf-8")
    samples = read_table(
        Source(path=path, shown=path.name), MEASUREMENTS, crs="EPSG:9209", set_aside_faulty=False,
        operators=operators,
    )  # fmt: skip
    assert samples.table["operator"].to_list() == ["Foo"]
    path = tmp_path / "cap.geojson"
    path.write_text(
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"id":"1","status":'
        '"operational","networkProviders":"VNPT, viettel","supplier":"vnpt"},"geometry":{"type":'
        '"LineString","coordinates":[[104.9,22.8],[104.95,22.8]]}}]}', "utf-8",
    )  # fmt: skip
    spans = read_table(
        Source(path=path, shown=path.name), SPANS, crs="EPSG:9209", set_aside_faulty=False,
        operators=operators,
    )  # fmt: skip
    assert spans.table[["networkProviders", "supplier"]].to_numpy().tolist() == [
        ["VNPT, Viettel", "VNPT"]
    ]
