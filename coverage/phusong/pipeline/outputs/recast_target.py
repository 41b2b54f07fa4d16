"""Which units of another edition take over those of a result, and in what parts.

Knows the lists of `admin`, crosswalks and boundaries of the user's own, and finished layers.
"""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ...admin import (
    IN_FORCE,
    Unit,
    check_crosswalk,
    links,
    list_of,
    shipped_crosswalk,
    successors,
    units,
)
from ...errors import EditionError, InputError
from ...export import Layer
from ...export.layers import to_degrees
from ...i18n import Language, both, percent
from ...inputs import Source, check_rows, read_table
from ...study import Study
from ...study.provinces import province_of
from ...tables import COMMUNES, COMMUNES_RESULT, CROSSWALK
from ..records import Note

CODE = "commune_code"
SHOWN = 10


@dataclass(frozen=True, kw_only=True)
class Target:
    """The units of another edition, and who goes where.

    Parameters
    ----------
    edition : str
        As it is to be named.
    units : mapping of str to Unit
        By code; those that take something over.
    valid_from : mapping of str to date
        First day on which the code means the unit.
    crosswalk : DataFrame
        As `tables.CROSSWALK`, sound.
    shapes : mapping of str to geometry, optional
        Outlines in WGS 84; None where the old ones are to be joined.
    notes : tuple of Note
        What a reader must know of it.
    """

    edition: str
    units: Mapping[str, Unit]
    valid_from: Mapping[str, datetime.date]
    crosswalk: pd.DataFrame
    shapes: Mapping[str, Any] | None
    notes: tuple[Note, ...]


def find_target(
    layers: Mapping[str, Layer],
    study: Study,
    edition: str,
    *,
    crosswalk: pd.DataFrame | Path | str | None,
    boundaries: gpd.GeoDataFrame | Path | str | None,
) -> Target:
    """Find the units of another edition and how those of a result go over into them.

    Raises
    ------
    EditionError
        If the result has no communes, there is no way from its edition to the other, or
        communes are divided by weights and nothing tells where the parts lie.
    InputError
        If the crosswalk or the boundaries are faulty.
    """
    if COMMUNES_RESULT.name not in layers:
        raise EditionError("admin.no_communes")
    names = {row[CODE]: row["name"] for row in layers[COMMUNES_RESULT.name].rows}
    given = None if boundaries is None else _boundaries(boundaries, study)
    if crosswalk is None:
        pairs, file = shipped_crosswalk(study.edition, edition, names), "phusong.admin"
        known = _of_edition(edition, set(pairs["to_code"]), given)
        if given is not None:
            pairs = _measured(pairs, layers, given)
    else:
        pairs, file = _crosswalk(crosswalk, study.crs)
        known = _of_edition(edition, set(pairs["to_code"]), given)
    faults = check_crosswalk(pairs, names, known, file=file)
    if faults:
        raise InputError(faults)
    pairs = pairs[pairs["from_code"].isin(names)].reset_index(drop=True)
    divided = sorted(code for code, parts in successors(pairs).items() if len(parts) > 1)
    if divided and given is None:
        shown = ", ".join(f"{code} {names[code]}" for code in divided[:SHOWN])
        raise EditionError("admin.needs_boundaries", count=len(divided), communes=shown)
    shapes = None
    if given is not None:
        shapes = dict(zip(given[CODE], to_degrees(given.geometry), strict=True))
    first = {code: IN_FORCE[list_of(edition)] for code in known} if given is None else {
        code: pd.Timestamp(day).date()
        for code, day in zip(given[CODE], given["valid_from"], strict=True)
    }  # fmt: skip
    return Target(
        edition=edition,
        units=known,
        valid_from=first,
        crosswalk=pairs,
        shapes=shapes,
        notes=_told(study, edition, layers, pairs, known, shipped=crosswalk is None, given=given),
    )


def _crosswalk(given: pd.DataFrame | Path | str, crs: str) -> tuple[pd.DataFrame, str]:
    """Read a crosswalk of the user's own."""
    if isinstance(given, pd.DataFrame):
        frame = gpd.GeoDataFrame(given, geometry=[None] * len(given), crs=crs)
        return pd.DataFrame(
            check_rows(frame, CROSSWALK, shown="crosswalk", crs=crs).table
        ), "crosswalk"
    path = Path(given)
    source = Source(path=path, shown=path.name)
    checked = read_table(source, CROSSWALK, crs=crs, set_aside_faulty=False)
    return pd.DataFrame(checked.table), path.name


def _boundaries(given: gpd.GeoDataFrame | Path | str, study: Study) -> gpd.GeoDataFrame:
    """Read the outlines of the target edition."""
    anywhere = study.country == "any"
    if isinstance(given, gpd.GeoDataFrame):
        shown = "boundaries"
        return check_rows(given, COMMUNES, shown=shown, crs=study.crs, anywhere=anywhere).table
    path = Path(given)
    source = Source(path=path, shown=path.name, anywhere=anywhere)
    return read_table(source, COMMUNES, crs=study.crs, set_aside_faulty=False).table


