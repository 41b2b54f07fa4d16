"""The house stands: nothing hides the package, words are complete, tables are sound."""

import ast
import importlib
import inspect
import pkgutil
import re
import string
import subprocess
from doctest import DocTestParser
from fnmatch import fnmatchcase
from pathlib import Path
from types import FunctionType

import pytest

import phusong
from phusong import pipeline, tables
from phusong.grid import Grid
from phusong.i18n import catalogue, fold

# Whatever names its exports; private modules and the rooms within rooms name none.
ROOMS = [each.name for each in pkgutil.iter_modules(phusong.__path__) if each.name[0] != "_"]


def test_source_root_is_no_package_so_that_coverage_py_is_not_shadowed(checkout):
    root = checkout / "coverage"
    packages = [*root.glob("__init__.py"), *root.glob("*/__init__.py")]
    assert packages == [root / "phusong" / "__init__.py"]


def test_git_ignores_no_source_file(checkout):
    sources = [str(path) for path in (checkout / "coverage" / "phusong").rglob("*.py")]
    try:
        ignored = subprocess.run(
            ["git", "check-ignore", "--no-index", *sources],
            cwd=checkout, capture_output=True, text=True, check=False,
        )  # fmt: skip
    except FileNotFoundError:
        pytest.skip("git is not installed")
    if ignored.returncode == 128:
        pytest.skip("not a git checkout")
    assert ignored.stdout == ""


def test_no_file_holds_the_marks_of_an_unfinished_merge(checkout):
    try:
        marked = subprocess.run(
            ["git", "grep", "-lE", "^(<{7}|>{7}) "],
            cwd=checkout, capture_output=True, text=True, check=False,
        )  # fmt: skip
    except FileNotFoundError:
        pytest.skip("git is not installed")
    if marked.returncode > 1:
        pytest.skip("not a git checkout")
    assert marked.stdout == ""


def test_what_others_made_is_named_in_the_notice(checkout):
    notice = (checkout / "NOTICE").read_text(encoding="utf-8")
    named = re.findall(r"^(\S+/)$", notice, re.MULTILINE)
    assert [folder for folder in named if not (checkout / folder).is_dir()] == []
    signs = re.compile(rb"copyright( \(c\))? [12]\d{3}|@license|@preserve", re.IGNORECASE)
    unnamed = []
    kept = [path for room in ("coverage", "data", "tests") for path in (checkout / room).rglob("*")]
    for path in kept:
        where = path.relative_to(checkout).as_posix()
        if not path.is_file() or path.suffix in {".py", ".pyc"} or where.startswith(tuple(named)):
            continue
        fonts = path.suffix in {".otf", ".ttf", ".woff", ".woff2"}
        whole = re.search(r"/vendor/|^tests/(reference|export/stac)/", where)
        if fonts or whole or signs.search(path.read_bytes()):
            unnamed.append(where)
    assert unnamed == []
    vendored = (checkout / "coverage" / "phusong" / "maps" / "assets" / "vendor").iterdir()
    assert {f"{path.relative_to(checkout).as_posix()}/" for path in vendored} <= set(named)


def test_words_exist_in_both_languages_with_the_same_placeholders():
    def names(words):
        return {name for _, name, _, _ in string.Formatter().parse(words) if name is not None}

    unlike = [
        key
        for key, words in catalogue().items()
        if set(words) != {"vi", "en"} or names(words["vi"]) != names(words["en"])
    ]
    assert len(catalogue()) > 1000
    assert unlike == []


def test_every_message_key_in_the_code_has_words(checkout):
    rooms = {key.split(".")[0] for key in catalogue()}
    pattern = re.compile(rf'"((?:{"|".join(rooms)})\.[a-z_0-9]+)"')
    names = {"study.toml", "terrain.tif", "inputs.antennas", "radio.model"}
    names |= {"inputs.offices", "inputs.spans", "radio.radius_km"}
    names |= {"siting.places", "siting.excluded"}
    wordless = {
        (path.name, key)
        for path in Path(checkout / "coverage" / "phusong").rglob("*.py")
        for key in set(pattern.findall(path.read_text(encoding="utf-8"))) - names - set(catalogue())
    }
    assert wordless == set()


# Words that go to the map pages whole, by the start of their keys.
HANDED_OVER = re.compile(r"(maps\.(page(_kind)?|value)|egov\.contradiction)_")


def test_every_word_is_used_somewhere(checkout):
    written, composed = set(), set()
    for path in (checkout / "coverage" / "phusong").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant):
                written.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                parts = (part.value if isinstance(part, ast.Constant) else "*"
                         for part in node.values)  # fmt: skip
                composed.add("".join(parts))
    for ending in ("js", "html"):
        for path in (checkout / "coverage" / "phusong").rglob(f"*.{ending}"):
            written |= set(re.findall(r"\w+", path.read_text(encoding="utf-8")))
    # "room.*" would hide every word of its room, "*_*" every word.
    telling = {form for form in composed if re.match(r"[a-z]+\.\*?\w|[a-z]+_|\*_[a-z]", form)}
    unused = []
    for key in catalogue():
        name = re.sub(HANDED_OVER, "", key).removeprefix(key.split(".")[0] + ".")
        if not {key, name} & written and not any(
            fnmatchcase(each, form) for each in (key, name) for form in telling
        ):
            unused.append(key)
    assert unused == []


