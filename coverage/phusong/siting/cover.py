"""Whom each candidate would serve, from the radio engine: through the margin that verdicts are by.

`served_by_sites` may be given any part of the sites and run anywhere; `cover_sets`
brings together what was found, in any order.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

import numpy as np
from scipy.sparse import coo_array, csr_array, vstack

from .._cache import TileCache
from .._types import Flags, Floats, Labels
from ..grid import Grid
from ..radio import Conditions, ServiceRule, Site, served, station_margins
from ..radio.tiles import digest_of_engine

NOWHERE = -1
_AT_ONCE = 256
"""Works whose cover sets are laid out in full at a time."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Gap:
    """Demand of one service on a grid: pixels where people live who are not served.

    Parameters
    ----------
    grid : Grid
        Of the terrain's pixels.
    position : ndarray of int32, shape of the grid
        Which demand a pixel is; -1 for none.
    people : ndarray, shape (demand,)
    """

    grid: Grid
    position: Labels
    people: Floats


def unserved(grid: Grid, margin_db: Floats, people: Floats, also: Flags | None = None) -> Gap:
    """Return the demand of a service: pixels with people and a margin below 0.

    Parameters
    ----------
    grid : Grid
    margin_db : ndarray, shape of the grid
        Of the service; NaN where no cell reaches.
    people : ndarray, shape of the grid
        Residents of each pixel.
    also : ndarray of bool, shape of the grid, optional
        Pixels that count where nobody lives either, such as centres of communes.

    Returns
    -------
    Gap
        Demand in the order of the pixels.

    Examples
    --------
    >>> grid = Grid("EPSG:9209", 100.0, 0.0, 100.0, 3, 1)
    >>> gap = unserved(grid, np.array([[np.nan, 3.0, -2.0]]), np.array([[10.0, 20.0, 30.0]]))
    >>> gap.position.tolist(), gap.people.tolist()
    ([[0, -1, 1]], [10.0, 30.0])
    """
    counts = people > 0 if also is None else (people > 0) | also
    waiting = ~served(margin_db) & counts
    position = np.full(grid.shape, NOWHERE, np.int32)
    position[waiting] = np.arange(waiting.sum())
    return Gap(grid=grid, position=position, people=people[waiting].astype(float))


Served = tuple[int, Labels]
"""Row of the first cell of a station, and the positions of the demand that it serves."""


def served_by_sites(
    sites: Iterable[Site], *, service: ServiceRule, conditions: Conditions, gap: Gap
) -> list[Served]:
    """Find whom the stations of some sites would serve among those not served yet.

    Parameters
    ----------
    sites : iterable of Site
        Of candidates, from `radio.plan_prediction`: a station each work. Works that share a place,
        an antenna height and a frequency share its losses, so that more sectors, powers and
        directions cost next to nothing; further bands and heights a tile each.
    service : ServiceRule
        Whose threshold and allowances decide.
    conditions : Conditions
        Of the same plan.
    gap : Gap

    Returns
    -------
    list of (int, ndarray of int32)
        Row of the first cell of each station; demand in rising order.

    Raises
    ------
    ModelRangeError
        If a link lies outside the ranges of the model.

    Examples
    --------
    A mast at the western end of four pixels, 100 m each; nobody lives in the second.

    >>> import geopandas as gpd
    >>> from phusong.radio import Refractivity, Settings, model, plan_prediction
    >>> grid = Grid("EPSG:9209", 100.0, 0.0, 300.0, 4, 3)
    >>> middle = grid.part(slice(1, 2), slice(0, 4))
    >>> cells = gpd.GeoDataFrame(
    ...     {"site_id": ["S1"], "station_id": "S1", "cell_id": "S1", "operator": "Viettel",
    ...      "technology": "4G", "frequency_mhz": 900.0, "antenna_height_m": 6.0,
    ...      "rs_eirp_dbm": -26.0, "antenna": "omni"},
    ...     geometry=gpd.points_from_xy([50.0], [150.0]), crs="EPSG:9209",
    ... )
    >>> rule = ServiceRule("4g", ["4G"], [], {"4G": -115.0}, allowance_db=10.0)
    >>> plan = plan_prediction(
    ...     cells, grid.wrap(np.zeros(grid.shape, np.float32), "terrain"), [rule],
    ...     settings=Settings(model=model("free_space"), radius_m=400.0, receiver_height_m=1.5),
    ...     refractivity=Refractivity(),
    ... )
    >>> gap = unserved(middle, np.full(middle.shape, np.nan), np.array([[5.0, 0.0, 7.0, 9.0]]))
    >>> served_by_sites(plan.sites, service=rule, conditions=plan.conditions, gap=gap)
    [(0, array([0, 1], dtype=int32))]
    """
    found = []
    for site in sites:
        for station, at, margin_db in station_margins(
            site, service=service, conditions=conditions, grid=gap.grid
        ):
            demand = gap.position[at][served(margin_db)]
            found.append((station[0][1].row, demand[demand != NOWHERE]))
    return found


