"""Shares of a province drawn from an error model: the best server is found anew in each draw."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._on_disk import full_on_disk
from .._types import Labels
from ..grid import Grid
from ._draw_kernels import BITS, add_served, add_whole, extremes
from ._normals import log_normals, normals, picks
from ._place_kernels import REACH_DB, STEP_DB
from .error_model import ErrorModel
from .lattice import Field, Lattice
from .places import Curves
from .roads import SegmentErrors

DRAWS_AT_A_TIME = 32
"""Of one random stream; a result depends on it, but not on the threads."""
_NEGLIGIBLE = 1e-6
_AT_A_TIME = 50_000
"""Cells, or pixels: what is in hand of each takes some 600 bytes."""
_NEAR = 1_000
"""Cells whose numbers stay in the processor's own memory from one step to the next."""
_HELD_BYTES = 32_000_000
"""An array of a batch of draws that takes more lies on the disk."""

Each = Callable[[Callable[[int], Any], Iterable[int]], Iterable[Any]]


@dataclass(frozen=True, kw_only=True)
class Counted:
    """What is counted in which pixels of which unit.

    Parameters
    ----------
    first : ndarray of int, shape (units + 1,)
        Where each unit's entries start, and the end.
    slot : ndarray of int, shape (entries,)
        Position of the entry's pixel in `Contenders.pixel`.
    weight : ndarray of float, shape (entries,)
        Residents there, or 1 for a village or a centre.
    erring : bool
        Whether the weights are residents, whose number has its own error.
    """

    first: Labels
    slot: Labels
    weight: NDArray[np.float64]
    erring: bool = True


@dataclass(frozen=True, kw_only=True)
class Contenders:
    """The best masts of some pixels for one service, and what they need.

    Parameters
    ----------
    margin_db : ndarray of float32, shape (pixels, ranks)
        Predicted margin of the best cell of each, best mast first.
    mast : ndarray of int, shape (pixels, ranks)
        Whose error it has, by `MeasuredMasts.row` if masts were measured; negative for none.
    kind : ndarray of int, shape (pixels, ranks)
        Which of the curves holds for that cell.
    curves : Curves
        By the same margin, over the variability within a pixel alone.
    location_probability : float
        Share of the places of a pixel that makes it served.
    """

    margin_db: NDArray[np.float32]
    mast: Labels
    kind: Labels
    curves: Curves
    location_probability: float


