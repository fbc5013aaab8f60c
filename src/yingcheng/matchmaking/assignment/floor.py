"""How high the worst-off party can be raised, and whom that leaves aside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from yingcheng.matchmaking.assignment.decomposition import LEANING, REST, Master, Oracle, promising_edges, start_prices
from yingcheng.matchmaking.assignment.kernels import best_sets
from yingcheng.matchmaking.assignment.problem import Bools, Floats, Floors, Level, Prices, Problem, party_totals
from yingcheng.matchmaking.assignment.rounding import round_mix

__all__ = ["Ask", "Raised", "alone", "make_master", "raise_floor", "reach", "worst_off"]

GOAL = 3e-4  # relative distance of a bound to the best mix of sets
NEAR = 1e-2  # of the highest floor: the search stops when it is known as well
FEW_PARTIES, MANY_TRIES, FEW_TRIES = 1000, 9, 4
ROUNDS = 60
MOST_PARTIES = 6000  # beyond, the master programme takes many minutes: nobody is raised, the bound is still told
STEP_DOWN = 0.01  # of the height gained, doubled each time, where whole meetings do not reach what mixed ones do
LOWERINGS = 8
CLIMBING_PARTIES, MOST_CLIMBS = 150, 40  # up to so many parties the floor is raised until it is proven


@dataclass(frozen=True, slots=True, eq=False)
class Ask:
    """What is asked of whom.

    Attributes:
        problem: minimums hard; its rows' sets are formed whole.
        gains: (E,) what the total is a sum of.
        row_counts: (R,) who counts for the floor.
        column_counts: (C,) likewise.
        keep: no floor may cost so much that the total falls below.
    """

    problem: Problem
    gains: Floats
    row_counts: Bools
    column_counts: Bools
    keep: float

    def floors(self, height: float, held: Floors) -> Floors:
        """``height`` for all who count, but for those who are held lower."""
        return Floors(
            np.where(self.row_counts, np.minimum(height, held.row), -np.inf),
            np.where(self.column_counts, np.minimum(height, held.column), -np.inf),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Raised:
    """A choice above floors. ``bound`` and ``prices`` are of its total, ``top`` and ``top_prices`` of the floor."""

    chosen: Bools
    floors: Floors
    bound: float
    prices: Prices
    top: float
    top_prices: Prices | None  # None: nobody could be above ``top`` even alone


def alone(problem: Problem) -> Floats:
    """(R,) the highest total of each row if it were alone; −inf where its minimum cannot be met at all."""
    bounds = np.zeros(problem.rows)
    starts = np.searchsorted(problem.heads, np.arange(problem.rows + 1))
    taken = np.zeros(len(problem.scores), dtype=bool)
    best_sets(
        starts, problem.scores, problem.scores, problem.forced, problem.row_min, problem.row_max,
        np.full(problem.rows, -np.inf), taken, bounds, np.zeros(problem.rows, dtype=bool),
    )  # fmt: skip
    return bounds


def make_master(ask: Ask, floors: Floors, start: Prices, chosen: Bools) -> Master:
    """A master for these floors; its prices start from the plain relaxation's, or from ``start`` if it has none."""
    active = promising_edges(ask.problem, ask.gains, start, chosen)
    prices = start_prices(ask.problem, ask.gains, floors, active) or start
    return Master(Oracle(ask.problem, ask.gains, floors, active), prices)


def reach(master: Master, floors: Floors) -> Bools | None:
    """A choice of high total above the floors, None where none was found; the master's prices prove its bound."""
    master.lift(floors)
    master.refine(GOAL, ROUNDS)
    if master.best == -np.inf:
        return None
    return round_mix(master)


def worst_off(
    problem: Problem, chosen: Bools, row_left: Bools, column_left: Bools, most: tuple[Floats, Floats], top: float
) -> Level:
    """Who has the least among those left; of equal ones who could not have more even alone, then who comes first."""
    row, column = party_totals(problem, chosen)
    parties = [
        (float(totals[party]), bool(reachable[party] > totals[party] + REST), side, int(party))
        for side, totals, left, reachable in (
            ("needs", row, row_left, most[0]),
            ("offers", column, column_left, most[1]),
        )
        for party in np.flatnonzero(left)
    ]
    floor = min(parties)[0]
    _total, _free, side, party = min((p for p in parties if p[0] <= floor + REST), key=lambda p: (p[1], p[2], p[3]))
    return Level("needs" if side == "needs" else "offers", party, floor, max(floor, top))


