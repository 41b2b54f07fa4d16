"""Who is covered: sums that can be added in the head."""

import tracemalloc

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from phusong.errors import GridMismatchError
from phusong.grid import Grid
from phusong.service import (
    count_residents,
    coverage_by_unit,
    gaps,
    stations_of_cells,
    verdicts,
    villages_result,
)
from phusong.service.units import _ratio
from phusong.tables import COMMUNES_RESULT, DISTRICTS_RESULT, PROVINCE_RESULT
from phusong.terrain import Population


@pytest.fixture
def units(two, margin, people, points, living):
    """Return a function that counts; what is not given is the pair of communes."""

    def _units(
        table=two, *, margin=margin, people=people, villages=None, likely=None, mean_error_db=0.0
    ):
        centres = points((50, 150), (250, 150))[: len(table)]
        return coverage_by_unit(
            living(table, people),
            {"s": margin},
            probabilities={"s": (margin >= 0) * 1.0 if likely is None else likely},
            mean_error_db=mean_error_db,
            centres=centres,
            villages=villages,
        )

    return _units


def test_residents_are_counted_commune_by_commune(units):
    found = units().communes
    assert found["population"].to_list() == [33, 45]
    assert found["covered_population_s"].to_list() == [1 + 5 + 9, 4 + 8 + 12]
    assert found["covered_population_share_s"].to_list() == pytest.approx([15 / 33, 24 / 45])
    assert found["covered_area_share_s"].to_list() == [0.5, 0.5]


def test_margin_of_exactly_zero_is_covered_and_an_unknown_one_is_not(units, raster):
    found = units(margin=raster([0] * 4, [np.nan] * 4, [-0.01] * 4)).province
    assert found["covered_population_s"].item() == 1 + 2 + 3 + 4


def test_each_resident_counts_by_the_probability_of_the_pixel(units, raster):
    # Residents 1 … 12 by rows. West: 1, 2, 5, 6, 9, 10, of which the first column has 0.9:
    # 0.9 · 15 + 0.2 · 18. East: the third column 3, 7, 11 has 0, the fourth 4, 8, 12 has 1.
    found = units(likely=raster(*[[0.9, 0.2, 0.0, 1.0]] * 3)).communes
    assert found["expected_covered_population_s"].to_list() == pytest.approx([17.1, 24])
    assert found["expected_covered_population_share_s"].to_list() == pytest.approx(
        [17.1 / 33, 24 / 45]
    )


def test_uncorrected_share_is_that_of_levels_without_the_mean_error(units, raster):
    found = units(margin=raster([-3] * 4, [-4] * 4, [5] * 4), mean_error_db=3.0).province
    assert found["covered_population_share_s"].item() == pytest.approx((9 + 10 + 11 + 12) / 78)
    assert found["uncorrected_covered_population_share_s"].item() == pytest.approx(
        (1 + 2 + 3 + 4 + 9 + 10 + 11 + 12) / 78
    )


def test_target_by_probability_is_judged_by_that_reading():
    table = gpd.GeoDataFrame(
        {
            "covered_population_share_s": [0.97, 0.99],
            "expected_covered_population_share_s": [0.985, 0.975],
        }
    )
    by = {"share": 0.98, "denominator": "population"}
    assert verdicts(table, "s", **by).to_list() == ["missed", "met"]
    assert verdicts(table, "s", reading="probability", **by).to_list() == ["met", "missed"]


def test_pixel_on_the_border_counts_by_its_part_inside(units, communes, box):
    half = units(communes(box(0, 0, 150, 300), box(150, 0, 400, 300))).communes
    assert half["population"].to_list() == [15 + 9, 9 + 45]


def test_overlapping_communes_do_not_double_the_province(units, communes, box):
    found = units(communes(box(0, 0, 300, 300), box(200, 0, 400, 300)))
    assert found.communes["population"].to_list() == [33 + 21, 45]
    assert found.districts["population"].item() == 78
    assert found.province["population"].item() == 78


def test_people_between_communes_count_nowhere(units, communes, box):
    found = units(communes(box(0, 0, 100, 300), box(200, 0, 400, 300)))
    assert found.communes["population"].to_list() == [15, 45]
    assert found.province["population"].item() == 60


