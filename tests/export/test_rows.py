import json
from dataclasses import replace
from datetime import date
from functools import partial

import jsonschema
import pytest

from phusong.export import plain_layer, write_rows
from phusong.export.json_rows import json_members
from phusong.tables import INDICATORS

members = partial(json_members, comma=",", colon=":")


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


@pytest.mark.parametrize("name", ["communes", "indicators", "villages"])
def test_members_are_what_the_encoder_of_json_writes(layers, name):
    layer = layers[name]
    encode = json.JSONEncoder(ensure_ascii=False, default=date.isoformat).encode
    assert list(json_members(layer, comma=", ", colon=": ")) == [
        encode(row)[1:-1] for row in layer.rows
    ]


def test_values_of_another_kind_are_written_as_they_are_and_no_number_is_lost(layers):
    layer = layers["villages"]
    changed = replace(layer, rows=[{**layer.rows[0], "name": 7, "population": 3}])
    assert {'"name":7', '"population":3'} <= {*next(members(changed)).split(",")}
    changed = replace(layer, rows=[{**layer.rows[0], "population": float("inf")}])
    with pytest.raises(ValueError, match="JSON"):
        list(members(changed))
