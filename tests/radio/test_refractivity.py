"""The ITU's refractivity maps, here made up: the real ones may not be passed on."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phusong.errors import InputError
from phusong.radio.refractivity import SHAPE, read_refractivity

LATITUDES = np.linspace(90, -90, SHAPE[0])[:, None]
LONGITUDES = np.linspace(0, 360, SHAPE[1])[None, :]


def _write(folder, delta_n=None, n0=None):
    folder.mkdir(exist_ok=True)
    delta_n = 45 + LATITUDES / 10 + LONGITUDES / 100 if delta_n is None else delta_n
    n0 = 320 + LATITUDES / 2 + 0 * LONGITUDES if n0 is None else n0
    paths = folder / "DN50.TXT", folder / "N050.TXT"
    for path, values in zip(paths, (delta_n, n0), strict=True):
        np.savetxt(path, values, fmt="%9.3f")
    return paths


@pytest.fixture(scope="module")
def maps(tmp_path_factory):
    return _write(tmp_path_factory.mktemp("itu"))


def test_maps_are_read_between_their_points(maps):
    found = read_refractivity(*maps, latitude_deg=22.8, longitude_deg=105.0)
    assert found.delta_n_per_km == pytest.approx(45 + 2.28 + 1.05, abs=1e-3)
    assert found.n0 == pytest.approx(320 + 11.4, abs=1e-3)


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_every_place_on_earth_has_a_value_west_as_east(maps, latitude_deg, longitude_deg):
    found = read_refractivity(*maps, latitude_deg=latitude_deg, longitude_deg=longitude_deg)
    expected = 45 + latitude_deg / 10 + (longitude_deg % 360) / 100
    assert found.delta_n_per_km == pytest.approx(expected, abs=2e-3)


def test_damaged_maps_are_all_named(maps, tmp_path):
    damaged = _write(tmp_path / "damaged", n0=np.full((3, 4), 320.0))
    damaged[0].write_text("45.0 45.0\n45.0\n", encoding="ascii")
    with pytest.raises(InputError) as fault:
        read_refractivity(*damaged, latitude_deg=22.8, longitude_deg=105.0)
    assert [problem.file for problem in fault.value.problems] == ["DN50.TXT", "N050.TXT"]
    assert "121" in str(fault.value)
    assert "3×4" in str(fault.value)


def test_values_no_air_has_are_refused(tmp_path):
    swapped = _write(tmp_path / "swapped")[::-1]
    with pytest.raises(InputError, match=r"200.+450"):
        read_refractivity(*swapped, latitude_deg=22.8, longitude_deg=105.0)


def test_absent_map_is_named(maps, tmp_path):
    with pytest.raises(InputError, match=r"DN50\.TXT"):
        read_refractivity(tmp_path / "DN50.TXT", maps[1], latitude_deg=22.8, longitude_deg=105.0)
