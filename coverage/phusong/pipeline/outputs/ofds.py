"""Fibre as an Open Fibre Data Standard document: a study's input, and a run's output.

The standard itself is known to the engine; here a document meets the study's
files, its CRS and its name.
"""

import uuid
from typing import TYPE_CHECKING, Any, Literal

import geopandas as gpd

from ...errors import Problem
from ...fibre import ofds_document, read_ofds
from ...inputs import Source, read_document
from ...study import Study
from ...tables import NODES, SPANS

if TYPE_CHECKING:
    from ..result import Result

FILE = "report/network.ofds.json"
VERSION: Literal["0.3", "0.4"] = "0.4"


def read_network(study: Study) -> tuple[dict[str, gpd.GeoDataFrame], list[Problem]]:
    """Read the document that a study names as its tables of nodes and spans.

    Returns
    -------
    dict of GeoDataFrame
        ``nodes`` and ``spans`` in the study's CRS, sorted by id; without a document
        nothing. Spans without a route, which the standard allows, are left out.
    list of Problem
        One for each span left out.

    Raises
    ------
    InputError
        If the document cannot be read or breaks the standard.
    """
    source = study.inputs.ofds
    if source is None:
        return {}, []
    content = read_document(Source(path=study.path(source), shown=source.path))
    nodes, spans = read_ofds(content, file=source.path)
    without = spans.geometry.isna() | spans.geometry.is_empty
    problems = [
        Problem(message="fibre.ofds_no_route", file=source.path, column="spans.route", value=name)
        for name in spans["id"][without]
    ]
    tables = {}
    for name, table in (("nodes", nodes), ("spans", spans[~without])):
        placed = table.to_crs(study.crs).sort_values("id", ignore_index=True)
        placed.attrs["file"] = source.path
        tables[name] = placed
    return tables, problems


def network_package(result: "Result") -> dict[str, Any] | None:
    """Return the fibre of a result as a package of one network; None without spans.

    The network's id is the study's, or follows from its province and edition.
    """
    if result.spans is None:
        return None
    study = result.study
    kept = study.fibre.network_id if study.fibre else None
    derived = uuid.uuid5(uuid.NAMESPACE_URL, f"urn:phusong:{study.province_code}:{study.edition}")
    nodes = result.inputs.get("nodes")
    if nodes is None:
        nodes = gpd.GeoDataFrame(columns=[*NODES.columns, "geometry"], crs=study.crs)
    network = ofds_document(
        nodes,
        result.spans[[*(name for name in SPANS.columns if name in result.spans), "geometry"]],
        network_id=kept or str(derived),
        name=study.name,
        version=VERSION,
    )
    return {"networks": [network]}
