"""A study of a province from an empty folder: layers fetched, cut out, named in a study.toml.

Knows which layer is made of which source, and in which order; what could not be fetched is told,
and the rest is kept. A second call goes on where the first one ended.
"""

import datetime
import hashlib
import os
import re
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import geopandas as gpd
import shapely

from .._settings import STUDY_FILE
from .._signals import terminable
from ..admin import list_of
from ..errors import AbsentError, FetchError, OutputError
from ..grid import WGS84
from ..i18n import Bilingual, both, words
from ..study import Given, Province, find_province, nearest_zone, new_study
from ..study.provinces import MERGED_ON
from . import osm
from .area import Area, outline_of, read_features
from .cells import cells_within
from .communes import match_communes
from .download import Downloads, Got, Limits, Progress, Wanted, forget
from .osm import check_extract
from .rasters import Bounds, check_extent, cut_out, gunzipped, unzipped
from .records import RECORDS, Download, Layer, Records, read_records, write_records
from .sources import LAYERS, Source, choose, filled, read_sources

RADIUS_KM = 15.0
"""Farthest that a mast is predicted in a new study: so far around the province data are needed."""
DOWNLOADS = "downloads"
_SHOWN = 10
_UNPACKED = 20
"""How many times as large as the packed file may be what is unpacked from it."""
_UNFIT = re.compile(r"[^A-Za-z0-9._-]")
_KEY = re.compile(r"[A-Za-z0-9._-]{1,200}")
_MAGIC = {"zip": b"PK", "gzip": b"\x1f\x8b"}
_DAMAGED = frozenset({
    "fetch.broken_raster", "fetch.no_archive", "fetch.bomb", "fetch.no_raster", "fetch.raster_form",
    "fetch.elsewhere", "fetch.no_extract", "fetch.no_geojson", "fetch.no_cell_list", "fetch.values",
})  # fmt: skip
"""Faults of a file as it came: it is fetched anew next time."""
_FILES: Mapping[str, tuple[str, ...]] = {
    "communes": ("communes.geojson",),
    "map": ("roads.fgb", "rivers.fgb", "places.geojson"),
    "terrain": ("terrain.tif",),
    "population": ("population.tif",),
    "land_cover": ("land_cover.tif",),
    "cells": ("cells.csv",),
}
"""Files of each layer in the study."""


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What is chosen of a study that is fetched.

    Parameters
    ----------
    as_of : date, optional
        Day of the study: tells the edition of the communes, and the year of the people.
        Today if absent, or the last day of a province that stands no more.
    crs : str, optional
        Of the study, instead of the province's zone.
    sources : path, optional
        A table of sources of the user's own; see `read_sources`.
    use, without : sequence of str
        Sources and layers, as `choose` takes them.
    downloads : path, optional
        Where files as they came are kept; ``downloads`` in the folder if absent. Shared by
        several provinces, files of the whole country are fetched once.
    """

    as_of: datetime.date | None = None
    crs: str | None = None
    sources: Path | None = None
    use: Sequence[str] = ()
    without: Collection[str] = ()
    downloads: Path | None = None


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """A study that was fetched.

    Parameters
    ----------
    path : Path or None
        Its study.toml; None if no layer could be had.
    layers : tuple of str
        Those that lie there.
    failed : dict of str to Bilingual
        What could not be fetched, and why.
    told : tuple of Bilingual
        What else must be known.
    attributions : tuple of str
        Whom the data are from.
    """

    path: Path | None
    layers: tuple[str, ...]
    failed: dict[str, Bilingual]
    told: tuple[Bilingual, ...]
    attributions: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """What is the same for all layers of one call."""

    folder: Path
    downloads: Path
    province: Province
    day: datetime.date
    edition: str
    chosen: Mapping[str, Source]
    environment: Mapping[str, str]
    get: Downloads
    on_progress: Progress


@dataclass(frozen=True)
class _State:
    """How far one call is."""

    records: Records
    failed: dict[str, Bilingual] = field(default_factory=dict)
    told: list[Bilingual] = field(default_factory=list)
    damaged: set[Path] = field(default_factory=set)


@dataclass(frozen=True, kw_only=True)
class _Piece:
    """A file of a layer, and where it must lie if it is a tile."""

    wanted: Wanted
    bounds: Bounds | None = None


def _nobody(step: str, done: int, total: int) -> None:
    """Report progress to nobody."""


def fetch_province(
    folder: Path | str,
    name: str,
    choices: Choices | None = None,
    *,
    on_progress: Progress = _nobody,
    limits: Limits | None = None,
    environment: Mapping[str, str] | None = None,
) -> Fetched:
    """Fetch the public data of a province and write a study of them.

    Parameters
    ----------
    folder : path
        Made if absent. What an earlier call fetched there is kept if it is unchanged.
    name : str
        Of the province, with or without accents.
    choices : Choices, optional
        Day, CRS and sources.
    on_progress : callable, optional
        Called with a message key, how much is done, and how much there is.
    limits : Limits, optional
        How servers are asked.
    environment : mapping, optional
        Where keys of the user's own are; the process's environment if absent.

    Returns
    -------
    Fetched

    Raises
    ------
    StudyError
        If there is no such province.
    InputError
        If the table of sources is faulty, or what is asked of it.
    FetchError
        If the outline of the province cannot be had: nothing else can be looked for.
    OutputError
        If the folder cannot be written.
    EditionError
        If no list of communes is known of the day.
    """
    folder, choices = Path(folder), choices or Choices()
    province = find_province(name, choices.as_of)
    day = choices.as_of or min(province.until or datetime.date.max, datetime.date.today())
    edition = str(MERGED_ON.year if day >= MERGED_ON else min(day.year, MERGED_ON.year - 1))
    list_of(edition)
    chosen = choose(read_sources(choices.sources), use=choices.use, without=choices.without)
    with terminable(), _written(folder):
        records = read_records(folder) or Records(province=province.name)
        if records.province != province.name:
            raise FetchError(
                "fetch.other_province", name=RECORDS, there=records.province, asked=province.name
            )
        asked = _Asked(
            folder=folder,
            downloads=choices.downloads or folder / DOWNLOADS,
            province=province,
            day=day,
            edition=edition,
            chosen=chosen,
            environment=os.environ if environment is None else environment,
            get=Downloads(limits or Limits(), on_progress),
            on_progress=on_progress,
        )
        return _fetched(asked, _State(records), choices.crs)


@contextmanager
def _written(folder: Path) -> Iterator[None]:
    """Turn what the system refuses of the folder into words of ours."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except (FetchError, OutputError):
        raise
    except OSError as refused:
        raise OutputError(
            "study.not_written", folder=folder.name, detail=refused.strerror or ""
        ) from refused


