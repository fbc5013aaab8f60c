"""Workbooks: .xlsx, .xls and .ods through calamine."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from yingcheng.errors import UnreadableFile
from yingcheng.intake.grid import CellValue, OpenedFile, Sheet

__all__ = ["read"]


def _value(value: object) -> CellValue:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if value == "":
        return None
    if isinstance(value, time):
        return value.isoformat("minutes" if not value.second else "seconds")
    if isinstance(value, timedelta):
        return str(value)
    assert isinstance(value, str | int | float | bool | datetime | date)
    return value


def _sheet(file: str, sheet: CalamineSheet) -> Sheet:
    top, left = sheet.start or (0, 0)
    rows = tuple(tuple(map(_value, row)) for row in sheet.to_python(skip_empty_area=True))
    merged = tuple((r1 + 1, c1 + 1, r2 + 1, c2 + 1) for (r1, c1), (r2, c2) in sheet.merged_cell_ranges or ())
    return Sheet(file, sheet.name, rows, top + 1, left + 1, merged)


def read(path: Path, name: str) -> OpenedFile:
    """Read all sheets of a workbook."""
    try:
        book = CalamineWorkbook.from_path(path)
        sheets = tuple(_sheet(name, book.get_sheet_by_name(sheet)) for sheet in book.sheet_names)
    except CalamineError as error:
        raise UnreadableFile(str(error), where=name, code="broken-workbook") from error
    return OpenedFile("xlsx", sheets)
