"""Files and names crafted to break a program: refused in a line, and nothing of the user's lost."""

import hashlib
import json
import os
import shutil
import sys

import pytest

import phusong
from phusong.errors import InputError, StudyError
from phusong.export import read_manifest, write_manifest
from phusong.export.manifest import differences
from phusong.fibre import read_ofds
from phusong.inputs import Source, read_table
from phusong.maps import open_theme
from phusong.tables import COMMUNES, VILLAGES

PROVINCE = ("--province", "Cao Bang")
HUGE = "9" * 400
DEEP = "[" * 900 + "]" * 900
SHAPES = {
    "a number beyond float64": f"[[[{HUGE}, 22], [105, 22], [105, 23], [{HUGE}, 22]]]",
    "nine hundred brackets": DEEP,
}
KEYS = {
    "a number of 5,000 digits": f"radius = {'1' * 5000}",
    "a key of 50,000 parts": "a" + ".a" * 50_000 + " = 1",
    "a quoted key of 50,000 parts": "[" + '"=" . ' * 50_000 + "a]",
    "a long key in a table on one line": "x = { y" + ".'y'" * 50_000 + " = 1 }",
}


@pytest.mark.parametrize("attack", SHAPES)
def test_coordinates_that_make_no_shape_are_a_fault_of_their_row(attack, tmp_path):
    path = tmp_path / "communes.geojson"
    shape = f'{{"type": "Polygon", "coordinates": {SHAPES[attack]}}}'
    feature = (
        f'{{"type": "Feature", "properties": {{"commune_code": "00001"}}, "geometry": {shape}}}'
    )
    path.write_text(f'{{"type": "FeatureCollection", "features": [{feature}]}}', "utf-8")
    with pytest.raises(InputError) as caught:
        read_table(Source(path=path, shown=path.name), COMMUNES, crs="EPSG:9209",
                   set_aside_faulty=True)  # fmt: skip
    assert caught.value.problems
    with pytest.raises(InputError) as caught:
        read_ofds({"nodes": [{"id": "a", "location": json.loads(shape)}]}, file="network.json")
    assert [p.message for p in caught.value.problems] == ["fibre.ofds_geometry"]


@pytest.mark.parametrize("key", ["fibreCount", "fibreLength"])
@pytest.mark.parametrize("number", [int(HUGE), 2**70, float("inf"), float("nan"), -1])
def test_numbers_of_open_fibre_data_that_no_column_holds_are_refused(key, number):
    span = {"id": "s", "status": "operational", key: number}
    with pytest.raises(InputError) as caught:
        read_ofds({"spans": [span]}, file="network.json")
    assert [(p.message, p.column) for p in caught.value.problems] == [
        ("fibre.ofds_number", f"spans.{key}")
    ]


@pytest.mark.parametrize("attack", KEYS)
def test_settings_that_no_parser_survives_are_refused_with_the_file(attack, tmp_path):
    (tmp_path / "study.toml").write_text(KEYS[attack], "utf-8")
    with pytest.raises(StudyError) as caught:
        phusong.open_study(tmp_path)
    assert [(p.message, p.file) for p in caught.value.problems] == [("study.syntax", "study.toml")]
    (tmp_path / "own.toml").write_text(KEYS[attack][:100_000], "utf-8")
    with pytest.raises(InputError):
        open_theme(tmp_path / "own.toml")


def test_dots_of_a_text_are_no_key(folder):
    path = folder / "study.toml"
    text = path.read_text("utf-8").replace('province = "Hà Giang"', f'province = "{"a." * 99}"')
    path.write_text(text + "# " + "." * 500 + "\n#" + " 1.5, v.v." * 500, "utf-8")
    assert phusong.open_study(folder).province == "a." * 99


def test_heading_of_ten_million_cells_is_refused_for_its_columns(tmp_path):
    (tmp_path / "villages.csv").write_bytes(b"," * 10_000_000 + b"name")
    with pytest.raises(InputError) as caught:
        read_table(Source(path=tmp_path / "villages.csv", shown="villages.csv"), VILLAGES,
                   crs="EPSG:9209", set_aside_faulty=True)  # fmt: skip
    assert [p.message for p in caught.value.problems] == ["inputs.too_many_columns"]


