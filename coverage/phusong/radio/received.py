"""What single places receive of one operator and technology, not of the best of all.

Each path is computed by itself, along the ray that the place's pixel takes: no raster is made,
and only masts within the radius of a place are looked at.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .._types import Flags
from .masts import Mast, Place
from .prediction import Plan
from .sectors import Sector

NEAR_FREQUENCY = 0.06
"""Carriers of one band lie within this share of each other: 925 to 960 MHz, 1805 to 1880 MHz."""
NOBODY = -1
_VALUES = (
    "level_dbm", "open_level_dbm", "free_level_dbm", "distance_m", "terrain_db", "clutter_db",
)  # fmt: skip
Cells = list[Sector]
Each = Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]


def received_at(plan: Plan, places: pd.DataFrame, each: Each = map) -> pd.DataFrame:
    """Predict the strongest cell of the operator and technology asked for at single places.

    Parameters
    ----------
    plan : Plan
        Its cells take part: those that one of its services admits.
    places : DataFrame
        ``x_m`` and ``y_m`` in the grid's CRS, ``operator``, ``technology``; where known
        ``frequency_mhz``, which leaves cells of that band, and ``cell_id``, which leaves that
        cell if the plan has it and is passed over if not.
    each : callable
        Goes through the masts as `map` does, several at a time if wanted.

    Returns
    -------
    DataFrame, index of `places`
        - ``cell`` : row of the strongest cell in the plan's, -1 for none within the radius of the
          settings or outside the grid; the rest is then NaN or False;
        - ``level_dbm`` : as the rasters have it, and ``open_level_dbm`` over bare ground, without
          clutter and known mean error; ``free_level_dbm`` in free space;
        - ``distance_m``, ``terrain_db`` (what the model takes beyond free space, 0 at least) and
          ``clutter_db`` (`clutter.far_clutter_db`), see `uncertainty.calibrate`;
        - ``in_sight`` : whether no terrain stands between;
        - ``land`` : position of what stands there among the plan's classes, -1 where no land
          cover tells.

    Examples
    --------
    Two operators on one mast: each place has the level of the one that was measured.

    >>> import geopandas as gpd
    >>> from phusong.grid import Grid
    >>> from phusong.radio import Refractivity, ServiceRule, Settings, model, plan_prediction
    >>> grid = Grid("EPSG:9209", 100.0, 0.0, 2000.0, 20, 20)
    >>> cells = gpd.GeoDataFrame(
    ...     {"site_id": "S1", "station_id": ["S1-A", "S1-B"], "cell_id": ["S1-A", "S1-B"],
    ...      "operator": ["A", "B"], "technology": "4G", "frequency_mhz": 900.0,
    ...      "antenna_height_m": 30.0, "rs_eirp_dbm": [35.0, 25.0], "antenna": "omni"},
    ...     geometry=gpd.points_from_xy([50.0, 50.0], [1950.0, 1950.0]), crs="EPSG:9209",
    ... )
    >>> plan = plan_prediction(
    ...     cells, grid.wrap(np.zeros(grid.shape, np.float32), "terrain"),
    ...     [ServiceRule("4g", ["4G"], [], {"4G": -115.0}, allowance_db=10.0)],
    ...     settings=Settings(model=model("free_space"), radius_m=5000.0, receiver_height_m=1.5),
    ...     refractivity=Refractivity(),
    ... )
    >>> places = pd.DataFrame({"x_m": 1050.0, "y_m": 1950.0, "operator": ["B", "A", "C"],
    ...                        "technology": "4G"})
    >>> received_at(plan, places)[["cell", "level_dbm", "in_sight"]].round(1)
       cell  level_dbm  in_sight
    0     1      -66.5      True
    1     0      -56.5      True
    2    -1        NaN     False
    """
    grid = plan.conditions.terrain.grid
    row, column, inside = grid.index(places["x_m"].to_numpy(), places["y_m"].to_numpy())
    found: dict[str, NDArray[Any]] = {name: np.full(len(places), np.nan) for name in _VALUES}
    found["cell"] = np.full(len(places), NOBODY)
    found["in_sight"] = np.zeros(len(places), dtype=bool)
    asked = _asked(plan, places)
    masts = _masts(plan)
    work = partial(_of_mast, plan, asked, row, column, inside)
    for at, values in each(work, masts):
        stronger = values["level_dbm"] > np.nan_to_num(found["level_dbm"][at], nan=-np.inf)
        same = values["level_dbm"] == found["level_dbm"][at]
        stronger |= same & (values["cell"] < found["cell"][at])
        for name, of in values.items():
            found[name][at[stronger]] = of[stronger]
    sight = partial(_in_sight_of, plan, row, column, found["cell"])
    for at, seen in each(sight, masts):
        found["in_sight"][at] = seen
    land = plan.conditions.terrain.land
    found["land"] = np.full(len(places), NOBODY)
    if land is not None:
        found["land"][inside] = land[row[inside], column[inside]]
    return pd.DataFrame(found, index=places.index)


def _masts(plan: Plan) -> list[tuple[Place, Cells]]:
    placed = sorted(
        (one for site in plan.sites for one in site.placed),
        key=lambda one: (one[0].x_m, one[0].y_m, one[0].surveyed_m or 0.0),
    )
    return [
        (place, [sector for _, sector in of_mast])
        for place, of_mast in groupby(placed, key=itemgetter(0))
    ]


def _asked(plan: Plan, places: pd.DataFrame) -> pd.DataFrame:
    """Return what each place admits, as plain columns; a cell that nobody knows is none."""
    nothing = pd.Series(np.nan, places.index)
    ids = pd.Index(plan.cells["cell_id"].astype(object))
    cells = places.get("cell_id", pd.Series(None, places.index, dtype=object)).astype(object)
    return pd.DataFrame(
        {
            "operator": places["operator"].astype(object).to_numpy(),
            "technology": places["technology"].astype(object).to_numpy(),
            "frequency_mhz": places.get("frequency_mhz", nothing).to_numpy(float),
            "row": ids.get_indexer(pd.Index(cells)),
            "x_m": places["x_m"].to_numpy(float),
            "y_m": places["y_m"].to_numpy(float),
        }
    )


def _of_mast(
    plan: Plan,
    asked: pd.DataFrame,
    row: NDArray[np.intp],
    column: NDArray[np.intp],
    inside: Flags,
    mast: tuple[Place, Cells],
) -> tuple[NDArray[np.intp], dict[str, NDArray[Any]]]:
    """Return the places that hear a mast, and what they receive of its strongest cell."""
    place, cells = mast
    far = _as_far_as_wanted(place, plan)
    east_m, north_m = asked["x_m"].to_numpy() - place.x_m, asked["y_m"].to_numpy() - place.y_m
    rows, columns = plan.conditions.around(far).window
    # A place just within the radius may have its pixel's centre beyond it: out of the window.
    on_window = (
        (rows.start <= row)
        & (row < rows.stop)
        & (columns.start <= column)
        & (column < columns.stop)
    )
    (near,) = np.nonzero(inside & on_window & (np.hypot(east_m, north_m) <= far.radius_m))
    admitted = [_admits(asked.iloc[near], sector) for sector in cells]
    heard = np.logical_or.reduce(admitted)
    at, admitted = near[heard], [one[heard] for one in admitted]
    if not at.size:
        return at, {name: np.empty(0) for name in (*_VALUES, "cell")}
    over, own = _over_pixels(plan, far, row[at], column[at])
    best: dict[str, NDArray[Any]] = {name: np.full(at.size, np.nan) for name in _VALUES}
    best["cell"] = np.full(at.size, NOBODY)
    for sector, of_sector in zip(cells, admitted, strict=True):
        if not of_sector.any():
            continue
        sent_dbm = sector.eirp_dbm - over.attenuation_db(sector)[0].astype(float)
        values = {
            "level_dbm": sent_dbm - over.loss_db(sector)[0],
            "open_level_dbm": sent_dbm - over.open_loss_db(sector)[0],
            "free_level_dbm": sent_dbm - over.free_space_db(sector)[0],
            "distance_m": over.distance_m[0],
            "terrain_db": over.terrain_db(sector)[0],
            "clutter_db": over.far_clutter_db(sector)[0],
            "cell": np.full(sent_dbm.size, sector.row),
        }
        level = np.where(of_sector, values["level_dbm"][own], np.nan)
        stronger = level > np.nan_to_num(best["level_dbm"], nan=-np.inf)
        for name, of in values.items():
            best[name][stronger] = of[own][stronger]
    reached = best["cell"] != NOBODY
    return at[reached], {name: of[reached] for name, of in best.items()}


def _in_sight_of(
    plan: Plan,
    row: NDArray[np.intp],
    column: NDArray[np.intp],
    cell: NDArray[np.int64],
    mast: tuple[Place, Cells],
) -> tuple[NDArray[np.intp], Flags]:
    """Return the places whose strongest cell is one of a mast's, and which of them see it."""
    place, cells = mast
    (at,) = np.nonzero(np.isin(cell, [sector.row for sector in cells]))
    seen = np.zeros(at.size, dtype=bool)
    if at.size:
        over, own = _over_pixels(plan, _as_far_as_wanted(place, plan), row[at], column[at])
        for height_m in sorted({sector.height_m for sector in cells}):
            alike = [sector for sector in cells if sector.height_m == height_m]
            theirs = np.isin(cell[at], [sector.row for sector in alike])
            if theirs.any():
                seen[theirs] = over.in_sight(alike[0])[0][own][theirs]
    return at, seen


