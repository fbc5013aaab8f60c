"""What an enterprise's own rows say, as facts for the measures' conditions. What is not given stays unknown."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from yingcheng.capabilities.records import Enterprise
from yingcheng.measures.records import Fact, Facts, FactValue
from yingcheng.standards.industries import industry_by_code
from yingcheng.standards.money import Money

__all__ = ["enterprise_facts"]

_FACT_FIELDS = {
    "企业名称": "name",
    "资质": "qualifications",
    "注册地": "region",
    "行业": "industry",
    "注册资本": "capital",
    "员工人数": "staff",
    "营业收入": "revenue",
    "注册日期": "registered",
    "经营异常": "abnormal",
    "企业类型": "kind",
    "赛道": "tracks",
    "经营范围": "scope",
}


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


def _values(enterprise: Enterprise) -> Iterator[tuple[str, FactValue | None]]:
    yield "企业名称", (enterprise.name, *enterprise.aliases)
    yield "资质", enterprise.qualifications
    yield "注册地", enterprise.region.path if enterprise.region else enterprise.address or enterprise.region_text
    yield "行业", _industry(enterprise)
    yield "注册资本", _yuan(enterprise.capital)
    yield "员工人数", None if enterprise.staff is None else Decimal(enterprise.staff)
    yield "营业收入", _yuan(enterprise.revenue)
    yield "注册日期", enterprise.registered
    yield "经营异常", enterprise.abnormal
    yield "企业类型", enterprise.kind
    yield "赛道", enterprise.tracks
    yield "经营范围", enterprise.scope


def enterprise_facts(enterprise: Enterprise) -> Facts:
    """Facts under the names of ``measures/data/facts.toml``, each with the cell it was read from.

    A listed qualification is taken as the whole list the firm reported; a blank cell leaves the fact unknown.
    """
    facts: dict[str, Fact] = {}
    for name, value in _values(enterprise):
        if value is None or value in ("", ()):
            continue
        field = _FACT_FIELDS[name]
        rows = [row for row in enterprise.sources if field in dict(row.columns)] or list(enterprise.sources)
        facts[name] = Fact(value, str(rows[0].place(field)) if rows else "")
    return facts
