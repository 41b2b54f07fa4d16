"""`phusong open`: one local page, for people who have never seen a terminal."""

import os
from pathlib import Path
from typing import Annotated

import typer

from ..errors import OutputError
from ..i18n import Language, text
from ._app import Lang, app, examples, language_of, note, planned_faults


@app.command("open", epilog=examples("phusong open", "phusong open tinh-cua-toi"))
def open_desk(
    folder: Annotated[
        Path | None,
        typer.Argument(help="Thư mục của nghiên cứu, tạo nếu chưa có / folder of a study."),
    ] = None,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Cổng; 0: cổng trống bất kỳ / 0: any free one.")
    ] = 0,
    browser: Annotated[
        bool, typer.Option(help="Mở trình duyệt / open the page in the browser.")
    ] = True,
    address: Annotated[
        str | None,
        typer.Option(
            help="Địa chỉ của máy này trong mạng, để máy khác vào bằng mật khẩu (được hỏi, hoặc "
            "lấy từ PHUSONG_PASSWORD). / Address of this machine for others, by a password.",
            metavar="192.168.1.5",
        ),
    ] = None,
    lang: Lang = "vi",
) -> None:
    """Mở bàn làm việc trong trình duyệt của máy này. / Open the desk in this machine's browser.

    Chỉ máy này vào được, trừ khi có --address; địa chỉ có mã bí mật. / Only this machine can reach
    it, by a secret address, unless --address is given.
    """  # noqa: DOC501  Typer shows it all
    language = language_of(lang)
    with planned_faults(language):
        try:
            from ..desk import serve
        except ModuleNotFoundError as missing:
            raise OutputError("desk.not_installed") from missing
        password = None if address is None else _password(language)
        serve(
            folder,
            port=port,
            browser=browser,
            address=address,
            password=password,
            told=lambda address: note(text("desk.opened", language, address=address)),
        )


def _password(lang: Language) -> str:
    """Return the password for other machines: never an option, which others would see."""
    given = os.environ.get("PHUSONG_PASSWORD")
    if given is not None:
        return given
    return str(typer.prompt(text("desk.choose_password", lang), hide_input=True, err=True))
