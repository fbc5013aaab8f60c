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
from itertools import combinations, pairwise
from math import ceil, floor

from yingcheng.measures.conditions import Between, Compare, Domain, Leaf, Linear, Within
from yingcheng.measures.inequalities import Inequality, possible
from yingcheng.measures.records import FactValue

__all__ = ["Cell", "Question", "joint_question", "questions"]

Cell = tuple[bool, ...]  # truth of every leaf of one question

# Above these many words that hang together, or leaves joined by inequalities, leaves are taken as independent of each
# other: sound, but not complete, and said so.
WORDS_AT_MOST = 10
JOINED_AT_MOST = 7


@dataclass(frozen=True, slots=True)
class Question:
    """Leaves that are open together.

    Attributes:
        leaves: their positions.
        cells: every combination of truths that is possible.
        changes: per fact, pairs of cells between which that fact alone makes the difference.
        complete: false where cells may be listed that are not possible.
    """

    leaves: tuple[int, ...]
    cells: tuple[Cell, ...]
    changes: tuple[tuple[str, tuple[tuple[Cell, Cell], ...]], ...]
    complete: bool = True


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
    first, *others = cells
    # Cells that differ in their answer differ in it from the first, one of them at least.
    return Question(positions, cells, ((fact, tuple((first, other) for other in others)),), complete)


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

Side = tuple[Inequality, ...]  # inequalities that must all hold

_OTHER_ONE = "\n"  # marks the second value of the fact that is varied


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
    limits = [limit for name in names for limit in _limits(name, domains.get(name, Domain()))]
    whole = frozenset(name for name in names if domains.get(name, Domain()).whole)
    cells, complete = _possible_cells([(leaf,) for leaf in order], limits, whole)
    changes = []
    for name in names:
        other = name + _OTHER_ONE
        both = [(leaf, _renamed(leaf, name, other)) if name in _names(leaf) else (leaf,) for leaf in order]
        domain = domains.get(name, Domain())
        more = whole | {other} if domain.whole else whole
        pairs, sure = _possible_cells(both, [*limits, *_limits(other, domain)], frozenset(more))
        complete &= sure
        found = {(tuple(p[0] for p in pair), tuple(p[-1] for p in pair)) for pair in pairs}
        changes.append((name, tuple(sorted(pair for pair in found if pair[0] < pair[1]))))
    single = tuple(tuple(truth[0] for truth in cell) for cell in cells)
    return Question(tuple(leaves), single, tuple(changes), complete)


def _numeric(leaf: Compare | Between) -> bool:
    return all(isinstance(point, Decimal) for point in leaf.points)


def _names(leaf: Leaf) -> tuple[str, ...]:
    return leaf.facts if isinstance(leaf, Linear) else (leaf.fact,)


def _renamed(leaf: Leaf, name: str, other: str) -> Leaf:
    if isinstance(leaf, Linear):
        terms = tuple((other if n == name else n, factor) for n, factor in leaf.terms)
        return Linear(terms, leaf.operator, leaf.value, tuple(other if n == name else n for n in leaf.positive))
    if isinstance(leaf, Between):
        return Between(other, leaf.low, leaf.high)
    return Compare(other, leaf.operator, leaf.value) if isinstance(leaf, Compare) else leaf


def _limits(name: str, domain: Domain) -> Iterator[Inequality]:
    if domain.minimum is not None:
        yield Inequality.of({name: Fraction(-1)}, -Fraction(domain.minimum), strict=False)
    if domain.maximum is not None:
        yield Inequality.of({name: Fraction(1)}, Fraction(domain.maximum), strict=False)


def _sides(leaf: Leaf, truth: bool) -> list[Side]:
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


def _compared(factors: Mapping[str, Fraction], sign: str, value: Fraction, truth: bool) -> list[Side]:
    sign = sign if truth else _OPPOSITE[sign]
    above = {name: -factor for name, factor in factors.items()}
    at_most, at_least = (Inequality.of(f, v, strict=False) for f, v in ((factors, value), (above, -value)))
    below, over = (Inequality.of(f, v, strict=True) for f, v in ((factors, value), (above, -value)))
    sides: dict[str, list[Side]] = {
        "<=": [(at_most,)],
        "<": [(below,)],
        ">=": [(at_least,)],
        ">": [(over,)],
        "==": [(at_most, at_least)],
        "!=": [(below,), (over,)],
    }
    return sides[sign]


def _possible_cells(
    leaves: Sequence[tuple[Leaf, ...]], limits: Sequence[Inequality], whole: frozenset[str]
) -> tuple[list[tuple[tuple[bool, ...], ...]], bool]:
    """Combinations of truths of every version of every leaf that some numbers give; whether all are sure."""
    found: dict[tuple[tuple[bool, ...], ...], bool] = {}
    versions = [(index, leaf) for index, entry in enumerate(leaves) for leaf in entry]

    def search(at: int, truths: list[bool], held: tuple[Inequality, ...], sure: bool) -> None:
        if at == len(versions):
            cell: list[list[bool]] = [[] for _leaf in leaves]
            for (index, _version), truth in zip(versions, truths, strict=True):
                cell[index].append(truth)
            key = tuple(map(tuple, cell))
            found[key] = found.get(key, False) or sure
            return
        for truth in (False, True):
            for side in _sides(versions[at][1], truth):
                now = (*held, *side)
                answer = possible(now, whole)
                if answer is not False:
                    search(at + 1, [*truths, truth], now, answer is True)

    search(0, [], tuple(limits), True)
    return list(found), all(found.values())
