"""Placing the meetings: tightest first, chains of swaps, annealing. Every party's day is one integer of slot bits."""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

__all__ = ["Board", "Problem", "anneal", "break_floor", "place_all"]

# Heat in breaks, from the first move to the last; the best of six pairs tried on events of 120 to 360 meetings.
HOT, COLD = 0.8, 0.12


@dataclass(frozen=True, slots=True)
class Problem:
    """A timetable to make, in numbers.

    Attributes:
        meetings: the two parties of each meeting, as positions.
        free: per party, bits of the slots in which it can meet.
        slots: number of slots.
        tables: number of tables, the most meetings in one slot.
        day_starts: bits of the slots that begin a day.
    """

    meetings: tuple[tuple[int, int], ...]
    free: tuple[int, ...]
    slots: int
    tables: int
    day_starts: int

    def breaks(self, day: int) -> int:
        """Maximal runs of free slots between two meetings of the same day."""
        runs = (day & ~((day << 1) & ~self.day_starts)).bit_count()
        if self.day_starts.bit_count() < 2:
            return max(0, runs - 1)
        return runs - sum(1 for bits in self.days() if day & bits)

    def days(self) -> list[int]:
        """Bits of each day."""
        starts = [slot for slot in range(self.slots) if self.day_starts >> slot & 1]
        ends = [*starts[1:], self.slots][: len(starts)]
        return [(1 << end) - (1 << start) for start, end in zip(starts, ends, strict=True)]


