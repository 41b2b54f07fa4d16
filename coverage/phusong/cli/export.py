"""`phusong export`: a finished output folder in other formats."""

from pathlib import Path
from typing import Annotated

import typer

from ._app import Lang, Replace, app, examples, language_of, planned_faults, say


@app.command(
    "export",
    epilog=examples(
        "phusong export ket-qua --to ha-giang.gpkg",
        "phusong export ket-qua --to csv --format csv --semicolon",
        "phusong export ket-qua --to xa.kml --layer communes",
    ),
)
def export(
    out: Annotated[Path, typer.Argument(help="Thư mục kết quả của run / output folder of run.")],
    to: Annotated[Path, typer.Option(help="Tệp hoặc thư mục / file or folder.")],
    form: Annotated[
        str | None,
        typer.Option(
            "--format",
            help="Mặc định theo đuôi tệp; ghi sai thì được liệt kê / guessed from the suffix; "
            "a wrong one lists all.",
            metavar="gpkg|xlsx|…",
        ),
    ] = None,
    layer: Annotated[
        list[str] | None,
        typer.Option(help="Lớp cần xuất, dùng nhiều lần được / layer, may be repeated."),
    ] = None,
    semicolon: Annotated[
        bool,
        typer.Option(
            "--semicolon", help="CSV dùng ; và dấu phẩy thập phân / CSV with ; and decimal commas."
        ),
    ] = False,
    lang: Lang = "vi",
    replace: Replace = False,
) -> None:
    """Xuất kết quả sang QGIS, Excel, web, điện thoại. / Write results in other formats."""
    from ..pipeline import export_results

    with planned_faults(language_of(lang), to):
        written = export_results(
            out, to, format=form, layers=layer or (), semicolon=semicolon, replace=replace
        )
    for path in written:
        say(str(path))
