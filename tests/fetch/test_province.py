"""A study from an empty folder, of a server that has all, lacks some, or sends something else."""

import datetime
import gzip
import io
import tomllib
import zipfile

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely

import phusong
from phusong.errors import FetchError, StudyError
from phusong.fetch import Choices, fetch_province, read_records
from phusong.fetch.area import Area
from phusong.fetch.province import RADIUS_KM

from .conftest import DAY, OUTLINE, PLACES, QUICK, outlines, raster, table

KEY = {"CELLS_KEY": "sesame"}
REST = ("communes", "map", "population", "land_cover", "cells")
RASTERS = ("communes", "map", "cells")
CELLS = ("communes", "map", "terrain", "population", "land_cover")


def fetched(folder, sources, name="Cao Bằng", environment=KEY, day=DAY, **chosen):
    choices = Choices(as_of=day, sources=sources, **chosen)
    return fetch_province(folder, name, choices, limits=QUICK, environment=environment)


def contents(folder):
    return {one.name: one.read_bytes() for one in folder.iterdir() if one.is_file()}


@pytest.fixture
def terrain_alone(server, sources, tmp_path):
    """Return a function that fetches terrain and nothing else."""

    def fetch(**more):
        if more:
            sources.write_text(table(server.address, **more), encoding="utf-8")
        return fetched(tmp_path / "s", sources, without=REST)

    return fetch


def test_an_empty_folder_becomes_a_study_that_passes(tmp_path, sources):
    found = fetched(tmp_path / "s", sources, "cao bang")
    assert not found.failed
    assert found.layers == ("communes", "map", "terrain", "population", "land_cover", "cells")
    study = phusong.open_study(tmp_path / "s")
    assert (study.province, study.edition, study.radio.radius_km) == ("Cao Bằng", "2025", RADIUS_KM)
    assert phusong.check(study).fault is None
    assert study.boundaries.source == "© a_communes"
    assert study.attributions == tuple(
        f"© a_{name}" for name in ("map", "terrain", "population", "cover", "cells")
    )
    communes = gpd.read_file(tmp_path / "s" / "communes.geojson")
    assert communes["commune_code"].tolist() == ["01273", "01279", "01288"]
    assert gpd.read_file(tmp_path / "s" / "roads.fgb")["name"].tolist() == ["QL3"]
    places = gpd.read_file(tmp_path / "s" / "places.geojson").set_index("name")
    assert places["kind"].to_dict() == {"Bản Giốc": "village", "Phia Oắc": "peak"}
    assert places.loc["Phia Oắc", "elevation_m"] == 1931.0


def test_rasters_are_cut_out_pixel_by_pixel_with_the_radius_around(tmp_path, sources, country):
    fetched(tmp_path / "s", sources, without=RASTERS)
    reach = Area.around(shapely.box(*OUTLINE), RADIUS_KM).reach.bounds
    for name, place in (("terrain", "terrain"), ("population", "population")):
        with (
            rasterio.open(tmp_path / "s" / f"{name}.tif") as cut,
            rasterio.open(io.BytesIO(country[PLACES[place]])) as whole,
        ):
            west, south, east, north = cut.bounds
            assert west <= reach[0]
            assert south <= reach[1]
            assert east >= reach[2]
            assert north >= reach[3]
            assert cut.width * cut.height < whole.width * whole.height
            window = rasterio.windows.from_bounds(*cut.bounds, transform=whole.transform)
            expected = whole.read(1, window=window.round_offsets().round_lengths())
            np.testing.assert_array_equal(cut.read(1), expected)


def test_a_second_call_asks_nobody_and_changes_nothing(tmp_path, server, sources):
    fetched(tmp_path / "s", sources)
    before, asked = contents(tmp_path / "s"), len(server.asked)
    again = fetched(tmp_path / "s", sources)
    assert not again.failed
    assert len(server.asked) == asked
    assert contents(tmp_path / "s") == before


