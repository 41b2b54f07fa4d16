"""An offline bundle: a study, its files and their licences as one archive, and back again.

The same study gives the same bytes. What is unpacked is checked name by name and digest by digest
before any of it takes its place: a bundle comes from a colleague's stick, or from anybody's.
"""

import hashlib
import json
import os
import shutil
import stat
import tempfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO, Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from .._settings import STUDY_FILE
from .._version import program
from ..errors import BundleError, OutputError
from ..export import input_digests, output_file
from ..export.manifest import FileDigest
from ..pipeline.outputs.given import inputs_of
from ..study import open_study
from .records import RECORDS, read_records

CONTENTS, LICENCES = "phusong-bundle.json", "LICENCES.txt"
_FORMAT: Literal["phusong bundle 1"] = "phusong bundle 1"
_WHEN = (1980, 1, 1, 0, 0, 0)  # the first day a zip file knows; not today, or no two were the same
_MODE = 0o644
_PACKED = frozenset({".tif", ".zip", ".xlsx", ".gz", ".parquet"})
"""Compressed already."""
_CHUNK_BYTES = 1 << 20
_LARGEST_CONTENTS_BYTES = 10_000_000
_MOST_FILES = 10_000
_LARGEST_BYTES = 50_000_000_000
_LARGEST_RATIO = 200
"""No table or raster of a study is pressed to less; a bomb is, to a thousandth."""
_SPARE_BYTES = 100_000_000
_ENCRYPTED = 0x1  # general purpose bit 0 (PKWARE APPNOTE 4.4.4)
_RESERVED = frozenset(
    {"con", "prn", "aux", "nul", *(f"{name}{n}" for name in ("com", "lpt") for n in range(1, 10))}
)
_FORBIDDEN = set('<>:"|?*\\')


