"""The order of goals: fewest unmet minimums, then the highest floor, then the highest total, each with its proof."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from yingcheng.matchmaking.assignment.decomposition import Oracle
from yingcheng.matchmaking.assignment.floor import Ask, Raised, alone, make_master, raise_floor, reach, worst_off
from yingcheng.matchmaking.assignment.needs import Needs, fewest_missing
from yingcheng.matchmaking.assignment.problem import (
    Bools,
    Floats,
    Floors,
    Ints,
    Level,
    Problem,
    Side,
    Solution,
    mirrored,
)

__all__ = ["HIGHEST_TOTAL", "Goal", "solve", "turned_back"]

TIE = 1e-8  # of the mean gain: what settles between equal choices
MIRROR: dict[Side | None, Side | None] = {"needs": "offers", "offers": "needs", "both": "both", None: None}


@dataclass(frozen=True, slots=True)
class Goal:
    """What is wanted beyond the fewest unmet minimums.

    Attributes:
        side: whose worst-off party is raised before the total counts; None: nobody's.
        price: share of the highest total that raising the floor may cost; 1: whatever it costs.
        depth: how many of the worst-off parties are raised one after the other (leximin); 1: only the worst-off.
        lottery: seed that draws among equal choices; None: the parties that come first are preferred.
    """

    side: Side | None = None
    price: float = 1.0
    depth: int = 1
    lottery: int | None = None

    def __post_init__(self) -> None:
        """Refuse what means nothing.

        Raises:
            ValueError: an unknown side, a price outside 0 … 1, or a depth below 1.
        """
        if self.side not in (None, "needs", "offers", "both"):
            raise ValueError(f"side: {self.side!r} is none of needs, offers, both")
        if not 0.0 <= self.price <= 1.0 or self.depth < 1:
            raise ValueError("price must be within 0 … 1, depth at least 1")


HIGHEST_TOTAL = Goal()


def solve(
    problem: Problem,
    goal: Goal = HIGHEST_TOTAL,
    *,
    gains: Floats | None = None,
    told: Callable[[float], None] = lambda _share: None,
) -> Solution:
    """The best choice found, with its proofs.

    Args:
        problem: edges, loads, forced edges, rules.
        goal: what is wanted.
        gains: (E,) what the total is a sum of; the scores where not given.
        told: how much is done, 0 … 1.

    Raises:
        ValueError: no choice keeps the rules and the forced edges.
    """
    gains = problem.scores if gains is None else gains
    if goal.side == "offers":  # sets are formed whole by rows: those whose floor is raised
        other, order = mirrored(problem)
        return turned_back(_solve(other, replace(goal, side="needs"), gains[order], _ties(goal, order), told), order)
    return _solve(problem, goal, gains, _ties(goal, np.arange(len(gains))), told)


def _ties(goal: Goal, order: Ints) -> Floats:
    """(E,) 0 … 1, by which equal choices are told apart; ``order`` are the original places of the edges."""
    size = len(order)
    place = np.arange(size) if goal.lottery is None else np.random.default_rng(goal.lottery).permutation(size)
    return np.asarray(1.0 - place[order] / max(1, size), dtype=np.float64)


def turned_back(solution: Solution, order: Ints) -> Solution:
    """The solution of a mirrored problem as one of the problem itself; its prices stay those of the mirror."""
    chosen, gains = np.zeros(len(order), dtype=bool), np.zeros(len(order))
    chosen[order], gains[order] = solution.chosen, solution.gains
    return replace(
        solution,
        chosen=chosen,
        gains=gains,
        row_missing=solution.column_missing,
        column_missing=solution.row_missing,
        side=MIRROR[solution.side],
        row_counts=solution.column_counts,
        column_counts=solution.row_counts,
        floors=Floors(solution.floors.column, solution.floors.row),
        levels=tuple(replace(level, side="offers" if level.side == "needs" else "needs") for level in solution.levels),
        turned=not solution.turned,
    )


def _solve(problem: Problem, goal: Goal, gains: Floats, ties: Floats, told: Callable[[float], None]) -> Solution:
    settled = gains + TIE * float(np.abs(gains).mean() if len(gains) else 0.0) * ties
    need = fewest_missing(problem, settled, spread=goal.side is not None)
    if need is None:
        raise ValueError("no choice keeps the rules and the forced edges")
    missing = problem.missing(need.chosen)
    nobody = np.zeros(problem.rows, dtype=bool), np.zeros(problem.columns, dtype=bool)
    ask = Ask(problem.without(*missing), settled, *nobody, -np.inf)
    start = raised = _highest_total(ask, need)
    levels: list[Level] = []
    if goal.side is not None:
        total = float(settled[start.chosen].sum())
        keep = total - goal.price * abs(total) if goal.price < 1.0 else -np.inf
        row_counts, column_counts = _counted(problem, goal.side, start.chosen)
        ask = replace(ask, keep=keep, row_counts=row_counts, column_counts=column_counts)
        raised, levels = _raise(ask, start, goal.depth, told)
    total = math.fsum(gains[raised.chosen].tolist())
    return Solution(
        raised.chosen,
        gains,
        total,
        max(raised.bound, total),
        *missing,
        goal.side,
        ask.row_counts,
        ask.column_counts,
        ask.keep,
        raised.floors,
        tuple(levels),
        False,
        raised.prices,
        raised.top_prices,
        need.proof,
    )


def _highest_total(ask: Ask, need: Needs) -> Raised:
    """The highest total within all limits, nobody's floor raised."""
    floors = Floors.none(ask.problem)
    if not ask.problem.rules or not len(ask.gains):
        every = np.ones(len(ask.gains), dtype=bool)
        bound = Oracle(ask.problem, ask.gains, floors, every)(need.start)
        return Raised(need.chosen, floors, bound, need.start, np.nan, None)
    master = make_master(ask, floors, need.start, need.chosen)
    chosen = reach(master, floors)
    return Raised(need.chosen if chosen is None else chosen, floors, master.best, master.centre, np.nan, None)


