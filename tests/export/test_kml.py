import html
import html.parser
import re
import xml.etree.ElementTree as ET
import zipfile

import pyogrio
import pytest
import shapely

from phusong.export import Condition, Rule, Style, Symbol, write_kml
from phusong.i18n import Bilingual

from .conftest import HOSTILE

KML = "{http://www.opengis.net/kml/2.2}"
STYLE = Style(
    title=Bilingual("Có điện", "Has electricity"),
    rules=(
        Rule(
            title=Bilingual("Có", "Yes"), symbol=Symbol(colour="#0072b2"),
            conditions=(Condition(field="has_electricity", values=(True,)),),
        ),
    ),
)  # fmt: skip


@pytest.fixture
def placed(layers):
    return [layer for layer in layers.values() if layer.shapes is not None]


@pytest.fixture
def document(placed, tmp_path):
    write_kml(placed, tmp_path / "a.kml", title="Hà Giang <thử>", styles={"villages": [STYLE]})
    return ET.parse(tmp_path / "a.kml").getroot().find(f"{KML}Document")


def marks(document, title):
    for folder in document.findall(f"{KML}Folder"):
        if folder.findtext(f"{KML}name") == title:
            return folder.findall(f"{KML}Placemark")
    raise AssertionError(title)


def test_a_folder_a_layer_and_a_mark_a_row(document, placed):
    assert document.findtext(f"{KML}name") == "Hà Giang <thử>"
    for layer in placed:
        assert len(marks(document, layer.table.title.vi)) == len(layer.rows)


def test_machine_values_are_those_of_the_rows(document, layers):
    layer = layers["communes"]
    for mark, row in zip(marks(document, layer.table.title.vi), layer.rows, strict=True):
        data = {
            one.get("name"): one.findtext(f"{KML}value")
            for one in mark.findall(f"{KML}ExtendedData/{KML}Data")
        }
        assert set(data) == {name for name, value in row.items() if value is not None}
        assert data["valid_from"] == row["valid_from"].isoformat() == "2004-01-01"
        if row["population"] is not None:
            assert float(data["population"]) == row["population"]
            assert data["has_lan"] == "true"


def test_hostile_names_are_inert_in_the_xml_and_in_the_balloon(document, layers):
    found = set()

    class Tags(html.parser.HTMLParser):
        def handle_starttag(self, tag, attrs):
            found.add((tag, *attrs))

    layer = layers["villages"]
    for mark, row in zip(marks(document, layer.table.title.vi), layer.rows, strict=True):
        # A vertical tab is no character of XML 1.0.
        assert mark.findtext(f"{KML}name") == row["name"].replace("\x0b", "�").replace("\r", "\n")
        Tags().feed(mark.findtext(f"{KML}description"))
    assert found == {("table",), ("tr",), ("td",)}


def test_a_balloon_speaks_vietnamese(document, layers):
    mark = marks(document, layers["communes"].table.title.vi)[1]
    told = re.findall(r"<td>(.*?)</td><td>(.*?)</td>", mark.findtext(f"{KML}description"))
    assert [(title, html.unescape(value)) for title, value in told] == [
        ("Mã xã 5 chữ số theo danh mục hành chính", "00694"),
        ("Ngày mã có hiệu lực (mã được dùng lại)", "01/01/2004"),
        ("Tên", HOSTILE),
        ("Loại đơn vị", "xã"),
        ("Mã huyện 3 chữ số", "024"),
        ("Huyện, thành phố", "Hà Giang"),
        ("Dân số (mẫu số) (người)", "1.235"),
        ("Diện tích (mẫu số) (km²)", "4"),
        ("Số thôn (mẫu số) (thôn)", "7"),
        ("Số trạm BTS", "3"),
        ("Trụ sở xã có mạng LAN", "có"),
        (
            "Tỷ lệ dân số được phủ sóng trên bản đồ: mọi người ở ô lưới mà đủ số chỗ dịch vụ đòi "
            "hỏi có sóng [mobile]",
            "98,0 %",
        ),
        ("Tỷ lệ trên bản đồ so với mục tiêu, chưa xét sai số [mobile]", "đạt"),
    ]


def test_shapes_come_back_through_gdal_with_holes_and_islands(placed, tmp_path):
    write_kml(placed, tmp_path / "a.kml", title="x", styles={})
    for layer in placed:
        if len(layer.rows) == 0:
            continue
        back = pyogrio.read_dataframe(tmp_path / "a.kml", layer=layer.table.title.vi).geometry
        for ours, theirs in zip(layer.shapes[layer.located], back.dropna(), strict=True):
            assert shapely.equals_exact(
                shapely.normalize(ours), shapely.normalize(shapely.force_2d(theirs)), tolerance=1e-7
            )


def test_rows_take_the_colour_of_their_rule_and_the_others_a_neutral_one(document, layers):
    looks = {
        style.get("id"): style.findtext(f"{KML}PolyStyle/{KML}color")
        for style in document.findall(f"{KML}Style")
    }
    layer = layers["villages"]
    for mark, row in zip(marks(document, layer.table.title.vi), layer.rows, strict=True):
        colour = looks[mark.findtext(f"{KML}styleUrl").removeprefix("#")]
        assert colour == ("ffb27200" if row["has_electricity"] else "ff988f8a")  # aabbggrr


def test_nothing_points_outside_the_file(document):
    written = ET.tostring(document, encoding="unicode")
    assert "href" not in written
    assert written.count("http") == written.count("http://www.opengis.net/kml/2.2")


def test_a_kmz_holds_the_same_document_and_the_same_bytes_twice(placed, tmp_path):
    for name in ("a.kml", "a.kmz", "b.kmz"):
        write_kml(placed, tmp_path / name, title="x", styles={})
    with zipfile.ZipFile(tmp_path / "a.kmz") as archive:
        assert archive.namelist() == ["doc.kml"]
        assert archive.read("doc.kml") == (tmp_path / "a.kml").read_bytes()
    assert (tmp_path / "a.kmz").read_bytes() == (tmp_path / "b.kmz").read_bytes()
