"""Check an answer without trusting how it was made: recounts, and bounds from its prices by weak duality.

Nothing here calls a solver or the compiled search. For any prices y of what the rows share (column loads, column
floors, rules), every choice x within the limits has

    Σ g·x ≤ Σ_rows max over the row's own sets of Σ (g − y)·x + Σ_limits the most that price · sum can be,

where a row's own sets keep its loads and its floor (Lagrange; Geoffrion, Mathematical Programming Study 2, 1974).
Rows without a floor are sorted sums; the others are searched by branch and bound. A floor cannot be higher than h if,
with h asked of all who count, that bound lies below the total that had to be left, or a row has no set at all.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from yingcheng.matchmaking.assignment.problem import (
    Bools,
    Floats,
    Floors,
    Prices,
    Problem,
    Solution,
    mirrored,
    party_totals,
)

__all__ = ["check", "missing_bound", "total_bound"]

TOLERANCE = 1e-6
"""Relative tolerance when stored figures are compared with recomputed ones; scores are floating-point numbers."""

REST = 1e-9
KEPT = 2e-3  # of the total that had to be left: what whole meetings may fall short of it
HALVINGS = 50
MOST_NODES = 50_000  # of one row; beyond, its relaxation is the bound


@dataclass(frozen=True, slots=True, eq=False)
class _Row:
    """One row's edges: what each is worth, what it gives to the floor, whether it is forced; how many, how much."""

    worth: Floats
    credit: Floats
    forced: Bools
    least: int
    most: int
    floor: float

    def picked(self, values: Floats) -> Bools | None:
        """The forced, the largest up to the minimum, the positive up to the maximum; None where that cannot be."""
        count = int(self.forced.sum())
        if count > self.most or len(values) < self.least:
            return None
        taken = self.forced.copy()
        others = np.flatnonzero(~self.forced)
        order = others[np.argsort(-values[others], kind="stable")][: self.most - count]
        places = np.arange(len(order))
        taken[order[(places < self.least - count) | (values[order] > 0)]] = True
        return taken

    def bound(self) -> float:
        """The most that a set of this row can be worth; −inf where there is none."""
        taken = self.picked(self.worth)
        if taken is None:
            return -math.inf
        if self.floor == -math.inf or self.credit[taken].sum() >= self.floor - REST:
            return float(self.worth[taken].sum())
        most = self.picked(self.credit)
        if most is None or self.credit[most].sum() < self.floor - REST:
            return -math.inf
        return self._searched(float(self.worth[most].sum()))

    def _relaxed(self, multiplier: float) -> tuple[float, Bools]:
        mixed = self.worth + multiplier * self.credit
        taken = self.picked(mixed)
        if taken is None:
            raise RuntimeError("a row without any set is not searched")
        return float(mixed[taken].sum()) - multiplier * self.floor, taken

    def _searched(self, known: float) -> float:
        """Branch and bound on the Lagrangian of the floor; ``known`` is the worth of some set."""
        low, high = 0.0, 1.0
        while self.credit[self._relaxed(high)[1]].sum() < self.floor - REST and high < 1e12:
            low, high = high, 2 * high
        best, factor = math.inf, high
        for _halving in range(HALVINGS):
            middle = (low + high) / 2
            value, taken = self._relaxed(middle)
            if value < best:
                best, factor = value, middle
            if self.credit[taken].sum() >= self.floor - REST:
                high, known = middle, max(known, float(self.worth[taken].sum()))
            else:
                low = middle
        mixed = self.worth + factor * self.credit
        free = np.flatnonzero(~self.forced)
        order = free[np.argsort(-mixed[free], kind="stable")]
        q, p, s = mixed[order].tolist(), self.worth[order].tolist(), self.credit[order].tolist()
        held = int(self.forced.sum())
        start = (float(self.worth[self.forced].sum()), float(self.credit[self.forced].sum()))
        offset = float(mixed[self.forced].sum()) - factor * self.floor
        nodes = 0
        stack = [(math.inf, 0, held, *start, offset)]
        while stack:
            above, at, count, worth, credit, sum_ = stack.pop()
            if above <= known + REST:
                continue
            if count >= self.least and credit >= self.floor - REST:
                known = max(known, worth)
            need, room = self.least - count, self.most - count
            following = []
            for place in range(at, len(q) if room > 0 else at):
                # The best that can come of taking ``place`` next: those after it are the largest left.
                upper = sum_ + sum(v for k, v in enumerate(q[place : place + room]) if k < max(need, 1) or v > 0)
                if upper <= known + REST or len(q) - place < need:
                    break
                following.append((upper, place + 1, count + 1, worth + p[place], credit + s[place], sum_ + q[place]))
            nodes += len(following)
            if nodes > MOST_NODES:
                return best
            stack += reversed(following)  # the most promising is looked into first
        return known


