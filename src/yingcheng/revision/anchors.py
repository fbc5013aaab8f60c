"""How a draft knows its own texts again: a bookmark around each, and a list of all of them inside the document.

A bookmark's name is ``_yc_<mark>_<fingerprint>``: the mark says which text it is, the fingerprint what it said when it
was written. Names that begin with ``_`` are hidden in Word and survive Word, WPS and LibreOffice. The list of all marks
is a custom XML part; it holds fingerprints only, never a text, so that what a person deleted is really gone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from xml.sax.saxutils import quoteattr

from defusedxml.ElementTree import ParseError, fromstring

from yingcheng.revision.marks import DRAFT
from yingcheng.revision.records import Credit

__all__ = ["Anchor", "Known", "Manifest", "anchor_of", "bare", "bookmark", "fingerprint", "mark_of"]

_NAME = re.compile(r"_yc_(?P<mark>[0-9a-f]{12})_(?P<print>[0-9a-f]{10})(?:_c(?P<column>\d+))?(?P<person>_o)?")
_NUMBERS = "[一二三四五六七八九十百]+"
_PREFIXES = {
    "heading1": re.compile(f"^{_NUMBERS}、"),
    "heading2": re.compile(f"^（{_NUMBERS}）"),
    "figure": re.compile(r"^图\s*\d+\s*"),
    "table": re.compile(r"^表\s*\d+\s*"),
    "caption": re.compile(r"^[图表]\s*\d+\s*"),
    "note": re.compile("^数据来源："),
}


def mark_of(key: str) -> str:
    """The mark of a key: twelve hexadecimal digits."""
    return sha256(key.encode()).hexdigest()[:12]


def fingerprint(text: str) -> str:
    """Ten hexadecimal digits of a text; white space does not count."""
    return sha256("".join(text.split()).encode()).hexdigest()[:10]


def bare(text: str, style: str) -> str:
    """The text without the number or label that its style puts before it."""
    prefix = _PREFIXES.get(style)
    return prefix.sub("", text.strip(), count=1) if prefix else text.strip()


@dataclass(frozen=True, slots=True)
class Anchor:
    """What the name of a bookmark says; ``column`` is -1 outside of tables, ``person`` for a person's words."""

    mark: str
    fingerprint: str
    column: int = -1
    person: bool = False


def bookmark(anchor: Anchor) -> str:
    """The bookmark's name, at most 40 characters as Word demands."""
    column = f"_c{anchor.column}" if anchor.column >= 0 else ""
    return f"_yc_{anchor.mark}_{anchor.fingerprint}{column}{'_o' if anchor.person else ''}"


def anchor_of(name: str) -> Anchor | None:
    """The other way round; ``None`` for somebody else's bookmark."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    column = int(found["column"]) if found["column"] else -1
    return Anchor(found["mark"], found["print"], column, bool(found["person"]))


@dataclass(frozen=True, slots=True)
class Known:
    """What the document knows of one of its texts.

    Attributes:
        mark: of a line, image, grid or row; cells add their column.
        style: of a line; ``grid``, ``row``, ``cell`` or ``image``.
        generated: fingerprint of what the programme said; empty for what a person added.
        written: fingerprint of what was written; another one than ``generated`` where a person's words were.
        basis: fingerprint of the generated text the person's words stand on.
        credit: whose words.
        gone: left out because a person had deleted it.
    """

    mark: str
    style: str
    generated: str = ""
    written: str = ""
    basis: str = ""
    credit: Credit = field(default_factory=Credit)
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Manifest:
    """The list of all texts in the order of the document, and the digests of the edited copies taken in."""

    known: tuple[Known, ...]
    takes_in: tuple[str, ...] = ()

    def to_xml(self) -> bytes:
        """The custom XML part."""
        lines = [f'<draft xmlns="{DRAFT}" takes-in="{" ".join(self.takes_in)}">']
        for one in self.known:
            values = {
                "mark": one.mark,
                "style": one.style,
                "generated": one.generated,
                "written": one.written if one.written != one.generated else "",
                "basis": one.basis if one.basis != one.generated else "",
                "by": one.credit.by,
                "at": one.credit.at,
                "gone": "1" if one.gone else "",
            }
            lines.append("<u " + " ".join(f"{k}={quoteattr(v)}" for k, v in values.items() if v) + "/>")
        return "\n".join([*lines, "</draft>"]).encode()

    @classmethod
    def from_xml(cls, parts: Sequence[bytes]) -> Manifest | None:
        """The first of the parts that is such a list; ``None`` where none is."""
        for part in parts:
            try:
                root = fromstring(part)
            except (ParseError, ValueError):
                continue
            if root.tag != f"{{{DRAFT}}}draft":
                continue
            known = []
            for unit in root:
                value = unit.attrib.get
                generated = value("generated", "")
                known.append(
                    Known(
                        value("mark", ""),
                        value("style", ""),
                        generated,
                        value("written", generated),
                        value("basis", generated),
                        Credit(value("by", ""), value("at", "")),
                        bool(value("gone")),
                    )
                )
            return cls(tuple(known), tuple(root.get("takes-in", "").split()))
        return None
