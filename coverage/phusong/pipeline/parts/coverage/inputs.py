"""What coverage needs of a study, and what it would refuse."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import geopandas as gpd
import xarray as xr

from ...._settings import STUDY_FILE
from ....errors import CellRangeError, InputError, ModelRangeError, PhusongError, Problem
from ....grid import Grid, blocks_of_rows
from ....radio import LandCover, Patterns, Plan, Refractivity, Settings, plan_prediction
from ....service import figures_told
from ....study import Radio, Service, Study, Target
from ....study.coverage import Gaps
from ....terrain import Elevation
from ....terrain.clutter import MAYBE_CODES
from ....uncertainty import Calibration
from ...load import Loaded
from ...records import Note
from ..territory import active
from .corrections import corrections_of
from .ground import (
    HIGHEST_OF_VIETNAM_M,
    GroundFiles,
    highest_m,
    read_clutter,
    read_land,
    read_native_terrain,
    read_terrain,
    refractivity_of,
)
from .settings import clutter_setting, out_of_range, rule_of, settings_of


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What stays as it is when cells change.

    Parameters
    ----------
    near : Grid
        The grid of the results, over the communes.
    height_m, clutter_m : DataArray, shape (y, x)
        Terrain and, where given, clutter on a grid wider by the reach of a mast.
    land_cover : LandCover, optional
        What stands around antennas, on the same grid.
    native_m : DataArray, shape (rows, columns)
        The same terrain at its own resolution, which profiles read.
    refractivity : Refractivity
        Of the province.
    notes : tuple of Note
        How the terrain was filled in.
    """

    near: Grid
    height_m: xr.DataArray
    native_m: xr.DataArray
    clutter_m: xr.DataArray | None
    land_cover: LandCover | None
    refractivity: Refractivity
    notes: tuple[Note, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class CoverageInputs:
    """Settings of mobile coverage, the tables it needs, and the rasters it reads.

    Parameters
    ----------
    as_of : date
    services, targets : tuple
    radio, gaps
        The study's sections.
    communes, villages, cells : GeoDataFrame
        As loaded, in the study's CRS; villages may be None.
    patterns : Patterns
        The antenna pattern files that cells may name.
    files : GroundFiles
    has_population : bool
        Whether a raster tells who lives where.
    by_operator : str, optional
        Identifier of the service that each operator's best cells are kept of.
    calibration : Calibration, optional
        By which the signal is predicted; see `uncalibrated`.
    """

    as_of: datetime.date
    services: tuple[Service, ...]
    targets: tuple[Target, ...]
    radio: Radio
    gaps: Gaps
    communes: gpd.GeoDataFrame
    villages: gpd.GeoDataFrame | None
    cells: gpd.GeoDataFrame
    patterns: Patterns
    files: GroundFiles
    has_population: bool
    by_operator: str | None = None
    calibration: Calibration | None = None

    @cached_property
    def near(self) -> Grid:
        """The grid of the results, over the communes."""
        return Grid.covering(
            self.communes.total_bounds, resolution_m=self.files.resolution_m, crs=self.files.crs
        )

    # Each raster is read once: `check` finds what cannot be used, `ground` takes what was read.

    @cached_property
    def _terrain(self) -> Elevation:
        return read_terrain(self.files, self.communes)

    @cached_property
    def _native_m(self) -> xr.DataArray:
        return read_native_terrain(self.files, self._terrain)

    @cached_property
    def _clutter_m(self) -> xr.DataArray | None:
        return read_clutter(self.files, self.communes)

    @cached_property
    def people_told(self) -> bool:
        """Whether any source tells how many people live where."""
        return self.has_population or figures_told(self.communes, self.villages)

    @property
    def doubts_of_terrain(self) -> tuple[Note, ...]:
        """What is told of elevation that was read: zeros filled, and heights that may be in km."""
        terrain, notes = self._terrain, []
        if terrain.zero_px:
            places = "; ".join(f"{lon:.4f}, {lat:.4f}" for lon, lat in terrain.zero_at)
            more = "; …" if terrain.zero_px > len(terrain.zero_at) else ""
            values = {"count": terrain.zero_px, "places": places + more}
            notes.append(Note("pipeline.zeros_filled", values))
        highest = highest_m(terrain.height_m, self.communes.total_bounds)
        if (
            self.files.in_vietnam
            and 0 < highest <= HIGHEST_OF_VIETNAM_M / 1000
            and any(
                (terrain.height_m.to_numpy()[rows] % 1 > 0).any()
                for rows in blocks_of_rows(terrain.height_m.shape[0])
            )
        ):
            notes.append(Note("pipeline.heights_maybe_km", {"highest": highest}))
        return tuple(notes)

    @property
    def maybe_codes(self) -> dict[str, str]:
        """The file of clutter heights and its values, where these may be codes of classes."""
        clutter, file = self._clutter_m, self.files.clutter
        if clutter is None or file is None or MAYBE_CODES not in clutter.attrs:
            return {}
        return {"file": file.shown, "codes": clutter.attrs[MAYBE_CODES]}

    @cached_property
    def _land_cover(self) -> LandCover | None:
        return read_land(self.files, self.communes)

    @cached_property
    def _refractivity(self) -> Refractivity:
        return refractivity_of(self.files, self.communes)

    @cached_property
    def settings(self) -> Settings:
        """How signal is predicted.

        Raises
        ------
        InputError
            If there is no propagation model of the name.
        """
        return settings_of(
            self.radio,
            clutter_known=self._clutter_known,
            corrections=corrections_of(self.calibration, self.files.resolution_m),
        )

    @property
    def uncalibrated(self) -> "CoverageInputs":
        """The same without calibration."""
        return replace(self, calibration=None)

    @property
    def _clutter_known(self) -> bool:
        return self.files.clutter is not None or self.files.land_cover is not None

    def plan(
        self, cells: gpd.GeoDataFrame, ground: Ground, *, cache_folder: Path | None = None
    ) -> Plan:
        """Check cells and split them into sites, without predicting anything.

        Parameters
        ----------
        cells : GeoDataFrame
            Cells on air, rows as `tables.CELLS`, in the study's CRS.
        ground : Ground
        cache_folder : path, optional

        Raises
        ------
        CellRangeError
            If cells lie outside the ranges of the propagation model.
        InputError
            If a cell's antenna pattern or power cannot be used, or a setting lies outside
            the ranges of the model.
        """
        try:
            return self._plan(cells, ground, cache_folder)
        except CellRangeError:
            raise
        except ModelRangeError as fault:
            raise InputError([out_of_range(fault, self.settings.model)]) from fault

    def _plan(self, cells: gpd.GeoDataFrame, ground: Ground, cache_folder: Path | None) -> Plan:
        return plan_prediction(
            cells,
            ground.height_m,
            [
                rule_of(service, self.radio, resolution_m=self.files.resolution_m)
                for service in self.services
            ],
            settings=self.settings,
            refractivity=ground.refractivity,
            patterns=self.patterns,
            native_m=ground.native_m,
            clutter_m=ground.clutter_m,
            land_cover=ground.land_cover,
            cache_folder=cache_folder,
        )

    @cached_property
    def planned(self) -> Plan:
        """The plan of the cells on air, without a cache; raises what `plan` and `ground` raise."""
        return self.plan(active(self.cells, self.as_of), self.ground)

    @cached_property
    def ground(self) -> Ground:
        """Terrain, clutter, land cover and refractivity.

        Raises
        ------
        InputError
            If a raster cannot be used.
        TerrainError
            If elevation does not cover the communes or has too many voids.
        """
        terrain, clutter_m, refractivity = self._terrain, self._clutter_m, self._refractivity
        notes = []
        if terrain.filled_px:
            values = {"count": terrain.filled_px, "largest": terrain.largest_filled_px}
            notes.append(Note("pipeline.voids_filled", values))
        setting = clutter_setting(
            self.settings.model, self.radio, clutter_known=self._clutter_known
        )
        if setting == "open" and self.calibration is None:
            taken = {"mean_error_db": self.settings.mean_error_db}
            notes.append(Note("pipeline.phones_in_the_open", taken))
        if self.files.refractivity_maps is not None:
            shown = {"delta_n": refractivity.delta_n_per_km, "n0": refractivity.n0}
            notes.append(Note("pipeline.refractivity", shown))
        return Ground(
            near=self.near,
            height_m=terrain.height_m,
            native_m=self._native_m,
            clutter_m=clutter_m,
            land_cover=self._land_cover,
            refractivity=refractivity,
            notes=tuple(notes),
        )


def predicts(study: Study) -> bool:
    """Tell whether a study has what signal is predicted from."""
    inputs = study.inputs
    return bool(inputs.cells and inputs.communes and inputs.terrain and study.services)


def take(study: Study, loaded: Loaded) -> CoverageInputs | Note:
    """Return what coverage needs of a study, or that something is not given."""
    inputs = study.inputs
    if not predicts(study):
        return Note("pipeline.no_coverage", {})
    if study.radio is None or study.gaps is None:
        raise ValueError("a study that predicts coverage has radio and gap settings")
    return CoverageInputs(
        as_of=study.as_of,
        services=study.services,
        targets=study.targets,
        radio=study.radio,
        gaps=study.gaps,
        communes=loaded.tables["communes"],
        villages=loaded.tables.get("villages"),
        cells=loaded.tables["cells"],
        patterns=loaded.patterns,
        files=GroundFiles.of(study),
        has_population=inputs.population is not None,
        by_operator=None if study.villages is None else study.villages.service,
        calibration=loaded.calibration,
    )


def check(inputs: CoverageInputs) -> Iterator[PhusongError]:
    """Find what keeps coverage from being predicted: settings, rasters, cells."""
    if unknown := _unknown_operators(inputs):
        yield InputError(unknown)
    sound = True
    for name in ("settings", "_terrain", "_clutter_m", "_land_cover", "_refractivity"):
        try:
            getattr(inputs, name)
        except PhusongError as fault:
            sound = False
            yield fault
    if sound:
        try:
            inputs.planned  # noqa: B018  made once, kept for `compute`
        except PhusongError as fault:
            yield fault


def remarks(inputs: CoverageInputs) -> Iterator[Note]:
    """Tell that nobody's number is known, doubtful heights, and technologies left out."""
    if not inputs.people_told:
        yield Note("pipeline.no_people", {})
    codes = inputs.maybe_codes
    if codes:
        yield Note("pipeline.clutter_maybe_codes", codes)
    yield from inputs.doubts_of_terrain
    on_air = active(inputs.cells, inputs.as_of)
    for service in inputs.services:
        of_operators = on_air["operator"].isin(service.operators) | (not service.operators)
        left_out = on_air[of_operators & ~on_air["technology"].isin(service.technologies)]
        if len(left_out):
            values = {
                "service": service.title,
                "count": left_out["station_id"].nunique(),
                "technologies": ", ".join(sorted(left_out["technology"].unique())),
            }
            yield Note("pipeline.technologies_left_out", values, by_choice=True)


def _unknown_operators(inputs: CoverageInputs) -> list[Problem]:
    """Find operators of services that have no cell at all: most likely misspelt."""
    known = sorted(set(inputs.cells["operator"]))
    return [
        Problem(
            message="pipeline.unknown_operator",
            file=STUDY_FILE,
            key=f"services.{position}.operators",
            value=operator,
            values={"known": ", ".join(known)},
        )
        for position, service in enumerate(inputs.services, start=1)
        for operator in service.operators
        if operator not in known
    ]
