"""The fewest breaks as a MaxSAT problem, for RC2 (Ignatiev, Morgado, Marques-Silva 2019) of python-sat.

Hole encoding after Bofill et al., *Solving the B2B scheduling problem* (JAIR 74, 2022): a party that is busy now, was
not in the slot before, but was earlier, ends a break. A meeting takes one slot; parties meet one at a time.
"""

from __future__ import annotations

from collections.abc import Sequence

from pysat.card import CardEnc, EncType
from pysat.examples.rc2 import RC2
from pysat.formula import WCNF

from yingcheng.matchmaking.timetable.problem import Problem, bits

__all__ = ["Encoding", "fewest_breaks"]

SOLVER = "g4"  # glucose: of those in python-sat the fastest on these formulas


class Encoding:
    """The formula, and the variable of each task and slot."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.formula = WCNF()
        self.count = 0
        self.begin = [{slot: self._new() for slot in bits(mask)} for mask in problem.allowed]
        busy: list[dict[int, list[int]]] = [{} for _ in problem.parties]
        for task, choices in zip(problem.tasks, self.begin, strict=True):
            for slot, chosen in choices.items():
                for party in task.parties:
                    busy[party].setdefault(slot, []).append(chosen)
        for choices in self.begin:
            self._exactly(list(choices.values()), 1)
        self._tables()
        for early, late in problem.before:
            for slot, chosen in self.begin[late].items():
                self.formula.append([-chosen, *(one for at, one in self.begin[early].items() if at < slot)])
        for party, slots in enumerate(busy):
            self._party(party, slots)

    def _new(self) -> int:
        self.count += 1
        return self.count

    def _add(self, encoded: object) -> None:
        self.count = max(self.count, encoded.nv)  # type: ignore[attr-defined]
        self.formula.extend(encoded.clauses)  # type: ignore[attr-defined]

    def _exactly(self, literals: list[int], number: int) -> None:
        if number > len(literals):
            self.formula.append([])
        else:
            self._add(CardEnc.equals(literals, number, top_id=self.count, encoding=EncType.seqcounter))

    def _at_most(self, literals: list[int], number: int) -> None:
        if number < len(literals):
            self._add(CardEnc.atmost(literals, number, top_id=self.count, encoding=EncType.seqcounter))

    def _tables(self) -> None:
        unions, inside, room = self.problem.groups
        for group in range(len(unions)):
            for slot in range(self.problem.slots):
                here = [
                    choices[slot]
                    for choices, within in zip(self.begin, inside, strict=True)
                    if within[group] and slot in choices
                ]
                self._at_most(here, room[group][slot])

    def _party(self, party: int, slots: dict[int, list[int]]) -> None:
        busy: dict[int, int] = {}
        for slot, chosen in sorted(slots.items()):
            busy[slot] = self._new()
            self._at_most(chosen, 1)
            self.formula.append([-busy[slot], *chosen])
            for one in chosen:
                self.formula.append([-one, busy[slot]])
        meetings = sum(party in task.parties for task in self.problem.tasks)
        if meetings < 2:
            return
        self._exactly(list(busy.values()), meetings)
        ends = [end for day in self.problem.days for end in self._ends(busy, bits(day))]
        if self.problem.fair is not None:
            self._at_most(ends, self.problem.fair)
        for end in ends:
            self.formula.append([-end], weight=1)

    def _ends(self, busy: dict[int, int], day: Sequence[int]) -> list[int]:
        ends: list[int] = []
        began = 0  # the variable that says whether the party was busy before; 0 where it cannot have been
        for slot in day:
            if slot not in busy:
                continue
            if began:
                end = self._new()
                near = [busy[slot - 1]] if slot - 1 in busy and slot - 1 in day else []
                self.formula.append([-busy[slot], -began, end, *near])
                ends.append(end)
            now = self._new()
            self.formula.append([-busy[slot], now])
            if began:
                self.formula.append([-began, now])
            began = now
        return ends


def fewest_breaks(problem: Problem) -> tuple[int, ...] | None:
    """Slots of a timetable with every task and the fewest breaks; ``None`` where there is no timetable.

    Args:
        problem: meetings of one slot, one at a time for every party, no rest and no ways.
    """
    encoding = Encoding(problem)
    with RC2(encoding.formula, solver=SOLVER, adapt=True, exhaust=True, minz=True) as solver:
        model = solver.compute()
    if model is None:
        return None
    true = {literal for literal in model if literal > 0}
    return tuple(next(slot for slot, chosen in choices.items() if chosen in true) for choices in encoding.begin)
