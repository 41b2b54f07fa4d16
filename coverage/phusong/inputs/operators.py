"""One spelling for each operator, in all tables of a study. Knows names; no file."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping

import pandas as pd

from ..errors import Problem
from ..i18n import fold
from .source import Source

OPERATOR_COLUMNS = ("operator", "networkProviders", "supplier")
"""Fields that name operators, in any table."""

KNOWN_OPERATORS = ("Viettel", "VNPT", "VinaPhone", "MobiFone", "Vietnamobile", "Gmobile")
"""Operators of Vietnam as they write themselves."""


def folded(name: str) -> str:
    """Reduce a name to what tells operators apart: no capitals, accents, spaces or hyphens.

    Examples
    --------
    >>> folded("Vina Phone ") == folded("VINAPHONE"), folded("Việt-tel") == folded("viettel")
    (True, True)
    """
    return re.sub(r"[^0-9a-z]+", "", fold(name)) or name


class Operators:
    """The spelling that each operator goes by.

    The study's own, else the operator's, else that which the first file has most often: it does
    not depend on the order of rows.

    Parameters
    ----------
    named : iterable of str
        As the study spells them.
    """

    def __init__(self, named: Iterable[str] = ()) -> None:
        self._spelling: dict[str, str] = {}
        for name in (*named, *KNOWN_OPERATORS):
            self._spelling.setdefault(folded(name), name)

    def unify(self, column: pd.Series) -> tuple[pd.Series, dict[str, str]]:
        """Give each operator of a column the spelling that it goes by.

        Parameters
        ----------
        column : Series of str
            Of one file; a cell may name several, with commas between them.

        Returns
        -------
        Series of str
        dict of str to str
            Spellings of the file that gave way, and to which.

        Examples
        --------
        >>> operators = Operators(["VIETTEL"])
        >>> told = operators.unify(pd.Series(["Viettel", "vina phone, Foo", None]))
        >>> told[0].to_list()[:2], told[1]
        (['VIETTEL', 'VinaPhone, Foo'], {'Viettel': 'VIETTEL', 'vina phone': 'VinaPhone'})
        """
        cells = Counter(column.dropna())
        counts: Counter[str] = Counter()
        for cell, count in cells.items():
            for name in _names(cell):
                counts[name] += count
        for name, _ in sorted(counts.items(), key=lambda met: (-met[1], met[0])):
            self._spelling.setdefault(folded(name), name)
        given_way = {
            name: meant
            for name in sorted(counts)
            if (meant := self._spelling[folded(name)]) != name
        }
        if not given_way:
            return column, {}
        spelt = {
            cell: ", ".join(self._spelling[folded(name)] for name in _names(cell)) for cell in cells
        }
        return column.map(spelt).astype(column.dtype), given_way


def spellings_told(given_way: Mapping[str, str], source: Source) -> list[Problem]:
    """Tell which spellings of a file gave way, if any.

    Parameters
    ----------
    given_way : mapping of str to str
        Spelling in the file → the one that stands for it.
    source : Source
        The file.

    Returns
    -------
    list of Problem
        One that names them all, or none.

    Examples
    --------
    >>> from pathlib import Path
    >>> source = Source(path=Path("a.csv"), shown="a.csv")
    >>> spellings_told({"VIETTEL": "Viettel"}, source)[0].values
    {'spellings': 'VIETTEL → Viettel'}
    """
    if not given_way:
        return []
    shown = ", ".join(f"{name} → {meant}" for name, meant in given_way.items())
    return [source.problem("operators_spelt", spellings=shown)]


def _names(cell: str) -> list[str]:
    return [name for part in cell.split(",") if (name := part.strip())]
