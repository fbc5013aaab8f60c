"""Where a thing came from, and what was found wrong with it.

Every figure in a deliverable can be followed back through :class:`SourceRow` to file, sheet, row and cell;
every fault is a :class:`Finding` that says what, where and what to do.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = [
    "ColumnReport",
    "FileReport",
    "Finding",
    "Place",
    "Severity",
    "SourceRow",
    "TableReport",
    "column_letters",
]


class Severity(StrEnum):
    """How much a finding matters. An ``ERROR`` always belongs to a refused row or file."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


def column_letters(column: int) -> str:
    """Spreadsheet letters of a 1-based column: 1 → A, 27 → AA."""
    letters = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A point in the input. ``row`` and ``column`` are 1-based as a spreadsheet shows them; 0 is the whole sheet."""

    file: str
    sheet: str = ""
    row: int = 0
    column: int = 0

    @property
    def cell(self) -> str:
        """``B3``; ``第3行`` for a whole row; empty for a whole sheet or file."""
        if self.row and self.column:
            return f"{column_letters(self.column)}{self.row}"
        return f"第{self.row}行" if self.row else ""

    def __str__(self) -> str:
        return " / ".join(part for part in (self.file, self.sheet, self.cell) if part)


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One row of the input that a record was read from, and the column each of its fields stood in."""

    file: str
    sheet: str
    row: int
    columns: tuple[tuple[str, int], ...] = ()  # (field name, 1-based column), shared by all rows of a table

    def place(self, field: str = "") -> Place:
        """The cell of ``field``, or the whole row where the field had no column of its own."""
        return Place(self.file, self.sheet, self.row, dict(self.columns).get(field, 0))


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, doubtful or worth knowing.

    Attributes:
        severity: see :class:`Severity`.
        code: stable kebab-case word, listed in ``docs/reference/findings.md``.
        place: file, sheet, row, cell.
        found: what stands there (shortened by the reports, never here).
        expected: what was expected, a sentence for the sender.
        remedy: what to do.
    """

    severity: Severity
    code: str
    place: Place
    found: str
    expected: str
    remedy: str


@dataclass(frozen=True, slots=True)
class ColumnReport:
    """How one column of a table was understood. ``field`` is empty for a column kept as an extra field."""

    column: int  # 1-based
    header: str
    field: str
    score: float  # 0 … 1; 1 = the header stands in the vocabulary
    label: str = ""  # the field in Chinese


@dataclass(frozen=True, slots=True)
class TableReport:
    """What was read from one table. ``rows_in == rows_taken + rows_refused`` always holds."""

    file: str
    sheet: str
    kind: str  # opportunities, enterprises, … ; empty where the kind could not be told
    kind_score: float
    header_row: int  # 1-based, last row of the header
    columns: tuple[ColumnReport, ...]
    rows_in: int
    rows_taken: int
    rows_refused: int
    label: str = ""  # the kind in Chinese


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of one file. ``refused`` says why it was refused as a whole; empty where it was read."""

    file: str  # path relative to the folder, with /
    sha256: str
    size: int  # bytes
    format: str  # xlsx, xls, ods, csv, docx, pdf, … by content, not by name
    refused: str = ""
    tables: tuple[TableReport, ...] = ()

    @property
    def rows_in(self) -> int:
        """Data rows found in all tables."""
        return sum(table.rows_in for table in self.tables)

    @property
    def rows_taken(self) -> int:
        """Rows that became (part of) a record."""
        return sum(table.rows_taken for table in self.tables)

    @property
    def rows_refused(self) -> int:
        """Rows given back to their sender, each with a finding of its own or of its table."""
        return sum(table.rows_refused for table in self.tables)
