"""From cells to the signal of every service on the grid.

`plan_prediction` checks the cells and splits them into sites, `predict_sites`
(best_servers) finds the best servers of any of these, and `Plan.signals` turns
what was found of all of them into rasters. `predict` is the three in a row.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from pyproj import CRS

from .._cache import TileCache
from ..errors import CrsMismatchError
from ..grid import blocks_of_rows, grid_of
from ..i18n import LANGUAGES, text
from .best_servers import Best, predict_sites
from .clutter import LandCover
from .heights import Heights
from .masts import Conditions
from .obstacle_ground import ObstacleGround
from .patterns import Patterns
from .propagation import Refractivity
from .sampling import Terrain, land_around
from .sectors import NO_PATTERNS, Sector, read_sectors
from .services import ServiceRule
from .settings import Settings
from .signals import Signal, signal_of, values_of
from .sites import Site, gather_sites, locate, renumbered, require_ranges

Values = dict[str, "NDArray[Any]"]
Each = Callable[[Callable[[int], Values], Iterable[int]], Iterable[Values]]


@dataclass(frozen=True)
class Prediction:
    """What `predict` returns.

    Parameters
    ----------
    services : mapping of str to Signal
    rejected : DataFrame
        Cells that no signal was predicted for: ``site_id``, ``station_id``,
        ``cell_id`` and why, ``reason_vi`` and ``reason_en``.
    """

    services: Mapping[str, Signal]
    rejected: pd.DataFrame


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Cells that were checked, split into sites that can be predicted apart.

    Parameters
    ----------
    cells : GeoDataFrame
        As given to `plan_prediction`.
    services : tuple of ServiceRule
    conditions : Conditions
        Terrain, settings and refractivity.
    sites : tuple of Site
        What `predict_sites` takes: all of them, or any part.
    rejected : DataFrame
        As in `Prediction`.
    """

    cells: gpd.GeoDataFrame
    services: tuple[ServiceRule, ...]
    conditions: Conditions
    sites: tuple[Site, ...]
    rejected: pd.DataFrame

    def signals(self, best: Best, each: Each = map) -> Prediction:
        """Return the signal of every service from the best servers of all sites.

        Parameters
        ----------
        best : Best
            Of all `sites`, merged. It is spent: its arrays become the rasters.
        each : callable
            Goes through the services as `map` does, several at a time if wanted.

        Returns
        -------
        Prediction
        """
        values = self.values(best, each)
        signals = {name: signal_of(found, best.grid) for name, found in values.items()}
        return Prediction(signals, self.rejected)

    def values(self, best: Best, each: Each = map) -> dict[str, dict[str, NDArray[Any]]]:
        """Return the values of all rasters, by service and the names of `Signal`.

        Parameters
        ----------
        best, each
            As for `signals`.

        Returns
        -------
        dict of str to dict of str to ndarray, shape (y, x)
        """
        serving = {
            row
            for layer in best.server
            for rows in blocks_of_rows(best.grid.height)
            for row in np.unique(layer[rows]).tolist()
        }
        grounds = ObstacleGround(
            self.conditions,
            {
                sector.row: place
                for site in self.sites
                for place, sector in site.placed
                if sector.row in serving
            },
        )

        kinds: dict[tuple[str, str, float], list[Sector]] = {}
        for site in self.sites:
            for _, sector in site.placed:
                kind = sector.operator, sector.technology, sector.frequency_mhz
                kinds.setdefault(kind, []).append(sector)

        def of_layer(layer: int) -> Values:
            needed_dbm = self._needed_dbm(self.services[layer], kinds.values())
            return values_of(best, layer, needed_dbm, conditions=self.conditions, grounds=grounds)

        layers = range(len(self.services))
        return dict(zip((rule.id for rule in self.services), each(of_layer, layers), strict=True))

    def _needed_dbm(
        self, rule: ServiceRule, kinds: Iterable[Sequence[Sector]]
    ) -> NDArray[np.float32]:
        """Return the level at which each cell just serves, by row; NaN at the end, for nobody.

        Cells of a kind are alike in operator, technology and frequency.
        """
        needed = np.full(len(self.cells) + 1, np.nan, dtype=np.float32)
        for alike in kinds:
            if rule.admits(alike[0]):
                needed[[sector.row for sector in alike]] = rule.needed_dbm(alike[0])
        return needed

    def cached_in(self, folder: Path | None) -> "Plan":
        """Return the plan with another folder for tiles, or none.

        Parameters
        ----------
        folder : path, optional
            As ``cache_folder`` of `plan_prediction`.

        Returns
        -------
        Plan
        """
        cache = None if folder is None else TileCache(folder)
        return replace(self, conditions=replace(self.conditions, cache=cache))

    def end(self) -> None:
        """End the prediction: kept tiles that it did not use are cut back to the limit."""
        if self.conditions.cache is not None:
            self.conditions.cache.keep_to_limit()

    def with_cells(
        self, cells: gpd.GeoDataFrame, rows: NDArray[np.int32], come: "Plan", of: NDArray[np.int32]
    ) -> "Plan":
        """Return the plan of other cells, of which most were planned already.

        Parameters
        ----------
        cells : GeoDataFrame
            All of them.
        rows : ndarray of int32, shape (cells of this plan,)
            Rows among `cells` of those that stay as they are, in the same order; -1
            for all cells of a station of which one does not.
        come : Plan
            Of the other stations.
        of : ndarray of int32, shape (cells of `come`,)
            Their rows among `cells`.

        Returns
        -------
        Plan
        """
        row = pd.Series(np.arange(len(cells)), index=cells["cell_id"])
        left_out = self.rejected
        if len(left_out):
            left_out = left_out[left_out["cell_id"].isin(self.cells["cell_id"][rows >= 0])]
        rejected = pd.concat([left_out, come.rejected])
        return replace(
            self,
            cells=cells,
            sites=renumbered(self.sites, rows) + renumbered(come.sites, of),
            rejected=rejected.sort_values(
                "cell_id", key=lambda ids: ids.map(row), ignore_index=True
            ),
        )


