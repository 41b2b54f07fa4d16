"""The landing page of an output folder: answers first, then every map and file.

One self-contained page, Vietnamese and English, that loads nothing and runs
only its own script. Formats finished tables; computes none.
"""

import base64
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2
import pandas as pd
from markupsafe import Markup

from ..i18n import LANGUAGES, Bilingual, both, date_text, number, percent, text, words
from ..tables import INPUT_TABLES
from .board import JUDGED, BoardRow, board_rows
from .listing import Listed, size_text
from .markup import spans
from .tables import (
    AREA_SHARE,
    COVERED_SHARE,
    ESTIMATED_SHARE,
    NO_FIGURE,
    UnitRow,
    gap_rows,
    nobody_known,
    unit_rows,
    verdict_column,
)

WORST_SHOWN = 10
NOTES_SHOWN = 50
_BAR_WIDTH = 120


@dataclass(frozen=True, kw_only=True)
class ServiceText:
    """A service as the page names it.

    Parameters
    ----------
    id : str
        Suffix of the columns that repeat for each service.
    name : Bilingual
    definition : Bilingual
        What its figures count.
    target_share : float, optional
        The communes' target, 0 to 1; None where none is set.
    share : str
        Column of the share of residents that it is about, without the service's id.
    estimated : tuple of {"communes", "districts"}
        Tables whose estimates, where they have any, are of residents; they are shown instead.
    """

    id: str
    name: Bilingual
    definition: Bilingual
    target_share: float | None = None
    share: str = COVERED_SHARE
    estimated: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Landing:
    """What the landing page tells.

    Parameters
    ----------
    title : Bilingual
        Name of the study.
    province, edition : str
        Province, and the administrative edition of its communes.
    as_of : date
        Day whose stations count.
    boundaries : Bilingual
        Source, edition and date of the communes' outlines.
    errors : Bilingual
        What is said of the errors of estimates.
    caveat : Bilingual, optional
        What must stand beside every share of residents.
    sample, sample_notice : Bilingual, optional
        That the data are invented, in a line and at length; verdicts are then
        shown as examples.
    program : str
        Name, version and, where known, commit of the program.
    indicators : DataFrame
        Rows as `tables.INDICATORS`.
    services : tuple of ServiceText
        In the study's order; the first is shown first.
    communes, districts, gaps : DataFrame, optional
        Rows as `tables.COMMUNES_RESULT`, `DISTRICTS_RESULT` and `GAPS`, repeating
        fields written out.
    opens : mapping of str to str
        Table → map that opens at a row of it.
    maps, prints, files : tuple of Listed
        The maps with their titles, those for paper, and every file of the folder.
    notes : tuple of Bilingual
        What was left out, spread or filled.
    rejected : mapping of str to int
        Table → rows set aside.
    """

    title: Bilingual
    province: str
    edition: str
    as_of: date
    boundaries: Bilingual
    errors: Bilingual
    caveat: Bilingual | None = None
    sample: Bilingual | None = None
    sample_notice: Bilingual | None = None
    program: str
    indicators: pd.DataFrame
    services: tuple[ServiceText, ...]
    communes: pd.DataFrame | None
    districts: pd.DataFrame | None = None
    gaps: pd.DataFrame | None = None
    opens: Mapping[str, str] = field(default_factory=dict)
    maps: tuple[Listed, ...]
    prints: tuple[Listed, ...] = ()
    files: tuple[Listed, ...]
    notes: tuple[Bilingual, ...]
    rejected: Mapping[str, int]


def write_landing(landing: Landing, path: Path) -> None:
    """Write the landing page; the same bytes each time.

    Parameters
    ----------
    landing : Landing
        What it tells. Every text is escaped.
    path : Path
        File to write, ``index.html`` of the output folder.

    Raises
    ------
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from phusong.tables import INDICATORS
    >>> landing = Landing(
    ...     title=Bilingual("Tỉnh Hà Giang", "Hà Giang province"), province="Hà Giang",
    ...     edition="2017", as_of=date(2017, 12, 31), program="phusong",
    ...     indicators=pd.DataFrame(columns=INDICATORS.columns), services=(), communes=None,
    ...     maps=(), files=(), notes=(), rejected={},
    ...     boundaries=Bilingual("Địa giới 2017", "Units of 2017"),
    ...     errors=Bilingual("sai số giả định", "assumed error"),
    ... )
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "index.html"
    ...     write_landing(landing, path)
    ...     path.read_text("utf-8") == render_landing(landing)
    True
    """
    path.write_bytes(render_landing(landing).encode("utf-8", "replace"))


