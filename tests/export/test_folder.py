import os
import signal
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest

from phusong.errors import OutputError
from phusong.export import check_output_folder, output_folder, write_manifest
from phusong.export import folder as module


def fill(folder, words):
    (folder / "maps").mkdir()
    (folder / "maps" / "a.html").write_text(words, encoding="utf-8")
    write_manifest(folder, parameters={}, inputs={})


def write(path, words="new"):
    with output_folder(path) as folder:
        fill(folder, words)


def write_and_fail(path, fault):
    with output_folder(path) as folder:
        fill(folder, "new")
        raise fault


def words_in(path):
    return (path / "maps" / "a.html").read_text(encoding="utf-8")


def names(folder):
    return sorted(entry.name for entry in folder.iterdir())


@pytest.fixture
def old(tmp_path):
    write(tmp_path / "out", "old")
    return tmp_path / "out"


def test_a_folder_and_those_above_it_are_made(tmp_path):
    write(tmp_path / "a" / "b" / "out")
    assert words_in(tmp_path / "a" / "b" / "out") == "new"
    assert names(tmp_path / "a" / "b") == ["out"]


def test_an_older_output_is_replaced_whole(old):
    with output_folder(old) as folder:
        write_manifest(folder, parameters={}, inputs={})
    assert names(old) == ["manifest.json"]
    assert names(old.parent) == ["out"]


def test_an_older_output_is_untouched_until_the_swap(old):
    with output_folder(old) as folder:
        fill(folder, "new")
        assert words_in(old) == "old"
    assert words_in(old) == "new"


@pytest.mark.parametrize("fault", [ValueError("bug"), KeyboardInterrupt(), SystemExit(1)])
def test_a_failure_inside_leaves_the_older_output_and_nothing_else(old, fault):
    with pytest.raises(type(fault)):
        write_and_fail(old, fault)
    assert words_in(old) == "old"
    assert names(old.parent) == ["out"]


def test_a_failure_inside_the_first_run_leaves_nothing(tmp_path):
    with pytest.raises(ValueError, match="bug"):
        write_and_fail(tmp_path / "out", ValueError("bug"))
    assert names(tmp_path) == []


def test_a_folder_without_a_manifest_is_not_put_in_place(tmp_path):
    def forget():
        with output_folder(tmp_path / "out") as folder:
            (folder / "a.txt").write_text("x")

    with pytest.raises(ValueError, match="needs its manifest"):
        forget()
    assert names(tmp_path) == []


def test_an_empty_folder_may_be_used(tmp_path):
    (tmp_path / "out").mkdir()
    write(tmp_path / "out")
    assert words_in(tmp_path / "out") == "new"


def test_a_link_to_a_folder_stays_a_link(tmp_path, old):
    (tmp_path / "link").symlink_to(old)
    write(tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert words_in(old) == "new"


@pytest.mark.parametrize(
    "manifest", [None, "", "[]", "{}", '{"written_by": "else", "outputs": []}', "[" * 100_000]
)
def test_a_folder_of_someone_else_is_refused(tmp_path, manifest):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.docx").write_text("years of work")
    if manifest is not None:
        (tmp_path / "out" / "manifest.json").write_text(manifest)
    for attempt in (check_output_folder, write):
        with pytest.raises(OutputError, match="holds data that phusong did not write"):
            attempt(tmp_path / "out")
    assert (tmp_path / "out" / "thesis.docx").read_text() == "years of work"


def test_the_root_of_the_disk_is_refused():
    with pytest.raises(OutputError, match="did not write"):
        write(Path("/"))


def test_a_file_is_refused(tmp_path):
    (tmp_path / "out").write_text("x")
    with pytest.raises(OutputError, match="is a file, not an output folder"):
        write(tmp_path / "out")


def test_files_a_user_added_to_an_output_are_named_and_kept(old):
    (old / "maps" / "ghi chú.docx").write_text("x")
    with pytest.raises(OutputError, match=r"files that someone added: maps/ghi chú\.docx"):
        write(old)
    assert words_in(old) == "old"


@pytest.mark.parametrize("name", ["Thumbs.db", "level.tif.aux.xml", "~$tables.xlsx", ".DS_Store"])
def test_what_viewers_leave_behind_does_not_stop_a_run(old, name):
    (old / "maps" / name).write_text("x")
    write(old)
    assert words_in(old) == "new"


def test_a_file_added_while_a_run_was_writing_is_kept(old):

    def write_while_a_user_saves_there():
        with output_folder(old) as folder:
            fill(folder, "new")
            (old / "notes.txt").write_text("x")

    with pytest.raises(OutputError, match="someone added"):
        write_while_a_user_saves_there()
    assert words_in(old) == "old"


def test_the_fault_is_told_in_both_languages_with_a_remedy(tmp_path):
    (tmp_path / "out").write_text("x")
    with pytest.raises(OutputError) as told:
        check_output_folder(tmp_path / "out")
    assert "Chọn tên khác" in told.value.render("vi")
    assert "Choose another name" in told.value.render("en")


def test_a_folder_below_a_file_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("x")
    for attempt in (check_output_folder, write):
        with pytest.raises(OutputError, match="cannot be written"):
            attempt(tmp_path / "file" / "out")


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may write everywhere"
)
def test_a_read_only_place_is_refused(tmp_path):
    tmp_path.chmod(0o500)
    try:
        for attempt in (check_output_folder, write):
            with pytest.raises(OutputError, match="not permitted"):
                attempt(tmp_path / "out")
    finally:
        tmp_path.chmod(0o700)


