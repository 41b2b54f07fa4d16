"""Absurd reports are told and kept; what was not reported is not doubted."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point, box

from phusong.egov import (
    PLAUSIBILITY,
    Plausibility,
    implausible,
    plausibility_faults,
    plausibility_frame,
    plausibility_rules,
)
from phusong.i18n import Bilingual
from phusong.tables import PLAUSIBILITY_RULES

COMMUNES = gpd.GeoDataFrame({"commune_code": ["00688"]}, geometry=[box(0, 0, 5000, 5000)])


def doubts(place=(1, 1), **row):
    offices = gpd.GeoDataFrame(
        {name: [value] for name, value in {"commune_code": "00688", **row}.items()},
        geometry=[Point(place)],
    )
    found = implausible(offices, PLAUSIBILITY, year=2017, communes=COMMUNES)
    return dict(zip(found["rule"], found["column"], strict=True))


@pytest.mark.parametrize(
    ("row", "rules"),
    [
        ({"computers": 9000, "officials": 3},
         {"computers_per_official": "computers", "computers_in_all": "computers"}),
        ({"lan_year": 2099}, {"lan_in_the_future": "lan_year"}),
        ({"lan_year": 2017}, {}),
        ({"digital_certificates": 12, "officials": 0},
         {"no_officials": "officials", "certificates_per_official": "digital_certificates"}),
        ({"officials": 0}, {"no_officials": "officials"}),
        ({"place": (5600, 1)}, {"outside_its_commune": "commune_code"}),
        ({"place": (5400, 1)}, {}),
        ({"computers": 9, "officials": 3, "digital_certificates": 5, "mailboxes": 4}, {}),
        ({"digital_certificates": 12}, {}),
        ({"commune_code": "99999", "place": (9000, 1)}, {}),
        ({"officials": 2, "computers": 6, "digital_certificates": 6, "mailboxes": 20,
          "files_per_year": 20_000, "lan_year": 2017, "place": (5500, 1)}, {}),  # at each limit
        ({"officials": 2, "computers": 7}, {"computers_per_official": "computers"}),
        ({"officials": 2, "digital_certificates": 7},
         {"certificates_per_official": "digital_certificates"}),
        ({"officials": 2, "mailboxes": 21}, {"mailboxes_per_official": "mailboxes"}),
        ({"officials": 2, "files_per_year": 20_001}, {"files_per_official": "files_per_year"}),
        ({"officials": 1000, "computers": 2000}, {}),
        ({"officials": 1000, "computers": 2001}, {"computers_in_all": "computers"}),
        ({"place": (5501, 1)}, {"outside_its_commune": "commune_code"}),
    ],
)  # fmt: skip
def test_each_absurd_report_is_named_with_its_column(row, rules):
    assert doubts(**row) == rules


def test_figures_stand_beside_what_they_are_divided_by():
    offices = gpd.GeoDataFrame({"computers": [1, 90], "officials": [1, 3]}, geometry=[None, None])
    found = implausible(offices, PLAUSIBILITY, year=2017, communes=None)
    assert found[["position", "figure", "per"]].to_numpy().tolist() == [[1, 90, 3]]


def test_the_rules_are_a_table_that_may_be_edited():
    table = plausibility_frame()
    assert list(table.columns) == list(PLAUSIBILITY_RULES.columns)
    assert plausibility_rules(table) == PLAUSIBILITY
    table.loc[table["rule"] == "computers_per_official", "maximum"] = 1.5
    (rule,) = plausibility_rules(table[:1])
    offices = gpd.GeoDataFrame({"computers": [6], "officials": [3]}, geometry=[None])
    assert len(implausible(offices, [rule], year=2017, communes=None)) == 1


def test_rules_of_no_figure_or_without_limits_are_told_all_at_once():
    reason = Bilingual("vì", "because")
    rules = [
        Plausibility(name="a", figure="wifi", least=1, reason=reason),
        Plausibility(name="b", figure="computers", per="desks", least=1, reason=reason),
        Plausibility(name="c", figure="computers", reason=reason),
        Plausibility(name="d", figure="computers", least=2, most=1, reason=reason),
    ]
    told = [(fault.message, fault.values["name"]) for fault in plausibility_faults(rules)]
    assert told == [
        ("egov.unknown_field", "a"), ("egov.unknown_field", "b"),
        ("egov.no_limits", "c"), ("egov.no_limits", "d"),
    ]  # fmt: skip
    assert list(plausibility_faults(PLAUSIBILITY)) == []


def test_every_rule_gives_its_reason_in_both_languages():
    assert all(rule.reason.vi and rule.reason.en for rule in PLAUSIBILITY)
    assert len({rule.name for rule in PLAUSIBILITY}) == len(PLAUSIBILITY)
    assert pd.notna(plausibility_frame()[["vi", "en"]]).all(axis=None)
    assert np.isfinite([rule.most for rule in PLAUSIBILITY if rule.per]).all()