def _fetched(asked: _Asked, state: _State, crs: str | None) -> Fetched:
    area = _area(asked)
    pieces = {}
    for layer, source in asked.chosen.items():
        if layer == "provinces":
            continue
        planned = _planned(asked, state, source, area)
        if planned is not None and not _kept(asked, state, source, planned):
            pieces[layer] = planned
    got = asked.get.get([one.wanted for some in pieces.values() for one in some])
    for done, (layer, some) in enumerate(pieces.items()):
        asked.on_progress("fetch.step_cut", done, len(pieces))
        try:
            _require_ours(asked, state, layer)
            files = _made(asked, state, asked.chosen[layer], area, some, got)
        except FetchError as fault:
            state.failed[layer] = both(fault.render)
            continue
        downloads = [got[one.wanted.path] for one in some]
        _record(asked, state, asked.chosen[layer], files, downloads)
    for path in state.damaged:  # not before: another layer may be made of the same file
        forget(path)
    asked.on_progress("fetch.step_cut", 1, 1)
    zone, why = crs, None
    if crs is None and asked.province.crs is None:
        zone, why = nearest_zone(asked.province, area.outline.centroid.x)
        state.told.append(why)
    return Fetched(
        path=(
            _study(asked, state, zone, [] if why is None else [why])
            if state.records.layers
            else None
        ),
        layers=tuple(name for name in LAYERS if name in state.records.layers),
        failed=state.failed,
        told=tuple(state.told),
        attributions=_attributions(state.records),
    )


