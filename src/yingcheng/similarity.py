"""Character n-grams of Chinese text as sparse vectors, and which texts resemble each other.

Chinese needs no dictionary for this: runs of one and two characters carry the terms. Used for near-duplicates (step ②),
candidates (step ⑤) and similar cases.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from scipy.sparse import csr_matrix
from sparse_dot_topn import sp_matmul_topn

__all__ = ["count_ngrams", "ngrams", "similar_pairs", "tfidf"]

# Letters and digits form whole words (5G, AGV), each Chinese character stands alone; everything else separates.
_RUNS = re.compile(r"[a-z0-9]+|[\u3400-\u9fff]+")


def ngrams(text: str, sizes: Sequence[int] = (1, 2)) -> list[str]:
    """Words of Latin letters and digits, and n-grams of Chinese runs, in order of appearance and with repeats."""
    grams: list[str] = []
    for run in _RUNS.findall(text.lower()):
        if run[0] <= "z":
            grams.append(run)
            continue
        for size in sizes:
            grams.extend(run[i : i + size] for i in range(len(run) - size + 1))
    return grams


def count_ngrams(
    texts: Iterable[str], *, sizes: Sequence[int] = (1, 2), vocabulary: dict[str, int] | None = None
) -> tuple[csr_matrix, dict[str, int]]:
    """Count n-grams: texts → (texts × vocabulary) counts, float32.

    Args:
        texts: the texts, one row each.
        sizes: lengths of the n-grams of Chinese characters.
        vocabulary: n-gram → column; given, other n-grams are ignored; otherwise it is built in order of appearance.
    """
    columns: dict[str, int] = {} if vocabulary is None else vocabulary
    indices: list[int] = []
    data: list[int] = []
    pointers = [0]
    for text in texts:
        for gram, count in Counter(ngrams(text, sizes)).items():
            column = columns.setdefault(gram, len(columns)) if vocabulary is None else columns.get(gram, -1)
            if column >= 0:
                indices.append(column)
                data.append(count)
        pointers.append(len(indices))
    matrix = csr_matrix(
        (np.asarray(data, dtype=np.float32), np.asarray(indices, dtype=np.int32), np.asarray(pointers, dtype=np.int32)),
        shape=(len(pointers) - 1, len(columns)),
    )
    return matrix, columns


def tfidf(counts: csr_matrix) -> csr_matrix:
    """Weigh counts by 1 + ln(tf) and smoothed idf, rows normalised to length 1 (Salton & Buckley 1988)."""
    documents = counts.shape[0]
    frequency = np.bincount(counts.indices, minlength=counts.shape[1])
    idf = np.log((1.0 + documents) / (1.0 + frequency)) + 1.0
    weighted = counts.copy()
    weighted.data = ((1.0 + np.log(counts.data)) * idf[counts.indices]).astype(np.float32)
    lengths = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
    weighted.data /= np.repeat(np.where(lengths > 0, lengths, 1.0), np.diff(weighted.indptr)).astype(np.float32)
    return weighted


def similar_pairs(
    left: csr_matrix, right: csr_matrix, *, top: int, minimum: float = 0.0
) -> list[tuple[int, int, float]]:
    """For each row of ``left`` its ``top`` most similar rows of ``right``.

    Returns:
        (left, right, cosine) by left row, best first, ties by index; cosines below ``minimum`` are left out.
    """
    product = sp_matmul_topn(left, right.T.tocsr(), top_n=top, threshold=minimum, sort=True)
    rows = np.repeat(np.arange(product.shape[0]), np.diff(product.indptr))
    pairs = [(int(i), int(j), float(v)) for i, j, v in zip(rows, product.indices, product.data, strict=True)]
    return sorted(pairs, key=lambda pair: (pair[0], -pair[2], pair[1]))
