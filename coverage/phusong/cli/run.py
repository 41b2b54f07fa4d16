"""`phusong run`, `check` and `new`: compute a study, check its tables, begin one."""

import os
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer
from rich.table import Table
from rich.text import Text

from .._types import Language
from ..errors import OutputError
from ..export import check_output_folder
from ..i18n import text
from ..pipeline import FORM, FORM_TABLES, check, run, write_form
from ..report import board_rows
from ..study import new_study, open_study
from ._app import (
    Folder,
    Lang,
    app,
    examples,
    language_of,
    note,
    planned_faults,
    progress,
    results,
    say,
)


@app.command(
    "run",
    epilog=examples(
        "phusong run tinh-cua-toi --out ket-qua",
        "phusong run tinh-cua-toi --out ket-qua --cache luu-tam --lang en",
    ),
)
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


@app.command("check", epilog=examples("phusong check tinh-cua-toi"))
def check_study(folder: Folder, lang: Lang = "vi") -> None:
    """Kiểm tra study.toml và mọi bảng dữ liệu. / Check study.toml and every table."""
    language = language_of(lang)
    with planned_faults():
        for remark in check(open_study(folder)):
            note(remark.render(language))
    say(text("pipeline.check_passed", language))


@app.command(
    "new",
    epilog=examples(
        "phusong new tinh-cua-toi",
        "phusong new tinh-cua-toi --templates",
        "phusong new tinh-cua-toi --ofds mang-cap.json",
    ),
)
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
        try:
            form = write_form(folder) if templates else None
        except OutputError:
            path.unlink()
            raise
    say(str(path))
    if form is not None:
        say(str(form))


def print_board(title: str, indicators: pd.DataFrame, lang: Language) -> None:
    """Print an indicator board; the columns of published figures only if there are any."""
    table = Table(title=Text(text("pipeline.board_title", lang, study=title)))
    keys = ["indicator", "published", "computed", "target", "verdict", "source"]
    if indicators["published"].isna().all():
        keys = [key for key in keys if key not in {"published", "source"}]
    for key in keys:
        table.add_column(text(f"pipeline.column_{key}", lang))
    for row in board_rows(indicators, lang):
        shown = {"indicator": row.label, **{key: getattr(row, key) for key in keys[1:]}}
        table.add_row(*(Text(shown[key]) for key in keys))
    results.print(table)
