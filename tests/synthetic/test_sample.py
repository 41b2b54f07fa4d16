"""The committed sample honours what is published, and says what is not."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from phusong import tables
from phusong.fibre.cuts import find_cuts
from phusong.inputs import Source, check_references, read_table
from synthetic.facts import read_facts
from synthetic.land import land_cover
from synthetic.lattice import Lattice
from synthetic.offices import list_offices
from synthetic.sample import remoteness_m, step_seeds
from synthetic.write import write_xlsx

FILES = {
    "communes": "communes.geojson",
    "cells": "cells.csv",
    "villages": "villages.csv",
    "offices": "offices.xlsx",
    "spans": "spans.geojson",
    "nodes": "nodes.geojson",
    "roads": "roads.geojson",
    "rivers": "rivers.fgb",
    "places": "places.geojson",
}


@pytest.fixture(scope="module")
def folder(checkout):
    return checkout / "data" / "ha-giang"


@pytest.fixture(scope="module")
def facts(folder):
    return read_facts(folder / "facts")


@pytest.fixture(scope="module")
def sample(folder):
    return {
        name: read_table(
            Source(path=folder / file, shown=file),
            tables.INPUT_TABLES[name],
            crs="EPSG:9209",
            set_aside_faulty=False,
        ).table
        for name, file in FILES.items()
    }


@pytest.fixture(scope="module")
def terrain(folder):
    with rasterio.open(folder / "terrain.tif") as file:
        step = file.res[0]
        return file.read(1), Lattice(file.bounds.left, file.bounds.top, step, *file.shape[::-1])


@pytest.fixture(scope="module")
def communal(sample):
    return sample["offices"][sample["offices"]["level"] == "commune"]


def test_tables_refer_to_what_exists(sample):
    assert check_references(sample) == ()


def test_units_of_2017_with_their_types(sample):
    communes = sample["communes"]
    assert communes["type"].value_counts().to_dict() == {"xã": 177, "thị trấn": 13, "phường": 5}
    assert communes["district_code"].nunique() == 11
    named = communes.set_index("commune_code")["name"]
    # Merged away in 2020; the code 01117 has meant Trung Thịnh since.
    assert named[["01078", "01111", "01117"]].to_list() == ["Bản Péo", "Trung Thịnh", "Ngán Chiên"]


def test_areas_are_the_official_ones_within_one_percent(sample, facts):
    area_km2 = (sample["communes"].area / 1e6).groupby(sample["communes"]["district_code"]).sum()
    official = facts.districts.set_index("district_code")["area_km2"]
    assert area_km2.sum() == pytest.approx(7927.55, rel=0.001)
    assert np.abs(area_km2 / official - 1).max() < 0.01


def test_boundaries_are_shared_and_hold_their_centres(sample, facts):
    shapes = sample["communes"].geometry.array
    assert shapely.is_valid(shapes).all()
    assert shapely.coverage_is_valid(shapes)
    assert set(shapely.get_type_id(shapes)) == {shapely.GeometryType.POLYGON}
    centres = gpd.points_from_xy(facts.communes["lon"], facts.communes["lat"], crs="OGC:CRS84")
    assert shapely.contains(shapes, centres.to_crs("EPSG:9209")).all()


def test_boundaries_keep_to_the_published_boxes_but_for_their_fringe(sample, facts):
    communes, box = sample["communes"].to_crs("OGC:CRS84"), facts.communes
    boxes = shapely.box(box["west"], box["south"], box["east"], box["north"])
    beyond = shapely.difference(communes.geometry.array, boxes)
    assert (shapely.area(beyond) / shapely.area(communes.geometry.array)).mean() < 0.01
    frame = gpd.GeoSeries(boxes, crs="OGC:CRS84").to_crs("EPSG:9209")
    reach = shapely.hausdorff_distance(
        frame.array, shapely.union(frame.array, sample["communes"].geometry.array)
    )
    assert reach.max() < 1000


def test_residents_agree_between_district_commune_village_and_raster(sample, facts, folder):
    communes, villages = sample["communes"], sample["villages"]
    official = facts.districts.set_index("district_code")["population"]
    assert communes.groupby("district_code")["population"].sum().to_dict() == official.to_dict()
    by_village = villages.groupby("commune_code")["population"].sum()
    assert by_village.to_list() == communes["population"].to_list()
    with rasterio.open(folder / "population.tif") as file:
        assert file.read(1).sum(dtype=float) == pytest.approx(official.sum(), rel=1e-6)


def test_villages_lie_in_their_communes_in_published_number(sample):
    communes, villages = sample["communes"], sample["villages"]
    shapes = communes.set_index("commune_code").geometry[villages["commune_code"]]
    assert shapely.contains(shapes.array, villages.geometry.array).all()
    assert len(villages) == 2069
    count = villages.groupby("commune_code").size()
    assert (count.min(), count.max()) == (7, 19)
    district = villages["commune_code"].map(communes.set_index("commune_code")["district_code"])
    assert district.value_counts()[["027", "028"]].to_list() == [199, 282]
    assert 0.9 < villages["has_electricity"].mean() < 1
    assert not villages.duplicated(["commune_code", "name"]).any()


def test_stations_are_as_many_as_published_and_of_their_time(sample):
    cells = sample["cells"]
    assert cells["station_id"].nunique() == 1514
    assert set(cells["technology"]) == {"2G", "3G", "4G"}
    assert (cells["status"] == "active").all()
    assert (cells["on_air_from"] <= pd.Timestamp("2017-12-31")).all()
    one = cells.groupby("station_id")[["site_id", "operator", "technology"]].nunique()
    assert (one == 1).all(axis=None)
    province = sample["communes"].union_all()
    assert shapely.contains(province, cells.drop_duplicates("site_id").geometry.array).all()


def test_office_counts_are_the_published_ones(sample, communal):
    offices = sample["offices"]
    assert offices["level"].value_counts().to_dict() == {
        "commune": 195, "district": 11, "province": 4,
    }  # fmt: skip
    assert communal["has_lan"].sum() == 29
    video = offices.groupby("level")["video_conference"].sum()
    assert video.to_dict() == {"commune": 191, "district": 11, "province": 4}
    assert offices["digital_certificates"].sum() == 2725
    assert offices["mailboxes"].sum() > 14_000
    ratio = offices["computers"].sum() / offices["officials"].sum()
    assert ratio == pytest.approx(0.93, abs=0.0005)
    assert offices["document_system"].all()
    assert offices["has_fibre"].all()


def test_interlinked_shops_are_all_units_of_three_districts(sample, communal):
    district = sample["communes"].set_index("commune_code")["district_code"]
    interlinked = communal[communal["one_stop"] == "interlinked"]["commune_code"].map(district)
    assert interlinked.value_counts().to_dict() == {"034": 23, "031": 13, "024": 8}


def test_operational_fibre_is_one_network_that_meets_every_seat(sample, communal):
    spans = sample["spans"][sample["spans"]["status"] == "operational"]
    nodes = {name: k for k, name in enumerate(sample["nodes"]["id"])}
    joined = coo_array(
        (np.ones(len(spans)), (spans["start"].map(nodes), spans["end"].map(nodes))),
        shape=(len(nodes), len(nodes)),
    )
    assert connected_components(joined, directed=False)[0] == 1
    assert communal.distance(spans.union_all()).max() < 150
    assert (sample["spans"]["status"] == "planned").any()


def test_the_city_and_the_northern_districts_lie_on_one_ring(sample):
    spans = sample["spans"][sample["spans"]["status"] == "operational"]
    nodes = {name: k for k, name in enumerate(sample["nodes"]["id"])}
    cuts = find_cuts(
        *(spans[end].map(nodes).to_numpy() for end in ("start", "end")), len(nodes), [0]
    )
    # Trần Phú, Ngọc Hà, Tam Sơn, Yên Minh, Đồng Văn, Mèo Vạc, Yên Phú.
    seats = ("00691", "00692", "00874", "00820", "00721", "00769", "00991")
    assert len({cuts.part[nodes[f"N-{code}"]] for code in seats}) == 1
    # QL2 to the south is one cable, and all beyond hangs on it.
    assert cuts.part[nodes["N-01153"]] != cuts.part[nodes["N-00691"]]


def test_spans_end_at_their_nodes_and_cable_is_a_little_longer(sample):
    spans, nodes = sample["spans"], sample["nodes"].set_index("id").geometry
    for column, position in (("start", 0), ("end", -1)):
        ends = shapely.get_point(spans.geometry.array, position)
        assert shapely.distance(ends, nodes[spans[column]].array).max() < 0.5
    assert (spans["fibreLength"] * 1000 / spans.length).between(1.0, 1.1).all()


def test_terrain_reaches_beyond_the_province_and_has_no_voids(terrain, sample):
    heights, lattice = terrain
    west, south, east, north = sample["communes"].to_crs("OGC:CRS84").total_bounds
    assert lattice.west <= west - 0.19
    assert lattice.north >= north + 0.19
    assert lattice.lon[-1] >= east + 0.19
    assert lattice.lat[-1] <= south - 0.19
    assert lattice.step == pytest.approx(3 / 3600)
    assert heights.dtype == np.int16
    assert heights.min() > 0


def test_terrain_honours_published_heights(terrain, facts):
    heights, lattice = terrain
    known = facts.places.dropna(subset=["elevation_m"])
    found = heights[lattice.index(known["lon"], known["lat"])]
    assert found.tolist() == pytest.approx(known["elevation_m"].to_list(), abs=2)
    assert heights.max() == 2419  # Tây Côn Lĩnh tops all


def test_plateau_stands_high_and_the_south_low(terrain, sample):
    heights, lattice = terrain
    shapes = sample["communes"].to_crs("OGC:CRS84")
    label = rasterio.features.rasterize(
        zip(shapes.geometry, shapes["district_code"].astype(int), strict=True),
        lattice.shape,
        transform=lattice.transform,
    )
    assert heights[np.isin(label, (26, 28))].mean() == pytest.approx(1200, abs=50)
    assert heights[label == 34].mean() < 350


def test_named_rivers_never_flow_uphill(terrain, sample):
    heights, lattice = terrain
    rivers = sample["rivers"].to_crs("OGC:CRS84")
    for name in ("Sông Lô", "Sông Miện", "Sông Nho Quế", "Sông Gâm", "Sông Chảy"):
        line = rivers.geometry[rivers["name"] == name].iloc[0]
        points = shapely.get_coordinates(shapely.segmentize(line, 0.01))
        along = ((points[:, 0] > lattice.west) & (points[:, 1] > lattice.lat[-1])).nonzero()[0]
        profile = heights[lattice.index(*points[along].T)].astype(float)
        # The line is simplified, so it may cut a bank by a pixel.
        assert (profile - np.minimum.accumulate(profile)).max() < 60, name
        assert profile[-1] < profile[0], name


def test_office_workbook_is_rebuilt_to_the_byte(sample, facts, folder, tmp_path):
    # The other layers need the terrain: `make sample`, then `git diff`.
    raw = pd.read_excel(folder / "offices.xlsx", dtype={"commune_code": str}, engine="openpyxl")
    raw = raw[raw["level"] == "commune"].set_index("commune_code")
    raw = raw.loc[facts.communes["commune_code"]]
    offices = list_offices(
        facts,
        gpd.GeoSeries(gpd.points_from_xy(raw["lon"], raw["lat"]), crs="OGC:CRS84"),
        sample["communes"]["population"].to_numpy(np.int64),
        remoteness_m(
            gpd.GeoSeries(gpd.points_from_xy(raw["lon"], raw["lat"]), crs="OGC:CRS84"),
            sample["roads"],
        ),
        seed=step_seeds()["offices"],
    )
    write_xlsx(tmp_path / "offices.xlsx", offices, tables.OFFICES)
    assert (tmp_path / "offices.xlsx").read_bytes() == (folder / "offices.xlsx").read_bytes()


def test_readme_speaks_of_every_file_and_the_folder_stays_small(folder):
    readme = (folder / "README.md").read_text(encoding="utf-8")
    files = [path for path in folder.iterdir() if path.is_file() and path.name != "README.md"]
    assert [f.name for f in files if f.name != "study.toml" and f.name not in readme] == []
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) < 25_000_000


def test_land_cover_follows_from_the_committed_terrain_and_people(folder):
    with rasterio.open(folder / "terrain.tif") as file:
        height, transform = file.read(1), file.transform
    people = np.zeros(height.shape, np.float32)
    with rasterio.open(folder / "population.tif") as file:
        part = file.read(1)
        left, top = (round(at) for at in ~transform @ (file.transform.c, file.transform.f))
    people[top : top + part.shape[0], left : left + part.shape[1]] = part
    with rasterio.open(folder / "land_cover.tif") as file:
        assert file.transform == transform
        land = file.read(1)
    assert (land[people >= 3] == 50).all()  # houses
    assert (people[land == 50] >= 3).all()
    made = land_cover(height, people, seed=step_seeds()["land cover"])
    assert (made == land).mean() > 0.9999  # another machine's rounding may move an edge
