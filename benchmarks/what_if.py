"""Time of what-if questions about one mast of the sample: python benchmarks/what_if.py [--tiny]."""

import argparse
import tempfile
import time
from itertools import cycle

import geopandas as gpd
import numpy as np
import pandas as pd

import phusong
from phusong.pipeline.progress import silent

TINY_PIXEL_M, TINY_RADIUS_KM = 2000.0, 2.0


def changed(cells: gpd.GeoDataFrame, site: str, change: str) -> gpd.GeoDataFrame:
    """Return the cells with one mast raised by 10 m, moved, removed, or put up beside it."""
    of_site = cells["site_id"] == site
    if change == "removed":
        return cells[~of_site].reset_index(drop=True)
    if change == "new":
        new = cells[of_site].copy()
        for column in ("site_id", "station_id", "cell_id"):
            new[column] += "-new"
        new["geometry"] = new.geometry.translate(1500, -700)
        return pd.concat([cells, new], ignore_index=True)
    cells = cells.copy()
    if change == "raised":
        cells.loc[of_site, "antenna_height_m"] += 10
    else:
        cells.loc[of_site, "geometry"] = cells.geometry[of_site].translate(1500, -700)
    return cells


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--tiny", action="store_true", help="a coarse grid, a short reach and four masts"
    )
    parser.add_argument("--masts", type=int, default=50)
    tiny, masts = vars(parser.parse_args()).values()
    study = phusong.open_study(phusong.sample_folder())
    if tiny:
        radio = study.radio.model_copy(update={"radius_km": TINY_RADIUS_KM})
        study = study.model_copy(update={"resolution_m": TINY_PIXEL_M, "radio": radio})
        masts = 4
    with tempfile.TemporaryDirectory() as cache:
        options = {"cache_folder": cache, "on_progress": silent}
        before = phusong.run(study, parts=("coverage",), **options)
        sites = before.cells["site_id"].unique()
        chosen = np.random.default_rng(98).choice(sites, masts + 1, replace=False)
        phusong.what_if(before, changed(before.cells, chosen[0], "raised"), **options)
        rows = []
        for site, change in zip(
            chosen[1:], cycle(("raised", "moved", "removed", "new")), strict=False
        ):
            cells = changed(before.cells, site, change)
            clock, processor = time.perf_counter(), time.process_time()
            after = phusong.what_if(before, cells, **options)
            answered, processor = time.perf_counter(), time.process_time() - processor
            rows.append((change, answered - clock, processor))
        clock = time.perf_counter()
        listed = len(after.gaps)
        asked = time.perf_counter() - clock
    table = pd.DataFrame(rows, columns=["change", "seconds", "processor_seconds"])
    print(f"{len(before.cells)} cells, {len(sites)} masts, {masts} asked about; seconds")
    for name, group in (*table.groupby("change"), ("all", table)):
        took, work = group["seconds"], group["processor_seconds"]
        print(f"{name:8s} by the clock median {took.median():.2f}, worst {took.max():.2f}; "
              f"processor median {work.median():.2f}, worst {work.max():.2f}")  # fmt: skip
    print(f"{listed} gaps of the last, when asked for: {asked:.2f} by the clock")


if __name__ == "__main__":
    main()
