"""Hard conditions of an opportunity, in three values. What is not known is asked for, never held against a firm."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from yingcheng.capabilities.records import Enterprise
from yingcheng.matchmaking.records import Gate
from yingcheng.measures.records import Verdict
from yingcheng.opportunities.records import Opportunity
from yingcheng.standards.money import Money, parse_money
from yingcheng.standards.names import company_key
from yingcheng.standards.qualifications import holds
from yingcheng.standards.regions import Region, find_region

__all__ = ["gates"]

_CLAUSE = re.compile(r"[^。；;\n]+")
_AMOUNT = r"(?P<text>\d[\d,.]*\s*(?:万|亿|百万|千万)?元?(?:人民币)?)"
_AT_LEAST = r"[^，,。；;]{0,6}?(?:不低于|不少于|不小于|≥|>=|达到|在|满|超过)\s*"
_CAPITAL = re.compile(r"注册(?:资本|资金)" + _AT_LEAST + _AMOUNT)
_REVENUE = re.compile(r"(?:营业收入|营收|销售收入|年收入)" + _AT_LEAST + _AMOUNT)
_STAFF = re.compile(r"(?:员工|职工|人员|从业人数|团队)(?:人数|规模)?" + _AT_LEAST + r"(?P<text>\d+)\s*(?:人|名)")
_AGE = re.compile(r"(?:成立|注册|设立|经营)(?:时间|年限)?" + _AT_LEAST + r"(?P<text>\d+)\s*(?:年|周年)")
_NUMBER = r"(?P<text>\d[\d,.]*)\s*(?P<unit>[^\d\s，,。；;以]{1,6})"
_ABLE = "(?:产能|生产能力|年产量?|处理能力|供货能力|处理量)"
_CAPACITY = re.compile(_ABLE + _AT_LEAST + _NUMBER)
_CAPACITY_HEADER, _QUANTITY = re.compile(_ABLE), re.compile(_NUMBER)
# A promise to settle after winning is open to everyone and no condition on where the firm is registered today.
_REGISTERED = re.compile(r"(?:注册地|注册|登记|住所)(?:须|应|需|要求|限|为|在|于|位于|是){1,3}")
_OPEN = re.compile(r"不限|承诺|愿意|中标后|中选后|签约后|落地后|可在|鼓励|优先")


def gates(opportunity: Opportunity, enterprise: Enterprise, *, as_of: date) -> tuple[Gate, ...]:
    """Every hard condition that applies to the pair, with its clause and, where unknown, what to ask for."""
    return (
        *_qualifications(opportunity, enterprise),
        *_region(opportunity, enterprise),
        *_size(opportunity, enterprise, as_of),
        *_capacity(opportunity, enterprise),
        *_time(opportunity, as_of),
        *_conflict(opportunity, enterprise),
        _credit(enterprise),
    )


def _qualifications(opportunity: Opportunity, enterprise: Enterprise) -> Iterator[Gate]:
    for wanted in opportunity.qualifications:
        clause = f"机会要求具备“{wanted}”"
        if holds(enterprise.qualifications, wanted):
            yield Gate("资质", Verdict.YES, f"{clause}，企业已填报")
        elif enterprise.qualifications:
            listed = "、".join(enterprise.qualifications)
            yield Gate("资质", Verdict.NO, f"{clause}，企业填报的资质（{listed}）中没有")
        else:
            yield Gate("资质", Verdict.UNKNOWN, f"{clause}，企业未填报资质", f"请企业提供“{wanted}”证书")


def _region(opportunity: Opportunity, enterprise: Enterprise) -> Iterator[Gate]:
    for clause in _CLAUSE.findall(opportunity.asks):
        rule_start = _REGISTERED.search(clause)
        if rule_start is None or _OPEN.search(clause):
            continue
        region = find_region(clause[rule_start.end() :]).region
        if region is None:
            continue
        rule = f"机会公布的条件：{clause.strip()}"
        if enterprise.region is None:
            yield Gate("注册地", Verdict.UNKNOWN, f"{rule}；企业注册地未知", "请企业提供注册地")
        else:
            yield Gate("注册地", _inside(enterprise.region, region), f"{rule}；企业注册地为{enterprise.region.path}")


def _inside(place: Region, wanted: Region) -> Verdict:
    digits = {"province": 2, "prefecture": 4, "county": 6}
    length = digits[wanted.level]
    if place.code[:length] == wanted.code[:length]:
        return Verdict.YES
    # A firm known only by its province may still be in the city asked for.
    known = digits[place.level]
    return Verdict.UNKNOWN if place.code[:known] == wanted.code[:known] else Verdict.NO


def _size(opportunity: Opportunity, enterprise: Enterprise, as_of: date) -> Iterator[Gate]:
    for clause in _CLAUSE.findall(opportunity.asks):
        if found := _CAPITAL.search(clause):
            yield _amount_gate("注册资本", clause, found["text"], enterprise.capital)
        if found := _REVENUE.search(clause):
            yield _amount_gate("营业收入", clause, found["text"], enterprise.revenue)
        if found := _STAFF.search(clause):
            yield _number_gate("员工人数", clause, Decimal(found["text"]), enterprise.staff)
        if found := _AGE.search(clause):
            yield _number_gate("成立年限", clause, Decimal(found["text"]), _years(enterprise.registered, as_of))


def _years(start: date | None, as_of: date) -> int | None:
    if start is None:
        return None
    return as_of.year - start.year - ((as_of.month, as_of.day) < (start.month, start.day))


def _amount_gate(name: str, clause: str, asked: str, held: Money | None) -> Gate:
    least = parse_money(asked if asked.endswith(("元", "人民币")) else f"{asked}元").middle
    if held is None or held.currency != "CNY" or held.middle is None or least is None:
        return _number_gate(name, clause, least, None)
    return _number_gate(name, clause, least, held.middle)


def _number_gate(name: str, clause: str, least: Decimal | None, held: Decimal | int | None) -> Gate:
    rule = f"机会公布的条件：{clause.strip()}"
    if held is None or least is None:
        return Gate(name, Verdict.UNKNOWN, f"{rule}；企业{name}未知", f"请企业提供{name}")
    return Gate(name, Verdict.YES if held >= least else Verdict.NO, f"{rule}；企业{name}为{held:,}")


def _capacity(opportunity: Opportunity, enterprise: Enterprise) -> Iterator[Gate]:
    """Room for one more meeting, and what a firm can make or handle where the opportunity asks for it."""
    if enterprise.max_meetings == 0:
        yield Gate("对接名额", Verdict.NO, "企业填报的对接场次上限为 0")
    for clause in _CLAUSE.findall(opportunity.asks):
        found = _CAPACITY.search(clause)
        if found is None:
            continue
        rule = f"机会公布的条件：{clause.strip()}"
        told = next((text for header, text in enterprise.extra if _CAPACITY_HEADER.search(header)), "")
        held = _QUANTITY.search(told)
        if held is None or held["unit"] != found["unit"]:
            yield Gate("产能", Verdict.UNKNOWN, f"{rule}；企业产能未知", "请企业提供产能或处理能力")
            continue
        enough = _number(held["text"]) >= _number(found["text"])
        yield Gate("产能", Verdict.YES if enough else Verdict.NO, f"{rule}；企业填报“{told.strip()}”")


def _number(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


def _time(opportunity: Opportunity, as_of: date) -> Iterator[Gate]:
    """The deadline of the opportunity; one without a stated end is open."""
    if opportunity.period is None or opportunity.period.end is None:
        return
    rule = f"机会时限“{opportunity.period.text.strip()}”"
    if not opportunity.period.certain:
        yield Gate("时限", Verdict.UNKNOWN, f"{rule}未能确定截止日期", "请需求单位写明截止日期")
    elif opportunity.period.end < as_of:
        yield Gate("时限", Verdict.NO, f"{rule}已于{opportunity.period.end:%Y-%m-%d}届满")
    else:
        yield Gate("时限", Verdict.YES, f"{rule}，截至{opportunity.period.end:%Y-%m-%d}")


def _conflict(opportunity: Opportunity, enterprise: Enterprise) -> Iterator[Gate]:
    """Nobody answers an own opportunity, nor one of the own group."""
    asking = company_key(opportunity.unit) if opportunity.unit else ""
    if not asking:
        return
    if asking in {company_key(name) for name in (enterprise.name, *enterprise.aliases)}:
        yield Gate("利益冲突", Verdict.NO, "企业就是该机会的需求单位")
    elif enterprise.group and company_key(enterprise.group) == asking:
        yield Gate("利益冲突", Verdict.NO, f"企业与需求单位同属“{enterprise.group}”")


def _credit(enterprise: Enterprise) -> Gate:
    if enterprise.abnormal is None:
        return Gate("信用", Verdict.UNKNOWN, "企业不得列入经营异常名录；未见记录", "请核实企业是否列入经营异常名录")
    if enterprise.abnormal:
        return Gate("信用", Verdict.NO, "企业已列入经营异常名录")
    return Gate("信用", Verdict.YES, "企业未列入经营异常名录")
