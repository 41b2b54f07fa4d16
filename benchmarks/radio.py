"""Cost of predicting signal: rays, loss, fold; threads; cold and warm cache.

    python benchmarks/radio.py [--tiny]

Prints tables; nothing is asserted. A receiver is a pixel within the radius,
and its cost holds its share of the rays' sampling. The plain formula is the
compiled path kernel of P.1812 called for each receiver on its own profile. What
one thread does is measured in its own processor time, so that other work on the
machine hardly counts; whole predictions by the clock.
"""

import argparse
import resource
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from scipy.ndimage import gaussian_filter

from phusong._compiled import compiled
from phusong.compute import on_threads
from phusong.grid import Grid, grid_of
from phusong.radio import (
    Best,
    Link,
    ParabolicAntenna,
    Refractivity,
    ServiceRule,
    Settings,
    model,
    plan_prediction,
    predict_sites,
)
from phusong.radio._kernels import compete, fold
from phusong.radio._p1812_path import INLAND, evaluate
from phusong.radio.heights import Heights
from phusong.radio.obstacles import obstacles_along_radials
from phusong.radio.sampling import Surroundings, Terrain
from phusong.radio.tiles import loss_tiles

PIXEL_M = 90.0
LINK = Link(frequency_mhz=900.0, transmitter_height_m=30.0, receiver_height_m=1.5)
OTHER_PERCENT = (30.0, 10.0, 1.0)
MODELS = ("free_space", "okumura_hata", "diffraction", "p1812")


def relief(side_px: int) -> xr.DataArray:
    """Return mountains of some hundred metres, pixel by pixel as steep as Hà Giang's."""
    rng = np.random.default_rng(0)
    height = sum(
        size * 60 * gaussian_filter(rng.normal(size=(side_px, side_px)), size, mode="wrap")
        for size in (2, 6, 18)
    )
    grid = Grid("EPSG:9209", PIXEL_M, 0.0, side_px * PIXEL_M, side_px, side_px)
    return grid.wrap((height - height.min()).astype(np.float32), "terrain")


def best_of(
    repeats: int, work: Callable[[], object], clock: Callable[[], float] = time.thread_time
) -> float:
    """Return the shortest time in seconds, compilation left out."""
    work()
    taken = []
    for _ in range(repeats):
        start = clock()
        work()
        taken.append(clock() - start)
    return min(taken)


def around_the_middle(height: xr.DataArray, radius_m: float) -> Surroundings:
    grid = grid_of(height)
    middle = grid.width * PIXEL_M / 2
    terrain = Terrain(grid=grid, heights=Heights.of(height))
    return Surroundings(terrain=terrain, x_m=middle, y_m=middle, radius_m=radius_m)


@compiled
def plain_p1812(step_km, heights, wanted, zone, loss):
    """Evaluate the path formula for every wanted receiver."""
    nan = np.nan
    d, bare = np.arange(heights.shape[1]) * step_km, np.zeros(heights.shape[1])
    for ray in range(heights.shape[0]):
        for n in range(2, heights.shape[1]):
            if wanted[ray, n]:
                loss[ray, n] = evaluate(
                    d[: n + 1],
                    heights[ray, : n + 1],
                    bare[: n + 1],
                    zone[: n + 1],
                    0.9,
                    50.0,
                    True,
                    30.0,
                    1.5,
                    22.75,
                    45.0,
                    325.0,
                    nan,
                    nan,
                ).lb_db


def receivers(height: xr.DataArray, radii_km: tuple[float, ...], repeats: int) -> pd.DataFrame:
    """Return µs a receiver by model and radius, sampling included."""
    rows = {}
    for radius_km in radii_km:
        radius_m = 1000 * radius_km

        def tile(name: str, percent: float = 50.0, radius_m: float = radius_m) -> None:
            view = around_the_middle(height, radius_m)
            link = replace(LINK, time_percent=percent)
            loss_tiles(view, [link], model=model(name), cache=None)

        def plain(radius_m: float = radius_m) -> None:
            radials = around_the_middle(height, radius_m).radials
            zone = np.full(radials.height_m.shape[1], INLAND, dtype=np.int8)
            loss = np.empty_like(radials.height_m)
            plain_p1812(PIXEL_M / 1000, radials.height_m, radials.wanted, zone, loss)

        view = around_the_middle(height, radius_m)
        count = np.isfinite(view.on_window(lambda rays: [rays.height_m])[0]).sum()

        def hidden(radius_m: float = radius_m) -> None:
            view = around_the_middle(height, radius_m)
            view.on_window(lambda rays: [obstacles_along_radials(rays, LINK)], beyond=np.uint16(0))

        work = {"rays only": lambda v=radius_m: around_the_middle(height, v).radials}
        work |= {name: lambda name=name, tile=tile: tile(name) for name in MODELS}
        work |= {
            f"p1812, p = {percent:g} %": lambda percent=percent, tile=tile: tile("p1812", percent)
            for percent in OTHER_PERCENT
        }
        work["obstacles"] = hidden
        work["p1812, plain formula"] = plain
        rows[f"{radius_km:g} km"] = {
            label: 1e6 * best_of(repeats, one) / count for label, one in work.items()
        }
    return pd.DataFrame(rows)