def _portable(path: str) -> str:
    """Refuse a name that leads elsewhere, or that some system takes for another one."""
    parts = path.split("/")
    fits = path.isprintable() and len(path) <= 240 and not set(path) & _FORBIDDEN
    for part in parts:
        fits = fits and part not in ("", ".", "..") and part == part.strip().rstrip(".")
        fits = fits and part.split(".")[0].casefold() not in _RESERVED
    if not fits or PureWindowsPath(path).is_absolute():
        raise ValueError("not a name within the folder")
    return path


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class _File(_Model):
    path: Annotated[str, AfterValidator(_portable)]
    bytes: Annotated[int, Field(ge=0)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Licence(_Model):
    layer: str
    files: Annotated[tuple[str, ...], Field(strict=False)]
    title: str
    version: str
    licence: str
    licence_url: str
    attribution: str


class _Contents(_Model):
    format: Literal["phusong bundle 1"]
    made_by: str
    study: str
    files: Annotated[tuple[_File, ...], Field(strict=False)]
    licences: Annotated[tuple[_Licence, ...], Field(strict=False)]


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """A bundle that was packed or unpacked.

    Parameters
    ----------
    path : Path
        The archive, or the folder.
    files : tuple of str
        Files of the study.
    unlicensed : tuple of str
        Those of which nothing is known but that they are the user's own.
    left_out : tuple of str
        Databases that the study reads, which no archive can hold.
    """

    path: Path
    files: tuple[str, ...]
    unlicensed: tuple[str, ...]
    left_out: tuple[str, ...] = ()


def pack(folder: Path | str, to: Path | str | None = None, *, replace: bool = False) -> Bundle:
    """Pack a study into one archive, with digests and licences.

    Parameters
    ----------
    folder : path
        With a study.toml; only the files that it names are packed.
    to : path, optional
        The archive; beside the folder, named like it, if absent.
    replace : bool
        Whether an archive of that name may be replaced.

    Returns
    -------
    Bundle

    Raises
    ------
    StudyError
        If the study.toml is faulty.
    BundleError
        If a file has a name that not every system knows, or changes while it is packed.
    OutputError
        If the archive cannot be written.

    Examples
    --------
    >>> import phusong, tempfile
    >>> with tempfile.TemporaryDirectory() as home:
    ...     packed = pack(phusong.sample_folder(), Path(home) / "ha-giang.zip")
    ...     there = unpack(packed.path, Path(home) / "ha-giang")
    ...     phusong.open_study(there.path).province
    'Hà Giang'
    """
    study = open_study(folder)
    home = study.folder
    target = home.with_name(f"{home.name}.zip") if to is None else Path(to)
    records = read_records(home)
    inputs = inputs_of(study)
    digests = [one for one in input_digests(inputs) if one.path != RECORDS]
    if records is not None:
        digests += input_digests({RECORDS: home / RECORDS})
    digests.sort(key=lambda one: one.path)
    licences = () if records is None else tuple(
        _Licence(
            layer=name, files=tuple(one.files), title=one.title, version=one.version,
            licence=one.licence, licence_url=one.licence_url, attribution=one.attribution,
        )
        for name, one in sorted(records.layers.items())
    )  # fmt: skip
    try:
        contents = _Contents(
            format=_FORMAT, made_by=program(), study=study.name, licences=licences,
            files=tuple(_File(path=one.path, bytes=one.size, sha256=one.sha256) for one in digests),
        )  # fmt: skip
    except ValidationError as refused:
        names = ", ".join(str(fault["input"]) for fault in refused.errors()[:3])
        raise BundleError("fetch.odd_names", names=names) from None
    licensed = {name for one in licences for name in one.files}
    own = tuple(one.path for one in digests if one.path not in {*licensed, STUDY_FILE, RECORDS})
    with output_file(target, replace=replace) as fresh, zipfile.ZipFile(fresh, "w") as archive:
        _put(archive, CONTENTS, _json(contents))
        _put(archive, LICENCES, _licences(licences, own))
        for one in digests:
            _put_file(archive, one, home / one.path)
    databases = tuple(name for name, source in study.inputs.files if source.is_database)
    return Bundle(
        path=target, files=tuple(one.path for one in digests), unlicensed=own, left_out=databases
    )


def _json(contents: _Contents) -> bytes:
    told = json.dumps(contents.model_dump(), ensure_ascii=False, indent=1, sort_keys=True)
    return f"{told}\n".encode()


def _licences(licences: Iterable[_Licence], own: Iterable[str]) -> bytes:
    lines = ["Nguồn, giấy phép và cách ghi nguồn / sources, licences and attributions", ""]
    for one in licences:
        lines += [
            f"{', '.join(one.files)}: {one.title}, {one.version}",
            f"  {one.licence}: {one.licence_url}",
            f"  {one.attribution}",
            "",
        ]
    if own:
        lines += [f"Không rõ nguồn, của người đóng gói / the packer's own: {', '.join(own)}", ""]
    return "\n".join(lines).encode()


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _WHEN)
    info.create_system = 3  # Unix, wherever it is packed
    info.external_attr = (stat.S_IFREG | _MODE) << 16
    stored = PurePosixPath(name).suffix.lower() in _PACKED
    info.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    return info


def _put(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    archive.writestr(_info(name), content)


def _put_file(archive: zipfile.ZipFile, digest: FileDigest, path: Path) -> None:
    info, found = _info(digest.path), hashlib.sha256()
    info.file_size = digest.size  # tells whether it needs the form for more than 4 GB
    with path.open("rb") as file, archive.open(info, "w") as packed:
        while some := file.read(_CHUNK_BYTES):
            found.update(some)
            packed.write(some)
    if found.hexdigest() != digest.sha256:
        raise BundleError("fetch.changed", name=digest.path)


def unpack(archive: Path | str, into: Path | str) -> Bundle:
    """Unpack a bundle into a new folder, if it is whole and of harmless form.

    Parameters
    ----------
    archive : path
        From `pack`.
    into : path
        Absent or empty.

    Returns
    -------
    Bundle

    Raises
    ------
    BundleError
        If it is no bundle, or damaged; has names that lead elsewhere, links, files that its list
        does not name, or more bytes than it says or the disk has.
    OutputError
        If the folder is not empty or cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as home:
    ...     path = Path(home) / "mine.zip"
    ...     _ = path.write_text("no bundle")
    ...     unpack(path, Path(home) / "mine")
    Traceback (most recent call last):
        ...
    phusong.errors.BundleError: ...this is no bundle of phusong...
    """  # noqa: DOC501  what the system raises becomes an OutputError
    source, target = Path(archive), Path(os.path.realpath(into))
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise OutputError("fetch.not_empty", folder=target.name)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".phusong-", dir=target.parent) as aside:
            home = Path(aside, "study")
            home.mkdir()
            with zipfile.ZipFile(source) as opened:
                contents, members = _checked(source.name, opened, target.parent)
                for one in contents.files:
                    _take(source.name, opened, members[one.path], one, home)
            with suppress(FileNotFoundError):
                target.rmdir()  # it is empty
            home.rename(target)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as broken:
        raise BundleError(
            "fetch.no_bundle", name=source.name, detail=type(broken).__name__
        ) from None
    except OSError as refused:
        if isinstance(refused, OutputError):
            raise
        raise OutputError(
            "study.not_written", folder=target.name, detail=refused.strerror or ""
        ) from refused
    licensed = {name for one in contents.licences for name in one.files}
    names = tuple(one.path for one in contents.files)
    own = tuple(name for name in names if name not in {*licensed, STUDY_FILE, RECORDS})
    return Bundle(path=target, files=names, unlicensed=own)


