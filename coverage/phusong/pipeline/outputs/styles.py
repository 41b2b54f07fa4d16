"""The maps' themes as styles of exported layers, so that QGIS shows what the maps show.

`export` and `maps` do not know each other; here a theme's layer becomes a
`Style`, one for each service where its colours depend on the service.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import pandas as pd

from ...export import Condition, Layer, Rule, Style, Symbol
from ...i18n import LANGUAGES, Bilingual, words
from ...maps import ServiceInfo, Theme, open_theme, theme_names
from ...maps.drawing import Look, column_of, looks_of
from ...maps.theme import TABLES, ThemeLayer, by_service, layer_of, told_of_errors

FIRST_THEME = "overview"


def layer_styles(
    layers: Sequence[Layer], services: Sequence[ServiceInfo], errors: Bilingual
) -> dict[str, tuple[Style, ...]]:
    """Return how the shipped themes draw each layer, the overview's way first.

    Parameters
    ----------
    layers : sequence of Layer
        Exported tables.
    services : sequence of ServiceInfo
        The services they have columns for; the first is shown first.
    errors : Bilingual
        What is said of the errors of estimates, see `Study.errors`.

    Returns
    -------
    dict of str to tuple of Style
        By table name; a table that no theme draws is absent.
    """
    themes = sorted(theme_names(), key=lambda name: (name != FIRST_THEME, name))
    return theme_styles(map(open_theme, themes), layers, services, {"run": errors})


def theme_styles(
    themes: Iterable[Theme],
    layers: Sequence[Layer],
    services: Sequence[ServiceInfo],
    errors: Mapping[str, Bilingual],
) -> dict[str, tuple[Style, ...]]:
    """Return how some themes draw each layer, the first theme's way first; see `layer_styles`."""
    drawn = [layer for theme in themes for layer in theme.layers]
    styles = {}
    for exported in layers:
        by_title: dict[str, Style] = {}
        of_table = [layer for layer in drawn if layer.table == exported.name]
        if of_table:
            named = {one for layer in of_table for one in (*layer.fields, *_instead(layer))}
            rows = pd.DataFrame(
                {
                    name: exported.column(name)
                    for name in exported.table.columns
                    if name == "service"
                    or any(name == one or name.startswith(f"{one}_") for one in named)
                }
            )
            for layer in of_table:
                for style in _styles(layer, rows, services, errors):
                    by_title.setdefault(style.title.vi, style)
        if by_title:
            styles[exported.name] = tuple(by_title.values())
    return styles


def _instead(layer: ThemeLayer) -> tuple[str, ...]:
    return () if layer.otherwise is None else (layer.otherwise.field,)


def _styles(
    drawn: ThemeLayer,
    rows: pd.DataFrame,
    services: Sequence[ServiceInfo],
    errors: Mapping[str, Bilingual],
) -> Iterator[Style]:
    defined = TABLES[drawn.table]
    drawn = told_of_errors(layer_of(drawn, rows), errors)
    varies = "service" in defined.columns or any(
        by_service(drawn.table, name) for name in drawn.fields
    )
    for service in services if varies else (None,):
        if {column_of(drawn, name, service) for name in drawn.fields} <= set(rows.columns):
            yield _style(drawn, rows, service)


def _style(drawn: ThemeLayer, rows: pd.DataFrame, service: ServiceInfo | None) -> Style:
    drawing = looks_of(drawn, rows, service)
    rules = tuple(_rule(look, drawing.field) for look in drawing.looks if not look.rest)
    # Points that the map leaves out are shown small, lest a layer seem to lack rows.
    rest = None
    if drawing.where and TABLES[drawn.table].geometry == "Point":
        small = Symbol(radius_px=1.5, width_px=0)
        rest = Rule(title=words("export.rest"), symbol=small)
    title = drawn.title
    if service:
        title = Bilingual(*(f"{title[lang]} – {service.title[lang]}" for lang in LANGUAGES))
    return Style(
        title=title,
        where=tuple(Condition(field=column, values=values) for column, values in drawing.where),
        rules=rules,
        other=next((_rule(look, "") for look in drawing.looks if look.rest), None),
        rest=rest,
        label=column_of(drawn, drawn.labels.field, service) if drawn.labels else "",
    )


def _rule(look: Look, field: str) -> Rule:
    """Return a look as a rule; without a field it is for every row."""
    symbol = Symbol(
        colour=look.colour,
        fill_opacity=look.fill_opacity,
        outline=look.outline,
        width_px=look.width_px,
        dash=look.dash,
        radius_px=look.radius_px,
        shape=look.shape,
    )
    chosen = Condition(field=field, values=look.values, at_least=look.at_least, below=look.below)
    return Rule(title=look.words, symbol=symbol, conditions=(chosen,) if field else ())