def test_districts_gather_their_communes(units, communes, two):
    found = units(communes(*two.geometry, districts=["026", "024"])).districts
    assert found["district_code"].to_list() == ["024", "026"]
    assert found["communes"].to_list() == [1, 1]
    assert found["population"].to_list() == [45, 33]
    assert found["covered_centres_s"].to_list() == [0, 1]


def test_rounding_noise_lifts_no_share_above_one_and_nothing_has_no_share():
    part, whole = np.array([0.1 + 0.2, 0.1, 0.0, 2.0]), np.array([0.3, 0.3, 0.3, 0.0])
    assert part[0] > whole[0]
    np.testing.assert_array_equal(_ratio(part, whole), [1.0, 0.1 / 0.3, 0.0, np.nan])


def test_empty_commune_has_no_share_instead_of_zero(units, raster):
    found = units(people=raster([0] * 4, [0] * 4, [0] * 4)).communes
    assert found["covered_population_share_s"].isna().all()
    assert found["covered_area_share_s"].notna().all()
    verdict = verdicts(found, "s", share=0.5, denominator="population")
    assert verdict.to_list() == ["not_applicable"] * 2


def test_area_is_measured_on_the_ellipsoid(units):
    # k = 0.9999 on the central meridian, so the plane shows 0.02 % less than the ground.
    found = units().communes
    assert found["area_km2"].iloc[0] == pytest.approx(0.06 / 0.9999**2, rel=2e-5)
    assert found["covered_area_km2_s"].iloc[0] == pytest.approx(found["area_km2"].iloc[0] / 2)


def test_villages_count_where_their_commune_says_they_are(units, villages):
    table = villages(("00001", (50, 50)), ("00001", (150, 50)), ("00002", (350, 250)))
    found = units(villages=table)
    assert found.communes["villages"].to_list() == [2, 1]
    assert found.communes["covered_villages_s"].to_list() == [1, 1]
    assert found.communes["covered_villages_share_s"].to_list() == [0.5, 1.0]
    assert found.districts["villages"].to_list() == [3]
    assert found.province["covered_villages_share_s"].item() == pytest.approx(2 / 3)


def test_village_of_an_unknown_commune_counts_nowhere(units, villages):
    found = units(villages=villages(("09999", (50, 50)), ("00001", (50, 50))))
    assert found.communes["villages"].to_list() == [1, 0]
    assert found.province["villages"].item() == 1


def test_commune_without_villages_has_no_share_of_them(units, villages):
    found = units(villages=villages(("00001", (50, 50)))).communes
    assert found["villages"].to_list() == [1, 0]
    np.testing.assert_array_equal(found["covered_villages_share_s"], [1, np.nan])


def test_without_villages_their_share_is_unknown(units):
    found = units().communes
    for column in ("villages", "covered_villages_share_s"):
        assert found[column].isna().to_list() == [True, True]


def test_columns_are_those_of_the_result_tables(units, villages):
    found = units(villages=villages(("00001", (50, 50))))
    for frame, table in (
        (found.communes, COMMUNES_RESULT),
        (found.districts, DISTRICTS_RESULT),
        (found.province, PROVINCE_RESULT),
    ):
        names = {f.name for f in table.expand({"service": ["s"]}).fields if f.name.endswith("_s")}
        judged_later = {"target_verdict_s", "target_probability_s", "confident_verdict_s"}
        drawn_later = {
            f"{of}share_{figure}_s"
            for of in ("", "pixels_", "probability_")
            for figure in ("low", "median", "high")
        }
        assert names - set(frame) == judged_later | drawn_later
        assert set(frame) - {"geometry"} <= set(table.expand({"service": ["s"]}).columns)


def test_rasters_of_another_grid_are_refused(units, raster):
    other = Grid("EPSG:9209", 100.0, 500_100.0, 2_500_300.0, 4, 3)
    with pytest.raises(GridMismatchError, match=r"margin_db\[s\] lies on"):
        units(margin=raster([0] * 4, [0] * 4, [0] * 4, grid=other))


