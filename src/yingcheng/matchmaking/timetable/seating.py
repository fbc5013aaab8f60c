"""Which table: parties keep their table where possible, the host of the meeting first."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment

from yingcheng.matchmaking.timetable.problem import Problem, bits

__all__ = ["seat"]

HOST_MOVES = 4.0  # cost of a host changing its table
GUEST_MOVES = 1.0
TAKEN = 0.5  # cost of a newcomer at a table that others hold
CANNOT = 1e6


def seat(problem: Problem, slots: Sequence[int]) -> list[int]:
    """A table for each placed task, −1 where it is not placed or no table is left; slot by slot, least changes first.

    Args:
        problem: says which tables will do and when they are open.
        slots: where each task begins; −1 is not placed.
    """
    tables = len(problem.open_tables)
    seats = [-1] * len(slots)
    last: dict[int, int] = {}
    held_until = [0] * tables  # tables of long meetings that still go on
    order = sorted((start, number) for number, start in enumerate(slots) if start >= 0)
    for slot in sorted({start for start, _number in order}):
        here = [number for start, number in order if start == slot]
        # Low numbers first, all else equal.
        cost = np.tile(np.arange(tables) * 1e-6, (len(here), 1))
        taken = sorted(set(last.values()))
        for row, number in enumerate(here):
            task = problem.tasks[number]
            known = False
            for place, party in enumerate(task.parties):
                if party in last:
                    price = GUEST_MOVES if place else HOST_MOVES
                    cost[row] += price
                    cost[row, last[party]] -= price
                    known = True
            if not known:
                cost[row, taken] += TAKEN
            cost[row] += np.where(_cannot(problem, number, slot, held_until), CANNOT, 0.0)
        rows, columns = linear_sum_assignment(cost)
        for row, table in zip(rows.tolist(), columns.tolist(), strict=True):
            if cost[row, table] >= CANNOT:
                continue
            number = here[row]
            seats[number] = table
            held_until[table] = slot + problem.tasks[number].length
            for party in problem.tasks[number].parties:
                last[party] = table
    return seats


def _cannot(problem: Problem, number: int, slot: int, held_until: Sequence[int]) -> np.ndarray:
    """Which tables will not do for a task that begins now."""
    task = problem.tasks[number]
    span = task.span(slot)
    barred = np.ones(len(held_until), dtype=np.bool_)
    for table in bits(task.tables):
        barred[table] = held_until[table] > slot or bool(span & ~problem.open_tables[table])
    return barred
