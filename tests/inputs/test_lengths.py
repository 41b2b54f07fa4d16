"""Heights in feet, kilometres and words for metres."""

import numpy as np
import pytest

from phusong.inputs.lengths import with_metres
from phusong.inputs.source import Raw, as_cells
from phusong.tables import SITE_LIST


def understood(heading, *cells):
    raw = Raw(
        headings=("Nhà mạng", heading),
        columns=(as_cells(["Viettel"] * len(cells), len(cells)), as_cells(cells, len(cells))),
        rows=np.arange(len(cells)),
        decimal_mark=".",
    )
    read = with_metres(raw, SITE_LIST)
    return read.headings[1], read.columns[1].tolist(), [told.message for told in read.told]


@pytest.mark.parametrize("cell", ["36", "36 m", "36m", "36 mét", "36 metres"])
def test_metres_stay_what_they_are_and_nothing_is_told(cell):
    heading, (height,), told = understood("Chiều cao cột (m)", cell)
    assert (heading, str(height).removesuffix("m").strip(), told) == ("Chiều cao cột (m)", "36", [])


@pytest.mark.parametrize(
    ("heading", "cell", "metres"),
    [
        ("Chiều cao cột (ft)", "118", 35.9664),
        ("Chiều cao cột [feet]", 118.0, 35.9664),
        ("Chiều cao", "118 ft", 35.9664),
        ("Chiều cao (m)", "0,036 km", 36.0),
        ("Chiều cao (ft)", "36 m", "36"),
    ],
)
def test_the_unit_of_the_figure_goes_before_that_of_the_heading(heading, cell, metres):
    assert understood(heading, cell)[1] == [metres]


@pytest.mark.parametrize("cell", [None, "cao", "42m (mái nhà 12m)", "36 kg"])
def test_what_is_no_length_stays_to_be_told(cell):
    assert understood("Chiều cao (m)", cell) == ("Chiều cao (m)", [cell], [])
