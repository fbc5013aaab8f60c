"""What a measure pays: the formula of its 支持标准, its floor and cap, and what that comes to for an enterprise.

Read are a fixed amount (``一次性奖励20万元``), a share of a fact (``研发投入×10%``, ``按研发投入的10%补助``), an amount
per piece (``专利数×1万元``), a tier table (``营业收入<1亿元：10万元；其余：20万元``), each with ``最高`` and ``最低``
amounts. Where a fact is missing the amount is a range. What is not read is not counted, and said so.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from yingcheng.measures.clauses import read_clause
from yingcheng.measures.conditions import Age, Condition, leaves
from yingcheng.measures.deciding import Decider
from yingcheng.measures.facts import FactKind, domain_of, find_fact
from yingcheng.measures.records import Clause, Facts, Measure, Verdict
from yingcheng.measures.thresholds import read_tiers
from yingcheng.standards.money import Money, parse_money
from yingcheng.standards.text import one_line

__all__ = ["Amount", "Standard", "read_standard"]

_CNY = "CNY"


@dataclass(frozen=True, slots=True)
class Amount:
    """What one enterprise can get, in yuan. ``high`` is ``None`` where nothing limits it."""

    low: Decimal
    high: Decimal | None

    @property
    def certain(self) -> bool:
        """Whether it is one number."""
        return self.low == self.high


NOTHING = Amount(Decimal(0), Decimal(0))


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of the formula: where ``when`` holds (``None``: always), ``fixed`` plus ``rate`` × fact."""

    when: Condition | None
    fixed: Decimal
    rate: Decimal
    fact: str


@dataclass(frozen=True, slots=True)
class Standard:
    """The formula of a measure. ``fault`` says why there is none."""

    lines: tuple[_Line, ...]
    floor: Decimal | None = None
    cap: Decimal | None = None
    fault: str = ""

    @property
    def constant(self) -> bool:
        """Whether it is the same for every enterprise."""
        return all(line.when is None and not line.fact for line in self.lines)

    def amount(self, facts: Facts) -> Amount | None:
        """What an enterprise with these facts gets; ``None`` where the formula is not known."""
        if self.fault:
            return None
        possible = [self._limited(_of_line(line, facts)) for line in self._open_lines(facts)]
        if not possible:
            return NOTHING
        highs = [amount.high for amount in possible if amount.high is not None]
        return Amount(min(a.low for a in possible), max(highs) if len(highs) == len(possible) else None)

    def _open_lines(self, facts: Facts) -> list[_Line]:
        """The lines that may be the one that counts: the first whose condition holds."""
        found: list[_Line] = []
        for line in self.lines:
            if line.when is None:
                return [*found, line]
            verdict = Decider(line.when, {}).decide(facts).verdict
            if verdict is not Verdict.NO:
                found.append(line)
            if verdict is Verdict.YES:
                break
        return found

    def _limited(self, amount: Amount) -> Amount:
        low, high = amount.low, amount.high
        if self.floor is not None:
            low, high = max(low, self.floor), None if high is None else max(high, self.floor)
        if self.cap is not None:
            low, high = min(low, self.cap), self.cap if high is None else min(high, self.cap)
        return Amount(low, high)


def _of_line(line: _Line, facts: Facts) -> Amount:
    if not line.fact:
        return Amount(line.fixed, line.fixed)
    fact = facts.get(line.fact)
    if fact is None or not isinstance(fact.value, Decimal):
        least = domain_of(line.fact).minimum or Decimal(0)
        return Amount(line.fixed + line.rate * least, None)
    value = line.fixed + line.rate * fact.value
    return Amount(value, value)


_CAP = re.compile(
    r"(?:，|,|；|;|。|\(|（)?(?:单个企业|每家|每户|每个项目|单户|合计|累计|年度|每年)*(?:补助|奖励|补贴|支持|资助)?(?:最高|不超过|最多|上限为?|封顶)(?:不超过|限额)?(?:给予|奖励|补助|补贴|支持|资助)?(?P<money>[\d.,]+\s*(?:亿|千万|百万|万)?元?)(?:封顶|为限|的?(?:补助|奖励|补贴|支持|资助))?(?:\)|）)?"
)
_FLOOR = re.compile(
    r"(?:，|,|；|;|。|\(|（)?(?:最低|不低于|至少)(?:给予|奖励|补助)?(?P<money>[\d.,]+\s*(?:亿|千万|百万|万)?元?)(?:\)|）)?"
)
_FIXED = re.compile(
    r"^(?:给予|一次性|定额|直接|每家|每户|企业|的|最高)*(?:奖励|补助|补贴|资助|支持|奖补)?(?:资金|金额)?(?:为|：|:)?(?P<money>[\d.,]+\s*(?:亿|千万|百万|万)?元)"
    r"(?:的)?(?:一次性)?(?:奖励|补助|补贴|资助|支持|奖补|资金)*$"
)
_SHARE = re.compile(
    r"^(?:给予|按照?|对|其|企业|实际|上年度|上一年度|年度)*(?P<fact>[^\d×*%]+?)(?:总?额)?(?:的|×|\*|x|X|乘以)(?P<rate>[\d.]+)\s*(?P<unit>%|％|‰|万元|元)(?:/[件项人个])?"
    r"(?:的?比例)?(?:给予|予以|的)*(?:一次性)?(?:奖励|补助|补贴|资助|支持|奖补)*$"
)
_PER_PIECE = re.compile(
    r"^(?:给予)?每(?:新增)?[件项人个](?P<fact>[^\d]+?)(?:给予|奖励|补助|补贴|资助)+(?P<rate>[\d.]+)\s*(?P<unit>万元|元)(?:的?(?:奖励|补助|补贴|资助))?$"
)


