"""`phusong fibre`: the network, what one cut takes away, and what should be built."""

from pathlib import Path
from typing import Annotated

import typer

from ..export import check_output_folder
from ..pipeline import run, write_price_template
from ..report import (
    construction_shown,
    cuts_shown,
    homing_shown,
    links_shown,
    network_shown,
)
from ..study import open_study
from ._app import Lang, app, examples, language_of, note, planned_faults, progress, say
from .egov import print_table

CUTS_SHOWN = 10


@app.command(
    "fibre",
    epilog=examples(
        "phusong fibre tinh-cua-toi",
        "phusong fibre --template don-gia.xlsx",
    ),
)
def judge_fibre(
    folder: Annotated[
        Path | None, typer.Argument(help="Thư mục có study.toml / folder with study.toml.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Ghi cả thư mục kết quả / write an output folder too.")
    ] = None,
    template: Annotated[
        Path | None,
        typer.Option(help="Chỉ ghi mẫu đơn giá cáp (.xlsx) / only write a price template."),
    ] = None,
    lang: Lang = "vi",
) -> None:
    """Mạng cáp quang: chịu được đứt cáp không, nên làm thêm gì. / Fibre: cuts and new links."""
    language = language_of(lang)
    if template is not None:
        with planned_faults():
            say(str(write_price_template(template)))
        return
    if folder is None:
        raise typer.BadParameter("FOLDER | --template FILE.xlsx")
    with planned_faults():
        study = open_study(folder)
        if out is not None:
            check_output_folder(out)
        with progress(language) as advance:
            result = run(study, parts=["fibre"], on_progress=advance)
            page = None if out is None else result.write(out, on_progress=advance)
    if result.spans is not None:
        links, extension = result.fibre_links, result.fibre_extension
        tables = [
            network_shown(result.spans, result.fibre_findings, language),
            homing_shown(result.offices, result.communes, language),
            cuts_shown(result.spans, CUTS_SHOWN, language),
        ]
        if links is not None:
            tables.append(links_shown(links, language))
        tables.append(construction_shown(links, extension, language))
        for table in tables:
            if table.rows:
                print_table(table)
    for remark in result.notes:
        note(remark.render(language))
    if page is not None:
        say(str(page))
