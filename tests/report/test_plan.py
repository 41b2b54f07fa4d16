"""Readiness and rollout as rows to show."""

import pandas as pd

from phusong.report import levels_shown, missing_shown, next_shown, scenarios_shown

READINESS = pd.DataFrame(
    {
        "level": ["district", "commune", "commune", "commune"],
        "commune_code": ["00001", "00001", "00002", "00009"],
        "readiness_level": [2, 0, 2, 1],
        "lacks_lan": pd.array([False, True, False, pd.NA], "boolean"),
    }
)
COMMUNES = pd.DataFrame({"commune_code": ["00001", "00002"], "district": ["Xín Mần", "Bắc Mê"]})
TITLES = {"has_lan": "LAN", "backup_power": "backup power"}


def test_commune_offices_are_counted_by_district_and_level():
    shown = levels_shown(READINESS, COMMUNES, 2, "en")
    assert shown.headings == ("District", "Level 0", "Level 1", "Level 2", "Lacks a LAN")
    assert shown.rows == (
        ("Bắc Mê", "0", "0", "1", "0"),
        ("Xín Mần", "1", "0", "0", "1"),
        ("no district", "0", "1", "0", "0"),
        ("Province", "1", "1", "1", "1"),
    )


def test_without_communes_there_is_one_row():
    shown = levels_shown(READINESS, None, 2, "vi")
    assert shown.rows == (("Toàn tỉnh", "1", "1", "1", "1"),)


def test_what_most_offices_lack_comes_first_and_the_unreported_stands_apart():
    offices = pd.DataFrame(
        {
            "level": ["commune"] * 3 + ["province"],
            "missing_prerequisites": ["has_lan", "has_lan, backup_power", "", "backup_power"],
            "unknown_prerequisites": ["backup_power", "", "", ""],
        }
    )
    shown = missing_shown(offices, TITLES, "en")
    assert shown.rows == (("LAN", "2", "0"), ("backup power", "1", "1"))


def test_next_in_line_says_what_it_would_take():
    rollout = pd.DataFrame(
        {
            "office_id": ["a", "b", "c", "d", "e"],
            "name": ["UBND xã A", "UBND xã B", "UBND xã C", "UBND xã D", "UBND xã E"],
            "works": ["has_lan", "has_lan, backup_power", "has_lan", "", ""],
            "cost_vnd": [297e6, 350e6, float("nan"), 0.0, 0.0],
            "service_year": pd.array([2018, pd.NA, pd.NA, pd.NA, pd.NA], "Int64"),
            "reason": [
                "in_plan",
                "budget_and_crew",
                "unknown_cost",
                "centre_not_in_service",
                "no_works",
            ],
            "short_vnd": [float("nan"), 120e6, float("nan"), 0.0, float("nan")],
            "short_days": [float("nan"), 4.0, float("nan"), 0.0, float("nan")],
            "would_enter": pd.array([2018, 2021, pd.NA, pd.NA, pd.NA], "Int64"),
        }
    )
    shown = next_shown(rollout, TITLES, "en")
    assert shown.title.startswith("Outside the plan: 3 offices")
    assert shown.rows == (
        ("UBND xã B", "LAN; backup power", "350", "both the budget and crews are short",
         "120 million VND and 4 crew days", "2021"),
        ("UBND xã C", "LAN", "–", "its cost is unknown: the office reported no figure", "–", "–"),
        ("UBND xã D", "–", "0", "waits for its district centre", "–", "–"),
    )  # fmt: skip


def test_a_scenario_that_is_not_feasible_says_so():
    scenarios = pd.DataFrame(
        {
            "scenario": ["half"], "vi": ["một nửa"], "en": ["half"], "budget_vnd": [5e9],
            "offices_no_works": pd.array([3], "Int64"),
            "offices_in_service": pd.array([pd.NA], "Int64"), "offices": pd.array([pd.NA], "Int64"),
            "spent_vnd": [float("nan")], "value": [float("nan")], "gap_share": [float("nan")],
        }
    )  # fmt: skip
    (row,) = scenarios_shown(scenarios, "vi").rows
    assert row == ("một nửa", "5.000", "–", "3", "không khả thi", "–", "–")
