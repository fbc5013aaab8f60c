"""Writes the deliverables: one module per step over shared writers for workbooks, documents, paper and charts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from yingcheng.publish import (
    capabilities,
    findings,
    matchmaking,
    measures,
    opportunities,
    plan,
    projects,
    white_paper,
)
from yingcheng.publish.index import write as write_index
from yingcheng.publish.records import Deliverable, Results

__all__ = ["WRITERS", "Deliverable", "Results", "write_index"]

WRITERS: tuple[tuple[str, Callable[[Results, Path], tuple[Deliverable, ...]]], ...] = (
    ("问题清单", findings.write),
    ("顶层策划", plan.write),
    ("场景机会清单", opportunities.write),
    ("惠企政策适用", measures.write),
    ("企业能力矩阵", capabilities.write),
    ("匹配建议与对接日程", matchmaking.write),
    ("对接日程（PDF）", matchmaking.write_paper),
    ("落地项目台账", projects.write),
    ("白皮书（PDF）", white_paper.write),
)
"""Every deliverable's name and writer, in the order of the six steps. A writer may raise MissingExtra."""
