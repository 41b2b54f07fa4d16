"""The settings as a form: made from the study model, written back with nothing else changed."""

import json
import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import study_help
from phusong.desk import StudyFolder
from phusong.desk.changes import as_given, changed_settings, faults_of
from phusong.desk.form import settings_form
from phusong.desk.labels import label_of
from phusong.errors import StudyError
from phusong.i18n import Bilingual, catalogue
from phusong.study import Study

SETTINGS = """\
# Of the department
name = "Tỉnh nhỏ"      # printed
name_en = "Small province"
province = "Hà Giang"
province_code = "02"
edition = "2017"
as_of = 2017-12-31
resolution_m = 90
[inputs]
communes = "xã.geojson"   # boundaries
cells = { path = "trạm.xlsx", sheet = "Sheet1", crs = "EPSG:9209" }
terrain = ["a.tif", "b.tif"]
# one service
[[services]]
id = "mobile"
name = "Di động"
name_en = "Mobile"
technologies = ["2G", "4G"]   # both
environment = "outdoor"
location_probability = 0.9
threshold_dbm = { 2G = -98, 4G = -115 }
[[targets]]
service = "mobile"
share = 0.98
denominator = "population"
scope = "commune"
[radio]
model = "p1812"
radius_km = 15
body_loss_db = 3
location_sd_db = { outdoor = 6, indoor = 9 }
[gaps]
smallest_population = 10
join_distance_m = 300
"""


@pytest.fixture
def study(tmp_path):
    for name in ("xã.geojson", "trạm.xlsx", "a.tif", "b.tif"):
        (tmp_path / name).write_text("")
    (tmp_path / "study.toml").write_text(SETTINGS, encoding="utf-8")
    return StudyFolder.at(tmp_path)


def _fields(study):
    return {one.name: one for section in settings_form(study) for one in section.fields}


def _posted(study):
    """Return what a browser sends of the form as it stands."""
    posted = {}
    for one in _fields(study).values():
        if one.kind == "choices":
            posted[f"{one.name}:shown"] = ["1"]
            if ticked := [each for each in one.choices if each in one.value.split("\n")]:
                posted[one.name] = ticked
        elif one.kind in ("lines", "toml"):
            posted[one.name] = [one.value.replace("\n", "\r\n")]
        else:  # a line has no line ends
            posted[one.name] = [one.value.replace("\n", "")]
    return posted


def _changed(study, **changes):
    posted = _posted(study) | {name.replace("__", "."): [value] for name, value in changes.items()}
    return changed_settings(study, posted)


def test_every_key_of_the_model_is_in_the_form(study):
    names = set(_fields(study)) | {
        f"{section.name}.{key}".lstrip(".")
        for section in settings_form(study) for key in section.rows
    }  # fmt: skip
    names |= {section.name.split(".")[0] for section in settings_form(study)}
    assert set(Study.model_fields) - {"folder"} <= {name.split(".")[0] for name in names}
    shown = _fields(study)
    assert shown["radio.radius_km"].unit == "km"
    assert shown["radio.radius_km"].range == Bilingual(
        "lớn hơn 0, không quá 100", "above 0, at most 100"
    )
    assert shown["name"].range is None
    assert shown["services.0.technologies"].value == "2G\n4G"
    assert shown["services.0.threshold_dbm.4G"].value == "-115"
    assert shown["inputs.communes"].value == "xã.geojson"
    assert shown["services.1.environment"].choices == ("outdoor", "vehicle", "indoor")
    assert shown["targets.0.share"].value == "0.98"
    assert shown["radio.location_sd_db.indoor"].value == "9"


def test_a_form_nobody_changed_leaves_every_byte(study):
    assert changed_settings(study, _posted(study)) == SETTINGS


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ('["2G", "4G"]', '["4G", "2G"]'),
        ('["2G", "4G"]', '["2G", "9G"]'),
        ('"Hà Giang"', '" Hà Giang "'),
        ('"Hà Giang"', r'"Hà\nGiang"'),
        ("[gaps]\n", "[fibre]\n# not yet known\n[gaps]\n"),
        ("[gaps]\n", "[siting]\nyears = []\n[gaps]\n"),
        ("[gaps]\n", "[siting]\nyears = [1]\n[gaps]\n"),
    ],
)
def test_what_a_field_cannot_show_as_it_stands_is_left_as_it_stands(study, written, instead):
    study.settings.write_text(SETTINGS.replace(written, instead), encoding="utf-8")
    assert changed_settings(study, _posted(study)) == SETTINGS.replace(written, instead)


def test_services_that_are_no_sections_are_shown_as_they_stand(study):
    study.settings.write_text("services = [1, 2]\n")
    given = {"services.0.id": ["x"], "services": ["[3]"], "remove": [""]}
    assert changed_settings(study, given) == "services = [3]\n"


def test_several_rows_of_one_list_change_at_once(study):
    years = "[siting]\nyears = [ # money\n  {year = 2027}, # a\n  {year = 2028}, # b\n]\n"
    study.settings.write_text(f"{SETTINGS}{years}", encoding="utf-8")
    after = _changed(study, siting__years__0__year="", siting__years__3__year="2030")
    assert tomllib.loads(after)["siting"] == {"years": [{"year": 2028}, {"year": 2030}]}
    assert "# b" in after
    assert _changed(study, siting__years__0__year="", siting__years__1__year="") == SETTINGS


