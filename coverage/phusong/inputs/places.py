"""Where rows lie: coordinates and shapes, checked and brought into the study's CRS.

Knows coordinate systems and geometry; no file format and no table but its kind
of geometry.
"""

import re
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from .._types import Flags
from ..errors import Problem
from ..grid import WGS84, operation
from ..tables import LAT, LON, X_M, Y_M, Field, GeometryKind
from .coordinates import Figures, Inside, mend, read_angles, read_either_way
from .headings import match, normal
from .source import Cells, Fault, Faults, Raw, Source
from .values import convert
from .zones import STRONG, WEAK, Witness, evidence, vn2000_twin

VIETNAM_DEGREES = (102.0, 6.0, 118.0, 24.0)
"""West, south, east, north of all Vietnam in WGS 84: the onshore extent of the EPSG dataset
(extent of EPSG:4756: 102.14, 8.33, 109.53, 23.40) widened to the Paracel and Spratly islands
and by half a degree for roads and rivers that cross the border."""

EARTH_DEGREES = (-180.0, -90.0, 180.0, 90.0)

LARGEST_DEGREES = 360
LARGEST_M = 1e8
"""No system has metres as large, not even with the number of its zone before the easting."""

_POINT, _LINE, _POLYGON, _MULTIPOINT, _MULTILINE, _MULTIPOLYGON, _COLLECTION = 0, 1, 3, 4, 5, 6, 7
_TYPES: dict[GeometryKind, tuple[int, ...]] = {
    "Point": (_POINT, _MULTIPOINT),
    "LineString": (_LINE, _MULTILINE),
    "Polygon": (_POLYGON, _MULTIPOLYGON),
}


@dataclass(frozen=True)
class Placed:
    """Shapes in the study's CRS, and what was wrong with them.

    Parameters
    ----------
    shapes : object array, shape (n,)
        Two-dimensional geometries; meaningless where a fault is noted.
    faults : tuple of Fault
        Of rows.
    problems : tuple of Problem
        Of the whole file; then `shapes` are all None.
    zone : str, optional
        The projected CRS that the metres of the file were taken to be in, where it does
        not carry one itself.
    told : tuple of Problem
        What was mended, and how the columns were taken.
    columns : tuple of (Field, int)
        The columns of the coordinates, if the file has such.
    mended : tuple of Fault
        Which rows were mended, and as what their coordinates were read.
    """

    shapes: Cells
    faults: tuple[Fault, ...] = ()
    problems: tuple[Problem, ...] = ()
    zone: str | None = None
    told: tuple[Problem, ...] = ()
    columns: tuple[tuple[Field, int], ...] = ()
    mended: tuple[Fault, ...] = ()


@dataclass(frozen=True)
class _Located:
    """Shapes as the file has them, their CRS and columns, and what was mended."""

    shapes: Cells
    system: CRS
    pair: tuple[tuple[Field, int], ...] = ()
    column: str | None = None
    told: tuple[Problem, ...] = ()
    mended: tuple[Fault, ...] = ()


