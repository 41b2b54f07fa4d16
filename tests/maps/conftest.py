"""A study of three communes around Hà Giang city, small enough to add up by hand."""

from dataclasses import replace
from datetime import date

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString, Point, box

from phusong.grid import Grid
from phusong.i18n import Bilingual
from phusong.maps import MapData, ServiceInfo

CRS = "EPSG:9209"
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
WEST, SOUTH = 440_000, 2_520_000
HOSTILE = (
    "<script>window.stolen=1</script><img src=x onerror=window.stolen=1>\"'&\u202eeman\u202c 🐃"
)


def square(column, *, side=10_000):
    west = WEST + column * side
    return box(west, SOUTH, west + side, SOUTH + side)


def frame(geometry, **columns):
    return gpd.GeoDataFrame(columns, geometry=geometry, crs=CRS)


def communes():
    shares = {"mobile": [1.0, 0.97996, 0.5], "4g": [0.9, 0.4, np.nan]}
    population = np.array([1000.0, 5000.0, 400.0])
    table = frame(
        [square(0), square(1), square(2)],
        commune_code=["01084", "01108", "00001"],
        name=["Cốc Pài", "Xín Mần", HOSTILE],
        type=["thị trấn", "xã", "xã"],
        district_code=["033", "033", "024"],
        district=["Xín Mần", "Xín Mần", "Thành phố Hà Giang"],
        population=population,
        villages=[8, 12, 4],
        stations=[9, 3, 0],
        has_lan=[True, False, None],
        fibre_within_drop=[True, True, False],
        distance_to_fibre_m=[12.4, 950.0, 2345.6],
        missing_prerequisites=["", "has_lan,backup_power", ""],
        homing=["double", "single", "none"],
        one_stop=["interlinked", "local", None],
        readiness_level=[3, 1, 0],
        service_year=[2018, 2019, None],
        rollout_outcome=["in_plan", "in_plan", "budget"],
    )
    for service, share in shares.items():
        table[f"covered_population_share_{service}"] = share
        table[f"covered_population_{service}"] = np.array(share) * population
        table[f"covered_villages_{service}"] = [8, 10, 1]
        table[f"covered_villages_share_{service}"] = [1.0, 10 / 12, 0.25]
    table["target_verdict_mobile"] = ["met", "missed", "missed"]
    table["target_verdict_4g"] = "not_applicable"
    table["confident_verdict_mobile"] = ["met", "undecided", "missed"]
    table["confident_verdict_4g"] = None
    for name, values in (
        ("share_low", [0.985, 0.9, 0.2]),
        ("share_median", [0.99996, 0.97, 0.4]),
        ("share_high", [1.0, 0.99, 0.6]),
        ("target_probability", [0.97, 0.4, 0.0]),
    ):
        table[f"{name}_mobile"] = values
        table[f"{name}_4g"] = np.nan
    return table


def stations():
    mast = Point(WEST + 5_000, SOUTH + 5_000)
    return frame(
        [mast, mast, Point(WEST + 15_000, SOUTH + 3_000)],
        station_id=["A2", "A4", "B4"],
        site_id=["A", "A", "B"],
        site_name=["Trạm Cốc Pài", "Trạm Cốc Pài", HOSTILE],
        operator=["Viettel", "Viettel", "VinaPhone"],
        technology=["2G", "4G", "4G"],
        cells=[3, 3, 3],
        frequency_mhz=["900", "1800", "1800"],
        antenna_height_m=[42.0, 42.0, 36.0],
        commune_code=["01084", "01084", "01108"],
    )


def sites():
    return frame(
        [Point(WEST + 5_000, SOUTH + 5_000), Point(WEST + 15_000, SOUTH + 3_000)],
        site_id=["A", "B"], site_name=["Trạm Cốc Pài", HOSTILE], rank=[1, 2],
        operators=["Viettel", "VinaPhone"], stations=[2, 1], commune_code=["01084", "01108"],
        best_population_mobile=[5000.0, 700.0], best_population_4g=[4000.0, 700.0],
        only_population_mobile=[3200.0, 120.0], only_population_4g=[2500.0, 0.0],
    )  # fmt: skip


def villages():
    names = ["Nà Trì", "Bản Ngò", HOSTILE]
    table = frame(
        [Point(WEST + 12_000 + 2_000 * n, SOUTH + 7_000) for n in range(3)],
        village_id=["T1", "T2", "T3"],
        name=names,
        commune_code=["01108"] * 3,
        population=[300.0, 200.0, 100.0],
    )
    table["covered_mobile"] = [True, False, False]
    table["covered_4g"] = [False, False, False]
    table["server_technology_mobile"] = ["3G", "2G", None]
    table["level_dbm_mobile"] = [-70.0, -89.0, np.nan]
    table["threshold_dbm_mobile"] = [-105.0, -98.0, np.nan]
    table["allowance_db_mobile"] = [13.3, 13.3, np.nan]
    table["needed_dbm_mobile"] = [-91.7, -84.7, np.nan]
    table["margin_db_mobile"] = [21.7, -4.3, np.nan]
    table["signal_state"] = ["served", "patchy", "white"]
    table["cause"] = [None, "ridge", "none_near"]
    return table


