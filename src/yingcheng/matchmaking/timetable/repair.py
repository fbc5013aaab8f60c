"""On the day: what changed is worked in with as few other changes as possible, and who must be told is named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ortools.sat.python import cp_model

from yingcheng.errors import UnusableInput
from yingcheng.i18n import _
from yingcheng.matchmaking.records import Desk, Meeting, Participant, Request, Session, Timetable, Unplaced
from yingcheng.matchmaking.timetable.bounds import break_bound
from yingcheng.matchmaking.timetable.check import count_breaks
from yingcheng.matchmaking.timetable.encode import encode
from yingcheng.matchmaking.timetable.model import TimetableModel
from yingcheng.matchmaking.timetable.problem import Problem, bits
from yingcheng.matchmaking.timetable.reasons import why_not
from yingcheng.matchmaking.timetable.seating import seat

__all__ = ["Change", "Disruption", "Repair", "repair"]

EFFORT = 8.0  # deterministic seconds of the solver, where other meetings must move too
_END = datetime.max  # noqa: DTZ901  # local times carry no zone


@dataclass(frozen=True, slots=True)
class Disruption:
    """What happened. Times before the next slot count from that slot on: what has begun goes on.

    Attributes:
        absences: (participant, from, until); whoever cancels is absent until the end.
        lost_tables: (table name, from, until).
        overruns: (uid, slots it takes longer).
        cancelled: uids of meetings that fall away.
        added: meetings that are wanted now as well, a VIP's for instance.
        newcomers: participants of the added meetings that were not there before.
    """

    absences: tuple[tuple[str, datetime, datetime], ...] = ()
    lost_tables: tuple[tuple[str, datetime, datetime], ...] = ()
    overruns: tuple[tuple[str, int], ...] = ()
    cancelled: tuple[str, ...] = ()
    added: tuple[Request, ...] = ()
    newcomers: tuple[Participant, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """One meeting that is no longer as it was: ``before`` or ``after`` is missing where it is new or falls away."""

    uid: str
    before: Meeting | None
    after: Meeting | None
    why: str = ""  # where it falls away


@dataclass(frozen=True, slots=True)
class Repair:
    """The timetable after the disruption. ``proven``: no other loses less, and none as little with fewer changes."""

    before: Timetable
    timetable: Timetable
    changes: tuple[Change, ...]
    tell: Mapping[str, tuple[str, ...]]  # participant id → sentences
    proven: bool

    def undo(self) -> Timetable:
        """The timetable as it was, as a new revision, so that calendars follow."""
        return replace(self.before, revision=self.timetable.revision + 1)


def repair(
    timetable: Timetable, disruption: Disruption, *, now: datetime, confirmed: Iterable[str] = (), seed: int = 0
) -> Repair:
    """Work a disruption into a timetable.

    What has begun stays as it is. What is confirmed stays as long as it can take place. Then, in this order: fewest
    meetings fall away, by priority; fewest future meetings change slot or table; freed places go to those who had none,
    by score.

    Args:
        timetable: as it is.
        disruption: what happened.
        now: meetings that start at or before it have begun.
        confirmed: uids of meetings that must not move.
        seed: of the solver.

    Raises:
        UnusableInput: the disruption names a participant, table or meeting that is not there.
    """
    _known(timetable, disruption, confirmed)
    old = {meeting.uid: meeting for meeting in timetable.meetings}
    begun = {m.uid for m in timetable.meetings if timetable.session.slots[m.slot].start <= now}
    coming = next((slot.start for slot in timetable.session.slots if slot.start > now), _END)
    session = _without_tables(timetable.session, disruption, coming)
    participants = _with_absences(timetable.participants, disruption, coming)
    asked = _asked(timetable, disruption, begun)
    where = encode(session, participants, asked)
    longer = {uid for uid, _slots in disruption.overruns}
    going_on = begun | {
        request.uid
        for request, allowed in zip(asked, where.allowed, strict=True)
        if request.uid in longer and allowed >> old[request.uid].slot & 1
    }
    kept = _still_possible(where, asked, old, going_on)
    firm = {uid for uid in confirmed if uid in kept} | begun
    problem = _held(where, session, asked, old, begun, firm, coming)
    hit = {request.uid for request in asked if request.uid in old} - kept
    must = {request.uid for request in asked if request.uid in old or request in disruption.added}
    movable = hit | {request.uid for request in asked if request.uid not in old}
    slots, proven = _place(problem, asked, old, must, movable, seed)
    pushed = {
        party
        for request, slot, allowed in zip(asked, slots, problem.allowed, strict=True)
        if slot < 0 and allowed and request.uid in must
        for party in request.parties
    }
    if pushed and kept - firm:
        # Without moving another it cannot be done. One more move is then the least; else everything may move.
        near = movable | {r.uid for r in asked if r.uid not in firm and pushed & set(r.parties)}
        slots, proven = _place(problem, asked, old, must, near, seed, hint=slots)
        lost = any(
            slot < 0 and allowed and request.uid in must
            for request, slot, allowed in zip(asked, slots, problem.allowed, strict=True)
        )
        made = _seated(problem, asked, slots, old)
        others = sum(one is not None and one.uid in kept and one != old[one.uid] for one in made)
        if lost or others > 1 or not proven:
            slots, proven = _place(problem, asked, old, must, {r.uid for r in asked} - firm, seed, hint=slots)
    made = _seated(problem, asked, slots, old)
    return _report(timetable, session, participants, asked, problem, made, proven, disruption)


def _known(timetable: Timetable, disruption: Disruption, confirmed: Iterable[str]) -> None:
    people = {p.id for p in (*timetable.participants, *disruption.newcomers)}
    uids = {meeting.uid for meeting in timetable.meetings}
    named = [(_("参会方"), party, people) for party, _from, _until in disruption.absences]
    named += [(_("洽谈桌"), table, set(timetable.session.tables)) for table, _from, _until in disruption.lost_tables]
    named += [(_("会面"), uid, uids) for uid in (*disruption.cancelled, *confirmed)]
    named += [(_("会面"), uid, uids) for uid, _slots in disruption.overruns]
    named += [(_("参会方"), party, people) for request in disruption.added for party in request.parties]
    for kind, name, all_of_them in named:
        if name not in all_of_them:
            raise UnusableInput(
                _("日程里没有这个{kind}：{name}").format(kind=kind, name=name), remedy=_("请核对名称后重试。")
            )


def _with_absences(
    participants: Sequence[Participant], disruption: Disruption, coming: datetime
) -> tuple[Participant, ...]:
    more: dict[str, list[tuple[datetime, datetime]]] = {}
    for party, start, end in disruption.absences:
        if end > coming:
            more.setdefault(party, []).append((max(start, coming), end))
    everyone = sorted((*participants, *disruption.newcomers), key=lambda participant: participant.id)
    return tuple(replace(one, absences=(*one.absences, *more.get(one.id, ()))) for one in everyone)


def _without_tables(session: Session, disruption: Disruption, coming: datetime) -> Session:
    """The session with the hours of the lost tables cut out."""
    if not disruption.lost_tables or not session.slots:
        return session
    desks = list(session.desks) or [Desk()] * len(session.tables)
    for name, start, end in disruption.lost_tables:
        table = session.tables.index(name)
        lost = max(start, coming), end
        whole = ((session.slots[0].start, session.slots[-1].end),)
        hours: list[tuple[datetime, datetime]] = []
        for opens, closes in desks[table].hours or whole:
            hours += [(a, b) for a, b in ((opens, min(closes, lost[0])), (max(opens, lost[1]), closes)) if a < b]
        # A table with no hours left is open in a moment that no slot holds.
        desks[table] = replace(desks[table], hours=tuple(hours) or ((_END, _END),))
    return replace(session, desks=tuple(desks))


def _asked(timetable: Timetable, disruption: Disruption, begun: set[str]) -> list[Request]:
    """Everything that is wanted now; whatever was made without requests is asked for as it is."""
    known = {request.uid: request for request in timetable.requests}
    for meeting in timetable.meetings:
        known.setdefault(
            meeting.uid,
            Request(meeting.uid, meeting.opportunity_id, meeting.enterprise_id, meeting.parties, slots=meeting.slots),
        )
    gone = set(disruption.cancelled) - begun
    longer = dict(disruption.overruns)
    asked = [
        replace(one, slots=one.slots + longer.get(one.uid, 0))
        for one in (*known.values(), *disruption.added)
        if one.uid not in gone and len(set(one.parties)) == len(one.parties) > 1
    ]
    return sorted(asked, key=lambda request: (request.opportunity_id, request.enterprise_id, request.uid))


def _still_possible(
    problem: Problem, asked: Sequence[Request], old: Mapping[str, Meeting], begun: set[str]
) -> set[str]:
    """Uids of the meetings that can stay where they are, given what has begun or runs over."""
    held_party: dict[int, list[int]] = {}
    held_table: dict[int, int] = {}
    for request, task in zip(asked, problem.tasks, strict=True):
        if request.uid in begun:
            span = task.span(old[request.uid].slot)
            held_table[old[request.uid].table] = held_table.get(old[request.uid].table, 0) | span
            for party in task.parties:
                held_party.setdefault(party, []).append(span)
    kept = set(begun)
    for number, (request, task) in enumerate(zip(asked, problem.tasks, strict=True)):
        meeting = old.get(request.uid)
        if meeting is None or request.uid in begun:
            continue
        span = task.span(meeting.slot)
        free = all(
            sum(bool(span & other) for other in held_party.get(party, ())) < problem.parties[party].lanes
            for party in task.parties
        )
        table_free = not span & held_table.get(meeting.table, 0) and not span & ~problem.open_tables[meeting.table]
        if free and table_free and problem.allowed[number] >> meeting.slot & 1:
            kept.add(request.uid)
    return kept


def _held(
    problem: Problem, session: Session, asked: Sequence[Request], old: Mapping[str, Meeting],
    begun: set[str], firm: set[str], coming: datetime,
) -> Problem:  # fmt: skip
    """The problem in which what is firm has one place, and nothing else begins in the past."""
    past = sum(1 << slot.index for slot in session.slots if slot.start < coming)
    tasks = []
    busy_now = dict.fromkeys(range(len(problem.parties)), 0)
    for request, task in zip(asked, problem.tasks, strict=True):
        meeting = old.get(request.uid)
        if meeting is not None and request.uid in firm:
            tasks.append(replace(task, starts=1 << meeting.slot, tables=1 << meeting.table))
            if request.uid in begun:
                for party in task.parties:
                    busy_now[party] |= task.span(meeting.slot)
        else:
            tasks.append(replace(task, starts=task.starts & ~past))
    # What has begun goes on, whether its parties were to be there or not.
    parties = tuple(replace(own, free=own.free | busy_now[n]) for n, own in enumerate(problem.parties))
    return replace(problem, tasks=tuple(tasks), parties=parties)


def _place(
    problem: Problem, asked: Sequence[Request], old: Mapping[str, Meeting],
    must: set[str], movable: set[str], seed: int, hint: Sequence[int] | None = None,
) -> tuple[tuple[int, ...], bool]:  # fmt: skip
    """Slots of all; those not ``movable`` stay, with their tables. Best when the solver says so."""
    tasks = tuple(
        task
        if request.uid in movable
        else replace(task, starts=1 << old[request.uid].slot, tables=1 << old[request.uid].table)
        for request, task in zip(asked, problem.tasks, strict=True)
    )
    narrowed = replace(problem, tasks=tasks)
    model = TimetableModel(narrowed)
    waiting = [request for request in asked if request.uid not in must]
    gain = {r.uid: max(1, round(1000 * r.score)) + 1 for r in waiting}
    change_price = sum(gain.values()) + 1
    loss_price = change_price * (len(asked) + 1)
    price: list[cp_model.LinearExprT] = []
    keep: dict[int, cp_model.IntVar] = {}
    for number, request in enumerate(asked):
        placed = model.placed[number]
        if request.uid in must:
            price.append(loss_price * max(1, request.priority) * (1 - placed))
        else:
            price.append(-gain[request.uid] * placed)
        meeting = old.get(request.uid)
        if request.uid not in movable or meeting is None:
            if meeting is not None:
                model.cp.add(placed == 1)
            continue
        stays = model.cp.new_bool_var("")
        closed = tasks[number].span(meeting.slot) & ~problem.open_tables[meeting.table]
        if meeting.slot in model.begin[number] and tasks[number].tables >> meeting.table & 1 and not closed:
            model.cp.add_implication(stays, model.begin[number][meeting.slot])
            keep[number] = stays
        else:
            model.cp.add(stays == 0)
        price.append(change_price * (placed - stays))
    _share_tables(model, narrowed, asked, old, keep)
    model.cp.minimize(cp_model.LinearExpr.sum(price))
    model.hint(hint or [old[r.uid].slot if r.uid in old else -1 for r in asked])
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = seed
    solver.parameters.max_deterministic_time = EFFORT
    status = solver.solve(model.cp)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        raise UnusableInput(_("原日程本身有冲突，无法在它上面调整。"), remedy=_("请先核验日程文件。"))
    return model.slots(solver), status == cp_model.OPTIMAL


def _share_tables(
    model: TimetableModel, problem: Problem, asked: Sequence[Request], old: Mapping[str, Meeting],
    keep: Mapping[int, cp_model.IntVar],
) -> None:  # fmt: skip
    """A meeting that stays takes its own table out of every set of tables that others need."""
    unions, inside, room = problem.groups
    for group, union in enumerate(unions):
        for slot in range(problem.slots):
            others = []
            load = []
            for number, task in enumerate(problem.tasks):
                meeting = old.get(asked[number].uid)
                if inside[number][group]:
                    load += [one for at, one in model.begin[number].items() if at <= slot < at + task.length]
                elif (
                    number in keep
                    and meeting is not None
                    and union >> meeting.table & 1
                    and meeting.slot <= slot < meeting.slot + task.length
                ):
                    others.append(keep[number])
            if others:
                model.cp.add(cp_model.LinearExpr.sum([*load, *others]) <= room[group][slot])
    # Two that stay never held the same table; one that runs over may now meet one that stays.
    holders: dict[tuple[int, int], list[cp_model.IntVar]] = {}
    for number, stays in keep.items():
        meeting = old[asked[number].uid]
        for slot in bits(problem.tasks[number].span(meeting.slot)):
            holders.setdefault((meeting.table, slot), []).append(stays)
    for together in holders.values():
        model.cp.add_at_most_one(together)


def _seated(
    problem: Problem, asked: Sequence[Request], slots: Sequence[int], old: Mapping[str, Meeting]
) -> list[Meeting | None]:
    """The meetings, tables included: who stays in a slot keeps the table where nobody firm needs it."""
    stays: list[bool] = []
    taken: dict[int, int] = {}
    for request, task, slot in zip(asked, problem.tasks, slots, strict=True):
        meeting = old.get(request.uid)
        fits = (
            meeting is not None
            and slot == meeting.slot
            and bool(task.tables >> meeting.table & 1)
            and not task.span(slot) & (~problem.open_tables[meeting.table] | taken.get(meeting.table, 0))
        )
        stays.append(fits)
        if fits and meeting is not None:
            taken[meeting.table] = taken.get(meeting.table, 0) | task.span(slot)
    tasks = tuple(
        replace(task, tables=1 << old[request.uid].table) if kept else task
        for request, task, kept in zip(asked, problem.tasks, stays, strict=True)
    )
    seats = seat(replace(problem, tasks=tasks), slots)
    return [
        Meeting(r.uid, r.opportunity_id, r.enterprise_id, r.parties, slot, table, r.slots) if table >= 0 else None
        for r, slot, table in zip(asked, slots, seats, strict=True)
    ]


def _report(
    timetable: Timetable, session: Session, participants: tuple[Participant, ...], asked: list[Request],
    problem: Problem, made: Sequence[Meeting | None], proven: bool, disruption: Disruption,
) -> Repair:  # fmt: skip
    slots = [-1 if meeting is None else meeting.slot for meeting in made]
    why = {
        request.uid: why_not(problem, slots, n, session=session, participants=participants, requests=asked)
        for n, request in enumerate(asked)
        if slots[n] < 0
    }
    meetings = sorted((one for one in made if one is not None), key=lambda one: (one.slot, one.table))
    left_out = tuple(
        Unplaced(request.opportunity_id, request.enterprise_id, why[request.uid])
        for request in asked
        if request.uid in why
    )
    now = Timetable(session, participants, tuple(meetings), left_out, requests=tuple(asked))
    breaks = count_breaks(now)
    floor = 0 if left_out else min(breaks, break_bound(problem) or 0)
    now = replace(now, breaks=breaks, bound=floor, proven=breaks == floor, revision=timetable.revision + 1)
    old = {meeting.uid: meeting for meeting in timetable.meetings}
    new = {meeting.uid: meeting for meeting in meetings}
    changes = tuple(
        Change(uid, old.get(uid), new.get(uid), "已取消" if uid in disruption.cancelled else why.get(uid, ""))
        for uid in sorted({*old, *new}, key=lambda uid: ((new.get(uid) or old[uid]).slot, uid))
        if old.get(uid) != new.get(uid)
    )
    return Repair(timetable, now, changes, _tell(timetable, now, changes), proven)


def _tell(before: Timetable, after: Timetable, changes: Sequence[Change]) -> dict[str, tuple[str, ...]]:
    names = {participant.id: participant.name for participant in after.participants}

    def place(timetable: Timetable, meeting: Meeting) -> str:
        start, end = timetable.session.slots[meeting.slot], timetable.session.slots[meeting.slot + meeting.slots - 1]
        return f"{start.start:%m月%d日 %H:%M}–{end.end:%H:%M} {timetable.session.tables[meeting.table]}"

    told: dict[str, list[str]] = {}
    for change in changes:
        meeting = change.after or change.before
        if meeting is None:
            continue
        for party in meeting.parties:
            others = "、".join(names.get(other, other) for other in meeting.parties if other != party)
            if change.before is None and change.after is not None:
                text = f"新增与{others}的会面：{place(after, change.after)}"
            elif change.after is None and change.before is not None:
                text = f"与{others}的会面取消（原 {place(before, change.before)}）：{change.why}"
            elif change.before is not None and change.after is not None:
                text = f"与{others}的会面由 {place(before, change.before)} 改为 {place(after, change.after)}"
            told.setdefault(party, []).append(text)
    return {party: tuple(texts) for party, texts in sorted(told.items())}
