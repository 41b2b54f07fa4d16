"""What a folder was made from and what it holds, each file with its SHA-256.

No time, no user, no machine path: the same inputs and versions give the same
manifest. The digests tell of accidents and of a user's own work; whoever
rewrites the manifest as well is not found out.
"""

import glob
import hashlib
import os
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PureWindowsPath
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeInt,
    StringConstraints,
    ValidationError,
)

from ..errors import InputError, Problem
from .json_text import write_json
from .libraries import versions

MANIFEST = "manifest.json"
DICTIONARY = "geojson/schema/dictionary.json"
"""The file that every output folder of a run has, and no other."""

DEBRIS = ("Thumbs.db", "desktop.ini", ".DS_Store", "*.aux.xml", "*.qmd", "~$*", ".~lock.*#")
"""Files that viewers leave beside what they open; not worth keeping."""

_LARGEST_BYTES = 16 << 20
_SHAPEFILE_PARTS = (".cpg", ".dbf", ".prj", ".shx")


def _inside(path: str) -> str:
    """Refuse a name that could lead out of the folder."""
    parts = path.split("/")
    if PureWindowsPath(path).is_absolute() or any(part in ("", ".", "..") for part in parts):
        raise ValueError("not a name within the folder")
    return path


class FileDigest(BaseModel):
    """A file by its name, size and SHA-256."""

    model_config = ConfigDict(frozen=True, strict=True)

    path: str
    size: NonNegativeInt = Field(alias="bytes")
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class OutputDigest(FileDigest):
    """A file of the folder; its name, with slashes, stays within the folder."""

    path: Annotated[str, AfterValidator(_inside)]


class Manifest(BaseModel):
    """What a folder says of itself.

    Parameters
    ----------
    written_by : "phusong"
        Tells our folders from others.
    versions : mapping of str to str
        As `versions` returned them.
    parameters : mapping
        The study's settings as JSON values.
    inputs : tuple of FileDigest
        Files it was made from, named as the study gives them.
    outputs : tuple of OutputDigest
        Files it holds, besides the manifest.
    """

    model_config = ConfigDict(frozen=True, strict=True)

    written_by: Literal["phusong"]
    versions: dict[str, str]
    parameters: dict[str, Any]
    inputs: tuple[FileDigest, ...]
    outputs: tuple[OutputDigest, ...]

    @property
    def is_result(self) -> bool:
        """Whether the folder holds the results of a run, and not an export."""
        return any(entry.path == DICTIONARY for entry in self.outputs)


@dataclass(frozen=True, kw_only=True)
class Differences:
    """How a folder differs from its manifest, each name once and sorted.

    Parameters
    ----------
    missing : tuple of str
        Files that are listed and not there.
    changed : tuple of str
        Files of another content; links and folders that stand in their place.
    added : tuple of str
        What is not listed: files, links, and folders, whose names end in a
        slash and stand for all that is in them. `DEBRIS` does not count.
    """

    missing: tuple[str, ...]
    changed: tuple[str, ...]
    added: tuple[str, ...]


