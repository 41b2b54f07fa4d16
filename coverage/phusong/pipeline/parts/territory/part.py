"""Units in force, their centres, villages, and the stations on air; what is absent stays None."""

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import pandas as pd
from pyproj import CRS

from ....errors import InputError, PhusongError, Problem, TerrainError
from ....grid import WGS84, Grid, operation
from ....i18n import Bilingual
from ....service import (
    Residents,
    commune_centres,
    count_residents,
    stations_of_cells,
    village_figures,
)
from ....study import Study, province_of
from ....tables import INPUT_TABLES
from ....terrain import read_population
from ...load import Loaded
from ...records import Note, RasterFile, Resources
from ..indicator import Figure, Indicator, defined
from ..part import Findings, Found, Part
from .outside import other_edition, other_zone, places_outside
from .people import about, unknown

MOST_TIMES = 3.0
"""How many times the declared residents a population raster may have, or they its."""
VILLAGE_RADIUS_M = 250.0
"""Where no raster tells, a village's houses lie within this; see docs/methods/terrain.md."""


@dataclass(frozen=True, kw_only=True, eq=False)
class TerritoryInputs:
    """What the territory is made of; tables as loaded, None where not given."""

    crs: str
    resolution_m: float
    as_of: datetime.date
    province_code: str
    province: str
    edition: str
    communes: gpd.GeoDataFrame | None
    villages: gpd.GeoDataFrame | None
    offices: gpd.GeoDataFrame | None
    cells: gpd.GeoDataFrame | None
    population: RasterFile | None

    @cached_property
    def residents(self) -> Residents | None:
        """Who lives in the communes; None without communes.

        Raises
        ------
        InputError
            If the population raster cannot be used, or tells of another number of people
            altogether than communes or villages do.
        TerrainError
            If the raster has nobody in the communes.
        """
        if self.communes is None:
            return None
        file, raster = self.population, None
        grid = Grid.covering(
            self.communes.total_bounds, resolution_m=self.resolution_m, crs=self.crs
        )
        if file is not None:
            raster = read_population(file.path, grid, shown=file.shown)
        residents = count_residents(
            self.communes,
            grid,
            population=raster,
            villages=self.villages,
            village_radius_m=VILLAGE_RADIUS_M,
        )
        if file is not None and residents.province.table["population"].item() == 0:
            raise TerrainError("pipeline.nobody_on_grid", file=file.shown)
        if file is not None and (disagree := _disagreement(residents, self.villages, file.shown)):
            raise InputError([disagree])
        return residents


@dataclass(frozen=True, kw_only=True, eq=False)
class Units:
    """The administrative units in force on the study's date.

    Parameters
    ----------
    residents : Residents
        Who lives in them.
    communes, districts, province : GeoDataFrame
        Rows of the result tables, as far as they are known without coverage.
    centres : GeoSeries of points
        One a commune, indexed like `communes`.
    centres_guessed : int
        Communes without an office, where a point inside stands for the centre.
    """

    residents: Residents
    communes: gpd.GeoDataFrame
    districts: gpd.GeoDataFrame
    province: gpd.GeoDataFrame
    centres: gpd.GeoSeries
    centres_guessed: int


@dataclass(frozen=True, kw_only=True, eq=False)
class OnAir:
    """What is on air on the study's date.

    Parameters
    ----------
    cells : GeoDataFrame
        The active cells, positions renumbered.
    others : int
        Cells of the table that are not on air.
    stations : GeoDataFrame
        The cells gathered by station, as `tables.STATIONS_RESULT`.
    """

    cells: gpd.GeoDataFrame
    others: int
    stations: gpd.GeoDataFrame


@dataclass(frozen=True, kw_only=True, eq=False)
class Territory:
    """What the other parts stand on; tables in the study's CRS, None where not given."""

    units: Units | None
    villages: gpd.GeoDataFrame | None
    offices: gpd.GeoDataFrame | None
    on_air: OnAir | None

    @property
    def population(self) -> pd.Series:
        """Residents by ``commune_code``, NaN where nobody knows; villages tell without communes."""
        if self.units is not None:
            known: pd.Series = self.units.communes.set_index("commune_code")["population"]
            return known
        return (
            pd.Series(dtype="float64") if self.villages is None else village_figures(self.villages)
        )


