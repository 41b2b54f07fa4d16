"""What measured places say of a prediction over bare ground, as the engine applies it.

Where it comes from: docs/methods/calibration.md.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ._correction_kernels import correction_db
from .clutter import ClutterClass


@dataclass(frozen=True, kw_only=True)
class Correction:
    """What calibration adds to the loss over bare ground from one mast, to one kind of land.

    Parameters
    ----------
    offset_db : float
        At 1 m, where terrain takes nothing.
    slope_db : float
        More for ten times the distance.
    weight : float
        More for each decibel that terrain takes beyond free space.
    added_weight : float
        More for each decibel that clutter and the known mean error add without calibration.
    distances_m, terrain_db : (float, float)
        Measured, the least and the largest; beyond them the correction is that at the nearer.
    """

    offset_db: float
    slope_db: float
    weight: float
    added_weight: float
    distances_m: tuple[float, float]
    terrain_db: tuple[float, float]

    @property
    def coefficients(self) -> tuple[float, float, float, float]:
        """As the compiled loop takes them."""
        return self.offset_db, self.slope_db, self.weight, self.added_weight

    @property
    def limits(self) -> tuple[float, float, float, float]:
        """As the compiled loop takes them."""
        nearest, farthest = np.log10(self.distances_m).tolist()
        return nearest, farthest, *self.terrain_db

    def loss_db(self, distance_m: float, terrain_db: float, added_db: float) -> float:
        """Return what is added to the loss of one path over bare ground.

        Parameters
        ----------
        distance_m : float
        terrain_db : float
            What terrain takes beyond free space, 0 at least.
        added_db : float
            What clutter and the known mean error add without calibration.

        Returns
        -------
        float
            dB.

        Examples
        --------
        >>> one = Correction(offset_db=5.0, slope_db=2.0, weight=-0.5, added_weight=1.0,
        ...                  distances_m=(100.0, 10_000.0), terrain_db=(0.0, 20.0))
        >>> one.loss_db(1000.0, 10.0, 3.0), one.loss_db(1e5, 40.0, 3.0)
        (9.0, 6.0)
        """
        given = float(np.log10(distance_m)), float(terrain_db), float(added_db)
        return float(correction_db(*given, np.array(self.coefficients), np.array(self.limits)))


@dataclass(frozen=True, kw_only=True, eq=False)
class PlaceErrors:
    """What is added to every loss to a place, whatever the mast; on square cells.

    Parameters
    ----------
    west_m, south_m : float
        The lower left corner, in the grid's CRS.
    cell_m : float
        Side of a cell.
    error_db : ndarray of float32, shape (rows, columns)
        Rows go north.
    """

    west_m: float
    south_m: float
    cell_m: float
    error_db: NDArray[np.float32]

    def at(self, x_m: ArrayLike, y_m: ArrayLike) -> NDArray[np.float32]:
        """Return what is added at places; 0 beyond the cells.

        Parameters
        ----------
        x_m, y_m : array_like
            Arrays that broadcast.

        Returns
        -------
        ndarray of float32, of the arrays' common shape
            dB.

        Examples
        --------
        >>> one = PlaceErrors(west_m=0.0, south_m=0.0, cell_m=100.0,
        ...                   error_db=np.float32([[1.0, 2.0], [3.0, 4.0]]))
        >>> one.at([50.0, 150.0, 250.0], 150.0).tolist()
        [3.0, 4.0, 0.0]
        """
        rows, columns = self.error_db.shape
        column = np.floor((np.asarray(x_m, float) - self.west_m) / self.cell_m).astype(np.int64)
        row = np.floor((np.asarray(y_m, float) - self.south_m) / self.cell_m).astype(np.int64)
        inside = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
        found = self.error_db[np.clip(row, 0, rows - 1), np.clip(column, 0, columns - 1)]
        return np.where(inside, found, np.float32(0.0))


@dataclass(frozen=True, kw_only=True)
class Corrections:
    """What calibration adds, by mast, carrier and land.

    Parameters
    ----------
    of : callable
        Takes where the mast stands in the grid's CRS, the carrier in MHz, the land at the receiver
        (None where no land cover tells), and what clutter at both ends takes in sight, see
        `clutter.far_clutter_db`; returns a `Correction`.
    digest : str
        Another one wherever any correction is another: what is kept of predictions bears it.
    places : PlaceErrors, optional
        What is added besides to all losses to a place.
    """

    of: Callable[[tuple[float, float], float, ClutterClass | None, float], Correction]
    digest: str
    places: PlaceErrors | None = None
