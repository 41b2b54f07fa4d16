"""Every table's fields, units and meaning, once.

Readers, JSON Schemas, exports, maps and docs derive from here; nothing else in
the project spells out a column. A percentage is a share from 0 to 1 and its
name says its denominator. Other rooms add no column that is not listed here.

The constants are `Table` objects, one a table: `INPUT_TABLES` has those that a
study reads and `RESULT_TABLES` those that a run finds, by name. A table shows
its columns in a notebook.

>>> from phusong import tables
>>> tables.INPUT_TABLES["rivers"].columns
('river_id', 'name')
"""

from collections.abc import Mapping

from ._fields import DISTRICT, LAT, LON, SPARE_FIBRES, X_M, Y_M
from ._model import (
    LEVELS,
    TECHNOLOGIES,
    VERDICTS,
    Field,
    GeometryKind,
    Kind,
    Table,
)
from .comparison import (
    COMPARED_CAUSES,
    COMPARED_COMMUNES,
    COMPARED_DISTRICTS,
    COMPARED_PROVINCE,
    COMPARED_STATIONS,
    COMPARED_VILLAGES,
    COMPARISON_TABLES,
    REASONS,
)
from .coverage import (
    COMMUNES_RESULT,
    DISTRICTS_RESULT,
    GAPS,
    INDICATORS,
    PROVINCE_RESULT,
    RADIATED,
    STATIONS_RESULT,
    VILLAGES_RESULT,
)
from .egov import (
    ACCESS,
    CENTRES_AFTER,
    PLAUSIBILITY_RULES,
    PRIORITIES,
    READINESS,
    READINESS_LEVELS,
    READINESS_RULES,
    ROLLOUT,
    ROLLOUT_SCENARIOS,
    ROLLOUT_WORKS,
    ROLLOUT_YEARS,
    WORKS,
)
from .evidence import COMMUNE_MARGINS, COMMUNE_SERVERS, MARGIN_EDGES_DB
from .fibre import (
    FIBRE_EXTENSION,
    FIBRE_FINDINGS,
    FIBRE_HOMING,
    FIBRE_LINKS,
    FIBRE_NODES,
    FIBRE_OPERATORS,
    FIBRE_PRICES,
    FIBRE_REACH,
    FIBRE_WAITING,
    FIBRE_YEARS,
    MICROWAVE_HOPS,
    OFFICES_RESULT,
    SPAN_CRITICALITY,
    SPANS_RESULT,
    STEEP_STRETCHES,
)
from .inputs import (
    ASSUMED_VALUES,
    CELLS,
    COMMUNES,
    CROSSWALK,
    HOPS,
    MEASUREMENTS,
    NODES,
    OFFICES,
    PLACES,
    RIVERS,
    ROADS,
    SITE_LIST,
    SPANS,
    VILLAGES,
)
from .measured import MEASURED_ACCURACY, MEASURED_PLACES, MEASURED_SHARES
from .siting import (
    EXCLUDED_AREAS,
    OWN_PLACES,
    PLANNED_SITES,
    SITE_CABLES,
    SITE_CHECKS,
    SITE_COMMUNE_CURVES,
    SITE_COMMUNE_YEARS,
    SITE_COMMUNES,
    SITE_CURVE,
    SITE_GAPS,
    SITE_HOPS,
    SITE_PRICES,
    SITE_UNREACHED,
    SITE_VERDICTS,
    SITE_WORKS,
    SITE_YEARS,
    SITING_TABLES,
)
from .strength import OPERATOR_SHARING, OPERATOR_STRENGTH, POWER_CUT, SITES_RESULT
from .survey import ROAD_SEGMENTS, SURVEY_PLACES, SURVEY_SHARES, SURVEY_STRATA
from .villages import VILLAGE_LIST, VILLAGE_SIGNAL

