"""The page that computes: a map with a mast to place, and all that its engine reads.

Arrays are carried packed: differences between neighbours, byte by byte, deflated, each in a block
of its own behind the page, which reads those that it needs. What the page finds with them is what
the prediction would: nothing is made coarser. Knows arrays, no radio.
"""

import base64
import sys
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import cached_property
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from ..errors import ExploreError, PageTooLargeError
from ..i18n import both, words
from .layers import MapData
from .page import StudyMap, render_html
from .payload import resolve
from .theme import Theme

if TYPE_CHECKING:
    from .notebook import PageWidget

LARGEST_PAGE_BYTES = 25_000_000
"""A page above this is slow to open on a phone, and refused."""
MARGIN_EDGES_DB = (-10.0, 0.0, 10.0, 20.0)
"""Between the classes that the page draws; served and not served stay apart."""
QUICK, SMALL = 1, 9
"""Levels of deflating: to compare, to keep."""
UNKNOWN = -32768
"""Of whole numbers that stand for a value: none is known."""


def pack(values: NDArray[Any]) -> dict[str, Any]:
    """Return an array as the page's script reads it again, bit by bit.

    Parameters
    ----------
    values : ndarray
        Of one or two dimensions; of two, neighbours are expected to be alike, and numbers
        have at most four bytes.

    Returns
    -------
    dict
        ``dtype``, ``length``, ``width`` of rows whose differences are kept, 0 for none, ``down``:
        whether they are kept along columns too, and ``data``.
    """
    plain = np.ascontiguousarray(values)
    kind, width, down = plain.dtype, 0, False
    if plain.ndim == 2 and plain.size:
        width = plain.shape[1]
        along = _differences(plain.view(f"u{kind.itemsize}"), axis=1)
        both_ways = _differences(along, axis=0)
        ways = (_deflated(_folded(one), QUICK) for one in (along, both_ways))
        down = len(next(ways)) > len(next(ways))
        plain = _folded(both_ways if down else along)
    packed = _deflated(plain, SMALL)
    return {
        "dtype": kind.name,
        "length": plain.size,
        "width": width,
        "down": down,
        "data": base64.b64encode(packed).decode("ascii"),
    }


def _differences(values: NDArray[Any], axis: int) -> NDArray[Any]:
    """Return each value less the one before it, whole numbers that may wrap around."""
    found = values.copy()
    later, former = (tuple(one if i == axis else slice(None) for i in (0, 1)) for one in
                     (slice(1, None), slice(None, -1)))  # fmt: skip
    found[later] -= values[former]
    return found


def _folded(differences: NDArray[Any]) -> NDArray[Any]:
    """Return 0, −1, 1, −2, … as 0, 1, 2, 3, …: a sign would cost high bytes that are else 0."""
    last = 8 * differences.itemsize - 1
    sign = differences >> last
    return (differences << 1) ^ (0 - sign)


def _deflated(values: NDArray[Any], level: int) -> bytes:
    """Return all first bytes, then all second ones, and so on."""
    planes = values.ravel().view(np.uint8).reshape(-1, values.itemsize).T
    return zlib.compress(np.ascontiguousarray(planes).tobytes(), level)


def in_blocks(computing: Any) -> tuple[Any, list[str]]:
    """Return what the engine reads with the data of `pack` apart, alike arrays once.

    Parameters
    ----------
    computing : object
        Mappings and lists, ready for JSON.

    Returns
    -------
    object
        The same, ``block`` in the place of ``data``: its number.
    list of str

    Examples
    --------
    >>> array = {"dtype": "int8", "data": "eJw="}
    >>> in_blocks({"a": array, "b": [array]})
    ({'a': {'dtype': 'int8', 'block': 0}, 'b': [{'dtype': 'int8', 'block': 0}]}, ['eJw='])
    """
    blocks: dict[tuple[Any, ...], int] = {}

    def apart(one: Any) -> Any:
        if isinstance(one, Mapping) and "data" in one:
            number = blocks.setdefault(tuple(one.values()), len(blocks))
            return {name: value for name, value in one.items() if name != "data"} | {
                "block": number
            }
        if isinstance(one, Mapping):
            return {name: apart(value) for name, value in one.items()}
        return [apart(each) for each in one] if isinstance(one, list | tuple) else one

    return apart(computing), [str(packed[-1]) for packed in blocks]


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


