"""Times the export of many communes into PostGIS: the first one, one without and one with changes.

    PGPASSWORD=… python benchmarks/database.py postgresql://gis@127.0.0.1/bench 10000

writes into the schema ``bench`` of that database and removes it; without an address it writes
nothing.
"""

import sys
import time
from dataclasses import replace

import geopandas as gpd
import numpy as np
import shapely

from phusong.export import Layer, State, plain_layer, write_database
from phusong.tables import COMMUNES_RESULT

CRS, SIDE_M, CORNERS = "EPSG:9209", 5_000.0, 200


def communes(count: int) -> Layer:
    """Return squares side by side with as many corners as communes have."""
    side = int(np.ceil(np.sqrt(count)))
    steps = np.linspace(0, SIDE_M, CORNERS // 4, endpoint=False)
    rim = np.concatenate(
        [
            np.column_stack([steps, np.zeros_like(steps)]),
            np.column_stack([np.full_like(steps, SIDE_M), steps]),
            np.column_stack([SIDE_M - steps, np.full_like(steps, SIDE_M)]),
            np.column_stack([np.zeros_like(steps), SIDE_M - steps]),
        ]
    )
    numbers = np.arange(count)
    corners = np.column_stack([numbers % side, numbers // side]) * SIDE_M + [300_000.0, 1_500_000.0]
    frame = gpd.GeoDataFrame(
        {
            "commune_code": [f"{number:05}" for number in numbers],
            "valid_from": "2017-01-01",
            "name": [f"Xã {number}" for number in numbers],
            "type": "xã",
            "population": 1000.0 + numbers,
            "area_km2": 25.0,
        },
        geometry=[shapely.Polygon(rim + corner) for corner in corners],
        crs=CRS,
    )
    return plain_layer(frame, COMMUNES_RESULT.expand({"service": ["mobile", "4g"]}))


def main(address: str, count: int) -> None:
    """Print how long each export took, by the clock and in processor time of this side."""
    layer = communes(count)
    print(f"{len(layer.rows)} communes of {CORNERS} corners, {len(layer.table.fields)} columns")
    if not address:
        return
    import psycopg

    rows = [
        {**row, "area_km2": 26.0} if number % 100 == 0 else row
        for number, row in enumerate(layer.rows)
    ]
    state = State(study="bench", crs=CRS, as_of=None, parameters={}, whole=True)
    for what, given in (
        ("first", layer), ("the same again", layer), ("1 % changed", replace(layer, rows=rows)),
    ):  # fmt: skip
        clock, processor = time.perf_counter(), time.process_time()
        (done,) = write_database([given], address, schema="bench", state=state)
        took = time.perf_counter() - clock, time.process_time() - processor
        print(f"{what}: {took[0]:.1f} s, {took[1]:.1f} s of processor time on this side;", end=" ")
        print(f"{done.added} added, {done.changed} changed")
    with psycopg.connect(address) as connection:
        connection.execute("DROP SCHEMA bench CASCADE")


if __name__ == "__main__":
    main(
        sys.argv[1] if len(sys.argv) > 1 else "", int(sys.argv[2]) if len(sys.argv) > 2 else 10_000
    )
