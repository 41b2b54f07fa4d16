"""Where to build so that most people are served for the money, or a share of them for least."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from ..._types import Floats, Labels
from ...errors import InfeasibleSitingError, SitingError, SitingTimeError
from ...grid import grid_of
from ...i18n import both, text
from ...service.villages import homes
from ...siting import (
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
    unserved,
)
from ...study import Study
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
    credited,
    gaps_of,
    sites_of,
)
from .site_backhaul import BackhaulRules
from .site_cover import covers_of
from .site_curves import SitingProblem
from .site_files import told_outside
from .site_places import apart, candidates_of, laid, named
from .site_power import waits_of
from .site_reach import Reach, lost_of, told
from .site_works import SitePrices, SiteWorks, shareable, works_at

SEARCH = Search(
    reach_m=2000, peak_m=300, antenna_m=40, receiver_m=1.5, gap_m=1000, per_gap=1000,
    least_people=10, spacing_m=400, choices=3,
)  # fmt: skip
"""How candidates are looked for unless told otherwise; the spacing is that of Hải Dương province
outside towns, see docs/methods/siting.md."""
NOBODY_MORE = 1e-9
WHOLE = "*"
"""Id of the target of the whole province; those of communes are their codes."""


@dataclass(frozen=True, kw_only=True)
class SiteAim:
    """What a plan of sites is for.

    Parameters
    ----------
    service : str
        Id of the service to be had.
    operator, technology : str
        Of the cells to be built.
    target_share : float, optional
        Share of the residents of the province, 0 to 1, to be served by the last year, for least
        money; without it as many people as the budgets serve.
    each_commune, each_village : bool
        Whether every commune, and every village, is to have that share.
    """

    service: str
    operator: str
    technology: str
    target_share: float | None = None
    each_commune: bool = False
    each_village: bool = False


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class SitingFindings:
    """Works by year, whom they serve, and their cells.

    Parameters
    ----------
    study : Study
    aim : SiteAim
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
    aim: SiteAim
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
    aim: SiteAim,
    budgets_vnd: Mapping[int, float],
    prices: SitePrices,
    *,
    search: Search,
    rules: BackhaulRules,
    own: gpd.GeoDataFrame | None,
    excluded: gpd.GeoDataFrame | None,
    beyond_m: float,
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
    if aim.service not in coverage.services:
        known = ", ".join(coverage.services)
        raise SitingError("pipeline.siting_unknown_service", service=aim.service, known=known)
    _require(aim, budgets_vnd, prices, gathered.loaded.tables.get("villages"))
    margin = coverage.services[aim.service].margin_db
    grid = grid_of(margin)
    people = units.residents.communes.people.tocsr()
    gap = unserved(grid, margin.to_numpy(), np.asarray(people.sum(axis=0)).reshape(grid.shape))
    masts = shareable(coverage.cells, aim.operator, aim.technology)
    shared = masts if prices.for_own_masts else masts[~masts["taken"]]
    outside = [] if own is None else told_outside(own, laid(own, grid), coverage.ground.height_m)
    resources.on_progress("site.step_candidates", 0, 1)
    candidates = candidates_of(
        coverage.ground, units.communes, gap,
        shared=shared, own=own, excluded=excluded, search=search, beyond_m=beyond_m,
    )  # fmt: skip
    resources.on_progress("site.step_candidates", 1, 1)
    sites = named(candidates, shared, gathered.loaded.tables["cells"], search.antenna_m)
    of_site = works_at(
        gathered, coverage, sites,
        operator=aim.operator, technology=aim.technology, prices=prices, rules=rules,
    )  # fmt: skip
    plan = inputs.plan(of_site.cells, coverage.ground)
    rule = next(each for each in plan.services if each.id == aim.service)
    ids = of_site.table.index
    covers = covers_of(
        plan, rule, gap, ids.get_indexer(of_site.cells["station_id"]), len(ids), resources
    )
    # A row of demand is the people of one commune in one pixel.
    commune, pixel = people.nonzero()
    at = gap.position.ravel()[pixel]
    commune, counted = commune[at >= 0], np.asarray(people[commune, pixel]).ravel()[at >= 0]
    works = Works(
        table=of_site.table[["cost_vnd", "one_of"]],
        covers=covers[:, at[at >= 0]].tocsr(),
        needs=of_site.needs,
        # Of those that may be built: others have no cable, hop or power.
        apart=apart(sites[sites["site_id"].isin(of_site.table["one_of"])], search.spacing_m),
    )
    pixel = pixel[at >= 0]
    once = _counted_once(people, units.residents.province.people.tocsr(), pixel)
    villages = gathered.loaded.tables.get("villages")
    lived = None if villages is None else homes(units.residents, villages)
    waits = waits_of(
        set(ids), villages, lived,
        codes=units.communes["commune_code"].to_numpy(object), commune=commune, pixel=pixel,
    )  # fmt: skip
    demand = Demand(people=counted, weight=once, waits=waits)
    years = [BudgetYear(year=year, budget_vnd=vnd) for year, vnd in sorted(budgets_vnd.items())]
    total = np.asarray(people.sum(axis=1)).ravel()
    everybody = float(units.residents.province.people.sum())
    codes = units.communes["commune_code"].to_numpy(object)
    reach = Reach(
        plan=plan, rule=rule, villages=villages, homes=lived, communes=units.communes,
        people=counted, commune=commune, pixel=pixel,
    )  # fmt: skip
    resources.on_progress("site.step_plan", 0, 1)
    best = _solved(
        works, demand, years,
        [
            *_targets(aim, commune, demand, (total, everybody), codes, years),
            *(_of_villages(aim, reach, years) if aim.each_village else ()),
        ],
        carry_over=carry_over, largest_gap=largest_gap, time_limit_s=time_limit_s,
        reach=reach,
    )  # fmt: skip
    # Who lives where communes overlap counts once.
    done = best.served_year.astype(float).to_numpy(float, na_value=np.inf)
    by_year = [float((counted * once)[done <= year].sum()) for year in best.years.index]
    best = replace(best, years=best.years.assign(people=by_year))
    chosen = of_site.table.loc[best.works.index].drop(columns=["cost_vnd", "one_of"])
    built = gpd.GeoDataFrame(chosen.join(best.works).reset_index(), crs=study.crs)
    added = of_site.cells[of_site.cells["station_id"].isin(best.works.index)]
    after = Waiting(
        people=counted,
        commune=commune,
        pixel=pixel,
        served_year=best.served_year.astype(float).to_numpy(float, na_value=np.nan),
    )
    ordered = credited(built, works.covers[ids.get_indexer(built["work_id"])], after)
    ranked = sites_of(
        built,
        ordered,
        after,
        grid,
        communes=units.communes,
        villages=gathered.loaded.tables.get("villages"),
    )
    coming = _next(works, demand, best, time_limit_s)
    resources.on_progress("site.step_plan", 1, 1)
    gaps = gathered.tables[GAPS.name]
    served = best.served_year.notna().to_numpy()
    gained = np.bincount(commune[served], counted[served], minlength=len(codes))
    before = total - np.bincount(commune, counted, minlength=len(codes))
    table = gathered.loaded.tables["cells"]
    together = pd.concat(
        [table, added.reindex(columns=table.columns)] if len(added) else [table], ignore_index=True
    )
    together.attrs = dict(table.attrs)
    inhabited = np.where(total > 0, total, np.nan)
    return SitingFindings(
        study=study,
        aim=aim,
        candidates=candidates,
        works=built,
        sites=ranked,
        years=best.years.reset_index(),
        communes=gpd.GeoDataFrame(
            {
                "commune_code": codes,
                "name": units.communes["name"].to_numpy(object),
                "population": total,
                "share_before": before / inhabited,
                "people": gained,
                "share_after": np.minimum((before + gained) / inhabited, 1),
            },
            geometry=units.communes.geometry.to_numpy(),
            crs=study.crs,
        ),
        commune_years=commune_years_of(built, after, units.communes),
        gaps=gaps_of(gaps[gaps["service"] == aim.service], after, grid),
        added=added.reset_index(drop=True),
        backhaul=of_site.backhaul.offers,
        unreached=reach.unreached(lost_of(works.covers, counted)),
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
            commune=commune,
            pixel=pixel,
            codes=codes,
            names=units.communes["name"].to_numpy(object),
            residents=total,
            province=everybody,
            largest_gap=largest_gap,
            time_limit_s=time_limit_s,
        ),
        first_site=ordered[1],
        notes=(*outside, *_notes(candidates, of_site, plan.rejected, best, time_limit_s)),
    )


