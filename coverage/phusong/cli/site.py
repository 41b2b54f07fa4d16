"""`phusong site`: where to build, in which year, for whom, and what the next money buys."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import SitingError
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
    progress,
    say,
)

if TYPE_CHECKING:
    from ..study import Study

NEEDED = {
    "service": "--service", "operator": "--operator", "technology": "--technology",
    "years": "--budget", "masts": "--mast", "share_vnd": "--share-price",
}  # fmt: skip
"""Keys of ``[siting]`` that a plan cannot be made without, and the options that give them."""


@app.command(
    "site",
    epilog=examples(
        "phusong site tinh-cua-toi --out ke-hoach",
        "phusong site tinh-cua-toi --out ke-hoach --target 0.98 --budget 2027=30e9",
        "phusong site tinh-cua-toi --out ke-hoach --places vi-tri.csv",
    ),
)
def site(
    folder: Folder,
    out: Annotated[Path, typer.Option(help="Thư mục kết quả / output folder.")],
    service: Annotated[
        str | None, typer.Option(help="Dịch vụ cần có (mã) / service to be had (id).")
    ] = None,
    operator: Annotated[
        str | None, typer.Option(help="Nhà mạng của trạm sẽ xây / operator of the sites.")
    ] = None,
    technology: Annotated[
        str | None, typer.Option(help="Công nghệ / technology.", metavar="2G|3G|4G|5G")
    ] = None,
    target: Annotated[
        float | None,
        typer.Option(
            help="Tỷ lệ dân số phải có sóng vào năm cuối, chi phí thấp nhất; không có: nhiều người "
            "nhất trong kinh phí / share to be served by the last year, for least money; without: "
            "most people for the money.",
            metavar="0.98",
        ),
    ] = None,
    each_commune: Annotated[
        bool,
        typer.Option("--each-commune", help="Từng xã phải đạt tỷ lệ đó / in every commune."),
    ] = False,
    each_village: Annotated[
        bool,
        typer.Option("--each-village", help="Từng thôn phải đạt tỷ lệ đó / in every village."),
    ] = False,
    each_centre: Annotated[
        bool,
        typer.Option(
            "--each-centre",
            help="Trung tâm từng xã phải có sóng / the centre of every commune is to be served.",
        ),
    ] = False,
    within_reach: Annotated[
        bool,
        typer.Option(
            "--within-reach",
            help="Mục tiêu vượt tầm mọi vị trí thì lấy mức cao nhất phủ tới được / a target beyond "
            "reach asks for as much as can be had.",
        ),
    ] = False,
    budget: Annotated[
        list[str] | None,
        typer.Option(help="Kinh phí một năm, đồng / money of a year, VND.", metavar="2027=30e9"),
    ] = None,
    carry_over: Annotated[
        bool,
        typer.Option(
            "--carry-over", help="Tiền còn lại chuyển sang năm sau / money left may be spent later."
        ),
    ] = False,
    mast: Annotated[
        list[str] | None,
        typer.Option(
            help="Giá cột ăng-ten mới theo độ cao / price of a new mast by height.",
            metavar="42=1.8e9",
        ),
    ] = None,
    share_price: Annotated[
        float | None,
        typer.Option(
            help="Giá lắp trên cột ăng-ten đã có / price of cells on a mast that is there."
        ),
    ] = None,
    fibre_price: Annotated[
        float | None, typer.Option(help="Giá cáp quang, đồng/km / fibre, VND a km.")
    ] = None,
    hop_price: Annotated[
        float | None, typer.Option(help="Giá một tuyến vi ba / price of a microwave hop.")
    ] = None,
    places: Annotated[
        Path | None,
        typer.Option(
            help="Tệp vị trí riêng muốn xét (place_id, tọa độ) / places of your own to be tried."
        ),
    ] = None,
    excluded: Annotated[
        Path | None,
        typer.Option(help="Tệp vùng không được xây trạm / areas without new masts."),
    ] = None,
    gap: Annotated[
        float | None,
        typer.Option(
            help="Kế hoạch tốt hơn được phép hơn nhiều nhất tỷ lệ này / share by which a better "
            "plan may be better.",
            metavar="0.01",
        ),
    ] = None,
    curves: Annotated[
        bool,
        typer.Option(
            "--curves",
            help="Tính thêm đường cong người theo tiền và giá của từng xã / also people against "
            "money and the price of the target in each commune.",
        ),
    ] = False,
    draws: Annotated[
        bool,
        typer.Option(
            "--draws",
            help="Tính thêm xác suất đạt khi dự báo có sai số và nơi nên đo trước khi xây / also "
            "how likely the target is met where the prediction errs, and where to measure first.",
        ),
    ] = False,
    cache: Cache = None,
    lang: Lang = "vi",
    replace: Replace = False,
) -> None:
    """Xây trạm ở đâu, năm nào, hết bao nhiêu tiền. / Where to build, when, at what cost."""
    from ..export import check_output_folder
    from ..study import open_study

    language = language_of(lang)
    with planned_faults(language, out, cache):
        study = open_study(folder)  # its faults are told before all libraries are loaded
        given = {
            "service": service,
            "operator": operator,
            "technology": technology,
            "target_share": target,
            "each_commune": each_commune or None,
            "each_village": each_village or None,
            "each_centre": each_centre or None,
            "years": _pairs("--budget", budget, "2027=30e9", int, ("year", "budget_vnd")),
            "within_reach": within_reach or None,
            "carry_over": carry_over or None,
            "masts": _pairs("--mast", mast, "42=1.8e9", float, ("antenna_height_m", "price_vnd")),
            "share_vnd": share_price,
            "fibre_vnd_per_km": fibre_price,
            "hop_vnd": hop_price,
            "largest_gap": gap,
        }
        study = _asked(study, {key: value for key, value in given.items() if value is not None})
        check_output_folder(out, replace=replace)
        from ..pipeline import read_excluded_areas, read_own_places
        from ..pipeline import site as plan_sites
        from ..pipeline.questions.site_files import Grounds
        from ._results import compute, print_table, tell_sample

        own = None if places is None else read_own_places(places, study)
        areas = None if excluded is None else read_excluded_areas(excluded, study)
        Grounds.of(study, own, areas)  # what is wrong with a file is told before all is computed
        parts = ["coverage"]
        if study.siting is not None and study.siting.hop_vnd is not None:
            parts.append("fibre")  # tells which masts a chain of hops may end at
        result, _ = compute(study, None, language, parts=parts, cache=cache)
        with progress(language) as advance:
            plan = plan_sites(
                result, own=own, excluded=areas, cache_folder=cache, on_progress=advance
            )
            if draws:
                plan = plan.with_draws(cache_folder=cache, on_progress=advance)
        plan = plan.with_curves() if curves else plan
        written = plan.write(out, replace=replace)
    tell_sample(study, language)
    page = plan.page
    for line in page.lines(language):
        say(line)
    for table in page.tables:
        if table.rows:
            if table.lead is not None:
                note(table.lead[language])
            print_table(table.shown(language))
    say(str(written))


def _pairs(
    option: str,
    given: Sequence[str] | None,
    example: str,
    kind: Callable[[str], float],
    names: tuple[str, str],
) -> list[dict[str, float]] | None:
    """Read options such as ``2027=30e9``, in rising order."""
    if not given:
        return None
    pairs = []
    for value in given:
        first, mark, second = value.partition("=")
        try:
            if not mark:
                raise ValueError
            pairs.append({names[0]: kind(first), names[1]: float(second)})
        except ValueError:
            raise SitingError(
                "site.bad_pair", option=option, value=value, example=f"{option} {example}"
            ) from None
    return sorted(pairs, key=lambda pair: pair[names[0]])


def _asked(study: "Study", given: dict[str, Any]) -> "Study":
    """Return the study with its ``[siting]`` and the options that stand in for its keys."""
    section = {} if study.siting is None else study.siting.model_dump(exclude_unset=True)
    merged = {**section, **given}
    missing = [option for key, option in NEEDED.items() if key not in merged]
    if missing:
        raise SitingError("site.no_settings", missing=", ".join(missing))
    return study.replace(siting=merged) if given else study