def _checked(
    name: str, archive: zipfile.ZipFile, home: Path
) -> tuple[_Contents, dict[str, zipfile.ZipInfo]]:
    """Return the list of a bundle and its members, once they agree and nothing in them is odd."""
    members = archive.infolist()
    if len(members) > _MOST_FILES:
        raise BundleError("fetch.too_many", name=name, count=len(members), limit=_MOST_FILES)
    counts = Counter(one.filename.casefold() for one in members)
    for one in members:
        link = stat.S_IFMT(one.external_attr >> 16) not in (0, stat.S_IFREG)
        packed = one.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
        hidden = bool(one.flag_bits & _ENCRYPTED)
        try:
            _portable(one.filename)
        except ValueError:
            raise BundleError("fetch.leads_elsewhere", name=name, member=one.filename) from None
        if link or hidden or not packed or counts[one.filename.casefold()] > 1:
            raise BundleError("fetch.leads_elsewhere", name=name, member=one.filename)
    listed = {one.filename: one for one in members}
    contents = _contents(name, archive, listed)
    total = sum(one.bytes for one in contents.files)
    pressed = sum(one.compress_size for one in members)
    if total > _LARGEST_BYTES or total > _LARGEST_RATIO * max(pressed, _CHUNK_BYTES):
        raise BundleError("fetch.bundle_bomb", name=name, megabytes=total / 1e6)
    if total + _SPARE_BYTES > shutil.disk_usage(home).free:
        raise BundleError("fetch.no_room", name=name, megabytes=total / 1e6)
    stated = {one.path: one.bytes for one in contents.files}
    others = listed.keys() - stated.keys() - {CONTENTS, LICENCES}
    odd = sorted(others | {path for path, size in stated.items()
                           if path not in listed or listed[path].file_size != size})  # fmt: skip
    if odd or STUDY_FILE not in stated or {CONTENTS, LICENCES} & stated.keys():
        raise BundleError("fetch.not_as_listed", name=name, member=", ".join(odd[:3]) or STUDY_FILE)
    return contents, listed


def _contents(name: str, archive: zipfile.ZipFile, listed: dict[str, zipfile.ZipInfo]) -> _Contents:
    info = listed.get(CONTENTS)
    if info is None or info.file_size > _LARGEST_CONTENTS_BYTES:
        raise BundleError("fetch.no_bundle", name=name, detail=CONTENTS)
    try:
        with archive.open(info) as file:
            return _Contents.model_validate_json(file.read(_LARGEST_CONTENTS_BYTES))
    except ValidationError:
        raise BundleError("fetch.no_bundle", name=name, detail=CONTENTS) from None


def _take(
    name: str, archive: zipfile.ZipFile, member: zipfile.ZipInfo, stated: _File, home: Path
) -> None:
    path = home.joinpath(*stated.path.split("/"))
    path.parent.mkdir(parents=True, exist_ok=True)
    found, left = hashlib.sha256(), stated.bytes
    packed: IO[bytes]
    with archive.open(member) as packed, path.open("xb") as file:
        while some := packed.read(_CHUNK_BYTES):
            left -= len(some)
            if left < 0:
                break
            found.update(some)
            file.write(some)
    if left or found.hexdigest() != stated.sha256:
        raise BundleError("fetch.damaged", name=name, member=stated.path)
