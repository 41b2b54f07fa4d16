"""The signal on its way to the page: what was computed, one byte a pixel and quantity.

The page colours these pictures itself and reads them where the reader clicks, so that
what is told is what is seen. Values are taken pixel by pixel from the study's rasters,
never averaged; each is rounded down to the step its byte stands for.
"""

import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
import shapely
import xarray as xr
from numpy.typing import NDArray
from rasterio.enums import Resampling
from rasterio.features import geometry_mask
from rasterio.transform import Affine, array_bounds
from rasterio.warp import reproject, transform_bounds

from .._on_disk import full_on_disk
from ..grid import opened
from .geometry import DEGREES, transformer
from .layers import MapData
from .pictures import DATA_URL, WEB_MERCATOR, frame, grey

LEAST_DB, STEP_DB, FIRST = -126.0, 1.0, 2
"""Margin of the first byte that stands for one, and how far the next one is."""
SECOND_STEP_DB, MOST_SERVERS, OBSTACLE_STEP_M = 2.0, 9, 200.0
"""What is told less finely, for what varies from pixel to pixel makes the page large."""
NOWHERE, NOBODY = 0, 1
"""Bytes of a pixel outside the study area, and of one that no cell reaches."""
LARGEST = 255
TILE_PX = 512
MANY_TIMES = 2
MOST_TILED_PX = 8_000_000
"""Pixels that a page holds in full, in tiles behind it, where they are at least `MANY_TIMES` as
many as its pictures have: some 7 bytes each of four services. Elsewhere only some pixels are
shown, and the page tells it."""
NEIGHBOURS_PX = 2
"""Around a tile, for what lies on its edge."""
ROWS = 256
"""Rows of a raster looked at together where all are: memory follows them, not the province."""
PATCHES = (
    "#8dd3c7", "#ffffb3", "#bebada", "#fb8072", "#80b1d3", "#fdb462", "#b3de69", "#fccde5",
    "#bc80bd", "#ccebc5", "#ffed6f",
)  # fmt: skip
"""Colours that stations take in turn: ColorBrewer Set3, soft, so that names stay readable."""
CELL_FIELDS = ("cell_id", "station_id", "operator", "technology")

Bytes = NDArray[np.uint8]


def signal_planes(data: MapData, largest_px: int, *, tiled: bool = True) -> dict[str, Any] | None:
    """Return the signal of every service as the page reads it; None without any.

    Parameters
    ----------
    data : MapData
        Its rasters lie on one grid, over all services.
    largest_px : int
        Longest side of the pictures; of a larger raster only some pixels are taken.
    tiled : bool
        Whether the others are held too.

    Returns
    -------
    dict or None
        ``bounds``, ``width`` and ``height`` of the pictures in Web Mercator; ``pictures``,
        each once; what their bytes stand for; ``services``: positions of the pictures by
        quantity, and the level that each cell needs. ``tiles``, where the raster has many more
        pixels than the pictures: the same of each square of `TILE_PX`, with every pixel; None
        where the pictures hold most, and of a raster above `MOST_TILED_PX`. ``thinned_m``, where
        neither pictures nor tiles hold every pixel: how far those shown lie apart, in metres.
    """
    margins = data.rasters.get("margin_db", {})
    if not margins:
        return None
    first = next(iter(margins.values()))
    shape, transform = frame(first, largest_px)
    whole, fine = frame(first, sys.maxsize)
    communes = data.tables.get("communes")
    by_service = {
        service: {name: found[service] for name, found in data.rasters.items() if service in found}
        for service in margins
    }
    area = (
        None
        if communes is None or not len(communes)
        else gpd.GeoSeries([data.area_of("communes")], crs=communes.crs)
        .to_crs(WEB_MERCATOR)
        .iloc[0]
    )
    pixels = _Pixels(
        rasters=by_service,
        rank=None if data.cells is None else cell_rank(data.cells),
        area=area,
    )
    pictures: dict[str, int] = {}
    services = pixels.drawn(shape, transform, pictures)
    for service, found in services.items():
        rasters = by_service[service]
        if "server_low" in found and "level_dbm" in rasters and pixels.rank is not None:
            found["needed_dbm"] = _needed_dbm(rasters, pixels.rank)
    larger = math.prod(whole) >= MANY_TIMES * math.prod(shape)
    fits = math.prod(whole) <= MOST_TILED_PX
    tiles = _tiles(pixels, whole, fine) if tiled and larger and fits else None
    some_alone = tiles is None and math.prod(whole) > math.prod(shape)
    return {
        **_placed(shape, transform),
        "least_db": LEAST_DB,
        "step_db": STEP_DB,
        "second_step_db": SECOND_STEP_DB,
        "most_servers": MOST_SERVERS,
        "obstacle_step_m": OBSTACLE_STEP_M,
        "pictures": list(pictures),
        "services": services,
        "tiles": tiles,
        "thinned_m": abs(first.rio.resolution()[0]) * whole[1] / shape[1] if some_alone else None,
    }


