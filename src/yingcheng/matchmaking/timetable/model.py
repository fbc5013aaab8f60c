"""The exact model of a small or middle timetable: most placed by priority, then fewest breaks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ortools.sat.python import cp_model

from yingcheng.matchmaking.timetable.problem import Problem, bits

__all__ = ["Solved", "TimetableModel", "solve"]


@dataclass(frozen=True, slots=True)
class Solved:
    """What was found: slots per task (−1 = not placed), a bound of the breaks if as much is placed, whether proven.

    ``slots`` is ``None`` where nothing was found; with ``proven`` there is nothing to find.
    """

    slots: tuple[int, ...] | None
    bound: int
    proven: bool


class TimetableModel:
    """Every hard rule of a problem as constraints of one CP-SAT model; goals are added by whoever needs them."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.cp = cp_model.CpModel()
        self.begin: list[dict[int, cp_model.IntVar]] = []  # task → slot → whether it begins there
        self.placed: list[cp_model.LinearExpr] = []
        for mask in problem.allowed:
            choices = {slot: self.cp.new_bool_var("") for slot in bits(mask)}
            self.begin.append(choices)
            self.cp.add_at_most_one(choices.values())
            self.placed.append(cp_model.LinearExpr.sum(list(choices.values())))
            if problem.must_all:
                self.cp.add_bool_or(choices.values())
        # party → slot → what keeps it busy then
        self.load: list[dict[int, list[cp_model.IntVar]]] = [{} for _ in problem.parties]
        for task, choices in zip(problem.tasks, self.begin, strict=True):
            for start, chosen in choices.items():
                for slot in bits(task.span(start)):
                    for party in task.parties:
                        self.load[party].setdefault(slot, []).append(chosen)
        for party, own in enumerate(problem.parties):
            for chosen_here in self.load[party].values():
                if own.lanes == 1:
                    self.cp.add_at_most_one(chosen_here)
                elif len(chosen_here) > own.lanes:
                    self.cp.add(cp_model.LinearExpr.sum(chosen_here) <= own.lanes)
        self._tables()
        self._order()
        self._rest()

    def _tables(self) -> None:
        problem = self.problem
        unions, inside, room = problem.groups
        for group in range(len(unions)):
            for slot in range(problem.slots):
                here = [
                    chosen
                    for task, choices, within in zip(problem.tasks, self.begin, inside, strict=True)
                    if within[group]
                    for start, chosen in choices.items()
                    if start <= slot < start + task.length
                ]
                if len(here) > room[group][slot]:
                    self.cp.add(cp_model.LinearExpr.sum(here) <= room[group][slot])

    def _order(self) -> None:
        for early, late in self.problem.before:
            length = self.problem.tasks[early].length
            for start, chosen in self.begin[late].items():
                # Whoever begins here has had the earlier meeting before.
                self.cp.add_bool_or(
                    [one for slot, one in self.begin[early].items() if slot + length <= start] + [~chosen]
                )

    def _rest(self) -> None:
        """Two meetings of one party keep their distance; those that overlap are told apart already."""
        problem = self.problem
        if problem.is_plain:
            return
        for party in range(len(problem.parties)):
            if problem.parties[party].lanes > 1:
                continue  # which member goes from one to the other is theirs to arrange
            mine = [number for number, task in enumerate(problem.tasks) if party in task.parties]
            for one in mine:
                for other in mine:
                    if one == other:
                        continue
                    areas = problem.tasks[one].area, problem.tasks[other].area
                    for start, chosen in self.begin[one].items():
                        last = start + problem.tasks[one].length - 1
                        for next_start, following in self.begin[other].items():
                            if next_start > last and problem.too_near(party, last, next_start, areas):
                                self.cp.add_bool_or([~chosen, ~following])

    def breaks(self) -> list[list[cp_model.IntVar]]:
        """For each party, the literals of the ends of its breaks: busy now, free before, busy some time before that."""
        found = []
        for party, load in enumerate(self.load):
            busy: dict[int, cp_model.IntVar] = {}
            for slot, chosen in load.items():
                busy[slot] = self.cp.new_bool_var("")
                if self.problem.parties[party].lanes == 1:
                    self.cp.add_exactly_one([*chosen, ~busy[slot]])
                else:
                    self.cp.add_max_equality(busy[slot], chosen)
            ends = []
            for day in self.problem.days:
                ends += self._ends(busy, bits(day), self.problem.parties[party].rest_slots)
            most = self.problem.most_breaks
            if most is not None and len(ends) > most:
                self.cp.add(cp_model.LinearExpr.sum(ends) <= most)
            found.append(ends)
        if self._alike:
            least = self.cp.new_int_var(0, self.problem.slots, "")
            for ends in found:
                self.cp.add(cp_model.LinearExpr.sum(ends) >= least)
                self.cp.add(cp_model.LinearExpr.sum(ends) <= least + (self.problem.fair or 0))
        return found

    @property
    def _alike(self) -> bool:
        """Whether breaks are measured by each other: then an end must be one, not only every break have its end."""
        return self.problem.fair is not None and self.problem.most_breaks is None

    def _ends(self, busy: dict[int, cp_model.IntVar], day: Sequence[int], rest: int) -> list[cp_model.IntVar]:
        ends = []
        before: dict[int, cp_model.IntVar] = {}  # slot → whether it was busy then or earlier
        last: cp_model.IntVar | None = None
        for place, slot in enumerate(day):
            began = before.get(day[place - rest - 2]) if place >= rest + 2 else None
            if slot in busy:
                if began is not None:
                    end = self.cp.new_bool_var("")
                    near = [busy[other] for other in day[place - rest - 1 : place] if other in busy]
                    self.cp.add_bool_or([~busy[slot], ~began, end, *near])
                    if self._alike:
                        for other in (busy[slot], began, *(~one for one in near)):
                            self.cp.add_implication(end, other)
                    ends.append(end)
                now = self.cp.new_bool_var("")
                self.cp.add_implication(busy[slot], now)
                if last is not None:
                    self.cp.add_implication(last, now)
                if self._alike:
                    self.cp.add_bool_or([~now, busy[slot], *([] if last is None else [last])])
                last = now
            if last is not None:
                before[slot] = last
        return ends

    def hint(self, slots: Sequence[int]) -> None:
        """Begin the search at a timetable."""
        for choices, start in zip(self.begin, slots, strict=True):
            for slot, chosen in choices.items():
                self.cp.add_hint(chosen, slot == start)

    def slots(self, solver: cp_model.CpSolver) -> tuple[int, ...]:
        """The slots of the solution; −1 is not placed."""
        return tuple(
            next((slot for slot, chosen in choices.items() if solver.boolean_value(chosen)), -1)
            for choices in self.begin
        )


