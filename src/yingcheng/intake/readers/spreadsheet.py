"""Workbooks: .xlsx, .xls, .xlsb and .ods through calamine.

Calamine gives values and merged ranges. What it does not tell (hidden rows, a formula nobody has calculated, an error
value) is read from the sheet's own XML by pattern; that costs a tenth of the reading.
"""

from __future__ import annotations

import io
import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import ParseError, fromstring
from python_calamine import CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from yingcheng.errors import UnreadableFile
from yingcheng.findings import Finding, Place, Severity
from yingcheng.i18n import _
from yingcheng.intake.grid import ISSUE_MARK, CellValue, OpenedFile, Sheet
from yingcheng.intake.limits import Limits
from yingcheng.intake.readers.archive import Archive, attachments
from yingcheng.intake.readers.refusals import encrypted, no_table, too_many_cells

__all__ = ["read_binary", "read_xlsx"]

EXACT = 2**53  # whole numbers above it are not exact in a spreadsheet
NAMED = 20  # findings of one kind named cell by cell before the rest are counted

ROW = re.compile(rb'<row\b([^<>]*\bhidden="(?:1|true)"[^<>]*)>')
ROW_NUMBER = re.compile(rb'\br="(\d{1,7})"')
FORMULA = rb"<f\b(?:[^<>]*/>|[^<>]*>[^<]*</f>)"
UNCALCULATED = re.compile(
    rb'<c\b[^<>]*\br="([A-Z]{1,3})(\d{1,7})"[^<>]*>' + FORMULA + rb"\s*(?:<v\s*/>|<v></v>)?\s*</c>"
)
ERROR_VALUE = re.compile(rb'<c\b([^<>]*\bt="e"[^<>]*)>(?:' + FORMULA + rb")?<v>([^<]{1,20})</v>")
REFERENCE = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
FAR = re.compile(rb' r="[A-Z]{3}[0-9]')  # a column after ZZ, the 702nd
FAR_CELL = re.compile(rb'<c\b[^<>]*\br="([A-Z]{3})(\d{1,7})"[^<>]*>(?:<v>|<is>|<f)')


def _value(value: object) -> CellValue:
    """One cell as the sender sees it: ``1.0`` is 1, a time of day is 09:00, an empty text is nothing."""
    if isinstance(value, str):
        return value if value.strip() else None
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < EXACT else value
    if isinstance(value, bool | int | datetime | date):
        return value
    if isinstance(value, time):
        return value.isoformat("seconds" if value.second else "minutes")
    if isinstance(value, timedelta):
        minutes, seconds = divmod(int(value.total_seconds()), 60)
        text = f"{minutes // 60}:{minutes % 60:02d}"
        return f"{text}:{seconds:02d}" if seconds else text
    return None


def _broken(name: str) -> UnreadableFile:
    return UnreadableFile(
        _("工作簿内容损坏，无法读取"),
        where=name,
        remedy=_("请用 Excel 或 WPS 打开，另存为 .xlsx 后重报。"),
        code="broken-workbook",
    )


@contextmanager
def _parser_faults(name: str, limits: Limits) -> Iterator[None]:
    """Whatever calamine raises on a broken file, a Rust panic included (which is no ``Exception``), is a refusal."""
    try:
        yield
    except (MemoryError, KeyboardInterrupt, SystemExit):
        raise
    except PasswordError as error:
        raise encrypted(name) from error
    except BaseException as error:
        if "limit exceeded" in str(error):  # calamine's own bound: 100 million cells
            raise too_many_cells(name, limits) from error
        raise _broken(name) from error


def _open(data: bytes, path: Path, format_: str) -> CalamineWorkbook:
    """By path where the extension is right: only then calamine says what is wrong (a password, too many cells)."""
    if path.suffix == f".{format_}":
        return CalamineWorkbook.from_path(path)
    return CalamineWorkbook.from_filelike(io.BytesIO(data))


