"""What the desk has done for it: one call of phusong in a process of its own.

A process can be stopped at once, gives its memory back, and takes nothing with it when it dies.
It is told to stop, or that the desk is gone, through the pipe it reports to; then it clears up
as after Ctrl+C.
"""

import contextlib
import json
import multiprocessing
import signal
import threading
from _thread import interrupt_main
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Literal

from ..errors import PhusongError
from ..i18n import Bilingual, both, words
from ..inputs import Reading
from .places import StudyFolder
from .products import PRODUCTS

Task = Literal["begin", "check", "run", "give"]
State = Literal["at_work", "done", "told", "refused", "stopped", "broken"]
Report = Callable[[str, int, int], None]
_HOURS = 24 * 3600


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a call ended, and what it told.

    Parameters
    ----------
    state : str
        ``done``, or ``told`` if something should be looked at, or ``refused``, ``stopped``,
        ``broken``.
    messages : tuple of Bilingual
    """

    state: State
    messages: tuple[Bilingual, ...] = ()


class Work:
    """One call at work, or the last one.

    Parameters
    ----------
    study : StudyFolder
    task : {"begin", "check", "run", "give"}
    options : mapping, optional
        Of the call: ``province`` and ``crs`` for a new study, ``what`` of `PRODUCTS` is to be
        given out, and of which ``commune``.
    """

    def __init__(
        self, study: StudyFolder, task: Task, options: Mapping[str, str] | None = None
    ) -> None:
        self.study = study
        self.task = task
        self.options = options or {}
        self.steps: dict[str, tuple[int, int]] = {}
        self.outcome = Outcome(state="at_work")
        self._pipe: Connection | None = None
        self._stopped = False
        self.told = False
        """Whether a page was told how it ended: the browser may have been closed meanwhile."""

    def start(self) -> None:
        """Begin, in a process of its own.

        Raises
        ------
        OSError
            If the study's folder cannot be written.
        """
        self.study.begin(self.task, self.options)
        spawn = multiprocessing.get_context("spawn")  # a fork would share the server's sockets
        pipe, theirs = spawn.Pipe()
        arguments = (theirs, self.task, self.study.path, dict(self.options))
        self._process = spawn.Process(target=_at_work, args=arguments, name=self.task)
        self._process.start()
        theirs.close()
        self._listener = threading.Thread(target=self._listen, args=(pipe,), daemon=True)
        self._listener.start()
        self._pipe = pipe
        if self._stopped:  # while the process began
            self.stop()

    def stop(self) -> None:
        """Ask the process to stop; it clears up first."""
        self._stopped = True
        if self._pipe is not None:
            with contextlib.suppress(OSError):  # it has just ended
                self._pipe.send("stop")

    def wait(self, seconds: float = _HOURS) -> Outcome:
        """Return how it ended, or that it is at work when the time is over.

        Parameters
        ----------
        seconds : float
            How long to wait.

        Returns
        -------
        Outcome
        """
        self._listener.join(seconds)
        return self.outcome

    def _listen(self, pipe: Connection) -> None:
        outcome = Outcome(state="broken", messages=(words("desk.broken"),))
        try:
            while True:
                told = pipe.recv()
                if isinstance(told, Outcome):
                    outcome = told
                    break
                step, done, total = told
                self.steps[step] = done, total
        except (EOFError, OSError):
            pass  # killed, by the system or its user
        self._process.join()
        pipe.close()
        with contextlib.suppress(OSError):  # a drive that is gone: the desk is free again
            self.study.end()
        self.outcome = outcome


def _at_work(pipe: Connection, task: Task, folder: Path, options: Mapping[str, str]) -> None:
    """Do a task in this process; tell its steps and its end."""
    # A shell that begins the desk in the background has its interrupts ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    watcher = threading.Thread(target=_watch, args=(pipe,), daemon=True)
    try:
        watcher.start()
        outcome = TASKS[task](StudyFolder(folder), _Steps(pipe), **options)
    except KeyboardInterrupt:
        outcome = Outcome(state="stopped")
    except PhusongError as fault:
        outcome = Outcome(state="refused", messages=(both(fault.render),))
    except MemoryError:
        outcome = Outcome(state="refused", messages=(words("cli.no_memory", detail=""),))
    except OSError as fault:
        outcome = Outcome(
            state="refused", messages=(words("cli.not_written", detail=fault.strerror or fault),)
        )
    try:
        pipe.send(outcome)
    except OSError:
        return  # nobody listens any more


def _watch(pipe: Connection) -> None:
    """Interrupt the work once the desk asks for it, or is gone."""
    with contextlib.suppress(EOFError, OSError):
        pipe.recv()
    interrupt_main()


class _Steps:
    """Tells whole percents only: a pipe that fills would hold up the work."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._told: dict[str, int] = {}

    def __call__(self, step: str, done: int, total: int) -> None:
        percent = 100 * done // max(total, 1)
        if self._told.get(step) != percent:
            self._told[step] = percent
            self._pipe.send((step, done, total))


def _begin(study: StudyFolder, _report: Report, province: str = "", crs: str = "") -> Outcome:
    from ..pipeline.templates.from_files import begin_from
    from .questions import keep_questions, of_begun

    begun = begin_from(study.path, [study.path], province=province or None, crs=crs or None)
    keep_questions(study, of_begun(begun))
    asked = tuple(both(one.render) for one in begun.undecided)
    return Outcome(state="told" if asked else "done", messages=(*asked, *begun.told))


def _check(study: StudyFolder, _report: Report) -> Outcome:
    from ..pipeline import check
    from ..study import open_study
    from .questions import keep_questions, of_check

    report = check(open_study(study.path), refuse=False, out_folder=study.results)
    report.write()
    keep_questions(study, of_check(report))
    study.keep("checked.json", json.dumps([_shown(one) for one in report.readings]))
    if report.fault is not None:
        return Outcome(state="refused", messages=(both(report.fault.render),))
    told = tuple(both(one.render) for one in report)
    return Outcome(state="told" if report.exit_code else "done", messages=told)


def _shown(reading: Reading) -> dict[str, Any]:
    """Return a line of the page's table of files."""
    title = reading.table.title
    file = reading.file if reading.sheet is None else f"{reading.file} ({reading.sheet})"
    return {"file": file, "table": [title.vi, title.en], **reading.counts}


def _run(study: StudyFolder, report: Report) -> Outcome:
    from ..export import check_output_folder
    from ..pipeline import run
    from ..study import open_study

    opened = open_study(study.path)
    check_output_folder(study.results, results=True)
    result = run(opened, cache_folder=study.cache, out_folder=study.results, on_progress=report)
    result.write(study.results, on_progress=report)
    told = tuple(both(one.render) for one in result.notes)
    return Outcome(state="done", messages=told)


def _give(study: StudyFolder, report: Report, what: str, commune: str = "") -> Outcome:
    product = PRODUCTS[what]
    path = study.path_to_give(product.file)
    return Outcome(state="done", messages=product.make(study, path, report, commune))


TASKS: Mapping[Task, Callable[..., Outcome]] = {
    "begin": _begin,
    "check": _check,
    "run": _run,
    "give": _give,
}
