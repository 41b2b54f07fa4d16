import datetime
import gzip
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import md5
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
from rasterio.transform import from_origin

from phusong.admin import units
from phusong.fetch import Limits

from .pbf import Extract

OUTLINE = (106.2, 22.5, 106.4, 22.7)
"""A province of 20 km in the place of Cao Bằng; its surroundings touch one tile of a degree."""
QUICK = Limits(
    connect_timeout_s=2.0,
    read_timeout_s=0.5,
    slow_for_s=0.3,
    slowest_bytes_per_s=10_000.0,
    retries=2,
    backoff_s=0.01,
    longest_wait_s=2.0,
    spare_bytes=0,
)
DAY = datetime.date(2026, 11, 29)

Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Server:
    """A server of files and of misbehaviour, and what it was asked."""

    address: str
    files: dict[str, bytes] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    together: int = 0
    most_together: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]


def send_file(request: BaseHTTPRequestHandler, content: bytes) -> None:
    """Answer as a good server: validators, ranges, lengths."""
    etag = f'"{md5(content).hexdigest()}"'
    asked, condition = request.headers.get("Range"), request.headers.get("If-Range")
    start = int(asked.split("=")[1].rstrip("-")) if asked and condition == etag else 0
    if start >= len(content) > 0:
        request.send_error(416)
        return
    request.send_response(206 if start else 200)
    if start:
        request.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
    request.send_header("ETag", etag)
    request.send_header("Content-Length", str(len(content) - start))
    request.end_headers()
    request.wfile.write(content[start:])


@pytest.fixture
def server() -> Iterator[Server]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path
            with found.lock:
                found.asked.append((path, dict(self.headers)))
                found.together += 1
                found.most_together = max(found.most_together, found.together)
            try:
                if path in found.answers:
                    found.answers[path](self)
                elif path in found.files:
                    send_file(self, found.files[path])
                else:
                    self.send_error(404)
            except (BrokenPipeError, ConnectionResetError):
                pass
            finally:
                with found.lock:
                    found.together -= 1

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        http.daemon_threads = True
        found = Server(f"http://127.0.0.1:{http.server_port}")
        thread = threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield found
        http.shutdown()


def raster(path: Path, bounds: tuple[float, ...], values: float | np.ndarray, **profile) -> bytes:
    """Return a GeoTIFF of 0.005° pixels."""
    west, south, east, north = bounds
    pixel = 0.005
    shape = round((north - south) / pixel), round((east - west) / pixel)
    content = np.broadcast_to(np.asarray(values), shape)
    with rasterio.open(
        path, "w", driver="GTiff", height=shape[0], width=shape[1], count=1, crs="EPSG:4326",
        dtype=content.dtype, transform=from_origin(west, north, pixel, pixel), **profile,
    ) as dataset:  # fmt: skip
        dataset.write(content, 1)
    return path.read_bytes()


