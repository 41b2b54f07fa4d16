"""Rasters of a study as Cloud-Optimized GeoTIFF, and the colours QGIS draws them in.

A raster of decibels cannot carry colours itself: QGIS finds them beside it
(``.qml``), and a raster of its classes with a colour table serves everyone
else.
"""

import colorsys
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import rasterio
import xarray as xr
from numpy.typing import NDArray
from rasterio.enums import ColorInterp
from rasterio.io import MemoryFile
from rasterio.shutil import copy

from .._on_disk import full_on_disk
from ..grid import Grid, blocks_of_rows, grid_of, opened
from ..i18n import text
from ..tables import MARGIN_EDGES_DB
from .qml import RasterClass, palette_qml, raster_qml

NO_CLASS = 0
_MARGIN_COLOURS = ("#d9701b", "#f6ad62", "#a6cbe6", "#3f8ec4")
_LEVELS_DBM = (-115.0, -105.0, -95.0, -85.0)
_LEVEL_COLOURS = ("#f2ecd0", "#c7dfc0", "#82c0b5", "#3f93a6", "#1f5a86")


def signal_classes(quantity: Literal["margin_db", "level_dbm"]) -> tuple[RasterClass, ...]:
    """Return the classes in which a signal raster is drawn, from the lowest up.

    Parameters
    ----------
    quantity : {"margin_db", "level_dbm"}

    Returns
    -------
    tuple of RasterClass
        Each with its upper limit, itself not included, colour and words.

    Examples
    --------
    >>> [one.below for one in signal_classes("margin_db")]
    [-10.0, 0.0, 10.0, inf]
    """
    breaks, colours = (
        (MARGIN_EDGES_DB, _MARGIN_COLOURS)
        if quantity == "margin_db"
        else (_LEVELS_DBM, _LEVEL_COLOURS)
    )
    return tuple(
        RasterClass(below=below, colour=colour, label=text(f"export.{quantity}_{number}", "vi"))
        for number, (below, colour) in enumerate(
            zip((*breaks, math.inf), colours, strict=True), start=1
        )
    )


def write_cog(
    raster: xr.DataArray,
    path: Path,
    *,
    nodata: float,
    description: str,
    unit: str,
    overviews: Literal["AVERAGE", "NEAREST"],
    about: str = "",
) -> None:
    """Write one raster as a Cloud-Optimized GeoTIFF in the study's CRS.

    Tiles of 512 pixels, deflate with the predictor of the type, overviews and
    statistics inside, no time stamp: the same raster gives the same bytes.

    Parameters
    ----------
    raster : DataArray, shape (y, x)
        Made by `Grid.wrap`; written in its own dtype.
    path : Path
        File to write.
    nodata : float
        Value that stands for "nothing here"; NaN for floating point.
    description : str
        What the band holds, shown by QGIS as the band's name.
    unit : str
        Unit of the values as printed; empty where there is none.
    overviews : {"AVERAGE", "NEAREST"}
        How smaller copies are made: averages for levels and heights, nearest
        for classes and identifiers.
    about : str
        What a reader of the values must know, in the file's own description.

    Raises
    ------
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> import rasterio
    >>> from phusong.grid import Grid
    >>> grid = Grid("EPSG:9209", 90.0, 0.0, 90.0, width=2, height=1)
    >>> margin = grid.wrap(np.array([[5.0, np.nan]], np.float32), "margin_db")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "margin.tif"
    ...     write_cog(
    ...         margin, path, nodata=np.nan, description="Margin", unit="dB", overviews="AVERAGE"
    ...     )
    ...     with rasterio.open(path) as written:
    ...         written.units, written.read(1).tolist()
    (('dB',), [[5.0, nan]])
    """
    _write_cog(
        path,
        grid_of(raster),
        raster.to_numpy(),
        nodata=nodata,
        description=description,
        unit=unit,
        overviews=overviews,
        colours={},
        about=about,
    )


