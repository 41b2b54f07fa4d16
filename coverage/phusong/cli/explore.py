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
    cache: Cache = None,
    lang: Lang = "vi",
    replace: Replace = False,
) -> None:
    """Trang thử đặt cột ăng-ten, không cần mạng. / A page to place a mast on, without a network."""
    from ..export import check_output_file, output_file
    from ..maps import render_html
    from ..study import open_study
    from ._results import compute, tell_sample

    language = language_of(lang)
    with planned_faults(language, to, cache):
        study = open_study(folder)
        check_output_file(to, replace=replace)
        result, _ = compute(study, None, language, parts=["coverage"], cache=cache)
        page = render_html(result.explore())
        with output_file(to, replace=replace) as fresh:
            fresh.write_bytes(page.encode("utf-8"))
    tell_sample(study, language)
    say(str(to))
