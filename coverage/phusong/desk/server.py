"""The desk's addresses: pages, files in, calls of phusong, results out."""

import hmac
import os
import unicodedata
from collections.abc import Mapping
from importlib.resources import files
from secrets import token_hex, token_urlsafe
from urllib.parse import parse_qs

from anyio import Lock, open_file, sleep, to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route

from ..errors import OutputError, PhusongError, StudyError
from ..i18n import LANGUAGES, Bilingual, words
from ..report import page_style
from .changes import as_given, changed_settings, faults_of
from .form import settings_form
from .guard import PAGE_POLICY, RESULT_POLICY, Guard
from .pages import door_page, explore_page, home_page, settings_page, study_page, text_page, told_of
from .places import LARGEST_UPLOAD_BYTES, Recent, StudyFolder
from .products import PRODUCTS
from .questions import answered, keep_questions, questions_of
from .scenarios import LARGEST_SCENARIO_BYTES, take_scenario
from .work import TASKS, Work

_LARGEST_FORM_BYTES = 4_000_000
_MOST_FIELDS = 20_000
_GONE = "desk.study_gone"
_ATTEMPT_S = 1
"""Seconds that a wrong password costs."""
_OPTIONS: Mapping[str, tuple[str, ...]] = {
    "begin": ("province", "crs"), "check": (), "run": (), "give": ("what", "commune"),
}  # fmt: skip
_ASSETS = {"script.js": "text/javascript", "style.css": "text/css"}


