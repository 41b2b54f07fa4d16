"""Elevation and people on the study's grid; knows rasters, not stations or services."""

from .elevation import Elevation, read_elevation
from .hillshade import hillshade
from .population import Population, read_population, spread_population

__all__ = [
    "Elevation",
    "Population",
    "hillshade",
    "read_elevation",
    "read_population",
    "spread_population",
]
