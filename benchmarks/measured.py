"""Predictions against measured losses: error of each model on each set of a folder.

    python benchmarks/measured.py [PATH ...] [--step-m 30] [--set NAME ...]
    python benchmarks/measured.py --tiny

Each PATH (default ../shared/reference/measured) is a set, or a folder of sets, of which --set picks
some by name; profiles of places have a point every --step-m metres. Sets are of two kinds:

* a folder with station.json, measurements.csv and a terrain (.tif, in any CRS): levels of places.
  Wanted in station.json: frequency_mhz and stations with station_id, lon, lat,
  antenna_height_m, eirp_dbm; in measurements.csv, whose columns may stand in any order among
  others: station_id, level_dbm, and lon and lat, or x and y in the crs of station.json. Taken
  where given: receiver_height_m (of the set or a place), receiver_gain_dbi, ground_m and
  ground_file_m, block, censored, relay_suspect. A station with an azimuth_deg, unless its
  pattern says omni, is a sector as in a run. Places without a block are left out by squares of
  1 km;
* a file .jsonl or .jsonl.xz of links with their profiles, one a line.

A set that cannot be read is named with what it lacks, the others are judged all the same, and the
command then ends with status 1.

Every end of every path stands on rural land (10 m) for the rule of clutter: no set brings
a land cover, and none was chosen set by set. docs/methods/measured.md shows what is
printed, and what it is worth.

A second table for each set leaves each block out in turn: P.1812 as `calibrate` leaves it,
beside an offset and a line over log distance fitted to the same other blocks, and how
many places the calibrated interval of 90 % holds; before it stands how many the interval of
the default errors holds without any calibration.
"""

import argparse
import json
import lzma
import math
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
import xarray as xr
from numpy.typing import NDArray
from pyproj import Geod, Transformer
from rasterio.errors import RasterioIOError
from rasterio.transform import Affine
from scipy.ndimage import map_coordinates
from scipy.special import ndtri

from phusong.errors import ModelRangeError
from phusong.radio import Link, Profile, PropagationModel, clutter_loss_db, model
from phusong.radio.antennas import (
    HORIZONTAL_BEAMWIDTH_DEG,
    VERTICAL_BEAMWIDTH_DEG,
    ParabolicAntenna,
)
from phusong.radio.clutter import (
    RURAL,
    ClutterRule,
    far_clutter_db,
)
from phusong.terrain import pixel_side_m
from phusong.uncertainty import MEAN_ERRORS_DB, Calibration, ErrorModel, band, calibrate

FOLDER = Path(__file__).resolve().parents[2] / "shared/reference/measured"
STEP_M = 30.0
ENDS_OVER_M = 400.0
"""So far from an end the profile is bent to that end's own surveyed ground."""
NEAREST_M = 1.0
BLOCK_M = 1000.0
"""Of the squares that are the blocks of places whose set names none."""
HATA_MAST_M = 30.0, 200.0
"""Hata's mast is the antenna above the mean ground of the path, brought into this range."""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One measured path: its block, mast, loss in dB, link, profile and the terrain's pixel.

    A block is what a path is left out with. Where the receiver is, in metres, is NaN if it is not
    known.
    """

    block: str
    mast: str = ""
    loss_db: float
    link: Link
    profile: Profile
    terrain_m: float
    at_m: tuple[float, float] = (math.nan, math.nan)

    @property
    def distance_m(self) -> float:
        """Its length."""
        return float(self.profile.distance_m[-1])


@dataclass(frozen=True)
class Candidate:
    """A model, and the rule by which clutter at the ends is added to it."""

    title: str
    model: PropagationModel
    rule: ClutterRule = "none"
    effective_mast_m: tuple[float, float] | None = None

    def loss_db(self, path: Measured) -> float:
        """Return the predicted loss; NaN outside the model's ranges."""
        link = path.link
        if self.effective_mast_m is not None:
            ground_m = path.profile.height_m
            above_m = link.transmitter_height_m + ground_m[0] - ground_m.mean()
            link = replace(
                link, transmitter_height_m=float(np.clip(above_m, *self.effective_mast_m))
            )
        try:
            loss = self.model.loss_db(path.profile, link)
            bare = model("free_space").loss_db(path.profile, link)
        except ModelRangeError:
            return math.nan
        added = clutter_loss_db(
            loss, bare, path.distance_m, link, receiver=RURAL, transmitter=RURAL, rule=self.rule
        )
        return loss + float(added)


