"""The command that writes a run's folder into a database."""

import pytest
from typer.testing import CliRunner

import phusong
from phusong.cli import app

from ...databases import PASSWORD

cli = CliRunner()


def told(*words):
    done = cli.invoke(app, ["export", *map(str, words), "--lang", "en"])
    return done.exit_code, " ".join(done.output.split())


def test_a_run_goes_into_a_schema_named_after_its_province(
    written, result, new_database, monkeypatch
):
    import psycopg

    base = new_database("commanded")
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    code, said = told(written, "--to", base, "--as-of", "2026-06-30")
    assert code == 0, said
    communes = len(result.communes)
    assert f"communes: {communes} rows ({communes} added, 0 changed, 0 removed)" in said
    with psycopg.connect(base) as connection:
        held = connection.execute(
            "SELECT count(*) FROM pg_tables WHERE schemaname = 'phusong_ha_giang'"
        ).fetchone()
        assert held == (2 * len(result.tables) + 1,)
        gaps = connection.execute("SELECT count(*) FROM phusong_ha_giang.gaps").fetchone()
    assert gaps == (len(result.gaps),)
    done = phusong.export_to_database(written, base, layers=["gaps"])
    assert [(one.table, one.added, one.changed, one.removed) for one in done] == [
        ("gaps", 0, 0, 0)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--to", "postgresql://a:b@h/c"], "No password may stand in the address"),
        (["--to", "postgresql://a@h/c?sslkey=/x"], "sslmode"),
        (["--to", "postgresql://a@h/c", "--schema", 'x"; DROP'], "schema's name"),
        (["--to", "postgresql://a@h/c", "--semicolon"], "are for files"),
        (["--to", "postgresql://a@h/c", "--layer", "moon"], "no such layer"),
        (["--to", "a.gpkg", "--schema", "x"], "need a database"),
    ],
)
def test_what_does_not_fit_is_refused_before_anything_is_asked(written, words, message):
    code, said = told(written, *words)
    assert code == 2
    assert message in said