def plan_prediction(  # noqa: PLR0913 - what a prediction depends on, each with a name
    cells: gpd.GeoDataFrame,
    height_m: xr.DataArray,
    services: Sequence[ServiceRule],
    *,
    settings: Settings,
    refractivity: Refractivity,
    patterns: Patterns = NO_PATTERNS,
    native_m: xr.DataArray | None = None,
    clutter_m: xr.DataArray | None = None,
    land_cover: LandCover | None = None,
    cache_folder: Path | None = None,
) -> Plan:
    """Check the cells and split them into sites, without predicting anything.

    Parameters
    ----------
    cells, height_m, services, settings, refractivity, patterns
        As for `predict`.
    native_m, clutter_m, land_cover, cache_folder
        As for `predict`.

    Returns
    -------
    Plan

    Raises
    ------
    CellRangeError, InputError, GridMismatchError
        As `predict`.
    CrsMismatchError
        If the cells are not in the grid's CRS.

    Examples
    --------
    Two masts 300 m apart with a station each; the sites are predicted apart, the
    second first, and merged.

    >>> from phusong.grid import Grid
    >>> from phusong.radio import Settings, merge, model, predict_sites
    >>> grid = Grid("EPSG:9209", 100.0, 0.0, 500.0, 5, 5)
    >>> ground = grid.wrap(np.zeros(grid.shape, np.float32), "terrain")
    >>> cells = gpd.GeoDataFrame(
    ...     {"site_id": ["S1", "S2"], "station_id": ["S1", "S2"], "cell_id": ["S1", "S2"],
    ...      "operator": "Viettel", "technology": "4G", "frequency_mhz": 900.0,
    ...      "antenna_height_m": 6.0, "rs_eirp_dbm": [35.0, 30.0], "antenna": "omni"},
    ...     geometry=gpd.points_from_xy([50.0, 350.0], [250.0, 250.0]), crs="EPSG:9209",
    ... )
    >>> plan = plan_prediction(
    ...     cells, ground, [ServiceRule("4g", ["4G"], [], {"4G": -115.0}, allowance_db=10.0)],
    ...     settings=Settings(model=model("free_space"), radius_m=400.0, receiver_height_m=1.5),
    ...     refractivity=Refractivity(),
    ... )
    >>> parts = [
    ...     predict_sites([site], services=plan.services, conditions=plan.conditions)
    ...     for site in reversed(plan.sites)
    ... ]
    >>> plan.signals(merge(parts)).services["4g"].best_server[2].to_numpy().tolist()
    [0, 0, 1, 1, 1]
    """
    grid = grid_of(height_m)
    if cells.crs is None or CRS.from_user_input(grid.crs) != cells.crs:
        raise CrsMismatchError("cells", str(cells.crs), grid.crs)
    clutter = None
    if clutter_m is not None:
        grid.require(clutter_m, "clutter")
        clutter = _contiguous(clutter_m)
    if land_cover is not None:
        grid.require(land_cover.index, "land cover")
    conditions = Conditions(
        terrain=Terrain(
            grid=grid,
            heights=Heights.of(height_m if native_m is None else native_m),
            step_m=settings.profile_step_m,
            clutter_m=clutter,
            **land_around(clutter_m, land_cover),
        ),
        settings=settings,
        refractivity=refractivity,
        cache=None if cache_folder is None else TileCache(cache_folder),
    )
    sectors = [
        sector
        for sector in read_sectors(cells, patterns)
        if any(rule.admits(sector) for rule in services)
    ]
    complete = [sector for sector in sectors if sector.complete]
    require_ranges(cells, complete, conditions, services)
    places, reasons = locate(sectors, conditions, services)
    return Plan(
        cells=cells,
        services=tuple(services),
        conditions=conditions,
        sites=gather_sites(cells, [(places[s.row], s) for s in sectors if s.row in places]),
        rejected=_rejected(cells, reasons),
    )


