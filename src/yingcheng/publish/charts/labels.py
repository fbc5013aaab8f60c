"""Names at the points of a scatter: no name covers another one, a point, or the edge of the picture.

Each name tries places around its point, near ones first. The first name chooses first, then those with few free places.
A name without a free place may move another one away; at the end every name looks once more for a nearer place. What
still has no room is given back, so that the chart can list it. The same points always get the same places. (Greedy
placement with repair over a fixed set of candidates, after Christensen, Marks, Shieber 1995, An Empirical Study of
Algorithms for Point-Feature Label Placement.)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from yingcheng.publish.charts.drawing import MUTED, folded

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Box", "Named", "name_points", "place"]

DISTANCES = (4, 7, 11, 16, 22, 29, 37, 46, 56, 67, 80, 95, 112, 130, 150)  # between point and name
DIRECTIONS = 24
NEAR = 9  # a name so close to its point needs no line
CROSSING = 60.0  # a line through a name or a point costs as much as a name so much further away
ROUNDS = 6
PAPER = {"facecolor": "white", "alpha": 0.7, "edgecolor": "none", "pad": 0.4}  # lets no grid line through a name
GAP = 1.5  # between two names


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle."""

    left: float
    bottom: float
    right: float
    top: float

    def overlaps(self, other: Box, gap: float = 0.0) -> bool:
        """Whether the two come nearer than ``gap``."""
        return (
            self.left < other.right + gap
            and other.left < self.right + gap
            and self.bottom < other.top + gap
            and other.bottom < self.top + gap
        )

    def holds(self, other: Box) -> bool:
        """Whether ``other`` lies inside."""
        return (
            self.left <= other.left
            and other.right <= self.right
            and self.bottom <= other.bottom
            and other.top <= self.top
        )

    def nearest(self, x: float, y: float) -> tuple[float, float]:
        """The point of the rectangle nearest to (x, y)."""
        return min(max(x, self.left), self.right), min(max(y, self.bottom), self.top)

    def is_cut(self, start: tuple[float, float], end: tuple[float, float]) -> bool:
        """Whether the line from ``start`` to ``end`` runs through (clipping after Liang and Barsky 1984)."""
        (x, y), (right, top) = start, end
        if max(x, right) <= self.left or min(x, right) >= self.right:
            return False
        if max(y, top) <= self.bottom or min(y, top) >= self.top:
            return False
        dx, dy = right - x, top - y
        first, last = 0.0, 1.0
        for step, room in ((-dx, x - self.left), (dx, self.right - x), (-dy, y - self.bottom), (dy, self.top - y)):
            if step == 0:
                if room <= 0:
                    return False
                continue
            share = room / step
            if step < 0:
                first = max(first, share)
            else:
                last = min(last, share)
        return first < last


@dataclass(frozen=True, slots=True)
class _Place:
    """A possible place of a name: how far it is from its point, the line between them, and the points that it cuts."""

    box: Box
    distance: float
    cuts: int
    start: tuple[float, float]
    end: tuple[float, float]

    def conflicts(self, other: _Place) -> bool:
        return self.box.overlaps(other.box, GAP)

    def cost(self, others: Sequence[_Place]) -> float:
        """Distance, and lines that run through names."""
        lines = sum(
            (self.distance > NEAR and other.box.is_cut(self.start, self.end))
            + (other.distance > NEAR and self.box.is_cut(other.start, other.end))
            for other in others
        )
        return self.distance + CROSSING * (lines + self.cuts)


def _places(
    point: tuple[float, float],
    size: tuple[float, float],
    radius: float,
    *,
    others: Sequence[Box],
    obstacles: Sequence[Box],
    bounds: Box,
) -> list[_Place]:
    """The places of one name that lie inside and cover no point, nearest first. ``others`` are the other points."""
    (x, y), (width, height) = point, size
    found = []
    for distance in (radius + step for step in DISTANCES):
        for step in range(DIRECTIONS):
            angle = 2 * math.pi * step / DIRECTIONS
            across, up = math.cos(angle), math.sin(angle)
            # The name's centre lies so far out that its rectangle just clears the circle of this distance.
            left = x + across * (distance + width / 2) - width / 2
            bottom = y + up * (distance + height / 2) - height / 2
            box = Box(left, bottom, left + width, bottom + height)
            if bounds.holds(box) and not any(box.overlaps(other) for other in obstacles):
                end = box.nearest(x, y)
                away = math.dist(point, end) - radius
                cuts = sum(other.is_cut(point, end) for other in others) if away > NEAR else 0
                found.append(_Place(box, away, cuts, point, end))
    return sorted(found, key=lambda one: one.distance)


def _cheapest(places: Sequence[_Place], others: Sequence[_Place]) -> _Place | None:
    best, least = None, math.inf
    for one in places:  # nearest first, and no cost is less than the distance
        if one.distance >= least:
            break
        if any(one.conflicts(other) for other in others):
            continue
        cost = one.cost(others)
        if cost < least:
            best, least = one, cost
    return best


