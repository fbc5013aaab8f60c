"""① The cities of the reference pack as tiles, one row per province: a table of colours, not a map."""

from __future__ import annotations

import re
from collections.abc import Sequence

from yingcheng.plan.records import CityPoint, Diagnosis
from yingcheng.publish.charts.drawing import (
    FAINT,
    GOLD,
    INK,
    MUTED,
    RED,
    Chart,
    Drawing,
    new_figure,
    nothing,
    text_width,
)
from yingcheng.publish.extras import load

__all__ = ["city_tiles", "short_name"]

# The peoples in the names of autonomous prefectures; what stands before them is the place.
PEOPLES = "朝鲜|土家|苗|藏|羌|彝|布依|侗|哈尼|壮|傣|白|景颇|傈僳|回|蒙古|哈萨克|柯尔克孜"
PREFECTURE = re.compile(rf"(?:{PEOPLES})?族?(?:(?:{PEOPLES})族?)*自治州$")
APART = ("#8c3b2e", "#b5654a", "#cf9070", "#e2b79c", "#f0dccd")  # 失调, the worst first
TOGETHER = ("#dbe7f0", "#aac8de", "#6f9fc4", "#3a6c99", "#1d3f61")  # 协调, the best last
WIDEST = 22  # tiles in a row; no province has more cities
DARK = frozenset(APART[:2] + TOGETHER[3:])  # letters on these are white


def short_name(city: str) -> str:
    """The name of a city without its kind: 太原市 → 太原, 延边朝鲜族自治州 → 延边."""
    short = PREFECTURE.sub("", city)
    if len(short) < 2:
        short = city
    return re.sub(r"(?<=..)(?:市|地区|盟|州)$", "", short)


def _in_tile(name: str) -> str:
    """On one line up to three characters, else on two lines."""
    if text_width(name) <= 3:
        return name
    half = (len(name) + 1) // 2
    return f"{name[:half]}\n{name[half:]}"


def _shades(grades: Sequence[str]) -> dict[str, str]:
    """Grade → colour, given the grades from the lowest up: 失调 warm, 协调 blue, the ends the darkest."""
    apart = [grade for grade in grades if "失调" in grade]
    together = [grade for grade in grades if "失调" not in grade]
    return {
        **{grade: APART[max(0, len(APART) - len(apart) + place)] for place, grade in enumerate(apart)},
        **{grade: TOGETHER[max(0, len(TOGETHER) - len(together) + place)] for place, grade in enumerate(together)},
    }


def _by_province(cities: Sequence[CityPoint]) -> list[tuple[str, list[CityPoint]]]:
    """Provinces by code, in each the cities by rank; a long row goes on in the next one, without the name."""
    rows: dict[str, list[CityPoint]] = {}
    names: dict[str, str] = {}
    for point in sorted(cities, key=lambda one: (one.code[:2], one.rank, one.code)):
        rows.setdefault(point.code[:2], []).append(point)
        names.setdefault(point.code[:2], point.province)
    return [
        (names[code] if start == 0 else "", points[start : start + WIDEST])
        for code, points in rows.items()
        for start in range(0, len(points), WIDEST)
    ]


@Chart
def city_tiles(diagnosis: Diagnosis, others: Sequence[Diagnosis] = ()) -> Drawing:
    """Every reference city as a tile, coloured by its grade, best first in each province; the host and peers framed."""
    title = "参照城市耦合协调等级一览（按省份分行、省内按位次排列，非地图）"
    if not diagnosis.cities:
        return nothing(title, "没有参照城市")
    lowest: dict[str, float] = {}
    for point in sorted(diagnosis.cities, key=lambda one: one.degree):
        lowest.setdefault(point.grade, point.degree)
    shades = _shades(list(lowest))
    rows = _by_province(diagnosis.cities)
    widest = max(len(points) for _province, points in rows)
    figure, axes = new_figure(0.9 + 0.235 * len(rows))
    rectangle = load("matplotlib.patches").Rectangle
    frames = {
        **dict.fromkeys((other.code for other in others), GOLD),
        **dict.fromkeys((peer.code for peer in diagnosis.peers), INK),
        diagnosis.code: RED,
    }
    for row, (province, points) in enumerate(rows):
        axes.text(-0.2, row, _province(province), ha="right", va="center", fontsize=7.5, color=MUTED)
        for column, point in enumerate(points):
            shade = shades[point.grade]
            frame = frames.get(point.code)
            axes.add_artist(
                rectangle(
                    (column + 0.03, row - 0.44),
                    0.94,
                    0.88,
                    facecolor=shade,
                    edgecolor=frame or FAINT,
                    linewidth=2.0 if frame else 0.4,
                    zorder=3 if frame else 2,
                    in_layout=False,
                )
            )
            words = _in_tile(short_name(point.city))
            ink = "white" if shade in DARK else INK
            size = 6.2 if "\n" not in words else 4.7
            axes.text(
                column + 0.5,
                row,
                words,
                ha="center",
                va="center",
                fontsize=size,
                color=ink,
                zorder=4,
                linespacing=0.95,
                in_layout=False,  # inside its tile in any case
            )
    axes.set_xlim(-1.9, widest)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_axis_off()
    patches = [rectangle((0, 0), 1, 1, facecolor=shade, edgecolor=FAINT) for shade in shades.values()]
    names = list(shades)
    marks = [(diagnosis.city, RED), ("结构相似城市", INK)] + [("参会城市", GOLD)] * bool(others)
    patches += [rectangle((0, 0), 1, 1, facecolor="white", edgecolor=colour, linewidth=1.6) for _name, colour in marks]
    names += [name for name, _colour in marks]
    figure.legend(patches, names, loc="outside lower left", ncols=7, handlelength=1.1, fontsize=7.5, columnspacing=1.2)
    counted = "、".join(
        f"{grade} {sum(point.grade == grade for point in diagnosis.cities)} 个" for grade in reversed(list(lowest))
    )
    alt = (
        f"{len(diagnosis.cities)} 个参照城市：{counted}。{diagnosis.city}属“{diagnosis.grade}”，"
        f"列第 {diagnosis.rank} 位（5–95 % 区间 {diagnosis.rank_low}–{diagnosis.rank_high}）。"
    )
    return Drawing(figure, title, alt)


def _province(name: str) -> str:
    return re.sub(r"(?:省|市|壮族自治区|回族自治区|维吾尔自治区|自治区)$", "", name)
