"""Proof within a time limit: a bound from flows and a short annealing, then regions from above and cores from below.

The flow bound meets the annealing where tables are scarce and days are short. Where most breaks come from whom somebody
meets, the cores of a SAT solver raise the bound in another process while regions of the timetable are solved anew here;
each bound is told at once, and whoever closes the gap ends the search.
"""

from __future__ import annotations

import multiprocessing
import threading
import time
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from types import TracebackType

from yingcheng.matchmaking.timetable.bounds import break_bound
from yingcheng.matchmaking.timetable.maxsat import fewest_breaks, fits
from yingcheng.matchmaking.timetable.model import solve
from yingcheng.matchmaking.timetable.problem import Problem
from yingcheng.matchmaking.timetable.regions import Regions
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
    first = improve(problem, moves=FIRST_MOVES, seed=seed, goal=bound, chunk=FIRST_MOVES // 8)
    search = _Search(problem, _fair(problem, first), bound, deadline)
    if not search.closed:
        with _Cores(problem, search) as cores:
            if workers < 2:
                while search.goes_on and cores.listen(max(0.0, deadline - time.monotonic())):
                    pass
            elif fits(problem):
                with Regions(problem, first.slots, seed=seed) as regions:
                    while search.goes_on:
                        regions.step()
                        search.learn(regions)
                        cores.listen()
            else:
                search.anneal(cores, seed)
    return search.proof()


Timed = tuple[int, tuple[int, ...]]  # breaks, slots


def _fair(problem: Problem, found: Found) -> Timed | None:
    """A timetable that is whole and fair; else nothing."""
    if found.placed < len(problem.tasks):
        return None
    return (found.breaks, found.slots) if problem.is_fair(found.slots) else None


def _overbooked(problem: Problem) -> bool:
    """Whether some party has more to do than its slots hold."""
    wanted = [0] * len(problem.parties)
    for task in problem.tasks:
        for party in task.parties:
            wanted[party] += task.length
    return any(need > own.free.bit_count() * own.lanes for need, own in zip(wanted, problem.parties, strict=True))


class _Search:
    """What is known so far: the best timetable, the bound, whether the gap is closed."""

    def __init__(self, problem: Problem, best: Timed | None, bound: int, deadline: float) -> None:
        self.problem = problem
        self.best = best
        self.bound = bound
        self.deadline = deadline
        self.impossible = False

    @property
    def closed(self) -> bool:
        """Whether there is nothing more to know."""
        return self.impossible or (self.best is not None and self.best[0] <= self.bound)

    @property
    def goes_on(self) -> bool:
        """Whether to go on."""
        return not self.closed and time.monotonic() < self.deadline

    def learn(self, regions: Regions) -> None:
        """Take over what the regions found."""
        if regions.slots is None:
            self.impossible |= regions.proven
        elif self.best is None or regions.breaks < self.best[0]:
            self.best = regions.breaks, regions.slots
        if regions.slots is not None and regions.proven:
            self.bound = regions.breaks

    def told(self, message: object) -> None:
        """Take over what the other process tells: a bound, a last word, or that it gives up (``None``)."""
        if isinstance(message, int):
            self.bound = max(self.bound, message)
        elif isinstance(message, _Last):
            self.impossible = message.found is None
            if message.found is not None:
                self.best, self.bound = message.found, message.found[0]

    def anneal(self, cores: _Cores, seed: int) -> None:
        """Anneal again and again, each time from nothing."""

        def watch(_found: Found) -> bool:
            cores.listen()
            return self.goes_on

        while self.goes_on:
            seed += 1
            found = improve(self.problem, moves=MOVES, seed=seed, goal=self.bound, hot=HOT, watch=watch, chunk=1 << 17)
            tried = _fair(self.problem, found)
            if tried is not None and (self.best is None or tried[0] < self.best[0]):
                self.best = tried

    def proof(self) -> Proof:
        """What is known at the end."""
        if self.impossible:
            return Proof(None, None, 0, True)
        if self.best is None:
            return Proof(None, None, self.bound, False)
        return Proof(self.best[1], self.best[0], self.bound, self.closed)


@dataclass(frozen=True, slots=True)
class _Last:
    """The last word of the other process: the best timetable, or that there is none."""

    found: Timed | None


def _work(problem: Problem, seconds: float, answer: Connection) -> None:
    """The other process."""
    if fits(problem):
        slots = fewest_breaks(problem, answer.send)
    else:
        solved = solve(problem, None, effort=1e9, seed=0, seconds=seconds)
        if not solved.proven:
            return
        slots = solved.slots
    answer.send(_Last(None if slots is None else (sum(problem.breaks(slots)), slots)))


class _Cores:
    """The other process: cores from below, or CP-SAT where the encoding does not know a rule."""

    def __init__(self, problem: Problem, search: _Search) -> None:
        # A fork is there at once where a fresh process loads everything anew, but no other thread may run meanwhile.
        forks = "fork" in multiprocessing.get_all_start_methods() and threading.active_count() == 1
        context = multiprocessing.get_context("fork" if forks else "spawn")
        self.search = search
        self.receive, send = context.Pipe(duplex=False)
        seconds = search.deadline - time.monotonic()
        self.worker = context.Process(  # type: ignore[attr-defined]  # the stubs know no method of either
            target=_work, args=(problem, seconds, send), daemon=True
        )
        self.worker.start()
        send.close()

    def listen(self, seconds: float = 0.0) -> bool:
        """Take over what it has told, waiting so long for it; ``False`` where it has ended."""
        try:
            while not self.search.closed and self.receive.poll(seconds):
                self.search.told(self.receive.recv())
                seconds = 0.0
        except EOFError:  # it ended, or was killed for want of memory: what was found stays
            return False
        return True

    def __enter__(self) -> _Cores:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.worker.terminate()
        self.worker.join()
        self.receive.close()
