"""What a run found, by name: the findings of its parts brought together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import pandas as pd

from ..study import Study
from ..tables import INDICATORS, RESULT_TABLES, Table
from .indicators import board
from .load import Loaded
from .parts import Part
from .parts.part import Found
from .records import Note, Raster


@dataclass(frozen=True, kw_only=True, eq=False)
class Gathered:
    """Everything that a run found.

    Parameters
    ----------
    study : Study
    asked : tuple of str
        Names of the parts that were to be computed, had they inputs or not.
    loaded : Loaded
        The checked input tables.
    found : Found
        The findings of each part, typed.
    tables : mapping of str to DataFrame
        The finished result tables, in the order of `tables.RESULT_TABLES`,
        their columns in the order of their definitions.
    definitions : mapping of str to Table
        What their columns mean, repeating fields written out.
    rasters : sequence of Raster
    notes : tuple of Note
    rejected : mapping of str to DataFrame
        Input rows that were not used, by table.
    """

    study: Study
    asked: tuple[str, ...]
    loaded: Loaded
    found: Found
    tables: Mapping[str, pd.DataFrame]
    definitions: Mapping[str, Table]
    rasters: Sequence[Raster] = ()
    notes: tuple[Note, ...] = ()
    rejected: Mapping[str, pd.DataFrame] = field(default_factory=dict)


def gather(
    study: Study,
    loaded: Loaded,
    parts: Sequence[Part[Any, Any]],
    found: Found,
    notes: Sequence[Note] = (),
    asked: Sequence[str] = (),
) -> Gathered:
    """Bring the findings of the parts together.

    Parameters
    ----------
    study : Study
    loaded : Loaded
    parts : sequence of Part
        Every part there is: their indicators make the board.
    found : Found
        What those that were computed found.
    notes : sequence of Note
        Further notes, put before those of the parts.
    asked : sequence of str
        Names of the parts that were to be computed; those in `found`, if none is named.
    """
    findings = found.findings.values()
    whole = {name: table for each in findings for name, table in each.tables.items()}
    for each in findings:
        for name, columns in each.columns.items():
            whole[name] = _with_columns(whole[name], columns)
    whole[INDICATORS.name] = board(study, parts, found)
    repeats = {group: list(names) for each in findings for group, names in each.repeats.items()}
    definitions = {
        name: table.expand(repeats) for name, table in RESULT_TABLES.items() if name in whole
    }
    rejected = dict(loaded.rejected)
    for each in findings:
        for name, rows in each.rejected.items():
            rejected[name] = (
                pd.concat([rejected[name], rows], ignore_index=True) if name in rejected else rows
            )
    return Gathered(
        study=study,
        asked=tuple(asked or found.findings),
        loaded=loaded,
        found=found,
        tables={name: _in_order(whole[name], table) for name, table in definitions.items()},
        definitions=definitions,
        rasters=[raster for each in findings for raster in each.rasters],
        notes=(*notes, *(note for each in findings for note in each.notes)),
        rejected=rejected,
    )


def _with_columns(table: pd.DataFrame, columns: pd.DataFrame) -> pd.DataFrame:
    """Join columns to the rows that their index names; they replace those of the same name."""
    return table.drop(columns=table.columns.intersection(columns.columns)).join(
        columns, on=str(columns.index.name)
    )


def _in_order(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Keep the columns that the table defines, in its order; what was not computed stays absent."""
    shape = [frame.geometry.name] if isinstance(frame, gpd.GeoDataFrame) else []
    return frame[[*(name for name in table.columns if name in frame), *shape]]