def fold_ms(height: xr.DataArray, radius_m: float, repeats: int) -> tuple[float, float]:
    """Return ms to let one cell compete in its station, and the station in one service."""
    view = around_the_middle(height, radius_m)
    loss = loss_tiles(view, [LINK], model=model("free_space"), cache=None)[0]
    back = np.zeros(loss.shape, dtype=np.uint16)
    depression = view.depression_deg(antenna_height_m=30.0, receiver_height_m=1.5)
    antenna = ParabolicAntenna(azimuth_deg=120.0, tilt_deg=3.0)

    def layers(shape: tuple[int, ...]) -> tuple[np.ndarray, ...]:
        floor, nobody = np.full(shape, -np.inf, np.float32), np.full(shape, -1, np.int32)
        return floor, nobody, np.zeros(shape, np.uint16)

    def one_cell() -> None:
        attenuation = antenna.attenuation_db(view.azimuth_deg, depression)
        compete(loss, attenuation, back, np.float32(150.0), np.int32(0), *layers(loss.shape))

    own, best = layers(loss.shape), layers(height.shape)
    others = layers(height.shape)  # the second's margin and row, and how many serve

    def one_station() -> None:
        fold(*own, *(layer[view.window] for layer in (*best, *others)))

    return 1000 * best_of(repeats, one_cell), 1000 * best_of(repeats, one_station)


def cells(masts: int, height: xr.DataArray) -> gpd.GeoDataFrame:
    """Return masts of three sectors each on two frequencies."""
    side_m = height.shape[0] * PIXEL_M
    place = np.random.default_rng(1).uniform(0.3, 0.7, (masts, 2)) * side_m
    table = pd.DataFrame(
        [
            (f"S{mast}", f"S{mast}-{tech}", f"S{mast}-{tech}-{k}", tech, mhz, 120.0 * k)
            for mast in range(masts)
            for tech, mhz in (("2G", 900.0), ("4G", 1800.0))
            for k in range(3)
        ],
        columns=["site_id", "station_id", "cell_id", "technology", "frequency_mhz", "azimuth_deg"],
    ).assign(
        operator="Viettel",
        antenna_height_m=35.0,
        rs_eirp_dbm=40.0,
        beamwidth_deg=65.0,
        tilt_deg=3.0,
        antenna="3gpp",
    )
    points = gpd.points_from_xy(*np.repeat(place, 6, axis=0).T)
    return gpd.GeoDataFrame(table, geometry=points, crs="EPSG:9209")


def runs(height: xr.DataArray, masts: int, name: str, radius_m: float, repeats: int) -> pd.Series:
    """Return ms a loss tile (mast and frequency) of whole predictions of two services."""
    table = cells(masts, height)
    rules = [
        ServiceRule("mobile", ("2G", "4G"), (), {"2G": -98.0, "4G": -115.0}, 13.0),
        ServiceRule("4g", ("4G",), (), {"4G": -115.0}, 13.0),
    ]

    def run(threads: int, folder: Path | None = None) -> None:
        plan = plan_prediction(
            table,
            height,
            rules,
            settings=Settings(model=model(name), radius_m=radius_m, receiver_height_m=1.5),
            refractivity=Refractivity(),
            cache_folder=folder,
        )
        best = Best(len(rules), grid_of(height))
        work = partial(predict_sites, services=plan.services, conditions=plan.conditions, best=best)
        on_threads(work, plan.sites, threads=threads)
        plan.signals(best)

    with tempfile.TemporaryDirectory() as folder:
        taken = {
            label: best_of(repeats, work, time.perf_counter)
            for label, work in {
                "1 thread": lambda: run(1),
                "2 threads": lambda: run(2),
                "1 thread, warm cache": lambda: run(1, Path(folder)),
                "2 threads, warm cache": lambda: run(2, Path(folder)),
            }.items()
        }
    return 1000 * pd.Series(taken) / (2 * masts)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--tiny", action="store_true", help="smoke test on tiny sizes")
    tiny = parser.parse_args().tiny
    radii_km, side_px, masts, repeats = (
        ((1.0,), 60, 2, 1) if tiny else ((5.0, 15.0, 30.0), 700, 12, 7)
    )
    height, radius_m = relief(side_px), 1000 * radii_km[len(radii_km) // 2]

    print("µs a receiver, one thread, mean of a sweep out to")
    print(receivers(height, radii_km, repeats).round(3).to_string(), end="\n\n")
    cell_ms, station_ms = fold_ms(height, radius_m, repeats)
    print(
        f"one cell in its station, {radius_m / 1000:g} km: {cell_ms:.3f} ms; "
        f"one station in one service: {station_ms:.3f} ms\n"
    )
    print(f"ms a loss tile, {masts} masts × 2 frequencies × 3 sectors, {radius_m / 1000:g} km")
    table = pd.DataFrame(
        {name: runs(height, masts, name, radius_m, repeats) for name in ("free_space", "p1812")}
    )
    print(table.round(2).to_string(), end="\n\n")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GB")


if __name__ == "__main__":
    main()