def _placed(shape: tuple[int, int], transform: Affine) -> dict[str, Any]:
    """Return where a frame lies in degrees, and its size in pixels."""
    west, south, east, north = array_bounds(*shape, transform)
    (left, right), (bottom, top) = transformer(WEB_MERCATOR, DEGREES).transform(
        [west, east], [south, north]
    )
    return {
        "bounds": [[round(bottom, 6), round(left, 6)], [round(top, 6), round(right, 6)]],
        "width": shape[1],
        "height": shape[0],
    }


def _tiles(pixels: "_Pixels", shape: tuple[int, int], transform: Affine) -> dict[str, Any]:
    """Return the pictures of each tile, row by row from the north-west; None outside the area."""
    pictures: dict[str, int] = {}
    at: list[dict[str, dict[str, int]] | None] = []
    for row in range(0, shape[0], TILE_PX):
        for column in range(0, shape[1], TILE_PX):
            size = min(TILE_PX, shape[0] - row), min(TILE_PX, shape[1] - column)
            placed = transform * Affine.translation(column, row)
            at.append(pixels.drawn(size, placed, pictures) or None)
    return {
        **_placed(shape, transform),
        "side": TILE_PX,
        "at": at,
        "pictures": [url.removeprefix(DATA_URL) for url in pictures],
    }


@dataclass(frozen=True, kw_only=True, eq=False)
class _Pixels:
    """What is drawn of each service, and where."""

    rasters: Mapping[str, Mapping[str, xr.DataArray]]
    rank: NDArray[np.intp] | None
    area: shapely.Geometry | None

    def drawn(
        self, shape: tuple[int, int], transform: Affine, pictures: dict[str, int]
    ) -> dict[str, dict[str, Any]]:
        """Return where the pictures of a frame stand, by service and quantity; none outside."""
        first = next(iter(next(iter(self.rasters.values())).values()))
        index = _nearest(first, shape, transform)
        outside = index < 0
        if self.area is not None:
            outside |= geometry_mask(
                [self.area], out_shape=shape, transform=transform, all_touched=True
            )
        if outside.all():
            return {}

        def keep(codes: NDArray[Any]) -> int:
            seen = np.where(outside, NOWHERE, codes).astype(np.uint8)
            return pictures.setdefault(grey(seen, transform), len(pictures))

        return {
            service: _service(found, index, self.rank, keep)
            for service, found in self.rasters.items()
        }


def cell_rank(cells: gpd.GeoDataFrame) -> NDArray[np.intp]:
    """Return each cell's place on the page: neighbours together, so that pictures are small."""
    order = np.argsort(cells.geometry.hilbert_distance().to_numpy(), kind="stable")
    rank = np.empty(len(cells), np.intp)
    rank[order] = np.arange(len(cells))
    return rank


def cell_columns(cells: gpd.GeoDataFrame) -> dict[str, list[Any]]:
    """Return what the page tells of each cell, by field, in the order of `cell_rank`."""
    ordered = cells.iloc[np.argsort(cell_rank(cells))]
    azimuth = ordered.get("azimuth_deg", pd.Series(np.nan, ordered.index))
    rounded = [None if pd.isna(one) else round(float(one)) for one in azimuth]
    named = {name: ordered[name].astype(str).tolist() for name in CELL_FIELDS}
    patches = [station_patch(station) for station in named["station_id"]]
    return {**named, "azimuth_deg": rounded, "patch": patches}


def station_patch(station_id: str) -> int:
    """Return which of `PATCHES` a station has, the same on every map.

    Examples
    --------
    >>> station_patch("HG0001-VTL-4G") == station_patch("HG0001-VTL-4G")
    True
    """
    number = reduce(lambda sum_, letter: (sum_ * 31 + ord(letter)) % 1_000_003, station_id, 7)
    return number % len(PATCHES)


def margin_bytes(margin_db: NDArray[np.floating], step_db: float = STEP_DB) -> Bytes:
    """Return the byte of each margin, rounded down; `NOBODY` where it is NaN.

    Examples
    --------
    >>> margin_bytes(np.array([np.nan, -0.01, 0.0, 0.99, 1.0, 500.0])).tolist()
    [1, 127, 128, 128, 129, 255]
    """
    zero = FIRST - LEAST_DB / STEP_DB
    steps = np.floor(np.nan_to_num(margin_db) / step_db) + zero
    codes: Bytes = np.clip(steps, FIRST, LARGEST).astype(np.uint8)
    codes[~np.isfinite(margin_db)] = NOBODY
    return codes


