"""Open a file with the reader of its suffix. Knows formats; leaves what columns mean to others."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from ..tables import Table
from .archives import LAYERED, check_folder, unpacked
from .arrange import headings_of
from .databases import read_database
from .headings import matches, normal
from .registers import is_register, read_register
from .sheets import read_csv, read_workbook, sheets_alike
from .source import ALL_SHEETS, Raw, Source
from .vectors import read_geojson, read_geojson_lines, read_layer, read_parquet
from .workbooks import OTHER_WORKBOOKS


def _names(cells: Sequence[Any], source: Source, table: Table) -> int:
    """Count the columns that a row of cells names, by the study's headings too."""
    named = {normal(heading) for heading in headings_of(source)}
    given = sum(isinstance(cell, str) and normal(cell) in named for cell in cells) if named else 0
    return max(given, matches(cells, table))


def _workbook(source: Source, table: Table) -> Raw:
    return read_workbook(source, partial(_names, source=source, table=table))


def sources_of(source: Source, table: Table) -> tuple[Source, ...]:
    """Return a source for each sheet of a workbook of which all alike are wanted.

    Parameters
    ----------
    source : Source
        With `ALL_SHEETS` as its sheet; any other is returned as it is.
    table : Table
        Whose headings are looked for.

    Returns
    -------
    tuple of Source

    Raises
    ------
    InputError
        If the file is no workbook that can be read.

    Examples
    --------
    >>> from pathlib import Path
    >>> from phusong.tables import CELLS
    >>> one = Source(path=Path("cells.csv"), shown="cells.csv")
    >>> sources_of(one, CELLS) == (one,)
    True
    """
    if source.sheet != ALL_SHEETS:
        return (source,)
    check_file(source)
    whole = replace(source, sheet=None)
    titles = sheets_alike(whole, partial(_names, source=whole, table=table))
    return tuple(replace(source, sheet=title) for title in titles)


def _zipped(source: Source, table: Table) -> Raw:
    if is_register(source):
        return read_register(source)
    with unpacked(source) as layer:
        if layer.suffix == ".geojson":
            return read_geojson(layer)
        return read_layer(layer, preferred=table.name)


READERS: dict[str, Callable[[Source, Table], Raw]] = {
    **dict.fromkeys(
        (".csv", ".txt", ".tsv"),
        lambda source, table: read_csv(source, partial(_names, source=source, table=table)),
    ),
    ".xlsx": _workbook,
    **dict.fromkeys(sorted(OTHER_WORKBOOKS), _workbook),
    ".geojson": lambda source, _: read_geojson(source),
    ".json": lambda source, _: read_geojson(source),
    ".gpkg": lambda source, table: read_layer(source, preferred=table.name),
    ".shp": lambda source, table: read_layer(source, preferred=table.name),
    ".fgb": lambda source, table: read_layer(source, preferred=table.name),
    ".kml": lambda source, table: read_layer(source, preferred=table.name),
    ".kmz": lambda source, table: _zipped(source, table),
    ".tab": lambda source, table: read_layer(source, preferred=table.name),
    ".gdb": lambda source, table: read_layer(source, preferred=table.name),
    ".mif": lambda source, table: read_layer(source, preferred=table.name),
    **dict.fromkeys(
        (".geojsonl", ".geojsons", ".ndjson"), lambda source, _: read_geojson_lines(source)
    ),
    ".zip": lambda source, table: _zipped(source, table),
    ".parquet": lambda source, _: read_parquet(source),
}
"""Reader of each suffix, given the file and the table."""
WORKBOOKS = frozenset({".xlsx", *OTHER_WORKBOOKS})


def read_raw(source: Source, table: Table) -> Raw:
    """Read the file with the reader of its suffix, or the database."""
    if source.database is not None:
        return read_database(source)
    check_file(source)
    try:
        return READERS[source.suffix](source, table)
    except OSError as broken:
        raise source.refuse(
            "unreadable", kind=source.suffix, detail=broken.strerror or type(broken).__name__
        ) from None


def check_file(source: Source) -> None:
    """Refuse what no reader can read."""
    if source.suffix not in READERS:
        raise source.refuse("unknown_format", suffix=source.suffix, known=", ".join(READERS))
    if source.layer is not None and source.suffix not in {*LAYERED, ".zip"}:
        raise source.refuse("no_layers", layer=source.layer)
    if source.sheet is not None and source.suffix not in WORKBOOKS:
        raise source.refuse("no_sheets", sheet=source.sheet)
    if source.path.is_dir() and source.suffix == ".gdb":
        check_folder(source)
        return
    if not source.path.is_file():
        raise source.refuse("no_file")
    if source.path.stat().st_size == 0:
        raise source.refuse("empty_file")
    try:
        source.path.open("rb").close()
    except PermissionError:  # on Windows also while a program keeps the file to itself
        raise source.refuse("not_permitted") from None
