"""Archives are made of the same bytes each time, and only of what was asked for."""

import zipfile

import pytest

from bundle import PLATFORMS, pinned, unpack_python, write_archive
from bundle import needed as needed_lines


@pytest.fixture
def needed(checkout):
    """Return the names that the project's lock file has for a platform."""
    lock = (checkout / "requirements.lock").read_text(encoding="utf-8")

    def names(platform, python):
        lines = needed_lines(lock, PLATFORMS[platform], python)
        assert [line for line in lines if " --hash=sha256:" not in line] == []
        return [line.split("==")[0] for line in lines]

    return names


def test_each_platform_has_its_own_libraries_once(needed):
    windows, linux = needed("win_amd64", "3.13"), needed("linux_x86_64", "3.11")
    assert "colorama" in windows
    assert "colorama" not in linux
    assert {"numba", "starlette", "uvicorn"} <= {*windows} & {*linux}
    assert len(windows) == len(set(windows))
    assert len(linux) == len(set(linux))


def test_an_archive_has_the_same_bytes_whenever_and_in_whichever_order_it_is_made(tmp_path):
    made = []
    for turn, names in enumerate((["a.txt", "wheels/ê.whl"], ["wheels/ê.whl", "a.txt"])):
        folder = tmp_path / str(turn) / "phusong"
        for name in [*names, "phusong.sh"]:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(name, encoding="utf-8")
        write_archive(folder, tmp_path / f"{turn}.zip")
        made.append((tmp_path / f"{turn}.zip").read_bytes())
    assert made[0] == made[1]
    with zipfile.ZipFile(tmp_path / "0.zip") as archive:
        assert archive.namelist() == ["phusong/a.txt", "phusong/phusong.sh", "phusong/wheels/ê.whl"]
        assert archive.getinfo("phusong/phusong.sh").external_attr >> 16 == 0o100755


def test_requirements_name_the_very_wheels(tmp_path):
    (tmp_path / "b_c-1.0-py3-none-any.whl").write_bytes(b"")
    (tmp_path / "a-2-cp313-cp313-win_amd64.whl").write_bytes(b"")
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert pinned(tmp_path) == f"a==2 --hash=sha256:{empty}\nb_c==1.0 --hash=sha256:{empty}\n"


def test_the_embeddable_python_finds_what_is_installed_and_another_version_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "embed.zip", "w") as packed:
        for name in ("python.exe", "python313.dll"):
            packed.writestr(name, b"")
        packed.writestr("python313._pth", "python313.zip\n.\n#import site\n")
    unpack_python(tmp_path / "embed.zip", "3.13", tmp_path / "python")
    path = (tmp_path / "python" / "python313._pth").read_text(encoding="utf-8").split("\n")
    assert {"python313.zip", "Lib\\site-packages", "import site"} <= {*path}
    with pytest.raises(ValueError, match=r"embed.zip is not the embeddable Python 3\.12"):
        unpack_python(tmp_path / "embed.zip", "3.12", tmp_path / "other")
