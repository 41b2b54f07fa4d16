"""Old encodings: what their letters become, what stays, and what is not guessed."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phusong.inputs.letters import as_western, is_vietnamese, may_be_vietnamese, restore

NAMES = [
    "Mã xã", "Tên thị trấn", "Đồng Văn", "Mèo Vạc", "Xín Mần", "Hoàng Su Phì", "Quản Bạ",
    "Yên Minh", "Bắc Mê", "Vị Xuyên", "Má Lé", "Pố Lồ", "Lũng Cú", "Sơn Vĩ", "Cao Bồ",
    "Thượng Bình", "Nghĩa Thuận", "Khuôn Lùng", "Đường Thượng", "Nậm Ty", "THỊ TRẤN PHÓ BẢNG",
    "Trụ sở UBND huyện", "Kỳ Sơn", "Quỳnh Lưu", "Buôn Ma Thuột", "Thừa Thiên Huế",
]  # fmt: skip

# The tables of the three encodings, written down once more from what each letter is drawn as.
TCVN3 = dict(
    zip(
        "àảãáạăằẳẵắặâầẩẫấậèẻẽéẹêềểễếệìỉĩíịòỏõóọôồổỗốộơờởỡớợùủũúụưừửữứựỳỷỹýỵđ",
        b"\xb5\xb6\xb7\xb8\xb9\xa8\xbb\xbc\xbd\xbe\xc6\xa9\xc7\xc8\xc9\xca\xcb\xcc\xce\xcf\xd0\xd1"
        b"\xaa\xd2\xd3\xd4\xd5\xd6\xd7\xd8\xdc\xdd\xde\xdf\xe1\xe2\xe3\xe4\xab\xe5\xe6\xe7\xe8\xe9"
        b"\xac\xea\xeb\xec\xed\xee\xef\xf1\xf2\xf3\xf4\xad\xf5\xf6\xf7\xf8\xf9\xfa\xfb\xfc\xfd\xfe"
        b"\xae",
        strict=True,
    )
)
CAPITALS = dict(zip("ĂÂÊÔƠƯĐ", b"\xa1\xa2\xa3\xa4\xa5\xa6\xa7", strict=True))
VNI_TONES = dict(zip("\u0300\u0301\u0309\u0303\u0323", "øùûõï", strict=True))
VNI_MARKS = {
    "\u0302": dict(zip("\u0300\u0301\u0309\u0303\u0323", "àáåãä", strict=True)) | {"": "â"},
    "\u0306": dict(zip("\u0300\u0301\u0309\u0303\u0323", "èéúüë", strict=True)) | {"": "ê"},
}
VNI_WHOLE = dict(zip("ìíỉĩịỵđơư", "ìíæóòîñôö", strict=True))


def in_tcvn3(name):
    codes = (CAPITALS.get(one) or TCVN3.get(one.lower()) or ord(one) for one in name)
    return as_western(bytes(codes))


def in_vni(name):
    written = ""
    for one in name:
        small = one.lower()
        if small in VNI_WHOLE:
            new = VNI_WHOLE[small]
        else:
            base, *marks = unicodedata.normalize("NFD", small)
            tone = next((mark for mark in marks if mark in VNI_TONES), "")
            kind = next((mark for mark in marks if mark not in VNI_TONES), "")
            if kind == "\u031b":
                new = VNI_WHOLE[unicodedata.normalize("NFC", base + kind)] + VNI_TONES[tone]
            elif kind:
                new = base + VNI_MARKS[kind][tone]
            else:
                new = base + VNI_TONES.get(tone, "")
        written += new.upper() if one.isupper() else new
    return written


def in_1258(name):
    """As the keyboards of Windows write it: a vowel with its shape, then the tone."""
    letters = ""
    for one in name:
        parts = unicodedata.normalize("NFD", one)
        tones = [part for part in parts if part in VNI_TONES]
        shape = "".join(part for part in parts if part not in VNI_TONES)
        letters += "".join([unicodedata.normalize("NFC", shape), *tones])
    return as_western(letters.encode("cp1258"))


def spoilt(name):
    return as_western(name.encode())


CODERS = pytest.mark.parametrize(
    ("encoding", "written"),
    [("TCVN3", in_tcvn3), ("VNI", in_vni), ("Windows-1258", in_1258), ("UTF-8", spoilt)],
)


@CODERS
def test_names_in_an_old_encoding_come_back(encoding, written):
    found = restore([written(name) for name in NAMES])
    assert [found.texts.get(written(name), written(name)) for name in NAMES] == NAMES
    assert found.encoding == encoding
    assert not found.unsure


@CODERS
def test_a_name_that_stands_alone_comes_back_where_it_is_no_vietnamese(encoding, written):
    for name in NAMES:
        new = restore([written(name)]).texts.get(written(name))
        assert new == name or (new is None and all(map(is_vietnamese, written(name).split())))


@given(st.lists(st.sampled_from(NAMES), min_size=1))
def test_unicode_stays(names):
    assert restore(names).texts == {}


def test_plain_and_foreign_words_stay():
    assert (
        restore(
            ["Ha Giang", "São Paulo", "Zürich", "BTS-01", "10 µs", "25 °C", "a ¦ b", "5 ¦ µ"]
        ).texts
        == {}
    )


def test_a_text_that_is_vietnamese_either_way_follows_its_file():
    either = in_vni("Sơn La")  # "Sôn La"
    assert restore([either]).texts == {}
    assert restore([either, in_vni("Mường Tè")]).texts[either] == "Sơn La"
    mixed = restore([either, in_vni("Mường Tè"), "Mường Lát"])
    assert mixed.texts == {in_vni("Mường Tè"): "Mường Tè"}
    assert mixed.unsure == {either}


def test_odd_cells_put_no_good_ones_in_doubt():
    """A cell in another font among a province's names, and a word that stands in both halves."""
    good = ["xã", "Sôn La", *(name for name in NAMES if not name.isascii())]
    assert restore([in_tcvn3("Quản Bạ"), *good]).unsure == frozenset()
    half = restore([in_tcvn3(name) for name in ["xã", *NAMES[:12]]] + good)
    assert "xã" not in half.unsure
    assert half.texts[in_tcvn3("xã")] == "xã"
    assert "xã" not in half.texts


