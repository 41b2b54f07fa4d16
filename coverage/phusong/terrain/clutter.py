"""Bring the heights of trees and houses onto the grid."""

from collections.abc import Iterable
from itertools import islice
from pathlib import Path

import numpy as np
import xarray as xr
from rasterio.enums import ColorInterp, Resampling
from scipy import ndimage

from .._on_disk import full_on_disk
from .._types import Flags, Labels
from ..grid import Grid, blocks_of_rows
from .faults import refusal
from .warp import Source, open_source

TALLEST_CLUTTER_M = 1000.0
"""No forest or house is taller; such values are voids that were not declared."""
TALLEST_CANOPY_M = 45
"""Whole numbers alone, of which one is above this, are heights of nothing that grows."""
SPARSE = 0.5
"""Heights in whole metres take most values up to their largest, codes of classes few."""
LEAST_HOLES, LEAST_EDGE = 1e-3, 0.05
"""Codes cover all land, but for what lies around the province; between trees and houses stands
nothing. So heights leave holes, and long edges: of the places with a number, this share in holes
that the rim of the grid does not reach, and this share of neighbours that have none."""
LOWEST_M = 10
"""Something stands lower than this wherever towns have houses of all heights."""
TEN, MOST_TENS = 10, 3
"""ESA WorldCover and GlobeLand30 count in tens. A table of heights may be so coarse too, but has
no more heights than these, and open land besides."""
SHOWN_CODES = 12
MOST_CODES, FEWEST_CODES = 17, 5
"""Land-cover maps that count their classes (IGBP, MODIS, 1 to 17) hold so many codes, and none
higher. Heights may look alike, so such a raster is taken, and told."""
GAPLESS, MOST_HEIGHTS = 0.6, 12
"""Lists of classes are counted through, so that a province has most numbers up to the last. A
table of heights by class leaves gaps, and has no more heights than these."""
ORDERINGS, BY_CHANCE = 400, 0.02
"""Codes lie side by side as chance would have it; heights do in one of fifty orders of their
numbers at most, for places next to each other are about as tall, and common heights are alike."""
FEWEST_PAIRS = 1000
"""Of neighbours that differ: fewer tell nothing."""
MAYBE_CODES = "maybe_codes"
"""Attribute of a raster of heights that tells such values."""


def read_clutter_height(path: Path, grid: Grid, *, shown: str) -> xr.DataArray:
    """Warp a raster of heights above ground onto the grid.

    The tallest where more than four pixels of the source make one of the grid,
    because the obstacle that counts for a radio path is the highest; else the
    nearest, so that a forest keeps its edge.

    Parameters
    ----------
    path : path
        GeoTIFF or VRT; one band of metres above ground, any CRS.
    grid : Grid
        Where the heights are wanted.
    shown : str
        Name of the file for messages.

    Returns
    -------
    DataArray of float32, shape (y, x)
        Metres above ground; 0 where the source has no value or does not reach. Whole numbers
        that may be codes of classes stand as words in its attribute `MAYBE_CODES`.

    Raises
    ------
    InputError
        If the file cannot be used, has no value anywhere on the grid or heights below 0
        or beyond `TALLEST_CLUTTER_M`, or holds codes of classes: it has a table of colours,
        few whole numbers up to more than any forest grows, numbers in tens or from 1 on that
        cover all land, or some counted through that lie side by side without regard to which
        are near each other.

    Examples
    --------
    >>> import tempfile
    >>> grid = Grid("EPSG:9209", 90.0, 0.0, 90.0, width=2, height=1)
    >>> forest = grid.wrap(np.array([[15.0, np.nan]]), "clutter", nodata=np.nan)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "clutter.tif"
    ...     forest.rio.to_raster(path)
    ...     read_clutter_height(path, grid, shown="clutter.tif").values.tolist()
    [[15.0, 0.0]]
    """  # noqa: DOC501  `refusal` makes an InputError
    height = full_on_disk(grid.shape, 0.0, np.dtype(np.float32))
    present = np.zeros(int(TALLEST_CLUTTER_M) + 1, dtype=bool)
    whole, empty = True, True
    with open_source(path, grid, shown) as source:
        if ColorInterp.palette in source.dataset.colorinterp:
            raise refusal("clutter_codes", shown, codes=_shown(source.dataset.colormap(1)))
        for place, values in source.pieces(
            coarse=Resampling.nearest, fine=Resampling.max, lowest=-np.inf, highest=np.inf
        ):
            known = values[~np.isnan(values)]
            wrong = known[(known < 0) | (known > TALLEST_CLUTTER_M)]
            if wrong.size:
                limit = TALLEST_CLUTTER_M
                raise refusal("odd_clutter", shown, value=f"{wrong[0]:g}", limit=limit)
            height[place] = np.nan_to_num(values)
            empty = empty and not known.size
            whole = whole and bool((known == np.rint(known)).all())
            if whole:
                present[known.astype(np.int64)] = True
        codes = np.flatnonzero(present)
        told = coded = False
        if whole and codes.size:
            coded, told = _judged(codes[codes > 0], _numbers(source, int(codes[-1])))
    if empty:
        raise refusal("nothing_there", shown)
    if coded:
        raise refusal("clutter_codes", shown, codes=_shown(codes))
    raster = grid.wrap(height, "clutter", units="m", long_name="Height of clutter above ground")
    if told:
        raster.attrs[MAYBE_CODES] = _shown(codes)
    return raster


