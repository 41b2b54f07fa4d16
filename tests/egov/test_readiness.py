"""Readiness on offices whose answer can be read off their row."""

import pandas as pd
import pytest

from phusong.egov import (
    RULES,
    Prerequisite,
    prerequisites,
    readiness,
    readiness_by_district,
    readiness_total,
)
from phusong.errors import RolloutError
from phusong.i18n import Bilingual, catalogue
from phusong.tables import DISTRICTS_RESULT, READINESS

LAN = prerequisites({"has_lan": None})


def test_not_reported_is_unknown_and_never_no(offices):
    judged = readiness(offices({"has_lan": True}, {"has_lan": False}, {}), LAN)
    assert judged["lacks_lan"].to_list() == [False, True, pd.NA]
    assert judged["missing_prerequisites"].to_list() == ["", "has_lan", ""]
    assert judged["unknown_prerequisites"].to_list() == ["", "", "has_lan"]
    assert judged["ready"].to_list() == [True, False, pd.NA]


def test_one_missing_prerequisite_decides_even_where_another_is_unknown(offices):
    wanted = prerequisites({"has_fibre": None, "has_lan": None})
    assert readiness(offices({"has_lan": False}), wanted)["ready"].to_list() == [False]


def test_computers_are_counted_per_official_and_the_minimum_itself_suffices(offices):
    wanted = prerequisites({"computers_per_official": 0.9})
    judged = readiness(
        offices(
            {"computers": 9, "officials": 10},
            {"computers": 8, "officials": 10},
            {"computers": 8},
            {"computers": 0, "officials": 0},
        ),
        wanted,
    )
    assert judged["computers_per_official"].iloc[:2].to_list() == [0.9, 0.8]
    assert judged["ready"].to_list() == [True, False, pd.NA, pd.NA]


@pytest.mark.parametrize(
    ("row", "key"),
    [
        ({"one_stop": "interlinked", "has_lan": False}, "interlinked_without_lan"),
        ({"one_stop": "interlinked", "has_fibre": False}, "interlinked_without_fibre"),
        ({"one_stop": "interlinked", "data_network_port": False},
         "interlinked_without_data_network"),
        ({"lan_year": 2016, "has_lan": False}, "lan_year_without_lan"),
        ({"has_lan": True, "computers": 0}, "lan_without_computers"),
        ({"video_conference": True, "has_fibre": False}, "video_conference_without_fibre"),
        ({"computers": 3, "officials": 0}, "computers_without_officials"),
        ({"one_stop": "interlinked"}, ""),
        ({"one_stop": "local", "has_lan": False}, ""),
        ({"lan_year": 2016, "has_lan": True}, ""),
    ],
)  # fmt: skip
def test_contradictions_are_named_and_not_mended(offices, row, key):
    judged = readiness(offices(row), LAN)
    assert judged["contradictions"].to_list() == [key]
    for column, value in row.items():
        assert judged[column].iloc[0] == value
    if key:
        assert f"egov.contradiction_{key}" in catalogue()


def test_columns_are_those_of_the_table(offices):
    table = offices({"has_lan": True}).assign(fibre_origin="given", mobile_fallback=True)
    assert list(readiness(table, LAN).columns) == [*READINESS.columns, "geometry"]


def test_districts_count_commune_offices_only_and_say_nothing_of_the_unknown(offices):
    table = offices(
        {"has_lan": True}, {"has_lan": False}, {}, {"has_lan": True, "level": "district"},
        {"has_lan": True},
    )  # fmt: skip
    communes = pd.DataFrame(
        {"commune_code": ["00001", "00002", "00003", "00005", "00009"],
         "district_code": ["024", "024", "026", "024", "027"]}
    )  # fmt: skip
    judged = readiness(table, LAN)
    counted = readiness_by_district(judged, communes, LAN)
    assert counted.index.to_list() == ["024", "026", "027"]
    assert counted["offices"].to_list() == [3, 1, 0]
    assert counted["offices_with_lan"].to_list() == [2, 0, 0]
    assert counted["offices_ready"].to_list() == [2, 0, 0]
    assert counted["offices_missing_has_lan"].to_list() == [1, 0, 0]
    assert set(counted) <= set(DISTRICTS_RESULT.expand({"prerequisite": ["has_lan"]}).columns)


def test_an_office_of_an_unknown_commune_is_in_the_total_but_in_no_district(offices):
    judged = readiness(offices({"has_lan": True}), LAN)
    communes = pd.DataFrame({"commune_code": ["00777"], "district_code": ["024"]})
    assert readiness_by_district(judged, communes, LAN)["offices"].to_list() == [0]
    assert readiness_total(judged, LAN)["offices"] == 1


@pytest.mark.parametrize("name", sorted(RULES))
def test_named_rule_tables_can_be_judged_and_name_their_law(offices, name):
    table = RULES[name]
    assert table.legal_basis
    assert f"egov.law_{name}" in catalogue()
    judged = readiness(offices({"has_lan": False}), table.prerequisites)
    assert judged["missing_prerequisites"].to_list() == ["has_lan"]


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"wifi": None}, "There is no prerequisite wifi"),
        ({"digital_certificates": None}, "digital_certificates is a count or a ratio"),
        ({"has_lan": 1.0}, "has_lan is a yes or no"),
    ],
)
def test_a_prerequisite_that_cannot_be_judged_is_refused(wanted, message):
    with pytest.raises(RolloutError, match=message):
        prerequisites(wanted)


def test_a_study_may_bring_its_own_prerequisite(offices):
    mail = Prerequisite(
        name="mail",
        field="mailboxes",
        rule="at_least",
        minimum=2,
        title=Bilingual("hộp thư", "mail"),
    )
    judged = readiness(offices({"mailboxes": 1}, {"mailboxes": 2}), [mail])
    assert judged["missing_prerequisites"].to_list() == ["mail", ""]
