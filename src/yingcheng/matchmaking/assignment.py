"""Who meets whom: as many opportunities served as possible, then the highest total score, proven.

One min-cost flow: source → opportunity → enterprise → sink. The first meeting of every opportunity carries a bonus
above any total, so that no opportunity stays without a meeting for the sake of a higher score elsewhere. Capacities
keep the flow integral, so its optimum is the optimum of the choice.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow
from scipy.optimize import linprog
from scipy.sparse import csr_matrix, hstack, identity

from yingcheng.errors import Infeasible
from yingcheng.i18n import _
from yingcheng.matchmaking.records import Assignment, Candidate, Pair

__all__ = ["choose_pairs", "verify"]

Wish = tuple[str, str]  # opportunity id, enterprise id

LARGEST_COST = 2**61  # the solver multiplies costs with the number of nodes; both must stay below 2^63
FINEST_SCALE = 10**9
TOLERANCE = 1e-6  # of the floating-point dual solution in `verify`, relative to the bound


@dataclass(frozen=True, slots=True)
class _Problem:
    """What is left to decide when the pinned pairs are taken out.

    Attributes:
        opportunities: sorted ids that have an edge.
        enterprises: sorted ids that have an edge.
        heads: per edge, position of its opportunity.
        tails: per edge, position of its enterprise.
        scores: per edge.
        room_opportunity: meetings still free per opportunity.
        room_enterprise: meetings still free per enterprise.
        first: per opportunity, whether it still lacks its first meeting.
    """

    opportunities: tuple[str, ...]
    enterprises: tuple[str, ...]
    heads: NDArray[np.int64]
    tails: NDArray[np.int64]
    scores: NDArray[np.float64]
    room_opportunity: NDArray[np.int64]
    room_enterprise: NDArray[np.int64]
    first: NDArray[np.bool_]

    @property
    def most_pairs(self) -> int:
        """No choice has more pairs."""
        return int(min(self.room_opportunity.sum(), self.room_enterprise.sum(), len(self.scores)))


def choose_pairs(
    candidates: Sequence[Candidate],
    *,
    per_opportunity: int,
    per_enterprise: int,
    limits: Mapping[str, int] | None = None,
    must: Sequence[Wish] = (),
    must_not: Sequence[Wish] = (),
) -> Assignment:
    """Choose the pairs that meet.

    Args:
        candidates: the acceptable pairs with their scores, each pair once.
        per_opportunity: most meetings of one opportunity.
        per_enterprise: most meetings of one enterprise.
        limits: id of an opportunity or enterprise → its own maximum; the stricter of the two holds.
        must: pairs that meet in any case, also where they are no candidates (their score is then 0).
        must_not: pairs that never meet.

    Returns:
        The pairs sorted by ids. ``bound`` is the optimum of the flow: no choice that serves as many opportunities has
        a higher total. Among equal choices the solver settles on one, always the same
        for the same candidates in any order.

    Raises:
        Infeasible: the wishes contradict each other or the maxima; ``core`` names them.
    """
    limits = limits or {}
    pinned = sorted(set(must))
    _check_wishes(pinned, must_not, per_opportunity, per_enterprise, limits)
    scores = {(c.opportunity_id, c.enterprise_id): c.score for c in candidates}
    problem = _problem(scores, per_opportunity, per_enterprise, limits, pinned, must_not)
    chosen, optimum = _solve(problem)
    pairs = [Pair(o, e, scores.get((o, e), 0.0), pinned=True) for o, e in pinned]
    pairs += [Pair(o, e, scores[o, e]) for o, e in chosen]
    pairs.sort(key=lambda pair: (pair.opportunity_id, pair.enterprise_id))
    fixed = math.fsum(scores.get(wish, 0.0) for wish in pinned)
    total = math.fsum(pair.score for pair in pairs)
    return Assignment(tuple(pairs), total, max(total, fixed + optimum), _unmet(scores, pairs, must_not, limits))


def _own(limits: Mapping[str, int], party: str, general: int) -> int:
    return max(0, min(general, limits.get(party, general)))


def _check_wishes(
    must: Sequence[Wish], must_not: Sequence[Wish], per_opportunity: int, per_enterprise: int, limits: Mapping[str, int]
) -> None:
    forbidden = set(must_not)
    cores: list[tuple[str, ...]] = [
        (_must_text(wish), _("禁止对接：{0} × {1}").format(*wish)) for wish in must if wish in forbidden
    ]
    for side, general in ((0, per_opportunity), (1, per_enterprise)):
        held: dict[str, list[Wish]] = {}
        for wish in must:
            held.setdefault(wish[side], []).append(wish)
        for party, wishes in held.items():
            most = _own(limits, party, general)
            if len(wishes) > most:
                limit = _("{party} 最多 {most} 场").format(party=party, most=most)
                cores.append((*(_must_text(wish) for wish in wishes[: most + 1]), limit))
    if cores:
        core = min(cores, key=lambda sentences: (len(sentences), sentences))
        raise Infeasible(
            _("指定的对接互相矛盾：{core}").format(core="；".join(core)),
            remedy=_("请放宽其中一条后重试。"),
            core=core,
        )


def _must_text(wish: Wish) -> str:
    return _("必须对接：{0} × {1}").format(*wish)


def _problem(
    scores: Mapping[Wish, float],
    per_opportunity: int,
    per_enterprise: int,
    limits: Mapping[str, int],
    must: Sequence[Wish],
    must_not: Iterable[Wish],
) -> _Problem:
    closed = {*must, *must_not}
    edges = sorted(wish for wish in scores if wish not in closed)
    opportunities = tuple(sorted({o for o, _e in edges}))
    enterprises = tuple(sorted({e for _o, e in edges}))
    row = {party: place for place, party in enumerate(opportunities)}
    column = {party: place for place, party in enumerate(enterprises)}
    used = Counter(party for wish in must for party in wish)
    served = {o for o, _e in must}
    return _Problem(
        opportunities,
        enterprises,
        np.array([row[o] for o, _e in edges], dtype=np.int64),
        np.array([column[e] for _o, e in edges], dtype=np.int64),
        np.array([scores[edge] for edge in edges], dtype=np.float64),
        np.array([_own(limits, o, per_opportunity) - used[o] for o in opportunities], dtype=np.int64),
        np.array([_own(limits, e, per_enterprise) - used[e] for e in enterprises], dtype=np.int64),
        np.array([o not in served for o in opportunities], dtype=bool),
    )


def _solve(problem: _Problem) -> tuple[list[Wish], float]:
    """The chosen edges and the optimum of their total, rounded up to the solver's integers."""
    n, m = len(problem.opportunities), len(problem.enterprises)
    if not len(problem.scores):
        return [], 0.0
    scale = FINEST_SCALE
    while scale > 1 and (problem.most_pairs + 1) * scale * (n + m + 3) > LARGEST_COST:
        scale //= 10
    costs = np.ceil(problem.scores * scale).astype(np.int64)
    bonus = (problem.most_pairs + 1) * scale
    source, sink = n + m, n + m + 1
    rows, columns = np.arange(n, dtype=np.int64), n + np.arange(m, dtype=np.int64)
    first = np.minimum(problem.first.astype(np.int64), problem.room_opportunity)
    flow = SimpleMinCostFlow()
    arcs = flow.add_arcs_with_capacity_and_unit_cost(
        problem.heads, n + problem.tails, np.ones(len(costs), dtype=np.int64), -costs
    )
    for tails, heads, room, cost in (
        (np.full(n, source), rows, first, -bonus),
        (np.full(n, source), rows, problem.room_opportunity - first, 0),
        (columns, np.full(m, sink), problem.room_enterprise, 0),
    ):
        flow.add_arcs_with_capacity_and_unit_cost(tails, heads, room, np.full(len(room), cost, dtype=np.int64))
    # Whatever is not needed flows past, so that any number of meetings is a feasible flow.
    most = int(problem.room_opportunity.sum())
    flow.add_arc_with_capacity_and_unit_cost(source, sink, most, 0)
    flow.set_nodes_supplies(np.array([source, sink]), np.array([most, -most]))
    status = flow.solve()
    if status != flow.OPTIMAL:
        raise RuntimeError(f"min-cost flow ended with status {status}")
    taken = np.flatnonzero(flow.flows(arcs) > 0)
    chosen = [
        (problem.opportunities[head], problem.enterprises[tail])
        for head, tail in zip(problem.heads[taken].tolist(), problem.tails[taken].tolist(), strict=True)
    ]
    return chosen, int(costs[taken].sum()) / scale


