"""From cells to signal: propagation models, antennas, links, and the sweep over the terrain."""

from .antennas import attenuation_db
from .coverage import Prediction, ServiceRule, Signal, predict
from .diffraction import Diffraction
from .free_space import FreeSpace
from .links import allowance_db, rs_power_dbm
from .models import model
from .okumura_hata import OkumuraHata
from .propagation import Link, Profile, PropagationModel, Radials

__all__ = [
    "Diffraction",
    "FreeSpace",
    "Link",
    "OkumuraHata",
    "Prediction",
    "Profile",
    "PropagationModel",
    "Radials",
    "ServiceRule",
    "Signal",
    "allowance_db",
    "attenuation_db",
    "model",
    "predict",
    "rs_power_dbm",
]
