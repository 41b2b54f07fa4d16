"""Make cells of the rows of a list of sites: technologies × bands × sectors, with ids.

Knows lists of sites and assumed values; no file. What the words of a cell mean is told by
`carriers`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..errors import Problem
from ..grid import WGS84
from ..tables import CELLS, SITE_LIST
from .assumed import ANY_TERRAIN, ASSUMABLE, POWER_PARTS, AssumedValues
from .carriers import Carriers, azimuths_of, carriers_of, tilts_of
from .headings import SHAPEFILE_NAME_LENGTH, match, with_alike
from .source import Fault, Faults, Raw, Source
from .values import DTYPES

PLACE_DIGITS = 4
"""Decimals of a degree to which the place of a site without code or name is rounded: 11 m."""
_LOWEST_MHZ, _HIGHEST_MHZ = 30.0, 6000.0
_FULL_CIRCLE_DEG = 360.0
_SHOWN_IDS = 5
_SHARE = {"3G": "pilot_power_share", "4G": "resource_blocks", "5G": "resource_blocks"}
"""What tells the reference signal's part of a carrier's power; a 2G carrier is all of it."""


def is_site_list(raw: Raw, source: Source, assumed: AssumedValues) -> bool:
    """Tell whether a file of cells lists sites instead.

    It does if it lacks a column that cells need, and no heading is nearly one, if it has powers
    and neither gains nor antennas, or if a cell of its technologies, frequencies or azimuths
    names several.

    Parameters
    ----------
    raw : Raw
        With columns arranged as the study says.
    source : Source
    assumed : AssumedValues

    Returns
    -------
    bool
    """
    shapefile = source.suffix == ".shp"
    longest = SHAPEFILE_NAME_LENGTH if shapefile else None
    found = match(raw.headings, CELLS.fields, longest=longest)
    if not shapefile:
        found = with_alike(found, raw.headings, CELLS.fields)
    there = {*found.position, *(CELLS.key if raw.ids is not None else ())}
    needed = {one.name for one in CELLS.fields if one.required}
    missing = needed - there
    if not missing and not there & set(CELLS.one_of):
        missing = set(CELLS.one_of)  # an "EIRP" beside all the rest is more likely a slip
    if missing:
        lists = match(raw.headings, SITE_LIST.fields, longest=longest).position
        return not any(name in found.nearest and name not in lists for name in missing)
    if "power_dbm" in there and not {"rs_eirp_dbm", "antenna_gain_dbi", "antenna"} & there:
        return True
    return any(
        _several(name, cell, assumed)
        for name in ("technology", "frequency_mhz", "azimuth_deg")
        if name in found.position
        for cell in {each for each in raw.columns[found.position[name]] if isinstance(each, str)}
    )


def _several(name: str, cell: str, assumed: AssumedValues) -> bool:
    if name == "azimuth_deg":
        found = azimuths_of(cell)
        return found is not None and len(found) > 1
    technology, frequency = (cell, None) if name == "technology" else (None, cell)
    carriers = carriers_of(technology, frequency, assumed.preference)
    return carriers is not None and len(carriers.found) > 1


@dataclass(frozen=True, kw_only=True)
class _Cell:
    """A cell of a row, before its ids are made."""

    row: int
    technology: str
    frequency_mhz: float
    azimuth_deg: float
    tilt_deg: float
    own: bool
    assumed: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class SiteLists:
    """Makes cells of the rows of lists of sites.

    Parameters
    ----------
    values : AssumedValues
        Fill what a list does not tell.
    terrain_of : callable, optional
        Places, as a GeoSeries in the CRS of the sites → the kind of terrain around each, as in
        `tables.ASSUMED_VALUES`; without it the terrain is any.
    """

    values: AssumedValues
    terrain_of: Callable[[gpd.GeoSeries], Sequence[str]] | None = None
    _read: dict[tuple[str | None, str | None], Carriers | None] = field(
        init=False, repr=False, default_factory=dict
    )

    def faults(
        self, sites: gpd.GeoDataFrame, rows: Sequence[int], heading: Mapping[str, str]
    ) -> list[Fault]:
        """Find the rows that make no cells, or cells that another row makes.

        Parameters
        ----------
        sites : GeoDataFrame
            As `tables.SITE_LIST`; rows with other faults included.
        rows : sequence of int
            Where they stand in the file.
        heading : mapping of str to str
            Headings of the file by field.

        Returns
        -------
        list of Fault
            At most one for each row.
        """
        faults = Faults(len(sites))
        known = [self._carriers(row) for row in _records(sites)]
        named = sites[["technology", "frequency_mhz"]].notna().any(axis=1).to_numpy()
        unread = np.array([one is None for one in known], dtype=bool) & named
        column = heading.get("technology", heading.get("frequency_mhz"))
        faults.add(
            unread, "not_carriers", column,
            technology=_shown(sites["technology"]), frequency=_shown(sites["frequency_mhz"]),
        )  # fmt: skip
        faults.add(
            np.array([one is not None and _beyond(one) for one in known], dtype=bool),
            "carrier_range", heading.get("frequency_mhz"),
            lowest=_LOWEST_MHZ, highest=_HIGHEST_MHZ,
        )  # fmt: skip
        for name, reader, message in (
            ("azimuth_deg", azimuths_of, "not_azimuths"),
            ("tilt_deg", tilts_of, "not_tilts"),
        ):
            wrong = [isinstance(cell, str) and reader(cell) is None for cell in sites[name]]
            faults.add(np.array(wrong, dtype=bool), message, heading.get(name))
        faults.add(
            np.array([_tilts_differ(row) for row in _records(sites)], dtype=bool),
            "tilts_not_sectors", heading.get("tilt_deg"),
        )  # fmt: skip
        unknown = np.array(
            [one is not None and self._unknown(one, row)
             for one, row in zip(known, _records(sites), strict=True)], dtype=bool,
        )  # fmt: skip
        faults.add(unknown, "nothing_assumed")
        sound = faults.ok & np.array([one is not None for one in known], dtype=bool)
        sound &= sites["operator"].notna().to_numpy() & ~sites.geometry.isna().to_numpy()
        sound &= ~sites.geometry.is_empty.to_numpy()
        first = self._repeated(sites[sound], rows)
        again = np.array([at in first for at in range(len(sites))], dtype=bool)
        faults.add(
            again, "repeated_sector", first=np.array([first.get(at, 0) for at in range(len(sites))])
        )
        return faults.found

    def cells(
        self, sites: gpd.GeoDataFrame, rows: Sequence[int], source: Source
    ) -> tuple[gpd.GeoDataFrame, list[int], list[Problem]]:
        """Make the cells of sound rows.

        Parameters
        ----------
        sites : GeoDataFrame
            As `tables.SITE_LIST`, in the study's CRS.
        rows : sequence of int
            Where they stand in the file.
        source : Source

        Returns
        -------
        GeoDataFrame
            As `tables.CELLS`, sorted by key.
        list of int, one for each cell
            Position of its row in `sites`.
        list of Problem
            What was taken for what, and assumed.

        Raises
        ------
        InputError
            If two cells would have one id.
        """
        sites = sites.reset_index(drop=True)
        made = self._split(sites)
        at = [one.row for one in made]
        table = gpd.GeoDataFrame(sites.iloc[at].reset_index(drop=True), crs=sites.crs)
        for name in ("technology", "frequency_mhz", "azimuth_deg", "tilt_deg"):
            table[name] = [getattr(one, name) for one in made]
        assumed = [[*one.assumed] for one in made]
        self._fill(table, assumed)
        site, names_apart = _site_ids(sites)
        table["site_id"], table["station_id"], table["cell_id"] = _ids(table, made, site)
        table["assumed"] = pd.Series(
            [", ".join(sorted(names, key=CELLS.columns.index)) or None for names in assumed],
            dtype="str",
        )
        collide = table["cell_id"][table["cell_id"].duplicated()]
        if len(collide):
            raise source.refuse("ids_collide", ids=", ".join(collide.unique()[:_SHOWN_IDS]))
        order = np.argsort(table["cell_id"].to_numpy(dtype=object), kind="stable")
        told = self._told(sites, rows, table, assumed, names_apart, source)
        kept = gpd.GeoDataFrame(
            table.iloc[order][[*CELLS.columns, "geometry"]].reset_index(drop=True), crs=sites.crs
        )
        for one in CELLS.fields:
            kept[one.name] = kept[one.name].astype(DTYPES[one.kind])
        kept.attrs.update(sites.attrs)
        return kept, [at[i] for i in order], told

    def _carriers(self, row: dict[str, Any]) -> Carriers | None:
        kind = row["technology"], row["frequency_mhz"]
        if kind not in self._read:
            self._read[kind] = carriers_of(*kind, self.values.preference)
        return self._read[kind]

    def _unknown(self, carriers: Carriers, row: dict[str, Any]) -> bool:
        """Tell whether a cell would lack a height or an EIRP for want of an assumed value."""
        lacking = [name for name in ("antenna_height_m",) if row[name] is None]
        if row["azimuth_deg"] is None and row["sectors"] is None and row["cell_id"] is None:
            lacking.append("sectors")
        return any(
            self.values.value(name, one.technology, one.frequency_mhz) is None
            for one in carriers.found
            for name in (*lacking, *_power_lacking(row, one.technology))
        )

    def _split(self, sites: gpd.GeoDataFrame) -> list[_Cell]:
        """Split rows into cells: each carrier in each sector."""
        records = _records(sites)
        has_azimuths = bool(sites["azimuth_deg"].notna().any())
        alone = _ranks_of_own_cells(records, [self._carriers(row) for row in records])
        made = []
        for at, row in enumerate(records):
            carriers = self._carriers(row)
            if carriers is None:
                continue
            typed = None if row["azimuth_deg"] is None else azimuths_of(row["azimuth_deg"])
            own = _own_cell(row, carriers, typed)
            for one in carriers.found:
                azimuths, assumed = typed, one.assumed
                if typed is None:
                    azimuths, guessed = self._sectors(row, one.technology, one.frequency_mhz)
                    if own:
                        rank, count = alone[at]
                        guessed = not has_azimuths
                        azimuths = (_FULL_CIRCLE_DEG / count * rank,) if guessed else ()
                        azimuths = () if count == 1 else azimuths
                    assumed = (*assumed, "azimuth_deg") if guessed else assumed
                tilts = (np.nan,) if row["tilt_deg"] is None else tilts_of(row["tilt_deg"])
                directions = azimuths or (np.nan,)
                tilts = tilts or (np.nan,)
                tilts = tilts * len(directions) if len(tilts) == 1 else tilts
                made += [
                    _Cell(
                        row=at,
                        technology=one.technology,
                        frequency_mhz=one.frequency_mhz,
                        azimuth_deg=azimuth,
                        tilt_deg=tilt,
                        own=own,
                        assumed=assumed,
                    )
                    for azimuth, tilt in zip(directions, tilts, strict=True)
                ]
        return made

    def _sectors(
        self, row: dict[str, Any], technology: str, frequency_mhz: float
    ) -> tuple[tuple[float, ...], bool]:
        """Spread sectors evenly where nobody tells their azimuths; one alone looks everywhere."""
        count = row["sectors"] or self.values.value("sectors", technology, frequency_mhz) or 1
        if count == 1:
            return (), True
        return tuple(_FULL_CIRCLE_DEG / count * number for number in range(int(count))), True

    def _fill(self, table: gpd.GeoDataFrame, assumed: list[list[str]]) -> None:
        """Put assumed values where cells have none, and note them."""
        kinds = [ANY_TERRAIN] * len(table)
        if self.terrain_of is not None and self.values.depends_on_terrain and len(table):
            kinds = [*self.terrain_of(table.geometry)]
        records = _records(table)
        for at, row in enumerate(records):
            power = _power_lacking(row, row["technology"])
            others = [name for name in ASSUMABLE if name != "rs_eirp_dbm" and _wants(name, row)]
            for name in (*power, *others):
                value = self.values.value(
                    name, row["technology"], row["frequency_mhz"], str(kinds[at])
                )
                if value is not None:
                    row[name] = value
                    assumed[at].append(name)
            if row["status"] is None:
                row["status"] = "active"
                assumed[at].append("status")
        for name in (*ASSUMABLE, *POWER_PARTS, "status"):
            values = [row[name] for row in records]
            table[name] = pd.Series(values, dtype=DTYPES[CELLS[name].kind])

    def _repeated(self, sites: gpd.GeoDataFrame, rows: Sequence[int]) -> dict[int, int]:
        """Return the rows that make a cell of an earlier row again, with the row of that."""
        positions = sites.index.to_list()
        sites = sites.reset_index(drop=True)
        made = self._split(sites)
        at = [one.row for one in made]
        table = sites.iloc[at].reset_index(drop=True)
        for name in ("technology", "frequency_mhz", "azimuth_deg"):
            table[name] = [getattr(one, name) for one in made]
        site, _ = _site_ids(sites)
        _, _, cell_ids = _ids(table, made, site)
        seen: dict[tuple[str, ...], int] = {}
        again: dict[int, int] = {}
        # Rows that tell their azimuths first: one that does not adds no sectors to theirs.
        for number in sorted(range(len(made)), key=lambda i: "azimuth_deg" in made[i].assumed):
            one, place = made[number], sites.geometry.iloc[made[number].row]
            keys: list[tuple[Any, ...]] = [(cell_ids[number],)]
            if not one.own:
                carrier = (
                    sites["operator"].iloc[one.row], site[one.row], one.technology,
                    one.frequency_mhz, place.x, place.y,
                )  # fmt: skip
                keys.append((*carrier, one.azimuth_deg % _FULL_CIRCLE_DEG))
                if "azimuth_deg" in one.assumed:
                    keys.append(carrier)
                else:
                    seen.setdefault(tuple(map(str, carrier)), one.row)
            for key in keys:
                first = seen.setdefault(tuple(map(str, key)), one.row)
                if first != one.row:
                    again[positions[one.row]] = int(rows[positions[first]])
        return again

    def _told(
        self,
        sites: gpd.GeoDataFrame,
        rows: Sequence[int],
        table: gpd.GeoDataFrame,
        assumed: list[list[str]],
        names_apart: int,
        source: Source,
    ) -> list[Problem]:
        """Tell what was made of the rows, and how."""

        def tell(message: str, **values: Any) -> Problem:
            return Problem(
                message=f"inputs.{message}",
                file=source.shown,
                sheet=sites.attrs.get("sheet"),
                values=values,
            )

        told = [tell("site_list", rows=len(sites), cells=len(table))]
        counts = {
            name: sum(name in names for names in assumed)
            for name in CELLS.columns
            if any(name in names for names in assumed)
        }
        if counts:
            shown = ", ".join(f"{name} {count}" for name, count in counts.items())
            told.append(tell("values_assumed", cells=len(table), fields=shown))
        records = _records(sites)
        unsure = [
            (at, known)
            for at, row in enumerate(records)
            if (known := self._carriers(row)) is not None and known.ambiguous
        ]
        if unsure:
            at, known = unsure[0]
            told.append(
                tell(
                    "carriers_paired",
                    count=len(unsure),
                    row=int(rows[at]),
                    technologies=records[at]["technology"] or "–",
                    bands=records[at]["frequency_mhz"] or "–",
                    pairs=", ".join(
                        f"{one.technology} {one.frequency_mhz:g}" for one in known.found
                    ),
                )
            )
        if names_apart:
            told.append(tell("names_apart", count=names_apart))
        return told


def _records(table: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """Return the rows without their shapes; what is missing is None."""
    columns = pd.DataFrame(table.drop(columns=table.geometry.name))
    records = columns.astype(object).where(columns.notna(), None).to_dict("records")
    return [{str(name): value for name, value in record.items()} for record in records]


def _shown(column: pd.Series) -> NDArray[np.object_]:
    return np.array(["–" if pd.isna(cell) else cell for cell in column], dtype=object)


def _beyond(carriers: Carriers) -> bool:
    return not all(_LOWEST_MHZ <= one.frequency_mhz <= _HIGHEST_MHZ for one in carriers.found)


def _tilts_differ(row: dict[str, Any]) -> bool:
    """Tell whether a row has several tilts and not as many azimuths."""
    tilts = tilts_of(row["tilt_deg"]) if row["tilt_deg"] is not None else None
    if tilts is None or len(tilts) == 1:
        return False
    azimuths = azimuths_of(row["azimuth_deg"]) if row["azimuth_deg"] is not None else None
    return azimuths is None or len(azimuths) != len(tilts)


def _power_lacking(row: dict[str, Any], technology: str) -> tuple[str, ...]:
    """Return what must be assumed so that the EIRP of a row is known.

    Where a list tells a power or a gain, what lacks beside it; else the EIRP itself.
    """
    if row["rs_eirp_dbm"] is not None:
        return ()
    if row["power_dbm"] is None and row["antenna_gain_dbi"] is None:
        return ("rs_eirp_dbm",)
    gain_known = row["antenna_gain_dbi"] is not None or row["antenna"] is not None
    wanted = ["power_dbm", *([_SHARE[technology]] if technology in _SHARE else [])]
    # A list that tells power and gain leaves out the loss where there is none.
    wanted += [] if gain_known else ["antenna_gain_dbi", "feeder_loss_db"]
    return tuple(name for name in wanted if row[name] is None)


def _wants(name: str, row: dict[str, Any]) -> bool:
    """Tell whether a field of a cell, other than its power, is to be filled."""
    if row[name] is not None:
        return False
    return name == "antenna_height_m" or (row["azimuth_deg"] is not None and row["antenna"] is None)


def _own_cell(row: dict[str, Any], carriers: Carriers, azimuths: tuple[float, ...] | None) -> bool:
    """Tell whether a row is one cell whose id it gives."""
    one = azimuths is None or len(azimuths) <= 1
    return row["cell_id"] is not None and len(carriers.found) == 1 and one


def _ranks_of_own_cells(
    records: Iterable[dict[str, Any]], carriers: Iterable[Carriers | None]
) -> dict[int, tuple[int, int]]:
    """Return which of how many cells of its carrier at its site a row with a cell id is."""
    groups: dict[tuple[Any, ...], list[tuple[str, int]]] = {}
    for at, (row, known) in enumerate(zip(records, carriers, strict=True)):
        if known is not None and row["cell_id"] is not None and len(known.found) == 1:
            (one,) = known.found
            site = row["site_id"] or row["station_id"] or row["site_name"]
            kind = (row["operator"], site, one.technology, one.frequency_mhz)
            groups.setdefault(kind, []).append((row["cell_id"], at))
    return {
        at: (rank, len(group))
        for group in groups.values()
        for rank, (_, at) in enumerate(sorted(group))
    }


def _site_ids(sites: gpd.GeoDataFrame) -> tuple[list[str], int]:
    """Return the id of each row's site, and how many names stand for several places.

    The list's own id, else operator and code or name, else the place rounded. A name that
    stands for several places goes with the place.
    """
    degrees = sites.geometry.to_crs(WGS84)
    places = [_place(point) for point in degrees]
    named: dict[tuple[str, str], set[str]] = {}
    records = _records(sites)
    for row, place in zip(records, places, strict=True):
        if row["site_id"] is None and row["station_id"] is None and row["site_name"] is not None:
            named.setdefault((row["operator"], row["site_name"]), set()).add(place)
    ids = []
    for row, place in zip(records, places, strict=True):
        name = row["operator"], row["site_name"]
        if row["site_id"] is not None:
            ids.append(row["site_id"])
        elif row["station_id"] is not None:
            ids.append(f"{row['operator']}-{row['station_id']}")
        elif row["site_name"] is None:
            ids.append(place)
        else:
            ids.append("-".join((*name, place) if len(named[name]) > 1 else name))
    return ids, sum(len(each) > 1 for each in named.values())


def _place(point: Any) -> str:
    """Write a place as an id: N22.8344E104.9911."""
    lat, lon = (round(value, PLACE_DIGITS) for value in (point.y, point.x))
    return f"{'S' if lat < 0 else 'N'}{abs(lat):.4f}{'W' if lon < 0 else 'E'}{abs(lon):.4f}"


def _ids(
    table: gpd.GeoDataFrame, made: Sequence[_Cell], site: Sequence[str]
) -> tuple[list[str], list[str], list[str]]:
    """Make the ids of sites, stations and cells; those of rows that are one cell are kept.

    Sectors are numbered by azimuth, so that neither their order in the list nor that of the
    rows matters.
    """
    groups: dict[tuple[str, str, str, float], list[tuple[float, float, float, int]]] = {}
    places = [(point.x, point.y) for point in table.geometry]
    records = _records(table)
    for at, (one, row) in enumerate(zip(made, records, strict=True)):
        if not one.own:
            kind = row["operator"], site[one.row], one.technology, one.frequency_mhz
            azimuth = -1.0 if np.isnan(one.azimuth_deg) else one.azimuth_deg % _FULL_CIRCLE_DEG
            groups.setdefault(kind, []).append((azimuth, *places[at], at))
    number = {
        at: rank for group in groups.values() for rank, (*_, at) in enumerate(sorted(group), 1)
    }
    sites, stations, cells = [], [], []
    for at, (one, row) in enumerate(zip(made, records, strict=True)):
        of = site[one.row]
        begins = of.startswith(f"{row['operator']}-")
        station = f"{of if begins else row['operator'] + '-' + of}-{one.technology}"
        if one.own and row["station_id"] is not None and row["site_id"] is not None:
            station = row["station_id"]
        sites.append(of)
        stations.append(station)
        cells.append(row["cell_id"] if one.own else f"{station}-{one.frequency_mhz:g}-{number[at]}")
    return sites, stations, cells
