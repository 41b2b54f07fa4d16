"""A tiny complete study in about a second, for tests: two districts and a ridge between.

Everything is invented. The west reaches the ridge's foot, the east hides behind
it, and the last commune's fibre is only planned, so that every verdict has
somewhere to fail.
"""

import json
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from phusong import tables
from phusong._types import Floats
from phusong.study import new_study

from .lattice import Lattice
from .noise import fractal
from .stations import cells_of
from .write import write_csv, write_geojson, write_raster

WEST, SOUTH, EAST, NORTH = 104.88, 22.69, 105.12, 22.91
MARGIN_DEG = 0.2
RIDGE_LON = 105.0
INVENTED = (
    "communes", "cells", "villages", "population", "terrain", "offices", "spans", "nodes", "roads",
    "rivers", "places",
)  # fmt: skip
VALID_FROM = "2004-07-01"
_NAMES = ("Bản Mẫu", "Nà Thử", "Khuổi Ví", "Lũng Dụ", "Phiêng Nháp", "Tả Thí", "Cốc Nghiệm")
_VILLAGES = ("Nà Cáy", "Khuổi Luông", "Lũng Phìn", "Bản Lầu", "Cốc Cọt", "Phia Dầu")


def write_small_study(folder: Path, *, seed: int = 0, communes: int = 6, sites: int = 8) -> None:
    """Write a complete study of about 25 × 25 km around 105.0° E, 22.8° N.

    Two districts lie west and east of a ridge 1 km high. The files are named
    as in the scaffold of a new study, whose study.toml is put beside them
    unless there is one. The last commune's fibre is planned, not operational;
    every third commune office has a LAN.

    Parameters
    ----------
    folder : Path
        Made if absent; files of the same names are replaced.
    seed : int
        Draws terrain, villages and population.
    communes : int
        At least 2; the first half lies in the west.
    sites : int
        At least 1; each carries two or three stations of one operator.

    Raises
    ------
    ValueError
        If there are fewer communes or sites.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_small_study(Path(folder), communes=2, sites=1)
    ...     (Path(folder) / "cells.csv").read_text(encoding="utf-8").count("active")
    9
    """
    if communes < 2 or sites < 1:
        raise ValueError("a small study needs at least 2 communes and 1 site")
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "study.toml").exists():
        _mark(new_study(folder, province="Hà Giang", as_of=date(2017, 12, 31)))
    rng = np.random.default_rng(seed)
    lattice = Lattice.around((WEST, SOUTH, EAST, NORTH), step=3 / 3600, margin=MARGIN_DEG)
    height = _terrain(lattice, rng)
    units = _communes(communes)
    centres = units.geometry.representative_point()
    villages = _villages(units, rng)
    people = _people(villages, lattice, rng)

    write_raster(folder / "terrain.tif", height, lattice.transform, nodata=-32768)
    write_raster(folder / "population.tif", people, lattice.transform)
    totals = villages.groupby("commune_code")[["population", "households"]].sum()
    units = units.join(totals, on="commune_code")
    for name, frame, table in (
        ("communes.geojson", units, tables.COMMUNES),
        ("villages.csv", villages, tables.VILLAGES),
        ("cells.csv", _cells(sites, units, centres, villages), tables.CELLS),
        ("offices.csv", offices_of(units, centres), tables.OFFICES),
        ("nodes.geojson", nodes_of(units, centres), tables.NODES),
        ("spans.geojson", _spans(units, centres), tables.SPANS),
        ("roads.geojson", _roads(centres), tables.ROADS),
        ("rivers.geojson", _rivers(), tables.RIVERS),
        ("places.geojson", _places(units, centres, height, lattice), tables.PLACES),
    ):
        write = write_csv if name.endswith(".csv") else write_geojson
        write(folder / name, frame, table)


def _mark(path: Path) -> None:
    """Name every layer of a new study.toml as invented, and take no mean error off its levels."""
    text = path.read_text(encoding="utf-8")
    template = '# invented = ["communes", "cells"]  #'
    if template not in text:
        raise ValueError(f"{path.name} has no line for the invented layers")
    text = text.replace(template, f"invented = {json.dumps(INVENTED)}  #")
    path.write_text(text.replace("# mean_error_db = ", "mean_error_db = "), encoding="utf-8")


def _frame(columns: Any, shapes: Any) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs="OGC:CRS84")


def _terrain(lattice: Lattice, rng: np.random.Generator) -> NDArray[np.int16]:
    """Return valleys at about 250 m, a ridge of 1,300 m, and hills over both."""
    hills = fractal(lattice.shape, rng, longest_px=80, exponent=2.2)
    ridge = np.exp(-(((lattice.lon - RIDGE_LON) / 0.022) ** 2))[None, :]
    metres = 300 + 1000 * ridge + 90 * hills * (0.4 + ridge)
    return np.asarray(np.rint(metres), dtype=np.int16)