def write_class_cog(
    raster: xr.DataArray,
    path: Path,
    *,
    classes: Sequence[RasterClass],
    description: str,
    about: str = "",
) -> None:
    """Write a raster's classes as bytes with a colour table, and their words beside it.

    Parameters
    ----------
    raster : DataArray of float, shape (y, x)
        Made by `Grid.wrap`; NaN where there is nothing.
    path : Path
        File to write; QGIS's style goes beside it as ``.qml``.
    classes : sequence of RasterClass
        From the lowest up; the first is written as 1, NaN as 0.
    description : str
        What the band holds.
    about : str
        What a reader of the values must know, in the file's own description.

    Raises
    ------
    OSError
        If the files cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> import rasterio
    >>> from phusong.export.qml import RasterClass
    >>> from phusong.grid import Grid
    >>> classes = [
    ...     RasterClass(below=-105.0, colour="#fee8c8", label="dưới -105 dBm"),
    ...     RasterClass(below=np.inf, colour="#2b8cbe", label="từ -105 dBm"),
    ... ]
    >>> grid = Grid("EPSG:9209", 90.0, 0.0, 90.0, width=3, height=1)
    >>> level = grid.wrap(np.array([[-120.0, -105.0, np.nan]]), "level_dbm")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "level.tif"
    ...     write_class_cog(level, path, classes=classes, description="Level")
    ...     with rasterio.open(path) as written:
    ...         sorted(file.name for file in Path(folder).iterdir()), written.read(1).tolist()
    (['level.qml', 'level.tif'], [[1, 2, 0]])
    """
    values, grid = raster.to_numpy(), grid_of(raster)
    limits = [one.below for one in classes[:-1]]
    numbers = full_on_disk(values.shape, NO_CLASS, np.dtype(np.uint8))
    for rows in blocks_of_rows(grid.height):
        some = values[rows]
        numbers[rows] = np.where(np.isnan(some), NO_CLASS, 1 + np.digitize(some, limits))
    colours = {
        number: (*bytes.fromhex(one.colour.removeprefix("#")), 255)
        for number, one in enumerate(classes, start=1)
    }
    _write_cog(
        path,
        grid,
        numbers,
        nodata=NO_CLASS,
        description=description,
        unit="",
        overviews="NEAREST",
        colours={NO_CLASS: (0, 0, 0, 0), **colours},
        about=about,
    )
    entries = [(number, one.colour, one.label) for number, one in enumerate(classes, start=1)]
    path.with_suffix(".qml").write_text(palette_qml(entries), encoding="utf-8", newline="\n")


def mark_cog(
    source: Path, path: Path, *, overviews: Literal["AVERAGE", "NEAREST"], marking: str
) -> None:
    """Write a raster that `write_cog` or `write_class_cog` wrote once more, marked in its tags.

    Parameters
    ----------
    source : Path
        Of one band.
    path : Path
        File to write; pixels, words and colours are those of the source.
    overviews : {"AVERAGE", "NEAREST"}
        As for `write_cog`.
    marking : str
        Stands before what the file says of itself.

    Raises
    ------
    OSError
        If a file cannot be read or written.

    Examples
    --------
    >>> import tempfile
    >>> grid = Grid("EPSG:9209", 90.0, 0.0, 90.0, width=2, height=1)
    >>> level = grid.wrap(np.array([[5.0, np.nan]], np.float32), "level_dbm")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     here, there = Path(folder) / "a.tif", Path(folder) / "b.tif"
    ...     write_cog(level, here, nodata=np.nan, description="Level", unit="dBm",
    ...               overviews="AVERAGE", about="Invented")
    ...     mark_cog(here, there, overviews="AVERAGE", marking="Internal")
    ...     with rasterio.open(there) as written:
    ...         written.tags()["TIFFTAG_IMAGEDESCRIPTION"], written.units
    ('Internal. Invented', ('dBm',))
    """
    with rasterio.open(source) as given:
        place = given.transform
        said = given.tags().get("TIFFTAG_IMAGEDESCRIPTION")
        _write_cog(
            path,
            Grid(given.crs.to_string(), place.a, place.c, place.f, given.width, given.height),
            given.read(1),
            nodata=given.nodata,
            description=given.descriptions[0] or "",
            unit=given.units[0] or "",
            overviews=overviews,
            colours=given.colormap(1) if given.colorinterp[0] == ColorInterp.palette else {},
            about=". ".join(filter(None, (marking, said))),
        )


