"""The section's picture: everything is in the sheet, nothing over another."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Annotation

from phusong.report import BudgetLine, Outcome, Section, draw_section, section_png


def section(*, services=2, obstacle_at=30, rising=0.0, points=61, name="Di động"):
    distance = np.linspace(0.0, 6000.0, points)
    ground = np.full(points, 100.0)
    obstacle = None
    if obstacle_at is not None:
        ground[obstacle_at] = 400.0
        obstacle = obstacle_at, "Vật che chính: cao 400 m\ncách điểm thu 3,00 km\nvượt 250 m"
    return Section(
        lang="vi",
        title="Đường truyền từ Lũng Cú đến 105,3° Đ, 23,4° B" * 3,
        subtitle="Viettel · 4G", headline="Bị che", foot="Nghiên cứu", hidden=obstacle is not None,
        points=pd.DataFrame({
            "distance_m": distance, "ground_m": ground, "clutter_m": np.zeros(points),
            "bulge_m": np.zeros(points), "sight_line_m": np.linspace(140, 140 + rising, points),
            "fresnel_m": 10 * np.sin(np.pi * distance / 6000),
        }),
        mast="Ăng-ten 40 m", receiver="Điểm thu 1,5 m", obstacle=obstacle,
        budget=[BudgetLine("EIRP", "35,0 dBm"), BudgetLine("Mức thu", "−90,0 dBm", total=True)],
        outcomes=[Outcome(name, "Cần −101,7 dBm", "Có sóng", served=True)] * services,
    )  # fmt: skip


def boxes(figure):
    renderer = figure.canvas.get_renderer()
    return [
        (words.get_text(), words.get_window_extent(renderer))
        for words in figure.findobj(lambda each: hasattr(each, "get_text"))
        if words.get_text() and words.get_visible()
    ]


@pytest.mark.parametrize("obstacle_at", [None, 1, 30, 59])
@pytest.mark.parametrize("rising", [-300.0, 0.0, 300.0])
def test_all_words_lie_in_the_sheet(obstacle_at, rising):
    figure = draw_section(section(obstacle_at=obstacle_at, rising=rising))
    section_png(figure)
    sheet = figure.bbox
    for words, box in boxes(figure):
        assert sheet.x0 - 1 <= box.x0, words
        assert box.x1 <= sheet.x1 + 1, words
        assert sheet.y0 - 1 <= box.y0, words
        assert box.y1 <= sheet.y1 + 1, words


@pytest.mark.parametrize("obstacle_at", [1, 5, 30, 55, 59])
@pytest.mark.parametrize("rising", [-300.0, 0.0, 300.0])
def test_labels_lie_inside_the_drawing_beside_each_other_and_the_obstacle(obstacle_at, rising):
    figure = draw_section(section(obstacle_at=obstacle_at, rising=rising))
    figure.canvas.draw()
    drawing = figure.axes[1]
    labels = [text for text in drawing.texts if isinstance(text, Annotation)]
    paper = [text.get_bbox_patch().get_window_extent() for text in labels]
    top = drawing.transData.transform((6.0 * obstacle_at / 60, 400.0))
    assert len(labels) == 3
    for text, box in zip(labels, paper, strict=True):
        assert drawing.bbox.x0 <= box.x0, text
        assert box.x1 <= drawing.bbox.x1, text
        assert drawing.bbox.y0 <= box.y0, text
        assert box.y1 <= drawing.bbox.y1, text
        assert not box.contains(*top), text
    for one, other in combinations(paper, 2):
        assert not one.overlaps(other)


def test_words_of_the_page_do_not_overlap():
    figure = draw_section(section(services=4))
    section_png(figure)
    page = [
        (words.get_text(), words.get_window_extent())
        for words in figure.axes[0].texts
        if not isinstance(words, Annotation)
    ]
    assert len(page) > 15
    for (one, box), (other, beside) in combinations(page, 2):
        assert not box.overlaps(beside), (one, other)


def test_more_services_than_fit_end_in_dots():
    figure = draw_section(section(services=9))
    names = [words.get_text() for words in figure.axes[0].texts]
    assert names.count("Di động") < 9
    assert "…" in names


def test_shortest_path_of_two_points_can_be_drawn():
    picture = section_png(draw_section(section(points=2, obstacle_at=None)))
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"


def test_dollars_in_names_are_dollars():
    figure = draw_section(section(name="$\\frac{x}$"))
    section_png(figure)
    words = [text.get_text() for text in figure.axes[0].texts]
    assert words.count("$\\frac{x}$") == 2  # the name of each of the two services