def place(
    raw: Raw, source: Source, kind: GeometryKind, *, crs: str, witness: Witness | None = None
) -> Placed:
    """Check where the rows of a file lie and bring them into `crs`.

    Parameters
    ----------
    raw : Raw
        With shapes, or with coordinates in columns.
    source : Source
        May name the CRS.
    kind : {"Point", "LineString", "Polygon"}
        What the table holds.
    crs : str
        CRS of the study.
    witness : Witness, optional
        The communes that tell in which zone metres are.
    """
    faults = Faults(len(raw.rows))
    found = _located(raw, source, kind, crs, faults)
    if isinstance(found, Problem):
        return _nowhere(raw, found)
    shapes, system, column, told = found.shapes, found.system, found.column, [*found.told]
    mended = [*found.mended]
    if witness is not None and kind == "Point" and system.is_projected:
        system, doubt = _in_zone(shapes, raw, source, system, witness)
        if doubt is not None and doubt.message.removeprefix("inputs.") not in _TAKEN:
            return _nowhere(raw, doubt)
        told += [doubt] if doubt else []
    to_study, inside = operation(system, crs), _inside(system, anywhere=source.anywhere)
    if to_study is None or inside is None:
        return _nowhere(raw, source.problem("unknown_shift", crs=system.name, target=crs))
    told += _on_wgs84(shapes, source, system, crs)

    if raw.broken is not None:
        faults.add(raw.broken, "broken_geometry")
    faults.add(shapely.is_missing(shapes), "no_geometry")
    faults.add(shapely.is_empty(shapes), "empty_geometry")
    shapes, mixed = _single(shapes, kind)
    if mixed.any():
        told.append(_told_rows(raw, source, "mixed_types", mixed))
        mended.append(Fault(mixed, "mixed_types_here"))
    wrong = ~np.isin(shapely.get_type_id(shapes), _TYPES[kind])
    if kind == "Point":
        wrong |= shapely.get_type_id(shapes) == _MULTIPOINT
    faults.add(wrong, "wrong_geometry", expected=kind, found=_type_names(shapes, wrong))
    faults.add(~_finite(shapes), "not_finite_geometry")
    _check_inside(shapes, faults, inside, system, column, anywhere=source.anywhere)
    if shapely.has_z(shapes).any() or shapely.has_m(shapes).any():
        shapes = shapely.force_2d(shapes)
    if kind == "LineString":
        faults.add(shapely.length(shapes) == 0, "zero_length")
    moved = _moved(shapes, faults.ok, to_study)
    if kind == "Polygon":
        of_polygons, polygons = _mend_polygons(shapes, moved, raw, source, faults, system, crs)
        told += of_polygons
        mended += polygons
    taken = system.is_projected and raw.crs is None
    zone = system.to_string() if taken else None
    return Placed(
        moved,
        tuple(faults.found),
        zone=zone,
        told=tuple(told),
        columns=found.pair,
        mended=tuple(mended),
    )


def _moved(shapes: Cells, sound: Flags, to_study: Any) -> Cells:
    """Bring sound shapes into the CRS of the study; what is one object stays one."""
    first: dict[int, int] = {}
    which = np.array([first.setdefault(id(shape), len(first)) for shape in shapes], dtype=np.intp)
    _, at = np.unique(which, return_index=True)
    each = np.full(len(at), None, dtype=object)
    used = np.zeros(len(at), dtype=bool)
    used[which[sound]] = True
    each[used] = shapely.transform(
        shapes[at[used]], lambda xy: np.column_stack(to_study.transform(xy[:, 0], xy[:, 1]))
    )
    moved = each[which]
    moved[~sound] = None
    return moved


def _located(
    raw: Raw, source: Source, kind: GeometryKind, crs: str, faults: Faults
) -> _Located | Problem:
    """Return where the rows lie as the file has it."""
    if raw.shapes is not None:
        system = _system_of_shapes(raw, source)
        return system if isinstance(system, Problem) else _Located(raw.shapes, system)
    if kind != "Point":
        return source.problem("needs_shapes")
    told: list[Problem] = []
    pair = _coordinate_columns(raw)
    if pair is None:
        bare = _bare_columns(raw)
        pair = bare and _by_size(raw, bare, anywhere=source.anywhere)
        if pair is None:
            message = "bare_x_and_y" if bare else "no_coordinates"
            return source.problem(message, found=", ".join(raw.headings[:30]))
        told.append(_told(raw, source, "bare_columns_taken", pair))
    system = _system_of_columns(source, pair, crs)
    if isinstance(system, Problem):
        return system
    if (doubt := _other_column(raw, source, pair)) is not None:
        return doubt
    x, y = _figures(raw, pair, faults)
    inside = None if source.anywhere else _inside(system, anywhere=False)
    column = ", ".join(raw.headings[position] for _, position in pair)
    if inside is not None and system.is_geographic:
        either = read_either_way(x, y)
        faults.add(either, "packed_degrees", column)
        x[either], y[either] = np.nan, np.nan
    slips = [] if inside is None else mend(x, y, inside, degrees=system.is_geographic)
    if system.is_geographic and _whole(x) and _whole(y):
        return source.problem("whole_degrees", first=x[np.isfinite(x)][0], columns=column)
    told += [_told(raw, source, one.message, pair, one.rows) for one in slips]
    mended = []
    for one in slips:
        read = np.full(len(x), "", dtype=object)
        read[one.rows] = [_shown(x[i], y[i], system) for i in np.flatnonzero(one.rows)]
        mended.append(Fault(one.rows, f"{one.message}_here", column, {"read": read}))
    # Most masts carry several cells: each place is one shape, moved once.
    both = np.empty(len(x), dtype=np.complex128)
    both.real, both.imag = x, y
    which, each = pd.factorize(both, use_na_sentinel=False)
    shapes = np.asarray(shapely.points(each.real, each.imag), dtype=object)[which]
    return _Located(shapes, system, pair, column, tuple(told), tuple(mended))


