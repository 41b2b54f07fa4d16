"""What a check found: what became of each file's rows, every fault and remark, as tables.

Gathers what was read; decides nothing. `outputs.answer` writes it.
"""

from functools import cached_property
from pathlib import Path
from typing import Self

import geopandas as gpd
import numpy as np
import pandas as pd

from ..errors import PhusongError
from ..i18n import LANGUAGES, Language, text
from ..inputs import Reading
from ..report import ShownTable, check_html, files_shown
from .check_findings import CheckFindings
from .outputs.answer import write_check
from .records import Note

FILE_COLUMNS = ("file", "sheet", "table", "rows", "used", "mended", "set_aside", "passed_over")


class CheckReport(tuple[Note, ...]):
    """The remarks of a check, in order, with what became of every file and row.

    It is a tuple of `Note`: ``for note in report`` and ``report == ()`` work as such.

    Parameters
    ----------
    iterable : iterable of Note
        The remarks; `of` brings the rest.

    Examples
    --------
    >>> import tempfile
    >>> import phusong
    >>> report = phusong.check(phusong.open_study(phusong.sample_folder()))
    >>> report.exit_code, report.fault is None, len(report.readings)
    (0, True, 10)
    >>> report.files.set_index("file").loc["villages.csv", ["rows", "used", "passed_over"]].tolist()
    [2070, 2069, 1]
    >>> report.shown("en").headings[:3]
    ('File', 'Taken for', 'Rows')
    >>> with tempfile.TemporaryDirectory() as home:
    ...     report.write(Path(home) / "check").name
    'index.html'
    """

    findings: CheckFindings

    @classmethod
    def of(cls, findings: CheckFindings) -> Self:
        """Show what a check found.

        Parameters
        ----------
        findings : CheckFindings

        Returns
        -------
        CheckReport
        """
        report = cls(findings.notes)
        report.findings = findings
        return report

    @property
    def readings(self) -> tuple[Reading, ...]:
        """What became of each file."""
        return self.findings.readings

    @property
    def fault(self) -> PhusongError | None:
        """Why the study cannot be computed; only from ``check(study, refuse=False)``."""
        return self.findings.fault

    @property
    def exit_code(self) -> int:
        """0 clean, 1 something was told, 2 the study cannot be used."""
        return self.findings.exit_code

    @cached_property
    def files(self) -> pd.DataFrame:
        """One row a table of a file: how many rows are used, mended, set aside, passed over.

        ``used`` + ``set_aside`` + ``passed_over`` = ``rows``; those mended are among those used.
        """
        rows = [
            {"file": one.file, "sheet": one.sheet, "table": one.table.name, **one.counts}
            for one in self.readings
        ]
        return pd.DataFrame(rows, columns=FILE_COLUMNS)

    @cached_property
    def columns(self) -> pd.DataFrame:
        """One row a column of a file: heading, field, unit, how it was found, and its score."""
        names = ("file", "sheet", "table", "heading", "field", "unit", "how", "score")
        rows = [
            (
                one.file,
                one.sheet,
                one.table.name,
                column.heading,
                None if column.field is None else column.field.name,
                None if column.field is None else column.field.unit,
                column.how,
                column.score,
            )
            for one in self.readings
            for column in one.columns
        ]
        return pd.DataFrame(rows, columns=names)

    @cached_property
    def problems(self) -> pd.DataFrame:
        """One row a fault, mending or remark: where, what, what was expected, how to mend it."""
        return self.findings.problems()

    @cached_property
    def rows(self) -> gpd.GeoDataFrame:
        """One row a row under the headings: what became of it, why, and where it lies."""
        parts = []
        for reading in self.readings:
            count = len(reading.rows)
            why: dict[str, list[str]] = {lang: [""] * count for lang in LANGUAGES}
            found = [(i, one) for i, its in reading.set_aside.items() for one in its]
            for i, problem in (*found, *reading.mends()):
                for lang in LANGUAGES:
                    said = text(problem.message, lang, **problem.values)
                    why[lang][i] = f"{why[lang][i]} {said}".strip()
            parts.append(
                gpd.GeoDataFrame(
                    {
                        "file": reading.file,
                        "sheet": reading.sheet,
                        "table": reading.table.name,
                        "row": reading.rows,
                        "fate": reading.fates,
                        **{f"reason_{lang}": why[lang] for lang in LANGUAGES},
                    },
                    geometry=np.full(count, None) if reading.shapes is None else reading.shapes,
                    crs=self.findings.study.crs,
                )
            )
        if not parts:
            parts = [gpd.GeoDataFrame({"file": []}, geometry=[], crs=self.findings.study.crs)]
        return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=self.findings.study.crs)

    def shown(self, lang: Language) -> ShownTable:
        """Return the files as a table to print.

        Parameters
        ----------
        lang : {"vi", "en"}

        Returns
        -------
        ShownTable
        """
        return files_shown(self.readings, lang)

    def write(self, folder: Path | str | None = None, *, replace: bool = False) -> Path:
        """Write the page, the annotated workbooks and the list of problems.

        Parameters
        ----------
        folder : path, optional
            ``check`` in the study's folder if absent. It appears whole or not at all.
        replace : bool
            Whether to replace a folder of phusong's in which files were added or changed.

        Returns
        -------
        Path
            The page.

        Raises
        ------
        OutputError
            If the folder holds what phusong did not write, or cannot be written.
        """
        return write_check(self.findings, None if folder is None else Path(folder), replace=replace)

    def _repr_html_(self) -> str:
        """Show the files and the remarks in a notebook."""
        return check_html(self.readings, [(note.render("vi"), note.render("en")) for note in self])

    def __repr__(self) -> str:
        counts = ", ".join(f"{one.file}: {one.counts['used']}" for one in self.readings)
        return f"<CheckReport {self.findings.study.name!r}: {len(self)} remarks; used {counts}>"
