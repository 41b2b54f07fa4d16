"""What a check writes: its page, the workbooks given back, the list of problems."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..._memory import without_collection
from ..._version import program
from ...errors import OutputError, Problem
from ...export import (
    MARKS,
    Mark,
    MarkedSheet,
    Swatch,
    annotate_workbook,
    make_workbook,
    output_folder,
    write_csv,
    write_manifest,
)
from ...i18n import LANGUAGES, Bilingual, number, text
from ...inputs import Reading
from ...report import CheckPage, files_shown, render_check
from ..check_findings import CheckFindings
from .given import inputs_of, settings

FOLDER, PAGE, PROBLEMS, WORKBOOKS = "check", "index.html", "problems.csv", "workbooks"
_LONGEST_NAME = 80


def write_check(report: CheckFindings, folder: Path | None, *, replace: bool) -> Path:
    """Write the answer; the folder appears whole or not at all. Return its page."""
    if folder is None:
        folder = report.study.folder / FOLDER
        if folder.is_symlink():  # it would lead out of the study's folder
            raise OutputError("pipeline.check_link", folder=folder)
    # Cells of workbooks are many, and none holds another.
    with output_folder(folder, replace=replace) as out, without_collection():
        books = _write_workbooks(report, out)
        write_csv(report.problems(), out / PROBLEMS)
        page = render_check(_page(report, books))
        (out / PAGE).write_bytes(page.encode("utf-8", "replace"))
        sources = {name: path for name, path in inputs_of(report.study).items() if path.is_file()}
        write_manifest(out, parameters=settings(report.study), inputs=sources)
    return folder / PAGE


def _page(report: CheckFindings, books: dict[int, str]) -> CheckPage:
    study = report.study
    of_files = {id(one) for reading in report.readings for one in reading.problems}
    told = [
        (kind, one) for kind, one in report.told() if kind != "mended" and id(one) not in of_files
    ]
    fault = report.fault
    remarks = [
        Bilingual(*(note.render(lang) for lang in LANGUAGES))
        for note in report.notes
        if not note.problem and note.message != "pipeline.set_aside"  # counted with the files
    ]
    if fault is not None and not told and not any(one.problems for one in report.readings):
        remarks.insert(0, Bilingual(*(fault.render(lang) for lang in LANGUAGES)))
    communes = next((one for one in report.readings if one.table.name == "communes"), None)
    return CheckPage(
        title=study.title,
        province=study.province,
        edition=study.edition,
        as_of=study.as_of,
        program=program(),
        readings=report.readings,
        others=told,
        remarks=remarks,
        usable=fault is None,
        told=report.exit_code == 1,
        sample=study.sample_notice,
        workbooks=books,
        problems=PROBLEMS,
        outlines=None
        if communes is None or communes.shapes is None
        else communes.shapes[communes.fates == "used"],
    )


def _write_workbooks(report: CheckFindings, out: Path) -> dict[int, str]:
    """Write one workbook a file; return the name of each reading's."""
    (out / WORKBOOKS).mkdir()
    doubts = [one for kind, one in report.told() if kind in ("remark", "refused")]
    names: dict[int, str] = {}
    for file in dict.fromkeys(one.file for one in report.readings):
        at = [i for i, one in enumerate(report.readings) if one.file == file]
        readings = [report.readings[i] for i in at if report.readings[i].headings]
        if not readings:
            continue
        path = out / WORKBOOKS / _file_name(file, names.values())
        sheets = [_sheet(one, doubts) for one in readings]
        summary = list(_summary(readings))
        own = readings[0].path.suffix.lower() == ".xlsx" and all(one.title for one in sheets)
        if not (own and annotate_workbook(readings[0].path, path, sheets, summary)):
            if own:
                summary.insert(
                    0, [text("export.not_kept", "vi") + " / " + text("export.not_kept", "en")]
                )
            make_workbook(path, sheets, summary)
        names |= dict.fromkeys(at, f"{WORKBOOKS}/{path.name}")
    return names


