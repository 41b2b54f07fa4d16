import csv

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phusong.export import write_layer_csv, write_rejected
from phusong.export.delimited import _inert
from phusong.export.plain import FORMULA_SIGNS
from phusong.tables import INDICATORS

from .conftest import CRS, SOUTH, WEST


def rejected(**cells):
    return pd.DataFrame({"file": "villages.csv", "row": [2], "reason_vi": "trùng mã"} | cells)


def test_rejected_rows_open_in_excel_with_diacritics(tmp_path):
    (path,) = write_rejected(
        {"villages": rejected(ten=["Bản Tùy"]), "cells": rejected().iloc[:0]}, tmp_path
    )
    assert path == tmp_path / "rejected" / "villages.csv"
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.DictReader(file)) == [
            {"file": "villages.csv", "row": "2", "reason_vi": "trùng mã", "ten": "Bản Tùy"}
        ]


def test_nothing_rejected_makes_no_folder(tmp_path):
    assert write_rejected({}, tmp_path) == ()
    assert list(tmp_path.iterdir()) == []


def test_headings_and_cells_of_rejected_rows_run_no_formula(tmp_path):
    rows = rejected(**{"=HYPERLINK(1)": ['=cmd|" /C calc"!A0']})
    (path,) = write_rejected({"villages": rows}, tmp_path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        heading, row = csv.reader(file)
    assert heading[3] == "'=HYPERLINK(1)"
    assert row[3] == '\'=cmd|" /C calc"!A0'


@pytest.mark.parametrize("number", ["-12.5", "+84", "105.1", "-1e3"])
def test_signed_numbers_stay_numbers(number):
    assert _inert(number) == number


@given(st.text())
def test_no_text_starts_as_a_formula_and_none_is_lost(text):
    cell = _inert(text)
    plain = pd.isna(pd.to_numeric(pd.Series([cell]), errors="coerce")).item()
    if plain:
        assert not cell.startswith(FORMULA_SIGNS)
    assert cell.removeprefix("'") == _inert(text.removeprefix("'")).removeprefix("'")


def read_csv(path, delimiter=","):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def test_a_csv_opens_in_excel_and_holds_the_rows(layers, tmp_path):
    layer = layers["communes"]
    write_layer_csv(layer, tmp_path / "a.csv", crs=CRS, semicolon=False)
    assert (tmp_path / "a.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    rows = read_csv(tmp_path / "a.csv")
    assert list(rows[0]) == [
        *layer.table.columns, "longitude", "latitude", "easting_m", "northing_m",
    ]  # fmt: skip
    assert rows[1]["commune_code"] == "00694"
    assert rows[1]["valid_from"] == "2004-01-01"
    assert rows[1]["population"] == "1234.567892"
    assert rows[1]["has_lan"] == "TRUE"
    assert rows[0]["population"] == rows[0]["has_lan"] == ""


def test_semicolons_come_with_decimal_commas(layers, tmp_path):
    """Where Windows is set to Vietnamese, Excel reads 1.234 as one thousand and more."""
    write_layer_csv(layers["communes"], tmp_path / "a.csv", crs=CRS, semicolon=True)
    assert read_csv(tmp_path / "a.csv", ";")[1]["population"] == "1234,567892"
    back = pd.read_csv(tmp_path / "a.csv", sep=";", decimal=",", dtype={"commune_code": str})
    assert back["population"].to_list()[1] == 1234.567892
    assert back["covered_population_share_mobile"].to_list()[1] == 0.98


def test_a_csv_tells_places_in_both_systems(layers, tmp_path):
    write_layer_csv(layers["villages"], tmp_path / "a.csv", crs=CRS, semicolon=False)
    rows = read_csv(tmp_path / "a.csv")
    assert float(rows[1]["easting_m"]) == pytest.approx(WEST + 100, abs=0.1)  # six decimals
    assert float(rows[1]["northing_m"]) == pytest.approx(SOUTH, abs=0.1)
    assert float(rows[0]["longitude"]) == pytest.approx(104.98, abs=0.01)
    assert rows[-1]["longitude"] == rows[-1]["northing_m"] == ""


def test_a_csv_of_names_runs_no_formula_and_keeps_what_was_meant(layers, tmp_path):
    layer = layers["villages"]
    write_layer_csv(layer, tmp_path / "a.csv", crs=CRS, semicolon=False)
    for told, row in zip(read_csv(tmp_path / "a.csv"), layer.rows, strict=True):
        assert told["name"].removeprefix("'") == row["name"].removeprefix("'")
        assert not told["name"].startswith(("=", "@"))


def test_a_csv_of_a_table_without_geometry_has_no_places(layers, tmp_path):
    write_layer_csv(layers["indicators"], tmp_path / "a.csv", crs=CRS, semicolon=False)
    assert list(read_csv(tmp_path / "a.csv")[0]) == list(INDICATORS.columns)


def test_an_empty_table_is_a_csv_with_its_headings(layers, tmp_path):
    write_layer_csv(layers["gaps"], tmp_path / "a.csv", crs=CRS, semicolon=False)
    places = ["longitude", "latitude", "easting_m", "northing_m"]
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file)) == [[*layers["gaps"].table.columns, *places]]
