"""A finished table as every format carries it: plain values, and shapes in WGS 84.

All formats are written from a `Layer`, so that they hold the same rows and the
same coordinates; `geojson` reads one back without loss. Knows no file format.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

from ..i18n import Bilingual
from ..tables import Table
from .plain import DECIMALS, PlainRows, plain_numbers, plain_rows

PLACE_COLUMNS = ("longitude", "latitude", "easting_m", "northing_m")
"""What tells the place of a row where a format has no shapes."""
_STEP_DEG = 10.0**-DECIMALS


@dataclass(frozen=True, kw_only=True, eq=False)
class Layer:
    """Rows of one table, sorted by key, and their shapes.

    Parameters
    ----------
    table : Table
        Definition, repeating fields written out.
    rows : sequence of mapping, length n
        The table's columns in order, as `plain_rows` gives them.
    shapes : array of geometry, shape (n,), optional
        Longitude and latitude in WGS 84 with six decimals, exterior rings
        counter-clockwise; None where a row has no place. None for a table
        without geometry.
    vanished : tuple of str
        Ids of the rows whose shape is smaller than the last decimal.
    notice : Bilingual, optional
        What must stand beside the rows in every format that can hold it, such
        as that they are a sample's.
    positions : array of int, shape (n,), optional
        Where each row stood in the table it was made from, if that is known.
    """

    table: Table
    rows: Sequence[Mapping[str, Any]]
    shapes: NDArray[np.object_] | None
    vanished: tuple[str, ...] = ()
    notice: Bilingual | None = None
    positions: NDArray[np.int64] | None = None

    @property
    def name(self) -> str:
        """The table's name."""
        return self.table.name

    @property
    def description(self) -> str:
        """Title, CRS and notice in both languages, for formats with one text a layer."""
        return self.described()

    def described(self, crs: str | None = None) -> str:
        """Return the description of a copy in another CRS than WGS 84.

        Parameters
        ----------
        crs : str, optional
            Of the copy.

        Returns
        -------
        str
            As `description`.
        """
        told = [f"{self.table.title.vi} / {self.table.title.en}"]
        if self.shapes is not None:
            told.append(crs or "WGS 84 (EPSG:4326)")
        if self.notice is not None:
            told.append(f"{self.notice.vi} / {self.notice.en}")
        return ". ".join(told)

    def column(self, name: str) -> Sequence[Any]:
        """Return the values of a column, as they stand in `rows`.

        Parameters
        ----------
        name : str
            Of the field.

        Returns
        -------
        sequence, length n
            Plain values; None where there is none.
        """
        if isinstance(self.rows, PlainRows):
            return self.rows.columns[name]
        return [row[name] for row in self.rows]

    @property
    def ids(self) -> tuple[str, ...]:
        """The key of each row, its parts joined by a colon; not kept, there may be very many."""
        parts = [map(str, self.column(name)) for name in self.table.key]
        return tuple(map(":".join, zip(*parts, strict=True)))

    @cached_property
    def located(self) -> NDArray[np.bool_]:
        """Which rows have a shape."""
        if self.shapes is None:
            return np.zeros(len(self.rows), dtype=bool)
        return ~np.asarray(shapely.is_missing(self.shapes), dtype=bool)

    def places(self, crs: str | None) -> list[tuple[float | None, ...]]:
        """Return the place of each row's shape: a point of it, on the line or in the polygon.

        Parameters
        ----------
        crs : str, optional
            The study's, of eastings and northings; without it they are degrees.

        Returns
        -------
        list of tuple, length n
            As `PLACE_COLUMNS`; None where a row has no place.
        """
        return list(zip(*self.place_columns(crs), strict=True))

    def place_columns(self, crs: str | None) -> list[list[float | None]]:
        """Return the columns of what `places` returns.

        Parameters
        ----------
        crs : str, optional
            As for `places`.

        Returns
        -------
        list of four lists, length n
            Longitude and latitude in degrees, WGS 84, easting and northing in metres; None
            where a row has no shape.
        """
        assert self.shapes is not None
        points = self.table.geometry == "Point"
        at = self.shapes if points else shapely.point_on_surface(self.shapes)
        degrees = metres = shapely.get_x(at), shapely.get_y(at)
        if crs is not None:
            metres = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform(*degrees)
        return [
            plain_numbers(axis, ~self.located, decimals)
            for axes, decimals in ((degrees, DECIMALS), (metres, 2))
            for axis in axes
        ]