class Board:
    """A timetable in the making. ``slot[m]`` is −1 where a meeting has no place."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.slot = [-1] * len(problem.meetings)
        self.day = [0] * len(problem.free)
        self.at: list[dict[int, int]] = [{} for _ in problem.free]  # per party: slot → meeting
        self.load = [0] * problem.slots
        self.closed = 0 if problem.tables else (1 << problem.slots) - 1  # bits of the slots whose tables are all taken

    def put(self, meeting: int, slot: int) -> None:
        """Place a meeting."""
        self.slot[meeting] = slot
        for party in self.problem.meetings[meeting]:
            self.day[party] |= 1 << slot
            self.at[party][slot] = meeting
        self.load[slot] += 1
        if self.load[slot] >= self.problem.tables:
            self.closed |= 1 << slot

    def take(self, meeting: int) -> int:
        """Take a meeting off the board; returns the slot it had."""
        slot = self.slot[meeting]
        self.slot[meeting] = -1
        for party in self.problem.meetings[meeting]:
            self.day[party] &= ~(1 << slot)
            del self.at[party][slot]
        self.load[slot] -= 1
        if self.load[slot] < self.problem.tables:
            self.closed &= ~(1 << slot)
        return slot

    def common(self, meeting: int) -> int:
        """Bits of the slots in which both parties are free, whether a table is or not."""
        a, b = self.problem.meetings[meeting]
        return self.problem.free[a] & self.problem.free[b] & ~self.day[a] & ~self.day[b]

    def breaks(self) -> int:
        """Breaks of all parties."""
        return sum(self.problem.breaks(day) for day in self.day)

    def placed(self) -> int:
        """Number of meetings that have a slot."""
        return sum(slot >= 0 for slot in self.slot)

    def added_breaks(self, meeting: int, slot: int) -> int:
        """What placing a meeting would add to the breaks of its parties."""
        bit = 1 << slot
        breaks = self.problem.breaks
        return sum(breaks(self.day[p] | bit) - breaks(self.day[p]) for p in self.problem.meetings[meeting])

    def chain(self, meeting: int, other: int) -> list[int]:
        """Meetings that must swap between two slots when ``meeting`` moves to ``other`` (a Kempe chain)."""
        here = self.slot[meeting]
        chain = [meeting]
        seen = {meeting}
        for link in chain:
            target = other if self.slot[link] == here else here
            for party in self.problem.meetings[link]:
                after = self.at[party].get(target)
                if after is not None and after not in seen:
                    seen.add(after)
                    chain.append(after)
        return chain

    def can_swap(self, chain: Sequence[int], here: int, other: int) -> bool:
        """Whether the parties can come and the tables suffice after the swap."""
        free = self.problem.free
        moved = 0
        for link in chain:
            out = self.slot[link] == here
            target = other if out else here
            moved += 1 if out else -1
            a, b = self.problem.meetings[link]
            if not free[a] & free[b] & 1 << target:
                return False
        tables = self.problem.tables
        return self.load[other] + moved <= tables and self.load[here] - moved <= tables

    def swap(self, chain: Sequence[int], here: int, other: int) -> None:
        """Swap the chain between its two slots."""
        targets = [other if self.take(link) == here else here for link in chain]
        for link, target in zip(chain, targets, strict=True):
            self.put(link, target)


def _bits(mask: int) -> Iterable[int]:
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def place_all(problem: Problem) -> Board:
    """Place what can be placed: the meeting with the fewest slots left first, then chains for those left over."""
    board = Board(problem)
    count = [0] * len(problem.free)
    for a, b in problem.meetings:
        count[a] += 1
        count[b] += 1

    def urgency(meeting: int) -> tuple[int, int, int]:
        a, b = problem.meetings[meeting]
        left = (board.common(meeting) & ~board.closed).bit_count()
        return left - max(count[a], count[b]), -count[a] - count[b], meeting

    queue = [urgency(meeting) for meeting in range(len(problem.meetings))]
    heapq.heapify(queue)
    left_over = []
    while queue:
        entry = heapq.heappop(queue)
        meeting = entry[-1]
        now = urgency(meeting)
        if now != entry and queue and now > queue[0]:
            heapq.heappush(queue, now)
            continue
        slots = list(_bits(board.common(meeting) & ~board.closed))
        if slots:
            board.put(meeting, min(slots, key=lambda slot: (board.added_breaks(meeting, slot), slot)))
        else:
            left_over.append(meeting)
        for party in problem.meetings[meeting]:
            count[party] -= 1
    for meeting in left_over:
        _make_room(board, meeting)
    return board


def _make_room(board: Board, meeting: int) -> bool:
    """Place a meeting by moving others; ``False`` leaves the board as it was."""
    for slot in _bits(board.common(meeting)):  # both could come, every table is taken
        for other in [m for m, taken in enumerate(board.slot) if taken == slot]:
            for target in _bits(board.common(other) & ~board.closed):
                board.take(other)
                board.put(other, target)
                board.put(meeting, slot)
                return True
    a, b = board.problem.meetings[meeting]
    free_a = board.problem.free[a] & ~board.day[a]
    free_b = board.problem.free[b] & ~board.day[b]
    for party, mine, theirs in ((b, free_a, free_b), (a, free_b, free_a)):
        for slot in _bits(mine & ~board.closed):
            blocking = board.at[party].get(slot)
            if blocking is None:
                continue
            for other in _bits(theirs):
                chain = board.chain(blocking, other)
                if not board.can_swap(chain, slot, other):
                    continue
                board.swap(chain, slot, other)
                if (board.common(meeting) & ~board.closed) >> slot & 1:
                    board.put(meeting, slot)
                    return True
                board.swap(chain, slot, other)  # undoes itself
    return False


def anneal(board: Board, *, moves: int, seed: int, goal: int = 0) -> Board:
    """Reduce breaks by seeded annealing over Kempe chains; the best board seen, never worse than the given one.

    Args:
        board: the start; it is changed.
        moves: number of moves tried.
        seed: of the random choices.
        goal: number of breaks at which to stop, a proven lower bound.
    """
    draw = random.Random(seed)  # noqa: S311 — reproducible search, nothing secret
    placed = [meeting for meeting, slot in enumerate(board.slot) if slot >= 0]
    problem = board.problem
    breaks = best = board.breaks()
    best_slots = list(board.slot)
    if not placed or problem.slots < 2:
        return board
    for move in range(moves):
        if best <= goal:
            break
        meeting = placed[int(draw.random() * len(placed))]
        here = board.slot[meeting]
        other = int(draw.random() * problem.slots)
        if other == here:
            continue
        chain = board.chain(meeting, other)
        if not board.can_swap(chain, here, other):
            continue
        parties = {party for link in chain for party in problem.meetings[link]}
        both = 1 << here | 1 << other
        change = 0
        for party in parties:
            day = board.day[party]
            changed = day ^ both if (day & both) not in (0, both) else day
            change += problem.breaks(changed) - problem.breaks(day)
        heat = HOT * (COLD / HOT) ** (move / moves)
        if change > 0 and draw.random() >= math.exp(-change / heat):
            continue
        board.swap(chain, here, other)
        breaks += change
        if breaks < best:
            best, best_slots = breaks, list(board.slot)
    return board_of(problem, best_slots)


def board_of(problem: Problem, slots: Sequence[int]) -> Board:
    """A board with the meetings at the given slots; −1 leaves one out."""
    board = Board(problem)
    for meeting, slot in enumerate(slots):
        if slot >= 0:
            board.put(meeting, slot)
    return board


def break_floor(problem: Problem, placed: Sequence[int]) -> int:
    """Breaks nobody can avoid: a party whose free slots lie in pieces too short for its meetings.

    Args:
        problem: the timetable to make.
        placed: the meetings that are placed.
    """
    count = [0] * len(problem.free)
    for meeting in placed:
        for party in problem.meetings[meeting]:
            count[party] += 1
    days = problem.days()
    floor = 0
    for party, wanted in enumerate(count):
        lengths = sorted((length for day in days for length in _runs(problem.free[party] & day)), reverse=True)
        pieces = covered = 0
        while covered < wanted and pieces < len(lengths):
            covered += lengths[pieces]
            pieces += 1
        floor += max(0, pieces - len(days))
    return floor


def _runs(mask: int) -> list[int]:
    lengths = []
    while mask:
        mask >>= (mask & -mask).bit_length() - 1
        length = (~mask & (mask + 1)).bit_length() - 1
        lengths.append(length)
        mask >>= length
    return lengths
