"""The rollout of a run: its offices, works, money and scenarios, as result tables.

Knows how a study's settings become the engine's arguments; what an office
lacks is `egov`'s.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from ....egov import (
    RolloutPlan,
    RuleTable,
    Work,
    Year,
    compare_scenarios,
    missing_works,
    plan_rollout,
    weigh,
)
from ....errors import InfeasibleRolloutError, RolloutError
from ....i18n import Bilingual, both, words
from ....study import Egov, Rollout, Study
from ....tables import ROLLOUT, ROLLOUT_SCENARIOS
from ...records import Note
from ..territory import Territory
from .inputs import EgovInputs, listed

BASE = "base"
"""The study's own budgets among the scenarios."""


@dataclass(frozen=True, kw_only=True)
class RolloutTables:
    """Fields of `tables.ROLLOUT` and its companions; None without a plan."""

    plan: gpd.GeoDataFrame | None = None
    years: pd.DataFrame | None = None
    works: pd.DataFrame | None = None
    scenarios: pd.DataFrame | None = None
    without_work: Bilingual | None = None
    """What offices lack or did not report that no work meets, and how many offices."""
    notes: tuple[Note, ...] = ()


def with_budgets(study: Study, budgets_vnd: Sequence[float]) -> Study:
    """Return the study with other budgets, one a year of its rollout.

    Parameters
    ----------
    study : Study
        With a rollout.
    budgets_vnd : sequence of float
        One a year, zero or more.

    Returns
    -------
    Study

    Raises
    ------
    RolloutError
        If the study has no rollout, or other years than budgets, or a budget is
        below zero or infinite.

    Examples
    --------
    >>> from phusong import open_study, sample_folder
    >>> study = open_study(sample_folder())
    >>> years = len(study.egov.rollout.years)
    >>> more = with_budgets(study, [9e9] * years)
    >>> more.egov.rollout.years[0].budget_vnd
    9000000000.0
    """
    rollout = study.egov.rollout if study.egov else None
    if study.egov is None or rollout is None:
        raise RolloutError("egov.no_rollout")
    if len(budgets_vnd) != len(rollout.years):
        raise RolloutError(
            "egov.budgets_differ",
            given=len(budgets_vnd),
            years=", ".join(str(year.year) for year in rollout.years),
        )
    if not all(0 <= budget < np.inf for budget in budgets_vnd):
        raise RolloutError("egov.bad_budget")
    years = tuple(
        year.model_copy(update={"budget_vnd": float(budget)})
        for year, budget in zip(rollout.years, budgets_vnd, strict=True)
    )
    egov = study.egov.model_copy(update={"rollout": rollout.model_copy(update={"years": years})})
    return study.model_copy(update={"egov": egov})


def roll_out(
    judged: gpd.GeoDataFrame,
    rules: RuleTable,
    works: Sequence[Work],
    rollout: Rollout,
    inputs: EgovInputs,
    territory: Territory,
) -> RolloutTables:
    """Plan the rollout for every scenario of the study.

    Parameters
    ----------
    judged : GeoDataFrame
        Every office, from `egov.readiness`; provincial ones are not planned.
    rules : RuleTable
    works : sequence of Work
    rollout : Rollout
        The study's settings of it.
    inputs : EgovInputs
        Priorities tell what an office is worth.
    territory : Territory
        So do the residents of communes and villages.
    """
    offices = judged[judged["level"] != "province"].set_index("office_id", drop=False)
    measures = _measures(offices, rollout, inputs, territory)
    units = pd.DataFrame(
        {
            "district_code": _district_of(offices, territory),
            "centre": offices["level"] == "district",
            "value": weigh(measures, dict(rollout.weights.items())),
        }
    )
    jobs = missing_works(
        offices, rules.prerequisites, works, unknown_is_missing=rollout.unknown_is_missing
    )
    left_out = _without_price(units, jobs)
    idle = _without_works(units, jobs)
    required = {office: year for office, year in rollout.required.items() if office not in left_out}
    plans: dict[str, RolloutPlan | InfeasibleRolloutError] = {}
    for scenario, factor in _factors(rollout).items():
        try:
            plans[scenario] = plan_rollout(
                units.drop(index=left_out.index),
                jobs[~jobs["office_id"].isin(left_out.index)],
                _years(rollout, factor),
                after={work.name: work.after for work in works},
                district_bonus=rollout.district_bonus,
                carry_over=rollout.carry_over,
                largest_gap=rollout.largest_gap,
                required=required,
                explained=scenario == BASE,
            )
        except InfeasibleRolloutError as fault:
            plans[scenario] = fault
    costs = inputs.settings.costs
    basis = {"cost_basis": costs.vi, "cost_basis_en": costs.en}
    open_of = _without_work(offices, jobs)
    open_names = _counted(open_of, rules)
    told = _notes(inputs.settings, measures, plans, left_out)
    notes = (*told, *_idle_notes(offices.loc[idle], len(offices), open_names))
    scenarios = _scenarios(rollout, plans, len(idle)).assign(**basis)
    plan = plans[BASE]
    if isinstance(plan, InfeasibleRolloutError):
        return RolloutTables(scenarios=scenarios, without_work=open_names, notes=notes)
    placed = plan.offices.assign(without_work=open_of)
    return RolloutTables(
        plan=_by_office(offices, units, jobs, placed, left_out, open_of).assign(**basis),
        years=_by_year(plan, rollout, len(idle)).assign(**basis),
        works=plan.works.assign(**basis),
        scenarios=scenarios,
        without_work=open_names,
        notes=notes,
    )


