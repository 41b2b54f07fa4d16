"""Carry counts of units to the units of another edition, and lose none.

A crosswalk is a table of pairs, old and new unit, with the share of the old one that goes to the
new one. Knows numbers and codes; no study and no table of results.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import pandas as pd
from rapidfuzz import fuzz

from ..errors import EditionError, Problem
from ..i18n import fold
from .units import IN_FORCE, SOURCES, Link, links, list_of, units

COLUMNS = ("from_code", "to_code", "weight", "basis", "source")
"""Columns of a crosswalk: codes of old and new unit, share of the old one from 0 to 1, on what
it rests, and where it comes from."""
WHOLE, MAIN_SUCCESSOR = "whole", "main_successor"
SAME_NAME = 60.0
"""How alike in %, without accents, spellings of one name are at least."""
ROUNDING = 1e-6
"""How far weights of an old unit, which are written in decimals, may sum from 1."""


def shipped_crosswalk(from_edition: str, to_edition: str, names: Mapping[str, str]) -> pd.DataFrame:
    """Return the crosswalk of some communes between two lists of `units`.

    Parameters
    ----------
    from_edition, to_edition : str
        See `list_of`.
    names : mapping of str to str
        The communes: name by code.

    Returns
    -------
    DataFrame
        `COLUMNS`, by the codes. Of a divided commune the main successor has the whole weight, for
        no source tells how large the parts are; the others have none.

    Raises
    ------
    EditionError
        If there is no list or no way between the two, or the communes are not of the first:
        codes that it has not, or that mean another commune there.

    Examples
    --------
    >>> shipped_crosswalk("2017", "2025", {"00688": "Quang Trung"})[["to_code", "weight", "basis"]]
      to_code  weight           basis
    0   00691     1.0  main_successor
    1   00694     0.0  main_successor
    """
    known = units(from_edition)
    strange = [code for code in sorted(names) if code not in known]
    found = links(from_edition, to_edition)
    if strange:
        raise EditionError(
            "admin.codes_not_of_edition",
            edition=list_of(from_edition),
            count=len(strange),
            codes=_shown(strange),
        )
    other = [
        f"{code} {name} ({known[code].name})"
        for code, name in sorted(names.items())
        if fuzz.ratio(fold(name), fold(known[code].name)) < SAME_NAME
    ]
    if other:
        raise EditionError(
            "admin.names_not_of_edition",
            edition=list_of(from_edition),
            count=len(other),
            names=_shown(other),
        )
    steps = list(IN_FORCE)
    passed = steps[steps.index(list_of(from_edition)) : steps.index(list_of(to_edition))]
    source = "; ".join(SOURCES[step] for step in passed)
    rows = [
        (link.from_code, link.to_code, float(link.part != "other"), _basis(link), source)
        for link in found
        if link.from_code in names
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _basis(link: Link) -> str:
    return MAIN_SUCCESSOR if link.part else WHOLE


def _shown(codes: Sequence[str]) -> str:
    return ", ".join(codes[:10]) + ("…" if len(codes) > 10 else "")


def check_crosswalk(
    rows: pd.DataFrame, old: Iterable[str], new: Iterable[str] | None, *, file: str
) -> list[Problem]:
    """Find what keeps a crosswalk from carrying every count exactly once.

    Parameters
    ----------
    rows : DataFrame
        With ``from_code``, ``to_code`` and ``weight``.
    old : iterable of str
        Codes of the units that there is something to carry of.
    new : iterable of str, optional
        Codes of the target edition; not checked if absent.
    file : str
        Its name in messages.

    Returns
    -------
    list of Problem
        Units without a row, weights that do not sum to 1 and codes that the target edition
        has not; rows of units that are not there are passed over.

    Examples
    --------
    >>> rows = pd.DataFrame({"from_code": ["00001"], "to_code": ["00002"], "weight": [0.5]})
    >>> [fault.message for fault in check_crosswalk(rows, ["00001", "00003"], None, file="x.csv")]
    ['admin.no_successor', 'admin.weights_sum']
    """
    old = set(old)
    used = rows[rows["from_code"].isin(old)]
    problems = []
    lacking = sorted(old - set(used["from_code"]))
    if lacking:
        problems.append(
            Problem(
                message="admin.no_successor",
                file=file,
                column="from_code",
                values={"count": len(lacking), "codes": _shown(lacking)},
            )
        )
    for code, weight in used.groupby("from_code")["weight"].sum().items():
        if abs(weight - 1) > ROUNDING:
            problems.append(
                Problem(
                    message="admin.weights_sum",
                    file=file,
                    column="weight",
                    value=code,
                    values={"sum": float(weight)},
                )
            )
    strange = [] if new is None else sorted(set(used["to_code"]) - set(new))
    if strange:
        problems.append(
            Problem(
                message="admin.unknown_successor",
                file=file,
                column="to_code",
                values={"count": len(strange), "codes": _shown(strange)},
            )
        )
    return problems


def share_out(whole: int, weights: Sequence[Fraction]) -> list[int]:
    """Share a whole number out by weights, exactly.

    Each next one goes where most is due to (the method of odd divisors, Sainte-Laguë), the first
    in order among equals. Unlike the largest remainder it never gives less of a larger whole: what
    is covered stays within what there is, unit by unit.

    Parameters
    ----------
    whole : int
        Not negative.
    weights : sequence of Fraction
        Not negative, their sum above 0.

    Returns
    -------
    list of int
        One for each weight; together `whole`.

    Examples
    --------
    >>> share_out(5, [Fraction(1, 2), Fraction(3, 10), Fraction(1, 5)])
    [3, 1, 1]
    """
    total = sum(weights)
    due = [weight / total for weight in weights]
    # The method gives a unit less than its exact share by fewer than there are units: begin there.
    parts = [max(0, int(whole * share) - len(due)) for share in due]
    for _ in range(whole - sum(parts)):
        best = max(range(len(due)), key=lambda at: (due[at] / (2 * parts[at] + 1), -at))
        parts[best] += 1
    return parts


def carry(counts: Mapping[str, int | None], crosswalk: pd.DataFrame) -> dict[str, int | None]:
    """Carry whole numbers of units to their successors.

    Parameters
    ----------
    counts : mapping of str to int
        By code of the old unit; None where unknown.
    crosswalk : DataFrame
        ``from_code``, ``to_code`` and ``weight``, sound by `check_crosswalk`.

    Returns
    -------
    dict of str to int
        By code of the new unit, each that takes a part of an old one. The sum is that of
        `counts`; None where a part is unknown.

    Examples
    --------
    >>> crosswalk = pd.DataFrame({
    ...     "from_code": ["a", "b", "b"], "to_code": ["x", "x", "y"], "weight": [1.0, 0.5, 0.5],
    ... })
    >>> carry({"a": 10, "b": 3}, crosswalk)
    {'x': 12, 'y': 1}
    """
    carried: dict[str, int | None] = {}
    for code, pairs in successors(crosswalk).items():
        if code not in counts:
            continue
        count = counts[code]
        given: Sequence[int | None] = [None] * len(pairs)
        if count is not None:
            given = share_out(count, [weight for _, weight in pairs])
        for (new, _), part in zip(pairs, given, strict=True):
            before = carried.get(new, 0)
            carried[new] = None if part is None or before is None else before + part
    return carried


def successors(crosswalk: pd.DataFrame) -> dict[str, list[tuple[str, Fraction]]]:
    """Return the units that take a part of each old one, with their weights.

    Parameters
    ----------
    crosswalk : DataFrame
        ``from_code``, ``to_code`` and ``weight``.

    Returns
    -------
    dict of str to list
        Pairs of new code and weight above 0, by old code; sorted by the codes.

    Examples
    --------
    >>> successors(pd.DataFrame({"from_code": ["a"], "to_code": ["x"], "weight": [1.0]}))
    {'a': [('x', Fraction(1, 1))]}
    """
    found: dict[str, list[tuple[str, Fraction]]] = defaultdict(list)
    ordered = crosswalk.sort_values(["from_code", "to_code"])
    rows: Iterable[Any] = ordered[["from_code", "to_code", "weight"]].itertuples(
        index=False, name=None
    )
    for old, new, weight in rows:
        exact = Fraction(float(weight))
        if exact > 0:
            found[str(old)].append((str(new), exact))
    return dict(found)
