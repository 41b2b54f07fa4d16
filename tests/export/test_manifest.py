import hashlib
import json
import os
import sys

import pytest

from phusong.errors import InputError
from phusong.export import differences, read_manifest, write_manifest
from phusong.export.manifest import FileDigest


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


def test_a_digest_that_is_known_is_not_taken_again(folder):
    known = FileDigest(path="index.html", bytes=9, sha256="0" * 64)
    write_manifest(folder, parameters={}, inputs={}, known=[known])
    other, told = read_manifest(folder).outputs
    assert (told.size, told.sha256) == (9, "0" * 64)
    assert other.sha256 == hashlib.sha256(b"{}").hexdigest()


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
    with pytest.raises(InputError, match="no output folder of phusong"):
        read_manifest(folder)
    write_manifest(folder, parameters={"crs": "EPSG:9209"}, inputs={})
    manifest = read_manifest(folder)
    assert [entry.path for entry in manifest.outputs] == ["geojson/communes.geojson", "index.html"]
    assert manifest.parameters == {"crs": "EPSG:9209"}
    assert not manifest.is_result


@pytest.fixture
def manifest(folder):
    write_manifest(folder, parameters={}, inputs={})
    return read_manifest(folder)


def test_an_untouched_folder_does_not_differ(folder, manifest):
    found = differences(folder, manifest)
    assert (found.missing, found.changed, found.added) == ((), (), ())


def test_changed_missing_and_added_files_are_told_apart(folder, manifest):
    (folder / "index.html").write_text("y")  # of the same size
    (folder / "geojson" / "communes.geojson").unlink()
    (folder / "geojson" / "ghi chú.txt").write_text("x")
    found = differences(folder, manifest)
    assert found.missing == ("geojson/communes.geojson",)
    assert found.changed == ("index.html",)
    assert found.added == ("geojson/ghi chú.txt",)


def test_a_folder_of_the_users_is_added_be_it_empty_or_full(folder, manifest):
    (folder / "empty").mkdir()
    (folder / "geojson" / "full" / "deep").mkdir(parents=True)
    (folder / "geojson" / "full" / "deep" / "a.txt").write_text("x")
    assert differences(folder, manifest).added == ("empty/", "geojson/full/")


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_links_are_told_and_not_followed(folder, manifest, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "communes.geojson").write_text("{}")
    (folder / "index.html").rename(tmp_path / "index.html")
    (folder / "index.html").symlink_to(tmp_path / "index.html")  # of the same content
    (folder / "link").symlink_to(tmp_path / "elsewhere")
    (folder / "Thumbs.db").symlink_to(tmp_path / "index.html")
    found = differences(folder, manifest)
    assert found.changed == ("index.html",)
    assert found.added == ("Thumbs.db", "link")


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_a_link_in_the_place_of_a_folder_hides_its_files(folder, manifest, tmp_path):
    (folder / "geojson").rename(tmp_path / "geojson")
    (folder / "geojson").symlink_to(tmp_path / "geojson")
    found = differences(folder, manifest)
    assert found.missing == ("geojson/communes.geojson",)
    assert found.added == ("geojson",)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(folder, manifest):
    (folder / "index.html").unlink()
    os.mkfifo(folder / "index.html")
    assert differences(folder, manifest).changed == ("index.html",)
    (folder / "manifest.json").unlink()
    os.mkfifo(folder / "manifest.json")
    with pytest.raises(InputError, match="no output folder"):
        read_manifest(folder)


def test_a_folder_in_the_place_of_a_file_is_a_change(folder, manifest):
    (folder / "index.html").unlink()
    (folder / "index.html").mkdir()
    assert differences(folder, manifest).changed == ("index.html",)


def test_a_manifest_of_another_program_is_none_of_ours(folder):
    for content in ({}, {"written_by": "else", "outputs": []}, {"written_by": ["phusong"]}):
        (folder / "manifest.json").write_text(json.dumps(content))
        with pytest.raises(InputError, match="no output folder of phusong"):
            read_manifest(folder)


def _with(manifest, **changes):
    return json.dumps({**manifest, **changes})


def _listing(manifest, path):
    return _with(manifest, outputs=[{"path": path, "bytes": 1, "sha256": "0" * 64}])


HOSTILE = {
    "nothing": lambda manifest: "",
    "not JSON": lambda manifest: "{" + "x" * 1000,
    "not UTF-8": lambda manifest: b"\xff\xfe",
    "a list": lambda manifest: "[]",
    "deeply nested": lambda manifest: "[" * 100_000,
    "no outputs": lambda manifest: _with(manifest, outputs=None),
    "outputs of another type": lambda manifest: _with(manifest, outputs={"path": "a"}),
    "a size that is text": lambda manifest: _with(
        manifest, outputs=[{"path": "a", "bytes": "1", "sha256": "0" * 64}]
    ),
    "a negative size": lambda manifest: _with(
        manifest, outputs=[{"path": "a", "bytes": -1, "sha256": "0" * 64}]
    ),
    "no digest": lambda manifest: _with(
        manifest, outputs=[{"path": "a", "bytes": 1, "sha256": "none"}]
    ),
    "a long number": lambda manifest: _with(manifest, versions={}).replace("{}", "9" * 100_000),
    "a name above": lambda manifest: _listing(manifest, "../secret.txt"),
    "a name above, hidden": lambda manifest: _listing(manifest, "maps/../../secret.txt"),
    "an absolute name": lambda manifest: _listing(manifest, "/etc/passwd"),
    "a name on a drive": lambda manifest: _listing(manifest, "C:\\secret.txt"),
    "an empty name": lambda manifest: _listing(manifest, ""),
    "larger than any of ours": lambda manifest: _with(manifest, pad="x" * (17 << 20)),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_manifest_is_a_planned_fault(folder, kind, manifest):
    told = json.loads((folder / "manifest.json").read_bytes())
    content = HOSTILE[kind](told)
    (folder / "manifest.json").write_bytes(
        content if isinstance(content, bytes) else content.encode()
    )
    with pytest.raises(InputError, match=r"manifest\.json.*not as phusong wrote it") as fault:
        read_manifest(folder)
    assert len(str(fault.value)) < 2000


def test_the_version_and_the_commit_are_told(folder, manifest):
    from phusong import __version__
    from phusong._version import commit

    assert manifest.versions["phusong"] == __version__
    assert manifest.versions.get("phusong (commit)") == commit()
