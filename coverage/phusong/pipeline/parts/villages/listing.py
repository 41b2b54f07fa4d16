"""The list of villages that a department sends: one row a village, one sentence a cause."""

from typing import Any

import geopandas as gpd
import pandas as pd

from ....i18n import Language, text
from ....tables import VILLAGE_LIST

_CAUSE = (
    "cause", "obstacle_ground_m", "obstacle_place", "obstacle_distance_km", "server_site_name",
    "server_distance_km", "clearing_height_m",
)  # fmt: skip


def listed_villages(
    villages: gpd.GeoDataFrame,
    of_all: pd.DataFrame,
    by_operator: pd.DataFrame,
    communes: pd.DataFrame,
    *,
    radius_km: float,
) -> gpd.GeoDataFrame:
    """Return the villages that are white or patchy, by district, commune and name.

    Parameters
    ----------
    villages : GeoDataFrame
        As `tables.VILLAGES`.
    of_all : DataFrame
        The state of each for all operators, row by row.
    by_operator : DataFrame
        As `tables.VILLAGE_SIGNAL`.
    communes : DataFrame
        As `tables.COMMUNES`: names and districts.
    radius_km : float
        Within which stations were looked for.

    Returns
    -------
    GeoDataFrame
        As `tables.VILLAGE_LIST`.
    """
    base = villages.reset_index(drop=True)
    table = base.join(of_all.drop(columns=["residents"]))
    table = table[(of_all["signal_state"] != "served").to_numpy()]
    names = communes.drop_duplicates("commune_code").set_index("commune_code")
    table["commune"] = table["commune_code"].map(names["name"])
    table["district"] = table["commune_code"].map(names["district"])
    by_operator = by_operator[by_operator["village_id"].isin(table["village_id"])]
    suffixes: dict[Language, str] = {"vi": "", "en": "_en"}
    for lang, suffix in suffixes.items():
        table[f"reason{suffix}"] = [
            _reason(cause, radius_km, lang)
            for cause in table.reindex(columns=_CAUSE).itertuples(index=False, name=None)
        ]
        table[f"nearest_stations{suffix}"] = table["village_id"].map(_nearest(by_operator, lang))
    table = table.sort_values(
        ["district", "commune", "name", "village_id"], ignore_index=True, kind="stable"
    )
    table["number"] = pd.array(range(1, len(table) + 1), dtype="Int64")
    columns = [name for name in VILLAGE_LIST.columns if name in table]
    return table[[*columns, "geometry"]]


def _reason(told: tuple[Any, ...], radius_km: float, lang: Language) -> str | None:
    """Say the cause of a village in a sentence; None where none is known."""
    cause, ground, place, away, site, distance, height = told
    if pd.isna(cause):
        return None
    if cause == "ridge" and not pd.isna(place):
        cause = "ridge_named"
    return text(
        f"pipeline.village_{cause}",
        lang,
        ground=ground,
        place=place,
        away=away,
        site=site,
        distance=distance,
        height=height,
        radius=radius_km,
    )


def _nearest(by_operator: pd.DataFrame, lang: Language) -> dict[str, str]:
    """Return what each village is told of the nearest station of every operator."""
    known = by_operator[by_operator["nearest_distance_km"].notna()]
    told: dict[str, str] = {}
    for village, operator, site, distance_km in zip(
        known["village_id"], known["operator"], known["nearest_site_name"],
        known["nearest_distance_km"], strict=True,
    ):  # fmt: skip
        said = text(
            "pipeline.village_nearest", lang, operator=operator, site=site, distance=distance_km
        )
        told[village] = f"{told[village]}; {said}" if village in told else said
    return told
