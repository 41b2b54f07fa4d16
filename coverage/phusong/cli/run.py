"""`phusong run`, `check` and `new`: compute a study, check its tables, begin one."""

import os
from pathlib import Path
from typing import Annotated

import typer

from ..errors import OutputError
from ..i18n import text
from ..pipeline import FORM, FORM_TABLES, check, write_form
from ..study import new_study, open_study
from ._app import Cache, Folder, Lang, app, examples, language_of, note, planned_faults, say
from ._results import compute, conclude, print_board


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
    cache: Cache = None,
) -> None:
    """Tính một nghiên cứu, ghi thư mục kết quả. / Compute a study, write its output folder."""
    language = language_of(lang)
    with planned_faults():
        result, page = compute(open_study(folder), out, language, threads=threads, cache=cache)
    print_board(result.title(language), result.indicators, language)
    conclude(result, page, language)


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
