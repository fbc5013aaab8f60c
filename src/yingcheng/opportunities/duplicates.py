"""Near-duplicates: the same scenario sent by two departments, or sent twice with edits.

A scenario is known by its name: where each of two entries says, in name or text, what the other's name says, they are
one. Texts alone do not tell: copies are cut to their first sentence, and departments send one text about two objects
(老旧小区, 老旧厂房) or one introduction with everything. ``benchmarks/duplicates.py`` measures this.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from yingcheng.opportunities.records import DuplicateGroup, Opportunity
from yingcheng.similarity import Query, Segment, TextIndex, is_faint, normal_text
from yingcheng.standards.numerals import chinese_number
from yingcheng.standards.regions import Region, find_region, region_by_code

__all__ = ["find_duplicates"]

# Edited copies stay above this, the same text about another object below; chosen on seed 0 of the benchmark.
SIMILAR = 0.85
_BETTER = 0.7  # weight of the direction that holds more: a shortened copy says less, but nothing else
_NEIGHBOURS = 12  # looked at first
_ROUNDING = 1e-9  # a search and a match add up in different orders

# What an office puts around the name of a scenario.
_BEFORE = re.compile(r"^(?:关于|征集|寻求|推进|推动|开展|加快|拟|(?:19|20)\d\d年度?)")
_BEHIND = re.compile(
    r"(?:的?(?:需求|请示|报告|函|公告|项目|工程|建设|场景机会|应用场景|示范|试点|合作方|合作单位)"
    r"|[(（][一二三四五六七八九十\d]+期(?:工程)?[)）])$"
)
_BRACKETS = re.compile(r"[()（）]")
_PART = re.compile(
    r"([一二三四五六七八九十百]+|\d+)(期|号|批|标段)"
)  # names that say different ones are different scenarios

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


def _core(name: str) -> str:
    """The normal text of a name without what an office puts around it."""
    core = normal_text(name).strip()
    while True:
        shorter = _BEHIND.sub("", _BEFORE.sub("", core)).strip()
        if len(shorter) < 2 or shorter == core:
            return core
        core = shorter


def _pieces(opportunity: Opportunity) -> tuple[Segment, Segment]:
    name, text = _core(opportunity.name), normal_text(opportunity.text.removeprefix(opportunity.name).strip())
    return Segment("名称", "名称", name or text, 1.0), Segment("正文", "正文", text, 1.0)


def _county(text: str, within: Region | None) -> str:
    """Code of the district or county a text begins with; empty where it names none."""
    above = region_by_code(within.code[:4]) if within else None
    region = find_region(text, within=above.path if above else "").region if text else None
    return region.code if region and region.level == "county" else ""


def _places(opportunities: Sequence[Opportunity]) -> list[tuple[str, str]]:
    """The county in each name and the county of each entry, as codes; empty where there is none or are several.

    A name counts as naming a county only where some unit or region of the list does: 古县城 is not in 古县.
    """
    given = [o.region.code if o.region and o.region.level == "county" else "" for o in opportunities]
    known = {*given, *(_county(o.unit, o.region) for o in opportunities)}
    places = []
    for opportunity, code in zip(opportunities, given, strict=True):
        parts = _BRACKETS.split(_core(opportunity.name))
        named = next((c for c in (_county(part, opportunity.region) for part in parts) if c and c in known), "")
        places.append((named, named or code))
    return places


def _parts(name: str) -> dict[str, int]:
    """Which phase, number or lot a name says: 期 → 2."""
    found = _PART.findall(normal_text(name))
    said = {kind: int(number) if number.isdigit() else chinese_number(number) for number, kind in found}
    return {kind: number for kind, number in said.items() if number is not None}


def _apart(one: Opportunity, other: Opportunity, place: tuple[str, str], other_place: tuple[str, str]) -> bool:
    """Whether two entries say that they are two scenarios.

    Their names say different counties, phases or lots; or they come from different units for different counties.
    """
    parts, other_parts = _parts(one.name), _parts(other.name)
    if any(number != other_parts.get(kind, number) for kind, number in parts.items()):
        return True
    if not (place[1] and other_place[1]) or place[1] == other_place[1]:
        return False
    return bool(place[0] and other_place[0]) or one.unit != other.unit


def _resembling(opportunities: Sequence[Opportunity], minimum: float) -> list[tuple[int, int, float]]:
    """Pairs (i < j) that say at least this share of each other's names, with the share, 0 … 1.

    The share of one direction is the match of a name with the other entry, name and text, over its match with its own
    entry; that of a pair weighs the better direction more.
    """
    documents = [_pieces(opportunity) for opportunity in opportunities]
    index = TextIndex(documents)
    # A title that says nothing by itself (城市更新) is no name: there the text counts as well.
    queries = [index.query(pieces if is_faint(pieces[0].text) else pieces[:1]) for pieces in documents]
    own = [index.matches(query, [place])[0].total for place, query in enumerate(queries)]
    near = {(min(i, j), max(i, j)) for i, row in enumerate(_near(index, queries, own, minimum)) for j in row if j != i}
    places = _places(opportunities) if near else []
    found = []
    for i, j in sorted(near):
        if _apart(opportunities[i], opportunities[j], places[i], places[j]):
            continue
        there, back = index.matches(queries[i], [j])[0].total, index.matches(queries[j], [i])[0].total
        shares = [min(1.0, total / whole) if whole else 0.0 for total, whole in ((there, own[i]), (back, own[j]))]
        share = min(shares) + _BETTER * (max(shares) - min(shares))
        if share >= minimum:
            found.append((i, j, share))
    return found


def _near(index: TextIndex, queries: Sequence[Query], own: Sequence[float], minimum: float) -> list[list[int]]:
    """Per query all texts that match it at least by ``minimum`` of its match with its own entry."""
    found: list[list[int]] = [[] for _query in queries]
    waiting, top = [place for place, whole in enumerate(own) if whole > 0], _NEIGHBOURS
    while waiting:
        hits = index.search([queries[place] for place in waiting], top)
        further = []
        for place, numbers, scores in zip(waiting, hits.numbers, hits.scores, strict=True):
            close = (numbers >= 0) & (scores >= minimum * own[place] * (1 - _ROUNDING))
            found[place] = numbers[close].tolist()
            if close.all() and top < index.size:
                further.append(place)  # there may be more: fifteen districts that send one name
        waiting, top = further, top * _NEIGHBOURS
    return found


def find_duplicates(
    opportunities: Sequence[Opportunity], *, minimum: float = SIMILAR, apart: Collection[frozenset[str]] = ()
) -> tuple[DuplicateGroup, ...]:
    """Group opportunities that say at least ``minimum`` of each other's names.

    Chains count: A like B and B like C are one group. ``keep`` is the fullest entry, the first sent among equals.
    ``apart`` holds pairs of ids that a person has decided to be two scenarios.
    """
    if len(opportunities) < 2:
        return ()
    pairs = [
        (i, j, share)
        for i, j, share in _resembling(opportunities, minimum)
        if frozenset((opportunities[i].id, opportunities[j].id)) not in apart
    ]
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
