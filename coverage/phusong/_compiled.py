"""The one numba decorator, so that every kernel is compiled the same way.

Kernels release the GIL (stations run on threads), are cached on disk where a folder
can be written, never divide by zero silently turned into an exception, and keep
IEEE arithmetic: no ``fastmath``, because the same inputs must give the same bytes
on every run.
"""

import logging
import sys
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from typing import Any, TypeVar

# In the root of a checkout numba would take our source folder for coverage.py, and fail.
_found = find_spec("coverage")
if _hidden := "coverage" not in sys.modules and _found is not None and _found.origin is None:
    sys.modules["coverage"] = None  # type: ignore[assignment]  # None: not to be imported
import numba  # noqa: E402  only now that the folder is hidden

if _hidden:
    del sys.modules["coverage"]

from .i18n import LANGUAGES, text  # noqa: E402  after numba, which must come first

Kernel = TypeVar("Kernel", bound=Callable[..., Any])


def compiled(kernel: Kernel) -> Kernel:
    """Compile a plain loop; the original stays reachable as ``kernel.py_func``.

    With ``NUMBA_DISABLE_JIT=1`` in the environment it is the original itself, which
    raises IndexError where a compiled loop would write into foreign memory.
    """
    try:
        return _njit(kernel, cache=True)
    except RuntimeError:  # neither the package's folder nor the user's own can be written
        _tell_once()
        return _njit(kernel, cache=False)


def _njit(kernel: Kernel, *, cache: bool) -> Kernel:
    wrapped: Kernel = numba.njit(kernel, nogil=True, cache=cache, error_model="numpy")
    if wrapped is kernel:  # NUMBA_DISABLE_JIT: kernels run as written
        kernel.py_func = kernel  # type: ignore[attr-defined]  # a function takes any attribute
    return wrapped


@cache
def _tell_once() -> None:
    words = "\n".join(text("common.kernels_not_kept", lang) for lang in LANGUAGES)
    logging.getLogger(__name__).warning("%s", words)
