"""Work shared out by Dask: every item is done, whoever is lost, and a run's bytes are the same.

Processes are begun once, since each takes seconds.
"""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from socket import socket

import dask
import numpy as np
import pytest

import phusong
from phusong.compute import cluster
from phusong.compute.cluster import _InFile
from phusong.errors import ClusterError
from phusong.pipeline.load import load
from phusong.pipeline.parts.coverage.inputs import take
from phusong.pipeline.parts.coverage.signal import fold
from phusong.pipeline.progress import silent
from phusong.pipeline.records import Resources
from phusong.radio import Best, units

module = sys.modules[_InFile.__module__]
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")  # sockets of lost workers


@pytest.fixture(scope="module")
def local():
    with dask.config.set({"distributed.scheduler.allowed-failures": 1}), cluster(workers=1) as one:
        yield one


def scale(local, workers):
    office = local.client.cluster
    office.scale(workers)
    local.client.wait_for_workers(workers)
    until = time.monotonic() + 60
    while len(office.scheduler.workers) > workers:  # those that leave may be given work until then
        assert time.monotonic() < until
        time.sleep(0.05)


def test_every_item_comes_back_once_with_what_was_found(local):
    array = np.arange(1000) ** 2
    assert dict(local.completed(array.take, range(30))) == {k: k**2 for k in range(30)}
    assert list(local.completed(array.take, [])) == []


def test_a_fault_of_the_work_is_raised_as_it_was(local):
    with pytest.raises(ValueError, match="invalid literal for int"):
        list(local.completed(int, ["1", "one"]))


def test_work_that_ends_every_worker_is_told(local):
    with pytest.raises(ClusterError) as told:
        list(local.completed(os._exit, [1]))
    assert told.value.message == "cluster.workers_lost"
    assert list(local.completed(abs, [-1])) == [(-1, 1)]


@pytest.mark.parametrize("asked", [{}, {"workers": 0}, {"workers": 1, "scheduler": "tcp://a:1"}])
def test_either_workers_or_a_scheduler_is_asked_for(asked):
    with pytest.raises(ValueError, match="a number of workers"), cluster(**asked):
        pass


def test_a_scheduler_that_does_not_answer_is_told(monkeypatch):
    monkeypatch.setattr(module, "ANSWERS_WITHIN_S", 0.5)
    with socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(ClusterError) as told, cluster(scheduler=address):
            pass
    assert told.value.message == "cluster.no_scheduler"
    assert told.value.values["address"] == address


def test_without_dask_it_is_told_what_to_install(monkeypatch):
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    with pytest.raises(ClusterError) as told, cluster(workers=1):
        pass
    assert told.value.message == "cluster.not_installed"


def test_arrays_are_mapped_from_one_file_and_what_is_changed_stays_here(tmp_path):
    value = {"a": np.arange(5.0), "b": np.ones((3, 2), np.float32), "c": "text"}
    there = _InFile.of(value, tmp_path)
    before = there.path.read_bytes()
    found = there.value
    assert found["c"] == "text"
    for name in ("a", "b"):
        np.testing.assert_array_equal(found[name], value[name])
        assert not found[name].flags.owndata
    found["a"][0] = 9
    assert there.path.read_bytes() == before
    there.remove()
    assert not there.path.exists()


@pytest.fixture(scope="module")
def plan(pristine):
    """Return what the small study predicts, and where; on larger pixels, so that it is quick."""
    study = phusong.open_study(pristine).model_copy(update={"resolution_m": 200.0})
    inputs = take(study, load(study))
    return inputs.planned, inputs.near


def predicted(plan, local=None, *, on_progress=silent, cache=None):
    """Return the bytes of what is found of all sites, by threads or by a cluster."""
    planned, near = plan
    resources = Resources(threads=1, cache_folder=cache, on_progress=on_progress, cluster=local)
    best = Best(len(planned.services), near)
    return [array.tobytes() for array in fold(planned.cached_in(cache), best, resources).arrays]


