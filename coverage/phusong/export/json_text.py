"""JSON as every file of a folder has it: for people and programs, the same bytes each time."""

import json
from datetime import date
from pathlib import Path
from typing import Any


def write_json(content: Any, path: Path) -> None:
    """Write JSON for people and programs: indented, UTF-8, no NaN, the same bytes each time."""
    path.write_bytes(f"{json_text(content)}\n".encode())


def json_text(content: Any) -> str:
    """Return what `write_json` writes, without the end of the last line."""
    return json.dumps(
        content, ensure_ascii=False, allow_nan=False, indent=1, default=date.isoformat
    )
