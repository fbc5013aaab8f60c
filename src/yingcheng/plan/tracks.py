"""The 13 tracks in three columns: need, base and feasible stand side by side and never merge into one score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from yingcheng.errors import SettingsError
from yingcheng.i18n import _
from yingcheng.plan.industries import BaseRule, kind_of, shipped_base_rule, together
from yingcheng.plan.panel import Panel
from yingcheng.plan.records import Industry, NeedEvidence, TrackSupport
from yingcheng.plan.reference import INDUSTRIES, plan_data
from yingcheng.plan.rule_files import read_rule_file
from yingcheng.standards.tracks import TRACKS

__all__ = [
    "UNMEASURED",
    "Base",
    "Need",
    "NeedCell",
    "Track",
    "TrackTable",
    "base_of",
    "feasible_text",
    "load_tracks",
    "need_of",
    "track_table",
]

UNMEASURED = "无可测指标"
NOTICEABLE = 0.05  # of the common scale 0 … 1; a smaller gap is no reason for anything
_FEWEST = 3
_WHEN = ("behind", "high", "low")


@dataclass(frozen=True, slots=True)
class NeedCell:
    """Why an indicator speaks for a track: ``when`` is ``behind``, ``high`` or ``low``."""

    indicator: str
    when: str
    weight: float
    reason: str
    owner: str


@dataclass(frozen=True, slots=True)
class Track:
    """One of the 13 tracks with the indicators and industries it is measured by."""

    name: str
    sections: tuple[str, ...]  # GB/T 4754-2017
    cells: tuple[NeedCell, ...]
    unmeasured: str


@dataclass(frozen=True, slots=True)
class Need:
    """The first column: the weighted gap and the cells it is made of; ``value`` is ``None`` where nothing measures."""

    text: str
    value: float | None
    evidence: tuple[NeedEvidence, ...]


@dataclass(frozen=True, slots=True)
class Base:
    """The second column: location quotient × regional shift of the track's industries."""

    text: str
    quotient: float | None
    shift: float | None
    kind: str
    industries: tuple[Industry, ...]


@dataclass(frozen=True, slots=True)
class TrackTable:
    """The 13 tracks in the programme's order, and the limits of the words for need and base."""

    tracks: tuple[Track, ...]
    labels: tuple[tuple[float, str], ...]  # weighted gap at least → word, falling
    base: BaseRule


def _cell(entry: Mapping[str, Any], track: str, faults: list[str]) -> NeedCell | None:
    missing = [key for key in ("indicator", "when", "weight", "reason", "owner") if not entry.get(key)]
    if missing:
        faults.append(_("赛道“{track}”的一格缺少 {keys}。").format(track=track, keys="、".join(missing)))
        return None
    if entry["when"] not in _WHEN:
        faults.append(_("赛道“{track}”：when 应为 behind、high、low 之一。").format(track=track))
    if not isinstance(entry["weight"], int | float) or entry["weight"] <= 0:
        faults.append(_("赛道“{track}”：weight 应为正数。").format(track=track))
        return None
    return NeedCell(
        str(entry["indicator"]), str(entry["when"]), float(entry["weight"]), str(entry["reason"]), str(entry["owner"])
    )


def _table(content: Mapping[str, Any], where: str) -> TrackTable:
    faults: list[str] = []
    tracks = []
    for entry in content.get("track", []):
        name = str(entry.get("name", ""))
        sections = tuple(str(section) for section in entry.get("sections", ()))
        cells = [cell for raw in entry.get("need", []) if (cell := _cell(raw, name, faults)) is not None]
        if not sections or not set(sections) <= set(INDUSTRIES):
            faults.append(_("赛道“{track}”的 sections 应为 A—S 的门类代码。").format(track=name))
        if not cells and not entry.get("unmeasured"):
            faults.append(_("赛道“{track}”没有指标，须写 unmeasured 说明缺什么。").format(track=name))
        tracks.append(Track(name, sections, tuple(cells), str(entry.get("unmeasured", ""))))
    labels, base = _limits(content, faults)
    if tuple(track.name for track in tracks) != TRACKS:
        faults.append(_("应依次列出十三个赛道：{names}。").format(names="、".join(TRACKS)))
    if faults:
        raise SettingsError(
            _("赛道需求表有 {count} 处错误").format(count=len(faults)), where=where, faults=tuple(faults)
        )
    return TrackTable(tuple(tracks), labels, base)


def _limits(content: Mapping[str, Any], faults: list[str]) -> tuple[tuple[tuple[float, str], ...], BaseRule]:
    """The words for need and base; the shipped ones where a file says nothing of them."""
    shipped = plan_data("tracks.toml")
    try:
        raw = content.get("labels", shipped["labels"])["need"]
        labels = tuple(sorted(((float(least), str(name)) for least, name in raw), reverse=True))
    except (KeyError, TypeError, ValueError):
        labels = ()
    if not labels:
        faults.append(_("[labels] need 应为 [[下限, 说法], …]。"))
    base = shipped_base_rule()
    if "base" in content:
        try:
            own = content["base"]
            first, second, third, fourth = (str(kind) for kind in own["kinds"])
            base = BaseRule(float(own["quotient"]), float(own["shift"]), (first, second, third, fourth))
        except (KeyError, TypeError, ValueError):
            faults.append(_("[base] 应写 quotient、shift 和四个 kinds。"))
    return labels, base


