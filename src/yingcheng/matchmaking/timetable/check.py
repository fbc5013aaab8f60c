"""An independent check of every hard rule of a timetable."""

from __future__ import annotations

import itertools
from collections import Counter

from yingcheng.matchmaking.records import Meeting, Participant, Session, Timetable
from yingcheng.matchmaking.timetable.session import is_on_stage

__all__ = ["count_breaks", "verify"]


def verify(timetable: Timetable) -> tuple[str, ...]:
    """What is wrong with a timetable, each a sentence; empty when every hard rule holds."""
    faults = _check_slots(timetable.session)
    known = {participant.id: participant for participant in timetable.participants}
    if len(known) < len(timetable.participants):
        faults.append("参会方编号重复")
    for meeting in timetable.meetings:
        faults += _check_meeting(meeting, timetable.session, known)
    for what, keys in (
        ("同一参会方同一时段有两场", [(party, m.slot) for m in timetable.meetings for party in m.parties]),
        ("同一桌同一时段有两场", [(f"桌{m.table}", m.slot) for m in timetable.meetings]),
        ("会面编号重复", [(m.uid, 0) for m in timetable.meetings]),
    ):
        faults += [f"{what}：{key}" for key, count in sorted(Counter(keys).items()) if count > 1]
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


def _check_meeting(meeting: Meeting, session: Session, known: dict[str, Participant]) -> list[str]:
    name = f"{meeting.opportunity_id} × {meeting.enterprise_id}"
    if not 0 <= meeting.slot < len(session.slots):
        return [f"{name} 的时段 {meeting.slot} 不存在"]
    faults = []
    if not 0 <= meeting.table < len(session.tables):
        faults.append(f"{name} 的桌 {meeting.table} 不存在")
    if len(set(meeting.parties)) < len(meeting.parties):
        faults.append(f"{name} 的双方是同一参会方")
    slot = session.slots[meeting.slot]
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


def count_breaks(timetable: Timetable) -> int:
    """Maximal runs of slots without a meeting between two meetings of one party on the same day."""
    days = [slot.start.date() for slot in timetable.session.slots]
    busy: dict[str, set[int]] = {}
    for meeting in timetable.meetings:
        for party in meeting.parties if 0 <= meeting.slot < len(days) else ():
            busy.setdefault(party, set()).add(meeting.slot)
    total = 0
    for slots in busy.values():
        order = sorted(slots)
        gaps = itertools.pairwise(order)
        total += sum(after - before > 1 and days[before] == days[after] for before, after in gaps)
    return total
