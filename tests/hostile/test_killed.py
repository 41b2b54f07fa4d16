"""A run that is killed at any moment leaves the former output or the new one; see killed.py."""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest


@pytest.mark.skipif(sys.platform != "linux", reason="it forks, and reads what Linux audits")
def test_an_output_killed_at_every_moment_is_the_former_or_the_new(attacked, tmp_path):
    memory = Path("/dev/shm")  # where there is one, thousands of syncs cost nothing
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else tmp_path) as folder:
        killed = Path(__file__).with_name("killed.py")
        done = subprocess.run(
            [sys.executable, killed, folder, "--source", attacked.out],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = re.findall(
        r"^(.*): (\d+) moments, (\d+) former, (\d+) new, (\d+) put back$", done.stdout, re.M
    )
    assert len(found) == 3, done.stdout
    for what, moments, former, new, put_back in found:
        assert int(former) + int(new) == int(moments)
        assert int(former) > 40, what
        assert int(new) > 5, what
        assert (int(put_back) > 0) == ("two renames" in what), what
