"""The command line: results to stdout, faults to stderr with exit 2, nothing half-written."""

import os
import signal
import subprocess
import sys
import time

import pandas as pd
import pytest
from rich.text import Text
from typer.main import get_command
from typer.testing import CliRunner

from phusong.cli import _results, app
from phusong.report import ShownTable

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
    again = cli.invoke(
        app, ["new", str(tmp_path / "new"), "--province", "Cao Bằng", "--lang", "en"]
    )
    assert again.exit_code == 2
    assert "already has a study.toml" in again.stderr
    for lang, words in (("vi", "Không có tệp này"), ("en", "There is no such file")):
        empty = cli.invoke(app, ["check", str(tmp_path / "new"), "--lang", lang])
        assert empty.exit_code == 2
        problems = [line for line in empty.stderr.splitlines() if line.startswith("- ")]
        # Eleven files, each told once.
        assert len(problems) == 11
        assert len({line.split(",")[1] for line in problems}) == 11
        assert all(words in line for line in problems)
        assert len(empty.stderr.splitlines()) == 12


def test_sound_study_passes_the_check(folder):
    done = cli.invoke(app, ["check", str(folder), "--lang", "en"])
    assert done.exit_code == 0, done.stderr
    assert "are sound" in done.stdout


def test_check_prints_the_first_of_many_rows_with_one_fault_and_how_many_more(folder):
    study = folder / "study.toml"
    words = study.read_text(encoding="utf-8")
    study.write_text(words.replace('faulty_rows = "refuse"', 'faulty_rows = "set_aside"'), "utf-8")
    table = pd.read_csv(folder / "cells.csv", dtype=str)
    table.loc[:6, "frequency_mhz"] = "abc"
    table.to_csv(folder / "cells.csv", index=False)
    done = cli.invoke(app, ["check", str(folder), "--lang", "en"])
    assert done.exit_code == 1, done.stderr
    told = [line for line in done.stderr.splitlines() if "'abc'" in line]
    assert len(told) == 5
    assert [line for line in told if "2 more rows with this fault" in line] == told[-1:]
    problems = pd.read_csv(folder / "check" / "problems.csv")
    assert (problems["value"] == "abc").sum() == 7


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
    "missing column": (_csv(lambda t: t.drop(columns="operator")), "operator"),
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


@pytest.mark.usefixtures("sheets_not_drawn")
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


def test_a_run_into_a_file_tells_how_far_it_is(commanded):
    told = commanded[0].stderr.splitlines()
    steps = [line for line in told if line.startswith("Predicting coverage, by mast: ")]
    shares = [int(line.split(": ")[1].split()[0]) for line in steps]
    assert shares == sorted(set(shares))
    assert shares[-1] == 100
    assert "Writing results: 100 %" in told


@pytest.mark.parametrize(("command", "missing"), [("egov", "offices"), ("fibre", "spans")])
def test_a_question_without_its_table_is_refused_before_anything_is_computed(
    folder, without, command, missing
):
    without("offices", "spans", "nodes")
    path = folder / "study.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text, encoding="utf-8")
    done = cli.invoke(app, [command, str(folder), "--lang", "en"])
    assert done.exit_code == 2
    assert f"inputs.{missing}: This study has no" in done.stderr
    assert "%" not in done.stderr  # nothing began


WIDE = ShownTable(
    title="Ngoài lộ trình",
    headings=("Trụ sở", "Công việc", "Lý do", "Năm đến lượt"),
    rows=(
        ("UBND xã [b]Pờ Ly Ngài[/b]", "máy tính; mạng LAN; " * 6, "thiếu kinh phí " * 4, "2021"),
        ("UBND xã Đản Ván", "–", "thiếu kinh phí", "2022"),
    ),
)  # fmt: skip


@pytest.mark.parametrize("width", [60, 80, 200])
def test_a_wide_table_is_readable_on_a_narrow_terminal(width, capsys, monkeypatch):
    monkeypatch.setattr(_results.results, "_width", width)
    _results.print_table(WIDE)
    printed = capsys.readouterr().out
    assert max(map(len, printed.splitlines())) <= width
    assert "…" not in printed
    words = " ".join(printed.replace("│", " ").split())
    assert "[b]Pờ Ly Ngài[/b]" in words
    assert ("Năm đến lượt: 2021" in words) == (width < 200)  # rows of their own, or a table


