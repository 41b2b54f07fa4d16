"""Words of a curve's picture: none upon another, all within it."""

import pytest

from phusong.i18n import Bilingual
from phusong.report.curve import HEIGHT, LETTER_PX, WIDTH, Curve, CurvePoint, place_curve


def point(x, y, name):
    return CurvePoint(x=x, y=y, name=Bilingual(name, name))


def boxes(placed):
    named = [*placed.points, *placed.marks, *placed.beyond]
    named += [] if placed.level is None else [placed.level]
    for one in named:
        wide = LETTER_PX[0] * len(one.name)
        left = one.name_x if one.anchor == "start" else one.name_x - wide
        yield one.name, left, one.name_y - LETTER_PX[1], left + wide, one.name_y + 3


@pytest.mark.parametrize("target", [0, 900, 950, 1000, 1010])
def test_a_target_stands_beside_no_name_of_a_year(target):
    words = Bilingual("Tỷ đồng", "Billion VND")
    curve = Curve(
        title=words,
        x_title=words,
        y_title=words,
        points=[
            point(0, 0, ""), point(0.5, 900, "2027: 900 people"),
            point(0.7, 950, "2028: 950 people"), point(9, 1000, "2029: 1,000 people"),
        ],
        beyond=[point(9.5, 1010, "next money: 1,010 people")],
        level=point(0, target, f"Target: {target} people"),
    )  # fmt: skip
    found = list(boxes(place_curve(curve, "en")))
    for at, (name, left, top, right, bottom) in enumerate(found):
        assert left >= 0, name
        assert right <= WIDTH, name
        assert top >= 0, name
        assert bottom <= HEIGHT, name
        for other in found[at + 1 :]:
            apart = right <= other[1] or other[3] <= left or bottom <= other[2] or other[4] <= top
            assert apart, (name, other[0])