def _area(asked: _Asked) -> Area:
    """Fetch the provinces and return the one asked for with its surroundings."""
    source = asked.chosen["provinces"]
    wanted = _wanted(asked, source, source.of_day(asked.day), None)
    found = asked.get.get([wanted])[wanted.path]
    if isinstance(found, FetchError):
        raise found
    try:
        outline = outline_of(found.path, source.names or "", asked.province, wanted.name)
    except FetchError:
        forget(found.path)
        raise
    return Area.around(outline, RADIUS_KM)


def _wanted(
    asked: _Asked, source: Source, named: Mapping[str, str], check: Callable[[Path], None] | None
) -> Wanted:
    """Return a file of a source, with a folder of its own: other addresses end alike."""
    shown = filled(source.url, named)
    last = _UNFIT.sub("_", urlsplit(shown).path.rpartition("/")[2]).lstrip(".")
    if source.key is not None:
        key = asked.environment.get(source.key, "")
        if not _KEY.fullmatch(key):
            raise _NoKeyError(source.key)
        named = {**named, "key": key}
        last = f"{source.id}.csv.gz"
    folder = asked.downloads / hashlib.sha256(shown.encode()).hexdigest()[:12]
    return Wanted(
        url=filled(source.url, named),
        shown=shown,
        path=folder / (last[-100:] or source.id),
        largest_bytes=round(source.largest_mb * 1e6),
        sha256=source.sha256,
        md5_url=None if source.md5_url is None else filled(source.md5_url, named),
        check=check,
    )


def _planned(asked: _Asked, state: _State, source: Source, area: Area) -> list[_Piece] | None:
    """Return the files that a layer needs; None where a key is lacking, which is told."""
    day = source.of_day(asked.day)
    try:
        if source.tiles is None:
            return [_Piece(wanted=_wanted(asked, source, day, _check_of(source, area, None)))]
        pieces = []
        for named, bounds in source.tiles.over(area.reach.bounds):
            if shapely.box(*bounds).intersects(area.reach):
                check = _check_of(source, area, bounds)
                wanted = _wanted(asked, source, {**day, **named}, check)
                pieces.append(_Piece(wanted=wanted, bounds=bounds))
        return pieces
    except _NoKeyError as lacking:
        state.told.append(words("fetch.no_key", title=source.title, key=str(lacking)))
        return None


class _NoKeyError(Exception):
    """The environment has no key for a source."""


def _check_of(source: Source, area: Area, bounds: Bounds | None) -> Callable[[Path], None]:
    """Return what a file is looked at for as soon as it is there."""
    shown = source.title

    def check(path: Path) -> None:
        if source.packed is not None:
            with path.open("rb") as file:
                if not file.read(2).startswith(_MAGIC[source.packed]):
                    raise FetchError("fetch.no_archive", name=shown, detail=source.packed)
        elif source.format == "osm":
            check_extract(path, shown)
        elif source.format == "geojson":
            read_features(path, shown)
        else:
            check_extent(path, bounds or _mainland(area), shown)

    return check


def _mainland(area: Area) -> Bounds:
    """Return the bounds of the largest part: not every raster of the country has far islands."""
    return max(shapely.get_parts(area.outline), key=shapely.area).bounds  # type: ignore[no-any-return]


def _kept(asked: _Asked, state: _State, source: Source, pieces: Sequence[_Piece]) -> bool:
    """Tell whether an earlier call made a layer of the same files, and it is as it was."""
    known = state.records.layers.get(source.layer)
    if known is None or known.source != source.id:
        return False
    planned = {one.wanted.shown for one in pieces}
    return {one.url for one in known.downloads} <= planned and all(
        _sha256(asked.folder / name) == digest for name, digest in known.files.items()
    )


