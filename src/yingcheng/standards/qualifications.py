"""Qualifications and honours of enterprises: their official names, their many spellings, which one implies which."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from yingcheng.standards.datafiles import read_toml
from yingcheng.standards.lexicon import Lexicon
from yingcheng.standards.text import clean, split_values

__all__ = ["holds", "implied_qualifications", "known_qualifications", "read_qualifications"]


@dataclass(frozen=True, slots=True)
class _Graded:
    """A family of qualifications with grades, best first."""

    name: str
    pattern: re.Pattern[str]
    label: str
    grades: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Grade:
    """One graded qualification; ``rank`` 0 is the best grade of its family."""

    family: str
    category: str
    rank: int


@dataclass(frozen=True, slots=True)
class _Tables:
    names: dict[str, str]  # spelling without signs → official name
    lexicon: Lexicon
    implies: Mapping[str, tuple[str, ...]]
    graded: tuple[_Graded, ...]
    grades: Mapping[str, str]
    categories: Mapping[str, str]


_SIGNS = re.compile(r"[\s“”\"'‘’「」『』《》（）()\[\]【】·•]+")
_NOT_HELD = re.compile(r"(?:不是|并非|未获得?|未取得|没有|无|非|拟申报|正在申报|申报中|待认定|培育|拟认定|正在办理)$")
_NOT_HELD_AFTER = re.compile(
    r"^(?:企业)?(?:申报中|申请中|正在申报|正在申请|培育库?|培育企业|认定中|公示中|待批|已过期|过期|已失效)"
)
_ANY = re.compile(r"或者?|/|任一|之一")


@cache
def _tables() -> _Tables:
    data = read_toml("qualifications.toml")
    names: dict[str, str] = {}
    for entry in data["qualification"]:
        for spelling in (entry["name"], *entry["variants"]):
            bare = _SIGNS.sub("", spelling).lower()
            if names.setdefault(bare, entry["name"]) != entry["name"]:
                raise ValueError(f"qualifications.toml: {spelling} stands for two qualifications")
    graded = tuple(
        _Graded(entry["name"], re.compile(entry["pattern"], re.IGNORECASE), entry["label"], tuple(entry["grades"]))
        for entry in data["graded"]
    )
    implies = {entry["name"]: tuple(entry.get("implies", ())) for entry in data["qualification"]}
    return _Tables(names, Lexicon(names), implies, graded, data["spelling"], data["category"])


def known_qualifications() -> tuple[str, ...]:
    """Official names of the qualifications without grades, in the order of the vocabulary."""
    return tuple(_tables().implies)


def _graded(text: str) -> list[tuple[int, int, str, _Grade]]:
    """Graded qualifications of a text without signs: begin, end, label, grade."""
    tables, found = _tables(), []
    for family in tables.graded:
        for match in family.pattern.finditer(text):
            groups = {key: value or "" for key, value in match.groupdict().items()}
            written = (groups["grade"] or groups.get("grade2", "")).upper()
            category = groups["category"] or groups.get("category2", "")
            grade = tables.grades.get(written, written)
            grade = grade if grade in family.grades else _substitute(grade, family.grades)
            if not grade:
                continue
            category = tables.categories.get(category, category)
            label = family.label.format(category=category, grade=grade)
            found.append((match.start(), match.end(), label, _Grade(family.name, category, family.grades.index(grade))))
    return found


def _substitute(grade: str, grades: tuple[str, ...]) -> str:
    """甲级 for 一级 and the like where a family was renamed by the reform of 2020; empty where nothing fits."""
    known = {
        "甲级": "一级",
        "乙级": "二级",
        "综合": "特级",
        "CS1": "四级",
        "CS2": "三级",
        "CS3": "二级",
        "CS4": "一级",
        "CS5": "一级",
    }
    other = known.get(grade, "")
    return other if other in grades else ""


def _bare(text: str) -> str:
    return _SIGNS.sub("", clean(text))


@lru_cache(maxsize=1 << 13)
def read_qualifications(text: str) -> tuple[str, ...]:
    """Official names of the qualifications a text speaks of, in reading order, each once.

    Spellings (国高企业, 国家级…, with or without quotation marks) meet in one name; 申报中, 培育 and 非 do not
    count as holding it.
    """
    found: dict[str, None] = {}
    for value in _values(text):
        bare = _bare(value)
        graded = _graded(bare)
        spans = [(start, end, label) for start, end, label, _ in graded]
        for hit in _tables().lexicon.find(bare):
            if not any(start < hit.end and hit.start < end for start, end, _ in spans):
                spans.append((hit.start, hit.end, _tables().names[hit.word]))
        for start, end, label in sorted(spans):
            if not _NOT_HELD.search(bare[:start]) and not _NOT_HELD_AFTER.match(bare[end:]):
                found[label] = None
    return tuple(found)


def _values(text: str) -> tuple[str, ...]:
    return split_values(text) or (text,)


@lru_cache(maxsize=1 << 10)
def implied_qualifications(name: str) -> tuple[str, ...]:
    """The qualification itself and all it implies: 国家级“小巨人” → 专精特新中小企业 → 创新型中小企业."""
    reached: dict[str, None] = {}
    waiting = [name]
    while waiting:
        current = waiting.pop(0)
        if current not in reached:
            reached[current] = None
            waiting += _tables().implies.get(current, ())
    return tuple(reached)


@lru_cache(maxsize=1 << 12)
def _grades_of(text: str) -> tuple[_Grade, ...]:
    return tuple(grade for _, _, _, grade in _graded(_bare(text)))


def _covers(held: Sequence[str], wanted: str) -> bool:
    names = {implied for entry in held for implied in implied_qualifications(entry)}
    if wanted in names:
        return True
    for asked in _grades_of(wanted):
        for entry in held:
            for grade in _grades_of(entry):
                same = grade.family == asked.family and asked.category in {"", grade.category}
                if same and grade.rank <= asked.rank:
                    return True
    return False


def holds(held: Sequence[str], wanted: str) -> bool:
    """Whether one of the qualifications held meets the wanted one.

    Args:
        held: official names or text as written, one qualification each.
        wanted: a name or a short phrase; alternatives joined by 或 need one, a list needs all.

    A higher grade of the same family meets a lower one (施工总承包一级 for 二级及以上), a national level the
    provincial one.
    """
    known = tuple(dict.fromkeys(name for entry in held for name in (read_qualifications(entry) or (entry,))))
    if _ANY.search(wanted):
        parts = [part for part in _ANY.split(wanted) if part.strip(" 、，,；;")]
        if len(parts) > 1:
            return any(holds(held, part) for part in parts)
    asked = read_qualifications(wanted)
    if asked:
        return all(_covers(known, name) for name in asked)
    bare = _bare(wanted)
    return bool(bare) and any(_bare(name) == bare for name in known)
