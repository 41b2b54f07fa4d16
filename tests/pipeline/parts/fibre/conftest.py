"""What tests of the fibre share: its run, and a study with what it alone looks at."""

import pytest

import phusong


@pytest.fixture(scope="session")
def found(pristine):
    """Return the fibre of a chain of six communes, the last not yet connected."""
    return phusong.run(phusong.open_study(pristine), parts=("fibre",))


@pytest.fixture
def folder(whole, take_out):
    """Return a copy of the small study without what the ways of offices do not tell."""
    take_out(whole, "cells", "rivers", "places")
    return whole