def _read_sheets(data: bytes, path: Path, format_: str, name: str, limits: Limits) -> tuple[list[Sheet], list[Finding]]:
    """All worksheets with their data, in the workbook's order."""
    sheets: list[Sheet] = []
    findings: list[Finding] = []
    cells = 0
    with _parser_faults(name, limits):
        book = _open(data, path, format_)
    for meta in book.sheets_metadata:
        if meta.typ != SheetTypeEnum.WorkSheet:
            continue
        with _parser_faults(name, limits):
            source = book.get_sheet_by_name(meta.name)
        cells += source.height * source.width
        if cells > limits.cells:
            raise too_many_cells(name, limits)
        with _parser_faults(name, limits):
            values = source.to_python(skip_empty_area=True)
        sheet = _sheet(name, source, values)
        if sheet.rows and sheet.rows[0][0] == ISSUE_MARK:
            continue
        sheets.append(sheet)
        if meta.visible != SheetVisibleEnum.Visible and sheet.rows:
            findings.append(_hidden_sheet(name, meta.name))
    return sheets, findings


def _sheet(file: str, source: CalamineSheet, values: Sequence[Sequence[object]]) -> Sheet:
    top, left = source.start or (0, 0)
    texts: dict[str, str] = {}  # equal texts become one object: a third of the time to hand the sheet over

    def kept(value: object) -> CellValue:
        seen = _value(value)
        return texts.setdefault(seen, seen) if isinstance(seen, str) else seen

    rows = tuple(tuple(map(kept, row)) for row in values)
    merged = tuple((r1 + 1, c1 + 1, r2 + 1, c2 + 1) for (r1, c1), (r2, c2) in source.merged_cell_ranges or ())
    return Sheet(file, source.name, rows, top + 1, left + 1, tuple(sorted(merged)))


def _hidden_sheet(name: str, sheet: str) -> Finding:
    return Finding(
        Severity.NOTICE,
        "hidden-sheet",
        Place(name, sheet),
        _("隐藏的工作表"),
        _("报送的数据都应看得见"),
        _("已照常读取；不需要的请删除后重报。"),
    )


def read_binary(data: bytes, path: Path, format_: str, name: str, limits: Limits) -> OpenedFile:
    """Read .xls, .xlsb or .ods.

    Raises:
        UnreadableFile: broken-workbook, encrypted, too-large, no-table.
    """
    sheets, findings = _read_sheets(data, path, format_, name, limits)
    _require_data(sheets, name)
    return OpenedFile(format_, tuple(sheets), tuple(findings))


def _require_data(sheets: Iterable[Sheet], name: str) -> None:
    if not any(sheet.rows for sheet in sheets):
        raise no_table(name, _("工作簿里没有内容"))


def read_xlsx(archive: Archive, path: Path, limits: Limits) -> OpenedFile:
    """Read .xlsx and .xlsm. Macros and links to other workbooks are noted and never followed.

    Raises:
        UnreadableFile: broken-workbook, encrypted, too-large, no-table.
    """
    name = archive.name
    hidden: dict[str, frozenset[int]] = {}
    details: list[Finding] = []
    for sheet, part in _sheet_parts(archive):
        xml = archive.read(part)
        _check_span(xml, Place(name, sheet), limits)
        if b'hidden="' in xml:
            hidden[sheet] = frozenset(
                int(number[1]) for row in ROW.finditer(xml) if (number := ROW_NUMBER.search(row[1]))
            )
        details += _cell_findings(xml, name, sheet)
        del xml
    sheets, findings = _read_sheets(archive.data, path, "xlsx", name, limits)
    _require_data(sheets, name)
    sheets = [_with_hidden_rows(sheet, hidden.get(sheet.name, frozenset())) for sheet in sheets]
    kept = {sheet.name for sheet in sheets}
    findings += [finding for finding in details if finding.place.sheet in kept]
    findings += attachments(archive)
    return OpenedFile("xlsx", tuple(sheets), tuple(findings))


