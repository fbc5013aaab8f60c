"""⑥ The records of landed projects (落地项目): ledger, stages, funnel, assessment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from yingcheng.findings import Finding, SourceRow
from yingcheng.standards.dates import Period
from yingcheng.standards.money import Money

__all__ = [
    "Assessment",
    "AssessmentLine",
    "FunnelStep",
    "MonthEntry",
    "Overdue",
    "Portfolio",
    "Project",
    "StageEvent",
    "Stopped",
]


@dataclass(frozen=True, slots=True)
class StageEvent:
    """A project reached a stage. ``date`` is ``None`` where the sheet names the stage but no date."""

    stage: str
    date: date | None
    source: SourceRow | None = None


@dataclass(frozen=True, slots=True)
class MonthEntry:
    """What one monthly row said about a project."""

    month: str
    stage: str
    status: str
    progress: str
    result: str
    problem: str
    coordination: str
    next_step: str
    source: SourceRow | None = None


@dataclass(frozen=True, slots=True)
class Project:
    """One project followed from lead to operation."""

    id: str
    name: str
    enterprise: str = ""
    enterprise_intro: str = ""
    capability: str = ""
    category: str = ""
    tracks: tuple[str, ...] = ()
    intro: str = ""  # 场景项目介绍
    scenario: str = ""  # 计划落地应用场景
    opportunity: str = ""
    department: str = ""  # 建议对接部门
    investment: Money | None = None
    paid_in: Money | None = None  # 到位资金
    period: Period | None = None
    start_due: date | None = None  # agreed date of 开工
    stage: str = ""  # latest of the standard stages
    events: tuple[StageEvent, ...] = ()
    status: str = ""  # as written
    progress: str = ""
    result: str = ""
    problem: str = ""
    coordination: str = ""
    next_step: str = ""
    follower: str = ""
    month: str = ""
    stopped_reason: str = ""
    is_new: bool | None = None  # 新引进
    fits_industry: bool | None = None  # 产业契合
    extra: tuple[tuple[str, str], ...] = ()
    sources: tuple[SourceRow, ...] = ()
    history: tuple[MonthEntry, ...] = ()  # monthly rows merged into this project, oldest first


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """How many projects reached a stage, and which."""

    stage: str
    count: int
    project_ids: tuple[str, ...]
    median_days: float | None = None  # from the previous stage, where both dates are known
    dated: int = 0  # how many projects that median rests on


@dataclass(frozen=True, slots=True)
class Overdue:
    """A project that should have reached a stage by now."""

    project_id: str
    stage: str
    due: date
    days: int


@dataclass(frozen=True, slots=True)
class Stopped:
    """A project that was shelved or ended, how far it had come, and why (empty where the ledger gives no reason)."""

    project_id: str
    stage: str  # 搁置 / 终止
    reached: str  # furthest standard stage before it
    reason: str


@dataclass(frozen=True, slots=True)
class AssessmentLine:
    """One line of the score sheet; ``rows`` are the projects it was computed from."""

    name: str
    formula: str
    value: float | None
    points: float | None
    full: float | None
    source: str
    rows: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Assessment:
    """The score from a formula file. ``total`` is ``None`` while any line is unknown; ``known`` adds up the others."""

    title: str
    effective: date | None
    lines: tuple[AssessmentLine, ...]
    total: float | None
    known: float = 0.0
    full: float | None = None  # full score without bonuses
    source: str = ""


@dataclass(frozen=True, slots=True)
class Portfolio:
    """Every project, the funnel, what is overdue, the score and the rates."""

    projects: tuple[Project, ...]
    funnel: tuple[FunnelStep, ...]
    overdue: tuple[Overdue, ...]
    rates: tuple[tuple[str, float | None], ...]  # 签约率 …, None where the denominator is 0
    assessment: Assessment | None
    as_of: date
    stopped: tuple[Stopped, ...] = ()
    findings: tuple[Finding, ...] = ()  # stages out of order, without a date, in the future, ids used twice
