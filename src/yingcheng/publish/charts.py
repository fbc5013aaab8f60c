"""Charts of the six steps: one shared style, drawn once, the same in page, paper and Word.

Each chart is called with the records it shows and returns an SVG text; its ``png`` gives the same picture for Word
and its ``picture`` adds the title and a sentence for those who cannot see it. The SVG is deterministic, keeps text as
text and carries ``<title>`` and ``<desc>``. There is no boundary map.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from html import escape
from io import BytesIO
from typing import TYPE_CHECKING, Generic, ParamSpec
from unicodedata import east_asian_width

from yingcheng.capabilities.records import Matrix
from yingcheng.matchmaking.records import Assignment, Candidates, Timetable
from yingcheng.measures.records import Reach, Verdict
from yingcheng.opportunities.records import OpportunityList
from yingcheng.plan.records import Diagnosis, Gap, Obstacle, TrackView
from yingcheng.projects.records import Portfolio
from yingcheng.publish.extras import FONT_FAMILY, font_file, has_paper, load
from yingcheng.standards.tracks import TRACKS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.transforms import Bbox

__all__ = [
    "Chart",
    "Picture",
    "available",
    "candidate_scores",
    "capability_heatmap",
    "cut_text",
    "decimals",
    "demand_and_supply",
    "funnel",
    "gaps",
    "matrix_levels",
    "measure_verdicts",
    "obstacles",
    "opportunities_by_department",
    "opportunities_by_track",
    "quadrant",
    "subsystem_levels",
    "text_width",
    "timetable_occupancy",
    "track_table",
]

# Readers without the font of the extra fall back to what their machine has.
FAMILIES = "'Noto Sans SC','Microsoft YaHei','PingFang SC','Noto Sans CJK SC',sans-serif"

INK = "#1f2933"
MUTED = "#616e7c"
LINE = "#cbd2d9"
FAINT = "#e9edf1"
BLUE = "#24527a"
SKY = "#8fb3d1"
TEAL = "#2f7d74"
RED = "#a8322a"
GOLD = "#b5852b"
GREY = "#b8c1cb"
SUBSYSTEMS = {"人": RED, "城": BLUE, "产": GOLD}
LEVEL_COLOURS = ("#f3f5f7", "#cfe0ec", "#6f9fc4", "#24527a")
LEVEL_NAMES = ("无", "1 自述", "2 有据", "3 已验收")

WIDTH = 7.2  # inches; scaled to the width of a page
DPI = 200

STYLE: dict[str, object] = {
    "font.family": FONT_FAMILY,
    "font.size": 9,
    "axes.labelsize": 9,
    "axes.labelcolor": MUTED,
    "axes.edgecolor": LINE,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.unicode_minus": False,
    "text.color": INK,
    "text.parse_math": False,  # a $ in somebody's text is a dollar sign
    "xtick.color": MUTED,
    "ytick.color": INK,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8.5,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "grid.color": FAINT,
    "grid.linewidth": 0.8,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "svg.fonttype": "none",
    "svg.hashsalt": "yingcheng",
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
}

Arguments = ParamSpec("Arguments")


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawn chart: ``svg`` with its ``title`` and the sentence ``alt`` that says what it shows."""

    title: str
    alt: str
    svg: str


@dataclass(frozen=True, slots=True)
class _Drawing:
    figure: Figure
    title: str
    alt: str


