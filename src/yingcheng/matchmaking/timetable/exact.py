"""Proof within a time limit: a bound from flows, annealing from above, and core-guided MaxSAT beside them.

Three ways go side by side because each fails where another shines. The flow bound meets the annealing where tables are
scarce and days are short; where most breaks come from whom somebody meets, the cores of a SAT solver find both the
proof and the timetable. Whoever closes the gap first ends the search.
"""

from __future__ import annotations

import multiprocessing
import time
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection

from yingcheng.matchmaking.timetable.bounds import break_bound
from yingcheng.matchmaking.timetable.maxsat import fewest_breaks
from yingcheng.matchmaking.timetable.model import solve
from yingcheng.matchmaking.timetable.problem import Problem
from yingcheng.matchmaking.timetable.search import Found, improve

__all__ = ["Proof", "prove"]

FIRST_MOVES = 400_000  # of the annealing before the other worker is asked
MOVES = 16_000_000  # of each annealing after that
HOT = 0.5  # it starts cooler: what is wanted is the bottom, not the slope


@dataclass(frozen=True, slots=True)
class Proof:
    """What is known about a problem whose every task must be placed.

    ``slots`` is ``None`` where no timetable was found; then ``proven`` says that there is none.
    """

    slots: tuple[int, ...] | None
    breaks: int | None
    bound: int
    proven: bool

    @property
    def status(self) -> str:
        """``optimal``, ``infeasible``, ``feasible`` or ``unknown``."""
        if self.slots is None:
            return "infeasible" if self.proven else "unknown"
        return "optimal" if self.proven else "feasible"


def prove(problem: Problem, *, seconds: float, workers: int = 2, seed: int = 0) -> Proof:
    """The fewest breaks of a timetable with every task, proven where the time suffices.

    Args:
        problem: with ``must_all``.
        seconds: limit by the clock.
        workers: processes; with one, only the proof goes on after a first annealing.
        seed: of the annealing.
    """
    problem = replace(problem, must_all=True)
    deadline = time.monotonic() + seconds
    bound = None if not all(problem.allowed) or _overbooked(problem) else break_bound(problem)
    if bound is None:
        return Proof(None, None, 0, True)
    best = _fair(problem, improve(problem, moves=FIRST_MOVES, seed=seed, goal=bound, chunk=FIRST_MOVES // 8))
    if best is not None and best[0] <= bound:
        return Proof(best[1], best[0], bound, True)
    return _beside(problem, best, bound, deadline, seed, anneal=workers > 1)


Timed = tuple[int, tuple[int, ...]]  # breaks, slots


def _fair(problem: Problem, found: Found) -> Timed | None:
    """A timetable that is whole and fair; else nothing."""
    if found.placed < len(problem.tasks):
        return None
    if problem.fair is not None and max(problem.breaks(found.slots), default=0) > problem.fair:
        return None
    return found.breaks, found.slots


def _overbooked(problem: Problem) -> bool:
    """Whether some party has more to do than its slots hold."""
    wanted = [0] * len(problem.parties)
    for task in problem.tasks:
        for party in task.parties:
            wanted[party] += task.length
    return any(need > own.free.bit_count() * own.lanes for need, own in zip(wanted, problem.parties, strict=True))


def _exact(problem: Problem, seconds: float) -> Timed | None:
    """The best timetable, by cores; ``None`` where there is none.

    Raises:
        TimeoutError: the limit was reached.
    """
    if problem.is_plain or (all(task.length == 1 for task in problem.tasks) and problem.before):
        slots = fewest_breaks(problem)
    else:
        solved = solve(problem, None, effort=1e9, seed=0, seconds=seconds)
        if not solved.proven:
            raise TimeoutError
        slots = solved.slots
    return None if slots is None else (sum(problem.breaks(slots)), slots)


def _gap(best: Timed | None, bound: int) -> Proof:
    """What is known where the time is over."""
    if best is None:
        return Proof(None, None, bound, False)
    return Proof(best[1], best[0], bound, best[0] <= bound)


def _told(found: Timed | None) -> Proof:
    return Proof(None, None, 0, True) if found is None else Proof(found[1], found[0], found[0], True)


def _work(problem: Problem, seconds: float, answer: Connection) -> None:
    """The other worker."""
    try:
        answer.send(_exact(problem, seconds))
    except TimeoutError:
        answer.send(False)


def _beside(problem: Problem, best: Timed | None, bound: int, deadline: float, seed: int, *, anneal: bool) -> Proof:
    """Anneal here while another process looks for the proof; the first to close the gap wins."""
    context = multiprocessing.get_context("spawn")
    receive, send = context.Pipe(duplex=False)
    worker = context.Process(target=_work, args=(problem, deadline - time.monotonic(), send), daemon=True)
    worker.start()
    send.close()
    answer: object = False
    answered = False

    def watch(_found: Found) -> bool:
        return not receive.poll() and time.monotonic() < deadline

    try:
        number = 0
        while time.monotonic() < deadline and not (best is not None and best[0] <= bound):
            if receive.poll():
                answer, answered = receive.recv(), True
                break
            if not anneal:
                receive.poll(max(0.0, deadline - time.monotonic()))
                continue
            number += 1
            found = improve(problem, moves=MOVES, seed=seed + number, goal=bound, hot=HOT, watch=watch, chunk=1 << 17)
            tried = _fair(problem, found)
            if tried is not None and (best is None or tried[0] < best[0]):
                best = tried
    except EOFError:  # the worker was killed, for want of memory for instance: what was found stays
        answered = False
    finally:
        worker.terminate()
        worker.join()
        receive.close()
    if answered and answer is not False:
        return _told(answer)  # type: ignore[arg-type]  # what _work sends
    return _gap(best, bound)
