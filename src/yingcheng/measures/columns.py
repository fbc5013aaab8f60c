"""The facts of many enterprises as columns, and the state of every leaf for all of them at once.

Each different value of a fact gets a number; numbers and days are numbered in order, so that a threshold is one place
in the order and its truth for all enterprises one look-up. Nothing is rounded: the order is that of the exact values,
and inequalities are decided in floating point only where the distance to the limit is beyond every rounding error.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from yingcheng.measures.conditions import Age, Between, Compare, Leaf, Linear
from yingcheng.measures.deciding import MISSING, NO, UNTOLD, YES, Open, State, open_state
from yingcheng.measures.facts import domain_of
from yingcheng.measures.records import Facts, FactValue

__all__ = ["OWN", "FactColumns", "States"]

OWN = -1  # an inequality that is open in a way that depends on the enterprise's own numbers

States = NDArray[np.int16]  # (enterprises,): a state of deciding.py; OWN; from 4 up an open inequality of one kind

_KINDS = 4  # codes below are plain states
_ROUNDING = 1e-12  # of the sum of all magnitudes; ten thousand times what a few float64 additions lose


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
        self._states: dict[tuple[Leaf, frozenset[str]], States] = {}

    def states(self, leaf: Leaf, shared: frozenset[str]) -> States:
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

    def numbers(self, name: str) -> NDArray[np.float64]:
        """A fact as floating-point numbers; NaN where it is missing or no number."""
        return self._column(name).floats

    def _column(self, name: str) -> _Column:
        column = self._columns.get(name)
        if column is None:
            column = self._columns[name] = _column_of([facts.get(name) for facts in self.facts])
        return column

    def _of_one_fact(self, leaf: Leaf) -> States:
        if isinstance(leaf, Linear):
            raise TypeError(leaf)
        column = self._column(leaf.fact)
        by_value = np.full(len(column.values) + 1, UNTOLD, dtype=np.int16)
        by_value[-1] = MISSING
        ordered = isinstance(leaf, Compare | Between | Age) and isinstance(leaf.points[0], Decimal | date)
        start = 0
        for values, of_type in ((column.numbers, Decimal), (column.days, date)):
            # values of another type than the threshold stay untold
            if ordered and values and isinstance(leaf.points[0], of_type):
                for low, high in _stretches(leaf, values):
                    by_value[start + low : start + high] = _state(leaf, values[low])
            start += len(values)
        for place in range(start if ordered else 0, len(column.values)):
            by_value[place] = _state(leaf, column.values[place])
        return by_value[column.codes]

    def _linear(self, leaf: Linear, shared: frozenset[str]) -> States:
        """Enterprises that know the same facts are decided together, the unclear ones among them one by one."""
        columns = [self._column(name) for name in leaf.facts]
        known = np.stack([column.codes >= 0 for column in columns])
        numeric = np.stack([~np.isnan(column.floats) for column in columns])
        codes = np.full(len(self.facts), UNTOLD, dtype=np.int16)
        usable = ~(known & ~numeric).any(axis=0)
        kinds: dict[State, int] = {state: state for state in (NO, YES, MISSING, UNTOLD)}
        given = (known * (1 << np.arange(len(columns)))[:, None]).sum(axis=0)
        for pattern in np.unique(given[usable]).tolist():
            rows = np.flatnonzero(usable & (given == pattern))
            names = [name for bit, name in enumerate(leaf.facts) if pattern >> bit & 1]
            self._settle(leaf, rows, (names, shared), kinds, codes)
        return codes

    def _settle(
        self,
        leaf: Linear,
        rows: NDArray[np.int64],
        context: tuple[list[str], frozenset[str]],
        kinds: dict[State, int],
        codes: States,
    ) -> None:
        names, shared = context
        factors = dict(leaf.terms)
        total, size = np.zeros(len(rows)), np.full(len(rows), abs(float(leaf.value)))
        positive = np.ones(len(rows), dtype=bool)
        for name in names:
            floats = self._column(name).floats[rows]
            part = float(factors.get(name, Decimal(0))) * floats
            total += part
            size += np.abs(part)
            if name in leaf.positive:
                positive &= floats > 0
        left = float(leaf.value) - total  # what the missing terms must come to
        side = np.where(left > 0, 1, -1)
        clear = np.abs(left) > _ROUNDING * size
        none_missing = len(names) == len(leaf.facts)
        # With lower limits of 0, or none, an answer depends on the side of 0 that is left and on nothing else.
        limits = [domain_of(name) for name in leaf.facts if name not in names]
        equality = leaf.operator in ("==", "!=")
        alike = not any(d.minimum or d.maximum is not None or (equality and d.whole) for d in limits)
        for wanted in (1, -1):
            same = positive & clear & (side == wanted) if alike or none_missing else np.zeros(len(rows), dtype=bool)
            if same.any():
                codes[rows[same]] = self._code(leaf, int(rows[same][0]), shared, kinds)
        rest = positive & ~clear if alike or none_missing else positive
        for row in rows[rest].tolist():
            codes[row] = self._code(leaf, row, shared, kinds)
        codes[rows[~positive]] = NO

    def _code(self, leaf: Linear, row: int, shared: frozenset[str], kinds: dict[State, int]) -> int:
        domains = {name: domain_of(name) for name in leaf.facts}
        state = open_state(leaf, self.facts[row], domains, shared)
        if isinstance(state, Linear) and state != leaf:
            return OWN
        if isinstance(state, Open | Linear):
            return kinds.setdefault(state, len(kinds))
        return state


def _state(leaf: Leaf, value: FactValue) -> int:
    truth = None if isinstance(leaf, Linear) else leaf.test(value)
    return UNTOLD if truth is None else int(truth)


def _stretches(leaf: Leaf, ordered: Sequence[Decimal] | Sequence[date]) -> list[tuple[int, int]]:
    """Stretches of places over which the truth cannot change: at the points of the leaf, and between them."""
    cuts = {0, len(ordered)}
    for point in () if isinstance(leaf, Linear) else leaf.points:
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