def measured_places():
    return frame(
        [Point(WEST + 3_000 * n, SOUTH + 2_000 + 300 * n) for n in range(1, 7)],
        place_id=[f"D{n}" for n in range(1, 7)],
        operator="Viettel",
        technology="4G",
        samples=[4, 1, 9, 2, 3, 1],
        level_dbm=[-80.0, -95.0, -101.0, -110.0, -120.0, -90.0],
        censored=[False, False, False, False, True, False],
        predicted_dbm=[-65.0, -89.0, -100.0, -117.0, -90.0, -105.0],
        residual_db=[15.0, 6.0, 1.0, -7.0, 30.0, -15.0],
        used=True,
    )


def gaps():
    return frame(
        [square(1).centroid.buffer(800), square(2).centroid.buffer(900)],
        gap_id=["G1", "G2"],
        service=["mobile", "4g"],
        rank=[1, 1],
        population=[120.4, 80.0],
        area_km2=[2.0, 2.5],
        villages=[1, 0],
        communes=["Xín Mần", HOSTILE],
        commune_codes=["01108", "00001"],
    )


def seats():
    """What the tables of offices have in common."""
    return {
        "office_id": ["O1", "O2", "O3"],
        "name": ["UBND Cốc Pài", "UBND Xín Mần", HOSTILE],
        "level": ["commune"] * 3,
        "commune_code": ["01084", "01108", "00001"],
    }


def offices():
    return frame(
        [square(n).centroid for n in range(3)],
        **seats(),
        has_lan=[True, False, None],
        lacks_lan=[False, True, False],
        homing=["double", "single", "none"],
        exposed_m=[0.0, 12_400.0, None],
    )


def readiness():
    return frame(
        [square(n).centroid for n in range(3)],
        **seats(),
        readiness_level=[3, 1, 0],
        possible_level=[3, 2, 0],
        next_missing=["", "has_lan,backup_power", "has_fibre"],
        next_cost_vnd=[None, 85_500_000.0, 1_250_000_000.0],
        lacks_lan=[False, True, False],
    )


def rollout():
    return frame(
        [square(n).centroid for n in range(3)],
        **seats(),
        service_year=[2018, 2019, None],
        reason=["in_plan", "in_plan", "budget"],
        cost_vnd=[40e6, 85.5e6, 1.25e9],
        would_enter=[None, None, 2023],
    )


def spans():
    lines = [[(0, 0), (25_000, 8_000)], [(0, 9_000), (12_000, 5_000)]]
    return frame(
        [LineString([(WEST + x, SOUTH + y) for x, y in line]) for line in lines],
        id=["T1", "T2"],
        name=["Tuyến QL2", HOSTILE],
        status=["operational", "planned"],
        supplier=["VNPT", "Viettel"],
        dark_population=[5400.0, None],
        dark_offices=[2.0, None],
        rank=[1, None],
    )


def line(*points, **columns):
    return frame([LineString([(WEST + x, SOUTH + y) for x, y in points])], **columns)


def network():
    """The fibre tables beside the spans, a row each."""
    return {
        "steep_stretches": line((5_000, 1_600), (9_000, 2_900), rank=[1], span_id=["T1"],
                                steepest_deg=[38.0], length_m=[4200.0]),
        "fibre_links": line((12_000, 5_000), (25_000, 8_000), from_id=["N2"], to_id=["N3"],
                            length_m=[13_400.0], stage=[1]),
        "fibre_extension": line((24_000, 7_700), (25_000, 5_000), route_id=[1], kind=["road"],
                                length_m=[2900.0]),
        "fibre_findings": frame([Point(WEST + 12_000, SOUTH + 5_000)], finding_id=[1],
                                finding=["not_joined"], span_id=["T2"]),
        "fibre_nodes": frame([Point(WEST + 12_000, SOUTH + 3_800)], id=["N1"], name=[HOSTILE],
                             articulation=[True]),
    }  # fmt: skip


def terrain(*, resolution_m=500):
    bounds = (WEST - 5_000, SOUTH - 5_000, WEST + 35_000, SOUTH + 15_000)
    grid = Grid.covering(bounds, resolution_m=resolution_m, crs=CRS)
    heights = np.add.outer(np.arange(grid.height), np.arange(grid.width)).astype("float32")
    shade = np.full(grid.shape, 180, "uint8")
    return grid.wrap(shade, "hillshade"), grid.wrap(heights, "terrain")


