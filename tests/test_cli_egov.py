"""`phusong egov` and `phusong board`, as typed."""

import shutil
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

import phusong
from phusong.cli import app

cli = CliRunner()
EGOV = """[inputs]
works = "works.csv"
"""
ROLLOUT = """rules = "qd_09_2015"
cost_basis = "giá thử"
cost_basis_en = "test prices"
[egov.rollout]
years = [{ year = 2026, budget_vnd = 15e6, crew_days = 99 }]
weights = { files_per_year = 1 }
district_bonus = 0
carry_over = false
unknown_is_missing = true
largest_gap = 0
required = { VP008 = 2026 }
"""


@pytest.fixture(scope="module")
def folder(pristine, tmp_path_factory):
    target = Path(shutil.copytree(pristine, tmp_path_factory.mktemp("cli") / "study"))
    (target / "works.csv").write_text(
        "prerequisite,cost_vnd,crew_days,after,source\nhas_lan,10000000,2,,bảng giá\n",
        encoding="utf-8",
    )
    path = target / "study.toml"
    text = path.read_text(encoding="utf-8").replace("[inputs]\n", EGOV)
    at, end = text.index('rules = "nd_118_2025"'), text.index("# Lộ trình theo năm")
    path.write_text(text[:at] + ROLLOUT + text[end:], encoding="utf-8")
    return target


def run(*words):
    return cli.invoke(app, [str(word) for word in words], env={"COLUMNS": "250"})


def test_egov_prints_levels_plan_next_in_line_and_scenarios(folder):
    done = run("egov", folder, "--lang", "en")
    assert done.exit_code == 0, done.output
    for told in (
        "Readiness levels of the commune offices", "Lacking most, of 6 commune offices",
        "The rollout by year", "next in line", "Scenarios compared", "test prices",
    ):  # fmt: skip
        assert told in done.output
    # The one LAN that is paid for is that of the required office.
    assert "1 / 8" in done.output


def test_egov_speaks_vietnamese_unless_asked_otherwise(folder):
    table = run("egov", folder).stdout.splitlines()
    assert table[0].strip() == "Mức sẵn sàng của trụ sở xã"
    assert [cell.strip() for cell in table[2].strip("┃").split("┃")] == [
        "Huyện", "Mức 0", "Mức 1", "Mức 2", "Mức 3", "Chưa có LAN",
    ]  # fmt: skip


def test_a_budget_too_small_says_the_smallest_and_fails(folder):
    done = run("egov", folder, "--budget", "4e6", "--lang", "en")
    assert done.exit_code == 2
    told = done.output.replace("\n", " ")
    assert "The least more that suffices is 6,000,000 dong; by year (VND) 2026: 6,000,000" in told
    assert "not feasible" in done.output


@pytest.mark.parametrize("budget", ["1e6,2e6", "-5", "much"])
def test_a_budget_that_cannot_be_meant_is_refused(folder, budget):
    assert run("egov", folder, f"--budget={budget}").exit_code == 2


def test_egov_without_a_study_is_refused():
    assert run("egov").exit_code == 2


def test_the_template_is_written_without_a_study(tmp_path):
    done = run("egov", "--template", tmp_path / "mau.xlsx")
    assert done.exit_code == 0, done.output
    book = openpyxl.load_workbook(tmp_path / "mau.xlsx", read_only=True)
    assert book.sheetnames[:2] == ["readiness_rules", "works"]
    book.close()
    assert run("egov", "--template", tmp_path / "mau.xlsx").exit_code == 2


@pytest.mark.usefixtures("sheets_not_drawn")
def test_the_board_of_a_folder_of_results_is_that_of_its_study(folder, tmp_path):
    out = tmp_path / "out"
    assert run("egov", folder, "--out", out).exit_code == 0
    done = run("board", out, "--lang", "en")
    assert done.exit_code == 0, done.output
    words = " ".join(done.output.split())
    assert "Communes with a LAN" in words
    assert "no figure" in words
    assert "One-stop shop by district" in words


@pytest.mark.usefixtures("sheets_not_drawn")
def test_the_board_of_results_without_offices_has_no_one_stop_shops(folder, tmp_path):
    out = tmp_path / "out"
    assert run("fibre", folder, "--out", out).exit_code == 0
    done = run("board", out, "--lang", "en")
    assert done.exit_code == 0, done.output
    assert "One-stop shop by district" not in done.output


def test_the_board_of_a_study_is_computed(folder):
    done = run("board", folder, "--lang", "en")
    assert done.exit_code == 0, done.output
    assert "Residents covered" in done.output
    assert "reported only" not in done.output  # this study publishes nothing
    assert phusong.open_study(folder).name_en in done.output


def test_a_folder_that_phusong_did_not_write_has_no_board(tmp_path):
    (tmp_path / "notes.txt").write_text("x", encoding="utf-8")
    assert run("board", tmp_path).exit_code == 2
    assert run("board", tmp_path / "absent").exit_code == 2
