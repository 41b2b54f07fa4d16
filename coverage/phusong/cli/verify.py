"""`phusong verify`: an output folder against its manifest, and against its study."""

from pathlib import Path
from typing import Annotated

import typer

from ..i18n import text
from ._app import Lang, app, examples, language_of, planned_faults, progress, say


@app.command(
    "verify",
    epilog=examples(
        "phusong verify ket-qua",
        "phusong verify ket-qua --study tinh-cua-toi",
    ),
)
def verify_output(
    out: Annotated[Path, typer.Argument(help="Thư mục kết quả / output folder.")],
    study: Annotated[
        Path | None,
        typer.Option(help="Tính lại nghiên cứu này và so sánh / compute this study and compare."),
    ] = None,
    lang: Lang = "vi",
) -> None:
    """Kiểm tra tệp kết quả có bị sửa, mất, thêm không. / Check an output folder file by file."""
    from ..pipeline import verify
    from ..study import open_study

    language = language_of(lang)
    with planned_faults(language), progress(language) as advance:
        opened = None if study is None else open_study(study)
        found = verify(out, opened, on_progress=advance)
    for line in found.lines(language):
        say(line)
    if not found.ok:
        raise typer.Exit(code=1)
    well = "verify.all_well" if study is None else "verify.all_the_same"
    say(text(well, language, count=found.files))
