"""What a calibration leaves in doubt, as draws take it: by mast, band and land."""

import numpy as np
from numpy.typing import NDArray

from ...._types import Labels
from ....grid import grid_of
from ....study.coverage import Uncertainty
from ....uncertainty import BANDS, Calibration, MeasuredMasts, band
from ....uncertainty.calibrated import GROUP_SDS_DB
from ..coverage import Coverage
from ..coverage.corrections import CLUTTER_CLASSES, environment_of, mast_name
from ..coverage.probability import masts_of

GROUPS = {"band": BANDS, "environment": CLUTTER_CLASSES}
"""All labels of each kind, in the order of `MeasuredMasts.groups`."""


def measured_masts(
    settings: Uncertainty, calibration: Calibration | None, coverage: Coverage
) -> MeasuredMasts | None:
    """Return what is left in doubt; none if the study states errors of its own.

    A band or a kind of land that was not measured has the prior of its kind: its offset differs
    from the common one by `GROUP_SDS_DB`, so from that of a label measured alone, which is the
    common one, by √2 as much.
    """
    if calibration is None or {settings.province_sd_db, settings.station_sd_db} != {None}:
        return None
    cells, grid = coverage.cells, grid_of(coverage.terrain)
    names = [mast_name(one.x, one.y, grid.resolution_m) for one in cells.geometry]
    of_name = dict(zip(names, masts_of(cells, grid).tolist(), strict=True))
    on_air = [name for kind, name in calibration.effects if kind == "mast" and name in of_name]
    wanted = [("mast", name) for name in on_air]
    wanted += [(kind, label) for kind, labels in GROUPS.items() for label in labels]
    at = {effect: row for row, effect in enumerate(calibration.effects, start=1)}
    known = [0, *(row for row, effect in enumerate(wanted, start=1) if effect in at)]
    rows = [0, *(at[effect] for effect in wanted if effect in at)]
    covariance = np.zeros((len(wanted) + 1, len(wanted) + 1))
    covariance[np.ix_(known, known)] = calibration.covariance[np.ix_(rows, rows)]
    for row, (kind, label) in enumerate(wanted, start=1):
        alone = calibration.alone.get(kind)
        if (kind, label) not in at and label != alone:
            covariance[row, row] = GROUP_SDS_DB[kind] ** 2 * (1 if alone is None else 2)
    return MeasuredMasts(
        mast=np.array([of_name[name] for name in on_air], dtype=np.int64),
        covariance=covariance,
        groups=tuple(len(labels) for labels in GROUPS.values()),
    )


def error_rows(
    coverage: Coverage, measured: MeasuredMasts | None, cell: Labels, pixel: Labels
) -> NDArray[np.int64]:
    """Return whose error cells have at pixels of the grid, as `draw` numbers them; -1 for no cell.

    That of their mast, and of a calibrated study that of their band and of the land at the pixel.
    """
    cells, grid = coverage.cells, grid_of(coverage.terrain)
    mast = np.append(masts_of(cells, grid), -1)[cell].astype(np.int64)
    if measured is None:
        return mast
    bands = _positions(band(cells["frequency_mhz"].to_numpy(float)), BANDS)
    of_band = np.append(bands, len(BANDS))[cell]
    terrain = coverage.plan.conditions.terrain
    of_land = np.full(np.shape(pixel), len(CLUTTER_CLASSES))
    if terrain.land is not None:
        down, right = terrain.grid.offset(grid)
        row, column = np.divmod(pixel, grid.width)
        names = np.array([environment_of(one) for one in terrain.classes], dtype=object)
        of_land = _positions(names, CLUTTER_CLASSES)[terrain.land[row + down, column + right]]
    return np.where(mast < 0, -1, measured.row(mast, of_band, of_land))


def _positions(labels: NDArray[np.object_], known: tuple[str, ...]) -> NDArray[np.int64]:
    """Return the position of each label, the one after the last for others."""
    at = {label: position for position, label in enumerate(known)}
    return np.array([at.get(label, len(known)) for label in labels], dtype=np.int64)
