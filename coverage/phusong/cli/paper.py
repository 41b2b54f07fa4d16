"""`phusong paper`: one map of a study on a sheet of paper."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from ._app import (
    Cache,
    Folder,
    Lang,
    Replace,
    app,
    examples,
    language_of,
    planned_faults,
    say,
)


@app.command(
    "paper",
    epilog=examples(
        "phusong paper tinh-cua-toi --theme gaps --out vung-lom.pdf --paper A3",
    ),
)
def paper(
    folder: Folder,
    theme: Annotated[str, typer.Option(help="Tên bản đồ hoặc tệp .toml / theme or .toml file.")],
    out: Annotated[Path, typer.Option(help="Tệp .pdf, .png hoặc .svg / file to write.")],
    size: Annotated[
        Literal["A4", "A3"], typer.Option("--paper", help="Khổ giấy / size of the sheet.")
    ] = "A4",
    orientation: Annotated[
        Literal["portrait", "landscape"] | None,
        typer.Option(help="Mặc định: hướng cho bản đồ lớn hơn / by default the larger map."),
    ] = None,
    lang: Lang = "vi",
    service: Annotated[
        str | None, typer.Option(help="Mã dịch vụ / id of the service; mặc định: dịch vụ đầu tiên.")
    ] = None,
    cache: Cache = None,
    replace: Replace = False,
) -> None:
    """Vẽ một bản đồ để in khổ A4, A3. / Draw one map for paper, A4 or A3."""
    from ..export import check_output_file
    from ..maps import check_paper_file
    from ..pipeline import find_theme
    from ..study import open_study
    from ._results import compute, tell_sample

    language = language_of(lang)
    with planned_faults(language, out, cache):
        check_paper_file(out)
        check_output_file(out, replace=replace)
        study = open_study(folder)
        find_theme(study, theme)
        result, _ = compute(study, None, language, cache=cache)
        written = result.paper(
            theme,
            out,
            paper=size,
            orientation=orientation,
            lang=language,
            service=service,
            replace=replace,
        )
    tell_sample(study, language)
    say(str(written))