def test_what_cannot_be_had_is_told_the_rest_kept_and_fetched_later(tmp_path, server, sources):
    people = server.files.pop(PLACES["population"])
    found = fetched(tmp_path / "s", sources, without=RASTERS)
    assert list(found.failed) == ["population"]
    assert "pop_2026.tif" in found.failed["population"].en
    assert "population" not in found.layers
    assert phusong.open_study(tmp_path / "s").inputs.population is None
    server.files[PLACES["population"]] = people
    asked = len(server.asked)
    assert not fetched(tmp_path / "s", sources, without=RASTERS).failed
    assert server.paths()[asked:] == [PLACES["population"]]
    assert phusong.open_study(tmp_path / "s").inputs.population.path == "population.tif"


def test_the_key_stands_in_no_file_and_no_message(tmp_path, server, sources):
    del server.files[PLACES["cells"]]
    found = fetched(tmp_path / "s", sources, without=CELLS)
    assert "cells" in found.failed
    server.files[PLACES["cells"]] = gzip.compress(b"GSM,452,4,1,11,0,106.3,22.6,1,1,1,0,0,0\n")
    assert not fetched(tmp_path / "s", sources, without=CELLS).failed
    assert any("sesame" in path for path in server.paths())
    told = [*found.told, *found.failed.values()]
    assert not any("sesame" in one.vi + one.en for one in told)
    for path in (tmp_path / "s").rglob("*"):
        assert "sesame" not in path.name
        assert not path.is_file() or b"sesame" not in path.read_bytes()


@pytest.mark.parametrize("key", [None, "", "a b\r\nHost: x"])
def test_without_a_usable_key_cells_are_left_out_and_it_is_told(tmp_path, sources, key):
    found = fetched(tmp_path / "s", sources, environment={} if key is None else {"CELLS_KEY": key},
                    without=CELLS)  # fmt: skip
    assert not found.failed
    assert "cells" not in found.layers
    assert any("CELLS_KEY" in one.en for one in found.told)


def test_a_study_that_the_user_changed_stays(tmp_path, server, sources):
    fetched(tmp_path / "s", sources, without=(*RASTERS, "population"))
    path = tmp_path / "s" / "study.toml"
    mine = path.read_text("utf-8").replace("resolution_m = 90 ", "resolution_m = 200")
    path.write_text(mine, "utf-8")
    found = fetched(tmp_path / "s", sources, without=RASTERS)
    assert path.read_text("utf-8") == mine
    assert any('population = "population.tif"' in one.en for one in found.told)


def test_a_file_of_the_user_is_not_replaced(tmp_path, sources):
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "terrain.tif").write_bytes(b"mine")
    found = fetched(tmp_path / "s", sources, without=RASTERS)
    assert list(found.failed) == ["terrain"]
    assert (tmp_path / "s" / "terrain.tif").read_bytes() == b"mine"


def test_a_folder_of_another_province_is_refused(tmp_path, sources):
    fetched(tmp_path / "s", sources, without=REST)
    with pytest.raises(FetchError, match="Cao Bằng"):
        fetched(tmp_path / "s", sources, "Tuyên Quang", without=REST)


def test_before_2025_the_edition_and_the_extract_are_of_that_time(tmp_path, server, sources):
    day = datetime.date(2017, 12, 31)
    server.files["/pop_2017.tif"] = server.files[PLACES["population"]]
    found = fetched(tmp_path / "s", sources, "ha giang", day=day, without=("cells", "land_cover"))
    assert "/vietnam-180101.osm.pbf" in server.paths()
    assert set(found.failed) == {"communes", "map"}
    study = phusong.open_study(tmp_path / "s")
    assert (study.province, study.edition, study.as_of) == ("Hà Giang", "2017", day)


