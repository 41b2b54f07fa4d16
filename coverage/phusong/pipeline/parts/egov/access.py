"""The way to the service centres of a run, before and after a merger."""

import geopandas as gpd
import pandas as pd

from ....egov import access_after_merger
from ....fibre import road_network
from ....service import commune_seats
from ...records import Note
from .inputs import EgovInputs, listed

_SNAP_M = 1.0
"""Road ends this near are one; readers round coordinates to a tenth of a metre."""


def access(
    inputs: EgovInputs, villages: gpd.GeoDataFrame | None, centres: gpd.GeoDataFrame
) -> tuple[gpd.GeoDataFrame | None, tuple[Note, ...]]:
    """Compare the way from every village to its old and its new centre.

    The old centre is the commune's own office. A commune that several new
    centres serve was split: its villages belong to the nearest of them in a
    straight line.
    """
    settings, roads_given = inputs.settings.access, inputs.roads
    if settings is None or villages is None or roads_given is None:
        return None, (Note("pipeline.no_access", {}),)
    seats = commune_seats(inputs.offices)
    roads = road_network(roads_given, roads_given.iloc[:0], snap_tolerance_m=_SNAP_M)
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
