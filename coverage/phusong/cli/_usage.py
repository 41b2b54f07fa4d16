"""What is wrong with a command line, in Vietnamese and English.

typer tells it in English alone. Which language was asked for is not known where a line
cannot be read, so both are said, as in the help.
"""

import difflib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import typer
from rich.console import Console
from typer.core import TyperGroup

from .._text import visible
from ..i18n import LANGUAGES, text

# click's or, in later versions, typer's own: taken from a class that typer hands out.
UsageError = cast("type[Exception]", typer.BadParameter.__mro__[1])


class Commands(TyperGroup):
    """The commands; what the parser refuses is told in words of ours."""

    def make_context(self, *args: Any, **extra: Any) -> Any:
        """Read what stands before the command."""
        with _in_both_languages():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: Any) -> Any:
        """Read the rest of the line, and run the command."""
        with _in_both_languages(ctx):
            return super().invoke(ctx)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command; refuse a name that none has."""
        found = super().get_command(ctx, cmd_name)
        if found is None and not cmd_name.startswith("-"):
            known = ", ".join(self.commands)
            near = difflib.get_close_matches(cmd_name, self.commands, n=1)
            refuse("no_command", _command(ctx), name=cmd_name, alike=_alike(near), known=known)
        return found


@contextmanager
def _in_both_languages(ctx: Any = None) -> Iterator[None]:
    try:
        yield
    except UsageError as refused:
        if type(refused).__name__ == "NoArgsIsHelpError":  # it is the help
            raise
        _explain(refused, _command(getattr(refused, "ctx", None) or ctx))


def _command(ctx: Any) -> str:
    """Return the command of a line, as far as it was read."""
    if ctx is None:
        return "phusong"
    below = ctx.invoked_subcommand
    return f"{ctx.command_path} {below}" if below else str(ctx.command_path)


def _explain(refused: Any, command: str) -> None:
    """Tell what a parser's exception means."""
    message, param = refused.message, getattr(refused, "param", None)
    if param is not None:
        name = param.opts[0] if param.opts[0].startswith("-") else param.opts[0].upper()
        if type(refused).__name__ == "MissingParameter":
            refuse("missing", command, name=name)
        refuse("bad_value", command, name=name, expected=param.metavar)
    if hasattr(refused, "possibilities"):
        refuse(
            "no_option",
            command,
            name=refused.option_name,
            alike=_alike(refused.possibilities or ()),
        )
    if hasattr(refused, "option_name"):
        key = "needs_value" if message.endswith("requires an argument.") else "takes_no_value"
        refuse(key, command, name=refused.option_name)
    if extra := re.search(r"extra argument\S* \((.*)\)$", message, re.S):
        refuse("extra", command, extra=extra[1])
    refuse("unread", command, detail=message)


def _alike(names: Any) -> str:
    return ", ".join(sorted(names)) or "–"


def refuse(key: str, command: str, **values: object) -> None:
    """Say in both languages what is wrong with a line, and leave with 2."""
    said = (text(f"cli.usage_{key}", lang, command=command, **values) for lang in LANGUAGES)
    console = Console(stderr=True)
    words = visible("\n".join(said), lines=True)
    console.print(words, style="red", markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(code=2)
