"""The sender's own workbook, sent back with what is wrong marked in it.

Offending cells are coloured and carry a comment; the sheet 问题清单 in front lists every finding with a link to its
cell. A file that is no .xlsx is rebuilt as one from what was read, cells where they stood. The texts are Chinese: the
workbook goes to the office that sent the list.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from yingcheng.errors import UnreadableFile
from yingcheng.findings import Finding, Place, Severity, column_letters
from yingcheng.intake.grid import ISSUE_MARK, CellValue, OpenedFile, Sheet
from yingcheng.intake.readers import open_file

__all__ = ["write_error_workbook"]

TITLE = "问题清单"
AUTHOR = "营城"
HEADER = ("序号", "级别", "工作表", "单元格", "现在的内容", "应为", "怎么改", "代码")
WIDTHS = (6, 8, 18, 10, 36, 36, 44, 24)
LABELS = {Severity.ERROR: "错误", Severity.WARNING: "提醒", Severity.NOTICE: "提示"}
COLOURS = {Severity.ERROR: "FFFFC7CE", Severity.WARNING: "FFFFEB9C", Severity.NOTICE: "FFDDEBF7"}
ORDER = {severity: rank for rank, severity in enumerate(LABELS)}

OWN_XML = 64 * 1024**2  # inflated sheets openpyxl may load: 4 times 20,000 rows × 20 columns
REBUILT_CELLS = 500_000
LISTED = 60_000  # findings; a sheet holds 65,530 links
COMMENTED = 10_000  # cells
LONGEST_CELL = 32_767
LONGEST_SHEET_NAME = 31
EPOCH = datetime(2000, 1, 1)  # noqa: DTZ001 - document properties carry no zone
ZIP_DATE = (1980, 1, 1, 0, 0, 0)
DDE = re.compile(r'=[^"]*\|')  # a formula that starts another program; the bar has no other use in one


def write_error_workbook(source: Path, name: str, findings: Sequence[Finding], target: Path) -> None:
    """Write ``target`` (.xlsx): the content of ``source`` with the findings about it marked.

    The same input gives the same bytes. A source that cannot be read, or is too large to be written back, yields the
    list of findings alone.

    Args:
        source: the file as it was sent.
        name: what the findings call it; findings about other files are left out.
        findings: in any order.
        target: written over if it is there.
    """
    own = sorted(
        (finding for finding in findings if finding.place.file == name),
        key=lambda finding: (ORDER[finding.severity], finding.place, finding.code, finding.found),
    )
    book, titles, remark = _content(source, name)
    for finding in own[:LISTED]:
        _check_titles(finding, titles)
    _mark(book, titles, own)
    _list(book, titles, own, name, remark)
    target.write_bytes(_same_bytes(book))


def _content(source: Path, name: str) -> tuple[Workbook, dict[str, str], str]:
    """(workbook without our sheet, sheet name in the findings → title in the workbook, remark for the list)."""
    try:
        opened = open_file(source, name=name)
    except UnreadableFile as refusal:
        return _empty(), {}, f"文件未能读取：{refusal.what}。{refusal.remedy}"
    if opened.format == "xlsx":
        own = _own_workbook(source)
        if own is not None:
            return own, {title: title for title in own.sheetnames}, ""
    if sum(len(sheet.rows) * len(sheet.rows[0]) for sheet in opened.sheets if sheet.rows) > REBUILT_CELLS:
        return _empty(), {}, "原文件过大，未附原表，请按单元格位置修改。"
    book, titles = _rebuilt(opened)
    return book, titles, "" if opened.format == "xlsx" else f"原文件为 {opened.format} 格式，以下各表由其内容转成。"


def _empty() -> Workbook:
    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.created = EPOCH
    return book


def _own_workbook(source: Path) -> Workbook | None:
    """The sender's workbook with its styles, or ``None`` where openpyxl cannot load it or it is too large.

    :func:`open_file` has already inflated the archive and refused entities, so that loading here is bounded.
    """
    with zipfile.ZipFile(source) as archive:
        size = sum(info.file_size for info in archive.infolist() if info.filename.startswith("xl/worksheets/"))
    if size > OWN_XML:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about extensions openpyxl does not keep
            book = load_workbook(source)
    except Exception:  # openpyxl stumbles in many ways over what other programs write
        return None
    _remove_old_marks(book)
    for sheet in book.worksheets:
        sheet.sheet_view.tabSelected = False
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f" and isinstance(cell.value, str) and DDE.match(cell.value):
                    _write_text(cell, cell.value)
    return book


def _remove_old_marks(book: Workbook) -> None:
    """Take our own sheet, comments and colours off a workbook that was sent back with them."""
    ours = [sheet for sheet in book.worksheets if sheet["A1"].value == ISSUE_MARK]
    if not ours or len(ours) == len(book.worksheets):
        return
    for sheet in ours:
        book.remove(sheet)
    colours = set(COLOURS.values())
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.comment is not None and cell.comment.author == AUTHOR:
                    cell.comment = None
                    if cell.fill.fgColor.rgb in colours:
                        cell.fill = PatternFill()


def _rebuilt(opened: OpenedFile) -> tuple[Workbook, dict[str, str]]:
    book = _empty()
    titles: dict[str, str] = {}
    for sheet in opened.sheets:
        page = book.create_sheet(_title(sheet.name, book))
        titles[sheet.name] = page.title
        _write_sheet(page, sheet)
    return book, titles


def _title(name: str, book: Workbook) -> str:
    """A name a spreadsheet accepts: 31 characters, no bracket, slash, colon or wildcard; used once."""
    plain = ILLEGAL_CHARACTERS_RE.sub("", re.sub(r"[\[\]:*?/\\\n\r\t]", " ", name)).strip().strip("'")
    title = plain[:LONGEST_SHEET_NAME] or "表"
    taken = {sheet.title.lower() for sheet in book.worksheets}
    number = 2
    while title.lower() in taken or title == TITLE:
        suffix = f"({number})"
        title = plain[: LONGEST_SHEET_NAME - len(suffix)] + suffix
        number += 1
    return title


def _write_sheet(page: Worksheet, sheet: Sheet) -> None:
    wrap = Alignment(wrap_text=True, vertical="top")
    for y, row in enumerate(sheet.rows, start=sheet.first_row):
        for x, value in enumerate(row, start=sheet.first_column):
            cell = page.cell(y, x) if value is not None else None
            if isinstance(cell, Cell):
                _write_value(cell, value, wrap)
    for top, left, bottom, right in sheet.merged:
        page.merge_cells(start_row=top, start_column=left, end_row=bottom, end_column=right)
    width = len(sheet.rows[0]) if sheet.rows else 0
    for x in range(width):
        longest = max((len(str(row[x])) for row in sheet.rows[:200] if row[x] is not None), default=0)
        page.column_dimensions[column_letters(sheet.first_column + x)].width = min(48, max(8, longest * 2))


def _write_value(cell: Cell, value: CellValue, alignment: Alignment) -> None:
    if isinstance(value, str):
        _write_text(cell, value)
        cell.alignment = alignment
    else:
        cell.value = value


def _write_text(cell: Cell, text: str) -> None:
    """Text that stays text: what starts with ``=``, ``+``, ``-`` or ``@`` must never become a formula."""
    cell.value = ILLEGAL_CHARACTERS_RE.sub("", text)[:LONGEST_CELL]
    cell.data_type = "s"
    if text[:1] in "=+-@":
        cell.quotePrefix = True


def _check_titles(finding: Finding, titles: dict[str, str]) -> None:
    """Findings may name a sheet as calamine does, a workbook keeps blanks around the name."""
    sheet = finding.place.sheet
    if sheet and sheet not in titles:
        near = [title for title in titles if title.strip() == sheet.strip()]
        if near:
            titles[sheet] = near[0]


def _mark(book: Workbook, titles: dict[str, str], findings: Sequence[Finding]) -> None:
    """Colour each cell by its gravest finding; one comment holds all of them."""
    by_cell: dict[tuple[str, int, int], list[Finding]] = {}
    for finding in findings:
        place = finding.place
        if place.row and place.sheet in titles:
            page = book[titles[place.sheet]]
            row, column = _anchor(page, place)
            by_cell.setdefault((page.title, row, column), []).append(finding)
    for (title, row, column), about in list(by_cell.items())[:COMMENTED]:
        cell = book[title].cell(row, column)
        cell.fill = PatternFill("solid", fgColor=COLOURS[about[0].severity])
        text = "\n\n".join(_comment_text(finding) for finding in about)
        if cell.comment is not None:
            text = f"{cell.comment.text}\n\n{text}"
        comment = Comment(ILLEGAL_CHARACTERS_RE.sub("", text)[:LONGEST_CELL], AUTHOR)
        comment.width, comment.height = 320, min(400, 40 + 20 * len(text) // 22 + 20 * text.count("\n"))
        cell.comment = comment


def _anchor(page: Worksheet, place: Place) -> tuple[int, int]:
    """The cell that can be coloured: the first filled one for a whole row, the first of a merged range."""
    row, column = place.row, place.column
    if not column:
        filled = (cell.column for cell in page[row] if cell.value is not None)
        column = next(filled, 1)
    if isinstance(page.cell(row, column), MergedCell):
        for span in page.merged_cells.ranges:
            if span.min_row <= row <= span.max_row and span.min_col <= column <= span.max_col:
                return int(span.min_row), int(span.min_col)
    return row, column


def _comment_text(finding: Finding) -> str:
    lines = [f"【{LABELS[finding.severity]}】"]
    if finding.found:
        lines.append(f"现为：{finding.found[:200]}")
    lines += [f"应为：{finding.expected}", f"怎么改：{finding.remedy}"]
    return "\n".join(lines)


def _list(book: Workbook, titles: dict[str, str], findings: Sequence[Finding], name: str, remark: str) -> None:
    title = TITLE
    while title in book.sheetnames:
        title += "_"
    page = book.create_sheet(title, 0)
    book.active = 0
    page.sheet_view.tabSelected = True
    _write_text(page["A1"], ISSUE_MARK)
    page["A1"].font = Font(bold=True, size=14)
    counts = Counter(finding.severity for finding in findings)
    shown = "，".join(f"{label} {counts[severity]}" for severity, label in LABELS.items())
    _write_text(page["A2"], f"文件：{name}　共 {len(findings)} 个问题（{shown}）")
    _write_text(page["A3"], remark or "点“单元格”一列可跳到原处；改好后把本文件发回即可，本表读取时会略过。")
    for column, (text, width) in enumerate(zip(HEADER, WIDTHS, strict=True), start=1):
        cell = page.cell(4, column)
        _write_text(cell, text)
        cell.font = Font(bold=True)
        page.column_dimensions[cell.column_letter].width = width
    wrap = Alignment(wrap_text=True, vertical="top")
    for number, finding in enumerate(findings[:LISTED], start=1):
        row = 4 + number
        page.cell(row, 1, number).alignment = wrap
        for column, text in enumerate(_line(finding), start=2):
            cell = page.cell(row, column)
            _write_text(cell, text)
            cell.alignment = wrap
        page.cell(row, 2).fill = PatternFill("solid", fgColor=COLOURS[finding.severity])
        _link(page.cell(row, 4), book, titles, finding.place)
    page.freeze_panes = "A5"
    page.page_setup.orientation = "landscape"
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.page_setup.fitToHeight = 0  # as many pages as it takes, one page wide
    page.auto_filter.ref = f"A4:H{4 + min(len(findings), LISTED)}"


def _line(finding: Finding) -> tuple[str, ...]:
    place = finding.place
    return (
        LABELS[finding.severity],
        place.sheet,
        place.cell or "整表" if place.sheet else "整个文件",
        finding.found,
        finding.expected,
        finding.remedy,
        finding.code,
    )


def _link(cell: Cell, book: Workbook, titles: dict[str, str], place: Place) -> None:
    if place.sheet not in titles:
        return
    page = book[titles[place.sheet]]
    row, column = _anchor(page, place) if place.row else (1, 1)
    quoted = page.title.replace("'", "''")
    where = page.cell(row, column).coordinate
    cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"'{quoted}'!{where}")
    cell.font = Font(color="FF0563C1", underline="single")


def _same_bytes(book: Workbook) -> bytes:
    """Save without the clock: openpyxl stamps the moment of saving on each member and in the properties."""
    raw = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book.save(raw)
    created = (book.properties.created or EPOCH).strftime("%Y-%m-%dT%H:%M:%SZ")
    out = io.BytesIO()
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for part, data in _members(source, created):
            info = zipfile.ZipInfo(part, ZIP_DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 0
            target.writestr(info, data)
    return out.getvalue()


def _members(archive: zipfile.ZipFile, created: str) -> Iterator[tuple[str, bytes]]:
    for info in archive.infolist():
        data = archive.read(info)
        if info.filename == "docProps/core.xml":
            data = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + created.encode(), data)
        yield info.filename, data
