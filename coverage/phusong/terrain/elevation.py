"""Bring elevation onto the grid: warp, find voids, fill the small ones, refuse the rest."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from rasterio.enums import Resampling
from rasterio.features import rasterize
from rasterio.fill import fillnodata
from scipy import ndimage

from .._on_disk import full_on_disk
from .._types import Flags, Labels
from ..errors import TerrainError
from ..grid import WGS84, Grid, blocks_of_rows, operation
from .faults import refusal
from .warp import Source, open_source

LOWEST_M, HIGHEST_M = -500.0, 9000.0
"""Heights outside are no heights: the Dead Sea shore lies at -430 m, Everest at 8,849 m."""
_SHORE_M = 20.0
"""Around water at sea level some ground is lower; around a hole of a mountain none is."""
_FEW_ZEROS = 4
"""Pixels of a file; larger patches may be holes that no neighbour can fill."""
_SHOWN_ZEROS = 3
_BLENDED_PX = 2
"""Pixels beside a hole that hold a part of its zero."""
METRES = {"", "m", "metre", "metres", "meter", "meters"}
EIGHT = np.ones((3, 3), dtype=bool)
"""Pixels that touch at a corner belong together."""


@dataclass(frozen=True)
class Elevation:
    """Ground heights on the grid.

    Parameters
    ----------
    height_m : DataArray of float32, shape (y, x)
        Metres above sea level, as the source has it (of bare ground or of its
        cover); NaN where no source reaches, which is never inside the
        required area.
    filled_px, largest_filled_px : int
        Void pixels filled from their rims, in all and in the largest void.
    sources : tuple of str
        Files used.
    zero_px : int
        Pixels of exactly 0 m in small patches among higher ground, which were taken for voids:
        of the files, and of the grid where a patch is larger.
    zero_at : tuple of (float, float)
        Longitude and latitude of the first of them, degrees.
    """

    height_m: xr.DataArray
    filled_px: int
    largest_filled_px: int
    sources: tuple[str, ...]
    zero_px: int = 0
    zero_at: tuple[tuple[float, float], ...] = ()


def read_elevation(
    paths: Sequence[Path],
    grid: Grid,
    *,
    required_area: Any,
    largest_void_px: int,
    shown: Sequence[str],
) -> Elevation:
    """Warp elevation rasters onto the grid and close their small voids.

    Bilinear, or the average where more than four pixels of the source make one
    of the grid. Where files overlap the first one counts; its voids are taken
    from the next. Missing values, NaN, infinities, heights outside
    `LOWEST_M` … `HIGHEST_M` and small patches of exactly 0 m with no ground below 20 m around are
    voids, taken out before anything is resampled.

    Parameters
    ----------
    paths : sequence of path
        GeoTIFF, ``.hgt`` or VRT; one band of metres above sea level, any CRS.
    grid : Grid
        Where the heights are wanted.
    required_area : shapely geometry, optional
        In the grid's CRS; every pixel it touches must end with a height.
        None requires nothing.
    largest_void_px : int
        Voids of up to this many pixels of the grid, joined at sides or
        corners, are filled from their rims (`rasterio.fill.fillnodata`).
    shown : sequence of str
        Names of the files for messages.

    Returns
    -------
    Elevation

    Raises
    ------
    InputError
        If a file cannot be used.
    TerrainError
        If the sources do not cover the required area, or have larger voids in it; or larger
        patches of exactly 0 m in it with no ground below 20 m around, which are voids
        stored as zero.

    Notes
    -----
    A source cut along the border leaves its last row of pixels half empty. The
    pixels that the required area touches without holding their centre are
    therefore filled from their neighbours however many they are.

    Heights and flags lie in temporary files and are gone through by blocks of rows: memory
    grows neither with the grid nor with the sources, but with the box of a piece of the rim
    that is filled.

    Examples
    --------
    >>> import tempfile
    >>> grid = Grid("EPSG:9209", 90.0, 450_000.0, 2_530_000.0, width=3, height=3)
    >>> height = np.full((3, 3), 700.0)
    >>> height[1, 1] = np.nan
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "ground.tif"
    ...     grid.wrap(height, "terrain", nodata=np.nan).rio.to_raster(path)
    ...     found = read_elevation(
    ...         [path], grid, required_area=None, largest_void_px=1, shown=["ground.tif"]
    ...     )
    >>> found.filled_px, float(found.height_m[1, 1])
    (1, 700.0)
    """  # noqa: DOC501  `refusal` makes an InputError
    height = full_on_disk(grid.shape, np.nan, np.dtype(np.float32))
    framed = full_on_disk(grid.shape, False, np.dtype(bool))
    core, touched = _inside(required_area, grid)
    zeros: list[tuple[float, float]] = []
    for path, name in zip(paths, shown, strict=True):
        with open_source(path, grid, name) as source:
            unit = source.dataset.units[0] or ""
            if unit.strip().lower() not in METRES:
                raise refusal("not_metres", name, value=unit)
            single: set[tuple[int, int]] = set()
            for place, values in source.pieces(
                coarse=Resampling.bilinear,
                fine=Resampling.average,
                lowest=LOWEST_M,
                highest=HIGHEST_M,
                voids=single_zeros,
                void_at=single,
            ):
                block = height[place]
                block[...] = np.where(np.isnan(block), values, block)
            framed |= source.footprint()
            zeros += _on_land(grid, source, single, core)
    missing = _flagged(grid, lambda rows: core[rows] & ~framed[rows] & np.isnan(height[rows]))
    _require_cover(grid, missing, core)
    zeros += _without_zero_holes(grid, height, core, largest_void_px)
    sizes = _fill(grid, height, framed, core, touched, largest_void_px)
    return Elevation(
        grid.wrap(height, "terrain", units="m", long_name="Ground height above sea level"),
        sum(sizes),
        max(sizes, default=0),
        tuple(shown),
        len(zeros),
        tuple(zeros[:_SHOWN_ZEROS]),
    )


def single_zeros(height: NDArray[np.float64]) -> Flags:
    """Find pixels of exactly 0 m, few together, whose neighbours all lie well above the sea.

    Parameters
    ----------
    height : ndarray of float, shape (rows, columns)
        Metres; NaN where unknown.

    Returns
    -------
    ndarray of bool, shape (rows, columns)

    Examples
    --------
    >>> height = np.full((3, 3), 700.0)
    >>> height[1, 1] = 0
    >>> int(single_zeros(height).sum()), int(single_zeros(height - 690).sum())
    (1, 0)
    """
    zero = np.asarray(height == 0, dtype=bool)
    if not zero.any():
        return zero
    patches, count = ndimage.label(zero, structure=EIGHT)
    lowest = ndimage.minimum_filter(np.where(zero | np.isnan(height), np.inf, height), size=3)
    number = np.arange(1, count + 1)
    around = ndimage.minimum(lowest, patches, number)
    few = np.bincount(patches.ravel())[1:] <= _FEW_ZEROS
    single = np.concatenate([[False], few & (around >= _SHORE_M) & np.isfinite(around)])
    return np.asarray(single[patches], dtype=bool)


def _on_land(
    grid: Grid, source: Source, found: set[tuple[int, int]], core: Flags
) -> list[tuple[float, float]]:
    """Return the places of those pixels of a source that lie in the required area, in degrees."""
    if not found:
        return []
    row, column = (np.array(each) + 0.5 for each in zip(*sorted(found), strict=True))
    x_m, y_m = source.corners(column, row)
    at_column, at_row = ~grid.transform @ (x_m, y_m)
    inside = (at_column >= 0) & (at_column < grid.width) & (at_row >= 0) & (at_row < grid.height)
    inside[inside] = core[at_row[inside].astype(int), at_column[inside].astype(int)]
    return _in_degrees(grid, x_m[inside], y_m[inside])


def _in_degrees(
    grid: Grid, x_m: NDArray[np.float64], y_m: NDArray[np.float64]
) -> list[tuple[float, float]]:
    to_degrees = operation(grid.crs, WGS84)
    if to_degrees is None:
        raise ValueError(f"{grid.crs} has no known place on Earth")
    lon, lat = to_degrees.transform(x_m, y_m)
    return list(zip(lon.tolist(), lat.tolist(), strict=True))


def _inside(area: Any, grid: Grid) -> tuple[Flags, Flags]:
    """Return which pixels have their centre in an area, and which it touches."""
    core, touched = (full_on_disk(grid.shape, False, np.dtype(bool)) for _ in range(2))
    if area is not None:
        for flags, every in ((core, False), (touched, True)):
            rasterize([area], out=flags.view(np.uint8), transform=grid.transform, all_touched=every)
        touched |= core
    return core, touched


def _flagged(grid: Grid, find: Callable[[slice], Flags]) -> Flags:
    """Return a flag for each pixel, on the disk, found some rows at a time."""
    flags = full_on_disk(grid.shape, False, np.dtype(bool))
    for rows in blocks_of_rows(grid.height):
        flags[rows] = find(rows)
    return flags


def _patches(flags: Flags) -> tuple[Labels, list[tuple[slice, slice]]]:
    """Return the number of each flagged pixel's patch, from 1 on, and the box of each patch."""
    patches = full_on_disk(flags.shape, 0, np.dtype(np.int32))
    if not flags.any():
        return patches, []
    count = ndimage.label(flags, structure=EIGHT, output=patches)
    boxes = ndimage.find_objects(patches, max_label=count)
    return patches, [(rows, columns) for rows, columns in boxes]


