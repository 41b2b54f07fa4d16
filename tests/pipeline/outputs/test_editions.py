"""Editions: what an audience may not have is nowhere in its folder."""

import json
import re
import shutil
import sqlite3
import zipfile
import zlib
from contextlib import closing
from dataclasses import replace as with_

import numpy as np
import openpyxl
import pytest
import rasterio
import shapely
from rio_cogeo import cog_validate
from typer.testing import CliRunner

import phusong
from phusong.cli import app
from phusong.errors import ExportError, InputError, OutputError
from phusong.export import open_finished, plain_layer
from phusong.i18n import Bilingual
from phusong.pipeline.outputs.editions import (
    AUDIENCES,
    TABLES,
    Cut,
    _Columns,
    _copy_rasters,
    open_policy,
    write_policy,
)
from phusong.tables import RESULT_TABLES

MARKED = "Bản công khai"
NAMING = re.compile(r"(^|_)(id|name|start|end|span|of)$")
PUBLIC = {"communes", "districts", "province", "villages", "gaps", "access", "indicators"}


@pytest.fixture(scope="module")
def public(written, tmp_path_factory):
    """Return the public edition of the small study's results, written by the command."""
    to = tmp_path_factory.mktemp("editions") / "cong-khai"
    words = ["publish", str(written), "--audience", "public", "--to", str(to)]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    return to


@pytest.fixture
def layers(result):
    return {name: plain_layer(frame, table) for name, (frame, table) in result.tables.items()}


def cut(study, audience, policy=None):
    return Cut(policy or open_policy(), audience, study)


def texts(folder):
    """Yield what stands in the bytes of a folder, packed files unpacked."""
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        parts = [path.read_bytes()]
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as packed:
                parts += [packed.read(name) for name in packed.namelist()]
        for found in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", parts[0], re.DOTALL):
            try:
                parts.append(zlib.decompress(found[1]))
            except zlib.error:
                continue
        for part in parts:
            yield path.name, part.decode("utf-8", "replace")


def test_no_restricted_value_is_in_the_bytes_of_the_public_edition(public, written):
    whole, open_to_all = open_finished(written), open_finished(public)

    def names(finished):
        """Return whatever tells one thing from others: ids and names, not words of a choice."""
        return {
            row[field.name]
            for name, table in finished.tables.items()
            for row in finished.layer(name).rows
            for field in table.fields
            if field.kind == "text" and not field.choices and NAMING.search(field.name)
            if len(row[field.name] or "") > 3
            and not re.fullmatch(r"\d{4}", row[field.name])  # stands in any file by chance
        }

    secrets = names(whole) - names(open_to_all)
    assert set(whole.layer("stations").ids) | set(whole.layer("spans").ids) <= secrets
    for name in ("stations", "villages", "offices", "fibre_nodes"):
        layer = whole.layer(name)
        for shape in layer.shapes[layer.located]:
            secrets |= {f"{shape.x:.6f}{between}{shape.y:.6f}" for between in (",", ", ", " ")}
    seen = {}
    telling = "\n".join(names(open_to_all))
    within = {one for one in secrets if len(one) > 5 and one not in telling}
    assert len(within) > 50
    for file, said in texts(public):
        tokens = set(re.findall(r"[^\"'<>,;|\\\n]+", said))
        found = (secrets & tokens) | {one for one in within if one in said}
        if found:
            seen.setdefault(file, set()).update(found)
    assert seen == {}


def test_the_public_edition_has_the_tables_and_columns_of_the_policy(public, written):
    whole, given = open_finished(written), open_finished(public)
    assert set(given.tables) == PUBLIC & set(whole.tables)
    assert given.rasters == {}
    columns = given.tables["villages"].columns
    services = [one["id"] for one in whole.parameters["services"]]
    assert set(columns) == {
        "village_id", "name", "commune_code", "signal_state",
        *(f"covered_{service}" for service in services),
    }  # fmt: skip
    before, after = (one.layer("communes").rows for one in (whole, given))
    for column in ("commune_code", "population", f"covered_population_{services[0]}"):
        assert [row[column] for row in after] == [row[column] for row in before]
    kept = {row["indicator"] for row in given.layer("indicators").rows}
    assert "stations" not in kept
    assert f"covered_population_share_{services[0]}" in kept


def test_places_are_rounded_to_the_middle_of_squares(public, written, pristine):
    study = phusong.open_study(pristine)
    assert open_policy().tables["villages"].round_m == {"public": 500}
    before, after = (open_finished(one).layer("villages") for one in (written, public))
    metres = [
        shapely.get_coordinates(
            phusong.export.layers.gpd.GeoSeries(layer.shapes, crs="EPSG:4326").to_crs(study.crs)
        )
        for layer in (before, after)
    ]
    assert before.ids == after.ids
    assert np.abs((metres[1] - 250) % 500 - 250).min() > 249
    assert np.abs(metres[0] - metres[1]).max() <= 251
    assert (np.abs(metres[0] - metres[1]).max(axis=1) > 1).all()


