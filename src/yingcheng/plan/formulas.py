"""The formulas of composite indicators and of coupling coordination, each with its source.

All functions take and return float arrays and know nothing of cities. ``n`` is the number of cities, ``m`` of
indicators, ``k`` of subsystems, ``s`` of industries. Standardised values lie between 0 (worst) and 1 (best).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

__all__ = [
    "Array",
    "corrected_coupling",
    "coupling",
    "coupling_degree",
    "development",
    "grade_of",
    "min_max",
    "obstacle_degree",
    "subsystem_levels",
    "topsis",
    "winsor_bounds",
    "z_scores",
]

Array = npt.NDArray[np.float64]


def winsor_bounds(values: Array, *, lower: float = 0.05, upper: float = 0.95) -> tuple[Array, Array]:
    """Percentiles beyond which values count as extreme: (n, m) → two (m,). NaN is ignored (OECD/JRC 2008, step 5)."""
    low, high = np.nanquantile(values, [lower, upper], axis=0)
    return low, high


def min_max(
    values: Array,
    directions: Array,
    *,
    low: Array | None = None,
    high: Array | None = None,
    log: npt.NDArray[np.bool_] | None = None,
) -> Array:
    """Standardise to 0 … 1: (x − low)/(high − low), turned round where less is better.

    Args:
        values: (n, m), in their own units; NaN stays NaN.
        directions: (m,), +1 more is better, −1 less is better.
        low: (m,) lower end of the scale; values below it count as it. Smallest value of the column when left out.
        high: (m,) upper end, likewise.
        log: (m,) columns measured on a logarithmic scale; their ends must be positive.

    Returns:
        (n, m). A column whose ends coincide tells nobody apart and is 0 throughout.

    Raises:
        ValueError: a logarithmic column has an end that is not positive.
    """
    bottom = np.nanmin(values, axis=0) if low is None else np.asarray(low, dtype=np.float64)
    top = np.nanmax(values, axis=0) if high is None else np.asarray(high, dtype=np.float64)
    clipped = np.clip(values, bottom, top)
    if log is not None and log.any():
        if (bottom[log] <= 0).any():
            raise ValueError("a logarithmic scale needs positive ends")
        clipped, bottom, top = clipped.copy(), bottom.copy(), top.copy()
        clipped[:, log], bottom[log], top[log] = np.log(clipped[:, log]), np.log(bottom[log]), np.log(top[log])
    span = top - bottom
    shares = (clipped - bottom) / np.where(span > 0, span, 1.0)
    turned = np.where(np.asarray(directions) > 0, shares, 1.0 - shares)
    return np.where(span > 0, turned, np.where(np.isnan(values), np.nan, 0.0))


def z_scores(values: Array, directions: Array) -> Array:
    """Distance from the mean in sample standard deviations, sign turned where less is better; constant column → 0."""
    spread = np.nanstd(values, axis=0, ddof=1)
    scores = (values - np.nanmean(values, axis=0)) / np.where(spread > 0, spread, 1.0)
    return np.asarray(scores * np.sign(directions), dtype=np.float64)


def topsis(values: Array, weights: Array, directions: Array, *, scale: str = "vector") -> Array:
    """Closeness to the ideal: (n, m) → (n,) in 0 … 1 (Hwang & Yoon 1981).

    Args:
        values: (n, m).
        weights: (m,).
        directions: (m,), +1 or −1.
        scale: ``vector`` divides each column by its Euclidean length; ``none`` takes values as they are
            (standardised before).

    Raises:
        ValueError: unknown ``scale``.
    """
    if scale not in {"vector", "none"}:
        raise ValueError(f"scale is 'vector' or 'none', not {scale!r}")
    scaled = values
    if scale == "vector":
        length = np.sqrt((values**2).sum(axis=0))
        scaled = values / np.where(length > 0, length, 1.0)
    weighted = scaled * weights
    up = np.asarray(directions) > 0
    best = np.where(up, weighted.max(axis=0), weighted.min(axis=0))
    worst = np.where(up, weighted.min(axis=0), weighted.max(axis=0))
    to_best = np.sqrt(((weighted - best) ** 2).sum(axis=1))
    to_worst = np.sqrt(((weighted - worst) ** 2).sum(axis=1))
    total = to_best + to_worst
    return np.asarray(np.where(total > 0, to_worst / np.where(total > 0, total, 1.0), 0.5), dtype=np.float64)


def subsystem_levels(standardised: Array, weights: Array, groups: Sequence[Sequence[int]]) -> Array:
    """Level U of each subsystem, the weighted mean of its indicators: (n, m) → (n, k).

    Args:
        standardised: (n, m).
        weights: (m,); only the proportions within a group matter.
        groups: the columns of each subsystem.
    """
    columns = [np.asarray(group, dtype=np.intp) for group in groups]
    return np.stack([standardised[:, g] @ (weights[g] / weights[g].sum()) for g in columns], axis=1)


def coupling(levels: Array) -> Array:
    """Coupling C = K·(ΠU)^(1/K) / ΣU over the last axis: (…, k) → (…); all levels 0 → 0.

    The ratio of geometric to arithmetic mean, between 0 and 1 (王淑佳等 2021《国内耦合协调度模型的误区及修正》).
    """
    k = levels.shape[-1]
    total = levels.sum(axis=-1)
    # A product of roots, not a root of the product: small levels do not underflow.
    root = np.prod(levels ** (1.0 / k), axis=-1)
    return np.asarray(np.where(total > 0, k * root / np.where(total > 0, total, 1.0), 0.0), dtype=np.float64)


def corrected_coupling(levels: Array) -> Array:
    """Corrected coupling C*: (…, k) → (…), better spread over 0 … 1 (王淑佳等 2021).

    C* = √{[1 − mean over pairs |U_i − U_j|] · (Π U_i/U_max)^(1/(K−1))}; all levels 0 → 0.
    """
    k = levels.shape[-1]
    first, second = np.triu_indices(k, 1)
    distance = np.abs(levels[..., first] - levels[..., second]).mean(axis=-1)
    highest = levels.max(axis=-1, keepdims=True)
    relative = np.where(highest > 0, levels / np.where(highest > 0, highest, 1.0), 0.0)
    return np.asarray(np.sqrt((1.0 - distance) * np.prod(relative ** (1.0 / (k - 1)), axis=-1)), dtype=np.float64)


def development(levels: Array, weights: Array | None = None) -> Array:
    """Development T, the weighted mean of the levels: (…, k) → (…); equal weights when left out."""
    if weights is None:
        return np.asarray(levels.mean(axis=-1), dtype=np.float64)
    return np.asarray((levels * weights).sum(axis=-1) / weights.sum(axis=-1), dtype=np.float64)


def coupling_degree(levels: Array, weights: Array | None = None, *, corrected: bool = False) -> Array:
    """Coupling coordination D = √(C·T): (…, k) → (…) (廖重斌 1999).

    With equal weights and the plain C this is exactly √(geometric mean of U).
    """
    together = corrected_coupling(levels) if corrected else coupling(levels)
    return np.asarray(np.sqrt(together * development(levels, weights)), dtype=np.float64)


def grade_of(degree: float, grades: Sequence[tuple[float, str]]) -> str:
    """Name of the grade a degree falls into; ``grades`` are (upper end, name), rising, upper ends belong below."""
    for upper, name in grades:
        if degree < upper:
            return name
    return grades[-1][1]


def obstacle_degree(standardised: Array, weights: Array, *, as_shares: bool = True) -> Array:
    """What holds each city back, by indicator: w·(1 − x), as shares of the row (鲁春阳等 2011《障碍度模型》).

    Args:
        standardised: (n, m).
        weights: (m,).
        as_shares: divide by the row's sum; a row without any obstacle stays 0.
    """
    parts = (1.0 - standardised) * weights
    if not as_shares:
        return np.asarray(parts, dtype=np.float64)
    total = parts.sum(axis=1, keepdims=True)
    return np.asarray(np.where(total > 0, parts / np.where(total > 0, total, 1.0), 0.0), dtype=np.float64)
