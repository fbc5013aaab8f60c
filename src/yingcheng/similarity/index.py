"""Texts in weighted pieces, ready to be searched with other texts: BM25F over character grams on both sides.

Source: Robertson, Zaragoza, Taylor, *Simple BM25 extension to multiple weighted fields*, CIKM 2004. Two changes:
every piece of a document is normalised by its own length, so that taking one away leaves the others as they were;
the grams of a query saturate within their field, so that a long description does not drown its title.

A score depends on the two texts and on three figures of the whole collection: its size, the frequency of the query's
grams and the usual length of each kind of piece. Blocks that agree on these give the same scores to the last bit,
however documents are spread over them; that is what a cluster and what a change of one document rest on.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from yingcheng.similarity.grams import PAIR_SHIFT, count_grams, generic_grams, gram_of
from yingcheng.similarity.kernels import best_documents, saturate, take_apart

__all__ = ["Block", "Hits", "Lengths", "Match", "Query", "Segment", "TextIndex", "best_of", "make_query"]

Frequency = Callable[[NDArray[np.int64]], NDArray[np.int64]]
"""Codes of grams → in how many texts of the collection each stands."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

B = 0.75  # strength of the length normalisation
QUERY_SATURATION = 6.0  # saturation of a gram within a field of the query
RARITY_POWER = 1.5  # above BM25's 1: common grams that stay after the boilerplate must not add up to a match
# A small folder is filled up to so many texts about other things: at an event on one theme the word every firm uses
# still counts, and a single character that few of forty firms use is not taken for a rare one.
ENOUGH_TEXTS = 1000
SINGLE_WEIGHT = 1.5  # single characters beside pairs: they bridge 注塑 and 塑料, which share no pair
SINGLES = 0.08  # share of those other texts that use any given single character
CHUNK = 4096  # documents counted at once; bounds the memory of a build
FEW = 128  # documents up to which blocks of later additions are joined


@dataclass(frozen=True, slots=True)
class Segment:
    """One piece of text. ``kind`` shares a usual length; ``label`` names the piece for people."""

    kind: str
    label: str
    text: str  # normal text
    weight: float


@dataclass(frozen=True, slots=True)
class Lengths:
    """Grams and pieces per kind of piece; sums over blocks are sums of these."""

    grams: Mapping[str, int]
    pieces: Mapping[str, int]

    @classmethod
    def of(cls, documents: Iterable[Sequence[Segment]]) -> Lengths:
        """Count the pieces of some documents."""
        grams: dict[str, int] = {}
        pieces: dict[str, int] = {}
        for chunk in _chunks([piece for document in documents for piece in document]):
            lengths = count_grams([piece.text for piece in chunk]).lengths.tolist()
            for piece, length in zip(chunk, lengths, strict=True):
                grams[piece.kind] = grams.get(piece.kind, 0) + length
                pieces[piece.kind] = pieces.get(piece.kind, 0) + 1
        return cls(grams, pieces)

    def __add__(self, other: Lengths) -> Lengths:
        def added(left: Mapping[str, int], right: Mapping[str, int]) -> dict[str, int]:
            return {kind: left.get(kind, 0) + right.get(kind, 0) for kind in sorted({*left, *right})}

        return Lengths(added(self.grams, other.grams), added(self.pieces, other.pieces))

    def usual(self, kind: str) -> float:
        """Mean number of grams of a kind; 0 where none was counted."""
        return self.grams.get(kind, 0) / self.pieces[kind] if self.pieces.get(kind) else 0.0


@dataclass(frozen=True, slots=True)
class Query:
    """A text that looks for others.

    Attributes:
        fields: kinds of its pieces.
        grams: sorted codes, shape (grams,).
        weights: what one saturated occurrence of a gram is worth in each field, shape (fields, grams).
    """

    fields: tuple[str, ...]
    grams: Ints
    weights: Floats

    @property
    def sums(self) -> dict[str, float]:
        """The weight of each field."""
        return dict(zip(self.fields, self.weights.sum(axis=1).tolist(), strict=True))


