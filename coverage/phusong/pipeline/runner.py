"""Check and run a study: ask its parts in order, bring together what they found.

Knows what a part is, and no capability by its name.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .._memory import give_back, without_collection
from .._settings import STUDY_FILE
from ..compute import Cluster
from ..errors import InputError, PhusongError, Problem
from ..inputs import Reading
from ..study import Study, study_of
from .check_findings import CheckFindings
from .checked import CheckReport
from .gathered import gather
from .indicators import board_problems
from .limits import check_folders, fitting_threads, memory_problems, worker_problems
from .load import Loaded, load
from .outputs.themes import themes
from .parts import PARTS
from .parts.part import Findings, Found, Part
from .progress import Progress
from .records import Note, Resources

if TYPE_CHECKING:
    from .result import Result


def check(
    study: Study | Path | str,
    *,
    refuse: bool = True,
    out_folder: Path | str | None = None,
    cache_folder: Path | str | None = None,
) -> CheckReport:
    """Read every file of a study and tell whatever would stop `run`, without computing.

    Parameters
    ----------
    study : Study or path
        From `open_study`, or its folder.
    refuse : bool
        Raise what would stop `run`; otherwise it is the report's `fault`, and what became of
        every row can be seen.
    out_folder, cache_folder : path, optional
        Where a run would write; reported as by `run` if they cannot be used.

    Returns
    -------
    CheckReport
        What the run would leave out or set aside, as notes; what each file is, how its columns
        were read and what became of its rows, as tables.

    Raises
    ------
    StudyError, WrongKindError
        If `study` is a folder whose ``study.toml`` is faulty, or neither study nor path.
    InputError
        With every problem of every file, or where this machine's memory does not suffice.
    OutputError
        If the folders lie in each other, or the disk is too small.
    TerrainError
        If the one fault is that a raster does not cover the communes, or has too many voids.

    Examples
    --------
    >>> import phusong
    >>> remarks = phusong.check(phusong.open_study(phusong.sample_folder()))
    >>> sorted({remark.message for remark in remarks})
    ['pipeline.no_measured', 'pipeline.no_survey', 'pipeline.technologies_left_out']
    >>> remarks.files.query("table == 'villages'")[["rows", "used", "passed_over"]].to_numpy()
    array([[2070, 2069,    1]])
    """  # noqa: DOC501  the fault raised is one of those
    study = study_of(study, "check")
    readings: list[Reading] = []
    notes: list[Note] = []
    fault = None
    try:
        with without_collection():  # of millions of cells none holds another
            loaded = _load(study, readings)
            resources = Resources.of(None, cache_folder, None)
            taken, _ = _take(study, loaded, PARTS)
            _fit(study, loaded, taken, resources, None, out_folder)
            _, taken, notes = _settled(study, loaded, PARTS)
            _refuse(wrong for part, inputs in taken for wrong in part.check(inputs))
            notes += [note for part, inputs in taken for note in part.remarks(inputs)]
    except PhusongError as wrong:
        if refuse:
            raise
        fault = wrong
    return CheckReport.of(
        CheckFindings(study=study, notes=tuple(notes), readings=tuple(readings), fault=fault)
    )


def run(
    study: Study | Path | str,
    *,
    parts: Collection[str] | None = None,
    threads: int | None = None,
    cache_folder: Path | str | None = None,
    out_folder: Path | str | None = None,
    on_progress: Progress | None = None,
    cluster: Cluster | None = None,
) -> "Result":
    """Compute a study.

    Parameters
    ----------
    study : Study or path
        From `open_study`, or its folder.
    parts : collection of {"coverage", "fibre", "egov"}, optional
        What to compute, all if absent; what is left out leaves its tables
        None, and its columns away. What a part stands on is computed with it.
    threads : int, optional
        Sites predicted at a time; as many as there are cores, or fewer if memory
        asks for it, if absent. The result does not depend on it.
    cache_folder : path, optional
        Keep computed losses there, so that a second run recomputes only what
        changed.
    out_folder : path, optional
        Where the result will be written: a cache in it, or too small a disk, is refused
        before anything is computed.
    on_progress : callable, optional
        Called with a message key, how much is done, and how much there is;
        a notebook shows bars of its own if absent.
    cluster : Cluster, optional
        From `phusong.cluster`: its processes predict the signal, to the same bytes as threads.

    Returns
    -------
    Result
        Tables and rasters; those whose inputs are absent are None.

    Raises
    ------
    ValueError
        If there is no part of a name given.
    StudyError, WrongKindError
        If `study` is a folder whose ``study.toml`` is faulty, or neither study nor path.
    InputError
        If input tables or rasters are faulty, several faults were found, or the
        machine's memory does not suffice.
    OutputError
        If the folders lie in each other, or the disk is too small.
    TerrainError
        If the one fault is that elevation or population does not cover the
        communes, or elevation has too many voids.
    ModelRangeError
        If a cell lies outside the ranges of the propagation model.
    ClusterError
        If the scheduler or the workers of `cluster` are lost.

    Examples
    --------
    >>> import phusong
    >>> study = phusong.open_study(phusong.sample_folder())
    >>> result = run(study, parts=["territory"])
    >>> len(result.communes), len(result.stations), result.gaps is None
    (195, 1514, True)
    """
    from .result import Result  # loads libraries that draw, which a check does without

    study = study_of(study, "run")
    resources = Resources.of(threads, cache_folder, on_progress, cluster)
    chosen = _chosen(parts)
    resources.on_progress("pipeline.step_load", 0, 1)
    with without_collection():  # as in `check`
        loaded = _load(study)
        taken, _ = _take(study, loaded, chosen)
        resources = _fit(study, loaded, taken, resources, threads, out_folder)
        loaded, taken, notes = _settled(study, loaded, chosen)
        _refuse(fault for part, inputs in taken for fault in part.check(inputs))
        notes += [note for part, inputs in taken for note in part.remarks(inputs)]
    resources.on_progress("pipeline.step_load", 1, 1)
    wanted = frozenset[str]().union(*(part.wants for part, _ in taken))
    resources = replace(resources, wanted=wanted)
    found: dict[str, Findings[Any]] = {}
    while taken:
        part, inputs = taken.pop(0)
        if all(name in found for name in part.stands_on):
            found[part.name] = part.compute(inputs, Found(found), resources)
        del inputs  # with the rasters it has read
        give_back()
    asked = [part.name for part in chosen]
    return Result(gather(study, loaded, PARTS, Found(found), notes, asked))


def _fit(
    study: Study,
    loaded: Loaded,
    taken: Sequence[tuple[Part[Any, Any], Any]],
    resources: Resources,
    threads: int | None,
    out_folder: Path | str | None,
) -> Resources:
    """Refuse what the machine cannot do, before a raster is read; return as many threads as fit."""
    check_folders(
        study,
        loaded.tables,
        out_folder=None if out_folder is None else Path(out_folder),
        cache_folder=resources.cache_folder,
    )
    names = {part.name for part, _ in taken}
    threads = threads or fitting_threads(study, loaded.tables)
    problems = memory_problems(study, loaded.tables, threads, parts=names)
    if resources.cluster is not None:
        problems += worker_problems(
            study, loaded.tables, resources.cluster.memory_bytes, parts=names
        )
    if problems:
        raise InputError(problems)
    return replace(resources, threads=threads)


def _chosen(names: Collection[str] | None) -> list[Part[Any, Any]]:
    """Return the parts asked for and those they stand on, in their order; all if None."""
    if names is None:
        return list(PARTS)
    known = {part.name: part for part in PARTS}
    if unknown := sorted(set(names) - set(known)):
        raise ValueError(f"no part {', '.join(unknown)}; there are {', '.join(known)}")
    wanted = set(names)
    for part in reversed(PARTS):
        if part.name in wanted:
            wanted |= set(part.stands_on)
    return [part for part in PARTS if part.name in wanted]


def _load(study: Study, readings: list[Reading] | None = None) -> Loaded:
    """Load the tables; refuse published figures that the board cannot word, and wrong maps."""
    problems = [*board_problems(study, PARTS)]
    if problems:
        raise InputError(problems)
    themes(study)  # a wrong map is refused before a large run spends hours
    return load(study, readings)


def _settled(
    study: Study, loaded: Loaded, parts: Sequence[Part[Any, Any]]
) -> tuple[Loaded, list[tuple[Part[Any, Any], Any]], list[Note]]:
    """Let parts settle what follows from the tables, then let each take what it needs."""
    told: list[Note] = []
    for part in parts:
        loaded, notes = part.settle(study, loaded)
        told += notes
    taken, notes_of_parts = _take(study, loaded, parts)
    return loaded, taken, [*told, *notes_of_parts]


def _take(
    study: Study, loaded: Loaded, parts: Sequence[Part[Any, Any]]
) -> tuple[list[tuple[Part[Any, Any], Any]], list[Note]]:
    """Let each part take what it needs; tell what is switched off, and what was set aside."""
    taken, notes = [], []
    for part in parts:
        inputs = part.take(study, loaded)
        if isinstance(inputs, Note):
            notes.append(replace(inputs, by_choice=True))
        else:
            taken.append((part, inputs))
    return taken, [*notes, *loaded.notes(study.as_of)]


def _refuse(faults: Iterator[PhusongError]) -> None:
    """Raise a fault as it is, several as one; return if there is none."""
    found = list(faults)
    if len(found) == 1:
        raise found[0]
    problems: list[Problem] = []
    for fault in found:  # parts that read the same raster find the same
        problems += [problem for problem in _problems(fault) if problem not in problems]
    if problems:
        raise InputError(problems)


def _problems(fault: PhusongError) -> Sequence[Problem]:
    if isinstance(fault, InputError):
        return fault.problems
    return [Problem(message=fault.message, file=STUDY_FILE, values=fault.values)]
