"""An independent check of every hard rule of a timetable."""

from __future__ import annotations

import itertools
from collections import Counter
from datetime import timedelta

from yingcheng.matchmaking.records import Meeting, Participant, Session, Slot, Timetable
from yingcheng.matchmaking.timetable.session import is_on_stage

__all__ = ["breaks_by_party", "busy_slots", "count_breaks", "count_table_changes", "table_changes_by_party", "verify"]

NOON = 12


def verify(timetable: Timetable) -> tuple[str, ...]:
    """What is wrong with a timetable, each a sentence; empty when every hard rule holds."""
    faults = _check_slots(timetable.session)
    faults += _check_requests(timetable)
    known = {participant.id: participant for participant in timetable.participants}
    if len(known) < len(timetable.participants):
        faults.append("参会方编号重复")
    for meeting in timetable.meetings:
        faults += _check_meeting(meeting, timetable.session, known)
    made = timetable.meetings
    for what, keys in (
        ("同一参会方同一时段会面过多", [(party, s) for m in made for party in m.parties for s in _span(m)]),
        ("同一桌同一时段有两场", [(f"桌{m.table}", s) for m in made for s in _span(m)]),
        ("会面编号重复", [(m.uid, 0) for m in made]),
    ):
        most = {party: participant.parallel for party, participant in known.items()}
        faults += [f"{what}：{key}" for key, count in sorted(Counter(keys).items()) if count > most.get(key[0], 1)]
    faults += _check_distances(timetable, known)
    pairs = [(m.opportunity_id, m.enterprise_id) for m in timetable.meetings]
    pairs += [(u.opportunity_id, u.enterprise_id) for u in timetable.unplaced]
    faults += [f"{o} × {e} 出现 {count} 次" for (o, e), count in sorted(Counter(pairs).items()) if count > 1]
    breaks = count_breaks(timetable)
    if breaks != timetable.breaks:
        faults.append(f"空档应为 {breaks}，写作 {timetable.breaks}")
    if timetable.bound > timetable.breaks or (timetable.proven and timetable.bound != timetable.breaks):
        faults.append(f"空档下界 {timetable.bound} 与空档 {timetable.breaks} 不符")
    return tuple(faults)


def _check_slots(session: Session) -> list[str]:
    faults = [f"时段 {slot.index} 编号不连续" for place, slot in enumerate(session.slots) if slot.index != place]
    for before, after in itertools.pairwise(session.slots):
        if before.end > after.start:
            faults.append(f"时段 {before.index} 与 {after.index} 重叠")
    for block in session.agenda:
        if block.everyone:
            hit = [slot.index for slot in session.slots if slot.start < block.end and block.start < slot.end]
            faults += [f"时段 {index} 与全体活动「{block.title}」重叠" for index in hit]
    return faults


def _check_meeting(  # one question after the other
    meeting: Meeting, session: Session, known: dict[str, Participant]
) -> list[str]:
    name = f"{meeting.opportunity_id} × {meeting.enterprise_id}"
    if not 0 <= meeting.slot <= len(session.slots) - meeting.slots or meeting.slots < 1:
        return [f"{name} 的时段 {meeting.slot} 不存在"]
    faults = []
    if not 0 <= meeting.table < len(session.tables):
        faults.append(f"{name} 的桌 {meeting.table} 不存在")
    if len(set(meeting.parties)) < len(meeting.parties):
        faults.append(f"{name} 的双方是同一参会方")
    first, last = session.slots[meeting.slot], session.slots[meeting.slot + meeting.slots - 1]
    slot = Slot(first.index, first.start, last.end)
    if any(session.slots[s].end != session.slots[s + 1].start for s in list(_span(meeting))[:-1]):
        faults.append(f"{name} 中间断开")
    hours = session.desk(meeting.table).hours if 0 <= meeting.table < len(session.tables) else ()
    if hours and not all(
        any(start <= session.slots[s].start and session.slots[s].end <= end for start, end in hours)
        for s in _span(meeting)
    ):
        faults.append(f"{name} 的桌该时段不开放")
    for party in meeting.parties:
        if party not in known:
            faults.append(f"{name} 的参会方 {party} 不在名单中")
            continue
        if any(start < slot.end and slot.start < end for start, end in known[party].absences):
            faults.append(f"{name}：{known[party].name} 该时段缺席")
        for block in session.agenda:
            busy = block.start < slot.end and slot.start < block.end and is_on_stage(known[party], block)
            faults += [f"{name}：{known[party].name} 该时段在台上（{block.title}）"] * busy
    return faults


