"""The committed sample study: Hà Giang at the end of 2017, built from its facts.

Knows in which order the parts need each other and which file each becomes.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio.features
import shapely
from pyproj import Transformer
from scipy import ndimage
from scipy.spatial import cKDTree

from phusong import tables
from phusong._types import Flags, Floats, Labels
from phusong.grid import Grid

from .boundaries import grow_communes
from .facts import Facts, read_facts
from .land import land_cover
from .lattice import Lattice
from .network import LOCAL, Roads, lay_fibre, lay_roads, road_lines
from .offices import list_offices
from .relief import Relief, make_relief
from .settlement import (
    Ground,
    commune_population,
    find_seats,
    people_raster,
    settle_villages,
    slope_deg,
)
from .stations import equip, site_masts
from .write import (
    DECIMALS,
    write_csv,
    write_flatgeobuf,
    write_geojson,
    write_raster,
    write_xlsx,
)

SEED = 2017
CRS = "EPSG:9209"
VALID_FROM = "2017-12-31"
"""Reference date of the edition; when each code came into force is not in the facts."""
MARGIN_DEG = 0.2
WORKING_PIXEL_M = 150.0
UNPOWERED_SHARE = 0.06
PLANNED_SPANS = 8


STEPS = (
    "terrain",
    "communes",
    "roads",
    "villages",
    "population",
    "fibre",
    "cells",
    "offices",
    "land cover",
)


def step_seeds() -> dict[str, int]:
    """Return the seed of each step, so that a change in one leaves the others' chance alone."""
    drawn = np.random.SeedSequence(SEED).generate_state(len(STEPS))
    return dict(zip(STEPS, drawn.tolist(), strict=True))


def build_sample(
    folder: Path, *, on_progress: Callable[[str, int, int], None] | None = None
) -> None:
    """Rebuild all layers of the sample study from its facts, the same bytes each time.

    Parameters
    ----------
    folder : Path
        The study's folder, with ``facts/``.
    on_progress : callable, optional
        Called as ``on_progress(step, done, steps)`` before each step.
    """

    def begin(step: str) -> None:
        if on_progress is not None:
            on_progress(step, STEPS.index(step), len(STEPS))

    facts = read_facts(folder / "facts")
    seeds = step_seeds()

    begin("terrain")
    relief = make_relief(facts, margin_deg=MARGIN_DEG, seed=seeds["terrain"])
    lattice = relief.lattice
    heights = np.rint(relief.height_m).astype(np.int16)
    write_raster(folder / "terrain.tif", heights, lattice.transform, nodata=-32768)
    rivers = _river_lines(relief)
    write_flatgeobuf(folder / "rivers.fgb", rivers, tables.RIVERS)

    begin("communes")
    grid, height = _working_grid(facts, relief)
    communes = grow_communes(facts, height, grid, seed=seeds["communes"])
    area_km2 = communes.area / 1e6
    communes = _rounded(communes)
    label = _label(communes, lattice)
    seats = find_seats(facts, relief.height_m, label, lattice)

    begin("roads")
    named = rivers[rivers["name"].notna()].to_crs(CRS)
    river = _burned(named.geometry, grid)
    roads = lay_roads(facts, seats, height, river, grid)
    lines = road_lines(roads)
    write_geojson(folder / "roads.geojson", lines, tables.ROADS)

    begin("villages")
    population = commune_population(facts, area_km2, seed=seeds["communes"])
    ground = _ground(relief, label, rivers, lines)
    villages = settle_villages(
        facts,
        ground,
        seats,
        population,
        region=_regions(facts),
        unpowered_share=UNPOWERED_SHARE,
        seed=seeds["villages"],
    )
    write_csv(folder / "villages.csv", villages, tables.VILLAGES)
    _write_communes(folder, facts, communes, villages)

    begin("population")
    people = people_raster(villages, facts.communes["commune_code"], ground)
    _write_people(folder, people, facts, lattice)

    begin("fibre")
    nodes, spans = lay_fibre(facts, roads, height, planned=PLANNED_SPANS, seed=seeds["fibre"])
    write_geojson(folder / "nodes.geojson", nodes, tables.NODES)
    write_geojson(folder / "spans.geojson", spans, tables.SPANS)

    begin("cells")
    cells = _cells(facts, communes, people, roads, height, seats, villages, lattice, seeds["cells"])
    write_csv(folder / "cells.csv", cells, tables.CELLS)

    begin("offices")
    offices = list_offices(
        facts, seats, population, remoteness_m(seats, lines), seed=seeds["offices"]
    )
    write_xlsx(folder / "offices.xlsx", offices, tables.OFFICES)
    write_geojson(folder / "places.geojson", _places(facts, seats), tables.PLACES)

    begin("land cover")
    land = land_cover(heights, people.astype(np.float32), seed=seeds["land cover"])
    write_raster(folder / "land_cover.tif", land, lattice.transform, nodata=0)


