"""Plain records that every folder of the pipeline may hold; knows no engine and draws nothing."""

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import xarray as xr

from ..compute import Cluster
from ..errors import Problem
from ..i18n import Language, text
from ..study import Input, Study
from .progress import Progress, default_progress


@dataclass(frozen=True)
class Note:
    """Something the reader of a result must know: what was left out, spread or filled.

    Parameters
    ----------
    message : str
        Key of the words in `phusong.i18n`.
    values : mapping
        What their placeholders stand for.
    problem : Problem, optional
        The row that it is about; its own words are shown instead.
    by_choice : bool
        It follows from what the study leaves out; there is nothing to mend.
    """

    message: str
    values: Mapping[str, Any]
    problem: Problem | None = None
    by_choice: bool = False

    def render(self, lang: Language) -> str:
        """Return the note in one language, with its place if it is about a row.

        Parameters
        ----------
        lang : {"vi", "en"}

        Returns
        -------
        str

        Examples
        --------
        >>> Note("pipeline.no_coverage", {}).render("en")[:25]
        'Coverage is not computed:'
        """
        if self.problem is not None:
            return self.problem.render(lang)
        return text(self.message, lang, **self.values)


@dataclass(frozen=True)
class RasterFile:
    """A raster of a study: where it lies, and its name in messages."""

    path: Path
    shown: str

    @classmethod
    def of(cls, study: Study, source: Input) -> "RasterFile":
        """Return the file that a study's input names."""
        return cls(study.path(source), source.path)


@dataclass(frozen=True, kw_only=True)
class Resources:
    """What a run may use, and what is wanted of it; its tables do not depend on it.

    Parameters
    ----------
    threads : int
        Stations predicted at a time.
    cache_folder : path, optional
        Where computed losses are kept.
    on_progress : callable
        See `Progress`.
    wanted : frozenset of str
        What later parts want of earlier ones beyond their tables: `Part.wants` of them all.
    cluster : Cluster, optional
        Processes that predict the stations instead of threads.
    """

    threads: int
    cache_folder: Path | None
    on_progress: Progress
    wanted: frozenset[str] = frozenset()
    cluster: Cluster | None = None

    @classmethod
    def of(
        cls,
        threads: int | None,
        cache_folder: Path | str | None,
        on_progress: Progress | None,
        cluster: Cluster | None = None,
    ) -> "Resources":
        """Return what is asked for; all cores and a notebook's bars where nothing is."""
        return cls(
            threads=threads or os.cpu_count() or 1,
            cache_folder=None if cache_folder is None else Path(cache_folder),
            on_progress=on_progress or default_progress(),
            cluster=cluster,
        )


@dataclass(frozen=True, kw_only=True)
class ServiceRasters:
    """Signal of one service on the study's grid, cut to the communes.

    Parameters
    ----------
    margin_db : DataArray of float32, shape (y, x)
        Best server's level above threshold and allowances; NaN where no cell reaches.
    level_dbm : DataArray of float32, shape (y, x)
        Level of that server.
    best_server : DataArray of int32, shape (y, x)
        Its row position in `Result.cells`; -1 for none.
    second_margin_db : DataArray of float32, shape (y, x)
        Largest margin of another station, the fallback; NaN where none reaches.
    second_server : DataArray of int32, shape (y, x)
        Best cell of that station, as a row position in `Result.cells`; -1 for none.
    servers : DataArray of uint16, shape (y, x)
        Number of stations with a margin of at least 0.
    obstacle_distance_m : DataArray of float32, shape (y, x)
        Back to the terrain point that hides the best server most; NaN in sight.
    obstacle_ground_m : DataArray of float32, shape (y, x)
        Ground of that point above sea level.
    """

    margin_db: xr.DataArray
    level_dbm: xr.DataArray
    best_server: xr.DataArray
    second_margin_db: xr.DataArray
    second_server: xr.DataArray
    servers: xr.DataArray
    obstacle_distance_m: xr.DataArray
    obstacle_ground_m: xr.DataArray


@dataclass(frozen=True, kw_only=True)
class RasterKind:
    """How rasters of one quantity are written; their words are ``pipeline.raster_<name>``.

    Parameters
    ----------
    name : str
        The quantity, with its unit; files are called ``<name>_<service>.tif``.
    unit : str
    overviews : {"AVERAGE", "NEAREST"}
        How pixels are drawn together for a smaller picture.
    nodata : float
        Value of a pixel that has none.
    classes : {"margin_db", "level_dbm"}, optional
        Colour classes it is shown in.
    class_file : str
        Name of a second raster that holds the number of the class of each
        pixel; none if empty.
    """

    name: str
    unit: str = ""
    overviews: Literal["AVERAGE", "NEAREST"]
    nodata: float = math.nan
    classes: Literal["margin_db", "level_dbm"] | None = None
    class_file: str = ""


@dataclass(frozen=True, kw_only=True)
class Raster:
    """One raster of a result: what it shows, of which service, and its values."""

    kind: RasterKind
    service: str
    values: xr.DataArray

    @property
    def name(self) -> str:
        """Name of its file without the suffix."""
        return f"{self.kind.name}_{self.service}"
