"""Whether an output folder is still what phusong wrote, and whether its study gives it again.

Knows digests and a run; changes neither folder nor study.
"""

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from .._text import visible
from ..errors import InputError, OutputError, Problem
from ..export import (
    MANIFEST,
    Manifest,
    differences,
    input_digests,
    read_manifest,
    recover_output,
    versions,
)
from ..i18n import Language, text
from ..study import Study, study_of
from .outputs.given import OF_THE_RUN, inputs_of, settings
from .parts import NAMES
from .progress import Progress

_DIFFERENCES = ("missing", "changed", "added", "inputs", "unlike", "not_made", "newly_made")
_CAUSES = ("settings", "versions")


@dataclass(frozen=True, kw_only=True)
class Verification:
    """What `verify` found; names are sorted, and there are none if nothing differs.

    Parameters
    ----------
    files : int
        How many files the manifest lists.
    missing, changed, added : tuple of str
        Files of the folder against its manifest; names of folders end in a slash.
    inputs : tuple of str
        Input files of the study that are not those the folder was made from.
    unlike, not_made, newly_made : tuple of str
        Files that the study gives in another content, no longer, or besides.
    settings, versions : tuple of str
        Settings of the run and versions of programs that are others than here:
        causes of a difference, and none by themselves.

    Examples
    --------
    >>> found = Verification(files=20, changed=("index.html",))
    >>> found.ok, list(found.lines("en"))
    (False, ['changed: index.html'])
    """

    files: int
    missing: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    unlike: tuple[str, ...] = ()
    not_made: tuple[str, ...] = ()
    newly_made: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing differs."""
        return not any(getattr(self, each) for each in _DIFFERENCES)

    def lines(self, lang: Language) -> Iterator[str]:
        """Tell what differs, then what may have caused it.

        Parameters
        ----------
        lang : {"vi", "en"}

        Yields
        ------
        str
            One line a name.
        """
        causes = _CAUSES if self.unlike or self.not_made or self.newly_made else ()
        for each in (*_DIFFERENCES, *causes):
            for name in getattr(self, each):
                yield text(f"verify.{each}", lang, name=visible(name))


def verify(
    out: Path | str,
    study: Study | Path | str | None = None,
    *,
    on_progress: Progress | None = None,
) -> Verification:
    """Compare an output folder with its manifest and, if given, with what its study gives now.

    Digests tell of accidents: a damaged disk, a half-copied folder, an edited
    page. Whoever changes a file and the manifest too is found out by `study` only.

    Parameters
    ----------
    out : path
        What ``phusong run`` or ``export`` wrote.
    study : Study or path, optional
        From `open_study`, or its folder: compute it again, into a temporary folder, and compare
        file by file.
    on_progress : callable, optional
        As for `run`.

    Returns
    -------
    Verification

    Raises
    ------
    InputError
        If `out` has no usable manifest or, with `study`, is no result of a run;
        or if the study's files are faulty.
    StudyError, WrongKindError
        If `study` is a folder whose ``study.toml`` is faulty, or neither study nor path.
    OutputError
        If a file cannot be read, or the temporary folder cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from phusong.export import write_manifest
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = (Path(folder) / "a.csv").write_text("1")
    ...     write_manifest(Path(folder), parameters={}, inputs={})
    ...     print(verify(folder).ok)
    ...     _ = (Path(folder) / "a.csv").write_text("2")
    ...     print(verify(folder).changed)
    True
    ('a.csv',)
    """
    if study is not None:
        study = study_of(study, "verify")
    folder = Path(out)
    recover_output(folder)
    manifest = read_manifest(folder)
    if study is not None and not manifest.is_result:
        raise InputError([Problem(message="export.not_a_result", file=f"{folder.name}/{MANIFEST}")])
    try:
        found = differences(folder, manifest)
        again = {} if study is None else _again(study, manifest, on_progress)
    except OutputError:
        raise
    except OSError as fault:
        raise OutputError("verify.not_read", folder=folder, detail=fault) from fault
    return Verification(
        files=len(manifest.outputs),
        missing=found.missing,
        changed=found.changed,
        added=found.added,
        **again,
    )


def _again(
    study: Study, manifest: Manifest, on_progress: Progress | None
) -> dict[str, tuple[str, ...]]:
    """Compute a study and return what is otherwise than a manifest says."""
    from ..export import understood  # takes seconds to load; digests are compared without
    from .runner import run

    with understood(MANIFEST):
        parts = manifest.parameters["parts"]
        if not set(parts) <= set(NAMES):
            raise ValueError(parts)
    # A file that is not there is named too; the run tells how to mend it, if it is needed.
    there = {name: path for name, path in inputs_of(study).items() if path.is_file()}
    now = {entry.path: entry for entry in input_digests(there)}
    before = {entry.path: entry for entry in manifest.inputs}
    result = run(study, parts=parts, on_progress=on_progress)
    with tempfile.TemporaryDirectory(prefix="phusong-") as home:
        result.write(Path(home) / "out", on_progress=on_progress)
        made = {entry.path: entry for entry in read_manifest(Path(home) / "out").outputs}
    kept = {entry.path: entry for entry in manifest.outputs}
    return {
        "inputs": _unlike(before, now),
        "unlike": tuple(name for name in _unlike(kept, made) if name in kept and name in made),
        "not_made": tuple(sorted(kept.keys() - made)),
        "newly_made": tuple(sorted(made.keys() - kept)),
        "settings": _unlike(
            {key: value for key, value in manifest.parameters.items() if key not in OF_THE_RUN},
            settings(study),
        ),
        "versions": _unlike(manifest.versions, versions()),
    }


def _unlike(one: Mapping[str, object], other: Mapping[str, object]) -> tuple[str, ...]:
    """Return the names whose values differ, or that only one side has."""
    return tuple(sorted(name for name in {*one, *other} if one.get(name) != other.get(name)))
