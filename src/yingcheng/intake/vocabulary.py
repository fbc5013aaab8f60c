"""What the columns of real lists are called: kinds of table, their fields, and the headings each field was seen under.

The headings are data (``data/vocabulary.toml``), each with the public form it was seen in. Field types:

=================  ==================================================================
``text``           text, line breaks kept
``line``           text on one line
``list``           several values in one cell
``serial``         text; a number read as 1.0 becomes ``1``
``number``         a whole number (人数)
``figure``         any number (指标数值)
``bool``           是 / 否
``money`` ``period`` ``date`` ``month``   amounts and times
``contact`` ``phone`` ``email``           people and how to reach them
``company`` ``credit_code``               firms
``region`` ``industry`` ``track`` ``role`` ``stage`` ``stage_text`` ``qualification``   official vocabularies
=================  ==================================================================
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from types import MappingProxyType

from yingcheng.standards.datafiles import read_toml

__all__ = ["KINDS", "Field", "Kind", "Vocabulary", "header_base", "header_key", "header_unit", "vocabulary"]

KINDS = (
    "opportunities",
    "capabilities",
    "enterprises",
    "measures",
    "indicators",
    "cases",
    "projects",
    "participants",
    "agenda",
)

_BLANKS = re.compile(r"\s+")
_MARKS = re.compile(r"^[*★☆※#]+|[*★☆※：:]+$|[（(]必填[)）]|[（(]选填[)）]")
_NUMBERING = re.compile(
    r"^(?:[0-9]{1,2}|[一二三四五六七八九十]{1,3})[.、．]|^[（(](?:[0-9]{1,2}|[一二三四五六七八九十]{1,3})[)）]"
)
_YEAR_BEFORE = re.compile(r"^(?:19|20)\d{2}年度?(?=.{2})")
_BRACKETS = re.compile(r"[（(\[【][^（()）\[\]【】]*[)）\]】]")
_UNIT = (
    r"(?:(?:百|千|万|十|百万|千万|亿)?(?:美元|欧元|港元|日元|人民币|元|人|户|家|个|件|平方米|平方公里|公顷|亩|公里|吨|辆|张|册|千瓦时|立方米)"
    r"|万|亿|%|％|‰|℃|天|年|月|小时|平方千米|人次|万人次|人/平方公里|元/人)"
)
_UNIT_IN_BRACKETS = re.compile(rf"[（(\[【]\s*(?:单位[:：]\s*)?({_UNIT})\s*[)）\]】]")
_UNIT_AT_END = re.compile(r"(?:[/／:：,，]\s*|(?<=.))((?:万|亿|百万|千万)(?:美元|元|人|户|家|平方米|吨)|%|％)$")


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a kind and the headings it is known under, most usual first.

    Attributes:
        name: field name used by the assembling modules.
        label: Chinese label, for findings and for ``mapping.toml``.
        type: see the module's table.
        synonyms: (normalised heading, source key, strength).
        many: several columns may feed it.
        keep: the record has no such field; the text is kept as an extra one under its heading.
    """

    name: str
    label: str
    type: str
    synonyms: tuple[tuple[str, str, float], ...]
    many: bool = False
    keep: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of table.

    ``identity`` lists field sets of which a table must carry at least one; ``fill_down`` field sets that mean "same
    as above" where a row leaves all of them blank.
    """

    name: str
    label: str
    hints: tuple[str, ...]
    identity: tuple[tuple[str, ...], ...]
    fill_down: tuple[tuple[str, ...], ...]
    fields: tuple[Field, ...]

    def field(self, name: str) -> Field | None:
        """The field of that name or Chinese label; ``None`` where there is none."""
        return next((f for f in self.fields if name in (f.name, f.label)), None)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Every kind, every heading known to any of them, and what the source keys stand for."""

    kinds: Mapping[str, Kind]
    headings: frozenset[str]  # normalised, with and without their brackets
    sources: Mapping[str, str]


@lru_cache(maxsize=1 << 14)
def header_key(text: str) -> str:
    """A heading in the one form all comparisons use: half-width, no blanks, no numbering, no 必填 marks."""
    key = _BLANKS.sub("", unicodedata.normalize("NFKC", text)).replace("（", "(").replace("）", ")")
    key = _MARKS.sub("", key)
    return _NUMBERING.sub("", key).casefold()


@lru_cache(maxsize=1 << 14)
def header_base(text: str) -> str:
    """:func:`header_key` without what stands in brackets, a unit at the end and a year in front."""
    key = header_key(text)
    base = _YEAR_BEFORE.sub("", _BRACKETS.sub("", key))
    if len(base) > 3:
        base = _UNIT_AT_END.sub("", base)
    return base or key


@lru_cache(maxsize=1 << 14)
def header_unit(text: str) -> str:
    """The unit a heading carries: ``注册资本(万元)`` → 万元; empty where there is none."""
    flat = _BLANKS.sub("", unicodedata.normalize("NFKC", text))
    found = _UNIT_IN_BRACKETS.search(flat) or _UNIT_AT_END.search(flat)
    return found.group(1) if found else ""


@cache
def vocabulary() -> Vocabulary:
    """The vocabulary shipped with the package."""
    raw = read_toml("vocabulary.toml", room="intake")
    kinds = {name: _read_kind(name, raw[name]) for name in KINDS}
    headings = {key for kind in kinds.values() for field in kind.fields for key, _source, _strength in field.synonyms}
    headings |= {header_base(heading) for heading in headings}
    return Vocabulary(MappingProxyType(kinds), frozenset(headings), MappingProxyType(raw["sources"]))


def _read_kind(name: str, raw: dict[str, object]) -> Kind:
    fields: dict[str, Field] = {}
    rows = raw["fields"]
    if not isinstance(rows, list):
        raise TypeError(name)
    for field_name, label, kind_of_value, options, synonyms in rows:
        strength = float(options.get("strength", 1.0))
        found = tuple((header_key(h), source, strength) for source, heads in synonyms.items() for h in heads)
        before = fields.get(field_name)
        fields[field_name] = Field(
            name=field_name,
            label=label,
            type=kind_of_value,
            synonyms=(before.synonyms if before else ()) + found,
            many=bool(options.get("many", False)),
            keep=bool(options.get("keep", False)),
        )
    return Kind(
        name=name,
        label=str(raw["label"]),
        hints=_strings(raw["hints"]),
        identity=tuple(_strings(names) for names in _items(raw["identity"])),
        fill_down=tuple(_strings(names) for names in _items(raw["fill_down"])),
        fields=tuple(fields.values()),
    )


def _items(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError(repr(value))
    return value


def _strings(value: object) -> tuple[str, ...]:
    return tuple(str(item) for item in _items(value))