class Chart(Generic[Arguments]):
    """A chart that can be asked for as SVG text, as PNG bytes or as a :class:`Picture`."""

    def __init__(self, draw: Callable[Arguments, _Drawing]) -> None:
        self._draw = draw
        self.__doc__ = draw.__doc__
        self.__name__ = draw.__name__

    def __call__(self, *args: Arguments.args, **kwargs: Arguments.kwargs) -> str:
        """SVG text.

        Raises:
            MissingExtra: the ``paper`` extra is not installed.
        """
        return self.picture(*args, **kwargs).svg

    def picture(self, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Picture:
        """The SVG with its title and description; raises as :meth:`__call__`."""
        with _style():
            drawing = self._draw(*args, **kwargs)
            return Picture(drawing.title, drawing.alt, _svg(drawing))

    def png(self, *args: Arguments.args, **kwargs: Arguments.kwargs) -> bytes:
        """The same picture as PNG at 200 dots per inch, for Word; raises as :meth:`__call__`."""
        with _style():
            buffer = BytesIO()
            figure = self._draw(*args, **kwargs).figure
            figure.savefig(buffer, format="png", dpi=DPI, metadata={"Software": None})
            return buffer.getvalue()


def available() -> bool:
    """Whether charts can be drawn, that is, whether the ``paper`` extra is installed."""
    return has_paper()


@cache
def _register_font() -> None:
    load("matplotlib.font_manager").fontManager.addfont(str(font_file()))


def _style() -> AbstractContextManager[None]:
    _register_font()
    context: AbstractContextManager[None] = load("matplotlib").rc_context(STYLE)
    return context


def _svg(drawing: _Drawing) -> str:
    buffer = BytesIO()
    nothing = {"Date": None, "Creator": None, "Format": None, "Type": None}
    drawing.figure.savefig(buffer, format="svg", metadata=nothing)
    text = buffer.getvalue().decode()
    text = text[text.index("<svg") :].replace(f"'{FONT_FAMILY}'", FAMILIES)
    words = f"<title>{escape(drawing.title)}</title><desc>{escape(drawing.alt)}</desc>"
    return re.sub(r"<svg\b[^>]*>", lambda tag: tag[0][:-1] + ' role="img">' + words, text, count=1)


def _figure(height: float, width: float = WIDTH) -> tuple[Figure, Axes]:
    figure: Figure = load("matplotlib.figure").Figure(figsize=(width, height), layout="constrained")
    load("matplotlib.backends.backend_agg").FigureCanvasAgg(figure)  # measures text while labels are being placed
    return figure, figure.add_subplot()


def _empty(title: str, why: str) -> _Drawing:
    figure, axes = _figure(1.2)
    axes.set_axis_off()
    axes.text(0.5, 0.5, why, ha="center", va="center", color=MUTED, fontsize=10)
    return _Drawing(figure, title, why)


def text_width(text: str) -> float:
    """Width of a text in Chinese characters: a full-width character counts 1, any other a half."""
    return sum(1.0 if east_asian_width(character) in "WF" else 0.5 for character in text)


def cut_text(text: str, width: float) -> str:
    """``text`` on one line of at most ``width`` Chinese characters, cut with an ellipsis."""
    text = " ".join(text.split())
    if text_width(text) <= width:
        return text
    kept = ""
    for character in text:
        if text_width(kept + character) > width - 1:
            break
        kept += character
    return kept + "…"


def _two_lines(text: str, width: float) -> str:
    """``text`` on at most two lines of ``width`` Chinese characters."""
    text = " ".join(text.split())
    if text_width(text) <= width:
        return text
    half = min(width, text_width(text) / 2 + 1)  # two lines of like length read better than a long one and a rest
    first = cut_text(text, half + 1)[:-1]
    return f"{first}\n{cut_text(text[len(first) :].strip(), width)}"


def _folded(text: str, width: float) -> str:
    """Parts divided by wide blanks, on lines of at most ``width`` Chinese characters."""
    lines = [""]
    for part in text.split("　"):
        joined = f"{lines[-1]}　{part}" if lines[-1] else part
        if text_width(joined) > width:
            lines.append(part)
        else:
            lines[-1] = joined
    return "\n".join(lines)


def _rows(axes: Axes, labels: Sequence[str], *, width: float = 16) -> None:
    """Horizontal rows from the top down, labelled at the left."""
    axes.set_yticks(range(len(labels)), [_two_lines(label, width) for label in labels])
    axes.set_ylim(len(labels) - 0.45, -0.55)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x")


def _beside(axes: Axes, x: float, row: int, text: str, *, left: bool = False) -> None:
    """A number at the end of a bar."""
    place, side = ((-3, 0), "right") if left else ((3, 0), "left")
    axes.annotate(text, (x, row), place, textcoords="offset points", va="center", ha=side, fontsize=8.5)


def _legend(axes: Axes, columns: int) -> None:
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=columns, borderaxespad=0.3, handlelength=1.2)


