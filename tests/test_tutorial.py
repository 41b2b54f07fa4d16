"""The tutorial in both languages, command by command, on a province that nobody has set up yet."""

import json
import re
import shlex
import shutil

import pandas as pd
import pytest
import rasterio
from rasterio.transform import Affine
from typer.testing import CliRunner

import phusong
from phusong.cli import app
from synthetic import write_small_study

pytestmark = pytest.mark.usefixtures("sheets_not_drawn")

EAST_DEG = 1.15  # from Hà Giang, where the small study lies, into Cao Bằng
CONTEXT = ("roads", "rivers", "places", "population")
PAGES = {"vi": "huong-dan.md", "en": "tutorial.md"}
INSTALLING = ("pip ", "pipx ", "uv ", "make ", "sudo ")


def commands(page):
    """Return what a page tells to type, in its order, comments left out."""
    text = page.read_text(encoding="utf-8")
    lines = [
        line
        for block in re.findall(r"^```\n(.*?)^```", text, re.M | re.S)
        for line in block.splitlines()
    ]
    return [line.split("  #")[0].strip() for line in lines if not line.startswith(INSTALLING)]


def shifted(value):
    if isinstance(value, list) and value and isinstance(value[0], int | float):
        return [value[0] + EAST_DEG, *value[1:]]
    return [shifted(part) for part in value] if isinstance(value, list) else value


def give_files(source, target, names):
    """Copy files of the small study into a folder, moved to Cao Bằng."""
    for path in (path for name in names for path in source.glob(f"{name}.*")):
        if path.suffix == ".csv":
            table = pd.read_csv(path, dtype=str)
            if "lon" in table:
                table["lon"] = (table["lon"].astype(float) + EAST_DEG).round(7).astype(str)
            table.to_csv(target / path.name, index=False)
        elif path.suffix == ".geojson":
            content = json.loads(path.read_text(encoding="utf-8"))
            for feature in content["features"]:
                shape = feature["geometry"]
                shape["coordinates"] = shifted(shape["coordinates"])
            (target / path.name).write_text(json.dumps(content), encoding="utf-8")
        elif path.suffix == ".tif":
            with rasterio.open(path) as old:
                profile = old.profile | {
                    "transform": Affine.translation(EAST_DEG, 0) * old.transform
                }
                with rasterio.open(target / path.name, "w", **profile) as new:
                    new.write(old.read())


def names_told(stderr):
    return re.findall(r"inputs\.(\w+)", stderr)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """Return the folder of a study of two communes and one mast; not to be changed."""
    folder = tmp_path_factory.mktemp("tiny") / "study"
    write_small_study(folder, communes=2, sites=1)
    return folder


@pytest.fixture
def typed(tmp_path, monkeypatch):
    """Return how to type a command into a shell that stands in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def invoke(line):
        program, *words = shlex.split(line)
        assert program == "phusong", line
        return CliRunner().invoke(app, words)

    return invoke


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_the_tutorial_is_walked_command_by_command(
    lang, checkout, tmp_path, tiny, offices_alone, typed
):
    walked = []
    (tmp_path / "data").mkdir()
    offices_alone.rename(tmp_path / "data" / "ha-giang")  # stands in for the sample
    for line in commands(checkout / "docs" / PAGES[lang]):
        verb, folder = line.split()[1:3]
        own = tmp_path / folder
        if verb == "new" and own.exists():
            shutil.rmtree(own)  # with the workbook to fill in, or without: one of both
        if verb == "check":
            _answer_every_question(line, typed, own, tiny)
        done = typed(line)
        assert done.exit_code == 0, (line, done.stderr)
        walked.append(verb)
        if verb == "run":
            page = done.stdout.splitlines()[-1]
            assert (tmp_path / page).is_file()
            assert ("Bảng chỉ tiêu" if lang == "vi" else "Indicator board") in done.stdout
    assert walked == ["run", "new", "new", "check", "run"]
    assert len(list(tmp_path.rglob("index.html"))) == 3  # two results and the answer of a check


def _answer_every_question(line, typed, own, tiny):
    """Do what the messages say until the check has no more to ask; no line of Python."""
    empty = typed(line)
    assert empty.exit_code == 2
    asked = names_told(empty.stderr)
    assert len(asked) == len(set(asked)) == 11
    give_files(tiny, own, [name for name in asked if name not in CONTEXT])
    without = typed(line)
    assert without.exit_code == 2
    told = names_told(without.stderr)
    assert sorted(told) == sorted(CONTEXT)
    path = own / "study.toml"
    kept = [
        row for row in path.read_text(encoding="utf-8").splitlines()
        if not row.startswith(tuple(f"{name} = " for name in told))
    ]  # fmt: skip
    quick = "\n".join(kept).replace("radius_km = 15 ", "radius_km = 3 ")
    path.write_text(quick, encoding="utf-8")
    study = phusong.open_study(own)
    assert study.radio.radius_km == 3
    assert (study.province, study.province_code, study.crs) == ("Cao Bằng", "04", "EPSG:9210")


def test_the_pages_tell_how_to_install_where_pip_may_not(checkout):
    for page in PAGES.values():
        text = (checkout / "docs" / page).read_text(encoding="utf-8")
        for words in (
            "pipx install .",
            "uv tool install .",
            "externally-managed-environment",
            "make shell",
        ):
            assert words in text, (page, words)


def test_make_run_ends_with_where_the_command_is(checkout):
    text = (checkout / "Makefile").read_text(encoding="utf-8")
    run = text[text.index("\nrun: ") : text.index("\ntest: ")]
    assert "$(abspath $(BIN))/phusong" in run
    assert "make shell" in run
    assert "\nshell: " in text
