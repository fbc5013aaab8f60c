"""Brings what people changed in earlier drafts into a newly generated one.

The order of the newest edited copy is kept, so that what was moved stays where it was put. A changed text stays as the
person wrote it; where the generated text has become another one meanwhile, the new one is noted beside. What a person
deleted stays away, what they added stays after its neighbour. What the programme says for the first time is put in
after the text it follows. Further edited copies are laid over the first: texts only they changed are taken, and where
two copies say different things the newer one stands and the other is noted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from yingcheng.revision.anchors import fingerprint, mark_of
from yingcheng.revision.records import (
    Change,
    Credit,
    EditedGrid,
    EditedImage,
    EditedItem,
    EditedLine,
    EditedRow,
    Edition,
    Grid,
    Image,
    Item,
    Kind,
    Line,
    Note,
    Row,
    Words,
)

__all__ = ["Merged", "heads", "merge"]

TITLES = frozenset({"heading1", "heading2", "heading3"})


def heads(editions: Sequence[Edition]) -> list[Edition]:
    """Edited copies whose changes no other one holds already, the newest first."""
    older = {digest for edition in editions for digest in edition.takes_in}
    once = {edition.sha256: edition for edition in editions if edition.sha256 not in older and edition.is_edited}
    return sorted(once.values(), key=lambda one: (one.credit.at, one.sha256), reverse=True)


class Merged:
    """The merged draft: ``items`` as they are to be written, and ``changes`` in the order of the document.

    ``takes_in`` are the digests of all edited copies whose changes are in it, ``gone`` the marks of what they left out.
    """

    def __init__(
        self,
        items: Sequence[Item],
        deleted: Sequence[Change] = (),
        takes_in: Sequence[str] = (),
        gone: Mapping[str, tuple[Credit, str]] | None = None,
    ) -> None:
        self.items = tuple(items)
        self.takes_in = tuple(takes_in)
        self.deleted = tuple(deleted)
        self.gone = dict(gone or {})

    @property
    def changes(self) -> tuple[Change, ...]:
        """Everything people changed, added and deleted."""
        found: list[Change] = []
        section = caption = ""
        for item in self.items:
            if isinstance(item, Line):
                section = item.text if item.style in TITLES else section
                caption = item.text if item.style == "table" else caption
                if item.note is not None:
                    found.append(Change(section, item.text, item.note))
            elif isinstance(item, Grid):
                found += _changes_in(item, caption or section)
        return (*found, *self.deleted)


def _changes_in(grid: Grid, where: str) -> list[Change]:
    found = []
    if grid.note is not None:
        found.append(Change(where, "", grid.note))
    header = grid.rows[0].cells if grid.rows else ()
    for row in grid.rows:
        name = next((cell for cell in row.cells if not cell.strip().isdigit()), "")
        if row.note is not None:
            found.append(Change(where, "　".join(row.cells), row.note))
        for column, note in enumerate(row.notes):
            if note is not None:
                head = header[column] if column < len(header) else ""
                place = "—".join(part for part in (where, name, head) if part)
                found.append(Change(place, row.cells[column], note))
    return found


def merge(generated: Sequence[Item], editions: Sequence[Edition]) -> Merged:
    """The generated draft with the changes of all editions; without editions the draft itself."""
    chain = heads(editions)
    if not chain:
        return Merged(generated)
    current = _Generated(generated)
    items, deleted = current.in_order_of(chain[0]), current.deletions(chain[0])
    for edition in chain[1:]:
        items = current.overlaid(items, edition)
        deleted += [one for one in current.deletions(edition) if one not in deleted]
        items = _without(items, set(edition.deleted))
    takes_in = sorted({digest for one in chain for digest in (one.sha256, *one.takes_in)})
    gone = {mark: one for edition in reversed(chain) for mark, one in edition.deleted.items()}
    return Merged(items, deleted, takes_in, gone)


def _without(items: Sequence[Item], gone: set[str]) -> list[Item]:
    """Items and rows that nobody else changed, without those that are gone."""
    left: list[Item] = []
    for item in items:
        if _mark(item) in gone and _note(item) is None:
            continue
        if isinstance(item, Grid):
            item = replace(item, rows=tuple(r for r in item.rows if mark_of(r.key) not in gone or any(r.notes)))  # noqa: PLW2901
        left.append(item)
    return left


def _mark(item: Item) -> str:
    return mark_of(item.key)


def _note(item: Item) -> Note | None:
    return None if isinstance(item, Image) else item.note


def _added(text: str, style: str, credit: Credit, generated: str = "") -> Line:
    return Line(f"added/{fingerprint(text)}", text, style, Note(Kind.ADDED, credit, generated))


def _text(words: Words, generated: str) -> tuple[str, Note | None]:
    """What stands in the place of a generated text, and the note that says whose words they are."""
    if not words.edited or fingerprint(words.text) == fingerprint(generated):
        return generated, None
    moved = words.basis not in ("", fingerprint(generated))
    return words.text, Note(Kind.CHANGED, words.credit, generated, words.basis or fingerprint(generated), moved)


class _Generated:
    """The newly generated draft, with its items found by their marks."""

    def __init__(self, items: Sequence[Item]) -> None:
        self.items = tuple(items)
        self.by_mark = {_mark(item): item for item in items}
        self.rows = {mark_of(row.key): (item, row) for item in items if isinstance(item, Grid) for row in item.rows}

    # -- the newest copy gives the order

    def in_order_of(self, edition: Edition) -> list[Item]:
        """All items in the order of the edited copy, what is new put in after the item it follows."""
        placed: list[Item] = []
        for item in edition.items:
            found = self._item(item, edition)
            if found is not None:
                placed.append(found)
        return self._with_new(placed, self._known(edition))

    def _known(self, edition: Edition) -> set[str]:
        """Marks of what the edited copy showed or had shown; without its list, what it still holds."""
        if edition.known is not None:
            return set(edition.known)
        held = {item.mark for item in edition.items}
        rows = {row.mark for item in edition.items if isinstance(item, EditedGrid) for row in item.rows}
        return held | rows | {_mark(self.rows[mark][0]) for mark in rows if mark in self.rows}

    def _item(self, item: EditedItem, edition: Edition) -> Item | None:
        match item:
            case EditedImage():
                ours = self.by_mark.get(item.mark)
                return ours if isinstance(ours, Image) else None
            case EditedLine():
                return self._line(item)
            case EditedGrid():
                return self._grid(item, edition)

    def _line(self, line: EditedLine) -> Item | None:
        ours = self.by_mark.get(line.mark) if line.mark else None
        if not isinstance(ours, Line):
            return _added(line.words.text, line.style, line.words.credit) if line.words.edited else None
        text, note = _text(line.words, ours.text)
        if line.words.edited and line.style != ours.style and note is None:
            note = Note(Kind.CHANGED, line.words.credit, ours.text, fingerprint(ours.text))
        return replace(ours, text=text, note=note, style=line.style if note is not None else ours.style)

    def _grid(self, grid: EditedGrid, edition: Edition) -> Item | None:
        ours = self.by_mark.get(grid.mark) if grid.mark else None
        if ours is None:  # the list of texts was lost: any of its rows says which table it is
            ours = next((self.rows[row.mark][0] for row in grid.rows if row.mark in self.rows), None)
        if not isinstance(ours, Grid):
            return self._kept_whole(grid, f"added/{fingerprint(_said(grid))}", Kind.ADDED) if _edited(grid) else None
        rebuilt = any(row.mark in self.rows and len(row.cells) != len(ours.rows[0].cells) for row in grid.rows)
        if grid.rebuilt or rebuilt:
            return self._kept_whole(grid, ours.key, Kind.CHANGED)
        rows = [row for one in grid.rows if (row := self._row(one, ours)) is not None]
        return replace(ours, rows=tuple(self._with_new_rows(rows, ours, self._known(edition))))

    @staticmethod
    def _kept_whole(grid: EditedGrid, key: str, kind: Kind) -> Grid:
        rows = tuple(
            Row(f"{key}/{place}", tuple(words.text for words in row.cells)) for place, row in enumerate(grid.rows)
        )
        return Grid(key, rows, Note(kind, grid.credit))

    def _row(self, row: EditedRow, grid: Grid) -> Row | None:
        found = self.rows.get(row.mark) if row.mark else None
        if found is None or found[0].key != grid.key:
            if any(words.edited for words in row.cells):
                cells = tuple(words.text for words in row.cells)
                credit = next((words.credit for words in row.cells if words.credit.by), row.credit)
                return Row(f"{grid.key}/added/{fingerprint(' '.join(cells))}", cells, (), Note(Kind.ADDED, credit))
            return None
        ours = found[1]
        cells, notes = zip(
            *(_text(words, text) for words, text in zip(row.cells, ours.cells, strict=True)), strict=True
        )
        return replace(ours, cells=cells, notes=notes if any(notes) else ())

    def _with_new(self, placed: list[Item], known: set[str]) -> list[Item]:
        """Items the edited copy had never seen, each after the item it follows in the generated draft."""
        before = ""
        for item in self.items:
            if _mark(item) not in known:
                at = next((n for n, one in enumerate(placed) if _mark(one) == before), -1)
                placed.insert(at + 1, item)
            if any(_mark(one) == _mark(item) for one in placed):
                before = _mark(item)
        return placed

    @staticmethod
    def _with_new_rows(rows: list[Row], ours: Grid, known: set[str]) -> list[Row]:
        before = ""
        for row in ours.rows:
            if mark_of(row.key) not in known:
                at = next((n for n, one in enumerate(rows) if one.key == before), -1)
                rows.insert(at + 1, row)
            if any(one.key == row.key for one in rows):
                before = row.key
        return rows

    # -- further copies are laid over

    def overlaid(self, items: list[Item], edition: Edition) -> list[Item]:
        """``items`` with the changes of one more edited copy."""
        theirs = {_mark(item): item for item in self.in_order_of(edition)}
        merged = [self._over(item, theirs[_mark(item)]) if _mark(item) in theirs else item for item in items]
        before = ""
        for mark, item in theirs.items():
            there = next((n for n, one in enumerate(merged) if _mark(one) == mark), None)
            note = _note(item)
            if there is None and note is not None and note.kind is Kind.ADDED:
                at = next((n for n, one in enumerate(merged) if _mark(one) == before), len(merged) - 1)
                merged.insert(at + 1, item)
            before = mark
        return merged

    @staticmethod
    def _over(item: Item, other: Item) -> Item:
        match item, other:
            case Line(), Line():
                text, note = _both((item.text, item.note), (other.text, other.note))
                return replace(item, text=text, note=note, style=item.style if item.note else other.style)
            case Grid(), Grid():
                return _grids(item, other)
            case _:
                return item

    # -- what is gone

    def deletions(self, edition: Edition) -> list[Change]:
        """What the edited copy left out of what would be generated now."""
        found = []
        section = ""
        gone: Mapping[str, tuple[Credit, str]] = edition.deleted
        for item in self.items:
            if isinstance(item, Line) and item.style in TITLES:
                section = item.text
            if _mark(item) in gone:
                found.append(self._deletion(section, _shown(item), *gone[_mark(item)]))
            elif isinstance(item, Grid):
                found += [
                    self._deletion(section, "　".join(row.cells), *gone[mark_of(row.key)], whole=False)
                    for row in item.rows
                    if mark_of(row.key) in gone
                ]
        return found

    @staticmethod
    def _deletion(section: str, text: str, credit: Credit, basis: str, *, whole: bool = True) -> Change:
        moved = whole and len(basis) > 1 and basis != fingerprint(text)
        return Change(section, "", Note(Kind.DELETED, credit, text, basis, moved))


def _shown(item: Item) -> str:
    match item:
        case Line():
            return item.text
        case Grid():
            return "（整表）"
        case Image():
            return "（图）"


def _said(grid: EditedGrid) -> str:
    return " ".join(words.text for row in grid.rows for words in row.cells)


def _edited(grid: EditedGrid) -> bool:
    return grid.rebuilt or any(words.edited for row in grid.rows for words in row.cells)


def _both(first: tuple[str, Note | None], second: tuple[str, Note | None]) -> tuple[str, Note | None]:
    """Of two texts for one place the edited one; of two edited ones the first, the other noted."""
    (text, note), (other, their) = first, second
    if note is None or their is None:
        return second if note is None and their is not None else first
    if fingerprint(text) == fingerprint(other):
        return first
    return text, replace(note, rivals=(*note.rivals, (other, their.credit)))


def _grids(grid: Grid, other: Grid) -> Grid:
    if grid.note is not None or other.note is not None:
        return grid if grid.note is not None else other
    theirs = {row.key: row for row in other.rows}
    rows = [_rows(row, theirs[row.key]) if row.key in theirs else row for row in grid.rows]
    before = ""
    for row in other.rows:
        if row.note is not None and all(one.key != row.key for one in rows):
            at = next((n for n, one in enumerate(rows) if one.key == before), len(rows) - 1)
            rows.insert(at + 1, row)
        before = row.key
    return replace(grid, rows=tuple(rows))


def _rows(row: Row, other: Row) -> Row:
    if not other.notes:
        return row
    notes = row.notes or (None,) * len(row.cells)
    pairs = zip(zip(row.cells, notes, strict=True), zip(other.cells, other.notes, strict=True), strict=True)
    cells, merged = zip(*(_both(mine, theirs) for mine, theirs in pairs), strict=True)
    return replace(row, cells=cells, notes=merged)
