"""Why a pair fits: the sum taken apart into sentences, to the last hundredth."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from yingcheng.matchmaking.affinity.meaning import Near
from yingcheng.matchmaking.affinity.model import Model
from yingcheng.matchmaking.affinity.segments import NAME
from yingcheng.matchmaking.affinity.tags import Tag
from yingcheng.matchmaking.records import Reason
from yingcheng.similarity import Match, Segment, common_words
from yingcheng.similarity.grams import generic_grams, pair_grams
from yingcheng.similarity.words import Frequency

__all__ = ["Part", "parts_of", "uncovered_words", "word_weight", "worded"]

MOST_REASONS = 5  # text reasons of their own; the rest is summed in one line
MOST_WORDS = 5  # named in one of them
LEAST_SHARE = 0.05  # of the text part, for a reason of its own
TEXT, MEANING, REST = "文字", "词义", "零散字词"
MOST_NEAR = 3  # pairs of words named in one sentence


@dataclass(frozen=True, slots=True)
class Part:
    """One additive part of a sum, before it is worded.

    Attributes:
        raw: what it counts by itself.
        groups: whose multipliers it is weighted with; the second may be empty.
        value: ``raw`` times its multipliers.
        field: of the opportunity, where its words stand; empty for tags.
        piece: of the enterprise, likewise.
        tag: what fits beside the words.
        near: two words that mean nearly the same.
    """

    raw: float
    groups: tuple[str, str]
    value: float
    field: str = ""
    piece: int = -1
    tag: Tag | None = None
    near: Near | None = None


def parts_of(
    match: Match, near: Sequence[Near], offer: Sequence[Segment], tags: Sequence[Tag], *, scale: float, model: Model
) -> tuple[Part, ...]:
    """All parts of the sum of one pair, weighted; their values add up to it.

    Args:
        match: of the texts.
        near: words that mean nearly the same.
        offer: the pieces of the enterprise.
        tags: those the enterprise answers.
        scale: what the match of the texts is multiplied with.
        model: the multipliers.
    """
    parts = []

    def add(raw: float, groups: tuple[str, str], **where: Any) -> None:
        parts.append(Part(raw, groups, raw * math.prod(model.multiplier(g) for g in groups if g), **where))

    for tag in tags:
        add(tag.weight, (tag.kind, ""), tag=tag)
    for (field, piece), value in sorted(match.parts.items()):
        add(value * scale, (f"机会·{field}", f"企业·{offer[piece].kind}"), field=field, piece=piece)
    for one in near:
        add(one.value, (MEANING, ""), field=one.field, piece=one.piece, near=one)
    return tuple(parts)


def worded(
    parts: Sequence[Part],
    match: Match,
    need: Mapping[str, str],
    offer: Sequence[Segment],
    *,
    factor: float,
    frequency: Frequency,
) -> tuple[Reason, ...]:
    """The parts as reasons, heaviest first; what is too small for a sentence of its own is summed in the last one.

    Args:
        parts: of :func:`parts_of`.
        match: the texts of the pair.
        need: field → normal text.
        offer: the pieces of the enterprise.
        factor: score per unit of the sum.
        frequency: of pairs of characters, to tell words from pieces of words.
    """
    reasons = [
        Reason(p.tag.kind, p.value * factor, (p.tag.word,), p.tag.kind, p.tag.kind, p.tag.text)
        for p in parts
        if p.tag is not None and p.value > 0
    ]
    reasons += _meant([part for part in parts if part.near is not None], offer, factor)
    told, rest = _told(
        [part for part in parts if part.tag is None and part.near is None], match, need, offer, frequency
    )
    reasons += [replace(reason, contribution=reason.contribution * factor) for reason in told]
    if rest > 0:
        reasons.append(Reason(REST, rest * factor, (), "", "", "其余零散相同字词"))
    return tuple(sorted(reasons, key=lambda reason: (reason.kind == REST, -reason.contribution, reason.text)))


def _told(
    parts: Sequence[Part], match: Match, need: Mapping[str, str], offer: Sequence[Segment], frequency: Frequency
) -> tuple[list[Reason], float]:
    """One sentence for each piece of the enterprise that shares words with the opportunity; and what is left."""
    by_piece: dict[int, list[Part]] = {}
    for part in sorted(parts, key=lambda part: (-part.value, part.field)):
        by_piece.setdefault(part.piece, []).append(part)
    worth = {piece: math.fsum(part.value for part in group) for piece, group in by_piece.items()}
    least = LEAST_SHARE * math.fsum(worth.values())
    told: list[Reason] = []
    rest = 0.0
    for piece in sorted(worth, key=lambda piece: (-worth[piece], piece)):
        fields: list[str] = []
        words: list[str] = []
        if len(told) < MOST_REASONS and worth[piece] >= least:
            for part in by_piece[piece]:
                found = common_words(need[part.field], offer[piece].text, match.grams, frequency)
                new = [word for word in found if not any(word in known for known in words)]
                if new and len(words) < MOST_WORDS:
                    fields.append(part.field)
                    words = [known for known in words if not any(known in word for word in new)] + new
        if not words:
            rest += worth[piece]
            continue
        words = words[:MOST_WORDS]
        label, asked = offer[piece].label, _need_label(*fields)
        quoted = "".join(f"“{word}”" for word in words)
        text = f"{asked}中的{quoted}见于企业{label}"
        told.append(Reason(TEXT, worth[piece], tuple(words), fields[0], label, text))
    return told, rest


def _meant(parts: Sequence[Part], offer: Sequence[Segment], factor: float) -> list[Reason]:
    """One sentence for the words of a field that mean nearly what the words of a piece do."""
    grouped: dict[tuple[str, int], list[Part]] = {}
    for part in parts:
        grouped.setdefault((part.field, part.piece), []).append(part)
    reasons = []
    for (field, piece), group in grouped.items():
        best = sorted(group, key=lambda part: -part.value)
        pairs = [(part.near.unit, part.near.found) for part in best if part.near is not None]
        near = [pair for pair in pairs if pair[0] != pair[1]][:MOST_NEAR]  # the same word is nothing to explain
        pairs = near or pairs[:MOST_NEAR]
        label = offer[piece].label
        if near:
            told = "、".join(f"“{unit}”与“{found}”" for unit, found in near)
            text = f"{_need_label(field)}与企业{label}词义相近：{told}"
        else:
            told = "".join(f"“{unit}”" for unit, _found in pairs)
            text = f"{_need_label(field)}与企业{label}用词相同：{told}"
        value = math.fsum(part.value for part in group) * factor
        reasons.append(Reason(MEANING, value, tuple(unit for unit, _found in pairs), field, label, text))
    return reasons


def _need_label(*fields: str) -> str:
    """机会名称、“需求”: where in the opportunity some words stand."""
    return "机会" + "、".join(field if field == NAME else f"“{field}”" for field in fields)


def word_weight(word: str, match: Match) -> float:
    """What the characters and pairs of a word add to the match of the texts."""
    codes = {ord(char) for char in word} | {gram for _, gram in pair_grams(word)}
    return sum(match.grams.get(code, 0.0) for code in sorted(codes))


def uncovered_words(name: str, match: Match, *, limit: int = 2) -> tuple[str, ...]:
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
