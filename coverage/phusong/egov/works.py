"""What is to be done at each office, and what it costs. Knows prices only as the caller's."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from .._types import Floats
from ..errors import RolloutError
from .checklist import Prerequisite
from .readiness import held_prerequisites


@dataclass(frozen=True, kw_only=True)
class Work:
    """Something to be done at an office that lacks a prerequisite.

    Parameters
    ----------
    name : str
        Of the work, such as ``"lan"``.
    prerequisite : str
        Name of the prerequisite that it fulfils.
    after : tuple of str
        Works that must be done before or in the same year, where they are
        missing too.
    cost_vnd : float
        Above zero; of each unit that is short, such as one computer, if the
        prerequisite is a count or a ratio.
    crew_days : float
        Zero or more, an office.
    """

    name: str
    prerequisite: str
    after: tuple[str, ...] = ()
    cost_vnd: float
    crew_days: float


def cost_of(offices: pd.DataFrame, prerequisite: Prerequisite, cost_vnd: float) -> Floats:
    """Return what fulfilling a prerequisite costs each office that lacks it.

    Parameters
    ----------
    offices : DataFrame
        From `readiness`.
    prerequisite : Prerequisite
    cost_vnd : float
        Of the flag, or of each unit short; NaN if unknown.

    Returns
    -------
    ndarray of float, VND
        NaN where the price or the office's figure is unknown.

    Examples
    --------
    A share of 0.9 of 10 officials is 9 computers; 2 are short.

    >>> from .checklist import prerequisites
    >>> (wanted,) = prerequisites({"computers_per_official": 0.9})
    >>> cost_of(pd.DataFrame({"computers": [7], "officials": [10]}), wanted, 15e6).tolist()
    [30000000.0]
    """
    if prerequisite.rule == "true":
        return np.full(len(offices), cost_vnd)
    minimum = prerequisite.least
    if prerequisite.field == "computers_per_official":
        wanted = minimum * offices["officials"].astype("float64")
        present = offices["computers"].astype("float64")
    else:
        wanted = pd.Series(minimum, index=offices.index)
        present = offices[prerequisite.field].astype("float64")
    # 0.9 of 10 is 9, even where rounding in binary makes it a little more.
    short = np.ceil((wanted - present).clip(0).to_numpy() - 1e-9)
    priced: Floats = short * cost_vnd
    return priced


def missing_works(
    offices: pd.DataFrame,
    prerequisites: Sequence[Prerequisite],
    works: Sequence[Work],
    *,
    unknown_is_missing: bool,
) -> pd.DataFrame:
    """List what is to be done at each office.

    Parameters
    ----------
    offices : DataFrame
        From `readiness`.
    prerequisites : sequence of Prerequisite
        By which they were judged.
    works : sequence of Work
        Prerequisites without a work are not part of the plan.
    unknown_is_missing : bool
        Whether to plan for what an office has not reported.

    Returns
    -------
    DataFrame
        ``office_id``, ``work``, ``cost_vnd``, ``crew_days``; edit the figures
        where an office's own are known. The cost is NaN where a count that
        was not reported is to be made up.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from .checklist import prerequisites
    >>> from .readiness import readiness
    >>> wanted = prerequisites({"has_lan": None})
    >>> offices = gpd.GeoDataFrame(
    ...     {"office_id": ["a", "b"], "has_lan": [True, False]}, geometry=[None, None]
    ... )
    >>> lan = Work(name="lan", prerequisite="has_lan", cost_vnd=60e6, crew_days=3)
    >>> missing_works(readiness(offices, wanted), wanted, [lan], unknown_is_missing=False)
      office_id work    cost_vnd  crew_days
    0         b  lan  60000000.0          3
    """
    wanted = {each.name: each for each in prerequisites}
    held = held_prerequisites(offices, prerequisites).fillna(not unknown_is_missing)
    rows = []
    for work in works:
        lacking = offices[~held[work.prerequisite].astype(bool)]
        rows.append(
            pd.DataFrame(
                {
                    "office_id": lacking["office_id"],
                    "work": work.name,
                    "cost_vnd": cost_of(lacking, wanted[work.prerequisite], work.cost_vnd),
                    "crew_days": work.crew_days,
                }
            )
        )
    return pd.concat(rows, ignore_index=True)


def work_faults(
    works: Sequence[Work], prerequisites: Sequence[Prerequisite]
) -> Iterator[RolloutError]:
    """Yield what keeps works from being planned: a bad price, an unknown name, a circle.

    Parameters
    ----------
    works : sequence of Work
    prerequisites : sequence of Prerequisite
        Those that the offices are judged by.

    Yields
    ------
    RolloutError
        Not raised, so that all faults can be listed at once.

    Examples
    --------
    >>> lan = Work(name="lan", prerequisite="has_lan", cost_vnd=0, crew_days=3)
    >>> [fault.message for fault in work_faults([lan], ())]
    ['egov.bad_figure', 'egov.not_in_rules']
    """
    names = {work.name for work in works}
    wanted = {each.name for each in prerequisites}
    for work in works:
        if not 0 < work.cost_vnd < np.inf:
            yield RolloutError(
                "egov.bad_figure", column="cost_vnd", name=work.name, value=f"{work.cost_vnd:g}"
            )
        for name in sorted({work.prerequisite} - wanted):
            known = ", ".join(sorted(wanted))
            yield RolloutError("egov.not_in_rules", name=name, known=known)
        for name in sorted(set(work.after) - names):
            known = ", ".join(sorted(names))
            yield RolloutError("egov.unknown_work", name=name, work=work.name, known=known)
    circle = in_a_circle({work.name: work.after for work in works})
    if circle:
        yield RolloutError("egov.circular", names=", ".join(circle))


def in_a_circle(after: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the works that wait for each other, sorted; none if the order can be kept."""
    waiting = {work: set(before) for work, before in after.items()}
    while ready := [work for work, before in waiting.items() if not before & set(waiting)]:
        for work in ready:
            del waiting[work]
    return sorted(waiting)
