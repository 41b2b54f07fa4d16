"""What the page is told: classes with the target as a break, columns once, nothing invented."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from phusong._resources import resource_folder
from phusong.i18n import Bilingual, catalogue
from phusong.maps import MapData, ServiceInfo, open_theme, payload, theme_names
from phusong.maps.payload import NothingToDrawError
from phusong.maps.theme import TABLES
from phusong.maps.told import pieces
from phusong.tables import TECHNOLOGIES


@pytest.fixture(scope="module")
def theme():
    return open_theme("overview")


def resolve(*given):
    """Return what the page reads."""
    return json.loads("".join(pieces(payload.resolve(*given), plain=True)))


def layer(content, name):
    return next(one for one in content["layers"] if one["id"] == name)


def test_shares_name_their_denominator(theme, layers):
    found = layer(resolve(theme, layers), "coverage")["denominator"]
    assert found == {
        "vi": "Mẫu số: dân số của từng đơn vị; tính trọn người ở ô lưới mà đủ số chỗ dịch vụ đòi "
        "hỏi có sóng. Cột phải: số đơn vị",
        "en": "Denominator: residents of each unit; counted are all in pixels where as many places "
        "are served as the service asks for. Right: number of units",
    }


def test_missing_numbers_stay_missing_and_codes_stay_text(theme, layers):
    columns = resolve(theme, layers)["tables"]["communes"]["columns"]
    assert columns["covered_population_share_4g"] == [0.9, 0.4, None]
    assert columns["has_lan"] == [True, False, None]
    assert columns["commune_code"] == ["01084", "01108", "00001"]


def test_communes_are_stored_once_however_many_services_there_are(theme, layers):
    one = len(json.dumps(resolve(theme, replace(layers, services=layers.services[:1]))))
    two = len(json.dumps(resolve(theme, layers)))
    shapes = len(json.dumps(resolve(theme, layers)["tables"]["communes"]["shapes"]))
    assert shapes > 0
    assert two - one < shapes + 2500


def test_absent_tables_are_left_out_not_invented(theme, layers):
    content = resolve(
        theme, MapData(title=Bilingual("a", "b"), tables={"stations": layers.tables["stations"]})
    )
    assert set(content["tables"]) == {"stations"}
    assert content["relief"] is None


def test_a_study_with_nothing_to_draw_is_told_what_is_needed(theme):
    with pytest.raises(NothingToDrawError, match="at least one of the tables: communes"):
        resolve(theme, MapData(title=Bilingual("a", "b")))


def test_nullable_and_dated_columns_become_plain_json(theme, layers):
    spans = layers.tables["spans"].iloc[:1].assign(
        fibreCount=pd.array([None], "Int64"), readyForServiceDate=pd.Timestamp("2016-05-31"),
        fibreLength=np.float32(27.5),
    )  # fmt: skip
    columns = resolve(theme, replace(layers, tables={**layers.tables, "spans": spans}))["tables"][
        "spans"
    ]["columns"]
    assert columns["fibreCount"] == [None]
    assert columns["readyForServiceDate"] == ["2016-05-31"]
    assert columns["fibreLength"] == [27.5]


def test_service_ids_need_not_be_known_to_the_theme(theme, layers):
    other = ServiceInfo(id="5g", title=Bilingual("5G", "5G"), definition=Bilingual("–", "–"))
    content = resolve(theme, replace(layers, services=(other,)))
    assert [name for name in content["tables"]["communes"]["fields"] if "share" in name] == []


def test_a_map_is_the_same_whichever_other_maps_were_drawn_before(layers):
    alone = {name: resolve(open_theme(name), replace(layers)) for name in theme_names()}
    shared = replace(layers)
    for name in reversed(theme_names()):
        assert json.dumps(resolve(open_theme(name), shared)) == json.dumps(alone[name])


def test_a_layer_names_the_look_of_each_row_for_each_service_if_it_changes(theme, layers):
    content = resolve(theme, layers)
    coverage = layer(content, "coverage")["drawings"]
    assert {name: one["index"] for name, one in coverage.items()} == {
        "mobile": [0, 2, 4], "4g": [2, 4, 5],
    }  # fmt: skip
    assert [look["met"] for look in coverage["mobile"]["looks"]] == [True] * 2 + [False] * 4 + [
        None
    ]
    gaps = layer(content, "gaps")["drawings"]
    assert (gaps["mobile"]["index"], gaps["4g"]["index"]) == ([0, -1], [-1, 0])
    assert layer(content, "districts")["drawings"][""]["index"] == 0
    assert layer(content, "roads")["drawings"][""]["index"] == []


def test_what_only_decides_the_looks_is_not_told_again(theme, layers):
    told = resolve(theme, layers)["tables"]["offices"]["columns"]
    assert set(told) == {"commune_code", "has_lan", "name", "office_id"}


def test_a_theme_about_what_the_study_lacks_is_refused_despite_its_background(layers):
    kept = {name: layers.tables[name] for name in ("communes", "districts", "villages")}
    bare = replace(layers, tables=kept, rasters={})
    with pytest.raises(NothingToDrawError, match="at least one of the tables: stations"):
        resolve(open_theme("stations"), bare)
    assert resolve(open_theme("coverage"), bare)["rasters"][0]["available"] is False


def test_only_layers_with_rows_and_columns_are_called_available(layers):
    without = layers.tables["communes"].drop(columns=["readiness_level"])
    content = resolve(
        open_theme("readiness"), replace(layers, tables={**layers.tables, "communes": without})
    )
    assert (layer(content, "level")["available"], layer(content, "lan")["available"]) == (
        False, True,
    )  # fmt: skip


def test_every_code_that_a_card_may_show_has_words_in_both_languages():
    coded = {
        code for table in TABLES.values() for field in table.fields for code in field.choices
    } - {*TECHNOLOGIES, "xã", "phường", "thị trấn", "đặc khu"}
    assert {code for code in coded if f"maps.value_{code}" not in catalogue()} == set()
    shipped = resource_folder("maps").rglob("*.toml")  # those of comparisons and plans too
    searched = {name for theme in map(open_theme, shipped) for name in theme.cards}
    assert {name for name in searched if f"maps.page_kind_{name}" not in catalogue()} == set()


def test_whom_the_data_are_from_stands_on_the_page_in_both_languages(theme, layers):
    assert resolve(theme, layers)["attributions"] is None
    named = replace(layers, attributions=("© A (ODbL)", "<b>B</b>"))
    assert resolve(theme, named)["attributions"] == {
        "vi": "Dữ liệu: © A (ODbL); <b>B</b>.",
        "en": "Data: © A (ODbL); <b>B</b>.",
    }
