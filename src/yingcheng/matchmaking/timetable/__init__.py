"""When and where they meet: everything placed that can be, then the fewest breaks, with a bound; repair on the day.

Compiled Kempe-chain annealing gives a timetable of any size and every hard rule; a large event of pairs has its days
laid out first; one that the exact model can hold is then improved, and where possible proven, by CP-SAT. An independent
checker judges the result.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from yingcheng.errors import SettingsError
from yingcheng.i18n import _
from yingcheng.matchmaking.records import Meeting, Pair, Participant, Request, Session, Timetable, Unplaced
from yingcheng.matchmaking.timetable.bounds import break_bound
from yingcheng.matchmaking.timetable.check import breaks_by_party, count_breaks, count_table_changes, verify
from yingcheng.matchmaking.timetable.encode import encode
from yingcheng.matchmaking.timetable.model import solve
from yingcheng.matchmaking.timetable.pairs import improve_pairs, is_of_pairs
from yingcheng.matchmaking.timetable.problem import Problem
from yingcheng.matchmaking.timetable.reasons import why_not
from yingcheng.matchmaking.timetable.search import Found, improve
from yingcheng.matchmaking.timetable.seating import seat
from yingcheng.matchmaking.timetable.session import Parties, build_session, match_parties, meeting_uid

__all__ = [
    "GOALS",
    "arrange",
    "breaks_by_party",
    "build_session",
    "count_breaks",
    "count_table_changes",
    "make_timetable",
    "verify",
]

EXACT_CHOICES = 2_500  # task × slot variables up to which the exact model is tried
EXACT_EFFORT = 1.0  # deterministic seconds of the solver
MOVES_PER_MEETING = 20_000  # of the annealing
FEWEST_MOVES, MOST_MOVES = 200_000, 20_000_000
PAIR_MOVES, MOST_PAIR_MOVES = 50_000, 400_000_000  # of a large event of pairs: per meeting, in all
MOST_SLOTS = 64  # of one day
GOALS = ("breaks", "spread", "early")
"""What is wished for, in the order of importance, after as many meetings as possible have a place."""
LESS = 0.02  # what each goal weighs of the one before it

Progress = Callable[[int, int, int], bool]
"""Told how many meetings are placed, the breaks, and the moves made; answering ``False`` ends the improvement."""


def make_timetable(
    pairs: Sequence[Pair],
    session: Session,
    participants: Sequence[Participant],
    *,
    units: Mapping[str, str],
    names: Mapping[str, str],
    seed: int = 0,
) -> Timetable:
    """Give every pair a slot and a table.

    Args:
        pairs: the chosen pairs, each once.
        session: slots, tables and agenda; those on stage are busy.
        participants: who is known to come, with absences; others are added.
        units: opportunity id → name of the city unit; opportunities of one unit share one party.
        names: enterprise id → name.
        seed: of the search; the same seed gives the same timetable.

    Returns:
        As of :func:`arrange`.
    """
    ordered = sorted(pairs, key=lambda pair: (pair.opportunity_id, pair.enterprise_id))
    parties = match_parties(ordered, participants, units, names)
    requests = [
        Request(
            meeting_uid(pair.opportunity_id, pair.enterprise_id),
            pair.opportunity_id,
            pair.enterprise_id,
            _parties_of(parties, pair),
            score=pair.score,
        )
        for pair in ordered
    ]
    return arrange(requests, session, parties.participants, seed=seed)


def _parties_of(parties: Parties, pair: Pair) -> tuple[str, str]:
    return parties.of[pair.opportunity_id, pair.enterprise_id]


def arrange(
    requests: Sequence[Request],
    session: Session,
    participants: Sequence[Participant],
    *,
    goals: Sequence[str] = GOALS,
    seed: int = 0,
    moves: int | None = None,
    watch: Progress = lambda _placed, _breaks, _moves: True,
) -> Timetable:
    """Give every request a slot and a table: most placed by priority, then the goals in their order.

    Args:
        requests: the meetings that are wanted.
        session: slots, tables, agenda, areas, rest.
        participants: everyone named in the requests.
        goals: some of :data:`GOALS`, the most important first.
        seed: of the search; the same seed gives the same timetable.
        moves: how many moves are tried; default by the number of meetings.
        watch: shown the progress, and may end it; what was found so far is valid.

    Returns:
        Meetings in the order of slot and table. ``bound`` is a lower bound of the breaks of any timetable that
        places as many meetings; ``unplaced`` says why a meeting got no slot.

    Raises:
        SettingsError: a goal is unknown, a request names nobody known, or a day has more than 64 slots.
    """
    _check(requests, session, participants, goals)
    ordered = sorted(requests, key=lambda request: (request.opportunity_id, request.enterprise_id, request.uid))
    sound = [request for request in ordered if len(set(request.parties)) == len(request.parties) > 1]
    problem = encode(session, participants, sound)
    slots, bound, proven = _search(problem, goals, seed, moves, watch)
    seats = seat(problem, slots)
    slots = tuple(-1 if table < 0 else slot for slot, table in zip(slots, seats, strict=True))
    made = [
        Meeting(r.uid, r.opportunity_id, r.enterprise_id, r.parties, slot, table, r.slots)
        for r, slot, table in zip(sound, slots, seats, strict=True)
        if slot >= 0
    ]
    made.sort(key=lambda meeting: (meeting.slot, meeting.table))
    left_out = [
        Unplaced(request.opportunity_id, request.enterprise_id, "双方是同一参会方")
        for request in ordered
        if request not in sound
    ]
    left_out += [
        Unplaced(
            request.opportunity_id,
            request.enterprise_id,
            why_not(problem, slots, number, session=session, participants=participants, requests=sound),
        )
        for number, (request, slot) in enumerate(zip(sound, slots, strict=True))
        if slot < 0
    ]
    left_out.sort(key=lambda pair: (pair.opportunity_id, pair.enterprise_id))
    timetable = Timetable(session, tuple(participants), tuple(made), tuple(left_out), requests=tuple(ordered))
    breaks = count_breaks(timetable)
    return replace(timetable, breaks=breaks, bound=min(bound, breaks), proven=proven and bound == breaks)


def _check(
    requests: Sequence[Request], session: Session, participants: Sequence[Participant], goals: Sequence[str]
) -> None:
    known = {participant.id for participant in participants}
    faults = [_("不认识的目标“{goal}”").format(goal=goal) for goal in goals if goal not in GOALS]
    faults += [
        _("会面 {uid} 的参会方 {party} 不在名单中").format(uid=request.uid, party=party)
        for request in requests
        for party in request.parties
        if party not in known
    ]
    days: dict[object, int] = {}
    for slot in session.slots:
        days[slot.start.date()] = days.get(slot.start.date(), 0) + 1
    if max(days.values(), default=0) > MOST_SLOTS:
        faults.append(_("一天最多 {most} 个时段，请加长每场分钟数").format(most=MOST_SLOTS))
    if session.desks and len(session.desks) != len(session.tables):
        faults.append(_("洽谈桌说明与洽谈桌数目不一致"))
    if faults:
        raise SettingsError(_("对接会设置有误"), faults=tuple(faults))


def _search(
    problem: Problem, goals: Sequence[str], seed: int, moves: int | None, watch: Progress
) -> tuple[tuple[int, ...], int, bool]:
    """The best timetable found, a lower bound of its breaks, and whether it is proven best."""
    if not problem.tasks or not problem.slots:
        return (-1,) * len(problem.tasks), 0, not problem.tasks
    bound = break_bound(problem)  # none: something must be left out, and any choice of what could have no breaks
    floor = bound or 0
    prices = {goal: LESS**place for place, goal in enumerate(goals)}
    unit = prices.get("breaks", 1.0)
    spread, early = prices.get("spread", 0.0) / unit, prices.get("early", 0.0) / unit
    large = sum(mask.bit_count() for mask in problem.allowed) > EXACT_CHOICES

    def look(so_far: Found) -> bool:
        return watch(so_far.placed, so_far.breaks, so_far.moves)

    count = len(problem.tasks)
    if large and is_of_pairs(problem):
        tries = moves or min(MOST_PAIR_MOVES, PAIR_MOVES * count)
        found = improve_pairs(problem, moves=tries, seed=seed, goal=floor, spread=spread, early=early, watch=look)
    else:
        tries = moves or min(MOST_MOVES, max(FEWEST_MOVES, MOVES_PER_MEETING * count))
        found = improve(problem, moves=tries, seed=seed, goal=floor, spread=spread, early=early, watch=look)
    complete = found.placed == len(problem.tasks)
    if not complete:
        floor = 0
    elif found.breaks == floor:
        return found.slots, floor, True
    if large:
        return found.slots, floor, False
    solved = solve(problem, found.slots, effort=EXACT_EFFORT, seed=seed)
    if solved.slots is None:
        return found.slots, floor, False
    best = max((solved.slots, found.slots), key=lambda slots: _worth(problem, slots))
    floor = max(floor, solved.bound) if _worth(problem, solved.slots) >= _worth(problem, found.slots) else floor
    breaks = sum(problem.breaks(best))
    return best, min(floor, breaks), solved.proven and breaks == floor


def _worth(problem: Problem, slots: Sequence[int]) -> tuple[int, int]:
    placed = sum(task.weight for task, slot in zip(problem.tasks, slots, strict=True) if slot >= 0)
    return placed, -sum(problem.breaks(slots))
