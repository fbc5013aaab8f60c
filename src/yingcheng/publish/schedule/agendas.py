"""What each participant needs to know of a schedule, and nothing else: its meetings, their place, why, what to bring.

Records hold organisations, not persons; contacts are never shown here, also not those with consent: whoever meets at a
table needs none. What one side is to bring is told to that side alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from yingcheng.matchmaking.records import AgendaBlock, Meeting, Participant, Session, Slot, Timetable
from yingcheng.matchmaking.timetable.schedule import Invitation, Schedule, Talk
from yingcheng.matchmaking.timetable.session import is_on_stage

__all__ = ["Agenda", "Appointment", "clock", "day_words", "make_agendas", "place_of", "span_of", "talks_of"]

_MEETING_AREA = "洽谈区"
_TOKEN = 20  # hexadecimal digits


@dataclass(frozen=True, slots=True)
class Appointment:
    """One meeting as one party sees it."""

    invitation: Invitation
    place: str  # the table, with its area where one is known
    others: tuple[str, ...]  # names
    about: str
    why: tuple[str, ...] = ()
    bring: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Agenda:
    """The days of one participant."""

    participant: Participant
    token: str  # ASCII, stable, without the name: for addresses
    appointments: tuple[Appointment, ...]  # in the order of time
    cancelled: tuple[Appointment, ...] = ()
    parts: tuple[AgendaBlock, ...] = ()  # of the fixed programme that concern it

    @property
    def invited(self) -> bool:
        """Whether it ever had a meeting."""
        return bool(self.appointments or self.cancelled)


def clock(start: datetime, end: datetime) -> str:
    """``09:00–09:20``."""
    return f"{start:%H:%M}–{end:%H:%M}"


def day_words(day: date) -> str:
    """``2021年05月22日``."""
    return f"{day:%Y年%m月%d日}"


def span_of(meeting: Meeting, session: Session) -> Slot:
    """The whole time of a meeting, which may take several slots."""
    first, last = session.slots[meeting.slot], session.slots[meeting.slot + meeting.slots - 1]
    return Slot(first.index, first.start, last.end)


def place_of(table: str, day: date, session: Session) -> str:
    """The table with the area it stands in; else with the meeting area where the agenda of that day names one."""
    area = session.desk(session.tables.index(table)).area if table in session.tables else ""
    if not area:
        named = {b.place for b in session.agenda if _MEETING_AREA in b.place and b.start.date() == day}
        area = min(named, default="")
    return f"{area} {table}" if area else table


def talks_of(schedule: Schedule) -> Mapping[tuple[str, str], Talk]:
    """(opportunity id, enterprise id) → what those who meet over it are told."""
    return {(talk.opportunity_id, talk.enterprise_id): talk for talk in schedule.talks}


def make_agendas(schedule: Schedule) -> tuple[Agenda, ...]:
    """The agendas of all participants, by kind and name; also of those who are no longer among them."""
    timetable, talks = schedule.timetable, talks_of(schedule)
    people = (*timetable.participants, *schedule.former)
    names = {one.id: one.name for one in people}
    mine: dict[str, list[Appointment]] = {}
    for invitation in schedule.invitations:
        mine.setdefault(invitation.party, []).append(_appointment(invitation, timetable, names, talks))
    return tuple(
        Agenda(
            one,
            sha256(f"{schedule.programme}\x1f{one.id}".encode()).hexdigest()[:_TOKEN],
            tuple(a for a in mine.get(one.id, ()) if not a.invitation.cancelled),
            tuple(a for a in mine.get(one.id, ()) if a.invitation.cancelled),
            _parts(one, timetable),
        )
        for one in sorted(people, key=lambda one: (one.kind, one.name, one.id))
    )


def _appointment(
    invitation: Invitation, timetable: Timetable, names: Mapping[str, str], talks: Mapping[tuple[str, str], Talk]
) -> Appointment:
    talk = talks.get((invitation.opportunity_id, invitation.enterprise_id))
    others = tuple(names.get(party, party) for party in invitation.parties if party != invitation.party)
    place = place_of(invitation.table, invitation.start.date(), timetable.session)
    if talk is None:
        return Appointment(invitation, place, others, "")
    bring: Sequence[str] = ()
    if invitation.party == invitation.parties[0]:
        bring = talk.host_brings
    elif invitation.party == invitation.parties[1]:
        bring = talk.guest_brings
    return Appointment(invitation, place, others, talk.title, talk.why, tuple(bring))


def _parts(participant: Participant, timetable: Timetable) -> tuple[AgendaBlock, ...]:
    """What is for everybody, and what the participant is on stage for, on the days on which people meet."""
    days = {slot.start.date() for slot in timetable.session.slots}
    found = [
        block
        for block in timetable.session.agenda
        if block.start.date() in days and (block.everyone or is_on_stage(participant, block))
    ]
    return tuple(sorted(found, key=lambda block: (block.start, block.end, block.title)))
