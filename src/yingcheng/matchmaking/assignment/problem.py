"""The problem and its answer as arrays: what the solvers work on and the verifier checks.

Rows are the needs (opportunities), columns the offers (enterprises), edges the pairs that may meet. Vetoed pairs are
no edges; must pairs are edges that are forced.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

__all__ = [
    "Bools",
    "Floats",
    "Floors",
    "Ints",
    "Level",
    "Prices",
    "Problem",
    "Rule",
    "Side",
    "Solution",
    "credits_of",
    "mirrored",
    "party_totals",
]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Side = Literal["needs", "offers", "both"]
"""Whose worst-off party counts."""

CONFLICT = -1.0  # in a matrix of scores


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """A linear limit over chosen edges: ``least`` ≤ Σ coefficients · chosen ≤ ``most``; hard.

    Quotas by attribute are rules: "at most 2 of one group" has ones on the group's edges and ``most`` 2; "at least
    30 % small" has .7 on the edges of small enterprises, −.3 on all others, and ``least`` 0.
    """

    coefficients: Floats  # (E,)
    least: float
    most: float


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """Scored edges, loads, forced edges and rules.

    Edges are sorted by (head, tail): this is the order in which ties are settled, so whoever numbers the parties by
    their sorted ids gets the same choice for the same input in any order.

    Attributes:
        heads: (E,) row of each edge.
        tails: (E,) column of each edge.
        scores: (E,) finite; what an edge adds to the totals of its parties, and to the total of the choice.
        row_min: (R,) least number of meetings; soft: as few as possible are missing.
        row_max: (R,) most meetings; hard.
        column_min: (C,) like ``row_min``.
        column_max: (C,) like ``row_max``.
        forced: (E,) edges that are chosen in any case; hard.
        rules: further hard limits.
    """

    heads: Ints
    tails: Ints
    scores: Floats
    row_min: Ints
    row_max: Ints
    column_min: Ints
    column_max: Ints
    forced: Bools
    rules: tuple[Rule, ...] = field(default=())

    @staticmethod
    def of(
        heads: object,
        tails: object,
        scores: object,
        *,
        row_min: object,
        row_max: object,
        column_min: object,
        column_max: object,
        forced: object = None,
        rules: tuple[Rule, ...] = (),
    ) -> Problem:
        """Sort and check arrays.

        Raises:
            ValueError: lengths differ, an edge is twice or names no party, a score is no number, a minimum is above
                its maximum, or the forced edges of a party are more than its maximum.
        """
        head, tail = np.asarray(heads, dtype=np.int64), np.asarray(tails, dtype=np.int64)
        score = np.asarray(scores, dtype=np.float64)
        kept = np.zeros(len(head), dtype=bool) if forced is None else np.asarray(forced, dtype=bool)
        rows = np.asarray(row_min, dtype=np.int64), np.asarray(row_max, dtype=np.int64)
        columns = np.asarray(column_min, dtype=np.int64), np.asarray(column_max, dtype=np.int64)
        if not len(head) == len(tail) == len(score) == len(kept):
            raise ValueError("heads, tails, scores and forced differ in length")
        if np.any((np.diff(head) < 0) | ((np.diff(head) == 0) & (np.diff(tail) <= 0))):
            order = np.lexsort((tail, head))
            head, tail, score, kept = head[order], tail[order], score[order], kept[order]
            rules = tuple(replace(rule, coefficients=rule.coefficients[order]) for rule in rules)
        if np.any((np.diff(head) == 0) & (np.diff(tail) == 0)):
            raise ValueError("an edge is given twice")
        if not np.all(np.isfinite(score)):
            raise ValueError("scores must be finite")
        for ends, (least, most), name in ((head, rows, "row"), (tail, columns, "column")):
            if len(least) != len(most) or np.any(least < 0) or np.any(least > most):
                raise ValueError(f"{name}: 0 ≤ minimum ≤ maximum does not hold")
            if len(ends) and (ends.min() < 0 or ends.max() >= len(least)):
                raise ValueError(f"an edge names a {name} that does not exist")
            if np.any(np.bincount(ends[kept], minlength=len(most)) > most):
                raise ValueError(f"{name}: more forced edges than its maximum")
        return Problem(head, tail, score, *rows, *columns, kept, rules)

    @staticmethod
    def from_matrix(
        score: object, *, row_min: object, row_max: object, column_min: object, column_max: object
    ) -> Problem:
        """From a (R, C) matrix of scores where −1 is a conflict."""
        table = np.asarray(score, dtype=np.float64)
        heads, tails = np.nonzero(table > CONFLICT)
        return Problem.of(
            heads,
            tails,
            table[heads, tails],
            row_min=row_min,
            row_max=row_max,
            column_min=column_min,
            column_max=column_max,
        )

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.row_max)

    @property
    def columns(self) -> int:
        """Number of columns."""
        return len(self.column_max)

    def loads(self, chosen: Bools) -> tuple[Ints, Ints]:
        """Meetings per row and per column."""
        return (
            np.bincount(self.heads[chosen], minlength=self.rows),
            np.bincount(self.tails[chosen], minlength=self.columns),
        )

    def degrees(self) -> tuple[Ints, Ints]:
        """Edges per row and per column."""
        return np.bincount(self.heads, minlength=self.rows), np.bincount(self.tails, minlength=self.columns)

    def missing(self, chosen: Bools) -> tuple[Ints, Ints]:
        """Meetings missing to the minimum, per row and per column."""
        row, column = self.loads(chosen)
        return np.maximum(0, self.row_min - row), np.maximum(0, self.column_min - column)

    def without(self, row_missing: Ints, column_missing: Ints) -> Problem:
        """The same problem with the minimums lowered by what is missing."""
        return replace(self, row_min=self.row_min - row_missing, column_min=self.column_min - column_missing)

    def part(self, edges: Ints) -> Problem:
        """The problem with some of its edges."""
        return replace(
            self,
            heads=self.heads[edges],
            tails=self.tails[edges],
            scores=self.scores[edges],
            forced=self.forced[edges],
            rules=tuple(replace(rule, coefficients=rule.coefficients[edges]) for rule in self.rules),
        )

    def rule_matrix(self) -> csr_matrix:
        """(Q, E) coefficients of the rules."""
        if not self.rules:
            return csr_matrix((0, len(self.scores)))
        return csr_matrix(np.stack([rule.coefficients for rule in self.rules]))


def mirrored(problem: Problem) -> tuple[Problem, Ints]:
    """Rows and columns exchanged, and for each edge of the mirror the edge it was."""
    order = np.lexsort((problem.heads, problem.tails))
    part = problem.part(order)
    return (
        replace(
            part,
            heads=part.tails,
            tails=part.heads,
            row_min=problem.column_min,
            row_max=problem.column_max,
            column_min=problem.row_min,
            column_max=problem.row_max,
        ),
        order,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Floors:
    """What each party's total of scores must reach; −inf where nothing is asked."""

    row: Floats  # (R,)
    column: Floats  # (C,)

    @staticmethod
    def none(problem: Problem) -> Floors:
        """Nothing is asked of anybody."""
        return Floors(np.full(problem.rows, -np.inf), np.full(problem.columns, -np.inf))


