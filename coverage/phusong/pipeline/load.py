"""Read every table a study names; collect the faults of all files before refusing."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd

from ..errors import InputError, Problem
from ..inputs import Source, check_references, read_table
from ..study import Study
from ..tables import INPUT_TABLES


@dataclass(frozen=True)
class Loaded:
    """The checked tables of a study.

    Parameters
    ----------
    tables : mapping of str to GeoDataFrame
        Good rows in the study's CRS, by table name; absent tables are absent.
    rejected : mapping of str to DataFrame
        Rows set aside, with their reasons, by table name; only where there are any.
    problems : tuple of Problem
        What was wrong with the rows set aside and between the tables, and
        hints about columns that were not used.
    communes_not_in_force : int
        Rows of the communes that mean another day: codes are reused.
    """

    tables: Mapping[str, gpd.GeoDataFrame]
    rejected: Mapping[str, pd.DataFrame]
    problems: tuple[Problem, ...]
    communes_not_in_force: int


def load(study: Study) -> Loaded:
    """Read and check all tables of a study.

    Raises
    ------
    InputError
        With the problems of every file, unless the study sets faulty rows
        aside; faults of a whole file are always refused.
    """
    set_aside = study.faulty_rows == "set_aside"
    tables: dict[str, Any] = {}
    rejected: dict[str, pd.DataFrame] = {}
    problems: list[Problem] = []
    refused: list[Problem] = []
    for name, source in study.inputs.tables.items():
        try:
            checked = read_table(
                Source(
                    path=study.path(source),
                    shown=source.path,
                    layer=source.layer,
                    sheet=source.sheet,
                    crs=source.crs,
                ),
                INPUT_TABLES[name],
                crs=study.crs,
                set_aside_faulty=set_aside,
            )
        except InputError as fault:
            refused += fault.problems
            continue
        tables[name] = checked.table
        problems += checked.problems
        if len(checked.rejected):
            rejected[name] = checked.rejected
    not_in_force = 0
    if "communes" in tables:
        given = tables["communes"]
        tables["communes"] = _in_force(given, study.as_of)
        not_in_force = len(given) - len(tables["communes"])
    unknown = check_references(tables)
    if refused or (unknown and not set_aside):
        raise InputError([*refused, *unknown])
    return Loaded(tables, rejected, (*problems, *unknown), not_in_force)


def _in_force(communes: gpd.GeoDataFrame, day: datetime.date) -> gpd.GeoDataFrame:
    """Keep, for each code, the unit that it means on a day."""
    begun = communes[communes["valid_from"] <= pd.Timestamp(day)].sort_values(
        "valid_from", kind="stable"
    )
    return begun.drop_duplicates("commune_code", keep="last").sort_index().reset_index(drop=True)
