"""Official documents of a finished output folder: report, plan, appendix, answer to a petition.

What an audience may not have is cut off before anything is told; nothing is computed.
"""

import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import get_args

import pandas as pd

from ..._version import program_of
from ...errors import ExportError, OutputError
from ...export import (
    MANIFEST,
    Finished,
    check_output_file,
    open_finished,
    output_file,
    table_file,
    understood,
)
from ...i18n import fold
from ...maps import NothingToDrawError, render_paper, write_paper
from ...maps.paper_sheet import SIZES_MM
from ...report.official import (
    DOTS,
    SHORT_DOTS,
    Appendix,
    Block,
    Kind,
    Official,
    Paragraph,
    Picture,
    Span,
    Stamp,
    centred,
    item,
    paragraph,
    roman,
)
from ...report.word_template import fill_template, open_template, shipped_template
from ...study import Report, Study, read_report
from ...tables import INDICATORS
from .editions import AUDIENCES, Audience, Cut, open_policy, require_known_indicators
from .official_petition import find_place, petition_body
from .official_plan import has_plan, plan_body, plan_years
from .official_report import appendices, report_body, topics
from .official_text import Told, say
from .planned import FinishedPlan, open_plan
from .record import read_record
from .sheets import FinishedMaps, PrintedSheet, frame_of, study_of

KINDS: tuple[Kind, ...] = get_args(Kind)
MAPS = ("verdict", "gaps", "fibre", "readiness")
"""The themes of the maps that a report has behind it, as far as there is something to draw."""
TELLING = (
    "province", "communes", "villages", "village_list", "survey_shares", "rollout",
    "rollout_years", "fibre_years", "fibre_waiting", "indicators",
)  # fmt: skip
"""The tables that documents tell of."""
OF_SITES = (
    "planned_sites", "site_commune_years", "site_years", "site_communes", "site_verdicts",
    "site_unreached",
)  # fmt: skip
"""The tables of a plan of sites that a plan tells of."""
NEEDED: Mapping[str, frozenset[str]] = {
    name: frozenset(columns.split())
    for name, columns in {
        "communes": "commune_code name",
        "villages": "village_id name commune_code",
        "survey_shares": "level drawn",
        "rollout_years": "year offices_entering spent_vnd budget_vnd",
        "fibre_years": "year length_km first_ways second_ways spent_vnd budget_vnd",
        "site_years": "year people spent_vnd budget_vnd",
        "site_communes": "population share_before share_after",
        "site_verdicts": "level name population share_before share_after share_low share_median "
        "share_high probability_before target_probability confident_verdict",
    }.items()
}
"""The columns without which a table says nothing: it is left out where a policy keeps one back."""
_WITH_MAPS = ("report", "appendix")
_OF_UNITS = "admin."
"""Notes that name communes alone: how a result came to another administrative edition."""
ADDRESSED = ("report", "petition")
"""Kinds that begin with whom they address, and whose first recipients are these."""
STAMP_MM: Mapping[str, float] = {
    "khẩn": 20, "hỏa tốc": 30, "thượng khẩn": 40, "mật": 20, "tối mật": 30, "tuyệt mật": 40,
}  # fmt: skip
"""Widths of the frames of stamps."""
_SUFFIX = ".docx"
_COMMIT = re.compile(r"\b([0-9a-f]{12})[0-9a-f]{28}\b")
"""A commit is known by its first letters; all forty leave holes in a line."""


