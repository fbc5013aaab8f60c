"""The vocabulary of facts: names, types, units, operators (``data/facts.toml``), and values read and shown in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from rapidfuzz import fuzz, process

from yingcheng.measures.conditions import Domain
from yingcheng.measures.records import FactValue
from yingcheng.standards.datafiles import read_toml
from yingcheng.standards.numerals import chinese_number
from yingcheng.standards.text import one_line

__all__ = [
    "FactKind",
    "Quantity",
    "domain_of",
    "expansions",
    "fact_kinds",
    "find_fact",
    "find_join",
    "find_operator",
    "join_word",
    "kind_of",
    "of_year",
    "operator_spellings",
    "read_quantity",
    "show",
    "suggest",
]


@dataclass(frozen=True, slots=True)
class FactKind:
    """One entry of the vocabulary. ``base`` is the fact an age is counted from; empty for every other type."""

    name: str
    type: str
    unit: str = ""
    whole: bool = False
    base: str = ""
    synonyms: tuple[str, ...] = ()
    authority: str = ""  # whose register holds it; empty where only the enterprise can tell
    effort: int = 2  # of getting it
    domain: Domain = field(default_factory=Domain)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number in the unit of a fact, or the fault: ``unreadable``, ``unit-missing``, ``unit-mismatch``."""

    value: Decimal | None
    fault: str = ""


@cache
def _data() -> dict[str, Any]:
    return read_toml("facts.toml", room="measures")


def _kind(entry: Mapping[str, Any]) -> FactKind:
    number = entry["type"] == "number" and not entry.get("signed", False)
    maximum = entry.get("maximum")
    return FactKind(
        entry["name"],
        entry["type"],
        entry.get("unit", ""),
        entry.get("whole", False),
        entry.get("from", ""),
        tuple(entry.get("synonyms", ())),
        entry.get("authority", ""),
        entry["effort"],
        Domain(
            Decimal(0) if number else None,
            entry.get("whole", False),
            None if maximum is None else Decimal(maximum),
            entry.get("single", False),
        ),
    )


@cache
def fact_kinds() -> Mapping[str, FactKind]:
    """Every fact of the vocabulary by its name, in the order of the file."""
    return {entry["name"]: _kind(entry) for entry in _data()["facts"]}


_OF_YEAR = re.compile(r"^((?:19|20)\d\d)年度?(.+)$")


def of_year(name: str, year: int) -> str:
    """The name of a fact of one year: 2024年营业收入."""
    return f"{year}年{name}"


def kind_of(fact: str) -> FactKind | None:
    """The kind of a fact by its exact name, also of one year (2024年营业收入); ``None`` for a person's question."""
    found = _OF_YEAR.match(fact)
    return fact_kinds().get(found.group(2) if found else fact)


def domain_of(fact: str) -> Domain:
    """The possible values of a fact."""
    kind = kind_of(fact)
    return kind.domain if kind else Domain()


@cache
def expansions() -> Mapping[str, tuple[str, ...]]:
    """Words that stand for several values: 小微企业 → 小型, 微型."""
    return {word: tuple(values) for word, values in _data()["expansions"].items()}


@cache
def _by_spelling() -> Mapping[str, FactKind]:
    spellings = {synonym: kind for kind in fact_kinds().values() for synonym in kind.synonyms}
    return {**spellings, **fact_kinds()}


@cache
def _operators() -> Mapping[str, str]:
    return {
        spelling.replace(" ", ""): name for name, spellings in _data()["operators"].items() for spelling in spellings
    }


@cache
def _units() -> Mapping[str, tuple[str, Decimal]]:
    return {unit: (entry["of"], Decimal(entry["times"])) for unit, entry in _data()["units"].items()}


_UNIT_IN_NAME = re.compile(r"^(.+?)\s*[(（]\s*(?:单位[:：])?\s*([^()（）]+?)\s*[)）]$")