def margin_classes(margin_db: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Return which of the classes between `MARGIN_EDGES_DB` margins are in, from 1; 0 for none.

    The page draws and counts by them; a place that is asked for is predicted anew.

    Examples
    --------
    >>> margin_classes(np.array([-10.1, -10.0, -0.01, 0.0, 19.9, 20.0, np.nan])).tolist()
    [1, 2, 2, 3, 4, 5, 0]
    """
    classes = np.digitize(margin_db, MARGIN_EDGES_DB) + 1
    return np.where(np.isfinite(margin_db), classes, 0).astype(np.uint8)


class ExploreMap(StudyMap):
    """The map of a page that computes.

    ``save(path)`` writes the page. Shown in a notebook, it is the same page, and `scenario` is
    what somebody does there.

    Parameters
    ----------
    content : mapping
        As of `StudyMap`.
    blocks : sequence of str
        Likewise.
    read : callable
        Reads the text of a scenario's file as the cells of the study.
    """

    def __init__(
        self,
        content: dict[str, Any],
        blocks: Sequence[str],
        read: Callable[[str], gpd.GeoDataFrame],
    ) -> None:
        super().__init__(content, blocks)
        self._title: str = content["title"]["en"]
        self._read = read

    @property
    def scenario(self) -> gpd.GeoDataFrame | None:
        """All cells of the scenario at hand in the notebook; None while no mast is changed.

        `phusong.what_if` takes them as they are.

        Returns
        -------
        GeoDataFrame or None
            As `tables.CELLS`, in the CRS of the study.

        Raises
        ------
        ExploreError
            If anywidget is not installed, which brings the scenario from the page.
        InputError
            If a row could not stand in a file of the study.
        """
        told = self._widget.scenario
        return self._read(told) if told else None

    @cached_property
    def _widget(self) -> "PageWidget":
        try:
            from .notebook import PageWidget
        except ImportError as fault:
            raise ExploreError("maps.explore_no_widget") from fault
        return PageWidget(render_html(self), self._title)

    def _ipython_display_(self) -> None:
        """Show the widget; the page alone, as folium does, where there is no anywidget."""
        # Whoever shows it in a notebook has it imported; nobody else needs it.
        notebook: Any = sys.modules["IPython"].display
        try:
            notebook.display(self._widget)
        except ExploreError:
            notebook.display(notebook.HTML(self._repr_html_()))


def build_explore(
    theme: Theme,
    data: MapData,
    computing: Mapping[str, Any],
    read: Callable[[str], gpd.GeoDataFrame],
) -> ExploreMap:
    """Draw a map on which a mast can be placed.

    Parameters
    ----------
    theme : Theme
        Of the map below.
    data : MapData
    computing : mapping
        What the page's engine reads, ready for JSON; see `pipeline.questions.explore`.
    read : callable
        See `ExploreMap`.

    Returns
    -------
    ExploreMap

    Raises
    ------
    PageTooLargeError
        If the page would be larger than `LARGEST_PAGE_BYTES`.
    NothingToDrawError
        If the study has none of the tables that the theme draws.
    """
    told, blocks = in_blocks(computing)
    content = resolve(theme, data, tiled=False)  # the engine has the ground itself
    title, part = words("maps.explore_title"), told.get("part")
    if part is not None:
        title = both(lambda lang: f"{title[lang]} – {part['name'][lang]}")
        content["bounds"] = part["bounds"]
    content |= {
        "title": asdict(title),
        "note": asdict(words("maps.explore_note")),
        "explore": told,
    }
    drawn = ExploreMap(content, blocks, read)
    size = len(render_html(drawn).encode("utf-8"))
    if size > LARGEST_PAGE_BYTES:
        raise PageTooLargeError(
            "maps.explore_too_large", megabytes=size / 1e6, most=LARGEST_PAGE_BYTES / 1e6
        )
    return drawn
