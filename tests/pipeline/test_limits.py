"""What the machine cannot do is refused before the work, with what would fit."""

import json
import math
import os

import numpy as np
import pandas as pd
import pytest
import rasterio
from shapely.affinity import translate
from typer.testing import CliRunner

import phusong
from phusong.cli import app
from phusong.errors import InputError, OutputError
from phusong.pipeline import limits
from phusong.pipeline.limits import worker_bytes, worker_problems
from phusong.pipeline.load import load

cli = CliRunner()


@pytest.fixture
def study(folder):
    return phusong.open_study(folder)


@pytest.fixture
def room(monkeypatch):
    """Return how to set the memory that is left."""
    return lambda size: monkeypatch.setattr(limits, "available_bytes", lambda: int(size))


@pytest.fixture
def disk(monkeypatch):
    """Return how to set what is left for temporary files."""

    def _disk(free):
        usage = type("Usage", (), {"free": free})
        monkeypatch.setattr(limits.shutil, "disk_usage", lambda _: usage)

    return _disk


@pytest.fixture
def never_begun(monkeypatch):
    monkeypatch.setattr(
        "phusong.pipeline.parts.coverage.inputs.read_terrain",
        lambda *_, **__: pytest.fail("was begun"),
    )


def finer(study, resolution_m):
    return study.model_copy(update={"resolution_m": float(resolution_m)})


def test_study_that_fits_is_not_refused(study, room):
    room(600e6)
    assert phusong.check(study).exit_code == 0


@pytest.mark.usefixtures("never_begun")
def test_grid_too_large_for_the_memory_is_refused_with_a_pixel_that_fits(study, room):
    room(0.7e9)
    with pytest.raises(InputError) as refused:
        phusong.run(finer(study, 10), threads=1)
    (problem,) = refused.value.problems
    assert (problem.key, problem.value) == ("resolution_m", 10.0)
    assert float(problem.values["needed"]) > 0.7
    assert problem.values["available"] == 0.7
    fits = float(problem.values["fits"])
    tables = load(study).tables
    assert limits.memory_problems(finer(study, fits), tables, 1) == []
    assert limits.memory_problems(finer(study, fits - 6), tables, 1) != []


def test_check_tells_what_run_would_refuse(study, room):
    room(0.7e9)
    told = []
    for ask in (phusong.check, phusong.run):
        with pytest.raises(InputError) as refused:
            ask(finer(study, 10))
        told.append(str(refused.value))
    assert told[0] == told[1]
    assert "resolution_m" in told[0]


def test_memory_is_estimated_above_what_was_measured_and_near_it(study):
    """At 10 m and 3 km: docs/performance.md. The base is that of a province's tables."""
    tables = load(study).tables
    near = study.model_copy(
        update={"radio": study.radio.model_copy(update={"radius_km": 3.0}), "resolution_m": 10.0}
    )
    assert 0.375e9 < limits.memory_bytes(near, tables, 1) < 0.375e9 + 0.2e9


def test_memory_goes_with_the_square_around_a_mast_and_not_with_the_area(study):
    tables = load(study).tables
    wide = tables["communes"].copy()
    wide.loc[2, "geometry"] = translate(wide.geometry[2], xoff=900_000)
    needed = [
        limits.memory_bytes(study, each, 1) for each in (tables, {**tables, "communes": wide})
    ]
    area = [np.prod(np.subtract(*np.split(each.total_bounds, 2)))
            for each in (tables["communes"], wide)]  # fmt: skip
    assert area[1] > 20 * area[0]
    assert needed[0] < needed[1] < 1.5 * needed[0]


def test_a_folder_that_memory_does_not_suffice_to_draw_is_refused(study, room, tmp_path):
    """One service at 10 m, measured with 0.66 GB: docs/performance.md."""
    tables = load(study).tables
    ask = {"out_folder": tmp_path / "out", "cache_folder": None}
    needed = limits.drawing_bytes(finer(study, 10), tables)
    assert 0.655e9 < needed < 0.655e9 + 0.45e9
    room(needed + 1)
    limits.check_folders(finer(study, 10), tables, **ask)
    room(needed - 1e8)
    with pytest.raises(OutputError, match=r"1\.2 GB of memory.* 1\.0 GB are .*resolution_m"):
        limits.check_folders(finer(study, 10), tables, **ask)
    assert limits.drawing_bytes(finer(study, 5), tables) < needed + 0.15e9, "pages hold so much"


