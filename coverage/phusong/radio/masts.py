"""A mast over its terrain: what the cells of one mast share, computed as they ask for it."""

import math
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._cache import TileCache
from ._clutter_kernels import add_combined
from ._correction_kernels import add_correction
from ._p1812_terms import median_radius
from .clutter import (
    ClutterClass,
    ClutterRule,
    clutter_loss_db,
    far_clutter_db,
    median_terrestrial_db,
    share_of_clutter,
)
from .correction import Correction, Corrections
from .free_space import level_free_space_db
from .models import ours
from .propagation import Link, Refractivity
from .sampling import Pixels, Surroundings, Terrain
from .sectors import Sector
from .settings import Settings
from .tiles import loss_on_pixels, loss_tiles, obstacle_tile, sight_on_pixels

TABLE_M = 5000
"""Tables by distance are as long as a multiple of it, so that masts of many radii share them."""


@dataclass(frozen=True)
class Place:
    """Where a mast stands, in the grid's CRS, and how far it is heard.

    `surveyed_m` is the elevation under it if the table has one; else the terrain's counts.
    """

    x_m: float
    y_m: float
    latitude_deg: float
    radius_m: float
    surveyed_m: float | None = None


@dataclass(frozen=True, kw_only=True)
class Conditions:
    """What all masts of a prediction have in common.

    Parameters
    ----------
    terrain : Terrain
    settings : Settings
    refractivity : Refractivity
    cache : TileCache, optional
        Where computed losses and obstacles are kept.
    """

    terrain: Terrain
    settings: Settings
    refractivity: Refractivity
    cache: TileCache | None = None

    @property
    def clutter_rule(self) -> ClutterRule:
        """The rule that holds for clutter at the ends: none if the model holds it already."""
        return "none" if self.settings.model.includes_clutter else self.settings.clutter_rule

    def around(self, place: Place) -> Surroundings:
        """Return how a mast sees the terrain.

        Parameters
        ----------
        place : Place

        Returns
        -------
        Surroundings
        """
        return Surroundings(
            terrain=self.terrain,
            x_m=place.x_m,
            y_m=place.y_m,
            radius_m=place.radius_m,
            surveyed_m=place.surveyed_m,
        )

    def link(self, sector: Sector, *, latitude_deg: float = Link.latitude_deg) -> Link:
        """Return the link of a cell's carrier to any receiver.

        Parameters
        ----------
        sector : Sector
            Its frequency and antenna height count.
        latitude_deg : float
            Of the mast, north positive.

        Returns
        -------
        Link
        """
        return Link(
            frequency_mhz=sector.frequency_mhz,
            transmitter_height_m=sector.height_m,
            receiver_height_m=self.settings.receiver_height_m,
            time_percent=self.settings.time_percent,
            polarization=self.settings.polarization,
            latitude_deg=latitude_deg,
            delta_n_per_km=self.refractivity.delta_n_per_km,
            n0=self.refractivity.n0,
        )


class ByMetre(NamedTuple):
    """What depends on a carrier and on whole metres from the mast alone; 0 m stands for 1 m.

    Each an ndarray of float64: free space, the logarithm of the distance, P.2108 3.2.
    """

    free_space_db: NDArray[np.float64]
    decades: NDArray[np.float64]
    terrestrial_db: NDArray[np.float64]


def by_metre(frequency_mhz: float, farthest_m: int) -> ByMetre:
    """Return what depends on distance alone, for pixels up to `farthest_m`."""
    return _by_metre(frequency_mhz, math.ceil((farthest_m + 1) / TABLE_M) * TABLE_M)


@lru_cache(maxsize=32)
def _by_metre(frequency_mhz: float, metres: int) -> ByMetre:
    distance_m = np.maximum(np.arange(metres), 1.0)
    return ByMetre(
        level_free_space_db(frequency_mhz, distance_m),
        np.log10(distance_m),
        median_terrestrial_db(frequency_mhz, distance_m),
    )