def _next(works: Works, demand: Demand, plan: SitePlan, time_limit_s: float) -> NextStep | None:
    """Return what the next money buys; None too where no time suffices to find out."""
    with suppress(SitingTimeError):
        return next_step(works, demand, plan.works.index.to_list(), time_limit_s=time_limit_s)
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


def _counted_once(communes: Any, province: Any, pixel: Labels) -> Floats:
    """Return which share of its people a row counts for in the province: all but in overlaps."""
    of_communes = np.asarray(communes.sum(axis=0)).ravel()[pixel]
    of_province = np.asarray(province.sum(axis=0)).ravel()[pixel]
    once: Floats = np.minimum(of_province / of_communes, 1.0)
    return once


def _targets(
    aim: SiteAim,
    commune: Labels,
    demand: Demand,
    residents: tuple[Floats, float],
    codes: Labels,
    years: list[BudgetYear],
) -> list[Target]:
    """Return what must be served more, of the province or of every commune."""
    if aim.target_share is None or not years:
        return []
    last, people = years[-1].year, demand.people
    total, everybody = residents
    if aim.each_village and not aim.each_commune:
        return []
    if not aim.each_commune:
        more = (people * demand.weight).sum() - (1 - aim.target_share) * everybody
        every = np.arange(len(people))
        return [
            Target(
                target_id=WHOLE, demand=every, people=max(float(more), 0.0), year=last,
                share=demand.weight,
            )
        ]  # fmt: skip
    waiting = np.bincount(commune, people, minlength=len(total))
    more = waiting - (1 - aim.target_share) * total
    return [
        Target(
            target_id=str(codes[one]),
            demand=np.flatnonzero(commune == one),
            people=float(more[one]),
            year=last,
        )
        for one in np.flatnonzero(more > 0).tolist()
    ]


