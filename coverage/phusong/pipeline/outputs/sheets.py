"""A sheet of paper from a finished output folder: read and drawn, nothing is computed again.

The folder's tables and rasters are the figures. What a run leaves in the study, such as
terrain and roads, is taken from there as long as it is what the run read.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from pyproj import CRS
from rasterio.windows import Window

from ..._text import visible
from ...egov import RuleTable
from ...errors import InputError, Problem
from ...export import (
    MANIFEST,
    Finished,
    Layer,
    open_finished,
    output_file,
    read_guarded,
    table_file,
    understood,
)
from ...export.manifest import is_unchanged
from ...grid import Grid
from ...i18n import Bilingual, Language, both, text
from ...maps import (
    MapData,
    Orientation,
    Paper,
    Theme,
    check_paper_file,
    open_theme,
    render_paper,
    write_paper,
)
from ...maps.payload import raster_needs
from ...study import Input, Study
from ...study._checks import misplaced
from ...terrain import hillshade
from ...terrain.rasters import open_raster
from ..gathered import DTYPES, errors_notice
from ..load import read_input
from ..parts.coverage.ground import GroundFiles, read_terrain
from ..parts.coverage.signal import cut
from ..parts.egov.inputs import rules_of
from ..records import Note, ServiceRasters
from .maps import CONTEXT, cut_context, words_of

SERVERS = "rasters/best_server.csv"


@dataclass(frozen=True, kw_only=True)
class PrintedSheet:
    """A sheet that was written, and what its reader must know.

    Parameters
    ----------
    path : Path
        The file.
    notes : tuple of Note
        What is not on it because the study's files are not there or were changed.
    sample_notice : Bilingual, optional
        That the data are invented.
    """

    path: Path
    notes: tuple[Note, ...]
    sample_notice: Bilingual | None


def print_results(  # noqa: PLR0913 - the choices of `Result.paper`
    out: Path | str,
    theme: str,
    path: Path | str,
    *,
    study_folder: Path | str | None = None,
    paper: Paper = "A4",
    orientation: Orientation | None = None,
    lang: Language = "vi",
    service: str | None = None,
    replace: bool = False,
) -> PrintedSheet:
    """Draw a map of a finished output folder on a sheet of paper, without computing again.

    It shows what the sheet of the run shows. Coordinates and shares have the six decimals
    of the folder's files; a column without a value counts as one that was not computed.

    Parameters
    ----------
    out : path
        What ``phusong run --out`` wrote, unaltered.
    theme : str
        Name of a shipped theme or of one of the study's, or the path of one.
    path : path
        File to write: PDF, PNG or SVG.
    study_folder : path, optional
        The study that the folder was made from. Its terrain, roads, rivers, places, themes
        and table of rules are used where the manifest's digests say that they are unchanged.
    paper, orientation, lang, service, replace
        As for `Result.paper`.

    Returns
    -------
    PrintedSheet

    Raises
    ------
    InputError
        If `out` is no output folder of this version, was altered, or does not fit
        together; or if the theme cannot be used.
    NothingToDrawError
        If the folder has none of the tables that the theme shows.
    UnknownServiceError
        If the folder has no such service.
    OutputError
        If the ending is unknown, or the file exists, lies in a folder that phusong wrote,
        or cannot be written.

    Examples
    --------
    ``print_results("ket-qua", "gaps", "gaps.pdf")`` after a run; without one:

    >>> from phusong.errors import InputError
    >>> try:
    ...     print_results("no/such/folder", "gaps", "gaps.pdf")
    ... except InputError as fault:
    ...     print(fault.problems[0].render("en"))
    folder/manifest.json: this is no output folder of phusong run. Name the folder that ...
    """
    check_paper_file(Path(path))
    folder = Path(out)
    finished = open_finished(folder)
    with understood(MANIFEST):
        study = study_of(finished, Path(folder if study_folder is None else study_folder))
    return print_finished(
        FinishedMaps(finished, study, None if study_folder is None else Path(study_folder)),
        theme,
        Path(path),
        paper=paper,
        orientation=orientation,
        lang=lang,
        service=service,
        replace=replace,
    )


def print_finished(  # noqa: PLR0913 - the choices of `Result.paper`
    read: "FinishedMaps",
    theme: str,
    path: Path,
    *,
    paper: Paper,
    orientation: Orientation | None,
    lang: Language,
    service: str | None,
    replace: bool,
) -> PrintedSheet:
    """Draw a map of an opened folder on a sheet of paper."""
    check_paper_file(path)
    drawn, layers = read.layers(read.theme(theme), service)
    sheet = render_paper(
        drawn, layers, lang=lang, paper=paper, orientation=orientation, service=service
    )
    with output_file(path, replace=replace) as fresh:
        write_paper(sheet, fresh)
    return PrintedSheet(path=path, notes=read.notes(), sample_notice=read.study.sample_notice)


def study_of(finished: Finished, folder: Path) -> Study:
    """Return the study of a manifest's settings; no file of it is looked for.

    Raises
    ------
    InputError
        If the folder is an edition for an audience, which does not tell all settings.
    ValueError, LookupError, TypeError
        If they are none that a run wrote.
    """
    if "audience" in finished.parameters and "inputs" not in finished.parameters:
        raise InputError([Problem(message="editions.not_whole", file=finished.folder.name)])
    settings = {
        name: value for name, value in finished.parameters.items() if name in Study.model_fields
    }
    if settings["inputs"]["delta_n_map"] is not None:
        # The manifest has every value, also those that a study with a map must not state.
        kept = settings["radio"].items()
        settings["radio"] = {n: value for n, value in kept if n not in ("delta_n_per_km", "n0")}
    # JSON has no dates: they are read from text, which a study.toml may not give instead.
    return Study.model_validate({**settings, "folder": folder}, strict=False)


class FinishedMaps:
    """What the maps of a finished folder are drawn from, read as far as a theme needs it.

    Parameters
    ----------
    finished : Finished
    study : Study
        As its manifest tells it.
    home : Path, optional
        Where the study's files lie.
    """

    def __init__(self, finished: Finished, study: Study, home: Path | None) -> None:
        self._finished, self.study, self._home = finished, study, home
        self._services = tuple(
            one.id for one in study.services if f"margin_db_{one.id}" in finished.rasters
        )
        self._lost: dict[str, tuple[str, ...]] = {}

    def theme(self, name: str) -> Theme:
        """Return a theme; the study's own only as it was at the run."""
        file = f"maps/{name}.toml"
        if all(one.path != file for one in self._finished.inputs):
            return open_theme(name)
        if self._home is None or not self._unchanged(file):
            raise InputError([Problem(message="paper.own_theme", file=file)])
        return open_theme(self._home / file)

    def layers(self, theme: Theme, service: str | None) -> tuple[Theme, MapData]:
        """Return the theme without what is not there, and what it is drawn from."""
        shown = {one.table for one in theme.layers if one.shown}
        context = self._context([name for name in CONTEXT if name in shown])
        terrain = None if theme.relief is None else self._terrain()
        rules = self._rules(theme)
        theme = theme.model_copy(
            update={"layers": tuple(one for one in theme.layers if one.table not in self._lost)}
        )
        rasters = {one for raster in theme.rasters if raster.shown for one in raster_needs(raster)}
        said = words_of(self.study, services=self._services, caveat=self._caveat(), rules=rules)
        return theme, replace(
            said,
            tables={**self._tables, **cut_context(context, self._extent)},
            rasters=self._rasters(rasters, service),
            cells=self._cells() if rasters else None,
            hillshade=None if terrain is None else hillshade(terrain),
            terrain=terrain,
        )

    def everything(self, theme: Theme | None = None) -> MapData:
        """Return what pages are drawn from: every table, the signal of every service, relief."""
        context, terrain = self._context(CONTEXT), self._terrain()
        names = [field.name for field in fields(ServiceRasters)]
        return replace(
            words_of(
                self.study,
                services=self._services,
                caveat=self._caveat(),
                rules=None if theme is None else self._rules(theme),
            ),
            tables={**self._tables, **cut_context(context, self._extent)},
            rasters={
                name: {one: self.raster(f"{name}_{one}") for one in self._services}
                for name in names
            },
            cells=self._placed(self._cells()),
            hillshade=None if terrain is None else hillshade(terrain),
            terrain=terrain,
        )

    @property
    def signal(self) -> tuple[Grid, gpd.GeoDataFrame] | None:
        """The grid of the rasters and the cells that those of servers name; None without coverage.

        Cells are where their stations stand and know their site, but no azimuth.
        """
        grid, cells = self._extent, self._placed(self._cells())
        return None if grid is None or cells is None else (grid, cells)

    def _placed(self, cells: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame | None:
        """Return cells where their stations stand; without an azimuth, which no file has."""
        if cells is None:
            return None
        with understood("geojson/stations.geojson"):
            known = self._tables["stations"].set_index("station_id")
            stations = known.loc[cells["station_id"]]
            names = [name for name in ("site_id", "site_name") if name in known]
            sites = {name: stations[name].to_numpy() for name in names}
            places = gpd.GeoSeries(stations.geometry.to_numpy(), crs=known.crs)
            return cells.assign(**sites).set_geometry(places)

    def notes(self) -> tuple[Note, ...]:
        """Tell which files of the study the sheet is drawn without."""
        if not self._lost:
            return ()
        layers = both(lambda lang: ", ".join(text(f"study.layer_{n}", lang) for n in self._lost))
        if self._home is None:
            return (Note("paper.without_study", {"layers": layers}),)
        files = ", ".join(file for names in self._lost.values() for file in names)
        return (Note("paper.without_files", {"layers": layers, "files": visible(files)}),)

    @cached_property
    def _read(self) -> dict[str, Layer]:
        return {
            name: self._finished.layer(name)
            for name, table in self._finished.tables.items()
            if table.geometry is not None
        }

    @cached_property
    def _tables(self) -> dict[str, gpd.GeoDataFrame]:
        """The folder's tables in the study's CRS."""
        tables = {}
        for name, layer in self._read.items():
            with understood(table_file(layer.table)):
                tables[name] = frame_of(layer, self.study.crs)
        return tables

    def _caveat(self) -> Bilingual | None:
        """Return what stood beside every share of residents, as the tables tell it."""
        sample = self.study.sample_notice
        notice = next((one.notice for one in self._read.values() if one.notice is not None), None)
        if notice is None:
            return None
        start, end = sample or Bilingual("", ""), errors_notice(self.study)
        told = both(
            lambda lang: notice[lang].removeprefix(start[lang]).removesuffix(end[lang]).strip()
        )
        return told if told.vi else None

    def _rules(self, theme: Theme) -> RuleTable | None:
        """Return the rules that offices were judged by, if the theme is painted by levels."""
        egov = self.study.egov
        painted = {one.paint.field for one in theme.layers if one.shown and one.paint}
        if egov is None or "readiness" not in self._finished.tables:
            return None
        if "readiness_level" not in painted:
            return None
        if egov.rules is not None or egov.prerequisites is not None:
            return rules_of(egov, None)
        table = self._input("readiness_rules")
        return None if table is None else rules_of(egov, table)

    def _rasters(
        self, quantities: Iterable[str], service: str | None
    ) -> dict[str, dict[str, xr.DataArray]]:
        """Return rasters of the service shown by quantity."""
        if service is None:
            service = next(iter(self._services), None)
        if service not in self._services:
            return {}
        return {name: {service: self.raster(f"{name}_{service}")} for name in sorted(quantities)}

    def raster(
        self, name: str, bounds: tuple[float, float, float, float] | None = None
    ) -> xr.DataArray:
        """Return a raster of the folder, which lies on the study's grid over its communes.

        Raises
        ------
        KeyError
            If there is no such raster.
        ValueError
            If the bounds lie outside it.
        InputError
            If its file does not fit the folder.
        """
        file, path = f"rasters/{name}.tif", self._finished.rasters[name]
        with understood(file):
            grid = self._grid(name)
        rows, columns = (
            (slice(0, grid.height), slice(0, grid.width)) if bounds is None else grid.window(bounds)
        )
        with understood(file), open_raster(path, file) as dataset:
            values = dataset.read(1, window=Window.from_slices(rows, columns))
            return grid.part(rows, columns).wrap(values, name)

    def _grid(self, name: str) -> Grid:
        """Return the grid of a raster; its size is held against the communes before it is read.

        Raises
        ------
        ValueError
            If it is not the one of the study.
        """
        study, file = self.study, f"rasters/{name}.tif"
        near = Grid.covering(
            self._tables["communes"].total_bounds, resolution_m=study.resolution_m, crs=study.crs
        )
        with open_raster(self._finished.rasters[name], file) as dataset:
            place, code = dataset.transform, dataset.crs
            grid = Grid(study.crs, place.a, place.c, place.f, dataset.width, dataset.height)
        # Corners in the folder are rounded to 0.1 m: an edge may move over one pixel.
        away = np.abs(np.subtract(grid.bounds, near.bounds)).max()
        if CRS.from_user_input(code) != CRS.from_user_input(study.crs) or (
            away > 1.5 * study.resolution_m or grid.resolution_m != study.resolution_m
        ):
            raise ValueError(f"{file}: {grid} is not {near}")
        return grid

    @cached_property
    def _extent(self) -> Grid | None:
        """The grid of the signal; None without coverage."""
        if not self._services:
            return None
        name = f"margin_db_{self._services[0]}"
        with understood(f"rasters/{name}.tif"):
            return self._grid(name)

    def _cells(self) -> gpd.GeoDataFrame | None:
        """Return the cells that the rasters of best servers name, in their order."""
        if not self._services:
            return None
        with understood(SERVERS):
            rows = read_guarded(self._finished.folder / SERVERS)
            wanted = ["cell_id", "station_id", "operator", "technology"]
            if rows["best_server"].tolist() != [str(row) for row in range(len(rows))]:
                raise ValueError("rows are missing")
            return gpd.GeoDataFrame(rows[wanted])

    def _context(self, names: Iterable[str]) -> dict[str, gpd.GeoDataFrame]:
        found = {name: self._input(name) for name in names}
        return {name: table for name, table in found.items() if table is not None}

    def _input(self, name: str) -> gpd.GeoDataFrame | None:
        """Return a table of the study; None if it has none, or its file is not the run's."""
        sources = self.study.inputs.tables.get(name)
        if sources is None or not self._available(name, sources):
            return None
        return read_input(self.study, name).table

    def _terrain(self) -> xr.DataArray | None:
        """Return the ground on the grid of the signal, read as the run did."""
        grid, sources = self._extent, self.study.inputs.terrain or ()
        if grid is None or not self._available("terrain", sources):
            return None
        files = GroundFiles.of(self.study)
        return cut(read_terrain(files, self._tables["communes"]).height_m, grid)

    def _available(self, name: str, sources: Sequence[Input]) -> bool:
        """Tell whether all files of an input are the run's; remember those that are not."""
        lost = [one.path for one in sources if not self._unchanged(one.path)]
        if lost:
            self._lost[name] = tuple(lost)
        return not lost

    def _unchanged(self, file: str) -> bool:
        """Tell whether a file lies within the study's folder and is the one that the run read."""
        if self._home is None or misplaced(self._home, [("file", file)]):
            return False
        return is_unchanged(self._finished.inputs, file, self._home / file)


def frame_of(layer: Layer, crs: str, columns: Collection[str] | None = None) -> pd.DataFrame:
    """Return a layer as the table it was written from, a GeoDataFrame if it has places.

    It has the `columns` named; else those that have a value, all if there is no row.
    """
    rows = list(layer.rows)
    found = {}
    for field in layer.table.fields:
        values = [row[field.name] for row in rows]
        kept = not rows or any(value is not None for value in values)
        if kept if columns is None else field.name in columns:
            found[field.name] = pd.Series(values, dtype=DTYPES[field.kind])
    if layer.shapes is None:
        return pd.DataFrame(found)
    placed = gpd.GeoDataFrame(found, geometry=layer.shapes, crs="EPSG:4326")
    moved: pd.DataFrame = placed.to_crs(crs)
    return moved
