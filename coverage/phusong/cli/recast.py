"""`phusong recast`: a finished output folder for the communes of another administrative edition."""

import re
from pathlib import Path
from typing import Annotated

import typer

from ._app import Lang, Replace, app, examples, language_of, note, planned_faults, say


@app.command(
    "recast",
    epilog=examples(
        "phusong recast ket-qua --edition 2025",
        "phusong recast ket-qua --edition 2025 --to moi --boundaries xa-2025.gpkg",
        "phusong recast ket-qua --edition 2025 --crosswalk chuyen-doi.csv",
    ),
)
def recast(
    out: Annotated[Path, typer.Argument(help="Thư mục kết quả của run / output folder of run.")],
    edition: Annotated[
        str, typer.Option(help="Địa giới đích, ghi năm / target edition, a year.", metavar="2025")
    ],
    to: Annotated[
        Path | None,
        typer.Option(
            help="Thư mục kết quả mới; mặc định cạnh thư mục cũ, thêm năm. / The new output "
            "folder; beside the old one, with the year, by default."
        ),
    ] = None,
    crosswalk: Annotated[
        Path | None,
        typer.Option(
            help="Bảng chuyển đổi riêng: from_code, to_code, weight, basis, source. / "
            "A crosswalk of your own."
        ),
    ] = None,
    boundaries: Annotated[
        Path | None,
        typer.Option(
            help="Ranh giới xã mới, để chia các xã bị tách. / "
            "Outlines of the new communes, which divide those that were split."
        ),
    ] = None,
    study: Annotated[
        Path | None,
        typer.Option(
            help="Thư mục có study.toml, để vẽ địa hình, đường, sông. / "
            "Folder with study.toml, whose relief, roads and rivers are drawn."
        ),
    ] = None,
    lang: Lang = "vi",
    replace: Replace = False,
) -> None:
    """Chuyển kết quả sang địa giới hành chính khác. / Carry results to another edition."""
    from ..pipeline import recast_results

    language = language_of(lang)
    if to is None:
        home = out.absolute()
        to = home.with_name(f"{home.name}-{re.sub(r'[^0-9A-Za-z]+', '_', edition)}")
    with planned_faults(language, to):
        carried = recast_results(
            out, edition, crosswalk=crosswalk, boundaries=boundaries, study_folder=study
        )
        for one in carried.notes:
            note(one.render(language))
        page = carried.write(to, replace=replace)
    say(str(page))
