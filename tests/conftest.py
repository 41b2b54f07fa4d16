"""Fixtures that every room's tests may use."""

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