def test_every_page_sheet_and_table_tells_its_edition(public):
    pages = [public / "index.html", *(public / "maps").glob("*.html")]
    assert len(pages) > 3
    assert all(MARKED in page.read_text("utf-8") for page in pages)
    assert all(
        MARKED in json.loads(path.read_bytes())["notice"]["vi"]
        for path in (public / "geojson").glob("*.geojson")
    )
    book = openpyxl.load_workbook(public / "report" / "tables.xlsx")
    for sheet in book.worksheets:
        told = " ".join(str(cell.value) for row in sheet.iter_rows(max_row=6) for cell in row)
        assert MARKED in told or sheet.title == "Định nghĩa", sheet.title
    with closing(sqlite3.connect(public / "gis" / "layers.gpkg")) as base:
        said = base.execute("SELECT description FROM gpkg_contents WHERE data_type != 'attributes'")
        assert all(MARKED in text for (text,) in said)
    manifest = json.loads((public / "manifest.json").read_bytes())
    assert manifest["parameters"]["audience"] == "public"
    assert not {"inputs", "fibre", "rollout"} & set(manifest["parameters"])
    assert "calibration" in manifest["parameters"]  # by which exports call estimates
    assert manifest["inputs"] == []


def test_what_the_policy_does_not_name_is_for_few(pristine, layers):
    study = phusong.open_study(pristine)
    internal, restricted = cut(study, "internal"), cut(study, "restricted")
    for name in ("spans", "fibre_nodes", "steep_stretches", "sites", "operator_strength"):
        assert internal.layer(layers[name]) is None
        assert restricted.layer(layers[name]).rows == layers[name].rows
    offices = internal.layer(layers["offices"]).table.columns
    assert {"office_id", "has_lan"} <= set(offices)
    assert not {"computers", "backup_power", "homing", "data_network_port"} & set(offices)
    service = study.services[0].id
    assert not internal.raster(f"best_server_{service}")
    assert internal.raster(f"margin_db_{service}")
    assert restricted.raster(f"best_server_{service}")


def test_the_department_changes_what_an_edition_carries(pristine, layers, tmp_path):
    policy = write_policy(tmp_path / "quy-dinh.toml")
    text = policy.read_text("utf-8").replace(
        "[tables.stations]\n", '[tables.stations]\npublic = ["station_id", "operator"]\n'
    )
    policy.write_text(text + '\n[tables.spans]\ninternal = ["*"]\n', encoding="utf-8")
    rules, study = open_policy(policy), phusong.open_study(pristine)
    stations = cut(study, "public", rules).layer(layers["stations"])
    assert stations.table.columns == ("station_id", "operator")
    assert cut(study, "internal", rules).layer(layers["spans"]).rows == layers["spans"].rows
    with pytest.raises(ExportError, match="exists"):
        write_policy(policy)


@pytest.mark.parametrize(
    ("text", "message", "key"),
    [
        ("[tables.moon]\npublic = ['*']", "unknown_table", "tables.moon"),
        ("[tables.gaps]\npublic = ['gap_id', 'no']", "unknown_column", "tables.gaps.public"),
        ("[tables.stations]\npublic = ['operator']", "key_needed", "tables.stations.public"),
        ("[tables.indicators]\npublic = ['indicator']", "board_needed", "tables.indicators.public"),
        ("[tables.gaps]\nall = ['*']", "unknown_key", "tables.gaps.all"),
        ("[tables.gaps]\nround_m = { public = 0 }", "invalid", "tables.gaps.round_m.public"),
        ("[tables.access]\nround_m = { public = 1e9 }", "invalid", "tables.access.round_m.public"),
        ("[tables.access]\nround_m = { public = '5' }", "invalid", "tables.access.round_m.public"),
        ("[tables.gaps]\nround_m = { public = 500 }", "no_points", "tables.gaps.round_m"),
        (
            "[tables]\n[rasters]\ninternal = ['margin_db_mobile']",
            "unknown_raster",
            "rasters.internal",
        ),
        ("[tables", "syntax", None),
    ],
)
def test_faulty_policies_are_told(tmp_path, text, message, key):
    path = tmp_path / "policy.toml"
    path.write_text(text if text.startswith("[tables") else "", encoding="utf-8")
    with pytest.raises(InputError) as refused:
        open_policy(path)
    assert (f"editions.{message}", key) in [
        (one.message, one.key) for one in refused.value.problems
    ]


def test_an_indicator_that_no_board_has_is_told(written, tmp_path):
    policy = tmp_path / "policy.toml"
    policy.write_text("""[tables.communes]
public = ["commune_code", "valid_from"]
[indicators]
public = ["share_median", "covered_population_share_mobile", "lan_shares"]
""", "utf-8")  # fmt: skip
    with pytest.raises(InputError) as refused:
        phusong.publish_results(written, tmp_path / "to", audience="public", policy=policy)
    assert [(one.message, one.key, one.value) for one in refused.value.problems] == [
        ("editions.unknown_indicator", "indicators.public", "lan_shares")
    ]
    assert not (tmp_path / "to").exists()


