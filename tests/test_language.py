"""What a reader meets speaks one language: no key, no code word, no sentence of the other.

Pages are read in a browser, sheets of paper and workbooks as written, commands as they print.
"""

import re
import tomllib

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from phusong import tables
from phusong.cli import app
from phusong.export.layers import PLACE_COLUMNS
from phusong.i18n import LANGUAGES, catalogue, text
from phusong.maps import theme_names

from .browsing import until_ready
from .maps.test_paper import pdf_lines

ENGLISH = re.compile(r"\b(the|of|and|with|from|which|are|is|for|by|their|this|not|has)\b", re.I)
VIETNAMESE = re.compile("[ăđơưàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ]", re.I)
CODE = re.compile(r"(?<![\w.-])[a-z][a-z0-9]*_[a-z0-9_]+(?!\w)|\b[a-z]+[a-z]*[A-Z]\w*\b")
SETTING = re.compile(r"\[+[a-z.]+\]+ [a-z_]+")
"""A setting is named with its section, for whoever must change it: ``[fibre] rank_by``."""
NAMES = re.compile(
    r"\S+\.(?:toml|csv|json|geojson|tif|gpkg|qml|xlsx|pdf|html)\b|phusong \w+(?: [^.,;]*)?|GeoJSON"
    r"|GeoPackage|geojson/schema|JSON Schema|https?:\S+|“[^”]*”|VinaPhone|MobiFone|GeoTIFF|RxLev"
    r"|JavaScript|kB|(?:Nghị định|Quyết định) [\w/.Đ-]+|FlatGeobuf|SS-RSRP|dBm?\b|BTS"
)


@pytest.fixture(scope="module")
def data_words(result):
    """Return every text of the data, which stays as it is in both languages, the longest first."""
    held = {result.study.province, result.study.name, result.study.name_en}
    held |= {*result.inputs["communes"]["type"]}  # part of the names of units
    frames = [frame for frame, _ in result.tables.values()] + [*result.inputs.values()]
    for frame in frames:
        for name in ("name", "site_name", "district", "province", "communes", "operator",
                     "supplier", "cell_id", "site_id", "station_id", "span_id", "id", "gap_id",
                     "office_id", "village_id", "node_id", "fibre_operators", "networkProvider",
                     "commune_code"):  # fmt: skip
            if name in frame:
                held |= {str(one) for one in frame[name].dropna().unique()}
    return sorted((one for one in held if len(one) > 1), key=len, reverse=True)


def faults(text, lang, data_words=()):
    """Return what of a text is a key, a code word or of the other language."""
    rest = NAMES.sub(" ", SETTING.sub(" ", text))
    for word in data_words:
        rest = rest.replace(word, " ")
    other = ENGLISH if lang == "vi" else VIETNAMESE
    return [found[0] for pattern in (CODE, other) for found in pattern.finditer(rest)]


def complaints(texts, lang, data_words):
    return {text: found for text in texts if (found := faults(text, lang, data_words))}


def pairs():
    """Yield every text of our own in both languages, with where it stands."""
    yield from ((key, words["vi"], words["en"]) for key, words in catalogue().items())
    for table in [*tables.RESULT_TABLES.values(), *tables.INPUT_TABLES.values()]:
        yield table.name, table.title.vi, table.title.en
        yield from (
            (f"{table.name}.{one.name}", one.title.vi, one.title.en) for one in table.fields
        )


def theme_pairs(checkout):
    def walk(part, where):
        if isinstance(part, dict) and isinstance(part.get("vi"), str):
            yield where, part["vi"], part["en"]
        elif isinstance(part, dict | list):
            inner = part.items() if isinstance(part, dict) else enumerate(part)
            for name, value in inner:
                yield from walk(value, f"{where}.{name}")

    for path in sorted((checkout / "maps").glob("*.toml")):
        yield from walk(tomllib.loads(path.read_text(encoding="utf-8")), path.name)


