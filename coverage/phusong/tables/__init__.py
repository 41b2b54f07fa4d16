"""Every table's fields, units and meaning, once.

Readers, JSON Schemas, exports, maps and docs derive from here; nothing else in
the project spells out a column. A percentage is a share from 0 to 1 and its
name says its denominator. Other rooms add no column that is not listed here.
"""

from collections.abc import Mapping

from ._model import (
    LEVELS,
    TECHNOLOGIES,
    VERDICTS,
    Field,
    GeometryKind,
    Kind,
    Table,
)
from .coverage import (
    COMMUNES_RESULT,
    DISTRICTS_RESULT,
    GAPS,
    INDICATORS,
    PROVINCE_RESULT,
    STATIONS_RESULT,
    VILLAGES_RESULT,
)
from .egov import (
    ACCESS,
    READINESS,
    READINESS_LEVELS,
    READINESS_RULES,
    ROLLOUT,
    ROLLOUT_SCENARIOS,
    ROLLOUT_WORKS,
)
from .fibre import (
    FIBRE_EXTENSION,
    FIBRE_FINDINGS,
    FIBRE_HOMING,
    FIBRE_LINKS,
    FIBRE_PRICES,
    FIBRE_REACH,
    NODE_CRITICALITY,
    SPAN_CRITICALITY,
    STEEP_STRETCHES,
)
from .inputs import (
    CELLS,
    COMMUNES,
    MEASUREMENTS,
    NODES,
    OFFICES,
    PLACES,
    RIVERS,
    ROADS,
    SPANS,
    VILLAGES,
)

__all__ = [
    "ACCESS",
    "CELLS",
    "COMMUNES",
    "COMMUNES_RESULT",
    "DISTRICTS_RESULT",
    "FIBRE_EXTENSION",
    "FIBRE_FINDINGS",
    "FIBRE_HOMING",
    "FIBRE_LINKS",
    "FIBRE_PRICES",
    "FIBRE_REACH",
    "GAPS",
    "INDICATORS",
    "INPUT_RASTERS",
    "INPUT_TABLES",
    "LEVELS",
    "MEASUREMENTS",
    "NODES",
    "NODE_CRITICALITY",
    "OFFICES",
    "PLACES",
    "PROVINCE_RESULT",
    "READINESS",
    "READINESS_LEVELS",
    "READINESS_RULES",
    "RESULT_TABLES",
    "RIVERS",
    "ROADS",
    "ROLLOUT",
    "ROLLOUT_SCENARIOS",
    "ROLLOUT_WORKS",
    "SPANS",
    "SPAN_CRITICALITY",
    "STATIONS_RESULT",
    "STEEP_STRETCHES",
    "TECHNOLOGIES",
    "VERDICTS",
    "VILLAGES",
    "VILLAGES_RESULT",
    "Field",
    "GeometryKind",
    "Kind",
    "Table",
]

INPUT_TABLES: Mapping[str, Table] = {
    table.name: table
    for table in (
        CELLS, COMMUNES, OFFICES, VILLAGES, SPANS, NODES, MEASUREMENTS, ROADS, RIVERS, PLACES,
    )
}  # fmt: skip
INPUT_RASTERS = ("terrain", "population", "clutter")

RESULT_TABLES: Mapping[str, Table] = {
    table.name: table
    for table in (
        COMMUNES_RESULT, DISTRICTS_RESULT, PROVINCE_RESULT, VILLAGES_RESULT, STATIONS_RESULT,
        GAPS, READINESS, SPANS, INDICATORS,
    )
}  # fmt: skip
