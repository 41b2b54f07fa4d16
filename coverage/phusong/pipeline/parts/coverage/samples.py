"""Measured samples of a study: which can be used, one value a place, beside the prediction.

What is done with bad ones is written down in docs/methods/measurements.md.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ....grid import Grid
from ....i18n import LANGUAGES, text
from ....radio import Plan, received_at
from ....study import Radio
from ....study.coverage import Measured
from ....uncertainty import band, distance_class, measured_places
from .corrections import environment_of

STRONGEST_DBM = {"2G": -10.0, "3G": -25.0, "4G": -44.0, "5G": -31.0}
"""Top of what a phone reports: 3GPP TS 25.133 (RSCP), 36.133 (RSRP), 38.133 (SS-RSRP). Stronger
is another quantity, such as the RSSI of the whole carrier. GSM has no such limit here."""
ABOVE_FREE_DB = 6.0
ABOVE_FREE_SHARE = 0.1
"""Levels may exceed free space by reflections and a wrong EIRP; so many places do not by so much:
such samples are no level of a cell of the list."""
IN_SIGHT, HIDDEN = "LOS", "NLOS"
KIND = ["operator", "technology"]
Each = Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]


@dataclass(frozen=True, kw_only=True, eq=False)
class Samples:
    """What was measured and can be set beside the prediction.

    Parameters
    ----------
    used : DataFrame
        One row a sample: ``x_m``, ``y_m``, ``operator``, ``technology``, ``frequency_mhz``,
        ``cell_id``, ``level_dbm`` and ``floor_dbm`` as outdoors, ``measured_on``.
    rejected : DataFrame
        ``measurement_id``, ``reason_vi``, ``reason_en``.
    outside : int
        Of the rejected those outside the communes.
    """

    used: pd.DataFrame
    rejected: pd.DataFrame
    outside: int


def usable(table: gpd.GeoDataFrame, near: Grid, settings: Measured, radio: Radio) -> Samples:
    """Correct samples for vehicle and instrument, and set aside what is no level here.

    Parameters
    ----------
    table : GeoDataFrame
        As `tables.MEASUREMENTS`, in the study's CRS.
    near : Grid
        Of the results.
    settings : Measured
    radio : Radio
        Its loss into vehicles counts where `settings` has none.
    """
    loss_db = settings.vehicle_loss_db
    if loss_db is None:
        loss_db = radio.vehicle_loss_db
    inside_vehicle = _column(table, "in_vehicle").fillna(False).astype(bool).to_numpy()
    _, _, inside = near.index(table.geometry.x.to_numpy(), table.geometry.y.to_numpy())
    level = table["level_dbm"].to_numpy(float)
    reasons = {
        "measured_outside": ~inside,
        "measured_too_strong": level > table["technology"].map(STRONGEST_DBM).to_numpy(float),
        "measured_in_vehicle": inside_vehicle & (loss_db is None),
    }
    why = np.full(len(table), "", dtype=object)
    for reason, those in reasons.items():
        why[(why == "") & those] = reason
    shows_more_db = np.array(_column(table, "instrument_offset_db"), float)
    shows_more_db[np.isnan(shows_more_db)] = settings.instrument_offset_db
    add_db = np.where(inside_vehicle, loss_db or 0.0, 0.0) - shows_more_db
    used = pd.DataFrame(
        {
            "x_m": table.geometry.x.to_numpy(),
            "y_m": table.geometry.y.to_numpy(),
            "operator": table["operator"].astype(object).to_numpy(),
            "technology": table["technology"].astype(object).to_numpy(),
            "frequency_mhz": _column(table, "frequency_mhz").to_numpy(float),
            "cell_id": _column(table, "cell_id").astype(object).to_numpy(),
            "level_dbm": level + add_db,
            "floor_dbm": _column(table, "floor_dbm").to_numpy(float) + add_db,
            "measured_on": pd.to_datetime(_column(table, "measured_on")).to_numpy(),
        }
    )
    bad = why != ""
    words = {
        f"reason_{lang}": [text(f"pipeline.{one}", lang) for one in why[bad]] for lang in LANGUAGES
    }
    rejected = pd.DataFrame({"measurement_id": table["measurement_id"].to_numpy()[bad], **words})
    return Samples(
        used=used[~bad].reset_index(drop=True),
        rejected=rejected,
        outside=int((why == "measured_outside").sum()),
    )


def places_of(samples: Samples, plan: Plan, settings: Measured, each: Each = map) -> pd.DataFrame:
    """Thin samples to places and predict what each receives of what was measured.

    Parameters
    ----------
    samples : Samples
    plan : Plan
        Of the cells on air.
    settings : Measured
    each : callable
        Goes through masts as `map` does, several at a time if wanted.

    Returns
    -------
    DataFrame
        One row a place: the columns of `measured_places`, and of `received_at` with its level
        as ``predicted_dbm``; ``band``, ``distance``, ``sight``, ``environment`` by which errors
        are divided; and ``used``: False where the list has no cell of that operator and
        technology, and where levels are stronger than free space allows.
    """
    own = samples.used.copy()
    known = own["cell_id"].isin(set(plan.cells["cell_id"]))
    own["cell_id"] = own["cell_id"].where(known, None)
    by = [*KIND, "frequency_mhz", "cell_id"]
    found = measured_places(own, cell_m=settings.cell_m, by=by)
    received = received_at(plan, found, each).rename(columns={"level_dbm": "predicted_dbm"})
    found = found.rename(columns={"cell_id": "measured_cell_id"}).join(received)
    heard = found["cell"] >= 0
    cells = plan.cells.iloc[found["cell"].clip(lower=0)] if len(plan.cells) else plan.cells
    carrier = np.full(len(found), np.nan)
    if len(cells):
        carrier = np.where(heard, cells["frequency_mhz"].to_numpy(float), np.nan)
    sight = np.where(found["in_sight"], IN_SIGHT, HIDDEN).astype(object)
    sight[~heard] = None
    return found.assign(
        band=band(carrier),
        distance=distance_class(found["distance_m"]),
        sight=sight,
        environment=_environment(found["land"].to_numpy(), plan),
        used=_used(found, plan),
    )


def _used(found: pd.DataFrame, plan: Plan) -> NDArray[np.bool_]:
    """Tell which places are compared: not those of lists without cells, nor impossible ones."""
    kinds = pd.MultiIndex.from_frame(found[KIND])
    planned = {(one.operator, one.technology) for site in plan.sites for _, one in site.placed}
    beyond = (found["level_dbm"] > found["free_level_dbm"] + ABOVE_FREE_DB) & ~found["censored"]
    heard = found["cell"] >= 0
    share = beyond[heard].groupby([found.loc[heard, one] for one in KIND]).mean()
    impossible = set(share.index[share > ABOVE_FREE_SHARE])
    return np.array([kind in planned and kind not in impossible for kind in kinds], dtype=bool)


def _environment(land: NDArray[np.int64], plan: Plan) -> NDArray[np.object_]:
    """Return the class of height of what stands around each place; None where nothing tells."""
    of_class = [environment_of(one) for one in plan.conditions.terrain.classes]
    classes = np.array([*of_class, None], dtype=object)
    return np.asarray(classes[np.where(land < 0, len(of_class), land)], dtype=object)


def _column(table: pd.DataFrame, name: str) -> pd.Series:
    if name in table:
        found: pd.Series = table[name]
        return found
    return pd.Series(None, table.index, dtype=object)
