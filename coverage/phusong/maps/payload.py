"""Resolve a theme against a study's tables: the plain data that the page's script draws.

Columns are stored as lists and shared by all layers of a table; a layer adds
only how it is drawn. Everything said is here in both languages, so that the
page switches without a reload.
"""

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from ..errors import PhusongError
from ..i18n import LANGUAGES, Bilingual, both, catalogue, words
from ..tables import CODE_LISTS
from .drawing import Drawing, Look, draw_rows, plain_values
from .geometry import DEGREES, anchors, encode, outlines, simplified, united
from .layers import MapData, PageLink, ServiceInfo
from .legend import cut, denominator
from .paint import SHARES
from .pictures import Picture
from .planes import PATCHES, cell_columns, planes_once
from .readout import readout
from .relief import draw_relief
from .theme import SEARCHED, TABLES, Card, Raster, Row, Theme, ThemeLayer, as_known, by_service
from .told import Told, told

UNITS = frozenset({"communes", "districts", "province"})
RASTER_UNITS = {"margin_db": "dB", "level_dbm": "dBm"}


class NothingToDrawError(PhusongError, ValueError):
    """None of the layers that a theme is about has data in this study."""


def resolve(
    theme: Theme,
    data: MapData,
    pages: Sequence[PageLink] = (),
    name: str = "",
    *,
    tiled: bool = True,
) -> dict[str, Any]:
    """Return everything the page needs, ready for JSON; what is large is `Told` already.

    Parameters
    ----------
    theme : Theme
    data : MapData
    pages : sequence of PageLink
        The pages of the folder; empty for a map that stands alone.
    name : str
        Which of them this one is.
    tiled : bool
        Whether a page of a large study holds every pixel of the signal.

    Raises
    ------
    NothingToDrawError
        If the study has nothing of what the theme is about: its rasters and the
        layers that are no background.
    """
    services = [service.id for service in data.services]
    theme = as_known(theme, data.tables, data.errors)
    require_something(theme, data, services)
    wanted = {layer.table for layer in theme.layers}
    tables = {
        name: table for name, table in data.tables.items() if name in wanted or theme.fields(name)
    }
    drawn = {name: table for name, table in tables.items() if name in wanted and len(table)}
    shapes = drawn_shapes(theme, data, drawn)
    dated = dated_line(data)
    return {
        "title": asdict(theme.title),
        "note": theme.note and asdict(theme.note),
        "study": asdict(data.title),
        "bounds": _bounds(shapes),
        "area": _told(
            data,
            ("area", *sorted(UNITS & set(shapes)), theme.simplify_m, theme.close_cracks_m),
            partial(_area, shapes),
        ),
        "readout": readout(next(iter(tables.values())).crs),
        "relief": _relief(theme, data),
        "dated": None if dated is None else asdict(dated),
        "boundaries": data.boundaries and asdict(data.boundaries),
        "attributions": asdict(words("common.attributions", named="; ".join(data.attributions)))
        if data.attributions
        else None,
        "sample": data.sample and asdict(data.sample),
        "sample_notice": data.sample_notice and asdict(data.sample_notice),
        "services": [_service(service) for service in data.services],
        "choosable": asks_service(theme, tables),
        "words": _catalogue("maps", "page")
        | {
            key: dict(catalogue()[verdict_key(key, data)])
            for key in ("target_met", "target_missed")
        },
        "values": _catalogue("maps", "value")
        | _catalogue("egov", "contradiction")
        | {key: dict(catalogue()[verdict_key(key, data)]) for key in ("met", "missed")},
        "tables": {
            name: _table(name, table, shapes.get(name), theme, data)
            for name, table in tables.items()
        },
        "cards": {name: card.model_dump() for name, card in theme.cards.items()},
        **_search(theme, tables),
        "page": name,
        "pages": [asdict(page) for page in pages] or None,
        "rasters": [_raster(raster, data) for raster in theme.rasters],
        "planes": planes_once(data, [raster.largest_px for raster in theme.rasters], tiled=tiled),
        "patches": PATCHES,
        "cells": _told(data, ("cells",), partial(cell_columns, data.cells))
        if data.cells is not None and (theme.rasters or "stations" in theme.cards)
        else None,
        "layers": [
            _layer(layer, data, services, shapes.get(layer.table)) for layer in theme.layers
        ],
    }


def _told(data: MapData, key: tuple[Hashable, ...], make: Callable[[], Any]) -> Told:
    """Return what pages carry as JSON, written once for all of them."""
    made: Told = data.once(key, lambda: told(make()))
    return made


