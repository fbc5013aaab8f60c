"""Focus tracks: need, base and feasible stand side by side and never merge into one score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from yingcheng.plan.diagnosis import Panel
from yingcheng.plan.formulas import location_quotient
from yingcheng.plan.records import Diagnosis, TrackSupport, TrackView
from yingcheng.plan.reference import INDUSTRIES, plan_data

__all__ = ["NeedCell", "Track", "pareto_front", "track_table", "view_tracks"]

MOST_FOCUS = 5
UNMEASURED = "无可测指标"
NOTICEABLE = 0.05  # of the common scale 0 … 1; a smaller gap is no reason for anything


@dataclass(frozen=True, slots=True)
class NeedCell:
    """Why an indicator speaks for a track: ``when`` is ``behind``, ``high`` or ``low``."""

    indicator: str
    when: str
    weight: float
    reason: str


@dataclass(frozen=True, slots=True)
class Track:
    """One of the 13 tracks with the indicators and industries it is measured by."""

    name: str
    sections: tuple[str, ...]  # GB/T 4754-2017
    cells: tuple[NeedCell, ...]
    unmeasured: str


@dataclass(frozen=True, slots=True)
class _Column:
    text: str
    value: float | None


@cache
def track_table() -> tuple[Track, ...]:
    """The 13 tracks in the programme's order."""
    return tuple(
        Track(
            entry["name"],
            tuple(entry["sections"]),
            tuple(NeedCell(c["indicator"], c["when"], float(c["weight"]), c["reason"]) for c in entry["need"]),
            entry.get("unmeasured", ""),
        )
        for entry in plan_data("tracks.toml")["track"]
    )


def _label(kind: str, value: float) -> str:
    levels = plan_data("tracks.toml")["labels"][kind]
    return str(next((name for least, name in levels if value >= least), levels[-1][1]))


def _pressure(panel: Panel, row: int, peers: Sequence[int], cell: NeedCell) -> float:
    """How strongly one cell speaks for its track: 0 … 1, NaN where the city or its peers have no figure."""
    column = [d.indicator.name for d in panel.reference.definitions].index(cell.indicator)
    own, others = panel.standardised[row, column], panel.standardised[list(peers), column]
    others = others[~np.isnan(others)]
    if np.isnan(own) or len(others) < 3:
        return float("nan")
    if cell.when == "behind":
        gap = float(np.quantile(others, 0.75) - own)
    else:  # pressure looks at the figure itself, not at good or bad
        more = panel.reference.definitions[column].indicator.direction * (1 if cell.when == "high" else -1)
        gap = float((own - np.median(others)) * more)
    return gap if gap >= NOTICEABLE else 0.0


def _need(panel: Panel, row: int, peers: Sequence[int], track: Track) -> _Column:
    if not track.cells:
        return _Column(f"{UNMEASURED}（{track.unmeasured}）", None)
    found = [(cell, _pressure(panel, row, peers, cell)) for cell in track.cells]
    known = [(cell, gap) for cell, gap in found if not np.isnan(gap)]
    if not known:
        return _Column(f"{UNMEASURED}（{'、'.join(cell.indicator for cell in track.cells)}均无数据）", None)
    total = sum(cell.weight for cell, _gap in known)
    value = sum(cell.weight * gap for cell, gap in known) / total
    # Largest contributions first; the table's order settles ties.
    reasons = [f"{c.reason}（{c.indicator}）" for c, gap in sorted(known, key=lambda k: -k[0].weight * k[1]) if gap > 0]
    missing = [cell.indicator for cell, gap in found if np.isnan(gap)]
    text = f"{_label('need', value)}：{'；'.join(reasons[:2])}" if reasons else "与相似城市无明显差距"
    return _Column(text + (f"；{'、'.join(missing)}无数据" if missing else ""), value)


def _base(panel: Panel, row: int, track: Track) -> _Column:
    """Location quotient of the track's industries taken together.

    Outside farming the quotient is taken among the non-farm employed: among all employed, every industry of a highly
    urbanised city would look strong only because the city has few farmers.
    """
    reference = panel.reference
    columns = [reference.columns.index(section) for section in INDUSTRIES]
    own, whole = panel.quantities[row, columns], reference.quantities[:, columns].sum(axis=0)
    if np.isnan(own).any():
        return _Column(UNMEASURED, None)
    within = [i for i, section in enumerate(INDUSTRIES) if section in track.sections]
    pool = [i for i in range(len(INDUSTRIES)) if "A" in track.sections or INDUSTRIES[i] != "A"]
    rest = [i for i in pool if i not in within]
    pair = np.asarray([[own[within].sum(), own[rest].sum()]])
    quotient = float(location_quotient(pair, np.asarray([whole[within].sum(), whole[rest].sum()]))[0, 0])
    names = {q.column: q.name.removesuffix("从业人员（长表抽样）") for q in reference.catalogue}
    industries = " + ".join(names[section] for section in track.sections)
    return _Column(f"{_label('base', quotient)}：{industries}区位商 {quotient:.2f}", quotient)


