"""The solver on arrays: every kind of limit against brute force, certificates, permutations, monotony."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yingcheng.matchmaking.assignment import Goal, Problem, Rule, check, solve
from yingcheng.matchmaking.assignment.certificate import total_bound
from yingcheng.matchmaking.assignment.kernels import best_of_each, best_set
from yingcheng.matchmaking.assignment.problem import Bools, Floors, Prices, party_totals

NEAR = 1.5e-3  # of the total: relative gaps at which the searches may stop


@st.composite
def problems(draw: st.DrawFn, *, rules: bool = True, forced: bool = True) -> Problem:
    rows, columns = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    pairs = draw(
        st.lists(st.tuples(st.integers(0, rows - 1), st.integers(0, columns - 1)), max_size=9, unique=True).map(sorted)
    )
    size = len(pairs)
    scores = draw(st.lists(st.integers(-3, 12).map(lambda n: n / 12), min_size=size, max_size=size))
    row_max = draw(st.lists(st.integers(0, 3), min_size=rows, max_size=rows))
    column_max = draw(st.lists(st.integers(0, 3), min_size=columns, max_size=columns))
    held: list[bool] = []
    load = [0] * rows, [0] * columns
    for head, tail in pairs:
        take = forced and draw(st.integers(0, 7)) == 0
        take = take and load[0][head] < row_max[head] and load[1][tail] < column_max[tail]
        held.append(take)
        load[0][head] += take
        load[1][tail] += take
    made = []
    for _rule in range(draw(st.integers(0, 2)) if rules and size else 0):
        coefficient = np.array(draw(st.lists(st.sampled_from([0.0, 1.0, -0.5, 0.7]), min_size=size, max_size=size)))
        if draw(st.booleans()):
            made.append(Rule(coefficient, -np.inf, draw(st.integers(0, 3))))
        else:
            made.append(Rule(coefficient, draw(st.integers(-1, 1)), np.inf))
    return Problem.of(
        [head for head, _tail in pairs],
        [tail for _head, tail in pairs],
        scores,
        row_min=[draw(st.integers(0, high)) for high in row_max],
        row_max=row_max,
        column_min=[draw(st.integers(0, high)) for high in column_max],
        column_max=column_max,
        forced=held,
        rules=tuple(made),
    )


def every_choice(problem: Problem) -> Iterator[Bools]:
    """All choices that keep the hard limits."""
    free = np.flatnonzero(~problem.forced)
    for size in range(len(free) + 1):
        for some in combinations(free.tolist(), size):
            chosen = problem.forced.copy()
            chosen[list(some)] = True
            row, column = problem.loads(chosen)
            if np.any(row > problem.row_max) or np.any(column > problem.column_max):
                continue
            sums = [float(rule.coefficients[chosen].sum()) for rule in problem.rules]
            if all(
                rule.least - 1e-9 <= value <= rule.most + 1e-9 for rule, value in zip(problem.rules, sums, strict=True)
            ):
                yield chosen


def missing(problem: Problem, chosen: Bools) -> int:
    return int(sum(part.sum() for part in problem.missing(chosen)))


def total(problem: Problem, chosen: Bools) -> float:
    return float(problem.scores[chosen].sum())


@settings(max_examples=400, deadline=None)
@given(problems(rules=False))
def test_fewest_unmet_minimums_then_highest_total(problem: Problem) -> None:
    solution = solve(problem)
    choices = list(every_choice(problem))
    fewest = min(missing(problem, chosen) for chosen in choices)
    best = max(total(problem, chosen) for chosen in choices if missing(problem, chosen) == fewest)
    assert missing(problem, solution.chosen) == fewest
    assert solution.total == pytest.approx(best, abs=1e-6)
    assert solution.bound == pytest.approx(best, abs=1e-5)
    assert check(problem, solution) == ()


@settings(max_examples=400, deadline=None)
@given(problems())
def test_rules_are_kept_or_said_to_contradict(problem: Problem) -> None:
    choices = list(every_choice(problem))
    if not choices:
        with pytest.raises(ValueError, match="rules"):
            solve(problem)
        return
    solution = solve(problem)
    fewest = min(missing(problem, chosen) for chosen in choices)
    assert missing(problem, solution.chosen) == fewest
    same = [chosen for chosen in choices if missing(problem, chosen) == fewest]
    best = max(total(problem, chosen) for chosen in same)
    assert best - NEAR * abs(best) - 1e-6 <= solution.total <= best + 1e-9
    assert solution.bound >= best - 1e-6
    assert check(problem, solution) == ()


@settings(max_examples=400, deadline=None)
@given(
    problems(),
    st.sampled_from(["needs", "offers", "both"]),
    st.sampled_from([1.0, 0.3, 0.05]),
)
def test_the_worst_off_are_raised_as_high_as_possible(problem: Problem, side: str, price: float) -> None:
    choices = list(every_choice(problem))
    if not choices:
        return
    solution = solve(problem, Goal(side, price))  # type: ignore[arg-type]
    named = solution.row_missing, solution.column_missing
    same = [
        chosen
        for chosen in choices
        if all(np.array_equal(a, b) for a, b in zip(problem.missing(chosen), named, strict=True))
        and total(problem, chosen) >= solution.keep - 1e-6
    ]
    assert solution.total >= solution.keep - NEAR * abs(solution.keep) - 1e-6
    counts = np.concatenate([solution.row_counts, solution.column_counts])
    if not counts.any():
        assert math.isnan(solution.floor)
        return
    highest = max(float(np.concatenate(party_totals(problem, chosen))[counts].min()) for chosen in same)
    assert solution.floor == pytest.approx(highest, abs=1e-5)
    assert solution.floor_bound >= highest - 1e-6
    reached = [
        chosen
        for chosen in choices
        if all(np.array_equal(a, b) for a, b in zip(problem.missing(chosen), named, strict=True))
        and np.all(party_totals(problem, chosen)[0] >= solution.floors.row - 1e-9)
        and np.all(party_totals(problem, chosen)[1] >= solution.floors.column - 1e-9)
    ]
    best = max(total(problem, chosen) for chosen in reached)
    assert solution.bound >= best - 1e-6
    assert solution.total >= best - NEAR * abs(best) - 1e-6
    assert check(problem, solution) == ()


@settings(max_examples=100, deadline=None)
@given(problems(rules=False), st.randoms(use_true_random=False))
def test_the_order_of_the_edges_does_not_matter(problem: Problem, random: object) -> None:
    order = list(range(len(problem.scores)))
    random.shuffle(order)  # type: ignore[attr-defined]
    other = Problem.of(
        problem.heads[order],
        problem.tails[order],
        problem.scores[order],
        row_min=problem.row_min,
        row_max=problem.row_max,
        column_min=problem.column_min,
        column_max=problem.column_max,
        forced=problem.forced[order],
    )
    assert np.array_equal(solve(problem, Goal("needs")).chosen, solve(other, Goal("needs")).chosen)


@settings(max_examples=100, deadline=None)
@given(problems(rules=False, forced=False), st.data())
def test_one_more_edge_never_lowers_the_optimum(problem: Problem, data: st.DataObject) -> None:
    if not len(problem.scores):
        return
    problem = replace(problem, row_min=np.zeros_like(problem.row_min), column_min=np.zeros_like(problem.column_min))
    left_out = data.draw(st.integers(0, len(problem.scores) - 1))
    fewer = problem.part(np.flatnonzero(np.arange(len(problem.scores)) != left_out))
    assert solve(problem).total >= solve(fewer).total - 1e-6


def crowded(rows: int = 30, columns: int = 12) -> Problem:
    """Rows that all want the same few columns."""
    random = np.random.default_rng(4)
    score = np.round(random.random((rows, columns)) * np.linspace(1, 0.2, columns), 3)
    return Problem.from_matrix(
        score,
        row_min=np.full(rows, 2),
        row_max=np.full(rows, 3),
        column_min=np.full(columns, 3),
        column_max=np.full(columns, 8),
    )


def test_the_second_worst_off_is_raised_after_the_worst_off() -> None:
    problem = crowded()
    one, three = solve(problem, Goal("needs")), solve(problem, Goal("needs", depth=3))
    first, later = (np.sort(party_totals(problem, solution.chosen)[0]) for solution in (one, three))
    assert [level.floor for level in three.levels] == sorted(level.floor for level in three.levels)
    assert later[0] == pytest.approx(first[0], abs=1e-6)
    assert tuple(later[:3]) >= tuple(first[:3] - 1e-6)
    assert check(problem, three) == ()


def test_raising_the_floor_costs_no_more_than_was_allowed() -> None:
    problem = crowded()
    free, cheap, dear = (solve(problem, goal) for goal in (Goal(), Goal("needs", 0.01), Goal("needs")))
    worst = float(party_totals(problem, free.chosen)[0].min())
    assert cheap.total >= 0.99 * free.total - 1e-6
    assert worst <= cheap.floor <= dear.floor
    assert worst < dear.floor
    assert dear.total < free.total
    for solution in (free, cheap, dear):
        assert check(problem, solution) == ()
        assert solution.gap <= NEAR


def test_a_shortage_is_spread_before_anybody_gets_a_second_meeting() -> None:
    problem = Problem.from_matrix(
        np.full((2, 2), 0.5), row_min=[2, 2], row_max=[2, 2], column_min=[0, 0], column_max=[1, 1]
    )
    solution = solve(problem, Goal("needs"))
    assert (solution.row_missing.tolist(), solution.floor) == ([1, 1], 0.5)
    assert check(problem, solution) == ()


@pytest.mark.parametrize("side", ["needs", "offers", "both"])
def test_a_tampered_answer_does_not_verify(side: str) -> None:
    problem = crowded()
    solution = solve(problem, Goal(side, 0.05))  # type: ignore[arg-type]
    assert check(problem, solution) == ()
    other = solution.chosen.copy()
    other[np.flatnonzero(other)[0]] = False
    level = solution.levels[0]
    tampered = [
        replace(solution, chosen=other),
        replace(solution, total=solution.total + 0.1),
        replace(solution, bound=solution.total * 0.9),
        replace(solution, bound=solution.bound * 0.999),
        replace(solution, levels=(replace(level, floor=level.floor + 0.01),)),
        replace(solution, levels=(replace(level, bound=level.floor - 0.01),)),
        replace(solution, prices=replace(solution.prices, column=0 * solution.prices.column)),
        replace(solution, row_missing=solution.row_missing + 1),
        replace(solution, prices=replace(solution.prices, column=np.nan * solution.prices.column)),
        replace(solution, bound=math.nan),
        replace(solution, bound=math.inf),
        replace(solution, keep=solution.total * 1.01),
        replace(solution, side=None),
    ]
    for answer in tampered:
        assert check(problem, answer) != ()


def test_equal_choices_go_to_whoever_comes_first_or_by_lot() -> None:
    score = np.full((6, 6), 0.5)
    problem = Problem.from_matrix(
        score, row_min=np.zeros(6, int), row_max=np.ones(6, int), column_min=np.zeros(6, int),
        column_max=np.array([1, 1, 1, 0, 0, 0]),
    )  # fmt: skip
    drawn = {tuple(np.flatnonzero(solve(problem, Goal(lottery=seed)).chosen)) for seed in range(12)}
    rows = {tuple(problem.heads[list(edges)]) for edges in drawn}
    assert tuple(problem.heads[solve(problem).chosen]) == (0, 1, 2)
    assert len(rows) > 4
    again = [solve(problem, Goal(lottery=3)).chosen for _time in range(2)]
    assert np.array_equal(*again)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_the_best_set_of_one_party_is_the_best(data: st.DataObject) -> None:
    size = data.draw(st.integers(0, 7))
    values = st.lists(st.integers(-6, 12).map(lambda n: n / 8), min_size=size, max_size=size)
    gain, credit = np.array(data.draw(values)), np.array(data.draw(values))
    forced = np.array(data.draw(st.lists(st.integers(0, 5).map(lambda n: n == 0), min_size=size, max_size=size)))
    forced = forced.astype(bool)
    low = data.draw(st.integers(0, 3))
    most = data.draw(st.integers(low, 4))
    floor = data.draw(st.sampled_from([-np.inf, 0.0, 0.5, 1.25, 3.0]))
    best = -math.inf
    for count in range(low, most + 1):
        for some in combinations(range(size), count):
            if set(np.flatnonzero(forced)) <= set(some) and credit[list(some)].sum() >= floor - 1e-9:
                best = max(best, float(gain[list(some)].sum()))
    taken = np.zeros(size, dtype=bool)
    _short, value, bound = best_set(gain, credit, forced, low, most, floor, taken)
    assert value == bound == pytest.approx(best, abs=1e-9) or (value == bound == best == -math.inf)
    if best > -math.inf:
        assert float(gain[taken].sum()) == pytest.approx(best, abs=1e-9)
    problem = Problem.of(
        np.zeros(size), np.arange(size), credit, row_min=[low], row_max=[most], column_min=np.zeros(size, int),
        column_max=np.ones(size, int), forced=forced if forced.sum() <= most else np.zeros(size, bool),
    )  # fmt: skip
    if forced.sum() <= most:
        floors = Floors(np.array([floor]), np.full(size, -np.inf))
        proven = total_bound(problem, gain, floors, Prices.none(problem))
        assert proven == pytest.approx(best, abs=1e-9) or proven == best == -math.inf


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 6)), max_size=30), st.integers(1, 5))
def test_the_best_edges_of_each_end(edges: list[tuple[int, int]], count: int) -> None:
    ends = np.array([end for end, _value in edges], dtype=np.int64)
    values = np.array([value for _end, value in edges], dtype=np.float64)
    picked = best_of_each(values, ends, 4, count)
    for end in range(4):
        mine = sorted((place for place in range(len(edges)) if ends[place] == end), key=lambda p: (-values[p], p))
        assert [place for place in range(len(edges)) if picked[place] and ends[place] == end] == sorted(mine[:count])
