"""A published table of coupling coordination: which columns hold the levels, C, T and D, and how finely printed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from yingcheng.errors import UnusableInput
from yingcheng.i18n import _
from yingcheng.plan.formulas import Array

__all__ = ["PublishedColumn", "PublishedTable", "read_published"]

_MOST_DECIMALS = 12
_FEWEST_ROWS = 3
_IGNORED = re.compile(
    r"等级|类型|阶段|排名|位次|名次|序号|编号|时间|^年份?$|^年度$|rank|grade|type|stage|^no\.?$|^#$|^year$",
    re.IGNORECASE,
)
_DEGREE = re.compile(r"协调度|协调发展度|coordination|\bccdm?\b|^d$|^d[\s_（(值]|[（(]d[)）]", re.IGNORECASE)
_COUPLING = re.compile(r"耦合度|coupling|^c$|^c[\s_（(值]|[（(]c[)）]", re.IGNORECASE)
_DEVELOPMENT = re.compile(
    r"综合协调指数|协调指数|调和指数|综合评价|综合发展|综合指数|comprehensive|overall|^t$|^t[\s_（(值]|[（(]t[)）]",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?([eE][-+]?\d+)?")


@dataclass(frozen=True, slots=True, eq=False)
class PublishedColumn:
    """A column of figures with ``decimals`` digits printed behind the point; (n,), NaN where a cell holds none."""

    header: str
    values: Array
    decimals: int

    @property
    def half(self) -> float:
        """Half a unit of the last printed digit: how far a figure may be from what was printed."""
        return float(0.5 * 10.0**-self.decimals)


@dataclass(frozen=True, slots=True, eq=False)
class PublishedTable:
    """n rows with the levels of K ≥ 2 subsystems and at least one of C, T, D."""

    file: str
    labels: tuple[str, ...]
    levels: tuple[PublishedColumn, ...]
    coupling: PublishedColumn | None
    development: PublishedColumn | None
    degree: PublishedColumn | None

    @property
    def table(self) -> Array:
        """(n, K) levels."""
        return np.stack([column.values for column in self.levels], axis=1)


def _column(header: str, texts: Sequence[str]) -> PublishedColumn | None:
    values, decimals = [], 0
    for text in texts:
        bare = text.strip().replace("％", "%").replace(",", "").rstrip("*")
        percent = bare.endswith("%")
        bare = bare.removesuffix("%").strip()
        if not _NUMBER.fullmatch(bare):
            values.append(float("nan"))
            continue
        values.append(float(bare) / (100.0 if percent else 1.0))
        mantissa = bare.lower().partition("e")[0].partition(".")[2]
        decimals = max(decimals, min(len(mantissa) + 2 * percent, _MOST_DECIMALS))
    if sum(value == value for value in values) < max(_FEWEST_ROWS, len(values) // 2):
        return None
    return PublishedColumn(header, np.asarray(values), decimals)


def _is_label(column: PublishedColumn) -> bool:
    known = column.values[~np.isnan(column.values)]
    whole = bool((known == known.round()).all())
    years = whole and bool(((known >= 1900) & (known <= 2100)).all())
    return years or (whole and bool((known > 1).any()))


def _named(wanted: str, columns: Sequence[PublishedColumn]) -> PublishedColumn:
    found = next((column for column in columns if column.header.strip() == wanted.strip()), None)
    if found is None:
        raise UnusableInput(
            _("没有“{name}”这一数字列。").format(name=wanted),
            remedy=_("数字列有：{names}").format(names="、".join(column.header for column in columns)),
        )
    return found


def read_published(
    file: str,
    headers: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    levels: Sequence[str] = (),
    coupling: str = "",
    development: str = "",
    degree: str = "",
) -> PublishedTable:
    """Tell the columns apart by their headings, in Chinese or English; the headings may also be named.

    Args:
        file: for errors.
        headers: of the table.
        rows: texts as printed; the number of digits decides how exactly a figure has to be met.
        levels: headings of the subsystems' levels, where they cannot be told.
        coupling: heading of C, likewise; ``development`` of T; ``degree`` of D.
        development: see ``coupling``.
        degree: see ``coupling``.

    Raises:
        UnusableInput: fewer than two levels, none of C, T, D, fewer than three full rows, or levels beyond 0 … 1.
    """
    figures: list[PublishedColumn] = []
    texts: list[int] = []
    for place, header in enumerate(headers):
        column = _column(header, [row[place] if place < len(row) else "" for row in rows])
        if column is None or (_IGNORED.search(header) and header not in levels) or _is_label(column):
            texts.append(place)
        else:
            figures.append(column)
    chosen = {
        kind: _named(name, figures) for kind, name in (("C", coupling), ("T", development), ("D", degree)) if name
    }
    if levels:
        own = [_named(name, figures) for name in levels]
        left = [column for column in figures if column not in own and column not in chosen.values()]
        chosen = {**_outcomes(left, own), **chosen}
    else:
        left = [column for column in figures if column not in chosen.values()]
        chosen = {**_outcomes(left, []), **chosen}
        own = [column for column in left if column not in chosen.values()]
    if len(own) < 2 or not chosen:
        raise UnusableInput(
            _("认不出子系统水平（至少两列）和 C、T、D（至少一列）。"),
            where=file,
            remedy=_("数字列有：{names}。可用 --levels、--coupling、--development、--degree 指明。").format(
                names="、".join(column.header for column in figures) or "—"
            ),
        )
    full = ~np.isnan(np.stack([column.values for column in (*own, *chosen.values())])).any(axis=0)
    if full.sum() < _FEWEST_ROWS:
        raise UnusableInput(_("数字齐全的行不足 {least} 行。").format(least=_FEWEST_ROWS), where=file)
    kept = [int(i) for i in np.flatnonzero(full)]

    def cut(column: PublishedColumn | None) -> PublishedColumn | None:
        return None if column is None else PublishedColumn(column.header, column.values[kept], column.decimals)

    table = PublishedTable(
        file,
        tuple(" ".join(rows[i][place] for place in texts if place < len(rows[i])).strip() or str(i + 1) for i in kept),
        tuple(PublishedColumn(column.header, column.values[kept], column.decimals) for column in own),
        cut(chosen.get("C")),
        cut(chosen.get("T")),
        cut(chosen.get("D")),
    )
    outside = [column.header for column in table.levels if ((column.values < 0) | (column.values > 1)).any()]
    if outside:
        raise UnusableInput(
            _("“{names}”有不在 0—1 的数，不是子系统水平。").format(names="、".join(outside)),
            where=file,
            remedy=_("可用 --levels 指明水平各列。"),
        )
    return table


def _outcomes(columns: Sequence[PublishedColumn], own: Sequence[PublishedColumn]) -> dict[str, PublishedColumn]:
    """C, T and D among columns by their headings; a T must lie between the levels, or it is one of them."""
    found: dict[str, PublishedColumn] = {}
    developments = []
    for column in columns:
        if _DEVELOPMENT.search(column.header):
            developments.append(column)
        elif _DEGREE.search(column.header):
            found.setdefault("D", column)
        elif _COUPLING.search(column.header):
            found.setdefault("C", column)
    for column in developments:
        others = own or [c for c in columns if c is not column and c not in found.values()]
        if len(others) < 2:
            continue
        table = np.stack([other.values for other in others], axis=1)
        known = ~np.isnan(table).any(axis=1) & ~np.isnan(column.values)
        slack = column.half + max(other.half for other in others)
        inside = (column.values >= table.min(axis=1) - slack) & (column.values <= table.max(axis=1) + slack)
        single = len(developments) == 1 or re.match(r"^t\b|^t[_（(]", column.header, re.IGNORECASE)
        if known.any() and (bool(inside[known].all()) or single):
            found["T"] = column
            break
    return found
