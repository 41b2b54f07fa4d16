import hashlib
import json

import pytest

from phusong.export import write_manifest
from phusong.export.manifest import listed_outputs


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "out" / "geojson").mkdir(parents=True)
    (tmp_path / "out" / "index.html").write_text("x")
    (tmp_path / "out" / "geojson" / "communes.geojson").write_text("{}")
    return tmp_path / "out"


def test_every_file_is_listed_with_size_and_sha_256(folder, tmp_path):
    (tmp_path / "cells.csv").write_text("abc")
    write_manifest(
        folder, parameters={"crs": "EPSG:9209"}, inputs={"cells.csv": tmp_path / "cells.csv"}
    )
    told = json.loads((folder / "manifest.json").read_bytes())
    assert told["inputs"] == [
        {"path": "cells.csv", "bytes": 3, "sha256": hashlib.sha256(b"abc").hexdigest()}
    ]
    assert [entry["path"] for entry in told["outputs"]] == [
        "geojson/communes.geojson",
        "index.html",
    ]
    assert told["outputs"][1]["sha256"] == hashlib.sha256(b"x").hexdigest()
    assert told["parameters"] == {"crs": "EPSG:9209"}
    assert {"phusong", "python", "numpy", "proj", "geos"} <= set(told["versions"])


def test_the_manifest_has_no_machine_path_and_is_the_same_twice(folder, tmp_path):
    (tmp_path / "cells.csv").write_text("abc")
    first = None
    for _ in range(2):
        write_manifest(folder, parameters={}, inputs={"cells.csv": tmp_path / "cells.csv"})
        again = (folder / "manifest.json").read_bytes()
        assert first is None or again == first
        first = again
    assert str(tmp_path).encode() not in first


def test_the_parts_of_a_shapefile_are_inputs_too(folder, tmp_path):
    for name in ("xã [1].shp", "xã [1].DBF", "xã [1].prj", "xã [1].txt", "xã 1.dbf"):
        (tmp_path / name).write_text(name)
    write_manifest(folder, parameters={}, inputs={"gis/xã [1].shp": tmp_path / "xã [1].shp"})
    told = json.loads((folder / "manifest.json").read_bytes())
    assert [entry["path"] for entry in told["inputs"]] == [
        "gis/xã [1].DBF",
        "gis/xã [1].prj",
        "gis/xã [1].shp",
    ]


def test_an_absent_input_is_an_os_error(folder, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"gone\.csv"):
        write_manifest(folder, parameters={}, inputs={"gone.csv": tmp_path / "gone.csv"})


def test_a_written_folder_is_recognised_by_its_manifest(folder):
    assert listed_outputs(folder) is None
    write_manifest(folder, parameters={}, inputs={})
    assert listed_outputs(folder) == {"manifest.json", "index.html", "geojson/communes.geojson"}
