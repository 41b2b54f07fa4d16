"""Fibre of a study: settings and tables → reach, cut drill, what should be built."""

from .connection import offices_connected
from .inputs import FibreInputs
from .network import Fibre
from .part import FIBRE

__all__ = ["FIBRE", "Fibre", "FibreInputs", "offices_connected"]
