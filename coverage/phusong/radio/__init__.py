"""From cells to signal: propagation models, antennas, links, and the sweep over the terrain."""

from .antennas import Antenna, ParabolicAntenna
from .coverage import Prediction, ServiceRule, Signal, predict
from .diffraction import Diffraction
from .free_space import FreeSpace
from .itm import Itm
from .links import allowance_db, rs_power_dbm
from .models import model
from .okumura_hata import OkumuraHata
from .p1812 import P1812
from .propagation import Link, Profile, PropagationModel, Radials
from .rma import Rma

__all__ = [
    "P1812",
    "Antenna",
    "Diffraction",
    "FreeSpace",
    "Itm",
    "Link",
    "OkumuraHata",
    "ParabolicAntenna",
    "Prediction",
    "Profile",
    "PropagationModel",
    "Radials",
    "Rma",
    "ServiceRule",
    "Signal",
    "allowance_db",
    "model",
    "predict",
    "rs_power_dbm",
]