@dataclass(frozen=True, kw_only=True)
class MeasuredMasts:
    """What calibration leaves in doubt of the errors of the province, of masts and of groups.

    Parameters
    ----------
    mast : ndarray of int, shape (masts,)
        Those that were measured.
    covariance : ndarray of float64, shape (1 + masts + sum of groups,) twice
        dB², of the province's error, then of theirs, then of what each label of each kind of group
        adds; see `Calibration.covariance`.
    groups : tuple of int
        How many labels each kind of group has, such as three bands and three kinds of land.
    """

    mast: Labels
    covariance: NDArray[np.float64]
    groups: tuple[int, ...] = ()

    def row(self, mast: Labels, *labels: Labels) -> NDArray[np.int64]:
        """Return the number in `Contenders` of masts together with labels.

        Parameters
        ----------
        mast : ndarray of int
        *labels : ndarray of int
            The position of the label by kind of group; the number of labels where none is known.

        Returns
        -------
        ndarray of int64, of the arrays' common shape
        """
        found = np.asarray(mast, dtype=np.int64)
        for label, size in zip(labels, self.groups, strict=True):
            found = found * (size + 1) + label
        return found

    @property
    def each(self) -> int:
        """How many rows a mast has."""
        return math.prod(size + 1 for size in self.groups)

    def errors(
        self, drawn: NDArray[np.float64], of_mast: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return errors by row.

        Parameters
        ----------
        drawn : ndarray of float64, shape (len(covariance), draws)
        of_mast : ndarray of float64, shape (all masts, draws)
            Of masts that were not measured.

        Returns
        -------
        ndarray of float64, shape (all masts × each, draws)
        """
        found, end = of_mast.copy(), 1 + len(self.mast)
        found[self.mast] = drawn[1:end]
        for size in self.groups:
            labels = np.vstack([drawn[end : end + size], np.zeros_like(drawn[:1])])
            found = (found[:, None] + labels).reshape(-1, drawn.shape[1])
            end += size
        return found


@dataclass(frozen=True)
class Drawn:
    """What each unit has in each draw; arrays of shape (units, draws), on the disk.

    Parameters
    ----------
    whole : ndarray of float64
        All that is counted; one array for all services.
    pixels : ndarray of float64
        That of pixels served.
    probability : ndarray of float64
        Each entry times the probability that a place in its pixel is served.
    """

    whole: NDArray[np.float64]
    pixels: NDArray[np.float64]
    probability: NDArray[np.float64]


def draw(  # noqa: PLR0913 - what a draw depends on, each with a name
    contenders: Mapping[str, Contenders],
    counted: Mapping[str, Counted],
    *,
    pixel: Labels,
    grid: Grid,
    model: ErrorModel,
    draws: int,
    seed: int,
    segments: Sequence[SegmentErrors] = (),
    measured: MeasuredMasts | None = None,
    each: Each = map,
) -> dict[tuple[str, str], Drawn]:
    """Draw how much of what is counted each service serves.

    Parameters
    ----------
    contenders : mapping of str to Contenders
        By service, all of the same pixels.
    counted : mapping of str to Counted
    pixel : ndarray of int, shape (pixels,)
        Row times columns plus column of each pixel on the grid.
    grid : Grid
    model : ErrorModel
    draws, seed : int
        How many, and what they start from: the same seed, the same draws.
    segments : sequence of SegmentErrors
        Take the errors of these draws along roads; what is drawn does not depend on them.
    measured : MeasuredMasts, optional
        Whose errors, and those of the province and of groups, are drawn by what a calibration left
        of them.
    each : callable
        Goes through batches of draws as `map` does, several at a time if wanted.

    Returns
    -------
    dict of (str, str) to Drawn
        By service and name in `counted`.

    Notes
    -----
    In each draw a true margin is the predicted one less `ErrorModel.mean_db`, plus one error of
    the province, one of the mast, one of the field at the lattice cell, one of the pixel.
    The field is constant within a cell of at most `lattice.WIDEST_M`. Masts beyond the
    ranks given never serve. Draws are shared by all services and all that is counted.

    Examples
    --------
    One pixel whose level is 6 dB above what all places need; errors of 6 dB alone: it is
    served in 84 % of the draws.

    >>> from phusong.uncertainty import ErrorModel, curves
    >>> one = Contenders(
    ...     margin_db=np.array([[6.0]], np.float32), mast=np.array([[0]]), kind=np.array([[0]]),
    ...     curves=curves([lambda share: 0.0], [0.0]), location_probability=0.9,
    ... )
    >>> people = Counted(first=np.array([0, 1]), slot=np.array([0]), weight=np.array([50.0]))
    >>> found = draw(
    ...     {"4g": one}, {"people": people}, pixel=np.array([0]),
    ...     grid=Grid("EPSG:9209", 90.0, 0.0, 90.0, 1, 1), draws=10_000, seed=1,
    ...     model=ErrorModel(station_sd_db=0, field_sd_db=0, uncorrelated_sd_db=0),
    ... )["4g", "people"]
    >>> bool(abs((found.pixels > 0).mean() - 0.8413) < 0.01)
    True
    """
    lattice = Lattice.over(grid.shape, grid.resolution_m)
    cells, cell = _numbered(lattice, pixel, grid.width)
    of_segments = [lattice.cell_of(one.pixel, grid.width) for one in segments]
    ends = np.cumsum([len(cells), *map(len, of_segments)])
    wanted = _room((int(ends[-1]),), np.dtype(np.int64))
    np.concatenate([cells, *of_segments], out=wanted)
    size = len(cells)
    del cells
    field = Field(lattice, model.field_sd_db, model.field_length_m)
    masts = 1 + max((int(one.mast.max(initial=-1)) for one in contenders.values()), default=-1)
    if measured is not None:
        masts = max(-(-masts // measured.each), 1 + int(measured.mast.max(initial=-1)))
    uncorrelated = np.float32(model.uncorrelated_sd_db) * normals(BITS)
    looked_up = {name: _looked_up(one.curves) for name, one in contenders.items()}

    def of_units(what: Counted) -> NDArray[np.float64]:
        return full_on_disk((len(what.first) - 1, draws), 0.0, np.dtype("f8"))

    whole = {name: of_units(one) for name, one in counted.items()}
    found = {
        (service, name): Drawn(whole[name], of_units(one), of_units(one))
        for service in contenders
        for name, one in counted.items()
    }

    root = np.zeros((0, 0))
    if measured is not None:
        values, vectors = np.linalg.eigh(measured.covariance)
        root = vectors * np.sqrt(np.maximum(values, 0.0))

    at_once, spare = min(DRAWS_AT_A_TIME, draws), list[_Rooms]()

    def batch(start: int) -> None:
        count = min(at_once, draws - start)
        try:
            rooms = spare.pop()
        except IndexError:  # others are in use
            rooms = _Rooms(size, len(wanted), at_once)
        at = slice(start, start + count)
        random = np.random.default_rng([seed, start])
        common = model.province_sd_db * random.standard_normal(count)
        of_mast = model.station_sd_db * random.standard_normal((masts, count))
        if measured is not None:
            joint = root @ random.standard_normal((len(root), count))
            common, of_mast = joint[0], measured.errors(joint, of_mast)
        common -= model.mean_db
        residents = rooms.residents[: size * count].reshape(size, count)
        _fill_residents(random, residents, model.population_sd)
        drawn = rooms.by_cell[: len(wanted) * count].reshape(len(wanted), count)
        _fill_field(random, field, wanted, rooms.by_draw[:count], drawn)
        for k, along in enumerate(segments):
            along.keep(at, common, of_mast, drawn[ends[k] : ends[k + 1]])
        least, most = (_room((size,), np.dtype("f8")) for _ in range(2))
        extremes(common, drawn[:size], least, most)
        of_masts = of_mast.min(axis=1), of_mast.max(axis=1)
        errors = common.astype(np.float32), of_mast.astype(np.float32), drawn[:size]
        alike = np.ones((1, count), np.float32)
        for name, what in counted.items():
            add_whole(
                what.first, what.slot, what.weight, cell,
                residents if what.erring else alike, whole[name][:, at],
            )  # fmt: skip
        for service, one in contenders.items():
            for name, what in counted.items():
                into = found[service, name]
                add_served(
                    what.first, what.slot, what.weight, pixel, cell,
                    one.margin_db, one.mast, one.kind, *looked_up[service],
                    np.float32(one.location_probability), *errors, least, most, *of_masts,
                    residents if what.erring else alike, uncorrelated, np.uint64(seed), start,
                    into.pixels[:, at], into.probability[:, at],
                )  # fmt: skip
        spare.append(rooms)

    for _ in each(batch, range(0, draws, DRAWS_AT_A_TIME)):
        pass
    return found


def _numbered(
    lattice: Lattice, pixel: Labels, width: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the cells that pixels lie in, rising, and by pixel which of them."""
    there = np.zeros(lattice.rows * lattice.columns, dtype=bool)
    for some in _blocks(len(pixel)):
        there[lattice.cell_of(pixel[some], width)] = True
    number = np.cumsum(there, dtype=np.int32)
    cells = _room((int(number[-1]),), np.dtype(np.int64))
    for some in _blocks(len(there)):
        own = np.flatnonzero(there[some])
        cells[number[some][0] - there[some][0] : number[some][-1]] = own + some.start
    found = _room((len(pixel),), np.dtype(np.int64))
    for some in _blocks(len(pixel)):
        found[some] = number[lattice.cell_of(pixel[some], width)] - 1
    return cells, found


def _room(shape: tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Return zeros, on the disk where they are many."""
    if math.prod(shape) * dtype.itemsize <= _HELD_BYTES:
        return np.zeros(shape, dtype)
    return full_on_disk(shape, 0.0, dtype)


def _blocks(size: int) -> Iterator[slice]:
    for start in range(0, size, _AT_A_TIME):
        yield slice(start, min(start + _AT_A_TIME, size))


class _Rooms:
    """Where the errors of a batch stand, on the disk where they are many; for the next one too."""

    def __init__(self, cells: int, wanted: int, draws: int) -> None:
        single = np.dtype(np.float32)
        self.residents = _room((cells * draws,), single)
        self.by_draw = _room((draws, wanted), single)
        self.by_cell = _room((wanted * draws,), single)


def _fill_field(
    random: np.random.Generator,
    field: Field,
    cells: Labels,
    by_draw: NDArray[np.float32],
    by_cell: NDArray[np.float32],
) -> None:
    """Fill in draws of the field at some cells, twice: by cell is how they are read."""
    field.draw(random, cells, by_draw)
    for some in _blocks(len(cells)):
        by_cell[some] = by_draw[:, some].T


def _fill_residents(random: np.random.Generator, factor: NDArray[np.float32], sd: float) -> None:
    """Fill in by how much residents differ from those given: log-normal, 1 on average."""
    factors = log_normals(float(np.sqrt(np.log1p(sd**2))))
    for start in range(0, len(factor), _NEAR):
        some = factor[start : start + _NEAR]
        factors.take(picks(random, some.shape), out=some, mode="clip")  # no copy of `some`


def _looked_up(
    curves: Curves,
) -> tuple[NDArray[np.float32], NDArray[np.float64], NDArray[np.float64]]:
    """Return probabilities in the middle between the margins of the curves, for draws.

    Beside them the margins of each kind up to which no place is served, and from which all are:
    beyond these the probabilities are exactly 0 and 1.
    """
    margin = np.arange(curves.values.shape[1]) * STEP_DB - REACH_DB
    none: NDArray[np.float64] = np.array(
        [margin[max(int(np.argmax(one > _NEGLIGIBLE)) - 1, 0)] for one in curves.values]
    )
    sure: NDArray[np.float64] = np.array([
        margin[int(np.argmax(one >= 1 - _NEGLIGIBLE))] if one[-1] >= 1 - _NEGLIGIBLE else np.inf
        for one in curves.values
    ])  # fmt: skip
    values: NDArray[np.float32] = curves.values + curves.slopes / np.float32(2)
    values[margin < none[:, None]] = 0.0
    values[margin >= sure[:, None]] = 1.0
    return values, none, sure
