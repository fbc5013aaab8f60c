"""② The list of scenario opportunities."""

from __future__ import annotations

from collections import Counter

from yingcheng.opportunities.records import OpportunityList
from yingcheng.publish.charts.drawing import BLUE, GREY, Chart, Drawing, nothing, stacked
from yingcheng.standards.tracks import TRACKS

__all__ = ["opportunities_by_department", "opportunities_by_track"]


@Chart
def opportunities_by_track(opportunities: OpportunityList) -> Drawing:
    """Opportunities per track, those that may be published apart from those that may not yet."""
    title = "各赛道场景机会数量"
    if not opportunities.opportunities:
        return nothing(title, "没有场景机会")
    ready: Counter[str] = Counter()
    waiting: Counter[str] = Counter()
    for opportunity, review in zip(opportunities.opportunities, opportunities.reviews, strict=True):
        (ready if review.publishable else waiting).update(opportunity.tracks or ("未标注赛道",))
    labels = [*TRACKS] + ["未标注赛道"] * bool(ready["未标注赛道"] + waiting["未标注赛道"])
    parts = (
        ("可发布", [ready[label] for label in labels], BLUE),
        ("待补正", [waiting[label] for label in labels], GREY),
    )
    figure = stacked(labels, parts, unit="场景机会（项；一项可属多个赛道）")
    alt = "；".join(f"{label} {ready[label] + waiting[label]} 项" for label in labels) + "。"
    return Drawing(figure, title, alt)


@Chart
def opportunities_by_department(opportunities: OpportunityList, limit: int = 15) -> Drawing:
    """Opportunities per leading department (else per unit that needs it), most first."""
    title = "各报送/需求单位的场景机会数量"
    if not opportunities.opportunities:
        return nothing(title, "没有场景机会")
    ready: Counter[str] = Counter()
    waiting: Counter[str] = Counter()
    for opportunity, review in zip(opportunities.opportunities, opportunities.reviews, strict=True):
        name = opportunity.lead or opportunity.unit or "未填单位"
        (ready if review.publishable else waiting)[" ".join(name.split())] += 1
    order = sorted(ready.keys() | waiting.keys(), key=lambda name: (-(ready[name] + waiting[name]), name))
    labels, rest = order[:limit], order[limit:]
    parts = [
        ("可发布", [ready[label] for label in labels], BLUE),
        ("待补正", [waiting[label] for label in labels], GREY),
    ]
    others = sum(ready[name] + waiting[name] for name in rest)
    below = f"\n其余 {len(rest)} 个单位共 {others} 项，未画出" if rest else ""
    figure = stacked(labels, parts, unit=f"场景机会（项）{below}", width=18)
    alt = (
        f"共 {len(order)} 个报送/需求单位；"
        + "；".join(f"{name} {ready[name] + waiting[name]} 项" for name in order[:5])
        + "。"
    )
    return Drawing(figure, title, alt)