@cache
def track_table() -> TrackTable:
    """The table as shipped."""
    return _table(plan_data("tracks.toml"), "tracks.toml")


def load_tracks(path: Path) -> TrackTable:
    """Read an edited table.

    Raises:
        SettingsError: no such file, not TOML, a cell without reason or owner, not the 13 tracks; lists all faults.
    """
    return _table(read_rule_file(path), path.name)


def _label(value: float, labels: Sequence[tuple[float, str]]) -> str:
    return next((name for least, name in labels if value >= least), labels[-1][1])


def _gap(panel: Panel, row: int, peers: Sequence[int], cell: NeedCell) -> tuple[float | None, float | None, int | None]:
    """How strongly one cell speaks for its track (0 … 1), the peers' figure it was held against, and its column."""
    names = [d.indicator.name for d in panel.pack.definitions]
    if cell.indicator not in names:
        return None, None, None
    column = names.index(cell.indicator)
    direction = panel.pack.definitions[column].indicator.direction
    known = [i for i in peers if not np.isnan(panel.values[i, column])]
    own = panel.standardised[row, column]
    if np.isnan(own) or len(known) < _FEWEST:
        return None, None, column
    others, raw = panel.standardised[known, column], panel.values[known, column]
    if cell.when == "behind":
        gap = float(np.quantile(others, 0.75) - own)
        beside = float(np.quantile(raw, 0.75 if direction > 0 else 0.25))
    else:  # pressure looks at the figure itself, not at good or bad
        gap = float((own - np.median(others)) * direction * (1 if cell.when == "high" else -1))
        beside = float(np.median(raw))
    return (min(gap, 1.0) if gap >= NOTICEABLE else 0.0), beside, column


def need_of(
    panel: Panel,
    row: int,
    peers: Sequence[int],
    track: Track,
    *,
    labels: Sequence[tuple[float, str]],
    sources: Mapping[str, str],
) -> Need:
    """The need for a track: the weighted mean of the gaps of its cells.

    Args:
        panel: the scored cities.
        row: of the city.
        peers: rows of its peers.
        track: with its cells.
        labels: words for the weighted gap.
        sources: indicator → where a figure of the city's own came from.
    """
    if not track.cells:
        return Need(f"{UNMEASURED}（{track.unmeasured}）", None, ())
    found = [(cell, *_gap(panel, row, peers, cell)) for cell in track.cells]
    total = sum(cell.weight for cell, gap, _beside, _column in found if gap is not None)
    evidence = []
    for cell, gap, beside, column in found:
        indicator = None if column is None else panel.pack.definitions[column].indicator
        own = float("nan") if column is None else float(panel.values[row, column])
        evidence.append(
            NeedEvidence(
                cell.indicator,
                cell.when,
                0.0 if gap is None else cell.weight / total,
                gap,
                None if np.isnan(own) else own,
                beside,
                "" if indicator is None else indicator.unit,
                cell.reason,
                cell.owner,
                "" if indicator is None else sources.get(indicator.name, indicator.source),
            )
        )
    missing = "、".join(item.indicator for item in evidence if item.gap is None)
    if not total:
        return Need(f"{UNMEASURED}（{missing}均无数据）", None, tuple(evidence))
    value = sum(item.weight * item.gap for item in evidence if item.gap is not None)
    # Largest contributions first; the table's order settles ties.
    speaking = sorted((item for item in evidence if item.gap), key=lambda item: -item.weight * (item.gap or 0.0))
    reasons = "；".join(f"{item.reason}（{item.indicator}）" for item in speaking[:2])
    text = f"{_label(value, labels)}：{reasons}" if speaking else "与相似城市无明显差距"
    return Need(text + (f"；{missing}无数据" if missing else ""), value, tuple(evidence))


def base_of(panel: Panel, row: int, track: Track, industries: Sequence[Industry], rule: BaseRule) -> Base:
    """The base of a track: its industries taken together; ``industries`` are all of the city's."""
    found = together(panel, row, track.sections)
    if found is None:
        return Base(UNMEASURED, None, None, "", ())
    quotient, shift = found
    kind = kind_of(quotient, shift, rule)
    own = tuple(industry for industry in industries if industry.section in track.sections)
    names = " + ".join(industry.name for industry in own)
    years = next((industry.years for industry in own if industry.years), "")
    if shift is None:
        return Base(f"{names}区位商 {quotient:.2f}；没有可比的早年分行业数字，不判变动", quotient, None, "", own)
    text = f"{kind}：{names}区位商 {quotient:.2f}，{years} 年区域分量 {shift:+.0%}"
    return Base(text, quotient, shift, kind, own)


def feasible_text(support: TrackSupport) -> str:
    """The third column in words: what stands ready, and what does not count."""
    parts = f"案例 {len(support.cases)} + 企业 {len(support.enterprises)} + 举措 {len(support.measures)}"
    left = f"；另 {len(support.excluded)} 项不计" if support.excluded else ""
    return f"合计 {support.count}（{parts}）；机会 {len(support.opportunities)}{left}"
