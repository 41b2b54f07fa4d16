"""Processor time and memory of residents, counting and gaps: python benchmarks/service.py."""

import resource
import sys
import time

import geopandas as gpd
import numpy as np
import shapely
from scipy.ndimage import gaussian_filter

from phusong.grid import Grid
from phusong.service import count_residents, coverage_by_unit, gaps
from phusong.terrain import Population


def province(communes: int, side_m: float, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Draw communes of uneven size, in districts of strips, that fill a square."""
    west, south = 400_000.0, 2_450_000.0
    square = shapely.box(west, south, west + side_m, south + side_m)
    corner = np.array([west, south])
    seeds = shapely.MultiPoint(rng.uniform(corner, corner + side_m, (communes, 2)))
    cells = shapely.intersection(
        shapely.get_parts(shapely.voronoi_polygons(seeds, extend_to=square)), square
    )
    strip = (shapely.get_x(shapely.centroid(cells)) - west) // (side_m / 11)
    return gpd.GeoDataFrame(
        {
            "commune_code": [f"{i:05d}" for i in range(communes)],
            "name": [f"C{i}" for i in range(communes)],
            "district_code": [f"{int(number):03d}" for number in strip],
            "district": "D",
        },
        geometry=cells,
        crs="EPSG:9209",
    )


def main(communes: int = 195, side_m: float = 128_000.0, services: int = 4) -> None:
    rng = np.random.default_rng(98)
    units = province(communes, side_m, rng)
    grid = Grid.covering(tuple(units.total_bounds), resolution_m=70.0, crs="EPSG:9209")
    # People in clumps; signal in patches of about 2 km, 60 to 95 % of the land.
    clumps = gaussian_filter(rng.random(grid.shape) ** 40, 4)
    clumps = np.where(clumps > np.median(clumps), clumps, 0.0)
    people = grid.wrap(clumps * (4600 * communes / clumps.sum()), "population")
    patches = gaussian_filter(rng.normal(size=grid.shape), 15)
    margins = {
        f"s{i}": grid.wrap(
            (patches / patches.std() + 0.3 + 0.45 * i).astype("float32"), "margin_db"
        )
        for i in range(services)
    }
    print(f"{grid.height * grid.width / 1e6:.2f} million pixels, {communes} communes, "
          f"{services} services, {people.sum().item():,.0f} residents")  # fmt: skip

    clock = time.process_time()
    residents = count_residents(
        units,
        grid,
        population=Population(people, outside=0.0),
        villages=None,
        village_radius_m=250.0,
    )
    print(f"residents: {time.process_time() - clock:.2f} s")
    clock = time.process_time()
    found = coverage_by_unit(
        residents,
        margins,
        probabilities={name: (margin >= 0).astype(np.float32) for name, margin in margins.items()},
        mean_error_db=0.0,
        centres=units.representative_point(),
        villages=None,
    )
    print(f"counting: {time.process_time() - clock:.2f} s")
    for name, margin in margins.items():
        clock = time.process_time()
        listed = gaps(
            margin, residents, service=name, smallest_population=10.0, join_distance_m=300.0,
            villages=None,
        )  # fmt: skip
        share = found.province[f"covered_population_share_{name}"].item()
        print(f"gaps at {share:.1%} covered: {len(listed.table)} listed, {listed.unlisted} not, "
              f"{time.process_time() - clock:.2f} s")  # fmt: skip
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")


if __name__ == "__main__":
    main(communes=20, side_m=7_000.0) if "--tiny" in sys.argv else main()
