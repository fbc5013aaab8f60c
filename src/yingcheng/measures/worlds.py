"""What the leaves can be together: the missing facts cut into finitely many *cells*.

A fact has infinitely many possible values, but the leaves only tell finitely many apart. A cell is one combination of
truths that some possible values give to the leaves. Facts that no inequality joins have cells of their own; the others
share them, and each cell is shown to be possible, or impossible, by :mod:`yingcheng.measures.inequalities`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from itertools import combinations, pairwise
from math import ceil, floor

from yingcheng.measures.conditions import COMPARISONS, Between, Compare, Domain, Leaf, Linear, Within
from yingcheng.measures.inequalities import Inequality, possible, without
from yingcheng.measures.records import FactValue

__all__ = ["Cell", "Question", "joint_question", "questions"]

Cell = tuple[bool, ...]  # truth of every leaf of one question

# Above these many words that hang together, or leaves joined by inequalities, leaves are taken as independent of each
# other: sound, but not complete, and said so.
WORDS_AT_MOST = 10
JOINED_AT_MOST = 8
LOOKS_AT_MOST = 600


System = tuple["Inequality", ...]  # inequalities that must all hold


@dataclass(frozen=True, slots=True)
class Question:
    """Leaves that are open together.

    Attributes:
        leaves: their positions.
        cells: every combination of truths that is possible.
        facts: what to ask for.
        complete: false where cells may be listed that are not possible.
        systems: of joined numbers, per cell the inequalities under which it is the one.
        whole: of joined numbers, those that are whole.
    """

    leaves: tuple[int, ...]
    cells: tuple[Cell, ...]
    facts: tuple[str, ...]
    complete: bool = True
    systems: tuple[tuple[System, ...], ...] = ()
    whole: frozenset[str] = frozenset()

    def pairs(self, fact: str) -> tuple[tuple[Cell, Cell], ...]:
        """Pairs of cells between which ``fact`` alone can make the difference."""
        if self.systems:
            return _pairs(self.cells, self.systems, self.whole, fact)
        first, *others = self.cells
        # Cells that differ in their answer differ in it from the first, one of them at least.
        return tuple((first, other) for other in others)


def questions(fact: str, leaves: Mapping[int, Leaf], domain: Domain) -> tuple[Question, ...]:
    """The questions that one missing fact poses: several where its leaves have nothing to do with each other.

    Args:
        fact: what to ask for.
        leaves: position → leaf, all on that fact.
        domain: its possible values.
    """
    values = _values(tuple(leaves.values()), domain)
    if values is None:
        parts = _hanging_together(leaves) if not domain.single else [tuple(leaves)]
        return tuple(question for part in parts for question in _of_words(fact, {p: leaves[p] for p in part}, domain))
    cells = tuple(dict.fromkeys(tuple(bool(leaf.test(value)) for leaf in leaves.values()) for value in values))  # type: ignore[union-attr]
    return (_question(fact, tuple(leaves), cells),)


def _question(fact: str, positions: tuple[int, ...], cells: tuple[Cell, ...], *, complete: bool = True) -> Question:
    return Question(positions, cells, (fact,), complete)


def _values(of_fact: Sequence[Leaf], domain: Domain) -> Sequence[FactValue] | None:
    """Values that stand for all; ``None`` for words and places, which stand for sets."""
    points = tuple(dict.fromkeys(point for leaf in of_fact if not isinstance(leaf, Linear) for point in leaf.points))
    kinds = {type(point) for point in points}
    if kinds == {bool}:
        return (False, True)
    if kinds == {Decimal}:
        return _numbers([point for point in points if isinstance(point, Decimal)], domain)
    if kinds == {date}:
        return _days([point for point in points if isinstance(point, date)])
    return None


def _numbers(points: list[Decimal], domain: Domain) -> list[Decimal]:
    """One number in every stretch that ``points`` cut the domain into, and the points themselves."""
    ordered = sorted({*points, *(end for end in (domain.minimum, domain.maximum) if end is not None)})
    if domain.whole:
        near = {Decimal(end + step) for point in ordered for end in (floor(point), ceil(point)) for step in (-1, 0, 1)}
    else:
        near = {*ordered, ordered[0] - 1, ordered[-1] + 1}
        near |= {(low + high) / 2 for low, high in pairwise(ordered)}
    low, high = domain.minimum, domain.maximum
    return sorted(n for n in near if (low is None or n >= low) and (high is None or n <= high))


def _days(points: list[date]) -> list[date]:
    return sorted({day + timedelta(days=step) for day in points if date.min < day < date.max for step in (-1, 0, 1)})


def _of_words(fact: str, leaves: Mapping[int, Leaf], domain: Domain) -> Iterator[Question]:
    cells = _place_cells(tuple(leaves.values())) if _any_place(leaves) else _word_cells(tuple(leaves.values()), domain)
    if cells:
        # A leaf on an unknown name tells yes or nothing: over the possible values nothing counts as no.
        yield _question(fact, tuple(leaves), cells)
        return
    for position in leaves:
        yield _question(fact, (position,), ((False,), (True,)), complete=len(leaves) == 1)


def _any_place(leaves: Mapping[int, Leaf]) -> bool:
    return any(isinstance(leaf, Within) for leaf in leaves.values())


def _truths(leaves: Sequence[Leaf], value: FactValue) -> Cell:
    return tuple(not isinstance(leaf, Linear) and bool(leaf.test(value)) for leaf in leaves)


def _words_of(leaves: Sequence[Leaf]) -> list[str] | None:
    points = dict.fromkeys(point for leaf in leaves if not isinstance(leaf, Linear) for point in leaf.points)
    words = [point for point in points if isinstance(point, str)]
    return words if len(words) == len(points) else None


def _word_cells(leaves: Sequence[Leaf], domain: Domain) -> tuple[Cell, ...]:
    words = _words_of(leaves)
    if words is None or (len(words) > WORDS_AT_MOST and not domain.single):
        return ()
    most = 1 if domain.single else len(words)
    chosen = (some for size in range(most + 1) for some in combinations(words, size))
    return tuple(dict.fromkeys(_truths(leaves, some) for some in chosen))


def _hanging_together(leaves: Mapping[int, Leaf]) -> list[tuple[int, ...]]:
    """Leaves that one word can make true together, or deny together, hang together; places always do."""
    if _any_place(leaves):
        return [tuple(leaves)]
    words = _words_of(tuple(leaves.values()))
    if words is None:
        return [tuple(leaves)]
    groups: list[set[int]] = [{position} for position in leaves]
    for word in words:
        touched = {p for p, leaf in leaves.items() if not isinstance(leaf, Linear) and leaf.test((word,))}
        joined = [group for group in groups if group & touched]
        if len(joined) > 1:
            groups = [group for group in groups if not group & touched] + [set().union(*joined)]
    return sorted(tuple(sorted(group)) for group in groups)


def _place_cells(of_fact: Sequence[Leaf]) -> tuple[Cell, ...]:
    """A place lies in exactly one line of regions, and in any of the zones that have no path."""
    places = [leaf for leaf in of_fact if isinstance(leaf, Within)]
    zones = list(dict.fromkeys(place.name for place in places if not place.path))
    if len(places) < len(of_fact) or len(zones) > WORDS_AT_MOST:
        return ()
    paths = ["", *dict.fromkeys(place.path for place in places if place.path)]
    worlds = [
        (path, frozenset(inside))
        for path in paths
        for size in range(len(zones) + 1)
        for inside in combinations(zones, size)
    ]
    return tuple(
        dict.fromkeys(
            tuple(path.startswith(place.path) if place.path else place.name in inside for place in places)
            for path, inside in worlds
        )
    )


# Numbers that inequalities join


def joint_question(leaves: Mapping[int, Leaf], domains: Mapping[str, Domain]) -> Question | None:
    """The question of leaves that share missing numbers; ``None`` where they are too many, or not all about numbers.

    Args:
        leaves: position → :class:`Compare`, :class:`Between` or :class:`Linear` over missing facts only.
        domains: fact → possible values.
    """
    of_numbers = all(
        isinstance(leaf, Linear) or (isinstance(leaf, Compare | Between) and _numeric(leaf)) for leaf in leaves.values()
    )
    if not of_numbers or len(leaves) > JOINED_AT_MOST:
        return None
    order = list(leaves.values())
    names = dict.fromkeys(name for leaf in order for name in _names(leaf))
    if len(names) == 1:
        (name,) = names
        return _question(name, tuple(leaves), _one_number_cells(order, domains.get(name, Domain())))
    whole = frozenset(name for name in names if domains.get(name, Domain()).whole)
    limits = tuple(limit for name in names for limit in _limits(name, domains.get(name, Domain())))
    found = _possible_cells(tuple(order), limits, whole)
    if found is None:
        return None
    cells, systems, complete = found
    return Question(tuple(leaves), cells, tuple(names), complete, systems, whole)


def _one_number_cells(leaves: Sequence[Leaf], domain: Domain) -> tuple[Cell, ...]:
    """As for a fact of its own, but with limits that need not be decimal: a third of a known number.

    Only the order of the limits counts: place 2i + 1 is limit i, the even places are the stretches between them.
    """
    asked = [_limits_of(leaf) for leaf in leaves]
    ends = [Fraction(end) for end in (domain.minimum, domain.maximum) if end is not None]
    points = sorted({*ends, *(limit for of_leaf in asked for _sign, limit in of_leaf)})
    place = {point: 2 * index + 1 for index, point in enumerate(points)}
    first = 0 if domain.minimum is None else place[Fraction(domain.minimum)]
    last = 2 * len(points) if domain.maximum is None else place[Fraction(domain.maximum)]
    places = [at for at in range(first, last + 1) if not domain.whole or _holds_a_whole_number(points, at)]
    placed = [[(COMPARISONS[sign], place[limit]) for sign, limit in of_leaf] for of_leaf in asked]
    return tuple(
        dict.fromkeys(
            tuple(all(compare(at, limit) for compare, limit in of_leaf) for of_leaf in placed) for at in places
        )
    )


def _holds_a_whole_number(points: Sequence[Fraction], place: int) -> bool:
    index, at_limit = divmod(place, 2)
    if at_limit:
        return points[index].denominator == 1
    if index == 0 or index == len(points):
        return True
    return floor(points[index - 1]) + 1 < points[index]


_TURNED = {">=": "<=", "<=": ">=", ">": "<", "<": ">", "==": "==", "!=": "!="}


def _limits_of(leaf: Leaf) -> list[tuple[str, Fraction]]:
    """What a leaf asks of the one number it is about; all of it must hold."""
    if isinstance(leaf, Between):
        return [(">=", Fraction(str(leaf.low))), ("<=", Fraction(str(leaf.high)))]
    if isinstance(leaf, Compare):
        return [(leaf.operator, Fraction(str(leaf.value)))]
    if not isinstance(leaf, Linear):
        return []
    factor = sum((Fraction(f) for _name, f in leaf.terms), Fraction(0))
    above = [(">", Fraction(0))] if leaf.positive else []
    if not factor:  # always true or never; the state of the leaf would say so
        never = not COMPARISONS[leaf.operator](Fraction(0), Fraction(leaf.value))
        return [*above, *([("<", Fraction(0)), (">", Fraction(0))] if never else [])]
    sign = leaf.operator if factor > 0 else _TURNED[leaf.operator]
    return [*above, (sign, Fraction(leaf.value) / factor)]


def _numeric(leaf: Compare | Between) -> bool:
    return all(isinstance(point, Decimal) for point in leaf.points)


def _names(leaf: Leaf) -> tuple[str, ...]:
    return leaf.facts if isinstance(leaf, Linear) else (leaf.fact,)


def _limits(name: str, domain: Domain) -> Iterator[Inequality]:
    if domain.minimum is not None:
        yield Inequality.of({name: Fraction(-1)}, -Fraction(domain.minimum), strict=False)
    if domain.maximum is not None:
        yield Inequality.of({name: Fraction(1)}, Fraction(domain.maximum), strict=False)


def _sides(leaf: Leaf, truth: bool) -> list[System]:
    """Alternatives of inequalities under which the leaf has this truth."""
    if isinstance(leaf, Between):
        low, high = (Compare(leaf.fact, sign, end) for sign, end in ((">=", leaf.low), ("<=", leaf.high)))
        if truth:
            return [(*a, *b) for a in _sides(low, True) for b in _sides(high, True)]
        return [*_sides(low, False), *_sides(high, False)]
    if isinstance(leaf, Compare) and isinstance(leaf.value, Decimal):
        return _compared({leaf.fact: Fraction(1)}, leaf.operator, Fraction(leaf.value), truth)
    if not isinstance(leaf, Linear):
        return []
    factors: dict[str, Fraction] = {}
    for name, factor in leaf.terms:
        factors[name] = factors.get(name, Fraction(0)) + Fraction(factor)
    compared = _compared(factors, leaf.operator, Fraction(leaf.value), truth)
    positive = tuple(Inequality.of({name: Fraction(-1)}, Fraction(0), strict=True) for name in leaf.positive)
    if truth:
        return [(*positive, *side) for side in compared]
    nothing = [(Inequality.of({name: Fraction(1)}, Fraction(0), strict=False),) for name in leaf.positive]
    return [*nothing, *((*positive, *side) for side in compared)]


_OPPOSITE = {">=": "<", "<": ">=", "<=": ">", ">": "<=", "==": "!=", "!=": "=="}


def _compared(factors: Mapping[str, Fraction], sign: str, value: Fraction, truth: bool) -> list[System]:
    sign = sign if truth else _OPPOSITE[sign]
    above = {name: -factor for name, factor in factors.items()}
    at_most, at_least = (Inequality.of(f, v, strict=False) for f, v in ((factors, value), (above, -value)))
    below, over = (Inequality.of(f, v, strict=True) for f, v in ((factors, value), (above, -value)))
    sides: dict[str, list[System]] = {
        "<=": [(at_most,)],
        "<": [(below,)],
        ">=": [(at_least,)],
        ">": [(over,)],
        "==": [(at_most, at_least)],
        "!=": [(below,), (over,)],
    }
    return sides[sign]


@lru_cache(maxsize=4096)
def _possible_cells(
    leaves: tuple[Leaf, ...], limits: System, whole: frozenset[str]
) -> tuple[tuple[Cell, ...], tuple[tuple[System, ...], ...], bool] | None:
    """Combinations of truths that some numbers give, the inequalities of each, and whether all are sure to be possible.

    ``None`` where that takes more than :data:`LOOKS_AT_MOST`.
    """
    found: dict[Cell, list[System]] = {}
    sure: dict[Cell, bool] = {}
    waiting: list[tuple[Cell, System, bool]] = [((), limits, True)]
    looks = 0
    while waiting:
        truths, held, certain = waiting.pop()
        if len(truths) == len(leaves):
            found.setdefault(truths, []).append(held)
            sure[truths] = sure.get(truths, False) or certain
            continue
        for truth in (False, True):
            for side in _sides(leaves[len(truths)], truth):
                looks += 1
                answer = possible((*held, *side), whole)
                if answer is not False:
                    waiting.append(((*truths, truth), (*held, *side), answer is True))
        if looks > LOOKS_AT_MOST:
            return None
    cells = tuple(sorted(found))
    return cells, tuple(tuple(found[cell]) for cell in cells), all(sure.values())


@lru_cache(maxsize=4096)
def _pairs(
    cells: tuple[Cell, ...], systems: tuple[tuple[System, ...], ...], whole: frozenset[str], fact: str
) -> tuple[tuple[Cell, Cell], ...]:
    """Pairs of cells that the same values of all the other facts allow. Not found out counts as a pair."""
    others = [[_leaving(system, fact, whole) for system in of_cell] for of_cell in systems]
    return tuple(
        (cells[a], cells[b])
        for a in range(len(cells))
        for b in range(a + 1, len(cells))
        if any(possible((*one, *other), whole) is not False for one in others[a] for other in others[b])
    )


def _leaving(system: System, fact: str, whole: frozenset[str]) -> System:
    """The system with ``fact`` taken out, or, between whole numbers, under a name that nothing else has."""
    left = None if whole else without(system, fact)
    if left is not None:
        return tuple(left)
    fresh = f"{fact}\n{hash(system)}"
    return tuple(
        Inequality.of(
            {fresh if name == fact else name: factor for name, factor in one.factors}, one.limit, strict=one.strict
        )
        for one in system
    )
