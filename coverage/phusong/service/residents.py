"""Who lives where: one figure for each commune, and the same people on the grid.

One rule, for every part of a study: a population raster, if there is one; else a
commune's villages, if every one of them tells its residents; else the commune's own
figure. Figures are taken as they stand: none is rescaled to another.

A raster is measured over the outlines, so where communes overlap, a person counts in
each commune but once in the district and once in the province. Figures of villages
and communes belong to their commune alone: districts and the province are their sums.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr
from scipy import sparse

from .._on_disk import GrowingOnDisk, full_on_disk
from .._types import Floats, Labels
from ..grid import Grid, blocks
from ..terrain import Population
from ..terrain.population import on_grid
from .spread import spread
from .zones import Zones, everywhere, sum_flagged

MOST_RESIDENTS_PER_KM2 = 200_000.0
"""No commune of Vietnam is half as dense: the densest, Khánh Hội ward in Hồ Chí Minh City, had
94,507 residents on 1.07 km² when it was formed in July 2025 (VnExpress: 88,324 per km²)."""


@dataclass(frozen=True)
class UnitsOnGrid:
    """Communes, districts or the province, laid over the grid.

    Parameters
    ----------
    table : GeoDataFrame
        One row a unit, with ``population``, ``population_declared`` and
        ``population_source``; districts and the province also with ``communes``.
    zones : Zones
        Their outlines on the grid.
    people : sparse array of float64, shape (units, pixels)
        Residents of each unit in each pixel, pixels of a unit in order.
    of_commune : ndarray of int, shape (communes,)
        Row of the unit that each commune belongs to.
    """

    table: gpd.GeoDataFrame
    zones: Zones
    people: Any
    of_commune: Labels


@dataclass(frozen=True, kw_only=True)
class Residents:
    """Who lives in a province; from `count_residents`.

    Parameters
    ----------
    communes, districts, province : UnitsOnGrid
        The figures. ``population`` is NaN of a commune where nobody knows; districts and the
        province are without such communes, and NaN if no commune is known. What the communes
        declare is ``population_declared``, NaN where one of them declares nothing.
    raster : DataArray of float64, shape (y, x)
        Residents per pixel; those of a population raster also outside the communes.
    uncounted : float
        Residents of the raster who live in no commune, or of villages that name a
        commune which is not there.
    strayed : Series of float, indexed by ``village_id``
        Residents of villages that lie so far outside their commune that they
        were spread over the whole of it.
    """

    communes: UnitsOnGrid
    districts: UnitsOnGrid
    province: UnitsOnGrid
    raster: xr.DataArray
    uncounted: float
    strayed: pd.Series


def count_residents(
    communes: gpd.GeoDataFrame,
    grid: Grid,
    *,
    population: Population | None,
    villages: gpd.GeoDataFrame | None,
    village_radius_m: float,
) -> Residents:
    """Count the residents of communes, districts and the province, and place them on the grid.

    Where no raster tells, commune by commune: if every village of it has a
    population, each village's residents are spread evenly over the ground of the commune in
    the pixels whose centre lies within `village_radius_m` of the village, and in
    the village's own pixel. Otherwise the commune's own population is spread evenly over its
    ground.

    Parameters
    ----------
    communes : GeoDataFrame
        As `tables.COMMUNES`, in the grid's CRS; ``population`` may be missing.
    grid : Grid
        Where they are wanted; reaches over the communes.
    population : Population, optional
        From `terrain.read_population`, on that grid.
    villages : GeoDataFrame, optional
        As `tables.VILLAGES`, in the grid's CRS.
    village_radius_m : float
        Reach of a village's houses.

    Returns
    -------
    Residents
        A commune keeps its figure whole, however small it is and whatever pixels it
        shares with others; nobody is lost between the source and the figures, but
        for those in `Residents.uncounted`.

    Raises
    ------
    CrsMismatchError
        If the communes are in another CRS than the grid.
    GridMismatchError
        If the raster lies on another grid, or the communes reach beyond it.

    Examples
    --------
    Two communes share the middle pixel; the village of the second lies in it.

    >>> import shapely
    >>> grid = Grid("EPSG:9209", 100.0, 5e5, 25e5, 3, 1)
    >>> communes = gpd.GeoDataFrame(
    ...     {"commune_code": ["00688", "00691"], "population": [15.0, 30.0],
    ...      "district_code": "024", "district": "Hà Giang"},
    ...     geometry=[shapely.box(5e5, 2499900, 500150, 25e5),
    ...               shapely.box(500150, 2499900, 500300, 25e5)],
    ...     crs=grid.crs,
    ... )
    >>> villages = gpd.GeoDataFrame(
    ...     {"village_id": ["v"], "commune_code": ["00691"], "population": [28.0]},
    ...     geometry=[shapely.Point(500160, 2499950)],
    ...     crs=grid.crs,
    ... )
    >>> found = count_residents(
    ...     communes, grid, population=None, villages=villages, village_radius_m=60.0
    ... )
    >>> found.raster.values
    array([[10., 33.,  0.]])
    >>> found.communes.table.loc[1, ["population", "population_declared"]].to_list()
    [28.0, 30.0]
    >>> found.province.table["population_source"].to_list()
    ['mixed']
    """
    communes = communes.reset_index(drop=True)
    zones = Zones.of(communes, grid)
    declared = _declared(communes)
    strayed = pd.Series(dtype="float64")
    unknown = np.zeros(len(communes), dtype=bool)
    if population is not None:
        grid.require(population.people, "population")
        raster, by_commune = population.people, None
        source = pd.Series("raster", communes.index, dtype="str")
    else:
        source = _source_of_figures(communes, villages)
        counted = source == "villages"
        if source.notna().any():  # nobody is counted where alone nobody tells
            unknown = source.isna().to_numpy()
        used = communes["commune_code"][counted]
        by_commune, strayed = spread(
            communes,
            zones,
            declared.where(~counted & ~unknown, 0.0).to_numpy(),
            None if villages is None else villages[villages["commune_code"].isin(used)],
            village_radius_m=village_radius_m,
        )
        people = full_on_disk(grid.shape, 0.0, np.dtype(np.float64))
        for some in blocks(by_commune.nnz):
            np.add.at(people.ravel(), by_commune.indices[some], by_commune.data[some])
        raster = on_grid(grid, people)
    with_source = communes.assign(population_declared=declared, population_source=source)
    all_pixels = everywhere(grid)
    units: list[UnitsOnGrid] = []
    for table, of_commune in _levels(with_source):
        laid = Zones.of(table, grid) if units else zones
        people = _in_pixels(raster, by_commune, laid, of_commune)
        figures = sum_flagged(people, all_pixels)
        if not units:
            figures[unknown] = np.nan
        units.append(UnitsOnGrid(table.assign(population=figures), laid, people, of_commune))
    of_province = float(units[2].table["population"].iloc[0])
    return Residents(
        communes=units[0],
        districts=units[1],
        province=units[2],
        raster=raster,
        uncounted=_of_no_commune(communes, villages)
        if population is None
        else max(population.outside + float(raster.to_numpy().sum()) - of_province, 0.0),
        strayed=strayed,
    )


def village_figures(villages: gpd.GeoDataFrame) -> pd.Series:
    """Return the residents of communes whose every village tells its own, by ``commune_code``.

    Parameters
    ----------
    villages : GeoDataFrame
        With ``commune_code`` and ``population``, as `tables.VILLAGES`.

    Returns
    -------
    Series of float, indexed by ``commune_code``
        Without the communes of which a village tells none.

    Examples
    --------
    >>> villages = pd.DataFrame(
    ...     {"commune_code": ["00688", "00688", "00691"], "population": [20.0, 8.0, None]}
    ... )
    >>> village_figures(villages).to_dict()
    {'00688': 28.0}
    """
    by_commune = villages.groupby("commune_code")["population"]
    whole = by_commune.count() == by_commune.size()
    figures: pd.Series = by_commune.sum()[whole].astype("float64")
    return figures


def figures_told(communes: gpd.GeoDataFrame, villages: gpd.GeoDataFrame | None) -> bool:
    """Tell whether communes or villages tell the residents of any commune.

    Parameters
    ----------
    communes, villages : GeoDataFrame
        As `tables.COMMUNES` and `tables.VILLAGES`.

    Returns
    -------
    bool

    Examples
    --------
    >>> communes = gpd.GeoDataFrame({"commune_code": ["00688", "00691"], "population": None})
    >>> figures_told(communes, None)
    False
    """
    return bool(_source_of_figures(communes, villages).notna().any())


def too_dense(residents: Residents) -> pd.DataFrame:
    """Return the communes too densely peopled to be true, densest first.

    Either the figure or the outline of such a commune is wrong.

    Parameters
    ----------
    residents : Residents

    Returns
    -------
    DataFrame
        ``commune_code``, ``name``, ``population`` and ``area_km2`` of the communes
        with more than `MOST_RESIDENTS_PER_KM2`.

    Examples
    --------
    >>> import shapely
    >>> grid = Grid("EPSG:9209", 100.0, 5e5, 25e5, 2, 1)
    >>> communes = gpd.GeoDataFrame(
    ...     {"commune_code": ["00688", "00691"], "name": ["A", "B"], "population": [15.0, 9e6],
    ...      "district_code": "024", "district": "Hà Giang"},
    ...     geometry=[shapely.box(5e5, 2499900, 500100, 25e5),
    ...               shapely.box(500100, 2499900, 500200, 25e5)],
    ...     crs=grid.crs,
    ... )
    >>> found = count_residents(
    ...     communes, grid, population=None, villages=None, village_radius_m=60.0
    ... )
    >>> too_dense(found)["name"].to_list()
    ['B']
    """
    units = residents.communes
    table = pd.DataFrame(units.table[["commune_code", "name", "population"]])
    table["area_km2"] = units.zones.area_km2
    dense = table[table["population"] > MOST_RESIDENTS_PER_KM2 * table["area_km2"]]
    density = dense["population"] / dense["area_km2"]
    return dense.loc[density.sort_values(ascending=False, kind="stable").index]


def _declared(communes: gpd.GeoDataFrame) -> pd.Series:
    if "population" not in communes:
        return pd.Series(np.nan, communes.index)
    declared: pd.Series = communes["population"].astype("float64")
    return declared


def _source_of_figures(communes: gpd.GeoDataFrame, villages: gpd.GeoDataFrame | None) -> pd.Series:
    """Return which table tells the residents of each commune; NA where none does."""
    source = pd.Series("commune", communes.index, dtype="str").where(_declared(communes).notna())
    if villages is None:
        return source
    return source.mask(communes["commune_code"].isin(village_figures(villages).index), "villages")


def _levels(communes: gpd.GeoDataFrame) -> Iterator[tuple[gpd.GeoDataFrame, Labels]]:
    """Yield communes, districts and the province, each with the unit of every commune.

    A commune without a district, as all are since 1 July 2025, is in none: -1.
    """
    yield communes, np.arange(len(communes))
    shares_borders = shapely.coverage_is_valid(communes.geometry.to_numpy())
    method = "coverage" if shares_borders else "unary"  # many communes: a tenth of the time
    by_district = communes.dissolve(
        "district_code",
        as_index=False,
        method=method,
        aggfunc={
            "district": "first",
            "commune_code": "count",
            "population_declared": _sum_of_known,
            "population_source": _source,
        },
    ).rename(columns={"commune_code": "communes"})
    # A list may give codes of districts and no names; tables need something to call them by.
    by_district["district"] = by_district["district"].fillna(by_district["district_code"])
    of_commune = pd.Index(by_district["district_code"]).get_indexer(communes["district_code"])
    yield by_district, of_commune
    province = gpd.GeoDataFrame(
        {
            "communes": [len(communes)],
            "population_declared": [_sum_of_known(communes["population_declared"])],
            "population_source": pd.Series([_source(communes["population_source"])], dtype="str"),
        },
        geometry=[communes.union_all(method=method)],
        crs=communes.crs,
    )
    yield province, np.zeros(len(communes), dtype=np.int64)


def _sum_of_known(figures: pd.Series) -> float:
    """Add figures; NaN if one is unknown, for a sum without it would look like a figure."""
    return float(figures.sum(skipna=False))


def _source(sources: pd.Series) -> Any:
    """Return the source that communes have in common; ``mixed`` if several, NA if one has none."""
    if sources.isna().any():
        return pd.NA
    first = sources.iloc[0]
    return first if (sources == first).all() else "mixed"


def _in_pixels(raster: xr.DataArray, by_commune: Any, zones: Zones, of_commune: Labels) -> Any:
    """Return the residents of each unit in each pixel.

    Where figures were spread, `by_commune` tells those of each commune. A raster does
    not say whose residents those of a shared pixel are.
    """
    weights = zones.weights
    if by_commune is None:
        everybody, pixels = raster.to_numpy().ravel(), weights.indices
        people = full_on_disk(pixels.shape, 0.0, np.dtype(np.float64))
        for some in blocks(len(pixels)):
            people[some] = np.nan_to_num(everybody[pixels[some]]) * weights.data[some]
        return sparse.csr_array((people, pixels, weights.indptr), shape=weights.shape)
    if len(of_commune) == weights.shape[0] and (of_commune == np.arange(len(of_commune))).all():
        return by_commune
    indices, data = GrowingOnDisk(np.dtype(np.int32)), GrowingOnDisk(np.dtype(np.float64))
    counts = np.zeros(weights.shape[0] + 1, dtype=np.int64)
    for unit in range(weights.shape[0]):
        member = np.flatnonzero(of_commune == unit)
        for pixels, people in _of_members(raster.to_numpy().ravel(), by_commune, member):
            indices.append(pixels)
            data.append(people)
            counts[unit + 1] += len(pixels)
    parts = data.array(), indices.array(), np.cumsum(counts).astype(np.int32)
    return sparse.csr_array(parts, shape=weights.shape)


def _of_members(
    everybody: Floats, by_commune: Any, member: Labels
) -> Iterator[tuple[Labels, Floats]]:
    """Yield the residents of some communes together, by pixel, where there are any."""
    if len(member) == by_commune.shape[0]:
        for some in blocks(len(everybody)):
            there = np.flatnonzero(everybody[some])
            yield some.start + there, everybody[some][there]
        return
    mine = [slice(*by_commune.indptr[row : row + 2]) for row in member]
    pixels, at = np.unique(
        np.concatenate([by_commune.indices[some] for some in mine]), return_inverse=True
    )
    people = np.bincount(at, np.concatenate([by_commune.data[some] for some in mine]))
    yield pixels[people != 0], people[people != 0]


def _of_no_commune(communes: gpd.GeoDataFrame, villages: gpd.GeoDataFrame | None) -> float:
    if villages is None:
        return 0.0
    unknown = ~villages["commune_code"].isin(communes["commune_code"])
    return float(villages.loc[unknown, "population"].sum())