@pytest.mark.parametrize(
    "table",
    [*tables.INPUT_TABLES.values(), *tables.RESULT_TABLES.values()],
    ids=lambda table: table.name,
)
def test_tables_name_their_units(table):
    suffixes = {"_m": "m", "_km2": "km²", "_mhz": "MHz", "_dbm": "dBm", "_deg": "°"}
    for field in table.fields:
        assert field.title.vi
        assert field.title.en
        for suffix, unit in suffixes.items():
            if field.name.endswith(suffix):
                assert field.unit == unit, field.name
        if field.name.endswith("_share"):
            assert (field.minimum, field.maximum) == (0, 1)


def test_every_record_is_frozen(checkout):
    made = [
        (path.name, node.name, ast.unparse(decorator))
        for path in (checkout / "coverage" / "phusong").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
        for decorator in node.decorator_list
        if "dataclass" in ast.unparse(decorator)
    ]
    assert len(made) > 50
    assert [record for record in made if "frozen=True" not in record[-1]] == []


@pytest.mark.parametrize(
    ("name", "plain"),
    [("Xín Mần", "xin man"), ("ĐỒNG VĂN", "dong van"), ("Hoà  Thuỷ ", "hoa thuy"), ("", "")],
)
def test_names_fold_to_plain_letters(name, plain):
    assert fold(name) == plain


def test_every_exported_function_has_an_example_that_doctest_runs():
    rooms = [phusong, *(importlib.import_module(f"phusong.{room}") for room in ROOMS)]
    without = {
        f"{room.__name__}.{name}"
        for room in rooms
        for name in getattr(room, "__all__", ())
        if inspect.isroutine(made := getattr(room, name)) and ">>> " not in inspect.getdoc(made)
    }
    assert without == {
        "phusong.cli.main",  # the command line
        "phusong.desk.serve",  # until it is stopped
        "phusong.fetch.fetch_province",  # asks servers
        # Of the output of a whole run: `export_results` and `open_result` call them.
        "phusong.export.convert", "phusong.export.open_finished",
        "phusong.export.write_database",  # takes a server
        "phusong.radio.predict_sites",  # in the example of `plan_prediction`
        # Steps of `what_if` and of one mast more, between two whole predictions.
        "phusong.radio.best_of", "phusong.radio.exchange", "phusong.radio.hull_of_station",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "elsewhere"),
    [
        # `phusong.compare`, `open_result` and `explore` have the examples of the last three.
        (phusong.Result, {"compare", "write", "write_explore"}),
        (phusong.WrittenResult, set()),
        (phusong.Study, set()),
        (phusong.Note, set()),
        (phusong.Recast, {"write"}),  # of the output of a whole run; `recast_results` shows it
        (phusong.Verification, set()),
        (pipeline.CheckReport, {"of"}),  # what makes them calls it
        (pipeline.Comparison, set()),
        (pipeline.Explanation, set()),
        (pipeline.HopProfile, {"of", "figure", "write"}),  # as `PathProfile`, of a plan with hops
        (pipeline.PathProfile, set()),
        (pipeline.SitingPlan, {"of", "hop_profile"}),
        (pipeline.SurveyPlan, set()),
        (Grid, set()),
    ],
)
def test_every_method_of_what_a_notebook_holds_has_an_example(kind, elsewhere):
    of_class = "".join(_examples(kind))
    without = {
        name
        for name, made in vars(kind).items()
        if name[0] != "_" and isinstance(made, FunctionType | classmethod)
        if not _examples(made) and f".{name}(" not in of_class
    }
    assert without == elsewhere


def _examples(made: object) -> list[str]:
    return [one.source for one in DocTestParser().get_examples(inspect.getdoc(made) or "")]


def test_every_module_has_tests_of_its_name_or_says_where_they_are(checkout):
    tests, sources = checkout / "tests", checkout / "coverage" / "phusong"
    modules = [
        str(path.relative_to(sources).with_suffix(""))
        for path in sorted(sources.rglob("*.py"))
        if path.stem not in {"__init__", "__main__"}
    ]
    unnamed = {
        module
        for module in modules
        if not (tests / re.sub(r"(^|/)_?([^/]+)$", r"\1test_\2.py", module)).is_file()
    }
    told = set()
    for row in (tests / "README.md").read_text(encoding="utf-8").splitlines():
        if not row.startswith("| `"):
            continue
        named, by = (re.findall(r"`([^`]+)`", cell) for cell in row.strip("|").split("|"))
        for pattern in named:
            found = {module for module in unnamed if fnmatchcase(module, pattern)}
            assert found, f"{pattern} is gone, or has tests of its name"
            told |= found
        for test in by:
            assert (tests / f"{test}.py").is_file(), f"there is no {test}"
    assert unnamed == told
