"""Proofs: against brute force on small instances of the published kind, and the published optima where the data is."""

from __future__ import annotations

import os
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yingcheng.matchmaking.timetable.bounds import break_bound
from yingcheng.matchmaking.timetable.exact import prove
from yingcheng.matchmaking.timetable.maxsat import fewest_breaks
from yingcheng.matchmaking.timetable.model import solve
from yingcheng.matchmaking.timetable.problem import Party, Problem, Task
from yingcheng.matchmaking.timetable.regions import Regions
from yingcheng.matchmaking.timetable.search import improve

DATA = Path(os.environ.get("YINGCHENG_BENCH_DATA", "../shared/bench")) / "b2b"


@st.composite
def instances(draw: st.DrawFn) -> Problem:
    """Sessions, forbidden slots, fixed meetings, order, few tables, fairness: the published problem, and two days."""
    slots = draw(st.integers(3, 5))
    every, morning = (1 << slots) - 1, 0b11
    everyone = [(0, 3), (0, 4), (1, 3), (1, 4)]  # then nobody has fewer than two meetings, and all may need a break
    fewest = draw(st.sampled_from([[], [], everyone]))
    pair = st.tuples(st.integers(0, 2), st.integers(3, 5))
    pairs = fewest or draw(st.lists(pair, min_size=2, max_size=5, unique=True))
    number = {party: place for place, party in enumerate(sorted({party for two in fewest for party in two}))}
    pairs = [(number.get(a, a), number.get(b, b)) for a, b in pairs]
    people = len(number) or 6
    tables = draw(st.integers(1, 3))
    wishes = st.sampled_from([every, every, morning, every & ~morning, 0b10])
    before = draw(st.sampled_from([(), (), ((0, 1),)]))
    days = draw(st.sampled_from([(0,) * slots, (0,) * slots, (0, 0, *(1,) * (slots - 2))]))
    return Problem(
        tuple(Task(pair, draw(wishes), tables=(1 << tables) - 1) for pair in pairs),
        tuple(Party(draw(st.sampled_from([every, every, every & ~0b10]))) for _ in range(people)),
        days,
        tuple((slot, slot + 1) for slot in range(slots)),
        (every,) * tables,
        before,
        fair=draw(st.sampled_from([0, 1, 2, None])),
        must_all=True,
    )


def brute_force(problem: Problem) -> int | None:
    best = None
    for slots in product(range(problem.slots), repeat=len(problem.tasks)):
        busy = [0] * len(problem.parties)
        fits = all(slots[first] < slots[later] for first, later in problem.before)
        fits &= max(slots.count(slot) for slot in slots) <= len(problem.open_tables)
        for task, slot in zip(problem.tasks, slots, strict=True):
            fits &= bool(task.starts >> slot & 1)
            for party in task.parties:
                fits &= bool(problem.parties[party].free >> slot & 1) and not busy[party] >> slot & 1
                busy[party] |= 1 << slot
        each = problem.breaks(slots) if fits else [0]
        fits &= problem.fair is None or max(each) - min(each) <= problem.fair
        if fits:
            best = sum(each) if best is None else min(best, sum(each))
    return best


@settings(max_examples=150, deadline=None)
@given(instances())
def test_each_exact_way_finds_what_brute_force_finds(problem: Problem) -> None:
    best = brute_force(problem)
    slots = fewest_breaks(problem)
    assert (None if slots is None else sum(problem.breaks(slots))) == best
    told: list[int] = []
    fewest_breaks(problem, told.append)
    solved = solve(problem, None, effort=10.0, seed=0)
    assert solved.proven
    assert (None if solved.slots is None else sum(problem.breaks(solved.slots))) == best
    with Regions(problem, (-1,) * len(problem.tasks), seed=1) as regions:
        while not regions.proven:
            regions.step()
            if regions.slots is not None and regions.breaks == best:
                break
        assert (None if regions.slots is None else regions.breaks) == best
    bound = break_bound(problem)
    if best is not None:
        assert max(told, default=0) <= best
        assert bound is not None
        assert bound <= best


def test_a_proof_meets_from_both_sides_and_one_worker_suffices() -> None:
    every = 0b1111
    problem = Problem(
        (Task((0, 1), 0b0001), Task((0, 2), 0b1000), Task((1, 2), 0b0010)),
        (Party(every),) * 3,
        (0,) * 4,
        tuple((slot, slot + 1) for slot in range(4)),
        (every,),
        fair=2,
    )
    for workers in (1, 2):
        proof = prove(problem, seconds=60, workers=workers)
        assert (proof.status, proof.breaks, proof.bound) == ("optimal", 2, 2)


def test_what_cannot_be_is_proven_infeasible() -> None:
    base = Problem(
        (Task((0, 1), 0b11), Task((0, 2), 0b11), Task((1, 2), 0b11)),
        (Party(0b11),) * 3,
        (0, 0),
        ((0, 1), (1, 2)),
        (0b11,) * 3,
        fair=2,
    )
    crowded = replace(base, tasks=(*base.tasks, Task((0, 1), 0b11)))
    circle = replace(base, before=((0, 1), (1, 0)))
    for problem in (base, crowded, circle):
        assert prove(problem, seconds=60).status == "infeasible"


def test_the_same_seed_gives_the_same_timetable() -> None:
    every = (1 << 8) - 1
    pairs = [(a, b) for a in range(12) for b in range(a) if (a * b + a) % 3 == 0]
    problem = Problem(
        tuple(Task(pair, every, tables=0b11111111) for pair in pairs),
        (Party(every),) * 12,
        (0,) * 8,
        tuple((slot, slot + 1) for slot in range(8)),
        (every,) * 8,
    )
    whole = improve(problem, moves=30_000, seed=3)
    assert whole == improve(problem, moves=30_000, seed=3)
    stopped = improve(problem, moves=30_000, seed=3, chunk=2048, watch=lambda found: found.moves < 4096)
    assert stopped.moves == 4096


@pytest.mark.parametrize(
    ("name", "optimum"), [("forumt-14", 5), ("forumt-14crafd", 4), ("tic-12", 0), ("tic-13", 0), ("tic-13crafc", 4)]
)
def test_published_optima(name: str, optimum: int) -> None:
    path = DATA / f"{name}.original.dzn"
    if not path.is_file():
        pytest.skip(f"no benchmark data: {path}")
    benchmark = pytest.importorskip("benchmarks.timetable", reason="the benchmarks are not installed")
    instance = benchmark.read(path)
    proof = prove(benchmark.problem_of(instance), seconds=60)
    assert (proof.status, proof.breaks) == ("optimal", optimum)
    assert benchmark.check(instance, proof.slots) == optimum


def test_variations_are_solved_or_proven_impossible() -> None:
    path = DATA / "tic-12.original.dzn"
    if not path.is_file():
        pytest.skip(f"no benchmark data: {path}")
    benchmark = pytest.importorskip("benchmarks.timetable", reason="the benchmarks are not installed")
    for seed in (1, 4):  # the first keeps to a timetable that exists
        instance = benchmark.vary(benchmark.read(path), seed)
        proof = prove(benchmark.problem_of(instance), seconds=60)
        if proof.slots is None:
            assert seed == 4
            assert proof.status == "infeasible"
            assert benchmark.is_possible(instance, 60) is False
        else:
            assert benchmark.check(instance, proof.slots) == proof.breaks
