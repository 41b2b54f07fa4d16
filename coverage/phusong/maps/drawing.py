"""How each row of a layer is drawn: decided here, once, for pages, paper, QGIS and phones.

Knows a theme's layer, its table and one service; draws nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..i18n import Bilingual, words
from .layers import ServiceInfo
from .legend import cut, mix
from .paint import SHARES, WHATEVER_IS_JUDGED, Categories, Category, Classes, Classing, Shape
from .theme import ThemeLayer, by_service

Value = bool | int | str


@dataclass(frozen=True, kw_only=True)
class Look:
    """How some rows of a layer look, and which: one line of its legend.

    Parameters
    ----------
    words : Bilingual
        What the legend calls them.
    colour, outline, fill_opacity, width_px, dash, radius_px, shape
        As in `theme.ThemeLayer`; a line has the colour, a polygon or symbol the outline too.
    from_zoom : int
        The page's zoom from which they are drawn.
    label_px : float
        Size of the names beside them; 0 for a layer without names.
    met : bool, optional
        Side of the service's target; None where no target applies.
    values : tuple
        What the layer's field holds in these rows; empty unless it is painted by categories.
    at_least, below : float, optional
        Limits of the layer's field, the lower itself included; None where open.
    rest : bool
        These are the rows that no other look takes: another value, or none.
    """

    words: Bilingual
    colour: str
    outline: str
    fill_opacity: float
    width_px: float
    dash: str
    radius_px: float
    shape: Shape
    from_zoom: int = 0
    label_px: float = 0.0
    met: bool | None = None
    values: tuple[Value, ...] = ()
    at_least: float | None = None
    below: float | None = None
    rest: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class Key:
    """How a layer draws its table for one service.

    Parameters
    ----------
    looks : tuple of Look
        In the order of the legend; `Look.rest` is the last, if there is one.
    field : str
        Column by which the looks are chosen; empty where there is one look for all.
    where : tuple of (str, tuple)
        Columns and the values they hold in the rows that the layer is about.
    """

    looks: tuple[Look, ...]
    field: str
    where: tuple[tuple[str, tuple[Value, ...]], ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Drawing(Key):
    """How a layer draws each row.

    Parameters
    ----------
    index : array of int, shape (n,)
        Position in `looks` of each row's look; -1 where the layer is not about the row.
    """

    index: NDArray[np.intp]


def draw_rows(
    layer: ThemeLayer,
    table: pd.DataFrame,
    service: ServiceInfo | None,
    *,
    shapes: gpd.GeoSeries | None = None,
) -> Drawing:
    """Decide how a layer draws each row of its table.

    Parameters
    ----------
    layer : ThemeLayer
        Of a theme.
    table : DataFrame, n rows
        Its table; a column that is absent has no values.
    service : ServiceInfo, optional
        The one shown; None where the layer is the same for all.
    shapes : GeoSeries, length n, optional
        What is drawn; rows without a shape are not.

    Returns
    -------
    Drawing

    Examples
    --------
    >>> layer = ThemeLayer.model_validate({
    ...     "id": "lan", "table": "communes", "title": {"vi": "Mạng LAN", "en": "LAN"},
    ...     "categories": {"field": "has_lan", "other": "#d9d9d9", "items": [
    ...         {"value": True, "colour": "#43a2ca", "title": {"vi": "Có", "en": "Yes"}},
    ...     ]},
    ... })
    >>> drawing = draw_rows(layer, pd.DataFrame({"has_lan": [None, True, False]}), None)
    >>> [look.words.en for look in drawing.looks], drawing.index.tolist()
    (['Yes', 'Other'], [1, 0, 1])
    """
    key = looks_of(layer, table, service)
    index = _index(layer, key.looks, _values(table, key.field))
    for column, admitted in key.where:
        index[[value not in admitted for value in _values(table, column)]] = -1
    if shapes is not None:
        index[(shapes.is_empty | shapes.isna()).to_numpy()] = -1
    return Drawing(looks=key.looks, field=key.field, where=key.where, index=index)


def looks_of(layer: ThemeLayer, table: pd.DataFrame, service: ServiceInfo | None) -> Key:
    """Return how a layer draws its table for one service, without looking at every row.

    Parameters
    ----------
    layer, table, service
        As for `draw_rows`.

    Returns
    -------
    Key
    """
    where = [(column_of(layer, one.field, service), one.values) for one in layer.where]
    if "service" in table.columns:
        where.append(("service", (service.id,) if service else ()))
    field = column_of(layer, layer.paint.field, service) if layer.paint else ""
    along = layer.categories is not None and bool(layer.categories.ramp)
    looks = tuple(_looks(layer, _values(table, field) if along else (), service))
    return Key(looks=looks, field=field, where=tuple(where))


def column_of(layer: ThemeLayer, field: str, service: ServiceInfo | None) -> str:
    """Return the column that holds a field of the layer's table for the service.

    Parameters
    ----------
    layer : ThemeLayer
    field : str
    service : ServiceInfo, optional

    Returns
    -------
    str
        Empty if the field repeats for each service and there is none.
    """
    if not by_service(layer.table, field):
        return field
    return f"{field}_{service.id}" if service else ""


def plain_values(column: pd.Series) -> list[Any]:
    """Return JSON values: None for missing, dates as ISO text.

    Numbers stay exact: a rounded share could fall into another class than its verdict.
    """
    if column.dtype == object or pd.api.types.is_datetime64_any_dtype(column.dtype):
        return [_scalar(value) for value in column.tolist()]
    # In one go: one by one takes many times as long.
    missing = column.isna().to_numpy(dtype=bool)
    values = column.to_numpy(dtype=object, copy=True)
    if pd.api.types.is_float_dtype(column.dtype):
        missing = missing | ~np.isfinite(column.to_numpy(dtype=float, na_value=np.nan))
    values[missing] = None
    return list(values)


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


def _values(table: pd.DataFrame, column: str) -> list[Any]:
    return plain_values(table[column]) if column in table.columns else [None] * len(table)


def _looks(layer: ThemeLayer, values: Sequence[Any], service: ServiceInfo | None) -> Iterator[Look]:
    plain = Look(
        words=layer.title,
        colour=layer.colour or layer.outline,
        outline=layer.outline,
        fill_opacity=layer.fill_opacity,
        width_px=layer.width_px,
        dash=layer.dash,
        radius_px=layer.radius_px,
        shape=layer.shape,
        label_px=layer.labels.size_px if layer.labels else 0.0,
    )
    if layer.classes:
        size = "radius_px" if layer.geometry == "Point" else "width_px"
        judged = service if by_service(layer.table, layer.classes.field) else None
        for one in reversed(cut_classes(layer.classes, judged)):
            sized = {} if one["size_px"] is None else {size: one["size_px"]}
            yield replace(
                plain,
                words=Bilingual(**one["label"]),
                colour=one["colour"],
                met=one["met"],
                at_least=one["from"],
                below=one["to"],
                **sized,
            )
        unknown = words("maps.page_no_data")
        yield replace(plain, words=unknown, colour=layer.classes.no_data, rest=True)
    elif layer.categories:
        yield from (_listed(plain, item) for item in layer.categories.items)
        yield from _along(plain, layer.categories, values)
        title = layer.categories.other_title
        other = title if title else words("maps.other")
        yield replace(plain, words=other, colour=layer.categories.other, rest=True)
    else:
        yield plain


def _listed(plain: Look, item: Category) -> Look:
    """Return a category's look; what it does not say is the layer's."""
    given = item.model_dump(exclude={"value", "title"}, exclude_none=True)
    return replace(plain, words=item.title, values=(item.value,), **given)


def _along(plain: Look, paint: Categories, values: Sequence[Any]) -> Iterator[Look]:
    """Yield a look for each value there is, in rising order along the ramp."""
    if not paint.ramp:
        return
    # A column of whole numbers with gaps between them holds floats.
    whole = {int(one) if isinstance(one, float) else one for one in values if one is not None}
    found = sorted(whole)
    title = paint.ramp_title or Bilingual("{value}", "{value}")
    for value, colour in zip(found, mix(paint.ramp, len(found)), strict=True):
        named = Bilingual(*(one.replace("{value}", str(value)) for one in (title.vi, title.en)))
        yield replace(plain, words=named, colour=colour, values=(value,))


def _index(layer: ThemeLayer, looks: Sequence[Look], values: Sequence[Any]) -> NDArray[np.intp]:
    last = len(looks) - 1
    if layer.classes:
        numbers = np.array(values, float)
        limits = np.array([look.at_least for look in looks[:-2]][::-1], float)
        found = last - 1 - np.searchsorted(limits, numbers, side="right")
        return np.where(np.isnan(numbers), last, found)
    places: dict[Value, int] = {}
    for place, look in enumerate(looks):
        for value in look.values:
            places.setdefault(value, place)
    return np.array([places.get(value, last) for value in values], np.intp)


def cut_classes(classing: Classing, service: ServiceInfo | None) -> list[dict[str, Any]]:
    """Return a layer's classes for one service, the target as a break where it has one."""
    below, met = classing.below, classing.met
    target = None if service is None else service.target_share
    if (
        below is None
        or met is None
        or service is None
        or target is None
        or SHARES[classing.field][0] not in (service.target_denominator, WHATEVER_IS_JUDGED)
    ):
        return cut(classing.plain, classing.field)
    under = tuple(one for one in below.breaks if one < target)
    over = tuple(one for one in met.breaks if one > target)
    missed = Classes(
        breaks=under,
        colours=below.colours[: len(under) + 1],
        sizes_px=below.sizes_px[: len(under) + 1],
        titles=below.titles[: len(under) + 1],
    )
    reached = Classes(
        breaks=over,
        colours=met.colours[-len(over) - 1 :],
        sizes_px=met.sizes_px[-len(over) - 1 :],
        titles=met.titles[-len(over) - 1 :],
    )
    return [
        *cut(missed, classing.field, ceiling=target, met=False),
        *cut(reached, classing.field, floor=target, met=True),
    ]
