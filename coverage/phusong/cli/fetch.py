"""`phusong fetch`, `pack` and `unpack`: public data of a province, and their way offline."""

import datetime
from pathlib import Path
from typing import Annotated

import typer

from ..i18n import fold, text
from ._app import (
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


@app.command(
    "fetch",
    epilog=examples(
        'phusong fetch "Cao Bằng" --into cao-bang',
        'phusong fetch "Hà Giang" --as-of 2024-12-31 --use srtm --without cells',
        'phusong fetch "Cao Bằng" --sources nguon.toml --downloads tai-ve',
    ),
)
def fetch(
    province: Annotated[str, typer.Argument(help="Tên tỉnh, có dấu hay không / the province.")],
    into: Annotated[
        Path | None,
        typer.Option(help="Thư mục của nghiên cứu; mặc định theo tên tỉnh / folder of the study."),
    ] = None,
    as_of: Annotated[
        datetime.datetime | None,
        typer.Option(
            "--as-of",
            formats=["%Y-%m-%d", "%d/%m/%Y"],
            metavar="2025-06-30",
            help="Ngày của nghiên cứu, mặc định hôm nay / day of the study, today by default.",
        ),
    ] = None,
    crs: Annotated[
        str | None,
        typer.Option(
            metavar="EPSG:9210",
            help="Hệ tọa độ, thay cho múi chiếu của tỉnh / instead of the province's zone.",
        ),
    ] = None,
    use: Annotated[
        list[str] | None,
        typer.Option(
            "--use",
            metavar="ID",
            help="Nguồn khác, như srtm, ghs_pop / a source instead of the first.",
        ),
    ] = None,
    without: Annotated[
        list[str] | None,
        typer.Option(
            "--without", metavar="LỚP", help="Lớp không cần, như cells / a layer not wanted."
        ),
    ] = None,
    sources: Annotated[
        Path | None,
        typer.Option(help="Bảng nguồn của riêng bạn (.toml) / a table of sources of your own."),
    ] = None,
    downloads: Annotated[
        Path | None,
        typer.Option(
            help="Nơi giữ tệp tải về, dùng chung cho nhiều tỉnh; mặc định trong thư mục / where "
            "files as they came are kept, for several provinces."
        ),
    ] = None,
    lang: Lang = "vi",
) -> None:
    """Tải dữ liệu công khai của một tỉnh, viết study.toml. / Fetch a province's public data.

    Chạy lại để tải tiếp phần còn thiếu. / Call it again to go on with what is lacking.

    Mã thoát: 0 đủ; 1 thiếu lớp nào đó; 2 không làm được. / Exit code: 0 all; 1 a layer is
    lacking; 2 nothing could be done.
    """  # noqa: DOC501  Typer shows it all
    language = language_of(lang)
    day = None if as_of is None else as_of.date()
    with planned_faults(language):
        from ..fetch import Choices, fetch_province
        from ..study import find_province

        folder = into or Path(fold(find_province(province, day).name).replace(" ", "-"))
        with progress(language) as on_progress:
            choices = Choices(
                as_of=day,
                crs=crs,
                sources=sources,
                use=use or (),
                without=without or (),
                downloads=downloads,
            )
            found = fetch_province(folder, province, choices, on_progress=on_progress)
    for told in (*found.told, *found.failed.values()):
        note(told[language])
    for named in found.attributions:
        note(named)

    def listed(layers: tuple[str, ...]) -> str:
        return ", ".join(text(f"fetch.layer_{one}", language) for one in layers)

    if found.path is None:
        note(text("fetch.nothing", language))
        raise typer.Exit(1)
    say(str(found.path))
    note(text("fetch.done", language, layers=listed(found.layers), folder=folder))
    if found.failed:
        note(text("fetch.lacking", language, layers=listed(tuple(found.failed))))
        raise typer.Exit(1)


@app.command("pack", epilog=examples("phusong pack cao-bang", "phusong pack cao-bang --to goi.zip"))
def pack(
    folder: Folder,
    to: Annotated[
        Path | None, typer.Option(help="Tệp .zip; mặc định cạnh thư mục / the archive.")
    ] = None,
    replace: Replace = False,
    lang: Lang = "vi",
) -> None:
    """Đóng gói một nghiên cứu cho nơi không có mạng. / Pack a study for an office offline."""
    language = language_of(lang)
    with planned_faults(language, to):
        from ..fetch import pack as packed

        bundle = packed(folder, to, replace=replace)
    if bundle.unlicensed:
        note(text("fetch.unlicensed", language, names=", ".join(bundle.unlicensed)))
    if bundle.left_out:
        note(text("fetch.left_out", language, names=", ".join(bundle.left_out)))
    note(text("fetch.packed", language, count=len(bundle.files), file=bundle.path))
    say(str(bundle.path))


@app.command("unpack", epilog=examples("phusong unpack cao-bang.zip --into cao-bang"))
def unpack(
    file: Annotated[Path, typer.Argument(help="Gói do pack tạo / bundle made by pack.")],
    into: Annotated[Path, typer.Option(help="Thư mục mới / a new folder.")],
    lang: Lang = "vi",
) -> None:
    """Mở một gói, kiểm tra từng tệp. / Unpack a bundle and verify each of its files."""
    language = language_of(lang)
    with planned_faults(language, into):
        from ..fetch import unpack as unpacked

        bundle = unpacked(file, into)
    if bundle.unlicensed:
        note(text("fetch.unlicensed", language, names=", ".join(bundle.unlicensed)))
    note(text("fetch.unpacked", language, count=len(bundle.files)))
    say(str(bundle.path))
