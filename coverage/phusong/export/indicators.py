"""The indicator board as JSON, for systems that read one file."""

from pathlib import Path

import pandas as pd

from ..tables import INDICATORS
from .plain import plain_rows
from .schema import json_schema, write_json


def write_indicators(indicators: pd.DataFrame, path: Path) -> None:
    """Write the board in its own order, ``{"schema": urn, "rows": [...]}``, and its schema.

    Parameters
    ----------
    indicators : DataFrame
        Rows as `tables.INDICATORS`.
    path : Path
        File to write, such as ``indicators.json``; the JSON Schema goes beside it as
        ``indicators.schema.json``.

    Raises
    ------
    ValueError
        If the frame breaks the table's definition.
    """
    _, rows = plain_rows(indicators, INDICATORS, by_key=False)
    schema = json_schema(INDICATORS)
    write_json({"schema": schema["$id"], "rows": rows}, path)
    write_json(schema, path.with_suffix(".schema.json"))
