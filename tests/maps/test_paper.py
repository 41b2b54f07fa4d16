"""Maps on paper: the sheet's size, what can be read and searched on it, the same bytes."""

import io
import re
import warnings
import zlib
from dataclasses import replace
from datetime import date

import geopandas as gpd
import matplotlib as mpl
import numpy as np
import pytest
import shapely
from matplotlib.collections import PathCollection
from matplotlib.colors import to_rgb
from matplotlib.textpath import text_to_path
from shapely import Point

from phusong.errors import OutputError
from phusong.grid import Grid
from phusong.i18n import Bilingual, text
from phusong.maps import Imprint, MapData, Theme, open_theme, paper_draw, render_paper, write_paper
from phusong.maps.paper_content import UnknownServiceError, content
from phusong.maps.paper_draw import SYMBOLS, Frame, _seen, _without_cracks
from phusong.maps.paper_names import NAMES, RIMS
from phusong.maps.paper_sheet import Box, crossings, lay_out
from phusong.maps.paper_text import LONGEST, font, printable, width_mm, wrap
from phusong.maps.payload import NothingToDrawError

from .conftest import frame

CRS = "EPSG:9209"
WEST, SOUTH = 440_000, 2_520_000  # of the study in conftest
TITLE = {"vi": "Bản đồ phủ sóng", "en": "Coverage map"}


def words(vi):
    return {"vi": vi, "en": f"{vi} (en)"}


COVERAGE = {
    "id": "coverage",
    "table": "communes",
    "title": words("Dân số được phủ sóng"),
    "labels": {"field": "name", "size_px": 11.0, "colour": "#333333"},
    "classes": {
        "field": "covered_population_share",
        "no_data": "#c9c9c9",
        "below": {"breaks": [0.8], "colours": ["#8c3a04", "#f6ad62"]},
        "met": {"breaks": [1.0], "colours": ["#a6cbe6", "#3f8ec4"]},
        "plain": {"breaks": [0.5], "colours": ["#f2ecd0", "#1f5a86"]},
    },
}
STATIONS = {
    "id": "stations",
    "table": "stations",
    "title": words("Trạm"),
    "categories": {
        "field": "technology",
        "other": "#555555",
        "items": [
            {"value": "2G", "colour": "#7b8794", "title": words("Thế hệ 2")},
            {"value": "5G", "colour": "#111111", "title": words("Thế hệ 5")},
        ],
    },
}
VILLAGES = {
    "id": "villages",
    "table": "villages",
    "title": words("Thôn chưa có sóng"),
    "where": [{"field": "covered", "values": [False]}],
    "colour": "#d00000",
    "shape": "triangle",
}


def theme(*layers, **keys):
    return Theme.model_validate(
        {"title": TITLE, "simplify_m": 10.0, "close_cracks_m": 100.0, "layers": layers, **keys}
    )


@pytest.fixture(scope="module")
def whole():
    return theme(COVERAGE, STATIONS, VILLAGES, relief={
        "tints": ["#eaf1e4", "#fcfbfb"], "shades": 40, "darkest": 0.5, "largest_px": 500,
    })  # fmt: skip


def written(figure, tmp_path, ending="pdf"):
    return write_paper(figure, tmp_path / f"map.{ending}").read_bytes()


