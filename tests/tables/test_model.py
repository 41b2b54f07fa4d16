"""Fields and tables: units, meanings, repeated columns."""

import re

import pytest

from phusong.i18n import Bilingual
from phusong.tables import COMMUNES_RESULT, INPUT_TABLES, RESULT_TABLES, Field, Table

HEIGHT = Field(name="height_m", kind="number", title=Bilingual("Độ cao", "Height"), unit="m")
HOUSEHOLDS = Field(
    name="households", kind="integer", title=Bilingual("Số hộ", "Households"), unit="hộ"
)
NAME = Field(name="name", kind="text", title=Bilingual("Tên", "Name"))
SHARE = Field(name="share", kind="number", title=Bilingual("Tỷ lệ", "Share"), per="service")
LACKS = Field(name="lacks", kind="integer", title=Bilingual("Thiếu", "Lacking"), per="prerequisite")


def table(*fields, key=("name",)):
    return Table(
        name="things", title=Bilingual("Vật", "Things"), fields=fields, geometry=None, key=key
    )


@pytest.mark.parametrize(
    ("field", "vi", "en"),
    [
        (HEIGHT, "Độ cao (m)", "Height (m)"),
        (HOUSEHOLDS, "Số hộ (hộ)", "Households (households)"),
        (NAME, "Tên", "Name"),
    ],
)
def test_a_meaning_has_its_unit_in_the_language(field, vi, en):
    assert (field.meaning("vi"), field.meaning("en")) == (vi, en)


def test_a_field_is_found_by_name_and_an_unknown_one_is_told():
    things = table(NAME, HEIGHT)
    assert things["height_m"] is HEIGHT
    assert things.columns == ("name", "height_m")
    assert things.title == Bilingual("Vật", "Things")
    with pytest.raises(KeyError, match="things has no field 'width_m'"):
        things["width_m"]


@pytest.mark.parametrize("broken", [((NAME, NAME), ("name",)), ((NAME,), ("code",))])
def test_a_table_with_a_repeated_field_or_an_unknown_key_is_refused(broken):
    fields, key = broken
    with pytest.raises(ValueError, match="table things: repeated field or unknown key"):
        table(*fields, key=key)


def test_repeated_fields_are_grouped_by_what_they_repeat_for():
    written = table(SHARE, NAME, LACKS, HEIGHT).expand(
        {"service": ["2g", "4g"], "prerequisite": ["lan"]}
    )
    assert written.columns == ("name", "height_m", "share_2g", "share_4g", "lacks_lan")
    assert written["share_4g"].title.en == "Share [4g]"
    assert [field.per for field in written.fields] == [""] * 5
    one, other = Bilingual("Di động", "Mobile"), Bilingual("Di động", "Mobile too")
    called = table(SHARE, NAME).expand({"service": {"2g": one, "4g": other}})
    assert called["share_2g"].title == Bilingual(
        f"{SHARE.title.vi} [Di động (2g)]", "Share [Mobile]"
    )
    assert called["share_4g"].title.en == "Share [Mobile too]"
    assert table(SHARE, NAME).expand({}).columns == ("name",)


def test_expanding_for_nothing_new_changes_nothing():
    once = COMMUNES_RESULT.expand({"service": ["4g"], "prerequisite": ["has_lan"]})
    assert once.expand({"service": ["2g"]}) == once


@pytest.mark.parametrize("name", sorted({*INPUT_TABLES, *RESULT_TABLES}))
def test_a_table_shows_itself_with_every_column(name):
    shown = {**INPUT_TABLES, **RESULT_TABLES}[name]
    assert shown._repr_html_().count("<tr>") == len(shown.fields)


def test_names_are_text_in_what_a_table_shows():
    odd = table(Field(name="name", kind="text", title=Bilingual("<b>", "&")))
    assert re.findall("<td>(.*?)</td>", odd._repr_html_())[2:] == ["&lt;b&gt;", "&amp;"]
