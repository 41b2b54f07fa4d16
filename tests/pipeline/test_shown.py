"""What studies, results and faults show in a notebook."""

import dataclasses
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
    shown = study._repr_html_()
    for service in study.services:
        assert service.name in shown
    assert "inputs.terrain" in shown
    assert "&lt;script&gt;" in shown
    assert HOSTILE not in shown


def test_result_shows_board_tables_and_notes(result):
    shown = result._repr_html_()
    for figure in result.board("vi")["Tính được"]:
        assert figure in shown
    for name, (frame, _) in result.tables.items():
        assert f"<code>{name}</code>" in shown
        assert f"<td>{len(frame):,}</td>".replace(",", ".") in shown
    for note in result.notes:
        assert note.render("vi") in shown


def test_result_escapes_names(result):
    study = result.study.model_copy(update={"name": HOSTILE})
    shown = Result(dataclasses.replace(result.gathered, study=study))._repr_html_()
    assert HOSTILE not in shown
    assert "&lt;script&gt;" in shown


def test_problem_shows_both_languages_escaped():
    problem = Problem(message="study.blank", file="study.toml", key="name", value=HOSTILE)
    shown = problem._repr_html_()
    assert "Chuỗi trống" in shown
    assert "Empty text" in shown
    assert HOSTILE not in shown


def test_planned_fault_shows_its_words_and_no_code():
    fault = InputError([Problem(message="study.blank", file="study.toml", key="name")])
    assert fault._render_traceback_() == [f"InputError: {fault}"]


def test_table_definition_shows_every_column():
    shown = VILLAGES._repr_html_()
    assert all(f"<code>{name}</code>" in shown for name in VILLAGES.columns)


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
    assert isinstance(default_progress(), expected)
