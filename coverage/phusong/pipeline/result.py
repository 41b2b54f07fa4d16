"""What a run returns: finished tables and rasters, a map, and a folder of files."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import folium
import geopandas as gpd
import pandas as pd
import xarray as xr

from .._types import Language
from ..egov import RuleTable
from ..errors import PathError, Problem
from ..i18n import text
from ..maps import Orientation, Paper
from ..report import both, result_html
from ..study import Study
from ..tables import RESULT_TABLES, Table
from .outputs.folder import display_board, draw, print_map, write_result
from .progress import Progress, default_progress
from .questions.profile import PathProfile, look

if TYPE_CHECKING:
    from .parts.coverage.signal import Basis

RESULT_NAMES = (
    "communes", "districts", "province", "villages", "stations", "gaps", "offices", "spans",
    "fibre_findings", "fibre_nodes", "steep_stretches", "fibre_links", "fibre_extension",
    "readiness", "rollout", "rollout_years", "rollout_works", "rollout_scenarios", "access",
    "indicators",
)  # fmt: skip


def definitions(services: Iterable[str], rules: RuleTable | None) -> dict[str, Table]:
    """Return the result tables with the columns that these services and rules give."""
    repeated = {
        "service": list(services),
        "prerequisite": [each.name for each in rules.prerequisites] if rules else [],
    }
    return {name: RESULT_TABLES[name].expand(repeated) for name in RESULT_NAMES}


@dataclass(frozen=True)
class Note:
    """Something the reader of a result must know: what was left out, spread or filled."""

    message: str
    values: Mapping[str, Any]
    problem: Problem | None = None

    def render(self, lang: Language) -> str:
        """Return the note in one language, with its place if it is about a row."""
        if self.problem is not None:
            return self.problem.render(lang)
        return text(self.message, lang, **self.values)


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
    servers: xr.DataArray
    obstacle_distance_m: xr.DataArray
    obstacle_ground_m: xr.DataArray


@dataclass(frozen=True, kw_only=True, repr=False)
class Result:
    """One run of a study. A table or raster is None where its inputs are absent.

    Tables are in the study's CRS; their columns are documented in `tables`.
    """

    study: Study
    indicators: pd.DataFrame
    notes: tuple[Note, ...]
    rejected: Mapping[str, pd.DataFrame]
    communes: gpd.GeoDataFrame | None = None
    districts: gpd.GeoDataFrame | None = None
    province: gpd.GeoDataFrame | None = None
    villages: gpd.GeoDataFrame | None = None
    cells: gpd.GeoDataFrame | None = None
    stations: gpd.GeoDataFrame | None = None
    gaps: gpd.GeoDataFrame | None = None
    offices: gpd.GeoDataFrame | None = None
    spans: gpd.GeoDataFrame | None = None
    fibre_findings: gpd.GeoDataFrame | None = None
    fibre_nodes: gpd.GeoDataFrame | None = None
    steep_stretches: gpd.GeoDataFrame | None = None
    fibre_links: gpd.GeoDataFrame | None = None
    fibre_extension: gpd.GeoDataFrame | None = None
    rules: RuleTable | None = None
    readiness: gpd.GeoDataFrame | None = None
    rollout: gpd.GeoDataFrame | None = None
    rollout_years: pd.DataFrame | None = None
    rollout_works: pd.DataFrame | None = None
    rollout_scenarios: pd.DataFrame | None = None
    access: gpd.GeoDataFrame | None = None
    context: Mapping[str, gpd.GeoDataFrame]
    services: Mapping[str, ServiceRasters]
    terrain: xr.DataArray | None = None
    population: xr.DataArray | None = None
    basis: "Basis | None" = None

    @property
    def inputs(self) -> Mapping[str, gpd.GeoDataFrame]:
        """The checked input tables, in the study's CRS, by name."""
        return {} if self.basis is None else self.basis.loaded.tables

    def title(self, lang: Language) -> str:
        """Return the study's name."""
        return self.study.name if lang == "vi" else self.study.name_en

    @property
    def tables(self) -> dict[str, tuple[pd.DataFrame, Table]]:
        """Every finished table with the definition of its columns, by name."""
        defined = definitions(self.services, self.rules)
        return {
            name: (frame, table)
            for name, table in defined.items()
            if (frame := getattr(self, name)) is not None
        }

    def map(self, theme: str = "overview") -> folium.Map:
        """Draw a map of the result; shown in a notebook, it needs no internet.

        Parameters
        ----------
        theme : str
            Name of a theme in ``maps/``, or the path of one.

        Raises
        ------
        InputError
            If the theme cannot be used.
        """
        return draw(self, theme)

    def paper(
        self,
        theme: str,
        path: Path | str,
        *,
        paper: Paper = "A4",
        orientation: Orientation | None = None,
        lang: Language = "vi",
        service: str | None = None,
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

        Raises
        ------
        InputError
            If the theme cannot be used.
        NothingToDrawError
            If the result has none of the tables that the theme shows.
        UnknownServiceError
            If the study has no such service.
        OutputError
            If the ending is unknown or the file cannot be written.
        """
        return print_map(
            self, theme, Path(path), paper=paper, orientation=orientation, lang=lang,
            service=service,
        )  # fmt: skip

    def profile(self, cell_id: str, *, to: tuple[float, float]) -> PathProfile:
        """Look at the path from a cell to a point; shown in a notebook, it draws itself.

        Parameters
        ----------
        cell_id : str
            As in the cells table.
        to : (float, float)
            Longitude and latitude of the receiver, WGS 84.

        Raises
        ------
        PathError
            If there is no such cell, or it and the point have no terrain in
            common, or the result has no coverage.
        """
        basis = self.basis
        if basis is None or basis.ground is None:
            raise PathError("profile.no_coverage")
        return look(
            self.study,
            basis.loaded.tables["cells"],
            basis.ground.height_m,
            basis.ground.clutter_m,
            basis.ground.air,
            cell_id=cell_id,
            to=to,
            patterns=basis.loaded.patterns,
        )

    def board(self, lang: Language = "vi") -> pd.DataFrame:
        """Return the indicator board as words and formatted figures, one row an indicator."""
        return display_board(self.indicators, lang)

    def write(self, folder: Path | str, *, on_progress: Progress | None = None) -> Path:
        """Write the output folder and return the path of its landing page.

        The folder appears whole or not at all, and the same result gives the
        same bytes.

        Parameters
        ----------
        folder : path
            Absent, empty, or written by phusong before.
        on_progress : callable, optional
            See `Progress`; a notebook shows bars of its own if absent.

        Raises
        ------
        OutputError
            If it holds other files or cannot be written.
        """
        return write_result(self, Path(folder), on_progress=on_progress or default_progress())

    def _repr_html_(self) -> str:
        """Show board, tables and notes in a notebook."""
        return result_html(
            both(self.title),
            indicators=self.indicators,
            tables=self.tables,
            notes=[both(note.render) for note in self.notes],
        )

    def __repr__(self) -> str:
        counts = ", ".join(f"{name}: {len(frame)}" for name, (frame, _) in self.tables.items())
        return f"<Result {self.study.name!r}: {counts}>"
