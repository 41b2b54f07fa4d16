"""Each province has its code, its name and the zone that the EPSG dataset gives it."""

import datetime
import re

import pytest
from pyproj import CRS

from phusong.errors import StudyError
from phusong.i18n import fold
from phusong.study import find_province, new_study, open_study, province_of, provinces

EVE, MERGED = datetime.date(2025, 6, 30), datetime.date(2025, 7, 1)
PROVINCIAL_ZONES = (5899, *range(9205, 9219))
OF_CIRCULAR = ("Hà Nội", "Hà Nam", "Ninh Bình", "Thanh Hóa", "Vĩnh Phúc", "Đồng Tháp", "Cần Thơ",
               "Hậu Giang", "Bạc Liêu")  # fmt: skip


def letters(name):
    return re.sub("[^a-z]", "", fold(name))


def named_by_epsg():
    """Return the provinces that the areas of use name, with their zones."""
    zones = {}
    for code in PROVINCIAL_ZONES:
        area = CRS.from_epsg(code).area_of_use.name.removeprefix("Vietnam - ")
        plain = re.sub(r"\b(provinces?|municipality|cities)\b", "", area)
        for name in re.split(r",|;| and ", plain):
            zones[letters(name)] = f"EPSG:{code}"
    return zones


def test_zones_are_those_of_the_epsg_dataset_and_national_ones_elsewhere():
    zones = named_by_epsg()
    assert len(zones) == 53
    before_hue = {
        letters(one.name): one.crs
        for one in provinces()
        if one.stands_on(datetime.date(2017, 1, 1))
    }
    assert len(before_hue) == 63
    assert {name: before_hue[name] for name in zones} == zones
    # Of no dataset: as tables on the web repeat Circular 973/2001/TT-TCĐC.
    others = {name: before_hue[name] for name in before_hue.keys() - zones}
    assert others == dict.fromkeys(map(letters, OF_CIRCULAR), "EPSG:5897") | {
        "quangngai": "EPSG:5898"
    }


def test_a_zone_is_of_three_degrees_about_a_meridian_that_the_country_has():
    for one in provinces():
        if one.crs is not None:
            crs = CRS(one.crs)
            assert crs.name.startswith("VN-2000 / TM-3 "), one.name
            values = {each.name: each.value for each in crs.coordinate_operation.params}
            assert values["Scale factor at natural origin"] == 0.9999, one.name
            assert values["False easting"] == 500_000, one.name
            assert 103 <= values["Longitude of natural origin"] <= 108.5, one.name


@pytest.mark.parametrize(("day", "count"), [(EVE, 63), (MERGED, 34)])
def test_codes_and_names_are_distinct_on_any_day(day, count):
    standing = [one for one in provinces() if one.stands_on(day)]
    assert len(standing) == count
    assert (
        len({one.code for one in standing}) == len({letters(one.name) for one in standing}) == count
    )


def test_merged_provinces_take_up_every_former_one_once():
    before = [one.code for one in provinces() if one.stands_on(EVE)]
    after = [one for one in provinces() if one.stands_on(MERGED)]
    assert sorted(part.code for one in after for part in (one.parts or (one,))) == before
    for one in after:
        assert (one.crs is None) == bool(one.parts)
        assert not one.parts or one.name in {part.name for part in one.parts}


@pytest.mark.parametrize(
    "typed", ["Cao Bằng", "cao bang", "TỈNH CAO BẰNG", " tỉnh  Cao-Bang ", "Cao Bang province"]
)
def test_a_name_is_found_however_it_is_typed(typed):
    found = find_province(typed)
    assert (found.code, found.name, found.crs) == ("04", "Cao Bằng", "EPSG:9210")


def test_a_city_is_found_with_and_without_its_kind():
    assert {
        find_province(name, MERGED).code
        for name in ("TP. Hồ Chí Minh", "Thanh pho ho chi minh", "Hồ Chí Minh")
    } == {"79"}
    assert find_province("Bà Rịa – Vũng Tàu").title.vi == "Tỉnh Bà Rịa - Vũng Tàu"


def test_one_name_means_two_provinces_and_the_day_decides():
    before, after = find_province("Lào Cai", EVE), find_province("Lào Cai", MERGED)
    assert (before.code, before.crs, after.code, after.crs) == ("10", "EPSG:9208", "15", None)
    assert [part.name for part in after.parts] == ["Lào Cai", "Yên Bái"]
    assert province_of("15", EVE).name == "Yên Bái"
    assert province_of("99", EVE) is None


@pytest.mark.parametrize(
    ("name", "day", "told"),
    [
        ("Hà Giag", None, "Most alike: Hà Giang"),
        ("Hà Giang", MERGED, "its last day is 2025-06-30"),
        ("Huế", datetime.date(2017, 1, 1), "its first day is 2025-01-01"),
        ("", None, "Most alike: none"),
    ],
)
def test_no_such_province_says_what_there_is(name, day, told):
    with pytest.raises(StudyError, match=told):
        find_province(name, day)


def test_a_new_study_of_a_merged_province_asks_for_its_zone(tmp_path):
    with pytest.raises(StudyError, match="Hà Giang EPSG:9209, Tuyên Quang EPSG:9211"):
        new_study(tmp_path / "a", province="Tuyên Quang", as_of=MERGED)
    assert not (tmp_path / "a").exists()
    with pytest.raises(StudyError, match=r"for instance --crs EPSG:9213\."):  # of both its parts
        new_study(tmp_path / "a", province="Thái Nguyên", as_of=MERGED)
    with pytest.raises(StudyError, match="is not in metres"):
        new_study(tmp_path / "a", province="Tuyên Quang", as_of=MERGED, crs="EPSG:4326")
    text = new_study(tmp_path, province="Tuyên Quang", as_of=MERGED, crs="EPSG:9211").read_text(
        "utf-8"
    )
    for line in (
        'province_code = "08"',
        'edition = "2025"',
        "as_of = 2025-07-01",
        'crs = "EPSG:9211"',
    ):
        assert f"\n{line}" in text


@pytest.mark.parametrize("one", provinces(), ids=lambda one: f"{one.code}-{one.until or one.since}")
def test_a_new_study_of_any_province_is_a_study(one, tmp_path):
    path = new_study(
        tmp_path,
        province=one.name,
        as_of=one.until or one.since or MERGED,
        crs=one.crs or "EPSG:9211",
    )
    for name in re.findall(r'"([a-z]+\.(?:csv|tif|geojson))"', path.read_text("utf-8")):
        (tmp_path / name).touch()
    study = open_study(tmp_path)
    assert (study.name, study.province_code) == (one.title.vi, one.code)
    assert study.crs == (one.crs or "EPSG:9211")
    assert all(len(line) < 160 for line in path.read_text("utf-8").splitlines())
