"""What a check found, as a page, a table to print and a fragment for a notebook.

One self-contained page, Vietnamese and English, that loads nothing and runs only its own
script. Formats what was read; decides nothing.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from importlib.resources import files
from typing import Any
from urllib.parse import quote

import numpy as np
import shapely
from markupsafe import Markup
from numpy.typing import NDArray

from ..errors import Problem, quoted
from ..i18n import Bilingual, Language, both, date_text, number, text, words
from ..inputs import ReadColumn, Reading
from .landing import page_environment, page_policy
from .plan import ShownTable

COUNTS = ("rows", "used", "mended", "set_aside", "passed_over")
DRAWN = ("used", "mended", "set_aside")
"""Fates of rows that a picture shows, those that ask for something on top."""

_WIDTH, _MARGIN = 460.0, 8.0
_HIGHEST = 520.0
_MOST_CORNERS = 40_000
_KINDS_SHOWN = 60
_ROWS_NAMED = 8


@dataclass(frozen=True, kw_only=True)
class CheckPage:
    """What the page of a check tells.

    Parameters
    ----------
    title : Bilingual
        Name of the study.
    province, edition : str
    as_of : date
    program : str
        Name, version and, where known, commit of the program.
    readings : sequence of Reading
        What became of each file.
    others : sequence of (str, Problem)
        What was told of the study beside its files: ``refused`` or ``remark``, and what.
    remarks : sequence of Bilingual
        What the run would leave out.
    usable : bool
        Whether the study can be computed.
    told : bool
        Whether anything was told.
    sample : Bilingual, optional
        That the data are invented.
    workbooks : mapping of int to str
        Workbook of a reading, by its position, relative to the page.
    problems : str
        The list of problems, relative to the page.
    outlines : object array, optional
        Shapes of the communes, under every picture.
    """

    title: Bilingual
    province: str
    edition: str
    as_of: date
    program: str
    readings: Sequence[Reading]
    others: Sequence[tuple[str, Problem]] = ()
    remarks: Sequence[Bilingual] = ()
    usable: bool = True
    told: bool = False
    sample: Bilingual | None = None
    workbooks: Mapping[int, str] = field(default_factory=dict)
    problems: str = "problems.csv"
    outlines: NDArray[np.object_] | None = None


def render_check(page: CheckPage) -> str:
    """Return the page of a check as HTML.

    Parameters
    ----------
    page : CheckPage
        What it tells. Every text is escaped.

    Returns
    -------
    str
        The page, the same bytes each time.

    Examples
    --------
    >>> page = render_check(CheckPage(
    ...     title=Bilingual("Tỉnh <b>", "Province"), province="Hà Giang", edition="2017",
    ...     as_of=date(2017, 12, 31), program="phusong", readings=(),
    ... ))
    >>> "Tỉnh &lt;b&gt;" in page, "<b>" in page
    (True, False)
    """
    folder = files(__package__).joinpath("templates")
    template, script = (
        folder.joinpath(name).read_text(encoding="utf-8") for name in ("checked.html", "landing.js")
    )
    style = "".join(
        folder.joinpath(name).read_text(encoding="utf-8") for name in ("landing.css", "checked.css")
    )
    state = "unusable" if not page.usable else "told" if page.told else "clean"
    return (
        page_environment()
        .from_string(template)
        .render(
            page=page,
            state=state,
            heading=both(lambda lang: f"{text('report.check', lang)} – {page.title[lang]}"),
            style=Markup(style),  # noqa: S704  our own file
            script=Markup(script),  # noqa: S704  our own file
            policy=page_policy(style, script),
            day=both(lambda lang: date_text(page.as_of, lang)),
            counts=COUNTS,
            files=_worst_first([_file(page, at) for at in range(len(page.readings))]),
            others=list(_grouped(page.others)),
        )
    )


def files_shown(readings: Iterable[Reading], lang: Language) -> ShownTable:
    """Return what became of each file, one line a file.

    Parameters
    ----------
    readings : iterable of Reading
    lang : {"vi", "en"}

    Returns
    -------
    ShownTable

    Examples
    --------
    >>> files_shown([], "en").headings[:3]
    ('File', 'Taken for', 'Rows')
    """
    return ShownTable(
        title=text("report.check_files", lang),
        headings=tuple(text(f"report.check_{name}", lang) for name in ("file", "table", *COUNTS)),
        rows=tuple(
            (
                _name(reading),
                re.split("[:(,]", reading.table.title[lang])[0].strip(),
                *(number(reading.counts[name], lang) for name in COUNTS),
            )
            for reading in readings
        ),
    )


def check_html(readings: Iterable[Reading], remarks: Iterable[tuple[str, str]]) -> str:
    """Return the files and remarks as HTML for a notebook; everything is escaped.

    Parameters
    ----------
    readings : iterable of Reading
    remarks : iterable of (str, str)
        In Vietnamese and English.

    Returns
    -------
    str
        A fragment of a page.

    Examples
    --------
    >>> check_html([], [("Thiếu <a>", "No <a>")])[-37:]
    '<p>Thiếu &lt;a&gt; / No &lt;a&gt;</p>'
    """
    shown = files_shown(readings, "vi")
    head = Markup("").join(Markup("<th>{}</th>").format(one) for one in shown.headings)
    rows = Markup("").join(
        Markup("<tr>{}</tr>").format(
            Markup("").join(Markup("<td>{}</td>").format(one) for one in row)
        )
        for row in shown.rows
    )
    told = Markup("").join(Markup("<p>{} / {}</p>").format(vi, en) for vi, en in remarks)
    return str(
        Markup("<b>{}</b><table><tr>{}</tr>{}</table>{}").format(shown.title, head, rows, told)
    )


def _name(reading: Reading) -> str:
    return f"{reading.file} · {reading.sheet}" if reading.sheet else reading.file


def _file(page: CheckPage, at: int) -> dict[str, Any]:
    reading = page.readings[at]
    fates = reading.fates
    told = [("set_aside", one) for problems in reading.set_aside.values() for one in problems]
    told += [("mended", problem) for _, problem in reading.mends()]
    refused = "remark" if len(fates) else "refused"  # of a file that could not be read
    told += [(refused, one) for one in reading.remarks]
    groups = list(_grouped(told))
    return {
        "name": _name(reading),
        "table": reading.table.title,
        "counts": [(name, _count(reading.counts[name])) for name in COUNTS],
        "columns": [_column(one) for one in reading.columns],
        "told": groups[:_KINDS_SHOWN],
        "more": len(groups) - _KINDS_SHOWN,
        "workbook": quote(page.workbooks[at]) if at in page.workbooks else None,
        "picture": None
        if reading.shapes is None
        else draw_rows(reading.shapes, fates, page.outlines),
    }


def _worst_first(shown: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put files of which something is told before those of which nothing is."""
    return sorted(shown, key=lambda file: not file["told"])


