"""What profiles from rays cost in accuracy: against exact paths over the elevation as it is.

    python benchmarks/profiles.py N36W119.hgt EPSG:32611 [other.tif EPSG:9209 …]

Prints Markdown tables, one set for each pair of an elevation file and a CRS in metres
for the grid. Five masts, placed by chance but well inside; receivers are pixels farther
than 500 m. An exact path goes straight to the pixel's centre, its points equally spaced
at about the same step, bilinear between the file's own pixels where PROJ puts them, and
is answered by the plain formula. ITU-R P.1812, 900 MHz, masts of 30 m, 1.5 m receivers,
half of the time. A receiver is covered up to a loss of 150 dB.
"""

import argparse
import time

import numpy as np
import pandas as pd
import rasterio
from numpy.typing import NDArray
from pyproj import Transformer
from scipy.ndimage import gaussian_filter, map_coordinates

from phusong.grid import Grid
from phusong.radio import P1812, Link, Profile
from phusong.radio.heights import Heights
from phusong.radio.sampling import Surroundings, Terrain
from phusong.radio.tiles import loss_tiles

LINK = Link(frequency_mhz=900.0, transmitter_height_m=30.0, receiver_height_m=1.5)
RADIUS_M, NEAREST_M, COVERED_DB = 15_000.0, 500.0, 150.0
MASTS, RECEIVERS = 5, 5000
PIXELS_M = (270.0, 90.0, 45.0)
STEPS_M = (10.0, 30.0, 90.0)
MODEL = P1812()


class Country:
    """An elevation file under a grid, and its masts."""

    def __init__(self, path: str, crs: str, seed: int) -> None:
        with rasterio.open(path) as dataset:
            self.values = dataset.read(1).astype(np.float32)
            self.heights = Heights(
                height_m=self.values, crs=dataset.crs.to_string(), transform=dataset.transform
            )
            bounds = dataset.bounds
            to_metres = Transformer.from_crs(dataset.crs, crs, always_xy=True)
        self.crs = crs
        west, south, east, north = to_metres.transform_bounds(*bounds)
        margin = RADIUS_M + 2000
        middle = (west + east) / 2, (south + north) / 2
        self.bounds = (west, south, east, north)
        rng = np.random.default_rng(seed)
        reach = (east - west) / 2 - 2 * margin, (north - south) / 2 - 2 * margin
        reach = tuple(max(each, 3000.0) for each in reach)
        self.masts = [
            (middle[0] + rng.uniform(-1, 1) * reach[0], middle[1] + rng.uniform(-1, 1) * reach[1])
            for _ in range(MASTS)
        ]

    def terrain(self, pixel_m: float, step_m: float | None = None) -> Terrain:
        """Return the ground with receivers on a grid of these pixels."""
        grid = Grid.covering(self.bounds, resolution_m=pixel_m, crs=self.crs)
        return Terrain(grid=grid, heights=self.heights, step_m=step_m)

    def resampled(self, pixel_m: float) -> Terrain:
        """Return the same with the heights laid on the grid first, profiles as fine as the grid."""
        terrain = self.terrain(pixel_m)
        row, column = terrain.finder.pixels(*np.meshgrid(terrain.grid.x_m, terrain.grid.y_m))
        on_grid = map_coordinates(self.values, (row, column), order=1, cval=np.nan)
        heights = Heights.on_grid(terrain.grid, on_grid.astype(np.float32))
        return Terrain(grid=terrain.grid, heights=heights, step_m=pixel_m)

    def exact_db(
        self, terrain: Terrain, mast: tuple[float, float], to: tuple[float, float], step_m: float
    ) -> float:
        """Return the loss by the plain formula over the file's own pixels."""
        away = float(np.hypot(to[0] - mast[0], to[1] - mast[1]))
        share = np.linspace(0, 1, max(round(away / step_m), 1) + 1)
        at = terrain.finder.pixels(
            mast[0] + share * (to[0] - mast[0]), mast[1] + share * (to[1] - mast[1])
        )
        height = map_coordinates(self.values, at, order=1, output=np.float64)
        path = Profile(distance_m=share * away, height_m=height, clutter_m=np.zeros(share.size))
        return MODEL.loss_db(path, LINK)


def tile(terrain: Terrain, mast: tuple[float, float]) -> tuple[Surroundings, NDArray[np.float32]]:
    """Return the losses around a mast."""
    view = Surroundings(terrain=terrain, x_m=mast[0], y_m=mast[1], radius_m=RADIUS_M)
    return view, loss_tiles(view, [LINK], model=MODEL, cache=None)[0]


