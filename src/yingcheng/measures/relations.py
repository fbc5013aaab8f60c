"""How measures stand to each other: the same enterprises, the same conditions, or none that can meet both."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

import numpy as np

from yingcheng.measures.conditions import All, Human, Not, facts_of, leaves
from yingcheng.measures.reach import Judged, Reach
from yingcheng.measures.reading import over_all
from yingcheng.measures.records import Verdict

__all__ = ["Kind", "Relation", "relations"]

PAIRS_AT_MOST = 3_000
"""So many pairs are compared by their conditions; beyond that only those that share most."""


class Kind(StrEnum):
    """How two measures stand to each other."""

    SAME = "条件相同"
    WITHIN = "前者包含于后者"
    AROUND = "后者包含于前者"
    EXCLUSIVE = "条件互斥"
    OVERLAP = "对象重叠"


@dataclass(frozen=True, slots=True)
class Relation:
    """Two measures, by place.

    Attributes:
        both: enterprises that qualify for both.
        share: of the smaller of the two circles.
        clash: the two requirements that exclude each other.
    """

    first: int
    second: int
    kind: Kind
    both: int
    share: float
    clash: tuple[str, str] | None = None


def relations(reach: Reach) -> tuple[Relation, ...]:
    """Pairs that share enterprises, or whose conditions contain or exclude each other, the closest first.

    Conditions are compared over all possible enterprises, not only those at hand; a measure that a person decides in
    part contains no other and is contained by none unless both ask for the same judgement.
    """
    reached = np.array([judged.verdicts == 1 for judged in reach.judged], dtype=np.float32)
    if not len(reached):
        return ()
    together = (reached @ reached.T).astype(np.int64) if reached.size else np.zeros((len(reached),) * 2, dtype=np.int64)
    facts = [{fact for leaf in leaves(judged.reading.condition) for fact in facts_of(leaf)} for judged in reach.judged]
    pairs = list(combinations(range(len(reach.judged)), 2))
    close = sorted(
        (pair for pair in pairs if facts[pair[0]] & facts[pair[1]]),
        key=lambda pair: (-int(together[pair]), -len(facts[pair[0]] & facts[pair[1]]), pair),
    )
    compared = set(close[:PAIRS_AT_MOST])
    impossible = {
        index for index, judged in enumerate(reach.judged) if over_all(judged.reading.condition) is Verdict.NO
    }
    found: list[Relation] = []
    for pair in pairs:
        both = int(together[pair])
        smaller = min(int(together[pair[0], pair[0]]), int(together[pair[1], pair[1]]))
        share = both / smaller if smaller else 0.0
        relation = None
        if pair in compared and not impossible.intersection(pair):
            relation = _by_conditions(reach, pair, both, share)
        if relation is None and both:
            relation = Relation(*pair, Kind.OVERLAP, both, share)
        if relation is not None:
            found.append(relation)
    order = list(Kind)
    return tuple(sorted(found, key=lambda r: (order.index(r.kind), -r.share, -r.both, r.first, r.second)))


def _by_conditions(reach: Reach, pair: tuple[int, int], both: int, share: float) -> Relation | None:
    first, second = (reach.judged[index] for index in pair)
    one, other = first.reading.condition, second.reading.condition
    clash = _clash(first, second) if not both else None
    if clash is not None:
        return Relation(*pair, Kind.EXCLUSIVE, both, share, clash)
    # Where the enterprises at hand already show a difference the conditions need not be compared.
    yes_first, yes_second = first.verdicts == 1, second.verdicts == 1
    within = not (yes_first & (second.verdicts == 0)).any() and over_all(All((one, Not(other)))) is Verdict.NO
    around = not (yes_second & (first.verdicts == 0)).any() and over_all(All((other, Not(one)))) is Verdict.NO
    kind = Kind.SAME if within and around else Kind.WITHIN if within else Kind.AROUND if around else None
    return None if kind is None else Relation(*pair, kind, both, share)


def _clash(first: Judged, second: Judged) -> tuple[str, str] | None:
    """Two requirements, one of each, that no enterprise can meet together."""
    for place, one in enumerate(first.top):
        asked = {fact for leaf in leaves(one) for fact in facts_of(leaf)}
        if any(isinstance(leaf, Human) for leaf in leaves(one)):
            continue
        for other_place, other in enumerate(second.top):
            shared = any(fact in asked for leaf in leaves(other) for fact in facts_of(leaf))
            if shared and over_all(All((one, other))) is Verdict.NO:
                return first.requirement_of(place), second.requirement_of(other_place)
    return None