def _measures(
    offices: gpd.GeoDataFrame, rollout: Rollout, inputs: EgovInputs, territory: Territory
) -> pd.DataFrame:
    """Return what the weights weigh; NaN where nobody reported it.

    Residents and priorities belong to the commune's own office alone. The
    distance is straight, from a commune office to the nearest district centre.
    """
    own = offices["level"] == "commune"
    measures = pd.DataFrame(index=offices.index)
    for name in rollout.weights:
        if name == "files_per_year":
            measures[name] = offices[name].astype("float64")
        elif name == "population":
            measures[name] = offices["commune_code"].map(territory.population).where(own, 0.0)
        elif name == "distance_to_centre_m":
            measures[name] = _distance_to_centre(offices).where(own, 0.0)
        else:
            # The study refuses such a weight without the table.
            assert inputs.priorities is not None
            given = inputs.priorities.set_index("commune_code")[name].astype("float64")
            measures[name] = offices["commune_code"].map(given).where(own, 0.0)
    return measures


def _distance_to_centre(offices: gpd.GeoDataFrame) -> pd.Series:
    centres = offices[offices["level"] == "district"]
    if centres.empty:
        return pd.Series(np.nan, offices.index)
    (at, _), metres = centres.sindex.nearest(
        offices.geometry.array, return_all=False, return_distance=True
    )
    return pd.Series(metres, offices.index[at])


def _district_of(offices: pd.DataFrame, territory: Territory) -> pd.Series:
    if territory.units is None:
        return pd.Series(pd.NA, offices.index, dtype="str")
    communes = territory.units.communes.set_index("commune_code")
    return offices["commune_code"].map(communes["district_code"])


def _without_price(units: pd.DataFrame, jobs: pd.DataFrame) -> pd.Series:
    """Return why offices cannot be planned: their own cost is unknown, or their centre's is."""
    unknown = units.index.isin(jobs.loc[jobs["cost_vnd"].isna(), "office_id"])
    stuck = set(units.loc[unknown & units["centre"], "district_code"].dropna())
    waits = units["district_code"].isin(stuck) & ~unknown & ~units["centre"]
    reason = np.select([unknown, waits], ["unknown_cost", "centre_not_in_service"], "")
    reasons = pd.Series(reason, units.index, dtype="str")
    return reasons[reasons != ""]


def _without_works(units: pd.DataFrame, jobs: pd.DataFrame) -> pd.Index:
    """Return the offices that lack none of the works, nor does their district's centre."""
    lacking = units.index.isin(jobs["office_id"])
    centres = units["centre"].to_numpy(dtype=bool)
    held_back = units["district_code"].isin(units.loc[lacking & centres, "district_code"].dropna())
    return units.index[~lacking & (centres | ~held_back.to_numpy(dtype=bool))]


def _factors(rollout: Rollout) -> dict[str, float]:
    return {BASE: 1.0} | {each.id: each.budget_factor for each in rollout.scenarios}


def _years(rollout: Rollout, factor: float) -> list[Year]:
    return [
        Year(year=year.year, budget_vnd=year.budget_vnd * factor, crew_days=year.crew_days)
        for year in rollout.years
    ]


def _by_office(
    offices: gpd.GeoDataFrame,
    units: pd.DataFrame,
    jobs: pd.DataFrame,
    planned: pd.DataFrame,
    left_out: pd.Series,
    open_of: pd.Series,
) -> gpd.GeoDataFrame:
    """Return every office with its place in the plan, or why it has none."""
    outside = units.loc[left_out.index, ["district_code", "value"]].assign(
        reason=left_out, without_work=open_of[left_out.index]
    )
    named = jobs.groupby("office_id").agg(
        works=("work", lambda names: ", ".join(sorted(names))),
        # A sum that leaves out the unknown would look like a cost.
        cost_vnd=("cost_vnd", lambda costs: costs.sum(skipna=False)),
        crew_days=("crew_days", "sum"),
    )
    nothing = dict.fromkeys(outside.index.difference(named.index), ("", 0.0, 0.0))
    named = pd.concat([named, pd.DataFrame.from_dict(nothing, "index", columns=named.columns)])
    placed = pd.concat([planned, outside.join(named)]) if len(outside) else planned
    ready = offices["ready"].fillna(False).astype(bool).reindex(placed.index)
    placed["reason"] = placed["reason"].mask(
        (placed["reason"] == "no_works") & ready, "lacks_nothing"
    )
    placed = placed[[name for name in ROLLOUT.columns if name in placed]]
    columns = ["office_id", "name", "level", "commune_code", offices.geometry.name]
    return offices[columns].reset_index(drop=True).join(placed, on="office_id")


