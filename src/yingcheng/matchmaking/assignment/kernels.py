"""The compiled loops of the assignment: the best edges of each party, and its best set of meetings above a floor.

They work on plain arrays, hold no Python object and release the interpreter's lock.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from yingcheng.similarity.kernels import compiled

__all__ = ["best_of_each", "best_set", "best_sets", "highest_potentials"]

SLACK = 1e-9  # of a sum compared with a floor
STEPS = 40  # halvings of the multiplier
MOST_NODES = 20_000  # of one party's search; beyond, its bound is the relaxation's


@compiled
def _pick(values: Any, forced: Any, low: int, most: int, taken: Any) -> float:
    """Take the forced, then the largest values up to ``low``, then the positive ones up to ``most``; their sum."""
    size = len(values)
    count, total = 0, 0.0
    for i in range(size):
        taken[i] = forced[i]
        if forced[i]:
            count += 1
            total += values[i]
    while count < most:
        best = -1
        for i in range(size):
            if not taken[i] and (best < 0 or values[i] > values[best]):
                best = i
        if best < 0 or (count >= low and values[best] <= 0.0):
            break
        taken[best] = True
        count += 1
        total += values[best]
    return total


@compiled
def _sum(values: Any, taken: Any) -> float:
    total = 0.0
    for i in range(len(values)):
        if taken[i]:
            total += values[i]
    return total


@compiled
def _search(  # noqa: C901, D417  # one loop, and compiled functions take no objects
    gain: Any,
    credit: Any,
    forced: Any,
    low: int,
    most: int,
    floor: float,
    factor: float,
    best: float,
    lowest: float,
    taken: Any,
) -> Any:
    """Depth-first search of the sets that could be better than ``best``, which ``taken`` is worth; value and bound.

    Args:
        factor: multiplier of the floor; with it no set is worth more than ``lowest``.
    """
    size = len(gain)
    # What the multiplier leaves open: in the order of the mixed values, with the sum of the next ones as bound.
    base_gain, base_credit, base_count = 0.0, 0.0, 0
    free = np.empty(size, dtype=np.int64)
    number = 0
    for i in range(size):
        if forced[i]:
            base_gain += gain[i]
            base_credit += credit[i]
            base_count += 1
        else:
            free[number] = i
            number += 1
    keys = np.empty(number)
    for k in range(number):
        keys[k] = -(gain[free[k]] + factor * credit[free[k]])
    order = np.argsort(keys, kind="mergesort")
    prefix = np.zeros(number + 1)
    positive = 0
    for k in range(number):
        prefix[k + 1] = prefix[k] - keys[order[k]]
        if keys[order[k]] < 0:
            positive = k + 1
    room, need = most - base_count, max(0, low - base_count)
    stack = np.zeros(room + 1, dtype=np.int64)  # position to try next at each depth
    held = np.zeros(room + 1, dtype=np.int64)
    gains, reached, mixes = np.zeros(room + 1), np.zeros(room + 1), np.zeros(room + 1)
    gains[0], reached[0], mixes[0] = base_gain, base_credit, base_gain + factor * base_credit - factor * floor
    if need == 0 and base_gain > best and base_credit >= floor - SLACK:
        best = base_gain
        taken[:] = forced
    depth, nodes = 0, 0
    while depth >= 0:
        at = stack[depth]
        # What is still missing is taken at least, what has a positive value as far as there is room.
        more = max(need - depth, min(room - depth, max(0, positive - at)))
        reach = at + max(1, more)
        if depth >= room or at >= number or at + max(0, need - depth) > number:
            depth -= 1
            continue
        bound = mixes[depth] + prefix[min(reach, number)] - prefix[at]
        if bound <= best + 1e-12:
            depth -= 1
            continue
        nodes += 1
        if nodes > MOST_NODES:
            return best, lowest
        stack[depth] = at + 1
        item = free[order[at]]
        held[depth] = item
        gains[depth + 1] = gains[depth] + gain[item]
        reached[depth + 1] = reached[depth] + credit[item]
        mixes[depth + 1] = mixes[depth] - keys[order[at]]
        depth += 1
        stack[depth] = at + 1
        if depth >= need and gains[depth] > best and reached[depth] >= floor - SLACK:
            best = gains[depth]
            for i in range(size):
                taken[i] = forced[i]
            for k in range(depth):
                taken[held[k]] = True
    return best, best


@compiled
def best_set(  # noqa: C901
    gain: Any, credit: Any, forced: Any, low: int, most: int, floor: float, taken: Any
) -> Any:
    """The set of highest gain with ``low`` … ``most`` members whose credits reach the floor.

    Lagrangian relaxation of the floor, then a depth-first search of what the relaxation leaves open.

    Returns:
        Whether the best set without a floor would not reach it, the gain of the set in ``taken`` (−inf: none exists)
        and an upper bound of any set's gain; the two are equal unless the search was cut off.
    """
    size = len(gain)
    count = 0
    for i in range(size):
        count += forced[i]
    if size < low or count > most:
        return False, -np.inf, -np.inf
    value = _pick(gain, forced, low, most, taken)
    if floor == -np.inf or _sum(credit, taken) >= floor - SLACK:
        return False, value, value
    lowest = value  # upper bound so far
    other = np.zeros(size, dtype=np.bool_)
    if _pick(credit, forced, low, most, other) < floor - SLACK:
        return True, -np.inf, -np.inf
    best = _sum(gain, other)
    taken[:] = other
    mixed = np.empty(size)
    under, above = 0.0, 1.0
    factor = 0.0
    for _step in range(60):  # a multiplier large enough that the floor is reached
        for i in range(size):
            mixed[i] = gain[i] + above * credit[i]
        bound = _pick(mixed, forced, low, most, other) - above * floor
        if bound < lowest:
            lowest, factor = bound, above
        if _sum(credit, other) >= floor - SLACK:
            break
        under, above = above, above * 2.0
    for _step in range(STEPS):
        middle = (under + above) / 2.0
        for i in range(size):
            mixed[i] = gain[i] + middle * credit[i]
        bound = _pick(mixed, forced, low, most, other) - middle * floor
        if bound < lowest:
            lowest, factor = bound, middle
        if _sum(credit, other) >= floor - SLACK:
            above = middle
            value = _sum(gain, other)
            if value > best:
                best = value
                taken[:] = other
        else:
            under = middle
        if lowest - best <= 1e-12:
            return True, best, max(best, lowest)
    return True, *_search(gain, credit, forced, low, most, floor, factor, best, lowest, taken)


@compiled
def best_sets(
    starts: Any,
    gain: Any,
    credit: Any,
    forced: Any,
    low: Any,
    most: Any,
    floor: Any,
    taken: Any,
    bounds: Any,
    short: Any,
) -> None:
    """``best_set`` of every row; ``starts`` are the rows' first edges.

    Fills ``taken`` (E,), ``bounds`` (R,; −inf for a row without any set) and ``short`` (R,; whether the row's best set
    without a floor would not reach it).
    """
    for row in range(len(starts) - 1):
        a, b = starts[row], starts[row + 1]
        short[row], _value, bound = best_set(
            gain[a:b], credit[a:b], forced[a:b], low[row], most[row], floor[row], taken[a:b]
        )
        bounds[row] = bound


@compiled
def best_of_each(values: Any, ends: Any, size: int, count: int) -> Any:
    """(E,) bool: the ``count`` edges of highest value of each of ``size`` ends; of equal ones those that come first."""
    heap = np.full((size, count), -np.inf)
    owner = np.full((size, count), -1)
    for edge in range(len(values)):
        end, value = ends[edge], values[edge]
        if owner[end, 0] >= 0 and value <= heap[end, 0]:
            continue
        # Replace the smallest (of equal ones the last edge) and sift it down.
        place = 0
        while True:
            child = 2 * place + 1
            if child >= count:
                break
            if child + 1 < count and (
                heap[end, child + 1] < heap[end, child]
                or (heap[end, child + 1] == heap[end, child] and owner[end, child + 1] > owner[end, child])
            ):
                child += 1
            if heap[end, child] > value or (heap[end, child] == value and owner[end, child] < edge):
                break
            heap[end, place], owner[end, place] = heap[end, child], owner[end, child]
            place = child
        heap[end, place], owner[end, place] = value, edge
    picked = np.zeros(len(values), dtype=np.bool_)
    for end in range(size):
        for place in range(count):
            if owner[end, place] >= 0:
                picked[owner[end, place]] = True
    return picked


@compiled
def highest_potentials(
    starts: Any,
    tails: Any,
    costs: Any,
    chosen: Any,
    column_starts: Any,
    by_tail: Any,
    heads: Any,
    row: Any,
    column: Any,
) -> Any:
    """The highest u ≤ ``row`` and w ≤ ``column`` with u ≤ w + cost on chosen edges and w ≤ u − cost on all others.

    Shortest paths from one hub by label correction with a queue (Bellman, Ford, Moore).

    Args:
        starts: (R + 1,) first edge of each row; edges are sorted by row.
        tails: (E,) column of each edge.
        costs: (E,) integers.
        chosen: (E,) bool.
        column_starts: (C + 1,) first place of each column in ``by_tail``.
        by_tail: (E,) edges sorted by column.
        heads: (E,) row of each edge.
        row: (R,) start of u.
        column: (C,) start of w.

    Returns:
        u and w.
    """
    rows, columns = len(starts) - 1, len(column_starts) - 1
    u, w = row.copy(), column.copy()
    size = rows + columns
    queue = np.empty(size, dtype=np.int64)
    waiting = np.ones(size, dtype=np.bool_)
    for node in range(size):
        queue[node] = node
    first, count = 0, size
    while count:
        node = queue[first]
        first = first + 1 if first + 1 < size else 0
        count -= 1
        waiting[node] = False
        if node < rows:
            for edge in range(starts[node], starts[node + 1]):
                if not chosen[edge] and u[node] - costs[edge] < w[tails[edge]]:
                    w[tails[edge]] = u[node] - costs[edge]
                    other = rows + tails[edge]
                    if not waiting[other]:
                        waiting[other] = True
                        last = first + count
                        queue[last if last < size else last - size] = other
                        count += 1
        else:
            for place in range(column_starts[node - rows], column_starts[node - rows + 1]):
                edge = by_tail[place]
                if chosen[edge] and w[node - rows] + costs[edge] < u[heads[edge]]:
                    other = heads[edge]
                    u[other] = w[node - rows] + costs[edge]
                    if not waiting[other]:
                        waiting[other] = True
                        last = first + count
                        queue[last if last < size else last - size] = other
                        count += 1
    return u, w
