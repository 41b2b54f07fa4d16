"""Read a JSON document that is no table: parsed, within limits, its meaning left to others."""

import json
from typing import Any

from .source import Source, check_counts, check_size, in_short


def read_document(source: Source) -> dict[str, Any]:
    """Read a file as one JSON object.

    Parameters
    ----------
    source : Source

    Returns
    -------
    dict
        As ``json.loads`` gives it.

    Raises
    ------
    InputError
        If the file is absent, too large, not UTF-8, not JSON or no object.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "network.json"
    ...     _ = path.write_text('{"networks": []}', encoding="utf-8")
    ...     read_document(Source(path=path, shown="network.json"))
    {'networks': []}
    """
    if not source.path.is_file():
        raise source.refuse("no_file")
    content = read_json(source, kind="JSON")
    if not isinstance(content, dict):
        raise source.refuse("unreadable", kind="JSON", detail=type(content).__name__)
    return content


def read_json_lines(source: Source, *, kind: str) -> list[tuple[int, Any]]:
    """Return what each line of a file holds, with its number from 1; empty ones are passed over.

    Raises
    ------
    InputError
        If the file is too large, not UTF-8, or a line is not JSON.
    """
    check_size(source, source.path.stat().st_size)
    found = []
    for number, line in enumerate(source.path.read_bytes().split(b"\n"), start=1):
        try:
            text = line.decode("utf-8-sig").strip(" \t\r\x1e")
            if text:
                found.append((number, json.loads(text)))
        except UnicodeDecodeError:
            raise source.refuse("not_utf8", line=number) from None
        except (ValueError, RecursionError) as damage:
            detail = f"{number}: {in_short(damage)}"
            raise source.refuse("unreadable", kind=kind, detail=detail) from None
        check_counts(source, len(found), 0)
    return found


def read_json(source: Source, *, kind: str) -> Any:
    """Return what a JSON file holds; `kind` is what a refusal calls it.

    Raises
    ------
    InputError
        If the file is too large, not UTF-8 or not JSON.
    """
    check_size(source, source.path.stat().st_size)
    try:
        return json.loads(source.path.read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError as wrong:
        line = wrong.object.count(b"\n", 0, wrong.start) + 1
        raise source.refuse("not_utf8", line=line) from None
    except (ValueError, RecursionError) as damage:
        raise source.refuse("unreadable", kind=kind, detail=in_short(damage)) from None
