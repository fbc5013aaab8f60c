"""What is published: the results of all six steps, and the deliverables made of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from yingcheng.capabilities.records import Matrix
from yingcheng.cases.records import Case, SimilarCase
from yingcheng.findings import FileReport, Finding
from yingcheng.matchmaking.records import Assignment, Candidates, Timetable
from yingcheng.matchmaking.timetable.schedule import Schedule
from yingcheng.measures.reach import Reach
from yingcheng.opportunities.records import OpportunityList
from yingcheng.plan.records import Plan
from yingcheng.projects.records import Portfolio
from yingcheng.publish.charts import Gallery
from yingcheng.revision import Edition

__all__ = ["STEP_FOLDERS", "Deliverable", "Results"]

STEP_FOLDERS = (
    "0-数据核验",
    "1-顶层策划",
    "2-场景机会清单",
    "3-制度创新举措",
    "4-企业能力矩阵",
    "5-政企精准对接",
    "6-落地项目",
)
"""Output folder of each step; 0 is what concerns the input as a whole."""


@dataclass(frozen=True, slots=True)
class Results:
    """Everything the programme computed. Writers read it and never change it."""

    name: str  # of the programme
    city: str  # host city, as in the settings; empty where unknown
    as_of: date
    batch: str
    files: tuple[FileReport, ...]
    findings: tuple[Finding, ...]
    plan: Plan
    opportunities: OpportunityList
    reach: Reach
    matrix: Matrix
    candidates: Candidates
    assignment: Assignment
    timetable: Timetable
    portfolio: Portfolio
    cases: tuple[Case, ...]
    similar: tuple[SimilarCase, ...]
    session_given: bool = True  # False where the day of the session was not in the settings and is only assumed
    link_base: str = ""  # where the personal agendas are served from
    known: Schedule | None = None  # what participants were told by an earlier run or on the day
    editions: tuple[Edition, ...] = ()  # edited copies of earlier plans, whose changes are to be kept
    gallery: Gallery = field(default_factory=Gallery, compare=False, repr=False)  # each picture is drawn once

    def opportunity_names(self) -> dict[str, str]:
        """Opportunity id → name."""
        return {opportunity.id: opportunity.name for opportunity in self.opportunities.opportunities}

    def enterprise_names(self) -> dict[str, str]:
        """Enterprise id → name."""
        return {enterprise.id: enterprise.name for enterprise in self.matrix.enterprises}


@dataclass(frozen=True, slots=True)
class Deliverable:
    """One file that was written. ``step`` 1–6 is the step it belongs to, 0 the whole programme."""

    step: int
    title: str
    path: Path  # relative to the output folder
    picture: bool = False  # a key picture, shown on the index page
    summary: str = ""  # one line with the figures that matter
