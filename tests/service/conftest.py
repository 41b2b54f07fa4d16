"""Two communes of six pixels each, side by side on a grid of 3 rows and 4 columns of 100 m."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

from phusong.grid import Grid
from phusong.service import count_residents
from phusong.terrain import Population

CRS = "EPSG:9209"
EAST, NORTH = 500_000, 2_500_000
GRID = Grid(CRS, 100.0, EAST, NORTH + 300, 4, 3)


@pytest.fixture
def grid():
    return GRID


@pytest.fixture
def raster():
    """Return a function that makes a raster of its rows."""

    def _raster(*rows, grid=GRID):
        return grid.wrap(np.array(rows, dtype=np.float64), "raster")

    return _raster


@pytest.fixture
def box():
    """Return a function that makes a box, metres from the south-west corner of the grid."""

    def _box(left, bottom, right, top):
        return shapely.box(EAST + left, NORTH + bottom, EAST + right, NORTH + top)

    return _box


@pytest.fixture
def points():
    """Return a function that makes points, metres from the south-west corner of the grid."""

    def _points(*places):
        return gpd.GeoSeries([shapely.Point(EAST + x, NORTH + y) for x, y in places], crs=CRS)

    return _points


@pytest.fixture
def communes():
    """Return a function that makes communes of polygons."""

    def _communes(*polygons, districts=None):
        count = len(polygons)
        return gpd.GeoDataFrame(
            {
                "commune_code": [f"{i + 1:05d}" for i in range(count)],
                "name": [f"C{i + 1}" for i in range(count)],
                "district_code": districts or ["024"] * count,
                "district": districts or ["D"] * count,
            },
            geometry=list(polygons),
            crs=CRS,
        )

    return _communes


@pytest.fixture
def two(communes, box):
    """Return a western and an eastern commune."""
    return communes(box(0, 0, 200, 300), box(200, 0, 400, 300))


@pytest.fixture
def people(raster):
    """Return 33 residents in the west and 45 in the east."""
    return raster([1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12])


@pytest.fixture
def living():
    """Return a function that lays the residents of a raster over communes."""

    def _living(table, people):
        return count_residents(
            table,
            GRID,
            population=Population(people, outside=0.0),
            villages=None,
            village_radius_m=250.0,
        )

    return _living


@pytest.fixture
def margin(raster):
    """Return a margin that covers the first and the last column."""
    return raster([0, -1, np.nan, 5], [0, -1, -1, 5], [0, -1, -1, 5])


@pytest.fixture
def villages(points):
    """Return a function that makes villages of (commune code, place)."""

    def _villages(*rows):
        return gpd.GeoDataFrame(
            {
                "village_id": [str(i) for i in range(len(rows))],
                "commune_code": [code for code, _ in rows],
            },
            geometry=points(*(place for _, place in rows)),
        )

    return _villages
