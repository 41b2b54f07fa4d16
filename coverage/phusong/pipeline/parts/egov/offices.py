"""The e-government part of a run: rules, readiness, levels, and what comes of them.

Knows how a study's settings and tables become the engine's arguments, and how
its answers join the result tables. The plan itself is made in `rollout`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import geopandas as gpd
import pandas as pd
import xarray as xr

from ....egov import (
    RULES,
    RuleTable,
    Work,
    one_level,
    prerequisites,
    readiness,
    readiness_by_district,
    readiness_levels,
    readiness_total,
    rule_faults,
    rule_table,
    work_faults,
)
from ....errors import Problem, RolloutError
from ....fibre import distance_to_fibre
from ....grid import grid_of
from ....study import Egov, Rollout, Study
from ...questions.board import SYSTEMS
from ...result import Note
from .access import access, listed
from .rollout import RolloutTables, roll_out

FALLBACK = "mobile_fallback"


@dataclass(frozen=True, kw_only=True)
class EGovernment:
    """What the e-government part of a run finds; tables in the study's CRS, absent where None."""

    rules: RuleTable
    offices: gpd.GeoDataFrame
    readiness: gpd.GeoDataFrame
    rollout: RolloutTables
    access: gpd.GeoDataFrame | None
    notes: tuple[Note, ...]


def rules_of(study: Study, tables: Mapping[str, pd.DataFrame]) -> RuleTable | None:
    """Return the rules that the study names or brings; None without e-government."""
    egov = study.egov
    if egov is None:
        return None
    if egov.rules is not None:
        return RULES[egov.rules]
    basis = egov.legal_basis or ""
    if egov.prerequisites is not None:
        wanted = prerequisites({each.name: each.minimum for each in egov.prerequisites})
        return one_level(wanted, version="study", legal_basis=basis)
    return rule_table(tables["readiness_rules"], version="study", legal_basis=basis)


def works_of(tables: Mapping[str, pd.DataFrame]) -> tuple[Work, ...]:
    """Return the works of the study's table; a work is named after what it fulfils."""
    if "works" not in tables:
        return ()
    return tuple(
        Work(
            name=row["prerequisite"],
            prerequisite=row["prerequisite"],
            after=tuple(listed(row["after"])),
            cost_vnd=float(row["cost_vnd"]),
            crew_days=float(row["crew_days"]),
        )
        for row in tables["works"].to_dict("records")
    )


def egov_problems(study: Study, tables: Mapping[str, pd.DataFrame]) -> list[Problem]:
    """Find what keeps the study's rules, works and rollout from being used."""
    if study.egov is None:
        return []
    problems = [
        Problem(
            message="egov.unknown_indicator",
            file="study.toml",
            key=f"egov.targets.{position}.indicator",
            value=target.indicator,
            values={"known": ", ".join(SYSTEMS)},
        )
        for position, target in enumerate(study.egov.targets, start=1)
        if target.indicator not in SYSTEMS
    ]
    of_rules = [*_rules_problems(study.egov, tables)]
    problems += of_rules
    rules = None if of_rules else rules_of(study, tables)
    if rules is not None and "works" in tables:
        faults = work_faults(works_of(tables), rules.prerequisites)
        problems += [_problem(fault, tables["works"]) for fault in faults]
    if "offices" in tables:
        problems += _unknown_required(study.egov.rollout, tables["offices"])
    if "centres_after" in tables and "communes" in tables:
        problems += _unknown_served(tables["centres_after"], tables["communes"])
    return problems


def parts_for_egov(study: Study) -> tuple[Literal["coverage", "egov"], ...]:
    """Return the parts of a run that the study's e-government needs, coverage only if its rules do.

    Rules in a file are not read for this: they may ask for mobile fallback.
    """
    egov = study.egov
    if egov is None or egov.mobile_fallback is None:
        return ("egov",)
    rules = rules_of(study, {}) if study.inputs.readiness_rules is None else None
    if rules is not None and all(each.field != FALLBACK for each in rules.prerequisites):
        return ("egov",)
    return ("coverage", "egov")


def govern(
    study: Study,
    tables: Mapping[str, gpd.GeoDataFrame],
    margins: Mapping[str, xr.DataArray],
) -> EGovernment | None:
    """Judge the offices and plan their rollout; None without offices.

    Parameters
    ----------
    study : Study
    tables : mapping of str to GeoDataFrame
        As loaded.
    margins : mapping of str to DataArray
        Service → ``margin_db`` of the coverage result; empty without one.
    """
    egov, rules = study.egov, rules_of(study, tables)
    if egov is None or rules is None or "offices" not in tables:
        return None
    works = works_of(tables)
    offices = _with_fibre_origin(tables["offices"], tables, study)
    if egov.mobile_fallback is not None and egov.mobile_fallback in margins:
        margin = margins[egov.mobile_fallback]
        offices = offices.assign(mobile_fallback=_served(margin, offices.geometry))
    judged = readiness(offices, rules.prerequisites)
    levels = judged.join(readiness_levels(judged, rules, works))
    notes = list(_rule_notes(egov, rules, judged))
    rollout = RolloutTables()
    if egov.rollout is not None:
        rollout = roll_out(judged, rules, works, egov, egov.rollout, tables)
        notes += rollout.notes
    ways = None
    if "centres_after" in tables:
        ways, told = access(study, tables)
        notes += told
    return EGovernment(
        rules=rules,
        offices=judged,
        readiness=levels.assign(cost_basis=egov.costs) if works else levels,
        rollout=rollout,
        access=ways,
        notes=tuple(notes),
    )


