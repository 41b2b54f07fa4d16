"""One archive that installs phusong on a machine without internet, and opens its page.

It holds the wheels of `requirements.lock` for one platform and one Python without their test
suites and debugging symbols, the project's own wheel, pip to install them, and a script to start;
for Windows a Python too, if one is given. The same sources, lock, Python and binutils give the
same bytes.
"""

import base64
import csv
import hashlib
import io
import shutil
import struct
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.markers import default_environment
from packaging.requirements import Requirement

HOME = Path(__file__).resolve().parent
CHECKOUT = HOME.parents[1]


@dataclass(frozen=True, kw_only=True)
class Platform:
    """A kind of machine.

    Parameters
    ----------
    tags : sequence of str
        Platform tags of the wheels that it takes, the best first.
    markers : mapping
        What its Python answers to the markers of requirements.
    script : str
        What starts phusong on it.
    """

    tags: Sequence[str]
    markers: Mapping[str, str]
    script: str


PLATFORMS = {
    "linux_x86_64": Platform(
        # glibc 2.28 and newer: Debian 10, Ubuntu 20.04
        tags=[
            *(f"manylinux_2_{minor}_x86_64" for minor in range(28, 4, -1)),
            "manylinux2014_x86_64",
        ],
        markers={
            "os_name": "posix",
            "sys_platform": "linux",
            "platform_system": "Linux",
            "platform_machine": "x86_64",
        },
        script="phusong.sh",
    ),
    "win_amd64": Platform(
        tags=["win_amd64"],
        markers={
            "os_name": "nt",
            "sys_platform": "win32",
            "platform_system": "Windows",
            "platform_machine": "AMD64",
        },
        script="phusong.bat",
    ),
}


def needed(lock: str, platform: Platform, python: str) -> list[str]:
    r"""Return the requirements of a lock file that hold on a platform, each with its hashes.

    pip itself would ask the markers of the machine it runs on.

    Parameters
    ----------
    lock : str
        Text of a file as ``make lock`` writes it.
    platform : Platform
    python : str
        Such as ``3.13``.

    Returns
    -------
    list of str

    Examples
    --------
    >>> lock = "a==1 ; sys_platform == 'win32' --hash=sha256:00\nb==2 --hash=sha256:11"
    >>> needed(lock, PLATFORMS["linux_x86_64"], "3.13")
    ['b==2 --hash=sha256:11']
    """
    versions = {"python_version": python, "python_full_version": f"{python}.0"}
    here: Mapping[str, Any] = {**default_environment(), **platform.markers, **versions}
    kept = []
    for line in lock.replace("\\\n", " ").splitlines():
        stated, *hashes = line.split(" --hash=")
        if not stated.strip() or stated.startswith("#"):
            continue
        requirement = Requirement(stated)
        if requirement.marker is None or requirement.marker.evaluate(here):
            hashed = [f"--hash={one.strip()}" for one in hashes]
            kept.append(" ".join([f"{requirement.name}{requirement.specifier}", *hashed]))
    return kept


def fetch(lines: Sequence[str], platform: Platform, python: str, to: Path) -> None:
    """Fetch the wheels of requirements; pip refuses what has another hash, or no wheel.

    Parameters
    ----------
    lines : sequence of str
        As `needed` returns them.
    platform : Platform
    python : str
        Such as ``3.13``.
    to : Path
        Folder to fill.

    Raises
    ------
    subprocess.CalledProcessError
        If pip cannot have one of them.
    """
    to.mkdir(parents=True, exist_ok=True)
    listed = to / "fetched.txt"
    listed.write_text("\n".join(lines), encoding="utf-8")
    tags = [word for tag in platform.tags for word in ("--platform", tag)]
    _pip("download", "--no-deps", "--only-binary=:all:", "--require-hashes", *tags,
         "--python-version", python, "--dest", str(to), "--requirement", str(listed))  # fmt: skip
    listed.unlink()


def _pip(*words: str) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *words, "--quiet"]
    subprocess.run(command, check=True)  # noqa: S603  our own words and paths


def trim(wheel: Path) -> None:
    """Take out of a wheel what is of no use to who installs it: its tests, debugging symbols.

    A wheel that has neither stays as it is. Symbols are those of Linux; on Windows they are in no
    wheel.

    Parameters
    ----------
    wheel : Path
        Written anew under the same name.

    Raises
    ------
    FileNotFoundError
        If a library is to be stripped and ``strip`` of binutils is not there.
    subprocess.CalledProcessError
        If it cannot be.
    """
    with zipfile.ZipFile(wheel) as packed:
        (record,) = (name for name in packed.namelist() if name.endswith(".dist-info/RECORD"))
        files = {entry: packed.read(entry) for entry in packed.infolist()}
    kept = {
        entry: _stripped(content) if content.startswith(b"\x7fELF") else content
        for entry, content in files.items()
        if "tests" not in entry.filename.split("/") and entry.filename != record
    }
    if len(kept) == len(files) - 1 and all(files[entry] == kept[entry] for entry in kept):
        return
    listed = io.StringIO()
    lines = csv.writer(listed, lineterminator="\n")
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for entry, content in kept.items():
            packed.writestr(entry, content, zipfile.ZIP_DEFLATED)
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode("ascii")
            lines.writerow([entry.filename, f"sha256={digest.rstrip('=')}", len(content)])
        lines.writerow([record, "", ""])
        packed.writestr(zipfile.ZipInfo(record), listed.getvalue(), zipfile.ZIP_DEFLATED)


