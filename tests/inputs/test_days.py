import datetime

import numpy as np
import pandas as pd
import pytest

from phusong.inputs.days import read_days
from phusong.inputs.values import convert
from phusong.tables import CELLS


def days_of(*cells, from_1904=False):
    """Return the days that cells are read as, None where they are none, and what is told."""
    column = np.fromiter(cells, dtype=object, count=len(cells))
    read, told = read_days(column, from_1904=from_1904)
    field = CELLS["on_air_from"]
    days, _ = convert(read, field, heading="f", decimal_mark=None)
    return [None if pd.isna(day) else f"{day:%Y-%m-%d}" for day in days], [
        (one.message, fault.rows.tolist()) for one, fault in told
    ]


@pytest.mark.parametrize(
    ("written", "day", "message"),
    [
        (43101, "2018-01-01", "serial_days"), ("43101", "2018-01-01", "serial_days"),
        (43101.75, "2018-01-01", "serial_days"),
        ("05/2017", "2017-05-01", "first_days"), ("5-2017", "2017-05-01", "first_days"),
        ("2017-05", "2017-05-01", "first_days"), ("Tháng 5/2017", "2017-05-01", "first_days"),
        ("tháng 05 năm 2017", "2017-05-01", "first_days"), ("T5/2017", "2017-05-01", "first_days"),
        ("May 2017", "2017-05-01", "first_days"), ("Quý II/2017", "2017-04-01", "first_days"),
        ("2017", "2017-01-01", "first_days"), (2017, "2017-01-01", "first_days"),
        ("năm 2017", "2017-01-01", "first_days"),
        ("31/12/17", "2017-12-31", "short_years"), ("31.12.98", "1998-12-31", "short_years"),
        ("5-Jun-17", "2017-06-05", "short_years"),
        ("12/31/2017", "2017-12-31", "month_first"),
        ("20170605", "2017-06-05", None), (20170605, "2017-06-05", None),
        ("05-Jun-2017", "2017-06-05", None), ("June 5, 2017", "2017-06-05", None),
        ("5 thg 6, 2017", "2017-06-05", None), ("Ngày 5 tháng 6 năm 2017", "2017-06-05", None),
        ("05/06/2017 8:30 SA", "2017-06-05", None), ("8h30 05/06/2017", "2017-06-05", None),
    ],
)  # fmt: skip
def test_day_that_can_be_only_one_is_read_and_told(written, day, message):
    told = [] if message is None else [(message, [True])]
    assert days_of(written) == ([day], told)


@pytest.mark.parametrize(
    "written",
    ["13/2017", "31/12/2560", "99999", 12, 1e300, float("nan"), float("inf"), True, "soon 2017",
     "31/02/17", "20171331", "9" * 9999, ["a"], "5 abc 2017", "05062017", datetime.time(1)],
)  # fmt: skip
def test_what_is_no_day_stays_as_it_is(written):
    assert days_of(written) == ([None], [])


def test_a_mac_workbook_counts_its_days_from_1904():
    assert days_of(41639, from_1904=True) == (["2018-01-01"], [("serial_days", [True])])


def test_one_impossible_day_tells_the_order_of_the_column():
    days, told = days_of("05/06/2017", "12/31/2017", "2017-05-06")
    assert days == ["2017-05-06", "2017-12-31", "2017-05-06"]
    assert told == [("month_first", [True, True, False])]
    days, told = days_of("05/06/2017", "12/31/2017", "31/12/2017")
    assert days == ["2017-06-05", None, "2017-12-31"]
    assert told == []
