"""When and where: slots cut out of the windows, parties matched to participants, and who is busy when."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from yingcheng.errors import SettingsError
from yingcheng.i18n import _
from yingcheng.matchmaking.records import AgendaBlock, Pair, Participant, Session, Slot
from yingcheng.standards.names import company_key
from yingcheng.standards.regions import find_region

__all__ = ["Parties", "blocked_slots", "build_session", "day_starts", "is_on_stage", "match_parties", "meeting_uid"]

SHORTEST_NAME = 3  # characters, for one name to be found inside another


def build_session(
    day: date | Sequence[date],
    windows: Sequence[tuple[time, time]],
    *,
    slot_minutes: int,
    tables: Sequence[str],
    agenda: Sequence[AgendaBlock] = (),
) -> Session:
    """Cut the windows of one or more days into meeting slots, around the blocks that everyone attends.

    Raises:
        SettingsError: a window ends before it starts, the length of a slot is not positive, or a table is named twice.
    """
    faults = [_("时段 {0}–{1} 的结束早于开始").format(*window) for window in windows if window[1] <= window[0]]
    if slot_minutes <= 0:
        faults.append(_("每场分钟数应为正数，写作 {minutes}").format(minutes=slot_minutes))
    if len(set(tables)) < len(tables):
        faults.append(_("洽谈桌名称重复"))
    if faults:
        raise SettingsError(_("对接会设置有误"), faults=tuple(faults))
    days = sorted({day} if isinstance(day, date) else set(day))
    blocks = sorted((block.start, block.end) for block in agenda if block.everyone)
    length = timedelta(minutes=slot_minutes)
    spans: list[tuple[datetime, datetime]] = []
    for one in days:
        for opening, closing in sorted(set(windows)):
            free = _without(datetime.combine(one, opening), datetime.combine(one, closing), blocks)
            for start, end in free:
                count = int((end - start) / length)
                spans += [(start + place * length, start + (place + 1) * length) for place in range(count)]
    kept: list[tuple[datetime, datetime]] = []
    for start, end in sorted(spans):  # windows may overlap; a slot never does
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    slots = tuple(Slot(index, start, end) for index, (start, end) in enumerate(kept))
    return Session(slots, tuple(tables), tuple(agenda))


def _without(
    start: datetime, end: datetime, blocks: Iterable[tuple[datetime, datetime]]
) -> list[tuple[datetime, datetime]]:
    free = []
    for block_start, block_end in blocks:
        if block_end <= start or block_start >= end:
            continue
        if block_start > start:
            free.append((start, block_start))
        start = max(start, block_end)
    if start < end:
        free.append((start, end))
    return free


def day_starts(session: Session) -> int:
    """Bits of the slots that are the first of their day. A night is no break."""
    bits = 0
    for place, slot in enumerate(session.slots):
        if place == 0 or slot.start.date() != session.slots[place - 1].start.date():
            bits |= 1 << place
    return bits


def meeting_uid(opportunity_id: str, enterprise_id: str) -> str:
    """The same for the same pair in every run, so that calendars update instead of duplicating."""
    digest = hashlib.sha256(f"{opportunity_id}\x1f{enterprise_id}".encode()).hexdigest()
    return f"{digest[:24]}@yingcheng"


@dataclass(frozen=True, slots=True)
class Parties:
    """All participants, sorted by id, and the two parties of every pair."""

    participants: tuple[Participant, ...]
    of: Mapping[tuple[str, str], tuple[str, str]]  # (opportunity id, enterprise id) → (unit's id, enterprise's id)


def _same_name(one: str, other: str) -> bool:
    """Equal keys, or one inside the other where it is long enough to mean anything.

    A city on stage is its mayor, not every one of its offices: 太原市 is not 太原市民政局.
    """
    if not one or not other:
        return False
    short, long = sorted((one, other), key=len)
    return one == other or (len(short) >= SHORTEST_NAME and short in long and not find_region(short).certain)


def match_parties(
    pairs: Sequence[Pair], participants: Sequence[Participant], units: Mapping[str, str], names: Mapping[str, str]
) -> Parties:
    """Find the participants of every pair; who is not on the list of participants is added.

    Opportunities of the same unit share one party. An opportunity without a unit is a party of its own.
    """
    listed = sorted(participants, key=lambda participant: participant.id)
    by_id = {participant.id: participant for participant in listed}
    keys = [(participant, company_key(participant.name)) for participant in listed]

    def find(party_id: str, name: str, kind: str) -> str:
        if party_id in by_id:
            return party_id
        key = company_key(name)
        exact = [p for p, other in keys if other == key and key]
        near = exact or [p for p, other in keys if _same_name(key, other)]
        if near:
            return near[0].id
        by_id[party_id] = Participant(party_id, name or party_id, kind)
        return party_id

    found: dict[str, str] = {}
    of: dict[tuple[str, str], tuple[str, str]] = {}
    for pair in sorted(pairs, key=lambda p: (p.opportunity_id, p.enterprise_id)):
        unit = units.get(pair.opportunity_id, "")
        unit_key = f"unit {company_key(unit)}" if unit else f"opportunity {pair.opportunity_id}"
        if unit_key not in found:
            name = unit or f"机会 {pair.opportunity_id} 需求方"
            own = f"unit-{hashlib.sha256(unit_key.encode()).hexdigest()[:12]}"
            found[unit_key] = find(own, name, "政府部门" if unit else "需求方")
        firm_key = f"firm {pair.enterprise_id}"
        if firm_key not in found:
            found[firm_key] = find(pair.enterprise_id, names.get(pair.enterprise_id, ""), "企业")
        of[pair.opportunity_id, pair.enterprise_id] = (found[unit_key], found[firm_key])
    return Parties(tuple(by_id[party] for party in sorted(by_id)), of)


def is_on_stage(participant: Participant, block: AgendaBlock) -> bool:
    """Whether the participant is among those on stage, by name as written."""
    key = company_key(participant.name)
    return any(_same_name(key, company_key(name)) for name in block.on_stage)


def blocked_slots(participant: Participant, session: Session) -> int:
    """Bits of the slots in which the participant cannot meet: absent, or on stage."""
    spans = [*participant.absences]
    spans += [(block.start, block.end) for block in session.agenda if is_on_stage(participant, block)]
    bits = 0
    for slot in session.slots:
        if any(start < slot.end and slot.start < end for start, end in spans):
            bits |= 1 << slot.index
    return bits
