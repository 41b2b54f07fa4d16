"""Tables without geometry as JSON, for systems that read one file."""

from pathlib import Path

import pandas as pd

from ..tables import Table
from .layers import plain_layer
from .schema import json_schema, write_json


def write_rows(frame: pd.DataFrame, table: Table, path: Path) -> None:
    """Write a table in its own order, ``{"schema": urn, "rows": [...]}``, and its schema.

    Parameters
    ----------
    frame : DataFrame
        A finished table.
    table : Table
        Its definition, repeating fields written out, without geometry.
    path : Path
        File to write, such as ``indicators.json``; the JSON Schema goes beside it as
        ``indicators.schema.json``.

    Raises
    ------
    ValueError
        If the frame breaks the table's definition.
    """
    schema = json_schema(table)
    write_json({"schema": schema["$id"], "rows": plain_layer(frame, table).rows}, path)
    write_json(schema, path.with_suffix(".schema.json"))
