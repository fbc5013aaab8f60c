"""The one shape every file is read into: sheets of rows of plain values, with the coordinates the sender sees."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

from yingcheng.findings import Finding

__all__ = ["ISSUE_MARK", "CellValue", "OpenedFile", "Sheet"]

CellValue: TypeAlias = str | int | float | bool | datetime | date | None
"""What a cell can hold. Times of day and durations arrive as text; an empty cell is ``None``, never ``""``."""

ISSUE_MARK = "营城·问题清单"
"""What stands in A1 of the sheet an error workbook adds. A workbook sent back with it is read without that sheet."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of a workbook, one table of a document, or the whole of a text file.

    Attributes:
        file: name of the file as the reports show it.
        name: name of the sheet; for a table of a document, the paragraph above it.
        rows: the cells; all rows are equally long.
        first_row: 1-based row, in the sender's sheet, of ``rows[0]``.
        first_column: 1-based column, in the sender's sheet, of ``rows[0][0]``.
        merged: merged ranges as (top, left, bottom, right), 1-based, inclusive, in the sender's coordinates.
        hidden_rows: rows hidden by the sender, in the sender's coordinates; their cells are in ``rows``.
    """

    file: str
    name: str
    rows: tuple[tuple[CellValue, ...], ...]
    first_row: int = 1
    first_column: int = 1
    merged: tuple[tuple[int, int, int, int], ...] = ()
    hidden_rows: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """What a file holds. ``format`` is told from the content, never from the name.

    ``draft``: a document this software wrote; what a person changed in it is no material that was sent in.
    """

    format: str  # xlsx, xls, ods, csv, tsv, docx, pdf
    sheets: tuple[Sheet, ...]
    findings: tuple[Finding, ...] = ()
    draft: bool = False
