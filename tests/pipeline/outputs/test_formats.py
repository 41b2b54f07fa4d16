"""A run's folder in other formats: coloured as the maps are, and the same from both ways."""

import json
import sqlite3
import xml.etree.ElementTree as ET
from contextlib import closing

import pyogrio
import pytest
import rasterio
from typer.testing import CliRunner

import phusong
from phusong.cli import app
from phusong.export import FORMATS

cli = CliRunner()


def rules(gpkg, table, default):
    with closing(sqlite3.connect(gpkg)) as base:
        query = "SELECT styleName, styleQML FROM layer_styles WHERE f_table_name = ?"
        styles = base.execute(f"{query} AND useAsDefault = ?", (table, default)).fetchall()
    return {
        name: [
            (rule.get("label"), rule.get("filter"))
            for rule in ET.fromstring(qml).iter("rule")
        ]
        for name, qml in styles
    }  # fmt: skip


def test_the_geopackage_of_a_run_is_the_one_exported_from_its_folder(written, tmp_path):
    phusong.export_results(written, tmp_path / "a.gpkg")
    assert (tmp_path / "a.gpkg").read_bytes() == (written / "gis" / "layers.gpkg").read_bytes()


def test_the_geopackage_holds_every_table(written, result):
    held = set(pyogrio.list_layers(written / "gis" / "layers.gpkg")[:, 0])
    assert held == {*result.tables, "layer_styles"}
    for name, (frame, _) in result.tables.items():
        told = pyogrio.read_info(written / "gis" / "layers.gpkg", layer=name)
        assert told["features"] == len(frame)


def test_communes_are_coloured_with_the_target_as_a_break(written):
    (name, first), *_ = rules(written / "gis" / "layers.gpkg", "communes", default=1).items()
    assert name.startswith("Tỷ lệ được phủ sóng, ước lượng, theo xã (sai số giả định) – ")
    filters = [written for _, written in first]
    assert '"share_median_mobile" < 0.5' in filters
    assert any(">= 0.98" in written and "< 1.0" in written for written in filters)
    assert filters[-1] == "ELSE"


def test_every_service_has_its_own_style(written, result):
    gpkg = written / "gis" / "layers.gpkg"
    services = [service.name for service in result.study.services]
    for table, shown in (
        ("communes", "Tỷ lệ được phủ sóng, ước lượng, theo xã (sai số giả định)"),
        ("villages", "Thôn chưa được phủ sóng"),
        ("gaps", "Vùng lõm sóng có người ở"),
    ):
        named = [name for style in (1, 0) for name in rules(gpkg, table, style) if shown in name]
        assert named == [f"{shown} – {service}" for service in services]


def test_villages_outside_a_style_are_drawn_small_instead_of_not_at_all(written):
    (drawn,) = rules(written / "gis" / "layers.gpkg", "villages", default=1).values()
    assert drawn[0][1] == '"covered_mobile" IN (false)'
    assert drawn[-1] == ("Các đối tượng khác", "ELSE")


@pytest.mark.parametrize("kind", sorted(FORMATS))
def test_a_run_can_be_exported_in_every_format(written, tmp_path, kind):
    files = phusong.export_results(written, tmp_path / "to", format=kind)
    assert len(files) >= 2
    assert all(path.stat().st_size > 0 for path in files)


def test_rasters_have_a_coloured_copy_and_their_colours_beside_them(written, result):
    for name in result.services:
        with rasterio.open(written / "rasters" / f"served_{name}.tif") as file:
            served = file.read(1)
            assert file.colormap(1)[3] == (166, 203, 230, 255)
        with rasterio.open(written / "rasters" / f"margin_db_{name}.tif") as file:
            margin = file.read(1)
        assert (served >= 3).sum() == (margin >= 0).sum()
        assert ((served == 1) | (served == 2)).sum() == (margin < 0).sum()
        assert (written / "rasters" / f"margin_db_{name}.qml").is_file()


def test_the_catalogue_lists_every_file_of_data(written):
    listed = json.loads((written / "catalogue" / "item.json").read_bytes())["assets"]
    manifest = json.loads((written / "manifest.json").read_bytes())["outputs"]
    digests = {entry["path"]: entry["sha256"] for entry in manifest}
    assert set(digests) - set(listed) == {
        "index.html", "catalogue/item.json", "catalogue/collection.json",
    }  # fmt: skip
    for name, asset in listed.items():
        assert asset["file:checksum"] == "1220" + digests[name]


def test_the_command_writes_a_file_and_says_which(written, tmp_path):
    target = tmp_path / "a.csv"
    done = cli.invoke(
        app, ["export", str(written), "--to", str(target), "--layer", "communes", "--semicolon"]
    )
    assert done.exit_code == 0, done.stderr
    assert done.stdout.replace("\n", "") == str(target)
    assert target.read_text("utf-8-sig").startswith("commune_code;valid_from")


def test_the_command_refuses_with_a_remedy_and_exit_2(written, tmp_path):
    words = ["export", str(written), "--to", str(tmp_path / "a.dxf")]
    done = cli.invoke(app, words)
    assert done.exit_code == 2
    assert "Không có định dạng" in done.stderr
    assert "There is no format" not in done.stderr
    assert "There is no format" in cli.invoke(app, [*words, "--lang", "en"]).stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []
