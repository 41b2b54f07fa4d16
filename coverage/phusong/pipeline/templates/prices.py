"""The workbook of fibre prices to fill in."""

from pathlib import Path

import pandas as pd

from ...export import TemplateSheet, write_template
from ...tables import FIBRE_PRICES


def write_price_template(path: Path) -> Path:
    """Write a workbook of fibre prices to fill in, without a price.

    Parameters
    ----------
    path : path
        File to write, which must not be there yet.

    Raises
    ------
    OutputError
        If the file is there, or cannot be written.
    """
    write_template((TemplateSheet(table=FIBRE_PRICES, rows=pd.DataFrame()),), path)
    return path
