"""Versions asked of the libraries themselves are those that their packages tell."""

from importlib.metadata import version

import pyogrio
import pyproj
import pytest
import rasterio
import shapely

from phusong.export import libraries, versions


def test_versions_are_those_that_the_packages_tell():
    told = versions()
    assert told["gdal (rasterio)"] == rasterio.__gdal_version__
    assert told["gdal (pyogrio)"] == pyogrio.__gdal_version_string__
    assert told["geos"] == shapely.geos_version_string
    assert told["proj"] == pyproj.proj_version_str
    assert told["numba"] == version("numba")


@pytest.mark.parametrize("name", ["gdal (rasterio)", "gdal (pyogrio)", "geos"])
@pytest.mark.parametrize("absent", ["extension", "function"])
def test_package_is_asked_where_its_library_cannot_be(name, absent):
    package, extension, function, *words = libraries._WITHIN[name]
    if absent == "extension":
        extension = "_not_there"
    else:
        function = "not_there"
    assert libraries._version_within(package, extension, function, *words) == versions()[name]
