"""`phusong explore`: a page on which a mast is placed, and its coverage predicted at once."""

from pathlib import Path
from typing import Annotated

import typer

from ._app import Cache, Folder, Lang, Replace, app, examples, language_of, planned_faults, say


@app.command(
    "explore",
    epilog=examples("phusong explore tinh-cua-toi --to dat-cot.html"),
)
def explore(
    folder: Folder,
    to: Annotated[Path, typer.Option(help="Trang .html để ghi / page to write.", metavar=".html")],
    divided: Annotated[
        bool,
        typer.Option(
            "--divided",
            help="Mỗi huyện một trang; tự chia khi một trang quá 25 MB / "
            "a page a district; done without asking where one page would exceed 25 MB.",
        ),
    ] = False,
    cache: Cache = None,
    lang: Lang = "vi",
    replace: Replace = False,
) -> None:
    """Trang thử đặt cột ăng-ten, không cần mạng. / A page to place a mast on, without a network."""
    from ..export import check_output_file
    from ..study import open_study
    from ._results import compute, tell_sample

    language = language_of(lang)
    with planned_faults(language, to, cache):
        study = open_study(folder)
        check_output_file(to, replace=replace)
        result, _ = compute(study, None, language, parts=["coverage"], cache=cache)
        written = result.write_explore(to, divided=divided, replace=replace)
    tell_sample(study, language)
    for path in written:
        say(str(path))
