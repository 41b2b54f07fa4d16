"""Cut the rasters of a province out of tiles and of whole countries.

Knows GeoTIFF and SRTM files; what is another format in disguise is refused. Memory is bounded by
the windows that rasterio's merge reads, whatever the size of tiles and province.
"""

import gzip
import math
import shutil
import stat
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import rasterio
from rasterio.errors import RasterioError, RasterioIOError
from rasterio.merge import merge
from rasterio.windows import Window

from ..errors import FetchError

Bounds = tuple[float, float, float, float]
_DRIVERS = {".tif": "GTiff", ".hgt": "SRTMHGT"}
_MEMORY_MB = 64
_LARGEST_PX = 8_000_000_000
_TOLERANCE_PX = 2.0
_CHUNK_BYTES = 1 << 20
_LOWEST_M, _HIGHEST_M = -500.0, 9000.0
_WORLDCOVER = frozenset({0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 100})


def unzipped(path: Path, largest_bytes: int, shown: str) -> Path:
    """Unpack the one GeoTIFF of a zip file beside it, unless it was before.

    Parameters
    ----------
    path : path
    largest_bytes : int
        Of the raster.
    shown : str

    Returns
    -------
    Path

    Raises
    ------
    FetchError
        If it is no archive, holds no raster or several, or one that is too large or protected.
    """
    target = path.with_suffix(".tif")
    if target.is_file() and target.stat().st_mtime >= path.stat().st_mtime:
        return target
    try:
        with zipfile.ZipFile(path) as archive:
            members = [
                one
                for one in archive.infolist()
                if PurePosixPath(one.filename).suffix.lower() == ".tif"
                and not one.is_dir()
                and not stat.S_ISLNK(one.external_attr >> 16)
            ]
            if len(members) != 1:
                raise FetchError("fetch.no_raster", name=shown, count=len(members))
            # The name inside is not used: nothing can lead elsewhere.
            if members[0].file_size > largest_bytes:
                raise FetchError("fetch.bomb", name=shown, limit=largest_bytes / 1e6)
            with archive.open(members[0]) as packed:
                _copied(packed, target, largest_bytes, shown)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as broken:
        raise FetchError("fetch.no_archive", name=shown, detail=type(broken).__name__) from None
    return target


def gunzipped(path: Path, largest_bytes: int, shown: str) -> Path:
    """Unpack a gzip file beside it, unless it was before.

    Parameters
    ----------
    path : path
        Its name without ``.gz`` is that of the file inside.
    largest_bytes : int
        Of what is inside.
    shown : str

    Returns
    -------
    Path

    Raises
    ------
    FetchError
        If it is no gzip file, or unpacks to too much.
    """
    target = path.with_suffix("")
    if target.is_file() and target.stat().st_mtime >= path.stat().st_mtime:
        return target
    try:
        with gzip.open(path) as packed:
            _copied(packed, target, largest_bytes, shown)
    except (gzip.BadGzipFile, zlib.error, EOFError) as broken:
        raise FetchError("fetch.no_archive", name=shown, detail=type(broken).__name__) from None
    return target


def _copied(packed: Any, target: Path, largest_bytes: int, shown: str) -> None:
    aside = target.with_name(f"{target.name}.unpacked")
    try:
        with aside.open("wb") as file:
            left = largest_bytes
            while some := packed.read(_CHUNK_BYTES):
                left -= len(some)
                if left < 0 or len(some) > shutil.disk_usage(target.parent).free:
                    raise FetchError("fetch.bomb", name=shown, limit=largest_bytes / 1e6)
                file.write(some)
        aside.replace(target)
    finally:
        aside.unlink(missing_ok=True)


@contextmanager
def opened(path: Path, shown: str) -> Iterator[Any]:
    """Open a raster as what its name says and as nothing else.

    Parameters
    ----------
    path : path
    shown : str

    Yields
    ------
    DatasetReader

    Raises
    ------
    FetchError
        If it is no such raster of one band in degrees of WGS 84.
    """
    driver = _DRIVERS.get(path.suffix.lower(), "GTiff")
    try:
        with rasterio.open(path, driver=driver) as dataset:
            degrees = dataset.crs is not None and dataset.crs.to_epsg() == 4326
            turned = dataset.transform.b != 0 or dataset.transform.d != 0
            if dataset.count != 1 or not degrees or turned or dataset.transform.e >= 0:
                raise FetchError("fetch.raster_form", name=shown)
            yield dataset
    except RasterioError as broken:
        raise FetchError("fetch.broken_raster", name=shown, detail=type(broken).__name__) from None


def check_extent(path: Path, bounds: Bounds, shown: str) -> None:
    """Refuse a raster that does not reach over its bounds, or was cut off.

    Parameters
    ----------
    path : path
    bounds : tuple of float
        West, south, east, north in degrees.
    shown : str

    Raises
    ------
    FetchError
    """
    with opened(path, shown) as dataset:
        _read_ends(dataset)
        west, south, east, north = dataset.bounds
        slack_x, slack_y = _TOLERANCE_PX * dataset.res[0], _TOLERANCE_PX * dataset.res[1]
        covers = (
            west <= bounds[0] + slack_x
            and south <= bounds[1] + slack_y
            and east >= bounds[2] - slack_x
            and north >= bounds[3] - slack_y
        )
        if not covers:
            found = ", ".join(f"{side:.2f}" for side in dataset.bounds)
            expected = ", ".join(f"{side:.2f}" for side in bounds)
            raise FetchError("fetch.elsewhere", name=shown, found=found, expected=expected)


