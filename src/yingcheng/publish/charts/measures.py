"""③ Whom the measures reach."""

from __future__ import annotations

from yingcheng.measures.reach import Reach
from yingcheng.measures.records import Verdict
from yingcheng.publish.charts.drawing import GOLD, GREY, TEAL, Chart, Drawing, nothing, stacked

__all__ = ["measure_verdicts"]


@Chart
def measure_verdicts(reach: Reach) -> Drawing:
    """Per measure: enterprises that qualify, that still owe material, that do not."""
    title = "各项举措的企业适用情况"
    if not reach.measures:
        return nothing(title, "没有制度创新举措")
    colours = ((Verdict.YES, TEAL), (Verdict.UNKNOWN, GOLD), (Verdict.NO, GREY))
    parts = [
        (str(verdict), [reach.count(place, verdict) for place in range(len(reach.measures))], colour)
        for verdict, colour in colours
    ]
    figure = stacked([measure.name for measure in reach.measures], parts, unit="企业（家）", width=18, first=True)
    alt = "；".join(
        f"{m.name}：符合 {reach.count(place, Verdict.YES)} 家、还需材料 {reach.count(place, Verdict.UNKNOWN)} 家"
        for place, m in enumerate(reach.measures)
    )
    return Drawing(figure, title, alt + "。")
