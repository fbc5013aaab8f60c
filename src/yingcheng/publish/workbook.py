"""Workbooks as an office expects them: a title, a header that stays and repeats, filters, widths, landscape print.

Row heights are estimated and written: a program that opens the file without computing heights of its own would show
one line of every wrapped text. Every text is written as text: a cell that begins with ``=`` stays what the sender
typed. Same input, same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from itertools import accumulate
from pathlib import Path
from typing import Any
from unicodedata import east_asian_width

import xlsxwriter

__all__ = ["Column", "Table", "Value", "write_workbook"]

Value = str | int | float | Decimal | date | None

_EXCEL_CELL = 32_767
"""Excel refuses longer texts; the rest is kept in the source file that the row names."""

_LINE = 16.0
"""Height of one line of Chinese in points, at the default 11 pt."""

_HIGHEST = 220.0
"""A row higher than this cannot be scrolled over; the text goes on inside the cell."""

_ON_ONE_PAGE = 12
"""More columns than this cannot be read on one A4 page: A3, two pages wide, the frozen columns on both."""

_READABLE = 200
"""Narrower sheets fit on one A4 page, however many columns they have."""

_A4, _A3 = 9, 8

_TONES = {
    "符合": "#DDEFE3",
    "可发布": "#DDEFE3",
    "不符合": "#F3DEDC",
    "暂不发布": "#F3DEDC",
    "还需材料": "#FBF0D5",
    "error": "#F3DEDC",
    "warning": "#FBF0D5",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column. ``kind``: text, int, number (2 digits), percent, date, centre, level (1–3, shaded).

    ``width`` is in characters of Latin text, as in Excel; a Chinese character takes two.
    """

    header: str
    width: float = 14
    kind: str = "text"
    choices: tuple[str, ...] = ()  # offered for the reader to choose from; anything else may be typed


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet: title in row 1, notes under it, header, rows; ``empty`` is the note where there are no rows."""

    sheet: str
    title: str
    columns: tuple[Column, ...]
    rows: Sequence[Sequence[Value]]
    notes: tuple[str, ...] = ()
    freeze: int = 1  # columns that stay when scrolling right
    empty: str = ""


_NUMBER_FORMATS = {"int": "#,##0", "number": "#,##0.00", "percent": "0.0%", "date": "yyyy-mm-dd", "level": "@"}


class _Formats:
    """The few cell formats, made once per workbook."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._cache: dict[tuple[str, str], Any] = {}
        self.title = book.add_format({"bold": True, "font_size": 16, "align": "left", "valign": "top"})
        self.note = book.add_format({"font_color": "#666666", "text_wrap": True, "valign": "top"})
        self.header = book.add_format(
            {
                "bold": True,
                "bg_color": "#E8EEF4",
                "border": 1,
                "border_color": "#B9C4CF",
                "text_wrap": True,
                "align": "center",
                "valign": "top",
            }
        )

    def cell(self, kind: str, tone: str) -> Any:
        if (kind, tone) not in self._cache:
            options: dict[str, Any] = {
                "border": 1,
                "border_color": "#D5DCE3",
                "valign": "top",
                "text_wrap": kind in {"text", "level", "centre"},
            }
            if kind in _NUMBER_FORMATS:
                options["num_format"] = _NUMBER_FORMATS[kind]
            if kind in {"centre", "date", "level"}:
                options["align"] = "center"
            if tone:
                options["bg_color"] = tone
            self._cache[kind, tone] = self._book.add_format(options)
        return self._cache[kind, tone]


def _tone(kind: str, value: Value) -> str:
    if kind == "level" and isinstance(value, str) and value:
        return {"3": "#7FB3A2", "2": "#B7D6CB", "1": "#E3F0EB"}.get(value[0], "")
    return _TONES.get(value, "") if isinstance(value, str) else ""


