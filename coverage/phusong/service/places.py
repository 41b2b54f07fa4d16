"""Where a commune has its seat, and which commune holds a point."""

import geopandas as gpd
import pandas as pd

from .._types import Flags


def commune_seats(offices: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the seat of each commune: its own office, the first listed if it has several.

    Parameters
    ----------
    offices : GeoDataFrame
        With ``level`` and ``commune_code``, as `tables.OFFICES`.

    Returns
    -------
    GeoDataFrame
        The rows chosen; districts' and provincial offices are no seat of a commune.

    Examples
    --------
    >>> import shapely
    >>> offices = gpd.GeoDataFrame(
    ...     {"office_id": ["a", "b", "c"], "level": ["district", "commune", "commune"],
    ...      "commune_code": "00688"},
    ...     geometry=shapely.points([(0, 0), (1, 0), (2, 0)]),
    ... )
    >>> commune_seats(offices)["office_id"].to_list()
    ['b']
    """
    return offices[offices["level"] == "commune"].drop_duplicates("commune_code")


def commune_centres(
    communes: gpd.GeoDataFrame, offices: gpd.GeoDataFrame | None
) -> tuple[gpd.GeoSeries, Flags]:
    """Return the centre of each commune: its seat, else a point inside the polygon.

    Parameters
    ----------
    communes : GeoDataFrame
        As `tables.COMMUNES`.
    offices : GeoDataFrame, optional
        As `tables.OFFICES`, in the same CRS.

    Returns
    -------
    centres : GeoSeries
        Indexed like `communes`.
    guessed : ndarray of bool, shape (communes,)
        Where no office is listed, so that a point inside the polygon stands in.

    Examples
    --------
    >>> import shapely
    >>> communes = gpd.GeoDataFrame(
    ...     {"commune_code": ["00688", "00691"]},
    ...     geometry=[shapely.box(0, 0, 2, 2), shapely.box(2, 0, 4, 2)],
    ... )
    >>> offices = gpd.GeoDataFrame(
    ...     {"level": ["commune"], "commune_code": ["00688"]}, geometry=[shapely.Point(0, 1)]
    ... )
    >>> centres, guessed = commune_centres(communes, offices)
    >>> [centre.wkt for centre in centres], guessed.tolist()
    (['POINT (0 1)', 'POINT (3 1)'], [False, True])
    """
    inside = communes.representative_point()
    known = pd.Series(index=communes.index, dtype=object)
    if offices is not None:
        seats = commune_seats(offices).set_index("commune_code").geometry
        known = communes["commune_code"].map(seats)
    guessed: Flags = known.isna().to_numpy()
    return gpd.GeoSeries(known.where(~guessed, inside), crs=communes.crs), guessed


def commune_of(points: gpd.GeoSeries, communes: gpd.GeoDataFrame) -> pd.Series:
    """Return the code of the commune that holds each point.

    Parameters
    ----------
    points : GeoSeries of points
        Such as masts.
    communes : GeoDataFrame
        As `tables.COMMUNES`, in the same CRS.

    Returns
    -------
    Series of str, indexed like `points`
        The lowest code where communes overlap or a point lies on their border;
        NA outside all of them.

    Examples
    --------
    >>> import shapely
    >>> communes = gpd.GeoDataFrame(
    ...     {"commune_code": ["00688", "00691"]},
    ...     geometry=[shapely.box(0, 0, 2, 2), shapely.box(2, 0, 4, 2)],
    ... )
    >>> masts = gpd.GeoSeries(shapely.points([(1, 1), (2, 1), (9, 9)]), index=["in", "edge", "out"])
    >>> commune_of(masts, communes).to_dict()
    {'in': '00688', 'edge': '00688', 'out': nan}
    """
    shapes = communes[["commune_code", "geometry"]]
    joined = gpd.GeoDataFrame(geometry=points).reset_index(drop=True).sjoin(shapes, how="inner")
    code = joined["commune_code"].groupby(level=0).min().reindex(range(len(points)))
    return pd.Series(code.to_numpy(), index=points.index, dtype="str")
