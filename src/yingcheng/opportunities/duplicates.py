"""Near-duplicates: the same scenario sent by two departments, or sent twice with edits."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from yingcheng.opportunities.records import DuplicateGroup, Opportunity
from yingcheng.similarity import count_ngrams, similar_pairs, tfidf

__all__ = ["find_duplicates"]

# Edited copies of one scenario stay above this, different scenarios of one track below.
SIMILAR = 0.55
_NEIGHBOURS = 12

_COMPARED = {
    "name": "名称",
    "unit": "需求单位",
    "lead": "牵头部门",
    "summary": "简介",
    "need": "需求内容",
    "technology": "主要技术",
    "expected": "预期目标",
    "investment": "投资额",
    "period": "时限",
    "region_text": "区域",
    "contact": "联系方式",
}


def _fullness(opportunity: Opportunity) -> int:
    return sum(bool(getattr(opportunity, name)) for name in _COMPARED) * 10_000 + len(opportunity.text)


def find_duplicates(opportunities: Sequence[Opportunity], *, minimum: float = SIMILAR) -> tuple[DuplicateGroup, ...]:
    """Group opportunities whose texts resemble each other (cosine of tf-idf over 2- and 3-grams ≥ ``minimum``).

    Chains count: A like B and B like C are one group. ``keep`` is the fullest entry, the first sent among equals.
    """
    if len(opportunities) < 2:
        return ()
    counts, _ = count_ngrams((opportunity.text for opportunity in opportunities), sizes=(2, 3))
    vectors = tfidf(counts)
    pairs = [(i, j, v) for i, j, v in similar_pairs(vectors, vectors, top=_NEIGHBOURS, minimum=minimum) if i < j]
    if not pairs:
        return ()
    size = len(opportunities)
    left, right = np.array([p[0] for p in pairs]), np.array([p[1] for p in pairs])
    _, labels = connected_components(
        coo_matrix((np.ones(len(pairs)), (left, right)), shape=(size, size)), directed=False
    )
    members: dict[int, list[int]] = {}
    for index in sorted({int(i) for pair in pairs for i in pair[:2]}):
        members.setdefault(int(labels[index]), []).append(index)
    groups = []
    for indices in members.values():
        group = [opportunities[i] for i in indices]
        keep = max(group, key=_fullness)  # max takes the first among equals
        lowest = min(value for i, j, value in pairs if i in indices and j in indices)
        differs = tuple(label for name, label in _COMPARED.items() if len({repr(getattr(o, name)) for o in group}) > 1)
        groups.append(DuplicateGroup(tuple(sorted(o.id for o in group)), keep.id, min(1.0, lowest), differs))
    return tuple(groups)