def _of_edition(
    edition: str, codes: Iterable[str], given: gpd.GeoDataFrame | None
) -> dict[str, Unit]:
    """Return the units of the target edition: those of the boundaries, else of the list."""
    if given is None:
        there = units(edition)
        return {code: there[code] for code in codes if code in there}
    texts = given[["name", "type", "district_code", "district"]].astype("object")
    rows = texts.where(texts.notna(), "").itertuples(index=False, name=None)
    return {
        str(code): Unit(str(code), name, kind, district_code, district, province_code="")
        for code, (name, kind, district_code, district) in zip(given[CODE], rows, strict=True)
    }


def _measured(
    pairs: pd.DataFrame, layers: Mapping[str, Layer], given: gpd.GeoDataFrame
) -> pd.DataFrame:
    """Divide communes as the outlines do: by the residents of their villages, else by area.

    Areas are taken in the CRS of the boundaries, the study's.
    """
    new = gpd.GeoSeries(given.geometry.to_numpy(), index=given[CODE], crs=given.crs)
    layer = layers[COMMUNES_RESULT.name]
    old = gpd.GeoSeries(layer.shapes, index=[row[CODE] for row in layer.rows], crs="EPSG:4326")
    old = old.to_crs(given.crs)
    people = _villages(layers, given.crs)
    pairs = pairs.astype({"weight": "float64"})
    for code, rows in pairs.groupby("from_code").groups.items():
        targets = pairs.loc[rows, "to_code"]
        if len(rows) == 1 or not set(targets) <= set(new.index):
            continue
        parts, basis = _by_people(people.get(str(code)), new, targets), "population"
        if parts is None:
            areas = shapely.area(shapely.intersection(new.loc[targets].to_numpy(), old.loc[code]))
            parts, basis = (areas, "area") if areas.sum() > 0 else (None, "")
        if parts is not None:
            pairs.loc[rows, "weight"] = parts / parts.sum()
            pairs.loc[rows, "basis"] = basis
    return pairs


def _by_people(
    villages: gpd.GeoDataFrame | None, new: gpd.GeoSeries, targets: Iterable[str]
) -> NDArray[np.float64] | None:
    """Return the residents of a commune's villages in each new unit; None if some lie in none."""
    if villages is None or villages["population"].isna().any():
        return None
    inside = np.array([villages.within(new.loc[code]) for code in targets])
    if not (inside.sum(axis=0) == 1).all():
        return None
    parts = inside @ villages["population"].to_numpy(dtype=float)
    return parts if parts.sum() > 0 else None


def _villages(layers: Mapping[str, Layer], crs: Any) -> dict[str, gpd.GeoDataFrame]:
    layer = layers.get("villages")
    if layer is None or layer.shapes is None:
        return {}
    frame = gpd.GeoDataFrame(
        {name: [row[name] for row in layer.rows] for name in (CODE, "population")},
        geometry=layer.shapes,
        crs="EPSG:4326",
    ).to_crs(crs)
    return {str(code): rows for code, rows in frame.groupby(CODE)}


def _parts(parts: pd.DataFrame, known: Mapping[str, Unit], lang: Language) -> str:
    shares = zip(parts["to_code"], parts["weight"], strict=True)
    return ", ".join(f"{new} {known[new].name} {percent(part, lang)}" for new, part in shares)


def _told(
    study: Study,
    edition: str,
    layers: Mapping[str, Layer],
    pairs: pd.DataFrame,
    known: Mapping[str, Unit],
    *,
    shipped: bool,
    given: gpd.GeoDataFrame | None,
) -> tuple[Note, ...]:
    """Tell whence and where, what was divided how, and what the new units have besides."""
    rows = {row[CODE]: row for row in layers[COMMUNES_RESULT.name].rows}
    taken = pairs[pairs["weight"] > 0]
    notes = [
        Note(
            "admin.recast",
            {
                "old": len(rows),
                "first": study.edition,
                "new": taken["to_code"].nunique(),
                "last": edition,
                "source": "; ".join(sorted(set(pairs["source"]))),
            },
        )
    ]
    for code, parts in pairs.groupby("from_code"):
        if len(parts) == 1:
            continue
        to = both(partial(_parts, parts, known))
        row = rows[code]
        notes.append(
            Note(
                "admin.divided_whole" if (parts["weight"] == 1).any() and given is None
                else "admin.divided",
                {"name": f"{code} {row['name']}", "population": row.get("population") or 0.0,
                 "parts": to, "basis": ", ".join(sorted(set(parts["basis"])))},
            )
        )  # fmt: skip
    if shipped:
        made = {link for link in links(study.edition, edition) if link.part != "other"}
        beyond = sorted(
            {link.to_code for link in made if link.from_code not in rows} & set(taken["to_code"])
        )
        if beyond:
            shown = ", ".join(f"{code} {known[code].name}" for code in beyond[:SHOWN])
            notes.append(Note("admin.only_a_part", {"count": len(beyond), "communes": shown}))
        homes = {known[code].province_code for code in taken["to_code"]} - {"", study.province_code}
        for home in sorted(homes):
            province = province_of(home, IN_FORCE[list_of(edition)])
            if province is not None:
                notes.append(Note("admin.other_province", {"province": province.title}))
    notes.append(Note("admin.outlines_joined" if given is None else "admin.outlines_given", {}))
    return tuple(notes)
