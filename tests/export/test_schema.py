import json

import jsonschema
import pytest

from phusong.export import data_dictionary, json_schema, write_dictionary, write_schema
from phusong.tables import COMMUNES_RESULT, INDICATORS, READINESS, RESULT_TABLES, SPANS

EXPANSION = {"service": ["mobile", "4g"], "prerequisite": ["has_lan"]}


@pytest.mark.parametrize("table", RESULT_TABLES.values(), ids=lambda table: table.name)
def test_every_schema_is_a_valid_schema(table):
    jsonschema.Draft202012Validator.check_schema(json_schema(table.expand(EXPANSION)))


def row_of(table):
    return json_schema(table)["$defs"]["row"]


def test_a_schema_types_every_column_and_admits_no_other():
    row = row_of(COMMUNES_RESULT.expand(EXPANSION))
    assert row["required"] == list(COMMUNES_RESULT.expand(EXPANSION).columns)
    assert row["additionalProperties"] is False
    properties = row["properties"]
    assert properties["commune_code"]["pattern"] == r"^(?:\d{5})$"
    assert properties["commune_code"]["type"] == "string"
    assert properties["valid_from"]["format"] == "date"
    assert properties["stations"]["type"] == ["integer", "null"]
    assert properties["has_lan"]["type"] == ["boolean", "null"]
    share = properties["covered_population_share_4g"]
    assert (share["minimum"], share["maximum"]) == (0, 1)
    assert properties["target_verdict_4g"]["enum"] == ["met", "missed", "not_applicable", None]
    assert properties["type"]["enum"] == ["xã", "phường", "thị trấn", "đặc khu"]


def test_a_schema_tells_meaning_and_unit_in_both_languages():
    column = row_of(SPANS)["properties"]["fibreLength"]
    assert column["title"] == "Chiều dài cáp (km)"
    assert column["description"] == "Cable length (km)"


def test_an_identifier_names_no_host():
    assert json_schema(READINESS)["$id"] == "urn:phusong:schema:offices:2"


def refusals(table, content):
    return [
        fault.message
        for fault in jsonschema.Draft202012Validator(json_schema(table)).iter_errors(content)
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"published": "98 %"}, "is not of type"),
        ({"unit": "percent"}, "is not one of"),
        ({"extra": 1}, "Additional properties"),
        ({"vi": None}, "is not of type"),
    ],
)
def test_a_schema_refuses_a_wrong_row(change, message):
    row = dict.fromkeys(INDICATORS.columns) | {
        "indicator": "a", "vi": "a", "en": "a", "unit": "share", "origin": "counted",
        "status": "no_target",
    }  # fmt: skip
    assert refusals(INDICATORS, {"schema": "x", "rows": [row]}) == []
    (told,) = refusals(INDICATORS, {"schema": "x", "rows": [row | change]})
    assert message in told


def test_the_dictionary_names_every_column_once(tmp_path):
    tables = [table.expand(EXPANSION) for table in RESULT_TABLES.values()]
    told = data_dictionary(tables)
    assert [[column["name"] for column in entry["columns"]] for entry in told["tables"]] == [
        list(table.columns) for table in tables
    ]
    share = next(c for c in told["tables"][0]["columns"] if c["name"] == "covered_area_share_4g")
    assert share["kind"] == "share"
    write_dictionary(tables, tmp_path / "d.json")
    assert json.loads((tmp_path / "d.json").read_bytes()) == told


def test_two_writes_of_a_schema_are_the_same_bytes(tmp_path):
    for name in "ab":
        write_schema(READINESS, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
