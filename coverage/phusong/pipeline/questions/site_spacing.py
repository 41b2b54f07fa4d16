"""How far new masts stand from those that are there and from each other: a rule of the province."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
from rasterio.features import rasterize
from scipy.spatial import KDTree

from ..._types import Flags, Floats
from ...errors import SitingError
from ...grid import Grid
from ...siting import too_near
from ..records import Note

SHOWN = 10


@dataclass(frozen=True, kw_only=True)
class MastSpacing:
    """Least distances of new masts from masts that are there, and from each other.

    Parameters
    ----------
    least_m : float
        Where no other is told; 0 for none.
    by_type : mapping of str to float
        By the type of the commune where the new mast stands (xã, phường, thị trấn, đặc khu). Of
        two new masts the larger of both counts.

    Examples
    --------
    >>> towns = MastSpacing(least_m=400, by_type={"phường": 100, "thị trấn": 100})
    >>> towns.note().render("en").split(";")[0]
    'New masts stand at least 400 m from masts that are there and from each other'
    """

    least_m: float
    by_type: Mapping[str, float] = field(default_factory=dict)

    def require_possible(self, communes: gpd.GeoDataFrame) -> None:
        """Refuse a distance that no two places of the province have, or that is none.

        Parameters
        ----------
        communes : GeoDataFrame
            With ``type`` and outlines, in a CRS of metres.

        Raises
        ------
        SitingError
            If a distance is negative, no number, or above the diagonal of the communes' box.
        """
        west, south, east, north = communes.total_bounds.tolist()
        across_m = float(np.hypot(east - west, north - south))
        for metres in (self.least_m, *self.by_type.values()):
            if not 0 <= metres <= across_m:
                raise SitingError("site.bad_spacing", value=metres, across=across_m)

    def at(self, points: gpd.GeoSeries, communes: gpd.GeoDataFrame) -> Floats:
        """Return the least distance of a new mast at each point; on a border the larger.

        Parameters
        ----------
        points : GeoSeries
            In the CRS of the communes.
        communes : GeoDataFrame
            With ``type`` and outlines, in a CRS of metres.

        Returns
        -------
        ndarray of float64
            As long as `points`, m.
        """
        if not self.by_type:
            return np.full(len(points), float(self.least_m))
        places = gpd.GeoDataFrame(geometry=points.reset_index(drop=True))
        found = places.sjoin(communes[["type", "geometry"]], how="left", predicate="intersects")
        least = found["type"].map(lambda kind: self.by_type.get(kind, self.least_m)).astype(float)
        return np.asarray(least.groupby(level=0).max().sort_index(), dtype=float)

    def on(self, grid: Grid, communes: gpd.GeoDataFrame) -> Floats:
        """Return the least distance of a new mast in each pixel.

        Parameters
        ----------
        grid : Grid
            In the CRS of the communes.
        communes : GeoDataFrame
            With ``type`` and outlines, in a CRS of metres.

        Returns
        -------
        ndarray of float64
            Of the grid's shape, m.
        """
        least = self.least_m
        if not self.by_type or communes.empty:
            return np.full(grid.shape, float(least))
        of_commune = communes["type"].map(lambda kind: self.by_type.get(kind, least)).astype(float)
        shapes = zip(communes.geometry, of_commune, strict=True)
        ordered = sorted(shapes, key=lambda each: each[1])  # where they overlap the larger
        return np.asarray(
            rasterize(
                ordered, out_shape=grid.shape, transform=grid.transform, fill=least, dtype="float64"
            )
        )

    def note(self) -> Note:
        """Tell the rule that a plan keeps.

        Returns
        -------
        Note
        """
        kinds = ", ".join(f"{kind} {metres:g} m" for kind, metres in self.by_type.items())
        key = "site.spacing_by_type" if kinds else "site.spacing"
        return Note(key, {"metres": self.least_m} | ({"kinds": kinds} if kinds else {}))


def too_near_masts(points: gpd.GeoSeries, masts: gpd.GeoDataFrame, least_m: Floats) -> Flags:
    """Return which points lie nearer to a mast that is there than they may."""
    away, _ = _nearest(points, masts)
    return np.asarray(away < least_m)


def told_too_near(
    names: pd.Series, points: gpd.GeoSeries, masts: gpd.GeoDataFrame, least_m: Floats
) -> list[Note]:
    """Tell which places of one's own break the least distance: to what, and how near they are.

    Parameters
    ----------
    names : Series of str
    points : GeoSeries
        In the CRS of `masts`.
    masts : GeoDataFrame
        That are there, with ``site_id``.
    least_m : ndarray
        As `MastSpacing.at`.

    Returns
    -------
    list of Note
    """
    told, away = names.to_list(), _nearest(points, masts)
    notes, lost = [], away[0] < least_m
    if lost.any():
        near = [
            f"{told[at]} – {masts['site_id'].iloc[away[1][at]]} "
            f"({away[0][at]:.0f} < {least_m[at]:.0f} m)"
            for at in np.flatnonzero(lost).tolist()
        ]
        notes.append(Note("site.own_too_near", {"count": len(near), "places": _some(near)}))
    kept = np.flatnonzero(~lost)
    x_m, y_m = points.x.to_numpy()[kept], points.y.to_numpy()[kept]
    pairs = [
        f"{told[kept[one]]} – {told[kept[other]]} "
        f"({np.hypot(x_m[one] - x_m[other], y_m[one] - y_m[other]):.0f} m)"
        for one, other in too_near(x_m, y_m, spacing_m=least_m[kept])
    ]
    if pairs:
        notes.append(Note("site.own_apart", {"count": len(pairs), "places": _some(pairs)}))
    return notes


def _nearest(points: gpd.GeoSeries, masts: gpd.GeoDataFrame) -> tuple[Floats, Floats]:
    """Return how far the nearest mast is, m, and its position; infinitely where there is none."""
    if masts.empty or not len(points):
        return np.full(len(points), np.inf), np.zeros(len(points), int)
    found = KDTree(np.c_[masts.geometry.x, masts.geometry.y]).query(np.c_[points.x, points.y])
    return np.asarray(found[0], dtype=float), np.asarray(found[1])


def _some(told: list[str]) -> str:
    return "; ".join(told[:SHOWN]) + ("; …" if len(told) > SHOWN else "")
