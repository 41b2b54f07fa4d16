"""The desk's pages, filled from what lies in the study's folder."""

import base64
import hashlib
import json
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, get_args
from urllib.parse import urlencode

from markupsafe import Markup

from .._settings import STUDY_FILE
from ..errors import PhusongError, StudyError
from ..i18n import LANGUAGES, Bilingual, both, number, words
from ..radio import MODELS
from ..report import page_environment, page_style
from ..study import Study, open_study
from .fields import Entry
from .form import Section
from .labels import choice_title, help_of, label_of
from .places import StudyFolder
from .products import PRODUCTS
from .questions import questions_of
from .work import TASKS, State, Work

_MANIFEST = "manifest.json"
_COUNTS = ("rows", "used", "mended", "set_aside", "passed_over")


def home_page(root: str, studies: list[StudyFolder], refused: Bilingual | None = None) -> str:
    """Return the page to choose a study on.

    Parameters
    ----------
    root : str
        What every address begins with.
    studies : list of StudyFolder
        Those opened last.
    refused : Bilingual, optional
        Why the folder asked for cannot be opened.

    Returns
    -------
    str
        HTML; every text is escaped.
    """
    shown = [{"study": one, "title": _title(one)} for one in studies]
    return _filled(
        "home.html",
        root=root,
        title=words("desk.open"),
        study=None,
        studies=shown,
        refused=refused,
        proposed=str(Path.home() / "phusong" / words("desk.new_folder").vi),
    )


def door_page(refused: Bilingual | None = None) -> tuple[str, str]:
    """Return the page that asks those of other machines for the password.

    It loads nothing, for the desk's own script and style lie behind the secret.

    Parameters
    ----------
    refused : Bilingual, optional
        Why the last attempt failed.

    Returns
    -------
    (str, str)
        HTML, and its content security policy.
    """
    style = page_style() + files(__package__).joinpath("templates", "style.css").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    template = files(__package__).joinpath("templates", "door.html").read_text(encoding="utf-8")
    page = page_environment().from_string(template)
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )
    return page.render(style=Markup(style), refused=refused), policy  # noqa: S704  our own style


def study_page(
    root: str,
    results: str,
    study: StudyFolder,
    work: Work | None,
    refused: Bilingual | None = None,
) -> str:
    """Return the page of one study.

    Parameters
    ----------
    root : str
    results : str
        What the addresses of the study's results begin with.
    study : StudyFolder
    work : Work, optional
        What is at work in it, or was last.
    refused : Bilingual, optional
        Why an answer was not written.

    Returns
    -------
    str
        HTML; every text is escaped.
    """
    state = "none" if work is None else work.outcome.state
    opened = _opened(study) if study.settings.is_file() else None
    return _filled(
        "folder.html",
        root=root,
        results=results,
        study=study,
        refused=refused,
        title=_title(study),
        files=[(name, _size(size)) for name, size in study.files()],
        begun=study.settings.is_file(),
        fault=opened if isinstance(opened, Bilingual) else None,
        checked=(study.check / _MANIFEST).is_file(),
        table=_checked_files(study),
        questions=questions_of(study),
        before=study.digest(),
        figure=lambda count: Bilingual(*(number(count, lang) for lang in LANGUAGES)),
        computed=_written_on(study),
        followed=work is not None and not work.told,
        unfinished=_unfinished(study) if state != "at_work" else None,
        products={name: words(f"desk.product_{name}") for name in PRODUCTS},
        given=_given(study),
        tasks={
            task: {
                "name": words(f"desk.task_{task}"),
                "unfinished": words(f"desk.unfinished_{task}"),
            }
            for task in TASKS
        },
        states={one: words(f"desk.state_{one}") for one in get_args(State)},
    )


def explore_page(root: str, results: str, study: StudyFolder) -> str:
    """Return the page with the page that computes in a frame.

    Parameters
    ----------
    root : str
    results : str
        What the addresses of the study's results begin with.
    study : StudyFolder

    Returns
    -------
    str
        HTML; every text is escaped.
    """
    return _filled(
        "explore.html",
        root=root,
        results=results,
        study=study,
        title=_title(study),
        page=PRODUCTS["explore"].file,
        gone=words("desk.state_broken"),
    )


