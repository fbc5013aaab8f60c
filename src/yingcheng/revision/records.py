"""What a draft consists of, what a person made of it, and what became of each change.

A draft is a list of items: lines (headings, paragraphs, captions, source lines), grids (tables) and images. Each has a
key that stays the same when the facts change, so that a change can be found again in the next draft.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

__all__ = [
    "Change",
    "Credit",
    "EditedGrid",
    "EditedImage",
    "EditedItem",
    "EditedLine",
    "EditedRow",
    "Edition",
    "Grid",
    "Image",
    "Item",
    "Kind",
    "Line",
    "Note",
    "Row",
    "Words",
]


@dataclass(frozen=True, slots=True)
class Credit:
    """Who changed something and on which day; empty where the document does not say."""

    by: str = ""
    at: str = ""  # 2026-05-20

    def __str__(self) -> str:
        return " ".join(part for part in (self.by, self.at) if part)


class Kind(StrEnum):
    """What a person did."""

    CHANGED = "changed"
    ADDED = "added"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Note:
    """What a person did to one text, and what the programme would say there now."""

    kind: Kind
    credit: Credit
    generated: str = ""
    basis: str = ""  # fingerprint of the generated text that was changed or deleted
    moved: bool = False  # the generated text is another one now: the facts have changed under the edit
    rivals: tuple[tuple[str, Credit], ...] = ()  # what other edited copies say in the same place


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph. ``style`` is body, point, heading1–heading3, title, subtitle, figure, table (captions) or note."""

    key: str
    text: str
    style: str = "body"
    note: Note | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A table row; ``notes`` has one entry per cell, or none at all. An added row has its ``note``."""

    key: str
    cells: tuple[str, ...]
    notes: tuple[Note | None, ...] = ()
    note: Note | None = None


@dataclass(frozen=True, slots=True)
class Grid:
    """A table with its header as first row. ``note`` where a person rebuilt it and it is kept as a whole."""

    key: str
    rows: tuple[Row, ...]
    note: Note | None = None


@dataclass(frozen=True, slots=True)
class Image:
    """The place of a picture."""

    key: str


Item: TypeAlias = Line | Grid | Image


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a person, for the list of changes: where, what stands there now."""

    place: str
    text: str
    note: Note


@dataclass(frozen=True, slots=True)
class Words:
    """A text in an edited copy. ``edited``: a person's words, standing on the generated text ``basis``."""

    text: str
    edited: bool = False
    credit: Credit = Credit()
    basis: str = ""


@dataclass(frozen=True, slots=True)
class EditedLine:
    """A paragraph of an edited copy; ``mark`` is empty where a person added it."""

    mark: str
    words: Words
    style: str


@dataclass(frozen=True, slots=True)
class EditedRow:
    """A table row of an edited copy."""

    mark: str
    cells: tuple[Words, ...]
    credit: Credit = Credit()


@dataclass(frozen=True, slots=True)
class EditedGrid:
    """A table of an edited copy. ``rebuilt``: columns were added or taken away."""

    mark: str
    rows: tuple[EditedRow, ...]
    rebuilt: bool = False
    credit: Credit = Credit()


@dataclass(frozen=True, slots=True)
class EditedImage:
    """A picture of ours that is still there."""

    mark: str


EditedItem: TypeAlias = EditedLine | EditedGrid | EditedImage


@dataclass(frozen=True, slots=True)
class Edition:
    """One edited copy of a draft.

    Attributes:
        file: what reports call it.
        sha256: of the file.
        items: its content from the top down.
        known: marks of everything the draft held when it was written, so that what is new can be told from what was
            deleted; ``None`` where that list was lost.
        deleted: marks of what is gone, with who and when, and the fingerprint of the text that went.
        takes_in: digests of the edited copies whose changes this one already holds.
        credit: who saved it last, and when.
        open_changes: tracked changes neither accepted nor rejected; they are read as accepted.
        pictures: pictures a person put in; they are not taken over.
    """

    file: str
    sha256: str
    items: tuple[EditedItem, ...]
    known: frozenset[str] | None
    deleted: Mapping[str, tuple[Credit, str]] = field(default_factory=dict)
    takes_in: frozenset[str] = frozenset()
    credit: Credit = Credit()
    open_changes: int = 0
    pictures: int = 0

    @property
    def is_edited(self) -> bool:
        """Whether a person changed anything at all."""
        return bool(self.deleted) or any(map(_is_edited, self.items))


def _is_edited(item: EditedItem) -> bool:
    match item:
        case EditedLine():
            return item.words.edited
        case EditedGrid():
            return item.rebuilt or any(words.edited for row in item.rows for words in row.cells)
        case EditedImage():
            return False