def _unmet(
    scores: Mapping[Wish, float], pairs: Sequence[Pair], must_not: Iterable[Wish], limits: Mapping[str, int]
) -> tuple[str, ...]:
    forbidden = set(must_not)
    served = {pair.opportunity_id for pair in pairs}
    known: Counter[str] = Counter()
    free: Counter[str] = Counter()
    for wish in scores:
        known[wish[0]] += 1
        free[wish[0]] += wish not in forbidden
    sentences = []
    for party in sorted(known):
        if party in served:
            continue
        if limits.get(party, 1) <= 0:
            sentences.append(_("机会 {id} 的对接上限为 0，未安排对接").format(id=party))
        elif not free[party]:
            sentences.append(_("机会 {id} 的候选企业全部在禁止对接名单中，未安排对接").format(id=party))
        else:
            text = _("机会 {id} 有 {count} 家候选企业，但名额都已用于其他机会，未能安排对接")
            sentences.append(text.format(id=party, count=free[party]))
    return tuple(sentences)


def verify(
    assignment: Assignment,
    candidates: Sequence[Candidate],
    *,
    per_opportunity: int,
    per_enterprise: int,
    limits: Mapping[str, int] | None = None,
    must: Sequence[Wish] = (),
    must_not: Sequence[Wish] = (),
) -> tuple[str, ...]:
    """Check an assignment without trusting how it was made.

    Every limit and wish is recounted; the bound is checked by weak duality: prices from a linear programme (HiGHS),
    whatever their accuracy, give an upper bound of the objective that needs nothing but additions to check.

    Returns:
        What is wrong, each a sentence; empty when everything holds.
    """
    limits = limits or {}
    scores = {(c.opportunity_id, c.enterprise_id): c.score for c in candidates}
    met = [(pair.opportunity_id, pair.enterprise_id) for pair in assignment.pairs]
    faults = [f"{o} × {e} 重复" for (o, e), count in sorted(Counter(met).items()) if count > 1]
    for side, general in ((0, per_opportunity), (1, per_enterprise)):
        for party, count in sorted(Counter(wish[side] for wish in met).items()):
            if count > _own(limits, party, general):
                faults.append(f"{party} 有 {count} 场，超过上限 {_own(limits, party, general)}")
    faults += [f"{o} × {e} 必须对接而未安排" for o, e in sorted(set(must) - set(met))]
    faults += [f"{o} × {e} 禁止对接而被安排" for o, e in sorted(set(must_not) & set(met))]
    faults += [f"{o} × {e} 不是候选" for o, e in sorted(set(met) - set(scores) - set(must))]
    for pair in assignment.pairs:
        if pair.score != scores.get((pair.opportunity_id, pair.enterprise_id), 0.0):
            faults.append(f"{pair.opportunity_id} × {pair.enterprise_id} 的得分与候选不符")
    total = math.fsum(pair.score for pair in assignment.pairs)
    if not math.isclose(total, assignment.total, rel_tol=1e-12, abs_tol=1e-12):
        faults.append(f"总分应为 {total}，写作 {assignment.total}")
    if faults:
        return tuple(faults)
    pinned = sorted(set(must))
    problem = _problem(scores, per_opportunity, per_enterprise, limits, pinned, must_not)
    return _check_bound(assignment, problem, math.fsum(scores.get(wish, 0.0) for wish in pinned), set(pinned))