def _whole_numbers(axes: Axes) -> None:
    axes.xaxis.set_major_locator(load("matplotlib.ticker").MaxNLocator(integer=True, nbins=8, min_n_ticks=1))


# ① 顶层策划


def _crowded(axes: Axes, points: Sequence[tuple[str, float, float, str]]) -> bool:
    """Whether names at the points would cover each other: more than three pairs nearer than a name is wide."""
    places = [axes.transData.transform((x, y)) for _name, x, y, _colour in points]
    near = 0
    for index, (left, bottom) in enumerate(places):
        near += sum(abs(left - x) < NAME_SIZE[0] and abs(bottom - y) < NAME_SIZE[1] for x, y in places[:index])
    return near > 3


NAME_SIZE = (48.0, 14.0)  # pixels a name of four characters takes


def _place_labels(
    axes: Axes, points: Sequence[tuple[str, float, float, str]], dots: Sequence[tuple[float, float]]
) -> str:
    """Name the points so that no label covers another label or a dot; returns the key where they are numbered.

    The first point, the host city, keeps its name. Where the others crowd together, they are numbered.
    """
    figure = axes.figure
    figure.canvas.draw()  # fixes the layout, so that extents in pixels are final
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    box, words = load("matplotlib.transforms").Bbox, load("matplotlib.text").Text
    crowded = _crowded(axes, points)
    taken: list[Bbox] = []
    for x, y in [*dots, *((x, y) for _name, x, y, _colour in points)]:
        left, bottom = axes.transData.transform((x, y))
        taken.append(box.from_bounds(left - 3, bottom - 3, 6, 6))
    key = []
    for index, (name, x, y, colour) in enumerate(points):
        text = name
        if crowded and index:
            text = str(index)
            key.append(f"{index} {name}")
        for distance in (5, 8, 12, 17, 23, 30, 40, 52, 66, 82):
            found = False
            for across, up in ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1)):
                label = axes.annotate(
                    text,
                    (x, y),
                    xytext=(across * distance, up * distance),
                    textcoords="offset points",
                    ha={1: "left", 0: "center", -1: "right"}[across],
                    va={1: "bottom", 0: "center", -1: "top"}[up],
                    fontsize=8.5,
                    color=colour,
                    arrowprops={"arrowstyle": "-", "color": MUTED, "lw": 0.5} if distance > 8 else None,
                )
                label.update_positions(renderer)
                extent = words.get_window_extent(label, renderer)  # of the text alone, without its line
                inside = axes.bbox.x0 <= extent.x0 and extent.x1 <= axes.bbox.x1
                inside = inside and axes.bbox.y0 <= extent.y0 and extent.y1 <= axes.bbox.y1
                found = inside and not any(extent.overlaps(other) for other in taken)
                if found:
                    taken.append(extent)
                    break
                label.remove()
            if found:
                break
    return "　".join(key)


