"""Who is covered: sums that can be added in the head."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from phusong.errors import GridMismatchError
from phusong.grid import Grid
from phusong.service import coverage_by_unit, gaps, verdicts, villages_result
from phusong.service.units import stations_of_cells
from phusong.service.zones import Zones

CRS = "EPSG:9209"
GRID = Grid(CRS, 100.0, 500_000.0, 2_500_300.0, 4, 3)


def raster(*rows, grid=GRID):
    return grid.wrap(np.array(rows, dtype=np.float32), "raster")


def box(left, bottom, right, top):
    return shapely.box(500_000 + left, 2_500_000 + bottom, 500_000 + right, 2_500_000 + top)


def communes(*boxes, districts=None):
    count = len(boxes)
    return gpd.GeoDataFrame(
        {
            "commune_code": [f"{i + 1:05d}" for i in range(count)],
            "name": [f"C{i + 1}" for i in range(count)],
            "district_code": districts or ["024"] * count,
            "district": districts or ["D"] * count,
        },
        geometry=list(boxes),
        crs=CRS,
    )


def points(*places):
    return gpd.GeoSeries([shapely.Point(500_000 + x, 2_500_000 + y) for x, y in places], crs=CRS)


TWO = communes(box(0, 0, 200, 300), box(200, 0, 400, 300))
PEOPLE = raster([1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12])
MARGIN = raster([0, -1, np.nan, 5], [0, -1, -1, 5], [0, -1, -1, 5])
CENTRES = points((50, 150), (250, 150))


def units(table=TWO, margin=MARGIN, villages=None, centres=CENTRES, people=PEOPLE):
    return coverage_by_unit(table, {"s": margin}, people, centres=centres, villages=villages)


def test_residents_are_counted_commune_by_commune():
    found = units().communes
    assert found["population"].to_list() == [33, 45]
    assert found["covered_population_s"].to_list() == [15, 24]
    assert found["covered_population_share_s"].to_list() == pytest.approx([15 / 33, 24 / 45])
    assert found["covered_area_share_s"].to_list() == [0.5, 0.5]


def test_margin_of_exactly_zero_is_covered_and_nan_is_not():
    found = units(margin=raster([0] * 4, [np.nan] * 4, [-0.01] * 4)).province
    assert found["covered_population_s"].item() == 1 + 2 + 3 + 4


def test_pixel_on_the_border_counts_by_its_part_inside():
    half = communes(box(0, 0, 150, 300), box(150, 0, 400, 300))
    assert units(half).communes["population"].to_list() == [15 + 9, 9 + 45]


def test_overlapping_communes_do_not_double_the_province():
    overlapping = communes(box(0, 0, 300, 300), box(200, 0, 400, 300))
    found = units(overlapping)
    assert found.communes["population"].sum() > 78
    assert found.province["population"].item() == 78
    assert found.districts["population"].item() == 78


def test_districts_gather_their_communes():
    found = units(communes(*TWO.geometry, districts=["024", "026"])).districts
    assert found["district_code"].to_list() == ["024", "026"]
    assert found["communes"].to_list() == [1, 1]
    assert found["population"].to_list() == [33, 45]
    assert found["covered_centres_s"].to_list() == [1, 0]


def test_empty_commune_has_no_share_instead_of_zero():
    found = units(people=raster([0] * 4, [0] * 4, [0] * 4)).communes
    assert found["covered_population_share_s"].isna().all()
    assert verdicts(found, "s", share=0.5, denominator="population").to_list() == [
        "not_applicable", "not_applicable",
    ]  # fmt: skip


def test_area_is_measured_on_the_ellipsoid():
    # k = 0.9999 on the central meridian, so the plane shows 0.02 % less than the ground.
    assert units().communes["area_km2"].iloc[0] == pytest.approx(0.06 / 0.9999**2, rel=2e-5)


def villages(*rows):
    return gpd.GeoDataFrame(
        {"village_id": list("abc")[: len(rows)], "commune_code": [code for code, _ in rows]},
        geometry=points(*(place for _, place in rows)),
        crs=CRS,
    )


def test_villages_count_where_their_commune_says_they_are():
    table = villages(("00001", (50, 50)), ("00001", (150, 50)), ("00002", (350, 250)))
    found = units(villages=table)
    assert found.communes["villages"].to_list() == [2, 1]
    assert found.communes["covered_villages_s"].to_list() == [1, 1]
    assert found.communes["covered_villages_share_s"].to_list() == [0.5, 1.0]
    assert found.province["covered_villages_share_s"].item() == pytest.approx(2 / 3)


def test_without_villages_their_share_is_unknown():
    found = units().communes
    assert found["villages"].isna().all()
    assert found["covered_villages_share_s"].isna().all()


def test_village_outside_the_grid_is_not_covered():
    result = villages_result(
        villages(("00001", (50, 50)), ("00001", (-950, 50))), {"s": MARGIN}, {"s": MARGIN}
    )
    assert result["covered_s"].to_list() == [True, False]
    assert np.isnan(result["level_dbm_s"].iloc[1])


def test_share_exactly_at_the_target_meets_it():
    table = pd.DataFrame({"covered_population_share_s": [0.98, 0.9799999, np.nan]})
    found = verdicts(table, "s", share=0.98, denominator="population")
    assert found.to_list() == ["met", "missed", "not_applicable"]


def test_commune_centre_target_judges_communes_by_their_centre_and_districts_by_share():
    found = units()
    target = {"share": 1.0, "denominator": "commune_centres"}
    assert verdicts(found.communes, "s", **target).to_list() == ["met", "missed"]
    assert verdicts(found.districts, "s", **target).to_list() == ["missed"]


def test_rasters_of_another_grid_are_refused():
    other = Grid(CRS, 100.0, 500_100.0, 2_500_300.0, 4, 3)
    with pytest.raises(GridMismatchError, match=r"margin_db\[s\] lies on"):
        units(margin=raster([0] * 4, [0] * 4, [0] * 4, grid=other))


@given(
    st.lists(st.floats(-20, 20), min_size=12, max_size=12),
    st.floats(10, 390),
    st.floats(0, 5),
)
def test_lower_margin_never_covers_more_and_units_add_up(values, cut, loss):
    table = communes(box(0, 0, cut, 300), box(cut, 0, 400, 300))
    margin = np.array(values, dtype=np.float32).reshape(3, 4)
    better = units(table, GRID.wrap(margin, "m"))
    worse = units(table, GRID.wrap(margin - np.float32(loss), "m"))
    assert (
        worse.communes["covered_population_s"] <= better.communes["covered_population_s"] + 1e-9
    ).all()
    assert better.communes["population"].sum() == pytest.approx(78, rel=1e-6)
    assert better.communes["covered_population_s"].sum() == pytest.approx(
        better.province["covered_population_s"].item(), rel=1e-6, abs=1e-9
    )


def test_zones_agree_with_counting_a_fine_raster():
    rng = np.random.default_rng(98)
    triangle = shapely.Polygon(
        [(500_000 + x, 2_500_000 + y) for x, y in [(13, 7), (391, 120), (77, 288)]]
    )
    values = rng.random((3, 4))
    zones = Zones.of(gpd.GeoDataFrame(geometry=[triangle], crs=CRS), GRID)
    side = np.arange(0.5, 400, 1.0)
    x, y = np.meshgrid(500_000 + side, 2_500_000 + np.arange(0.5, 300, 1.0))
    inside = shapely.contains_xy(triangle, x, y)
    row, column, _ = GRID.index(x, y)
    expected = (values[row, column] * inside).sum() / 100**2
    # A grid of 1 m points sees a border of about 1 km to half a metre.
    assert zones.sum(values)[0] == pytest.approx(expected, rel=2e-3)


def found_gaps(margin=MARGIN, people=PEOPLE, smallest=0.0, join=0.0, villages=None, table=TWO):
    return gaps(
        margin, people, table, service="s", smallest_population=smallest,
        join_distance_m=join, villages=villages,
    )  # fmt: skip


def test_gap_is_the_uncovered_inhabited_ground():
    table = found_gaps().table
    assert table["population"].to_list() == [2 + 3 + 6 + 7 + 10 + 11]
    assert table["gap_id"].to_list() == ["s-0001"]
    assert table["commune_codes"].to_list() == ["00002, 00001"]
    assert table["area_km2"].item() == pytest.approx(0.06)
    assert table.geometry.item().equals(box(100, 0, 300, 300))


def test_uninhabited_ground_is_no_gap():
    people = raster([0, 0, 0, 0], [0, 0, 5, 0], [0, 0, 0, 0])
    assert found_gaps(people=people).table.geometry.item().equals(box(200, 100, 300, 200))


def test_most_residents_come_first_and_listed_and_unlisted_add_up():
    people = raster([1, 0, 9, 0], [0, 0, 0, 0], [4, 0, 0, 0])
    found = found_gaps(raster([-1] * 4, [-1] * 4, [-1] * 4), people, smallest=2.0)
    assert found.table["population"].to_list() == [9, 4]
    assert (found.unlisted, found.unlisted_population) == (1, 1.0)


@pytest.mark.parametrize(("distance", "count"), [(199.0, 2), (200.0, 1)])
def test_gaps_nearer_than_the_join_distance_are_one(distance, count):
    people = raster([1, 0, 9, 0], [0, 0, 0, 0], [0, 0, 0, 0])
    found = found_gaps(raster([-1] * 4, [-1] * 4, [-1] * 4), people, join=distance)
    assert len(found.table) == count


def test_villages_inside_a_gap_are_counted():
    table = villages(("00001", (150, 50)), ("00001", (50, 50)))
    assert found_gaps(villages=table).table["villages"].to_list() == [1]


def test_full_coverage_leaves_no_gap():
    found = found_gaps(raster([0] * 4, [0] * 4, [0] * 4))
    assert len(found.table) == 0
    assert "geometry" in found.table


def test_cells_gather_to_stations():
    cells = gpd.GeoDataFrame(
        {
            "site_id": ["A", "A", "A"],
            "station_id": ["A-1", "A-1", "A-2"],
            "cell_id": ["1", "2", "3"],
            "site_name": ["a"] * 3,
            "operator": ["Viettel"] * 3,
            "technology": ["2G", "2G", "4G"],
            "frequency_mhz": [900.0, 1800.0, 1800.0],
            "antenna_height_m": [30.0, 32.0, 30.0],
        },
        geometry=points((50, 50), (50, 50), (900, 900)),
        crs=CRS,
    )
    found = stations_of_cells(cells, TWO).set_index("station_id")
    assert found.loc["A-1", ["cells", "frequency_mhz", "commune_code"]].to_list() == [
        2, "900, 1800", "00001",
    ]  # fmt: skip
    assert pd.isna(found.loc["A-2", "commune_code"])
