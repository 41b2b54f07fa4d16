"""The workbook of readiness rules and works to edit."""

from pathlib import Path

from ...egov import JUDGED_BY, RULES
from ...export import TemplateSheet, write_template
from ...tables import READINESS_RULES, WORKS


def write_egov_template(path: Path, version: str = "nd_118_2025") -> Path:
    """Write a workbook of rules and works to edit: the rules of a version, prices still empty.

    Parameters
    ----------
    path : path
        File to write, which must not be there yet.
    version : str
        Of `egov.RULES`.

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
    ...     write_egov_template(Path(folder) / "rules.xlsx").name
    'rules.xlsx'
    """
    rules = RULES[version].frame()
    names = rules["prerequisite"].to_list()
    write_template(
        (
            TemplateSheet(table=READINESS_RULES, rows=rules, choices={"field": tuple(JUDGED_BY)}),
            TemplateSheet(
                table=WORKS, rows=rules[["prerequisite"]], choices={"prerequisite": names}
            ),
        ),
        path,
    )
    return path
