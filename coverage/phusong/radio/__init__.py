"""From cells to signal: propagation models, antennas, links, and the sweep over the terrain.

`MODELS` holds the classes of the propagation models by name.
"""

from .antennas import Antenna, ParabolicAntenna, PatternAntenna
from .best_servers import Best, hull_of_station, merge, predict_sites, station_margins
from .clutter import CLUTTER_RULES, ESA_WORLDCOVER, ClutterClass, LandCover, clutter_loss_db
from .correction import Correction
from .diffraction import Diffraction
from .exchange import exchange
from .free_space import FreeSpace
from .inspect import Inspection, Obstacle, Verdict, inspect_path
from .itm import Itm
from .links import allowance_db, indoor_allowance_db, reference_eirp_dbm, rs_power_dbm
from .margin import served
from .masts import Conditions
from .models import MODELS, described, model, model_class, model_names, parameter_faults, register
from .obstacles import dominant_obstacle
from .okumura_hata import Cost231Hata, OkumuraHata
from .p530 import (
    HopClimate,
    dish_gain_dbi,
    fade_margin_db,
    multipath_outage_percent,
    rain_attenuation_db,
    rain_outage_percent,
)
from .p838 import rain_coefficients
from .p1812 import P1812
from .patterns import Pattern, Patterns, read_pattern, read_patterns
from .prediction import Plan, Prediction, plan_prediction, predict
from .propagation import Link, Profile, PropagationModel, Radials, Refractivity, Term
from .received import received_at
from .refractivity import read_refractivity
from .rma import Rma
from .sectors import check_cells
from .services import ServiceRule
from .settings import Settings
from .signals import Signal, best_of
from .sites import Site, Station, farthest_served_m

__all__ = [
    "CLUTTER_RULES",
    "ESA_WORLDCOVER",
    "MODELS",
    "P1812",
    "Antenna",
    "Best",
    "ClutterClass",
    "Conditions",
    "Correction",
    "Cost231Hata",
    "Diffraction",
    "FreeSpace",
    "HopClimate",
    "Inspection",
    "Itm",
    "LandCover",
    "Link",
    "Obstacle",
    "OkumuraHata",
    "ParabolicAntenna",
    "Pattern",
    "PatternAntenna",
    "Patterns",
    "Plan",
    "Prediction",
    "Profile",
    "PropagationModel",
    "Radials",
    "Refractivity",
    "Rma",
    "ServiceRule",
    "Settings",
    "Signal",
    "Site",
    "Station",
    "Term",
    "Verdict",
    "allowance_db",
    "best_of",
    "check_cells",
    "clutter_loss_db",
    "described",
    "dish_gain_dbi",
    "dominant_obstacle",
    "exchange",
    "fade_margin_db",
    "farthest_served_m",
    "hull_of_station",
    "indoor_allowance_db",
    "inspect_path",
    "merge",
    "model",
    "model_class",
    "model_names",
    "multipath_outage_percent",
    "parameter_faults",
    "plan_prediction",
    "predict",
    "predict_sites",
    "rain_attenuation_db",
    "rain_coefficients",
    "rain_outage_percent",
    "read_pattern",
    "read_patterns",
    "read_refractivity",
    "received_at",
    "reference_eirp_dbm",
    "register",
    "rs_power_dbm",
    "served",
    "station_margins",
]
