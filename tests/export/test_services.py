"""The documented service over the exported database: tipg reads it, an OGC client reads tipg."""

import os
import socket
import subprocess
import sys
import time
from urllib.request import urlopen

import psycopg
import pytest
import shapely

from phusong.export import State, write_database

from ..databases import PASSWORD, installed
from .conftest import CRS, HOSTILE, PARAMETERS

SCHEMA = "phusong_ha_giang"
MOST_S = 60


@pytest.fixture(scope="module")
def features():
    """Return the client class, or skip where client or server is not installed."""
    for name in ("tipg", "uvicorn"):
        pytest.importorskip(name, reason=f"{name} is not installed (dependency group dev)")
    return pytest.importorskip(
        "owslib.ogcapi.features", reason="OWSLib is not installed (dependency group dev)"
    ).Features


@pytest.fixture
def served(features, layers, new_database, checkout, monkeypatch, tmp_path):
    """Return the address of tipg over exported layers, by the documented role and settings."""
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    address = new_database("served")
    state = State(study="Hà Giang", crs=CRS, as_of=None, parameters=PARAMETERS, whole=True)
    write_database(layers.values(), address, schema=SCHEMA, state=state)
    script = checkout / "docs" / "services" / "reader.sql"
    asked = [installed() / "psql", address, "-v", f"schema={SCHEMA}", "-v", "ON_ERROR_STOP=1"]
    done = subprocess.run([*asked, "-q", "-f", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with psycopg.connect(address) as connection:
        connection.execute("ALTER ROLE phusong_reader PASSWORD 'p'")
    lines = (checkout / "docs" / "services" / "tipg.env").read_text("utf-8").splitlines()
    settings = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    settings["DATABASE_URL"] = address.replace("gis@", "phusong_reader@")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    with (tmp_path / "log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", "--app-dir", checkout / "docs" / "services",
             "escaped:app", "--port", port],
            env={**os.environ, **settings, "PGPASSWORD": "p"}, stdout=log, stderr=log, cwd=tmp_path,
        )  # fmt: skip
    try:
        url = f"http://127.0.0.1:{port}/"
        until = time.monotonic() + MOST_S
        while time.monotonic() < until and server.poll() is None:
            try:
                urlopen(url + "healthz")
                break
            except OSError:
                time.sleep(0.2)
        else:
            pytest.fail((tmp_path / "log").read_text())
        yield url
    finally:
        server.terminate()
        server.wait()


def test_a_client_reads_the_tables_and_nothing_else_and_names_are_text(
    features, served, layers
):  # fmt: skip
    client = features(served)
    placed = {name: layer for name, layer in layers.items() if layer.shapes is not None}
    assert set(client.feature_collections()) == {f"{SCHEMA}.{name}_wgs84" for name in placed}
    for name, layer in placed.items():
        found = client.collection_items(f"{SCHEMA}.{name}_wgs84", limit=100)
        assert found["numberMatched"] == len(layer.rows), name
        key = layer.table.key
        back = {tuple(one["properties"][k] for k in key): one for one in found["features"]}
        for row, shape in zip(layer.rows, layer.shapes, strict=True):
            one = back[tuple(str(row[k]) if k == "valid_from" else row[k] for k in key)]
            for field in layer.table.fields:
                if field.kind != "date":
                    assert one["properties"][field.name] == row[field.name], field.name
            if shape is None:
                assert one["geometry"] is None
                continue
            again = shapely.geometry.shape(one["geometry"])
            assert shapely.symmetric_difference(again, shape).area < 1e-9
            assert again.hausdorff_distance(shape) < 1e-6
    item = client.collection_item(f"{SCHEMA}.communes_wgs84", "00694")
    assert item["properties"]["name"] == HOSTILE
    for place in ("items?limit=10&f=html", "items/00694?f=html"):
        with urlopen(f"{served}collections/{SCHEMA}.communes_wgs84/{place}") as page:
            shown = page.read().decode("utf-8")
        assert "<script>alert" not in shown
        assert "&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt;" in shown
    west = client.collection_items(f"{SCHEMA}.communes_wgs84", bbox=[104.48, 22.8, 104.49, 22.9])
    assert west["numberMatched"] == 0
