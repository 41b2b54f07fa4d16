"""`phusong sheet`: sheets to hand out, one page a commune or one card a village, in one PDF."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from ._app import Lang, Replace, app, examples, language_of, note, planned_faults, progress, say


@app.command(
    "sheet",
    epilog=examples(
        "phusong sheet ket-qua --out xa.pdf",
        "phusong sheet ket-qua --out mot-xa.pdf --commune 00715 --plan ke-hoach",
        "phusong sheet ket-qua --out thon.pdf --of villages --audience public",
    ),
)
def sheet(
    folder: Annotated[
        Path, typer.Argument(metavar="OUT", help="Thư mục kết quả của run / output folder of run.")
    ],
    out: Annotated[Path, typer.Option(help="Tệp .pdf / file to write.")],
    of: Annotated[
        Literal["communes", "villages"],
        typer.Option(
            metavar="communes|villages",
            help="Mỗi xã một trang A4, hoặc mỗi thôn một thẻ A6. / "
            "A page a commune or a card a village.",
        ),
    ] = "communes",
    commune: Annotated[
        list[str] | None,
        typer.Option(
            help="Mã hoặc tên xã, ghi được nhiều lần; mặc định: mọi xã. / Code or name; all."
        ),
    ] = None,
    audience: Annotated[
        str,
        typer.Option(
            help="Cho ai: công khai, nội bộ, hạn chế / for whom.",
            metavar="public|internal|restricted",
        ),
    ] = "internal",
    policy: Annotated[
        Path | None,
        typer.Option(help="Quy định bản nào mang gì, tệp TOML / what each edition carries."),
    ] = None,
    plan: Annotated[
        Path | None,
        typer.Option(
            help="Thư mục của phusong site, để ghi trạm sẽ xây. / "
            "Folder of phusong site, whose works are told."
        ),
    ] = None,
    study: Annotated[
        Path | None,
        typer.Option(
            help="Thư mục có study.toml, để vẽ địa hình, đường, sông. / "
            "Folder with study.toml, whose relief, roads and rivers are drawn."
        ),
    ] = None,
    service: Annotated[
        str | None, typer.Option(help="Mã dịch vụ / id of the service; mặc định: dịch vụ đầu tiên.")
    ] = None,
    lang: Lang = "vi",
    replace: Replace = False,
) -> None:
    """Ghi phiếu phát cho từng xã, từng thôn. / Write sheets of communes or cards of villages."""
    from ..export import check_output_file
    from ..pipeline import print_sheets

    language = language_of(lang)
    with planned_faults(language, out):
        check_output_file(out, replace=replace)
        with progress(language) as advance:
            written = print_sheets(
                folder,
                out,
                of=of,
                communes=commune or (),
                audience=audience,
                policy=policy,
                plan=plan,
                study_folder=study,
                service=service,
                lang=language,
                replace=replace,
                on_progress=advance,
            )
        for one in written.notes:
            note(one.render(language))
        if written.sample_notice is not None:
            note(written.sample_notice[language])
    say(str(written.path))
