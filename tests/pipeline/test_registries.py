"""One entry makes a part, a result table, an indicator, a map theme, an output format."""

import json
import re
import shutil
import subprocess
import sys

import geopandas as gpd
import pytest

import phusong
from phusong import _resources
from phusong.export import FORMATS
from phusong.export.formats import Format
from phusong.i18n import Bilingual
from phusong.pipeline import runner
from phusong.pipeline.parts import NAMES, PARTS
from phusong.pipeline.parts.indicator import Figure, Indicator, defined
from phusong.pipeline.parts.part import Findings, Part
from phusong.pipeline.parts.territory import TERRITORY
from phusong.pipeline.records import Note
from phusong.tables import RESULT_TABLES, Field, Table

pytestmark = pytest.mark.usefixtures("sheets_not_drawn")

SCHOOLS = Table(
    name="schools",
    title=Bilingual("Trường học", "Schools"),
    geometry="Point",
    key=("school_id",),
    fields=(
        Field(name="school_id", kind="text", title=Bilingual("Mã trường", "School"), required=True),
        Field(name="commune_code", kind="text", title=Bilingual("Mã xã", "Commune")),
    ),
)


def compute_schools(inputs, found, resources):
    communes = found[TERRITORY].units.communes
    schools = gpd.GeoDataFrame(
        {"school_id": "S" + communes["commune_code"], "commune_code": communes["commune_code"]},
        geometry=communes.representative_point(),
        crs=communes.crs,
    )
    return Findings(
        record=len(schools), tables={"schools": schools}, notes=[Note("pipeline.no_access", {})]
    )


SCHOOL = Part(
    name="schools",
    stands_on=("territory",),
    take=lambda study, loaded: study.as_of,
    compute=compute_schools,
    indicators=lambda study: [
        Indicator(
            name="schools",
            title=Bilingual("Số trường học", "Schools"),
            unit="count",
            definition=defined("Đếm, gồm {all}", "Counted, {all} of them"),
            figure=lambda count: Figure(count, {"all": count}),
        )
    ],
)


@pytest.fixture
def with_schools(monkeypatch):
    """Add a part that stands on the territory, and its table."""
    monkeypatch.setattr(runner, "PARTS", (*PARTS, SCHOOL))
    monkeypatch.setitem(RESULT_TABLES, "schools", SCHOOLS)


def test_parts_have_the_names_by_which_they_are_told_without_being_loaded():
    assert tuple(part.name for part in PARTS) == NAMES


def test_a_part_with_its_table_and_indicator_reaches_every_output(folder, tmp_path, with_schools):
    result = phusong.run(phusong.open_study(folder), parts=["schools"])
    assert len(result.schools) == 6
    assert result.gaps is None
    assert "schools" in dir(result)
    out = result.write(tmp_path / "out").parent
    written = json.loads((out / "geojson" / "schools.geojson").read_text(encoding="utf-8"))
    assert [row["properties"]["school_id"] for row in written["features"]] == [
        "S" + code for code in result.communes["commune_code"]
    ]
    assert (out / "geojson" / "schema" / "schools.schema.json").is_file()
    board = result.indicators.set_index("indicator")
    assert board.loc["schools", ["computed", "unit", "definition_en"]].to_list() == [
        6, "count", "Counted, 6 of them",
    ]  # fmt: skip
    assert "Số trường học" in (out / "index.html").read_text(encoding="utf-8")
    assert "pipeline.no_access" in {note.message for note in result.notes}


def test_what_is_no_table_is_no_attribute(result):
    with pytest.raises(AttributeError, match="schools"):
        result.schools  # noqa: B018


def test_an_unknown_part_is_refused_with_the_known_ones(folder):
    with pytest.raises(ValueError, match="no part roads; there are territory, coverage"):
        phusong.run(phusong.open_study(folder), parts=["roads"])


def test_a_theme_dropped_into_maps_is_drawn(folder, tmp_path, monkeypatch):
    shipped = _resources.resource_folder("maps")
    maps = tmp_path / "checkout" / "maps"
    shutil.copytree(shipped, maps)
    (maps / "borders.toml").write_text(
        'base = "overview"\ntitle = { vi = "Ranh giới", en = "Borders" }\n'
        '[[layers]]\nid = "borders"\ntable = "communes"\n'
        'title = { vi = "Xã", en = "Communes" }\ncolour = "#0072b2"\n',
        encoding="utf-8",
    )
    monkeypatch.setattr(_resources, "_CHECKOUT", maps.parent)
    out = phusong.run(phusong.open_study(folder), parts=["fibre"]).write(tmp_path / "out").parent
    page = (out / "maps" / "borders.html").read_text(encoding="utf-8")
    assert re.findall("<title>(.*)</title>", page) == ["Ranh giới – Tỉnh Hà Giang"]
    landing = (out / "index.html").read_text(encoding="utf-8")
    assert landing.count('href="maps/borders.html"') == 2  # as a map and as a file


def test_a_format_is_one_entry(written, tmp_path, monkeypatch):
    monkeypatch.setitem(
        FORMATS,
        "txt",
        Format(
            write=lambda layers, path, options: path.write_text(
                f"{options.title}: {layers[0].name} {len(layers[0].rows)}", encoding="utf-8"
            )
        ),
    )
    (path,) = phusong.export_results(written, tmp_path / "gaps.txt", layers=["communes"])
    assert path.read_text(encoding="utf-8") == "Tỉnh Hà Giang: communes 6"


def test_fibre_is_planned_without_a_map_library():
    code = (
        "import sys, phusong.pipeline.parts.fibre\n"
        "print([name for name in ('folium', 'matplotlib', 'typer', 'rich') if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
