import sqlite3
import subprocess
import sys
import textwrap
import xml.etree.ElementTree as ET
from contextlib import closing
from dataclasses import replace

import pyogrio
import pytest

from phusong.export import Condition, Rule, Style, Symbol, write_geopackage
from phusong.export.vectors import write_features
from phusong.i18n import Bilingual

STYLE = Style(
    title=Bilingual("Tỷ lệ dân số được phủ sóng", "Share of residents covered"),
    where=(Condition(field="district_code", values=("024",)),),
    rules=(
        Rule(
            title=Bilingual("Dưới mục tiêu", "Below"), symbol=Symbol(colour="#d9701b"),
            conditions=(Condition(field="covered_population_share_mobile", below=0.98),),
        ),
        Rule(
            title=Bilingual("Đạt", "Met"), symbol=Symbol(colour="#3f8ec4", fill_opacity=0.5),
            conditions=(Condition(field="covered_population_share_mobile", at_least=0.98),),
        ),
    ),
    other=Rule(title=Bilingual("Không có số liệu", "No data"), symbol=Symbol()),
    label="name",
)  # fmt: skip


@pytest.fixture
def base(layers, tmp_path):
    write_geopackage(layers.values(), tmp_path / "a.gpkg", styles={"communes": [STYLE]})
    with closing(sqlite3.connect(tmp_path / "a.gpkg")) as opened:
        yield opened


def test_every_layer_is_there_and_gdal_warns_of_nothing(layers, tmp_path):
    write_geopackage(layers.values(), tmp_path / "a.gpkg", styles={})
    told = dict(pyogrio.list_layers(tmp_path / "a.gpkg"))
    assert told == {
        "communes": "MultiPolygon", "villages": "Point", "spans": "MultiLineString",
        "gaps": "MultiPolygon", "indicators": None, "layer_styles": None,
    }  # fmt: skip


def test_a_table_without_geometry_keeps_its_rows(layers, tmp_path):
    write_geopackage(layers.values(), tmp_path / "a.gpkg", styles={})
    table = pyogrio.raw.read_arrow(tmp_path / "a.gpkg", layer="indicators")[1]
    columns = list(layers["indicators"].table.columns)
    assert table.select(columns).to_pylist() == layers["indicators"].rows


def test_each_layer_with_shapes_has_one_style_shown_first(base):
    rows = base.execute(
        "SELECT f_table_name, f_geometry_column, styleName, useAsDefault, description"
        " FROM layer_styles ORDER BY f_table_name"
    ).fetchall()
    assert [row[0] for row in rows] == ["communes", "gaps", "spans", "villages"]
    assert rows[0][1:] == ("geometry", STYLE.title.vi, 1, STYLE.title.en)


def test_the_filters_of_a_style_take_the_rows_that_its_rules_take(base, layers):
    """SQLite reads QGIS's comparisons as QGIS does, so it stands for it here."""
    (qml,) = base.execute(
        "SELECT styleQML FROM layer_styles WHERE f_table_name = 'communes'"
    ).fetchone()
    root = ET.fromstring(qml)
    (about,) = root.find("renderer-v2/rules")
    found = []
    for rule in about:
        written = rule.get("filter")
        if written != "ELSE":
            taken = base.execute(
                f"SELECT commune_code FROM communes WHERE {about.get('filter')} AND {written}"
            ).fetchall()
            found += [(code, rule.get("label")) for (code,) in taken]
    expected = [
        (row["commune_code"], STYLE.rule_of(row).title.vi)
        for row in layers["communes"].rows
        if STYLE.rule_of(row) is not STYLE.other
    ]
    assert found == expected == [("00694", "Đạt")]
    assert [rule.get("filter") for rule in about][-1] == "ELSE"


def test_columns_have_aliases_and_their_admissible_values(base):
    told = base.execute(
        "SELECT name, description, constraint_name FROM gpkg_data_columns"
        " WHERE table_name = 'communes' AND column_name = 'type'"
    ).fetchone()
    assert told == ("Loại đơn vị", "Type of unit", "communes_type")
    choices = base.execute(
        "SELECT value FROM gpkg_data_column_constraints WHERE constraint_name = 'communes_type'"
    ).fetchall()
    assert {value for (value,) in choices} == {"xã", "phường", "thị trấn", "đặc khu"}


@pytest.mark.parametrize("written", [-1, +1])
def test_a_layer_with_more_or_fewer_rows_than_it_has_is_an_os_error(
    layers, tmp_path, monkeypatch, written
):
    layer = layers["indicators"]

    def write_other(given, path, **options):
        rows = [*given.rows, {**given.rows[0], "indicator": "more"}]
        write_features(replace(given, rows=rows[: len(given.rows) + written]), path, **options)

    monkeypatch.setattr("phusong.export.geopackage.write_features", write_other)
    with pytest.raises(OSError, match=f"indicators: {2 + written} / 2"):
        write_geopackage([layer], tmp_path / "a.gpkg", styles={})
    assert list(tmp_path.iterdir()) == []


def test_no_moment_of_writing_is_kept(base):
    assert base.execute("SELECT DISTINCT last_change FROM gpkg_contents").fetchall() == [
        ("1980-01-01T00:00:00.000Z",)
    ]
    assert base.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_hostile_names_are_values_and_nothing_else(base, layers):
    names = [name for (name,) in base.execute("SELECT name FROM villages ORDER BY village_id")]
    assert names == [row["name"] for row in layers["villages"].rows]


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX limits")
def test_a_disk_that_fills_up_half_way_is_an_os_error_and_leaves_nothing(tmp_path):
    """A limit on the size of a file stands for the full disk, inside GDAL and SQLite."""
    program = f"""
        import resource, signal
        from pathlib import Path
        import geopandas as gpd, numpy as np
        from phusong.errors import OutputError
        from phusong.export import output_file, plain_layer, write_geopackage
        from phusong.tables import VILLAGES
        points = gpd.points_from_xy(np.linspace(104, 105, 2000), np.full(2000, 22.5), crs=4326)
        villages = gpd.GeoDataFrame(
            {{"village_id": [f"{{n:05}}" for n in range(2000)], "name": "x", "commune_code": "1"}},
            geometry=points,
        )
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        try:
            with output_file(Path({str(tmp_path / "a.gpkg")!r}), replace=False) as path:
                write_geopackage([plain_layer(villages, VILLAGES)], path, styles={{}})
        except OutputError as fault:
            print(fault.message)
    """
    told = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "export.write_failed"
    assert list(tmp_path.iterdir()) == []