def _service(
    rasters: Mapping[str, xr.DataArray],
    index: NDArray[np.int32],
    rank: NDArray[np.intp] | None,
    keep: Callable[[NDArray[Any]], int],
) -> dict[str, Any]:
    """Return where the pictures of a service stand, by quantity."""

    def at(name: str) -> NDArray[Any]:
        return rasters[name].to_numpy().ravel()[index]

    found: dict[str, Any] = {"margin": keep(margin_bytes(at("margin_db")))}
    if "best_server" in rasters and rank is not None:
        for quantity, row in _servers(at, rasters):
            server = np.where(row < 0, 0, rank[row] + 1)
            found[f"{quantity}_low"] = keep(server % 256)
            found[f"{quantity}_high"] = keep(server // 256)
    if "second_margin_db" in rasters:
        found["second"] = keep(margin_bytes(at("second_margin_db"), SECOND_STEP_DB))
    if "servers" in rasters:
        found["servers"] = keep(np.minimum(at("servers"), MOST_SERVERS))
    if "obstacle_distance_m" in rasters:
        steps = np.ceil(np.nan_to_num(at("obstacle_distance_m")) / OBSTACLE_STEP_M)
        found["obstacle"] = keep(np.minimum(steps, LARGEST))
    return found


def _servers(
    at: Callable[[str], NDArray[Any]], rasters: Mapping[str, xr.DataArray]
) -> Iterator[tuple[str, NDArray[Any]]]:
    """Yield the rows of the servers to be told; the second only where the best one serves."""
    yield "server", at("best_server")
    if "second_server" in rasters:
        yield "second_server", np.where(at("margin_db") >= 0, at("second_server"), -1)


def _needed_dbm(
    rasters: Mapping[str, xr.DataArray], rank: NDArray[np.intp]
) -> dict[str, list[Any]]:
    """Return the level at which each cell just serves: what lies between level and margin.

    Few cells differ, so each has the position of its level among those there are.
    """
    server, margin, level = (
        rasters[name].to_numpy() for name in ("best_server", "margin_db", "level_dbm")
    )
    needed = np.full(len(rank), np.nan)
    for first in range(0, len(server), ROWS):
        rows = slice(first, first + ROWS)
        serving = server[rows] >= 0
        told = (level[rows] - margin[rows])[serving].astype(float).round(1)
        needed[rank[server[rows][serving]]] = told
    levels = np.unique(needed[np.isfinite(needed)])
    places = np.where(np.isfinite(needed), np.searchsorted(levels, needed), -1)
    return {"levels": levels.tolist(), "places": places.tolist()}


def _nearest(raster: xr.DataArray, shape: tuple[int, int], transform: Affine) -> NDArray[np.int32]:
    """Return which pixel of the raster each pixel of the frame takes; -1 where none."""
    index = np.full(shape, -1, np.int32)
    height, width = raster.shape
    own = raster.rio.transform(recalc=True)
    place = (WEB_MERCATOR, raster.rio.crs, *array_bounds(*shape, transform))
    west, south, east, north = transform_bounds(*place)
    (left, right), (top, bottom) = ~own * (np.array([west, east]), np.array([north, south]))
    rows, columns = _near(top, bottom, height), _near(left, right, width)
    if not len(rows) or not len(columns):
        return index
    # Without rioxarray, which would copy the numbers, as many as the raster has pixels, twice.
    numbers = full_on_disk((len(rows), len(columns)), 0, np.dtype(np.int32))
    np.add(rows[:, None] * np.int32(width), columns, out=numbers)
    with opened(numbers, own * Affine.translation(columns[0], rows[0])) as band:
        band.crs, band.nodata = raster.rio.crs, -1
        reproject(
            rasterio.band(band, 1),
            index,
            dst_transform=transform,
            dst_crs=WEB_MERCATOR,
            dst_nodata=-1,
            resampling=Resampling.nearest,
        )
    return index


def _near(low: float, high: float, most: int) -> NDArray[np.int32]:
    """Return the pixels of a side between two places and a little beyond, as far as there are."""
    first, last = math.floor(low) - NEIGHBOURS_PX, math.ceil(high) + NEIGHBOURS_PX
    return np.arange(max(first, 0), min(last, most), dtype=np.int32)


def planes_once(data: MapData, largest_px: Sequence[int], *, tiled: bool) -> dict[str, Any] | None:
    """Return the planes at the finest size asked for, made once for all maps."""
    if not largest_px:
        return None
    size = max(largest_px)
    make = partial(signal_planes, data, size, tiled=tiled)
    found: dict[str, Any] | None = data.once(("planes", size, tiled), make)
    return found
