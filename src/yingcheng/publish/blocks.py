"""What a report consists of, before it becomes PDF or Word: headings, prose, key figures, pictures, tables, cases.

One list of blocks is written twice: :func:`to_pdf` sets it with typst, :mod:`.drafting` writes it as an official Word
document. Pictures and tables are numbered in the order in which they stand.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from yingcheng.findings import SourceRow
from yingcheng.publish.charts import Picture
from yingcheng.publish.document import Column
from yingcheng.publish.paper import render

__all__ = [
    "Block",
    "CaseStudy",
    "Column",
    "Cover",
    "Fact",
    "Facts",
    "Figure",
    "Heading",
    "Paragraph",
    "Points",
    "Table",
    "chinese_number",
    "cited",
    "columns_of",
    "figure",
    "row_ranges",
    "to_pdf",
]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; ``level`` 1 starts a new page, unless much of the page before it is free."""

    text: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Prose; a line break starts a new paragraph.

    ``key`` tells it from others of its section, whatever it says; ``source`` is where its figures come from.
    """

    text: str
    key: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Points:
    """A list of short points."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """One key figure with its unit in ``value``."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """Up to four key figures side by side."""

    items: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart with its caption, the sentence for those who cannot see it, and where its data come from."""

    name: str
    caption: str
    alt: str
    source: str
    picture: Picture


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its caption and where its data come from; numbers are already texts.

    ``by`` are the columns that tell one row from another; without them it is the first that holds no number.
    """

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    source: str
    by: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class CaseStudy:
    """A case along the four innovation dimensions; ``tags`` is its line of city, enterprise, tracks and year."""

    name: str
    tags: str
    summary: str
    dimensions: tuple[tuple[str, str], ...]
    rest: tuple[tuple[str, str], ...]
    source: str

    @property
    def size(self) -> int:
        """Characters of text, for deciding how to set it."""
        texts = [text for _name, text in (*self.dimensions, *self.rest)]
        return len(self.summary) + sum(len(text) for text in texts)


def columns_of(*columns: Column) -> tuple[Column, ...]:
    """The columns of a table."""
    return columns


Block = Heading | Paragraph | Points | Facts | Figure | Table | CaseStudy


@dataclass(frozen=True, slots=True)
class Cover:
    """The first page and the running header of a report."""

    programme: str
    title: str
    subtitle: str
    entries: tuple[tuple[str, str], ...]
    remark: str
    author: str
    as_of: date
    new_pages: bool = True  # whether a chapter starts on a new page where little of the page before is free
    statements: tuple[tuple[str, str], ...] = ()  # what senders say about their material: file, words


def figure(picture: Picture, source: str) -> Figure:
    """A drawn chart as a block."""
    return Figure(picture.name, picture.title, picture.alt, source, picture)


def row_ranges(rows: Iterable[int]) -> str:
    """Row numbers as ranges: 4–9、12."""
    spans: list[list[int]] = []
    for row in sorted(set(rows)):
        if spans and row == spans[-1][1] + 1:
            spans[-1][1] = row
        else:
            spans.append([row, row])
    return "、".join(f"{first}" if first == last else f"{first}–{last}" for first, last in spans)


def cited(sources: Iterable[SourceRow], *, limit: int = 2) -> str:
    """Files, sheets and rows a figure or table was made from; beyond ``limit`` sheets only how many there are."""
    sheets: dict[tuple[str, str], set[int]] = {}
    for source in sources:
        sheets.setdefault((source.file, source.sheet), set()).add(source.row)
    parts = []
    for (file, sheet), rows in sorted(sheets.items())[:limit]:
        place = f"{file}/{sheet}" if sheet else file
        parts.append(f"{place} 第 {row_ranges(rows)} 行")
    return "；".join(parts) + (f" 等 {len(sheets)} 张表" if len(sheets) > limit else "")


CASE_LONG = 900  # characters from which the four dimensions stand below each other and may break over pages


def _case(block: CaseStudy) -> dict[str, object]:
    return {
        "kind": "case",
        "name": block.name,
        "tags": block.tags,
        "summary": block.summary,
        "dimensions": [{"name": name, "text": text} for name, text in block.dimensions],
        "rest": [{"name": name, "text": text} for name, text in block.rest if text],
        "source": block.source,
        "long": block.size > CASE_LONG,
    }


TEXT_WIDTH = 459.0  # points between the margins of style.typ
CELL_INSET = 10.0
DIGIT_WIDTH = 4.9  # points, at the size of tables


def _room(share: float) -> int:
    """Digits that fit side by side in a column: only longer numbers and codes may break inside."""
    return max(1, int((TEXT_WIDTH * share - CELL_INSET) / DIGIT_WIDTH))


FULL_CHAPTER, PART = 100, 60  # mm that must be free for a heading to stand on the page


def _needs(blocks: Sequence[Block], place: int, *, new_pages: bool) -> int:
    """Millimetres that must be free below a heading; a chapter of a sentence or two needs little."""
    heading = blocks[place]
    if not (isinstance(heading, Heading) and heading.level == 1 and new_pages):
        return PART
    chapter: list[Block] = []
    for block in blocks[place + 1 :]:
        if isinstance(block, Heading) and block.level == 1:
            break
        chapter.append(block)
    return PART if len(chapter) < 3 and all(isinstance(block, Paragraph) for block in chapter) else FULL_CHAPTER


def _described(block: Block, number: int) -> dict[str, object]:
    match block:
        case Heading():
            return {"kind": "heading", "text": block.text, "level": block.level}
        case Paragraph():
            return {"kind": "paragraph", "text": block.text, "source": block.source}
        case Points():
            return {"kind": "points", "items": list(block.items)}
        case Facts():
            items = [{"label": item.label, "value": item.value, "note": item.note} for item in block.items]
            return {"kind": "facts", "items": items}
        case Figure():
            words = {"caption": block.caption, "alt": block.alt, "source": block.source}
            return {"kind": "figure", "name": f"{number}", "number": number, **words}
        case Table():
            total = sum(c.width for c in block.columns)
            columns = [
                {"header": c.header, "width": c.width, "align": c.align, "room": _room(c.width / total)}
                for c in block.columns
            ]
            rows = [list(row) for row in block.rows]
            words = {"caption": block.caption, "source": block.source}
            return {"kind": "table", "columns": columns, "rows": rows, "number": number, **words}
        case CaseStudy():
            return _case(block)


def to_pdf(cover: Cover, blocks: Sequence[Block]) -> bytes:
    """Set the report as PDF: cover, contents with page numbers, chapters.

    Raises:
        MissingExtra: the ``paper`` extra is not installed.
        PaperError: the template is at fault.
    """
    numbers = {Figure: 0, Table: 0}
    described: list[dict[str, object]] = []
    figures: dict[str, str] = {}
    for place, block in enumerate(blocks):
        kind = type(block)
        if kind in numbers:
            numbers[kind] += 1
        entry = _described(block, numbers.get(kind, 0))
        if kind is Heading:
            entry["needs"] = _needs(blocks, place, new_pages=cover.new_pages)
        described.append(entry)
        if isinstance(block, Figure):
            figures[str(numbers[Figure])] = block.picture.svg
    data = {
        "programme": cover.programme,
        "title": cover.title,
        "subtitle": cover.subtitle,
        "author": cover.author,
        "cover": [{"label": label, "value": value} for label, value in cover.entries if value],
        "remark": cover.remark,
        "statements": [{"file": file, "words": words} for file, words in cover.statements],
        "blocks": described,
    }
    return render("report.typ", data, figures, as_of=cover.as_of)


def chinese_number(number: int) -> str:
    """1–99 in Chinese numerals."""
    digits = "零一二三四五六七八九"
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{digits[tens]}十"
    return head + (digits[ones] if ones or not tens else "")
