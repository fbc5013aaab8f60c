"""From a fractional mix of sets to a choice: a small MIP (HiGHS) around it.

Rows whose floor costs something keep to whole sets, so that the MIP's relaxation is as good as the bound; all others
choose freely among the edges that lose least, where the limits are those of a flow and fractions are rare. Limits on
the branch and bound are counts of nodes, not seconds: the same input gives the same choice on any machine.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_matrix

from yingcheng.matchmaking.assignment.decomposition import REST, Master, worth
from yingcheng.matchmaking.assignment.kernels import best_of_each
from yingcheng.matchmaking.assignment.problem import Bools, Floats, Floors, Ints, Problem, credits_of, party_totals

__all__ = ["round_mix"]

MOST_SETS = 4000
NEAREST = 12  # edges of a free row
NEAREST_COLUMN = 4
FEW_EDGES = 500
MOST_NODES = 300
GAP = 6e-4
LOOSE = 1e-7  # of the sum of a rule


@dataclass(frozen=True, slots=True, eq=False)
class _Items:
    """What the MIP chooses among: whole sets, then single edges; and the members of all of them in one list."""

    sets: list[Ints]
    single: Ints
    owner: Ints  # (N,) row of each item
    edges: Ints  # (M,) members
    which: Ints  # (M,) item of each member

    def summed(self, values: Floats, ends: Ints, size: int) -> csr_matrix:
        """(size, N): the values of each item's members, added up by ``ends``."""
        return csr_matrix((values, (ends, self.which)), shape=(size, len(self.owner)))


def round_mix(master: Master) -> Bools | None:
    """A choice near the master's mix that keeps every limit and floor; None where none was found."""
    problem, oracle = master.oracle.problem, master.oracle
    rest = worth(problem, oracle.gains, oracle.floors, master.centre)
    oracle(master.centre)
    # Rows that would fall short of their floor at these prices; a MIP over all of few edges needs no sets.
    bound = oracle.short & (len(rest) > FEW_EDGES)
    items = _items(master, rest, bound)
    ones = np.ones(len(items.edges))
    every = np.arange(len(items.owner))
    limits = [
        LinearConstraint(
            csr_matrix((np.ones(len(every)), (items.owner, every)), shape=(problem.rows, len(every))),
            np.where(bound, 1, problem.row_min),
            np.where(bound, 1, problem.row_max),
        ),
        LinearConstraint(
            items.summed(ones, problem.tails[items.edges], problem.columns), problem.column_min, problem.column_max
        ),
        *_floor_limits(problem, oracle.floors, items, bound),
    ]
    for rule in problem.rules:
        sums = items.summed(rule.coefficients[items.edges], np.zeros(len(items.edges), np.int64), 1)
        limits.append(LinearConstraint(sums, rule.least - REST, rule.most + REST))
    gain = np.bincount(items.which, weights=oracle.gains[items.edges], minlength=len(every))
    forced = np.concatenate([np.zeros(len(items.sets)), problem.forced[items.single].astype(np.float64)])
    solved = milp(
        -gain,
        integrality=np.ones(len(gain), dtype=np.int64),
        bounds=Bounds(forced, 1.0),
        constraints=limits,
        options={"mip_rel_gap": GAP, "node_limit": MOST_NODES},
    )
    if solved.x is None:
        return None
    chosen = np.zeros(len(rest), dtype=bool)
    chosen[items.edges[solved.x[items.which] > 0.5]] = True
    return chosen if _keeps(problem, oracle.floors, chosen) else None


def _items(master: Master, rest: Floats, bound: Bools) -> _Items:
    problem, oracle = master.oracle.problem, master.oracle
    free = np.zeros(len(rest), dtype=bool)
    free[oracle.edges[oracle.taken]] = True
    kept = master.nearest(MOST_SETS)
    used = np.zeros(len(rest), dtype=bool)
    for place in kept.tolist():
        used[master.members[place]] = True
    last = np.full(problem.rows, np.inf)
    np.minimum.at(last, problem.heads[free], rest[free])
    gain = np.where(free, np.inf, rest - last[problem.heads])  # how little is lost by taking the edge instead
    gain[~oracle.active] = -np.inf
    near = best_of_each(gain, problem.heads, problem.rows, NEAREST)
    near |= best_of_each(gain, problem.tails, problem.columns, NEAREST_COLUMN) | (len(rest) <= FEW_EDGES)
    single = np.flatnonzero((used | near | problem.forced) & oracle.active & ~bound[problem.heads])
    sets = [master.members[place] for place in kept.tolist() if bound[master.owner[place]]]
    owner = [master.owner[place] for place in kept.tolist() if bound[master.owner[place]]]
    sizes = np.array([len(members) for members in sets], dtype=np.int64)
    return _Items(
        sets,
        single,
        np.concatenate([np.array(owner, dtype=np.int64), problem.heads[single]]),
        np.concatenate([*sets, single]),
        np.concatenate([np.repeat(np.arange(len(sets)), sizes), len(sets) + np.arange(len(single))]),
    )


def _floor_limits(problem: Problem, floors: Floors, items: _Items, bound: Bools) -> list[LinearConstraint]:
    """Floors of free rows and of columns, as shares of the floor; the sets keep those of their rows."""
    limits = []
    for side, ends, floor, asked in (
        ("row", problem.heads, floors.row, ~bound & (floors.row > 0)),
        ("column", problem.tails, floors.column, floors.column > 0),
    ):
        if asked.any():
            of = ends[items.edges]
            credit = credits_of(problem, "row" if side == "row" else "column", floor)[items.edges]
            share = np.where(asked[of], credit / np.where(asked[of], floor[of], 1.0), 0.0)
            limits.append(LinearConstraint(items.summed(share, of, len(floor))[asked], 1.0 - REST, np.inf))
    return limits


def _keeps(problem: Problem, floors: Floors, chosen: Bools) -> bool:
    """Whether what the MIP found within its tolerances really keeps everything."""
    row, column = party_totals(problem, chosen)
    loads, limits = problem.loads(chosen), (problem.row_max, problem.column_max)
    return bool(
        np.all(row >= floors.row - REST)
        and np.all(column >= floors.column - REST)
        and all(np.all(load <= most) for load, most in zip(loads, limits, strict=True))
        and not any(missing.any() for missing in problem.missing(chosen))
        and all(rule.least - LOOSE <= rule.coefficients[chosen].sum() <= rule.most + LOOSE for rule in problem.rules)
    )
