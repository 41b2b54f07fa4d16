"""Who lives where and who is served: residents, covered people, land and villages, gaps."""

from .gaps import Gaps, gaps
from .places import commune_centres, commune_of, commune_seats
from .reports import Reported, count_reported
from .residents import (
    Residents,
    UnitsOnGrid,
    count_residents,
    figures_told,
    too_dense,
    village_figures,
)
from .units import (
    Sums,
    UnitCoverage,
    coverage_by_unit,
    stations_of_cells,
    verdicts,
    villages_result,
)
from .zones import Zones

__all__ = [
    "Gaps",
    "Reported",
    "Residents",
    "Sums",
    "UnitCoverage",
    "UnitsOnGrid",
    "Zones",
    "commune_centres",
    "commune_of",
    "commune_seats",
    "count_reported",
    "count_residents",
    "coverage_by_unit",
    "figures_told",
    "gaps",
    "stations_of_cells",
    "too_dense",
    "verdicts",
    "village_figures",
    "villages_result",
]
