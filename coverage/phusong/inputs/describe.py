"""Describe the input tables for the pages about them; everything comes from `tables`.

``python -m phusong.inputs.describe docs/inputs.md docs/inputs.vi.md`` renews their lists.
"""

import re
import sys
from functools import cache
from itertools import zip_longest
from pathlib import Path

from ..i18n import Language, text
from ..tables import INPUT_TABLES, Field, Table
from .values import shown_choices


def renewed(page: str, lang: Language) -> str:
    """Return the page with the sections of all tables, which end it, written anew."""
    start = page.index("### ")
    return page[:start] + "\n".join(describe(table, lang) for table in INPUT_TABLES.values())


def describe(table: Table, lang: Language) -> str:
    """Return a Markdown section about one table: geometry, key and every column.

    Meanings come in the language of the page and, as headings may be in either,
    in the other one.

    Examples
    --------
    >>> from phusong.tables import RIVERS
    >>> print(describe(RIVERS, "en"))
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
    shapes = "" if table.geometry is None else ": " + text(f"inputs.page_{table.geometry}", lang)
    key = ", ".join(f"`{name}`" for name in table.key)
    filled = text("inputs.page_or", lang).join(f"`{name}`" for name in table.one_of)
    lines = [
        f"### {table.name}",
        "",
        f"{table.title[lang]} (*{table.title[_other(lang)]}*){shapes}. "
        + text("inputs.page_key", lang, key=key)
        + (" " + text("inputs.page_filled", lang, columns=filled) if filled else ""),
        "",
        text("inputs.page_columns", lang),
        "| --- | --- | --- | --- | --- |",
        *(_row(field, lang) for field in table.fields),
        "",
    ]
    return "\n".join(lines)


@cache  # problems of a long list ask the same again and again
def expected(field: Field, lang: Language) -> str:
    """Return what a cell of a field must hold, as a person reads it.

    Examples
    --------
    >>> from phusong.tables import CELLS
    >>> expected(CELLS["azimuth_deg"], "en"), expected(CELLS["site_id"], "vi")
    ('number (°), 0 to 360', 'chữ')
    """
    unit = f" ({field.unit_in(lang)})" if field.unit else ""
    digits = re.fullmatch(r"\\d\{(\d+)\}", field.pattern)
    if digits:
        most = text("inputs.page_digits", lang, count=int(digits[1]))
    else:
        most = shown_choices(field) if field.choices else _admissible(field, lang).strip("`")
    return ", ".join(filter(None, (text(f"inputs.page_{field.kind}", lang) + unit, most)))


def _other(lang: Language) -> Language:
    return "en" if lang == "vi" else "vi"


def _row(field: Field, lang: Language) -> str:
    name = f"**{field.name}**" if field.required else field.name
    meaning = f"{field.meaning(lang)} (*{field.title[_other(lang)]}*)"
    kind = text(f"inputs.page_{field.kind}", lang)
    aliases = ", ".join(field.aliases)
    return f"| {name} | {kind} | {_admissible(field, lang)} | {meaning} | {aliases} |"


def _admissible(field: Field, lang: Language) -> str:
    if field.choices:
        words = zip_longest(field.choices, field.choices_vi, field.choices_other, fillvalue=())
        return ", ".join(
            f"`{code}`" + f" ({', '.join([*vi, *other])})" * bool(vi or other)
            for code, vi, other in words
        )
    if field.pattern:
        return f"`{field.pattern}`"
    least, most = (
        "" if limit is None else f"{limit:g}" for limit in (field.minimum, field.maximum)
    )
    if least and most:
        return text("inputs.page_range", lang, least=least, most=most)
    if least:
        return text("inputs.page_least", lang, least=least)
    return most and text("inputs.page_most", lang, most=most)


if __name__ == "__main__":
    for path in map(Path, sys.argv[1:]):
        lang: Language = "vi" if path.stem.endswith(".vi") else "en"
        path.write_text(renewed(path.read_text(encoding="utf-8"), lang), encoding="utf-8")
