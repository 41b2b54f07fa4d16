"""Communes beside each other: overlaps, gaps and doubles are told with place and size."""

import geopandas as gpd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box
from shapely.affinity import translate

import phusong
from phusong.inputs import check_outlines, clean_outlines
from phusong.pipeline.load import load

WEST, SOUTH = 400_000, 2_500_000


def communes(*shapes):
    return gpd.GeoDataFrame(
        {"commune_code": [f"{i:05d}" for i in range(1, len(shapes) + 1)]},
        geometry=[translate(shape, WEST, SOUTH) for shape in shapes],
        crs="EPSG:9209",
    )


def told(problems):
    return [
        (one.message.removeprefix("inputs."), one.values.get("codes"), round(one.values["area_m2"]))
        for one in problems
    ]


def ring_of_four(width=0):
    """Return four communes around a hole of `width` metres."""
    return [
        box(0, 0, 1000 + width, 1000), box(1000 + width, 0, 2000 + width, 1000 + width),
        box(1000, 1000 + width, 2000 + width, 2000 + width), box(0, 1000, 1000, 2000 + width),
    ]  # fmt: skip


def test_communes_that_meet_have_nothing_to_tell():
    assert check_outlines(communes(box(0, 0, 10, 10), box(10, 0, 20, 10))) == ()
    assert check_outlines(communes(box(0, 0, 10, 10))) == ()


def test_overlap_gap_and_double_are_told_with_size_and_place():
    shapes = [box(0, 0, 1000, 1000), box(990, 0, 2000, 1000), box(0, 0, 1000, 999)]
    problems = check_outlines(communes(*shapes))
    assert told(problems) == [
        ("outlines_twice", "00001, 00003", 999_000), ("outlines_overlap", "00001, 00002", 10_000),
        ("outlines_overlap", "00002, 00003", 9_990),
    ]  # fmt: skip
    assert "by 10,000 m² at 104.5" in problems[1].render("en")
    (gap,) = check_outlines(communes(*ring_of_four(30)))
    assert told([gap]) == [("outlines_gap", "", 900)]
    assert "900 m²" in gap.render("vi")


def test_many_overlaps_are_told_as_the_largest_and_a_sum():
    shapes = [box(100 * i, 0, 100 * i + 101 + i, 100) for i in range(30)]
    problems = check_outlines(communes(*shapes))
    assert len(problems) == 21
    assert problems[0].values["area_m2"] == pytest.approx(2900)
    rest = problems[-1]
    assert (rest.message, rest.values["count"]) == ("inputs.outlines_overlap_more", 9)
    assert rest.values["area_m2"] == pytest.approx(100 * sum(range(1, 10)))


def test_cleaning_closes_narrow_gaps_and_leaves_wide_ones():
    table = communes(*ring_of_four(30))
    cleaned, changes = clean_outlines(table, gap_width_m=50)
    assert told(check_outlines(cleaned)) == []
    assert [area for _, _, area in told(changes)] == [900]
    same, changes = clean_outlines(table, gap_width_m=10)
    assert changes == ()
    assert told(check_outlines(same)) == [("outlines_gap", "", 900)]


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(1, 4), st.integers(1, 4)),
             min_size=2, max_size=6, unique=True)
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_cleaned_communes_lose_no_land_and_overlap_no_more(boxes):
    shapes = [box(100 * x, 100 * y, 100 * (x + w), 100 * (y + h)) for x, y, w, h in boxes]
    table = communes(*shapes)
    cleaned, _ = clean_outlines(table, gap_width_m=0)
    whole = shapely.area(shapely.union_all(table.geometry.to_numpy()))
    assert shapely.area(shapely.union_all(cleaned.geometry.to_numpy())) == pytest.approx(whole)
    assert len(cleaned) == len(table)
    assert (cleaned.area > 0).all()


def test_study_asks_for_cleaning_and_is_told_what_moved(folder):
    table = gpd.read_file(folder / "communes.geojson").to_crs("EPSG:9209")
    shifted = table.geometry.iloc[0].buffer(30, join_style="mitre")
    table = table.set_geometry([shifted, *table.geometry.iloc[1:]], crs="EPSG:9209")
    table.to_crs("EPSG:4326").to_file(folder / "communes.geojson")
    study = phusong.open_study(folder)
    assert {one.message for one in load(study).problems} == {"inputs.outlines_overlap"}
    loaded = load(study.replace({"inputs.clean_gap_m": 5}))
    assert {one.message for one in loaded.problems} == {"inputs.outlines_cleaned"}
