"""What an enterprise's own rows say, as facts for the measures' conditions. What is not given stays unknown."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from yingcheng.capabilities.records import Enterprise
from yingcheng.measures.records import Fact, Facts, FactValue
from yingcheng.standards.industries import industry_by_code
from yingcheng.standards.money import Money

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

    A listed qualification is taken as the whole list the firm reported; a blank cell leaves the fact unknown.
    """
    facts: dict[str, Fact] = {}
    for name, field, value in _values(enterprise):
        if value is None or value in ("", ()):
            continue
        rows = [row for row in enterprise.sources if field in dict(row.columns)] or list(enterprise.sources)
        facts[name] = Fact(value, str(rows[0].place(field)) if rows else "")
    return facts