def write_manifest(
    folder: Path,
    *,
    parameters: Mapping[str, Any],
    inputs: Mapping[str, Path],
    digests: Iterable[FileDigest] = (),
    known: Iterable[FileDigest] = (),
) -> None:
    """Write ``manifest.json``; call it last, when every other file is in the folder.

    Parameters
    ----------
    folder : Path
        The output folder.
    parameters : mapping
        The study's settings as JSON values.
    inputs : mapping
        Name of each input file as the study gives it → where it lies. The
        parts of a Shapefile are found beside it.
    digests : iterable of FileDigest
        Further inputs, by what is known of them.
    known : iterable of FileDigest
        Of files in the folder that are as they were when it was taken.

    Raises
    ------
    OSError
        If an input cannot be read or the manifest cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = (Path(folder) / "gaps.csv").write_text("gap_id")
    ...     write_manifest(Path(folder), parameters={"edition": "2017"}, inputs={})
    ...     told = read_manifest(Path(folder))
    >>> told.parameters, [(file.path, file.size) for file in told.outputs]
    ({'edition': '2017'}, [('gaps.csv', 6)])
    """
    told = {one.path: one for one in known}
    outputs = [
        told.get(name := path.relative_to(folder).as_posix()) or digest_of(name, path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path != folder / MANIFEST
    ]
    content = {
        "written_by": "phusong",
        "versions": versions(),
        "parameters": parameters,
        "inputs": [entry.model_dump(by_alias=True) for entry in (*digests, *input_digests(inputs))],
        "outputs": [entry.model_dump(by_alias=True) for entry in outputs],
    }
    write_json(content, folder / MANIFEST)


def rewrite_manifest(folder: Path, manifest: Manifest, changed: str) -> None:
    """Write the manifest of a folder again, of which one file is another.

    Parameters
    ----------
    folder : Path
        With all files of the manifest.
    manifest : Manifest
        What it said; versions and inputs stay.
    changed : str
        Name of the file.

    Raises
    ------
    OSError
        If the file cannot be read or the manifest cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as home:
    ...     folder = Path(home)
    ...     _ = (folder / "a.txt").write_text("1")
    ...     write_manifest(folder, parameters={}, inputs={})
    ...     _ = (folder / "a.txt").write_text("23")
    ...     rewrite_manifest(folder, read_manifest(folder), "a.txt")
    ...     [(file.path, file.size) for file in read_manifest(folder).outputs]
    [('a.txt', 2)]
    """
    outputs = [
        digest_of(changed, folder / changed) if entry.path == changed else entry
        for entry in manifest.outputs
    ]
    content = {
        **manifest.model_dump(by_alias=True, mode="json"),
        "outputs": [entry.model_dump(by_alias=True) for entry in outputs],
    }
    write_json(content, folder / MANIFEST)


def read_manifest(folder: Path) -> Manifest:
    """Return what a folder says of itself. No file but its manifest is opened.

    Parameters
    ----------
    folder : Path
        An output of phusong.

    Returns
    -------
    Manifest

    Raises
    ------
    InputError
        If there is no manifest, or it is damaged, someone else's, larger than
        any of ours, or names a file outside the folder.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_manifest(Path(folder), parameters={"edition": "2017"}, inputs={})
    ...     read_manifest(Path(folder)).parameters
    {'edition': '2017'}
    """
    path = folder / MANIFEST
    if path.is_symlink() or not os.path.isfile(path):  # noqa: PTH113  False where reading is denied
        raise InputError([Problem(message="export.not_a_result", file=f"{folder.name}/{MANIFEST}")])
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise InputError([Problem(message="export.manifest_unusable", file=MANIFEST)])
        return Manifest.model_validate_json(path.read_bytes())
    except OSError as fault:
        raise InputError([Problem(message="export.manifest_unusable", file=MANIFEST)]) from fault
    except ValidationError as found:
        faults = found.errors(include_url=False, include_context=False)
        if any(fault["loc"] == ("written_by",) for fault in faults):
            raise InputError(
                [Problem(message="export.not_a_result", file=f"{folder.name}/{MANIFEST}")]
            ) from None
        raise InputError(
            [
                Problem(
                    message="export.manifest_unusable",
                    file=MANIFEST,
                    key=".".join(map(str, fault["loc"])) or None,
                    value=fault["input"],
                )
                for fault in faults
            ]
        ) from None


def differences(folder: Path, manifest: Manifest) -> Differences:
    """Compare a folder with its manifest. Links are never followed.

    Parameters
    ----------
    folder : Path
        An output of phusong.
    manifest : Manifest
        From `read_manifest`.

    Returns
    -------
    Differences
        Names of files that are missing, changed or added, sorted.

    Raises
    ------
    OSError
        If a part of it cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_manifest(Path(folder), parameters={}, inputs={})
    ...     _ = (Path(folder) / "remarks.docx").write_text("mine")
    ...     differences(Path(folder), read_manifest(Path(folder)))
    Differences(missing=(), changed=(), added=('remarks.docx',))
    """
    listed = {entry.path: entry for entry in manifest.outputs}
    names = sorted(listed)

    def holds_listed(name: str) -> bool:
        at = bisect_left(names, name)
        return at < len(names) and names[at].startswith(name)

    found: dict[str, bool] = {}
    waiting = [""]
    while waiting:
        within = waiting.pop()
        with os.scandir(folder / within) as entries:
            for entry in entries:
                name = within + entry.name
                if not entry.is_dir(follow_symlinks=False):
                    found[name] = entry.is_file(follow_symlinks=False)
                elif holds_listed(f"{name}/"):
                    waiting.append(f"{name}/")
                else:
                    found[name if name in listed else f"{name}/"] = False
    return Differences(
        missing=tuple(sorted(listed.keys() - found.keys())),
        changed=tuple(
            name
            for name in sorted(listed.keys() & found.keys())
            if not found[name] or digest_of(name, folder / name).sha256 != listed[name].sha256
        ),
        added=tuple(
            name
            for name in sorted(found.keys() - listed.keys() - {MANIFEST})
            if not (found[name] and _is_debris(name))
        ),
    )


def input_digests(inputs: Mapping[str, Path]) -> tuple[FileDigest, ...]:
    """Return the digests of input files, those of a Shapefile's parts among them.

    Parameters
    ----------
    inputs : mapping of str to Path
        Name of each file as the study gives it → where it lies.

    Returns
    -------
    tuple of FileDigest
        Sorted by name.

    Raises
    ------
    OSError
        If a file cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "cells.csv"
    ...     _ = path.write_bytes(b"abc")
    ...     (digest,) = input_digests({"cells.csv": path})
    >>> digest.path, digest.size, digest.sha256[:16]
    ('cells.csv', 3, 'ba7816bf8f01cfea')
    """
    return tuple(digest_of(name, path) for name, path in sorted(_with_parts(inputs).items()))


def is_unchanged(inputs: Iterable[FileDigest], name: str, path: Path) -> bool:
    """Tell whether an input file, with all its parts, is still the one of a manifest.

    Parameters
    ----------
    inputs : iterable of FileDigest
        The manifest's.
    name : str
        As the study gives it.
    path : Path
        Where it lies now.

    Raises
    ------
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "cells.csv"
    ...     _ = path.write_text("cell_id")
    ...     before = input_digests({"cells.csv": path})
    ...     print(is_unchanged(before, "cells.csv", path))
    ...     _ = path.write_text("cell")
    ...     print(is_unchanged(before, "cells.csv", path))
    True
    False
    """
    stem, _, suffix = name.rpartition(".")
    of_shapefile = _SHAPEFILE_PARTS if suffix.lower() == "shp" else ()
    parts = {f"{stem}{part}".lower() for part in of_shapefile}
    before = {one for one in inputs if one.path == name or one.path.lower() in parts}
    return bool(before) and before == set(input_digests({name: path}))


def digest_of(name: str, path: Path) -> FileDigest:
    """Return the digest of a file under a name."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return FileDigest(path=name, bytes=path.stat().st_size, sha256=digest)


def _with_parts(inputs: Mapping[str, Path]) -> dict[str, Path]:
    """Add the files that hold a Shapefile's attributes, index and CRS."""
    files = dict(inputs)
    for name, path in inputs.items():
        if path.suffix.lower() == ".shp":
            stem = name[: -len(path.suffix)]
            files |= {
                stem + part.suffix: part
                for part in path.parent.glob(f"{glob.escape(path.stem)}.*")
                if part.suffix.lower() in _SHAPEFILE_PARTS
            }
    return files


def _is_debris(name: str) -> bool:
    return any(fnmatchcase(name.rpartition("/")[2], pattern) for pattern in DEBRIS)
