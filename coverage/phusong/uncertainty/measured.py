"""Measured levels beside predicted ones: one value a place, how far they lie apart, who is right.

A level at or below the floor of its instrument is *censored*: known to be weak, not how
weak. It counts as such, never as a number. Knows levels and labels; no map, no model.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import scipy  # `scipy.stats` is loaded once it is asked for: it takes a while
from numpy.typing import ArrayLike, NDArray

from .._types import Flags

DISTANCES_M = (1000.0, 3000.0, 10_000.0)
"""Where one class of distance ends and the next begins."""
DISTANCE_CLASSES = ("< 1 km", "1–3 km", "3–10 km", "≥ 10 km")
FREQUENCIES_MHZ = (1000.0, 2000.0)
BANDS = ("< 1 GHz", "1–2 GHz", "≥ 2 GHz")
FEWEST = 3
"""Levels that are no bounds, from which on a spread is told."""
_STEPS = 500
_NEAR_DB = 1e-6


def measured_places(samples: pd.DataFrame, *, cell_m: float, by: Sequence[str]) -> pd.DataFrame:
    """Thin samples to one value a place: the median of each cell of a grid.

    Parameters
    ----------
    samples : DataFrame
        ``x_m``, ``y_m``, ``level_dbm``, ``floor_dbm`` (NaN where the instrument's floor is not
        known) and the columns of `by`.
    cell_m : float
        Side of the cells, which start at 0, 0.
    by : sequence of str
        What samples of one place must have in common, such as the operator; an empty value is a
        value of its own.

    Returns
    -------
    DataFrame
        One row a cell and kind, in their order: the columns of `by`, ``x_m`` and ``y_m`` (mean of
        the samples), ``level_dbm``, ``censored``, ``samples``, ``samples_censored``.

    Notes
    -----
    Samples at or below their floor count as weaker than all others. If the median falls on
    one of them, the place is censored and `level_dbm` is the highest floor among them: the true
    median lies at or below. This is the median of Kaplan and Meier where all bounds are alike. The
    median of an even number is the lower of the middle two, so that it is a value that was
    measured.

    Examples
    --------
    A parked car that measured five times counts once.

    >>> samples = pd.DataFrame(
    ...     {"x_m": [5.0, 6.0, 7.0, 8.0, 9.0, 105.0], "y_m": 5.0,
    ...      "level_dbm": [-90.0, -92.0, -91.0, -120.0, -95.0, -121.0], "floor_dbm": -120.0,
    ...      "operator": "Viettel"},
    ... )
    >>> found = measured_places(samples, cell_m=50.0, by=["operator"])
    >>> found[["level_dbm", "censored", "samples"]]
       level_dbm  censored  samples
    0      -92.0     False        5
    1     -120.0      True        1
    """
    own = samples.reset_index(drop=True)
    keys = [own[name] for name in by]
    keys += [np.floor(own[axis] / cell_m).rename(f"cell_{axis}") for axis in ("x_m", "y_m")]
    kind = own.groupby(keys, dropna=False, sort=True).ngroup()
    censored = (own["level_dbm"] <= own["floor_dbm"]).to_numpy()
    level = own["level_dbm"].to_numpy(float)
    bound = np.where(censored, own["floor_dbm"].to_numpy(float), level)
    order = np.lexsort((bound, ~censored, kind))
    first = np.flatnonzero(np.diff(kind.to_numpy()[order], prepend=-1))
    size = np.diff(np.append(first, len(own)))
    middle = order[first + (size - 1) // 2]
    highest = pd.Series(np.where(censored, bound, -np.inf)).groupby(kind.to_numpy()).max()
    found: pd.DataFrame = own.iloc[middle][list(by)].reset_index(drop=True)
    axes = {axis: own[axis].groupby(kind.to_numpy()).mean() for axis in ("x_m", "y_m")}
    kept: pd.DataFrame = found.assign(
        **{axis: mean.to_numpy() for axis, mean in axes.items()},
        level_dbm=np.where(censored[middle], highest.to_numpy(), level[middle]),
        censored=censored[middle],
        samples=size,
        samples_censored=np.add.reduceat(censored[order].astype(int), first) if len(own) else 0,
    )
    return kept


def bias_and_spread(error_db: ArrayLike, censored: ArrayLike) -> tuple[float, float]:
    """Return mean and standard deviation of errors of which some are only bounded from below.

    Parameters
    ----------
    error_db : array_like, shape (places,)
        Predicted minus measured level; of a censored place that above the floor.
    censored : array_like of bool, shape (places,)
        Where the true error is at least that.

    Returns
    -------
    float, float
        Those of the normal distribution under which the errors are likeliest (Tobin 1958); NaN
        with fewer than three errors that are no bounds. Without bounds the mean and the standard
        deviation over n − 1.

    Examples
    --------
    >>> [round(each, 1) for each in bias_and_spread([1.0, 3.0, 5.0, 7.0], [False] * 4)]
    [4.0, 2.6]
    >>> [round(each, 1) for each in bias_and_spread([1.0, 3.0, 5.0, 5.0], [False] * 3 + [True])]
    [3.8, 2.1]
    """
    error, bounded = np.asarray(error_db, float), np.asarray(censored, bool)
    known = error[~bounded]
    if known.size < FEWEST:
        return float("nan"), float("nan")
    mean, sd = float(known.mean()), float(known.std(ddof=1))
    if not bounded.any() or sd == 0:
        return mean, sd
    for _ in range(_STEPS):  # expectation and maximisation, until nothing moves
        expected, left = _beyond(error[bounded], mean, sd)
        next_mean = float((known.sum() + expected.sum()) / error.size)
        squares = ((known - next_mean) ** 2).sum() + ((expected - next_mean) ** 2 + left).sum()
        next_sd = float(np.sqrt(squares / error.size))
        still = abs(next_mean - mean) + abs(next_sd - sd) < _NEAR_DB
        mean, sd = next_mean, next_sd
        if still:
            break
    return mean, sd


def expected_errors(
    error_db: ArrayLike, censored: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return errors, those only bounded from below by what is to be expected of them.

    Parameters
    ----------
    error_db, censored
        As for `bias_and_spread`.

    Returns
    -------
    ndarray of float64, ndarray of float64, shape (places,) each
        Of a bounded error its mean above the bound, by the distribution of `bias_and_spread`, and
        the variance around that, dB²; the bound itself, and 0, where that is not known. Of others
        the error, and 0.

    Examples
    --------
    >>> errors, left = expected_errors([1.0, 3.0, 5.0, 5.0], [False] * 3 + [True])
    >>> errors.round(1).tolist(), left.round(1).tolist()
    ([1.0, 3.0, 5.0, 6.3], [0.0, 0.0, 0.0, 1.1])
    """
    error, bounded = np.array(error_db, float), np.asarray(censored, bool)
    left, (mean, sd) = np.zeros_like(error), bias_and_spread(error, bounded)
    if bounded.any() and sd > 0:
        error[bounded], left[bounded] = _beyond(error[bounded], mean, sd)
    return error, left