def _require_ours(asked: _Asked, state: _State, layer: str) -> None:
    """Refuse to replace a file that is not as it was fetched: it is the user's."""
    known = state.records.layers.get(layer)
    for name in _FILES[layer]:
        path = asked.folder / name
        ours = known is not None and known.files.get(name) == _sha256(path)
        if os.path.lexists(path) and not ours:
            raise FetchError("fetch.in_the_way", name=name, layer=layer)


def _made(
    asked: _Asked,
    state: _State,
    source: Source,
    area: Area,
    pieces: Sequence[_Piece],
    got: Mapping[Path, Got | FetchError],
) -> list[str]:
    """Make the files of a layer of its downloads; return their names."""
    paths = []
    for one in pieces:
        found = got[one.wanted.path]
        sea = one.bounds is not None and not shapely.box(*one.bounds).intersects(area.outline)
        if isinstance(found, AbsentError) and sea:
            continue
        if isinstance(found, FetchError):
            raise found
        paths.append(found.path)
    if not paths:
        raise FetchError("fetch.nothing_there", name=source.title)
    try:
        if source.format == "raster":
            return _raster(asked, source, area, pieces, paths)
        if source.layer == "communes":
            return _communes(asked, state, source, area, paths[0])
        if source.layer == "map":
            return _map(asked, source, area, paths[0])
        listed = gunzipped(paths[0], _UNPACKED * round(source.largest_mb * 1e6), source.title)
        count = cells_within(listed, area.reach, asked.folder / "cells.csv")
        state.told.append(words("fetch.cells", count=count))
        return ["cells.csv"]
    except FetchError as fault:
        if fault.message in _DAMAGED:
            state.damaged.update(paths)
        raise


def _raster(
    asked: _Asked, source: Source, area: Area, pieces: Sequence[_Piece], paths: Sequence[Path]
) -> list[str]:
    (name,) = _FILES[source.layer]
    limit = _UNPACKED * round(source.largest_mb * 1e6)
    there = {one.wanted.path: one for one in pieces}
    unpacked = []
    for path in paths:
        inner = path
        if source.packed is not None:
            inner = (unzipped if source.packed == "zip" else gunzipped)(path, limit, path.name)
            check_extent(inner, there[path].bounds or _mainland(area), inner.name)
        unpacked.append(inner)
    cut_out(unpacked, area.reach.bounds, asked.folder / name, use=source.layer, empty=source.empty)
    return [name]


def _communes(asked: _Asked, state: _State, source: Source, area: Area, path: Path) -> list[str]:
    if source.format == "osm":
        areas = osm.areas(path, area.outline)
    else:
        features = read_features(path, source.title)
        areas = gpd.GeoDataFrame(
            {"name": [one["properties"].get(source.names) for one in features]},
            geometry=[one["geometry"] for one in features],
            crs=WGS84,
        )
    matched = match_communes(areas, area.outline, asked.province.code, asked.edition)
    count = len(matched.table)
    if not count + len(matched.missing):
        raise FetchError(
            "fetch.no_list",
            name=source.title,
            province=asked.province.name,
            edition=matched.edition,
        )
    if not count:
        raise FetchError("fetch.no_communes", name=source.title, edition=matched.edition)
    told = {"count": count, "all": count + len(matched.missing), "edition": matched.edition}
    if matched.missing:
        more = ", …" if len(matched.missing) > _SHOWN else ""
        told["missing"] = ", ".join(matched.missing[:_SHOWN]) + more
    state.told.append(words("fetch.some_communes" if matched.missing else "fetch.communes", **told))
    _write(matched.table, asked.folder / "communes.geojson")
    return ["communes.geojson"]


