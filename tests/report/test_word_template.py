"""Templates of official documents: fields are names, what replaces them is text."""

import io

import pytest
from docx import Document
from docx.opc.constants import RELATIONSHIP_TYPE as RT
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn

from phusong.errors import InputError
from phusong.report.official import Appendix, Grid, Heading, Official, item, paragraph
from phusong.report.word_template import (
    BLOCK_FIELDS,
    TEXT_FIELDS,
    fill_template,
    open_template,
    shipped_template,
    template_fields,
)

HOSTILE = "<w:b/>&amp; {{body}} {% for x in y %} \u202e=SUM(A1)"


def official(kind="report", **texts):
    return Official(
        kind=kind,
        texts={**dict.fromkeys(TEXT_FIELDS, "…"), **texts},
        blocks={
            **dict.fromkeys(BLOCK_FIELDS, ()),
            "body": (Heading(text="I. PHẠM VI", level=1), paragraph("Đủ 100,0 % rồi")),
            "recipients": (item("Như trên;"),),
        },
        appendices=(Appendix(title="Bảng", blocks=(paragraph("Một"),)),),
        attached="(Kèm theo …)",
    )


def lines(packed):
    """Return every paragraph of the body, those of tables too."""
    document = Document(io.BytesIO(packed))
    body = document.element.body
    return ["".join(t.text or "" for t in p.iter(qn("w:t"))) for p in body.iter(qn("w:p"))]


def saved(document, tmp_path):
    path = tmp_path / "mau.docx"
    document.save(path)
    return path


@pytest.mark.parametrize("kind", ["report", "plan", "appendix", "petition"])
def test_shipped_template_passes_its_own_check(kind, tmp_path):
    path = tmp_path / "mau.docx"
    path.write_bytes(shipped_template(kind))
    assert open_template(path) == path.read_bytes()


def test_every_fault_of_a_template_is_told_at_once(tmp_path):
    document = Document()
    document.add_paragraph("Số {{numbr}} và {{issuer}}")
    document.add_paragraph("Nội dung: {{body}}")
    document.add_paragraph("{% if public %}")
    document.add_paragraph("{{issuer|upper}}")
    document.sections[0].header.paragraphs[0].text = "{{recipients}}"
    with pytest.raises(InputError) as refused:
        open_template(saved(document, tmp_path))
    assert [(one.message.removeprefix("official."), one.key or one.value) for one in
            refused.value.problems] == [
        ("unknown_field", "numbr"),
        ("field_alone", "body"),
        ("unknown_field", "issuer|upper"),
        ("stray_braces", "{% if public %}"),
        ("field_in_body", "recipients"),
        ("field_needed", "marking"),
    ]  # fmt: skip


def test_what_is_replaced_nowhere_and_macros_are_told(tmp_path):
    document = Document()
    for text in ("{{body}}", "{{marking}}"):
        document.add_paragraph(text)
    line, space = document.add_paragraph(), nsdecls("w")
    line._p.append(parse_xml(f"<w:r {space}><w:instrText>IF {{{{issuer}}}}</w:instrText></w:r>"))
    line._p.append(parse_xml(f"<w:r {space}><w:delText>{{{{place}}}}</w:delText></w:r>"))
    note = f"<w:footnotes {space}><w:footnote><w:p><w:r><w:t>{{{{date}}}}</w:t></w:r></w:p>"
    for name, kind, content in (
        ("footnotes.xml", RT.FOOTNOTES, f"{note}</w:footnote></w:footnotes>"),
        ("vbaProject.bin", f"{RT.FOOTNOTES}/vba", "Sub AutoOpen()"),
    ):
        part = Part(PackURI(f"/word/{name}"), "application/xml", content.encode(), None)
        document.part.relate_to(part, kind)
    with pytest.raises(InputError) as refused:
        open_template(saved(document, tmp_path))
    assert {(one.message.removeprefix("official."), one.value) for one in
            refused.value.problems} == {
        ("field_in_notes", "{{date}}"), ("field_hidden", "IF {{issuer}}"),
        ("field_hidden", "{{place}}"), ("template_macros", None),
    }  # fmt: skip


