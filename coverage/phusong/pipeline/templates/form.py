"""The workbook of the input tables that people type; what its cells may hold `tables` says."""

from dataclasses import replace
from pathlib import Path

from ...export import TemplateSheet, write_template
from ...inputs import read_assumed_values
from ...tables import ASSUMED_VALUES, CELLS, CENTRES_AFTER, OFFICES, PLACES, PRIORITIES, VILLAGES

FORM = "nhap-lieu.xlsx"
"""Its name in a study folder."""
FORM_TABLES = (
    # What is typed is not assumed.
    replace(CELLS, fields=tuple(one for one in CELLS.fields if one.name != "assumed")),
    OFFICES,
    VILLAGES,
    PLACES,
    PRIORITIES,
    CENTRES_AFTER,
    ASSUMED_VALUES,
)
"""Its sheets. Rules, works and prices have templates of their own, which know more of them."""


def write_form(folder: Path) -> Path:
    """Write `FORM` into a folder: a sheet a table, with its columns, choices and limits.

    The sheet of assumed values holds those that come with phusong, to be edited.

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
    assumed = TemplateSheet(table=ASSUMED_VALUES, rows=read_assumed_values().table)
    write_template(
        [
            assumed if table is ASSUMED_VALUES else TemplateSheet(table=table)
            for table in FORM_TABLES
        ],
        path,
    )
    return path
