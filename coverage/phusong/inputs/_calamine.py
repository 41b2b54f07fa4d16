"""A process of its own that reads a workbook with calamine and writes its cells.

Run as a script by `workbooks`, with the file, the sheet (all if empty), the most memory in
bytes, the most rows, and ``exact`` if cells must be just what openpyxl gives; imports nothing of
phusong, so that it starts at once.

Written are a line of JSON, with each different value of a sheet once, and behind it for each sheet
whole numbers of 4 bytes: the numbers of its rows, their lengths, and which value each cell has.
"""

import datetime
import gc
import io
import json
import sys
from array import array
from pathlib import Path
from typing import Any

_DIGITS_KEPT = 1e15
"""Whole numbers of more digits lose some of them as a float, which calamine makes of all."""


class _InexactError(Exception):
    """A cell that openpyxl tells better."""


def _written(cell: Any) -> Any:
    """Return a cell as JSON has it: dates as an object of one text, durations as text."""
    if isinstance(cell, datetime.datetime | datetime.date):
        return {"moment": cell.isoformat()}
    return cell if isinstance(cell, str | int | float | bool) else str(cell)


def _exactly(cell: Any) -> Any:
    """Return a cell as `_written` does, whole numbers and days as openpyxl has them."""
    if isinstance(cell, float):
        if not abs(cell) < _DIGITS_KEPT:  # nor is what is no number
            raise _InexactError
        return int(cell) if cell.is_integer() else cell
    if isinstance(cell, datetime.datetime):
        return {"moment": cell.isoformat()}
    if isinstance(cell, datetime.date):
        return {"moment": cell.isoformat() + "T00:00:00"}
    if isinstance(cell, str | bool | int):
        return cell
    raise _InexactError  # a time of day or a duration


class _Known(dict[Any, int]):
    """Which value each cell of one type is; new ones are written behind those of the sheet."""

    def __init__(self, values: list[Any], written: Any) -> None:
        super().__init__()
        self._values, self._written = values, written

    def __missing__(self, cell: Any) -> int:
        self._values.append(self._written(cell))
        return self.setdefault(cell, len(self._values) - 1)


class _Kinds(dict[type, _Known]):
    """The same by type: 1, 1.0 and True are different cells."""

    def __init__(self, written: Any) -> None:
        super().__init__()
        self.values_met: list[Any] = [None]
        self._written = written
        self[str][""] = 0  # an empty cell

    def __missing__(self, kind: type) -> _Known:
        return self.setdefault(kind, _Known(self.values_met, self._written))


def _cells(read: Any, written: Any) -> "tuple[list[Any], array[int], array[int], array[int]]":
    """Return the values of a sheet, and its rows that have any: number, length, values."""
    kinds = _Kinds(written)
    numbers, lengths, at = list[int](), list[int](), list[int]()
    left = [""] * (read.start[1] if read.start else 0)
    count = 0
    for count, row in enumerate(read.iter_rows(), start=1):
        while row and row[-1] == "":
            row.pop()
        if row:
            numbers.append(count)
            lengths.append(len(left) + len(row))
            at.extend([kinds[type(cell)][cell] for cell in (left + row if left else row)])
    above = read.end[0] + 1 - count if read.end else 0  # empty rows that were not told
    numbers = [number + above for number in numbers]
    return kinds.values_met, array("i", numbers), array("i", lengths), array("i", at)


def _main(path: str, sheet: str, memory_bytes: int, most_rows: int, exact: bool) -> None:
    gc.disable()  # cells hold no rings, and the process ends soon
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    from python_calamine import (
        CalamineError,
        CalamineWorkbook,
        PasswordError,
        SheetTypeEnum,
        SheetVisibleEnum,
    )

    written = _exactly if exact else _written
    arrays: list[array[int]] = []
    try:
        # By its content: a suffix may be wrong.
        book = CalamineWorkbook.from_filelike(io.BytesIO(Path(path).read_bytes()))
        about = [one for one in book.sheets_metadata if one.typ == SheetTypeEnum.WorkSheet]
        hidden = {one.name for one in about if one.visible != SheetVisibleEnum.Visible}
        told: dict[str, Any] = {"titles": [one.name for one in about], "sheets": []}
        for title in told["titles"]:
            if sheet in ("", title):
                read = book.get_sheet_by_name(title)
                if read.total_height > most_rows:
                    told = {"too_many_rows": True}
                    break
                values, *of_rows = _cells(read, written)
                arrays += of_rows
                told["sheets"].append(
                    {
                        "title": title,
                        "hidden": title in hidden,
                        "values": values,
                        "lengths": [len(one) for one in of_rows],
                        "merged": [
                            (left, top, bottom)
                            for (top, left), (bottom, _) in read.merged_cell_ranges or ()
                            if bottom > top
                        ],
                    }
                )
    except PasswordError:
        told = {"protected": True}
    except _InexactError:
        told = {"inexact": True}
    except CalamineError as broken:
        told = {"broken": f"{type(broken).__name__}: {broken}"}
    out = sys.stdout.buffer
    out.write(json.dumps(told).encode("ascii") + b"\n")
    for one in arrays:
        out.write(one)


if __name__ == "__main__":
    _main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5] == "exact")
