import errno
import os
import signal
import stat
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest

from phusong.errors import OutputError
from phusong.export import (
    check_output_folder,
    output_file,
    output_folder,
    recover_output,
    refuse_within_output,
    write_manifest,
)
from phusong.export import folder as module
from phusong.export.manifest import DEBRIS


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
    for attempt in (check_output_folder, write):
        with pytest.raises(OutputError, match=r"files that someone added: maps/ghi chú\.docx; or"):
            attempt(old)
    assert words_in(old) == "old"


def test_files_a_user_changed_are_named_and_kept(old):
    (old / "maps" / "a.html").write_text("old, with my remarks")
    for attempt in (check_output_folder, write):
        with pytest.raises(OutputError, match=r"added: –; or changed: maps/a\.html\. Move"):
            attempt(old)
    assert words_in(old) == "old, with my remarks"


def test_a_file_a_user_removed_does_not_stop_a_run(old):
    (old / "maps" / "a.html").unlink()
    write(old)
    assert words_in(old) == "new"


def test_a_folder_a_user_added_is_named_and_kept_even_if_empty(old):
    (old / "photos").mkdir()
    for attempt in (check_output_folder, write):
        with pytest.raises(OutputError, match="added: photos/; or"):
            attempt(old)
    assert names(old) == ["manifest.json", "maps", "photos"]
    assert words_in(old) == "old"


def test_replace_overrules_in_a_folder_of_ours_only(old, tmp_path):
    (old / "maps" / "a.html").write_text("remarks")
    (old / "photos").mkdir()
    (old / "link").symlink_to(tmp_path / "elsewhere.txt")
    (tmp_path / "elsewhere.txt").write_text("not in the folder")
    check_output_folder(old, replace=True)
    with output_folder(old, replace=True) as folder:
        fill(folder, "new")
    assert words_in(old) == "new"
    assert names(old) == ["manifest.json", "maps"]
    assert (tmp_path / "elsewhere.txt").read_text() == "not in the folder"
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "thesis.docx").write_text("years of work")
    with pytest.raises(OutputError, match="phusong did not write"):
        check_output_folder(tmp_path / "thesis", replace=True)


def test_names_that_would_play_tricks_on_a_terminal_are_shown_as_text(old):
    (old / "a\x1b[2J\u202e.txt").write_text("x")
    with pytest.raises(OutputError) as told:
        check_output_folder(old)
    _, _, found = told.value.render("en").partition("added: ")
    assert found.split(";")[0] == "a\\x1b[2J\\u202e.txt"


def test_nothing_is_written_into_a_folder_that_phusong_wrote(old):
    for inner in (old / "more", old / "maps" / "deep" / "more"):
        for attempt in (check_output_folder, write):
            with pytest.raises(OutputError, match=r"which phusong wrote\. Choose another place"):
                attempt(inner)
    with (
        pytest.raises(OutputError, match="which phusong wrote"),
        output_file(old / "a.gpkg", replace=True),
    ):
        pass
    with pytest.raises(OutputError, match="which phusong wrote"):
        refuse_within_output(old / "study.toml")
    assert names(old) == ["manifest.json", "maps"]


def test_only_a_run_replaces_the_results_of_a_run(tmp_path):
    out = tmp_path / "out"
    with output_folder(out, results=True) as folder:
        (folder / "geojson" / "schema").mkdir(parents=True)
        (folder / "geojson" / "schema" / "dictionary.json").write_text("{}")
        fill(folder, "old")
    for attempt in (check_output_folder, write):
        with pytest.raises(OutputError, match="only another run may replace it"):
            attempt(out)
    with output_folder(out, results=True) as folder:
        fill(folder, "new")
    assert words_in(out) == "new"


def test_a_mounted_disk_is_refused_before_the_work(tmp_path, monkeypatch):
    (tmp_path / "out").mkdir()
    monkeypatch.setattr(Path, "is_mount", lambda path: path.name == "out")
    with pytest.raises(OutputError, match="Choose a folder inside it"):
        check_output_folder(tmp_path / "out")


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
    vietnamese, english = str(told.value).replace(str(tmp_path), "").splitlines()
    assert vietnamese == (
        "/out là một tệp, không phải thư mục kết quả. Chọn tên khác cho thư mục kết quả."
    )
    assert english == (
        "/out is a file, not an output folder. Choose another name for the output folder."
    )


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


