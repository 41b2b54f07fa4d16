"""docs/inputs.md and its Vietnamese page say what `tables` says."""

import pytest

from phusong.inputs.describe import renewed


@pytest.mark.parametrize(("name", "lang"), [("inputs.md", "en"), ("inputs.vi.md", "vi")])
def test_page_lists_every_table_as_it_is(checkout, name, lang):
    page = (checkout / "docs" / name).read_text(encoding="utf-8")
    assert page == renewed(page, lang), f"run: python -m phusong.inputs.describe docs/{name}"