def test_name_of_a_million_folders_in_a_manifest_takes_no_memory(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b.txt").write_text("1")
    write_manifest(tmp_path, parameters={}, inputs={})
    path = tmp_path / "manifest.json"
    content = json.loads(path.read_text("utf-8"))
    content["outputs"].append({"path": "a/" * 1_000_000 + "a", "bytes": 1, "sha256": "0" * 64})
    path.write_text(json.dumps(content), "utf-8")
    found = differences(tmp_path, read_manifest(tmp_path))
    assert (len(found.missing), found.changed, found.added) == (1, (), ())


@pytest.mark.parametrize("name", ["network.json", "study.toml"])
def test_a_new_study_copies_its_network_over_nothing(name, tmp_path, told):
    given, study = tmp_path / "given", tmp_path / "study"
    given.mkdir()
    study.mkdir()
    (given / name).write_text('{"networks": []}')
    if name == "network.json":
        (study / name).write_text("the user's own")
    said = told("new", study, *PROVINCE, "--ofds", given / name, "--lang", "en")
    assert said.exit_code == 2
    assert f"{name} cannot be copied" in said.output
    left = {path.name: path.read_text() for path in study.iterdir()}
    assert left == ({name: "the user's own"} if name == "network.json" else {})


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")
def test_a_new_study_copies_its_network_through_no_link(tmp_path, told):
    (tmp_path / "network.json").write_text("{}")
    (tmp_path / "precious").write_text("the user's own")
    (tmp_path / "study").mkdir()
    (tmp_path / "study" / "network.json").symlink_to(tmp_path / "precious")
    said = told("new", tmp_path / "study", *PROVINCE, "--ofds", tmp_path / "network.json")
    assert said.exit_code == 2
    assert (tmp_path / "precious").read_text() == "the user's own"


@pytest.mark.skipif(sys.platform != "linux", reason="only there may a name be no text")
def test_a_network_whose_name_is_no_text_leaves_no_half_a_study(tmp_path, told):
    network = tmp_path / os.fsdecode(b"b\xff.json")
    network.write_text("{}")
    said = told("new", tmp_path / "study", *PROVINCE, "--ofds", network)
    assert said.exit_code == 2
    assert not (tmp_path / "study").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows tells too long names as absent")
@pytest.mark.parametrize(
    "words",
    [
        ["check"],
        ["verify"],
        ["board"],
        ["cache"],
        ["egov"],
        ["new", *PROVINCE],
        ["export", "--to", "x.gpkg"],
    ],
)
def test_a_name_too_long_for_the_system_is_told_in_a_line(words, tmp_path, told):
    said = told(words[0], tmp_path / ("x" * 300), *words[1:])
    assert said.exit_code == 2
    assert "File name too long" in said.output


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")
def test_links_in_a_circle_are_no_files(folder, told):
    (folder / "villages.csv").unlink()
    (folder / "villages.csv").symlink_to("villages.csv")
    said = told("check", folder)
    assert said.exit_code == 2
    assert "inputs.villages" in said.output
    (folder / "circle").symlink_to("circle")
    assert told("new", folder / "circle", *PROVINCE).exit_code == 2


@pytest.mark.skipif(sys.platform != "linux", reason="only there may a name be no text")
def test_a_pattern_whose_name_is_no_text_is_refused_before_the_run(folder):
    (folder / "antennas").mkdir()
    (folder / "antennas" / os.fsdecode(b"a\xff.msi")).write_text("NAME a")
    path = folder / "study.toml"
    text = path.read_text("utf-8")
    path.write_text(text.replace("[inputs]\n", '[inputs]\nantennas = "antennas"\n', 1), "utf-8")
    with pytest.raises(StudyError) as caught:
        phusong.open_study(folder)
    assert [(p.message, p.key) for p in caught.value.problems] == [
        ("study.unprintable", "inputs.antennas")
    ]


def test_a_table_under_a_right_digest_whose_brackets_make_no_shape_is_told_by_its_name(
    attacked, tmp_path, told
):
    out = shutil.copytree(attacked.out, tmp_path / "out")
    table = out / "geojson" / "communes.geojson"
    document = json.loads(table.read_text("utf-8"))
    document["features"][0]["geometry"]["coordinates"] = json.loads(DEEP)
    table.write_text(json.dumps(document), "utf-8")
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    for entry in manifest["outputs"]:
        if entry["path"] == "geojson/communes.geojson":
            entry["sha256"] = hashlib.sha256(table.read_bytes()).hexdigest()
    (out / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    said = told("export", out, "--to", tmp_path / "x.kml", "--layer", "communes")
    assert said.exit_code == 2
    assert "geojson/communes.geojson" in said.output