@pytest.fixture
def two_renames(monkeypatch):
    """Take the one-step exchange away, as on systems that have none."""
    monkeypatch.setattr(module, "_exchange", lambda one, other: False)


def test_without_an_exchange_an_older_output_is_replaced_by_two_renames(old, two_renames):
    write(old)
    assert words_in(old) == "new"
    assert names(old.parent) == ["out"]


@pytest.mark.skipif(sys.platform != "linux", reason="the exchange is Linux's")
def test_with_an_exchange_the_name_is_never_free(old, monkeypatch):
    def refuse(source, target):
        raise AssertionError(f"{source} → {target}")

    monkeypatch.setattr(type(old), "rename", refuse)
    write(old)
    assert words_in(old) == "new"
    assert names(old.parent) == ["out"]


def test_files_and_folders_are_on_the_disk_before_the_swap_and_the_names_after(old, monkeypatch):
    done = []
    monkeypatch.setattr(module, "_sync", lambda path: done.append(path.name))
    swap = module._swap
    monkeypatch.setattr(module, "_swap", lambda *paths: (done.append("swap"), swap(*paths)))
    write(old)
    fresh = ".out.phusong-new"
    assert done[-2:] == ["swap", old.parent.name]
    assert sorted(done[:-2]) == sorted(["a.html", "maps", "manifest.json", fresh])
    assert done.index("a.html") < done.index("maps") < done.index(fresh)


def test_a_file_system_that_cannot_sync_a_folder_is_used_all_the_same(old, monkeypatch):
    fsync = os.fsync

    def as_some_network_drives(handle):
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "Invalid argument")
        fsync(handle)

    monkeypatch.setattr(os, "fsync", as_some_network_drives)
    write(old)
    assert words_in(old) == "new"


def test_a_file_that_does_not_reach_the_disk_stops_the_swap(old, monkeypatch):
    def fails(handle):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(OutputError, match="Input/output error"):
        write(old)
    assert words_in(old) == "old"


def test_a_swap_that_fails_half_way_gives_the_older_output_back(old, two_renames, monkeypatch):
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


# A program started in the background may inherit that an interrupt is ignored, under nohup that
# the end of its terminal is.
RUN = """
    import signal
    import sys
    from pathlib import Path
    sys.modules["dask"] = None  # else rioxarray imports it, a sixth of the start
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if sys.platform != "win32":
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
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
    assert names(old.parent / ".out.phusong-new") == ["half.txt"]
    assert words_in(old) == "old"


def test_readers_put_back_what_was_killed_between_the_two_renames_and_say_so(old, caplog):
    old.rename(old.with_name(".out.phusong-old"))
    assert recover_output(old)
    assert words_in(old) == "old"
    assert names(old.parent) == ["out"]
    assert "kết quả cũ đã được đưa về" in caplog.text
    assert "the former results were put back" in caplog.text
    assert not recover_output(old)


def test_a_former_folder_whose_removal_had_begun_is_not_put_back(old):
    former = old.with_name(".out.phusong-old")
    old.rename(former)
    (former / "manifest.json").unlink()
    assert not recover_output(old)
    write(old)
    assert words_in(old) == "new"
    assert names(old.parent) == ["out"]


def test_a_users_changes_killed_under_replace_are_put_back_before_the_next_run(old):
    (old / "maps" / "a.html").write_text("remarks")
    old.rename(old.with_name(".out.phusong-old"))
    with pytest.raises(OutputError, match="changed: maps/a"):
        check_output_folder(old)
    assert words_in(old) == "remarks"


def test_a_run_that_is_swapping_is_not_disturbed_by_a_reader(writing, old):
    old.rename(old.with_name(".out.phusong-old"))
    with pytest.raises(OutputError, match="Another run"):
        recover_output(old)


def test_a_busy_folder_is_told_before_the_work(writing, old):
    with pytest.raises(OutputError, match="Another run"):
        check_output_folder(old)


def test_a_check_leaves_nothing_behind(old):
    check_output_folder(old)
    check_output_folder(old.parent / "a" / "b")
    assert names(old.parent) == ["out"]


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


def test_debris_patterns_match_no_output_of_ours(written):
    ours = [entry for entry in written.rglob("*") if entry.is_file()]
    assert {entry.suffix for entry in ours} >= {".html", ".json", ".tif", ".gpkg", ".xlsx", ".qml"}
    assert [entry for entry in ours for pattern in DEBRIS if entry.match(pattern)] == []