def _sizes(patches: Labels, count: int) -> Labels:
    """Return the number of pixels of each patch, 0 for what is none."""
    sizes = np.zeros(count + 1, dtype=np.int64)
    for rows in blocks_of_rows(len(patches)):
        sizes += np.bincount(patches[rows].ravel(), minlength=count + 1)
    sizes[0] = 0
    return sizes


def _require_cover(grid: Grid, missing: Flags, core: Flags) -> None:
    if missing.any():
        percent = 100 * missing.sum() / core.sum()
        raise TerrainError("terrain.not_covered", percent=percent, **_extent(grid, missing))


def _without_zero_holes(
    grid: Grid, height: NDArray[np.float32], core: Flags, largest_void_px: int
) -> list[tuple[float, float]]:
    """Refuse large voids that a program has stored as 0 m; the sea has a shore.

    Small ones become voids, in place; those in the required area are returned by their
    places in degrees.

    Raises
    ------
    TerrainError
    """
    patches, boxes = _patches(_flagged(grid, lambda rows: height[rows] == 0))
    holes, small = (full_on_disk(grid.shape, False, np.dtype(bool)) for _ in range(2))
    sizes = _sizes(patches, len(boxes))
    for number, place in enumerate(boxes, start=1):
        if _SHORE_M <= _lowest_around(height, patches, number, place) < np.inf:
            kind = small if sizes[number] <= largest_void_px else holes
            for box in _strips(place):
                kind[box] |= patches[box] == number
    height[small] = np.nan
    holes &= core
    if holes.any():
        raise TerrainError("terrain.zero_hole", pixels=int(holes.sum()), **_extent(grid, holes))
    small &= core
    at_row, at_column = np.nonzero(small)
    return _in_degrees(grid, grid.x_m[at_column], grid.y_m[at_row])


