"""Tables without geometry as JSON, for systems that read one file."""

from dataclasses import asdict
from pathlib import Path

from .json_rows import json_members, write_lines
from .json_text import json_text, write_json
from .layers import Layer
from .schema import json_schema


def write_rows(layer: Layer, path: Path) -> None:
    """Write a table in its own order, ``{"schema": urn, "rows": [...]}``, and its schema.

    A notice is the member ``notice``, in both languages.

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

    Examples
    --------
    >>> import json, tempfile
    >>> import pandas as pd
    >>> from phusong.export import plain_layer
    >>> from phusong.tables import ROLLOUT_YEARS
    >>> years = pd.DataFrame({"year": [2018], "offices_entering": [3]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "years.json"
    ...     write_rows(plain_layer(years, ROLLOUT_YEARS), path)
    ...     (row,) = json.loads(path.read_bytes())["rows"]
    >>> row["year"], row["offices_entering"], row["spent_vnd"]
    (2018, 3, None)
    """
    schema = json_schema(layer.table)
    said = {} if layer.notice is None else {"notice": asdict(layer.notice)}
    text = json_text({"schema": schema["$id"], **said, "rows": []})
    if not layer.rows:
        path.write_bytes(f"{text}\n".encode())
    else:
        rows = json_members(layer, comma=",\n   ", colon=": ")
        start = text.removesuffix("]\n}") + "\n  {\n   "
        write_lines(path, start, rows, "\n  },\n  {\n   ", "\n  }\n ]\n}\n")
    write_json(schema, path.with_suffix(".schema.json"))
