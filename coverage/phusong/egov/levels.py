"""Readiness levels from a rule table: editable, versioned, with its legal basis.

Knows rules and offices; which table holds is the caller's choice. A level is
reached when all its rules and those of the levels below are.
"""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..errors import RolloutError
from ..i18n import Bilingual
from ..tables import READINESS_RULES
from .checklist import JUDGED_BY, Prerequisite, prerequisites
from .readiness import held_prerequisites
from .works import Work, cost_of


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One prerequisite of one level.

    Parameters
    ----------
    level : int
        From 1, without holes within a table.
    prerequisite : Prerequisite
    legal_basis : str
        Where it is written, or that it is an engineering choice.
    """

    level: int
    prerequisite: Prerequisite
    legal_basis: str


@dataclass(frozen=True, kw_only=True)
class RuleTable:
    """The rules of one version.

    Parameters
    ----------
    version : str
        Name of the version, such as ``"nd_118_2025"``.
    legal_basis : str
        Decision or decree, as printed.
    valid_from : date, optional
        First day in force; None where it is not known.
    rules : tuple of Rule
    """

    version: str
    legal_basis: str
    valid_from: datetime.date | None
    rules: tuple[Rule, ...]

    @property
    def prerequisites(self) -> tuple[Prerequisite, ...]:
        """What the highest level asks for: every rule's prerequisite, in order."""
        return tuple(rule.prerequisite for rule in self.rules)

    @property
    def levels(self) -> int:
        """The highest level."""
        return max(rule.level for rule in self.rules)

    def frame(self) -> pd.DataFrame:
        """Return the table as rows to edit.

        Returns
        -------
        DataFrame
            Fields of `tables.READINESS_RULES`; ``minimum`` is NaN for a flag.
        """
        rows = [
            {
                "level": rule.level,
                "prerequisite": rule.prerequisite.name,
                "field": rule.prerequisite.field,
                "rule": rule.prerequisite.rule,
                "minimum": rule.prerequisite.minimum,
                "vi": rule.prerequisite.title.vi,
                "en": rule.prerequisite.title.en,
                "legal_basis": rule.legal_basis,
            }
            for rule in self.rules
        ]
        return pd.DataFrame(rows, columns=list(READINESS_RULES.columns)).astype({"minimum": float})


def rule_faults(frame: pd.DataFrame) -> Iterator[RolloutError]:
    """Yield what keeps edited rows from being rules.

    Parameters
    ----------
    frame : DataFrame
        Fields of `tables.READINESS_RULES`.

    Yields
    ------
    RolloutError
        Not raised, so that all faults can be listed at once.

    Examples
    --------
    >>> rows = RULES["qd_09_2015"].frame()
    >>> [fault.message for fault in rule_faults(rows.assign(level=2))]
    ['egov.bad_levels']
    """
    for row in frame.to_dict("records"):
        name, rule, field = row["prerequisite"], row["rule"], row["field"]
        if rule not in READINESS_RULES["rule"].choices:
            yield RolloutError("egov.unknown_rule", name=name, rule=rule)
        elif field not in JUDGED_BY:
            known = ", ".join(JUDGED_BY)
            yield RolloutError("egov.unknown_field", name=name, field=field, known=known)
        elif rule != JUDGED_BY[field]:
            yield RolloutError(
                "egov.unfit_rule", name=name, field=field, rule=rule, fit=JUDGED_BY[field]
            )
        elif rule == "at_least" and pd.isna(row["minimum"]):
            yield RolloutError("egov.no_minimum", name=name)
        elif rule == "true" and pd.notna(row["minimum"]):
            yield RolloutError("egov.minimum_of_flag", name=name)
    levels = sorted(set(frame["level"].astype(int)))
    if levels != list(range(1, len(levels) + 1)):
        yield RolloutError("egov.bad_levels", levels=", ".join(map(str, levels)) or "–")
    if frame["prerequisite"].duplicated().any():
        yield RolloutError("egov.repeated_rule")


def rule_table(
    frame: pd.DataFrame,
    *,
    version: str,
    legal_basis: str,
    valid_from: datetime.date | None = None,
) -> RuleTable:
    """Make a rule table of edited rows.

    Parameters
    ----------
    frame : DataFrame
        Fields of `tables.READINESS_RULES`.
    version, legal_basis, valid_from
        As `RuleTable`.

    Returns
    -------
    RuleTable

    Raises
    ------
    RolloutError
        The first of `rule_faults`: a rule or column that is unknown or does
        not suit the other, a count without a minimum, a flag with one, a
        prerequisite that is repeated, levels with holes or none at all.

    Examples
    --------
    >>> rows = RULES["qd_09_2015"].frame()
    >>> own = rule_table(rows[rows["level"] == 1], version="own", legal_basis="QĐ 1/2018")
    >>> own.levels
    1
    """
    for fault in rule_faults(frame):
        raise fault
    return RuleTable(
        version=version,
        legal_basis=legal_basis,
        valid_from=valid_from,
        rules=tuple(
            _rule(row) for row in frame.sort_values("level", kind="stable").to_dict("records")
        ),
    )


def _rule(row: dict[Any, Any]) -> Rule:
    minimum = None if pd.isna(row["minimum"]) else float(row["minimum"])
    return Rule(
        level=int(row["level"]),
        prerequisite=Prerequisite(
            name=row["prerequisite"],
            field=row["field"],
            rule=row["rule"],
            minimum=minimum,
            title=Bilingual(row["vi"], row["en"]),
        ),
        legal_basis=row["legal_basis"],
    )


