"""One calendar per participant (RFC 5545): an event keeps its UID, and a higher SEQUENCE tells a calendar to follow."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, TimezoneStandard

from yingcheng.publish.schedule.agendas import Agenda, Appointment

__all__ = ["calendar"]

_TZID = "Asia/Shanghai"
_ZONE = ZoneInfo(_TZID)
_OFFSET = timedelta(hours=8)
_DOMAIN = "yingcheng"


def _local(moment: datetime) -> datetime:
    return moment.replace(tzinfo=_ZONE)


def _utc(moment: datetime) -> datetime:
    """RFC 5545 3.8.7.2 asks for DTSTAMP and LAST-MODIFIED in UTC."""
    return _local(moment).astimezone(ZoneInfo("UTC"))


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


def _description(appointment: Appointment) -> str:
    said = (
        ("场景机会", (appointment.about,) if appointment.about else ()),
        ("为何匹配", appointment.why),
        ("请准备", appointment.bring),
    )
    return "\n".join(f"{head}：{'；'.join(texts)}" for head, texts in said if texts)


def _event(appointment: Appointment) -> Event:
    invitation = appointment.invitation
    event = Event()
    event.add("uid", invitation.uid if "@" in invitation.uid else f"{invitation.uid}@{_DOMAIN}")
    event.add("dtstamp", _utc(invitation.stamp))
    event.add("last-modified", _utc(invitation.stamp))
    event.add("dtstart", _local(invitation.start))
    event.add("dtend", _local(invitation.end))
    event.add("sequence", invitation.sequence)
    event.add("status", "CANCELLED" if invitation.cancelled else "CONFIRMED")
    event.add("summary", f"{'已取消：' if invitation.cancelled else ''}对接：{'、'.join(appointment.others)}")
    event.add("location", appointment.place)
    if (words := _description(appointment)) and not invitation.cancelled:
        event.add("description", words)
    if invitation.cancelled:
        event.add("transp", "TRANSPARENT")  # a calendar that keeps it does not count it as busy
    return event


def calendar(agenda: Agenda) -> bytes:
    """The meetings of one participant, those that fell away as cancelled.

    There is no METHOD: one of them would need an ORGANIZER's address, and none is published.

    Returns:
        The .ics file with CRLF line ends and a VTIMEZONE for Asia/Shanghai.
    """
    book = Calendar()
    book.add("prodid", "-//yingcheng//营城//ZH")
    book.add("version", "2.0")
    book.add("calscale", "GREGORIAN")
    book.add("x-wr-calname", f"{agenda.participant.name} 对接日程")
    book.add_component(_zone())
    for appointment in (*agenda.appointments, *agenda.cancelled):
        book.add_component(_event(appointment))
    return bytes(book.to_ical())
