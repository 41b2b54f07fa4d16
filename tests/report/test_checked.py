"""The page of a check: one file that loads nothing, pictures of a size that does not grow."""

import re
from dataclasses import replace
from datetime import date
from html import unescape

import numpy as np
import pytest
import shapely

from phusong.errors import Problem
from phusong.i18n import Bilingual
from phusong.inputs import ReadColumn, Reading
from phusong.inputs.source import Fault
from phusong.report import CheckPage, draw_rows, render_check
from phusong.tables import PLACES


@pytest.fixture
def reading(tmp_path):
    wrong = Problem(
        message="inputs.too_small", file="<i>.csv", row=4, column="<u>", value="<s>",
        values={"limit": 1.0},
    )  # fmt: skip
    return Reading(
        file="<i>.csv", path=tmp_path, table=PLACES, headings=("<u>",),
        cells=(np.array(["1", "2", "<s>"], dtype=object),), rows=np.array([2, 3, 4]), passed_over=1,
        columns=(ReadColumn(heading="<u>", field=PLACES["name"], how="name", score=100.0),),
        set_aside={2: [wrong]}, unused=np.zeros(3, dtype=bool),
        shapes=shapely.points([[0, 0], [5, 5], [9, 9]]), problems=(wrong,),
    )  # fmt: skip


def page(*readings, **options):
    return render_check(
        CheckPage(
            title=Bilingual("Tỉnh", "Province"), province="Hà Giang", edition="2017",
            as_of=date(2017, 12, 31), program="phusong", readings=readings, **options,
        )
    )  # fmt: skip


def test_the_page_is_whole_in_both_languages_and_escapes_what_comes_from_files(reading):
    html = page(reading, told=True, workbooks={0: "workbooks/a b.xlsx"})
    assert not re.search("<[ius]>", html)
    assert "&lt;i&gt;.csv" in html
    assert 'href="workbooks/a%20b.xlsx"' in html
    assert not re.search(r'(?:src|href)="(?!#|workbooks/|problems\.csv)', html)
    assert "default-src 'none'" in unescape(html)
    for words in ("Không dùng", "Not used", "Nhỏ hơn giá trị", "Below the smallest"):
        assert words in html
    assert page(reading) == page(reading)


def test_the_state_is_said_first(reading):
    states = [page(reading), page(reading, told=True), page(reading, usable=False)]
    shown = [re.search('<p class="state ([a-z]+)"', html)[1] for html in states]
    assert shown == ["clean", "told", "unusable"]


def test_a_picture_of_many_rows_is_no_larger_than_its_pixels():
    rng = np.random.default_rng(1)
    points = shapely.points(rng.uniform(0, 1000, (200_000, 2)))
    fates = np.full(200_000, "used", dtype="U11")
    fates[:9] = "set_aside"
    picture = draw_rows(points, fates)
    assert [fate for fate, _, _ in picture["paths"]] == ["used", "set_aside"]
    assert picture["paths"][0][2].count("M") <= 460 * 520
    assert picture["unseen"] == 0


def test_rows_beyond_the_communes_and_without_a_place_are_counted_not_drawn():
    points = np.array([shapely.Point(1, 1), shapely.Point(900, 900), None], dtype=object)
    outline = np.array([shapely.box(0, 0, 10, 10)], dtype=object)
    picture = draw_rows(points, np.array(["used", "set_aside", "set_aside"]), outline)
    assert [fate for fate, _, _ in picture["paths"]] == ["ground", "used"]
    assert picture["unseen"] == 2


def test_lines_and_outlines_are_drawn_as_such():
    shapes = np.array([shapely.LineString([(0, 0), (9, 9)]), shapely.box(0, 0, 4, 4)], dtype=object)
    picture = draw_rows(shapes, np.array(["used", "mended"]))
    assert [(fate, kind) for fate, kind, _ in picture["paths"]] == [
        ("used", "shape"), ("mended", "shape"),
    ]  # fmt: skip


def test_the_page_is_drawn_in_a_browser_in_both_languages_and_asks_for_nothing(
    open_tab, reading, tmp_path
):
    mended = Fault(
        np.array([False, True, False]),
        "letters_restored_here",
        "<u>",
        {"read": "x", "encoding": "VNI"},
    )
    file = tmp_path / "index.html"
    file.write_text(page(replace(reading, mended=(mended,)), told=True), encoding="utf-8")
    viewport = {"width": 1280, "height": 720}
    shown = open_tab(file.as_uri(), viewport, asks=file.as_uri())

    rows = [shown.locator(f"svg.rows path.{fate}") for fate in ("used", "mended", "set_aside")]
    colours = [row.evaluate("one => getComputedStyle(one).stroke") for row in rows]
    assert len({*colours}) == 3
    assert "Không dùng" in shown.locator("main").inner_text()
    shown.click("button[value=en]")
    assert shown.locator("h1").inner_text() == "Check of the files"
    words = shown.locator("main").inner_text()
    assert "Below the smallest" in words
    assert "Không dùng" not in words
