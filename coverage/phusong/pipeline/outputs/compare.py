"""Two results compared: who gained and lost signal, and all that may be the reason.

Reads finished tables; computes no signal, so that it lists reasons and weighs none.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from ...errors import CompareError
from ...study import Study
from ...tables import (
    COMPARED_CAUSES,
    COMPARED_COMMUNES,
    COMPARED_DISTRICTS,
    COMPARED_PROVINCE,
    COMPARED_STATIONS,
    COMPARED_VILLAGES,
    COMPARISON_TABLES,
    RADIATED,
    REASONS,
    Table,
)
from ..gathered import in_order
from .explain import flat_settings, plain_setting
from .presented import Presented

MOVED_M = 0.5
"""Farther than coordinates of six decimals of a degree, read back, lie from where they were."""
SAME_PEOPLE = 1e-5
_NOT_SETTINGS = (
    "inputs",
    "parts",
    "notice",
    "name",
    "name_en",
    "invented",
    "boundaries",
    "attributions",
    "imprint",
    "report",
)
_ABOUT_COVERAGE = ("crs", "resolution_m", "radio.", "services.", "targets.", "uncertainty.",
                   "calibration.")  # fmt: skip
"""How the settings begin that bear on who is covered, or on the verdict."""
_NO_SIGNAL_FILES = frozenset({
    "communes", "villages", "population", "cells", "offices", "spans", "nodes", "hops", "roads",
    "rivers", "places", "ofds", "measurements", "survey_places", "survey_strata",
    "readiness_rules", "works", "plausibility_rules", "priorities", "centres_after",
    "fibre_prices",
})  # fmt: skip
"""Inputs that no signal is predicted over; what they change is seen in the tables, or nothing."""
_COMPARED = ("covered_population", "covered_population_share", "share_median", "target_verdict",
             "confident_verdict")  # fmt: skip
_STATION_FIELDS = ("site_id", "operator", "technology", "cells", "frequency_mhz",
                   "antenna_height_m", *RADIATED, "assumed")  # fmt: skip


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Compared:
    """What differs between two results.

    Parameters
    ----------
    before, after : Presented
        The results.
    services : tuple of str
        Ids of those that both have.
    tables : mapping of str to DataFrame
        As `tables.COMPARISON_TABLES`, by name.
    definitions : mapping of str to Table
        What their columns mean, repeating fields written out.
    by_place : bool
        Whether stations count for the commune they stand in, because a result does not
        tell which communes they serve.
    """

    before: Presented
    after: Presented
    services: tuple[str, ...]
    tables: Mapping[str, pd.DataFrame]
    definitions: Mapping[str, Table]
    by_place: bool


def compare_tables(before: Presented, after: Presented) -> Compared:
    """Return what differs between two results.

    Raises
    ------
    CompareError
        If they are of two provinces or editions, lack coverage or share no service.
    """
    services = _comparable(before, after)
    causes = _causes(before, after)
    stations, altered = _stations(before.stations, after.stations)
    crs = before.study.crs
    villages = _villages(before.villages, after.villages, services, crs)
    by_place = before.commune_servers is None or after.commune_servers is None
    everywhere = _everywhere(before, after, causes)
    communes = _units(before.communes, after.communes, "commune_code", services)
    own = _Reasons(before, after, stations, altered, everywhere, by_place=by_place)
    for service in services:
        _add_villages(communes, villages, service)
        own.add(communes, service)
    tables: dict[str, pd.DataFrame] = {
        COMPARED_COMMUNES.name: communes,
        COMPARED_VILLAGES.name: villages,
        COMPARED_STATIONS.name: stations,
        COMPARED_CAUSES.name: causes,
    }
    for table, name, key in (
        (COMPARED_DISTRICTS, "districts", "district_code"),
        (COMPARED_PROVINCE, "province", "province_code"),
    ):
        one, other = getattr(before, name), getattr(after, name)
        if one is not None and other is not None and len(one) and len(other):
            units = _units(one, other, key, services)
            _gather(units, communes, key, services)
            tables[table.name] = units
    titles = {one.id: one.title for one in after.study.services if one.id in services}
    definitions = {
        name: table.expand(
            {"service": titles}, {"before": before.study.errors, "after": after.study.errors}
        )
        for name, table in COMPARISON_TABLES.items()
        if name in tables
    }
    return Compared(
        before=before,
        after=after,
        services=services,
        tables={name: in_order(tables[name], table) for name, table in definitions.items()},
        definitions=definitions,
        by_place=by_place,
    )


def _comparable(before: Presented, after: Presented) -> tuple[str, ...]:
    """Return the services that both results have; refuse what cannot be compared."""
    one, other = before.study, after.study
    if one.province_code != other.province_code:
        raise CompareError("compare.provinces", before=one.province, after=other.province)
    if one.edition != other.edition:
        raise CompareError("compare.editions", before=one.edition, after=other.edition)
    found = []
    for result in (before, after):
        has = [
            service.id
            for service in result.study.services
            if result.communes is not None and f"covered_population_{service.id}" in result.communes
        ]
        if not has:
            raise CompareError("compare.no_coverage", study=result.study.name)
        found.append(has)
    shared = tuple(name for name in found[1] if name in found[0])
    if not shared:
        raise CompareError(
            "compare.no_service", before=", ".join(found[0]), after=", ".join(found[1])
        )
    return shared


def _units(one: Any, other: Any, key: str, services: Iterable[str]) -> gpd.GeoDataFrame:
    """Return the units of either result with what both say of them; the later shape if any."""
    before, after = one.set_index(key), other.set_index(key).to_crs(one.crs)
    codes = before.index.union(after.index)
    names = [name for name in ("name", "type", "district_code", "district", "province")
             if name in after]  # fmt: skip
    columns: dict[str, Any] = {key: codes}
    for name in names:
        earlier = before[name].reindex(codes) if name in before else np.nan
        columns[name] = after[name].reindex(codes).fillna(earlier).to_numpy()
    for when, table in (("before", before), ("after", after)):
        columns[f"population_{when}"] = table["population"].reindex(codes).to_numpy()
    for service in services:
        for when, table in (("before", before), ("after", after)):
            for name in _COMPARED:
                if f"{name}_{service}" in table:
                    found = table[f"{name}_{service}"].reindex(codes)
                    columns[f"{name}_{when}_{service}"] = found.to_numpy()
        gained = (
            columns[f"covered_population_after_{service}"]
            - columns[f"covered_population_before_{service}"]
        )
        columns[f"covered_population_gained_{service}"] = gained
        columns[f"change_{service}"] = np.select(
            [~codes.isin(before.index), ~codes.isin(after.index), gained > SAME_PEOPLE,
             gained < -SAME_PEOPLE],
            ["appeared", "vanished", "gained", "lost"], "same",
        )  # fmt: skip
    shapes = after.geometry.reindex(codes).fillna(before.geometry.reindex(codes))
    return gpd.GeoDataFrame(columns, geometry=shapes.to_numpy(), crs=one.crs)


def _add_villages(communes: pd.DataFrame, villages: pd.DataFrame, service: str) -> None:
    own = villages[villages["service"] == service]
    for change in ("gained", "lost"):
        count = own.loc[own["change"] == change, "commune_code"].value_counts()
        communes[f"villages_{change}_{service}"] = (
            communes["commune_code"].map(count).fillna(0).astype("int64")
        )


def _gather(units: pd.DataFrame, communes: pd.DataFrame, key: str, services: Iterable[str]) -> None:
    """Give districts or the province the villages and reasons of their communes."""
    home = communes[key] if key in communes else pd.Series(units[key].iloc[0], communes.index)
    for service in services:
        for change in ("gained", "lost"):
            name = f"villages_{change}_{service}"
            sums = communes[name].groupby(home).sum()
            units[name] = units[key].map(sums).fillna(0).astype("int64")
        for name in ("reasons", "stations_new", "stations_gone", "stations_altered"):
            column = f"{name}_{service}"
            of_unit = communes[column].groupby(home).agg(_together)
            units[column] = units[key].map(of_unit)


def _together(lists: "pd.Series[str]") -> str:
    found = {one for text in lists.dropna() for one in unlisted(text)}
    known = [name for name in REASONS if name in found]
    return listed([*known, *sorted(found.difference(known))])


def listed(names: Iterable[str]) -> str:
    """Write names in one cell, comma separated; one that holds a comma or a quote is quoted.

    Examples
    --------
    >>> listed(["A1", "B, 2"]), unlisted(listed(["A1", "B, 2"]))
    ('A1, "B, 2"', ['A1', 'B, 2'])
    """
    told = ['"' + one.replace('"', '""') + '"' if re.search(r'[",]', one) else one for one in names]
    return ", ".join(told)


def unlisted(told: str) -> list[str]:
    """Return the names that `listed` wrote."""
    return [one for row in csv.reader([told], skipinitialspace=True) for one in row]


def _stations(one: Any, other: Any) -> tuple[gpd.GeoDataFrame, frozenset[str]]:
    """Return the stations that are new, gone or altered, and the ids of the last."""
    before, after = one.set_index("station_id"), other.set_index("station_id").to_crs(one.crs)
    rows = []
    for station in before.index.union(after.index):
        if station not in before.index:
            rows.append({"station_id": station, "station_change": "appeared", **after.loc[station]})
        elif station not in after.index:
            rows.append(
                {"station_id": station, "station_change": "vanished", **before.loc[station]}
            )
        elif told := list(_altered(before.loc[station], after.loc[station])):
            rows.append({"station_id": station, "station_change": "altered",
                         "altered_fields": "; ".join(told), **after.loc[station]})  # fmt: skip
    names = [*COMPARED_STATIONS.columns, "geometry"]
    found = gpd.GeoDataFrame(pd.DataFrame(rows, columns=names), geometry="geometry", crs=one.crs)
    altered = found.loc[found["station_change"] == "altered", "station_id"]
    return found, frozenset(altered)


def _altered(before: "pd.Series[Any]", after: "pd.Series[Any]") -> Iterator[str]:
    """Tell what differs between two rows of one station: name, before and after."""
    for name in _STATION_FIELDS:
        one, other = before.get(name), after.get(name)
        if (pd.isna(one) and pd.isna(other)) or one == other:
            continue
        yield f"{name}: {_shown(one)} → {_shown(other)}"
    away = before["geometry"].distance(after["geometry"])
    if away > MOVED_M:
        yield f"place: {away:.0f} m"


def _shown(value: Any) -> str:
    if value is None or pd.isna(value):
        return "–"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _villages(one: Any, other: Any, services: Iterable[str], crs: str) -> gpd.GeoDataFrame:
    """Return the villages whose signal came or went, and those that only one result has."""
    names = [*COMPARED_VILLAGES.columns, "geometry"]
    rows: list[dict[str, Any]] = []
    if one is None or other is None:
        return gpd.GeoDataFrame(pd.DataFrame(columns=names), geometry="geometry", crs=crs)
    before, after = one.set_index("village_id"), other.set_index("village_id").to_crs(one.crs)
    villages = before.index.union(after.index)
    earlier, later = (pd.DataFrame(each).to_dict("index") for each in (before, after))
    for service in services:
        flag, margin = f"covered_{service}", f"margin_db_{service}"
        if flag not in before or flag not in after:
            continue
        for village in villages:
            was, now = earlier.get(village), later.get(village)
            if was is None or now is None:
                change = "vanished" if now is None else "appeared"
            elif bool(was[flag]) == bool(now[flag]):
                continue
            else:
                change = "gained" if now[flag] else "lost"
            known = now or was or {}
            rows.append({
                "village_id": village, "service": service, "change": change,
                **{name: known[name] for name in ("name", "commune_code", "population", "geometry")
                   if name in known},
                "margin_db_before": np.nan if was is None else was.get(margin, np.nan),
                "margin_db_after": np.nan if now is None else now.get(margin, np.nan),
            })  # fmt: skip
    return gpd.GeoDataFrame(pd.DataFrame(rows, columns=names), geometry="geometry", crs=one.crs)


def _causes(before: Presented, after: Presented) -> pd.DataFrame:
    """Return settings, files and versions that differ, each with what it was and is."""
    pairs = {
        "setting": [_settings(one.parameters) for one in (before, after)],
        "file": [dict(zip(one.files["file"], one.files["sha256"], strict=True))
                 for one in (before, after)],
        "version": [{"phusong": one.program} for one in (before, after)],
    }  # fmt: skip
    rows = [
        (cause, name, one.get(name), other.get(name))
        for cause, (one, other) in pairs.items()
        for name in sorted({*one, *other})
        if one.get(name) != other.get(name)
    ]
    return pd.DataFrame(rows, columns=["cause", "name", "value_before", "value_after"])


def _settings(parameters: Mapping[str, Any]) -> dict[str, str]:
    kept = {name: value for name, value in parameters.items() if name not in _NOT_SETTINGS}
    # What one version leaves out and another writes as absent is the same.
    return {name: plain_setting(value) for name, value in flat_settings(kept) if value is not None}


def _everywhere(before: Presented, after: Presented, causes: pd.DataFrame) -> frozenset[str]:
    """Return the reasons that may bear on every commune."""
    found = set()
    # Samples, and how they are read, move a calibrated prediction and no other.
    calibrated = any(one.study.calibration is not None for one in (before, after))
    about = (*_ABOUT_COVERAGE, "measured.") if calibrated else _ABOUT_COVERAGE
    settings = causes.loc[causes["cause"] == "setting", "name"]
    if any(name.startswith(about) for name in settings):
        found.add("settings")
    if (causes["cause"] == "version").any():
        found.add("program")
    role = {**_roles(before.study), **_roles(after.study)}
    for file in causes.loc[causes["cause"] == "file", "name"]:
        if file == "study.toml" or file.startswith("maps/"):
            continue
        known = role.get(file, "antennas")  # parts of a Shapefile go with it
        if known == "cells":
            found.add("cells")
        elif known == "measurements" and calibrated:
            found.add("measurements")
        elif known not in _NO_SIGNAL_FILES:
            found.add("ground")
    return frozenset(found)


def _roles(study: Study) -> dict[str, str]:
    """Return which input each file is, parts of a Shapefile included."""
    roles = {}
    for name, source in study.inputs.files:
        stem = source.path.rpartition(".")[0]
        suffixes = ("cpg", "dbf", "prj", "shx") if source.path.lower().endswith(".shp") else ()
        for path in (source.path, *(f"{stem}.{suffix}" for suffix in suffixes)):
            roles[path] = name
    return roles


class _Reasons:
    """What changed and may bear on a commune."""

    def __init__(
        self,
        before: Presented,
        after: Presented,
        stations: pd.DataFrame,
        altered: frozenset[str],
        everywhere: frozenset[str],
        *,
        by_place: bool,
    ) -> None:
        self._results = before, after
        change = stations.set_index("station_id")["station_change"]
        self._new = frozenset(change.index[change == "appeared"])
        self._gone = frozenset(change.index[change == "vanished"])
        self._altered, self._everywhere, self._by_place = altered, everywhere, by_place
        # Where both tell what stations radiate, the file of cells explains what these do not.
        self._tells_all = all(
            one.stations is not None and "rs_eirp_dbm" in one.stations for one in self._results
        )
        self._people, self._boundary = _of_communes(before.communes, after.communes)
        self._villages = _of_villages(before.villages, after.villages)

    def add(self, communes: pd.DataFrame, service: str) -> None:
        """Add the columns of reasons of a service to the communes."""
        serving = [self._serving(result, service) for result in self._results]
        rows = []
        for row in communes.to_dict("records"):
            code = row["commune_code"]
            was, now = (of.get(code, frozenset()) for of in serving)
            found = {
                "new": now & self._new,
                "gone": was & self._gone,
                "altered": (was | now) & self._altered,
            }
            changed = (
                row[f"change_{service}"] != "same"
                or code in self._people
                or row[f"villages_gained_{service}"] + row[f"villages_lost_{service}"] > 0
                or _differs(row, f"target_verdict_{{}}_{service}")
                or _differs(row, f"confident_verdict_{{}}_{service}")
                or _differs(row, f"covered_population_share_{{}}_{service}")
            )
            reasons = set(self._everywhere) | {
                f"station_{name}" for name, ids in found.items() if ids
            }
            if self._tells_all and any(found.values()):
                reasons.discard("cells")
            reasons |= {
                name
                for name, codes in (
                    ("people", self._people),
                    ("boundary", self._boundary),
                    ("villages", self._villages),
                )
                if code in codes
            }
            rows.append(
                {
                    f"reasons_{service}": listed(one for one in REASONS if one in reasons)
                    if changed
                    else "",
                    **{f"stations_{name}_{service}": listed(sorted(ids))
                       for name, ids in found.items()},
                }
            )  # fmt: skip
        for name in rows[0] if rows else ():
            communes[name] = [row[name] for row in rows]

    def _serving(self, result: Presented, service: str) -> dict[str, frozenset[str]]:
        servers = result.commune_servers
        if self._by_place or servers is None:
            rows = result.stations
        else:
            rows = servers[servers["service"] == service]
        if rows is None:
            return {}
        placed = rows[rows["commune_code"].notna()]
        return {
            str(code): frozenset(ids) for code, ids in placed.groupby("commune_code")["station_id"]
        }


def _differs(row: Mapping[Any, Any], name: str) -> bool:
    one, other = row.get(name.format("before")), row.get(name.format("after"))
    if pd.isna(one) or pd.isna(other):
        return bool(pd.isna(one) != pd.isna(other))
    return bool(abs(one - other) > SAME_PEOPLE if isinstance(one, float) else one != other)


def _of_communes(one: Any, other: Any) -> tuple[frozenset[str], frozenset[str]]:
    """Return the communes whose residents, and whose outlines, differ."""
    before, after = one.set_index("commune_code"), other.set_index("commune_code").to_crs(one.crs)
    codes = before.index.intersection(after.index)
    here, there = before.loc[codes], after.loc[codes]
    people = ~np.isclose(here["population"], there["population"], atol=SAME_PEOPLE, rtol=0,
                         equal_nan=True)  # fmt: skip
    alike = here.geometry.geom_equals_exact(there.geometry, MOVED_M, align=False)
    return frozenset(codes[people]), frozenset(codes[~alike.to_numpy()])


def _of_villages(one: Any, other: Any) -> frozenset[str]:
    """Return the communes with a village that only one result has, or that moved."""
    if one is None or other is None:
        return frozenset()
    before, after = one.set_index("village_id"), other.set_index("village_id").to_crs(one.crs)
    single = pd.concat(
        [before[~before.index.isin(after.index)], after[~after.index.isin(before.index)]]
    )
    shared = before.index.intersection(after.index)
    moved = before.geometry.loc[shared].distance(after.geometry.loc[shared], align=False) > MOVED_M
    codes = [single["commune_code"], after.loc[shared, "commune_code"][moved.to_numpy()]]
    return frozenset(pd.concat(codes).dropna())
