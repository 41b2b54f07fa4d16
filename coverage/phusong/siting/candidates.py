"""Where masts might stand: high ground, settlements, masts that are there, places of the user's.

Knows a grid of heights, people not served, and places. What a candidate would serve is
`cover`'s; here a line of sight is enough to tell which places are worth a prediction.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

import numpy as np
import pandas as pd
from scipy.ndimage import distance_transform_edt, label, maximum_filter1d
from scipy.spatial import KDTree

from .._types import Flags, Floats, Labels
from ..errors import SitingError
from ..grid import Grid
from ._kernels import mark_seen

EFFECTIVE_RADIUS_M = 4 / 3 * 6_371_000.0
"""Of an earth over which rays of a median atmosphere run straight (ITU-R P.310)."""
_NOBODY = 1e-9
EXISTING, OWN, HIGH_GROUND, SETTLEMENT = "existing", "own", "high_ground", "settlement"


@dataclass(frozen=True, kw_only=True)
class Search:
    """How candidates are looked for.

    Parameters
    ----------
    reach_m : float
        Farthest people that a candidate is judged by.
    peak_m : float
        High ground is the highest within this distance, a settlement has most people not served
        within it.
    antenna_m, receiver_m : float
        Above ground, of the line of sight.
    gap_m : float
        People not served within about this distance of each other are one gap.
    per_gap : int
        Most new places chosen for one gap.
    least_people : float
        A place that sees fewer, of those whom too few chosen before see, is left.
    spacing_m : float
        Least distance of new masts from existing ones, and of candidates from each other, where
        no other is told.
    choices : int
        From how many new places people are to be seen, where there are as many.
    far_m : float
        A mast that is there is left out if nobody not served lives within it, seen or not: it
        costs little to predict, and a lower band or a higher antenna reaches behind hills.
    """

    reach_m: float
    peak_m: float
    antenna_m: float
    receiver_m: float
    gap_m: float
    per_gap: int
    least_people: float
    spacing_m: float
    choices: int = 1
    far_m: float = 8000.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Candidates:
    """Places to predict, and what became of the others.

    Parameters
    ----------
    table : DataFrame
        ``x_m``, ``y_m``, ``ground_m``; ``kind`` (existing, own, high_ground, settlement);
        ``people_seen`` not served now, within reach; ``gap``, the position of the gap it was chosen
        for, NA of existing masts and own places.
    gaps : int
        How many there are.
    left_out : dict of str to int
        Why and how many: ``outside_terrain``, ``excluded``, ``too_near`` a mast,
        ``sees_nobody`` (a mast: nobody near), ``thinned`` (others see as many people).
    """

    table: pd.DataFrame
    gaps: int
    left_out: dict[str, int]


def find_candidates(  # noqa: PLR0913 - rasters and places, each with a name
    grid: Grid,
    height_m: Floats,
    people: Floats,
    *,
    existing: Floats,
    own: Floats,
    excluded: Flags,
    search: Search,
    inside: Flags | None = None,
    standing: Floats | None = None,
    spacing_m: Floats | None = None,
) -> Candidates:
    """Find places for masts around people who are not served.

    Parameters
    ----------
    grid : Grid
    height_m : ndarray, shape of the grid
        Ground above the sea; NaN where unknown.
    people : ndarray, shape of the grid
        Not served; 0 elsewhere.
    existing, own : ndarray, shape (n, 2)
        Eastings and northings of masts that may be shared, and of the user's list, in the CRS of
        the grid. Those of the list stay candidates whomever they see.
    excluded : ndarray of bool, shape of the grid
        Where no new mast may stand.
    search : Search
    inside : ndarray of bool, shape of the grid, optional
        Where new places are looked for; everywhere without it.
    standing : ndarray, shape (n, 2), optional
        All masts from which new places keep their distance, those too that cannot be shared;
        `existing` without it.
    spacing_m : ndarray, shape of the grid, optional
        Least distance of a new place in each pixel, of two the larger; that of `search` without.

    Returns
    -------
    Candidates
        Existing masts, own places, then new ones by gap, the largest gap first.

    Raises
    ------
    SitingError
        If a distance or a height of `search` is not above zero.

    Notes
    -----
    High ground is a pixel of which none within `peak_m` is higher; a settlement one around which
    most people not served live within `peak_m`, of all pixels as near. For each gap, the place that
    sees most of its people whom fewer than `choices` chosen before see is chosen (of equals the one
    that sees most people altogether), and again, up to `per_gap`; the others are thinned out.

    Examples
    --------
    A ridge between two villages, of which the mast in the north sees one.

    >>> grid = Grid("EPSG:9209", 100.0, 0.0, 700.0, 1, 7)
    >>> height = np.array([[0.0, 0, 0, 80, 0, 0, 0]]).T
    >>> people = np.array([[0.0, 50, 0, 0, 0, 0, 30]]).T
    >>> search = Search(reach_m=900, peak_m=300, antenna_m=30, receiver_m=1.5, gap_m=1000,
    ...                 per_gap=2, least_people=1, spacing_m=200)
    >>> found = find_candidates(grid, height, people, existing=np.array([[50.0, 650.0]]),
    ...                         own=np.empty((0, 2)), excluded=np.zeros(grid.shape, bool),
    ...                         search=search)
    >>> found.table[["kind", "y_m", "people_seen"]].to_numpy().tolist()
    [['existing', 650.0, 50.0], ['high_ground', 350.0, 80.0]]
    """
    for name in ("reach_m", "peak_m", "antenna_m", "gap_m", "per_gap", "choices"):
        if not getattr(search, name) > 0:
            raise SitingError("siting.bad_search", name=name, value=getattr(search, name))
    looking = _Looking(grid, height_m, people, search)
    left_out = dict.fromkeys(
        ("outside_terrain", "excluded", "too_near", "sees_nobody", "thinned"), 0
    )
    rows: list[dict[str, object]] = []
    for places, kind in ((existing, EXISTING), (own, OWN)):
        for x_m, y_m in places.tolist():
            at = looking.pixel(x_m, y_m)
            if at is None:
                left_out["outside_terrain"] += 1
            elif kind == OWN and excluded[at]:
                left_out["excluded"] += 1
            else:
                seen = looking.people_seen(at)
                if kind == EXISTING and not len(looking.near(at, search.far_m)):
                    left_out["sees_nobody"] += 1
                    continue
                rows.append(looking.row(x_m, y_m, at, kind, float(seen.sum())))
    gap_of, gaps = looking.gaps()
    settled = looking.settlements(inside)
    found = list(dict.fromkeys([*looking.peaks(inside), *settled]))
    least_m = np.full(grid.shape, float(search.spacing_m)) if spacing_m is None else spacing_m
    around = existing if standing is None else standing
    peaks, near = _new_places(grid, found, around, excluded, least_m, left_out)
    views = looking.views(peaks, gap_of)
    for gap in range(gaps):
        rows += looking.chosen(gap, gap_of == gap, peaks, views.get(gap, {}), near)
    left_out["sees_nobody"] += len(peaks) - len(looking.saw)
    left_out["thinned"] += len(looking.saw) - len(looking.taken)
    columns = ["x_m", "y_m", "ground_m", "kind", "people_seen", "gap"]
    table = pd.DataFrame(rows, columns=columns).astype({"gap": "Int64"})
    return Candidates(table=table, gaps=gaps, left_out=left_out)


class _Looking:
    """People not served, and who sees them."""

    def __init__(self, grid: Grid, height_m: Floats, people: Floats, search: Search) -> None:
        self.grid, self.search = grid, search
        self.height = np.ascontiguousarray(height_m, np.float64)
        self.rows, self.columns = np.nonzero(people > 0)
        self.people = people[self.rows, self.columns].astype(float)
        self._tree = KDTree(np.c_[self.rows, self.columns] * grid.resolution_m)
        self.high: set[tuple[int, int]] = set()
        self.saw: set[int] = set()
        self.taken: set[int] = set()

    def pixel(self, x_m: float, y_m: float) -> tuple[int, int] | None:
        """Return the pixel of a place; None where no ground is known."""
        grid = self.grid
        row = int((grid.north_m - y_m) // grid.resolution_m)
        column = int((x_m - grid.west_m) // grid.resolution_m)
        inside = 0 <= row < grid.height and 0 <= column < grid.width
        return (row, column) if inside and np.isfinite(self.height[row, column]) else None

    def near(self, at: tuple[int, int], reach_m: float) -> Labels:
        """Return the positions of the people within reach of a pixel."""
        centre = np.array(at) * self.grid.resolution_m
        found = self._tree.query_ball_point(centre, reach_m, return_sorted=True)
        return np.array(found, dtype=np.int64)

    def visible(self, at: tuple[int, int]) -> Labels:
        """Return the positions of the people that a pixel sees."""
        near = self.near(at, self.search.reach_m)
        seen = np.zeros(len(near), bool)
        mark_seen(
            self.height,
            at[0],
            at[1],
            float(self.search.antenna_m),
            self.rows[near],
            self.columns[near],
            float(self.search.receiver_m),
            float(self.grid.resolution_m),
            EFFECTIVE_RADIUS_M,
            seen,
        )
        return near[seen]

    def people_seen(self, at: tuple[int, int]) -> Floats:
        """Return the people of each place that a pixel sees."""
        return self.people[self.visible(at)]

    def row(
        self, x_m: float, y_m: float, at: tuple[int, int], kind: str, seen: float
    ) -> dict[str, object]:
        """Return a row of the table."""
        return {
            "x_m": x_m,
            "y_m": y_m,
            "ground_m": float(self.height[at]),
            "kind": kind,
            "people_seen": seen,
            "gap": pd.NA,
        }

    def gaps(self) -> tuple[Labels, int]:
        """Return the gap of each place with people, that of most people first, and their number."""
        if not len(self.people):
            return np.empty(0, np.int64), 0
        empty = np.ones(self.grid.shape, bool)
        empty[self.rows, self.columns] = False
        around = distance_transform_edt(empty) * self.grid.resolution_m <= self.search.gap_m / 2
        groups = label(around, structure=np.ones((3, 3)))[0][self.rows, self.columns]
        _, group = np.unique(groups, return_inverse=True)
        order = np.argsort(-np.bincount(group, self.people), kind="stable")
        rank = np.empty(len(order), np.int64)
        rank[order] = np.arange(len(order))
        return rank[group], len(order)

    def peaks(self, inside: Flags | None) -> list[tuple[int, int]]:
        """Return pixels of which none within `peak_m` is higher, the first of a level top."""
        known = np.where(np.isfinite(self.height), self.height, -np.inf)
        found = self._largest(known, inside)
        self.high |= set(found)
        return found

    def settlements(self, inside: Flags | None) -> list[tuple[int, int]]:
        """Return pixels of which none within `peak_m` has more people not served so near."""
        around = np.zeros(self.grid.shape)
        # A step of the circle at a time: all at once would hold people times pixels of a circle.
        for down, across in np.argwhere(self._circle) - self._steps:
            rows, columns = self.rows + down, self.columns + across
            there = (rows >= 0) & (rows < self.grid.height)
            there &= (columns >= 0) & (columns < self.grid.width)
            np.add.at(around, (rows[there], columns[there]), self.people[there])
        near = np.round(around, 3)
        return self._largest(np.where((near > 0) & np.isfinite(self.height), near, -np.inf), inside)

    @property
    def _steps(self) -> int:
        return int(self.search.peak_m // self.grid.resolution_m)

    @property
    def _circle(self) -> Flags:
        reach = np.arange(-self._steps, self._steps + 1)
        circle: Flags = np.hypot(*np.meshgrid(reach, reach)) <= self._steps
        return circle

    def _largest(self, values: Floats, inside: Flags | None) -> list[tuple[int, int]]:
        """Return pixels of the largest value within `peak_m`, the first of those side by side."""
        most = np.full(values.shape, -np.inf)
        # Row by row of the circle: as by its footprint, in a tenth of the time.
        for down, its in enumerate(self._circle, start=-self._steps):
            along = maximum_filter1d(values, int(its.sum()), axis=1, mode="constant", cval=-np.inf)
            here = slice(max(-down, 0), len(values) - max(down, 0))
            there = slice(max(down, 0), len(values) - max(-down, 0))
            np.maximum(most[here], along[there], out=most[here])
        tops = (values == most) & np.isfinite(values)
        tops &= True if inside is None else inside
        flats, count = label(tops, structure=np.ones((3, 3)))
        _, first = np.unique(flats.ravel(), return_index=True)
        first = first[1:] if count and (flats == 0).any() else first
        row, column = np.divmod(np.sort(first), self.grid.width)
        return list(zip(row.tolist(), column.tolist(), strict=True)) if count else []

    def views(self, peaks: Sequence[tuple[int, int]], gap_of: Labels) -> "_Views":
        """Return whom high ground sees: by gap and peak, the positions of people."""
        views: _Views = {}
        for peak, at in enumerate(peaks):
            seen = self.visible(at)
            if len(seen):
                self.saw.add(peak)
            for gap in np.unique(gap_of[seen]).tolist():
                views.setdefault(gap, {})[peak] = seen
        return views

    def chosen(
        self,
        gap: int,
        inside: Flags,
        peaks: Sequence[tuple[int, int]],
        views: Mapping[int, Labels],
        near: "_Spacing",
    ) -> Iterator[dict[str, object]]:
        """Choose high ground for a gap: first what sees most people whom too few before see."""
        times = np.where(inside, self.search.choices, 0)
        total = {peak: float(self.people[seen].sum()) for peak, seen in views.items()}

        def standing(peak: int) -> tuple[float, float, int]:
            seen = views[peak]
            return -float(self.people[seen][times[seen] > 0].sum()), -total[peak], peak

        # What is left to gain only falls: the first that still stands where it stood is the best.
        waiting = [standing(peak) for peak in views]
        heapify(waiting)
        left, least = self.search.per_gap, max(self.search.least_people, _NOBODY)
        while waiting and left and -waiting[0][0] >= least:
            before = heappop(waiting)
            best = before[2]
            if not near.free(peaks[best]):
                continue
            now = standing(best)
            if now != before:
                heappush(waiting, now)
                continue
            seen = views[best]
            times[seen] = np.maximum(times[seen] - 1, 0)
            at, left = peaks[best], left - 1
            self.taken.add(best)
            near.take(at)
            x_m, y_m = float(self.grid.x_m[at[1]]), float(self.grid.y_m[at[0]])
            kind = HIGH_GROUND if at in self.high else SETTLEMENT
            yield self.row(x_m, y_m, at, kind, total[best]) | {"gap": gap}


_Views = dict[int, dict[int, Labels]]


class _Spacing:
    """Places taken, and whether another keeps its distance."""

    def __init__(self, grid: Grid, least_m: Floats) -> None:
        self._grid, self._least_m = grid, least_m
        self._taken, self._count = np.empty((3, 64)), 0  # row, column, least distance

    def take(self, at: tuple[int, int]) -> None:
        """Let a place be taken."""
        if self._count == self._taken.shape[1]:
            self._taken = np.concatenate([self._taken, np.empty_like(self._taken)], axis=1)
        self._taken[:, self._count] = *at, self._least_m[at]
        self._count += 1

    def free(self, at: tuple[int, int]) -> bool:
        """Tell whether a place keeps its distance from all that are taken."""
        row, column, least_m = self._taken[:, : self._count]
        apart = np.hypot(row - at[0], column - at[1]) * self._grid.resolution_m
        return bool((apart >= np.maximum(least_m, self._least_m[at])).all())


def _new_places(
    grid: Grid,
    peaks: list[tuple[int, int]],
    standing: Floats,
    excluded: Flags,
    least_m: Floats,
    left_out: dict[str, int],
) -> tuple[list[tuple[int, int]], _Spacing]:
    """Return the high ground where a new mast may stand, and the places taken among it: none."""
    allowed = [at for at in peaks if not excluded[at]]
    left_out["excluded"] += len(peaks) - len(allowed)
    if len(standing):
        places = [(grid.x_m[column], grid.y_m[row]) for row, column in allowed]
        away = np.asarray(KDTree(standing).query(np.array(places).reshape(-1, 2))[0])
        kept = [at for at, far in zip(allowed, away, strict=True) if far >= least_m[at]]
        left_out["too_near"] += len(allowed) - len(kept)
        allowed = kept
    return allowed, _Spacing(grid, least_m)


def too_near(x_m: Floats, y_m: Floats, *, spacing_m: float | Floats) -> list[tuple[int, int]]:
    """Return the pairs of places that least spacing keeps from being both built at.

    Parameters
    ----------
    x_m, y_m : ndarray, shape (n,)
    spacing_m : float or ndarray, shape (n,)
        Places less than this apart are too near; where each has its own, less than the larger.

    Returns
    -------
    list of (int, int)
        Positions, the lower first, in rising order.

    Examples
    --------
    >>> too_near(np.array([0.0, 300.0, 900.0]), np.zeros(3), spacing_m=400)
    [(0, 1)]
    """
    places = np.c_[x_m, y_m]
    if len(places) < 2:
        return []
    least = np.broadcast_to(np.asarray(spacing_m, dtype=float), len(places))
    pairs = KDTree(places).query_pairs(float(least.max()))
    return sorted(
        (int(one), int(other))
        for one, other in pairs
        if np.hypot(*(places[one] - places[other])) < max(least[one], least[other])
    )
