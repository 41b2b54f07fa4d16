"""Speed and memory of the fibre engine on a made-up country: python benchmarks/fibre.py [spans]."""

import resource
import sys
import time

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from phusong.fibre import attach, build_network, resilience, shared_trenches


def country(spans: int, seed: int = 1) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Draw about so many spans, ends up to 1 m off, on a jittered grid of 1 km, and places."""
    rng = np.random.default_rng(seed)
    side = int(np.sqrt(spans / 1.1)) + 1
    steps = np.stack(np.meshgrid(np.arange(side), np.arange(side)), -1).reshape(-1, 2)
    xy = steps * 1000.0 + rng.uniform(-200, 200, steps.shape)
    number = np.arange(side * side).reshape(side, side)
    pairs = np.concatenate(
        [
            np.c_[number[:, :-1].ravel(), number[:, 1:].ravel()],
            np.c_[number[:-1].ravel(), number[1:].ravel()],
        ]
    )
    pairs = pairs[rng.random(len(pairs)) < 0.55]
    ends = xy[pairs] + rng.uniform(-0.7, 0.7, (len(pairs), 2, 2))
    middle = ends.mean(axis=1, keepdims=True) + rng.uniform(-100, 100, (len(pairs), 1, 2))
    lines = np.concatenate([ends[:, :1], middle, ends[:, 1:]], axis=1)
    # One span in fifty has a second cable in its trench.
    beside = lines[::50] + 1.5
    drawn = gpd.GeoDataFrame(
        {"id": [f"s{i:07d}" for i in range(len(lines) + len(beside))]},
        geometry=shapely.linestrings(np.concatenate([lines, beside])),
        crs="EPSG:9209",
    )
    chosen = rng.choice(len(xy), max(len(xy) // 9, 2), replace=False)
    places = gpd.GeoDataFrame(geometry=shapely.points(xy[chosen] + 20), crs="EPSG:9209")
    return drawn, places


def main(spans: int = 100_000) -> None:
    drawn, places = country(spans)
    clock = time.perf_counter()

    def lap(what: str) -> None:
        nonlocal clock
        now = time.perf_counter()
        print(f"{what:<32}{now - clock:8.2f} s")
        clock = now

    network = build_network(drawn, snap_tolerance_m=5)
    lap(f"network of {len(drawn)} spans")
    network, drops = attach(network, places, drop_length_m=500)
    lap(f"drops of {len(places)} places")
    trenches = shared_trenches(network, distance_m=10, shortest_m=200)
    lap(f"{len(trenches)} trenches")
    weights = pd.DataFrame({"offices": 1, "population": 3000.0}, index=drops.index)
    hubs = drops.index[drops["node"] >= 0][:5]
    found = resilience(
        network, drops, hubs=hubs, weights=weights, rank_by="population", trenches=trenches
    )
    lap(f"resilience, {int(found.sections['bridge'].sum())} bridges")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"peak memory {peak:.2f} GB")


if __name__ == "__main__":
    main(*(int(value) for value in sys.argv[1:]))