def write_report(  # noqa: PLR0913 - the choices of the command
    out: Path | str,
    path: Path | str,
    *,
    kind: str = "report",
    commune: str | None = None,
    village: str | None = None,
    audience: str | None = None,
    policy: Path | str | None = None,
    template: Path | str | None = None,
    maps: Sequence[str] | None = None,
    plan: Path | str | None = None,
    study_folder: Path | str | None = None,
    replace: bool = False,
) -> PrintedSheet:
    """Write an official document of a finished output folder as a Word file, in Vietnamese.

    Its layout is that of Nghị định 30/2020/NĐ-CP, phụ lục I; its sentences follow the rules of
    docs/van-ban.md. What the study's section ``[report]`` does not say is left dotted. The file
    appears whole or not at all; the same folder and settings give the same bytes.

    Parameters
    ----------
    out : path
        What ``phusong run --out`` wrote, unaltered.
    path : path
        File to write, ``.docx``.
    kind : {"report", "plan", "appendix", "petition"}
        Báo cáo, kế hoạch, phụ lục, or the letter that answers a petition of voters.
    commune, village : str, optional
        Code or name; whom the letter answers.
    audience : {"public", "internal", "restricted"}, optional
        What it may tell, as for `publish_results`; public for an answer to voters, else internal.
    policy : path, optional
        As for `publish_results`.
    template : path, optional
        The department's own template; ``phusong report --template-to FILE`` writes one to edit.
    maps : sequence of str, optional
        Themes of the maps behind a report or appendix; some of the shipped ones if absent.
    plan : path, optional
        What ``phusong site`` wrote for the same data, for a document of kind plan.
    study_folder : path, optional
        The study that the folder was made from: its ``[report]`` as it is now, and its relief,
        roads and rivers on maps. Without it the section is that of the run.
    replace : bool
        Whether a file of that name may be replaced.

    Returns
    -------
    PrintedSheet

    Raises
    ------
    InputError
        If `out` is no output folder of this version or was altered, if `plan` is no plan of sites,
        was altered or is one of other data, or if policy, template, theme or the study's section
        is faulty.
    ExportError
        If kind or audience is unknown, a secret document were to go to the public, the audience has
        nothing of what the kind tells, or there is no such village.
    ExplainError
        If there is no such commune.
    NothingToDrawError
        If a map of `maps` has nothing to draw for the audience.
    OutputError
        If the name has another ending, or the file exists or cannot be written.

    Examples
    --------
    ``write_report("ket-qua", "bao-cao.docx")`` after a run; without one:

    >>> from phusong.errors import InputError
    >>> try:
    ...     write_report("no/such/folder", "bao-cao.docx")
    ... except InputError as fault:
    ...     print(fault.problems[0].render("en"))
    folder/manifest.json: this is no output folder of phusong run. Name the folder that ...
    """
    known = _kind(kind)
    path = Path(path)
    if path.suffix.lower() != _SUFFIX:
        raise OutputError("official.not_docx", name=path.name)
    check_output_file(path, replace=replace)
    if known != "petition" and (commune is not None or village is not None):
        raise ExportError("official.petition_only")
    if known != "plan" and plan is not None:
        raise ExportError("official.plan_only")
    if audience is None:
        audience = "public" if known == "petition" else "internal"
    told_to = next((one for one in AUDIENCES if one == audience), None)
    if told_to is None:
        raise ExportError("editions.unknown_audience", audience=audience)
    rules = open_policy(policy)
    finished = open_finished(Path(out))
    home = None if study_folder is None else Path(study_folder)
    with understood(MANIFEST):
        study = study_of(finished, finished.folder if home is None else home)
    require_known_indicators(rules, policy, study)
    cut = Cut(rules, told_to, study)
    planned = None if plan is None else open_plan(Path(plan), finished, study, OF_SITES)
    letter = read_report(home) if home is not None else study.report or Report()
    stamps = _stamps(letter, told_to)
    form = (
        shipped_template(known)
        if template is None
        else open_template(Path(template), [name for name, blocks in stamps.items() if blocks])
    )
    told = _told(finished, study, letter, cut, planned, with_notes=told_to == "restricted")
    read = FinishedMaps(finished, study, home)
    drawn = tuple(_maps(read, cut, maps, finished)) if known in _WITH_MAPS else ()
    made = _official(told, known, audience, commune, village, drawn, stamps)
    with output_file(path, replace=replace) as fresh:
        fresh.write_bytes(fill_template(form, made))
    return PrintedSheet(path=path, notes=read.notes(), sample_notice=study.sample_notice)


def write_report_template(path: Path | str, kind: str = "report") -> Path:
    """Write the shipped template of a kind of document into a new file, to be edited.

    Parameters
    ----------
    path : path
    kind : {"report", "plan", "appendix", "petition"}

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    ExportError
        If the kind is unknown or the file exists.
    OutputError
        If the name has another ending, or the file cannot be written.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_report_template(Path(folder) / "mau.docx", "petition").name
    'mau.docx'
    """
    known, file = _kind(kind), Path(path)
    if file.suffix.lower() != _SUFFIX:
        raise OutputError("official.not_docx", name=file.name)
    if file.exists():
        raise ExportError("official.template_exists", file=file)
    with output_file(file, replace=False) as fresh:
        fresh.write_bytes(shipped_template(known))
    return file


def _kind(given: str) -> Kind:
    for known in KINDS:
        if known == given:
            return known
    raise ExportError("official.unknown_kind", kind=given)


