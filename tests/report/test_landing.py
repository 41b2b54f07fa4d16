import re
from dataclasses import replace
from html.parser import HTMLParser

import pandas as pd
import pytest

from phusong.i18n import Bilingual
from phusong.report import Listed, render_landing, write_landing
from phusong.report.tables import unit_rows

HOSTILE = (
    "<script>window.stolen=1</script><img src=x onerror=window.stolen=1>"
    "\"'&{{7777*11113}}\u202eeman🐃"
)


class Reader(HTMLParser):
    """Collect what matters of a page: tags with their attributes, and the text shown."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.text = [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text.append(data)

    def addresses(self):
        return [
            attributes[name] for _, attributes in self.tags for name in ("href", "src")
            if name in attributes
        ]  # fmt: skip


def test_the_same_figures_give_the_same_bytes(landing, tmp_path):
    for name in "ab":
        write_landing(landing, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_broken_character_does_not_stop_the_page(landing, tmp_path):
    write_landing(replace(landing, province="Hà \ud800Giang"), tmp_path / "a")
    page = (tmp_path / "a").read_text(encoding="utf-8")
    assert re.findall("Tỉnh</bdi>.*?<bdi>(Hà .*?Giang)</bdi>", page) == ["Hà ?Giang"]


def test_the_page_names_no_address_outside_its_folder(landing):
    html = render_landing(landing)
    assert "http://" not in html
    assert "https://" not in html
    rows = {f"maps/coverage.html#open=communes:{n:05}" for n in range(1, 13)}
    rows |= {f"maps/coverage.html#open=districts:{code}" for code in ("024", "026")}
    rows |= {f"maps/gaps.html#open=gaps:mobile-{n:04}" for n in range(1, 11)}
    rows |= {"maps/gaps.html#open=gaps:4g-0001", "maps/gaps.html"}
    found = Reader(html).addresses()
    assert rows <= set(found)
    assert [address for address in found if address not in rows] == [
        "maps/overview.html",
        "#definition-1", "#definition-1", "#definition-3",
        "geojson/communes.geojson", "report/tables.xlsx", "manifest.json",
    ]  # fmt: skip


def test_the_policy_forbids_every_script_but_the_page_s_own(landing):
    (policy,) = [
        attributes["content"]
        for tag, attributes in Reader(render_landing(landing)).tags
        if attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    hashed = r"'sha256-[A-Za-z0-9+/]{43}='"
    assert re.sub(hashed, "#", policy) == (
        "default-src 'none'; style-src #; script-src #; base-uri 'none'; form-action 'none'"
    )


def test_hostile_texts_stay_text_everywhere(landing, indicators, communes):
    indicators["vi"] = indicators["en"] = indicators["source"] = HOSTILE
    indicators["definition_vi"] = HOSTILE
    communes["name"] = communes["district"] = HOSTILE
    words = Bilingual(HOSTILE, HOSTILE + "en")
    html = render_landing(
        replace(
            landing,
            title=words,
            province=HOSTILE,
            edition=HOSTILE,
            services=tuple(
                replace(service, name=words, definition=words) for service in landing.services
            ),
            maps=(Listed("maps/\"'><script>.html", words),),
            files=(Listed("rejected/<img src=x>.csv", words, 1),),
            notes=(words,),
        )
    )
    tags = Reader(html).tags
    assert [tag for tag, _ in tags].count("script") == 1
    assert "img" not in {tag for tag, _ in tags}
    assert not [name for _, attributes in tags for name in attributes if name.startswith("on")]
    assert str(7777 * 11113) not in html.split("<main")[1].split("<footer")[0]
    assert HOSTILE in "".join(Reader(html).text)


def rows_of(html, service):
    part = html.split(f'data-service="{service}"')[1].split("</table>")[0]
    return ["".join(Reader(row).text) for row in part.split("<tr>")[2:]]


def test_the_ten_worst_communes_come_lowest_first(landing):
    html = render_landing(landing)
    rows = rows_of(html, "mobile")
    assert len(rows) == 10
    assert "xã Tả Lủng 1" in rows[0]
    assert "8,00 %" in rows[0]
    assert "920" in rows[0]
    assert "xã Tả Lủng 10" in rows[9]
    assert "xã Tả Lủng 12" in rows_of(html, "4g")[0]


def test_communes_where_nobody_lives_are_not_among_the_worst(landing, communes):
    communes.loc[0, "covered_population_share_mobile"] = float("nan")
    rows = rows_of(render_landing(landing), "mobile")
    shown = [re.search(r"xã Tả Lủng \d+", row)[0] for row in rows]
    assert shown == [f"xã Tả Lủng {number}" for number in range(2, 12)]


def test_headlines_tell_targets_and_how_many_communes_miss_theirs(landing):
    part = render_landing(landing).split('<ul class="headlines">')[1].split("</ul>")[0]
    text = " ".join("".join(Reader(part).text).split())
    assert "94,3 %94.3 %" in text
    assert "11 / 12" in text
    assert text.count("✗") == 2
    assert text.count("✓") == 1


def test_with_verdicts_that_know_their_doubt_no_other_is_shown(landing, communes, indicators):
    communes["confident_verdict_mobile"] = ["missed"] * 3 + ["undecided"] * 7 + ["met"] * 2
    communes["share_median_mobile"] = [0.05 * n for n in range(1, 13)]
    ends = {"computed": 0.9, "computed_low": 0.8, "computed_high": 0.99, "status": "undecided"}
    indicators.loc[0, list(ends)] = list(ends.values())
    mobile, other = landing.services
    services = (replace(mobile, estimated=("communes",)), other)
    page = render_landing(replace(landing, services=services))
    cards = page.split('<ul class="headlines">')[1].split("</ul>")[0]
    text = " ".join("".join(Reader(cards).text).split())
    assert "2 / 7 / 3 xã đạt / chưa kết luận / không đạt (sai số giả định)" in text
    assert "11 / 12" not in text
    assert text.index("chưa kết luận") < text.index("90,0 %") < text.index("80,0 % – 99,0 %")
    first = " ".join("".join(Reader(rows_of(page, "mobile")[0]).text).split())
    # The estimate of the first is 5 %: 950 of its 1,000 residents are left out.
    assert "5,00 %" in first
    assert "950" in first
    assert "✗" in first
    assert page.count('aria-hidden="true">?</span>') == 7


def test_an_estimate_without_a_target_shows_its_figure_and_speaks_of_no_target(landing, indicators):
    ends = {"computed": 0.743, "computed_low": 0.478, "computed_high": 0.895,
            "target": float("nan"), "status": "no_target"}  # fmt: skip
    indicators.loc[0, list(ends)] = list(ends.values())
    page = render_landing(landing)
    card = page.split('<ul class="headlines">')[1].split("</li>")[0]
    text = " ".join("".join(Reader(card).text).split())
    assert text.startswith("74,3 %")
    assert "47,8 % – 89,5 %" in text
    assert "Mục tiêu" not in text


def test_a_run_without_coverage_still_has_a_page(landing, indicators):
    html = render_landing(
        replace(
            landing,
            indicators=indicators.iloc[2:],
            communes=None,
            services=(),
            maps=(),
            notes=(),
            rejected={},
        )
    )
    body = html.split("<body>")[1]
    assert [body.count(key) for key in ("data-service=", "headlines", "maps/")] == [0, 0, 0]
    assert body.count("Số trạm BTS") == 1


def test_without_a_board_no_empty_one_is_shown(landing, indicators):
    """As in a result carried to another edition."""
    pages = [
        render_landing(replace(landing, indicators=rows)) for rows in (indicators, indicators[:0])
    ]
    assert ["Bảng chỉ tiêu" in page.split("<body>")[1] for page in pages] == [True, False]


def test_rejected_rows_are_announced(landing):
    text = "".join(Reader(render_landing(landing)).text)
    assert re.findall(r".*: \d+ dòng.*", text) == ["Thôn, bản, tổ dân phốVillages: 3 dòng3 rows"]
    none = "".join(Reader(render_landing(replace(landing, rejected={}))).text)
    assert re.findall(r".*: \d+ dòng.*|.*the folder rejected.*", none) == []


def test_a_thousand_notes_do_not_drown_the_page(landing):
    notes = tuple(Bilingual(f"lưu ý {n}", f"note {n}") for n in range(1000))
    text = "".join(Reader(render_landing(replace(landing, notes=notes))).text)
    assert re.findall(r"lưu ý \d+", text) == [f"lưu ý {n}" for n in range(50)]
    assert re.findall(r"… and .* more", text) == ["… and 950 more"]


def test_a_definition_shared_by_rows_stands_once_on_the_screen_and_once_on_paper(landing):
    screen, paper = render_landing(landing).split('<ol class="definitions on-paper">')
    assert screen.count("xác suất theo vị trí 90 %") == 1
    assert paper.count("xác suất theo vị trí 90 %") == 1


@pytest.mark.parametrize("path", ["geojson/xã 1#2?.geojson"])
def test_addresses_survive_any_file_name(landing, path):
    html = render_landing(replace(landing, files=(Listed(path, Bilingual("a", "b"), 1),)))
    assert Reader(html).addresses()[-1] == "geojson/x%C3%A3%201%232%3F.geojson"


def text_of(html):
    """Return the Vietnamese text of a page without its tags."""
    without = re.sub(r'<bdi lang="en">.*?</bdi>', "", html)
    return " ".join(re.sub(r"<[^>]+>", " ", without).split())


def test_districts_are_told_with_their_targets_never_rounded_up_to_them(landing):
    found = re.search(r'<section class="districts">(.*?)</section>', render_landing(landing), re.S)
    shown = text_of(found[1])
    assert "mục tiêu 98,0 %" in shown
    assert "nghiên cứu không đặt mục tiêu" in shown
    assert "Hà Giang 55.508 97,996 % ✗ không đạt 50,0 %" in shown
    assert "Đồng Văn 81.641 99,1 % ✓ đạt –" in shown


def test_only_the_gaps_with_the_most_residents_are_listed_and_where_all_are(landing):
    html = render_landing(landing)
    listed = re.findall(r"maps/gaps\.html#open=gaps:mobile-(\d+)", html)
    assert sorted(set(listed)) == [f"{number:04d}" for number in range(1, 11)]
    assert "10 trong 12 vùng" in text_of(html)
    assert "1 trong 1 vùng" in text_of(html)


def test_each_indicator_has_its_target_or_says_why_there_is_none(landing, indicators):
    html = render_landing(landing)
    rows = re.findall(r"<tr>\n<th scope=\"row\">.*?</tr>", html, re.S)
    told = {text_of(row).split("  ")[0]: text_of(row) for row in rows}
    with_target = [row for row in told.values() if re.search("đạt|không đạt", row)]
    without = [row for row in told.values() if "không đặt mục tiêu" in row]
    reported = [row for row in told.values() if "chỉ có số công bố" in row]
    board = [row for row in told.values() if "Công bố" in row]
    assert len(board) == len(indicators)
    assert all(row in with_target or row in without or row in reported for row in board)


def test_indicators_with_neither_target_nor_published_figure_come_second(landing, indicators):
    plain = indicators.iloc[[2]].assign(indicator="plain", vi="Chỉ đếm", published=float("nan"))
    more = pd.concat([plain, indicators], ignore_index=True)
    html = render_landing(replace(landing, indicators=more))
    assert html.index("Số trạm BTS") < html.index('class="more"') < html.index("Chỉ đếm")
    alone = render_landing(replace(landing, indicators=plain))
    assert 'class="more"' not in alone
    assert "Chỉ đếm" in alone


def test_a_caveat_stands_beside_every_share_of_residents(landing):
    said = Bilingual("Tỷ lệ chỉ để tham khảo.", "Shares are indicative only.")
    plain = render_landing(landing)
    assert said.vi not in plain
    page = render_landing(replace(landing, caveat=said))
    of_people = int((landing.indicators["denominator"] == "population").sum())
    judged = landing.indicators["status"].isin(["met", "missed"])
    headlines = int((judged & (landing.indicators["denominator"] == "population")).sum())
    # Board, headlines, communes that miss the target, the tables of districts and communes.
    assert page.count(said.vi) == of_people + headlines + 1 + 2


def test_a_commune_without_a_district_shows_none():
    units = pd.DataFrame(
        {"commune_code": ["00700", "00703"], "type": ["đặc khu", "xã"], "name": ["A", "B"],
         "district": [None, "Huyện C"], "population": [1.0, 2.0]}
    )  # fmt: skip
    rows = list(unit_rows(units, {}, key="commune_code", address=""))
    assert [(row.name, row.district) for row in rows] == [("đặc khu A", ""), ("xã B", "Huyện C")]