def _without_work(offices: pd.DataFrame, jobs: pd.DataFrame) -> pd.Series:
    """Return what each office lacks or did not report though no work of the plan meets it."""
    planned = set(zip(jobs["office_id"], jobs["work"], strict=True))
    lists = zip(offices["missing_prerequisites"], offices["unknown_prerequisites"], strict=True)
    return pd.Series(
        [
            ", ".join(name for name in [*listed(missing), *listed(unknown)]
                      if (office, name) not in planned)
            for office, (missing, unknown) in zip(offices.index, lists, strict=True)
        ],
        offices.index, dtype="str",
    )  # fmt: skip


def _counted(lists: pd.Series, rules: RuleTable) -> Bilingual | None:
    """Name what the lists hold, each with the number of offices; None if they hold nothing."""
    found = lists.map(listed).explode().value_counts()
    named = [(each.title, int(found[each.name])) for each in rules.prerequisites
             if each.name in found]  # fmt: skip
    if not named:
        return None
    return both(lambda lang: ", ".join(f"{title[lang]} ({count})" for title, count in named))


def _by_year(plan: RolloutPlan, rollout: Rollout, idle: int) -> pd.DataFrame:
    """Count by year; offices without works enter in none of its years."""
    year = pd.Index([each.year for each in rollout.years], name="year")
    entering = plan.offices["service_year"].value_counts().reindex(year, fill_value=0)
    spent = plan.works.groupby("year")[["cost_vnd", "crew_days"]].sum().reindex(year).fillna(0)
    table = pd.DataFrame(
        {
            "offices_no_works": idle,
            "offices_entering": entering.astype("int64"),
            "offices_in_service": entering.cumsum().astype("int64"),
            "budget_vnd": [each.budget_vnd for each in rollout.years],
            "spent_vnd": spent["cost_vnd"],
            "crew_days": [each.crew_days for each in rollout.years],
            "crew_days_used": spent["crew_days"],
        },
        index=year,
    )
    return table.reset_index()


def _scenarios(
    rollout: Rollout, plans: Mapping[str, RolloutPlan | InfeasibleRolloutError], idle: int
) -> pd.DataFrame:
    """Compare the scenarios; one that is not feasible keeps its budget and nothing else."""
    compared = compare_scenarios(
        {name: plan for name, plan in plans.items() if isinstance(plan, RolloutPlan)}
    ).reindex(columns=list(ROLLOUT_SCENARIOS.columns[:-2]))
    titles = {each.id: each.title for each in rollout.scenarios}
    titles[BASE] = words("pipeline.scenario_base")
    total = sum(year.budget_vnd for year in rollout.years)
    rows = pd.DataFrame(
        [
            {"scenario": each, **asdict(titles[each]), "budget_vnd": total * factor}
            for each, factor in _factors(rollout).items()
        ]
    )
    figures = compared.drop(columns=["vi", "en", "budget_vnd", "offices_no_works"])
    table = rows.merge(figures, on="scenario", how="left").assign(offices_no_works=idle)
    counts = ("offices_in_service", "offices", "offices_no_works")
    return table.astype(dict.fromkeys(counts, "Int64"))


def _notes(
    egov: Egov,
    measures: pd.DataFrame,
    plans: Mapping[str, RolloutPlan | InfeasibleRolloutError],
    left_out: pd.Series,
) -> Iterator[Note]:
    """Tell what the plan rests on, what it leaves out, and which budgets do not suffice."""
    yield Note("pipeline.cost_basis", {"basis": egov.costs})
    for name, values in measures.items():
        if missing := int(values.isna().sum()):
            title = words(f"egov.measure_{name}")
            yield Note("pipeline.measure_unknown", {"name": title, "count": missing})
    if len(left_out):
        yield Note("pipeline.rollout_left_out", {"count": len(left_out)})
    if dropped := sorted(set(egov.rollout.required if egov.rollout else ()) & set(left_out.index)):
        yield Note("pipeline.required_left_out", {"offices": ", ".join(dropped)})
    titles = {each.id: each.title for each in (egov.rollout.scenarios if egov.rollout else ())}
    for scenario, plan in plans.items():
        if isinstance(plan, InfeasibleRolloutError):
            if scenario != BASE:
                yield Note("pipeline.scenario_infeasible", {"scenario": titles[scenario]})
            yield Note(plan.message, plan.values)


def _idle_notes(idle: pd.DataFrame, offices: int, without_work: Bilingual | None) -> Iterator[Note]:
    """Tell who needs nothing of the plan, and what the plan leaves open."""
    if len(idle):
        whole = int(idle["ready"].fillna(False).sum())
        counts = {"all": offices, "whole": whole, "rest": len(idle) - whole}
        yield Note("pipeline.rollout_idle", {"count": len(idle), **counts})
    if without_work is not None:
        yield Note("pipeline.rollout_without_works", {"names": without_work})
