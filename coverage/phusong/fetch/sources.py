"""The table of sources: who offers which layer, where, under which licence.

Knows the form of the table and of the addresses; asks no server. The table: ``sources.toml``.
"""

import datetime
import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from importlib.resources import as_file, files
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError

from .._settings import problem_of, read_toml
from .._text import text_fault
from ..errors import InputError, Problem
from ..study.provinces import MERGED_ON

LAYERS = ("provinces", "communes", "map", "terrain", "population", "land_cover", "cells")
Layer = Literal["provinces", "communes", "map", "terrain", "population", "land_cover", "cells"]
_FORMATS: Mapping[str, frozenset[str]] = {
    "provinces": frozenset({"geojson"}),
    "communes": frozenset({"geojson", "osm"}),
    "map": frozenset({"osm"}),
    "terrain": frozenset({"raster"}),
    "population": frozenset({"raster"}),
    "land_cover": frozenset({"raster"}),
    "cells": frozenset({"opencellid"}),
}
_OF_TILES = frozenset({"north", "south", "east", "west", "row", "column"})
_OF_DAY = frozenset({"year", "day"})
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_LARGEST_BYTES = 200_000
_EDGE = 1e-9  # a reach that ends where a tile begins needs no tile more


def _fault(key: str, **values: Any) -> PydanticCustomError:
    return PydanticCustomError(f"fetch.{key}", f"fetch.{key}", values)


def _text(value: str) -> str:
    if not value.strip() or text_fault(value) or "\n" in value:
        raise _fault("text")
    return value


def _address(value: str) -> str:
    """Refuse what is no address of the web, or names a user or password."""
    try:
        parts = urlsplit(value)
        fits = parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc
    except ValueError:
        fits = False
    if not fits or "{" in parts.netloc or not value.isprintable() or " " in value:
        raise _fault("address")
    return value


Text = Annotated[str, Field(max_length=1000), AfterValidator(_text)]
Address = Annotated[str, Field(max_length=2000), AfterValidator(_address)]
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,30}$")]
TagValue = Annotated[str, Field(pattern=r"^[a-z][a-z_]{0,30}$")]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Tiles(_Table):
    """How a provider divides the earth, in degrees of WGS 84.

    Parameters
    ----------
    degrees : float
        Side of a tile.
    west, north : float
        Corner that tiles, their rows and columns count from.
    """

    degrees: Annotated[float, Field(ge=0.1, le=90)]
    west: Annotated[float, Field(ge=-181, le=180)]
    north: Annotated[float, Field(ge=-90, le=91)]

    def over(
        self, bounds: tuple[float, float, float, float]
    ) -> Iterator[tuple[dict[str, str], tuple[float, float, float, float]]]:
        """Yield the tiles that bounds touch: the placeholders of each, and its own bounds.

        Parameters
        ----------
        bounds : tuple of float
            West, south, east, north.

        Yields
        ------
        tuple of (dict of str to str, tuple of float)

        Examples
        --------
        >>> tiles = Tiles(degrees=3, west=-180, north=90)
        >>> [named["south"] + named["west"] for named, _ in tiles.over((105.3, 22.2, 106.9, 23.2))]
        ['N21E105']
        """
        west, south, east, north = bounds
        first = math.floor((west - self.west) / self.degrees + _EDGE)
        last = math.ceil((east - self.west) / self.degrees - _EDGE)
        top = math.floor((self.north - north) / self.degrees + _EDGE)
        bottom = math.ceil((self.north - south) / self.degrees - _EDGE)
        for row in range(top, bottom):
            for column in range(first, last):
                left, upper = self.west + column * self.degrees, self.north - row * self.degrees
                right, lower = left + self.degrees, upper - self.degrees
                named = {
                    "north": _degrees(upper, "NS", 2),
                    "south": _degrees(lower, "NS", 2),
                    "east": _degrees(right, "EW", 3),
                    "west": _degrees(left, "EW", 3),
                    "row": str(row + 1),
                    "column": str(column + 1),
                }
                yield named, (left, lower, right, upper)


def _degrees(value: float, letters: str, digits: int) -> str:
    """Write whole degrees as names of tiles have them."""
    return f"{letters[value < 0]}{abs(round(value)):0{digits}d}"