def _span(meeting: Meeting) -> range:
    return range(meeting.slot, meeting.slot + meeting.slots)


def _check_requests(timetable: Timetable) -> list[str]:  # one question after the other
    """Whether each meeting is as it was asked for."""
    asked = {request.uid: request for request in timetable.requests}
    held = {meeting.uid: meeting for meeting in timetable.meetings}
    faults = []
    if timetable.requests:
        faults += [
            f"{m.opportunity_id} × {m.enterprise_id} 没有人提出" for m in timetable.meetings if m.uid not in asked
        ]
    session = timetable.session
    for uid, request in asked.items():
        meeting = held.get(uid)
        if (
            meeting is None
            or not 0 <= meeting.slot < len(session.slots)
            or not 0 <= meeting.table < len(session.tables)
        ):
            continue
        name = f"{meeting.opportunity_id} × {meeting.enterprise_id}"
        if (meeting.parties, meeting.slots) != (request.parties, request.slots):
            faults.append(f"{name} 的参会方或时长与要求不符")
        if request.fixed is not None and meeting.slot != request.fixed:
            faults.append(f"{name} 应固定在时段 {request.fixed}")
        hour = session.slots[meeting.slot].start.hour
        if (request.session == "上午" and hour >= NOON) or (request.session == "下午" and hour < NOON):
            faults.append(f"{name} 应在{request.session}")
        if request.tables and session.tables[meeting.table] not in request.tables:
            faults.append(f"{name} 不能用 {session.tables[meeting.table]}")
        if missing := set(request.equipment) - set(session.desk(meeting.table).equipment):
            faults.append(f"{name} 的桌缺少{'、'.join(sorted(missing))}")
        for before in request.after:
            first = held.get(before)
            if before in asked and (first is None or first.slot + first.slots > meeting.slot):
                faults.append(f"{name} 应在 {before} 之后")
    return faults


def _check_distances(timetable: Timetable, known: dict[str, Participant]) -> list[str]:
    """Rest and ways between the meetings of everyone who holds one at a time."""
    session, faults = timetable.session, []
    last_slot = len(session.slots)
    for party in known.values():
        if party.parallel > 1:
            continue
        mine = [m for m in timetable.meetings if party.id in m.parties and 0 <= m.slot <= last_slot - m.slots]
        mine.sort(key=lambda meeting: meeting.slot)
        for before, after in itertools.pairwise(mine):
            gap = session.slots[after.slot].start - session.slots[before.slot + before.slots - 1].end
            way = session.walk(session.desk(before.table).area, session.desk(after.table).area)
            if gap < timedelta(minutes=max(session.rest, way)):
                faults.append(f"{party.name} 在时段 {before.slot} 与 {after.slot} 之间休息或走动时间不足")
    return faults


def busy_slots(timetable: Timetable) -> dict[str, set[int]]:
    """Party → slots in which it meets."""
    busy: dict[str, set[int]] = {}
    for meeting in timetable.meetings:
        for party in meeting.parties:
            busy.setdefault(party, set()).update(s for s in _span(meeting) if 0 <= s < len(timetable.session.slots))
    return busy


def breaks_by_party(timetable: Timetable) -> dict[str, int]:
    """Party → maximal runs of free slots, longer than the rest, between two meetings of the same day."""
    slots = timetable.session.slots
    shortest = min((slot.end - slot.start for slot in slots), default=timedelta(minutes=1))
    rest = -(-timedelta(minutes=timetable.session.rest) // shortest)
    days = [slot.start.date() for slot in slots]
    found = {}
    for party, busy in busy_slots(timetable).items():
        gaps = itertools.pairwise(sorted(busy))
        found[party] = sum(after - before - 1 > rest and days[before] == days[after] for before, after in gaps)
    return found


def count_breaks(timetable: Timetable) -> int:
    """Breaks of all parties."""
    return sum(breaks_by_party(timetable).values())


def table_changes_by_party(timetable: Timetable) -> dict[str, int]:
    """Party → how often its next meeting of the day is at another table than its last."""
    slots = timetable.session.slots
    mine: dict[str, list[Meeting]] = {}
    for meeting in sorted(timetable.meetings, key=lambda meeting: meeting.slot):
        for party in meeting.parties:
            mine.setdefault(party, []).append(meeting)
    return {
        party: sum(
            slots[before.slot].start.date() == slots[after.slot].start.date() and before.table != after.table
            for before, after in itertools.pairwise(meetings)
        )
        for party, meetings in mine.items()
    }


def count_table_changes(timetable: Timetable) -> int:
    """Table changes of all parties."""
    return sum(table_changes_by_party(timetable).values())
