"""The fewest unmet minimums: by a flow, or by a MIP where rules cross it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_matrix, hstack, identity, vstack

from yingcheng.matchmaking.assignment.certificate import missing_bound
from yingcheng.matchmaking.assignment.flow import best_flow
from yingcheng.matchmaking.assignment.problem import Bools, Floats, Prices, Problem

__all__ = ["Needs", "fewest_missing"]

REST = 1e-9
UNLIMITED = 1e15
ROUNDING = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Needs:
    """A choice that misses as few meetings as possible.

    Attributes:
        chosen: (E,) edges; of highest total too where there are no rules.
        start: prices to start from when the total is looked for.
        proof: prices that prove that no choice misses fewer, when one missing meeting costs 1; None: none is
            missing, or prices do not suffice to prove it.
    """

    chosen: Bools
    start: Prices
    proof: Prices | None


def fewest_missing(problem: Problem, gains: Floats, *, spread: bool = False) -> Needs | None:
    """A choice with the fewest missing meetings, of those the highest total; None where no choice keeps the rules.

    Args:
        problem: edges, limits, rules.
        gains: (E,) what the total is a sum of.
        spread: leave as few parties as possible without any meeting, before the total counts.
    """
    if not len(gains) and not all(rule.least <= 0 <= rule.most for rule in problem.rules):
        return None
    if len(gains) and problem.rules:
        return _by_programme(problem, gains)
    flow = best_flow(problem, gains, spread=spread)
    none = Prices.none(problem)
    proof = None
    if any(missing.any() for missing in problem.missing(flow.chosen)):
        need = best_flow(problem, np.zeros(len(gains)))
        proof = Prices(need.price / need.bonus, none.weight, none.rules)
    return Needs(flow.chosen, Prices(flow.price, none.weight, none.rules), proof)


def _by_programme(problem: Problem, gains: Floats) -> Needs | None:
    """The same by a MIP; its relaxation's prices are the proof where they suffice (see ``certificate``)."""
    found = _programme(problem, whole=True)
    if found.x is None:
        return None
    size = len(problem.scores)
    chosen = found.x[:size] > 0.5
    proof = None
    missing = int(sum(part.sum() for part in problem.missing(chosen)))
    if missing:
        best = _programme(problem, whole=True, gains=gains, allowed=missing)
        if best.x is not None:
            chosen = best.x[:size] > 0.5
        relaxed = _programme(problem, whole=False)
        marginals = np.maximum(0.0, -relaxed.ineqlin.marginals)
        ends = np.cumsum([problem.rows, problem.columns, problem.rows, problem.columns, len(problem.rules)])
        _row_least, least, _row_most, most, rule_most, rule_least = np.split(marginals[:-1], ends)
        proof = replace(Prices.none(problem), column=most - least, rules=rule_most - rule_least)
        if math.ceil(missing_bound(problem, proof) - ROUNDING) < missing:
            proof = None  # fractions could do with fewer: nothing is claimed
    return Needs(chosen, Prices.none(problem), proof)


def _programme(problem: Problem, *, whole: bool, gains: Floats | None = None, allowed: int | None = None) -> Any:
    """Fewest missing meetings within the maximums and rules, in whole meetings or in fractions (HiGHS).

    With ``gains``: the highest sum of them with at most ``allowed`` meetings missing.
    """
    size, parties = len(problem.scores), problem.rows + problem.columns
    every = np.arange(size)
    loads = vstack([
        csr_matrix((np.ones(size), (problem.heads, every)), shape=(problem.rows, size)),
        csr_matrix((np.ones(size), (problem.tails, every)), shape=(problem.columns, size)),
    ]).tocsr()  # fmt: skip
    least = np.concatenate([problem.row_min, problem.column_min]).astype(np.float64)
    most = np.concatenate([problem.row_max, problem.column_max]).astype(np.float64)
    rules, none = problem.rule_matrix(), csr_matrix((parties, parties))
    low = np.array([rule.least for rule in problem.rules]).clip(-UNLIMITED, UNLIMITED)
    high = np.array([rule.most for rule in problem.rules]).clip(-UNLIMITED, UNLIMITED)
    beside = csr_matrix((len(problem.rules), parties))
    return linprog(  # type: ignore[call-overload]  # the stubs know no sparse constraint matrices
        np.concatenate([np.zeros(size), np.ones(parties)]) if gains is None else np.append(-gains, np.zeros(parties)),
        A_ub=vstack([
            hstack([-loads, csr_matrix(-identity(parties))]),
            hstack([loads, none]),
            hstack([rules, beside]),
            hstack([-rules, beside]),
            csr_matrix(np.append(np.zeros(size), np.ones(parties))),
        ]).tocsr(),
        b_ub=np.concatenate([-least, most, high + REST, REST - low, [UNLIMITED if allowed is None else allowed]]),
        bounds=np.column_stack([
            np.concatenate([problem.forced.astype(np.float64), np.zeros(parties)]),
            np.concatenate([np.ones(size), least]),
        ]),
        integrality=np.full(size + parties, int(whole)),
        method="highs",
    )  # fmt: skip
