"""E-government of a study: settings and tables → readiness, rollout, access."""

from .inputs import EgovInputs
from .offices import EGovernment, levels_meaning, parts_for_egov
from .part import EGOV
from .rollout import with_budgets

__all__ = ["EGOV", "EGovernment", "EgovInputs", "levels_meaning", "parts_for_egov", "with_budgets"]
