"""What a cache folder may do to a run: cost time, and nothing else."""

import os
import pickle
import subprocess
import sys
import time

import numpy as np
import pytest

from phusong._cache import (
    FORMAT,
    LIMIT_BYTES,
    LIMIT_FILE,
    Kept,
    TileCache,
    census,
    limit_of,
    prune,
    set_limit,
)

TILE = np.arange(12, dtype=np.float32).reshape(3, 4)


def name(number, kind="loss"):
    return f"{number:064x}.{kind}"


def get(cache, number=1, shape=TILE.shape, dtype=TILE.dtype, kind="loss"):
    return cache.get(name(number, kind), shape, dtype)


@pytest.fixture
def cache(tmp_path):
    cache = TileCache(tmp_path / "cache")
    cache.put(name(1), TILE)
    return cache


@pytest.fixture
def file(cache):
    (file,) = [path for path in cache.folder.rglob("*") if path.is_file()]
    return file


@pytest.fixture
def told(caplog):
    return lambda: [record.getMessage() for record in caplog.records]


def test_tile_comes_back_as_it_was_kept(cache, told):
    np.testing.assert_array_equal(get(cache), TILE)
    assert get(cache, 2) is None
    assert told() == []


def test_tile_says_what_it_is_and_is_not_taken_for_another(cache, file):
    assert name(1).encode() in file.read_bytes()
    assert get(cache, shape=(4, 3)) is None
    assert get(cache, dtype=np.dtype(np.int32)) is None
    other = cache.folder / name(2)[:2] / name(2)
    other.write_bytes(file.read_bytes())
    assert get(cache, 2) is None
    other.with_name(name(1, "obstacle")).write_bytes(file.read_bytes())
    assert get(cache, kind="obstacle") is None


def test_tile_of_another_format_is_passed_over_and_replaced(cache, file, monkeypatch):
    sound = file.read_bytes()
    monkeypatch.setattr("phusong._cache.FORMAT", FORMAT.replace("1", "2"))
    assert get(cache) is None
    cache.put(name(1), TILE)
    assert file.read_bytes() != sound
    np.testing.assert_array_equal(get(cache), TILE)


@pytest.mark.parametrize("place", ["link", "dangling", "folder", "pipe", "empty", "huge"])
def test_what_is_no_file_of_a_tile_is_passed_over_and_replaced(cache, file, place, tmp_path, told):
    elsewhere = tmp_path / "elsewhere"
    file.rename(elsewhere)
    if place == "link":
        file.symlink_to(elsewhere)
    elif place == "dangling":
        file.symlink_to(tmp_path / "nowhere")
    elif place == "folder":
        file.mkdir()
    elif place == "pipe":
        os.mkfifo(file)
    elif place == "empty":
        file.touch()
    else:
        with file.open("wb") as hole:
            hole.truncate(10**12)
    kept = elsewhere.read_bytes()
    assert get(cache) is None
    cache.put(name(1), TILE)
    assert file.is_file()
    assert not file.is_symlink()
    np.testing.assert_array_equal(get(cache), TILE)
    assert elsewhere.read_bytes() == kept
    assert told() == []


def test_linked_folder_of_tiles_is_neither_read_nor_written(cache, file, tmp_path, told):
    file.parent.rename(tmp_path / "shard")
    file.parent.symlink_to(tmp_path / "shard")
    assert get(cache) is None
    cache.put(name(1), TILE)
    cache.put(name(2), TILE)
    assert [entry.name for entry in (tmp_path / "shard").iterdir()] == [name(1)]
    assert census(cache.folder).tiles == 0
    assert len(told()) == 1


def test_full_folder_in_the_place_of_a_tile_is_left_and_told(cache, file, told):
    file.unlink()
    file.mkdir()
    (file / "thesis.docx").touch()
    cache.put(name(1), TILE)
    assert (file / "thesis.docx").exists()
    assert len(told()) == 1
    assert [entry.name for entry in file.parent.iterdir()] == [file.name]


@pytest.mark.parametrize("where", ["file", "file/below", "/proc/phusong", "/dev/full"])
def test_unusable_folder_is_told_once_in_both_languages(tmp_path, where, told):
    (tmp_path / "file").touch()
    cache = TileCache(tmp_path / where)
    for number in range(3):
        assert get(cache, number) is None
        cache.put(name(number), TILE)
    cache.keep_to_limit()
    (words,) = told()
    assert "vẫn tính tiếp" in words
    assert "the computation goes on" in words
    assert str(tmp_path / where) in words


def test_full_disk_is_told_once_and_leaves_nothing_aside(cache, monkeypatch, told):
    def full(*_):
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr("pathlib.Path.replace", full)
    for number in range(2, 5):
        cache.put(name(number), TILE)
    assert census(cache.folder).tiles == 1
    assert not list(cache.folder.rglob("*.part"))
    (words,) = told()
    assert os.strerror(28) in words


def aged(path, seconds):
    moment = time.time() - seconds
    os.utime(path, (moment, moment))


def test_leftovers_of_killed_runs_are_cleared_and_others_files_stay(cache, file):
    old, new = (file.with_name(f".tile-{digit * 16}.part") for digit in "ab")
    foreign = [file.with_name("notes.txt"), cache.folder / "thesis.docx", cache.folder / name(3)]
    for path in (old, new, *foreign):
        path.touch()
        if path != new:
            aged(path, 3600)
    set_limit(cache.folder, 0)
    cache.keep_to_limit()
    left = {path for path in cache.folder.rglob("*") if path.is_file()}
    assert left == {file, new, *foreign, cache.folder / LIMIT_FILE}  # this run put `file` there