@pytest.fixture(scope="module")
def serial(plan):
    return predicted(plan)


@pytest.fixture
def small_units(monkeypatch):
    monkeypatch.setattr(units, "ANTENNAS", 2)


@pytest.mark.parametrize("workers", [1, 2, 4])
@pytest.mark.usefixtures("small_units")
def test_signal_has_the_same_bytes_with_any_number_of_workers(local, workers, plan, serial):
    scale(local, workers)
    assert predicted(plan, local) == serial


@pytest.mark.usefixtures("small_units")
def test_signal_has_the_same_bytes_if_a_worker_is_killed(local, plan, serial):
    scale(local, 2)
    killed = []

    def kill(step, done, total):
        if not killed and done < total:
            killed.extend(local.client.run(os.getpid).values())
            os.kill(killed[0], signal.SIGKILL)

    assert predicted(plan, local, on_progress=kill) == serial
    assert killed


CLIENT = """
import sys
import time
from pathlib import Path
import phusong
from phusong.compute import cluster
from phusong.pipeline.load import load
from phusong.pipeline.parts.coverage.inputs import take
from phusong.pipeline.parts.coverage.signal import fold
from phusong.pipeline.records import Resources
from phusong.radio import Best, units

units.ANTENNAS = 2
address, study, cache = sys.argv[1:]
study = phusong.open_study(study).model_copy(update={"resolution_m": 200.0})
inputs = take(study, load(study))
tell = lambda step, done, total: print(done, total, flush=True)
with cluster(scheduler=address) as office:
    resources = Resources(threads=1, cache_folder=Path(cache), on_progress=tell, cluster=office)
    plan = inputs.planned.cached_in(Path(cache))
    fold(plan, Best(len(plan.services), inputs.near), resources)
"""


@contextmanager
def office(port):
    """Run a scheduler and a worker as an office does, each a program of its own."""
    address = f"tcp://127.0.0.1:{port}"
    listening = ["--host", "127.0.0.1", "--port", str(port), "--no-dashboard", "--no-jupyter"]
    working = [address, "--nworkers", "1", "--nthreads", "1", "--no-dashboard", "--no-nanny",
               "--death-timeout", "60"]  # fmt: skip
    programs = [
        subprocess.Popen(
            [sys.executable, "-m", "distributed.cli.dask_" + name, *options],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        for name, options in (("scheduler", listening), ("worker", working))
    ]  # fmt: skip
    try:
        yield address, programs[0]
    finally:
        for program in programs:
            program.kill()
            program.wait()


def losses(cache):
    """Return which file holds each loss that is kept; one computed again has another."""
    return {path.name: path.stat().st_ino for path in cache.glob("*/*") if path.is_file()}


@pytest.mark.usefixtures("small_units")
def test_what_was_finished_outlives_a_killed_client_and_a_killed_scheduler(
    plan, serial, pristine, tmp_path, monkeypatch
):
    monkeypatch.setattr(module, "ANSWERS_WITHIN_S", 120)
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    cache = tmp_path / "losses"
    with office(port) as (address, scheduler):
        asked = [sys.executable, "-c", CLIENT, address, str(pristine), str(cache)]
        with subprocess.Popen(asked, stdout=subprocess.PIPE, text=True) as client:
            done, total = map(int, client.stdout.readline().split())
            client.kill()
        of_client = losses(cache)
        assert done < total
        assert len(of_client) > 0

        with pytest.raises(ClusterError) as told, cluster(scheduler=address) as shared:
            predicted(plan, shared, cache=cache, on_progress=lambda *_: scheduler.kill())
        assert told.value.message == "cluster.scheduler_lost"
        before = losses(cache)
        assert of_client.items() <= before.items()

    with office(port) as (address, _), cluster(scheduler=address) as shared:
        assert predicted(plan, shared, cache=cache) == serial
    assert before.items() <= losses(cache).items()
