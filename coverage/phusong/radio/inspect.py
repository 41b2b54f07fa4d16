"""The path inspector: the terrain between one cell and one receiver, the level term by term.

Takes the very samples that the sweep takes for the receiver's pixel, so that the
level is the raster's. Draws nothing.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from pyproj import Transformer

from ..errors import ModelRangeError, PathError
from ..grid import grid_of
from ..i18n import Bilingual
from .answers import carrying_of, terms_of, without_terrain
from .clutter import LandCover, clutter_loss_db
from .free_space import FreeSpace
from .heights import Heights
from .margin import served
from .masts import Conditions, Mast, Place
from .obstacles import dominant_obstacle, earth_bulge_m, edge_parameters, sight_line_m
from .patterns import Patterns
from .prediction import Plan
from .propagation import FREE_SPACE, Link, Profile, Refractivity, Term
from .sampling import PixelPath, Terrain, land_around, position_px
from .sectors import NO_PATTERNS, Sector, read_sectors
from .services import ServiceRule
from .settings import Settings

LIGHT_M_MHZ = 299.792458


@dataclass(frozen=True, kw_only=True)
class Obstacle:
    """The terrain point that dominates a receiver's shadow, see `dominant_obstacle`.

    Parameters
    ----------
    point : int
        Row of the section.
    distance_m, to_receiver_m : float
        From the mast; on to the receiver.
    x_m, y_m : float
        In the grid's CRS.
    ground_m, clutter_m : float
        Above sea level; above ground.
    above_sight_m : float
        How far its top stands above the sight line, the earth's bulge included.
    nu : float
        Diffraction parameter of its edge.
    """

    point: int
    distance_m: float
    to_receiver_m: float
    x_m: float
    y_m: float
    ground_m: float
    clutter_m: float
    above_sight_m: float
    nu: float


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Whether the level serves one service.

    Parameters
    ----------
    service : str
        Its identifier.
    threshold_dbm, allowance_db : float
        What is needed, and what is taken from the level.
    margin_db : float
        What is left: level minus threshold and allowance.
    """

    service: str
    threshold_dbm: float
    allowance_db: float
    margin_db: float

    @property
    def served(self) -> bool:
        """Whether the margin serves."""
        return served(self.margin_db)


@dataclass(frozen=True, kw_only=True)
class Inspection:
    """One path from a cell to a receiver.

    Parameters
    ----------
    link : Link
        Carrier, antenna heights and atmosphere.
    azimuth_deg, depression_deg : float
        In which the antenna sees the receiver: from grid north; below the horizontal.
    distance_m : float
        From the mast to the middle of the receiver's pixel, in whole metres; the loss is that
        over this distance.
    section : DataFrame
        One row a sample from the mast to the one nearest to the receiver: ``distance_m``, ``x_m``
        and ``y_m`` in the grid's CRS, ``ground_m`` above sea level,
        ``clutter_m`` above ground, ``bulge_m`` of the median effective earth over
        the chord, ``sight_line_m`` above sea level, ``fresnel_m`` the radius of
        the first zone, ``clearance_m`` from the top of ground and clutter,
        bulge included, up to the sight line (negative where it is cut).
    eirp_dbm, antenna_db : float
        Of the reference signal; attenuation of the pattern in this direction.
    terms : tuple of Term
        The parts of the basic transmission loss that the model tells apart;
        their sum is the loss.
    loss_db, level_dbm : float
        The median level outdoors is EIRP less antenna less loss.
    obstacle : Obstacle, optional
        None in line of sight.
    verdicts : tuple of Verdict
        One a service that the cell may serve.
    """

    link: Link
    azimuth_deg: float
    depression_deg: float
    distance_m: float
    section: pd.DataFrame
    eirp_dbm: float
    antenna_db: float
    terms: tuple[Term, ...]
    loss_db: float
    level_dbm: float
    obstacle: Obstacle | None
    verdicts: tuple[Verdict, ...]


