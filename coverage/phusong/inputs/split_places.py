"""Bring coordinates into a column each that a list has two in a cell, or one in three cells.

A link to a map counts as two in a cell.

Knows how people lay them out; `coordinates` reads the figures, `places` where they lie.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

from .._text import tidy
from ..tables import LAT, LON, X_M, Y_M, Table
from .coordinates import read_angles
from .headings import match, normal
from .map_links import leads_to_map, place_of_link
from .source import Cells, Raw, Told, as_cells
from .values import convert

_BOTH = re.compile(
    "(?:toa_do|vi_tri)(?:_(?:gps|dia_ly|tram|cot|diem|wgs_?84|vn_?2000|google(?:_maps?)?|x_y))*"
    "|(?:toa_do_)?(?:gps|location|coordinates?|lat_?(?:long?|lng)|x_y|latitude_longitude"
    "|(?:vi_do|kinh_do)_(?:kinh_do|vi_do))"
)
_BETWEEN = tuple(
    map(
        re.compile,
        (r"\s*[;|]\s*", r",\s+", r"\s*/\s*", r"\s+-\s+", r"(?<=[NSBnsb])[\s,]+", ",", r"\s+"),
    )
)
"""What stands between two figures of a place, the surest first: a comma may be a decimal mark."""
_MOSTLY = 0.5
"""Share of the filled cells of a column that are links to a map, to be taken for the places."""
_LOOKED_AT = 100
_UNITS = (("do", "deg", "degree", "degrees"), ("phut", "minute", "minutes", "min"),
          ("giay", "second", "seconds", "sec"))  # fmt: skip
UNITS_OF_ANGLES = frozenset(name for names in _UNITS for name in names)
"""Headings of degrees, minutes and seconds in cells of their own, as `normal` has them."""
_LARGEST_DEGREES = 180.0
_TAKEN = " (đã tách, ghép / taken apart or joined)"


def with_own_columns(raw: Raw, table: Table, *, anywhere: bool) -> Raw:
    """Give longitude and latitude, or easting and northing, a column each.

    Parameters
    ----------
    raw : Raw
        With columns arranged as the study says.
    table : Table
        What the file is read as; nothing is done unless its rows are points.
    anywhere : bool
        Take places outside Vietnam too: of two degrees the latitude then comes first (ISO 6709).

    Returns
    -------
    Raw
        What was understood is in `told`.

    Examples
    --------
    >>> import numpy as np
    >>> from phusong.tables import CELLS
    >>> raw = Raw(headings=("Tọa độ",), columns=(as_cells(["22,83; 104,98"], 1),),
    ...           rows=np.array([2]))
    >>> read = with_own_columns(raw, CELLS, anywhere=False)
    >>> read.headings[1:], [column[0] for column in read.columns[1:]]
    (('lon', 'lat'), ['104,98', '22,83'])
    """
    if table.geometry != "Point" or raw.shapes is not None:
        return raw
    return _taken_apart(_joined(raw), anywhere=anywhere)


def _joined(raw: Raw) -> Raw:
    """Join degrees, minutes and seconds that stand in cells of their own."""
    at_of = {normal(heading): at for at, heading in reversed([*enumerate(raw.headings)])}
    columns, headings, told = [*raw.columns], [*raw.headings], [*raw.told]
    for field in (LON, LAT):
        for base in sorted({name for name, _ in _bases(at_of)}):
            if not match([base], (field,)).position:
                continue
            degrees = next((at_of[n] for n in _names(base, 0) if n in at_of), at_of.get(base))
            parts = [
                next((at_of[n] for n in _names(base, power) if n in at_of), None)
                for power in (1, 2)
            ]
            if degrees is None or parts[0] is None:
                continue
            places = [at for at in (degrees, *parts) if at is not None]
            new = as_cells(
                (_angle([raw.columns[at][i] for at in places]) for i in range(len(raw.rows))),
                len(raw.rows),
            )
            named = ", ".join(raw.headings[at] for at in places)
            told.append(Told("angles_joined", {"headings": named}))
            for at in places:
                headings[at] += _TAKEN
            headings[degrees], columns[degrees] = field.name, new
    return replace(raw, headings=tuple(headings), columns=tuple(columns), told=tuple(told))


def _bases(known: dict[str, int]) -> Iterator[tuple[str, str]]:
    """Yield what headings of minutes are of, with the unit."""
    for name in known:
        base, _, unit = name.rpartition("_")
        if base and unit in _UNITS[1]:
            yield base, unit


def _names(base: str, power: int) -> list[str]:
    return [f"{base}_{unit}" for unit in _UNITS[power]]


def _angle(parts: list[Any]) -> Any:
    """Write degrees, minutes and seconds as one angle; nothing without degrees and minutes."""
    texts = [
        str(int(part) if isinstance(part, float) and part.is_integer() else part).strip()
        if part is not None
        else ""
        for part in parts
    ]
    if not any(texts):
        return None
    return " ".join(f"{text}{mark}" for text, mark in zip(texts, "°'\"", strict=False) if text)


def _taken_apart(raw: Raw, *, anywhere: bool) -> Raw:
    """Take two figures of a cell apart, where the list has no other coordinates."""
    known = [normal(heading) for heading in raw.headings]
    has_pair = any(len(match(raw.headings, pair).position) == 2 for pair in _PAIRS)
    both = [at for at, name in enumerate(known) if _BOTH.fullmatch(name)]
    links = [at for at, column in enumerate(raw.columns) if _is_of_links(column)]
    if has_pair or {"x", "y"} <= {*known} or len(both or links) != 1:
        return raw
    (at,) = both or links
    cells = raw.columns[at]
    parts = [_two(cell) for cell in cells]
    if not any(one is not None for one in parts) and at not in links:
        return raw
    first, second = (
        as_cells(
            (cell if one is None else one[i] for cell, one in zip(cells, parts, strict=True)),
            len(cells),
        )
        for i in (0, 1)
    )
    size = [_size(column, raw) for column in (first, second)]
    degrees = at in links or max(size) <= _LARGEST_DEGREES
    # Longitudes are the larger degrees in Vietnam, northings the larger metres.
    northing_first = anywhere or at in links or (size[0] < size[1]) == degrees
    pair = _PAIRS[0 if degrees else 1]
    ordered = (second, first) if northing_first else (first, second)
    read = [cell for cell, one in zip(cells, parts, strict=True) if one is not None]
    example = next((str(cell) for cell in (*read, *cells) if cell is not None), "")
    told = Told(
        "links_read" if at in links else "places_taken_apart",
        {"example": example, "fields": ", ".join(one.name for one in pair)},
        column=raw.headings[at],
    )
    headings = (*raw.headings, *(field.name for field in pair))
    return replace(
        raw,
        headings=headings,
        columns=(*raw.columns, *ordered),
        told=(*raw.told, told),
        taken_from=dict.fromkeys((field.name for field in pair), at),
    )


_PAIRS = ((LON, LAT), (X_M, Y_M))


def _is_of_links(column: Cells) -> bool:
    """Tell whether most filled cells of a column are links to a map."""
    texts = islice((cell for cell in column if isinstance(cell, str) and cell.strip()), _LOOKED_AT)
    found = [leads_to_map(text) for text in texts]
    return sum(found) > _MOSTLY * len(found)


def _size(column: Cells, raw: Raw) -> float:
    numbers, _ = convert(read_angles(column), X_M, heading="", decimal_mark=raw.decimal_mark)
    return float(numbers.abs().median())


def _two(cell: Any) -> list[str] | None:
    """Return the two figures of a cell; None if it has not two."""
    if not isinstance(cell, str):
        return None
    if leads_to_map(cell):
        place = place_of_link(cell)
        return None if place is None else [*place]
    text = tidy(cell).strip("()[]{} ,;")
    for between in _BETWEEN:
        parts = between.split(text)
        if len(parts) == 2 and all(any(map(str.isdigit, part)) for part in parts):
            return parts
    return None
