"""`phusong profile`: why one cell is or is not heard at one point."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from ..errors import PathError
from ..i18n import Language, number, text
from ._app import (
    Folder,
    Lang,
    Replace,
    app,
    cell,
    examples,
    language_of,
    planned_faults,
    results,
    say,
)

if TYPE_CHECKING:
    from ..pipeline import PathProfile


@app.command(
    "profile",
    epilog=examples(
        "phusong profile tinh-cua-toi --to 105.416,22.683",
        "phusong profile tinh-cua-toi --cell HG0112-VTL-2G-3 --to 105.416,22.683",
    ),
)
def profile(
    folder: Folder,
    to: Annotated[
        str,
        typer.Option(
            help="Điểm thu: kinh độ,vĩ độ / receiver: longitude,latitude.", metavar="LON,LAT"
        ),
    ],
    cell_id: Annotated[
        str | None,
        typer.Option(
            "--cell",
            help="Mã cell trong bảng trạm (cells); mặc định: cell tốt nhất tại điểm thu "
            "/ cell_id; default: the best server there.",
        ),
    ] = None,
    service: Annotated[
        str | None,
        typer.Option(
            help="Cell tốt nhất của dịch vụ nào (mã); mặc định: dịch vụ đầu tiên "
            "/ whose best server (id); default: the first service."
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Tệp .png .svg .pdf, hoặc thư mục / picture or folder."),
    ] = None,
    lang: Lang = "vi",
    replace: Replace = False,
) -> None:
    """Trắc dọc, vật che và quỹ đường truyền từ một cell. / Terrain section and link budget."""
    from ..pipeline import check_profile_target, path_profile
    from ..study import open_study
    from ._results import tell_sample

    language = language_of(lang)
    with planned_faults(language, out):
        if out is not None:
            check_profile_target(out, replace=replace)
        found = path_profile(open_study(folder), cell_id, to=point_of(to), service=service)
        written = () if out is None else found.write(out, lang=language, replace=replace)
    tell_sample(found.study, language)
    if cell_id is None:
        say(text("profile.best_server", language, cell=found.cell["cell_id"]))
    print_budget(found, language)
    for path in written:
        say(str(path))


def point_of(given: str) -> tuple[float, float]:
    """Return longitude and latitude of an option such as 104.98,22.83.

    Raises
    ------
    PathError
        If it is not two numbers with a comma between.
    """
    parts = given.split(",")
    try:
        longitude, latitude = map(float, parts)
    except ValueError:
        raise PathError("profile.bad_place", given=given) from None
    return longitude, latitude


def print_budget(found: "PathProfile", lang: Language) -> None:
    """Print what stands between the ends, the budget, and what it means for each service."""
    say(found.headline(lang))
    table = Table(show_header=False, box=None)
    table.add_column()
    table.add_column(justify="right")
    for _, service, term, value, unit in found.budget(lang).itertuples():
        label = f"{service}: {term}" if service else term
        table.add_row(cell(label), f"{number(value, lang, decimals=1)} {unit}")
    results.print(table)
