"""What a run needs of the machine, estimated from grid and settings before it begins.

The one place that estimates; run and check refuse by it. The figures were
measured, see docs/performance.md.
"""

import math
import os
import shutil
import tempfile
import unicodedata
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from .._memory import available_bytes
from .._settings import STUDY_FILE
from .._text import visible
from ..errors import OutputError, PhusongError, Problem
from ..grid import WGS84, Grid, operation
from ..maps.planes import MOST_TILED_PX
from ..radio.units import WIDEST_RADII
from ..study import Study
from ..terrain.native import native_px
from ..uncertainty.lattice import WIDEST_TILE, Lattice
from .parts.coverage.beyond import WIDEST_PX
from .parts.uncertainty.part import UNITS_AT_A_TIME
from .records import RasterFile

BASE_BYTES = 500_000_000
"""The program with its libraries and tables."""
DRAWING_BYTES, DRAWING_TILED_PX_BYTES = 350_000_000, 40
"""Sheets, pages and workbooks while they are written, beside the base; and each pixel that a page
holds in tiles."""
NEAR_PX_BYTES = 2
"""Of each pixel of the communes, rather too much: outlines of gaps, and who of them lives where.
The ground, residents and rasters lie on the disk, and are gone through by blocks."""
WINDOW_PX_BYTES, WINDOW_PX_SERVICE_BYTES = 52, 8
"""What a thread holds of the mast in hand, on the square around it."""
VERDICT_CELL_BYTES, VERDICT_LATTICE_BYTES = 60, 6
"""What a thread holds of each cell of a tile of the lattice while verdicts are drawn, the field and
its noise; and of each cell of all tiles, whether something is counted there."""
VERDICT_BATCH_CELL_BYTES, VERDICT_BATCH_BYTES = 400, 160_000_000
"""32 draws of three values of each cell, and as much at most: the rest lies on the disk."""
VERDICT_UNIT_BYTES = 40
"""Shares of some communes in each draw while they are judged; the draws lie on the disk."""
WORKER_BASE_BYTES = 350_000_000
"""A worker with its libraries."""
WORKER_NATIVE_PX_BYTES, WORKER_WIDE_PX_BYTES = 4, 5
"""The elevation, clutter and land as a worker has them: pages of one file, which those of a machine
share, but which count for each."""
UNIT_PX_SERVICE_BYTES = 2 * (20 + 24)
"""Best servers and ranked masts of the unit in hand, and of the one that is being sent."""
TEMPORARY_PX_BYTES, TEMPORARY_PX_SERVICE_BYTES = 105, 86
"""In temporary files: residents, their shares in three levels of units, groups of pixels without
service, what is counted; the rasters of each service, and the best masts of each pixel."""
TEMPORARY_GROUND_PX_BYTES = 16
"""The ground as far as masts reach, and that below fibre, with its voids while it is read, and
later with clutter and land."""
TEMPORARY_NATIVE_PX_BYTES = 4
"""The elevation at its own resolution, as profiles read it."""
TEMPORARY_HOME_BYTES = 32
"""Where villages are listed: who lives in which pixel of which village."""
TEMPORARY_PX_OPERATOR_BYTES = 8
"""The best cell of each operator and its margin, where villages are listed."""
TEMPORARY_UNIT_BYTES, TEMPORARY_UNIT_SERVICE_BYTES = 8, 16
"""What is counted, and what of it each service serves, of each commune in each draw."""
WRITTEN_PX_SERVICE_BYTES = 13
"""Rasters of a service in the output folder, on the grid of the communes."""
WRITTEN_BASE_BYTES = 10_000_000
WRITTEN_PER_INPUT_BYTE = 30
"""Pages, sheets, tables and databases for each byte of the input tables."""
COARSEST_M = 1000
"""The largest pixel of a study."""
_NO_LETTERS = {"Cc", "Cs"}
"""Control characters and bytes that are no text: databases cannot be written below such names."""

Bounds = tuple[float, float, float, float]


