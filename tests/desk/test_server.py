"""The desk's addresses, asked without a browser."""

import os
import re

import pytest

from phusong.desk import StudyFolder, Work
from phusong.desk.questions import Answer, Question, keep_questions, questions_of
from phusong.desk.work import Outcome

from .conftest import ORIGIN, TOKEN


def test_a_file_arrives_whole_under_its_name(client, at, study):
    content = b"\x00\xff" * 100_000
    answer = client.put(at("files/tr%E1%BA%A1m%20A.bin"), content=content, headers=ORIGIN)
    assert answer.json() == {"name": "trạm A.bin", "bytes": 200_000}
    assert (study.path / "trạm A.bin").read_bytes() == content
    assert [one.name for one in study.path.iterdir()] == ["trạm A.bin"]


@pytest.mark.parametrize("name", ["..%2Fup.csv", "%2e%2e%2fup.csv", "study.toml", ".bashrc"])
def test_no_file_is_written_elsewhere(client, at, study, name):
    answer = client.put(at(f"files/{name}"), content=b"x", headers=ORIGIN)
    assert answer.status_code in (400, 404, 405)
    assert list(study.path.iterdir()) == []
    assert not (study.path.parent / "up.csv").exists()


def test_a_file_too_large_leaves_nothing(client, at, study, monkeypatch):
    monkeypatch.setattr("phusong.desk.server.LARGEST_UPLOAD_BYTES", 10)
    answer = client.put(at("files/a.csv"), content=b"x" * 11, headers=ORIGIN)
    assert answer.status_code == 413
    assert set(answer.json()["messages"][0]) == {"vi", "en"}
    assert list(study.path.iterdir()) == []


def test_only_results_and_checks_are_given_out(client, results_at, study):
    (study.path / "offices.csv").write_text("secret")
    study.results.mkdir()
    (study.results / "index.html").write_text("<p>board")
    (study.results / "link.html").symlink_to(study.path / "offices.csv")
    answer = client.get(results_at("results/"))
    assert answer.text == "<p>board"
    assert answer.headers["content-security-policy"].startswith("sandbox allow-scripts")
    assert "allow-same-origin" not in answer.headers["content-security-policy"]
    for path in ("results/%2e%2e/offices.csv", "results/link.html", "other/x",
                 "check/index.html", "results/..%2Foffices.csv"):  # fmt: skip
        assert client.get(results_at(path)).status_code == 404


def test_a_page_of_results_learns_no_address_of_the_desk(client, desk, at, results_at, study):
    study.results.mkdir()
    (study.results / "manifest.json").write_text("{}")
    (study.results / "index.html").write_text("<p>board")
    page = client.get(at()).text
    assert f'href="{results_at("results/")}" target="_blank" rel="noreferrer"' in page
    assert TOKEN not in results_at("results/")
    of_results = f"/{desk.results_token}"
    assert client.get(f"{of_results}/").status_code == 404
    assert client.get(f"{of_results}/study/{study.key}/").status_code == 404
    for method, path in (("PUT", "files/a.csv"), ("POST", "do/run"), ("POST", "results/")):
        answer = client.request(method, results_at(path), headers=ORIGIN)
        assert answer.status_code in (404, 405)
    assert list(study.path.glob("*.csv")) == []


def test_names_and_settings_of_files_are_text(client, at, study):
    name = "<img src=x onerror=alert(1)>{{ 7777*11113 }}"
    (study.path / name).write_text("")
    study.settings.write_text('name = "</textarea><script>1</script>"')
    for path in ("", "settings"):
        page = client.get(at(path)).text
        assert "<img" not in page
        assert "<script>1" not in page
        assert str(7777 * 11113) not in page
    assert "&lt;/textarea&gt;" in client.get(at("settings")).text


