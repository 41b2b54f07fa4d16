"""Tell what a raster may be by its values: elevation, people, or land cover.

Where values leave it in doubt the file's name may tell. Decides nothing.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from rasterio.enums import Resampling

from ..i18n import fold
from .rasters import open_raster

RasterUse = Literal["terrain", "population", "land_cover"]
WORLDCOVER_CODES = frozenset({10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 100})
"""Classes of ESA WorldCover."""
_SAMPLE_PX = 512
_LOWEST_M, _HIGHEST_M = -500.0, 9000.0
_SMOOTH = 0.35  # neighbours differ by less than this share of the spread: ground
_ROUGH = 0.5  # by more: people, who live in spots
_LEAST_RANGE_M = 10.0
_EMPTY = 0.05
_FLAT_M, _SEA = 50.0, 0.7
"""Spread of a delta's ground, where the noise of an elevation model is as large; share of sea."""
_NAMES: dict[RasterUse, str] = {
    "terrain": "dem|srtm|dtm|dsm|copernicus|aster|elevation|terrain|do_?cao|dia_?hinh",
    "population": "pop|population|worldpop|ghs_pop|ppp|dan_?so|dan_?cu",
    "land_cover": "worldcover|land_?cover|lulc|lop_?phu|thuc_?phu",
}


@dataclass(frozen=True, kw_only=True)
class RasterKinds:
    """What a raster may be, and the figures that tell.

    Parameters
    ----------
    uses : tuple of {"terrain", "population", "land_cover"}
        One if the values leave no doubt; none if they are nothing of the kind.
    lowest, highest : float
        Of up to 512 × 512 values spread over it.
    zero_share : float
        Of those values, the share that is 0.
    roughness : float
        Mean difference of neighbours over the standard deviation.
    by_name : bool
        Whether the file's name decided between several.
    """

    uses: tuple[RasterUse, ...]
    lowest: float
    highest: float
    zero_share: float
    roughness: float
    by_name: bool = False


def raster_kinds(path: Path, *, shown: str) -> RasterKinds:
    """Tell what a raster may be.

    Ground is smooth and lies between -500 and 9,000 m, or is flat as a delta; people are not
    negative and live in spots, with empty land between; land cover has the codes of ESA
    WorldCover and no other. Where more than one is possible a word of the file's name tells.

    Parameters
    ----------
    path : path
        GeoTIFF, ``.hgt`` or VRT.
    shown : str
        Its name in messages.

    Returns
    -------
    RasterKinds

    Raises
    ------
    InputError
        If the file cannot be read as a raster of one band.

    Examples
    --------
    >>> import tempfile
    >>> from phusong.grid import Grid
    >>> grid = Grid("EPSG:9209", 90.0, 450_000.0, 2_530_000.0, width=40, height=40)
    >>> slope = np.add.outer(np.arange(40.0), np.arange(40.0)) * 10 + 200
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "ground.tif"
    ...     grid.wrap(slope, "terrain", nodata=np.nan).rio.to_raster(path)
    ...     raster_kinds(path, shown="ground.tif").uses
    ('terrain',)
    """
    with open_raster(path, shown) as dataset:
        # A window at full resolution in the middle: decimated, ground would look rough.
        height, width = (min(side, _SAMPLE_PX) for side in dataset.shape)
        top, left = (dataset.height - height) // 2, (dataset.width - width) // 2
        window = ((top, top + height), (left, left + width))
        near = dataset.read(1, window=window, masked=True)
        values = dataset.read(
            1, out_shape=(height, width), masked=True, resampling=Resampling.nearest
        )
    known = np.ma.masked_invalid(values.astype(np.float64)).compressed()
    beside = np.ma.masked_invalid(near.astype(np.float64))
    if not known.size:
        return RasterKinds(uses=(), lowest=np.nan, highest=np.nan, zero_share=np.nan,
                           roughness=np.nan)  # fmt: skip
    step = np.ma.abs(beside[:, 1:] - beside[:, :-1]).compressed()
    spread = float(beside.compressed().std()) if beside.count() else 0.0
    figures = {
        "lowest": float(known.min()),
        "highest": float(known.max()),
        "zero_share": float((known == 0).mean()),
        "roughness": float(step.mean()) / spread if step.size and spread > 0 else 0.0,
    }
    uses = _uses(known, **figures)
    named = tuple(use for use in uses if _named(use, shown))
    decided = len(uses) > 1 and len(named) == 1
    return RasterKinds(uses=named if decided else uses, **figures, by_name=decided)


def _named(use: RasterUse, shown: str) -> bool:
    """Tell whether a word of a file's name is one of a use."""
    words = "_".join(re.findall("[a-z]+", fold(Path(shown).stem)))
    return re.search(rf"(?:^|_)(?:{_NAMES[use]})(?:_|$)", words) is not None


def _uses(
    known: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    *,
    lowest: float,
    highest: float,
    zero_share: float,
    roughness: float,
) -> tuple[RasterUse, ...]:
    found = {*np.unique(known).tolist()} - {0.0}
    if len(found) > 1 and found <= WORLDCOVER_CODES:
        return ("land_cover",)
    uses: list[RasterUse] = []
    in_range = lowest >= _LOWEST_M and highest <= _HIGHEST_M
    ground = roughness < _ROUGH and highest - lowest >= _LEAST_RANGE_M
    flat = 0 < highest - lowest < _FLAT_M and zero_share < _SEA
    if in_range and (ground or flat):
        uses.append("terrain")
    spotted = roughness > _SMOOTH or zero_share > _EMPTY
    if lowest >= 0 and highest > 0 and spotted:
        uses.append("population")
    return tuple(uses)
