"""The words two texts share: runs of characters, cut back to where words begin and end; and which say nothing.

No dictionary: where the first character of a run goes together with the character before it more often than with the
one behind it (服|务平台: 服务 is more frequent than 务平), it belongs to a word that stands outside and is taken off.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

from yingcheng.similarity.grams import faint_grams, generic_grams, gram_of, is_word

__all__ = ["Frequency", "common_words", "is_faint", "is_generic", "readable_word"]

MOST_WORDS = 4
LEAST_WORD = 0.15  # of the heaviest word
LONGEST_WORD = 14

Frequency = Callable[[str], int]
"""In how many texts two neighbouring characters stand."""


def common_words(need: str, offer: str, grams: Mapping[int, float], frequency: Frequency) -> tuple[str, ...]:
    """The longest runs of characters both texts share, cut back to readable words, heaviest first.

    Args:
        need: normal text of the one.
        offer: normal text of the other.
        grams: gram → what it adds to the match of the two.
        frequency: of pairs of characters, to tell words from pieces of words.
    """
    runs = sorted(_shared_runs(need, offer, grams).items(), key=lambda run: (-run[1][0], -len(run[0]), run[0]))
    chosen: dict[str, float] = {}
    for run, (weight, before) in runs:
        if len(chosen) == MOST_WORDS or (chosen and weight < LEAST_WORD * max(chosen.values())):
            break
        word = _trimmed(readable_word(run, (need, before + run + _behind(offer, before + run)), frequency))
        if len(word) > 1 and not any(word in other for other in chosen):
            worth = weight if word == run else _weight(word, grams)
            if worth > 0 and worth >= LEAST_WORD * max(chosen.values(), default=0.0):
                chosen = {other: held for other, held in chosen.items() if other not in word} | {word: worth}
    return tuple(sorted(chosen, key=lambda word: (-chosen[word], -len(word), word)))


def _shared_runs(need: str, offer: str, grams: Mapping[int, float]) -> dict[str, tuple[float, str]]:
    """Longest common runs that begin with a pair that counts → weight, and the character before in ``offer``."""
    pairs = _pairs(need)
    runs: dict[str, tuple[float, str]] = {}
    place, last = 0, len(offer) - 1
    while place < last:
        pair = offer[place : place + 2]
        if pair not in pairs or gram_of(pair) not in grams:
            place += 1
            continue
        stop = place + 2
        while stop <= last and stop - place < LONGEST_WORD and offer[stop] != "\n" and offer[place : stop + 1] in need:
            stop += 1
        run = _trimmed(offer[place:stop])
        if len(run) > 1 and run not in runs:
            start = offer.index(run, place)
            runs[run] = (_weight(run, grams), offer[start - 1 : start])
        place = max(place + 1, stop - 1)
    return runs


def _behind(offer: str, run: str) -> str:
    """The character behind the first place of a run."""
    end = offer.find(run) + len(run)
    return offer[end : end + 1]


@lru_cache(maxsize=4096)
def _pairs(text: str) -> frozenset[str]:
    return frozenset(text[place : place + 2] for place in range(len(text) - 1))


def _weight(word: str, grams: Mapping[int, float]) -> float:
    return sum(grams.get(gram_of(word[place : place + 2]), 0.0) for place in range(len(word) - 1))


def _trimmed(word: str) -> str:
    while word and not is_word(word[0]):
        word = word[1:]
    while word and not is_word(word[-1]):
        word = word[:-1]
    return word


def readable_word(word: str, texts: tuple[str, ...], frequency: Frequency) -> str:
    """``word`` without the pieces of words that stand only partly in it; empty where fewer than two characters stay.

    Args:
        word: a run of characters that stands in every text.
        texts: what the word was found in; its first place in each counts.
        frequency: of pairs of characters, in the texts of this run.
    """
    for text in texts:
        word = _cut_back(word, text, frequency)
    return word if len(word) > 1 else ""


def _cut_back(word: str, text: str, frequency: Frequency) -> str:
    start = text.find(word)
    if start < 0:
        return word
    end = start + len(word)
    while end - start > 1 and start > 0:
        if not _inside(text, start - 1, start, frequency, odd=(end - start) % 2 == 1):
            break
        start += 1
    while end - start > 1 and end < len(text):
        if not _inside(text, end - 1, end - 2, frequency, odd=(end - start) % 2 == 1):
            break
        end -= 1
    return text[start:end]


def _inside(text: str, outer: int, inner: int, frequency: Frequency, *, odd: bool) -> bool:
    """Whether the pair across the border, at ``outer``, is more frequent than the one within, at ``inner``.

    Most words have two or four characters: where both are as frequent, a run of odd length is taken to be cut.
    """
    across, within = text[outer : outer + 2], text[inner : inner + 2]
    if not all(map(is_word, across)) or any(char.isascii() for char in across + within):
        return False
    outside, inside = frequency(across), frequency(within)
    return outside > inside or (odd and outside == inside)


def is_faint(word: str) -> bool:
    """Whether every character of a word belongs to a common word (技术研究); see ``data/generic.toml``."""
    return _is_made_of(word, faint_grams())


def is_generic(word: str) -> bool:
    """Whether every character of a word belongs to a word that anybody writes (服务平台)."""
    return _is_made_of(word, frozenset(generic_grams()[0].tolist()))


def _is_made_of(word: str, codes: frozenset[int]) -> bool:
    covered = [False] * len(word)
    for place in range(len(word) - 1):
        if gram_of(word[place : place + 2]) in codes:
            covered[place] = covered[place + 1] = True
    return all(covered)
