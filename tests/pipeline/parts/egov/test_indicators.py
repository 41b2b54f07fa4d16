"""What the board says of systems that not every office reported, on the counts of a province."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from phusong.egov import RULES, readiness
from phusong.pipeline.parts.egov.indicators import SYSTEMS
from phusong.pipeline.parts.egov.offices import EGovernment
from phusong.pipeline.parts.egov.rollout import RolloutTables

COMMUNES = 195
CODES = [f"{number:05}" for number in range(COMMUNES)]
DISTRICTS = [f"{number:03}" for number in np.arange(COMMUNES) % 11]


@pytest.fixture
def rows():
    """Return 195 commune offices, of which the first 29 have a LAN, and 11 of districts."""
    lan = pd.array(np.arange(COMMUNES) < 29, "boolean")
    communes = pd.DataFrame(
        {"office_id": [f"X{code}" for code in CODES], "level": "commune",
         "commune_code": CODES, "has_lan": lan, "one_stop": "none"}
    )  # fmt: skip
    seats = pd.DataFrame(
        {"office_id": [f"H{number}" for number in range(11)], "level": "district",
         "commune_code": CODES[:11], "one_stop": "local"}
    )  # fmt: skip
    return pd.concat([communes, seats], ignore_index=True)


def board(rows):
    offices = gpd.GeoDataFrame(rows, geometry=shapely.points(np.zeros((len(rows), 2))))
    rules = RULES["qd_09_2015"]
    communes = gpd.GeoDataFrame({"commune_code": CODES, "district_code": DISTRICTS})
    judged = readiness(offices, rules.prerequisites)
    found = EGovernment(
        rules=rules, communes=communes, offices=judged, readiness=judged,
        rollout=RolloutTables(), access=None, notes=(),
    )  # fmt: skip
    return {
        each.name: (figure, each.definition(figure, "en"))
        for each in SYSTEMS
        if (figure := each.figure(found)) is not None
    }


def share(figure):
    return round(figure.value, 3), round(figure.most, 3), figure.reported, figure.total


def test_where_all_reported_the_range_is_a_figure(rows):
    figure, definition = board(rows)["lan_share"]
    assert share(figure) == (0.149, 0.149, 195, 195)
    assert definition.endswith("all 195 communes reported")


def test_half_of_the_reports_blank_widen_the_share_and_say_so(rows):
    rows.loc[13:109, "has_lan"] = pd.NA
    told = board(rows)
    assert share(told["lan_share"][0]) == (0.067, 0.564, 98, 195)
    assert told["lan_offices"][1].endswith(
        "98 of 195 communes reported; those that did not may hold it or not: from 13 to 110"
    )


def test_communes_without_an_office_stay_in_the_denominator(rows):
    told = board(rows[~rows["office_id"].isin([f"X{code}" for code in CODES[-19:]])])
    assert share(told["lan_share"][0]) == (0.149, 0.246, 176, 195)
    # Two districts and a commune may share an office; agencies are counted one by one.
    figure, _ = told["one_stop_local_district"]
    assert (figure.value, figure.most, figure.total) == (11, 11, 11)


def test_a_second_office_makes_no_further_commune_or_district(rows):
    second = rows.iloc[[0, -1]].assign(office_id=["X2", "H2"])
    told = board(pd.concat([rows, second], ignore_index=True))
    assert share(told["lan_share"][0]) == (0.149, 0.149, 195, 195)
    figure, _ = told["one_stop_local_district"]
    assert (figure.value, figure.total) == (11, 11)


def test_one_stop_shops_are_counted_at_both_levels(rows):
    # As published for 2017: three districts whole, 36 communes of two and 8 of the third.
    rows.loc[:43, "one_stop"] = "interlinked"
    rows.loc[rows["office_id"].isin(["H0", "H1", "H2"]), "one_stop"] = "interlinked"
    rows.loc[44:116, "one_stop"] = "local"
    told = board(rows)
    assert told["one_stop_interlinked"][0].value == 44
    assert told["one_stop_local"][0].value == 73
    assert told["one_stop_interlinked_district"][0].value == 3
    assert told["one_stop_local_district"][0].value == 8


def test_portal_and_data_centre_have_rows_at_each_level_that_reported(rows):
    rows["service_portal"] = pd.array([None] * len(rows), "boolean")
    rows.loc[:9, "service_portal"] = True
    rows["data_centre"] = pd.array(rows["level"] == "district", "boolean")
    told = board(rows)
    figure, definition = told["service_portal_commune"]
    assert (figure.value, figure.most, figure.reported, figure.total) == (10, 195, 10, 195)
    assert "10 of 195 communes reported" in definition
    assert "service_portal_district" not in told
    assert told["data_centre_district"][0].value == 11
    assert told["data_centre_commune"][0].value == 0


def test_sums_are_a_floor_of_the_agencies_that_reported(rows):
    rows["mailboxes"] = pd.array([50] * 100 + [None] * (len(rows) - 100), "Int64")
    figure, definition = board(rows[1:])["mailboxes"]
    assert (figure.value, figure.reported, figure.total) == (99 * 50, 99, 206)
    assert np.isnan(figure.most)
    assert "99 of 206 agencies reported; what the others have is not in it" in definition


def test_a_province_without_district_offices_lacks_none(rows):
    rows["mailboxes"] = 1
    figure, _ = board(rows[rows["level"] == "commune"])["mailboxes"]
    assert figure.total == 195
