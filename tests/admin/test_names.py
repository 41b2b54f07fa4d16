"""Communes by name: spellings, other editions, slips; and what is not guessed."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phusong.admin import Names, Unit, spelling, units

OLD = Names(units("2017").values())
NEW = Names(unit for unit in units("2025").values() if unit.province_code == "08")


@pytest.mark.parametrize(
    ("name", "district", "code", "how"),
    [
        ("Xín Mần", None, "01108", "exact"),
        ("xã Xín Mần", "Xín Mần", "01108", "exact"),
        ("TT. Vị Xuyên", "Vị Xuyên", "00913", "exact"),
        ("Thị trấn Vị Xuyên", "huyện Vị Xuyên", "00913", "exact"),
        ("Phương Thiện", None, "00949", "exact"),  # no ward called Thiện
        ("XÍN MẦN", "H. Xín Mần", "01108", "spelling"),
        (unicodedata.normalize("NFD", "Xín Mần"), None, "01108", "exact"),
        ("Thuận Hòa", "Vị Xuyên", "00922", "spelling"),
        ("Nậm Tị", "Hoàng Su Phì", "01087", "spelling"),
        ("Lũng-Cú", "Đồng Văn", "00715", "spelling"),
        ("Ðồng Văn", None, "00721", "spelling"),  # with the Icelandic letter
        ("Sà Phìn", "Đồng Văn", "00736", "edition"),
        ("Phố Bảng", "Đồng Văn", "00712", "edition"),
        ("Trung Thịnh", "Xín Mần", "01111", "exact"),  # whose code changed in 2020
        ("Ban Peo", None, "01078", "letters"),
        ("xa phuong thien", None, "00949", "letters"),
        ("Lũng Cúu", "Đồng Văn", "00715", "alike"),
    ],
)
def test_a_name_is_found_in_the_ways_people_write_it(name, district, code, how):
    found = OLD.find(name, district)
    assert (found.code, found.how) == (code, how)
    assert 0 < found.score <= 100


@pytest.mark.parametrize(
    ("name", "district", "among"),
    [
        ("Hà Giang 2", None, "00691"),  # of 2025: made of several of ours
        ("Lũng Cúu", None, "00715"),  # a slip, and no district that would bear it out
        ("Nậm Dần", None, "01141"),  # other accents, and no district
    ],
)
def test_what_is_unsure_is_listed_and_not_guessed(name, district, among):
    found = OLD.find(name, district)
    assert found.code is None
    assert any(candidate.startswith(among) for candidate in found.candidates)


def test_a_name_that_is_like_none_has_no_candidates():
    assert OLD.find("Ciudad de México").candidates == ()
    assert OLD.find("  ").candidates == ()


def test_a_merged_commune_leads_to_its_successor_and_a_divided_one_to_all():
    assert NEW.find("Bản Péo", "Hoàng Su Phì").code == "01075"
    divided = NEW.find("Yên Định", "Bắc Mê")
    assert divided.code is None
    assert [each[:5] for each in divided.candidates] == ["00700", "00994"]


def test_the_type_tells_two_of_one_name_apart_and_without_it_nothing_does():
    two = [
        Unit(code, "Tha", kind, "024", "Hà Giang", "02")
        for code, kind in (("90001", "xã"), ("90002", "thị trấn"))
    ]
    names = Names(two)
    assert names.find("thị trấn Tha").code == "90002"
    assert names.find("Tha").candidates == (
        "90001 xã Tha, Hà Giang",
        "90002 thị trấn Tha, Hà Giang",
    )


def test_the_district_tells_two_of_one_name_apart():
    same = [unit for unit in units("2017").values() if unit.name == "Tân Lập"]
    two = [*same[:1], Unit("90003", "Tân Lập", "xã", "999", "Quản Bạ", "02")]
    assert Names(two).find("Tân Lập", "H. Quan Ba").code == "90003"


def test_a_commune_is_never_found_in_another_district_than_the_one_named():
    assert OLD.find("Tùng Vài", "Đồng Văn").code is None


@given(st.sampled_from(sorted(units("2017").values(), key=lambda unit: unit.code)))
def test_every_commune_is_found_by_its_type_name_and_district(unit):
    assert OLD.find(f"{unit.type} {unit.name}", unit.district).code == unit.code
    capitals = unicodedata.normalize("NFD", f"{unit.type} {unit.name}".upper())
    assert OLD.find(capitals, unit.district).code == unit.code


@given(st.text(max_size=40), st.none() | st.text(max_size=20))
def test_any_text_is_answered(name, district):
    found = OLD.find(name, district)
    assert found.code is None or found.code in units("2017")


def test_spelling_keeps_what_is_spoken_differently_apart():
    assert spelling("Quý Quân") != spelling("Qúi Quân")[:0]
    assert spelling("Mỹ Lý") == spelling("Mĩ Lí")
    assert spelling("Thuỵ") == spelling("Thụy")
    assert spelling("Yên") != spelling("Iên")
    assert spelling("Nậm Dẩn") != spelling("Nậm Dần")
