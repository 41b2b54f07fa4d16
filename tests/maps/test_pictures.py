"""Rasters on the page: in Web Mercator, in the classes' colours, clear where unknown."""

import base64
import warnings

import numpy as np
import pytest
from pyproj import Transformer
from rasterio.io import MemoryFile
from rasterio.transform import from_bounds

from phusong.maps.paint import Classes
from phusong.maps.pictures import draw_classes

from .conftest import CRS, SOUTH, WEST, margins

CLASSES = Classes(breaks=(0.0, 10.0), colours=("#c05000", "#80b0d0", "#205090"))


def content(picture):
    """Return palette indices and the palette."""
    code = base64.b64decode(picture.url.split(",", 1)[1])
    with warnings.catch_warnings():  # a bare PNG has no place, and says so
        warnings.simplefilter("ignore")
        with MemoryFile(code) as file, file.open() as image:
            return image.read(1), image.colormap(1)


def colours(picture):
    """Return a function of longitude and latitude that reads the picture as the page places it."""
    pixels, palette = content(picture)
    (south, west), (north, east) = picture.bounds
    to_mercator = Transformer.from_crs("EPSG:4326", "EPSG:3857", always_xy=True)
    edges = to_mercator.transform([west, east], [south, north])
    frame = from_bounds(edges[0][0], edges[1][0], edges[0][1], edges[1][1], *pixels.shape[::-1])

    def at(x_m, y_m):
        x, y = Transformer.from_crs(CRS, "EPSG:3857", always_xy=True).transform(x_m, y_m)
        column, row = ~frame * (x, y)
        return palette[int(pixels[int(row), int(column)])]

    return at


@pytest.mark.parametrize("resolution_m", [100, 500])
def test_each_place_shows_the_class_of_its_own_value(resolution_m):
    at = colours(draw_classes(margins(resolution_m), CLASSES, largest_px=2000))
    for kilometre in np.arange(1.0, 29.0, 1.5):
        margin = 20 - kilometre
        if min(abs(margin), abs(margin - 10)) < 2 * resolution_m / 1000:
            continue  # within two pixels of a class's edge
        colour = at(WEST + 1000 * kilometre, SOUTH + 5_000)
        wanted = CLASSES.colours[0 if margin < 0 else 1 if margin < 10 else 2]
        assert colour == (*bytes.fromhex(wanted[1:]), 255)


def test_where_nothing_is_known_the_picture_is_clear():
    raster = margins()
    raster[:, :20] = np.nan
    at = colours(draw_classes(raster, CLASSES, largest_px=2000))
    assert at(WEST + 5_000, SOUTH + 5_000)[3] == 0
    assert at(WEST + 15_000, SOUTH + 5_000)[3] == 255


def test_a_large_raster_is_averaged_down_to_the_size_asked_for():
    picture = draw_classes(margins(100), CLASSES, largest_px=64)
    assert max(content(picture)[0].shape) <= 65
    assert colours(picture)(WEST + 2_000, SOUTH + 5_000) == (32, 80, 144, 255)