_FEW_WHOLE = 3  # places that may well be at whole degrees by chance, or by way of example


def _whole(degrees: Figures) -> bool:
    """Tell whether many rows have whole degrees alone, whose minutes then stand elsewhere."""
    known = degrees[np.isfinite(degrees)]
    return len(known) > _FEW_WHOLE and bool((known == np.round(known)).all())


_TAKEN = ("zone_taken", "utm_taken")
_UTM_ON_WGS84 = {"EPSG:3405": "EPSG:32648", "EPSG:3406": "EPSG:32649"}
"""Zones of VN-2000 that GPS receivers give on WGS 84."""


def _in_zone(
    shapes: Cells, raw: Raw, source: Source, system: CRS, witness: Witness
) -> tuple[CRS, Problem | None]:
    """Return the zone that the communes bear out, and what is to tell about it.

    A zone that nobody named gives way to the one that puts the rows into their communes; where
    several might, and where one is named that puts none there, the file is refused.
    """
    taken = system.to_string()
    named = raw.crs is not None or source.crs is not None
    found = evidence(shapely.get_x(shapes), shapely.get_y(shapes), raw, witness, taken=taken)
    best, most = next(iter(found.inside.items()))
    if best == taken or most < STRONG * found.rows or not found.beats(best, taken):
        return system, None
    counts = ", ".join(
        f"{zone} ({CRS.from_user_input(zone).name}): {count}/{found.rows}"
        for zone, count in found.inside.items()
        if count > WEAK * found.rows
    )
    message = "zone_unsure" if found.strong is None else "zone_taken"
    if message == "zone_taken" and best in _UTM_ON_WGS84:
        message = "utm_taken"  # communes do not tell one datum from the other
    if named:
        message = "zone_contradicts"
    doubt = source.problem(
        message, crs=taken, inside=found.inside[taken], all=found.rows, zone=best, zones=counts,
        other=_UTM_ON_WGS84.get(best),
    )  # fmt: skip
    return (CRS.from_user_input(best) if message in _TAKEN else system), doubt


def _on_wgs84(shapes: Cells, source: Source, system: CRS, crs: str) -> list[Problem]:
    """Tell of a zone of VN-2000 that is put on WGS 84, which moves all places alike."""
    zone = vn2000_twin(system)
    corners = shapely.bounds(shapes)
    corners = corners[np.isfinite(corners).all(axis=1)]
    if zone is None or not len(corners):
        return []
    x, y = corners[0, :2]
    ways = (operation(one, crs) for one in (system, zone))
    there, here = (way.transform(x, y) for way in ways if way is not None)
    shift_m = float(np.hypot(there[0] - here[0], there[1] - here[1]))
    named = f"{zone} ({CRS.from_user_input(zone).name})"
    return [source.problem("tm_on_wgs84", crs=system.name, zone=named, shift_m=shift_m)]


def _nowhere(raw: Raw, problem: Problem) -> Placed:
    return Placed(np.full(len(raw.rows), None, dtype=object), (), (problem,))


def _system_of_shapes(raw: Raw, source: Source) -> CRS | Problem:
    """Return the CRS the file carries, else the one the study names; never a guess."""
    named = _named(source)
    if raw.crs is not None and named is not None and not _same(raw.crs, named):
        return source.problem("crs_conflict", carried=raw.crs.name, named=source.crs)
    system = raw.crs or named or (raw.default_crs and CRS.from_user_input(raw.default_crs))
    if not system:
        return source.problem("no_crs")
    return system.to_2d()


def _named(source: Source) -> CRS | None:
    """Return the CRS that the study names for the file."""
    try:
        return None if source.crs is None else CRS.from_user_input(source.crs)
    except CRSError:
        raise source.refuse("unknown_crs", crs=source.crs) from None


