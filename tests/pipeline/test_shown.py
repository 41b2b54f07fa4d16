"""What studies, results and faults show in a notebook."""

import dataclasses
import re
import sys
import types

import pytest

from phusong.errors import InputError, Problem
from phusong.pipeline import Result
from phusong.pipeline.progress import NotebookBars, default_progress, silent
from phusong.tables import VILLAGES

HOSTILE = "<script>alert(1)</script>"


def test_study_shows_services_targets_and_files_escaped(result):
    study = result.study.model_copy(update={"province": HOSTILE})
    rows = dict(re.findall("<tr><th>(.*?)</th><td>(.*?)</td></tr>", study._repr_html_()))
    (service,) = study.services
    assert rows["Dịch vụ / Service"] == f"mobile: {service.name} / {service.name_en}"
    assert rows["Mục tiêu / Target"] == "mobile, commune: 98,0 % (population)"
    assert rows["inputs.terrain"] == "terrain.tif"
    assert rows["Tỉnh / Province"] == "&lt;script&gt;alert(1)&lt;/script&gt;"


def test_result_shows_board_tables_and_notes(result):
    shown = result._repr_html_()
    board = [cells.split("</td><td>") for cells in re.findall("<tr><td title=.*?</tr>", shown)]
    assert [computed for _, _, computed, _ in board] == result.board("vi")["Tính được"].to_list()
    named = re.findall("<code>(.*?)</code>.*?<td>([0-9.]+)</td>", shown)
    assert named == [(name, str(len(frame))) for name, (frame, _) in result.tables.items()]
    assert [shown.count(note.render("vi")) for note in result.notes] == [1] * len(result.notes)


def test_result_escapes_names(result):
    study = result.study.model_copy(update={"name": HOSTILE})
    shown = Result(dataclasses.replace(result.gathered, study=study))._repr_html_()
    assert shown.startswith("<b>&lt;script&gt;alert(1)&lt;/script&gt;</b> / ")
    assert HOSTILE not in shown


def test_problem_shows_both_languages_escaped():
    problem = Problem(message="study.blank", file="study.toml", key="name", value=HOSTILE)
    shown = problem._repr_html_()
    escaped = "&#39;&lt;script&gt;alert(1)&lt;/script&gt;&#39;"
    assert shown == (
        f"study.toml, khóa name, giá trị {escaped}: Chuỗi trống; hãy điền nội dung.<br>"
        f"study.toml, key name, value {escaped}: Empty text; fill it in."
    )


def test_planned_fault_shows_its_words_and_no_code():
    fault = InputError([Problem(message="study.blank", file="study.toml", key="name")])
    assert fault._render_traceback_() == [f"InputError: {fault}"]


def test_table_definition_shows_every_column():
    assert re.findall("<code>(.*?)</code>", VILLAGES._repr_html_()) == list(VILLAGES.columns)


class _Shown:
    def __init__(self):
        self.pages = []

    def __call__(self, data, **_):
        self.pages.append(data["text/html"])
        return self

    update = __call__


def test_notebook_bars_show_each_step_once_a_percent():
    shown = _Shown()
    bars = NotebookBars(shown)
    for done in range(1001):
        bars("pipeline.step_predict", done, 1000)
    bars("pipeline.step_write", 1, 4)
    assert len(shown.pages) == 1 + 101 + 1
    assert "value='100'" in shown.pages[-1]
    assert "value='25'" in shown.pages[-1]
    assert "Ghi kết quả / Writing results" in shown.pages[-1]


@pytest.mark.parametrize(("kernel", "expected"), [(None, type(silent)), (object(), NotebookBars)])
def test_bars_are_drawn_in_a_notebook_only(monkeypatch, kernel, expected):
    shell = types.SimpleNamespace(kernel=kernel)
    stand_in = types.SimpleNamespace(
        get_ipython=lambda: shell, display=types.SimpleNamespace(display=_Shown())
    )
    monkeypatch.setitem(sys.modules, "IPython", stand_in)
    assert type(default_progress()) is expected
