"""Which villages are without signal, and which have clusters of houses without it.

A resident belongs to the nearest village of the own commune. What "without signal" means
is the caller's: flags come in, no level and no operator.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import KDTree

from .._on_disk import GrowingOnDisk, full_on_disk
from .._types import Flags
from ..grid import ELEMENTS_AT_A_TIME, Grid, blocks, grid_of
from .gaps import joined
from .residents import Residents

White = Literal["centre", "everywhere"]
NO_PIXEL = -1


@dataclass(frozen=True)
class Homes:
    """Where the residents of villages live: one entry a village and pixel, village by village.

    Parameters
    ----------
    grid : Grid
        Of the pixels.
    village : ndarray of int64, shape (n,)
        Position in the table of villages.
    pixel : ndarray of int64, shape (n,)
        Row times columns plus column.
    people : ndarray of float64, shape (n,)
        Residents there, all above 0.
    without_village : float
        Residents of communes that no village is listed for.
    """

    grid: Grid
    village: NDArray[np.int64]
    pixel: NDArray[np.int64]
    people: NDArray[np.float64]
    without_village: float


def homes(residents: Residents, villages: gpd.GeoDataFrame) -> Homes:
    """Give each resident to the nearest village of the own commune.

    Parameters
    ----------
    residents : Residents
        From `count_residents`.
    villages : GeoDataFrame
        As `tables.VILLAGES`, in the same CRS.

    Returns
    -------
    Homes

    Examples
    --------
    Four pixels of one commune, villages at both ends.

    >>> import shapely
    >>> from phusong.service import count_residents
    >>> from phusong.terrain import Population
    >>> grid = Grid("EPSG:9209", 100.0, 5e5, 25e5, 4, 1)
    >>> communes = gpd.GeoDataFrame(
    ...     {"commune_code": ["00688"], "name": ["Quang Trung"], "district_code": ["024"],
    ...      "district": ["Hà Giang"]},
    ...     geometry=[shapely.box(*grid.bounds)], crs=grid.crs,
    ... )
    >>> villages = gpd.GeoDataFrame(
    ...     {"village_id": ["west", "east"], "commune_code": "00688"},
    ...     geometry=shapely.points([(500_050, 2_499_950), (500_350, 2_499_950)]), crs=grid.crs,
    ... )
    >>> people = grid.wrap(np.array([[20.0, 5.0, 0.0, 50.0]]), "population")
    >>> found = homes(
    ...     count_residents(
    ...         communes, grid, population=Population(people, outside=0.0), villages=None,
    ...         village_radius_m=250.0,
    ...     ),
    ...     villages,
    ... )
    >>> found.village.tolist(), found.pixel.tolist(), found.people.tolist()
    ([0, 0, 1], [0, 1, 3], [20.0, 5.0, 50.0])
    """
    grid, people = grid_of(residents.raster), residents.communes.people
    codes = residents.communes.table["commune_code"].to_numpy()
    of_commune = pd.Series(np.arange(len(villages))).groupby(villages["commune_code"].to_numpy())
    x_m, y_m = villages.geometry.x.to_numpy(), villages.geometry.y.to_numpy()
    living = [GrowingOnDisk(np.dtype(kind)) for kind in ("i8", "i8", "f8")]
    without = 0.0
    for row, code in enumerate(codes):
        mine = slice(people.indptr[row], people.indptr[row + 1])
        there = people.data[mine] > 0
        pixel, count = people.indices[mine][there].astype(np.int64), people.data[mine][there]
        if code not in of_commune.groups:
            without += float(count.sum())
            continue
        own = of_commune.groups[code].to_numpy()
        down, along = np.divmod(pixel, grid.width)
        at = np.column_stack([grid.x_m[along], grid.y_m[down]])
        _, nearest = KDTree(np.column_stack([x_m[own], y_m[own]])).query(at)
        order = np.argsort(nearest, kind="stable")
        for whole, part in zip(living, (own[nearest], pixel, count), strict=True):
            whole.append(part[order])
    village, pixel, count = (whole.array() for whole in living)
    return Homes(grid, village, pixel, count, without)


def village_states(
    homes: Homes,
    served: Flags,
    centre_served: Flags,
    *,
    join_distance_m: float,
    cluster_population: float,
    white: White,
) -> pd.DataFrame:
    """Tell which villages are served, patchy and white.

    Parameters
    ----------
    homes : Homes
    served : ndarray of bool, shape (n,)
        Whether each entry of `homes` is served.
    centre_served : ndarray of bool, shape (villages,)
        Whether each village's own point is.
    join_distance_m : float
        Unserved inhabited pixels whose centres lie at most so far apart make one cluster.
    cluster_population : float
        Residents of a village in a cluster from which on it counts.
    white : {"centre", "everywhere"}
        ``centre``: a village whose centre is not served is white. ``everywhere``: only
        if none of its residents is served either; else it is patchy.

    Returns
    -------
    DataFrame, one row a village
        ``signal_state`` (``served``, ``patchy``, ``white``), ``residents``,
        ``unserved_population``, ``dark_clusters`` (how many clusters count) and
        ``dark_pixel``: of the largest of them, the pixel with most residents; `NO_PIXEL`
        without one.

    Examples
    --------
    Of a village's four pixels the centre is served, and 30 people live apart without.

    >>> grid = Grid("EPSG:9209", 100.0, 0.0, 100.0, 4, 1)
    >>> homes = Homes(grid, np.zeros(3, int), np.array([0, 2, 3]), np.array([50.0, 10.0, 20.0]), 0)
    >>> found = village_states(
    ...     homes, np.array([True, False, False]), np.array([True]), join_distance_m=150.0,
    ...     cluster_population=25.0, white="centre",
    ... )
    >>> print(found.loc[0, "signal_state"], found.loc[0, "unserved_population"])
    patchy 30.0
    """
    count = len(centre_served)
    residents, unserved = np.zeros((2, count))
    lit, dark_clusters = np.zeros(count, dtype=bool), np.zeros(count, dtype=np.int64)
    dark_pixel = np.full(count, NO_PIXEL, dtype=np.int64)
    flags = full_on_disk(homes.grid.shape, False, np.dtype(bool))
    for some in blocks(len(homes.pixel)):
        flags.ravel()[homes.pixel[some][~served[some]]] = True
    group, _ = joined(flags, join_distance_m / homes.grid.resolution_m)
    for some in _whole_villages(homes.village):
        village, pixel, people = homes.village[some], homes.pixel[some], homes.people[some]
        has = served[some]
        residents += np.bincount(village, people, count)
        lit |= np.bincount(village[has], minlength=count) > 0
        village, pixel, people = village[~has], pixel[~has], people[~has]
        unserved += np.bincount(village, people, count)
        entries = pd.DataFrame(
            {"village": village, "group": group.ravel()[pixel], "pixel": pixel, "people": people}
        )
        entries = entries.sort_values(["village", "group", "pixel"], kind="stable")
        clusters = entries.groupby(["village", "group"], as_index=False)["people"].sum()
        clusters = clusters[clusters["people"] >= cluster_population]
        dark_clusters += np.bincount(clusters["village"], minlength=count)
        largest = clusters.sort_values(
            ["village", "people", "group"], ascending=[True, False, True]
        )
        largest = largest.drop_duplicates("village")[["village", "group"]]
        within = entries.merge(largest, on=["village", "group"])
        fullest = within.sort_values(["village", "people", "pixel"], ascending=[True, False, True])
        fullest = fullest.drop_duplicates("village")
        dark_pixel[fullest["village"]] = fullest["pixel"]
    is_white = ~centre_served
    is_patchy = dark_clusters > 0
    if white == "everywhere":
        is_patchy |= is_white
        is_white &= ~lit
    state = np.where(is_white, "white", np.where(is_patchy, "patchy", "served"))
    return pd.DataFrame(
        {
            "signal_state": pd.array(state, dtype="str"),
            "residents": residents,
            "unserved_population": unserved,
            "dark_clusters": pd.array(dark_clusters, dtype="Int64"),
            "dark_pixel": dark_pixel,
        }
    )


def _whole_villages(village: NDArray[np.int64]) -> Iterator[slice]:
    """Yield entries some at a time, those of a village together."""
    start, size = 0, len(village)
    while start < size:
        stop = min(start + ELEMENTS_AT_A_TIME, size)
        while stop < size and village[stop] == village[stop - 1]:
            same = village[stop : stop + ELEMENTS_AT_A_TIME] == village[stop]
            stop += len(same) if same.all() else int(same.argmin())
        yield slice(start, stop)
        start = stop
