"""Open a foreign raster safely: one band, a place, no claim that its bytes cannot back.

Knows files and formats; what the numbers mean is left to the modules that read them.
"""

import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.windows import Window

from ..errors import InputError
from .faults import refusal
from .mosaic import check_mosaic

DRIVERS = {".tif": "GTiff", ".tiff": "GTiff", ".hgt": "SRTMHGT", ".vrt": "VRT"}
LARGEST_RASTER_PX = 20_000_000_000
"""The whole of Hà Giang at 1 m has 18 billion pixels around it."""
LARGEST_EXPANSION = 40_000
"""Bytes that one byte on disk may stand for: ZSTD packs constant ground 28,000 : 1."""
LARGEST_BLOCK_BYTES = 256_000_000
"""GDAL holds whole blocks in memory, whatever part of them is asked for."""
_OPENING = Lock()
"""What `warnings.catch_warnings` sets and resets holds for all threads."""


@contextmanager
def open_raster(path: Path, shown: str) -> Iterator[Any]:
    """Open one raster for reading, or say why it cannot be used.

    Nothing is read or allocated on the word of a header: size, kind and block
    are held against the length of the file first. No file beside the named one
    is looked at, except the parts of a VRT, which must lie in its own folder.

    Parameters
    ----------
    path : path
        GeoTIFF, SRTM ``.hgt`` tile or VRT mosaic of such files.
    shown : str
        The name to use in messages.

    Yields
    ------
    rasterio.DatasetReader

    Raises
    ------
    InputError
        If the file is missing, empty, of another kind, damaged (also while it
        is read), without place or CRS, has several bands or complex numbers,
        or claims a size that its bytes cannot back.
    """  # noqa: DOC501  `refusal` makes an InputError
    driver = DRIVERS.get(path.suffix.lower())
    if driver is None:
        raise refusal("unknown_format", shown, suffix=path.suffix or "–", known=", ".join(DRIVERS))
    if not path.is_file():
        raise refusal("missing", shown)
    if path.stat().st_size == 0:
        raise refusal("empty_file", shown)
    # Without a listing of the folder no sidecar file changes what is read.
    with rasterio.Env(GDAL_DISABLE_READDIR_ON_OPEN="EMPTY_DIR"):
        if driver == "VRT":
            for part in check_mosaic(path, shown):
                with _open(part, DRIVERS[part.suffix.lower()], f"{shown}: {part.name}"):
                    pass
        with _open(path, driver, shown) as dataset:
            if dataset.crs is None:
                raise refusal("no_crs", shown)
            if dataset.transform.is_identity or dataset.transform.is_degenerate:
                raise refusal("no_place", shown)
            try:
                yield dataset
            except RasterioError as broken:
                raise refusal("damaged", shown, detail=_reason(broken, path)) from None


def read_numbers(dataset: Any, window: Window) -> NDArray[np.float64]:
    """Read a window as float64, scale and offset applied; NaN where there is no value."""
    with np.errstate(invalid="ignore", over="ignore"):  # odd NaNs and infinities of the file
        block: NDArray[np.float64] = dataset.read(1, window=window).astype(np.float64)
        block *= dataset.scales[0]
        block += dataset.offsets[0]
    block[dataset.read_masks(1, window=window) == 0] = np.nan
    return block


def _open(path: Path, driver: str, shown: str) -> Any:
    try:
        with _OPENING, warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            dataset = rasterio.open(path, driver=driver)
    except (RasterioError, UnicodeDecodeError) as broken:
        raise refusal("unreadable", shown, detail=_reason(broken, path)) from None
    try:
        _check_claims(dataset, path, shown)
    except InputError:
        dataset.close()
        raise
    return dataset


def _check_claims(dataset: Any, path: Path, shown: str) -> None:
    if dataset.count != 1:
        raise refusal("several_bands", shown, count=dataset.count)
    kind = np.dtype(dataset.dtypes[0])
    if kind.kind not in "iuf":
        raise refusal("no_numbers", shown, kind=dataset.dtypes[0])
    pixels, bytes_on_disk = dataset.width * dataset.height, path.stat().st_size
    size = {"width": dataset.width, "height": dataset.height}
    if dataset.driver != "VRT" and pixels * kind.itemsize > bytes_on_disk * LARGEST_EXPANSION:
        raise refusal("too_large_a_claim", shown, megabytes=bytes_on_disk / 1e6, **size)
    if pixels > LARGEST_RASTER_PX:
        raise refusal("too_many_pixels", shown, **size)
    if math.prod(dataset.block_shapes[0]) * kind.itemsize > LARGEST_BLOCK_BYTES:
        raise refusal("too_large_a_block", shown, megabytes=LARGEST_BLOCK_BYTES // 1_000_000)


def _reason(broken: Exception, path: Path) -> str:
    """Return GDAL's reason without the folders of this machine."""
    reason = str(broken.__cause__ or broken) or type(broken).__name__
    return reason.replace(f"{path.parent}/", "").splitlines()[0]
