"""Large neighbourhoods: most meetings stay where they are, a region is solved anew, by one SAT solver that remembers.

Annealing stops where a better timetable needs many meetings to change at once. Here the meetings of some people, or of
some slots, are free and all others are assumptions of the same incremental solver; what it learns in one region serves
in all later ones. Half of the attempts ask for fewer breaks, the others for as many in another way.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from types import TracebackType

from pysat.card import ITotalizer
from pysat.solvers import Solver

from yingcheng.matchmaking.timetable.maxsat import Encoding
from yingcheng.matchmaking.timetable.problem import Problem

__all__ = ["Regions"]

SOLVER = "g4"  # glucose: it can be stopped after so many conflicts and goes on from there
CONFLICTS = 1_500  # of one attempt, a fraction of a second
FIRST_CONFLICTS = 10_000  # of one attempt to find any timetable
PEOPLE, SLOTS = 12.0, 8.0  # of the first regions; they grow when nothing is to be found and shrink when it takes long
GROW, SHRINK = 1.03, 0.97
NEAR = 0.8  # share of a region's people who meet one of the others
BROKEN = 0.7  # share of regions that begin with someone who has a break


class Regions:
    """A timetable that gets better by regions.

    Attributes:
        slots: the timetable, whole and fair; ``None`` while there is none.
        breaks: its breaks.
        proven: whether there is none with fewer, or none at all.
    """

    def __init__(self, problem: Problem, start: Sequence[int], *, seed: int) -> None:
        self.problem = problem
        self.slots: tuple[int, ...] | None = None
        self.breaks = 0
        self.proven = False
        self._draw = random.Random(seed)  # noqa: S311  # choices, no secrets
        self._encoding = Encoding(problem)
        breaks = [one for own in self._encoding.breaks for one in own]
        self._sum = ITotalizer(breaks, ubound=len(breaks), top_id=self._encoding.count) if breaks else None
        clauses = self._encoding.formula.hard + (self._sum.cnf.clauses if self._sum else [])
        self._solver = Solver(SOLVER, bootstrap_with=clauses)
        self._of: list[list[int]] = [[] for _ in problem.parties]
        for number, task in enumerate(problem.tasks):
            for party in task.parties:
                self._of[party].append(number)
        self._people, self._window = PEOPLE, SLOTS
        self._start = start
        if min(start, default=0) >= 0 and problem.is_fair(start):
            self._take(tuple(start))

    def __enter__(self) -> Regions:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._solver.delete()
        if self._sum:
            self._sum.delete()

    def step(self) -> None:
        """Solve one region anew, or look for a first timetable."""
        if self.slots is None:
            self._first()
            return
        fewer = self._draw.random() < 0.5
        by_people = self._draw.random() < 0.5
        window = set(range(self.problem.slots)) if by_people else self._some_slots()
        free = self._around() if by_people else {n for n, slot in enumerate(self.slots) if slot in window}
        held: list[int] = []
        wished: list[int] = []
        for number, (choices, now) in enumerate(zip(self._encoding.begin, self.slots, strict=True)):
            if number not in free:
                held.append(choices[now])
            elif not by_people:
                held += [-chosen for slot, chosen in choices.items() if slot not in window]
            aim = now if fewer or number not in free else self._draw.choice(list(choices))
            wished += [chosen if slot == aim else -chosen for slot, chosen in choices.items()]
        limit = self._at_most(self.breaks - fewer)
        self._solver.set_phases(wished)
        self._solver.conf_budget(CONFLICTS)
        found = self._solver.solve_limited(assumptions=[*limit, *held])
        factor = SHRINK if found is None else GROW if not found and fewer else 1.0
        if by_people:
            self._people = min(float(len(self.problem.parties)), max(2.0, self._people * factor))
        else:
            self._window = min(float(self.problem.slots), max(2.0, self._window * factor))
        if found:
            self._take(self._encoding.slots(self._solver.get_model()))
        elif found is False and fewer and set(self._solver.get_core() or ()) <= set(limit):
            self.proven = True  # what was held had no part in it

    def _first(self) -> None:
        wished = [
            chosen if slot == now else -chosen
            for choices, now in zip(self._encoding.begin, self._start, strict=True)
            for slot, chosen in choices.items()
        ]
        self._solver.set_phases(wished)
        self._solver.conf_budget(FIRST_CONFLICTS)
        found = self._solver.solve_limited()
        if found:
            self._take(self._encoding.slots(self._solver.get_model()))
        self.proven = found is False

    def _take(self, slots: tuple[int, ...]) -> None:
        self.slots = slots
        self.breaks = sum(self.problem.breaks(slots))

    def _at_most(self, breaks: int) -> list[int]:
        """Assumptions that there are no more breaks."""
        return [-self._sum.rhs[breaks]] if self._sum and 0 <= breaks < len(self._sum.rhs) else []

    def _some_slots(self) -> set[int]:
        """Slots in a row, or any."""
        count, slots = int(self._window), self.problem.slots
        if self._draw.random() < 0.5:
            first = self._draw.randrange(-(count // 3), max(1, slots - count + count // 3 + 1))
            return set(range(first, first + count))
        return set(self._draw.sample(range(slots), min(count, slots)))

    def _around(self) -> set[int]:
        """The meetings of people who hang together, someone with a break among them."""
        draw, everyone = self._draw, len(self._of)
        broken = [party for party, count in enumerate(self.problem.breaks(self.slots or ())) if count]
        chosen = [draw.choice(broken) if broken and draw.random() < BROKEN else draw.randrange(everyone)]
        while len(chosen) < min(everyone, int(self._people)):
            middle = draw.choice(chosen)
            near = {party for number in self._of[middle] for party in self.problem.tasks[number].parties}
            candidates = sorted(near - set(chosen)) if draw.random() < NEAR else []
            candidates = candidates or [party for party in range(everyone) if party not in chosen]
            chosen.append(draw.choice(candidates))
        return {number for party in chosen for number in self._of[party]}
