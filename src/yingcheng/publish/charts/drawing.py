"""What every chart shares: one style, the figure, rows and bars, and how it becomes SVG and PNG.

A chart is drawn once, as SVG; the PNG that Word needs is made of that SVG by the same typesetter that sets the paper,
so that page, paper and Word show the same picture. The SVG is deterministic, keeps text as text and carries
``<title>`` and ``<desc>``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from html import escape
from io import BytesIO
from typing import TYPE_CHECKING, Generic, ParamSpec
from unicodedata import east_asian_width

from yingcheng.publish.extras import FONT_FAMILY, font_file, has_paper, load
from yingcheng.publish.paper import svg_to_png

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "BLUE",
    "FAINT",
    "GOLD",
    "GREY",
    "INK",
    "LEVEL_COLOURS",
    "LEVEL_NAMES",
    "LINE",
    "MUTED",
    "RED",
    "SKY",
    "SUBSYSTEMS",
    "TEAL",
    "WIDTH",
    "Chart",
    "Drawing",
    "Gallery",
    "Picture",
    "available",
    "cut_text",
    "folded",
    "label_rows",
    "legend",
    "new_figure",
    "nothing",
    "number_beside",
    "stacked",
    "text_width",
    "two_lines",
    "whole_numbers",
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
    name: str = ""  # of the chart

    def png(self) -> bytes:
        """The same picture as PNG, for Word.

        Raises:
            MissingExtra: the ``paper`` extra is not installed.
        """
        return svg_to_png(self.svg, width=WIDTH * 72)


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a chart draws, before it becomes SVG."""

    figure: Figure
    title: str
    alt: str


class Chart(Generic[Arguments]):
    """A chart that can be asked for as SVG text or as a :class:`Picture`."""

    def __init__(self, draw: Callable[Arguments, Drawing]) -> None:
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
            drawing = self.drawing(*args, **kwargs)
            return Picture(drawing.title, drawing.alt, _svg(drawing), self.__name__)

    def drawing(self, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Drawing:
        """The figure itself, for measuring where its texts are; raises as :meth:`__call__`."""
        with _style():
            return self._draw(*args, **kwargs)


class Gallery:
    """The pictures of one run: each is drawn once, however many papers it stands in.

    A picture is known by its chart and by the very records it shows, which are kept for as long as the gallery is.
    """

    def __init__(self) -> None:
        self._drawn: dict[tuple[object, ...], tuple[Picture, tuple[object, ...]]] = {}

    def draw(self, chart: Chart[Arguments], /, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Picture:
        """The picture of ``chart`` for these records.

        Raises:
            MissingExtra: the ``paper`` extra is not installed.
        """
        shown = (*args, *kwargs.values())
        key = (chart.__name__, *kwargs, *(one if isinstance(one, int | str) else id(one) for one in shown))
        if key not in self._drawn:
            self._drawn[key] = (chart.picture(*args, **kwargs), shown)
        return self._drawn[key][0]


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


def _svg(drawing: Drawing) -> str:
    buffer = BytesIO()
    nothing = {"Date": None, "Creator": None, "Format": None, "Type": None}
    drawing.figure.savefig(buffer, format="svg", metadata=nothing)
    text = buffer.getvalue().decode()
    text = text[text.index("<svg") :].replace(f"'{FONT_FAMILY}'", FAMILIES)
    words = f"<title>{escape(drawing.title)}</title><desc>{escape(drawing.alt)}</desc>"
    return re.sub(r"<svg\b[^>]*>", lambda tag: tag[0][:-1] + ' role="img">' + words, text, count=1)


def new_figure(height: float, width: float = WIDTH) -> tuple[Figure, Axes]:
    """An empty figure of ``height`` × ``width`` inches."""
    figure: Figure = load("matplotlib.figure").Figure(figsize=(width, height), layout="constrained")
    load("matplotlib.backends.backend_agg").FigureCanvasAgg(figure)  # measures text while labels are being placed
    return figure, figure.add_subplot()


def nothing(title: str, why: str) -> Drawing:
    """What stands in the place of a chart that has nothing to show."""
    figure, axes = new_figure(1.2)
    axes.set_axis_off()
    axes.text(0.5, 0.5, why, ha="center", va="center", color=MUTED, fontsize=10)
    return Drawing(figure, title, why)


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


def two_lines(text: str, width: float) -> str:
    """``text`` on at most two lines of ``width`` Chinese characters."""
    text = " ".join(text.split())
    if text_width(text) <= width:
        return text
    half = min(width, text_width(text) / 2 + 1)  # two lines of like length read better than a long one and a rest
    first = cut_text(text, half + 1)[:-1]
    return f"{first}\n{cut_text(text[len(first) :].strip(), width)}"


def folded(text: str, width: float) -> str:
    """Parts divided by wide blanks, on lines of at most ``width`` Chinese characters."""
    lines = [""]
    for part in text.split("　"):
        joined = f"{lines[-1]}　{part}" if lines[-1] else part
        if text_width(joined) > width:
            lines.append(part)
        else:
            lines[-1] = joined
    return "\n".join(lines)


def label_rows(axes: Axes, labels: Sequence[str], *, width: float = 16) -> None:
    """Horizontal rows from the top down, labelled at the left."""
    axes.set_yticks(range(len(labels)), [two_lines(label, width) for label in labels])
    axes.set_ylim(len(labels) - 0.45, -0.55)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x")


def number_beside(axes: Axes, x: float, row: int, text: str, *, left: bool = False) -> None:
    """A number at the end of a bar."""
    place, side = ((-3, 0), "right") if left else ((3, 0), "left")
    axes.annotate(text, (x, row), place, textcoords="offset points", va="center", ha=side, fontsize=8.5)


def legend(axes: Axes, columns: int) -> None:
    """Above the axes, at the left."""
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=columns, borderaxespad=0.3, handlelength=1.2)


def whole_numbers(axes: Axes) -> None:
    """Ticks of the horizontal axis at whole numbers."""
    axes.xaxis.set_major_locator(load("matplotlib.ticker").MaxNLocator(integer=True, nbins=8, min_n_ticks=1))


def stacked(
    labels: Sequence[str],
    parts: Sequence[tuple[str, Sequence[int], str]],
    *,
    unit: str,
    width: float = 16,
    first: bool = False,
) -> Figure:
    """Horizontal stacked bars with the total at the end, or with ``first`` the number of the first part."""
    figure, axes = new_figure(0.85 + 0.29 * len(labels) + 0.1 * sum(text_width(label) > width for label in labels))
    left = [0] * len(labels)
    for name, counts, colour in parts:
        axes.barh(range(len(labels)), counts, left=left, height=0.62, color=colour, label=name)
        left = [start + count for start, count in zip(left, counts, strict=True)]
    for row, total in enumerate(left):
        number_beside(axes, total, row, f"{parts[0][0]} {parts[0][1][row]}" if first else f"{total}")
    label_rows(axes, labels, width=width)
    axes.set_xlim(0, max([*left, 1]) * (1.15 if first else 1.08))
    axes.set_xlabel(unit)
    whole_numbers(axes)
    legend(axes, len(parts))
    return figure
