"""The exact model of a small or middle timetable: most meetings placed, then fewest breaks."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ortools.sat.python import cp_model

from yingcheng.matchmaking.timetable.search import Board, Problem

__all__ = ["Solved", "solve"]


@dataclass(frozen=True, slots=True)
class Solved:
    """What the solver found: slots per meeting (−1 = not placed), and a bound of the breaks if as many are placed."""

    slots: tuple[int, ...]
    bound: int
    proven: bool


def solve(problem: Problem, start: Board, *, effort: float, seed: int) -> Solved | None:
    """Improve a timetable with CP-SAT.

    One worker and a limit in deterministic time, so that the same input gives the same timetable on every machine.

    Args:
        problem: the timetable to make.
        start: a timetable to start from.
        effort: limit in deterministic seconds of the solver.
        seed: of the solver's choices.

    Returns:
        ``None`` where the limit was reached before any timetable was found.
    """
    model = cp_model.CpModel()
    at: list[dict[int, cp_model.IntVar]] = []
    busy: list[dict[int, list[cp_model.IntVar]]] = [{} for _ in problem.free]
    by_slot: list[list[cp_model.IntVar]] = [[] for _ in range(problem.slots)]
    for meeting, (a, b) in enumerate(problem.meetings):
        common = problem.free[a] & problem.free[b]
        choices = {s: model.new_bool_var(f"m{meeting}s{s}") for s in range(problem.slots) if common >> s & 1}
        at.append(choices)
        model.add_at_most_one(choices.values())
        for slot, chosen in choices.items():
            model.add_hint(chosen, start.slot[meeting] == slot)
            by_slot[slot].append(chosen)
            for party in (a, b):
                busy[party].setdefault(slot, []).append(chosen)
    for slot in range(problem.slots):
        if len(by_slot[slot]) > problem.tables:
            model.add(sum(by_slot[slot]) <= problem.tables)
    breaks: list[cp_model.LinearExprT] = []
    for party, slots in enumerate(busy):
        breaks += _break_terms(model, problem, slots, party)
    placed = [chosen for choices in at for chosen in choices.values()]
    if start.placed() == len(problem.meetings):
        for choices in at:
            model.add_exactly_one(choices.values())
        model.minimize(cp_model.LinearExpr.sum(breaks))
        weight = 0
    else:
        weight = len(problem.free) * problem.slots + 1  # above any number of breaks
        missed = len(problem.meetings) - cp_model.LinearExpr.sum(placed)
        model.minimize(cp_model.LinearExpr.sum(breaks) + weight * missed)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = seed
    solver.parameters.max_deterministic_time = effort
    solver.parameters.optimize_with_core = True
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    found = [next((s for s, chosen in choices.items() if solver.boolean_value(chosen)), -1) for choices in at]
    missing = sum(slot < 0 for slot in found)
    bound = math.ceil(solver.best_objective_bound - 1e-6) - weight * missing
    return Solved(tuple(found), max(0, bound), status == cp_model.OPTIMAL)


def _break_terms(
    model: cp_model.CpModel, problem: Problem, slots: dict[int, list[cp_model.IntVar]], party: int
) -> list[cp_model.LinearExprT]:
    """Terms whose least sum is the number of breaks of one party: runs of meetings, less one per day with any."""
    terms: list[cp_model.LinearExprT] = []
    for chosen in slots.values():
        if len(chosen) > 1:
            model.add_at_most_one(chosen)
    for number, day in enumerate(problem.days()):
        inside = {slot: chosen for slot, chosen in slots.items() if day >> slot & 1}
        if not inside:
            continue
        for slot, chosen in inside.items():
            run = model.new_bool_var(f"p{party}r{slot}")
            model.add(run >= sum(chosen) - sum(inside.get(slot - 1, [])))
            terms.append(run)
        used = model.new_bool_var(f"p{party}d{number}")
        model.add(used <= sum(var for chosen in inside.values() for var in chosen))
        terms.append(-used)
    return terms
