"""Place residents where no raster tells where they live: around villages, or over communes."""

import geopandas as gpd
import numpy as np
import pandas as pd
from rasterio.features import rasterize

from .._types import Flags, Floats, Labels
from ..errors import InputError, Problem
from ..grid import Grid
from .population import Population, on_grid


def spread_population(
    grid: Grid,
    communes: gpd.GeoDataFrame,
    villages: gpd.GeoDataFrame | None,
    *,
    village_radius_m: float,
) -> Population:
    """Place the residents of tables on the grid.

    Commune by commune: if every village of it has a population, each village's
    residents are spread evenly over the pixels of the commune within
    `village_radius_m` of the village. Otherwise the commune's own population
    is spread evenly over its pixels. Figures are taken as they stand: villages
    that do not sum to their commune are not rescaled.

    Parameters
    ----------
    grid : Grid
        Where they are wanted.
    communes, villages : GeoDataFrame
        As `tables.COMMUNES` and `tables.VILLAGES`, in the grid's CRS; villages
        may be None.
    village_radius_m : float
        Reach of a village's houses.

    Returns
    -------
    Population
        Every commune keeps its sum; a village that does not reach its own
        commune is spread over the whole of it, and `outside` counts only
        communes that lie off the grid. A pixel belongs to the commune that
        holds its centre.

    Raises
    ------
    InputError
        If a commune has neither figure.

    Examples
    --------
    Two communes of two pixels; the village of the second is placed at its point.

    >>> import shapely
    >>> grid = Grid("EPSG:9209", 100.0, 0.0, 100.0, 4, 1)
    >>> communes = gpd.GeoDataFrame(
    ...     {"commune_code": ["00688", "00691"], "name": "", "population": [10.0, 30.0]},
    ...     geometry=[shapely.box(0, 0, 200, 100), shapely.box(200, 0, 400, 100)],
    ...     crs=grid.crs,
    ... )
    >>> villages = gpd.GeoDataFrame(
    ...     {"commune_code": ["00691"], "population": [28.0]},
    ...     geometry=[shapely.Point(350, 50)],
    ...     crs=grid.crs,
    ... )
    >>> spread_population(grid, communes, villages, village_radius_m=60.0).people.values
    array([[ 5.,  5.,  0., 28.]])
    """
    by_villages = _counted_by_villages(communes, villages)
    own = communes["population"].astype(float)
    _require_figures(communes, own.notna() | by_villages)
    label = rasterize(
        ((shape, i) for i, shape in enumerate(communes.geometry)),
        out_shape=grid.shape, transform=grid.transform, dtype="int32", fill=-1,
    )  # fmt: skip
    people = np.zeros(grid.shape)
    evenly = own.where(~by_villages, 0.0).to_numpy()
    if villages is not None:
        used = villages[villages["commune_code"].isin(communes["commune_code"][by_villages])]
        evenly = evenly + _around_villages(grid, label, communes, used, village_radius_m, people)
    outside = _over_communes(grid, label, communes, evenly, people)
    return Population(
        on_grid(grid, people),
        outside,
        "villages" if by_villages.any() else "communes",
        tuple(communes["commune_code"][~by_villages]),
    )


def _counted_by_villages(
    communes: gpd.GeoDataFrame, villages: gpd.GeoDataFrame | None
) -> pd.Series:
    """Return which communes have villages, and a population for every one of them."""
    if villages is None:
        return pd.Series(False, index=communes.index)
    counted = villages["population"].notna().groupby(villages["commune_code"]).all()
    return communes["commune_code"].map(counted).eq(True)


def _require_figures(communes: gpd.GeoDataFrame, known: pd.Series) -> None:
    if not known.any():
        raise InputError([Problem(message="terrain.no_people", file="communes")])
    if not known.all():
        raise InputError(
            Problem(
                message="terrain.commune_without_people",
                file="communes",
                column="population",
                values={"code": code, "name": name},
            )
            for code, name in zip(
                communes["commune_code"][~known], communes["name"][~known], strict=True
            )
        )


def _around_villages(
    grid: Grid,
    label: Labels,
    communes: gpd.GeoDataFrame,
    villages: gpd.GeoDataFrame,
    radius_m: float,
    people: Floats,
) -> Floats:
    """Add the villages' residents in place; return those, by commune, who found no pixel."""
    homeless = np.zeros(len(communes))
    number = pd.Index(communes["commune_code"]).get_indexer(villages["commune_code"])
    count = villages["population"].to_numpy(dtype=float)
    reach = radius_m / grid.resolution_m
    column = (villages.geometry.x.to_numpy() - grid.west_m) / grid.resolution_m - 0.5
    row = (grid.north_m - villages.geometry.y.to_numpy()) / grid.resolution_m - 0.5
    for i, commune in enumerate(number):
        rows = _within(row[i], reach, grid.height)
        columns = _within(column[i], reach, grid.width)
        far = np.hypot.outer(np.arange(rows.start, rows.stop) - row[i],
                             np.arange(columns.start, columns.stop) - column[i])  # fmt: skip
        # The village's own pixel is its home, however small the radius.
        home: Flags = (far <= max(reach, far.min(initial=np.inf))) & (
            label[rows, columns] == commune
        )
        if home.any():
            people[rows, columns] += home * (count[i] / home.sum())
        else:
            homeless[commune] += count[i]
    return homeless


def _within(position: float, reach: float, size: int) -> slice:
    """Return the pixels whose centres may lie within reach of a position, on the grid."""
    first = min(max(int(np.floor(position - reach)), 0), size)
    last = min(max(int(np.ceil(position + reach)) + 1, first), size)
    return slice(first, last)


def _over_communes(
    grid: Grid, label: Labels, communes: gpd.GeoDataFrame, count: Floats, people: Floats
) -> float:
    """Spread residents over their communes in place; return those of communes off the grid."""
    pixels = np.bincount(label[label >= 0], minlength=len(communes))
    each = np.divide(count, pixels, out=np.zeros(len(communes)), where=pixels > 0)
    people += np.where(label >= 0, each[label], 0.0)
    # A commune smaller than a pixel may hold no pixel's centre.
    small = np.flatnonzero((pixels == 0) & (count > 0))
    point = communes.geometry.iloc[small].representative_point()
    row, column, inside = grid.index(point.x, point.y)
    np.add.at(people, (row[inside], column[inside]), count[small[inside]])
    return float(count[small[~inside]].sum())
