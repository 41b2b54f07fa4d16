"""Every loop compiles by one decorator and stays callable as written."""

import ast

import numpy as np
import pytest

from phusong._compiled import compiled


@compiled
def halves(values, out):
    for i in range(values.size):
        out[i] = values[i] / 2


@compiled
def quotient(one, other):
    return one / other


@pytest.mark.kernels
def test_a_kernel_and_its_original_fill_the_same():
    fast, plain = np.zeros(3), np.zeros(3)
    halves(np.arange(3.0), fast)
    halves.py_func(np.arange(3.0), plain)
    assert fast.tolist() == plain.tolist() == [0.0, 0.5, 1.0]


def test_division_by_zero_gives_what_numpy_gives():
    if quotient is quotient.py_func:
        pytest.skip("uncompiled, Python divides")
    assert quotient(1.0, 0.0) == np.inf
    assert np.isnan(quotient(0.0, 0.0))


@pytest.mark.kernels
def test_uncompiled_a_write_out_of_range_is_an_error():
    with pytest.raises(IndexError, match="out of bounds"):
        halves.py_func(np.arange(3.0), np.zeros(2))


def test_numba_is_used_through_the_decorator_alone(checkout):
    for path in sorted((checkout / "coverage" / "phusong").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {
            name.name.split(".")[0]
            for node in ast.walk(tree)
            if isinstance(node, ast.Import)
            for name in node.names
        } | {
            (node.module or "").split(".")[0]
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and not node.level
        }
        assert ("numba" in names) == (path.name == "_compiled.py"), path
