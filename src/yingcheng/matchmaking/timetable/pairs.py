"""Large events of pairs: everything placed, then whole days laid out, then the meetings annealed towards them.

Annealing meetings alone ends in long gaps: somebody whose partners meet early and late is torn between them, and no
exchange of a few meetings mends that. Who is there when is decided first, then, for all days at once and with the
meetings forgotten but for the slots that both sides share. These days draw the meetings to them, ever less.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from yingcheng.matchmaking.timetable.pair_kernels import lay_out_days, swap_paths
from yingcheng.matchmaking.timetable.problem import Problem
from yingcheng.matchmaking.timetable.search import Found, Watch, break_prices, improve, random_state

__all__ = ["PairEvent", "improve_pairs", "is_of_pairs"]

PLACING = 60  # moves per meeting until all have a slot
PLACING_HEAT = 0.13
LAYING = 10  # one move of a whole day to so many of a path
LAYING_LOOKS = 32
LAYING_HEATS = 0.6, 0.08
SHARED = (1.0, 0.4, 0.2, 0.1, 0.05)  # price of a meeting whose parties share 0, 1, 2 … slots; in breaks
PATHS_A_CHAIN = 5  # moves along a path that take the time of one of :func:`improve`
LOOKS = 192  # at the clock, from start to end
SETTLED = 0.1  # part of the moves that brings the meetings to the days; what follows frees them again
SETTLING = (0.4, 0.25), (0.4, 0.25), (0.03, 0.03)  # heat, stray price, idle price: from, to
FREEING = (0.23, 0.14), (0.3, 0.0), (0.03, 0.01)


def is_of_pairs(problem: Problem) -> bool:
    """Whether all meetings are of two parties, one slot long, at any table, on one day of at most 64 slots."""
    return (
        problem.is_plain
        and problem.slots <= 64
        and len(problem.days) == 1
        and len(problem.groups[0]) == 1
        and all(len(set(task.parties)) == len(task.parties) == 2 for task in problem.tasks)
    )


def improve_pairs(
    problem: Problem,
    *,
    moves: int,
    seed: int,
    goal: int = 0,
    spread: float = 0.0,
    early: float = 0.0,
    watch: Watch = lambda _found: True,
) -> Found:
    """Place everything, then anneal to few breaks; where not everything has a place, as :func:`improve` does it.

    The same arguments give the same timetable, as long as ``watch`` does not end it.

    Args:
        problem: the timetable to make; :func:`is_of_pairs` holds.
        moves: how many moves are tried in all.
        seed: of the random choices.
        goal: breaks at which to stop, a proven bound.
        spread: as of :func:`~yingcheng.matchmaking.timetable.search.improve`.
        early: as there.
        watch: told of every look; ends the annealing by answering ``False``.
    """
    placed = improve(problem, moves=PLACING * len(problem.tasks), seed=seed, hot=PLACING_HEAT)
    if placed.placed < len(problem.tasks):
        return improve(
            problem, moves=moves // PATHS_A_CHAIN, seed=seed, goal=goal, spread=spread, early=early, watch=watch
        )
    if not watch(placed) or placed.breaks <= goal:
        return placed
    state = PairEvent(problem, placed.slots, spread, early, seed)
    for part in range(LAYING_LOOKS):
        state.lay_out(max(1, moves // LAYING // LAYING_LOOKS), part / LAYING_LOOKS, (part + 1) / LAYING_LOOKS)
        if not watch(placed):
            return placed
    found = placed
    for look in range(LOOKS):
        before, after = moves * look // LOOKS, moves * (look + 1) // LOOKS
        state.run(after - before, look / LOOKS)
        found = state.found(after)
        if not watch(found) or found.breaks <= goal:
            break
    return found


class PairEvent:
    """The arrays of the compiled loops."""

    def __init__(self, problem: Problem, slots: Sequence[int], spread: float, early: float, seed: int) -> None:
        self.problem = problem
        tasks, parties = len(problem.tasks), len(problem.parties)
        self.first, self.second = np.array([task.parties for task in problem.tasks], dtype=np.int64).T.copy()
        ends = np.concatenate((self.first, self.second))
        order = np.argsort(ends, kind="stable")
        self.mine = order % tasks
        self.other = np.concatenate((self.second, self.first))[order]
        self.start = np.concatenate(([0], np.cumsum(np.bincount(ends, minlength=parties)))).astype(np.int64)
        self.allowed = np.array(problem.allowed, dtype=np.uint64)
        self.free = np.array([party.free for party in problem.parties], dtype=np.uint64)
        self.room = np.array(problem.groups[2][0], dtype=np.int64)
        self.slot = np.array(slots, dtype=np.int64)
        self.at = np.full((parties, problem.slots), -1, dtype=np.int64)
        self.at[self.first, self.slot] = self.at[self.second, self.slot] = np.arange(tasks)
        self.used = np.bincount(self.slot, minlength=problem.slots).astype(np.int64)
        self.busy = np.array(problem.busy(slots), dtype=np.uint64)
        self.day = self.busy.copy()
        self.best = self.slot.copy()
        self.least = np.inf
        self.price = break_prices(problem, spread)
        self.early = early
        self.seed = random_state(seed)

    def lay_out(self, moves: int, begin: float, end: float, prices: Sequence[float] = SHARED) -> None:
        """Go on with the days to aim at, from one share of their cooling to another.

        ``prices`` are those of a meeting whose parties share 0, 1, 2 … slots.
        """
        shared = np.zeros(self.problem.slots + 1)
        shared[: len(prices)] = prices[: len(shared)]
        hot, cold = LAYING_HEATS
        lay_out_days(
            moves, hot * (cold / hot) ** begin, hot * (cold / hot) ** end, self.seed, self.day, self.free,
            2 * self.room, shared, self.start, self.other, self.allowed[self.mine],
        )  # fmt: skip

    def run(self, moves: int, share: float) -> None:
        """Make moves at the heat and prices that belong to this share of the whole annealing."""
        plan, done = (SETTLING, share / SETTLED) if share < SETTLED else (FREEING, (share - SETTLED) / (1 - SETTLED))
        (hot, cold), (stray, stray_end), (idle, idle_end) = plan
        self.least = swap_paths(
            moves, hot * (cold / hot) ** done, self.seed, self.slot, self.at, self.used, self.busy, self.best,
            self.least, self.first, self.second, self.start, self.mine, self.allowed, self.room,
            self.price, idle + (idle_end - idle) * done, self.early, self.day, stray + (stray_end - stray) * done,
        )  # fmt: skip

    def found(self, moves: int) -> Found:
        """The best so far."""
        busy = np.zeros(len(self.busy), dtype=np.uint64)
        bit = np.uint64(1) << self.best.astype(np.uint64)
        np.bitwise_or.at(busy, self.first, bit)
        np.bitwise_or.at(busy, self.second, bit)
        runs = np.bitwise_count(busy & ~(busy << np.uint64(1)))
        breaks = int(runs.sum()) - int(np.count_nonzero(busy))  # on one day, all runs but the first end a break
        return Found(tuple(self.best.tolist()), len(self.best), breaks, moves)
