"""`phusong run`, `check` and `new`: compute a study, check its files, begin one."""

import os
from pathlib import Path
from typing import Annotated

import typer

from ..i18n import text
from ._app import (
    Cache,
    Folder,
    Lang,
    Replace,
    app,
    examples,
    language_of,
    note,
    planned_faults,
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
    threads: Annotated[
        int | None,
        typer.Option(
            min=1, help="Số luồng; mặc định theo số nhân và bộ nhớ / by cores and memory."
        ),
    ] = None,
    cache: Cache = None,
    replace: Replace = False,
) -> None:
    """Tính một nghiên cứu, ghi thư mục kết quả. / Compute a study, write its output folder."""
    from ..study import open_study
    from ._results import compute, conclude, print_board

    language = language_of(lang)
    with planned_faults(out, cache):
        result, page = compute(
            open_study(folder), out, language, threads=threads, cache=cache, replace=replace
        )
    print_board(result.title[language], result.indicators, language)
    conclude(result, page, language)


@app.command("check", epilog=examples("phusong check tinh-cua-toi"))
def check_study(
    folder: Folder,
    out: Annotated[
        Path | None, typer.Option(help="Nơi sẽ ghi kết quả / where a run would write.")
    ] = None,
    cache: Cache = None,
    lang: Lang = "vi",
) -> None:
    """Kiểm tra study.toml, mọi bảng và lớp lưới. / Check study.toml, every table and raster."""
    from ..export import check_output_folder
    from ..pipeline import check
    from ..study import open_study

    language = language_of(lang)
    with planned_faults():
        if out is not None:
            check_output_folder(out, results=True)
        for remark in check(open_study(folder), out_folder=out, cache_folder=cache):
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
    folder: Annotated[
        Path, typer.Argument(help="Thư mục của nghiên cứu mới / folder of the new study.")
    ],
    ofds: Annotated[
        Path | None,
        typer.Option(help="Mạng cáp theo Open Fibre Data Standard / a fibre network (.json)."),
    ] = None,
    templates: Annotated[
        bool,
        typer.Option(
            "--templates",
            help="Ghi thêm bảng tính để điền trạm, trụ sở, thôn / also a workbook to fill in.",
        ),
    ] = False,
) -> None:
    """Tạo study.toml mẫu có chú thích. / Write a commented study.toml to start from."""
    from ..study.scaffold import new_study

    with planned_faults():
        inside = Path(os.path.realpath(folder / "-")).parents
        if any((above / "manifest.json").is_file() for above in inside):
            from ..export import refuse_within_output  # takes long to load; here it may be needed

            refuse_within_output(folder / "study.toml")
        written = [new_study(folder, ofds=ofds)] if not templates else _with_form(folder, ofds)
    for path in written:
        say(str(path))


def _with_form(folder: Path, ofds: Path | None) -> list[Path]:
    """Write a study and the workbook that it names, or neither."""
    from ..pipeline.templates.form import FORM, FORM_TABLES, write_form
    from ..study.scaffold import new_study

    before = set(folder.iterdir()) if folder.is_dir() else set()
    path = new_study(folder, ofds=ofds, sheets={table.name: FORM for table in FORM_TABLES})
    try:
        return [path, write_form(folder)]
    except BaseException:
        for made in set(folder.iterdir()) - before:
            made.unlink()
        raise
