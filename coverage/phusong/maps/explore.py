"""The page that computes: a map with a mast to place, and all that its engine reads.

Arrays are carried packed: differences along rows, byte by byte, deflated. What the page finds with
them is what the prediction would: nothing is made coarser. Knows arrays, no radio.
"""

import base64
import zlib
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import folium
import numpy as np
from numpy.typing import NDArray

from ..errors import ExploreError
from ..i18n import words
from .layers import MapData
from .page import StudyMap, render_html
from .payload import resolve
from .theme import Theme

LARGEST_PAGE_BYTES = 25_000_000
"""A page above this is slow to open on a phone, and refused."""
STEP_DB, NO_STEP = 0.5, -128
"""Of margins; none is known."""
UNKNOWN = -32768
"""Of whole numbers that stand for a value: none is known."""


def pack(values: NDArray[Any]) -> dict[str, Any]:
    """Return an array as the page's script reads it again, bit by bit.

    Parameters
    ----------
    values : ndarray
        Of one or two dimensions; of two, neighbours in a row are expected to be alike.

    Returns
    -------
    dict
        ``dtype``, ``length``, ``width`` of rows whose differences are kept, 0 for none,
        and ``data``.
    """
    plain = np.ascontiguousarray(values)
    kind, width = plain.dtype, 0
    if plain.ndim == 2:
        width = plain.shape[1]
        whole = plain.view(f"u{kind.itemsize}")
        plain = whole.copy()
        plain[:, 1:] -= whole[:, :-1]
    planes = plain.ravel().view(np.uint8).reshape(-1, kind.itemsize).T
    packed = zlib.compress(np.ascontiguousarray(planes).tobytes(), 9)
    return {
        "dtype": kind.name,
        "length": plain.size,
        "width": width,
        "data": base64.b64encode(packed).decode("ascii"),
    }


def whole_or_exact(height_m: NDArray[np.float32]) -> NDArray[Any]:
    """Return heights as whole metres where all of them are, else as they stand.

    Examples
    --------
    >>> whole_or_exact(np.float32([[812.0, np.nan]])).tolist()
    [[812, -32768]]
    >>> whole_or_exact(np.float32([[812.5]])).dtype.name
    'float32'
    """
    known = height_m[np.isfinite(height_m)]
    if (known == np.rint(known)).all() and (np.abs(known) < -UNKNOWN).all():
        return np.where(np.isfinite(height_m), height_m, UNKNOWN).astype(np.int16)
    return height_m


def margin_steps(margin_db: NDArray[np.floating]) -> NDArray[np.int8]:
    """Return margins in steps of 0.5 dB, rounded down; `NO_STEP` where there is none.

    Served and not served stay apart; a place that is asked for is predicted anew.

    Examples
    --------
    >>> margin_steps(np.array([1.26, 0.0, -0.01, -0.6, 99.0, np.nan])).tolist()
    [2, 0, -1, -2, 127, -128]
    """
    steps = np.clip(np.floor(np.nan_to_num(margin_db) / STEP_DB), NO_STEP + 1, -NO_STEP - 1)
    return np.where(np.isfinite(margin_db), steps, NO_STEP).astype(np.int8)


def build_explore(theme: Theme, data: MapData, computing: Mapping[str, Any]) -> folium.Map:
    """Draw a map on which a mast can be placed.

    Parameters
    ----------
    theme : Theme
        Of the map below.
    data : MapData
    computing : mapping
        What the page's engine reads, ready for JSON; see `pipeline.questions.explore`.

    Returns
    -------
    folium.Map

    Raises
    ------
    ExploreError
        If the page would be larger than `LARGEST_PAGE_BYTES`.
    NothingToDrawError
        If the study has none of the tables that the theme draws.
    """
    content = resolve(theme, data) | {
        "title": asdict(words("maps.explore_title")),
        "note": asdict(words("maps.explore_note")),
        "explore": dict(computing),
    }
    drawn = StudyMap(content)
    size = len(render_html(drawn).encode("utf-8"))
    if size > LARGEST_PAGE_BYTES:
        raise ExploreError(
            "maps.explore_too_large", megabytes=size / 1e6, most=LARGEST_PAGE_BYTES / 1e6
        )
    return drawn
