"""The two compiled loops of the index: the best documents of many queries, and one match taken apart.

Both work on plain arrays of one block (see :class:`yingcheng.similarity.index.Block`), hold no Python object and
release the interpreter's lock.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["K1", "best_documents", "compiled", "saturate", "take_apart"]

Floats = NDArray[np.float64]
K1 = 1.2  # BM25's saturation of a term within a document

SAMPLE = 4096  # first documents met, by the rarest grams: among them the best are looked for
EAGER = 16.0  # postings that cost as much as one entry of a document: those lie in order, these do not
ROUNDING = 1e-4  # relative slack for sums in single precision


def compiled(function: Callable[..., Any]) -> Any:
    """Compile for the types it is first called with; keep the result on disk where there is a place to keep it."""
    try:
        return njit(cache=True, nogil=True)(function)
    except RuntimeError:  # installed read-only, for a user without a home of its own
        return njit(nogil=True)(function)


@compiled
def saturate(frequency: Any) -> Any:
    """BM25's saturation of a weighted frequency."""
    return frequency * (K1 + 1.0) / (frequency + K1)


@compiled
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


@compiled
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


@compiled
def _reached(
    sums: Any, met: Any, alive: Any, count: int, top: int, scratch: Any,
    weights: Any, start: Any, gram: Any, value: Any,
) -> Any:  # fmt: skip
    """A score that at least ``top`` documents reach; 0 where too few were met.

    The documents with the largest sums among a sample of those met first are scored in full: their worst is far above
    what the sums alone would tell.
    """
    kept = 0
    for place in range(count):
        document = met[place]
        if alive[document]:
            scratch[kept] = sums[document]
            kept += 1
    if kept < top:
        return 0.0
    least = _largest(scratch, kept, top)
    exact = np.empty(2 * top)
    found = 0
    for place in range(count):
        document = met[place]
        if sums[document] >= least and alive[document] and found < len(exact):
            exact[found] = _whole_score(weights, gram, value, start[document], start[document + 1])
            found += 1
    return _largest(exact, found, top)


@compiled
def _still_racing(sums: Any, limit: Any) -> int:
    """How many documents have a sum of at least ``limit``."""
    racing = 0
    for document in range(len(sums)):
        racing += sums[document] >= limit
    return racing


@compiled
def _add_up(sums: Any, documents: Any, values: Any, weight: Any, met: Any, count: int) -> int:
    """Add the postings of one gram; note the first documents met, each once, and return how many they are."""
    for entry in range(len(documents)):
        document = documents[entry]
        if count == len(met):  # from here on without looking back: that is what costs
            for rest in range(entry, len(documents)):
                sums[documents[rest]] += weight * values[rest]
            break
        if sums[document] == 0.0:
            met[count] = document
            count += 1
        sums[document] += weight * values[entry]
    return count


@compiled
def _read_postings(
    terms: Any, weights: Any, most: Any, start: Any, document: Any, value: Any,
    entry_start: Any, entry_gram: Any, entry_value: Any,
    alive: Any, top: int, sums: Any, met: Any, scratch: Any,
) -> Any:  # fmt: skip
    """Add up postings, rare grams first, until few documents are left in the race.

    Returns:
        the sum below which no document can be among the best.
    """
    upper = weights[terms] * most[terms]
    order = terms[np.argsort(-upper, kind="mergesort")]
    rest = np.zeros(len(order) + 1)  # what the terms not read yet can still add
    work = np.zeros(len(order) + 1, dtype=np.int64)  # and how many postings they have
    for place in range(len(order) - 1, -1, -1):
        gram = order[place]
        rest[place] = rest[place + 1] + weights[gram] * most[gram]
        work[place] = work[place + 1] + start[gram + 1] - start[gram]
    mean = len(entry_gram) / max(1, len(sums))
    count, looked, worst, limit = 0, 0, 0.0, 0.0
    for place in range(len(order)):
        gram = order[place]
        first, last = start[gram], start[gram + 1]
        count = _add_up(sums, document[first:last], value[first:last], np.float32(weights[gram]), met, count)
        left, read = work[place + 1], work[0] - work[place + 1]
        if left and (count < top or read < 2 * looked or left < len(sums) // 4):
            continue
        looked = read
        reached = _reached(sums, met, alive, count, top, scratch, weights, entry_start, entry_gram, entry_value)
        worst = max(worst, reached)
        limit = worst * (1.0 - ROUNDING) - rest[place + 1] * (1.0 + ROUNDING)
        if limit > 0.0 and _still_racing(sums, np.float32(limit)) * mean * EAGER < left:
            break
    return limit


@compiled
def best_documents(
    query_start: Any, query_gram: Any, query_weight: Any,
    posting_start: Any, posting_document: Any, posting_value: Any, most: Any,
    entry_start: Any, entry_gram: Any, entry_value: Any,
    alive: Any, top: int,
) -> Any:  # fmt: skip
    """The ``top`` documents of each query by Σ weight × saturated frequency, ties by number.

    Rare grams first, as MaxScore does (Turtle & Flood, *Query evaluation: strategies and optimizations*, 1995): as
    soon as all grams that are left cannot lift a document not met yet over the worst of the best, and few of the others
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
    met = np.empty(min(SAMPLE, documents), dtype=np.int32)
    scratch = np.empty(len(met), dtype=np.float32)
    kept = np.empty(documents, dtype=np.int64)
    weights = np.zeros(len(most))
    for query in range(queries):
        terms = query_gram[query_start[query] : query_start[query + 1]]
        weights[terms] = query_weight[query_start[query] : query_start[query + 1]]
        limit = _read_postings(
            terms, weights, most, posting_start, posting_document, posting_value,
            entry_start, entry_gram, entry_value, alive, top, sums, met, scratch,
        )  # fmt: skip
        least = np.float32(max(limit, 0.0))
        left = 0
        for document in range(documents):
            if sums[document] >= least and sums[document] > 0.0 and alive[document]:
                kept[left] = document
                left += 1
        sums[:] = 0.0
        found = kept[:left]
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


@compiled
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
        other; contributions of the query's grams, shape (documents, grams); sums of all, shape (documents,).
    """
    fields, grams = weights.shape
    start = np.zeros(len(documents) + 1, dtype=np.int64)
    for place in range(len(documents)):
        start[place + 1] = start[place] + fields * piece_count[documents[place]]
    parts = np.zeros(start[-1])
    shares = np.zeros((len(documents), grams))
    totals = np.zeros(len(documents))
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
                    totals[place] += part
    return start, parts, shares, totals
