"""Tables in PostGIS: what is read back is what was written, and a state is there whole or not."""

import datetime
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import shapely

import phusong
from phusong.errors import ExportError
from phusong.export import State, write_database
from phusong.export.database_tables import short_name
from phusong.i18n import Bilingual

from ..databases import PASSWORD
from .conftest import CRS, PARAMETERS

DATE = datetime.date(2026, 6, 30)


@pytest.fixture(scope="module")
def said():
    return State(study="Hà Giang", crs=CRS, as_of=None, parameters=PARAMETERS, whole=True)


@pytest.fixture(scope="module")
def database(new_database):
    return new_database("exported")


@pytest.fixture
def base(database, monkeypatch):
    """Return the address of a database without our schema; its password is in the environment."""
    import psycopg

    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    with psycopg.connect(database) as connection:
        connection.execute("DROP SCHEMA IF EXISTS hg CASCADE")
    return database


@pytest.fixture
def ask(base):
    """Return a way to ask the database."""
    import psycopg

    def answer(query):
        with psycopg.connect(base) as connection:
            return connection.execute(query).fetchall()

    return answer


@pytest.fixture
def write(base, said):
    """Return a way to write layers; it tells what was added, changed and removed."""

    def run(layers, **state):
        done = write_database(layers, base, schema="hg", state=replace(said, **state))
        return {one.table: (one.added, one.changed, one.removed) for one in done}

    return run


def less(layer, keep):
    """Return a layer with some of its rows."""
    rows = [row for row, kept in zip(layer.rows, keep, strict=True) if kept]
    shapes = None if layer.shapes is None else layer.shapes[np.array(keep)]
    return replace(layer, rows=rows, shapes=shapes)


def test_what_is_read_back_is_what_was_written(write, ask, layers):
    write(layers.values())
    for layer in layers.values():
        names = ", ".join(f'"{name}"' for name in layer.table.columns)
        shown = "" if layer.shapes is None else ", geometry_wgs84, ST_Transform(geometry, 4326)"
        order = "row_order" if layer.shapes is None else ", ".join(layer.table.key)
        found = ask(f"SELECT {names}{shown} FROM hg.{layer.name} ORDER BY {order}")
        assert [row[: len(layer.table.columns)] for row in found] == [
            tuple(row.values()) for row in layer.rows
        ]
        if layer.shapes is None:
            continue
        for row, shape in zip(found, layer.shapes, strict=True):
            for cell in row[-2:]:
                if shape is None:
                    assert cell is None
                    continue
                again = shapely.from_wkb(cell)
                gathered = again.geoms[0] if shape.geom_type != again.geom_type else again
                assert shapely.equals_exact(gathered, shape, tolerance=1e-6)


def test_tables_have_types_keys_comments_indexes_and_a_view_in_wgs_84(write, ask, layers):
    write(layers.values())
    types = dict(
        ask(
            "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute"
            " WHERE attrelid = 'hg.communes'::regclass AND attnum > 0"
        )
    )
    told = ("valid_from", "population", "villages", "has_lan", "geometry", "geometry_wgs84")
    assert [types[name] for name in told] == [
        "date", "double precision", "bigint", "boolean",
        "geometry(MultiPolygon,9209)", "geometry(MultiPolygon,4326)",
    ]  # fmt: skip
    (comment,) = ask("SELECT obj_description('hg.communes'::regclass)")[0]
    assert comment == layers["communes"].description
    (said,) = ask(
        "SELECT col_description('hg.communes'::regclass, attnum) FROM pg_attribute"
        " WHERE attrelid = 'hg.communes'::regclass AND attname = 'area_km2'"
    )[0]
    area = layers["communes"].table["area_km2"]
    assert said == f"{area.meaning('vi')} / {area.meaning('en')}"
    indexes = {
        row[0] for row in ask("SELECT indexdef FROM pg_indexes WHERE tablename = 'communes'")
    }
    assert sum("USING gist" in index for index in indexes) == 2
    assert (
        sum("UNIQUE" in index and "(commune_code, valid_from)" in index for index in indexes) == 1
    )
    assert ask("SELECT commune_code, ST_SRID(geometry) FROM hg.communes_wgs84 ORDER BY 1") == [
        ("00688", 4326), ("00694", 4326),
    ]  # fmt: skip


