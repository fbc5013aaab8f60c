"""Whom a measure just misses, and by what: one condition is not met, and nothing else is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np

from yingcheng.measures.conditions import (
    Age,
    All,
    Any,
    AtLeast,
    Between,
    Compare,
    Condition,
    Has,
    Leaf,
    Linear,
    Not,
    facts_of,
    full_years,
    leaves,
)
from yingcheng.measures.facts import kind_of, show
from yingcheng.measures.reach import Judged, Reach
from yingcheng.measures.records import Facts, FactValue, Verdict

__all__ = ["NearMiss", "near_misses"]


@dataclass(frozen=True, slots=True)
class NearMiss:
    """One condition stands between an enterprise and a measure. ``measure`` and ``enterprise`` are places in the reach.

    ``share`` is how far the fact is from the limit, in parts of the limit; ``None`` where that is no number.
    ``open_facts`` are facts of the other conditions that are still missing.
    """

    measure: int
    enterprise: int
    requirement: str
    gap: str
    share: float | None
    open_facts: tuple[str, ...]


def near_misses(reach: Reach, measure: int, *, limit: int | None = None) -> tuple[NearMiss, ...]:
    """Enterprises that fail one condition of a measure only; the nearest first, those with nothing else open before.

    Args:
        reach: what was found.
        measure: place of the measure.
        limit: at most so many.
    """
    judged = reach.judged[measure]
    found: list[NearMiss] = []
    failing = sum((part == 0 for part in judged.parts), np.zeros(len(reach.enterprises), dtype=np.int64))
    for enterprise in np.flatnonzero((judged.verdicts == 0) & (failing == 1)).tolist():
        failure = _only_failure(judged, enterprise)
        if failure is None:
            continue
        part, open_facts = failure
        gap, share = _gap(judged.top[part], reach.facts[reach.enterprises[enterprise]])
        found.append(NearMiss(measure, enterprise, judged.requirement_of(part), gap, share, open_facts))
    found.sort(key=lambda miss: (len(miss.open_facts), miss.share is None, miss.share or 0.0, miss.enterprise))
    return tuple(found[:limit])


def _only_failure(judged: Judged, enterprise: int) -> tuple[int, tuple[str, ...]] | None:
    """The part that fails alone, and the facts that the others still lack; ``None`` where a closer look finds two."""
    if not any(part[enterprise] == 2 for part in judged.parts):
        return next(place for place, part in enumerate(judged.parts) if part[enterprise] == 0), ()
    parts = judged.parts_of(enterprise)
    failing = [place for place, part in enumerate(parts) if part.verdict is Verdict.NO]
    if len(failing) != 1:
        return None
    known = judged.columns.facts[enterprise]
    asked = (
        fact for place, part in enumerate(parts) if part.verdict is Verdict.UNKNOWN for fact in _asked(judged, place)
    )
    return failing[0], tuple(dict.fromkeys(fact for fact in asked if fact not in known))


def _asked(judged: Judged, place: int) -> list[str]:
    return [fact for leaf in leaves(judged.top[place]) for fact in facts_of(leaf)]


def _gap(condition: Condition, facts: Facts) -> tuple[str, float | None]:
    """What is lacking, in words, and how much of the limit that is."""
    if isinstance(condition, Any | AtLeast):
        gaps = [_gap(part, facts) for part in condition.parts]
        shares = [share for _text, share in gaps if share is not None]
        return "，或".join(dict.fromkeys(text for text, _share in gaps)), min(shares, default=None)
    if isinstance(condition, All):
        failing = [_gap(part, facts) for part in condition.parts if _fails(part, facts)]
        shares = [share for _text, share in failing if share is not None]
        words = "，且".join(dict.fromkeys(text for text, _share in failing))
        return words, max(shares) if len(shares) == len(failing) and shares else None
    if isinstance(condition, Not):
        return "；".join(dict.fromkeys(_stated(leaf, facts) for leaf in leaves(condition))), None
    return _leaf_gap(condition, facts)


def _fails(condition: Condition, facts: Facts) -> bool:
    if isinstance(condition, All | Any | AtLeast | Not | Linear):
        return True
    fact = facts.get(condition.fact)
    return fact is not None and condition.test(fact.value) is False


def _stated(leaf: Leaf, facts: Facts) -> str:
    known = [(name, facts[name].value) for name in facts_of(leaf) if name in facts]
    return "，".join(f"{name}为{_shown(name, value)}" for name, value in known) or f"缺少{'、'.join(facts_of(leaf))}"


def _leaf_gap(leaf: Leaf, facts: Facts) -> tuple[str, float | None]:
    if isinstance(leaf, Linear):
        return _stated(leaf, facts), _linear_share(leaf, facts)
    fact = facts.get(leaf.fact)
    value = fact.value if fact is not None else None
    if isinstance(leaf, Has):
        return f"没有“{leaf.wanted}”", None
    if isinstance(leaf, Age) and isinstance(value, date):
        years = full_years(value, leaf.on)
        return f"成立 {years} 年，要求{_SIGNS[leaf.operator]} {leaf.years} 年", abs(years - leaf.years) / max(
            leaf.years, 1
        )
    if isinstance(leaf, Compare | Between) and isinstance(value, Decimal):
        return _number_gap(leaf, value)
    return _stated(leaf, facts), None


_SIGNS = {">=": "不少于", ">": "超过", "<=": "不超过", "<": "少于", "==": "等于", "!=": "不等于"}


def _shown(name: str, value: FactValue) -> str:
    kind = kind_of(name)
    return show(value, kind.unit if kind else "")


def _number_gap(leaf: Compare | Between, value: Decimal) -> tuple[str, float | None]:
    points = [point for point in leaf.points if isinstance(point, Decimal)]
    nearest = min(points, key=lambda point: abs(point - value))
    distance = abs(nearest - value)
    wanted = (
        f"{_SIGNS[leaf.operator]}{_shown(leaf.fact, nearest)}"
        if isinstance(leaf, Compare)
        else f"{_shown(leaf.fact, points[0])}至{_shown(leaf.fact, points[-1])}"
    )
    side = "还差" if value < nearest else "超出"
    lacking = f"，{side}{_shown(leaf.fact, distance)}" if distance else ""
    share = float(distance / abs(nearest)) if nearest else None
    return f"{leaf.fact}为{_shown(leaf.fact, value)}，要求{wanted}{lacking}", share


def _linear_share(leaf: Linear, facts: Facts) -> float | None:
    known = {n: value for n in leaf.facts if n in facts and isinstance(value := facts[n].value, Decimal)}
    if len(known) < len(leaf.facts):
        return None
    above = sum((f * known[n] for n, f in leaf.terms if f > 0), Decimal(0))
    below = sum((-f * known[n] for n, f in leaf.terms if f < 0), Decimal(0)) + leaf.value
    return float(abs(above - below) / abs(below)) if below else None
