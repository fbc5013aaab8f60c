"""The highest total above given floors: a bound from prices, and a choice from whole sets of meetings.

Dantzig–Wolfe decomposition (Operations Research 8, 1960) by rows: every row has sets of meetings that keep its own
loads and its own floor, and a master programme mixes them so that columns and rules keep theirs. A row's sets are
whole numbers and reach the floor exactly, which closes most of the gap that the plain relaxation leaves: there, half a
meeting may help to reach a floor. The master's prices are held in a box around the best ones (Marsten, Hogan,
Blankenship, Operations Research 23, 1975), without which they swing.
"""

from __future__ import annotations

import numpy as np
from ortools.linear_solver import pywraplp
from scipy.optimize import linprog
from scipy.sparse import csr_matrix, vstack

from yingcheng.matchmaking.assignment.kernels import best_of_each, best_sets
from yingcheng.matchmaking.assignment.problem import Bools, Floats, Floors, Ints, Prices, Problem, credits_of

__all__ = ["Master", "Oracle", "paid", "promising_edges", "start_prices", "worth"]

FEW_EDGES = 300_000  # up to here every edge is looked at in every round
STILL = 5  # rounds that change nothing, after which the master is left as it is
WIDENING = 4  # rounds after which edges outside are looked at
EXTRA = 6  # edges of a party beyond its most meetings
LEANING = 1e-9  # of the master on what its box offers
WIDTH = 0.1  # of the box at first, as a share of the mean gain
SHARES = (0.4, 1.0)  # of the way from the best prices to the master's, at which sets are asked for
REST = 1e-9  # of a sum compared with a floor


def worth(problem: Problem, gains: Floats, floors: Floors, prices: Prices) -> Floats:
    """(E,) what is left of each edge's gain when the shared prices are paid."""
    rest = gains - prices.column[problem.tails]
    if prices.weight.any():
        weight = prices.weight[problem.tails]
        raised = weight > 0
        rest[raised] += weight[raised] * credits_of(problem, "column", floors.column)[raised]
    for rule, price in zip(problem.rules, prices.rules.tolist(), strict=True):
        if price:
            rest -= price * rule.coefficients
    return rest


def paid(problem: Problem, floors: Floors, prices: Prices) -> float:
    """What the shared limits return for their prices at most."""
    total = float(np.maximum(prices.column * problem.column_max, prices.column * problem.column_min).sum())
    raised = prices.weight > 0
    total -= float((prices.weight[raised] * floors.column[raised]).sum())
    for rule, price in zip(problem.rules, prices.rules.tolist(), strict=True):
        if price:
            total += price * (rule.most if price > 0 else rule.least)
    return total


class Oracle:
    """The best sets of all rows at given prices, among the active edges or among all.

    Attributes:
        floors: what the sets reach.
        edges: active edges.
        taken: (active,) bool, members of the sets found last.
        bounds: (R,) upper bounds of their worth; −inf where a row has no set.
        short: (R,) whether the row would fall short of its floor if it were free to choose.
    """

    def __init__(self, problem: Problem, gains: Floats, floors: Floors, active: Bools) -> None:
        self.problem, self.gains, self.floors = problem, gains, floors
        self.bounds, self.short = np.zeros(problem.rows), np.zeros(problem.rows, dtype=bool)
        self._activate(active)

    def _activate(self, active: Bools) -> None:
        self.active = active
        self.edges = np.flatnonzero(active)
        whole = len(self.edges) == len(active)
        self.part = self.problem if whole else self.problem.part(self.edges)
        self.part_gains = self.gains if whole else self.gains[self.edges]
        self.starts = _starts(self.part)
        self.taken = np.zeros(len(self.edges), dtype=bool)

    def __call__(self, prices: Prices) -> float:
        """Upper bound of the total of any choice of active edges; the sets are in ``taken``."""
        rest = worth(self.part, self.part_gains, self.floors, prices)
        self._best(self.part, self.starts, rest, self.taken)
        return float(self.bounds.sum()) + paid(self.part, self.floors, prices)

    def widen(self, prices: Prices) -> tuple[float, bool]:
        """Upper bound of the total of any choice, and whether edges became active because they are worth it."""
        if len(self.edges) == len(self.active):
            return self(prices), False
        taken = np.zeros(len(self.gains), dtype=bool)
        self._best(self.problem, _starts(self.problem), worth(self.problem, self.gains, self.floors, prices), taken)
        bound = float(self.bounds.sum()) + paid(self.problem, self.floors, prices)
        new = taken & ~self.active
        if new.any():
            self._activate(self.active | new)
        return bound, bool(new.any())

    def _best(self, problem: Problem, starts: Ints, rest: Floats, taken: Bools) -> None:
        best_sets(
            starts, rest, problem.scores, problem.forced, problem.row_min, problem.row_max, self.floors.row, taken,
            self.bounds, self.short,
        )  # fmt: skip


