"""Read every table a study names; collect the faults of all files before refusing."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from .._memory import without_collection
from ..errors import InputError, PhusongError, Problem
from ..fibre import Carried, CheckedOfds, carry_ofds, check_ofds
from ..inputs import (
    OPERATOR_COLUMNS,
    AssumedValues,
    Checked,
    Operators,
    Reading,
    SiteLists,
    Source,
    Witness,
    check_outlines,
    check_references,
    clean_outlines,
    degrees_of,
    read_assumed_values,
    read_cells,
    read_document,
    read_table,
    sources_of,
    spellings_told,
    together,
    without,
)
from ..radio import Patterns, check_cells, read_patterns
from ..study import Study
from ..tables import INPUT_TABLES, SITE_LIST, Table
from ..terrain import MOUNTAIN_RELIEF_M, local_relief_m
from ..uncertainty import Calibration
from .records import Note

_FIRST = ("communes", "assumed_values")
"""Tables that tell how others are read."""


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
        What was wrong with the rows set aside and between the tables, hints
        about columns that were not used, and what stands in for a part of a file.
    patterns : Patterns
        The antenna pattern files.
    communes_not_in_force : int
        Rows of the communes that mean another day: codes are reused.
    carried : Carried
        What a document of the fibre says beyond the tables.
    office_rows : tuple of (str, str or None, int)
        File, sheet and row of each office, as the person sees them.
    calibration : Calibration, optional
        Of the prediction by the measured samples among the tables; None unless the study asks.
    """

    tables: Mapping[str, gpd.GeoDataFrame]
    rejected: Mapping[str, pd.DataFrame]
    problems: tuple[Problem, ...]
    patterns: Patterns
    communes_not_in_force: int
    carried: Carried = field(default_factory=Carried)
    office_rows: tuple[tuple[str, str | None, int], ...] = ()
    calibration: Calibration | None = None

    def notes(self, day: datetime.date) -> tuple[Note, ...]:
        """Return what was set aside and what is not in force on a day, as notes."""
        notes = []
        if self.communes_not_in_force:
            values = {"count": self.communes_not_in_force, "date": day}
            notes.append(Note("pipeline.communes_not_in_force", values))
        notes += [
            Note(
                "pipeline.set_aside",
                {"table": name, "title": INPUT_TABLES[name].title, "count": len(rows)},
            )
            for name, rows in self.rejected.items()
        ]
        notes += [Note(problem.message, problem.values, problem) for problem in self.problems]
        return tuple(notes)


def read_input(
    study: Study,
    name: str,
    *,
    witness: Witness | None = None,
    patterns: Patterns | None = None,
    assumed: AssumedValues | None = None,
    operators: Operators | None = None,
    readings: list[Reading] | None = None,
) -> Checked:
    """Read and check one table of a study, from all its files and sheets.

    Parameters
    ----------
    study : Study
    name : str
        A table that the study gives.
    witness : Witness, optional
        The communes, which tell in which zone metres are.
    patterns : Patterns, optional
        The antenna pattern files, by which cells are checked further.
    assumed : AssumedValues, optional
        Fill what a list of sites does not tell; those that come with phusong if absent.
    operators : Operators, optional
        How operators are spelt in all tables; as the study names them if absent.
    readings : list of Reading, optional
        Filled with what became of each file, refused ones too.

    Raises
    ------
    InputError
        With the problems of every file, as `phusong.inputs.read_table` tells them.
    """
    table, set_aside = INPUT_TABLES[name], study.faulty_rows == "set_aside"
    parts: list[Checked] = []
    refused: list[Problem] = []
    lists = SiteLists(assumed or read_assumed_values(), partial(_terrain_kinds, study))
    operators = operators or operators_of(study)
    heard: list[Reading] = []
    for given in _sources(study, name):
        before = len(heard)
        try:
            for source in sources_of(given, SITE_LIST if name == "cells" else table):
                read = (
                    partial(read_cells, source, lists)
                    if name == "cells"
                    else partial(read_table, source, table)
                )
                with without_collection():  # of millions of cells none holds another
                    checked = read(
                        crs=study.crs,
                        set_aside_faulty=set_aside,
                        witness=witness,
                        operators=operators,
                        on_read=heard.append,
                    )
                before = len(heard)
                if name == "cells" and patterns is not None:
                    checked, unusable = _usable(checked, patterns)
                    if not set_aside or checked.table.empty:
                        refused += unusable
                parts.append(checked)
        except InputError as fault:
            if len(heard) == before:
                heard.append(_unread(given, table, fault))
            refused += fault.problems
    try:
        if refused:
            raise InputError(refused)
        whole = together(parts, table, set_aside_faulty=set_aside)
    except InputError as fault:
        if readings is not None:
            readings += [_settled(reading, fault.problems, None) for reading in heard]
        raise
    if readings is not None:
        readings += [_settled(reading, whole.problems, whole) for reading in heard]
    return whole