def page_link(name: str, theme: Theme, data: MapData) -> PageLink | None:
    """Return how other pages link to the page of a theme.

    Parameters
    ----------
    name : str
        Of its file.
    theme : Theme
    data : MapData

    Returns
    -------
    PageLink or None
        None if the study has nothing of what the theme is about: no page is written.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from phusong.i18n import Bilingual
    >>> from phusong.maps import open_theme
    >>> communes = gpd.GeoDataFrame(
    ...     {"commune_code": ["00691"], "name": ["Xín Mần"], "has_lan": [True]},
    ...     geometry=gpd.points_from_xy([445_000], [2_525_000]).buffer(5000), crs="EPSG:9209",
    ... )
    >>> data = MapData(title=Bilingual("Mẫu", "Sample"), tables={"communes": communes})
    >>> page_link("gaps", open_theme("gaps"), data) is None
    True
    """
    services = [service.id for service in data.services]
    try:
        require_something(theme, data, services)
    except NothingToDrawError:
        return None
    drawn = {one.table for one in theme.layers if is_available(one, data, services)}
    return PageLink(
        name=name,
        title=theme.title,
        tables=tuple(table for table in theme.cards if table in drawn),
    )


def _search(theme: Theme, tables: Mapping[str, gpd.GeoDataFrame]) -> dict[str, Any]:
    """Return in which fields the search looks, short cards for what has no other, and codes."""
    searched, found, keys = {}, {}, {}
    for name, (names, codes) in SEARCHED.items():
        if name in tables:
            searched[name] = [*names, *codes]
            keys[name] = codes[0]
            if name not in theme.cards:
                found[name] = Card(title=names, rows=tuple(Row(field=code) for code in codes))
    for name, card in theme.cards.items():
        if name in tables:
            searched[name] = list(dict.fromkeys([*searched.get(name, ()), *card.search]))
            keys.setdefault(name, TABLES[name].key[0])
    return {
        "searched": {name: fields for name, fields in searched.items() if fields},
        "found": {name: card.model_dump() for name, card in found.items()},
        "keys": keys,
    }


def _relief(theme: Theme, data: MapData) -> dict[str, Any] | None:
    if theme.relief is None or data.hillshade is None:
        return None
    draw = partial(draw_relief, theme.relief, data.hillshade, data.terrain)
    return _placed(data.once(("relief", theme.relief), draw))


def require_something(theme: Theme, data: MapData, services: Sequence[str]) -> None:
    """Refuse a study that has nothing of what the theme is about."""
    rasters = any(data.rasters.get(raster.quantity) for raster in theme.rasters)
    drawable = {layer.id for layer in theme.layers if is_available(layer, data, services)}
    require_drawable(theme, drawable, rasters=rasters)


def require_drawable(theme: Theme, drawable: Collection[str], *, rasters: bool) -> None:
    """Refuse a theme of which only the background can be drawn.

    Parameters
    ----------
    theme : Theme
    drawable : collection of str
        Ids of the layers that can be drawn.
    rasters : bool
        Whether any of the theme's rasters can.

    Raises
    ------
    NothingToDrawError
        Naming the tables that the theme is about.
    """
    about = [layer for layer in theme.layers if not layer.background] or theme.layers
    if not drawable or not (rasters or any(one.id in drawable for one in about)):
        wanted = sorted({layer.table for layer in about})
        raise NothingToDrawError("maps.nothing_to_draw", tables=", ".join(wanted))


def is_available(layer: ThemeLayer, data: MapData, services: Sequence[str]) -> bool:
    """Tell whether the study has the rows and columns without which nothing can be drawn."""
    table = data.tables.get(layer.table)
    if table is None or not len(table):
        return False
    return all(_columns(layer.table, name, table.columns, services) for name in layer.deciding)


def asks_service(theme: Theme, tables: Mapping[str, gpd.GeoDataFrame]) -> bool:
    """Tell whether the picture changes with the service."""
    return bool(theme.rasters) or any(
        "service" in tables[layer.table].columns
        or any(by_service(layer.table, name) for name in layer.fields)
        for layer in theme.layers
        if layer.table in tables
    )


def dated_line(data: MapData) -> Bilingual | None:
    """Return the line that says which boundaries and which day the map shows."""
    told = [] if data.boundaries is None else [data.boundaries]
    if data.as_of is not None:
        told.append(words("maps.dated", date=data.as_of))
    return both(lambda lang: " ".join(one[lang] for one in told)) if told else None


