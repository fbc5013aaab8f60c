"""③ Whom the measures reach."""

from __future__ import annotations

from collections import Counter

from yingcheng.measures.records import Reach, Verdict
from yingcheng.publish.charts.drawing import GOLD, GREY, TEAL, Chart, Drawing, nothing, stacked

__all__ = ["measure_verdicts"]


@Chart
def measure_verdicts(reach: Reach) -> Drawing:
    """Per measure: enterprises that qualify, that still owe material, that do not."""
    title = "各项举措的企业适用情况"
    if not reach.measures:
        return nothing(title, "没有制度创新举措")
    counts = Counter((item.measure_id, item.verdict) for item in reach.applications)
    colours = ((Verdict.YES, TEAL), (Verdict.UNKNOWN, GOLD), (Verdict.NO, GREY))
    parts = [(str(verdict), [counts[m.id, verdict] for m in reach.measures], colour) for verdict, colour in colours]
    figure = stacked([measure.name for measure in reach.measures], parts, unit="企业（家）", width=18, first=True)
    alt = "；".join(
        f"{m.name}：符合 {counts[m.id, Verdict.YES]} 家、还需材料 {counts[m.id, Verdict.UNKNOWN]} 家"
        for m in reach.measures
    )
    return Drawing(figure, title, alt + "。")
