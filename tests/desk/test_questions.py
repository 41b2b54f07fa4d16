"""What is in doubt becomes a choice, and the answer a line of study.toml."""

import json
import tomllib

import geopandas as gpd
import openpyxl
import pytest
import tomlkit

from phusong.desk import StudyFolder
from phusong.desk.questions import answered, keep_questions, questions_of
from phusong.desk.work import TASKS
from phusong.errors import OutputError


@pytest.fixture
def study(tmp_path, office_files):
    for path in office_files:
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return StudyFolder.at(tmp_path)


def _done(study, task):
    return TASKS[task](study, lambda *_: None)


def _answer(study, place, choice):
    questions = questions_of(study)
    chosen = questions[place].answers[choice]
    study.save_settings(answered(study, chosen), study.digest())
    keep_questions(study, [one for one in questions if one is not questions[place]])


def _book(study, change):
    path = study.path / "danh sách trạm.xlsx"
    book = openpyxl.load_workbook(path)
    change(book.active)
    book.save(path)


def test_a_sound_study_asks_nothing_and_shows_what_was_read(study):
    assert _done(study, "begin").state == "done"
    assert _done(study, "check").state in ("done", "told")
    assert questions_of(study) == ()
    (stations,) = (one for one in json.loads(study.kept("checked.json")) if "trạm" in one["file"])
    assert stations["used"] + stations["set_aside"] + stations["passed_over"] == stations["rows"]


def test_one_of_two_rasters_of_people_is_chosen(study, pristine):
    for name in ("dân số 1.tif", "dân số 2.tif"):
        (study.path / name).write_bytes((pristine / "population.tif").read_bytes())
    outcome = _done(study, "begin")
    assert outcome.state == "told"
    (question,) = questions_of(study)
    assert [one.vi for one in question.answers] == [
        'population = "dân số 1.tif"', 'population = "dân số 2.tif"',
    ]  # fmt: skip
    _answer(study, 0, 1)
    assert tomllib.loads(study.text())["inputs"]["population"] == "dân số 2.tif"
    assert questions_of(study) == ()


def test_a_column_that_is_missing_is_chosen_among_those_without_use(study):
    _done(study, "begin")

    def renamed(sheet):
        for cell in sheet[2]:
            if cell.value == "Nhà mạng":
                cell.value = "Bên quản lý X"

    _book(study, renamed)
    assert _done(study, "check").state == "refused"
    asked = questions_of(study)
    operator = next(one for one in asked if any("Viettel" in each.vi for each in one.answers))
    place = asked.index(operator)
    titles = [one.vi for one in operator.answers]
    assert "Cột “Bên quản lý X”" in titles
    assert "Không có cột: mọi dòng đều là Viettel" in titles
    _answer(study, place, titles.index("Cột “Bên quản lý X”"))
    cells = tomllib.loads(study.text())["inputs"]["cells"]
    assert cells["headings"] == {"Bên quản lý X": "operator"}
    assert _done(study, "check").state in ("done", "told")


def test_a_list_that_lacks_one_column_may_be_taken_for_what_it_is_nearest_to(study):
    _book(study, lambda sheet: sheet.delete_cols(2))
    assert _done(study, "begin").state == "told"
    (question,) = questions_of(study)
    assert [one.vi for one in question.answers] == ['cells = "danh sách trạm.xlsx"']
    _answer(study, 0, 0)
    assert _done(study, "check").state == "refused"
    titles = [each.vi for one in questions_of(study) for each in one.answers]
    assert "Không có cột: mọi dòng đều là Viettel" in titles


def test_a_zone_is_chosen_among_those_that_fit(study):
    _done(study, "begin")
    communes = gpd.read_file(study.path / "ranh_gioi_xa.shp")
    places = communes.geometry.to_crs("EPSG:9210").representative_point()
    book = openpyxl.Workbook()
    book.active.append(["Tên trạm", "Nhà mạng", "Công nghệ", "Băng tần", "Mã xã", "x_m", "y_m"])
    for number, (code, place) in enumerate(zip(communes["MA_XA"], places, strict=True)):
        book.active.append([f"T{number}", "Viettel", "4G", "1800", code, place.x, place.y])
    book.save(study.path / "danh sách trạm.xlsx")
    named = tomlkit.parse(study.text())
    named["inputs"]["cells"] = {"path": "danh sách trạm.xlsx", "crs": "EPSG:9218"}
    study.settings.write_text(tomlkit.dumps(named), encoding="utf-8")
    assert _done(study, "check").state == "refused"
    (question,) = questions_of(study)
    zones = [one.vi.split()[0] for one in question.answers]
    _answer(study, 0, zones.index("EPSG:9210"))
    assert tomllib.loads(study.text())["inputs"]["cells"]["crs"] == "EPSG:9210"
    assert _done(study, "check").state in ("done", "told")


def test_an_answer_about_a_file_no_longer_named_is_refused(study):
    _done(study, "begin")
    (study.path / "x.tif").write_bytes(b"")
    study.keep("questions.json", "[1, 2")
    assert questions_of(study) == ()  # damaged
    study.keep(
        "questions.json",
        '[{"vi": "?", "en": "?", "answers": [{"vi": "a", "en": "a", "of": ["gone.csv", null],'
        ' "change": {"crs": "EPSG:9210"}}]}]',
    )
    with pytest.raises(OutputError):
        _answer(study, 0, 0)
