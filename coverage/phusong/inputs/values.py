"""Turn raw cells into typed values, and tell which cells make none.

Knows the kind, range, choices and pattern of a `Field`; no file format. Works
on whole columns. How a number, a date or a yes may be written is decided here.
"""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from itertools import zip_longest
from typing import Any

import numpy as np
import pandas as pd
from openpyxl.cell.cell import ERROR_CODES

from .._text import LONGEST_TEXT, bare, text_fault, tidy
from .._types import Flags
from ..i18n import fold
from ..tables import Field
from .map_links import no_place
from .source import Cells, DecimalMark, Fault, Faults, Formula, as_cells

EARLIEST_YEAR, LATEST_YEAR = 1900, 2100
BEYOND_REASON = 1e15  # neither people nor đồng of a province, nor anything measured there
INEXACT_INTEGER = 2**53  # from here on float64 skips whole numbers

DTYPES = {
    "text": "str",
    "integer": "Int64",
    "number": "float64",
    "boolean": "boolean",
    "date": "datetime64[us]",
}
"""The dtype of each kind of field."""

_TRUE = dict.fromkeys(("true", "1", "yes", "có", "co", "x"), True)
_BOOLEANS = _TRUE | dict.fromkeys(("false", "0", "no", "không", "khong"), False)

_ERRORS = frozenset(ERROR_CODES)
# What Vietnamese in Unicode never has, but has when typed in the fonts of TCVN3 (.VnTime: a sign
# behind a letter, "Hµ Giang") or VNI (a second vowel for the tone, "Haø Giang") and stored as
# Latin-1; and the Icelandic Ð, which only looks like Đ.
_LEGACY = re.compile("[A-Za-zÀ-ÿ][µ¶¸¹¨¼½¾ª¬]|[aeouyAEOUY][øûåäØÛÅÄ]|öô|ÖÔ|Ð")
_PLAIN = r"[+-]?[0-9]+(?:\.(?:[0-9]{1,2}|[0-9]{4,}))?"  # no mark can be one between thousands
_NOT_FINITE = r"(?i)[+-]?(?:nan|inf|infinity)"
_DEGREE_SIGNS = "[°º'′″]"
_ISO_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_DATE_YEAR_FIRST = (
    r"^(?P<y>[0-9]{4})(?P<sep>[-/.])(?P<m>[0-9]{1,2})(?P=sep)(?P<d>[0-9]{1,2})"
    r"(?:[T _]+[0-9:.]*)?$"
)
_DATE_DAY_FIRST = (
    r"(?i)^(?:ngày )?(?P<d>[0-9]{1,2})(?: ?(?P<sep>[-/.]) ?| tháng )(?P<m>[0-9]{1,2})"
    r"(?: ?[-/.] ?| năm )(?P<y>[0-9]{4})(?:[T ]+[0-9]{1,2}:[0-9:.]*)?$"
)
# A moment with its time zone: a day here is the day in Vietnam.
_MOMENT = (
    r"^[0-9]{4}(?:-[0-9]{1,2}-|/[0-9]{1,2}/)[0-9]{1,2}[T ]+[0-9]{1,2}:[0-9:.]+"
    r" ?(?:Z|UTC|GMT|[+-][0-9]{2}(?::?[0-9]{2})?)$"
)
_GROUPED = r"[+-]?[0-9]{1,3}(?: [0-9]{3})+(?:[.,][0-9]+)?"
"""A number with a space between thousands, as ISO 80000-1 has it."""
_REPEATED = 2  # times that a cell stands in a column on average, to be worth reading once
VIETNAM_TIME = timezone(timedelta(hours=7))
"""Vietnam has kept one time, seven hours before Greenwich, since 1975."""


def is_legacy(text: str) -> bool:
    """Tell whether a text holds letters of an old Vietnamese font rather than of Unicode.

    Examples
    --------
    >>> is_legacy("Hµ Giang"), is_legacy("Haø Giang"), is_legacy("Hà Giang")
    (True, True, False)
    """
    return not text.isascii() and _LEGACY.search(text) is not None


