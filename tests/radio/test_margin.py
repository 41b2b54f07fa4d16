"""One predicate says what is served, compiled or not."""

import numpy as np
import pytest

from phusong.radio import served
from phusong.radio.margin import served_compiled

MARGINS_DB = [0.0, -0.0, 1e-9, -1e-9, 40.0, -40.0, np.nan, -np.inf]
SERVED = [True, True, True, False, True, False, False, False]


def test_margin_of_exactly_zero_serves_and_an_unknown_one_does_not():
    assert served(np.array(MARGINS_DB)).tolist() == SERVED
    assert served(np.array(MARGINS_DB, dtype=np.float32)).tolist() == SERVED


@pytest.mark.parametrize(("margin_db", "expected"), list(zip(MARGINS_DB, SERVED, strict=True)))
def test_kernels_judge_as_tables_do(margin_db, expected):
    assert served(margin_db) == expected
    assert served_compiled(margin_db) == expected