def _read_ends(dataset: Any) -> None:
    """Read the corners and the middle: a file that was cut off cannot give them all."""
    for row in (0, dataset.height // 2, dataset.height - 1):
        for column in (0, dataset.width // 2, dataset.width - 1):
            dataset.read(1, window=Window(column, row, 1, 1))


def cut_out(
    paths: Sequence[Path], bounds: Bounds, target: Path, *, use: str, empty: float | None
) -> None:
    """Write the part of one or several rasters that lies within bounds, pixel by pixel as it is.

    Parameters
    ----------
    paths : sequence of path
        Rasters on one grid of degrees.
    bounds : tuple of float
        West, south, east, north in degrees; widened to whole pixels.
    target : path
        GeoTIFF; appears whole or not at all.
    use : {"terrain", "population", "land_cover"}
        What its values must be able to be.
    empty : float, optional
        Value where no raster lies; their void value if absent.

    Raises
    ------
    FetchError
        If they fit neither each other nor their use, or cannot be read to the end.
    """
    aside = target.with_name(f"{target.name}.part.tif")
    try:
        with ExitStack() as stack:
            datasets = [stack.enter_context(opened(path, path.name)) for path in paths]
            first = datasets[0]
            for one in datasets[1:]:
                if not np.allclose(one.res, first.res, rtol=1e-6, atol=0):
                    raise FetchError("fetch.raster_form", name=Path(one.name).name)
            box = _whole_pixels(first, bounds, _around(datasets))
            nodata = empty if first.nodata is None else first.nodata
            merge(
                datasets,
                bounds=box,
                nodata=nodata,
                dst_path=aside,
                mem_limit=_MEMORY_MB,
                dst_kwds={
                    "driver": "GTiff",
                    "compress": "deflate",
                    "tiled": True,
                    "blockxsize": 512,
                    "blockysize": 512,
                    "BIGTIFF": "IF_SAFER",
                    # A tile that is not there is no void: the provider says what it stands for.
                    "nodata": first.nodata,
                },
            )
        _check_values(aside, use, target.name)
        aside.replace(target)
    except (RasterioIOError, RasterioError) as broken:
        raise FetchError(
            "fetch.broken_raster", name=target.name, detail=type(broken).__name__
        ) from None
    finally:
        aside.unlink(missing_ok=True)


def _around(datasets: Sequence[Any]) -> Bounds:
    sides = np.array([one.bounds for one in datasets])
    west, south = sides[:, :2].min(axis=0)
    east, north = sides[:, 2:].max(axis=0)
    return float(west), float(south), float(east), float(north)


def _whole_pixels(dataset: Any, bounds: Bounds, there: Bounds) -> Bounds:
    """Widen bounds to edges of pixels, as far as there are any, so that none is resampled."""
    x, y = dataset.res
    left, top = dataset.transform.c, dataset.transform.f
    west = left + math.floor((max(bounds[0], there[0]) - left) / x + 1e-6) * x
    east = left + math.ceil((min(bounds[2], there[2]) - left) / x - 1e-6) * x
    north = top - math.floor((top - min(bounds[3], there[3])) / y + 1e-6) * y
    south = top - math.ceil((top - max(bounds[1], there[1])) / y - 1e-6) * y
    if (east - west) / x * (north - south) / y > _LARGEST_PX:
        raise FetchError("fetch.too_many_pixels", name=Path(dataset.name).name, limit=_LARGEST_PX)
    return west, south, east, north


def _check_values(path: Path, use: str, shown: str) -> None:
    lowest, highest, total = np.inf, -np.inf, 0.0
    codes: set[int] = set()
    with rasterio.open(path, driver="GTiff") as dataset:
        for _, window in dataset.block_windows(1):
            values = _known(dataset, window)
            if not values.size:
                continue
            lowest, highest = min(lowest, float(values.min())), max(highest, float(values.max()))
            total += float(values.sum(dtype=np.float64))
            if use == "land_cover":
                codes |= {int(code) for code in np.unique(values)[:300]}
    fits = {
        "terrain": _LOWEST_M <= lowest <= highest <= _HIGHEST_M,
        "population": lowest >= 0 and total > 0,
        "land_cover": bool(codes - {0}) and codes <= _WORLDCOVER,
    }[use]
    if not fits:
        raise FetchError("fetch.values", name=shown, lowest=lowest, highest=highest)


def _known(dataset: Any, window: Window) -> Any:
    values = dataset.read(1, window=window, masked=True)
    return (
        np.ma.masked_invalid(values).compressed()
        if values.dtype.kind == "f"
        else values.compressed()
    )
