"""What a calibration says, as the engine takes it: by mast, band and height of clutter."""

import hashlib
import json
import math
from bisect import bisect
from functools import cache

from ....radio import ClutterClass, Correction
from ....radio.correction import Corrections, PlaceErrors
from ....uncertainty import Calibration, Residuals, band
from ....uncertainty.lattice import WIDEST_M

CLUTTER_HEIGHTS_M = (0.5, 10.5)
CLUTTER_CLASSES = ("0 m", "1–10 m", "> 10 m")
_NO_PART = (
    "groups", "covariance", "effects", "alone", "out_of_block_db", "kriged_db", "residuals",
)  # fmt: skip
"""What of a calibration is no number of the correction: two of them are told by themselves."""


def mast_name(x_m: float, y_m: float, resolution_m: float) -> str:
    """Return the name of a mast: cells in one pixel of the grid share theirs, see `masts_of`."""
    return f"{math.floor(x_m / resolution_m)}_{math.floor(y_m / resolution_m)}"


def environment_of(land: ClutterClass | None) -> str | None:
    """Return the class of height of what stands on a kind of land; None where nothing tells."""
    return None if land is None else CLUTTER_CLASSES[bisect(CLUTTER_HEIGHTS_M, land.height_m)]


def corrections_of(calibration: Calibration | None, resolution_m: float) -> Corrections | None:
    """Return what the engine adds to losses; None without calibration."""
    if calibration is None:
        return None
    found = calibration
    line = cache(found.line)

    def of(
        mast_m: tuple[float, float],
        frequency_mhz: float,
        land: ClutterClass | None,
        clutter_db: float,
    ) -> Correction:
        offset_db, slope_db, weight = line(
            mast=mast_name(*mast_m, resolution_m),
            band=band(frequency_mhz).item(),
            environment=environment_of(land),
        )
        offset_db += found.clutter_weight * (clutter_db - found.clutter_db)
        offset_db -= found.added_weight * found.added_db + weight * found.terrain_db
        return Correction(
            offset_db=offset_db - slope_db * math.log10(found.distance_m),
            slope_db=slope_db,
            weight=weight,
            added_weight=found.added_weight,
            distances_m=found.distances_m,
            terrain_db=found.terrains_db,
        )

    numbers = {name: value for name, value in vars(found).items() if name not in _NO_PART}
    tables = {kind: table.to_dict("index") for kind, table in found.groups.items()}
    places = _places(found.residuals)
    said = json.dumps([resolution_m, numbers, tables], sort_keys=True)
    digest = hashlib.sha256(said.encode())
    if places is not None:
        digest.update(repr((places.west_m, places.south_m)).encode() + places.error_db.tobytes())
    return Corrections(of=of, digest=digest.hexdigest(), places=places)


def _places(residuals: Residuals | None) -> PlaceErrors | None:
    if residuals is None:
        return None
    west_m, south_m, error_db = residuals.lattice
    return PlaceErrors(west_m=west_m, south_m=south_m, cell_m=WIDEST_M, error_db=error_db)
