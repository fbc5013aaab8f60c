"""Near-duplicates: the same scenario sent by two departments, or sent twice with edits."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from yingcheng.opportunities.records import DuplicateGroup, Opportunity
from yingcheng.similarity import Segment, TextIndex, normal_text

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


def _resembling(opportunities: Sequence[Opportunity], minimum: float) -> list[tuple[int, int, float]]:
    """Pairs (i < j) whose texts hold at least this share of each other, with the share, 0 … 1.

    The share is what the other text answers of a text's own words, measured by the match with itself; of the two
    directions their mean.
    """
    documents = [(Segment("全文", "全文", normal_text(o.text), 1.0),) for o in opportunities]
    index = TextIndex(documents)
    queries = [index.query(document) for document in documents]
    hits = index.search(queries, _NEIGHBOURS)
    own = [index.matches(query, [place])[0].total for place, query in enumerate(queries)]
    near = {(min(i, j), max(i, j)) for i, row in enumerate(hits.numbers.tolist()) for j in row if j >= 0 and j != i}
    found = []
    for i, j in sorted(near):
        there, back = index.matches(queries[i], [j])[0].total, index.matches(queries[j], [i])[0].total
        share = min(1.0, (there / own[i] + back / own[j]) / 2)
        if share >= minimum:
            found.append((i, j, share))
    return found


def find_duplicates(opportunities: Sequence[Opportunity], *, minimum: float = SIMILAR) -> tuple[DuplicateGroup, ...]:
    """Group opportunities whose texts hold at least ``minimum`` of each other.

    Chains count: A like B and B like C are one group. ``keep`` is the fullest entry, the first sent among equals.
    """
    if len(opportunities) < 2:
        return ()
    pairs = _resembling(opportunities, minimum)
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
        groups.append(DuplicateGroup(tuple(sorted(o.id for o in group)), keep.id, lowest, differs))
    return tuple(groups)
