"""Tell which table a file holds, by its headings and the shapes of its rows. Decides nothing."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, partial

import pyogrio
import shapely

from ..i18n import Bilingual, text
from ..tables import (
    INPUT_TABLES,
    LAT,
    LON,
    SITE_LIST,
    X_M,
    Y_M,
    Field,
    GeometryKind,
    Table,
)
from .archives import LAYERED
from .commune_types import names_by_code
from .formats import READERS, WORKBOOKS, check_file
from .headings import SHAPEFILE_NAME_LENGTH, Headings, match, matches, with_alike
from .reader import with_letters
from .sheets import sheets_named
from .source import Raw, Source
from .split_places import with_own_columns

_GIVEN_OTHERWISE = {"communes": ("valid_from", "type")}
"""Required fields of a table that may be known without a column: from the list of the communes."""
_EXPLAINING = ("template_instructions", "sheet_definitions")
"""Sheets of the workbooks that phusong gives out, which hold no table."""
_MARGIN = 0.75
_FEWEST = 2
_KINDS: dict[str, GeometryKind] = {
    "Point": "Point", "LineString": "LineString", "MultiLineString": "LineString",
    "Polygon": "Polygon", "MultiPolygon": "Polygon",
}  # fmt: skip
_PAIRS = ((LON, LAT), (X_M, Y_M))


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A table that a file may hold.

    Parameters
    ----------
    table : str
    score : float
        Headings that name its fields; one that several tables have counts in parts.
    headings : tuple of str
        Those headings, as the file has them.
    fields : tuple of str
        Those fields.
    lacking : tuple of str
        Required fields without a heading.
    """

    table: str
    score: float
    headings: tuple[str, ...]
    fields: tuple[str, ...]
    lacking: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Recognised:
    """What a file, sheet or layer may be.

    Parameters
    ----------
    source : Source
        The file, with its sheet or layer.
    rows : int
    geometry : {"Point", "LineString", "Polygon"} or None
        Of its rows; points also where columns tell places.
    candidates : tuple of Candidate
        Tables of that geometry with headings in the file, the likeliest first.
    communes : mapping of str to str
        Names of communes by code, where columns tell both.
    crs : str or None
        The CRS that the file carries.
    """

    source: Source
    rows: int
    geometry: GeometryKind | None
    candidates: tuple[Candidate, ...]
    communes: Mapping[str, str]
    crs: str | None

    @property
    def sure(self) -> Candidate | None:
        """The one table that the file can be: it lacks nothing, and no other comes near."""
        whole = [one for one in self.candidates if not one.lacking]
        if not whole or len(whole[0].fields) < _FEWEST:
            return None
        best, *others = whole
        near = any(best.score - one.score < _MARGIN for one in others)
        # A table that the file speaks of far more, although it lacks a column.
        likelier = any(one.score - best.score > _MARGIN for one in self.candidates)
        return None if near or likelier else best


def recognise(source: Source) -> tuple[Recognised, ...]:
    r"""Tell which tables a file may hold: one answer a sheet or layer.

    Parameters
    ----------
    source : Source
        Of any format that `read_table` reads.

    Returns
    -------
    tuple of Recognised
        Without sheets that have no heading of any table.

    Raises
    ------
    InputError
        If the file cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "tram.csv"
    ...     _ = path.write_text("Nhà mạng,Công nghệ,lon,lat\nViettel,2G/4G,104.98,22.82\n")
    ...     (found,) = recognise(Source(path=path, shown="tram.csv"))
    >>> found.sure.table, found.sure.headings, found.rows
    ('cells', ('Nhà mạng', 'Công nghệ'), 1)
    """
    check_file(source)
    return tuple(_recognised(one) for one in _parts(source))