CHOSEN = Candidate("P.1812, clutter combined", model("p1812"), "combined")
CANDIDATES = (
    Candidate("P.1812, phones in the open", model("p1812")),
    CHOSEN,
    Candidate("P.1812, clutter summed", model("p1812"), "sum"),
    Candidate("ITM, phones in the open", model("itm")),
    Candidate("ITM, clutter combined", model("itm"), "combined"),
    Candidate("free space", model("free_space")),
    *(
        Candidate(
            f"Hata, {kind}", model("okumura_hata", environment=kind), effective_mast_m=HATA_MAST_M
        )
        for kind in ("urban", "suburban", "open")
    ),
)


class UnfitError(Exception):
    """What a set lacks, in words."""


def sets_of(path: Path, step_m: float) -> Iterator[tuple[str, list[Measured] | UnfitError, str]]:
    """Yield name, paths and what was left out of a set, or of every set in a folder.

    What a set lacks comes in place of its paths, so that the others are judged all the same.
    """
    is_set = path.is_file() or (path / "station.json").is_file()
    for entry in [path] if is_set else sorted(path.iterdir()):
        name = entry.name.partition(".")[0]
        try:
            if (entry / "station.json").is_file():
                yield name, *places(entry, step_m)
            elif entry.name.endswith((".jsonl", ".jsonl.xz")):
                yield name, links(entry), ""
        except UnfitError as lack:
            yield name, lack, ""
        except (OSError, RasterioIOError, ValueError, TypeError, AttributeError) as fault:
            yield name, UnfitError(f"{type(fault).__name__}: {fault}"), ""


def stated(record: dict[str, Any], keys: tuple[str, ...], where: str) -> None:
    """Refuse a record that lacks what is wanted of it."""
    lacking = [key for key in keys if record.get(key) is None]
    if lacking:
        raise UnfitError(f"{where} does not state {', '.join(lacking)}")


