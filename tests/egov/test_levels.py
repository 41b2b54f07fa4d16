"""Levels, what is lacking and what it costs, on offices judged by hand."""

import datetime

import numpy as np
import pandas as pd
import pytest

from phusong.egov import (
    RULES,
    Work,
    one_level,
    prerequisites,
    readiness,
    readiness_levels,
    rule_table,
)
from phusong.errors import RolloutError
from phusong.tables import READINESS_LEVELS, READINESS_RULES

FIRST = {"has_fibre": True, "has_lan": True, "computers": 9, "officials": 10}
SECOND = FIRST | {
    "data_network_port": True, "one_stop": "local", "document_system": True,
    "digital_certificates": 1,
}  # fmt: skip
THIRD = SECOND | {"video_conference": True, "backup_power": True}


def judged(offices, *rows):
    return readiness(offices(*rows), RULES["qd_09_2015"].prerequisites)


def works(**prices):
    return [
        Work(name=name, prerequisite=name, cost_vnd=price, crew_days=1)
        for name, price in prices.items()
    ]


def test_levels_build_on_each_other(offices):
    hole = THIRD | {"has_lan": False}
    found = readiness_levels(judged(offices, {}, FIRST, SECOND, THIRD, hole), RULES["qd_09_2015"])
    assert set(found.columns) < set(READINESS_LEVELS.columns)
    assert found["readiness_level"].to_list() == [0, 1, 2, 3, 0]
    assert found["next_missing"].to_list()[3:] == ["", "has_lan"]


def test_what_is_not_reported_keeps_a_range_open(offices):
    row = SECOND | {"has_lan": None}
    found = readiness_levels(judged(offices, row), RULES["qd_09_2015"]).iloc[0]
    assert (found["readiness_level"], found["possible_level"]) == (0, 3)
    assert (found["next_missing"], found["next_unknown"]) == ("", "has_lan")


def test_levels_of_any_reports_are_those_counted_one_by_one(offices):
    rng = np.random.default_rng(16)
    flags = ["has_fibre", "has_lan", "data_network_port", "document_system", "video_conference",
             "backup_power"]  # fmt: skip
    rows = [
        {flag: rng.choice([True, True, True, False, None]) for flag in flags}
        | {"computers": rng.choice([None, 8, 9, 10, 12]),
           "officials": rng.choice([None, 10, 10, 11]),
           "one_stop": rng.choice([None, "none", "local", "interlinked"]),
           "digital_certificates": rng.choice([None, 0, 1, 4])}
        for _ in range(3000)
    ]  # fmt: skip

    def level(row, unsaid):
        def yes(*figures, holds):
            return unsaid if None in figures else holds(*figures)

        flag = {name: yes(row[name], holds=bool) for name in flags}
        steps = (
            (flag["has_fibre"], flag["has_lan"],
             yes(row["computers"], row["officials"], holds=lambda own, of: own / of >= 0.9)),
            (flag["data_network_port"], flag["document_system"],
             yes(row["one_stop"], holds=lambda kind: kind != "none"),
             yes(row["digital_certificates"], holds=lambda count: count >= 1)),
            (flag["video_conference"], flag["backup_power"]),
        )  # fmt: skip
        reached = 0
        while reached < 3 and all(steps[reached]):
            reached += 1
        return reached

    found = readiness_levels(judged(offices, *rows), RULES["qd_09_2015"])
    assert found["readiness_level"].to_list() == [level(row, False) for row in rows]
    assert found["possible_level"].to_list() == [level(row, True) for row in rows]
    assert set(found["readiness_level"]) == set(found["possible_level"]) == {0, 1, 2, 3}


def test_cost_counts_each_missing_computer_and_flag(offices):
    prices = works(has_lan=300e6, computers_per_official=15e6, has_fibre=80e6)
    row = FIRST | {"has_lan": False, "computers": 6}
    found = readiness_levels(judged(offices, row), RULES["qd_09_2015"], prices).iloc[0]
    # 9 computers are wanted for 10 officials: 3 short.
    assert found["next_cost_vnd"] == 300e6 + 3 * 15e6


def test_cost_is_unknown_without_a_price_or_a_figure_and_nothing_at_the_top(offices):
    prices = works(has_lan=300e6, computers_per_official=15e6)
    rows = [FIRST | {"has_fibre": False}, FIRST | {"computers": None}, FIRST, THIRD]
    found = readiness_levels(judged(offices, *rows), RULES["qd_09_2015"], prices)
    cost = found["next_cost_vnd"].to_list()
    assert np.isnan(cost[:3]).all()
    assert cost[3] == 0


def test_the_current_decree_asks_for_mobile_fallback_from_the_coverage_result(offices):
    assert RULES["nd_118_2025"].valid_from == datetime.date(2025, 7, 1)
    office = judged(offices, THIRD)
    without = readiness_levels(office, RULES["nd_118_2025"]).iloc[0]
    assert (without["readiness_level"], without["next_unknown"]) == (2, "mobile_fallback")
    office["mobile_fallback"] = pd.array([True], "boolean")
    assert readiness_levels(office, RULES["nd_118_2025"])["readiness_level"].to_list() == [3]


@pytest.mark.parametrize("version", sorted(RULES))
def test_a_table_survives_editing_as_rows(version):
    table = RULES[version]
    frame = table.frame()
    assert list(frame.columns) == list(READINESS_RULES.columns)
    again = rule_table(
        frame, version=version, legal_basis=table.legal_basis, valid_from=table.valid_from
    )
    assert again == table


@pytest.mark.parametrize(
    ("row", "column", "value", "message"),
    [
        (0, "rule", "maybe", "The rule maybe of has_fibre is unknown"),
        (0, "rule", "at_least", "judges the column has_fibre by at_least; this column needs true"),
        (2, "minimum", None, "computers_per_official is a count or a ratio"),
        (0, "minimum", 1.0, "has_fibre is a yes or no"),
        (0, "field", "wifi", "judged by the column wifi, which does not exist"),
        (0, "prerequisite", "has_lan", "prerequisite is repeated"),
        (0, "level", 7, "without holes, got: 1, 2, 3, 7"),
    ],
)
def test_an_edited_table_with_faults_is_refused(row, column, value, message):
    frame = RULES["qd_09_2015"].frame()
    frame.loc[row, column] = value
    with pytest.raises(RolloutError, match=message):
        rule_table(frame, version="own", legal_basis="–")


def test_a_one_stop_shop_of_any_kind_has_the_software(offices):
    table = one_level(prerequisites({"one_stop_software": None}), version="own", legal_basis="–")
    rows = [{"one_stop": kind} for kind in ("none", "local", "interlinked", None)]
    found = readiness_levels(readiness(offices(*rows), table.prerequisites), table)
    assert found["readiness_level"].to_list() == [0, 1, 1, 0]
    assert found["possible_level"].to_list() == [0, 1, 1, 1]