def write_raster_style(path: Path, classes: Sequence[RasterClass]) -> None:
    """Write the colours of a raster of numbers beside it, where QGIS looks for them.

    Parameters
    ----------
    path : Path
        The raster; the style goes beside it as ``.qml``.
    classes : sequence of RasterClass
        From the lowest up, two at least.

    Raises
    ------
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from phusong.export.qml import RasterClass
    >>> classes = [
    ...     RasterClass(below=0.0, colour="#fee8c8", label="dưới 0 dB"),
    ...     RasterClass(below=np.inf, colour="#2b8cbe", label="từ 0 dB"),
    ... ]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_raster_style(Path(folder) / "margin.tif", classes)
    ...     style = (Path(folder) / "margin.qml").read_text("utf-8")
    >>> style.count("từ 0 dB")
    1
    """
    path.with_suffix(".qml").write_text(raster_qml(classes), encoding="utf-8", newline="\n")


def write_server_style(path: Path, servers: xr.DataArray, names: Sequence[str]) -> None:
    """Write a colour and a name for each server of a raster, where QGIS looks for them.

    Parameters
    ----------
    path : Path
        The raster; the style goes beside it as ``.qml``.
    servers : DataArray of int, shape (y, x)
        Positions in `names`; negative for none.
    names : sequence of str
        What each server is called in the legend.

    Raises
    ------
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "best_server.tif"
    ...     write_server_style(path, xr.DataArray([[-1, 1]]), ["HG1 · 2G", "HG2 · 4G"])
    ...     written = path.with_suffix(".qml").read_text(encoding="utf-8")
    >>> "HG2 · 4G" in written, "HG1 · 2G" in written
    (True, False)
    """
    values, found = servers.to_numpy(), set[int]()
    for rows in blocks_of_rows(len(values)):
        found.update(np.unique(values[rows]).tolist())
    entries = [(one, _server_colour(one), names[one]) for one in sorted(found) if one >= 0]
    path.with_suffix(".qml").write_text(palette_qml(entries), encoding="utf-8", newline="\n")


def _server_colour(position: int) -> str:
    """Return a colour unlike those of the positions before: each hue a golden section further."""
    shares = colorsys.hls_to_rgb(position * 0.618034 % 1, 0.55 + 0.15 * (position % 3 - 1), 0.6)
    return "#" + "".join(f"{round(255 * share):02x}" for share in shares)


def _write_cog(  # noqa: PLR0913 - the properties of one file
    path: Path,
    grid: Grid,
    values: NDArray[Any],
    *,
    nodata: float,
    description: str,
    unit: str,
    overviews: Literal["AVERAGE", "NEAREST"],
    colours: Mapping[int, tuple[int, ...]],
    about: str,
) -> None:
    # The file is made in memory, so that a full disk is the system's plain error and not one of
    # GDAL's.
    with opened(values, grid.transform) as band, MemoryFile() as made:
        band.crs = grid.crs
        band.nodata = nodata
        band.set_band_description(1, description)
        band.units = (unit,)
        if about:
            band.update_tags(TIFFTAG_IMAGEDESCRIPTION=about)
        if colours:
            band.write_colormap(1, colours)
        copy(
            band,
            made.name,
            driver="COG",
            compress="DEFLATE",
            level=4,  # 6 takes a fifth longer, 9 six times as long, for files 1 to 4 % smaller
            predictor="NO" if colours else "YES",
            blocksize=512,
            overviews="AUTO",
            overview_resampling=overviews,
            statistics="YES",
            num_threads="ALL_CPUS",  # the bytes are the same for any number
        )
        path.write_bytes(made.getbuffer())
