"""Cost of the radio sweep: rays, loss, grid and fold; threads; cold and warm cache.

    python benchmarks/sweep.py [--tiny]

Prints a table; nothing is asserted. Receivers are the samples along the rays.
"""

import argparse
import resource
import tempfile
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
from scipy.ndimage import gaussian_filter

from phusong.grid import Grid
from phusong.radio import ServiceRule, model, predict
from phusong.radio._kernels import sample_radials
from phusong.radio.propagation import Link, Radials

STEP_M = 90.0


def terrain(side_px: int):
    noise = gaussian_filter(np.random.default_rng(0).normal(size=(side_px, side_px)), 5)
    grid = Grid("EPSG:9209", STEP_M, 400_000.0, 2_600_010.0, side_px, side_px)
    return grid.wrap((800 + 6000 * noise).astype(np.float32), "terrain")


def best_of(repeats: int, work) -> float:
    taken = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return min(taken)


def per_receiver(
    height, name: str, radius_m: float, rays: int, repeats: int
) -> tuple[float, float]:
    """Return µs a receiver for sampling the rays and for the model."""
    points = int(radius_m / STEP_M) + 1
    radials = np.empty((rays, points))
    middle = height.shape[0] / 2
    heights = height.to_numpy().astype(float)
    link = Link(frequency_mhz=900, transmitter_height_m=30, receiver_height_m=1.5)

    def sample() -> None:
        sample_radials(heights, middle, middle, 1.0, radials)

    chosen = model(name)
    sample()
    chosen.loss_along_radials_db(Radials(step_m=STEP_M, height_m=radials[:2]), link)
    sampling = best_of(repeats, sample)
    loss = best_of(
        repeats,
        lambda: chosen.loss_along_radials_db(Radials(step_m=STEP_M, height_m=radials), link),
    )
    return 1e6 * sampling / radials.size, 1e6 * loss / radials.size


def cells(count: int, height) -> gpd.GeoDataFrame:
    rng = np.random.default_rng(1)
    side_m = height.shape[0] * STEP_M
    place = rng.uniform(0.3, 0.7, (count, 2)) * side_m
    table = gpd.GeoDataFrame(
        {
            "cell_id": [f"{i}-{k}" for i in range(count) for k in range(3)],
            "operator": "Viettel",
            "technology": "4G",
            "frequency_mhz": 900.0,
            "antenna_height_m": 35.0,
            "rs_eirp_dbm": 35.0,
            "azimuth_deg": [120.0 * k for _ in range(count) for k in range(3)],
            "beamwidth_deg": 65.0,
            "tilt_deg": 3.0,
        }
    )
    x = np.repeat(400_000 + place[:, 0], 3)
    y = np.repeat(2_600_010 - place[:, 1], 3)
    return table.set_geometry(gpd.points_from_xy(x, y, crs="EPSG:9209"))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--tiny", action="store_true", help="smoke test on tiny sizes")
    tiny = parser.parse_args().tiny
    distances_km = (1.0,) if tiny else (5.0, 15.0, 30.0)
    rays, repeats, masts = (8, 1, 2) if tiny else (400, 3, 24)
    height = terrain(80 if tiny else 720)

    print("model              radius   sampling   model     µs a receiver")
    for name in ("free_space", "okumura_hata", "diffraction", "p1812"):
        for distance_km in distances_km:
            few = rays // 8 if name == "diffraction" and not tiny else rays
            sampling, loss = per_receiver(height, name, distance_km * 1000, few, repeats)
            print(f"{name:<18} {distance_km:4.0f} km   {sampling:8.3f}   {loss:8.3f}")

    table = cells(masts, height)
    rule = ServiceRule("mobile", ("4G",), (), {"4G": -115.0}, 10.0)
    radius_m = 1_000.0 if tiny else 15_000.0

    def run(threads: int, folder: Path | None) -> None:
        predict(
            table, height, [rule], model=model("p1812"), radius_m=radius_m,
            receiver_height_m=1.5, time_percent=50.0, polarization="vertical",
            delta_n_per_km=45.0, n0=325.0, threads=threads, cache_folder=folder,
            on_antenna=lambda done, total: None,
        )  # fmt: skip

    run(1, None)
    print(f"\n{masts} masts of 3 sectors, {radius_m / 1000:.0f} km, p1812   ms a mast")
    one = best_of(repeats, lambda: run(1, None))
    two = best_of(repeats, lambda: run(2, None))
    with tempfile.TemporaryDirectory() as folder:
        run(2, Path(folder))
        warm = best_of(repeats, lambda: run(2, Path(folder)))
    for label, taken in (("1 thread", one), ("2 threads", two), ("2 threads, warm cache", warm)):
        print(f"{label:<24} {1000 * taken / masts:8.1f}")
    print(f"2 threads against 1: {one / two:.2f} ×")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")


if __name__ == "__main__":
    main()