def render_landing(landing: Landing) -> str:
    """Return the landing page as HTML.

    Parameters
    ----------
    landing : Landing
        What it tells. Every text is escaped.

    Returns
    -------
    str
        The page, the same bytes each time.

    Examples
    --------
    >>> from phusong.tables import INDICATORS
    >>> landing = Landing(
    ...     title=Bilingual("Tỉnh Hà Giang", "Hà Giang province"), province="Hà Giang",
    ...     edition="2017", as_of=date(2017, 12, 31), program="phusong",
    ...     indicators=pd.DataFrame(columns=INDICATORS.columns), services=(), communes=None,
    ...     maps=(), files=(), notes=(), rejected={},
    ...     boundaries=Bilingual("Địa giới 2017", "Units of 2017"),
    ...     errors=Bilingual("sai số giả định", "assumed error"),
    ... )
    >>> page = render_landing(landing)
    >>> page[page.index("<title>") : page.index("</title>")]
    '<title>Tỉnh Hà Giang'
    """
    folder = files(__package__).joinpath("templates")
    template, style, script = (
        folder.joinpath(f"landing.{suffix}").read_text(encoding="utf-8")
        for suffix in ("html", "css", "js")
    )
    environment = page_environment()
    definitions, told = _numbered(landing), (landing.title, landing.sample)
    board = list(_board(landing.indicators, definitions))
    return environment.from_string(template).render(
        landing=landing,
        heading=both(lambda lang: " – ".join(one[lang] for one in told if one is not None)),
        style=Markup(style),  # noqa: S704  our own file
        script=Markup(script),  # noqa: S704  our own file
        policy=page_policy(style, script),
        day=both(lambda lang: date_text(landing.as_of, lang)),
        headlines=list(_headlines(landing)),
        board=[row for row in board if row["first"]],
        more=[row for row in board if not row["first"]],
        definitions=[(position, definition) for definition, position in definitions.items()],
        services=(services := list(_services(landing))),
        estimated=any(service["kind"] == "estimate" for service in services),
        by_area=any(service["kind"] == "area_share" for service in services),
        columns=_columns(landing),
        districts=_units(landing, landing.districts, "districts", "district_code"),
        communes=_units(landing, landing.communes, "communes", "commune_code"),
        gaps=list(_gaps(landing)),
        maps=[(quote(listed.path), listed.meaning) for listed in landing.maps],
        prints=[(quote(listed.path), listed.meaning) for listed in landing.prints],
        groups=list(_groups(landing)),
        notes=list(_notes(landing.notes)),
        rejected=[
            (INPUT_TABLES[name].title, count) for name, count in sorted(landing.rejected.items())
        ],
    )


def page_environment() -> jinja2.Environment:
    """Return what fills the templates of pages in both languages; every text is escaped.

    Returns
    -------
    jinja2.Environment
        With ``t`` (a `Bilingual`), ``w`` and ``label`` (a key of the catalogue).

    Examples
    --------
    >>> page = page_environment().from_string("{{ t(name) }}")
    >>> page.render(name=Bilingual("<b>", "<b>"))
    '<bdi>&lt;b&gt;</bdi>'
    """
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals |= {
        "t": spans,
        "w": lambda key, **values: spans(words(key, **values)),
        # An attribute cannot switch its language, so it has both.
        "label": lambda key: " / ".join(text(key, lang) for lang in LANGUAGES),
    }
    return environment


def page_style() -> str:
    """Return the style that every page shares.

    Returns
    -------
    str
        CSS.

    Examples
    --------
    >>> "header { background: var(--accent)" in page_style()
    True
    """
    return files(__package__).joinpath("templates", "landing.css").read_text(encoding="utf-8")


def page_policy(style: str, script: str) -> str:
    """Return the policy that lets exactly this style and script work and nothing be fetched."""

    def digest(code: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()}'"

    return (
        f"default-src 'none'; style-src {digest(style)}; script-src {digest(script)}; "
        "base-uri 'none'; form-action 'none'"
    )


def _numbered(landing: Landing) -> dict[Bilingual, int]:
    """Give each distinct definition a number, since many rows share one."""
    defined = [service.definition for service in landing.services]
    defined += [
        Bilingual(row["definition_vi"], row["definition_en"])
        for row in landing.indicators.to_dict("records")
        if pd.notna(row["definition_vi"]) and row["origin"] not in ("reported_only", "no_figure")
    ]
    return {each: position for position, each in enumerate(dict.fromkeys(defined), start=1)}


