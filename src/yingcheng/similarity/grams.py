"""Text → character n-grams, without a dictionary.

A gram is one Chinese character or two neighbouring letters, digits or characters, coded as one integer: the code
point of a single character, ``first << 21 | second`` of a pair. Latin letters and digits count only in pairs, and so
do the characters of a generic word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from yingcheng.standards.datafiles import read_toml

__all__ = [
    "GramCounts",
    "count_grams",
    "faint_grams",
    "generic_grams",
    "gram_of",
    "is_word",
    "normal_text",
    "pair_grams",
]

PAIR_SHIFT = 21  # code points need 21 bits
ASCII_END = 128
DIGITS = "0123456789"
LINKING = "的与及等了是或其将被该且之而所"  # characters that join words; no pair goes across them

_ESCAPED = re.compile(r"\\[ntr]")  # line breaks that an export wrote as two characters
_INNER_BLANK = re.compile(r"(?<=[一-鿿])[ \t　]+(?=[一-鿿])")


def normal_text(text: str) -> str:
    """Full-width forms unified, lower case, no blanks between Chinese characters."""
    plain = unicodedata.normalize("NFKC", _ESCAPED.sub("\n", text)).lower()
    return _INNER_BLANK.sub("", plain)


def is_word(char: str) -> bool:
    """Whether a character can be part of a gram."""
    return char.isalnum() and char not in LINKING


def gram_of(text: str) -> int:
    """Code of a gram of one or two characters."""
    return ord(text) if len(text) == 1 else ord(text[0]) << PAIR_SHIFT | ord(text[1])


@cache
def generic_grams() -> tuple[NDArray[np.int64], float]:
    """Sorted codes of the generic words (``data/generic.toml``) and the weight they keep."""
    data = read_toml("generic.toml", room="similarity")
    codes = np.array(sorted({gram_of(word) for word in data["words"]}), dtype=np.int64)
    codes.setflags(write=False)
    return codes, float(data["weight"])


@cache
def faint_grams() -> frozenset[int]:
    """Codes of the words that say something but not enough by themselves, and of the generic words."""
    data = read_toml("generic.toml", room="similarity")
    return frozenset(gram_of(word) for word in (*data["words"], *data["faint"]))


@dataclass(frozen=True, slots=True)
class GramCounts:
    """How often each gram stands in each text. The three arrays run in parallel, sorted by text, then gram."""

    texts: NDArray[np.int64]  # position of the text
    grams: NDArray[np.int64]  # code
    counts: NDArray[np.int64]
    lengths: NDArray[np.int64]  # grams per text, with repetitions


def _codes(joined: str) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    points = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.int64)
    used, places = np.unique(points, return_inverse=True)
    word = np.array([is_word(chr(point)) for point in used], dtype=bool)[places]
    digit = (points >= ord("0")) & (points <= ord("9"))
    double = np.flatnonzero(word[:-1] & word[1:] & ~(digit[:-1] & digit[1:]))
    pairs = points[double] << PAIR_SHIFT | points[double + 1]
    alone = word & (points >= ASCII_END)
    generic = double[np.isin(pairs, generic_grams()[0])]
    alone[generic] = alone[generic + 1] = False  # the characters of a generic word do not count alone
    single = np.flatnonzero(alone)
    return single, points[single], double, pairs


def count_grams(texts: Sequence[str]) -> GramCounts:
    """Count the grams of many normal texts at once."""
    empty = np.zeros(0, dtype=np.int64)
    joined = "\n".join(texts)
    if not joined:
        return GramCounts(empty, empty, empty, np.zeros(len(texts), dtype=np.int64))
    owner = np.repeat(np.arange(len(texts), dtype=np.int64), [len(text) + 1 for text in texts])[: len(joined)]
    single, single_codes, double, double_codes = _codes(joined)
    owners = np.concatenate([owner[single], owner[double]])
    vocabulary, ids = np.unique(np.concatenate([single_codes, double_codes]), return_inverse=True)
    keys, counts = np.unique(owners * len(vocabulary) + ids, return_counts=True)
    lengths = np.bincount(owners, minlength=len(texts)).astype(np.int64)
    if not len(vocabulary):
        return GramCounts(empty, empty, empty, lengths)
    return GramCounts(keys // len(vocabulary), vocabulary[keys % len(vocabulary)], counts.astype(np.int64), lengths)


def pair_grams(text: str) -> tuple[tuple[int, int], ...]:
    """Position and code of every pair in a normal text, as :func:`count_grams` counts them."""
    return tuple(
        (place, gram_of(text[place : place + 2]))
        for place in range(len(text) - 1)
        if is_word(text[place])
        and is_word(text[place + 1])
        and not (text[place] in DIGITS and text[place + 1] in DIGITS)
    )
