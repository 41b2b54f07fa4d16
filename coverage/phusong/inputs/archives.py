"""Unpack a zipped layer, and look into a folder that is one: within limits, and only a layer.

Knows zip archives and which files make a layer; reads none of them.
"""

import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path, PurePosixPath

from ..errors import InputError
from .source import Source, check_size, in_short

ZIPPED = frozenset({".shp", ".gpkg", ".geojson", ".kml", ".fgb", ".tab", ".mif", ".gdb"})
"""What a zip file may hold."""
LAYERED = frozenset({".gpkg", ".kml", ".kmz", ".gdb"})
"""Files of which each may hold several layers."""
_MOST_MEMBERS = 10_000
_ENCRYPTED = 0x1  # general purpose bit 0 (PKWARE APPNOTE 4.4.4)


@contextmanager
def unpacked(source: Source) -> Iterator[Source]:
    """Unpack a zip file for as long as its layer is read.

    Parameters
    ----------
    source : Source
        A zip file; its `layer` names the layer, or the file if there are several.

    Yields
    ------
    Source
        The one layer, in a folder of its own that goes afterwards.

    Raises
    ------
    InputError
        If it is no archive, unpacks to too much, has members that lead elsewhere, is
        protected, or holds no layer or several of which none is named.
    """
    with tempfile.TemporaryDirectory(prefix="phusong-") as folder:
        try:
            with zipfile.ZipFile(source.path) as archive:
                members = _members(source, archive)
                layer = _layer(source, members)
                for name, member in members.items():
                    path = Path(folder, name)
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(archive.read(member))
        except InputError:
            raise
        except (zipfile.BadZipFile, zlib.error, OSError, RuntimeError, ValueError,
                NotImplementedError, EOFError) as broken:  # fmt: skip
            raise source.refuse("unreadable", kind="ZIP", detail=in_short(broken)) from None
        inner = source.layer if layer.suffix.lower() in LAYERED else None
        if inner is not None and inner.casefold() == layer.stem.casefold():
            inner = None
        yield replace(source, path=Path(folder, layer), layer=inner)


def check_folder(source: Source) -> None:
    """Refuse a FileGDB, which is a folder, where it leads elsewhere or is larger than a zipped one.

    Raises
    ------
    InputError
    """
    size_bytes = 0
    for count, each in enumerate(source.path.rglob("*"), start=1):
        if count > _MOST_MEMBERS:
            raise source.refuse("too_many_members", count=count, limit=_MOST_MEMBERS)
        mode = each.lstat().st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):  # a link, or no file at all
            raise source.refuse("leads_elsewhere", name=each.name[:100])
        size_bytes += each.lstat().st_size
    check_size(source, size_bytes)


def _members(source: Source, archive: zipfile.ZipFile) -> dict[PurePosixPath, zipfile.ZipInfo]:
    """Return the files of an archive; refuse one that leads elsewhere or unpacks to too much."""
    listed = [each for each in archive.infolist() if not each.is_dir()]
    if len(listed) > _MOST_MEMBERS:
        raise source.refuse("too_many_members", count=len(listed), limit=_MOST_MEMBERS)
    check_size(source, sum(each.file_size for each in listed))
    members = {}
    for each in listed:
        name = PurePosixPath(each.filename.replace("\\", "/"))
        link = stat.S_ISLNK(each.external_attr >> 16)
        if link or name.is_absolute() or ".." in name.parts or ":" in each.filename:
            raise source.refuse("leads_elsewhere", name=each.filename[:100])
        if each.flag_bits & _ENCRYPTED:
            raise source.refuse("protected_archive")
        if not name.name.startswith("._"):  # what macOS adds of its own
            members[name] = each
    return members


def _layer(source: Source, members: dict[PurePosixPath, zipfile.ZipInfo]) -> PurePosixPath:
    """Return the file that is the layer, or the folder of a FileGDB."""
    found: dict[PurePosixPath, None] = {}
    for name in members:
        folders = [one for one in name.parents if one.suffix.lower() == ".gdb"]
        if folders:
            found[folders[-1]] = None
        elif name.suffix.lower() in ZIPPED:
            found[name] = None
    if len(found) != 1 and source.layer is not None:
        named = [one for one in found if one.stem.casefold() == source.layer.casefold()]
        if len(named) == 1:
            return named[0]
    if len(found) != 1:
        names = ", ".join(one.stem for one in found)
        raise source.refuse("which_layer", found=names or "–")
    (only,) = found
    if source.layer not in (None, only.stem) and only.suffix.lower() not in LAYERED:
        raise source.refuse("unknown_layer", layer=source.layer, found=only.stem)
    return only
