"""Templates of official documents: Word files with named fields, replaced as text.

A field is ``{{name}}`` of a fixed list. There are no expressions, conditions or loops: a template
that a department edits can say nothing to the program but where a text stands, and a text with
braces in it stays a text.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile

from docx import Document
from docx.document import Document as WordDocument
from docx.opc.constants import RELATIONSHIP_TYPE as RT
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from docx.shared import Pt
from docx.text.paragraph import Paragraph as WordParagraph

from .._text import visible
from ..errors import InputError, Problem
from .official import Kind, Official
from .word import (
    BETWEEN_PT,
    BODY_PT,
    CENTRE,
    LEFT,
    LEFT_MM,
    MARKING_PT,
    PAGE_MM,
    RIGHT_MM,
    RULE_MM,
    Writer,
    document_bytes,
    keep_whole,
    new_document,
    plain_table,
    rule,
    text_line,
    write_appendices,
)

TEXT_FIELDS: Final = (
    "superior", "issuer", "number", "symbol", "place", "date", "type", "subject", "authority",
    "position", "signatory", "marking", "study", "province", "as_of", "edition",
)  # fmt: skip
"""Fields that may stand anywhere, also within a line."""
BLOCK_FIELDS: Final = ("secrecy", "urgency", "addressees", "basis", "body", "recipients")
"""Fields that stand alone in a paragraph, for one or more paragraphs, tables and pictures."""
NEEDED: Final = ("body", "marking")
"""Without these a template would drop the text, or for whom it is."""
LARGEST_BYTES, LARGEST_UNPACKED_BYTES = 20_000_000, 100_000_000
LEFT_CELL_MM, RIGHT_CELL_MM = 71.0, PAGE_MM[0] - LEFT_MM - RIGHT_MM - 71.0
"""Side by side above; the name of the state is 88 mm long in its size."""
RECIPIENTS_PT = 11.0
_FIELD = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_STRAY = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}")
_REVIEWED = tuple(qn(f"w:{name}") for name in ("ins", "del", "moveFrom", "moveTo", "comment"))
"""What a review leaves in a file, which whoever receives the document can read."""
_NOTES = re.compile(r"/word/(footnotes|endnotes|comments)\w*\.xml$", re.IGNORECASE)
_SHOWN = 60
_KEPT_WITH_SIGNATURE = 2
_STATE = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
_MOTTO = "Độc lập - Tự do - Hạnh phúc"
_MOTTO_MM = 56.0
"""Length of the motto in Times New Roman, 13 pt bold, by the widths of its letters."""


def shipped_template(kind: Kind) -> bytes:
    """Return the template of a kind of document as a Word file, in the layout of the decree.

    Parameters
    ----------
    kind : {"report", "plan", "appendix", "petition"}

    Returns
    -------
    bytes

    Examples
    --------
    >>> found = template_fields(Document(io.BytesIO(shipped_template("plan"))))
    >>> sorted(field for field, _ in found)[:3]
    ['authority', 'basis', 'body']
    """
    document = new_document()
    section = document.sections[0]
    for footer in (section.first_page_footer, section.footer):
        footer.is_linked_to_previous = False
        marked = footer.paragraphs[0]
        marked.paragraph_format.alignment = CENTRE
        run = marked.add_run("{{marking}}")
        run.font.size, run.font.italic = Pt(MARKING_PT), True
    if kind == "appendix":
        _stamps(document)
        document.add_paragraph("{{body}}")
        return document_bytes(document, title="{{subject}}")
    _head(document, letter=kind == "petition")
    if kind != "petition":
        text_line(document, "{{type}}", 14, bold=True)
        text_line(document, "{{subject}}", 14, bold=True)
        rule(document, RULE_MM, PAGE_MM[0] - LEFT_MM - RIGHT_MM)
    if kind != "plan":  # which is addressed to nobody
        _field(document, "{{addressees}}")
    if kind != "petition":
        _field(document, "{{basis}}")
    _field(document, "{{body}}")
    _foot(document)
    return document_bytes(document, title="{{subject}}")


def _field(document: WordDocument, name: str) -> None:
    paragraph = text_line(document, name, BODY_PT, align=LEFT)
    paragraph.paragraph_format.space_after = Pt(BETWEEN_PT)


def _stamps(home: Any) -> None:
    for mark in ("{{secrecy}}", "{{urgency}}"):
        text_line(home, mark, BODY_PT)


def _head(document: WordDocument, *, letter: bool) -> None:
    """Write what stands above: bodies and number on the left; state, motto, day on the right."""
    table = plain_table(document, (LEFT_CELL_MM, RIGHT_CELL_MM), rows=2)
    issuers, state = table.rows[0].cells
    text_line(issuers, "{{superior}}", 12)
    text_line(issuers, "{{issuer}}", 12, bold=True)
    rule(issuers, 22, LEFT_CELL_MM)
    text_line(state, _STATE, 12, bold=True)
    text_line(state, _MOTTO, 13, bold=True)
    rule(state, _MOTTO_MM, RIGHT_CELL_MM)
    number, day = table.rows[1].cells
    last = text_line(number, "Số: {{number}}/{{symbol}}", 13)
    if letter:
        last = text_line(number, "V/v {{subject}}", 12)
        last.paragraph_format.space_before = Pt(6)
    last.paragraph_format.space_after = Pt(6)
    _stamps(number)
    text_line(day, "{{place}}, {{date}}", 13, italic=True)
    text_line(document, "", 8)


def _foot(document: WordDocument) -> None:
    """Write recipients on the left, and who signs on the right."""
    text_line(document, "", 8).paragraph_format.keep_with_next = True
    table = plain_table(document, (LEFT_CELL_MM + 6, RIGHT_CELL_MM - 6))
    keep_whole(table)
    recipients, signed = table.rows[0].cells
    text_line(recipients, "Nơi nhận:", 12, bold=True, italic=True, align=LEFT)
    text_line(recipients, "{{recipients}}", RECIPIENTS_PT, align=LEFT)
    text_line(signed, "{{authority}}", 14, bold=True)
    text_line(signed, "{{position}}", 14, bold=True)
    for _ in range(4):
        text_line(signed, "", 14)
    text_line(signed, "{{signatory}}", 14, bold=True)


def open_template(path: Path, needed: Sequence[str] = ()) -> bytes:
    """Read a template and refuse one that cannot be filled, with every fault of it.

    Parameters
    ----------
    path : Path
        A Word file, ``.docx``.
    needed : sequence of str
        Fields that must be there beside `NEEDED`, because there is something to put there.

    Returns
    -------
    bytes
        Of the file.

    Raises
    ------
    InputError
        If it is no Word file or too large, names a field that there is none of, lacks the text,
        the marking or a field of `needed`, has a field of paragraphs within a line or twice, a
        field in a note, an instruction or a deleted text, tries an expression, or has macros,
        comments, tracked changes or content that is linked from another file.
    """
    name = path.name
    if not path.is_file():
        raise InputError([Problem(message="official.template_absent", file=name)])
    if path.stat().st_size > LARGEST_BYTES:
        raise InputError([Problem(message="official.template_large", file=name)])
    packed = path.read_bytes()
    if _unpacked_bytes(packed) > LARGEST_UNPACKED_BYTES:
        raise InputError([Problem(message="official.template_large", file=name)])
    try:
        document = Document(io.BytesIO(packed))
        problems = list(_faults(document, name, (*NEEDED, *needed)))
    except (BadZipFile, PackageNotFoundError, SyntaxError, KeyError, ValueError):
        raise InputError([Problem(message="official.template_unreadable", file=name)]) from None
    if problems:
        raise InputError(problems)
    return packed


def _unpacked_bytes(packed: bytes) -> int:
    """Return how large a packed file says to be; nothing of one that is none."""
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as parts:
            return sum(part.file_size for part in parts.infolist())
    except BadZipFile:
        return 0


def template_fields(document: WordDocument) -> Iterator[tuple[str, str]]:
    """Yield every field of a template with the paragraph it stands in."""
    for paragraph in _paragraphs(document):
        told = _text_of(paragraph)
        for found in _FIELD.finditer(told):
            yield found[1], told


def _faults(document: WordDocument, file: str, needed: Sequence[str]) -> Iterator[Problem]:
    known = ", ".join((*TEXT_FIELDS, *BLOCK_FIELDS))
    seen: list[str] = []
    for field, told in template_fields(document):
        shown = told.strip()[:_SHOWN]
        seen.append(field)
        if field not in TEXT_FIELDS and field not in BLOCK_FIELDS:
            yield Problem(
                message="official.unknown_field", file=file, value=field, values={"known": known}
            )
        elif field in BLOCK_FIELDS and told.strip() != f"{{{{{field}}}}}":
            yield Problem(message="official.field_alone", file=file, key=field, value=shown)
        elif field in BLOCK_FIELDS and seen.count(field) > 1:
            yield Problem(message="official.field_twice", file=file, key=field)
    for paragraph in _paragraphs(document):
        rest = _FIELD.sub("", _text_of(paragraph))
        if _STRAY.search(rest):
            yield Problem(message="official.stray_braces", file=file, value=rest.strip()[:_SHOWN])
    yield from _faults_elsewhere(document, file)
    inside = {field for field, _ in _of_body(document)}
    for field in BLOCK_FIELDS:
        if field in seen and field not in inside:
            yield Problem(message="official.field_in_body", file=file, key=field)
    for field in needed:
        if field not in seen:
            yield Problem(message="official.field_needed", file=file, key=field)


def _faults_elsewhere(document: WordDocument, file: str) -> Iterator[Problem]:
    """Yield what is not replaced where it stands, and what a document must not carry along."""
    reviewed = False
    for part in document.part.package.iter_parts():
        name = str(part.partname)
        if name.lower().endswith("vbaproject.bin"):
            yield Problem(message="official.template_macros", file=file)
        for link in part.rels.values():
            if link.is_external and link.reltype != RT.HYPERLINK:
                yield Problem(
                    message="official.template_outside", file=file, value=link.target_ref[:_SHOWN]
                )
        if _NOTES.search(name):
            root = parse_xml(part.blob)
            for paragraph in root.iter(qn("w:p")):
                if _STRAY.search(told := _text_of(paragraph)):
                    shown = told.strip()[:_SHOWN]
                    yield Problem(message="official.field_in_notes", file=file, value=shown)
            reviewed |= next(root.iter(*_REVIEWED), None) is not None
    for home in _homes(document):
        reviewed |= next(home.iter(*_REVIEWED), None) is not None
        for hidden in home.iter(qn("w:instrText"), qn("w:delText")):
            if _STRAY.search(hidden.text or ""):
                shown = (hidden.text or "").strip()[:_SHOWN]
                yield Problem(message="official.field_hidden", file=file, value=shown)
    if reviewed:
        yield Problem(message="official.template_reviewed", file=file)


def _of_body(document: WordDocument) -> Iterator[tuple[str, Any]]:
    for paragraph in document.element.body.iter(qn("w:p")):
        for found in _FIELD.finditer(_text_of(paragraph)):
            yield found[1], paragraph


def fill_template(template: bytes, official: Official) -> bytes:
    """Return a document: a template with its fields replaced, appendices behind it.

    Parameters
    ----------
    template : bytes
        From `shipped_template` or `open_template`.
    official : Official
        What its fields stand for.

    Returns
    -------
    bytes
        A Word file; the same each time.
    """
    document = Document(io.BytesIO(template))
    places = {
        field: WordParagraph(paragraph, document._body)
        for field, paragraph in _of_body(document)
        if field in BLOCK_FIELDS
    }
    held = {place._p for place in places.values()}
    for paragraph in _paragraphs(document):
        if paragraph not in held:
            _replace(paragraph, official.texts)
    for field, place in places.items():
        writer = Writer(document, before=place)
        if field == "recipients":
            writer.lines(official.blocks[field], RECIPIENTS_PT)
        else:
            writer.write(official.blocks[field])
        if field == "body":
            _keep_with_signature(place)
        place._p.getparent().remove(place._p)
    write_appendices(
        document, official.appendices, official.attached, first=official.kind == "appendix"
    )
    return document_bytes(document, title=official.texts["subject"])


def _keep_with_signature(end: WordParagraph) -> None:
    """Let the last sentences of a text go to the page of the signature, which never is alone."""
    before = end._p.getprevious()
    for _ in range(_KEPT_WITH_SIGNATURE):
        if before is None or before.tag != qn("w:p"):
            return
        WordParagraph(before, end._parent).paragraph_format.keep_with_next = True
        before = before.getprevious()


def _replace(paragraph: Any, texts: Mapping[str, str]) -> None:
    """Replace the fields of a paragraph, each in the face of its first letter.

    Word parts a field into runs wherever somebody corrected a letter.
    """
    parts = _texts_of(paragraph)
    starts, at = [], 0
    for part in parts:
        starts.append(at)
        at += len(part.text or "")
    for found in reversed(list(_FIELD.finditer("".join(part.text or "" for part in parts)))):
        value = visible(texts[found[1]])
        for part, start in zip(parts, starts, strict=True):
            told = part.text or ""
            first, last = max(found.start() - start, 0), min(found.end() - start, len(told))
            if first >= last:
                continue
            part.text = told[:first] + value + told[last:]
            part.set(qn("xml:space"), "preserve")
            value = ""


def _texts_of(paragraph: Any) -> list[Any]:
    """Return the texts of a paragraph, not those of a box that hangs on it."""
    return [
        found
        for found in paragraph.iter(qn("w:t"))
        if next(found.iterancestors(qn("w:p"))) is paragraph
    ]


def _text_of(paragraph: Any) -> str:
    return "".join(found.text or "" for found in _texts_of(paragraph))


def _paragraphs(document: WordDocument) -> Iterator[Any]:
    """Yield the paragraphs of the body and of headers and footers, in boxes and tables too."""
    for home in _homes(document):
        yield from home.iter(qn("w:p"))


def _homes(document: WordDocument) -> Iterator[Any]:
    """Yield the body, and each header and footer."""
    yield document.element.body
    seen: set[Any] = set()
    for section in document.sections:
        for home in (
            section.header, section.footer, section.first_page_header, section.first_page_footer,
            section.even_page_header, section.even_page_footer,
        ):  # fmt: skip
            if not home.is_linked_to_previous and home._element not in seen:
                seen.add(home._element)
                yield home._element