def _file_name(file: str, taken: Any) -> str:
    """Return a plain name for the workbook of a file, whatever the file is called."""
    plain = re.sub(r"[^\w.]+", "-", file).strip("-.")[:_LONGEST_NAME] or "-"
    stem = plain.removesuffix(".xlsx")
    names = {Path(one).name.casefold() for one in taken}
    name, count = f"{stem}.xlsx", 2
    while name.casefold() in names:
        name, count = f"{stem}-{count}.xlsx", count + 1
    return name


def _sheet(reading: Reading, doubts: Sequence[Problem]) -> MarkedSheet:
    return MarkedSheet(
        title=reading.sheet,
        headings=reading.headings,
        cells=[column.tolist() for column in reading.cells],
        rows=reading.rows.tolist(),
        marks=list(_marks(reading, doubts)),
    )


def _marks(reading: Reading, doubts: Sequence[Problem]) -> Iterator[Mark]:
    """Yield what is told of cells: rows set aside, what was mended, and doubts that name a cell."""
    for problems in reading.set_aside.values():
        for one in problems:
            for column in _cells_of(reading, one):
                if one.row is not None:
                    yield Mark(one.row, column, "set_aside", _said(one))
    for _, one in reading.mends():
        for column in reading.places(one.column):
            if one.row is not None:
                yield Mark(one.row, column, "mended", _said(one))
    fields = {one.field.name: one.heading for one in reading.columns if one.field is not None}
    aside = {id(one) for problems in reading.set_aside.values() for one in problems}
    for one in doubts:
        elsewhere = one.file != reading.file or one.sheet not in (None, reading.sheet)
        if elsewhere or one.column is None or id(one) in aside:
            continue
        places = reading.places(one.column) or reading.places(fields.get(one.column or ""))
        rows = [] if one.row is None else [one.row]
        if one.row is None and one.value is not None and places:
            same = np.fromiter(
                (str(cell).strip() == str(one.value) for cell in reading.cells[places[0]]), bool
            )
            rows = reading.rows[same].tolist()
        for row in rows:
            for column in (*places,) or (None,):
                yield Mark(row, column, "doubt", _said(one))


def _cells_of(reading: Reading, problem: Problem) -> Sequence[int | None]:
    return reading.places(problem.column) or [None]


def _said(problem: Problem) -> tuple[str, str]:
    vi, en = (text(problem.message, lang, **problem.values) for lang in LANGUAGES)
    return vi, en


def _summary(readings: Sequence[Reading]) -> Iterator[list[Any]]:
    """Yield the rows of the summary sheet: what became of each table, how its columns were read."""

    def either(key: str) -> str:
        return " / ".join(text(key, lang) for lang in LANGUAGES)

    yield [either("report.check")]
    yield [either(f"report.check_{name}") for name in ("file", "table")] + [
        either(f"report.check_{name}")
        for name in ("rows", "used", "mended", "set_aside", "passed_over")
    ]
    for reading, row in zip(readings, files_shown(readings, "vi").rows, strict=True):
        yield [*row[:2], *reading.counts.values()]
    yield []
    for problem in (one for reading in readings for one in reading.remarks):
        yield [" / ".join(problem.render(lang) for lang in LANGUAGES)]
    yield []
    for kind in MARKS:
        yield [Swatch(kind), either(f"export.colour_{kind}")]
    yield []
    for reading in readings:
        yield [f"{either('report.check_how')}: {reading.sheet or reading.file}"]
        yield [
            either(f"report.check_{name}")
            for name in ("heading", "meaning", "unit", "how", "score")
        ]
        for column in reading.columns:
            field = column.field
            yield [
                column.heading or "–",
                "–" if field is None else field.title.vi,
                "" if field is None else field.unit,
                text(f"report.check_how_{column.how}", "vi"),
                "" if field is None else f"{number(column.score, 'vi')} %",
            ]
