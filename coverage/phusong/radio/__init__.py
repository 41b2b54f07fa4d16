"""From cells to signal: propagation models, antennas, links, and the sweep over the terrain."""

from .antennas import Antenna, ParabolicAntenna, PatternAntenna
from .coverage import Prediction, ServiceRule, Signal, predict
from .diffraction import Diffraction
from .free_space import FreeSpace
from .inspect import Inspection, Obstacle, Term, Verdict, inspect_path
from .itm import Itm
from .links import allowance_db, indoor_allowance_db, reference_eirp_dbm, rs_power_dbm
from .models import model
from .obstacles import dominant_obstacle
from .okumura_hata import OkumuraHata
from .p1812 import P1812
from .patterns import Pattern, Patterns, read_pattern, read_patterns
from .propagation import Link, Profile, PropagationModel, Radials
from .refractivity import Refractivity, read_refractivity
from .rma import Rma
from .sectors import check_cells

__all__ = [
    "P1812",
    "Antenna",
    "Diffraction",
    "FreeSpace",
    "Inspection",
    "Itm",
    "Link",
    "Obstacle",
    "OkumuraHata",
    "ParabolicAntenna",
    "Pattern",
    "PatternAntenna",
    "Patterns",
    "Prediction",
    "Profile",
    "PropagationModel",
    "Radials",
    "Refractivity",
    "Rma",
    "ServiceRule",
    "Signal",
    "Term",
    "Verdict",
    "allowance_db",
    "check_cells",
    "dominant_obstacle",
    "indoor_allowance_db",
    "inspect_path",
    "model",
    "predict",
    "read_pattern",
    "read_patterns",
    "read_refractivity",
    "reference_eirp_dbm",
    "rs_power_dbm",
]