def inspect_path(  # noqa: PLR0913 - as `predict`
    cell: gpd.GeoDataFrame,
    height_m: xr.DataArray,
    services: Sequence[ServiceRule],
    *,
    to_m: tuple[float, float],
    settings: Settings,
    refractivity: Refractivity,
    patterns: Patterns = NO_PATTERNS,
    native_m: xr.DataArray | None = None,
    clutter_m: xr.DataArray | None = None,
    land_cover: LandCover | None = None,
) -> Inspection:
    """Look at the path from one cell to one receiver.

    Parameters
    ----------
    cell : GeoDataFrame, one row
        As for `predict`, in the grid's CRS.
    height_m, services
        As for `predict`.
    to_m : (float, float)
        Receiver in the grid's CRS; the terrain is that to the sample that its pixel
        takes, half a pixel across and half a step along from the pixel's centre at most.
    settings, refractivity, patterns, native_m, clutter_m, land_cover
        As for `predict`. A receiver beyond the settings' radius gets rays as
        dense as its own distance asks.

    Returns
    -------
    Inspection

    Raises
    ------
    PathError
        If the cell lacks a number, its mast or the receiver stands outside the
        terrain, or a void lies between.
    ModelRangeError
        If the link lies outside the ranges of the model.
    InputError
        If the cell's antenna pattern or power cannot be used.

    Examples
    --------
    A cell without azimuth 100 m above the plain, seen from 2 km at 2.8° below its
    axis: 32.4 + 20 log10 900 + 20 log10 2.0 and 12 (2.8 / 10)² dB.

    >>> from phusong.grid import Grid
    >>> grid = Grid("EPSG:9209", 100.0, 0.0, 5000.0, 50, 50)
    >>> plain = grid.wrap(np.zeros(grid.shape, np.float32), "terrain")
    >>> cell = gpd.GeoDataFrame(
    ...     {"site_id": ["S1"], "station_id": ["S1-4G"], "cell_id": ["S1-4G-1"],
    ...      "operator": ["Viettel"], "technology": ["4G"], "frequency_mhz": [900.0],
    ...      "antenna_height_m": [100.0], "rs_eirp_dbm": [35.0], "antenna": ["3gpp"]},
    ...     geometry=gpd.points_from_xy([2550.0], [2550.0]), crs="EPSG:9209",
    ... )
    >>> from phusong.radio import model
    >>> path = inspect_path(
    ...     cell, plain, [ServiceRule("4g", ["4G"], [], {"4G": -115.0}, allowance_db=10.0)],
    ...     to_m=(4550.0, 2550.0), refractivity=Refractivity(),
    ...     settings=Settings(
    ...         model=model("free_space"), radius_m=2000.0, receiver_height_m=1.5,
    ...         profile_step_m=100.0,
    ...     ),
    ... )
    >>> [round(each, 1) for each in (path.loss_db, path.antenna_db, path.level_dbm)]
    [97.6, 1.0, -63.5]
    >>> path.obstacle, path.verdicts[0].served, round(float(path.section.clearance_m.iloc[10]), 1)
    (None, True, 50.7)
    """
    grid = grid_of(height_m)
    sector = _sector(cell, patterns)
    terrain = Terrain(
        grid=grid,
        heights=Heights.of(height_m if native_m is None else native_m),
        step_m=settings.profile_step_m,
        clutter_m=None if clutter_m is None else np.ascontiguousarray(clutter_m, dtype=np.float32),
        **land_around(clutter_m, land_cover),
    )
    (row,), (column,), (inside,) = grid.index([to_m[0]], [to_m[1]])
    if not inside:
        raise PathError("profile.receiver_outside", x=f"{to_m[0]:.0f}", y=f"{to_m[1]:.0f}")
    at = position_px(grid, sector.x_m, sector.y_m)
    away_m = grid.resolution_m * float(np.hypot(row - at[0], column - at[1]))
    radius_m = max(settings.radius_m, away_m + grid.resolution_m / 1000)
    conditions = Conditions(terrain=terrain, settings=settings, refractivity=refractivity)
    _, latitude = Transformer.from_crs(grid.crs, "EPSG:4326", always_xy=True).transform(
        sector.x_m, sector.y_m
    )
    mast = Mast(conditions, Place(sector.x_m, sector.y_m, latitude, radius_m, sector.surveyed_m))
    if math.isnan(mast.view.ground_m):
        raise PathError("profile.mast_without_ground", cell=str(cell["cell_id"].iloc[0]))
    link = mast.link(sector)
    settings.model.check(link)
    found = mast.view.path(int(row), int(column))
    if found is None:
        raise PathError("profile.void_between")
    path = found.profile
    rows, columns = mast.view.window
    pixel = int(row) - rows.start, int(column) - columns.start
    antenna_db, terms = _losses(found, sector, mast, conditions, (int(row), int(column)))
    loss_db = sum(term.db for term in terms)
    level_dbm = sector.eirp_dbm - antenna_db - loss_db
    section = _section(path, link, mast, math.radians(found.azimuth_deg))
    return Inspection(
        link=link,
        azimuth_deg=float(mast.view.azimuth_deg[pixel]),
        depression_deg=float(mast.depression_deg(sector)[pixel]),
        distance_m=found.distance_m,
        section=section,
        eirp_dbm=sector.eirp_dbm,
        antenna_db=antenna_db,
        terms=terms,
        loss_db=loss_db,
        level_dbm=level_dbm,
        obstacle=_obstacle(path, link, section),
        verdicts=tuple(
            Verdict(
                service=rule.id,
                threshold_dbm=rule.threshold_dbm[sector.technology],
                allowance_db=rule.needed_dbm(sector) - rule.threshold_dbm[sector.technology],
                margin_db=level_dbm - rule.needed_dbm(sector),
            )
            for rule in services
            if rule.admits(sector)
        ),
    )


