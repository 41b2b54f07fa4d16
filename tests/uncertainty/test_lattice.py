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
    drawn = fields(field, 2, 400, cells).reshape(400, 24, 30)
    assert drawn.std() == pytest.approx(7.0, rel=0.02)
    for down, along in ((1, 0), (0, 1), (2, 0), (3, 4), (0, 10)):
        one, other = drawn[:, : 24 - down, : 30 - along], drawn[:, down:, along:]
        found = (one * other).mean() / 49
        assert found == pytest.approx(np.exp(-200 * np.hypot(down, along) / 450), abs=0.03)
    # Opposite ends of the province know nothing of each other.
    assert (drawn[:, :, 0] * drawn[:, :, -1]).mean() / 49 == pytest.approx(0, abs=0.04)


def fields(field, seed, draws, cells):
    drawn = np.empty((draws, len(cells)), np.float32)
    field.draw(np.random.default_rng(seed), cells, drawn)
    return drawn


def test_an_odd_number_of_draws_begins_with_those_of_an_even_one():
    field = Field(Lattice(3, 3, 1, 90.0), 1.0, 450.0)
    odd, even = (fields(field, 0, draws, np.arange(4)) for draws in (5, 6))
    np.testing.assert_array_equal(odd, even[:5])
    assert (odd != 0).all()


def test_a_field_of_several_tiles_has_the_deviation_and_correlation_of_one(monkeypatch):
    lattice = Lattice(40, 110, 1, 200.0)
    cells = np.arange(40 * 110)
    monkeypatch.setattr("phusong.uncertainty.lattice.WIDEST_TILE", 65)
    field = Field(lattice, 7.0, 200.0)
    assert [tile.left for tile in field._tiles] == [0, 45]
    drawn = fields(field, 4, 1200, cells).reshape(1200, 40, 110) / 7
    deviation = drawn.std(axis=(0, 1))
    assert np.ptp(deviation) < 0.05  # by column: alike over the seam from 45 to 65
    assert deviation.mean() == pytest.approx(1.0, abs=0.01)
    for along in (1, 2, 4):
        found = (drawn[:, :, :-along] * drawn[:, :, along:]).mean(axis=(0, 1))
        expected = np.exp(-along)
        assert found[:40].mean() == pytest.approx(expected, abs=0.01)
        turned = expected * np.cos(np.pi / 2 * along / 20)
        assert found[47 : 63 - along].mean() == pytest.approx(turned, abs=0.012)
    assert (drawn[:, :, 0] * drawn[:, :, -1]).mean() == pytest.approx(0, abs=0.02)


def test_a_field_of_several_tiles_is_the_same_wherever_it_is_asked(monkeypatch):
    monkeypatch.setattr("phusong.uncertainty.lattice.WIDEST_TILE", 12)
    monkeypatch.setattr("phusong.uncertainty.lattice._AT_A_TIME", 7)
    field = Field(Lattice(30, 20, 1, 500.0), 7.0, 450.0)
    whole = fields(field, 1, 3, np.arange(600))
    some = np.random.default_rng(5).permutation(600)[:100]
    np.testing.assert_array_equal(fields(field, 1, 3, some), whole[:, some])
