"""Templates: what a person sees and what the spreadsheet checks while it is filled in."""

import openpyxl
import pandas as pd
import pytest

from phusong.errors import OutputError
from phusong.export import TemplateSheet, write_template
from phusong.tables import CELLS, OFFICES, READINESS_RULES, SURVEY_PLACES, WORKS


@pytest.fixture
def sheets():
    rules = pd.DataFrame({"level": [1], "prerequisite": ["has_lan"], "vi": ["=cmd|' /c calc'!A1"]})
    fields = {"field": ["has_lan", "computers"]}
    return (
        TemplateSheet(table=READINESS_RULES, rows=rules, choices=fields),
        TemplateSheet(table=WORKS, rows=rules[["prerequisite"]]),
    )


@pytest.fixture
def book(sheets, tmp_path):
    write_template(sheets, tmp_path / "mau.xlsx")
    book = openpyxl.load_workbook(tmp_path / "mau.xlsx")
    yield book
    book.close()


def rules_of(sheet):
    """Return the validation of each column by its heading."""
    heading = {cell.column_letter: cell.value for cell in sheet[1]}
    return {
        heading[str(rule.sqref)[0]]: rule for rule in sheet.data_validations.dataValidation
    }  # fmt: skip


def test_row_one_names_the_columns_and_known_rows_stand_below(book):
    sheet = book["readiness_rules"]
    assert [cell.value for cell in sheet[1]] == list(READINESS_RULES.columns)
    assert sheet["A2"].value == 1
    assert sheet["B2"].value == "has_lan"
    assert [cell.value for cell in book["works"][2]] == ["has_lan", None, None, None, None]


def test_a_column_tells_its_meaning_and_unit_in_both_languages(book):
    rule = rules_of(book["works"])["cost_vnd"]
    assert "Chi phí mỗi trụ sở" in rule.prompt
    assert "(đồng) / Cost an office" in rule.prompt
    assert rule.prompt.endswith("(VND)")
    assert (rule.type, rule.operator, rule.formula1) == ("decimal", "greaterThanOrEqual", "0")
    assert not rule.allow_blank


def test_choices_are_picked_from_a_list(book):
    rules = rules_of(book["readiness_rules"])
    for name, wanted in (("rule", ["true", "at_least"]), ("field", ["has_lan", "computers"])):
        sheet, cells = rules[name].formula1.split("!")
        listed = book[sheet.strip("'")][cells.replace("$", "")]
        assert [row[0].value for row in listed] == wanted
    assert book["_lists"].sheet_state == "hidden"


def test_instructions_say_what_to_write_into_the_study(book):
    told = [row[0] for row in book["Hướng dẫn"].iter_rows(values_only=True)]
    assert 'works = { path = "mau.xlsx", sheet = "works" }' in told
    needed = {row[1] for row in book["Định nghĩa"].iter_rows(values_only=True) if row[2] == "có"}
    assert {"cost_vnd", "crew_days", "source", "legal_basis"} <= needed


def test_a_name_is_never_run_as_a_formula(book):
    cell = book["readiness_rules"]["F2"]
    assert (cell.data_type, cell.quotePrefix) == ("s", True)