def memory_bytes(study: Study, tables: Mapping[str, gpd.GeoDataFrame], threads: int) -> float:
    """Return the memory that computing a study takes; see `drawing_bytes` for writing it.

    Parameters
    ----------
    study : Study
    tables : mapping of str to GeoDataFrame
        Checked tables in the study's CRS.
    threads : int
        Sites predicted at a time.
    """
    return BASE_BYTES + _signal_bytes(study, tables, threads)


def drawing_bytes(study: Study, tables: Mapping[str, gpd.GeoDataFrame]) -> float:
    """Return the memory that writing the output folder takes, most of it drawing sheets."""
    tiled_px = min(_near_px(study, tables), MOST_TILED_PX) if _predicts(study, tables) else 0.0
    tiled = DRAWING_TILED_PX_BYTES * tiled_px
    return DRAWING_BYTES + BASE_BYTES + _held_bytes(study, tables) + tiled


def fitting_threads(study: Study, tables: Mapping[str, gpd.GeoDataFrame]) -> int:
    """Return as many threads as there are cores, or fewer if memory asks for it; at least 1."""
    room = available_bytes()
    threads = os.cpu_count() or 1
    while threads > 1 and memory_bytes(study, tables, threads) > room:
        threads -= 1
    return threads


def memory_problems(
    study: Study,
    tables: Mapping[str, gpd.GeoDataFrame],
    threads: int,
    *,
    parts: Collection[str] = ("coverage", "fibre"),
) -> list[Problem]:
    """Tell where a run would need more memory than there is, and what would fit.

    Parameters
    ----------
    study, tables, threads
        As for `memory_bytes`.
    parts : collection of str
        Names of the parts that are computed.
    """
    room = available_bytes()
    signal = _signal_bytes(study, tables, threads) if "coverage" in parts else 0.0
    problems = []
    if signal and BASE_BYTES + signal > room:
        fewest = BASE_BYTES + _signal_bytes(study, tables, 1)
        problems.append(
            Problem(
                message="limits.memory_threads" if fewest <= room else "limits.memory",
                file=STUDY_FILE,
                key="resolution_m",
                value=study.resolution_m,
                values={
                    **_gigabytes(BASE_BYTES + signal, room),
                    "threads": threads,
                    "fits": _fitting_resolution_m(
                        study, room, lambda coarser: memory_bytes(coarser, tables, 1)
                    ),
                    **_farthest_commune(tables["communes"]),
                },
            )
        )
    return problems + _temporary_problems(study, tables, threads, parts)


def worker_problems(
    study: Study,
    tables: Mapping[str, gpd.GeoDataFrame],
    allowed_bytes: int | None,
    *,
    parts: Collection[str] = ("coverage",),
) -> list[Problem]:
    """Tell where a worker would need more memory than it may take.

    Parameters
    ----------
    study, tables
        As for `memory_bytes`.
    allowed_bytes : int, optional
        What each worker may take; nothing is told where others decide.
    parts : collection of str
        Names of the parts that are computed.
    """
    if allowed_bytes is None or "coverage" not in parts or not _predicts(study, tables):
        return []
    needed = worker_bytes(study, tables)
    if needed <= allowed_bytes:
        return []
    return [
        Problem(
            message="limits.memory_worker",
            file=STUDY_FILE,
            key="resolution_m",
            value=study.resolution_m,
            values=_gigabytes(needed, allowed_bytes),
        )
    ]


def worker_bytes(study: Study, tables: Mapping[str, gpd.GeoDataFrame]) -> float:
    """Return the memory that a worker of a cluster takes.

    Parameters
    ----------
    study, tables
        As for `memory_bytes`, of a study that predicts signal.
    """
    assert study.radio is not None, "asked of studies that predict signal alone"
    reach_m, services = study.radio.radius_km * 1000, len(study.services)
    wide_px = _wide_px(study, tables)
    window_px = min((2 * reach_m / study.resolution_m) ** 2, wide_px)
    unit_px = min(((2 + WIDEST_RADII) * reach_m / study.resolution_m) ** 2, wide_px)
    return (
        WORKER_BASE_BYTES
        + WORKER_NATIVE_PX_BYTES * _native_px(study, tables)
        + WORKER_WIDE_PX_BYTES * wide_px
        + window_px * (WINDOW_PX_BYTES + services * WINDOW_PX_SERVICE_BYTES)
        + unit_px * services * UNIT_PX_SERVICE_BYTES
    )


