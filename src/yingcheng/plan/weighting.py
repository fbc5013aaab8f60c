"""Weights of indicators, each scheme with its source. ``n`` is the number of cities, ``m`` of indicators."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from yingcheng.plan.formulas import Array

__all__ = ["ahp_weights", "combined_weights", "constant_columns", "critic_weights", "entropy_weights"]

# Saaty (1980), random consistency index for matrices of order 1 … 10.
_RANDOM_INDEX = (0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49)


def constant_columns(values: Array) -> npt.NDArray[np.bool_]:
    """Columns that are the same everywhere, (n, m) → (m,): they tell nobody apart and get weight 0."""
    return np.atleast_1d(np.asarray(np.nanmax(values, axis=0) == np.nanmin(values, axis=0)))


def entropy_weights(standardised: Array) -> Array:
    """Entropy weights: (n, m) of values ≥ 0 → (m,) adding up to 1 (Shannon 1948; Hwang & Yoon 1981).

    p = x/Σx by column, e = −Σ p ln p / ln n, w ∝ 1 − e. 0·ln 0 counts as 0, so no value needs to be shifted; a column
    that is the same everywhere carries no information and gets weight 0.

    Raises:
        ValueError: negative values, fewer than two rows, or no column that differs between rows.
    """
    if standardised.shape[0] < 2 or (standardised < 0).any():
        raise ValueError("entropy weights need at least two rows of values that are not negative")
    differs = ~constant_columns(standardised)
    if not differs.any():
        raise ValueError("no column differs between rows")
    total = standardised.sum(axis=0)
    share = standardised / np.where(total > 0, total, 1.0)
    logs = np.log(share, out=np.zeros_like(share), where=share > 0)
    entropy = -(share * logs).sum(axis=0) / np.log(standardised.shape[0])
    divergence = np.where(differs, np.clip(1.0 - entropy, 0.0, None), 0.0)
    return np.asarray(divergence / divergence.sum(), dtype=np.float64)


def critic_weights(standardised: Array) -> Array:
    """CRITIC weights: (n, m) → (m,) adding up to 1 (Diakoulaki, Mavrotas & Papayannakis 1995).

    w ∝ σ·Σ(1 − r): an indicator counts for its spread and for what the others do not already say. A constant column
    gets weight 0 and takes no part in the correlations.

    Raises:
        ValueError: no column differs between rows.
    """
    spread = standardised.std(axis=0, ddof=1)
    differs = ~constant_columns(standardised)
    if not differs.any():
        raise ValueError("no column differs between rows")
    weights = np.zeros(standardised.shape[1])
    correlation = np.atleast_2d(np.corrcoef(standardised[:, differs], rowvar=False))
    weights[differs] = spread[differs] * (1.0 - correlation).sum(axis=1)
    if weights.sum() <= 0:  # all columns say the same
        weights[differs] = 1.0
    return np.asarray(weights / weights.sum(), dtype=np.float64)


def ahp_weights(judgements: Array) -> tuple[Array, float, float]:
    """Weights of a pairwise comparison matrix: (m, m) → weights (m,), λ_max, consistency ratio (Saaty 1980).

    Raises:
        ValueError: not a square reciprocal matrix, or of an order above 10.
    """
    order = judgements.shape[0]
    if judgements.shape != (order, order) or order > len(_RANDOM_INDEX):
        raise ValueError("a pairwise comparison matrix is square and of an order up to 10")
    if not np.allclose(judgements * judgements.T, 1.0):
        raise ValueError("a pairwise comparison matrix is reciprocal: a_ij = 1 / a_ji")
    roots, vectors = np.linalg.eig(judgements)
    main = int(np.argmax(roots.real))
    weights = np.abs(vectors[:, main].real)
    largest = float(roots[main].real)
    chance = _RANDOM_INDEX[order - 1]
    ratio = (largest - order) / (order - 1) / chance if chance else 0.0
    return np.asarray(weights / weights.sum(), dtype=np.float64), largest, ratio


def combined_weights(*schemes: Array, shares: Array | None = None) -> Array:
    """Several weight vectors as one: (m,) each → (m,) adding up to 1.

    Without ``shares`` the product w ∝ Π w_i (multiplicative synthesis, as is usual for AHP × entropy); with ``shares``
    the weighted mean Σ share_i·w_i (linear synthesis); the two usual ways of the literature (王昆、宋海洲 2003
    《三种客观权重赋权法的比较分析》 and the practice that follows).

    Raises:
        ValueError: lengths differ, a share is negative or all are 0, or the product is 0 everywhere.
    """
    if not schemes or len({len(scheme) for scheme in schemes}) != 1:
        raise ValueError("weight vectors to be combined are of one length")
    table = np.stack(schemes)
    table = table / table.sum(axis=1, keepdims=True)
    if shares is None:
        weights = table.prod(axis=0)
    else:
        parts = np.asarray(shares, dtype=np.float64)
        if len(parts) != len(table) or (parts < 0).any() or parts.sum() <= 0:
            raise ValueError("one share, not negative, for every weight vector")
        weights = (parts / parts.sum()) @ table
    if weights.sum() <= 0:
        raise ValueError("the weight vectors contradict each other: their product is 0 everywhere")
    return np.asarray(weights / weights.sum(), dtype=np.float64)
