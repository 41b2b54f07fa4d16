"""What a kilometre of cable costs, once and each year, by deployment and slope: the user's table.

Published prices per kilometre were not found, so without a table answers are in km.
"""

from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr

from .._types import Floats
from ..errors import NetworkError
from ..tables import FIBRE_PRICES, SPANS
from .slope import slope_along

PriceColumn = Literal["price_vnd_per_km", "maintenance_vnd_per_km_year"]


def check_prices(prices: pd.DataFrame) -> pd.DataFrame:
    """Return the price table ordered by deployment and slope.

    Raises
    ------
    NetworkError
        If a price is missing or not above zero, a maintenance is below zero, a
        deployment is unknown, a slope class is repeated, or a deployment has no
        class from 0°.

    Examples
    --------
    >>> table = pd.DataFrame({
    ...     "deployment": ["aboveGround", "aboveGround"], "slope_from_deg": [0, 25],
    ...     "price_vnd_per_km": [60e6, 95e6],
    ... })
    >>> price_per_km(check_prices(table), np.array([3.0, 25.0]), deployment="aboveGround").tolist()
    [60000000.0, 95000000.0]
    """
    table = prices.reindex(columns=list(FIBRE_PRICES.columns)).sort_values(
        ["deployment", "slope_from_deg"], ignore_index=True
    )
    for deployment, slope_deg, price, yearly in table.itertuples(index=False, name=None):
        if deployment not in SPANS["deployment"].choices:
            raise NetworkError("fibre.bad_deployment", name=deployment)
        if not (np.isfinite(price) and price > 0):
            raise NetworkError(
                "fibre.bad_price", price=price, name=f"{deployment} ≥ {slope_deg:g}°"
            )
        if yearly < 0 or yearly == np.inf:  # NaN, not known, is neither
            raise NetworkError(
                "fibre.bad_maintenance", price=yearly, name=f"{deployment} ≥ {slope_deg:g}°"
            )
    if (
        table.duplicated(["deployment", "slope_from_deg"]).any()
        or (table.groupby("deployment")["slope_from_deg"].min() != 0).any()
    ):
        raise NetworkError("fibre.bad_slopes")
    return table


def price_per_km(
    prices: pd.DataFrame,
    slope_deg: Floats,
    *,
    deployment: str | None,
    column: PriceColumn = "price_vnd_per_km",
) -> Floats:
    """Return the price for each slope, of a checked table; NaN slopes count as flat."""
    rows = prices[prices["deployment"] == deployment]
    if not len(rows):
        raise NetworkError("fibre.bad_deployment", name=deployment)
    steps = rows["slope_from_deg"].to_numpy(float)
    at = np.searchsorted(steps, np.nan_to_num(slope_deg), side="right") - 1
    priced: Floats = rows[column].to_numpy(float)[at]
    return priced


def cost_vnd(
    lines: gpd.GeoDataFrame,
    prices: pd.DataFrame,
    *,
    deployment: str | None,
    elevation: xr.DataArray | None,
    column: PriceColumn = "price_vnd_per_km",
) -> Floats:
    """Price lines by the slope under every pixel's length of them.

    Parameters
    ----------
    lines : GeoDataFrame of lines
        With ``length_m``.
    prices, deployment
        As `tables.FIBRE_PRICES`, and which of them.
    elevation : DataArray, optional
        On a `Grid` in the CRS of the lines; without it all ground is flat.
    column : {"price_vnd_per_km", "maintenance_vnd_per_km_year"}
        What a kilometre costs to build, or to maintain for a year; NaN where the
        table does not say.

    Raises
    ------
    NetworkError
        If the table cannot be used or has no price for the deployment.
    """
    table = check_prices(prices)
    kilometres = lines["length_m"].to_numpy() / 1000
    if elevation is None:
        flat = np.zeros(len(lines))
        return np.asarray(
            kilometres * price_per_km(table, flat, deployment=deployment, column=column)
        )
    line, _, slope = slope_along(lines.geometry.to_numpy(), elevation)
    price = price_per_km(table, slope, deployment=deployment, column=column)
    steps = np.bincount(line, minlength=len(lines))
    return np.asarray(kilometres * np.bincount(line, price, minlength=len(lines)) / steps)


def maintenance_vnd(
    lines: gpd.GeoDataFrame,
    prices: pd.DataFrame,
    *,
    deployment: pd.Series,
    elevation: xr.DataArray | None,
) -> pd.Series:
    """Price the maintenance of lines for a year, each by its own deployment.

    Parameters
    ----------
    lines : GeoDataFrame of lines
        With ``length_m``.
    prices : DataFrame
        As `tables.FIBRE_PRICES`.
    deployment : Series of str, indexed like `lines`
    elevation : DataArray, optional
        As in `cost_vnd`.

    Returns
    -------
    Series of float, indexed like `lines`
        Dong a year; NaN where the deployment is not known or the table has no
        maintenance for it.

    Raises
    ------
    NetworkError
        If the table cannot be used.

    Examples
    --------
    >>> from shapely import LineString
    >>> lines = gpd.GeoDataFrame(
    ...     {"length_m": [2000.0, 500.0]}, geometry=[LineString([(0, 0), (9, 0)])] * 2,
    ...     crs="EPSG:9209",
    ... )
    >>> table = pd.DataFrame({
    ...     "deployment": ["aboveGround"], "slope_from_deg": [0], "price_vnd_per_km": [60e6],
    ...     "maintenance_vnd_per_km_year": [3e6],
    ... })
    >>> laid = pd.Series(["aboveGround", None])
    >>> maintenance_vnd(lines, table, deployment=laid, elevation=None).to_list()
    [6000000.0, nan]
    """
    yearly = pd.Series(np.nan, lines.index)
    for kind in sorted(set(deployment.dropna()) & set(prices["deployment"])):
        mine = (deployment == kind).to_numpy()
        yearly[mine] = cost_vnd(
            lines[mine],
            prices,
            deployment=kind,
            elevation=elevation,
            column="maintenance_vnd_per_km_year",
        )
    return yearly
