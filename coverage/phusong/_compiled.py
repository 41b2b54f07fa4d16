"""The one numba decorator, so that every kernel is compiled the same way.

Kernels release the GIL (stations run on threads), are cached on disk, never
divide by zero silently turned into an exception, and keep IEEE arithmetic: no
``fastmath``, because the same inputs must give the same bytes on every run.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import numba

Kernel = TypeVar("Kernel", bound=Callable[..., Any])


def compiled(kernel: Kernel) -> Kernel:
    """Compile a plain loop; the original stays reachable as ``kernel.py_func``."""
    wrapped: Kernel = numba.njit(kernel, nogil=True, cache=True, error_model="numpy")
    return wrapped
