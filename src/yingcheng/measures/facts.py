"""The vocabulary of facts: names, types, units, operators (``data/facts.toml``), and values read and shown in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
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
    "domains",
    "fact_kinds",
    "find_fact",
    "find_operator",
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


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number in the unit of a fact, or the fault: ``unreadable``, ``unit-missing``, ``unit-mismatch``."""

    value: Decimal | None
    fault: str = ""


@cache
def _data() -> dict[str, Any]:
    return read_toml("facts.toml", room="measures")


@cache
def fact_kinds() -> Mapping[str, FactKind]:
    """Every fact of the vocabulary by its name, in the order of the file."""
    return {
        entry["name"]: FactKind(
            entry["name"],
            entry["type"],
            entry.get("unit", ""),
            entry.get("whole", False),
            entry.get("from", ""),
            tuple(entry.get("synonyms", ())),
        )
        for entry in _data()["facts"]
    }


@cache
def domains() -> Mapping[str, Domain]:
    """The possible values of every number of the vocabulary; none of them is ever negative."""
    return {kind.name: Domain(Decimal(0), kind.whole) for kind in fact_kinds().values() if kind.type == "number"}


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
    """The fact of a name or synonym, and the unit in brackets behind it: ``注册资本（万元）`` → 注册资本, 万元."""
    name = one_line(text).replace(" ", "")
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


_NUMBER = re.compile(r"^(\d[\d.,，]*|[零〇一二两三四五六七八九十百千]+)\s*(.*)$")


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
