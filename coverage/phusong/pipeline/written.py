"""A written output folder opened again: every table of its run, and nothing is computed."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import folium
import geopandas as gpd
import pandas as pd
import xarray as xr

from .._version import program_of
from ..errors import NeedsRunError, PathError
from ..export import MANIFEST, Finished, open_finished, read_guarded, table_file, understood
from ..i18n import Bilingual, Language
from ..maps import Orientation, Paper, build_map
from ..study import Study
from ..tables import RESULT_TABLES, Table
from .outputs.comparison import Comparison, compare_results
from .outputs.explain import Explanation, explain_commune
from .outputs.presented import Presented, files_table
from .outputs.recast_folder import Given, Outlines, Recast, recast_finished
from .outputs.record import Record, read_record
from .outputs.sheets import (
    FinishedMaps,
    PrintedSheet,
    frame_of,
    print_finished,
    study_of,
)
from .questions.place import signal_at
from .records import Note
from .result import Result


@dataclass(frozen=True, repr=False, eq=False)
class WrittenResult(Presented):
    """An output folder opened again; from `open_result`.

    Its tables, board, words and notes are those of the run, numbers and coordinates with the
    six decimals of the files. What needs the signal of each cell, such as ``profile``, is refused.

    Parameters
    ----------
    finished : Finished
        The folder.
    given : Study
        As its manifest tells it.
    home : Path, optional
        Where the study's files lie.

    Examples
    --------
    >>> import tempfile
    >>> import phusong
    >>> study = phusong.open_study(phusong.sample_folder())
    >>> coarse = study.replace({"radio.radius_km": 2}, resolution_m=1000)
    >>> result = phusong.run(coarse, parts=["evidence"])
    >>> with tempfile.TemporaryDirectory() as home:
    ...     _ = result.write(Path(home) / "out")
    ...     again = phusong.open_result(Path(home) / "out")
    ...     again.raster("margin_db_mobile").dims
    ...     len(again.at(104.9811, 22.8233)), len(result.at(104.9811, 22.8233))
    ...     type(again.map("coverage")).__name__
    ...     again.paper("coverage", Path(home) / "A4.pdf").path.name
    ...     again.explain("01108").html() == result.explain("01108").html()
    ...     len(again.recast("2025").communes)
    ...     set(again.compare(result).tables["compared_communes"]["change_mobile"])
    ('y', 'x')
    (4, 4)
    'StudyMap'
    'A4.pdf'
    True
    73
    {'same'}
    """

    finished: Finished
    given: Study
    home: Path | None

    def __getattr__(self, name: str) -> gpd.GeoDataFrame | None:
        """Return a result table by its name."""
        if name not in RESULT_TABLES and not name.startswith("_") and hasattr(Result, name):
            raise NeedsRunError(name, self.finished.folder)
        return super().__getattr__(name)

    @property
    def study(self) -> Study:
        """The study that was run; its files need not be there."""
        return self.given

    @property
    def notes(self) -> tuple[Note, ...]:
        """What was left out, spread or filled, in the words of the run."""
        return self._record.notes

    @cached_property
    def rejected(self) -> Mapping[str, pd.DataFrame]:
        """Input rows that were not used, with their reasons, by table; all values are text."""
        rejected = {}
        for file in sorted(self.finished.files):
            if file.startswith("rejected/"):
                with understood(file):
                    rejected[Path(file).stem] = read_guarded(self.finished.folder / file)
        return rejected

    @property
    def parameters(self) -> Mapping[str, Any]:
        """The study's settings and the parts computed, as the manifest tells them."""
        return self.finished.parameters

    @property
    def files(self) -> pd.DataFrame:
        """The files that the run read: ``file``, ``bytes``, ``sha256``."""
        return files_table(self.finished.inputs)

    @property
    def program(self) -> str:
        """Name, version and, where known, commit of what computed it."""
        versions = self.finished.versions
        return program_of(versions["phusong"], versions.get("phusong (commit)"))

    @property
    def rasters(self) -> tuple[str, ...]:
        """Names of the rasters, such as ``margin_db_mobile``."""
        return tuple(self.finished.rasters)

    def raster(
        self, name: str, bounds: tuple[float, float, float, float] | None = None
    ) -> xr.DataArray:
        """Read a raster of the folder, or the part of it that covers some bounds.

        Parameters
        ----------
        name : str
            One of `rasters`.
        bounds : (float, float, float, float), optional
            West, south, east and north in the study's CRS, metres; all of it if absent.

        Returns
        -------
        DataArray, shape (y, x)
            In the study's CRS; pixels touched by the bounds.

        Raises
        ------
        KeyError
            If there is no such raster.
        ValueError
            If the bounds lie outside it.
        InputError
            If its file does not fit the folder.
        """
        return self._maps.raster(name, bounds)

    def at(self, longitude: float, latitude: float, *, lang: Language = "vi") -> pd.DataFrame:
        """Return what each service is at a place, read from the folder's rasters.

        Parameters
        ----------
        longitude, latitude, lang
            As for `Result.at`.

        Returns
        -------
        DataFrame, one row a service
            As `Result.at`; distances to the decimetre, as stations are written.

        Raises
        ------
        PathError
            As `Result.at`.
        InputError
            If a file does not fit the folder.
        """
        found = self._maps.signal
        if found is None:
            raise PathError("profile.no_coverage")
        grid, cells = found
        return signal_at(self.study, grid, cells, (longitude, latitude), self.raster, lang)

    def map(self, theme: str = "overview") -> folium.Map:
        """Draw a map of the folder, as `Result.map` does.

        Relief, roads, rivers and places are drawn as far as the study's files are there.

        Parameters
        ----------
        theme : str
            Name of a shipped theme or of one of the study's, or the path of one.

        Returns
        -------
        folium.Map

        Raises
        ------
        InputError
            If the theme cannot be used.
        NothingToDrawError
            If the folder has none of the tables that the theme draws.
        """
        drawn = self._maps.theme(theme)
        return build_map(drawn, self._maps.everything(drawn))

    def compare(self, other: Presented) -> Comparison:
        """Compare with a later result; see `phusong.compare`.

        Parameters
        ----------
        other : Result or WrittenResult
            The later one.

        Returns
        -------
        Comparison

        Raises
        ------
        CompareError
            As `phusong.compare`.
        """
        return compare_results(self, other)

    def explain(self, commune: str, service: str | None = None) -> Explanation:
        """Trace the figure of a commune back to pixels, villages, stations and files.

        Parameters
        ----------
        commune : str
            Its code, or its name if no other commune has it.
        service : str, optional
            Id of the service; the study's first if absent.

        Returns
        -------
        Explanation
            Its tables as DataFrames; ``write(path)`` makes the page. What the rows hold adds
            up to the figures of the commune, to the last decimal of the files.

        Raises
        ------
        ExplainError
            If there is no such commune or service, or the result has no evidence: it was
            computed without coverage, or without the part ``evidence``.
        """
        return explain_commune(self, commune, service)

    def paper(
        self,
        theme: str,
        path: Path | str,
        *,
        paper: Paper = "A4",
        orientation: Orientation | None = None,
        lang: Language = "vi",
        service: str | None = None,
        replace: bool = False,
    ) -> PrintedSheet:
        """Write a map of the folder as a sheet of paper; see `phusong.print_results`.

        Parameters
        ----------
        theme, path, paper, orientation, lang, service, replace
            As for `Result.paper`.

        Returns
        -------
        PrintedSheet

        Raises
        ------
        InputError, NothingToDrawError, UnknownServiceError, OutputError
            As `phusong.print_results`.
        """
        return print_finished(
            self._maps,
            theme,
            Path(path),
            paper=paper,
            orientation=orientation,
            lang=lang,
            service=service,
            replace=replace,
        )

    def recast(
        self, edition: str, *, crosswalk: Given = None, boundaries: Outlines = None
    ) -> Recast:
        """Carry the tables to another administrative edition; see `phusong.recast_results`.

        Parameters
        ----------
        edition, crosswalk, boundaries
            As for `Result.recast`.

        Returns
        -------
        Recast

        Raises
        ------
        EditionError, InputError
            As `Result.recast`.
        """
        return recast_finished(
            self.finished,
            self.study,
            self.home,
            edition,
            crosswalk=crosswalk,
            boundaries=boundaries,
        )

    @cached_property
    def _frames(self) -> Mapping[str, pd.DataFrame]:
        return _Read(self._definitions, self._frame)

    def _frame(self, name: str) -> pd.DataFrame:
        layer = self.finished.layer(name)
        with understood(table_file(layer.table)):
            frame = frame_of(layer, self.study.crs, self._record.columns[name])
            return self._record.restored(name, frame)

    def _notice(self, name: str) -> Bilingual | None:
        return self.finished.layer(name).notice

    @property
    def _definitions(self) -> Mapping[str, Table]:
        known = self.finished.tables
        return {name: known[name] for name in RESULT_TABLES if name in known}

    @cached_property
    def _record(self) -> Record:
        return read_record(self.finished)

    @cached_property
    def _maps(self) -> FinishedMaps:
        return FinishedMaps(self.finished, self.study, self.home)