def total_bound(problem: Problem, gains: Floats, floors: Floors, prices: Prices) -> float:
    """No choice within all limits and floors, minimums hard, has a higher sum of gains."""
    if prices.column.shape != problem.column_max.shape or len(prices.rules) != len(problem.rules):
        return math.inf  # prices of another problem prove nothing
    if np.any(prices.weight < 0) or np.any(prices.weight[np.isinf(floors.column)] != 0):
        return math.inf
    paid = [
        np.maximum(prices.column * problem.column_min, prices.column * problem.column_max).sum(),
        -sum(w * f for w, f in zip(prices.weight.tolist(), floors.column.tolist(), strict=True) if w),
    ]
    worth = gains - prices.column[problem.tails]
    # An edge gives towards a floor at most what is ever needed: the floor, and what negative scores take away.
    lost = np.zeros(problem.columns)
    np.add.at(lost, problem.tails, np.maximum(0.0, -problem.scores))
    weight = prices.weight[problem.tails]
    cap = np.where(weight > 0, floors.column[problem.tails] + lost[problem.tails], 0.0)
    worth = worth + weight * np.minimum(problem.scores, cap)
    for rule, price in zip(problem.rules, prices.rules.tolist(), strict=True):
        if price:
            worth = worth - price * rule.coefficients
            paid.append(price * (rule.most if price > 0 else rule.least))
    cuts = np.searchsorted(problem.heads, np.arange(problem.rows + 1))
    for row, (a, b) in enumerate(zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True)):
        part = _Row(
            worth[a:b], problem.scores[a:b], problem.forced[a:b],
            int(problem.row_min[row]), int(problem.row_max[row]), float(floors.row[row]),
        )  # fmt: skip
        paid.append(part.bound())
    return math.fsum(float(part) for part in paid) if all(part > -math.inf for part in paid) else -math.inf


def missing_bound(problem: Problem, prices: Prices) -> float:
    """Every choice within the maximums and rules misses at least so many meetings to the minimums.

    With a price of 1 for each missing meeting, what remains of a row is a sorted sum in which the meetings up to the
    minimum are worth one more; a column gains its price or what it misses less.
    """
    worth = -prices.column[problem.tails]
    spent = 0.0
    for rule, price in zip(problem.rules, prices.rules.tolist(), strict=True):
        if price:
            worth = worth - price * rule.coefficients
            spent += price * (rule.most if price > 0 else rule.least)
    parts = [spent]
    cuts = np.searchsorted(problem.heads, np.arange(problem.rows + 1))
    for row, (a, b) in enumerate(zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True)):
        forced, least = problem.forced[a:b], int(problem.row_min[row])
        held = int(forced.sum())
        free = -np.sort(-worth[a:b][~forced])[: int(problem.row_max[row]) - held]
        bonus = (np.arange(len(free)) < least - held).astype(np.float64)
        parts.append(float(worth[a:b][forced].sum() + np.maximum(0.0, free + bonus).sum()) - max(0, least - held))
    held_column = np.bincount(problem.tails[problem.forced], minlength=problem.columns)
    ends = np.stack([held_column, np.clip(problem.column_min, held_column, problem.column_max), problem.column_max])
    short = np.maximum(0, problem.column_min - ends)
    parts.append(float((prices.column * ends - short).max(axis=0).sum()))
    return -math.fsum(parts)


def _close(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=TOLERANCE, abs_tol=TOLERANCE) or (math.isnan(one) and math.isnan(other))


def check(problem: Problem, solution: Solution) -> tuple[str, ...]:
    """What is wrong with a solution; empty when everything holds.

    Recounted: limits, forced edges, rules, unmet minimums, floors and totals. Proven from the stored prices: that no
    choice misses fewer meetings, the bound of the total, the bound of the floor.
    """
    if solution.chosen.shape != problem.scores.shape or solution.gains.shape != problem.scores.shape:
        return ("the choice has another number of edges",)
    if not _is_sound(solution):
        return ("a figure or price is no number",)
    faults = [*_choice_faults(problem, solution), *_floor_faults(problem, solution)]
    if faults:
        return tuple(faults)
    return (*_need_faults(problem, solution), *_bound_faults(problem, solution))


def _is_sound(solution: Solution) -> bool:
    """Whether all figures and prices are numbers, finite where they must be: nothing is compared with what is none."""
    prices = [prices for prices in (solution.prices, solution.floor_prices, solution.need_prices) if prices is not None]
    parts = [part for one in prices for part in (one.column, one.weight, one.rules)]
    levels = [figure for level in solution.levels for figure in (level.floor, level.bound)]
    return (
        all(np.all(np.isfinite(part)) for part in (*parts, solution.gains, np.array(levels)))
        and math.isfinite(solution.total)
        and math.isfinite(solution.bound)
        and not math.isnan(solution.keep)
        and not any(
            np.any(np.isnan(floor) | (floor == np.inf)) for floor in (solution.floors.row, solution.floors.column)
        )
    )


