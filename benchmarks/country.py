"""A made-up country and slices of it: python benchmarks/country.py [--part 1/64] [--tiny].

A run of all parts and everything it writes, through the public interface. Told for each step:
processor time, and the most memory that no file backs (`Anonymous` of smaps_rollup, Linux).

The whole is 11,163 communes and 330,000 stations at 90 m with four services; `--part` takes the
same share of both, so that time by station and commune can be compared. `--communes`, `--stations`
and `--resolution` make others, such as `--stations 20000 --resolution 500`; `--traced` moves each
outline by itself, as where communes were drawn one by one. The study lies in a temporary folder,
or in `--folder`, where it is used again if it is there.
"""

import argparse
import tempfile
import threading
import time
from collections import defaultdict
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

import phusong
from phusong import tables
from phusong.study import Study, new_study
from synthetic.lattice import Lattice
from synthetic.noise import fractal
from synthetic.small import nodes_of, offices_of
from synthetic.write import write_csv, write_flatgeobuf, write_raster

CRS = "EPSG:9209"
MIDDLE_M = 500_000.0, 2_180_000.0
COMMUNES, STATIONS = 11_163, 330_000
SIDE_M = 5_450.0
"""Of a commune: 331,000 km² in 11,163 of them."""
CORNERS, WAVES = 60, 16
"""Of the border of two communes; an outline has four."""
RESIDENTS, VILLAGES = 8_600.0, 8
"""Of a commune."""
ACROSS = 4
"""A district is a square of so many communes a side."""
HILLS_PX = 1024
"""After so many pixels the hills come again."""
FILES = {
    "communes": "communes.fgb", "villages": "villages.csv", "cells": "cells.csv",
    "offices": "offices.csv", "nodes": "nodes.fgb", "spans": "spans.fgb", "roads": "roads.fgb",
    "places": "places.fgb",
}  # fmt: skip


