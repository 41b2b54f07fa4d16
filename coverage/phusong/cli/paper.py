"""`phusong paper`: one map of a study, or of what a run wrote, on a sheet of paper."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from .._settings import STUDY_FILE
from ..errors import InputError, Problem
from ._app import (
    Cache,
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
    "paper",
    epilog=examples(
        "phusong paper ket-qua --study tinh-cua-toi --theme gaps --out vung-lom.pdf",
        "phusong paper tinh-cua-toi --theme gaps --out vung-lom.pdf --paper A3",
    ),
)
def paper(
    folder: Annotated[
        Path,
        typer.Argument(
            help="Thư mục kết quả của run (không tính lại), hoặc thư mục có study.toml. / "
            "Output folder of run (nothing is computed again), or folder with study.toml."
        ),
    ],
    theme: Annotated[str, typer.Option(help="Tên bản đồ hoặc tệp .toml / theme or .toml file.")],
    out: Annotated[Path, typer.Option(help="Tệp .pdf, .png hoặc .svg / file to write.")],
    size: Annotated[
        Literal["A4", "A3"],
        typer.Option("--paper", metavar="A4|A3", help="Khổ giấy / size of the sheet."),
    ] = "A4",
    orientation: Annotated[
        Literal["portrait", "landscape"] | None,
        typer.Option(
            metavar="portrait|landscape",
            help="Mặc định: hướng cho bản đồ lớn hơn / by default the larger map.",
        ),
    ] = None,
    lang: Lang = "vi",
    service: Annotated[
        str | None, typer.Option(help="Mã dịch vụ / id of the service; mặc định: dịch vụ đầu tiên.")
    ] = None,
    study: Annotated[
        Path | None,
        typer.Option(
            help="Nghiên cứu của thư mục kết quả: thiếu nó, bản vẽ không có địa hình, đường, sông, "
            "địa danh. / Study of the output folder: without it no terrain, roads, rivers, places."
        ),
    ] = None,
    cache: Cache = None,
    replace: Replace = False,
) -> None:
    """Vẽ một bản đồ để in khổ A4, A3. / Draw one map for paper, A4 or A3."""
    from ..export import MANIFEST, check_output_file, recover_output
    from ..maps import check_paper_file
    from ..pipeline import check_service, check_theme, print_results
    from ..study import open_study
    from ._results import compute, tell_sample

    language = language_of(lang)
    with planned_faults(language, out, cache):
        check_paper_file(out)
        check_output_file(out, replace=replace)
        of_study = (folder / STUDY_FILE).is_file()
        if not of_study:
            recover_output(folder)
        if not of_study and (folder / MANIFEST).exists():
            sheet = print_results(
                folder,
                theme,
                out,
                study_folder=study,
                paper=size,
                orientation=orientation,
                lang=language,
                service=service,
                replace=replace,
            )
            for one in sheet.notes:
                note(one.render(language))
            if sheet.sample_notice is not None:
                note(sheet.sample_notice[language])
            say(str(sheet.path))
            return
        if study is not None:
            raise InputError([Problem(message="paper.study_twice", file="--study")])
        opened = open_study(folder)
        check_theme(opened, theme)
        check_service(opened, service)
        result, _ = compute(opened, None, language, cache=cache)
        written = result.paper(
            theme,
            out,
            paper=size,
            orientation=orientation,
            lang=language,
            service=service,
            replace=replace,
        )
    tell_sample(opened, language)
    say(str(written))