def test_a_merged_province_lies_where_its_parts_lay(tmp_path, server, sources):
    found = fetched(tmp_path / "s", sources, "Tuyên Quang", without=REST)
    assert found.layers == ("terrain",)
    study = phusong.open_study(tmp_path / "s")
    assert study.crs in {"EPSG:9209", "EPSG:9211"}
    assert any(study.crs in one.en for one in found.told)
    server.files[PLACES["provinces"]] = outlines("Tuyen Quang")
    with pytest.raises(StudyError):
        fetched(tmp_path / "t", sources, "Tuyên Quang nhé", without=REST)


def test_outlines_without_the_province_are_refused_and_fetched_anew(tmp_path, server, sources):
    right = server.files[PLACES["provinces"]]
    server.files[PLACES["provinces"]] = outlines("Somewhere", "Else")
    with pytest.raises(FetchError, match="Cao Bằng"):
        fetched(tmp_path / "s", sources)
    server.files[PLACES["provinces"]] = right
    assert fetched(tmp_path / "s", sources, without=REST).layers == ("terrain",)


def test_a_year_without_a_list_of_communes_is_told(tmp_path, server, sources):
    server.files["/vietnam-180101.osm.pbf"] = server.files[PLACES["osm"]]
    found = fetched(tmp_path / "s", sources, day=datetime.date(2017, 12, 31),
                    without=("map", "terrain", "population", "land_cover", "cells"))  # fmt: skip
    assert "2017" in found.failed["communes"].en
    assert found.path is None
    assert not (tmp_path / "s" / "study.toml").exists()


def test_a_tile_of_the_sea_may_be_absent_and_one_of_the_land_not(tmp_path, server, sources):
    wide = (OUTLINE[0], 22.95, OUTLINE[2], 22.99)  # its surroundings reach into the tile N23
    server.files[PLACES["provinces"]] = outlines("Cao Bang", box=wide)
    assert fetched(tmp_path / "s", sources, without=REST).layers == ("terrain",)
    assert "/dem_N23_E106.tif" in server.paths()
    server.files[PLACES["provinces"]] = outlines("Cao Bang", box=(106.2, 22.95, 106.4, 23.02))
    found = fetched(tmp_path / "t", sources, without=REST)
    assert "dem_N23_E106.tif" in found.failed["terrain"].en


VRT = b"""<VRTDataset rasterXSize="1" rasterYSize="1"><VRTRasterBand dataType="Byte" band="1">
<SimpleSource><SourceFilename>/etc/passwd</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>"""


@pytest.mark.parametrize("case", ["text", "vrt", "elsewhere", "cut_off", "values", "bands"])
def test_a_raster_that_is_something_else_is_refused(tmp_path, server, terrain_alone, case):
    path, right = tmp_path / "x.tif", server.files.get(PLACES["terrain"])
    right = right or raster(path, (106, 22, 107, 23), np.float32(300))
    server.files[PLACES["terrain"]] = {
        "text": b"<html>quota exceeded</html>",
        "vrt": VRT,
        "elsewhere": raster(path, (105, 22, 106, 23), np.float32(300)),
        "cut_off": right[: len(right) // 2],
        "values": raster(path, (106, 22, 107, 23), np.float32(30_000)),
        "bands": raster(path, (106, 22, 107, 23), np.float32(300)).replace(b"WGS 84", b"XXX 84"),
    }[case]
    found = terrain_alone()
    if case == "bands":  # the name of a CRS is not what tells it
        assert found.layers == ("terrain",)
        return
    assert list(found.failed) == ["terrain"]
    assert not (tmp_path / "s" / "terrain.tif").exists()
    server.files[PLACES["terrain"]] = right
    assert terrain_alone().layers == ("terrain",)


def zipped(**members):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("_tif", ".tif").replace("UP_", "../../"), data)
    return content.getvalue()


PACKED = 'url = "{}/{}"\npacked = "{}"\n'


def test_a_zipped_raster_is_taken_out_whatever_its_name(tmp_path, server, country, terrain_alone):
    server.files["/a.zip"] = zipped(UP_evil_tif=country[PLACES["terrain"]], notes="")
    found = terrain_alone(a_terrain=PACKED.format(server.address, "a.zip", "zip"))
    assert found.layers == ("terrain",)
    assert not (tmp_path / "evil.tif").exists()


