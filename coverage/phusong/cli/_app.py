"""What every command shares: the app, its two consoles, faults, progress, options."""

import io
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
from rich.text import Text

from .._memory import require_address_space
from .._text import visible
from .._types import Language
from ..errors import PhusongError
from ..i18n import LANGUAGES, text

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Phủ sóng di động, cáp quang và một cửa điện tử của một tỉnh. / "
    "Mobile coverage, fibre and e-government readiness of a province.",
    epilog="Bắt đầu / to begin:\n\nphusong new tinh-cua-toi --templates\n\n"
    "phusong check tinh-cua-toi\n\nphusong run tinh-cua-toi --out ket-qua\n\n"
    "Cách dùng một lệnh / about one command:  phusong run --help",
)
LIGHT = {"new", "cache"}
"""Commands that need none of the large libraries."""
notes = Console(stderr=True)
results = Console()


def examples(*lines: str) -> str:
    """Return what follows the help of a command: one example a line."""
    return "\n\n".join(("Ví dụ / examples:", *lines))


Folder = Annotated[Path, typer.Argument(help="Thư mục có study.toml / folder with study.toml.")]
MaybeFolder = Annotated[
    Path | None, typer.Argument(help="Thư mục có study.toml / folder with study.toml.")
]
MaybeOut = Annotated[
    Path | None, typer.Option(help="Ghi cả thư mục kết quả / write an output folder too.")
]
Cache = Annotated[
    Path | None,
    typer.Option(
        help="Thư mục lưu suy hao đã tính, tối đa 10 GB / folder of computed losses, up to 10 GB."
    ),
]
Lang = Annotated[
    str, typer.Option(help="vi | en", metavar="vi|en", callback=lambda value: language_of(value))
]


def language_of(value: str) -> Language:
    """Return the language an option names."""
    for language in LANGUAGES:
        if value == language:
            return language
    raise typer.BadParameter("vi | en")


@contextmanager
def planned_faults() -> Iterator[None]:
    """Turn a planned fault into one message and exit code 2."""
    try:
        yield
    except PhusongError as fault:
        # Names from files may look like markup or links; print them as they are.
        shown = visible(str(fault), lines=True)
        notes.print(shown, style="red", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(code=2) from None


@contextmanager
def progress(lang: Language) -> Iterator[Callable[[str, int, int], None]]:
    """Show a bar a step, on a terminal only."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(
        *columns, TimeElapsedColumn(), console=notes, disable=not notes.is_terminal
    ) as bars:
        tasks: dict[str, TaskID] = {}

        def advance(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(text(step, lang), total=total)
            bars.update(tasks[step], completed=done, total=total)

        yield advance


@app.callback()
def before_every_command(ctx: typer.Context) -> None:
    """Write Vietnamese also where less is expected; refuse where nothing can be computed."""
    if ctx.invoked_subcommand not in LIGHT:
        require_address_space()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")


def cell(words: str) -> Text:
    """Return a cell of a printed table."""
    return Text(visible(words, lines=True))


def say(line: str) -> None:
    """Print a result; names from files may look like markup or links and stay as they are."""
    results.print(visible(line, lines=True), markup=False, highlight=False, soft_wrap=True)


def note(line: str) -> None:
    """Print a remark beside the results."""
    notes.print(visible(line, lines=True), markup=False, highlight=False, soft_wrap=True)
