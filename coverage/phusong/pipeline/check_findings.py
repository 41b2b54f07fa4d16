"""What a check found, before it is shown: readings of files, remarks, and what stops a run.

Gathers what was read; decides nothing and writes nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import pandas as pd

from ..errors import InputError, PhusongError, Problem
from ..i18n import LANGUAGES, Language, text
from ..inputs import Reading
from ..inputs.describe import expected
from ..study import Study
from ..tables import Field
from .records import Note

PROBLEM_COLUMNS = (
    "kind", "file", "sheet", "row", "column", "value",
    *(f"{part}_{lang}" for lang in LANGUAGES for part in ("kind", "what", "expected", "mend")),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, eq=False)
class CheckFindings:
    """What a check found.

    Parameters
    ----------
    study : Study
    notes : tuple of Note
        What a run would leave out or set aside.
    readings : tuple of Reading
        What became of each file.
    fault : PhusongError, optional
        Why the study cannot be computed.
    """

    study: Study
    notes: tuple[Note, ...]
    readings: tuple[Reading, ...]
    fault: PhusongError | None

    @property
    def exit_code(self) -> int:
        """0 clean, 1 something was told, 2 the study cannot be used.

        What a study leaves out of its own will, such as a part without inputs, is no matter.
        """
        if self.fault is not None:
            return 2
        mended = any(reading.counts["mended"] for reading in self.readings)
        return 1 if mended or any(not note.by_choice for note in self.notes) else 0

    def told(self) -> Iterator[tuple[str, Problem]]:
        """Yield everything told, file by file: what it means for the study, and the problem.

        The first is ``set_aside``, ``mended``, ``remark`` or ``refused``.
        """
        seen: set[int] = set()
        of_fault = self.fault.problems if isinstance(self.fault, InputError) else ()
        refused = {id(problem) for problem in of_fault}
        for reading in self.readings:
            seen |= {id(problem) for problem in reading.problems}
            for problems in reading.set_aside.values():
                yield from (("set_aside", problem) for problem in problems)
            for problem in reading.remarks:
                yield "refused" if id(problem) in refused else "remark", problem
            for _, problem in reading.mends():
                yield "mended", problem
        others = (note.problem for note in self.notes if note.problem is not None)
        for problem in (*of_fault, *others):
            if id(problem) not in seen:
                yield "refused" if id(problem) in refused else "remark", problem

    def problems(self) -> pd.DataFrame:
        """One row a fault, mending or remark: where, what, what was expected, how to mend it."""
        fields = {
            (reading.file, called): column.field
            for reading in self.readings
            for column in reading.columns
            if column.field is not None
            for called in (column.heading, column.field.name)
        }
        rows = [_row(kind, one, fields) for kind, one in self.told()]
        return pd.DataFrame(rows, columns=PROBLEM_COLUMNS).astype({"row": "Int64"})


@cache
def _word(name: str, lang: Language) -> str:
    return text(f"report.{name}", lang)


def _row(kind: str, problem: Problem, fields: Mapping[tuple[str, str], Field]) -> dict[str, Any]:
    names = (problem.column or "").split(", ")
    asked = [fields[problem.file, name] for name in names if (problem.file, name) in fields]
    row: dict[str, Any] = {
        "kind": kind,
        "file": problem.file,
        "sheet": problem.sheet,
        "row": problem.row if problem.row is not None else problem.line,
        "column": problem.column if problem.column is not None else problem.key,
        "value": None if problem.value is None else str(problem.value),
    }
    for lang in LANGUAGES:
        what, mend = problem.parts(lang)
        wrong = kind in ("set_aside", "refused")
        row |= {
            f"kind_{lang}": _word(f"check_is_{kind}", lang),
            f"what_{lang}": what,
            f"expected_{lang}": "; ".join(expected(field, lang) for field in asked),
            f"mend_{lang}": mend or (_word("check_mend", lang) if wrong else ""),
        }
    return row
