"""Readiness levels from a rule table: editable, versioned, with its legal basis.

Knows rules and offices; which table holds is the caller's choice. A level is
reached when all its rules and those of the levels below are.
"""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ..errors import RolloutError
from ..tables import READINESS_LEVELS, READINESS_RULES
from .checklist import CHECKLISTS, Prerequisite
from .readiness import held_prerequisites


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
    cost_vnd : float, optional
        To fulfil a flag, or for each unit of a count that is short (one
        computer, one certificate). Without it the office's cost is unknown.
    """

    level: int
    prerequisite: Prerequisite
    legal_basis: str
    cost_vnd: float | None = None


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

    def frame(self) -> pd.DataFrame:
        """Return the table as rows to edit, fields of `tables.READINESS_RULES`."""
        rows = [
            {
                "level": rule.level,
                "prerequisite": rule.prerequisite.name,
                "field": rule.prerequisite.field,
                "rule": rule.prerequisite.rule,
                "minimum": rule.prerequisite.minimum,
                "vi": rule.prerequisite.vi,
                "en": rule.prerequisite.en,
                "legal_basis": rule.legal_basis,
                "cost_vnd": rule.cost_vnd,
            }
            for rule in self.rules
        ]
        table = pd.DataFrame(rows, columns=list(READINESS_RULES.columns))
        return table.astype({"minimum": float, "cost_vnd": float})


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

    Raises
    ------
    RolloutError
        If a rule is unknown, a count has no minimum, a flag has one, a
        prerequisite is repeated, levels have holes, or a cost is not above zero.
    """
    rules = []
    for row in frame.to_dict("records"):
        name = row["prerequisite"]
        minimum = None if pd.isna(row["minimum"]) else float(row["minimum"])
        cost = None if pd.isna(row["cost_vnd"]) else float(row["cost_vnd"])
        if row["rule"] not in READINESS_RULES["rule"].choices:
            raise RolloutError("egov.unknown_rule", name=name, rule=row["rule"])
        if row["rule"] == "at_least" and minimum is None:
            raise RolloutError("egov.no_minimum", name=name)
        if cost is not None and not cost > 0:
            raise RolloutError("egov.bad_figure", column="cost_vnd", name=name, value=cost)
        rules.append(
            Rule(
                level=int(row["level"]),
                prerequisite=Prerequisite(
                    name=name, field=row["field"], rule=row["rule"], minimum=minimum,
                    vi=row["vi"], en=row["en"],
                ),
                legal_basis=row["legal_basis"],
                cost_vnd=cost,
            )
        )  # fmt: skip
    levels = sorted({rule.level for rule in rules})
    names = [rule.prerequisite.name for rule in rules]
    if levels != list(range(1, len(levels) + 1)):
        raise RolloutError("egov.bad_levels", levels=", ".join(map(str, levels)) or "–")
    if len(set(names)) < len(names):
        raise RolloutError("egov.repeated_rule")
    return RuleTable(
        version=version, legal_basis=legal_basis, valid_from=valid_from, rules=tuple(rules)
    )