def read_stations(file: Path) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Read station.json: what holds for the set, and its stations with that in them, by id."""
    about = json.loads(file.read_text(encoding="utf-8-sig"))
    stated(about, ("stations",), "station.json")
    stations = {str(each.get("station_id")): {**about, **each} for each in about["stations"]}
    numbers = "lon", "lat", "frequency_mhz", "antenna_height_m", "eirp_dbm"
    for name, station in stations.items():
        stated(station, ("station_id", *numbers), f"station {name} of station.json")
        station |= {key: float(station[key]) for key in numbers}
    return about, stations


def read_places(file: Path, about: dict[str, Any]) -> pd.DataFrame:
    """Read measurements.csv with every column that is used; what is no number becomes NaN.

    `east_m` and `north_m` are those of the zone of UTM around the first place.
    """
    table = pd.read_csv(file, dtype={"station_id": str, "block": str}, encoding="utf-8-sig")
    place = {"lon", "lat"} if {"lon", "lat"} <= set(table) else {"x", "y"}
    lacking = sorted({"station_id", "level_dbm", *place} - set(table))
    if lacking:
        told = "lon and lat, or x and y" if place & set(lacking) else ", ".join(lacking)
        raise UnfitError(f"{file.name} has no column {told}; it has {', '.join(table)}")
    for name in ("lon", "lat", "x", "y", "level_dbm", "receiver_height_m", "ground_file_m"):
        if name in table:
            table[name] = pd.to_numeric(table[name], errors="coerce")
    if "lon" not in place:
        stated(about, ("crs",), "station.json, of a set without lon and lat,")
        to_degrees = Transformer.from_crs(about["crs"], "EPSG:4326", always_xy=True)
        table["lon"], table["lat"] = to_degrees.transform(table["x"], table["y"])
    known = table[np.isfinite(table[["lon", "lat"]]).all(axis=1)]
    if len(known):
        zone = gpd.points_from_xy(known["lon"], known["lat"], crs="EPSG:4326").estimate_utm_crs()
        to_metres = Transformer.from_crs("EPSG:4326", zone, always_xy=True)
        table["east_m"], table["north_m"] = to_metres.transform(table["lon"], table["lat"])
    usual_m = about.get("receiver_height_m")
    height = table.get("receiver_height_m", pd.Series(usual_m, table.index, dtype=float))
    table["receiver_height_m"] = height if usual_m is None else height.fillna(usual_m)
    if len(known):
        square = (table[["east_m", "north_m"]] // BLOCK_M).astype(str).agg(" ".join, axis=1)
        table["block"] = table.get("block", square).fillna(square)
    return table


def places(folder: Path, step_m: float) -> tuple[list[Measured], str]:
    """Read the places of a drive test: median levels around stations, and a terrain."""
    about, stations = read_stations(folder / "station.json")
    table = read_places(folder / "measurements.csv", about)
    strange = ~table["station_id"].isin(stations)
    their_names = ", ".join(map(str, table["station_id"][strange].unique()))
    reasons = {
        "without a level": table["level_dbm"].isna(),
        "without a position": ~np.isfinite(table[["lon", "lat"]]).all(axis=1),
        f"of stations that station.json lacks ({their_names})": strange,
        "at the floor of the receiver": flagged(table, "censored"),
        "maybe through a relay": flagged(table, "relay_suspect"),
        "receiver below 1 m, or of unknown height": ~(table["receiver_height_m"] >= 1),
    }
    left_out = [f"{int(bad.sum())} {why}" for why, bad in reasons.items() if bad.any()]
    used = table[~np.logical_or.reduce(list(reasons.values()))]
    rasters = sorted(folder.glob("*.tif"))
    if len(rasters) != 1:
        raise UnfitError(f"{len(rasters)} rasters (.tif) where one terrain is wanted")
    (terrain,) = rasters
    with rasterio.open(terrain) as raster:
        pixels = raster.read(1, masked=True).astype(float).filled(np.nan)
        to_pixels, crs = ~raster.transform, raster.crs
    if crs is None:
        raise UnfitError(f"{terrain.name} does not say its CRS")
    heights = xr.DataArray(pixels, dims=("y", "x")).rio.write_crs(crs)
    pixel_m = pixel_side_m(heights.rio.write_transform(~to_pixels))
    to_raster = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    found, at_mast = [], 0
    for row in used.itertuples():
        station = stations[row.station_id]
        ends = (station["lon"], station["lat"]), (row.lon, row.lat)
        distance_m, lon, lat, azimuth_deg = between(*ends, step_m)
        if distance_m[-1] < NEAREST_M:
            at_mast += 1
            continue
        column, line = to_pixels @ to_raster.transform(lon, lat)
        height_m = map_coordinates(
            pixels, [line - 0.5, column - 0.5], order=1, mode="constant", cval=np.nan
        )
        surveyed = station.get("ground_m"), getattr(row, "ground_file_m", None)
        bend(distance_m, height_m, surveyed)
        if np.isnan(height_m).any():
            continue
        link = Link(
            frequency_mhz=station["frequency_mhz"],
            transmitter_height_m=station["antenna_height_m"],
            receiver_height_m=row.receiver_height_m,
            latitude_deg=station["lat"],
        )
        down_m = link.transmitter_height_m + height_m[0] - row.receiver_height_m - height_m[-1]
        off_beam_db = below_beam_db(station, azimuth_deg, down_m, float(distance_m[-1]))
        sent_dbm = station["eirp_dbm"] + (station.get("receiver_gain_dbi") or 0.0) - off_beam_db
        profile = Profile(
            distance_m=distance_m, height_m=height_m, clutter_m=np.zeros_like(height_m)
        )
        loss_db = sent_dbm - row.level_dbm
        found.append(
            Measured(
                block=row.block,
                mast=row.station_id,
                loss_db=loss_db,
                link=link,
                profile=profile,
                terrain_m=pixel_m,
                at_m=(row.east_m, row.north_m),
            )
        )
    if at_mast:
        left_out.append(f"{at_mast} at the mast")
    if len(found) + at_mast < len(used):
        left_out.append(f"{len(used) - len(found) - at_mast} beyond the terrain")
    return found, ", ".join(left_out)


def flagged(table: pd.DataFrame, column: str) -> pd.Series:
    """Return where a column says true; nowhere if there is none, or it is empty."""
    if column not in table:
        return pd.Series(False, table.index)
    return table[column].astype(str).str.lower().isin(["true", "1", "1.0"])


def below_beam_db(
    station: dict[str, Any], azimuth_deg: float, down_m: float, distance_m: float
) -> float:
    """Return how far below its beam axis a station radiates towards a place.

    A station with an `azimuth_deg` is a sector as a run takes it, with the beamwidths and
    the tilt of the set where it has them; one without, or whose `pattern` tells of omni,
    radiates alike in every direction.
    """
    if station.get("azimuth_deg") is None or "omni" in str(station.get("pattern")).lower():
        return 0.0
    antenna = ParabolicAntenna(
        azimuth_deg=float(station["azimuth_deg"]) % 360,
        tilt_deg=float(station.get("tilt_deg") or 0.0),
        horizontal_beamwidth_deg=float(station.get("beamwidth_deg") or HORIZONTAL_BEAMWIDTH_DEG),
        vertical_beamwidth_deg=float(
            station.get("vertical_beamwidth_deg") or VERTICAL_BEAMWIDTH_DEG
        ),
    )
    down_deg = math.degrees(math.atan2(down_m, distance_m))
    at = np.float32([[azimuth_deg % 360]]), np.float32([[down_deg]])
    return float(antenna.attenuation_db(*at)[0, 0])


def between(
    start: tuple[float, float], end: tuple[float, float], step_m: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], float]:
    """Return distances, longitudes and latitudes along the geodesic, and its first azimuth."""
    geod = Geod(ellps="WGS84")
    azimuth, _, length = geod.inv(*start, *end)
    distance = np.linspace(0.0, length, max(round(length / step_m), 2) + 1)
    same = np.ones_like(distance)
    lon, lat, _ = geod.fwd(start[0] * same, start[1] * same, azimuth * same, distance)
    return distance, np.asarray(lon), np.asarray(lat), float(azimuth)


def bend(
    distance_m: NDArray[np.float64],
    height_m: NDArray[np.float64],
    surveyed_m: tuple[float | None, float | None],
) -> None:
    """Move the ends of a profile to the ground that was surveyed there, where it was."""
    ways = distance_m, distance_m[-1] - distance_m
    for end, way, ground_m in zip((0, -1), ways, surveyed_m, strict=True):
        if ground_m is not None and not math.isnan(ground_m):
            height_m += (ground_m - height_m[end]) * np.maximum(0.0, 1 - way / ENDS_OVER_M)


def links(file: Path) -> list[Measured]:
    """Read links with profiles of their own: readings of one time, or losses by time percent."""
    opened = lzma.open if file.suffix == ".xz" else open
    with opened(file, "rt", encoding="utf-8") as lines:
        return [path for number, line in enumerate(lines, 1) for path in one_link(number, line)]


def one_link(number: int, line: str) -> list[Measured]:
    """Read one line; name it, and what it lacks, if it is no link."""
    try:
        return list(link_paths(json.loads(line)))
    except KeyError as missing:
        raise UnfitError(f"line {number} does not state {missing.args[0]}") from None


def link_paths(row: dict) -> Iterator[Measured]:
    height_m = np.array(row["heights_m"], float)
    if "measured" in row:
        distance_m = 1000 * np.array(row["distances_km"], float)
        zones, runs = zip(*row["zone_runs"], strict=True)
        zone = np.repeat(np.array(zones, np.int8), runs)
        values = [(float(share), loss) for each in row["measured"] for share, loss in each.items()]
        air = {"delta_n_per_km": row["delta_n_per_km"], "n0": row["n0"]}
        name = row["path"]
    else:
        distance_m, zone = np.array(row["distances_m"], float), None
        values = [(50.0, float(np.mean(row["measured_loss_db"])))]
        air, name = {}, row["link"]
    distance_m = np.linspace(0.0, distance_m[-1], distance_m.size)  # equal, but for their rounding
    for time_percent, loss_db in values:
        yield Measured(
            block=str(name),
            loss_db=loss_db,
            link=Link(
                frequency_mhz=row["frequency_mhz"],
                transmitter_height_m=row["transmitter_height_m"],
                receiver_height_m=row["receiver_height_m"],
                latitude_deg=row["latitude_deg"],
                polarization=row.get("polarization", "vertical"),
                time_percent=time_percent,
                **air,
            ),
            profile=Profile(
                distance_m=distance_m,
                height_m=height_m,
                clutter_m=np.zeros_like(height_m),
                zone=zone,
            ),
            terrain_m=float(np.diff(distance_m).max()),
        )


def distance_line(paths: list[Measured]) -> NDArray[np.float64]:
    """Return what a line through the other blocks' losses over log distance says of each path."""
    log_d = np.log10([path.distance_m for path in paths])
    loss, block = np.array([path.loss_db for path in paths]), np.array([p.block for p in paths])
    told = np.full(len(paths), np.nan)
    for one in np.unique(block):
        others = block != one
        if np.unique(log_d[others]).size > 1:
            told[~others] = np.polyval(np.polyfit(log_d[others], loss[others], 1), log_d[~others])
    return told


