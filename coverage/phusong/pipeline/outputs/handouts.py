"""Sheets to hand out, from a finished output folder: one page a commune, one card a village.

What stands on them is what an audience may have of the folder's tables; nothing is computed.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

from ..._resources import resource_folder
from ...errors import ExportError
from ...export import (
    MANIFEST,
    Layer,
    open_finished,
    output_file,
    understood,
)
from ...i18n import Bilingual, Language, text
from ...maps import MapData, Theme, check_paper_file, open_theme
from ...maps.handout import CommuneSheet, VillageCard, write_commune_sheets, write_village_cards
from ...tables import PLANNED_SITES
from ..progress import Progress, silent
from ..records import Note
from .editions import AUDIENCES, Cut, open_policy, require_known_indicators
from .handout_words import Sheets
from .planned import open_plan
from .sheets import FinishedMaps, study_of

Of = Literal["communes", "villages"]
T = TypeVar("T")
TOLD = (
    "communes", "villages", "village_list", "offices", "readiness", "rollout", "stations", "gaps",
)  # fmt: skip
"""The tables that sheets are made of."""


@dataclass(frozen=True, kw_only=True)
class PrintedSheets:
    """Sheets that were written, and what their reader must know.

    Parameters
    ----------
    path : Path
        The PDF.
    pages : int
    notes : tuple of Note
        What is not on them because the study's files are not there or were changed.
    sample_notice : Bilingual, optional
        That the data are invented.
    """

    path: Path
    pages: int
    notes: tuple[Note, ...]
    sample_notice: Bilingual | None


def print_sheets(  # noqa: PLR0913 - the choices of the sheets
    out: Path | str,
    path: Path | str,
    *,
    of: Of = "communes",
    communes: Collection[str] = (),
    audience: str = "internal",
    policy: Path | str | None = None,
    plan: Path | str | None = None,
    study_folder: Path | str | None = None,
    service: str | None = None,
    lang: Language = "vi",
    replace: bool = False,
    on_progress: Progress = silent,
) -> PrintedSheets:
    """Write sheets to hand out into one PDF: a page of A4 a commune, or a card of A6 a village.

    The page of a commune has its map, its figures by both readings of the map and with their
    doubt, the villages that are not served and why, what its offices have, and the works
    planned. All is what the audience may have by the policy of editions, and says for whom it is.
    Communes stand by their code, four cards on a page. The same folder gives the same bytes.

    Parameters
    ----------
    out : path
        What ``phusong run --out`` wrote, unaltered.
    path : path
        File to write: PDF.
    of : {"communes", "villages"}
    communes : collection of str
        Codes or names; all if empty.
    audience : {"public", "internal", "restricted"}
    policy : path, optional
        As for `publish_results`.
    plan : path, optional
        What ``phusong site`` wrote for the same data: its works stand on the pages.
    study_folder : path, optional
        The study that the folder was made from; its relief, roads and rivers are drawn
        where the manifest's digests say that they are unchanged.
    service : str, optional
        Id of the service on the map; the study's first if absent.
    lang : {"vi", "en"}
    replace : bool
        Whether a file of that name may be replaced.
    on_progress : callable
        As for `run`.

    Returns
    -------
    PrintedSheets

    Raises
    ------
    InputError
        If `out` is no output folder of this version or was altered, the policy is faulty, or
        `plan` is no plan of sites, was altered, or is one of other data.
    ExportError
        If the audience is unknown, the folder has no communes or villages for it, or there is
        no such commune.
    UnknownServiceError
        If the folder has no such service.
    OutputError
        If the ending is no ``.pdf``, or the file exists, lies in a folder that phusong wrote,
        or cannot be written.

    Examples
    --------
    ``print_sheets("ket-qua", "xa.pdf", audience="internal")`` after a run; without one:

    >>> from phusong.errors import InputError
    >>> try:
    ...     print_sheets("no/such/folder", "xa.pdf")
    ... except InputError as fault:
    ...     print(fault.problems[0].render("en"))
    folder/manifest.json: this is no output folder of phusong run. Name the folder that ...
    """
    known = next((one for one in AUDIENCES if one == audience), None)
    if known is None:
        raise ExportError("editions.unknown_audience", audience=audience)
    path = Path(path)
    check_paper_file(path, (".pdf",))
    rules, finished = open_policy(policy), open_finished(Path(out))
    home = None if study_folder is None else Path(study_folder)
    with understood(MANIFEST):
        study = study_of(finished, finished.folder if home is None else home)
    require_known_indicators(rules, policy, study)
    cut = Cut(rules, known, study)
    layers = {
        name: layer
        for name in finished.tables
        if name in TOLD and (layer := cut.layer(finished.layer(name))) is not None
    }
    if plan is not None:
        planned = open_plan(Path(plan), finished, study, (PLANNED_SITES.name,))
        if (allowed := cut.layer(planned.layers[PLANNED_SITES.name])) is not None:
            layers[PLANNED_SITES.name] = allowed
    if of not in layers:
        raise ExportError(f"sheet.no_{of}", folder=finished.folder)
    read = FinishedMaps(finished, study, home)
    marked = cut.marked_study()
    made = Sheets(marked, cut.marking[lang], layers, lang)
    units = made.chosen(communes)
    title = f"{text(f'sheet.of_{of}', lang)} – {marked.title[lang]}"
    with output_file(path, replace=replace) as fresh:
        if of == "communes":
            theme, data = read.layers(_theme(layers), service)
            data = cut.drawn(data, layers)
            theme = _built(theme, data)

            def page(code: str) -> Iterator[CommuneSheet]:
                return made.of_commune(theme, data, service, code)

            pages = write_commune_sheets(
                _told(page, units, on_progress), fresh, title=title, lang=lang
            )
        else:
            cards: Iterator[VillageCard] = _told(made.of_villages, units, on_progress)
            pages = write_village_cards(cards, fresh, title=title)
    return PrintedSheets(
        path=path, pages=pages, notes=read.notes(), sample_notice=study.sample_notice
    )


def _told(
    each: Callable[[str], Iterator[T]], units: Collection[str], on_progress: Progress
) -> Iterator[T]:
    """Yield what is made of each commune, and tell how far it is."""
    for done, code in enumerate(units):
        on_progress("sheet.progress", done, len(units))
        yield from each(code)
    on_progress("sheet.progress", len(units), len(units))


def _theme(layers: Mapping[str, Layer]) -> Theme:
    """Return the theme of the map, villages by what is known of them."""
    theme = open_theme(resource_folder("maps") / "sheets" / "commune.toml")
    villages = layers.get("villages")
    known = villages is not None and any(row.get("signal_state") for row in villages.rows)
    gone = "uncovered" if known else "states"
    shown = tuple(one for one in theme.layers if one.id != gone)
    return theme.model_copy(update={"layers": shown})


def _built(theme: Theme, data: MapData) -> Theme:
    """Return a theme without what the audience or the study does not have."""
    rasters = tuple(one for one in theme.rasters if data.rasters.get(one.quantity))
    return theme.model_copy(
        update={
            "rasters": rasters,
            "layers": tuple(
                one for one in theme.layers
                if len(data.tables.get(one.table, ())) and not (one.table == "gaps" and rasters)
            ),
        }
    )  # fmt: skip
