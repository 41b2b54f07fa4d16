"""What measured places say of places near them: simple kriging of errors that calibration leaves.

Whether it helps, `calibrate` judges by blocks left out. Knows places and numbers, no map.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import cKDTree

from .error_model import ErrorModel
from .lattice import WIDEST_M

NEAREST = 32
"""Measured places that one place is told from: farther ones stand behind these."""
REACH = 3.0
"""Lengths of the field, from which on nothing is told: its correlation is 0.05 there."""
AT_A_TIME = 4096


@dataclass(frozen=True, kw_only=True, eq=False)
class Residuals:
    """Errors that are left at measured places, as a field correlated in space has them.

    Parameters
    ----------
    x_m, y_m : ndarray of float64, shape (places,)
    error_db : ndarray of float64, shape (places,)
        Predicted minus measured level.
    field_sd_db : float
        Of the field; its length, and what is uncorrelated beside it, are those of `ErrorModel`.
    """

    x_m: NDArray[np.float64]
    y_m: NDArray[np.float64]
    error_db: NDArray[np.float64]
    field_sd_db: float

    def at(self, x_m: ArrayLike, y_m: ArrayLike) -> NDArray[np.float64]:
        """Return the error to be expected at other places.

        Parameters
        ----------
        x_m, y_m : array_like, shape (n,)

        Returns
        -------
        ndarray of float64, shape (n,)
            dB, by simple kriging (mean 0) from the nearest measured places; 0 far from all.

        Examples
        --------
        One place 10 dB too optimistic, field 7 dB, 2.5 dB uncorrelated: 10 × 49 / 55.25
        there, and exp(-1) of that 450 m away.

        >>> one = Residuals(x_m=np.zeros(1), y_m=np.zeros(1), error_db=np.array([10.0]),
        ...                 field_sd_db=7.0)
        >>> one.at([0.0, 450.0, 5000.0], [0.0, 0.0, 0.0]).round(2).tolist()
        [8.87, 3.26, 0.0]
        """
        wanted = np.column_stack([np.asarray(x_m, float), np.asarray(y_m, float)])
        places = np.column_stack([self.x_m, self.y_m])
        found = np.zeros(len(wanted))
        count = min(NEAREST, len(places))
        reach_m = REACH * ErrorModel.field_length_m
        for start in range(0, len(wanted), AT_A_TIME):
            here = wanted[start : start + AT_A_TIME]
            asked = self._tree.query(here, k=np.arange(1, count + 1), distance_upper_bound=reach_m)
            away_m, near = (np.asarray(each) for each in asked)
            (some,) = np.nonzero(np.isfinite(away_m[:, 0]))
            away_m, near = away_m[some], near[some]
            there = np.isfinite(away_m)
            near = np.where(there, near, 0)
            apart_m = np.linalg.norm(places[near][:, :, None] - places[near][:, None], axis=3)
            # One that is none has nothing in common with others, and stands alone.
            both = there[:, :, None] & there[:, None]
            among = np.where(both, self._covariance(apart_m), 0.0)
            among += ErrorModel.uncorrelated_sd_db**2 * np.eye(count)
            to = np.where(there, self._covariance(away_m), 0.0)
            told = np.linalg.solve(among, self.error_db[near][:, :, None])[:, :, 0]
            found[start + some] = (to * told).sum(axis=1)
        return found

    @cached_property
    def lattice(self) -> tuple[float, float, NDArray[np.float32]]:
        """The lower left corner, and the error to be expected in cells of `lattice.WIDEST_M`.

        The field is constant within a cell, as in draws; rows go north.
        """
        reach_m = REACH * ErrorModel.field_length_m
        low = [np.floor((axis.min() - reach_m) / WIDEST_M) for axis in (self.x_m, self.y_m)]
        high = [np.ceil((axis.max() + reach_m) / WIDEST_M) for axis in (self.x_m, self.y_m)]
        x, y = (
            WIDEST_M * (np.arange(first, last) + 0.5) for first, last in zip(low, high, strict=True)
        )
        across, up = np.meshgrid(x, y)
        told = self.at(across.ravel(), up.ravel()).reshape(across.shape)
        return float(low[0] * WIDEST_M), float(low[1] * WIDEST_M), told.astype(np.float32)

    @cached_property
    def _tree(self) -> cKDTree:
        return cKDTree(np.column_stack([self.x_m, self.y_m]))

    def _covariance(self, apart_m: NDArray[np.float64]) -> NDArray[np.float64]:
        found = self.field_sd_db**2 * np.exp(-apart_m / ErrorModel.field_length_m)
        return np.asarray(found)
