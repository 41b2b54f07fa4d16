"""What an official document says, block by block; knows no Word, no study and no table of results.

A text is what a reader sees: what looks like a field or like markup in it stays as it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["report", "plan", "appendix", "petition"]
"""Báo cáo, kế hoạch, phụ lục, and the letter (công văn) that answers a petition."""
DOTS = "…………………………"
"""What stands where nobody said anything, to be filled in by hand."""
SHORT_DOTS = "……"
BLANK = " ".join(["………"] * 15)


@dataclass(frozen=True, kw_only=True)
class Span:
    """A stretch of a paragraph in one face."""

    text: str
    bold: bool = False
    italic: bool = False


@dataclass(frozen=True, kw_only=True)
class Heading:
    """A heading with its number; level 1 is the highest of 3."""

    text: str
    level: Literal[1, 2, 3]


@dataclass(frozen=True, kw_only=True)
class Paragraph:
    """A paragraph.

    An item begins with a dash, a centred one has no indent; whom a document addresses begins
    further right, and the dashes of several stand below each other under the colon.
    """

    spans: tuple[Span, ...]
    form: Literal["body", "item", "centred", "address", "addressee"] = "body"


@dataclass(frozen=True, kw_only=True)
class Grid:
    """A table whose headings are repeated on every page that it reaches.

    Parameters
    ----------
    caption : str
        Above it; none if empty.
    headings : tuple of str
    rows : tuple of tuple of str
        As many cells in each as there are headings.
    widths : tuple of float
        Of the columns, as shares of the whole.
    right : frozenset of int
        Columns of figures, which stand on the right.
    """

    caption: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    right: frozenset[int] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A picture with what is told under it, and what it shows for who cannot see it."""

    png: bytes
    width_mm: float
    caption: str
    shows: str


@dataclass(frozen=True, kw_only=True)
class Stamp:
    """A mark in a red frame, such as how urgent a document is; the frame may be a double line."""

    text: str
    width_mm: float
    double: bool = False


Block = Heading | Paragraph | Grid | Picture | Stamp


@dataclass(frozen=True, kw_only=True)
class Appendix:
    """An appendix: on pages of its own, with numbers of its own.

    Parameters
    ----------
    title : str
    blocks : tuple of Block
    small : bool
        Whether its text is of the smallest size that the decree allows.
    """

    title: str
    blocks: tuple[Block, ...]
    small: bool = False


@dataclass(frozen=True, kw_only=True)
class Official:
    """An official document.

    Parameters
    ----------
    kind : {"report", "plan", "appendix", "petition"}
    texts : mapping of str to str
        What stands for each of `word_template.TEXT_FIELDS`.
    blocks : mapping of str to tuple of Block
        What stands for each of `word_template.BLOCK_FIELDS`.
    appendices : tuple of Appendix
        After the signature.
    attached : str
        What the appendices belong to, in brackets under their titles.
    """

    kind: Kind
    texts: Mapping[str, str]
    blocks: Mapping[str, tuple[Block, ...]]
    appendices: tuple[Appendix, ...] = ()
    attached: str = field(default="")


def paragraph(text: str, *, bold: bool = False, italic: bool = False) -> Paragraph:
    """Return a paragraph in one face.

    Examples
    --------
    >>> paragraph("Kính trình").spans[0].text
    'Kính trình'
    """
    return Paragraph(spans=(Span(text=text, bold=bold, italic=italic),))


def item(text: str) -> Paragraph:
    """Return an item of a list."""
    return Paragraph(spans=(Span(text=text),), form="item")


def centred(text: str, *, bold: bool = False, italic: bool = False) -> Paragraph:
    """Return a paragraph in the middle of the line."""
    return Paragraph(spans=(Span(text=text, bold=bold, italic=italic),), form="centred")


def roman(number: int) -> str:
    """Return a number as appendices and sections are numbered.

    Examples
    --------
    >>> [roman(number) for number in (1, 4, 9, 14)]
    ['I', 'IV', 'IX', 'XIV']
    """
    written = ""
    for value, letters in ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")):
        times, number = divmod(number, value)
        written += letters * times
    return written
