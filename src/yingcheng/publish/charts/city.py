"""① Where a city stands: quadrant, levels, obstacles, gaps."""

from __future__ import annotations

from collections.abc import Sequence

from yingcheng.plan.records import Diagnosis, Gap, Obstacle
from yingcheng.publish.charts.drawing import (
    BLUE,
    GOLD,
    GREY,
    INK,
    LINE,
    MUTED,
    RED,
    SKY,
    SUBSYSTEMS,
    TEAL,
    Chart,
    Drawing,
    label_rows,
    legend,
    new_figure,
    nothing,
    number_beside,
)
from yingcheng.publish.charts.labels import Named, name_points

__all__ = ["decimals", "gaps", "obstacles", "quadrant", "subsystem_levels"]


@Chart
def quadrant(diagnosis: Diagnosis, others: Sequence[Diagnosis] = ()) -> Drawing:
    """Development T × coupling C of every reference city, with the host city, its peers and other cities named."""
    title = f"{diagnosis.city}在参照城市中的位置（发展水平 × 耦合度）"
    figure, axes = new_figure(4.6)
    where = {point.code: (point.development, point.coupling) for point in diagnosis.cities}
    developments, couplings = (sorted(place[k] for place in where.values()) for k in (0, 1))
    axes.scatter(
        [t for t, _c in where.values()],
        [c for _t, c in where.values()],
        s=11,
        color=GREY,
        linewidths=0,
        alpha=0.75,
        label=f"参照城市（{len(where)} 个）",
    )
    host = Named(diagnosis.city, diagnosis.development, diagnosis.coupling, RED, 5.2)
    named = {diagnosis.code: host}
    groups = (
        ("结构相似城市", [(peer.code, peer.city) for peer in diagnosis.peers], BLUE, "o"),
        ("参会城市", [(other.code, other.city) for other in others], GOLD, "s"),
    )
    for label, cities, colour, marker in groups:
        here = [Named(city, *where[code], colour) for code, city in cities if code in where and code != diagnosis.code]
        if here:
            axes.scatter([p.x for p in here], [p.y for p in here], s=24, color=colour, marker=marker, label=label)
        for code, city in cities:
            if code in where:
                named.setdefault(code, Named(city, *where[code], colour))
    axes.scatter(host.x, host.y, s=110, color=RED, marker="*", label=diagnosis.city, zorder=5)
    if where:
        middle = len(where) // 2
        axes.axvline(developments[middle], color=LINE, lw=0.9, ls=(0, (4, 3)), zorder=0)
        axes.axhline(couplings[middle], color=LINE, lw=0.9, ls=(0, (4, 3)), zorder=0)
    axes.set_ylabel("耦合度 C（0–1）")
    # Most cities have C near 1 and a few near 0; showing those would press all the others into a line.
    floor = min([point.y for point in named.values()] + couplings[len(couplings) // 10 :][:1])
    below = sum(1 for c in couplings if c < floor)
    axes.set_ylim(floor - 0.06 * (1 - floor), 1 + 0.14 * (1 - floor))
    axes.set_xlim(0, 1)
    hidden = f"；另 {below} 个城市 C 低于 {floor:.2f}，未画出" if below else ""
    axes.set_xlabel(f"发展水平 T（0–1，虚线为参照城市中位数{hidden}）")
    axes.grid()
    legend(axes, 4)
    dots = [Named("", t, c, GREY, 1.7) for t, c in where.values() if c >= floor]
    name_points(axes, list(named.values()), dots)
    alt = (
        f"{diagnosis.city}：发展水平 T {diagnosis.development:.3f}，耦合度 C {diagnosis.coupling:.3f}，"
        f"耦合协调度 D {diagnosis.degree:.3f}，在 {diagnosis.size} 个城市中列第 {diagnosis.rank} 位"
        f"（5–95 % 区间 {diagnosis.rank_low}–{diagnosis.rank_high}）。"
    )
    return Drawing(figure, title, alt)


@Chart
def subsystem_levels(diagnosis: Diagnosis) -> Drawing:
    """Levels of 人 / 城 / 产 with their 5–95 % intervals; small marks are the peers."""
    title = f"{diagnosis.city}人—城—产三个子系统的水平"
    figure, axes = new_figure(2.3)
    for row, level in enumerate(diagnosis.levels):
        colour = SUBSYSTEMS.get(level.subsystem, TEAL)
        axes.barh(row, level.value, height=0.46, color=colour, alpha=0.85)
        axes.plot([level.low, level.high], [row, row], color=INK, lw=1.2, solid_capstyle="butt")
        for end in (level.low, level.high):
            axes.plot([end, end], [row - 0.1, row + 0.1], color=INK, lw=1.2)
        peers = [peer.levels[row] for peer in diagnosis.peers if row < len(peer.levels)]
        label = "结构相似城市" if row == 0 and peers else None
        axes.plot(peers, [row + 0.36] * len(peers), "|", markersize=9, markeredgewidth=1.3, color=SKY, label=label)
        end = max(level.value, level.high, *peers) if peers else max(level.value, level.high)
        axes.text(end + 0.015, row, f"{level.value:.3f}（{level.low:.3f}–{level.high:.3f}）", va="center", fontsize=8.5)
    label_rows(axes, [level.subsystem for level in diagnosis.levels])
    axes.set_xlim(0, max(1.0, *(level.high for level in diagnosis.levels)) * 1.02 if diagnosis.levels else 1)
    axes.set_xlabel("水平 U（0–1），横线为 1,000 组随机权重下的 5–95 % 区间")
    if diagnosis.peers:
        legend(axes, 1)
    words = "；".join(f"{v.subsystem} {v.value:.3f}（{v.low:.3f}–{v.high:.3f}）" for v in diagnosis.levels)
    alt = f"{words}。{diagnosis.lagging}子系统相对滞后，在 {diagnosis.lagging_share:.0%} 的权重组合下成立。"
    return Drawing(figure, title, alt)


@Chart
def obstacles(items: Sequence[Obstacle], limit: int = 10) -> Drawing:
    """Obstacle degrees, largest first: what holds the city back, as shares of the whole."""
    title = "障碍度：制约耦合协调的主要指标"
    ranked = sorted(items, key=lambda item: (-item.share, item.indicator))[:limit]
    shown = [item for item in ranked if item.share >= 0.0005]  # what would be written 0.0% holds nothing back
    if not shown:
        return nothing(title, "没有可用指标，未计算障碍度")
    figure, axes = new_figure(0.7 + 0.3 * len(shown))
    for row, item in enumerate(shown):
        axes.barh(row, item.share * 100, height=0.6, color=SUBSYSTEMS.get(item.subsystem, TEAL), alpha=0.85)
        known = item.high > 0
        if known:
            axes.plot([item.low * 100, item.high * 100], [row, row], color=INK, lw=1.1, solid_capstyle="butt")
        words = f"{item.share:.1%}（{item.low:.1%}–{item.high:.1%}）" if known else f"{item.share:.1%}"
        number_beside(axes, max(item.share, item.high) * 100, row, words)
    seen = [name for name in SUBSYSTEMS if any(item.subsystem == name for item in shown)]
    for name in seen:
        axes.barh([0], [0], color=SUBSYSTEMS[name], alpha=0.85, label=f"{name}子系统")
    label_rows(axes, [item.indicator for item in shown])
    axes.set_xlim(0, max(max(item.share, item.high) for item in shown) * (135 if any(i.high for i in shown) else 112))
    spread = "；横线为 5–95 % 区间" if any(item.high for item in shown) else ""
    axes.set_xlabel(f"障碍度（%，全部指标合计为 100 %{spread}）")
    if seen:
        legend(axes, len(seen))
    alt = "；".join(f"{item.indicator} {item.share:.1%}" for item in shown) + "。"
    return Drawing(figure, title, alt)


def decimals(values: Sequence[float]) -> int:
    """Decimals that show figures of one unit alike, the smallest of them to two or three digits."""
    smallest = min((abs(value) for value in values if value), default=1.0)
    return 0 if smallest >= 1000 else 1 if smallest >= 10 else 2 if smallest >= 0.1 else 3


@Chart
def gaps(items: Sequence[Gap], limit: int = 12) -> Drawing:
    """Figures of the city as a percentage of the peers' better quartile; what cannot be divided is only written."""
    title = "与结构相似城市较优四分位的差距"
    shown = sorted(items, key=lambda item: not item.behind)[:limit]
    if not shown:
        return nothing(title, "没有可对比的指标")
    figure, axes = new_figure(0.75 + 0.29 * len(shown))
    top = 200.0
    for row, item in enumerate(shown):
        colour = RED if item.behind else TEAL
        ratio = 100 * item.value / item.peers if item.peers > 0 and item.value >= 0 else None
        if ratio is not None:
            reach = min(ratio, top)
            axes.plot([100, reach], [row, row], color=colour, lw=2.2, alpha=0.55)
            axes.plot(reach, row, marker=">" if ratio > top else "o", color=colour, markersize=6)
        unit = "" if item.unit in ("", "-", "无") else f" {item.unit}"
        places = decimals([v for one in items if one.unit == item.unit for v in (one.value, one.peers)])
        own, good = f"{item.value:,.{places}f}", f"{item.peers:,.{places}f}"
        axes.text(top * 1.24, row, own, va="center", ha="right", fontsize=8.5, color=colour)
        axes.text(top * 1.48, row, good, va="center", ha="right", fontsize=8.5, color=MUTED)
        axes.text(top * 1.51, row, unit, va="center", fontsize=8.5, color=MUTED)
    axes.axvline(100, color=MUTED, lw=1)
    label_rows(axes, [item.indicator for item in shown], width=13)
    axes.text(top * 1.24, -0.72, "本市", ha="right", fontsize=8.5, color=MUTED)
    axes.text(top * 1.48, -0.72, "对标值", ha="right", fontsize=8.5, color=MUTED)
    axes.text(top * 1.51, -0.72, " 单位", fontsize=8.5, color=MUTED)
    axes.set_ylim(len(shown) - 0.45, -0.9)
    axes.set_xlim(0, top * 1.8)
    axes.set_xticks([0, 50, 100, 150, 200], ["0", "50", "100", "150", "≥200"])
    axes.set_xlabel("本市占对标值的百分比（%）；红色为未达对标值，含越低越好的指标", loc="left")
    behind = [item.indicator for item in shown if item.behind]
    alt = f"未达对标值的指标 {len(behind)} 项：{'、'.join(behind)}。" if behind else "所列指标均达到对标值。"
    return Drawing(figure, title, alt)
