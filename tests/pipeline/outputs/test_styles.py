"""What a page, a sheet of paper and QGIS show of a row is the same."""

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString, Point, box

from phusong.export import plain_layer
from phusong.i18n import Bilingual
from phusong.maps import MapData, ServiceInfo, open_theme, theme_names
from phusong.maps.paper_content import content
from phusong.maps.payload import resolve
from phusong.pipeline.outputs.styles import layer_styles
from phusong.tables import RESULT_TABLES

WEST, SOUTH = 440_000, 2_520_000
SERVICES = tuple(
    ServiceInfo(
        id=name, title=Bilingual(name, name), definition=Bilingual("–", "–"), target_share=share
    )
    for name, share in (("mobile", 0.98), ("4g", None))
)
STATUS = ["operational", "planned", "inactive", "proposed", "decommissioned"]


def frame(shapes, **columns):
    return gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:9209")


def tables():
    """Return five rows a table, sorted by key, at every limit, with gaps and unlisted values."""
    squares = [box(WEST + x, SOUTH, WEST + x + 1000, SOUTH + 1000) for x in range(0, 5000, 1000)]
    points = [square.centroid for square in squares]
    ids = [f"0000{n}" for n in range(5)]
    offices = {"office_id": ids, "name": ids, "level": ["province", *["commune"] * 4],
               "commune_code": ids}  # fmt: skip
    return {
        "communes": frame(
            squares, commune_code=ids, valid_from=np.datetime64("2004-01-01"), name=ids, type="xã",
            district_code="024", district="Hà Giang",
            area_km2=1.0, stations=1,
            covered_population_share_mobile=[0.98, 0.5, 0.979999, np.nan, 1.0],
            covered_population_share_4g=[0.2, 0.8, 1.0, 0.95, np.nan],
            readiness_level=[3, 0, 1, 3, np.nan], one_stop=["local", None, "none", "none", "local"],
            has_lan=[True, False, None, True, False], service_year=[2018, 2020, np.nan, 2019, 2018],
            rollout_outcome=["in_plan", "in_plan", "budget", "in_plan", "no_works"],
            confident_verdict_mobile=["met", "missed", "undecided", None, "met"],
            confident_verdict_4g=[None, "undecided", "undecided", "missed", "met"],
        ),
        "gaps": frame(
            squares, gap_id=ids, service=["mobile", "mobile", "4g", "4g", "4g"],
            rank=[1, 2, 1, 2, 3], population=[50.0, 49.9, 500.0, 120.0, 199.0], area_km2=1.0,
            villages=0,
        ),
        "villages": frame(
            points, village_id=ids, name=ids, commune_code=ids,
            covered_mobile=[True, False, False, True, None],
            covered_4g=[False, False, True, True, True],
            signal_state=["white", "patchy", "served", None, "white"],
        ),
        "sites": frame(
            points, site_id=ids, site_name=ids, rank=range(1, 6), operators="Viettel", stations=1,
            only_population_mobile=[3000.0, 999.9, 100.0, 0.5, 0.0],
            only_population_4g=[5000.0, np.nan, 500.0, 0.0, 0.0],
        ),
        "stations": frame(
            points, station_id=ids, site_id=ids, commune_code=ids, cells=3, antenna_height_m=30.0,
            operator=["Viettel", "Khác", "MobiFone", "Khác", "Gmobile"],
            technology=["2G", "3G", "4G", "5G", "2G"],
        ),
        "offices": frame(
            points, **offices, lacks_lan=[True, False, False, True, True],
            homing=["hub", "double", "single", "none", None],
        ),
        "spans": frame(
            [LineString([point, Point(point.x, point.y + 900)]) for point in points],
            id=ids, status=STATUS, dark_population=[0.0, 1.0, 5000.0, 20_000.0, np.nan],
        ),
    }  # fmt: skip


def seen(look):
    return (look.colour, look.outline, look.fill_opacity, look.width_px, look.dash,
            look.radius_px, look.shape)  # fmt: skip


@pytest.fixture(scope="module")
def drawn():
    found = tables()
    errors = Bilingual("sai số giả định", "assumed error")
    layers = MapData(
        title=Bilingual("a", "b"), errors={"run": errors}, services=SERVICES, tables=found
    )
    repeated = {"service": [service.id for service in SERVICES]}
    exported = [
        plain_layer(table, RESULT_TABLES[name].expand(repeated)) for name, table in found.items()
    ]
    return layers, exported, layer_styles(exported, SERVICES, errors)


def looks_of_the_page(layer, service):
    drawing = layer["drawings"].get(service.id) or layer["drawings"][""]
    index, looks = drawing["index"], [layer["common"] | look for look in drawing["looks"]]
    index = [index] * 5 if isinstance(index, int) else index
    return [
        None if at < 0 else (looks[at]["words"]["vi"], *(looks[at][name] for name in (
            "colour", "outline", "fill_opacity", "width_px", "dash", "radius_px", "shape")))
        for at in index
    ]  # fmt: skip


def looks_on_paper(layer):
    rows = [None] * 5
    for group in layer.groups:
        for row in group.rows:
            rows[row] = (group.words, *seen(group.look))
    return rows


def looks_in_qgis(style, rows):
    rules = [style.rule_of(row) for row in rows]
    return [
        None if one in (style.rest, None) else (one.title.vi, *seen(one.symbol)) for one in rules
    ]


def test_every_row_looks_the_same_on_the_page_on_paper_and_in_qgis(drawn):
    layers, exported, styles = drawn
    rows = {layer.name: layer.rows for layer in exported}
    compared = set()
    drawable = set(theme_names()) - {"measured"}  # the study has no measurements
    for name in sorted(drawable, key=lambda one: (one != "overview", one)):
        theme = open_theme(name)
        theme = theme.model_copy(
            update={"layers": tuple(x.model_copy(update={"shown": True}) for x in theme.layers)}
        )
        page = {layer["id"]: layer for layer in resolve(theme, layers)["layers"]}
        for service in SERVICES:
            paper = content(theme, layers, lang="vi", service=service.id).layers
            for layer in paper:
                table, title = layer.spec.table, layer.spec.title.vi
                titles = {title, f"{title} – {service.title.vi}"}
                for style in styles.get(table, ()):
                    if style.title.vi not in titles or (style.title.vi, service.id) in compared:
                        continue
                    compared.add((style.title.vi, service.id))
                    told = looks_of_the_page(page[layer.spec.id], service)
                    assert looks_on_paper(layer) == told, (name, layer.spec.id)
                    assert looks_in_qgis(style, rows[table]) == told, (name, layer.spec.id)
    assert len(compared) >= 25


def test_a_layer_that_classes_circles_leaves_outlines_as_they_are(drawn):
    """A circle's radius is not the width of the outline that QGIS draws around the area."""
    (style,) = [one for one in drawn[2]["gaps"] if one.title.vi == "Số dân trong vùng lõm – mobile"]
    assert {rule.symbol.width_px for rule in style.rules} == {0.8}
