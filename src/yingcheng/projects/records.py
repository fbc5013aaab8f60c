"""⑥ The records of landed projects (落地项目): ledger, stages, funnel, assessment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from yingcheng.findings import SourceRow
from yingcheng.standards.dates import Period
from yingcheng.standards.money import Money

__all__ = ["Assessment", "AssessmentLine", "FunnelStep", "Overdue", "Portfolio", "Project", "StageEvent"]


@dataclass(frozen=True, slots=True)
class StageEvent:
    """A project reached a stage. ``date`` is ``None`` where the sheet names the stage but no date."""

    stage: str
    date: date | None
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
    """The score computed from a formula file."""

    title: str
    effective: date | None
    lines: tuple[AssessmentLine, ...]
    total: float | None


@dataclass(frozen=True, slots=True)
class Portfolio:
    """Every project, the funnel, what is overdue, the score and the rates."""

    projects: tuple[Project, ...]
    funnel: tuple[FunnelStep, ...]
    overdue: tuple[Overdue, ...]
    rates: tuple[tuple[str, float | None], ...]  # 签约率 …, None where the denominator is 0
    assessment: Assessment | None
    as_of: date
