"""A mast over its terrain: what the cells of one mast share, computed as they ask for it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .._cache import TileCache
from ._p1812_terms import median_radius
from .models import ours
from .propagation import Link, Refractivity
from .sampling import Surroundings, Terrain
from .sectors import Sector
from .settings import Settings
from .tiles import loss_tile, obstacle_tile


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


class Mast:
    """A mast: each loss and each obstacle is computed once, whichever cell asks first.

    Parameters
    ----------
    conditions : Conditions
    place : Place
    """

    def __init__(self, conditions: Conditions, place: Place) -> None:
        self.place = place
        self.view = conditions.around(place)
        self._conditions = conditions
        self._losses: dict[tuple[float, float], NDArray[np.float32]] = {}
        self._obstacles: dict[float, NDArray[np.uint16]] = {}
        self._depressions: dict[float, NDArray[np.float32]] = {}

    def link(self, sector: Sector) -> Link:
        """Return the link of a cell's carrier to any receiver."""
        return self._conditions.link(sector, latitude_deg=self.place.latitude_deg)

    def loss_db(self, sector: Sector) -> NDArray[np.float32]:
        """Return the basic transmission loss to the pixels of the window."""
        key = sector.height_m, sector.frequency_mhz
        if key not in self._losses:
            model = self._conditions.settings.model
            self._losses[key] = loss_tile(
                self.view,
                self.link(sector),
                model=model,
                cache=self._conditions.cache if ours(type(model)) else None,
            )
        return self._losses[key]

    def obstacle(self, sector: Sector) -> NDArray[np.uint16]:
        """Return the steps from the pixels of the window back to their obstacle."""
        if sector.height_m not in self._obstacles:
            self._obstacles[sector.height_m] = obstacle_tile(
                self.view, self.link(sector), cache=self._conditions.cache
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