def pdf_lines(data):
    """Return the lines of text that a reader's search finds in a PDF of matplotlib's."""
    objects = dict(re.findall(rb"(\d+) 0 obj\n(.*?)\nendobj", data, re.DOTALL))

    def stream(number):
        head, _, rest = objects[number].partition(b"\nstream\n")
        body = rest[: rest.rindex(b"\nendstream")]
        return zlib.decompress(body) if b"FlateDecode" in head else body

    def unescaped(found):
        return {b"n": b"\n", b"r": b"\r"}.get(found[1], found[1])

    letters = {}
    for name, number in set(re.findall(rb"/(F\d+) (\d+) 0 R", data)):
        table = letters[name] = {}
        unicode_map = stream(re.search(rb"/ToUnicode (\d+) 0 R", objects[number])[1])
        for first, codes in re.findall(rb"<(\w+)> <\w+> \[(.*?)\]", unicode_map):
            for n, code in enumerate(re.findall(rb"<(\w+)>", codes)):
                table[int(first, 16) + n] = bytes.fromhex(code.decode()).decode("utf-16be")
    page = stream(re.search(rb"/Contents (\d+) 0 R", data)[1])
    lines = []
    for block in re.findall(rb"\nBT\n(.*?)\nET\n", page, re.DOTALL):
        line, table = "", {}
        for face, shown in re.findall(
            rb"/(F\d+) [\d.]+ Tf|\(((?:\\.|[^\\()])*)\)", block, re.DOTALL
        ):
            if face:
                table = letters[face]
                continue
            raw = re.sub(rb"\\(.)", unescaped, shown, flags=re.DOTALL)
            codes = zip(raw[::2], raw[1::2], strict=True)
            line += "".join(table[256 * high + low] for high, low in codes)
        lines.append(line)
    return lines


def pixel(figure, x, y):
    """Return the colour at a place on the main map, 0 to 1."""
    figure.canvas.draw()
    picture = np.asarray(figure.canvas.buffer_rgba())
    column, row = figure.axes[1].transData.transform((x, y))
    return picture[picture.shape[0] - 1 - int(row), int(column), :3] / 255


@pytest.mark.parametrize(
    ("paper", "orientation", "size_mm"),
    [
        ("A4", "portrait", (210, 297)),
        ("A4", "landscape", (297, 210)),
        ("A3", "portrait", (297, 420)),
        ("A3", "landscape", (420, 297)),
    ],
)
def test_a_figure_is_exactly_the_sheet(whole, layers, paper, orientation, size_mm):
    figure = render_paper(whole, layers, lang="vi", paper=paper, orientation=orientation)
    np.testing.assert_allclose(figure.get_size_inches() * 25.4, size_mm)


def test_a_wide_study_area_lies_on_a_wide_sheet(whole, layers):
    width, height = render_paper(whole, layers, lang="vi").get_size_inches()
    assert width > height  # three communes in a row
    upright = lay_out((0, 0, 80e3, 100e3), paper="A4", orientation=None, inset=True)
    assert upright.height > upright.width


def test_the_scale_printed_is_the_scale_drawn(whole, layers, tmp_path):
    figure = render_paper(whole, layers, lang="vi", orientation="landscape")
    main = figure.axes[1]
    west, east = main.get_xlim()
    width_of_paper_m = main.get_position().width * figure.get_size_inches()[0] * 0.0254
    printed = next(line for line in pdf_lines(written(figure, tmp_path)) if "khổ A4" in line)
    scale = int(re.search(r"1:([\d.]+)", printed)[1].replace(".", ""))
    assert (east - west) / width_of_paper_m == pytest.approx(scale)


def test_title_names_counts_and_definition_are_searchable_in_the_pdf(whole, layers, tmp_path):
    figure = render_paper(whole, layers, lang="vi")
    lines = pdf_lines(written(figure, tmp_path))
    for line in ("Bản đồ phủ sóng", "Tỉnh thử · Dịch vụ: Di động", "Xín Mần"):
        assert line in lines
    assert "ngoài trời, 4G ≥ -115 dBm" in lines
    assert "Ranh giới: Sở Thử, 2017. Số liệu đến ngày 31/12/2017." in lines
    # Two of three communes miss the target, two of three villages have no signal.
    assert lines[lines.index("Dưới mục tiêu 98 %") + 1] == "2"
    assert lines[lines.index("Thôn chưa có sóng") + 1] == "2"
    counted = (
        "Mẫu số: dân số của từng đơn vị; tính trọn người ở ô lưới mà đủ số chỗ dịch vụ đòi hỏi có "
        "sóng. Cột phải: số đơn vị"
    )
    assert counted in " ".join(lines)


