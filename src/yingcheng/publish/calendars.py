"""One calendar per participant (RFC 5545): stable UIDs, so that a calendar updates instead of duplicating."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone

from yingcheng.matchmaking.records import Meeting, Participant, Timetable

__all__ = ["calendar", "file_name"]

_ZONE = ZoneInfo("Asia/Shanghai")


def file_name(participant: Participant) -> str:
    """A file name that Windows, WPS and phones accept."""
    safe = re.sub(r'[\\/:*?"<>|\s]+', "_", participant.name).strip("._")
    return f"{safe[:60] or participant.id}.ics"


def _local(moment: datetime) -> datetime:
    return moment.replace(tzinfo=_ZONE)


def _event(
    meeting: Meeting, participant: Participant, timetable: Timetable, titles: Mapping[str, str], stamp: datetime
) -> Event:
    others = [p.name for p in timetable.participants if p.id in meeting.parties and p.id != participant.id]
    slot = timetable.session.slots[meeting.slot]
    event = Event()
    event.add("uid", f"{meeting.uid}@yingcheng")
    event.add("dtstamp", _local(stamp))
    event.add("dtstart", _local(slot.start))
    event.add("dtend", _local(slot.end))
    event.add("sequence", 0)
    event.add("summary", f"对接：{'、'.join(others)}")
    event.add("location", timetable.session.tables[meeting.table])
    event.add("description", f"场景机会：{titles.get(meeting.opportunity_id, '')}")
    return event


def calendar(participant: Participant, timetable: Timetable, titles: Mapping[str, str], *, stamp: datetime) -> bytes:
    """The meetings of one participant.

    Args:
        participant: whose calendar.
        timetable: the whole timetable.
        titles: opportunity id → name.
        stamp: DTSTAMP of every event (local time, Asia/Shanghai); the clock is not asked.

    Returns:
        The .ics file with CRLF line ends and a VTIMEZONE for Asia/Shanghai.
    """
    book = Calendar()
    book.add("prodid", "-//yingcheng//营城//ZH")
    book.add("version", "2.0")
    book.add("x-wr-calname", f"{participant.name} 对接日程")
    slots = timetable.session.slots
    book.add_component(
        Timezone.from_tzid("Asia/Shanghai", first_date=slots[0].start.date(), last_date=slots[-1].end.date())
    )
    mine = [meeting for meeting in timetable.meetings if participant.id in meeting.parties]
    for meeting in sorted(mine, key=lambda m: m.slot):
        book.add_component(_event(meeting, participant, timetable, titles, stamp))
    return bytes(book.to_ical())
