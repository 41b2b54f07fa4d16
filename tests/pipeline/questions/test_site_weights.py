"""How much people of a commune count, by the measures that the province puts first."""

import pandas as pd
import pytest

from phusong.errors import SitingError
from phusong.pipeline.questions.site_weights import weights_of

CODES = ["00001", "00004", "00007"]
TABLE = pd.DataFrame(
    {
        "commune_code": ["00004", "00001"],
        "border": pd.array([True, None], dtype="boolean"),
        "ethnic_minority_share": [0.5, 1.0],
        "priority": [2.0, 8.0],
    }
)


@pytest.mark.parametrize(
    ("weights", "counts", "untold"),
    [
        ({}, [1, 1, 1], 0),
        ({"border": 2.0}, [1, 2, 1], 2),
        ({"border": 0.0}, [1, 0, 1], 2),
        ({"ethnic_minority_share": 3.0}, [3, 2, 1], 1),
        ({"priority": 2.0}, [2, 1.25, 1], 1),
        ({"border": 2.0, "ethnic_minority_share": 3.0}, [3, 4, 1], 2),
    ],
)
def test_people_count_by_what_the_table_tells_of_their_commune(weights, counts, untold):
    factor, notes = weights_of(weights, TABLE, CODES)
    assert factor.tolist() == counts
    told = [note.values["count"] for note in notes if note.message == "site.weights_untold"]
    assert told == ([untold] if untold else [])


@pytest.mark.parametrize(
    ("weights", "table", "told"),
    [
        ({"border": -1.0}, TABLE, "border” = [-−]1 cannot"),
        ({"border": float("nan")}, TABLE, "border, ethnic_minority_share, priority"),
        ({"poor": 2.0}, TABLE, "“poor” = 2"),
        ({"border": 2.0}, None, "need the table priorities"),
        ({"border": 2.0}, TABLE.drop(columns="border"), "of no commune"),
        ({"border": 2.0}, TABLE.assign(commune_code=["8", "9"]), "of no commune"),
    ],
)
def test_weights_that_cannot_be_used_are_refused(weights, table, told):
    with pytest.raises(SitingError, match=told):
        weights_of(weights, table, CODES)
