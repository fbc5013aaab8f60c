"""The two compiled loops of the index: the best documents of many queries, and one match taken apart.

Both work on plain arrays of one block (see :class:`yingcheng.similarity.index.Block`), hold no Python object and
release the interpreter's lock.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["K1", "best_documents", "saturate", "take_apart"]

Floats = NDArray[np.float64]
K1 = 1.2  # BM25's saturation of a term within a document

SAMPLE = 2048  # documents looked at for a first estimate of the worst score that still counts
LAST_SAMPLE = 16384  # and for the last one
STRIDE = 16  # every so many documents are counted to see how many are left
EAGER = 16.0  # postings that cost as much as one entry of a document: those lie in order, these do not
ROUNDING = 1e-4  # relative slack for sums in single precision


@njit(cache=True, nogil=True, inline="always")
def saturate(frequency: Any) -> Any:
    """BM25's saturation of a weighted frequency."""
    return frequency * (K1 + 1.0) / (frequency + K1)


@njit(cache=True, nogil=True)
def _largest(values: Any, count: int, rank: int) -> Any:
    """The ``rank``-th largest of the first ``count`` values, which are reordered (Hoare's selection)."""
    low, high, wanted = 0, count - 1, rank - 1
    while low < high:
        pivot = values[(low + high) // 2]
        left, right = low, high
        while left <= right:
            while values[left] > pivot:
                left += 1
            while values[right] < pivot:
                right -= 1
            if left <= right:
                values[left], values[right] = values[right], values[left]
                left += 1
                right -= 1
        if wanted <= right:
            high = right
        elif wanted >= left:
            low = left
        else:
            break
    return values[wanted]


@njit(cache=True, nogil=True)
def _worst_of_best(sums: Any, touched: Any, alive: Any, count: int, rank: int, scratch: Any) -> Any:
    """A sum that at least ``rank`` of the first ``count`` touched documents reach; 0 where they are fewer."""
    kept = 0
    for place in range(count):
        document = touched[place]
        if alive[document]:
            scratch[kept] = sums[document]
            kept += 1
    return _largest(scratch, kept, rank) if kept >= rank else np.float32(0.0)


@njit(cache=True, nogil=True)
def _whole_score(weights: Any, grams: Any, values: Any, start: int, stop: int) -> Any:
    """Sum over the grams of one document, in their order, in double precision."""
    total = 0.0
    entry = start
    while entry < stop:
        gram = grams[entry]
        weight = weights[gram]
        if weight == 0.0:
            entry += 1
            continue
        frequency = 0.0
        while entry < stop and grams[entry] == gram:
            frequency += values[entry]
            entry += 1
        total += weight * saturate(frequency)
    return total


@njit(cache=True, nogil=True)
def _still_racing(sums: Any, touched: Any, count: int, limit: float) -> int:
    """About how many touched documents have a sum of at least ``limit``."""
    racing = 0
    for place in range(0, count, STRIDE):
        if sums[touched[place]] >= limit:
            racing += STRIDE
    return racing


@njit(cache=True, nogil=True)
def _read_postings(
    terms: Any, weights: Any, most: Any, start: Any, document: Any, value: Any,
    alive: Any, top: int, mean: float, sums: Any, touched: Any, scratch: Any,
) -> Any:  # fmt: skip
    """Add up postings, rare grams first, until few documents are left in the race.

    Returns:
        documents touched; the sum below which none of them can be among the best.
    """
    upper = weights[terms] * most[terms]
    order = terms[np.argsort(-upper, kind="mergesort")]
    rest = np.zeros(len(order) + 1)  # what the terms not read yet can still add
    work = np.zeros(len(order) + 1, dtype=np.int64)  # and how many postings they have
    for place in range(len(order) - 1, -1, -1):
        gram = order[place]
        rest[place] = rest[place + 1] + weights[gram] * most[gram]
        work[place] = work[place + 1] + start[gram + 1] - start[gram]
    count, looked, worst = 0, 0, 0.0
    for place in range(len(order)):
        gram = order[place]
        weight = np.float32(weights[gram])
        for entry in range(start[gram], start[gram + 1]):
            if sums[document[entry]] == 0.0:
                touched[count] = document[entry]
                count += 1
            sums[document[entry]] += weight * value[entry]
        left, read = work[place + 1], work[0] - work[place + 1]
        if left and (count < top or read - looked <= count // 4 or left <= count):
            continue
        looked = read
        sample = min(count, SAMPLE if left else LAST_SAMPLE)
        worst = max(worst, np.float64(_worst_of_best(sums, touched, alive, sample, top, scratch)))
        limit = worst * (1.0 - ROUNDING) - rest[place + 1] * (1.0 + ROUNDING)
        if not left:
            return count, limit
        if limit > 0.0 and _still_racing(sums, touched, count, limit) * mean * EAGER < left:
            worst = max(worst, np.float64(_worst_of_best(sums, touched, alive, min(count, LAST_SAMPLE), top, scratch)))
            return count, worst * (1.0 - ROUNDING) - rest[place + 1] * (1.0 + ROUNDING)
    return count, 0.0


@njit(cache=True, nogil=True)
def best_documents(
    query_start: Any, query_gram: Any, query_weight: Any,
    posting_start: Any, posting_document: Any, posting_value: Any, most: Any,
    entry_start: Any, entry_gram: Any, entry_value: Any,
    alive: Any, top: int,
) -> Any:  # fmt: skip
    """The ``top`` documents of each query by Σ weight × saturated frequency, ties by number.

    Rare grams first, as MaxScore does (Turtle & Flood, *Query evaluation: strategies and optimizations*, 1995): as
    soon as all grams that are left cannot lift an untouched document over the worst of the best, and few touched ones
    are still in the race, those are scored from their own entries instead of reading the long lists of common grams.

    Args:
        query_start: where each query's grams begin, shape (queries + 1,).
        query_gram: grams of the block, of one query after the other.
        query_weight: their weights, > 0.
        posting_start: where each gram's postings begin, shape (grams + 1,).
        posting_document: documents by gram.
        posting_value: saturated frequency of the gram in the document.
        most: largest value of each gram.
        entry_start: where each document's entries begin, shape (documents + 1,).
        entry_gram: grams by document, sorted, once for each piece.
        entry_value: weighted frequency of the gram in the piece.
        alive: which documents count.
        top: how many are wanted.

    Returns:
        numbers, shape (queries, top), −1 where there are fewer; scores, same shape.
    """
    queries, documents = len(query_start) - 1, len(entry_start) - 1
    numbers = np.full((queries, top), -1, dtype=np.int64)
    scores = np.zeros((queries, top))
    sums = np.zeros(documents, dtype=np.float32)
    scratch = np.empty(documents, dtype=np.float32)
    touched = np.empty(documents, dtype=np.int32)
    kept = np.empty(documents, dtype=np.int64)
    weights = np.zeros(len(most))
    mean = len(entry_gram) / max(1, documents)
    for query in range(queries):
        terms = query_gram[query_start[query] : query_start[query + 1]]
        weights[terms] = query_weight[query_start[query] : query_start[query + 1]]
        count, limit = _read_postings(
            terms, weights, most, posting_start, posting_document, posting_value,
            alive, top, mean, sums, touched, scratch,
        )  # fmt: skip
        left = 0
        for place in range(count):
            document = touched[place]
            if sums[document] >= limit and alive[document]:
                kept[left] = document
                left += 1
            sums[document] = 0.0
        found = np.sort(kept[:left])
        exact = np.empty(left)
        for place in range(left):
            start, stop = entry_start[found[place]], entry_start[found[place] + 1]
            exact[place] = _whole_score(weights, entry_gram, entry_value, start, stop)
        ranked = np.argsort(-exact, kind="mergesort")[:top]
        for place in range(len(ranked)):
            numbers[query, place] = found[ranked[place]]
            scores[query, place] = exact[ranked[place]]
        weights[terms] = 0.0
    return numbers, scores


@njit(cache=True, nogil=True)
def take_apart(
    position: Any, weights: Any, documents: Any,
    entry_start: Any, entry_gram: Any, entry_piece: Any, entry_value: Any, piece_count: Any,
) -> Any:  # fmt: skip
    """What each field of one query and each piece of some documents add to their match.

    Args:
        position: gram of the block → its place among the query's grams, −1 where it has none.
        weights: fields × grams of the query.
        documents: numbers within the block.
        entry_start: as of :func:`best_documents`.
        entry_gram: as there.
        entry_piece: the piece of each entry.
        entry_value: as there.
        piece_count: pieces of each document.

    Returns:
        start of each document's part, shape (documents + 1,); parts, fields × pieces of each document one after the
        other; contributions of the query's grams, shape (documents, grams).
    """
    fields, grams = weights.shape
    start = np.zeros(len(documents) + 1, dtype=np.int64)
    for place in range(len(documents)):
        start[place + 1] = start[place] + fields * piece_count[documents[place]]
    parts = np.zeros(start[-1])
    shares = np.zeros((len(documents), grams))
    for place in range(len(documents)):
        document = documents[place]
        pieces = piece_count[document]
        entry, stop = entry_start[document], entry_start[document + 1]
        while entry < stop:
            gram = entry_gram[entry]
            at = position[gram]
            if at < 0:
                entry += 1
                continue
            first, frequency = entry, 0.0
            while entry < stop and entry_gram[entry] == gram:
                frequency += entry_value[entry]
                entry += 1
            factor = saturate(frequency) / frequency
            for field in range(fields):
                weight = weights[field, at]
                if weight == 0.0:
                    continue
                for inner in range(first, entry):
                    part = weight * factor * entry_value[inner]
                    parts[start[place] + field * pieces + entry_piece[inner]] += part
                    shares[place, at] += part
    return start, parts, shares
