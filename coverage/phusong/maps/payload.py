"""Resolve a theme against a study's tables: the plain data that the page's script draws.

Columns are stored as lists and shared by all layers of a table; a layer adds
only how it is drawn. Everything said is here in both languages, so that the
page switches without a reload.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from ..errors import PhusongError
from ..i18n import LANGUAGES, catalogue, number, percent, text
from .geometry import anchors, encode, outlines, simplified
from .layers import Layers, ServiceInfo
from .relief import draw_relief
from .theme import SHARES, TABLES, Classes, Classing, Layer, Theme

UNITS = frozenset({"communes", "districts", "province"})
# Text fields that hold codes, comma separated.
FIELD_LISTS = frozenset({"missing_prerequisites", "unknown_prerequisites", "contradictions"})


class NothingToDrawError(PhusongError, ValueError):
    """None of a theme's layers has data in this study."""


def resolve(theme: Theme, layers: Layers) -> dict[str, Any]:
    """Return everything the page needs, ready for JSON.

    Raises
    ------
    NothingToDrawError
        If the study has none of the tables the theme draws.
    """
    wanted = {layer.table for layer in theme.layers}
    tables = {
        name: table for name, table in layers.tables.items() if name in wanted or theme.fields(name)
    }
    drawn = {name: table for name, table in tables.items() if name in wanted and len(table)}
    if not drawn:
        raise NothingToDrawError("maps.nothing_to_draw", tables=", ".join(sorted(wanted)))
    shapes = _shapes(theme, layers, drawn)
    relief = (
        draw_relief(theme.relief, layers.hillshade, layers.terrain)
        if theme.relief is not None and layers.hillshade is not None
        else None
    )
    services = [service.id for service in layers.services]
    return {
        "title": theme.title.model_dump(),
        "study": {"vi": layers.vi, "en": layers.en},
        "bounds": _bounds(shapes),
        "relief": relief and {"url": relief.url, "bounds": relief.bounds},
        "services": [_service(service) for service in layers.services],
        "words": _catalogue("maps", "page"),
        "values": _catalogue("maps", "value") | _catalogue("egov", "contradiction"),
        "tables": {
            name: _table(name, table, shapes.get(name), theme, services)
            for name, table in tables.items()
        },
        "cards": {name: card.model_dump() for name, card in theme.cards.items()},
        "layers": [_layer(layer, layers.services) for layer in theme.layers],
    }


def _shapes(
    theme: Theme, layers: Layers, tables: dict[str, gpd.GeoDataFrame]
) -> dict[str, gpd.GeoSeries]:
    shapes = {
        name: simplified(
            table,
            tolerance_m=theme.simplify_m,
            close_cracks_m=theme.close_cracks_m if name in UNITS else None,
        )
        for name, table in tables.items()
    }
    if "districts" in shapes and "communes" in shapes and layers.communes is not None:
        shapes["districts"] = outlines(
            tables["districts"], layers.communes, shapes["communes"], key="district_code"
        )
    return shapes


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
        "title": {"vi": service.vi, "en": service.en},
        "definition": {"vi": service.definition_vi, "en": service.definition_en},
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
    services: Sequence[str],
) -> dict[str, Any]:
    definition = TABLES[name]
    fields: dict[str, Any] = {}
    columns: dict[str, list[Any]] = {}
    for field_name in (*theme.fields(name), *(["service"] if "service" in table.columns else [])):
        field = definition[field_name]
        suffixed = [f"{field_name}_{s}" for s in services] if field.per else [field_name]
        present = [column for column in suffixed if column in table.columns]
        if not present:
            continue
        columns |= {column: _plain(table[column]) for column in present}
        part_whole = SHARES.get(field_name, ("", "", ""))[1:]
        fields[field_name] = {
            "title": {"vi": field.vi, "en": field.en},
            "unit": field.unit,
            "kind": field.kind,
            "perService": bool(field.per),
            "coded": bool(field.choices),
            "listed": field_name in FIELD_LISTS,
            "share": {"part": part_whole[0], "whole": part_whole[1]} if part_whole[0] else None,
        }
    return {
        "fields": fields,
        "columns": columns,
        "length": len(table),
        "shapes": None if shapes is None else encode(shapes),
        "anchors": anchors(table)
        if shapes is not None and definition.geometry == "Polygon"
        and any(layer.labels for layer in theme.layers if layer.table == name)
        else None,
    }  # fmt: skip


