"""The weighting: BM25F over character grams on both sides, and its sparse product.

Source: Robertson, Zaragoza, Taylor, *Simple BM25 extension to multiple weighted fields*, CIKM 2004. Two changes:
every piece of an offer is normalised by its own length, so that taking one away leaves the others as they were;
the grams of a need saturate within their field, so that a long description does not drown its title.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from yingcheng.matchmaking.affinity.segments import NAME, Segment
from yingcheng.matchmaking.affinity.tokens import PAIR_SHIFT, count_grams, generic_grams, gram_of

__all__ = ["NeedRows", "OfferIndex", "saturate_one"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

K1 = 1.2  # saturation of a gram within an offer
B = 0.75  # strength of the length normalisation
NEED_SATURATION = 4.0  # saturation of a gram within a field of the need
RARITY_POWER = 1.5  # above BM25's 1: common grams that stay after the boilerplate must not add up to a match
# A small folder is filled up to so many firms of other trades: at an event on one theme the word every firm uses still
# counts, and a single character that few of forty firms use is not taken for a rare one.
ENOUGH_FIRMS = 1000
SINGLES = 0.08  # share of those other firms that use any given single character
LENGTH_POWER = 0.35  # how much a long description widens the unit against which a match is measured


@dataclass(frozen=True, slots=True)
class NeedRows:
    """Needs as rows over the grams of the index.

    Attributes:
        matrix: needs × grams; weight of the gram in the need times its discrimination.
        unit: per need, the weight of its name, widened by a long description; a match is measured against it.
        fields: (need, kind) → the weights of its grams, parallel to the row; their sum over kinds is the row.
    """

    matrix: csr_matrix
    unit: Floats
    fields: tuple[dict[str, dict[int, float]], ...]  # per need: kind → gram code → weight


class OfferIndex:
    """The offers of all enterprises, ready to be multiplied with needs.

    Attributes:
        vocabulary: sorted gram codes, shape (grams,).
        by_gram: grams × offers, saturated frequency of the gram in the offer.
    """

    def __init__(self, offers: Sequence[Sequence[Segment]]) -> None:
        self.size = len(offers)
        pieces = [segment for offer in offers for segment in offer]
        owner = np.repeat(np.arange(len(offers), dtype=np.int64), [len(offer) for offer in offers])
        counted = count_grams([piece.text for piece in pieces])
        self.vocabulary, columns = np.unique(counted.grams, return_inverse=True)
        self.mean_length = self._mean_lengths(pieces, counted.lengths)
        factors = np.array([self.piece_factor(p, n) for p, n in zip(pieces, counted.lengths.tolist(), strict=True)])
        values = factors[counted.texts] * counted.counts if pieces else np.zeros(0)
        shape = (self.size, len(self.vocabulary))
        plain = csr_matrix((values, (owner[counted.texts] if pieces else columns, columns)), shape=shape)
        plain.sum_duplicates()
        self.frequency = np.bincount(plain.indices, minlength=len(self.vocabulary)).astype(np.int64)
        plain.data = saturate(plain.data.astype(np.float64))
        self.by_gram: csr_matrix = plain.T.tocsr()

    @staticmethod
    def _mean_lengths(pieces: Sequence[Segment], lengths: Ints) -> dict[str, float]:
        sums: dict[str, list[int]] = {}
        for piece, length in zip(pieces, lengths.tolist(), strict=True):
            sums.setdefault(piece.kind, []).append(length)
        return {kind: sum(values) / len(values) for kind, values in sums.items()}

    def piece_factor(self, piece: Segment, length: int) -> float:
        """What one occurrence of a gram in this piece counts."""
        mean = self.mean_length[piece.kind]
        return piece.weight / (1 - B + B * length / mean) if mean else 0.0

    def frequency_of(self, pair: str) -> int:
        """In how many offers two neighbouring characters stand."""
        code = gram_of(pair)
        place = int(np.searchsorted(self.vocabulary, code))
        held = place < len(self.vocabulary) and int(self.vocabulary[place]) == code
        return int(self.frequency[place]) if held else 0

    def discrimination(self, grams: Ints) -> Floats:
        """Inverse document frequency of grams, generic words damped; a gram no offer has gets the highest."""
        places = np.searchsorted(self.vocabulary, grams)
        frequency = np.zeros(len(grams))
        if len(self.vocabulary):
            places = np.minimum(places, len(self.vocabulary) - 1)
            found = self.vocabulary[places] == grams
            frequency[found] = self.frequency[places[found]]
        others = max(0, ENOUGH_FIRMS - self.size)
        frequency += np.where(grams < 1 << PAIR_SHIFT, SINGLES * others, 0.0)
        size = self.size + others
        values: Floats = np.log1p((size - frequency + 0.5) / (frequency + 0.5))
        values **= RARITY_POWER
        values /= math.log1p((size + 0.5) / 0.5) ** (RARITY_POWER - 1)
        generic, weight = generic_grams()
        values[np.isin(grams, generic)] *= weight
        return values

    def rows(self, needs: Sequence[Sequence[Segment]]) -> NeedRows:
        """The needs as rows over this index."""
        fields: list[dict[str, dict[int, float]]] = []
        unit = np.zeros(len(needs))
        owners = [np.zeros(0, np.int64)]
        columns = [np.zeros(0, np.int64)]
        values: list[Floats] = [np.zeros(0)]
        for row, need in enumerate(needs):
            kinds: dict[str, dict[int, float]] = {}
            for segment in need:
                grams, weights = self._need_weights(segment)
                kinds[segment.kind] = dict(zip(grams.tolist(), weights.tolist(), strict=True))
                places = np.searchsorted(self.vocabulary, grams)
                known = places < len(self.vocabulary)
                known[known] = self.vocabulary[places[known]] == grams[known]
                owners.append(np.full(int(known.sum()), row, dtype=np.int64))
                columns.append(places[known])
                values.append(weights[known])
            unit[row] = _unit({kind: sum(weights.values()) for kind, weights in kinds.items()})
            fields.append(kinds)
        entries = (np.concatenate(values), (np.concatenate(owners), np.concatenate(columns)))
        matrix = csr_matrix(entries, shape=(len(needs), len(self.vocabulary)))
        matrix.sum_duplicates()
        return NeedRows(matrix, unit, tuple(fields))

    def _need_weights(self, segment: Segment) -> tuple[Ints, Floats]:
        counted = count_grams([segment.text])
        saturated = counted.counts * (1 + NEED_SATURATION) / (counted.counts + NEED_SATURATION)
        return counted.grams, saturated * segment.weight * self.discrimination(counted.grams)


def _unit(weights: dict[str, float]) -> float:
    total = sum(weights.values())
    name = weights.get(NAME, 0.0) or total
    return float(name ** (1 - LENGTH_POWER) * total**LENGTH_POWER) if total > 0 else 1.0


def saturate(frequency: Floats) -> Floats:
    """BM25's saturation of a weighted frequency."""
    values: Floats = frequency * (K1 + 1) / (frequency + K1)
    return values


def saturate_one(frequency: float) -> float:
    """The same for one gram."""
    return frequency * (K1 + 1) / (frequency + K1)
