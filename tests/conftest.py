"""Fixtures that every room's tests may use."""

import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# The same examples on every machine; a slow machine is not a fault.
settings.register_profile(
    "repeatable", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("repeatable")

_CHECKOUT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def checkout() -> Path:
    """Return the root of the checkout."""
    return _CHECKOUT


@pytest.fixture(scope="session")
def shared_folder() -> Path:
    """Return the folder of reference material beside the checkout, or skip."""
    folder = _CHECKOUT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("the reference material (../shared) is not on this machine")
    return folder


@pytest.fixture(scope="module")
def browser():
    """Return a headless Chromium that fetches nothing by itself, or skip."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("no chromium on this machine")
    sync_api = pytest.importorskip("playwright.sync_api")
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
