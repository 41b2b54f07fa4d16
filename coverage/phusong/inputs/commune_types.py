"""Tell whether communes are xã, phường, thị trấn or đặc khu where no column does.

Knows how names are written; `admin` knows the communes of the country.
"""

import re
from dataclasses import replace

from ..admin import recognise, units
from ..tables import COMMUNES, Table
from .headings import SHAPEFILE_NAME_LENGTH, match
from .source import Raw, Source, Told, as_cells

_TYPE = re.compile(r"(xã|phường|thị trấn|đặc khu)\s+(\S.*)", re.IGNORECASE)


def names_by_code(raw: Raw, source: Source) -> dict[str, str]:
    """Return the names of communes, without their type, by code; none without such columns.

    Parameters
    ----------
    raw : Raw
    source : Source

    Returns
    -------
    dict of str to str
        Numbers as codes of five digits.
    """
    found = _columns(raw, source)
    if {"commune_code", "name"} - found.keys():
        return {}
    cells = (raw.columns[found[name]] for name in ("commune_code", "name"))
    return {
        _code(code): _split(str(name))[1]
        for code, name in zip(*cells, strict=True)
        if code is not None and name is not None
    }


def with_types(raw: Raw, source: Source, table: Table) -> Raw:
    """Add the column of types to communes that have none: from names, else from the lists.

    Parameters
    ----------
    raw : Raw
        With columns arranged as the study says.
    source : Source
    table : Table
        What the file is read as; nothing is done unless it is communes.

    Returns
    -------
    Raw
        Cells are empty where neither tells.
    """
    found = _columns(raw, source)
    if table.name != COMMUNES.name or "type" in found or "name" not in found:
        return raw
    known = names_by_code(raw, source)
    edition = recognise(known)
    of_list = {} if edition is None else units(edition)
    codes = (
        raw.columns[found["commune_code"]] if "commune_code" in found else [None] * len(raw.rows)
    )
    types = []
    for code, name in zip(codes, raw.columns[found["name"]], strict=True):
        unit = None if code is None else of_list.get(_code(code))
        own = None if name is None else _split(str(name))[0]
        types.append(own or (None if unit is None else unit.type))
    if not any(types):
        return raw
    told = Told("types_found", {"count": sum(one is not None for one in types),
                                "edition": edition or "–"})  # fmt: skip
    return replace(
        raw,
        headings=(*raw.headings, "type"),
        columns=(*raw.columns, as_cells(types, len(types))),
        told=(*raw.told, told),
    )


def _columns(raw: Raw, source: Source) -> dict[str, int]:
    longest = SHAPEFILE_NAME_LENGTH if source.suffix == ".shp" else None
    return match(raw.headings, COMMUNES.fields, longest=longest).position


def _code(cell: object) -> str:
    whole = isinstance(cell, float) and cell.is_integer()
    return str(int(cell) if whole else cell).strip().zfill(5)  # type: ignore[call-overload]


def _split(name: str) -> tuple[str | None, str]:
    found = _TYPE.fullmatch(name.strip())
    return (found[1].casefold(), found[2]) if found else (None, name.strip())