def test_a_mast_is_called_by_one_word_that_no_column_of_a_table_shares(checkout):
    wrong = {}
    for where, vi, en in [*pairs(), *theme_pairs(checkout)]:
        said, english = vi.casefold(), en.casefold()
        mast = re.search(r"\bmasts?\b", re.sub(r"\[\w+\] \w+", "", english))
        others = re.search("cột", said.replace("cột ăng-ten", ""))
        about_tables = re.search(
            r"column|right:|heading|row \d|fields|_deg|pole|aboveground", english
        )
        if (mast and "cột ăng-ten" not in said) or (others and not about_tables):
            wrong[where] = vi
    assert wrong == {}


def test_no_words_of_ours_are_of_the_other_language(checkout):
    """Names of settings and columns, which a message may quote, are left out."""
    quoted = re.compile(r"\(also[^)]*\)|\{[^}]*\}|--[\w-]+|\"[^\"]*\"|[a-z]+_[a-z_]+")
    wrong = {}
    for where, vi, en in [*pairs(), *theme_pairs(checkout)]:
        vietnamese, english = (NAMES.sub(" ", quoted.sub(" ", one)) for one in (vi, en))
        if ENGLISH.search(vietnamese) or "đi vào phục vụ" in vietnamese:
            wrong[where] = vi
        if re.search(r"\b(của|không|được|trong|theo|và|là)\b", english):
            wrong[where] = en
    assert wrong == {}


@pytest.fixture
def reading(open_tab, written):
    """Return how to open a written page offline, with the language it speaks."""

    def read(name):
        return open_tab((written / name).as_uri(), {"width": 1440, "height": 900})

    return read


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_start_page_speaks_one_language(reading, data_words, lang):
    page = reading("index.html")
    page.click(f".languages button[value={lang}]")
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    # Names of files are names.
    page.evaluate("document.querySelectorAll('.files a, footer').forEach((one) => one.remove())")
    lines = {line.strip() for line in page.inner_text("body").splitlines() if line.strip()}
    lines -= {"Tiếng Việt", "English"}
    assert complaints(lines, lang, data_words) == {}


CARDS = """() => {
  const said = [];
  for (const [name, table] of Object.entries(phusong.data.tables)) {
    if (!phusong.data.cards[name]) continue;
    for (let row = 0; row < Math.min(table.length, 12); row += 1) {
      phusong.openCard(name, [row], phusong.map.getCenter());
      said.push(...phusong.map._popup.getElement().querySelector(".card").innerText.split("\\n"));
    }
  }
  return said;
}"""


@pytest.mark.parametrize("name", theme_names())
def test_every_map_speaks_one_language_its_cards_included(reading, written, data_words, name):
    if not (written / "maps" / f"{name}.html").is_file():
        pytest.skip("the small study has no data for it")
    page = reading(f"maps/{name}.html")
    until_ready(page)
    for lang in LANGUAGES:
        page.evaluate("(lang) => phusong.setLanguage(lang)", lang)
        said = page.evaluate(CARDS)
        # Cards that were replaced stay in the page while they fade, in the language they had.
        page.locator(".leaflet-popup").nth(1).wait_for(state="detached")
        said += page.inner_text("body").splitlines()
        lines = {part.strip() for line in said for part in line.split("\t") if part.strip()}
        lines -= {"Tiếng Việt", "English"}
        assert complaints(lines, lang, data_words) == {}, lang


def test_every_sheet_of_paper_speaks_vietnamese(written, data_words):
    sheets = sorted((written / "maps" / "print").glob("*.pdf"))
    assert len(sheets) > 3
    for sheet in sheets:
        assert complaints(pdf_lines(sheet.read_bytes()), "vi", data_words) == {}, sheet.name


