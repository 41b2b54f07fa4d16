"""Where to build so that most people are served for the money, or a share of them for least."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.sparse import csr_array, hstack

from ..._types import Labels
from ...errors import InfeasibleSitingError, SitingError, SitingTimeError
from ...i18n import both
from ...service.villages import homes
from ...siting import (
    BRANCHES,
    BudgetYear,
    Candidates,
    Demand,
    NextStep,
    Search,
    SitePlan,
    Target,
    Works,
    next_step,
    plan_sites,
    served_by,
)
from ...study import Service, Study
from ...tables import GAPS
from ..gathered import Gathered
from ..parts.coverage import COVERAGE
from ..parts.coverage.inputs import CoverageInputs
from ..parts.territory import TERRITORY
from ..records import Note, Resources
from .site_account import (
    Waiting,
    commune_at,
    commune_years_of,
    communes_of,
    credited,
    gaps_of,
    sites_of,
)
from .site_aims import (
    Reached,
    SiteAim,
    asked_centres,
    reached_told,
    refused,
    require_aims,
    targets_of,
    within_reach,
)
from .site_backhaul import BackhaulRules
from .site_cover import Kept, covers_of
from .site_curves import SitingProblem
from .site_files import names_of, told_outside
from .site_places import apart, candidates_of, laid, named
from .site_power import waits_of
from .site_reach import Reach, lost_of
from .site_spacing import MastSpacing, told_too_near
from .site_waiting import Unserved
from .site_weights import weights_of
from .site_works import SitePrices, SiteWorks, shareable, works_at

SEARCH = Search(
    reach_m=2000, peak_m=300, antenna_m=40, receiver_m=1.5, gap_m=1000, per_gap=1000,
    least_people=10, spacing_m=400, choices=3,
)  # fmt: skip
"""How candidates are looked for unless told otherwise; the spacing, where the study has none, is
that of Hải Dương province outside towns, see docs/methods/siting.md."""


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class SitingFindings:
    """Works by year, whom they serve, and their cells.

    Parameters
    ----------
    study : Study
    aims : tuple of SiteAim
    weights : mapping of str to float
        By which measures people count more in the choice; figures of people never do.
    lowered : tuple of Reached
        Targets beyond reach, that ask for as much as can be had.
    candidates : Candidates
        Places that were predicted, and what became of the others.
    works : GeoDataFrame
        As `tables.SITE_WORKS`.
    sites : GeoDataFrame
        As `tables.PLANNED_SITES`: the works by place, in their order.
    years : DataFrame
        As `tables.SITE_YEARS`.
    communes : GeoDataFrame
        As `tables.SITE_COMMUNES`.
    commune_years : DataFrame
        As `tables.SITE_COMMUNE_YEARS`.
    gaps : GeoDataFrame
        As `tables.SITE_GAPS`.
    added : GeoDataFrame
        The cells of the plan, as `tables.CELLS`.
    backhaul : DataFrame
        What was offered to each new site, and why not: as `Backhaul.offers`.
    unreached : GeoDataFrame
        As `tables.SITE_UNREACHED`: villages with people whom no work serves, and why.
    hops : GeoDataFrame
        The hops of the plan, as `tables.SITE_HOPS`.
    cables : GeoDataFrame
        The cables of the plan, as `tables.SITE_CABLES`.
    cells : GeoDataFrame
        Those of the study and of the plan, for `phusong.what_if` or as a file for a run.
    plan : SitePlan
        What the programme found, with its bound and gap.
    next : NextStep, optional
        What the next money buys; None if nothing more can be served.
    next_works : DataFrame
        Its works: ``site_id``, ``kind`` and ``commune``.
    problem : SitingProblem
        What the plan was chosen from.
    first_site : ndarray of int, shape (demand,)
        Row of `sites` that is the first to serve each demand of the problem; -1 for none.
    notes : tuple of Note
    """

    study: Study
    aims: tuple[SiteAim, ...]
    weights: Mapping[str, float]
    lowered: tuple[Reached, ...]
    candidates: Candidates
    works: gpd.GeoDataFrame
    sites: gpd.GeoDataFrame
    years: pd.DataFrame
    communes: gpd.GeoDataFrame
    commune_years: pd.DataFrame
    gaps: gpd.GeoDataFrame
    added: gpd.GeoDataFrame
    backhaul: pd.DataFrame
    unreached: gpd.GeoDataFrame
    hops: gpd.GeoDataFrame
    cables: gpd.GeoDataFrame
    cells: gpd.GeoDataFrame
    plan: SitePlan
    next: NextStep | None
    next_works: pd.DataFrame
    problem: SitingProblem
    first_site: Labels
    notes: tuple[Note, ...]


def plan_of_sites(  # noqa: PLR0913 - as `phusong.site`, which checks its result
    gathered: Gathered,
    aims: Sequence[SiteAim],
    budgets_vnd: Mapping[int, float],
    prices: SitePrices,
    *,
    search: Search,
    spacing: MastSpacing,
    rules: BackhaulRules,
    own: gpd.GeoDataFrame | None,
    excluded: gpd.GeoDataFrame | None,
    beyond_m: float,
    weights: Mapping[str, float],
    lower_targets: bool,
    carry_over: bool,
    largest_gap: float,
    time_limit_s: float,
    resources: Resources,
) -> SitingFindings:
    """Plan the sites of a finished coverage; see `phusong.site`.

    Raises
    ------
    SitingError
        If the result has no coverage, there is no such service, or figures cannot be used.
    InfeasibleSitingError
        If the target cannot be met.
    InputError
        If a value of the cells to be built is none that a file may have.
    """
    study, coverage = gathered.study, gathered.found.get(COVERAGE)
    units = gathered.found[TERRITORY].units
    inputs = COVERAGE.take(study, gathered.loaded)
    if coverage is None or units is None or not isinstance(inputs, CoverageInputs):
        raise SitingError("pipeline.siting_no_coverage")
    tables = gathered.loaded.tables
    villages = tables.get("villages")
    on_air = set(coverage.cells["technology"])
    require_aims(aims, {one.id: one for one in study.services}, villages, on_air)
    _require(budgets_vnd, prices)
    spacing.require_possible(units.communes)
    codes = units.communes["commune_code"].to_numpy(object)
    counts, weighted = weights_of(weights, tables.get("priorities"), codes.tolist())
    services = tuple(dict.fromkeys(aim.service for aim in aims))
    networks = tuple(dict.fromkeys(aim.network for aim in aims))
    waiting = Unserved.of(units, {name: coverage.services[name].margin_db for name in services})
    grid = waiting.grid
    masts = shareable(coverage.cells, networks)
    shared = masts if prices.for_own_masts else masts[~masts["taken"]]
    standing = tables["cells"].drop_duplicates("site_id")
    told = [spacing.note(), *weighted]
    if own is not None:
        places = laid(own, grid)
        least_m = spacing.at(places, units.communes)
        told += told_outside(own, places, coverage.ground.height_m)
        told += told_too_near(names_of(own), places, standing, least_m)
    resources.on_progress("site.step_candidates", 0, 1)
    candidates = candidates_of(
        coverage.ground, units.communes,
        waiting.together({aim.service for aim in aims if aim.each_centre}, search.least_people),
        shared=shared, own=own, excluded=excluded, search=search,
        standing=standing, spacing=spacing, beyond_m=beyond_m,
    )  # fmt: skip
    resources.on_progress("site.step_candidates", 1, 1)
    sites = named(candidates, shared, tables["cells"], search.antenna_m)
    of_site = works_at(gathered, coverage, sites, networks=networks, prices=prices, rules=rules)
    plan = inputs.plan(of_site.cells, coverage.ground)
    served_by = {each.id: each for each in plan.services}
    ids = of_site.table.index
    of_cell = ids.get_indexer(of_site.cells["station_id"])
    kept = [
        Kept.of(plan, served_by[name], gap, resources)
        for name, gap in zip(services, waiting.gaps, strict=True)
    ]
    by_service = [
        covers_of(plan, served_by[name], gap, of_cell, len(ids), resources, its)
        for name, gap, its in zip(services, waiting.gaps, kept, strict=True)
    ]
    works = Works(
        table=of_site.table[["cost_vnd", "one_of"]],
        covers=waiting.by_row(by_service),
        needs=of_site.needs,
        # Of those that may be built: others have no cable, hop or power.
        apart=apart(sites[sites["site_id"].isin(of_site.table["one_of"])], units.communes, spacing),
    )
    lived = None if villages is None else homes(units.residents, villages)
    waits = waits_of(
        set(ids), villages, lived, codes=codes, commune=waiting.commune, pixel=waiting.pixel
    )
    demand = Demand(people=waiting.people, weight=waiting.once, waits=waits)
    weighed = demand
    if weights:
        weighed = replace(demand, weight=waiting.once * counts[waiting.commune])
    years = [BudgetYear(year=year, budget_vnd=vnd) for year, vnd in sorted(budgets_vnd.items())]
    residents = np.asarray(units.residents.communes.people.sum(axis=1)).ravel()
    everybody = float(units.residents.province.people.sum())
    reaches = [
        Reach(
            plan=plan, rule=served_by[name], villages=villages, homes=lived,
            communes=units.communes, people=waiting.people[its], commune=waiting.commune[its],
            pixel=waiting.pixel[its], threads=resources.threads, kept=its_kept,
        )
        for name, its, its_kept in zip(services, waiting.parts, kept, strict=True)
    ]  # fmt: skip
    targets = targets_of(
        aims, waiting, reaches, codes=codes, residents=residents, everybody=everybody,
        year=years[-1].year,
    )  # fmt: skip
    by_centre = [waiting.by_centre(by_service, number) for number in range(len(services))]
    resources.on_progress("site.step_plan", 0, 1)
    planned = partial(
        _planned, *_with_centres(works, weighed, by_centre, asked_centres(aims, waiting)), years,
        carry_over=carry_over, largest_gap=largest_gap, time_limit_s=time_limit_s,
    )  # fmt: skip
    titles = {one.id: one for one in study.services if one.id in services}
    met = targets
    try:
        if lower_targets:
            best, met = within_reach(planned, targets)
        else:
            best = planned(list(targets.values()))
    except InfeasibleSitingError as fault:
        worded = refused(fault, targets, waiting, reaches, titles, everybody)
        raise worded from fault
    lowered = tuple(
        Reached.by(of, target, met[of].people, waiting.people, everybody)
        for of, target in targets.items()
        if met[of].people < target.people
    )
    if lowered:
        told.append(_lowered(lowered, titles))
    served_year = best.served_year.iloc[: len(demand.people)]
    done = served_year.astype(float).to_numpy(float, na_value=np.inf)
    # Who lives where communes overlap counts once.
    by_year = [
        float((waiting.people * waiting.once)[done <= year].sum()) for year in best.years.index
    ]
    best = replace(best, years=best.years.assign(people=by_year), served_year=served_year)
    chosen = of_site.table.loc[best.works.index].drop(columns=["cost_vnd", "one_of"])
    built = gpd.GeoDataFrame(chosen.join(best.works).reset_index(), crs=study.crs)
    added = of_site.cells[of_site.cells["station_id"].isin(best.works.index)]
    after = Waiting(
        people=waiting.people,
        service=waiting.service,
        commune=waiting.commune,
        pixel=waiting.pixel,
        served_year=np.where(np.isfinite(done), done, np.nan),
    )
    of_built = ids.get_indexer(built["work_id"])
    ordered = credited(built, works.covers[of_built], after, works.needs)
    ranked = sites_of(built, ordered, after, grid, communes=units.communes, villages=villages)
    coming = _next(works, weighed, demand, best, time_limit_s)
    resources.on_progress("site.step_plan", 1, 1)
    table = tables["cells"]
    together = pd.concat(
        [table, added.reindex(columns=table.columns)] if len(added) else [table], ignore_index=True
    )
    together.attrs = dict(table.attrs)
    centre_after = waiting.centre_served | np.array(
        [np.asarray(its[of_built].sum(axis=0)).ravel() > 0 for its in by_centre]
    )
    number = len(services)
    return SitingFindings(
        study=study,
        aims=tuple(aims),
        weights=dict(weights),
        lowered=lowered,
        candidates=candidates,
        works=built,
        sites=ranked,
        years=best.years.reset_index(),
        communes=communes_of(
            units.communes, services, after, residents, (waiting.centre_served, centre_after)
        ),
        commune_years=commune_years_of(built, after, units.communes),
        gaps=gaps_of(gathered.tables[GAPS.name], services, after, grid),
        added=added.reset_index(drop=True),
        backhaul=of_site.backhaul.offers,
        unreached=_unreached(reaches, works, waiting),
        cables=_laid_by(of_site.backhaul.cables, best.works["year"]),
        hops=of_site.backhaul.hops[
            of_site.backhaul.hops["work_id"].isin(best.works.index)
        ].reset_index(drop=True),
        cells=together,
        plan=best,
        next=coming,
        next_works=_named(of_site.table, coming, units.communes),
        problem=SitingProblem(
            works=works,
            demand=demand,
            unit=waiting.service * len(codes) + waiting.commune,
            pixel=waiting.pixel,
            services=np.repeat(np.array(services, object), len(codes)),
            codes=np.tile(codes, number),
            names=np.tile(units.communes["name"].to_numpy(object), number),
            residents=np.tile(residents, number),
            everybody=number * everybody,
            largest_gap=largest_gap,
            time_limit_s=time_limit_s,
        ),
        first_site=ordered[1],
        notes=(*told, *_notes(candidates, of_site, plan.rejected, best, time_limit_s)),
    )


def _with_centres(
    works: Works, demand: Demand, by_centre: Sequence[csr_array], asked: Labels
) -> tuple[Works, Demand]:
    """Return works and demand with the centres that are to be served: a place each, nobody's."""
    if not len(asked):
        return works, demand
    columns = [by_centre[service][:, [commune]] for service, commune in asked.tolist()]
    return (
        replace(works, covers=csr_array(hstack([works.covers, *columns], format="csr"))),
        replace(
            demand,
            people=np.append(demand.people, np.ones(len(asked))),
            weight=np.append(demand.weight, np.zeros(len(asked))),
        ),
    )


