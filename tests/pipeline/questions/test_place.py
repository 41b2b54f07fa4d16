"""What is received at a place: the rasters' own figures, words for the rest, never a bare NaN."""

import numpy as np
import pytest

import phusong
from phusong.errors import PathError
from phusong.grid import grid_of, operation


@pytest.fixture(scope="module")
def pixel(result):
    """Return the middle of a served pixel, in degrees, and where it stands in the rasters."""
    rasters = result.services["mobile"]
    row, column = np.argwhere(rasters.second_server.to_numpy() >= 0)[7]
    grid = grid_of(rasters.margin_db)
    x = grid.west_m + (column + 0.5) * grid.resolution_m
    y = grid.north_m - (row + 0.5) * grid.resolution_m
    way = operation("OGC:CRS84", result.study.crs)
    return way.transform(x, y, direction="INVERSE"), (row, column)


def test_figures_are_those_of_the_rasters(result, pixel):
    place, at = pixel
    found = result.at(*place, lang="en")
    assert found["service"].tolist() == [one.id for one in result.study.services]
    rasters, row = result.services["mobile"], found.iloc[0]
    assert row["level_dbm"] == rasters.level_dbm.to_numpy()[at]
    assert row["margin_db"] == rasters.margin_db.to_numpy()[at]
    assert row["cell_id"] == result.cells["cell_id"].iloc[rasters.best_server.to_numpy()[at]]
    assert row["second_margin_db"] == rasters.second_margin_db.to_numpy()[at]
    second = result.cells["cell_id"].iloc[rasters.second_server.to_numpy()[at]]
    assert row["second_cell_id"] == second != row["cell_id"]
    assert row["verdict"].startswith("Served" if row["margin_db"] >= 0 else "Not served")


def test_level_is_that_of_the_path_inspector(result, pixel):
    place, _ = pixel
    row = result.at(*place).iloc[0]
    path = result.profile(row["cell_id"], to=place)
    assert path.inspection.level_dbm == pytest.approx(row["level_dbm"], abs=0.01)


def test_a_place_that_no_cell_reaches_says_so(result):
    nothing = phusong.what_if(result, result.cells.iloc[:0], threads=1)
    row = nothing.at(105.0, 22.8).iloc[0]
    assert row["verdict"] == "Không có sóng: không cell nào tới điểm này"
    assert (
        nothing.at(105.0, 22.8, lang="en")["verdict"][0] == "Not served: no cell reaches this place"
    )


@pytest.mark.parametrize(
    ("place", "told"),
    [((106.5, 22.8), "lies outside the study's map"), ((22.8, 104.98), "no longitude"),
     ((400.0, 22.8), "no longitude"), ((float("nan"), 22.8), "no longitude")],
)  # fmt: skip
def test_a_place_outside_is_refused(result, place, told):
    with pytest.raises(PathError, match=told):
        result.at(*place)


def test_without_coverage_there_is_nothing_to_read(offices_alone):
    found = phusong.run(phusong.open_study(offices_alone), parts=["egov"])
    with pytest.raises(PathError, match="the study needs cells"):
        found.at(105.0, 22.8)