def shown_choices(field: Field) -> str:
    """List what a field admits: each code, behind its Vietnamese word if it has one.

    Examples
    --------
    >>> from phusong.tables import OFFICES
    >>> shown_choices(OFFICES["level"])
    'tỉnh (province), huyện (district), xã (commune)'
    """
    words = zip_longest(field.choices, field.choices_vi)
    return ", ".join(f"{vi[0]} ({code})" if vi else code for code, vi in words)


def convert(
    cells: Cells, field: Field, *, heading: str, decimal_mark: DecimalMark | None
) -> tuple[pd.Series, list[Fault]]:
    """Return a column of the field's kind and the faults of its cells.

    Parameters
    ----------
    cells : object array, shape (n,)
        As the reader gave them.
    field : Field
        Kind, range, choices and pattern.
    heading : str
        The column's name in messages.
    decimal_mark : {".", ","} or None
        The decimal mark implied by the file's layout. It decides how to read "1.514" (or
        "1,514") only if no other cell of the column speaks against it.

    Returns
    -------
    Series, shape (n,)
        ``str``, ``Int64``, ``float64``, ``boolean`` or ``datetime64[us]``;
        missing where the cell is empty or faulty.
    list of Fault
        At most one for each cell.

    Examples
    --------
    >>> from phusong.tables import COMMUNES
    >>> cells = np.array(["7.927,55", "12", "about 5", None], dtype=object)
    >>> values, faults = convert(
    ...     cells, COMMUNES["population"], heading="Dân số", decimal_mark=None
    ... )
    >>> values.to_list(), faults[0].message, faults[0].rows.tolist()
    ([7927.55, 12.0, nan, nan], 'not_number', [False, False, True, False])
    """
    kinds = set(map(type, cells)) - {type(None)}
    if not kinds and not field.required:  # as of every column that the file lacks
        return pd.Series(None, index=range(len(cells)), dtype=DTYPES[field.kind]), []
    if kinds <= {str} or kinds <= {int, float}:
        which, distinct = pd.factorize(cells)
        # What is no number counts -1 as well; it is refused as such, not taken for an empty cell.
        finite = float not in kinds or all(cells[i] is None for i in np.flatnonzero(which < 0))
        if finite and len(distinct) < len(cells) / _REPEATED:
            # Each text or number once; an empty cell counts -1 and finds the None at the end.
            each = as_cells((*distinct, None), len(distinct) + 1)
            values, found = _convert(each, field, heading=heading, decimal_mark=decimal_mark)
            spread = [fault.at(which) for fault in found]
            return values.take(which).reset_index(drop=True), [one for one in spread if one]
    return _convert(cells, field, heading=heading, decimal_mark=decimal_mark)


