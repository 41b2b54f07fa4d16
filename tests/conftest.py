"""Fixtures that every room's tests may use."""

import json
import os
import pickle
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from functools import cache, partial
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from hypothesis import HealthCheck, settings
from typer.testing import CliRunner

import phusong
from phusong.cli import app
from phusong.pipeline.outputs import folder as output_folder
from synthetic import write_small_study

from .databases import new_database, postgres  # noqa: F401  fixtures of every room
from .read_once import tables_read_once  # noqa: F401  for every test
from .uncompiled import UNCOMPILED

# The same examples on every machine; a slow machine is not a fault.
settings.register_profile(
    "repeatable",
    max_examples=40 if UNCOMPILED else 100,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("repeatable")

_CHECKOUT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def checkout() -> Path:
    """Return the root of the checkout."""
    return _CHECKOUT


# Published data that is not ours to pass on, by its place beside the checkout.
_ORIGIN = {
    "reference/p1812/validation_profiles.jsonl": "the validation examples of "
    "https://github.com/eeveetza/Py1812, one JSON object a line",
    "reference/p2108/section_3_1.csv": "NTIA/p2108-test-data, eeveetza/p2108 and "
    "Spectrum-Access-System on GitHub, gathered in one table",
    "reference/p2108/section_3_2.csv": "NTIA/p2108-test-data, eeveetza/p2108 and "
    "Spectrum-Access-System on GitHub, gathered in one table",
    "reference/mclp/optima.csv": "repository INFORMSJoC/2024.0611 (CC BY-NC-SA 4.0), with optima "
    "proved by HiGHS",
    "reference/measured/README.md": "published measurements; docs/methods/measured.md names them",
    "real/ha_giang_communes.geojson": "data/communes.rda of "
    "https://github.com/LucieContamin/censusVN2009, the province 02, with the codes of the GSO",
    "real/ha_giang_dem_15s.tif": "the 15-arc-second tiles of "
    "https://github.com/jaanga/terrain-plus around Hà Giang, as metres",
    "real/ha_giang_crosswalk_2025.csv": "converter_2025.json and dataset.db of the package "
    "vietnamadminunits 1.0.4, the province 02, with the codes of the GSO",
    "real/N36W119.hgt": "data-samples/ferranti-3sec-hgt/-119 of "
    "https://github.com/jaanga/terrain-plus",
}


@pytest.fixture(scope="session")
def published() -> Callable[[str], Path]:
    """Return how to find published data beside the checkout; without it a test skips."""

    def find(name: str) -> Path:
        path, origin = _CHECKOUT.parent / "shared" / name, _ORIGIN[name]
        if not path.is_file():
            pytest.skip(f"../shared/{name} is not there; it comes from {origin}")
        return path

    return find


@pytest.fixture(scope="session")
def shared(tmp_path_factory) -> Path:
    """Return where the parts of `make test` find what its target `compiled` computed for all.

    Alone, a session computes the same for itself.
    """
    given = os.environ.get("PHUSONG_TESTS_SHARED")
    return Path(given) if given else tmp_path_factory.mktemp("shared")


@pytest.fixture(scope="session")
def pristine(shared) -> Path:
    """Return the folder of a small complete study; not to be changed."""
    folder = shared / "study"
    if not folder.exists():
        write_small_study(folder)
    return folder


@pytest.fixture
def whole(pristine, tmp_path) -> Path:
    """Return a copy of the small study, with all its inputs, that a test may change."""
    return Path(shutil.copytree(pristine, tmp_path / "study"))


@pytest.fixture
def folder(whole) -> Path:
    """Return the copy of the small study; where most tests need a part, a room takes inputs out."""
    return whole


@pytest.fixture
def take_out() -> Callable[..., None]:
    """Return how to take inputs out of a study."""

    def take_out(folder, *names):
        lines = (folder / "study.toml").read_text(encoding="utf-8").splitlines()
        kept = [line for line in lines if not line.startswith(tuple(f"{one} = " for one in names))]
        (folder / "study.toml").write_text("\n".join(kept), encoding="utf-8")

    return take_out


@pytest.fixture
def without(folder, take_out) -> Callable[..., None]:
    """Return how to take inputs out of the copy of the small study."""
    return partial(take_out, folder)


@pytest.fixture
def offices_alone(folder, without) -> Path:
    """Return a copy of the small study with no table but the offices': quick to compute."""
    without(
        "communes", "cells", "terrain", "population", "villages", "spans", "nodes", "roads",
        "rivers", "places",
    )  # fmt: skip
    return folder


@pytest.fixture(scope="session")
def result(shared, pristine, small_losses) -> phusong.Result:
    """Return the small study, computed."""
    kept = shared / "result.pickle"
    if not kept.exists():
        found = phusong.run(phusong.open_study(pristine), threads=2, cache_folder=small_losses)
        kept.write_bytes(pickle.dumps(found))
    return pickle.loads(kept.read_bytes())


@pytest.fixture(scope="session")
def commanded(shared, pristine, small_losses):
    """Return what `phusong run` says of the small study, and the folder it writes."""
    out, said = shared / "out", shared / "said.json"
    if not said.exists():
        words = ["run", str(pristine), "--out", str(out), "--cache", str(small_losses)]
        done = CliRunner().invoke(app, [*words, "--threads", "1", "--lang", "en"])
        told = {name: getattr(done, name) for name in ("exit_code", "output", "stdout", "stderr")}
        said.write_text(json.dumps(told), encoding="utf-8")
    return SimpleNamespace(**json.loads(said.read_text(encoding="utf-8"))), out


@pytest.fixture(scope="session")
def written(commanded) -> Path:
    """Return the output folder of the small study; not to be changed."""
    return commanded[1]


@pytest.fixture(scope="session")
def small_losses(shared) -> Path:
    """Return a folder where the small study's path losses are kept for all tests."""
    return shared / "losses"


@pytest.fixture(scope="session")
def sample_losses() -> Iterator[Path]:
    """Return a folder where the sample's path losses are kept; half a gigabyte, for the session."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.fixture(scope="session", autouse=True)
def fonts_cut_once() -> Iterator[None]:
    """Keep each font that matplotlib cuts to the letters of a sheet, for the session.

    Cutting takes half the time of writing a result, and most tests draw sheets with the same
    letters. `hostile/test_starting` compares such sheets with those of another process.
    """
    from matplotlib.backends import _backend_pdf_ps as backend

    cut, written = backend.get_glyphs_subset, backend.font_as_file

    @cache
    def kept(path, glyphs):
        with cut(path, glyphs) as subset:
            return backend.SubsetResults(written(subset.font).getvalue(), subset.glyph_index_map)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            backend,
            "get_glyphs_subset",
            lambda path, glyphs: nullcontext(kept(path, frozenset(glyphs))),
        )
        patch.setattr(backend, "font_as_file", BytesIO)
        yield


@pytest.fixture
def sheets_not_drawn(monkeypatch) -> None:
    """Let results be written with blank sheets to print, which take half of the time.

    For tests of what else is written; `written` has the sheets as they are.
    """
    blank = SimpleNamespace(clear=lambda: None)
    monkeypatch.setattr(output_folder, "render_paper", lambda *_, **__: blank)
    monkeypatch.setattr(output_folder, "write_paper", lambda _, path: path.write_bytes(b"%PDF-1.7"))


@pytest.fixture(scope="session")
def browser():
    """Return a headless Chromium that fetches nothing by itself, or skip; one for all pages."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("no Chromium on this machine (Debian: chromium)")
    sync_api = pytest.importorskip(
        "playwright.sync_api", reason="playwright is not installed (dependency group dev)"
    )
    with sync_api.sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=chromium,
            args=[
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
                "--disable-component-update", "--disable-sync", "--no-first-run",
            ],
        )  # fmt: skip
        yield running
        running.close()