@pytest.mark.parametrize("case", ["bomb", "two", "none", "broken", "gzip", "gzip_bomb"])
def test_archives_that_are_bombs_or_broken_are_refused(server, terrain_alone, monkeypatch, case):
    monkeypatch.setattr("phusong.fetch.province._UNPACKED", 0.01)  # of 50 MB
    big = b"\0" * 2_000_000
    content = {
        "bomb": zipped(a_tif=big),
        "two": zipped(a_tif=b"1", b_tif=b"2"),
        "none": zipped(a="1"),
        "broken": zipped(a_tif=bytes(range(256)) * 100)[:-40],
        "gzip": gzip.compress(bytes(range(256)) * 100)[:-40],
        "gzip_bomb": gzip.compress(big),
    }[case]
    kind = "gzip" if case.startswith("gzip") else "zip"
    name = "N22E106.hgt.gz" if kind == "gzip" else "a.zip"
    server.files[f"/{name}"] = content
    found = terrain_alone(a_terrain=PACKED.format(server.address, name, kind))
    assert list(found.failed) == ["terrain"]


def test_srtm_tiles_are_read(tmp_path, server, terrain_alone):
    heights = np.full((1201, 1201), 412, dtype=">i2")
    server.files["/N22E106.hgt.gz"] = gzip.compress(heights.tobytes(), mtime=0)
    place = f'url = "{server.address}/{{south}}{{west}}.hgt.gz"\npacked = "gzip"\n'
    assert terrain_alone(a_terrain=place).layers == ("terrain",)
    with rasterio.open(tmp_path / "s" / "terrain.tif") as cut:
        assert cut.read(1).min() == 412


@pytest.mark.parametrize("content", [b"no", b"\0\0\0\x0d" + b"x" * 100, VRT])
def test_an_extract_that_is_something_else_is_refused(tmp_path, server, sources, content):
    server.files[PLACES["osm"]] = content
    found = fetched(tmp_path / "s", sources, without=REST[2:])
    assert set(found.failed) == {"communes", "map"}


def test_a_damaged_extract_is_not_taken_for_an_empty_one(tmp_path, server, sources):
    whole = server.files[PLACES["osm"]]
    server.files[PLACES["osm"]] = whole[:300]
    found = fetched(tmp_path / "s", sources, without=REST[2:])
    assert set(found.failed) == {"communes", "map"}
    server.files[PLACES["osm"]] = whole
    assert not fetched(tmp_path / "s", sources, without=REST[2:]).failed


def test_communes_may_come_as_geojson(tmp_path, server, sources):
    place = f'url = "{server.address}/xa.geojson"\nnames = "ten"'
    text = table(server.address, a_communes=place).replace(
        'id = "a_communes"\nlayer = "communes"\nformat = "osm"',
        'id = "a_communes"\nlayer = "communes"\nformat = "geojson"',
    )
    sources.write_text(text, encoding="utf-8")
    server.files["/xa.geojson"] = outlines("Xã Bảo Lâm", "Huyện Bảo Lâm").replace(
        b"shapeName", b"ten"
    )
    found = fetched(tmp_path / "s", sources, without=REST[1:])
    communes = gpd.read_file(tmp_path / "s" / "communes.geojson")
    assert communes["name"].tolist() == ["Bảo Lâm"]
    assert any("1 of 56" in one.en for one in found.told)


def test_records_name_sources_licences_and_digests(tmp_path, sources):
    fetched(tmp_path / "s", sources, without=REST)
    layer = read_records(tmp_path / "s").layers["terrain"]
    assert (layer.licence, layer.attribution) == ("CC BY 4.0", "© a_terrain")
    assert len(layer.files["terrain.tif"]) == 64
    text = (tmp_path / "s" / "study.toml").read_text("utf-8")
    assert "Title of a_terrain" in text
    assert tomllib.loads(text)["attributions"] == ["© a_terrain"]