def with_readiness(communes: gpd.GeoDataFrame, found: EGovernment | None) -> gpd.GeoDataFrame:
    """Add to each commune what its own office has and lacks."""
    if found is None:
        return communes
    seats = found.readiness[found.readiness["level"] == "commune"]
    seats = seats.drop_duplicates("commune_code").set_index("commune_code")
    columns = ["has_lan", "lacks_lan", "one_stop", "missing_prerequisites", "readiness_level"]
    known = seats[columns].astype({"readiness_level": "Int64"})
    if found.rollout.plan is not None:
        year = found.rollout.plan.set_index("office_id")["service_year"]
        known["service_year"] = seats["office_id"].map(year).astype("Int64")
    return communes.join(known, on="commune_code")


def count_offices(
    districts: gpd.GeoDataFrame,
    province: gpd.GeoDataFrame,
    communes: gpd.GeoDataFrame,
    found: EGovernment,
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Add the counts of commune offices to districts and province."""
    wanted = found.rules.prerequisites
    counts = readiness_by_district(found.offices, communes, wanted)
    totals = readiness_total(found.offices, wanted)
    return districts.join(counts, on="district_code"), province.assign(**totals.to_dict())


def _problem(fault: RolloutError, table: pd.DataFrame) -> Problem:
    return Problem(
        message=fault.message, file=table.attrs.get("file", "study.toml"), values=fault.values
    )


def _rules_problems(egov: Egov, tables: Mapping[str, pd.DataFrame]) -> Iterator[Problem]:
    """Find what keeps the study's own rules from being a table of levels."""
    for position, each in enumerate(egov.prerequisites or (), start=1):
        try:
            prerequisites({each.name: each.minimum})
        except RolloutError as fault:
            yield Problem(
                message=fault.message,
                file="study.toml",
                key=f"egov.prerequisites.{position}",
                values=fault.values,
            )
    if "readiness_rules" in tables:
        table = tables["readiness_rules"]
        yield from (_problem(each, table) for each in rule_faults(table))


def _unknown_required(rollout: Rollout | None, offices: pd.DataFrame) -> Iterator[Problem]:
    planned = set(offices.loc[offices["level"] != "province", "office_id"])
    for office in rollout.required if rollout else ():
        if office not in planned:
            yield Problem(
                message="egov.required_unknown",
                file="study.toml",
                key="egov.rollout.required",
                value=office,
            )


def _unknown_served(centres: pd.DataFrame, communes: pd.DataFrame) -> Iterator[Problem]:
    known = set(communes["commune_code"])
    for row in centres.to_dict("records"):
        for code in listed(row["commune_codes"]):
            if code not in known:
                yield Problem(
                    message="egov.served_unknown",
                    file=centres.attrs.get("file", "centres_after"),
                    column="commune_codes",
                    value=code,
                    values={"office": row["office_id"]},
                )


def _with_fibre_origin(
    offices: gpd.GeoDataFrame, tables: Mapping[str, gpd.GeoDataFrame], study: Study
) -> gpd.GeoDataFrame:
    """Find out from the spans what offices do not say of their fibre, and tell which is which."""
    unsaid = offices["has_fibre"].isna()
    origin = pd.Series("given", index=offices.index, dtype="str").mask(unsaid)
    has_fibre = offices["has_fibre"].astype("boolean")
    if unsaid.any() and "spans" in tables and study.fibre is not None:
        near = distance_to_fibre(
            offices[unsaid],
            tables["spans"],
            statuses=study.fibre.statuses,
            drop_length_m=study.fibre.drop_length_m,
        )
        has_fibre[unsaid] = near["fibre_within_drop"].astype("boolean")
        origin[unsaid & has_fibre.notna()] = "computed"
    return offices.assign(has_fibre=has_fibre, fibre_origin=origin)


def _served(margin_db: xr.DataArray, points: gpd.GeoSeries) -> pd.Series:
    """Tell of each point whether its pixel is served; NA outside the grid."""
    row, column, inside = grid_of(margin_db).index(points.x, points.y)
    served = margin_db.to_numpy()[row, column] >= 0
    return pd.Series(served, index=points.index, dtype="boolean").where(inside)


def _rule_notes(egov: Egov, rules: RuleTable, judged: gpd.GeoDataFrame) -> Iterator[Note]:
    """Tell which rules hold, what they rest on, and what they ask that nobody told."""
    yield Note("pipeline.rules", {"legal_basis": rules.legal_basis, "levels": rules.levels})
    if egov.rules is not None:
        yield Note(f"egov.law_{egov.rules}", {})
    if "fibre_origin" in judged and (computed := (judged["fibre_origin"] == "computed").sum()):
        yield Note("pipeline.fibre_computed", {"count": int(computed)})
    wanted = {each.field for each in rules.prerequisites}
    if FALLBACK in wanted and FALLBACK not in judged:
        yield Note("pipeline.no_fallback", {})
    if contradictory := int((judged["contradictions"] != "").sum()):
        yield Note("pipeline.contradictions", {"count": contradictory})