def _headlines(landing: Landing) -> Iterator[dict[str, Any]]:
    """Yield what a reader wants first: each figure with a target, then the communes' verdicts."""
    for raw, shown in zip(
        landing.indicators.to_dict("records"), _in_both(landing.indicators), strict=True
    ):
        if shown[0].status in ("met", "missed") or shown[0].estimate:
            yield {
                "caveat": landing.caveat if raw["denominator"] == "population" else None,
                "verdict": shown[0].status,
                "figure": _column(shown, "estimate" if shown[0].estimate else "computed"),
                "label": _column(shown, "label"),
                "target": None if pd.isna(raw["target"]) else _column(shown, "target"),
                "band": _band(shown) if shown[0].estimate else None,
            }
    if landing.communes is None:
        return
    for service in landing.services:
        column = verdict_column(landing.communes, service.id)
        if column in landing.communes:
            counts = [int((landing.communes[column] == name).sum()) for name in JUDGED]
            if any(counts):
                judged = _communes_judged(service.name, landing.errors, column, *counts)
                yield {**judged, "target": None, "band": None, "caveat": landing.caveat}


def _communes_judged(
    service: Bilingual, errors: Bilingual, column: str, met: int, missed: int, undecided: int
) -> dict[str, Any]:
    """Return how many communes have which verdict, or how many miss by the share of the map."""
    shown, label = [met, undecided, missed], "report.communes_concluded"
    if bare := not column.startswith("confident"):
        shown, label = [missed, met + missed], "report.communes_missed"
    return {
        "verdict": ("missed" if missed else "met") if bare else "",
        "figure": both(lambda lang: " / ".join(number(count, lang) for count in shown)),
        "label": words(label, service=service, errors=errors),
    }


def _in_both(indicators: pd.DataFrame) -> list[tuple[BoardRow, BoardRow]]:
    vietnamese, english = (board_rows(indicators, lang) for lang in LANGUAGES)
    return list(zip(vietnamese, english, strict=True))


def _column(shown: tuple[BoardRow, BoardRow], name: str) -> Bilingual:
    return Bilingual(*(getattr(row, name) for row in shown))


def _band(shown: tuple[BoardRow, BoardRow]) -> Bilingual:
    bands = _column(shown, "band")
    return both(lambda lang: text("report.band", lang, band=bands[lang]))


def _board(
    indicators: pd.DataFrame, definitions: Mapping[Bilingual, int]
) -> Iterator[dict[str, Any]]:
    compared = bool(indicators[["target", "published"]].notna().any(axis=None))
    columns = ("label", "denominator", "published", "computed", "target", "origin", "source")
    for raw, shown in zip(indicators.to_dict("records"), _in_both(indicators), strict=True):
        yield {
            "verdict": shown[0].status,
            "of_people": raw["denominator"] == "population",
            "judged": shown[0].status in ("met", "missed") or bool(shown[0].estimate),
            "verdict_text": words("report.no_target_set")
            if shown[0].status == "no_target"
            else _column(shown, "verdict"),
            "first": not compared or pd.notna(raw["target"]) or pd.notna(raw["published"]),
            "note": definitions.get(_column(shown, "definition")),
            "bar": _bar(raw),
            **{name: _column(shown, name) for name in columns},
        }


def _bar(row: Mapping[Any, Any]) -> dict[str, float] | None:
    """Return where the computed share, the published one and the target lie on a bar, in px."""
    if row["unit"] != "share" or pd.isna(row["computed"]):
        return None
    return {
        name: round(_BAR_WIDTH * min(max(row[name], 0.0), 1.0), 1)
        for name in ("computed", "published", "target")
        if pd.notna(row[name])
    }


def _services(landing: Landing) -> Iterator[dict[str, Any]]:
    """Yield each service with its communes of the lowest share of residents covered."""
    communes = landing.communes
    for service in landing.services:
        if communes is None or f"{service.share}_{service.id}" not in communes:
            continue
        shown = _share_shown(service, "communes", communes)
        share = f"{shown}_{service.id}"
        worst = (
            communes.assign(left_out=communes["population"] * (1 - communes[share]))
            .dropna(subset=share)
            .sort_values([share, "left_out", "commune_code"], ascending=[True, False, True])
            .head(WORST_SHOWN)
        )
        address = _opens(landing, "communes")
        judged = verdict_column(communes, service.id)
        rows = [_commune(row, share, judged, address) for row in worst.to_dict("records")]
        kind = {ESTIMATED_SHARE: "estimate", AREA_SHARE: "area_share"}.get(shown, "share")
        yield {"id": service.id, "name": service.name, "communes": rows, "kind": kind}


