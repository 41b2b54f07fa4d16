"""From cells to signal: propagation models, antennas, links, and the sweep over the terrain."""

from .antennas import Antenna, ParabolicAntenna, PatternAntenna
from .coverage import Prediction, ServiceRule, Signal, predict
from .diffraction import Diffraction
from .free_space import FreeSpace
from .itm import Itm
from .links import allowance_db, indoor_allowance_db, reference_eirp_dbm, rs_power_dbm
from .models import model
from .okumura_hata import OkumuraHata
from .p1812 import P1812
from .patterns import Pattern, Patterns, read_pattern, read_patterns
from .propagation import Link, Profile, PropagationModel, Radials
from .rma import Rma
from .sectors import check_cells

__all__ = [
    "P1812",
    "Antenna",
    "Diffraction",
    "FreeSpace",
    "Itm",
    "Link",
    "OkumuraHata",
    "ParabolicAntenna",
    "Pattern",
    "PatternAntenna",
    "Patterns",
    "Prediction",
    "Profile",
    "PropagationModel",
    "Radials",
    "Rma",
    "ServiceRule",
    "Signal",
    "allowance_db",
    "check_cells",
    "indoor_allowance_db",
    "model",
    "predict",
    "read_pattern",
    "read_patterns",
    "reference_eirp_dbm",
    "rs_power_dbm",
]