def _same(one: CRS, other: CRS) -> bool:
    code = one.to_epsg()
    return one.equals(other, ignore_axis_order=True) or (
        code is not None and code == other.to_epsg()
    )


Pair = tuple[tuple[Field, int], tuple[Field, int]]


def _coordinate_columns(raw: Raw) -> Pair | None:
    """Return the columns of longitude and latitude, else of easting and northing.

    A pair that is empty throughout, as in a form with both, gives way to the other.
    """
    pairs: list[Pair] = []
    for first, second in ((LON, LAT), (X_M, Y_M)):
        found = match(raw.headings, (first, second)).position
        if len(found) == 2:
            pairs.append(((first, found[first.name]), (second, found[second.name])))
    filled = [pair for pair in pairs if not all(_is_empty(raw.columns[at]) for _, at in pair)]
    return next(iter(filled or pairs), None)


def _other_column(raw: Raw, source: Source, pair: Pair) -> Problem | None:
    """Tell of a column that claims to be the same coordinate, with other figures."""
    for field, at in pair:
        named = match(raw.headings, (field,)).repeated.get(field.name, [])
        for i, heading in enumerate(raw.headings):
            other = raw.columns[i]
            if heading in named and not _is_empty(other) and (other != raw.columns[at]).any():
                return Problem(
                    message="inputs.repeated_column",
                    file=source.shown,
                    sheet=raw.sheet,
                    column=field.name,
                    values={"headings": ", ".join(named)},
                )
    return None


def _is_empty(cells: Cells) -> bool:
    return all(cell is None or (isinstance(cell, str) and not cell.strip()) for cell in cells)


def _system_of_columns(source: Source, pair: Pair, crs: str) -> CRS | Problem:
    """Take degrees as WGS 84 and metres as in the study, unless it names another CRS."""
    degrees = pair[0][0] is LON
    system = _named(source) or CRS.from_user_input(WGS84 if degrees else crs)
    if system.is_geographic != degrees:
        columns = ", ".join(field.name for field, _ in pair)
        return source.problem("crs_of_columns", crs=source.crs, columns=columns)
    return system.to_2d()


_BARE = re.compile("(?:toa_do_)?([xy])(?:_m|_vn_?2000)?")


def _bare_columns(raw: Raw) -> tuple[int, int] | None:
    """Return the columns called X and Y and no more."""
    found: dict[str, list[int]] = {"x": [], "y": []}
    for position, heading in enumerate(raw.headings):
        letter = _BARE.fullmatch(normal(heading))
        if letter:
            found[letter[1]].append(position)
    x, y = found.values()
    return (x[0], y[0]) if len(x) == len(y) == 1 else None


def _by_size(raw: Raw, bare: tuple[int, int], *, anywhere: bool) -> Pair | None:
    """Tell by the size of the figures which of two columns is the easting: Vietnam lies so."""
    x, y = (
        convert(read_angles(raw.columns[at]), X_M, heading="", decimal_mark=raw.decimal_mark)[
            0
        ].median()
        for at in bare
    )
    if anywhere or not (np.isfinite(x) and np.isfinite(y)):
        return None
    first, second = bare
    degrees = max(abs(x), abs(y)) <= LARGEST_DEGREES
    # Longitudes are the larger degrees in Vietnam (102 and more), northings the larger metres.
    if (x < y) == degrees:
        first, second = second, first
    return ((LON, first), (LAT, second)) if degrees else ((X_M, first), (Y_M, second))


def _told(raw: Raw, source: Source, message: str, pair: Pair, rows: Flags | None = None) -> Problem:
    """Tell how columns were taken, or which rows were mended."""
    (_, first), (_, second) = pair
    values: dict[str, Any] = {"first": raw.headings[first], "second": raw.headings[second]}
    row = None
    if rows is not None:
        at = int(rows.argmax())
        row = int(raw.rows[at])
        values |= {
            "count": int(rows.sum()),
            "all": len(rows),
            "example": f"{raw.columns[first][at]}, {raw.columns[second][at]}",
        }
    return Problem(
        message=f"inputs.{message}", file=source.shown, sheet=raw.sheet, row=row, values=values
    )