def temporary_bytes(study: Study, tables: Mapping[str, gpd.GeoDataFrame], threads: int) -> float:
    """Return what predicting a study keeps in temporary files at most."""
    each = TEMPORARY_PX_BYTES + TEMPORARY_PX_SERVICE_BYTES * len(study.services)
    if study.villages is not None:
        each += TEMPORARY_HOME_BYTES
        each += TEMPORARY_PX_OPERATOR_BYTES * tables["cells"]["operator"].nunique()
    ground_px = _wide_px(study, tables) + _fibre_px(study, tables)
    return (
        each * _near_px(study, tables)
        + TEMPORARY_GROUND_PX_BYTES * ground_px
        + TEMPORARY_NATIVE_PX_BYTES * _native_px(study, tables)
        + threads * _batch_bytes(study, tables)
        + _draws_bytes(study, tables)
    )


def _batch_bytes(study: Study, tables: Mapping[str, gpd.GeoDataFrame]) -> float:
    """Return what a thread keeps of a batch of draws on the disk; none where it is little."""
    needed = VERDICT_BATCH_CELL_BYTES * _lattice_cells(study, tables)
    return needed if needed > VERDICT_BATCH_BYTES / 2 else 0.0


def _draws_bytes(study: Study, tables: Mapping[str, gpd.GeoDataFrame]) -> float:
    counted = len({"population", *(target.denominator for target in study.targets)})
    unit_draws = len(tables["communes"]) * study.uncertainty.draws
    each = TEMPORARY_UNIT_BYTES + TEMPORARY_UNIT_SERVICE_BYTES * len(study.services)
    return each * counted * unit_draws


def _temporary_problems(
    study: Study, tables: Mapping[str, gpd.GeoDataFrame], threads: int, parts: Collection[str]
) -> list[Problem]:
    """Tell where the folder for temporary files has no room."""
    folder = tempfile.gettempdir()
    try:
        free = shutil.disk_usage(folder).free
    except OSError:  # a file system that does not tell
        return []
    problems = []
    fibre = TEMPORARY_GROUND_PX_BYTES * _fibre_px(study, tables) if "fibre" in parts else 0.0
    needed = 0.0
    if "coverage" in parts and _predicts(study, tables):
        needed = temporary_bytes(study, tables, threads)
    if needed - (fibre if fibre > free else 0.0) > free:
        problems.append(
            Problem(
                message="limits.temporary",
                file=STUDY_FILE,
                key="resolution_m",
                value=study.resolution_m,
                values={
                    "folder": visible(folder),
                    "fits": _fitting_resolution_m(
                        study, free, lambda coarser: temporary_bytes(coarser, tables, threads)
                    ),
                    **_farthest_commune(tables["communes"]),
                    **_gigabytes(needed, free),
                },
            )
        )
    if fibre > free:
        far = _far_span(study, tables, fibre, free)
        if far.values["kilometres"] or not problems:  # fibre among the communes is told with them
            problems.append(far)
    return problems


def check_folders(
    study: Study,
    tables: Mapping[str, gpd.GeoDataFrame],
    *,
    out_folder: Path | None,
    cache_folder: Path | None,
) -> None:
    """Refuse folders in each other, a wrong name, and too little disk or memory for the output.

    Parameters
    ----------
    study : Study
    tables : mapping of str to GeoDataFrame
        Checked tables in the study's CRS.
    out_folder, cache_folder : Path, optional
        Where results will be written, and losses kept.

    Raises
    ------
    OutputError
        Naming the folders, or what is needed and what is free.
    """
    if out_folder is None:
        return
    out = Path(os.path.realpath(out_folder))
    if any(unicodedata.category(letter) in _NO_LETTERS for letter in str(out)):
        raise OutputError("limits.folder_name", folder=visible(str(out)))
    if cache_folder is not None:
        cache = Path(os.path.realpath(cache_folder))
        if out.is_relative_to(cache) or cache.is_relative_to(out):
            raise OutputError("limits.cache_and_output", cache=cache_folder, out=out_folder)
    memory, room = drawing_bytes(study, tables), available_bytes()
    if memory > room:
        raise OutputError("limits.drawing", **_gigabytes(memory, room))
    needed = written_bytes(study, tables)
    above = next((folder for folder in (out, *out.parents) if folder.is_dir()), None)
    try:
        free = None if above is None else shutil.disk_usage(above).free
    except OSError:  # a file system that does not tell
        return
    if free is not None and needed > free:
        raise OutputError("limits.disk", folder=out_folder, **_gigabytes(needed, free))


