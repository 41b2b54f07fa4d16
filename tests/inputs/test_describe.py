"""docs/inputs.md and its Vietnamese page say what `tables` says."""

import pytest

from phusong.inputs.describe import renewed
from phusong.study.model import Inputs
from phusong.tables import INPUT_TABLES


@pytest.mark.parametrize(("name", "lang"), [("inputs.md", "en"), ("inputs.vi.md", "vi")])
def test_page_lists_every_table_as_it_is(checkout, name, lang):
    page = (checkout / "docs" / name).read_text(encoding="utf-8")
    assert page == renewed(page, lang), f"run: python -m phusong.inputs.describe docs/{name}"


def test_every_table_of_the_pages_can_be_named_in_a_study():
    assert set(INPUT_TABLES) - set(Inputs.model_fields) == set()
