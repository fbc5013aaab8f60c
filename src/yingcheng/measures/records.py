"""③ The records of the policy measures (制度创新举措) and of whom each one reaches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from yingcheng.findings import SourceRow
from yingcheng.standards.dates import Period
from yingcheng.standards.money import Money

__all__ = ["Application", "Clause", "ClauseTrace", "Fact", "FactValue", "Facts", "Measure", "Verdict"]

FactValue = bool | Decimal | date | str | tuple[str, ...]


class Verdict(StrEnum):
    """Three values. A missing fact gives ``UNKNOWN``, never ``NO``."""

    YES = "符合"
    NO = "不符合"
    UNKNOWN = "还需材料"


@dataclass(frozen=True, slots=True)
class Fact:
    """One known fact about an enterprise. What is not known is absent from :data:`Facts`, never empty or 0."""

    value: FactValue
    source: str  # where it is known from, for the trace
    day: date | None = None  # when it was true
    grade: str = ""  # A of a register, B certificate or audit, C own return, D read out of a text


Facts = Mapping[str, Fact]  # fact name (注册资本, 资质, 注册地 …) → fact


@dataclass(frozen=True, slots=True)
class Clause:
    """One row of a measure's decision table.

    A row asks for a fact, or joins the rows that ``outline`` puts below it (:mod:`yingcheng.measures.outline`). Rows
    with the same ``group`` are alternatives (any of them is enough); everything else must hold. ``fact`` is empty
    where the clause text could not be read as a comparison: then only a human can judge it.
    """

    number: str  # as the policy counts it: 第三条
    kind: str  # 资质 / 行业 / 规模 / 地域 / 信用 …
    text: str  # the clause as written
    fact: str = ""
    operator: str = ""
    value: str = ""
    group: str = ""
    outline: str = ""  # 2.1: below row 2
    source: SourceRow | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """One policy measure with its conditions."""

    id: str
    name: str
    number: str = ""  # 文号
    level: str = ""  # 国家 / 省 / 市 / 区 / 街道
    category: str = ""
    tool: str = ""  # 供给 / 环境 / 需求
    support: str = ""  # 扶持方式
    standard: str = ""  # 支持标准: the formula of the amount, with floor and cap
    amount: Money | None = None
    exclusive: str = ""  # 不重复享受: of the measures of one such group an enterprise gets the best only
    budget: Money | None = None  # for all enterprises together
    deadline: Period | None = None  # 申报期限
    validity: Period | None = None  # 有效期
    days: int | None = None  # 办理时限, working days from application to decision
    unit: str = ""  # 责任单位
    basis: str = ""  # 依据
    materials: tuple[str, ...] = ()
    channel: str = ""  # 申报渠道
    tracks: tuple[str, ...] = ()
    link: str = ""
    clauses: tuple[Clause, ...] = ()
    extra: tuple[tuple[str, str], ...] = ()
    sources: tuple[SourceRow, ...] = ()


@dataclass(frozen=True, slots=True)
class ClauseTrace:
    """How one clause was decided: the fact used, or the fact to ask for."""

    clause: Clause
    verdict: Verdict
    reason: str
    missing: tuple[str, ...] = ()  # facts that are missing and could change the answer


@dataclass(frozen=True, slots=True)
class Application:
    """One measure × one enterprise. ``complete`` is false where the answer may be more cautious than it had to be."""

    measure_id: str
    enterprise_id: str
    verdict: Verdict
    traces: tuple[ClauseTrace, ...]
    missing: tuple[str, ...]
    complete: bool = True
