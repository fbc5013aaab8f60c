"""After a change: keep what is confirmed, change as few other pairs as possible, and prove it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from yingcheng.matchmaking.assignment.pairs import Choice
from yingcheng.matchmaking.assignment.solver import HIGHEST_TOTAL, solve
from yingcheng.matchmaking.assignment.terms import Terms, Wish, tabulate
from yingcheng.matchmaking.records import Candidate

__all__ = ["Reassigned", "reassign"]


@dataclass(frozen=True, slots=True, eq=False)
class Reassigned:
    """The new choice beside the old one.

    Attributes:
        choice: the new choice. Its total counts every kept pair with ``bonus`` on top of its score.
        kept: earlier pairs that stay.
        dropped: earlier pairs that could stay no longer, or had to make way for a minimum.
        added: pairs that are new.
        fewest: no choice that leaves the same minimums unmet drops fewer.
        bonus: what a kept pair counts more than a new one.
    """

    choice: Choice
    kept: tuple[Wish, ...]
    dropped: tuple[Wish, ...]
    added: tuple[Wish, ...]
    fewest: int
    bonus: float


def reassign(
    candidates: Sequence[Candidate],
    terms: Terms,
    earlier: Collection[Wish],
    *,
    confirmed: Collection[Wish] = (),
    refill: bool = True,
) -> Reassigned:
    """Choose again after scores changed, a party cancelled or a new one came.

    The goals, in this order: confirmed pairs stay; the fewest unmet minimums; the fewest earlier pairs dropped; the
    highest total. Keeping one pair counts more than all scores together, so that one bound proves both.

    Args:
        candidates: the pairs as they are now; who cancelled has none.
        terms: limits and wishes as they are now.
        earlier: the pairs of the earlier choice.
        confirmed: those of them that must not change, as long as both parties are still candidates.
        refill: whether places that are free may be given to new pairs; otherwise only where a minimum needs them.

    Raises:
        Infeasible: confirmed pairs contradict the terms.
        ValueError: as :func:`choose_pairs`; or a confirmed pair was none of the earlier ones.
    """
    before = set(earlier)
    if unknown := sorted(set(confirmed) - before):
        raise ValueError(f"confirmed, but not among the earlier pairs: {unknown}")
    able = {(c.opportunity_id, c.enterprise_id) for c in candidates}
    pinned = replace(terms, must=tuple(sorted({*terms.must, *(able & set(confirmed))})))
    table = tabulate(candidates, pinned)
    every = np.ones(len(table.gains), dtype=bool)
    stays = np.array([wish in before for wish in table.wishes(every)], dtype=bool)
    largest = float(np.abs(table.gains).max(initial=0.0)) or 1.0
    most = int(min(table.problem.row_max.sum(), table.problem.column_max.sum(), len(table.gains)))
    bonus = 4 * largest * (most + 1)
    gains = table.gains + bonus * stays
    if not refill:
        gains = np.where(stays, gains, gains - 2 * largest)
    solution = solve(table.problem, HIGHEST_TOTAL, gains=gains)
    after = set(table.wishes(solution.chosen))
    # Whatever else is chosen, a choice that keeps k pairs has at least the total k · bonus − lost.
    lost = most * max(0.0, -float(np.where(stays, table.gains, gains).min(initial=0.0)))
    fewest = len(before) - min(int(stays.sum()), int((solution.bound + lost) // bonus))
    return Reassigned(
        Choice(tuple(candidates), pinned, HIGHEST_TOTAL, table, solution),
        tuple(sorted(before & after)),
        tuple(sorted(before - after)),
        tuple(sorted(after - before)),
        max(0, fewest),
        bonus,
    )
