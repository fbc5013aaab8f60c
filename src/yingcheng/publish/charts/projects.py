"""⑥ The funnel of projects."""

from __future__ import annotations

from yingcheng.projects.records import Portfolio
from yingcheng.publish.charts.drawing import BLUE, INK, MUTED, Chart, Drawing, label_rows, new_figure, nothing

__all__ = ["funnel"]


@Chart
def funnel(portfolio: Portfolio) -> Drawing:
    """How many projects reached each stage, the share of the stage before, and the median days between."""
    title = "项目转化漏斗"
    if not portfolio.funnel:
        return nothing(title, "没有跟进项目")
    steps = portfolio.funnel
    figure, axes = new_figure(0.75 + 0.38 * len(steps))
    widest = max(*(step.count for step in steps), 1)
    for row, step in enumerate(steps):
        axes.barh(row, step.count, left=-step.count / 2, height=0.72, color=BLUE, alpha=1 - 0.62 * row / len(steps))
        beside = step.count < widest * 0.12
        axes.text(
            step.count / 2 + widest * 0.015 if beside else 0,
            row,
            str(step.count),
            va="center",
            ha="left" if beside else "center",
            color=INK if beside or row > len(steps) * 0.7 else "white",
            fontsize=9.5,
        )
        before = steps[row - 1].count if row else 0
        rate = f"{step.count / before:.0%}" if before else "—"
        days = "—" if step.median_days is None else f"{step.median_days:.0f} 天（{step.dated} 项）"
        axes.text(widest * 0.66, row, rate, va="center", ha="right", fontsize=8.5)
        axes.text(widest * 0.72, row, days, va="center", fontsize=8.5)
    axes.text(widest * 0.66, -0.78, "环比转化", ha="right", fontsize=8.5, color=MUTED)
    axes.text(widest * 0.72, -0.78, "阶段用时中位数", fontsize=8.5, color=MUTED)
    label_rows(axes, [step.stage for step in steps])
    axes.grid(visible=False)
    axes.set_ylim(len(steps) - 0.45, -1.05)
    axes.set_xlim(-widest * 0.54, widest * 1.0)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    alt = "；".join(f"{step.stage} {step.count} 项" for step in steps) + "。"
    return Drawing(figure, title, alt)
