"""The pages tell what is there: every key of a study, every command they type, every link."""

import json
import re
import shlex
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import typer
from pydantic import BaseModel

from phusong.cli import app
from phusong.export import FORMATS
from phusong.maps import theme_names
from phusong.radio import MODELS
from phusong.study import Study
from phusong.study._checks import _model_in

CHECKOUT = Path(__file__).resolve().parents[1]
PAGES = [*sorted((CHECKOUT / "docs").rglob("*.md")), CHECKOUT / "README.md"]
STUDY_PAGES = ("docs/study.md", "docs/study.vi.md")
WALKED = ("README.md", "docs/tutorial.md", "docs/huong-dan.md", "docs/how-to.md", *STUDY_PAGES)
COMMANDS: dict[str, Any] = vars(typer.main.get_command(app))["commands"]


def models(model: Any, path: str = "") -> Iterator[tuple[str, type[BaseModel]]]:
    """Return every section of a study with the keys that lead to it."""
    yield path, model
    for name, field in model.model_fields.items():
        inner = _model_in(field.annotation)
        if inner is not None and path != "inputs":
            yield from models(inner, f"{path}.{name}".lstrip("."))


def sections(page: str) -> dict[str, str]:
    """Return the text of a page of the study by the path of the section it tells of."""
    _, *parts = re.split(r"^## (.*)$", (CHECKOUT / page).read_text("utf-8"), flags=re.M)
    titles = ("" if " " in title else title.strip("[]") for title in parts[::2])
    return dict(zip(titles, parts[1::2], strict=True))


@pytest.mark.parametrize("page", STUDY_PAGES)
@pytest.mark.parametrize(("path", "model"), list(models(Study)), ids=lambda each: str(each))
def test_page_of_the_study_tells_of_every_key(path, model, page):
    told = sections(page)
    home = path
    while home not in told:
        home = home.rpartition(".")[0]
    code = " ".join(re.findall(r"`([^`]*)`", told[home]))
    words = set(re.findall(r"\w+", code))
    keys = set(model.model_fields) - {"folder"}
    keys -= {name for name in keys if f"{path}.{name}".lstrip(".") in told}
    assert keys <= words, f"{page}, [{home}]: {sorted(keys - words)}"


@pytest.mark.parametrize(
    ("page", "entries"),
    [
        *((page, MODELS) for page in (*STUDY_PAGES, "docs/methods/radio.md")),
        ("docs/outputs.md", FORMATS),
        ("docs/maps.md", theme_names()),
    ],
)
def test_pages_name_every_entry_of_a_registry(page, entries):
    named = re.findall(r'`"?([\w-]+)"?`', (CHECKOUT / page).read_text("utf-8"))
    assert set(entries) <= set(named)


@pytest.mark.parametrize("page", STUDY_PAGES)
def test_page_of_the_study_tells_of_no_key_that_is_gone(page):
    by_path = dict(models(Study))
    gone = [
        f"[{path}] {key}"
        for path, body in sections(page).items()
        for cell in re.findall(r"^\| (`.*?) \|", body, flags=re.M)
        for key in re.findall(r"`(\w+)`", cell)
        if key not in by_path[path].model_fields
    ]
    assert gone == []


def test_pages_of_the_study_tell_of_the_same_keys_in_the_same_order():
    english, vietnamese = (
        [(path, re.findall(r"^\| (`.*?) \|", body, flags=re.M)) for path, body in told.items()]
        for told in map(sections, STUDY_PAGES)
    )
    assert vietnamese == english


def typed(text: str) -> list[str]:
    """Return the command lines of a page: in blocks, and in the middle of a sentence."""
    blocks = " \n".join(re.findall(r"^```\w*\n(.*?)^```", text, flags=re.M | re.S))
    alone = re.findall(r"^ *(phusong \w.*)$", blocks, flags=re.M)
    return alone + re.findall(r"(?<!`)`(phusong [a-z][^`\n]*)`", text)


def arguments(line: str) -> list[str]:
    return shlex.split(line, comments=True)[1:]


LINES = sorted(
    {
        line
        for page in WALKED
        for line in typed((CHECKOUT / page).read_text("utf-8"))
        if "--help" not in line
    }
)


@pytest.mark.parametrize("line", LINES)
def test_command_that_a_page_types_can_be_typed(line):
    name, *rest = arguments(line)
    if not rest:  # a command's bare name in a sentence
        assert name in COMMANDS
        return
    COMMANDS[name].make_context(f"phusong {name}", rest)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_examples_that_work_and_a_place_in_the_pages(name):
    examples = [line for line in COMMANDS[name].epilog.split("\n\n") if line.startswith("phusong")]
    assert examples
    for line in examples:
        first, *rest = arguments(line)
        assert first == name
        assert len(line) < 79, "a terminal has 80 columns"
        COMMANDS[name].make_context(f"phusong {name}", rest)
    assert any(arguments(line)[0] == name for line in LINES)


def test_every_room_has_a_page_of_the_reference_that_finds_its_names():
    house = CHECKOUT / "coverage" / "phusong"
    rooms = {path.stem for path in [*house.glob("[a-z]*.py"), *house.glob("[a-z]*/")]} - {"cli"}
    pages = {page.stem for page in (CHECKOUT / "docs" / "reference").glob("*.md")}
    assert pages == rooms | {"index"}
    for room in rooms:
        module = import_module(f"phusong.{room}")
        assert all(hasattr(module, name) for name in module.__all__), room


def anchors(page: Path) -> set[str]:
    """Return what a heading of a page is linked by."""
    headings = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), flags=re.M)
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(CHECKOUT)))
def test_links_of_a_page_lead_somewhere(page):
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
        if "://" in link or link.startswith("mailto:"):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


OPEN_LAND = (
    "coverage/phusong/i18n/words/board.toml",
    "coverage/phusong/i18n/words/pipeline.toml",
    "coverage/phusong/study/scaffold.toml",
    "docs/methods/clutter.md",
    *STUDY_PAGES,
)


def test_by_how_much_open_land_misleads_is_what_was_measured():
    page = (CHECKOUT / "docs/methods/measured.md").read_text("utf-8")
    together = re.search(r"^## Over (.*)$", page, re.M)[1].split(", ")
    biases = {
        section.partition(":")[0]: float(
            re.search(r"^\| P\.1812, phones in the open \| \d+ \| \+([\d.]+) \|", section, re.M)[1]
        )
        for section in page.split("\n## ")
        if section.partition(":")[0] in together
    }
    assert len(biases) == len(together) == 3
    for name in OPEN_LAND:
        words = (CHECKOUT / name).read_text("utf-8")
        told = re.findall(r"\b(\d+)(?:–| to )(\d+)\s+dB", words)
        ranges = {tuple(map(int, each)) for each in told if int(each[1]) - int(each[0]) == 5}
        for least, most in ranges:
            assert least == pytest.approx(min(biases.values()), abs=0.5), name
            assert most == pytest.approx(max(biases.values()), abs=0.5), name
        assert ranges, name


def test_communes_that_commands_name_are_in_the_sample():
    sample = json.loads((CHECKOUT / "data/ha-giang/communes.geojson").read_text("utf-8"))
    known = {
        feature["properties"][key]
        for feature in sample["features"]
        for key in ("commune_code", "name")
    }
    named = {
        code or name
        for page in PAGES
        for code, name in re.findall(r'--commune (?:"([^"…]+)"|(\d{5}))', page.read_text("utf-8"))
    }
    assert named
    assert named <= known
