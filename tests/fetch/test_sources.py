"""The table of sources: what ships, what a user may write, what is refused."""

import datetime

import pytest

from phusong.errors import InputError
from phusong.fetch import LAYERS, Tiles, choose, read_sources
from phusong.fetch.sources import filled

ROW = {
    "id": "mine", "layer": "terrain", "format": "raster", "title": "T", "version": "1",
    "licence": "CC0", "licence_url": "https://example.org/l", "homepage": "https://example.org",
    "attribution": "me", "url": "https://example.org/{south}{west}.tif",
    "tiles": {"degrees": 1, "west": -180, "north": 90}, "largest_mb": 10,
}  # fmt: skip


def toml(value):
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {toml(one)}" for name, one in value.items()) + " }"
    return str(value) if isinstance(value, int | float | list) else f'"{value}"'


@pytest.fixture
def written(tmp_path):
    def write(*rows, text=""):
        path = tmp_path / "mine.toml"
        for row in rows:
            text += "[[sources]]\n" + "".join(f"{k} = {toml(v)}\n" for k, v in row.items())
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_every_layer_has_a_source_with_licence_and_attribution():
    sources = read_sources()
    assert set(choose(sources)) == set(LAYERS)
    for one in sources:
        assert one.url.startswith("https://")
        assert one.licence
        assert one.attribution


@pytest.mark.parametrize(
    ("name", "bounds", "expected"),
    [
        ("glo30", (105.3, 22.2, 106.9, 23.2), {
            f"Copernicus_DSM_COG_10_N{lat}_00_E{lon}_00_DEM.tif"
            for lat in (22, 23) for lon in (105, 106)
        }),
        ("worldcover", (105.3, 22.2, 106.9, 23.2),
         {"ESA_WorldCover_10m_2021_v200_N21E105_Map.tif"}),
        ("srtm", (105.3, 22.2, 105.9, 22.4), {"N22E105.hgt.gz"}),
        ("ghs_pop", (107.0, 15.0, 109.0, 17.0),
         {"GHS_POP_E2015_GLOBE_R2023A_4326_3ss_V1_0_R8_C29.zip"}),
    ],
)  # fmt: skip
def test_addresses_of_tiles_have_the_providers_form(name, bounds, expected):
    source = next(one for one in read_sources() if one.id == name)
    day = source.of_day(datetime.date(2017, 12, 31))
    made = {filled(source.url, {**day, **named}) for named, _ in source.tiles.over(bounds)}
    assert {one.rpartition("/")[2] for one in made} == expected
    assert not any("{" in one for one in made)


def test_a_reach_that_ends_at_a_tile_needs_no_tile_more():
    tiles = Tiles(degrees=1, west=-180, north=90)
    assert len(list(tiles.over((105.0, 22.0, 106.0, 23.0)))) == 1
    assert [
        named["south"] + named["west"] for named, _ in tiles.over((-0.5, -0.5, -0.1, -0.1))
    ] == ["S01W001"]


@pytest.mark.parametrize(
    ("day", "year", "extract"),
    [((2010, 1, 1), "2015", "110101"), ((2024, 6, 1), "2024", "250101"),
     ((2025, 6, 30), "2025", "250101"), ((2025, 7, 1), "2025", "latest"),
     ((2040, 1, 1), "2030", "latest")],
)  # fmt: skip
def test_the_day_tells_year_and_extract(day, year, extract):
    source = next(one for one in read_sources() if one.id == "worldpop")
    assert source.of_day(datetime.date(*day)) == {"year": year, "day": extract}


def test_a_table_of_the_users_own_goes_before(written):
    sources = read_sources(written(ROW, ROW | {"id": "srtm", "title": "Mirror"}))
    assert choose(sources)["terrain"].id == "mine"
    assert choose(sources, use=["srtm"])["terrain"].title == "Mirror"
    assert choose(sources)["population"].id == "worldpop"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"url": "file:///etc/{south}"}, "http"),
        ({"url": "https://user:pw@example.org/{south}"}, "http"),
        ({"url": "https://{south}.example.org/"}, "http"),
        ({"url": "https://example.org/{south.__class__}"}, "placeholder"),
        ({"url": "https://example.org/{key}"}, "placeholder"),
        ({"layer": "cells"}, "format"),
        ({"format": "exe"}, "raster"),
        ({"largest_mb": -1}, "greater"),
        ({"id": "../a"}, "form"),
        ({"key": "MY_KEY"}, "MY_KEY"),
        ({"years": [2020, 2010, 1]}, "first"),
        ({"sha256": "12"}, "form"),
        ({"colour": "red"}, "no such key"),
        ({"title": ""}, "text"),
    ],
)
def test_entries_that_cannot_be_used_are_refused_in_words(written, change, told):
    with pytest.raises(InputError) as refused:
        read_sources(written(ROW | change))
    assert told in refused.value.render("en")


@pytest.mark.parametrize("text", ["[", "sources = 1\n", "[[sources]]\n[other]\n", ""])
def test_what_is_no_table_is_refused(written, text):
    with pytest.raises(InputError):
        read_sources(written(text=text))


def test_twice_the_same_and_what_is_not_there_are_refused(written, tmp_path):
    with pytest.raises(InputError, match="mine"):
        read_sources(written(ROW, ROW))
    with pytest.raises(InputError, match=r"nowhere\.toml"):
        read_sources(tmp_path / "nowhere.toml")
    with pytest.raises(InputError) as refused:
        choose(read_sources(), use=["glo30", "srtm", "gone"], without=["provinces", "x"])
    assert len(refused.value.problems) == 4
