"""Arrays that lie in temporary files, so that the system may take their pages out of memory."""

import os
from math import prod
from tempfile import TemporaryFile
from typing import IO, Any, Literal
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


class GrowingOnDisk:
    """An array of one axis in a temporary file without a name, of a length not known before.

    Parameters
    ----------
    dtype : dtype
    """

    def __init__(self, dtype: np.dtype[Any]) -> None:
        self._dtype = np.dtype(dtype)
        self._file = TemporaryFile(prefix="phusong-")  # noqa: SIM115  closed with the array
        self._closed = finalize(self, self._file.close)
        self._size = 0

    def append(self, values: NDArray[Any]) -> None:
        """Put values after those that are there.

        Parameters
        ----------
        values : ndarray, shape (n,)

        Raises
        ------
        OSError
            If the folder for temporary files (``TMPDIR``) has no room for them.
        """
        self._file.write(np.ascontiguousarray(values, dtype=self._dtype).data)
        self._size += len(values)

    def array(self) -> NDArray[Any]:
        """Return what was put together, as `full_on_disk` would hold it; nothing comes after."""
        if not self._size:
            return np.empty(0, self._dtype)
        self._file.flush()
        self._closed.detach()
        return _mapped(self._file, (self._size,), self._dtype, "r+")


def known_on_disk(values: NDArray[Any]) -> NDArray[Any]:
    """Return the values that are no NaN, row by row, as an array that may be put in order.

    Parameters
    ----------
    values : ndarray of float, shape (y, x)
    """
    known = GrowingOnDisk(values.dtype)
    for row in values:
        known.append(row[~np.isnan(row)])
    return known.array()


def _new(shape: tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any]:
    if not prod(shape):
        return np.empty(shape, dtype)
    file = TemporaryFile(prefix="phusong-")  # noqa: SIM115  closed with the array
    try:
        if hasattr(os, "posix_fallocate"):  # a page without room later would kill the process
            os.posix_fallocate(file.fileno(), 0, prod(shape) * np.dtype(dtype).itemsize)
        return _mapped(file, shape, dtype, "w+")
    except BaseException:
        file.close()
        raise


def _mapped(
    file: IO[bytes], shape: tuple[int, ...], dtype: np.dtype[Any], mode: Literal["r+", "w+"]
) -> NDArray[Any]:
    array = _OnDisk(file, dtype, mode, shape=shape)
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