def test_only_rows_that_changed_are_touched(write, ask, layers):
    first = write(layers.values())
    assert first["villages"] == (len(layers["villages"].rows), 0, 0)
    before = dict(ask("SELECT village_id, xmin::text FROM hg.villages"))
    rows = [dict(row) for row in layers["villages"].rows]
    rows[2]["name"] = "Bản mới"
    changed = replace(layers["villages"], rows=rows)
    kept = less(changed, [True] * (len(rows) - 1) + [False])
    assert write([*(one for name, one in layers.items() if name != "villages"), kept]) == {
        "communes": (0, 0, 0), "spans": (0, 0, 0), "gaps": (0, 0, 0), "indicators": (0, 0, 0),
        "villages": (0, 1, 1),
    }  # fmt: skip
    after = dict(ask("SELECT village_id, xmin::text FROM hg.villages"))
    assert {key for key in after if after[key] != before[key]} == {rows[2]["village_id"]}


def test_a_moved_shape_is_a_change(write, layers):
    write([layers["spans"]])
    moved = replace(
        layers["spans"], shapes=shapely.transform(layers["spans"].shapes, lambda c: c + 1e-6)
    )
    assert write([moved]) == {"spans": (0, 1, 0)}


def test_states_are_kept_by_date_and_the_plain_tables_hold_the_latest(write, ask, layers):
    villages = layers["villages"]
    fewer = less(villages, [True] * 3 + [False] * (len(villages.rows) - 3))
    write([villages], as_of=DATE)
    earlier = write([fewer], as_of=datetime.date(2025, 6, 30))
    assert earlier == {"villages_as_of": (3, 0, 0)}
    again = write([fewer], as_of=DATE)
    gone = len(villages.rows) - 3
    assert again == {"villages": (0, 0, gone), "villages_as_of": (0, 0, gone)}
    assert ask("SELECT as_of::text, count(*) FROM hg.villages_as_of GROUP BY 1 ORDER BY 1") == [
        ("2025-06-30", 3), ("2026-06-30", 3),
    ]  # fmt: skip
    assert ask("SELECT state, tables FROM hg.phusong_states ORDER BY 1") == [
        ("2025-06-30", ["villages"]), ("2026-06-30", ["villages"]), ("latest", ["villages"]),
    ]  # fmt: skip


def test_tables_that_the_results_no_longer_have_are_emptied_unless_a_part_was_asked_for(
    write, ask, layers
):
    write([layers["villages"], layers["spans"]])
    assert write([layers["villages"]], whole=False) == {"villages": (0, 0, 0)}
    assert write([layers["villages"]]) == {"villages": (0, 0, 0), "spans": (0, 0, 1)}
    assert ask("SELECT count(*) FROM hg.spans") == [(0,)]


def test_a_date_written_again_loses_the_tables_that_its_results_no_longer_have(write, ask, layers):
    write([layers["villages"], layers["spans"]], as_of=DATE)
    write([layers["villages"]], as_of=DATE, whole=False)
    assert ask("SELECT tables FROM hg.phusong_states WHERE state = '2026-06-30'") == [
        (["spans", "villages"],)
    ]
    done = write([layers["villages"]], as_of=DATE)
    assert done["spans_as_of"] == (0, 0, 1)
    assert ask("SELECT count(*) FROM hg.spans_as_of") == [(0,)]


def test_another_crs_of_the_study_moves_the_shapes_of_all_dates(write, ask, layers):
    write([layers["villages"]], as_of=datetime.date(2025, 1, 1))
    write([layers["villages"]], as_of=DATE, crs="EPSG:32648")
    for table in ("villages", "villages_as_of"):
        away = "ST_Distance(ST_Transform(geometry, 4326), geometry_wgs84)"
        assert ask(f"SELECT DISTINCT ST_SRID(geometry), {away} < 1e-6 FROM hg.{table}"
                   " WHERE geometry IS NOT NULL") == [(32648, True)]  # fmt: skip


def test_a_table_that_others_put_beside_ours_is_left_alone(write, base, ask, layers):
    import psycopg

    write([layers["spans"]])
    with psycopg.connect(base) as connection:
        connection.execute("CREATE TABLE hg.villages (a int); INSERT INTO hg.villages VALUES (1)")
    with pytest.raises(ExportError) as refused:
        write(layers.values())
    assert refused.value.message == "export.schema_not_ours"
    assert ask("SELECT a FROM hg.villages") == [(1,)]