def _as_far_as_wanted(place: Place, plan: Plan) -> Place:
    """Return a mast that is heard as far as the settings go, not only as far as it serves."""
    return replace(place, radius_m=plan.conditions.settings.radius_m)


def _over_pixels(
    plan: Plan, place: Place, row: NDArray[np.intp], column: NDArray[np.intp]
) -> tuple[Mast, NDArray[np.intp]]:
    """Return a mast over the pixels of places, each once, and which pixel each place has."""
    pixels, own = np.unique(np.stack([row, column]), axis=1, return_inverse=True)
    return Mast(plan.conditions, place, (pixels[0], pixels[1]), alone=True), own.ravel()


def _admits(asked: pd.DataFrame, sector: Sector) -> Flags:
    """Tell which places were measured on a cell, or on any of its kind."""
    kind = (asked["operator"] == sector.operator) & (asked["technology"] == sector.technology)
    off_mhz = (asked["frequency_mhz"] - sector.frequency_mhz).abs()
    in_band = asked["frequency_mhz"].isna() | (off_mhz <= NEAR_FREQUENCY * sector.frequency_mhz)
    # A cell named by its own id is the one, whatever else was written beside it.
    return np.where(
        asked["row"] == NOBODY, kind & in_band, (asked["row"] == sector.row) & kind
    ).astype(bool)
