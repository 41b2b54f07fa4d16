"""What models of other packages answer, held against what a model promises.

phusong's own models are tested; one from a package or a notebook is asked each time, so
that a wrong answer is told instead of drawn as land without service.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._types import Flags
from ..errors import ModelAnswerError
from .itm import Itm
from .models import ours
from .propagation import Link, Profile, PropagationModel, Radials, Term, WithoutTerrain
from .sampling import Carrying


def losses_of(model: PropagationModel, radials: Radials, link: Link) -> NDArray[np.float64]:
    """Return the losses that a model gives along rays.

    Parameters
    ----------
    model : PropagationModel
    radials : Radials
    link : Link

    Returns
    -------
    ndarray of float64, shape (rays, points)

    Raises
    ------
    ModelAnswerError
        If a model that is not phusong's own gives no real numbers, another shape than the
        rays have, infinities, NaN between receivers that it has a loss for, or nothing
        but NaN. NaN nearer and farther means that it does not reach.
    """
    answer = model.loss_along_radials_db(radials, link)
    if ours(type(model)):
        return answer
    losses = _real(answer, model, "loss_along_radials_db")
    expected = radials.height_m.shape
    if losses.shape != expected:
        said = {"found": losses.shape, "expected": expected}
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
    return model if ours(type(model)) and isinstance(model, WithoutTerrain) else None


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
        If a model that is not phusong's own gives a part that is no number, or parts whose
        sum is not its loss.
    """
    terms = model.terms(path, link)
    if not ours(type(model)):
        parts = _real([term.db for term in terms], model, "terms")
        whole = _real(model.loss_db(path, link), model, "loss_db")
        if whole.shape or not math.isclose(parts.sum(), float(whole), abs_tol=1e-3):
            said = {"found": float(parts.sum()), "expected": whole.tolist()}
            raise ModelAnswerError("radio.model_terms", model=model.name, **said)
    return terms


def _real(answer: Any, model: PropagationModel, asked: str) -> NDArray[np.float64]:
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
