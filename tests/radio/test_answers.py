"""What a model of another package answers is held against what models promise."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest

from phusong.errors import ModelAnswerError
from phusong.i18n import Bilingual
from phusong.radio import FreeSpace, Link, Profile
from phusong.radio.answers import loss_of, losses_of, terms_of
from phusong.radio.propagation import Radials, Term, free_space_term

LINK = Link(frequency_mhz=900.0, transmitter_height_m=30.0, receiver_height_m=1.5)
POINTS = 30
HEIGHT_M = np.zeros((4, POINTS))
HEIGHT_M[3, 12:] = np.nan
RAYS = Radials(step_m=100.0, height_m=HEIGHT_M)
PATH = Profile(distance_m=np.arange(5) * 100.0, height_m=np.zeros(5), clutter_m=np.zeros(5))


@dataclass(frozen=True)
class Strange(FreeSpace):
    """Free space whose answers are changed."""

    name: ClassVar[str] = "strange"
    change: object = None
    part_db: object = 0.0

    def loss_along_radials_db(self, radials, link):
        return self.change(super().loss_along_radials_db(radials, link))

    def terms(self, profile, link):
        part = Term("more", self.part_db, Bilingual("thêm", "more"))
        return free_space_term(self.loss_db(profile, link)), part


def put(found, value, points, rays=slice(None)):
    found[rays, points] = value
    return found


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            lambda found: found[0],
            r"strange: loss_along_radials_db returned losses of shape \(30,\); \(4, 30\)",
        ),
        (lambda found: found.T, r"losses of shape \(30, 4\); \(4, 30\)"),
        (lambda found: found + 0j, "strange: loss_along_radials_db returned ndarray, no real"),
        (lambda found: found.astype(str), "returned ndarray, no real numbers"),
        (lambda _: [[1.0], [1.0, 2.0]], "returned list, no real numbers"),
        (lambda _: None, "returned NoneType, no real numbers"),
        (
            lambda found: found * np.nan,
            "strange returned nan at 98 of 98 receivers",
        ),
        (lambda found: put(found, np.nan, 7, rays=1), "nan at 1 of 98 receivers, the first 700 m"),
        (
            lambda found: put(found, np.inf, slice(9, 11)),
            "inf at 8 of 98 receivers, the first",
        ),
        (lambda found: put(found, -np.inf, 20, rays=0), "−inf at 1 of 98 receivers"),
    ],
)
def test_what_are_no_losses_is_refused(change, told):
    with pytest.raises(ModelAnswerError, match=told):
        losses_of(Strange(change=change), RAYS, [LINK])


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (lambda: float("nan"), "strange returned nan at 1 of 1 receivers, the first 400 m"),
        (lambda: [90.0], r"strange: loss_db returned losses of shape \(1,\); \(\)"),
        (lambda: None, "strange: loss_db returned NoneType"),
        (lambda: 1 / 0, "strange: loss_db failed: ZeroDivisionError: division by zero"),
    ],
)
def test_the_loss_of_one_path_is_checked_too(answer, told):
    class Stranger(Strange):
        def loss_db(self, profile, link):
            return answer()

    with pytest.raises(ModelAnswerError, match=told):
        loss_of(Stranger(), PATH, LINK)


@pytest.mark.parametrize("answer", [None, [1.0], "ab"])
def test_what_are_no_parts_is_refused(answer):
    class Stranger(Strange):
        def terms(self, profile, link):
            return answer

    with pytest.raises(ModelAnswerError, match="strange: terms returned"):
        terms_of(Stranger(), PATH, LINK)


def test_what_a_model_writes_into_its_rays_reaches_no_other():
    class Careless(Strange):
        def loss_along_radials_db(self, radials, link):
            radials.height_m[:] = np.nan
            return np.full(radials.height_m.shape, 100.0)

    rays = Radials(step_m=100.0, height_m=HEIGHT_M.copy())
    losses_of(Careless(), rays, [LINK, LINK])
    np.testing.assert_array_equal(rays.height_m, HEIGHT_M)


def test_whose_failure_it_is_is_told_with_the_fault_itself():
    with pytest.raises(ModelAnswerError, match="loss_along_radials_db failed: TypeError") as caught:
        losses_of(Strange(change=None), RAYS, [LINK])
    assert isinstance(caught.value.__cause__, TypeError)


def test_a_model_need_not_reach_near_nor_far_nor_answer_what_nobody_wants():
    def change(found):
        return put(put(put(found, np.nan, slice(0, 3)), np.nan, slice(20, None)), np.nan, 7)

    wanted = np.ones(HEIGHT_M.shape, bool)
    wanted[:, 7] = False
    rays = Radials(step_m=100.0, height_m=HEIGHT_M, wanted=wanted)
    (found,) = losses_of(Strange(change=change), rays, [LINK])
    assert np.isfinite(found[0]).sum() == 16


@pytest.mark.parametrize("part_db", [np.nan, 3.0, -np.inf])
def test_parts_that_are_not_those_of_the_loss_are_refused(part_db):
    with pytest.raises(ModelAnswerError, match="strange: its terms add up to"):
        terms_of(Strange(part_db=part_db), PATH, LINK)


@pytest.mark.parametrize("part_db", ["3", None])
def test_parts_that_are_no_numbers_are_refused(part_db):
    with pytest.raises(ModelAnswerError, match="strange: terms returned"):
        terms_of(Strange(part_db=part_db), PATH, LINK)
