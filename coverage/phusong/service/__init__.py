"""Who is served: covered people, land and villages, targets, gaps; knows no station's radio."""

from .gaps import Gaps, gaps
from .units import (
    UnitCoverage,
    coverage_by_unit,
    districts_and_province,
    stations_of_cells,
    verdicts,
    villages_result,
)
from .zones import Zones

__all__ = [
    "Gaps",
    "UnitCoverage",
    "Zones",
    "coverage_by_unit",
    "districts_and_province",
    "gaps",
    "stations_of_cells",
    "verdicts",
    "villages_result",
]
