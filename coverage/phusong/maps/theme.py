"""The keys of a map theme and their rules: what is drawn, how, and what its legend says.

A theme names tables and fields of `tables` and nothing of Python, so a
department adds a map by adding a TOML file. Nothing is drawn here.
"""

import difflib
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

import pandas as pd
from pydantic import BeforeValidator, Field, model_validator

from ..i18n import Bilingual, words
from ..tables import (
    COMPARISON_TABLES,
    PLACES,
    RESULT_TABLES,
    RIVERS,
    ROADS,
    SITING_TABLES,
    GeometryKind,
    Table,
)
from .paint import (
    SHARES,
    Categories,
    Classes,
    Classing,
    Code,
    Colour,
    Dash,
    Identifier,
    Model,
    Opacity,
    Pixels,
    Shape,
    Words,
    Zoom,
    fault,
)

TABLES: Mapping[str, Table] = {
    **{name: table for name, table in RESULT_TABLES.items() if table.geometry},
    **{name: table for name, table in COMPARISON_TABLES.items() if table.geometry},
    **{name: table for name, table in SITING_TABLES.items() if table.geometry},
    **{table.name: table for table in (ROADS, RIVERS, PLACES)},
}
"""What a map can draw."""


SEARCHED: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "communes": (("type", "name"), ("commune_code",)),
    "districts": (("district",), ("district_code",)),
    "villages": (("name",), ("village_id",)),
    "stations": (("site_name",), ("station_id", "site_id")),
    "offices": (("name",), ("office_id",)),
    "spans": (("name",), ("id",)),
}
"""What the search finds on every map, drawn or not, best first: by which names, by which codes."""


class Condition(Model):
    """Rows whose field has one of the values."""

    field: str
    values: Annotated[tuple[bool | Code | int, ...], Field(min_length=1, strict=False)]


class Labels(Model):
    """Names written on the map where there is room, from a zoom on."""

    field: str
    size_px: Pixels
    colour: Colour
    from_zoom: Zoom = 0
    italic: bool = False


class Entry(Model):
    """What the legend lists and switches: a layer or a raster.

    Parameters
    ----------
    id : str
        Unique in the theme.
    title : Bilingual
    note : Bilingual, optional
        Shown under the title in the legend.
    shown : bool
        Visible when the page opens.
    instead_of : tuple of str
        Entries that are switched off when this one is switched on, and the other
        way round: two fills of the same area cannot be read together.
    """

    id: Identifier
    title: Words
    note: Words | None = None
    shown: bool = True
    instead_of: Annotated[tuple[Identifier, ...], Field(strict=False)] = ()


class Otherwise(Model):
    """What a layer shows where the study, or one of its services, has no value of its own field.

    Parameters
    ----------
    field : str
        Drawn in the same classes.
    title : Bilingual
        Of the layer then.
    """

    field: str
    title: Words


