"""Roads over the land and fibre along the roads.

Named roads run through the places of the facts in order, each leg the cheapest
way over the terrain; local roads join every commune seat to them. Fibre follows
the roads: one span between any two nodes, nodes at seats and where lines part;
one span more puts the city on a ring.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer
from scipy import ndimage
from scipy.sparse import csgraph, csr_array

from phusong._types import Flags, Floats
from phusong.fibre.cuts import find_cuts
from phusong.grid import Grid

from .facts import Facts
from .paths import lattice_graph, way_back

CLIMB = 120.0  # a slope of 0.09 doubles the cost of a metre of road
FORD = 8.0  # so much dearer is a pixel of a named river
LEG_MARGIN_M = 9000.0
LOCAL = "DX-"  # before the commune code: the road_id of a local road
SLACK = 1.06  # cable over road length
TAKEN = 20.0  # so much dearer for a second cable is a pixel that has one
RING_CLOSED = "2012-05-19"


@dataclass(frozen=True)
class Roads:
    """Roads as chains of grid pixels, and what they are called.

    Parameters
    ----------
    grid : Grid
        Where the pixels lie.
    chains : dict of str to list of int
        Flat pixel indices by ``road_id``.
    names : dict of str to str
        Name by ``road_id``.
    seats : list of int
        Flat pixel index of each commune's seat.
    """

    grid: Grid
    chains: dict[str, list[int]]
    names: dict[str, str]
    seats: list[int]


def lay_roads(
    facts: Facts, seats: gpd.GeoSeries, height_m: Floats, river: Flags, grid: Grid
) -> Roads:
    """Lay named roads and one local road for each seat they miss.

    Parameters
    ----------
    facts : Facts
        Places of the named roads, in order.
    seats : GeoSeries of points
        One a commune.
    height_m, river : arrays, shape of the grid
        Land, and pixels of named rivers.
    grid : Grid
        Pixels of 100 to 200 m.
    """
    xy = shapely.get_coordinates(seats.to_crs(grid.crs).array)
    row, column, _ = grid.index(*xy.T)
    at_seat = dict(zip(facts.communes["commune_code"], row * grid.width + column, strict=True))
    cost = np.where(river, FORD, 1.0)
    chains: dict[str, list[int]] = {}
    project = Transformer.from_crs("OGC:CRS84", grid.crs, always_xy=True)
    for road_id, stops in facts.roads.sort_values("order").groupby("road_id", sort=True):
        via = []
        for stop in stops.itertuples():
            if isinstance(stop.commune_code, str):
                via.append(int(at_seat[stop.commune_code]))
            else:
                r, c, _ = grid.index(*project.transform(stop.lon, stop.lat))
                via.append(int(r) * grid.width + int(c))
        chain = via[:1]
        for start, end in pairwise(via):
            chain += _leg(start, end, height_m, cost, grid)[1:]
        chains[str(road_id)] = chain
    names = dict(zip(facts.roads["road_id"], facts.roads["name"], strict=True))
    _join_seats(facts, at_seat, chains, names, height_m, cost, grid)
    return Roads(grid, chains, names, [int(pixel) for pixel in at_seat.values()])


def _leg(start: int, end: int, height_m: Floats, cost: Floats, grid: Grid) -> list[int]:
    """Return the cheapest way between two pixels, within some kilometres of both."""
    rows, columns = np.divmod([start, end], grid.width)
    margin = round(LEG_MARGIN_M / grid.resolution_m)
    top, left = max(rows.min() - margin, 0), max(columns.min() - margin, 0)
    window = np.s_[top : rows.max() + margin + 1, left : columns.max() + margin + 1]
    part = height_m[window]
    graph = _graph(part, cost[window], grid)
    first, last = (rows - top) * part.shape[1] + columns - left
    _, before = csgraph.dijkstra(graph, directed=False, indices=first, return_predecessors=True)
    r, c = np.divmod(way_back(before, int(last))[::-1], part.shape[1])
    return [int(pixel) for pixel in (r + top) * grid.width + c + left]


def _graph(height_m: Floats, cost: Floats, grid: Grid) -> csr_array:
    size = grid.resolution_m
    return lattice_graph(cost, dx=size, dy=size, height=height_m, climb=CLIMB)


def _join_seats(
    facts: Facts,
    at_seat: dict[str, int],
    chains: dict[str, list[int]],
    names: dict[str, str],
    height_m: Floats,
    cost: Floats,
    grid: Grid,
) -> None:
    """Add a local road from each seat that no road passes, nearest first, to the next road."""
    met = {pixel for chain in chains.values() for pixel in chain}
    far, before, _ = csgraph.dijkstra(
        _graph(height_m, cost, grid),
        directed=False,
        indices=sorted(met),
        min_only=True,
        return_predecessors=True,
    )
    units = facts.communes.set_index("commune_code")
    for code, pixel in sorted(at_seat.items(), key=lambda seat: (far[seat[1]], seat[0])):
        if pixel in met:
            continue
        chain = [pixel]
        while chain[-1] not in met:
            chain.append(int(before[chain[-1]]))
        met.update(chain)
        chains[LOCAL + code] = chain[::-1]
        names[LOCAL + code] = "Đường đến {type} {name}".format(**units.loc[code])


def road_lines(roads: Roads) -> gpd.GeoDataFrame:
    """Return the roads as smooth lines, columns of `tables.ROADS`."""
    shapes = [_line(chain, roads.grid) for chain in roads.chains.values()]
    columns = {"road_id": list(roads.chains), "name": [roads.names[i] for i in roads.chains]}
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=roads.grid.crs)


def _line(chain: Sequence[int], grid: Grid) -> shapely.LineString:
    """Draw a chain of pixels, corners rounded, ends kept."""
    row, column = np.divmod(np.asarray(chain), grid.width)
    xy = np.column_stack([grid.x_m[column], grid.y_m[row]])
    smooth = ndimage.gaussian_filter1d(xy, 0.9, axis=0, mode="nearest")
    smooth[[0, -1]] = xy[[0, -1]]
    return shapely.simplify(shapely.LineString(smooth), 12.0)


def lay_fibre(
    facts: Facts, roads: Roads, height_m: Floats, *, planned: int, seed: int
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return nodes and spans along the roads, columns of `tables.NODES` and `tables.SPANS`.

    Parameters
    ----------
    facts : Facts
        Communes, for names.
    roads : Roads
        Every seat lies on one.
    height_m : array, shape of the grid of `roads`
        Planned links are led over it.
    planned : int
        Number of planned spans that close rings between dead ends. One more
        span, in service, joins the city to the largest ring a second time.
    seed : int
        Draws suppliers and dates.
    """
    rng = np.random.default_rng(seed)
    grid = roads.grid
    owner: dict[tuple[int, int], str] = {}
    for road_id, chain in roads.chains.items():
        for a, b in pairwise(chain):
            if a != b:
                owner.setdefault((min(a, b), max(a, b)), road_id)
    nearby: dict[int, list[int]] = {}
    for a, b in sorted(owner):
        nearby.setdefault(a, []).append(b)
        nearby.setdefault(b, []).append(a)
    seats = set(roads.seats)
    ends = {pixel for pixel, near in nearby.items() if pixel in seats or len(near) != 2}
    chains = _between(nearby, ends)
    extra = _closing(chains, seats, nearby, height_m, grid, planned)
    city = facts.districts.loc[facts.districts["type"] == "thành phố", "seat_code"].iloc[0]
    hub = roads.seats[facts.communes["commune_code"].to_list().index(city)]
    second_way = _second_way(chains, hub, height_m, grid)
    nodes = _nodes(facts, roads, sorted(ends))
    node_id = dict(zip(sorted(ends), nodes["id"], strict=True))
    rows, shapes = [], []
    for number, chain in enumerate([*chains, *extra], start=1):
        is_planned = number > len(chains)
        road_id = "" if is_planned else owner[min(chain[:2]), max(chain[:2])]
        trunk = bool(road_id) and not road_id.startswith(LOCAL)
        shape = _line(chain, grid)
        since = rng.integers(2004, 2011) if trunk else rng.integers(2008, 2018)
        day = f"{2018 if is_planned else since}-{rng.integers(1, 13):02d}-{rng.integers(1, 29):02d}"
        name = f"Tuyến khép vòng {number - len(chains)}" if is_planned else roads.names[road_id]
        rows.append(
            {
                "id": f"CQ-{number:04d}",
                "name": name,
                "status": "planned" if is_planned else "operational",
                "readyForServiceDate": day,
                "start": node_id[chain[0]],
                "end": node_id[chain[-1]],
                "supplier": "VNPT" if trunk or rng.random() < 0.65 else "Viettel",
                "deployment": "belowGround" if road_id == "QL2" else "aboveGround",
                "fibreCount": int(rng.choice([48, 96]) if trunk else rng.choice([12, 24])),
                "fibreLength": round(SLACK * shape.length / 1000, 3),
            }
        )
        shapes.append(shape)
    shape = _line(second_way, grid)
    rows.append(
        {
            "id": f"CQ-{len(rows) + 1:04d}",
            "name": "Vòng cáp nội thị",
            "status": "operational",
            "readyForServiceDate": RING_CLOSED,
            "start": node_id[second_way[0]],
            "end": node_id[second_way[-1]],
            "supplier": "VNPT",
            "deployment": "belowGround",
            "fibreCount": 96,
            "fibreLength": round(SLACK * shape.length / 1000, 3),
        }
    )
    return nodes, gpd.GeoDataFrame(rows, geometry=[*shapes, shape], crs=grid.crs)