def least(ask: Ask, chosen: Bools, held: Floors) -> float:
    """The lowest total among those who count and are not set aside."""
    row, column = party_totals(ask.problem, chosen)
    return float(
        min(
            row[ask.row_counts & np.isinf(held.row)].min(initial=np.inf),
            column[ask.column_counts & np.isinf(held.column)].min(initial=np.inf),
        )
    )


def raise_floor(
    ask: Ask, start: Raised, ceiling: float, held: Floors, told: Callable[[float], None] = lambda _share: None
) -> Raised:
    """Raise those who count as high as possible, then find the highest total above that floor.

    Bisection along chords: with the sets found so far in the master, one more height costs little, and is decided as
    soon as its bound falls below ``keep`` (too high) or a mix of sets reaches it (not too high).

    Args:
        ask: who counts, and what raising may cost.
        start: a choice to start from; it is given back where nobody can be raised.
        ceiling: no floor can be higher.
        held: floors of parties that are left aside; inf for all others.
        told: how much of the search is done, 0 … 1.
    """
    first = least(ask, start.chosen, held)
    if first >= ceiling or ask.problem.rows + ask.problem.columns > MOST_PARTIES:
        return replace(start, top=max(first, ceiling), top_prices=None)
    low, low_total = first, float(ask.gains[start.chosen].sum())
    high, high_total = ceiling, -np.inf
    top, top_prices = ceiling, None
    keep = max(ask.keep, _lowest(ask))
    tries = MANY_TRIES if ask.problem.rows + ask.problem.columns <= FEW_PARTIES else FEW_TRIES
    height, streak = ceiling, 0
    master = make_master(ask, ask.floors(height, held), start.prices, start.chosen)
    for attempt in range(tries):
        told(attempt / tries)
        if attempt:
            master.lift(ask.floors(height, held))
        master.refine(GOAL, ROUNDS, enough=keep)
        if master.leaning <= LEANING and master.value >= keep:
            low, low_total, streak = height, min(master.value, master.best), max(1, streak + 1)
        else:
            high, high_total, streak = height, master.best, min(-1, streak - 1)
            if master.best < keep:
                top, top_prices = height, master.centre
        if high - low <= NEAR * abs(high):
            break
        # The middle where the chord has failed to come near from one side twice.
        chord = np.isfinite(ask.keep) and np.isfinite(high_total) and abs(streak) < 2
        share = float(np.clip((low_total - keep) / (low_total - high_total), 0.1, 0.9)) if chord else 0.5
        height = low + share * (high - low)
    if top > high:  # what was too high by less than is known: a little above it can be shown
        height = min(ceiling, high * (1.0 + NEAR))
        master.lift(ask.floors(height, held))
        master.refine(GOAL, ROUNDS, enough=keep)
        if master.best < keep:
            top, top_prices = height, master.centre
    raised = _settle(ask, master, replace(start, top=top, top_prices=top_prices), held, first, low)
    if ask.problem.rows + ask.problem.columns <= CLIMBING_PARTIES:
        raised = _climb(ask, master, raised, held, keep)
    told(1.0)
    return raised


def _settle(ask: Ask, master: Master, raised: Raised, held: Floors, first: float, low: float) -> Raised:
    """A choice in whole meetings at the height that mixed ones reach, or a little lower; else what there was."""
    height = low
    for lowering in range(LOWERINGS):
        if height <= first:
            break
        floors = ask.floors(height, held)
        found = reach(master, floors)
        if found is not None:
            return Raised(found, floors, master.best, master.centre, raised.top, raised.top_prices)
        height = low - (low - first) * 2.0**lowering * STEP_DOWN
    return raised


def _climb(ask: Ask, master: Master, raised: Raised, held: Floors, keep: float) -> Raised:
    """Ask for a little more than was reached, again and again, until it is shown that there is no more."""
    for _step in range(MOST_CLIMBS):
        height = least(ask, raised.chosen, held) * (1.0 + 4 * REST) + 4 * REST
        if height >= raised.top:
            break
        floors = ask.floors(height, held)
        found = reach(master, floors)
        if master.best < keep:
            return replace(raised, top=height, top_prices=master.centre)
        if found is None or float(ask.gains[found].sum()) < keep:
            break
        raised = Raised(found, floors, master.best, master.centre, raised.top, raised.top_prices)
    return raised


def _lowest(ask: Ask) -> float:
    """A total that no choice is below."""
    return float((ask.problem.row_max * min(0.0, float(ask.gains.min(initial=0.0)))).sum())
