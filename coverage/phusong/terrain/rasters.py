"""Open a foreign raster safely: one band, a CRS, no claim that its bytes cannot back."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import rasterio
from rasterio.errors import RasterioError

from ..errors import InputError, Problem

SUFFIX_DRIVERS = {".tif": "GTiff", ".tiff": "GTiff", ".hgt": "SRTMHGT", ".vrt": "VRT"}
LARGEST_RASTER_PX = 4_000_000_000
LARGEST_COMPRESSION = 2_000
"""A raster that claims to unpack to more than this many times its file is refused."""


@contextmanager
def open_raster(path: Path, shown: str) -> Iterator[Any]:
    """Open one raster for reading, or say why it cannot be used.

    Parameters
    ----------
    path : path
        GeoTIFF, SRTM ``.hgt`` tile or VRT whose sources lie in its own folder.
    shown : str
        The name to use in messages.

    Yields
    ------
    rasterio.DatasetReader

    Raises
    ------
    InputError
        If the file is empty, of another kind, damaged, without CRS, has
        several bands, or claims a size that its bytes cannot back.
    """
    driver = SUFFIX_DRIVERS.get(path.suffix.lower())
    if driver is None:
        known = ", ".join(SUFFIX_DRIVERS)
        raise _refuse("unknown_format", shown, suffix=path.suffix or "–", known=known)
    if path.stat().st_size == 0:
        raise _refuse("empty_file", shown)
    if driver == "VRT":
        _check_vrt(path, shown)
    # A directory listing would let a sidecar file change what is read.
    with rasterio.Env(GDAL_DISABLE_READDIR_ON_OPEN="EMPTY_DIR", GDAL_MAX_DATASET_POOL_SIZE=16):
        try:
            dataset = rasterio.open(path, driver=driver)
        except RasterioError as broken:
            raise _refuse("unreadable", shown, detail=_first_line(broken, path)) from None
        with dataset:
            _check_claims(dataset, path, shown, of_vrt=driver == "VRT")
            try:
                yield dataset
            except RasterioError as broken:
                raise _refuse("damaged", shown, detail=_first_line(broken, path)) from None


def _refuse(message: str, shown: str, **values: Any) -> InputError:
    return InputError([Problem(message=f"terrain.{message}", file=shown, values=values)])


def _first_line(broken: Exception, path: Path) -> str:
    """Return GDAL's reason without the folders of this machine."""
    reason = str(broken.__cause__ or broken) or type(broken).__name__
    return reason.replace(str(path.parent), "").splitlines()[0]


def _check_claims(dataset: Any, path: Path, shown: str, *, of_vrt: bool) -> None:
    if dataset.count != 1:
        raise _refuse("several_bands", shown, count=dataset.count)
    if dataset.crs is None:
        raise _refuse("no_crs", shown)
    pixels = dataset.width * dataset.height
    claimed = pixels * np.dtype(dataset.dtypes[0]).itemsize
    if pixels > LARGEST_RASTER_PX or (
        not of_vrt and claimed > path.stat().st_size * LARGEST_COMPRESSION
    ):
        raise _refuse(
            "too_large_a_claim",
            shown,
            width=dataset.width,
            height=dataset.height,
            megabytes=f"{path.stat().st_size / 1e6:.1f}",
        )


def _check_vrt(path: Path, shown: str) -> None:
    """Refuse a VRT that reads anything but rasters of its own folder."""
    if path.stat().st_size > 5_000_000:
        raise _refuse("unreadable", shown, detail="VRT > 5 MB")
    text = path.read_text(encoding="utf-8", errors="replace")
    if "<!" in text.replace("<!--", ""):
        raise _refuse("unreadable", shown, detail="DOCTYPE")
    try:
        root = ElementTree.fromstring(text)  # noqa: S314  entities are refused above
    except ElementTree.ParseError as broken:
        raise _refuse("unreadable", shown, detail=str(broken)) from None
    for node in root.iter():
        if node.tag not in {"SourceFilename", "SourceDataset"}:
            continue
        name = (node.text or "").strip()
        source = path.parent / name
        if (
            not source.resolve().is_relative_to(path.parent.resolve())
            or source.suffix.lower() not in {".tif", ".tiff", ".hgt"}
            or not source.is_file()
        ):
            raise _refuse("vrt_outside", shown, source=name)