@dataclass(frozen=True, eq=False)
class Match:
    """One query × one document, taken apart.

    Attributes:
        total: the sum of all contributions.
        fields: of the query.
        shares: of each field and piece of the document, shape (fields, pieces).
        codes: grams of the query, shape (grams,).
        weights: what each gram contributes, shape (grams,).
    """

    total: float
    fields: tuple[str, ...]
    shares: Floats
    codes: Ints
    weights: Floats

    @cached_property
    def parts(self) -> Mapping[tuple[str, int], float]:
        """(field of the query, position of the document's piece) → contribution, where there is one."""
        rows, columns = np.nonzero(self.shares)
        keys = zip(rows.tolist(), columns.tolist(), strict=True)
        values = self.shares[rows, columns].tolist()
        return {(self.fields[row], column): value for (row, column), value in zip(keys, values, strict=True)}

    @cached_property
    def grams(self) -> Mapping[int, float]:
        """Gram → contribution, where there is one."""
        used = np.flatnonzero(self.weights)
        return dict(zip(self.codes[used].tolist(), self.weights[used].tolist(), strict=True))


@dataclass(frozen=True, slots=True)
class Hits:
    """The best documents of each query, best first: numbers (−1: fewer) and scores, shape (queries, top)."""

    numbers: Ints
    scores: Floats


def _chunks(items: Sequence[Segment]) -> Iterable[Sequence[Segment]]:
    return (items[start : start + CHUNK] for start in range(0, len(items), CHUNK))


@dataclass(frozen=True, slots=True)
class _Entries:
    """Occurrences of grams in pieces, sorted by document, gram, piece."""

    document: Ints
    gram: Ints  # codes
    piece: NDArray[np.int32]
    value: NDArray[np.float32]


def _entries(documents: Sequence[Sequence[Segment]], first: int, lengths: Lengths) -> _Entries:
    pieces = [piece for document in documents for piece in document]
    sizes = [len(document) for document in documents]
    owner = np.repeat(np.arange(first, first + len(documents), dtype=np.int64), sizes)
    place = np.concatenate([np.arange(size, dtype=np.int32) for size in sizes]) if sizes else np.zeros(0, np.int32)
    counted = count_grams([piece.text for piece in pieces])
    factors = np.array(
        [_factor(piece, length, lengths) for piece, length in zip(pieces, counted.lengths.tolist(), strict=True)]
    )
    of = counted.texts
    order = np.lexsort((place[of], counted.grams, owner[of])) if len(of) else of
    of = of[order]
    values = (factors[of] * counted.counts[order]).astype(np.float32) if len(of) else np.zeros(0, np.float32)
    says = values > 0  # a piece without weight says nothing; the search relies on values above 0
    return _Entries(owner[of][says], counted.grams[order][says], place[of][says], values[says])


def _factor(piece: Segment, length: int, lengths: Lengths) -> float:
    """What one occurrence of a gram in this piece counts."""
    usual = lengths.usual(piece.kind)
    return piece.weight / (1 - B + B * length / usual) if usual else piece.weight  # the first of its kind