def _parts(source: Source) -> Iterator[Source]:
    """Split a file into its sheets or layers."""
    if source.suffix in WORKBOOKS and source.sheet is None:
        ours = {text(f"export.{one}", "vi") for one in _EXPLAINING}
        titles = sheets_named(source, partial(matches, table=_anything()))
        titles = tuple(one for one in titles if one not in ours) or titles
        yield from (
            (replace(source, sheet=title) for title in titles) if len(titles) > 1 else (source,)
        )
    elif source.suffix in LAYERED and source.layer is None:
        try:
            names = [str(name) for name, kind in pyogrio.list_layers(source.path) if kind]
        except pyogrio.errors.DataSourceError:  # the reader says what is wrong with it
            names = []
        yield from (
            (replace(source, layer=name) for name in names) if len(names) > 1 else (source,)
        )
    else:
        yield source


def _recognised(source: Source) -> Recognised:
    raw = with_letters(source, READERS[source.suffix](source, _anything()))[0]
    raw = with_own_columns(raw, _anything(), anywhere=source.anywhere)
    geometry = _geometry(raw)
    candidates = []
    for table in INPUT_TABLES.values():
        if table.geometry != geometry:
            continue
        meant = SITE_LIST if table.name == "cells" else table
        longest = SHAPEFILE_NAME_LENGTH if source.suffix == ".shp" else None
        found = match(raw.headings, meant.fields, longest=longest)
        if longest is None:
            found = with_alike(found, raw.headings, meant.fields)
        if found.position:
            candidates.append(_candidate(table, meant, found, raw))
    candidates.sort(key=lambda one: (bool(one.lacking), -one.score, one.table))
    return Recognised(
        source=source,
        rows=len(raw.rows),
        geometry=geometry,
        candidates=tuple(candidates),
        communes=names_by_code(raw, source) if geometry == "Polygon" else {},
        crs=None if raw.crs is None else raw.crs.to_string(),
    )


def _candidate(table: Table, meant: Table, found: Headings, raw: Raw) -> Candidate:
    there = {*found.position, *_GIVEN_OTHERWISE.get(table.name, ())}
    if raw.ids is not None or meant.numbered:
        there.update(meant.key[:1])
    lacking = [one.name for one in meant.fields if one.required and one.name not in there]
    if meant.one_of and not there & set(meant.one_of):
        lacking += meant.one_of
    return Candidate(
        table=table.name,
        score=sum(1 / _shared()[name] for name in found.position),
        headings=tuple(raw.headings[at] for at in sorted(found.position.values())),
        fields=tuple(found.position),
        lacking=tuple(lacking),
    )


def _geometry(raw: Raw) -> GeometryKind | None:
    """Return what most rows are; points where columns tell places."""
    if raw.shapes is not None:
        kinds = Counter(
            _KINDS.get(shape.geom_type)
            for shape in raw.shapes
            if isinstance(shape, shapely.Geometry) and not shape.is_empty
        )
        return kinds.most_common(1)[0][0] if kinds else None
    told = any(len(match(raw.headings, pair).position) == len(pair) for pair in _PAIRS)
    bare = {str(heading).strip().casefold() for heading in raw.headings} >= {"x", "y"}
    return "Point" if told or bare else None


@cache
def _shared() -> dict[str, int]:
    """Return how many tables have a field of a name."""
    return Counter(
        name
        for table in INPUT_TABLES.values()
        for name in (SITE_LIST if table.name == "cells" else table).columns
    )


@cache
def _anything() -> Table:
    """Return a table with the fields of all, by which headings are found in any file."""
    fields: dict[str, Field] = {}
    for table in (SITE_LIST, *INPUT_TABLES.values()):
        for one in table.fields:
            known = fields.get(one.name, one)
            aliases = tuple(
                dict.fromkeys((*known.aliases, *one.aliases, one.title.vi, one.title.en))
            )
            fields[one.name] = replace(known, required=False, aliases=aliases)
    return Table(
        name="anything",
        title=Bilingual("Bảng bất kỳ", "Any table"),
        geometry="Point",
        key=(),
        fields=tuple(fields.values()),
    )
