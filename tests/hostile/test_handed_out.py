"""What leaves the house of a study with an attack in every text: documents, sheets, editions."""

import re
import shutil
import zipfile
from xml.etree import ElementTree

import openpyxl
import pytest
from docx import Document
from docx.oxml.ns import qn

import phusong
from phusong._text import visible

from .attacks import SHOWN, toml

LETTER = ("superior", "issuer", "place", "authority", "position", "signatory", "archive")
MARKS = [text for name, text in SHOWN.items() if name not in {"long", "new line", "no width"}]


@pytest.fixture(scope="module")
def signed(attacked, tmp_path_factory):
    """Return the study with an attack in every text of who sends and signs."""
    folder = tmp_path_factory.mktemp("signed") / "study"
    shutil.copytree(attacked.folder, folder)
    lines = [
        "[report]",
        *(f"{key} = {toml(text)}" for key, text in zip(LETTER, MARKS, strict=False)),
    ]
    listed = ", ".join(map(toml, [*MARKS, SHOWN["long"]]))
    lines += [f"{key} = [{listed}]" for key in ("addressees", "basis", "recipients")]
    with (folder / "study.toml").open("a", encoding="utf-8") as file:
        file.write("\n" + "\n".join(lines) + "\n")
    return folder


def said_in(path):
    """Return the text of a Word file, and check that nothing of it is more than text."""
    with zipfile.ZipFile(path) as packed:
        for name in packed.namelist():
            if name.endswith((".xml", ".rels")):
                parsed = ElementTree.fromstring(packed.read(name))
                assert all(node.get("TargetMode") != "External" for node in parsed)
    document = Document(path)
    homes = [document.element.body, *(one.header._element for one in document.sections)]
    told = {(node.text or "").strip() for home in homes for node in home.iter(qn("w:instrText"))}
    assert told == {"PAGE"}
    assert not any(True for home in homes for _ in home.iter(qn("w:hyperlink")))
    return "\n".join(
        "".join(part.text or "" for part in line.iter(qn("w:t")))
        for line in document.element.body.iter(qn("w:p"))
    )


@pytest.mark.parametrize(
    ("kind", "choices"),
    [
        ("report", {"maps": ["gaps"], "audience": "restricted"}),
        ("plan", {"audience": "restricted"}),
        ("petition", {"audience": "restricted"}),
    ],
)
def test_official_documents_hold_every_text_as_a_text(attacked, signed, tmp_path, kind, choices):
    communes = attacked.result.communes
    if kind == "petition":
        choices = {**choices, "commune": communes["commune_code"].iloc[0]}
    path = tmp_path / f"{kind}.docx"
    phusong.write_report(attacked.out, path, kind=kind, study_folder=signed, **choices)
    told = said_in(path).replace("\u00a0", " ")
    names = communes["name"] if kind == "report" else communes["name"].head(int(kind == "petition"))
    for text in [*MARKS, *names]:
        assert visible(text).replace("\u00a0", " ") in told


@pytest.mark.parametrize("of", ["communes", "villages"])
def test_sheets_are_drawn_of_any_text(attacked, tmp_path, of):
    made = phusong.print_sheets(attacked.out, tmp_path / "a.pdf", of=of, audience="restricted")
    pdf = made.path.read_bytes()
    assert made.pages >= 2
    assert not re.search(rb"/(JavaScript|JS|URI|Launch|EmbeddedFile)\b", pdf)


def test_an_edition_of_any_text_opens_and_computes_nothing(attacked, tmp_path):
    page = phusong.publish_results(attacked.out, tmp_path / "public", audience="public")
    book = openpyxl.load_workbook(page.parent / "report" / "tables.xlsx")
    assert all(len(sheet.title) <= 31 for sheet in book.worksheets)
    kinds = {
        cell.data_type for sheet in book.worksheets for row in sheet.iter_rows() for cell in row
    }
    assert "f" not in kinds
