"""Where people live: seats, villages, households, and the raster of residents.

District totals are facts; the split among communes and villages is drawn.
Villages keep to gentle ground near roads and water. The three stay equal:
residents of the raster, of the villages and of the communes.
"""

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import ndimage

from phusong._types import Floats, Labels

from .facts import Facts
from .lattice import Lattice
from .names import village_names
from .shares import apportion

PIXEL_M = 90.0
_FACTOR = {"phường": 3.2, "thị trấn": 2.0, "xã": 1.0}
_PERSONS_A_HOUSEHOLD = {"phường": 3.6, "thị trấn": 3.9, "xã": 4.8}


@dataclass(frozen=True)
class Ground:
    """What settlers look at, on one lattice.

    Parameters
    ----------
    lattice : Lattice
        Where the arrays lie.
    label : array of int
        Position of the pixel's commune in the commune table; -1 outside.
    height_m, slope_deg : array
        Land.
    water_m, road_m : array
        Distance to the next river or stream, and to the next road.
    """

    lattice: Lattice
    label: Labels
    height_m: Floats
    slope_deg: Floats
    water_m: Floats
    road_m: Floats


def slope_deg(height_m: Floats) -> Floats:
    """Return the slope of 3-arc-second heights in degrees."""
    south, east = np.gradient(height_m, 92.3, 85.1)
    return np.asarray(np.degrees(np.arctan(np.hypot(south, east))))


def find_seats(facts: Facts, height_m: Floats, label: Labels, lattice: Lattice) -> gpd.GeoSeries:
    """Return each commune's seat: the best ground within 1.2 km of the published centre.

    Published centres are good to some hundred metres; a committee does not sit
    on a cliff. Seats stay inside their commune, at least a pixel from its line.
    """
    steep = ndimage.uniform_filter(slope_deg(height_m), 3)
    above = height_m - ndimage.minimum_filter(height_m, 25)
    lon, lat = [], []
    unit: Any
    for number, unit in enumerate(facts.communes.itertuples()):
        row, column = (int(v) for v in lattice.index(unit.lon, unit.lat))
        window = np.s_[row - 13 : row + 14, column - 14 : column + 15]
        away = np.hypot(*np.mgrid[-13:14, -14:15]) * PIXEL_M
        inside = ndimage.binary_erosion(label[window] == number)
        score = steep[window] + 0.04 * above[window] + away / 120
        score = np.where(inside & (away <= 1200), score, np.inf)
        down, right = np.unravel_index(score.argmin(), score.shape)
        lon.append(lattice.lon[column - 14 + right])
        lat.append(lattice.lat[row - 13 + down])
    return gpd.GeoSeries(gpd.points_from_xy(lon, lat), crs="OGC:CRS84")


def commune_population(facts: Facts, area_km2: pd.Series, *, seed: int) -> NDArray[np.int64]:
    """Split each district's residents among its communes; published ones stay as they are."""
    rng = np.random.default_rng(seed)
    communes = facts.communes
    weight = communes["type"].map(_FACTOR) * area_km2.to_numpy() ** 0.45
    weight *= np.exp(0.2 * rng.standard_normal(len(communes)))
    people: NDArray[np.int64] = communes["population"].fillna(0).to_numpy(np.int64)
    for district in facts.districts.itertuples():
        mine = (communes["district_code"] == district.district_code).to_numpy()
        free = mine & (people == 0)
        people[free] = apportion(district.population - people[mine].sum(), weight[free])
    return people


def village_counts(facts: Facts, population: NDArray[np.int64]) -> NDArray[np.int64]:
    """Split the province's villages: two districts as published, 7 to 19 a commune."""
    communes, districts = facts.communes, facts.districts
    weight = np.sqrt(population.astype(float))
    stated = districts["villages"].fillna(0).astype(int)
    rest = districts[stated == 0]["district_code"]
    counts = np.zeros(len(communes), dtype=np.int64)
    left = communes["district_code"].isin(rest).to_numpy()
    counts[left] = apportion(
        facts.province["villages"] - int(stated.sum()), weight[left], low=7, high=19
    )
    for code, number in zip(districts["district_code"], stated, strict=True):
        if number:
            mine = (communes["district_code"] == code).to_numpy()
            counts[mine] = apportion(number, weight[mine], low=7, high=19)
    return counts


