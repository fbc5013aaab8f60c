"""A small draft, and an officer who edits it with real tools."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any

from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.text.paragraph import Paragraph as WordParagraph

from yingcheng.publish.blocks import Block, Cover, Fact, Facts, Heading, Paragraph, Points, Table
from yingcheng.publish.document import Column
from yingcheng.publish.drafting import Draft, draft_of
from yingcheng.revision import Edition, read_edition

COLUMNS = (Column("项目"), Column("单位"), Column("投资（亿元）"))
COVER = Cover("某市（虚构）", "某市顶层策划", "", (("批次", "第一批"),), "", "策划组", date(2026, 5, 20), False)


@dataclass(frozen=True)
class City:
    """What the programme computes."""

    degree: str = "0.654"
    rank: str = "第 41 位"
    projects: tuple[tuple[str, str, str], ...] = (
        ("智慧公园", "住建局", "1.2"),
        ("旧厂改造", "规划局", "3.4"),
        ("水岸新城", "水务局", "5.6"),
    )
    gaps: tuple[str, ...] = ("缺少 2 项规上工业数据。", "没有企业覆盖的赛道：乡村振兴。")
    extra: tuple[str, ...] = ()


def blocks_of(facts: City) -> list[Block]:
    """The draft's content."""
    return [
        Heading("资源"),
        Paragraph("本次汇集场景机会与企业。", key="summary"),
        Facts((Fact("场景机会", "66 项"), Fact("企业", "40 家"))),
        Heading("定位"),
        Heading("诊断", 2),
        Paragraph(f"耦合协调度 {facts.degree}，列{facts.rank}。", key="position"),
        Paragraph("“产”子系统相对滞后。", key="lagging"),
        *(Paragraph(text, key=f"extra{number}") for number, text in enumerate(facts.extra)),
        Heading("项目", 2),
        Table("落地项目", COLUMNS, facts.projects, "台账.xlsx 第 3–5 行"),
        Heading("数据缺口"),
        Points(facts.gaps),
    ]


def make(facts: City = City(), editions: Sequence[Edition] = ()) -> Draft:  # frozen
    """The draft with the changes of the editions."""
    return draft_of(COVER, blocks_of(facts), editions)


def read(data: bytes, name: str = "修改稿.docx") -> Edition:
    """An edited copy as the programme reads it."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {part: archive.read(part) for part in archive.namelist() if part.endswith(".xml")}
    return read_edition(parts, file=name, sha256=sha256(data).hexdigest())


@dataclass
class Officer:
    """Edits a document with python-docx, as one would in an office program."""

    data: bytes
    name: str = "张三"
    day: datetime = field(default_factory=lambda: datetime(2026, 5, 25, tzinfo=UTC))

    def __post_init__(self) -> None:
        self.document: Any = Document(io.BytesIO(self.data))

    def paragraph(self, words: str) -> WordParagraph:
        """The paragraph with these words in it."""
        return next(p for p in self.document.paragraphs if words in p.text)

    def retype(self, words: str, text: str) -> Officer:
        """Change the words inside a paragraph: its bookmark stays."""
        _set(self.paragraph(words), text)
        return self

    def retype_wholly(self, words: str, text: str) -> Officer:
        """Select a whole paragraph and type: Word takes the bookmark away with the text."""
        paragraph = self.paragraph(words)
        _set(paragraph, text)
        for kind in ("bookmarkStart", "bookmarkEnd"):
            for element in paragraph._p.findall(qn(f"w:{kind}")):
                paragraph._p.remove(element)
        return self

    def add_before(self, words: str, text: str, style: str | None = None) -> Officer:
        self.paragraph(words).insert_paragraph_before(text, style=style)
        return self

    def delete(self, words: str) -> Officer:
        element = self.paragraph(words)._p
        element.getparent().remove(element)
        return self

    def move_before(self, words: str, before: str) -> Officer:
        self.paragraph(before)._p.addprevious(self.paragraph(words)._p)
        return self

    def cell(self, row: int, column: int, text: str, *, wholly: bool = False) -> Officer:
        paragraph = self.document.tables[0].rows[row].cells[column].paragraphs[0]
        _set(paragraph, text)
        if wholly:
            for kind in ("bookmarkStart", "bookmarkEnd"):
                for element in paragraph._p.findall(qn(f"w:{kind}")):
                    paragraph._p.remove(element)
        return self

    def add_row(self, after: int, *cells: str) -> Officer:
        row = self.document.tables[0].rows[after]._tr
        new = deepcopy(row)
        for element in list(new.iter(qn("w:bookmarkStart"), qn("w:bookmarkEnd"))):
            element.getparent().remove(element)
        row.addnext(new)
        for cell, text in zip(self.document.tables[0].rows[after + 1].cells, cells, strict=True):
            _set(cell.paragraphs[0], text)
        return self

    def delete_row(self, row: int) -> Officer:
        element = self.document.tables[0].rows[row]._tr
        element.getparent().remove(element)
        return self

    def track(self, words: str, inserted: str, by: str = "李四", day: str = "2026-05-23") -> Officer:
        """Replace a paragraph's text under tracked changes, left open."""
        paragraph = self.paragraph(words)
        old = paragraph.text
        for run in paragraph.runs:
            run._r.getparent().remove(run._r)
        stamp = f'w:author="{by}" w:date="{day}T09:30:00Z"'
        deleted = f'<w:del {nsdecls("w")} w:id="900" {stamp}><w:r><w:delText>{old}</w:delText></w:r></w:del>'
        added = f'<w:ins {nsdecls("w")} w:id="901" {stamp}><w:r><w:t>{inserted}</w:t></w:r></w:ins>'
        for xml in (deleted, added):
            paragraph._p.append(parse_xml(xml))
        return self

    def without(self, part: str) -> Officer:
        """Save with a program that drops the parts whose name holds ``part``."""
        data = self.save()
        target = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
            for name in old.namelist():
                if part not in name:
                    new.writestr(name, old.read(name))
        self.data = target.getvalue()
        return self

    def save(self) -> bytes:
        self.document.core_properties.last_modified_by = self.name
        self.document.core_properties.modified = self.day
        buffer = io.BytesIO()
        self.document.save(buffer)
        return buffer.getvalue()

    def edition(self, name: str = "修改稿.docx") -> Edition:
        return read(self.save(), name)


def _set(paragraph: Any, text: str) -> None:
    first, *rest = paragraph.runs
    first.text = text
    for run in rest:
        run._r.getparent().remove(run._r)


def lines(draft: Draft) -> list[str]:
    """The texts of the Word document from the top down, cells joined by |."""
    document: Any = Document(io.BytesIO(draft.to_document().to_bytes()))
    found = []
    for block in document.iter_inner_content():
        if isinstance(block, WordParagraph):
            found.append(block.text)
        else:
            found += ["|".join(cell.text for cell in row.cells) for row in block.rows]
    return [text for text in found if text]


def comments(draft: Draft) -> list[str]:
    """The comments of the Word document."""
    document: Any = Document(io.BytesIO(draft.to_document().to_bytes()))
    return [comment.text for comment in document.comments]


Edit = Callable[[Officer], Officer]