class Mast:
    """A mast: each loss and each obstacle is computed once, whichever cell asks first.

    Parameters
    ----------
    conditions : Conditions
    place : Place
    pixels : (ndarray of int, ndarray of int), shape (n,) each, optional
        Rows and columns of the grid, within the window, that are wanted instead of the
        whole of it; arrays then have the shape (1, n).
    alone : bool
        Whether losses are computed along the rays to these pixels only, for few pixels
        of a window whose tile is not kept.
    together : collection of Sector
        Cells whose losses will be asked for: those of one antenna height are computed
        together, which costs less.
    """

    def __init__(
        self,
        conditions: Conditions,
        place: Place,
        pixels: Pixels | None = None,
        *,
        alone: bool = False,
        together: Collection[Sector] = (),
    ) -> None:
        self.place, self._alone, self._together = place, alone, together
        self._around = conditions.around(place)
        self.view = self._around if pixels is None else replace(self._around, pixels=pixels)
        self._conditions = conditions
        self._bare: dict[tuple[float, float], NDArray[np.float32]] = {}
        self._losses: dict[tuple[float, float], NDArray[np.float32]] = {}
        self._obstacles: dict[float, NDArray[np.uint16]] = {}
        self._depressions: dict[float, NDArray[np.float32]] = {}

    def link(self, sector: Sector) -> Link:
        """Return the link of a cell's carrier to any receiver."""
        return self._conditions.link(sector, latitude_deg=self.place.latitude_deg)

    def part(self, positions: NDArray[np.int64]) -> "Mast":
        """Return the mast over some of the pixels wanted, by their positions among these."""
        assert self.view.pixels is not None, "asked of masts over single pixels alone"
        rows, columns = self.view.pixels
        mast = Mast(self._conditions, self.place, (rows[positions], columns[positions]))
        mast._bare = {key: loss[:, positions] for key, loss in self._bare.items()}
        return mast

    def loss_db(self, sector: Sector) -> NDArray[np.float32]:
        """Return the loss to the pixels of the window: calibrated, or with clutter and mean error.

        The mean error is that known beforehand.
        """
        key = sector.height_m, sector.frequency_mhz
        if key not in self._losses:
            bare = self._bare_db(sector)
            found = self._less_mean_error(self._with_clutter(bare, sector))
            corrections = self._conditions.settings.corrections
            if corrections is not None:
                found = self._corrected(corrections, bare, found, sector)
            self._losses[key] = found
        return self._losses[key]

    def least_loss_db(self, sector: Sector) -> NDArray[np.float32]:
        """Return a loss never above `loss_db`: without clutter, where nothing is calibrated."""
        if self._conditions.settings.corrections is not None:
            return self.loss_db(sector)
        return self._less_mean_error(self._bare_db(sector))

    def correction_at(self, link: Link, row: int, column: int) -> Correction | None:
        """Return what calibration adds to losses from the mast to one pixel, if anything."""
        corrections, terrain = self._conditions.settings.corrections, self._conditions.terrain
        if corrections is None:
            return None
        found = self._correction(corrections, link, terrain.class_at(float(row), float(column)))
        if corrections.places is None:
            return found
        at = terrain.grid.x_m[column], terrain.grid.y_m[row]
        return replace(found, offset_db=found.offset_db + float(corrections.places.at(*at)))

    def _correction(
        self, corrections: Corrections, link: Link, receiver: ClutterClass | None
    ) -> Correction:
        """Return what calibration adds to losses from the mast to one kind of land."""
        if self._conditions.terrain.land is None:
            receiver = None
        clutter_db = 0.0
        if receiver is not None and self._conditions.clutter_rule != "none":
            clutter_db = far_clutter_db(link, receiver=receiver, transmitter=self.view.land_of_mast)
        mast_m = self.place.x_m, self.place.y_m
        return corrections.of(mast_m, link.frequency_mhz, receiver, clutter_db)

    def _corrected(
        self,
        corrections: Corrections,
        bare: NDArray[np.float32],
        uncalibrated: NDArray[np.float32],
        sector: Sector,
    ) -> NDArray[np.float32]:
        """Return the calibrated loss, see `Correction`."""
        terrain, link = self._conditions.terrain, self.link(sector)
        land = np.zeros(bare.shape, dtype=np.uint8)
        classes: tuple[ClutterClass | None, ...] = (None,)
        if terrain.land is not None:
            land, classes = self._wanted(terrain.land[self.view.window]), terrain.classes
        of_class = [self._correction(corrections, link, each) for each in classes]
        table = by_metre(link.frequency_mhz, self.view.farthest_m)
        loss = np.empty_like(bare)
        add_correction(
            bare,
            uncalibrated,
            self.view.distance_m,
            self.depression_deg(sector),
            land,
            table.free_space_db,
            table.decades,
            np.array([one.coefficients for one in of_class]),
            np.array(of_class[0].limits),
            loss,
        )
        if corrections.places is not None:
            x_m, y_m = terrain.grid.x_m, terrain.grid.y_m
            rows, columns = self.view.window
            if self.view.pixels is None:
                loss += corrections.places.at(x_m[None, columns], y_m[rows, None])
            else:
                rows_px, columns_px = self.view.pixels
                loss += corrections.places.at(x_m[columns_px], y_m[rows_px])
        return loss

    def open_loss_db(self, sector: Sector) -> NDArray[np.float32]:
        """Return the loss over bare ground, with neither clutter nor the known mean error."""
        return self._bare_db(sector)

    def _less_mean_error(self, loss_db: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return a loss from which levels come that the known mean error is taken off."""
        known_db = self._conditions.settings.mean_error_db
        return loss_db + np.float32(known_db) if known_db else loss_db

    def _bare_db(self, sector: Sector) -> NDArray[np.float32]:
        key = sector.height_m, sector.frequency_mhz
        model = self._conditions.settings.model
        if key not in self._bare and self._alone:
            self._bare[key] = loss_on_pixels(
                self._around, self.link(sector), model=model, pixels=self._positions
            )[None]
        if key not in self._bare:
            together = {key[1]: sector} | {
                other.frequency_mhz: other
                for other in self._together
                if other.height_m == sector.height_m
            }
            tiles = loss_tiles(
                self._around,
                [self.link(other) for other in together.values()],
                model=model,
                cache=self._conditions.cache if ours(type(model)) else None,
            )
            for frequency_mhz, tile in zip(together, tiles, strict=True):
                self._bare[key[0], frequency_mhz] = self._wanted(tile)
        return self._bare[key]

    def _with_clutter(self, bare: NDArray[np.float32], sector: Sector) -> NDArray[np.float32]:
        """Return the loss with what clutter at both ends adds; see `clutter_loss_db`."""
        terrain, rule = self._conditions.terrain, self._conditions.clutter_rule
        if terrain.land is None or rule == "none":
            return bare
        land: NDArray[np.uint8] = self._wanted(terrain.land[self.view.window])
        link = self.link(sector)
        if rule == "sum":
            added = [
                clutter_loss_db(0.0, 0.0, 0.0, link, receiver=each, rule="sum")
                for each in terrain.classes
            ]
            return bare + np.array(added, dtype=np.float32)[land]
        mast = share_of_clutter(link, link.transmitter_height_m, self.view.land_of_mast)
        share = [
            math.hypot(share_of_clutter(link, link.receiver_height_m, each), mast)
            for each in terrain.classes
        ]
        table = by_metre(link.frequency_mhz, self.view.farthest_m)
        loss = np.empty_like(bare)
        add_combined(
            bare,
            self.view.distance_m,
            self.depression_deg(sector),
            land,
            table.free_space_db,
            table.terrestrial_db,
            np.array(share),
            loss,
        )
        return loss

    def obstacle(self, sector: Sector) -> NDArray[np.uint16]:
        """Return the steps from the pixels of the window back to their obstacle."""
        if sector.height_m not in self._obstacles:
            self._obstacles[sector.height_m] = self._wanted(
                obstacle_tile(self._around, self.link(sector), cache=self._conditions.cache)
            )
        return self._obstacles[sector.height_m]

    def depression_deg(self, sector: Sector) -> NDArray[np.float32]:
        """Return how far below the horizontal an antenna sees the pixels of the window."""
        if sector.height_m not in self._depressions:
            self._depressions[sector.height_m] = self.view.depression_deg(
                antenna_height_m=sector.height_m,
                receiver_height_m=self._conditions.settings.receiver_height_m,
                effective_radius_km=median_radius(self._conditions.refractivity.delta_n_per_km),
            )
        return self._depressions[sector.height_m]

    def attenuation_db(self, sector: Sector) -> NDArray[np.float32]:
        """Return how far below its beam axis a cell radiates towards the pixels of the window."""
        return sector.antenna.attenuation_db(self.view.azimuth_deg, self.depression_deg(sector))

    def in_sight(self, sector: Sector) -> NDArray[np.bool_]:
        """Return which of the single pixels wanted an antenna sees over the terrain."""
        return sight_on_pixels(self._around, self.link(sector), self._positions)[None]

    def terrain_db(self, sector: Sector) -> NDArray[np.float64]:
        """Return what terrain takes beyond free space, 0 at least."""
        free_db = self.free_space_db(sector)
        return np.maximum(self._bare_db(sector) - free_db, 0.0)

    def free_space_db(self, sector: Sector) -> NDArray[np.float64]:
        """Return the loss of free space to the same places."""
        level_db = level_free_space_db(sector.frequency_mhz, self.distance_m)
        slant = np.cos(np.radians(self.depression_deg(sector), dtype=np.float64))
        return np.asarray(level_db - 20.0 * np.log10(slant))

    @property
    def distance_m(self) -> NDArray[np.float64]:
        """How far from the mast each pixel of the window lies, along the ground."""
        return self.view.distance_m.astype(np.float64)

    def far_clutter_db(self, sector: Sector) -> NDArray[np.float64]:
        """Return what clutter at both ends takes in sight, see `clutter.far_clutter_db`."""
        terrain = self._conditions.terrain
        if terrain.land is None or self._conditions.clutter_rule == "none":
            return np.zeros(self.view.distance_m.shape)
        link, mast = self.link(sector), self.view.land_of_mast
        of_class = [
            far_clutter_db(link, receiver=each, transmitter=mast) for each in terrain.classes
        ]
        return np.asarray(np.array(of_class)[self._wanted(terrain.land[self.view.window])])

    @property
    def _positions(self) -> NDArray[np.int64]:
        """Positions of the single pixels wanted in the flattened window."""
        assert self.view.pixels is not None, "asked of masts over single pixels alone"
        (rows, columns), window = self.view.pixels, self.view.window
        width = window[1].stop - window[1].start
        return np.asarray((rows - window[0].start) * width + columns - window[1].start)

    def _wanted(self, tile: NDArray[Any]) -> NDArray[Any]:
        if self.view.pixels is None:
            return tile
        (rows, columns), window = self.view.pixels, self.view.window
        return tile[None, rows - window[0].start, columns - window[1].start]
