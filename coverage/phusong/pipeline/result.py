"""What a run returns: finished tables and rasters, a map, and a folder of files."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import folium
import geopandas as gpd
import pandas as pd
import xarray as xr

from .._memory import without_collection
from .._version import program
from ..egov import RuleTable
from ..errors import NeedsRunError, PathError, WrongKindError
from ..export import input_digests
from ..grid import grid_of
from ..i18n import Bilingual, Language
from ..maps import ExploreMap, Orientation, Paper
from ..siting import Search
from ..study import Study
from ..tables import Table
from .explored import explored, write_explored
from .gathered import Gathered
from .outputs.comparison import Comparison, compare_results
from .outputs.explain import Explanation, explain_commune
from .outputs.folder import parameters_of, write_result
from .outputs.given import inputs_of
from .outputs.maps import context_of, draw, print_map
from .outputs.presented import Presented, files_table
from .outputs.recast_folder import Recast, recast_gathered
from .parts import PARTS
from .parts.coverage import COVERAGE
from .parts.egov import EGOV
from .parts.territory import TERRITORY
from .progress import Progress, default_progress
from .questions.mast import NewMast, new_mast
from .questions.place import signal_at
from .questions.profile import PathProfile, inspect
from .questions.site_aims import SiteAim
from .questions.site_asked import asked_of
from .questions.site_backhaul import BackhaulRules
from .questions.site_files import Grounds
from .questions.site_spacing import MastSpacing
from .questions.site_works import SitePrices
from .questions.siting import SEARCH, plan_of_sites
from .questions.survey import SurveyPlan, plan_survey
from .questions.what_if import read_scenario, with_cells
from .records import Note, Resources, ServiceRasters
from .siting_plan import SitingPlan


@dataclass(frozen=True, repr=False, eq=False)
class Result(Presented):
    """One run of a study: its tables by name, its rasters, and what can be made of them.

    Every table of `tables.RESULT_TABLES` is an attribute: ``result.communes``,
    ``result.gaps``. One whose inputs are absent is None. Tables are in the
    study's CRS; their columns are documented in `tables`.

    Parameters
    ----------
    gathered : Gathered
        What was found.

    Examples
    --------
    >>> import phusong
    >>> study = phusong.open_study(phusong.sample_folder())
    >>> result = phusong.run(study, parts=["egov"])
    >>> len(result.readiness), result.gaps is None
    (210, True)
    >>> result.board("en").shape[1]
    6
    >>> type(result.map("readiness")).__mro__[1].__name__
    'Map'
    """

    gathered: Gathered

    @property
    def study(self) -> Study:
        """The study that was run."""
        return self.gathered.study

    @property
    def notes(self) -> tuple[Note, ...]:
        """What was left out, spread or filled."""
        return self.gathered.notes

    @property
    def rejected(self) -> Mapping[str, pd.DataFrame]:
        """Input rows that were not used, with their reasons, by table."""
        return self.gathered.rejected

    @property
    def _frames(self) -> Mapping[str, pd.DataFrame]:
        return self.gathered.tables

    def _notice(self, name: str) -> Bilingual | None:
        return self.gathered.table_notice(self.gathered.definitions[name])

    @property
    def _definitions(self) -> Mapping[str, Table]:
        return self.gathered.definitions

    @property
    def parameters(self) -> Mapping[str, Any]:
        """The study's settings and the parts computed, as the manifest tells them."""
        return parameters_of(self.gathered)

    @property
    def files(self) -> pd.DataFrame:
        """The files it was made from, as they are now: ``file``, ``bytes``, ``sha256``."""
        return files_table(input_digests(inputs_of(self.study)))

    @property
    def program(self) -> str:
        """Name, version and, where known, commit of what computed it."""
        return program()

    @property
    def rasters(self) -> tuple[str, ...]:
        """Names of the rasters, such as ``margin_db_mobile``."""
        return tuple(one.name for one in self.gathered.rasters)

    def raster(
        self, name: str, bounds: tuple[float, float, float, float] | None = None
    ) -> xr.DataArray:
        """Return a raster, or the part of it that covers some bounds.

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

        Examples
        --------
        >>> import phusong
        >>> study = phusong.open_study(phusong.sample_folder())
        >>> coarse = study.replace({"radio.radius_km": 2}, resolution_m=1000)
        >>> result = phusong.run(coarse, parts=["coverage"])
        >>> "margin_db_mobile" in result.rasters
        True
        >>> west, south, east, north = result.communes.total_bounds
        >>> result.raster("margin_db_mobile", (west, south, west + 5000, south + 3000)).shape
        (4, 6)
        """
        values = {one.name: one.values for one in self.gathered.rasters}[name]
        if bounds is None:
            return values
        rows, columns = grid_of(values).window(bounds)
        return values[rows, columns]

    @property
    def inputs(self) -> Mapping[str, gpd.GeoDataFrame]:
        """The checked input tables, in the study's CRS, by name."""
        return self.gathered.loaded.tables

    @property
    def context(self) -> Mapping[str, gpd.GeoDataFrame]:
        """Roads, rivers and places, as far as they are given, by name."""
        return context_of(self.gathered.loaded.tables)

    @property
    def cells(self) -> gpd.GeoDataFrame | None:
        """The cells on air, as `tables.CELLS`; None without coverage."""
        coverage = self.gathered.found.get(COVERAGE)
        return coverage.cells if coverage else None

    @property
    def services(self) -> Mapping[str, ServiceRasters]:
        """The signal of each service, by its id; empty without coverage."""
        coverage = self.gathered.found.get(COVERAGE)
        return coverage.services if coverage else {}

    @property
    def terrain(self) -> xr.DataArray | None:
        """Ground above the sea, metres, on the grid of the signal; None without coverage."""
        coverage = self.gathered.found.get(COVERAGE)
        return coverage.terrain if coverage else None

    @property
    def population(self) -> xr.DataArray | None:
        """Residents a pixel, on the grid of the signal; None without communes."""
        units = self.gathered.found[TERRITORY].units
        return None if units is None else units.residents.raster

    @property
    def rules(self) -> RuleTable | None:
        """The readiness rules that offices were judged by; None without e-government."""
        egov = self.gathered.found.get(EGOV)
        return egov.rules if egov else None

    def map(self, theme: str = "overview") -> folium.Map:
        """Draw a map of the result; shown in a notebook, it needs no internet.

        Parameters
        ----------
        theme : str
            Name of a theme in ``maps/``, or the path of one.

        Returns
        -------
        folium.Map
            Further layers may be added to it; ``save(path)`` writes the page.

        Raises
        ------
        InputError
            If the theme cannot be used.
        NothingToDrawError
            If the result has none of the tables that the theme draws.
        """
        return draw(self.gathered, theme)

    def explore(self, communes: Collection[str] | None = None) -> ExploreMap:
        """Draw a map on which a mast can be placed and dragged: the page predicts its coverage.

        What it tells is what `with_mast` and `phusong.what_if` find, without Python and without a
        network: who is served that was not, which villages, and the shares of their communes.

        Parameters
        ----------
        communes : collection of str, optional
            Codes of the communes around which masts may be placed and changed; the page then
            carries the ground as far as these and their neighbours are heard. The whole
            province if absent.

        Returns
        -------
        ExploreMap
            ``save(path)`` writes the page; shown in a notebook, its ``scenario`` is what somebody
            does there, as cells that `phusong.what_if` takes.

        Raises
        ------
        ExploreError
            If the result has no coverage, was predicted by another model than P.1812 or
            with calibration, there is no such commune, or the page would be larger than 25 MB:
            `write_explore` divides it.
        NothingToDrawError
            If the result has none of the tables that the map draws.

        Examples
        --------
        >>> import phusong
        >>> study = phusong.open_study(phusong.sample_folder())
        >>> coarse = study.replace({"radio.radius_km": 2}, resolution_m=1000)
        >>> result = phusong.run(coarse, parts=["coverage"])
        >>> type(result.explore()).__name__
        'ExploreMap'
        """
        return explored(self.gathered, communes)

    def write_explore(
        self,
        path: Path | str,
        *,
        divided: bool = False,
        replace: bool = False,
        on_progress: Progress | None = None,
    ) -> list[Path]:
        """Write the page of `explore`, or a page for each district where one would be too large.

        Where there are no districts, or one is too large, communes that lie together share one.

        Parameters
        ----------
        path : path
            Of the page; of the page that leads to the others, where there are several:
            ``mast-01.html`` … beside ``mast.html``.
        divided : bool
            Whether there shall be several though one would do.
        replace : bool
            Whether files of these names may be replaced.
        on_progress : callable, optional
            See `Progress`.

        Returns
        -------
        list of Path
            `path`, and the pages it leads to.

        Raises
        ------
        ExploreError
            As of `explore`; of size only where a single commune is too large.
        NothingToDrawError
            If the result has none of the tables that the map draws.
        OutputError
            If a file exists, lies in a folder that phusong wrote, or cannot be written.
        """
        return write_explored(
            self.gathered,
            Path(path),
            divided=divided,
            replace=replace,
            on_progress=on_progress or default_progress(),
        )

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
    ) -> Path:
        """Write a map as a sheet of paper: PDF, PNG (300 dpi) or SVG, by the name's ending.

        Parameters
        ----------
        theme : str
            Name of a theme in ``maps/``, or the path of one; its layers with
            ``shown = true`` are drawn.
        path : path
            File to write.
        paper : {"A4", "A3"}
        orientation : {"portrait", "landscape"}, optional
            The one that draws the study area larger, if absent.
        lang : {"vi", "en"}
        service : str, optional
            Id of the service shown; the study's first if absent.
        replace : bool
            Whether a file of that name may be replaced.

        Returns
        -------
        Path
            The file written.

        Raises
        ------
        InputError
            If the theme cannot be used.
        NothingToDrawError
            If the result has none of the tables that the theme shows.
        UnknownServiceError
            If the study has no such service.
        OutputError
            If the ending is unknown, or the file exists, lies in a folder that
            phusong wrote, or cannot be written.

        Examples
        --------
        >>> import tempfile
        >>> import phusong
        >>> study = phusong.open_study(phusong.sample_folder())
        >>> result = phusong.run(study, parts=["egov"])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     result.paper("readiness", Path(folder) / "map.svg", lang="en").name
        'map.svg'
        """
        return print_map(
            self.gathered,
            theme,
            Path(path),
            paper=paper,
            orientation=orientation,
            lang=lang,
            service=service,
            replace=replace,
        )

    def profile(
        self, cell_id: str | None = None, *, to: tuple[float, float], service: str | None = None
    ) -> PathProfile:
        """Look at the path from a cell to a point; shown in a notebook, it draws itself.

        Without a cell it is the best server: that on air with the largest margin for the
        service, whether it serves the point or not.

        Parameters
        ----------
        cell_id : str, optional
            As in the cells table; the best server at the point if absent.
        to : (float, float)
            Longitude and latitude of the receiver, WGS 84.
        service : str, optional
            Id of the service whose best server is wanted; the study's first if absent.

        Returns
        -------
        PathProfile

        Raises
        ------
        PathError
            If there is no such cell or service, both are given, cell and point have no
            terrain in common, no cell on air reaches the point, or the result has no
            coverage.
        InputError
            If the antenna pattern or the power of the cell cannot be used.
        ModelRangeError
            If the link lies outside the ranges of the propagation model.

        Examples
        --------
        >>> import phusong
        >>> study = phusong.open_study(phusong.sample_folder())
        >>> coarse = study.replace({"radio.radius_km": 2}, resolution_m=1000)
        >>> result = phusong.run(coarse, parts=["coverage"])
        >>> path = result.profile(to=(104.9811, 22.8233))
        >>> float(path.section["distance_m"].iloc[0]), "ground_m" in path.section
        (0.0, True)
        """
        coverage = self.gathered.found.get(COVERAGE)
        if coverage is None:
            raise PathError("profile.no_coverage")
        loaded = self.gathered.loaded
        return inspect(
            self.study,
            loaded.tables["cells"],
            coverage.ground.height_m,
            coverage.ground.native_m,
            coverage.ground.clutter_m,
            coverage.ground.land_cover,
            coverage.ground.refractivity,
            cell_id=cell_id,
            to=to,
            service=service,
            patterns=loaded.patterns,
            calibration=loaded.calibration,
        )

    def at(self, longitude: float, latitude: float, *, lang: Language = "vi") -> pd.DataFrame:
        """Return what each service is at a place: level, margin, best server.

        Parameters
        ----------
        longitude, latitude : float
            WGS 84, degrees.
        lang : {"vi", "en"}
            Of ``name`` and ``verdict``.

        Returns
        -------
        DataFrame, one row a service
            ``service``, ``name``, ``verdict`` in words; ``level_dbm`` of the best server and
            ``margin_db`` above what is needed; its ``cell_id``, ``operator``, ``technology``,
            ``site_name`` and ``distance_km``; ``second_cell_id`` and ``second_margin_db`` of the
            station that is left if the best fails. Where no cell reaches, the verdict says so and
            the rest is empty.

        Raises
        ------
        PathError
            If the result has no coverage, or the place is none or lies outside the map.

        Examples
        --------
        On a coarse grid and near the masts alone, which takes a moment.

        >>> import phusong
        >>> study = phusong.open_study(phusong.sample_folder())
        >>> coarse = study.replace({"radio.radius_km": 2}, resolution_m=1000)
        >>> result = phusong.run(coarse, parts=["coverage"])
        >>> bool(result.at(104.9811, 22.8233).technology.notna().all())
        True
        """
        coverage = self.gathered.found.get(COVERAGE)
        if coverage is None:
            raise PathError("profile.no_coverage")
        return signal_at(
            self.study,
            grid_of(coverage.terrain),
            coverage.cells,
            (longitude, latitude),
            self.raster,
            lang,
        )

    def survey(
        self,
        service: str | None = None,
        *,
        residents: int = 200,
        within_m: float = 1000.0,
        seed: int = 0,
    ) -> SurveyPlan:
        """Draw places to measure, from which a verdict follows that no model can spoil.

        Residents are drawn by chance in each district, its communes in proportion;
        what is measured where they live stands for all within reach of roads. The
        places, once measured, are inputs of the study: ``survey_places`` and
        ``survey_strata``.

        Parameters
        ----------
        service : str, optional
            Id of the service to look for; the study's first if absent.
        residents : int
            To be drawn in each district, or in the province where it has none; two of
            each commune at least.
        within_m : float
            How far from a road (the study's ``roads``) a place may lie; who lives
            farther is not drawn, and told.
        seed : int
            The same seed draws the same places.

        Returns
        -------
        SurveyPlan
            Its ``write`` makes the workbook to fill in and the places for a phone.

        Raises
        ------
        SurveyError
            If the result has no coverage or no such service, or nobody lives within reach.

        Examples
        --------
        >>> import phusong
        >>> study = phusong.open_study(phusong.sample_folder())
        >>> coarse = study.replace({"radio.radius_km": 2}, resolution_m=1000)
        >>> plan = phusong.run(coarse, parts=["coverage"]).survey("mobile", residents=100)
        >>> int(plan.places.drawn.sum()) == int(plan.strata.drawn.sum())
        True
        """
        return plan_survey(
            self.gathered, service=service, residents=residents, within_m=within_m, seed=seed
        )

    def with_mast(
        self,
        longitude: float,
        latitude: float,
        *,
        operator: str,
        technology: str,
        azimuths_deg: Sequence[float] | None = None,
        **fields: Any,
    ) -> NewMast:
        """Return the cells with a mast more, for `phusong.what_if`.

        What is not said of it is taken from the operator's cells of the technology, or,
        if there are none, from all of the technology: their most frequent frequency, the
        median of height, EIRP, beamwidth and downtilt. The notes of the answer tell.

        Parameters
        ----------
        longitude, latitude : float
            WGS 84, degrees.
        operator : str
        technology : {"2G", "3G", "4G", "5G"}
        azimuths_deg : sequence of float, optional
            One a sector; empty for one that radiates all round; three sectors, the first to
            the north, if absent.
        **fields : object
            Any other field of `tables.CELLS`: ``frequency_mhz=900, antenna_height_m=45``.

        Returns
        -------
        NewMast
            Its ``cells`` are what `phusong.what_if` takes.

        Raises
        ------
        ValueError
            If a cell has no field of a name.
        InputError
            If a value is none that a file of cells may have, or is missing and no cell
            of the technology tells it.

        Examples
        --------
        >>> import phusong
        >>> study = phusong.open_study(phusong.sample_folder())
        >>> coarse = study.replace({"radio.radius_km": 2}, resolution_m=1000)
        >>> result = phusong.run(coarse, parts=["coverage"])
        >>> more = result.with_mast(105.0, 22.8, operator="Viettel", technology="4G")
        >>> len(more.cells) - len(result.cells)
        3
        """
        return new_mast(
            self.study,
            self.inputs["cells"],
            (longitude, latitude),
            operator=operator,
            technology=technology,
            azimuths_deg=azimuths_deg,
            given=fields,
        )

    def recast(
        self,
        edition: str,
        *,
        crosswalk: pd.DataFrame | Path | str | None = None,
        boundaries: gpd.GeoDataFrame | Path | str | None = None,
    ) -> Recast:
        """Carry the tables to another administrative edition, such as that of 2025.

        Parameters
        ----------
        edition : str
            A year; the lists of communes are those of `phusong.admin`.
        crosswalk : DataFrame or path, optional
            A table of one's own, as `tables.CROSSWALK`.
        boundaries : GeoDataFrame or path, optional
            The communes of the edition, as `tables.COMMUNES`: they divide divided communes by
            the residents of their villages, else by area. Without them the outlines are the
            old ones joined, and a divided commune goes whole to its main successor.

        Returns
        -------
        Recast

        Raises
        ------
        EditionError
            If there are no communes or they are not of the study's edition, there is no way
            from it to the other, or communes are divided by weights without boundaries.
        InputError
            If the crosswalk or the boundaries are faulty.

        Examples
        --------
        >>> import phusong
        >>> study = phusong.open_study(phusong.sample_folder())
        >>> result = phusong.run(study, parts=["territory"])
        >>> len(result.communes), len(result.recast("2025").communes)
        (195, 73)
        """
        return recast_gathered(self.gathered, edition, crosswalk=crosswalk, boundaries=boundaries)

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

        Examples
        --------
        >>> import phusong
        >>> study = phusong.open_study(phusong.sample_folder())
        >>> coarse = study.replace({"radio.radius_km": 2}, resolution_m=1000)
        >>> result = phusong.run(coarse, parts=["evidence"])
        >>> covered = result.communes.set_index("commune_code")["covered_population_mobile"]
        >>> by_station = result.explain("01108").stations["population"]
        >>> bool(abs(by_station.sum() - covered["01108"]) < 1e-6)
        True
        """
        return explain_commune(self, commune, service)

    def write(
        self, folder: Path | str, *, replace: bool = False, on_progress: Progress | None = None
    ) -> Path:
        """Write the output folder and return the path of its landing page.

        The folder appears whole or not at all, and the same result gives the
        same bytes.

        Parameters
        ----------
        folder : path
            Absent, empty, or written by phusong before.
        replace : bool
            Whether files that someone added or changed in a folder of
            phusong's may be lost. Another folder is never replaced.
        on_progress : callable, optional
            See `Progress`; a notebook shows bars of its own if absent.

        Returns
        -------
        Path
            The landing page, ``index.html``.

        Raises
        ------
        OutputError
            If it holds what phusong did not write, lies in a folder that phusong
            wrote, or cannot be written.
        InputError
            If a theme of the study cannot be used.
        """
        return write_result(
            self.gathered,
            Path(folder),
            replace=replace,
            on_progress=on_progress or default_progress(),
        )


def _of_run(given: Any, asked: str) -> Result:
    """Return the result of a run; refuse anything else."""
    if isinstance(given, Result):
        return given
    finished = getattr(given, "finished", None)
    if finished is None:
        raise WrongKindError("result", asked, given)
    raise NeedsRunError(asked, finished.folder)


def what_if(
    result: Result,
    cells: gpd.GeoDataFrame | Path | str,
    *,
    threads: int | None = None,
    cache_folder: Path | str | None = None,
    on_progress: Progress | None = None,
) -> Result:
    """Compute the coverage with other cells: moved, raised, turned, added, switched off.

    Cells are compared with those of `result` by ``cell_id``. Signal is predicted
    anew only within reach of those that differ; the answer is that of a whole
    run with these cells.

    Parameters
    ----------
    result : Result
        Of a run with coverage.
    cells : GeoDataFrame
        As `tables.CELLS`, for instance a changed copy of ``result.cells`` or of
        ``result.inputs["cells"]``, which also holds those that are off the air.
        Those on air on the study's date count. Or a file of all cells, such as a
        scenario that the page of `Result.explore` has saved.
    threads, cache_folder, on_progress
        See `run`.

    Returns
    -------
    Result
        Of the coverage part alone; fibre and e-government are not computed.

    Raises
    ------
    NeedsRunError
        If `result` was opened from a folder.
    WrongKindError
        If it is no result, but a study or a path, say.
    ValueError
        If `result` has no coverage.
    InputError
        If columns are missing, a cell is repeated, the CRS is not the study's, or a row
        could not stand in a file of cells.
    ModelRangeError
        If a cell lies outside the ranges of the propagation model.

    Examples
    --------
    Every antenna 10 m higher, on a coarse grid to be quick:

    On a coarse grid and near the masts alone, which takes a moment.

    >>> import phusong
    >>> study = phusong.open_study(phusong.sample_folder())
    >>> coarse = study.replace({"radio.radius_km": 2}, resolution_m=1000)
    >>> before = phusong.run(coarse, parts=["coverage"])
    >>> after = what_if(before, before.cells[before.cells.site_id != "HG0001"])
    >>> servers = [found.services["mobile"].servers for found in (before, after)]
    >>> len(before.stations) - len(after.stations), int((servers[0] - servers[1]).max())
    (11, 11)
    """
    result = _of_run(result, "what_if")
    resources = Resources.of(threads, cache_folder, on_progress)
    with without_collection():
        if isinstance(cells, str | Path):
            cells = read_scenario(result.gathered, Path(cells))
        return Result(with_cells(result.gathered, PARTS, cells, resources))


def site(  # noqa: PLR0913 - what a plan depends on, each with a name
    result: Result,
    aim: SiteAim | Sequence[SiteAim] | None = None,
    budgets_vnd: Mapping[int, float] | None = None,
    prices: SitePrices | None = None,
    *,
    search: Search = SEARCH,
    spacing: MastSpacing | None = None,
    backhaul: BackhaulRules | None = None,
    own: gpd.GeoDataFrame | None = None,
    excluded: gpd.GeoDataFrame | None = None,
    beyond_m: float = 0.0,
    weights: Mapping[str, float] | None = None,
    within_reach: bool | None = None,
    carry_over: bool | None = None,
    largest_gap: float | None = None,
    time_limit_s: float | None = None,
    threads: int | None = None,
    cache_folder: Path | str | None = None,
    on_progress: Progress | None = None,
) -> SitingPlan:
    """Plan where to build, in which year, so that most people are served or a target is met.

    Aim, money, prices, `spacing`, `weights`, `within_reach`, `carry_over`, `largest_gap` and
    `time_limit_s` that are not given are those of the study's ``[siting]``.

    Parameters
    ----------
    result : Result
        Of a run with coverage.
    aim : SiteAim or sequence of SiteAim, optional
        Service, operator and technology; what is to be met, if anything. With several, one plan
        is for all of these services and operators.
    budgets_vnd : mapping of int to float, optional
        Money of each year.
    prices : SitePrices, optional
    search : Search
        How places are looked for; its ``spacing_m`` holds where nothing else tells a distance.
    spacing : MastSpacing, optional
        How far new masts stand from those that are there and from each other; the study's
        without it.
    backhaul : BackhaulRules, optional
        Which cables and hops are possible; asked for as far as they have a price.
    own : GeoDataFrame of points, optional
        Places of one's own to be tried, in any CRS; the study's where none is named. Without them
        those of the file that ``[siting]`` names, if it does.
    excluded : GeoDataFrame of polygons, optional
        Areas without new masts, likewise.
    beyond_m : float
        How far outside the communes new masts may stand; places of one's own may stand wherever
        ground is known.
    weights : mapping of str to float, optional
        Measure of the study's table ``priorities`` → how much a person of a commune with all of it
        counts in the choice, such as ``{"border": 2}``. Figures of people are people.
    within_reach : bool, optional
        Whether a target that all candidates together cannot meet asks for as much as can be had,
        which the plan tells; else it is refused.
    carry_over : bool, optional
        Whether money left over may be spent in later years; else it is lost.
    largest_gap : float, optional
        Share by which a better plan may be better, such as 0.01; 0 asks for the best.
    time_limit_s : float, optional
        After which the best plan found so far is given, with its gap; as much again for what the
        next money buys. Where the time ends a search, another machine may find another plan.
    threads, cache_folder, on_progress
        See `run`.

    Returns
    -------
    SitingPlan
        Its ``cells`` given to `what_if` serve the people it promises.

    Raises
    ------
    NeedsRunError
        If `result` was opened from a folder.
    WrongKindError
        If it is no result, but a study or a path, say.
    SitingError
        If the result has no coverage, there is no such service, or figures cannot be used.
    InfeasibleSitingError
        If the share cannot be reached: with the villages that no candidate reaches, or the least
        money more.
    SitingTimeError
        If the time ends before any plan is found.
    InputError
        If no cells of the technology tell what new ones are like, or a file that ``[siting]``
        names cannot be used.

    Examples
    --------
    On a coarse grid and near the masts alone, which takes a moment.

    >>> import phusong
    >>> from phusong.pipeline import SiteAim, SitePrices, site
    >>> study = phusong.open_study(phusong.sample_folder())
    >>> coarse = study.replace({"radio.radius_km": 2}, resolution_m=1000)
    >>> result = phusong.run(coarse, parts=["coverage"])
    >>> aim = SiteAim(service="mobile", operator="Viettel", technology="4G")
    >>> plan = site(result, aim, {2027: 9e9}, SitePrices(mast_vnd={42: 1.8e9}, share_vnd=4e8))
    >>> bool(plan.plan.cost_vnd <= 9e9), bool(plan.communes["people"].sum() > 0)
    (True, True)
    """
    result = _of_run(result, "site")
    gathered = result.gathered
    asked = asked_of(
        gathered.study, aim=aim, budgets_vnd=budgets_vnd, prices=prices, rules=backhaul,
        spacing=spacing, spacing_m=search.spacing_m, weights=weights, within_reach=within_reach,
        carry_over=carry_over, largest_gap=largest_gap, time_limit_s=time_limit_s,
    )  # fmt: skip
    grounds = Grounds.of(gathered.study, own, excluded)
    found = plan_of_sites(
        gathered, asked.aims, asked.budgets_vnd, asked.prices,
        search=search, spacing=asked.spacing, rules=asked.rules,
        own=grounds.own, excluded=grounds.excluded, beyond_m=beyond_m,
        weights=asked.weights, lower_targets=asked.lower_targets, carry_over=asked.carry_over,
        largest_gap=asked.largest_gap, time_limit_s=asked.time_limit_s,
        resources=Resources.of(threads, cache_folder, on_progress),
    )  # fmt: skip
    return SitingPlan.of(found, result.gathered, grounds.files)
