"""`phusong survey`: places drawn by chance to be measured, and what to do with them."""

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

PLACES_A_DAY, ROAD_KM_A_DAY = 20, 60.0
"""Of a team that tells no pace of its own: assumptions, see docs/methods/survey.md."""


@app.command(
    "survey",
    epilog=examples(
        "phusong survey tinh-cua-toi --to do-dac",
        "phusong survey tinh-cua-toi --service 4g --residents 100 --to do-dac",
    ),
)
def survey(
    folder: Folder,
    to: Annotated[Path, typer.Option(help="Thư mục ghi điểm đo / folder for the places.")],
    service: Annotated[
        str | None,
        typer.Option(
            help="Dịch vụ cần đo (mã); mặc định: dịch vụ đầu tiên / service to look for (id); "
            "default: the first."
        ),
    ] = None,
    residents: Annotated[
        int,
        typer.Option(
            min=2,
            max=100_000,
            help="Số người bốc thăm mỗi huyện (mỗi tỉnh nếu không có huyện) / residents drawn in "
            "each district (in the province if it has none).",
        ),
    ] = 200,
    within_m: Annotated[
        float,
        typer.Option(
            min=1,
            max=100_000,
            help="Cách đường bộ nhiều nhất, m / farthest from a road, m.",
        ),
    ] = 1000.0,
    places_a_day: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=10_000,
            help="Số điểm một đội đo mỗi ngày; giả định 20 nếu không nêu / places that a team "
            "measures a day; 20 is assumed if not told.",
        ),
    ] = None,
    road_km_a_day: Annotated[
        float | None,
        typer.Option(
            min=1,
            max=1000,
            help="Số km đường một đội đo mỗi ngày; giả định 60 nếu không nêu / kilometres of road "
            "that a team measures a day; 60 is assumed if not told.",
        ),
    ] = None,
    seed: Annotated[
        int, typer.Option(min=0, help="Số ngẫu nhiên / random seed: same seed, same places.")
    ] = 0,
    cache: Cache = None,
    lang: Lang = "vi",
    replace: Replace = False,
) -> None:
    """Bốc thăm điểm đo để kết luận bằng đo đạc. / Places drawn by chance to be measured."""
    from ..export import check_output_folder
    from ..study import open_study
    from ._results import compute, tell_sample

    a_day, km_a_day = places_a_day or PLACES_A_DAY, road_km_a_day or ROAD_KM_A_DAY
    language = language_of(lang)
    with planned_faults(language, to, cache):
        study = open_study(folder)
        check_output_folder(to, replace=replace)
        result, _ = compute(study, None, language, parts=["uncertainty"], cache=cache)
        plan = result.survey(service, residents=residents, within_m=within_m, seed=seed)
        workbook, *others = plan.write(to, replace=replace)
    tell_sample(study, language)
    if not plan.roads_given:
        note(text("pipeline.survey_all_in_reach", language))
    out = int(plan.strata["out_of_reach"].sum())
    if out:
        percent = 100.0 * out / (out + int(plan.strata["residents"].sum()))
        note(text("pipeline.survey_out_of_reach", language, people=out, percent=percent))
    say(
        text(
            "pipeline.survey_drawn",
            language,
            places=len(plan.places),
            communes=plan.places["commune_code"].nunique(),
            people=int(plan.places["drawn"].sum()),
            a_day=a_day,
            days=plan.days(a_day),
        )
    )
    assumed = [] if places_a_day else ["--places-a-day"]
    if plan.segments is None or plan.road_km is None:
        note(text("pipeline.survey_no_segments", language))
    else:
        driven = plan.segments[plan.segments[f"drive_order_{plan.service}"].notna()]
        say(
            text(
                "pipeline.survey_segments",
                language,
                segments=len(driven),
                length=plan.road_km,
                a_day=km_a_day,
                days=plan.road_days(km_a_day),
                settled=float(driven[f"settled_so_far_{plan.service}"].max()),
            )
        )
        assumed += [] if road_km_a_day else ["--road-km-a-day"]
    if assumed:
        note(text("pipeline.survey_pace_assumed", language, options=", ".join(assumed)))
    for path in (workbook, *others):
        say(str(path))
    say(text("pipeline.survey_how", language, file=workbook.name))
    for name in ("survey_places", "survey_strata"):
        say(f'{name} = {{ path = "{workbook.name}", sheet = "{name}" }}')
    say(text("pipeline.survey_section", language))
    say(f'[survey]\nservice = "{plan.service}"\nconfidence = 0.95')
