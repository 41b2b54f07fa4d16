"""What a row of the indicator board is; each part defines its own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar

from ...i18n import Bilingual, Language, fill

Unit = Literal["share", "count", "ratio"]
Record = TypeVar("Record")


@dataclass(frozen=True)
class Figure:
    """A computed value, and what the definition of the indicator says about it.

    Parameters
    ----------
    value : float
        What is not reported does not raise it.
    values : mapping
        What the placeholders of the definition stand for.
    most : float
        The value if all that did not report held it; NaN where nothing bounds it.
    reported, total : int, optional
        How many reported, of how many there are; None for what is not reported by units.
    low, high : float
        Ends of the band in which the true value lies; NaN where none is known.
    status : {"met", "missed", "undecided"}, optional
        What the band says of the target; None where the value alone is held against it.
    """

    value: float
    values: Mapping[str, object] = field(default_factory=dict)
    most: float = float("nan")
    reported: int | None = None
    total: int | None = None
    low: float = float("nan")
    high: float = float("nan")
    status: Literal["met", "missed", "undecided"] | None = None


def _no_figure(_: object) -> None:
    return None


@dataclass(frozen=True, kw_only=True)
class Indicator(Generic[Record]):
    """One row of the board: its words, its unit and how it is computed.

    Parameters
    ----------
    name : str
        Its identifier, as ``[[published]]`` names it.
    title : Bilingual
        As printed.
    unit : {"share", "count", "ratio"}
        A share lies between 0 and 1; a ratio may exceed 1.
    denominator : str
        What a share is a share of, as in ``report.denominator_<name>``.
    origin : {"counted", "computed"}
        Counted from the tables, or computed by a model.
    definition : callable
        (figure, language) → what is counted, and how.
    figure : callable
        The record of its part → the figure; None where the inputs do not tell.
    target : float
        Value that meets the target; NaN for none.
    judged_by : str
        Indicator that is held against the target instead, where it has a figure.
    shown_with : str
        Part with which it has its row even without a figure.
    """

    name: str
    title: Bilingual
    unit: Unit
    denominator: str = ""
    origin: Literal["counted", "computed"] = "counted"
    definition: Callable[[Figure, Language], str] = lambda *_: ""
    figure: Callable[[Record], Figure | None] = _no_figure
    target: float = float("nan")
    judged_by: str = ""
    shown_with: str = ""


def defined(vi: str, en: str) -> Callable[[Figure, Language], str]:
    """Return a definition whose placeholders stand for the figure's values."""
    words = Bilingual(vi, en)
    return lambda figure, lang: fill(words[lang], lang, figure.values)
