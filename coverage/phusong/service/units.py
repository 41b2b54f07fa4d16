"""Who is covered, per commune, district and province; and whether that meets a target."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import partial
from itertools import pairwise
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from .._on_disk import full_on_disk
from .._types import Flags, Floats
from ..grid import Grid, blocks_of_rows, grid_of
from ..radio import served
from ..tables import CELLS, RADIATED
from .places import commune_of
from .residents import Residents, UnitsOnGrid
from .zones import sum_flagged, sum_flagged_again, sum_weighted, sum_weighted_again

Denominator = Literal["population", "area", "villages", "commune_centres"]
Reading = Literal["pixels", "probability"]
EXPECTED_SHARE = "expected_covered_population_share"
"""Share of residents by the reading ``probability``."""
SHARES: Mapping[str, str] = {
    "population": "covered_population_share",
    "area": "covered_area_share",
    "villages": "covered_villages_share",
}


@dataclass(frozen=True)
class UnitCoverage:
    """Coverage of every unit; columns as in the result tables, one set a service.

    Parameters
    ----------
    communes : GeoDataFrame of polygons
        The columns of `tables.COMMUNES_RESULT` that coverage tells.
    districts : GeoDataFrame of polygons
        Likewise of `tables.DISTRICTS_RESULT`.
    province : GeoDataFrame of one polygon
        Likewise of `tables.PROVINCE_RESULT`.
    sums : Sums
        What was added up pixel by pixel, kept for margins that differ in some of them.
    """

    communes: gpd.GeoDataFrame
    districts: gpd.GeoDataFrame
    province: gpd.GeoDataFrame
    sums: "Sums"


@dataclass(frozen=True)
class OnPixels:
    """What is known of each pixel, by service; arrays of shape (y, x).

    Parameters
    ----------
    covered, uncorrected : mapping of str to ndarray of bool
        Whether it is served, as predicted and without mean error or calibration taken off.
    probability : mapping of str to ndarray of float
        That a place in it is served.
    """

    covered: Mapping[str, Flags]
    uncorrected: Mapping[str, Flags]
    probability: Mapping[str, Floats]


@dataclass(frozen=True)
class AddedUp:
    """What was added up over the pixels of the units of one level, by service.

    Parameters
    ----------
    people, pixels : mapping of str to ndarray of float64, shape (units,)
        Residents of served pixels, and these pixels with their parts.
    expected, uncorrected : mapping of str to ndarray of float64, shape (units,)
        Residents by probability, and those served without mean error or calibration taken off.
    """

    people: Mapping[str, NDArray[np.float64]]
    pixels: Mapping[str, NDArray[np.float64]]
    expected: Mapping[str, NDArray[np.float64]]
    uncorrected: Mapping[str, NDArray[np.float64]]

    @classmethod
    def of(cls, units: UnitsOnGrid, now: OnPixels) -> "AddedUp":
        """Add up all pixels."""
        uncorrected = {
            name: sum_flagged(units.people, flag) for name, flag in now.uncorrected.items()
        }
        return cls(
            {name: sum_flagged(units.people, flag) for name, flag in now.covered.items()},
            {name: units.zones.sum(flag) for name, flag in now.covered.items()},
            {name: sum_weighted(units.people, one) for name, one in now.probability.items()},
            uncorrected,
        )

    def again(self, units: UnitsOnGrid, now: OnPixels, changed: OnPixels, above: int) -> "AddedUp":
        """Add up the units with a changed pixel.

        `changed` flags these in all of its mappings: in some rows, with `above` above them.
        """
        people = partial(sum_flagged_again, units.people, above=above)
        zones = partial(sum_flagged_again, units.zones.weights, above=above)
        expected = partial(sum_weighted_again, units.people, above=above)

        def added(add_up: Any, of: str, before: Mapping[str, NDArray[np.float64]]) -> Any:
            values, marks = getattr(now, of), getattr(changed, of)
            return {name: add_up(values[name], marks[name], before[name]) for name in values}

        return AddedUp(
            people=added(people, "covered", self.people),
            pixels=added(zones, "covered", self.pixels),
            expected=added(expected, "probability", self.expected),
            uncorrected=added(people, "uncorrected", self.uncorrected),
        )


@dataclass(frozen=True)
class Sums:
    """What was added up over the pixels of every unit, and what was known of these.

    Parameters
    ----------
    margins_db, probabilities : mapping of str to DataArray, shape (y, x)
        By service.
    mean_error_db : float
        Taken from every level.
    uncalibrated_db : mapping of str to DataArray, optional
        The margins as they would be without calibration.
    levels : tuple of AddedUp
        Of communes, of districts and of the province.
    """

    margins_db: Mapping[str, xr.DataArray]
    probabilities: Mapping[str, xr.DataArray]
    mean_error_db: float
    uncalibrated_db: Mapping[str, xr.DataArray] | None
    levels: tuple[AddedUp, ...]

    @classmethod
    def of(
        cls,
        units: Sequence[UnitsOnGrid],
        margins_db: Mapping[str, xr.DataArray],
        probabilities: Mapping[str, xr.DataArray],
        mean_error_db: float,
        uncalibrated_db: Mapping[str, xr.DataArray] | None,
        before: "Sums | None",
        rows: slice,
    ) -> "Sums":
        """Add up what is covered; from sums before, only units where that differs.

        Parameters
        ----------
        units : sequence of UnitsOnGrid
            Communes, districts and the province.
        margins_db, probabilities, mean_error_db, uncalibrated_db
            As above.
        before : Sums, optional
        rows : slice
            The only rows with pixels where margins differ from those before.

        Returns
        -------
        Sums
        """
        found = cls(margins_db, probabilities, mean_error_db, uncalibrated_db, ())
        now = found._on_pixels()
        if before is None:
            levels = tuple(AddedUp.of(one, now) for one in units)
        else:
            then = before._on_pixels(rows)
            changed = OnPixels(
                *(
                    {
                        name: one[rows] != getattr(then, field.name)[name]
                        for name, one in found.items()
                    }
                    for field in fields(OnPixels)
                    for found in [getattr(now, field.name)]
                )
            )
            levels = tuple(
                known.again(one, now, changed, rows.start or 0)
                for one, known in zip(units, before.levels, strict=True)
            )
        return replace(found, levels=levels)

    def _on_pixels(self, rows: slice = slice(None)) -> OnPixels:
        margins = {name: margin.to_numpy()[rows] for name, margin in self.margins_db.items()}
        covered = {name: _served(margin) for name, margin in margins.items()}
        uncorrected = covered
        if self.uncalibrated_db is not None:
            without = self.uncalibrated_db.items()
            uncorrected = {name: _served(margin.to_numpy()[rows]) for name, margin in without}
        elif self.mean_error_db:
            off_db = self.mean_error_db
            uncorrected = {name: _served(margin, off_db) for name, margin in margins.items()}
        likely = {name: one.to_numpy()[rows] for name, one in self.probabilities.items()}
        return OnPixels(covered, uncorrected, likely)


def _served(margin_db: Floats, more_db: float = 0.0) -> Flags:
    """Return a flag for each pixel, on the disk."""
    flags = full_on_disk(margin_db.shape, False, np.dtype(bool))
    for rows in blocks_of_rows(len(flags)):
        flags[rows] = served(margin_db[rows] + more_db if more_db else margin_db[rows])
    return flags


def coverage_by_unit(  # noqa: PLR0913 - what is counted, and what was counted before
    residents: Residents,
    margins_db: Mapping[str, xr.DataArray],
    *,
    probabilities: Mapping[str, xr.DataArray],
    mean_error_db: float,
    uncalibrated_db: Mapping[str, xr.DataArray] | None = None,
    centres: gpd.GeoSeries,
    villages: gpd.GeoDataFrame | None,
    before: Sums | None = None,
    rows: slice = slice(None),
) -> UnitCoverage:
    """Count covered residents, land, villages and centres of every unit.

    Parameters
    ----------
    residents : Residents
        Who lives in which commune, from `count_residents`.
    margins_db : mapping of str to DataArray, shape (y, x)
        Margin by service, on the grid of the residents; see `radio.served`.
    probabilities : mapping of str to DataArray, shape (y, x)
        Likewise how likely a place in each pixel is served, 0 to 1.
    mean_error_db : float
        What was taken from every level; the uncorrected share is that without it.
    uncalibrated_db : mapping of str to DataArray, shape (y, x), optional
        Margin by service of a prediction without calibration, of which the uncorrected share
        is instead.
    centres : GeoSeries of points
        One a commune, in the order of the communes.
    villages : GeoDataFrame, optional
        As `tables.VILLAGES`; a village is covered where its point is.
    before : Sums, optional
        Of the same residents and services and other margins: units where the same pixels
        are covered are not added up again.
    rows : slice
        The only rows of the grid with pixels where margins differ from those before.

    Returns
    -------
    UnitCoverage
        The tables of `residents` with what is covered. Shares are NaN where their
        denominator is 0 or unknown. A pixel is covered whole or not at all; of one cut by
        a border, the residents and the ground inside count. Areas are on the ellipsoid,
        the covered part by share of the map plane. Villages count for the commune that
        their code names.

    Raises
    ------
    GridMismatchError
        If a margin lies on another grid than the residents.

    Examples
    --------
    A commune of two pixels, of which the one with 300 of 400 residents is covered.

    >>> import shapely
    >>> from phusong.service import count_residents
    >>> from phusong.terrain import Population
    >>> grid = Grid("EPSG:9209", 100.0, 5e5, 25e5, 2, 1)
    >>> communes = gpd.GeoDataFrame(
    ...     {"commune_code": ["00688"], "district_code": ["024"], "district": ["Hà Giang"]},
    ...     geometry=[shapely.box(*grid.bounds)],
    ...     crs=grid.crs,
    ... )
    >>> people = Population(grid.wrap(np.array([[300.0, 100.0]]), "population"), outside=0.0)
    >>> found = coverage_by_unit(
    ...     count_residents(
    ...         communes, grid, population=people, villages=None, village_radius_m=250.0
    ...     ),
    ...     {"4g": grid.wrap(np.array([[0.0, -1.0]]), "margin_db")},
    ...     probabilities={"4g": grid.wrap(np.array([[0.9, 0.7]]), "probability")},
    ...     mean_error_db=2.0,
    ...     centres=communes.representative_point(),
    ...     villages=None,
    ... )
    >>> found.communes.loc[0, ["covered_population_share_4g", "covered_area_share_4g"]].to_list()
    [0.75, 0.5]
    >>> found.communes.loc[0, ["expected_covered_population_share_4g",
    ...                        "uncorrected_covered_population_share_4g"]].to_list()
    [0.85, 1.0]
    """
    grid = grid_of(residents.raster)
    for service, margin in margins_db.items():
        grid.require(margin, f"margin_db[{service}]")
        grid.require(probabilities[service], f"probabilities[{service}]")
    communes = residents.communes.table
    centre_covered = _at(grid, margins_db, centres)
    village_covered: dict[str, Any] = {}
    village_commune = None
    if villages is not None:
        village_covered = _at(grid, margins_db, villages.geometry)
        codes = pd.Index(communes["commune_code"])
        village_commune = codes.get_indexer(pd.Index(villages["commune_code"]))
    finished = []
    levels = residents.communes, residents.districts, residents.province
    sums = Sums.of(levels, margins_db, probabilities, mean_error_db, uncalibrated_db, before, rows)
    for units, added in zip(levels, sums.levels, strict=True):
        # The last entry stands for villages of no commune, which are at -1.
        village_unit = (
            None if village_commune is None else np.append(units.of_commune, -1)[village_commune]
        )
        table = _count(units, added, village_unit, village_covered)
        for name, flag in centre_covered.items():
            if units is residents.communes:
                table[f"centre_covered_{name}"] = flag
            else:
                member = units.of_commune >= 0
                table[f"covered_centres_{name}"] = np.bincount(
                    units.of_commune[member], weights=flag[member], minlength=len(table)
                ).astype(np.int64)
        finished.append(table)
    of_communes, of_districts, of_province = finished
    return UnitCoverage(of_communes, of_districts, of_province, sums)


def _at(
    grid: Grid, margins_db: Mapping[str, xr.DataArray], points: gpd.GeoSeries
) -> dict[str, Any]:
    row, column, inside = grid.index(points.x, points.y)
    return {
        name: served(margin.to_numpy()[row, column]) & inside for name, margin in margins_db.items()
    }


def _count(
    units: UnitsOnGrid,
    added: "AddedUp",
    village_unit: Any,
    village_covered: Mapping[str, Any],
) -> gpd.GeoDataFrame:
    table, zones = units.table, units.zones
    columns: dict[str, Any] = {"area_km2": zones.area_km2}
    pixels = zones.pixels()
    known = village_unit is not None
    at = village_unit[village_unit >= 0] if known else np.empty(0, dtype=np.int64)
    columns["villages"] = (
        pd.array(np.bincount(at, minlength=len(table)), dtype="Int64")
        if known
        else pd.array([pd.NA] * len(table), dtype="Int64")
    )
    unknown = table["population"].isna().to_numpy()
    for name in added.people:
        people, expected, uncorrected = (
            np.where(unknown, np.nan, each[name])  # nobody known is not nobody covered
            for each in (added.people, added.expected, added.uncorrected)
        )
        columns[f"covered_population_{name}"] = people
        columns[f"covered_population_share_{name}"] = _ratio(people, table["population"])
        columns[f"expected_covered_population_{name}"] = expected
        columns[f"{EXPECTED_SHARE}_{name}"] = _ratio(expected, table["population"])
        columns[f"uncorrected_covered_population_{name}"] = uncorrected
        columns[f"uncorrected_covered_population_share_{name}"] = _ratio(
            uncorrected, table["population"]
        )
        share = _ratio(added.pixels[name], pixels)
        columns[f"covered_area_km2_{name}"] = share * zones.area_km2
        columns[f"covered_area_share_{name}"] = share
        if known:
            count = np.bincount(
                at, weights=village_covered[name][village_unit >= 0], minlength=len(table)
            )
            columns[f"covered_villages_{name}"] = pd.array(count.astype(np.int64), dtype="Int64")
            columns[f"covered_villages_share_{name}"] = _ratio(count, columns["villages"])
        else:
            columns[f"covered_villages_{name}"] = pd.array([pd.NA] * len(table), dtype="Int64")
            columns[f"covered_villages_share_{name}"] = np.nan
    return _beside(table, columns)


def _beside(table: gpd.GeoDataFrame, columns: Mapping[str, Any]) -> gpd.GeoDataFrame:
    """Return a table with columns behind its own, put there at once: one by one takes longer."""
    known = table.drop(columns=table.columns.intersection(list(columns)))
    whole = pd.concat([known, pd.DataFrame(columns, index=table.index)], axis=1)
    whole.attrs = dict(table.attrs)
    return gpd.GeoDataFrame(whole, geometry=table.geometry.name, crs=table.crs)


def _ratio(part: Any, whole: Any) -> Any:
    """Divide; NaN where the whole is nothing. Rounding noise never lifts a share above 1."""
    part, whole = np.asarray(part, dtype=float), np.asarray(whole, dtype=float)
    share = np.full(part.shape, np.nan)
    np.divide(part, whole, out=share, where=whole > 0)
    return np.minimum(share, 1.0)


def verdicts(
    units: gpd.GeoDataFrame,
    service: str,
    *,
    share: float,
    denominator: Denominator,
    reading: Reading = "pixels",
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
    reading : {"pixels", "probability"}
        Of a share of residents, how they are counted.

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
    if reading == "probability":
        found = units[f"{EXPECTED_SHARE}_{service}"]
    elif denominator != "commune_centres":
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
    best_servers: Mapping[str, xr.DataArray],
    *,
    technologies: Sequence[str],
    thresholds_dbm: Mapping[str, Mapping[Any, float]],
) -> gpd.GeoDataFrame:
    """Tell of each village whether it is covered, by what level, and what level it needs.

    Parameters
    ----------
    villages : GeoDataFrame of points
        As `tables.VILLAGES`, in the CRS of the rasters.
    margins_db, levels_dbm, best_servers : mapping of str to DataArray, shape (y, x)
        By service, on one grid; best servers are positions in `technologies`,
        negative for none.
    technologies : sequence of str
        Of each cell.
    thresholds_dbm : mapping
        Service → technology → weakest level that counts.

    Returns
    -------
    GeoDataFrame of points
        `villages` with, of the pixel that holds each, ``covered_<service>``,
        ``server_technology_<service>``, ``level_dbm_<service>``,
        ``threshold_dbm_<service>`` of that technology,
        ``allowance_db_<service>`` between threshold and level needed,
        ``needed_dbm_<service>`` and ``margin_db_<service>``, which is level minus
        level needed. Not covered and missing where nothing is received or the
        village lies beyond the grid.

    Examples
    --------
    >>> import shapely
    >>> from phusong.grid import Grid
    >>> grid = Grid("EPSG:9209", 100.0, 0.0, 100.0, width=2, height=1)
    >>> villages = gpd.GeoDataFrame(
    ...     {"village_id": ["v1", "v2"]}, geometry=[shapely.Point(50, 50), shapely.Point(150, 50)],
    ...     crs=grid.crs,
    ... )
    >>> found = villages_result(
    ...     villages,
    ...     {"4g": grid.wrap(np.array([[3.0, -2.0]]), "margin_db")},
    ...     {"4g": grid.wrap(np.array([[-99.0, -104.0]]), "level_dbm")},
    ...     {"4g": grid.wrap(np.array([[0, 0]]), "best_server")},
    ...     technologies=["4G"],
    ...     thresholds_dbm={"4g": {"4G": -115.0}},
    ... )
    >>> found[["covered_4g", "level_dbm_4g", "needed_dbm_4g", "allowance_db_4g"]].values.tolist()
    [[True, -99.0, -102.0, 13.0], [False, -104.0, -102.0, 13.0]]
    """
    columns: dict[str, Any] = {}
    of_cell = np.array([*technologies, ""])
    for name, margin in margins_db.items():
        grid = grid_of(margin)
        row, column, inside = grid.index(villages.geometry.x, villages.geometry.y)
        own = np.where(inside, margin.to_numpy()[row, column].astype(float), np.nan)
        level = levels_dbm[name].to_numpy()[row, column].astype(float)
        server = best_servers[name].to_numpy()[row, column]
        heard = ~np.isnan(own) & (server >= 0)
        technology = np.where(heard, of_cell[np.where(heard, server, -1)], "")
        kinds, kind = np.unique(technology, return_inverse=True)
        threshold = np.array([thresholds_dbm[name].get(str(one), np.nan) for one in kinds])[kind]
        # Rasters of float32 know a level to 1e-5 dB.
        needed = np.where(heard, np.round(level - own, 3), np.nan)
        columns[f"covered_{name}"] = served(own)
        columns[f"server_technology_{name}"] = pd.Series(technology, villages.index).where(
            heard, None
        )
        columns[f"level_dbm_{name}"] = np.where(heard, level, np.nan)
        columns[f"threshold_dbm_{name}"] = threshold
        columns[f"allowance_db_{name}"] = np.round(needed - threshold, 3)
        columns[f"needed_dbm_{name}"] = needed
        columns[f"margin_db_{name}"] = own
    return _beside(villages, columns)


def _assumed_of(told: list[Any]) -> str | None:
    """Return the fields that are assumed of any cell of a station, in the order of the table."""
    names = {name for one in told if not _missing(one) for name in one.split(", ")}
    return ", ".join(sorted(names, key=CELLS.columns.index)) or None


def _one_or_each(values: list[Any]) -> str | None:
    """Write what all cells of a station have, or what each has."""
    if all(map(_missing, values)):
        return None
    told = ["–" if _missing(one) else f"{one:g}" if isinstance(one, float) else str(one)
            for one in values]  # fmt: skip
    return told[0] if len(set(told)) == 1 else ", ".join(told)


def _missing(value: object) -> bool:
    """Tell whether a value of a table is None or NaN; quicker than pandas for a single one."""
    return value is None or value != value


def stations_of_cells(
    cells: gpd.GeoDataFrame, communes: gpd.GeoDataFrame | None
) -> gpd.GeoDataFrame:
    """Gather cells to stations.

    Parameters
    ----------
    cells : GeoDataFrame of points
        As `tables.CELLS`; those in service.
    communes : GeoDataFrame of polygons, optional
        Give each station its commune, see `commune_of`; in the same CRS.

    Returns
    -------
    GeoDataFrame of points
        As `tables.STATIONS_RESULT`, one row a station.

    Examples
    --------
    >>> import shapely
    >>> cells = gpd.GeoDataFrame(
    ...     {"site_id": "S1", "site_name": "Tha", "station_id": "S1-4G", "cell_id": ["1", "2"],
    ...      "operator": "Viettel", "technology": "4G", "frequency_mhz": [900.0, 1800.0],
    ...      "antenna_height_m": [30.0, 36.0]},
    ...     geometry=[shapely.Point(0, 0)] * 2, crs="EPSG:9209",
    ... )
    >>> stations = stations_of_cells(cells, None)
    >>> stations[["station_id", "cells", "frequency_mhz", "antenna_height_m"]].values.tolist()
    [['S1-4G', 2, '900, 1800', 36.0]]
    """
    cells = cells.sort_values(["station_id", "cell_id"])
    grouped = cells.groupby("station_id")
    first = grouped[["site_id", "site_name", "operator", "technology", "geometry"]].first()
    table = gpd.GeoDataFrame(first, geometry="geometry", crs=cells.crs)
    table["cells"] = grouped.size()
    ends = [0, *grouped.size().cumsum()]

    def gathered(name: str, tell: Callable[[list[Any]], str | None]) -> list[str | None]:
        # Lists are cut: a Series for every station and column would take a second in a province.
        values = cells[name].to_list()
        return [tell(values[start:end]) for start, end in pairwise(ends)]

    table["frequency_mhz"] = gathered(
        "frequency_mhz", lambda values: ", ".join(f"{value:g}" for value in sorted(set(values)))
    )
    table["antenna_height_m"] = grouped["antenna_height_m"].max()
    for name in RADIATED:
        if name in cells and cells[name].notna().any():
            table[name] = gathered(name, _one_or_each)
    if "assumed" in cells and cells["assumed"].notna().any():
        table["assumed"] = gathered("assumed", _assumed_of)
    table = table.reset_index()
    table["commune_code"] = (
        pd.Series(pd.NA, index=table.index, dtype="str")
        if communes is None
        else commune_of(table.geometry, communes)
    )
    return table
