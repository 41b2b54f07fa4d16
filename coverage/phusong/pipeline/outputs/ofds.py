"""The fibre of a result as an Open Fibre Data Standard document.

The standard itself is known to the engine; here its document gets the study's name.
"""

import uuid
from typing import Any, Literal

import geopandas as gpd

from ...fibre import ofds_document
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
    derived = uuid.uuid5(uuid.NAMESPACE_URL, f"urn:phusong:{study.province_code}:{study.edition}")
    nodes = gathered.loaded.tables.get("nodes")
    if nodes is None:
        nodes = gpd.GeoDataFrame(columns=[*NODES.columns, "geometry"], crs=study.crs)
    network = ofds_document(
        nodes,
        spans[[*(name for name in SPANS.columns if name in spans), "geometry"]],
        network_id=kept or str(derived),
        name=study.name if notice is None else f"{study.name} – {notice.vi}",
        version=VERSION,
        carried=gathered.loaded.carried,
    )
    return {"networks": [network]}