def _convert(
    cells: Cells, field: Field, *, heading: str, decimal_mark: DecimalMark | None
) -> tuple[pd.Series, list[Fault]]:
    faults = Faults(len(cells))

    def refuse(rows: Any, message: str, **values: Any) -> None:
        faults.add(np.asarray(rows, dtype=bool), message, heading, **values)

    plain = _is_plain(cells)
    cells = cells if plain else _fit(cells, faults, refuse)
    read = tidy if field.kind == "text" and not field.pattern else bare
    clean = [(read(cell) or None) if isinstance(cell, str) else None for cell in cells]
    typed = np.array([cell is not None and not isinstance(cell, str) for cell in cells], dtype=bool)
    if not plain:
        refuse([isinstance(cell, Formula) for cell in cells], "uncalculated")
        refuse([one in _ERRORS for one in clean], "formula_error")
    if field.kind == "text" and not plain:
        refuse([one is not None and is_legacy(one) for one in clean], "legacy_letters")
    text = pd.Series(clean, dtype="str")
    if field.required:
        refuse(text.isna() & ~typed, "missing")
    text = _sound(text, faults)
    typed &= faults.ok

    if field.kind == "text":
        values, unread = _as_text(cells, text, typed)
        refuse(unread, "not_text")
    elif field.kind == "boolean":
        values, unread = _as_booleans(cells, text, typed)
        refuse(unread, "not_boolean")
    elif field.kind == "date":
        values, unread = _as_dates(cells, text, typed)
        refuse(unread, "not_date", earliest=EARLIEST_YEAR, latest=LATEST_YEAR)
    else:
        text = _without_unit(text, field)
        values, unread, ambiguous = _as_numbers(cells, text, typed, decimal_mark)
        refuse(ambiguous, "ambiguous_number")
        if field.unit == "°":
            _refuse_angles(text, unread, refuse)
        refuse(unread, "not_number")
        refuse(np.isinf(values) | (values.isna() & (text.notna() | typed)), "not_finite")
    if field.kind == "integer":
        refuse((values % 1 != 0) & values.notna(), "not_integer")
        refuse(values.abs() >= INEXACT_INTEGER, "not_integer")
        values = values.where(faults.ok).astype("Int64")
    least, most = _limits(field)
    if least is not None:
        refuse((values < least).fillna(False), "too_small", limit=least)
    if most is not None:
        refuse((values > most).fillna(False), "too_big", limit=most)
    if field.choices:
        chosen = _choose(values, field)
        refuse(chosen.isna() & values.notna(), "not_a_choice", choices=shown_choices(field))
        values = chosen
    if field.pattern and (odd := ~values.str.fullmatch(field.pattern, na=True)).any():
        digits = re.fullmatch(r"\\d\{(\d+)\}", field.pattern)
        if digits:
            count = int(digits[1])
            lost = values.str.fullmatch(f"[0-9]{{1,{count}}}", na=False)
            refuse(odd & lost, "lost_zeros", count=count)
            refuse(odd, "not_digits", count=count)
        refuse(odd, "pattern", pattern=field.pattern)
    return _sound(values, faults), faults.found


def _limits(field: Field) -> tuple[float | None, float | None]:
    """Return the least and the most a value may be."""
    if field.kind != "number" or field.unit == "°":  # degrees beyond all are told as places
        return field.minimum, field.maximum
    # A sum with more than these would lose all other rows in it, or be infinite.
    least, most = field.minimum, field.maximum
    return -BEYOND_REASON if least is None else least, BEYOND_REASON if most is None else most


def _fit(cells: Cells, faults: Faults, refuse: Callable[..., None]) -> Cells:
    """Refuse texts that no output can hold; return the cells without them."""
    unfit = [text_fault(cell) if isinstance(cell, str) else None for cell in cells]
    if not any(unfit):
        return cells
    refuse([fault == "unprintable" for fault in unfit], "unprintable")
    refuse([fault == "too_long" for fault in unfit], "too_long", limit=LONGEST_TEXT)
    cells = cells.copy()
    cells[~faults.ok] = None
    return cells


def _refuse_angles(text: pd.Series, unread: Flags, refuse: Callable[..., None]) -> None:
    """Refuse what is no angle as what it is, if that can be told."""
    if not unread.any():
        return
    kinds = [no_place(one) if bad else None for one, bad in zip(text, unread, strict=True)]
    for message in ("map_link_without_place", "plus_code"):
        refuse([kind == message for kind in kinds], message)
    refuse(unread & text.str.contains(_DEGREE_SIGNS, na=False), "not_decimal_degrees")


def _is_plain(cells: Cells) -> bool:
    """Tell at one glance that all cells are plain texts, whole, and none an error's name."""
    if not set(map(type, cells)) <= {str}:
        return False
    whole = "".join(cells)
    return (
        whole.isascii()
        and whole.isprintable()
        and "#" not in whole
        and "?" not in whole
        and max(map(len, cells), default=0) <= LONGEST_TEXT
    )


