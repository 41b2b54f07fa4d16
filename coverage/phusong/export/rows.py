"""Tables without geometry as JSON, for systems that read one file."""

from pathlib import Path

from .layers import Layer
from .schema import json_schema, write_json


def write_rows(layer: Layer, path: Path) -> None:
    """Write a table in its own order, ``{"schema": urn, "rows": [...]}``, and its schema.

    Parameters
    ----------
    layer : Layer
        Without geometry.
    path : Path
        File to write, such as ``indicators.json``; the JSON Schema goes beside it as
        ``indicators.schema.json``.

    Raises
    ------
    OSError
        If the files cannot be written.
    """
    schema = json_schema(layer.table)
    write_json({"schema": schema["$id"], "rows": layer.rows}, path)
    write_json(schema, path.with_suffix(".schema.json"))
