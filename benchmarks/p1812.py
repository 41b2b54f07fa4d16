"""Speed of P.1812: microseconds a receiver along rays, beside the plain formula path by path.

    python benchmarks/p1812.py [--rays 120] [--repeats 15]

Prints a Markdown table. A figure is the least of the repeats, in processor time
of the thread, so that other work on the machine hardly counts; two threads are
measured by the clock. "Mountains" are fractal ridges with slopes of some 18
degrees, "plain" is flat to a metre. The plain formula is the compiled path
kernel, called once a receiver, its profile at hand.
"""

import argparse
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from phusong._compiled import compiled
from phusong.radio._p1812_path import INLAND, evaluate
from phusong.radio.p1812 import P1812
from phusong.radio.propagation import Link, Radials

STEP_M = 90.0
LINK = Link(frequency_mhz=900.0, transmitter_height_m=40.0, receiver_height_m=1.5)
DISTANCES_KM = (5, 15, 30)


@compiled
def plain_along_rays(distance_km, height_m, clutter_m, zone, f, p, htg, hrg, loss):
    """Fill the loss at every point of every ray, each by its whole profile."""
    for ray in range(height_m.shape[0]):
        for n in range(1, height_m.shape[1]):
            loss[ray, n] = evaluate(
                distance_km[: n + 1],
                height_m[ray, : n + 1],
                clutter_m[ray, : n + 1],
                zone[: n + 1],
                f,
                p,
                True,
                htg,
                hrg,
                22.75,
                45.0,
                325.0,
                np.nan,
                np.nan,
            ).lb_db


def mountains(rays: int, points: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Rays over a surface whose relief falls with wavelength."""
    x = np.arange(points) * STEP_M
    height = np.zeros((rays, points))
    for length_m in 20_000.0 / 2.0 ** np.arange(8):
        phase = rng.uniform(0, 2 * np.pi, (rays, 2))
        wave = np.sin(2 * np.pi * x / length_m + phase[:, :1])
        wave += np.sin(2 * np.pi * x / (0.73 * length_m) + phase[:, 1:])
        height += 0.022 * length_m * wave
    return height - height.min() + rng.normal(0, 2, height.shape)


def plain(rays: int, points: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Rays over flat ground."""
    return 10 + rng.normal(0, 0.5, (rays, points))


def least(repeats: int, clock: Callable[[], float], work: Callable[[], object]) -> float:
    """Return the shortest time that the work took."""
    work()
    best = np.inf
    for _ in range(repeats):
        start = clock()
        work()
        best = min(best, clock() - start)
    return best


def compare(
    model: P1812,
    height: NDArray[np.float64],
    clutter: NDArray[np.float64] | None,
    time_percent: float,
    repeats: int,
) -> tuple[float, float]:
    """Return microseconds a receiver along rays and path by path."""
    rays = Radials(step_m=STEP_M, height_m=height, clutter_m=clutter)
    link = replace(LINK, time_percent=time_percent)
    points = height.shape[1]
    distance = np.arange(points) * (STEP_M / 1000)
    zone = np.full(points, INLAND, np.int8)
    bare = np.zeros_like(height) if clutter is None else clutter
    loss = np.empty_like(height)
    fast = least(repeats, time.thread_time, lambda: model.loss_along_radials_db(rays, link))
    slow = least(
        2,
        time.thread_time,
        lambda: plain_along_rays(distance, height, bare, zone, 0.9, time_percent, 40.0, 1.5, loss),
    )
    receivers = height.shape[0] * (points - 1)
    return fast / receivers * 1e6, slow / receivers * 1e6


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--rays", type=int, default=120)
    arguments.add_argument("--repeats", type=int, default=15)
    chosen = arguments.parse_args()
    rng = np.random.default_rng(1812)
    model = P1812()
    print("| ground | km | p % | clutter | µs a receiver | plain formula | times faster |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for name, make in (("mountains", mountains), ("plain", plain)):
        for distance_km in DISTANCES_KM:
            height = make(chosen.rays, int(distance_km * 1000 / STEP_M) + 1, rng)
            for time_percent in (50.0, 30.0, 10.0):
                for clutter in (None, rng.choice([0.0, 0.0, 10.0, 15.0], height.shape)):
                    fast, slow = compare(model, height, clutter, time_percent, chosen.repeats)
                    print(
                        f"| {name} | {distance_km} | {time_percent:g} "
                        f"| {'no' if clutter is None else 'yes'} "
                        f"| {fast:.3f} | {slow:.2f} | {slow / fast:.0f} |"
                    )
    threads(model, chosen.rays, chosen.repeats, rng)


def threads(model: P1812, rays: int, repeats: int, rng: np.random.Generator) -> None:
    """Print receivers a second on one thread and on two, by the clock."""
    height = mountains(rays, 168, rng)
    sweep = Radials(step_m=STEP_M, height_m=height)

    def masts(pool: ThreadPoolExecutor) -> None:
        list(pool.map(lambda _: model.loss_along_radials_db(sweep, LINK), range(16)))

    rates = []
    for count in (1, 2):
        with ThreadPoolExecutor(count) as pool:
            elapsed = least(repeats, time.perf_counter, lambda pool=pool: masts(pool))
        rates.append(16 * rays * 167 / elapsed / 1e6)
    print(
        f"\n15 km of mountains, p = 50 %, sixteen masts: {rates[0]:.1f} million receivers a "
        f"second on one thread, {rates[1]:.1f} on two ({rates[1] / rates[0]:.2f} times)."
    )


if __name__ == "__main__":
    main()