def _sound(values: pd.Series, faults: Faults) -> pd.Series:
    """Return the values with none where a fault was found."""
    return values if faults.ok.all() else values.where(faults.ok)


def _as_text(cells: Cells, text: pd.Series, typed: Flags) -> tuple[pd.Series, Flags]:
    """Write numbers plainly; a date or a yes in a text column is Excel's doing, not a text."""
    unread = np.zeros(len(cells), dtype=bool)
    if not typed.any():
        return text, unread
    plain = text.to_numpy(dtype=object)
    for i in np.flatnonzero(typed):
        number = cells[i]
        unread[i] = isinstance(number, bool) or not isinstance(number, int | float | Decimal)
        if not unread[i]:
            whole = isinstance(number, float) and number.is_integer()
            plain[i] = str(int(number) if whole else number)
    return pd.Series(plain, dtype="str"), unread


def _as_booleans(cells: Cells, text: pd.Series, typed: Flags) -> tuple[pd.Series, Flags]:
    values = text.str.casefold().map(_BOOLEANS).astype(object)
    for i in np.flatnonzero(typed).tolist():
        if isinstance(cells[i], int | float) and cells[i] in (0, 1):
            values.iloc[i] = bool(cells[i])
    values = values.astype("boolean")
    return values, (values.isna() & (text.notna() | typed)).to_numpy()


def _as_dates(cells: Cells, text: pd.Series, typed: Flags) -> tuple[pd.Series, Flags]:
    """Read days; of a moment with a time zone the day in Vietnam."""
    written = text.copy()
    if not text.str.fullmatch(_ISO_DAY, na=True).all():
        parts = ["y", "m", "d"]
        found = text.str.extract(_DATE_YEAR_FIRST)[parts].fillna(
            text.str.extract(_DATE_DAY_FIRST)[parts]
        )
        written = found["y"] + "-" + found["m"] + "-" + found["d"]
        for i in np.flatnonzero(text.str.fullmatch(_MOMENT, na=False)).tolist():
            written.iloc[i] = _vietnamese_day(text.iloc[i])
    for i in np.flatnonzero(typed).tolist():
        moment = cells[i]
        if isinstance(moment, datetime) and moment.tzinfo is not None:
            moment = moment.astimezone(VIETNAM_TIME)
        if isinstance(moment, date):
            written.iloc[i] = f"{moment:%Y-%m-%d}"
    values = pd.to_datetime(written, format="%Y-%m-%d", errors="coerce").astype("datetime64[us]")
    values = values.where(values.dt.year.between(EARLIEST_YEAR, LATEST_YEAR))
    return values, (values.isna() & (text.notna() | typed)).to_numpy()


def _vietnamese_day(moment: str) -> str | None:
    """Return the day in Vietnam of a moment that names its time zone; None if it is none."""
    day, clock = re.split("[T ]+", moment, maxsplit=1)
    year, month, of_month = re.split("[-/]", day)
    clock = re.sub("UTC|GMT", "Z", clock.replace(" ", ""))
    try:
        whole = datetime.fromisoformat(f"{year}-{month:0>2}-{of_month:0>2}T{clock}")
        return f"{whole.astimezone(VIETNAM_TIME):%Y-%m-%d}"
    except (ValueError, OverflowError):
        return None


def _without_unit(text: pd.Series, field: Field) -> pd.Series:
    """Take spaces out of thousands, and the field's own unit from behind numbers.

    Another unit makes another number.
    """
    if field.unit != "°":  # where a space stands before minutes
        grouped = text.str.fullmatch(_GROUPED, na=False)
        text = text.mask(grouped, text.str.replace(" ", "", regex=False)) if grouped.any() else text
    units = {field.unit, field.unit_in("en")} - {"", "°", "%"}
    if not units:
        return text
    written = "|".join(map(re.escape, sorted(units)))
    return text.str.replace(rf"(?<=[0-9])\s*(?:{written})$", "", regex=True)


