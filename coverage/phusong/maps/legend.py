"""What a legend says: classes with the target as a break, values along a ramp, denominators."""

from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from ..i18n import LANGUAGES, number, percent, text
from .layers import Layers, ServiceInfo
from .paint import SHARES, Categories, Category, Classes, Classing, Words
from .theme import Theme


def settle(theme: Theme, layers: Layers) -> Theme:
    """Return the theme with every ramp written out as the categories this study has.

    Values rise from the first colour of the ramp to its last.
    """
    settled = []
    for layer in theme.layers:
        paint, table = layer.categories, layers.tables.get(layer.table)
        if paint is not None and paint.ramp and table is not None and paint.field in table:
            layer = layer.model_copy(update={"categories": _along(paint, table)})
        settled.append(layer)
    return theme.model_copy(update={"layers": tuple(settled)})


def _along(paint: Categories, table: gpd.GeoDataFrame) -> Categories:
    found = table[paint.field].dropna()
    if pd.api.types.is_float_dtype(found):  # whole numbers with gaps between them
        found = found.astype("int64")
    values = sorted(found.unique().tolist())
    title = paint.ramp_title or Words(vi="{value}", en="{value}")
    items = tuple(
        Category(
            value=value,
            title=Words(
                vi=title.vi.replace("{value}", str(value)),
                en=title.en.replace("{value}", str(value)),
            ),
            colour=colour,
        )
        for value, colour in zip(values, mix(paint.ramp, len(values)), strict=True)
    )
    return paint.model_copy(update={"items": items, "ramp": ()})


def mix(ramp: tuple[str, ...], count: int) -> list[str]:
    """Return `count` colours evenly along a ramp, its ends included.

    Examples
    --------
    >>> mix(("#000000", "#ffffff"), 3)
    ['#000000', '#808080', '#ffffff']
    """
    stops = np.array([[int(one[i : i + 2], 16) for i in (1, 3, 5)] for one in ramp], float)
    places = np.linspace(0, len(ramp) - 1, count) if count > 1 else np.zeros(count)
    channels = [np.interp(places, np.arange(len(ramp)), stops[:, c]) for c in range(3)]
    return [
        "#" + "".join(f"{round(v):02x}" for v in colour) for colour in zip(*channels, strict=True)
    ]


def denominator(field: str) -> dict[str, str] | None:
    """Return what a share is a share of, in both languages; None for other fields."""
    if field not in SHARES:
        return None
    return {lang: text(f"maps.of_{SHARES[field][0]}", lang) for lang in LANGUAGES}


def cut_classes(classing: Classing, service: ServiceInfo | None) -> list[dict[str, Any]]:
    """Return a layer's classes for one service, the target as a break where it has one."""
    below, met = classing.below, classing.met
    target = None if service is None else service.target_share
    if (
        below is None
        or met is None
        or service is None
        or target is None
        or service.target_denominator != SHARES[classing.field][0]
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


def cut(
    classes: Classes,
    field: str,
    *,
    floor: float | None = None,
    ceiling: float | None = None,
    met: bool | None = None,
) -> list[dict[str, Any]]:
    """Return classes from the lowest up: limits, colour, size, label, side of the target."""
    limits = [floor, *classes.breaks, ceiling]
    sizes = classes.sizes_px or (None,) * len(classes.colours)
    titles = [title.model_dump() for title in classes.titles] or [
        {lang: _label(lower, upper, field, lang) for lang in LANGUAGES}
        for lower, upper in pairwise(limits)
    ]
    return [
        {"from": lower, "to": upper, "colour": colour, "size_px": size, "met": met, "label": title}
        for (lower, upper), colour, size, title in zip(
            pairwise(limits), classes.colours, sizes, titles, strict=True
        )
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
