"""What commands do with a study's result: compute it, write its folder, show its tables."""

from collections.abc import Collection, Sequence
from contextlib import nullcontext
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING

import pandas as pd
from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from ..compute import cluster
from ..export import check_output_folder
from ..i18n import Language, text
from ..pipeline import run
from ..report import ShownTable, board_rows
from ..study import Study
from ._app import cell, note, progress, results, say

if TYPE_CHECKING:
    from ..pipeline import Result

INDENT = "  "
COUNTS_BEGIN = 2
"""Columns of names before those of counts."""
READABLE = 30
"""Characters to which the widest column of a table may be narrowed."""


def compute(
    study: Study,
    out: Path | None,
    lang: Language,
    *,
    parts: Collection[str] | None = None,
    threads: int | None = None,
    cache: Path | None = None,
    shared: tuple[int | None, str | None] = (None, None),
    replace: bool = False,
) -> "tuple[Result, Path | None]":
    """Return a result and, if written, its page; an unusable folder is refused first.

    `shared` is how many processes share the work, or the address of a scheduler.
    """
    if out is not None:
        check_output_folder(out, replace=replace, results=True)
    with progress(lang) as advance:
        workers, scheduler = shared
        alone = workers is None and scheduler is None
        with nullcontext() if alone else cluster(workers, scheduler=scheduler) as processes:
            result = run(
                study,
                parts=parts,
                threads=threads,
                cache_folder=cache,
                out_folder=out,
                on_progress=advance,
                cluster=processes,
            )
        if out is None:
            return result, None
        return result, result.write(out, replace=replace, on_progress=advance)


def conclude(result: "Result", page: Path | None, lang: Language) -> None:
    """Print what must be known beside a result, and where its page lies."""
    tell_sample(result.study, lang)
    for remark in result.notes:
        note(remark.render(lang))
    if page is not None:
        say(str(page))


def tell_sample(study: Study, lang: Language) -> None:
    """Print that the data are invented, if they are."""
    if study.sample_notice is not None:
        note(study.sample_notice[lang])


def print_board(
    title: str, indicators: pd.DataFrame, lang: Language, *, sample: bool = False
) -> None:
    """Print an indicator board; the columns of published figures only if there are any."""
    keys = ["indicator", "published", "computed", "target", "verdict", "source"]
    if indicators["published"].isna().all():
        keys = [key for key in keys if key not in {"published", "source"}]
    rows = (
        {"indicator": row.label, **{key: getattr(row, key) for key in keys[1:]}}
        for row in board_rows(indicators, lang, sample=sample)
    )
    print_table(
        ShownTable(
            title=text("pipeline.board_title", lang, study=title),
            headings=tuple(text(f"pipeline.column_{key}", lang) for key in keys),
            rows=tuple(tuple(row[key] for key in keys) for row in rows),
        )
    )


def print_table(shown: ShownTable) -> None:
    """Print a table, or its rows one below the other where more than one column would have to wrap.

    Names from files may look like markup and stay as they are.
    """
    headings = [cell(heading) for heading in shown.headings]
    rows = [[cell(words) for words in row] for row in shown.rows]
    widths = _widths(headings, rows)
    if widths is None:
        _print_rows(cell(shown.title), headings, rows)
        return
    table = Table(title=cell(shown.title))
    for heading, width in zip(headings, widths, strict=True):
        table.add_column(heading, width=width, overflow="fold")
    for row in rows:
        table.add_row(*row)
    results.print(table)


def print_counts(shown: ShownTable) -> None:
    """Print a table of names and counts, a line a row where there is room; counts never wrap."""
    table = Table(title=cell(shown.title), box=SIMPLE_HEAD, pad_edge=False)
    columns = zip(*shown.rows, strict=True)
    for at, (heading, column) in enumerate(zip(shown.headings, columns, strict=True)):
        if at < COUNTS_BEGIN:
            table.add_column(cell(heading), overflow="fold")
        else:
            width = max(map(len, (*heading.split(), *column)))
            table.add_column(cell(heading), justify="right", width=width)
    for row in shown.rows:
        table.add_row(*map(cell, row))
    results.print(table)


def _widths(headings: Sequence[Text], rows: Sequence[Sequence[Text]]) -> list[int] | None:
    """Return the widths of columns of which at most one wraps; None if there is no room for them.

    Headings take as few lines as the room allows.
    """
    frame = 3 * len(headings) + 1
    body = [
        max((words.cell_len for words in column), default=0) for column in zip(*rows, strict=True)
    ] or [0] * len(headings)
    widest = body.index(max(body))
    for narrowed in (body[widest], min(body[widest], READABLE)):
        for lines in (1, 2, 3, 9):
            widths = [
                max(width, _heading_width(heading.plain, lines))
                for heading, width in zip(headings, body, strict=True)
            ]
            others = sum(widths) - widths[widest]
            if others + max(narrowed, _heading_width(headings[widest].plain, lines)) + frame <= (
                results.width
            ):
                widths[widest] = min(widths[widest], results.width - frame - others)
                return widths
    return None


def _heading_width(heading: str, lines: int) -> int:
    """Return the width at which a heading takes no more than so many lines."""
    longest = max(map(len, heading.split()), default=1)
    return next(
        (width for width in range(longest, len(heading)) if len(wrap(heading, width)) <= lines),
        max(longest, len(heading)),
    )


def _print_rows(title: Text, headings: Sequence[Text], rows: Sequence[Sequence[Text]]) -> None:
    """Print what each row is about on a line of its own, and below it what is known of it."""
    results.print(title, style="italic")
    for first, *others in rows:
        results.print(first, style="bold")
        known = [
            Text.assemble(heading, ": ", words)
            for heading, words in zip(headings[1:], others, strict=True)
            if words.plain not in {"", "–"}
        ]
        for line in Text(" · ").join(known).wrap(results, results.width - len(INDENT)):
            line.rstrip()
            results.print(Text.assemble(INDENT, line))