class ThemeLayer(Entry):
    """One layer: rows of a table, one way of drawing them, one entry of the legend.

    Exactly one of `colour`, `classes` and `categories` is given.

    Parameters
    ----------
    table : str
        A result table or a context table (roads, rivers, places).
    background : bool
        Listed last and briefly: what helps to find one's way.
    where : tuple of Condition
        All must hold.
    filters : tuple of str
        Fields whose values the reader may switch off one by one.
    otherwise : Otherwise, optional
        Of a layer with `classes`.
    as_points : bool
        Draw a symbol in the middle of each polygon, so that small ones are seen.
    fill_opacity, width_px, dash, outline, radius_px, shape
        Fill and outline of polygons, strokes of lines, symbols of points.
    cluster_above : int
        More points than this are gathered into counted clusters.
    """

    table: str
    background: bool = False
    where: Annotated[tuple[Condition, ...], Field(strict=False)] = ()
    filters: Annotated[tuple[str, ...], Field(strict=False)] = ()
    colour: Colour | None = None
    classes: Classing | None = None
    otherwise: Otherwise | None = None
    categories: Categories | None = None
    as_points: bool = False
    outline: Colour = "#4d4d4d"
    fill_opacity: Opacity = 1.0
    width_px: Pixels = 1.0
    dash: Dash = ""
    radius_px: Pixels = 4.0
    shape: Shape = "circle"
    cluster_above: Annotated[int, Field(ge=0)] = 5000
    labels: Labels | None = None

    @property
    def geometry(self) -> GeometryKind:
        """What is drawn of a row."""
        return "Point" if self.as_points else TABLES[self.table].geometry or "Point"

    @property
    def paint(self) -> Classing | Categories | None:
        """By which field rows are drawn differently; None where all look alike."""
        return self.classes or self.categories

    @property
    def deciding(self) -> tuple[str, ...]:
        """The fields that decide whether and how a row is drawn."""
        return (*(one.field for one in self.where), *([self.paint.field] if self.paint else []))

    @property
    def shown_fields(self) -> tuple[str, ...]:
        """The fields whose values the page itself shows or switches."""
        classed = [self.classes.field] if self.classes else []
        return (*self.filters, *classed, *([self.labels.field] if self.labels else []))

    @property
    def fields(self) -> tuple[str, ...]:
        """Every field of the table that drawing needs, each once."""
        return tuple(dict.fromkeys([*self.deciding, *self.shown_fields]))

    @model_validator(mode="after")
    def _sound(self) -> "ThemeLayer":
        table = known_table(self.table)
        if sum(paint is not None for paint in (self.colour, self.classes, self.categories)) != 1:
            raise fault("one_paint")
        require_fields(table, self.fields)
        if self.otherwise is not None:
            if self.classes is None:
                raise fault("otherwise_of_classes")
            require_fields(table, [self.otherwise.field])
        if self.labels and self.geometry == "LineString":
            raise fault("labels_of_lines", table=self.table)
        if self.as_points and table.geometry != "Polygon":
            raise fault("not_polygons", table=self.table)
        if self.classes and table[self.classes.field].kind not in {"number", "integer"}:
            raise fault("not_numeric", field=self.classes.field)
        if self.categories and table[self.categories.field].kind == "number":
            raise fault("not_categorical", field=self.categories.field)
        return self


class Raster(Entry):
    """A raster of the service shown, below all layers.

    Parameters
    ----------
    quantity : {"margin_db", "level_dbm", "servers", "best_server"}
        Level of the best server above threshold and allowances, dB: served from
        0 up; its level; stations that serve; which cell is the best server.
    classes : Classes, optional
        Of a number.
    categories : Categories, optional
        Of the best server, by its operator or technology; without them each
        station has a colour of its own.
    largest_px : int
        Longest side of the picture; of a larger raster only some pixels are taken.
    """

    quantity: Literal["margin_db", "level_dbm", "servers", "best_server"]
    classes: Classes | None = None
    categories: Categories | None = None
    largest_px: Annotated[int, Field(ge=16, le=4000)]

    @model_validator(mode="after")
    def _sound(self) -> "Raster":
        is_number = self.quantity != "best_server"
        if is_number != (self.classes is not None) or (is_number and self.categories is not None):
            raise fault("raster_paint", quantity=self.quantity)
        by = self.categories
        if by is not None and (by.field not in ("operator", "technology") or by.ramp):
            raise fault("raster_categories", field=by.field)
        return self


def _as_row(value: Any) -> Any:
    return {"field": value} if isinstance(value, str) else value


class Row(Model):
    """One line of a card; without a title it is called as `tables` calls the field.

    Parameters
    ----------
    field : str
    title : Bilingual, optional
    below : tuple of str
        Fields whose values stand small below the field's own, such as its parts.
    joined : {"+", "–"}
        What stands between them: parts of a sum, or the ends of a band.
    unless : str, optional
        Field that tells more: where it has a value, this row is left out.
    """

    field: str
    title: Words | None = None
    below: Annotated[tuple[str, ...], Field(strict=False)] = ()
    joined: Literal["+", "–"] = "+"
    unless: str | None = None


