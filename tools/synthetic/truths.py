"""A small province whose true coverage is drawn by another way than the engine draws it.

The field is drawn by Cholesky at every pixel, not by Fourier transform on a lattice, and each
pixel is judged by the normal distribution, not by a table.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from phusong._types import Floats
from phusong.grid import Grid
from phusong.uncertainty import Contenders, Counted, ErrorModel, curves

SIDE_PX, RESOLUTION_M, BLOCKS = 36, 100.0, 4
WITHIN_PIXEL_DB, ENOUGH = 1.9, 0.9


@dataclass(frozen=True)
class Truths:
    """Sixteen communes of 900 m a side, nine masts, people in every pixel.

    Parameters
    ----------
    grid : Grid
    contenders : Contenders
        The best three masts of each pixel as predicted.
    people : Counted
        Residents by commune.
    commune : ndarray of int, shape (pixels,)
    margin_db : ndarray of float, shape (pixels, masts)
        Of all masts as predicted.
    """

    grid: Grid
    contenders: Contenders
    people: Counted
    commune: NDArray[np.int64]
    margin_db: Floats

    @classmethod
    def made(cls, seed: int = 0) -> "Truths":
        """Return a province whose communes lie from well served to hardly."""
        random = np.random.default_rng(seed)
        grid = Grid("EPSG:9209", RESOLUTION_M, 0.0, SIDE_PX * RESOLUTION_M, SIDE_PX, SIDE_PX)
        row, column = np.divmod(np.arange(SIDE_PX**2), SIDE_PX)
        masts = random.uniform(0, SIDE_PX, (9, 2))
        away = np.hypot(row[:, None] - masts[:, 0], column[:, None] - masts[:, 1]) + 1.0
        margin = 36.0 - 35.0 * np.log10(away) + 0.35 * (column[:, None] - SIDE_PX / 2)
        order = np.argsort(-margin, axis=1)[:, :3]
        commune = row // (SIDE_PX // BLOCKS) * BLOCKS + column // (SIDE_PX // BLOCKS)
        by_commune = np.argsort(commune, kind="stable")
        return cls(
            grid=grid,
            contenders=Contenders(
                margin_db=np.take_along_axis(margin, order, axis=1).astype(np.float32),
                mast=order,
                kind=np.zeros_like(order),
                curves=curves([lambda share: WITHIN_PIXEL_DB * float(ndtri(share))], [0.0]),
                location_probability=ENOUGH,
            ),
            people=Counted(
                first=np.searchsorted(commune[by_commune], np.arange(BLOCKS**2 + 1)),
                slot=by_commune,
                weight=random.lognormal(1.0, 1.0, SIDE_PX**2),
            ),
            commune=commune,
            margin_db=margin,
        )

    def shares(
        self, model: ErrorModel, count: int, *, seed: int, tails: float = np.inf
    ) -> tuple[Floats, Floats]:
        """Return true shares of residents, shape (communes, count), by pixels and by probability.

        Parameters
        ----------
        model : ErrorModel
        count, seed : int
        tails : float
            Degrees of freedom of Student's distribution, above 2, scaled to the same
            deviation; infinite for the normal one.
        """
        random = np.random.default_rng(seed)
        row, column = np.divmod(np.arange(SIDE_PX**2), SIDE_PX)
        away = RESOLUTION_M * np.hypot(row[:, None] - row, column[:, None] - column)
        root = np.linalg.cholesky(np.exp(-away / model.field_length_m) + 1e-9 * np.eye(len(row)))

        def errors(sd: float, *shape: int) -> Floats:
            if np.isinf(tails):
                return np.asarray(sd * random.standard_normal(shape))
            scaled = random.standard_t(tails, shape) * np.sqrt((tails - 2) / tails)
            return np.asarray(sd * scaled)

        people = np.zeros(len(row))
        people[self.people.slot] = self.people.weight
        cell = row // 2 * SIDE_PX + column // 2  # the same people err together in cells of 200 m
        spread = np.sqrt(np.log1p(model.population_sd**2))
        pixels, probability = np.empty((2, BLOCKS**2, count))
        for draw in range(count):
            shared = errors(model.province_sd_db, 1) - model.mean_db
            place = root @ errors(model.field_sd_db, len(row))
            place = place + errors(model.uncorrelated_sd_db, len(row))
            of_mast = errors(model.station_sd_db, self.margin_db.shape[1])
            level = self.margin_db + shared + place[:, None] + of_mast
            served = ndtr(level / WITHIN_PIXEL_DB)
            here = (
                people * np.exp(spread * random.standard_normal(SIDE_PX**2) - spread**2 / 2)[cell]
            )
            whole = np.bincount(self.commune, here)
            by_pixel = here * (served.max(axis=1) >= ENOUGH)
            by_place = here * (1 - np.prod(1 - served, axis=1))
            pixels[:, draw] = np.bincount(self.commune, by_pixel) / whole
            probability[:, draw] = np.bincount(self.commune, by_place) / whole
        return pixels, probability
