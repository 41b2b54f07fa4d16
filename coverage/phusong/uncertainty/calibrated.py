"""Predictions calibrated by measured places: what to take off, and how well that holds elsewhere.

A linear mixed model, solved in closed form. Its prior is the uncalibrated prediction with the
errors of `ErrorModel`, so that few places move it little; how far slope and weight of the
terrain may go is averaged over strengths, each by its evidence, not chosen by a person. It knows
numbers of places, no map, no model of propagation. What it was judged by:
docs/methods/measured.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from .error_model import ErrorModel

SPREAD_DB = float(np.hypot(ErrorModel.field_sd_db, ErrorModel.uncorrelated_sd_db))
"""Of one place by the error model. Prior deviations are stated beside it and scale with what
the places say it is."""
SPREAD_WORTH = 4.0
"""How many places the error model's spread counts for."""
OFFSET_SD_DB = ErrorModel.province_sd_db
GROUP_SDS_DB: Mapping[str, float] = {
    "mast": ErrorModel.station_sd_db,
    "band": 3.0,
    "environment": 3.0,
}
"""How far the offset of one mast, one band or one kind of land lies from the common one."""
POOLED = ("band", "environment")
"""Kinds of groups that may differ in slope and weight of the terrain too, half as far as these
differ from the prediction's."""
SLOPE_SDS_DB = (0.0, 3.0, 10.0)
"""For ten times the distance: none, little, and enough for the step from the square to the
fourth power of distance, 20 dB, to lie within two deviations."""
WEIGHT_SDS = (0.0, 0.25, 0.5)
"""Of what terrain takes: none, little, and enough for all of it to lie within two deviations."""
SHARED = (0.0, 0.2, 0.5)
"""Shares of the variance that the places of one block have in common."""
PARTS = ("offset_db", "slope_db", "weight")

Term = tuple[str | None, str, str]


@dataclass(frozen=True, kw_only=True, eq=False)
class Calibration:
    """What to take off levels predicted over bare ground, as measured places say.

    Parameters
    ----------
    offset_db : float
        At `distance_m`, `terrain_db` and `clutter_db`, for groups that were not measured.
    offset_sd_db : float
        Standard deviation that is left of it.
    slope_db : float
        More for ten times the distance.
    weight : float
        More for each decibel that terrain takes.
    clutter_weight : float
        More for each decibel that clutter takes, 0 to 1: the probability that clutter of that
        strength explains the places better than clutter alike everywhere.
    distance_m, terrain_db, clutter_db : float
        Of the measured places: the geometric and the arithmetic means.
    groups : mapping of str to DataFrame
        By kind of group, indexed by label: ``offset_db``, ``slope_db`` and ``weight`` that it
        adds, and ``offset_sd_db``, what is left of the doubt of its whole offset. A band or kind
        of land alone is absent: it is the common one.
    places, blocks : int
        Measured.
    spread_db : float
        Standard deviation of one place.
    out_of_block_db : ndarray of float64, shape (places,)
        Calibrated minus measured level of each place, calibrated without its block; NaN
        where there is one block alone.
    """

    offset_db: float
    offset_sd_db: float
    slope_db: float
    weight: float
    clutter_weight: float
    distance_m: float
    terrain_db: float
    clutter_db: float
    groups: Mapping[str, pd.DataFrame]
    places: int
    blocks: int
    spread_db: float
    out_of_block_db: NDArray[np.float64]

    def correction_db(
        self,
        distance_m: ArrayLike,
        terrain_db: ArrayLike,
        clutter_db: ArrayLike = 0.0,
        groups: Mapping[str, ArrayLike] | None = None,
    ) -> NDArray[np.float64]:
        """Return what to take off levels predicted over bare ground.

        Parameters
        ----------
        distance_m, terrain_db, clutter_db
            As for `calibrate`, arrays that broadcast.
        groups : mapping of str to array_like, optional
            Labels by kind; one that was not measured has the common values.

        Returns
        -------
        ndarray of float64, of the arrays' common shape
            dB.
        """
        decades = np.log10(np.asarray(distance_m, float) / self.distance_m)
        terrain = np.asarray(terrain_db, float) - self.terrain_db
        found = self.offset_db + self.slope_db * decades + self.weight * terrain
        found = found + self.clutter_weight * (np.asarray(clutter_db, float) - self.clutter_db)
        for kind, labels in (groups or {}).items():
            if kind in self.groups:
                own = self.groups[kind].reindex(np.asarray(labels, object).ravel()).fillna(0.0)
                shape = np.shape(labels)
                offset, slope, weight = (own[part].to_numpy().reshape(shape) for part in PARTS)
                found = found + offset + slope * decades + weight * terrain
        return np.asarray(found)

    def half_width_db(self, confidence: float) -> float:
        """Return within how many decibels of the calibrated level a place elsewhere lies.

        Parameters
        ----------
        confidence : float
            Share of places that shall lie within, such as 0.9.

        Returns
        -------
        float
            That share of the errors out of block, by size, counting one more that was not seen;
            the largest if they are too few. NaN where there is one block alone.
        """
        errors = np.sort(np.abs(self.out_of_block_db[np.isfinite(self.out_of_block_db)]))
        if not errors.size:
            return float("nan")
        return float(errors[min(int(np.ceil(confidence * (errors.size + 1))), errors.size) - 1])