def _unreached(reaches: Sequence[Reach], works: Works, waiting: Unserved) -> gpd.GeoDataFrame:
    """Return the villages that no work serves, of each service."""
    found = [
        reach.unreached(lost_of(works.covers[:, its], reach.people))
        for reach, its in zip(reaches, waiting.parts, strict=True)
    ]
    filled = [each for each in found if len(each)] or found[:1]
    return gpd.GeoDataFrame(pd.concat(filled, ignore_index=True), crs=found[0].crs)


def _planned(
    works: Works,
    demand: Demand,
    years: Sequence[BudgetYear],
    targets: Sequence[Target],
    *,
    carry_over: bool,
    largest_gap: float,
    time_limit_s: float,
) -> SitePlan:
    return plan_sites(
        works, demand, years, targets=targets, aim="money" if targets else "people",
        carry_over=carry_over, largest_gap=largest_gap, time_limit_s=time_limit_s,
    )  # fmt: skip


def _lowered(lowered: Sequence[Reached], services: Mapping[str, Service]) -> Note:
    """Tell which targets ask for less than was asked for."""
    targets = both(lambda lang: reached_told(lowered, services, lang))
    return Note("site.lowered", {"count": len(lowered), "targets": targets})


def _next(
    works: Works, weighted: Demand, demand: Demand, plan: SitePlan, time_limit_s: float
) -> NextStep | None:
    """Return what the next money buys; None too where no time suffices to find out.

    It is chosen by the weighted demand, and tells people.
    """
    built = plan.works.index.to_list()
    with suppress(SitingTimeError):
        found = next_step(works, weighted, built, time_limit_s=time_limit_s)
        if found is None or weighted is demand:
            return found
        then = served_by(works, demand, [*built, *found.works])
        more = then & ~served_by(works, demand, built)
        return replace(found, people=float((demand.people * demand.weight)[more].sum()))
    return None


