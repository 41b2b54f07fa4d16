"""CSV files and workbooks as offices send them, and as nobody should."""

import datetime
import io
import re
import unicodedata
import zipfile

import pytest
from openpyxl import Workbook

from phusong.inputs import Source, read_table, sheets, source
from phusong.inputs.workbooks import Sheet
from phusong.tables import COMMUNES, OFFICES, PLACES


def workbook(rows, *, title="Sheet", more=()):
    book = Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    for name, other in more:
        sheet = book.create_sheet(name)
        for row in other:
            sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def with_sheet_xml(content, edit):
    """Return the workbook with the XML of its first sheet edited."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w") as new:
        for name in old.namelist():
            data = old.read(name).decode()
            new.writestr(name, edit(data) if name == "xl/worksheets/sheet1.xml" else data)
    return file.getvalue()


PLACE_ROWS = [
    ["place_id", "name", "kind", "elevation_m", "lon", "lat"],
    ["p1", "Hà Giang", "city", 102, 104.9911, 22.8344],
    ["p2", "Tây Côn Lĩnh", "peak", 2419, 104.7872, 22.8072],
]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("start", ["", "\ufeff", "\n\n", "\ufeff\r\n"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_csv_is_read_with_any_delimiter_mark_and_line_end(
    read, places_csv, delimiter, start, newline
):
    content = start + places_csv.replace(",", delimiter).replace("\n", newline)
    checked = read("places.csv", PLACES, content)
    assert checked.table["name"].to_list() == ["Hà Giang", "Tây Côn Lĩnh"]
    assert checked.table["elevation_m"].to_list() == [102, 2419]


def test_semicolon_file_has_decimal_commas(read):
    content = "place_id;name;kind;elevation_m;lon;lat\np1;A;peak;2419,500;104,991;22,834\n"
    assert read("places.csv", PLACES, content).table["elevation_m"].to_list() == [2419.5]


def test_quoted_cells_may_hold_delimiters_quotes_and_line_breaks(read, places_csv):
    content = places_csv.replace("Hà Giang", '"Hà Giang, ""phố""\nmới"')
    assert read("places.csv", PLACES, content).table["name"][0] == 'Hà Giang, "phố"\nmới'


def test_rows_are_numbered_as_a_spreadsheet_shows_them(problems, places_csv):
    heading, first, second = places_csv.splitlines()
    content = "\n".join([heading, "", first, ",,,,,", second.replace("2419", "high"), "", ""])
    assert [problem.row for problem in problems("places.csv", PLACES, content)] == [5]


def coded(text, encoding):
    if encoding == "cp1258":  # vowels with their shape, then the tone
        text = "".join(one if one in "êôâ" else unicodedata.normalize("NFD", one) for one in text)
    return text.encode(encoding)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1258"]
)
def test_text_is_read_in_the_encoding_that_makes_it_vietnamese(read, places_csv, encoding):
    content = coded(places_csv.replace("Hà Giang", "Hà Giàng"), encoding)
    assert read("places.csv", PLACES, content).table["name"].to_list() == [
        "Hà Giàng",
        "Tây Côn Lĩnh",
    ]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("place_id,name\n1,a\n2,Київ\n".encode("cp1251"), 3),
        ("place_id,name\n1,東京\n".encode("shift_jis"), 2),
        (b"place_id,name\n\xff\xfe\x00\n", 2),
    ],
)
def test_other_encodings_are_refused_with_the_line(problems, content, line):
    (problem,) = problems("places.csv", PLACES, content)
    assert (problem.message, problem.values["line"]) == ("inputs.not_utf8", line)
    assert "CSV UTF-8" in problem.render("vi")


@pytest.mark.parametrize("content", ["", " ", "\n\n", "\ufeff", ",,,\n,,,\n"])
def test_empty_csv_is_refused(problems, content):
    assert [p.message for p in problems("places.csv", PLACES, content)] == ["inputs.empty_file"]


def test_heading_alone_is_no_table(problems, places_csv):
    (problem,) = problems("places.csv", PLACES, places_csv.splitlines()[0])
    assert problem.message == "inputs.no_rows"


def test_row_of_another_length_is_its_only_fault(problems, places_csv):
    content = places_csv + "p3,x,peak,high\n" + "p4,x,peak,1,104.9,22.8,99\n"
    told = [(p.row, p.message, p.values) for p in problems("a.csv", PLACES, content)]
    assert told == [
        (4, "inputs.ragged", {"found": 4, "expected": 6}),
        (5, "inputs.ragged", {"found": 7, "expected": 6}),
    ]


def test_empty_cells_beyond_the_heading_do_not_matter(read, places_csv):
    heading, *rows = places_csv.splitlines()
    content = "\n".join([heading, *(row + ",, " for row in rows)])
    assert len(read("places.csv", PLACES, content).table) == 2


@pytest.mark.parametrize("tail", ['p3,"open\np4,a\n', 'p3,"a"b,peak,1,104,22\n'])
def test_quotes_that_do_not_match_are_refused(problems, places_csv, tail):
    (problem,) = problems("places.csv", PLACES, places_csv + tail)
    assert problem.message == "inputs.broken_csv"
    assert problem.values["line"] >= 4


def test_giant_cell_is_refused(problems, places_csv):
    content = places_csv + f"p3,{'x' * 200_000},peak,1,104,22\n"
    assert problems("places.csv", PLACES, content)[0].message == "inputs.broken_csv"


def test_size_rows_and_columns_are_limited(problems, places_csv, monkeypatch):
    monkeypatch.setattr(source, "LARGEST_COLUMNS", 5)
    assert problems("a.csv", PLACES, places_csv)[0].message == "inputs.too_many_columns"
    monkeypatch.setattr(source, "LARGEST_ROWS", 1)
    assert problems("a.xlsx", PLACES, workbook(PLACE_ROWS))[0].message == "inputs.too_many_rows"
    monkeypatch.setattr(source, "LARGEST_BYTES", 100)
    assert problems("a.xlsx", PLACES, workbook(PLACE_ROWS))[0].message == "inputs.too_large"


def test_csv_may_have_as_many_rows_as_memory_holds_which_is_told(
    read, problems, places_csv, monkeypatch
):
    monkeypatch.setattr(source, "LARGEST_ROWS", 1)
    (told,) = read("a.csv", PLACES, places_csv).problems
    assert (told.message, told.values) == (
        "inputs.many_rows", {"rows": 2, "gigabytes": 2 * (6 * 150 + 200) / 1e9},
    )  # fmt: skip
    cells = 3 * (6 * 150 + 200)
    held = 3 * len(places_csv.encode())
    monkeypatch.setattr(source, "available_bytes", lambda: cells + held)
    assert len(read("a.csv", PLACES, places_csv).table) == 2
    monkeypatch.setattr(source, "available_bytes", lambda: cells + held - 1)
    (problem,) = problems("a.csv", PLACES, places_csv)
    assert (problem.message, problem.values["rows"], problem.values["fits"]) == (
        "inputs.no_room", 3, 2,
    )  # fmt: skip
    monkeypatch.setattr(source, "available_bytes", lambda: held - 1)
    assert problems("a.csv", PLACES, places_csv)[0].message == "inputs.no_room"


def test_lines_end_as_in_any_system_and_stay_within_quotes(read, places_csv):
    written = places_csv.replace("Hà Giang", '"Hà\rGi\r\nang\n"')
    for end in ("\n", "\r\n", "\r"):
        rows = written.replace("22.8344\n", f"22.8344{end}").replace("lat\n", f"lat{end}")
        assert read("a.csv", PLACES, rows).table["name"].to_list() == [
            "Hà\rGi\r\nang", "Tây Côn Lĩnh",
        ]  # fmt: skip


def test_workbook_gives_the_sheet_that_holds_the_table_or_the_one_named(read, problems):
    older = [PLACE_ROWS[0], ["p9", "Cũ", "peak", 1, 104.9, 22.8]]
    more = [("Địa danh", PLACE_ROWS), ("Bản cũ", older)]
    content = workbook([["notes"]], title="Ghi chú", more=more)
    checked = read("a.xlsx", PLACES, content, sheet="Bản cũ")
    assert checked.table["name"].to_list() == ["Cũ"]
    assert not checked.problems
    (problem,) = problems("a.xlsx", PLACES, sheet="Places")
    assert problem.message == "inputs.unknown_sheet"
    assert "Ghi chú, Địa danh" in problem.render("en")
    found = read("a.xlsx", PLACES)
    assert found.table["name"].to_list() == ["Hà Giang", "Tây Côn Lĩnh"]
    (told,) = found.problems
    assert (told.message, told.values["others"]) == ("inputs.other_sheets", "Bản cũ")


def test_fault_in_a_workbook_names_sheet_row_and_column(problems):
    rows = [*PLACE_ROWS, [], ["p3", "Đèo", "pass", "cao", 104.9, 22.8]]
    (problem,) = problems("a.xlsx", PLACES, workbook(rows, title="Địa danh"))
    assert problem.where("en") == "a.xlsx, sheet Địa danh, row 5, column elevation_m, value 'cao'"


def test_cells_of_a_workbook_keep_their_types(read):
    rows = [
        ["office_id", "name", "level", "Mã xã", "has_lan", "computers", "lan_year", "lon", "lat"],
        ["o1", "UBND", "commune", "00715", True, 12, 2016, 104.9, 22.8],
        ["o2", "UBND", "commune", "00718", "không", 3.0, None, "104,95", 22.9],
    ]
    table = read("a.xlsx", OFFICES, workbook(rows)).table
    assert table["has_lan"].to_list() == [True, False]
    assert table["computers"].to_list() == [12, 3]
    assert table["lan_year"].isna().to_list() == [False, True]


def test_number_cell_for_a_code_says_how_to_keep_the_zeros(problems):
    rows = [
        ["office_id", "name", "level", "commune_code", "lon", "lat"],
        ["o1", "UBND", "commune", 715, 104.9, 22.8],
    ]
    (problem,) = problems("a.xlsx", OFFICES, workbook(rows))
    assert problem.message == "inputs.lost_zeros"
    assert "Văn bản (Text)" in problem.render("vi")


def test_date_cell_is_a_day(problems):
    rows = [
        ["commune_code", "valid_from", "name", "type", "district_code", "district"],
        ["00715", datetime.datetime(2004, 1, 1), "Lũng Cú", "xã", "026", "Đồng Văn"],
    ]
    messages = [p.message for p in problems("a.xlsx", COMMUNES, workbook(rows))]
    assert messages == ["inputs.needs_shapes"]


def test_stored_result_of_a_formula_is_read_and_a_missing_one_is_told(read, problems):
    rows = [PLACE_ROWS[0], ["p1", "A", "peak", "=100+2", 104.9, 22.8]]
    content = workbook(rows)
    (problem,) = problems("a.xlsx", PLACES, content)
    assert (problem.message, problem.column, problem.value) == (
        "inputs.uncalculated", "elevation_m", "=100+2",
    )  # fmt: skip
    calculated = with_sheet_xml(
        content, lambda xml: re.sub(r"</f><v\s*/>|</f><v></v>", "</f><v>102</v>", xml)
    )
    assert read("a.xlsx", PLACES, calculated).table["elevation_m"].to_list() == [102]


def test_formula_that_gives_empty_text_is_an_empty_cell(read):
    content = workbook([PLACE_ROWS[0], ["p1", "A", "peak", '=""', 104.9, 22.8]])
    empty = with_sheet_xml(content, lambda xml: xml.replace('<c r="D2"', '<c r="D2" t="str"'))
    assert read("a.xlsx", PLACES, empty).table["elevation_m"].isna().all()


@pytest.mark.parametrize(
    "content", [b"PK\x03\x04 not really", b"\0\1\2\3" * 99, b"\xd0\xcf\x11\xe0" * 99]
)
def test_what_is_no_workbook_is_refused(problems, content):
    (problem,) = problems("a.xlsx", PLACES, content)
    assert problem.message == "inputs.unreadable"


@pytest.mark.parametrize("head", [b"PK\x03\x04\x14\0", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"])
def test_a_workbook_named_like_text_is_told_as_what_it_is(problems, head):
    (problem,) = problems("a.csv", PLACES, head + b"\0" * 99)
    assert problem.message == "inputs.workbook_as_text"


def test_a_heading_merged_over_both_rows_stands_once(tmp_path):
    book = Workbook()
    sheet = book.active
    sheet.append(["TT", "Mã", "Tên", "Loại", "Tọa độ", None])
    sheet.append([None, None, None, None, "Kinh độ", "Vĩ độ"])
    sheet.append([1, "p1", "Tha", "peak", 104.98, 22.82])
    for place in ("A1:A2", "B1:B2", "C1:C2", "D1:D2", "E1:F1"):
        sheet.merge_cells(place)
    book.save(tmp_path / "a.xlsx")
    heard = []
    source = Source(path=tmp_path / "a.xlsx", shown="a.xlsx", headings={"Mã": "place_id"})
    read_table(source, PLACES, crs="EPSG:9209", set_aside_faulty=False, on_read=heard.append)
    assert heard[0].headings[0] == "TT"


def test_workbook_cut_anywhere_is_refused(problems):
    content = workbook(PLACE_ROWS)
    for part in range(1, 10):
        cut = content[: len(content) * part // 10]
        assert problems("a.xlsx", PLACES, cut)[0].message == "inputs.unreadable"


def test_zip_bomb_is_refused_before_it_is_unpacked(problems):
    file = io.BytesIO(workbook(PLACE_ROWS))
    with (
        zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/media/bomb.bin", "w") as member,
    ):
        for _ in range(source.LARGEST_BYTES // 10_000_000 + 1):
            member.write(bytes(10_000_000))
    (problem,) = problems("a.xlsx", PLACES, file.getvalue())
    assert problem.message == "inputs.too_large"


def test_size_that_a_sheet_claims_is_not_believed(read, problems):
    content = workbook(PLACE_ROWS)
    claimed = with_sheet_xml(
        content,
        lambda xml: re.sub(r'<dimension ref="[^"]*"', '<dimension ref="A1:XFD1048576"', xml),
    )
    assert len(read("a.xlsx", PLACES, claimed).table) == 2
    far = with_sheet_xml(
        content, lambda xml: re.sub(r' r="([A-Z]*)3"', r' r="\g<1>999999999"', xml)
    )
    assert problems("a.xlsx", PLACES, far)[0].message == "inputs.too_many_rows"


def test_entities_that_grow_are_refused(problems):
    bomb = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 20}">' for i in range(1, 9))
    content = with_sheet_xml(
        workbook(PLACE_ROWS),
        lambda xml: (
            f'<!DOCTYPE a [<!ENTITY e0 "{"x" * 99}">{bomb}]>'
            + re.sub(r"<v>102</v>", "<v>&e8;</v>", re.sub(r"^<\?xml.*?\?>", "", xml))
        ),
    )
    assert problems("a.xlsx", PLACES, content)[0].message == "inputs.unreadable"


def test_layer_of_a_csv_and_sheet_of_a_csv_make_no_sense(problems, places_csv):
    assert problems("a.csv", PLACES, places_csv, layer="x")[0].message == "inputs.no_layers"
    assert problems("a.csv", PLACES, places_csv, sheet="x")[0].message == "inputs.no_sheets"


LETTERHEAD = [
    ["UBND TỈNH HÀ GIANG", None, None, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"],
    ["SỞ THÔNG TIN VÀ TRUYỀN THÔNG", None, None, "Độc lập - Tự do - Hạnh phúc"],
    [],
    ["DANH SÁCH ĐỊA DANH"],
    ["(Kèm theo Công văn số 12/STTTT, ngày 05/01/2018)"],
]


def test_letterhead_above_the_headings_is_passed_over_with_a_note(read):
    checked = read("a.xlsx", PLACES, workbook([*LETTERHEAD, *PLACE_ROWS]))
    assert checked.table["name"].to_list() == ["Hà Giang", "Tây Côn Lĩnh"]
    assert checked.rows == (7, 8)
    (note,) = checked.problems
    assert (note.message, note.values["count"]) == ("inputs.rows_above", 4)
    lines = [";".join(map(str, (cell or "" for cell in row))) for row in LETTERHEAD]
    body = [";".join(map(str, row)).replace(".", ",") for row in PLACE_ROWS]
    csv = read("a.csv", PLACES, "\n".join([*lines, *body]))
    assert csv.table["name"].to_list() == ["Hà Giang", "Tây Côn Lĩnh"]


TWO_ROWS = [
    ["Mã địa danh", "Tên", "Loại", "Tọa độ", None, "Độ cao"],
    [None, None, None, "Kinh độ", "Vĩ độ", "(m)"],
]
METRES = [
    ["Mã địa danh", "Tên", "Loại", "Tọa độ", None],
    [None, None, None, "Đông", "Bắc"],
]


def test_headings_in_two_rows_are_joined_and_told(read):
    rows = [*TWO_ROWS, [1, 2, 3, 4, 5, 6], ["p1", "A", "peak", 104.9, 22.8, 1500]]
    checked = read("a.xlsx", PLACES, workbook(rows))
    assert checked.rows == (4,)
    assert checked.table["elevation_m"].to_list() == [1500]
    told = [problem.message for problem in checked.problems]
    assert told == ["inputs.headings_joined", "inputs.column_numbers"]
    assert "Độ cao (m)" in checked.problems[0].values["headings"]


def test_a_lower_heading_that_means_nothing_alone_is_read_with_the_upper(read):
    rows = [*METRES, ["p1", "A", "peak", 447572, 2526144]]
    lines = [";".join(str(cell or "") for cell in row) for row in rows]
    for name, content in (("a.xlsx", workbook(rows)), ("a.csv", "\n".join(lines))):
        checked = read(name, PLACES, content)
        assert checked.table.geometry[0].x == pytest.approx(447572)


def test_a_row_of_text_or_of_numbers_is_no_heading(read):
    rows = [PLACE_ROWS[0], ["1", "2", "peak", "3", "104.9", "22.8"], ["p1", "x", "peak", *"123"]]
    content = "\n".join(",".join(row) for row in rows[:2])
    assert len(read("a.csv", PLACES, content).table) == 1


@pytest.mark.parametrize(
    ("headings", "found"),
    [(["place_id", "name", "x"], "place_id, name, x"), (["place_id", "x", "y"], "Địa danh")],
)
def test_a_row_that_names_two_columns_is_the_headings_and_one_that_names_one_is_not(
    problems, headings, found
):
    rows = [["Địa danh", None, None], headings, ["p1", "A", 1]]
    problem = problems("a.xlsx", PLACES, workbook(rows))[0]
    assert problem.message.startswith("inputs.missing_column")
    assert problem.values["found"] == found


@pytest.mark.parametrize(("count", "is_table"), [(1, False), (2, True)])
def test_a_sheet_that_names_two_columns_is_a_table_and_one_that_names_one_is_none(
    tmp_path, count, is_table
):
    names = ["place_id", "name", "kind", "lon"]

    def known(cells):
        return sum(cell in names for cell in cells)

    def sheet(title, headings, **hidden):
        return Sheet(title, {1: headings}, **hidden)

    few, full = sheet("few", names[:count]), sheet("full", names)
    few_hidden = sheet("few hidden", names[:count], hidden=True)
    found = sheets._sheet_of([full, few, few_hidden], known)
    assert found == (full, ["few"] * is_table, ["few hidden"] * is_table)
    hidden = sheet("hidden", names, hidden=True)
    assert sheets._sheet_of([hidden, few], known)[0] is (few if is_table else hidden)
    path = tmp_path / "a.xlsx"
    path.write_bytes(workbook([names], more=[("few", [names[:count]])]))
    shown = sheets.sheets_named(source.Source(path=path, shown="a.xlsx"), known)
    assert shown == ("Sheet", *["few"] * is_table)


@pytest.mark.parametrize("above", [19, 20])
def test_headings_are_sought_in_the_first_twenty_filled_rows(read, problems, above):
    content = workbook([*([["title"]] * above), *PLACE_ROWS])
    if above == 19:
        (note,) = read("a.xlsx", PLACES, content).problems
        assert (note.message, note.values["count"]) == ("inputs.rows_above", 19)
    else:
        assert problems("a.xlsx", PLACES, content)[0].message == "inputs.missing_columns"


def test_a_table_in_an_old_font_is_converted_and_told(read):
    content = "Tªn,M· ®Þa danh,Lo¹i,lon,lat\nHµ Giang,p1,city,104.9,22.8\n"
    checked = read("a.csv", PLACES, content)
    assert checked.table["name"].to_list() == ["Hà Giang"]
    (told,) = checked.problems
    assert (told.message, told.values["encoding"], told.values["count"]) == (
        "inputs.letters_restored", "TCVN3", 4,
    )  # fmt: skip
    assert "“Tªn” thành “Tên”" in told.render("vi")


def test_cells_that_may_be_of_either_encoding_are_not_guessed(problems):
    names = ["Sôn La", "Möôøng Teø", "Mường Lát"]
    rows = [f"{number},{name},city,104,22\n" for number, name in enumerate(names)]
    content = "place_id,name,kind,lon,lat\n" + "".join(rows)
    told = [(p.message, p.row, p.value) for p in problems("a.csv", PLACES, content)]
    assert told == [("inputs.unsure_letters", 2, "Sôn La")]