def written_bytes(study: Study, tables: Mapping[str, gpd.GeoDataFrame]) -> float:
    """Return about how large the output folder becomes."""
    files = {
        study.path(one)
        for given in study.inputs.tables.values()
        for one in given
        if not one.is_database
    }
    # A FileGDB is a folder.
    parts = [part for path in files for part in (path.iterdir() if path.is_dir() else (path,))]
    given = sum(part.stat().st_size for part in parts)
    rasters = len(study.services) * _near_px(study, tables) if _predicts(study, tables) else 0.0
    return WRITTEN_BASE_BYTES + WRITTEN_PER_INPUT_BYTE * given + WRITTEN_PX_SERVICE_BYTES * rasters


def _predicts(study: Study, tables: Collection[str]) -> bool:
    return bool(
        study.radio
        and study.services
        and study.inputs.terrain
        and {"cells", "communes"} <= set(tables)
    )


def _signal_bytes(study: Study, tables: Mapping[str, gpd.GeoDataFrame], threads: int) -> float:
    """Return what predicting takes by the grid: its most hungry step counts."""
    if study.radio is None or not _predicts(study, tables):
        return 0.0
    reach_m, services = study.radio.radius_km * 1000, len(study.services)
    wide_px = _wide_px(study, tables)
    threads = min(threads, max(tables["cells"]["site_id"].nunique(), 1))
    side_px = 2 * reach_m / study.resolution_m
    window_px = min(max(side_px, min(2 * side_px, WIDEST_PX)) ** 2, wide_px)
    near_px = _near_px(study, tables)
    near = _held_bytes(study, tables)
    window = (
        window_px * WINDOW_PX_BYTES + min(window_px, near_px) * services * WINDOW_PX_SERVICE_BYTES
    )
    unit_draws = min(len(tables["communes"]), UNITS_AT_A_TIME) * study.uncertainty.draws
    cells = _lattice_cells(study, tables)
    batch = min(cells, WIDEST_TILE**2) * VERDICT_CELL_BYTES
    batch += min(cells * VERDICT_BATCH_CELL_BYTES, VERDICT_BATCH_BYTES)
    return max(
        near + threads * batch + cells * VERDICT_LATTICE_BYTES + unit_draws * VERDICT_UNIT_BYTES,
        near + threads * window,
    )


def _lattice_cells(study: Study, tables: Mapping[str, gpd.GeoDataFrame]) -> float:
    """Return the cells of the lattice that verdicts are drawn on, at most."""
    return _near_px(study, tables) / Lattice.over((1, 1), study.resolution_m).step_px ** 2


def _held_bytes(study: Study, tables: Mapping[str, gpd.GeoDataFrame]) -> float:
    """Return what goes with the area in memory, beside windows and blocks."""
    return NEAR_PX_BYTES * _near_px(study, tables) if _predicts(study, tables) else 0.0


def _native_px(study: Study, tables: Mapping[str, gpd.GeoDataFrame]) -> float:
    """Return the pixels of the elevation at its own resolution."""
    if study.radio is None or not _predicts(study, tables):
        return 0.0
    reach_m = study.radio.radius_km * 1000
    west, south, east, north = tables["communes"].total_bounds
    wide = (west - reach_m, south - reach_m, east + reach_m, north + reach_m)
    files = [RasterFile.of(study, source) for source in study.inputs.terrain or ()]
    try:
        return native_px(
            [file.path for file in files],
            Grid.covering(wide, resolution_m=study.resolution_m, crs=study.crs),
            shown=[file.shown for file in files],
        )
    except PhusongError:  # told when the files are read
        return 0.0


