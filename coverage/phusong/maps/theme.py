"""The keys of a map theme and their rules: what is drawn, how, and what its legend says.

A theme names tables and fields of `tables` and nothing of Python, so a
department adds a map by adding a TOML file. Nothing is drawn here.
"""

import difflib
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)
from pydantic_core import PydanticCustomError

from ..tables import PLACES, RESULT_TABLES, RIVERS, ROADS, Table

TABLES: Mapping[str, Table] = {
    **{name: table for name, table in RESULT_TABLES.items() if table.geometry},
    **{table.name: table for table in (ROADS, RIVERS, PLACES)},
}
"""What a map can draw."""

SHARES = {
    "covered_population_share": ("population", "covered_population", "population"),
    "covered_area_share": ("area", "covered_area_km2", "area_km2"),
    "covered_villages_share": ("villages", "covered_villages", "villages"),
}
"""By field of a share: its denominator as studies name it, its part, its whole."""


def fault(key: str, **values: Any) -> PydanticCustomError:
    """Return a validation error that carries one of our message keys."""
    return PydanticCustomError(f"maps.{key}", "maps.{key}", {"key": key, **values})


def _not_blank(value: str) -> str:
    if not value.strip():
        raise fault("blank")
    return value


def _as_row(value: Any) -> Any:
    return {"field": value} if isinstance(value, str) else value


Text = Annotated[str, AfterValidator(_not_blank)]
Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,30}$")]
Colour = Annotated[str, Field(pattern=r"^#[0-9a-f]{6}$")]
Opacity = Annotated[float, Field(ge=0, le=1)]
Pixels = Annotated[float, Field(ge=0, le=40)]
Zoom = Annotated[int, Field(ge=0, le=18)]
Shape = Literal["circle", "square", "diamond", "triangle"]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Words(_Model):
    """A text in both languages."""

    vi: Text
    en: Text


class Classes(_Model):
    """Values cut at breaks; a break belongs to the class above it.

    Parameters
    ----------
    breaks : tuple of float
        Rising.
    colours : tuple of str
        One more than breaks, from the lowest class up.
    """

    breaks: Annotated[tuple[float, ...], Field(strict=False)]
    colours: Annotated[tuple[Colour, ...], Field(strict=False)]

    @model_validator(mode="after")
    def _one_colour_each(self) -> "Classes":
        if list(self.breaks) != sorted(set(self.breaks)):
            raise fault("breaks_not_rising")
        if len(self.colours) != len(self.breaks) + 1:
            raise fault("colours", expected=len(self.breaks) + 1, found=len(self.colours))
        return self


class Classing(_Model):
    """Colour by classes of a number, with the service's target as a break.

    Parameters
    ----------
    field : str
        Number of the layer's table.
    plain : Classes
        Where no target applies.
    below, met : Classes, optional
        Under the target, and from the target up. Breaks on the wrong side of
        a study's target fall away together with the colours next to it.
    no_data : str
        Colour where the number is missing.
    """

    field: Identifier
    plain: Classes
    below: Classes | None = None
    met: Classes | None = None
    no_data: Colour

    @model_validator(mode="after")
    def _both_sides(self) -> "Classing":
        if (self.below is None) != (self.met is None):
            raise fault("one_side")
        if self.below is not None and self.field not in SHARES:
            raise fault("no_target_field", field=self.field, known=", ".join(SHARES))
        return self


class Category(_Model):
    """One value of a field and how it looks; what is not given is the layer's."""

    value: bool | str
    title: Words
    colour: Colour
    width_px: Pixels | None = None
    dash: str | None = None
    radius_px: Pixels | None = None
    shape: Shape | None = None
    from_zoom: Zoom = 0
    label_px: Pixels | None = None


class Categories(_Model):
    """Colour by the values of a field; others are drawn in `other`."""

    field: str
    items: Annotated[tuple[Category, ...], Field(min_length=1, strict=False)]
    other: Colour


class Condition(_Model):
    """Rows whose field has one of the values."""

    field: str
    values: Annotated[tuple[bool | str | int, ...], Field(min_length=1, strict=False)]


class Labels(_Model):
    """Names written on the map where there is room, from a zoom on."""

    field: str
    size_px: Pixels
    colour: Colour
    from_zoom: Zoom = 0
    italic: bool = False


class Layer(_Model):
    """One layer: rows of a table, one way of drawing them, one entry of the legend.

    Exactly one of `colour`, `classes` and `categories` is given.

    Parameters
    ----------
    id : str
        Unique in the theme.
    table : str
        A result table or a context table (roads, rivers, places).
    title : Words
    note : Words, optional
        Shown under the title in the legend.
    shown : bool
        Visible when the page opens.
    background : bool
        Listed last and briefly: what helps to find one's way.
    where : tuple of Condition
        All must hold.
    filters : tuple of str
        Fields whose values the reader may switch off one by one.
    fill_opacity, width_px, dash, outline, radius_px, shape
        Fill and outline of polygons, strokes of lines, symbols of points.
    cluster_above : int
        More points than this are gathered into counted clusters.
    """

    id: Identifier
    table: str
    title: Words
    note: Words | None = None
    shown: bool = True
    background: bool = False
    where: Annotated[tuple[Condition, ...], Field(strict=False)] = ()
    filters: Annotated[tuple[str, ...], Field(strict=False)] = ()
    colour: Colour | None = None
    classes: Classing | None = None
    categories: Categories | None = None
    outline: Colour = "#4d4d4d"
    fill_opacity: Opacity = 1.0
    width_px: Pixels = 1.0
    dash: Annotated[str, Field(pattern=r"^[0-9 .]*$")] = ""
    radius_px: Pixels = 4.0
    shape: Shape = "circle"
    cluster_above: Annotated[int, Field(ge=0)] = 5000
    labels: Labels | None = None

    @property
    def fields(self) -> tuple[str, ...]:
        """Every field of the table that drawing needs, each once."""
        named = [condition.field for condition in self.where]
        named += self.filters
        named += [paint.field for paint in (self.classes, self.categories) if paint]
        named += [self.labels.field] if self.labels else []
        return tuple(dict.fromkeys(named))

    @model_validator(mode="after")
    def _sound(self) -> "Layer":
        table = known_table(self.table)
        if sum(paint is not None for paint in (self.colour, self.classes, self.categories)) != 1:
            raise fault("one_paint")
        require_fields(table, self.fields)
        if self.classes and table[self.classes.field].kind not in {"number", "integer"}:
            raise fault("not_numeric", field=self.classes.field)
        return self


