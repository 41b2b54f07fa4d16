"""Who is covered, per commune, district and province; and whether that meets a target.

Nobody is counted twice: districts and the province are measured over their
dissolved outlines, so where communes overlap, a person counts in each commune
but once in the district and once in the province. Where communes leave a sliver
between them, whoever lives in it counts nowhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr

from ..grid import Grid, grid_of
from .zones import Zones

Denominator = Literal["population", "area", "villages", "commune_centres"]
SHARES: Mapping[str, str] = {
    "population": "covered_population_share",
    "area": "covered_area_share",
    "villages": "covered_villages_share",
}


@dataclass(frozen=True)
class UnitCoverage:
    """Coverage of every unit; columns as in the result tables, one set a service."""

    communes: gpd.GeoDataFrame
    districts: gpd.GeoDataFrame
    province: gpd.GeoDataFrame


def coverage_by_unit(
    communes: gpd.GeoDataFrame,
    margins_db: Mapping[str, xr.DataArray],
    population: xr.DataArray,
    *,
    centres: gpd.GeoSeries,
    villages: gpd.GeoDataFrame | None,
) -> UnitCoverage:
    """Count covered residents, land, villages and centres of every unit.

    Parameters
    ----------
    communes : GeoDataFrame
        As `tables.COMMUNES`, in the CRS of the rasters.
    margins_db : mapping of str to DataArray, shape (y, x)
        Margin by service; a pixel is covered where it is at least 0, NaN is not.
    population : DataArray, shape (y, x)
        Residents per pixel, on the same grid.
    centres : GeoSeries of points
        One a commune, indexed like `communes`.
    villages : GeoDataFrame, optional
        As `tables.VILLAGES`; a village is covered where its point is.

    Returns
    -------
    UnitCoverage
        Shares are NaN where their denominator is 0 or unknown. A pixel cut by
        a border counts by its part inside. Residents are those of the raster;
        areas are on the ellipsoid, the covered part by share of the map plane.
        Villages count for the commune that their code names.

    Raises
    ------
    CrsMismatchError
        If the communes are in another CRS than the rasters.
    GridMismatchError
        If the rasters lie on different grids, or do not reach over the communes.

    Examples
    --------
    A commune of two pixels, of which the one with 300 of 400 residents is covered.

    >>> import shapely
    >>> grid = Grid("EPSG:9209", 100.0, 5e5, 25e5, 2, 1)
    >>> communes = gpd.GeoDataFrame(
    ...     {"commune_code": ["00688"], "district_code": ["024"], "district": ["Hà Giang"]},
    ...     geometry=[shapely.box(*grid.bounds)],
    ...     crs=grid.crs,
    ... )
    >>> found = coverage_by_unit(
    ...     communes,
    ...     {"4g": grid.wrap(np.array([[0.0, -1.0]]), "margin_db")},
    ...     grid.wrap(np.array([[300.0, 100.0]]), "population"),
    ...     centres=communes.representative_point(),
    ...     villages=None,
    ... )
    >>> found.communes.loc[0, ["covered_population_share_4g", "covered_area_share_4g"]].to_list()
    [0.75, 0.5]
    """
    grid = grid_of(population)
    for service, margin in margins_db.items():
        grid.require(margin, f"margin_db[{service}]")
    covered = {service: margin.to_numpy() >= 0 for service, margin in margins_db.items()}
    communes = communes.reset_index(drop=True)
    centre_covered = {name: _at(grid, flag, centres) for name, flag in covered.items()}
    village_code, village_covered = _villages(grid, covered, villages)

    by_district, province = districts_and_province(communes)
    district_of = communes.set_index("commune_code")["district_code"]
    # Members of each unit: the unit's row for each commune, and for each village.
    members = (
        (communes, np.arange(len(communes)), _positions(communes["commune_code"], village_code)),
        (
            by_district,
            _positions(by_district["district_code"], communes["district_code"]),
            _positions(by_district["district_code"], village_code.map(district_of)),
        ),
        (
            province,
            np.zeros(len(communes), dtype=np.int64),
            np.where(village_code.isin(communes["commune_code"]), 0, -1),
        ),
    )
    finished = []
    for units, commune_unit, village_unit in members:
        table = _count(
            units, Zones.of(units, grid), covered, population.to_numpy(),
            village_unit if villages is not None else None, village_covered,
        )  # fmt: skip
        for name, flag in centre_covered.items():
            if units is communes:
                table[f"centre_covered_{name}"] = flag
            else:
                table[f"covered_centres_{name}"] = np.bincount(
                    commune_unit, weights=flag, minlength=len(units)
                ).astype(np.int64)
        finished.append(table)
    return UnitCoverage(*finished)


def districts_and_province(
    communes: gpd.GeoDataFrame,
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return the outlines of the districts and of the province, with their number of communes.

    Parameters
    ----------
    communes : GeoDataFrame
        As `tables.COMMUNES`.
    """
    districts = communes.dissolve(
        "district_code", as_index=False, aggfunc={"district": "first", "commune_code": "count"}
    ).rename(columns={"commune_code": "communes"})
    province = gpd.GeoDataFrame(
        {"communes": [len(communes)]}, geometry=[communes.union_all()], crs=communes.crs
    )
    return districts, province


