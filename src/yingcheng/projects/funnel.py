"""From lead to full effect: how many got how far, how long it took, what is overdue, and the usual rates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from statistics import median

from yingcheng.projects.ledger import is_stopped, reached, stage_date
from yingcheng.projects.records import FunnelStep, Overdue, Project, Stopped
from yingcheng.standards.money import Money
from yingcheng.standards.stages import STAGES

__all__ = ["RATES", "funnel", "in_yi", "overdue_projects", "rates", "stopped_projects"]

RATES = ("签约率", "履约率", "开工率", "投产率", "资金到位率", "转化周期", "超时限未开工项目数")
YI = Decimal(10**8)


def in_yi(amount: Money | None) -> Decimal | None:
    """An amount in 亿元, the middle of a range; ``None`` where it is not given or not in CNY."""
    middle = amount.middle if amount is not None and amount.currency == "CNY" else None
    return None if middle is None else middle / YI


def days_between(project: Project, start: str, end: str) -> int | None:
    """Days from one stage to another, where both are dated and in order."""
    first, last = stage_date(project, start), stage_date(project, end)
    return (last - first).days if first is not None and last is not None and last >= first else None


def _median_days(projects: Sequence[Project], start: str, end: str) -> tuple[float | None, int]:
    days = [found for project in projects if (found := days_between(project, start, end)) is not None]
    return (float(median(days)) if days else None), len(days)


def funnel(projects: Sequence[Project]) -> tuple[FunnelStep, ...]:
    """The nine stages. A project that reached a stage counts for all earlier ones, stopped ones up to where they came.

    ``median_days`` is the median over projects with both dates, from the stage just before.
    """
    steps = []
    for index, stage in enumerate(STAGES):
        arrived = [project for project in projects if reached(project) >= index]
        typical, dated = _median_days(arrived, STAGES[index - 1], stage) if index else (None, 0)
        steps.append(FunnelStep(stage, len(arrived), tuple(project.id for project in arrived), typical, dated))
    return tuple(steps)


def stopped_projects(projects: Sequence[Project]) -> tuple[Stopped, ...]:
    """Shelved and ended projects with the furthest stage they had reached and the reason given."""
    return tuple(
        Stopped(
            project.id,
            project.stage,
            STAGES[reached(project)] if reached(project) >= 0 else "",
            project.stopped_reason,
        )
        for project in projects
        if is_stopped(project)
    )


def overdue_projects(projects: Sequence[Project], *, as_of: date) -> tuple[Overdue, ...]:
    """Agreed start passed without 开工, or end of the building period passed without 投产.

    Ended projects are never overdue. The longest overdue come first. The due day itself is still in time.
    """
    found = []
    for project in projects:
        if project.stage == "终止":
            continue
        end = project.period.end if project.period else None
        for stage, due in (("开工", project.start_due), ("投产", end)):
            if due is not None and due < as_of and reached(project) < STAGES.index(stage):
                found.append(Overdue(project.id, stage, due, (as_of - due).days))
    return tuple(sorted(found, key=lambda item: (-item.days, item.project_id, item.stage)))


def rates(projects: Sequence[Project], overdue: Sequence[Overdue]) -> tuple[tuple[str, float | None], ...]:
    """The usual rates, in the order of :data:`RATES`; ``None`` where there is nothing to divide by.

    "Reached" counts every project that came to the stage or beyond, stopped ones included.

    - 签约率: reached 签约 ÷ reached 对接.
    - 履约率: reached 注册 ÷ reached 签约 (the contract is being carried out once the project company is registered).
    - 开工率: reached 开工 ÷ reached 签约.
    - 投产率: reached 投产 ÷ reached 签约.
    - 资金到位率: Σ paid in ÷ Σ planned investment, over projects that reached 签约 and report both in CNY.
    - 转化周期: median days from 对接 to 签约, over projects with both dates.
    - 超时限未开工项目数: projects past their agreed start without 开工, not ended (a count, 0 where there is none).
    """
    count = {step.stage: step.count for step in funnel(projects)}
    signed = [project for project in projects if reached(project) >= STAGES.index("签约")]
    amounts = [
        (paid, planned)
        for project in signed
        if (paid := in_yi(project.paid_in)) is not None and (planned := in_yi(project.investment)) is not None
    ]
    planned_sum = sum((planned for _paid, planned in amounts), Decimal(0))
    paid_sum = sum((paid for paid, _planned in amounts), Decimal(0))
    values: tuple[float | None, ...] = (
        _share(count["签约"], count["对接"]),
        _share(count["注册"], count["签约"]),
        _share(count["开工"], count["签约"]),
        _share(count["投产"], count["签约"]),
        float(paid_sum / planned_sum) if planned_sum else None,
        _median_days(projects, "对接", "签约")[0],
        float(len([item for item in overdue if item.stage == "开工"])),
    )
    return tuple(zip(RATES, values, strict=True))


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