def best_server_at(plan: Plan, rule: ServiceRule, to_m: tuple[float, float]) -> int | None:
    """Return the row of the cell with the largest margin for a service at one receiver.

    Parameters
    ----------
    plan : Plan
        Of the cells that compete.
    rule : ServiceRule
        The service, one of the plan's.
    to_m : (float, float)
        Receiver in the grid's CRS; its pixel takes the sample that it takes in the rasters.

    Returns
    -------
    int or None
        Of equal margins the lower row; None where no cell reaches.
    """
    grid, best = plan.conditions.terrain.grid, None
    (row,), (column,), (inside,) = grid.index([to_m[0]], [to_m[1]])
    if not inside:
        return None
    pixel = int(row), int(column)
    for place, cells in groupby(
        (placed for site in plan.sites for placed in site.placed), key=itemgetter(0)
    ):
        mast = Mast(plan.conditions, place)
        found = mast.view.path(*pixel)
        if found is None:
            continue
        for _, sector in cells:
            if rule.admits(sector):
                try:
                    antenna_db, terms = _losses(found, sector, mast, plan.conditions, pixel)
                except ModelRangeError:  # beyond the model's reach; cells are checked by the plan
                    continue
                loss_db = antenna_db + sum(term.db for term in terms)
                margin_db = sector.eirp_dbm - rule.needed_dbm(sector) - loss_db
                best = max(best or (-math.inf, 0), (margin_db, -sector.row))
    return None if best is None else -best[1]


def _losses(
    found: PixelPath, sector: Sector, mast: Mast, conditions: Conditions, at: tuple[int, int]
) -> tuple[float, tuple[Term, ...]]:
    """Return what the antenna's pattern takes towards a pixel, and the parts of the loss to it."""
    rows, columns = mast.view.window
    link, model = mast.link(sector), conditions.settings.model
    if without_terrain(model):
        found = found.at_own_distance
    path = found.profile
    bare = replace(path, clutter_m=np.zeros_like(path.clutter_m))
    attenuation_db = mast.attenuation_db(sector)[at[0] - rows.start, at[1] - columns.start]
    at_px = float(at[0]), float(at[1])
    carried_db = found.carried_db(carrying_of(model, link))
    of_model = _carried(terms_of(model, path if model.includes_clutter else bare, link), carried_db)
    bare_db = sum(term.db for term in of_model)
    free_db = FreeSpace().loss_db(found.at_own_distance.profile, link)
    clutter = _clutter_terms((bare_db, free_db, found.distance_m), link, mast, conditions, at_px)
    added = (*clutter, *_mean_error(conditions))
    calibrated = mast.correction_at(link, *at)
    terms = (*of_model, *added)
    if calibrated is not None:
        added_db, terrain_db = sum(term.db for term in added), max(bare_db - free_db, 0.0)
        whole_db = calibrated.loss_db(found.distance_m, terrain_db, added_db)
        label = Bilingual("Hiệu chỉnh theo đo đạc", "Calibration by measured samples")
        terms = (*terms, Term("calibration", whole_db - added_db, label))
    return float(attenuation_db), terms


