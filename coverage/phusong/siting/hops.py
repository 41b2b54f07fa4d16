"""Microwave hops that might be built: in sight, and how much of the year they work.

Knows two antennas, the ground between, radios and climate. Chains of hops are `chains`'s.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr

from .._types import Floats
from ..fibre import hops_in_sight, low_earth_factor
from ..grid import grid_of
from ..radio import (
    HopClimate,
    dish_gain_dbi,
    fade_margin_db,
    multipath_outage_percent,
    rain_outage_percent,
)


@dataclass(frozen=True, kw_only=True)
class HopRadio:
    """The equipment of both ends of a hop.

    Parameters
    ----------
    frequency_ghz : float
    power_dbm : float
        At the antenna's port.
    dish_m : float
        Diameter of each antenna.
    threshold_dbm : float
        Weakest level at which the receiver works.
    losses_db : float
        Of feeders, radomes and alignment, both ends together.
    tilt_deg : float
        Of the polarisation: 0 horizontal, 90 vertical.
    """

    frequency_ghz: float
    power_dbm: float
    dish_m: float
    threshold_dbm: float
    losses_db: float
    tilt_deg: float

    def margin_db(self, distance_km: Floats) -> Floats:
        """Return the fade margin over free space.

        Parameters
        ----------
        distance_km : ndarray

        Returns
        -------
        ndarray
            dB.
        """
        return fade_margin_db(
            distance_km,
            frequency_ghz=self.frequency_ghz,
            power_dbm=self.power_dbm,
            gain_dbi=2 * dish_gain_dbi(self.dish_m, self.frequency_ghz),
            losses_db=self.losses_db,
            threshold_dbm=self.threshold_dbm,
        )


def judge_hops(
    hops: gpd.GeoDataFrame,
    elevation: xr.DataArray,
    *,
    clutter_m: xr.DataArray | None,
    radios: Sequence[HopRadio],
    climate: HopClimate,
    earth_factor: float,
    fresnel_share: float,
) -> pd.DataFrame:
    """Judge hops: whether they are free, and how much of the year they work.

    Parameters
    ----------
    hops : GeoDataFrame of lines
        With ``from_height_m`` and ``to_height_m`` above ground, in the CRS of the elevation.
    elevation, clutter_m
        As for `phusong.fibre.hops_in_sight`.
    radios : sequence of HopRadio
        To choose from, at least one.
    climate : HopClimate
    earth_factor : float
        Effective over true radius of the earth in usual air, such as 4/3. The hop must be free
        in that of 99.9 % of the worst month too (`phusong.fibre.low_earth_factor`): the lower
        of both decides.
    fresnel_share : float
        Share of the first Fresnel zone that must be free.

    Returns
    -------
    DataFrame, indexed like `hops`
        ``length_m``; of the radio that is free and works most, else of the one freest:
        ``frequency_ghz``, ``earth_factor`` that decided,
        ``clearance_m`` beyond what is asked, ``worst_at_m``, ``margin_db``,
        ``rain_percent`` and ``fading_percent`` of the average year, ``availability`` (0 to 1,
        NaN where hidden or beyond what the method knows); ``lacks``: empty, ``no_ground``,
        ``hidden`` or ``weak`` (no margin, or rain for more than 1 % of the year).

    Examples
    --------
    20 km over flat ground: 40 m masts are free, 12 m are not.

    >>> from shapely import LineString
    >>> from phusong.grid import Grid
    >>> grid = Grid.covering((0, 0, 20_100, 100), resolution_m=100, crs="EPSG:9209")
    >>> hops = gpd.GeoDataFrame(
    ...     {"from_height_m": [12.0, 40.0], "to_height_m": [12.0, 40.0]},
    ...     geometry=[LineString([(50, 50), (20_050, 50)])] * 2, crs="EPSG:9209",
    ... )
    >>> radio = HopRadio(frequency_ghz=7.0, power_dbm=24, dish_m=1.2, threshold_dbm=-72,
    ...                  losses_db=3, tilt_deg=90)
    >>> climate = HopClimate(rain_rate_mm_h=100, gradient_n_per_km=-210, roughness_m=10,
    ...                      latitude_deg=22.8)
    >>> found = judge_hops(
    ...     hops, grid.wrap(np.zeros(grid.shape), "elevation"), clutter_m=None, radios=[radio],
    ...     climate=climate, earth_factor=4 / 3, fresnel_share=0.6,
    ... )
    >>> found["lacks"].to_list(), found["availability"].round(6).to_list()
    (['hidden', ''], [nan, 0.999978])
    """
    ends = _antennas_m(hops, elevation)
    length_m = hops.geometry.length.to_numpy()
    # Where the ray bends less the earth rises more everywhere: what is free there is free.
    factor = np.minimum(low_earth_factor(np.maximum(length_m, 1.0) / 1000), earth_factor)
    each = np.repeat(np.arange(len(hops)), len(radios))
    asked = hops.iloc[each].assign(
        frequency_ghz=[radio.frequency_ghz for radio in radios] * len(hops)
    )
    sight = hops_in_sight(
        asked.reset_index(drop=True),
        elevation,
        earth_factor=factor[each],
        fresnel_share=fresnel_share,
        clutter_m=clutter_m,
    )
    tables = [
        _judged(length_m, ends, sight.iloc[at :: len(radios)], radio, climate).assign(
            earth_factor=factor
        )
        for at, radio in enumerate(radios)
    ]
    every = pd.concat(tables, keys=range(len(tables)), names=["radio", "hop"]).reset_index()
    # Free and working first, most of the year first; of what is not, the freest.
    best = every.sort_values(
        ["availability", "clearance_m", "radio"], ascending=[False, False, True], kind="stable"
    ).drop_duplicates("hop")
    best = best.set_index("hop").reindex(range(len(hops))).drop(columns="radio")
    return best.set_axis(hops.index)


def _antennas_m(hops: gpd.GeoDataFrame, elevation: xr.DataArray) -> tuple[Floats, Floats]:
    """Return the heights of both antennas above the sea."""
    grid, height = grid_of(elevation), elevation.to_numpy()
    corners = hops.geometry.get_coordinates().to_numpy().reshape(len(hops), 2, 2)
    found = []
    for side, name in enumerate(("from_height_m", "to_height_m")):
        row, column, inside = grid.index(*corners[:, side].T)
        ground = np.full(len(hops), np.nan)
        ground[inside] = height[row[inside], column[inside]]
        found.append(ground + hops[name].to_numpy(float))
    return found[0], found[1]


def _judged(
    length_m: Floats,
    ends: tuple[Floats, Floats],
    sight: pd.DataFrame,
    radio: HopRadio,
    climate: HopClimate,
) -> pd.DataFrame:
    """Judge every hop with one radio, in their order."""
    km = np.maximum(length_m, 1.0) / 1000
    clearance = sight["clearance_m"].to_numpy()
    margin = radio.margin_db(km)
    ghz = radio.frequency_ghz
    rain = rain_outage_percent(
        margin,
        distance_km=km,
        frequency_ghz=ghz,
        tilt_deg=radio.tilt_deg,
        rain_rate_mm_h=climate.rain_rate_mm_h,
    )
    fading = multipath_outage_percent(
        np.maximum(margin, 0),
        distance_km=km,
        frequency_ghz=ghz,
        heights_m=ends,
        climate=climate,
        average_year=True,
    )
    works = (margin > 0) & np.isfinite(rain)
    lacks = np.select(
        [~np.isfinite(clearance), clearance < 0, ~works], ["no_ground", "hidden", "weak"], ""
    )
    return pd.DataFrame(
        {
            "length_m": length_m,
            "frequency_ghz": radio.frequency_ghz,
            "clearance_m": clearance,
            "worst_at_m": sight["worst_at_m"].to_numpy(),
            "margin_db": margin,
            "rain_percent": rain,
            "fading_percent": fading,
            "availability": np.where(lacks == "", 1 - np.minimum(rain + fading, 100) / 100, np.nan),
            "lacks": pd.Series(lacks, dtype="str"),
        }
    )