@pytest.fixture(scope="session")
def kept_tabs(browser):
    """Return contexts without a network by their options, each with the tabs that no test uses."""
    kept = {}
    yield kept
    for context, _ in kept.values():
        context.close()


@pytest.fixture
def open_tab(browser, kept_tabs):
    """Return how to open a page in a tab without a network; a complaint or request fails the test.

    The tab is that of an earlier test if there is one: to begin a tab takes longer than to open
    most pages. Addresses that begin as `asks` are no requests; options are those of a context.
    """
    complaints, taken = [], []

    def open_at(address, viewport, *, asks=("file:", "data:", "blob:"), **options):
        key = tuple(options.items())
        if key not in kept_tabs:
            still = {"reduced_motion": "reduce"}  # to move and fade takes a tenth of the time
            kept_tabs[key] = browser.new_context(offline=True, **(still | options)), []
        context, free = kept_tabs[key]
        page = free.pop() if free else context.new_page()
        heard = {
            "console": lambda said: complaints.append(f"{said.type}: {said.text}"),
            "pageerror": lambda error: complaints.append(f"error: {error}"),
            "request": lambda sent: (
                sent.url.startswith(asks) or complaints.append(f"request: {sent.url:.100}")
            ),
        }
        for event, hear in heard.items():
            page.on(event, hear)
        taken.append((page, heard, free))
        if page.viewport_size != viewport:
            page.set_viewport_size(viewport)
        page.goto(address)
        return page

    yield open_at
    for page, heard, free in taken:
        for event, hear in heard.items():
            page.remove_listener(event, hear)
        page.emulate_media(media="null")
        page.mouse.move(-1, -1)  # it hovers over nothing of the next page
        free.append(page)
    for context, free in kept_tabs.values():
        for page in context.pages:
            if page not in free:  # opened by a page
                page.close()
    assert complaints == []


@pytest.fixture(scope="session")
def axe() -> str:
    """Return the script of axe-core, or skip."""
    package = pytest.importorskip(
        "axe_playwright_python", reason="axe-core is not installed (dependency group dev)"
    )
    return files(package).joinpath("axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="session", autouse=True)
def texts_as_without_pyarrow():
    """Keep texts as pandas does without pyarrow, as on most desks; runs take a fifth less."""
    with pd.option_context("mode.string_storage", "python"):
        yield
