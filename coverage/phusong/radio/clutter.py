"""What trees and houses around an antenna take, and how it goes together with what terrain takes.

Knows classes of land and one rule; where which land lies, others know. The rule
and what it was measured against: docs/methods/clutter.md.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, get_args

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from .._on_disk import full_on_disk
from ..grid import blocks_of_rows
from ..i18n import Bilingual
from .p2108 import Equation, height_gain_loss_db, terrestrial_loss_db
from .propagation import Link

ClutterRule = Literal["combined", "sum", "none"]
TALLEST_CLASS_M = 255
CLUTTER_RULES: tuple[ClutterRule, ...] = get_args(ClutterRule)

PHONE_HEIGHT_M, REFERENCE_CLUTTER_M = 1.5, 10.0
"""A phone among houses of a village loses all of what P.2108 3.2 takes."""
HEIGHT_GAIN_MHZ = 30.0, 3000.0
TERRESTRIAL_MHZ, TERRESTRIAL_FROM_M = (500.0, 67_000.0), 250.0
"""Outside these ranges of P.2108 its value at the nearer end is taken."""
FAR_M = 2000.0
"""From here on P.2108 3.2 grows by less than 1 dB."""


@dataclass(frozen=True, kw_only=True)
class ClutterClass:
    """One kind of land: what stands around an antenna there.

    Parameters
    ----------
    title : Bilingual
        What a person reads.
    height_m : float
        Representative height of what stands there; 0 where nothing does.
    equation : {"2a", "2b"}
        Of ITU-R P.2108 3.1: the wave is diffracted over an edge, or only the
        height counts.
    lived_in : bool
        Whether people live on this land: a pixel that has any is of this class.
    """

    title: Bilingual
    height_m: float
    equation: Equation = "2a"
    lived_in: bool = False


OPEN = ClutterClass(title=Bilingual("đất trống", "open land"), height_m=0.0)
RURAL = ClutterClass(title=Bilingual("nông thôn", "rural land"), height_m=10.0)
SHRUBS = ClutterClass(title=Bilingual("cây bụi", "shrubs"), height_m=4.0)
TREES = ClutterClass(title=Bilingual("rừng, cây", "trees"), height_m=15.0)
HOUSES = ClutterClass(title=Bilingual("nhà cửa", "houses"), height_m=10.0, lived_in=True)

ESA_WORLDCOVER: Mapping[int, ClutterClass] = {
    10: TREES,
    20: SHRUBS,
    30: RURAL,
    40: RURAL,
    50: HOUSES,
    60: OPEN,
    70: OPEN,
    80: OPEN,
    90: RURAL,
    95: TREES,
    100: OPEN,
}
"""Classes of ESA WorldCover 2020 and 2021; heights after ITU-R P.2108-1, table 3, but for
shrubs, and for open land, which here is land without anything on it."""


@dataclass(frozen=True, kw_only=True, eq=False)
class LandCover:
    """Which land lies where.

    Parameters
    ----------
    index : DataArray of uint8, shape (y, x)
        Position of each pixel's class in `classes`, on the grid of the terrain.
    classes : tuple of ClutterClass
        At most 256.
    """

    index: xr.DataArray
    classes: tuple[ClutterClass, ...]

    @property
    def height_m(self) -> xr.DataArray:
        """The representative height of what stands in each pixel."""
        heights = np.array([each.height_m for each in self.classes], np.float32)
        return self.index.copy(data=heights[self.index.to_numpy()])

    @classmethod
    def of_heights(cls, clutter_m: xr.DataArray) -> "LandCover":
        """Return the classes that heights above ground stand for, to the metre.

        Parameters
        ----------
        clutter_m : DataArray, shape (y, x)
            What stands there; 255 m and more are one class.

        Returns
        -------
        LandCover
        """
        whole_m = full_on_disk(clutter_m.shape, 0, np.dtype(np.uint8))
        for rows in blocks_of_rows(len(whole_m)):
            height_m = clutter_m.to_numpy()[rows]
            whole_m[rows] = np.minimum(np.rint(height_m), TALLEST_CLASS_M).astype(np.uint8)
        return cls(
            index=clutter_m.copy(data=whole_m),
            classes=tuple(
                ClutterClass(title=Bilingual(f"cao {height} m", f"{height} m"), height_m=height)
                for height in range(TALLEST_CLASS_M + 1)
            ),
        )


def clutter_loss_db(
    loss_db: ArrayLike,
    free_space_db: ArrayLike,
    distance_m: ArrayLike,
    link: Link,
    *,
    receiver: ClutterClass,
    transmitter: ClutterClass = OPEN,
    rule: ClutterRule = "combined",
) -> NDArray[np.float64]:
    """Return what clutter at the ends adds to a loss over bare ground, dB.

    Parameters
    ----------
    loss_db : array_like
        Basic transmission loss Lb of a model that knows no clutter at the ends.
    free_space_db : array_like
        Of the same paths.
    distance_m : array_like
        Lengths of the paths.
    link : Link
        Its frequency and antenna heights count.
    receiver, transmitter : ClutterClass
        What stands around each end.
    rule : {"combined", "sum", "none"}
        ``combined``: √(E² + C²) − E, where E is what terrain takes above free
        space, 0 at least, and C² the sum over both ends of the squares of
        the median of P.2108 3.2 × `share_of_clutter`. ``sum``: P.2108
        3.1 at the receiver, whatever terrain takes. ``none``: 0.

    Returns
    -------
    ndarray of float64
        0 or more, of the arrays' common shape.

    Notes
    -----
    ITU-R P.2108-1 (2021). Section 3.2 holds from 0.5 to 67 GHz and from 250 m, section 3.1
    up to 3 GHz; outside, the value at the end of the range is taken.

    Examples
    --------
    A phone in a village: in sight of the mast clutter takes all of C, behind a
    ridge of 30 dB much less, and on open land nothing.

    >>> link = Link(frequency_mhz=900.0, transmitter_height_m=30.0, receiver_height_m=1.5)
    >>> clutter_loss_db([110.0, 140.0], 110.0, 5000.0, link, receiver=RURAL).round(1)
    array([24.5,  8.8])
    >>> clutter_loss_db(110.0, 110.0, 5000.0, link, receiver=OPEN)
    array(0.)
    """
    ends = ClutterAtEnds.of(distance_m, link, receiver=receiver, transmitter=transmitter, rule=rule)
    return ends.added_db(loss_db, free_space_db)


@dataclass(frozen=True)
class ClutterAtEnds:
    """What `clutter_loss_db` takes from the ends of paths, for several losses between them.

    Parameters
    ----------
    clutter_db : ndarray of float64, shape of the paths' lengths
        C of rule ``combined``; what the others add.
    combined : bool
    """

    clutter_db: NDArray[np.float64]
    combined: bool

    @classmethod
    def of(
        cls,
        distance_m: ArrayLike,
        link: Link,
        *,
        receiver: ClutterClass,
        transmitter: ClutterClass,
        rule: ClutterRule,
    ) -> "ClutterAtEnds":
        """Return that of paths, as `clutter_loss_db` takes them."""
        if rule == "combined":
            share = math.hypot(
                share_of_clutter(link, link.receiver_height_m, receiver),
                share_of_clutter(link, link.transmitter_height_m, transmitter),
            )
            clutter_db = np.zeros(np.shape(distance_m))
            if share:  # nothing stands on open land
                clutter_db = share * median_terrestrial_db(link.frequency_mhz, distance_m)
            return cls(np.asarray(clutter_db), combined=True)
        added_db = 0.0
        if rule == "sum":
            added_db = _height_gain_db(link.frequency_mhz, link.receiver_height_m, receiver)
        return cls(np.full(np.shape(distance_m), added_db), combined=False)

    def added_db(self, loss_db: ArrayLike, free_space_db: ArrayLike) -> NDArray[np.float64]:
        """Return what clutter adds to losses over bare ground, see `clutter_loss_db`."""
        terrain = np.maximum(np.subtract(loss_db, free_space_db, dtype=np.float64), 0.0)
        if not self.combined:
            return np.asarray(self.clutter_db + np.zeros_like(terrain))
        return np.asarray(np.hypot(terrain, self.clutter_db) - terrain)


def far_clutter_db(
    link: Link, *, receiver: ClutterClass, transmitter: ClutterClass = OPEN
) -> float:
    """Return what clutter at the ends takes in sight, from where it grows no more with distance.

    Parameters
    ----------
    link : Link
        Its frequency and antenna heights count.
    receiver, transmitter : ClutterClass
        What stands around each end.

    Returns
    -------
    float
        The median of P.2108 3.2 at `FAR_M` × `share_of_clutter` of both ends, dB.

    Examples
    --------
    >>> link = Link(frequency_mhz=900.0, transmitter_height_m=30.0, receiver_height_m=1.5)
    >>> [round(far_clutter_db(link, receiver=land), 1) for land in (OPEN, SHRUBS, RURAL)]
    [0.0, 11.8, 24.5]
    """
    share = math.hypot(
        share_of_clutter(link, link.receiver_height_m, receiver),
        share_of_clutter(link, link.transmitter_height_m, transmitter),
    )
    return share * float(median_terrestrial_db(link.frequency_mhz, FAR_M))


def share_of_clutter(link: Link, antenna_height_m: float, land: ClutterClass) -> float:
    """Return the share of P.2108 3.2 that an antenna loses, 0 at the clutter's top to 1.

    Parameters
    ----------
    link : Link
        Its frequency counts.
    antenna_height_m : float
        Above ground.
    land : ClutterClass
        What stands around.

    Returns
    -------
    float
        Its loss by P.2108 3.1 against that of a phone at 1.5 m among clutter of 10 m;
        1 at most.

    Examples
    --------
    >>> link = Link(frequency_mhz=900.0, transmitter_height_m=30.0, receiver_height_m=1.5)
    >>> [round(share_of_clutter(link, height, RURAL), 2) for height in (1.5, 5.0, 10.0)]
    [1.0, 0.76, 0.0]
    """
    phone_db = _height_gain_db(link.frequency_mhz, PHONE_HEIGHT_M, RURAL)
    return min(_height_gain_db(link.frequency_mhz, antenna_height_m, land) / phone_db, 1.0)


def median_terrestrial_db(frequency_mhz: float, distance_m: ArrayLike) -> NDArray[np.float64]:
    """Return the median of P.2108 3.2 for paths of these lengths, dB.

    Parameters
    ----------
    frequency_mhz : float
    distance_m : array_like

    Returns
    -------
    ndarray of float64, shape of `distance_m`
        That at 250 m for shorter paths, that at 0.5 GHz below and at 67 GHz above.
    """
    least, most = TERRESTRIAL_MHZ
    return terrestrial_loss_db(
        frequency_mhz=min(max(frequency_mhz, least), most),
        distance_m=np.maximum(distance_m, TERRESTRIAL_FROM_M),
    )


@lru_cache(maxsize=4096)
def _height_gain_db(frequency_mhz: float, antenna_height_m: float, land: ClutterClass) -> float:
    if antenna_height_m >= land.height_m:
        return 0.0
    least, most = HEIGHT_GAIN_MHZ
    return height_gain_loss_db(
        frequency_mhz=min(max(frequency_mhz, least), most),
        antenna_height_m=antenna_height_m,
        clutter_height_m=land.height_m,
        equation=land.equation,
    )
