"""`phusong compare`: two output folders, or one study on two days."""

import datetime
from pathlib import Path
from typing import Annotated

import typer

from ..errors import CompareError
from ._app import Cache, Lang, Replace, app, examples, language_of, planned_faults, say

_DAY = {"formats": ["%Y-%m-%d", "%d/%m/%Y"], "metavar": "2017-12-31"}


@app.command(
    "compare",
    epilog=examples(
        "phusong compare ket-qua-2016 ket-qua-2017 --to so-sanh",
        "phusong compare tinh-cua-toi --on 2015-12-31 --with 2017-12-31 --to so-sanh",
    ),
)
def compare(
    before: Annotated[
        Path,
        typer.Argument(
            help="Thư mục kết quả trước, hoặc thư mục có study.toml / earlier output folder, or a "
            "study."
        ),
    ],
    after: Annotated[
        Path | None, typer.Argument(help="Thư mục kết quả sau / later output folder.")
    ] = None,
    to: Annotated[
        Path | None, typer.Option(help="Thư mục ghi trang, bản đồ, bảng / folder to write.")
    ] = None,
    on: Annotated[
        datetime.datetime | None,
        typer.Option("--on", help="Tính nghiên cứu vào ngày này / compute it on this day.", **_DAY),
    ] = None,
    with_: Annotated[
        datetime.datetime | None,
        typer.Option("--with", help="và vào ngày này / and on this day.", **_DAY),
    ] = None,
    cache: Cache = None,
    lang: Lang = "vi",
    replace: Replace = False,
) -> None:
    """So sánh hai kết quả: thêm, bớt, vì sao. / Two results: gained, lost, and why."""
    from ..export import check_output_folder
    from ..pipeline import Presented, open_result
    from ..pipeline import compare as compare_results
    from ..study import open_study
    from ._results import compute, print_table, tell_sample

    language = language_of(lang)
    with planned_faults(language, to, cache):
        if (on is None) != (with_ is None) or (on is None) == (after is None):
            raise CompareError("compare.two_ways")
        if to is not None:
            check_output_folder(to, replace=replace)
        if after is not None:
            pair: list[Presented] = [open_result(folder) for folder in (before, after)]
        else:
            study = open_study(before)
            pair = [
                compute(
                    study.replace(as_of=day.date()), None, language,
                    parts=["uncertainty", "evidence"], cache=cache,
                )[0]
                for day in (on, with_) if day is not None
            ]  # fmt: skip
        found = compare_results(*pair)
        written = None if to is None else found.write(to, replace=replace)
    tell_sample(found.found.after.study, language)
    page = found.page
    for line in page.lines(language):
        say(line)
    for table in page.tables:
        if table.rows:
            print_table(table.shown(language))
    if written is not None:
        say(str(written))