def _strips(place: tuple[slice, slice]) -> Iterator[tuple[slice, slice]]:
    """Yield a box some rows at a time: one patch may be a whole sea."""
    rows, columns = place
    for some in blocks_of_rows(rows.stop - rows.start):
        yield slice(rows.start + some.start, rows.start + some.stop), columns


def _lowest_around(
    height: NDArray[np.float32], patches: Labels, number: int, place: tuple[slice, slice]
) -> float:
    """Return the lowest ground around a patch, or some below the shore; infinity for none.

    The pixels beside it may hold a part of its zero, and are passed over.
    """
    reach, lowest = _BLENDED_PX + 1, np.inf
    rows, columns = (slice(max(side.start - reach, 0), side.stop + reach) for side in place)
    rows = slice(rows.start, min(rows.stop, len(height)))
    for own, _ in _strips((rows, columns)):
        seen = slice(max(own.start - reach, rows.start), own.stop + reach)
        near = ndimage.binary_dilation(
            patches[seen, columns] == number, EIGHT, iterations=_BLENDED_PX
        )
        ring = ndimage.binary_dilation(near, EIGHT) & ~near
        around = height[own, columns][ring[own.start - seen.start :][: own.stop - own.start]]
        lowest = min(lowest, around[~np.isnan(around)].min(initial=np.inf))
        if lowest < _SHORE_M:
            break
    return lowest


