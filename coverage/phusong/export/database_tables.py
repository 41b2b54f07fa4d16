"""Layers as tables of a database: columns with types and values, names, keys. No statement."""

import datetime
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import shapely

from ..tables import Kind
from .layers import Layer
from .vectors import MULTI, as_parts

WGS84 = 4326
GEOMETRY, DEGREES, ORDER, AS_OF = "geometry", "geometry_wgs84", "row_order", "as_of"
LONGEST_NAME = 63
_TYPES: Mapping[Kind, str] = {
    "text": "text",
    "integer": "bigint",
    "number": "double precision",
    "boolean": "boolean",
    "date": "date",
}


def short_name(name: str) -> str:
    """Return a name as PostgreSQL can hold it, the same each time.

    Examples
    --------
    >>> short_name("communes")
    'communes'
    >>> short_name("population_of_the_" + "x" * 60)
    'population_of_the_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx_8f5fa920'
    """
    if len(name.encode()) <= LONGEST_NAME:
        return name
    return f"{name[: LONGEST_NAME - 9]}_{hashlib.sha256(name.encode()).hexdigest()[:8]}"


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a table in the database with its values."""

    name: str
    type: str
    required: bool
    meaning: str
    values: Sequence[Any]
    srid: int = 0


@dataclass(frozen=True, kw_only=True)
class Target:
    """A table of the database: its columns with their values, and what identifies a row."""

    name: str
    meaning: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    as_of: datetime.date | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def view(self) -> str:
        """Name of the view that shows its shapes in WGS 84 by themselves."""
        return short_name(f"{self.name}_wgs84")

    @property
    def key_index(self) -> str:
        """Name of the index that takes the place of a key which not all rows have."""
        return short_name(f"{self.name}_rows")

    def kept(self, as_of: datetime.date) -> "Target":
        """Return the table that holds these rows beside those of other dates."""
        date = Column(
            name=AS_OF,
            type="date",
            required=True,
            meaning="Ngày của trạng thái / date of the state",
            values=[as_of] * len(self.columns[0].values),
        )
        return replace(
            self,
            name=dated_name(self.name),
            columns=(date, *self.columns),
            key=(AS_OF, *self.key),
            as_of=as_of,
        )


def dated_name(table: str) -> str:
    """Return the name of the table that holds the states of other dates."""
    return short_name(f"{table}_as_of")


def target_of(layer: Layer, crs: str, srid: int) -> Target:
    """Return a layer as a table of the database."""
    columns = [
        Column(
            name=short_name(field.name),
            type=_TYPES[field.kind],
            required=field.required,
            meaning=f"{field.meaning('vi')} / {field.meaning('en')}",
            values=layer.column(field.name),
        )
        for field in layer.table.fields
    ]
    if layer.shapes is None:
        columns.append(
            Column(
                name=ORDER,
                type="integer",
                required=True,
                meaning="Thứ tự của dòng / order of the row",
                values=range(1, len(layer.rows) + 1),
            )
        )
    else:
        kind = MULTI[layer.table.geometry or "Point"]
        parts = gpd.GeoSeries(as_parts(layer.shapes), crs=f"EPSG:{WGS84}")
        own = parts if srid == WGS84 else parts.to_crs(crs)
        for name, shapes, number in ((GEOMETRY, own, srid), (DEGREES, parts, WGS84)):
            marked = shapely.set_srid(shapes.to_numpy(), number)
            columns.append(
                Column(
                    name=name,
                    type=f"geometry({kind},{number})",
                    required=False,
                    meaning=f"EPSG:{number}",
                    srid=number,
                    values=shapely.to_wkb(marked, hex=True, include_srid=True).tolist(),
                )
            )
    return Target(
        name=layer.name,
        meaning=layer.description,
        columns=tuple(columns),
        key=tuple(map(short_name, layer.table.key)),
    )
