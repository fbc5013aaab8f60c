"""Why a meeting has no place: the smallest set of reasons that together close every slot to it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from yingcheng.matchmaking.records import Participant, Request, Session
from yingcheng.matchmaking.timetable.problem import Problem, bits

__all__ = ["why_not"]


def why_not(
    problem: Problem,
    slots: Sequence[int],
    number: int,
    *,
    session: Session,
    participants: Sequence[Participant],
    requests: Sequence[Request],
) -> str:
    """One sentence; what holds whatever the others do comes before what only this timetable brings about.

    Args:
        problem: what was to be placed.
        slots: the timetable, −1 for what has no place.
        number: the task to explain.
        session: as given.
        participants: in the order of the problem's parties.
        requests: in the order of its tasks.
    """
    task = problem.tasks[number]
    if not problem.slots:
        return "没有可用的洽谈时段"
    for party in task.parties:
        name, can = participants[party].name, problem.parties[party].free.bit_count()
        wanted = sum(other.length for other in problem.tasks if party in other.parties)
        if not can:
            return f"{name}没有可用时段（缺席或在台上）"
        if wanted > can * problem.parties[party].lanes:
            return f"{name}共 {wanted} 场，可用时段只有 {can} 个"
    common = (1 << problem.slots) - 1
    for party in task.parties:
        common &= problem.parties[party].free
    if not common:
        return "与".join(participants[party].name for party in task.parties) + "没有共同的可用时段"
    seats = problem.slots * len(session.tables)
    total = sum(other.length for other in problem.tasks)
    if total > seats:
        sizes = f"{problem.slots} 个时段 × {len(session.tables)} 桌"
        return f"全部 {total} 场超过洽谈桌总容量 {seats} 场（{sizes}）"
    found = _closing(problem, slots, number, participants, requests)
    return "；".join(found) if found else "先行的会面未排入"


def _closing(
    problem: Problem,
    slots: Sequence[int],
    number: int,
    participants: Sequence[Participant],
    requests: Sequence[Request],
) -> tuple[str, ...]:
    """The smallest set of reasons of which at least one holds in every slot; hard ones are preferred."""
    task, request = problem.tasks[number], requests[number]
    busy = problem.busy(slots)
    reasons: dict[str, set[int]] = {}  # in order of how hard they are
    for start in range(problem.slots):
        span = task.span(start)
        if not task.starts >> start & 1:
            wish = request.session or ("指定时段" if request.fixed is not None else "连续时段")
            reasons.setdefault(f"要求{wish}，其余时段不能用", set()).add(start)
        for party in task.parties:
            if span & ~problem.parties[party].free:
                reasons.setdefault(f"{participants[party].name}部分时段缺席或在台上", set()).add(start)
        if not any(not span & ~problem.open_tables[table] for table in bits(task.tables)):
            reasons.setdefault("没有符合要求且开放的洽谈桌", set()).add(start)
    for start in range(problem.slots):
        span = task.span(start)
        for party in task.parties:
            if span & busy[party]:
                reasons.setdefault(f"{participants[party].name}其余时段已有会面", set()).add(start)
        if not _has_table(problem, slots, number, start):
            reasons.setdefault("其余时段的洽谈桌已满", set()).add(start)
    return _smallest_cover(reasons, set(range(problem.slots)))


def _smallest_cover(reasons: dict[str, set[int]], every: set[int]) -> tuple[str, ...]:
    names = list(reasons)
    for size in range(1, len(names) + 1):
        for chosen in combinations(names, size):
            if set().union(*(reasons[name] for name in chosen)) >= every:
                return chosen
    return ()


def _has_table(problem: Problem, slots: Sequence[int], number: int, start: int) -> bool:
    """Whether the tables would suffice with one more meeting."""
    _unions, inside, room = problem.groups
    task = problem.tasks[number]
    for slot in bits(task.span(start) & ((1 << problem.slots) - 1)):
        here = [
            other
            for other, begun in enumerate(slots)
            if begun >= 0 and begun <= slot < begun + problem.tasks[other].length
        ]
        for group, limits in enumerate(room):
            if inside[number][group] and sum(inside[other][group] for other in here) >= limits[slot]:
                return False
    return True