def _map(asked: _Asked, source: Source, area: Area, path: Path) -> list[str]:
    roads, rivers = osm.roads_and_rivers(path, area.reach, source.roads, source.rivers)
    tables = {
        "roads.fgb": roads,
        "rivers.fgb": rivers,
        "places.geojson": osm.places(path, area.reach),
    }
    written = []
    for name, table in tables.items():
        if len(table):
            _write(table, asked.folder / name)
            written.append(name)
    if not written:
        raise FetchError("fetch.nothing_there", name=source.title)
    return written


def _write(table: gpd.GeoDataFrame, path: Path) -> None:
    """Write a table; the file appears whole or not at all."""
    with tempfile.TemporaryDirectory(prefix=".phusong-", dir=path.parent) as aside:
        fresh = Path(aside, path.name)
        driver = {".fgb": "FlatGeobuf", ".geojson": "GeoJSON"}[path.suffix]
        table.to_file(fresh, driver=driver, engine="pyogrio")
        fresh.replace(path)


def _record(
    asked: _Asked,
    state: _State,
    source: Source,
    files: Sequence[str],
    downloads: Sequence[Got | FetchError],
) -> None:
    named = source.of_day(asked.day)
    state.records.layers[source.layer] = Layer(
        source=source.id,
        title=source.title,
        version=filled(source.version, named),
        licence=source.licence,
        licence_url=source.licence_url,
        homepage=source.homepage,
        attribution=source.attribution,
        downloads=tuple(
            Download(
                url=one.url, bytes=one.size_bytes, sha256=one.sha256, fetched_on=one.fetched_on
            )
            for one in downloads
            if isinstance(one, Got)
        ),
        files={name: _sha256(asked.folder / name) or "" for name in files},
    )
    write_records(asked.folder, state.records)


def _attributions(records: Records) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(records.layers[name].attribution for name in LAYERS if name in records.layers)
    )


def _study(asked: _Asked, state: _State, crs: str | None, why: Sequence[Bilingual]) -> Path:
    """Write the study.toml, or tell what to add to the one that the user changed."""
    path = asked.folder / STUDY_FILE
    inputs = {}
    for layer in state.records.layers.values():
        from_whom = words(
            "fetch.from", title=layer.title, version=layer.version, licence=layer.licence,
            date=max(one.fetched_on for one in layer.downloads),
        )  # fmt: skip
        for name in layer.files:
            key, value = _line(name)
            inputs[key] = value, [from_whom]
    now = _sha256(path)
    if now is not None and now != state.records.study:
        lines = "; ".join(f"{key} = {value}" for key, (value, _) in inputs.items())
        state.told.append(words("fetch.study_kept", file=STUDY_FILE, lines=lines))
        return path
    outlines = state.records.layers.get("communes")
    boundaries = None
    if outlines is not None:
        fetched_on = max(one.fetched_on for one in outlines.downloads)
        boundaries = outlines.attribution, datetime.date.fromisoformat(fetched_on)
    others = {name: one for name, one in state.records.layers.items() if name != "communes"}
    given = Given(
        inputs=inputs,
        why=why,
        boundaries=boundaries,
        attributions=_attributions(state.records.model_copy(update={"layers": others})),
    )
    with tempfile.TemporaryDirectory(prefix=".phusong-", dir=asked.folder) as aside:
        written = new_study(
            Path(aside), province=asked.province.name, as_of=asked.day, crs=crs, given=given
        )
        digest = _sha256(written)
        written.replace(path)
    write_records(asked.folder, state.records.model_copy(update={"study": digest}))
    return path


def _line(name: str) -> tuple[str, str]:
    """Return the key of a file in ``[inputs]``, and its value."""
    key = Path(name).stem
    if key == "terrain":
        return key, f'["{name}"]'
    if key == "cells":
        return key, f'{{ path = "{name}", preset = "opencellid" }}'
    return key, f'"{name}"'


def _sha256(path: Path) -> str | None:
    if not path.is_file():
        return None
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