def _second_way(chains: list[list[int]], hub: int, height_m: Floats, grid: Grid) -> list[int]:
    """Lead a cable from the hub to the largest ring, apart from the cables that are there.

    Roads leave a city through the same few streets, so along them alone the
    hub would hang on one cable, which no network is built with.
    """
    pixels = sorted({pixel for chain in chains for pixel in (chain[0], chain[-1])})
    index = {pixel: k for k, pixel in enumerate(pixels)}
    start, end = (np.array([index[chain[at]] for chain in chains]) for at in (0, -1))
    cuts = find_cuts(start, end, len(pixels), [index[hub]])
    on_ring = cuts.part == np.bincount(cuts.part).argmax()
    # The cable that is there ends where its last bridge does; the new one must end elsewhere.
    on_ring[cuts.top[cuts.part[on_ring.argmax()]]] = False
    place = np.column_stack(np.divmod(pixels, grid.width))
    away = np.hypot(*(place - place[index[hub]]).T)
    end_pixel = pixels[int(np.where(on_ring, away, np.inf).argmin())]
    cost = np.ones_like(height_m)
    cost.ravel()[[pixel for chain in chains for pixel in chain]] = TAKEN
    return _leg(hub, end_pixel, height_m, cost, grid)


def _between(nearby: dict[int, list[int]], ends: set[int]) -> list[list[int]]:
    """Walk every line from node to node, once."""
    chains = []
    walked: set[tuple[int, int]] = set()
    for start in sorted(ends):
        for step in nearby[start]:
            if (start, step) in walked:
                continue
            chain = [start, step]
            while chain[-1] not in ends:
                onward = nearby[chain[-1]]
                chain.append(onward[0] if onward[0] != chain[-2] else onward[1])
            walked.add((start, step))
            walked.add((chain[-1], chain[-2]))
            chains.append(chain)
    return chains


