"""Why: what each party got and what it lost to which limit, why a pair was not chosen, what fairness costs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from yingcheng.i18n import _
from yingcheng.matchmaking.assignment.decomposition import worth
from yingcheng.matchmaking.assignment.kernels import best_set
from yingcheng.matchmaking.assignment.pairs import Choice, decided
from yingcheng.matchmaking.assignment.problem import Floors, Ints, mirrored, party_totals
from yingcheng.matchmaking.assignment.solver import solve
from yingcheng.matchmaking.assignment.terms import Wish
from yingcheng.matchmaking.records import Account, FrontierPoint, Loss

__all__ = ["accounts", "frontier", "why_not"]

SAME = 1e-6  # relative difference that is none
PRICES = (0.0, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.12, 1.0)
"""What raising the floor may cost, as shares of the highest total, at the points of the frontier."""


def why_not(choice: Choice, wish: Wish) -> str:
    """Why a pair was not chosen, in words; empty where it was.

    The figure is a bound: no choice with this pair, the same minimums and the same floors has a higher total.
    """
    edge = choice.table.edge(wish)
    if edge is not None and choice.solution.chosen[edge]:
        return ""
    if wish in choice.terms.must_not:
        return _("在禁止对接名单中")
    if wish in choice.terms.met:
        return _("此前已对接过")
    if edge is None:
        return _("不是候选")
    score, most, total = choice.table.problem.scores[edge], _most_with(choice, edge), choice.solution.total
    if most >= total - SAME * max(1.0, abs(total)) and choice.goal.side is None:
        most = _solved_with(choice, edge)
    if most == -np.inf:
        text = _("得分 {score:.3f}；改选它就会有最低场次或保底得分得不到满足")
    elif most >= total - SAME * max(1.0, abs(total)):
        text = _("得分 {score:.3f}；改选它最多与现有选法相当，没有证明更差")
    else:
        text = _("得分 {score:.3f}；改选它，其他对接要让出名额，总分最多 {most:.3f}，低于现在的 {total:.3f}")
    return text.format(score=score, most=most, total=total) + _full(choice, edge)


def _full(choice: Choice, edge: int) -> str:
    """Whose places are all taken, in brackets; empty where nobody's are."""
    problem = choice.table.problem
    row, column = problem.loads(choice.solution.chosen)
    head, tail = problem.heads[edge], problem.tails[edge]
    taken = []
    if row[head] >= problem.row_max[head]:
        taken.append(_("该机会的 {most} 场名额已排满").format(most=problem.row_max[head]))
    if column[tail] >= problem.column_max[tail]:
        taken.append(_("该企业的 {most} 场名额已排满").format(most=problem.column_max[tail]))
    return _("（{reasons}）").format(reasons="，".join(taken)) if taken else ""


def _most_with(choice: Choice, edge: int) -> float:
    """Upper bound of the total of any choice with this edge, from the prices of the proof."""
    solution = choice.solution
    problem, gains, floors = choice.table.problem, solution.gains, solution.floors
    problem = problem.without(solution.row_missing, solution.column_missing)
    if solution.turned:
        problem, order = mirrored(problem)
        gains, floors = gains[order], Floors(floors.column, floors.row)
        edge = int(np.flatnonzero(order == edge)[0])
    row = problem.heads[edge]
    a, b = np.searchsorted(problem.heads, [row, row + 1])
    rest = worth(problem, gains, floors, solution.prices)[a:b]
    bounds = []
    for held in (False, True):
        forced = problem.forced[a:b].copy()
        forced[edge - a] |= held
        _short, _value, bound = best_set(
            rest, problem.scores[a:b], forced, problem.row_min[row], problem.row_max[row], floors.row[row],
            np.zeros(b - a, dtype=bool),
        )  # fmt: skip
        bounds.append(bound)
    return float(solution.bound - (bounds[0] - bounds[1])) if bounds[1] > -np.inf else -np.inf


def _solved_with(choice: Choice, edge: int) -> float:
    """The same by solving again with this edge: where several prices are right, the proof's may not tell."""
    problem, solution = choice.table.problem, choice.solution
    forced = problem.forced.copy()
    forced[edge] = True
    row, column = problem.loads(forced)
    if np.any(row > problem.row_max) or np.any(column > problem.column_max):
        return -np.inf
    try:
        other = solve(replace(problem, forced=forced), gains=solution.gains)
    except ValueError:
        return -np.inf
    missing = [int(one.row_missing.sum() + one.column_missing.sum()) for one in (solution, other)]
    return other.bound if missing[1] <= missing[0] else -np.inf