__all__ = [
    "ACCESS",
    "ASSUMED_VALUES",
    "CELLS",
    "CENTRES_AFTER",
    "CODE_LISTS",
    "COMMUNES",
    "COMMUNES_RESULT",
    "COMMUNE_MARGINS",
    "COMMUNE_SERVERS",
    "COMPARED_CAUSES",
    "COMPARED_COMMUNES",
    "COMPARED_DISTRICTS",
    "COMPARED_PROVINCE",
    "COMPARED_STATIONS",
    "COMPARED_VILLAGES",
    "COMPARISON_TABLES",
    "CROSSWALK",
    "DISTRICT",
    "DISTRICTS_RESULT",
    "EXCLUDED_AREAS",
    "FIBRE_EXTENSION",
    "FIBRE_FINDINGS",
    "FIBRE_HOMING",
    "FIBRE_LINKS",
    "FIBRE_NODES",
    "FIBRE_OPERATORS",
    "FIBRE_PRICES",
    "FIBRE_REACH",
    "FIBRE_WAITING",
    "FIBRE_YEARS",
    "GAPS",
    "HOPS",
    "INDICATORS",
    "INPUT_RASTERS",
    "INPUT_TABLES",
    "LAT",
    "LEVELS",
    "LON",
    "MARGIN_EDGES_DB",
    "MEASURED_ACCURACY",
    "MEASURED_PLACES",
    "MEASURED_SHARES",
    "MEASUREMENTS",
    "MICROWAVE_HOPS",
    "NODES",
    "OFFICES",
    "OFFICES_RESULT",
    "OPERATOR_SHARING",
    "OPERATOR_STRENGTH",
    "OWN_PLACES",
    "PLACES",
    "PLANNED_SITES",
    "PLAUSIBILITY_RULES",
    "POWER_CUT",
    "PRIORITIES",
    "PROVINCE_RESULT",
    "RADIATED",
    "READINESS",
    "READINESS_LEVELS",
    "READINESS_RULES",
    "REASONS",
    "RESULT_TABLES",
    "RIVERS",
    "ROADS",
    "ROAD_SEGMENTS",
    "ROLLOUT",
    "ROLLOUT_SCENARIOS",
    "ROLLOUT_WORKS",
    "ROLLOUT_YEARS",
    "SITES_RESULT",
    "SITE_CABLES",
    "SITE_CHECKS",
    "SITE_COMMUNES",
    "SITE_COMMUNE_CURVES",
    "SITE_COMMUNE_YEARS",
    "SITE_CURVE",
    "SITE_GAPS",
    "SITE_HOPS",
    "SITE_LIST",
    "SITE_PRICES",
    "SITE_UNREACHED",
    "SITE_VERDICTS",
    "SITE_WORKS",
    "SITE_YEARS",
    "SITING_TABLES",
    "SPANS",
    "SPANS_RESULT",
    "SPAN_CRITICALITY",
    "SPARE_FIBRES",
    "STATIONS_RESULT",
    "STEEP_STRETCHES",
    "SURVEY_PLACES",
    "SURVEY_SHARES",
    "SURVEY_STRATA",
    "TECHNOLOGIES",
    "VERDICTS",
    "VILLAGES",
    "VILLAGES_RESULT",
    "VILLAGE_LIST",
    "VILLAGE_SIGNAL",
    "WORKS",
    "X_M",
    "Y_M",
    "Field",
    "GeometryKind",
    "Kind",
    "Table",
]

INPUT_TABLES: Mapping[str, Table] = {
    table.name: table
    for table in (
        CELLS, COMMUNES, OFFICES, VILLAGES, SPANS, NODES, HOPS, ROADS, RIVERS, PLACES,
        MEASUREMENTS, SURVEY_PLACES, SURVEY_STRATA,
        READINESS_RULES, WORKS, PLAUSIBILITY_RULES, PRIORITIES, CENTRES_AFTER, FIBRE_PRICES,
        ASSUMED_VALUES,
    )
}  # fmt: skip
CODE_LISTS = frozenset(
    {"missing_prerequisites", "unknown_prerequisites", "contradictions", "next_missing",
     "next_unknown", "without_work", "work", "works", "fibre_contradictions", "type",
     "assumed", "reasons"}
)  # fmt: skip
"""Text fields that hold codes; several are separated by commas."""
INPUT_RASTERS = ("terrain", "population", "clutter", "land_cover")

RESULT_TABLES: Mapping[str, Table] = {
    table.name: table
    for table in (
        COMMUNES_RESULT, DISTRICTS_RESULT, PROVINCE_RESULT, VILLAGES_RESULT, VILLAGE_LIST,
        VILLAGE_SIGNAL, SITES_RESULT, OPERATOR_STRENGTH, OPERATOR_SHARING, POWER_CUT,
        STATIONS_RESULT, GAPS, COMMUNE_MARGINS, COMMUNE_SERVERS, ROAD_SEGMENTS, SURVEY_SHARES,
        MEASURED_PLACES, MEASURED_ACCURACY, MEASURED_SHARES, OFFICES_RESULT, SPANS_RESULT,
        FIBRE_FINDINGS, FIBRE_NODES, STEEP_STRETCHES, FIBRE_OPERATORS, FIBRE_LINKS, FIBRE_EXTENSION,
        FIBRE_YEARS, FIBRE_WAITING, MICROWAVE_HOPS, READINESS_LEVELS, ROLLOUT, ROLLOUT_YEARS,
        ROLLOUT_WORKS, ROLLOUT_SCENARIOS, ACCESS, INDICATORS,
    )
}  # fmt: skip
"""Every table of a result; a result has those that its parts gave, in this order."""
