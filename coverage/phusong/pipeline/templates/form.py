"""The workbook of the input tables that people type; what its cells may hold `tables` says."""

from pathlib import Path

from ...export import TemplateSheet, write_template
from ...tables import CELLS, CENTRES_AFTER, OFFICES, PLACES, PRIORITIES, VILLAGES

FORM = "nhap-lieu.xlsx"
"""Its name in a study folder."""
FORM_TABLES = (CELLS, OFFICES, VILLAGES, PLACES, PRIORITIES, CENTRES_AFTER)
"""Its sheets. Rules, works and prices have templates of their own, which know more of them."""


def write_form(folder: Path) -> Path:
    """Write `FORM` into a folder: a sheet a table, with its columns, choices and limits.

    Parameters
    ----------
    folder : path
        Of the study.

    Returns
    -------
    Path
        The workbook.

    Raises
    ------
    OutputError
        If it is already there, perhaps filled in, or cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from openpyxl import load_workbook
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     load_workbook(write_form(Path(folder))).sheetnames[:2]
    ['cells', 'offices']
    """
    path = folder / FORM
    write_template([TemplateSheet(table=table) for table in FORM_TABLES], path)
    return path