def _settled(reading: Reading, problems: Sequence[Problem], whole: Checked | None) -> Reading:
    """Return a reading with the rows set aside that were found wanting only beside others.

    `whole` is the table of all files, which has the rows that are used after all.
    """
    known = {id(problem) for problem in reading.problems}
    late = [
        one
        for one in problems
        if id(one) not in known and one.file == reading.file and one.sheet in (None, reading.sheet)
    ]
    if not late:
        return reading
    rows = set(reading.rows.tolist())
    if whole is not None:
        places = map(whole.where, range(len(whole.rows)))
        rows -= {row for *file, row in places if file == [reading.file, reading.sheet]}
    lost: dict[int, list[Problem]] = {}
    for one in late:
        if one.row is not None and one.row in rows:
            lost.setdefault(one.row, []).append(one)
    return reading.lose(lost)


def _unread(source: Source, table: Table, fault: InputError) -> Reading:
    """Return what is known of a file that could not be opened or made out."""
    none: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
    return Reading(
        file=source.shown,
        path=source.path,
        table=table,
        sheet=source.sheet,
        rows=none,
        set_aside={},
        unused=none.astype(bool),
        problems=tuple(fault.problems),
    )


def operators_of(study: Study) -> Operators:
    """Return how operators are spelt: first of all as the study names them."""
    named = [name for service in study.services for name in service.operators]
    if study.siting is not None:
        named += [aim.operator for aim in (study.siting, *study.siting.also)]
    if study.fibre is not None:
        named += [one for user, its in study.fibre.may_use.items() for one in (user, *its)]
    return Operators(named)


def _sources(study: Study, name: str) -> list[Source]:
    """Return the files of a table, one for each sheet named."""
    return [
        Source(
            path=study.path(given),
            shown=given.path,
            layer=given.layer,
            sheet=sheet,
            crs=given.crs,
            headings=given.headings,
            constants=given.constants,
            preset=given.preset,
            anywhere=study.country == "any",
            database=given.path if given.is_database else None,
            table=given.table,
            query=given.query,
        )
        for given in study.inputs.tables[name]
        for sheet in given.sheet or (None,)
    ]


