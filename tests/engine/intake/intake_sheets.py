"""Sheets written in a test as rows of plain values."""

from __future__ import annotations

from collections.abc import Sequence

from yingcheng.intake.folder import Intake, read_sheets
from yingcheng.intake.grid import CellValue, Sheet
from yingcheng.intake.mapping import Pin


def sheet(
    *rows: Sequence[CellValue],
    file: str = "报送.xlsx",
    name: str = "Sheet1",
    merged: tuple[tuple[int, int, int, int], ...] = (),
    hidden: frozenset[int] = frozenset(),
) -> Sheet:
    """A sheet of equally long rows; short rows are filled with empty cells."""
    width = max((len(row) for row in rows), default=0)
    filled = tuple(tuple(row) + (None,) * (width - len(row)) for row in rows)
    return Sheet(file=file, name=name, rows=filled, merged=merged, hidden_rows=hidden)


def read(*sheets: Sheet, pins: Sequence[Pin] = ()) -> Intake:
    """Reads sheets as one folder."""
    return read_sheets(sheets, pins=pins)


def codes(intake: Intake) -> list[str]:
    """Codes of the findings, in reading order."""
    return [finding.code for finding in intake.findings]