def test_headings_take_the_room_there_is(capsys, monkeypatch):
    shown = ShownTable(
        title="", headings=("Được phục vụ", "Kém phương án tốt nhất"), rows=(("1", "2"),)
    )
    for width, lines in ((60, 1), (24, 2)):
        monkeypatch.setattr(_results.results, "_width", width)
        _results.print_table(shown)
        printed = capsys.readouterr().out.splitlines()
        assert sum(line.startswith("┃") for line in printed) == lines + (width == 24)


def test_language_must_be_known(folder, tmp_path):
    done = cli.invoke(app, ["run", str(folder), "--out", str(tmp_path / "out"), "--lang", "fr"])
    assert done.exit_code == 2


@pytest.mark.usefixtures("sheets_not_drawn")
def test_study_name_that_looks_like_markup_is_printed_as_it_is(offices_alone, tmp_path):
    path = offices_alone / "study.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('name = "Tỉnh Hà Giang"', 'name = "Tỉnh [/x]"'), encoding="utf-8")
    done = cli.invoke(app, ["run", str(offices_alone), "--out", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    assert "Tỉnh [/x]" in done.stdout


def test_output_sent_to_a_file_of_another_encoding_is_written(offices_alone):
    done = subprocess.run(
        [sys.executable, "-c", "from phusong.cli import app; app()", "check", str(offices_alone)],
        env={**os.environ, "PYTHONIOENCODING": "cp1252"},
        capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "hợp lệ" in done.stdout.decode("utf-8")


@pytest.mark.parametrize(
    ("line", "vietnamese", "english"),
    [
        ("run", "thiếu FOLDER", "FOLDER is missing"),
        ("run x", "thiếu --out", "--out is missing"),
        ("run x --ou y", "không có tùy chọn --ou; giống nhất: --out", "no option --ou"),
        ("run x --out", "sau --out còn thiếu giá trị", "a value must follow --out"),
        ("run x --out y --replace=1", "--replace không nhận giá trị", "--replace takes no value"),
        ("run x --out y --threads no", "giá trị của --threads", "value of --threads"),
        ("run x --out y --threads 0", "viết như: 1|2|…", "write it as: 1|2|…"),
        ("check x --lang fr", "viết như: vi|en", "write it as: vi|en"),
        ("new x --as-of soon", "viết như: 2025-06-30", "write it as: 2025-06-30"),
        ("paper x --theme a --out a.pdf --paper A5", "viết như: A4|A3", "write it as: A4|A3"),
        ("paper x --theme a --out a.pdf --orientation up", "portrait|landscape", "landscape"),
        ("new x --province Cao Bằng", "thừa “Bằng”", "“Bằng” is too much"),
        ("chek x", "Không có lệnh “chek”; giống nhất: check", "no command “chek”"),
        ("--lang vi check x", "không có tùy chọn --lang", "no option --lang"),
        ("--", "không hiểu dòng lệnh", "not understood"),
    ],
)
def test_a_line_that_cannot_be_read_is_told_in_both_languages(line, vietnamese, english):
    done = cli.invoke(app, line.split(), prog_name="phusong")
    assert done.exit_code == 2
    assert done.stdout == ""
    first, second = done.stderr.splitlines()
    assert vietnamese in first
    assert english in second
    command = line.split()[0]
    if command in {"run", "check", "new", "paper"}:
        assert first.startswith(f"phusong {command}: ")


def test_a_line_with_a_name_of_two_words_is_told_without_its_markup():
    done = cli.invoke(app, ["check", "x", "[red]y"], prog_name="phusong")
    assert done.stderr.splitlines() == [
        "phusong check: thừa “[red]y”. Tên có dấu cách phải đặt trong ngoặc kép, ví dụ "
        '"Cao Bằng". Cách dùng:  phusong check --help',
        "phusong check: “[red]y” is too much. A name with spaces goes in quotes, such as "
        '"Cao Bằng". How to use it:  phusong check --help',
    ]


def test_help_loses_no_name_in_brackets():
    shown = cli.invoke(app, ["report", "--help"], prog_name="phusong").stdout
    assert shown.count("[report]") == 2
    commands = get_command(app).commands.values()
    options = [one for command in commands for one in command.params if getattr(one, "help", None)]
    assert len(options) > 50
    for one in options:
        assert Text.from_markup(one.help).plain == one.help.replace("\\[", "["), one.name
