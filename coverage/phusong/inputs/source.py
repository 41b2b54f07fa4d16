"""What every reader gives and what it may read: a file, its raw cells, its limits.

Knows no table: a reader hands over headings and cells as they came; `headings`,
`values` and `places` decide what they mean.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS

from .._memory import available_bytes
from .._types import Flags
from ..errors import InputError, Problem

LARGEST_BYTES = 200_000_000
"""Largest GeoJSON or KML file, and largest workbook or archive once unpacked."""
LARGEST_ROWS = 1_000_000
"""Of a format that is read as one document; others may have as many rows as memory holds."""
LARGEST_COLUMNS = 1_000
CELL_BYTES, ROW_BYTES = 150, 200
"""What a cell, and the shape and the fate of a row, take until the table is checked."""
_MOST_FEATURES = 2**31 - 2
"""As GDAL is asked for them, by a number of 32 bits."""

Cells = NDArray[np.object_]
ALL_SHEETS = "*"
"""In place of a sheet's name, which no such sign may be in: all with the table's headings."""

DecimalMark = Literal[".", ","]


class Formula(str):
    """A formula whose result the workbook does not hold."""

    __slots__ = ()


@dataclass(frozen=True, kw_only=True)
class Source:
    """One input file as the study names it.

    Parameters
    ----------
    path : Path
        Where it lies.
    shown : str
        Its name in messages: relative to the study, never a machine path.
    layer, sheet : str, optional
        Layer of a GeoPackage, sheet of a workbook; the only one (or the one
        named like the table), or the first sheet, if not given.
    crs : str, optional
        CRS of the coordinates, if the file does not carry one.
    headings : mapping of str to str or tuple of str
        Headings of the file, each with the field or fields that it holds.
    constants : mapping
        Fields that are the same in all rows, with their value.
    preset : str, optional
        The public register whose headings the file has.
    anywhere : bool
        Take places outside Vietnam too, as far as there are such on earth.
    database : str, optional
        Where to connect to, ``postgresql://user@host/name``, instead of a file; no password.
    table, query : str, optional
        Table or view of the database, with its schema in front; or what to ask it.
    """

    path: Path
    shown: str
    layer: str | None = None
    sheet: str | None = None
    crs: str | None = None
    headings: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    constants: Mapping[str, Any] = field(default_factory=dict)
    preset: str | None = None
    anywhere: bool = False
    database: str | None = None
    table: str | None = None
    query: str | None = None

    @property
    def suffix(self) -> str:
        """End of the file's name, lower case, with its dot."""
        return self.path.suffix.lower()

    def problem(self, message: str, **values: Any) -> Problem:
        """Return a fault of the whole file.

        Parameters
        ----------
        message : str
            Key of the words, without the room's name.
        **values : object
            What the placeholders stand for.

        Returns
        -------
        Problem
        """
        return Problem(
            message=f"inputs.{message}", file=self.shown, sheet=self.sheet, values=values
        )

    def refuse(self, message: str, **values: Any) -> InputError:
        """Return the exception for a file that cannot be read at all.

        Parameters
        ----------
        message : str
            Key of the words, without the room's name.
        **values : object
            What the placeholders stand for.

        Returns
        -------
        InputError
            Not raised here.
        """
        return InputError([self.problem(message, **values)])


@dataclass(frozen=True)
class Fault:
    """The same thing wrong in some rows.

    Parameters
    ----------
    rows : ndarray of bool, shape (n,)
        Where.
    message : str
        Key of the words, without the room's name.
    column : str, optional
        Heading as the file has it.
    values : mapping
        What the placeholders stand for; an array gives each row its own.
    """

    rows: Flags
    message: str
    column: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)

    def at(self, which: NDArray[np.intp]) -> "Fault | None":
        """Return the fault in rows that repeat those of this one; None if it is in none."""
        rows = self.rows[which]
        values = {
            name: value[which] if isinstance(value, np.ndarray) else value
            for name, value in self.values.items()
        }
        return replace(self, rows=rows, values=values) if rows.any() else None


@dataclass(frozen=True)
class Told:
    """Something about a file that is no fault: what was taken for what.

    Parameters
    ----------
    message : str
        Key of the words, without the room's name.
    values : dict
        What the placeholders stand for.
    column : str, optional
        Heading as the file has it.
    """

    message: str
    values: dict[str, Any] = field(default_factory=dict)
    column: str | None = None


class Faults:
    """The faults of a file's rows; where one is found, later checks of the row are moot.

    Parameters
    ----------
    count : int
        Number of rows.
    """

    def __init__(self, count: int) -> None:
        self.ok: Flags = np.ones(count, dtype=bool)
        self.found: list[Fault] = []

    def add(self, rows: Flags, message: str, column: str | None = None, **values: Any) -> None:
        """Note a fault of those `rows` that were sound so far."""
        rows = rows & self.ok
        if rows.any():
            self.found.append(Fault(rows, message, column, values))
            self.ok &= ~rows


