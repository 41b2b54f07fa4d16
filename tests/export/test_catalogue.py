import hashlib
import json
from pathlib import Path

import jsonschema
import pytest
import referencing

from phusong.export import write_catalogue

from .conftest import PARAMETERS

MEANINGS = {
    "geojson/communes.geojson": "Kết quả theo xã",
    "geojson/schema/communes.schema.json": "Lược đồ",
    "rasters/served_mobile.tif": "Có sóng",
    "report/indicators.json": "Bảng chỉ tiêu",
}


@pytest.fixture
def record(finished, layers):
    write_catalogue(
        finished, parameters=PARAMETERS, layers=list(layers.values()), meanings=MEANINGS
    )
    return {
        name: json.loads((finished / "catalogue" / f"{name}.json").read_bytes())
        for name in ("item", "collection")
    }


@pytest.fixture(scope="module")
def validator():
    """Return the official schemas of STAC 1.1.0, which refer to each other."""
    schemas = [
        json.loads(path.read_bytes())
        for path in sorted(Path(__file__).with_name("stac").glob("*.json"))
    ]
    registry = referencing.Registry().with_resources(
        (schema["$id"], referencing.jsonschema.DRAFT7.create_resource(schema)) for schema in schemas
    )
    registry = registry.with_resources(
        (schema["$id"].replace("commonjson", "common.json"),
         referencing.jsonschema.DRAFT7.create_resource(schema))
        for schema in schemas
    )  # fmt: skip

    def validate(content, name):
        (schema,) = [one for one in schemas if one["$id"].endswith(f"/{name}.json")]
        found = jsonschema.Draft7Validator(schema, registry=registry).iter_errors(content)
        return [fault.message for fault in found]

    return validate


@pytest.mark.parametrize("name", ["item", "collection"])
def test_the_official_schema_accepts_the_record(record, validator, name):
    assert validator(record[name], name) == []


@pytest.mark.parametrize(
    ("name", "key"), [("item", "assets"), ("item", "links"), ("collection", "license")]
)
def test_the_official_schema_can_refuse(record, validator, name, key):
    assert validator({k: v for k, v in record[name].items() if k != key}, name) != []


def test_every_asset_is_there_with_its_size_and_digest(record, finished):
    assert list(record["item"]["assets"]) == sorted(MEANINGS)
    for name, asset in record["item"]["assets"].items():
        path = (finished / "catalogue" / asset["href"]).resolve()
        assert path == finished / name
        assert asset["file:size"] == path.stat().st_size
        # a multihash: 12 is SHA2-256, 20 its length of 32 bytes
        assert asset["file:checksum"] == "1220" + hashlib.sha256(path.read_bytes()).hexdigest()
        assert asset["title"] == MEANINGS[name]


def test_a_raster_tells_its_grid_and_its_band(record):
    asset = record["item"]["assets"]["rasters/served_mobile.tif"]
    assert asset["proj:code"] == "EPSG:9209"
    assert asset["proj:shape"] == [600, 700]
    assert asset["proj:transform"] == [90, 0, 400050, 0, -90, 2600010]
    assert asset["bands"] == [{"name": "served_mobile", "data_type": "uint8", "nodata": 0}]
    assert asset["type"].endswith("profile=cloud-optimized")


def test_links_lead_from_the_item_to_its_collection_and_back(record, finished):
    item, collection = record["item"], record["collection"]
    assert item["collection"] == collection["id"]
    for content in (item, collection):
        for link in content["links"]:
            assert (finished / "catalogue" / link["href"]).is_file()


def test_the_extent_is_that_of_the_shapes(record, layers):
    west, south, east, north = record["item"]["bbox"]
    for layer in layers.values():
        for shape in layer.shapes[layer.located] if layer.shapes is not None else ():
            assert west <= shape.bounds[0] <= shape.bounds[2] <= east
            assert south <= shape.bounds[1] <= shape.bounds[3] <= north
    assert record["collection"]["extent"]["spatial"]["bbox"] == [[west, south, east, north]]
    assert record["item"]["properties"]["datetime"] == "2017-12-31T00:00:00Z"


def test_a_study_without_any_place_has_no_extent(finished, layers, validator):
    write_catalogue(
        finished, parameters=PARAMETERS, layers=[layers["indicators"]], meanings=MEANINGS
    )
    item = json.loads((finished / "catalogue" / "item.json").read_bytes())
    assert item["geometry"] is None
    assert "bbox" not in item
    assert validator(item, "item") == []
