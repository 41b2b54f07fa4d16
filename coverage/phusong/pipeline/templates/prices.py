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

    Returns
    -------
    Path
        The workbook.

    Raises
    ------
    OutputError
        If the file is there, or cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_price_template(Path(folder) / "prices.xlsx").name
    'prices.xlsx'
    """
    write_template((TemplateSheet(table=FIBRE_PRICES, rows=pd.DataFrame()),), path)
    return path
