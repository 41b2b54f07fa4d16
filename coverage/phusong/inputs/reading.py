"""What became of a file: how each column was read, and each row used, mended or set aside.

Told of every file that could be opened, also where it is refused in the end. Knows raw rows and
their faults; writes and draws nothing.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from .._types import Flags
from ..errors import Problem
from ..tables import Field, Table
from .headings import normal
from .source import Cells, Fault, Raw

Fate = Literal["used", "mended", "set_aside", "passed_over"]
FATES: tuple[Fate, ...] = ("used", "mended", "set_aside", "passed_over")


@dataclass(frozen=True, kw_only=True)
class ReadColumn:
    """How a column of a file was taken.

    Parameters
    ----------
    heading : str
        As the file has it; empty where no column of the file stands behind the field.
    field : Field, optional
        What it holds; None if it is not used.
    how : {"name", "alike", "study", "split", "made", "unused"}
        By a heading of the field, by one that is almost so, by the study's word; a part of its
        cells; made of the rows' numbers or the features' ids.
    score : float
        How alike heading and field are, up to 100; 0 of an unused column.
    """

    heading: str
    field: Field | None
    how: Literal["name", "alike", "study", "split", "made", "unused"]
    score: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Reading:
    """What became of one table of one file.

    Parameters
    ----------
    file : str
        Its name in messages.
    path : Path
        Where it lies.
    table : Table
        What it was taken for.
    sheet : str, optional
        The sheet read.
    headings : tuple of str, length k
        As the file has them.
    cells : tuple of k object arrays, shape (n,)
        Of the rows under the headings.
    rows : ndarray of int, shape (n,)
        Row numbers as the person sees them.
    passed_over : int
        Filled rows that are titles, headings or numbers of columns.
    columns : tuple of ReadColumn
    called : mapping of str to tuple of int
        Positions of the columns that a name in a message stands for.
    set_aside : mapping of int to sequence of Problem
        Why a row cannot be used, by its position.
    mended : tuple of Fault
        What was mended, in which rows and columns.
    unused : ndarray of bool, shape (n,)
        Sound rows that mean something else, such as units of another day.
    shapes : object array, shape (n,), optional
        Where the rows lie, in the study's CRS; None of a row that lies nowhere.
    problems : tuple of Problem
        Of rows and of the file, and what else was told.
    """

    file: str
    path: Path
    table: Table
    sheet: str | None = None
    headings: tuple[str, ...] = ()
    cells: tuple[Cells, ...] = ()
    rows: NDArray[np.int64]
    passed_over: int = 0
    columns: tuple[ReadColumn, ...] = ()
    called: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    set_aside: Mapping[int, Sequence[Problem]]
    mended: tuple[Fault, ...] = ()
    unused: Flags
    shapes: Cells | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def fates(self) -> NDArray[np.str_]:
        """What became of each row under the headings: one of `FATES`, shape (n,)."""
        fates = np.full(len(self.rows), "used", dtype="U11")
        for one in self.mended:
            fates[one.rows] = "mended"
        fates[self.unused] = "passed_over"
        fates[list(self.set_aside)] = "set_aside"
        return fates

    @property
    def counts(self) -> dict[str, int]:
        """Filled rows of the file, and how many are used, mended, set aside, passed over.

        Those mended are among those used: ``rows`` = used + set aside + passed over.
        """
        fates = self.fates
        number = {fate: int((fates == fate).sum()) for fate in FATES}
        return {
            "rows": len(fates) + self.passed_over,
            "used": number["used"] + number["mended"],
            "mended": number["mended"],
            "set_aside": number["set_aside"],
            "passed_over": number["passed_over"] + self.passed_over,
        }

    def mends(self) -> Iterator[tuple[int, Problem]]:
        """Tell what was mended, row by row.

        Yields
        ------
        tuple of (int, Problem)
            Position of a mended row that is used, and what was mended.
        """
        used = self.fates == "mended"
        for one in self.mended:
            for i in np.flatnonzero(one.rows & used).tolist():
                yield (
                    i,
                    Problem(
                        message=f"inputs.{one.message}",
                        file=self.file,
                        sheet=self.sheet,
                        row=int(self.rows[i]),
                        column=one.column,
                        value=self.value(one.column, i),
                        values={
                            name: value[i] if isinstance(value, np.ndarray) else value
                            for name, value in one.values.items()
                        },
                    ),
                )

    @property
    def remarks(self) -> list[Problem]:
        """What was told of the file besides rows set aside; mended rows are told by `mends`."""
        aside = {id(one) for problems in self.set_aside.values() for one in problems}
        by_row = {f"inputs.{one.message}" for one in self.mended}
        return [
            one
            for one in self.problems
            if id(one) not in aside and f"{one.message}_here" not in by_row
        ]

    def places(self, column: str | None) -> list[int]:
        """Return the columns that a fault names: by one heading, or several.

        Parameters
        ----------
        column : str, optional
            As a `Problem` has it.

        Returns
        -------
        list of int
            Positions in `headings`.
        """
        names = [] if column is None else [column] if column in self.called else column.split(", ")
        return [at for name in names for at in self.called.get(name, ())]

    def value(self, column: str | None, row: int) -> Any:
        """Return the cells that a fault names, as the file has them.

        Parameters
        ----------
        column : str, optional
            As a `Problem` has it.
        row : int
            Position of the row.

        Returns
        -------
        object
            The cell, or the text of several; None if there is none.
        """
        cells = [self.cells[at][row] for at in self.places(column)]
        return cells[0] if len(cells) == 1 else ", ".join(map(str, cells)) or None

    def lose(self, found: Mapping[int, Sequence[Problem]]) -> "Reading":
        """Return the reading with more rows set aside.

        Parameters
        ----------
        found : mapping of int to sequence of Problem
            Why, by the row's number in the file.

        Returns
        -------
        Reading
        """
        position = {number: i for i, number in enumerate(self.rows.tolist())}
        more = {position[number]: problems for number, problems in found.items()}
        set_aside = {**self.set_aside, **more}
        told = [problem for problems in more.values() for problem in problems]
        return replace(self, set_aside=set_aside, problems=(*self.problems, *told))

    def leave_out(self, places: Collection[tuple[str, str | None, int]]) -> "Reading":
        """Return the reading with more rows that mean something else.

        Parameters
        ----------
        places : collection of (str, str or None, int)
            File, sheet and row of each; those of other files are passed by.

        Returns
        -------
        Reading
        """
        here = [row for file, sheet, row in places if (file, sheet) == (self.file, self.sheet)]
        return replace(self, unused=self.unused | np.isin(self.rows, here))


OnRead = Callable[[Reading], None]


def read_columns(
    came: Sequence[str],
    raw: Raw,
    taken: Mapping[int, Field],
    alike: Mapping[int, float],
    named: Mapping[str, Sequence[str]],
) -> tuple[tuple[ReadColumn, ...], dict[str, tuple[int, ...]]]:
    """Tell how each column was taken, and which columns the names in messages stand for.

    Parameters
    ----------
    came : sequence of str
        Headings as the file has them.
    raw : Raw
        As arranged: columns that the study names, and ids made, stand behind the file's own.
    taken : mapping of int to Field
        Field of a column of `raw`, by its position.
    alike : mapping of int to float
        How alike a heading is that is not one of its field's own.
    named : mapping of str to sequence of str
        Fields of a heading, by the study's word.

    Returns
    -------
    tuple of ReadColumn
    dict
        As `Reading.called`.
    """
    by_study = {normal(heading): set(names) for heading, names in named.items()}
    columns = []
    called: dict[str, tuple[int, ...]] = {
        raw.headings[at]: (at,) for at in reversed(range(len(came)))
    }
    called |= {heading: (at,) for at, heading in reversed([*enumerate(came)])}
    behind = {at: one for at, one in taken.items() if at >= len(came)}
    for at, heading in enumerate(came):
        its = by_study.get(normal(heading), set())
        parts = {name for name, of in raw.taken_from.items() if of == at}
        fields = [one for one in behind.values() if one.name in its | parts]
        for one in fields:
            called[one.name] = (*called.get(one.name, ()), at)
            how: Literal["study", "split"] = "study" if one.name in its else "split"
            columns.append(ReadColumn(heading=heading, field=one, how=how, score=100.0))
        if at in taken:
            score = alike.get(at)
            columns.append(
                ReadColumn(
                    heading=heading,
                    field=taken[at],
                    how="name" if score is None else "alike",
                    score=score or 100.0,
                )
            )
        elif not fields:
            columns.append(ReadColumn(heading=heading, field=None, how="unused", score=0.0))
    columns += [
        ReadColumn(heading="", field=one, how="made", score=100.0)
        for one in behind.values()
        if one.name not in called
    ]
    return tuple(columns), called
