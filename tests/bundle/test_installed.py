"""Archives of `make bundle`, installed and used without network; `make bundle-check` runs this."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from ..desk.conftest import office_files  # noqa: F401  a fixture
from ..desk.test_serve import opened
from ..desk.test_serve import (
    test_three_files_become_a_map_without_a_terminal as test_from_the_archive_to_a_map,  # noqa: F401
)
from ..maps.conftest import DESKTOP, PHONE

BUNDLES = Path(os.environ.get("PHUSONG_BUNDLES", "none"))
pytestmark = pytest.mark.skipif(
    "PHUSONG_BUNDLES" not in os.environ,
    reason="needs the archives of `make bundle`, which fetches wheels: `make bundle-check` runs it",
)


@pytest.fixture(scope="module")
def offline():
    """Refuse to go on where anything but this machine can be reached."""
    routes = Path("/proc/net/route").read_text(encoding="ascii").splitlines()[1:]
    assert routes == [], "this test is for a namespace without network: make bundle-check"


def unpack(pattern, to):
    """Unpack the one archive of a pattern as a user would; return its folder."""
    (archive,) = BUNDLES.glob(pattern)
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(to)
    (folder,) = to.iterdir()
    return folder


def settings(home):
    """Return the environment of a user who has nothing of Python's."""
    kept = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
    return kept | {"HOME": str(home), "XDG_CONFIG_HOME": str(home / "config")}


def start(folder, home, *words):
    return subprocess.run(
        ["sh", str(folder / "phusong.sh"), *words],
        env=settings(home), capture_output=True, text=True, check=True,
    )  # fmt: skip


@pytest.fixture(scope="module")
def installed(offline, tmp_path_factory):
    """Return the folder of the archive for Linux after its first start."""
    folder = unpack("phusong-*-linux_x86_64-*.zip", tmp_path_factory.mktemp("Tải về"))
    started = start(folder, tmp_path_factory.mktemp("home"), "--help")
    assert "Installing" in started.stderr
    assert "phusong open" in started.stdout
    return folder


@pytest.fixture
def address(installed, tmp_path):
    with opened(["sh", str(installed / "phusong.sh")], settings(tmp_path)) as found:
        yield found


@pytest.fixture(params=[DESKTOP, PHONE], ids=["desktop", "phone"])
def screen(request):
    return request.param


def test_it_is_installed_once_and_from_the_archive_alone(installed, tmp_path):
    assert "Installing" not in start(installed, tmp_path, "--help").stderr
    python = installed / "env" / "bin" / "python"
    found = subprocess.run(
        [python, "-c", "import phusong, sys; print(phusong.__file__, *sys.path, sep='\\n')"],
        env=settings(tmp_path), cwd=tmp_path, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    assert Path(found[0]).is_relative_to(installed)
    assert [one for one in found[1:] if "-packages" in one and str(installed) not in one] == []


def test_an_upgrade_keeps_studies_results_and_the_list_of_them(installed, pristine, tmp_path):
    home, study = tmp_path / "home", tmp_path / "home" / "Cao Bằng"
    python = installed / "env" / "bin" / "python"

    def phusong(*words):
        subprocess.run([python, "-m", "phusong", *words], env=settings(home), check=True)

    home.mkdir()
    study.mkdir()
    for file in pristine.iterdir():
        (study / file.name).write_bytes(file.read_bytes())
    phusong("run", str(study), "--out", str(study / "ket-qua"))
    with opened(["sh", str(installed / "phusong.sh"), str(study)], settings(home)):
        pass
    before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    assert len(before) > 20

    # Another version unpacked over the former: other requirements, and what was left behind.
    listed = installed / "requirements.txt"
    listed.write_text(listed.read_text(encoding="utf-8") + "# another version\n", encoding="utf-8")
    former = installed / "env" / "of the former version"
    former.touch()
    assert "Installing" in start(installed, home, "--help").stderr
    assert not former.exists()
    assert {path: path.read_bytes() for path in before} == before
    phusong("verify", str(study / "ket-qua"))


def test_without_its_python_it_says_what_is_missing(installed, tmp_path):
    (installed / "env" / "requirements.txt").rename(tmp_path / "kept")
    try:
        refused = subprocess.run(
            ["/bin/sh", str(installed / "phusong.sh")],
            env={"PATH": str(tools_alone(tmp_path))}, capture_output=True, text=True, check=False,
        )  # fmt: skip
    finally:
        (tmp_path / "kept").rename(installed / "env" / "requirements.txt")
    assert refused.returncode == 1
    assert "This machine has no Python 3." in refused.stderr
    assert "Máy này chưa có Python 3." in refused.stderr


def tools_alone(folder):
    """Return a folder of the few programs that every Linux has."""
    for name in ("cmp", "dirname"):
        (folder / name).symlink_to(f"/usr/bin/{name}")
    return folder


@pytest.mark.parametrize(
    ("platform", "system"), [("win_amd64", "windows"), ("linux_x86_64", "linux")]
)
def test_the_wheels_are_complete_for_their_platform(platform, system, tmp_path):
    uv = pytest.importorskip("uv", reason="uv resolves for another platform; pip install uv")
    folder = unpack(f"phusong-*-{platform}-*.zip", tmp_path / "unpacked")
    python = folder.name.split("-python")[1].removesuffix("-without")
    subprocess.run(
        [uv.find_uv_bin(), "pip", "install", "--dry-run", "--offline", "--no-index", "--no-cache",
         "--find-links", folder / "wheels", "--require-hashes", "--only-binary", ":all:",
         "--python", sys.executable, "--python-platform", system, "--python-version", python,
         "--target", tmp_path / "target", "--requirement", folder / "requirements.txt"],
        check=True,
    )  # fmt: skip
