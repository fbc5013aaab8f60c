"""④ What enterprises can do, beside what is asked for."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from yingcheng.capabilities.records import Matrix
from yingcheng.opportunities.records import OpportunityList
from yingcheng.publish.charts.drawing import (
    BLUE,
    INK,
    LEVEL_COLOURS,
    LEVEL_NAMES,
    RED,
    SKY,
    WIDTH,
    Chart,
    Drawing,
    cut_text,
    label_rows,
    legend,
    new_figure,
    nothing,
    number_beside,
    whole_numbers,
)
from yingcheng.publish.extras import load
from yingcheng.standards.tracks import TRACKS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["capability_heatmap", "demand_and_supply", "matrix_levels"]


def matrix_levels(matrix: Matrix) -> dict[str, dict[str, int]]:
    """Enterprise id → track → highest level (1–3) over the roles."""
    levels: dict[str, dict[str, int]] = {enterprise.id: {} for enterprise in matrix.enterprises}
    for cell in matrix.cells:
        row = levels.setdefault(cell.enterprise_id, {})
        row[cell.track] = max(row.get(cell.track, 0), cell.level)
    return levels


MOST_FIRMS = 30  # rows that fit on a page with the caption


@Chart
def capability_heatmap(matrix: Matrix, limit: int = MOST_FIRMS) -> Drawing:
    """Enterprises × 13 tracks; the number is the highest level over the roles, 0 left blank."""
    title = "企业能力矩阵（企业 × 赛道）"
    levels = matrix_levels(matrix)
    order = sorted(matrix.enterprises, key=lambda e: (-sum(levels[e.id].values()), e.name, e.id))
    shown = order[:limit]
    if not shown:
        return nothing(title, "没有企业")
    title += f"：所示 {len(shown)} 家，共 {len(order)} 家"
    figure, axes = new_figure(1.15 + 0.235 * len(shown))
    cells = [[levels[enterprise.id].get(track, 0) for track in TRACKS] for enterprise in shown]
    colours = load("matplotlib.colors").ListedColormap(LEVEL_COLOURS)
    rectangle = load("matplotlib.patches").Rectangle
    axes.pcolormesh(cells, cmap=colours, vmin=-0.5, vmax=3.5, edgecolors="white", linewidth=1.2)
    for row, line in enumerate(cells):
        for column, level in enumerate(line):
            if level:
                ink = "white" if level > 1 else INK
                axes.text(column + 0.5, row + 0.52, str(level), ha="center", va="center", fontsize=8, color=ink)
    axes.set_yticks([row + 0.5 for row in range(len(shown))], [cut_text(e.name, 16) for e in shown], fontsize=8)
    axes.set_xticks([column + 0.5 for column in range(len(TRACKS))], ["\n".join((t[:2], t[2:])) for t in TRACKS])
    axes.xaxis.tick_top()
    axes.set_ylim(len(shown), 0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    patches = [rectangle((0, 0), 1, 1, color=colour) for colour in LEVEL_COLOURS]
    figure.legend(patches, LEVEL_NAMES, loc="outside lower left", ncols=4, handlelength=1.2)
    more = (
        f"图中为能力合计最高的 {len(shown)} 家，共 {len(order)} 家。"
        if len(order) > len(shown)
        else f"共 {len(order)} 家企业。"
    )
    covered = [track for column, track in enumerate(TRACKS) if any(line[column] for line in cells)]
    return Drawing(figure, title, f"{more}所示企业覆盖 {len(covered)} 个赛道。等级：{'、'.join(LEVEL_NAMES)}。")


@Chart
def demand_and_supply(opportunities: OpportunityList, matrix: Matrix) -> Drawing:
    """Per track: opportunities to the left, enterprises to the right (dark: level 2 or more)."""
    title = "各赛道机会与企业供给"
    levels = matrix_levels(matrix)
    demand = Counter(track for opportunity in opportunities.opportunities for track in opportunity.tracks)
    said = Counter(track for row in levels.values() for track in row)
    shown = Counter(track for row in levels.values() for track, level in row.items() if level > 1)
    figure: Figure = load("matplotlib.figure").Figure(figsize=(WIDTH, 4.2), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    rows = range(len(TRACKS))
    left.barh(rows, [demand[track] for track in TRACKS], height=0.62, color=RED, alpha=0.8)
    strong = [shown[track] for track in TRACKS]
    right.barh(rows, strong, height=0.62, color=BLUE, label="有据或已验收")
    weak = [said[track] - shown[track] for track in TRACKS]
    right.barh(rows, weak, left=strong, height=0.62, color=SKY, label="仅自述")
    for row, track in enumerate(TRACKS):
        number_beside(left, demand[track], row, f"{demand[track]}", left=True)
        number_beside(right, said[track], row, f"{said[track]}")
    for axes in (left, right):
        label_rows(axes, TRACKS)
        whole_numbers(axes)
    left.set_xlim(max([*demand.values(), 1]) * 1.15, 0)
    right.set_xlim(0, max([*said.values(), 1]) * 1.15)
    left.set_xlabel("场景机会（项）")
    right.set_xlabel("企业（家）；左右两图刻度不同")
    legend(right, 2)
    missing = [track for track in TRACKS if demand[track] and not said[track]]
    alt = f"有机会而无企业的赛道：{'、'.join(missing)}。" if missing else "有机会的赛道均有企业覆盖。"
    return Drawing(figure, title, alt)