class Source(_Table):
    """One source of a layer; see the head of ``sources.toml``.

    Parameters
    ----------
    id : str
    layer : str
        One of `LAYERS`.
    format : {"raster", "geojson", "osm", "opencellid"}
    title, version, licence, licence_url, homepage, attribution : str
    url : str
        Address with its placeholders.
    tiles : Tiles, optional
    packed : {"zip", "gzip"}, optional
    key : str, optional
        Environment variable that holds the user's own key.
    years : tuple of int, optional
        First, last and step.
    largest_mb : float
    sha256, md5_url : str, optional
    empty : float, optional
        Value of tiles that the provider does not have.
    names : str, optional
        Field of the names.
    roads, rivers : tuple of str
    """

    id: Code
    layer: Layer
    format: Literal["raster", "geojson", "osm", "opencellid"]
    title: Text
    version: Text
    licence: Text
    licence_url: Address
    homepage: Address
    attribution: Text
    url: Address
    tiles: Tiles | None = None
    packed: Literal["zip", "gzip"] | None = None
    key: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{0,60}$")] | None = None
    years: Annotated[tuple[int, int, int], Field(strict=False)] | None = None
    largest_mb: Annotated[float, Field(gt=0, le=20_000)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    md5_url: Address | None = None
    empty: float | None = None
    names: Text | None = None
    roads: Annotated[tuple[TagValue, ...], Field(strict=False)] = ()
    rivers: Annotated[tuple[TagValue, ...], Field(strict=False)] = ()

    @model_validator(mode="after")
    def _whole(self) -> "Source":
        if self.format not in _FORMATS[self.layer]:
            raise _fault("format", layer=self.layer, known=", ".join(sorted(_FORMATS[self.layer])))
        if self.tiles is not None and self.format != "raster":
            raise _fault("tiles_of_raster")
        if self.format == "geojson" and self.names is None:
            raise _fault("names_needed")
        if self.years is not None and not (self.years[0] <= self.years[1] and self.years[2] > 0):
            raise _fault("years")
        known = set(_OF_DAY) | (set(_OF_TILES) if self.tiles else set())
        known |= {"key"} if self.key else set()
        for address in (self.url, self.md5_url or "", self.version):
            unknown = sorted(set(_PLACEHOLDER.findall(address)) - known)
            if unknown:
                raise _fault("placeholder", name=unknown[0][:60], known=", ".join(sorted(known)))
        if self.key is not None and "{key}" not in self.url:
            raise _fault("key_unused", name=self.key)
        return self

    def of_day(self, day: datetime.date) -> dict[str, str]:
        """Return the placeholders that a day gives.

        Parameters
        ----------
        day : date
            Of the study.

        Returns
        -------
        dict of str to str

        Examples
        --------
        >>> source = next(one for one in read_sources() if one.id == "ghs_pop")
        >>> source.of_day(datetime.date(2017, 12, 31))
        {'year': '2015', 'day': '180101'}
        """
        first, last, step = self.years or (0, 9999, 1)
        year = min(max(day.year, first), last)
        year = first + round((year - first) / step) * step
        # Boundaries of 1 January 2025 are the last before the mergers of 2025.
        after = min(day.year + 1, MERGED_ON.year)
        return {
            "year": str(min(year, last)),
            "day": "latest" if day >= MERGED_ON else f"{after % 100:02d}0101",
        }


def filled(template: str, values: Mapping[str, str]) -> str:
    """Put values in the place of placeholders; nothing of the text is evaluated.

    Parameters
    ----------
    template : str
    values : mapping of str to str
        What a placeholder without a value stands for stays as it is.

    Returns
    -------
    str

    Examples
    --------
    >>> filled("a/{south}{west}?{key}", {"south": "N22", "west": "E105"})
    'a/N22E105?{key}'
    """
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), template)


def read_sources(own: Path | None = None) -> tuple[Source, ...]:
    """Return the table: that of the user first, then phusong's own, each id once.

    Parameters
    ----------
    own : path, optional
        A table of the user's.

    Returns
    -------
    tuple of Source

    Raises
    ------
    InputError
        With every fault of the user's table.

    Examples
    --------
    >>> [one.id for one in read_sources() if one.layer == "terrain"]
    ['glo30', 'srtm']
    """
    found: dict[str, Source] = {}
    if own is not None:
        found |= {one.id: one for one in _read(own)}
    with as_file(files(__package__).joinpath("sources.toml")) as shipped:
        for one in _read(shipped):
            found.setdefault(one.id, one)
    return tuple(found.values())


def _read(path: Path) -> list[Source]:
    if not path.is_file():
        raise InputError([Problem(message="fetch.no_table", file=path.name)])
    _, content = read_toml(path, room="fetch", largest_bytes=_LARGEST_BYTES)
    rows = content.get("sources")
    if not isinstance(rows, list) or set(content) != {"sources"}:
        raise InputError([Problem(message="fetch.no_sources", file=path.name)])
    found: list[Source] = []
    problems: list[Problem] = []
    for number, row in enumerate(rows):
        try:
            found.append(Source.model_validate(row))
        except ValidationError as refused:
            for error in refused.errors(include_url=False):
                error["loc"] = ("sources", number, *error["loc"])
                problems.append(problem_of(error, room="fetch", file=path.name))
    ids = [one.id for one in found]
    problems += [
        Problem(message="fetch.repeated", file=path.name, values={"name": repeated})
        for repeated in sorted({one for one in ids if ids.count(one) > 1})
    ]
    if problems:
        raise InputError(problems)
    return found


def choose(
    sources: Sequence[Source], *, use: Sequence[str] = (), without: Collection[str] = ()
) -> dict[str, Source]:
    """Return the source of each layer that is wanted.

    Parameters
    ----------
    sources : sequence of Source
    use : sequence of str
        Ids that take the place of the first of their layer.
    without : collection of str
        Layers that are not wanted.

    Returns
    -------
    dict of str to Source
        In the order of `LAYERS`.

    Raises
    ------
    InputError
        If there is no such source or layer, or two of one layer are asked for.

    Examples
    --------
    >>> {layer: one.id for layer, one in choose(read_sources(), use=["srtm"]).items()}["terrain"]
    'srtm'
    """
    known = {one.id: one for one in sources}
    problems = []
    for name in use:
        if name not in known:
            values = {"name": name, "known": ", ".join(known)}
            problems.append(Problem(message="fetch.no_source", file="--use", values=values))
    # All is looked for within the outline of the province, which no other layer can tell.
    possible = [layer for layer in LAYERS if layer != "provinces"]
    for name in without:
        if name not in possible:
            values = {"name": name, "known": ", ".join(possible)}
            problems.append(Problem(message="fetch.no_layer", file="--without", values=values))
    asked = [known[name] for name in dict.fromkeys(use) if name in known]
    layers = [one.layer for one in asked]
    problems += [
        Problem(message="fetch.two_sources", file="--use", values={"name": twice})
        for twice in sorted({one for one in layers if layers.count(one) > 1})
    ]
    if problems:
        raise InputError(problems)
    first: dict[str, Source] = {}
    for one in (*asked, *sources):
        first.setdefault(one.layer, one)
    return {name: first[name] for name in LAYERS if name in first and name not in without}
