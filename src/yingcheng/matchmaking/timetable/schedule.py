"""A timetable as it was made known: what each meeting is about, and which invitation everyone holds by now.

Calendars update instead of duplicating because an invitation remembers what was last said about it: its number of
changes (SEQUENCE of RFC 5545) rises whenever time, table or company change, and one that fell away stays as cancelled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from yingcheng.matchmaking.records import Participant, Timetable

__all__ = ["Invitation", "Schedule", "Talk", "invite", "make_known"]


@dataclass(frozen=True, slots=True)
class Talk:
    """What those who meet over one pair are told. Each side sees only what it is to bring itself."""

    opportunity_id: str
    enterprise_id: str
    title: str  # name of the opportunity
    guest: str  # name of the enterprise
    why: tuple[str, ...] = ()
    host_brings: tuple[str, ...] = ()
    guest_brings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Invitation:
    """One meeting as one party was last told of it."""

    uid: str
    party: str  # participant id
    parties: tuple[str, ...]  # all of them, the host first
    opportunity_id: str
    enterprise_id: str
    start: datetime
    end: datetime  # of its last slot
    table: str
    stamp: datetime  # when it was said, local time
    sequence: int = 0
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Schedule:
    """Everything that is published about a timetable, and what is needed to follow up on it."""

    timetable: Timetable
    as_of: date
    programme: str = ""
    day_given: bool = True  # False where the day of the session was not in the settings and is only assumed
    link_base: str = ""  # address of the folder the agendas are served from; empty: they are not
    talks: tuple[Talk, ...] = ()
    invitations: tuple[Invitation, ...] = ()
    earlier: tuple[Timetable, ...] = ()  # what it replaced on the day, oldest first
    former: tuple[Participant, ...] = ()  # who was invited once and is no longer among the participants

    def changed(self, timetable: Timetable, *, at: datetime) -> Schedule:
        """The schedule after a change at ``at``, which can be undone."""
        return replace(
            self,
            timetable=timetable,
            invitations=invite(timetable, self.invitations, at=at),
            earlier=(*self.earlier, self.timetable),
        )

    def undone(self) -> Schedule:
        """The schedule without its last change; a new revision, so that calendars follow.

        Raises:
            IndexError: there was none.
        """
        back = replace(self.earlier[-1], revision=self.timetable.revision + 1)
        at = max((one.stamp for one in self.invitations), default=datetime.min)  # noqa: DTZ901  # local times
        gone = [one for one in self.timetable.participants if one.id not in {two.id for two in back.participants}]
        return replace(
            self,
            timetable=back,
            invitations=invite(back, self.invitations, at=at),
            earlier=self.earlier[:-1],
            former=_former((*self.former, *gone), back),
        )


def make_known(schedule: Schedule, *, before: Schedule | None = None) -> Schedule:
    """Invite everyone of a new timetable.

    Args:
        schedule: the new timetable, nobody invited yet.
        before: what was made known until now; whoever is invited differently gets a change, not a second invitation.
    """
    timetable, known = schedule.timetable, () if before is None else before.invitations
    at = datetime.combine(schedule.as_of, time())
    if before is None:
        return replace(schedule, invitations=invite(timetable, (), at=at))
    last = before.timetable.revision
    same = invite(replace(timetable, revision=last), known, at=at) == known
    timetable = replace(timetable, revision=last if same else last + 1)
    return replace(
        schedule,
        timetable=timetable,
        invitations=invite(timetable, known, at=at),
        former=_former((*before.former, *before.timetable.participants), timetable),
    )


def _former(ever: Sequence[Participant], timetable: Timetable) -> tuple[Participant, ...]:
    here = {participant.id for participant in timetable.participants}
    return tuple({one.id: one for one in sorted(ever, key=lambda one: one.id) if one.id not in here}.values())


def invite(timetable: Timetable, known: Sequence[Invitation], *, at: datetime) -> tuple[Invitation, ...]:
    """The invitations to a timetable, given those that were sent before.

    Args:
        timetable: as it is now; its revision numbers what changes.
        known: as last sent.
        at: when this is said; whatever changes is stamped later than it was before in any case.

    Returns:
        In the order of time. Unchanged ones are as they were; those to meetings that fell away are cancelled.
    """
    before = {(one.uid, one.party): one for one in known}
    slots, made = timetable.session.slots, []
    for meeting in timetable.meetings:
        for party in meeting.parties:
            new = Invitation(
                meeting.uid, party, meeting.parties, meeting.opportunity_id, meeting.enterprise_id,
                slots[meeting.slot].start, slots[meeting.slot + meeting.slots - 1].end,
                timetable.session.tables[meeting.table], at, timetable.revision,
            )  # fmt: skip
            old = before.pop((meeting.uid, party), None)
            made.append(new if old is None else _follow(old, new))
    for gone in before.values():
        fallen = replace(gone, stamp=at, sequence=timetable.revision, cancelled=True)
        made.append(_follow(gone, fallen))
    return tuple(sorted(made, key=lambda one: (one.start, one.uid, one.party)))


def _follow(old: Invitation, new: Invitation) -> Invitation:
    if replace(new, stamp=old.stamp, sequence=old.sequence) == old:
        return old
    stamp = max(new.stamp, old.stamp + timedelta(seconds=1))
    return replace(new, stamp=stamp, sequence=max(new.sequence, old.sequence + 1))
