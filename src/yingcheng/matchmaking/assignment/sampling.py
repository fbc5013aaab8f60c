"""Prices and sets of problems too large for a master programme: steps along the subgradient, sets from prices nearby.

The relaxation's prices are near the best ones where parties are many; a series of shrinking steps (Held, Wolfe,
Crowder, Mathematical Programming 6, 1974) improves them, and what the rows would take at slightly different prices are
the sets that a choice is made of.
"""

from __future__ import annotations

import numpy as np

from yingcheng.matchmaking.assignment.decomposition import Oracle
from yingcheng.matchmaking.assignment.problem import Floors, Ints, Prices

__all__ = ["Sampler"]

STEPS = 40
FIRST_STEP = 0.02  # of the mean gain, for one meeting too many
DRAWS = 10
NOISE = 0.03  # of the mean gain


class Sampler:
    """The same as ``decomposition.Master`` without a programme; ``value`` is only hoped for until a choice is made."""

    def __init__(self, oracle: Oracle, start: Prices) -> None:
        self.oracle, self.centre = oracle, start
        self.members: list[Ints] = []
        self.owner: list[int] = []
        self.value, self.leaning = -np.inf, np.inf
        self._scale = max(1e-9, float(np.abs(oracle.part_gains).mean()) if len(oracle.part_gains) else 1.0)
        self.best, _more = oracle.widen(start)

    def lift(self, floors: Floors) -> None:
        """Ask for other floors; the prices stay."""
        self.oracle.floors = floors
        self.members, self.owner = [], []
        self.value, self.leaning = -np.inf, np.inf
        self.best, _more = self.oracle.widen(self.centre)

    def refine(self, goal: float, rounds: int, enough: float = -np.inf) -> None:
        """Improve the prices; the bound is that of all edges."""
        problem, part = self.oracle.problem, self.oracle.part
        prices, best = self.centre, self.oracle(self.centre)
        for step in range(min(STEPS, rounds)):
            if self.best < enough or not np.isfinite(best):
                break
            part = self.oracle.part
            load = np.bincount(part.tails[self.oracle.taken], minlength=problem.columns)
            wanted = np.where(
                prices.column > 0, problem.column_max, np.clip(load, problem.column_min, problem.column_max)
            )
            wanted = np.where(prices.column < 0, problem.column_min, wanted)
            length = FIRST_STEP * self._scale / (1.0 + step / 4.0)
            prices = Prices(prices.column + length * (load - wanted), prices.weight, prices.rules)
            bound = self.oracle(prices)
            if bound < best - goal * 1e-2 * abs(best):
                best, self.centre = bound, prices
        self.best, _more = self.oracle.widen(self.centre)
        if self.best >= enough:
            self.value, self.leaning = self.best, 0.0

    def nearest(self, _count: int) -> Ints:
        """Sets of the rows at the best prices and at ones nearby: their members are what a choice is made of."""
        random = np.random.default_rng(0)
        self.members, self.owner = [], []
        oracle = self.oracle
        for draw in range(DRAWS):
            noise = NOISE * self._scale * random.standard_normal(len(self.centre.column)) * (draw > 0)
            oracle(Prices(self.centre.column + noise, self.centre.weight, self.centre.rules))
            self.members.append(oracle.edges[oracle.taken])
            self.owner.append(-1)
        return np.arange(len(self.members))
