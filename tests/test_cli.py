"""The command line: results to stdout, faults to stderr with exit 2, nothing half-written."""

import os
import signal
import subprocess
import sys
import time

import pandas as pd
import pytest
from typer.testing import CliRunner

from phusong.cli import app

cli = CliRunner()


def test_run_prints_the_board_and_the_path_of_the_page(commanded):
    done, out = commanded
    assert done.exit_code == 0, done.stderr
    assert "Indicator board" in done.stdout
    assert str(out / "index.html") in done.stdout.replace("\n", "")
    assert (out / "index.html").is_file()
    assert "Traceback" not in done.stderr


def test_new_check_and_its_faults(tmp_path):
    assert cli.invoke(app, ["new", str(tmp_path / "new"), "--province", "Cao Bằng"]).exit_code == 0
    again = cli.invoke(app, ["new", str(tmp_path / "new"), "--province", "Cao Bằng"])
    assert again.exit_code == 2
    assert "already has a study.toml" in again.stderr
    empty = cli.invoke(app, ["check", str(tmp_path / "new")])
    assert empty.exit_code == 2
    assert "Không có tệp này" in empty.stderr
    assert "There is no such file" in empty.stderr


def test_sound_study_passes_the_check(folder):
    done = cli.invoke(app, ["check", str(folder), "--lang", "en"])
    assert done.exit_code == 0, done.stderr
    assert "are sound" in done.stdout


def _csv(change):
    def spoil(folder):
        table = pd.read_csv(folder / "cells.csv", dtype=str)
        change(table).to_csv(folder / "cells.csv", index=False)

    return spoil


def _geojson(change):
    def spoil(folder):
        import json

        path = folder / "communes.geojson"
        content = json.loads(path.read_text(encoding="utf-8"))
        change(content["features"])
        path.write_text(json.dumps(content), encoding="utf-8")

    return spoil


def _bow_tie(features):
    lon, lat = 105.0, 22.8
    ring = [[lon, lat], [lon + 0.1, lat + 0.1], [lon + 0.1, lat], [lon, lat + 0.1], [lon, lat]]
    features[0]["geometry"] = {"type": "Polygon", "coordinates": [ring]}


BAD_INPUT = {
    "empty file": (lambda folder: (folder / "cells.csv").write_bytes(b""), "cells.csv"),
    "missing column": (_csv(lambda t: t.drop(columns="technology")), "technology"),
    "text in a number column": (_csv(lambda t: t.assign(frequency_mhz="abc")), "frequency_mhz"),
    "coordinates outside Vietnam": (_csv(lambda t: t.assign(lon="5.0")), "lon"),
    "duplicate cell ids": (_csv(lambda t: t.assign(cell_id="same")), "cell_id"),
    "not a number": (_csv(lambda t: t.assign(rs_eirp_dbm="NaN")), "rs_eirp_dbm"),
    "infinite": (_csv(lambda t: t.assign(rs_eirp_dbm="inf")), "rs_eirp_dbm"),
    "commune without geometry": (_geojson(lambda f: f[0].update(geometry=None)), "communes"),
    "self-intersecting polygon": (_geojson(_bow_tie), "communes"),
    "no terrain": (lambda folder: (folder / "terrain.tif").write_bytes(b""), "terrain.tif"),
    "path outside": (
        lambda folder: (folder / "study.toml").write_text(
            (folder / "study.toml").read_text(encoding="utf-8").replace('"cells.csv"', '"../x"'),
            encoding="utf-8",
        ),
        "inputs.cells",
    ),
}


@pytest.mark.parametrize("name", BAD_INPUT)
def test_bad_input_is_one_clear_message_and_nothing_is_written(folder, tmp_path, name):
    spoil, mark = BAD_INPUT[name]
    spoil(folder)
    done = cli.invoke(app, ["run", str(folder), "--out", str(tmp_path / "out")])
    assert done.exit_code == 2, done.output
    assert mark in done.stderr
    assert "Traceback" not in done.output
    assert not (tmp_path / "out").exists()
    assert [entry.name for entry in tmp_path.iterdir()] == ["study"]


def test_out_folder_of_other_files_is_refused_before_computing(folder, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.docx").touch()
    done = cli.invoke(app, ["run", str(folder), "--out", str(tmp_path / "out")])
    assert done.exit_code == 2
    assert (tmp_path / "out" / "thesis.docx").exists()


def test_killed_run_leaves_no_half_output_and_the_next_one_clears_up(offices_alone, tmp_path):
    out = tmp_path / "out"
    code = (
        "import sys, time, phusong; from pathlib import Path\n"
        "import phusong.pipeline.outputs.folder as w\n"
        "result = phusong.run(phusong.open_study(sys.argv[1]))\n"
        "def slow(*args): print('half', flush=True); time.sleep(60)\n"
        "w._write_report = slow\n"
        "result.write(sys.argv[2])\n"
    )
    command = [sys.executable, "-c", code, str(offices_alone), str(out)]
    killed = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert killed.stdout is not None
    assert killed.stdout.readline() == "half\n"
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    killed.stdout.close()
    assert not out.exists()
    time.sleep(0.1)
    done = cli.invoke(app, ["run", str(offices_alone), "--out", str(out)])
    assert done.exit_code == 0, done.stderr
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["out", "study"]


def test_language_must_be_known(folder, tmp_path):
    done = cli.invoke(app, ["run", str(folder), "--out", str(tmp_path / "out"), "--lang", "fr"])
    assert done.exit_code == 2


def test_study_name_that_looks_like_markup_is_printed_as_it_is(offices_alone, tmp_path):
    path = offices_alone / "study.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('name = "Tỉnh Hà Giang"', 'name = "Tỉnh [/x]"'), encoding="utf-8")
    done = cli.invoke(app, ["run", str(offices_alone), "--out", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    assert "Tỉnh [/x]" in done.stdout


def test_output_sent_to_a_file_of_another_encoding_is_written(folder):
    done = subprocess.run(
        [sys.executable, "-c", "from phusong.cli import app; app()", "check", str(folder)],
        env={**os.environ, "PYTHONIOENCODING": "cp1252"},
        capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "hợp lệ" in done.stdout.decode("utf-8")
