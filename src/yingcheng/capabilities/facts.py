"""What an enterprise's own rows say, as facts for the measures' conditions. What is not given stays unknown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from yingcheng.capabilities.records import Enterprise
from yingcheng.measures.facts import FactKind, find_fact, read_quantity
from yingcheng.measures.records import Fact, Facts, FactValue
from yingcheng.standards.dates import parse_date
from yingcheng.standards.industries import industry_by_code
from yingcheng.standards.money import Money
from yingcheng.standards.text import split_values

__all__ = ["enterprise_facts"]


def _yuan(amount: Money | None) -> Decimal | None:
    """Exact amounts in CNY only: a range or a foreign currency cannot be compared with a threshold."""
    if amount is None or amount.currency != "CNY" or amount.low is None or amount.low != amount.high:
        return None
    return amount.low


def _industry(enterprise: Enterprise) -> tuple[str, ...]:
    """Code and names from the class up to its section, so that a clause may ask for any level."""
    if enterprise.industry is None:
        return (enterprise.industry_text,) if enterprise.industry_text else ()
    code = enterprise.industry.code
    above = [code[:length] for length in range(len(code), 1, -1)] if code.isdigit() else [code]
    levels = [found for found in map(industry_by_code, [*above, enterprise.industry.section]) if found is not None]
    return tuple(dict.fromkeys(text for level in levels for text in (level.code, level.name)))


def _values(enterprise: Enterprise) -> Iterator[tuple[str, str, FactValue | None]]:
    """(name of the fact, field it stands in, value)."""
    place = enterprise.region.path if enterprise.region else enterprise.address or enterprise.region_text
    yield "企业名称", "name", (enterprise.name, *enterprise.aliases)
    yield "资质", "qualifications", enterprise.qualifications
    yield "注册地", "region", place
    yield "行业", "industry", _industry(enterprise)
    yield "注册资本", "capital", _yuan(enterprise.capital)
    yield "员工人数", "staff", None if enterprise.staff is None else Decimal(enterprise.staff)
    yield "营业收入", "revenue", _yuan(enterprise.revenue)
    yield "注册日期", "registered", enterprise.registered
    yield "经营异常", "abnormal", enterprise.abnormal
    yield "企业类型", "kind", enterprise.kind
    yield "赛道", "tracks", enterprise.tracks
    yield "经营范围", "scope", enterprise.scope


def enterprise_facts(enterprise: Enterprise) -> Facts:
    """Facts under the names of ``measures/data/facts.toml``, each with the cell it was read from.

    A listed qualification is taken as the whole list the firm reported; a blank cell leaves the fact unknown. Columns
    that no field of an enterprise takes (专利数, 参保人数, 2024年营业收入) are facts where the vocabulary knows their
    heading. Grades: C where the enterprise or its reporter filled the cell, D where it was read out of another text.
    """
    facts: dict[str, Fact] = {}
    for name, field, value in _values(enterprise):
        if value is None or value in ("", ()):
            continue
        own = [row for row in enterprise.sources if field in dict(row.columns)]
        rows = own or list(enterprise.sources)
        facts[name] = Fact(value, str(rows[0].place(field)) if rows else "", grade="C" if own else "D")
    for name, value, header in _extra_values(enterprise):
        source = f"{enterprise.sources[0].place()}，“{header}”" if enterprise.sources else f"“{header}”"
        known = facts.get(name)
        if known is None or _end_of_year(header) is not None:  # a figure that tells its year is the surer one
            facts[name] = Fact(value, source, _end_of_year(header), "C")
    return facts


_YES, _NO = frozenset(("是", "有")), frozenset(("否", "无", "没有", "未列入"))
_YEAR = re.compile(r"^((?:19|20)\d\d)年")


def _end_of_year(text: str) -> date | None:
    found = _YEAR.match(text)
    return date(int(found.group(1)), 12, 31) if found else None


def _extra_values(enterprise: Enterprise) -> Iterator[tuple[str, FactValue, str]]:
    """Facts in columns without a field: name, value, heading. Of figures by year the last is also that of last year."""
    latest: dict[str, tuple[str, FactValue, str]] = {}
    for header, text in enterprise.extra:
        kind, unit = find_fact(header)
        value = _read(text, kind, unit) if kind is not None else None
        if kind is None or value is None:
            continue
        yield kind.name, value, header
        plain = _YEAR.sub("", kind.name)
        if plain != kind.name and kind.name >= latest.get(plain, ("",))[0]:
            latest[plain] = (kind.name, value, header)
    for plain, (_name, value, header) in latest.items():
        yield plain, value, header


def _read(text: str, kind: FactKind, unit: str) -> FactValue | None:
    if kind.type == "number":
        return read_quantity(text, kind, unit=unit).value
    if kind.type == "date":
        return parse_date(text)
    if kind.type == "flag":
        return True if text in _YES else False if text in _NO else None
    return split_values(text) or None if kind.type == "texts" else None