@pytest.mark.parametrize("text", ["À" * 10_000, "Hµ" * 5_000, "É " * 5_000, "Hµ " * 100_000])
def test_endless_words_and_texts_are_left_without_a_hang(text):
    assert restore([text]).texts == {}


def test_the_icelandic_letter_becomes_the_vietnamese_one_it_looks_like():
    assert restore(["Ðồng Văn", "Lâm Ðồng"]).texts == {
        "Ðồng Văn": "Đồng Văn",
        "Lâm Ðồng": "Lâm Đồng",
    }


@pytest.mark.parametrize(
    ("word", "answer"),
    [
        ("nghiêng", True), ("quốc", True), ("giữa", True), ("Khuỷu", True), ("ĐƯỜNG", True),
        ("ba\u0301t", True), ("bàt", False), ("ngoàch", False), ("x·", False), ("àá", False),
        ("Åse", False), ("", False),
    ],
)  # fmt: skip
def test_syllables_are_told_by_their_spelling(word, answer):
    assert is_vietnamese(word) is answer


def test_other_languages_are_not_taken_for_vietnamese():
    assert may_be_vietnamese(["Ha", in_tcvn3("Đồng Văn")]) is True
    assert may_be_vietnamese([as_western("Київ".encode("cp1251"))]) is False


def test_utf_8_that_a_windows_set_to_vietnamese_took_for_its_code_page_comes_back():
    names = ["Thôn Tả Phìn", "Đường Thượng", "Nà Khuổi"]
    spoilt = [
        "".join(bytes([byte]).decode("cp1258", "ignore") or chr(byte) for byte in name.encode())
        for name in names
    ]
    assert "ThĂ´n" in spoilt[0]
    found = restore(spoilt)
    assert [found.texts[one] for one in spoilt] == names
    assert found.encoding == "UTF-8"
    alone = restore([spoilt[0]])
    assert (alone.texts, alone.encoding) == ({spoilt[0]: names[0]}, "UTF-8")