def plain_layer(frame: pd.DataFrame, table: Table, *, notice: Bilingual | None = None) -> Layer:
    """Return a finished table as every format carries it.

    Parameters
    ----------
    frame : DataFrame, or GeoDataFrame if the table has a geometry
        A finished table in any CRS that PROJ knows; VN-2000 is shifted to
        WGS 84 by the official parameters (QĐ 05/2007/QĐ-BTNMT, EPSG:6960).
    table : Table
        Its definition, repeating fields written out.
    notice : Bilingual, optional
        What must stand beside the rows.

    Returns
    -------
    Layer
        Sorted by key, in WGS 84.

    Raises
    ------
    ValueError
        If the frame breaks the table's definition or has no CRS.

    Examples
    --------
    >>> from phusong.tables import ROADS
    >>> line = shapely.LineString([(447572.06, 2526143.76), (481765.87, 2587719.78)])
    >>> roads = gpd.GeoDataFrame({"road_id": ["QL2"]}, geometry=[line], crs="EPSG:9209")
    >>> layer = plain_layer(roads, ROADS)
    >>> layer.ids, layer.shapes[0]
    (('QL2',), <LINESTRING (104.991 22.834, 105.324 23.391)>)
    """
    if table.geometry is None:
        # A board, a plan or a ranking keeps its order instead of being sorted by key.
        kept = plain_rows(frame, table, by_key=False)[1]
        return Layer(table=table, rows=kept, shapes=None, notice=notice)
    positions, rows = plain_rows(frame, table)
    placed = frame.geometry.iloc[positions]
    shapes = to_degrees(placed)
    gone = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    shapes[gone] = None
    layer = Layer(table=table, rows=rows, shapes=shapes, notice=notice, positions=positions)
    lost = gone & ~(placed.isna() | placed.is_empty).to_numpy(dtype=bool)
    if not lost.any():
        return layer
    return replace(layer, vanished=tuple(itertools.compress(layer.ids, lost)))


def to_degrees(geometry: gpd.GeoSeries) -> NDArray[np.object_]:
    """Return geometry in WGS 84 as RFC 7946 wants it, rounded without breaking it.

    Each vertex is rounded by itself, so that neighbours round a shared border
    alike; only a shape that this breaks is rounded again as a whole. What is
    smaller than the last decimal becomes empty.

    Raises
    ------
    ValueError
        If coordinates cannot be brought to WGS 84.
    """
    exact = geometry.to_crs("EPSG:4326").to_numpy()
    if shapely.has_z(exact).any():
        exact = shapely.force_2d(exact)
    if not np.isfinite(shapely.get_coordinates(exact)).all():
        raise ValueError("coordinates lie outside the range of their CRS")
    rounded = shapely.set_precision(exact, _STEP_DEG, mode="pointwise")
    if (shapely.get_type_id(exact) <= shapely.GeometryType.POINT).all():
        return np.asarray(rounded, dtype=object)
    broken = ~(shapely.is_missing(rounded) | shapely.is_valid(rounded))
    rounded[~broken] = shapely.remove_repeated_points(rounded[~broken])
    rounded[broken] = shapely.set_precision(
        shapely.make_valid(exact[broken], method="structure", keep_collapsed=False), _STEP_DEG
    )
    return np.asarray(shapely.orient_polygons(rounded), dtype=object)
