"""What a study can be asked to compute: one folder a capability, each a `Part`.

`PARTS` is the registry: whoever adds a capability adds its part here.
"""

from typing import Any

from .coverage import COVERAGE
from .egov import EGOV
from .evidence import EVIDENCE
from .fibre import FIBRE
from .measured import MEASURED
from .part import Part
from .strength import STRENGTH
from .survey import SURVEY
from .territory import TERRITORY
from .uncertainty import UNCERTAINTY
from .villages import VILLAGES

PARTS: tuple[Part[Any, Any], ...] = (
    TERRITORY, COVERAGE, EVIDENCE, UNCERTAINTY, VILLAGES, STRENGTH, MEASURED, SURVEY, FIBRE,
    EGOV,
)  # fmt: skip
"""In the order in which they are computed: each after those it stands on or uses."""

__all__ = ["PARTS", "Part"]
