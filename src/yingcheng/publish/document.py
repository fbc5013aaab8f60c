"""Official Word documents: page, fonts and numbering after GB/T 9704-2012, for an officer to edit.

Upper margin 37 mm, lower 35, left 28, right 26; title 二号 小标宋, headings 黑体 / 楷体, body 三号 仿宋 with a fixed
line of 28 pt and an indent of two characters; page numbers ``— 1 —`` at the outer edge. The font names are those an
office machine knows; each carries alternatives in the font table for machines that lack it. The same calls give the
same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.opc.constants import RELATIONSHIP_TYPE as RELATIONSHIP
from docx.opc.part import Part
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor

__all__ = ["Column", "Marking", "OfficialDocument"]

TITLE_FONT = "方正小标宋简体"
BODY_FONT = "仿宋_GB2312"
HEADING_FONT = "黑体"
SUBHEADING_FONT = "楷体_GB2312"
PAGE_FONT = "宋体"
COMMENTER = "营城"
CUSTOM_XML = "/customXml/item%d.xml"
LATIN_FONT = "Times New Roman"
ALTERNATIVES = {
    TITLE_FONT: "方正小标宋_GBK,小标宋体,华文中宋,宋体,SimSun",
    BODY_FONT: "仿宋,FangSong,STFangsong",
    SUBHEADING_FONT: "楷体,KaiTi,STKaiti",
}
BODY_SIZE = Pt(16)  # 三号
LINE = Pt(28)
TABLE_SIZE = Pt(10.5)  # 五号
MARGINS = (Mm(37), Mm(26), Mm(35), Mm(28))  # top right bottom left
# Characters XML 1.0 cannot carry; they come out of broken spreadsheets.
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Column:
    """A table column: ``width`` is its share of the table's width, ``align`` left, centre or right."""

    header: str
    width: float = 1.0
    align: str = "left"


ALIGNMENTS = {"left": "left", "centre": "center", "right": "right"}


@dataclass(frozen=True, slots=True)
class Marking:
    """How a text is found again later: the ``name`` of a bookmark around it. ``remark`` becomes a comment on it."""

    name: str = ""
    remark: str = ""


UNMARKED = Marking()


@dataclass(frozen=True, slots=True)
class _Look:
    """What the cells of a table share; widths in EMU, size in points."""

    style: str
    widths: Sequence[int]
    size: float


def _clean(text: str) -> str:
    return FORBIDDEN.sub("", text)


def _twips(length: int) -> int:
    return length // 635


def _row_xml(
    texts: Sequence[str],
    alignments: Sequence[str],
    look: _Look,
    *,
    head: bool = False,
    around: Sequence[tuple[str, str]] = (),
) -> str:
    """One table row. Written as XML: the library's own cells take a hundred times as long for a list of 800 rows."""
    fonts = f'<w:rFonts w:ascii="{LATIN_FONT}" w:hAnsi="{LATIN_FONT}" w:eastAsia="{HEADING_FONT}"/>' if head else ""
    size = f'<w:sz w:val="{round(look.size * 2)}"/>'
    shade = '<w:shd w:val="clear" w:color="auto" w:fill="E9EDF1"/>' if head else ""
    cells = []
    for place, (text, align, width) in enumerate(zip(texts, alignments, look.widths, strict=True)):
        before, after = around[place] if around else ("", "")
        lines = [f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in _clean(text).splitlines()]
        cells.append(
            f'<w:tc><w:tcPr><w:tcW w:w="{_twips(width)}" w:type="dxa"/>{shade}</w:tcPr><w:p><w:pPr>'
            f'<w:pStyle w:val="{look.style}"/><w:jc w:val="{ALIGNMENTS[align]}"/></w:pPr>{before}'
            f"<w:r><w:rPr>{fonts}{size}</w:rPr>{'<w:br/>'.join(lines)}</w:r>{after}</w:p></w:tc>"
        )
    return f"<w:tr><w:trPr><w:cantSplit/>{'<w:tblHeader/>' if head else ''}</w:trPr>{''.join(cells)}</w:tr>"


