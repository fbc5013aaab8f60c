"""One calendar per participant (RFC 5545): stable UIDs, so that a calendar updates instead of duplicating."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, TimezoneStandard

from yingcheng.matchmaking.records import Meeting, Participant, Slot, Timetable

__all__ = ["calendar", "file_name"]

_TZID = "Asia/Shanghai"
_ZONE = ZoneInfo(_TZID)
_OFFSET = timedelta(hours=8)
_DOMAIN = "yingcheng"
_MEETING_AREA = "洽谈区"


def file_name(participant: Participant) -> str:
    """A file name that Windows, WPS and phones accept."""
    safe = re.sub(r'[\\/:*?"<>|\s]+', "_", participant.name).strip("._")
    return f"{safe[:60] or participant.id}.ics"


def _local(moment: datetime) -> datetime:
    return moment.replace(tzinfo=_ZONE)


def _zone() -> Timezone:
    """China Standard Time, which has had no daylight saving since 1991: one STANDARD part says all (RFC 5545 3.6.5)."""
    standard = TimezoneStandard()
    standard.add("dtstart", datetime.combine(date(1970, 1, 1), time()))  # local and without a zone, as RFC 5545 asks
    standard.add("tzoffsetfrom", _OFFSET)
    standard.add("tzoffsetto", _OFFSET)
    standard.add("tzname", "CST")
    zone = Timezone()
    zone.add("tzid", _TZID)
    zone.add_component(standard)
    return zone


def _uid(meeting: Meeting) -> str:
    return meeting.uid if "@" in meeting.uid else f"{meeting.uid}@{_DOMAIN}"


def _place(timetable: Timetable, slot: Slot, table: str) -> str:
    """The table, with the meeting area where the agenda of that day names one."""
    areas = sorted(
        {
            block.place
            for block in timetable.session.agenda
            if _MEETING_AREA in block.place and block.start.date() == slot.start.date()
        }
    )
    return f"{areas[0]} {table}" if areas else table


def _event(
    meeting: Meeting,
    participant: Participant,
    timetable: Timetable,
    titles: Mapping[str, str],
    why: Mapping[tuple[str, str], str],
    stamp: datetime,
) -> Event:
    others = [p.name for p in timetable.participants if p.id in meeting.parties and p.id != participant.id]
    slot = timetable.session.slots[meeting.slot]
    about = f"场景机会：{titles.get(meeting.opportunity_id, '')}"
    reason = why.get((meeting.opportunity_id, meeting.enterprise_id), "")
    event = Event()
    event.add("uid", _uid(meeting))
    event.add("dtstamp", _local(stamp))
    event.add("dtstart", _local(slot.start))
    event.add("dtend", _local(slot.end))
    event.add("sequence", 0)
    event.add("summary", f"对接：{'、'.join(others)}")
    event.add("location", _place(timetable, slot, timetable.session.tables[meeting.table]))
    event.add("description", f"{about}；为何匹配：{reason}" if reason else about)
    return event


def calendar(
    participant: Participant,
    timetable: Timetable,
    titles: Mapping[str, str],
    *,
    stamp: datetime,
    why: Mapping[tuple[str, str], str] | None = None,
) -> bytes:
    """The meetings of one participant.

    Args:
        participant: whose calendar.
        timetable: the whole timetable.
        titles: opportunity id → name.
        stamp: DTSTAMP of every event (local time, Asia/Shanghai); the clock is not asked.
        why: (opportunity id, enterprise id) → why the two were brought together, in one line.

    Returns:
        The .ics file with CRLF line ends and a VTIMEZONE for Asia/Shanghai.
    """
    book = Calendar()
    book.add("prodid", "-//yingcheng//营城//ZH")
    book.add("version", "2.0")
    book.add("x-wr-calname", f"{participant.name} 对接日程")
    book.add_component(_zone())
    mine = [meeting for meeting in timetable.meetings if participant.id in meeting.parties]
    for meeting in sorted(mine, key=lambda m: m.slot):
        book.add_component(_event(meeting, participant, timetable, titles, why or {}, stamp))
    return bytes(book.to_ical())
