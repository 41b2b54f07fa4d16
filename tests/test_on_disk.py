"""Arrays in temporary files are arrays like others, and copies of them leave them alone."""

import errno
import os

import numpy as np
import pytest

from phusong._on_disk import GrowingOnDisk, copy_on_write, full_on_disk


@pytest.mark.parametrize(
    ("value", "dtype"),
    [(-np.inf, np.float32), (np.nan, np.float32), (-1, np.int32), (0, np.uint16)],
)
def test_array_is_that_of_numpy(value, dtype):
    found = full_on_disk((3, 5, 7), value, np.dtype(dtype))
    assert type(found) is np.ndarray
    np.testing.assert_array_equal(found, np.full((3, 5, 7), value, dtype), strict=True)


def test_pieces_put_together_are_one_array_in_a_file():
    growing = GrowingOnDisk(np.dtype(np.float32))
    for piece in (np.arange(5.0), np.arange(0.0), np.arange(20)[::3]):
        growing.append(piece)
    found = growing.array()
    expected = np.array([0, 1, 2, 3, 4, 0, 3, 6, 9, 12, 15, 18], np.float32)
    np.testing.assert_array_equal(found, expected, strict=True)
    assert isinstance(found.base, np.memmap)
    found[3] = 7.0  # to be changed like others
    assert found[3] == 7.0
    assert GrowingOnDisk(np.dtype(np.float32)).array().shape == (0,)


def test_array_without_elements_needs_no_file():
    assert full_on_disk((0, 5), 1.0, np.dtype(np.float32)).shape == (0, 5)


def test_changed_copy_of_a_layer_leaves_the_array_and_other_copies_alone():
    array = full_on_disk((3, 500, 700), 1.0, np.dtype(np.float32))
    one, other = copy_on_write(array[1]), copy_on_write(array[1])
    again = copy_on_write(one)
    one[200:300, 5] = 2.0
    again[0, 0] = 3.0
    assert (array == 1.0).all()
    assert (other == 1.0).all()
    assert (one == 2.0).sum() == 100
    assert (again[0, 0], again[250, 5]) == (3.0, 1.0)


def test_copy_of_other_arrays_and_of_scattered_elements_is_plain():
    for array in (np.zeros((4, 6)), full_on_disk((4, 6), 0.0, np.dtype(np.float64))[:, ::2]):
        copied = copy_on_write(array)
        copied[:] = 1.0
        assert not array.any()


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="no room is asked for beforehand")
def test_disk_without_room_is_an_error_before_anything_is_written(monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(OSError, match="No space"):
        full_on_disk((3, 5), 0.0, np.dtype(np.float32))
