"""Reads an edited copy of a draft: what is still as we wrote it, what a person changed, added or deleted.

A bookmark that survived says which text a paragraph is. Where somebody typed a whole paragraph anew the bookmark is
gone: the paragraph then stands for the text that is missing between the same neighbours. Element names are those of
ISO/IEC 29500-1, 17.3–17.13. Tracked changes that are still open are read as accepted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring

from yingcheng.revision.anchors import Anchor, Known, Manifest, anchor_of, bare, fingerprint
from yingcheng.revision.records import (
    Credit,
    EditedGrid,
    EditedImage,
    EditedItem,
    EditedLine,
    EditedRow,
    Edition,
    Words,
)

__all__ = ["read_edition"]

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
STRICT = b"http://purl.oclc.org/ooxml/wordprocessingml/main"  # the same names, when saved as "Strict Open XML"
A_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}blip"
WRAPPERS = frozenset(
    W + name for name in ("sdt", "sdtContent", "customXml", "smartTag", "ins", "moveTo", "hyperlink", "body")
)
BREAKS = {W + "tab": " ", W + "br": "\n", W + "cr": "\n", W + "noBreakHyphen": "-"}
UNSEEN = frozenset(
    {W + "del", W + "moveFrom", W + "pPr", W + "rPr", W + "txbxContent"}
    | {"{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"}
)
TRACKED = frozenset({W + "ins", W + "del", W + "moveFrom", W + "moveTo"})
STYLES = {"heading 1": "heading1", "heading 2": "heading2", "heading 3": "heading3", "title": "title"} | {
    "subtitle": "subtitle", "caption": "caption", "note": "note",
}  # fmt: skip
DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(slots=True)
class _Text:
    """A paragraph or cell as it stands there."""

    text: str
    anchors: list[Anchor]
    credit: Credit = field(default_factory=Credit)
    style: str = "body"
    image: bool = False
    mark: str = ""


@dataclass(slots=True)
class _Table:
    rows: list[tuple[list[_Text], Credit]]
    marks: list[str] = field(default_factory=list)  # of the rows
    mark: str = ""


_Raw = _Text | _Table


def _inside(element: Element, wanted: frozenset[str]) -> Iterator[Element]:
    """The ``wanted`` elements of a container in order, looking through content controls and tracked insertions."""
    for child in element:
        if child.tag in wanted:
            yield child
        elif child.tag in WRAPPERS:
            yield from _inside(child, wanted)


def _said(element: Element) -> str:
    """The text a reader sees, open deletions left out."""
    pieces: list[str] = []
    for child in element:
        if child.tag == W + "t":
            pieces.append(child.text or "")
        elif child.tag in BREAKS:
            pieces.append(BREAKS[child.tag])
        elif child.tag not in UNSEEN:
            pieces.append(_said(child))
    return "".join(pieces)


def _credit(element: Element) -> Credit:
    """Who made the last tracked change inside, and when."""
    found = Credit()
    for change in element.iter():
        if change.tag in TRACKED:
            day = DAY.match(change.get(W + "date", ""))
            found = Credit(change.get(W + "author", ""), day[0] if day else "")
    return found


def _anchors(element: Element) -> list[Anchor]:
    names = (start.get(W + "name", "") for start in element.iter(W + "bookmarkStart"))
    return [anchor for anchor in map(anchor_of, names) if anchor is not None]


class _Document:
    """The content of one .docx: its blocks from the top down, and what is known about them."""

    def __init__(self, parts: Mapping[str, bytes]) -> None:
        xml = parts["word/document.xml"].replace(STRICT, W[1:-1].encode())
        body = fromstring(xml).find(W + "body")
        self.styles = self._styles(parts.get("word/styles.xml", b"").replace(STRICT, W[1:-1].encode()))
        self.pictures = 0
        self.open_changes = sum(1 for one in body.iter() if one.tag in TRACKED) if body is not None else 0
        self.blocks = list(self._blocks(body)) if body is not None else []
        listed = [content for name, content in sorted(parts.items()) if name.startswith("customXml/")]
        self.manifest = Manifest.from_xml(listed)
        self.saved = self._saved(parts.get("docProps/core.xml", b""))

    @staticmethod
    def _styles(xml: bytes) -> dict[str, str]:
        if not xml:
            return {}
        styles = {}
        for style in fromstring(xml).iter(W + "style"):
            name = style.find(W + "name")
            if name is not None:
                styles[style.get(W + "styleId", "")] = STYLES.get(name.get(W + "val", "").lower(), "body")
        return styles

    @staticmethod
    def _saved(xml: bytes) -> Credit:
        values = {child.tag.rpartition("}")[2]: (child.text or "").strip() for child in fromstring(xml)} if xml else {}
        day = DAY.match(values.get("modified", ""))
        by = values.get("lastModifiedBy", "")
        return Credit(by if by != values.get("creator") else "", day[0] if day else "")

    def _blocks(self, body: Element) -> Iterator[_Raw]:
        # A bookmark may stand between two paragraphs; it belongs to the one that follows.
        pending: list[Anchor] = []
        for block in _inside(body, frozenset({W + "p", W + "tbl", W + "bookmarkStart"})):
            if block.tag == W + "bookmarkStart":
                pending += [anchor for anchor in [anchor_of(block.get(W + "name", ""))] if anchor is not None]
            elif block.tag == W + "p":
                text = self._paragraph(block)
                text.anchors = pending + text.anchors
                pending = []
                yield text
            else:
                yield self._table(block)

    def _paragraph(self, paragraph: Element) -> _Text:
        named = paragraph.find(f"{W}pPr/{W}pStyle")
        style = self.styles.get(named.get(W + "val", ""), "body") if named is not None else "body"
        anchors = _anchors(paragraph)
        image = paragraph.find(f".//{A_DRAWING}") is not None
        if image and not anchors:
            self.pictures += 1
        return _Text(_said(paragraph).strip(), anchors, _credit(paragraph), style, image and bool(anchors))

    def _table(self, table: Element) -> _Table:
        rows = []
        for row in _inside(table, frozenset({W + "tr"})):
            if row.find(f"{W}trPr/{W}del") is not None:
                continue
            cells = []
            for cell in _inside(row, frozenset({W + "tc"})):
                paragraphs = [_said(one).strip() for one in cell.iter(W + "p")]
                text = "\n".join(line for line in paragraphs if line)
                cells.append(_Text(text, _anchors(cell), _credit(cell)))
                self.pictures += cell.find(f".//{A_DRAWING}") is not None
            inserted = row.find(f"{W}trPr/{W}ins")
            rows.append((cells, _credit(row) if inserted is not None else Credit()))
        return _Table(rows)


def _assign_lines(blocks: Sequence[_Raw], known: Mapping[str, Known]) -> None:
    """Say which of our lines each paragraph is: by its bookmark, else by its words, else by what is missing there."""
    taken: set[str] = set()
    lines = [block for block in blocks if isinstance(block, _Text)]
    for line in lines:
        line.mark = next((a.mark for a in line.anchors if a.column < 0 and a.mark not in taken), "")
        taken |= {line.mark} - {""}
    _follow_words(lines, known)
    lost = {
        mark: one
        for mark, one in known.items()
        if mark not in taken and one.style not in ("grid", "row", "cell", "image")
    }
    by_words: dict[str, list[str]] = {}
    for mark, one in lost.items():
        by_words.setdefault(one.written, []).append(mark)
    for line in lines:
        same = by_words.get(fingerprint(bare(line.text, line.style)), []) if not line.mark and line.text else []
        if same:
            line.mark = same.pop(0)
            del lost[line.mark]
    order = {mark: place for place, mark in enumerate(known)}
    missing = sorted((mark for mark, one in lost.items() if not one.gone), key=order.__getitem__)
    before = -1
    for place, line in enumerate(lines):
        if line.mark:
            before = order.get(line.mark, before)
            continue
        after = next((order[one.mark] for one in lines[place + 1 :] if one.mark in order), len(order))
        fitting = [m for m in missing if before < order[m] < after and _alike(lost[m].style, line.style)]
        if line.text and fitting and not line.image:
            line.mark = fitting[0]
            missing.remove(line.mark)
            before = order[line.mark]


def _follow_words(lines: Sequence[_Text], known: Mapping[str, Known]) -> None:
    """A bookmark gives way to the words it stood around.

    Who puts a new paragraph before another one, with the cursor at its first letter, gets the bookmark's beginning into
    the new one; the text we wrote then stands below, unmarked but unchanged.
    """
    unmarked = {fingerprint(bare(line.text, line.style)): line for line in lines if not line.mark and line.text}
    for line in lines:
        ours = known.get(line.mark)
        if ours is None or line.image or fingerprint(bare(line.text, ours.style)) == ours.written:
            continue
        other = unmarked.pop(ours.written, None)
        if other is not None and _alike(ours.style, other.style):
            other.mark, line.mark = line.mark, ""


def _alike(ours: str, theirs: str) -> bool:
    kinds = {"figure": "caption", "table": "caption", "point": "body"}
    return kinds.get(ours, ours) == kinds.get(theirs, theirs)


def _assign_tables(blocks: Sequence[_Raw], known: Mapping[str, Known]) -> None:
    """Say which of our rows and tables each row and table is; any cell that kept its bookmark speaks for its row."""
    owner: dict[str, str] = {}
    grid = ""
    for one in known.values():
        if one.style == "grid":
            grid = one.mark
        elif one.style == "row":
            owner[one.mark] = grid
    taken: set[str] = set()
    for table in blocks:
        if not isinstance(table, _Table):
            continue
        for cells, _credit_of_row in table.rows:
            marks = [a.mark for cell in cells for a in cell.anchors if a.column >= 0 and a.mark not in taken]
            mark = max(dict.fromkeys(marks), key=marks.count, default="")
            table.marks.append(mark)
            taken |= {mark} - {""}
        grids = [owner[mark] for mark in table.marks if mark in owner]
        table.mark = max(dict.fromkeys(grids), key=grids.count, default="") or next(filter(None, table.marks), "")
        _assign_rows(table, [mark for mark, of in owner.items() if of == table.mark and mark not in taken], owner)
        taken |= {*table.marks}


def _assign_rows(table: _Table, lost: list[str], owner: Mapping[str, str]) -> None:
    """A row all of whose cells were typed anew stands for the row that is missing between the same neighbours."""
    order = {mark: place for place, mark in enumerate(owner)}
    before = -1
    for place, mark in enumerate(table.marks):
        if mark:
            before = order.get(mark, before)
            continue
        after = next((order[one] for one in table.marks[place + 1 :] if one in order), len(order))
        fitting = [one for one in lost if before < order[one] < after]
        unmarked = sum(1 for one in table.marks[place:] if not one)
        if fitting and len(fitting) >= unmarked:  # else rows were added, and which one is which is anybody's guess
            table.marks[place] = fitting[0]
            lost.remove(fitting[0])
            before = order[fitting[0]]


def _words(text: str, mark: str, anchors: Sequence[Anchor], credit: Credit, context: _Context) -> Words:
    """Whether a text is ours, a person's from before, or a person's now."""
    known = context.known.get(mark)
    own = next((a for a in anchors if a.mark == mark.partition(".")[0]), None)
    credit = credit if credit.by or credit.at else context.saved
    if known is None:
        if own is None or own.fingerprint != fingerprint(text):
            return Words(text, True, credit, own.fingerprint if own and not own.person else "")
        return Words(text, own.person, Credit(), "")  # the list of texts was lost; the bookmark still speaks
    if fingerprint(text) != known.written:
        return Words(text, True, credit, known.generated)
    if known.written != known.generated:
        return Words(text, True, known.credit, known.basis)
    return Words(text)


@dataclass(frozen=True, slots=True)
class _Context:
    known: Mapping[str, Known]
    saved: Credit


def _line(block: _Text, context: _Context) -> EditedItem | None:
    known = context.known.get(block.mark)
    if block.image:
        return EditedImage(block.mark)
    if not block.text or (known is not None and known.style == "image"):
        return None
    if known is None and not block.mark:  # a person's own paragraph
        style = block.style if block.style.startswith("heading") else "body"
        credit = block.credit if block.credit.by else context.saved
        return EditedLine("", Words(bare(block.text, style), True, credit), style)
    style = known.style if known is not None and _alike(known.style, block.style) else block.style
    words = _words(bare(block.text, style), block.mark, block.anchors, block.credit, context)
    if known is not None and style != known.style and not words.edited:
        words = replace(words, edited=True, credit=block.credit, basis=known.generated)
    added = known is not None and not known.generated  # taken over from an earlier edited copy
    return EditedLine("" if added else block.mark, words, style)


def _grid(table: _Table, context: _Context) -> EditedGrid:
    rows = []
    widths = {mark.partition(".")[0]: 0 for mark in context.known if ".c" in mark}
    for mark in context.known:
        if ".c" in mark:
            widths[mark.partition(".")[0]] += 1
    owner = context.known.get(table.mark)
    rebuilt = owner is not None and owner.written != owner.generated  # as an earlier run took it over
    for (cells, credit), mark in zip(table.rows, table.marks, strict=True):
        rebuilt |= mark in widths and widths[mark] != len(cells)
        words = tuple(
            _words(cell.text, f"{mark}.c{place}", [a for a in cell.anchors if a.column == place], cell.credit, context)
            if mark
            else Words(cell.text, True, cell.credit if cell.credit.by else context.saved)
            for place, cell in enumerate(cells)
        )
        added = mark in context.known and not context.known[mark].generated
        rows.append(EditedRow("" if added else mark, words, credit if credit.by else context.saved))
    mark = "" if owner is not None and not owner.generated else table.mark
    return EditedGrid(
        mark, tuple(rows), rebuilt, owner.credit if owner is not None and owner.credit.at else context.saved
    )


def _deleted(
    manifest: Manifest, items: Sequence[EditedItem], blocks: Sequence[_Raw], saved: Credit
) -> dict[str, tuple[Credit, str]]:
    """What the draft held and the copy no longer does."""
    there = {item.mark for item in items if item.mark}
    there |= {row.mark for item in items if isinstance(item, EditedGrid) for row in item.rows if row.mark}
    there |= {block.mark for block in blocks if isinstance(block, _Text) and block.text and block.mark}
    gone: dict[str, tuple[Credit, str]] = {}
    for one in manifest.known:
        if one.gone and one.mark not in there:
            gone[one.mark] = (one.credit, one.basis)
        elif not one.gone and one.style != "cell" and one.generated and one.mark not in there:
            credit = next(
                (b.credit for b in blocks if isinstance(b, _Text) and b.mark == one.mark and b.credit.by), saved
            )
            gone[one.mark] = (credit, one.generated)
    return gone


def read_edition(parts: Mapping[str, bytes], *, file: str, sha256: str) -> Edition:
    """Read one edited copy.

    Args:
        parts: part name → content; at least ``word/document.xml``, with it styles, core properties and custom XML.
        file: what reports call it.
        sha256: of the file.
    """
    document = _Document(parts)
    known = {one.mark: one for one in document.manifest.known} if document.manifest else {}
    _assign_lines(document.blocks, known)
    _assign_tables(document.blocks, known)
    context = _Context(known, document.saved)
    items: list[EditedItem] = []
    for block in document.blocks:
        item = _grid(block, context) if isinstance(block, _Table) else _line(block, context)
        if item is not None:
            items.append(item)
    manifest = document.manifest
    return Edition(
        file=file,
        sha256=sha256,
        items=tuple(items),
        known=frozenset(known) if manifest else None,
        deleted=_deleted(manifest, items, document.blocks, document.saved) if manifest else {},
        takes_in=frozenset(manifest.takes_in) if manifest else frozenset(),
        credit=document.saved,
        open_changes=document.open_changes,
        pictures=document.pictures,
    )
