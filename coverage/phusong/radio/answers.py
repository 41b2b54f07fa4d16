"""What models of other packages answer, held against what a model promises.

phusong's own models are tested; one from a package or a notebook is asked each time, so
that a wrong answer is told instead of drawn as land without service.
"""

import math
from collections.abc import Sequence
from copy import deepcopy
from functools import cache
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from .._types import Flags
from ..errors import ModelAnswerError, PhusongError
from .itm import Itm
from .models import ours
from .propagation import (
    Link,
    Profile,
    PropagationModel,
    Radials,
    SeveralCarriers,
    Term,
    WithoutTerrain,
)
from .sampling import Carrying


def losses_of(
    model: PropagationModel, radials: Radials, links: Sequence[Link]
) -> list[NDArray[np.float64]]:
    """Return the losses that a model gives along rays.

    Parameters
    ----------
    model : PropagationModel
    radials : Radials
    links : sequence of Link
        Alike but for the frequency.

    Returns
    -------
    list of ndarray of float64, shape (rays, points)
        One a link.

    Raises
    ------
    ModelAnswerError
        If a model that is not phusong's own fails, gives no real numbers, another shape than the
        rays have, infinities, NaN between receivers that it has a loss for, or nothing
        but NaN. NaN nearer and farther means that it does not reach.
    """
    if ours(type(model)) and isinstance(model, SeveralCarriers):
        return model.losses_along_radials_db(radials, links)
    return [_losses_of(model, radials, link) for link in links]


def _losses_of(model: PropagationModel, radials: Radials, link: Link) -> NDArray[np.float64]:
    if ours(type(model)):
        return model.loss_along_radials_db(radials, link)
    own = deepcopy(radials)  # into which code of others may write
    losses = _real(model, "loss_along_radials_db", own, link)
    expected = radials.height_m.shape
    if losses.shape != expected:
        said = {"asked": "loss_along_radials_db", "found": losses.shape, "expected": expected}
        raise ModelAnswerError("radio.model_shape", model=model.name, **said)
    asked = ~np.isnan(radials.height_m)
    asked[:, 0] = False
    if radials.wanted is not None:
        asked &= radials.wanted
    wrong = asked & np.isinf(losses) | _between(asked & np.isnan(losses), asked)
    if not wrong.any() and np.isnan(losses[asked]).all():
        wrong = asked
    if wrong.any():
        ray, point = (int(at[0]) for at in np.nonzero(wrong))
        raise ModelAnswerError(
            "radio.model_no_number",
            model=model.name,
            value=float(losses[ray, point]),
            count=int(wrong.sum()),
            asked=int(asked.sum()),
            distance_m=point * radials.step_m,
        )
    return losses


def without_terrain(model: PropagationModel) -> WithoutTerrain | None:
    """Return a model of phusong's as one that knows its loss at any distance, if it is blind.

    One of another package may have taken over that method with what it inherits, and
    changed the other two.
    """
    return cast(WithoutTerrain, model) if _is_blind(type(model)) else None


@cache
def _is_blind(kind: type[PropagationModel]) -> bool:
    """Tell what `isinstance` would, which takes as long each time as the loss of a path."""
    return ours(kind) and all(hasattr(kind, name) for name in ("farthest_m", "loss_at_db"))


def carrying_of(model: PropagationModel, link: Link) -> Carrying:
    """Return how a model's loss goes on from a sample of a ray to a receiver's own distance.

    ITM takes its free space along the ground, all others between the antennas.
    """
    above_m = link.transmitter_height_m - link.receiver_height_m
    return Carrying(above_m, slant=not isinstance(model, Itm))


def terms_of(model: PropagationModel, path: Profile, link: Link) -> tuple[Term, ...]:
    """Return the parts of a path's loss that a model tells apart.

    Raises
    ------
    ModelAnswerError
        If a model that is not phusong's own fails, gives a part that is no number, or parts whose
        sum is not its loss.
    """
    if ours(type(model)):
        return model.terms(path, link)
    terms = _answer(model, "terms", path, link)
    if not isinstance(terms, Sequence) or not all(isinstance(term, Term) for term in terms):
        said = {"asked": "terms", "found": type(terms).__name__}
        raise ModelAnswerError("radio.model_not_real", model=model.name, **said)
    parts = _numbers([term.db for term in terms], model, "terms")
    whole = loss_of(model, path, link)
    if not math.isclose(parts.sum(), whole, abs_tol=1e-3):
        sums = {"found": float(parts.sum()), "expected": whole}
        raise ModelAnswerError("radio.model_terms", model=model.name, **sums)
    return tuple(terms)


def loss_of(model: PropagationModel, path: Profile, link: Link) -> float:
    """Return the loss that a model gives of one path.

    Raises
    ------
    ModelAnswerError
        If a model that is not phusong's own fails, or gives no real, finite number.
    """
    if ours(type(model)):
        return model.loss_db(path, link)
    found = _real(model, "loss_db", path, link)
    if found.shape:
        said = {"asked": "loss_db", "found": found.shape, "expected": "()"}
        raise ModelAnswerError("radio.model_shape", model=model.name, **said)
    if not math.isfinite(found):
        raise ModelAnswerError(
            "radio.model_no_number",
            model=model.name,
            value=float(found),
            count=1,
            asked=1,
            distance_m=float(path.distance_m[-1]),
        )
    return float(found)


def _answer(model: PropagationModel, asked: str, *given: object) -> Any:
    """Return what a method of a model answers; tell whose it is if it fails."""
    try:
        return getattr(model, asked)(*given)
    except (PhusongError, MemoryError):
        raise
    except Exception as fault:  # code of others raises anything
        told = {"asked": asked, "detail": f"{type(fault).__name__}: {fault}"}
        raise ModelAnswerError("radio.model_failed", model=model.name, **told) from fault


def _real(model: PropagationModel, asked: str, *given: object) -> NDArray[np.float64]:
    return _numbers(_answer(model, asked, *given), model, asked)


def _numbers(answer: Any, model: PropagationModel, asked: str) -> NDArray[np.float64]:
    try:
        found = np.asarray(answer)
    except ValueError:  # rows of different lengths
        found = np.array(None)
    if found.dtype.kind not in "iuf":
        said = {"asked": asked, "found": type(answer).__name__}
        raise ModelAnswerError("radio.model_not_real", model=model.name, **said)
    return found.astype(np.float64)


def _between(missing: Flags, asked: Flags) -> Flags:
    """Tell which missing points have a known one both nearer and farther on their ray."""
    known = asked & ~missing
    nearer = np.logical_or.accumulate(known, axis=1)
    farther = np.logical_or.accumulate(known[:, ::-1], axis=1)[:, ::-1]
    return missing & nearer & farther