def _communes(count: int) -> gpd.GeoDataFrame:
    """Cut the rectangle along the ridge, and each side into strips, named from north to south."""
    west = (count + 1) // 2
    y = np.linspace(SOUTH - 0.01, NORTH + 0.01, 60)
    ridge = np.column_stack([RIDGE_LON + 0.004 * np.sin(90 * y), y])
    parts: list[Any] = []
    for strips, edge in ((west, WEST), (count - west, EAST)):
        corners = [(edge, NORTH + 0.01), (edge, SOUTH - 0.01)]
        side = shapely.Polygon([*ridge, *corners]) & shapely.box(WEST, SOUTH, EAST, NORTH)
        x = np.linspace(WEST - 0.01, EAST + 0.01, 60)
        cuts = [
            shapely.LineString(np.column_stack([x, level + 0.004 * np.sin(120 * x)]))
            for level in np.linspace(NORTH, SOUTH, strips + 1)[1:-1]
        ]
        found = shapely.get_parts(shapely.polygonize([shapely.union_all([side.boundary, *cuts])]))
        found = found[side.contains(shapely.point_on_surface(found))]
        parts += sorted(found, key=lambda part: -part.centroid.y)
    in_west = np.arange(count) < west
    return _frame(
        {
            "commune_code": [f"{700 + 3 * i:05d}" for i in range(count)],
            "valid_from": VALID_FROM,
            "name": [_NAMES[i % len(_NAMES)] + " I" * (i // len(_NAMES)) for i in range(count)],
            "type": ["thị trấn" if i in (0, west) else "xã" for i in range(count)],
            "district_code": np.where(in_west, "024", "026"),
            "district": np.where(in_west, "Thử Tây", "Thử Đông"),
        },
        parts,
    )


def _villages(units: gpd.GeoDataFrame, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Scatter six villages over each commune; the first is the centre, the last has no power."""
    rows, shapes = [], []
    for unit in units.itertuples():
        centre = unit.geometry.representative_point()
        spots = [centre]
        x0, y0, x1, y1 = unit.geometry.bounds
        while len(spots) < len(_VILLAGES):
            spot = shapely.Point(rng.uniform(x0, x1), rng.uniform(y0, y1))
            if unit.geometry.buffer(-0.004).contains(spot):
                spots.append(spot)
        for number, (name, spot) in enumerate(zip(_VILLAGES, spots, strict=True), start=1):
            households = int(rng.integers(30, 110)) * (3 if number == 1 else 1)
            rows.append(
                {
                    "village_id": f"{unit.commune_code}-{number:02d}",
                    "name": name,
                    "commune_code": unit.commune_code,
                    "households": households,
                    "population": round(4.6 * households),
                    "has_electricity": number < len(_VILLAGES),
                }
            )
            shapes.append(spot)
    return _frame(rows, shapes)


def _people(villages: gpd.GeoDataFrame, lattice: Lattice, rng: np.random.Generator) -> Floats:
    """Put each household on a pixel within some hundred metres of its village."""
    size = villages["households"].to_numpy()
    share = np.repeat(villages["population"].to_numpy() / size, size)
    lon, lat = (
        np.repeat(shapely.get_coordinates(villages.geometry.array), size, axis=0)
        + rng.normal(0, 0.0025, (size.sum(), 2)).clip(-0.004, 0.004)
    ).T
    people = np.zeros(lattice.shape)
    np.add.at(people, lattice.index(lon, lat), share)
    return people.astype(np.float32)


def _cells(
    sites: int, units: gpd.GeoDataFrame, centres: gpd.GeoSeries, villages: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """Serve the communes' centres west first, then the largest other villages."""
    others = villages[~villages["village_id"].str.endswith("-01")].nlargest(sites, "households")
    spots = [*zip(units["name"], centres, strict=True)]
    spots += [*zip(others["name"], others.geometry, strict=True)]
    operators = ("Viettel", "VinaPhone", "MobiFone")
    rows: list[dict[str, Any]] = []
    shapes: list[Any] = []
    for i in range(sites):
        name, spot = spots[i % len(spots)]
        carriers = (("2G", 900.0), ("3G", 2100.0), ("4G", 1800.0))
        for technology, frequency in carriers if i % 2 == 0 else carriers[1:]:
            rows += cells_of(
                f"THU{i:04d}-{technology}",
                technology=technology,
                azimuths_deg=(10 * i, 10 * i + 120, 10 * i + 240),
                site_id=f"THU{i:04d}",
                site_name=name,
                operator=operators[i % len(operators)],
                frequency_mhz=frequency,
                antenna_height_m=30.0 + 3 * (i % 5),
                tilt_deg=3.0,
                on_air_from=date(2010 + i % 7, 3, 1).isoformat(),
                on_air_to=None,
            )
        shapes += [spot] * (len(rows) - len(shapes))
    return _frame(rows, shapes)


def offices_of(units: gpd.GeoDataFrame, centres: gpd.GeoSeries) -> gpd.GeoDataFrame:
    """Return an office of the province, of each district, and of each commune at its centre."""
    first = units.drop_duplicates("district_code")
    seats = [("province", "UBND tỉnh Thử", 0)]
    seats += [("district", f"UBND huyện {units.loc[i, 'district']}", i) for i in first.index]
    seats += [
        ("commune", f"UBND {units.loc[i, 'type']} {units.loc[i, 'name']}", i) for i in units.index
    ]
    rows = []
    for number, (level, name, i) in enumerate(seats):
        small = level == "commune"
        has_lan = not small or i % 3 == 0
        officials = {"province": 120, "district": 60, "commune": 20 + i % 4}[level]
        rows.append(
            {
                "office_id": f"VP{number:03d}",
                "name": name,
                "level": level,
                "commune_code": units.loc[i, "commune_code"],
                "has_fibre": i < len(units) - 1,
                "has_lan": has_lan,
                "lan_year": 2015 if has_lan else None,
                "data_network_port": not small or i % 2 == 0,
                "computers": officials - (i % 4 if small else 0),
                "officials": officials,
                "video_conference": not small or i < len(units) - 1,
                "document_system": True,
                "digital_certificates": {"province": 60, "district": 25, "commune": 2}[level],
                "mailboxes": officials,
                "one_stop": "interlinked" if has_lan else "local",
                "files_per_year": {"province": 20000, "district": 9000, "commune": 1500}[level],
                "backup_power": not small or i % 3 != 1,
            }
        )
    offices = _frame(rows, [centres.loc[i] for _, _, i in seats])
    return offices.astype({"lan_year": "Int64"})


def nodes_of(units: gpd.GeoDataFrame, centres: gpd.GeoSeries) -> gpd.GeoDataFrame:
    """Return a node at each centre; the last is only planned."""
    return _frame(
        {
            "id": "N" + units["commune_code"],
            "name": units["name"],
            "status": ["operational"] * (len(units) - 1) + ["planned"],
            "type": ["pop"] + ["addDropSite"] * (len(units) - 1),
        },
        centres,
    )


def _spans(units: gpd.GeoDataFrame, centres: gpd.GeoSeries) -> gpd.GeoDataFrame:
    """Lay a line from centre to centre; only the last link is not there yet."""
    links = [
        shapely.LineString([a, b]) for a, b in zip(centres.iloc[:-1], centres.iloc[1:], strict=True)
    ]
    lengths = gpd.GeoSeries(links, crs="OGC:CRS84").to_crs("EPSG:9209").length
    nodes = ("N" + units["commune_code"]).to_list()
    return _frame(
        {
            "id": [f"S{i:03d}" for i in range(len(links))],
            "name": [f"Tuyến {i + 1}" for i in range(len(links))],
            "status": ["operational"] * (len(links) - 1) + ["planned"],
            "readyForServiceDate": ["2014-06-30"] * (len(links) - 1) + ["2019-12-31"],
            "start": nodes[:-1],
            "end": nodes[1:],
            "supplier": "VNPT",
            "deployment": "aboveGround",
            "fibreCount": 24,
            "fibreLength": (lengths / 1000).round(3).to_numpy(),
        },
        links,
    )


def _roads(centres: gpd.GeoSeries) -> gpd.GeoDataFrame:
    return _frame(
        {"road_id": ["R1"], "name": ["Đường thử"]}, [shapely.LineString(centres.to_list())]
    )


def _rivers() -> gpd.GeoDataFrame:
    y = np.linspace(NORTH, SOUTH, 40)
    line = shapely.LineString(np.column_stack([WEST + 0.05 + 0.006 * np.sin(60 * y), y]))
    return _frame({"river_id": ["S1"], "name": ["Suối Thử"]}, [line])


def _places(
    units: gpd.GeoDataFrame, centres: gpd.GeoSeries, height: NDArray[np.int16], lattice: Lattice
) -> gpd.GeoDataFrame:
    rows, columns = lattice.index([WEST, EAST], [NORTH, SOUTH])
    inside = height[rows[0] : rows[1], columns[0] : columns[1]]
    top = np.unravel_index(inside.argmax(), inside.shape)
    row, column = int(rows[0] + top[0]), int(columns[0] + top[1])
    peak = shapely.Point(lattice.lon[column], lattice.lat[row])
    places = pd.DataFrame(
        {
            "place_id": [f"P{code}" for code in units["commune_code"]],
            "name": units["name"],
            "kind": np.where(units["type"] == "thị trấn", "town", "village"),
            "elevation_m": np.nan,
        }
    )
    summit: Any = ["P-DINH", "Đỉnh Thử", "peak", float(height[row, column])]
    places.loc[len(places)] = summit
    return _frame(places, [*centres, peak])
