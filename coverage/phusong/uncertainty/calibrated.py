"""Predictions calibrated by measured places: what to take off, and how well that holds elsewhere.

A linear mixed model, solved in closed form. Its prior is the uncalibrated prediction with the
errors of `ErrorModel`, so that few places move it little; how far slope and weight of the
terrain may go is averaged over strengths, each by its evidence, not chosen by a person. It knows
numbers of places, no map, no model of propagation. What it was judged by:
docs/methods/measured.md.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from .error_model import ErrorModel
from .kriging import Residuals

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
ODDS_OF_NONE = 4.0
"""That slope, or weight of the terrain, is as predicted, against each strength of another."""
PARTS = ("offset_db", "slope_db", "weight")
MOST_MASTS = 60
"""With an offset of their own: those with most places. It holds the work and its memory."""
MOST_FOLDS = 100
"""Left out in turn; of more blocks several are left out together."""

Term = tuple[str | None, str, str]


@dataclass(frozen=True, kw_only=True, eq=False)
class Calibration:
    """What to take off levels predicted over bare ground, as measured places say.

    Parameters
    ----------
    offset_db : float
        At the means below, for groups that were not measured.
    offset_sd_db : float
        Standard deviation that is left of it, over the measured bands and kinds of land.
    slope_db : float
        More for ten times the distance.
    weight : float
        More for each decibel that terrain takes.
    clutter_weight : float
        More for each decibel that clutter takes in sight, 0 to 1: the probability that clutter
        of that strength explains the places best.
    added_weight : float
        Likewise for each decibel that the prediction as it stands adds to bare ground.
    distance_m, terrain_db, clutter_db, added_db : float
        Of the measured places: the geometric mean, and arithmetic means.
    distances_m, terrains_db : (float, float)
        The least and the largest measured. Beyond them the correction is that at the nearer.
    groups : mapping of str to DataFrame
        By kind of group, indexed by label: ``offset_db``, ``slope_db`` and ``weight`` that it
        adds, and ``offset_sd_db``, what is left of the doubt of its whole offset. A band or kind
        of land alone is absent: it is the common one.
    covariance : ndarray of float64, shape (effects + 1, effects + 1)
        dB², of what is left in doubt: the offset of groups that were not measured, then what each
        of the effects adds to it.
    effects : tuple of (str, str)
        Kind and label of masts, bands and kinds of land that have an offset of their own.
    alone : mapping of str to str
        By kind of band or land of which one alone was measured: its label. It is the common one.
    places, blocks : int
        Measured.
    spread_db : float
        Standard deviation of one place.
    out_of_block_db : ndarray of float64, shape (places,)
        Calibrated minus measured level of each place, calibrated without its block; NaN
        where there is one block alone.
    kriged_db : ndarray of float64, shape (places,)
        The same with what is left at places of other blocks near it, see `Residuals`; NaN where it
        is not known where places lie.
    residuals : Residuals, optional
        What is left at the places, if it makes errors out of block smaller.
    """

    offset_db: float
    offset_sd_db: float
    slope_db: float
    weight: float
    clutter_weight: float
    added_weight: float
    distance_m: float
    terrain_db: float
    clutter_db: float
    added_db: float
    distances_m: tuple[float, float]
    terrains_db: tuple[float, float]
    groups: Mapping[str, pd.DataFrame]
    covariance: NDArray[np.float64]
    effects: tuple[tuple[str, str], ...]
    alone: Mapping[str, str]
    places: int
    blocks: int
    spread_db: float
    out_of_block_db: NDArray[np.float64]
    kriged_db: NDArray[np.float64]
    residuals: Residuals | None

    def line(self, **groups: str | None) -> tuple[float, float, float]:
        """Return the line of some groups.

        Parameters
        ----------
        **groups : str or None
            A label by kind; one that was not measured has the common values.

        Returns
        -------
        float, float, float
            Offset at the means in dB, slope for ten times the distance, and weight of the terrain.
        """
        found = np.array([self.offset_db, self.slope_db, self.weight])
        for kind, label in groups.items():
            if label is not None and kind in self.groups and label in self.groups[kind].index:
                found += self.groups[kind].loc[label][list(PARTS)].to_numpy(float)
        offset, slope, weight = found.tolist()
        return offset, slope, weight

    def correction_db(
        self,
        distance_m: ArrayLike,
        terrain_db: ArrayLike,
        clutter_db: ArrayLike = 0.0,
        added_db: ArrayLike = 0.0,
        groups: Mapping[str, ArrayLike] | None = None,
    ) -> NDArray[np.float64]:
        """Return what to take off levels predicted over bare ground.

        Parameters
        ----------
        distance_m, terrain_db, clutter_db
            As for `calibrate`, arrays that broadcast.
        added_db : array_like
            The level predicted over bare ground less that of the prediction as it stands.
        groups : mapping of str to array_like, optional
            Labels by kind; one that was not measured has the common values.

        Returns
        -------
        ndarray of float64, of the arrays' common shape
            dB.
        """
        distance, terrain, clutter, added = np.broadcast_arrays(
            *(np.asarray(one, float) for one in (distance_m, terrain_db, clutter_db, added_db))
        )
        decades = np.log10(np.clip(distance, *self.distances_m) / self.distance_m)
        beyond = np.clip(terrain, *self.terrains_db) - self.terrain_db
        found = self.offset_db + self.slope_db * decades + self.weight * beyond
        for kind, labels in (groups or {}).items():
            if kind in self.groups:
                own = self.groups[kind].reindex(np.asarray(labels, object).ravel()).fillna(0.0)
                shape = np.shape(labels)
                offset, slope, weight = (own[part].to_numpy().reshape(shape) for part in PARTS)
                found = found + offset + slope * decades + weight * beyond
        found = found + self.clutter_weight * (clutter - self.clutter_db)
        return np.asarray(found + self.added_weight * (added - self.added_db))

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
    unknown_db2: ArrayLike = 0.0,
    groups: Mapping[str, ArrayLike] | None = None,
    at_m: tuple[ArrayLike, ArrayLike] | None = None,
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
    unknown_db2 : array_like, shape (places,), optional
        Variance that is left of errors known as bounds, see `expected_errors`, dB²; 0 of
        others. By bounds nothing is judged: what they leave out of block is NaN.
    groups : mapping of str to array_like, optional
        Labels of each place by kind, those of `GROUP_SDS_DB`; None for unknown.
    at_m : (array_like, array_like), shape (places,) each, optional
        Where places lie, in metres of one plane.

    Returns
    -------
    Calibration

    Notes
    -----
    The open error is offset + slope × log10 distance + weight × terrain, and one of four more:
    nothing, clutter by its strength, what the prediction as it stands adds to bare ground, or
    terrain taken off whole, which leaves a line over log distance. Each group adds to these what
    its places say, drawn to the common values the more the fewer it has (partial pooling).
    Places of a block share a part of their variance. All sums are kept by block, so that leaving
    one out costs no new pass.

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
    decades, added = np.log10(distance), bare - error
    labels = {kind: _most_frequent(of, kind) for kind, of in (groups or {}).items()}
    design, terms = _design(_common(decades, terrain, decades, terrain), labels)
    apart = np.column_stack([np.zeros_like(error), clutter, added, -terrain])
    apart = apart - apart.mean(axis=0)
    level = bare - added.mean()
    of_block, blocks = pd.factorize(np.asarray(block).astype(object), sort=True)
    fold = np.arange(len(blocks)) * min(len(blocks), MOST_FOLDS) // len(blocks)
    unknown = np.broadcast_to(np.asarray(unknown_db2, float), error.shape)
    values = np.hstack([design, level[:, None] - apart])
    fitted = _fitted(_Sums.of(values, unknown, of_block, fold), terms)
    left, kriged = np.full((2, error.size), np.nan)
    residuals = None
    if len(blocks) > 1:
        of_fold = fold[of_block]
        near, hidden = _within_others(decades, of_fold), _within_others(terrain, of_fold)
        seen, _ = _design(_common(near, hidden, decades, terrain), labels)
        shown = apart + np.outer(terrain - hidden, np.arange(apart.shape[1]) == 3)
        told = (seen * fitted.means[1:][of_fold]).sum(axis=1)
        left = level - told - (shown * fitted.likes[:, 1:].T[of_fold]).sum(axis=1)
        left[unknown > 0] = np.nan
    if len(blocks) > 1 and at_m is not None:
        x_m, y_m = (np.asarray(axis, float) for axis in at_m)
        field_sd_db = fitted.field_sd_db
        for one in range(-1, fold[-1] + 1):  # the first with all blocks, then without each
            errors = level - design @ fitted.means[one + 1] - apart @ fitted.likes[:, one + 1]
            kept, out = of_fold != one, of_fold == one
            found = Residuals(
                x_m=x_m[kept], y_m=y_m[kept], error_db=errors[kept], field_sd_db=field_sd_db
            )
            residuals = found if one < 0 else residuals
            kriged[out] = left[out] - found.at(x_m[out], y_m[out])
        if np.nanmean(kriged**2) >= np.nanmean(left**2):
            residuals = None
    offset, slope, weight = fitted.means[0, : len(PARTS)].tolist()
    doubt = _doubt(terms, fitted, design)
    own = [at for at, (kind, _, part) in enumerate(terms) if kind and part == PARTS[0]]
    rows = [0, *own]
    named = {kind: set(pd.Series(of).dropna()) for kind, of in labels.items()}
    return Calibration(
        offset_db=float(added.mean()) + offset,
        offset_sd_db=float(np.sqrt(doubt[0, 0])),
        slope_db=slope,
        weight=weight - float(fitted.likes[3, 0]),
        clutter_weight=float(fitted.likes[1, 0]),
        added_weight=float(fitted.likes[2, 0]),
        distance_m=float(10 ** decades.mean()),
        terrain_db=float(terrain.mean()),
        clutter_db=float(clutter.mean()),
        added_db=float(added.mean()),
        distances_m=(float(distance.min()), float(distance.max())),
        terrains_db=(float(terrain.min()), float(terrain.max())),
        groups=_tables(terms, fitted, doubt),
        covariance=fitted.covariance[np.ix_(rows, rows)],
        effects=tuple((str(terms[at][0]), terms[at][1]) for at in own),
        alone={kind: min(of) for kind, of in named.items() if kind in POOLED and len(of) == 1},
        places=len(error),
        blocks=len(blocks),
        spread_db=fitted.spread_db,
        out_of_block_db=left,
        kriged_db=kriged,
        residuals=residuals,
    )


def _most_frequent(labels: ArrayLike, kind: str) -> NDArray[np.object_]:
    """Return labels, but None for those of masts that are to have no offset of their own."""
    given = pd.Series(np.asarray(labels, object))
    if kind in POOLED:
        return given.to_numpy()
    kept = given.value_counts().index[:MOST_MASTS]
    return given.where(given.isin(kept), None).to_numpy()


def _common(
    decades: NDArray[np.float64],
    terrain: NDArray[np.float64],
    of_decades: NDArray[np.float64],
    of_terrain: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the columns that all places have, from the means of the last two."""
    columns = np.ones_like(decades), decades - of_decades.mean(), terrain - of_terrain.mean()
    return np.column_stack(columns)


