"""Words that mean nearly the same: each unit of a need finds its nearest unit in each piece of an offer.

Source of the idea: late interaction (Khattab & Zaharia, *ColBERT*, SIGIR 2020), here over whole words with fixed
vectors, so that every part of the sum belongs to two words one can read. Vectors are centred and their axes evened out
on the needs' own words and on the names of all industries, which takes out what all words share (Mu & Viswanath,
*All-but-the-top*, ICLR 2018). It weighs the best offers by words anew; it finds none that the words do not.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yingcheng.matchmaking.affinity.encoders import Encoder
from yingcheng.matchmaking.affinity.segments import unit_of
from yingcheng.similarity import Segment, is_generic
from yingcheng.standards.industries import industry_names

__all__ = ["Meaning", "Near"]

Vectors = NDArray[np.float32]

WEIGHT = 1.0  # of a need all of whose words are met
CLOSE = 0.35  # cosine from which two words are called near
SATURATION = 4.0  # of a word within a field of the need
EVENING, FLOOR = -0.5, 0.01  # exponent and offset of the evening-out of axes


@dataclass(frozen=True, slots=True)
class Near:
    """One unit of the need's field and its nearest unit in a piece of the offer; ``value`` adds to the sum."""

    field: str
    unit: str
    piece: int
    found: str
    value: float


@dataclass(frozen=True, slots=True)
class _Need:
    fields: tuple[str, ...]
    units: tuple[str, ...]
    weights: NDArray[np.float64]


class Meaning:
    """The units of all needs, ready to be held against offers.

    Args:
        encoder: of units.
        needs: the fields of each need.
        rarity: unit → how much it tells needs apart, > 0.
    """

    def __init__(self, encoder: Encoder, needs: Sequence[Sequence[Segment]], rarity: Callable[[str], float]) -> None:
        self._encoder = encoder
        self._needs = [self._read(need, rarity) for need in needs]
        self._vectors: dict[str, Vectors] = {}
        self._pieces: dict[str, tuple[str, ...]] = {}
        own = {unit for need in self._needs for unit in need.units}
        known = {unit for name in industry_names() for unit in encoder.units(name)}
        fitted = sorted(own | known)
        vectors = encoder.encode(fitted)
        self._mean = vectors.mean(axis=0)
        _left, strengths, axes = np.linalg.svd(vectors - self._mean, full_matrices=False)
        self._axes = axes.T * (strengths / strengths[0] + FLOOR) ** EVENING
        self._learn(fitted, vectors)

    @staticmethod
    def _words(encoder: Encoder, text: str) -> list[str]:
        return [unit for unit in encoder.units(text) if not is_generic(unit)]

    def _read(self, need: Sequence[Segment], rarity: Callable[[str], float]) -> _Need:
        fields: list[str] = []
        units: list[str] = []
        weights: list[float] = []
        sums: dict[str, float] = {}
        for segment in need:
            for unit, count in sorted(Counter(self._words(self._encoder, segment.text)).items()):
                weight = segment.weight * count * (1 + SATURATION) / (count + SATURATION) * rarity(unit)
                fields.append(segment.kind)
                units.append(unit)
                weights.append(weight)
                sums[segment.kind] = sums.get(segment.kind, 0.0) + weight
        return _Need(tuple(fields), tuple(units), np.array(weights) * (WEIGHT / unit_of(sums)))

    def _learn(self, units: Sequence[str], vectors: Vectors) -> None:
        evened = (vectors - self._mean) @ self._axes
        evened /= np.maximum(np.linalg.norm(evened, axis=1, keepdims=True), 1e-9)
        self._vectors.update(zip(units, evened.astype(np.float32), strict=True))

    def prepare(self, offers: Sequence[Sequence[Segment]]) -> None:
        """Encode the units of some offers at once."""
        for offer in offers:
            for piece in offer:
                if piece.text not in self._pieces:
                    self._pieces[piece.text] = tuple(dict.fromkeys(self._words(self._encoder, piece.text)))
        new = {unit for offer in offers for piece in offer for unit in self._pieces[piece.text]} - self._vectors.keys()
        if new:
            units = sorted(new)
            self._learn(units, self._encoder.encode(units))

    def near(self, need: int, offer: Sequence[Segment]) -> tuple[Near, ...]:
        """What each unit of a need finds in an offer, above nothing; each unit counts in its best piece only."""
        asked = self._needs[need]
        places = [(place, unit) for place, piece in enumerate(offer) for unit in self._pieces[piece.text]]
        if not asked.units or not places:
            return ()
        held = np.stack([self._vectors[unit] for _place, unit in places])
        worth = np.array([offer[p].weight / math.sqrt(len(self._pieces[offer[p].text])) for p, _unit in places])
        cosines = np.stack([self._vectors[unit] for unit in asked.units]) @ held.T
        values = np.maximum(cosines.astype(np.float64) - CLOSE, 0.0) / (1 - CLOSE) * worth
        best = values.argmax(axis=1)
        return tuple(
            Near(field, unit, places[at][0], places[at][1], float(weight * values[row, at]))
            for row, (field, unit, weight, at) in enumerate(
                zip(asked.fields, asked.units, asked.weights.tolist(), best.tolist(), strict=True)
            )
            if values[row, at] > 0
        )
