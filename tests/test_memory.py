"""How much memory is left: the least of what machine, container and limit leave."""

import gc
import platform
import subprocess
import sys

import numpy as np
import psutil
import pytest

from phusong import _memory


def group(folder, most, used, stat):
    """Write a control group of version 2, or of 1 if `stat` has totals."""
    first = any(key.startswith("total_") for key in stat)
    names = (
        ("memory.limit_in_bytes", "memory.usage_in_bytes")
        if first
        else ("memory.max", "memory.current")
    )
    folder.mkdir(parents=True, exist_ok=True)
    for name, value in zip(names, (most, used), strict=True):
        (folder / name).write_text(f"{value}\n")
    (folder / "memory.stat").write_text("".join(f"{key} {value}\n" for key, value in stat.items()))


def left(tmp_path, lines):
    (tmp_path / "own").write_text(lines)
    return _memory._in_container(tmp_path / "groups", tmp_path / "own")


def test_container_of_version_2_counts_files_as_given_back(tmp_path):
    group(tmp_path / "groups" / "a" / "b", 1000, 600, {"anon": 1, "inactive_file": 50})
    assert left(tmp_path, "0::/a/b\n") == 450


def test_container_of_version_1(tmp_path):
    stat = {"inactive_file": 1, "total_inactive_file": 20}
    group(tmp_path / "groups" / "memory" / "job", 1000, 600, stat)
    assert left(tmp_path, "4:cpu,memory:/job\n3:pids:/\n") == 420


def test_tightest_of_nested_groups_counts(tmp_path):
    group(tmp_path / "groups" / "a", 700, 600, {"inactive_file": 0})
    group(tmp_path / "groups" / "a" / "b", "max", 600, {"inactive_file": 0})
    assert left(tmp_path, "0::/a/b\n") == 100


def test_path_of_the_host_falls_back_to_the_top(tmp_path):
    group(tmp_path / "groups", 900, 100, {"inactive_file": 0})
    assert left(tmp_path, "0::/docker/0123\n") == 800


@pytest.mark.parametrize("most", ["max", 9223372036854771712])
def test_group_without_a_limit_says_nothing(tmp_path, most):
    stat = {"inactive_file": 0} if most == "max" else {"total_inactive_file": 0}
    group(tmp_path / "groups" / ("" if most == "max" else "memory"), most, 5, stat)
    assert left(tmp_path, "0::/\n4:memory:/\n") is None


def test_system_without_control_groups_says_nothing(tmp_path):
    assert _memory._in_container(tmp_path, tmp_path / "none") is None


@pytest.mark.skipif(sys.platform != "linux", reason="ulimit -v is of Linux")
def test_limit_of_the_address_space_counts():
    code = "from phusong._memory import available_bytes; print(available_bytes())"
    line = f'ulimit -v 4000000; exec "{sys.executable}" -c "{code}"'
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=True)
    assert 0 < int(done.stdout) < 4_096_000_000 - _memory._RESERVED_UNUSED


def test_garbage_is_looked_for_again_after_a_fault_and_not_at_all_where_it_was_off():
    @_memory.without_collection()
    def fails():
        assert not gc.isenabled()
        raise KeyError

    with pytest.raises(KeyError):
        fails()
    assert gc.isenabled()
    gc.disable()
    try:
        with _memory.without_collection():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="others give it back, or cannot")
def test_what_was_freed_is_given_back():
    held = [np.ones(8000) for _ in range(2000)]
    last = held[-1]  # keeps the end of the heap where it is
    before = psutil.Process().memory_info().rss
    del held
    _memory.give_back()
    assert before - psutil.Process().memory_info().rss > 100e6
    assert last.sum() == 8000
