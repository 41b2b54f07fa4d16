import pytest

from phusong.report import board_rows
from phusong.report.board import share_text


def test_rows_keep_the_order_and_the_language_of_the_board(indicators):
    vietnamese, english = board_rows(indicators, "vi"), board_rows(indicators, "en")
    assert [row.label for row in vietnamese][2:] == ["Số trạm BTS", "Văn bản có chữ ký số"]
    assert [row.label for row in english][2:] == ["BTS stations", "Documents digitally signed"]
    assert vietnamese[2].published == "1.514"
    assert english[2].published == "1,514"


def test_a_figure_stands_beside_the_published_one_and_its_target(indicators):
    row = board_rows(indicators, "vi")[0]
    assert (row.published, row.computed, row.target) == ("98,0 %", "94,3 %", "98,0 %")
    assert (row.denominator, row.origin) == ("dân số", "tính bằng mô hình")
    assert row.source == "Báo Hà Giang, 2018"


def test_what_was_only_published_shows_no_computed_figure_and_says_so(indicators):
    row = board_rows(indicators, "en")[3]
    assert (row.published, row.computed, row.target) == ("25.0 %", "–", "–")
    assert (row.status, row.verdict, row.denominator) == ("reported_only", "reported only", "")
    assert row.origin == "published only"


@pytest.mark.parametrize(
    ("share", "shown"),
    [(0.98, "98.0 %"), (0.9796, "97.96 %"), (0.979999, "97.9999 %"), (0.97, "97.0 %")],
)
def test_a_share_below_its_target_never_looks_as_if_it_met_it(share, shown):
    assert share_text(share, 0.98, "en") == shown


def test_a_count_with_a_fraction_keeps_it(indicators):
    indicators.loc[2, "computed"] = 1514.5
    assert board_rows(indicators, "vi")[2].computed == "1.514,50"


def test_an_estimate_has_its_band_and_is_undecided_where_the_band_leaves_it_so(indicators):
    indicators["computed_low"], indicators["computed_high"] = float("nan"), float("nan")
    ends = {"computed": 0.9796, "computed_low": 0.9, "computed_high": 0.999, "status": "undecided"}
    indicators.loc[0, list(ends)] = list(ends.values())
    row = board_rows(indicators, "vi")[0]
    assert (row.computed, row.verdict) == ("97,96 % (90,0 % – 99,9 %)", "chưa kết luận")
    assert (row.estimate, row.band) == ("97,96 %", "90,0 % – 99,9 %")
    assert board_rows(indicators, "vi", sample=True)[0].verdict == "ví dụ: chưa kết luận"
    indicators.loc[1, "status"] = "undecided"  # without a band it is reports that are missing
    unreported = board_rows(indicators, "en")[1]
    assert (unreported.verdict, unreported.estimate) == ("undecided: not all reported", "")