def _starts(problem: Problem) -> Ints:
    return np.searchsorted(problem.heads, np.arange(problem.rows + 1))


def promising_edges(problem: Problem, gains: Floats, prices: Prices, chosen: Bools) -> Bools:
    """Edges to start from: all of few, else the best of every party at these prices and the rows' best without them."""
    if len(gains) <= FEW_EDGES:
        return np.ones(len(gains), dtype=bool)
    rest = worth(problem, gains, Floors.none(problem), prices)
    most = min(int(problem.row_max.max(initial=0)), 50)
    picked = chosen.copy()
    picked |= best_of_each(rest, problem.heads, problem.rows, most + EXTRA)
    picked |= best_of_each(problem.scores, problem.heads, problem.rows, most)
    # A column's best edges are those that rows would give up least for.
    margin = np.full(problem.rows, np.inf)
    kept = best_of_each(rest, problem.heads, problem.rows, max(1, most))
    np.minimum.at(margin, problem.heads[kept], rest[kept])
    wide = min(int(problem.column_max.max(initial=0)), 50)
    picked |= best_of_each(rest - margin[problem.heads], problem.tails, problem.columns, wide + EXTRA)
    return picked


def start_prices(problem: Problem, gains: Floats, floors: Floors, active: Bools) -> Prices | None:
    """Prices of the plain relaxation (HiGHS); None: it has no solution."""
    part = problem.part(np.flatnonzero(active))
    size, every = len(part.scores), np.arange(len(part.scores))
    ones = np.ones(size)
    degrees = part.degrees()
    matrices: list[csr_matrix] = []
    limits: list[Floats] = []
    owners: list[tuple[str, Ints]] = []

    def ask(matrix: csr_matrix, most: Floats | Ints, owner: str, which: Ints) -> None:
        matrices.append(matrix)
        limits.append(most.astype(np.float64))
        owners.append((owner, which))

    for side, ends, low, high, floor, count, degree in (
        ("row", part.heads, part.row_min, part.row_max, floors.row, part.rows, degrees[0]),
        ("column", part.tails, part.column_min, part.column_max, floors.column, part.columns, degrees[1]),
    ):
        loads = csr_matrix((ones, (ends, every)), shape=(count, size))
        upper, lower, raised = (np.flatnonzero(mask) for mask in (high < degree, low > 0, floor > -np.inf))
        ask(loads[upper], high[upper], f"{side} most", upper)
        ask(-loads[lower], -low[lower], f"{side} least", lower)
        credit = credits_of(part, "row" if side == "row" else "column", floor)
        ask(-csr_matrix((credit, (ends, every)), shape=(count, size))[raised], -floor[raised], f"{side} floor", raised)
    rules = part.rule_matrix()
    for name, values, sign in (
        ("rule most", [rule.most for rule in part.rules], 1.0),
        ("rule least", [-rule.least for rule in part.rules], -1.0),
    ):
        kept = np.flatnonzero(np.isfinite(values))
        ask(sign * rules[kept], np.array(values, dtype=np.float64)[kept], name, kept)
    solved = linprog(  # type: ignore[call-overload]  # the stubs know no sparse constraint matrices
        -gains[active],
        A_ub=vstack(matrices).tocsr(),
        b_ub=np.concatenate(limits),
        bounds=np.column_stack([part.forced.astype(np.float64), ones]),
        method="highs-ds",
    )
    if solved.x is None:
        return None
    prices, at = Prices.none(problem), 0
    for owner, which in owners:
        multiplier = np.maximum(0.0, -solved.ineqlin.marginals[at : at + len(which)])
        at += len(which)
        if owner == "column most":
            prices.column[which] += multiplier
        elif owner == "column least":
            prices.column[which] -= multiplier
        elif owner == "column floor":
            prices.weight[which] = multiplier
        elif owner == "rule most":
            prices.rules[which] += multiplier
        elif owner == "rule least":
            prices.rules[which] -= multiplier
    return prices