def test_a_sheet_of_invented_data_says_so_and_gives_examples(whole, layers, tmp_path):
    said = Bilingual("Dữ liệu mẫu – thử", "Sample data – a test")
    figure = render_paper(whole, replace(layers, sample=said), lang="vi")
    lines = pdf_lines(written(figure, tmp_path))
    assert "Dữ liệu mẫu – thử" in lines
    assert lines[lines.index("Ví dụ: dưới mục tiêu 98 %") + 1] == "2"  # communes
    assert "Dưới mục tiêu 98 %" not in lines


def test_a_map_speaks_english_and_shows_the_service_asked_for(whole, layers, tmp_path):
    figure = render_paper(whole, layers, lang="en", service="4g")
    lines = pdf_lines(written(figure, tmp_path))
    assert "Test province · Service: 4G only" in lines
    assert lines[lines.index("Thôn chưa có sóng (en)") + 1] == "3"
    assert not any("target" in line for line in lines)  # none is set for 4G


def test_a_study_without_the_service_names_those_it_has(whole, layers):
    with pytest.raises(UnknownServiceError, match=r"no service 5g\. Its services: mobile, 4g"):
        render_paper(whole, layers, lang="vi", service="5g")


@pytest.mark.parametrize("ending", ["pdf", "png", "svg"])
def test_the_same_map_gives_the_same_bytes(whole, layers, tmp_path, ending):
    first = written(render_paper(whole, layers, lang="vi"), tmp_path, ending)
    assert written(render_paper(whole, layers, lang="vi"), tmp_path, ending) == first


def test_the_readers_own_settings_neither_reach_the_map_nor_are_changed(whole, layers, tmp_path):
    plain = written(render_paper(whole, layers, lang="vi"), tmp_path, "svg")
    with mpl.rc_context({"lines.linewidth": 9, "text.color": "red", "savefig.bbox": "tight"}):
        assert written(render_paper(whole, layers, lang="vi"), tmp_path, "svg") == plain
        assert mpl.rcParams["lines.linewidth"] == 9


def test_two_themes_are_two_pictures(whole, layers, tmp_path):
    other = theme(VILLAGES)
    assert written(render_paper(other, layers, lang="vi"), tmp_path, "png") != written(
        render_paper(whole, layers, lang="vi"), tmp_path, "png"
    )


def test_a_commune_has_the_colour_of_its_class(layers):
    figure = render_paper(theme(COVERAGE), layers, lang="vi")
    for column, colour in enumerate(("#3f8ec4", "#f6ad62", "#8c3a04")):  # 100 %, 97.996 %, 50 %
        seen = pixel(figure, WEST + 10_000 * column + 2_000, SOUTH + 2_000)
        np.testing.assert_allclose(seen, to_rgb(colour), atol=0.01)


def test_shade_darkens_a_colour_by_multiplying(whole, layers):
    """Shade 100 of 200 at a darkest of 0.5 leaves 0.5 + 0.5 × 0.5^0.8 of the light."""
    shaded = replace(layers, hillshade=layers.hillshade.copy(data=layers.hillshade.data * 0 + 100))
    seen = pixel(render_paper(whole, shaded, lang="vi"), WEST + 2_000, SOUTH + 2_000)
    light = 0.5 + 0.5 * 0.5**0.8
    np.testing.assert_allclose(seen, np.array(to_rgb("#3f8ec4")) * light, atol=0.02)