def _stripped(library: bytes) -> bytes:
    """Return a library without symbols, or as it is if it would no longer load."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "library"
        file.write_bytes(library)
        subprocess.run(["strip", "--strip-unneeded", str(file)], check=True)  # noqa: S603, S607
        small = file.read_bytes()
    return small if _loads(small) else library


def _loads(library: bytes) -> bool:
    """Tell whether the segments of a library of 64 bits lie where the system can load them.

    ``strip`` puts some of those elsewhere that patchelf had moved.
    """
    (start,) = struct.unpack_from("<Q", library, 32)
    size, count = struct.unpack_from("<HH", library, 54)
    for at in range(start, start + size * count, size):
        kind, _, offset, address, _, _, _, step = struct.unpack_from("<IIQQQQQQ", library, at)
        if kind == 1 and (address - offset) % step:
            return False
    return True


def pinned(wheels: Path) -> str:
    """Return a requirements file that names the very wheels of a folder.

    Parameters
    ----------
    wheels : Path

    Returns
    -------
    str
        A line for each, with its SHA-256.
    """
    lines = []
    for wheel in sorted(wheels.glob("*.whl")):
        name, version, *_ = wheel.name.split("-")
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        lines.append(f"{name}=={version} --hash=sha256:{digest}\n")
    return "".join(lines)


def unpack_python(embedded: Path, python: str, to: Path) -> None:
    """Unpack the embeddable Python of python.org, and let it find installed packages.

    Parameters
    ----------
    embedded : Path
        ``python-3.X.Y-embed-amd64.zip``.
    python : str
        The version that the wheels are for, such as ``3.13``.
    to : Path
        Folder to fill.

    Raises
    ------
    ValueError
        If it is another Python.
    """
    nick = f"python{python.replace('.', '')}"
    with zipfile.ZipFile(embedded) as packed:
        if not {"python.exe", f"{nick}.dll", f"{nick}._pth"} <= set(packed.namelist()):
            raise ValueError(f"{embedded} is not the embeddable Python {python}")
        packed.extractall(to)
    # This file is its whole search path; as it comes it leaves out what pip installs.
    path = [f"{nick}.zip", ".", "Lib\\site-packages", "import site"]
    (to / f"{nick}._pth").write_text("\n".join(path) + "\n", encoding="utf-8")


def write_archive(folder: Path, path: Path) -> None:
    """Write a folder as a ZIP archive: names sorted, times fixed, nothing compressed twice.

    Parameters
    ----------
    folder : Path
        Becomes the one folder in the archive.
    path : Path
        File to write.
    """
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(file for file in folder.rglob("*") if file.is_file()):
            entry = zipfile.ZipInfo(file.relative_to(folder.parent).as_posix())
            entry.create_system = 3  # Unix, on every machine: the next line is its
            entry.external_attr = (0o100755 if file.suffix == ".sh" else 0o100644) << 16
            archive.writestr(entry, file.read_bytes())


def build(name: str, python: str, embedded: Path | None, to: Path) -> Path:
    """Build the archive of a platform.

    Parameters
    ----------
    name : str
        One of `PLATFORMS`.
    python : str
        The Python that it is for, such as ``3.13``.
    embedded : Path, optional
        See `unpack_python`; without it the machine must have that Python.
    to : Path
        Folder for the archive.

    Returns
    -------
    Path
        The archive.

    Raises
    ------
    ValueError
        If `embedded` is another Python.
    FileNotFoundError
        See `trim`.
    subprocess.CalledProcessError
        If a wheel cannot be had.
    """
    platform = PLATFORMS[name]
    room = to / "unpacked"
    shutil.rmtree(room, ignore_errors=True)
    wheels = room / "wheels"
    wheels.mkdir(parents=True)
    _pip("wheel", "--no-deps", "--wheel-dir", str(wheels), str(CHECKOUT))
    (own,) = wheels.iterdir()
    lock = (CHECKOUT / "requirements.lock").read_text(encoding="utf-8")
    fetch(needed(lock, platform, python), platform, python, wheels)
    for wheel in wheels.iterdir():
        trim(wheel)
    (room / "requirements.txt").write_text(pinned(wheels), encoding="utf-8", newline="\n")
    lock = (HOME / "pip.lock").read_text(encoding="utf-8")
    fetch(needed(lock, platform, python), platform, python, room / "pip")
    (pip,) = (room / "pip").iterdir()
    pip.rename(room / "pip.whl")
    (room / "pip").rmdir()
    if embedded is not None:
        unpack_python(embedded, python, room / "python")
    line = "\r\n" if platform.script.endswith(".bat") else "\n"
    for text in (platform.script, "DOC-TRUOC.txt"):
        written = (HOME / text).read_text(encoding="utf-8").replace("@PYTHON@", python)
        (room / text).write_text(written, encoding="utf-8", newline=line)
    for text in ("LICENSE", "NOTICE"):
        shutil.copyfile(CHECKOUT / text, room / text)
    alone = "" if embedded is not None or name.startswith("linux") else "-without-python"
    folder = room.rename(to / f"phusong-{own.name.split('-')[1]}-{name}-python{python}{alone}")
    archive = folder.with_name(f"{folder.name}.zip")
    write_archive(folder, archive)
    shutil.rmtree(folder)
    return archive
