"""What a part of a run is: one capability behind one small interface.

A part says what it needs of a study, what it would refuse, and what it finds.
Whoever runs the parts knows nothing more of them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Generic, TypeVar, cast

import pandas as pd

from ...errors import PhusongError
from ...i18n import Bilingual
from ...study import Study
from ..load import Loaded
from ..records import Note, Raster, Resources
from .indicator import Indicator

Inputs = TypeVar("Inputs")
Record = TypeVar("Record")


class Later:
    """A result table that is made when it is first asked for, and what is told of it.

    Parameters
    ----------
    make : callable
        Returns the whole table and its notes.
    """

    def __init__(self, make: Callable[[], tuple[pd.DataFrame, Sequence[Note]]]) -> None:
        self._make = make

    @property
    def table(self) -> pd.DataFrame:
        """The table."""
        return self._made[0]

    @property
    def notes(self) -> Sequence[Note]:
        """What is told of it."""
        return self._made[1]

    @cached_property
    def _made(self) -> tuple[pd.DataFrame, Sequence[Note]]:
        return self._make()


@dataclass(frozen=True, kw_only=True, eq=False)
class Findings(Generic[Record]):
    """What a part found.

    Parameters
    ----------
    record : object
        The part's own typed record, for its indicators and for parts that stand on it.
    tables : mapping of str to DataFrame
        Whole result tables by name. A part that comes later may replace a
        table that an earlier one gave.
    later : mapping of str to Later
        Whole result tables that take a while, by name. A run makes them at once; a
        question leaves them until they are asked for.
    columns : mapping of str to DataFrame
        Columns added to result tables, by the table's name. The index is named
        after a column of that table and says which rows they belong to.
    repeats : mapping of str to mapping of str to Bilingual
        What the repeating fields of the tables are written out for, as
        `Table.expand` takes it.
    rasters : sequence of Raster
    notes : sequence of Note
    rejected : mapping of str to DataFrame
        Input rows that could not be used, with their reasons, by table.
    """

    record: Record
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    later: Mapping[str, Later] = field(default_factory=dict)
    columns: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    repeats: Mapping[str, Mapping[str, Bilingual]] = field(default_factory=dict)
    rasters: Sequence[Raster] = ()
    notes: Sequence[Note] = ()
    rejected: Mapping[str, pd.DataFrame] = field(default_factory=dict)


@dataclass(frozen=True)
class Found:
    """What the parts of a run found, in their order; asked by part, answered typed."""

    findings: Mapping[str, Findings[Any]]

    def __contains__(self, name: object) -> bool:
        """Tell whether the part of this name was computed."""
        return name in self.findings

    def __getitem__(self, part: "Part[Any, Record]") -> Record:
        """Return the record of a part that was computed."""
        return cast(Record, self.findings[part.name].record)

    def get(self, part: "Part[Any, Record]") -> Record | None:
        """Return the record of a part, None if it was not computed."""
        return self[part] if part.name in self else None


def _as_it_is(_: Study, loaded: Loaded) -> tuple[Loaded, Sequence[Note]]:
    return loaded, ()


def _nothing_to_refuse(_: Any) -> Iterable[PhusongError]:
    return ()


def _nothing_to_remark(_: Any) -> Iterable[Note]:
    return ()


def _lacks_nothing(_: Study) -> Iterable[str]:
    return ()


def _no_indicators(_: Study) -> Iterable[Indicator[Any]]:
    return ()


@dataclass(frozen=True, kw_only=True)
class Part(Generic[Inputs, Record]):
    """One capability.

    Parameters
    ----------
    name : str
    take : callable
        (study, loaded) → the part's section of the study and the tables it
        needs, as one frozen object; or the note why it is switched off.
    compute : callable
        (inputs, found, resources) → findings.
    settle : callable
        (study, loaded) → what was loaded with what follows from its tables, and what is
        told of that; before any part takes what it needs.
    check : callable
        inputs → every fault that would stop `compute`. What it reads, it
        keeps in the inputs, so that nothing is read twice.
    remarks : callable
        inputs → what `compute` will leave out, as far as the inputs alone tell.
    lacks : callable
        study → the result tables with places that the inputs it has cannot give, by
        name, and columns that the part would have added to others, as ``table.column``;
        what is not named may be given or not.
    stands_on : tuple of str
        Parts that are computed before it, and without which it is not.
    wants : frozenset of str
        What it needs of those parts that costs them time, and that they leave out unless a
        part wants it; they name it.
    uses : tuple of str
        Parts whose findings it takes into account if they are asked for too.
    indicators : callable
        study → the rows that it can give the indicator board.
    """

    name: str
    take: Callable[[Study, Loaded], Inputs | Note]
    compute: Callable[[Inputs, Found, Resources], Findings[Record]]
    settle: Callable[[Study, Loaded], tuple[Loaded, Sequence[Note]]] = _as_it_is
    check: Callable[[Inputs], Iterable[PhusongError]] = _nothing_to_refuse
    remarks: Callable[[Inputs], Iterable[Note]] = _nothing_to_remark
    lacks: Callable[[Study], Iterable[str]] = _lacks_nothing
    stands_on: tuple[str, ...] = ()
    wants: frozenset[str] = frozenset()
    uses: tuple[str, ...] = ()
    indicators: Callable[[Study], Iterable[Indicator[Record]]] = _no_indicators
