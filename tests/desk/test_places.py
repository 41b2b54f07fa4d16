"""What the desk keeps in a study's folder, and which names a file may have."""

import subprocess
import sys

import pytest

from phusong.desk import Recent, StudyFolder
from phusong.errors import OutputError


@pytest.fixture
def study(tmp_path):
    return StudyFolder.at(tmp_path)


@pytest.mark.parametrize(
    "name",
    ["../up.csv", "a/b.csv", "a\\b.csv", ".hidden", "study.toml", "Study.TOML", "CON", "nul.txt",
     "a\x00.csv", "x" * 151, "ends.", " begins", "", "c:x.csv",
     "COM¹.csv", "CON .csv", "conout$"],
)  # fmt: skip
def test_names_that_lead_elsewhere_or_are_no_file_are_refused(study, name):
    with pytest.raises(OutputError):
        study.file_to_write(name)


def test_vietnamese_names_are_stored_composed(study):
    decomposed = "danh sa\u0301ch.xlsx"
    assert study.file_to_write(decomposed) == study.path / "danh sách.xlsx"


def test_a_file_put_aside_can_be_taken_back(study):
    (study.path / "a.csv").write_text("1")
    study.put_aside("a.csv")
    assert study.files() == []
    assert (study.path / ".phusong" / "removed" / "a.csv").read_text() == "1"
    with pytest.raises(OutputError):
        study.put_aside("a.csv")


def test_settings_changed_meanwhile_are_not_overwritten(study):
    empty = study.digest()
    study.save_settings("a = 1\n", empty)
    with pytest.raises(OutputError):
        study.save_settings("a = 2\n", empty)
    study.save_settings("a = 2\n", study.digest())
    assert study.text() == "a = 2\n"
    assert (study.path / ".phusong" / "study.toml.before").read_text() == "a = 1\n"


def test_what_was_at_work_is_known_after_a_kill(study):
    assert study.unfinished() is None
    study.begin("run")
    assert study.unfinished() == ("run", {})
    study.end()
    assert study.unfinished() is None
    study.mark.write_text("[]")
    assert study.unfinished() is None


def test_what_another_desk_has_at_work_is_not_offered_until_that_desk_is_gone(study):
    begin = (
        "import sys; from phusong.desk import StudyFolder; StudyFolder.at(sys.argv[1]).begin('run')"
    )
    command = [sys.executable, "-c", begin + "; print(flush=True); sys.stdin.read()", study.path]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, **pipes) as other:
        other.stdout.readline()
        assert study.at_work_elsewhere
        assert study.unfinished() is None
        other.stdin.close()
    assert not study.at_work_elsewhere
    assert study.unfinished() == ("run", {})
    study.mark.write_text('{"task": "run", "options": {}, "desk": [true]}')
    assert not study.at_work_elsewhere


def test_nothing_is_kept_behind_a_link(study, tmp_path_factory):
    (study.path / ".phusong").symlink_to(tmp_path_factory.mktemp("elsewhere"))
    with pytest.raises(OutputError):
        study.begin("run")


def test_the_last_study_stands_first_and_what_is_gone_is_left_out(tmp_path):
    recent = Recent(tmp_path / "settings" / "desk.json")
    one, two = (StudyFolder.at(tmp_path / name) for name in ("one", "two"))
    for study in (one, two):
        study.path.mkdir()
        recent.add(study)
    recent.add(one)
    assert recent.studies() == [one, two]
    two.path.rmdir()
    assert recent.studies() == [one]
    recent.add(one)
    two.path.mkdir()  # on a drive that is connected again
    assert recent.studies() == [one, two]
    recent.path.write_text('{"not": "a list"}')
    assert recent.studies() == []


def test_no_file_is_written_through_a_link(study, tmp_path_factory):
    victim = tmp_path_factory.mktemp("elsewhere") / "letter.docx"
    victim.write_text("years of work")
    kept = study.path / ".phusong"
    kept.mkdir()
    names = ("study.toml", "study.toml.part", ".phusong/study.toml.before",
             ".phusong/study.toml.before.part", ".a.geojson.part")  # fmt: skip
    for name in names:
        (study.path / name).symlink_to(victim)
    study.save_settings("a = 1\n", study.digest())
    study.store("a.geojson", b"{}")
    assert victim.read_text() == "years of work"
    assert not study.settings.is_symlink()
    (kept / "removed").symlink_to(victim.parent)
    with pytest.raises(OutputError):
        study.put_aside("a.geojson")
    study.path_to_give("bao-cao.docx").symlink_to(victim)
    with pytest.raises(OutputError):
        study.path_to_give("bao-cao.docx")
    study.given.rename(study.path / "moved")
    study.given.symlink_to(victim.parent)
    with pytest.raises(OutputError):
        study.path_to_give("ke-hoach.docx")


def test_former_settings_stay_byte_for_byte_and_no_file_put_aside_is_lost(study):
    former = 'name = "Tỉnh"\n'.encode("utf-16")  # as Notepad may save it
    study.settings.write_bytes(former)
    study.save_settings("", study.digest())
    assert (study.path / ".phusong" / "study.toml.before").read_bytes() == former
    for content in ("1", "2"):
        (study.path / "a.csv").write_text(content)
        study.put_aside("a.csv")
    aside = study.path / ".phusong" / "removed"
    assert [(aside / name).read_text() for name in ("a.csv", "a (2).csv")] == ["1", "2"]
    assert [one.name for one in study.path.iterdir() if ".part" in one.name] == []