def _with_hidden_rows(sheet: Sheet, hidden: frozenset[int]) -> Sheet:
    """Only hidden rows that hold something: thousands of blank ones are often hidden below a table."""
    filled = frozenset(
        row
        for row in hidden
        if 0 <= (at := row - sheet.first_row) < len(sheet.rows) and any(cell is not None for cell in sheet.rows[at])
    )
    if not filled:
        return sheet
    return Sheet(sheet.file, sheet.name, sheet.rows, sheet.first_row, sheet.first_column, sheet.merged, filled)


def _sheet_parts(archive: Archive) -> Iterator[tuple[str, str]]:
    """(sheet name, archive member) of each worksheet, by the workbook's own list."""
    book = _parse(archive, "xl/workbook.xml")
    targets = {
        item.get("Id", ""): item.get("Target", "")
        for item in _parse(archive, "xl/_rels/workbook.xml.rels")
        if item.get("TargetMode") != "External"
    }
    for element in book.iter():
        if not element.tag.endswith("}sheet"):
            continue
        link = next((value for key, value in element.attrib.items() if key.endswith("}id")), "")
        target = targets.get(link, "")
        part = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))
        if "worksheets/" in part and part in archive.parts:
            yield element.get("name", ""), part


def _parse(archive: Archive, part: str) -> Element:
    try:
        return fromstring(archive.read(part))
    except (ParseError, ValueError) as error:
        raise _broken(archive.name) from error


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _check_span(xml: bytes, place: Place, limits: Limits) -> None:
    """Refuse a stray cell so far out that the rectangle around the data is unreasonable (XFD1048576)."""
    if not FAR.search(xml):
        return
    columns, far = max(((_column(cell[1]), cell[0]) for cell in FAR_CELL.finditer(xml)), default=(0, b""))
    if not columns:
        return
    last = ROW_NUMBER.search(xml, xml.rfind(b"<row "))
    if columns * int(last[1] if last else 1) <= limits.cells:
        return
    reference = REFERENCE.search(far)
    cell = (reference[1] + reference[2]).decode() if reference else ""
    raise UnreadableFile(
        _("工作表“{sheet}”的 {cell} 单元格远离表格，整表跨度超过上限").format(sheet=place.sheet, cell=cell),
        where=place.file,
        remedy=_("请清除该单元格，或把表格复制到新工作簿后重报。"),
        code="too-large",
    )


def _cell_findings(xml: bytes, name: str, sheet: str) -> list[Finding]:
    """Cells whose value cannot be relied on, in the order they stand in."""
    findings: list[Finding] = []
    if b"<f" in xml:
        cells = [(int(cell[2]), _column(cell[1]), "") for cell in UNCALCULATED.finditer(xml)]
        findings += _per_cell(
            "formula-without-value",
            Place(name, sheet),
            cells,
            _("公式没有计算结果"),
            _("单元格里有数值或文字"),
            _("请用 Excel 或 WPS 打开并保存一次，或把公式粘贴为数值后重报。"),
        )
    if b't="e"' in xml:
        cells = []
        for cell in ERROR_VALUE.finditer(xml):
            if reference := REFERENCE.search(cell[1]):
                cells.append((int(reference[2]), _column(reference[1]), cell[2].decode("utf-8", "replace")))
        findings += _per_cell(
            "error-value",
            Place(name, sheet),
            cells,
            _("公式出错"),
            _("单元格里有数值或文字"),
            _("请改正公式，或直接填写数值后重报。"),
        )
    return findings


def _per_cell(
    code: str, place: Place, cells: list[tuple[int, int, str]], found: str, expected: str, remedy: str
) -> Iterator[Finding]:
    """One finding for each of the first cells, one for all the rest."""
    for row, column, text in cells[:NAMED]:
        at = Place(place.file, place.sheet, row, column)
        yield Finding(Severity.WARNING, code, at, text or found, expected, remedy)
    if len(cells) > NAMED:
        rest = _("{found}：另有 {count} 个单元格").format(found=found, count=len(cells) - NAMED)
        yield Finding(Severity.WARNING, code, place, rest, expected, remedy)