def test_settings_are_saved_and_what_changed_meanwhile_is_told(client, at, study):
    study.settings.write_text("a = 1\n")
    fields = {"text": "a = 2\r\n", "before": study.digest()}  # as browsers send line ends
    assert client.post(at("settings/text"), data=fields, headers=ORIGIN).status_code == 303
    assert study.settings.read_bytes() == b"a = 2\n"
    refused = client.post(at("settings/text"), data=fields | {"text": "a = 3"}, headers=ORIGIN)
    assert refused.status_code == 409
    assert "a = 3" in refused.text  # what was typed is not lost
    shown = fields | {"before": re.search('name="before" value="(.*?)"', refused.text)[1]}
    again = client.post(at("settings/text"), data=shown | {"text": "a = 3"}, headers=ORIGIN)
    assert again.status_code == 409  # nor what the other page saved, if "save" is pressed once more
    assert study.settings.read_bytes() == b"a = 2\n"


def test_a_form_with_a_fault_is_saved_only_where_the_user_insists(client, at, study):
    study.settings.write_text('name = "A"\nresolution_m = 90  # side\n')
    fields = {"resolution_m": "5", "name": "<b>", "before": study.digest()}
    refused = client.post(at("settings"), data=fields, headers=ORIGIN)
    assert refused.status_code == 400
    assert 'value="&lt;b&gt;"' in refused.text
    assert 'id="resolution_m" name="resolution_m" value="5"' in refused.text
    assert refused.text.count('aria-invalid="true"') == refused.text.count("field faulty")
    assert study.text() == 'name = "A"\nresolution_m = 90  # side\n'
    saved = client.post(at("settings"), data=fields | {"anyway": "1"}, headers=ORIGIN)
    assert saved.status_code == 303
    assert study.text() == 'name = "<b>"\nresolution_m = 5  # side\n'
    study.settings.write_text("no toml")
    assert "<textarea" in client.get(at("settings")).text


def test_one_call_at_a_time(client, at, desk, study):
    desk.work = Work(study, "run")
    answer = client.post(at("do/check"), headers=ORIGIN)
    assert answer.status_code == 409
    assert client.post(at("do/format"), headers=ORIGIN).status_code == 404
    desk.work.steps["pipeline.step_load"] = (1, 4)
    assert client.get(at("progress")).json()["steps"][0]["percent"] == 25
    desk.work.outcome = Outcome(state="stopped")
    assert client.get(at("progress")).json()["state"] == "stopped"


def test_a_folder_that_cannot_be_made_is_told(client, desk, tmp_path):
    (tmp_path / "file").write_text("")
    for folder in ("", str(tmp_path / "file" / "below"), "a\x00b"):
        answer = client.post(f"{desk.root}/studies", data={"folder": folder}, headers=ORIGIN)
        assert answer.status_code == 400
        assert 'role="alert"' in answer.text


def test_a_study_that_was_not_opened_is_not_there(client, desk):
    assert client.get(f"{desk.root}/study/0123456789abcdef/").status_code == 404


def test_a_study_whose_folder_is_gone_is_told_and_opens_once_it_is_back(
    client, desk, study, at, results_at
):
    study.path.rename(study.path.with_name("moved"))
    browser = {"accept": "text/html"}
    page = client.get(at(), headers=browser)
    assert page.status_code == 404
    assert 'role="alert"' in page.text
    assert client.post(at("do/check"), headers=ORIGIN).json()["messages"]
    of_results = client.get(results_at("results/"), headers=browser)
    assert of_results.status_code == 404
    assert TOKEN not in of_results.text
    study.path.with_name("moved").rename(study.path)  # a drive that is connected again
    assert client.get(at()).status_code == 200


def test_how_a_call_ended_while_no_page_was_open_is_told_on_reopening(client, at, desk, study):
    desk.work = Work(study, "run")
    assert "data-followed" in client.get(at()).text
    client.get(at("progress"))  # then the browser is closed
    desk.work.outcome = Outcome(state="refused")
    assert "data-followed" in client.get(at()).text
    assert client.get(at("progress")).json()["state"] == "refused"
    assert "data-followed" not in client.get(at()).text


def test_the_page_offers_to_go_on_after_a_kill(client, at, study):
    study.begin("give", {"what": "xlsx", "commune": "Xín Mần"})
    page = client.get(at()).text.split('id="work"')[0]
    assert 'data-do="give" data-options="what=xlsx&amp;commune=X%C3%ADn+M%E1%BA%A7n"' in page
    study.begin("run")
    assert 'data-do="run" data-options="">' in client.get(at()).text.split('id="work"')[0]