def _check_bound(assignment: Assignment, problem: _Problem, fixed: float, pinned: set[Wish]) -> tuple[str, ...]:
    bonus = float(problem.most_pairs + 1)
    row = {party: place for place, party in enumerate(problem.opportunities)}
    free = [p for p in assignment.pairs if (p.opportunity_id, p.enterprise_id) not in pinned]
    served = {p.opportunity_id for p in free if problem.first[row[p.opportunity_id]]}
    reached = bonus * len(served) + math.fsum(pair.score for pair in free)
    bound = _dual_bound(problem, bonus)
    slack = TOLERANCE * max(1.0, bound)
    faults = []
    if reached < bound - slack:
        faults.append(f"未证明最优：目标值 {reached}，上界 {bound}")
    if assignment.bound < assignment.total or assignment.bound > fixed + bound - bonus * len(served) + slack:
        faults.append(f"上界 {assignment.bound} 不成立")
    return tuple(faults)


def _dual_bound(problem: _Problem, bonus: float) -> float:
    """Upper bound of bonus × opportunities served + total, from prices u (opportunities) and v ≥ 0 (enterprises).

    For any prices: Σ room_e·v + Σ (score − u − v)⁺ + Σ first·(bonus + u)⁺ + Σ (room_o − first)·u⁺.
    """
    n, m, k = len(problem.opportunities), len(problem.enterprises), len(problem.scores)
    if not k:
        return 0.0
    first = np.minimum(problem.first.astype(np.int64), problem.room_opportunity)
    edges = np.arange(k)
    ones = np.ones(k)
    by_row = csr_matrix((ones, (problem.heads, edges)), shape=(n, k))
    by_column = csr_matrix((ones, (problem.tails, edges)), shape=(m, k))
    unit = identity(n, format="csr")
    equal = hstack([by_row, -unit, -unit]).tocsr()
    upper = hstack([by_column, csr_matrix((m, 2 * n))]).tocsr()
    most = np.concatenate([ones, first, problem.room_opportunity - first])
    solved = linprog(  # type: ignore[call-overload]  # the stubs know no sparse constraint matrices
        -np.concatenate([problem.scores, np.full(n, bonus), np.zeros(n)]),
        A_ub=upper,
        b_ub=problem.room_enterprise,
        A_eq=equal,
        b_eq=np.zeros(n),
        bounds=[(0.0, high) for high in most.tolist()],
        method="highs",
    )
    v = np.maximum(0.0, -solved.ineqlin.marginals)
    u = -solved.eqlin.marginals
    over = np.maximum(0.0, problem.scores - u[problem.heads] - v[problem.tails])
    parts = (
        problem.room_enterprise * v,
        over,
        first * np.maximum(0.0, bonus + u),
        (problem.room_opportunity - first) * np.maximum(0.0, u),
    )
    return math.fsum(value for part in parts for value in part.tolist())
