"""The workbook of readiness rules, works and plausible limits to edit."""

from pathlib import Path

from ...egov import JUDGED_BY, PLAUSIBLE_FIGURES, RULES, plausibility_frame
from ...export import TemplateSheet, write_template
from ...tables import PLAUSIBILITY_RULES, READINESS_RULES, WORKS


def write_egov_template(path: Path, version: str = "nd_118_2025") -> Path:
    """Write a workbook of rules, works and limits to edit: rules of a version, prices still empty.

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
            TemplateSheet(
                table=PLAUSIBILITY_RULES,
                rows=plausibility_frame(),
                choices={"figure": PLAUSIBLE_FIGURES, "per": PLAUSIBLE_FIGURES},
            ),
        ),
        path,
    )
    return path
