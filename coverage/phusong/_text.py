"""What a text of a file may hold, and how a foreign text is shown inside a message.

Rules of Unicode, shared by everything that reads, writes or prints text; knows
no file and no word.
"""

import re
import unicodedata
from typing import Literal

LONGEST_TEXT = 10_000
"""Letters of one text of an input; Excel's cells end at 32,767, pages and paper long before."""

UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
"""Control characters besides tab and line ends, halves of surrogate pairs, and no characters.

XML and Excel cannot hold most of them, and terminals obey some.
"""
REPLACEMENT = "\ufffd"
_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
_HIDDEN_BUT_LINE_ENDS = re.compile(_HIDDEN.pattern.replace("\x00-\x1f", "\x00-\x09\x0b-\x1f"))
# Spaces that are none to the eye or to comparison, and marks that take no room.
_SPACES = str.maketrans("\u00a0\u2007\u202f", "   ", "\u00ad\u200b\u200c\u200d\u2060\ufeff")


def tidy(text: str) -> str:
    r"""Return a text of a file as it is compared and shown: in NFC, without what no eye sees.

    Examples
    --------
    >>> tidy(" Xi\u0301n\u00a0Mần\u200b")
    'Xín Mần'
    """
    if text.isascii():
        return text.strip()
    return unicodedata.normalize("NFC", text.translate(_SPACES).strip())


def bare(text: str) -> str:
    """Return a tidy text, without the apostrophe by which a spreadsheet keeps a figure as text.

    Examples
    --------
    >>> bare(" '00691"), bare("'Tha")
    ('00691', "'Tha")
    """
    plain = tidy(text)
    return plain[1:] if plain[:1] in ("'", "’") and plain[1:2].isdigit() else plain


def text_fault(text: str) -> Literal["unprintable", "too_long"] | None:
    r"""Tell why a text of a file is not taken, if so; rooms have words of these names.

    Examples
    --------
    >>> text_fault("Xín Mần"), text_fault("\x1b[31mXín Mần"), text_fault("x" * 10_001)
    (None, 'unprintable', 'too_long')
    """
    if not text.isprintable() and UNFIT.search(text):  # what is printable is fit, and soon told
        return "unprintable"
    return "too_long" if len(text) > LONGEST_TEXT else None


def visible(text: str, *, lines: bool = False) -> str:
    r"""Return a text whose control characters and marks of direction are seen, not obeyed.

    Parameters
    ----------
    text : str
        Whatever came.
    lines : bool
        Keep line ends.

    Examples
    --------
    >>> print(visible("a\x1b[2Jb\n\u202ec"))
    a\x1b[2Jb\n\u202ec
    """
    hidden = _HIDDEN_BUT_LINE_ENDS if lines else _HIDDEN
    return hidden.sub(lambda sign: repr(sign[0])[1:-1], text)
