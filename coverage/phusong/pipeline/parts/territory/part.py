"""Units in force, their centres, villages, and the stations on air; what is absent stays None."""

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd
from pyproj import CRS

from ....errors import InputError, PhusongError, Problem
from ....grid import operation
from ....service import districts_and_province, stations_of_cells
from ....study import Study
from ...load import Loaded
from ...records import Resources
from ..indicator import Figure, Indicator, defined
from ..part import Findings, Found, Part


@dataclass(frozen=True, kw_only=True, eq=False)
class TerritoryInputs:
    """What the territory is made of; tables as loaded, None where not given."""

    crs: str
    as_of: datetime.date
    province_code: str
    province: str
    communes: gpd.GeoDataFrame | None
    villages: gpd.GeoDataFrame | None
    offices: gpd.GeoDataFrame | None
    cells: gpd.GeoDataFrame | None


@dataclass(frozen=True, kw_only=True, eq=False)
class Units:
    """The administrative units in force on the study's date.

    Parameters
    ----------
    communes, districts, province : GeoDataFrame
        Rows of the result tables, as far as they are known without coverage.
    centres : GeoSeries of points
        One a commune, indexed like `communes`.
    centres_guessed : int
        Communes without an office, where a point inside stands for the centre.
    """

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


def take(study: Study, loaded: Loaded) -> TerritoryInputs:
    """Return what the territory needs of a study; there always is one, however bare."""
    tables = loaded.tables
    return TerritoryInputs(
        crs=study.crs,
        as_of=study.as_of,
        province_code=study.province_code,
        province=study.province,
        communes=tables.get("communes"),
        villages=tables.get("villages"),
        offices=tables.get("offices"),
        cells=tables.get("cells"),
    )


def check(inputs: TerritoryInputs) -> Iterator[PhusongError]:
    """Refuse communes that lie wholly outside the area that the study's CRS is made for."""
    area, way = CRS.from_user_input(inputs.crs).area_of_use, operation(inputs.crs, "OGC:CRS84")
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
                    "west": f"{area.west:.2f}",
                    "east": f"{area.east:.2f}",
                    "south": f"{area.south:.2f}",
                    "north": f"{area.north:.2f}",
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


def commune_centres(
    communes: gpd.GeoDataFrame, offices: gpd.GeoDataFrame | None
) -> tuple[gpd.GeoSeries, int]:
    """Return one point a commune, indexed like `communes`, and how many were guessed.

    The commune's own office is its centre; where no office is given, a point
    inside the polygon stands for it.
    """
    centres = communes.representative_point()
    if offices is None:
        return centres, len(communes)
    seats = offices[offices["level"] == "commune"].drop_duplicates("commune_code")
    known = communes["commune_code"].map(seats.set_index("commune_code").geometry)
    return gpd.GeoSeries(known.where(known.notna(), centres), crs=communes.crs), int(
        known.isna().sum()
    )


def compute(inputs: TerritoryInputs, _: Found, __: Resources) -> Findings[Territory]:
    """Gather communes to districts and province, offices to centres, cells to stations."""
    tables: dict[str, gpd.GeoDataFrame] = {}
    units = on_air = None
    if inputs.communes is not None:
        units = _units(inputs, inputs.communes)
        tables |= {name: getattr(units, name) for name in ("communes", "districts", "province")}
    if inputs.villages is not None:
        tables["villages"] = inputs.villages
    if inputs.cells is not None:
        cells = active(inputs.cells, inputs.as_of)
        on_air = OnAir(
            cells=cells,
            others=len(inputs.cells) - len(cells),
            stations=stations_of_cells(cells, inputs.communes),
        )
        tables["stations"] = on_air.stations
    found = Territory(units=units, villages=inputs.villages, offices=inputs.offices, on_air=on_air)
    return Findings(record=found, tables=tables)


def _units(inputs: TerritoryInputs, communes: gpd.GeoDataFrame) -> Units:
    districts, province = districts_and_province(communes)
    centres, guessed = commune_centres(communes, inputs.offices)
    return Units(
        communes=communes,
        districts=districts,
        province=province.assign(province_code=inputs.province_code, province=inputs.province),
        centres=centres,
        centres_guessed=guessed,
    )


STATIONS = Indicator[Territory](
    name="stations",
    vi="Số trạm BTS (theo nhà mạng và công nghệ)",
    en="BTS stations (by operator and technology)",
    unit="count",
    definition=defined(
        vi="Đếm trạm (một nhà mạng, một công nghệ tại một vị trí) đang phát sóng trong bảng cells",
        en="Stations (one operator, one technology at one site) on air in the cells table",
    ),
    figure=lambda found: None if found.on_air is None else Figure(len(found.on_air.stations)),
)


def indicators(_: Study) -> Iterable[Indicator[Territory]]:
    """Return the rows that the territory gives the board."""
    return (STATIONS,)


TERRITORY = Part(name="territory", take=take, check=check, compute=compute, indicators=indicators)
