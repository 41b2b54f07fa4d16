"""Every planned fault: a message key, its values, and where to mend it.

A fault is written in Vietnamese and English, for the person who has to repair
the file. Each class is also the built-in exception it refines. A fault of one
input row is a `Problem`; readers collect all of a file before they raise.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from markupsafe import Markup

from ._text import visible
from .i18n import LANGUAGES, Language, text

__all__ = [
    "CellRangeError",
    "ClusterError",
    "CrsMismatchError",
    "EditionError",
    "ExportError",
    "FetchError",
    "GridMismatchError",
    "InfeasibleRolloutError",
    "InfeasibleSitingError",
    "InputError",
    "ModelAnswerError",
    "ModelRangeError",
    "NetworkError",
    "OutputError",
    "PathError",
    "PatternError",
    "PhusongError",
    "Problem",
    "RolloutError",
    "SitingError",
    "SitingTimeError",
    "StudyError",
    "SurveyError",
    "TerrainError",
    "quoted",
]

SHOWN_PROBLEMS = 50
SHOWN_ALIKE = 5
SHOWN_VALUE_LENGTH = 60
_SENTENCE_ENDS = re.compile(r"(?<=[.!?])\s+(?=[^\W\d_a-z])")


def quoted(value: object) -> str:
    """Show a foreign value on one line, shortened, control characters made visible.

    Parameters
    ----------
    value : object
        Its ``str`` is shown.

    Returns
    -------
    str
        In quotes, at most `SHOWN_VALUE_LENGTH` characters.

    Examples
    --------
    >>> quoted("9,5 °C")
    "'9,5 °C'"
    """
    plain = repr(str(value))
    if len(plain) > SHOWN_VALUE_LENGTH:
        plain = plain[: SHOWN_VALUE_LENGTH - 1] + "…"
    return plain


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One fault of an input: where it is, what is wrong, how to mend it.

    Parameters
    ----------
    message : str
        Key of the words in `phusong.i18n`; they say what is wrong, what was
        expected and how to mend it.
    file : str
        Name as the study gives it, never a machine path.
    sheet, row, line, column, key : optional
        Place inside the file. `row` counts as the person's program shows it:
        the heading of a CSV or XLSX file is row 1; features count from 1.
        `line` is a line of a text such as TOML, from 1;
        `key` is the dotted key of a TOML file.
    value : optional
        The offending value, shown shortened.
    values : mapping
        What the placeholders of the words stand for.
    """

    message: str
    file: str
    sheet: str | None = None
    row: int | None = None
    line: int | None = None
    column: str | None = None
    key: str | None = None
    value: object = None
    values: dict[str, Any] = field(default_factory=dict)

    def where(self, lang: Language) -> str:
        """Return the place: file, sheet, row, column or key, and the value.

        Parameters
        ----------
        lang : {"vi", "en"}

        Returns
        -------
        str
            As in ``cells.csv, row 7, column lat``.
        """
        parts = [visible(self.file)]
        for name in ("sheet", "row", "line", "column", "key"):
            place = getattr(self, name)
            if place is not None:
                parts.append(text(f"common.{name}", lang, **{name: place}))
        if self.value is not None:
            parts.append(text("common.value", lang, value=quoted(self.value)))
        return ", ".join(parts)

    def render(self, lang: Language) -> str:
        """Return place and message in one language.

        Parameters
        ----------
        lang : {"vi", "en"}

        Returns
        -------
        str
            One line.
        """
        return f"{self.where(lang)}: {text(self.message, lang, **self.values)}"

    def parts(self, lang: Language) -> tuple[str, str]:
        """Return what is wrong, and what follows it: what was expected and how to mend it.

        Parameters
        ----------
        lang : {"vi", "en"}

        Returns
        -------
        tuple of str
            The first sentence of the message, and the others; empty if there are none.

        Examples
        --------
        >>> Problem(message="inputs.missing", file="cells.csv").parts("en")
        ('This required cell is empty.', 'Fill it in.')
        """
        said = text(self.message, lang, **self.values)
        sentences = _SENTENCE_ENDS.split(said, maxsplit=1)
        return sentences[0], sentences[1] if len(sentences) > 1 else ""

    def __str__(self) -> str:
        return "\n".join(self.render(lang) for lang in LANGUAGES)

    def _repr_html_(self) -> str:
        return str(Markup("<br>").join(self.render(lang) for lang in LANGUAGES))


