"""docs/inputs.md says what `tables` says."""

from phusong.inputs.describe import renewed


def test_page_lists_every_table_as_it_is(checkout):
    page = (checkout / "docs" / "inputs.md").read_text(encoding="utf-8")
    assert page == renewed(page), "run: python -m phusong.inputs.describe docs/inputs.md"
