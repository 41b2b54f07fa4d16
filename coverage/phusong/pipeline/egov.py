"""The e-government part of a run."""

import geopandas as gpd

from ..egov import Prerequisite, prerequisites
from ..study import Study


def prerequisites_of(study: Study) -> tuple[Prerequisite, ...]:
    """Return the checklist that the study names."""
    if study.egov is None:
        return ()
    return prerequisites({item.name: item.minimum for item in study.egov.prerequisites})


def with_readiness(
    communes: gpd.GeoDataFrame, offices: gpd.GeoDataFrame | None
) -> gpd.GeoDataFrame:
    """Add to each commune what its own office has and lacks."""
    if offices is None:
        return communes
    seats = offices[offices["level"] == "commune"].drop_duplicates("commune_code")
    known = seats.set_index("commune_code")[["has_lan", "missing_prerequisites"]]
    return communes.join(known, on="commune_code")
