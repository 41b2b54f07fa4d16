"""Give texts their Vietnamese letters back: old fonts, code pages, and wrong conversions.

Knows how Vietnamese syllables are built, and what the old encodings made of their letters;
no file and no table. Whether a text was misread is decided by how Vietnamese it is.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from .._text import LONGEST_TEXT

_TCVN3 = (
    "¡Ă¢Â£Ê¤Ô¥Ơ¦Ư§Đ¨ă©âªê«ô¬ơ\u00adư®đµà¶ả·ã¸á¹ạ»ằ¼ẳ½ẵ¾ắÆặÇầÈẩÉẫÊấËậÌèÎẻÏẽÐéÑẹÒềÓểÔễÕếÖệ×ìØỉÜĩÝíÞị"
    "ßòáỏâõãóäọåồæổçỗèốéộêờëởìỡíớîợïùñủòũóúôụõừöử÷ữøứùựúỳûỷüỹýýþỵ"
)
"""Letters of TCVN 5712:1993 (third set, as of the fonts .VnTime) read as Latin-1, each with
the letter meant."""

_VNI_TONES = {"ø": "\u0300", "ù": "\u0301", "û": "\u0309", "õ": "\u0303", "ï": "\u0323"}
_VNI_HATS = {
    "â": "\u0302", "à": "\u0302\u0300", "á": "\u0302\u0301", "å": "\u0302\u0309",
    "ã": "\u0302\u0303", "ä": "\u0302\u0323",
    "ê": "\u0306", "è": "\u0306\u0300", "é": "\u0306\u0301", "ú": "\u0306\u0309",
    "ü": "\u0306\u0303", "ë": "\u0306\u0323",
}  # fmt: skip
_VNI_SINGLE = {
    "ñ": "đ",
    "ô": "ơ",
    "ö": "ư",
    "ì": "ì",
    "í": "í",
    "æ": "ỉ",
    "ó": "ĩ",
    "ò": "ị",
    "î": "ỵ",
}
"""The letters of the VNI fonts read as Latin-1: a sign behind a vowel, or a letter of its own."""

# How a syllable is spelt: a beginning, then a rime whose tone stands on one certain vowel.
_BEGINNINGS = (
    "ngh", "ng", "nh", "gh", "gi", "kh", "ph", "qu", "th", "tr", "ch", "b", "c", "d", "đ", "g",
    "h", "k", "l", "m", "n", "p", "q", "r", "s", "t", "v", "x", "",
)  # fmt: skip
_TONE_ON_FIRST = (
    "a e ê i o ô ơ u ư y ai ao au ay âu ây eo êu ia iu oi ôi ơi ua ui ưa ưi ưu oa oe uy"
)
_TONE_ON_SECOND = "oa oe uy uê uơ iêu yêu oai oao oay oeo uây uôi uya uyu ươi ươu"
_BEFORE_CONSONANT = "a ă â e ê i iê o oa oă oe oo ô ơ u uâ uô uyê uy ư ươ y yê"
_BEFORE_NH_AND_CH = "a ê i oa uê uy y"
_TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
_TONES_OF_STOPS = ("\u0301", "\u0323", "")  # without a tone in names of other languages


def _rimes() -> Iterator[str]:
    for tone in _TONES:
        yield from (rime[0] + tone + rime[1:] for rime in _TONE_ON_FIRST.split())
        yield from (rime[:2] + tone + rime[2:] for rime in _TONE_ON_SECOND.split())
        yield from (
            vowels + tone + end for vowels in _BEFORE_CONSONANT.split() for end in ("m", "n", "ng")
        )
        yield from (vowels + tone + "nh" for vowels in _BEFORE_NH_AND_CH.split())
    for tone in _TONES_OF_STOPS:
        yield from (vowels + tone + end for vowels in _BEFORE_CONSONANT.split() for end in "ckpt")
        yield from (vowels + tone + "ch" for vowels in _BEFORE_NH_AND_CH.split())


_RIMES = frozenset(unicodedata.normalize("NFC", rime) for rime in _rimes())
_WORD = re.compile(r"[^\x00-@\[-`{-\x7f–—‘’“”…]+")

_ETH = str.maketrans("Ðð", "Đđ")
"""Icelandic letters that only look like Đ and đ."""

LONGEST_SYLLABLE = 12
"""Letters of a syllable with its marks apart: those of “nghiêng”, and some to spare."""
FEW = 5
"""So many texts that can be Unicode alone outweigh one that cannot."""

Convert = Callable[[str], str | None]


@lru_cache(maxsize=100_000)
def is_vietnamese(word: str) -> bool:
    """Tell whether a word is spelt as a Vietnamese syllable.

    Parameters
    ----------
    word : str
        Letters alone, in any case and Unicode form.

    Returns
    -------
    bool

    Examples
    --------
    >>> [is_vietnamese(word) for word in ("Nghiêng", "Mần", "Haø", "x·", "Sĩn")]
    [True, True, False, False, True]
    """
    letters = unicodedata.normalize("NFC", word.casefold())
    return any(
        letters.startswith(beginning) and letters[len(beginning) :] in _RIMES
        for beginning in _BEGINNINGS
    )


# Five bytes have no letter in Windows-1252; programs pass them on as Latin-1.
_OPEN_BYTES = {0xDC80 + byte: 0x80 + byte for byte in range(32)}


def as_western(content: bytes) -> str:
    r"""Return bytes as a Western program reads them: Windows-1252, and Latin-1 where it is open.

    Examples
    --------
    >>> as_western(b"H\xb5 Giang")
    'Hµ Giang'
    """
    return content.decode("cp1252", errors="surrogateescape").translate(_OPEN_BYTES)


def _is_western(text: str) -> bool:
    """Tell whether a Western program can have read this text."""
    try:
        _bytes(text)
    except UnicodeEncodeError:
        return False
    return True


def _bytes(text: str, codec: str = "cp1252") -> bytes:
    closed = text.translate({latin: escaped for escaped, latin in _OPEN_BYTES.items()})
    return closed.encode(codec, errors="surrogateescape")


def _from_utf_8_in_vietnam(text: str) -> str | None:
    """Return the text back that a Windows set to Vietnamese took for its own code page."""
    try:
        return unicodedata.normalize("NFC", _bytes(text, "cp1258").decode("utf-8"))
    except UnicodeError:
        return None


def _from_code_page(codec: str) -> Convert:
    def convert(text: str) -> str | None:
        try:
            return unicodedata.normalize("NFC", _bytes(text).decode(codec))
        except UnicodeDecodeError:
            return None

    return convert


def _from_utf_8(text: str) -> str | None:
    """Return the text back, also where it was taken for a Western one several times over."""
    convert = _from_code_page("utf-8")
    once = convert(text)
    again = convert(once) if once is not None and once != text and _is_western(once) else None
    return once if again is None or once is None else _from_utf_8(once)


def _from_tcvn3(text: str) -> str:
    words = text.split(" ")
    # The capitals of these fonts are small letters in the file, drawn as capitals (.VnTimeH).
    whole = any(map(_is_capital, words)) and re.search("[a-z]", text) is None
    return " ".join(
        new.upper() if whole or _is_capital(word) else new
        for word in words
        for new in [word.translate(_TCVN3_LETTERS)]
    )


def _is_capital(word: str) -> bool:
    return len(re.findall("[A-Z]", word)) > 1 and re.search("[a-z]", word) is None


_TCVN3_LETTERS = str.maketrans(dict(zip(_TCVN3[::2], _TCVN3[1::2], strict=True)))


def _from_vni(text: str) -> str:
    def letter(found: re.Match[str]) -> str:
        if len(found[0]) == 1:
            return _cased(_VNI_SINGLE, found[0])
        vowel, sign = found[0][0], found[0][1]
        base = _cased(_VNI_SINGLE, vowel) if vowel in "ôöÔÖ" else vowel
        return unicodedata.normalize("NFC", base + (_VNI_TONES | _VNI_HATS)[sign.lower()])

    return _VNI_LETTER.sub(letter, text)


def _cased(letters: Mapping[str, str], one: str) -> str:
    new = letters[one.lower()]
    return new.upper() if one.isupper() else new


_SIGNS, _BREVES = "".join(_VNI_TONES), "êèéúüë"
_ROOFS = "".join(set(_VNI_HATS) - set(_BREVES))
_VNI_LETTER = re.compile(
    f"(?i:a[{_SIGNS}{_ROOFS}{_BREVES}]|[eo][{_SIGNS}{_ROOFS}]|[uyôö][{_SIGNS}]"
    f"|[{''.join(_VNI_SINGLE)}])"
)

ENCODINGS: Mapping[str, Convert] = {
    "UTF-8": _from_utf_8,
    "TCVN3": _from_tcvn3,
    "VNI": _from_vni,
    "Windows-1258": _from_code_page("cp1258"),
}
"""What a text may be in that a Western program read: its name, and how the letters come back."""


@dataclass(frozen=True)
class Restored:
    """What texts become.

    Parameters
    ----------
    texts : mapping of str to str
        Each text that changes, and what it becomes.
    encoding : str, optional
        What most of them were in, by its name in `ENCODINGS`.
    unsure : frozenset of str
        Texts that are Vietnamese both as they stand and restored, among others of either kind.
    """

    texts: Mapping[str, str] = field(default_factory=dict)
    encoding: str | None = None
    unsure: frozenset[str] = frozenset()


def restore(texts: Iterable[str]) -> Restored:
    """Find the texts whose letters are those of another encoding, and give them back.

    A text is changed where its words are no Vietnamese syllables as they stand and are once
    restored. One that is Vietnamese either way follows the others.

    Parameters
    ----------
    texts : iterable of str
        Of one file: cells and headings.

    Returns
    -------
    Restored

    Examples
    --------
    >>> restore(["Hµ Giang", "Xín Mần", "B¾c Quang"]).texts
    {'Hµ Giang': 'Hà Giang', 'B¾c Quang': 'Bắc Quang'}
    >>> restore(["thò xaõ", "Ñoàng Vaên"]).texts["Ñoàng Vaên"]
    'Đồng Văn'
    """
    foreign = [
        text
        for text in dict.fromkeys(texts)
        if not text.isascii() and len(text) <= LONGEST_TEXT  # longer ones are refused as such
    ]
    suspects = [text for text in foreign if _is_western(text)]
    plain = {text: _share(text, text) for text in suspects}
    # What is Vietnamese as it stands need not be restored where nothing else speaks for it.
    found = _restored(text for text in suspects if plain[text] < 1)
    changed = {
        text: meant
        for text in foreign
        if "Ð" in text.upper() and text not in plain
        if _share(text, meant := text.translate(_ETH)) == 1
    }
    of_windows = {
        text: restored
        for text in foreign
        if text not in plain and (restored := _from_utf_8_in_vietnam(text)) is not None
        if _share(text, restored) == 1
    }
    changed |= of_windows
    speaks = {  # texts that are Vietnamese in this encoding alone
        name: sum(share == 1 and plain[text] < 1 for text, (_, share) in of.items())
        for name, of in found.items()
    }
    order = sorted(ENCODINGS, key=lambda name: -speaks[name])
    first = order[0]
    if not speaks[first]:
        return Restored(changed, "UTF-8" if of_windows else None)
    for name, more in _restored(text for text in suspects if plain[text] == 1).items():
        found[name] |= more
    against = sum(plain[text] == 1 and found[first].get(text, ("", 1))[1] < 1 for text in suspects)
    against += sum(_share(text, text) == 1 for text in foreign if text not in plain)
    either_way = set()
    for text in suspects:
        new, share = found[first].get(text, (text, 0.0))
        if plain[text] == 1:
            if share == 1:
                either_way.add(text)
            continue
        for name in order:
            other, whole = found[name].get(text, (text, 0.0))
            if whole == 1:
                changed[text] = other
                break
        else:
            if share > plain[text] and speaks[first] > against:  # foreign names among the words
                changed[text] = new
    if not against:
        changed |= {text: found[first][text][0] for text in either_way}
        return Restored(changed, first)
    # A few odd cells among many in Unicode put none of those in doubt, nor a word met in both.
    doubtful = FEW * speaks[first] > against
    unsure = frozenset(either_way - set(changed.values()) if doubtful else ())
    return Restored(changed, first, unsure)


def _restored(texts: Iterable[str]) -> dict[str, dict[str, tuple[str, float]]]:
    """Return by encoding what texts become, and the share of their words that is Vietnamese."""
    given = list(texts)
    return {
        name: {
            text: (new, _share(text, new))
            for text in given
            if (new := convert(text)) is not None and new != text
        }
        for name, convert in ENCODINGS.items()
    }


def may_be_vietnamese(texts: Iterable[str]) -> bool:
    """Tell whether texts, read as a Western program does, are Vietnamese in any known encoding.

    Examples
    --------
    >>> may_be_vietnamese(["Hµ Giang"]), may_be_vietnamese(["Lô"]), may_be_vietnamese(["Åse"])
    (True, True, False)
    """
    foreign = [text for text in dict.fromkeys(texts) if not text.isascii()]
    known = restore(foreign).texts
    return all(text in known or _share(text, text) == 1 for text in foreign)


def _share(text: str, read: str) -> float:
    """Return how many of a text's words with other than plain letters are Vietnamese as read."""
    # One sign that stands alone, as µ or ¦, proves nothing.
    words = [
        new
        for old, new in zip(text.split(" "), read.split(" "), strict=False)
        if len(old) > 1 and not old.isascii()
    ]
    parts = [part for word in words for part in _WORD.findall(word)]
    known = sum(len(part) <= LONGEST_SYLLABLE and is_vietnamese(part) for part in parts)
    return known / len(parts) if parts else 0.0