def outlines(*names: str, box: tuple[float, ...] = OUTLINE) -> bytes:
    """Return provinces of one outline as geoBoundaries has them."""
    geometry = shapely.geometry.mapping(shapely.box(*box))
    features = [
        {"type": "Feature", "properties": {"shapeName": name}, "geometry": geometry}
        for name in names
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def extract() -> bytes:
    """Return an OpenStreetMap extract of the province: three communes, roads, a river, places."""
    made = Extract()
    west, south, east, north = OUTLINE
    names = [
        f"{one.type} {one.name}" for one in units("2025").values() if one.province_code == "04"
    ]
    step = (east - west) / 3
    for number, name in enumerate(names[:3]):
        left, right = west + number * step, west + (number + 1) * step
        corners = [(left, south), (right, south), (right, north), (left, north)]
        made.way(corners, closed=True, boundary="administrative", admin_level="6", name=name)
    made.way([(west, south), (east, north)], highway="primary", ref="QL3")
    made.way([(west, north), (east, south)], highway="footway", name="Đường mòn")
    made.way([(120.0, 10.0), (120.1, 10.0)], highway="primary", name="Xa")
    made.way([(west, 22.6), (east, 22.6)], waterway="river", name="Sông Bằng")
    made.node(106.3, 22.6, place="village", name="Bản Giốc")
    made.node(106.31, 22.61, natural="peak", name="Phia Oắc", ele="1931 m")
    return made.content()


PLACES = {
    "provinces": "/adm1.geojson",
    "osm": "/vietnam-latest.osm.pbf",
    "terrain": "/dem_N22_E106.tif",
    "population": "/pop_2026.tif",
    "land_cover": "/cover_N21E105.tif",
    "cells": "/cells?token=sesame&file=452.csv.gz",
}


@pytest.fixture(scope="session")
def country(tmp_path_factory) -> dict[str, bytes]:
    """What a server of all layers has, by its path."""
    folder = tmp_path_factory.mktemp("country")
    slope = np.linspace(200, 900, 200, dtype=np.float32)[:, None] + np.zeros(200, dtype=np.float32)
    people = np.full((400, 400), 0.5, dtype=np.float32)
    people[:10] = -99999.0
    osm = extract()
    cells = (
        "GSM,452,4,1,11,0,106.30,22.60,1000,1,1,0,0,0\n"
        "LTE,452,1,1,12,0,106.35,22.55,1000,1,1,0,0,0\n"
        "LTE,452,1,1,13,0,100.00,10.00,1000,1,1,0,0,0\n"
    )
    return {
        PLACES["provinces"]: outlines("Cao Bang", "Hà Giang", "Tuyen Quang"),
        PLACES["osm"]: osm,
        f"{PLACES['osm']}.md5": f"{md5(osm).hexdigest()}  vietnam-latest.osm.pbf\n".encode(),
        PLACES["terrain"]: raster(folder / "dem.tif", (106, 22, 107, 23), slope),
        PLACES["population"]: raster(folder / "pop.tif", (105.5, 21.5, 107.5, 23.5), people,
                                     nodata=-99999.0),
        PLACES["land_cover"]: raster(folder / "cover.tif", (105, 21, 108, 24), np.uint8(10),
                                     nodata=0),
        PLACES["cells"]: gzip.compress(cells.encode(), mtime=0),
    }  # fmt: skip


ROW = """
[[sources]]
id = "{id}"
layer = "{layer}"
format = "{format}"
title = "Title of {id}"
version = "1"
licence = "CC BY 4.0"
licence_url = "https://example.org/licence"
homepage = "https://example.org"
attribution = "© {id}"
largest_mb = 50
"""


def table(address: str, **more: str) -> str:
    """Return a table of sources at a server; `more` has the url line of a source by its id."""
    rows = [
        ("a_provinces", "provinces", "geojson", 'names = "shapeName"', PLACES["provinces"]),
        ("a_communes", "communes", "osm", "", "/vietnam-{day}.osm.pbf"),
        ("a_map", "map", "osm", 'roads = ["primary"]\nrivers = ["river"]',
         "/vietnam-{day}.osm.pbf"),
        ("a_terrain", "terrain", "raster", "tiles = { degrees = 1, west = -180, north = 90 }\n"
         "empty = 0", "/dem_{south}_{west}.tif"),
        ("a_population", "population", "raster", "years = [2000, 2030, 1]", "/pop_{year}.tif"),
        ("a_cover", "land_cover", "raster", "tiles = { degrees = 3, west = -180, north = 90 }",
         "/cover_{south}{west}.tif"),
        ("a_cells", "cells", "opencellid", 'packed = "gzip"\nkey = "CELLS_KEY"',
         "/cells?token={key}&file=452.csv.gz"),
    ]  # fmt: skip
    text = ""
    for name, layer, form, lines, place in rows:
        text += ROW.format(id=name, layer=layer, format=form)
        text += f"{lines}\n{more.get(name, f'url = {json.dumps(address + place)}')}\n"
    return text


@pytest.fixture
def sources(server, country, tmp_path) -> Path:
    """A table of sources that the server has all of."""
    server.files |= country
    path = tmp_path / "sources.toml"
    path.write_text(table(server.address), encoding="utf-8")
    return path
