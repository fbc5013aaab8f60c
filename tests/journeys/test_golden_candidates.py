"""The first candidates of every opportunity of the example, for review by eye when the matching changes.

``YINGCHENG_GOLDEN=write`` writes the file anew; look at the difference before you commit it.
"""

from __future__ import annotations

import os
from pathlib import Path

from yingcheng.programme import RunReport

GOLDEN = Path(__file__).parents[1] / "data" / "golden" / "taiyuan_candidates.txt"
FIRST = 3


def described(report: RunReport) -> str:
    results = report.results
    enterprises = results.enterprise_names()
    lines = ["# 机会，其后每行：匹配分 企业：分量最大的理由"]
    for opportunity in sorted(results.opportunities.distinct, key=lambda o: (o.name, o.id)):
        lines.append(opportunity.name)
        mine = [edge for edge in results.candidates.edges if edge.opportunity_id == opportunity.id][:FIRST]
        for edge in mine:
            best = max(edge.reasons, key=lambda reason: reason.contribution)
            lines.append(f"  {edge.score:.2f} {enterprises[edge.enterprise_id]}：{' '.join(best.text.split())}")
        if not mine:
            lines.append("  （暂无）")
    return "\n".join(lines) + "\n"


def test_the_first_candidates_are_those_somebody_looked_at(example_run: RunReport) -> None:
    found = described(example_run)
    if os.environ.get("YINGCHENG_GOLDEN") == "write":
        GOLDEN.parent.mkdir(parents=True, exist_ok=True)
        GOLDEN.write_text(found, encoding="utf-8")
    assert found == GOLDEN.read_text(encoding="utf-8")
