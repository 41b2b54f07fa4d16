"""Read days that people write in other ways than as whole dates, where only one day can be meant.

Knows how Excel counts days and how months are named; a whole date is left to `values`.
"""

import re
from datetime import date, datetime, timedelta
from functools import lru_cache

import numpy as np

from .._text import bare
from ..i18n import fold
from .source import Cells, Fault, Told, as_cells

_FIRST_DAY, _LAST_DAY = date(1980, 1, 1), date(2050, 1, 1)
"""Days that a bare number may stand for: Excel counts them 29221 to 54789."""
_EXCEL_DAY_0 = date(1899, 12, 30)
_MAC_DAY_0 = date(1904, 1, 1)
"""From which a workbook counts that was made, or set, for the date system of 1904."""
_LONGEST = 60  # letters of a day with its time, by far
_LARGEST = 100_000_000  # of a number that stands for a day, 20170531
_PIVOT = 69  # as POSIX strptime: 69 is 1969, 68 is 2068

_MONTHS = {
    name: at
    for at, names in enumerate(
        ("jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july",
         "aug august", "sep sept september", "oct october", "nov november", "dec december"),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
_CLOCK = re.compile(
    r"(?<=[0-9])[ ,]+[0-9]{1,2}(?:[:h][0-9]{2}){1,2}(?:[.,][0-9]+)?(?: ?(?:am|pm|sa|ch))?$"
    r"|^[0-9]{1,2}(?:[:h][0-9]{2}){1,2}(?: ?(?:am|pm|sa|ch))? +(?=[0-9])"
)
_MARK = r" ?[-/.] ?"
_SHORT_YEAR = re.compile(rf"(?:ngay )?([0-9]{{1,2}}){_MARK}([0-9]{{1,2}}){_MARK}([0-9]{{2}})")
_FULL_YEAR = re.compile(rf"([0-9]{{1,2}}){_MARK}([0-9]{{1,2}}){_MARK}([0-9]{{4}})")
_IN_ONE = re.compile(r"((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})(?:[0-9]{6})?")
_NAMED = re.compile(
    r"(?:ngay )?(?P<d>[0-9]{1,2})[ .-]+(?P<m>[a-z]+|(?:thang|thg|th|t)[ .]?[0-9]{1,2})"
    r"[ .,-]+(?:nam )?(?P<y>[0-9]{4}|[0-9]{2})"
)
_MONTH_FIRST = re.compile(r"(?P<m>[a-z]+)\.? (?P<d>[0-9]{1,2}),? (?P<y>[0-9]{4})")
_MONTH = re.compile(
    rf"(?:thang |thg |th|t)?(?P<m>[0-9]{{1,2}})(?:{_MARK}| nam )(?P<y>[0-9]{{4}})"
    rf"|(?P<y2>[0-9]{{4}}){_MARK}(?P<m2>[0-9]{{1,2}})"
    r"|(?P<m3>[a-z]+)[ .,-]+(?P<y3>[0-9]{4})"
)
_QUARTER = re.compile(rf"(?:quy|q) ?(?P<q>[1-4]|i{{1,3}}|iv)(?:{_MARK}| nam | )(?P<y>[0-9]{{4}})")
_YEAR = re.compile(r"(?:nam )?((?:19[5-9]|20[0-9])[0-9])")


def read_days(cells: Cells, *, from_1904: bool) -> tuple[Cells, list[tuple[Told, Fault]]]:
    """Write days of a column as whole dates; what is none, or may be two, stays as it is.

    A bare number is a day as Excel counts them; a month or a year alone is its first day, as
    Excel takes what is typed so; a year of two figures stands behind day and month. Where days
    above 12 stand in second place, and none in first, the column has the month first.

    Parameters
    ----------
    cells : object array, shape (n,)
    from_1904 : bool
        Whether the workbook counts its days from 1904.

    Returns
    -------
    object array
    list of (Told, Fault)
        What was understood, and in which rows.

    Examples
    --------
    >>> cells = as_cells([43101, "05/2017", "2016", "ngày 5 tháng 6 năm 2017", "3/4/17"], 5)
    >>> read, told = read_days(cells, from_1904=False)
    >>> read.tolist()
    ['2018-01-01', '2017-05-01', '2016-01-01', '2017-06-05', '2017-04-03']
    >>> [one.message for one, _ in told]
    ['serial_days', 'first_days', 'short_years']
    """
    texts = [_text(cell) if isinstance(cell, str | int | float) else "" for cell in cells]
    distinct = [*dict.fromkeys(texts)]
    month_first = _month_first(distinct)
    days = {
        text: _day(text, month_first=month_first, from_1904=from_1904) for text in distinct if text
    }
    read = cells.copy()
    of_kind: dict[str, dict[int, str]] = {}
    for i, text in enumerate(texts):
        kind, day = days.get(text, ("", None))
        if day is not None:
            read[i] = day.isoformat()
            of_kind.setdefault(kind, {})[i] = read[i]
    told = []
    for kind in ("serial_days", "first_days", "short_years", "month_first"):
        if found := of_kind.get(kind):
            first = next(iter(found))
            rows = np.zeros(len(cells), dtype=bool)
            rows[[*found]] = True
            values = {"count": len(found), "example": str(cells[first]), "read": found[first]}
            each = as_cells((found.get(i, "") for i in range(len(cells))), len(cells))
            told.append((Told(kind, values), Fault(rows, f"{kind}_here", values={"read": each})))
    return read, told


@lru_cache(maxsize=4096, typed=True)  # lists repeat their days
def _text(cell: str | float) -> str:
    """Return a cell without accents, capitals, and a time of day; a yes as nothing."""
    if isinstance(cell, str):
        return _CLOCK.sub("", fold(bare(cell))) if len(cell) <= _LONGEST else ""
    figure = not isinstance(cell, bool) and abs(cell) < _LARGEST
    return str(int(cell)) if figure else ""


def _month_first(texts: list[str]) -> bool:
    """Tell whether whole dates of a column have the month first, as American programs do."""
    parts = [found for text in texts if (found := _FULL_YEAR.fullmatch(text))]
    parts += [found for text in texts if (found := _SHORT_YEAR.fullmatch(text))]
    first, second = (max((int(found[at]) for found in parts), default=0) for at in (1, 2))
    return first <= 12 < second <= 31


def _day(text: str, *, month_first: bool, from_1904: bool) -> tuple[str, date | None]:
    """Return how a text was understood, and the day: none if it may be two, or is a whole date."""
    if text.isdecimal() and len(text) == 5:
        day_0 = _MAC_DAY_0 if from_1904 else _EXCEL_DAY_0
        day = day_0 + timedelta(days=int(text))
        return "serial_days", day if _FIRST_DAY <= day <= _LAST_DAY else None
    if found := _YEAR.fullmatch(text):
        return "first_days", date(int(found[1]), 1, 1)
    if found := _QUARTER.fullmatch(text):
        quarter = _ROMAN.get(found["q"]) or int(found["q"])
        return "first_days", _real(found["y"], 3 * quarter - 2, 1)
    if found := _MONTH.fullmatch(text):
        month = found["m"] or found["m2"] or _MONTHS.get(found["m3"] or "")
        return "first_days", _real(found["y"] or found["y2"] or found["y3"], month, 1)
    if found := _SHORT_YEAR.fullmatch(text):
        first, second = (found[2], found[1]) if month_first else (found[1], found[2])
        return "short_years", _real(found[3], second, first)
    if month_first and (found := _FULL_YEAR.fullmatch(text)):
        return "month_first", _real(found[3], found[1], found[2])
    if found := _NAMED.fullmatch(text) or _MONTH_FIRST.fullmatch(text):
        month = _MONTHS.get(found["m"]) or found["m"].lstrip("thang. ")
        return "short_years" if len(found["y"]) == 2 else "", _real(found["y"], month, found["d"])
    if (found := _FULL_YEAR.fullmatch(text)) or (found := _IN_ONE.fullmatch(text)):
        parts = found.groups() if len(found[1]) == 4 else found.groups()[::-1]
        return "", _real(*parts)
    return "", None


def _real(year: str, month: str | int | None, day: str | int) -> date | None:
    """Return a day if there is such a day; a year of two figures is one since 1969."""
    try:
        figure = int(year)
        if len(year) == 2:
            figure += 1900 if figure >= _PIVOT else 2000
        return datetime(figure, int(month or 0), int(day)).date()
    except ValueError:
        return None
