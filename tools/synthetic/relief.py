"""Synthetic relief that honours published summits, towns, rivers and regions.

Rivers are drawn through the places they pass and fixed in height. Land rises
between them toward the regional mean heights of the facts, and running water
cuts it into valleys and ridges (stream-power law). The limestone north then
gets its cones; at last rivers are cut in and summits set to their heights.
Knows heights, not people.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import ndimage
from scipy.interpolate import CubicSpline, RBFInterpolator
from scipy.spatial import cKDTree

from phusong._types import Flags, Floats

from .erosion import cut, drain, fill
from .facts import Facts
from .lattice import Lattice
from .noise import fractal

METRES_A_DEGREE = 110_800.0
"""Along a meridian at 22.8° N; along a parallel times its cosine."""
COSINE = float(np.cos(np.deg2rad(22.8)))

AREA_EXPONENT = 0.45  # of drained area in the stream-power law, usual range 0.4 to 0.6
STEEPEST = 0.62  # of a hillslope over one pixel of 6 arc-seconds, about 32°
STEPS = 220
TIME_M = 40.0  # erodibility times one step of time
STREAM_PX = 900  # pixels of 6 arc-seconds that drain into a drawn stream, about 28 km²
TOP_M = 2380.0  # no unnamed ground rises above


@dataclass(frozen=True)
class Relief:
    """Heights and waters of a province.

    Parameters
    ----------
    lattice : Lattice
        Where the heights lie, 3 arc-seconds.
    height_m : array of float, shape of the lattice
        Metres.
    rivers : DataFrame
        ``river_id``, ``name`` (empty for small streams), ``lon``, ``lat``, in
        order downstream.
    """

    lattice: Lattice
    height_m: Floats
    rivers: pd.DataFrame


def make_relief(facts: Facts, *, margin_deg: float, seed: int) -> Relief:
    """Make the relief of a province and its surroundings.

    Parameters
    ----------
    facts : Facts
        Rivers, regions and summits.
    margin_deg : float
        How far the relief reaches beyond the communes.
    seed : int
        Draws everything that is not fact.
    """
    rng = np.random.default_rng(seed)
    coarse = Lattice.around(facts.bounds, step=6 / 3600, margin=margin_deg)
    fine = Lattice(coarse.west, coarse.north, 3 / 3600, 2 * coarse.width, 2 * coarse.height)
    rivers = _meander(facts.rivers, rng)
    target, karst, hills = _regions(facts.relief, coarse)
    height, streams = _erode(coarse, rivers, target, karst, rng)
    height = ndimage.zoom(height, 2, order=3, mode="grid-mirror", grid_mode=True)
    karst, hills = (
        ndimage.zoom(share, 2, order=1, mode="nearest", grid_mode=True) for share in (karst, hills)
    )
    drawn = pd.concat([rivers, streams], ignore_index=True)
    wet, level = _water(fine, rivers)
    near_m, nearest = _distance(wet)
    away = 1 - np.exp(-((near_m / 900) ** 2))
    height = _add_karst(height, karst * away, rng)
    height += away * _roughness(height) * fractal(fine.shape, rng, longest_px=16, exponent=1.6)
    height = _raise_massifs(height, facts.places, fine)
    _set_places(height, facts.places, fine)
    height = _cut_rivers(height, level[nearest], near_m, hills)
    return Relief(fine, height, drawn)


def _regions(relief: pd.DataFrame, lattice: Lattice) -> tuple[Floats, Floats, Floats]:
    """Spread mean heights and the shares of limestone and of low hills over the lattice."""
    at = relief[["lon", "lat"]].to_numpy() * (COSINE, 1.0)
    known = pd.DataFrame(
        {"height": relief["mean_elevation_m"]}
        | {name: relief["region"] == name for name in ("karst", "hills")}
    ).to_numpy(np.float64)
    step = 20
    lon, lat = np.meshgrid(lattice.lon[::step] * COSINE, lattice.lat[::step])
    spread = RBFInterpolator(at, known, kernel="linear", smoothing=0.02)
    coarse = spread(np.column_stack([lon.ravel(), lat.ravel()])).reshape(*lon.shape, 3)
    rows = np.arange(lattice.height) / step
    columns = np.arange(lattice.width) / step
    where = np.meshgrid(rows, columns, indexing="ij")
    fields = [
        ndimage.map_coordinates(coarse[:, :, k], where, order=1, mode="nearest") for k in range(3)
    ]
    return fields[0].clip(60), fields[1].clip(0, 1), fields[2].clip(0, 1)


def _meander(rivers: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Lead smooth winding lines through the rivers' points, heights falling along them."""
    parts = []
    for (river_id, name), points in rivers.sort_values("order").groupby(
        ["river_id", "name"], sort=True
    ):
        xy = points[["lon", "lat"]].to_numpy()
        leg = np.hypot(*(np.diff(xy, axis=0) * (COSINE, 1.0)).T)
        along = np.concatenate([[0.0], np.cumsum(leg)])
        s = np.linspace(0, along[-1], max(int(along[-1] / 0.0008), 2))
        course = CubicSpline(along, xy)(s)
        wave = ndimage.gaussian_filter1d(rng.standard_normal(s.size), 7.0, mode="nearest")
        swing = 0.0045 * wave / wave.std() * np.sin(np.pi * s / s[-1]).clip(0, 0.3) / 0.3
        normal = np.gradient(course, axis=0)[:, ::-1] * (-1.0, 1.0)
        normal /= np.hypot(*normal.T)[:, None]
        course = course + swing[:, None] * normal
        course[0], course[-1] = xy[0], xy[-1]
        parts.append(
            pd.DataFrame(
                {
                    "river_id": river_id,
                    "name": name,
                    "lon": course[:, 0],
                    "lat": course[:, 1],
                    "height_m": np.interp(s, along, points["elevation_m"]),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def _water(lattice: Lattice, rivers: pd.DataFrame) -> tuple[Flags, Floats]:
    """Return the river pixels and the height of the water there; NaN elsewhere."""
    level = np.full(lattice.shape, np.nan)
    step = lattice.step / 2.5
    for _, river in rivers.groupby("river_id", sort=True):
        s = np.concatenate(
            [[0.0], np.cumsum(np.hypot(np.diff(river["lon"]), np.diff(river["lat"])))]
        )
        dense = np.arange(0, s[-1], step)
        row, column = lattice.index(
            np.interp(dense, s, river["lon"]), np.interp(dense, s, river["lat"])
        )
        metres = np.interp(dense, s, river["height_m"])
        np.fmin.at(level, (row, column), metres)
    return ~np.isnan(level), level


def _distance(wet: Flags) -> tuple[Floats, tuple[Floats, ...]]:
    """Return the distance to the nearest river pixel in metres, 3 arc-seconds, and which it is."""
    pixel = METRES_A_DEGREE * 3 / 3600
    distance, nearest = ndimage.distance_transform_edt(
        ~wet, sampling=(pixel, pixel * COSINE), return_indices=True
    )
    return distance, tuple(nearest)


def _erode(
    lattice: Lattice,
    rivers: pd.DataFrame,
    target: Floats,
    karst: Floats,
    rng: np.random.Generator,
) -> tuple[Floats, pd.DataFrame]:
    """Let land rise toward its mean heights and water cut it; return heights and streams."""
    wet, level = _water(lattice, rivers)
    outlet = wet.copy()
    outlet[[0, -1], :] = outlet[:, [0, -1]] = True
    dy = METRES_A_DEGREE * lattice.step
    dx = dy * COSINE
    away, nearest = ndimage.distance_transform_edt(~wet, return_indices=True)
    height = np.minimum(level[tuple(nearest)] + 2.5 * away, target)
    height += 5 * fractal(lattice.shape, rng, longest_px=120, exponent=1.8)
    height[wet] = level[wet]
    receiver = np.empty(height.size, dtype=np.int64)
    length, area = np.empty(height.size), np.empty(height.size)
    lift = np.full(lattice.shape, 0.4)
    hardness = np.exp(0.35 * fractal(lattice.shape, rng, longest_px=60, exponent=1.5))
    for step in range(STEPS):
        if step % 8 == 0:
            order = fill(height, outlet, 0.01)
            # Means are compared over some 4 km, so that valleys and ridges stay free.
            lack = ndimage.gaussian_filter(target - height, 22, mode="nearest")
            lift = np.clip(lift + 0.0006 * lack, 0.03, 0.85 + 0.65 * karst)
        drain(height, outlet, order, receiver, length, area, dx, dy)
        cut(
            height,
            order,
            receiver,
            length,
            area,
            lift * hardness,
            TIME_M,
            AREA_EXPONENT,
            STEEPEST,
        )
    order = fill(height, outlet, 0.01)
    drain(height, outlet, order, receiver, length, area, dx, dy)
    return height, _streams(lattice, outlet, order, receiver, area)


def _streams(
    lattice: Lattice, outlet: Flags, order: Any, receiver: Any, area: Floats
) -> pd.DataFrame:
    """Follow water down from where it gathers enough; longer streams first, each to the next."""
    flowing = area >= STREAM_PX
    fed = np.zeros(area.size, dtype=bool)
    fed[receiver[flowing & (receiver != np.arange(area.size))]] = True
    heads = np.flatnonzero(flowing & ~fed & ~outlet.ravel())
    done = outlet.ravel().copy()
    parts = []
    for number, head in enumerate(heads[np.argsort(_position_in(order, area.size)[heads])[::-1]]):
        course = [head]
        while not done[course[-1]]:
            done[course[-1]] = True
            course.append(receiver[course[-1]])
        if len(course) < 12:
            continue
        row, column = np.divmod(np.array(course), lattice.width)
        path = ndimage.gaussian_filter1d(
            np.column_stack([lattice.lon[column], lattice.lat[row]]), 1.5, axis=0, mode="nearest"
        )
        path[-1] = lattice.lon[column[-1]], lattice.lat[row[-1]]
        parts.append(
            pd.DataFrame(
                {
                    "river_id": f"SUOI-{number:03d}",
                    "name": None,
                    "lon": path[:, 0],
                    "lat": path[:, 1],
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def _position_in(order: Any, size: int) -> Any:
    """Return each pixel's position in `order`."""
    position = np.empty(size, dtype=np.int64)
    position[order] = np.arange(order.size)
    return position


def _add_karst(height: Floats, share: Floats, rng: np.random.Generator) -> Floats:
    """Trade fine valleys for a crowd of cones and dolines where there is limestone."""
    spacing_px = 8.0
    count = int(height.size / spacing_px**2)
    rows, columns = height.shape
    tips = rng.uniform((0, 0), (rows, columns), (count, 2))
    tall = rng.uniform(0.35, 1.0, count)
    pixels = np.column_stack(
        [grid.ravel() for grid in np.mgrid[0:rows, 0:columns].astype(np.float32)]
    )
    distance, tip = cKDTree(tips).query(pixels, workers=1)
    cone = np.maximum(1 - distance / (0.75 * spacing_px), 0) * tall[tip]
    relief = ndimage.gaussian_filter(cone.reshape(height.shape), 0.7) * 260
    smooth = ndimage.gaussian_filter(height, 7)
    blend = 0.55 * share
    gained = blend * (smooth - height) + share * (relief - relief.mean())
    return np.asarray(height + gained)


def _roughness(height: Floats) -> Floats:
    """Return the size of details, metres, from how broken the land around is."""
    mean = ndimage.uniform_filter(height, 15)
    spread = np.sqrt((ndimage.uniform_filter(height**2, 15) - mean**2).clip(0))
    return np.asarray(0.08 * spread.clip(5, 150))


def _cap(height: Floats) -> Floats:
    """Bend heights smoothly so that nothing unnamed tops the named summits."""
    start = 2200.0
    room = TOP_M - start
    bent = start + room * np.tanh((height - start) / room)
    return np.asarray(np.where(height > start, bent, height))


def _cut_rivers(height: Floats, level: Floats, away_m: Floats, hills: Floats) -> Floats:
    """Open the valleys of the named rivers: a floor, wide in the lowland, then slopes."""
    floor_m = 60 + 450 * hills
    ceiling = level + 4 + 0.012 * away_m + 0.8 * (away_m - floor_m).clip(0)
    bank = level + np.where(away_m < 1500, 0.012 * away_m, -np.inf)
    return np.maximum(np.minimum(height, ceiling), bank)


def _raise_massifs(height: Floats, places: pd.DataFrame, lattice: Lattice) -> Floats:
    """Lift the land broadly under each named summit, then bend what is too high."""
    for place in _of_known_height(places, peaks=True):
        away = _away(place, lattice)
        lack = place.elevation_m - height[away < 1500].max()
        height = height + lack * np.exp(-((away / (1000 + 4 * abs(lack))) ** 2))
    return _cap(height)


def _set_places(height: Floats, places: pd.DataFrame, lattice: Lattice) -> None:
    """Give each place its published height, in place; nothing near tops a summit."""
    for peaks, reach in ((True, 900.0), (False, 450.0)):
        for place in _of_known_height(places, peaks=peaks):
            away = _away(place, lattice)
            at = lattice.index(place.lon, place.lat)
            now = height[away < 450].max() if peaks else height[at]
            height += (place.elevation_m - now) * np.exp(-((away / reach) ** 2))
            if peaks:
                lid = place.elevation_m - 0.1 * away
                np.minimum(height, lid, out=height, where=away < 1500)
            height[at] = place.elevation_m


def _of_known_height(places: pd.DataFrame, *, peaks: bool) -> Any:
    known = places.dropna(subset=["elevation_m"])
    return known[(known["kind"] == "peak") == peaks].itertuples()


def _away(place: Any, lattice: Lattice) -> Floats:
    """Return the distance of every pixel from a place, metres."""
    east = (lattice.lon - place.lon) * COSINE
    north = lattice.lat - place.lat
    return np.asarray(METRES_A_DEGREE * np.hypot(east[None, :], north[:, None]))