def _wide_px(study: Study, tables: Mapping[str, gpd.GeoDataFrame]) -> float:
    """Return the pixels of the communes widened by the radius."""
    assert study.radio is not None, "asked of studies that predict signal alone"
    return _px(tables["communes"].total_bounds, study.radio.radius_km * 1000, study)


def _near_px(study: Study, tables: Mapping[str, gpd.GeoDataFrame]) -> float:
    return _px(tables["communes"].total_bounds, 0.0, study)


def _fibre_px(study: Study, tables: Mapping[str, gpd.GeoDataFrame]) -> float:
    """Return the pixels of the ground below communes and fibre; 0 where none is read."""
    settings = study.fibre
    if settings is None or settings.snap_tolerance_m is None or not study.inputs.terrain:
        return 0.0
    if "spans" not in tables:
        return 0.0
    boxes = [tables[name].total_bounds for name in ("communes", "spans") if name in tables]
    corners = np.array(boxes)
    return _px((*corners[:, :2].min(axis=0), *corners[:, 2:].max(axis=0)), 0.0, study)


def _px(bounds: Bounds, margin_m: float, study: Study) -> float:
    west, south, east, north = bounds
    columns = (east - west + 2 * margin_m) / study.resolution_m
    return float(columns * (north - south + 2 * margin_m) / study.resolution_m)


def _fitting_resolution_m(study: Study, room: float, needed: Callable[[Study], float]) -> str:
    """Return the pixel, in steps of 5 m, with which a study would fit; a dash if none does."""
    coarser = range(5 * math.ceil(study.resolution_m / 5), COARSEST_M + 1, 5)
    fits = (
        f"{each:d}"
        for each in coarser
        if needed(study.model_copy(update={"resolution_m": float(each)})) <= room
    )
    return next(fits, "–")


def _gigabytes(needed: float, available: float) -> dict[str, float]:
    """Return both in whole tenths, so that the two never read as equal."""
    return {
        "needed": math.ceil(needed / 1e8) / 10,
        "available": math.floor(available / 1e8) / 10,
    }


def _farthest_commune(communes: gpd.GeoDataFrame) -> dict[str, object]:
    """Return the commune farthest from the middle of all: a stray one makes a grid large."""
    centres = shapely.centroid(communes.geometry.to_numpy())
    x, y = shapely.get_x(centres), shapely.get_y(centres)
    away = np.hypot(x - np.median(x), y - np.median(y))
    row = int(np.argmax(away))
    return {
        "commune": str(communes["commune_code"].iloc[row]),
        "kilometres": round(away[row] / 1000),
    }


def _far_span(
    study: Study, tables: Mapping[str, gpd.GeoDataFrame], needed: float, room: float
) -> Problem:
    """Name the vertex of the fibre that lies farthest from the communes."""
    spans = tables["spans"]
    places, of_span = shapely.get_coordinates(spans.geometry.to_numpy(), return_index=True)
    x, y = places.T
    west, south, east, north = (
        tables["communes"].total_bounds
        if "communes" in tables
        else (np.median(x), np.median(y), np.median(x), np.median(y))
    )
    away = np.hypot(
        np.maximum(np.maximum(west - x, x - east), 0),
        np.maximum(np.maximum(south - y, y - north), 0),
    )
    at = int(np.argmax(away))
    to_degrees = operation(study.crs, WGS84)
    place = (x[at], y[at]) if to_degrees is None else to_degrees.transform(x[at], y[at])
    return Problem(
        message="limits.fibre_too_wide",
        file=str(spans.attrs.get("file", "spans")),
        column="id",
        value=spans["id"].iloc[of_span[at]],
        values={
            "place": f"({place[0]:.6f}, {place[1]:.6f})",
            "kilometres": round(away[at] / 1000),
            **_gigabytes(needed, room),
        },
    )
