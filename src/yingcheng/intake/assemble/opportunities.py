"""Rows of a list of scenario opportunities → :class:`Opportunity`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from yingcheng.i18n import _
from yingcheng.intake.cells import TrackText
from yingcheng.intake.identifiers import Identifiers
from yingcheng.intake.rows import Row, RowSet
from yingcheng.opportunities.records import Opportunity
from yingcheng.standards.dates import Period
from yingcheng.standards.text import split_values
from yingcheng.standards.tracks import read_tracks

__all__ = ["assemble_opportunities"]

_LONGEST_NAME = 40  # characters of a need that stand in for a missing name column


def assemble_opportunities(tables: Sequence[RowSet]) -> tuple[Opportunity, ...]:
    """One opportunity per row, in reading order. The same opportunity from two departments stays two."""
    identifiers = Identifiers("O-")
    return tuple(
        opportunity
        for table in tables
        for row in table.rows
        if (opportunity := _opportunity(table, row, identifiers)) is not None
    )


def _opportunity(table: RowSet, row: Row, identifiers: Identifiers) -> Opportunity | None:
    name = row.text("name")
    if not name and "name" not in row.values and row.text("need"):
        name = row.text("need").split("\n")[0].split("。")[0][:_LONGEST_NAME]
        table.warn(
            row,
            "name-missing",
            row.text("need"),
            _("场景机会名称一列"),
            _("以合作需求的开头作为名称，请补充名称列。"),
            name="need",
        )
    if not name:
        table.refuse(
            row,
            "name-missing",
            row.text("need") or row.text("summary") or row.text("unit"),
            _("场景机会名称"),
            _("没有名称的行无法发布，请补充名称后重新报送。"),
            name="name",
        )
        return None
    domains = row.texts("domains")
    sorts = _tracks_as_kind(row)
    unit, need = row.text("unit"), row.text("need")
    region = table.region(row, "region")
    return Opportunity(
        id=identifiers.give(unit, name, need),
        name=name,
        number=row.text("number"),
        batch=row.text("batch"),
        kind=row.text("kind"),
        size=row.text("size"),
        domains=domains or sorts,
        tracks=tracks_of(row, *domains, row.section) or _tracks_named(sorts),
        summary=row.text("summary"),
        pain=row.text("pain"),
        need=need,
        technology=row.text("technology"),
        foundation=row.text("foundation"),
        resources=row.text("resources"),
        expected=row.text("expected"),
        acceptance=row.text("acceptance"),
        modes=row.texts("modes"),
        qualifications=row.texts("qualifications"),
        asks=row.text("asks"),
        investment=row.money("investment"),
        funding=row.text("funding"),
        period=_period(row),
        region=region.region if region else None,
        region_text=row.text("region"),
        unit=unit,
        lead=row.text("lead"),
        contact=row.contact(),
        references=row.text("references"),
        candidates=row.texts("candidates"),
        status=row.text("status"),
        progress=row.text("progress"),
        follower=row.text("follower"),
        link=row.text("link"),
        max_meetings=row.whole("max_meetings"),
        extra=extra_of(row),
        sources=(row.source,),
    )


def _tracks_as_kind(row: Row) -> tuple[str, ...]:
    """Values of the column 场景类型 where most plainly name a track (城市更新、文化旅游); else none (新建)."""
    values = split_values(row.text("kind"))
    named = sum(bool(read_tracks(value)) for value in values)
    return values if named and 2 * named >= len(values) else ()


def _tracks_named(values: Sequence[str]) -> tuple[str, ...]:
    """Tracks in the order in which the values name them, each once."""
    return tuple(dict.fromkeys(track for value in values for track in read_tracks(value)))


def tracks_of(row: Row, *texts: str) -> tuple[str, ...]:
    """Tracks the row names: in its track column, else in the words of the given texts."""
    value = row.values.get("tracks")
    if isinstance(value, TrackText) and value.tracks:
        return value.tracks
    return _tracks_named([text for text in texts if text])


def extra_of(row: Row) -> tuple[tuple[str, str], ...]:
    """Columns without a field, a track text that names none of the 13, and the group heading above the row."""
    extra = list(row.extra)
    value = row.values.get("tracks")
    if isinstance(value, TrackText) and not value.tracks:
        extra.append(("赛道（原文）", value.text))
    if row.section:
        extra.append(("分组", row.section))
    return tuple(extra)


def _period(row: Row) -> Period | None:
    start, end = row.period("period_start"), row.period("period_end")
    whole = row.period("period")
    if start is None and end is None:
        return whole
    if start is None or end is None:
        given = start or end
        if given is None or whole is not None:
            return whole
        return replace(given, end=None) if start is not None else replace(given, start=None)
    return Period(
        start=start.start,
        end=end.end,
        precision=start.precision if start.precision == end.precision else "day",
        text=f"{start.text} — {end.text}",
        certain=start.certain and end.certain,
        note="；".join(note for note in (start.note, end.note) if note),
    )
