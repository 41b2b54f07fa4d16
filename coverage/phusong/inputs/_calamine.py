"""A process of its own that reads a workbook with calamine and writes its cells as JSON.

Run as a script by `workbooks`, with the file, the sheet (all if empty), the most memory in
bytes, the most rows, and ``exact`` if cells must be just what openpyxl gives; imports nothing of
phusong, so that it starts at once.
"""

import datetime
import gc
import io
import json
import sys
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


def _filled(row: list[Any]) -> list[Any]:
    """Return a row up to its last filled cell."""
    while row and row[-1] == "":
        row.pop()
    return row


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
                rows = map(_filled, read.to_python(skip_empty_area=False))
                told["sheets"].append(
                    {
                        "title": title,
                        "hidden": title in hidden,
                        "rows": [
                            # Most cells are texts: none of them is worth a call.
                            (
                                number,
                                [
                                    (cell or None) if type(cell) is str else written(cell)
                                    for cell in row
                                ],
                            )
                            for number, row in enumerate(rows, start=1)
                            if row
                        ],
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
    sys.stdout.buffer.write(json.dumps(told).encode("ascii"))


if __name__ == "__main__":
    _main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5] == "exact")