def predict(  # noqa: PLR0913 - as `plan_prediction`
    cells: gpd.GeoDataFrame,
    height_m: xr.DataArray,
    services: Sequence[ServiceRule],
    *,
    settings: Settings,
    refractivity: Refractivity,
    patterns: Patterns = NO_PATTERNS,
    native_m: xr.DataArray | None = None,
    clutter_m: xr.DataArray | None = None,
    land_cover: LandCover | None = None,
    cache_folder: Path | None = None,
) -> Prediction:
    """Predict the signal of every service, one site after another.

    The loss around an antenna is computed once for each mast, antenna height
    and frequency, and shared by all its cells.

    Parameters
    ----------
    cells : GeoDataFrame
        As `tables.CELLS`, those on air, in the grid's CRS. Without azimuth a
        cell is omnidirectional; without beamwidth or tilt it has the 70° of
        3GPP TR 36.814, and none.
    height_m : DataArray, shape (y, x)
        Ground on a `Grid`, metres above sea level; NaN where unknown.
    services : sequence of ServiceRule
        Cells that none of them admits take no part.
    settings : Settings
        Propagation model, radius, receiver.
    refractivity : Refractivity
        Of the atmosphere over the terrain.
    patterns : Patterns, optional
        Pattern files that cells may name, from `read_patterns`.
    native_m : DataArray, shape (rows, columns), optional
        Elevation that profiles read, at its own resolution and in its own CRS, with
        transform; `height_m` itself if absent. NaN where unknown.
    clutter_m : DataArray, shape (y, x), optional
        Representative clutter above ground on the same grid: what may hide a receiver,
        and what stands around antennas where there is no `land_cover`.
    land_cover : LandCover, optional
        What stands around the antennas at both ends, on the same grid; by `clutter_m`
        if absent, and nothing if that is absent too.
    cache_folder : path, optional
        Keep loss tiles there, up to the folder's limit; one that is damaged or not right is
        computed anew, a folder that fails is logged.

    Returns
    -------
    Prediction

    Raises
    ------
    CellRangeError
        If cells lie outside the ranges of the model; names every one, before
        anything is computed.
    InputError
        If a cell's antenna pattern or power cannot be used; see `read_sectors`.
    CrsMismatchError
        If the cells are not in the grid's CRS.
    GridMismatchError
        If the clutter or the land cover does not lie on the grid.

    Examples
    --------
    One 4G cell above flat ground: the pixel 200 m east of the mast receives
    35 dBm less 77.6 dB of free space (and 0.1 dB off the beam's axis).

    >>> from phusong.grid import Grid
    >>> from phusong.radio import model
    >>> grid = Grid("EPSG:9209", 100.0, 0.0, 500.0, 5, 5)
    >>> ground = grid.wrap(np.zeros(grid.shape, np.float32), "terrain")
    >>> cell = gpd.GeoDataFrame(
    ...     {"site_id": ["S1"], "station_id": ["S1-4G"], "cell_id": ["S1-4G-1"],
    ...      "operator": ["Viettel"], "technology": ["4G"], "frequency_mhz": [900.0],
    ...      "antenna_height_m": [6.0], "rs_eirp_dbm": [35.0], "azimuth_deg": [90.0],
    ...      "beamwidth_deg": [65.0], "tilt_deg": [0.0], "antenna": ["3gpp"]},
    ...     geometry=gpd.points_from_xy([250.0], [250.0]), crs="EPSG:9209",
    ... )
    >>> outdoor = ServiceRule("4g", ["4G"], [], {"4G": -115.0}, allowance_db=10.0)
    >>> settings = Settings(
    ...     model=model("free_space"), radius_m=200.0, receiver_height_m=1.5, profile_step_m=100.0
    ... )
    >>> found = predict(cell, ground, [outdoor], settings=settings, refractivity=Refractivity())
    >>> round(float(found.services["4g"].level_dbm[2, 4]), 1)
    -42.8
    >>> round(float(found.services["4g"].margin_db[2, 4]), 1)
    62.2
    """
    plan = plan_prediction(
        cells,
        height_m,
        services,
        settings=settings,
        refractivity=refractivity,
        patterns=patterns,
        native_m=native_m,
        clutter_m=clutter_m,
        land_cover=land_cover,
        cache_folder=cache_folder,
    )
    best = predict_sites(plan.sites, services=plan.services, conditions=plan.conditions)
    plan.end()
    return plan.signals(best)


def _contiguous(raster: xr.DataArray) -> NDArray[np.float32]:
    return np.ascontiguousarray(raster.to_numpy(), dtype=np.float32)


def _rejected(cells: gpd.GeoDataFrame, reasons: Mapping[int, str]) -> pd.DataFrame:
    rows = sorted(reasons)
    table = pd.DataFrame(cells)[["site_id", "station_id", "cell_id"]].iloc[rows]
    return table.reset_index(drop=True).assign(
        **{f"reason_{lang}": [text(reasons[row], lang) for row in rows] for lang in LANGUAGES}
    )
