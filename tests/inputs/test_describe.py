"""docs/inputs.md says what `tables` says."""

from phusong.inputs.describe import describe
from phusong.tables import INPUT_TABLES


def test_page_lists_every_table_as_it_is(checkout):
    page = (checkout / "docs" / "inputs.md").read_text(encoding="utf-8")
    sections = "\n".join(describe(table) for table in INPUT_TABLES.values())
    assert page[page.index("### ") :].strip() == sections.strip()
