"""对接日程.pdf: by table and slot, by organisation, then a page per participant; and the quality on one page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby

from yingcheng.matchmaking.records import Meeting
from yingcheng.matchmaking.timetable.schedule import Schedule
from yingcheng.publish.paper import render
from yingcheng.publish.schedule.agendas import Agenda, clock, day_words, make_agendas, span_of, talks_of
from yingcheng.publish.schedule.quality import measures, reasons, unplaced_rows
from yingcheng.publish.schedule.workbook import doubts

__all__ = ["quality_pdf", "timetable_pdf"]

TABLES_PER_SHEET = 6
MOST_REASONS = 6  # on the page of the quality report; the workbook has them all
MOST_UNPLACED = 10


def _rows(schedule: Schedule, day: date, tables: Sequence[int]) -> list[dict[str, object]]:
    """The slots of a day and, between them, the parts of the agenda that block everybody."""
    timetable, talks = schedule.timetable, talks_of(schedule)
    session = timetable.session
    names = {participant.id: participant.name for participant in timetable.participants}
    taken: dict[tuple[int, int], Meeting] = {}
    for meeting in timetable.meetings:
        for number in range(meeting.slot, meeting.slot + meeting.slots):
            taken[number, meeting.table] = meeting
    rows: list[tuple[str, int, dict[str, object]]] = []
    for slot in session.slots:
        if slot.start.date() != day:
            continue
        cells = []
        for table in tables:
            one = taken.get((slot.index, table))
            if one is None:
                cells.append({"span": "", "who": "", "about": ""})
                continue
            talk, whole = talks.get((one.opportunity_id, one.enterprise_id)), span_of(one, session)
            going_on = "（续）" if one.slot < slot.index else ""
            cells.append(
                {
                    "span": f"{going_on}{clock(whole.start, whole.end)}" if one.slots > 1 else "",
                    "who": " ↔ ".join(names[party] for party in one.parties),
                    "about": talk.title if talk else "",
                }
            )
        if not any(cell["who"] for cell in cells):
            continue  # a slot in which none of these tables is taken says nothing
        rows.append((slot.start.isoformat(), 1, {"time": clock(slot.start, slot.end), "block": "", "cells": cells}))
    for part in session.agenda:
        if part.everyone and part.start.date() == day:
            words = "　".join(text for text in (part.title, part.place) if text)
            rows.append((part.start.isoformat(), 0, {"time": clock(part.start, part.end), "block": words, "cells": []}))
    return [row for _start, _kind, row in sorted(rows, key=lambda entry: entry[:2])]


def _overview(schedule: Schedule) -> list[dict[str, object]]:
    session = schedule.timetable.session
    sheets: list[dict[str, object]] = []
    for day in sorted({slot.start.date() for slot in session.slots}):
        for first in range(0, len(session.tables), TABLES_PER_SHEET):
            tables = range(first, min(first + TABLES_PER_SHEET, len(session.tables)))
            names = [session.tables[table] for table in tables]
            rows = _rows(schedule, day, tables)
            sheets.append({"day": f"{day_words(day)}　{names[0]}至{names[-1]}", "tables": names, "rows": rows})
    return sheets


def _organisations(agendas: Sequence[Agenda]) -> list[dict[str, object]]:
    groups = []
    for kind, those in groupby(agendas, key=lambda agenda: agenda.participant.kind):
        rows = [
            {
                "name": agenda.participant.name,
                "meetings": [
                    f"{a.invitation.start:%m-%d} {clock(a.invitation.start, a.invitation.end)}　{a.invitation.table}　"
                    + "、".join(a.others)
                    for a in agenda.appointments
                ],
            }
            for agenda in those
            if agenda.appointments
        ]
        if rows:
            groups.append({"kind": kind or "未注明类型", "rows": rows})
    return groups


def _personal(agenda: Agenda, *, several_days: bool) -> dict[str, object]:
    """One participant's page: its meetings, and what the fixed programme holds for it."""
    meetings = [
        {
            "time": (f"{a.invitation.start:%m月%d日} " if several_days else "")
            + clock(a.invitation.start, a.invitation.end),
            "table": a.place,
            "with": "、".join(a.others),
            "about": a.about,
            "why": "\n".join(a.why),
            "bring": "\n".join(a.bring),
        }
        for a in agenda.appointments
    ]
    days = "、".join(dict.fromkeys(day_words(a.invitation.start.date()) for a in agenda.appointments))
    line = "　".join(t for t in (agenda.participant.kind, days, f"共 {len(agenda.appointments)} 场会谈") if t)
    parts = [
        f"{block.start:%m月%d日} {clock(block.start, block.end)}　{block.title}"
        + ("" if block.everyone else "（台上）")
        + (f"　{block.place}" if block.place else "")
        for block in agenda.parts
    ]
    return {"name": agenda.participant.name, "line": line, "meetings": meetings, "parts": parts}


def _said(schedule: Schedule) -> str:
    revision = schedule.timetable.revision
    changed = f"，当天第 {revision} 次调整后" if revision else ""
    return f"截至 {day_words(schedule.as_of)}{changed}"


def timetable_pdf(schedule: Schedule) -> bytes:
    """The timetable as PDF: by table and slot, by organisation, then a page for everyone who has a meeting.

    Raises:
        MissingExtra: the ``paper`` extra is not installed.
    """
    timetable = schedule.timetable
    names = {participant.id: participant.name for participant in timetable.participants}
    agendas = make_agendas(schedule)
    several_days = len({slot.start.date() for slot in timetable.session.slots}) > 1
    size = f"{len(timetable.session.tables)} 张桌、{len(timetable.session.slots)} 个时段"
    data = {
        "programme": schedule.programme,
        "title": "政企精准对接日程",
        "summary": f"{_said(schedule)}　{size}，共 {len(timetable.meetings)} 场会谈",
        "notes": list(doubts(schedule)),
        "overview": _overview(schedule),
        "unplaced": [f"{title} — {guest}：{reason}" for title, guest, reason in unplaced_rows(schedule, names)],
        "organisations": _organisations(agendas),
        "participants": [_personal(one, several_days=several_days) for one in agendas if one.appointments],
    }
    return render("timetable.typ", data, as_of=schedule.as_of)


def quality_pdf(schedule: Schedule) -> bytes:
    """The quality report: one page, whatever the size of the event.

    Raises:
        MissingExtra: the ``paper`` extra is not installed.
    """
    names = {participant.id: participant.name for participant in schedule.timetable.participants}
    why, left = reasons(schedule), unplaced_rows(schedule, names)
    data = {
        "programme": schedule.programme,
        "title": "日程质量报告",
        "summary": _said(schedule),
        "notes": list(doubts(schedule)),
        "measures": [{"name": one.name, "value": one.value, "note": one.note} for one in measures(schedule)],
        "reasons": [{"reason": reason, "count": count} for reason, count in why[:MOST_REASONS]],
        "unplaced": [f"{title} — {guest}：{reason}" for title, guest, reason in left[:MOST_UNPLACED]],
        "more": max(0, len(left) - MOST_UNPLACED),
        "more_reasons": max(0, len(why) - MOST_REASONS),
    }
    return render("quality.typ", data, as_of=schedule.as_of)