def test_a_list_keeps_the_comments_of_what_stays_in_it(study):
    written = SETTINGS.replace('["a.tif", "b.tif"]', '[\n  "a.tif", # east\n  "b.tif", # west\n]')
    study.settings.write_text(written, encoding="utf-8")
    after = _changed(study, inputs__terrain='["a.tif", "c.tif"]')
    assert '"a.tif", # east' in after
    assert tomllib.loads(after)["inputs"]["terrain"] == ["a.tif", "c.tif"]


def test_a_file_with_the_mark_of_notepad_is_changed(study):
    study.settings.write_text(SETTINGS, encoding="utf-8-sig")
    assert _changed(study) == SETTINGS


def test_a_number_with_a_mark_of_thousands_is_asked_again(study):
    for content in ("30.000", "30,000", "3.000.000"):
        with pytest.raises(StudyError):
            _changed(study, radio__radius_km=content)
    assert "radius_km = 0.95\n" in _changed(study, radio__radius_km="0,950")


def test_one_change_changes_one_line(study):
    assert _changed(study, radio__radius_km="20,5") == SETTINGS.replace(
        "radius_km = 15", "radius_km = 20.5"
    )
    assert _changed(study, name='"""Tỉnh\\') == SETTINGS.replace('"Tỉnh nhỏ"', r'"\"\"\"Tỉnh\\"')
    assert _changed(study, services__0__threshold_dbm__4G="-110") == SETTINGS.replace(
        "4G = -115", "4G = -110"
    )
    assert _changed(study, inputs__terrain='["a.tif"]') == SETTINGS.replace(
        '["a.tif", "b.tif"]', '["a.tif"]'
    )


def test_sections_and_rows_are_added_and_taken_out(study):
    added = _changed(
        study, services__1__id="indoor", services__1__name="Trong nhà",
        services__1__name_en="Indoor", services__1__technologies="4G",
        services__1__environment="indoor",
        services__1__threshold_dbm__4G="-115", services__1__location_probability="0.9",
        targets__1__service="indoor", targets__1__share="0,5", targets__1__denominator="area",
        targets__1__scope="province", radio__building_loss_db="10",
        siting__service="mobile", siting__operator="Viettel", siting__technology="4G",
        siting__share_vnd="3e8", siting__years__0__year="2027", siting__years__0__budget_vnd="3e10",
        siting__masts__0__antenna_height_m="42", siting__masts__0__price_vnd="2e9",
    )  # fmt: skip
    assert added.startswith(SETTINGS.split("[gaps]", 1)[0].split("[[targets]]")[0])
    keys = tomllib.loads(added)
    assert keys["services"][1] == {
        "id": "indoor", "name": "Trong nhà", "name_en": "Indoor", "technologies": ["4G"],
        "environment": "indoor", "threshold_dbm": {"4G": -115}, "location_probability": 0.9,
    }  # fmt: skip
    assert keys["targets"][1]["share"] == 0.5
    assert keys["siting"]["years"] == [{"year": 2027, "budget_vnd": 3e10}]
    assert faults_of(study, added) is None
    study.settings.write_text(added, encoding="utf-8")
    taken = _posted(study) | {"remove": ["services.1", "siting"]}
    for name in ("service", "share", "denominator", "scope"):
        taken[f"targets.1.{name}"] = [""]
    after = tomllib.loads(changed_settings(study, taken))
    assert after == tomllib.loads(SETTINGS) | {
        "radio": tomllib.loads(SETTINGS)["radio"] | {"building_loss_db": 10}
    }


def test_what_cannot_be_read_or_held_is_told_beside_its_field(study):
    with pytest.raises(StudyError) as refused:
        _changed(study, radio__radius_km="rộng", radio__parameters="{ a = 1 }\n[fibre]")
    assert [one.key for one in refused.value.problems] == ["radio.parameters", "radio.radius_km"]
    assert "Bán kính" in refused.value.render("vi")
    fault = faults_of(study, _changed(study, radio__radius_km="2000"))
    assert [one.key for one in fault.problems] == ["radio.radius_km"]
    shown = as_given(settings_form(study), {"radio.radius_km": ["rộng"]})
    assert [one.value for section in shown for one in section.fields
            if one.name == "radio.radius_km"] == ["rộng"]  # fmt: skip


@settings(max_examples=30, deadline=None)
@given(text=st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1))
def test_any_text_is_written_as_one_text(tmp_path_factory, text):
    folder = StudyFolder.at(tmp_path_factory.mktemp("text"))
    folder.settings.write_text(SETTINGS, encoding="utf-8")
    written = tomllib.loads(changed_settings(folder, {"province": [text]}))
    expected = tomllib.loads(SETTINGS) | {"province": text.strip()}
    assert written == {key: value for key, value in expected.items() if value != ""}


def test_the_help_is_that_of_the_pages_and_every_label_is_of_a_key(checkout, study):
    shown = json.dumps(study_help.help_texts(), ensure_ascii=False, indent=1) + "\n"
    assert study_help.TARGET.read_text(encoding="utf-8") == shown  # python tools/study_help.py
    sections = settings_form(study)
    paths = [one.path for section in sections for one in section.fields]
    paths += [section.path for section in sections]
    paths += [(*section.path, key) for section in sections for key in section.rows]
    titles = {title for path in paths if path for title in (label_of(path).vi,)}
    unused = [
        key for key, told in catalogue().items()
        if key.startswith("desk.key_") and not any(told["vi"] in title for title in titles)
    ]  # fmt: skip
    assert unused == ["desk.key_study"]
