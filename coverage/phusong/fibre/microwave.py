"""Microwave hops between masts: whether the terrain leaves them free.

Knows two antenna heights, a frequency and the ground between; fading, rain and
capacity are planned elsewhere.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr

from ..errors import CrsMismatchError
from ..grid import grid_of

_EARTH_KM = 6371.0


def hops_in_sight(
    hops: gpd.GeoDataFrame,
    elevation: xr.DataArray,
    *,
    earth_factor: float,
    fresnel_share: float,
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
    earth_factor : float
        Effective over true radius of the earth, such as 4/3.
    fresnel_share : float
        Share of the first Fresnel zone that must be free, such as 0.6.

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
    17.3·√(d₁·d₂ / f·d) m, f in GHz. The ground is read every half pixel; trees and
    houses on it are not.

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
    height = elevation.to_numpy()
    rows = []
    columns = (hops[name] for name in ("from_height_m", "to_height_m", "frequency_ghz"))
    for line, first_m, last_m, frequency_ghz in zip(hops.geometry, *columns, strict=True):
        steps = max(int(np.ceil(2 * line.length / grid.resolution_m)), 2)
        share = np.linspace(0, 1, steps + 1)  # of the way; two masts may stand at one spot
        along_m = share * line.length
        places = shapely.line_interpolate_point(line, along_m)
        row, column, inside = grid.index(*shapely.get_coordinates(places).T)
        ground = np.full(len(along_m), np.nan)
        ground[inside] = height[row[inside], column[inside]]
        ends = ground[0] + first_m, ground[-1] + last_m
        ray = ends[0] + (ends[1] - ends[0]) * share
        near_km, far_km = along_m / 1000, (line.length - along_m) / 1000
        bulge_m = 1000 * near_km * far_km / (2 * earth_factor * _EARTH_KM)
        zone_m = 17.3 * np.sqrt(near_km * (1 - share) / frequency_ghz)
        free = ray - ground - bulge_m - fresnel_share * zone_m
        worst = int(np.argmin(free)) if np.isfinite(free).all() else -1
        rows.append((free[worst], along_m[worst]) if worst >= 0 else (np.nan, np.nan))
    found = pd.DataFrame(rows, index=hops.index, columns=["clearance_m", "worst_at_m"], dtype=float)
    sight = (found["clearance_m"] >= 0).astype("boolean")
    return found.assign(in_sight=sight.where(found["clearance_m"].notna()))