def _positions(keys: pd.Series, values: pd.Series) -> Any:
    """Return the row of each value in `keys`, -1 where it is not there."""
    return pd.Index(keys).get_indexer(pd.Index(values))


def _at(grid: Grid, flag: Any, points: gpd.GeoSeries) -> Any:
    row, column, inside = grid.index(points.x, points.y)
    return flag[row, column] & inside


def _villages(
    grid: Grid, covered: Mapping[str, Any], villages: gpd.GeoDataFrame | None
) -> tuple[pd.Series, dict[str, Any]]:
    if villages is None:
        return pd.Series(dtype=str), {}
    return (
        villages["commune_code"],
        {name: _at(grid, flag, villages.geometry) for name, flag in covered.items()},
    )


def _count(
    units: gpd.GeoDataFrame,
    zones: Zones,
    covered: Mapping[str, Any],
    population: Any,
    village_unit: Any,
    village_covered: Mapping[str, Any],
) -> gpd.GeoDataFrame:
    table = units.copy()
    table["population"] = zones.sum(population)
    table["area_km2"] = zones.area_km2
    pixels = zones.pixels()
    known = village_unit is not None
    at = village_unit[village_unit >= 0] if known else np.empty(0, dtype=np.int64)
    table["villages"] = (
        pd.array(np.bincount(at, minlength=len(units)), dtype="Int64")
        if known
        else pd.array([pd.NA] * len(units), dtype="Int64")
    )
    for name, flag in covered.items():
        people = zones.sum(np.where(flag, population, 0.0))
        table[f"covered_population_{name}"] = people
        table[f"covered_population_share_{name}"] = _ratio(people, table["population"])
        share = _ratio(zones.sum(flag), pixels)
        table[f"covered_area_km2_{name}"] = share * zones.area_km2
        table[f"covered_area_share_{name}"] = share
        if known:
            count = np.bincount(
                at, weights=village_covered[name][village_unit >= 0], minlength=len(units)
            )
            table[f"covered_villages_{name}"] = pd.array(count.astype(np.int64), dtype="Int64")
            table[f"covered_villages_share_{name}"] = _ratio(count, table["villages"])
        else:
            table[f"covered_villages_{name}"] = pd.array([pd.NA] * len(units), dtype="Int64")
            table[f"covered_villages_share_{name}"] = np.nan
    return table


def _ratio(part: Any, whole: Any) -> Any:
    """Divide; NaN where the whole is nothing. Rounding noise never lifts a share above 1."""
    part, whole = np.asarray(part, dtype=float), np.asarray(whole, dtype=float)
    share = np.full(part.shape, np.nan)
    np.divide(part, whole, out=share, where=whole > 0)
    return np.minimum(share, 1.0)