def _figures(raw: Raw, pair: Pair, faults: Faults) -> tuple[Figures, Figures]:
    coordinates = []
    unsplit = np.zeros(len(raw.rows), dtype=bool)
    if pair[0][0].name in raw.taken_from:  # a cell that could not be taken apart is one fault
        both = (raw.columns[at] for _, at in pair)
        unsplit[:] = [one is other for one, other in zip(*both, strict=True)]
    for field, position in pair:
        cells = raw.columns[position]
        at = raw.taken_from.get(field.name, position)
        numbers, found = convert(
            read_angles(cells) if field.unit == "°" else cells,
            field,
            heading=raw.headings[at],
            decimal_mark=raw.decimal_mark,
        )
        coordinates.append(numbers.to_numpy(dtype=np.float64, copy=True))
        if field is pair[1][0]:
            found = [replace(one, rows=one.rows & ~unsplit) for one in found]
        faults.found += [one for one in found if one.rows.any()]
    for fault in faults.found:
        faults.ok &= ~fault.rows
    x, y = coordinates
    return x, y


def _single(shapes: Cells, kind: GeometryKind) -> tuple[Cells, Flags]:
    """Take points and lines out of collections of one, and polygons out of mixed collections.

    Returns
    -------
    object array
    ndarray of bool
        Where lines and points beside the polygons were left out.
    """
    mixed = shapely.get_type_id(shapes) == _COLLECTION
    if kind == "Polygon":
        single = shapes.copy()
        for i in np.flatnonzero(mixed):
            parts = shapely.get_parts(shapely.get_parts(shapes[i]))
            polygons = parts[shapely.get_type_id(parts) == _POLYGON]
            mixed[i] = len(polygons) > 0
            if len(polygons):
                single[i] = shapely.multipolygons(polygons)
        return single, mixed
    multi = np.isin(shapely.get_type_id(shapes), (_MULTIPOINT, _MULTILINE))
    if not multi.any():
        return shapes, np.zeros_like(mixed)
    one = multi & (shapely.get_num_geometries(shapes) == 1)
    return np.where(one, shapely.get_geometry(shapes, 0), shapes), np.zeros_like(mixed)


def _told_rows(raw: Raw, source: Source, message: str, rows: Flags) -> Problem:
    """Tell of some rows of a file, with the first."""
    return Problem(
        message=f"inputs.{message}",
        file=source.shown,
        sheet=raw.sheet,
        row=int(raw.rows[int(rows.argmax())]),
        values={"count": int(rows.sum())},
    )


def _type_names(shapes: Cells, rows: Flags) -> Cells:
    names = np.full(len(shapes), "", dtype=object)
    names[rows] = [getattr(shape, "geom_type", "–") for shape in shapes[rows]]
    return names


def _finite(shapes: Cells) -> Flags:
    coordinates, owner = shapely.get_coordinates(shapes, return_index=True)
    finite = np.ones(len(shapes), dtype=bool)
    finite[owner[~np.isfinite(coordinates).all(axis=1)]] = False
    return finite


def _shown(x: float, y: float, system: CRS) -> str:
    """Write a place as the person's program does: degrees to 0.1 m, metres to 1 cm."""
    decimals = 6 if system.is_geographic else 2
    return f"({x:.{decimals}f}, {y:.{decimals}f})"


def degrees_of(*, anywhere: bool) -> tuple[float, float, float, float]:
    """Return where places may lie.

    Parameters
    ----------
    anywhere : bool
        On earth, not in Vietnam alone.

    Returns
    -------
    tuple of float
        West, south, east, north in WGS 84.

    Examples
    --------
    >>> degrees_of(anywhere=False)
    (102.0, 6.0, 118.0, 24.0)
    """
    return EARTH_DEGREES if anywhere else VIETNAM_DEGREES


def _inside(system: CRS, *, anywhere: bool) -> Inside | None:
    """Return what tells which places may lie where they do; None without a way to degrees."""
    to_degrees = operation(system, WGS84)
    if to_degrees is None:
        return None
    left, bottom, right, top = degrees_of(anywhere=anywhere)

    def inside(x: Figures, y: Figures) -> Flags:
        lon, lat = to_degrees.transform(x, y)
        return np.asarray((lon >= left) & (lon <= right) & (lat >= bottom) & (lat <= top))

    return inside


