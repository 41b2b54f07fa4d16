"""New cable year by year: what the money of each year builds, and what waits for how much."""

import re

import pandas as pd
import pytest
from typer.testing import CliRunner

import phusong
from phusong.cli import app
from phusong.errors import StudyError

PRICES = "deployment,slope_from_deg,price_vnd_per_km\naboveGround,0,50000000\n"


def phased(folder, *, carry_over="false", weight=0.5, budgets=(600, 600, 600), prices=PRICES):
    """Give the chain of six communes prices, and budgets in million VND from 2026 on."""
    (folder / "prices.csv").write_text(prices, encoding="utf-8")
    years = ", ".join(
        f"{{ year = {2026 + at}, budget_vnd = {money}e6 }}" for at, money in enumerate(budgets)
    )
    rollout = (
        f"rollout = {{ years = [{years}], carry_over = {carry_over}, "
        f"second_way_weight = {weight}, largest_gap = 0 }}\n"
    )
    path = folder / "study.toml"
    text = path.read_text(encoding="utf-8")
    if "prices.csv" not in text:
        text = text.replace("[inputs]\n", '[inputs]\nfibre_prices = "prices.csv"\n', 1)
        text = text.replace("[fibre]\n", '[fibre]\ndeployment = "aboveGround"\n', 1)
    text = "\n".join(line for line in text.splitlines() if not line.startswith("rollout = "))
    path.write_text(text.replace("[fibre]\n", f"[fibre]\n{rollout}", 1), encoding="utf-8")


def fibre(folder):
    return phusong.run(phusong.open_study(folder), parts=("fibre",))


def messages(result):
    return {note.message: note.values for note in result.notes}


def test_links_dearer_than_any_year_wait_and_are_short_of_just_that(folder):
    phased(folder)
    found = fibre(folder)
    (route,) = found.fibre_extension.itertuples()
    assert route.build_year == 2026
    cost = found.fibre_links.dropna(subset="stage").set_index("stage")["cost_vnd"]
    assert (cost > 600e6).all()  # each alone is more than a year has
    assert found.fibre_links["build_year"].isna().all()
    waiting = found.fibre_waiting.set_index(["gain", "place_id"])
    assert waiting.loc[("first_way", "00715"), ["gain_year", "reason", "name"]].to_list() == [
        2026, "in_plan", "Tả Thí",
    ]  # fmt: skip
    second = waiting.loc["second_way"]
    assert second["gain_year"].isna().all()
    # Communes 1 to 3 need the first link; the last, and the district's seat, both.
    near, far = cost[1] - 600e6, cost[1] + cost[2] - 1200e6
    assert second.loc[["00703", "00706", "00709"], "short_vnd"].to_list() == pytest.approx(
        [near] * 3
    )
    assert second.loc["00712", "short_vnd"] == pytest.approx(far)
    assert second.loc["VP002", "reason"] == "nothing_counts"  # a seat; its people are the commune's
    years = found.fibre_years.set_index("year")
    assert years["spent_vnd"].to_list() == pytest.approx([route.cost_vnd, 0, 0])
    assert years["first_ways"].to_list() == [1, 0, 0]
    people = found.communes.set_index("commune_code")["population"]
    assert years.loc[2026, "gained"] == pytest.approx(people["00715"])
    assert messages(found)["fibre.note_phases_waiting"]["count"] == 4


def test_money_carried_over_builds_them_and_each_is_proved_by_the_drill(folder):
    phased(folder, carry_over="true")
    found = fibre(folder)
    links = found.fibre_links.dropna(subset="stage").set_index("stage")
    # 405 of 600 for the extension; with what is left the first link in 2027, the second in 2028
    # if 1,800 hold for all three.
    total = found.fibre_extension["cost_vnd"].sum() + links["cost_vnd"].sum()
    assert total < 1800e6
    assert found.fibre_extension["build_year"].to_list() == [2026]
    assert links["build_year"].to_list() == [2027, 2028]
    years = found.fibre_years.set_index("year")
    assert years["second_ways"].tolist()[0] == 0
    assert years["second_ways"].sum() == len(found.fibre_waiting) - 1
    assert years["left_vnd"].iloc[-1] == pytest.approx(1800e6 - total)
    homing = found.communes.set_index("commune_code")["homing_planned"]
    second = found.fibre_waiting[found.fibre_waiting["gain"] == "second_way"]
    centres = second[second["place_kind"] == "centre"]
    assert (homing[centres["place_id"]] == "double").all()
    assert messages(found)["fibre.note_phases"]["second"] == years["second_ways"].sum()
    assert "fibre.note_phases_waiting" not in messages(found)
    beside = found.fibre_links[found.fibre_links["stage"].isna()]
    assert beside["build_year"].isna().all()  # listed as single links, in no plan


def test_the_command_shows_the_years(folder):
    phased(folder, carry_over="true")
    shown = CliRunner().invoke(app, ["fibre", str(folder), "--lang", "en"]).stdout
    years = [re.findall("[0-9]+", line) for line in shown.splitlines() if re.search("│ 202", line)]
    assert [year[:4] for year in years] == [
        ["2026", "600", "405", "8"], ["2027", "600", "616", "12"], ["2028", "600", "616", "12"],
    ]  # fmt: skip


def test_budgets_need_prices_and_rising_years(folder):
    phased(folder)
    path = folder / "study.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('fibre_prices = "prices.csv"\n', ""), encoding="utf-8")
    with pytest.raises(StudyError, match=r"rollout needs \[inputs\] fibre_prices"):
        phusong.open_study(folder)
    path.write_text(text.replace("year = 2027", "year = 2026"), encoding="utf-8")
    with pytest.raises(StudyError, match="2026, 2026, 2028"):
        phusong.open_study(folder)


def test_without_budgets_no_cable_has_a_year(pristine):
    found = fibre(pristine)
    assert found.fibre_years is None
    assert found.fibre_waiting is None
    cables = pd.concat([found.fibre_links, found.fibre_extension])
    assert cables["build_year"].isna().sum() == len(cables) > 1
