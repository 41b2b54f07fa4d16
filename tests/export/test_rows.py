import json

import jsonschema

from phusong.export import plain_layer, write_rows
from phusong.tables import INDICATORS


def test_the_board_keeps_its_order_and_its_schema(indicators, tmp_path):
    write_rows(plain_layer(indicators, INDICATORS), tmp_path / "a.json")
    told = json.loads((tmp_path / "a.json").read_bytes())
    jsonschema.validate(told, json.loads((tmp_path / "a.schema.json").read_bytes()))
    assert told["schema"] == "urn:phusong:schema:indicators:2"
    assert [row["indicator"] for row in told["rows"]] == ["stations", "lan_share"]
    assert told["rows"][1]["computed"] == 0.148718
    assert told["rows"][1]["target"] is None


def test_two_writes_are_the_same_bytes(indicators, tmp_path):
    for name in "ab":
        write_rows(plain_layer(indicators, INDICATORS), tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
