"""Which tracks to focus on: Pareto-first, at most five, with the share of weightings that agree and a person's word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from yingcheng.plan.formulas import Array
from yingcheng.plan.industries import BaseRule
from yingcheng.plan.records import Override, TrackSupport, TrackView
from yingcheng.plan.robustness import DRAWS
from yingcheng.plan.tracks import UNMEASURED, Base, Need, Track, TrackTable, feasible_text

__all__ = ["MOST_FOCUS", "choose_focus", "pareto_front", "view_tracks"]

MOST_FOCUS = 5
_COLUMNS = ("需求", "基础", "可行性")
_MISSING = -1.0  # what is not measured counts as lowest

Row = tuple[float, ...]
"""Need, place of the base among the 13 (1 = lowest), feasible; negative: not measured."""


def pareto_front(rows: Sequence[Row]) -> list[int]:
    """Rows that no other row equals or beats in every column and beats in at least one."""
    table = np.asarray(rows, dtype=np.float64)
    if not len(table):
        return []
    least = (table[:, None, :] >= table[None, :, :]).all(axis=2)
    beaten = (least & (table[:, None, :] > table[None, :, :]).any(axis=2)).any(axis=0)
    return [int(i) for i in np.flatnonzero(~beaten)]


def _places(bases: Sequence[Base], rule: BaseRule) -> list[float]:
    """Place of each base in their common order: strong and gaining, then strong or gaining, then weak; then quotient.

    A place, not a sum: quotient and shift are not added up.
    """
    keys = [
        None
        if base.quotient is None
        else (
            int(base.quotient >= rule.quotient) + int(base.shift is not None and base.shift > rule.shift),
            base.quotient,
        )
        for base in bases
    ]
    order = sorted({key for key in keys if key is not None})
    return [_MISSING if key is None else float(order.index(key) + 1) for key in keys]


def choose_focus(
    rows: Sequence[Row], allowed: Sequence[int], *, first: int = 0, limit: int = MOST_FOCUS
) -> list[tuple[int, int]]:
    """Choose tracks: of those no other beats in every column, the best of each column in turn.

    Args:
        rows: the three columns of every track.
        allowed: tracks that may be chosen at all.
        first: column (need, base, feasible) that begins.
        limit: how many at most.

    Returns:
        (track, column it was taken for), in the order taken.
    """
    left = [allowed[i] for i in pareto_front([rows[i] for i in allowed])]
    chosen: list[tuple[int, int]] = []
    column, idle = first, 0
    while left and len(chosen) < limit and idle < len(_COLUMNS):
        turn = column
        measured = [i for i in left if rows[i][turn] > 0]
        if measured:
            best = max(measured, key=lambda i: (rows[i][turn], -i))
            chosen.append((best, column))
            left.remove(best)
        idle = 0 if measured else idle + 1
        column = (column + 1) % len(_COLUMNS)
    return chosen


def _shares(needs: Sequence[Need], rows: Sequence[Row], allowed: Sequence[int], seed: int, draws: int) -> Array:
    """Share of the draws in which each track is chosen: (13,).

    A draw weighs the cells of every track anew (flat Dirichlet) and lets another column begin.
    """
    generator = np.random.default_rng(seed)
    drawn = np.full((draws, len(needs)), _MISSING)
    for i, need in enumerate(needs):
        gaps = np.asarray([item.gap for item in need.evidence if item.gap is not None], dtype=np.float64)
        if len(gaps):
            drawn[:, i] = generator.dirichlet(np.ones(len(gaps)), draws) @ gaps
    first = generator.integers(len(_COLUMNS), size=draws)
    counts = np.zeros(len(needs))
    for d in range(draws):
        changed = [(float(drawn[d, i]), *row[1:]) for i, row in enumerate(rows)]
        for track, _column in choose_focus(changed, allowed, first=int(first[d])):
            counts[track] += 1
    return counts / draws


def view_tracks(
    table: TrackTable,
    needs: Sequence[Need],
    bases: Sequence[Base],
    support: Mapping[str, TrackSupport],
    *,
    overrides: Sequence[Override] = (),
    seed: int = 0,
    draws: int = DRAWS,
) -> tuple[TrackView, ...]:
    """Look at the 13 tracks for one city.

    With empty ``needs`` and ``bases`` (no city) both columns stay unmeasured and no track is put in focus by
    computation: counts alone say what is on offer, not what the city needs. With them, the focus is on tracks that no
    other track equals or beats in all three columns; where these are more than five, the best of each column are taken
    in turn. What a person decided goes first: left out is never chosen, taken in is always there, and
    the computation fills what is left of five.
    """
    tracks = table.tracks
    ready = [support.get(track.name, TrackSupport()) for track in tracks]
    decided = {override.track: override for override in overrides}
    known = bool(needs)
    needs = needs or [Need(UNMEASURED, None, ())] * len(tracks)
    bases = bases or [Base(UNMEASURED, None, None, "", ())] * len(tracks)
    rows: list[Row] = [
        (_MISSING if need.value is None else need.value, place, float(have.count))
        for need, place, have in zip(needs, _places(bases, table.base), ready, strict=True)
    ]
    # Neither a measured need nor anybody to answer it: a strong industry alone makes no focus.
    open_rows = [i for i in range(len(tracks)) if known and (needs[i].value is not None or ready[i].count > 0)]
    computed = choose_focus(rows, open_rows)
    shares = _shares(needs, rows, open_rows, seed, draws) if known else None
    taken_in = [i for i, track in enumerate(tracks) if track.name in decided and decided[track.name].focus]
    left_out = {i for i, track in enumerate(tracks) if track.name in decided and not decided[track.name].focus}
    free = [i for i in open_rows if i not in left_out and i not in taken_in]
    filled = dict(choose_focus(rows, free, limit=MOST_FOCUS - len(taken_in))) if decided else dict(computed)
    focus = {*taken_in, *filled}
    words = _Words(tracks, needs, rows, open_rows, known, filled, decided)
    return tuple(
        TrackView(
            track=track.name,
            need=needs[i].text,
            need_value=needs[i].value,
            base=bases[i].text,
            base_value=bases[i].quotient,
            feasible=feasible_text(ready[i]),
            feasible_count=ready[i].count,
            focus=i in focus,
            reason=words.reason(i),
            need_evidence=needs[i].evidence,
            base_kind=bases[i].kind,
            base_shift=bases[i].shift,
            industries=bases[i].industries,
            support=ready[i],
            share=None if shares is None else float(shares[i]),
            override=decided.get(track.name),
        )
        for i, track in enumerate(tracks)
    )


class _Words:
    """Why a track is in focus or not, in a sentence."""

    def __init__(
        self,
        table: Sequence[Track],
        needs: Sequence[Need],
        rows: Sequence[Row],
        open_rows: Sequence[int],
        known: bool,
        filled: Mapping[int, int],
        decided: Mapping[str, Override],
    ) -> None:
        self.table, self.needs, self.rows, self.open_rows = table, needs, rows, open_rows
        self.known, self.filled, self.decided = known, filled, decided
        self.front = {open_rows[i] for i in pareto_front([rows[i] for i in open_rows])}

    def reason(self, i: int) -> str:
        override = self.decided.get(self.table[i].name)
        if override is not None:
            what = "列入" if override.focus else "不列入"
            return f"人工{what}，理由：{override.reason}（测算：{self._computed(i)}）"
        return self._computed(i)

    def _computed(self, i: int) -> str:
        if not self.known:
            return "没有城市数据，不选重点赛道"
        if i in self.filled:
            caution = "；需求无可测指标，列入前须人工补充依据" if self.needs[i].value is None else ""
            return f"没有赛道在需求、基础、可行性三列上都不低于它；按“{_COLUMNS[self.filled[i]]}”一列取入{caution}"
        if i not in self.open_rows:
            return "需求无可测指标，又无案例、企业、举措可依，不列入重点"
        if i in self.front:
            if all(figure <= 0 for figure in self.rows[i]):
                return "三列均无可取之处"
            return "三列不被任何赛道全面超过" + ("" if self.decided.get(self.table[i].name) else "，但重点已满五条")
        stronger = [
            self.table[j].name
            for j, other in enumerate(self.rows)
            if other != self.rows[i] and all(x >= y for x, y in zip(other, self.rows[i], strict=True))
        ]
        return f"三列均不高于{'、'.join(stronger[:3])}"
