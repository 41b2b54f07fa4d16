"""Propagation models beside each other along one terrain path: a picture and a table.

    python benchmarks/models.py [--mhz 900] [--mast-m 40] [--step-m 100] -- TERRAIN FROM TO OUT.svg
    python benchmarks/models.py --tiny

TERRAIN is an elevation raster in degrees, FROM (the mast) and TO are LON,LAT.
Each model is asked only within the ranges that it states. The table gives each
model's loss minus that of P.1812. docs/methods/models.md shows three such paths.
"""

import argparse
import math
import tempfile
from collections.abc import Mapping
from pathlib import Path

import matplotlib as mpl
import numpy as np
import rasterio
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray
from pyproj import Geod
from rasterio.transform import Affine
from scipy.ndimage import map_coordinates

from phusong.errors import ModelRangeError
from phusong.radio import Link, Radials, model

RECEIVER_M = 1.5
ITM_FROM_M, HATA_FROM_M = 1000.0, 1000.0
EARTH_M = 6_371_000 * 157 / (157 - 45)  # effective radius at 45 N-units a kilometre
# Drawn in this order, so that what lies under P.1812 shows as a wider line.
CURVES = {
    "free_space": ("free space", {}, "#000000", ":", 1.3),
    "okumura_hata": ("Okumura–Hata, open", {}, "#e69f00", "--", 1.5),
    "rma": ("TR 38.901 RMa, hidden", {"sight": "nlos"}, "#cc79a7", "--", 1.5),
    "rma_los": ("TR 38.901 RMa, in sight", {"sight": "los"}, "#cc79a7", ":", 1.5),
    "itm": ("ITM (Longley–Rice)", {}, "#009e73", "-", 1.3),
    "diffraction": ("delta-Bullington diffraction", {}, "#9fd0f0", "-", 4.5),
    "p1812": ("ITU-R P.1812", {}, "#b8440a", "-", 1.2),
}

Place = tuple[float, float]


def section(
    terrain: Path, mast: Place, end: Place, step_m: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return distances and heights every `step_m` along the geodesic, metres, bilinear."""
    geod = Geod(ellps="WGS84")
    azimuth, _, length = geod.inv(*mast, *end)
    distance = np.arange(0.0, length, step_m)
    same = np.ones_like(distance)
    lon, lat, _ = geod.fwd(mast[0] * same, mast[1] * same, azimuth * same, distance)
    with rasterio.open(terrain) as raster:
        pixels = raster.read(1, masked=True).filled(0).astype(float)
        columns, rows = ~raster.transform @ (np.asarray(lon), np.asarray(lat))
    height = map_coordinates(pixels, [rows - 0.5, columns - 0.5], order=1, mode="nearest")
    return distance, height


def losses(
    step_m: float, height: NDArray[np.float64], link: Link
) -> dict[str, NDArray[np.float64]]:
    """Return each model's loss along the path, dB; NaN where it does not hold."""
    rays = Radials(step_m=step_m, height_m=height[None, :])
    distance = np.arange(height.size) * step_m
    found = {}
    for key, (_, parameters, *_) in CURVES.items():
        chosen = model(key.removesuffix("_los"), **parameters)
        try:
            chosen.check(link)
        except ModelRangeError:
            continue
        loss = chosen.loss_along_radials_db(rays, link)[0]
        nearest = {"itm": ITM_FROM_M, "okumura_hata": HATA_FROM_M}.get(key, 0.0)
        found[key] = np.where(distance < nearest, np.nan, loss)
    return found


def picture(
    distance: NDArray[np.float64],
    height: NDArray[np.float64],
    found: Mapping[str, NDArray[np.float64]],
    link: Link,
) -> Figure:
    """Draw the section with the line of sight to its end, and the losses below."""
    figure = Figure(figsize=(9.0, 6.6), layout="constrained")
    FigureCanvasAgg(figure)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(2, 3))
    km, length = distance / 1000, distance[-1]
    # Seen along a straight ray the earth bulges: height above the chord from end to end.
    ground = height + distance * (length - distance) / (2 * EARTH_M)
    bottom = ground.min() - 0.1 * np.ptp(ground) - 5
    above.fill_between(km, ground, bottom, color="#c9b79c", linewidth=0)
    ends = (height[0] + link.transmitter_height_m, height[-1] + RECEIVER_M)
    above.plot(km[[0, -1]], ends, color="#333333", linewidth=0.8, linestyle="--")
    above.plot(km[[0, 0]], (height[0], ends[0]), color="#333333", linewidth=2)
    above.set_ylabel("height and bulge, m")
    above.set_ylim(bottom)
    for key, loss in found.items():
        name, _, colour, style, width = CURVES[key]
        below.plot(km, loss, color=colour, linestyle=style, linewidth=width, label=name)
    below.invert_yaxis()
    below.set_ylabel("basic transmission loss, dB (less is above)")
    below.set_xlabel(
        f"distance from the mast, km ({link.frequency_mhz:g} MHz, mast "
        f"{link.transmitter_height_m:g} m, receiver {RECEIVER_M:g} m, half of time and places)"
    )
    below.set_xlim(0, km[-1])
    below.grid(visible=True, linewidth=0.3)
    figure.legend(loc="outside lower center", ncols=4, fontsize="small", frameon=False)
    return figure


