"""Annealing: from nothing to everything placed, then to few breaks; stop whenever, the best so far is valid."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yingcheng.matchmaking.timetable.kernels import anneal_moves, busy_days
from yingcheng.matchmaking.timetable.problem import Problem, bits

__all__ = ["Found", "Watch", "break_prices", "improve", "random_state"]

Ints = NDArray[np.int64]

HOT, COLD = 0.8, 0.12  # in breaks; measured on events of 120 to 8,000 meetings
PLACED = 1000.0  # price of a meeting that is not placed, times its weight: above any breaks it could save
IDLE = 0.1  # price of an idle slot: closing a long gap takes many steps, and each should pay
UNFAIR = 50.0  # price of each break beyond the fair number
CHUNK = 1 << 20  # moves between two looks at the clock


@dataclass(frozen=True, slots=True)
class Found:
    """The best timetable so far: slot per task, −1 where it has none; breaks; moves made so far."""

    slots: tuple[int, ...]
    placed: int
    breaks: int
    moves: int


Watch = Callable[[Found], bool]
"""Told of every look; answering ``False`` ends the annealing."""


def break_prices(problem: Problem, spread: float) -> NDArray[np.float64]:
    """Price of a party's breaks by their number; the second costs ``spread`` more than the first, and so on."""
    number = np.arange(problem.slots + 2, dtype=np.float64)
    price = number + spread * number * (number - 1) / 2
    if problem.fair is not None:
        price += UNFAIR * np.maximum(0.0, number - problem.fair)
    return price


def random_state(seed: int) -> NDArray[np.uint64]:
    """State of the compiled loops' random numbers, never 0."""
    return np.array([(seed * 2 + 1) * 0x9E3779B97F4A7C15 % (1 << 64)], dtype=np.uint64)


class _State:
    """The arrays of the compiled loop."""

    def __init__(
        self, problem: Problem, start: Sequence[int], spread: float, early: float, idle: float, seed: int
    ) -> None:
        tasks, parties, slots = problem.tasks, problem.parties, problem.slots
        self.problem = problem
        self.row_start = np.concatenate(([0], np.cumsum([party.lanes for party in parties]))).astype(np.int64)
        self.row_party = np.repeat(np.arange(len(parties)), [party.lanes for party in parties])
        self.length = np.array([task.length for task in tasks], dtype=np.int64)
        self.at = np.full((self.row_start[-1], slots), -1, dtype=np.int64)
        self.slot = np.array([slots if one < 0 else one for one in start], dtype=np.int64)
        self.member_start = np.concatenate(([0], np.cumsum([len(task.parties) for task in tasks]))).astype(np.int64)
        self.member = self._rows(start)
        self.allowed = _matrix(problem.allowed, slots)
        self.weight = np.array([task.weight * PLACED for task in tasks])
        _unions, inside, room = problem.groups
        self.inside = np.array(inside, dtype=np.bool_).reshape(len(tasks), -1)
        self.room = np.array(room, dtype=np.int64).reshape(-1, slots)
        self.used = np.zeros_like(self.room)
        self.day = np.array(problem.day, dtype=np.int64)
        first = {number: problem.day.index(number) for number in set(problem.day)}
        self.bit = np.array([1 << s - first[problem.day[s]] for s in range(slots)], dtype=np.uint64)
        self.rest = np.array([party.rest_slots for party in parties], dtype=np.int64)
        self.needed = np.array([party.rest for party in parties], dtype=np.int64)
        clock = np.array(problem.clock, dtype=np.int64).reshape(-1, 2)
        self.apart = clock[:, 0][None, :] - clock[:, 1][:, None]
        self.walk = np.array(problem.walk, dtype=np.int64)
        self.area = np.array([task.area for task in tasks], dtype=np.int64)
        self.price = break_prices(problem, spread)
        self.idle_price, self.early_price = idle, early
        self.general = not problem.is_plain
        self.early_start, self.early = _lists(len(tasks), [(late, first) for first, late in problem.before])
        self.late_start, self.late = _lists(len(tasks), list(problem.before))
        self.seed = random_state(seed)
        self.best = self.slot.copy()
        self.busy = np.zeros((len(parties), max(1, len(problem.days))), dtype=np.uint64)
        self.value = np.zeros(len(parties))
        self._settle()

    def _rows(self, start: Sequence[int]) -> Ints:
        """The row of each party of each task: one with room where it starts, else the one with the least to do."""
        rows: list[int] = []
        load = [0] * int(self.row_start[-1])
        taken = [0] * len(load)
        for task, slot in zip(self.problem.tasks, start, strict=True):
            span = task.span(slot) if slot >= 0 else 0
            for party in task.parties:
                lanes = range(int(self.row_start[party]), int(self.row_start[party + 1]))
                row = min(lanes, key=lambda lane: ((taken[lane] & span) != 0, load[lane], lane))
                taken[row] |= span
                load[row] += task.length
                rows.append(row)
        return np.array(rows, dtype=np.int64)

    def _settle(self) -> None:
        """Fill the rows, the tables and the counts from the slots."""
        for number, task in enumerate(self.problem.tasks):
            start = int(self.slot[number])
            if start == self.problem.slots:
                continue
            for place in range(self.member_start[number], self.member_start[number + 1]):
                self.at[self.member[place], start : start + task.length] = number
            self.used[self.inside[number], start : start + task.length] += 1
        for party in range(len(self.problem.parties)):
            busy_days(party, self.at, self.row_start, self.day, self.bit, self.busy)

    def run(self, moves: int, done: int, total: int, goal: float, hot: float, cold: float) -> tuple[float, int]:
        """Make moves; the price of the best, and how many were made."""
        least, made = anneal_moves(
            moves, hot, cold, float(done), float(total), self.seed, goal, self.general,
            self.slot, self.at, self.used, self.busy, self.value, self.best,
            self.member_start, self.member, self.length, self.allowed, self.weight, self.row_start, self.row_party,
            self.day, self.bit, self.rest, self.price, self.idle_price, self.early_price, self.inside, self.room,
            self.early_start, self.early, self.late_start, self.late, self.needed, self.walk, self.apart, self.area,
        )  # fmt: skip
        return float(least), int(made)

    def found(self, moves: int) -> Found:
        """The best so far."""
        slots = tuple(-1 if slot == self.problem.slots else slot for slot in self.best.tolist())
        return Found(slots, sum(slot >= 0 for slot in slots), sum(self.problem.breaks(slots)), moves)


