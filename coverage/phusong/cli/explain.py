"""`phusong explain`: from the figure of a commune to what it was made of."""

from pathlib import Path
from typing import Annotated

import typer

from ._app import Lang, Replace, app, examples, language_of, note, planned_faults, say


@app.command(
    "explain",
    epilog=examples(
        "phusong explain ket-qua --commune 00688",
        "phusong explain ket-qua --commune 00688 --service 4g --to giai-trinh.html",
    ),
)
def explain(
    out: Annotated[Path, typer.Argument(help="Thư mục kết quả của run / output folder of run.")],
    commune: Annotated[
        str, typer.Option(help="Mã xã, hoặc tên xã / code or name of the commune.", metavar="00688")
    ],
    service: Annotated[
        str | None,
        typer.Option(help="Mã dịch vụ; mặc định: dịch vụ đầu tiên / service (id), default: first."),
    ] = None,
    to: Annotated[
        Path | None,
        typer.Option(help="Ghi cả trang .html để xem và in / write the page too.", metavar=".html"),
    ] = None,
    lang: Lang = "vi",
    replace: Replace = False,
) -> None:
    """Giải trình số liệu của một xã đến từng tệp. / Where a commune's figure comes from."""
    from ..export import check_output_file
    from ..pipeline import open_result
    from ._results import print_table, tell_sample

    language = language_of(lang)
    with planned_faults(language, to):
        if to is not None:
            check_output_file(to, replace=replace)
        found = open_result(out).explain(commune, service)
        page = found.page
        written = None if to is None else found.write(to, replace=replace)
    tell_sample(found.study, language)
    for line in page.lines(language):
        say(line)
    for table in page.tables:
        if table.lead is not None:
            note(table.lead[language])
        print_table(table.shown(language))
    if written is not None:
        say(str(written))