def judged(paths: list[Measured]) -> pd.DataFrame:
    """Return errors of the level (positive: too optimistic) of every candidate."""
    measured = np.array([path.loss_db for path in paths])
    rows = {each.title: np.array([each.loss_db(p) for p in paths]) for each in CANDIDATES}
    rows["line over log distance, without the block"] = distance_line(paths)
    table = []
    for title, told in rows.items():
        known = ~np.isnan(told)
        error = (measured - told)[known]
        few = error.size < 3 or np.ptp(told[known]) == 0
        table.append(
            {
                "model": title,
                "n": error.size,
                "bias": error.mean() if error.size else np.nan,
                "sd": error.std(ddof=1) if error.size > 1 else np.nan,
                "rmse": math.sqrt((error**2).mean()) if error.size else np.nan,
                "correlation": np.nan if few else np.corrcoef(told[known], measured[known])[0, 1],
            }
        )
    return pd.DataFrame(table).set_index("model")


HELD = 0.9
CALIBRATED = "P.1812, calibrated"
NEAR = "P.1812, calibrated, residuals of measured places near by taken off"


@dataclass(frozen=True)
class Places:
    """What `calibrate` asks of measured paths; losses over bare ground by P.1812."""

    table: pd.DataFrame

    @classmethod
    def of(cls, paths: list[Measured]) -> "Places":
        """Predict them; those outside the ranges of P.1812 are left out."""
        rows = []
        for path in paths:
            link, bare = path.link, Candidate("", model("p1812")).loss_db(path)
            free = model("free_space").loss_db(path.profile, link)
            rows.append(
                {
                    "block": path.block,
                    "mast": path.mast,
                    "band": band(link.frequency_mhz).item(),
                    "distance_m": path.distance_m,
                    "loss_db": path.loss_db,
                    "open_db": bare,
                    "combined_db": CHOSEN.loss_db(path),
                    "free_db": free,
                    "terrain_db": max(bare - free, 0.0),
                    "clutter_db": far_clutter_db(link, receiver=RURAL, transmitter=RURAL),
                    "x_m": path.at_m[0],
                    "y_m": path.at_m[1],
                }
            )
        return cls(pd.DataFrame(rows).dropna(subset="open_db", ignore_index=True))

    def calibration(self, kept: NDArray[np.bool_]) -> Calibration:
        """Calibrate by some of the places."""
        its = self.table[kept]
        return calibrate(
            its["loss_db"] - its["combined_db"],
            its["loss_db"] - its["open_db"],
            **{name: its[name] for name in ("distance_m", "terrain_db", "block", "clutter_db")},
            groups={name: its[name] for name in ("mast", "band")},
            at_m=None if its["x_m"].isna().any() else (its["x_m"], its["y_m"]),
        )

    def errors(self) -> tuple[dict[str, NDArray[np.float64]], float, float]:
        """Return errors without the block of each rule, share held and half width of intervals.

        The interval around a place is made without its block too: of the other blocks' errors,
        each calibrated without itself.
        """
        table, block = self.table, self.table["block"].to_numpy()
        titles = {
            "P.1812 in the open, offset": "open_db",
            "P.1812 with clutter combined, offset": "combined_db",
            "free space, offset": "free_db",
        }
        found = {
            title: np.full(len(table), np.nan)
            for title in (*titles, "line over log distance", CALIBRATED, NEAR)
        }
        held, width_db = np.full((2, len(table)), np.nan)
        for one in np.unique(block):
            out = block == one
            others, left = table[~out], table[out]
            for title, name in titles.items():
                offset_db = (others["loss_db"] - others[name]).mean()
                found[title][out] = left["loss_db"] - left[name] - offset_db
            line = np.polyfit(np.log10(others["distance_m"]), others["loss_db"], 1)
            told = np.polyval(line, np.log10(left["distance_m"]))
            found["line over log distance"][out] = left["loss_db"] - told
            fitted = self.calibration(~out)
            found[CALIBRATED][out] = (left["loss_db"] - left["open_db"]) - fitted.correction_db(
                left["distance_m"],
                left["terrain_db"],
                left["clutter_db"],
                left["combined_db"] - left["open_db"],
                {name: left[name] for name in ("mast", "band")},
            )
            found[NEAR][out] = found[CALIBRATED][out]
            if fitted.residuals is not None:
                found[NEAR][out] -= fitted.residuals.at(left["x_m"], left["y_m"])
            width_db[out] = fitted.half_width_db(HELD)
            held[out] = np.abs(found[CALIBRATED][out]) <= width_db[out]
        return found, float(held.mean()), float(width_db.mean())


