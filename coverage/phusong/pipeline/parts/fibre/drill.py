"""The cut drill as a study asks for it."""

import geopandas as gpd
import pandas as pd

from ....fibre import Resilience, RouteNetwork, resilience, shared_trenches
from ....study.fibre import Fibre as FibreSettings


def cut_drill(
    settings: FibreSettings,
    network: RouteNetwork,
    drops: pd.DataFrame,
    places: gpd.GeoDataFrame,
    hubs: pd.Index,
) -> Resilience:
    """Cut every section, trench and node once; the settings say what a cut is measured by.

    Raises
    ------
    ValueError
        If they do not.
    """
    if settings.rank_by is None:
        raise ValueError("a drill needs to know what counts")
    trench = settings.trench
    trenches = (
        ()
        if trench is None
        else shared_trenches(network, distance_m=trench.distance_m, shortest_m=trench.shortest_m)
    )
    return resilience(
        network,
        drops,
        hubs=list(hubs),
        weights=places[["offices", "masts", "population"]],
        rank_by=settings.rank_by,
        trenches=trenches,
    )