def _make_room(index: int, choices: Sequence[Sequence[_Place]], chosen: dict[int, _Place]) -> bool:
    """Place a name by moving one other name that stands in its way."""
    for one in choices[index]:
        blocking = [other for other, taken in chosen.items() if taken.conflicts(one)]
        if len(blocking) != 1:
            continue
        moved = blocking[0]
        rest = [taken for other, taken in chosen.items() if other != moved]
        elsewhere = _cheapest(choices[moved], [*rest, one])
        if elsewhere is not None:
            chosen[index], chosen[moved] = one, elsewhere
            return True
    return False


def place(
    points: Sequence[tuple[float, float]],
    sizes: Sequence[tuple[float, float]],
    *,
    radii: Sequence[float],
    obstacles: Sequence[Box] = (),
    bounds: Box,
) -> list[Box | None]:
    """Where the names of ``points`` go.

    Args:
        points: (x, y) of each point, in the unit of ``sizes``; the first chooses first, then those with little room.
        sizes: width and height of each name.
        radii: of the points.
        obstacles: what no name may cover beside the points themselves.
        bounds: all names lie inside.

    Returns:
        The rectangle of each name; no two overlap. ``None`` where there is no room.
    """
    dots = [Box(x - r, y - r, x + r, y + r) for (x, y), r in zip(points, radii, strict=True)]
    choices = [
        _places(
            point, sizes[i], radii[i], others=[*dots[:i], *dots[i + 1 :]], obstacles=[*dots, *obstacles], bounds=bounds
        )
        for i, point in enumerate(points)
    ]
    chosen: dict[int, _Place] = {}
    for index in sorted(range(len(points)), key=lambda i: (i > 0, len(choices[i]), i)):
        found = _cheapest(choices[index], list(chosen.values()))
        if found is not None:
            chosen[index] = found
        else:
            _make_room(index, choices, chosen)
    for _round in range(ROUNDS):
        moved = False
        for index in sorted(chosen):
            others = [taken for other, taken in chosen.items() if other != index]
            better = _cheapest(choices[index], others)
            if better is not None and better.cost(others) < chosen[index].cost(others):
                chosen[index] = better
                moved = True
        if not moved:
            break
    return [chosen[index].box if index in chosen else None for index in range(len(points))]


@dataclass(frozen=True, slots=True)
class Named:
    """A point and its name, in the units of the axes."""

    name: str
    x: float
    y: float
    colour: str
    radius: float = 3.0  # of the point, in points


def _boxes(axes: Axes, points: Sequence[Named], dots: Sequence[Named], size: float) -> list[Box | None]:
    """Places of the names in pixels, as the layout is now."""
    canvas = axes.figure.canvas
    canvas.draw()  # fixes the layout, so that extents in pixels are final
    renderer = canvas.get_renderer()  # type: ignore[attr-defined]
    sizes = []
    for one in points:
        text = axes.figure.text(0, 0, one.name, fontsize=size)
        extent = text.get_window_extent(renderer)
        sizes.append((float(extent.width), float(extent.height)))
        text.remove()
    obstacles = []
    for dot in dots:
        (x, y), r = axes.transData.transform((dot.x, dot.y)), dot.radius * axes.figure.dpi / 72
        obstacles.append(Box(x - r, y - r, x + r, y + r))
    bounds = Box(axes.bbox.x0, axes.bbox.y0, axes.bbox.x1, axes.bbox.y1)
    here = [tuple(axes.transData.transform((one.x, one.y))) for one in points]
    radii = [one.radius * axes.figure.dpi / 72 for one in points]
    return place(here, sizes, radii=radii, obstacles=obstacles, bounds=bounds)


def name_points(
    axes: Axes, points: Sequence[Named], dots: Sequence[Named] = (), *, size: float = 8.5
) -> tuple[str, ...]:
    """Write the names; one that is away from its point gets a thin line.

    Names for which there is no room are listed below the horizontal axis and returned.

    Args:
        axes: everything but the names is drawn.
        points: what is named; the first chooses first.
        dots: other points that no name may cover.
        size: of the letters, in points.
    """
    axes.set_xlim(axes.get_xlim())  # what is added from here on moves no scale
    axes.set_ylim(axes.get_ylim())
    label = axes.get_xlabel()
    kept, left_out = list(points), list[str]()
    while None in (boxes := _boxes(axes, kept, dots, size)):
        left_out += [one.name for one, box in zip(kept, boxes, strict=True) if box is None]
        kept = [one for one, box in zip(kept, boxes, strict=True) if box is not None]
        axes.set_xlabel(f"{label}\n{folded('未标名：' + '　'.join(left_out), 60)}", linespacing=1.6)
    figure = axes.get_figure(root=True)
    if figure is not None:
        figure.set_layout_engine("none")  # the places hold for this layout and no other
    inverse = axes.transData.inverted()
    for one, box in zip(kept, boxes, strict=True):
        if box is None:  # never: the loop above has ended
            continue
        middle = tuple(inverse.transform(((box.left + box.right) / 2, (box.bottom + box.top) / 2)))
        axes.annotate(one.name, middle, ha="center", va="center", fontsize=size, color=one.colour, bbox=PAPER)
        start = tuple(axes.transData.transform((one.x, one.y)))
        end = box.nearest(*start)
        if math.dist(start, end) - one.radius * axes.figure.dpi / 72 > NEAR:
            axes.plot(*zip((one.x, one.y), inverse.transform(end), strict=True), color=MUTED, lw=0.5, zorder=0.9)
    return tuple(left_out)
