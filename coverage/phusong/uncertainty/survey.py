"""A share of residents estimated from places drawn at random and measured.

The map helps to make the answer sharper; it cannot make it wrong: whatever the map says, the
expectation of the estimate is the truth, because the places were drawn by chance with known
probability. Knows residents, strata and what was measured; no signal, no map, no roads.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy  # `scipy.stats` is loaded once it is asked for: it takes a while
from numpy.typing import NDArray

# What a sample cannot show: one place where the map promises service and there is none, and one
# the other way round, stand beside every sample, so that a hundred agreements leave a doubt of
# about three in a hundred (the "rule of three") and not none.
_UNSEEN_SQUARES = 2.0


def whole_residents(residents: NDArray[np.floating]) -> NDArray[np.int64]:
    """Return whole residents of each place, their sum kept to half a person.

    Parameters
    ----------
    residents : array of float, shape (places,)
        As a population raster gives them; not negative.

    Returns
    -------
    array of int, shape (places,)
        Each within one of what it was: what is cut off adds up along the
        places, and whoever is complete lives where the sum became whole.

    Examples
    --------
    >>> whole_residents(np.array([0.4, 0.4, 0.4, 2.0, 0.9])).tolist()
    [0, 1, 0, 2, 1]
    """
    until = np.floor(np.cumsum(residents, dtype=np.float64) + 0.5).astype(np.int64)
    return np.diff(until, prepend=0)


def allot(residents: pd.Series, drawn: int, *, least: int = 2) -> pd.Series:
    """Share out how many residents to draw from each stratum.

    Parameters
    ----------
    residents : Series of int, indexed by stratum
        Whole residents.
    drawn : int
        Residents to draw in all.
    least : int
        From each stratum where so many live: two, so that its spread can be
        told.

    Returns
    -------
    Series of int, indexed by stratum
        In proportion to the residents, by largest remainder, of equal ones the
        first; never more than live there. The sum is `drawn`, or more if the
        least of all strata come to more, or all residents if they are fewer.

    Examples
    --------
    >>> allot(pd.Series({"a": 900, "b": 90, "c": 10, "d": 1}), 20).to_dict()
    {'a': 15, 'b': 2, 'c': 2, 'd': 1}
    """
    given = residents.clip(upper=least)
    while (left := min(drawn, int(residents.sum())) - int(given.sum())) > 0:
        wanted = residents / residents.sum() * drawn - given
        room = residents - given
        open_strata = room[room > 0].index
        short = wanted[open_strata].clip(lower=0)
        if short.sum() == 0:
            short = room[open_strata].astype(float)
        exact = short / short.sum() * left
        more = np.floor(exact).clip(upper=room[open_strata]).astype(int)
        if more.sum() == 0:
            first = exact.sort_values(ascending=False, kind="stable").index[:left]
            more = pd.Series(1, index=first)
        given = given.add(more, fill_value=0).astype(int)
    return given.astype(int)


def draw_places(
    residents: NDArray[np.int64],
    stratum: NDArray[np.object_],
    drawn: Mapping[str, int],
    *,
    seed: int,
) -> NDArray[np.int64]:
    """Draw residents at random, without putting back, and return where they live.

    Parameters
    ----------
    residents : array of int, shape (places,)
        Whole residents of each place (`whole_residents`).
    stratum : array of str, shape (places,)
        To which stratum each place belongs, such as its commune.
    drawn : mapping
        How many residents to draw from each stratum (`allot`); strata without
        an entry are left out.
    seed : int
        The same seed draws the same places; each stratum is drawn by itself,
        so that one more stratum moves no place of another.

    Returns
    -------
    array of int, shape (places,)
        How often each place was drawn: once for each drawn resident who lives
        there. It need be measured only once.

    Raises
    ------
    ValueError
        If more are to be drawn than live in a stratum.

    Examples
    --------
    >>> draw_places(
    ...     np.array([0, 5, 1]), np.array(["a", "a", "a"], dtype=object), {"a": 6}, seed=1
    ... ).tolist()
    [0, 5, 1]
    """
    times = np.zeros(len(residents), dtype=np.int64)
    for name, count in drawn.items():
        here = np.flatnonzero(stratum == name)
        living = residents[here]
        if count > living.sum():
            raise ValueError(f"{count} to be drawn of {living.sum()} residents of {name}")
        chance = np.random.default_rng([seed, *name.encode()])
        times[here] = chance.multivariate_hypergeometric(living, count, method="marginals")
    return times


@dataclass(frozen=True, kw_only=True)
class SurveyShare:
    """A share of residents as measured places tell it.

    Parameters
    ----------
    share, low, high : float
        The estimate and its interval, 0 to 1.
    standard_error : float
        Of the estimate.
    residents, drawn : int
        Residents it is about, and drawn among them.
    map_share : float
        What the map says of the same residents.
    map_weight : float
        How far the map was followed, 0 (not at all) to 1.
    """

    share: float
    low: float
    high: float
    standard_error: float
    residents: int
    drawn: int
    map_share: float
    map_weight: float


@dataclass(frozen=True, kw_only=True)
class _Strata:
    """What each stratum tells; one row a stratum, all arrays of its shape."""

    residents: NDArray[np.int64]
    drawn: NDArray[np.int64]
    map_share: NDArray[np.float64]
    served: NDArray[np.float64]
    map_of_drawn: NDArray[np.float64]
    served_squares: NDArray[np.float64]
    map_squares: NDArray[np.float64]
    products: NDArray[np.float64]

    def map_weight(self) -> float:
        """How far the map is worth following: the slope within strata, from 0 to 1."""
        weight = self._weight()
        spread = float((weight * self.map_squares).sum())
        if spread <= 0.0:
            return 1.0
        return min(max(float((weight * self.products).sum()) / spread, 0.0), 1.0)

    def _weight(self) -> NDArray[np.float64]:
        """Of the squares of a stratum within the variance of the whole."""
        part = self.residents / self.residents.sum()
        left = 1.0 - self.drawn / self.residents
        return np.asarray(part**2 * left / (self.drawn * np.maximum(self.drawn - 1, 1)))

    def residual(self, map_weight: float) -> NDArray[np.float64]:
        """How far what was measured lies above the weighted map, by stratum."""
        return self.served - map_weight * self.map_of_drawn

    def squares(self, map_weight: float) -> NDArray[np.float64]:
        """Sum of squares of the residuals about their mean, by stratum."""
        return (
            self.served_squares
            - 2.0 * map_weight * self.products
            + map_weight**2 * self.map_squares
        )

    def variance(self, map_weight: float) -> float:
        """Of the estimate for all strata together."""
        seen = float((self._weight() * self.squares(map_weight)).sum())
        drawn = int(self.drawn.sum())
        left = 1.0 - drawn / int(self.residents.sum())
        return seen + left * _UNSEEN_SQUARES / drawn**2


def _sums(sample: pd.DataFrame, strata: pd.DataFrame) -> pd.DataFrame:
    """Check a sample and sum it up by stratum: a row for each stratum where somebody lives."""
    if sample["served"].isna().any():
        raise ValueError("a drawn place without a measurement")
    if len(sample) == 0:
        raise ValueError("nothing was drawn")
    strangers = sorted(set(sample["stratum"]) - set(strata["stratum"]))
    if strangers:
        raise ValueError(f"drawn of strata that are not listed: {strangers}")
    one = sample.assign(
        served_sum=sample["drawn"] * sample["served"],
        map_sum=sample["drawn"] * sample["map_share"],
    )
    sums = one.groupby("stratum")[["drawn", "served_sum", "map_sum"]].sum()
    units = strata[strata["residents"] > 0].set_index("stratum").sort_index()
    units = units[["residents", "map_share"]].join(sums)
    units["drawn"] = units["drawn"].fillna(0).astype(np.int64)
    if (units["drawn"] > units["residents"]).any():
        raise ValueError("more drawn than live there")
    units["served"] = units.pop("served_sum") / units["drawn"].where(units["drawn"] > 0)
    units["map_of_drawn"] = units.pop("map_sum") / units["drawn"].where(units["drawn"] > 0)
    away_served = sample["served"] - sample["stratum"].map(units["served"])
    away_map = sample["map_share"] - sample["stratum"].map(units["map_of_drawn"])
    squares = pd.DataFrame(
        {
            "served_squares": sample["drawn"] * away_served**2,
            "map_squares": sample["drawn"] * away_map**2,
            "products": sample["drawn"] * away_served * away_map,
        }
    )
    return units.join(squares.groupby(sample["stratum"]).sum())


def _strata(units: pd.DataFrame) -> _Strata:
    return _Strata(**{name: units[name].to_numpy() for name in _Strata.__dataclass_fields__})


def survey_share(
    sample: pd.DataFrame, strata: pd.DataFrame, *, confidence: float = 0.9
) -> SurveyShare:
    """Estimate the share of residents served from measured places, with the map's help.

    Parameters
    ----------
    sample : DataFrame
        One row a drawn place: `stratum` (str), `drawn` (int, how often,
        `draw_places`), `map_share` (float, 0 to 1: what the map says of it, such
        as the probability of service), `served` (float: 1, 0, or the share of
        its readings).
    strata : DataFrame
        One row a stratum that was drawn from: `stratum`, `residents` (whole,
        of all its places that could be drawn), `map_share` (the map's share of
        them).
    confidence : float
        Of the interval.

    Returns
    -------
    SurveyShare
        For the residents of the strata, and no others: whom no road reaches
        does not belong into them.

    Raises
    ------
    ValueError
        If a drawn place has no measurement or a stratum that is not listed,
        nothing was drawn, more than live in a stratum, or fewer than two of one
        with residents.

    Notes
    -----
    The difference estimator for a stratified sample without replacement
    (Särndal, Swensson and Wretman 1992, chapter 6; Olofsson et al. 2014 for
    maps): the map's share of all, moved by what the measured places say of the
    map. The map counts with the weight that leaves the least spread, from 0
    to 1 (Angelopoulos, Duchi and Zrnic 2023): a useless map costs nothing, and
    one that is wrong everywhere alike is put right. The interval is Student's,
    with two places more in its spread that disagree with the map: a sample
    that agrees everywhere does not prove that the map is never wrong.

    Examples
    --------
    The map promises all of 1,000; of ten drawn, one was found dark.

    >>> sample = pd.DataFrame({
    ...     "stratum": "a", "drawn": 1, "map_share": 1.0, "served": [0.0] + [1.0] * 9})
    >>> strata = pd.DataFrame({"stratum": ["a"], "residents": [1000], "map_share": [1.0]})
    >>> found = survey_share(sample, strata)
    >>> round(found.share, 2), round(found.low, 2), round(found.high, 2)
    (0.9, 0.58, 1.0)
    """
    units = _sums(sample, strata)
    alone = units["drawn"].lt(2) & units["drawn"].lt(units["residents"])
    if alone.any():
        raise ValueError(f"fewer than two drawn of strata {list(units.index[alone])}")
    told = _strata(units)
    map_weight = told.map_weight()
    part = told.residents / told.residents.sum()
    map_share = float((part * told.map_share).sum())
    share = map_weight * map_share + float((part * told.residual(map_weight)).sum())
    standard_error = float(np.sqrt(told.variance(map_weight)))
    freedom = max(int(told.drawn.sum()) - len(part), 1)
    half = float(scipy.stats.t.ppf(0.5 + confidence / 2.0, freedom)) * standard_error
    return SurveyShare(
        share=min(max(share, 0.0), 1.0),
        low=min(max(share - half, 0.0), 1.0),
        high=min(max(share + half, 0.0), 1.0),
        standard_error=standard_error,
        residents=int(told.residents.sum()),
        drawn=int(told.drawn.sum()),
        map_share=map_share,
        map_weight=map_weight,
    )


def survey_shares_by_stratum(
    sample: pd.DataFrame, strata: pd.DataFrame, *, confidence: float = 0.9
) -> pd.DataFrame:
    """Estimate the share of each stratum, with what its neighbours say of the same map.

    A commune has ten measured places, too few to stand alone. The error of the
    map is thought to be alike in communes of one district, as far as their own
    measurements say: each gets its own figure and the common one, weighted by
    how sure they are.

    Parameters
    ----------
    sample, strata : DataFrame
        As `survey_share` takes them: of a district, its communes as strata.
        Strata without drawn places stand on the others alone.
    confidence : float
        Of the intervals.

    Returns
    -------
    DataFrame
        One row a stratum with residents, in order of name: `stratum`,
        `residents`, `drawn`, `map_share`, `share`, `low`, `high`,
        `standard_error`, `own_weight` (0: the others' figure, 1: its own).

    Raises
    ------
    ValueError
        If a drawn place has no measurement or a stratum that is not listed,
        nothing was drawn, more than live in a stratum, or fewer than two
        strata have two drawn.

    Notes
    -----
    The area-level model of Fay and Herriot (1979), the spread between areas by
    the moments of DerSimonian and Laird (1986), the mean square error of Prasad
    and Rao (1990). It is a model, though not the radio model: an interval of
    one commune may miss more often than that of `survey_share`. The sampling
    variance is that of all strata together, divided by the drawn of each.

    Examples
    --------
    >>> sample = pd.DataFrame({
    ...     "stratum": ["a"] * 10 + ["b"] * 10, "drawn": 1, "map_share": 1.0,
    ...     "served": [0.0] + [1.0] * 19})
    >>> strata = pd.DataFrame({"stratum": ["a", "b", "c"], "residents": 500, "map_share": 1.0})
    >>> found = survey_shares_by_stratum(sample, strata)
    >>> found[["stratum", "drawn", "share"]].round(2).values.tolist()
    [['a', 10, 0.95], ['b', 10, 0.95], ['c', 0, 0.95]]
    """
    units = _sums(sample, strata)
    several = _strata(units[units["drawn"] >= 2])
    if len(several.drawn) < 2:
        raise ValueError("fewer than two strata with two drawn")
    map_weight = several.map_weight()
    freedom = int((several.drawn - 1).sum())
    spread = (float(several.squares(map_weight).sum()) + _UNSEEN_SQUARES) / freedom

    told = _strata(units)
    seen = told.drawn > 0
    own = np.where(seen, told.residual(map_weight), 0.0)
    variance = np.where(
        seen, spread * (1.0 - told.drawn / told.residents) / np.maximum(told.drawn, 1), np.inf
    )
    # A stratum of which all were drawn is known; a hair of variance keeps the weights finite.
    variance = np.maximum(variance, 1e-9)
    between, doubt = _spread_between(own[seen], variance[seen])
    weight = 1.0 / (between + variance)  # none where nothing was drawn
    common = float((weight * own).sum() / weight.sum())
    own_weight = between * weight
    square_error = (
        np.where(seen, own_weight * np.where(seen, variance, 0.0), between)
        + (1.0 - own_weight) ** 2 / weight.sum()
        + np.where(seen, 2.0 * np.where(seen, variance, 0.0) ** 2 * weight**3 * doubt, 0.0)
    )
    share = map_weight * told.map_share + common + own_weight * (own - common)
    standard_error = np.sqrt(square_error)
    half = float(scipy.stats.t.ppf(0.5 + confidence / 2.0, freedom)) * standard_error
    return pd.DataFrame(
        {
            "stratum": units.index,
            "residents": told.residents,
            "drawn": told.drawn,
            "map_share": told.map_share,
            "share": np.clip(share, 0.0, 1.0),
            "low": np.clip(share - half, 0.0, 1.0),
            "high": np.clip(share + half, 0.0, 1.0),
            "standard_error": standard_error,
            "own_weight": own_weight,
        }
    )


def _spread_between(own: NDArray[np.float64], variance: NDArray[np.float64]) -> tuple[float, float]:
    """Variance between areas beyond that of their samples, and the variance of this figure.

    DerSimonian and Laird's moments: weighted squares about the mean beyond what sampling gives.
    """
    weight = 1.0 / variance
    mean = float((weight * own).sum() / weight.sum())
    excess = float((weight * (own - mean) ** 2).sum()) - (len(own) - 1)
    scale = float(weight.sum() - (weight**2).sum() / weight.sum())
    between = max(excess / scale, 0.0)
    return between, 2.0 / float(((1.0 / (between + variance)) ** 2).sum())
