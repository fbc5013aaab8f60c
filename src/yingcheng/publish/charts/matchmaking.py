"""⑤ Scores of candidates, what fairness costs, and the taken tables."""

from __future__ import annotations

from yingcheng.matchmaking.records import Assignment, Candidates, Timetable
from yingcheng.publish.charts.drawing import (
    BLUE,
    LEVEL_COLOURS,
    MUTED,
    SKY,
    Chart,
    Drawing,
    cut_text,
    legend,
    new_figure,
    nothing,
)
from yingcheng.publish.extras import load

__all__ = ["candidate_scores", "fairness_frontier", "timetable_occupancy"]


@Chart
def candidate_scores(candidates: Candidates, assignment: Assignment) -> Drawing:
    """How the scores of all candidates spread, and of those that were chosen."""
    title = "候选匹配得分分布"
    if not candidates.edges:
        return nothing(title, "没有候选匹配")
    figure, axes = new_figure(2.7)
    edges = [step / 20 for step in range(21)]
    chosen = [pair.score for pair in assignment.pairs]
    axes.hist(
        [edge.score for edge in candidates.edges],
        bins=edges,
        color=SKY,
        label=f"全部候选（{len(candidates.edges)} 对）",
    )
    axes.hist(chosen, bins=edges, color=BLUE, label=f"入选会谈（{len(chosen)} 对）")
    axes.set_xlim(0, 1)
    axes.set_xlabel("匹配得分（0–1）")
    axes.set_ylabel("候选（对）")
    axes.yaxis.set_major_locator(load("matplotlib.ticker").MaxNLocator(integer=True, nbins=6, min_n_ticks=1))
    axes.grid(axis="y")
    legend(axes, 2)
    nobody = f"{len(candidates.nobody)} 项机会暂无足够匹配的候选"
    alt = f"候选 {len(candidates.edges)} 对，入选会谈 {len(chosen)} 对，{nobody}。"
    return Drawing(figure, title, alt)


@Chart
def fairness_frontier(assignment: Assignment) -> Drawing:
    """Total against what the worst-off party gets, one point per way of choosing; the one taken stands out."""
    title = "公平与总分的取舍"
    points = assignment.frontier
    if not points:
        return nothing(title, "未要求保底")
    figure, axes = new_figure(2.7)
    floors, totals = [point.floor for point in points], [point.total for point in points]
    axes.plot(floors, totals, color=SKY, lw=1.4, marker="o", markersize=5, zorder=2)
    taken = [point for point in points if point.taken]
    axes.scatter([p.floor for p in taken], [p.total for p in taken], color=BLUE, s=70, zorder=3, label="采用的选法")
    axes.margins(0.12, 0.2)
    axes.set_xlabel("所得最低一方的匹配分合计")
    axes.set_ylabel("全部总分")
    axes.grid(axis="both")
    legend(axes, 1)
    alt = "；".join(
        f"最低一方 {point.floor:.3f}、总分 {point.total:.3f}" + ("（采用）" if point.taken else "") for point in points
    )
    return Drawing(figure, title, alt + "。")


@Chart
def timetable_occupancy(timetable: Timetable) -> Drawing:
    """Tables × slots: which are taken."""
    title = "会谈桌次与时段占用"
    session = timetable.session
    if not session.slots or not session.tables:
        return nothing(title, "未设置会谈时段")
    busy = {
        (meeting.table, slot)
        for meeting in timetable.meetings
        for slot in range(meeting.slot, meeting.slot + meeting.slots)
    }
    column = {slot.index: place for place, slot in enumerate(session.slots)}
    figure, axes = new_figure(0.95 + 0.26 * len(session.tables))
    cells = [[0.0] * len(session.slots) for _table in session.tables]
    for table, slot in sorted(busy):
        cells[table][column[slot]] = 1.0
    colours = load("matplotlib.colors").ListedColormap([LEVEL_COLOURS[0], BLUE])
    axes.pcolormesh(cells, cmap=colours, vmin=0, vmax=1, edgecolors="white", linewidth=1.4)
    axes.set_yticks(
        [row + 0.5 for row in range(len(session.tables))], [cut_text(table, 10) for table in session.tables]
    )
    axes.set_ylim(len(session.tables), 0)
    step = 1 + (len(session.slots) - 1) // 14
    ticks = list(enumerate(session.slots))[::step]
    axes.set_xticks([place + 0.5 for place, _slot in ticks], [f"{slot.start:%H:%M}" for _place, slot in ticks])
    axes.xaxis.tick_top()
    for place, (before, after) in enumerate(zip(session.slots, session.slots[1:], strict=False), start=1):
        if before.end != after.start:  # a pause or a block of the agenda
            axes.axvline(place, color=MUTED, lw=1.2)
    for spine in axes.spines.values():
        spine.set_visible(False)
    days = sorted({slot.start.date() for slot in session.slots})
    axes.set_xlabel(f"{'、'.join(f'{day:%Y-%m-%d}' for day in days)}　时段开始时间；深色为已排会谈，竖线为议程或休息")
    size = f"{len(session.tables)} 张桌 × {len(session.slots)} 个时段"
    share = len(busy) / (len(session.slots) * len(session.tables))
    alt = f"{size}，已排 {len(timetable.meetings)} 场，占用 {share:.0%}。"
    return Drawing(figure, title, alt)