def _beyond(
    bound: NDArray[np.float64], mean: float, sd: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return mean and variance of a normal value that is known to lie above a bound."""
    at = (bound - mean) / sd
    hazard = np.exp(scipy.stats.norm.logpdf(at) - scipy.stats.norm.logsf(at))
    return mean + sd * hazard, sd**2 * (1 + at * hazard - hazard**2)


def accuracy(table: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Return how predictions of measured places erred, by what they have in common.

    Parameters
    ----------
    table : DataFrame
        One row a place: ``predicted_dbm`` (NaN where nothing was predicted, which counts as
        not served), ``level_dbm``, ``censored``, ``threshold_dbm``, ``needed_dbm`` (from which
        predicted level on the map shows service) and the columns of `by`.
    by : sequence of str
        At least one.

    Returns
    -------
    DataFrame
        One row a value of `by`, in their order, with these columns after them:

        - ``places``, ``places_censored``, and ``places_unpredicted`` without prediction;
        - ``bias_db``, ``spread_db``, ``rmse_db``: of predicted minus measured, see
          `bias_and_spread`;
        - ``hit_rate``: of places measured at or above the threshold, the share predicted so;
        - ``false_alarm_rate``: of places measured below, the share predicted at or above;
        - ``agreement``: of all these places, the share where the map shows service and the
          measured level is at or above the threshold, or neither;
        - ``confirmed``: of places where the map shows service, the share measured at or above.

        A place censored at a floor above the threshold takes no part in the last four. NaN
        where there is nothing to take a share of.

    Examples
    --------
    >>> table = pd.DataFrame(
    ...     {"operator": "Viettel", "predicted_dbm": [-90.0, -100.0, -112.0, -104.0],
    ...      "level_dbm": [-95.0, -102.0, -113.0, -114.0], "censored": False,
    ...      "threshold_dbm": -110.0, "needed_dbm": -100.0},
    ... )
    >>> found = accuracy(table, ["operator"])
    >>> found[["bias_db", "hit_rate", "false_alarm_rate"]].to_numpy().tolist()
    [[4.5, 1.0, 0.5]]
    """
    rows = []
    for labels, its in table.groupby(list(by), sort=True, dropna=False):
        predicted = its["predicted_dbm"].to_numpy(float)
        known = np.isfinite(predicted)
        measured, censored = its["level_dbm"].to_numpy(float), its["censored"].to_numpy(bool)
        bias, spread = bias_and_spread((predicted - measured)[known], censored[known])
        served, judged = measured_at_least(measured, censored, its["threshold_dbm"].to_numpy(float))
        at_least = np.where(known, predicted, -np.inf)
        told = at_least >= its["threshold_dbm"].to_numpy(float)
        shown = at_least >= its["needed_dbm"].to_numpy(float)
        rows.append(
            {
                **dict(zip(by, labels, strict=True)),
                "places": len(its),
                "places_censored": int(censored.sum()),
                "places_unpredicted": int((~known).sum()),
                "bias_db": bias,
                "spread_db": spread,
                "rmse_db": float(np.hypot(bias, spread)),
                "hit_rate": _share(told, judged & served),
                "false_alarm_rate": _share(told, judged & ~served),
                "agreement": _share(shown == served, judged),
                "confirmed": _share(served, judged & shown),
            }
        )
    columns = [
        *by, "places", "places_censored", "places_unpredicted", "bias_db", "spread_db", "rmse_db",
        "hit_rate", "false_alarm_rate", "agreement", "confirmed",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def measured_at_least(
    level_dbm: NDArray[np.float64], censored: Flags, threshold_dbm: ArrayLike
) -> tuple[Flags, Flags]:
    """Tell which levels are at or above a threshold, and of which that can be told.

    Parameters
    ----------
    level_dbm : ndarray of float, shape (n,)
        Of a censored one its floor.
    censored : ndarray of bool, shape (n,)
    threshold_dbm : array_like

    Returns
    -------
    ndarray of bool, ndarray of bool, shape (n,) each
        A censored level is below every threshold above its floor; of others nothing is told.

    Examples
    --------
    >>> measured_at_least(np.array([-110.0, -110.0]), np.array([False, True]), -110.0)
    (array([ True, False]), array([ True, False]))
    """
    threshold = np.asarray(threshold_dbm, float)
    return (level_dbm >= threshold) & ~censored, ~censored | (level_dbm < threshold)


def share_at_least(samples: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Return the share of samples at or above a threshold, by what they have in common.

    Parameters
    ----------
    samples : DataFrame
        ``level_dbm`` (of a censored one its floor), ``censored``, ``threshold_dbm`` and
        the columns of `by`; rows without a value there are left out.
    by : sequence of str

    Returns
    -------
    DataFrame
        One row a value of `by`, in their order, with ``samples`` of which it can be told, and
        ``share``, NaN where there is none.

    Examples
    --------
    >>> samples = pd.DataFrame(
    ...     {"road": ["a", "a", "b", None], "level_dbm": [-100.0, -112.0, -90.0, -80.0],
    ...      "censored": False, "threshold_dbm": -110.0},
    ... )
    >>> share_at_least(samples, ["road"])
      road  samples  share
    0    a        2    0.5
    1    b        1    1.0
    """
    served, judged = measured_at_least(
        samples["level_dbm"].to_numpy(float), samples["censored"].to_numpy(bool),
        samples["threshold_dbm"].to_numpy(float),
    )  # fmt: skip
    own = samples[list(by)].assign(samples=judged, served=served & judged)
    sums = own.groupby(list(by), sort=True)[["samples", "served"]].sum()
    share = sums["served"] / sums["samples"].where(sums["samples"] > 0)
    return sums[["samples"]].astype("int64").assign(share=share).reset_index()


def distance_class(distance_m: ArrayLike) -> NDArray[np.object_]:
    """Return the class of each distance, one of `DISTANCE_CLASSES`; None where it is not known.

    Parameters
    ----------
    distance_m : array_like

    Returns
    -------
    ndarray of object

    Examples
    --------
    >>> distance_class([999.0, 1000.0, np.nan]).tolist()
    ['< 1 km', '1–3 km', None]
    """
    return _classes(distance_m, DISTANCES_M, DISTANCE_CLASSES)


def band(frequency_mhz: ArrayLike) -> NDArray[np.object_]:
    """Return the class of each carrier, one of `BANDS`; None where it is not known.

    Parameters
    ----------
    frequency_mhz : array_like

    Returns
    -------
    ndarray of object

    Examples
    --------
    >>> band([900.0, 2600.0]).tolist()
    ['< 1 GHz', '≥ 2 GHz']
    """
    return _classes(frequency_mhz, FREQUENCIES_MHZ, BANDS)


def _classes(
    values: ArrayLike, limits: Sequence[float], names: Sequence[str]
) -> NDArray[np.object_]:
    given = np.asarray(values, float)
    known: NDArray[np.object_] = np.array([*names, None], dtype=object)
    at = np.where(np.isnan(given), len(names), np.digitize(given, limits))
    return np.asarray(known[at], dtype=object)


def _share(part: Flags, whole: Flags) -> float:
    return float(part[whole].mean()) if whole.any() else float("nan")
