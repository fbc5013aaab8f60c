"""The facts of many enterprises as columns, and the state of every leaf for all of them at once.

Each different value of a fact gets a number; numbers and days are numbered in order, so that a threshold is one place
in the order and its truth for all enterprises one look-up. Nothing is rounded: the order is that of the exact values,
and inequalities are decided in floating point only where the distance to the limit is beyond every rounding error.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from yingcheng.measures.conditions import Age, Between, Compare, Domain, Leaf, Linear
from yingcheng.measures.deciding import MISSING, NO, UNTOLD, YES, State, open_state
from yingcheng.measures.facts import domain_of
from yingcheng.measures.records import Facts, FactValue

__all__ = ["FactColumns", "StateColumn"]

_SIMPLE: tuple[State, ...] = (NO, YES, MISSING, UNTOLD)
_ROUNDING = 1e-12  # of the sum of all magnitudes; ten thousand times what a few float64 additions lose


@dataclass(frozen=True, slots=True)
class StateColumn:
    """State of one leaf per enterprise: ``states[codes[i]]``."""

    states: tuple[State, ...]
    codes: NDArray[np.int64]  # (enterprises,)


@dataclass(frozen=True, slots=True)
class _Column:
    """One fact. ``codes`` are places in ``values``, −1 where the fact is missing.

    Values are grouped: numbers ascending, days ascending, everything else.
    """

    codes: NDArray[np.int64]
    values: list[FactValue]
    numbers: list[Decimal]
    days: list[date]
    floats: NDArray[np.float64]  # per enterprise; NaN where missing or no number


class FactColumns:
    """Facts of enterprises, column by column, made when first asked for."""

    def __init__(self, facts: Sequence[Facts]) -> None:
        self.facts = facts
        self._columns: dict[str, _Column] = {}
        self._states: dict[tuple[Leaf, frozenset[str]], StateColumn] = {}

    def states(self, leaf: Leaf, shared: frozenset[str]) -> StateColumn:
        """State of a leaf for every enterprise, the same as :meth:`Decider.states` gives.

        Args:
            leaf: the leaf.
            shared: facts that other leaves of the same condition ask for too; only inequalities depend on it.
        """
        key = (leaf, shared.intersection(leaf.facts) if isinstance(leaf, Linear) else frozenset[str]())
        found = self._states.get(key)
        if found is None:
            found = self._linear(leaf, key[1]) if isinstance(leaf, Linear) else self._of_one_fact(leaf)
            self._states[key] = found
        return found

    def _column(self, name: str) -> _Column:
        column = self._columns.get(name)
        if column is None:
            column = self._columns[name] = _column_of([facts.get(name) for facts in self.facts])
        return column

    def _of_one_fact(self, leaf: Leaf) -> StateColumn:
        if isinstance(leaf, Linear):
            raise TypeError(leaf)
        column = self._column(leaf.fact)
        by_value = np.full(len(column.values) + 1, UNTOLD, dtype=np.int64)
        by_value[-1] = MISSING
        start = 0
        for ordered, of_type in ((column.numbers, Decimal), (column.days, date)):
            if ordered and isinstance(leaf, Compare | Between | Age) and isinstance(leaf.points[0], of_type):
                for low, high in _stretches(leaf, ordered):
                    by_value[start + low : start + high] = _state(leaf, ordered[low])
                # values of another type stay untold
            start += len(ordered)
        rest = start if isinstance(leaf, Compare | Between | Age) else 0
        for place in range(rest, len(column.values)):
            by_value[place] = _state(leaf, column.values[place])
        return StateColumn(_SIMPLE, by_value[column.codes])

    def _linear(self, leaf: Linear, shared: frozenset[str]) -> StateColumn:
        columns = {name: self._column(name) for name in leaf.facts}
        known = np.stack([column.codes >= 0 for column in columns.values()])
        numeric = np.stack([~np.isnan(column.floats) for column in columns.values()])
        total = np.zeros(len(self.facts))
        size = np.zeros(len(self.facts))
        for name, factor in leaf.terms:
            part = float(factor) * np.nan_to_num(columns[name].floats)
            total += part
            size += np.abs(part)
        states: dict[State, int] = {state: index for index, state in enumerate(_SIMPLE)}
        codes = np.full(len(self.facts), UNTOLD, dtype=np.int64)
        pending = ~(known & ~numeric).any(axis=0)
        self._settle_complete(leaf, columns, (total, size, pending & known.all(axis=0)), codes)
        left = np.flatnonzero(pending & ((codes == UNTOLD) | ~known.all(axis=0)))
        domains = {name: domain_of(name) for name in leaf.facts}
        self._settle_partial(leaf, left, (domains, shared), states, codes)
        return StateColumn(tuple(states), codes)

    def _settle_complete(
        self,
        leaf: Linear,
        columns: Mapping[str, _Column],
        sums: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]],
        codes: NDArray[np.int64],
    ) -> None:
        """Where every fact is known and the sum is clearly on one side of the value."""
        total, size, complete = sums
        value = float(leaf.value)
        clear = complete & (np.abs(total - value) > _ROUNDING * (size + abs(value)))
        positive = np.ones(len(total), dtype=bool)
        for name in leaf.positive:
            floats = np.nan_to_num(columns[name].floats)
            positive &= floats > 0
        above = total > value
        truth = {
            ">=": above,
            ">": above,
            "<=": ~above,
            "<": ~above,
            "==": np.zeros_like(above),
            "!=": np.ones_like(above),
        }[leaf.operator]
        codes[clear] = np.where(truth & positive, YES, NO)[clear]

    def _settle_partial(
        self,
        leaf: Linear,
        rows: NDArray[np.int64],
        context: tuple[Mapping[str, Domain], frozenset[str]],
        states: dict[State, int],
        codes: NDArray[np.int64],
    ) -> None:
        """The others one by one, each different combination of facts once."""
        domains, shared = context
        known: dict[tuple[int, ...], int] = {}
        columns = [self._column(name).codes[rows].tolist() for name in leaf.facts]
        for row, key in zip(rows.tolist(), zip(*columns, strict=True), strict=True):
            code = known.get(key)
            if code is None:
                state = open_state(leaf, self.facts[row], domains, shared)
                code = known[key] = states.setdefault(state, len(states))
            codes[row] = code


def _state(leaf: Leaf, value: FactValue) -> int:
    truth = None if isinstance(leaf, Linear) else leaf.test(value)
    return UNTOLD if truth is None else int(truth)


def _stretches(leaf: Compare | Between | Age, ordered: Sequence[Decimal] | Sequence[date]) -> list[tuple[int, int]]:
    """Stretches of places over which the truth cannot change: at the points of the leaf, and between them."""
    cuts = {0, len(ordered)}
    for point in leaf.points:
        cuts |= {bisect_left(ordered, point), bisect_right(ordered, point)}
    ends = sorted(cuts)
    return [(low, high) for low, high in pairwise(ends) if low < high]


def _column_of(facts: Sequence[object]) -> _Column:
    found: dict[tuple[type, FactValue], list[int]] = {}
    for row, fact in enumerate(facts):
        if fact is not None:
            value: FactValue = fact.value  # type: ignore[attr-defined]
            found.setdefault((type(value), value), []).append(row)
    numbers = sorted(value for kind, value in found if kind is Decimal and isinstance(value, Decimal))
    days = sorted(value for kind, value in found if kind is date and isinstance(value, date))
    others = [value for kind, value in found if kind not in (Decimal, date)]
    values: list[FactValue] = [*numbers, *days, *others]
    codes = np.full(len(facts), -1, dtype=np.int64)
    floats = np.full(len(facts), np.nan)
    for place, value in enumerate(values):
        rows = found[type(value), value]
        codes[rows] = place
        if isinstance(value, Decimal):
            floats[rows] = float(value)
    return _Column(codes, values, numbers, days, floats)
