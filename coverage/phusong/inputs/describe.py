"""Describe the input tables for docs/inputs.md; everything comes from `tables`.

``python -m phusong.inputs.describe docs/inputs.md`` renews the lists of that page.
"""

import sys
from itertools import zip_longest
from pathlib import Path

from ..tables import INPUT_TABLES, Field, Table

KINDS = {
    "text": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "yes / no",
    "date": "date",
}
GEOMETRIES = {"Point": "points", "LineString": "lines", "Polygon": "polygons"}


def renewed(page: str) -> str:
    """Return the page with the sections of all tables, which end it, written anew."""
    start = page.index("### ")
    return page[:start] + "\n".join(describe(table) for table in INPUT_TABLES.values())


def describe(table: Table) -> str:
    """Return a Markdown section about one table: geometry, key and every column.

    Examples
    --------
    >>> from phusong.tables import RIVERS
    >>> print(describe(RIVERS))
    ### rivers
    <BLANKLINE>
    Rivers (*Sông, suối*): lines. Key: `river_id`.
    <BLANKLINE>
    | column | kind | admissible | meaning | other headings |
    | --- | --- | --- | --- | --- |
    | **river_id** | text |  | River (*Mã sông*) |  |
    | name | text |  | Name (*Tên sông*) |  |
    <BLANKLINE>
    """
    shapes = "" if table.geometry is None else f": {GEOMETRIES[table.geometry]}"
    key = ", ".join(f"`{name}`" for name in table.key)
    filled = " or ".join(f"`{name}`" for name in table.one_of)
    lines = [
        f"### {table.name}",
        "",
        f"{table.en} (*{table.vi}*){shapes}. Key: {key}."
        + (f" Every row has a {filled}." if filled else ""),
        "",
        "| column | kind | admissible | meaning | other headings |",
        "| --- | --- | --- | --- | --- |",
        *(_row(field) for field in table.fields),
        "",
    ]
    return "\n".join(lines)


def _row(field: Field) -> str:
    name = f"**{field.name}**" if field.required else field.name
    meaning = f"{field.meaning('en')} (*{field.vi}*)"
    aliases = ", ".join(field.aliases)
    return f"| {name} | {KINDS[field.kind]} | {_admissible(field)} | {meaning} | {aliases} |"


def _admissible(field: Field) -> str:
    if field.choices:
        words = zip_longest(field.choices, field.choices_vi, fillvalue=())
        return ", ".join(f"`{code}`" + f" ({', '.join(vi)})" * bool(vi) for code, vi in words)
    if field.pattern:
        return f"`{field.pattern}`"
    if field.minimum is not None and field.maximum is not None:
        return f"{field.minimum:g} to {field.maximum:g}"
    if field.minimum is not None:
        return f"{field.minimum:g} or more"
    return "" if field.maximum is None else f"{field.maximum:g} or less"


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(renewed(path.read_text(encoding="utf-8")), encoding="utf-8")