def test_a_call_that_cannot_begin_does_not_stand_in_the_way(client, at, desk, study, tmp_path):
    (study.path / ".phusong").symlink_to(tmp_path)
    answer = client.post(at("do/check"), headers=ORIGIN)
    assert answer.status_code == 400
    assert set(answer.json()["messages"][0]) == {"vi", "en"}
    assert desk.work is None


@pytest.mark.parametrize(
    ("file", "content"),
    [
        (".phusong/work.json", "[" * 100_000),
        (".phusong/checked.json", "[" * 100_000),
        (".phusong/checked.json", '[{"file": "\\ud800", "table": ["a", "b"], "rows": 1, "used": 1,'
         ' "mended": 1, "set_aside": 1, "passed_over": 1}]'),
        (".phusong/checked.json", '[{"file": "a", "table": ["a", "b"], "rows": 1e999}]'),
        (".phusong/questions.json", "[" * 100_000),
        ("ket-qua/manifest.json", "[" * 100_000),
    ],
)  # fmt: skip
def test_a_damaged_file_of_the_desk_does_not_close_the_study(client, at, study, file, content):
    target = study.path / file
    target.parent.mkdir()
    target.write_text(content)
    assert client.get(at()).status_code == 200


@pytest.mark.skipif(os.name == "nt", reason="names are characters there")
def test_a_name_that_is_no_characters_is_shown(client, desk, study, at):
    name = os.fsdecode(b"tr\xb9m")
    (study.path / f"{name}.csv").write_text("")
    assert "tr?m.csv" in client.get(at()).text
    other = StudyFolder.at(study.path / name)
    other.path.mkdir()
    assert client.get(desk.open(other)).status_code == 200
    assert desk.recent.studies()[0] == other


def test_an_address_that_no_file_can_have_is_not_there(client, results_at, study):
    study.results.mkdir()
    (study.results / "loop").symlink_to("loop")
    for name in ("%00", "loop", "x" * 300):
        assert client.get(results_at(f"results/{name}")).status_code == 404


def test_a_form_that_is_told_a_fault_does_not_overwrite_another_page(client, at, study):
    study.settings.write_text('name = "A"\n')
    before = study.digest()
    study.settings.write_text('name = "B"\n')
    fields = {"name": "A", "resolution_m": "5", "before": before}
    refused = client.post(at("settings"), data=fields, headers=ORIGIN)
    assert refused.status_code == 400
    assert f'name="before" value="{before}"' in refused.text


def test_an_answer_of_an_older_page_answers_no_other_question(client, at, study):
    study.settings.write_text('[inputs]\ncells = "a.csv"\n')
    before = study.text()
    one, two = (
        Question(vi=name, en=name, answers=(Answer(vi="x", en="x", add=(name, "x.tif")),))
        for name in ("population", "terrain")
    )
    keep_questions(study, [one, two])
    fields = {"question": one.key, "answer": "", "before": study.digest()}
    assert client.post(at("answer"), data=fields, headers=ORIGIN).status_code == 303
    late = fields | {"answer": "0"}
    assert client.post(at("answer"), data=late, headers=ORIGIN).status_code == 409
    assert (study.text(), questions_of(study)) == (before, (two,))
    stale = {"question": two.key, "answer": "0", "before": ""}
    refused = client.post(at("answer"), data=stale, headers=ORIGIN)
    assert refused.status_code == 409
    assert 'role="alert"' in refused.text
    study.settings.write_text("inputs = 3\n")
    answer = stale | {"before": study.digest()}
    assert client.post(at("answer"), data=answer, headers=ORIGIN).status_code == 409


def test_somebody_who_goes_to_an_address_is_told_in_a_page(client, at, study):
    study.settings.mkdir()
    assert client.get(at(), headers={"accept": "*/*"}).json()["messages"]
    page = client.get(at(), headers={"accept": "text/html,*/*;q=0.8"})
    assert page.status_code == 507
    assert 'role="alert"' in page.text