class OfficialDocument:
    """Builds one document from the top down.

    Args:
        title: the document's title, also in its properties.
        as_of: the date its properties carry.
        author: the issuing body, for the properties.
        landscape: A4 on its side, for wide tables.
        marking: of the title.
    """

    def __init__(
        self,
        title: str,
        *,
        as_of: date,
        author: str = "",
        landscape: bool = False,
        marking: Marking = UNMARKED,
    ) -> None:
        self._as_of = as_of
        self._document = Document()
        self._numbers = {"图": 0, "表": 0}
        self._bookmarks = 0
        self._styles()
        self._page(landscape=landscape)
        self._properties(title, author)
        self._line("Title", title, marking)

    # -- building

    def subtitle(self, text: str, *, marking: Marking = UNMARKED) -> None:
        """A centred line under the title, such as the issuing body and the date."""
        self._line("Subtitle", text, marking)

    def heading(self, text: str, level: int = 1, *, marking: Marking = UNMARKED) -> None:
        """A heading of level 1 (黑体, 一、), 2 (楷体, （一）) or 3 (仿宋, 1.); the numbering is part of ``text``."""
        self._line(f"Heading {min(max(level, 1), 3)}", text, marking)

    def paragraph(self, text: str, *, marking: Marking = UNMARKED) -> None:
        """Body text, indented by two characters; every line break starts a new paragraph."""
        for place, line in enumerate(_clean(text).splitlines() or [""]):
            self._mark(self._document.add_paragraph(line), marking if place == 0 else UNMARKED)

    def note(self, text: str, *, marking: Marking = UNMARKED) -> None:
        """Small print: a source line or a remark."""
        self._line("Note", text, marking)

    def source(self, text: str, *, marking: Marking = UNMARKED) -> None:
        """Where a figure's or table's data come from."""
        self._line("Note", f"数据来源：{text}" if text else "", marking)

    def caption(self, kind: str, text: str, *, keep: bool, marking: Marking = UNMARKED) -> None:
        """图 n or 表 n with its words; ``keep`` it on the page of what follows."""
        self._numbers[kind] += 1
        paragraph = self._document.add_paragraph(f"{kind} {self._numbers[kind]}　{_clean(text)}", style="Caption")
        paragraph.paragraph_format.keep_with_next = keep
        self._mark(paragraph, marking)

    def table(
        self,
        columns: Sequence[Column],
        rows: Sequence[Sequence[object]],
        *,
        caption: str = "",
        source: str = "",
        size: float = 10.5,
    ) -> None:
        """A ruled table whose header row repeats on every page; ``None`` is an empty cell.

        Args:
            columns: headers, shares of the width and alignment.
            rows: as many cells as columns in each.
            caption: printed above as 表 n.
            source: printed below.
            size: font size in points.
        """
        if caption:
            self.caption("表", caption, keep=True)
        texts = [["" if cell is None else str(cell) for cell in cells] for cells in rows]
        self.grid(columns, [[column.header for column in columns], *texts], size=size)
        self.source(source)

    def grid(
        self,
        columns: Sequence[Column],
        rows: Sequence[Sequence[str]],
        *,
        markings: Sequence[Sequence[Marking]] = (),
        size: float = 10.5,
    ) -> None:
        """The table alone; the first of ``rows`` is its header. ``markings``: one for every cell, or none at all."""
        total = sum(column.width for column in columns)
        widths = [int(self._text_width() * column.width / total) for column in columns]
        look = _Look(self._document.styles["Table Text"].style_id, widths, size)
        alignments = [column.align for column in columns]
        body = []
        for place, cells in enumerate(rows):
            around = [self._around(marking) for marking in markings[place]] if markings else []
            centred = ["centre"] * len(columns) if place == 0 else alignments
            body.append(_row_xml(cells, centred, look, head=place == 0, around=around))
        style = self._document.styles["Table Grid"].style_id
        grid = "".join(f'<w:gridCol w:w="{_twips(width)}"/>' for width in widths)
        table = parse_xml(
            f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblStyle w:val="{style}"/><w:tblW w:w="{_twips(sum(widths))}" '
            f'w:type="dxa"/><w:jc w:val="center"/><w:tblLayout w:type="fixed"/></w:tblPr>'
            f"<w:tblGrid>{grid}</w:tblGrid>{''.join(body)}</w:tbl>"
        )
        self._document.element.body.insert_element_before(table, "w:sectPr")

    def figure(self, png: bytes, *, caption: str, alt: str = "", source: str = "", width_mm: float = 150) -> None:
        """A picture with its caption 图 n below, an alternative text and a source line."""
        self.picture(png, alt=alt or caption, width_mm=width_mm)
        self.caption("图", caption, keep=bool(source))
        if source:
            self.source(source)

    def picture(self, png: bytes, *, alt: str, width_mm: float = 150, marking: Marking = UNMARKED) -> None:
        """The picture alone, kept on the page of what follows."""
        paragraph = self._document.add_paragraph(style="Picture")
        paragraph.paragraph_format.keep_with_next = True
        width = min(Mm(width_mm), self._text_width())
        shape = paragraph.add_run().add_picture(BytesIO(png), width=width)
        properties = shape._inline.docPr
        properties.set("descr", _clean(alt))
        self._mark(paragraph, marking)

    def attach(self, xml: bytes) -> None:
        """Put a custom XML part into the document; nobody sees it, office programs keep it."""
        part = self._document.part
        name = part.package.next_partname(CUSTOM_XML)
        part.relate_to(Part(name, "application/xml", xml, part.package), RELATIONSHIP.CUSTOM_XML)

    # -- result

    def to_bytes(self) -> bytes:
        """The .docx, with every timestamp inside it set to the document's date."""
        buffer = BytesIO()
        self._document.save(buffer)
        stamp = (max(self._as_of.year, 1980), self._as_of.month, self._as_of.day, 0, 0, 0)
        target = BytesIO()
        with ZipFile(buffer) as written, ZipFile(target, "w", ZIP_DEFLATED) as fixed:
            for name in written.namelist():  # python-docx writes in a fixed order, [Content_Types].xml first
                entry = ZipInfo(name, date_time=stamp)
                entry.compress_type = ZIP_DEFLATED
                entry.external_attr = 0o644 << 16
                entry.create_system = 3
                fixed.writestr(entry, written.read(name))
        return target.getvalue()

    def write(self, path: Path) -> None:
        """Write :meth:`to_bytes` to ``path``."""
        path.write_bytes(self.to_bytes())

    # -- pieces

    def _line(self, style: str, text: str, marking: Marking = UNMARKED) -> None:
        self._mark(self._document.add_paragraph(" ".join(_clean(text).split()), style=style), marking)

    def _mark(self, paragraph: Any, marking: Marking) -> None:
        """Bookmark and comment around the text of a paragraph."""
        if marking == UNMARKED:
            return
        before, after = (parse_xml(f"<w:p {nsdecls('w')}>{xml}</w:p>") for xml in self._around(marking))
        element = paragraph._p
        first = 0 if element.pPr is None else 1
        for place, child in enumerate(list(before)):
            element.insert(first + place, child)
        element.extend(list(after))

    def _around(self, marking: Marking) -> tuple[str, str]:
        """What stands before and after a marked text."""
        before = after = ""
        if marking.name:
            before = f'<w:bookmarkStart w:id="{self._bookmarks}" w:name="{marking.name}"/>'
            after = f'<w:bookmarkEnd w:id="{self._bookmarks}"/>'
            self._bookmarks += 1
        if marking.remark:
            comment = self._document.comments.add_comment(
                text=_clean(marking.remark), author=COMMENTER, initials=COMMENTER[:1]
            )
            moment = datetime(self._as_of.year, self._as_of.month, self._as_of.day, tzinfo=UTC)
            comment._comment_elm.date = moment  # not the clock's
            number = comment.comment_id
            before = f'<w:commentRangeStart w:id="{number}"/>{before}'
            after += f'<w:commentRangeEnd w:id="{number}"/><w:r><w:commentReference w:id="{number}"/></w:r>'
        return before, after

    def _text_width(self) -> int:
        section = self._document.sections[0]
        lengths = (section.page_width, section.left_margin, section.right_margin)
        page, left, right = (int(length or 0) for length in lengths)
        return page - left - right

    # -- set-up

    def _styles(self) -> None:
        styles = self._document.styles
        for name in ("Picture", "Note", "Table Text"):
            styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH).base_style = styles["Normal"]
        centre, left = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.LEFT
        looks: tuple[tuple[str, str, Any, Any, Any, int, int], ...] = (
            # style, font, size, line, alignment, characters of indent, points after
            ("Normal", BODY_FONT, BODY_SIZE, LINE, WD_ALIGN_PARAGRAPH.JUSTIFY, 2, 0),
            ("Title", TITLE_FONT, Pt(22), Pt(36), centre, 0, 18),
            ("Subtitle", SUBHEADING_FONT, BODY_SIZE, LINE, centre, 0, 14),
            ("Heading 1", HEADING_FONT, BODY_SIZE, LINE, left, 2, 0),
            ("Heading 2", SUBHEADING_FONT, BODY_SIZE, LINE, left, 2, 0),
            ("Heading 3", BODY_FONT, BODY_SIZE, LINE, left, 2, 0),
            ("Caption", HEADING_FONT, Pt(12), Pt(22), centre, 0, 4),
            ("Note", BODY_FONT, Pt(10.5), Pt(16), left, 0, 8),
            ("Picture", BODY_FONT, Pt(10.5), None, centre, 0, 0),
            ("Table Text", BODY_FONT, TABLE_SIZE, None, left, 0, 2),
        )
        for name, font, size, line, alignment, indent, after in looks:
            style = styles[name]
            style.font.size = size
            style.font.bold = name == "Heading 3"
            style.font.italic = False
            style.font.color.rgb = RGBColor(0, 0, 0)
            _set_font(style.element.get_or_add_rPr(), font)
            layout = style.paragraph_format
            layout.alignment = alignment
            layout.space_before = Pt(2 if name == "Table Text" else 0)
            layout.space_after = Pt(after)
            layout.line_spacing_rule = WD_LINE_SPACING.SINGLE if line is None else WD_LINE_SPACING.EXACTLY
            if line is not None:
                layout.line_spacing = line
            layout.first_line_indent = Pt(0) if not indent else size * indent
            layout.keep_with_next = name.startswith("Heading")
        for language in styles.element.iter(qn("w:lang")):
            language.set(qn("w:eastAsia"), "zh-CN")
        for border in styles["Title"].element.findall(f".//{qn('w:pBdr')}"):
            border.getparent().remove(border)

    def _page(self, *, landscape: bool) -> None:
        section = self._document.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.top_margin, section.right_margin, section.bottom_margin, section.left_margin = MARGINS
        if landscape:
            section.orientation = WD_ORIENT.LANDSCAPE
            section.page_width, section.page_height = Mm(297), Mm(210)
            section.top_margin, section.bottom_margin = Mm(28), Mm(26)
            section.left_margin = section.right_margin = Mm(25)
        section.footer_distance = Mm(24) if not landscape else Mm(15)
        self._document.settings.odd_and_even_pages_header_footer = True
        outer = ((section.footer, WD_ALIGN_PARAGRAPH.RIGHT), (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT))
        for footer, side in outer:
            paragraph = footer.paragraphs[0]
            paragraph.style = "Picture"
            paragraph.alignment = side
            for kind, text in (("text", "— "), ("field", "PAGE"), ("text", " —")):
                run = paragraph.add_run(text if kind == "text" else "")
                run.font.size = Pt(14)
                _set_font(run.font.element.get_or_add_rPr(), PAGE_FONT)
                if kind == "field":
                    _add_field(run, text)

    def _properties(self, title: str, author: str) -> None:
        moment = datetime(self._as_of.year, self._as_of.month, self._as_of.day, tzinfo=UTC)
        core = self._document.core_properties
        core.title, core.author, core.last_modified_by = _clean(title)[:255], _clean(author)[:255], _clean(author)[:255]
        core.created = core.modified = moment
        core.comments, core.keywords, core.language, core.revision = "", "", "zh-CN", 1
        package = self._document.part.package
        for key, relation in list(package.rels.items()):
            if relation.reltype.endswith("/thumbnail"):  # a picture of the library's own template
                del package.rels[key]
        for part in package.iter_parts():
            if str(part.partname) == "/word/fontTable.xml":
                part._blob = _font_table(part.blob)


def _set_font(properties: Any, name: str) -> None:
    """Chinese in ``name``, Latin letters and digits in Times New Roman, in a ``w:rPr``."""
    fonts = properties.get_or_add_rFonts()
    for key in list(fonts.attrib):
        del fonts.attrib[key]
    for slot in ("ascii", "hAnsi", "cs"):
        fonts.set(qn(f"w:{slot}"), LATIN_FONT)
    fonts.set(qn("w:eastAsia"), name)


def _add_field(run: Any, code: str) -> None:
    for kind in ("begin", "", "end"):
        if kind:
            element = OxmlElement("w:fldChar")
            element.set(qn("w:fldCharType"), kind)
        else:
            element = OxmlElement("w:instrText")
            element.set(qn("xml:space"), "preserve")
            element.text = code
        run._r.append(element)


def _font_table(blob: bytes) -> bytes:
    """The font table with the alternatives of each Chinese font."""
    entries = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{others}"/><w:charset w:val="86"/></w:font>'
        for name, others in sorted(ALTERNATIVES.items())
    )
    return blob.replace(b"</w:fonts>", entries.encode() + b"</w:fonts>")
