"""Why a place is not served: terrain between, distance, or power and band of the station.

The same path is asked a second time as if no terrain stood in the way, and if that does
not serve either, a third time with the strongest cell of the service. Knows levels and
paths; which cell is asked about, the caller says.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby
from typing import Literal

import numpy as np

from ._obstacle_kernels import bulge_m, lower, passing_m, sight_m
from .answers import carrying_of, loss_of, without_terrain
from .clutter import ClutterAtEnds
from .correction import Correction
from .free_space import SPEED_OF_LIGHT_M_S, FreeSpace
from .masts import Conditions, Mast, Place
from .obstacles import dominant_obstacle, ends_m, ground_of, twice_radius_m
from .propagation import Link, Profile
from .sampling import PixelPath
from .sectors import Sector
from .services import ServiceRule

Cause = Literal["ridge", "too_weak", "too_far"]
CLEAR_OF_FRESNEL = 0.6
"""Share of the radius of the first Fresnel zone within which terrain is lowered; from there on
a path counts as clear (ITU-R P.530, 2.2.1)."""


@dataclass(frozen=True, kw_only=True)
class Ask:
    """One place that a cell does not serve.

    Parameters
    ----------
    place : Place
        Of the cell's mast.
    sector : Sector
    pixel : (int, int)
        Row and column on the terrain's grid.
    """

    place: Place
    sector: Sector
    pixel: tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class Ridge:
    """The terrain point that hides a place most, see `dominant_obstacle`.

    Parameters
    ----------
    x_m, y_m : float
        In the grid's CRS.
    ground_m : float
        Above sea level.
    to_receiver_m : float
        On to the receiver.
    above_sight_m : float
        How far its top, clutter and the earth's bulge included, stands above the sight line.
    """

    x_m: float
    y_m: float
    ground_m: float
    to_receiver_m: float
    above_sight_m: float


@dataclass(frozen=True, kw_only=True)
class Shortfall:
    """Why a cell does not serve a place.

    Parameters
    ----------
    cause : {"ridge", "too_weak", "too_far"}
        ``ridge``: terrain hides the place from the antenna, and with a clear path the cell
        would serve. ``too_weak``: not so, but the strongest cell of the service on the same
        mast would serve, over the clear path where the place is hidden. ``too_far``: not even
        that.
    distance_m : float
        From the mast.
    margin_db, clear_margin_db, strongest_margin_db : float
        As it is; over the clear path, see `clear_path`; from the strongest cell, its axis
        towards the place (NaN behind a ridge).
    ridge : Ridge, optional
        None in sight of the antenna.
    clearing_height_m : float
        Antenna height above ground from which every point of the path is passed in sight;
        the present one where nothing hides the place.
    """

    cause: Cause
    distance_m: float
    margin_db: float
    clear_margin_db: float
    strongest_margin_db: float
    ridge: Ridge | None
    clearing_height_m: float


def shortfalls(
    asks: Sequence[Ask],
    rule: ServiceRule,
    strongest: Sequence[Sector],
    conditions: Conditions,
) -> list[Shortfall | None]:
    """Tell why cells do not serve places.

    Parameters
    ----------
    asks : sequence of Ask
        Each of a cell that the service admits.
    rule : ServiceRule
        The service.
    strongest : sequence of Sector
        Cells to compare with: those that `strongest_cells` returns.
    conditions : Conditions
        Under which margins are predicted.

    Returns
    -------
    list of Shortfall
        In the order of `asks`; None beyond the radius of the place, where a void lies
        between, and where the cell's mast has no known ground.

    Examples
    --------
    A wall of 100 m in the middle of 3 km of plain; without it the cell would serve.

    >>> from phusong.grid import Grid
    >>> from phusong.radio import Refractivity, Settings, model
    >>> from phusong.radio.antennas import ParabolicAntenna
    >>> from phusong.radio.heights import Heights
    >>> from phusong.radio.sampling import Terrain
    >>> grid = Grid("EPSG:9209", 100.0, 0.0, 4000.0, 40, 40)
    >>> ground = np.zeros(grid.shape, np.float32)
    >>> ground[:, 20] = 100.0
    >>> conditions = Conditions(
    ...     terrain=Terrain(grid=grid, heights=Heights.on_grid(grid, ground), step_m=100.0),
    ...     settings=Settings(model=model("diffraction"), radius_m=4000.0, receiver_height_m=1.5),
    ...     refractivity=Refractivity(),
    ... )
    >>> cell = Sector(
    ...     row=0, operator="Viettel", technology="4G", x_m=550.0, y_m=2050.0, height_m=40.0,
    ...     frequency_mhz=900.0, eirp_dbm=20.0, antenna=ParabolicAntenna(azimuth_deg=None),
    ... )
    >>> place = Place(cell.x_m, cell.y_m, 22.8, 4000.0)
    >>> rule = ServiceRule("4g", ["4G"], [], {"4G": -115.0}, allowance_db=10.0)
    >>> (found,) = shortfalls(
    ...     [Ask(place=place, sector=cell, pixel=(19, 35))], rule, [cell], conditions
    ... )
    >>> found.cause, found.ridge.x_m, found.ridge.to_receiver_m, round(found.clearing_height_m)
    ('ridge', 2050.0, 1500.0, 199)
    """
    found: list[Shortfall | None] = [None] * len(asks)
    service = _Service(rule, strongest, conditions)
    order = sorted(range(len(asks)), key=lambda i: _key(asks[i].place))
    for _, group in groupby(order, key=lambda i: _key(asks[i].place)):
        mine = list(group)
        place = asks[mine[0]].place
        rows, columns = np.array([asks[i].pixel for i in mine], dtype=np.int64).T
        mast = Mast(conditions, place, (rows, columns))
        if np.isnan(mast.view.ground_m):
            continue
        for position, (i, path) in enumerate(zip(mine, mast.view.paths(), strict=True)):
            if path is not None:
                found[i] = _shortfall(asks[i], position, path, mast, service)
    return found


def strongest_cells(sectors: Sequence[Sector], rule: ServiceRule) -> list[Sector]:
    """Return of each carrier the cell that exceeds most what a service needs.

    Parameters
    ----------
    sectors : sequence of Sector
        Such as all on air.
    rule : ServiceRule

    Returns
    -------
    list of Sector
        By rising carrier; of equal cells the first.
    """
    best: dict[float, Sector] = {}
    for sector in sectors:
        if rule.admits(sector):
            known = best.get(sector.frequency_mhz)
            if known is None or _surplus_db(sector, rule) > _surplus_db(known, rule):
                best[sector.frequency_mhz] = sector
    return [best[carrier] for carrier in sorted(best)]


def clear_path(path: Profile, link: Link) -> Profile:
    """Return a path with its terrain lowered out of the first Fresnel zone.

    Parameters
    ----------
    path : Profile
    link : Link
        Antenna heights, carrier and refractivity count.

    Returns
    -------
    Profile
        Every point between the ends lies at least `CLEAR_OF_FRESNEL` radii of the zone under
        the sight line, clutter and the earth's bulge included; lower ones stay as they are.
    """
    wave_m = SPEED_OF_LIGHT_M_S / (1e6 * link.frequency_mhz)
    ground, lowered = ground_of(path), np.empty(path.distance_m.size)
    sight = *ends_m(path, link), twice_radius_m(link)
    lower(*ground, *sight, wave_m, CLEAR_OF_FRESNEL, lowered)
    return replace(path, height_m=lowered)


def clearing_height_m(path: Profile, link: Link) -> float:
    """Return the antenna height above ground from which every point of a path is passed in sight.

    Parameters
    ----------
    path : Profile
    link : Link
        The receiver's height and the refractivity count.

    Returns
    -------
    float
        Metres; the link's own height where nothing hides the receiver.

    Examples
    --------
    A ridge of 100 m, 1 km before a phone at the end of 3 km: the line from 1.5 m over its
    top, raised by 0.1 m of earth, rises 98.6 m in each km, thus to 297 m at the mast.

    >>> path = Profile(distance_m=np.array([0.0, 1e3, 2e3, 3e3]), clutter_m=np.zeros(4),
    ...                height_m=np.array([0.0, 0.0, 100.0, 0.0]))
    >>> link = Link(frequency_mhz=900.0, transmitter_height_m=40.0, receiver_height_m=1.5)
    >>> round(clearing_height_m(path, link), 1)
    297.3
    """
    _, end_m = ends_m(path, link)
    needed = passing_m(*ground_of(path), end_m, twice_radius_m(link)) - float(path.height_m[0])
    return max(needed, link.transmitter_height_m)


def _key(place: Place) -> tuple[float, float, float, float]:
    return place.x_m, place.y_m, place.radius_m, place.surveyed_m or 0.0


def _surplus_db(sector: Sector, rule: ServiceRule) -> float:
    return sector.eirp_dbm - rule.needed_dbm(sector)


@dataclass(frozen=True)
class _Service:
    """What all asks have in common."""

    rule: ServiceRule
    strongest: Sequence[Sector]
    conditions: Conditions

    @cached_property
    def blind(self) -> bool:
        """Whether terrain takes no part in the model."""
        return without_terrain(self.conditions.settings.model) is not None


def _shortfall(
    ask: Ask, position: int, found: PixelPath, mast: Mast, service: _Service
) -> Shortfall:
    path, sector, link = found.profile, ask.sector, mast.link(ask.sector)
    at_px = float(ask.pixel[0]), float(ask.pixel[1])
    surplus_db = _surplus_db(sector, service.rule)
    before_db = surplus_db - float(mast.attenuation_db(sector)[0, position])
    clear = found._replace(profile=clear_path(path, link))
    ends = _Ends.of(found, link, mast, service, at_px)
    loss_db, clear_loss_db = (_loss_db(one, ends, service) for one in (found, clear))
    clear_db = before_db - clear_loss_db
    ridge = _ridge(path, link, mast.place, np.radians(found.azimuth_deg))
    cause: Cause = "ridge"
    strongest_db = np.nan
    if ridge is None or clear_db < 0:
        # Of the strongest at the antenna of the cell, its own carrier is known already.
        of_carrier = {link.frequency_mhz: loss_db if ridge is None else clear_loss_db}
        strongest_db = surplus_db - of_carrier[link.frequency_mhz]
        for other in service.strongest:
            if other.frequency_mhz not in of_carrier:
                carrier = replace(link, frequency_mhz=other.frequency_mhz)
                over = path if ridge is None else clear_path(path, carrier)
                ends = _Ends.of(found, carrier, mast, service, at_px)
                over_db = _loss_db(found._replace(profile=over), ends, service)
                of_carrier[other.frequency_mhz] = over_db
            strongest_db = max(
                strongest_db, _surplus_db(other, service.rule) - of_carrier[other.frequency_mhz]
            )
        cause = "too_weak" if strongest_db >= 0 else "too_far"
    return Shortfall(
        cause=cause,
        distance_m=found.distance_m,
        margin_db=before_db - loss_db,
        clear_margin_db=clear_db,
        strongest_margin_db=strongest_db,
        ridge=ridge,
        clearing_height_m=clearing_height_m(path, link),
    )


@dataclass(frozen=True, kw_only=True)
class _Ends:
    """What a loss from a mast to a place takes from its two ends, whatever lies between them."""

    link: Link
    distance_m: float
    free_db: float
    carried_db: float
    clutter: ClutterAtEnds
    correction: Correction | None

    @classmethod
    def of(
        cls, found: PixelPath, link: Link, mast: Mast, service: _Service, at_px: tuple[float, float]
    ) -> "_Ends":
        conditions, distance_m = service.conditions, found.distance_m
        ends = Profile(
            distance_m=np.array([0.0, distance_m]),
            height_m=found.profile.height_m[[0, -1]],
            clutter_m=np.zeros(2),
        )
        if service.blind:
            found = found.at_own_distance
        return cls(
            link=link,
            distance_m=distance_m,
            free_db=FreeSpace().loss_db(ends, link),
            carried_db=found.carried_db(carrying_of(conditions.settings.model, link)),
            clutter=ClutterAtEnds.of(
                distance_m,
                link,
                receiver=conditions.terrain.class_at(*at_px),
                transmitter=mast.view.land_of_mast,
                rule=conditions.clutter_rule,
            ),
            correction=mast.correction_at(link, round(at_px[0]), round(at_px[1])),
        )


def _loss_db(found: PixelPath, ends: _Ends, service: _Service) -> float:
    """Return the loss of a path: calibrated, or with clutter at its ends and the mean error."""
    settings = service.conditions.settings
    path = (found.at_own_distance if service.blind else found).profile
    if not settings.model.includes_clutter:
        bare = np.zeros_like(path.clutter_m)
        path = Profile(
            distance_m=path.distance_m, height_m=path.height_m, clutter_m=bare, zone=path.zone
        )
    loss_db = loss_of(settings.model, path, ends.link) + ends.carried_db
    added_db = settings.mean_error_db + float(ends.clutter.added_db(loss_db, ends.free_db))
    if ends.correction is not None:
        terrain_db = max(loss_db - ends.free_db, 0.0)
        added_db = ends.correction.loss_db(ends.distance_m, terrain_db, added_db)
    return loss_db + added_db


def _ridge(path: Profile, link: Link, place: Place, azimuth: float) -> Ridge | None:
    at = dominant_obstacle(path, link)
    if at is None:
        return None
    distance_m, ground_m = float(path.distance_m[at]), float(path.height_m[at])
    bulge = bulge_m(path.distance_m, at, twice_radius_m(link))
    sight = sight_m(path.distance_m, at, *ends_m(path, link))
    return Ridge(
        x_m=place.x_m + distance_m * float(np.sin(azimuth)),
        y_m=place.y_m + distance_m * float(np.cos(azimuth)),
        ground_m=ground_m,
        to_receiver_m=float(path.distance_m[-1]) - distance_m,
        above_sight_m=float(ground_m + path.clutter_m[at] + bulge - sight),
    )