def held_by_default(paths: list[Measured]) -> tuple[float, float]:
    """Return the share of places in the interval of the default errors, and its half width.

    As of a run with land cover: clutter combined, less its mean error; the interval is that of
    one place anywhere in the province. The half width is the mean: it differs by the time percent.
    """
    told = np.array([CHOSEN.loss_db(path) for path in paths])
    error = np.array([path.loss_db for path in paths]) - told - MEAN_ERRORS_DB["combined"]
    of = ErrorModel.over_terrain(max(path.terrain_m for path in paths))
    widths_db = []
    for path, loss_db in zip(paths, told, strict=True):
        median = replace(path, link=replace(path.link, time_percent=50.0))
        one = of.over_time(CHOSEN.loss_db(median) - loss_db)
        sds_db = one.province_sd_db, one.station_sd_db, one.field_sd_db, one.uncorrelated_sd_db
        widths_db.append(float(ndtri((1 + HELD) / 2)) * math.hypot(*sds_db))
    known, width_db = ~np.isnan(error), np.array(widths_db)
    return float((np.abs(error) <= width_db)[known].mean()), float(width_db[known].mean())


def show_calibrated(paths: list[Measured]) -> None:
    """Print what is left without each block after each rule was fitted to the other blocks."""
    if len({path.block for path in paths}) < 3:
        print("\nNothing is calibrated: fewer than three blocks.")
        return
    errors, held, width_db = Places.of(paths).errors()
    print("\n| fitted to the other blocks | bias, dB | RMSE, dB |\n| --- | --- | --- |")
    for title, error in errors.items():
        rmse = math.sqrt((error**2).mean())
        shown = f"**{title}**" if title == CALIBRATED else title
        print(f"| {shown} | {cell(error.mean(), '+.1f')} | {cell(rmse, '.2f')} |")
    print(f"\nThe calibrated interval of {HELD:.0%} holds {held:.1%}: ± {width_db:.1f} dB.")


