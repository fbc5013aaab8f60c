"""Which limits contradict each other: a smallest set of minimums, maximums, must pairs and rules that cannot all hold.

QuickXplain (Junker, AAAI 2004); a flow, or a MIP where there are rules, answers whether a set of them can hold.
Smallest means: without any one of its members the rest can hold.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from yingcheng.matchmaking.assignment.needs import fewest_missing
from yingcheng.matchmaking.assignment.problem import Problem

__all__ = ["Limit", "contradiction"]


@dataclass(frozen=True, slots=True, order=True)
class Limit:
    """One limit: ``place`` is a row, a column, an edge (``must``) or a rule."""

    kind: Literal["must", "least row", "least column", "rule", "most row", "most column"]
    place: int


def contradiction(problem: Problem, *, minimums: bool) -> tuple[Limit, ...]:
    """A smallest set of limits that no choice keeps; empty where all can be kept.

    Args:
        problem: all limits.
        minimums: whether the minimums must be met too.
    """
    limits = _limits(problem, minimums)
    if not _contradicts(problem, limits):
        return ()
    return tuple(sorted(_smallest(lambda some: _contradicts(problem, some), limits)))


def _limits(problem: Problem, minimums: bool) -> list[Limit]:
    """What can be asked for, what people would give up last first."""
    row, column = problem.degrees()
    limits = [Limit("must", int(edge)) for edge in np.flatnonzero(problem.forced)]
    if minimums:
        limits += [Limit("least row", int(place)) for place in np.flatnonzero(problem.row_min)]
        limits += [Limit("least column", int(place)) for place in np.flatnonzero(problem.column_min)]
    limits += [Limit("rule", place) for place in range(len(problem.rules))]
    limits += [Limit("most row", int(place)) for place in np.flatnonzero(problem.row_max < row)]
    limits += [Limit("most column", int(place)) for place in np.flatnonzero(problem.column_max < column)]
    return limits


def _contradicts(problem: Problem, limits: Sequence[Limit]) -> bool:
    asked: dict[str, list[int]] = {}
    for limit in limits:
        asked.setdefault(limit.kind, []).append(limit.place)
    row, column = problem.degrees()
    forced = np.zeros(len(problem.scores), dtype=bool)
    forced[asked.get("must", [])] = True
    bounds = {
        "least row": np.zeros_like(problem.row_min),
        "least column": np.zeros_like(problem.column_min),
        "most row": np.maximum(row, problem.row_min),
        "most column": np.maximum(column, problem.column_min),
    }
    for kind, own in (
        ("least row", problem.row_min),
        ("least column", problem.column_min),
        ("most row", problem.row_max),
        ("most column", problem.column_max),
    ):
        places = asked.get(kind, [])
        bounds[kind][places] = own[places]
    held_row, held_column = problem.loads(forced)
    if np.any(held_row > bounds["most row"]) or np.any(held_column > bounds["most column"]):
        return True
    relaxed = replace(
        problem,
        forced=forced,
        row_min=bounds["least row"],
        column_min=bounds["least column"],
        row_max=bounds["most row"],
        column_max=bounds["most column"],
        rules=tuple(problem.rules[place] for place in asked.get("rule", [])),
    )
    found = fewest_missing(relaxed, np.zeros(len(problem.scores)))
    return found is None or any(missing.any() for missing in relaxed.missing(found.chosen))


def _smallest(contradicts: Callable[[list[Limit]], bool], limits: list[Limit]) -> list[Limit]:
    """A smallest part of the limits that still contradicts; all of them together do."""

    def explain(held: list[Limit], added: bool, some: list[Limit]) -> list[Limit]:
        if added and contradicts(held):
            return []
        if len(some) == 1:
            return some
        half = len(some) // 2
        right = explain([*held, *some[:half]], True, some[half:])
        left = explain([*held, *right], bool(right), some[:half])
        return [*left, *right]

    return explain([], False, limits)
