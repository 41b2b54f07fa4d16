"""Official documents as Word files, laid out as Nghị định 30/2020/NĐ-CP, phụ lục I asks.

`docs/van-ban.md` lists its rules with their source. Knows blocks and how each looks; what they
say is told by others. The same blocks give the same bytes: no time of writing, no author's name.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from typing import Any, Final

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.section import WD_SECTION
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_ROW_HEIGHT_RULE, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.section import Section
from docx.shared import Mm, Pt, RGBColor
from docx.table import Table as WordTable
from docx.text.paragraph import Paragraph as WordParagraph

from .._text import visible
from .._version import program
from .official import Appendix, Block, Grid, Heading, Paragraph, Picture, Span, Stamp, roman

FONT: Final = "Times New Roman"
PAGE_MM, TOP_MM, BOTTOM_MM, LEFT_MM, RIGHT_MM = (210.0, 297.0), 20.0, 20.0, 30.0, 15.0
TEXT_WIDTH_MM = PAGE_MM[0] - LEFT_MM - RIGHT_MM
BODY_PT, NUMBER_PT, TABLE_PT, CAPTION_PT, MARKING_PT, STAMP_PT = 14.0, 13.0, 11.0, 13.0, 11.0, 13.0
LEAST_PT = 13.0
"""The smallest size of a text."""
STAMP_HIGH_MM = 8.0
_RED = "FF0000"
INDENT_MM = 12.7
ADDRESS_MM, _COLON_MM, _DASH_MM = 30.0, 17.4, 2.9
"""Where "Kính gửi:" begins, how far on its colon stands, and the width of a dash, 14 pt."""
BETWEEN_PT = 6.0
RULE_MM = 56.0
"""Of the line under a title: a third to a half of lines of 112 to 165 mm, as titles fill them."""
_KEPT_TOGETHER = 4
"""Rows of a table that are not parted from its headings."""
_PERCENT = re.compile(r"(?<=\d) %")
_CELL_MM = 1.2
"""Room between the lines of a table and its texts."""
_NO_MOMENT = (1980, 1, 1, 0, 0, 0)

CENTRE, LEFT, RIGHT, BOTH = (
    WD_ALIGN_PARAGRAPH.CENTER,
    WD_ALIGN_PARAGRAPH.LEFT,
    WD_ALIGN_PARAGRAPH.RIGHT,
    WD_ALIGN_PARAGRAPH.JUSTIFY,
)


def new_document() -> WordDocument:
    """Return an empty page of A4 with the margins, the font and the page numbers of the decree."""
    document = Document()
    for style in document.styles:
        if style.type is not None and hasattr(style, "font") and style.element.rPr is not None:
            _face(style.element.rPr)
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = FONT, Pt(BODY_PT)
    properties = normal.element.get_or_add_rPr()
    _face(properties)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "vi-VN")
    properties.append(language)
    section = document.sections[0]
    section.page_width, section.page_height = Mm(PAGE_MM[0]), Mm(PAGE_MM[1])
    section.top_margin, section.bottom_margin = Mm(TOP_MM), Mm(BOTTOM_MM)
    section.left_margin, section.right_margin = Mm(LEFT_MM), Mm(RIGHT_MM)
    section.header_distance = section.footer_distance = Mm(10)
    number_pages(section)
    return document


def number_pages(section: Section) -> None:
    """Write the page number centred in the upper margin, on every page but the first."""
    section.different_first_page_header_footer = True
    for header in (section.first_page_header, section.header):
        header.is_linked_to_previous = False
    paragraph = section.header.paragraphs[0]
    _lay_out(paragraph, CENTRE)
    run = paragraph.add_run()
    _style(run, NUMBER_PT)
    for kind, text in (("begin", ""), ("", "PAGE"), ("separate", ""), ("", "2"), ("end", "")):
        if kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark = OxmlElement("w:instrText" if text == "PAGE" else "w:t")
            mark.text = text
        run._r.append(mark)


def text_line(
    home: Any,
    text: str,
    size_pt: float,
    *,
    bold: bool = False,
    italic: bool = False,
    align: WD_ALIGN_PARAGRAPH = CENTRE,
) -> WordParagraph:
    """Add a paragraph of one face without room around it; `home` is a document or a cell."""
    paragraph: WordParagraph = home.add_paragraph()
    _lay_out(paragraph, align)
    _style(paragraph.add_run(_shown(text)), size_pt, bold=bold, italic=italic)
    return paragraph


def rule(home: Any, width_mm: float, inside_mm: float) -> WordParagraph:
    """Add a level line of some length in the middle of a width: the decree wants no underlining."""
    paragraph: WordParagraph = home.add_paragraph()
    _lay_out(paragraph, CENTRE)
    layout = paragraph.paragraph_format
    layout.left_indent = layout.right_indent = Mm(max(inside_mm - width_mm, 0) / 2)
    layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(5)
    layout.space_before = Pt(3)  # clear of the marks below Vietnamese letters
    borders, top = OxmlElement("w:pBdr"), OxmlElement("w:top")
    for name, value in (("val", "single"), ("sz", "6"), ("space", "1"), ("color", "000000")):
        top.set(qn(f"w:{name}"), value)
    borders.append(top)
    properties = paragraph._p.get_or_add_pPr()
    properties.insert_element_before(
        borders, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc"
    )
    return paragraph


def plain_table(document: WordDocument, widths_mm: Sequence[float], *, rows: int = 1) -> WordTable:
    """Add a table without lines, to set things side by side; its cells are empty."""
    table: WordTable = document.add_table(rows=rows, cols=len(widths_mm))
    _fix(table, widths_mm)
    for row in table._tbl.tr_lst:
        for cell in row.tc_lst:
            cell.remove(cell.p_lst[0])
    return table


def keep_whole(table: WordTable) -> None:
    """Keep the rows of a table on one page each."""
    for row in table._tbl.tr_lst:
        _row_flag(row, "w:cantSplit")


class Writer:
    """Writes blocks at the end of a document, or before one of its paragraphs.

    Parameters
    ----------
    document : Document
    before : Paragraph, optional
        Where the blocks go.
    body_pt : float
        Size of headings and paragraphs.
    """

    def __init__(
        self,
        document: WordDocument,
        before: WordParagraph | None = None,
        *,
        body_pt: float = BODY_PT,
    ) -> None:
        self._document, self._before, self._body_pt = document, before, body_pt

    def write(self, blocks: Iterable[Block]) -> None:
        """Write blocks in turn."""
        for block in blocks:
            match block:
                case Heading():
                    self._heading(block)
                case Paragraph():
                    self._paragraph(block)
                case Grid():
                    self._grid(block)
                case Picture():
                    self._picture(block)
                case Stamp():
                    self._stamp(block)

    def lines(self, blocks: Iterable[Block], size_pt: float) -> None:
        """Write paragraphs close to each other and in a size of their own, where a list stands."""
        for block in blocks:
            if isinstance(block, Paragraph):
                paragraph = self._new()
                _lay_out(paragraph, CENTRE if block.form == "centred" else LEFT)
                self._spans(paragraph, block, size_pt)

    def _new(self) -> WordParagraph:
        if self._before is None:
            return self._document.add_paragraph()
        return self._before.insert_paragraph_before()

    def _spans(self, paragraph: WordParagraph, block: Paragraph, size_pt: float) -> None:
        dashed = block.form in {"item", "addressee"}
        spans = ((Span(text="- "),) if dashed else ()) + block.spans
        for span in spans:
            run = paragraph.add_run(_shown(span.text))
            _style(run, size_pt, bold=span.bold, italic=span.italic)

    def _heading(self, block: Heading) -> None:
        paragraph = self._new()
        _lay_out(paragraph, BOTH, indent=True, after=BETWEEN_PT)
        paragraph.paragraph_format.keep_with_next = True
        level = OxmlElement("w:outlineLvl")
        level.set(qn("w:val"), str(block.level - 1))
        paragraph._p.get_or_add_pPr().append(level)
        _style(
            paragraph.add_run(_shown(block.text)), self._body_pt, bold=True, italic=block.level == 3
        )

    def _paragraph(self, block: Paragraph) -> None:
        paragraph = self._new()
        align = {"centred": CENTRE, "address": LEFT, "addressee": LEFT}.get(block.form, BOTH)
        _lay_out(paragraph, align, indent=align == BOTH, after=BETWEEN_PT)
        layout = paragraph.paragraph_format
        if block.form == "address":
            layout.left_indent = Mm(ADDRESS_MM)
        elif block.form == "addressee":
            layout.left_indent = Mm(ADDRESS_MM + _COLON_MM + _DASH_MM)
            layout.first_line_indent = Mm(-_DASH_MM)
        self._spans(paragraph, block, self._body_pt)

    def _caption(self, text: str, *, above: bool) -> None:
        paragraph = self._new()
        _lay_out(paragraph, CENTRE, after=BETWEEN_PT if not above else 3)
        paragraph.paragraph_format.keep_with_next = above
        _style(paragraph.add_run(_shown(text)), CAPTION_PT, italic=True)

    def _grid(self, block: Grid) -> None:
        if block.caption:
            self._caption(block.caption, above=True)
        whole = sum(block.widths)
        widths = [TEXT_WIDTH_MM * share / whole for share in block.widths]
        table = self._document.add_table(rows=1 + len(block.rows), cols=len(widths))
        for at, (row, cells) in enumerate(
            zip(table._tbl.tr_lst, (block.headings, *block.rows), strict=True)
        ):
            _row_flag(row, "w:cantSplit")
            if at == 0:
                _row_flag(row, "w:tblHeader")
            kept = at < min(_KEPT_TOGETHER, len(block.rows))
            for column, (cell, text) in enumerate(zip(row.tc_lst, cells, strict=True)):
                paragraph = WordParagraph(cell.p_lst[0], table)
                right = RIGHT if column in block.right else LEFT
                _lay_out(paragraph, right if at else CENTRE)
                paragraph.paragraph_format.keep_with_next = kept
                _style(paragraph.add_run(_shown(text)), TABLE_PT, bold=at == 0)
        _fix(table, widths)
        _border(table)
        self._place(table)

    def _place(self, table: WordTable) -> None:
        """Put a table where the blocks go, and a narrow line after it: no cell ends in a table."""
        if self._before is not None:
            self._before._p.addprevious(table._tbl)
        after = self._new()
        _lay_out(after, LEFT)
        _style(after.add_run(), 6)
        after.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
        after.paragraph_format.line_spacing = Pt(8)

    def _stamp(self, block: Stamp) -> None:
        """Write a mark in a frame of its own size, which fits into any column."""
        table = self._document.add_table(rows=1, cols=1)
        _fix(table, [block.width_mm])
        row = table.rows[0]
        row.height, row.height_rule = Mm(STAMP_HIGH_MM), WD_ROW_HEIGHT_RULE.EXACTLY
        cell = row.cells[0]
        cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
        paragraph = cell.paragraphs[0]
        _lay_out(paragraph, CENTRE)
        run = paragraph.add_run(_shown(block.text))
        _style(run, STAMP_PT, bold=True)
        run.font.color.rgb = RGBColor.from_string(_RED)
        _border(table, line="double" if block.double else "single", colour=_RED, room_mm=0)
        self._place(table)

    def _picture(self, block: Picture) -> None:
        paragraph = self._new()
        _lay_out(paragraph, CENTRE)
        paragraph.paragraph_format.keep_with_next = bool(block.caption)
        shape = paragraph.add_run().add_picture(io.BytesIO(block.png), width=Mm(block.width_mm))
        shape._inline.docPr.set("descr", visible(block.shows))
        if block.caption:
            self._caption(block.caption, above=False)


def write_appendices(
    document: WordDocument, appendices: Sequence[Appendix], attached: str, *, first: bool
) -> None:
    """Add appendices, each as a section whose pages are numbered from 1.

    Parameters
    ----------
    document : Document
    appendices : sequence of Appendix
        Numbered with Roman numerals if there is more than one.
    attached : str
        What they belong to, under each title.
    first : bool
        Whether the document has no page before them.
    """
    for number, appendix in enumerate(appendices, start=1):
        if number > 1 or not first:
            section = document.add_section(WD_SECTION.NEW_PAGE)
            section.different_first_page_header_footer = True
        else:
            section = document.sections[0]
        _number_from_one(section)
        label = "Phụ lục" + (f" {roman(number)}" if len(appendices) > 1 else "")
        paragraph = text_line(document, label, 14, bold=True)
        level = OxmlElement("w:outlineLvl")
        level.set(qn("w:val"), "0")
        paragraph._p.get_or_add_pPr().append(level)
        text_line(document, appendix.title.upper(), 14, bold=True)
        text_line(document, attached, 13, italic=True)
        rule(document, RULE_MM, TEXT_WIDTH_MM).paragraph_format.space_after = Pt(BETWEEN_PT)
        Writer(document, body_pt=LEAST_PT if appendix.small else BODY_PT).write(appendix.blocks)


def document_bytes(document: WordDocument, *, title: str) -> bytes:
    """Return a document as a file, without the moment of writing it.

    Parameters
    ----------
    document : Document
    title : str
        In its properties.

    Returns
    -------
    bytes
    """
    told = document.core_properties
    told.title, told.author, told.comments = visible(title)[:255], program(), ""
    told.last_modified_by, told.language, told.revision = "", "vi-VN", 1
    for name in ("dcterms:created", "dcterms:modified", "cp:lastPrinted"):
        for found in told._element.findall(qn(name)):
            told._element.remove(found)
    dated, packed = io.BytesIO(), io.BytesIO()
    document.save(dated)
    with zipfile.ZipFile(dated) as parts, zipfile.ZipFile(packed, "w") as archive:
        for name in parts.namelist():
            archive.writestr(
                zipfile.ZipInfo(name, _NO_MOMENT),
                parts.read(name),
                compress_type=zipfile.ZIP_DEFLATED,
            )
    return packed.getvalue()


def _shown(text: str) -> str:
    """Return a text as it is printed: a figure is not parted from its percent sign."""
    return _PERCENT.sub("\u00a0%", visible(text))


def _lay_out(
    paragraph: WordParagraph, align: WD_ALIGN_PARAGRAPH, *, indent: bool = False, after: float = 0
) -> None:
    layout = paragraph.paragraph_format
    layout.alignment, layout.line_spacing_rule = align, WD_LINE_SPACING.SINGLE
    layout.space_before, layout.space_after = Pt(0), Pt(after)
    layout.widow_control = True
    if indent:
        layout.first_line_indent = Mm(INDENT_MM)


def _style(run: Any, size_pt: float, *, bold: bool = False, italic: bool = False) -> None:
    font = run.font
    font.name, font.size, font.bold, font.italic = FONT, Pt(size_pt), bold, italic
    _face(run._r.get_or_add_rPr())


def _face(properties: Any) -> None:
    """Name the font for every kind of letter: Word takes those with marks for another script."""
    fonts = properties.get_or_add_rFonts()
    for name in list(fonts.attrib):
        del fonts.attrib[name]
    for name in ("ascii", "hAnsi", "cs", "eastAsia"):
        fonts.set(qn(f"w:{name}"), FONT)


def _fix(table: WordTable, widths_mm: Sequence[float]) -> None:
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    for grid, width in zip(table._tbl.tblGrid.gridCol_lst, widths_mm, strict=True):
        grid.w = Mm(width)
    for row in table._tbl.tr_lst:
        for cell, width in zip(row.tc_lst, widths_mm, strict=True):
            cell.width = Mm(width)


def _border(
    table: WordTable, *, line: str = "single", colour: str = "000000", room_mm: float = _CELL_MM
) -> None:
    borders = OxmlElement("w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        drawn = OxmlElement(f"w:{side}")
        for name, value in (("val", line), ("sz", "4"), ("space", "0"), ("color", colour)):
            drawn.set(qn(f"w:{name}"), value)
        borders.append(drawn)
    table._tbl.tblPr.insert_element_before(
        borders, "w:shd", "w:tblLayout", "w:tblCellMar", "w:tblLook"
    )
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        room = OxmlElement(f"w:{side}")
        room.set(qn("w:w"), str(Mm(room_mm).twips))
        room.set(qn("w:type"), "dxa")
        margins.append(room)
    table._tbl.tblPr.insert_element_before(margins, "w:tblLook")


def _row_flag(row: Any, name: str) -> None:
    row.get_or_add_trPr().append(OxmlElement(name))


def _number_from_one(section: Section) -> None:
    properties = section._sectPr
    for found in properties.findall(qn("w:pgNumType")):
        properties.remove(found)
    start = OxmlElement("w:pgNumType")
    start.set(qn("w:start"), "1")
    properties.insert_element_before(
        start, "w:cols", "w:formProt", "w:vAlign", "w:noEndnote", "w:titlePg", "w:textDirection",
        "w:bidi", "w:rtlGutter", "w:docGrid",
    )  # fmt: skip
