"""How a layer is drawn by the programs that open it: symbols, and which rows get which.

A `Style` is made from a map's theme, which this room does not know, and is
written as QGIS or KML styles by `qml` and `kml`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ..i18n import Bilingual
from ..tables import Table

NEUTRAL = "#8a8f98"


@dataclass(frozen=True, kw_only=True)
class Symbol:
    """A fill, stroke or mark; lengths in pixels, colours as ``#rrggbb``.

    Parameters
    ----------
    colour : str
        Of a line, or inside a polygon or mark.
    fill_opacity : float
        Of polygons and marks, 0 to 1.
    outline : str
        Around polygons and marks.
    width_px : float
        Of the line or outline.
    dash : str
        Dashes and gaps, ``"8 4"``; empty for a solid line.
    radius_px : float
        Of a mark.
    shape : {"circle", "square", "diamond", "triangle"}
        Of a mark.
    """

    colour: str = NEUTRAL
    fill_opacity: float = 1.0
    outline: str = "#4d4d4d"
    width_px: float = 1.0
    dash: str = ""
    radius_px: float = 4.0
    shape: Literal["circle", "square", "diamond", "triangle"] = "circle"


@dataclass(frozen=True, kw_only=True)
class Condition:
    """What a row's field must be: one of some values, or within limits.

    Parameters
    ----------
    field : str
    values : tuple
        Admissible values; empty if limits decide.
    at_least, below : float, optional
        Lower limit, itself included, and upper limit, itself not.
    """

    field: str
    values: tuple[bool | str | int, ...] = ()
    at_least: float | None = None
    below: float | None = None

    def holds(self, row: Mapping[str, Any]) -> bool:
        """Tell whether a row meets it.

        Parameters
        ----------
        row : mapping
            Values by field; one that is absent is missing.

        Returns
        -------
        bool

        Examples
        --------
        >>> target = Condition(field="share", at_least=0.98)
        >>> [target.holds({"share": share}) for share in (0.98, 0.97, None)]
        [True, False, False]
        """
        value = row[self.field]
        if value is None:
            return False
        if self.values:
            return value in self.values
        return (self.at_least is None or value >= self.at_least) and (
            self.below is None or value < self.below
        )


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A symbol, its words in the legend, and the rows it is for.

    Parameters
    ----------
    title : Bilingual
        Its words.
    symbol : Symbol
    conditions : tuple of Condition
        All of which a row meets; none for a rule without a choice.
    """

    title: Bilingual
    symbol: Symbol
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Style:
    """One way of drawing a layer.

    Parameters
    ----------
    title : Bilingual
        What it shows.
    where : tuple of Condition
        Which rows it is about.
    rules : tuple of Rule
        For the rows it is about; their conditions exclude each other.
    other : Rule, optional
        For those that no rule takes; None leaves them out.
    rest : Rule, optional
        For the rows it is not about; None leaves them out.
    label : str
        Field written beside the shapes; empty for none.
    """

    title: Bilingual
    where: tuple[Condition, ...] = ()
    rules: tuple[Rule, ...]
    other: Rule | None = None
    rest: Rule | None = None
    label: str = ""

    def rule_of(self, row: Mapping[str, Any]) -> Rule | None:
        """Return the rule that draws a row.

        Parameters
        ----------
        row : mapping
            Values by field.

        Returns
        -------
        Rule or None
            None if the row is left out.
        """
        if not all(condition.holds(row) for condition in self.where):
            return self.rest
        for rule in self.rules:
            if all(condition.holds(row) for condition in rule.conditions):
                return rule
        return self.other


def plain_style(table: Table) -> Style:
    """Return the style of a table that no theme draws: one symbol for all rows."""
    symbol = Symbol(fill_opacity=0.4 if table.geometry == "Polygon" else 1.0)
    return Style(title=table.title, rules=(Rule(title=table.title, symbol=symbol),))