class Related(Model):
    """Names of another table's rows that belong to the card's row.

    Parameters
    ----------
    table : str
    by : str
        Field that both tables share.
    name : str
        Field listed.
    where : tuple of Condition
    title : Bilingual
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


class Card(Model):
    """What a click on a row tells, and by what else the search finds it.

    Parameters
    ----------
    title, subtitle : tuple of str
        Fields, written one after the other.
    rows : tuple of Row
        Fields that repeat for each service make one small table.
    lists : tuple of Related
    search : tuple of str
        Further fields in which the search looks, besides those of `SEARCHED`.
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
        named += [name for row in self.rows for name in (row.field, *row.below)]
        named += [related.by for related in self.lists]
        return tuple(dict.fromkeys(named))


class Relief(Model):
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


class Theme(Model):
    """One map; see docs/maps.md.

    Parameters
    ----------
    title : Bilingual
    note : Bilingual, optional
        Which question the map answers, under its title.
    order : int
        Maps are listed from the smallest number up, those of one number by name.
    simplify_m : float
        Lines and borders may move by about this much; neighbours move together.
    close_cracks_m : float
        Where neighbouring units do not quite meet, cracks narrower than this
        are closed in the picture.
    relief : Relief, optional
    rasters : tuple of Raster
        Between the relief and the layers; listed first.
    layers : tuple of ThemeLayer
        From the bottom of the picture to its top; the legend keeps the order.
    cards : mapping of table name to Card
    """

    title: Words
    note: Words | None = None
    order: Annotated[int, Field(ge=0)] = 100
    simplify_m: Annotated[float, Field(ge=0, le=1000)]
    close_cracks_m: Annotated[float, Field(ge=0, le=5000)]
    relief: Relief | None = None
    rasters: Annotated[tuple[Raster, ...], Field(strict=False)] = ()
    layers: Annotated[tuple[ThemeLayer, ...], Field(min_length=1, strict=False)]
    cards: dict[str, Card] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _sound(self) -> "Theme":
        entries: tuple[Entry, ...] = (*self.rasters, *self.layers)
        ids = Counter(one.id for one in entries)
        if repeated := sorted(name for name, count in ids.items() if count > 1):
            raise fault("repeated", names=", ".join(repeated))
        others = {name for one in entries for name in one.instead_of}
        if unknown := sorted(others - set(ids)):
            raise fault("unknown_layer", names=", ".join(unknown), known=", ".join(ids))
        for name, card in self.cards.items():
            require_fields(known_table(name), card.fields)
        return self

    def fields(self, table: str) -> tuple[str, ...]:
        """Return every field of a table whose values the map tells, each once.

        Parameters
        ----------
        table : str
            Name of the table.

        Returns
        -------
        tuple of str
            In the order in which the theme names them.
        """
        drawn = [layer for layer in self.layers if layer.table == table]
        named = [field for layer in drawn for field in layer.shown_fields]
        if table in self.cards:
            named += self.cards[table].fields
        for card in self.cards.values():
            for related in card.lists:
                if related.table == table:
                    named += [related.by, related.name]
                    named += [condition.field for condition in related.where]
        names, codes = SEARCHED.get(table, ((), ()))
        named += [*names, *codes]
        for field in [name for name in named if name in SHARES]:
            named += [name for name in SHARES[field][1:] if name]
        # A text in both languages has two columns.
        named += [f"{name}_en" for name in named if f"{name}_en" in TABLES[table].columns]
        return tuple(dict.fromkeys(named))


