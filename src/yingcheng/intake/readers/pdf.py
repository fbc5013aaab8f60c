"""Ruled tables of text PDFs through pdfplumber. A table that goes on over several pages becomes one sheet."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pdfplumber

from yingcheng.errors import UnreadableFile
from yingcheng.i18n import _
from yingcheng.intake.grid import OpenedFile, Sheet
from yingcheng.intake.limits import Limits
from yingcheng.intake.readers.refusals import encrypted, no_table, too_many_cells

__all__ = ["read"]

EDGE = 4.0  # points by which the same column's edge may move from page to page
LONGEST_NAME = 60  # a longer line above a table is prose, not its title
# A line broken by the cell's width, beside a Chinese character; one that starts an item of a list is kept.
ITEM = r"(?:[（(]?[0-9一二三四五六七八九十]{1,3}[）).、．]|[①-⑳·•◆■])"
WRAPPED = re.compile(rf"(?<=[^\x00-\xff。；：！？])\n(?!{ITEM})|(?<=[\x00-\xff])\n(?!{ITEM})(?=[^\x00-\xff])")


@dataclass(slots=True)
class _Piece:
    """One table as it stands on one page."""

    page: int
    title: str
    left: float
    right: float
    rows: list[tuple[str | None, ...]]
    first_on_page: bool
    last_on_page: bool = False


@dataclass(slots=True)
class _Joined:
    title: str
    last: _Piece
    rows: list[tuple[str | None, ...]] = field(default_factory=list)


@contextmanager
def _parser_faults(name: str) -> Iterator[None]:
    """Make a refusal of whatever pdfminer raises on a broken file (TypeError, struct.error, RecursionError …)."""
    try:
        yield
    except MemoryError:
        raise
    except Exception as error:
        if "Password" in repr(error):
            raise encrypted(name) from error
        raise UnreadableFile(
            _("PDF 内容损坏，无法读取"),
            where=name,
            remedy=_("请对方重新导出，最好报送原始的 .xlsx 或 .docx。"),
            code="broken-file",
        ) from error


def read(data: bytes, name: str, limits: Limits) -> OpenedFile:
    """Read the tables that are drawn with lines.

    Raises:
        UnreadableFile: broken-file, encrypted, scanned-pdf, no-table, too-large.
    """
    with _parser_faults(name):
        letters, pieces = _pieces(data)
    if not letters:
        raise UnreadableFile(
            _("PDF 是扫描件或图片，里面没有文字"),
            where=name,
            remedy=_("请报送原始的 .xlsx 或 .docx；只有纸质件的，请录入模板。"),
            code="scanned-pdf",
        )
    if not pieces:
        raise no_table(name, _("PDF 里没有带框线的表格"))
    sheets: list[Sheet] = []
    cells = 0
    names: dict[str, int] = {}
    for number, table in enumerate(_join(pieces), start=1):
        width = max(map(len, table.rows))
        cells += width * len(table.rows)
        if cells > limits.cells:
            raise too_many_cells(name, limits)
        title = table.title or f"表{number}"
        names[title] = names.get(title, 0) + 1
        title = title if names[title] == 1 else f"{title}（{names[title]}）"
        rows = tuple((*row, *(None,) * (width - len(row))) for row in table.rows)
        sheets.append(Sheet(name, title, rows))
    return OpenedFile("pdf", tuple(sheets))


def _pieces(data: bytes) -> tuple[int, list[_Piece]]:
    """(letters seen in the whole document, tables page by page)."""
    letters = 0
    pieces: list[_Piece] = []
    with pdfplumber.open(io.BytesIO(data)) as document:
        for number, page in enumerate(document.pages, start=1):
            letters += len(page.chars)
            on_page = list(_on_page(page, number))
            if on_page:
                on_page[-1].last_on_page = True
            pieces += on_page
            page.close()
    return letters, pieces


def _on_page(page: Any, number: int) -> Iterator[_Piece]:
    bottom = float(page.bbox[1])
    first = True
    for table in sorted(page.find_tables(), key=lambda found: (found.bbox[1], found.bbox[0])):
        left, top, right, below = table.bbox
        rows = [tuple(_cell(text) for text in row) for row in table.extract()]
        rows = [row for row in rows if any(row)]
        if rows:
            yield _Piece(number, _title(page, bottom, top), left, right, rows, first_on_page=first)
            first = False
        bottom = below


def _cell(text: str | None) -> str | None:
    return WRAPPED.sub("", text).strip() or None if text else None


def _title(page: Any, above: float, below: float) -> str:
    """The last line of text between what stands above a table and the table."""
    if below - above < 1:
        return ""
    strip = page.within_bbox((page.bbox[0], above, page.bbox[2], below), strict=False)
    lines = [line.strip() for line in (strip.extract_text() or "").splitlines() if line.strip()]
    return lines[-1] if lines and len(lines[-1]) <= LONGEST_NAME else ""


def _join(pieces: list[_Piece]) -> list[_Joined]:
    """Join what a page break has cut; a header repeated on each page is kept once."""
    joined: list[_Joined] = []
    for piece in pieces:
        before = joined[-1] if joined else None
        if before is None or not _goes_on(before, piece):
            joined.append(_Joined(piece.title, piece, list(piece.rows)))
            continue
        repeated = 0
        while repeated < min(3, len(piece.rows)) and piece.rows[repeated] == before.rows[repeated]:
            repeated += 1
        rows = piece.rows[repeated:]
        if rows and _is_rest_of(rows[0], before.rows[-1]):
            before.rows[-1] = tuple(
                _cell(f"{upper or ''}\n{lower or ''}") for upper, lower in zip(before.rows[-1], rows[0], strict=False)
            )
            rows = rows[1:]
        before.rows += rows
        before.last = piece
    return joined


def _is_rest_of(row: tuple[str | None, ...], above: tuple[str | None, ...]) -> bool:
    """A row cut in two by the page: no serial number of its own, and text only where the row above has text."""
    if row[0] is not None or not (above[0] or "").isdigit() or len(row) != len(above):
        return False
    return all(upper is not None for lower, upper in zip(row, above, strict=True) if lower is not None)


def _goes_on(before: _Joined, piece: _Piece) -> bool:
    last = before.last
    if not (last.last_on_page and piece.first_on_page and piece.page == last.page + 1):
        return False
    if len(piece.rows[0]) != len(before.rows[0]):
        return False
    same_edges = abs(piece.left - last.left) < EDGE and abs(piece.right - last.right) < EDGE
    return same_edges and (piece.rows[0] == before.rows[0] or not _starts_anew(piece, before))


def _starts_anew(piece: _Piece, before: _Joined) -> bool:
    """A title of its own above it, which is not the running head that every page has."""
    return bool(piece.title) and piece.title != before.title and not piece.title[:1].isdigit()
