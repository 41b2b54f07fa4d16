"""What a legend says of classes and shares; colours along a ramp."""

from dataclasses import asdict
from itertools import pairwise
from typing import Any

import numpy as np

from ..i18n import LANGUAGES, number, percent, text
from .paint import SHARES, Classes


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
    titles = [asdict(title) for title in classes.titles] or [
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
