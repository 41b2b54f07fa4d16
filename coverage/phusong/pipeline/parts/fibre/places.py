"""What hangs on a fibre network: commune centres, offices, masts, and the hubs themselves."""

import geopandas as gpd
import numpy as np
import pandas as pd

from ....service import commune_of
from ...records import Note
from ..territory import Territory
from .inputs import FibreInputs

CENTRE, OFFICE, MAST, NODE = "centre", "office", "mast", "node"
"""Kinds of places; with an id of its own kind each makes a label of the drops."""


def hanging_places(
    inputs: FibreInputs, territory: Territory, notes: list[Note]
) -> gpd.GeoDataFrame:
    """Return all that hangs on the network, by kind and id, with what it weighs."""
    parts = []
    units, offices, on_air, crs = territory.units, territory.offices, territory.on_air, inputs.crs
    district = pd.Series(dtype="str")
    if units is not None:
        communes = units.communes
        district = communes.set_index("commune_code")["district_code"]
        people = communes["population"]
        if unknown := int(people.isna().sum()):
            notes.append(Note("fibre.note_people_unknown", {"count": unknown}))
        parts.append(
            _some(CENTRE, communes["commune_code"], units.centres, crs).assign(
                district_code=communes["district_code"].to_numpy(),
                population=people.fillna(0.0).to_numpy(),
            )
        )
    if offices is not None:
        parts.append(
            _some(OFFICE, offices["office_id"], offices.geometry, crs).assign(
                district_code=offices["commune_code"].map(district).to_numpy(),
                level=offices["level"].where(offices["level"] != "commune").to_numpy(),
                offices=1.0,
            )
        )
    if on_air is not None:
        sites = on_air.cells.drop_duplicates("site_id")
        masts = _some(MAST, sites["site_id"], sites.geometry, crs).assign(masts=1.0)
        if units is not None:
            code = commune_of(sites.geometry, units.communes)
            masts["district_code"] = code.map(district).to_numpy()
        parts.append(masts)
    return _with_named_hubs(pd.concat(parts) if parts else None, inputs)


def _some(kind: str, names: pd.Series, shapes: gpd.GeoSeries, crs: str) -> gpd.GeoDataFrame:
    index = pd.MultiIndex.from_arrays([np.full(len(names), kind), names], names=["kind", "id"])
    empty = {"level": None, "district_code": None, "offices": 0.0, "masts": 0.0, "population": 0.0}
    return gpd.GeoDataFrame(empty, index=index, geometry=shapes.to_numpy(), crs=crs)


def _with_named_hubs(places: gpd.GeoDataFrame | None, inputs: FibreInputs) -> gpd.GeoDataFrame:
    """Let the nodes that the study names stand for the hubs instead of offices."""
    hubs, crs = inputs.settings.hubs, inputs.crs
    named: list[tuple[str, str, str | None]] = [(name, "province", None) for name in hubs.province]
    named += [(name, "district", code) for code, name in sorted(hubs.district.items())]
    if places is not None and hubs.province:
        places["level"] = places["level"].mask(places["level"] == "province")
    if places is not None and hubs.district:
        own = (places["level"] == "district") & places["district_code"].isin(hubs.district)
        places["level"] = places["level"].mask(own)
    if named and inputs.nodes is not None:
        at = inputs.nodes.set_index("id").geometry
        names = pd.Series([f"{name}|{code or ''}" for name, _, code in named])
        shapes = gpd.GeoSeries([at[name] for name, _, _ in named], crs=crs)
        added = _some(NODE, names, shapes, crs).assign(
            level=[level for _, level, _ in named], district_code=[code for *_, code in named]
        )
        places = added if places is None else pd.concat([places, added])
    if places is None:
        places = _some(OFFICE, pd.Series(dtype="str"), gpd.GeoSeries([], crs=crs), crs)
    return places