def calibrate(  # noqa: PLR0913 - what is known of each place, each with a name
    error_db: ArrayLike,
    open_error_db: ArrayLike,
    *,
    distance_m: ArrayLike,
    terrain_db: ArrayLike,
    block: ArrayLike,
    clutter_db: ArrayLike = 0.0,
    groups: Mapping[str, ArrayLike] | None = None,
    offset_alone: bool = False,
) -> Calibration:
    """Calibrate predictions by measured places.

    Parameters
    ----------
    error_db : array_like, shape (places,)
        Predicted minus measured level of the prediction as it stands: where it would be
        left if nothing was measured.
    open_error_db : array_like, shape (places,)
        The same of the level predicted over bare ground, without clutter and known mean error.
    distance_m : array_like, shape (places,)
        From the mast, above 0.
    terrain_db : array_like, shape (places,)
        What the model takes beyond free space.
    block : array_like, shape (places,)
        Labels of blocks of about 1 km: places of one are not independent.
    clutter_db : array_like, shape (places,), optional
        What clutter at the ends takes in sight of the mast, far from it.
    groups : mapping of str to array_like, optional
        Labels of each place by kind, those of `GROUP_SDS_DB`; None for unknown.
    offset_alone : bool
        Whether slope and weights stay as predicted: for a prediction that takes one number.

    Returns
    -------
    Calibration

    Notes
    -----
    The open error is offset + slope × log10 distance + weight × terrain, and either clutter by
    its strength or alike everywhere; each group adds to these what its places say, drawn to the
    common values the more the fewer it has (partial pooling). Places of a block share a part
    of their variance. All sums are kept by block, so that leaving one out costs no new pass.

    Examples
    --------
    Forty places in eight blocks, 6 dB weaker than predicted, those behind terrain less so: a
    little of it is left to chance.

    >>> random = np.random.default_rng(1)
    >>> terrain = np.tile([0.0, 20.0], 20)
    >>> error = 6.0 - 0.3 * (terrain - 10.0) + random.normal(0.0, 2.0, 40)
    >>> found = calibrate(
    ...     error, error, distance_m=np.geomspace(500.0, 5000.0, 40), terrain_db=terrain,
    ...     block=np.arange(40) // 5,
    ... )
    >>> round(found.offset_db, 1), round(found.weight, 2), round(found.half_width_db(0.9), 1)
    (5.5, -0.28, 3.6)
    """
    error, bare, distance, terrain = (
        np.asarray(one, float) for one in (error_db, open_error_db, distance_m, terrain_db)
    )
    clutter = np.broadcast_to(np.asarray(clutter_db, float), error.shape)
    decades, apart_db = np.log10(distance), float((bare - error).mean())
    common = np.column_stack(
        [np.ones_like(error), decades - decades.mean(), terrain - terrain.mean()]
    )
    design, terms = _design(common, groups or {}, PARTS[:1] if offset_alone else PARTS)
    rather = clutter - clutter.mean()
    wanted = np.column_stack([bare - apart_db, bare - apart_db - rather])
    if offset_alone:
        wanted = wanted[:, :1]
    of_block, blocks = pd.factorize(np.asarray(block).astype(object))
    sums = _Sums.of(np.hstack([design, wanted]), of_block, len(blocks))
    fitted = _fitted(sums, terms)
    left = np.full(error.shape, np.nan)
    if len(blocks) > 1:
        without = fitted.means[1:][of_block]
        told = (design * without).sum(axis=1) + fitted.clutter_weight[1:][of_block] * rather
        left = bare - apart_db - told
    return Calibration(
        offset_db=apart_db + float(fitted.means[0, 0]),
        offset_sd_db=float(np.sqrt(fitted.covariance[0, 0])),
        slope_db=0.0 if offset_alone else float(fitted.means[0, 1]),
        weight=0.0 if offset_alone else float(fitted.means[0, 2]),
        clutter_weight=float(fitted.clutter_weight[0]),
        distance_m=float(10 ** decades.mean()),
        terrain_db=float(terrain.mean()),
        clutter_db=float(clutter.mean()),
        groups=_tables(terms, fitted),
        places=len(error),
        blocks=len(blocks),
        spread_db=fitted.spread_db,
        out_of_block_db=left,
    )


def _design(
    common: NDArray[np.float64], groups: Mapping[str, ArrayLike], parts: Sequence[str]
) -> tuple[NDArray[np.float64], list[Term]]:
    """Return the columns of the model: common ones, and those of each label of each kind."""
    columns = [common[:, : len(parts)]]
    found: list[Term] = [(None, "", part) for part in parts]
    for kind, labels in groups.items():
        code, names = pd.factorize(np.asarray(labels, object), sort=True)
        if len(names) == 0 or (len(names) == 1 and kind in POOLED):
            continue
        own = code[:, None] == np.arange(len(names))
        for at, part in enumerate(parts if kind in POOLED else parts[:1]):
            columns.append(own * common[:, at : at + 1])
            found += [(kind, name, part) for name in names]
    return np.hstack(columns), found


