"""The way to the service centres of a run, before and after a merger."""

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import pandas as pd

from ....egov import access_after_merger
from ....fibre import road_network
from ....study import Study
from ...result import Note

_SNAP_M = 1.0
"""Road ends this near are one; readers round coordinates to a tenth of a metre."""


def listed(names: Any) -> list[str]:
    """Return the names of a comma separated cell."""
    return [] if pd.isna(names) else [n for name in str(names).split(",") if (n := name.strip())]


def access(
    study: Study, tables: Mapping[str, gpd.GeoDataFrame]
) -> tuple[gpd.GeoDataFrame | None, tuple[Note, ...]]:
    """Compare the way from every village to its old and its new centre.

    The old centre is the commune's own office. A commune that several new
    centres serve was split: its villages belong to the nearest of them in a
    straight line.
    """
    wanted = ("villages", "roads", "offices", "centres_after")
    settings = study.egov.access if study.egov else None
    if settings is None or not all(name in tables for name in wanted):
        return None, (Note("pipeline.no_access", {}),)
    villages, centres = tables["villages"], tables["centres_after"]
    seats = tables["offices"]
    seats = seats[seats["level"] == "commune"].drop_duplicates("commune_code")
    no_spans = tables["roads"].iloc[:0]
    roads = road_network(tables["roads"], no_spans, snap_tolerance_m=_SNAP_M)
    new, split = _new_centres(villages, centres)
    ways = access_after_merger(
        villages,
        seats,
        centres,
        roads,
        old=villages["commune_code"].map(seats.set_index("commune_code")["office_id"]),
        new=new,
        longest_walk_m=settings.longest_walk_m,
        road_kmh=settings.road_kmh,
        walk_kmh=settings.walk_kmh,
        longest_travel_min=settings.longest_travel_min,
    )
    table = villages.join(ways.drop(columns="village_id"))
    notes = [
        Note(
            "pipeline.access_basis",
            {
                "road": settings.road_kmh,
                "walk": settings.walk_kmh,
                "minutes": settings.longest_travel_min,
            },
        )
    ]
    if split:
        notes.append(Note("pipeline.access_split", {"codes": ", ".join(split)}))
    if unserved := int(new.isna().sum()):
        notes.append(Note("pipeline.access_unserved", {"count": unserved}))
    if beyond := int(ways["moved_beyond"].fillna(False).sum()):
        notes.append(Note("pipeline.access_beyond", {"count": beyond}))
    return table, tuple(notes)


def _new_centres(
    villages: gpd.GeoDataFrame, centres: gpd.GeoDataFrame
) -> tuple[pd.Series, list[str]]:
    """Return the centre of each village, NA where none is named, and the communes split."""
    served = centres.assign(commune_code=centres["commune_codes"].map(listed)).explode(
        "commune_code"
    )
    new = pd.Series(pd.NA, villages.index, dtype="str")
    split = []
    for code, mine in villages.groupby("commune_code"):
        own = served[served["commune_code"] == code]
        if own.empty:
            continue
        (_, nearest) = own.sindex.nearest(mine.geometry.array, return_all=False)
        new[mine.index] = own["office_id"].to_numpy()[nearest]
        if len(own) > 1:
            split.append(str(code))
    return new, split
