"""A timetable to make, in numbers: what may begin when, who can come, which tables will do."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

__all__ = ["Party", "Problem", "Task", "bits", "break_floor"]

Ints = NDArray[np.int64]

MOST_GROUPS = 256  # sets of tables that are counted; beyond that the seating decides and says what it cannot seat


def bits(mask: int) -> list[int]:
    """Positions of the set bits, in order."""
    found = []
    while mask:
        low = mask & -mask
        found.append(low.bit_length() - 1)
        mask ^= low
    return found


@dataclass(frozen=True, slots=True)
class Task:
    """One meeting to place.

    Attributes:
        parties: numbers of those who meet, two or more.
        starts: bits of the slots at which it may begin: wish, opening and continuity are already in them.
        length: slots.
        weight: what it counts among those that cannot all be placed, at least 1.
        tables: bits of the tables that will do.
        area: where those tables are.
    """

    parties: tuple[int, ...]
    starts: int
    length: int = 1
    weight: int = 1
    tables: int = 1
    area: int = 0

    def span(self, start: int) -> int:
        """Bits of the slots it takes when it begins at ``start``."""
        return ((1 << self.length) - 1) << start


@dataclass(frozen=True, slots=True)
class Party:
    """Who meets: ``free`` bits of slots, meetings at once, minutes and whole slots of rest between two meetings."""

    free: int
    lanes: int = 1
    rest: int = 0
    rest_slots: int = 0


@dataclass(frozen=True)
class Problem:
    """Everything that is hard about a timetable.

    Attributes:
        tasks: the meetings.
        parties: who meets.
        day: number of the day of each slot, from 0.
        clock: start and end of each slot in minutes, shape (slots, 2); nights count.
        open_tables: bits of the slots in which each table is open.
        before: (earlier, later) tasks; the later begins after the earlier has ended, and takes place only if it does.
        walk: minutes from area to area.
        fair: how far apart the breaks of any two parties may be; ``None``: anything.
        must_all: whether a timetable that leaves a task out is none at all.
    """

    tasks: tuple[Task, ...]
    parties: tuple[Party, ...]
    day: tuple[int, ...]
    clock: tuple[tuple[int, int], ...]
    open_tables: tuple[int, ...]
    before: tuple[tuple[int, int], ...] = ()
    walk: tuple[tuple[int, ...], ...] = ((0,),)
    fair: int | None = None
    must_all: bool = False

    @property
    def slots(self) -> int:
        """How many slots there are."""
        return len(self.day)

    @cached_property
    def days(self) -> tuple[int, ...]:
        """Bits of each day."""
        return tuple(
            sum(1 << slot for slot, its in enumerate(self.day) if its == number) for number in sorted(set(self.day))
        )

    @cached_property
    def allowed(self) -> tuple[int, ...]:
        """Bits of the slots at which each task may begin, its parties, tables and fixed neighbours considered."""
        found = []
        for task in self.tasks:
            mask = 0
            for start in bits(task.starts):
                span = task.span(start)
                if span >> self.slots or any(span & ~self.parties[party].free for party in task.parties):
                    continue
                if any(not span & ~self.open_tables[table] for table in bits(task.tables)):
                    mask |= 1 << start
            found.append(mask)
        return self._ordered(found)

    def _ordered(self, found: list[int]) -> tuple[int, ...]:
        """What order leaves: nothing begins before the earliest end of what it follows, nor too late for the rest."""
        changed = True
        while changed:
            changed = False
            for early, late in self.before:
                first = (found[early] & -found[early]).bit_length() - 1 if found[early] else self.slots
                low = first + self.tasks[early].length
                kept = found[late] >> low << low
                high = max(0, found[late].bit_length() - self.tasks[early].length)  # it begins below that
                sooner = found[early] & ((1 << high) - 1) if self.must_all else found[early]
                changed |= kept != found[late] or sooner != found[early]
                found[late], found[early] = kept, sooner
        return tuple(found)

    @cached_property
    def groups(self) -> tuple[tuple[int, ...], tuple[tuple[bool, ...], ...], tuple[tuple[int, ...], ...]]:
        """Sets of tables that can run short: their bits; per task whether it needs one of them; open tables per slot.

        For meetings of one slot they are all of Hall's conditions: the unions of overlapping choices of tables.
        """
        kinds = sorted({task.tables for task in self.tasks})
        sets = dict.fromkeys(kinds)
        queue = list(kinds)
        while queue and len(sets) < MOST_GROUPS:
            one = queue.pop()
            for kind in kinds:
                union = one | kind
                if one & kind and union not in sets:
                    sets[union] = None
                    queue.append(union)
        every = 0
        for kind in kinds:
            every |= kind
        sets[every] = None
        unions = tuple(sets)
        by_kind = {kind: tuple(not kind & ~union for union in unions) for kind in kinds}
        inside = tuple(by_kind[task.tables] for task in self.tasks)
        room = tuple(
            tuple(sum(self.open_tables[table] >> slot & 1 for table in bits(union)) for slot in range(self.slots))
            for union in unions
        )
        return unions, inside, room

    def too_near(self, party: int, first: int, last: int, areas: tuple[int, int]) -> bool:
        """Whether a meeting ending with slot ``first`` leaves too little time before one beginning with ``last``."""
        between = self.clock[last][0] - self.clock[first][1]
        return between < max(self.parties[party].rest, self.walk[areas[0]][areas[1]])

    @cached_property
    def most_breaks(self) -> int | None:
        """Most breaks that fairness leaves to anyone; ``None`` where that depends on the others.

        A party with fewer than two meetings has no break, and so measures everyone else.
        """
        met: Counter[int] = Counter(party for task in self.tasks for party in task.parties)
        return self.fair if self.must_all and any(met[party] < 2 for party in range(len(self.parties))) else None

    def is_fair(self, slots: Sequence[int]) -> bool:
        """Whether the breaks of all parties are no further apart than they may be."""
        breaks = self.breaks(slots)
        return self.fair is None or not breaks or max(breaks) - min(breaks) <= self.fair

    @cached_property
    def is_plain(self) -> bool:
        """One slot each, one meeting at a time, no order, no rest, no ways."""
        return (
            all(task.length == 1 for task in self.tasks)
            and all(party.lanes == 1 and party.rest == 0 for party in self.parties)
            and not self.before
            and not any(any(row) for row in self.walk)
        )

    def busy(self, slots: Sequence[int]) -> list[int]:
        """Bits of the slots in which each party meets; −1 is not placed."""
        found = [0] * len(self.parties)
        for task, start in zip(self.tasks, slots, strict=True):
            if start >= 0:
                for party in task.parties:
                    found[party] |= task.span(start)
        return found

    def breaks_of(self, party: int, busy: int) -> int:
        """Maximal runs of free slots, longer than the rest, between two meetings of one day."""
        count = 0
        for day in self.days:
            slots = bits(busy & day)
            rest = self.parties[party].rest_slots
            count += sum(after - before - 1 > rest for before, after in pairwise(slots))
        return count

    def breaks(self, slots: Sequence[int]) -> list[int]:
        """Breaks of each party."""
        return [self.breaks_of(party, busy) for party, busy in enumerate(self.busy(slots))]


def break_floor(problem: Problem) -> int:
    """Breaks nobody can avoid if all is placed: parties whose free slots lie in pieces too short for their meetings."""
    wanted = [0] * len(problem.parties)
    for task in problem.tasks:
        for party in task.parties:
            wanted[party] += task.length
    floor = 0
    for party, need in enumerate(wanted):
        own = problem.parties[party]
        if own.rest_slots:
            continue
        lengths = sorted((length for day in problem.days for length in _runs(own.free & day)), reverse=True)
        slots = math.ceil(need / own.lanes)
        pieces = covered = 0
        while covered < slots and pieces < len(lengths):
            covered += lengths[pieces]
            pieces += 1
        floor += max(0, pieces - len(problem.days))
    return floor


def _runs(mask: int) -> list[int]:
    lengths = []
    while mask:
        mask >>= (mask & -mask).bit_length() - 1
        length = (~mask & (mask + 1)).bit_length() - 1
        lengths.append(length)
        mask >>= length
    return lengths
