"""How masts reach the fibre: by cable, or by microwave hops over other masts.

A hop is no cable: it is in no length, no cut and no second way. Which masts lose their
way when another mast fails is asked here, apart from the cut drill.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, shortest_path

from ....fibre import hops_in_sight
from ....tables import MICROWAVE_HOPS
from ...records import Note
from ..territory import Territory
from .inputs import FibreInputs

_NAMED = 5


@dataclass(frozen=True, kw_only=True)
class Backhaul:
    """What microwave hops give.

    Parameters
    ----------
    hops : GeoDataFrame of lines
        Fields of `tables.MICROWAVE_HOPS`.
    masts : DataFrame, by ``site_id``
        ``backhaul``, ``hops_to_fibre`` and ``masts_behind``, as `tables.STATIONS_RESULT`.
    notes : tuple of Note
    """

    hops: gpd.GeoDataFrame
    masts: pd.DataFrame
    notes: tuple[Note, ...]


def lead_by_microwave(
    inputs: FibreInputs, territory: Territory, connected: pd.Series
) -> Backhaul | None:
    """Lead masts without fibre to it over hops in service, and judge each hop's line of sight.

    Parameters
    ----------
    inputs : FibreInputs
    territory : Territory
        Masts on air.
    connected : Series of boolean, by ``site_id``
        Whether cable joins a mast to a provincial hub; NA where no hub is known.

    Returns
    -------
    Backhaul, optional
        None without hops or masts.
    """
    given, on_air = inputs.hops, territory.on_air
    if given is None or on_air is None:
        return None
    sites = on_air.cells.drop_duplicates("site_id").set_index("site_id").geometry
    placed = given["from_site"].isin(sites.index) & given["to_site"].isin(sites.index)
    hops = given[placed].reset_index(drop=True)
    ends = [
        shapely.get_coordinates(sites[hops[f"{end}_site"]].to_numpy()) for end in ("from", "to")
    ]
    table = gpd.GeoDataFrame(
        hops, geometry=shapely.linestrings(np.stack(ends, axis=1)), crs=inputs.crs
    )
    table = table.assign(length_m=table.geometry.length).join(_sight(inputs, table))
    carrying = table[table["status"].isin(inputs.settings.statuses)]
    masts = _masts(carrying, connected.reindex(sites.index).fillna(False).astype(bool))
    table = table[[*MICROWAVE_HOPS.columns, "geometry"]]
    notes = _about(table, masts, int((~placed).sum()), sight=inputs.settings.microwave is not None)
    return Backhaul(hops=table, masts=masts, notes=tuple(notes))


def _sight(inputs: FibreInputs, hops: gpd.GeoDataFrame) -> pd.DataFrame:
    """Judge the line of sight where the study says how, and the ground is known."""
    rule, ground = inputs.settings.microwave, inputs.ground
    if rule is None or ground is None or not len(hops):
        unknown = pd.Series(np.nan, hops.index)
        sight = pd.Series(pd.NA, hops.index, dtype="boolean")
        return pd.DataFrame({"clearance_m": unknown, "worst_at_m": unknown, "in_sight": sight})
    return hops_in_sight(
        hops, ground, earth_factor=rule.earth_factor, fresnel_share=rule.fresnel_share
    )


def _masts(hops: gpd.GeoDataFrame, cabled: pd.Series) -> pd.DataFrame:
    """Count the hops from each mast to one with fibre, and the masts that hang on it alone."""
    size = len(cabled)
    start, end = (cabled.index.get_indexer(hops[f"{end}_site"]) for end in ("from", "to"))
    fibre = np.flatnonzero(cabled.to_numpy())
    # All masts with fibre are one step from a node that stands for it.
    one = np.concatenate([start, np.full(len(fibre), size)])
    other = np.concatenate([end, fibre])

    def links(kept: np.ndarray) -> coo_array:
        return coo_array(
            (np.ones(int(kept.sum())), (one[kept], other[kept])), shape=(size + 1, size + 1)
        )

    everything = links(np.ones(len(one), bool))
    steps = shortest_path(everything.tocsr(), directed=False, unweighted=True, indices=size)[:size]
    reached = np.isfinite(steps)
    behind = np.zeros(size, np.int64)
    for mast in np.unique(np.concatenate([start, end])).tolist():
        label = connected_components(links((one != mast) & (other != mast)), directed=False)[1]
        still = label[:size] == label[size]
        behind[mast] = int((reached & ~still).sum()) - int(reached[mast])
    kind = np.select([cabled.to_numpy(), reached], ["fibre", "microwave"], "none")
    return pd.DataFrame(
        {
            "backhaul": kind,
            "hops_to_fibre": pd.array(np.where(reached, steps - 1, -1), "Int64"),
            "masts_behind": behind,
        },
        index=cabled.index,
    ).assign(hops_to_fibre=lambda table: table["hops_to_fibre"].mask(~reached))


def _about(
    hops: gpd.GeoDataFrame, masts: pd.DataFrame, elsewhere: int, *, sight: bool
) -> Iterator[Note]:
    if elsewhere:
        yield Note("fibre.note_hops_elsewhere", {"count": elsewhere})
    led = int((masts["backhaul"] == "microwave").sum())
    none = int((masts["backhaul"] == "none").sum())
    yield Note("fibre.note_backhaul", {"count": led, "none": none, "masts": len(masts)})
    worst = masts.sort_values("masts_behind", ascending=False, kind="stable")
    if len(worst) and worst["masts_behind"].iloc[0]:
        yield Note(
            "fibre.note_mast_fails",
            {"site": worst.index[0], "count": int(worst["masts_behind"].iloc[0])},
        )
    hidden = hops.loc[(~hops["in_sight"]).fillna(False), "hop_id"]
    if len(hidden):
        values = {"count": len(hidden), "first": ", ".join(hidden[:_NAMED])}
        yield Note("fibre.note_hops_hidden", values)
    unknown = int(hops["in_sight"].isna().sum())
    if unknown:
        yield Note(
            "fibre.note_sight_unknown" if sight else "fibre.note_no_sight", {"count": unknown}
        )
