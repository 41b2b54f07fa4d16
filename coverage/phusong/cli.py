"""The command line: typed words in, one call of the pipeline, a folder out.

Results go to stdout; progress and faults to stderr. A planned fault exits with
2 and without a traceback.
"""

import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table
from rich.text import Text

from ._types import Language
from .errors import PhusongError
from .export import check_output_folder
from .i18n import LANGUAGES, text
from .pipeline import Result, check, run
from .report import board_rows
from .study import new_study, open_study

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Phủ sóng di động, cáp quang và một cửa điện tử của một tỉnh. / "
    "Mobile coverage, fibre and e-government readiness of a province.",
)
_notes = Console(stderr=True)
_results = Console()

Folder = Annotated[Path, typer.Argument(help="Thư mục có study.toml / folder with study.toml.")]
Lang = Annotated[
    str, typer.Option(help="vi | en", metavar="vi|en", callback=lambda value: _language(value))
]


def _language(value: str) -> Language:
    for language in LANGUAGES:
        if value == language:
            return language
    raise typer.BadParameter("vi | en")


@contextmanager
def _planned_faults() -> Iterator[None]:
    """Turn a planned fault into one message and exit code 2."""
    try:
        yield
    except PhusongError as fault:
        # Names from files may look like markup or links; print them as they are.
        _notes.print(str(fault), style="red", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(code=2) from None


@contextmanager
def _progress(lang: Language) -> Iterator[Callable[[str, int, int], None]]:
    """Show a bar a step, on a terminal only."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(
        *columns, TimeElapsedColumn(), console=_notes, disable=not _notes.is_terminal
    ) as bars:
        tasks: dict[str, TaskID] = {}

        def advance(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(text(step, lang), total=total)
            bars.update(tasks[step], completed=done, total=total)

        yield advance


@app.callback()
def speak_unicode() -> None:
    """Write Vietnamese also where the terminal or the file it is sent to expects less."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")


@app.command("run")
def run_study(
    folder: Folder,
    out: Annotated[Path, typer.Option(help="Thư mục kết quả / output folder.")],
    lang: Lang = "vi",
    threads: Annotated[int, typer.Option(min=1, help="Số luồng / threads.")] = os.cpu_count() or 1,
    cache: Annotated[
        Path | None, typer.Option(help="Thư mục lưu suy hao đã tính / folder of computed losses.")
    ] = None,
) -> None:
    """Tính một nghiên cứu, ghi thư mục kết quả. / Compute a study, write its output folder."""
    language = _language(lang)
    with _planned_faults():
        study = open_study(folder)
        check_output_folder(out)
        with _progress(language) as advance:
            result = run(study, threads=threads, cache_folder=cache, on_progress=advance)
            page = result.write(out, on_progress=advance)
    _print_board(result, language)
    for note in result.notes:
        _notes.print(note.render(language), markup=False, highlight=False, soft_wrap=True)
    _results.print(str(page), markup=False, highlight=False, soft_wrap=True)


@app.command("check")
def check_study(folder: Folder, lang: Lang = "vi") -> None:
    """Kiểm tra study.toml và mọi bảng dữ liệu. / Check study.toml and every table."""
    language = _language(lang)
    with _planned_faults():
        for note in check(open_study(folder)):
            _notes.print(note.render(language), markup=False, highlight=False, soft_wrap=True)
    _results.print(text("pipeline.check_passed", language))


@app.command("new")
def scaffold(folder: Folder) -> None:
    """Tạo study.toml mẫu có chú thích. / Write a commented study.toml to start from."""
    with _planned_faults():
        path = new_study(folder)
    _results.print(str(path), markup=False, highlight=False, soft_wrap=True)


def _print_board(result: Result, lang: Language) -> None:
    table = Table(title=Text(text("pipeline.board_title", lang, study=result.title(lang))))
    for key in ("indicator", "published", "computed", "target", "source"):
        table.add_column(text(f"pipeline.column_{key}", lang), justify="left")
    for row in board_rows(result.indicators, lang):
        cells = (row.label, row.published, row.computed, row.target, row.source)
        table.add_row(*map(Text, cells))
    _results.print(table)