def settings_page(
    root: str,
    study: StudyFolder,
    sections: list[Section],
    before: str,
    *,
    refused: StudyError | None = None,
) -> str:
    """Return the page on which the settings are edited as a form.

    Parameters
    ----------
    root : str
    study : StudyFolder
    sections : list of Section
        The form as it is to be shown.
    before : str
        `StudyFolder.digest` of the file that it was made from.
    refused : StudyError, optional
        Why it was not saved.

    Returns
    -------
    str
        HTML; every text is escaped.
    """
    faulty = {one.key for one in refused.problems if one.key} if refused is not None else set()
    suggestions = {
        "files": [name for name, _ in study.files()],
        "services": [
            entry.value for one in sections for entry in one.entries
            if one.path[:1] == ("services",) and entry.path[-1] == "id" and entry.value
        ],
        "models": list(MODELS),
    }  # fmt: skip
    return _filled(
        "settings.html",
        root=root,
        study=study,
        title=_title(study),
        sections=sections,
        before=before,
        refused=None if refused is None else told_of(refused),
        faulty=faulty,
        faulty_in=lambda section: any(one.name in faulty for one in section.fields),
        suggestions=suggestions,
        suggested=_suggested,
        choice=choice_title,
        not_given=words("desk.not_given"),
        title_of=lambda path, name: label_of((*path, name)),
        help_of=lambda path, name: help_of((*path, name)),
    )


def text_page(
    root: str,
    study: StudyFolder,
    content: str,
    before: str,
    refused: Bilingual | None = None,
) -> str:
    """Return the page on which ``study.toml`` is edited as text.

    Parameters
    ----------
    root : str
    study : StudyFolder
    content : str
        What stands in the field.
    before : str
        `StudyFolder.digest` of the file that it was made from.
    refused : Bilingual, optional
        Why it was not saved.

    Returns
    -------
    str
        HTML; every text is escaped.
    """
    return _filled(
        "text.html",
        root=root,
        study=study,
        title=_title(study),
        content=content,
        before=before,
        refused=refused,
    )


def told_of(fault: PhusongError) -> Bilingual:
    """Return what a fault says, in both languages.

    Parameters
    ----------
    fault : PhusongError

    Returns
    -------
    Bilingual
    """
    return both(fault.render)


def _suggested(entry: Entry) -> str | None:
    """Return the list of values that a field proposes."""
    if entry.kind == "file":
        return "list-files"
    if entry.path[-1] in ("service", "mobile_fallback"):
        return "list-services"
    return "list-models" if entry.path == ("radio", "model") else None


def _unfinished(study: StudyFolder) -> dict[str, str] | None:
    """Return the task that was at work when the desk was killed, with its options as of a form."""
    told = study.unfinished()
    if told is None or told[0] not in TASKS:
        return None
    return {"task": told[0], "options": urlencode(told[1])}


def _given(study: StudyFolder) -> list[dict[str, Any]]:
    """Return what was made to be given out and is there, each with its address and size."""
    made = []
    for name, product in PRODUCTS.items():
        path = study.given / product.file
        if path.is_file():
            size, at = _size(path.stat().st_size), product.file
        elif (path / "index.html").is_file():
            size, at = None, f"{product.file}/index.html"
        else:
            continue
        title = words(f"desk.product_{name}")
        made.append({"name": name, "title": title, "at": at, "size": size, "file": product.file})
    return made


def _checked_files(study: StudyFolder) -> list[dict[str, Any]]:
    """Return what the last check said of each file; nothing if it cannot be read."""
    try:
        told = json.loads(study.kept("checked.json") or "[]")
        return [
            {
                "file": str(one["file"]),
                "table": Bilingual(*map(str, one["table"])),
                "counts": [
                    int(one[name])
                    for name in ("rows", "used", "mended", "set_aside", "passed_over")
                ],
            }
            for one in told
        ]
    except (ValueError, KeyError, TypeError, RecursionError, OverflowError):
        return []


def _filled(template: str, **values: Any) -> str:
    folder = files(__package__).joinpath("templates")
    frame = folder.joinpath("frame.html").read_text(encoding="utf-8")
    body = folder.joinpath(template).read_text(encoding="utf-8")
    return page_environment().from_string(frame.replace("<!-- body -->", body)).render(values)


def _size(size_bytes: int) -> Bilingual:
    unit, size, decimals = (
        ("MB", size_bytes / 1e6, 1)
        if size_bytes >= 1e6
        else ("kB", max(1, round(size_bytes / 1e3)), 0)
    )
    return Bilingual(*(f"{number(size, lang, decimals=decimals)} {unit}" for lang in LANGUAGES))


def _title(study: StudyFolder) -> Bilingual:
    """Return the study's name, or that of its folder where it has none that can be read."""
    opened = _opened(study) if study.settings.is_file() else None
    return opened.title if isinstance(opened, Study) else Bilingual(*[study.path.name] * 2)


def _opened(study: StudyFolder) -> Study | Bilingual:
    try:
        return open_study(study.path)
    except PhusongError as fault:
        return told_of(fault)
    except OSError as fault:
        return Bilingual(*[f"{STUDY_FILE}: {fault.strerror}"] * 2)


def _written_on(study: StudyFolder) -> str | None:
    """Return when the results were written, as the system tells it, or None."""
    try:
        written = (study.results / _MANIFEST).stat()
        json.loads((study.results / _MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return f"{datetime.fromtimestamp(written.st_mtime):%H:%M %d/%m/%Y}"