def _plain(column: pd.Series) -> list[Any]:
    """Return JSON values: None for missing, dates as ISO text.

    Numbers stay exact: a rounded share could fall into another class than its verdict.
    """
    if pd.api.types.is_bool_dtype(column.dtype):
        return [None if pd.isna(value) else bool(value) for value in column]
    if pd.api.types.is_integer_dtype(column.dtype):
        return [None if pd.isna(value) else int(value) for value in column]
    return [_scalar(value) for value in column]


def _scalar(value: Any) -> Any:
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(value) if np.isfinite(value) else None
    return value.isoformat()[:10] if hasattr(value, "isoformat") else str(value)


def _layer(layer: Layer, services: Sequence[ServiceInfo]) -> dict[str, Any]:
    """Return the layer under the theme's own keys, its classes cut for each service."""
    table = TABLES[layer.table]
    drawn = layer.model_dump() | {"geometry": table.geometry}
    if layer.classes is None:
        return drawn
    field = layer.classes.field
    # One classing a service where the field repeats for each, else one under "".
    sets = {
        service.id if service else "": _classes(layer.classes, service)
        for service in (services if table[field].per else [None])
    }
    return drawn | {
        "classes": {
            "field": field,
            "no_data": layer.classes.no_data,
            "denominator": _denominator(field),
            "sets": sets,
        }
    }


def _denominator(field: str) -> dict[str, str] | None:
    if field not in SHARES:
        return None
    return {lang: text(f"maps.of_{SHARES[field][0]}", lang) for lang in LANGUAGES}


def _classes(classing: Classing, service: ServiceInfo | None) -> list[dict[str, Any]]:
    """Return the classes from the lowest up: limits, colour, label, on which side of the target."""
    below, met = classing.below, classing.met
    target = None if service is None else service.target_share
    if (
        below is None
        or met is None
        or service is None
        or target is None
        or service.target_denominator != SHARES[classing.field][0]
    ):
        return _cut(classing.plain, classing.field, None, None, None)
    under = tuple(one for one in below.breaks if one < target)
    over = tuple(one for one in met.breaks if one > target)
    missed = Classes(breaks=under, colours=below.colours[: len(under) + 1])
    reached = Classes(breaks=over, colours=met.colours[-len(over) - 1 :])
    return [
        *_cut(missed, classing.field, None, target, False),
        *_cut(reached, classing.field, target, None, True),
    ]


def _cut(
    classes: Classes, field: str, floor: float | None, ceiling: float | None, met: bool | None
) -> list[dict[str, Any]]:
    limits = [floor, *classes.breaks, ceiling]
    return [
        {"from": lower, "to": upper, "colour": colour, "met": met,
         "label": {lang: _label(lower, upper, field, lang) for lang in LANGUAGES}}
        for (lower, upper), colour in zip(pairwise(limits), classes.colours, strict=True)
    ]  # fmt: skip


def _label(lower: float | None, upper: float | None, field: str, lang: Any) -> str:
    def write(value: float) -> str:
        if field in SHARES or field.endswith("_share"):
            return percent(value, lang, decimals=0 if round(value * 100, 6) % 1 == 0 else 1)
        return number(value, lang, decimals=0 if value % 1 == 0 else 1)

    if upper is None:
        if lower == 1 and field in SHARES:
            return write(1.0)
        return text("maps.class_from", lang, lower=write(lower)) if lower is not None else ""
    if lower is None:
        return text("maps.class_under", lang, upper=write(upper))
    return text("maps.class_between", lang, lower=write(lower), upper=write(upper))