def test_the_same_template_has_the_same_bytes(sheets, tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write_template(sheets, tmp_path / name / "mau.xlsx")
    one, other = ((tmp_path / name / "mau.xlsx").read_bytes() for name in ("a", "b"))
    assert one == other


def test_a_folder_that_is_not_there_is_told(sheets, tmp_path):
    with pytest.raises(OutputError, match="cannot be written"):
        write_template(sheets, tmp_path / "absent" / "mau.xlsx")


@pytest.fixture
def form(tmp_path):
    write_template(
        [TemplateSheet(table=CELLS), TemplateSheet(table=OFFICES)], tmp_path / "form.xlsx"
    )
    book = openpyxl.load_workbook(tmp_path / "form.xlsx")
    yield book
    book.close()


def test_points_have_columns_for_their_place_behind_the_required_ones(form):
    headings = [cell.value for cell in form["offices"][1]]
    assert headings[:8] == [
        "office_id", "name", "level", "commune_code", "lon", "lat", "x_m", "y_m",
    ]  # fmt: skip
    assert set(headings) == {*OFFICES.columns, "lon", "lat", "x_m", "y_m"}
    told = [row[0] for row in form["Hướng dẫn"].iter_rows(values_only=True)]
    assert any("x_m là hướng Đông" in str(line) for line in told)


def test_required_columns_stand_out(form):
    colour = {cell.value: cell.fill.fgColor.rgb for cell in form["offices"][1]}
    required = {field.name for field in OFFICES.fields if field.required}
    assert len({colour[name] for name in required}) == 1
    assert {name for name in colour if colour[name] == colour["name"]} == required


def test_codes_are_text_and_of_their_length(form):
    rule = rules_of(form["offices"])["commune_code"]
    assert (rule.type, rule.operator, rule.formula1) == ("textLength", "equal", "5")
    assert form["offices"].column_dimensions["D"].number_format == "@"


def test_choices_are_vietnamese_and_yes_or_no_is_picked(form):
    rules = rules_of(form["offices"])
    for name, wanted in (("level", ["tỉnh", "huyện", "xã"]), ("has_lan", ["có", "không"])):
        sheet, cells = rules[name].formula1.split("!")
        listed = form[sheet.strip("'")][cells.replace("$", "")]
        assert [row[0].value for row in listed] == wanted
    assert rules_of(form["cells"])["frequency_mhz"].operator == "between"


def test_every_row_is_checked_however_long_the_table(form):
    for page in form.worksheets[:1]:
        ranges = [str(rule.sqref) for rule in page.data_validations.dataValidation]
        assert {one.partition(":")[2].strip("ABCDEFGHIJKLMNOPQRSTUVWXYZ") for one in ranges} == {
            "1048576"
        }


def test_a_form_prints_with_headings_that_can_be_read_on_each_page(form):
    for page in form.worksheets[:2]:
        assert (page.page_setup.orientation, int(page.page_setup.scale)) == ("landscape", 65)
        assert (page.print_title_rows, page.print_title_cols) == ("$1:$1", "$A:$A")


def test_instructions_and_definitions_are_read_whole_and_print_across_one_page(form):
    for page in (form["Hướng dẫn"], form["Định nghĩa"]):
        widths = {letter: each.width for letter, each in page.column_dimensions.items()}
        assert sum(widths.values()) <= 172
        for row in page.iter_rows():
            for cell in filter(lambda cell: isinstance(cell.value, str), row):
                lines = (len(cell.value) - 1) // widths[cell.column_letter]
                assert lines < 1 or page.row_dimensions[cell.row].height > 15 * lines


def test_a_column_is_as_wide_as_what_it_holds_to_start_with(tmp_path):
    rows = pd.DataFrame(
        {"prerequisite": ["has_lan"], "source": ["Báo giá của đơn vị thi công " * 2]}
    )
    write_template([TemplateSheet(table=WORKS, rows=rows)], tmp_path / "mau.xlsx")
    page = openpyxl.load_workbook(tmp_path / "mau.xlsx")["works"]
    width = {cell.value: page.column_dimensions[cell.column_letter].width for cell in page[1]}
    assert width["prerequisite"] == len("prerequisite") + 5, "and the button of the filter"
    assert width["source"] >= len(rows["source"][0])


def test_a_drawn_place_and_what_is_measured_there_stand_on_one_page(tmp_path):
    rows = pd.DataFrame(
        {"place_id": ["00700-001"], "commune_code": ["00700"], "drawn": [1], "map_share": [1.0],
         "lon": [105.123456], "lat": [22.123456]}
    )  # fmt: skip
    write_template([TemplateSheet(table=SURVEY_PLACES, rows=rows)], tmp_path / "mau.xlsx")
    page = openpyxl.load_workbook(tmp_path / "mau.xlsx")["survey_places"]
    assert {"served", "measured_on"} <= {cell.value for cell in page[1]}
    assert sum(each.width for each in page.column_dimensions.values()) <= 172
