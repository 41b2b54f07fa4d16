"""A layer as a Shapefile in the study's CRS, with a list of what its cut names stand for.

The format is of 1992: names of ten letters, texts of 254 bytes, 255 columns, no time. Knows these
limits; the features are written by `vectors`.
"""

import csv
from dataclasses import replace
from pathlib import Path

from ..errors import ExportError
from ..tables import Table
from .layers import Layer
from .vectors import in_crs, write_features

LONGEST_NAME = 10
LONGEST_TEXT_BYTES = 254
MOST_COLUMNS = 255
NO_DAY = "1980-01-01"
"""Of the last change, which would make the same layer other bytes every day."""


def write_shapefile(layer: Layer, path: Path, *, crs: str) -> None:
    """Write a layer as a Shapefile: ``.shp``, ``.shx``, ``.dbf`` in UTF-8, ``.prj``, ``.cpg``.

    Beside it stands ``<name>_columns.csv``: the name in the file, the column, its meaning in
    both languages, and how many of its texts were cut; first what must stand beside the rows.

    Parameters
    ----------
    layer : Layer
        With geometry.
    path : Path
        File to write, ending in ``.shp``; its companions take its name.
    crs : str
        Of the coordinates, metres.

    Raises
    ------
    ExportError
        If the layer has more columns than the format holds.
    OSError
        If the files cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> import geopandas as gpd
    >>> from shapely import Point
    >>> from phusong.export import plain_layer
    >>> from phusong.tables import PLACES
    >>> places = gpd.GeoDataFrame(
    ...     {"place_id": ["p1"], "name": ["Hà Giang"], "kind": ["city"]},
    ...     geometry=[Point(104.98, 22.82)], crs="OGC:CRS84",
    ... )
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "places.shp"
    ...     write_shapefile(plain_layer(places, PLACES), path, crs="EPSG:9209")
    ...     gpd.read_file(path).name.to_list(), sorted(p.suffix for p in path.parent.iterdir())
    (['Hà Giang'], ['.cpg', '.csv', '.dbf', '.prj', '.shp', '.shx'])
    """
    if len(layer.table.columns) > MOST_COLUMNS:
        raise ExportError(
            "export.shapefile_columns",
            layer=layer.name,
            columns=len(layer.table.columns),
            most=MOST_COLUMNS,
        )
    names = short_names(layer.table)
    cut = dict.fromkeys(names, 0)
    rows = []
    for row in layer.rows:
        kept = {}
        for column, value in row.items():
            fits = _fitting(value) if isinstance(value, str) else value
            cut[column] += fits != value
            kept[names[column]] = fits
        rows.append(kept)
    fields = tuple(replace(field, name=names[field.name]) for field in layer.table.fields)
    key = tuple(names[column] for column in layer.table.key)
    table = replace(layer.table, fields=fields, key=key)
    write_features(
        in_crs(replace(layer, table=table, rows=rows), crs),
        path,
        driver="ESRI Shapefile",
        crs=crs,
        ENCODING="UTF-8",
        DBF_DATE_LAST_UPDATE=NO_DAY,
    )
    told_in = path.with_name(f"{path.stem}_columns.csv")
    with told_in.open("w", encoding="utf-8-sig", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["shapefile", "column", "vi", "en", "texts_cut"])
        if layer.notice is not None:
            lines.writerow(["", "", layer.notice.vi, layer.notice.en, ""])
        for field in layer.table.fields:
            meaning = field.meaning("vi"), field.meaning("en")
            lines.writerow([names[field.name], field.name, *meaning, cut[field.name]])


def short_names(table: Table) -> dict[str, str]:
    """Return a name of at most ten letters for every column, all different.

    Names that would be alike end in a number.

    Examples
    --------
    >>> from phusong.tables import OFFICES_RESULT
    >>> names = short_names(OFFICES_RESULT)
    >>> names["office_id"], names["district_hub_m"], names["district_hub_hops"]
    ('office_id', 'district_h', 'district_2')
    """
    taken: set[str] = set()
    names = {}
    for column in table.columns:
        name, number = column[:LONGEST_NAME], 1
        while name.lower() in taken:
            number += 1
            end = str(number)
            name = column[: LONGEST_NAME - len(end)] + end
        taken.add(name.lower())
        names[column] = name
    return names


def _fitting(text: str) -> str:
    """Return as much of a text as a field holds, no letter cut in two."""
    return text.encode()[:LONGEST_TEXT_BYTES].decode(errors="ignore")
