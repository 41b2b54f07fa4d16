"""Work shared out by Dask: every item is done, whoever is lost, and a run's bytes are the same.

Processes are begun in two tests' fixtures only, since each takes seconds: one cluster of this
machine, and one scheduler with a worker as an office would run them.
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
from phusong.compute.cluster import _InFile, _mapped
from phusong.errors import ClusterError
from phusong.radio import units

module = sys.modules[_InFile.__module__]
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")  # sockets of lost workers


@pytest.fixture(scope="module")
def shared():
    with dask.config.set({"distributed.scheduler.allowed-failures": 1}), cluster(workers=1) as one:
        yield one


def scale(shared, workers):
    shared.client.cluster.scale(workers)
    shared.client.wait_for_workers(workers)


def test_every_item_comes_back_once_with_what_was_found(shared):
    array = np.arange(1000) ** 2
    assert dict(shared.completed(array.take, range(30))) == {k: k**2 for k in range(30)}
    assert list(shared.completed(array.take, [])) == []


def test_a_fault_of_the_work_is_raised_as_it_was(shared):
    with pytest.raises(ValueError, match="invalid literal for int"):
        list(shared.completed(int, ["1", "one"]))


def test_work_that_ends_every_worker_is_told(shared):
    with pytest.raises(ClusterError) as told:
        list(shared.completed(os._exit, [1]))
    assert told.value.message == "cluster.workers_lost"
    assert list(shared.completed(abs, [-1])) == [(-1, 1)]


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
    found = _mapped(there)
    assert found["c"] == "text"
    for name in ("a", "b"):
        np.testing.assert_array_equal(found[name], value[name])
        assert not found[name].flags.owndata
    found["a"][0] = 9
    assert there.path.read_bytes() == before
    there.remove()
    assert not there.path.exists()


def rasters(result):
    return {name: result.raster(name).to_numpy().tobytes() for name in result.rasters}


def run(study, shared, **options):
    return phusong.run(
        phusong.open_study(study), parts=["coverage"], threads=1, cluster=shared, **options
    )


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_a_run_gives_the_same_bytes_with_any_number_of_workers(
    shared, workers, pristine, result, monkeypatch
):
    monkeypatch.setattr(units, "ANTENNAS", 4)
    scale(shared, workers)
    found = run(pristine, shared)
    assert found.rasters
    assert rasters(found).items() <= rasters(result).items()
    assert found.gaps.equals(result.gaps)


def test_a_run_gives_the_same_bytes_if_a_worker_is_killed(shared, pristine, result, monkeypatch):
    monkeypatch.setattr(units, "ANTENNAS", 4)
    scale(shared, 2)
    killed = []

    def kill(step, done, total):
        if step == "pipeline.step_predict" and not killed and done < total:
            killed.extend(shared.client.run(os.getpid).values())
            os.kill(killed[0], signal.SIGKILL)

    found = run(pristine, shared, on_progress=kill)
    assert killed
    assert rasters(found).items() <= rasters(result).items()


SLOW = """
import time
from phusong._cache import TileCache
put = TileCache.put
def slowly(self, name, tile):
    put(self, name, tile)
    time.sleep(0.2)
TileCache.put = slowly
"""
CLIENT = """
import sys, phusong
from phusong.radio import units
units.ANTENNAS = 4
with phusong.cluster(scheduler=sys.argv[1]) as shared:
    phusong.run(phusong.open_study(sys.argv[2]), parts=["coverage"], threads=1,
                cache_folder=sys.argv[3], cluster=shared)
"""


@contextmanager
def office(port, slow):
    """Run a scheduler and a worker as an office would, which takes its time for each tile."""
    address, quiet = f"tcp://127.0.0.1:{port}", {"stderr": subprocess.DEVNULL}
    scheduler = subprocess.Popen(
        [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1",
         "--port", str(port), "--no-dashboard"], **quiet,
    )  # fmt: skip
    worker = subprocess.Popen(
        [sys.executable, "-m", "distributed.cli.dask_worker", address, "--nthreads", "1",
         "--no-nanny", "--no-dashboard", "--preload", str(slow)],
        cwd=slow.parent, **quiet,
    )  # fmt: skip
    try:
        yield address, scheduler
    finally:
        for process in (worker, scheduler):
            process.kill()
            process.wait()


def tiles(cache):
    """Return the file of each tile; one that is computed again has another."""
    return {path.name: path.stat().st_ino for path in cache.glob("??/*.*")}


def test_what_is_finished_is_not_computed_again_after_scheduler_and_client_are_lost(
    pristine, result, tmp_path, monkeypatch
):
    monkeypatch.setattr(units, "ANTENNAS", 4)
    slow, cache = tmp_path / "slow.py", tmp_path / "cache"
    slow.write_text(SLOW, encoding="utf-8")
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with office(port, slow) as (address, scheduler):

        def kill(step, done, total):
            if step == "pipeline.step_predict" and done < total:
                scheduler.kill()

        with cluster(scheduler=address) as shared, pytest.raises(ClusterError) as told:
            run(pristine, shared, cache_folder=cache, on_progress=kill)
    assert told.value.message == "cluster.scheduler_lost"
    finished = tiles(cache)
    assert finished
    with office(port, slow) as (address, _):
        client = subprocess.Popen(
            [sys.executable, "-c", CLIENT, address, str(pristine), str(cache)]
        )
        while len(tiles(cache)) <= len(finished):
            assert client.poll() is None, "the client ended before it was killed"
            time.sleep(0.05)
        client.kill()
        client.wait()
        more = tiles(cache)
        assert finished.items() <= more.items()
        with cluster(scheduler=address) as shared:
            found = run(pristine, shared, cache_folder=cache)
    assert more.items() <= tiles(cache).items()
    assert len(more) < len(tiles(cache)), "everything was finished before the kill"
    assert rasters(found).items() <= rasters(result).items()
