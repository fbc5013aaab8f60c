"""Timetables beside their peers: the published B2B instances to their optimum, and large events to few breaks.

    python benchmarks/timetable.py --instances DIR --limit 60 --workers 2 --json OUT.json
    python benchmarks/timetable.py --large [--people 1000 --seconds 60 --seed 1] [--sectors 10] [--peers]

``DIR`` holds .dzn files of the B2B meeting-scheduling problem (Bofill et al., JAIR 74, 2022). Every answer is judged by
a checker of that definition which shares no code with the engine. ``--peers`` also runs RC2 MaxSAT (python-sat) alone
on the engine's own encoding, in the same run; on large events, one CP-SAT model with the same start and time.
"""

from __future__ import annotations

import argparse
import itertools
import json
import multiprocessing
import os
import random
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
from ortools.sat.python import cp_model

from yingcheng.matchmaking.timetable.bounds import break_bound
from yingcheng.matchmaking.timetable.exact import prove
from yingcheng.matchmaking.timetable.maxsat import fewest_breaks
from yingcheng.matchmaking.timetable.model import TimetableModel
from yingcheng.matchmaking.timetable.pairs import PairEvent, improve_pairs
from yingcheng.matchmaking.timetable.problem import Party, Problem, Task
from yingcheng.matchmaking.timetable.search import Found, improve

DATA = Path(os.environ.get("YINGCHENG_BENCH_DATA", "../shared/bench")) / "b2b"
FAIR = 2
SIZES = {200: (20, 60), 1000: (30, 180), 2000: (30, 380), 5000: (40, 750)}  # people → slots, tables
EACH = 4  # meetings that each person asks for
OWN = 0.7  # of the wishes are for the own sector
TRIAL_MOVES = 100_000_000  # to see how many are made in the time
DAYS_MOVES = 30_000_000
SECONDS = {200: 20, 1000: 60, 2000: 120, 5000: 120}


@dataclass(frozen=True)
class Instance:
    """One B2B instance; persons, meetings and slots count from 1 as in the file."""

    name: str
    persons: int
    tables: int
    slots: int
    morning: int
    requested: list[list[int]]  # person, person, session
    forbidden: list[set[int]]
    fixed: list[int]
    before: list[set[int]]  # per meeting, those that must be earlier


def read(path: Path) -> Instance:
    """Read a MiniZinc data file; fields that may be missing are empty."""
    text = re.sub(r"%[^\n]*", "", path.read_text(encoding="utf-8"))
    fields = dict(re.findall(r"(\w+)\s*=\s*(.*?);", text, flags=re.DOTALL))
    rows = [[int(n) for n in re.findall(r"-?\d+", row)] for row in fields["requested"].strip().strip("[]").split("|")]
    requested = [row if len(row) > 2 else [*row, 3] for row in rows if row]

    def sets(key: str, count: int) -> list[set[int]]:
        found = []
        for content in re.findall(r"\{([^}]*)\}|(\d+\s*\.\.\s*\d+)", fields.get(key, "")):
            one = content[0] or content[1]
            if ".." in one:
                low, high = (int(n) for n in re.findall(r"-?\d+", one))
                found.append(set(range(low, high + 1)))
            else:
                found.append({int(n) for n in re.findall(r"-?\d+", one)})
        return (found + [set()] * count)[:count]

    slots = int(fields["nTotalSlots"])
    persons = int(fields["nBusiness"])
    fixed = [int(n) for n in re.findall(r"-?\d+", fields.get("fixed", ""))]
    return Instance(
        path.name.removesuffix(".dzn"),
        persons,
        int(fields["nTables"]),
        slots,
        int(fields.get("nMorningSlots", slots)),
        requested,
        sets("forbidden", persons),
        (fixed + [0] * len(requested))[: len(requested)],
        sets("precedences", len(requested)),
    )


def problem_of(instance: Instance) -> Problem:
    """The instance as the engine's problem."""
    every = (1 << instance.slots) - 1
    morning = (1 << instance.morning) - 1
    wish = {1: morning, 2: every & ~morning, 3: every}
    tables = (1 << instance.tables) - 1
    tasks = [
        Task((a - 1, b - 1), wish[session] & (1 << (pin - 1) if pin > 0 else every), tables=tables)
        for (a, b, session), pin in zip(instance.requested, instance.fixed, strict=True)
    ]
    free = [every & ~sum(1 << (slot - 1) for slot in gone if 0 < slot <= instance.slots) for gone in instance.forbidden]
    return Problem(
        tuple(tasks),
        tuple(Party(mask) for mask in free),
        (0,) * instance.slots,
        tuple((slot, slot + 1) for slot in range(instance.slots)),
        (every,) * instance.tables,
        tuple(
            (first - 1, later)
            for later, earlier in enumerate(instance.before)
            for first in sorted(earlier)
            if first > 0
        ),
        fair=FAIR,
        must_all=True,
    )