def test_shares_of_a_thousand_communes_are_held_at_most(study):
    tables = load(study).tables
    communes = tables["communes"]
    wide = {**tables, "communes": pd.concat([communes] * 40, ignore_index=True)}
    fine = study.replace({"uncertainty.draws": 100_000})
    few, many = (limits.memory_bytes(fine, each, 2) for each in (tables, wide))
    assert many - few < limits.UNITS_AT_A_TIME * 100_000 * limits.VERDICT_UNIT_BYTES


def test_fewer_threads_are_chosen_where_memory_asks_for_it(study, room, monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    fine, tables = finer(study, 10), load(study).tables
    one, many = (limits.memory_bytes(fine, tables, threads) for threads in (1, 64))
    assert many > one
    room(1e12)
    assert limits.fitting_threads(fine, tables) == 64
    room((one + many) / 2)
    chosen = limits.fitting_threads(fine, tables)
    assert 1 < chosen < 64
    assert limits.memory_problems(fine, tables, chosen) == []
    (problem,) = limits.memory_problems(fine, tables, chosen + 1)
    assert problem.message == "limits.memory_threads"
    room(one)
    assert limits.fitting_threads(fine, tables) == 1


def test_no_pixel_is_named_where_none_fits(study, room):
    room(1e8)
    (problem,) = limits.memory_problems(study, load(study).tables, 1)
    assert problem.values["fits"] == "–"


def test_stray_commune_is_named(study, disk):
    tables = load(study).tables
    communes = tables["communes"].copy()
    communes.loc[2, "geometry"] = translate(communes.geometry[2], xoff=900_000)
    disk(4 * limits.temporary_bytes(study, tables, 1))
    assert limits.memory_problems(study, tables, 1) == []
    (problem,) = limits.memory_problems(study, {**tables, "communes": communes}, 1)
    assert problem.message == "limits.temporary"
    assert problem.values["commune"] == communes["commune_code"][2]
    assert float(problem.values["kilometres"]) == pytest.approx(900, abs=30)


def test_vertex_of_a_span_far_from_the_communes_is_named(study, disk):
    tables = load(study).tables
    spans = tables["spans"].copy()
    line = spans.geometry[1]
    spans.loc[1, "geometry"] = type(line)([*line.coords, (700_000.0, 1_000_000.0)])
    disk(0.5e9)
    (problem,) = limits.memory_problems(finer(study, 90), {**tables, "spans": spans}, 1)
    assert problem.message == "limits.fibre_too_wide"
    assert problem.file == "spans.geojson"
    assert problem.value == spans["id"][1]
    told = limits.memory_problems(finer(study, 10), {**tables, "spans": spans}, 1)
    assert [each.message for each in told] == ["limits.temporary", "limits.fibre_too_wide"]
    assert problem.values["place"].startswith("(107.")
    assert float(problem.values["kilometres"]) > 1000


def test_vertex_of_open_fibre_data_outside_vietnam_is_refused_with_its_place(folder, without):
    without("nodes")
    spans = json.loads((folder / "spans.geojson").read_text("utf-8"))["features"]
    items = [
        {
            "id": feature["properties"]["id"],
            "status": "operational",
            "route": feature["geometry"],
        }
        for feature in spans
    ]
    items[1]["route"]["coordinates"].append([15.0, 22.8])
    (folder / "network.json").write_text(json.dumps({"id": "n", "spans": items}), "utf-8")
    path = folder / "study.toml"
    lines = path.read_text("utf-8").splitlines()
    path.write_text(
        "\n".join('ofds = "network.json"' if one.startswith("spans = ") else one for one in lines),
        "utf-8",
    )
    with pytest.raises(InputError) as refused:
        phusong.check(phusong.open_study(folder))
    (problem,) = refused.value.problems
    assert (problem.file, problem.column) == ("network.json", "spans.route")
    assert problem.value == items[1]["id"]
    assert problem.values["place"] == "(15.000000, 22.800000)"
    lines = path.read_text("utf-8")
    path.write_text(lines.replace("resolution_m", 'country = "any"\nresolution_m', 1), "utf-8")
    spans = load(phusong.open_study(folder)).tables["spans"]
    assert items[1]["id"] in set(spans["id"])


@pytest.mark.usefixtures("never_begun")
@pytest.mark.parametrize(
    ("out", "cache"), [("out", "out/cache"), ("out/below", "out"), ("out", "out"), ("link", "out")]
)
def test_cache_and_output_in_each_other_are_refused(study, tmp_path, out, cache):
    (tmp_path / "link").symlink_to(tmp_path / "out")
    for ask in (phusong.check, phusong.run):
        with pytest.raises(OutputError, match="lie in each other"):
            ask(study, out_folder=tmp_path / out, cache_folder=tmp_path / cache)


@pytest.mark.usefixtures("never_begun")
def test_too_small_a_disk_is_refused_with_what_is_needed(study, tmp_path, monkeypatch):
    usage = type("Usage", (), {"free": 2_000_000})
    monkeypatch.setattr(limits.shutil, "disk_usage", lambda _: usage)
    for ask in (phusong.check, phusong.run):
        with pytest.raises(OutputError, match=r"has 0\.0 GB free"):
            ask(study, out_folder=tmp_path / "new" / "out")


@pytest.mark.usefixtures("never_begun")
def test_too_little_room_for_temporary_files_is_refused_with_what_would_do(
    study, tmp_path, monkeypatch
):
    tables = load(study).tables
    threads = limits.fitting_threads(study, tables)
    needed = limits.temporary_bytes(study, tables, threads)
    free = needed / 2
    monkeypatch.setattr(limits.tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(limits.shutil, "disk_usage", lambda _: type("Usage", (), {"free": free}))
    for ask in (phusong.check, phusong.run):
        with pytest.raises(InputError, match="TMPDIR") as refused:
            ask(study)
        (problem,) = refused.value.problems
        assert (problem.key, problem.values["folder"]) == ("resolution_m", str(tmp_path))
        fits = float(problem.values["fits"])
        assert limits.temporary_bytes(finer(study, fits), tables, threads) <= free
        assert limits.temporary_bytes(finer(study, fits - 6), tables, threads) > free
    assert limits.memory_problems(study, tables, 1, parts=("fibre",)) == []


def test_elevation_at_its_own_resolution_counts(folder):
    study = phusong.open_study(folder)
    tables = load(study).tables
    before = limits.temporary_bytes(study, tables, 1)
    with rasterio.open(folder / "terrain.tif") as source:
        values = source.read(1).repeat(2, axis=0).repeat(2, axis=1)
        finer = source.transform @ source.transform.scale(1 / 2)
        about = source.profile | {"width": 2 * source.width, "height": 2 * source.height}
        pixel_m = 111_195 * (source.res[0] * source.res[1] * 0.92) ** 0.5  # at 22.9° north
    with rasterio.open(folder / "terrain.tif", "w", **(about | {"transform": finer})) as written:
        written.write(values, 1)
    reach_m = 1000 * study.radio.radius_km
    west, south, east, north = tables["communes"].total_bounds
    area_m2 = (east - west + 2 * reach_m) * (north - south + 2 * reach_m)
    more = limits.temporary_bytes(study, tables, 1) - before
    own = limits.TEMPORARY_NATIVE_PX_BYTES
    assert more == pytest.approx(own * 3 * area_m2 / pixel_m**2, rel=0.1)


@pytest.mark.usefixtures("never_begun")
@pytest.mark.parametrize("name", ["two\nlines", "bell\x07", "below\n/out", "byte\udcff"])
def test_output_where_no_database_can_be_written_is_refused(study, tmp_path, name):
    for ask in (phusong.check, phusong.run):
        with pytest.raises(OutputError, match="Rename the folder") as refused:
            ask(study, out_folder=tmp_path / name)
        assert str(refused.value).count("\n") == 1


def test_output_is_about_as_large_as_estimated(study, written):
    found = sum(path.stat().st_size for path in written.rglob("*") if path.is_file())
    needed = limits.written_bytes(study, load(study).tables)
    assert found < needed < 5 * found


def test_commands_refuse_early_and_check_tells_it(folder, tmp_path):
    out = str(tmp_path / "out")
    words = ["--cache", str(tmp_path / "out" / "c"), "--lang", "en"]
    for command in (["check", str(folder), "--results", out], ["run", str(folder), "--out", out]):
        done = cli.invoke(app, [*command, *words])
        assert done.exit_code == 2
        assert "lie in each other" in done.stderr
    assert not (tmp_path / "out").exists()


def test_worker_that_may_take_too_little_memory_is_told_before_it_begins(study):
    tables = load(study).tables
    needed = worker_bytes(study, tables)
    assert worker_problems(study, tables, math.ceil(needed)) == []
    assert worker_problems(study, tables, None) == []
    (problem,) = worker_problems(study, tables, math.floor(needed) - 1)
    assert problem.message == "limits.memory_worker"
    assert worker_problems(study, tables, 0, parts={"egov"}) == []


def test_a_larger_study_takes_no_larger_units_of_a_worker(study):
    """Beyond units, a worker has the pixels of the terrain, which it maps from one file."""
    tables = load(study).tables
    few, fine = (
        worker_bytes(study.model_copy(update={"resolution_m": side}), tables) for side in (90, 30)
    )
    assert few < fine < 9 * few
