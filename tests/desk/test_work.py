"""Calls in a process of their own: how they end, are stopped, and survive the desk."""

import multiprocessing
import shutil
import signal
import subprocess
import sys
import time
from types import SimpleNamespace

import psutil
import pytest

from phusong import verify
from phusong.desk import StudyFolder, Work
from phusong.desk.work import TASKS, Outcome
from phusong.errors import PhusongError


def test_a_fault_of_the_study_is_told_in_both_languages(tmp_path):
    work = Work(StudyFolder.at(tmp_path), "check")
    work.start()
    outcome = work.wait()
    assert outcome.state == "refused"
    (told,) = outcome.messages
    assert "study.toml" in told.vi
    assert "study.toml" in told.en
    assert told.vi != told.en
    assert work.study.unfinished() is None


def test_a_stopped_run_leaves_the_former_results_whole(folder):
    study = StudyFolder.at(folder)
    study.results.mkdir()
    work = Work(study, "run")
    work.start()
    _until(lambda: work.steps or work.outcome.state != "at_work")
    assert work.outcome.state == "at_work", work.outcome
    work.stop()
    assert work.wait().state == "stopped"
    assert list(study.results.iterdir()) == []
    assert [one.name for one in folder.glob(".ket-qua*-new")] == []
    assert study.unfinished() is None


def test_a_call_that_is_stopped_while_it_begins_stops(folder):
    work = Work(StudyFolder.at(folder), "run")
    work.stop()
    work.start()
    assert work.wait().state == "stopped"


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system cannot kill at once")
def test_killing_the_desk_ends_the_run_keeps_the_former_results_and_is_known(folder, written):
    study = StudyFolder.at(folder)
    shutil.copytree(written, study.results)
    program = (
        "import sys, time; from phusong.desk import StudyFolder, Work\n"
        "if __name__ == '__main__':\n"
        "    work = Work(StudyFolder.at(sys.argv[1]), 'run'); work.start()\n"
        "    while not work.steps: time.sleep(.02)\n"
        "    print(work._process.pid, flush=True); time.sleep(60)\n"
    )
    script = folder / "desk.py"
    script.write_text(program)
    command = [sys.executable, str(script), str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as desk:
        child = int(desk.stdout.readline())
        desk.kill()
    _until(lambda: not _alive(child))
    assert verify(study.results).ok
    assert study.unfinished() == ("run", {})


def _alive(process):
    try:
        return psutil.Process(process).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _until(true, longest_s=120):
    last = time.monotonic() + longest_s
    while not true():
        assert time.monotonic() < last
        time.sleep(0.02)


def test_a_product_is_made_of_the_results_and_replaced(tmp_path, written):
    study = StudyFolder.at(tmp_path)
    shutil.copytree(written, study.results)
    for _ in range(2):
        assert TASKS["give"](study, lambda *_: None, what="kml").state == "done"
    assert [one.name for one in study.given.iterdir()] == ["ket-qua.kml"]
    with pytest.raises(PhusongError):
        TASKS["give"](study, lambda *_: None, what="petition")  # of no commune
    assert [one.name for one in study.given.iterdir()] == ["ket-qua.kml"]


def test_a_folder_that_is_gone_does_not_leave_the_desk_at_work(tmp_path, monkeypatch):
    def gone(_study):
        raise OSError

    monkeypatch.setattr(StudyFolder, "end", gone)
    work = Work(StudyFolder.at(tmp_path), "check")
    pipe, process = multiprocessing.Pipe()
    work._process = SimpleNamespace(join=lambda: None)  # it has ended
    process.send(Outcome(state="done"))
    work._listen(pipe)
    assert work.outcome.state == "done"