@pytest.mark.parametrize("left", ["ins", "del", "comment"])
def test_what_a_review_left_in_a_template_reaches_no_reader(left, tmp_path):
    document = Document()
    for text in ("{{body}}", "{{marking}}"):
        line = document.add_paragraph(text)
    space, kept = nsdecls("w"), "<w:r><w:delText>cột 17, mật</w:delText></w:r>"
    if left == "comment":
        note = f"<w:comments {space}><w:comment w:id='0'><w:p/></w:comment></w:comments>"
        part = Part(PackURI("/word/comments.xml"), "application/xml", note.encode(), None)
        document.part.relate_to(part, RT.COMMENTS)
    else:
        line._p.append(parse_xml(f"<w:{left} {space} w:id='1'>{kept}</w:{left}>"))
    with pytest.raises(InputError) as refused:
        open_template(saved(document, tmp_path))
    assert [one.message for one in refused.value.problems] == ["official.template_reviewed"]


def test_a_template_fetches_nothing_but_may_name_an_address(tmp_path):
    document = Document()
    for text in ("{{body}}", "{{marking}}"):
        document.add_paragraph(text)
    document.part.relate_to("https://sokhcn.example.vn", RT.HYPERLINK, is_external=True)
    assert open_template(saved(document, tmp_path))
    document.part.relate_to("file:///X:/logo.png", RT.IMAGE, is_external=True)
    settings = document.part._settings_part
    settings.relate_to("http://a.example/x.dotm", f"{RT.SETTINGS}/template", is_external=True)
    with pytest.raises(InputError) as refused:
        open_template(saved(document, tmp_path))
    assert {(one.message, one.value) for one in refused.value.problems} == {
        ("official.template_outside", "file:///X:/logo.png"),
        ("official.template_outside", "http://a.example/x.dotm"),
    }


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no", b"<html></html>"])
def test_a_file_that_is_no_word_document_is_refused(content, tmp_path):
    path = tmp_path / "mau.docx"
    path.write_bytes(content)
    with pytest.raises(InputError) as refused:
        open_template(path)
    assert refused.value.problems[0].message == "official.template_unreadable"


def test_a_field_that_word_parted_into_runs_is_replaced_in_the_face_of_its_first_letter(tmp_path):
    document = Document()
    parted = document.add_paragraph("Số: ")
    for piece, bold in (("{{num", True), ("ber", False), ("}}/BC", False)):
        parted.add_run(piece).bold = bold
    document.add_paragraph("{{marking}}")
    document.add_paragraph("{{body}}")
    filled = fill_template(open_template(saved(document, tmp_path)), official(number="07"))
    runs = Document(io.BytesIO(filled)).paragraphs[0].runs
    assert [(run.text, run.bold) for run in runs] == [
        ("Số: ", None),
        ("07", True),
        ("", False),
        ("/BC", False),
    ]


def test_hostile_texts_stay_texts():
    told = lines(fill_template(shipped_template("report"), official(subject=HOSTILE)))
    shown = next(line for line in told if "SUM" in line)
    assert shown == HOSTILE.replace("\u202e", r"\u202e")
    assert told.count("I. PHẠM VI") == 1


def test_same_blocks_give_the_same_bytes_without_time_or_author():
    first, again = (fill_template(shipped_template("plan"), official("plan")) for _ in range(2))
    assert first == again
    told = Document(io.BytesIO(first)).core_properties
    assert told.created is None
    assert told.modified is None
    assert told.author.startswith("phusong")


def test_a_percent_sign_is_not_parted_from_its_figure():
    told = lines(fill_template(shipped_template("report"), official()))
    assert "Đủ 100,0\u00a0% rồi" in told


def test_table_repeats_its_headings_and_breaks_no_row():
    grid = Grid(caption="Bảng 1", headings=("TT", "Xã"), rows=(("1", "Tha"),), widths=(1, 5))
    made = official()
    made.blocks["body"] = (grid,)
    table = Document(io.BytesIO(fill_template(shipped_template("report"), made))).tables[1]
    assert [cell.text for cell in table.rows[0].cells] == ["TT", "Xã"]
    heads = [row._tr.xpath("w:trPr/w:tblHeader") for row in table.rows]
    assert [len(found) for found in heads] == [1, 0]
    assert all(row._tr.xpath("w:trPr/w:cantSplit") for row in table.rows)


def test_letter_has_no_kind_and_its_subject_under_the_number():
    document = Document(io.BytesIO(shipped_template("petition")))
    fields = [name for name, _ in template_fields(document)]
    assert "type" not in fields
    left = document.tables[0].rows[1].cells[0]
    assert [line.text for line in left.paragraphs] == [
        "Số: {{number}}/{{symbol}}",
        "V/v {{subject}}",
        "{{secrecy}}",
        "{{urgency}}",
    ]