def _named(
    works: gpd.GeoDataFrame, step: NextStep | None, communes: gpd.GeoDataFrame
) -> pd.DataFrame:
    """Return what the next works are and in which commune they stand."""
    its = works.loc[[] if step is None else list(step.works)].reset_index()
    return pd.DataFrame(its[["site_id", "kind"]]).assign(
        commune=commune_at(its, communes)["commune"]
    )


def _laid_by(cables: gpd.GeoDataFrame, year: pd.Series) -> gpd.GeoDataFrame:
    """Return the cables of chosen works, with the year of each."""
    chosen = cables[cables["work_id"].isin(year.index)]
    return chosen.assign(year=chosen["work_id"].map(year)).reset_index(drop=True)


def _require(budgets_vnd: Mapping[int, float], prices: SitePrices) -> None:
    """Refuse money that no plan can be made with, before anything is computed."""
    if not prices.mast_vnd:
        raise SitingError("pipeline.siting_no_mast")
    for name, price in prices.named:
        if not (price >= 1 and np.isfinite(price)):
            raise SitingError("pipeline.siting_bad_price", name=name, value=price)
    if not budgets_vnd:
        raise SitingError("siting.bad_years")
    for year, money in sorted(budgets_vnd.items()):
        if not (money >= 0 and np.isfinite(money)):
            raise SitingError("pipeline.siting_bad_budget", year=year, value=money)


