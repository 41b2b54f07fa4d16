"""A PostgreSQL server of the tests' own, started when one first asks for it."""

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest

PASSWORD = "pass'  \"word"


def installed():
    """Return the newest PostgreSQL with PostGIS, or None."""
    found = [
        folder
        for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
        if Path(f"/usr/share/postgresql/{folder.parent.name}/extension/postgis.control").exists()
    ]
    return found[0] if found else None


@pytest.fixture(scope="session")
def postgres():
    """Return the address of a server of our own, on a free local port."""
    pytest.importorskip("psycopg", reason="the extra postgis is not installed")
    programs = installed()
    if programs is None:
        pytest.skip("PostgreSQL with PostGIS is not installed (Debian: postgresql-postgis)")
    # PostgreSQL refuses to run as root; Debian's package brings a user for it.
    other = {"user": "postgres", "group": "postgres"} if os.getuid() == 0 else {}
    folder = Path(tempfile.mkdtemp(prefix="phusong-pg-"))
    (folder / "password").write_text(PASSWORD)
    if other:
        shutil.chown(folder, **other)
        shutil.chown(folder / "password", **other)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def run(program, *words):
        done = subprocess.run(
            [programs / program, *words], cwd=folder, capture_output=True, text=True, **other,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr

    data = folder / "data"
    try:
        run("initdb", "-D", data, "-U", "gis", "--auth=scram-sha-256", "-E", "UTF8",
            f"--pwfile={folder / 'password'}", "--no-sync")  # fmt: skip
        asked = f"-c listen_addresses=127.0.0.1 -c port={port} -c fsync=off -k {folder}"
        run("pg_ctl", "-D", data, "-w", "-t", "120", "-l", folder / "log", "-o", asked, "start")
        try:
            yield f"postgresql://gis@127.0.0.1:{port}/postgres"
        finally:
            run("pg_ctl", "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def new_database(postgres):
    """Return a way to make an empty database, with PostGIS unless told otherwise."""
    import psycopg

    def make(name, *, postgis=True):
        with psycopg.connect(postgres, password=PASSWORD, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        address = postgres.rpartition("/")[0] + f"/{name}"
        if postgis:
            with psycopg.connect(address, password=PASSWORD) as connection:
                connection.execute("CREATE EXTENSION postgis")
        return address

    return make