@dataclass(frozen=True)
class _Sums:
    """Sums of the values of each block, and of their products."""

    size: NDArray[np.float64]
    total: NDArray[np.float64]
    square: NDArray[np.float64]

    @classmethod
    def of(cls, values: NDArray[np.float64], block: NDArray[np.intp], blocks: int) -> "_Sums":
        total = np.zeros((blocks, values.shape[1]))
        square = np.zeros((blocks, values.shape[1], values.shape[1]))
        for one in range(blocks):
            its = values[block == one]
            total[one], square[one] = its.sum(axis=0), its.T @ its
        return cls(np.bincount(block, minlength=blocks).astype(float), total, square)

    def weighed(self, shared: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return, by block, products over the inverse of its correlation, and its log determinant.

        Any two places of a block have the correlation `shared`.
        """
        own = 1 - shared
        last = own + shared * self.size
        common = self.total[:, :, None] * self.total[:, None, :]
        products = (self.square - (shared / last)[:, None, None] * common) / own
        return products, (self.size - 1) * np.log(own) + np.log(last)


@dataclass(frozen=True)
class _Fitted:
    """Means with all blocks, then without each; the covariance with all."""

    means: NDArray[np.float64]
    clutter_weight: NDArray[np.float64]
    covariance: NDArray[np.float64]
    spread_db: float


def _fitted(sums: _Sums, terms: list[Term]) -> _Fitted:
    """Average over all strengths of the prior, each weighted by its evidence.

    Deviations of the prior scale with the spread, whose square has an inverse gamma prior;
    so mean, evidence and covariance are those of a Student's t, without iteration.
    """
    p, everything = len(terms), sums.size.sum()
    worth = SPREAD_WORTH + np.concatenate([[everything], everything - sums.size])
    evidence, means, likes, covariances, variances = [], [], [], [], []
    for shared in SHARED:
        products, log_r = sums.weighed(shared)
        products = np.concatenate([products.sum(axis=0)[None], products.sum(axis=0) - products])
        log_r = np.concatenate([[log_r.sum()], log_r.sum() - log_r])
        for slope_sd_db, weight_sd in product(SLOPE_SDS_DB, WEIGHT_SDS):
            scale = _prior_sds(terms, slope_sd_db, weight_sd) / SPREAD_DB
            inner = products[:, :p, :p] * scale * scale[:, None] + np.eye(p)
            right = products[:, :p, p:] * scale[:, None]
            told, log_a = np.linalg.solve(inner, right), np.linalg.slogdet(inner)[1]
            inverse = np.linalg.inv(inner[0]) * scale * scale[:, None]
            for which in range(products.shape[2] - p):
                explained = (right[:, :, which] * told[:, :, which]).sum(axis=1)
                squares = SPREAD_WORTH * SPREAD_DB**2
                squares = squares + products[:, p + which, p + which] - explained
                evidence.append(-0.5 * (log_r + log_a + worth * np.log(squares)))
                means.append(told[:, :, which] * scale)
                likes.append(float(which))
                variances.append(squares[0] / worth[0])
                covariances.append(variances[-1] * inverse)
    weights = np.exp(np.array(evidence) - np.max(evidence, axis=0))
    weights /= weights.sum(axis=0)
    mean = np.einsum("kf,kfp->fp", weights, np.array(means))
    apart = np.array(means)[:, 0] - mean[0]
    covariance = np.einsum("k,kpq->pq", weights[:, 0], np.array(covariances))
    covariance += np.einsum("k,kp,kq->pq", weights[:, 0], apart, apart)
    spread_db = float(np.sqrt(weights[:, 0] @ np.array(variances)))
    return _Fitted(mean, np.array(likes) @ weights, covariance, spread_db)


def _prior_sds(terms: list[Term], slope_sd_db: float, weight_sd: float) -> NDArray[np.float64]:
    common = dict(zip(PARTS, (OFFSET_SD_DB, slope_sd_db, weight_sd), strict=True))
    own = [
        GROUP_SDS_DB[kind] if kind and part == PARTS[0] else common[part] * (0.5 if kind else 1.0)
        for kind, _, part in terms
    ]
    return np.array(own)


def _tables(terms: list[Term], fitted: _Fitted) -> dict[str, pd.DataFrame]:
    """Return what each label adds, by kind."""
    found: dict[str, dict[str, dict[str, float]]] = {}
    covariance = fitted.covariance
    for at, (kind, name, part) in enumerate(terms):
        if kind is None:
            continue
        row = found.setdefault(kind, {}).setdefault(name, dict.fromkeys(PARTS, 0.0))
        row[part] = float(fitted.means[0, at])
        if part == PARTS[0]:
            both = covariance[0, 0] + covariance[at, at] + 2 * covariance[0, at]
            row["offset_sd_db"] = float(np.sqrt(max(both, 0.0)))
    return {kind: pd.DataFrame.from_dict(of, orient="index") for kind, of in found.items()}