class PhusongError(Exception):
    """Base of all planned faults, so that a caller can catch them at once.

    Parameters
    ----------
    message : str
        Key of the words in `phusong.i18n`.
    **values : object
        What their placeholders stand for.
    """

    def __init__(self, message: str, /, **values: Any) -> None:
        self.message = message
        self.values = values
        super().__init__(message, values)

    def __reduce__(self) -> tuple[Any, ...]:
        """Let a fault come back from another process, whatever its class is made of."""
        return _restored, (type(self), self.args, self.__dict__)

    def render(self, lang: Language) -> str:
        """Return the fault in one language.

        Parameters
        ----------
        lang : {"vi", "en"}

        Returns
        -------
        str
        """
        return text(self.message, lang, **self.values)

    def __str__(self) -> str:
        return "\n".join(self.render(lang) for lang in LANGUAGES)

    def _render_traceback_(self) -> list[str]:
        """Show the words alone in a notebook: the fault lies in a file, not in a line of code."""
        return [f"{type(self).__name__}: {self}"]


def _restored(
    kind: type[PhusongError], args: tuple[Any, ...], state: dict[str, Any]
) -> PhusongError:
    """Make a fault anew that another process raised."""
    fault = kind.__new__(kind)
    fault.args = args
    fault.__dict__.update(state)
    return fault


def kind_of(problem: Problem) -> tuple[str | None, ...]:
    """Return what problems have in common of which only the first are shown.

    Parameters
    ----------
    problem : Problem

    Returns
    -------
    tuple of (str or None)
        Message, file, sheet, column, key.
    """
    return problem.message, problem.file, problem.sheet, problem.column, problem.key


class InputError(PhusongError, ValueError):
    """Input files break their tables; carries every problem, not only the first.

    Parameters
    ----------
    problems : iterable of Problem
        In the order in which they are listed.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: Sequence[Problem] = tuple(problems)
        super().__init__("errors.input", count=len(self.problems))

    def render(self, lang: Language) -> str:
        """Return the count, then one line a problem.

        At most `SHOWN_PROBLEMS` lines, of which at most `SHOWN_ALIKE` tell the
        same of one column: a slip all down a column hides no other fault.

        Parameters
        ----------
        lang : {"vi", "en"}

        Returns
        -------
        str
        """
        kinds = Counter(map(kind_of, self.problems))
        listed: Counter[tuple[str | None, ...]] = Counter()
        lines, hidden = [super().render(lang)], 0
        for problem in self.problems:
            kind = kind_of(problem)
            listed[kind] += 1
            if len(lines) > SHOWN_PROBLEMS:
                hidden += 1
            elif listed[kind] <= SHOWN_ALIKE:
                alike = kinds[kind] - SHOWN_ALIKE if listed[kind] == SHOWN_ALIKE else 0
                more = " " + text("common.more_alike", lang, count=alike) if alike > 0 else ""
                lines.append(f"- {problem.render(lang)}{more}")
        if hidden > 0:
            lines.append(text("common.more_problems", lang, count=hidden))
        return "\n".join(lines)


class StudyError(InputError):
    """A study.toml or a file it names cannot be used."""


class GridMismatchError(PhusongError, ValueError):
    """A raster does not lie on the grid it was promised on.

    Parameters
    ----------
    name : str
        The raster, as the user calls it.
    found, expected : str
        What `Grid.describe` says of the two grids.
    """

    def __init__(self, name: str, found: str, expected: str) -> None:
        super().__init__("errors.grid_mismatch", name=name, found=found, expected=expected)


class CrsMismatchError(PhusongError, ValueError):
    """Two tables that must be laid over each other are in different CRSs.

    Parameters
    ----------
    name : str
        The table, as the user calls it.
    found, expected : str
        The two CRSs.
    """

    def __init__(self, name: str, found: str, expected: str) -> None:
        super().__init__("errors.crs_mismatch", name=name, found=found, expected=expected)


class EditionError(PhusongError, ValueError):
    """Units cannot be carried to another administrative edition."""


class NetworkError(PhusongError, ValueError):
    """A fibre network cannot be used as given, or prices for it are missing."""


class RolloutError(PhusongError, ValueError):
    """Readiness rules or a rollout's limits cannot be used, or allow no plan."""