@given(
    values=st.lists(st.floats(-20, 20), min_size=12, max_size=12),
    cut=st.floats(10, 390),
    loss=st.floats(0, 5),
)
@settings(max_examples=40)
def test_lower_margin_never_covers_more_and_units_add_up(values, cut, loss):
    grid = Grid("EPSG:9209", 100.0, 500_000.0, 2_500_300.0, 4, 3)
    west, south, east, north = grid.bounds
    communes = gpd.GeoDataFrame(
        {"commune_code": ["00001", "00002"], "district_code": ["024", "026"], "district": "D"},
        geometry=[
            shapely.box(west, south, west + cut, north),
            shapely.box(west + cut, south, east, north),
        ],
        crs=grid.crs,
    )
    people = grid.wrap(np.arange(1.0, 13).reshape(3, 4), "population")
    margin = np.array(values).reshape(3, 4)
    found = coverage_by_unit(
        count_residents(
            communes,
            grid,
            population=Population(people, outside=0.0),
            villages=None,
            village_radius_m=250.0,
        ),
        {
            "now": grid.wrap(margin, "m"),
            "less": grid.wrap(margin - loss, "m"),
            "rest": grid.wrap(np.where(margin >= 0, -1.0, 1.0), "m"),
        },
        probabilities=dict.fromkeys(("now", "less", "rest"), grid.wrap(margin * 0.0, "m")),
        mean_error_db=0.0,
        centres=communes.representative_point(),
        villages=None,
    )
    for level in (found.communes, found.districts, found.province):
        now, less, rest = (level[f"covered_population_{name}"] for name in ("now", "less", "rest"))
        assert (less <= now).all()
        np.testing.assert_allclose(now + rest, level["population"], rtol=1e-12)
        # The grid is shared out whole; exactextract keeps shares to seven digits.
        assert level["population"].sum() == pytest.approx(78, rel=1e-6)
        assert now.sum() == pytest.approx(
            found.province["covered_population_now"].item(), rel=1e-6, abs=1e-9
        )
        assert level["covered_area_share_now"].between(0, 1).all()


def test_village_has_the_level_of_its_pixel_and_none_outside_the_grid(villages, margin, raster):
    level = raster([-90] * 4, [-91] * 4, [-92] * 4)
    found = villages_result(
        villages(("00001", (50, 50)), ("00001", (150, 250)), ("00001", (-950, 50))),
        {"s": margin}, {"s": level}, {"s": raster([1] * 4, [1] * 4, [0] * 4).astype("int32")},
        technologies=["3G", "2G"], thresholds_dbm={"s": {"2G": -98.0, "3G": -105.0}},
    )  # fmt: skip
    assert found["covered_s"].to_list() == [True, False, False]
    assert found["level_dbm_s"].to_list()[:2] == [-92, -90]
    assert found["server_technology_s"].to_list()[:2] == ["3G", "2G"]
    assert found["threshold_dbm_s"].to_list()[:2] == [-105, -98]
    outside = found.iloc[2].filter(regex="_s$").drop("covered_s")
    assert len(outside) == 6
    assert outside.isna().all()


def test_a_level_above_the_threshold_but_below_the_level_needed_tells_what_lies_between(
    villages, raster
):
    found = villages_result(
        villages(("00001", (50, 50))),
        {"s": raster(*[[-4.3] * 4] * 3)}, {"s": raster(*[[-89.0] * 4] * 3)},
        {"s": raster(*[[0] * 4] * 3).astype("int32")},
        technologies=["2G"], thresholds_dbm={"s": {"2G": -98.0}},
    )  # fmt: skip
    told = found.iloc[0]
    assert not told["covered_s"]
    assert (told["needed_dbm_s"], told["allowance_db_s"], told["margin_db_s"]) == (
        -84.7,
        13.3,
        -4.3,
    )


@pytest.mark.parametrize(
    ("share", "verdict"),
    [
        (0.98, "met"),
        (0.9796, "missed"),
        (0.9799999, "missed"),
        (1.0, "met"),
        (np.nan, "not_applicable"),
    ],
)
def test_share_is_judged_unrounded_and_meets_the_target_it_equals(share, verdict):
    table = pd.DataFrame({"covered_population_share_s": [share]})
    assert verdicts(table, "s", share=0.98, denominator="population").to_list() == [verdict]


@given(st.integers(1, 400), st.integers(1, 400))
def test_share_of_villages_that_equals_the_target_meets_it(part, whole):
    table = pd.DataFrame({"covered_villages_share_s": [min(part, whole) / whole]})
    target = min(part, whole) * (1 / whole)
    assert verdicts(table, "s", share=target, denominator="villages").to_list() == ["met"]


