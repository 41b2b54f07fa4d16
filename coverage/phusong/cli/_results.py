"""What commands do with a study's result: compute it, write its folder, show its tables."""

from collections.abc import Collection
from pathlib import Path

import pandas as pd
from rich.table import Table

from .._types import Language
from ..export import check_output_folder
from ..i18n import text
from ..pipeline import Result, run
from ..report import ShownTable, board_rows
from ..study import Study
from ._app import cell, note, progress, results, say


def compute(
    study: Study,
    out: Path | None,
    lang: Language,
    *,
    parts: Collection[str] | None = None,
    threads: int | None = None,
    cache: Path | None = None,
    replace: bool = False,
) -> tuple[Result, Path | None]:
    """Return a result and, if written, its page; an unusable folder is refused first."""
    if out is not None:
        check_output_folder(out, replace=replace, results=True)
    with progress(lang) as advance:
        result = run(
            study,
            parts=parts,
            threads=threads,
            cache_folder=cache,
            out_folder=out,
            on_progress=advance,
        )
        if out is None:
            return result, None
        return result, result.write(out, replace=replace, on_progress=advance)


def conclude(result: Result, page: Path | None, lang: Language) -> None:
    """Print what must be known beside a result, and where its page lies."""
    for remark in result.notes:
        note(remark.render(lang))
    if page is not None:
        say(str(page))


def print_board(title: str, indicators: pd.DataFrame, lang: Language) -> None:
    """Print an indicator board; the columns of published figures only if there are any."""
    table = Table(title=cell(text("pipeline.board_title", lang, study=title)))
    keys = ["indicator", "published", "computed", "target", "verdict", "source"]
    if indicators["published"].isna().all():
        keys = [key for key in keys if key not in {"published", "source"}]
    for key in keys:
        table.add_column(text(f"pipeline.column_{key}", lang))
    for row in board_rows(indicators, lang):
        shown = {"indicator": row.label, **{key: getattr(row, key) for key in keys[1:]}}
        table.add_row(*(cell(shown[key]) for key in keys))
    results.print(table)


def print_table(shown: ShownTable) -> None:
    """Print a table; names from files may look like markup and stay as they are."""
    table = Table(title=cell(shown.title))
    for heading in shown.headings:
        table.add_column(cell(heading))
    for row in shown.rows:
        table.add_row(*map(cell, row))
    results.print(table)