def load(study: Study, readings: list[Reading] | None = None) -> Loaded:
    """Read and check all tables and pattern files of a study.

    Parameters
    ----------
    study : Study
    readings : list of Reading, optional
        Filled with what became of each file, refused ones too.

    Raises
    ------
    InputError
        With the problems of every file, unless the study sets faulty rows
        aside; faults of a whole file are always refused.
    """
    readings = [] if readings is None else readings
    set_aside = study.faulty_rows == "set_aside"
    tables: dict[str, Any] = {}
    rejected: dict[str, pd.DataFrame] = {}
    problems: list[Problem] = []
    refused: list[Problem] = []
    patterns = None
    office_rows: tuple[tuple[str, str | None, int], ...] = ()
    try:
        patterns = read_patterns(study.antenna_files)
    except InputError as fault:
        refused += fault.problems
    witness: Witness | None = None
    assumed, operators = read_assumed_values(), operators_of(study)
    # The communes first: they tell in which zone the metres of other files are.
    for name in sorted(study.inputs.tables, key=_place_in_turn):
        try:
            checked = read_input(
                study,
                name,
                witness=witness,
                patterns=patterns,
                assumed=assumed,
                operators=operators,
                readings=readings,
            )
        except InputError as fault:
            refused += fault.problems
            continue
        tables[name] = checked.table
        if name == "assumed_values":
            assumed = AssumedValues(checked.table)
        if name == "offices":
            office_rows = tuple(checked.where(i) for i in range(len(checked.table)))
        if name == "communes":
            in_force = _in_force(checked.table, study.as_of)
            witness = Witness(in_force.reset_index(drop=True))
            others = sorted({*range(len(checked.table))} - {*in_force.index})
            elsewhere = {checked.where(i) for i in others}
            readings[:] = [reading.leave_out(elsewhere) for reading in readings]
        problems += checked.problems
        if len(checked.rejected):
            rejected[name] = checked.rejected
    tables = {name: tables[name] for name in study.inputs.tables if name in tables}
    carried = Carried()
    try:
        network, told, faulty, carried = _read_network(study, operators, readings)
        tables |= network
        problems += told
        rejected |= faulty
    except InputError as fault:
        refused += fault.problems
    not_in_force = 0
    if "communes" in tables:
        every = tables["communes"]
        communes = _in_force(every, study.as_of).reset_index(drop=True)
        not_in_force = len(every) - len(communes)
        tables["communes"], unfit = _beside_each_other(study, communes)
        problems += unfit
    unknown = check_references(tables)
    if refused or patterns is None or (unknown and not set_aside):
        raise InputError([*refused, *unknown])
    problems += [*unknown, *patterns.notes]
    return Loaded(tables, rejected, tuple(problems), patterns, not_in_force, carried, office_rows)


def _place_in_turn(name: str) -> int:
    return _FIRST.index(name) if name in _FIRST else len(_FIRST)


def _terrain_kinds(study: Study, places: gpd.GeoSeries) -> list[str]:
    """Return the kind of terrain around each place, as `tables.ASSUMED_VALUES` names it."""
    tiles = study.inputs.terrain or ()
    try:
        relief_m = local_relief_m(
            places, [study.path(tile) for tile in tiles], shown=[tile.path for tile in tiles]
        )
    except PhusongError:  # told by the part that needs the elevation
        relief_m = np.full(len(places), np.nan)
    return [
        "any" if np.isnan(each) else "mountain" if each > MOUNTAIN_RELIEF_M else "lowland"
        for each in relief_m
    ]


def _read_network(
    study: Study, operators: Operators, readings: list[Reading]
) -> tuple[dict[str, gpd.GeoDataFrame], list[Problem], Mapping[str, pd.DataFrame], Carried]:
    """Read the document that a study names as its tables of nodes and spans.

    What became of both is added to `readings`.

    Returns
    -------
    dict of GeoDataFrame
        ``nodes`` and ``spans`` in the study's CRS, sorted by id; without a document
        nothing. Spans without a route, which the standard allows, are left out.
    list of Problem
        The faults of what was set aside, and one for each span left out and each
        value that cannot be carried.
    mapping of DataFrame
        What was set aside, by table.
    Carried
        What else the document says.

    Raises
    ------
    InputError
        If the document cannot be read, or breaks the standard and faults are not set aside.
    """
    source = study.inputs.ofds
    if source is None:
        return {}, [], {}, Carried()
    anywhere = study.country == "any"
    document = Source(path=study.path(source), shown=source.path)
    try:
        content = read_document(document)
        read = check_ofds(
            content,
            file=source.path,
            place_fault=lambda shape: _outside(shape, anywhere=anywhere),
        )
    except InputError as fault:
        readings.append(_unread(document, INPUT_TABLES["spans"], fault))
        raise
    readings += [_of_document(read, name, document, study.crs) for name in ("nodes", "spans")]
    nothing_left = read.spans.empty and "spans" in read.rejected
    if read.problems and (study.faulty_rows != "set_aside" or nothing_left):
        raise InputError(read.problems)
    without = read.spans.geometry.isna() | read.spans.geometry.is_empty
    carried = carry_ofds(content, file=source.path)
    problems = [
        *read.problems,
        *carried.problems,
        *(
            Problem(
                message="fibre.ofds_no_route", file=source.path, column="spans.route", value=name
            )
            for name in read.spans["id"][without]
        ),
    ]
    tables = {}
    for name, table in (("nodes", read.nodes), ("spans", read.spans[~without])):
        placed = table.to_crs(study.crs).sort_values("id", ignore_index=True)
        placed.attrs["file"] = source.path
        for column in (one for one in OPERATOR_COLUMNS if one in placed):
            placed[column], given_way = operators.unify(placed[column])
            problems += spellings_told(given_way, document)
        tables[name] = placed
    return tables, problems, read.rejected, carried