class Master:
    """The sets found so far, their best fractional mix, and the best prices.

    Attributes:
        oracle: gives the sets.
        centre: the prices of the lowest bound so far.
        best: that bound; it holds for choices of active edges.
        value: the total of the best fractional mix.
        leaning: how much of that mix is not meetings but what the price box offers; 0 when it is a mix of meetings.
        members: edges of each set.
        owner: row of each set.
    """

    def __init__(self, oracle: Oracle, start: Prices) -> None:
        problem = oracle.problem
        self.oracle, self.centre = oracle, start
        self.members: list[Ints] = []
        self.owner: list[int] = []
        self.value, self.leaning = -np.inf, np.inf
        self._seen: set[bytes] = set()
        self._totals: list[float] = []
        self._width = WIDTH * max(1e-9, float(np.abs(oracle.part_gains).mean()) if len(oracle.part_gains) else 1.0)
        self._first_width = self._width
        self._solver = pywraplp.Solver.CreateSolver("GLOP")
        self._objective = self._solver.Objective()
        self._objective.SetMaximization()
        infinity = self._solver.infinity()
        self._row = [self._solver.Constraint(1.0, 1.0) for _row in range(problem.rows)]
        self._load = [
            self._solver.Constraint(float(low), float(high))
            for low, high in zip(problem.column_min.tolist(), problem.column_max.tolist(), strict=True)
        ]
        self._raised = np.flatnonzero(oracle.floors.column > -np.inf)
        self._reach = {
            int(column): self._solver.Constraint(float(oracle.floors.column[column]), infinity)
            for column in self._raised
        }
        self._rule = [self._solver.Constraint(_finite(rule.least), _finite(rule.most)) for rule in problem.rules]
        self._shared = [*self._load, *self._reach.values(), *self._rule]
        self._box: list[tuple[pywraplp.Variable, pywraplp.Variable]] = []
        for constraint in self._shared:
            less, more = self._solver.NumVar(0.0, infinity, ""), self._solver.NumVar(0.0, infinity, "")
            constraint.SetCoefficient(less, -1.0)
            constraint.SetCoefficient(more, 1.0)
            self._box.append((less, more))
        self._sets: list[pywraplp.Variable] = []
        self._credits = credits_of(problem, "column", oracle.floors.column)
        self.best = oracle(start)
        self._collect()
        self._place_box()

    def lift(self, floors: Floors) -> None:
        """Ask for other floors of the same parties; sets that do not reach them rest, prices and sets stay."""
        self.oracle.floors = floors
        self._credits = credits_of(self.oracle.problem, "column", floors.column)
        for variable, owner, total in zip(self._sets, self.owner, self._totals, strict=True):
            variable.SetUb(1.0 if total >= floors.row[owner] - REST else 0.0)
        for column, constraint in self._reach.items():
            constraint.SetLb(float(floors.column[column]))
        self._width = self._first_width
        self.value, self.leaning = -np.inf, np.inf
        self.best = self.oracle(self.centre)
        self._collect()
        self._place_box()

    def refine(self, goal: float, rounds: int, enough: float = -np.inf) -> None:
        """Improve the bound until it is known within ``goal`` (relative), is below ``enough``, or rounds are over.

        Sets are asked for between the best prices and the master's first (Wentges, Int. Trans. in Operational
        Research 4, 1997), then at the master's own.
        """
        known, still = (np.inf, np.inf, np.inf), 0
        for number in range(1, rounds + 1):
            if self.best < enough or self.best == -np.inf:
                return
            done = self._round(goal, enough)
            state = (self.best, self.value, self.leaning)
            still = still + 1 if np.allclose(state, known, rtol=1e-6, atol=1e-9) else 0
            known = state
            if still >= STILL:
                return
            if done or number % WIDENING == 0:
                bound, more = self.oracle.widen(self.centre)
                self.best = max(self.best, bound)
                if done and (not more or self.best - self.value <= goal * abs(self.best)):
                    return
                if more:
                    self.best = self.oracle(self.centre)
                    self._collect()

    def _round(self, goal: float, enough: float) -> bool:
        """One solution of the master and the sets at its prices; whether nothing is left to do."""
        if not self._solved():
            return True
        self.value = self._objective.Value()
        self.leaning = float(sum(less.solution_value() + more.solution_value() for less, more in self._box))
        mixed = self.leaning <= LEANING
        if mixed and (self.best - self.value <= goal * abs(self.best) or self.value >= enough > -np.inf):
            return True
        flat = np.array([constraint.dual_value() for constraint in self._shared])
        centre = self._flat(self.centre)
        new, better = 0, False
        for share in SHARES:
            prices = self._prices(centre + share * (flat - centre))
            bound = self.oracle(prices)
            new += self._collect()
            if bound < self.best - REST * abs(self.best):
                self.best, self.centre, better = bound, prices, True
        if better or not new:
            if not better and mixed:
                return True
            if not mixed:
                self._width *= 1.5 if better else 4.0
            self._place_box()
        return False

    def _solved(self) -> bool:
        """Solve the master: by the dual simplex, which is faster here, else by the primal."""
        limit = 20 * (len(self._sets) + len(self._shared))
        for dual in ("true", "false"):
            self._solver.SetSolverSpecificParametersAsString(
                f"use_dual_simplex:{dual} max_number_of_iterations:{limit}"
            )
            if self._solver.Solve() == pywraplp.Solver.OPTIMAL:
                return True
        return False

    def nearest(self, count: int) -> Ints:
        """The sets of the mix and those that lose least at its prices, ``count`` in all or as many as the mix has."""
        if not self._solved():
            return np.array([k for k, variable in enumerate(self._sets) if variable.ub() > 0.5], dtype=np.int64)[:count]
        loss = np.array([-variable.reduced_cost() for variable in self._sets])
        loss[np.array([variable.solution_value() for variable in self._sets], dtype=np.float64) > LEANING] = -1.0
        loss[np.array([variable.ub() for variable in self._sets], dtype=np.float64) < 0.5] = np.inf
        order = np.argsort(loss, kind="stable")[: max(count, int((loss < 0).sum()))]
        return np.sort(order[np.isfinite(loss[order])])

    def _flat(self, prices: Prices) -> Floats:
        return np.concatenate([prices.column, -prices.weight[self._raised], prices.rules])

    def _prices(self, flat: Floats) -> Prices:
        columns, raised = self.oracle.problem.columns, len(self._raised)
        weight = np.zeros(columns)
        weight[self._raised] = np.maximum(0.0, -flat[columns : columns + raised])
        rules = flat[columns + raised :].copy()
        for place, rule in enumerate(self.oracle.problem.rules):  # a limit that is not there has no price
            if not np.isfinite(rule.least):
                rules[place] = max(0.0, rules[place])
            if not np.isfinite(rule.most):
                rules[place] = min(0.0, rules[place])
        return Prices(flat[:columns].copy(), weight, rules)

    def _place_box(self) -> None:
        for (less, more), price in zip(self._box, self._flat(self.centre).tolist(), strict=True):
            self._objective.SetCoefficient(less, -(price + self._width))
            self._objective.SetCoefficient(more, price - self._width)

    def _collect(self) -> int:
        """Take the oracle's sets into the master; how many were new."""
        oracle = self.oracle
        edges = oracle.edges[oracle.taken]
        cuts = np.searchsorted(oracle.problem.heads[edges], np.arange(oracle.problem.rows + 1)).tolist()
        able = np.flatnonzero(oracle.bounds > -np.inf).tolist()
        return sum(self._add_set(row, edges[cuts[row] : cuts[row + 1]]) for row in able)

    def _add_set(self, row: int, members: Ints) -> int:
        key = row.to_bytes(4, "little") + members.tobytes()
        if key in self._seen:
            return 0
        self._seen.add(key)
        problem = self.oracle.problem
        variable = self._solver.NumVar(0.0, 1.0, "")
        self._row[row].SetCoefficient(variable, 1.0)
        scores = problem.scores[members].tolist()
        for edge, tail in zip(members.tolist(), problem.tails[members].tolist(), strict=True):
            self._load[tail].SetCoefficient(variable, 1.0)
            if tail in self._reach:
                self._reach[tail].SetCoefficient(variable, float(self._credits[edge]))
        for constraint, rule in zip(self._rule, problem.rules, strict=True):
            constraint.SetCoefficient(variable, float(rule.coefficients[members].sum()))
        self._objective.SetCoefficient(variable, float(self.oracle.gains[members].sum()))
        self._sets.append(variable)
        self._totals.append(sum(scores))
        self.members.append(members)
        self.owner.append(row)
        return 1


def _finite(limit: float) -> float:
    return float(np.clip(limit, -pywraplp.Solver.infinity(), pywraplp.Solver.infinity()))
