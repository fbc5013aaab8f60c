"""From candidates and terms to the pairs that meet, in the user's words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from yingcheng.errors import Infeasible
from yingcheng.i18n import _
from yingcheng.matchmaking.assignment.certificate import check
from yingcheng.matchmaking.assignment.conflict import Limit, contradiction
from yingcheng.matchmaking.assignment.problem import Solution
from yingcheng.matchmaking.assignment.solver import HIGHEST_TOTAL, Goal, solve
from yingcheng.matchmaking.assignment.terms import (
    Table,
    Terms,
    contradicting,
    least_text,
    most_text,
    tabulate,
    wish_text,
)
from yingcheng.matchmaking.records import Assignment, Candidate, FloorLevel, Pair

__all__ = ["Choice", "choose_pairs", "decided", "verify"]


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """A choice with everything that explains it."""

    candidates: tuple[Candidate, ...]
    terms: Terms
    goal: Goal
    table: Table
    solution: Solution

    @property
    def assignment(self) -> Assignment:
        """The pairs and their proof of quality, sorted by ids."""
        solution, table = self.solution, self.table
        pinned = set(self.terms.must)
        scores = table.problem.scores[solution.chosen].tolist()
        return Assignment(
            tuple(
                Pair(*wish, score, pinned=wish in pinned)
                for wish, score in zip(table.wishes(solution.chosen), scores, strict=True)
            ),
            solution.total,
            solution.bound,
            _unmet(self),
            solution.side or "",
            tuple(
                FloorLevel(table.party(level.side, level.party), level.floor, level.bound) for level in solution.levels
            ),
        )


def choose_pairs(
    candidates: Sequence[Candidate],
    terms: Terms,
    goal: Goal = HIGHEST_TOTAL,
    *,
    strict: bool = False,
    told: Callable[[float], None] = lambda _share: None,
) -> Choice:
    """Choose the pairs that meet: the fewest unmet minimums, then the highest floor asked for, then the highest total.

    Args:
        candidates: the acceptable pairs with their scores, each pair once.
        terms: limits and wishes.
        goal: whose worst-off party is raised, and what it may cost.
        strict: unmet minimums are an error that names a smallest contradicting set, instead of being named as unmet.
        told: how much is done, 0 … 1.

    Raises:
        Infeasible: wishes, limits or quotas contradict each other; ``core`` names a smallest set of them.
        ValueError: a pair is given twice, a score is no number, or a weight is not positive.
    """
    table = tabulate(candidates, terms)
    return decided(tuple(candidates), terms, goal, table, strict=strict, told=told)


def decided(
    candidates: tuple[Candidate, ...],
    terms: Terms,
    goal: Goal,
    table: Table,
    *,
    strict: bool = False,
    told: Callable[[float], None] = lambda _share: None,
) -> Choice:
    """``choose_pairs`` for a table that is made already."""
    try:
        solution = solve(table.problem, goal, gains=table.gains, told=told)
    except ValueError:
        core = contradiction(table.problem, minimums=False)
        if not core:
            raise
        raise contradicting(_texts(table, core)) from None
    if strict and (solution.row_missing.any() or solution.column_missing.any()):
        raise contradicting(_texts(table, contradiction(table.problem, minimums=True)))
    return Choice(candidates, terms, goal, table, solution)


def _texts(table: Table, limits: Sequence[Limit]) -> tuple[str, ...]:
    problem = table.problem
    texts = []
    for kind, place in ((limit.kind, limit.place) for limit in limits):
        if kind == "must":
            edge = np.zeros(len(problem.scores), dtype=bool)
            edge[place] = True
            texts.append(wish_text(table.wishes(edge)[0]))
        elif kind == "rule":
            texts.append(table.rules[place])
        elif kind == "least row":
            texts.append(least_text(table.opportunities[place], int(problem.row_min[place])))
        elif kind == "least column":
            texts.append(least_text(table.enterprises[place], int(problem.column_min[place])))
        elif kind == "most row":
            texts.append(most_text(table.opportunities[place], int(problem.row_max[place])))
        else:
            texts.append(most_text(table.enterprises[place], int(problem.column_max[place])))
    return tuple(texts)


def _unmet(choice: Choice) -> tuple[str, ...]:
    table, solution, terms = choice.table, choice.solution, choice.terms
    known = Counter(c.opportunity_id for c in choice.candidates)
    closed = {*terms.must_not, *terms.met}
    free = Counter(c.opportunity_id for c in choice.candidates if (c.opportunity_id, c.enterprise_id) not in closed)
    loads = table.problem.loads(solution.chosen)
    sentences = []
    for place, party in enumerate(table.opportunities):
        if loads[0][place] or not known[party]:
            continue
        if table.problem.row_max[place] == 0:
            sentences.append(_("机会 {id} 的对接上限为 0，未安排对接").format(id=party))
        elif not free[party]:
            sentences.append(_("机会 {id} 的候选企业全部在禁止对接名单中，未安排对接").format(id=party))
        elif party not in terms.minimums:
            text = _("机会 {id} 有 {count} 家候选企业，但名额都已用于其他机会，未能安排对接")
            sentences.append(text.format(id=party, count=free[party]))
    for parties, load, short in (
        (table.opportunities, loads[0], solution.row_missing),
        (table.enterprises, loads[1], solution.column_missing),
    ):
        for place in np.flatnonzero(short).tolist():
            if parties[place] in terms.minimums:
                text = _("{id} 至少应有 {least} 场对接，只能安排 {got} 场")
                least = int(load[place] + short[place])
                sentences.append(text.format(id=parties[place], least=least, got=int(load[place])))
    sentences += [
        _("{id} 至少应有 {least} 场对接，但没有任何候选").format(id=party, least=least)
        for party, least in sorted(terms.minimums.items())
        if least > 0 and party not in {*table.opportunities, *table.enterprises}
    ]
    return tuple(sentences)


def verify(
    assignment: Assignment, candidates: Sequence[Candidate], terms: Terms, solution: Solution
) -> tuple[str, ...]:
    """Check an assignment against the candidates and terms it was made from, without trusting how it was made.

    Pairs, limits, wishes and scores are compared in ids; the proof is checked by :mod:`.certificate`.

    Returns:
        What is wrong, each a sentence; empty when everything holds.
    """
    try:
        table = tabulate(candidates, terms)
    except Infeasible as fault:
        return (str(fault),)
    met = [(pair.opportunity_id, pair.enterprise_id) for pair in assignment.pairs]
    faults = [f"{o} × {e} 重复" for (o, e), count in sorted(Counter(met).items()) if count > 1]
    faults += [f"{o} × {e} 必须对接而未安排" for o, e in sorted(set(terms.must) - set(met))]
    faults += [f"{o} × {e} 禁止对接而被安排" for o, e in sorted(set(terms.must_not) & set(met))]
    edges = {wish: table.edge(wish) for wish in met}
    for pair, wish in zip(assignment.pairs, met, strict=True):
        edge = edges[wish]
        if edge is None:
            faults.append(f"{wish[0]} × {wish[1]} 不是候选")
        elif pair.score != table.problem.scores[edge]:
            faults.append(f"{wish[0]} × {wish[1]} 的得分与候选不符")
        elif not solution.chosen[edge]:
            faults.append(f"{wish[0]} × {wish[1]} 不在证明所证的选法中")
    if len(met) != int(solution.chosen.sum()):
        faults.append("场次与证明所证的选法不符")
    if (assignment.total, assignment.bound) != (solution.total, solution.bound):
        faults.append("总分或上界与证明不符")
    if not np.array_equal(solution.gains, table.gains):
        faults.append("证明所用的得分与候选不符")
    return (*faults, *(f"证明不成立：{fault}" for fault in check(table.problem, solution)))
