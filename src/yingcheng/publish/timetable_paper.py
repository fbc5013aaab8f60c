"""对接日程.pdf: the tables by slot, then per participant with whom, where, when and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from yingcheng.matchmaking.records import AgendaBlock, Meeting, Slot, Timetable
from yingcheng.publish.paper import render
from yingcheng.publish.records import Results

__all__ = ["timetable_pdf"]

TABLES_PER_SHEET = 6
REASONS = 3


def _clock(start: Slot | AgendaBlock) -> str:
    return f"{start.start:%H:%M}–{start.end:%H:%M}"


def _rows(results: Results, day: date, tables: Sequence[int]) -> list[dict[str, object]]:
    """The slots of a day and, between them, the parts of the agenda that block everybody."""
    timetable, opportunities = results.timetable, results.opportunity_names()
    enterprises = results.enterprise_names()
    units = {one.id: one.unit or one.lead for one in results.opportunities.opportunities}
    taken = {(meeting.slot, meeting.table): meeting for meeting in timetable.meetings}
    rows: list[tuple[str, int, dict[str, object]]] = []
    for slot in timetable.session.slots:
        if slot.start.date() != day:
            continue
        cells = []
        for table in tables:
            meeting = taken.get((slot.index, table))
            first = enterprises[meeting.enterprise_id] if meeting else ""
            second = opportunities[meeting.opportunity_id] if meeting else ""
            unit = units.get(meeting.opportunity_id, "") if meeting else ""
            cells.append({"unit": unit or "需求单位未填", "first": first, "second": second})
        if not any(cell["first"] for cell in cells):
            continue  # a slot in which none of these tables is taken says nothing
        rows.append((slot.start.isoformat(), 1, {"time": _clock(slot), "block": "", "cells": cells}))
    for part in timetable.session.agenda:
        if part.everyone and part.start.date() == day:
            words = "　".join(text for text in (part.title, part.place) if text)
            rows.append((part.start.isoformat(), 0, {"time": _clock(part), "block": words, "cells": []}))
    return [row for _start, _kind, row in sorted(rows, key=lambda entry: entry[:2])]


def _overview(results: Results) -> list[dict[str, object]]:
    session = results.timetable.session
    sheets: list[dict[str, object]] = []
    for day in sorted({slot.start.date() for slot in session.slots}):
        for first in range(0, len(session.tables), TABLES_PER_SHEET):
            tables = range(first, min(first + TABLES_PER_SHEET, len(session.tables)))
            names = [session.tables[table] for table in tables]
            rows = _rows(results, day, tables)
            sheets.append({"day": f"{day:%Y年%m月%d日}　{names[0]}至{names[-1]}", "tables": names, "rows": rows})
    return sheets


def _why(results: Results) -> dict[tuple[str, str], str]:
    words = {
        (edge.opportunity_id, edge.enterprise_id): "\n".join(reason.text for reason in edge.reasons[:REASONS])
        for edge in results.candidates.edges
    }
    for pair in results.assignment.pairs:
        if pair.pinned:
            key = (pair.opportunity_id, pair.enterprise_id)
            words[key] = "\n".join(text for text in ("组织方指定", words.get(key, "")) if text)
    return words


def _participants(results: Results, timetable: Timetable) -> list[dict[str, object]]:
    slots = {slot.index: slot for slot in timetable.session.slots}
    names = {participant.id: participant.name for participant in timetable.participants}
    opportunities, why = results.opportunity_names(), _why(results)
    mine: dict[str, list[Meeting]] = {}
    for meeting in sorted(timetable.meetings, key=lambda meeting: (meeting.slot, meeting.table)):
        for party in meeting.parties:
            mine.setdefault(party, []).append(meeting)
    several_days = len({slot.start.date() for slot in slots.values()}) > 1
    pages: list[dict[str, object]] = []
    for participant in sorted(timetable.participants, key=lambda one: (one.kind, one.name, one.id)):
        meetings = mine.get(participant.id, [])
        if not meetings:
            continue
        entries = []
        for meeting in meetings:
            slot = slots[meeting.slot]
            others = [names.get(party, party) for party in meeting.parties if party != participant.id]
            entries.append(
                {
                    "time": (f"{slot.start:%m月%d日} " if several_days else "") + _clock(slot),
                    "table": timetable.session.tables[meeting.table],
                    "with": "、".join(others),
                    "about": opportunities.get(meeting.opportunity_id, meeting.opportunity_id),
                    "why": why.get((meeting.opportunity_id, meeting.enterprise_id), ""),
                }
            )
        line = "　".join(text for text in (participant.kind, f"共 {len(meetings)} 场会谈") if text)
        pages.append({"name": participant.name, "line": line, "meetings": entries})
    return pages


def timetable_pdf(results: Results) -> bytes:
    """The timetable as PDF: an overview by table and slot, then a part for everyone who has a meeting.

    Raises:
        MissingExtra: the ``paper`` extra is not installed.
    """
    timetable = results.timetable
    opportunities, enterprises = results.opportunity_names(), results.enterprise_names()
    size = f"{len(timetable.session.tables)} 张桌、{len(timetable.session.slots)} 个时段"
    data = {
        "programme": results.name,
        "title": "政企精准对接日程",
        "summary": f"截至 {results.as_of:%Y年%m月%d日}　{size}，共 {len(timetable.meetings)} 场会谈",
        "overview": _overview(results),
        "unplaced": [
            f"{opportunities[left.opportunity_id]} — {enterprises[left.enterprise_id]}：{left.reason}"
            for left in timetable.unplaced
        ],
        "participants": _participants(results, timetable),
    }
    return render("timetable.typ", data, as_of=results.as_of)
