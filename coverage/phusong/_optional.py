"""The one door for optional libraries: a missing one is named with its remedy."""

from importlib import import_module
from types import ModuleType

from .errors import MissingLibraryError


def require(library: str, *, extra: str) -> ModuleType:
    """Import an optional library where it is used.

    Raises
    ------
    MissingLibraryError
        If it is not installed; the message names the extra that brings it.
    """
    try:
        return import_module(library)
    except ModuleNotFoundError as absent:
        raise MissingLibraryError(library, extra) from absent
