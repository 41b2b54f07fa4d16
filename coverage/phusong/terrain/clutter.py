"""Bring the heights of trees and houses onto the grid."""

from collections.abc import Iterable
from itertools import islice
from pathlib import Path

import numpy as np
import xarray as xr
from rasterio.enums import ColorInterp, Resampling

from .._types import Labels
from ..grid import Grid, blocks_of_rows
from .faults import refusal
from .warp import Source, open_source

TALLEST_CLUTTER_M = 1000.0
"""No forest or house is taller; such values are voids that were not declared."""
TALLEST_CANOPY_M = 45.0
"""Whole numbers alone, of which one is above this, are heights of nothing that grows."""
SPARSE = 0.5
"""Heights in whole metres take most values up to their largest, codes of classes few."""
SHOWN_CODES = 12
MOST_CODES, FEWEST_CODES = 17, 5
"""Land-cover maps that count their classes (IGBP, MODIS, 1 to 17) hold so many codes, and none
higher. Heights may look alike, so such a raster is taken, and told."""
GAPLESS, MOST_HEIGHTS = 0.6, 12
"""Lists of classes are counted through, so that a province has most numbers up to the last. A
table of heights by class leaves gaps, and has no more heights than these."""
ORDERINGS, BY_CHANCE = 400, 0.05
"""Codes lie side by side as chance would have it; heights do in one of twenty orders of their
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
        few whole numbers up to more than any forest grows, or some counted through that lie
        side by side without regard to which are near each other.

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
    height = np.zeros(grid.shape, dtype=np.float32)
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
        coded = whole and codes.size > 0
        if coded and codes[-1] > TALLEST_CANOPY_M:
            coded = codes.size < SPARSE * codes[-1]
        else:
            coded = coded and _counted_through(codes) and _in_no_order(source, codes)
    if empty:
        raise refusal("nothing_there", shown)
    if coded:
        raise refusal("clutter_codes", shown, codes=_shown(codes))
    counted = whole and codes.size >= FEWEST_CODES and codes[-1] <= MOST_CODES
    raster = grid.wrap(height, "clutter", units="m", long_name="Height of clutter above ground")
    if counted:
        raster.attrs[MAYBE_CODES] = _shown(codes)
    return raster


def _counted_through(codes: Labels) -> bool:
    """Tell whether numbers are those of a long list, or of a short one without large gaps."""
    classes = codes[codes > 0]
    if classes.size > MOST_HEIGHTS:
        return True
    return classes.size >= FEWEST_CODES and classes.size >= GAPLESS * (np.ptp(classes) + 1)


def _in_no_order(source: Source, codes: Labels) -> bool:
    """Tell whether neighbouring numbers are no nearer each other than if they were shuffled.

    Places with 0 are left out: bare ground beside tall trees says nothing of heights.
    """
    number = np.zeros(source.grid.shape, dtype=np.uint8)
    for place, values in source.pieces(
        coarse=Resampling.nearest, fine=Resampling.nearest, lowest=1, highest=TALLEST_CANOPY_M
    ):
        number[place] = np.nan_to_num(values)
    size = int(codes[-1]) + 1
    pairs = np.zeros((size, size), dtype=np.int64)
    for rows in blocks_of_rows(len(number)):
        block = number[rows.start : rows.stop + 1].astype(np.int64)
        for one, other in ((block[1:], block[:-1]), (block[:, 1:], block[:, :-1])):
            told = (one != other) & (one > 0) & (other > 0)
            both = one[told] * size + other[told]
            pairs += np.bincount(both, minlength=size * size).reshape(size, size)
    if pairs.sum() < FEWEST_PAIRS:
        return False
    classes = codes[codes > 0]
    pairs, apart = pairs[np.ix_(classes, classes)], abs(classes[:, None] - classes)
    shuffled = np.random.default_rng(0)  # the same answer every time
    orders = (shuffled.permutation(classes.size) for _ in range(ORDERINGS))
    found = (pairs * apart).sum()
    nearer = sum((pairs * apart[np.ix_(order, order)]).sum() <= found for order in orders)
    return bool(nearer > BY_CHANCE * ORDERINGS)


def _shown(codes: Iterable[int]) -> str:
    return ", ".join(str(int(code)) for code in islice(codes, SHOWN_CODES))