def test_a_view_of_the_users_that_stands_in_the_way_is_named(write, base, ask, layers):
    import psycopg

    spans, villages = layers["spans"], layers["villages"]
    own = tuple(field for field in villages.table.fields if field.name != "households")
    rows = [{name: row[name] for name in row if name != "households"} for row in villages.rows]
    write([villages, spans])
    with psycopg.connect(base) as connection:
        connection.execute("CREATE VIEW hg.of_the_user AS SELECT households FROM hg.villages")
    with pytest.raises(ExportError, match="of_the_user"):
        write([spans, replace(villages, table=replace(villages.table, fields=own), rows=rows)])
    assert ask("SELECT count(households) > 0 FROM hg.of_the_user") == [(True,)]


def test_what_stands_beside_the_rows_is_that_of_the_latest_export(write, ask, layers):
    write([layers["villages"]])
    marked = replace(layers["villages"], notice=Bilingual("Bản nháp", "Draft"))
    assert write([marked]) == {"villages": (0, 0, 0)}
    for name in ("villages", "villages_wgs84"):
        assert ask(f"SELECT obj_description('hg.{name}'::regclass)") == [(marked.description,)]


def test_a_connection_that_is_ended_half_way_changes_nothing(write, ask, layers):
    write([layers["villages"]])

    def ended():
        yield less(layers["villages"], [True] + [False] * (len(layers["villages"].rows) - 1))
        ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'phusong' AND pid != pg_backend_pid()")  # fmt: skip
        yield layers["communes"]

    with pytest.raises(ExportError) as refused:
        write(ended())
    assert refused.value.message == "export.database_refuses"
    assert ask("SELECT count(*) FROM hg.villages") == [(len(layers["villages"].rows),)]


def test_empty_tables_and_rows_without_any_place_are_held(write, ask, layers):
    nowhere = replace(layers["villages"], shapes=np.full(len(layers["villages"].rows), None))
    write([less(layers["communes"], [False, False]), nowhere])
    assert ask("SELECT count(*), count(geometry) FROM hg.villages") == [(len(nowhere.rows), 0)]
    assert ask("SELECT count(*) FROM hg.communes_wgs84") == [(0,)]


def test_columns_of_another_version_are_fitted_and_dated_rows_keep_theirs(write, ask, layers):
    villages = layers["villages"]
    old = replace(villages.table, fields=tuple(
        replace(field, name="old_name", required=True) if field.name == "name"
        else replace(field, kind="text") if field.name == "households" else field
        for field in villages.table.fields
    ))  # fmt: skip
    rows = [
        {field.name: ("x" if field.name == "old_name" else str(row["households"]))
         if field.name in ("old_name", "households") else row[field.name] for field in old.fields}
        for row in villages.rows
    ]  # fmt: skip
    rows[-1]["households"] = None
    write([replace(villages, table=old, rows=rows)], as_of=datetime.date(2025, 1, 1))
    write([villages], as_of=DATE)
    found = ask("SELECT village_id, name, households FROM hg.villages ORDER BY 1")
    assert found == [(row["village_id"], row["name"], row["households"]) for row in villages.rows]
    kept = ask("SELECT DISTINCT as_of::text, old_name FROM hg.villages_as_of ORDER BY 1")
    assert kept == [("2025-01-01", "x"), ("2026-06-30", None)]


def test_a_key_of_another_version_is_taken_over_and_dated_rows_stay(write, ask, layers):
    villages = layers["villages"]
    fields = tuple(
        replace(field, required=False) if field.name == "village_id"
        else replace(field, required=True) if field.name == "name" else field
        for field in villages.table.fields
    )  # fmt: skip
    named = [{**row, "name": f"Thôn {n}"} for n, row in enumerate(villages.rows)]
    old = replace(villages, rows=named, table=replace(villages.table, key=("name",), fields=fields))
    write([old], as_of=datetime.date(2025, 1, 1))
    for _ in range(2):  # the second time nothing is left to take over
        done = write([villages], as_of=DATE)
    assert done == {"villages": (0, 0, 0), "villages_as_of": (0, 0, 0)}
    keys = dict(
        ask(
            "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE connamespace = 'hg'::regnamespace AND contype = 'p'"
        )
    )
    assert keys["hg.villages"] == "PRIMARY KEY (village_id)"
    assert ask("SELECT count(*) FROM hg.villages") == [(len(villages.rows),)]
    assert ask("SELECT as_of::text, count(*) FROM hg.villages_as_of GROUP BY 1 ORDER BY 1") == [
        ("2025-01-01", len(villages.rows)), (str(DATE), len(villages.rows)),
    ]  # fmt: skip