def remoteness_m(seats: gpd.GeoSeries, roads: gpd.GeoDataFrame) -> Any:
    """Return how far each seat lies from the named roads, metres."""
    named = roads[~roads["road_id"].str.startswith(LOCAL)].to_crs(CRS).union_all()
    return seats.to_crs(CRS).distance(named).to_numpy()


def _river_lines(relief: Relief) -> gpd.GeoDataFrame:
    rows, shapes = [], []
    for river_id, points in relief.rivers.groupby("river_id", sort=True):
        rows.append({"river_id": river_id, "name": points["name"].iloc[0]})
        shapes.append(shapely.simplify(shapely.LineString(points[["lon", "lat"]]), 0.0002))
    frame = gpd.GeoDataFrame(rows, geometry=shapes, crs="OGC:CRS84")
    frame["name"] = frame["name"].astype("str")
    return frame


def _working_grid(facts: Facts, relief: Relief) -> tuple[Grid, Floats]:
    """Return a metric grid over all communes and 5 km more, and the heights on it."""
    project = Transformer.from_crs("OGC:CRS84", CRS, always_xy=True)
    west, south, east, north = project.transform_bounds(*facts.bounds)
    grid = Grid.covering(
        (west - 5000, south - 5000, east + 5000, north + 5000),
        resolution_m=WORKING_PIXEL_M,
        crs=CRS,
    )
    lon, lat = project.transform(*np.meshgrid(grid.x_m, grid.y_m), direction="INVERSE")
    return grid, relief.lattice.sample(relief.height_m, lon, lat)


