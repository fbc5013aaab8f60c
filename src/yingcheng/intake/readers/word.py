"""Tables of Word documents (.docx): each table is a sheet named after the paragraph above it.

The document's XML is read directly: python-docx asks for the cells of a merged column one recursion a row, which a list
of some hundred rows under one merged cell does not survive. Element names are those of ISO/IEC 29500-1, 17.4.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import ParseError, iterparse

from yingcheng.errors import UnreadableFile
from yingcheng.i18n import _
from yingcheng.intake.grid import OpenedFile, Sheet
from yingcheng.intake.limits import Limits
from yingcheng.intake.readers.archive import Archive, attachments
from yingcheng.intake.readers.refusals import no_table, too_deep, too_many_cells
from yingcheng.revision.marks import is_draft

__all__ = ["read", "read_draft"]

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
STRICT = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"  # the same names, when saved as "Strict Open XML"
DEPTH = 256  # a table inside a table inside a table is about 30 deep
LONGEST_NAME = 60  # a longer paragraph above a table is prose, not its title
WIDEST = 1000  # columns; Word itself stops at 63

PARAGRAPH, TABLE, ROW, CELL = W + "p", W + "tbl", W + "tr", W + "tc"
BLOCKS, ROWS, CELLS = frozenset({PARAGRAPH, TABLE}), frozenset({ROW}), frozenset({CELL})
WRAPPERS = frozenset(
    W + name for name in ("sdt", "sdtContent", "customXml", "smartTag", "ins", "moveTo", "hyperlink", "body")
)
BREAKS = {W + "tab": " ", W + "br": "\n", W + "cr": "\n", W + "noBreakHyphen": "-"}
UNSEEN = frozenset(
    {W + "del", W + "moveFrom", W + "pPr", W + "rPr", W + "txbxContent"}
    | {"{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"}
)


DOCUMENT, LISTS = ("word/document.xml",), "customXml/"
DRAFT_NAME = "顶层策划"
DRAFT_PARTS = ("word/document.xml", "word/styles.xml", "docProps/core.xml")


def read_draft(archive: Archive) -> dict[str, bytes]:
    """The parts of a document this software wrote: part name → content, to be read by :mod:`yingcheng.revision`.

    Raises:
        UnreadableFile: broken-file, too-deep, draft-without-marks.
    """
    _body(archive)  # broken, or deeper than anything can be read
    parts = {part: archive.read(part) for part in archive.parts if part in DRAFT_PARTS or part.startswith(LISTS)}
    if not is_draft(parts):
        raise draft_without_marks(archive.name)
    return parts


def draft_without_marks(name: str) -> UnreadableFile:
    """Somebody's plan, or ours after it was copied into another document."""
    return UnreadableFile(
        _("文件名像顶层策划稿，但里面没有营城的标记，其中的改动无法并入"),
        where=name,
        remedy=_(
            "标记在复制到新文件或网上转换格式时会丢失。如是修改稿，请在结果里的 顶层策划.docx 上修改；"
            "如是报送材料，请改名后重新运行。"
        ),
        code="draft-without-marks",
    )


@dataclass(slots=True)
class _Tables:
    """What was found so far: sheets in reading order, names in use, cells counted."""

    file: str
    limits: Limits
    sheets: list[Sheet] = field(default_factory=list)
    names: dict[str, int] = field(default_factory=dict)
    cells: int = 0

    def name_for(self, title: str) -> str:
        name = title if 0 < len(title) <= LONGEST_NAME else f"表{len(self.sheets) + 1}"
        self.names[name] = self.names.get(name, 0) + 1
        return name if self.names[name] == 1 else f"{name}（{self.names[name]}）"

    def count(self, cells: int) -> None:
        self.cells += cells
        if self.cells > self.limits.cells:
            raise too_many_cells(self.file, self.limits)


def read(archive: Archive, limits: Limits) -> OpenedFile:
    """Read all tables, those inside cells as sheets of their own.

    A document this software wrote is read without its tables: they are results, not material.

    Raises:
        UnreadableFile: broken-file, too-deep, too-large, no-table, draft-without-marks.
    """
    body = _body(archive)
    if is_draft({part: archive.read(part) for part in archive.parts if part in DOCUMENT or part.startswith(LISTS)}):
        return OpenedFile("docx", (), tuple(attachments(archive)), draft=True)
    if DRAFT_NAME in archive.name.rsplit("/", 1)[-1]:
        raise draft_without_marks(archive.name)
    found = _Tables(archive.name, limits)
    _collect(body, found, "")
    if not found.sheets:
        raise no_table(archive.name, _("文档里没有表格"))
    return OpenedFile("docx", tuple(found.sheets), tuple(attachments(archive)))


