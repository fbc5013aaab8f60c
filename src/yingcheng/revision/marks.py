"""Whether a document is one of ours; light enough for the process that opens files."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["DRAFT", "is_draft"]

DRAFT = "urn:yingcheng:draft:1"
"""The name space of the list of texts inside a draft."""

_BOOKMARK = b'"_yc_'


def is_draft(parts: Mapping[str, bytes]) -> bool:
    """Whether a document, given as part name → content, carries our marks: the list of its texts, or a bookmark."""
    listed = any(name.startswith("customXml/") and DRAFT.encode() in content for name, content in parts.items())
    return listed or _BOOKMARK in parts.get("word/document.xml", b"")
