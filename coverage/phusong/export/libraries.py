"""Versions of what a result depends on, asked of each library without importing its package."""

import platform
from contextlib import suppress
from ctypes import CDLL, c_char_p
from importlib import import_module
from importlib.machinery import PathFinder
from importlib.metadata import version
from importlib.util import find_spec

import pyproj

from .._version import __version__, commit

_LIBRARIES = (
    "exactextract",
    "folium",
    "geopandas",
    "numba",
    "numpy",
    "openpyxl",
    "pandas",
    "pyogrio",
    "pyproj",
    "rasterio",
    "scipy",
    "shapely",
    "xarray",
)
_WITHIN = {
    "gdal (rasterio)": ("rasterio", "_base", "GDALVersionInfo", "RELEASE_NAME"),
    "gdal (pyogrio)": ("pyogrio", "_io", "GDALVersionInfo", "RELEASE_NAME"),
    "geos": ("shapely", "lib", "GEOSversion"),
}
"""Package, the extension of it that is linked with the library, what tells the version.

Importing the packages takes a second: they bring pandas.
"""
_ATTRIBUTES = {
    "rasterio": "__gdal_version__",
    "pyogrio": "__gdal_version_string__",
    "shapely": "geos_version_string",
}
"""Where the packages themselves tell it."""


def versions() -> dict[str, str]:
    """Return the versions that a result depends on.

    Returns
    -------
    dict of str to str
        By the name of the program or library.

    Examples
    --------
    >>> import numpy as np
    >>> versions()["numpy"] == np.__version__
    True
    """
    made_from = commit()
    return {
        "phusong": __version__,
        **({"phusong (commit)": made_from} if made_from else {}),
        "python": platform.python_version(),
        **{library: version(library) for library in _LIBRARIES},
        **{name: _version_within(*where) for name, where in _WITHIN.items()},
        "proj": pyproj.proj_version_str,
    }


def _version_within(package: str, extension: str, function: str, *words: str) -> str:
    """Ask the C library that a package was linked with for its version."""
    found = find_spec(package)
    linked = found and PathFinder.find_spec(extension, found.submodule_search_locations)
    if linked and linked.origin:
        with suppress(OSError, AttributeError):  # Windows finds it once the package is imported
            ask = getattr(CDLL(linked.origin), function)
            ask.restype = c_char_p
            told: bytes = ask(*(word.encode() for word in words))
            return told.decode().partition("-")[0]  # GEOS adds the version of its interface
    return str(getattr(import_module(package), _ATTRIBUTES[package]))