def solve(problem: Problem, start: Sequence[int] | None, *, effort: float, seed: int, seconds: float = 1e9) -> Solved:
    """Place as much as possible by priority, then with the fewest breaks.

    One worker and a limit in deterministic time, so that the same input gives the same timetable on every machine.

    Args:
        problem: the timetable to make.
        start: a timetable to start from.
        effort: limit in deterministic seconds of the solver.
        seed: of the solver's choices.
        seconds: limit by the clock; what is found then depends on the machine.
    """
    model = TimetableModel(problem)
    breaks = cp_model.LinearExpr.sum([end for ends in model.breaks() for end in ends])
    whole = problem.must_all or (start is not None and min(start, default=0) >= 0)
    weight = len(problem.parties) * problem.slots + 1  # above any number of breaks
    wanted = sum(task.weight for task in problem.tasks)
    if whole and not problem.must_all:
        for choices in model.begin:
            model.cp.add_bool_or(choices.values())
    if whole:
        model.cp.minimize(breaks)
    else:
        placed = cp_model.LinearExpr.sum(
            [task.weight * one for task, one in zip(problem.tasks, model.placed, strict=True)]
        )
        model.cp.minimize(breaks + weight * (wanted - placed))
    if start is not None:
        model.hint(start)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = seed
    solver.parameters.max_deterministic_time = effort
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.optimize_with_core = True
    status = solver.solve(model.cp)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Solved(None, 0, status == cp_model.INFEASIBLE)
    slots = model.slots(solver)
    missed = 0 if whole else wanted - sum(t.weight for t, slot in zip(problem.tasks, slots, strict=True) if slot >= 0)
    bound = math.ceil(solver.best_objective_bound - 1e-6) - weight * missed
    return Solved(slots, max(0, bound), status == cp_model.OPTIMAL)
