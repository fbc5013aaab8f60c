"""The fewest breaks as a MaxSAT problem, for RC2 (Ignatiev, Morgado, Marques-Silva 2019) of python-sat.

Not the ends of breaks are counted, as in Bofill et al. (JAIR 74, 2022), but whether a party has a break at all, a
second one, and so on: a core then names people, not slots. What it means to have no break is said in full, so that one
chosen slot closes a whole day. Nobody is in two meetings at once; the tables of a slot are therefore counted by people
who cover all meetings, not by meetings.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from pysat.card import CardEnc, EncType
from pysat.examples.rc2 import RC2
from pysat.formula import WCNF

from yingcheng.matchmaking.timetable.problem import Problem, bits

__all__ = ["Encoding", "fewest_breaks", "fits"]

SOLVER = "cd19"  # CaDiCaL 1.9.5: it finds the timetable at the last bound where glucose does not in a minute


def fits(problem: Problem) -> bool:
    """Whether the encoding knows every rule: meetings of one slot, one at a time, no rest and no ways."""
    return (
        all(task.length == 1 for task in problem.tasks)
        and all(party.lanes == 1 and not party.rest and not party.rest_slots for party in problem.parties)
        and not any(any(row) for row in problem.walk)
    )


class Encoding:
    """The formula; variables ``begin`` of each task and ``busy`` of each party by slot, ``breaks`` of each party."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.formula = WCNF()
        self.count = 0
        self.begin = [{slot: self._new() for slot in bits(mask)} for mask in problem.allowed]
        self.busy: list[dict[int, int]] = []
        self.breaks: list[list[int]] = []
        for choices in self.begin:
            self.formula.append(list(choices.values()))
            self._one_at_most(list(choices.values()))
        for party in range(len(problem.parties)):
            self._party([number for number, task in enumerate(problem.tasks) if party in task.parties])
        self._tables()
        for early, late in problem.before:
            for slot, chosen in self.begin[late].items():
                self.formula.append([-chosen, *(one for at, one in self.begin[early].items() if at < slot)])
        if problem.fair is not None and problem.most_breaks is None:
            self._alike(problem.fair)
        for breaks in self.breaks:
            for one in breaks:
                self.formula.append([-one], weight=1)

    def slots(self, model: Sequence[int]) -> tuple[int, ...]:
        """The slot of each task in a model."""
        true = {literal for literal in model if literal > 0}
        return tuple(next(slot for slot, chosen in choices.items() if chosen in true) for choices in self.begin)

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

    def _one_at_most(self, literals: list[int]) -> None:
        for place, one in enumerate(literals):
            for other in literals[:place]:
                self.formula.append([-one, -other])

    def _counted(self, literals: Sequence[int], most: int) -> list[int]:
        """New literals for at least one, at least two … up to ``most`` of the literals, true if and only if so."""
        before: list[int] = []
        for literal in literals:
            now = []
            for number in range(min(most, len(before) + 1)):
                more = self._new()
                fewer = [before[number]] if number < len(before) else []  # so many without this one
                enough = [literal] if number == 0 else [literal, before[number - 1]]
                for one in fewer:
                    self.formula.append([-one, more])
                self.formula.append([*(-one for one in enough), more])
                for one in enough:
                    self.formula.append([-more, *fewer, one])
                now.append(more)
            before = now
        return before

    def _tables(self) -> None:
        """No more meetings than tables; those of one person exclude each other and count as one."""
        unions, inside, room = self.problem.groups
        for group in range(len(unions)):
            cover = self._cover({number for number, within in enumerate(inside) if within[group]})
            for slot in range(self.problem.slots):
                here = []
                for party, numbers in cover:
                    chosen = [self.begin[number][slot] for number in numbers if slot in self.begin[number]]
                    if chosen:
                        here.append(chosen[0] if len(chosen) == 1 else self._any(party, slot, chosen))
                if room[group][slot] < len(here):
                    most = room[group][slot]
                    self._add(CardEnc.atmost(here, most, top_id=self.count, encoding=EncType.seqcounter))

    def _cover(self, left: set[int]) -> list[tuple[int, list[int]]]:
        """Parties that together take part in all of the meetings, each with those that nobody before it covers."""
        found = []
        while left:
            of: dict[int, list[int]] = {}
            for number in sorted(left):
                for party in self.problem.tasks[number].parties:
                    of.setdefault(party, []).append(number)
            party = max(of, key=lambda one: (len(of[one]), -one))
            found.append((party, of[party]))
            left = left - set(of[party])
        return found

    def _any(self, party: int, slot: int, chosen: Sequence[int]) -> int:
        """Whether one of these meetings of a party takes place in the slot."""
        every = sum(
            party in task.parties and slot in choices
            for task, choices in zip(self.problem.tasks, self.begin, strict=True)
        )
        if every == len(chosen):
            return self.busy[party][slot]
        some = self._new()
        for one in chosen:
            self.formula.append([-one, some])
        self.formula.append([-some, *chosen])
        return some

    def _party(self, mine: Sequence[int]) -> None:
        busy: dict[int, int] = {}
        for slot in range(self.problem.slots):
            chosen = [self.begin[number][slot] for number in mine if slot in self.begin[number]]
            if not chosen:
                continue
            busy[slot] = self._new()
            self._one_at_most(chosen)
            self.formula.append([-busy[slot], *chosen])
            for one in chosen:
                self.formula.append([-one, busy[slot]])
        breaks: list[int] = []
        if len(mine) > 1:
            self._exactly(list(busy.values()), len(mine))
            for day in self.problem.days:
                breaks += self._day({slot: busy[slot] for slot in bits(day) if slot in busy}, len(mine))
        most = self.problem.most_breaks
        if most is not None and len(self.problem.days) > 1 and len(breaks) > most:
            self._add(CardEnc.atmost(breaks, most, top_id=self.count, encoding=EncType.seqcounter))
        self.busy.append(busy)
        self.breaks.append(breaks)

    def _day(self, busy: dict[int, int], meetings: int) -> list[int]:
        """Literals of the breaks of a day: at least one, at least two, and so on."""
        runs = {}
        for slot, here in busy.items():
            if slot - 1 not in busy:
                runs[slot] = here
                continue
            runs[slot] = self._new()
            self.formula.append([-here, busy[slot - 1], runs[slot]])
            self.formula.append([-runs[slot], here])
            self.formula.append([-runs[slot], -busy[slot - 1]])
        most = self.problem.most_breaks
        kept = meetings if most is None else min(meetings, most + 1)  # runs; one more is forbidden
        counted = self._counted(list(runs.values()), min(meetings, kept + 1))
        for over in counted[kept:]:
            self.formula.append([-over])
        breaks = counted[1:kept]
        for one, more in pairwise(breaks):
            self.formula.append([-more, one])
        if breaks:
            self._unbroken(busy, runs, meetings, breaks[0])
        return breaks

    def _unbroken(self, busy: dict[int, int], runs: dict[int, int], meetings: int, broken: int) -> None:
        """What follows from a day without a break: everything within a window as long as the meetings of that day."""
        whole = len(self.problem.days) == 1  # then it is known how many meetings the day has
        for slot, here in busy.items():
            for later, there in busy.items():
                if later > slot and (later - slot >= meetings or any(at not in busy for at in range(slot, later))):
                    self.formula.append([broken, -here, -there])
            if not whole:
                continue
            follows = [busy[slot + 1]] if slot + 1 in busy else []
            for at in range(slot, slot + meetings):
                self.formula.append([broken, -runs[slot], *([busy[at]] if at in busy else [])])
            for at in range(slot - meetings + 1, slot):
                self.formula.append([broken, -here, *follows, *([busy[at]] if at in busy else [])])

    def _alike(self, fair: int) -> None:
        """Numbers of breaks no further apart than that, where nobody is known to have none."""
        totals = [self._counted(breaks, len(breaks)) for breaks in self.breaks]
        for number in range(max(map(len, totals), default=0) - fair):
            all_have = self._new()  # everyone has more breaks than ``number``
            for total in totals:
                self.formula.append([-all_have, *total[number : number + 1]])
                for one in total[number + fair : number + fair + 1]:
                    self.formula.append([-one, all_have])


class _Told(RC2):  # type: ignore[misc]  # python-sat has no types
    """RC2 that tells of each bound it has proven."""

    tell: Callable[[int], None]

    def process_core(self) -> None:
        super().process_core()
        self.tell(self.cost)


def fewest_breaks(problem: Problem, tell: Callable[[int], None] = lambda _bound: None) -> tuple[int, ...] | None:
    """Slots of a timetable with every task and the fewest breaks; ``None`` where there is no timetable.

    Args:
        problem: one that :func:`fits`.
        tell: told of each number of breaks that no timetable can avoid.
    """
    encoding = Encoding(problem)
    # Exhausting each core would hold up the bound for minutes.
    with _Told(encoding.formula, solver=SOLVER, adapt=True, minz=True) as solver:
        solver.tell = tell
        model = solver.compute()
    return None if model is None else encoding.slots(model)