class InfeasibleRolloutError(RolloutError):
    """What a rollout requires cannot be had within its budgets and crews."""


class SitingError(PhusongError, ValueError):
    """Candidates, costs or limits cannot be used, or nothing can be chosen by them."""


class InfeasibleSitingError(SitingError):
    """What is to be reached cannot be, by any choice of the candidates."""


class SitingTimeError(SitingError):
    """The time given ended before a plan was found, or proved not to exist."""


class TerrainError(PhusongError, ValueError):
    """Elevation or population does not cover what it must, or has too many voids."""


class ModelRangeError(PhusongError, ValueError):
    """A propagation model was asked outside the ranges where it holds."""


class ModelAnswerError(PhusongError, ValueError):
    """A propagation model of another package or a notebook answers what is no loss."""


class CellRangeError(InputError, ModelRangeError):
    """Cells lie outside the ranges of the propagation model; one problem a cell."""


class PatternError(PhusongError, ValueError):
    """No antenna pattern is what was asked for."""


class PathError(PhusongError, ValueError):
    """A path was asked for that cannot be looked at: no such cell, no terrain, no such point."""


class SurveyError(PhusongError, ValueError):
    """No places can be drawn: no coverage, no such service, nobody within reach."""


class NeedsRunError(PhusongError, AttributeError):
    """What a written folder does not keep was asked of it, such as the signal of each cell.

    Parameters
    ----------
    asked : str
        Name of the method or attribute.
    folder : path
        The output folder.
    """

    def __init__(self, asked: str, folder: object) -> None:
        super().__init__("errors.needs_run", asked=asked, folder=folder)


class WrongKindError(PhusongError, TypeError):
    """Something else was given where a study, or the result of a run, is wanted.

    Parameters
    ----------
    wanted : {"study", "result"}
    asked : str
        Name of what it was given to.
    given : object
    """

    def __init__(self, wanted: str, asked: str, given: object) -> None:
        told = repr(str(given)) if isinstance(given, str | Path) else type(given).__name__
        super().__init__(f"errors.wanted_{wanted}", asked=asked, given=told)


class CompareError(PhusongError, ValueError):
    """Two results cannot be compared: other provinces or editions, no coverage, no service."""


class ExplainError(PhusongError, ValueError):
    """A figure cannot be explained: no such commune or service, or no evidence was kept."""


class ExploreError(PhusongError, ValueError):
    """A result cannot become a page that computes: no coverage, another model, or too large."""


class PageTooLargeError(ExploreError):
    """A page that computes would be slow to open; its communes can be divided among several."""


class OutputError(PhusongError, OSError):
    """An output folder cannot be written or would overwrite something of the user's."""


class MemoryLimitError(PhusongError, MemoryError):
    """There is not enough memory for what was asked; raised before it is used up."""


class ClusterError(PhusongError, RuntimeError):
    """Other processes that share the work could not be used, or were lost."""


class ExportError(PhusongError, ValueError):
    """An export was asked for in a way in which it cannot be made."""


class FetchError(PhusongError, OSError):
    """Something could not be fetched, or what came is not what it should be."""


class AbsentError(FetchError):
    """The provider says that it does not have what was asked for."""


class BundleError(PhusongError, ValueError):
    """A bundle cannot be packed, or is damaged, hostile or none of phusong's."""
