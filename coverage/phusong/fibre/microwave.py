"""Microwave hops between masts: whether terrain and what stands on it leave them free.

Knows two antenna heights, a frequency and the ground between; what fading and rain take is
`radio.p530`'s, capacity is planned elsewhere.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr
from numpy.typing import ArrayLike

from .._types import Floats
from ..errors import CrsMismatchError
from ..grid import grid_of
from ._kernels import fill_section, worst_of_hops

_SECTION = (
    "distance_m", "ground_m", "clutter_m", "bulge_m", "sight_line_m", "fresnel_m", "clearance_m",
)  # fmt: skip
"""Columns of a section, in the order of the kernel."""


def hops_in_sight(
    hops: gpd.GeoDataFrame,
    elevation: xr.DataArray,
    *,
    earth_factor: ArrayLike,
    fresnel_share: float,
    clutter_m: xr.DataArray | None = None,
) -> pd.DataFrame:
    """Judge the line of sight of microwave hops over the terrain.

    Parameters
    ----------
    hops : GeoDataFrame of lines
        Straight, from antenna to antenna, with ``from_height_m`` and
        ``to_height_m`` above ground and ``frequency_ghz``, in the CRS of the
        elevation.
    elevation : DataArray
        Metres, on a `Grid`.
    earth_factor : float or array, one a hop
        Effective over true radius of the earth, such as 4/3 or `low_earth_factor`.
    fresnel_share : float
        Share of the first Fresnel zone that must be free, such as 0.6.
    clutter_m : DataArray, optional
        Height of trees and houses, on the grid of the elevation; NaN is none, and
        so are those in the masts' own pixels.

    Returns
    -------
    DataFrame, indexed like `hops`
        ``clearance_m``: by how much the worst place of the hop is freer than
        asked, below 0 where it is not; ``worst_at_m``: where along the hop;
        ``in_sight``. NaN and NA where the ground is not known all along.

    Raises
    ------
    CrsMismatchError
        If hops and elevation are not in one CRS.

    Notes
    -----
    Recommendation ITU-R P.530-18, section 2.2: at d₁ and d₂ km from the ends the
    ground rises by d₁·d₂ / 2kR and the first Fresnel zone has the radius
    17.3·√(d₁·d₂ / f·d) m, f in GHz. The ground is read every half pixel.

    Examples
    --------
    Over flat ground 20 km need more than 20 m: the earth rises by 5.9 m in the
    middle, and 0.6 of the zone at 7 GHz are 8.8 m.

    >>> from shapely import LineString
    >>> from phusong.grid import Grid
    >>> grid = Grid.covering((0, 0, 20_000, 100), resolution_m=100, crs="EPSG:9209")
    >>> plain = grid.wrap(np.zeros(grid.shape), "elevation")
    >>> hops = gpd.GeoDataFrame(
    ...     {"from_height_m": [12, 20], "to_height_m": [12, 20], "frequency_ghz": 7.0},
    ...     geometry=[LineString([(50, 50), (19_950, 50)])] * 2, crs="EPSG:9209",
    ... )
    >>> found = hops_in_sight(hops, plain, earth_factor=4 / 3, fresnel_share=0.6)
    >>> found["clearance_m"].round(1).to_list(), found["in_sight"].to_list()
    ([-2.6, 5.4], [False, True])
    """
    grid = grid_of(elevation)
    if hops.crs != grid.crs:
        raise CrsMismatchError("hops", str(hops.crs), str(grid.crs))
    length_m = shapely.length(hops.geometry.to_numpy())
    worst = np.full((len(hops), 2), np.nan)
    worst_of_hops(
        shapely.get_coordinates(hops.geometry.to_numpy()).reshape(-1, 4),
        length_m,
        np.array([_samples(metres, grid.resolution_m) for metres in length_m.tolist()], np.int64),
        hops[["from_height_m", "to_height_m"]].to_numpy(float),
        hops["frequency_ghz"].to_numpy(float),
        np.broadcast_to(np.asarray(earth_factor, float), len(hops)).copy(),
        float(fresnel_share),
        *_grounds(elevation, clutter_m),
        worst,
    )
    found = pd.DataFrame(worst, index=hops.index, columns=["clearance_m", "worst_at_m"])
    sight = (found["clearance_m"] >= 0).astype("boolean")
    return found.assign(in_sight=sight.where(found["clearance_m"].notna()))


def hop_section(
    line: shapely.LineString,
    elevation: xr.DataArray,
    *,
    heights_m: tuple[float, float],
    frequency_ghz: float,
    earth_factor: float,
    clutter_m: xr.DataArray | None = None,
) -> pd.DataFrame:
    """Return what lies under one hop, as `hops_in_sight` judges it and the path inspector draws it.

    Parameters
    ----------
    line : LineString
        From antenna to antenna, in the CRS of the elevation.
    elevation : DataArray
        Metres, on a `Grid`.
    heights_m : (float, float)
        Of the antennas above ground.
    frequency_ghz, earth_factor : float
    clutter_m : DataArray, optional
        As for `hops_in_sight`.

    Returns
    -------
    DataFrame, one row a sample
        ``distance_m``, ``ground_m``, ``clutter_m``, ``bulge_m`` (the earth over the chord),
        ``sight_line_m``, ``fresnel_m`` (radius of the whole first zone), ``clearance_m``.

    Examples
    --------
    >>> from phusong.grid import Grid
    >>> grid = Grid.covering((0, 0, 1000, 100), resolution_m=100, crs="EPSG:9209")
    >>> hop_section(
    ...     shapely.LineString([(50, 50), (950, 50)]), grid.wrap(np.zeros(grid.shape), "elevation"),
    ...     heights_m=(10, 30), frequency_ghz=7.0, earth_factor=4 / 3,
    ... )["clearance_m"].iloc[[0, 9, 18]].round(2).to_list()
    [10.0, 19.99, 30.0]
    """
    columns = np.empty((len(_SECTION), _samples(line.length, grid_of(elevation).resolution_m)))
    fill_section(
        shapely.get_coordinates(line).ravel(),
        line.length,
        np.array(heights_m, float),
        float(frequency_ghz),
        float(earth_factor),
        *_grounds(elevation, clutter_m),
        columns,
    )
    return pd.DataFrame(dict(zip(_SECTION, columns, strict=True)))


def low_earth_factor(distance_km: ArrayLike) -> Floats:
    """Return the effective earth factor that is exceeded for about 99.9 % of the worst month.

    Parameters
    ----------
    distance_km : float or array
        Length of the hop, above zero.

    Returns
    -------
    ndarray

    Notes
    -----
    157 / (144 + 2670/d), the usual fit to figure 2 of Recommendation ITU-R P.530, section
    2.2.2, which was drawn for a continental temperate climate and from 20 km on. Nearer it
    is lower still, where the earth rises little anyway.

    Examples
    --------
    >>> low_earth_factor([20, 50, 100]).round(2).tolist()
    [0.57, 0.8, 0.92]
    """
    return np.asarray(157 / (144 + 2670 / np.asarray(distance_km, float)), dtype=float)


def _samples(length_m: float, resolution_m: float) -> int:
    """Return how many samples a hop has: every half pixel, the middle at least."""
    return max(int(np.ceil(2 * length_m / resolution_m)), 2) + 1


def _grounds(
    elevation: xr.DataArray, clutter_m: xr.DataArray | None
) -> tuple[Floats, Floats, Floats]:
    """Return corner and pixel of the grid, ground, and what stands on it: none without clutter."""
    grid, height = grid_of(elevation), elevation.to_numpy()
    clutter = np.empty((0, 0)) if clutter_m is None else clutter_m.to_numpy()
    return np.array([grid.west_m, grid.north_m, grid.resolution_m]), height, clutter