class Desk:
    """The studies that were opened, and what is at work; one call at a time.

    Parameters
    ----------
    token : str
        The secret that the desk's addresses begin with.
    recent : Recent
    """

    def __init__(self, token: str, recent: Recent) -> None:
        self.root = f"/{token}"
        self.results_token = token_urlsafe(24)
        """Begins the addresses of results: their pages, which others may have made, read their
        own address, and must not learn the desk's."""
        self.recent = recent
        self.opened: dict[str, StudyFolder] = {}
        self.work: Work | None = None

    def open(self, study: StudyFolder) -> str:
        """Take a study to the desk; return its address."""
        self.opened[study.key] = study
        self.recent.add(study)
        return f"{self.root}/study/{study.key}/"

    def study(self, request: Request) -> StudyFolder:
        """Return the study that an address names.

        Raises
        ------
        OutputError
            If it was not opened, or its folder is gone.
        """
        key = request.path_params["key"]
        for study in (*self.opened.values(), *self.recent.studies()):
            if study.key == key and os.path.isdir(study.path):  # noqa: PTH112  as in `Recent`
                return study
        raise OutputError(_GONE)

    async def home(self, _request: Request) -> Response:
        """Show the studies opened last, and the form for a new one."""
        return _page(home_page(self.root, self.recent.studies()))

    async def choose(self, request: Request) -> Response:
        """Open a folder, made if it is not there."""
        form = await _form(request)
        folder = form.get("folder", "").strip()
        try:
            if not folder:
                raise OSError("")
            study = StudyFolder.at(folder)
            study.path.mkdir(parents=True, exist_ok=True)
        except (OSError, RuntimeError, ValueError) as fault:
            refused = words(
                "desk.folder", folder=folder, detail=getattr(fault, "strerror", "") or ""
            )
            return _page(home_page(self.root, self.recent.studies(), refused=refused), 400)
        return RedirectResponse(self.open(study), 303)

    async def show(self, request: Request) -> Response:
        """Show a study: its files, what may be done, its results."""
        return self._study_page(self.study(request))

    async def take(self, request: Request) -> Response:
        """Store one file in the study's folder, whole or not at all."""
        study = self.study(request)
        target = study.file_to_write(request.path_params["name"])
        part = target.with_name(f".{token_hex(8)}.part")  # two pages may send one name at once
        length = 0
        try:
            async with await open_file(part, "wb") as file:
                async for chunk in request.stream():
                    length += len(chunk)
                    if length > LARGEST_UPLOAD_BYTES:
                        return _refusal(words("desk.too_large", name=target.name), 413)
                    await file.write(chunk)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
        return JSONResponse({"name": target.name, "bytes": length})

    async def remove(self, request: Request) -> Response:
        """Put one file aside."""
        self.study(request).put_aside(request.path_params["name"])
        return JSONResponse({})

    async def start(self, request: Request) -> Response:
        """Begin a call; refused while another is at work."""
        study = self.study(request)
        task = request.path_params["task"]
        if task not in TASKS:
            raise HTTPException(404)
        form = await _form(request)
        if task == "give" and form.get("what") not in PRODUCTS:
            raise HTTPException(404)
        if self.work is not None and self.work.outcome.state == "at_work":
            return _refusal(words("desk.at_work"), 409)
        if study.at_work_elsewhere:
            return _refusal(words("desk.at_work_elsewhere"), 409)
        options = {name: form[name].strip() for name in _OPTIONS[task] if form.get(name)}
        self.work = work = Work(study, task, options)  # before the wait: two pages may ask at once
        try:
            await to_thread.run_sync(work.start)
        except Exception:
            self.work = None
            raise
        return JSONResponse({})

    async def stop(self, request: Request) -> Response:
        """Ask the call at work to stop."""
        if (work := self._work_of(self.study(request))) is not None:
            work.stop()
        return JSONResponse({})

    async def progress(self, request: Request) -> Response:
        """Tell how far the call is, or how it ended."""
        work = self._work_of(self.study(request))
        if work is None:
            return JSONResponse({"state": "none", "steps": [], "messages": []})
        steps = [
            {**_both(words(step)), "percent": 100 * done // max(total, 1)}
            for step, (done, total) in list(work.steps.items())
        ]
        outcome = work.outcome  # once: it may end between two looks
        told = [_both(one) for one in outcome.messages]
        state = outcome.state
        work.told = state != "at_work"
        return JSONResponse({"state": state, "task": work.task, "steps": steps, "messages": told})

    async def settings(self, request: Request) -> Response:
        """Show the settings as a form; as text where they cannot be read as one."""
        study = self.study(request)
        try:
            return _page(settings_page(self.root, study, settings_form(study), study.digest()))
        except StudyError as fault:
            shown = text_page(
                self.root, study, study.text(), study.digest(), refused=told_of(fault)
            )
            return _page(shown)

    async def save(self, request: Request) -> Response:
        """Write what was changed in the form, if a study may have it or the user insists."""
        study = self.study(request)
        given = await _fields(request)
        try:
            content = changed_settings(study, given)
            fault = None if "anyway" in given else faults_of(study, content)
        except StudyError as unread:
            fault = unread
        if fault is not None:
            shown = as_given(settings_form(study), given)
            before = given.get("before", [""])[0]  # what another page saved meanwhile is told then
            return _page(settings_page(self.root, study, shown, before, refused=fault), 400)
        return self._saved(study, content, given)

    async def answer(self, request: Request) -> Response:
        """Write the answer to a question into ``study.toml``; the question is gone then."""
        study = self.study(request)
        form = await _form(request)
        questions = questions_of(study)
        try:
            asked = {one.key: one for one in questions}[form.get("question", "")]
            chosen = asked.answers[int(form["answer"])] if form.get("answer") else None
        except (ValueError, IndexError, KeyError):
            return self._study_page(study, status=409)
        try:
            if chosen is not None:
                study.save_settings(answered(study, chosen), form.get("before", ""))
        except PhusongError as fault:
            refused = told_of(fault)
            return self._study_page(study, refused, status=409)
        keep_questions(study, [one for one in questions if one is not asked])
        return RedirectResponse(f"{self.root}/study/{study.key}/", 303)

    async def explore(self, request: Request) -> Response:
        """Show the page that computes."""
        study = self.study(request)
        if not (study.given / PRODUCTS["explore"].file).is_file():
            raise HTTPException(404)
        return _page(explore_page(self.root, self._results_of(study), study))

    async def scenario(self, request: Request) -> Response:
        """Make a scenario the cells of the study; the file named before stays beside it."""
        study = self.study(request)
        content = await _body(request, LARGEST_SCENARIO_BYTES)
        name = await to_thread.run_sync(take_scenario, study, content)
        return JSONResponse({"messages": [_both(words("desk.scenario_taken", name=name))]})

    async def show_text(self, request: Request) -> Response:
        """Show ``study.toml`` to be edited."""
        study = self.study(request)
        return _page(text_page(self.root, study, study.text(), study.digest()))

    async def save_text(self, request: Request) -> Response:
        """Write ``study.toml`` as given, faults and all; the study's page tells them."""
        study = self.study(request)
        given = await _fields(request)
        content = given.get("text", [""])[0].replace("\r\n", "\n")
        return self._saved(study, content, given)

    def _saved(self, study: StudyFolder, content: str, given: Mapping[str, list[str]]) -> Response:
        """Write the settings; what another page changed meanwhile is not overwritten."""
        before = given.get("before", [""])[0]
        try:
            study.save_settings(content, before)
        except PhusongError as fault:  # and so again, if it is saved once more from the page shown
            return _page(text_page(self.root, study, content, before, refused=told_of(fault)), 409)
        return RedirectResponse(f"{self.root}/study/{study.key}/", 303)

    async def look(self, request: Request) -> Response:
        """Give out a file of the results, of the check or of what was made, and no other."""
        study = self.study(request)
        name = request.path_params["name"]
        parts = {"results": study.results, "check": study.check, "given": study.given}
        folder = parts.get(request.path_params["part"])
        if folder is None:
            raise HTTPException(404)
        try:
            path = (folder / (name or "index.html")).resolve()
            within = path.is_relative_to(folder.resolve()) and not folder.is_symlink()
            there = within and path.is_file()
        except (OSError, ValueError, RuntimeError):  # too long, or a link to itself
            there = False
        if not there:
            raise HTTPException(404)
        return FileResponse(path, headers={"content-security-policy": RESULT_POLICY})

    async def asset(self, request: Request) -> Response:
        """Give out the desk's own script and style."""
        name = request.path_params["name"]
        if name not in _ASSETS:
            raise HTTPException(404)
        content = files(__package__).joinpath("templates", name).read_bytes()
        if name == "style.css":
            content = page_style().encode() + content
        return Response(content, media_type=_ASSETS[name])

    async def planned(self, request: Request, fault: Exception) -> Response:
        """Tell what phusong refuses."""
        assert isinstance(fault, PhusongError)
        return self._refused(request, told_of(fault), 404 if fault.message == _GONE else 400)

    async def unwritten(self, request: Request, fault: Exception) -> Response:
        """Tell that the disk is full or the folder closed; the page stays where it is."""
        detail = fault.strerror if isinstance(fault, OSError) else None
        return self._refused(request, words("cli.not_written", detail=detail or "?"), 507)

    def _refused(self, request: Request, told: Bilingual, status: int) -> Response:
        """Tell it to the script of a page, or to somebody who went to the address, as a page."""
        # An address of results never shows a page that holds the desk's own.
        of_the_desk = request.url.path.startswith(f"{self.root}/")
        if of_the_desk and "text/html" in request.headers.get("accept", ""):
            return _page(home_page(self.root, self.recent.studies(), refused=told), status)
        return _refusal(told, status)

    def _study_page(
        self, study: StudyFolder, refused: Bilingual | None = None, status: int = 200
    ) -> Response:
        results, work = self._results_of(study), self._work_of(study)
        return _page(study_page(self.root, results, study, work, refused), status)

    def _results_of(self, study: StudyFolder) -> str:
        return f"/{self.results_token}/{study.key}"

    def _work_of(self, study: StudyFolder) -> Work | None:
        return self.work if self.work is not None and self.work.study == study else None


class Door:
    """Lets those of other machines in who know the password, one attempt a second.

    Parameters
    ----------
    desk : Desk
    password : str
    """

    def __init__(self, desk: Desk, password: str) -> None:
        self._desk = desk
        self._password = _composed(password)
        self._attempts = Lock()

    async def ask(self, _request: Request) -> Response:
        """Show the page that asks for the password."""
        return self._page()

    async def enter(self, request: Request) -> Response:
        """Lead on to the desk, or ask again after a while."""
        given = (await _form(request)).get("password", "")
        async with self._attempts:  # many at once take as long as one after the other
            if hmac.compare_digest(_composed(given), self._password):
                return RedirectResponse(f"{self._desk.root}/", 303)
            await sleep(_ATTEMPT_S)
        return self._page(words("desk.wrong_password"), 403)

    def _page(self, refused: Bilingual | None = None, status: int = 200) -> Response:
        html, policy = door_page(refused)
        return HTMLResponse(html, status, headers={"content-security-policy": policy})


def desk_app(
    desk: Desk, token: str, hosts: tuple[str, ...], password: str | None = None
) -> Starlette:
    """Return the desk as an application.

    Parameters
    ----------
    desk : Desk
    token : str
        The secret that every address begins with.
    hosts : tuple of str
        ``name:port`` that it is reached by; other names are refused.
    password : str, optional
        What those of other machines must know; nobody is asked if absent.

    Returns
    -------
    Starlette
    """
    study = [
        Route("/", desk.show),
        Route("/files/{name}", desk.take, methods=["PUT"]),
        Route("/files/{name}/remove", desk.remove, methods=["POST"]),
        Route("/do/{task}", desk.start, methods=["POST"]),
        Route("/stop", desk.stop, methods=["POST"]),
        Route("/progress", desk.progress),
        Route("/explore", desk.explore),
        Route("/scenario", desk.scenario, methods=["POST"]),
        Route("/answer", desk.answer, methods=["POST"]),
        Route("/settings", desk.settings, methods=["GET"]),
        Route("/settings", desk.save, methods=["POST"]),
        Route("/settings/text", desk.show_text, methods=["GET"]),
        Route("/settings/text", desk.save_text, methods=["POST"]),
    ]
    door = None if password is None else Door(desk, password)
    entry = (
        [Route("/", door.ask, methods=["GET"]), Route("/", door.enter, methods=["POST"])]
        if door is not None
        else []
    )
    return Starlette(
        routes=[
            *entry,
            Route(f"/{desk.results_token}/{{key}}/{{part}}/{{name:path}}", desk.look),
            Mount(
                f"/{token}",
                routes=[
                    Route("/", desk.home),
                    Route("/studies", desk.choose, methods=["POST"]),
                    Route("/{name}", desk.asset),
                    Mount("/study/{key}", routes=study),
                ],
            ),
        ],
        middleware=[
            Middleware(
                Guard, tokens=(token, desk.results_token), hosts=hosts, door=door is not None
            )
        ],
        exception_handlers={PhusongError: desk.planned, OSError: desk.unwritten},
    )


def _composed(password: str) -> bytes:
    """Return a password's bytes; keyboards send Vietnamese letters whole or in parts."""
    return unicodedata.normalize("NFC", password).encode()


def _page(html: str, status: int = 200) -> Response:
    # Names of files may hold bytes that are no characters: they are shown as "?".
    content = html.encode("utf-8", "replace")
    return HTMLResponse(content, status, headers={"content-security-policy": PAGE_POLICY})


async def _form(request: Request) -> dict[str, str]:
    """Return the fields of a form, the first value of each."""
    return {name: values[0] for name, values in (await _fields(request)).items()}


async def _fields(request: Request) -> dict[str, list[str]]:
    """Return the fields of a form with all their values.

    Raises
    ------
    HTTPException
        413 if it is too long.
    """
    body = await _body(request, _LARGEST_FORM_BYTES)
    try:
        return parse_qs(
            body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_MOST_FIELDS
        )
    except ValueError:
        raise HTTPException(413) from None


async def _body(request: Request, largest_bytes: int) -> bytes:
    """Return what was sent.

    Raises
    ------
    HTTPException
        413 if it is too long.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > largest_bytes:
            raise HTTPException(413)
    return bytes(body)


def _both(shown: Bilingual) -> dict[str, str]:
    return {lang: shown[lang].encode("utf-8", "replace").decode() for lang in LANGUAGES}


def _refusal(told: Bilingual, status: int) -> Response:
    return JSONResponse({"messages": [_both(told)]}, status)