def _rounded(communes: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the communes as they will stand in the file."""
    communes = communes.to_crs("OGC:CRS84")
    communes["geometry"] = shapely.transform(communes.geometry.array, lambda xy: xy.round(DECIMALS))
    return communes.set_crs("OGC:CRS84", allow_override=True)


def _label(communes: gpd.GeoDataFrame, lattice: Lattice) -> Labels:
    shapes = ((shape, number) for number, shape in enumerate(communes.geometry))
    label: Labels = rasterio.features.rasterize(
        shapes, lattice.shape, fill=-1, transform=lattice.transform, dtype=np.int32
    )
    return label


def _burned(shapes: Any, raster: Grid | Lattice, *, all_touched: bool = True) -> Flags:
    burned = rasterio.features.rasterize(
        shapes,
        raster.shape,
        transform=raster.transform,
        all_touched=all_touched,
        dtype=np.uint8,
    )
    return np.asarray(burned == 1)


def _ground(
    relief: Relief, label: Labels, rivers: gpd.GeoDataFrame, roads: gpd.GeoDataFrame
) -> Ground:
    lattice = relief.lattice
    away = [
        ndimage.distance_transform_edt(
            ~_burned(lines.to_crs("OGC:CRS84").geometry, lattice),
            sampling=(92.3, 85.1),
        )
        for lines in (rivers, roads)
    ]
    return Ground(lattice, label, relief.height_m, slope_deg(relief.height_m), *away)


def _regions(facts: Facts) -> Any:
    """Return the region of each commune: that of the nearest control point of the relief."""
    known = cKDTree(facts.relief[["lon", "lat"]].to_numpy())
    _, nearest = known.query(facts.communes[["lon", "lat"]].to_numpy())
    return facts.relief["region"].to_numpy()[nearest]


def _write_communes(
    folder: Path, facts: Facts, communes: gpd.GeoDataFrame, villages: gpd.GeoDataFrame
) -> None:
    totals = villages.groupby("commune_code")[["population", "households"]].sum()
    names = facts.districts.set_index("district_code")["district"]
    full = communes.join(totals, on="commune_code").assign(
        valid_from=VALID_FROM, district=communes["district_code"].map(names)
    )
    write_geojson(folder / "communes.geojson", full, tables.COMMUNES)


def _write_people(folder: Path, people: Floats, facts: Facts, lattice: Lattice) -> None:
    """Write the part of the raster that holds the province."""
    west, south, east, north = facts.bounds
    (top, bottom), (left, right) = lattice.index(
        [west - 0.02, east + 0.02], [north + 0.02, south - 0.02]
    )
    part = people[top : bottom + 1, left : right + 1].astype(np.float32)
    window = Lattice(
        lattice.lon[left] - lattice.step / 2,
        lattice.lat[top] + lattice.step / 2,
        lattice.step,
        *part.shape[::-1],
    )
    write_raster(folder / "population.tif", part, window.transform)


def _cells(  # noqa: PLR0913 - the layers that stations are placed by
    facts: Facts,
    communes: gpd.GeoDataFrame,
    people: Floats,
    roads: Roads,
    height: Floats,
    seats: gpd.GeoSeries,
    villages: gpd.GeoDataFrame,
    lattice: Lattice,
    seed: int,
) -> gpd.GeoDataFrame:
    grid = roads.grid
    project = Transformer.from_crs("OGC:CRS84", CRS, always_xy=True)
    row, column = np.nonzero(people)
    at = grid.index(*project.transform(lattice.lon[column], lattice.lat[row]))[:2]
    crowd = np.zeros(grid.shape)
    np.add.at(crowd, at, people[row, column])
    road_m = np.zeros(grid.width * grid.height)
    for road_id, chain in roads.chains.items():
        if not road_id.startswith(LOCAL):
            road_m[chain] = grid.resolution_m
    masts = site_masts(
        crowd,
        road_m.reshape(grid.shape),
        height,
        _burned(communes.to_crs(CRS).geometry, grid, all_touched=False),
        shapely.get_coordinates(seats.to_crs(CRS).array),
        grid,
    )
    names = _mast_names(masts, villages.to_crs(CRS), facts)
    cells = equip(masts, names, seed=seed)
    points = gpd.points_from_xy(cells.pop("x_m"), cells.pop("y_m"))
    return gpd.GeoDataFrame(cells, geometry=points, crs=CRS)


def _mast_names(masts: pd.DataFrame, villages: gpd.GeoDataFrame, facts: Facts) -> pd.Series:
    """Name masts after the commune of the nearest village, numbered from the second on."""
    known = cKDTree(shapely.get_coordinates(villages.geometry.array))
    _, nearest = known.query(masts[["x_m", "y_m"]].to_numpy())
    code = villages["commune_code"].iloc[nearest].reset_index(drop=True)
    number = code.groupby(code).cumcount() + 1
    name: pd.Series = code.map(facts.communes.set_index("commune_code")["name"])
    return name.where(number == 1, name + " " + number.astype(str))


def _places(facts: Facts, seats: gpd.GeoSeries) -> gpd.GeoDataFrame:
    """Return the named places, the townships and the seats of the other communes."""
    known = facts.places
    units = facts.communes
    towns = pd.DataFrame(
        {
            "place_id": "TT-" + units["commune_code"],
            "name": units["name"],
            "kind": np.where(units["type"] == "thị trấn", "town", "village"),
            "elevation_m": np.nan,
        }
    )
    kept = (units["type"] != "phường").to_numpy()
    points = [*gpd.points_from_xy(known["lon"], known["lat"]), *seats[kept]]
    columns = ["place_id", "name", "kind", "elevation_m"]
    both = pd.concat([known[columns], towns[kept]], ignore_index=True)
    return gpd.GeoDataFrame(both, geometry=points, crs="OGC:CRS84")