def communes_of(count: int, rng: np.random.Generator, traced_m: float) -> gpd.GeoDataFrame:
    """Draw communes of about 30 km² that share wavy borders, row by row from the north."""
    columns = int(np.ceil(np.sqrt(count)))
    rows = -(-count // columns)
    across, down = np.meshgrid(np.arange(columns + 1.0), np.arange(rows + 1.0))
    corners = np.stack([across - columns / 2, rows / 2 - down], axis=-1)
    corners += rng.uniform(-0.15, 0.15, corners.shape)
    corners = corners * SIDE_M + MIDDLE_M
    level = _borders(corners[:, :-1], corners[:, 1:], rng)
    upright = _borders(corners[:-1], corners[1:], rng)
    row, column = np.divmod(np.arange(count), columns)
    rings = np.concatenate(
        [
            level[row, column],
            upright[row, column + 1],
            level[row + 1, column][:, ::-1],
            upright[row, column][:, ::-1],
        ],
        axis=1,
    )
    if traced_m:
        rings += rng.normal(0, traced_m, rings.shape)
    block = row // ACROSS * -(-columns // ACROSS) + column // ACROSS
    district = np.unique(block, return_inverse=True)[1] + 1
    return gpd.GeoDataFrame(
        {
            "commune_code": [f"{i + 1:05d}" for i in range(count)],
            "valid_from": "2004-07-01",
            "name": [f"Xã {i + 1}" for i in range(count)],
            "type": "xã",
            "district_code": [f"{number:03d}" for number in district],
            "district": [f"Huyện {number}" for number in district],
        },
        geometry=shapely.polygons(rings),
        crs=CRS,
    )


def _borders(first: Any, last: Any, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return wavy lines between points, shape (…, CORNERS, 2)."""
    along = np.linspace(0, 1, CORNERS)
    wave = np.arange(1, WAVES + 1)
    height = rng.normal(0, 0.03 / wave**1.2, (*first.shape[:-1], WAVES))
    aside = height @ np.sin(np.pi * wave[:, None] * along)
    aside[..., [0, -1]] = 0.0
    way = last - first
    across = np.stack([-way[..., 1], way[..., 0]], axis=-1)
    straight = first[..., None, :] + along[:, None] * way[..., None, :]
    return np.asarray(straight + aside[..., None] * across[..., None, :])


def villages_of(units: gpd.GeoDataFrame, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Scatter villages over communes; the first of each is the largest and lies in the middle."""
    count = len(units)
    middle = shapely.get_coordinates(shapely.centroid(units.geometry.array))
    aside = rng.uniform(-0.24, 0.24, (count, VILLAGES, 2)) * SIDE_M
    aside[:, 0] = 0.0
    share = rng.dirichlet(np.full(VILLAGES, 3.0), count)
    share = -np.sort(-share, axis=1)
    households = np.ceil(share * rng.lognormal(np.log(RESIDENTS / 4), 0.4, (count, 1))).ravel()
    number = np.tile(np.arange(1, VILLAGES + 1), count)
    code = np.repeat(units["commune_code"].to_numpy(), VILLAGES)
    return gpd.GeoDataFrame(
        {
            "village_id": [f"{one}-{k:02d}" for one, k in zip(code, number, strict=True)],
            "name": [f"Thôn {k}" for k in number],
            "commune_code": code,
            "households": households.astype(int),
            "population": (4 * households).astype(int),
            "has_electricity": number < VILLAGES,
        },
        geometry=shapely.points((middle[:, None] + aside).reshape(-1, 2)),
        crs=CRS,
    )


def cells_around(
    villages: gpd.GeoDataFrame, stations: int, rng: np.random.Generator
) -> gpd.GeoDataFrame:
    """Put masts of the sample at the first villages of communes by chance, then at the next.

    So operators share masts, and stations of a mast frequencies, as often as there.
    """
    sample = pd.read_csv(phusong.sample_folder() / "cells.csv", dtype={"site_id": str})
    of_site = [*sample.groupby("site_id").indices.values()]
    drawn = [of_site[k] for k in rng.integers(len(of_site), size=stations)]
    cells = sample.iloc[np.concatenate(drawn)].reset_index(drop=True)
    mast = np.repeat(np.arange(stations), [len(rows) for rows in drawn])
    station = cells.groupby([mast, "station_id"], sort=False).ngroup()
    cells, mast = cells[station < stations], mast[station < stations]
    site = pd.Series(mast).map("T{:06d}".format).to_numpy()
    for name in ("station_id", "cell_id"):
        cells[name] = site + "-" + cells[name].str.partition("-")[2].to_numpy()
    cells["site_id"], cells["site_name"] = site, pd.Series(mast).map("Trạm {}".format).to_numpy()
    largest_first = villages["village_id"].str[-2:].to_numpy()
    order = np.lexsort((rng.random(len(villages)), largest_first))
    spots = shapely.get_coordinates(villages.geometry.array)[order]
    places = spots[np.arange(mast[-1] + 1) % len(spots)]
    places += rng.normal(0, 250, places.shape)
    return gpd.GeoDataFrame(cells, geometry=shapely.points(places[mast]), crs=CRS)


def spans_of(units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Lay fibre from centre to centre along every row, and down every fourth column."""
    count, columns = len(units), int(np.ceil(np.sqrt(len(units))))
    at = np.arange(count)
    level = at[(at % columns < columns - 1) & (at + 1 < count)]
    upright = at[(at % columns % ACROSS == 0) & (at + columns < count)]
    first = np.concatenate([level, upright])
    last = np.concatenate([level + 1, upright + columns])
    middle = shapely.get_coordinates(shapely.centroid(units.geometry.array))
    lines = shapely.linestrings(np.stack([middle[first], middle[last]], axis=1))
    nodes = ("N" + units["commune_code"]).to_numpy()
    return gpd.GeoDataFrame(
        {
            "id": [f"S{k:05d}" for k in range(len(first))],
            "name": [f"Tuyến {k}" for k in range(len(first))],
            "status": "operational",
            "readyForServiceDate": "2014-06-30",
            "start": nodes[first],
            "end": nodes[last],
            "supplier": "VNPT",
            "deployment": "aboveGround",
            "fibreCount": 24,
            "fibreLength": (shapely.length(lines) / 1000).round(3),
        },
        geometry=lines,
        crs=CRS,
    )


def write_country(
    folder: Path, *, communes: int, stations: int, resolution_m: float, traced_m: float, seed: int
) -> None:
    """Write a study of a square country: all tables and rasters that a run of all parts reads."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    units = communes_of(communes, rng, traced_m)
    villages = villages_of(units, rng)
    spans = spans_of(units)
    step = max(3, 3 * round(resolution_m / 100)) / 3600
    lattice = Lattice.around(tuple(units.to_crs("EPSG:4326").total_bounds), step=step, margin=0.2)
    hills = fractal((HILLS_PX, HILLS_PX), rng, longest_px=900 / step / 3600, exponent=2.2)
    times = [-(-side // HILLS_PX) for side in lattice.shape]
    height = np.rint(500 + 250 * np.tile(hills, times))[: lattice.height, : lattice.width]
    write_raster(folder / "terrain.tif", height.astype(np.int16), lattice.transform, nodata=-32768)
    write_raster(folder / "population.tif", _people(villages, lattice, rng), lattice.transform)
    degrees = units.to_crs("OGC:CRS84")
    centres = units.geometry.centroid.to_crs("OGC:CRS84")
    towns = gpd.GeoDataFrame(
        {
            "place_id": "P" + units["commune_code"],
            "name": units["name"],
            "kind": "village",
            "elevation_m": np.nan,
        },
        geometry=centres,
    )
    roads = gpd.GeoDataFrame(
        {"road_id": spans["id"], "name": spans["name"]}, geometry=spans.geometry
    )
    people = villages.groupby("commune_code")[["population", "households"]].sum()
    written = {
        "communes": (units.join(people, on="commune_code"), tables.COMMUNES),
        "villages": (villages, tables.VILLAGES),
        "cells": (cells_around(villages, stations, rng), tables.CELLS),
        "offices": (offices_of(degrees, centres), tables.OFFICES),
        "nodes": (nodes_of(degrees, centres), tables.NODES),
        "spans": (spans, tables.SPANS),
        "roads": (roads, tables.ROADS),
        "places": (towns, tables.PLACES),
    }
    for name, (frame, table) in written.items():
        write = write_csv if FILES[name].endswith(".csv") else write_flatgeobuf
        write(folder / FILES[name], frame, table)
    path = new_study(folder, province="Hà Giang", as_of=date(2017, 12, 31))  # last: all is there
    lines = path.read_text(encoding="utf-8").replace('.geojson"', '.fgb"').splitlines()
    kept = (line for line in lines if not line.startswith("rivers ="))
    path.write_text("\n".join(kept), encoding="utf-8")


def _people(villages: gpd.GeoDataFrame, lattice: Lattice, rng: np.random.Generator) -> Any:
    """Spread each village's residents over 40 places within some hundred metres of it."""
    spots = np.repeat(shapely.get_coordinates(villages.geometry.array), 40, axis=0)
    spots += rng.normal(0, 200, spots.shape)
    lon, lat = Transformer.from_crs(CRS, "OGC:CRS84", always_xy=True).transform(*spots.T)
    people = np.zeros(lattice.shape, np.float32)
    np.add.at(people, lattice.index(lon, lat), np.repeat(villages["population"] / 40, 40))
    return people


def study_in(folder: Path, resolution_m: float, radius_km: float) -> Study:
    """Open the country with the services and targets of the sample."""
    sample = phusong.open_study(phusong.sample_folder())
    as_there = {
        name: [one.model_dump(exclude_unset=True) for one in getattr(sample, name)]
        for name in ("services", "targets")
    }
    return phusong.open_study(folder).replace(
        {
            **as_there,
            "inputs.invented": [*FILES, "terrain", "population"],
            "radio.radius_km": radius_km,
            "radio.mean_error_db": 0.0,
            "resolution_m": resolution_m,
        }
    )


class Steps:
    """Processor time and most private memory of each step of a run, by its progress."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self.peak_gb: dict[str, float] = defaultdict(float)
        self._step, self._since = "before", time.process_time()
        self._ended = threading.Event()
        self._watch = threading.Thread(target=self._watched, daemon=True)
        self._watch.start()

    def __call__(self, step: str, done: int, total: int) -> None:
        """Take what was used until now for the step that was under way."""
        name = step.rpartition("step_")[2]
        if done == total:
            name = f"after {name}"
        elif 1 < total <= 8:
            name = f"{name} {done + 1} of {total}"
        if name == self._step:  # told of each mast: to ask the system so often takes long itself
            return
        now = time.process_time()
        self.seconds[self._step] += now - self._since
        self.peak_gb[self._step] = max(self.peak_gb[self._step], _private_gb())
        self._step, self._since = name, now

    def end(self) -> None:
        """Stop watching the memory."""
        self("step_end", 1, 1)
        self._ended.set()
        self._watch.join()

    def _watched(self) -> None:
        while not self._ended.wait(1.0):
            step = self._step
            self.peak_gb[step] = max(self.peak_gb[step], _private_gb())


def _private_gb() -> float:
    try:
        found = Path("/proc/self/smaps_rollup").read_text(encoding="ascii")
    except FileNotFoundError:  # no Linux
        return float("nan")
    line = next(one for one in found.splitlines() if one.startswith("Anonymous:"))
    return int(line.split()[1]) / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tiny", action="store_true", help="9 communes on a coarse grid")
    parser.add_argument("--part", type=Fraction, default=Fraction(1), help="1/64, 1/16, 1/4")
    parser.add_argument("--communes", type=int, default=COMMUNES)
    parser.add_argument("--stations", type=int, default=STATIONS)
    parser.add_argument("--resolution", type=float, default=90.0, help="pixel, metres")
    parser.add_argument("--radius", type=float, default=15.0, help="kilometres")
    parser.add_argument("--traced", type=float, default=0.0, help="error of each outline, metres")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--seed", type=int, default=98)
    parser.add_argument("--folder", type=Path, help="keep the study and what is written there")
    given = parser.parse_args()
    communes, stations = int(given.communes * given.part), int(given.stations * given.part)
    if given.tiny:
        communes, stations, given.resolution, given.radius = 9, 6, 1000.0, 2.0
    with tempfile.TemporaryDirectory() as home:
        folder = given.folder or Path(home)
        source = (
            folder / f"{communes}-{stations}-{given.resolution:g}-{given.traced:g}-{given.seed}"
        )
        if not (source / "study.toml").exists():
            write_country(
                source,
                communes=communes,
                stations=stations,
                resolution_m=given.resolution,
                traced_m=given.traced,
                seed=given.seed,
            )
        begin, steps = time.process_time(), Steps()
        result = phusong.run(
            study_in(source, given.resolution, given.radius),
            threads=given.threads,
            on_progress=steps,
        )
        result.write(folder / "out", replace=True, on_progress=steps)
        steps.end()
        total = time.process_time() - begin
        written = sum(file.stat().st_size for file in (folder / "out").rglob("*") if file.is_file())
    print(f"{communes} communes, {stations} stations, {given.resolution:g} m, "
          f"{given.radius:g} km; processor time and private memory")  # fmt: skip
    for step, seconds in steps.seconds.items():
        print(f"{step:24s} {seconds:8.1f} s   {steps.peak_gb[step]:6.2f} GB")
    print(f"{'all':24s} {total:8.1f} s   {max(steps.peak_gb.values()):6.2f} GB; "
          f"{total / stations:.3f} s a station, {written / 1e6:.0f} MB written")  # fmt: skip


if __name__ == "__main__":
    main()
