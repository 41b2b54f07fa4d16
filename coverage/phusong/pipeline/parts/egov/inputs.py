"""What the e-government part needs of a study, and what it would refuse."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import geopandas as gpd
import pandas as pd

from ...._settings import STUDY_FILE
from ....egov import (
    PLAUSIBILITY,
    RULES,
    Plausibility,
    RuleTable,
    Work,
    implausible,
    one_level,
    plausibility_faults,
    plausibility_rules,
    prerequisites,
    rule_faults,
    rule_table,
    work_faults,
)
from ....errors import InputError, PhusongError, Problem, RolloutError
from ....i18n import Bilingual, Language, both, number
from ....study import Egov, Study
from ...load import Loaded
from ...records import Note
from ..fibre import FIBRE, FibreInputs


@dataclass(frozen=True, kw_only=True, eq=False)
class EgovInputs:
    """Settings of e-government and the tables it needs; those not given are None.

    Parameters
    ----------
    settings : Egov
        The study's section.
    fibre : FibreInputs, optional
        What tells whether an office that does not report its fibre has it.
    offices : GeoDataFrame
    communes, roads, centres_after : GeoDataFrame, optional
    readiness_rules, works_table, priorities, plausibility_table : DataFrame, optional
    office_rows : tuple of (str, str or None, int)
        File, sheet and row of each office.
    year : int
        Of the study's date.
    """

    settings: Egov
    fibre: FibreInputs | None
    offices: gpd.GeoDataFrame
    communes: gpd.GeoDataFrame | None
    roads: gpd.GeoDataFrame | None
    centres_after: gpd.GeoDataFrame | None
    readiness_rules: pd.DataFrame | None
    works_table: pd.DataFrame | None
    priorities: pd.DataFrame | None
    plausibility_table: pd.DataFrame | None
    office_rows: tuple[tuple[str, str | None, int], ...]
    year: int

    @cached_property
    def plausibility(self) -> tuple[Plausibility, ...]:
        """The plausible limits that the study brings, or those that phusong knows."""
        table = self.plausibility_table
        return PLAUSIBILITY if table is None else plausibility_rules(table)

    @cached_property
    def rules(self) -> RuleTable:
        """The rules that the study names or brings."""
        return rules_of(self.settings, self.readiness_rules)

    @cached_property
    def works(self) -> tuple[Work, ...]:
        """The works of the study's table; a work is named after what it fulfils."""
        if self.works_table is None:
            return ()
        return tuple(
            Work(
                name=row["prerequisite"],
                prerequisite=row["prerequisite"],
                after=tuple(listed(row["after"])),
                cost_vnd=float(row["cost_vnd"]),
                crew_days=float(row["crew_days"]),
            )
            for row in self.works_table.to_dict("records")
        )


def take(study: Study, loaded: Loaded) -> EgovInputs | Note:
    """Return what e-government needs of a study, or that there are no offices."""
    tables = loaded.tables
    if study.egov is None or "offices" not in tables:
        return Note("pipeline.no_offices", {})
    fibre = FIBRE.take(study, loaded)
    return EgovInputs(
        settings=study.egov,
        fibre=None if isinstance(fibre, Note) else fibre,
        offices=tables["offices"],
        communes=tables.get("communes"),
        roads=tables.get("roads"),
        centres_after=tables.get("centres_after"),
        readiness_rules=tables.get("readiness_rules"),
        works_table=tables.get("works"),
        priorities=tables.get("priorities"),
        plausibility_table=tables.get("plausibility_rules"),
        office_rows=loaded.office_rows,
        year=study.as_of.year,
    )


def rules_of(egov: Egov, table: pd.DataFrame | None) -> RuleTable:
    """Return the rules that the settings name, or that a table brings."""
    if egov.rules is not None:
        return RULES[egov.rules]
    basis = egov.legal_basis or ""
    if egov.prerequisites is not None:
        wanted = prerequisites({each.name: each.minimum for each in egov.prerequisites})
        return one_level(wanted, version="study", legal_basis=basis)
    if table is None:
        raise ValueError("a study names its rules, lists prerequisites, or brings a table")
    return rule_table(table, version="study", legal_basis=basis)


