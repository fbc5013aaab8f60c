"""A lower bound of the breaks: everyone's day for itself, all days together within the tables.

Whom somebody meets is forgotten; what is left is, for each party, in which slots it is busy. The days of one party are
the paths of a small network (slot × meetings so far × whether the last slot was busy), parties with the same network
flow through it together, and the tables join the networks. The linear programme over these flows is solved exactly.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

from yingcheng.matchmaking.timetable.problem import Problem, bits, break_floor

__all__ = ["break_bound"]

INFEASIBLE = 2  # of HiGHS
MOST_ARCS = 120_000  # beyond that the floor of each party alone is all that is told

Node = tuple[int, bool]  # meetings so far, whether the last slot was busy
Window = tuple[int, int]  # least and most busy slots before a slot
Shape = tuple[int, int, tuple[Window, ...]]  # free bits, busy slots in all, the window of each slot


def break_bound(problem: Problem) -> int | None:
    """Breaks that no timetable with every meeting placed can avoid; ``None`` where no such timetable exists.

    The bound is that of the linear programme, rounded up; a party with several lanes or with rest counts as nothing.
    """
    floor = break_floor(problem)
    tasks_of: list[list[int]] = [[] for _party in problem.parties]
    for number, task in enumerate(problem.tasks):
        for party in task.parties:
            tasks_of[party].append(number)
    found = (_shape(problem, party, mine) for party, mine in enumerate(tasks_of))
    shapes = Counter(shape for shape in found if shape is not None)
    model = _Flows(problem)
    for shape, parties in sorted(shapes.items()):
        if not model.add(shape, parties):
            return None
        if len(model.cost) > MOST_ARCS:
            return floor
    value = model.least()
    return None if value is None else max(floor, math.ceil(value - 1e-6))


def _shape(problem: Problem, party: int, mine: Sequence[int]) -> Shape | None:
    """The network of a party with the tasks ``mine``; ``None`` where it has none or its day is no simple path."""
    own = problem.parties[party]
    if own.lanes > 1 or own.rest_slots or not mine:
        return None
    total = sum(problem.tasks[number].length for number in mine)
    least, most = [0] * (problem.slots + 1), [total] * (problem.slots + 1)
    for number in mine:
        starts, length = problem.allowed[number], problem.tasks[number].length
        if not starts:
            continue
        first, last = (starts & -starts).bit_length() - 1, starts.bit_length() - 1
        for slot in range(problem.slots + 1):
            least[slot] += min(length, max(0, slot - last))
            most[slot] -= min(length, max(0, length - max(0, slot - first)))
    return own.free, total, tuple(zip(least, most, strict=True))


class _Flows:
    """The linear programme, arc by arc."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.cost: list[float] = []
        self.entries: list[tuple[int, int, float]] = []  # row, arc, factor
        self.supply: list[float] = []
        self.busy: list[list[int]] = [[] for _ in range(problem.slots)]

    def add(self, shape: Shape, parties: int) -> bool:
        """Let so many parties flow through one network; ``False`` where there is no path."""
        total = shape[1]
        layers = self._layers(shape)
        row_of: dict[tuple[int, int, bool], int] = {}

        def row(slot: int, node: Node) -> int:
            key = (slot, *node)
            if key not in row_of:
                row_of[key] = len(self.supply)
                self.supply.append(float(parties) if slot == 0 else 0.0)
            return row_of[key]

        ends = {node for node in layers[-1] if node[0] == total}
        for slot in reversed(range(self.problem.slots)):
            kept = set()
            for node in sorted(layers[slot]):
                for after in self._steps(shape, slot, node):
                    if after not in ends:
                        continue
                    kept.add(node)
                    arc = len(self.cost)
                    # A run that begins after another ends a break. Over several days that cannot be told from the first
                    # run of a day, which ends none: then runs cost nothing.
                    begins = after[1] and not node[1] and node[0] > 0 and len(self.problem.days) == 1
                    self.cost.append(1.0 if begins else 0.0)
                    self.entries.append((row(slot, node), arc, 1.0))
                    if slot + 1 < self.problem.slots:
                        self.entries.append((row(slot + 1, after), arc, -1.0))
                    if after[1]:
                        self.busy[slot].append(arc)
            ends = kept
        return (0, False) in ends

    def _layers(self, shape: Shape) -> list[set[Node]]:
        """What a party can have behind it before each slot."""
        layers: list[set[Node]] = [{(0, False)}]
        for slot in range(self.problem.slots):
            layers.append({after for node in layers[-1] for after in self._steps(shape, slot, node)})
        return layers

    @staticmethod
    def _steps(shape: Shape, slot: int, node: Node) -> list[Node]:
        """Free in the slot, or busy."""
        free, _total, windows = shape
        least, most = windows[slot + 1]
        steps = (0, 1) if free >> slot & 1 else (0,)
        return [(node[0] + step, bool(step)) for step in steps if least <= node[0] + step <= most]

    def least(self) -> float | None:
        """The least cost; ``None`` where the tables do not suffice."""
        if not self.cost:
            return 0.0
        rows, arcs, factors = (np.array(column) for column in zip(*self.entries, strict=True))
        flow = csr_matrix((factors, (rows, arcs)), shape=(len(self.supply), len(self.cost)))
        places = np.array([(slot, arc) for slot, found in enumerate(self.busy) for arc in found]).reshape(-1, 2)
        shape = (self.problem.slots, len(self.cost))
        load = csr_matrix((np.ones(len(places)), (places[:, 0], places[:, 1])), shape=shape)
        found = linprog(  # type: ignore[call-overload]  # the stubs know no sparse matrices
            np.array(self.cost),
            A_ub=load,
            b_ub=np.array(self._seats()),
            A_eq=flow,
            b_eq=np.array(self.supply),
            bounds=(0, None),
            method="highs",
        )
        if found.status == INFEASIBLE:
            return None
        return float(found.fun) if found.status == 0 else 0.0

    def _seats(self) -> Sequence[float]:
        """How many parties can sit at the tables in each slot."""
        most = max(len(task.parties) for task in self.problem.tasks)
        used = 0
        for task in self.problem.tasks:
            used |= task.tables
        tables = bits(used)
        return [
            float(most * sum(self.problem.open_tables[table] >> slot & 1 for table in tables))
            for slot in range(self.problem.slots)
        ]
