"""The indicator board as JSON, for systems that read one file."""

from pathlib import Path

import pandas as pd

from ..tables import INDICATORS
from .plain import plain_rows
from .schema import json_schema, write_json


def write_indicators(indicators: pd.DataFrame, path: Path) -> None:
    """Write the board in its own order, as ``{"schema": urn, "rows": [...]}``.

    Parameters
    ----------
    indicators : DataFrame
        Rows as `tables.INDICATORS`.
    path : Path
        File to write; its schema is `schema.json_schema` of `tables.INDICATORS`.

    Raises
    ------
    ValueError
        If the frame breaks the table's definition.
    """
    _, rows = plain_rows(indicators, INDICATORS, by_key=False)
    write_json({"schema": json_schema(INDICATORS)["$id"], "rows": rows}, path)