def _matrix(masks: Sequence[int], slots: int) -> NDArray[np.bool_]:
    found = np.zeros((len(masks), slots), dtype=np.bool_)
    for row, mask in enumerate(masks):
        found[row, bits(mask)] = True
    return found


def _lists(count: int, pairs: Sequence[tuple[int, int]]) -> tuple[Ints, Ints]:
    """(of, member) pairs as one list per number."""
    lists: list[list[int]] = [[] for _ in range(count)]
    for of, member in pairs:
        lists[of].append(member)
    start = np.concatenate(([0], np.cumsum([len(one) for one in lists]))).astype(np.int64)
    return start, np.array([member for one in lists for member in one], dtype=np.int64)


def improve(
    problem: Problem,
    start: Sequence[int] | None = None,
    *,
    moves: int,
    seed: int,
    goal: int = 0,
    spread: float = 0.0,
    idle: float = IDLE,
    early: float = 0.0,
    hot: float = HOT,
    watch: Watch = lambda _found: True,
    chunk: int = CHUNK,
) -> Found:
    """Anneal from a valid timetable (default: nothing placed) to the best one met.

    The same arguments give the same timetable, as long as ``watch`` does not end it.

    Args:
        problem: the timetable to make.
        start: slots to start from.
        moves: how many moves are tried in all.
        seed: of the random choices.
        goal: breaks at which to stop, a proven bound; it stops only when everything is placed.
        spread: price of the second break of one party beyond that of a first, and so on: many ones instead of one many.
        idle: price of each idle slot, which only guides.
        early: price of each slot that a party stays longer.
        hot: heat to start from; near :data:`COLD` keeps most of what is there.
        watch: told of every look; ends the annealing by answering ``False``.
        chunk: moves between two looks.
    """
    begun = [-1] * len(problem.tasks) if start is None else start
    state = _State(problem, begun, spread, early, idle, seed)
    done = 0
    if not problem.tasks or not problem.slots:
        return state.found(0)
    while done < moves:
        step = min(chunk, moves - done)
        state.run(step, done, moves, -1.0, hot, COLD)
        done += step
        found = state.found(done)
        if not watch(found) or (found.placed == len(problem.tasks) and found.breaks <= goal):
            break
    return state.found(done)
