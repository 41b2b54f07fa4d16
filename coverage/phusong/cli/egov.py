"""`phusong egov` and `board`: readiness, rollout and what a province reports of its systems."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .._settings import STUDY_FILE
from ..errors import Problem, StudyError
from ..i18n import Language, text
from ._app import (
    Lang,
    MaybeFolder,
    MaybeOut,
    Replace,
    app,
    examples,
    language_of,
    note,
    planned_faults,
    say,
)

if TYPE_CHECKING:
    from ..pipeline import Presented, Result
    from ..report import ShownTable


@app.command(
    "egov",
    epilog=examples(
        "phusong egov tinh-cua-toi --budget 5e9,5e9,8e9",
        "phusong egov --template cong-viec.xlsx",
    ),
)
def judge_offices(
    folder: MaybeFolder = None,
    budget: Annotated[
        str,
        typer.Option(
            help="Kinh phí mỗi năm, đồng, cách nhau bằng dấu phẩy: 5e9,5e9 / VND a year.",
            metavar="VND,VND,…",
        ),
    ] = "",
    out: MaybeOut = None,
    template: Annotated[
        Path | None,
        typer.Option(help="Chỉ ghi mẫu tiêu chí và công việc (.xlsx) / only write a template."),
    ] = None,
    lang: Lang = "vi",
    replace: Replace = False,
) -> None:
    """Mức sẵn sàng và lộ trình một cửa điện tử. / One-stop readiness and rollout."""
    from ..pipeline import parts_for_egov, with_budgets, write_egov_template
    from ..study import open_study
    from ._results import compute, conclude, print_table

    language = language_of(lang)
    if template is not None:
        with planned_faults(language):
            say(str(write_egov_template(template)))
        return
    with planned_faults(language, out):
        if folder is None:
            raise StudyError([Problem(message="cli.folder_needed", file="FOLDER")])
        study = open_study(folder)
        if study.inputs.offices is None:  # told before the rest is computed for nothing
            raise StudyError(
                [Problem(message="study.needs_offices", file=STUDY_FILE, key="inputs.offices")]
            )
        if budget:
            study = with_budgets(study, _numbers(budget))
        result, page = compute(study, out, language, parts=parts_for_egov(study), replace=replace)
    for table in _shown(result, language):
        print_table(table)
    conclude(result, page, language)
    if result.rollout_scenarios is not None and result.rollout is None:
        raise typer.Exit(code=2)  # the notes say which budget would suffice


@app.command(
    "board",
    epilog=examples(
        "phusong board ket-qua",
    ),
)
def show_board(
    folder: Annotated[
        Path,
        typer.Argument(help="Thư mục có study.toml, hoặc thư mục kết quả / a study or an output."),
    ],
    lang: Lang = "vi",
) -> None:
    """Bảng chỉ tiêu của một nghiên cứu hoặc thư mục kết quả. / The board of a study or a result."""
    from ..export import recover_output
    from ..pipeline import open_result
    from ..report import one_stop_shown
    from ..study import open_study
    from ._results import compute, print_board, print_table

    language = language_of(lang)
    with planned_faults(language):
        recover_output(folder)
        if (folder / STUDY_FILE).is_file():
            result: Presented = compute(open_study(folder), None, language)[0]
        else:
            result = open_result(folder)
        title, indicators, districts = result.title, result.indicators, result.districts
        sample = result.study.sample_notice
    if len(indicators):
        print_board(title[language], indicators, language, sample=sample is not None)
    else:
        note(text("pipeline.no_board", language))
    if sample is not None:
        note(sample[language])
    if districts is not None and "offices" in districts and districts["offices"].notna().any():
        print_table(one_stop_shown(districts, language))


def _numbers(budget: str) -> list[float]:
    try:
        return [float(part) for part in budget.split(",")]
    except ValueError:
        raise StudyError(
            [Problem(message="cli.bad_budget", file="--budget", value=budget)]
        ) from None


def _shown(result: "Result", lang: Language) -> "list[ShownTable]":
    """Return what the result has to show."""
    from ..report import levels_shown, missing_shown, next_shown, scenarios_shown, years_shown

    if result.rules is None or result.offices is None or result.readiness is None:
        return []
    titles = {each.name: each.title[lang] for each in result.rules.prerequisites}
    tables = [
        levels_shown(result.readiness, result.communes, result.rules.levels, lang),
        missing_shown(result.offices, titles, lang),
    ]
    if result.rollout_years is not None and result.rollout is not None:
        tables += [years_shown(result.rollout_years, lang)]
        tables += [next_shown(result.rollout, titles, lang)]
    if result.rollout_scenarios is not None:
        tables.append(scenarios_shown(result.rollout_scenarios, lang))
    return tables