def _as_numbers(
    cells: Cells, text: pd.Series, typed: Flags, decimal_mark: DecimalMark | None
) -> tuple[pd.Series, Flags, Flags]:
    """Return the numbers, what is none, and what could be two different numbers."""
    unread = np.zeros(len(cells), dtype=bool)
    numbers = np.full(len(cells), np.nan)
    for i in np.flatnonzero(typed):
        number = cells[i]
        if isinstance(number, bool) or not isinstance(number, int | float | Decimal):
            unread[i] = True
            continue
        try:
            numbers[i] = number
        except OverflowError:
            numbers[i] = np.inf
    plain, ambiguous = text, pd.Series(False, index=text.index)
    if text.notna().any():
        plain, ambiguous = _without_marks(text, decimal_mark)
    written = plain.notna().to_numpy()
    if (left := text.notna().to_numpy() & ~written).any():
        finite = ~text.str.fullmatch(_NOT_FINITE, na=True)
        unread |= left & (finite & ~ambiguous).to_numpy()
    numbers[written] = plain[written].astype("float64")
    return pd.Series(numbers), unread, ambiguous.to_numpy()


def _without_marks(
    text: pd.Series, decimal_mark: DecimalMark | None
) -> tuple[pd.Series, pd.Series]:
    """Rewrite numbers with a decimal point and nothing between thousands.

    A mark alone before exactly three digits, as in "1.514", may stand between
    thousands or before decimals. Other numbers of the column decide; failing
    them, the layout of the file; failing that, the cell is ambiguous.
    """

    def like(pattern: str) -> pd.Series:
        return text.str.fullmatch(pattern, na=False)

    ambiguous = pd.Series(False, index=text.index)
    if text.str.fullmatch(_PLAIN, na=True).all():
        return text, ambiguous
    number = r"[+-]?(?:[0-9]+(?:{0}[0-9]*)?|{0}[0-9]+)(?:[eE][+-]?[0-9]+)?"
    plain = pd.Series(None, index=text.index, dtype="str")
    whole = like(r"[+-]?[0-9]+(?:[eE][+-]?[0-9]+)?")
    plain[whole] = text[whole]
    either_way: dict[str, pd.Series] = {}
    decided: dict[str, bool] = {}
    for mark, other in ((".", ","), (",", ".")):
        m, o = re.escape(mark), re.escape(other)
        either = like(rf"[+-]?[1-9][0-9]{{0,2}}{m}[0-9]{{3}}")
        decimal = like(number.format(m)) & ~whole & ~either
        grouped = like(
            rf"[+-]?[1-9][0-9]{{0,2}}(?:(?:{o}[0-9]{{3}})+{m}[0-9]+|(?:{o}[0-9]{{3}}){{2,}})"
        )
        sure = decimal | grouped
        plain[sure] = _point(text[sure], mark, other)
        either_way[mark], decided[mark] = either, bool(sure.any())
    for mark, other in ((".", ","), (",", ".")):
        rows = either_way[mark]
        if (decided[mark] or decimal_mark == mark) and not decided[other]:
            plain[rows] = _point(text[rows], mark, other)
        elif decided[other] and not decided[mark] and decimal_mark != mark:
            plain[rows] = _point(text[rows], other, mark)
        else:
            ambiguous |= rows
    return plain, ambiguous


def _point(text: pd.Series, decimal: str, thousands: str) -> pd.Series:
    return text.str.replace(thousands, "", regex=False).str.replace(decimal, ".", regex=False)


def _choose(values: pd.Series, field: Field) -> pd.Series:
    """Return the choice each text means; case and diacritics do not matter."""
    meant = {
        fold(word): choice
        for choice, vi, other in zip_longest(
            field.choices, field.choices_vi, field.choices_other, fillvalue=()
        )
        for word in (*vi, *other, choice)
    }
    return values.map({text: meant.get(fold(text)) for text in values.dropna().unique()}).astype(
        "str"
    )