@dataclass(frozen=True, kw_only=True)
class Raw:
    """One file as it came: headings, cells and perhaps shapes.

    Parameters
    ----------
    headings : tuple of str, length k
        As the file has them.
    columns : tuple of k object arrays, shape (n,)
        Cells as text, number, boolean or date; None where empty.
    rows : ndarray of int, shape (n,)
        Row numbers as the person sees them.
    above : int
        Filled rows above the headings, such as a title, that were passed over.
    heading_rows : int
        Rows that the headings take, with one that numbers the columns; none in other files than
        sheets.
    left_out : int
        Rows of the file that its preset leaves out.
    shapes : object array, shape (n,), optional
        Shapely geometries of a vector format.
    crs : CRS, optional
        The CRS the file carries.
    default_crs : str, optional
        The CRS its format prescribes where the file says nothing.
    decimal_mark : {".", ","}, optional
        The decimal mark that the file's layout implies for numbers as text.
    sheet : str, optional
        The sheet read.
    ragged : Fault, optional
        Rows that could not be split into as many cells as there are headings.
    broken : ndarray of bool, shape (n,), optional
        Rows whose geometry makes no shape.
    names_cut : bool
        Whether the format cuts headings, as a Shapefile does.
    ids : object array, shape (n,), optional
        Identifiers that the format keeps beside the columns, if every row has one.
    told : tuple of Told
        What the reader took for what.
    taken_from : mapping of str to int
        Of headings behind the file's own, the column that their cells are parts of.
    from_1904 : bool
        Whether a workbook counts its days from 1904, not from 1900.
    """

    headings: tuple[str, ...]
    columns: tuple[Cells, ...]
    rows: NDArray[np.int64]
    above: int = 0
    heading_rows: int = 0
    left_out: int = 0
    shapes: Cells | None = None
    crs: CRS | None = None
    default_crs: str | None = None
    decimal_mark: DecimalMark | None = None
    sheet: str | None = None
    ragged: Fault | None = None
    broken: Flags | None = None
    names_cut: bool = False
    ids: Cells | None = None
    told: tuple[Told, ...] = ()
    taken_from: Mapping[str, int] = field(default_factory=dict)
    from_1904: bool = False


def check_size(source: Source, size_bytes: int, *, largest: int | None = None) -> None:
    """Refuse a file, or what it unpacks to, above so many bytes, `LARGEST_BYTES` if not told."""
    largest = LARGEST_BYTES if largest is None else largest
    if size_bytes > largest:
        raise source.refuse(
            "too_large", megabytes=size_bytes // 1_000_000, limit=largest // 1_000_000
        )


def check_counts(source: Source, rows: int, columns: int) -> None:
    """Refuse a table above `LARGEST_ROWS` or `LARGEST_COLUMNS`."""
    if rows > LARGEST_ROWS:
        raise source.refuse("too_many_rows", limit=LARGEST_ROWS)
    if columns > LARGEST_COLUMNS:
        raise source.refuse("too_many_columns", limit=LARGEST_COLUMNS)


def fitting_rows(columns: int) -> int:
    """Return how many rows of so many columns fit into the memory that is available."""
    return min(available_bytes() // (columns * CELL_BYTES + ROW_BYTES), _MOST_FEATURES)


def check_room(source: Source, rows: int, columns: int, *, content_bytes: int = 0) -> None:
    """Refuse a table that would take more memory than is available, or has too many columns.

    Parameters
    ----------
    source : Source
    rows, columns : int
    content_bytes : int
        What is held of the file besides its cells.

    Raises
    ------
    InputError
        Telling how much it takes, and how many rows would fit.
    """
    check_counts(source, 0, columns)
    row_bytes, room = columns * CELL_BYTES + ROW_BYTES, available_bytes()
    needed = rows * row_bytes + content_bytes
    if needed > room:
        raise source.refuse(
            "no_room",
            rows=rows,
            needed=needed / 1e9,
            available=room / 1e9,
            fits=max(room - content_bytes, 0) // row_bytes,
        )


def told_of_rows(rows: int, columns: int) -> list[Told]:
    """Tell the memory that many rows take; nothing of fewer than `LARGEST_ROWS`."""
    if rows <= LARGEST_ROWS:
        return []
    gigabytes = rows * (columns * CELL_BYTES + ROW_BYTES) / 1e9
    return [Told("many_rows", {"rows": rows, "gigabytes": gigabytes})]


def as_cells(values: Iterable[Any], count: int) -> Cells:
    """Return an object array that takes lists and dicts as single cells."""
    return np.fromiter(values, dtype=object, count=count)


def as_columns(records: Sequence[Sequence[Any]], width: int) -> tuple[Cells, ...]:
    """Turn records of equal `width` into columns."""
    if not records:
        return tuple(as_cells((), 0) for _ in range(width))
    return tuple(as_cells(column, len(records)) for column in zip(*records, strict=True))


def in_a_list(rows: Sequence[int], most: int = 20) -> str:
    """Return row numbers with commas between them; more than `most` end in "…"."""
    more = ["…"] if len(rows) > most else []
    return ", ".join([*map(str, rows[:most]), *more])


def in_short(broken: Exception) -> str:
    """Return a library's exception on one line, for the detail of a message."""
    return " ".join(f"{type(broken).__name__}: {broken}".split())[:200]