def _told(
    finished: Finished,
    study: Study,
    letter: Report,
    cut: Cut,
    planned: FinishedPlan | None,
    *,
    with_notes: bool,
) -> Told:
    whole = {name: finished.layer(name) for name in TELLING if name in finished.tables}
    whole |= {} if planned is None else planned.layers
    layers = {
        name: kept
        for name, one in whole.items()
        if (kept := cut.layer(one)) is not None
        and NEEDED.get(name, frozenset()) <= set(kept.table.columns)
    }
    frames = {}
    for name, layer in layers.items():
        with understood(table_file(layer.table)):
            # A board has all its columns, also those that no row needs.
            columns = INDICATORS.columns if name == INDICATORS.name else None
            frame = pd.DataFrame(frame_of(layer, study.crs, columns))
            frames[name] = frame.drop(columns="geometry", errors="ignore")
    notes = [note.vi for note in cut.left_out([one.table for one in whole.values()], layers)]
    of_run = read_record(finished).notes
    told_notes = [note for note in of_run if with_notes or note.message.startswith(_OF_UNITS)]
    notes = [note.render("vi") for note in told_notes] + notes
    if len(told_notes) < len(of_run):
        notes.append(say("limits_elsewhere"))
    versions = finished.versions
    program = program_of(versions["phusong"], versions.get("phusong (commit)"))
    return Told(
        study=study,
        letter=letter,
        marking=cut.marking.vi,
        program=_COMMIT.sub(r"\1", program),
        frames=frames,
        definitions={name: layer.table for name, layer in layers.items()},
        notes=tuple(notes),
        planned=None if planned is None else planned.told(MANIFEST),
    )


def _maps(
    read: FinishedMaps, cut: Cut, asked: Sequence[str] | None, finished: Finished
) -> Iterator[Appendix]:
    """Yield a page for each map that is asked for; else for those that there is something for."""
    layers = {
        name: layer
        for name, table in finished.tables.items()
        if table.geometry is not None and (layer := cut.layer(finished.layer(name))) is not None
    }
    left_out = (NothingToDrawError,) if asked is None else ()
    for name in MAPS if asked is None else asked:
        theme, data = read.layers(read.theme(name), None)
        with suppress(*left_out), tempfile.TemporaryDirectory() as folder:
            sheet = render_paper(
                theme, cut.drawn(data, layers), lang="vi", paper="text", orientation="portrait"
            )
            png = write_paper(sheet, Path(folder) / "map.png").read_bytes()
            title = theme.title.vi
            yield Appendix(
                title=say("appendix_map", title=title),
                blocks=(
                    Picture(
                        png=png,
                        width_mm=SIZES_MM["text"][0],
                        caption="",
                        shows=say("map_shows", title=title),
                    ),
                ),
            )


def _official(
    told: Told,
    kind: Kind,
    audience: str,
    commune: str | None,
    village: str | None,
    maps: tuple[Appendix, ...],
    stamps: Mapping[str, tuple[Block, ...]],
) -> Official:
    province, as_of = told.study.province, told.study.as_of
    body: tuple[Block, ...] = ()
    behind: tuple[Appendix, ...] = ()
    if kind == "petition":
        if "communes" not in told.frames:
            raise ExportError("official.no_communes", audience=audience)
        place = find_place(told, commune, village)
        subject = say("subject_petition", place=place.name)
        body = tuple(petition_body(told, place))
    elif kind == "plan":
        if not has_plan(told):
            raise ExportError("official.no_plan", audience=audience)
        first, last = plan_years(told)
        about = topics(told, plan=True)
        subject = say("subject_plan", topics=about, province=province, first=first, last=last)
        body, behind = plan_body(told, about), appendices(told, (), plan=True)
        body = _naming(body, kind, behind)
    else:
        about = topics(told, plan=False)
        subject = say(f"subject_{kind}", topics=about, province=province, as_of=as_of)
        body = report_body(told) if kind == "report" else ()
        behind = appendices(told, maps, plan=False)
        body = _naming(body, kind, behind) if body else ()
    texts = _texts(told, kind, subject)
    return Official(
        kind=kind,
        texts=texts,
        blocks={
            "body": body,
            "addressees": tuple(_addressees(told.letter))
            if kind in ADDRESSED or told.letter.addressees
            else (),
            "basis": tuple(_basis(told.letter)) if kind != "petition" else (),
            "recipients": tuple(_recipients(told.letter, kind)),
            **stamps,
        },
        appendices=behind,
        attached=say(
            "attached", kind=say(f"kind_{kind}"), number=texts["number"], symbol=texts["symbol"],
            date=texts["date"], issuer=told.letter.issuer or DOTS,
        ),
    )  # fmt: skip