def cover_sets(
    found: Iterable[Sequence[Served]], *, work_of_cell: Labels, works: int, demand: int
) -> csr_array:
    """Bring together whom works would serve.

    Parameters
    ----------
    found : iterable of sequence of (int, ndarray)
        From `served_by_sites`, of all sites in any order.
    work_of_cell : ndarray of int, shape (cells,)
        Which work each cell of the candidates belongs to.
    works, demand : int
        How many there are.

    Returns
    -------
    csr_array of bool, shape (works, demand)

    Examples
    --------
    >>> cover_sets([[(2, np.array([0]))], [(0, np.array([0, 2]))]],
    ...            work_of_cell=np.array([1, 1, 0]), works=2, demand=3).toarray().astype(int)
    array([[1, 0, 0],
           [1, 0, 1]])
    """
    pairs = [pair for part in found for pair in part]
    work = np.repeat(
        work_of_cell[np.array([row for row, _ in pairs], int)], [len(its) for _, its in pairs]
    )
    its = np.concatenate([np.empty(0, np.int32), *(its for _, its in pairs)])
    counted = csr_array(
        coo_array((np.ones(len(its), np.int32), (work, its)), shape=(works, demand))
    )
    counted.sum_duplicates()  # a work of several stations serves a place once
    return counted.astype(bool)


def cover_name(
    sites: Sequence[Site], *, service: ServiceRule, conditions: Conditions, gap: Gap
) -> str:
    """Return the name under which cover sets are kept: a hash of all that could change them.

    Parameters
    ----------
    sites, service, conditions, gap
        As for `served_by_sites`.

    Returns
    -------
    str
        As `keep_cover` and `kept_cover` take it.
    """
    terrain, settings = conditions.terrain, conditions.settings
    of_settings = {
        field.name: getattr(settings, field.name)
        for field in fields(settings)
        if field.name not in ("model", "corrections")
    }
    calibrated = settings.corrections and settings.corrections.digest
    cells = [
        (cell.row, repr(place), repr(cell), service.needed_dbm(cell))
        for site in sites
        for station in site.stations
        for place, cell in station
        if service.admits(cell)
    ]
    said = (
        digest_of_engine(),
        (settings.model.name, dict(settings.model.parameters), of_settings, calibrated),
        repr(conditions.refractivity),
        (repr(terrain.grid), repr(gap.grid), terrain.profile_step_m, repr(terrain.classes)),
        (terrain.heights.crs, list(terrain.heights.transform), terrain.heights.height_m.shape),
        cells,
    )
    name = hashlib.sha256(json.dumps(said, sort_keys=True).encode())
    for layer in (terrain.heights.height_m, terrain.clutter_m, terrain.land, gap.position):
        name.update(b"none" if layer is None else np.ascontiguousarray(layer).data)
    return f"{name.hexdigest()}.cover"


def kept_cover(cache: TileCache, name: str, *, works: int, demand: int) -> csr_array | None:
    """Return cover sets that were kept; None if there are none.

    Parameters
    ----------
    cache : TileCache
    name : str
        From `cover_name`.
    works, demand : int
        How many there are.

    Returns
    -------
    csr_array of bool, shape (works, demand), or None
    """
    packed = cache.get(name, (works, -(-demand // 8)), np.dtype(np.uint8))
    if packed is None:
        return None
    parts = [
        csr_array(np.unpackbits(packed[at : at + _AT_ONCE], axis=1, count=demand).view(bool))
        for at in range(0, works, _AT_ONCE)
    ]
    return csr_array(vstack(parts)) if parts else csr_array((0, demand), dtype=bool)


def keep_cover(cache: TileCache, name: str, covers: csr_array) -> None:
    """Keep cover sets, a bit a work and demand.

    Parameters
    ----------
    cache : TileCache
    name : str
        From `cover_name`.
    covers : csr_array of bool, shape (works, demand)
    """
    size, demand = covers.shape
    packed = np.empty((size, -(-demand // 8)), np.uint8)
    for at in range(0, size, _AT_ONCE):
        packed[at : at + _AT_ONCE] = np.packbits(covers[at : at + _AT_ONCE].toarray(), axis=1)
    cache.put(name, packed)
