"""Bring heights and lengths that a list gives in other units than metres into metres.

Knows units behind headings and figures; nothing of what a length is of.
"""

import re
from dataclasses import replace
from typing import Any

import pandas as pd

from .._text import tidy
from ..i18n import Bilingual, fold
from ..tables import Field, Table
from .headings import names_of, normal
from .source import Cells, Raw, Told, as_cells
from .values import convert

_METRES = {
    "m": 1.0, "met": 1.0, "meter": 1.0, "meters": 1.0, "metre": 1.0, "metres": 1.0,
    "km": 1000.0, "cm": 0.01, "ft": 0.3048, "feet": 0.3048, "foot": 0.3048,
}  # fmt: skip
"""How long a unit is; a foot since 1959 is 0.3048 m."""
_WITH_UNIT = re.compile(r"([+-]?[\d.,\s]*\d)\s*([^\W\d_]+)\.?")
_FIGURES = Field(name="length", kind="number", title=Bilingual("Độ dài", "Length"))


def with_metres(raw: Raw, table: Table) -> Raw:
    """Bring lengths into metres, by the unit behind the figure, else by that of the heading.

    Parameters
    ----------
    raw : Raw
        With columns arranged as the study says.
    table : Table
        What the file is read as; only its fields in metres are looked at.

    Returns
    -------
    Raw
        A heading goes without its unit where that was another; what was converted is in `told`.

    Examples
    --------
    >>> import numpy as np
    >>> from phusong.tables import CELLS
    >>> raw = Raw(headings=("Độ cao ăng-ten (ft)",), columns=(as_cells(["118", "36 mét"], 2),),
    ...           rows=np.array([2, 3]))
    >>> read = with_metres(raw, CELLS)
    >>> read.headings, read.columns[0].tolist()
    (('Độ cao ăng-ten',), [35.9664, '36'])
    """
    for field in table.fields:
        if field.unit == "m" and field.kind == "number":
            names = frozenset.union(*names_of(field))
            for at, heading in enumerate(raw.headings):
                known = normal(heading)
                name, _, unit = known.rpartition("_")
                if known in names:
                    raw = _in_metres(raw, at, heading, 1.0)
                elif name in names and unit in _METRES:
                    plain = re.sub(r"[\W_]*[^\W_]+[\W_]*$", "", heading)
                    raw = _in_metres(raw, at, plain, _METRES[unit])
    return raw


def _in_metres(raw: Raw, at: int, heading: str, of_heading: float) -> Raw:
    cells = raw.columns[at]
    parts = [_parts(cell, of_heading) for cell in cells]
    if all(part is None for part in parts):
        return raw
    figures, _ = convert(
        as_cells((None if part is None else part[0] for part in parts), len(cells)),
        _FIGURES, heading=heading, decimal_mark=raw.decimal_mark,
    )  # fmt: skip
    new: Cells = as_cells(
        (
            cell if part is None else part[0] if part[1] == 1 else _length(cell, figure, part[1])
            for cell, part, figure in zip(cells, parts, figures, strict=True)
        ),
        len(cells),
    )
    columns = (*raw.columns[:at], new, *raw.columns[at + 1 :])
    headings = (*raw.headings[:at], heading, *raw.headings[at + 1 :])
    changed = [i for i, part in enumerate(parts) if part is not None and part[1] != 1]
    told = [
        Told(
            "lengths_converted",
            {"count": len(changed), "before": str(cells[i]), "after": new[i]},
            column=heading,
        )
        for i in changed[:1]
    ]
    return replace(raw, headings=headings, columns=columns, told=(*raw.told, *told))


def _parts(cell: Any, of_heading: float) -> tuple[Any, float] | None:
    """Return a figure and how many metres its unit has; None where it stays as it is."""
    found = _WITH_UNIT.fullmatch(tidy(cell)) if isinstance(cell, str) else None
    unit = None if found is None else _METRES.get(fold(found[2]))
    if found is not None and unit is not None:
        return found[1], unit
    if of_heading == 1 or cell is None or isinstance(cell, bool):
        return None
    return cell, of_heading


def _length(cell: Any, figure: float, unit_m: float) -> Any:
    return cell if pd.isna(figure) else round(figure * unit_m, 6)