def _count(value: int) -> Bilingual:
    return both(lambda lang: number(value, lang))


def _column(column: ReadColumn) -> dict[str, Any]:
    taken = column.field
    how = words(f"report.check_how_{column.how}")
    return {
        "heading": column.heading,
        "field": "" if taken is None else taken.name,
        "title": None if taken is None else taken.title,
        "unit": None if taken is None else both(taken.unit_in),
        "how": how,
        "score": both(lambda lang: f"{number(column.score, lang)} %") if taken else None,
        "used": taken is not None,
    }


def _grouped(told: Iterable[tuple[str, Problem]]) -> Iterator[dict[str, Any]]:
    """Yield each kind of thing told once, with the rows that it is told of."""
    groups: dict[tuple[Any, ...], list[Problem]] = {}
    for kind, one in told:
        key = (kind, one.message, one.file, one.sheet, one.column, one.key)
        groups.setdefault(key, []).append(one)
    order = {"set_aside": 0, "refused": 0, "mended": 1}
    for key, problems in sorted(groups.items(), key=lambda item: order.get(item[0][0], 2)):
        first = problems[0]
        rows = [one.row for one in problems if one.row is not None]
        yield {
            "kind": key[0],
            "file": first.file,
            "column": first.column or first.key or "",
            "count": len(problems),
            "rows": ", ".join(map(str, rows[:_ROWS_NAMED])) + ("…" * (len(rows) > _ROWS_NAMED)),
            "value": "" if first.value is None else quoted(first.value),
            "words": both(lambda lang: text(first.message, lang, **first.values)),  # noqa: B023
        }


