"""The correlated field: its deviation, its correlation, its lattice."""

import numpy as np
import pytest

from phusong.uncertainty.lattice import Field, Lattice


@pytest.mark.parametrize(
    ("resolution_m", "step_px", "rows"), [(90.0, 2, 5), (100.0, 2, 5), (500.0, 1, 9), (30.0, 7, 2)]
)
def test_cells_are_whole_pixels_and_at_most_225_m_wide(resolution_m, step_px, rows):
    lattice = Lattice.over((9, 9), resolution_m)
    assert (lattice.step_px, lattice.rows) == (step_px, rows)
    assert lattice.step_m == step_px * resolution_m
    cell = lattice.cell_of(np.arange(81), 9).reshape(9, 9)
    assert (cell[:step_px, :step_px] == 0).all()
    assert cell.max() == lattice.rows * lattice.columns - 1


def test_field_has_its_deviation_and_exponential_correlation():
    lattice = Lattice(24, 30, 2, 200.0)
    field = Field(lattice, 7.0, 450.0)
    cells = np.arange(24 * 30)
    drawn = np.array([*field.draws(np.random.default_rng(2), 400, cells)]).reshape(400, 24, 30)
    assert drawn.std() == pytest.approx(7.0, rel=0.02)
    for down, along in ((1, 0), (0, 1), (2, 0), (3, 4), (0, 10)):
        one, other = drawn[:, : 24 - down, : 30 - along], drawn[:, down:, along:]
        found = (one * other).mean() / 49
        assert found == pytest.approx(np.exp(-200 * np.hypot(down, along) / 450), abs=0.03)
    # Opposite ends of the province know nothing of each other.
    assert (drawn[:, :, 0] * drawn[:, :, -1]).mean() / 49 == pytest.approx(0, abs=0.04)


def test_odd_number_of_draws_is_that_many():
    field = Field(Lattice(3, 3, 1, 90.0), 1.0, 450.0)
    assert len([*field.draws(np.random.default_rng(0), 5, np.arange(4))]) == 5
