"""What people change in a document we wrote, and how it gets into the next one."""

from yingcheng.revision.anchors import Anchor, Known, Manifest, bookmark, fingerprint, mark_of
from yingcheng.revision.marks import is_draft
from yingcheng.revision.merging import Merged, heads, merge
from yingcheng.revision.reading import read_edition
from yingcheng.revision.records import Change, Credit, Edition, Grid, Image, Item, Kind, Line, Note, Row

__all__ = [
    "Anchor",
    "Change",
    "Credit",
    "Edition",
    "Grid",
    "Image",
    "Item",
    "Kind",
    "Known",
    "Line",
    "Manifest",
    "Merged",
    "Note",
    "Row",
    "bookmark",
    "fingerprint",
    "heads",
    "is_draft",
    "mark_of",
    "merge",
    "read_edition",
]
