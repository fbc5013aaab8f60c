"""The highest total with the fewest unmet minimums: one min-cost flow, its prices, and columns priced in as needed.

Source → row → column → sink; the first ``minimum`` meetings of a party earn a bonus above any total. Capacities keep
the flow integral. OR-Tools gives no potentials, so they come from Bellman–Ford on the residual network (Ahuja,
Magnanti, Orlin, *Network Flows*, 1993, theorem 9.4): integers, hence exact. Of many edges only the promising ones go
into the flow; the prices then show which left-out edges could still improve it (column generation).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from yingcheng.matchmaking.assignment.kernels import best_of_each, highest_potentials
from yingcheng.matchmaking.assignment.problem import Bools, Floats, Ints, Problem

__all__ = ["Flow", "best_flow", "promising"]

LARGEST_COST = 2**61  # the solver multiplies costs with the number of nodes; both must stay below 2^63
FINEST_SCALE = 10**9
COARSEST_SPREAD = 10**5  # units of a gain below which first meetings are not told from needed ones
FEW_EDGES = 60_000  # below, all edges go into the flow


@dataclass(frozen=True, slots=True, eq=False)
class Flow:
    """The optimum with its column prices; ``bonus`` is what one missing meeting was taken to cost."""

    chosen: Bools
    price: Floats  # (C,)
    bonus: float


def promising(problem: Problem, gains: Floats, extra: int) -> Bools:
    """Edges to start from: forced ones and the best of each row and of each column that has a minimum."""
    widest = int(problem.row_max.max(initial=0))
    picked = problem.forced.copy()
    picked |= best_of_each(gains, problem.heads, problem.rows, min(widest, 50) + extra)
    if problem.column_min.any():
        picked |= best_of_each(gains, problem.tails, problem.columns, int(problem.column_min.max()) + extra)
    return picked


@dataclass(frozen=True, slots=True)
class _Scale:
    """Integers per unit of gain, and in these integers what one needed meeting, and a party's first one, are worth."""

    units: int
    needed: int
    first: int


def _scaled(problem: Problem, gains: Floats, *, spread: bool) -> _Scale:
    """Needed meetings count more than all gains together; first ones more than all gains, less than a needed one."""
    row, column = problem.loads(np.ones(len(gains), dtype=bool))
    most = int(min(np.minimum(problem.row_max, row).sum(), np.minimum(problem.column_max, column).sum()))
    largest = max(float(np.abs(gains).max(initial=0.0)), 1e-9)
    if not (problem.row_min.any() or problem.column_min.any()):
        return _Scale(_units(problem, largest), 0, 0)
    parties = problem.rows + problem.columns
    worth = largest * 2 * (most + 1)
    if spread and (units := _units(problem, worth * (parties + 1))) >= COARSEST_SPREAD:
        first = int(np.ceil(worth * units)) + most + 1
        return _Scale(units, first * (parties + 1), first)
    units = _units(problem, worth)
    return _Scale(units, int(np.ceil(worth * units)) + most + 1, 0)


def _units(problem: Problem, worth: float) -> int:
    """The finest scale at which the solver's numbers stay small enough."""
    units = FINEST_SCALE
    while units > 1 and (worth * units + 2) * (problem.rows + problem.columns + 3) > LARGEST_COST:
        units //= 10
    return units


def best_flow(problem: Problem, gains: Floats, *, spread: bool = False) -> Flow:
    """The choice that misses the fewest meetings and then has the highest sum of gains (rounded up to integers).

    Args:
        problem: edges and loads.
        gains: (E,) what an edge is worth.
        spread: of choices that miss as few, prefer those that leave fewest parties with a minimum without any meeting.
    """
    scale = _scaled(problem, gains, spread=spread)
    if not problem.column_min.any():  # mostly nothing is missing anyway, and the flow is found sooner
        found = _priced_in(problem, gains, replace(scale, needed=0, first=0))
        if not any(missing.any() for missing in problem.missing(found.chosen)):
            return found
    return _priced_in(problem, gains, scale)


def _priced_in(problem: Problem, gains: Floats, scale: _Scale) -> Flow:
    costs = np.ceil(gains * scale.units).astype(np.int64)
    count = len(gains)
    active = np.ones(count, dtype=bool)
    if count > FEW_EDGES:
        active = promising(problem, gains, 6)
        if active.sum() > 0.7 * count:
            active[:] = True
    while True:
        edges = np.flatnonzero(active)
        chosen = np.zeros(count, dtype=bool)
        chosen[edges[_solve(problem, edges, costs, scale)]] = True
        row, column = _potentials(problem, edges, chosen, costs, scale)
        worth = costs - row[problem.heads] - column[problem.tails]
        better = np.flatnonzero((worth > 0) & ~active)
        if not len(better):
            break
        if len(better) > 4 * (problem.rows + problem.columns):
            value = worth[better].astype(np.float64)
            keep = best_of_each(value, problem.heads[better], problem.rows, 8)
            keep |= best_of_each(value, problem.tails[better], problem.columns, 2)
            better = better[keep]
        active[better] = True
    return Flow(chosen, column / scale.units, scale.needed / scale.units)


