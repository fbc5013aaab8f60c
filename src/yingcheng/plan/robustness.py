"""What other, equally arguable choices would have said: random weightings and leaving out one indicator.

Everything is done for all cities and all draws at once: 1,000 weightings of 337 cities × 30 indicators take a fraction
of a second.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from yingcheng.plan.formulas import Array, coupling_degree, subsystem_levels

__all__ = ["DRAWS", "Ensemble", "draw_ensemble", "interval", "jackknife_ranks", "rank_interval", "ranks_of"]

DRAWS = 1000
_EDGES = (0.05, 0.95)

Ranks = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Ensemble:
    """The cities under random weightings.

    ``weights`` (draws, m), adding up to 1 within each subsystem; ``above`` (draws, k); ``levels`` (k, n, draws);
    ``degrees`` (n, draws); ``ranks`` (n, draws); ``jackknife`` (m, n) ranks without each indicator.
    """

    weights: Array
    above: Array
    levels: Array
    degrees: Array
    ranks: Ranks
    jackknife: Ranks


def ranks_of(degrees: Array) -> Ranks:
    """Ranks along the last axis, 1 = highest; equal degrees share the better rank: (…, n) → (…, n)."""
    order = np.argsort(-degrees, axis=-1)
    sorted_ = np.take_along_axis(degrees, order, axis=-1)
    # Where a run of equal degrees begins stands its rank; the rest of the run takes it over.
    begins = np.ones(degrees.shape, dtype=np.bool_)
    np.not_equal(sorted_[..., 1:], sorted_[..., :-1], out=begins[..., 1:])
    places = np.maximum.accumulate(np.where(begins, np.arange(1, degrees.shape[-1] + 1), 0), axis=-1)
    ranks = np.empty(degrees.shape, dtype=np.intp)
    np.put_along_axis(ranks, order, places, axis=-1)
    return ranks


def draw_ensemble(
    standardised: Array, weights: Array, groups: Sequence[Sequence[int]], above: Array, *, seed: int, draws: int = DRAWS
) -> Ensemble:
    """Score every city under weightings drawn evenly from all possible ones (flat Dirichlet; Saisana et al. 2005).

    Both the weights of the indicators within a subsystem and those of the subsystems are drawn, so that an interval
    shows what a different choice of weights would have said.

    Args:
        standardised: (n, m).
        weights: (m,) and ``above`` (k,): the pack's own, for the jackknife.
        groups: the columns of each of the k subsystems.
        above: see ``weights``.
        seed: of the draws.
        draws: how many.
    """
    generator = np.random.default_rng(seed)
    k = len(groups)
    drawn = np.zeros((draws, standardised.shape[1]))
    levels = np.empty((k, draws, len(standardised)))  # a draw after another, so that its cities lie together
    for place, group in enumerate(groups):
        columns = np.asarray(group, dtype=np.intp)
        drawn[:, columns] = own = generator.dirichlet(np.ones(len(columns)), draws)
        np.matmul(own, standardised[:, columns].T, out=levels[place])
    over = generator.dirichlet(np.ones(k), draws)
    # D = √(C·T), C = k·(ΠU)^(1/k)/ΣU, in place: memory, not arithmetic, is what this costs.
    degrees, total, mixed = levels[0].copy(), levels[0].copy(), levels[0] * over[:, :1]
    part = np.empty_like(total)
    for place in range(1, k):
        degrees *= levels[place]
        total += levels[place]
        mixed += np.multiply(levels[place], over[:, place : place + 1], out=part)
    if k == 3:
        np.cbrt(degrees, out=degrees)
    else:
        np.power(degrees, 1.0 / k, out=degrees)
    degrees *= mixed
    np.divide(degrees, total, out=degrees, where=total > 0)
    degrees *= k
    np.sqrt(degrees, out=degrees)
    return Ensemble(
        drawn,
        over,
        levels.transpose(0, 2, 1),
        degrees.T,
        ranks_of(degrees).T,
        jackknife_ranks(standardised, weights, groups, above),
    )


def jackknife_ranks(standardised: Array, weights: Array, groups: Sequence[Sequence[int]], above: Array) -> Ranks:
    """Ranks of all cities with each indicator left out in turn: (m, n).

    The only indicator of a subsystem cannot be left out; its row repeats the ranks with everything.
    """
    levels = subsystem_levels(standardised, weights, groups)
    degrees = np.empty((standardised.shape[1], len(standardised)))
    for place, group in enumerate(groups):
        columns = np.asarray(group, dtype=np.intp)
        own = weights[columns]
        summed = standardised[:, columns] @ own
        for column, weight in zip(columns, own, strict=True):
            left = own.sum() - weight
            changed = levels.copy()
            if left > 0:
                changed[:, place] = np.clip((summed - standardised[:, column] * weight) / left, 0.0, 1.0)
            degrees[column] = coupling_degree(changed, above)
    return ranks_of(degrees)


def interval(values: Array, *, axis: int = -1) -> tuple[Array, Array]:
    """5 % and 95 % quantile of levels, degrees or shares along an axis."""
    low, high = np.quantile(values, _EDGES, axis=axis)
    return low, high


def rank_interval(ranks: Ranks) -> tuple[Ranks, Ranks]:
    """5 % and 95 % quantile over the draws, (n, draws) → two (n,): ranks that occur."""
    low, high = np.quantile(ranks, _EDGES, axis=1, method="nearest")
    return np.asarray(low, dtype=np.intp), np.asarray(high, dtype=np.intp)
