"""All layers in one GeoPackage that QGIS opens coloured, with headings in Vietnamese.

Columns carry their meaning and admissible values (`gpkg_data_columns`), layers
their styles (`layer_styles`, QGIS's own table). Knows SQLite; the features are
written by `vectors`, the styles by `qml`.
"""

import sqlite3
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from ..tables import Table
from .layers import Layer
from .qml import vector_qml
from .styles import Style, plain_style
from .vectors import CRS, GEOMETRY, in_crs, write_features

_NO_MOMENT = "1980-01-01T00:00:00.000Z"

_LAYER_STYLES = """
CREATE TABLE layer_styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256),
    f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256),
    styleName TEXT(30), styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT,
    owner TEXT(30), ui TEXT(30), update_time DATETIME
)
"""


def write_geopackage(
    layers: Iterable[Layer],
    path: Path,
    *,
    styles: Mapping[str, Sequence[Style]],
    crs: str = CRS,
) -> None:
    """Write layers into a new GeoPackage; the same layers give the same bytes.

    Parameters
    ----------
    layers : iterable of Layer
        A table without geometry becomes a table of attributes.
    path : Path
        File to write; it must not exist.
    styles : mapping
        Table name → its styles, the one shown first. A table without one gets
        one symbol for all.
    crs : str
        Of the coordinates; WGS 84 if absent.

    Raises
    ------
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> import geopandas as gpd
    >>> from shapely import LineString
    >>> from phusong.export import plain_layer
    >>> from phusong.tables import ROADS
    >>> line = LineString([(104.98, 22.82), (105.0, 22.9)])
    >>> roads = gpd.GeoDataFrame({"road_id": ["QL2"]}, geometry=[line], crs="OGC:CRS84")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "roads.gpkg"
    ...     write_geopackage([plain_layer(roads, ROADS)], path, styles={})
    ...     gpd.read_file(path, layer="roads").road_id.to_list()
    ['QL2']
    """
    # GDAL's own file counts its transactions, whose number differs from run to run; SQLite's
    # copy of it starts anew.
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        draft = Path(folder) / path.name
        written = []
        for layer in layers:
            write_features(
                layer if crs == CRS else in_crs(layer, crs),
                draft,
                driver="GPKG",
                crs=crs,
                append=draft.exists(),
                DESCRIPTION=layer.described(None if crs == CRS else crs),
            )
            written.append(layer)
        try:
            with closing(sqlite3.connect(draft)) as base:
                _require_all(base, written)
                _add_choices(base, written)
                _add_styles(base, written, styles)
                base.execute("UPDATE gpkg_contents SET last_change = ?", (_NO_MOMENT,))
                base.commit()
                base.execute("VACUUM INTO ?", (str(path),))
        except sqlite3.Error as fault:
            raise OSError(str(fault)) from fault


def _require_all(base: sqlite3.Connection, layers: Sequence[Layer]) -> None:
    """Make sure that GDAL wrote every row: a full disk may have stopped it half-way."""
    for layer in layers:
        # No parameter can stand for a table, and the name is one of `tables`, never a file's.
        (count,) = base.execute(f'SELECT count(*) FROM "{layer.name}"').fetchone()  # noqa: S608
        if count != len(layer.rows):
            raise OSError(f"{layer.name}: {count} / {len(layer.rows)}")


def _add_choices(base: sqlite3.Connection, layers: Sequence[Layer]) -> None:
    """Name the admissible values of columns that have them, as GeoPackage's schema extension."""
    for layer in layers:
        for field in layer.table.fields:
            if not field.choices:
                continue
            name = f"{layer.name}_{field.name}"
            base.executemany(
                "INSERT INTO gpkg_data_column_constraints (constraint_name, constraint_type, value)"
                " VALUES (?, 'enum', ?)",
                [(name, choice) for choice in field.choices],
            )
            base.execute(
                "UPDATE gpkg_data_columns SET constraint_name = ?"
                " WHERE table_name = ? AND column_name = ?",
                (name, layer.name, field.name),
            )


def _add_styles(
    base: sqlite3.Connection, layers: Sequence[Layer], styles: Mapping[str, Sequence[Style]]
) -> None:
    base.execute(_LAYER_STYLES)
    base.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, last_change)"
        " VALUES ('layer_styles', 'attributes', 'layer_styles', ?)",
        (_NO_MOMENT,),
    )
    base.executemany(
        "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name,"
        " f_geometry_column, styleName, styleQML, styleSLD, useAsDefault, description, owner,"
        " update_time) VALUES ('', '', ?, ?, ?, ?, '', ?, ?, '', ?)",
        [
            (layer.name, GEOMETRY, style.title.vi, qml, position == 0, style.title.en, _NO_MOMENT)
            for layer in layers
            for position, (style, qml) in enumerate(_written(layer.table, styles))
        ],
    )


def _written(table: Table, styles: Mapping[str, Sequence[Style]]) -> list[tuple[Style, str]]:
    if table.geometry is None:
        return []
    chosen = styles.get(table.name) or (plain_style(table),)
    return [(style, vector_qml(style, table.geometry)) for style in chosen]