def as_known(
    theme: Theme, tables: Mapping[str, pd.DataFrame], errors: Mapping[str, Bilingual]
) -> Theme:
    """Return a theme that shows what is known, in place of what a layer would rather show.

    That is what its `ThemeLayer.otherwise` says where its own field has no value, and
    shares of land in place of shares of residents nobody knows. What it says of estimates
    tells whence their errors are known.

    Parameters
    ----------
    theme : Theme
    tables : mapping of str to DataFrame
        Rows of the layers.
    errors : mapping of str to Bilingual
        By run, as `tables.Field.called` takes it.

    Returns
    -------
    Theme
    """

    def layer_as_known(layer: ThemeLayer) -> ThemeLayer:
        table = tables.get(layer.table)
        layer = layer_of(layer, table)
        classing = layer.classes
        # A file without a figure of them has no column of residents.
        known = table is None or ("population" in table and table["population"].notna().any())
        if known or classing is None or classing.field != "covered_population_share":
            return layer
        return layer.model_copy(
            update={
                "title": words("maps.by_area"),
                "classes": classing.model_copy(update={"field": "covered_area_share"}),
            }
        )

    layers = [told_of_errors(layer_as_known(layer), errors) for layer in theme.layers]
    note = theme.note
    for layer in layers:
        if note is theme.note and note is not None and layer.paint is not None:
            note = TABLES[layer.table][layer.paint.field].called(note, errors)
    cards = {name: _card_told(name, card, errors) for name, card in theme.cards.items()}
    return theme.model_copy(update={"layers": tuple(layers), "note": note, "cards": cards})


def told_of_errors(layer: ThemeLayer, errors: Mapping[str, Bilingual]) -> ThemeLayer:
    """Return a layer whose title tells, if an estimate paints it, whence its errors are known.

    Parameters
    ----------
    layer : ThemeLayer
    errors : mapping of str to Bilingual
        By run, as `tables.Field.called` takes it.

    Returns
    -------
    ThemeLayer
    """
    if layer.paint is None:
        return layer
    title = TABLES[layer.table][layer.paint.field].called(layer.title, errors)
    return layer.model_copy(update={"title": title})


def _card_told(table: str, card: Card, errors: Mapping[str, Bilingual]) -> Card:
    """Return a card whose rows with a title of their own tell the same of estimates."""

    def row_told(row: Row) -> Row:
        if row.title is None:  # called as `tables` calls the field
            return row
        return row.model_copy(update={"title": TABLES[table][row.field].called(row.title, errors)})

    return card.model_copy(update={"rows": tuple(map(row_told, card.rows))})


def layer_of(layer: ThemeLayer, table: pd.DataFrame | None) -> ThemeLayer:
    """Return a layer with its own field, or with the other one where a service has that alone.

    Parameters
    ----------
    layer : ThemeLayer
    table : DataFrame, optional
        Its rows.

    Returns
    -------
    ThemeLayer
    """
    classing, other = layer.classes, layer.otherwise
    if classing is None or other is None:
        return layer
    own, instead = (_told(layer.table, one, table) for one in (classing.field, other.field))
    if own and instead <= own:
        return layer
    return layer.model_copy(
        update={
            "title": other.title,
            "classes": classing.model_copy(update={"field": other.field}),
        }
    )


def _told(name: str, field: str, table: pd.DataFrame | None) -> set[str]:
    """Return the services for which a table has a value of a field; "" for one that has none."""
    if table is None:
        return set()
    start = f"{field}_" if by_service(name, field) else field
    columns = [str(one) for one in table if str(one).startswith(start)]
    return {one.removeprefix(start) for one in columns if table[one].notna().any()}


def known_table(name: str) -> Table:
    """Return the table a theme names, or refuse it with the nearest known name."""
    if name not in TABLES:
        raise fault("unknown_table", table=name, known=", ".join(TABLES))
    return TABLES[name]


def by_service(table: str, field: str) -> bool:
    """Tell whether a field of a table repeats for each service."""
    return TABLES[table][field].per == "service"


def require_fields(table: Table, names: Iterable[str]) -> None:
    """Refuse names that are no fields of the table."""
    for name in names:
        if name not in table.columns:
            nearest = difflib.get_close_matches(name, table.columns, n=1)
            raise fault(
                "unknown_field",
                field=name,
                table=table.name,
                nearest=nearest[0] if nearest else words("common.nothing_alike"),
            )
