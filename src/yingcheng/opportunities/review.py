"""Checks of the list: how complete an entry is, which track it belongs to, and whether it may be published."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from yingcheng.findings import Finding, Severity
from yingcheng.i18n import _
from yingcheng.opportunities.disclosure import without_personal
from yingcheng.opportunities.duplicates import find_duplicates
from yingcheng.opportunities.records import (
    Contact,
    DuplicateGroup,
    Opportunity,
    OpportunityList,
    Review,
    TrackSuggestion,
)
from yingcheng.standards.datafiles import read_toml
from yingcheng.standards.tracks import TRACKS, suggest_tracks

__all__ = ["completeness", "review_findings", "review_list"]

# Words of a status column that say that nobody is looked for any more.
_CLOSED = ("已揭榜", "揭榜完成", "已签约", "已完成", "已落地", "已关闭", "已终止", "已取消", "已撤回")


@dataclass(frozen=True, slots=True)
class _Requirement:
    label: str
    fields: tuple[str, ...]
    weight: float
    required: bool
    minimum_characters: int


@cache
def _requirements() -> tuple[_Requirement, ...]:
    data = read_toml("completeness.toml", room="opportunities")
    return tuple(
        _Requirement(
            entry["label"], tuple(entry["any"]), entry["weight"], entry["required"], entry.get("minimum_characters", 1)
        )
        for entry in data["fields"]
    )


def _shortfall(opportunity: Opportunity, requirement: _Requirement) -> str:
    """What is wrong with a required field, in words; empty where nothing is."""
    values = [getattr(opportunity, name) for name in requirement.fields]
    if not any(value != Contact() if isinstance(value, Contact) else bool(value) for value in values):
        return f"缺少{requirement.label}"
    length = len("".join(value for value in values if isinstance(value, str)))
    if requirement.minimum_characters > 1 and length < requirement.minimum_characters:
        return f"{requirement.label}过短（不足 {requirement.minimum_characters} 字）"
    return ""


def completeness(opportunity: Opportunity) -> tuple[float, tuple[str, ...]]:
    """Weighted share (0 … 1) of the fields a published entry needs, and the labels of those missing.

    The weights are ``data/completeness.toml``.
    """
    missing = [entry for entry in _requirements() if _shortfall(opportunity, entry)]
    full = sum(entry.weight for entry in _requirements())
    return 1.0 - sum(entry.weight for entry in missing) / full, tuple(entry.label for entry in missing)


def _blockers(opportunity: Opportunity, keep_of: Mapping[str, Opportunity], as_of: date) -> list[str]:
    required = [entry for entry in _requirements() if entry.required]
    blockers = [fault for entry in required if (fault := _shortfall(opportunity, entry))]
    closed = next(
        (word for word in _CLOSED if word in opportunity.status and f"未{word}" not in opportunity.status), ""
    )
    if closed:
        blockers.append(f"状态为“{opportunity.status}”，不再征集")
    if without_personal(opportunity) != opportunity:
        blockers.append("正文含电话或邮箱，须脱敏后发布")
    end = opportunity.period.end if opportunity.period else None
    if end is not None and end < as_of:
        blockers.append(f"时限已过（{end.isoformat()}）")
    kept = keep_of.get(opportunity.id)
    if kept is not None:
        owner = f"（{kept.unit}）" if kept.unit else ""
        blockers.append(f"与“{kept.name}”{owner}疑似同一场景，须先核并")
    return blockers


def review_findings(listed: OpportunityList) -> tuple[Finding, ...]:
    """One ``required-missing`` finding per required field that an opportunity lacks, at its cell if it has a column."""
    found = []
    for opportunity in listed.opportunities:
        for entry in _requirements():
            fault = _shortfall(opportunity, entry) if entry.required else ""
            if not fault or not opportunity.sources:
                continue
            row = opportunity.sources[0]
            field = next((name for name in entry.fields if row.place(name).column), "")
            found.append(
                Finding(
                    Severity.WARNING,
                    "required-missing",
                    row.place(field),
                    (getattr(opportunity, field) if field else "") or opportunity.name,
                    _("填写“{label}”").format(label=entry.label),
                    _("{fault}，补齐前该场景机会暂不发布。").format(fault=fault),
                )
            )
    return tuple(sorted(found, key=lambda finding: finding.place))


def _with_tracks(opportunity: Opportunity) -> tuple[Opportunity, tuple[TrackSuggestion, ...]]:
    if opportunity.tracks:
        return opportunity, ()
    found = suggest_tracks(opportunity.text)
    suggestions = tuple(TrackSuggestion(track, "依据：" + "、".join(words)) for track, words in found)
    return replace(opportunity, tracks=tuple(s.track for s in suggestions)), suggestions


def review_list(
    opportunities: Sequence[Opportunity], *, as_of: date, apart: Collection[frozenset[str]] = ()
) -> OpportunityList:
    """Check every opportunity and put the list in the order of publication (track, then unit, then as sent).

    Args:
        opportunities: as read; nothing is left out of the result.
        as_of: the day on which a passed deadline counts as passed.
        apart: pairs of ids that a person has decided to be two scenarios, however alike they look.

    Returns:
        The list with tracks suggested where the sender gave none, reviews in the same order, and near-duplicate groups.
    """
    duplicates = find_duplicates(opportunities, apart=apart)
    by_id = {opportunity.id: opportunity for opportunity in opportunities}
    keep_of = {copy: by_id[group.keep] for group in duplicates for copy in group.copies}
    checked: list[tuple[Opportunity, Review]] = []
    for opportunity in opportunities:
        # The share is that of what the sender gave; a suggested track fills the column but not the score.
        share, missing = completeness(opportunity)
        tracked, suggestions = _with_tracks(opportunity)
        blockers = _blockers(opportunity, keep_of, as_of)
        review = Review(opportunity.id, share, missing, not blockers, tuple(blockers), suggestions)
        checked.append((tracked, review))
    order = {track: position for position, track in enumerate(TRACKS)}
    checked.sort(key=lambda pair: (order.get(pair[0].tracks[0], 99) if pair[0].tracks else 99, pair[0].unit))
    return OpportunityList(tuple(o for o, _ in checked), tuple(r for _, r in checked), _ordered(duplicates))


def _ordered(groups: Sequence[DuplicateGroup]) -> tuple[DuplicateGroup, ...]:
    return tuple(sorted(groups, key=lambda group: (-group.similarity, group.opportunity_ids)))