def _naming(body: tuple[Block, ...], kind: Kind, behind: tuple[Appendix, ...]) -> tuple[Block, ...]:
    """Return a text that names before its last sentence what stands behind it."""
    several = len(behind) > 1
    listed = "; ".join(
        say("enclosed_one", number=f" {roman(at)}" if several else "", title=one.title)
        for at, one in enumerate(behind, start=1)
    )
    *before, last = body
    return (*before, paragraph(say("enclosed", kind=say(f"kind_{kind}"), listed=listed)), last)


def _texts(told: Told, kind: Kind, subject: str) -> dict[str, str]:
    letter, study = told.letter, told.study
    number = None if kind == "appendix" else letter.numbers.get(kind)
    return {
        "superior": (letter.superior or DOTS).upper(),
        "issuer": (letter.issuer or DOTS).upper(),
        "number": SHORT_DOTS if number is None else f"{number:02d}",
        "symbol": _symbol(letter, kind),
        "place": letter.place or SHORT_DOTS,
        "date": _date(letter),
        "type": say(f"type_{kind}") if kind in {"report", "plan"} else "",
        "subject": subject,
        "authority": (letter.authority or "").upper(),
        "position": (letter.position or DOTS).upper(),
        "signatory": letter.signatory or DOTS,
        "marking": told.marking,
        "study": study.name,
        "province": study.province,
        "as_of": say("day", day=study.as_of),
        "edition": study.edition,
    }


def _symbol(letter: Report, kind: Kind) -> str:
    """Return the sign: kind and issuer; of a letter, issuer and the unit that drafts it."""
    code = letter.code or SHORT_DOTS
    of_kind = {"report": f"BC-{code}", "plan": f"KH-{code}", "appendix": SHORT_DOTS}
    return of_kind.get(kind, f"{code}-{letter.unit or SHORT_DOTS}")


def _date(letter: Report) -> str:
    """Return the day as the decree writes it: a nought before days below 10, January, February."""
    if letter.date is None:
        return say("date_blank")
    day, month = letter.date.day, letter.date.month
    return say(
        "date", day=f"{day:02d}", month=f"{month:02d}" if month < 3 else str(month),
        year=letter.date.year,
    )  # fmt: skip


def _stamps(letter: Report, audience: Audience) -> dict[str, tuple[Block, ...]]:
    """Return what is stamped below the number: nothing but what the study says.

    Raises
    ------
    ExportError
        If a secret document were to go to the public.
    """
    if letter.secrecy is not None and audience == "public":
        raise ExportError("official.secret_to_public", secrecy=letter.secrecy)
    stamps = {"secrecy": letter.secrecy, "urgency": letter.urgency}
    return {
        name: ()
        if told is None
        else (Stamp(text=told.upper(), width_mm=STAMP_MM[told], double=name == "secrecy"),)
        for name, told in stamps.items()
    }


def _addressees(letter: Report) -> Iterator[Block]:
    if len(letter.addressees) < 2:
        yield centred(say("to_one", addressee=letter.addressees[0] if letter.addressees else DOTS))
        return
    yield Paragraph(spans=(Span(text=say("to_many")),), form="address")
    *others, last = letter.addressees
    for one in (*(f"{one};" for one in others), f"{last}."):
        yield Paragraph(spans=(Span(text=one),), form="addressee")


def _basis(letter: Report) -> Iterator[Block]:
    *others, last = letter.basis or (f"Căn cứ {DOTS}",)
    for one in others:
        yield paragraph(say("basis", basis=one), italic=True)
    yield paragraph(say("basis_last", basis=last), italic=True)


def _recipients(letter: Report, kind: Kind) -> Iterator[Block]:
    """Yield who gets it: whom it addresses first, by name where they do not stand above."""
    above = say("as_above")
    others = tuple(one for one in letter.recipients if fold(one) != fold(above))
    first = (above,) if kind in ADDRESSED else letter.addressees
    for one in (*first, *others) if letter.recipients else (*first, DOTS):
        yield item(say("copied", recipient=one))
    yield item(say("filed", archive=letter.archive or DOTS))