def test_least_recently_used_tiles_go_first_and_those_of_the_run_stay(cache):
    for number in (2, 3, 4):
        cache.put(name(number), TILE)
    for number, seconds in {1: 400, 2: 300, 3: 200, 4: 100}.items():
        aged(cache.folder / name(number)[:2] / name(number), seconds)
    later = TileCache(cache.folder)
    assert get(later, 1) is not None  # now the most recently used
    size = census(cache.folder).size_bytes // 4
    assert prune(cache.folder, 3 * size) == Kept(1, size)
    assert [get(TileCache(cache.folder), number) is None for number in (1, 2, 3, 4)] == [
        False, True, False, False,
    ]  # fmt: skip
    for number in (3, 4):
        aged(cache.folder / name(number)[:2] / name(number), 100)
    set_limit(cache.folder, 0)
    later.keep_to_limit()
    assert [path.name for path in cache.folder.rglob("*.loss")] == [name(1)]


def test_limit_is_kept_while_a_run_writes_and_older_tiles_make_room(cache, file, told):
    aged(file, 3600)
    set_limit(cache.folder, 100 * file.stat().st_size)
    for number in range(200, 300):
        TileCache(cache.folder).put(name(number), TILE)
        aged(cache.folder / name(number)[:2] / name(number), 1800)
    later = TileCache(cache.folder)
    for number in range(2, 52):
        later.put(name(number), TILE)
        assert census(cache.folder).size_bytes <= limit_of(cache.folder)
    assert not file.exists()
    assert all(get(TileCache(cache.folder), number) is not None for number in range(2, 52))
    assert told() == []


def test_tiles_of_the_run_itself_are_not_given_up_for_others_and_that_is_told_once(
    cache, file, told
):
    set_limit(cache.folder, 50 * file.stat().st_size)
    aged(file, 3600)
    cache = TileCache(cache.folder)
    for number in range(2, 200):
        cache.put(name(number), TILE)
        assert census(cache.folder).size_bytes <= limit_of(cache.folder)
    kept = [number for number in range(2, 200) if get(TileCache(cache.folder), number) is not None]
    assert kept == [*range(2, len(kept) + 2)]
    assert len(kept) > 30
    (message,) = told()
    assert "is full of losses of this very run" in message


def test_tiles_used_by_other_processes_of_the_run_stay(cache, file):
    aged(file, 3600)
    cache = TileCache(cache.folder)  # a run begins
    worker, other = (pickle.loads(pickle.dumps(cache)) for _ in range(2))
    assert get(worker) is not None
    worker.put(name(2), TILE)
    set_limit(cache.folder, 0)
    for each in (other, cache):
        each.keep_to_limit()
    assert census(cache.folder).tiles == 2


WRITE = """
import sys, numpy as np
from pathlib import Path
from phusong._cache import TileCache
cache = TileCache(Path(sys.argv[1]))
for number in range(300):
    cache.put(f"{int(sys.argv[2]) + number:064x}.loss", np.zeros((3, 4), np.float32))
"""


def test_several_processes_at_once_keep_the_limit(cache, file):
    set_limit(cache.folder, 200 * file.stat().st_size)
    writing = [
        subprocess.Popen([sys.executable, "-c", WRITE, str(cache.folder), str(1000 * each)])
        for each in (1, 2, 3)
    ]
    while any(process.poll() is None for process in writing):
        assert census(cache.folder).size_bytes <= limit_of(cache.folder)
    assert [process.returncode for process in writing] == [0, 0, 0]
    assert 100 < census(cache.folder).tiles <= 200


@pytest.mark.parametrize("told_limit", ["", "-1", "1e9", "10 GB", "9" * 19, "٢"])
def test_limit_that_is_no_number_of_bytes_is_passed_over(cache, told_limit):
    (cache.folder / LIMIT_FILE).write_text(told_limit, encoding="utf-8")
    assert limit_of(cache.folder) == LIMIT_BYTES


def test_limit_that_is_no_file_is_passed_over(cache):
    (cache.folder / LIMIT_FILE).symlink_to("/dev/zero")
    assert limit_of(cache.folder) == LIMIT_BYTES
    set_limit(cache.folder, 7)
    assert limit_of(cache.folder) == 7


def test_folder_that_is_not_there_holds_nothing(tmp_path):
    assert census(tmp_path / "none").tiles == 0
    assert prune(tmp_path / "none", 0).tiles == 0


def test_trusted_tile_that_was_changed_in_place_is_tested_again(cache, file):
    cache.trust(name(1))
    assert cache.trusts(name(1))
    np.testing.assert_array_equal(get(cache), TILE)
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    assert get(cache) is None
    assert not cache.trusts(name(1))


def test_tile_is_trusted_by_later_runs_of_the_process_until_its_file_changes(cache, file):
    cache.trust(name(1))
    later = TileCache(cache.folder)
    np.testing.assert_array_equal(get(later), TILE)
    assert later.trusts(name(1))
    set_limit(cache.folder, 0)
    later.keep_to_limit()  # it was used by this run, too
    assert file.exists()
    file.write_bytes(file.read_bytes())
    np.testing.assert_array_equal(get(later), TILE)
    assert not later.trusts(name(1))


def test_cache_can_be_sent_to_another_process(cache):
    sent = pickle.loads(pickle.dumps(cache))
    assert sent.folder == cache.folder
    np.testing.assert_array_equal(get(sent), TILE)