def accounts(choice: Choice) -> tuple[Account, ...]:
    """What each party got, what it would have got alone, and what stood in the way of each pair it lost."""
    problem, chosen = choice.table.problem, choice.solution.chosen
    loads = problem.loads(chosen)
    made = []
    for side, ends, most, ids in (
        (0, problem.heads, problem.row_max, choice.table.opportunities),
        (1, problem.tails, problem.column_max, choice.table.enterprises),
    ):
        order = np.lexsort((np.arange(len(ends)), -problem.scores, ends))
        cuts = np.searchsorted(ends[order], np.arange(len(ids) + 1))
        for place, party in enumerate(ids):
            edges = order[cuts[place] : cuts[place + 1]]
            best = edges[: most[place]][problem.scores[edges[: most[place]]] > 0]
            got = edges[chosen[edges]]
            made.append(
                Account(
                    party,
                    int(loads[side][place]),
                    float(problem.scores[got].sum()),
                    float(problem.scores[best].sum()),
                    _losses(choice, side, best, got),
                )
            )
    return tuple(made)


def _losses(choice: Choice, side: int, best: Ints, got: Ints) -> tuple[Loss, ...]:
    """The best edges that were not got, each less what was got instead; together the whole difference."""
    problem = choice.table.problem
    lost = [edge for edge in best.tolist() if not choice.solution.chosen[edge]]
    instead = [edge for edge in got.tolist() if edge not in set(best.tolist())]
    losses = []
    for number, edge in enumerate(lost):
        replaced = problem.scores[instead[number]] if number < len(instead) else 0.0
        other = problem.tails[edge] if side == 0 else problem.heads[edge]
        name = (choice.table.enterprises if side == 0 else choice.table.opportunities)[other]
        losses.append(Loss(name, float(problem.scores[edge] - replaced), _obstacle(choice, 1 - side, int(other), edge)))
    return tuple(losses)


def _obstacle(choice: Choice, side: int, other: int, edge: int) -> str:
    """What kept the other party from meeting."""
    problem, solution = choice.table.problem, choice.solution
    load = int(problem.loads(solution.chosen)[side][other])
    most = int((problem.row_max, problem.column_max)[side][other])
    if load >= most:
        return _("对方的 {most} 场名额已用于总分更高的对接").format(most=most)
    for place, rule in enumerate(problem.rules):
        price = solution.prices.rules[place]
        if price * rule.coefficients[edge] > SAME:
            return _("受限于：{rule}").format(rule=choice.table.rules[place])
    least = (solution.floors.row, solution.floors.column)
    if any(np.isfinite(floor).any() for floor in least):
        return _("名额让给了得分最低的一方（保底）")
    return _("名额用于满足其他方的最低场次")


def frontier(
    choice: Choice,
    *,
    prices: Sequence[float] = PRICES,
    told: Callable[[float], None] = lambda _share: None,
) -> tuple[FrontierPoint, ...]:
    """The choices between the highest total and the highest floor, each with its bound, and who gains or loses.

    Raises:
        ValueError: the choice has no side whose worst-off party could be raised.
    """
    if choice.goal.side is None:
        raise ValueError("whose floor? the goal names no side")
    made: list[FrontierPoint] = []
    first = None
    for number, price in enumerate(sorted(set(prices) | {choice.goal.price})):
        told(number / (len(prices) + 1))
        goal = replace(choice.goal, price=price, depth=1)
        taken = price == choice.goal.price
        one = choice if taken else decided(choice.candidates, choice.terms, goal, choice.table)
        totals = np.concatenate(party_totals(one.table.problem, one.solution.chosen))
        first = totals if first is None else first
        ids = (*one.table.opportunities, *one.table.enterprises)
        point = FrontierPoint(
            one.solution.floor,
            one.solution.total,
            one.solution.bound,
            tuple(ids[place] for place in np.flatnonzero(totals > first + SAME)),
            tuple(ids[place] for place in np.flatnonzero(totals < first - SAME)),
            taken,
        )
        same = [
            k for k, p in enumerate(made) if abs(p.floor - point.floor) <= SAME and abs(p.total - point.total) <= SAME
        ]
        if not same:
            made.append(point)
        elif taken:
            made[same[0]] = point
    return tuple(sorted(made, key=lambda point: (point.floor, -point.total)))