def one_level(wanted: Sequence[Prerequisite], *, version: str, legal_basis: str) -> RuleTable:
    """Return the shortest rule table: one level that asks for everything.

    Parameters
    ----------
    wanted : sequence of Prerequisite
    version, legal_basis : str
        As `RuleTable`.

    Returns
    -------
    RuleTable
        Valid from no known day.

    Examples
    --------
    >>> from .checklist import prerequisites
    >>> one_level(prerequisites({"has_lan": None}), version="own", legal_basis="–").levels
    1
    """
    return RuleTable(
        version=version,
        legal_basis=legal_basis,
        valid_from=None,
        rules=tuple(Rule(level=1, prerequisite=each, legal_basis=legal_basis) for each in wanted),
    )


def readiness_levels(
    offices: pd.DataFrame, table: RuleTable, works: Sequence[Work] = ()
) -> pd.DataFrame:
    """Give each office its level, and what it lacks for the next.

    Parameters
    ----------
    offices : DataFrame
        From `readiness`; a column that is absent counts as not reported.
    table : RuleTable
    works : sequence of Work
        Prices of what is lacking.

    Returns
    -------
    DataFrame, indexed like `offices`
        The columns of `tables.READINESS_LEVELS` from ``readiness_level`` to
        ``next_cost_vnd``. ``readiness_level`` counts what was not reported as
        lacking, ``possible_level`` as held: the truth lies between.
        ``next_cost_vnd`` is NaN as soon as one lacking prerequisite has no
        price or no figure, and 0 at the highest level.

    Examples
    --------
    >>> from .readiness import readiness
    >>> import geopandas as gpd
    >>> offices = gpd.GeoDataFrame(
    ...     {"has_fibre": [True, True], "has_lan": [True, None], "computers": [9, 9],
    ...      "officials": [10, 10]}, geometry=[None, None])
    >>> found = readiness_levels(readiness(offices, ()), RULES["qd_09_2015"])
    >>> found[["readiness_level", "possible_level"]].values.tolist()
    [[1, 3], [0, 3]]
    """
    prices = {work.prerequisite: work.cost_vnd for work in works}
    by_level: dict[int, list[Prerequisite]] = {}
    for rule in table.rules:
        by_level.setdefault(rule.level, []).append(rule.prerequisite)
    held = held_prerequisites(offices, table.prerequisites)
    level = _reached(held.fillna(False), by_level)
    missing = np.full(len(offices), "", object)
    unknown, cost = missing.copy(), np.zeros(len(offices))
    for number, wanted in by_level.items():
        at = np.flatnonzero(level == number - 1)
        mine = held.iloc[at]
        names = [each.name for each in wanted]
        lacking = (~mine[names]).fillna(False).to_numpy(bool)
        unsaid = mine[names].isna().to_numpy()
        missing[at] = [_join(names, row) for row in lacking]
        unknown[at] = [_join(names, row) for row in unsaid]
        price = np.column_stack(
            [cost_of(offices.iloc[at], each, prices.get(each.name, np.nan)) for each in wanted]
        )
        cost[at] = np.where(lacking | unsaid, price, 0.0).sum(axis=1)
    return pd.DataFrame(
        {
            "readiness_level": level,
            "possible_level": _reached(held.fillna(True), by_level),
            "next_missing": missing.astype(str),
            "next_unknown": unknown.astype(str),
            "next_cost_vnd": cost,
        },
        index=offices.index,
    )


def _reached(held: pd.DataFrame, by_level: Mapping[int, Sequence[Prerequisite]]) -> np.ndarray:
    """Count the levels held without a hole from the first."""
    unbroken = np.ones(len(held), bool)
    level = np.zeros(len(held), np.int64)
    for number in sorted(by_level):
        names = [each.name for each in by_level[number]]
        unbroken &= held[names].to_numpy(bool).all(axis=1)
        level += unbroken
    return level


def _join(names: Sequence[str], marked: np.ndarray) -> str:
    return ", ".join(name for name, mark in zip(names, marked, strict=True) if mark)


_OURS = "phusong (giá trị kỹ thuật thường dùng, không phải quy định)"
_COMMON: Mapping[int, Mapping[str, float | None]] = {
    1: {"has_fibre": None, "has_lan": None, "computers_per_official": 0.9},
    2: {
        "data_network_port": None,
        "one_stop_software": None,
        "document_system": None,
        "digital_certificates": 1,
    },
    3: {"video_conference": None, "backup_power": None},
}


def _standard(rules: Mapping[int, Mapping[str, float | None]]) -> tuple[Rule, ...]:
    return tuple(
        Rule(level=level, prerequisite=known, legal_basis=_OURS)
        for level, minimum in rules.items()
        for known in prerequisites(minimum)
    )


RULES: Mapping[str, RuleTable] = {
    "qd_09_2015": RuleTable(
        version="qd_09_2015",
        legal_basis="Quyết định 09/2015/QĐ-TTg",
        valid_from=None,
        rules=_standard(_COMMON),
    ),
    "nd_118_2025": RuleTable(
        version="nd_118_2025",
        legal_basis="Nghị định 118/2025/NĐ-CP",
        valid_from=datetime.date(2025, 7, 1),
        rules=_standard({**_COMMON, 3: {**_COMMON[3], "mobile_fallback": None}}),
    ),
}
"""Rule tables by version; what the law says itself is in ``egov.law_<version>``.

Levels and minimums are engineering choices, no regulation. Between the two, NĐ 61/2018 and
NĐ 107/2021 held; their text was not read.
"""