def _counted(problem: Problem, side: Side, chosen: Bools) -> tuple[Bools, Bools]:
    """Who counts for the floor.

    All of the side who can reach more than 0 alone, except those whom the choice with the fewest unmet minimums and
    the highest total leaves without any meeting though they have a minimum: they are named as unmet instead, for
    with them the floor would be 0 and say nothing about the others.
    """
    positive = problem.scores > 0
    load = problem.loads(chosen)
    counted = []
    for ends, most, lowest, got, name in (
        (problem.heads, problem.row_max, problem.row_min, load[0], "needs"),
        (problem.tails, problem.column_max, problem.column_min, load[1], "offers"),
    ):
        able = (np.bincount(ends[positive], minlength=len(most)) > 0) & (most > 0)
        counted.append(able & ((got > 0) | (lowest == 0)) & (side in (name, "both")))
    return counted[0], counted[1]


def _raise(ask: Ask, start: Raised, depth: int, told: Callable[[float], None]) -> tuple[Raised, list[Level]]:
    """Raise the worst-off, set it aside at its floor, raise the next (leximin)."""
    problem = ask.problem
    held = Floors(np.full(problem.rows, np.inf), np.full(problem.columns, np.inf))
    most = alone(problem), alone(mirrored(problem)[0]) if ask.column_counts.any() else np.zeros(problem.columns)
    raised, levels = start, list[Level]()
    first: Raised | None = None
    for step in range(max(1, depth)):
        row_left, column_left = (ask.row_counts & np.isinf(held.row)), (ask.column_counts & np.isinf(held.column))
        if not row_left.any() and not column_left.any():
            break
        ceiling = float(min(most[0][row_left].min(initial=np.inf), most[1][column_left].min(initial=np.inf)))

        def told_of_step(share: float, step: int = step) -> None:
            told((step + share) / max(1, depth))

        raised = raise_floor(ask, raised, ceiling, held, told_of_step)
        level = worst_off(problem, raised.chosen, row_left, column_left, most, raised.top)
        levels.append(level)
        first = first or raised
        (held.row if level.side == "needs" else held.column)[level.party] = level.floor
    return (raised if first is None else replace(raised, top_prices=first.top_prices)), levels
