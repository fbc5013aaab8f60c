"""One condition decided for many enterprises at once, with the same answers as :class:`Decider` gives one by one.

Leaf by leaf and node by node it is worked out for all enterprises together whether the answer can still be yes, and
whether it can still be no. Where both are true and the open leaves ask for different facts, that is the answer. Only
where two open leaves that matter ask for the same fact is there more to find out; enterprises that are alike in all
that matters are one case then.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from yingcheng.measures.columns import OWN, FactColumns, States
from yingcheng.measures.conditions import All, Any, AtLeast, Between, Compare, Condition, Leaf, Linear, Not, facts_of
from yingcheng.measures.deciding import MISSING, NO, UNTOLD, YES, Decider
from yingcheng.measures.facts import domain_of
from yingcheng.measures.records import Verdict
from yingcheng.measures.worlds import questions

__all__ = ["VERDICTS", "sweep"]

VERDICTS = (Verdict.NO, Verdict.YES, Verdict.UNKNOWN)  # by their numbers in the arrays

Flags = NDArray[np.bool_]
_MOST = 2**60
_MARGIN = 1e-9  # a completion whose numbers come closer to a limit than this is not relied on
TRIES = 24  # completions tried on all enterprises before the rest are looked at closely


@dataclass(frozen=True, slots=True)
class _Span:
    """Per enterprise, whether a node can still be true and can still be false; and those of its parts."""

    can: Flags
    fail: Flags
    parts: tuple[_Span, ...]

    @property
    def open(self) -> Flags:
        return self.can & self.fail


def sweep(
    condition: Condition, decider: Decider, columns: FactColumns
) -> tuple[NDArray[np.int8], list[NDArray[np.int8]]]:
    """The answers for all enterprises, by number in :data:`VERDICTS`, and those of the parts that must all hold.

    The answers of the parts are cautious: one that two of its own leaves decide together counts as open.
    """
    swept = _Sweep(decider, columns)
    span = swept.span(condition)
    verdicts = _numbers(span)
    swept.settle(condition, span, verdicts)
    parts = [_numbers(part) for part in span.parts] if isinstance(condition, All) else [verdicts]
    return verdicts, parts


def _numbers(span: _Span) -> NDArray[np.int8]:
    return np.where(span.open, 2, span.can).astype(np.int8)


class _Sweep:
    def __init__(self, decider: Decider, columns: FactColumns) -> None:
        self.decider = decider
        self.columns = columns
        self.states = {leaf: self._states(leaf) for leaf in decider.leaves}

    def _states(self, leaf: Leaf) -> States:
        states = self.columns.states(leaf, self.decider.shared)
        if isinstance(leaf, Linear) or not (states == MISSING).any():
            return states
        # What no value of the fact can make true (or false) is decided although the fact is missing.
        (question,) = questions(leaf.fact, {0: leaf}, domain_of(leaf.fact))
        if len(question.cells) == 1:
            states = np.where(states == MISSING, int(question.cells[0][0]), states).astype(np.int16)
        return states

    def span(self, condition: Condition) -> _Span:
        if isinstance(condition, Not):
            part = self.span(condition.part)
            return _Span(part.fail, part.can, (part,))
        if isinstance(condition, All | Any | AtLeast):
            parts = tuple(map(self.span, condition.parts))
            count = len(self.columns.facts)
            wanted = len(parts) if isinstance(condition, All) else 1 if isinstance(condition, Any) else condition.count
            most = sum((part.can.astype(np.int16) for part in parts), np.zeros(count, dtype=np.int16))
            failing = sum((part.fail.astype(np.int16) for part in parts), np.zeros(count, dtype=np.int16))
            return _Span(most >= wanted, len(parts) - failing < wanted, parts)
        states = self.states[condition]
        return _Span(states != NO, states != YES, ())

    def settle(self, condition: Condition, span: _Span, verdicts: NDArray[np.int8]) -> None:
        """Decide what is open although one fact is asked for twice."""
        asked = Counter(fact for leaf in _occurring(condition) for fact in facts_of(leaf))
        repeated = [fact for fact, times in asked.items() if times > 1]
        if not repeated or not span.open.any():
            return
        occurring: list[tuple[Leaf, Flags]] = []
        counts: list[NDArray[np.int64]] = []
        self._mattering(condition, span, span.open, occurring, counts)
        twice = np.zeros(len(verdicts), dtype=bool)
        for fact in repeated:
            times = np.zeros(len(verdicts), dtype=np.int16)
            for leaf, flags in occurring:
                if fact in facts_of(leaf):
                    times += flags
                    twice |= flags & (self.states[leaf] == UNTOLD)
            twice |= times > 1
        mattering: dict[Leaf, Flags] = {}
        for leaf, flags in occurring:
            mattering[leaf] = mattering.get(leaf, flags) | flags
        rows = np.flatnonzero(span.open & twice)
        rows = rows[~self._both_ways(condition, rows)]
        if not len(rows):
            return
        keys = [np.where(flags, self.states[leaf] - OWN + 1, 0)[rows] for leaf, flags in mattering.items()]
        keys += [count[rows] for count in counts]
        orders, own = self._orders({leaf: flags[rows] for leaf, flags in mattering.items()}, rows)
        first, of = _cases([*keys, *orders, np.where(own, rows + 1, 0)])
        answers = np.array([self._answer(int(row)) for row in rows[first]], dtype=np.int8)
        verdicts[rows] = answers[of]

    def _orders(self, mattering: dict[Leaf, Flags], rows: NDArray[np.int64]) -> tuple[list[NDArray[np.int64]], Flags]:
        """What an answer depends on of an enterprise's own numbers: the order of the limits on each missing number.

        Also where that does not say it all, or is too close to call: there every enterprise is a case of its own.
        """
        own = np.zeros(len(rows), dtype=bool)
        keys: list[NDArray[np.int64]] = []
        limits: dict[str, list[NDArray[np.float64]]] = {}
        for leaf, matters in mattering.items():
            mine = matters & (self.states[leaf][rows] == OWN)
            if not isinstance(leaf, Linear) or not mine.any():
                continue
            numbers = {name: self.columns.numbers(name)[rows] for name in leaf.facts}
            missing = sum((np.isnan(n).astype(np.int64) << bit for bit, n in enumerate(numbers.values())), own * 0)
            keys.append(np.where(mine, missing, 0))
            own |= mine & (sum((np.isnan(n).astype(np.int64) for n in numbers.values()), own * 0) > 1)
            for name, factor in leaf.terms:
                left = np.full(len(rows), float(leaf.value))
                for other, other_factor in leaf.terms:
                    if other != name:
                        left -= float(other_factor) * np.nan_to_num(numbers[other])
                here = mine & np.isnan(numbers[name])
                limits.setdefault(name, []).append(np.where(here, left / float(factor), np.nan))
        for name, of_name in limits.items():
            points = {
                float(str(point))
                for leaf in mattering
                if isinstance(leaf, Compare | Between) and leaf.fact == name
                for point in leaf.points
            }
            maximum = domain_of(name).maximum
            points |= set() if maximum is None else {float(maximum)}
            near = 2.0 if domain_of(name).whole else 0.0  # no whole number may lie between two limits
            every = [*of_name, *(np.full(len(rows), point) for point in sorted({0.0, *points}))]
            for index, limit in enumerate(of_name):
                for another in every[index + 1 :]:
                    distance = limit - another
                    both = ~np.isnan(distance)
                    own |= both & (np.abs(distance) <= _MARGIN * (np.abs(limit) + np.abs(another)) + near)
                    keys.append(np.where(both, np.where(distance > 0, 2, 1), 0).astype(np.int64))
        return keys, own

    def _both_ways(self, condition: Condition, rows: NDArray[np.int64]) -> Flags:
        """Where some completions of the missing facts, already show a yes and a no."""
        yes, no = np.zeros(len(rows), dtype=bool), np.zeros(len(rows), dtype=bool)
        draw = np.random.default_rng(0)
        tries = _Completions(self.decider, self.columns)
        for _try in range(TRIES if len(rows) else 0):
            left = ~(yes & no)
            if not left.any():
                break
            truths, sure = tries.truths({leaf: states[rows] for leaf, states in self.states.items()}, rows, draw)
            answer = _answer_of(condition, truths)
            yes |= answer & sure
            no |= ~answer & sure
        return yes & no

    def _answer(self, row: int) -> int:
        return VERDICTS.index(self.decider.verdict(self.decider.states(self.columns.facts[row])))

    def _mattering(
        self,
        condition: Condition,
        span: _Span,
        above: Flags,
        occurring: list[tuple[Leaf, Flags]],
        counts: list[NDArray[np.int64]],
    ) -> None:
        """Where each occurrence of a leaf is open and so is all above it; and how many parts of "at least" hold."""
        matters = above & span.open
        if isinstance(condition, Not):
            self._mattering(condition.part, span.parts[0], matters, occurring, counts)
        elif isinstance(condition, All | Any | AtLeast):
            if isinstance(condition, AtLeast):
                sure = sum((~part.fail for part in span.parts), np.zeros(len(above), dtype=np.int64))
                counts.append(np.where(matters, sure, 0).astype(np.int64))
            for part, of_part in zip(condition.parts, span.parts, strict=True):
                self._mattering(part, of_part, matters, occurring, counts)
        else:
            occurring.append((condition, matters))


def _occurring(condition: Condition) -> Iterator[Leaf]:
    if isinstance(condition, Not):
        yield from _occurring(condition.part)
    elif isinstance(condition, All | Any | AtLeast):
        for part in condition.parts:
            yield from _occurring(part)
    else:
        yield condition


def _answer_of(condition: Condition, truths: dict[Leaf, Flags]) -> Flags:
    if isinstance(condition, Not):
        return ~_answer_of(condition.part, truths)
    if isinstance(condition, All | Any | AtLeast):
        parts = [_answer_of(part, truths) for part in condition.parts]
        wanted = len(parts) if isinstance(condition, All) else 1 if isinstance(condition, Any) else condition.count
        some = next(iter(truths.values()))
        times = sum((part.astype(np.int16) for part in parts), np.zeros(len(some), dtype=np.int16))
        return np.asarray(times >= wanted)
    return truths[condition]


class _Completions:
    """Values for the missing facts of a condition: one draw gives every missing fact one value."""

    def __init__(self, decider: Decider, columns: FactColumns) -> None:
        self.columns = columns
        self.sums = [leaf for leaf in decider.leaves if isinstance(leaf, Linear)]
        joined = {name for leaf in self.sums for name in leaf.facts}
        by_fact: dict[str, dict[int, Leaf]] = {}
        self.numbers: dict[str, list[float]] = {name: [0.0, 1e15] for name in sorted(joined)}
        self.leaves = decider.leaves
        for position, leaf in enumerate(decider.leaves):
            if isinstance(leaf, Linear):
                continue
            if leaf.fact in joined:
                points = [float(point) for point in leaf.points if isinstance(point, Decimal)]
                self.numbers[leaf.fact] += [near for point in points for near in (point / 2, point * 1.5 + 1)]
            by_fact.setdefault(leaf.fact, {})[position] = leaf
        self.questions = [
            question
            for fact, leaves in by_fact.items()
            if fact not in joined
            for question in questions(fact, leaves, domain_of(fact))
            if question.complete
        ]
        self.own = [leaf for name in sorted(joined) for leaf in by_fact.get(name, {}).values()]

    def truths(
        self, states: dict[Leaf, States], rows: NDArray[np.int64], draw: np.random.Generator
    ) -> tuple[dict[Leaf, Flags], Flags]:
        """Truth of every leaf in one draw, and for which enterprises it is a completion that can be relied on."""
        found = {leaf: of_leaf == YES for leaf, of_leaf in states.items()}
        sure = np.ones(len(rows), dtype=bool)
        known = set(self.sums) | set(self.own)
        for question in self.questions:
            cell = question.cells[int(draw.integers(len(question.cells)))]
            for position, truth in zip(question.leaves, cell, strict=True):
                known.add(self.leaves[position])
                if truth:
                    found[self.leaves[position]] |= states[self.leaves[position]] == MISSING
        values = {name: self._number(name, rows, draw) for name in self.numbers}
        for leaf in (*self.own, *self.sums):
            open_ones = (states[leaf] != YES) & (states[leaf] != NO)
            holds, clear = self._sum(leaf, values, rows) if isinstance(leaf, Linear) else self._compared(leaf, values)
            found[leaf] |= open_ones & holds
            sure &= clear | ~open_ones
        for leaf, of_leaf in states.items():
            sure &= of_leaf != UNTOLD
            if leaf not in known:
                sure &= of_leaf != MISSING
        return found, sure

    def _number(self, name: str, rows: NDArray[np.int64], draw: np.random.Generator) -> NDArray[np.float64]:
        """A value for one missing number: near a fixed limit, or near the enterprise's own."""
        fixed = self.numbers[name]
        asking = [leaf for leaf in self.sums if name in leaf.facts]
        choice = int(draw.integers(len(fixed) + 4 * len(asking)))
        if choice < len(fixed):
            return np.full(len(rows), float(round(fixed[choice])))
        leaf, times = asking[(choice - len(fixed)) // 4], (0.5, 0.98, 1.02, 2.0)[(choice - len(fixed)) % 4]
        factors = {n: float(f) for n, f in leaf.terms}
        left = np.full(len(rows), float(leaf.value))
        for other, factor in factors.items():
            if other != name:
                left -= factor * np.nan_to_num(self.columns.numbers(other)[rows])
        limit = left / factors[name] if factors.get(name) else left
        return np.asarray(np.rint(np.maximum(limit * times, 0.0)), dtype=np.float64)

    def _compared(self, leaf: Leaf, values: dict[str, NDArray[np.float64]]) -> tuple[Flags, Flags]:
        if not isinstance(leaf, Compare | Between) or not all(isinstance(point, Decimal) for point in leaf.points):
            nothing = np.zeros(len(next(iter(values.values()))), dtype=bool)
            return nothing, nothing
        value = values[leaf.fact]
        signs = [(leaf.operator, leaf.value)] if isinstance(leaf, Compare) else [(">=", leaf.low), ("<=", leaf.high)]
        truth, clear = np.ones(len(value), dtype=bool), np.ones(len(value), dtype=bool)
        for sign, point in signs:
            left = value - float(str(point))
            truth &= _compared(sign, left)
            clear &= np.abs(left) > _MARGIN * (np.abs(value) + 1)
        return truth, clear

    def _sum(
        self, leaf: Linear, values: dict[str, NDArray[np.float64]], rows: NDArray[np.int64]
    ) -> tuple[Flags, Flags]:
        total, size = np.zeros(len(rows)), np.full(len(rows), abs(float(leaf.value)))
        positive = np.ones(len(rows), dtype=bool)
        factors = dict(leaf.terms)
        for name in leaf.facts:
            number = self.columns.numbers(name)[rows]
            number = np.where(np.isnan(number), values[name], number)
            part = float(factors.get(name, 0)) * number
            total += part
            size += np.abs(part)
            if name in leaf.positive:
                positive &= number > 0
        left = total - float(leaf.value)
        return _compared(leaf.operator, left) & positive, np.abs(left) > _MARGIN * size


def _compared(sign: str, left: NDArray[np.float64]) -> Flags:
    """Truth of a comparison by what is left over; equality never comes out clear."""
    if sign in ("==", "!="):
        return np.asarray(left == 0 if sign == "==" else left != 0)
    return np.asarray(left > 0 if sign in (">=", ">") else left < 0)


def _cases(keys: list[NDArray[np.int64]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The first row of every different combination of keys, and which combination each row has."""
    combined = np.zeros(len(keys[0]), dtype=np.int64)
    size = 1
    for key in keys:
        width = int(key.max(initial=0)) + 1
        if size > _MOST // width:
            _distinct, combined = np.unique(combined, return_inverse=True)
            size = int(combined.max(initial=0)) + 1
        combined = combined * width + key
        size *= width
    _distinct, first, of = np.unique(combined, return_index=True, return_inverse=True)
    return first, of