def _carried(terms: tuple[Term, ...], carried_db: float) -> tuple[Term, ...]:
    """Return the parts of the loss to the sample carried to the receiver's own distance."""
    if any(term.name == FREE_SPACE for term in terms):
        return tuple(
            replace(term, db=term.db + carried_db) if term.name == FREE_SPACE else term
            for term in terms
        )
    label = Bilingual("Từ mẫu địa hình tới điểm thu", "From the terrain's sample to the receiver")
    return (*terms, Term("own_distance", carried_db, label)) if carried_db else terms


def _mean_error(conditions: Conditions) -> tuple[Term, ...]:
    """Return what is taken from every level because predictions are known to be too high."""
    known_db = conditions.settings.mean_error_db
    label = Bilingual("Sai số trung bình đã biết", "Known mean error")
    return (Term("mean_error", known_db, label),) if known_db else ()


def _clutter_terms(
    given: tuple[float, float, float],
    link: Link,
    mast: Mast,
    conditions: Conditions,
    at_px: tuple[float, float],
) -> tuple[Term, ...]:
    """Return what clutter at both ends adds, if the study asks for it and there is any.

    `given` are the loss over bare ground, that of free space, and the distance.
    """
    receiver = conditions.terrain.class_at(*at_px)
    added = clutter_loss_db(
        *given,
        link,
        receiver=receiver,
        transmitter=mast.view.land_of_mast,
        rule=conditions.clutter_rule,
    )
    if not added:
        return ()
    label = Bilingual(
        f"Vật che quanh máy thu: {receiver.title.vi}",
        f"Clutter around the receiver: {receiver.title.en}",
    )
    return (Term("clutter", float(added), label),)


def _sector(cell: gpd.GeoDataFrame, patterns: Patterns) -> Sector:
    (sector,) = read_sectors(cell, patterns)
    if not sector.complete:
        raise PathError("profile.incomplete_cell", cell=str(cell["cell_id"].iloc[0]))
    return sector


def _section(path: Profile, link: Link, mast: Mast, azimuth: float) -> pd.DataFrame:
    d, length = path.distance_m, path.distance_m[-1]
    bulge, sight = earth_bulge_m(path, link), sight_line_m(path, link)
    wave_m = LIGHT_M_MHZ / link.frequency_mhz
    return pd.DataFrame(
        {
            "distance_m": d,
            "x_m": mast.place.x_m + d * math.sin(azimuth),
            "y_m": mast.place.y_m + d * math.cos(azimuth),
            "ground_m": path.height_m,
            "clutter_m": path.clutter_m,
            "bulge_m": bulge,
            "sight_line_m": sight,
            "fresnel_m": np.sqrt(wave_m * d * (length - d) / length),
            "clearance_m": sight - path.height_m - path.clutter_m - bulge,
        }
    )


def _obstacle(path: Profile, link: Link, section: pd.DataFrame) -> Obstacle | None:
    point = dominant_obstacle(path, link)
    if point is None:
        return None
    at = section.iloc[point]
    return Obstacle(
        point=point,
        distance_m=at["distance_m"],
        to_receiver_m=path.distance_m[-1] - at["distance_m"],
        x_m=at["x_m"],
        y_m=at["y_m"],
        ground_m=at["ground_m"],
        clutter_m=at["clutter_m"],
        above_sight_m=-at["clearance_m"],
        nu=float(edge_parameters(path, link)[point - 1]),
    )
