"""What a calibration leaves in doubt, as draws take it: by mast, band and land."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ...._on_disk import full_on_disk
from ...._types import Labels
from ....grid import grid_of
from ....study.coverage import Uncertainty
from ....uncertainty import BANDS, Calibration, MeasuredMasts, band
from ....uncertainty.calibrated import GROUP_SDS_DB
from ..coverage import Coverage
from ..coverage.corrections import CLUTTER_CLASSES, environment_of, mast_name
from ..coverage.probability import masts_of

PIXELS_AT_A_TIME = 500_000
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
) -> NDArray[np.int32]:
    """Return whose error cells have at pixels of the grid, as `draw` numbers them; -1 for no cell.

    That of their mast, and of a calibrated study that of their band and of the land at the pixel.
    It lies on the disk.
    """
    cells, grid = coverage.cells, grid_of(coverage.terrain)
    masts = np.append(masts_of(cells, grid), -1)
    rows = full_on_disk(np.shape(cell), 0.0, np.dtype(np.int32))
    if measured is None:
        for some in in_blocks(len(cell)):
            rows[some] = masts[cell[some]]
        return rows
    bands = np.append(_positions(band(cells["frequency_mhz"].to_numpy(float)), BANDS), len(BANDS))
    terrain = coverage.plan.conditions.terrain
    down, right = terrain.grid.offset(grid)
    names = np.array([environment_of(one) for one in terrain.classes], dtype=object)
    environments = _positions(names, CLUTTER_CLASSES)
    for some in in_blocks(len(cell)):
        mast, at = masts[cell[some]], pixel[some]
        of_land = np.full(at.shape, len(CLUTTER_CLASSES))
        if terrain.land is not None:
            row, column = np.divmod(at, grid.width)
            of_land = environments[terrain.land[row + down, column + right]]
        rows[some] = np.where(mast < 0, -1, measured.row(mast, bands[cell[some]], of_land))
    return rows


def in_blocks(size: int) -> Iterator[slice]:
    """Yield the places of many pixels, some at a time, so that no step needs memory for all."""
    for start in range(0, size, PIXELS_AT_A_TIME):
        yield slice(start, start + PIXELS_AT_A_TIME)


def _positions(labels: NDArray[np.object_], known: tuple[str, ...]) -> NDArray[np.int64]:
    """Return the position of each label, the one after the last for others."""
    at = {label: position for position, label in enumerate(known)}
    return np.array([at.get(label, len(known)) for label in labels], dtype=np.int64)