@Chart
def quadrant(diagnosis: Diagnosis, others: Sequence[Diagnosis] = ()) -> _Drawing:
    """Development T × coupling C of every reference city, with the host city, its peers and other cities named."""
    title = f"{diagnosis.city}在参照城市中的位置（发展水平 × 耦合度）"
    figure, axes = _figure(4.2)
    degrees = {point.city: (point.development, point.coupling) for point in diagnosis.cities}
    axes.scatter(
        [point.development for point in diagnosis.cities],
        [point.coupling for point in diagnosis.cities],
        s=11,
        color=GREY,
        linewidths=0,
        alpha=0.75,
        label=f"参照城市（{len(diagnosis.cities)} 个）",
    )
    named: list[tuple[str, float, float, str]] = []
    groups = (
        ("结构相似城市", [peer.city for peer in diagnosis.peers], BLUE, "o"),
        ("参会城市", [other.city for other in others], GOLD, "s"),
    )
    for label, cities, colour, marker in groups:
        here = [(city, *degrees[city]) for city in cities if city in degrees and city != diagnosis.city]
        if here:
            axes.scatter([p[1] for p in here], [p[2] for p in here], s=24, color=colour, marker=marker, label=label)
            known = {point[0] for point in named}
            named.extend((city, t, c, colour) for city, t, c in here if city not in known)
    host = (diagnosis.development, diagnosis.coupling)
    axes.scatter(*host, s=110, color=RED, marker="*", label=diagnosis.city, zorder=5)
    named.insert(0, (diagnosis.city, *host, RED))
    couplings = sorted(point.coupling for point in diagnosis.cities)
    if diagnosis.cities:
        middle = len(diagnosis.cities) // 2
        developments = sorted(point.development for point in diagnosis.cities)
        axes.axvline(developments[middle], color=LINE, lw=0.9, ls=(0, (4, 3)), zorder=0)
        axes.axhline(couplings[middle], color=LINE, lw=0.9, ls=(0, (4, 3)), zorder=0)
    axes.set_ylabel("耦合度 C（0–1）")
    axes.margins(0.06)
    # Most cities have C near 1 and a few near 0; showing those would press all the others into a line.
    floor = min([c for _n, _t, c, _colour in named] + couplings[len(couplings) // 10 :][:1])
    below = sum(1 for c in couplings if c < floor)
    axes.set_ylim(floor - 0.06 * (1 - floor), 1 + 0.05 * (1 - floor))
    hidden = f"；另 {below} 个城市 C 低于 {floor:.2f}，未画出" if below else ""
    axes.set_xlabel(f"发展水平 T（0–1，虚线为参照城市中位数{hidden}）")
    axes.grid()
    _legend(axes, 4)
    dots = [(point.development, point.coupling) for point in diagnosis.cities if point.coupling >= floor]
    key = _place_labels(axes, named, dots)
    if key:
        axes.set_xlabel(f"{axes.get_xlabel()}\n{_folded(key, 60)}", linespacing=1.6)
    alt = (
        f"{diagnosis.city}：发展水平 T {diagnosis.development:.3f}，耦合度 C {diagnosis.coupling:.3f}，"
        f"耦合协调度 D {diagnosis.degree:.3f}，在 {diagnosis.size} 个城市中列第 {diagnosis.rank} 位"
        f"（5–95 % 区间 {diagnosis.rank_low}–{diagnosis.rank_high}）。"
    )
    return _Drawing(figure, title, alt)


@Chart
def subsystem_levels(diagnosis: Diagnosis) -> _Drawing:
    """Levels of 人 / 城 / 产 with their 5–95 % intervals; small marks are the peers."""
    title = f"{diagnosis.city}人—城—产三个子系统的水平"
    figure, axes = _figure(2.3)
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
    _rows(axes, [level.subsystem for level in diagnosis.levels])
    axes.set_xlim(0, max(1.0, *(level.high for level in diagnosis.levels)) * 1.02 if diagnosis.levels else 1)
    axes.set_xlabel("水平 U（0–1），横线为 1,000 组随机权重下的 5–95 % 区间")
    if diagnosis.peers:
        _legend(axes, 1)
    words = "；".join(f"{v.subsystem} {v.value:.3f}（{v.low:.3f}–{v.high:.3f}）" for v in diagnosis.levels)
    alt = f"{words}。{diagnosis.lagging}子系统相对滞后，在 {diagnosis.lagging_share:.0%} 的权重组合下成立。"
    return _Drawing(figure, title, alt)


@Chart
def obstacles(items: Sequence[Obstacle], limit: int = 10) -> _Drawing:
    """Obstacle degrees, largest first: what holds the city back, as shares of the whole."""
    title = "障碍度：制约耦合协调的主要指标"
    ranked = sorted(items, key=lambda item: (-item.share, item.indicator))[:limit]
    shown = [item for item in ranked if item.share >= 0.0005]  # what would be written 0.0% holds nothing back
    if not shown:
        return _empty(title, "没有可用指标，未计算障碍度")
    figure, axes = _figure(0.7 + 0.3 * len(shown))
    for row, item in enumerate(shown):
        axes.barh(row, item.share * 100, height=0.6, color=SUBSYSTEMS.get(item.subsystem, TEAL), alpha=0.85)
        _beside(axes, item.share * 100, row, f"{item.share:.1%}")
    seen = [name for name in SUBSYSTEMS if any(item.subsystem == name for item in shown)]
    for name in seen:
        axes.barh([0], [0], color=SUBSYSTEMS[name], alpha=0.85, label=f"{name}子系统")
    _rows(axes, [item.indicator for item in shown])
    axes.set_xlim(0, shown[0].share * 112)
    axes.set_xlabel("障碍度（%，全部指标合计为 100 %）")
    if seen:
        _legend(axes, len(seen))
    alt = "；".join(f"{item.indicator} {item.share:.1%}" for item in shown) + "。"
    return _Drawing(figure, title, alt)


def decimals(values: Sequence[float]) -> int:
    """Decimals that show figures of one unit alike, the smallest of them to two or three digits."""
    smallest = min((abs(value) for value in values if value), default=1.0)
    return 0 if smallest >= 1000 else 1 if smallest >= 10 else 2 if smallest >= 0.1 else 3


@Chart
def gaps(items: Sequence[Gap], limit: int = 12) -> _Drawing:
    """Figures of the city as a percentage of the peers' better quartile; what cannot be divided is only written."""
    title = "与结构相似城市较优四分位的差距"
    shown = sorted(items, key=lambda item: not item.behind)[:limit]
    if not shown:
        return _empty(title, "没有可对比的指标")
    figure, axes = _figure(0.75 + 0.29 * len(shown))
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
    _rows(axes, [item.indicator for item in shown], width=13)
    axes.text(top * 1.24, -0.72, "本市", ha="right", fontsize=8.5, color=MUTED)
    axes.text(top * 1.48, -0.72, "对标值", ha="right", fontsize=8.5, color=MUTED)
    axes.text(top * 1.51, -0.72, " 单位", fontsize=8.5, color=MUTED)
    axes.set_ylim(len(shown) - 0.45, -0.9)
    axes.set_xlim(0, top * 1.8)
    axes.set_xticks([0, 50, 100, 150, 200], ["0", "50", "100", "150", "≥200"])
    axes.set_xlabel("本市占对标值的百分比（%）；红色为未达对标值，含越低越好的指标", loc="left")
    behind = [item.indicator for item in shown if item.behind]
    alt = f"未达对标值的指标 {len(behind)} 项：{'、'.join(behind)}。" if behind else "所列指标均达到对标值。"
    return _Drawing(figure, title, alt)


LEVEL_END = re.compile(r"[：:，,；;（(\s0-9]")


def _level(text: str) -> str:
    """The word for the level with which a cell of the three columns begins; "无差距" for a sentence that says so."""
    word = LEVEL_END.split(text, maxsplit=1)[0]
    if len(word) <= 5:
        return word or "—"
    return "无差距" if "无" in word else "—"


@Chart
def track_table(tracks: Sequence[TrackView]) -> _Drawing:
    """The 13 tracks with need, base and feasible side by side; the three never merge into one score."""
    title = "十三个赛道的需求、基础与可行性"
    if not tracks:
        return _empty(title, "没有赛道数据")
    figure, axes = _figure(0.5 + 0.27 * len(tracks))
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
    return _Drawing(figure, title, alt + "红底行为重点赛道；三列分别呈现，不合并为一个分数。")


# ② 场景机会清单


def _stacked(
    labels: Sequence[str],
    parts: Sequence[tuple[str, Sequence[int], str]],
    *,
    unit: str,
    width: float = 16,
    first: bool = False,
) -> Figure:
    """Horizontal stacked bars with the total at the end, or with ``first`` the number of the first part."""
    figure, axes = _figure(0.85 + 0.29 * len(labels) + 0.1 * sum(text_width(label) > width for label in labels))
    left = [0] * len(labels)
    for name, counts, colour in parts:
        axes.barh(range(len(labels)), counts, left=left, height=0.62, color=colour, label=name)
        left = [start + count for start, count in zip(left, counts, strict=True)]
    for row, total in enumerate(left):
        _beside(axes, total, row, f"{parts[0][0]} {parts[0][1][row]}" if first else f"{total}")
    _rows(axes, labels, width=width)
    axes.set_xlim(0, max([*left, 1]) * (1.15 if first else 1.08))
    axes.set_xlabel(unit)
    _whole_numbers(axes)
    _legend(axes, len(parts))
    return figure


@Chart
def opportunities_by_track(opportunities: OpportunityList) -> _Drawing:
    """Opportunities per track, those that may be published apart from those that may not yet."""
    title = "各赛道场景机会数量"
    if not opportunities.opportunities:
        return _empty(title, "没有场景机会")
    ready: Counter[str] = Counter()
    waiting: Counter[str] = Counter()
    for opportunity, review in zip(opportunities.opportunities, opportunities.reviews, strict=True):
        (ready if review.publishable else waiting).update(opportunity.tracks or ("未标注赛道",))
    labels = [*TRACKS] + ["未标注赛道"] * bool(ready["未标注赛道"] + waiting["未标注赛道"])
    parts = (
        ("可发布", [ready[label] for label in labels], BLUE),
        ("待补正", [waiting[label] for label in labels], GREY),
    )
    figure = _stacked(labels, parts, unit="场景机会（项；一项可属多个赛道）")
    alt = "；".join(f"{label} {ready[label] + waiting[label]} 项" for label in labels) + "。"
    return _Drawing(figure, title, alt)


@Chart
def opportunities_by_department(opportunities: OpportunityList, limit: int = 15) -> _Drawing:
    """Opportunities per leading department (else per unit that needs it), most first."""
    title = "各报送/需求单位的场景机会数量"
    if not opportunities.opportunities:
        return _empty(title, "没有场景机会")
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
    figure = _stacked(labels, parts, unit=f"场景机会（项）{below}", width=18)
    alt = (
        f"共 {len(order)} 个报送/需求单位；"
        + "；".join(f"{name} {ready[name] + waiting[name]} 项" for name in order[:5])
        + "。"
    )
    return _Drawing(figure, title, alt)


# ③ 制度创新举措


@Chart
def measure_verdicts(reach: Reach) -> _Drawing:
    """Per measure: enterprises that qualify, that still owe material, that do not."""
    title = "各项举措的企业适用情况"
    if not reach.measures:
        return _empty(title, "没有制度创新举措")
    counts = Counter((item.measure_id, item.verdict) for item in reach.applications)
    colours = ((Verdict.YES, TEAL), (Verdict.UNKNOWN, GOLD), (Verdict.NO, GREY))
    parts = [(str(verdict), [counts[m.id, verdict] for m in reach.measures], colour) for verdict, colour in colours]
    figure = _stacked([measure.name for measure in reach.measures], parts, unit="企业（家）", width=18, first=True)
    alt = "；".join(
        f"{m.name}：符合 {counts[m.id, Verdict.YES]} 家、还需材料 {counts[m.id, Verdict.UNKNOWN]} 家"
        for m in reach.measures
    )
    return _Drawing(figure, title, alt + "。")


# ④ 企业能力矩阵


def matrix_levels(matrix: Matrix) -> dict[str, dict[str, int]]:
    """Enterprise id → track → highest level (1–3) over the roles."""
    levels: dict[str, dict[str, int]] = {enterprise.id: {} for enterprise in matrix.enterprises}
    for cell in matrix.cells:
        row = levels.setdefault(cell.enterprise_id, {})
        row[cell.track] = max(row.get(cell.track, 0), cell.level)
    return levels


@Chart
def capability_heatmap(matrix: Matrix, limit: int = 40) -> _Drawing:
    """Enterprises × 13 tracks; the number is the highest level over the roles, 0 left blank."""
    title = "企业能力矩阵（企业 × 赛道）"
    levels = matrix_levels(matrix)
    order = sorted(matrix.enterprises, key=lambda e: (-sum(levels[e.id].values()), e.name, e.id))
    shown = order[:limit]
    if not shown:
        return _empty(title, "没有企业")
    title += f"：所示 {len(shown)} 家，共 {len(order)} 家"
    figure, axes = _figure(1.15 + 0.235 * len(shown))
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
    return _Drawing(figure, title, f"{more}所示企业覆盖 {len(covered)} 个赛道。等级：{'、'.join(LEVEL_NAMES)}。")


@Chart
def demand_and_supply(opportunities: OpportunityList, matrix: Matrix) -> _Drawing:
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
        _beside(left, demand[track], row, f"{demand[track]}", left=True)
        _beside(right, said[track], row, f"{said[track]}")
    for axes in (left, right):
        _rows(axes, TRACKS)
        _whole_numbers(axes)
    left.set_xlim(max([*demand.values(), 1]) * 1.15, 0)
    right.set_xlim(0, max([*said.values(), 1]) * 1.15)
    left.set_xlabel("场景机会（项）")
    right.set_xlabel("企业（家）；左右两图刻度不同")
    _legend(right, 2)
    missing = [track for track in TRACKS if demand[track] and not said[track]]
    alt = f"有机会而无企业的赛道：{'、'.join(missing)}。" if missing else "有机会的赛道均有企业覆盖。"
    return _Drawing(figure, title, alt)


# ⑤ 政企精准对接


@Chart
def candidate_scores(candidates: Candidates, assignment: Assignment) -> _Drawing:
    """How the scores of all candidates spread, and of those that were chosen."""
    title = "候选匹配得分分布"
    if not candidates.edges:
        return _empty(title, "没有候选匹配")
    figure, axes = _figure(2.7)
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
    _legend(axes, 2)
    nobody = f"{len(candidates.nobody)} 项机会暂无足够匹配的候选"
    alt = f"候选 {len(candidates.edges)} 对，入选会谈 {len(chosen)} 对，{nobody}。"
    return _Drawing(figure, title, alt)


@Chart
def timetable_occupancy(timetable: Timetable) -> _Drawing:
    """Tables × slots: which are taken."""
    title = "会谈桌次与时段占用"
    session = timetable.session
    if not session.slots or not session.tables:
        return _empty(title, "未设置会谈时段")
    busy = {(meeting.table, meeting.slot) for meeting in timetable.meetings}
    column = {slot.index: place for place, slot in enumerate(session.slots)}
    figure, axes = _figure(0.95 + 0.26 * len(session.tables))
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
    return _Drawing(figure, title, alt)


# ⑥ 落地项目


@Chart
def funnel(portfolio: Portfolio) -> _Drawing:
    """How many projects reached each stage, the share of the stage before, and the median days between."""
    title = "项目转化漏斗"
    if not portfolio.funnel:
        return _empty(title, "没有跟进项目")
    steps = portfolio.funnel
    figure, axes = _figure(0.75 + 0.38 * len(steps))
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
    _rows(axes, [step.stage for step in steps])
    axes.grid(visible=False)
    axes.set_ylim(len(steps) - 0.45, -1.05)
    axes.set_xlim(-widest * 0.54, widest * 1.0)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    alt = "；".join(f"{step.stage} {step.count} 项" for step in steps) + "。"
    return _Drawing(figure, title, alt)