def _judged(classes: Labels, number: Labels) -> tuple[bool, bool]:
    """Tell whether numbers above 0 are codes, and whether they may be; `number` lays them out."""
    if not classes.size:
        return False, False
    covers = _covers(np.greater(number, 0, out=_flags(number)))
    if classes[-1] > TALLEST_CANOPY_M:
        sparse = classes.size < SPARSE * classes[-1]
        return bool(sparse and (covers or classes[0] >= LOWEST_M)), False
    tens = classes.size > 1 and not (classes % TEN).any()
    counted = classes.size > 2 and classes[0] == 1 and classes[-1] == classes.size
    if (tens and classes.size > MOST_TENS) or ((tens or counted) and covers):
        return True, False
    if _counted_through(classes) and _in_no_order(classes, number):
        return True, False
    few = classes.size >= FEWEST_CODES - 1 and classes[-1] <= MOST_CODES
    return False, bool(few or (covers and classes.size > 1) or classes[-1] == 1)


def _flags(like: Labels | Flags) -> Flags:
    return full_on_disk(like.shape, False, np.dtype(bool))


def _covers(there: Flags) -> bool:
    """Tell whether something stands everywhere, but for what lies around it."""
    regions = full_on_disk(there.shape, 0, np.dtype(np.int32))
    count = ndimage.label(np.logical_not(there, out=_flags(there)), output=regions)
    at_rim = np.zeros(count + 1, dtype=bool)
    for line in (regions[0], regions[-1], regions[:, 0], regions[:, -1]):
        at_rim[line] = True
    at_rim[0] = True
    holes = edge = 0
    for rows in blocks_of_rows(len(there)):
        holes += int(np.count_nonzero(~at_rim[regions[rows]]))
        block = there[rows.start : rows.stop + 1]
        edge += int(np.count_nonzero(block[1:] != block[:-1]))
        edge += int(np.count_nonzero(there[rows, 1:] != there[rows, :-1]))
    standing = np.count_nonzero(there)
    return bool(holes <= LEAST_HOLES * standing and edge <= LEAST_EDGE * 2 * standing)


def _counted_through(classes: Labels) -> bool:
    """Tell whether numbers are those of a long list, or of a short one without large gaps."""
    if classes.size > MOST_HEIGHTS:
        return True
    short = classes.size >= FEWEST_CODES and classes[0] == 1
    return bool(short and classes.size >= GAPLESS * classes[-1])


def _numbers(source: Source, largest: int) -> Labels:
    """Return the numbers on the grid as they lie there, 0 where nothing is known or stands."""
    number = full_on_disk(source.grid.shape, 0, np.dtype(np.uint16))
    for place, values in source.pieces(
        coarse=Resampling.nearest, fine=Resampling.nearest, lowest=1, highest=largest
    ):
        number[place] = np.nan_to_num(values)
    return number


def _in_no_order(classes: Labels, number: Labels) -> bool:
    """Tell whether neighbouring numbers are no nearer each other than if they were shuffled.

    Places with 0 are left out: bare ground beside tall trees says nothing of heights.
    """
    size = int(classes[-1]) + 1
    pairs = np.zeros((size, size), dtype=np.int64)
    for rows in blocks_of_rows(len(number)):
        block = number[rows.start : rows.stop + 1].astype(np.int64)
        for one, other in ((block[1:], block[:-1]), (block[:, 1:], block[:, :-1])):
            both = (one * size + other)[(one != other) & (one > 0) & (other > 0)]
            pairs += np.bincount(both, minlength=size * size).reshape(size, size)
    if pairs.sum() < FEWEST_PAIRS:
        return False
    pairs, apart = pairs[np.ix_(classes, classes)], abs(classes[:, None] - classes)
    shuffled = np.random.default_rng(0)  # the same answer every time
    orders = (shuffled.permutation(classes.size) for _ in range(ORDERINGS))
    found = (pairs * apart).sum()
    nearer = sum((pairs * apart[np.ix_(order, order)]).sum() <= found for order in orders)
    return bool(nearer > BY_CHANCE * ORDERINGS)


def _shown(codes: Iterable[int]) -> str:
    return ", ".join(str(int(code)) for code in islice(codes, SHOWN_CODES))
