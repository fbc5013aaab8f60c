"""When and where they meet: everything placed that can be, then the fewest breaks, with a bound.

Tightest-first placing and Kempe-chain annealing give a timetable of any size; a timetable that the exact model can
hold is then improved, and where possible proven, by CP-SAT.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from yingcheng.matchmaking.records import Meeting, Pair, Participant, Session, Timetable, Unplaced
from yingcheng.matchmaking.timetable.check import verify
from yingcheng.matchmaking.timetable.model import solve
from yingcheng.matchmaking.timetable.search import Board, Problem, anneal, board_of, break_floor, place_all
from yingcheng.matchmaking.timetable.seating import seat
from yingcheng.matchmaking.timetable.session import (
    Parties,
    blocked_slots,
    build_session,
    day_starts,
    match_parties,
    meeting_uid,
)

__all__ = ["build_session", "make_timetable", "verify"]

EXACT_CHOICES = 2_500  # meeting × slot variables up to which the exact model is tried
EXACT_EFFORT = 1.0  # deterministic seconds of the solver
MOVES_PER_MEETING = 2_000  # of the annealing; ten microseconds each
FEWEST_MOVES, MOST_MOVES = 50_000, 1_000_000
TRIES = 3  # annealings, each from the best so far


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
        Meetings in the order of slot and table. ``bound`` is a lower bound of the breaks of any timetable that
        places as many meetings; ``unplaced`` says why a pair got no slot.
    """
    ordered = sorted(pairs, key=lambda pair: (pair.opportunity_id, pair.enterprise_id))
    parties = match_parties(ordered, participants, units, names)
    place = {participant.id: number for number, participant in enumerate(parties.participants)}
    every = (1 << len(session.slots)) - 1
    free = tuple(every & ~blocked_slots(participant, session) for participant in parties.participants)
    chosen = [pair for pair in ordered if len(set(_parties_of(parties, pair))) > 1]
    meetings = tuple((place[unit], place[firm]) for unit, firm in (_parties_of(parties, pair) for pair in chosen))
    problem = Problem(meetings, free, len(session.slots), len(session.tables), day_starts(session))
    board, bound, proven = _search(problem, seed)
    placed = [number for number, slot in enumerate(board.slot) if slot >= 0]
    seats = seat(
        [_parties_of(parties, chosen[number]) for number in placed],
        [board.slot[number] for number in placed],
        len(session.tables),
    )
    made = [
        Meeting(
            meeting_uid(chosen[number].opportunity_id, chosen[number].enterprise_id),
            chosen[number].opportunity_id,
            chosen[number].enterprise_id,
            _parties_of(parties, chosen[number]),
            board.slot[number],
            table,
        )
        for number, table in zip(placed, seats, strict=True)
    ]
    made.sort(key=lambda meeting: (meeting.slot, meeting.table))
    unplaced = [
        Unplaced(p.opportunity_id, p.enterprise_id, "双方是同一参会方")
        for p in ordered
        if len(set(_parties_of(parties, p))) == 1
    ]
    unplaced += [
        Unplaced(chosen[n].opportunity_id, chosen[n].enterprise_id, _why_not(board, n, parties.participants))
        for n, slot in enumerate(board.slot)
        if slot < 0
    ]
    unplaced.sort(key=lambda pair: (pair.opportunity_id, pair.enterprise_id))
    breaks = board.breaks()
    return Timetable(session, parties.participants, tuple(made), tuple(unplaced), breaks, bound, proven)


def _parties_of(parties: Parties, pair: Pair) -> tuple[str, str]:
    return parties.of[pair.opportunity_id, pair.enterprise_id]


def _search(problem: Problem, seed: int) -> tuple[Board, int, bool]:
    """The best timetable found, a lower bound of its breaks, and whether it is proven best."""
    board = place_all(problem)
    placed = [number for number, slot in enumerate(board.slot) if slot >= 0]
    complete = len(placed) == len(problem.meetings)
    # With meetings left out, another choice of which ones to place could do with fewer breaks.
    floor = break_floor(problem, placed) if complete else 0
    exact = len(problem.meetings) * problem.slots <= EXACT_CHOICES
    moves = min(MOST_MOVES, max(FEWEST_MOVES, MOVES_PER_MEETING * len(placed)))
    for attempt in range(TRIES):
        board = anneal(board, moves=moves, seed=seed * TRIES + attempt, goal=floor)
    if complete and board.breaks() == floor:
        return board, floor, True
    if not exact:
        return board, floor, False
    solved = solve(problem, board, effort=EXACT_EFFORT, seed=seed)
    if solved is None:
        return board, floor, False
    other = board_of(problem, solved.slots)
    better = (-other.placed(), other.breaks()) < (-board.placed(), board.breaks())
    bound = max(floor, solved.bound) if other.placed() >= board.placed() else floor
    best = other if better else board
    return best, min(bound, best.breaks()), solved.proven and best.breaks() == bound


def _why_not(board: Board, meeting: int, participants: Sequence[Participant]) -> str:
    problem = board.problem
    a, b = problem.meetings[meeting]
    for party in (a, b):
        name = participants[party].name
        can = problem.free[party].bit_count()
        wanted = sum(party in pair for pair in problem.meetings)
        if not can:
            return f"{name}没有可用时段（缺席或在台上）" if problem.slots else "没有可用的洽谈时段"
        if wanted > can:
            return f"{name}共 {wanted} 场，可用时段只有 {can} 个"
    if not problem.free[a] & problem.free[b]:
        return f"{participants[a].name}与{participants[b].name}没有共同的可用时段"
    if len(problem.meetings) > problem.slots * problem.tables:
        seats = problem.slots * problem.tables
        sizes = f"{problem.slots} 个时段 × {problem.tables} 桌"
        return f"全部 {len(problem.meetings)} 场超过洽谈桌总容量 {seats} 场（{sizes}）"
    return "双方剩余的空闲时段错开，或该时段洽谈桌已满"
