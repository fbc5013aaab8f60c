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
from yingcheng.standards.numerals import arabic_numerals, chinese_number
from yingcheng.standards.qualifications import holds
from yingcheng.standards.regions import Region, find_region

__all__ = ["gates"]

_CLAUSE = re.compile(r"[^。；;\n]+")
_AMOUNT = r"\d[\d,.]*\s*(?:万|亿|百万|千万)?元?(?:人民币)?"
_NUMBER = r"\d[\d,.]*\s*[^\d\s，,。；;以及]{1,6}"


def _least(subject: str, quantity: str) -> re.Pattern[str]:
    """``subject`` not below a quantity: 不低于5人, 达到5人, 5人以上; never 不超过5人."""
    at_least = r"(?<!不)(?<!不得)(?<!不能)(?:不低于|不少于|不小于|≥|>=|达到|在|满|超过)\s*"
    return re.compile(
        rf"{subject}(?:[^，,。；;]{{0,6}}?{at_least}(?P<text>{quantity})|[^，,。；;\d]{{0,6}}?(?P<above>{quantity})\s*(?:及|或|（含）)?以上)"
    )


_CAPITAL = _least("注册(?:资本金?|资金)", _AMOUNT)
_REVENUE = _least("(?:营业收入|营收|销售收入|年收入)", _AMOUNT)
_STAFF = _least("(?:员工|职工|人员|从业人数|团队)(?:人数|规模)?", r"\d+\s*(?:人|名)")
_AGE = _least("(?:成立|注册|设立|经营)(?:时间|年限)?", r"\d+\s*(?:年|周年)")
_ABLE = "(?:产能|生产能力|年产量?|处理能力|供货能力|处理量)"
_CAPACITY = _least(_ABLE, _NUMBER)
_CAPACITY_HEADER = re.compile(_ABLE)
_QUANTITY = re.compile(r"(?P<number>\d+(?:,\d{3})*(?:\.\d+)?)\s*(?P<unit>[^\d\s，,。；;以及（()）]{0,6})")
_PERIOD = re.compile(r"(?P<day>日|天)|(?P<month>月)|(?P<year>年)|(?P<hour>小时)")
_SPELT = re.compile(r"[一二两三四五六七八九十百千]+(?=\s*(?:年|周年|人|名))")
# What is only wished for, or waived, is no condition.
_SOFT = re.compile(r"鼓励|优先|加分|可加|不要求|不作要求|不做要求|无要求|不限|原则上")
# A promise to settle after winning is open to everyone and no condition on where the firm is registered today.
_REGISTERED = re.compile(
    r"(?:注册地|注册|登记|住所)(?:须|应|需|要求|限|为|在|于|位于|是){1,3}"
    r"|(?:须|应|需|必须|要求)(?:为|是|在|于|为在|是在)(?=[^，,。；;]{2,12}?(?:注册|登记|设立))"
)
_OPEN = re.compile(r"不限|承诺|愿意|中标后|中选后|签约后|落地后|可在|鼓励|优先")


def _arabic(clause: str) -> str:
    """三年 → 3年, 一千万元 → 1000万元."""
    return _SPELT.sub(lambda found: str(chinese_number(found[0]) or found[0]), arabic_numerals(clause))


def _asked(pattern: re.Pattern[str], clause: str) -> str:
    """The quantity a clause asks for at least; empty where it asks for none."""
    found = None if _SOFT.search(clause) else pattern.search(_arabic(clause))
    return "" if found is None else (found["text"] or found["above"] or "")


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
    years = _years(enterprise.registered, as_of)
    for clause in _CLAUSE.findall(opportunity.asks):
        if asked := _asked(_CAPITAL, clause):
            yield _amount_gate("注册资本", clause, asked, enterprise.capital)
        if asked := _asked(_REVENUE, clause):
            yield _amount_gate("营业收入", clause, asked, enterprise.revenue)
        if asked := _asked(_STAFF, clause):
            yield _number_gate("员工人数", clause, _quantity(asked), enterprise.staff)
        if asked := _asked(_AGE, clause):
            yield _number_gate("成立年限", clause, _quantity(asked), years)


def _quantity(text: str) -> Decimal | None:
    found = _QUANTITY.search(text)
    return Decimal(found["number"].replace(",", "")) if found else None


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
    """Room for one more meeting, and what a firm can make or handle where the opportunity asks for it.

    Compared only where one quantity is told, of the same unit and period (日, 月, 年); anything else is asked for.
    """
    if enterprise.max_meetings == 0:
        yield Gate("对接名额", Verdict.NO, "企业填报的对接场次上限为 0")
    told = [(header, text.strip()) for header, text in enterprise.extra if _CAPACITY_HEADER.search(header)]
    for clause in _CLAUSE.findall(opportunity.asks):
        asked = _asked(_CAPACITY, clause)
        if not asked:
            continue
        rule = f"机会公布的条件：{clause.strip()}"
        verdict = _compared(clause, asked, *told[0]) if len(told) == 1 else Verdict.UNKNOWN
        if verdict is Verdict.UNKNOWN:
            known = f"企业填报“{told[0][1]}”，不能直接比较" if len(told) == 1 and told[0][1] else "企业产能未知"
            yield Gate("产能", verdict, f"{rule}；{known}", "请企业提供同口径的产能或处理能力")
        else:
            yield Gate("产能", verdict, f"{rule}；企业填报“{told[0][1]}”")


def _compared(clause: str, asked: str, header: str, told: str) -> Verdict:
    wanted, held = list(_QUANTITY.finditer(asked)), list(_QUANTITY.finditer(told))
    periods = [{kind for found in _PERIOD.finditer(text) for kind, value in found.groupdict().items() if value}
               for text in (clause, header + told)]  # fmt: skip
    if len(wanted) != 1 or len(held) != 1 or _unit(wanted[0]) != _unit(held[0]) or periods[0] != periods[1]:
        return Verdict.UNKNOWN
    least, most = (Decimal(found["number"].replace(",", "")) for found in (wanted[0], held[0]))
    return Verdict.YES if most >= least else Verdict.NO


def _unit(found: re.Match[str]) -> str:
    """吨 of 吨/年: the period is compared by itself."""
    return found["unit"].partition("/")[0]


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
    own = [company_key(name) for name in (enterprise.name, *enterprise.aliases)]
    if asking in own or any(name.startswith(asking) and "分公司" in name for name in own):
        yield Gate("利益冲突", Verdict.NO, "企业就是该机会的需求单位")
    elif enterprise.group and company_key(enterprise.group) == asking:
        yield Gate("利益冲突", Verdict.NO, f"企业与需求单位同属“{enterprise.group}”")


def _credit(enterprise: Enterprise) -> Gate:
    if enterprise.abnormal is None:
        return Gate("信用", Verdict.UNKNOWN, "企业不得列入经营异常名录；未见记录", "请核实企业是否列入经营异常名录")
    if enterprise.abnormal:
        return Gate("信用", Verdict.NO, "企业已列入经营异常名录")
    return Gate("信用", Verdict.YES, "企业未列入经营异常名录")
