"""What a city lives on: location quotients, shift-share, complexity and relatedness, each with its source.

``n`` is the number of cities, ``s`` of industries.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from yingcheng.errors import UnusableInput
from yingcheng.i18n import _
from yingcheng.plan.formulas import Array

__all__ = ["FEWEST_INDUSTRIES", "Complexity", "economic_complexity", "location_quotient", "shift_share"]

FEWEST_INDUSTRIES = 80
"""With fewer, complexity mirrors size and the way the sections were cut, not what a city knows how to do."""


def location_quotient(employed: Array, reference: Array) -> Array:
    """Location quotients: (n, s) employed and (s,) of the reference → (n, s) (Haggett 1965).

    Share of the industry in the city over its share in the reference; 0 where the reference has none of it.
    """
    own = employed / employed.sum(axis=1, keepdims=True)
    share = reference / reference.sum()
    return np.asarray(np.where(share > 0, own / np.where(share > 0, share, 1.0), 0.0), dtype=np.float64)


def shift_share(start: Array, end: Array, reference_start: Array, reference_end: Array) -> tuple[Array, Array, Array]:
    """Shift-share of employment by industry, all (s,): national, industry-mix and regional part (Dunn 1960).

    National: start × growth of the whole reference; mix: start × (growth of the industry there − of the whole);
    regional: what is left, so that the three add up to ``end − start`` exactly. An industry that the reference did not
    have at the start has no growth of its own: its change is regional.
    """
    whole = reference_end.sum() / reference_start.sum() - 1.0
    present = reference_start > 0
    industry = np.where(present, reference_end / np.where(present, reference_start, 1.0) - 1.0, whole)
    national = start * whole
    mix = start * (industry - whole)
    return national, mix, (end - start) - national - mix


@dataclass(frozen=True, slots=True, eq=False)
class Complexity:
    """``eci`` (n,) and ``pci`` (s,) with mean 0 and standard deviation 1; ``proximity`` (s, s); ``density`` (n, s)."""

    eci: Array
    pci: Array
    proximity: Array
    density: Array


def economic_complexity(employed: Array) -> Complexity:
    """Complexity of cities and industries, relatedness of industries (Hidalgo & Hausmann 2009; Hidalgo et al. 2007).

    M = (LQ ≥ 1); ECI is the eigenvector to the second largest eigenvalue of the row-normalised M·U⁻¹·Mᵀ, its sign so
    that it rises with diversity; PCI likewise over industries, scaled with the mean and deviation of its own. Proximity
    φ_ij is the smaller of the two shares of cities strong in one that are strong in the other; density ω = Mφ/Σφ (an
    industry itself counts).

    Args:
        employed: (n, s), at least 80 industries.

    Raises:
        UnusableInput: fewer than 80 industries, fewer than 3 cities, or a city or industry without any strength.
    """
    cities, industries = employed.shape
    if industries < FEWEST_INDUSTRIES:
        raise UnusableInput(
            _("只有 {count} 个行业，不计算复杂度和关联度。").format(count=industries),
            remedy=_("少于 {least} 个行业时，复杂度只反映城市规模和门类划分；请用中类或小类数据。").format(
                least=FEWEST_INDUSTRIES
            ),
        )
    if cities < 3 or (employed < 0).any() or not np.isfinite(employed).all():
        raise UnusableInput(_("至少要有 3 个城市，数字不能空缺或为负。"))
    if (employed.sum(axis=1) <= 0).any():
        raise UnusableInput(_("有城市的各行业全为 0。"), remedy=_("请删去该行。"))
    strong = (location_quotient(employed, employed.sum(axis=0)) >= 1).astype(np.float64)
    diversity, ubiquity = strong.sum(axis=1), strong.sum(axis=0)
    if (ubiquity == 0).any():
        raise UnusableInput(_("有行业在任何城市都没有优势（全为 0）。"), remedy=_("请删去该列。"))
    shares = strong / diversity[:, None]
    spread = strong / ubiquity[None, :]
    eci = _second_vector(shares @ spread.T)
    eci *= np.sign(np.corrcoef(eci, diversity)[0, 1]) or 1.0
    pci = _second_vector(spread.T @ shares)
    # An industry is complex where complex cities have it: that fixes the sign.
    pci *= np.sign(np.corrcoef(pci, spread.T @ eci)[0, 1]) or 1.0
    together = strong.T @ strong
    proximity = together / np.maximum(ubiquity[:, None], ubiquity[None, :])
    density = strong @ proximity / proximity.sum(axis=0)
    return Complexity(_standard(eci), _standard(pci), proximity, density)


def _second_vector(matrix: Array) -> Array:
    values, vectors = np.linalg.eig(matrix)
    return np.asarray(vectors[:, np.argsort(values.real)[-2]].real, dtype=np.float64)


def _standard(vector: Array) -> Array:
    return np.asarray((vector - vector.mean()) / vector.std(), dtype=np.float64)
