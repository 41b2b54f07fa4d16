"""Mobile coverage of a study: settings and tables → signal, people, villages, gaps."""

from .count import Coverage
from .definition import define
from .inputs import CoverageInputs, Ground
from .part import COVERAGE

__all__ = ["COVERAGE", "Coverage", "CoverageInputs", "Ground", "define"]