class _Read(Mapping[str, pd.DataFrame]):
    """The tables of a folder, each read when it is first asked for."""

    def __init__(self, names: Iterable[str], read: Callable[[str], pd.DataFrame]) -> None:
        self._names, self._read, self._kept = tuple(names), read, dict[str, pd.DataFrame]()

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self._names:
            raise KeyError(name)
        if name not in self._kept:
            self._kept[name] = self._read(name)
        return self._kept[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def open_result(folder: Path | str, *, study_folder: Path | str | None = None) -> WrittenResult:
    """Open a written output folder again, without computing anything.

    Every file is held against the manifest first; a table is read when it is first asked for.

    Parameters
    ----------
    folder : path
        What ``phusong run --out`` or ``phusong recast`` wrote, unaltered.
    study_folder : path, optional
        The study that the folder was made from; its relief, roads and rivers are drawn on
        maps where the manifest's digests say that they are unchanged.

    Returns
    -------
    WrittenResult
        Its tables have the columns, types, CRS and order of the run.

    Raises
    ------
    InputError
        If `folder` is no output folder of this version, or was altered.

    Examples
    --------
    >>> import tempfile
    >>> import phusong
    >>> result = phusong.run(phusong.open_study(phusong.sample_folder()), parts=["territory"])
    >>> with tempfile.TemporaryDirectory() as home:
    ...     _ = result.write(Path(home) / "out")
    ...     again = open_result(Path(home) / "out")
    ...     len(again.communes), again.communes.crs == result.communes.crs
    (195, True)
    """
    finished = open_finished(Path(folder))
    home = None if study_folder is None else Path(study_folder)
    with understood(MANIFEST):
        study = study_of(finished, finished.folder if home is None else home)
    return WrittenResult(finished=finished, given=study, home=home)
