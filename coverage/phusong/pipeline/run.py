"""One run of a study, step by step: load, predict, count, connect, judge."""

import os
from collections.abc import Collection
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import pandas as pd

from ..errors import InputError, Problem
from ..service import districts_and_province, stations_of_cells
from ..study import Study
from ..tables import Table
from .load import Loaded, load
from .outputs.themes import themes
from .parts.coverage.settings import model_problems, on_air
from .parts.coverage.signal import Basis, predict_coverage, read_ground
from .parts.egov.offices import count_offices, egov_problems, govern, with_readiness
from .parts.fibre.network import (
    Fibre,
    connect,
    fibre_problems,
    offices_with_fibre,
    stations_with_fibre,
    with_fibre,
)
from .progress import Progress, default_progress
from .questions.board import indicators, known_indicators, unit_of
from .result import Note, Result, definitions

CONTEXT = ("roads", "rivers", "places")
Part = Literal["coverage", "fibre", "egov"]
PARTS: tuple[Part, ...] = ("coverage", "fibre", "egov")


def check(study: Study) -> tuple[Note, ...]:
    """Read every table of a study without computing.

    Returns
    -------
    tuple of Note
        What the run would leave out or set aside.

    Raises
    ------
    InputError
        With every problem of every file.

    Examples
    --------
    >>> import phusong
    >>> phusong.check(phusong.open_study(phusong.sample_folder()))
    ()
    """
    return _notes(study, _load(study), PARTS)


def run(
    study: Study,
    *,
    parts: Collection[Part] = PARTS,
    threads: int | None = None,
    cache_folder: Path | str | None = None,
    on_progress: Progress | None = None,
) -> Result:
    """Compute a study.

    Parameters
    ----------
    study : Study
        From `open_study`.
    parts : collection of {"coverage", "fibre", "egov"}
        What to compute; what is left out leaves its tables None, and its
        columns away.
    threads : int, optional
        Stations predicted at a time; the number of cores if absent. The
        result does not depend on it.
    cache_folder : path, optional
        Keep computed losses there, so that a second run recomputes only what
        changed.
    on_progress : callable, optional
        Called with a message key, how much is done, and how much there is;
        a notebook shows bars of its own if absent.

    Returns
    -------
    Result
        Tables and rasters; those whose inputs are absent are None.

    Raises
    ------
    InputError
        If input tables are faulty.
    TerrainError
        If elevation or population does not cover the communes.
    ModelRangeError
        If a cell lies outside the ranges of the propagation model.

    Examples
    --------
    A made-up study of six communes:

    >>> import tempfile
    >>> from phusong.study import open_study
    >>> from phusong.synthetic import write_small_study
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_small_study(Path(folder))
    ...     result = run(open_study(folder), threads=1)
    >>> len(result.communes), result.province["stations"].tolist()
    (6, [20])
    >>> bool(result.communes["covered_population_share_mobile"].between(0, 1).all())
    True
    """
    on_progress = on_progress or default_progress()
    on_progress("pipeline.step_load", 0, 1)
    loaded = _load(study)
    on_progress("pipeline.step_load", 1, 1)
    notes = list(_notes(study, loaded, parts))
    ground = coverage = None
    if "coverage" in parts and _can_predict(study):
        ground = read_ground(study, loaded.tables, on_progress=on_progress)
        coverage = predict_coverage(
            study,
            loaded.tables,
            ground,
            patterns=loaded.patterns,
            threads=threads or os.cpu_count() or 1,
            cache_folder=None if cache_folder is None else Path(cache_folder),
            on_progress=on_progress,
        )
        notes += coverage.notes
    fibre = None
    if "fibre" in parts:
        fibre = connect(study, loaded.tables, on_progress=on_progress)
        notes += fibre.notes if fibre else ()
    return assemble(study, Basis(loaded, ground, coverage), notes, parts, fibre)


def _can_predict(study: Study) -> bool:
    inputs = study.inputs
    return bool(inputs.cells and inputs.communes and inputs.terrain and study.services)


def _load(study: Study) -> Loaded:
    """Load the tables; refuse published figures that the board cannot word."""
    problems = [
        Problem(
            message="pipeline.published_without_words",
            file="study.toml",
            key=f"published.{position}",
            value=figure.indicator,
        )
        for position, figure in enumerate(study.published, start=1)
        if figure.indicator not in known_indicators(study)
        and not (figure.name and figure.name_en and figure.unit)
    ]
    problems += [
        Problem(
            message="pipeline.published_not_a_share",
            file="study.toml",
            key=f"published.{position}.value",
            value=figure.value,
        )
        for position, figure in enumerate(study.published, start=1)
        if (figure.unit or unit_of(figure.indicator)) == "share"
        and figure.indicator != "computers_per_official"  # some offices have more than one each
        and not 0 <= figure.value <= 1
    ]
    problems += model_problems(study)
    if problems:
        raise InputError(problems)
    themes(study)  # a wrong map is told before the hours of a large run
    loaded = load(study)
    unknown = [*_unknown_operators(study, loaded), *egov_problems(study, loaded.tables)]
    unknown += fibre_problems(study, loaded.tables)
    if unknown:
        raise InputError(unknown)
    return loaded