def settle_villages(
    facts: Facts,
    ground: Ground,
    seats: gpd.GeoSeries,
    population: NDArray[np.int64],
    *,
    region: NDArray[np.str_],
    unpowered_share: float,
    seed: int,
) -> gpd.GeoDataFrame:
    """Return the villages of all communes, columns of `tables.VILLAGES`.

    Parameters
    ----------
    facts : Facts
        Communes and the number of villages.
    ground : Ground
        Land, water, roads.
    seats : GeoSeries of points
        The first village of each commune lies at its seat.
    population : array of int
        Residents of each commune.
    region : array of str
        ``karst``, ``soil`` or ``hills`` for each commune; names follow it.
    unpowered_share : float
        Share of villages, the remotest, without grid electricity.
    seed : int
        Draws the rest.
    """
    rng = np.random.default_rng(seed)
    ease = _ease(ground)
    counts = village_counts(facts, population)
    rows: list[pd.DataFrame] = []
    unit: Any
    for number, unit in enumerate(facts.communes.itertuples()):
        count = int(counts[number])
        lon, lat = _spread(ground, ease, number, seats.iloc[number], count, rng)
        weight = np.exp(0.45 * rng.standard_normal(count))
        weight[0] *= 1.6
        people = apportion(int(population[number]), weight, low=25)
        size = _PERSONS_A_HOUSEHOLD[unit.type] * np.exp(0.08 * rng.standard_normal(count))
        if unit.type == "xã":
            names = village_names(count, region[number], rng)
        else:
            names = [f"Tổ dân phố {k}" for k in range(1, count + 1)]
        rows.append(
            pd.DataFrame(
                {
                    "village_id": [f"{unit.commune_code}-{k:02d}" for k in range(1, count + 1)],
                    "name": names,
                    "commune_code": unit.commune_code,
                    "households": np.maximum(np.rint(people / size), 1).astype(np.int64),
                    "population": people,
                    "lon": lon,
                    "lat": lat,
                }
            )
        )
    villages = pd.concat(rows, ignore_index=True)
    at = ground.lattice.index(villages["lon"], villages["lat"])
    remote = ground.road_m[at] / 1000 + ground.slope_deg[at] / 20 + rng.uniform(0, 2, len(villages))
    remote[villages["village_id"].str.endswith("-01")] = -np.inf
    unpowered = np.argsort(-remote, kind="stable")[: round(unpowered_share * len(villages))]
    villages["has_electricity"] = ~np.isin(np.arange(len(villages)), unpowered)
    points = gpd.points_from_xy(villages.pop("lon"), villages.pop("lat"))
    return gpd.GeoDataFrame(villages, geometry=points, crs="OGC:CRS84")


def _ease(ground: Ground) -> Floats:
    """Return how readily people settle on each pixel."""
    above = ground.height_m - ndimage.minimum_filter(ground.height_m, 21)
    return np.asarray(
        np.exp(-((ndimage.uniform_filter(ground.slope_deg, 3) / 14) ** 2))
        * (0.15 + np.exp(-ground.road_m / 1500))
        * (0.3 + np.exp(-ground.water_m / 1200))
        * np.exp(-above / 250)
        * np.exp(-((ground.height_m / 1700) ** 8))
        + 1e-9
    )


def _spread(
    ground: Ground, ease: Floats, number: int, seat: Any, count: int, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Draw villages by ease, apart from each other as far as the commune allows."""
    lattice = ground.lattice
    mine = np.flatnonzero(ground.label == number)
    weight = ease.ravel()[mine]
    drawn = rng.choice(
        mine, size=min(60 * count, mine.size), replace=False, p=weight / weight.sum()
    )
    row, column = np.divmod(drawn, lattice.width)
    lon = np.concatenate([[seat.x], lattice.lon[column]])
    lat = np.concatenate([[seat.y], lattice.lat[row]])
    x, y = lon * 102_500, lat * 110_800
    apart = 0.5 * np.sqrt(mine.size * 7800 / count)
    while True:
        kept = [0]
        for k in range(1, lon.size):
            if len(kept) == count:
                break
            if np.hypot(x[k] - x[kept], y[k] - y[kept]).min() >= apart:
                kept.append(k)
        if len(kept) == count:
            return lon[kept], lat[kept]
        apart *= 0.9


def people_raster(villages: gpd.GeoDataFrame, codes: pd.Series, ground: Ground) -> Floats:
    """Return residents per pixel: dense around each village, thinner on the slopes about it.

    Nobody is counted in another commune; the sum is that of the villages.
    """
    lattice = ground.lattice
    people = np.zeros(lattice.shape)
    number = villages["commune_code"].map({code: k for k, code in enumerate(codes)})
    half = 22
    away = np.hypot(*np.mgrid[-half : half + 1, -half : half + 1]) * PIXEL_M
    near, wide = np.exp(-((away / 260) ** 2)), np.exp(-((away / 800) ** 2))
    pattern = 0.7 * near / near.sum() + 0.3 * wide / wide.sum()
    habitable = 0.02 + np.exp(-((ground.slope_deg / 22) ** 2))
    rows, columns = lattice.index(villages.geometry.x, villages.geometry.y)
    for row, column, unit, residents in zip(
        rows, columns, number, villages["population"], strict=True
    ):
        window = np.s_[row - half : row + half + 1, column - half : column + half + 1]
        weight = pattern * habitable[window] * (ground.label[window] == unit)
        weight[weight * residents / weight.sum() < 0.08] = 0.0
        people[window] += residents * weight / weight.sum()
    return people