class Row(_Model):
    """One line of a card; without a title it is called as `tables` calls the field."""

    field: str
    title: Words | None = None


class Related(_Model):
    """Names of another table's rows that belong to the card's row.

    Parameters
    ----------
    table : str
    by : str
        Field that both tables share.
    name : str
        Field listed.
    where : tuple of Condition
    title : Words
    """

    table: str
    by: str
    name: str
    where: Annotated[tuple[Condition, ...], Field(strict=False)] = ()
    title: Words

    @model_validator(mode="after")
    def _sound(self) -> "Related":
        fields = (self.by, self.name, *(condition.field for condition in self.where))
        require_fields(known_table(self.table), fields)
        return self


class Card(_Model):
    """What a click on a row tells, and whether the search finds it.

    Parameters
    ----------
    title, subtitle : tuple of str
        Fields, written one after the other.
    rows : tuple of Row
        Fields that repeat for each service make one small table.
    lists : tuple of Related
    search : tuple of str
        Fields in which the search looks; empty keeps the table out of it.
    """

    title: Annotated[tuple[str, ...], Field(min_length=1, strict=False)]
    subtitle: Annotated[tuple[str, ...], Field(strict=False)] = ()
    rows: Annotated[tuple[Annotated[Row, BeforeValidator(_as_row)], ...], Field(strict=False)] = ()
    lists: Annotated[tuple[Related, ...], Field(strict=False)] = ()
    search: Annotated[tuple[str, ...], Field(strict=False)] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        """Every field of the card's own table, each once."""
        named = [*self.title, *self.subtitle, *self.search]
        named += [row.field for row in self.rows] + [related.by for related in self.lists]
        return tuple(dict.fromkeys(named))


class Relief(_Model):
    """The base map: hillshade of the study's own terrain, tinted by elevation.

    Parameters
    ----------
    tints : tuple of str
        Colours from the lowest to the highest ground; one colour for no tint.
    shades : int
        Grey steps; `shades` × `tints` must fit a palette of 255.
    darkest : float
        Lightness of full shadow, 0 to 1.
    largest_px : int
        Longest side of the picture; larger terrain is averaged down.
    """

    tints: Annotated[tuple[Colour, ...], Field(min_length=1, strict=False)]
    shades: Annotated[int, Field(ge=2, le=255)]
    darkest: Opacity
    largest_px: Annotated[int, Field(ge=16, le=4000)]

    @model_validator(mode="after")
    def _fits_palette(self) -> "Relief":
        if self.shades * len(self.tints) > 255:
            raise fault("palette", found=self.shades * len(self.tints))
        return self


class Theme(_Model):
    """One map; see docs/maps.md.

    Parameters
    ----------
    title : Words
    simplify_m : float
        Lines and borders may move by about this much; neighbours move together.
    close_cracks_m : float
        Where neighbouring units do not quite meet, cracks narrower than this
        are closed in the picture.
    relief : Relief, optional
    layers : tuple of Layer
        From the bottom of the picture to its top; the legend keeps the order.
    cards : mapping of table name to Card
    """

    title: Words
    simplify_m: Annotated[float, Field(ge=0, le=1000)]
    close_cracks_m: Annotated[float, Field(ge=0, le=5000)]
    relief: Relief | None = None
    layers: Annotated[tuple[Layer, ...], Field(min_length=1, strict=False)]
    cards: dict[str, Card] = {}

    @model_validator(mode="after")
    def _sound(self) -> "Theme":
        repeated = [
            name for name, count in Counter(layer.id for layer in self.layers).items() if count > 1
        ]
        if repeated:
            raise fault("repeated", names=", ".join(sorted(repeated)))
        for name, card in self.cards.items():
            require_fields(known_table(name), card.fields)
        return self

    def fields(self, table: str) -> tuple[str, ...]:
        """Return every field of a table that the map needs, each once."""
        named = [field for layer in self.layers if layer.table == table for field in layer.fields]
        if table in self.cards:
            named += self.cards[table].fields
        for card in self.cards.values():
            for related in card.lists:
                if related.table == table:
                    named += [related.by, related.name]
                    named += [condition.field for condition in related.where]
        for field in [name for name in named if name in SHARES]:
            named += SHARES[field][1:]
        return tuple(dict.fromkeys(named))


def known_table(name: str) -> Table:
    """Return the table a theme names, or refuse it with the nearest known name."""
    if name not in TABLES:
        raise fault("unknown_table", table=name, known=", ".join(TABLES))
    return TABLES[name]


def require_fields(table: Table, names: Iterable[str]) -> None:
    """Refuse names that are no fields of the table."""
    for name in names:
        if name not in table.columns:
            nearest = difflib.get_close_matches(name, table.columns, n=1)
            raise fault(
                "unknown_field",
                field=name,
                table=table.name,
                nearest=nearest[0] if nearest else "–",
            )
