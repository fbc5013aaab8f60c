"""A report as a draft that people edit: blocks become keyed items, edited copies are merged in, and blocks come back.

The same merged draft is written as Word document, where every text is marked so that the next run finds it again,
and set as PDF. In Word a comment stands at each text whose facts have changed since it was edited; the PDF ends with a
table of all changes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from yingcheng.publish.blocks import Block, Cover, Facts, Figure, Heading, Paragraph, Points, Table, chinese_number
from yingcheng.publish.document import Column, Marking, OfficialDocument
from yingcheng.revision import (
    Anchor,
    Credit,
    Edition,
    Grid,
    Image,
    Item,
    Kind,
    Known,
    Line,
    Manifest,
    Merged,
    Note,
    Row,
    bookmark,
    fingerprint,
    mark_of,
    merge,
)

__all__ = ["Draft", "draft_of"]

HEADINGS = {1: "heading1", 2: "heading2", 3: "heading3"}
STANDS = "="  # the fingerprint of what has no text of its own: images, rows, tables
WHOLE = "whole"  # a table that a person rebuilt
TITLE, SUBTITLE, STATEMENT = "title", "subtitle", "statement"
VERBS = {Kind.CHANGED: "改", Kind.ADDED: "增", Kind.DELETED: "删"}


@dataclass(frozen=True, slots=True)
class Draft:
    """A report with everything people changed in it. ``originals`` are its figures and tables by key."""

    cover: Cover
    merged: Merged
    originals: dict[str, Figure | Table | Facts]
    generated: tuple[Item, ...]

    def to_document(self) -> OfficialDocument:
        """The Word document, every text of it marked."""
        return _Writer(self).document

    def to_blocks(self) -> tuple[Cover, list[Block]]:
        """Cover and blocks for the PDF, with the table of changes at the end."""
        lines = {item.key: item for item in self.merged.items if isinstance(item, Line)}
        said = (lines[key].text.partition("：") for key in lines if key.startswith(f"{STATEMENT}/"))
        statements = tuple((file, words) for file, _colon, words in said if words)
        title = lines[TITLE].text if TITLE in lines else self.cover.title
        cover = replace(self.cover, title=title, statements=statements)
        blocks = list(self._blocks(lines))
        return cover, _numbered(blocks) + self._changes()

    def _blocks(self, lines: dict[str, Line]) -> Iterator[Block]:
        points: list[str] = []
        for item in self.merged.items:
            if isinstance(item, Line) and item.style == "point":
                points.append(item.text)
                continue
            if points:
                yield Points(tuple(points))
                points = []
            block = self._block(item, lines)
            if block is not None:
                yield block
        if points:
            yield Points(tuple(points))

    def _block(self, item: Item, lines: dict[str, Line]) -> Block | None:
        if isinstance(item, Line):
            if item.style.startswith("heading") and not item.key.startswith(STATEMENT):
                return Heading(item.text, int(item.style[-1]))
            original = self.originals.get(item.key)
            if original is not None and item.note is None:
                return original  # key figures stand side by side while nobody has rewritten them
            source = lines[f"{item.key}/source"].text if f"{item.key}/source" in lines else ""
            elsewhere = item.style in (TITLE, SUBTITLE, "figure", "table", "note") or item.key.startswith(STATEMENT)
            return None if elsewhere else Paragraph(item.text, source=source)
        caption, source = (
            lines[part].text if part in lines else "" for part in (f"{item.key}/caption", f"{item.key}/source")
        )
        shown = self.originals.get(item.key)
        if isinstance(item, Image):
            return replace(shown, caption=caption, source=source) if isinstance(shown, Figure) else None
        head, *rows = item.rows
        columns = _columns(item, shown if isinstance(shown, Table) else None)
        named = tuple(replace(column, header=text) for column, text in zip(columns, head.cells, strict=True))
        return Table(caption, named, tuple(row.cells for row in rows), source)

    def _changes(self) -> list[Block]:
        changes = self.merged.changes
        if not changes:
            return []
        rows = tuple(
            (
                one.place or "—",
                VERBS[one.note.kind],
                one.text or "—",
                one.note.generated or "—",
                "\n".join(part for part in (one.note.credit.by, one.note.credit.at) if part) or "未注明",
                _remark(one.note) or "—",
            )
            for one in changes
        )
        columns = (
            Column("位置", 1.6),
            Column("", 0.4, "centre"),
            Column("现用文字（人工）", 2.8),
            Column("自动文字", 2.6),
            Column("修改人与日期", 1.5),
            Column("说明", 1.5),
        )
        moved = sum(one.note.moved for one in changes)
        words = f"本稿并入人工修改 {len(changes)} 处"
        words += f"，其中 {moved} 处的自动文字此后已有变化，请核对。" if moved else "。"
        return [
            Heading("附：人工修改对照"),
            Paragraph(words),
            Table("人工修改对照", columns, rows, "人工修改稿；“自动文字”为按现有材料生成的文字"),
        ]

    @property
    def summary(self) -> str:
        """How many changes were taken over, for the summary of the run."""
        changes = self.merged.changes
        if not changes:
            return ""
        moved = sum(one.note.moved for one in changes)
        return f"并入人工修改 {len(changes)} 处" + (f"，其中 {moved} 处的事实已变，请核对批注" if moved else "")


def _remark(note: Note) -> str:
    """What a reader has to know of a change beside the texts."""
    words = []
    if note.moved:
        words.append("修改后事实已变")
    if note.kind is Kind.CHANGED and not note.generated:
        words.append("自动文字不再生成")
    for text, credit in note.rivals:
        words.append(f"另一份修改稿（{credit or '未注明修改人'}）写作：{text}")
    return "；".join(words)


def _columns(grid: Grid, original: Table | None) -> tuple[Column, ...]:
    """The columns of the table as it was made, or even ones where a person rebuilt it."""
    cells = grid.rows[0].cells
    if original is not None and len(original.columns) == len(cells):
        return original.columns
    return tuple(Column(text) for text in cells)


def _numbered(blocks: Sequence[Block]) -> list[Block]:
    """Chapters and sections with their numbers: 一、 and （一）."""
    numbered: list[Block] = []
    chapter = section = 0
    for block in blocks:
        if isinstance(block, Heading) and block.level == 1:
            chapter, section = chapter + 1, 0
            numbered.append(replace(block, text=f"{chinese_number(chapter)}、{block.text}"))
        elif isinstance(block, Heading) and block.level == 2:
            section += 1
            numbered.append(replace(block, text=f"（{chinese_number(section)}）{block.text}"))
        else:
            numbered.append(block)
    return numbered


class _Keys:
    """Gives every block a key that depends on where it stands and what it is about, not on the figures in it."""

    def __init__(self) -> None:
        self._section: list[str] = []
        self._counts: Counter[str] = Counter()

    def heading(self, block: Heading) -> str:
        self._section = [*self._section[: block.level - 1], block.text]
        return self._once("/".join(self._section))

    def key(self, block: Block, kind: str) -> str:
        own = getattr(block, "key", "")
        return self._once("/".join([*self._section, f"{kind}:{own}"]))

    def _once(self, key: str) -> str:
        self._counts[key] += 1
        return key if self._counts[key] == 1 else f"{key}#{self._counts[key]}"


def _without_figures(text: str) -> str:
    """A caption without the numbers in it, which change with the facts."""
    return re.sub(r"（[^（）]*\d[^（）]*）|\d[\d.,%]*", "", text)


def _row_key(cells: Sequence[str], by: Sequence[int]) -> str:
    """What a row is about: the columns the table names, else its first cell that is no number."""
    if by:
        return "|".join(cells[column] for column in by)
    return next((cell for cell in cells if not re.fullmatch(r"[\d.,%\s—-]*", cell)), "|".join(cells))


def _rows(key: str, table: Table) -> tuple[Row, ...]:
    counts: Counter[str] = Counter()
    rows = [Row(f"{key}/head", tuple(column.header for column in table.columns))]
    for cells in table.rows:
        name = _row_key(cells, table.by)
        counts[name] += 1
        again = f"#{counts[name]}" if counts[name] > 1 else ""
        rows.append(Row(f"{key}/row:{name}{again}", cells))
    return tuple(rows)


def draft_of(cover: Cover, blocks: Sequence[Block], editions: Sequence[Edition]) -> Draft:
    """The report as a draft with the changes of all edited copies."""
    items: list[Item] = [Line(TITLE, cover.title, TITLE)]
    subtitle = "　".join(value for _label, value in cover.entries if value)
    if subtitle:
        items.append(Line(SUBTITLE, subtitle, SUBTITLE))
    if cover.statements:
        items.append(Line(STATEMENT, "材料声明", "heading3"))
        items += [Line(f"{STATEMENT}/{file}/{words}", f"{file}：{words}") for file, words in cover.statements]
    originals: dict[str, Figure | Table | Facts] = {}
    keys = _Keys()
    for block in blocks:
        match block:
            case Heading():
                items.append(Line(keys.heading(block), block.text, HEADINGS[block.level]))
            case Paragraph():
                key = keys.key(block, "paragraph")
                lines = [line.strip() for line in block.text.splitlines() if line.strip()]
                items += [Line(f"{key}/{n}" if n else key, line) for n, line in enumerate(lines)]
                items += [Line(f"{key}/source", block.source, "note")] if block.source else []
            case Points():
                key = keys.key(block, "points")
                items += [Line(f"{key}/{_without_figures(item)}", item, "point") for item in dict.fromkeys(block.items)]
            case Facts():
                key = keys.key(block, "facts")
                originals[key] = block
                items.append(Line(key, "；".join(f"{item.label} {item.value}" for item in block.items) + "。"))
            case Figure():
                key = keys.key(block, f"figure:{block.name}")
                originals[key] = block
                items += [Image(key), Line(f"{key}/caption", block.caption, "figure")]
                items += [Line(f"{key}/source", block.source, "note")] if block.source else []
            case Table():
                key = keys.key(block, f"table:{_without_figures(block.caption)}")
                originals[key] = block
                items += [Line(f"{key}/caption", block.caption, "table"), Grid(key, _rows(key, block))]
                items += [Line(f"{key}/source", block.source, "note")] if block.source else []
            case _:
                raise TypeError(f"{type(block).__name__} has no place in a draft")
    return Draft(cover, merge(items, editions), originals, tuple(items))


class _Writer:
    """Writes a draft as Word document and keeps the list of what it wrote."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._generated = {mark_of(item.key): item for item in draft.generated}
        self._known: list[Known] = []
        self._chapter = self._section = 0
        items = draft.merged.items
        cover = draft.cover
        title = next((item for item in items if isinstance(item, Line) and item.style == TITLE), None)
        title = title or Line(TITLE, cover.title, TITLE)  # a document has a title, even if a person took it out
        self.document = OfficialDocument(
            title.text, as_of=cover.as_of, author=cover.author, marking=self._marking(title)
        )
        for item in items:
            if isinstance(item, Line):
                self._line(item)
            elif isinstance(item, Grid):
                self._grid(item)
            else:
                self._image(item)
        self._left_out()
        self.document.attach(Manifest(tuple(self._known), draft.merged.takes_in).to_xml())

    # -- lines

    def _marking(self, line: Line) -> Marking:
        """The bookmark of a line, the comment where its facts have changed, and its entry in the list."""
        mark, written = mark_of(line.key), fingerprint(line.text)
        self._known.append(_known(mark, line.style, written, line.note))
        return Marking(bookmark(Anchor(mark, written, person=line.note is not None)), _comment(line.note))

    def _line(self, line: Line) -> None:
        document = self.document
        if line.style == TITLE:
            return
        marking = self._marking(line)
        match line.style:
            case "subtitle":
                document.subtitle(line.text, marking=marking)
            case "heading1":
                self._chapter, self._section = self._chapter + 1, 0
                document.heading(f"{chinese_number(self._chapter)}、{line.text}", 1, marking=marking)
            case "heading2":
                self._section += 1
                document.heading(f"（{chinese_number(self._section)}）{line.text}", 2, marking=marking)
            case "heading3":
                document.heading(line.text, 3, marking=marking)
            case "figure":
                document.caption("图", line.text, keep=True, marking=marking)
            case "table":
                document.caption("表", line.text, keep=True, marking=marking)
            case "note":
                document.source(line.text, marking=marking)
            case _:
                document.paragraph(" ".join(line.text.split()), marking=marking)

    # -- pictures and tables

    def _image(self, image: Image) -> None:
        original = self._draft.originals.get(image.key)
        if isinstance(original, Figure):
            mark = mark_of(image.key)
            self._known.append(Known(mark, "image", STANDS, STANDS, STANDS))
            marking = Marking(bookmark(Anchor(mark, fingerprint(""))))
            self.document.picture(original.picture.png(), alt=original.alt, marking=marking)

    def _grid(self, grid: Grid) -> None:
        original = self._draft.originals.get(grid.key)
        added = grid.note is not None and grid.note.kind is Kind.ADDED
        generated = "" if added else STANDS
        whole = WHOLE if grid.note is not None else generated
        credit = grid.note.credit if grid.note is not None else Credit()
        self._known.append(Known(mark_of(grid.key), "grid", generated, whole, generated, credit))
        markings = [self._row(row, person=grid.note) for row in grid.rows]
        columns = _columns(grid, original if isinstance(original, Table) else None)
        self.document.grid(columns, [row.cells for row in grid.rows], markings=markings)

    def _row(self, row: Row, *, person: Note | None) -> list[Marking]:
        mark = mark_of(row.key)
        whole = person or row.note
        generated = "" if whole is not None else STANDS
        self._known.append(Known(mark, "row", generated, STANDS, generated, whole.credit if whole else Credit()))
        markings = []
        for column, text in enumerate(row.cells):
            note = row.notes[column] if row.notes else None
            if whole is not None:
                note = Note(Kind.ADDED, whole.credit)
            written = fingerprint(text)
            self._known.append(_known(f"{mark}.c{column}", "cell", written, note))
            name = bookmark(Anchor(mark, written, column, note is not None))
            markings.append(Marking(name, _comment(note)))
        return markings

    # -- what a person deleted

    def _left_out(self) -> None:
        """What is generated but was deleted by a person stands in the list, so that it stays away."""
        written = {one.mark for one in self._known}
        for item in self._draft.generated:
            self._missing(mark_of(item.key), item, written)
            if isinstance(item, Grid):
                for row in item.rows:
                    self._missing(mark_of(row.key), row, written)
        # Facts may bring back what nobody generates at present.
        for mark, (credit, basis) in self._draft.merged.gone.items():
            if mark not in {one.mark for one in self._known}:
                self._known.append(Known(mark, "body", basis, basis, basis, credit, gone=True))

    def _missing(self, mark: str, item: Item | Row, written: set[str]) -> None:
        if mark not in written:
            generated = fingerprint(item.text) if isinstance(item, Line) else STANDS
            style = item.style if isinstance(item, Line) else type(item).__name__.lower()
            credit, basis = self._draft.merged.gone.get(mark, (Credit(), generated))
            self._known.append(Known(mark, style, generated, generated, basis, credit, gone=True))


def _known(mark: str, style: str, written: str, note: Note | None) -> Known:
    if note is None:
        return Known(mark, style, written, written, written)
    generated = fingerprint(note.generated) if note.kind is Kind.CHANGED else ""
    return Known(mark, style, generated, written, note.basis, note.credit)


def _comment(note: Note | None) -> str:
    """What stands beside a changed text in Word: only where there is something to decide."""
    if note is None:
        return ""
    words = []
    if note.moved:
        whose = f"（{note.credit}）" if str(note.credit) else ""
        words.append(f"人工修改{whose}之后事实已变。按现有材料自动生成的文字为：\n{note.generated}")
        words.append("如改用自动文字，请把它粘贴到正文；不改则保留您的文字。")
    for text, credit in note.rivals:
        words.append(f"另一份修改稿（{credit or '未注明修改人'}）此处写作：\n{text}")
    return "\n".join(words)
