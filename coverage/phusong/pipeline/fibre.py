"""The fibre part of a run."""

from collections.abc import Mapping

import geopandas as gpd

from ..fibre import distance_to_fibre
from ..study import Study
from .coverage import commune_centres


def with_fibre(
    communes: gpd.GeoDataFrame, tables: Mapping[str, gpd.GeoDataFrame], study: Study
) -> gpd.GeoDataFrame:
    """Add to each commune how far its centre is from fibre."""
    if "spans" not in tables or study.fibre is None:
        return communes
    centres, _ = commune_centres(communes, tables.get("offices"))
    near = distance_to_fibre(
        gpd.GeoDataFrame(geometry=centres, crs=communes.crs),
        tables["spans"],
        statuses=study.fibre.statuses,
        drop_length_m=study.fibre.drop_length_m,
    )
    return communes.join(near[["distance_to_fibre_m", "fibre_within_drop"]])
