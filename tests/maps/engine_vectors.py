"""What the Python engine finds in a few cases, in the form that the page's engine takes.

Kept as ``engine_vectors.json``, so that neither engine can change without the other.
"""

from typing import Any

import geopandas as gpd
import numpy as np
import xarray as xr
from affine import Affine

from phusong.grid import Grid
from phusong.maps.smooth import fit_smooth
from phusong.radio import (
    ClutterClass,
    LandCover,
    Refractivity,
    ServiceRule,
    Settings,
    model,
    plan_prediction,
)
from phusong.radio.antennas import ParabolicAntenna, PatternAntenna
from phusong.radio.best_servers import station_margins
from phusong.radio.clutter import HOUSES, OPEN, RURAL, TREES, median_terrestrial_db
from phusong.radio.clutter import share_of_clutter as share
from phusong.radio.patterns import Pattern
from phusong.radio.propagation import Link, Radials
from phusong.radio.sectors import read_sectors
from phusong.radio.sites import farthest_served_m

MISS_PX = 1e-9
CLASSES = (OPEN, RURAL, TREES, HOUSES, ClutterClass(title=OPEN.title, height_m=6.0, equation="2b"))
GRID = Grid("EPSG:9209", 90.0, 440_010.0, 2_520_000.0, 36, 36)
RULE = ServiceRule("mobile", ["4G"], [], {"4G": -115.0}, allowance_db=13.25)
ANTENNAS = ((0, 0, 70, 10), (350, 4, 60, 6.5), (None, 2, 70, None))
PATTERNS = ((90.0, 0.0), (350.0, 4.0), (12.5, -7.0))
REACHES = ((60.0, 450.0), (121.7, 900.0), (150.0, 2600.0))
MASTS: tuple[dict[str, Any], ...] = (
    {"clutter_rule": "combined"},
    {"time_percent": 5.0, "frequency_mhz": 450.0, "azimuths": (None,), "clutter_rule": "sum"},
    {"clutter_rule": "none", "ground_m": 431.0, "mean_error_db": 20.0, "void": True},
)


def vectors():
    """Return every case: rays, antennas, clutter, reaches and masts."""
    return {
        "rays": [_ray(number) for number in range(32)],
        "antennas": [_antenna(*one) for one in ANTENNAS],
        "patterns": [_pattern(*one) for one in PATTERNS],
        "clutter": [_clutter(mhz, 1.5) for mhz in (150.0, 900.0, 1800.0, 3500.0)],
        "reaches": [_reach(*one) for one in REACHES],
        "masts": [_mast(**one) for one in MASTS],
    }


def told(link: Link) -> dict[str, object]:
    """Return a link as the page's engine takes it."""
    return {
        "frequencyMhz": link.frequency_mhz,
        "transmitterHeightM": link.transmitter_height_m,
        "receiverHeightM": link.receiver_height_m,
        "timePercent": link.time_percent,
        "polarization": link.polarization,
        "latitudeDeg": link.latitude_deg,
        "deltaN": link.delta_n_per_km,
        "n0": link.n0,
    }


def _numbers(values, decimals=9):
    """Return numbers as JSON has them, None for what is not finite."""
    flat = np.asarray(values, float).ravel()
    return [round(one, decimals) if np.isfinite(one) else None for one in flat.tolist()]