def take(study: Study, loaded: Loaded) -> TerritoryInputs:
    """Return what the territory needs of a study; there always is one, however bare."""
    tables = loaded.tables
    return TerritoryInputs(
        crs=study.crs,
        resolution_m=study.resolution_m,
        as_of=study.as_of,
        province_code=study.province_code,
        province=study.province,
        edition=study.edition,
        communes=tables.get("communes"),
        villages=tables.get("villages"),
        offices=tables.get("offices"),
        cells=tables.get("cells"),
        population=None
        if study.inputs.population is None
        else RasterFile.of(study, study.inputs.population),
    )


def check(inputs: TerritoryInputs) -> Iterator[PhusongError]:
    """Find communes that lie elsewhere, and a population raster that cannot be used."""
    faults = [*_communes_elsewhere(inputs)]
    yield from faults
    if not faults:
        try:
            inputs.residents  # noqa: B018  counted once, kept for `compute`
        except PhusongError as fault:
            yield fault


def remarks(inputs: TerritoryInputs) -> Iterator[Note]:
    """Tell communes without people, what lies outside every one, and another zone or edition."""
    province = province_of(inputs.province_code, inputs.as_of)
    yield from other_zone(inputs.crs, inputs.province, None if province is None else province.crs)
    if inputs.communes is not None:
        yield from other_edition(inputs.communes, inputs.edition)
        # A raster tells of every commune; one of another zone is refused, and the zone told here.
        if inputs.population is None and inputs.residents is not None:
            yield from unknown(inputs.residents)
        tables = {name: getattr(inputs, name) for name in ("cells", "villages", "offices")}
        yield from places_outside(
            tables, inputs.communes, crs=inputs.crs, tolerance_m=inputs.resolution_m
        )


def _disagreement(
    residents: Residents, villages: gpd.GeoDataFrame | None, shown: str
) -> Problem | None:
    """Tell if a raster has many times the people that communes or villages declare, or few of them.

    Only the communes that declare a figure are compared. No census is off by a factor of three;
    people per km², or per hectare, taken for people per pixel are.
    """
    communes = residents.communes.table.set_index("commune_code")
    of_villages = None if villages is None else village_figures(villages)
    for declared, table in (
        (communes["population_declared"], "communes"),
        (of_villages, "villages"),
    ):
        known = pd.Series(dtype="float64") if declared is None else declared.dropna()
        if not known.sum() > 0:
            continue
        people = float(communes["population"].reindex(known.index).sum())
        times = people / float(known.sum())
        if 1 / MOST_TIMES <= times <= MOST_TIMES:
            return None
        values = {
            "people": round(people),
            "declared": round(float(known.sum())),
            "table": INPUT_TABLES[table].title,
            "times": times,
        }
        return Problem(message="pipeline.population_disagrees", file=shown, values=values)
    return None


def _communes_elsewhere(inputs: TerritoryInputs) -> Iterator[PhusongError]:
    """Refuse communes that lie wholly outside the area that the study's CRS is made for."""
    area, way = CRS.from_user_input(inputs.crs).area_of_use, operation(inputs.crs, WGS84)
    if inputs.communes is None or area is None or way is None:
        return
    west, south, east, north = way.transform_bounds(*inputs.communes.total_bounds)
    # A place that the projection cannot tell comes out as infinity, and meets nothing.
    if west < area.east and area.west < east and south < area.north and area.south < north:
        return
    yield InputError(
        [
            Problem(
                message="pipeline.communes_elsewhere",
                file=str(inputs.communes.attrs.get("file", "communes")),
                values={
                    "crs": inputs.crs,
                    "west": area.west,
                    "east": area.east,
                    "south": area.south,
                    "north": area.north,
                },
            )
        ]
    )


def active(cells: gpd.GeoDataFrame, day: datetime.date) -> gpd.GeoDataFrame:
    """Return the cells on air on a day, positions renumbered."""
    date = pd.Timestamp(day)
    begun = cells["on_air_from"].isna() | (cells["on_air_from"] <= date)
    not_ended = cells["on_air_to"].isna() | (cells["on_air_to"] > date)
    return cells[(cells["status"] == "active") & begun & not_ended].reset_index(drop=True)


