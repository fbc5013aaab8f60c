"""Whether several linear inequalities can hold together: exact, with strict signs and whole numbers.

Fourier–Motzkin elimination over fractions (J. Fourier 1826; T. Motzkin 1936): a variable is dropped by adding up every
upper with every lower limit on it. Between a handful of facts of one policy that is a few dozen inequalities. Whole
numbers are found by going back up through the limits; where none turns up in a few tries the answer is open.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor, gcd, lcm

__all__ = ["Inequality", "possible", "without"]

MOST = 120  # inequalities at one time; more is given up
CHOICES = 300  # whole numbers tried for all variables together
TRIES = 12  # whole numbers tried for one variable


_NOTHING = Fraction(0)


@dataclass(frozen=True, slots=True)
class Inequality:
    """``Σ factor · name ≤ limit``, or ``<`` where strict. No factor is 0; names in order."""

    factors: tuple[tuple[str, Fraction], ...]
    limit: Fraction
    strict: bool

    @staticmethod
    def of(factors: Mapping[str, Fraction], limit: Fraction, *, strict: bool) -> Inequality:
        """In lowest terms, so that two of the same direction are seen to be."""
        kept = sorted((name, factor) for name, factor in factors.items() if factor)
        if not kept:
            return Inequality((), limit, strict)
        scale = Fraction(lcm(*(f.denominator for _n, f in kept)), gcd(*(f.numerator for _n, f in kept)))
        return Inequality(tuple((name, factor * scale) for name, factor in kept), limit * scale, strict)

    def factor(self, name: str) -> Fraction:
        """0 where the name does not occur."""
        for known, factor in self.factors:
            if known == name:
                return factor
        return _NOTHING


class _TooMany(Exception):  # noqa: N818 — carries "given up" out of the elimination, never leaves this module
    pass


def possible(inequalities: Sequence[Inequality], whole: frozenset[str] = frozenset()) -> bool | None:
    """Whether some numbers fulfil all; ``None`` where that was not found out.

    Args:
        inequalities: what must hold together.
        whole: names that stand for whole numbers.
    """
    try:
        left = _tightest([_rounded(one, whole) for one in inequalities])
        eliminated: list[tuple[str, list[Inequality]]] = []
        while True:
            names = {name for inequality in left for name, _factor in inequality.factors}
            if not names:
                break
            name = min(names, key=lambda n: (n in whole, _growth(left, n), n))  # whole ones last: chosen first
            eliminated.append((name, [one for one in left if one.factor(name)]))
            left = _without(left, name)
    except _TooMany:
        return None
    if any(one.limit < 0 or (one.strict and one.limit == 0) for one in left):
        return False
    # What is no whole number was eliminated first and without loss: it always finds its place afterwards.
    return _filled([entry for entry in eliminated if entry[0] in whole], {}, [CHOICES])


def _rounded(one: Inequality, whole: frozenset[str]) -> Inequality:
    """Between whole numbers a limit can be drawn in to the next whole number (R. Gomory 1958)."""
    if not one.factors or not whole.issuperset(name for name, _factor in one.factors):
        return one
    limit = ceil(one.limit) - 1 if one.strict else floor(one.limit)
    return Inequality(one.factors, Fraction(limit), strict=False)


def without(inequalities: Sequence[Inequality], name: str) -> list[Inequality] | None:
    """What the inequalities ask of the other numbers where ``name`` may be any; ``None``: too many to say."""
    try:
        return _without(_tightest(inequalities), name)
    except _TooMany:
        return None


def _tightest(inequalities: Sequence[Inequality]) -> list[Inequality]:
    best: dict[tuple[tuple[str, Fraction], ...], Inequality] = {}
    for one in inequalities:
        known = best.get(one.factors)
        if known is None or (one.limit, not one.strict) < (known.limit, not known.strict):
            best[one.factors] = one
    return list(best.values())


def _growth(inequalities: Sequence[Inequality], name: str) -> int:
    upper = sum(one.factor(name) > 0 for one in inequalities)
    lower = sum(one.factor(name) < 0 for one in inequalities)
    return upper * lower - upper - lower


def _without(inequalities: Sequence[Inequality], name: str) -> list[Inequality]:
    upper = [one for one in inequalities if one.factor(name) > 0]
    lower = [one for one in inequalities if one.factor(name) < 0]
    rest = [one for one in inequalities if not one.factor(name)]
    if len(rest) + len(upper) * len(lower) > MOST:
        raise _TooMany
    for above in upper:
        for below in lower:
            up, down = above.factor(name), -below.factor(name)
            factors = {n: f * down for n, f in above.factors if n != name}
            for n, f in below.factors:
                if n != name:
                    factors[n] = factors.get(n, Fraction(0)) + f * up
            limit = above.limit * down + below.limit * up
            rest.append(Inequality.of(factors, limit, strict=above.strict or below.strict))
    return _tightest(rest)


def _filled(
    eliminated: Sequence[tuple[str, list[Inequality]]], chosen: dict[str, Fraction], left: list[int]
) -> bool | None:
    """Whole numbers for every name, the last eliminated first: its limits name only those that are chosen already."""
    if not eliminated:
        return True
    *others, (name, limits) = eliminated
    low: int | None = None
    high: int | None = None
    for one in limits:
        factor = one.factor(name)
        end = (one.limit - sum(f * chosen[n] for n, f in one.factors if n != name)) / factor
        if factor > 0:
            last = ceil(end) - 1 if one.strict else floor(end)
            high = last if high is None else min(high, last)
        else:
            first = floor(end) + 1 if one.strict else ceil(end)
            low = first if low is None else max(low, first)
    tried_all = low is not None and high is not None and high - low < TRIES
    start = low if low is not None else 0 if high is None else high - TRIES + 1
    stop = start + TRIES - 1 if high is None else min(high, start + TRIES - 1)
    for number in range(start, stop + 1):
        left[0] -= 1
        if left[0] < 0:
            return None
        found = _filled(others, {**chosen, name: Fraction(number)}, left)
        if found:
            return True
        tried_all &= found is False
    return False if tried_all else None
