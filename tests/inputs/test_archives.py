"""Zipped layers: the one layer is read; what leads elsewhere or unpacks to too much is refused."""

import contextlib
import io
import shutil
import stat
import tempfile
import warnings
import zipfile
from pathlib import Path

import geopandas as gpd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point

from phusong.errors import InputError
from phusong.inputs import Source, read_table, source
from phusong.tables import PLACES


@pytest.fixture(scope="module")
def layers(tmp_path_factory):
    """Return a folder with the same three places as Shapefile, FileGDB and GeoPackage."""
    folder = tmp_path_factory.mktemp("layers")
    places = gpd.GeoDataFrame(
        {"place_id": ["p1", "p2"], "name": ["Mèo Vạc", "Lũng Cú"], "kind": ["town", "village"]},
        geometry=[Point(105.4, 23.16), Point(105.3, 23.36)],
        crs="EPSG:4326",
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        places.to_file(folder / "a.shp", encoding="UTF-8")
        places[:1].to_file(folder / "b.shp", encoding="UTF-8")
        places.to_file(folder / "c.gdb", driver="OpenFileGDB", layer="dia_danh")
        places[:1].to_file(folder / "c.gdb", driver="OpenFileGDB", layer="cu", mode="a")
    return folder


def packed(layers, *names, inside=""):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            for path in sorted(layers.rglob("*")):
                relative = path.relative_to(layers).as_posix()
                if path.is_file() and relative.startswith(name):
                    archive.write(path, inside + relative)
    return file.getvalue()


def test_zipped_shapefile_is_read_in_whatever_folder_it_lies(read, layers):
    checked = read("xa.zip", PLACES, packed(layers, "a.", inside="Ranh giới/"))
    assert checked.table["name"].to_list() == ["Mèo Vạc", "Lũng Cú"]
    assert checked.table.attrs["file"] == "xa.zip"


def test_of_several_layers_one_must_be_named(read, problems, layers):
    both = packed(layers, "a.", "b.")
    (problem,) = problems("xa.zip", PLACES, both)
    assert problem.message == "inputs.which_layer"
    assert "a, b" in problem.render("en")
    assert len(read("xa.zip", PLACES, both, layer="b").table) == 1
    (problem,) = problems("xa.zip", PLACES, packed(layers, "a."), layer="x")
    assert problem.message == "inputs.unknown_layer"


def test_filegdb_comes_as_a_zip_and_its_layer_is_named(read, problems, layers):
    gdb = packed(layers, "c.gdb/")
    assert len(read("g.gdb.zip", PLACES, gdb, layer="dia_danh").table) == 2
    (problem,) = problems("g.gdb.zip", PLACES, gdb)
    assert "dia_danh, cu" in problem.render("en")


def test_filegdb_is_read_as_the_folder_it_is(read, problems, layers, tmp_path):
    shutil.copytree(layers / "c.gdb", tmp_path / "c.gdb")
    assert len(read("c.gdb", PLACES, layer="dia_danh").table) == 2
    (problem,) = problems("c.gdb", PLACES)
    assert "dia_danh" in problem.render("en")
    assert problems("c.gdb", PLACES, layer="khac")[0].message == "inputs.unknown_layer"
    (tmp_path / "secret").write_text("x")
    for target in (tmp_path / "secret", tmp_path):  # a file, and a folder
        (tmp_path / "c.gdb" / "a00000099.gdbtable").symlink_to(target)
        (problem,) = problems("c.gdb", PLACES, layer="dia_danh")
        assert problem.message == "inputs.leads_elsewhere"
        (tmp_path / "c.gdb" / "a00000099.gdbtable").unlink()
    (tmp_path / "d.gdb").mkdir()
    assert problems("d.gdb", PLACES)[0].message == "inputs.wrong_format"


def test_names_cut_by_a_zipped_shapefile_are_known(read, layers, tmp_path):
    places = gpd.read_file(layers / "a.shp").assign(elevation_=[1200.0, 1400.0])
    places.to_file(tmp_path / "d.shp", encoding="UTF-8")
    checked = read("d.zip", PLACES, packed(tmp_path, "d."))
    assert checked.table["elevation_m"].to_list() == [1200.0, 1400.0]


@pytest.mark.parametrize(
    "name", ["../a.shp", "/etc/a.shp", "C:/a.shp", "x/../../a.shp", "..\\a.shp"]
)
def test_member_outside_the_archive_is_refused(problems, tmp_path, name):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name), b"x")
    (problem,) = problems("a.zip", PLACES, file.getvalue())
    assert problem.message == "inputs.leads_elsewhere"
    assert [path.name for path in tmp_path.iterdir()] == ["a.zip"]


def test_link_in_an_archive_is_refused(problems, layers):
    file = io.BytesIO(packed(layers, "a.shp", "a.shx"))
    with zipfile.ZipFile(file, "a") as archive:
        link = zipfile.ZipInfo("a.dbf")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    (problem,) = problems("a.zip", PLACES, file.getvalue())
    assert (problem.message, problem.values["name"]) == ("inputs.leads_elsewhere", "a.dbf")


def test_archive_that_unpacks_to_too_much_is_refused_before_it_is_unpacked(problems, monkeypatch):
    monkeypatch.setattr(source, "LARGEST_BYTES", 1_000_000)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(11):
            archive.writestr(f"{number}.shp", bytes(100_000))
    assert len(file.getvalue()) < 5_000
    (problem,) = problems("a.zip", PLACES, file.getvalue())
    assert problem.message == "inputs.too_large"


def test_archive_of_too_many_files_is_refused(problems):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(10_001):
            archive.writestr(zipfile.ZipInfo(f"{number}"), b"")
    (problem,) = problems("a.zip", PLACES, file.getvalue())
    assert problem.message == "inputs.too_many_members"


def test_protected_archive_is_told_as_such(problems, layers):
    content = bytearray(packed(layers, "a.prj"))
    for mark in (b"PK\x03\x04", b"PK\x01\x02"):
        at = content.index(mark) + (6 if mark == b"PK\x03\x04" else 8)
        content[at] |= 1
    (problem,) = problems("a.zip", PLACES, bytes(content))
    assert problem.message == "inputs.protected_archive"


@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_damaged_archive_is_one_message_and_leaves_nothing(layers, data):
    content = bytearray(packed(layers, "a."))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", folder)
        path = Path(folder, "a.zip")
        path.write_bytes(bytes(content[: data.draw(st.integers(1, len(content)))]))
        with contextlib.suppress(InputError):
            read_table(
                Source(path=path, shown="a.zip"), PLACES, crs="EPSG:9209", set_aside_faulty=True
            )
        assert [one.name for one in Path(folder).iterdir()] == ["a.zip"]