def cell(value: float, form: str) -> str:
    return "–" if math.isnan(value) else format(value, form).replace("-", "−")


def show(name: str, paths: list[Measured], left_out: str, table: pd.DataFrame) -> None:
    """Print one set as a table of a page."""
    reach = [path.distance_m / 1000 for path in paths]
    blocks = len({path.block for path in paths})
    print(f"\n### {name}\n")
    print(f"{len(paths)} values in {blocks} blocks, {min(reach):.1f}–{max(reach):.1f} km", end="")
    print(f"; left out: {left_out}.\n" if left_out else ".\n")
    print("| model | n | bias, dB | standard deviation, dB | RMSE, dB | correlation |")
    print("| --- | --- | --- | --- | --- | --- |")
    for row in table.itertuples():
        numbers = cell(row.bias, "+.1f"), cell(row.sd, ".1f"), cell(row.rmse, ".1f")
        title = f"**{row.Index}**" if row.Index == CHOSEN.title else row.Index
        print(f"| {title} | {row.n} | {' | '.join(numbers)} | {cell(row.correlation, '.2f')} |")


def together(tables: dict[str, pd.DataFrame]) -> None:
    """Print the root mean square over sets, each set counted alike."""
    print(f"\n### Over {', '.join(tables)}\n")
    print("| model | rms of the sets' RMSE, dB | rms of their standard deviations, dB |")
    print("| --- | --- | --- |")
    for title in next(iter(tables.values())).index:
        of_sets = pd.DataFrame([table.loc[title] for table in tables.values()]).astype(float)
        rmse, sd = (math.sqrt((of_sets[name] ** 2).mean(skipna=False)) for name in ("rmse", "sd"))
        print(f"| {title} | {cell(rmse, '.1f')} | {cell(sd, '.1f')} |")


