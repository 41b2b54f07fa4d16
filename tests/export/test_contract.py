"""The exported names, types and units are a promise: docs/schemas holds what was promised."""

import json

import jsonschema
import pytest

from phusong.export.schema import VERSION, write_contract
from phusong.tables import RESULT_TABLES

REMEDY = """
The exports no longer are what docs/schemas says: {changes}
If a released name, type or unit changed, first raise VERSION in
coverage/phusong/export/schema.py and tell it in CHANGELOG.md. Then write the contract anew:
    python -m phusong.export docs/schemas
"""


def promised(folder):
    """Return what systems rely on: of every column its type, unit, choices and emptiness."""
    dictionary = json.loads((folder / "dictionary.json").read_bytes())
    told = {("version",): dictionary["version"]}
    for table in dictionary["tables"]:
        told[table["name"], "table"] = (table["geometry"], table["key"])
        for column in table["columns"]:
            words = {"name", "vi", "en"}
            told[table["name"], column["name"]] = {k: column[k] for k in column if k not in words}
    return told


def changes(before, after):
    words = [f"{'.'.join(name)} is gone" for name in before if name not in after]
    words += [f"{'.'.join(name)} is new" for name in after if name not in before]
    words += [
        f"{'.'.join(name)} was {before[name]} and is {after[name]}"
        for name in before
        if name in after and before[name] != after[name]
    ]
    return words


def test_the_exports_are_what_the_committed_schemas_promise(checkout, tmp_path):
    committed = checkout / "docs" / "schemas"
    write_contract(tmp_path)
    found = changes(promised(committed), promised(tmp_path))
    assert found == [], REMEDY.format(changes="; ".join(found))
    files = {path.name: path.read_bytes() for path in committed.glob("*.json")}
    now = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    wording = sorted(name for name in files | now if files.get(name) != now.get(name))
    assert wording == [], REMEDY.format(changes=", ".join(wording))


def test_a_changed_promise_is_told_column_by_column(tmp_path):
    write_contract(tmp_path / "a")
    write_contract(tmp_path / "b")
    path = tmp_path / "b" / "dictionary.json"
    told = json.loads(path.read_bytes())
    column = told["tables"][0]["columns"][0]
    column["kind"], column["vi"] = "integer", "chỉ đổi lời"
    del told["tables"][0]["columns"][-1]
    path.write_text(json.dumps(told), encoding="utf-8")
    found = changes(promised(tmp_path / "a"), promised(tmp_path / "b"))
    assert len(found) == 2
    assert found[0].endswith("is gone")
    assert found[1].startswith("communes.commune_code was")


def test_every_committed_schema_is_valid_and_carries_the_version(checkout):
    schemas = sorted((checkout / "docs" / "schemas").glob("*.schema.json"))
    assert [path.name.split(".")[0] for path in schemas] == sorted(RESULT_TABLES)
    for path in schemas:
        schema = json.loads(path.read_bytes())
        jsonschema.Draft202012Validator.check_schema(schema)
        assert schema["$id"].endswith(f":{VERSION}")


@pytest.mark.parametrize("table", RESULT_TABLES.values(), ids=lambda table: table.name)
def test_every_result_table_can_be_written_in_every_format(table):
    assert table.key or table.geometry is None, "a feature needs an id"
    # GeoPackage takes the meanings as aliases, each once a table; Excel wants short sheet names.
    meanings = [field.meaning("vi") for field in table.fields]
    assert len(set(meanings)) == len(meanings)
    assert len(table.sheet) <= 31


def test_sheet_names_differ():
    names = [table.sheet for table in RESULT_TABLES.values()]
    assert len(set(names)) == len(names)


def test_no_unit_in_english_is_a_vietnamese_word():
    units = {field.unit_in("en") for table in RESULT_TABLES.values() for field in table.fields}
    assert {unit for unit in units if not unit.isascii()} == {"°", "km²"}
