"""`phusong verify`, `--replace`, and what a command that is stopped says."""

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import phusong
from phusong.cli import app
from phusong.errors import InputError

pytestmark = pytest.mark.usefixtures("sheets_not_drawn")

cli = CliRunner()


@pytest.fixture
def out(written, tmp_path) -> Path:
    """Return a copy of the output of the small study that a test may change."""
    return Path(shutil.copytree(written, tmp_path / "out"))


def verify(*words):
    done = cli.invoke(app, ["verify", *map(str, words), "--lang", "en"])
    return done.exit_code, done.stdout.splitlines(), done.stderr


def test_an_untouched_output_is_all_well(out):
    count = len(json.loads((out / "manifest.json").read_bytes())["outputs"])
    told = f"{count} files, all as phusong wrote them."
    assert verify(out) == (0, [told], "")


def test_every_difference_is_named(out):
    (out / "index.html").write_text("mine")
    (out / "gis" / "layers.gpkg").unlink()
    (out / "notes.txt").write_text("x")
    (out / "photos").mkdir()
    code, lines, _ = verify(out)
    assert code == 1
    assert lines == [
        "missing: gis/layers.gpkg", "changed: index.html", "added: notes.txt", "added: photos/",
    ]  # fmt: skip


def test_what_is_no_output_is_a_planned_fault(out, tmp_path):
    (tmp_path / "empty").mkdir()
    for folder in (tmp_path / "absent", tmp_path / "empty"):
        code, _, told = verify(folder)
        assert code == 2
        assert "no output folder" in told
    (out / "manifest.json").write_text('{"written_by": "phusong", "outputs": [{"path": "/etc"}]}')
    code, _, told = verify(out)
    assert code == 2
    assert "outputs.0.path" in told
    assert "Traceback" not in told


def test_a_study_that_gives_the_same_again_is_all_well(offices_alone, tmp_path):
    study = phusong.open_study(offices_alone)
    out = phusong.run(study, parts=["egov"]).write(tmp_path / "out").parent
    found = phusong.verify(out, study)
    assert found.ok
    assert list(found.lines("en")) == []


def test_another_input_is_told_as_the_cause(offices_alone, tmp_path):
    out = phusong.run(phusong.open_study(offices_alone)).write(tmp_path / "out").parent
    offices = offices_alone / "offices.csv"
    offices.write_text(
        offices.read_text("utf-8").replace("UBND tỉnh Thử", "UBND tỉnh cũ", 1), "utf-8"
    )
    code, lines, _ = verify(out, "--study", offices_alone)
    assert code == 1
    assert lines[0] == "not the input that was used: offices.csv"
    assert "computed again, it differs: geojson/offices.geojson" in lines
    assert not [line for line in lines if line.startswith(("missing", "changed", "added"))]


def test_a_rewritten_manifest_is_found_out_by_the_study_alone(offices_alone, tmp_path):
    study = phusong.open_study(offices_alone)
    out = phusong.run(study).write(tmp_path / "out").parent
    (out / "index.html").write_text("98 %")
    from phusong.export import write_manifest

    told = json.loads((out / "manifest.json").read_bytes())
    write_manifest(out, parameters=told["parameters"], inputs={})
    assert phusong.verify(out).ok
    found = phusong.verify(out, study)
    assert (found.unlike, found.ok) == (("index.html",), False)


def test_another_program_is_told_only_where_something_differs(offices_alone, tmp_path):
    study = phusong.open_study(offices_alone)
    out = phusong.run(study).write(tmp_path / "out").parent
    told = json.loads((out / "manifest.json").read_bytes())
    told["versions"]["numpy"] = "1.0"
    (out / "manifest.json").write_text(json.dumps(told))
    found = phusong.verify(out, study)
    assert found.ok
    assert found.versions == ("numpy",)
    assert list(found.lines("en")) == []


def test_an_export_has_no_study_to_be_compared_with(out, tmp_path, pristine):
    phusong.export_results(out, tmp_path / "csv", format="csv")
    exported = {path.name for path in (tmp_path / "csv").iterdir()} - {"manifest.json"}
    assert {"communes.csv", "dictionary.json"} <= exported
    found = phusong.verify(tmp_path / "csv")
    assert (found.files, found.ok) == (len(exported), True)
    with pytest.raises(InputError, match="no output folder of phusong run"):
        phusong.verify(tmp_path / "csv", phusong.open_study(pristine))


@pytest.mark.parametrize(
    "change",
    [
        lambda told: told.update(parameters={}),
        lambda told: told["parameters"].update(targets=[{"scope": "commune"}]),
        lambda told: told["parameters"].update(services="x", name=["x"], parts=5),
    ],
)
def test_a_manifest_with_other_settings_is_a_planned_fault_to_whoever_reads_it(
    out, tmp_path, pristine, change
):
    told = json.loads((out / "manifest.json").read_bytes())
    change(told)
    (out / "manifest.json").write_text(json.dumps(told))
    for words in (
        ["export", str(out), "--to", str(tmp_path / "a.kml")],
        ["board", str(out)],
    ):
        done = cli.invoke(app, words)
        assert done.exit_code in (0, 2), done.exception
        assert done.exit_code == 0 or "manifest.json" in done.stderr