def judge(
    sources: list[Path], step_m: float, wanted: list[str]
) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """Print every set; returns tables of those around phones and masts, names of the unread."""
    ground, unread = {}, set(wanted)
    for name, paths, left_out in (one for source in sources for one in sets_of(source, step_m)):
        if wanted and name not in wanted:
            continue
        unread.discard(name)
        if isinstance(paths, UnfitError):
            print(f"\n### {name}\n\nCannot be read: {paths}.")
            unread.add(name)
            continue
        if not paths:
            print(f"\n### {name}\n\nNo value to judge by; left out: {left_out or 'none'}.")
            continue
        table = judged(paths)
        show(name, paths, left_out, table)
        held, width_db = held_by_default(paths)
        print(f"\nThe default interval of {HELD:.0%} holds {held:.1%}: ± {width_db:.1f} dB.")
        show_calibrated(paths)
        if max(path.distance_m for path in paths) < 50_000:  # the data bank is no such set
            ground[name] = table
    if len(ground) > 1:
        together(ground)
    return ground, sorted(unread)


def tiny(folder: Path) -> None:
    """Judge made-up places on a plain, before and behind a sector and without one; two links."""
    for name, azimuth_deg in (
        ("plain", None),
        ("before", 90.0),
        ("behind", 270.0),
        ("empty", None),
        ("bare", None),
        ("torn", None),
    ):
        place = folder / name
        place.mkdir()
        made_up(place, azimuth_deg)
    (folder / "empty" / "terrain.tif").unlink()
    (folder / "bare" / "measurements.csv").write_text(
        "station_id,lon,lat,level_dbm\nA,105.01,23,-65\nA,105.02,23,-70\n", encoding="utf-8"
    )
    (folder / "torn" / "measurements.csv").write_text("lon,lat\n105.01,23\n", encoding="utf-8")
    link = {"link": "1-2", "frequency_mhz": 915.0, "transmitter_height_m": 2.5}
    link |= {"receiver_height_m": 2.5, "latitude_deg": 0.0, "measured_loss_db": [100.0, 102.0]}
    link |= {"distances_m": [0.0, 100.0, 200.0], "heights_m": [0.0, 0.0, 0.0]}
    (folder / "links.jsonl").write_text(json.dumps(link) + "\n", encoding="utf-8")
    found, unread = judge([folder], STEP_M, [])
    assert unread == ["empty", "torn"]
    assert found["bare"]["n"].iloc[0] == 2
    assert len({one.block for one in places(folder / "bare", STEP_M)[0]}) == 2
    free = {name: table.loc["free space"] for name, table in found.items()}
    assert free["plain"]["n"] == 4
    assert free["plain"]["bias"] - 0.5 < free["before"]["bias"] < free["plain"]["bias"]
    assert free["behind"]["bias"] < free["plain"]["bias"] - 20


