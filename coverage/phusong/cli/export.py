"""`phusong export`: a finished output folder in other formats, or in a database."""

import datetime
from pathlib import Path
from typing import Annotated

import typer

from ..i18n import text
from ._app import Lang, Replace, app, examples, language_of, planned_faults, say


@app.command(
    "export",
    epilog=examples(
        "phusong export ket-qua --to ha-giang.gpkg",
        "phusong export ket-qua --to csv --format csv --semicolon",
        "phusong export ket-qua --to xa.kml --layer communes",
        "phusong export ket-qua --to postgresql://gis@10.0.0.5/bando --as-of 2026-06-30",
    ),
)
def export(
    out: Annotated[Path, typer.Argument(help="Thư mục kết quả của run / output folder of run.")],
    to: Annotated[
        str,
        typer.Option(
            help="Tệp, thư mục hoặc postgresql://người-dùng@máy/tên / file, folder or "
            "postgresql://user@host/name."
        ),
    ],
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
    schema: Annotated[
        str | None,
        typer.Option(help="Schema của cơ sở dữ liệu, mặc định theo tỉnh / schema of the database."),
    ] = None,
    as_of: Annotated[
        datetime.datetime | None,
        typer.Option(
            help="Giữ trạng thái này theo ngày trong cơ sở dữ liệu / keep this state by its date.",
            formats=["%Y-%m-%d"],
        ),
    ] = None,
    lang: Lang = "vi",
    replace: Replace = False,
) -> None:
    """Xuất kết quả sang QGIS, Excel, web, điện thoại, PostGIS. / Write results in other formats."""
    from ..errors import ExportError
    from ..pipeline import export_results, export_to_database
    from ..study import DATABASES

    language = language_of(lang)
    if to.startswith(DATABASES):
        with planned_faults(language):
            if form or semicolon or replace:
                raise ExportError("export.no_file_options")
            date = None if as_of is None else as_of.date()
            tables = export_to_database(out, to, schema=schema, as_of=date, layers=layer or ())
        for done in tables:
            say(text("export.table_written", language, **vars(done)))
        return
    path = Path(to)
    with planned_faults(language, path):
        if schema is not None or as_of is not None:
            raise ExportError("export.only_database")
        written = export_results(
            out, path, format=form, layers=layer or (), semicolon=semicolon, replace=replace
        )
    for file in written:
        say(str(file))
