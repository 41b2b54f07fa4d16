"""`phusong cache`: what a folder of kept losses holds, and cutting it back."""

import re
from pathlib import Path
from typing import Annotated

import typer

from .._cache import census, limit_of, prune, set_limit
from ..errors import OutputError
from ..i18n import number, text
from ._app import Lang, app, examples, language_of, planned_faults, say

_UNITS = {"MB": 10**6, "GB": 10**9}
_SIZE = re.compile(r"(\d{1,9}(?:[.,]\d{1,9})?) ?(MB|GB)", re.ASCII | re.IGNORECASE)


@app.command(
    "cache",
    epilog=examples(
        "phusong cache luu-tam",
        "phusong cache luu-tam --prune 2GB",
        "phusong cache luu-tam --limit 200GB",
    ),
)
def show_cache(
    folder: Annotated[Path, typer.Argument(help="Thư mục lưu tạm / folder given to --cache.")],
    prune_to: Annotated[
        str | None,
        typer.Option(
            "--prune",
            help="Xóa phần lâu không dùng đến mức này / remove the longest unused down to this.",
            metavar="0|500MB|2GB",
        ),
    ] = None,
    limit: Annotated[
        str | None,
        typer.Option(
            "--limit",
            help="Giới hạn của thư mục này từ nay / the folder's own limit from now on.",
            metavar="500MB|200GB",
        ),
    ] = None,
    lang: Lang = "vi",
) -> None:
    """Xem và dọn thư mục lưu suy hao đã tính. / Show and cut back a folder of computed losses."""
    language = language_of(lang)
    prune_bytes = None if prune_to is None else _bytes(prune_to, "--prune 0 | 500MB | 2GB")
    limit_bytes = None if limit is None else _bytes(limit, "--limit 500MB | 200GB")
    with planned_faults(language):
        if not folder.is_dir() and limit_bytes is None:
            raise OutputError("cache.absent", folder=folder)
        try:
            if limit_bytes is not None:
                set_limit(folder, limit_bytes)
            asked = [size for size in (prune_bytes, limit_bytes) if size is not None]
            removed = prune(folder, min(asked)) if asked else None
            kept, kept_to = census(folder), limit_of(folder)
        except OSError as fault:
            detail = fault.strerror or str(fault)
            raise OutputError("cache.not_listed", folder=folder, detail=detail) from None
    if removed is not None:
        megabytes = number(removed.size_bytes / 1e6, language, decimals=1)
        say(text("cache.removed", language, tiles=removed.tiles, megabytes=megabytes))
    say(
        text(
            "cache.holds",
            language,
            folder=folder,
            tiles=number(kept.tiles, language),
            megabytes=number(kept.size_bytes / 1e6, language, decimals=1),
            limit=number(kept_to / 1e9, language, decimals=0 if kept_to % 10**9 == 0 else 3),
        )
    )


def _bytes(size: str, expected: str) -> int:
    """Return the bytes that a size such as 2GB stands for."""
    if size == "0":
        return 0
    found = _SIZE.fullmatch(size)
    if found is None:
        raise typer.BadParameter(expected)
    return int(float(found[1].replace(",", ".")) * _UNITS[found[2].upper()])
