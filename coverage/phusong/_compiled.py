"""The one numba decorator, so that every kernel is compiled the same way.

Kernels release the GIL (stations run on threads), are cached on disk, never
divide by zero silently turned into an exception, and keep IEEE arithmetic: no
``fastmath``, because the same inputs must give the same bytes on every run.
"""

import sys
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any, TypeVar

# In the root of a checkout numba would take our source folder for coverage.py, and fail.
_found = find_spec("coverage")
if _hidden := "coverage" not in sys.modules and _found is not None and _found.origin is None:
    # None means "not to be imported" to Python, which the type of sys.modules does not tell.
    sys.modules["coverage"] = None  # type: ignore[assignment]
import numba  # noqa: E402  only now that the folder is hidden

if _hidden:
    del sys.modules["coverage"]

Kernel = TypeVar("Kernel", bound=Callable[..., Any])


def compiled(kernel: Kernel) -> Kernel:
    """Compile a plain loop; the original stays reachable as ``kernel.py_func``.

    With ``NUMBA_DISABLE_JIT=1`` in the environment it is the original itself, which
    raises IndexError where a compiled loop would write into foreign memory.
    """
    wrapped: Kernel = numba.njit(kernel, nogil=True, cache=True, error_model="numpy")
    if wrapped is kernel:  # NUMBA_DISABLE_JIT: kernels run as written
        kernel.py_func = kernel  # type: ignore[attr-defined]
    return wrapped