def compare(terrain: Path, mast: Place, end: Place, out: Path, link: Link, step_m: float) -> None:
    """Write the picture of one path and print the table."""
    distance, height = section(terrain, mast, end, step_m)
    found = losses(step_m, height, link)
    with mpl.rc_context({"svg.hashsalt": "phusong", "path.simplify_threshold": 0.5}):
        figure = picture(distance, height, found, link)
        undated = {"Date": None} if out.suffix == ".svg" else None
        figure.savefig(out, metadata=undated, dpi=150)
    print(f"{distance[-1] / 1000:.1f} km, {height.min():.0f}-{height.max():.0f} m")
    print(f"{'minus P.1812, dB':30}  points  10 %   half   90 %")
    for key, loss in found.items():
        apart = (loss - found["p1812"])[np.isfinite(loss)]
        low, half, high = np.percentile(apart, [10, 50, 90])
        print(f"{CURVES[key][0]:30}  {apart.size:6}  {low:+5.1f}  {half:+5.1f}  {high:+5.1f}")


def tiny(folder: Path) -> None:
    """Compare the models over a made-up ridge of 300 m."""
    ridge = np.zeros((60, 120), "float32")
    ridge[:, 70:74] = 300
    path = folder / "ridge.tif"
    profile = {"driver": "GTiff", "width": 120, "height": 60, "count": 1, "dtype": "float32"}
    with rasterio.open(
        path, "w", **profile, crs="EPSG:4326", transform=Affine(0.001, 0, 105.0, 0, -0.001, 23.0)
    ) as raster:
        raster.write(ridge, 1)
    link = Link(frequency_mhz=900.0, transmitter_height_m=40.0, receiver_height_m=RECEIVER_M)
    out = folder / "ridge.svg"
    compare(path, (105.01, 22.97), (105.11, 22.97), out, link, step_m=100.0)
    assert out.stat().st_size > 1000


def place(words: str) -> Place:
    lon, lat = map(float, words.split(","))
    if not (math.isfinite(lon) and math.isfinite(lat)):
        raise ValueError(words)
    return lon, lat


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("terrain", nargs="?", type=Path)
    parser.add_argument("mast", nargs="?", type=place)
    parser.add_argument("end", nargs="?", type=place)
    parser.add_argument("out", nargs="?", type=Path)
    parser.add_argument("--mhz", type=float, default=900.0)
    parser.add_argument("--mast-m", type=float, default=40.0)
    parser.add_argument("--step-m", type=float, default=100.0)
    parser.add_argument("--tiny", action="store_true")
    given = parser.parse_args()
    if given.tiny:
        with tempfile.TemporaryDirectory() as scratch:
            tiny(Path(scratch))
    elif given.out is None:
        parser.error("TERRAIN FROM TO OUT, or --tiny")
    else:
        chosen_link = Link(
            frequency_mhz=given.mhz, transmitter_height_m=given.mast_m, receiver_height_m=RECEIVER_M
        )
        compare(given.terrain, given.mast, given.end, given.out, chosen_link, given.step_m)
