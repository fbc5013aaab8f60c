"""⑥ 落地一批场景营城项目: the ledger, the funnel, what is overdue, the score."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from yingcheng.projects.assessment import AssessmentFormula, load_formula, score
from yingcheng.projects.funnel import funnel, overdue_projects, rates, stopped_projects
from yingcheng.projects.ledger import keep_ledger
from yingcheng.projects.records import Portfolio, Project

__all__ = ["follow_up", "load_formula"]


def follow_up(projects: Sequence[Project], *, as_of: date, formula: AssessmentFormula | None = None) -> Portfolio:
    """Merge the ledger's rows, see how far every project is, what is late, and what the score sheet gives.

    Args:
        projects: rows of the ledger, several months of the same project welcome.
        as_of: the day up to which events count.
        formula: the score sheet; without one there is no assessment.
    """
    ledger = keep_ledger(projects, as_of=as_of)
    overdue = overdue_projects(ledger.projects, as_of=as_of)
    return Portfolio(
        ledger.projects,
        funnel(ledger.projects),
        overdue,
        rates(ledger.projects, overdue),
        score(formula, ledger.projects, overdue) if formula else None,
        as_of,
        stopped_projects(ledger.projects),
        ledger.findings,
    )