def _lines(text: str, width: float) -> int:
    """Lines a text takes in a column, a Chinese character being two wide and a line being broken a little early."""
    room = max(2.0, width - 1)
    lines = 0
    for line in text.split("\n"):
        wide = sum(2 if east_asian_width(character) in "WFA" else 1 for character in line)
        lines += max(1, -int(-wide // room))
    return lines


def _height(texts: Sequence[tuple[str, float]]) -> float:
    """Height of a row that shows all of ``texts``, each with its width, within reason."""
    return min(_HIGHEST, _LINE * max((_lines(text, width) for text, width in texts), default=1) + 3)


def _width(column: Column) -> float:
    return max(column.width, 12) if column.kind == "date" else column.width


def _write_row(sheet: Any, row: int, columns: Sequence[Column], values: Sequence[Value], formats: _Formats) -> None:
    for index, (column, value) in enumerate(zip(columns, values, strict=True)):
        style = formats.cell(column.kind, _tone(column.kind, value))
        if value is None or value == "":
            sheet.write_blank(row, index, None, style)
        elif isinstance(value, str):
            text = value if len(value) <= _EXCEL_CELL else value[: _EXCEL_CELL - 1] + "…"
            sheet.write_string(row, index, text, style)
        elif isinstance(value, datetime | date):
            moment = value if isinstance(value, datetime) else datetime.combine(value, time())
            sheet.write_datetime(row, index, moment, style)
        else:
            sheet.write_number(row, index, float(value), style)


def _is_wide(table: Table) -> bool:
    return len(table.columns) > _ON_ONE_PAGE and sum(_width(column) for column in table.columns) > _READABLE


def _note_columns(table: Table) -> int:
    """Columns that a note spans: all, or on a wide sheet those that surely stand on its first page."""
    if not _is_wide(table):
        return len(table.columns)
    widths = list(accumulate(_width(column) for column in table.columns))
    return max(1, sum(reach <= widths[-1] * 0.45 for reach in widths))


def _print_setup(sheet: Any, table: Table, header: int) -> None:
    sheet.set_landscape()
    sheet.repeat_rows(header)
    wide = _is_wide(table)
    sheet.set_paper(_A3 if wide else _A4)
    sheet.fit_to_pages(2 if wide else 1, 0)
    if wide and table.freeze:
        sheet.repeat_columns(0, table.freeze - 1)
    sheet.set_footer("&L&A&R第 &P 页 共 &N 页")


def _write_table(book: xlsxwriter.Workbook, table: Table, formats: _Formats) -> None:
    sheet = book.add_worksheet(table.sheet)
    last = len(table.columns) - 1
    widths = [_width(column) for column in table.columns]
    for index, width in enumerate(widths):
        sheet.set_column(index, index, width)
    spanned = _note_columns(table)
    sheet.set_row(0, 28)
    sheet.write_string(0, 0, table.title, formats.title)
    row = 1
    for note in (*table.notes, *((table.empty,) if table.empty and not table.rows else ())):
        if spanned > 1:
            sheet.merge_range(row, 0, row, spanned - 1, note, formats.note)
        else:
            sheet.write_string(row, 0, note, formats.note)
        sheet.set_row(row, _height([(note, sum(widths[:spanned]))]))
        row += 1
    sheet.set_row(row, _height([(column.header, width) for column, width in zip(table.columns, widths, strict=True)]))
    for index, column in enumerate(table.columns):
        sheet.write_string(row, index, column.header, formats.header)
    sheet.freeze_panes(row + 1, table.freeze)
    if table.rows:
        sheet.autofilter(row, 0, row + len(table.rows), last)
    for index, column in enumerate(table.columns):
        if column.choices and table.rows:
            rule = {"validate": "list", "source": list(column.choices), "show_error": False}
            sheet.data_validation(row + 1, index, row + len(table.rows), index, rule)
    for offset, values in enumerate(table.rows, start=row + 1):
        texts = [(value, width) for value, width in zip(values, widths, strict=True) if isinstance(value, str)]
        sheet.set_row(offset, _height(texts))
        _write_row(sheet, offset, table.columns, values, formats)
    _print_setup(sheet, table, row)


def write_workbook(path: Path, tables: Sequence[Table], *, title: str, as_of: date) -> None:
    """Write ``tables`` as sheets of one .xlsx; the file's own date is ``as_of``, so equal input gives equal bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    options: Mapping[str, Any] = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(path, options) as book:
        book.set_properties({"title": title, "author": "营城", "created": datetime.combine(as_of, time())})
        formats = _Formats(book)
        for table in tables:
            _write_table(book, table, formats)