def _feasible(support: TrackSupport) -> str:
    parts = f"案例 {len(support.cases)} + 企业 {len(support.enterprises)} + 举措 {len(support.measures)}"
    return f"合计 {support.count}（{parts}）；机会 {len(support.opportunities)}"


def pareto_front(rows: Sequence[tuple[float, ...]]) -> list[int]:
    """Rows that no other row equals or beats in every column and beats in at least one."""

    def beats(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
        return a != b and all(x >= y for x, y in zip(a, b, strict=True))

    return [i for i, row in enumerate(rows) if not any(beats(other, row) for other in rows)]


def _in_turn(front: Sequence[int], rows: Sequence[tuple[float, ...]], limit: int) -> list[tuple[int, int]]:
    """Choose by taking the best of each column in turn: (row, column it was taken for)."""
    chosen: list[tuple[int, int]] = []
    left = list(front)
    column = 0
    while left and len(chosen) < limit:
        # A negative figure stands for "not measured": such a row is never taken for that column.
        measured = [i for i in left if rows[i][column] > 0]
        if measured:
            best = max(measured, key=lambda i: (rows[i][column], -i))
            chosen.append((best, column))
            left.remove(best)
        elif not any(rows[i][c] > 0 for i in left for c in range(len(rows[i]))):
            break
        column = (column + 1) % len(rows[0])
    return chosen


def view_tracks(
    panel: Panel | None, diagnosis: Diagnosis | None, support: Mapping[str, TrackSupport]
) -> tuple[TrackView, ...]:
    """Look at the 13 tracks for one city.

    Without a diagnosis need and base stay unmeasured and no track is put in focus: counts alone say what is on offer,
    not what the city needs. With it, the focus is on tracks that no other track equals or beats in all three columns;
    where these are more than five, the best of each column are taken in turn. A column that is not measured counts
    as the lowest.
    """
    table = track_table()
    nothing = TrackSupport()
    ready = [support.get(track.name, nothing) for track in table]
    counts = [s.count for s in ready]
    needs = bases = [_Column(UNMEASURED, None)] * len(table)
    reasons = ["没有城市数据，不选重点赛道"] * len(table)
    focus: dict[int, str] = {}
    if panel is not None and diagnosis is not None:
        row = panel.row(diagnosis.code)
        peers = [panel.row(peer.code) for peer in diagnosis.peers]
        needs = [_need(panel, row, peers, track) for track in table]
        bases = [_base(panel, row, track) for track in table]
        rows = [
            tuple(-1.0 if value is None else float(value) for value in (need.value, base.value, count))
            for need, base, count in zip(needs, bases, counts, strict=True)
        ]
        # Neither a measured need nor anybody to answer it: a strong industry alone makes no focus.
        open_rows = [i for i in range(len(table)) if needs[i].value is not None or counts[i] > 0]
        front = [open_rows[i] for i in pareto_front([rows[i] for i in open_rows])]
        focus = {i: _why(i, column, needs) for i, column in _in_turn(front, rows, MOST_FOCUS)}
        for i in range(len(table)):
            if i in focus:
                reasons[i] = focus[i]
            elif i not in open_rows:
                reasons[i] = "需求无可测指标，又无案例、企业、举措可依，不列入重点"
            elif i in front:
                reasons[i] = (
                    "三列不被任何赛道全面超过，但重点已满五条" if len(focus) == MOST_FOCUS else "三列均无可取之处"
                )
            else:
                reasons[i] = _beaten(i, rows, table)
    return tuple(
        TrackView(
            track=track.name,
            need=needs[i].text,
            need_value=needs[i].value,
            base=bases[i].text,
            base_value=bases[i].value,
            feasible=_feasible(ready[i]),
            feasible_count=counts[i],
            support=ready[i],
            focus=i in focus,
            reason=reasons[i],
        )
        for i, track in enumerate(table)
    )


def _why(row: int, column: int, needs: Sequence[_Column]) -> str:
    name = ("需求", "基础", "可行性")[column]
    caution = "；需求无可测指标，列入前须人工补充依据" if needs[row].value is None else ""
    return f"没有赛道在需求、基础、可行性三列上都不低于它；按“{name}”一列取入{caution}"


def _beaten(row: int, rows: Sequence[tuple[float, ...]], table: Sequence[Track]) -> str:
    stronger = [
        table[i].name
        for i, other in enumerate(rows)
        if other != rows[row] and all(x >= y for x, y in zip(other, rows[row], strict=True))
    ]
    return f"三列均不高于{'、'.join(stronger[:3])}"