def verdicts(
    units: gpd.GeoDataFrame, service: str, *, share: float, denominator: Denominator
) -> pd.Series:
    """Judge units against a target.

    Parameters
    ----------
    units : GeoDataFrame
        A table of `UnitCoverage`.
    service : str
        Identifier of the service.
    share : float
        Least share that meets the target, itself included. Shares are compared
        unrounded: 97.96 % shown as 98.0 % misses 98 %.
    denominator : {"population", "area", "villages", "commune_centres"}
        Of what the share is.

    Returns
    -------
    Series of str
        ``met``, ``missed``, or ``not_applicable`` where there is no denominator.

    Examples
    --------
    >>> units = gpd.GeoDataFrame({"covered_villages_share_4g": [0.98, 0.9796, np.nan]})
    >>> verdicts(units, "4g", share=0.98, denominator="villages").to_list()
    ['met', 'missed', 'not_applicable']
    """
    if denominator != "commune_centres":
        found = units[f"{SHARES[denominator]}_{service}"]
    elif f"centre_covered_{service}" in units:
        found = units[f"centre_covered_{service}"].astype(float)
    else:
        found = units[f"covered_centres_{service}"] / units["communes"]
    # Sums of floats may fall short of a share they equal by their rounding.
    met = found.to_numpy(dtype=float) >= share - 1e-12
    judged = np.where(met, "met", np.where(found.isna(), "not_applicable", "missed"))
    return pd.Series(judged, index=units.index, dtype=str)


def villages_result(
    villages: gpd.GeoDataFrame,
    margins_db: Mapping[str, xr.DataArray],
    levels_dbm: Mapping[str, xr.DataArray],
) -> gpd.GeoDataFrame:
    """Return the villages with ``covered_<service>`` and ``level_dbm_<service>``.

    Parameters
    ----------
    villages : GeoDataFrame
        As `tables.VILLAGES`, in the CRS of the rasters.
    margins_db, levels_dbm : mapping of str to DataArray, shape (y, x)
        By service.
    """
    table = villages.copy()
    for name, margin in margins_db.items():
        grid = grid_of(margin)
        row, column, inside = grid.index(villages.geometry.x, villages.geometry.y)
        table[f"covered_{name}"] = (margin.to_numpy()[row, column] >= 0) & inside
        level = levels_dbm[name].to_numpy()[row, column].astype(float)
        table[f"level_dbm_{name}"] = np.where(inside, level, np.nan)
    return table


def stations_of_cells(
    cells: gpd.GeoDataFrame, communes: gpd.GeoDataFrame | None
) -> gpd.GeoDataFrame:
    """Gather cells to stations, as `tables.STATIONS_RESULT`.

    Parameters
    ----------
    cells : GeoDataFrame
        As `tables.CELLS`; those in service.
    communes : GeoDataFrame, optional
        Gives each station its commune; the first where communes overlap.
    """
    grouped = cells.sort_values(["station_id", "cell_id"]).groupby("station_id")
    first = grouped[["site_id", "site_name", "operator", "technology", "geometry"]].first()
    table = gpd.GeoDataFrame(first, geometry="geometry", crs=cells.crs)
    table["cells"] = grouped.size()
    table["frequency_mhz"] = grouped["frequency_mhz"].agg(
        lambda values: ", ".join(f"{value:g}" for value in sorted(set(values)))
    )
    table["antenna_height_m"] = grouped["antenna_height_m"].max()
    table = table.reset_index()
    table["commune_code"] = pd.Series(pd.NA, index=table.index, dtype="str")
    if communes is not None:
        joined = table[["geometry"]].sjoin(communes[["commune_code", "geometry"]], how="inner")
        code = joined["commune_code"].groupby(level=0).min()
        table.loc[code.index, "commune_code"] = code
    return table
