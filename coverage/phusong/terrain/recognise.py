"""Tell what a raster may be by its values: elevation, people, or land cover. Decides nothing."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from rasterio.enums import Resampling

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
    """

    uses: tuple[RasterUse, ...]
    lowest: float
    highest: float
    zero_share: float
    roughness: float


def raster_kinds(path: Path, *, shown: str) -> RasterKinds:
    """Tell what a raster may be.

    Ground is smooth and lies between -500 and 9,000 m; people are not negative and live in
    spots, with empty land between; land cover has the codes of ESA WorldCover and no other.

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
    return RasterKinds(uses=_uses(known, **figures), **figures)


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
    if in_range and roughness < _ROUGH and highest - lowest >= _LEAST_RANGE_M:
        uses.append("terrain")
    spotted = roughness > _SMOOTH or zero_share > _EMPTY
    if lowest >= 0 and highest > 0 and spotted:
        uses.append("population")
    return tuple(uses)
