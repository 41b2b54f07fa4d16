"""New cable year by year: what of the extension and of the second ways each year's money builds.

Knows settings and tables; the programme is the engine's.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd

from ...._types import Flags, Floats, Labels
from ....fibre import (
    PhasePlan,
    Resilience,
    RouteNetwork,
    avoid_trenches,
    build_links,
    plan_phases,
    second_way_lacks,
)
from ....tables import FIBRE_YEARS
from ...records import Note
from .drill import cut_drill
from .inputs import FibreInputs
from .places import CENTRE

Lack = tuple[int, Iterable[int]]


@dataclass(frozen=True, kw_only=True)
class Phased:
    """Years of new cable; ``waiting`` still lacks the names of its places."""

    extension: gpd.GeoDataFrame | None
    links: gpd.GeoDataFrame | None
    years: pd.DataFrame
    waiting: pd.DataFrame
    notes: list[Note]


class _FirstWays:
    """Places that the extension connects, and the stretches of it between places and forks."""

    def __init__(self, places: pd.DataFrame, routes: pd.DataFrame) -> None:
        self.places = places[places["hangs_on"].map(len) > 0]
        users: list[set[int]] = [set() for _ in range(len(routes))]
        for place, chain in enumerate(self.places["hangs_on"]):
            for row in chain:
                users[row].add(place)
        # Routes that the same places need are one stretch: half of it serves nobody.
        self.stretch, _ = pd.factorize(pd.Series([frozenset(each) for each in users], dtype=object))
        self.cost = pd.Series(routes["cost_vnd"].to_numpy(float)).groupby(self.stretch).sum()
        self.chains = [
            list(dict.fromkeys(self.stretch[list(chain)])) for chain in self.places["hangs_on"]
        ]

    @property
    def after(self) -> Iterable[tuple[int, int]]:
        """Pairs of a stretch and the one on which it hangs."""
        return {pair for chain in self.chains for pair in pairwise(chain)}

    def lacks(self, built: Flags) -> list[Lack]:
        return [
            (place, [piece])
            for place, chain in enumerate(self.chains)
            for piece in chain
            if not built[piece]
        ]


class _SecondWays:
    """Centres to which the planned links give a second way."""

    def __init__(
        self,
        inputs: FibreInputs,
        network: RouteNetwork,
        drops: pd.DataFrame,
        places: gpd.GeoDataFrame,
        found: Resilience,
        links: gpd.GeoDataFrame,
    ) -> None:
        self.links, trench = links, inputs.settings.trench
        if trench is not None:
            links = avoid_trenches(
                network, links, distance_m=trench.distance_m, shortest_m=trench.shortest_m
            )
        asked = (places["level"] == "district") | (places.index.get_level_values("kind") == CENTRE)
        asked &= (found.places["homing"] == "single").to_numpy()
        node = drops.loc[asked, "node"]
        hopeless = {place for place, _ in second_way_lacks(network, found, links, node)(
            np.ones(len(links), bool)
        )}  # fmt: skip
        node = node[[place not in hopeless for place in range(len(node))]]
        self.places = pd.DataFrame(places.loc[node.index])
        self.lacks = second_way_lacks(network, found, links, node)


def phase(  # noqa: PLR0913 - the plan, and what it was made of
    inputs: FibreInputs,
    network: RouteNetwork,
    drops: pd.DataFrame,
    places: gpd.GeoDataFrame,
    found: Resilience,
    links: gpd.GeoDataFrame | None,
    extension: gpd.GeoDataFrame | None,
    first_ways: pd.DataFrame,
) -> Phased:
    """Enter new cable by year within the study's budgets.

    Parameters
    ----------
    inputs : FibreInputs
        Of a study with prices, a drill and budgets.
    network, drops, places, found
        The network, what hangs on it, and its drill.
    links, extension : GeoDataFrame, optional
        What should be built, as `tables.FIBRE_LINKS` and `tables.FIBRE_EXTENSION`.
    first_ways : DataFrame, by kind and id
        Places that the extension connects: ``counts``, and ``hangs_on``, the rows
        of the extension on the way.

    Raises
    ------
    ValueError
        If the study has no budgets or no drill.
    """
    settings, wanted = inputs.settings, inputs.settings.rollout
    if wanted is None or settings.rank_by is None:
        raise ValueError("cable is phased for a study with budgets and a drill")
    chosen = None if links is None else links[links["stage"].notna()]
    first = _FirstWays(first_ways, pd.DataFrame({"cost_vnd": []}) if extension is None
                       else extension)  # fmt: skip
    second = (
        None
        if chosen is None or not len(chosen)
        else _SecondWays(inputs, network, drops, places, found, chosen)
    )
    stretches, firsts = len(first.cost), len(first.places)
    counts = [first.places["counts"].to_numpy(float)]
    weights = [np.ones(firsts)]
    cost = [first.cost.to_numpy(float)]
    if second is not None:
        counts.append(second.places[settings.rank_by].to_numpy(float))
        weights.append(np.full(len(second.places), wanted.second_way_weight))
        cost.append(second.links["cost_vnd"].to_numpy(float))
    count, weight = np.concatenate(counts), np.concatenate(weights)

    def lacks(built: Flags) -> list[Lack]:
        told = first.lacks(built[:stretches])
        if second is not None:
            told += [
                (firsts + place, pieces + stretches)
                for place, pieces in second.lacks(built[stretches:])
            ]
        return told

    number = np.where(count > 0, np.cumsum(count > 0) - 1, -1)
    budget = pd.Series({year.year: year.budget_vnd for year in wanted.years}, dtype=float)
    plan = plan_phases(
        pd.Series(np.concatenate(cost)),
        pd.Series((count * weight)[count > 0]),
        budget,
        lacks=lambda built: [
            (int(number[gain]), [*pieces]) for gain, pieces in lacks(built) if count[gain] > 0
        ],
        after=first.after,
        carry_over=wanted.carry_over,
        largest_gap=wanted.largest_gap,
    )
    waiting = _waiting(first, second, count, number, plan, budget.index, lacks)
    built = plan.build_year.array
    if second is not None and chosen is not None and links is not None:
        year = pd.Series(built[stretches:], chosen.index)
        links = links.assign(build_year=year.reindex(links.index).astype("Int64"))
        homing = [
            _homing(inputs, network, drops, places, chosen[(year <= one).fillna(False)])
            for one in budget.index
        ]
        waiting = _proved(waiting, homing, budget.index)
    if extension is not None:
        extension = extension.assign(build_year=built[first.stretch])
    share = np.where(waiting["gain"] == "second_way", wanted.second_way_weight, 1.0)
    years = _by_year(plan, budget, waiting.assign(worth=waiting["counts"] * share),
                     [one for one in (extension, links) if one is not None])  # fmt: skip
    return Phased(
        extension=extension,
        links=links,
        years=years,
        waiting=waiting,
        notes=_about(plan, years, waiting),
    )


def _waiting(
    first: _FirstWays,
    second: _SecondWays | None,
    count: Floats,
    number: Labels,
    plan: PhasePlan,
    years: pd.Index,
    lacks: Callable[[Flags], list[Lack]],
) -> pd.DataFrame:
    """Return of each place when it gains, and why it waits; those where nobody lives too."""
    tables = [("first_way", first.places)]
    if second is not None:
        tables.append(("second_way", second.places))
    labels = [(gain, *label) for gain, table in tables for label in table.index]
    gain_year = pd.array([pd.NA] * len(count), "Int64")
    for year in years[::-1]:
        built = (plan.build_year <= year).fillna(False).to_numpy(bool)
        lacking = {gain for gain, _ in lacks(built)}
        gain_year[np.array([gain not in lacking for gain in range(len(count))], bool)] = year
    short = np.zeros(len(count))
    short[count > 0] = plan.gains["short_vnd"].to_numpy()[number[count > 0]]
    waits = gain_year.isna()
    table = pd.DataFrame(labels, columns=["gain", "place_kind", "place_id"]).astype("str")
    return table.assign(
        counts=count,
        gain_year=gain_year,
        reason=np.where(waits, np.where(count > 0, "budget", "nothing_counts"), "in_plan"),
        short_vnd=np.where(waits & (count > 0), short, np.nan),
    )


def _homing(
    inputs: FibreInputs,
    network: RouteNetwork,
    drops: pd.DataFrame,
    places: gpd.GeoDataFrame,
    links: gpd.GeoDataFrame,
) -> pd.Series:
    """Cut the network with some links built; the ways of each place."""
    hubs = places.index[places["level"] == "province"]
    built = build_links(network, links)
    return cut_drill(inputs.settings, built, drops, places, hubs).places["homing"]


def _proved(waiting: pd.DataFrame, homing: Sequence[pd.Series], years: pd.Index) -> pd.DataFrame:
    """Let a second way count from the year on in which the drill with its links finds one."""
    gain_year, reason = waiting["gain_year"].array.copy(), waiting["reason"].to_list()
    for row, (gain, *label) in enumerate(
        waiting[["gain", "place_kind", "place_id"]].itertuples(index=False)
    ):
        if gain == "second_way" and pd.notna(gain_year[row]):
            proved = [
                year
                for year, ways in zip(years, homing, strict=True)
                if year >= gain_year[row] and ways[tuple(label)] != "single"
            ]
            gain_year[row] = proved[0] if proved else pd.NA
            reason[row] = "in_plan" if proved else "new_trench"
    return waiting.assign(gain_year=gain_year, reason=reason)


def _by_year(
    plan: PhasePlan,
    budget: pd.Series,
    waiting: pd.DataFrame,
    new: Sequence[gpd.GeoDataFrame],
) -> pd.DataFrame:
    """Sum up each year's money, cable and gains."""
    rows = []
    money = zip(budget.index, budget, plan.spent_vnd, plan.left_vnd, strict=True)
    for year, allowed, spent, left in money:
        mine = waiting[(waiting["gain_year"] == year).fillna(False)]
        length_m = sum(
            float(one.loc[(one["build_year"] == year).fillna(False), "length_m"].sum())
            for one in new
            if "build_year" in one
        )
        rows.append(
            {
                "year": year,
                "budget_vnd": allowed,
                "spent_vnd": spent,
                "left_vnd": max(left, 0.0),
                "length_km": length_m / 1000,
                "first_ways": int((mine["gain"] == "first_way").sum()),
                "second_ways": int((mine["gain"] == "second_way").sum()),
                "gained": float(mine["worth"].sum()),
            }
        )
    return pd.DataFrame(rows, columns=list(FIBRE_YEARS.columns))


def _about(plan: PhasePlan, years: pd.DataFrame, waiting: pd.DataFrame) -> list[Note]:
    notes = [
        Note(
            "fibre.note_phases",
            {
                "first": int(years["first_ways"].sum()),
                "second": int(years["second_ways"].sum()),
                "million": years["spent_vnd"].sum() / 1e6,
                "budget": years["budget_vnd"].sum() / 1e6,
            },
        )
    ]
    if plan.gap > 0:
        notes.append(Note("fibre.note_phases_gap", {"percent": math.ceil(100 * plan.gap)}))
    wait = waiting[waiting["reason"] == "budget"]
    if len(wait):
        least = wait["short_vnd"].min() / 1e6
        notes.append(Note("fibre.note_phases_waiting", {"count": len(wait), "million": least}))
    return notes
