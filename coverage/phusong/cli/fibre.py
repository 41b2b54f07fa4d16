"""`phusong fibre`: the network, what one cut takes away, and what should be built."""

from pathlib import Path
from typing import Annotated

import typer

from .._settings import STUDY_FILE
from ..errors import Problem, StudyError
from ._app import (
    Lang,
    MaybeFolder,
    MaybeOut,
    Replace,
    app,
    examples,
    language_of,
    planned_faults,
    say,
)

CUTS_SHOWN = 10


@app.command(
    "fibre",
    epilog=examples(
        "phusong fibre tinh-cua-toi",
        "phusong fibre --template don-gia.xlsx",
    ),
)
def judge_fibre(
    folder: MaybeFolder = None,
    out: MaybeOut = None,
    template: Annotated[
        Path | None,
        typer.Option(help="Chỉ ghi mẫu đơn giá cáp (.xlsx) / only write a price template."),
    ] = None,
    lang: Lang = "vi",
    replace: Replace = False,
) -> None:
    """Mạng cáp quang: chịu được đứt cáp không, nên làm thêm gì. / Fibre: cuts and new links."""
    from ..pipeline import write_price_template
    from ..report import (
        cable_years_shown,
        construction_shown,
        cuts_shown,
        homing_shown,
        links_shown,
        network_shown,
        operators_shown,
    )
    from ..study import open_study
    from ._results import compute, conclude, print_table

    language = language_of(lang)
    if template is not None:
        with planned_faults(language):
            say(str(write_price_template(template)))
        return
    with planned_faults(language, out):
        if folder is None:
            raise StudyError([Problem(message="cli.folder_needed", file="FOLDER")])
        study = open_study(folder)
        if study.inputs.spans is None and study.inputs.ofds is None:
            raise StudyError(
                [Problem(message="study.needs_routes", file=STUDY_FILE, key="inputs.spans")]
            )
        result, page = compute(study, out, language, parts=["fibre"], replace=replace)
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
        if result.fibre_years is not None:
            tables.append(cable_years_shown(result.fibre_years, language))
        if result.fibre_operators is not None:
            tables.append(operators_shown(result.fibre_operators, language))
        for table in tables:
            if table.rows:
                print_table(table)
    conclude(result, page, language)