def _ray(number):
    """Return a ray over rough, flat, rolling or smooth ground, one of every kind of link."""
    random = np.random.default_rng(number)
    step_m, points = (10.0, 30.0, 90.0)[number % 3], 40 + 2 * number
    steps = np.cumsum(random.normal(0, step_m / 4, points + 20))
    height_m = (
        500 + steps[:points],
        100 + random.normal(0, 0.3, points),
        300 + 200 * np.sin(np.arange(points) * step_m / 900) + random.normal(0, 5, points),
        800 + np.convolve(steps, np.ones(21) / 21, "valid"),
    )[number % 4].round(1)
    if number == 5:
        height_m[60:] = np.nan
    link = Link(
        frequency_mhz=(150.0, 450.0, 900.0, 1800.0, 3500.0)[number % 5],
        transmitter_height_m=(10.0, 30.0, 45.0)[number // 3 % 3],
        receiver_height_m=(1.5, 10.0)[number // 5 % 2],
        time_percent=(50.0, 10.0, 1.0, 37.5)[number // 4 % 4],
        polarization=("vertical", "horizontal")[number // 7 % 2],
    )
    loss_db = model("p1812").loss_along_radials_db(
        Radials(step_m=step_m, height_m=height_m[None]), link
    )
    return {
        "link": told(link),
        "stepM": step_m,
        "heightM": _numbers(height_m, 1),
        "lossDb": _numbers(loss_db),
    }


def _antenna(azimuth_deg, tilt_deg, width_deg, height_deg):
    antenna = ParabolicAntenna(
        azimuth_deg=azimuth_deg,
        tilt_deg=tilt_deg,
        horizontal_beamwidth_deg=width_deg,
        vertical_beamwidth_deg=height_deg,
    )
    azimuth, depression = np.meshgrid(
        np.linspace(0, 359, 13, dtype=np.float32), np.linspace(-40, 60, 9, dtype=np.float32)
    )
    return {
        "azimuthDeg": azimuth_deg,
        "tiltDeg": tilt_deg,
        "beamwidthDeg": width_deg,
        "verticalBeamwidthDeg": height_deg,
        "azimuth": _numbers(azimuth),
        "depression": _numbers(depression),
        "attenuationDb": _numbers(antenna.attenuation_db(azimuth, depression)),
    }


def _pattern(azimuth_deg, tilt_deg):
    """Return an antenna with measured cuts, upright or leaning."""
    around, upright = np.linspace(0, 360, 73), np.linspace(-90, 90, 61)
    cuts = {
        "horizontal": np.minimum(12 * (np.minimum(around, 360 - around) / 65) ** 2, 30),
        "front": np.minimum(12 * (upright / 8) ** 2, 20) + np.sin(upright / 5) ** 2,
        "back": np.minimum(12 * (upright / 12) ** 2, 18) + 25,
    }
    single = {name: cut.astype(np.float32) for name, cut in cuts.items()}
    pattern = Pattern(
        name="A", file="a.msi", gain_dbi=17.0, frequency_mhz=None, electrical_tilt_deg=0.0,
        **{f"{name}_db": cut for name, cut in single.items()},
    )  # fmt: skip
    antenna = PatternAntenna(pattern=pattern, azimuth_deg=azimuth_deg, tilt_deg=tilt_deg)
    azimuth, depression = np.meshgrid(
        np.linspace(0, 359, 13, dtype=np.float32), np.linspace(-60, 80, 15, dtype=np.float32)
    )
    return {
        "azimuthDeg": azimuth_deg,
        "tiltDeg": tilt_deg,
        **{name: _numbers(cut) for name, cut in single.items()},
        "azimuth": _numbers(azimuth),
        "depression": _numbers(depression),
        "attenuationDb": _numbers(antenna.attenuation_db(azimuth, depression)),
    }


def _clutter(frequency_mhz, antenna_m):
    link = Link(frequency_mhz=frequency_mhz, transmitter_height_m=30.0, receiver_height_m=antenna_m)
    distances_m = [100.0, 250.0, 777.0, 1999.0, 5000.0]
    return {
        "frequencyMhz": frequency_mhz,
        "antennaM": antenna_m,
        "classes": _classes(CLASSES),
        "share": _numbers([share(link, antenna_m, each) for each in CLASSES]),
        "distanceM": distances_m,
        "terrestrialDb": _numbers(median_terrestrial_db(link.frequency_mhz, distances_m)),
    }


def _classes(classes):
    return [{"heightM": each.height_m, "equation": each.equation} for each in classes]


def _reach(spare_db, frequency_mhz):
    cells = _cells(0.0, 0.0, [None], frequency_mhz, RULE.threshold_dbm["4G"] + 13.25 + spare_db)
    return {
        "spareDb": spare_db,
        "frequencyMhz": frequency_mhz,
        "reachM": farthest_served_m(read_sectors(cells)[0], [RULE]),
    }


def _cells(x_m, y_m, azimuths, frequency_mhz, eirp_dbm, ground_m=None, height_m=30.0):
    count = len(azimuths)
    table = {
        "site_id": "S",
        "station_id": "S",
        "cell_id": [f"S-{number}" for number in range(count)],
        "operator": "Viettel",
        "technology": "4G",
        "frequency_mhz": frequency_mhz,
        "antenna_height_m": height_m,
        "rs_eirp_dbm": eirp_dbm,
        "azimuth_deg": np.array(azimuths, float),
        "tilt_deg": 3.0,
    }
    if ground_m is not None:
        table["ground_elevation_m"] = ground_m
    points = gpd.points_from_xy([x_m] * count, [y_m] * count)
    return gpd.GeoDataFrame(table, geometry=points, crs=GRID.crs)


def _mast(
    *,
    clutter_rule,
    time_percent=50.0,
    frequency_mhz=1800.0,
    azimuths=(10.0, 130.0, 250.0),
    ground_m=None,
    mean_error_db=0.0,
    void=False,
):
    """Return a mast of some sectors in the middle of the grid, and its margin in every pixel."""
    down, along = np.mgrid[:60, :60]
    height_m = 400 + 90 * np.sin(down / 5) * np.cos(along / 4) + (down * 7 + along * 5) % 11
    height_m = height_m.round().astype(np.float32)
    if void:
        height_m[20:22, 30:33] = np.nan
    degree, corner = 90 / 111_000, (104.915, 22.785)
    native = xr.DataArray(height_m, dims=("y", "x"))
    native = native.rio.write_crs("EPSG:4326").rio.write_transform(
        Affine(degree, 0, corner[0], 0, -degree, corner[1])
    )
    land = ((np.arange(GRID.width)[None] // 3 + np.arange(GRID.height)[:, None] // 5) % 5).astype(
        np.uint8
    )
    x_m, y_m = GRID.west_m + 1650.0, GRID.north_m - 1610.0
    settings = Settings(
        model=model("p1812"), radius_m=1500.0, receiver_height_m=1.5, time_percent=time_percent,
        clutter_rule=clutter_rule, mean_error_db=mean_error_db,
    )  # fmt: skip
    cells = _cells(x_m, y_m, azimuths, frequency_mhz, 20.0, ground_m)
    plan = plan_prediction(
        cells,
        GRID.wrap(np.zeros(GRID.shape, np.float32), "terrain"),
        [RULE],
        settings=settings,
        refractivity=Refractivity(),
        native_m=native,
        land_cover=LandCover(index=GRID.wrap(land, "land"), classes=CLASSES),
    )
    conditions = plan.conditions
    [(_, window, margin_db)] = station_margins(
        plan.sites[0], service=RULE, conditions=conditions, grid=GRID
    )
    (place, sector) = plan.sites[0].stations[0][0]
    assert np.isfinite(margin_db).sum() > 500
    return {
        "grid": {
            "west": GRID.west_m,
            "north": GRID.north_m,
            "resolution": GRID.resolution_m,
            "rows": GRID.height,
            "columns": GRID.width,
        },
        "step": conditions.terrain.profile_step_m,
        "raysApart": conditions.terrain.rays_apart_m,
        "heights": {"rows": 60, "columns": 60, "values": _numbers(height_m)},
        "pixels": fit_smooth(conditions.terrain.finder.pixels, GRID.bounds, largest_miss=MISS_PX),
        "land": land.ravel().tolist(),
        "classes": _classes(CLASSES),
        "clutterRule": clutter_rule,
        "meanErrorDb": mean_error_db,
        "link": told(conditions.link(sector, latitude_deg=place.latitude_deg)),
        "x": x_m,
        "y": y_m,
        "radius": place.radius_m,
        "surveyed": ground_m,
        "sectors": [
            {
                "frequencyMhz": frequency_mhz,
                "heightM": 30.0,
                "azimuthDeg": azimuth,
                "tiltDeg": 3.0,
                "beamwidthDeg": 70.0,
                "verticalBeamwidthDeg": None if azimuth is None else 10.0,
                "neededDbm": RULE.needed_dbm(sector),
                "eirpDbm": 20.0,
            }
            for azimuth in azimuths
        ],
        "window": [window[0].start, window[1].start, *margin_db.shape],
        "marginDb": _numbers(margin_db),
    }