def _closing(
    chains: list[list[int]],
    seats: set[int],
    nearby: dict[int, list[int]],
    height_m: Floats,
    grid: Grid,
    count: int,
) -> list[list[int]]:
    """Link dead-end seats that lie near each other but far apart along the cables."""
    pixels = sorted({pixel for chain in chains for pixel in (chain[0], chain[-1])})
    index = {pixel: k for k, pixel in enumerate(pixels)}
    graph = csr_array(
        (
            [float(len(chain)) for chain in chains],
            ([index[chain[0]] for chain in chains], [index[chain[-1]] for chain in chains]),
        ),
        shape=(len(pixels), len(pixels)),
    )
    dead_ends = [pixel for pixel in sorted(seats) if len(nearby[pixel]) == 1]
    along = csgraph.dijkstra(graph, directed=False, indices=[index[p] for p in dead_ends])
    place = np.column_stack(np.divmod(dead_ends, grid.width))
    apart = np.hypot(*(place[:, None, :] - place[None, :, :]).transpose(2, 0, 1))
    gain = along[:, [index[p] for p in dead_ends]] / np.maximum(apart, 20)
    gain = np.triu(np.where(apart * grid.resolution_m > 12_000, 0.0, gain))
    links: list[list[int]] = []
    taken: set[int] = set()
    for flat in np.argsort(-gain, axis=None, kind="stable"):
        a, b = (int(v) for v in np.divmod(flat, len(dead_ends)))
        if len(links) == count or gain[a, b] == 0:
            break
        if not {a, b} & taken:
            taken |= {a, b}
            plain = np.ones_like(height_m)
            links.append(_leg(dead_ends[a], dead_ends[b], height_m, plain, grid))
    return links


def _nodes(facts: Facts, roads: Roads, pixels: list[int]) -> gpd.GeoDataFrame:
    """Name the nodes after their communes; where lines part elsewhere there is a closure."""
    grid = roads.grid
    units: dict[int, Any] = dict(zip(roads.seats, facts.communes.itertuples(), strict=True))
    district_seats = set(facts.districts["seat_code"])
    rows = []
    closures = 0
    for pixel in pixels:
        unit = units.get(pixel)
        if unit is None:
            closures += 1
            rows.append((f"MX-{closures:03d}", f"Măng xông {closures}", "addDropSite"))
        else:
            kind = "pop" if unit.commune_code in district_seats else "cabinet"
            rows.append((f"N-{unit.commune_code}", unit.name, kind))
    frame = pd.DataFrame(rows, columns=["id", "name", "type"])
    frame.insert(2, "status", "operational")
    row, column = np.divmod(pixels, grid.width)
    points = gpd.points_from_xy(grid.x_m[column], grid.y_m[row])
    return gpd.GeoDataFrame(frame, geometry=points, crs=grid.crs)
