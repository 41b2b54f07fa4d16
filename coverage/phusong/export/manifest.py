"""What a folder was made from and what it holds, each file with its SHA-256.

No time, no user, no machine path: the same inputs and versions give the same
manifest.
"""

import glob
import hashlib
import json
import platform
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyogrio
import pyproj
import rasterio
import shapely

from .schema import write_json

MANIFEST = "manifest.json"
WRITTEN_BY = "phusong"

_LIBRARIES = (
    "exactextract", "folium", "geopandas", "numba", "numpy", "openpyxl", "pandas", "pyogrio",
    "pyproj", "rasterio", "scipy", "shapely", "xarray",
)  # fmt: skip
_SHAPEFILE_PARTS = (".cpg", ".dbf", ".prj", ".shx")


def write_manifest(
    folder: Path, *, parameters: Mapping[str, Any], inputs: Mapping[str, Path]
) -> None:
    """Write ``manifest.json``; call it last, when every other file is in the folder.

    Parameters
    ----------
    folder : Path
        The output folder.
    parameters : mapping
        The study's settings as JSON values.
    inputs : mapping
        Name of each input file as the study gives it → where it lies. The
        parts of a Shapefile are found beside it.

    Raises
    ------
    OSError
        If an input cannot be read or the manifest cannot be written.
    """
    content = {
        "written_by": WRITTEN_BY,
        "versions": versions(),
        "parameters": parameters,
        "inputs": [_entry(name, path) for name, path in sorted(_with_parts(inputs).items())],
        "outputs": [
            _entry(path.relative_to(folder).as_posix(), path)
            for path in sorted(folder.rglob("*"))
            if path.is_file() and path != folder / MANIFEST
        ],
    }
    write_json(content, folder / MANIFEST)


def versions() -> dict[str, str]:
    """Return the versions that a result depends on, by name."""
    return {
        "phusong": version("phusong"),
        "python": platform.python_version(),
        **{library: version(library) for library in _LIBRARIES},
        "gdal (rasterio)": rasterio.__gdal_version__,
        "gdal (pyogrio)": pyogrio.__gdal_version_string__,
        "geos": shapely.geos_version_string,
        "proj": pyproj.proj_version_str,
    }


def listed_outputs(folder: Path) -> frozenset[str] | None:
    """Return the files that phusong wrote into a folder, or None if it did not write it."""
    try:
        content = json.loads((folder / MANIFEST).read_bytes())
        if content["written_by"] != WRITTEN_BY:
            return None
        return frozenset({MANIFEST, *(entry["path"] for entry in content["outputs"])})
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None


def _with_parts(inputs: Mapping[str, Path]) -> dict[str, Path]:
    """Add the files that hold a Shapefile's attributes, index and CRS."""
    files = dict(inputs)
    for name, path in inputs.items():
        if path.suffix.lower() == ".shp":
            stem = name[: -len(path.suffix)]
            files |= {
                stem + part.suffix: part
                for part in path.parent.glob(f"{glob.escape(path.stem)}.*")
                if part.suffix.lower() in _SHAPEFILE_PARTS
            }
    return files


def _entry(name: str, path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"path": name, "bytes": path.stat().st_size, "sha256": digest}