def _notes(
    candidates: Candidates,
    works: SiteWorks,
    rejected: pd.DataFrame,
    plan: SitePlan,
    time_limit_s: float,
) -> tuple[Note, ...]:
    """Tell how many places were predicted and left out and why, and what cells are after."""
    counts = {
        "kept": len(candidates.table),
        "gaps": candidates.gaps,
        "existing": int((candidates.table["kind"] == "existing").sum()),
        **candidates.left_out,
    }
    notes = [*works.notes, Note("pipeline.siting_candidates", counts)]
    if works.left_out:
        notes.append(Note("pipeline.siting_no_backhaul", {"count": works.left_out}))
    if works.without_power:
        notes.append(Note("pipeline.siting_no_power", {"count": works.without_power}))
    if len(rejected):
        notes.append(Note("pipeline.cells_not_predicted", {"count": len(rejected)}))
    values = {
        "people": float(plan.years["people"].iloc[-1]),
        "cost": plan.cost_vnd,
        "percent": 100 * plan.gap,
    }
    notes.append(Note("pipeline.siting_plan", values))
    if plan.ran_out:
        notes.append(Note("pipeline.siting_ran_out", {"seconds": time_limit_s}))
    elif plan.branched_out:
        notes.append(Note("pipeline.siting_branched_out", {"branches": BRANCHES}))
    return tuple(notes)