@pytest.mark.parametrize(
    ("number", "message"),
    [(28, "not enough room on the disk"), (30, "not permitted"), (5, "cannot be written")],
)
def test_what_the_system_refuses_is_told_with_a_remedy(old, number, message):
    with pytest.raises(OutputError, match=message):
        write_and_fail(old, OSError(number, os.strerror(number)))
    assert words_in(old) == "old"
    assert names(old.parent) == ["out"]


def test_a_swap_that_fails_half_way_gives_the_older_output_back(old, monkeypatch):
    renames = []
    rename = type(old).rename

    def fails_the_second_time(source, target):
        renames.append(source)
        if len(renames) == 2:
            raise PermissionError(13, "held by another program")
        return rename(source, target)

    monkeypatch.setattr(type(old), "rename", fails_the_second_time)
    with pytest.raises(OutputError, match="Close result files that are open in Excel"):
        write(old)
    assert words_in(old) == "old"
    assert names(old.parent) == ["out"]


def test_two_runs_cannot_write_one_folder_at_once(old):
    with output_folder(old) as folder:
        with pytest.raises(OutputError, match="Another run is writing its results"):
            write(old, "intruder")
        fill(folder, "new")
    assert words_in(old) == "new"


def test_two_runs_may_write_neighbouring_folders_at_once(tmp_path):
    with output_folder(tmp_path / "a") as one, output_folder(tmp_path / "b") as other:
        fill(one, "a")
        fill(other, "b")
    assert (words_in(tmp_path / "a"), words_in(tmp_path / "b")) == ("a", "b")
    assert names(tmp_path) == ["a", "b"]


def test_a_run_outside_the_main_thread_works(tmp_path):
    thread = threading.Thread(target=write, args=(tmp_path / "out",))
    thread.start()
    thread.join()
    assert words_in(tmp_path / "out") == "new"


def test_a_signal_handler_of_the_program_around_stays(tmp_path):
    def own(number, frame):
        """Stand for a handler of Jupyter or a service."""

    before = signal.signal(signal.SIGTERM, own)
    try:
        with output_folder(tmp_path / "out") as folder:
            assert signal.getsignal(signal.SIGTERM) is own
            fill(folder, "new")
        assert signal.getsignal(signal.SIGTERM) is own
    finally:
        signal.signal(signal.SIGTERM, before)


RUN = """
    import sys
    from pathlib import Path
    from phusong.export import output_folder
    with output_folder(Path(sys.argv[1])) as folder:
        (folder / "half.txt").write_text("half")
        print("writing", flush=True)
        sys.stdin.read()
"""


@pytest.fixture
def writing(old):
    """Start a run that has written half of its output over an older one."""
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(RUN), str(old)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout.readline() == "writing\n"
    yield process
    process.kill()
    process.communicate()


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_a_killed_run_leaves_the_older_output_and_the_next_one_clears_up(writing, old):
    writing.send_signal(signal.SIGKILL)
    writing.wait()
    assert words_in(old) == "old"
    assert len(names(old.parent)) > 1  # nothing could clear up
    write(old)
    assert words_in(old) == "new"
    assert names(old.parent) == ["out"]


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize("number", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_a_terminated_run_clears_up_itself(writing, old, number):
    writing.send_signal(getattr(signal, number))
    assert writing.wait() != 0
    assert words_in(old) == "old"
    assert names(old.parent) == ["out"]


def test_a_live_run_is_not_taken_for_a_dead_one(writing, old):
    with pytest.raises(OutputError, match="Another run"):
        write(old)
    assert "half.txt" in names(old.parent / ".out.phusong-new")


def test_a_run_killed_between_the_two_renames_loses_nothing(old):
    old.rename(old.with_name(".out.phusong-old"))
    with pytest.raises(ValueError, match="bug"), output_folder(old):
        raise ValueError("bug")
    assert words_in(old) == "old"
    assert names(old.parent) == ["out"]


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX limits")
def test_a_disk_that_fills_up_leaves_the_older_output(old):
    """A limit on the size of a file stands for the full disk: the system refuses the write."""
    program = """
        import resource, signal, sys
        from pathlib import Path
        from phusong.errors import OutputError
        from phusong.export import output_folder
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        try:
            with output_folder(Path(sys.argv[1])) as folder:
                (folder / "big.geojson").write_bytes(b"x" * 1_000_000)
        except OutputError as fault:
            print(fault.render("en"))
    """
    told = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), str(old)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "There is not enough room on the disk" in told.stdout
    assert words_in(old) == "old"
    assert names(old.parent) == ["out"]


def test_debris_patterns_match_no_output_of_ours(old):
    ours = [entry for entry in old.rglob("*") if entry.is_file()]
    assert not [entry for entry in ours for pattern in module.DEBRIS if entry.match(pattern)]