def verdict_key(verdict: str, data: MapData) -> str:
    """Return the key of a verdict's words: of invented data it is an example."""
    if data.sample is not None:
        return f"maps.example_{verdict}"
    return f"maps.{'page' if verdict.startswith('target') else 'value'}_{verdict}"


def _columns(table: str, field: str, present: Iterable[str], services: Sequence[str]) -> list[str]:
    """Return the columns there are of a field: one, or one a service."""
    named = [f"{field}_{one}" for one in services] if by_service(table, field) else [field]
    return [name for name in named if name in present]


def drawn_shapes(
    theme: Theme, data: MapData, tables: Mapping[str, gpd.GeoDataFrame]
) -> dict[str, gpd.GeoSeries]:
    """Return the tables' geometries as drawn, in WGS 84; maps of the same detail share them."""
    detail = (theme.simplify_m, theme.close_cracks_m)
    communes = data.tables.get("communes")

    def shape(name: str) -> gpd.GeoSeries:
        table, units = data.tables[name], name in UNITS
        if name == "districts" and communes is not None and len(communes):
            joined = partial(outlines, table, communes, shape("communes"), key="district_code")
            return data.once(("outlines", detail), joined)
        draw = partial(
            simplified,
            table,
            tolerance_m=theme.simplify_m,
            close_cracks_m=theme.close_cracks_m if units else None,
            coverage=data.is_coverage(name) if units else None,
        )
        return data.once(("shapes", name, detail), draw)

    return {name: shape(name) for name in tables}


def _placed(picture: Picture) -> dict[str, Any]:
    return {"url": picture.url, "bounds": picture.bounds}


def raster_needs(raster: Raster) -> tuple[str, ...]:
    """Return the rasters of a study without which one of a theme cannot be drawn."""
    derived = {"level_dbm": ("best_server", "level_dbm"), "best_server": ("best_server",)}
    return ("margin_db", *derived.get(raster.quantity, (raster.quantity,)))


def _raster(raster: Raster, data: MapData) -> dict[str, Any]:
    """Return how the page colours a raster, and its classes as the legend lists them."""
    unit = RASTER_UNITS.get(raster.quantity, "")
    needs_cells = raster.quantity == "best_server"
    return raster.model_dump(exclude={"classes"}) | {
        "available": all(data.rasters.get(name) for name in raster_needs(raster))
        and not (needs_cells and data.cells is None),
        "breaks": raster.classes.breaks if raster.classes else (),
        "classes": [
            {
                "colour": one["colour"],
                "label": one["label"]
                if raster.classes.titles
                else {lang: f"{one['label'][lang]} {unit}".strip() for lang in LANGUAGES},
            }
            for one in cut(raster.classes, raster.quantity)
        ]
        if raster.classes
        else [],
    }


def _area(shapes: Mapping[str, gpd.GeoSeries]) -> list[list[int]] | None:
    """Return the rings around the study area, and around holes in it, as drawn."""
    units = next(
        (shapes[name] for name in ("communes", "districts", "province") if name in shapes), None
    )
    if units is None:
        return None
    whole = gpd.GeoSeries([united(units.to_numpy())], crs=units.crs)
    return [ring for polygon in encode(whole)[0] or () for ring in polygon]


def _bounds(shapes: dict[str, gpd.GeoSeries]) -> list[list[float]]:
    """Return [[south, west], [north, east]] of the study area: communes if there are any."""
    area = [shapes["communes"]] if "communes" in shapes else list(shapes.values())
    boxes = np.array([series.total_bounds for series in area])
    west, south = boxes[:, :2].min(axis=0)
    east, north = boxes[:, 2:].max(axis=0)
    return [[round(float(v), 5) for v in corner] for corner in ((south, west), (north, east))]


def _service(service: ServiceInfo) -> dict[str, Any]:
    return {
        "id": service.id,
        "title": asdict(service.title),
        "definition": asdict(service.definition),
        "target": service.target_share,
    }


def _catalogue(room: str, prefix: str) -> dict[str, dict[str, str]]:
    """Return the room's words whose key starts with the prefix, under the rest of the key."""
    start = f"{room}.{prefix}_"
    return {
        key.removeprefix(start): dict(words)
        for key, words in catalogue().items()
        if key.startswith(start)
    }


