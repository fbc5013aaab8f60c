"""① The 13 tracks and the industries behind them."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from yingcheng.plan.records import Industry, TrackView
from yingcheng.publish.charts.drawing import (
    BLUE,
    FAINT,
    GOLD,
    GREY,
    INK,
    MUTED,
    RED,
    TEAL,
    Chart,
    Drawing,
    legend,
    new_figure,
    nothing,
    two_lines,
)
from yingcheng.publish.charts.labels import Named, name_points
from yingcheng.publish.extras import load

__all__ = ["industry_scatter", "track_table"]

LEVEL_END = re.compile(r"[：:，,；;（(\s0-9]")


def _level(text: str) -> str:
    """The word for the level with which a cell of the three columns begins; "无差距" for a sentence that says so."""
    word = LEVEL_END.split(text, maxsplit=1)[0]
    if len(word) <= 5:
        return word or "—"
    return "无差距" if "无" in word else "—"


@Chart
def track_table(tracks: Sequence[TrackView]) -> Drawing:
    """The 13 tracks with need, base and feasible side by side; the three never merge into one score."""
    title = "十三个赛道的需求、基础与可行性"
    if not tracks:
        return nothing(title, "没有赛道数据")
    figure, axes = new_figure(0.5 + 0.27 * len(tracks))
    axes.set_axis_off()
    heads = ((0.0, "赛道"), (0.2, "需求"), (0.5, "基础"), (0.78, "可行（项数）"))
    needs = max((view.need_value or 0.0 for view in tracks), default=0.0) or 1.0
    bases = max((view.base_value or 0.0 for view in tracks), default=0.0) or 1.0
    feasible = max((view.feasible_count for view in tracks), default=0) or 1
    for x, head in heads:
        axes.text(x + 0.01, -0.75, head, color=MUTED, fontsize=9)
    axes.axhline(-0.5, color=MUTED, lw=1)
    rectangle = load("matplotlib.patches").Rectangle
    for row, view in enumerate(tracks):
        if view.focus:
            axes.add_patch(rectangle((0, row - 0.5), 1, 1, color="#fbf1ef", linewidth=0, zorder=0))
        axes.axhline(row + 0.5, color=FAINT, lw=0.8)
        axes.text(0.01, row, view.track, va="center", fontsize=9, color=RED if view.focus else INK)
        columns = (
            (0.2, _level(view.need), (view.need_value or 0.0) / needs, RED),
            (0.5, _level(view.base), (view.base_value or 0.0) / bases, GOLD),
            (0.78, str(view.feasible_count), view.feasible_count / feasible, BLUE),
        )
        for x, word, share, colour in columns:
            axes.text(x + 0.01, row, word, va="center", fontsize=8.5, color=MUTED if word.startswith("无") else INK)
            if not word.startswith("无"):
                size = 0.13 * max(0.0, min(1.0, share))
                bar = rectangle((x + 0.075, row - 0.17), size, 0.34, color=colour, alpha=0.7, linewidth=0)
                axes.add_patch(bar)
    axes.set_xlim(0, 1)
    axes.set_ylim(len(tracks) - 0.4, -1.15)
    focus = [view.track for view in tracks if view.focus]
    alt = f"重点赛道 {len(focus)} 个：{'、'.join(focus)}。" if focus else "未选出重点赛道。"
    return Drawing(figure, title, alt + "红底行为重点赛道；三列分别呈现，不合并为一个分数。")


KINDS = {"优势": RED, "转型": GOLD, "机会": TEAL, "弱": MUTED}
LONGEST_NAME = 8  # Chinese characters on each of two lines


def _radius(industry: Industry, largest: float) -> float:
    """Of its point, in points: the area grows with the persons employed."""
    return math.sqrt(5 + 45 * industry.end / largest)


@Chart
def industry_scatter(industries: Sequence[Industry], city: str = "") -> Drawing:
    """Location quotient × regional shift of each industry; the area of a point is its size in the city."""
    title = f"{city}各行业的区位商与区域增长份额"
    shown = [one for one in industries if one.shift is not None and one.quotient > 0]
    if not shown:
        return nothing(title, "没有两个年份的分行业数据，未计算区域增长份额")
    figure, axes = new_figure(4.8)
    largest = max(one.end for one in shown) or 1.0
    for kind in dict.fromkeys([*KINDS, *(one.kind for one in shown)]):
        group = [one for one in shown if one.kind == kind]
        if group:
            axes.scatter(
                [one.quotient for one in group],
                [(one.shift or 0.0) * 100 for one in group],
                s=[(2 * _radius(one, largest)) ** 2 for one in group],
                color=KINDS.get(kind, GREY),
                alpha=0.8,
                linewidths=0,
                label=f"{kind or '未分类'}（{len(group)} 个）",
            )
    axes.set_xscale("log", base=2)
    quotients = [one.quotient for one in shown]
    low, high = min(*quotients, 1.0) / 1.35, max(*quotients, 1.0) * 1.45
    axes.set_xlim(low, high)
    ticks = [t for t in (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 10, 20) if low <= t <= high]
    axes.set_xticks(ticks, [f"{t:g}" for t in ticks])
    axes.set_xticks([], minor=True)
    axes.margins(y=0.14)
    axes.axvline(1, color=MUTED, lw=0.9)
    axes.axhline(0, color=MUTED, lw=0.9)
    axes.set_xlabel("区位商 LQ（对数刻度；1 = 与参照城市整体相同）")
    years = next((one.years for one in shown if one.years), "")
    axes.set_ylabel(f"区域增长份额（%{f'，{years}' if years else ''}）")
    axes.grid()
    legend(axes, len(KINDS))
    points = [
        Named(
            two_lines(one.name, LONGEST_NAME),
            one.quotient,
            (one.shift or 0.0) * 100,
            KINDS.get(one.kind, INK),
            _radius(one, largest),
        )
        for one in shown
    ]
    name_points(axes, points, size=8)
    strong = [one.name for one in shown if one.kind == "优势"]
    alt = f"{len(shown)} 个行业。" + (
        f"优势行业（区位商大于 1 且增长快于参照城市同行业）：{'、'.join(strong)}。" if strong else "没有优势行业。"
    )
    absent = len(industries) - len(shown)
    return Drawing(figure, title, alt + (f"另 {absent} 个行业缺数据，未画出。" if absent else ""))
