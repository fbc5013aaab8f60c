"""Cases that resemble an opportunity, and what a case still lacks for the white paper."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_matrix

from yingcheng.cases.records import Case, SimilarCase
from yingcheng.matchmaking.affinity.borders import Frequency, is_faint, is_generic, readable_word
from yingcheng.opportunities.records import Opportunity
from yingcheng.similarity import count_ngrams, similar_pairs, tfidf

__all__ = ["completeness", "find_similar"]

_MINIMUM = 0.12  # cosine below which two Chinese texts share little more than common characters
_FAINT_ENOUGH = 0.3  # cosine from which common words alone explain a likeness
_MOST_WORDS = 5
_LONGEST = 10  # characters of a shared phrase
_EDGES = "，。、；：（）()“”《》 ·-与和及的为等在以对将"  # no phrase begins or ends with these

_DIMENSIONS = (
    ("投资建设", "investment"),
    ("招商运营", "operation"),
    ("商业模式", "business_model"),
    ("规划设计", "planning"),
)


def completeness(case: Case) -> tuple[str, ...]:
    """Which of the four innovation dimensions have no text, in the programme's order; empty = all are told."""
    return tuple(label for label, field in _DIMENSIONS if not str(getattr(case, field)).strip())


def _case_text(case: Case) -> str:
    parts = (case.name, case.summary, case.investment, case.operation, case.business_model, case.planning, case.result)
    return "\n".join(part for part in (*parts, *case.tracks) if part)


def _opportunity_text(opportunity: Opportunity) -> str:
    return "\n".join((opportunity.text, *opportunity.tracks))


def _grown(gram: str, text: str, other: str) -> str:
    """The longest phrase around the first ``gram`` of ``text`` that stands in ``other`` as well."""
    start = text.find(gram)
    if start < 0:
        return gram
    end = start + len(gram)
    while end < len(text) and end - start < _LONGEST and not text[end].isspace() and text[start : end + 1] in other:
        end += 1
    while start > 0 and end - start < _LONGEST and not text[start - 1].isspace() and text[start - 1 : end] in other:
        start -= 1
    return text[start:end].strip(_EDGES)


def _shared_words(
    left: csr_matrix, right: csr_matrix, grams: Sequence[str], texts: tuple[str, str], frequency: Frequency
) -> tuple[str, ...]:
    """The readable phrases that contribute most to the cosine of two one-row matrices, strongest first."""
    product = left.multiply(right).tocoo()
    order = sorted(range(product.nnz), key=lambda i: (-float(product.data[i]), int(product.col[i])))
    words: list[str] = []
    for position in order:
        gram = grams[int(product.col[position])]
        if len(gram) < 2:  # single characters carry weight but explain nothing
            continue
        word = readable_word(_grown(gram, *texts), texts, frequency)
        if len(word) >= 2 and not is_generic(word) and not any(word in known for known in words):
            words = [known for known in words if known not in word] + [word]
        if len(words) == _MOST_WORDS:
            break
    return tuple(words)


def find_similar(
    opportunities: Sequence[Opportunity], cases: Sequence[Case], *, limit: int = 3
) -> tuple[SimilarCase, ...]:
    """For each opportunity the cases whose text resembles it, best first, at most ``limit``.

    Similarity is the cosine of TF-IDF vectors of character n-grams, 0 … 1; pairs that share little more than common
    words are left out.
    """
    if not opportunities or not cases or limit < 1:
        return ()
    wanted = [_opportunity_text(opportunity).lower() for opportunity in opportunities]
    told = [_case_text(case).lower() for case in cases]
    counts, columns = count_ngrams([*wanted, *told])
    vectors = tfidf(counts)
    left, right = vectors[: len(wanted)], vectors[len(wanted) :]
    grams = sorted(columns, key=columns.__getitem__)
    standing = np.bincount(counts.indices, minlength=len(columns))

    def frequency(pair: str) -> int:
        return int(standing[columns[pair]]) if pair in columns else 0

    found = []
    for i, j, similarity in similar_pairs(left, right, top=limit, minimum=_MINIMUM):
        words = _shared_words(left[i], right[j], grams, (wanted[i], told[j]), frequency)
        if words and (similarity >= _FAINT_ENOUGH or not all(map(is_faint, words))):
            found.append(SimilarCase(opportunities[i].id, cases[j].id, float(np.clip(similarity, 0.0, 1.0)), words))
    return tuple(found)
