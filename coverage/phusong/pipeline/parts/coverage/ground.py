"""The ground that signal is predicted over: elevation, clutter, refractivity of the air."""

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
import xarray as xr

from ...._on_disk import known_on_disk
from ....errors import TerrainError
from ....grid import Grid, grid_of
from ....radio import (
    ESA_WORLDCOVER,
    ClutterClass,
    LandCover,
    Refractivity,
    read_refractivity,
)
from ....radio.clutter import OPEN
from ....study import Study
from ....study.coverage import LandClass
from ....terrain import Elevation, read_clutter_height, read_elevation, read_land_cover, read_native
from ...records import RasterFile
from .settings import radio_of

HIGHEST_OF_VIETNAM_M = 3_200.0
"""Fansipan, 3,147 m by the survey of 2019, and the errors of elevation models."""
_PEAK_QUANTILE = 0.999
"""A single spike is no unit."""


@dataclass(frozen=True, kw_only=True)
class GroundFiles:
    """Where the ground of a study is read from.

    Parameters
    ----------
    crs : str
    resolution_m : float
    radius_m : float
        Farthest receiver from a mast; so far the ground reaches beyond the communes.
    terrain : tuple of RasterFile
    largest_void_px : int
    in_vietnam : bool
        Whether heights are held to the highest peak of Vietnam.
    clutter : RasterFile, optional
    land_cover, population : RasterFile, optional
        What land lies where, and where its people live.
    land_classes : tuple of LandClass
        Of the land cover; those of ESA WorldCover if empty.
    refractivity_maps : (RasterFile, RasterFile), optional
        Delta N and N0.
    refractivity : Refractivity
        What holds without maps.
    """

    crs: str
    resolution_m: float
    radius_m: float
    terrain: tuple[RasterFile, ...]
    largest_void_px: int
    in_vietnam: bool
    clutter: RasterFile | None
    land_cover: RasterFile | None
    population: RasterFile | None
    land_classes: tuple[LandClass, ...]
    refractivity_maps: tuple[RasterFile, RasterFile] | None
    refractivity: Refractivity

    @classmethod
    def of(cls, study: Study) -> "GroundFiles":
        """Return the files of a study with terrain and radio settings."""
        radio, inputs = radio_of(study), study.inputs
        maps = None
        if inputs.delta_n_map is not None and inputs.n0_map is not None:
            maps = RasterFile.of(study, inputs.delta_n_map), RasterFile.of(study, inputs.n0_map)
        return cls(
            crs=study.crs,
            resolution_m=study.resolution_m,
            radius_m=radio.radius_km * 1000,
            terrain=tuple(RasterFile.of(study, source) for source in inputs.terrain or ()),
            largest_void_px=study.largest_void_px,
            in_vietnam=study.country == "vietnam",
            clutter=None if inputs.clutter is None else RasterFile.of(study, inputs.clutter),
            land_cover=(
                None if inputs.land_cover is None else RasterFile.of(study, inputs.land_cover)
            ),
            population=(
                None if inputs.population is None else RasterFile.of(study, inputs.population)
            ),
            land_classes=radio.land_classes,
            refractivity_maps=maps,
            refractivity=Refractivity(radio.delta_n_per_km, radio.n0),
        )


def read_terrain(files: GroundFiles, communes: gpd.GeoDataFrame) -> Elevation:
    """Read the elevation around the communes, as far as a mast reaches.

    Raises
    ------
    InputError
        If a file cannot be used.
    TerrainError
        If elevation does not cover the communes, has too many voids, or is too high for metres.
    """
    shares_borders = shapely.coverage_is_valid(communes.geometry.to_numpy())
    outline = communes.union_all(method="coverage" if shares_borders else "unary")  # many: quicker
    elevation = read_elevation(
        [file.path for file in files.terrain],
        _wide(files, communes),
        required_area=outline,
        largest_void_px=files.largest_void_px,
        shown=[file.shown for file in files.terrain],
    )
    highest = highest_m(elevation.height_m, outline.bounds)
    if files.in_vietnam and highest > HIGHEST_OF_VIETNAM_M:
        raise TerrainError("pipeline.above_vietnam", highest_m=highest)
    return elevation


def highest_m(height_m: xr.DataArray, bounds: Sequence[float]) -> float:
    """Return the highest ground of a box, but for single spikes."""
    west, south, east, north = bounds
    window = height_m.to_numpy()[grid_of(height_m).window((west, south, east, north))]
    heights = known_on_disk(window)
    if not heights.size:
        return float("nan")
    return float(np.quantile(heights, _PEAK_QUANTILE, overwrite_input=True))


def read_native_terrain(files: GroundFiles, elevation: Elevation) -> xr.DataArray:
    """Read the elevation on the pixels of its own files, as profiles take it.

    Raises
    ------
    InputError
        If a file cannot be used.
    """
    return read_native(
        [file.path for file in files.terrain],
        elevation.height_m,
        shown=[file.shown for file in files.terrain],
    )


def read_clutter(files: GroundFiles, communes: gpd.GeoDataFrame) -> xr.DataArray | None:
    """Read what stands on the ground, on the grid of the terrain; None where not given.

    Raises
    ------
    InputError
        If the file cannot be used.
    """
    if files.clutter is None:
        return None
    grid = _wide(files, communes)
    return read_clutter_height(files.clutter.path, grid, shown=files.clutter.shown)


def read_land(files: GroundFiles, communes: gpd.GeoDataFrame) -> LandCover | None:
    """Read which land lies where, on the grid of the terrain; None where not given.

    Raises
    ------
    InputError
        If the file cannot be used.
    """
    if files.land_cover is None:
        return None
    table = dict(ESA_WORLDCOVER)
    if files.land_classes:
        table = {
            code: ClutterClass(
                title=each.title,
                height_m=each.height_m,
                equation=each.equation,
                lived_in=each.lived_in,
            )
            for each in files.land_classes
            for code in each.codes
        }
    kinds = list(dict.fromkeys(table.values()))
    index = read_land_cover(
        files.land_cover.path,
        _wide(files, communes),
        classes={code: kinds.index(each) + 1 for code, each in table.items()},
        lived_in=[place for place, each in enumerate(kinds, start=1) if each.lived_in],
        shown=files.land_cover.shown,
        people=None if files.population is None else files.population.path,
    )
    return LandCover(index=index, classes=(OPEN, *kinds))


def _wide(files: GroundFiles, communes: gpd.GeoDataFrame) -> Grid:
    west, south, east, north = communes.total_bounds
    far = files.radius_m
    return Grid.covering(
        (west - far, south - far, east + far, north + far),
        resolution_m=files.resolution_m,
        crs=files.crs,
    )


def refractivity_of(files: GroundFiles, communes: gpd.GeoDataFrame) -> Refractivity:
    """Return the refractivity that the study states, or the ITU's maps have at its middle."""
    if files.refractivity_maps is None:
        return files.refractivity
    west, south, east, north = communes.total_bounds
    middle = gpd.GeoSeries.from_xy([(west + east) / 2], [(south + north) / 2], crs=communes.crs)
    place = middle.to_crs("EPSG:4326")
    delta_n, n0 = files.refractivity_maps
    return read_refractivity(
        delta_n.path,
        n0.path,
        latitude_deg=float(place.y.iloc[0]),
        longitude_deg=float(place.x.iloc[0]),
        shown=(delta_n.shown, n0.shown),
    )
