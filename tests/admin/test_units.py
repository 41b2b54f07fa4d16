"""Lists of communes by edition, and what became of each."""

import csv
from collections import Counter

import pytest

from phusong.admin import IN_FORCE, links, list_of, recognise, units
from phusong.errors import EditionError


def test_the_country_has_as_many_communes_as_the_resolutions_say():
    now = Counter(unit.type for unit in units("2025").values())
    assert now == {"xã": 2621, "phường": 687, "đặc khu": 13}
    assert len(units("2024")) == 10035  # besides, five island districts had no communes
    assert len({unit.province_code for unit in units("2024").values()}) == 63
    assert len({unit.province_code for unit in units("2025").values()}) == 34


def test_ha_giang_went_from_195_over_193_to_73():
    became = {link.to_code for link in links("2017", "2020")}
    assert (len(units("2017")), len(became)) == (195, 193)
    assert became == {c for c, unit in units("2020").items() if unit.province_code == "02"}
    assert len({link.to_code for link in links("2017", "2025")}) == 73


def test_ba_che_has_the_code_of_the_decision_and_not_that_of_its_former_township():
    assert (units("2024")["06970"].type, units("2025")["06978"].name) == ("thị trấn", "Ba Chẽ")
    # As the decision has them, not the package: one of each kind that it exchanged.
    kinds = {code: units("2025")[code].type for code in ("10543", "11848", "31213", "31299")}
    assert kinds == {"10543": "phường", "11848": "xã", "31213": "phường", "31299": "xã"}
    assert "06970" not in units("2025")


@pytest.mark.parametrize(("first", "last"), [("2017", "2024"), ("2024", "2025"), ("2017", "2025")])
def test_every_commune_has_one_successor_or_one_main_successor(first, last):
    found = links(first, last)
    assert {link.from_code for link in found} == set(units(first))
    mains = Counter(link.from_code for link in found if link.part != "other")
    assert set(mains.values()) == {1}
    wholes = {link.from_code for link in found if not link.part}
    assert not wholes & {link.from_code for link in found if link.part}
    assert {link.to_code for link in found} <= set(units(last))


def test_every_commune_of_2025_was_made_of_some_but_for_islands_that_had_none():
    made = {link.to_code for link in links("2024", "2025")}
    alone = {units("2025")[code].name for code in set(units("2025")) - made}
    assert alone == {"Bạch Long Vĩ", "Cồn Cỏ", "Hoàng Sa", "Lý Sơn", "Côn Đảo"}


def test_codes_are_text_of_five_digits_and_types_the_known_ones():
    for edition in IN_FORCE:
        for code, unit in units(edition).items():
            assert len(code) == 5
            assert code.isdigit()
            assert unit.type in {"xã", "phường", "thị trấn", "đặc khu"}
            assert (unit.district == "") == (edition == "2025")


def test_the_crosswalk_of_ha_giang_made_by_hand_agrees(published):
    with published("real/ha_giang_crosswalk_2025.csv").open(encoding="utf-8-sig") as lines:
        rows = list(csv.DictReader(lines))
    told = {
        (row["old_code"], row["new_code"], row["relation"] == "part", row["main_successor"])
        for row in rows
    }
    ours = {
        (link.from_code, link.to_code, link.part != "", "no" if link.part == "other" else "yes")
        for link in links("2017", "2025")
    }
    assert ours == told
    names = {row["new_code"]: (row["new_name"], row["new_type"]) for row in rows}
    new = units("2025")
    assert {code: (new[code].name, new[code].type) for code in names} == names


@pytest.mark.parametrize("edition", ["", "địa giới cũ", "1999"])
def test_an_edition_without_a_known_year_is_refused(edition):
    with pytest.raises(EditionError, match=r"2017, 2024, 2025"):
        list_of(edition)


def test_results_go_to_a_later_list_only():
    with pytest.raises(EditionError, match=r"later list only"):
        links("2025", "2017")
    with pytest.raises(EditionError, match=r"later list only"):
        links("2020", "2024")  # the same list


def test_a_study_is_recognised_by_its_codes_and_names():
    of_2020 = {c: unit.name for c, unit in units("2020").items() if unit.province_code == "02"}
    assert recognise(of_2020) == "2024"
    assert recognise({code: unit.name for code, unit in units("2017").items()}) == "2017"
    assert recognise(dict.fromkeys(of_2020, "Tha")) is None
    assert recognise({}) is None