def _solve(problem: Problem, edges: Ints, costs: Ints, scale: _Scale) -> Bools:
    """Which of the edges the optimal flow takes; forced ones are taken beforehand."""
    forced = problem.forced[edges]
    held_row, held_column = problem.loads(problem.forced)
    heads, tails = problem.heads[edges], problem.tails[edges]
    free = np.flatnonzero(~forced)
    taken = forced.copy()
    if not len(free):
        return taken
    n, m = problem.rows, problem.columns
    source, sink = n + m, n + m + 1
    rows, columns = np.arange(n, dtype=np.int64), n + np.arange(m, dtype=np.int64)
    room_row = np.minimum(problem.row_max - held_row, np.bincount(heads[free], minlength=n))
    room_column = np.minimum(problem.column_max - held_column, np.bincount(tails[free], minlength=m))
    need_row = np.clip(problem.row_min - held_row, 0, room_row)
    need_column = np.clip(problem.column_min - held_column, 0, room_column)
    flow = SimpleMinCostFlow()
    arcs = flow.add_arcs_with_capacity_and_unit_cost(
        heads[free], n + tails[free], np.ones(len(free), dtype=np.int64), -costs[edges[free]]
    )
    first_row = np.where(held_row == 0, np.minimum(need_row, 1), 0)
    first_column = np.where(held_column == 0, np.minimum(need_column, 1), 0)
    for start, end, room, cost in (
        (np.full(n, source), rows, first_row, -scale.needed - scale.first),
        (np.full(n, source), rows, need_row - first_row, -scale.needed),
        (np.full(n, source), rows, room_row - need_row, 0),
        (columns, np.full(m, sink), first_column, -scale.needed - scale.first),
        (columns, np.full(m, sink), need_column - first_column, -scale.needed),
        (columns, np.full(m, sink), room_column - need_column, 0),
    ):
        some = np.flatnonzero(room > 0)
        flow.add_arcs_with_capacity_and_unit_cost(
            start[some], end[some], room[some], np.full(len(some), cost, dtype=np.int64)
        )
    # Whatever is not needed flows past, so that any number of meetings is a feasible flow.
    most = int(room_row.sum())
    flow.add_arc_with_capacity_and_unit_cost(source, sink, most, 0)
    flow.set_nodes_supplies(np.array([source, sink]), np.array([most, -most]))
    status = flow.solve()
    if status != flow.OPTIMAL:
        raise RuntimeError(f"min-cost flow ended with status {status}")
    taken[free] = flow.flows(arcs) > 0
    return taken


def _potentials(problem: Problem, edges: Ints, chosen: Bools, costs: Ints, scale: _Scale) -> tuple[Ints, Ints]:
    """Prices u, v in integers with cost ≤ u + v on edges not chosen, ≥ on chosen ones, and loads that fit them.

    Of all such prices those with the lowest v: what the columns cost must be paid by rows that are in the flow, and
    a column outside it costs nothing.
    """
    free = edges[~problem.forced[edges]]
    _held_row, held_column = problem.loads(problem.forced)
    got_row, got_column = problem.loads(chosen)
    most = scale.needed + scale.first + int(np.abs(costs).max(initial=0)) + 1
    # How high u may be where there is room for more, how high −v where something can be dropped or nothing is met.
    more_row = _worth_of(scale, problem.row_min, got_row + 1)
    top_row = np.where(got_row < problem.row_max, -more_row, most)
    top_column = _worth_of(scale, problem.column_min, got_column)
    top_column = np.where(got_column > held_column, top_column, np.where(problem.column_min > got_column, most, 0))
    heads, tails = problem.heads[free], problem.tails[free]
    by_tail = np.argsort(tails, kind="stable")
    row, column = highest_potentials(
        np.searchsorted(heads, np.arange(problem.rows + 1)),
        tails,
        costs[free],
        chosen[free],
        np.searchsorted(tails[by_tail], np.arange(problem.columns + 1)),
        by_tail,
        heads,
        top_row,
        top_column,
    )
    return row, -column


def _worth_of(scale: _Scale, least: Ints, count: Ints) -> Ints:
    """What the ``count``-th meeting of a party is worth because it is needed."""
    return np.where(count <= least, scale.needed, 0) + np.where((count == 1) & (least > 0), scale.first, 0)