def refusal(layers, address, said, schema="hg"):
    with pytest.raises(ExportError) as refused:
        write_database(layers.values(), address, schema=schema, state=said)
    return refused.value.message.removeprefix("export.")


def test_unfit_databases_are_refused_and_left_alone(base, said, layers, new_database, monkeypatch):
    import psycopg

    assert refusal(layers, new_database("plain", postgis=False), said) == "no_postgis"
    with psycopg.connect(base) as connection:
        connection.execute("CREATE SCHEMA hg; CREATE TABLE hg.xa (a int)")
        connection.execute("CREATE ROLE guest LOGIN PASSWORD 'p'")
    assert refusal(layers, base, said) == "schema_not_ours"
    assert refusal(layers, base.replace("@127.0.0.1", "@127.0.0.2"), said) == "database_unreachable"
    monkeypatch.setenv("PGPASSWORD", "p")
    assert (
        refusal(layers, base.replace("gis@", "guest@"), said, "its_own") == "database_not_permitted"
    )


def test_a_user_who_may_write_in_one_schema_alone_can_export(base, said, layers, ask, monkeypatch):
    import psycopg

    with psycopg.connect(base) as connection:
        connection.execute("CREATE ROLE clerk LOGIN PASSWORD 'p'; REVOKE TEMP ON DATABASE exported"
                           " FROM PUBLIC; CREATE SCHEMA hg AUTHORIZATION clerk")  # fmt: skip
    with monkeypatch.context() as as_clerk:
        as_clerk.setenv("PGPASSWORD", "p")
        write_database(layers.values(), base.replace("gis@", "clerk@"), schema="hg", state=said)
    assert ask("SELECT count(*) FROM hg.communes") == [(2,)]
    monkeypatch.setenv("PGPASSWORD", PASSWORD)


def test_a_schema_of_another_study_or_a_newer_version_is_refused(write, base, layers):
    import psycopg

    write([layers["communes"]])
    with pytest.raises(ExportError) as refusal:
        write([layers["communes"]], study="Cao Bằng")
    assert refusal.value.message == "export.other_study"
    with psycopg.connect(base) as connection:
        connection.execute("UPDATE hg.phusong_states SET schema_version = 99")
    with pytest.raises(ExportError) as refusal:
        write([layers["communes"]])
    assert refusal.value.message == "export.newer_schema"


KILLED = """
import os, signal, sys
from pathlib import Path
import phusong.export.database as database
from phusong.pipeline import export_to_database

written = database._Export._sync
def half(self, target):
    if target.name == "villages":
        os.kill(os.getpid(), signal.SIGKILL)
    return written(self, target)
database._Export._sync = half
export_to_database(sys.argv[1], sys.argv[2], schema="hg")
"""


def test_an_export_killed_half_way_changes_nothing(finished, base, ask, write, layers):
    former = less(layers["communes"], [True, False])
    write([former], study=PARAMETERS["name"])
    state = ask("SELECT * FROM hg.phusong_states")
    done = subprocess.run(
        [sys.executable, "-c", KILLED, finished, base],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == -9, done.stderr
    assert ask("SELECT commune_code FROM hg.communes") == [("00688",)]
    assert ask("SELECT * FROM hg.phusong_states") == state
    assert phusong.export_to_database(finished, base, schema="hg")[0].added == 1


def test_readers_see_the_former_state_until_the_new_one_is_whole(write, ask, layers, base):
    write([layers["villages"]])
    seen = []

    def slowly():
        yield less(layers["villages"], [True] + [False] * (len(layers["villages"].rows) - 1))
        seen.append(ask("SELECT count(*) FROM hg.villages"))
        yield layers["communes"]

    write(slowly())
    assert seen == [[(len(layers["villages"].rows),)]]
    assert ask("SELECT count(*) FROM hg.villages") == [(1,)]


def test_hostile_texts_are_text(write, ask, layers):
    write(layers.values())
    named = {row["name"] for row in layers["villages"].rows}
    assert {row[0] for row in ask("SELECT name FROM hg.villages")} == named
    assert len(ask("SELECT 1 FROM pg_tables WHERE schemaname = 'hg'")) == len(layers) + 1


def test_long_names_are_cut_without_falling_together():
    one, other = (short_name("covered_population_share_" * 3 + end) for end in "ab")
    assert len(one) == len(other) == 63
    assert one != other
    assert short_name("x" * 63) == "x" * 63