def readiness_levels(offices: pd.DataFrame, table: RuleTable) -> pd.DataFrame:
    """Give each office its level, and what it lacks for the next.

    Parameters
    ----------
    offices : DataFrame
        From `readiness`, with a flag ``mobile_fallback`` joined from the
        coverage result if the table asks for it; a column that is absent
        counts as not reported.
    table : RuleTable

    Returns
    -------
    DataFrame, indexed like `offices`
        Fields of `tables.READINESS_LEVELS`. ``level`` counts what was not
        reported as lacking, ``possible_level`` as held: the truth lies
        between. ``next_cost_vnd`` is NaN as soon as one lacking prerequisite
        has no price or no figure, and 0 at the highest level.

    Examples
    --------
    >>> from .readiness import readiness
    >>> import geopandas as gpd
    >>> offices = gpd.GeoDataFrame(
    ...     {"has_fibre": [True, True], "has_lan": [True, None], "computers": [9, 9],
    ...      "officials": [10, 10]}, geometry=[None, None])
    >>> table = RULES["qd_09_2015"]
    >>> readiness_levels(readiness(offices, ()), table)[["level", "possible_level"]].values.tolist()
    [[1, 3], [0, 3]]
    """
    by_level: dict[int, list[Rule]] = {}
    for rule in table.rules:
        by_level.setdefault(rule.level, []).append(rule)
    held = held_prerequisites(offices, [rule.prerequisite for rule in table.rules])
    level = _reached(held.fillna(False), by_level)
    missing = np.full(len(offices), "", object)
    unknown, cost = missing.copy(), np.zeros(len(offices))
    for number, rules in by_level.items():
        at = np.flatnonzero(level == number - 1)
        mine = held.iloc[at]
        names = [rule.prerequisite.name for rule in rules]
        lacking = (~mine[names]).fillna(False).to_numpy(bool)
        unsaid = mine[names].isna().to_numpy()
        missing[at] = [_join(names, row) for row in lacking]
        unknown[at] = [_join(names, row) for row in unsaid]
        price = np.column_stack([_price(offices.iloc[at], rule) for rule in rules])
        cost[at] = np.where(lacking | unsaid, price, 0.0).sum(axis=1)
    result = pd.DataFrame(
        {
            "level": level,
            "possible_level": _reached(held.fillna(True), by_level),
            "next_missing": missing.astype(str),
            "next_unknown": unknown.astype(str),
            "next_cost_vnd": cost,
        },
        index=offices.index,
    )
    return result[list(READINESS_LEVELS.columns)]


def _reached(held: pd.DataFrame, by_level: Mapping[int, Sequence[Rule]]) -> np.ndarray:
    """Count the levels held without a hole from the first."""
    unbroken = np.ones(len(held), bool)
    level = np.zeros(len(held), np.int64)
    for number in sorted(by_level):
        names = [rule.prerequisite.name for rule in by_level[number]]
        unbroken &= held[names].to_numpy(bool).all(axis=1)
        level += unbroken
    return level


def _price(offices: pd.DataFrame, rule: Rule) -> np.ndarray:
    """Return what fulfilling the rule costs each office that lacks it; NaN if unknown."""
    if rule.cost_vnd is None:
        return np.full(len(offices), np.nan)
    prerequisite = rule.prerequisite
    if prerequisite.rule == "true":
        return np.full(len(offices), rule.cost_vnd)
    if prerequisite.field == "computers_per_official":
        wanted = prerequisite.minimum * offices["officials"].astype("float64")
        present = offices["computers"].astype("float64")
    else:
        wanted = prerequisite.minimum
        present = offices[prerequisite.field].astype("float64")
    # A share of 0.9 of 10 officials is 9 computers, whatever the last binary digit says.
    short = np.ceil(np.maximum(wanted - present, 0) - 1e-9)
    priced: np.ndarray = (short * rule.cost_vnd).to_numpy()
    return priced


def _join(names: Sequence[str], marked: np.ndarray) -> str:
    return ", ".join(name for name, mark in zip(names, marked, strict=True) if mark)


_LEVEL_OF = {
    "has_fibre": 1, "has_lan": 1, "computers_per_official": 1,
    "data_network_port": 2, "document_system": 2, "digital_certificates": 2,
    "video_conference": 3, "backup_power": 3,
}  # fmt: skip
_OURS = "phusong (giá trị kỹ thuật thường dùng, không phải quy định)"
_FALLBACK = Rule(
    level=3,
    prerequisite=Prerequisite(
        name="mobile_fallback",
        field="mobile_fallback",
        rule="true",
        vi="sóng di động dự phòng tại trụ sở",
        en="mobile fallback at the office",
    ),
    legal_basis=_OURS,
)


def _standard(version: str) -> RuleTable:
    checklist = CHECKLISTS[version]
    return RuleTable(
        version=version,
        legal_basis=checklist.legal_basis,
        valid_from=checklist.valid_from,
        rules=tuple(
            Rule(level=_LEVEL_OF[known.name], prerequisite=known, legal_basis=_OURS)
            for known in checklist.prerequisites
        ),
    )


RULES: Mapping[str, RuleTable] = {
    "qd_09_2015": _standard("qd_09_2015"),
    "nd_118_2025": replace(
        _standard("nd_118_2025"), rules=(*_standard("nd_118_2025").rules, _FALLBACK)
    ),
}
"""Rule tables by version. Levels and minimums are engineering choices; prices are the user's."""