def test_coarse_shade_is_smoothed_to_dots_of_a_quarter_millimetre(whole, layers):
    """A cliff from black to full light between two pixels becomes an even slope."""
    cliff = layers.hillshade.copy(data=layers.hillshade.data * 0)
    cliff[:, cliff.sizes["x"] // 2 :] = 200
    figure = render_paper(whole, replace(layers, hillshade=cliff), lang="vi")
    shade, map_m = figure.axes[1].images[-1], np.ptp(figure.axes[1].get_xlim())
    veil, (west, east, _, _) = np.asarray(shade.get_array())[..., 3], shade.get_extent()
    dot_m = (east - west) / len(veil[0])
    map_mm = figure.axes[1].get_position().width * figure.get_size_inches()[0] * 25.4
    assert dot_m * map_mm / map_m < 0.25
    across = veil[len(veil) // 2].astype(int)
    assert (across.max(), across.min()) == (128, 0)  # a darkest of 0.5 takes half the light
    assert (np.diff(across) <= 0).all()
    slope = across[(across > 0) & (across < 128)]
    step = 128 * dot_m / cliff.rio.resolution()[0]
    np.testing.assert_allclose(np.diff(slope), -step, atol=1)
    assert len(slope) == round(128 / step) - 1


def test_a_raster_is_drawn_in_its_classes_below_the_layers(layers):
    values = layers.terrain.copy(data=np.full(layers.terrain.shape, 7.0, "float32"))
    spec = {
        "id": "margin", "quantity": "margin_db", "title": words("Mức dư"), "largest_px": 500,
        "classes": {"breaks": [0.0, 10.0], "colours": ["#000000", "#00ff00", "#0000ff"]},
    }  # fmt: skip
    covered = replace(layers, rasters={"margin_db": {"mobile": values}})
    figure = render_paper(theme(VILLAGES, rasters=[spec]), covered, lang="vi")
    np.testing.assert_allclose(pixel(figure, WEST + 2_000, SOUTH + 2_000), (0, 1, 0), atol=0.01)


def test_what_no_category_names_is_counted_as_other(layers):
    drawn = content(theme(STATIONS), layers, lang="vi", service=None).layers[0]
    assert [(group.words, len(group.rows)) for group in drawn.groups] == [
        ("Thế hệ 2", 1), ("Thế hệ 5", 0), ("Khác", 2),
    ]  # fmt: skip


def test_a_layer_without_data_says_so_and_the_rest_is_drawn(whole, layers, tmp_path):
    tables = {name: table for name, table in layers.tables.items() if name != "stations"}
    lines = pdf_lines(
        written(render_paper(whole, replace(layers, tables=tables), lang="vi"), tmp_path)
    )
    legend = lines[lines.index("Trạm") :]
    assert legend[:4] == ["Trạm", text("maps.page_absent", "vi"), "Thôn chưa có sóng", "2"]


def test_a_study_without_relief_or_units_is_still_drawn(layers, tmp_path):
    bare = MapData(
        title=Bilingual("Tỉnh", "Province"), tables={"stations": layers.tables["stations"]}
    )
    lines = pdf_lines(written(render_paper(theme(STATIONS), bare, lang="en"), tmp_path))
    assert lines[:2] == ["Coverage map", "Province"]
    legend = lines[lines.index("Legend") :]
    assert legend[:5] == ["Legend", "Trạm (en)", "Thế hệ 2 (en)", "1", "Other"]
    assert [line for line in lines if text("paper.inset", "en", scale="")[:20] in line] == []


def test_an_empty_table_of_units_frames_nothing(layers):
    tables = {**layers.tables, "province": layers.tables["districts"].iloc[:0]}
    drawn = content(theme(STATIONS), replace(layers, tables=tables), lang="vi", service=None)
    assert drawn.bounds == pytest.approx((WEST, SOUTH, WEST + 30_000, SOUTH + 10_000))


def test_nothing_to_draw_is_refused(whole):
    with pytest.raises(NothingToDrawError, match="at least one of the tables: communes, stations"):
        render_paper(whole, MapData(title=Bilingual("Tỉnh", "Province")), lang="vi")


def test_hostile_names_are_plain_text_and_raise_no_warning(layers, tmp_path):
    names = [
        r"$\frac{1}{0}$ <b>\LaTeX</b>",
        "\u202eđảo\u202c\x00\n 雲 🐃 \u0633\u0644\u0627\u0645",
        "x" * 9_999,
    ]
    communes = layers.tables["communes"].assign(name=names)
    hostile = replace(
        layers,
        title=Bilingual(names[0], "x"),
        boundaries=Bilingual(names[1] + names[2], names[1] + names[2]),
        as_of=date(2017, 12, 31),
        tables={**layers.tables, "communes": communes},
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = render_paper(theme(COVERAGE), hostile, lang="vi")
        lines = pdf_lines(written(figure, tmp_path))
    assert r"$\frac{1}{0}$ <b>\LaTeX</b>" in lines
    assert any(line.startswith("đảo □") for line in lines)
    assert printable("a\ud800b") == "ab"
    assert printable("ab " * LONGEST).endswith("…")


def test_whom_the_data_are_from_is_printed_whole_below_the_foot(layers, tmp_path):
    asked = (
        "© OpenStreetMap contributors (ODbL)",
        "produced using Copernicus WorldDEM-30 © DLR e.V. 2010-2014 and © Airbus Defence and "
        "Space GmbH 2014-2018 provided under COPERNICUS by the European Union and ESA; all rights "
        "reserved",
        "WorldPop, University of Southampton, doi:10.5258/SOTON/WP00839 (CC BY 4.0)",
        "© ESA WorldCover project 2021 / Contains modified Copernicus Sentinel data (2021) "
        "processed by ESA WorldCover consortium",
        "OpenCelliD Project (CC BY-SA 4.0)",
    )
    figure = render_paper(
        theme(COVERAGE), replace(layers, attributions=asked), lang="en", orientation="portrait"
    )
    printed = " ".join(pdf_lines(written(figure, tmp_path)))
    assert f"Data: {'; '.join(asked)}." in printed


def test_names_touch_neither_each_other_nor_the_frame(layers):
    rng = np.random.default_rng(98)
    points = gpd.points_from_xy(WEST + 30_000 * rng.random(400), SOUTH + 10_000 * rng.random(400))
    table = gpd.GeoDataFrame(
        {"place_id": np.arange(400).astype(str), "name": [f"Bản {n}" for n in range(400)],
         "kind": "village"}, geometry=points, crs=CRS,
    )  # fmt: skip
    places = {
        "id": "places", "table": "places", "title": words("Địa danh"), "colour": "#111111",
        "labels": {"field": "name", "size_px": 11.0, "colour": "#1f2933"},
    }  # fmt: skip
    crowded = replace(layers, tables={**layers.tables, "places": table})
    figure = render_paper(theme(places), crowded, lang="vi")
    figure.canvas.draw()
    main = figure.axes[1]
    boxes = [one.get_window_extent() for one in main.texts if one.zorder == NAMES]
    assert len(boxes) > 40
    frame = main.get_window_extent()
    for position, box in enumerate(boxes):
        assert frame.contains(*box.min) and frame.contains(*box.max)  # noqa: PT018
        assert not any(box.overlaps(other) for other in boxes[:position])


def test_a_sheet_names_its_issuer_and_day_and_has_room_to_sign(whole, layers, tmp_path):
    imprint = Imprint(
        issuer=Bilingual("Sở Thông tin và Truyền thông", "Department of Information"),
        dated=Bilingual("Hà Giang, ngày 28 tháng 11 năm 2026", "Hà Giang, 28/11/2026"),
        signer=Bilingual("Giám đốc", "Director"),
        scale=800_000,
    )
    signed = replace(layers, imprint=imprint)
    for orientation in ("portrait", "landscape"):
        figure = render_paper(whole, signed, lang="vi", orientation=orientation)
        lines = pdf_lines(written(figure, tmp_path))
        for line in (
            "Sở Thông tin và Truyền thông",
            "Hà Giang, ngày 28 tháng 11 năm 2026",
            "Giám đốc",
            "(ký, ghi rõ họ tên, đóng dấu)",
        ):
            assert line in lines
        assert any("1:800.000" in line for line in lines)  # the study's, for the area fits
    plain = pdf_lines(written(render_paper(whole, layers, lang="vi"), tmp_path))
    assert "(ký, ghi rõ họ tên, đóng dấu)" not in plain
    assert not any("1:800.000" in line for line in plain)


def test_a_scale_at_which_the_area_does_not_fit_gives_way_to_the_next_round_one():
    bounds = (0, 0, 100e3, 120e3)
    words_ = Bilingual("a", "a")
    given = [
        lay_out(bounds, paper="A4", orientation="portrait", inset=True,
                imprint=Imprint(issuer=words_, dated=words_, scale=scale)).scale
        for scale in (None, 100_000, 2_000_000)
    ]  # fmt: skip
    assert given[0] == given[1] < given[2] == 2_000_000


def test_a_towns_name_makes_room_for_symbols_or_is_read_above_them(layers):
    """A symbol right of a town: its name goes elsewhere. All around: it lies above, rimmed."""
    town, pt = Point(WEST + 15_000, SOUTH + 5_000), 500
    places = frame([town], place_id=["p"], name=["Thị trấn"], kind=["town"])

    def drawn(*offsets):
        masts = frame(
            [Point(town.x + x, town.y + y) for x, y in offsets],
            station_id=[f"S{n}" for n in range(len(offsets))],
            technology=["2G"] * len(offsets),
        )
        tables = {**layers.tables, "places": places, "stations": masts}
        figure = render_paper(open_theme("stations"), replace(layers, tables=tables), lang="vi")
        main = figure.axes[1]
        (name,) = [
            one for one in main.texts if one.zorder == NAMES and one.get_text() == "Thị trấn"
        ]
        (symbols, *_) = [
            one for one in main.collections
            if isinstance(one, PathCollection) and len(one.get_offsets()) == len(offsets)
            and one.zorder >= SYMBOLS
        ]  # fmt: skip
        return name, symbols

    alone, _ = drawn((-12_000, 0))
    beside, _ = drawn((2 * pt, 0))
    assert alone.get_position()[0] > town.x
    assert beside.get_position()[0] < town.x
    corner, _ = drawn(
        (2 * pt, -0.4 * pt), (-2 * pt, 0), (-0.5 * pt, pt), (-0.5 * pt, -pt)
    )  # fmt: skip
    assert corner.get_position()[0] > town.x  # upper right: no side is free
    assert corner.get_position()[1] > alone.get_position()[1] + 0.3 * pt
    around, symbols = drawn(*[(x * pt, y * pt) for x in range(-16, 17, 4) for y in range(-8, 9, 4)])
    assert around.get_zorder() > symbols.get_zorder()
    rims = [one for one in around.axes.patches if one.zorder == RIMS]
    letters = np.add(around.get_position(), 100)
    assert any(one.get_path().get_extents().contains(*letters) for one in rims)
    assert all(one.get_zorder() > symbols.get_zorder() for one in rims)


def test_fifty_thousand_points_stay_a_small_file(layers, tmp_path):
    rng = np.random.default_rng(98)
    points = gpd.points_from_xy(
        WEST + 30_000 * rng.random(50_000), SOUTH + 9_000 * rng.random(50_000)
    )
    stations = gpd.GeoDataFrame({"technology": ["2G"] * 50_000}, geometry=points, crs=CRS)
    many = replace(layers, tables={**layers.tables, "stations": stations})
    pdf = written(render_paper(theme(STATIONS), many, lang="vi"), tmp_path)
    assert len(pdf) < 3_000_000
    assert "50.000" in pdf_lines(pdf)


def test_a_long_legend_shrinks_until_it_fits(layers, tmp_path):
    items = [
        {"value": f"s{n}", "colour": "#7b8794", "title": words(f"Vị trí {n}")} for n in range(120)
    ]
    sites = STATIONS | {"categories": {"field": "site_id", "other": "#555555", "items": items}}
    table = gpd.GeoDataFrame(
        {"site_id": [f"s{n}" for n in range(120)]},
        geometry=[Point(WEST + 200 * n, SOUTH) for n in range(120)], crs=CRS,
    )  # fmt: skip
    many = replace(layers, tables={"stations": table, "communes": layers.tables["communes"]})
    figure = render_paper(theme(sites), many, lang="vi")
    figure.canvas.draw()
    page = figure.axes[0]
    entries = [one for one in page.texts if one.get_text().startswith("Vị trí")]
    assert len(entries) == 120
    heights = page.transData.inverted().transform([one.get_window_extent().min for one in entries])
    assert heights[:, 1].max() < 210 - 8


def test_the_central_meridian_crosses_at_the_false_easting():
    """VN-2000 / TM-3 105°30′ has its central meridian at 500 km east."""
    view = (480_000.0, 2_500_000.0, 520_000.0, 2_540_000.0)
    # WGS 84 and VN-2000 lie some 200 m apart.
    assert dict(crossings(CRS, view, along="top"))[105.5] == pytest.approx(500_000, abs=300)


def test_a_box_shows_the_ground_its_scale_says():
    assert Box(10, 10, 110, 60).view((0, 0), 1000) == (-50_000, -25_000, 50_000, 25_000)


def test_other_endings_are_refused(whole, layers, tmp_path):
    with pytest.raises(OutputError, match=r"must end in one of: \.pdf, \.png, \.svg"):
        write_paper(render_paper(whole, layers, lang="vi"), tmp_path / "map.tiff")


def test_a_folder_that_is_not_there_is_explained(whole, layers, tmp_path):
    with pytest.raises(OutputError, match=r"map\.pdf cannot be written"):
        write_paper(render_paper(whole, layers, lang="vi"), tmp_path / "absent" / "map.pdf")


def test_every_vietnamese_letter_is_written():
    letters = "ăâđêôơưĂÂĐÊÔƠƯẮẰẲẴẶẤẦẨẪẬẾỀỂỄỆỐỒỔỖỘỚỜỞỠỢỨỪỬỮỰỲỶỸỴÝảãạẹẻẽỉĩịọỏõụủũỳỷỹỵ"
    assert printable(letters) == letters


@pytest.mark.parametrize("bold", [False, True])
def test_breve_of_ede_stands_above_the_circumflex(bold):
    plain, marked = (
        text_to_path.get_text_path(font(10.0, bold=bold), letter)[0] for letter in ("Ê", "Ê\u0306")
    )
    assert max(y for _, y in marked) > 1.1 * max(y for _, y in plain)


def test_a_word_wider_than_its_column_is_cut():
    look = font(10.0)
    assert all(width_mm(line, look) <= 20 for line in wrap("x" * 200 + " abc", look, 20))
    assert wrap("", look, 20) == [""]


def test_shipped_themes_can_be_printed(layers):
    figure = render_paper(open_theme("overview"), layers, lang="vi")
    picture = io.BytesIO()
    figure.savefig(picture, dpi=40)
    assert picture.tell() > 1000


def test_cracks_that_the_fading_closes_are_left_out_before_it_and_ponds_are_not():
    crack = shapely.box(1000, 5000, 9000, 5003)  # metres; a point of print is 100 of them here
    pond, island = shapely.box(2000, 7000, 3000, 8000), shapely.box(20_000, 0, 21_000, 1000)
    area = shapely.union(shapely.box(0, 0, 10_000, 10_000) - crack - pond, island)
    found = _without_cracks(area, 100.0)
    assert found.equals(shapely.union(shapely.box(0, 0, 10_000, 10_000) - pond, island))
    assert shapely.buffer(found, 100.0).equals_exact(shapely.buffer(area, 100.0), 1e-9)
    assert _without_cracks(found, 100.0) is found


def test_pixels_finer_than_print_shows_become_the_means_of_the_view(monkeypatch):
    """By blocks of rows: the same as of all rows at once, without the rows that are left over."""
    grid = Grid(CRS, 30.0, 440_010.0, 2_520_000.0, 31, 47)
    values = np.random.default_rng(0).normal(size=grid.shape).astype("float32")
    values[:7, :9] = np.nan
    raster = grid.wrap(values, "margin_db")
    west, south, east, north = grid.bounds
    view = west + 95.0, south, east + 500.0, north + 500.0
    seen = Frame(axes=None, view=view, metres_per_pt=320.0, enlarged=1.0, latitude=22.0)
    part = raster[:, 2:].coarsen(x=3, y=3, boundary="trim").mean()
    for rows in (1, 6, 256):
        monkeypatch.setattr(paper_draw, "ROWS", rows)
        found = _seen(raster, seen)
        np.testing.assert_array_equal(found, part, strict=True)
        assert found.rio.bounds() == (west + 60, north - 45 * 30, west + 29 * 30, north)
    picked = _seen(raster, seen, mean=False)
    np.testing.assert_array_equal(picked, raster[1:45:3, 3:29:3])
    assert picked.rio.bounds() == found.rio.bounds()
