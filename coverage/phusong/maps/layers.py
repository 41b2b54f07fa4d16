"""What a map is drawn from: finished tables, rasters and the words of the services."""

from dataclasses import dataclass, fields
from typing import Literal

import geopandas as gpd
import xarray as xr


@dataclass(frozen=True, kw_only=True)
class ServiceInfo:
    """A service as the map names it.

    Parameters
    ----------
    id : str
        Suffix of the columns that repeat for each service.
    vi, en : str
        Name.
    definition_vi, definition_en : str
        One line: technologies, thresholds, operators, probability, model,
        administrative edition and date.
    target_share : float, optional
        The communes' target, 0 to 1; None where none is set.
    target_denominator : {"population", "area", "villages"}
        What the target is a share of.
    """

    id: str
    vi: str
    en: str
    definition_vi: str
    definition_en: str
    target_share: float | None = None
    target_denominator: Literal["population", "area", "villages"] = "population"


@dataclass(frozen=True, kw_only=True, eq=False)
class Layers:
    """Finished tables and rasters of one study; None where the study lacks them.

    Tables are GeoDataFrames with a CRS and the columns of `tables`; `offices`
    is the readiness table. Absent columns switch off what needs them.

    Parameters
    ----------
    vi, en : str
        The study's name.
    services : tuple of ServiceInfo
        The first is shown when the page opens.
    hillshade : DataArray of uint8, shape (y, x), optional
        Brightness of the terrain, 0 to 255, with a CRS.
    terrain : DataArray, shape (y, x), optional
        Elevation in metres on the same grid, for the tint; NaN where unknown.
    """

    vi: str
    en: str
    services: tuple[ServiceInfo, ...] = ()
    communes: gpd.GeoDataFrame | None = None
    districts: gpd.GeoDataFrame | None = None
    province: gpd.GeoDataFrame | None = None
    villages: gpd.GeoDataFrame | None = None
    stations: gpd.GeoDataFrame | None = None
    gaps: gpd.GeoDataFrame | None = None
    offices: gpd.GeoDataFrame | None = None
    spans: gpd.GeoDataFrame | None = None
    roads: gpd.GeoDataFrame | None = None
    rivers: gpd.GeoDataFrame | None = None
    places: gpd.GeoDataFrame | None = None
    hillshade: xr.DataArray | None = None
    terrain: xr.DataArray | None = None

    @property
    def tables(self) -> dict[str, gpd.GeoDataFrame]:
        """The tables that are there, by name."""
        return {
            field.name: value
            for field in fields(self)
            if isinstance(value := getattr(self, field.name), gpd.GeoDataFrame)
        }