def _check_inside(
    shapes: Cells,
    faults: Faults,
    inside: Inside,
    system: CRS,
    column: str | None,
    *,
    anywhere: bool,
) -> None:
    """Refuse what lies outside Vietnam; say so if exchanged or metric coordinates explain it.

    `anywhere` only what lies nowhere on earth.
    """
    west, south, east, north = shapely.bounds(shapes).T
    outside = faults.ok & ~(inside(west, south) & inside(east, north))
    if not outside.any():
        return
    places = np.full(len(shapes), "", dtype=object)
    places[outside] = [_shown(west[i], south[i], system) for i in np.flatnonzero(outside)]
    values: dict[str, Any] = {"place": places, "crs": system.name}
    exchanged = inside(south, west) & inside(north, east)
    if not anywhere:
        faults.add(outside & exchanged, "exchanged", column, **values)
    if system.is_geographic:
        size = np.maximum(abs(east), abs(north))
        faults.add(
            outside & (size > LARGEST_DEGREES) & (size < LARGEST_M),
            "metric",
            column,
            **values,
        )
    faults.add(outside, "not_on_earth" if anywhere else "outside", column, **values)


_MOST_MOVED = 1e-3
"""Share of a polygon's area that its mending may move: one boundary drawn a little wrong."""


def _mend_polygons(
    shapes: Cells, moved: Cells, raw: Raw, source: Source, faults: Faults, system: CRS, crs: str
) -> tuple[list[Problem], list[Fault]]:
    """Mend polygons that cut or touch themselves where one reading is right; refuse the others.

    Parameters
    ----------
    shapes, moved : object array
        As in the file, and in the study's CRS, in metres; `moved` is mended in place.

    Returns
    -------
    list of Problem
        Each polygon mended, with the place and the area that it won or lost.
    list of Fault
        The same by rows.
    """
    in_file = faults.ok & ~shapely.is_valid(shapes)
    # Some are valid by less than the rounding of the transformation.
    broken = faults.ok & (in_file | ~shapely.is_valid(moved))
    places, reasons, systems = (np.full(len(shapes), "", dtype=object) for _ in range(3))
    crossing, refused = (np.zeros(len(shapes), dtype=bool) for _ in range(2))
    areas_m2 = np.zeros(len(shapes))
    told = []
    for i in np.flatnonzero(broken):
        at = system if in_file[i] else CRS.from_user_input(crs)
        # GEOS tells the reason and its place as "Self-intersection[105.1 22.8]".
        reason = shapely.is_valid_reason(shapes[i] if in_file[i] else moved[i])
        reasons[i], _, place = reason.rstrip("]").partition("[")
        crossing[i] = "self-intersection" in reasons[i].casefold()
        x, y = (float(part) for part in (place or "nan nan").split())
        places[i], systems[i] = _shown(x, y, at), at.name
        mended, areas_m2[i] = _mended(moved[i])
        refused[i] = mended is None
        if mended is not None:
            moved[i] = mended
            values = {"place": places[i], "crs": at.name, "area_m2": float(areas_m2[i])}
            told.append(
                Problem(
                    message="inputs.polygon_mended", file=source.shown, sheet=raw.sheet,
                    row=int(raw.rows[i]), values=values,
                )
            )  # fmt: skip
    faults.add(refused & crossing, "self_intersection", place=places, crs=systems)
    faults.add(refused, "invalid_polygon", place=places, crs=systems, reason=reasons)
    values = {"place": places, "crs": systems, "area_m2": areas_m2}
    return told, [Fault(broken & ~refused, "polygon_mended", None, values)] if told else []


def _mended(shape: Any) -> tuple[Any, float]:
    """Return a polygon made valid and the area in m² that this may have moved, or None.

    The area that its rings say, by the order of their corners, must be that of the mended
    polygon, and both ways of mending (land inside any ring; land inside an odd number of
    rings) must agree, but for a thousandth: else the rings do not tell which land is meant.
    """
    whole = shapely.make_valid(shape, method="structure", keep_collapsed=False)
    odd = shapely.make_valid(shape, method="linework")
    area = float(shapely.area(whole))
    by_corners = abs(area - float(shapely.area(shape)))
    area_m2 = max(by_corners, float(shapely.area(shapely.symmetric_difference(whole, odd))))
    usable = shapely.get_type_id(whole) in (_POLYGON, _MULTIPOLYGON) and area > 0
    return (whole if usable and area_m2 <= _MOST_MOVED * area else None), area_m2