@dataclass(frozen=True, slots=True, eq=False)
class Prices:
    """Prices of what the rows share; whatever they are, they prove a bound (see ``certificate``).

    Attributes:
        column: (C,) what one more meeting of the column costs the others; negative where a minimum forces meetings.
        weight: (C,) ≥ 0, what one more unit of the column's credit towards its floor is worth.
        rules: (Q,) what one more unit of a rule's sum costs.
    """

    column: Floats
    weight: Floats
    rules: Floats

    @staticmethod
    def none(problem: Problem) -> Prices:
        """Everything is free."""
        return Prices(np.zeros(problem.columns), np.zeros(problem.columns), np.zeros(len(problem.rules)))


@dataclass(frozen=True, slots=True)
class Level:
    """One of the worst-off parties, raised after those before it (leximin).

    Attributes:
        side: of the party.
        party: its row or column.
        floor: its total of scores, the least among all not yet set aside.
        bound: no choice with at least the total ``keep``, in which those set aside keep their floors, raises the
            least of all others higher.
    """

    side: Literal["needs", "offers"]
    party: int
    floor: float
    bound: float


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """A choice with its proofs.

    Attributes:
        chosen: (E,) which edges meet.
        gains: (E,) what the total is a sum of: scores, times the weights of the parties where there are any.
        total: sum of the gains of the chosen edges.
        bound: no choice that leaves the same minimums unmet and reaches ``floors`` has a higher total.
        row_missing: (R,) meetings missing to the minimum.
        column_missing: (C,) likewise.
        side: whose floor was raised; None: nobody's.
        row_counts: (R,) whether the row counts for the floor.
        column_counts: (C,) likewise.
        keep: the total that raising the floor had to leave; −inf: none.
        floors: what ``bound`` supposes.
        levels: the worst-off parties in the order in which they were raised; empty where nobody counts.
        turned: whether the prices are those of the problem with rows and columns exchanged.
        prices: prove ``bound``.
        floor_prices: prove the first level's bound; None: it is what the worst-off party could reach alone.
        need_prices: prove that no choice misses fewer meetings; None: none is missing, or it is not proven.
    """

    chosen: Bools
    gains: Floats
    total: float
    bound: float
    row_missing: Ints
    column_missing: Ints
    side: Side | None
    row_counts: Bools
    column_counts: Bools
    keep: float
    floors: Floors
    levels: tuple[Level, ...]
    turned: bool
    prices: Prices
    floor_prices: Prices | None
    need_prices: Prices | None

    @property
    def floor(self) -> float:
        """The least total of scores among the parties that count; nan where none does."""
        return self.levels[0].floor if self.levels else math.nan

    @property
    def floor_bound(self) -> float:
        """No choice with at least the total ``keep`` has a higher floor; nan where nobody counts."""
        return self.levels[0].bound if self.levels else math.nan

    @property
    def gap(self) -> float:
        """Relative distance of the total to its bound, 0 when proven best."""
        return 0.0 if self.bound <= 0 else max(0.0, (self.bound - self.total) / self.bound)


def credits_of(problem: Problem, side: Literal["row", "column"], floor: Floats) -> Floats:
    """(E,) what each edge gives towards the floor of its row or column: its score, but no more than is ever needed.

    That is the floor and what the party's negative scores can take away. For whole meetings the sum of credits reaches
    the floor if and only if the sum of scores does; for fractions it says more (coefficient tightening; Savelsbergh,
    ORSA J. Computing 6, 1994).
    """
    ends = problem.heads if side == "row" else problem.tails
    lost = np.bincount(ends, weights=np.maximum(0.0, -problem.scores), minlength=len(floor))
    asked = np.isfinite(floor)
    most = np.where(asked, np.where(asked, floor, 0.0) + lost, np.inf)
    return np.asarray(np.minimum(problem.scores, most[ends]), dtype=np.float64)


def party_totals(problem: Problem, chosen: Bools) -> tuple[Floats, Floats]:
    """Sum of the chosen scores per row and per column."""
    score = problem.scores[chosen]
    return (
        np.bincount(problem.heads[chosen], weights=score, minlength=problem.rows).astype(np.float64),
        np.bincount(problem.tails[chosen], weights=score, minlength=problem.columns).astype(np.float64),
    )
