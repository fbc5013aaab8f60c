"""Finding the words of a vocabulary in a text, fast enough for every cell of a large list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["Hit", "Lexicon"]


@dataclass(frozen=True, slots=True)
class Hit:
    """A word found at ``start``; ``word`` is the spelling of the vocabulary."""

    start: int
    word: str

    @property
    def end(self) -> int:
        """Index after the last character of the word."""
        return self.start + len(self.word)


def _is_latin(char: str) -> bool:
    return char.isascii() and char.isalnum()


class Lexicon:
    """A set of words of at least two characters, looked up by their first two.

    Matching ignores the case of Latin letters; a word that starts or ends in a Latin letter or digit only matches
    where no further Latin letter or digit stands beside it (``AI`` is not found in ``AIR``).
    """

    __slots__ = ("_buckets",)

    def __init__(self, words: Iterable[str]) -> None:
        buckets: dict[str, list[tuple[str, str]]] = {}
        for word in sorted(set(words), key=lambda w: (-len(w), w)):
            if len(word) < 2:
                raise ValueError(f"a word of the vocabulary needs at least two characters: {word!r}")
            folded = word.lower()
            buckets.setdefault(folded[:2], []).append((folded, word))
        self._buckets = {pair: tuple(entries) for pair, entries in buckets.items()}

    def at(self, folded: str, start: int) -> Hit | None:
        """The longest word that begins exactly at ``start`` of a text already in lower case."""
        for entry, word in self._buckets.get(folded[start : start + 2], ()):
            if folded.startswith(entry, start) and self._stands_alone(folded, start, entry):
                return Hit(start, word)
        return None

    def find(self, text: str) -> tuple[Hit, ...]:
        """Words in reading order, the longest first at each place, never overlapping."""
        folded = text.lower()
        if len(folded) != len(text):  # a few letters change length in lower case; positions must stay those of text
            folded = "".join(char.lower() if len(char.lower()) == 1 else char for char in text)
        buckets = self._buckets
        hits: list[Hit] = []
        position = 0
        last = len(folded) - 1
        while position < last:
            if folded[position : position + 2] in buckets:
                hit = self.at(folded, position)
                if hit is not None:
                    hits.append(hit)
                    position = hit.end
                    continue
            position += 1
        return tuple(hits)

    @staticmethod
    def _stands_alone(folded: str, start: int, entry: str) -> bool:
        end = start + len(entry)
        if _is_latin(entry[0]) and start > 0 and _is_latin(folded[start - 1]):
            return False
        return not (_is_latin(entry[-1]) and end < len(folded) and _is_latin(folded[end]))