def margins(resolution_m=500):
    """Signal that weakens eastwards over the three communes, by 1 dB a kilometre, from 20 dB."""
    grid = Grid.covering(
        (WEST, SOUTH, WEST + 30_000, SOUTH + 10_000), resolution_m=resolution_m, crs=CRS
    )
    decay = 20 - (grid.x_m - WEST) / 1000
    return grid.wrap(np.tile(decay, (grid.height, 1)).astype("float32"), "margin_db")


def cells():
    """A cell for each station, and one that serves nobody; in an order that is not the page's."""
    table = stations().iloc[[2, 0, 1, 1]].reset_index(drop=True)
    return table.assign(
        cell_id=["B4-1", "A2-1", "A4-1", "A4-2"], azimuth_deg=[180.0, 0.0, np.nan, 240.0]
    )[["cell_id", "station_id", "operator", "technology", "azimuth_deg", "geometry"]]


def signal():
    """The rasters of a service as a run gives them; the middle commune is served by another."""
    margin = margins()
    east = np.tile((margin.x.to_numpy() - WEST) / 1000, (margin.shape[0], 1))
    server = np.where(east < 10, 1, np.where(east < 20, 0, 2)).astype("int32")
    nobody = east > 28
    needed = np.array([-104.7, -84.7, -101.7, -101.7, np.nan])  # by row of `cells`
    values = {
        "margin_db": np.where(nobody, np.nan, margin),
        "level_dbm": np.where(nobody, np.nan, margin + needed[server]),
        "best_server": np.where(nobody, -1, server),
        "second_margin_db": np.where(
            east < 5, margin - 30, np.where(east < 15, margin - 4, np.nan)
        ),
        "second_server": np.where(east < 5, 0, np.where(east < 10, 2, np.where(east < 15, 1, -1))),
        "servers": np.where(east < 15, 2, np.where(east < 20, 1, 0)),
        "obstacle_distance_m": np.where(east < 10, np.nan, 1234.0),
    }
    return {
        name: margin.copy(data=one.astype("int32" if name.endswith("_server") else "float32"))
        for name, one in values.items()
    }


def services():
    return (
        ServiceInfo(
            id="mobile", title=Bilingual("Di động", "Mobile"), target_share=0.98,
            definition=Bilingual("ngoài trời, 4G ≥ -115 dBm", "outdoor, 4G ≥ -115 dBm"),
        ),
        ServiceInfo(
            id="4g", title=Bilingual("Chỉ 4G", "4G only"),
            definition=Bilingual("4G ≥ -115 dBm", "4G at least -115 dBm"),
        ),
    )  # fmt: skip


@pytest.fixture(scope="session")
def layers():
    hillshade, heights = terrain()
    tables = {
        "communes": communes(),
        "districts": frame(
            [square(0).union(square(1)), square(2)],
            district_code=["033", "024"],
            district=["Xín Mần", "Thành phố Hà Giang"],
        ),
        "villages": villages(),
        "stations": stations(),
        "sites": sites(),
        "gaps": gaps(),
        "measured_places": measured_places(),
        "offices": offices(),
        "spans": spans(),
        "readiness": readiness(),
        "rollout": rollout(),
        **network(),
    }
    return MapData(
        title=Bilingual("Tỉnh thử", "Test province"),
        boundaries=Bilingual("Ranh giới: Sở Thử, 2017.", "Boundaries: Test Office, 2017."),
        as_of=date(2017, 12, 31),
        services=services(),
        tables=tables,
        rasters={"margin_db": {"mobile": margins(), "4g": margins() - 10}},
        hillshade=hillshade,
        terrain=heights,
    )


@pytest.fixture(scope="session")
def signalled(layers):
    """Return the study with every raster of the signal, and the cells that they name."""
    rasters = {name: {"mobile": one, "4g": one} for name, one in signal().items()}
    rasters["margin_db"]["4g"] = rasters["margin_db"]["mobile"] - 10
    rasters["level_dbm"]["4g"] = rasters["level_dbm"]["mobile"] - 10
    return replace(layers, rasters=rasters, cells=cells())


@pytest.fixture
def visit(open_tab, tmp_path):
    """Open a page in a browser without a network; any complaint or request fails the test."""
    count = iter(range(100))

    def open_page(html, viewport=DESKTOP, **options):
        file = tmp_path / f"map{next(count)}.html"
        file.write_text(html, encoding="utf-8")
        return open_tab(file.as_uri(), viewport, **options)

    return open_page
