"""Figures of places: angles as people type them, and slips with one mending."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phusong.inputs.coordinates import mend, read_angles, read_either_way


def angle(written):
    return read_angles(np.array([written], dtype=object))[0]


@pytest.mark.parametrize(
    "written",
    [
        "22°50'03.84\"", "22º50’03,84”", "22˚ 50′ 03.84″", "22 50 03.84", "22-50-03.84",
        "22:50:3.84",
        "22d50m3.84s", "22°50'3.84''", "22 độ 50 phút 3,84 giây", "N22°50'3.84\"", "22°50'3.84\"N",
        "22°50'3.84\" B", "22°50.064'", "22 50,064", "N 22.8344", "22,8344°", "22.8344° N",
        "+22.8344", "22º50´3.84´´",
        " 22.8344\u00a0", "22°50'03.84\"n",
    ],
)  # fmt: skip
def test_an_angle_is_read_in_the_ways_people_type_it(written):
    assert angle(written) == pytest.approx(22.8344, abs=1e-9)


@pytest.mark.parametrize(
    ("written", "degrees"),
    [
        ("-22.5", -22.5), ("22°30'S", -22.5), ("-22°30'", -22.5), ("70°30'T", -70.5),
        ("21E30'36\"", 21.51), ("52S30'", -52.5),
        ("104,983", 104.983),
        ("104°59'28\"Đ", 104 + 59 / 60 + 28 / 3600), ("104.983", 104.983), ("7", 7.0),
    ],
)  # fmt: skip
def test_signs_hemispheres_and_decimal_commas_count(written, degrees):
    assert angle(written) == pytest.approx(degrees, abs=1e-12)


@pytest.mark.parametrize(
    "written",
    [
        "22°60'00\"", "22°10'60\"", "22.5°30'", "22°10.5'30\"", "N22°10'N", "1049911", "447572.06",
        "22°10'10'10", "21E05", "21E05'N", "khoảng 22", "", "°", "22 m 10", "1.049.911",
        "22,8344,104,9911",
    ],
)  # fmt: skip
def test_what_is_no_angle_stays_for_the_message(written):
    assert angle(written) == written


@pytest.mark.parametrize("cell", [None, 22.5, True])
def test_cells_other_than_text_stay(cell):
    assert angle(cell) is cell


@given(st.integers(0, 179), st.integers(0, 59), st.integers(0, 599_999))
def test_degrees_minutes_and_seconds_come_back(degrees, minutes, ten_thousandths):
    written = f"{degrees}°{minutes:02d}'{ten_thousandths / 10_000:07.4f}\""
    expected = degrees + minutes / 60 + ten_thousandths / 36e6
    assert angle(written) == pytest.approx(expected, abs=1e-9)


def inside(x, y):
    return (x >= 102) & (x <= 118) & (y >= 6) & (y <= 24)


@given(
    st.integers(102_0001, 117_9999), st.integers(6_0001, 23_9999), st.integers(0, 5), st.booleans()
)
def test_a_place_of_vietnam_is_found_whatever_was_lost(lon, lat, power, exchanged):
    """Both slips in one row, too."""
    given_x, given_y = lon * 10.0**power, lat * 10.0**power
    x, y = (np.array([one]) for one in (given_x, given_y))
    mend(x, y, inside, degrees=True)
    assert (x[0], y[0]) == (pytest.approx(lon / 1e4), pytest.approx(lat / 1e4))
    if exchanged:
        x, y = np.array([lat / 1e4]), np.array([lon / 1e4])
        (found,) = mend(x, y, inside, degrees=True)
        assert found.message == "exchanged_back"
        assert (x[0], y[0]) == (lon / 1e4, lat / 1e4)


@pytest.mark.parametrize(
    ("x", "y"),
    [(104.9, 95.0), (104.9, 228.0), (447572.0, 2526143.0), (np.nan, 22.8), (1e300, 1e300)],
)
def test_other_slips_are_not_guessed(x, y):
    xs, ys = np.array([x]), np.array([y])
    assert mend(xs, ys, inside, degrees=True) == []
    assert np.array_equal([xs[0], ys[0]], [x, y], equal_nan=True)


def test_degrees_minutes_and_seconds_without_signs_are_not_taken_for_degrees():
    """104°59'00" and 104.59° are 40 km apart."""
    x, y = np.array([1045900.0, 104.98, 1045959.0]), np.array([224921.0, 22.8, 224900.0])
    assert read_either_way(x, y).tolist() == [True, False, True]
    x[2] = 1049911.0  # 99 seconds there are not: the file has lost its points
    assert not read_either_way(x, y).any()