def _unknown_operators(study: Study, loaded: Loaded) -> list[Problem]:
    """Find operators of services that have no cell at all: most likely misspelt."""
    if "cells" not in loaded.tables:
        return []
    known = sorted(set(loaded.tables["cells"]["operator"]))
    return [
        Problem(
            message="pipeline.unknown_operator",
            file="study.toml",
            key=f"services.{position}.operators",
            value=operator,
            values={"known": ", ".join(known)},
        )
        for position, service in enumerate(study.services, start=1)
        for operator in service.operators
        if operator not in known
    ]


def _notes(study: Study, loaded: Loaded, parts: Collection[Part]) -> tuple[Note, ...]:
    """Tell what is switched off for want of inputs, and what was set aside."""
    inputs = study.inputs
    notes = []
    if "coverage" in parts and not _can_predict(study):
        notes.append(Note("pipeline.no_coverage", {}))
    if "fibre" in parts and not (inputs.spans or inputs.ofds):
        notes.append(Note("pipeline.no_fibre", {}))
    if "egov" in parts and not inputs.offices:
        notes.append(Note("pipeline.no_offices", {}))
    if loaded.communes_not_in_force:
        notes.append(
            Note(
                "pipeline.communes_not_in_force",
                {"count": loaded.communes_not_in_force, "date": study.as_of.isoformat()},
            )
        )
    notes += [
        Note("pipeline.set_aside", {"table": name, "count": len(rows)})
        for name, rows in loaded.rejected.items()
    ]
    notes += [Note(problem.message, problem.values, problem) for problem in loaded.problems]
    return tuple(notes)


def assemble(
    study: Study,
    basis: Basis,
    notes: list[Note],
    parts: Collection[Part],
    fibre: Fibre | None = None,
) -> Result:
    """Bring the rooms' tables together, columns in the order of `tables`.

    Parameters
    ----------
    study : Study
    basis : Basis
        What was loaded and the coverage, if computed.
    notes : list of Note
        Told so far; those of the rooms are added to it.
    parts : collection of str
        Whether e-government is judged.
    fibre : Fibre, optional
        The network, if connected.
    """
    loaded, coverage = basis.loaded, basis.coverage
    communes = coverage.communes if coverage else loaded.tables.get("communes")
    districts = coverage.districts if coverage else None
    province = coverage.province if coverage else None
    if coverage is None and communes is not None:
        districts, province = districts_and_province(communes)
    egov = None
    if "egov" in parts:
        services = coverage.services if coverage else {}
        egov = govern(
            study, loaded.tables, {name: each.margin_db for name, each in services.items()}
        )
    if egov is not None:
        notes += egov.notes
    if communes is not None:
        communes = with_readiness(with_fibre(communes, fibre), egov)
        if districts is not None and province is not None:
            province = province.assign(province_code=study.province_code, province=study.province)
            if egov is not None:
                districts, province = count_offices(districts, province, communes, egov)
    rejected = dict(loaded.rejected)
    if coverage is not None and len(coverage.rejected):
        rejected["cells"] = pd.concat(
            [*([rejected["cells"]] if "cells" in rejected else []), coverage.rejected],
            ignore_index=True,
        )
    offices = egov.offices if egov else None
    if offices is None and "fibre" in parts:
        offices = loaded.tables.get("offices")
    stations = coverage.stations if coverage else _stations(study, loaded)
    found: dict[str, Any] = {
        "communes": communes,
        "districts": districts,
        "province": province,
        "villages": coverage.villages if coverage else loaded.tables.get("villages"),
        "stations": stations_with_fibre(stations, fibre),
        "gaps": coverage.gaps if coverage else None,
        "offices": offices_with_fibre(offices, fibre),
        "spans": fibre.spans if fibre else None,
        "fibre_findings": fibre.findings if fibre else None,
        "fibre_nodes": fibre.nodes if fibre else None,
        "steep_stretches": fibre.steep if fibre else None,
        "fibre_links": fibre.construction.links if fibre else None,
        "fibre_extension": fibre.construction.extension if fibre else None,
        "readiness": egov.readiness if egov else None,
        "rollout": egov.rollout.plan if egov else None,
        "rollout_years": egov.rollout.years if egov else None,
        "rollout_works": egov.rollout.works if egov else None,
        "rollout_scenarios": egov.rollout.scenarios if egov else None,
        "access": egov.access if egov else None,
    }
    rules = egov.rules if egov else None
    defined = definitions(coverage.services if coverage else (), rules)
    ordered = {name: _in_order(frame, defined[name]) for name, frame in found.items()}
    return Result(
        study=study,
        indicators=indicators(
            study,
            **{name: ordered[name] for name in ("province", "communes", "stations", "rollout")},
            offices=ordered["offices"] if egov else None,
        ),
        notes=tuple(notes),
        rejected=rejected,
        rules=rules,
        **ordered,
        cells=coverage.cells if coverage else None,
        context={name: loaded.tables[name] for name in CONTEXT if name in loaded.tables},
        services=coverage.services if coverage else {},
        terrain=coverage.terrain if coverage else None,
        population=coverage.population if coverage else None,
        basis=basis,
    )


def _stations(study: Study, loaded: Loaded) -> gpd.GeoDataFrame | None:
    if "cells" not in loaded.tables:
        return None
    return stations_of_cells(on_air(loaded.tables["cells"], study), loaded.tables.get("communes"))


def _in_order(frame: pd.DataFrame | None, table: Table) -> pd.DataFrame | None:
    """Keep the columns that the table defines, in its order; what was not computed stays absent."""
    if frame is None:
        return None
    shape = [frame.geometry.name] if isinstance(frame, gpd.GeoDataFrame) else []
    return frame[[*(name for name in table.columns if name in frame), *shape]]