def read_standard(measure: Measure) -> Standard:
    """The formula of a measure: its 支持标准, else its 扶持方式 where that is one, else its 扶持金额.

    An amount that is named as the most (不超过200万元) is a cap: on the formula, or on an amount that is not known.
    """
    floor, cap, fixed = _own_amount(measure.amount)
    for text in (measure.standard, measure.support):
        standard = _read(one_line(text), cap) if text else None
        if standard is not None and (not standard.fault or text == measure.standard):
            return standard
    if fixed is not None:
        return Standard((_Line(None, fixed, Decimal(0), ""),), cap=cap)
    if cap is not None:
        return Standard((_Line(None, Decimal(0), Decimal(1), "按标准核定的金额"),), floor, cap)
    return Standard((), fault="没有写明金额或公式，不计入资金测算。")


def _own_amount(money: Money | None) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
    """Floor, cap and fixed amount of the amount column."""
    if money is None or money.currency != _CNY or money.high is None:
        return None, None, None
    return (None, None, money.high) if money.low == money.high else (money.low, money.high, None)


def _yuan(text: str) -> Decimal | None:
    money = parse_money(text)
    exact = money is not None and money.currency == _CNY and money.low is not None and money.low == money.high
    return money.low if exact and money is not None else None


def _read(text: str, cap: Decimal | None) -> Standard | None:
    limits: dict[str, Decimal] = {}

    def taken(name: str) -> Callable[[re.Match[str]], str]:
        def take(match: re.Match[str]) -> str:
            money = _yuan(match["money"])
            if money is not None:
                limits[name] = money
            return "" if money is not None else match.group(0)

        return take

    rest = _CAP.sub(taken("cap"), text)
    rest = _FLOOR.sub(taken("floor"), rest).strip("，,。；; （）()")
    own = limits.get("cap")
    least = own if cap is None else cap if own is None else min(own, cap)
    unread = Standard((), fault="请写成能够计算的公式；改好之前不计入资金测算。")
    lines = _tiers(rest) if read_tiers(rest) else _one_line(rest)
    if lines is None:
        if own is not None and re.fullmatch(r"(?:给予|一次性)*(?:奖励|补助|补贴|资助|支持|奖补|资金)*", rest):
            lines = (_Line(None, Decimal(0), Decimal(1), "按标准核定的金额"),)
        else:
            return unread
    return Standard(lines, limits.get("floor"), least)


def _one_line(text: str, when: Condition | None = None) -> tuple[_Line, ...] | None:
    fixed = _FIXED.match(text)
    if fixed:
        money = _yuan(fixed["money"])
        return None if money is None else (_Line(when, money, Decimal(0), ""),)
    share = _SHARE.match(text) or _PER_PIECE.match(text)
    kind = find_fact(share["fact"])[0] if share else None
    if share is None or kind is None or kind.type != "number":
        return None
    rate = _rate(share["rate"], share["unit"], kind)
    return None if rate is None else (_Line(when, Decimal(0), rate, kind.name),)


def _rate(digits: str, unit: str, kind: FactKind) -> Decimal | None:
    if unit in ("%", "％", "‰"):
        return Decimal(digits) / (1000 if unit == "‰" else 100) if kind.unit == "元" else None
    return Decimal(digits) * (10_000 if unit == "万元" else 1) if kind.unit != "元" else None


def _tiers(text: str) -> tuple[_Line, ...] | None:
    lines: list[_Line] = []
    for tier in read_tiers(text):
        when = None
        if tier.fact:
            reading = read_clause(Clause("", "", "", tier.fact, tier.operator, tier.bound), as_of=date.min)
            if reading.faults or any(isinstance(leaf, Age) for leaf in leaves(reading.condition)):
                return None  # an age needs a day, which a formula has none of
            when = reading.condition
        line = _one_line(tier.value, when)
        if line is None:
            return None
        lines += line
    return tuple(lines)