def _within_others(values: NDArray[np.float64], fold: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return values brought into the range of those of the other folds."""
    found = values.copy()
    for one in np.unique(fold):
        others = values[fold != one]
        found[fold == one] = np.clip(values[fold == one], others.min(), others.max())
    return found


def _design(
    common: NDArray[np.float64], groups: Mapping[str, ArrayLike]
) -> tuple[NDArray[np.float64], list[Term]]:
    """Return the columns of the model: common ones, and those of each label of each kind."""
    columns = [common]
    found: list[Term] = [(None, "", part) for part in PARTS]
    for kind, labels in groups.items():
        code, names = pd.factorize(np.asarray(labels, object), sort=True)
        if len(names) == 0 or (len(names) == 1 and kind in POOLED):
            continue
        own = code[:, None] == np.arange(len(names))
        for at, part in enumerate(PARTS if kind in POOLED else PARTS[:1]):
            columns.append(own * common[:, at : at + 1])
            found += [(kind, name, part) for name in names]
    return np.hstack(columns), found


@dataclass(frozen=True)
class _Sums:
    """Sums of the values of each block, and of their products in each fold of blocks."""

    fold: NDArray[np.intp]
    size: NDArray[np.float64]
    total: NDArray[np.float64]
    square: NDArray[np.float64]
    unknown: NDArray[np.float64]

    @classmethod
    def of(
        cls,
        values: NDArray[np.float64],
        unknown: NDArray[np.float64],
        block: NDArray[np.intp],
        fold: NDArray[np.intp],
    ) -> "_Sums":
        total = np.zeros((len(fold), values.shape[1]))
        np.add.at(total, block, values)
        square = np.zeros((fold[-1] + 1, values.shape[1], values.shape[1]))
        for one in range(len(square)):
            its = values[fold[block] == one]
            square[one] = its.T @ its
        size = np.bincount(block, minlength=len(fold)).astype(float)
        return cls(fold, size, total, square, np.bincount(block, unknown, len(fold)).astype(float))

    def weighed(
        self, shared: float
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Return products over the inverse correlation, its log determinant, and unknown variance.

        By fold; the variance over that inverse too. Any two places of a block have the
        correlation `shared`.
        """
        own = 1 - shared
        last = own + shared * self.size
        products = np.empty_like(self.square)
        for one, square in enumerate(self.square):
            its = self.total[self.fold == one]
            common = (its.T * (shared / last[self.fold == one])) @ its
            products[one] = (square - common) / own
        log_r = (self.size - 1) * np.log(own) + np.log(last)
        unknown = np.bincount(self.fold, self.unknown * (1 - shared / last) / own).astype(float)
        return products, np.asarray(np.bincount(self.fold, log_r), dtype=np.float64), unknown


@dataclass(frozen=True)
class _Fitted:
    """Means, and the probability of each of the four, with all blocks, then without each fold.

    The covariance is that with all.
    """

    means: NDArray[np.float64]
    likes: NDArray[np.float64]
    covariance: NDArray[np.float64]
    spread_db: float

    @property
    def field_sd_db(self) -> float:
        """What is left of one place after what is uncorrelated."""
        return math.sqrt(max(self.spread_db**2 - ErrorModel.uncorrelated_sd_db**2, 0.0))


def _fitted(sums: _Sums, terms: list[Term]) -> _Fitted:
    """Average over all strengths of the prior, each weighted by its evidence.

    Deviations of the prior scale with the spread, whose square has an inverse gamma prior;
    so mean, evidence and covariance are those of a Student's t, without iteration.
    """
    p = len(terms)
    size = np.bincount(sums.fold, sums.size)
    worth = SPREAD_WORTH + np.concatenate([[size.sum()], size.sum() - size])
    evidence, means, likes, covariances, variances = [], [], [], [], []
    for shared in SHARED:
        products, log_r, unknown = (
            np.concatenate([each.sum(axis=0)[None], each.sum(axis=0) - each])
            for each in sums.weighed(shared)
        )
        for slope_sd_db, weight_sd in product(SLOPE_SDS_DB, WEIGHT_SDS):
            scale = _prior_sds(terms, slope_sd_db, weight_sd) / SPREAD_DB
            inner = products[:, :p, :p] * scale * scale[:, None] + np.eye(p)
            right = products[:, :p, p:] * scale[:, None]
            told, log_a = np.linalg.solve(inner, right), np.linalg.slogdet(inner)[1]
            inverse = np.linalg.inv(inner[0]) * scale * scale[:, None]
            odds = np.log(ODDS_OF_NONE) * ((slope_sd_db == 0) + (weight_sd == 0))
            for which in range(products.shape[2] - p):
                explained = (right[:, :, which] * told[:, :, which]).sum(axis=1)
                squares = SPREAD_WORTH * SPREAD_DB**2 + unknown
                squares = squares + products[:, p + which, p + which] - explained
                evidence.append(odds - 0.5 * (log_r + log_a + worth * np.log(squares)))
                means.append(told[:, :, which] * scale)
                likes.append(which)
                variances.append(squares[0] / worth[0])
                covariances.append(variances[-1] * inverse)
    weights = np.exp(np.array(evidence) - np.max(evidence, axis=0))
    weights /= weights.sum(axis=0)
    mean = np.einsum("kf,kfp->fp", weights, np.array(means))
    apart = np.array(means)[:, 0] - mean[0]
    covariance = np.einsum("k,kpq->pq", weights[:, 0], np.array(covariances))
    covariance += np.einsum("k,kp,kq->pq", weights[:, 0], apart, apart)
    spread_db = float(np.sqrt(weights[:, 0] @ np.array(variances)))
    of_each = np.array(likes) == np.arange(max(likes) + 1)[:, None]
    return _Fitted(mean, of_each @ weights, covariance, spread_db)


def _prior_sds(terms: list[Term], slope_sd_db: float, weight_sd: float) -> NDArray[np.float64]:
    common = dict(zip(PARTS, (OFFSET_SD_DB, slope_sd_db, weight_sd), strict=True))
    own = [
        GROUP_SDS_DB[kind] if kind and part == PARTS[0] else common[part] * (0.5 if kind else 1.0)
        for kind, _, part in terms
    ]
    return np.array(own)


def _doubt(terms: list[Term], fitted: _Fitted, design: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the covariance of the offset over measured bands and land, and of what masts add."""
    rows = [np.zeros(len(terms))]
    for at, (kind, _, part) in enumerate(terms):
        if part == PARTS[0] and kind != "mast":
            rows[0][at] = design[:, at].mean()
        elif part == PARTS[0]:
            rows.append(np.eye(len(terms))[at])
    wanted = np.array(rows)
    return np.asarray(wanted @ fitted.covariance @ wanted.T)


def _tables(
    terms: list[Term], fitted: _Fitted, doubt: NDArray[np.float64]
) -> dict[str, pd.DataFrame]:
    """Return what each label adds, by kind."""
    found: dict[str, dict[str, dict[str, float]]] = {}
    covariance, masts = fitted.covariance, 0
    for at, (kind, name, part) in enumerate(terms):
        if kind is None:
            continue
        row = found.setdefault(kind, {}).setdefault(name, dict.fromkeys(PARTS, 0.0))
        row[part] = float(fitted.means[0, at])
        if part == PARTS[0]:
            both = covariance[0, 0] + covariance[at, at] + 2 * covariance[0, at]
            if kind == "mast":
                masts += 1
                both = doubt[0, 0] + doubt[masts, masts] + 2 * doubt[0, masts]
            row["offset_sd_db"] = float(np.sqrt(max(both, 0.0)))
    return {kind: pd.DataFrame.from_dict(of, orient="index") for kind, of in found.items()}
