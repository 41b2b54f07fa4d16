"""Small rasters on a grid of 5 rows and 6 columns of 100 m."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from phusong.grid import Grid


@pytest.fixture
def grid() -> Grid:
    return Grid("EPSG:9209", 100.0, 500_000.0, 2_500_500.0, 6, 5)


@pytest.fixture
def ramp() -> Any:
    """Return heights of 0 … 54 m: the row, plus ten times the column."""
    return np.add.outer(np.arange(5.0), 10 * np.arange(6.0)).astype(np.float32)


@pytest.fixture
def write(tmp_path) -> Callable[..., Path]:
    """Return a function that writes a GeoTIFF, by default on the grid."""

    def _write(
        name, values, *, crs="EPSG:9209", west=500_000.0, north=2_500_500.0, side=100.0, unit=None,
        scale=None, transform=None, **options,
    ):  # fmt: skip
        values = np.asarray(values)
        bands = values if values.ndim == 3 else values[np.newaxis]
        with rasterio.open(
            tmp_path / name, "w", driver="GTiff", height=bands.shape[1], width=bands.shape[2],
            count=bands.shape[0], dtype=values.dtype, crs=crs,
            transform=transform or from_origin(west, north, side, side), **options,
        ) as new:  # fmt: skip
            new.write(bands)
            if unit:
                new.units = [unit]
            if scale:
                new.scales, new.offsets = [scale[0]], [scale[1]]
        return tmp_path / name

    return _write
