"""Shared runs of characters, cut back to where words begin and end; and which of them say nothing.

No dictionary: where the first character of a run goes together with the character before it more often than with the
one behind it (服|务平台: 服务 is more frequent than 务平), it belongs to a word that stands outside and is taken off.
"""

from __future__ import annotations

from collections.abc import Callable

from yingcheng.matchmaking.affinity.tokens import faint_grams, generic_grams, gram_of, is_word

__all__ = ["is_faint", "is_generic", "readable_word"]

Frequency = Callable[[str], int]
"""In how many texts two neighbouring characters stand."""


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
    if not all(map(is_word, across)) or across.isascii() or within.isascii():
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
