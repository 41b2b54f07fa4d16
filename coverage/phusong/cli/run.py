"""`phusong run`, `check` and `new`: compute a study, check its tables, begin one."""

import os
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer
from rich.table import Table
from rich.text import Text

from .._types import Language
from ..export import check_output_folder
from ..i18n import text
from ..pipeline import FORM, FORM_TABLES, check, run, write_form
from ..report import board_rows
from ..study import new_study, open_study
from ._app import Folder, Lang, app, language_of, note, planned_faults, progress, results, say


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
    language = language_of(lang)
    with planned_faults():
        study = open_study(folder)
        check_output_folder(out)
        with progress(language) as advance:
            result = run(study, threads=threads, cache_folder=cache, on_progress=advance)
            page = result.write(out, on_progress=advance)
    print_board(result.title(language), result.indicators, language)
    for remark in result.notes:
        note(remark.render(language))
    say(str(page))


@app.command("check")
def check_study(folder: Folder, lang: Lang = "vi") -> None:
    """Kiểm tra study.toml và mọi bảng dữ liệu. / Check study.toml and every table."""
    language = language_of(lang)
    with planned_faults():
        for remark in check(open_study(folder)):
            note(remark.render(language))
    say(text("pipeline.check_passed", language))


@app.command("new")
def scaffold(
    folder: Folder,
    ofds: Annotated[
        Path | None,
        typer.Option(help="Mạng cáp theo Open Fibre Data Standard / a fibre network (.json)."),
    ] = None,
    templates: Annotated[
        bool,
        typer.Option(
            "--templates",
            help=f"Ghi thêm {FORM} để điền trạm, trụ sở, thôn / also a workbook to fill in.",
        ),
    ] = False,
) -> None:
    """Tạo study.toml mẫu có chú thích. / Write a commented study.toml to start from."""
    sheets = {table.name: FORM for table in FORM_TABLES} if templates else {}
    with planned_faults():
        path = new_study(folder, ofds=ofds, sheets=sheets)
        form = write_form(folder) if templates else None
    say(str(path))
    if form is not None:
        say(str(form))


def print_board(title: str, indicators: pd.DataFrame, lang: Language) -> None:
    """Print an indicator board."""
    table = Table(title=Text(text("pipeline.board_title", lang, study=title)))
    for key in ("indicator", "published", "computed", "target", "verdict", "source"):
        table.add_column(text(f"pipeline.column_{key}", lang), justify="left")
    for row in board_rows(indicators, lang):
        cells = (row.label, row.published, row.computed, row.target, row.verdict, row.source)
        table.add_row(*map(Text, cells))
    results.print(table)