def test_headings_of_the_workbook_speak_vietnamese(written, data_words):
    book = load_workbook(written / "report" / "tables.xlsx", read_only=True)
    for sheet in book.worksheets:
        rows = list(sheet.iter_rows(values_only=True, max_row=3))
        said = [sheet.title, *rows[0], *rows[1]]  # the notice, then the headings
        texts = [text for text in said if isinstance(text, str)]
        assert len(texts) > 3
        assert complaints(texts, "vi", [*data_words, *PLACE_COLUMNS]) == {}, sheet.title


def test_cells_of_the_workbook_hold_no_codes(written, data_words):
    """English columns and ids apart, and the sheet that defines the columns by their names."""
    book = load_workbook(written / "report" / "tables.xlsx", read_only=True)
    read, wrong = 0, {}
    for sheet in book.worksheets[:-1]:
        _, headings, names, *rows = sheet.iter_rows(values_only=True)
        if sheet.title == text("export.sheet_charts", "vi"):  # what its charts show has no names
            names, rows = headings, [names, *rows]
        for row in rows:
            for name, value in zip(names, row, strict=False):  # a row without figures is short
                if not isinstance(value, str) or name in {"en", "indicator", "scenario"}:
                    continue
                if name.endswith(("_en", "id")):
                    continue
                read += 1
                rest = NAMES.sub(" ", SETTING.sub(" ", value))
                for word in data_words:
                    rest = rest.replace(word, " ")
                if found := CODE.findall(rest):
                    wrong[sheet.title, name] = found
    assert read > 100
    assert wrong == {}


@pytest.mark.parametrize("theme", ["overview", "fibre"])
def test_a_sheet_of_paper_drawn_in_english_speaks_english(written, data_words, tmp_path, theme):
    sheet = tmp_path / "sheet.pdf"
    words = ["paper", written, "--theme", theme, "--out", sheet, "--lang", "en"]
    done = CliRunner().invoke(app, list(map(str, words)))
    assert done.exit_code == 0, done.output
    lines = pdf_lines(sheet.read_bytes())
    assert len(lines) > 20
    assert complaints(lines, "en", data_words) == {}
    assert complaints(printed(done, written, tmp_path), "en", data_words) == {}


def printed(done, *folders):
    """Return the lines that a command printed, without frames of tables and paths."""
    text = done.stdout + done.stderr
    for folder in folders:
        text = text.replace(str(folder), "")
    return [re.sub("[┏┓┗┛┡┩│┃━─└┘┴┬╇┳┻]", " ", line) for line in text.splitlines()]


def test_a_run_prints_english(commanded, pristine, data_words):
    done, out = commanded
    assert complaints(printed(done, out, pristine), "en", data_words) == {}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.usefixtures("sheets_not_drawn")
def test_what_is_done_with_a_folder_is_told_in_one_language(
    written, offices_alone, tmp_path, data_words, lang
):
    for command in (
        ["run", offices_alone, "--out", tmp_path / "out"],
        ["export", written, "--to", tmp_path / "communes.csv", "--layer", "communes"],
        ["verify", written],
        ["verify", written, "--study", offices_alone],
        ["paper", written, "--theme", "none", "--out", tmp_path / "x.pdf"],
        ["run", offices_alone, "--out", offices_alone],
    ):
        done = CliRunner().invoke(app, [*map(str, command), "--lang", lang])
        lines = printed(done, written, offices_alone, tmp_path)
        assert any(lines)
        assert complaints(lines, lang, data_words) == {}, command


@pytest.mark.parametrize("lang", LANGUAGES)
def test_commands_print_one_language(pristine, written, data_words, lang, tmp_path):
    for command in (
        ["check", pristine, "--out", tmp_path / "check"],
        ["fibre", pristine],
        ["egov", pristine],
        ["board", written],
    ):
        done = CliRunner().invoke(app, [*map(str, command), "--lang", lang])
        assert done.exit_code == 0, done.output
        lines = printed(done, pristine, written, tmp_path)
        assert complaints(lines, lang, data_words) == {}, command
