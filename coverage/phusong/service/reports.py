"""How many hold something when not everybody reported. Knows reports, not what they are about."""

from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True, kw_only=True)
class Reported:
    """How many surely hold something, of how many that reported, of how many there are.

    Parameters
    ----------
    yes : int
        Units that reported that they hold it.
    reported : int
        Units that reported, yes or no.
    total : int
        Units that there are, those without any report included.
    """

    yes: int
    reported: int
    total: int

    @property
    def most(self) -> int:
        """How many hold it if all that did not report do; `yes` is the least."""
        return self.yes + self.total - self.reported


def count_reported(
    holds: pd.Series, unit: pd.Series, *, among: Collection[str] | None = None
) -> Reported:
    """Count units, each once, by what their first row reports.

    What was not reported is neither yes nor no: it widens the range between
    `Reported.yes` and `Reported.most`, and never leaves the total.

    Parameters
    ----------
    holds : Series of boolean
        One a row, such as an office; NA where it did not report.
    unit : Series of str, indexed like `holds`
        What is counted, such as the commune; of several rows the first speaks,
        as with `commune_seats`. Rows without a unit are not counted.
    among : collection of str, optional
        All units that there are; rows of others are not counted. Without it
        those of `unit` are all that there are.

    Returns
    -------
    Reported

    Examples
    --------
    Of three communes one has two offices, one said nothing, one has no row.

    >>> holds = pd.Series([True, False, None], dtype="boolean")
    >>> count_reported(
    ...     holds, pd.Series(["00688", "00688", "00691"]), among=["00688", "00691", "00694"]
    ... )
    Reported(yes=1, reported=1, total=3)
    """
    first = holds[(~unit.duplicated() & unit.notna()).to_numpy()].astype("boolean")
    names = unit[first.index]
    if among is not None:
        first = first[names.isin(list(among)).to_numpy()]
    return Reported(
        yes=int(first.fillna(False).sum()),
        reported=int(first.notna().sum()),
        total=len(names) if among is None else len(set(among)),
    )
