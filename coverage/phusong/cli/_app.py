"""What every command shares: the app, its two consoles, faults, progress, options."""

import errno
import gc
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
from rich.text import Text

from .._memory import require_address_space
from .._signals import terminable
from .._text import visible
from .._version import program
from ..errors import PhusongError
from ..i18n import LANGUAGES, Language, number, text
from ._usage import Commands

app = typer.Typer(
    cls=Commands,
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
STOPPED = (128 + 1, 128 + 2, 128 + 15)
"""Exit codes of a request to stop: SIGHUP, SIGINT (Ctrl+C), SIGTERM."""
UNUSABLE = (errno.EACCES, errno.EPERM, errno.ELOOP, errno.ENAMETOOLONG)
"""What the system says of a path that was named and cannot even be looked at."""
COLLECTED_AFTER = (200_000, 50, 100)
"""Objects made, and collections, before Python looks for rings of objects to free."""
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
        help="Thư mục lưu suy hao đã tính, giới hạn 10 GB (phusong cache) / folder of computed "
        "losses, up to 10 GB (phusong cache)."
    ),
]
Replace = Annotated[
    bool,
    typer.Option(
        "--replace",
        help="Thay tệp đã có, hoặc thư mục kết quả có tệp thêm vào hay bị sửa (sẽ mất). / "
        "Replace a file, or an output folder with files added or changed, which are lost.",
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
def planned_faults(
    lang: Language, out: Path | None = None, cache: Path | None = None
) -> Iterator[None]:
    """Turn a planned fault into one message and exit code 2, a request to stop into one line."""
    before = _identity(out)
    try:
        with terminable():
            yield
    except PhusongError as fault:
        # Names from files may look like markup or links; print them as they are.
        shown = visible(fault.render(lang), lines=True)
        notes.print(shown, style="red", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(code=2) from None
    except OSError as fault:
        if fault.errno not in UNUSABLE or fault.filename is None:
            raise
        path = os.fsdecode(fault.filename)
        note(text("cli.unusable", lang, path=path, detail=fault.strerror))
        raise typer.Exit(code=2) from None
    except (KeyboardInterrupt, SystemExit) as stop:
        code = stop.code if isinstance(stop, SystemExit) else 128 + 2
        if code not in STOPPED:
            raise
        if out is None:
            key = "common.stopped"
        elif _identity(out) != before:
            key = "common.stopped_after"
        else:
            key = "common.stopped_unwritten" if before is None else "common.stopped_untouched"
        kept = text("common.stopped_cache", lang, cache=cache) if cache else ""
        note(f"{text(key, lang, out=out)} {kept}".rstrip())
        raise typer.Exit(int(code)) from None


def _identity(path: Path | None) -> tuple[int, int] | None:
    """Return what tells a file or folder from the one that takes its name."""
    try:
        found = None if path is None else os.stat(path)  # noqa: PTH116  also of a file
    except OSError:
        return None
    return None if found is None else (found.st_dev, found.st_ino)


@contextmanager
def progress(lang: Language) -> Iterator[Callable[[str, int, int], None]]:
    """Show a bar a step on a terminal, elsewhere a line each tenth of a step."""
    if not notes.is_terminal:
        yield _Lines(lang)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=notes) as bars:
        tasks: dict[str, TaskID] = {}

        def advance(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(text(step, lang), total=total)
            bars.update(tasks[step], completed=done, total=total)

        yield advance


class _Lines:
    """Progress for a file or a pipe."""

    def __init__(self, lang: Language) -> None:
        self._lang = lang
        self._tenths: dict[str, int] = {}

    def __call__(self, step: str, done: int, total: int) -> None:
        tenth = 10 * done // max(total, 1)
        if self._tenths.get(step, -1) < tenth:
            self._tenths[step] = tenth
            note(f"{text(step, self._lang)}: {number(10 * tenth, self._lang)} %")


def _tell_version(asked: bool) -> None:
    if asked:
        say(program())
        raise typer.Exit


@app.callback()
def before_every_command(
    ctx: typer.Context,
    version: Annotated[  # noqa: ARG001  its callback answers
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_tell_version, help="Phiên bản / version."
        ),
    ] = False,
) -> None:
    """Write Vietnamese also where less is expected; refuse where nothing can be computed."""
    if ctx.invoked_subcommand not in LIGHT:
        require_address_space()
    # Tables are millions of objects without rings; looking for rings took a quarter of a check.
    gc.set_threshold(*COLLECTED_AFTER)
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
