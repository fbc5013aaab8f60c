"""Why a pair fits: the score taken apart into sentences, to the last hundredth."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from yingcheng.matchmaking.affinity.borders import Frequency, readable_word
from yingcheng.matchmaking.affinity.index import OfferIndex, saturate_one
from yingcheng.matchmaking.affinity.segments import NAME, Segment
from yingcheng.matchmaking.affinity.tokens import count_grams, generic_grams, is_word, pair_grams
from yingcheng.matchmaking.records import Reason

__all__ = ["TextMatch", "score_of", "text_match", "text_reasons", "uncovered_words", "word_weight"]

MOST_REASONS = 4  # text reasons of their own; the rest is summed in one line
LEAST_SHARE = 0.05  # of the text part, for a reason of its own
MOST_WORDS = 4
LEAST_WORD = 0.15  # of the heaviest word of the same reason
LONGEST_WORD = 14


@dataclass(frozen=True, slots=True)
class TextMatch:
    """The text part of one pair.

    Attributes:
        total: the sum of ``parts``, in units of the need.
        parts: (kind of the need's field, position of the offer's segment) → contribution.
        grams: gram → contribution.
    """

    total: float
    parts: Mapping[tuple[str, int], float]
    grams: Mapping[int, float]


def score_of(total: float) -> float:
    """Sum of all parts, 0 … ∞ → score, 0 … 1, monotone."""
    return -math.expm1(-total)


def text_match(
    need: Mapping[str, Mapping[int, float]], offer: Sequence[Segment], index: OfferIndex, scale: float
) -> TextMatch:
    """Take the text part of one pair apart.

    Args:
        need: kind of field → gram → weight.
        offer: the segments of the enterprise.
        index: the index that holds the offer.
        scale: what the product of weights is multiplied with.
    """
    held: dict[int, list[tuple[int, float]]] = {}
    counted = count_grams([segment.text for segment in offer])
    factors = [index.piece_factor(p, n) for p, n in zip(offer, counted.lengths.tolist(), strict=True)]
    triples = zip(counted.texts.tolist(), counted.grams.tolist(), counted.counts.tolist(), strict=True)
    wanted = {gram for weights in need.values() for gram in weights}
    for place, gram, count in triples:
        if gram in wanted:
            held.setdefault(gram, []).append((place, count * factors[place]))
    parts: defaultdict[tuple[str, int], float] = defaultdict(float)
    grams: defaultdict[int, float] = defaultdict(float)
    for gram in sorted(held):
        pieces = held[gram]
        frequency = sum(value for _, value in pieces)
        factor = scale * saturate_one(frequency) / frequency
        for kind, weights in need.items():
            weight = weights.get(gram, 0.0)
            for place, value in pieces:
                parts[kind, place] += weight * factor * value
                grams[gram] += weight * factor * value
    return TextMatch(sum(parts.values()), parts, grams)


def _trimmed(word: str) -> str:
    while word and not is_word(word[0]):
        word = word[1:]
    while word and not is_word(word[-1]):
        word = word[:-1]
    return word


def word_weight(word: str, match: TextMatch) -> float:
    """What the characters and pairs of a word add to the text part of a match."""
    codes = {ord(char) for char in word} | {gram for _, gram in pair_grams(word)}
    return sum(match.grams.get(code, 0.0) for code in sorted(codes))


def common_words(need: str, offer: str, grams: Mapping[int, float], frequency: Frequency) -> tuple[str, ...]:
    """The longest runs of characters both texts share, cut back to readable words, heaviest first."""
    weights: dict[str, float] = {}
    end = 0
    for place, gram in pair_grams(offer):
        if place < end or gram not in grams:
            continue
        stop = place + 2
        if offer[place:stop] not in need:
            continue
        while stop < len(offer) and stop - place < LONGEST_WORD and offer[place : stop + 1] in need:
            stop += 1
        word = readable_word(_trimmed(offer[place:stop]), (need, offer[max(0, place - 1) : stop + 1]), frequency)
        end = stop - 1
        if len(word) > 1 and word not in weights:
            weights[word] = sum(grams.get(pair, 0.0) for _, pair in pair_grams(word))
    ranked = sorted(weights, key=lambda word: (-weights[word], -len(word), word))
    if not ranked or weights[ranked[0]] <= 0:
        return ()
    least = LEAST_WORD * weights[ranked[0]]
    chosen: list[str] = []
    for word in ranked:
        inside = any(word in other for other in chosen)
        if weights[word] >= least and not inside and len(chosen) < MOST_WORDS:
            chosen.append(word)
    return tuple(chosen)


def text_reasons(
    match: TextMatch, need: Mapping[str, str], offer: Sequence[Segment], factor: float, frequency: Frequency
) -> tuple[Reason, ...]:
    """The text part as reasons, heaviest first; what is too small for a sentence is summed in the last one.

    Args:
        match: of :func:`text_match`.
        need: kind of field → normal text.
        offer: the segments of the enterprise.
        factor: score per unit of the sum.
        frequency: of pairs of characters, to tell words from pieces of words.
    """
    reasons: list[Reason] = []
    rest = 0.0
    for (kind, place), value in sorted(match.parts.items(), key=lambda item: (-item[1], item[0])):
        words: tuple[str, ...] = ()
        if len(reasons) < MOST_REASONS and value >= LEAST_SHARE * match.total:
            words = common_words(need[kind], offer[place].text, match.grams, frequency)
        if not words:
            rest += value
            continue
        quoted = "".join(f"“{word}”" for word in words)
        text = f"{_need_label(kind)}中的{quoted}见于企业{offer[place].label}"
        reasons.append(Reason("文字", value * factor, words, kind, offer[place].label, text))
    if rest > 0:
        reasons.append(Reason("零散字词", rest * factor, (), "", "", "其余零散相同字词"))
    return tuple(reasons)


def _need_label(kind: str) -> str:
    return "机会名称" if kind == NAME else f"机会“{kind}”"


def uncovered_words(name: str, match: TextMatch, *, limit: int = 2) -> tuple[str, ...]:
    """Words of the opportunity's name that nothing in the enterprise's texts answers, longest first."""
    generic = set(generic_grams()[0].tolist())
    open_places = [False] * len(name)
    for place, gram in pair_grams(name):
        if gram not in match.grams and gram not in generic:
            open_places[place] = open_places[place + 1] = True
    for place, gram in pair_grams(name):
        if gram in match.grams or gram in generic:
            open_places[place] = open_places[place + 1] = False
    runs = "".join(char if free else " " for char, free in zip(name, open_places, strict=True)).split()
    words = [word for word in runs if len(word) > 1]
    return tuple(sorted(words, key=lambda word: (-len(word), name.index(word)))[:limit])
