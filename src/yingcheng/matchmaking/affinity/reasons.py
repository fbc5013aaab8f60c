"""Why a pair fits: the sum taken apart into sentences, to the last hundredth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from yingcheng.matchmaking.affinity.model import Model
from yingcheng.matchmaking.affinity.segments import NAME
from yingcheng.matchmaking.affinity.tags import Tag
from yingcheng.matchmaking.records import Reason
from yingcheng.similarity import Match, Segment, common_words
from yingcheng.similarity.grams import generic_grams, pair_grams
from yingcheng.similarity.words import Frequency

__all__ = ["Part", "parts_of", "text_group", "uncovered_words", "word_weight", "worded"]

MOST_REASONS = 4  # text reasons of their own; the rest is summed in one line
LEAST_SHARE = 0.05  # of the text part, for a reason of its own
TEXT, REST = "文字", "零散字词"


@dataclass(frozen=True, slots=True)
class Part:
    """One additive part of a sum, before it is worded.

    ``field`` and ``piece`` say where its words stand, for parts of the text; ``tag`` is set for all others.
    """

    value: float
    field: str = ""
    piece: int = -1
    tag: Tag | None = None


def text_group(field: str, kind: str) -> tuple[str, str]:
    """The two groups of multipliers a part of the text belongs to."""
    return f"机会·{field}", f"企业·{kind}"


def parts_of(
    match: Match, offer: Sequence[Segment], tags: Sequence[Tag], *, scale: float, model: Model
) -> tuple[Part, ...]:
    """All parts of the sum of one pair, weighted; their values add up to it.

    Args:
        match: of the texts.
        offer: the pieces of the enterprise.
        tags: those the enterprise answers.
        scale: what the match of the texts is multiplied with.
        model: the multipliers.
    """
    parts = [Part(tag.weight * model.multiplier(tag.kind), tag=tag) for tag in tags]
    for (field, piece), value in sorted(match.parts.items()):
        asked, held = text_group(field, offer[piece].kind)
        parts.append(Part(value * scale * model.multiplier(asked) * model.multiplier(held), field, piece))
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
    texts = sorted((part for part in parts if part.tag is None), key=lambda p: (-p.value, p.field, p.piece))
    least = LEAST_SHARE * sum(part.value for part in texts)
    told, rest = 0, 0.0
    for part in texts:
        words: tuple[str, ...] = ()
        if told < MOST_REASONS and part.value >= least:
            words = common_words(need[part.field], offer[part.piece].text, match.grams, frequency)
        if not words:
            rest += part.value
            continue
        told += 1
        quoted = "".join(f"“{word}”" for word in words)
        label = offer[part.piece].label
        text = f"{_need_label(part.field)}中的{quoted}见于企业{label}"
        reasons.append(Reason(TEXT, part.value * factor, words, part.field, label, text))
    if rest > 0:
        reasons.append(Reason(REST, rest * factor, (), "", "", "其余零散相同字词"))
    return tuple(sorted(reasons, key=lambda reason: (reason.kind == REST, -reason.contribution, reason.text)))


def _need_label(field: str) -> str:
    return "机会名称" if field == NAME else f"机会“{field}”"


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
