"""The fibre of a result as an Open Fibre Data Standard document.

The standard itself is known to the engine; here its document gets the study's name.
"""

import uuid
from typing import Any, Literal

import geopandas as gpd
import pandas as pd
from shapely import Point, get_coordinates

from ...fibre import ofds_document
from ...i18n import text
from ...study import Study
from ...tables import NODES, SPANS
from ..gathered import Gathered

FILE = "report/network.ofds.json"
VERSION: Literal["0.3", "0.4"] = "0.4"


def network_package(gathered: Gathered) -> dict[str, Any] | None:
    """Return the fibre of a result as a package of one network; None without spans.

    Its name says if the data are invented. Its id is the study's, or follows
    from its province and edition.
    """
    spans = gathered.tables.get(SPANS.name)
    if spans is None:
        return None
    study, notice = gathered.study, gathered.study.sample_notice
    kept = study.fibre.network_id if study.fibre else None
    nodes = gathered.loaded.tables.get("nodes")
    if nodes is None:
        nodes = gpd.GeoDataFrame(columns=[*NODES.columns, "geometry"], crs=study.crs)
    network = ofds_document(
        nodes,
        spans[[*(name for name in SPANS.columns if name in spans), "geometry"]],
        network_id=kept or str(_derived(study)),
        name=study.name if notice is None else f"{study.name} – {notice.vi}",
        version=VERSION,
        carried=gathered.loaded.carried,
    )
    return {"networks": [network]}


def proposed_package(study: Study, cables: gpd.GeoDataFrame) -> dict[str, Any]:
    """Return the cables of a plan of sites as a package of one network, all of it proposed.

    Parameters
    ----------
    study : Study
    cables : GeoDataFrame
        As `tables.SITE_CABLES`: from the site to the fibre that is there.
    """
    ends = [
        {"id": f"{work}-{end}", "name": name, "status": "proposed", "geometry": Point(place)}
        for work, site, line in zip(
            cables["work_id"], cables["site_id"], cables.geometry, strict=True
        )
        for end, name, place in (
            ("site", site, get_coordinates(line)[0]),
            ("joint", None, get_coordinates(line)[-1]),
        )
    ]
    nodes = gpd.GeoDataFrame(pd.DataFrame(ends).reindex(columns=[*NODES.columns, "geometry"]))
    spans = pd.DataFrame(
        {
            "id": cables["work_id"],
            "name": cables["site_id"],
            "status": "proposed",
            "start": cables["work_id"] + "-site",
            "end": cables["work_id"] + "-joint",
            "fibreLength": cables["length_m"] / 1000,
        }
    ).reindex(columns=list(SPANS.columns))
    notice = study.sample_notice
    named = text("site.network", "vi", study=study.name)
    network = ofds_document(
        nodes.set_crs(cables.crs),
        gpd.GeoDataFrame(spans, geometry=cables.geometry.to_numpy(), crs=cables.crs),
        network_id=str(_derived(study, "sites")),
        name=named if notice is None else f"{named} – {notice.vi}",
        version=VERSION,
    )
    return {"networks": [network]}


def _derived(study: Study, *more: str) -> uuid.UUID:
    """Return the id that follows from a study's province and edition."""
    told = ":".join(("urn:phusong", study.province_code, study.edition, *more))
    return uuid.uuid5(uuid.NAMESPACE_URL, told)
