"""Places to be tried and areas without masts, in files of the user's own."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from shapely import box

from ..._types import Flags
from ...errors import SitingError
from ...grid import WGS84, grid_of
from ...inputs import Source, read_table
from ...study import Study
from ...tables import EXCLUDED_AREAS, OWN_PLACES, Table
from ..records import Note

SHOWN = 10


def read_own_places(path: Path | str, study: Study) -> gpd.GeoDataFrame:
    """Read places of one's own to be tried, as `tables.OWN_PLACES`.

    Parameters
    ----------
    path : path
        Of any format that an input may have.
    study : Study

    Returns
    -------
    GeoDataFrame
        In the study's CRS.

    Raises
    ------
    InputError
        If the file cannot be used.

    Examples
    --------
    >>> import tempfile
    >>> import pandas as pd
    >>> import phusong
    >>> study = phusong.open_study(phusong.sample_folder())
    >>> own = pd.DataFrame({"place_id": ["A"], "lon": [104.98], "lat": [22.82]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "own.csv"
    ...     own.to_csv(path, index=False)
    ...     read_own_places(path, study)["place_id"].to_list()
    ['A']
    """
    return _read(path, OWN_PLACES, study)


def read_excluded_areas(path: Path | str, study: Study) -> gpd.GeoDataFrame:
    """Read areas without new masts, as `tables.EXCLUDED_AREAS`.

    Parameters
    ----------
    path : path
        Of any format that an input may have.
    study : Study

    Returns
    -------
    GeoDataFrame
        In the study's CRS.

    Raises
    ------
    InputError
        If the file cannot be used.

    Examples
    --------
    >>> import tempfile
    >>> import phusong
    >>> study = phusong.open_study(phusong.sample_folder())
    >>> forest = gpd.GeoDataFrame(
    ...     {"area_id": ["forest"]}, geometry=[box(104.9, 22.8, 105.0, 22.9)], crs="OGC:CRS84"
    ... )
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "forest.gpkg"
    ...     forest.to_file(path)
    ...     read_excluded_areas(path, study)["area_id"].to_list()
    ['forest']
    """
    return _read(path, EXCLUDED_AREAS, study)


@dataclass(frozen=True, kw_only=True, eq=False)
class Grounds:
    """Where a plan may and may not build, beside what is looked for.

    Parameters
    ----------
    own, excluded : GeoDataFrame, optional
        As `tables.OWN_PLACES` and `tables.EXCLUDED_AREAS`.
    files : mapping of str to Path
        Those of the study that were read, by the names it gives them.
    """

    own: gpd.GeoDataFrame | None
    excluded: gpd.GeoDataFrame | None
    files: Mapping[str, Path]

    @classmethod
    def of(
        cls, study: Study, own: gpd.GeoDataFrame | None, excluded: gpd.GeoDataFrame | None
    ) -> "Grounds":
        """Return what is given; what is not is read from the files that ``[siting]`` names.

        Raises
        ------
        InputError
            If a file cannot be used.
        """
        named = {} if study.siting is None else study.siting.files
        given = {"siting.places": own, "siting.excluded": excluded}
        names = {key: name for key, name in named.items() if given[key] is None}
        for key, name in names.items():
            table = OWN_PLACES if key == "siting.places" else EXCLUDED_AREAS
            given[key] = _read(study.folder / name, table, study)
        return cls(
            own=given["siting.places"],
            excluded=given["siting.excluded"],
            files={name: study.folder / name for name in names.values()},
        )


def _read(path: Path | str, table: Table, study: Study) -> gpd.GeoDataFrame:
    source = Source(path=Path(path), shown=Path(path).name, anywhere=study.country == "any")
    if not source.path.exists():  # named by hand, not by study.toml
        raise source.refuse("not_there")
    return read_table(source, table, crs=study.crs, set_aside_faulty=False).table


def names_of(places: gpd.GeoDataFrame) -> pd.Series:
    """Return what places of one's own are called: their ``place_id``, else their index."""
    names: pd.Series = places["place_id"] if "place_id" in places else places.index.to_series()
    return names.astype(str)


def told_outside(
    places: gpd.GeoDataFrame, points: gpd.GeoSeries, terrain: xr.DataArray
) -> list[Note]:
    """Tell which places lie outside the terrain and so cannot be tried, if any.

    Parameters
    ----------
    places : GeoDataFrame
        With ``place_id`` if they have names.
    points : GeoSeries
        Where they lie in the CRS of the terrain.
    terrain : DataArray, shape (y, x)

    Returns
    -------
    list of Note

    Raises
    ------
    SitingError
        If all of them do.
    """
    grid, height_m = grid_of(terrain), terrain.to_numpy()
    row, column, inside = grid.index(points.x, points.y)
    lost: Flags = ~np.asarray(inside, dtype=bool)
    lost[~lost] = np.isnan(height_m[row[~lost], column[~lost]])
    if not lost.any():
        return []
    names = names_of(places)[lost].to_list()
    told = ", ".join(names[:SHOWN]) + (", …" if len(names) > SHOWN else "")
    if not lost.all():
        return [Note("site.own_outside", {"count": len(names), "places": told})]
    corners = gpd.GeoSeries([box(*grid.bounds)], crs=grid.crs).to_crs(WGS84)
    west, south, east, north = corners.total_bounds.tolist()
    raise SitingError(
        "site.own_all_outside", places=told, west=west, south=south, east=east, north=north
    )