def test_a_changed_file_stops_a_run_before_it_computes_and_replace_overrules(
    offices_alone, tmp_path
):
    words = ["egov", str(offices_alone), "--out", str(tmp_path / "out"), "--lang", "en"]
    assert cli.invoke(app, words).exit_code == 0
    page = tmp_path / "out" / "index.html"
    page.write_text("mine")
    faulty = offices_alone / "offices.csv"
    whole = faulty.read_bytes()
    faulty.write_bytes(b"")  # reading it would be another fault
    done = cli.invoke(app, words)
    assert done.exit_code == 2
    assert "changed: index.html" in done.stderr
    assert page.read_text() == "mine"
    faulty.write_bytes(whole)
    assert cli.invoke(app, [*words, "--replace"]).exit_code == 0
    assert phusong.verify(tmp_path / "out").ok


def test_no_command_writes_into_an_output_folder(out, pristine, tmp_path):
    before = sorted(out.rglob("*"))
    inside = str(out / "mine")
    for words in (
        ["run", str(pristine), "--out", inside],
        ["egov", str(pristine), "--out", inside],
        ["fibre", str(pristine), "--out", inside],
        ["paper", str(pristine), "--theme", "overview", "--out", str(out / "a.pdf")],
        ["profile", str(pristine), "--cell", "C1", "--to", "105,22.8", "--out", inside],
        ["export", str(out), "--to", str(out / "a.gpkg")],
        ["export", str(out), "--to", str(out), "--format", "csv"],
        ["egov", "--template", str(out / "a.xlsx")],
        ["fibre", "--template", str(out / "a.xlsx")],
        ["new", inside],
        ["new", str(out)],
    ):
        done = cli.invoke(app, [*words, "--lang", "en"])
        assert done.exit_code == 2, (words, done.stderr)
        assert "in the output folder" in done.stderr, (words, done.stderr)
    assert sorted(out.rglob("*")) == before


def test_an_export_does_not_take_the_place_of_other_results(out, tmp_path):
    other = Path(shutil.copytree(out, tmp_path / "other"))
    done = cli.invoke(
        app, ["export", str(out), "--to", str(other), "--format", "csv", "--lang", "en"]
    )
    assert done.exit_code == 2
    assert "only another run may replace it" in done.stderr
    assert phusong.verify(other).ok


def test_a_sheet_that_exists_is_replaced_only_if_asked(result, tmp_path):
    path = tmp_path / "map.svg"
    path.write_text("mine")
    with pytest.raises(phusong.PhusongError, match="add --replace"):
        result.paper("overview", path)
    assert path.read_text() == "mine"
    result.paper("overview", path, replace=True)
    assert path.read_text("utf-8").startswith("<?xml")


@pytest.mark.parametrize("command", ["board", "verify", "export"])
def test_readers_put_the_former_output_back(out, tmp_path, command):
    out.rename(out.with_name(".out.phusong-old"))
    more = ["--to", str(tmp_path / "a.gpkg")] if command == "export" else []
    done = cli.invoke(app, [command, str(out), *more])
    assert done.exit_code == 0, done.stderr
    assert phusong.verify(out).ok


# A program started in the background may inherit that an interrupt is ignored, under nohup that
# the end of its terminal is.
STOPPED = """
    import signal
    import sys
    sys.modules["dask"] = None  # as where its extra is not installed: a sixth of the start
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if sys.platform != "win32":
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
    import phusong.cli._results as results
    from phusong.cli import app
    def run(*given, **options):
        print("computing", flush=True)
        import time
        time.sleep(60)
    results.run = run
    app()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
# Each signal, and each state of the output.
@pytest.mark.parametrize(
    ("name", "code", "before"),
    [("SIGINT", 130, True), ("SIGTERM", 143, False), ("SIGHUP", 129, False)],
)
def test_a_command_that_is_stopped_says_what_became_of_the_output(
    offices_alone, written, tmp_path, name, code, before
):
    import textwrap

    out = tmp_path / "out"
    if before:
        shutil.copytree(written, out)
    words = ["run", str(offices_alone), "--out", str(out), "--cache", str(tmp_path / "kept")]
    words += ["--lang", "en"]
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(STOPPED), *words],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout.readline() == "computing\n"
    process.send_signal(getattr(signal, name))
    _, told = process.communicate(timeout=60)
    assert process.returncode == code
    (en,) = told.splitlines()
    state = f"{out} is as it was before" if before else f"{out} was not written"
    assert en == (
        f"Stopped as asked; {state}. Run the same command again. Losses computed so far are kept "
        f"in {tmp_path / 'kept'} and will not be computed again."
    )
    assert out.exists() == before
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == []


def test_check_tells_whether_a_run_may_replace_its_output(out, offices_alone):
    words = ["check", str(offices_alone), "--results", str(out), "--lang", "en"]
    assert cli.invoke(app, words).exit_code == 0
    (out / "index.html").write_text("mine")
    done = cli.invoke(app, words)
    assert done.exit_code == 2
    assert "changed: index.html" in done.stderr
