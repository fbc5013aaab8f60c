"""Which missing facts to ask an enterprise for, and in which order: what settles most measures for the least effort."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from yingcheng.measures.facts import kind_of
from yingcheng.measures.reach import Reach
from yingcheng.measures.records import Verdict

__all__ = ["Request", "requests"]

BY_PERSON = 5  # effort of a judgement, as in facts.toml


@dataclass(frozen=True, slots=True)
class Request:
    """One fact to ask for.

    Attributes:
        fact: what to ask for.
        effort: see ``facts.toml``.
        source: whose register holds it; empty where the enterprise must tell, or a person judge.
        settles: measures that are settled once this and the facts before it are known.
        concerns: all measures that it can change.
    """

    fact: str
    effort: int
    source: str
    settles: tuple[int, ...]
    concerns: tuple[int, ...]


def _effort(fact: str) -> int:
    kind = kind_of(fact)
    return BY_PERSON if kind is None else kind.effort


def requests(reach: Reach, enterprise: int, *, measures: Sequence[int] | None = None) -> tuple[Request, ...]:
    """What to ask one enterprise for, first things first; each fact once.

    Taken is each time the set of facts that settles the most measures per effort (greedy; with one measure per set it
    is within 4 times the best possible order: U. Feige, L. Lovász, P. Tetali, Algorithmica 40, 2004). A fact may settle
    more than is counted here: a no settles a measure at once.
    """
    needs: dict[int, frozenset[str]] = {}
    for index in range(len(reach.measures)) if measures is None else measures:
        if reach.verdict(index, enterprise) is Verdict.UNKNOWN:
            needs[index] = frozenset(reach.missing(index, enterprise))
    concerns: defaultdict[str, list[int]] = defaultdict(list)
    for index, need in needs.items():
        for fact in need:
            concerns[fact].append(index)
    asked: list[str] = []
    settled: dict[str, tuple[int, ...]] = {}
    while needs:
        chosen = min((need for need in needs.values()), key=lambda need: _price(need, needs, asked))
        new = set(chosen).difference(asked)
        ready = bool(new)
        while new:
            fact = min(new, key=lambda f: (-_settled(needs, {*asked, f}), _effort(f), -len(concerns[f]), f))
            new.remove(fact)
            asked.append(fact)
            done = tuple(index for index, need in needs.items() if need <= set(asked))
            settled[fact] = done
            needs = {index: need for index, need in needs.items() if index not in done}
        if not ready:  # nothing is missing that has a name
            break
    return tuple(_request(fact, settled[fact], concerns[fact]) for fact in asked)


def _settled(needs: dict[int, frozenset[str]], known: set[str]) -> int:
    return sum(need <= known for need in needs.values())


def _price(
    need: frozenset[str], needs: dict[int, frozenset[str]], asked: Sequence[str]
) -> tuple[Fraction, int, tuple[str, ...]]:
    settles = _settled(needs, {*asked, *need})
    effort = sum(_effort(fact) for fact in need.difference(asked))
    return Fraction(effort, max(settles, 1)), effort, tuple(sorted(need))


def _request(fact: str, settles: tuple[int, ...], concerns: Sequence[int]) -> Request:
    kind = kind_of(fact)
    return Request(fact, _effort(fact), kind.authority if kind else "", settles, tuple(sorted(concerns)))