def receivers(
    country: Country, terrain: Terrain, count: int
) -> tuple[pd.DataFrame, NDArray[np.float64]]:
    """Return pixels drawn by chance with their loss along rays, and their places."""
    rng = np.random.default_rng(1812)
    rows = []
    for number, mast in enumerate(country.masts):
        view, loss = tile(terrain, mast)
        away = np.hypot(
            terrain.grid.x_m[view.window[1]][None, :] - mast[0],
            terrain.grid.y_m[view.window[0]][:, None] - mast[1],
        )
        i, j = np.nonzero(np.isfinite(loss) & (away > NEAREST_M))
        drawn = rng.choice(i.size, min(count // MASTS, i.size), replace=False)
        rows.append(
            pd.DataFrame(
                {
                    "mast": number,
                    "x_m": terrain.grid.x_m[view.window[1]][j[drawn]],
                    "y_m": terrain.grid.y_m[view.window[0]][i[drawn]],
                    "away_m": away[i[drawn], j[drawn]],
                    "rays_db": loss[i[drawn], j[drawn]].astype(float),
                }
            )
        )
    return pd.concat(rows, ignore_index=True)


def compare(name: str, found_db: pd.Series, exact_db: pd.Series) -> str:
    """Return a row: bias, size of the error, verdicts that flip, points of covered area."""
    error = found_db - exact_db
    half, most, nearly_all = np.quantile(error.abs(), [0.5, 0.9, 0.99])
    covered, truly = found_db <= COVERED_DB, exact_db <= COVERED_DB
    return (
        f"| {name} | {error.mean():+.2f} dB | {half:.2f} dB | {most:.2f} dB | {nearly_all:.1f} dB "
        f"| {100 * (covered & ~truly).mean():.2f} % | {100 * (~covered & truly).mean():.2f} % "
        f"| {100 * (covered.mean() - truly.mean()):+.2f} |"
    )


def paths_db(country: Country, terrain: Terrain, drawn: pd.DataFrame, step_m: float) -> pd.Series:
    """Return the exact loss to every receiver."""
    return drawn.apply(
        lambda one: country.exact_db(
            terrain, country.masts[int(one.mast)], (one.x_m, one.y_m), step_m
        ),
        axis=1,
    )


def report(path: str, crs: str, receiver_count: int, pixels_m: tuple[float, ...]) -> None:
    """Print what rays, step and a grid laid beneath cost over one file."""
    country = Country(path, crs, seed=36)
    own_step = country.heights.default_step_m
    print(
        f"\n{path.rsplit('/', 1)[-1]}: pixels of {country.heights.pixel_m:.0f} m, "
        f"step {own_step:g} m"
    )
    print(
        "| against exact paths | bias | half below | 90 % below | 99 % below "
        "| wrongly covered | wrongly not | points of area |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for pixel_m in pixels_m:
        terrain = country.terrain(pixel_m)
        drawn = receivers(country, terrain, receiver_count)
        exact = paths_db(country, terrain, drawn, own_step)
        print(compare(f"rays, receivers every {pixel_m:g} m", drawn.rays_db, exact), flush=True)
        if pixel_m == 90:
            finest = paths_db(country, terrain, drawn, min(STEPS_M))
            for step_m in sorted({*STEPS_M[1:], own_step}):
                at_step = paths_db(country, terrain, drawn, step_m)
                print(compare(f"exact paths of {step_m:g} m, against 10 m", at_step, finest))
            on_grid = receivers(country, country.resampled(pixel_m), receiver_count)
            print(compare("heights laid on the grid of 90 m first", on_grid.rays_db, exact))
    print("\n| receivers every | covered area of five masts |")
    print("| --- | --- |")
    for pixel_m in pixels_m:
        terrain = country.terrain(pixel_m)
        losses = np.concatenate([tile(terrain, mast)[1].ravel() for mast in country.masts])
        known = losses[np.isfinite(losses)]
        print(f"| {pixel_m:g} m | {100 * (known <= COVERED_DB).mean():.2f} % |")


def speed(repeats: int) -> None:
    """Print µs a receiver, one thread, sampling and the way from the file's CRS included."""
    rng = np.random.default_rng(0)
    side = 1201
    transform = rasterio.transform.from_origin(104.5, 23.3, 1 / 1200, 1 / 1200)
    kinds = {
        "mountains": sum(
            size * 60 * gaussian_filter(rng.normal(size=(side, side)), size) for size in (2, 6, 18)
        ),
        "plain": 10 + rng.normal(0, 0.5, (side, side)),
    }
    print("\n| µs a receiver, steps of 30 m, p = 50 % | 15 km | 30 km |")
    print("| --- | --- | --- |")
    for name, values in kinds.items():
        heights = Heights(height_m=values.astype(np.float32), crs="EPSG:4326", transform=transform)
        grid = Grid("EPSG:9209", 90.0, 400_000.0, 2_580_000.0, 1200, 1200)
        terrain = Terrain(grid=grid, heights=heights, step_m=30.0)
        taken = []
        for radius_m in (15_000.0, 30_000.0):
            best = np.inf
            for _ in range(repeats):
                start = time.thread_time()
                view = Surroundings(
                    terrain=terrain, x_m=450_000.0, y_m=2_523_000.0, radius_m=radius_m
                )
                loss = loss_tiles(view, [LINK], model=MODEL, cache=None)[0]
                spent = time.thread_time() - start
                best = min(best, spent / np.isfinite(loss).sum())
            taken.append(1e6 * best)
        print(f"| {name} | {taken[0]:.2f} | {taken[1]:.2f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", help="pairs of an elevation file and a CRS")
    parser.add_argument("--tiny", action="store_true", help="smoke test")
    chosen = parser.parse_args()
    count, pixels_m, repeats = (20, (270.0,), 1) if chosen.tiny else (RECEIVERS, PIXELS_M, 7)
    for path, crs in zip(chosen.files[::2], chosen.files[1::2], strict=True):
        report(path, crs, count, pixels_m)
    speed(repeats)


if __name__ == "__main__":
    main()