def _choice_faults(problem: Problem, solution: Solution) -> list[str]:
    chosen = solution.chosen
    faults = []
    for name, load, most in zip(
        ("row", "column"), problem.loads(chosen), (problem.row_max, problem.column_max), strict=True
    ):
        faults += [f"{name} {i} has {load[i]} meetings, at most {most[i]}" for i in np.flatnonzero(load > most)]
    if np.any(problem.forced & ~chosen):
        faults.append("a forced edge is not chosen")
    for place, rule in enumerate(problem.rules):
        value = float(rule.coefficients[chosen].sum())
        if not rule.least - TOLERANCE <= value <= rule.most + TOLERANCE:
            faults.append(f"rule {place}: {value} is not within {rule.least} … {rule.most}")
    named = (solution.row_missing, solution.column_missing)
    if not all(np.array_equal(a, b) for a, b in zip(problem.missing(chosen), named, strict=True)):
        faults.append("unmet minimums are not those that are named")
    total = math.fsum(solution.gains[chosen].tolist())
    if not math.isclose(total, solution.total, rel_tol=1e-9, abs_tol=1e-9):
        faults.append(f"the total is {total}, said to be {solution.total}")
    return faults


def _floor_faults(problem: Problem, solution: Solution) -> list[str]:
    faults = []
    if bool(solution.levels) != bool(solution.row_counts.any() or solution.column_counts.any()) or (
        solution.side is None and solution.levels
    ):
        faults.append("who counts for the floor, and whose floor was raised, do not agree")
    if solution.levels and solution.keep > solution.total + TOLERANCE * max(1.0, abs(solution.total)) + KEPT * abs(
        solution.keep
    ):
        faults.append(f"the total {solution.total} is below {solution.keep}, which had to be left")
    least = math.inf
    for name, totals, counts, floor in zip(
        ("row", "column"),
        party_totals(problem, solution.chosen),
        (solution.row_counts, solution.column_counts),
        (solution.floors.row, solution.floors.column),
        strict=True,
    ):
        faults += [f"{name} {i} is below its floor" for i in np.flatnonzero(totals < floor - TOLERANCE)]
        if np.any(np.isfinite(floor) & ~counts):
            faults.append(f"a {name} that does not count has a floor")
        least = min(least, float(totals[counts].min(initial=math.inf)))
    reached = least if math.isfinite(least) else math.nan
    if not _close(reached, solution.floor):
        faults.append(f"the floor is {reached}, said to be {solution.floor}")
    return faults


def _need_faults(problem: Problem, solution: Solution) -> list[str]:
    missing = int(solution.row_missing.sum() + solution.column_missing.sum())
    if not missing:
        return []
    if solution.turned:
        problem = mirrored(problem)[0]
    if solution.need_prices is None and problem.rules:
        return []  # nothing is claimed where rules make it a question of whole numbers
    if solution.need_prices is None or math.ceil(missing_bound(problem, solution.need_prices) - TOLERANCE) < missing:
        return [f"not proven that fewer than {missing} missing meetings are impossible"]
    return []


def _bound_faults(problem: Problem, solution: Solution) -> list[str]:
    lowered = problem.without(solution.row_missing, solution.column_missing)
    gains, floors = solution.gains, solution.floors
    counts = solution.row_counts, solution.column_counts
    if solution.turned:
        lowered, order = mirrored(lowered)
        gains, floors, counts = gains[order], Floors(floors.column, floors.row), counts[::-1]
    faults = []
    proven = total_bound(lowered, gains, floors, solution.prices)
    if solution.bound < proven - TOLERANCE * max(1.0, abs(proven)):
        faults.append(f"the prices prove a bound of {proven}, not {solution.bound}")
    if solution.total > solution.bound + TOLERANCE * max(1.0, abs(solution.bound)):
        faults.append(f"the total {solution.total} is above its bound {solution.bound}")
    if solution.levels and solution.floor_bound < solution.floor - TOLERANCE:
        faults.append(f"the floor {solution.floor} is above its bound {solution.floor_bound}")
    if solution.levels and not _floor_is_proven(lowered, gains, counts, solution):
        faults.append(f"not proven that no floor is above {solution.floor_bound}")
    return faults


def _floor_is_proven(problem: Problem, gains: Floats, counts: tuple[Bools, Bools], solution: Solution) -> bool:
    """Whether asking for a little more than the bound of all who count leaves too little, or nothing."""
    height = solution.floor_bound + TOLERANCE * max(1.0, abs(solution.floor_bound))
    asked = Floors(np.where(counts[0], height, -math.inf), np.where(counts[1], height, -math.inf))
    alone = Floors.none(problem)
    prices = solution.floor_prices
    if prices is None:
        prices, other = Prices.none(problem), mirrored(problem)[0]
        if total_bound(other, np.zeros(len(gains)), Floors(asked.column, alone.row), Prices.none(other)) == -math.inf:
            return True
        asked = replace(asked, column=alone.column)
    lowest = float((problem.row_max * min(0.0, float(gains.min(initial=0.0)))).sum())
    return total_bound(problem, gains, asked, prices) < max(solution.keep, lowest) + TOLERANCE