def draw_rows(
    shapes: NDArray[np.object_],
    fates: NDArray[np.str_],
    outlines: NDArray[np.object_] | None = None,
) -> dict[str, Any]:
    """Draw where the rows of a file lie, by what became of them, as paths of an SVG picture.

    Parameters
    ----------
    shapes : object array, shape (n,)
        Where each row lies, in metres; None of a row that lies nowhere.
    fates : ndarray of str, shape (n,)
        As `Reading.fates`.
    outlines : object array, optional
        Shapes drawn under them, which tell how far the picture reaches.

    Returns
    -------
    dict
        ``width`` and ``height`` of the picture, ``paths`` as (class, kind, path data), and
        ``unseen``, how many rows of those drawn by fate lie nowhere or beyond the picture.

    Examples
    --------
    >>> picture = draw_rows(shapely.points([[0, 0], [90, 90]]), np.array(["used", "set_aside"]))
    >>> picture["paths"]
    [('used', 'point', 'M8 452h0'), ('set_aside', 'point', 'M452 8h0')]
    """
    drawn = np.isin(fates, DRAWN)
    there = drawn & ~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)
    ground = outlines if outlines is not None and len(outlines) else shapes[there & (fates != "")]
    if not there.any() or not len(ground):
        return {"width": 0, "height": 0, "paths": [], "unseen": int(drawn.sum())}
    left, bottom, right, top = shapely.total_bounds(ground)
    size = max(right - left, (top - bottom) * _WIDTH / _HIGHEST, 1e-9)
    scale = (_WIDTH - 2 * _MARGIN) / size
    height = (top - bottom) * scale + 2 * _MARGIN
    width = (right - left) * scale + 2 * _MARGIN

    def placed(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(
            (_MARGIN + (xy[:, 0] - left) * scale, height - _MARGIN - (xy[:, 1] - bottom) * scale)
        )

    within = shapely.box(0, 0, width, height)
    paths: list[tuple[str, str, str]] = []
    if outlines is not None and len(outlines):
        paths.append(("ground", "shape", _path(shapely.transform(outlines, placed))))
    seen = np.zeros(len(shapes), dtype=bool)
    points = there & (shapely.get_type_id(shapes) == 0)
    at = placed(shapely.get_coordinates(shapes[points]))
    seen[points] = (at >= 0).all(axis=1) & (at <= (width, height)).all(axis=1)
    others = there & ~points
    drawn_at = shapely.transform(shapes[others], placed)
    seen[others] = shapely.intersects(drawn_at, within)
    for fate in DRAWN:
        dots = at[(fates[points] == fate) & seen[points]]
        if len(dots):
            paths.append((fate, "point", _dots(dots)))
        chosen = drawn_at[(fates[others] == fate) & seen[others]]
        if len(chosen):
            paths.append((fate, "shape", _path(chosen)))
    return {
        "width": round(width),
        "height": round(height),
        "paths": paths,
        "unseen": int((drawn & ~seen).sum()),
    }


def _dots(points: NDArray[np.float64]) -> str:
    """Return a path with a dot at each place; places a pixel apart are one."""
    places = np.unique(np.round(points).astype(int), axis=0)
    return "".join(f"M{x} {y}h0" for x, y in places.tolist())


def _path(shapes: NDArray[np.object_]) -> str:
    """Return the lines of shapes, as fine as the picture can show and its size allows."""
    tolerance = 0.5
    while True:
        coarse = shapely.simplify(shapes, tolerance, preserve_topology=False)
        lines = shapely.get_parts(shapely.boundary(coarse[shapely.get_dimensions(coarse) == 2]))
        lines = np.concatenate(
            (lines, shapely.get_parts(coarse[shapely.get_dimensions(coarse) == 1]))
        )
        lines = shapely.get_parts(lines)
        if shapely.get_num_coordinates(lines).sum() <= _MOST_CORNERS or tolerance > _WIDTH:
            break
        tolerance *= 2
    return "".join(
        "M" + "L".join(f"{x:.0f} {y:.0f}" for x, y in shapely.get_coordinates(line).tolist())
        for line in lines
        if not shapely.is_empty(line)
    )