def _fill(
    grid: Grid,
    height: NDArray[np.float32],
    framed: Flags,
    core: Flags,
    touched: Flags,
    largest_void_px: int,
) -> list[int]:
    """Fill small voids and the rim of the area in place; return the sizes of what was filled."""

    def rim(rows: slice) -> Flags:
        return touched[rows] & ~core[rows]

    voids, boxes = _patches(
        _flagged(grid, lambda rows: np.isnan(height[rows]) & framed[rows] & ~rim(rows))
    )
    sizes = _sizes(voids, len(boxes))
    too_large = sizes > largest_void_px
    if too_large.any():
        large = _flagged(grid, lambda rows: too_large[voids[rows]] & core[rows])
        if large.any():
            raise TerrainError(
                "terrain.large_void",
                pixels=int(large.sum()),
                limit=largest_void_px,
                **_extent(grid, large),
            )
    filled = []
    for number, place in enumerate(boxes, start=1):
        if sizes[number] <= largest_void_px:
            _fill_from_rim(height, place, voids[place] == number)
            filled.append(int(sizes[number]))
    ragged, boxes = _patches(_flagged(grid, lambda rows: np.isnan(height[rows]) & rim(rows)))
    for number, place in enumerate(boxes, start=1):
        _fill_from_rim(height, place, ragged[place] == number)
    filled += _sizes(ragged, len(boxes))[1:].tolist()
    left = _flagged(grid, lambda rows: np.isnan(height[rows]) & touched[rows])
    if left.any():
        # Nothing was near enough to fill them from.
        _require_cover(grid, left, touched)
    return filled


def _fill_from_rim(height: NDArray[np.float32], place: tuple[slice, ...], void: Flags) -> None:
    """Fill one void in place from the known heights around it."""
    rows, columns = (slice(max(side.start - 2, 0), side.stop + 2) for side in place)
    block = height[rows, columns]
    wanted = np.zeros(block.shape, dtype=bool)
    top, left = place[0].start - rows.start, place[1].start - columns.start
    wanted[top : top + void.shape[0], left : left + void.shape[1]] = void
    known = ~np.isnan(block)
    if known.any():
        filled = fillnodata(
            np.where(known, block, np.float32(0)), mask=known, max_search_distance=sum(block.shape)
        )
        block[wanted] = filled[wanted]


def _extent(grid: Grid, flags: Flags) -> dict[str, float]:
    """Return the box around pixels in degrees, for a message."""
    rows, columns = (np.flatnonzero(flags.any(axis=axis)) for axis in (1, 0))
    to_degrees = operation(grid.crs, WGS84)
    if to_degrees is None:
        raise ValueError(f"{grid.crs} has no known place on Earth")
    half = grid.resolution_m / 2
    box = to_degrees.transform_bounds(
        grid.x_m[columns.min()] - half,
        grid.y_m[rows.max()] - half,
        grid.x_m[columns.max()] + half,
        grid.y_m[rows.min()] + half,
    )
    return dict(zip(("west", "south", "east", "north"), box, strict=True))
