"""Elevation and people on the study's grid; knows rasters, not stations or services."""

from .clutter import read_clutter_height
from .elevation import Elevation, read_elevation
from .hillshade import hillshade
from .land_cover import read_land_cover
from .local_relief import MOUNTAIN_RELIEF_M, local_relief_m
from .native import pixel_side_m, read_native
from .population import Population, read_population
from .recognise import RasterKinds, raster_kinds

__all__ = [
    "MOUNTAIN_RELIEF_M",
    "Elevation",
    "Population",
    "RasterKinds",
    "hillshade",
    "local_relief_m",
    "pixel_side_m",
    "raster_kinds",
    "read_clutter_height",
    "read_elevation",
    "read_land_cover",
    "read_native",
    "read_population",
]