def made_up(place: Path, azimuth_deg: float | None) -> None:
    """Write levels to the east of a station on a plain."""
    station = {"station_id": "A", "lon": 105.0, "lat": 23.0, "antenna_height_m": 40.0}
    station |= {"azimuth_deg": azimuth_deg, "eirp_dbm": 40.0, "ground_m": 10.0}
    about = {"frequency_mhz": 900.0, "receiver_height_m": 1.5, "receiver_gain_dbi": 0.0}
    about["stations"] = [station]
    (place / "station.json").write_text(json.dumps(about), encoding="utf-8")
    east = np.arange(1, 6)
    levels = {"lon": 105.0 + 0.01 * east, "lat": 23.0, "level_dbm": -60.0 - 5 * east}
    pd.DataFrame({"station_id": "A", **levels, "block": east // 2, "censored": east == 5}).to_csv(
        place / "measurements.csv", index=False
    )
    profile = {"driver": "GTiff", "width": 120, "height": 60, "count": 1, "dtype": "float32"}
    across = Affine(0.001, 0, 104.98, 0, -0.001, 23.03)
    with rasterio.open(
        place / "terrain.tif", "w", **profile, crs="EPSG:4326", transform=across
    ) as raster:
        raster.write(np.zeros((60, 120), "float32"), 1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("paths", nargs="*", type=Path, default=[FOLDER])
    parser.add_argument("--step-m", type=float, default=STEP_M)
    parser.add_argument("--set", action="append", default=[], dest="sets")
    parser.add_argument("--tiny", action="store_true")
    given = parser.parse_args()
    if given.tiny:
        with tempfile.TemporaryDirectory() as scratch:
            tiny(Path(scratch))
    else:
        for path in given.paths:
            if not path.exists():
                parser.error(f"{path} is no measured set, nor a folder of some")
        _, unread = judge(given.paths, given.step_m, given.sets)
        if unread:
            parser.exit(1, f"\nNot judged: {', '.join(unread)}\n")
