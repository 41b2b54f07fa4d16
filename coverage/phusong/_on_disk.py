"""Arrays that lie in temporary files, so that the system may take their pages out of memory."""

import os
from math import prod
from tempfile import TemporaryFile
from typing import IO, Any
from weakref import finalize

import numpy as np
from numpy.typing import NDArray


class _OnDisk(np.memmap):
    """An array that knows its file."""

    file: IO[bytes]


def full_on_disk(shape: tuple[int, ...], value: float, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Return a new array as `numpy.full`, in a temporary file without a name.

    The file is gone with the array and its copies. Where the folder for temporary files
    lies in memory, so does the array.

    Parameters
    ----------
    shape : tuple of int
    value : float
    dtype : dtype

    Raises
    ------
    OSError
        If the folder for temporary files (``TMPDIR``) has no room for it.
    """
    array = _new(shape, dtype)
    if value:  # a new file is full of zeros
        array[...] = value
    return array


def moved_to_disk(array: NDArray[Any]) -> NDArray[Any]:
    """Return the same values in an array as `full_on_disk` makes them.

    Parameters
    ----------
    array : ndarray

    Raises
    ------
    OSError
        If the folder for temporary files (``TMPDIR``) has no room for it.
    """
    moved = _new(array.shape, array.dtype)
    moved[...] = array
    return moved


def _new(shape: tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any]:
    if not prod(shape):
        return np.empty(shape, dtype)
    file = TemporaryFile(prefix="phusong-")  # noqa: SIM115  closed with the array
    try:
        if hasattr(os, "posix_fallocate"):  # a page without room later would kill the process
            os.posix_fallocate(file.fileno(), 0, prod(shape) * np.dtype(dtype).itemsize)
        array = _OnDisk(file, dtype, "w+", shape=shape)
    except BaseException:
        file.close()
        raise
    array.file = file
    finalize(array, file.close)
    return np.asarray(array)


def copy_on_write(array: NDArray[Any]) -> NDArray[Any]:
    """Return a copy that may be changed; of one by `full_on_disk` only changed pages are copied.

    Parameters
    ----------
    array : ndarray
        Not to be changed afterwards.
    """
    origin: Any = array
    while origin is not None and not isinstance(origin, _OnDisk):
        origin = getattr(origin, "base", None)
    if origin is None or not array.flags.c_contiguous:
        return array.copy()
    offset = array.ctypes.data - origin.ctypes.data
    return np.asarray(np.memmap(origin.file, array.dtype, "c", offset=offset, shape=array.shape))