class Block:
    """Some documents as arrays; see :mod:`yingcheng.similarity.kernels` for their form.

    Attributes:
        documents: their pieces.
        alive: which of them still count, shape (documents,).
    """

    def __init__(self, documents: Sequence[Sequence[Segment]], lengths: Lengths) -> None:
        self.documents = tuple(documents)
        self.alive = np.ones(len(documents), dtype=np.bool_)
        parts = [
            _entries(documents[start : start + CHUNK], start, lengths) for start in range(0, len(documents), CHUNK)
        ]
        codes = [np.unique(part.gram) for part in parts]
        self.vocabulary: Ints = np.unique(np.concatenate(codes)) if codes else np.zeros(0, np.int64)
        grams = [np.searchsorted(self.vocabulary, part.gram).astype(np.int32) for part in parts]
        self._gram = _joined(grams, np.int32)
        self._piece = _joined([part.piece for part in parts], np.int32)
        self._value = _joined([part.value for part in parts], np.float32)
        owner = _joined([part.document for part in parts], np.int64)
        del parts, grams
        self._start = np.searchsorted(owner, np.arange(len(documents) + 1)).astype(np.int64)
        self._pieces = np.array([len(document) for document in documents], dtype=np.int64)
        entries = (self._value.astype(np.float64), self._gram.copy(), self._start)
        plain: Any = csr_matrix(entries, shape=(len(documents), len(self.vocabulary)))
        plain.sum_duplicates()
        self.frequency = np.bincount(plain.indices, minlength=len(self.vocabulary)).astype(np.int64)
        plain.data = saturate(plain.data).astype(np.float32)
        turned = plain.tocsc()
        self.postings = (turned.indptr.astype(np.int64), turned.indices.astype(np.int32), turned.data)
        starts = turned.indptr[:-1]
        self._most = np.maximum.reduceat(turned.data, starts) if len(starts) else np.zeros(0, np.float32)

    def places(self, grams: Ints) -> tuple[Ints, NDArray[np.bool_]]:
        """Where grams stand in the vocabulary, and which of them do."""
        places = np.minimum(np.searchsorted(self.vocabulary, grams), max(0, len(self.vocabulary) - 1))
        known = self.vocabulary[places] == grams if len(self.vocabulary) else np.zeros(len(grams), dtype=np.bool_)
        return places, known

    def frequency_of(self, grams: Ints) -> Ints:
        """In how many living documents each gram stands."""
        places, known = self.places(grams)
        counts = np.zeros(len(grams), dtype=np.int64)
        counts[known] = self.frequency[places[known]]
        return counts

    def remove(self, number: int) -> None:
        """Let a document count no longer."""
        self.alive[number] = False
        self.frequency[np.unique(self._gram[self._start[number] : self._start[number + 1]])] -= 1

    def search(self, queries: Sequence[Query], top: int) -> Hits:
        """The best living documents of each query, ties by number."""
        top = min(top, len(self.documents))
        if top < 1:
            return Hits(np.zeros((len(queries), 0), dtype=np.int64), np.zeros((len(queries), 0)))
        starts, grams, weights = [0], [], []
        for query in queries:
            places, known = self.places(query.grams)
            summed = query.weights.sum(axis=0)
            known &= summed > 0
            grams.append(places[known])
            weights.append(summed[known])
            starts.append(starts[-1] + len(grams[-1]))
        numbers, scores = best_documents(
            np.array(starts, dtype=np.int64), _joined(grams, np.int64), _joined(weights, np.float64),
            *self.postings, self._most, self._start, self._gram, self._value, self.alive, top,
        )  # fmt: skip
        return Hits(numbers, scores)

    def matches(self, query: Query, numbers: Ints) -> list[Match]:
        """A query and some documents, taken apart."""
        position = np.full(len(self.vocabulary), -1, dtype=np.int32)
        places, known = self.places(query.grams)
        position[places[known]] = np.flatnonzero(known)
        start, parts, shares, totals = take_apart(
            position, query.weights, numbers, self._start, self._gram, self._piece, self._value, self._pieces
        )
        fields, codes = query.fields, query.grams
        ends, shape = start.tolist(), (len(fields), -1) if fields else (0, 0)
        return [
            Match(total, fields, parts[ends[place] : ends[place + 1]].reshape(shape), codes, shares[place])
            for place, total in enumerate(totals.tolist())
        ]


def _joined(parts: Sequence[Any], kind: Any) -> Any:
    return np.concatenate(parts).astype(kind, copy=False) if parts else np.zeros(0, dtype=kind)


def make_query(pieces: Sequence[Segment], *, size: int, frequency: Frequency) -> Query:
    """A text as a query to a collection.

    Args:
        pieces: of the text; those of one kind make one field.
        size: texts in the collection.
        frequency: of grams in the collection.
    """
    counted = count_grams([piece.text for piece in pieces])
    fields = tuple(dict.fromkeys(piece.kind for piece in pieces))
    row = {kind: place for place, kind in enumerate(fields)}
    grams, columns = np.unique(counted.grams, return_inverse=True)
    saturated = counted.counts * (1 + QUERY_SATURATION) / (counted.counts + QUERY_SATURATION)
    owners = np.array([row[piece.kind] for piece in pieces], dtype=np.int64)
    factors = np.array([piece.weight for piece in pieces])
    weights = np.zeros((len(fields), len(grams)))
    if len(grams):
        np.add.at(weights, (owners[counted.texts], columns), saturated * factors[counted.texts])
    return Query(fields, grams, weights * _discrimination(grams, size, frequency(grams)))


def _discrimination(grams: Ints, size: int, counts: Ints) -> Floats:
    """Inverse document frequency of grams, generic words damped; a gram no document has gets the highest."""
    others = max(0, ENOUGH_TEXTS - size)
    frequency = counts + np.where(grams < 1 << PAIR_SHIFT, SINGLES * others, 0.0)
    all_texts = size + others
    values: Floats = np.log1p((all_texts - frequency + 0.5) / (frequency + 0.5))
    values **= RARITY_POWER
    values /= math.log1p((all_texts + 0.5) / 0.5) ** (RARITY_POWER - 1)
    generic, weight = generic_grams()
    values[np.isin(grams, generic)] *= weight
    values[grams < 1 << PAIR_SHIFT] *= SINGLE_WEIGHT
    return values