def vary(instance: Instance, seed: int) -> Instance:
    """Another instance of the family: names and meetings shuffled, more forbidden slots, fixed meetings and order.

    Three of four keep to a timetable that exists but for its fairness; the others draw order and fixed meetings freely,
    so that most of them are infeasible.
    """
    draw = random.Random(seed)  # noqa: S311  # choices, no secrets
    people, meetings = list(range(instance.persons)), list(range(len(instance.requested)))
    draw.shuffle(people)
    draw.shuffle(meetings)
    place = {old: new for new, old in enumerate(meetings)}
    requested = [instance.requested[old] for old in meetings]
    forbidden: list[set[int]] = [set() for _ in people]
    for old, gone in enumerate(instance.forbidden):
        forbidden[people[old]] = set(gone)
    mixed = replace(
        instance,
        name=f"{instance.name.split('.')[0]}+{seed}",
        requested=[[people[a - 1] + 1, people[b - 1] + 1, session] for a, b, session in requested],
        forbidden=forbidden,
        fixed=[instance.fixed[old] for old in meetings],
        before=[{place[first - 1] + 1 for first in instance.before[old] if first > 0} for old in meetings],
    )
    whole = improve(problem_of(mixed), moves=1_000_000, seed=seed).slots
    kept = seed % 4 > 0 and min(whole) >= 0
    when = [slot + 1 if kept else draw.randint(1, instance.slots) for slot in whole]
    busy: list[set[int]] = [set() for _ in people]
    for (a, b, _), slot in zip(mixed.requested, when, strict=True):
        busy[a - 1].add(slot)
        busy[b - 1].add(slot)
    for person in draw.sample(range(len(people)), len(people) // 4):
        slots = set(draw.sample(range(1, instance.slots + 1), max(1, instance.slots // 8)))
        forbidden[person] |= slots - busy[person] if kept else slots
    for number in draw.sample(range(len(when)), len(when) // 20):
        mixed.fixed[number] = when[number]
    for _ in range(len(when) // 15):
        one, other = draw.sample(range(len(when)), 2)
        if when[one] != when[other]:
            first, later = sorted((one, other), key=when.__getitem__)
            mixed.before[later].add(first + 1)
    return mixed


def is_possible(instance: Instance, seconds: float) -> bool | None:
    """Whether there is any timetable, fair or not: CP-SAT on the definition, which shares no code with the engine."""
    model = cp_model.CpModel()
    days: list[list[cp_model.IntVar]] = [[] for _ in range(instance.persons)]
    when = []
    for number, (a, b, session) in enumerate(instance.requested):
        gone = instance.forbidden[a - 1] | instance.forbidden[b - 1]
        low, high = (
            (instance.morning + 1 if session == 2 else 1),
            (instance.morning if session == 1 else instance.slots),
        )
        slots = [slot for slot in range(low, high + 1) if slot not in gone and instance.fixed[number] in (0, slot)]
        if not slots:
            return False
        when.append(model.new_int_var_from_domain(cp_model.Domain.from_values(slots), ""))
        days[a - 1].append(when[-1])
        days[b - 1].append(when[-1])
    for day in days:
        model.add_all_different(day)
    for number, earlier in enumerate(instance.before):
        for first in earlier:
            if first > 0:
                model.add(when[first - 1] < when[number])
    spans = [model.new_fixed_size_interval_var(slot, 1, "") for slot in when]
    model.add_cumulative(spans, [1] * len(spans), instance.tables)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_time_in_seconds = seconds
    status = solver.solve(model)
    return {cp_model.OPTIMAL: True, cp_model.FEASIBLE: True, cp_model.INFEASIBLE: False}.get(status)


def check(instance: Instance, slots: tuple[int, ...]) -> int | None:
    """The breaks of a timetable by the definition; ``None`` where it breaks a rule. Shares no code with the engine."""
    when = [slot + 1 for slot in slots]
    if len(when) != len(instance.requested):
        return None
    days: list[list[int]] = [[] for _ in range(instance.persons)]
    for number, ((a, b, session), slot) in enumerate(zip(instance.requested, when, strict=True)):
        low = instance.morning + 1 if session == 2 else 1
        high = instance.morning if session == 1 else instance.slots
        pin = instance.fixed[number]
        late = any(when[first - 1] >= slot for first in instance.before[number] if first > 0)
        if not low <= slot <= high or (pin not in (0, slot) and pin > 0) or late:
            return None
        for person in (a, b):
            if slot in instance.forbidden[person - 1]:
                return None
            days[person - 1].append(slot)
    if any(when.count(slot) > instance.tables for slot in set(when)):
        return None
    breaks = []
    for day in days:
        if len(set(day)) < len(day):
            return None
        breaks.append(sum(after - before > 1 for before, after in itertools.pairwise(sorted(day))))
    return sum(breaks) if max(breaks) - min(breaks) <= FAIR else None


def _peer(problem: Problem, answer: Connection) -> None:
    answer.send(fewest_breaks(problem))


def run_peer(problem: Problem, limit: float) -> tuple[bool, float]:
    """RC2 alone, in a process of its own: whether it ended in time, and its seconds."""
    context = multiprocessing.get_context("fork")
    receive, send = context.Pipe(duplex=False)
    begun = time.perf_counter()
    worker = context.Process(target=_peer, args=(problem, send), daemon=True)
    worker.start()
    done = receive.poll(limit)
    seconds = time.perf_counter() - begun
    worker.terminate()
    worker.join()
    return done, seconds


def solve_all(instances: Iterable[Instance], limit: float, workers: int, *, peers: bool) -> list[dict[str, object]]:
    """Solve every instance, print a line for each."""
    results: list[dict[str, object]] = []
    sums = [0.0, 0.0]
    for instance in instances:
        begun = time.perf_counter()
        problem = problem_of(instance)
        proof = prove(problem, seconds=limit, workers=workers)
        seconds = time.perf_counter() - begun
        counted = check(instance, proof.slots) if proof.slots is not None else None
        verified = counted == proof.breaks if proof.slots is not None else proof.status != "infeasible"
        if proof.status == "infeasible":
            verified = is_possible(instance, limit) is False
        results.append(
            {
                "name": instance.name,
                "status": proof.status,
                "breaks": proof.breaks,
                "bound": proof.bound,
                "seconds": round(seconds, 3),
                "verified": verified,
            }
        )
        sums[0] += seconds
        line = (
            f"{instance.name:28} {proof.status:10} {proof.breaks!s:>5} {proof.bound:>5} {seconds:8.2f} {verified!s:>6}"
        )
        if peers:
            done, other = run_peer(problem, limit)
            sums[1] += other
            line += f" {other:8.2f}{'' if done else ' (limit)'}"
        print(line, flush=True)
    print(
        f"sum of seconds {sums[0]:.1f}" + (f", RC2 alone {sums[1]:.1f}, ratio {sums[0] / sums[1]:.2f}" if peers else "")
    )
    return results


def event(people: int, seed: int, sectors: int = 1) -> Problem:
    """A large event: everyone asks for four others, drawn from the seed.

    With several sectors, seven of ten wishes are for somebody of one's own.
    """
    slots, tables = SIZES[people]
    draw = np.random.default_rng(seed)
    pairs: set[tuple[int, int]] = set()
    for person in range(people):
        asked = 0
        while asked < EACH:
            other = int(draw.integers(people))
            if sectors > 1 and draw.random() < OWN:
                other += person % sectors - other % sectors
            pair = (min(person, other), max(person, other))
            if other != person and other < people and pair not in pairs:
                pairs.add(pair)
                asked += 1
    every = (1 << slots) - 1
    return Problem(
        tuple(Task(pair, every, tables=(1 << tables) - 1) for pair in sorted(pairs)),
        (Party(every),) * people,
        (0,) * slots,
        tuple((20 * slot, 20 * slot + 20) for slot in range(slots)),
        (every,) * tables,
    )


def days_alone(problem: Problem, slots: tuple[int, ...], seed: int) -> int:
    """Breaks and meetings that cannot be when any two may meet in any slot both have: what the tables alone cost.

    Every timetable answers this question too, so it needs no more than any timetable does. It is annealed, so it is
    an estimate and no bound.
    """
    easier = PairEvent(problem, slots, 0.0, 0.0, seed)
    easier.lay_out(DAYS_MOVES, 0.0, 1.0, (1.0,))
    days = [int(day) for day in easier.day]
    unmet = sum(not days[a] & days[b] for a, b in (task.parties for task in problem.tasks))
    return sum(problem.breaks_of(party, day) for party, day in enumerate(days)) + unmet


def one_model(problem: Problem, slots: tuple[int, ...], seconds: float) -> int | None:
    """The peer: one CP-SAT model with two workers, told the same start."""
    model = TimetableModel(problem)
    for choices in model.begin:
        model.cp.add_bool_or(choices.values())
    model.cp.minimize(cp_model.LinearExpr.sum([end for ends in model.breaks() for end in ends]))
    model.hint(slots)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 2
    solver.parameters.max_time_in_seconds = seconds
    status = solver.solve(model.cp)
    return sum(problem.breaks(model.slots(solver))) if status in (cp_model.OPTIMAL, cp_model.FEASIBLE) else None


def valid(problem: Problem, slots: tuple[int, ...]) -> bool:
    """Whether nobody is in two places and no slot has more meetings than tables. Shares no code with the engine."""
    met = {(party, slot) for task, slot in zip(problem.tasks, slots, strict=True) for party in task.parties}
    full = max(slots.count(slot) for slot in set(slots)) <= len(problem.open_tables)
    return full and len(met) == 2 * len(slots) and min(slots) >= 0


def large(people: int, seconds: float, seed: int, moves: int, sectors: int, *, peers: bool) -> None:
    """Improve one large event for so long, print where it was when."""
    problem = event(people, seed, sectors)
    tasks, tables = len(problem.tasks), len(problem.open_tables)
    print(f"{people} people, {tasks} meetings, {problem.slots} slots, {tables} tables, seed {seed}", end=", ")
    print(f"{tasks / problem.slots / tables:.0%} taken, bound {break_bound(problem)}")
    if not moves:
        begun = time.perf_counter()
        improve_pairs(problem, moves=TRIAL_MOVES, seed=seed)
        moves = int(TRIAL_MOVES / (time.perf_counter() - begun) * seconds)
    shown, placed = 0.0, tuple[int, ...]()
    begun, cpu = time.perf_counter(), time.process_time()

    def watch(found: Found) -> bool:
        nonlocal shown, placed
        passed = time.perf_counter() - begun
        placed = placed or found.slots
        if not shown or passed - shown > seconds / 6:
            print(
                f"  {passed:6.2f} s  {found.moves:>13,} moves  {found.placed} placed  {found.breaks} breaks", flush=True
            )
            shown = passed
        return passed < seconds

    found = improve_pairs(problem, moves=moves, seed=seed, watch=watch)
    passed, cpu = time.perf_counter() - begun, time.process_time() - cpu
    print(f"  {passed:6.2f} s  {found.moves:>13,} moves  {found.placed} placed  {found.breaks} breaks", end="")
    print(f" (of --moves {moves}, {cpu:.1f} s of CPU time), valid: {valid(problem, found.slots)}")
    print(f"  the days alone, an estimate: {days_alone(problem, placed, seed)} breaks")
    if peers:
        print(f"  one CP-SAT model: {one_model(problem, placed, seconds)} breaks", flush=True)


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--instances", type=Path, default=DATA)
    parser.add_argument("--limit", type=float, default=60.0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--peers", action="store_true", help="also run the peers")
    parser.add_argument("--vary", type=int, help="so many variations of the instances instead of the instances")
    parser.add_argument("--large", action="store_true", help="large events instead of instances")
    parser.add_argument("--people", type=int, choices=sorted(SIZES), action="append")
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--moves", type=int, default=0, help="the annealing cools over so many moves; default by trial")
    parser.add_argument("--seed", type=int, default=2022)
    parser.add_argument("--sectors", type=int, default=1)
    asked = parser.parse_args()
    improve_pairs(event(200, 0), moves=1000, seed=0)  # compile, once for a machine
    if asked.large:
        for people in asked.people or sorted(SIZES):
            seconds = asked.seconds or SECONDS[people]
            large(people, seconds, asked.seed, asked.moves, asked.sectors, peers=asked.peers)
        return
    if not any(asked.instances.glob("*.dzn")):
        print(f"no .dzn files in {asked.instances}: nothing to do")
        return
    print(f"{'instance':28} {'status':10} breaks bound  seconds  verified" + ("  RC2 alone" if asked.peers else ""))
    instances = [read(path) for path in sorted(asked.instances.glob("*.dzn"))]
    if asked.vary:
        instances = [vary(instances[number % len(instances)], number + 1) for number in range(asked.vary)]
    results = solve_all(instances, asked.limit, asked.workers, peers=asked.peers)
    if asked.json:
        asked.json.write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
