"""国民经济行业分类 (GB/T 4754-2017): codes and names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from yingcheng.standards.datafiles import read_rows
from yingcheng.standards.lexicon import Lexicon
from yingcheng.standards.text import one_line

__all__ = ["Industry", "IndustryReading", "find_industry", "industry_by_code", "industry_names", "sections"]


@dataclass(frozen=True, slots=True)
class Industry:
    """A class of GB/T 4754-2017. ``code`` is a letter (门类) or 2, 3 or 4 digits; ``section`` the letter above it."""

    code: str
    name: str
    section: str


@dataclass(frozen=True, slots=True)
class IndustryReading:
    """The class a text names. ``certain`` is false where only a part fitted or the code is of another edition."""

    industry: Industry | None
    certain: bool
    note: str


@dataclass(frozen=True, slots=True)
class _Tables:
    by_code: dict[str, Industry]
    by_name: dict[str, Industry]
    lexicon: Lexicon
    edition_2011: dict[str, tuple[str, str]]  # code → name then, code now


_CODED = re.compile(
    r"^(?P<section>[A-Ta-t])?[\s\-—.]?(?P<code>\d{2,4})?(?:\.0)?[\s\-—:：.、()（）]*(?P<name>\D[\s\S]*?)?[)）]?$"
)
_UNSPOKEN = re.compile(r"[\s、,，和及与（）()]+")
_ABSENT = frozenset({"", "无", "n/a", "na", "-", "—", "/", "暂无", "其他"})


def _spoken(name: str) -> str:
    """A name without punctuation and the 业 at its end: 软件和信息技术服务业 = 软件信息技术服务."""
    return _UNSPOKEN.sub("", name).removesuffix("行业").removesuffix("业")


@cache
def _tables() -> _Tables:
    by_code: dict[str, Industry] = {}
    for row in read_rows("industries.csv"):
        code = row["code"] or row["section"]
        by_code[code] = Industry(code, row["name"], row["section"])
    by_name: dict[str, Industry] = {}
    for code in sorted(by_code, key=lambda c: (len(c), c)):  # the broadest class of a name is the one meant
        by_name.setdefault(_spoken(by_code[code].name), by_code[code])
    words = [name for name in by_name if len(name) > 2]
    edition = {row["code"]: (row["name"], row["successor"]) for row in read_rows("industries_2011.csv")}
    return _Tables(by_code, by_name, Lexicon(words), edition)


def industry_by_code(code: str) -> Industry | None:
    """The class of a code such as ``I``, ``65``, ``6511`` or ``I6511``; ``None`` if the 2017 edition has none."""
    code = code.strip().upper()
    found = _tables().by_code.get(code[1:] if len(code) > 1 and code[0].isalpha() else code)
    return None if found is None or (code[0].isalpha() and found.section != code[0]) else found


def sections() -> tuple[Industry, ...]:
    """The twenty 门类, A to T."""
    return tuple(entry for code, entry in _tables().by_code.items() if code.isalpha())


def industry_names() -> tuple[str, ...]:
    """The names of all classes of the 2017 edition, in the order of their codes."""
    return tuple(entry.name for _code, entry in sorted(_tables().by_code.items()))


def _by_name(name: str) -> Industry | None:
    return _tables().by_name.get(_spoken(name)) if name else None


@lru_cache(maxsize=1 << 13)
def find_industry(text: str) -> IndustryReading:
    """Read a code, a name or both (I65 软件和信息技术服务业).

    A code that stood in the edition of 2011 with another meaning is not certain; the note says what it was.
    """
    line = one_line(text)
    if line.lower() in _ABSENT:
        return IndustryReading(None, not line, "没有行业")
    match = _CODED.match(line)
    name = (match["name"] or "") if match else line
    named = _by_name(line) or _by_name(name)
    if match and match["code"] and not (named and _by_name(line)):
        return _coded(match["section"] or "", match["code"], name, named)
    if (
        match
        and match["section"]
        and (section := industry_by_code(match["section"]))
        and (not name or named == section)
    ):
        return IndustryReading(section, True, "")
    if named is not None:
        return IndustryReading(named, True, "")
    hits = sorted(_tables().lexicon.find(_spoken(line)), key=lambda hit: (-len(hit.word), hit.start))
    if hits:
        return IndustryReading(_tables().by_name[hits[0].word], False, f"文字中提到“{hits[0].word}”")
    return IndustryReading(None, False, "不是国民经济行业分类（GB/T 4754-2017）的名称或代码")


def _coded(section: str, code: str, name: str, named: Industry | None) -> IndustryReading:
    tables = _tables()
    entry = tables.by_code.get(code)
    then, now = tables.edition_2011.get(code, ("", ""))
    if then and (entry is None or _spoken(then) == _spoken(name)):
        successor = tables.by_code[now]
        return IndustryReading(
            successor, False, f"{code}是2011版代码（{then}），2017版为{successor.code} {successor.name}"
        )
    if entry is None:
        note = f"2017版没有代码{code}"
        return IndustryReading(named or _shorter(code), False, note)
    if section and entry.section != section.upper():
        return IndustryReading(entry, False, f"代码{code}属门类{entry.section}，不属{section.upper()}")
    if named is not None and not _related(named, entry):
        return IndustryReading(entry, False, f"代码{code}是“{entry.name}”，与所写名称“{name}”不一致")
    if then and not name:
        return IndustryReading(entry, False, f"如按2011版，代码{code}是“{then}”")
    return IndustryReading(entry, True, "")


def _shorter(code: str) -> Industry | None:
    tables = _tables()
    return next((tables.by_code[code[:n]] for n in range(len(code) - 1, 1, -1) if code[:n] in tables.by_code), None)


def _related(first: Industry, second: Industry) -> bool:
    """Whether one class lies in the other."""
    a, b = (e.section + (e.code if e.code.isdigit() else "") for e in (first, second))
    return a.startswith(b) or b.startswith(a)
