"""PostGIS as a source: read only, by the driver's own quoting, with passwords seen by nobody."""

import json
import re
import socket
import sys
from pathlib import Path

import pandas as pd
import pytest

import phusong
from phusong.errors import InputError, StudyError
from phusong.inputs import Source, databases, read_table
from phusong.pipeline.load import load
from phusong.pipeline.outputs.folder import inputs_of, settings
from phusong.tables import PLACES

from ..databases import PASSWORD

TABLES = """
CREATE EXTENSION postgis;
CREATE SCHEMA "Địa bàn";
CREATE SEQUENCE x;
CREATE TABLE "Địa bàn".places (place_id text, name text, kind text, elevation_m numeric,
    at timestamptz, shape geometry(Point, 4326));
INSERT INTO "Địa bàn".places VALUES
    ('p2', 'Lũng Cú', 'village', 1400.5, now(), ST_SetSRID(ST_MakePoint(105.32, 23.36), 4326)),
    ('p1', 'Hà Giang', 'city', NULL, NULL, ST_SetSRID(ST_MakePoint(104.99, 22.83), 4326));
CREATE TABLE metres AS SELECT place_id, name, kind, ST_Transform(shape, 3405) AS shape
    FROM "Địa bàn".places;
CREATE TABLE plain AS SELECT place_id, name, kind, ST_X(shape) AS lon, ST_Y(shape) AS lat
    FROM "Địa bàn".places;
CREATE TABLE two AS SELECT *, ST_Buffer(shape, 1) AS around FROM metres;
CREATE TABLE mixed AS SELECT place_id, name, kind, shape::geometry FROM metres
    UNION SELECT place_id || 'b', name, kind, shape FROM "Địa bàn".places;
"""


@pytest.fixture(scope="module")
def server(postgres):
    """Return the address of a database with the tables above."""
    import psycopg

    with psycopg.connect(postgres, password=PASSWORD) as connection:
        connection.execute(TABLES)
    return postgres


@pytest.fixture
def ask(server, monkeypatch):
    """Return a function that reads from the database as a study would."""
    monkeypatch.setenv("PGPASSWORD", PASSWORD)

    def read(**asked):
        source = Source(path=Path(server), shown=server, database=server, **asked)
        return read_table(source, PLACES, crs="EPSG:3405", set_aside_faulty=False)

    return read


def message(ask, **asked):
    with pytest.raises(InputError) as refusal:
        ask(**asked)
    (problem,) = refusal.value.problems
    assert PASSWORD not in str(refusal.value)
    return problem.message.removeprefix("inputs."), problem.render("en")


def test_table_is_read_with_its_schema_shapes_and_values(ask):
    checked = ask(table="Địa bàn.places")
    assert checked.table["place_id"].to_list() == ["p1", "p2"]
    assert checked.table["elevation_m"].fillna(-1).to_list() == [-1, 1400.5]
    assert checked.rows == (1, 2)  # of the rows in the order of their texts


@pytest.mark.parametrize("table", ["metres", "public.metres", "plain"])
def test_shapes_in_metres_and_columns_of_degrees_lie_in_the_same_place(ask, table):
    there = ask(table="Địa bàn.places").table.geometry
    assert ask(table=table).table.geometry.distance(there).max() < 0.01


def test_query_is_read_in_its_own_order(ask):
    query = "SELECT * FROM metres WHERE name LIKE 'L%' ORDER BY name"
    assert ask(query=query).table["name"].to_list() == ["Lũng Cú"]
    with_placeholder = "SELECT *, '%s' AS note, '100 %' AS share FROM metres"
    assert len(ask(query=with_placeholder).table) == 2


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM plain",
        "SELECT * FROM plain; COMMIT; DROP TABLE plain",
        "WITH gone AS (DELETE FROM plain RETURNING *) SELECT * FROM gone",
        "COPY plain TO PROGRAM 'cat'",
        "SELECT setval('x', 1)",
        "SELECT 1; SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE; DROP TABLE plain",
    ],
)
def test_query_that_would_write_is_refused_and_writes_nothing(ask, query):
    assert message(ask, query=query)[0] == "database_refuses"
    assert len(ask(table="plain").table) == 2


@pytest.mark.parametrize(
    "table", ['plain"; DROP TABLE plain; --', "plain; DROP TABLE plain", "public.plain--", "PLAIN"]
)
def test_name_of_a_table_is_a_name_whatever_it_holds(ask, table):
    kind, words = message(ask, table=table)
    assert kind == "database_refuses"
    assert "does not exist" in words
    assert len(ask(table="plain").table) == 2


def test_several_shapes_or_systems_are_told(ask):
    assert message(ask, table="two")[0] == "several_shape_columns"
    kind, words = message(ask, table="mixed")
    assert (kind, "3405, 4326" in words) == ("several_srids", True)


def test_password_comes_from_a_file_or_the_environment(ask, server, monkeypatch, tmp_path):
    monkeypatch.setenv("PGPASSWORD", "wrong")
    assert message(ask, table="plain")[0] == "database_unreachable"
    monkeypatch.delenv("PGPASSWORD")
    address = re.search(r"@(.*):(\d+)/", server)
    file = tmp_path / "pgpass"
    file.write_text(f"{address[1]}:{address[2]}:*:gis:{PASSWORD}")
    file.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(file))
    assert len(ask(table="plain").table) == 2