def _body(archive: Archive) -> Element:
    xml = archive.read("word/document.xml").replace(STRICT[1:-1].encode(), W[1:-1].encode())
    depth = 0
    root: Element | None = None
    try:
        for event, element in iterparse(io.BytesIO(xml), events=("start", "end")):
            if root is None:
                root = element
            depth += 1 if event == "start" else -1
            if depth > DEPTH:
                raise too_deep(archive.name)
    except (ParseError, ValueError) as error:
        raise UnreadableFile(
            _("文档内容损坏，无法读取"),
            where=archive.name,
            remedy=_("请用 Word 或 WPS 打开，另存为 .docx 后重报。"),
            code="broken-file",
        ) from error
    body = root.find(W + "body") if root is not None else None
    return body if body is not None else Element(W + "body")


def _inside(element: Element, wanted: frozenset[str]) -> Iterator[Element]:
    """The ``wanted`` elements of a container in order, looking through content controls and tracked insertions."""
    for child in element:
        if child.tag in wanted:
            yield child
        elif child.tag in WRAPPERS:
            yield from _inside(child, wanted)


def _text(element: Element) -> str:
    """The text a reader sees: deletions, and what Word repeats for older versions, left out."""
    pieces: list[str] = []
    for child in element:
        if child.tag == W + "t":
            pieces.append(child.text or "")
        elif child.tag in BREAKS:
            pieces.append(BREAKS[child.tag])
        elif child.tag not in UNSEEN:
            pieces.append(_text(child))
    return "".join(pieces)


def _collect(container: Element, found: _Tables, outer: str) -> str:
    """Add the tables of a body or cell to ``found``; the text of its paragraphs comes back, one a line."""
    lines: list[str] = []
    above = ""
    for block in _inside(container, BLOCKS):
        if block.tag == PARAGRAPH:
            line = _text(block).strip()
            above = line or above
            if line:
                lines.append(line)
        else:
            _read_table(block, found, above or outer)
            above = ""
    return "\n".join(lines)


def _property(element: Element, group: str, name: str) -> Element | None:
    return element.find(f"{W}{group}/{W}{name}")


def _number(element: Element | None, default: int) -> int:
    text = element.get(W + "val", "") if element is not None else ""
    return min(int(text), WIDEST) if text.isascii() and text.isdigit() else default


def _read_table(table: Element, found: _Tables, title: str) -> None:
    """Add one table, and after it those inside its cells."""
    name = found.name_for(title)
    at = len(found.sheets)
    found.sheets.append(Sheet(found.file, name, ()))  # keeps its place before the tables inside it
    cells: dict[tuple[int, int], str] = {}
    open_above: dict[int, tuple[int, int, int, int]] = {}  # left column → the merged range still growing downwards
    merged: list[tuple[int, int, int, int]] = []
    row, width = 0, 0
    for line in _inside(table, ROWS):
        if _property(line, "trPr", "del") is not None:
            continue
        row += 1
        column = 1 + _number(_property(line, "trPr", "gridBefore"), 0)
        still_open: dict[int, tuple[int, int, int, int]] = {}
        for cell in _inside(line, CELLS):
            right = column + max(1, _number(_property(cell, "tcPr", "gridSpan"), 1)) - 1
            vertical = _property(cell, "tcPr", "vMerge")
            text = _collect(cell, found, name)
            if vertical is not None and vertical.get(W + "val", "continue") == "continue" and column in open_above:
                top, left, _bottom, old_right = open_above.pop(column)
                still_open[column] = (top, left, row, max(right, old_right))
            else:
                cells[row, column] = text
                if vertical is not None:
                    still_open[column] = (row, column, row, right)
                elif right > column:
                    merged.append((row, column, row, right))
            column = right + 1
        merged += open_above.values()
        open_above = still_open
        width = max(width, column - 1)
        found.count(column)
        if width > WIDEST * 2:
            raise too_many_cells(found.file, found.limits)
    merged += open_above.values()
    found.count(max(0, row * width - len(cells)))
    rows = tuple(tuple(cells.get((y, x)) or None for x in range(1, width + 1)) for y in range(1, row + 1))
    ranges = sorted(span for span in merged if span[:2] != span[2:])
    found.sheets[at] = Sheet(found.file, name, rows, merged=tuple(ranges))
