"""Tables and rejected rows as CSV, for Excel and for programs.

Text from input files is never run as a formula by the program that opens it.
"""

import csv
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from .layers import PLACE_COLUMNS, Layer
from .plain import DECIMALS, FORMULA_SIGNS, plain_text


def write_rejected(rejected: Mapping[str, pd.DataFrame], folder: Path) -> tuple[Path, ...]:
    """Write the rows set aside as ``rejected/<table>.csv``, by `write_csv`.

    Parameters
    ----------
    rejected : mapping
        Table name → rows with their reasons; empty ones are left out.
    folder : Path
        The output folder.

    Returns
    -------
    tuple of Path
        The files written; none, and no folder, if nothing was rejected.

    Raises
    ------
    OSError
        If the files cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> rows = pd.DataFrame({"row": [3], "cell_id": ["a"], "reason_en": ["no power"]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     (path,) = write_rejected({"cells": rows, "villages": rows[:0]}, Path(folder))
    ...     path.name, path.read_text("utf-8-sig").splitlines()
    ('cells.csv', ['row,cell_id,reason_en', '3,a,no power'])
    """
    written = []
    for name, rows in sorted(rejected.items()):
        if rows.empty:
            continue
        path = folder / "rejected" / f"{name}.csv"
        path.parent.mkdir(exist_ok=True)
        write_csv(rows, path)
        written.append(path)
    return tuple(written)


def write_csv(rows: pd.DataFrame, path: Path) -> None:
    """Write rows as CSV for Excel, in UTF-8 with BOM.

    A cell that a spreadsheet would read as a formula gets a leading apostrophe.

    Parameters
    ----------
    rows : DataFrame
        Without its index.
    path : Path
        File to write.

    Raises
    ------
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "rows.csv"
    ...     write_csv(pd.DataFrame({"name": ["Xín Mần", "=1+1"]}), path)
    ...     path.read_text(encoding="utf-8-sig").split()[1:]
    ['Xín', 'Mần', "'=1+1"]
    """
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(_inert(heading) for heading in rows.columns)
        lines.writerows(map(_inert, row) for row in rows.itertuples(index=False, name=None))


def write_layer_csv(layer: Layer, path: Path, *, crs: str, semicolon: bool) -> None:
    """Write a table as CSV for Excel, in UTF-8 with BOM, with the place of each row.

    Behind the table's columns stand ``longitude`` and ``latitude`` (WGS 84) and
    ``easting_m`` and ``northing_m`` of a point of the shape: the point itself,
    or one on the line or inside the polygon. A cell that a spreadsheet would
    read as a formula gets a leading apostrophe.

    Parameters
    ----------
    layer : Layer
        The table.
    path : Path
        File to write.
    crs : str
        The study's CRS, of eastings and northings.
    semicolon : bool
        Semicolons between cells and commas in decimals, as Excel expects where
        Windows is set to Vietnamese; otherwise commas and points.

    Raises
    ------
    OSError
        If the file cannot be written.

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
    ...     path = Path(folder) / "places.csv"
    ...     write_layer_csv(plain_layer(places, PLACES), path, crs="EPSG:9209", semicolon=True)
    ...     path.read_text(encoding="utf-8-sig").splitlines()[1].split(";")[4:6]
    ['104,98', '22,82']
    """
    mark = "," if semicolon else "."
    places = None if layer.shapes is None else layer.places(crs)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        lines = csv.writer(file, delimiter=";" if semicolon else ",")
        lines.writerow([*layer.table.columns, *(() if places is None else PLACE_COLUMNS)])
        for number, row in enumerate(layer.rows):
            cells = [*row.values(), *(() if places is None else places[number])]
            lines.writerow([_spreadsheet_cell(cell, mark) for cell in cells])


def _spreadsheet_cell(value: Any, mark: str) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return f"{value:.{DECIMALS}f}".rstrip("0").rstrip(".").replace(".", mark)
    return _inert(value)


def _inert(value: Any) -> str:
    """Return a CSV cell that no spreadsheet runs; plain numbers stay numbers."""
    if pd.isna(value):
        return ""
    cell = plain_text(value)
    if not cell.lstrip("'").startswith(FORMULA_SIGNS):  # or an apostrophe of its own would go
        return cell
    try:
        float(cell)
    except ValueError:
        return f"'{cell}"
    return cell


def read_guarded(path: Path) -> pd.DataFrame:
    """Return a table that `write_csv` wrote, every value as the text that it was.

    Parameters
    ----------
    path : Path

    Returns
    -------
    DataFrame
        Without the apostrophes that keep a spreadsheet from computing.

    Raises
    ------
    OSError, ValueError
        If it cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> given = pd.DataFrame({"name": ["=1+1", "'＝1", "Hà Giang"]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "names.csv"
    ...     write_csv(given, path)
    ...     read_guarded(path).equals(given)
    True
    """
    rows = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    signs = "".join(map(re.escape, FORMULA_SIGNS))
    plain: pd.DataFrame = rows.replace(rf"^'(?='*[{signs}])", "", regex=True)
    return plain
