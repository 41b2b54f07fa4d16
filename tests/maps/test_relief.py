"""The base map lies where the terrain lies, in Web Mercator."""

import base64
import warnings

import numpy as np
import pytest
from pyproj import Transformer
from rasterio.io import MemoryFile

from phusong.grid import Grid
from phusong.maps.relief import draw_relief
from phusong.maps.theme import Relief

X, Y = 447_572.06, 2_526_143.76


def relief(**changes):
    given = {"tints": ["#ffffff"], "shades": 11, "darkest": 0.5, "largest_px": 400}
    return Relief.model_validate(given | changes)


def raster(values, resolution_m=100):
    height, width = values.shape
    west, north = 444_000.0, 2_530_000.0
    return Grid("EPSG:9209", resolution_m, west, north, width, height).wrap(values, "shade")


def pixels(picture):
    """Return RGBA, shape (rows, columns, 4)."""
    code = base64.b64decode(picture.url.removeprefix("data:image/png;base64,"))
    with warnings.catch_warnings():  # a bare PNG has no place, and says so
        warnings.simplefilter("ignore")
        with MemoryFile(code) as memory, memory.open() as image:
            colours = image.colormap(1)
            table = [colours.get(n, (0, 0, 0, 0)) for n in range(256)]
            return np.array(table, "uint8")[image.read(1)]


def test_a_dark_spot_is_drawn_where_it_lies():
    shade = np.full((100, 100), 255, "uint8")
    row, column = int((2_530_000 - Y) // 100), int((X - 444_000) // 100)
    shade[row - 1 : row + 2, column - 1 : column + 2] = 0
    picture = draw_relief(relief(), raster(shade), None)
    image = pixels(picture)
    rows, columns = np.nonzero((image[..., 0] < 170) & (image[..., 3] == 255))
    (south, west), (north, east) = picture.bounds
    mercator = Transformer.from_crs("EPSG:4326", "EPSG:3857", always_xy=True)
    left, top = mercator.transform(west, north)
    right, bottom = mercator.transform(east, south)
    height, width = image.shape[:2]
    x = left + (columns.mean() + 0.5) * (right - left) / width
    y = top - (rows.mean() + 0.5) * (top - bottom) / height
    longitude, latitude = mercator.transform(x, y, direction="INVERSE")
    # The spot's centre is within half a pixel (50 m) of the point; 0.001° is about 100 m.
    assert longitude == pytest.approx(104.9911, abs=0.001)
    assert latitude == pytest.approx(22.8344, abs=0.001)


def test_outside_the_terrain_the_picture_is_clear():
    image = pixels(draw_relief(relief(), raster(np.full((300, 300), 255, "uint8")), None))
    # The square stands askew in Web Mercator: the corners of the picture lie beyond it.
    assert image[[0, 0, -1, -1], [0, -1, 0, -1], 3].tolist() == [0, 0, 0, 0]
    assert image[150, 150].tolist() == [255, 255, 255, 255]


def test_tints_follow_elevation():
    shade = np.full((60, 60), 255, "uint8")
    heights = raster(np.repeat(np.linspace(0, 1000, 60), 60).reshape(60, 60))
    image = pixels(draw_relief(relief(tints=["#00ff00", "#ff0000"]), raster(shade), heights))
    assert image[5, 30].tolist() == [0, 255, 0, 255]
    assert image[-6, 30].tolist() == [255, 0, 0, 255]


def test_large_terrain_is_averaged_down_to_the_given_size():
    rng = np.random.default_rng(2017)
    shade = raster(rng.integers(0, 256, (900, 600), dtype="uint8"))
    image = pixels(draw_relief(relief(largest_px=300), shade, None))
    assert 295 <= max(image.shape[:2]) <= 300
    middle = image[50:-50, 50:-50, 0].astype(float)
    assert middle.std() < 25  # of 3 × 3 averaged noise; single pixels would give about 37


def test_too_many_shades_for_the_palette_are_refused():
    with pytest.raises(ValueError, match="palette"):
        relief(tints=["#ffffff"] * 6, shades=43)
