"""What Dask costs on one machine: python benchmarks/cluster.py [--study FOLDER] [--workers 1 2 4].

The coverage part without cache, in threads of one process and then in as many workers; beginning
the workers is not counted. Rasters and tables must be the same to the byte, also with `--kill`,
where one worker is killed as soon as something is found. Times are by the clock; processor
time holds that of the workers too.
"""

import argparse
import os
import signal
import time
from pathlib import Path

import psutil

import phusong
from phusong.compute import Cluster

TINY_PIXEL_M, TINY_RADIUS_KM = 1000.0, 2.0


def processor_s() -> float:
    """Return the processor time of this process and of what it began."""
    own = psutil.Process()
    return sum(
        sum(one.cpu_times()[:2]) for one in (own, *own.children(recursive=True)) if one.is_running()
    )


def bytes_of(result: phusong.Result) -> dict[str, bytes]:
    """Return the bytes of each raster and table of a result."""
    rasters = {
        f"{service} {name}": raster.to_numpy().tobytes()
        for service, found in result.services.items()
        for name, raster in vars(found).items()
    }
    tables = {name: frame.to_csv().encode() for name, (frame, _) in result.tables.items()}
    return rasters | tables


def timed(
    study: phusong.Study, threads: int, shared: Cluster | None = None, *, kill: bool = False
) -> phusong.Result:
    """Run the coverage part and print what it took."""
    killed: list[int] = []

    def on_progress(step: str, done: int, total: int) -> None:
        if kill and shared and not killed and step == "pipeline.step_predict" and done < total:
            killed.extend(shared.client.run(os.getpid).values())
            os.kill(killed[0], signal.SIGKILL)

    began, processor = time.perf_counter(), processor_s()
    result = phusong.run(
        study, parts=["coverage"], threads=threads, cluster=shared, on_progress=on_progress
    )
    took = time.perf_counter() - began
    spent = "" if killed else f", {processor_s() - processor:.1f} s of processor time"
    how = "threads" if shared is None else "workers"
    print(f"{threads} {how}{', one killed' if killed else ''}: {took:.1f} s{spent}", flush=True)
    return result


def main() -> None:
    """Compare runs by threads and by workers."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--study", type=Path, default=phusong.sample_folder())
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--kill", action="store_true")
    parser.add_argument("--tiny", action="store_true", help="a coarse grid around each mast")
    asked = parser.parse_args()
    study = phusong.open_study(asked.study)
    if asked.tiny:
        study = study.replace({"radio.radius_km": TINY_RADIUS_KM}, resolution_m=TINY_PIXEL_M)
    timed(study, asked.workers[0])  # the first run reads libraries and files
    for workers in asked.workers:
        expected = bytes_of(timed(study, workers))
        with phusong.cluster(workers) as shared:
            shared.client.run(_ready)
            found = bytes_of(timed(study, workers, shared, kill=asked.kill))
        differing = sorted(name for name in expected if expected[name] != found.get(name))
        print(f"   {len(expected)} rasters and tables,", f"differing: {differing or 'none'}")


def _ready() -> int:
    """Load in a worker what a prediction loads, as the process compared with has."""
    import phusong.radio.units  # noqa: F401

    return os.getpid()


if __name__ == "__main__":
    main()
