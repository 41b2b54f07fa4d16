"""The maps' themes as styles of exported layers, so that QGIS shows what the maps show.

`export` and `maps` do not know each other; here a theme's layer becomes a
`Style`, one for each service where its colours depend on the service.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from ...export import Condition, Layer, Rule, Style, Symbol
from ...i18n import text
from ...maps import ServiceInfo, open_theme, theme_names
from ...maps.legend import cut_classes, mix
from ...maps.paint import Category, Words
from ...maps.theme import TABLES
from ...maps.theme import Layer as Drawn
from ...tables import Table

FIRST_THEME = "overview"


def layer_styles(
    layers: Sequence[Layer], services: Sequence[ServiceInfo]
) -> dict[str, tuple[Style, ...]]:
    """Return how the shipped themes draw each layer, the overview's way first.

    Parameters
    ----------
    layers : sequence of Layer
        Exported tables.
    services : sequence of ServiceInfo
        The services they have columns for; the first is shown first.

    Returns
    -------
    dict of str to tuple of Style
        By table name; a table that no theme draws is absent.
    """
    exported = {layer.name: layer for layer in layers}
    themes = sorted(theme_names(), key=lambda name: (name != FIRST_THEME, name))
    styles: dict[str, dict[str, Style]] = {}
    for theme in map(open_theme, themes):
        for drawn in theme.layers:
            if drawn.table in exported:
                for style in _styles(drawn, exported[drawn.table], services):
                    styles.setdefault(drawn.table, {}).setdefault(style.vi, style)
    return {table: tuple(by_title.values()) for table, by_title in styles.items()}


def _styles(drawn: Drawn, layer: Layer, services: Sequence[ServiceInfo]) -> Iterator[Style]:
    defined = TABLES[drawn.table]
    by_service = "service" in defined.columns or any(defined[name].per for name in drawn.fields)
    for service in services if by_service else (None,):
        column = partial(_column, defined, service)
        if {column(name) for name in drawn.fields} <= set(layer.table.columns):
            yield _style(drawn, layer, column, service)


def _column(defined: Table, service: ServiceInfo | None, field: str) -> str:
    return f"{field}_{service.id}" if service and defined[field].per else field


def _style(
    drawn: Drawn, layer: Layer, column: Callable[[str], str], service: ServiceInfo | None
) -> Style:
    base = Symbol(
        colour=drawn.colour or drawn.outline, fill_opacity=drawn.fill_opacity,
        outline=drawn.outline, width_px=drawn.width_px, dash=drawn.dash,
        radius_px=drawn.radius_px, shape=drawn.shape,
    )  # fmt: skip
    where = [Condition(field=column(one.field), values=one.values) for one in drawn.where]
    if service and "service" in layer.table.columns:
        where.append(Condition(field="service", values=(service.id,)))
    rules, other = _rules(drawn, layer, column, base, service)
    # Points that the map leaves out are shown small, lest a layer seem to lack rows.
    rest = None
    if where and layer.table.geometry == "Point":
        small = Symbol(radius_px=1.5, width_px=0)
        rest = Rule(vi=text("export.rest", "vi"), en=text("export.rest", "en"), symbol=small)
    return Style(
        vi=f"{drawn.title.vi} – {service.vi}" if service else drawn.title.vi,
        en=f"{drawn.title.en} – {service.en}" if service else drawn.title.en,
        where=tuple(where), rules=rules, other=other, rest=rest,
        label=column(drawn.labels.field) if drawn.labels else "",
    )  # fmt: skip


def _rules(
    drawn: Drawn,
    layer: Layer,
    column: Callable[[str], str],
    base: Symbol,
    service: ServiceInfo | None,
) -> tuple[tuple[Rule, ...], Rule | None]:
    """Return the rules of a layer's paint, and the rule for what they do not take."""
    if drawn.classes:
        field = column(drawn.classes.field)
        classed = tuple(
            Rule(
                vi=one["label"]["vi"], en=one["label"]["en"],
                symbol=_sized(
                    replace(base, colour=one["colour"]), one["size_px"], layer.table.geometry
                ),
                conditions=(Condition(field=field, at_least=one["from"], below=one["to"]),),
            )
            for one in cut_classes(drawn.classes, service)
        )  # fmt: skip
        return classed, _other(base, drawn.classes.no_data)
    if drawn.categories:
        paint = drawn.categories
        field = column(paint.field)
        found = sorted({row[field] for row in layer.rows if row[field] is not None})
        ramp = [
            Category(value=value, title=Words(vi=str(value), en=str(value)), colour=colour)
            for value, colour in zip(found, mix(paint.ramp, len(found)), strict=True)
        ] if paint.ramp else []  # fmt: skip
        listed = tuple(
            Rule(
                vi=item.title.vi, en=item.title.en, symbol=_listed(base, item),
                conditions=(Condition(field=field, values=(item.value,)),),
            )
            for item in (*paint.items, *ramp)
        )  # fmt: skip
        return listed, _other(base, paint.other)
    return (Rule(vi=drawn.title.vi, en=drawn.title.en, symbol=base),), None


def _other(base: Symbol, colour: str) -> Rule:
    return Rule(
        vi=text("export.no_class", "vi"),
        en=text("export.no_class", "en"),
        symbol=replace(base, colour=colour),
    )


def _sized(symbol: Symbol, size_px: float | None, geometry: str | None) -> Symbol:
    """Return the symbol with a class's size: the width of a line, the radius of a mark."""
    if size_px is None:
        return symbol
    if geometry == "Point":
        return replace(symbol, radius_px=size_px)
    return replace(symbol, width_px=size_px)


def _listed(base: Symbol, item: Category) -> Symbol:
    return replace(
        base,
        colour=item.colour,
        width_px=base.width_px if item.width_px is None else item.width_px,
        dash=base.dash if item.dash is None else item.dash,
        radius_px=base.radius_px if item.radius_px is None else item.radius_px,
        shape=item.shape or base.shape,
    )