def test_rasters_carry_the_edition_with_the_same_pixels(written, tmp_path):
    finished, service = open_finished(written), "mobile"
    names = {f"{one}_{service}": one for one in ("margin_db", "served", "servers")}
    _copy_rasters(finished, names, tmp_path, Bilingual("Bản nội bộ", "Internal edition"))
    for name in names:
        with (
            rasterio.open(finished.rasters[name]) as before,
            rasterio.open(tmp_path / "rasters" / f"{name}.tif") as after,
        ):
            said = [one.tags()["TIFFTAG_IMAGEDESCRIPTION"] for one in (before, after)]
            assert said[1] == f"Bản nội bộ / Internal edition. {said[0]}"
            assert np.array_equal(before.read(1), after.read(1), equal_nan=True)
            assert before.overviews(1) == after.overviews(1)
            profiles = [{**one.profile, "nodata": str(one.nodata)} for one in (before, after)]
            assert profiles[0] == profiles[1]
            assert before.descriptions == after.descriptions
            if name == "served_mobile":
                assert before.colormap(1) == after.colormap(1)
        assert cog_validate(tmp_path / "rasters" / f"{name}.tif", strict=True)[0]
    assert (tmp_path / "rasters" / "served_mobile.qml").exists()


def test_a_study_of_offices_alone_has_a_public_edition(offices_alone, tmp_path):
    phusong.run(phusong.open_study(offices_alone)).write(tmp_path / "out")
    phusong.publish_results(tmp_path / "out", tmp_path / "public", audience="public")
    assert set(open_finished(tmp_path / "public").tables) == {"indicators"}


def test_a_policy_may_keep_back_what_the_start_page_shows(written, tmp_path):
    policy = tmp_path / "policy.toml"
    policy.write_text(
        """[tables.communes]
public = ["commune_code", "valid_from", "name", "covered_population"]
""",
        encoding="utf-8",
    )
    page = phusong.publish_results(written, tmp_path / "to", audience="public", policy=policy)
    communes = open_finished(tmp_path / "to").layer("communes")
    assert set(communes.table.columns) - {"commune_code", "valid_from", "name"} == {
        f"covered_population_{service['id']}"
        for service in open_finished(written).parameters["services"]
    }
    assert communes.rows[0]["name"] not in page.read_text("utf-8")


def test_every_table_of_the_shipped_policy_is_known_and_keeps_its_key():
    assert set(open_policy().tables) <= set(TABLES)


def test_the_shipped_policy_names_each_column_that_the_public_has():
    assert [name for name, one in open_policy().tables.items() if "*" in one.public] == []


def test_what_an_office_lacks_reaches_the_house_under_no_other_name(pristine, layers):
    internal = cut(phusong.open_study(pristine), "internal")
    assert "missing_prerequisites" not in internal.layer(layers["communes"]).table.columns
    rollout = with_(layers["offices"], table=RESULT_TABLES["rollout"], rows=[], shapes=None)
    assert not {"works", "without_work"} & set(internal.layer(rollout).table.columns)


def test_places_of_the_public_are_never_nearer_than_those_of_the_house():
    stated = _Columns(round_m={"internal": 1000, "public": 500})
    assert [stated.step_m(one) for one in AUDIENCES] == [1000, 1000, None]


def test_a_column_that_can_be_read_twice_needs_both_readings(pristine, layers):
    study = phusong.open_study(pristine)
    named = study.services[0].model_copy(update={"id": "share_mobile"})
    twice = study.model_copy(update={"services": (*study.services, named)})
    policy = open_policy().model_copy(
        update={"tables": {"communes": _Columns(public=(
            "commune_code", "valid_from", "covered_population",
        )), "districts": _Columns(public=("district_code", "offices_missing"))}}
    )  # fmt: skip
    shown = cut(twice, "public", policy).layer(layers["communes"]).table.columns
    assert shown == ("commune_code", "valid_from", "covered_population_mobile")
    districts = cut(study, "public", policy).layer(layers["districts"]).table.columns
    assert "offices_missing_backup_power" in districts


def test_an_edition_takes_the_place_of_an_edition_alone(written, public, tmp_path):
    other = tmp_path / "run"
    shutil.copytree(written, other)
    with pytest.raises(OutputError, match="holds the results"):
        phusong.publish_results(written, other, audience="public")
    with pytest.raises(ExportError, match="output folder"):
        phusong.publish_results(written, written / "public", audience="public")
    with pytest.raises(ExportError, match="itself an edition"):
        phusong.publish_results(public, tmp_path / "x", audience="public")
    (tmp_path / ".lost.phusong-old").mkdir()
    shutil.copytree(written, tmp_path / ".lost.phusong-old", dirs_exist_ok=True)
    with pytest.raises(OutputError, match="holds the results"):
        phusong.publish_results(written, tmp_path / "lost", audience="public")
    with pytest.raises(ExportError, match="no edition"):
        phusong.publish_results(written, tmp_path / "x", audience="everyone")
    assert not (tmp_path / "x").exists()
    assert phusong.export_results(public, tmp_path / "a.gpkg") == (tmp_path / "a.gpkg",)
