"""What is tested here: coordinates of a province as polynomials, as the page evaluates them."""

import numpy as np
import pytest
from pyproj import Transformer

from phusong.maps.smooth import fit_smooth

HA_GIANG = (400_000.0, 2_450_000.0, 520_000.0, 2_590_000.0)


def test_a_province_in_degrees_is_a_polynomial_to_a_millionth_of_a_pixel():
    way = Transformer.from_crs("EPSG:9209", "EPSG:4326", always_xy=True)
    found = fit_smooth(lambda x, y: way.transform(x, y), HA_GIANG, largest_miss=1e-12)
    random = np.random.default_rng(0)
    x, y = random.uniform(HA_GIANG[:2], HA_GIANG[2:], (50, 2)).T
    (across, up), half = found["middle"], found["half"]
    values = [
        np.polynomial.chebyshev.chebval2d((x - across) / half[0], (y - up) / half[1], one)
        for one in found["coefficients"]
    ]
    np.testing.assert_allclose(values, way.transform(x, y), atol=1e-11, rtol=0)


def test_what_has_an_edge_is_refused():
    with pytest.raises(ValueError, match="not smooth"):
        fit_smooth(lambda x, y: (np.floor(x), y), (0.0, 0.0, 9.0, 9.0), largest_miss=1e-6)