def test_target_of_centres_judges_communes_by_their_own_and_districts_by_their_share(units):
    found = units()
    target = {"share": 1.0, "denominator": "commune_centres"}
    assert verdicts(found.communes, "s", **target).to_list() == ["met", "missed"]
    assert verdicts(found.districts, "s", **target).to_list() == ["missed"]
    target["share"] = 0.5
    assert verdicts(found.province, "s", **target).to_list() == ["met"]


def test_cells_gather_to_stations(points, two):
    cells = gpd.GeoDataFrame(
        {
            "site_id": ["A", "A", "A"],
            "station_id": ["A-1", "A-1", "A-2"],
            "cell_id": ["1", "2", "3"],
            "site_name": ["a"] * 3,
            "operator": ["Viettel"] * 3,
            "technology": ["2G", "2G", "4G"],
            "frequency_mhz": [1800.0, 900.0, 1800.0],
            "antenna_height_m": [30.0, 32.0, 30.0],
        },
        geometry=points((50, 50), (50, 50), (900, 900)),
    )
    found = stations_of_cells(cells, two).set_index("station_id")
    assert found.loc["A-1", ["cells", "frequency_mhz", "commune_code"]].to_list() == [
        2, "900, 1800", "00001",
    ]  # fmt: skip
    assert found.loc["A-1", "antenna_height_m"] == 32
    assert pd.isna(found.loc["A-2", "commune_code"])


@pytest.mark.parametrize("turned", [False, True])
def test_a_station_where_communes_overlap_belongs_to_the_first_code(points, communes, box, turned):
    table = communes(box(0, 0, 200, 300), box(100, 0, 300, 300), box(250, 0, 400, 300))
    cells = gpd.GeoDataFrame(
        {
            name: [value] * 2
            for name, value in {
                "site_id": "A", "cell_id": "1", "site_name": "a", "operator": "Viettel",
                "technology": "4G", "frequency_mhz": 1800.0, "antenna_height_m": 30.0,
            }.items()
        } | {"station_id": ["A-1", "A-2"]},
        geometry=points((150, 50), (275, 50)),
    )  # fmt: skip
    found = stations_of_cells(cells, table[::-1] if turned else table)
    assert found["commune_code"].to_list() == ["00001", "00002"]
    assert stations_of_cells(cells, None)["commune_code"].isna().all()


@pytest.mark.parametrize("told", ["raster", "communes"])
def test_memory_is_that_of_a_block_however_large_the_area(communes, monkeypatch, told):
    monkeypatch.setattr("phusong.grid.ROWS_AT_A_TIME", 64)
    monkeypatch.setattr("phusong.grid.ELEMENTS_AT_A_TIME", 8192)
    monkeypatch.setattr("phusong.service.evidence._PIXELS_AT_A_TIME", 8192)
    monkeypatch.setattr("phusong.service.zones.PIXELS_AT_A_TIME", 8192)
    peaks = []
    for count in (4, 16, 64):  # the first may compile
        grid = Grid("EPSG:9209", 100.0, 0.0, 6400.0 * count, 128, 64 * count)
        table = communes(
            *(shapely.box(0, 6400 * i, 12_800, 6400 * (i + 1)) for i in range(count)),
            districts=[str(i // 4) for i in range(count)],
        ).assign(population=8192.0)
        people = grid.wrap(np.ones(grid.shape), "people") if told == "raster" else None
        margin = np.zeros(grid.shape, np.float32)
        margin[100:103, 5] = -1
        margin = grid.wrap(margin, "margin_db")
        tracemalloc.start()
        residents = count_residents(
            table, grid, population=None if people is None else Population(people, outside=0.0),
            villages=None, village_radius_m=250.0,
        )  # fmt: skip
        counted = coverage_by_unit(
            residents, {"4g": margin}, probabilities={"4g": margin}, mean_error_db=2.0,
            centres=table.representative_point(), villages=None,
        )  # fmt: skip
        found = gaps(
            margin, residents, service="4g", smallest_population=1.0, join_distance_m=150.0,
            villages=None,
        )  # fmt: skip
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert counted.province["covered_population_4g"].item() == 8192 * count - 3
        assert found.table["population"].to_list() == [3.0]
    # A byte is allocated for exactextract, which never touches it.
    assert peaks[2] - peaks[1] < 3 * 48 * 8192, "three bytes a pixel more"
