"""What a run returns: finished tables and rasters, a map, and a folder of files."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd
import xarray as xr

from .._types import Language
from ..i18n import text
from ..study import Study
from ..tables import (
    COMMUNES_RESULT,
    DISTRICTS_RESULT,
    GAPS,
    INDICATORS,
    PROVINCE_RESULT,
    READINESS,
    SPANS,
    STATIONS_RESULT,
    VILLAGES_RESULT,
    Table,
)

Progress = Callable[[str, int, int], None]
"""Called with a message key, how much is done, and how much there is."""


@dataclass(frozen=True)
class Note:
    """Something the reader of a result must know: what was left out, spread or filled."""

    message: str
    values: Mapping[str, Any]

    def render(self, lang: Language) -> str:
        """Return the note in one language."""
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
    """

    margin_db: xr.DataArray
    level_dbm: xr.DataArray
    best_server: xr.DataArray


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
    context: Mapping[str, gpd.GeoDataFrame]
    services: Mapping[str, ServiceRasters]
    terrain: xr.DataArray | None = None
    population: xr.DataArray | None = None

    def title(self, lang: Language) -> str:
        """Return the study's name."""
        return self.study.name if lang == "vi" else self.study.name_en

    @property
    def tables(self) -> dict[str, tuple[pd.DataFrame, Table]]:
        """Every finished table with the definition of its columns, by name."""
        repeated = {
            "service": list(self.services),
            "prerequisite": [p.name for p in self.study.egov.prerequisites]
            if self.study.egov and self.offices is not None
            else [],
        }
        named: tuple[tuple[str, pd.DataFrame | None, Table], ...] = (
            ("communes", self.communes, COMMUNES_RESULT),
            ("districts", self.districts, DISTRICTS_RESULT),
            ("province", self.province, PROVINCE_RESULT),
            ("villages", self.villages, VILLAGES_RESULT),
            ("stations", self.stations, STATIONS_RESULT),
            ("gaps", self.gaps, GAPS),
            ("offices", self.offices, READINESS),
            ("spans", self.spans, SPANS),
            ("indicators", self.indicators, INDICATORS),
        )
        return {
            name: (frame, definition.expand(repeated))
            for name, frame, definition in named
            if frame is not None
        }

    def __repr__(self) -> str:
        counts = ", ".join(f"{name}: {len(frame)}" for name, (frame, _) in self.tables.items())
        return f"<Result {self.study.name!r}: {counts}>"