def best_of(parts: Sequence[Hits], top: int) -> Hits:
    """The best of several blocks' hits, whose numbers no longer overlap; ties by number."""
    numbers = np.concatenate([part.numbers for part in parts], axis=1)
    scores = np.concatenate([part.scores for part in parts], axis=1)
    order = np.lexsort((numbers, np.where(numbers < 0, 1.0, -scores)), axis=1)[:, :top]
    return Hits(np.take_along_axis(numbers, order, axis=1), np.take_along_axis(scores, order, axis=1))


class TextIndex:
    """A collection of texts that can be searched, changed one text at a time, and asked why.

    Numbers are places in the order of arrival and stay; a removed one is not used again. A changed index answers as
    one built anew from the same texts with the same ``lengths``.
    """

    def __init__(self, documents: Sequence[Sequence[Segment]], *, lengths: Lengths | None = None) -> None:
        self.lengths = Lengths.of(documents) if lengths is None else lengths
        self.blocks = [Block(documents, self.lengths)]
        self._firsts = [0]  # number of each block's first document

    @property
    def size(self) -> int:
        """Living documents."""
        return sum(int(block.alive.sum()) for block in self.blocks)

    def frequency(self, grams: Ints) -> Ints:
        """In how many living documents each gram stands."""
        counts = np.zeros(len(grams), dtype=np.int64)
        for block in self.blocks:
            counts += block.frequency_of(grams)
        return counts

    def frequency_of(self, pair: str) -> int:
        """The same for two neighbouring characters."""
        return int(self.frequency(np.array([gram_of(pair)], dtype=np.int64))[0])

    def query(self, pieces: Sequence[Segment]) -> Query:
        """A text as a query to this index."""
        return make_query(pieces, size=self.size, frequency=self.frequency)

    def add(self, document: Sequence[Segment]) -> int:
        """Add one text and return its number."""
        number = self._firsts[-1] + len(self.blocks[-1].documents)
        last = self.blocks[-1]
        if len(self.blocks) > 1 and len(last.documents) < FEW:
            joined = Block((*last.documents, document), self.lengths)
            for dead in np.flatnonzero(~last.alive).tolist():
                joined.remove(dead)
            self.blocks[-1] = joined
        else:
            self.blocks.append(Block((document,), self.lengths))
            self._firsts.append(number)
        return number

    def remove(self, number: int) -> None:
        """Let one text count no longer.

        Raises:
            KeyError: no living text has this number.
        """
        block, place = self._place(number)
        if not block.alive[place]:
            raise KeyError(number)
        block.remove(place)

    def document(self, number: int) -> Sequence[Segment]:
        """The pieces of one text.

        Raises:
            KeyError: there is no such number.
        """
        block, place = self._place(number)
        return block.documents[place]

    def _place(self, number: int) -> tuple[Block, int]:
        at = bisect_right(self._firsts, number) - 1
        if number < 0 or number - self._firsts[at] >= len(self.blocks[at].documents):
            raise KeyError(number)
        return self.blocks[at], number - self._firsts[at]

    def search(self, queries: Sequence[Query], top: int, *, workers: int = 1) -> Hits:
        """The best living texts of each query, ties by number.

        Args:
            queries: of :meth:`query`.
            top: how many for each.
            workers: threads; the result does not depend on them.
        """
        parts = [list(queries[start::workers]) for start in range(workers) if queries[start::workers]]
        if len(parts) <= 1:
            return self._search(queries, top)
        with ThreadPoolExecutor(len(parts)) as pool:
            found = list(pool.map(lambda part: self._search(part, top), parts))
        shape = (len(queries), found[0].numbers.shape[1])
        merged = Hits(np.empty(shape, dtype=np.int64), np.empty(shape))
        for start, hits in enumerate(found):
            merged.numbers[start::workers], merged.scores[start::workers] = hits.numbers, hits.scores
        return merged

    def _search(self, queries: Sequence[Query], top: int) -> Hits:
        found = []
        for first, block in zip(self._firsts, self.blocks, strict=True):
            hits = block.search(queries, top)
            found.append(Hits(np.where(hits.numbers < 0, -1, hits.numbers + first), hits.scores))
        return best_of(found, top)

    def matches(self, query: Query, numbers: Sequence[int]) -> list[Match]:
        """A query and some texts, taken apart; in the order of ``numbers``."""
        found: dict[int, Match] = {}
        for first, block in zip(self._firsts, self.blocks, strict=True):
            inside = [number for number in numbers if first <= number < first + len(block.documents)]
            local = np.array(inside, dtype=np.int64) - first
            found.update(zip(inside, block.matches(query, local), strict=True))
        return [found[number] for number in numbers]