def compute(inputs: TerritoryInputs, _: Found, __: Resources) -> Findings[Territory]:
    """Count residents, gather communes to districts and province, offices to centres."""
    residents = inputs.residents
    return lay_out(inputs, None if residents is None else _units(inputs, residents))


def lay_out(
    inputs: TerritoryInputs, units: Units | None, stations: gpd.GeoDataFrame | None = None
) -> Findings[Territory]:
    """Gather cells to stations, and tell what is known of the units.

    Parameters
    ----------
    inputs : TerritoryInputs
    units : Units, optional
        Of these inputs, or of others that differ in their cells alone.
    stations : GeoDataFrame, optional
        Of the cells on air, if they are gathered already.
    """
    tables: dict[str, gpd.GeoDataFrame] = {}
    on_air = None
    if units is not None:
        tables |= {name: getattr(units, name) for name in ("communes", "districts", "province")}
        if tables["districts"].empty:  # there are none since 1 July 2025
            del tables["districts"]
    if inputs.villages is not None:
        tables["villages"] = inputs.villages
    if inputs.cells is not None:
        cells = active(inputs.cells, inputs.as_of)
        on_air = OnAir(
            cells=cells,
            others=len(inputs.cells) - len(cells),
            stations=stations_of_cells(cells, inputs.communes) if stations is None else stations,
        )
        tables["stations"] = on_air.stations
    found = Territory(units=units, villages=inputs.villages, offices=inputs.offices, on_air=on_air)
    notes = () if units is None else tuple(about(units.residents))
    return Findings(record=found, tables=tables, notes=notes)


def _units(inputs: TerritoryInputs, residents: Residents) -> Units:
    communes, province = residents.communes.table, residents.province.table
    centres, guessed = commune_centres(communes, inputs.offices)
    return Units(
        residents=residents,
        communes=communes,
        districts=residents.districts.table,
        province=province.assign(province_code=inputs.province_code, province=inputs.province),
        centres=centres,
        centres_guessed=int(guessed.sum()),
    )


def lacks(study: Study) -> Iterator[str]:
    """Name the tables of units, villages and stations that a study has no inputs for."""
    given = study.inputs
    if given.communes is None:
        yield from ("communes", "districts", "province")
    if given.villages is None:
        yield "villages"
    if given.cells is None:
        yield "stations"


STATIONS = Indicator[Territory](
    name="stations",
    title=Bilingual(
        "Số trạm BTS (theo nhà mạng và công nghệ)", "BTS stations (by operator and technology)"
    ),
    unit="count",
    definition=defined(
        "Đếm trạm (một nhà mạng, một công nghệ tại một vị trí) đang phát sóng trong bảng trạm "
        "(cells)",
        "Stations (one operator, one technology at one site) on air in the cells table",
    ),
    figure=lambda found: None if found.on_air is None else Figure(len(found.on_air.stations)),
)


def _shared_sites(found: Territory) -> Figure | None:
    if found.on_air is None or found.on_air.cells.empty:
        return None
    operators = found.on_air.cells.groupby("site_id")["operator"].nunique()
    return Figure(float((operators > 1).mean()))


SHARED_SITES = Indicator[Territory](
    name="shared_sites_share",
    title=Bilingual("Vị trí cột ăng-ten dùng chung", "Sites shared by operators"),
    unit="share",
    denominator="sites",
    definition=defined(
        "Vị trí cột ăng-ten có trạm đang phát sóng của từ hai nhà mạng, theo mã vị trí trong "
        "bảng trạm",
        "Sites with stations of two operators or more on air, by the site ids of the cells table",
    ),
    figure=_shared_sites,
)


def indicators(_: Study) -> Iterable[Indicator[Territory]]:
    """Return the rows that the territory gives the board."""
    return (STATIONS, SHARED_SITES)


TERRITORY = Part(
    name="territory",
    take=take,
    check=check,
    remarks=remarks,
    compute=compute,
    lacks=lacks,
    indicators=indicators,
)