def find_fact(text: str) -> tuple[FactKind | None, str]:
    """The fact of a name or synonym, and the unit in brackets behind it: ``注册资本（万元）`` → 注册资本, 万元.

    ``2024年营业收入`` is a fact of its own, of the same kind.
    """
    name = one_line(text).replace(" ", "")
    dated = _OF_YEAR.match(name)
    if dated and name not in _by_spelling():
        kind, unit = find_fact(dated.group(2))
        if kind is None or kind.type != "number":
            return None, ""
        return replace(kind, name=of_year(kind.name, int(dated.group(1)))), unit
    named = _UNIT_IN_NAME.match(name)
    unit = named.group(2) if named else ""
    if named and unit in _units():
        return _by_spelling().get(named.group(1)) or _by_spelling().get(name), unit
    return _by_spelling().get(name), ""


def suggest(text: str, *, limit: int = 3) -> tuple[str, ...]:
    """Names of the vocabulary that look like ``text``, best first."""
    spellings = _by_spelling()
    found = process.extract(one_line(text), list(spellings), scorer=fuzz.ratio, limit=limit * 3, score_cutoff=45)
    return tuple(dict.fromkeys(spellings[spelling].name for spelling, _score, _index in found))[:limit]


def operator_spellings() -> tuple[str, ...]:
    """Every spelling of every operator."""
    return tuple(_operators())


def find_operator(text: str) -> str:
    """The operator of a spelling: one of ``>= > <= < == != in between has human`` …; empty where it is unknown."""
    return _operators().get(one_line(text).replace(" ", "").lower(), "")


@cache
def _joins() -> Mapping[str, str]:
    return {spelling: name for name, spellings in _data()["joins"].items() for spelling in spellings}


_SOME = re.compile(
    r"^(?:至少|须)?(?:满足|符合)?(?:其中)?(?:至少)?([\d一二两三四五六七八九十]+)[项个种类条](?:及?以上)?(?:满足)?$"
)


def find_join(text: str) -> tuple[str, int]:
    """How a heading row joins the rows below it: all, any, none, or ``at least`` with its number; empty: not at all."""
    written = one_line(text).replace(" ", "").rstrip("：:")
    some = _SOME.match(written)
    if some:
        digits = some.group(1)
        return "at least", int(digits) if digits.isdigit() else chinese_number(digits) or 1
    return _joins().get(written, ""), 0


def join_word(join: str, count: int = 0) -> str:
    """The spelling that :func:`find_join` reads back."""
    return f"至少满足{count}项" if join == "at least" else str(_data()["joins"][join][0])


_NUMBER = re.compile(r"^(-?\d[\d.,，]*|[零〇一二两三四五六七八九十百千]+)\s*(.*)$")


def read_quantity(text: str, kind: FactKind, *, unit: str = "") -> Quantity:
    """A number in the unit of ``kind``: ``500万元`` → 5000000 元. ``unit`` stands in where the text has none."""
    cleaned = re.sub(r"^(?:人民币|[¥￥])|人民币$|[(（](?:含|人民币)[)）]|以上$|以下$|及以上$|\s", "", one_line(text))
    found = _NUMBER.match(cleaned)
    if found is None:
        return Quantity(None, "unreadable")
    digits, written = found.groups()
    written = written.removesuffix("人民币") or unit
    try:
        spoken = chinese_number(digits)
        number = Decimal(re.sub("[,，]", "", digits)) if spoken is None else Decimal(spoken)
    except InvalidOperation:
        return Quantity(None, "unreadable")
    if not written:
        # 500 of money may be yuan or ten thousand yuan: a guess would be wrong by a factor of 10,000.
        return Quantity(None, "unit-missing") if kind.unit == "元" else Quantity(number)
    if written not in _units():
        return Quantity(None, "unit-mismatch" if kind.unit else "unreadable")
    dimension, times = _units()[written]
    return Quantity(number * times) if dimension in ("", kind.unit) else Quantity(None, "unit-mismatch")


def show(value: FactValue, unit: str = "") -> str:
    """A fact as people write it: 500万元, 是, 2020-01-02, texts joined by 、."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Decimal):
        return _show_number(value, unit)
    if isinstance(value, date):
        return value.isoformat()
    text = "、".join(value) if isinstance(value, tuple) else value
    return text if len(text) <= 60 else text[:59] + "…"


def _show_number(value: Decimal, unit: str) -> str:
    if unit == "元":
        for name, times in (("亿元", Decimal(10**8)), ("万元", Decimal(10**4))):
            if abs(value) >= times:
                return f"{(value / times).normalize():f}{name}"
    return f"{value.normalize():f}{unit}"