def _table(
    name: str,
    table: gpd.GeoDataFrame,
    shapes: gpd.GeoSeries | None,
    theme: Theme,
    data: MapData,
) -> dict[str, Any]:
    definition = TABLES[name]
    services = [service.id for service in data.services]
    detail = (theme.simplify_m, theme.close_cracks_m)
    fields: dict[str, Any] = {}
    columns: dict[str, Told] = {}
    for field_name in theme.fields(name):
        field = definition[field_name]
        present = _columns(name, field_name, table.columns, services)
        if not present:
            continue
        columns |= {
            column: _told(data, ("column", name, column), partial(plain_values, table[column]))
            for column in present
        }
        part_whole = SHARES.get(field_name, ("", "", ""))[1:]
        fields[field_name] = {
            "title": asdict(field.called(field.title, data.errors)),
            "unit": {lang: field.unit_in(lang) for lang in LANGUAGES},
            # A whole number with a highest value is a calendar year, written without a separator.
            "kind": "year" if field.kind == "integer" and field.maximum is not None else field.kind,
            "perService": by_service(name, field_name),
            "coded": bool(field.choices),
            "listed": field_name in CODE_LISTS,
            "percent": field.kind == "number" and (field.minimum, field.maximum) == (0, 1),
            "share": {"part": part_whole[0], "whole": part_whole[1]} if part_whole[0] else None,
        }
    return {
        "geometry": definition.geometry,
        "fields": fields,
        "columns": columns,
        "length": len(table),
        "shapes": None
        if shapes is None
        else _told(data, ("encoded", name, detail), partial(encode, shapes)),
        "points": _told(data, ("points", name), partial(_points, table))
        if shapes is None and name in SEARCHED
        else None,
        "anchors": data.once(("anchors", name), partial(anchors, table))
        if shapes is not None and definition.geometry == "Polygon"
        and any(layer.labels or layer.as_points for layer in theme.layers if layer.table == name)
        else None,
    }  # fmt: skip


def _points(table: gpd.GeoDataFrame) -> list[Any]:
    """Return where the search leads for each row that is not drawn: a point, [lat, lon]."""
    return encode(table.geometry.representative_point().to_crs(DEGREES))


def _layer(
    layer: ThemeLayer, data: MapData, services: Sequence[str], shapes: gpd.GeoSeries | None
) -> dict[str, Any]:
    """Return a layer as the page draws and lists it, its drawings by service.

    A layer that is the same for all services has one drawing, under "". Its index
    is one number where all rows look alike; `common` is what all looks share.
    """
    available = is_available(layer, data, services)
    table = data.tables[layer.table] if available else pd.DataFrame()
    shown: Sequence[ServiceInfo | None] = [None]
    if "service" in table.columns or any(by_service(layer.table, one) for one in layer.deciding):
        shown = data.services or shown
    drawings = {
        service.id if service else "": draw_rows(
            layer, table, service, shapes=shapes if available else None
        )
        for service in shown
    }
    looks = [_look(look) for drawing in drawings.values() for look in drawing.looks]
    common = {name: one for name, one in looks[0].items() if all(x[name] == one for x in looks)}
    kept = {"id", "title", "note", "shown", "instead_of", "table", "background", "filters",
            "as_points", "cluster_above", "labels"}  # fmt: skip
    return layer.model_dump(include=kept) | {
        "geometry": layer.geometry,
        "available": available,
        "paint": "classes" if layer.classes else "categories" if layer.categories else None,
        "field": layer.paint and layer.paint.field,
        "note": _note(layer, data),
        "denominator": denominator(layer.classes.field) if layer.classes else None,
        "common": common,
        "drawings": {name: _drawing(drawing, common) for name, drawing in drawings.items()},
    }


def note_of(layer: ThemeLayer, data: MapData) -> Bilingual | None:
    """Return a layer's note, and what the values mean by which it is painted."""
    meaning = data.explained.get(layer.paint.field) if layer.paint else None
    told = [one for one in (layer.note, meaning) if one is not None]
    return both(lambda lang: ". ".join(one[lang] for one in told)) if told else None


def _note(layer: ThemeLayer, data: MapData) -> dict[str, str] | None:
    note = note_of(layer, data)
    return None if note is None else asdict(note)


def _look(look: Look) -> dict[str, Any]:
    """Return a look without the limits of its class: which rows have it is told by the index."""
    return {name: one for name, one in asdict(look).items() if name not in {"at_least", "below"}}


def _drawing(drawing: Drawing, common: Iterable[str]) -> dict[str, Any]:
    alike = len(drawing.index) and (drawing.index == drawing.index[0]).all()
    return {
        "looks": [
            {name: one for name, one in _look(look).items() if name not in common}
            for look in drawing.looks
        ],
        "index": int(drawing.index[0]) if alike else drawing.index.tolist(),
    }