def check(inputs: EgovInputs) -> Iterator[PhusongError]:
    """Find what keeps the study's rules, works and rollout from being used."""
    of_rules = [*_rules_problems(inputs)]
    problems = [*of_rules]
    if inputs.plausibility_table is not None:
        faults = plausibility_faults(inputs.plausibility)
        problems += [_problem(fault, inputs.plausibility_table) for fault in faults]
    if not of_rules and inputs.works_table is not None:
        faults = work_faults(inputs.works, inputs.rules.prerequisites)
        problems += [_problem(fault, inputs.works_table) for fault in faults]
    problems += [*_unknown_required(inputs), *_unknown_served(inputs)]
    if problems:
        yield InputError(problems)


def remarks(inputs: EgovInputs) -> Iterator[Note]:
    """Tell of each figure of an office that can hardly be true, where it stands; all are kept."""
    offices, rules = inputs.offices, {rule.name: rule for rule in inputs.plausibility}
    found = implausible(offices, inputs.plausibility, year=inputs.year, communes=inputs.communes)
    for doubt in found.to_dict("records"):
        office = offices.iloc[doubt["position"]]
        rule = rules[doubt["rule"]]
        file, sheet, row = inputs.office_rows[doubt["position"]]
        values = {"office": office["office_id"], "reason": rule.reason, "figure": _figure(doubt)}
        problem = Problem(
            message="egov.implausible",
            file=file,
            sheet=sheet,
            row=row,
            column=doubt["column"],
            value=office[doubt["column"]],
            values=values,
        )
        yield Note(problem.message, values, problem)


def _figure(doubt: dict[Any, Any]) -> Bilingual:
    """Write the figure judged, with what it was divided by."""

    def told(lang: Language) -> str:
        figures = [doubt["figure"], *([] if pd.isna(doubt["per"]) else [doubt["per"]])]
        return " / ".join(number(each, lang, decimals=0) for each in figures)

    return both(told)


def listed(names: Any) -> list[str]:
    """Return the names of a comma separated cell."""
    return [] if pd.isna(names) else [n for name in str(names).split(",") if (n := name.strip())]


def _problem(fault: RolloutError, table: pd.DataFrame) -> Problem:
    return Problem(
        message=fault.message, file=table.attrs.get("file", STUDY_FILE), values=fault.values
    )


def _rules_problems(inputs: EgovInputs) -> Iterator[Problem]:
    """Find what keeps the study's own rules from being a table of levels."""
    for position, each in enumerate(inputs.settings.prerequisites or (), start=1):
        try:
            prerequisites({each.name: each.minimum})
        except RolloutError as fault:
            yield Problem(
                message=fault.message,
                file=STUDY_FILE,
                key=f"egov.prerequisites.{position}",
                values=fault.values,
            )
    table = inputs.readiness_rules
    if table is not None:
        yield from (_problem(each, table) for each in rule_faults(table))


def _unknown_required(inputs: EgovInputs) -> Iterator[Problem]:
    """Find offices that must be in service by a year, but that the rollout does not plan."""
    rollout, offices = inputs.settings.rollout, inputs.offices
    planned = set(offices.loc[offices["level"] != "province", "office_id"])
    for office in rollout.required if rollout else ():
        if office not in planned:
            yield Problem(
                message="egov.required_unknown",
                file=STUDY_FILE,
                key="egov.rollout.required",
                value=office,
            )


def _unknown_served(inputs: EgovInputs) -> Iterator[Problem]:
    """Find communes that a new centre is to serve, but that do not exist."""
    centres, communes = inputs.centres_after, inputs.communes
    if centres is None or communes is None:
        return
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
