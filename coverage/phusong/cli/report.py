"""`phusong report`: an official document of a finished output folder, as a Word file."""

from pathlib import Path
from typing import Annotated

import typer

from ._app import Lang, Replace, app, examples, language_of, note, planned_faults, say


@app.command(
    "report",
    epilog=examples(
        "phusong report ket-qua --to bao-cao.docx --study tinh-cua-toi",
        "phusong report ket-qua --kind plan --plan ke-hoach-tram --to ke-hoach.docx",
        "phusong report ket-qua --kind appendix --to phu-luc.docx",
        "phusong report ket-qua --kind petition --commune 00688 --to tra-loi.docx",
        "phusong report --template-to mau-bao-cao.docx",
    ),
)
def report(
    out: Annotated[
        Path | None, typer.Argument(help="Thư mục kết quả của run / output folder of run.")
    ] = None,
    to: Annotated[Path | None, typer.Option(help="Tệp .docx / file to write.")] = None,
    kind: Annotated[
        str,
        typer.Option(
            help="Báo cáo, kế hoạch, phụ lục, hay công văn trả lời cử tri. / "
            "Report, plan, appendix, or the letter that answers a petition.",
            metavar="report|plan|appendix|petition",
        ),
    ] = "report",
    commune: Annotated[
        str | None, typer.Option(help="Mã hoặc tên xã được trả lời / code or name, of a petition.")
    ] = None,
    village: Annotated[
        str | None, typer.Option(help="Mã hoặc tên thôn được trả lời / id or name, of a petition.")
    ] = None,
    audience: Annotated[
        str | None,
        typer.Option(
            help="Cho ai. Mặc định: trả lời cử tri là công khai, còn lại là nội bộ. / For whom. "
            "By default public for an answer to voters, else internal.",
            metavar="public|internal|restricted",
        ),
    ] = None,
    policy: Annotated[
        Path | None,
        typer.Option(help="Quy định bản nào mang gì, tệp TOML / what each edition carries."),
    ] = None,
    template: Annotated[
        Path | None,
        typer.Option(help="Mẫu văn bản của Sở, tệp .docx / the department's own template."),
    ] = None,
    template_to: Annotated[
        Path | None,
        typer.Option(help="Chỉ ghi mẫu của loại văn bản ra tệp để sửa / write it to be edited."),
    ] = None,
    maps: Annotated[
        str | None,
        typer.Option(
            help="Bản đồ kèm theo, cách nhau bằng dấu phẩy; rỗng là không có. / "
            "Maps behind it, comma separated; empty for none.",
        ),
    ] = None,
    plan: Annotated[
        Path | None,
        typer.Option(
            help="Kế hoạch trạm của phusong site, cho loại plan. / "
            "Plan of sites by phusong site, for the kind plan."
        ),
    ] = None,
    study: Annotated[
        Path | None,
        typer.Option(
            help="Thư mục có study.toml: lấy mục \\[report] hiện nay, vẽ địa hình, đường, sông. / "
            "Folder with study.toml: its \\[report] as it is now; relief, roads and rivers on maps."
        ),
    ] = None,
    lang: Lang = "vi",
    replace: Replace = False,
) -> None:
    """Ghi văn bản hành chính (Word) từ kết quả. / Write an official document (in Vietnamese)."""
    from ..pipeline import write_report, write_report_template

    language = language_of(lang)
    if template_to is not None:
        with planned_faults(language, template_to):
            say(str(write_report_template(template_to, kind)))
        return
    if out is None or to is None:
        raise typer.BadParameter("OUT --to …")
    with planned_faults(language, to):
        written = write_report(
            out,
            to,
            kind=kind,
            commune=commune,
            village=village,
            audience=audience,
            policy=policy,
            template=template,
            maps=None
            if maps is None
            else [name.strip() for name in maps.split(",") if name.strip()],
            plan=plan,
            study_folder=study,
            replace=replace,
        )
    for one in written.notes:
        note(one.render(language))
    if written.sample_notice is not None:
        note(written.sample_notice[language])
    say(str(written.path))
