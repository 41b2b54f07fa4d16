"""Sheets to hand out: all that is given finds room or is told, names are text, the same bytes."""

import re
import zlib
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.text import Text
from shapely import box

from phusong._resources import resource_folder
from phusong.errors import OutputError
from phusong.maps import open_theme
from phusong.maps.handout import (
    FOOT_TOP,
    CommuneSheet,
    SheetTable,
    VillageCard,
    _card_page,
    _commune_page,
    write_commune_sheets,
    write_village_cards,
)

from .conftest import HOSTILE

THEME = resource_folder("maps") / "sheets" / "commune.toml"


def table(count, **changes):
    words = {
        "title": "Thôn",
        "headings": ("Thôn", "Nguyên nhân"),
        "widths": (0.3, 0.7),
        "rows": tuple((f"Thôn {n}", f"khuất núi {HOSTILE} $x^2$") for n in range(count)),
        "more": lambda left: f"còn {left} dòng",
    }
    return SheetTable(**(words | changes))


@pytest.fixture
def sheet(layers):
    communes = layers.tables["communes"]
    one = communes[communes["commune_code"] == "00001"]
    return CommuneSheet(
        title=f"Xã {HOSTILE}",
        about="huyện Xín Mần",
        marking="Bản nội bộ",
        theme=open_theme(THEME),
        data=replace(layers, tables={"communes": one}, rasters={}, cells=None),
        service=None,
        tables=(table(2, more=None), table(90)),
    )


def said(figure):
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def test_rows_without_room_are_counted_and_nothing_reaches_the_foot(sheet):
    figure = _commune_page(sheet, "vi")
    words = said(figure)
    shown = {word for word in words if re.fullmatch(r"Thôn \d+", word)}
    (told,) = [word for word in words if word.startswith("còn ")]
    assert len(shown) + int(told.split()[1]) == 90
    assert len(shown) > 5
    rows = [text for text in figure.findobj(Text) if text.get_text() in shown]
    assert max(text.get_position()[1] for text in rows) < FOOT_TOP


def test_names_are_plain_text_without_what_turns_letters_round(sheet):
    words = " ".join(said(_commune_page(sheet, "vi")))
    assert "<script>" in words
    assert "$x^2$" in words
    assert "\u202e" not in words


def test_pages_are_of_a4_carry_their_fonts_and_are_the_same_bytes(sheet, tmp_path):
    written = []
    for name in ("one.pdf", "two.pdf"):
        pages = write_commune_sheets(iter([sheet, sheet]), tmp_path / name, title="Xã", lang="vi")
        assert pages == 2
        written.append((tmp_path / name).read_bytes())
    assert written[0] == written[1]
    boxes = re.findall(rb"/MediaBox \[ 0 0 (\S+) (\S+) \]", written[0])
    assert [[round(float(side) * 25.4 / 72) for side in sides] for sides in boxes] == [
        [210, 297]
    ] * 2
    assert b"/FontFile2" in written[0]
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", written[0], re.DOTALL)
    to_unicode = b"".join(one for one in map(_open, streams) if b"beginbfrange" in one)
    assert f"<{ord('ấ'):04x}>".encode() in to_unicode  # of “khuất”: it can be searched
    assert b"/CreationDate" not in written[0]


def _open(stream):
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return b""


def test_cards_stand_four_on_a_page_and_one_without_a_place_has_no_dot(tmp_path):
    def card(number, place):
        return VillageCard(
            title=f"Thôn {number}",
            about="Xã Tả Thí",
            marking="Bản công khai",
            foot="Tỉnh Thử",
            warning="",
            facts=(("Số hộ", "42"), *[("Nguyên nhân", "khuất núi " * 40)] * 3),
            outline=box(440_000, 2_520_000, 450_000, 2_525_000),
            place=place,
            others=np.empty((0, 2)),
        )

    placed, unplaced = np.array([[445_000.0, 2_522_000.0]]), np.empty((0, 2))
    assert len(_card_page([card(1, placed)]).axes[0].lines) == 1
    assert len(_card_page([card(1, unplaced)]).axes[0].lines) == 0
    words = said(_card_page([card(1, placed)]))
    assert words.count("Nguyên nhân") == 2  # the third finds no room, which is told
    assert "…" in words
    cards = [card(number, placed) for number in range(5)]
    assert write_village_cards(cards, tmp_path / "cards.pdf", title="Thôn") == 2


def test_sheets_are_pdf_alone(tmp_path):
    with pytest.raises(OutputError, match=r"must end in one of: \.pdf"):
        write_village_cards([], tmp_path / "cards.png", title="")