def _of_villages(aim: SiteAim, reach: Reach, years: list[BudgetYear]) -> list[Target]:
    """Return what must be served more of every village where people are listed for one."""
    if aim.target_share is None or not years:
        return []
    lived, village = reach.homes, reach.village_of(np.arange(len(reach.people)))
    assert lived is not None, "villages were asked for"
    assert reach.villages is not None
    known = np.flatnonzero(np.isfinite(village))
    order = known[np.argsort(village[known], kind="stable")]
    at, ids = village[order].astype(int), reach.villages["village_id"].to_numpy(object)
    residents = np.bincount(lived.village, lived.people, minlength=len(ids))
    waiting = np.bincount(at, reach.people[order], minlength=len(ids))
    more = waiting - (1 - aim.target_share) * residents
    return [
        Target(
            target_id=str(ids[one]),
            demand=order[slice(*np.searchsorted(at, [one, one + 1]))],
            people=float(more[one]),
            year=years[-1].year,
        )
        for one in np.flatnonzero(more > NOBODY_MORE).tolist()
    ]


def _require(
    aim: SiteAim, budgets_vnd: Mapping[int, float], prices: SitePrices, villages: object
) -> None:
    """Refuse what no plan can be made with, before anything is computed."""
    if aim.target_share is not None and not 0 <= aim.target_share <= 1:
        raise SitingError("pipeline.siting_bad_share", value=aim.target_share)
    if aim.each_village and villages is None:
        raise SitingError("pipeline.siting_no_villages")
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


def _solved(  # noqa: PLR0913 - as `plan_sites`, and where its demand lies
    works: Works,
    demand: Demand,
    years: list[BudgetYear],
    targets: list[Target],
    *,
    carry_over: bool,
    largest_gap: float,
    time_limit_s: float,
    reach: Reach,
) -> SitePlan:
    """Solve; of a target beyond reach name the villages that no candidate reaches, and why."""
    try:
        return plan_sites(
            works, demand, years, targets=targets, aim="money" if targets else "people",
            carry_over=carry_over, largest_gap=largest_gap, time_limit_s=time_limit_s,
        )  # fmt: skip
    except InfeasibleSitingError as fault:
        if "unreached" not in fault.values:
            raise
        lost, missed = np.array(fault.values["unreached"], int), fault.values["targets"]
        villages = reach.unreached(lost)
        raise InfeasibleSitingError(
            "pipeline.siting_beyond_reach",
            people=float(demand.people[lost].sum()),
            targets=both(lambda lang: missed[lang].replace(WHOLE, text("plan.province", lang))),
            places=both(lambda lang: told(villages, lang)),
        ) from fault


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
    return tuple(notes)