def test_database_that_is_not_there_is_told(ask, monkeypatch):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nowhere = f"postgresql://gis@127.0.0.1:{free.getsockname()[1]}/x"
        source = Source(path=Path(nowhere), shown=nowhere, database=nowhere, table="plain")
        with pytest.raises(InputError, match="cannot be reached"):
            read_table(source, PLACES, crs="EPSG:3405", set_aside_faulty=False)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    assert message(ask, table="plain")[0] == "no_psycopg"


def test_a_database_that_is_slow_dies_or_falls_silent_while_it_is_read_is_told(
    ask, server, monkeypatch
):
    slow = "SELECT i, pg_sleep(0.01)::text AS t FROM generate_series(1, 2000) i"
    read_only = "-c default_transaction_read_only=on"
    with monkeypatch.context() as patch:
        patch.setattr(databases, "_OPTIONS", f"{read_only} -c statement_timeout=100")
        assert message(ask, query=slow)[0] == "database_slow"
    with monkeypatch.context() as patch:
        patch.setattr(databases, "_LONGEST_S", 0.1)
        assert message(ask, query=slow)[0] == "database_lost"
    ends = "SELECT pg_terminate_backend(pg_backend_pid())::text AS t"
    found, words = message(ask, query=ends)
    assert found == "database_lost"
    assert "No row was used" in words


def test_study_reads_a_table_from_the_database_and_tells_no_password(ask, server, folder):
    psycopg = pytest.importorskip("psycopg", reason="the extra postgis is not installed")
    whole = load(phusong.open_study(folder)).tables["villages"]
    villages = pd.read_csv(folder / "villages.csv", dtype=str)
    with psycopg.connect(server, password=PASSWORD) as connection:
        names = ", ".join(f'"{name}" text' for name in villages)
        connection.execute(f"DROP TABLE IF EXISTS villages; CREATE TABLE villages ({names})")
        marks = ", ".join(["%s"] * len(villages.columns))
        rows = villages.astype(object).where(villages.notna(), None).to_numpy().tolist()
        connection.cursor().executemany(f"INSERT INTO villages VALUES ({marks})", rows)
    text = (folder / "study.toml").read_text(encoding="utf-8")
    given = f'villages = {{ path = "{server}", table = "public.villages" }}'
    (folder / "study.toml").write_text(
        text.replace('villages = "villages.csv"', given), encoding="utf-8"
    )
    (folder / "villages.csv").unlink()
    study = phusong.open_study(folder)
    table = load(study).tables["villages"]
    pd.testing.assert_frame_equal(table.drop(columns="geometry"), whole.drop(columns="geometry"))
    assert table.geometry.distance(whole.geometry).max() < 1e-6
    assert table.attrs["file"] == server
    told = json.dumps(settings(study)) + repr(study) + study._repr_html_()
    assert server in told
    assert PASSWORD not in told
    assert server not in inputs_of(study)
    report = phusong.check(study)
    assert report.files.set_index("table").loc["villages", "used"] == len(whole)
    page = report.write()
    written = b"".join(path.read_bytes() for path in page.parent.rglob("*") if path.is_file())
    assert server.encode() in written
    assert PASSWORD.encode() not in written


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ('{ path = "postgresql://a:secret@h/b", table = "t" }', "password_in_address"),
        ('{ path = "postgresql://a@h/b?password=secret", table = "t" }', "database_address"),
        ('{ path = "postgresql://a@h/b?passfile=/etc/x", table = "t" }', "database_address"),
        ('{ path = "postgresql://a@h:port/b", table = "t" }', "database_address"),
        ('"postgresql://a@h/b"', "table_or_query"),
        ('{ path = "postgresql://a@h/b", table = "t", query = "SELECT 1" }', "table_or_query"),
        ('{ path = "postgresql://a@h/b", table = "t", sheet = "x" }', "database_option"),
        ('{ path = "villages.csv", table = "t" }', "query_of_file"),
    ],
)
def test_address_and_settings_of_a_database_are_checked_without_it(folder, given, fault):
    text = (folder / "study.toml").read_text(encoding="utf-8")
    (folder / "study.toml").write_text(
        text.replace('villages = "villages.csv"', f"villages = {given}"), encoding="utf-8"
    )
    with pytest.raises(StudyError) as refused:
        phusong.open_study(folder)
    assert [one.message for one in refused.value.problems] == [f"study.{fault}"]
    assert "secret" not in str(refused.value)


def test_raster_is_no_table_of_a_database(folder):
    text = (folder / "study.toml").read_text(encoding="utf-8")
    given = 'population = { path = "postgresql://a@h/b", query = "SELECT 1" }'
    (folder / "study.toml").write_text(
        text.replace('population = "population.tif"', given), encoding="utf-8"
    )
    with pytest.raises(StudyError) as refused:
        phusong.open_study(folder)
    assert [one.message for one in refused.value.problems] == ["study.no_table_of_database"]
