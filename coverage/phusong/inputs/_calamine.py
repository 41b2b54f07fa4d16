"""A process of its own that reads a workbook with calamine and writes its cells as JSON.

Run as a script by `workbooks`, with the file, the sheet (all if empty), the most memory in
bytes and the most rows; imports nothing of phusong, so that it starts at once.
"""

import datetime
import io
import json
import sys
from pathlib import Path
from typing import Any


def _written(cell: Any) -> Any:
    """Return a cell as JSON has it: dates as a list of one text, durations as text."""
    if isinstance(cell, datetime.datetime | datetime.date):
        return [cell.isoformat()]
    return cell if isinstance(cell, str | int | float | bool) else str(cell)


def _main(path: str, sheet: str, memory_bytes: int, most_rows: int) -> None:
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

    try:
        # By its content: a suffix may be wrong.
        book = CalamineWorkbook.from_filelike(io.BytesIO(Path(path).read_bytes()))
        hidden = {
            one.name for one in book.sheets_metadata if one.visible != SheetVisibleEnum.Visible
        }
        told: dict[str, Any] = {"titles": book.sheet_names, "sheets": []}
        for title in book.sheet_names:
            if sheet in ("", title):
                read = book.get_sheet_by_name(title)
                if read.total_height > most_rows:
                    told = {"too_many_rows": True}
                    break
                cells = read.to_python(skip_empty_area=False)
                told["sheets"].append(
                    {
                        "title": title,
                        "hidden": title in hidden,
                        "rows": [[_written(cell) for cell in row] for row in cells],
                        "merged": [
                            (left, top, bottom)
                            for (top, left), (bottom, _) in read.merged_cell_ranges or ()
                            if bottom > top
                        ],
                    }
                )
    except PasswordError:
        told = {"protected": True}
    except CalamineError as broken:
        told = {"broken": f"{type(broken).__name__}: {broken}"}
    sys.stdout.buffer.write(json.dumps(told).encode("ascii"))


if __name__ == "__main__":
    _main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