def _share_shown(service: ServiceText, name: str, table: pd.DataFrame) -> str:
    """Return the column that is shown: estimates of residents, where there are verdicts of them.

    Failing any figure of residents, the share of land.
    """
    estimates = table.get(f"{ESTIMATED_SHARE}_{service.id}", pd.Series(dtype=float))
    judged = verdict_column(table, service.id).startswith("confident")
    if judged and name in service.estimated and estimates.notna().any():
        return ESTIMATED_SHARE
    by_area = f"{service.share}_{service.id}" in table and nobody_known(table)
    return AREA_SHARE if by_area else service.share


def _opens(landing: Landing, table: str) -> str:
    """Return the address that opens a map at the row whose code is put behind it."""
    page = landing.opens.get(table)
    return f"{quote(page)}#open={table}:" if page else ""


def _columns(landing: Landing) -> list[tuple[Bilingual, Bilingual]]:
    """Return the services with what is said of their target."""
    unknown = landing.communes is not None and nobody_known(landing.communes)
    return [
        (service.name, _target_words(None if unknown else service.target_share))
        for service in landing.services
    ]


def _target_words(share: float | None) -> Bilingual:
    if share is None:
        return words("report.no_target_set")
    return both(lambda lang: text("report.target_set", lang, share=percent(share, lang)))


def _units(landing: Landing, units: pd.DataFrame | None, table: str, key: str) -> list[UnitRow]:
    if units is None or not landing.services:
        return []
    targets = {service.id: service.target_share for service in landing.services}
    shares = {service.id: _share_shown(service, table, units) for service in landing.services}
    return list(unit_rows(units, targets, key=key, address=_opens(landing, table), shares=shares))


def _gaps(landing: Landing) -> Iterator[dict[str, Any]]:
    """Yield each service with its gaps of the most residents, and how many there are."""
    if landing.gaps is None:
        return
    address = _opens(landing, "gaps")
    for service in landing.services:
        rows = gap_rows(landing.gaps, service.id, address=address)
        total = int((landing.gaps["service"] == service.id).sum())
        if rows:
            yield {"id": service.id, "name": service.name, "rows": rows, "total": _count(total)}


def _commune(row: Mapping[Any, Any], column: str, judged: str, address: str) -> dict[str, Any]:
    share = row[column]
    return {
        "name": f"{row['type']} {row['name']}",
        "address": f"{address}{quote(str(row['commune_code']))}" if address else "",
        "district": "" if pd.isna(row["district"]) else row["district"],
        "share": both(lambda lang: percent(share, lang, decimals=2)),
        "left_out": _count(row["left_out"]),
        "population": _count(row["population"]),
        "verdict": row.get(judged),
    }


def _count(value: float) -> Bilingual:
    return NO_FIGURE if pd.isna(value) else both(lambda lang: number(value, lang))


def _notes(notes: tuple[Bilingual, ...]) -> Iterator[Bilingual]:
    """Yield the notes; a file with a thousand faulty rows must not drown the page."""
    yield from notes[:NOTES_SHOWN]
    hidden = len(notes) - NOTES_SHOWN
    if hidden > 0:
        yield words("report.more_notes", count=hidden)


def _groups(landing: Landing) -> Iterator[tuple[Bilingual, list[dict[str, Any]]]]:
    """Yield the files by folder, the top folder last."""
    by_folder: dict[str, list[dict[str, Any]]] = {}
    for listed in landing.files:
        folder, _, name = listed.path.rpartition("/")
        by_folder.setdefault(folder, []).append(
            {
                "name": name,
                "address": quote(listed.path),
                "meaning": listed.meaning,
                "size": _size(listed),
            }
        )
    for folder in sorted(by_folder, key=lambda folder: (folder == "", folder)):
        title = words("report.folder", folder=folder) if folder else words("report.folder_top")
        yield title, by_folder[folder]


def _size(listed: Listed) -> Bilingual | None:
    size = listed.size_bytes
    return None if size is None else both(lambda lang: size_text(size, lang))