def _of_document(read: CheckedOfds, name: str, source: Source, crs: str) -> Reading:
    """Return what became of the nodes or spans of a document: the sound ones first."""
    sound = read.nodes if name == "nodes" else read.spans
    faulty = [*read.rejected[name]["row"]] if name in read.rejected else []
    count = len(sound) + len(faulty)
    shapes, unused = np.full(count, None, dtype=object), np.zeros(count, dtype=bool)
    shapes[: len(sound)] = np.asarray(sound.geometry.to_crs(crs))
    if name == "spans":  # the standard allows them without a route
        unused[: len(sound)] = sound.geometry.isna() | sound.geometry.is_empty
    its = [one for one in read.problems if (one.column or "").startswith(name)]
    return Reading(
        file=source.shown,
        path=source.path,
        table=INPUT_TABLES[name],
        rows=np.arange(1, count + 1),
        set_aside={
            len(sound) + i: [one for one in its if one.row == row] for i, row in enumerate(faulty)
        },
        unused=unused,
        shapes=shapes,
        problems=tuple(its),
    )


def _outside(shape: Any, *, anywhere: bool) -> tuple[str, Mapping[str, Any]] | None:
    """Tell which vertex lies outside Vietnam, or nowhere on earth if that is lifted.

    A far one would ask for a vast terrain.
    """
    west, south, east, north = degrees_of(anywhere=anywhere)
    places = shapely.get_coordinates(shape)
    lon, lat = places.T
    away = ~((west <= lon) & (lon <= east) & (south <= lat) & (lat <= north))
    if not away.any():
        return None
    x, y = places[away][0]
    message = "ofds_not_on_earth" if anywhere else "ofds_outside"
    return message, {"place": f"({x:.6f}, {y:.6f})"}


def _usable(cells: Checked, patterns: Patterns) -> tuple[Checked, list[Problem]]:
    """Set aside the cells whose antenna or power cannot be used."""
    faults = check_cells(cells.table, patterns, rows=cells.rows)
    return without(cells, faults), [problem for found in faults.values() for problem in found]


def _beside_each_other(
    study: Study, communes: gpd.GeoDataFrame
) -> tuple[gpd.GeoDataFrame, tuple[Problem, ...]]:
    """Clean the communes' outlines if the study asks for it; tell what does not fit."""
    cleaned: tuple[Problem, ...] = ()
    gap_width_m = study.inputs.clean_gap_m
    if gap_width_m is not None:
        communes, cleaned = clean_outlines(communes, gap_width_m=gap_width_m)
    return communes, (*cleaned, *check_outlines(communes))


def _in_force(communes: gpd.GeoDataFrame, day: datetime.date) -> gpd.GeoDataFrame:
    """Keep, for each code, the unit that it means on a day; rows keep their index."""
    begun = communes[communes["valid_from"] <= pd.Timestamp(day)].sort_values(
        "valid_from", kind="stable"
    )
    return begun.drop_duplicates("commune_code", keep="last").sort_index()
