"""Who can answer an opportunity: scores with exact reasons, hard conditions in three values.

    sum   = text + track + role + named by the sender
    score = 1 - exp(-sum)

Registration counts for nothing unless the opportunity's own published rule asks for it (公平竞争审查).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from scipy.sparse import csr_matrix, diags_array, hstack, vstack
from sparse_dot_topn import sp_matmul_topn

from yingcheng.capabilities.records import Enterprise
from yingcheng.matchmaking.affinity.borders import is_faint, is_generic
from yingcheng.matchmaking.affinity.gates import gates
from yingcheng.matchmaking.affinity.index import NeedRows, OfferIndex
from yingcheng.matchmaking.affinity.reasons import (
    TextMatch,
    score_of,
    text_match,
    text_reasons,
    uncovered_words,
    word_weight,
)
from yingcheng.matchmaking.affinity.segments import NAME, Segment, need_segments, offer_segments
from yingcheng.matchmaking.affinity.tokens import count_grams, gram_of
from yingcheng.matchmaking.records import Candidate, Candidates, Gate, Reason
from yingcheng.measures.records import Verdict
from yingcheng.opportunities.records import Opportunity
from yingcheng.standards.names import company_key
from yingcheng.standards.tracks import suggest_roles

__all__ = ["MINIMUM", "find_candidates"]

MINIMUM = 0.33  # below it, candidates share common words only
TEXT_WEIGHT = 3.0  # of a text that says exactly what the name of the opportunity says
TRACK_WEIGHT = 0.25
ROLE_WEIGHT = 0.08
NAMED_WEIGHT = 1.2
LEAST_TOLD = 0.25  # of the score, in one word that both texts share and that is not generic
FAINT_ENOUGH = 0.55  # score from which common words alone explain a candidate
FIRST_LOOK = 64  # offers looked at per need before the gates
SHORTEST_NAME = 4  # characters, for a sender's short name to be found inside a firm's full name


@dataclass(frozen=True, slots=True)
class _Tag:
    """One further additive part of a need: it counts for every offer that carries the same key."""

    key: str
    kind: str
    weight: float
    word: str
    text: str


class _Market:
    """All needs and offers, prepared once; rows and columns are in the order of ids."""

    def __init__(self, opportunities: Sequence[Opportunity], enterprises: Sequence[Enterprise]) -> None:
        # Sorted, so that the order in which files were read changes nothing, not even a rounding.
        self.opportunities = sorted(opportunities, key=lambda o: o.id)
        self.enterprises = sorted(enterprises, key=lambda e: e.id)
        self.needs = [need_segments(opportunity) for opportunity in self.opportunities]
        self.offers = [offer_segments(enterprise) for enterprise in self.enterprises]
        self.index = OfferIndex(self.offers)
        self.rows: NeedRows = self.index.rows(self.needs)
        asked = count_grams(["\n".join(segment.text for segment in need) for need in self.needs])
        self.asked = dict(zip(*(part.tolist() for part in np.unique(asked.grams, return_counts=True)), strict=True))
        self.scale = TEXT_WEIGHT / self.rows.unit
        named = _named(self.opportunities, self.enterprises)
        self.tags = [_tags(o, f"named {row}" if row in named else "") for row, o in enumerate(self.opportunities)]
        self.keys = [_keys(e) for e in self.enterprises]
        for row, columns in named.items():
            for column in columns:
                self.keys[column] = self.keys[column] | {f"named {row}"}
        self.left, self.right = self._matrices()

    def _matrices(self) -> tuple[csr_matrix, csr_matrix]:
        """Needs × features and features × offers; the product is the sum of all parts."""
        names = sorted({tag.key for tags in self.tags for tag in tags})
        place = {name: column for column, name in enumerate(names)}
        wanted = [(row, place[tag.key], tag.weight) for row, tags in enumerate(self.tags) for tag in tags]
        held = [(place[k], column) for column, keys in enumerate(self.keys) for k in sorted(keys) if k in place]
        left = csr_matrix(
            ([weight for *_, weight in wanted], ([row for row, *_ in wanted], [column for _, column, _ in wanted])),
            shape=(len(self.needs), len(names)),
            dtype=np.float64,
        )
        right = csr_matrix(
            (np.ones(len(held)), ([row for row, _ in held], [column for _, column in held])),
            shape=(len(names), len(self.offers)),
            dtype=np.float64,
        )
        text = diags_array(self.scale) @ self.rows.matrix
        return hstack([csr_matrix(text), left]).tocsr(), vstack([self.index.by_gram, right]).tocsr()

    def best(self, needs: Sequence[int], count: int) -> Iterator[tuple[int, list[int]]]:
        """Per need, the columns of its ``count`` best offers."""
        if not needs or not self.offers or not self.left.shape[1]:
            yield from ((need, []) for need in needs)
            return
        top = sp_matmul_topn(self.left[list(needs)], self.right, top_n=min(count, len(self.offers)), sort=True)
        for place, need in enumerate(needs):
            part = slice(top.indptr[place], top.indptr[place + 1])
            sums = zip(top.data[part].round(9).tolist(), top.indices[part].tolist(), strict=True)
            yield need, [offer for _sum, offer in sorted(sums, key=lambda entry: (-entry[0], entry[1]))]

    def frequency(self, pair: str) -> int:
        """In how many needs and offers two neighbouring characters stand."""
        return self.index.frequency_of(pair) + int(self.asked.get(gram_of(pair), 0))

    def candidate(self, need: int, offer: int, conditions: tuple[Gate, ...]) -> Candidate | None:
        """The pair with its exact score and reasons; ``None`` where no word that says something carries it."""
        opportunity, enterprise = self.opportunities[need], self.enterprises[offer]
        match = text_match(self.rows.fields[need], self.offers[offer], self.index, float(self.scale[need]))
        tags = [tag for tag in self.tags[need] if tag.key in self.keys[offer]]
        total = match.total + sum(tag.weight for tag in tags)
        factor = score_of(total) / total if total > 0 else 0.0
        texts = {segment.kind: segment.text for segment in self.needs[need]}
        reasons = [
            *(Reason(t.kind, t.weight * factor, (t.word,), t.kind, t.kind, t.text) for t in tags),
            *text_reasons(match, texts, self.offers[offer], factor, self.frequency),
        ]
        if not any(tag.kind == "点名" for tag in tags) and not _is_told(reasons, match, total):
            return None
        reasons.sort(key=lambda reason: (reason.kind == "零散字词", -reason.contribution, reason.text))
        return Candidate(
            opportunity_id=opportunity.id,
            enterprise_id=enterprise.id,
            score=sum(reason.contribution for reason in reasons),
            confidence=_confidence(self.needs[need], self.offers[offer], enterprise, conditions),
            reasons=tuple(reasons),
            gates=conditions,
            against=_against(opportunity, enterprise, texts.get(NAME, ""), match),
        )


def find_candidates(
    opportunities: Sequence[Opportunity],
    enterprises: Sequence[Enterprise],
    *,
    limit: int = 10,
    minimum: float = MINIMUM,
    as_of: date,
) -> Candidates:
    """Find for every opportunity the enterprises that can answer it.

    Args:
        opportunities: the needs; ids are unique.
        enterprises: the offers; ids are unique.
        limit: most candidates per opportunity.
        minimum: least score of a candidate, 0 … 1.
        as_of: the day on which facts such as a firm's age are judged.

    Returns:
        Candidates best first within each opportunity, in the order of opportunity ids, ties by enterprise id. A firm
        that a hard condition refuses is listed apart when it would have been among the candidates.
    """
    market = _Market(opportunities, enterprises)
    edges: list[Candidate] = []
    refused: list[Candidate] = []
    nobody: list[str] = []
    again: list[int] = []
    found: dict[int, tuple[list[Candidate], list[Candidate]]] = {}
    looked = max(FIRST_LOOK, 4 * limit)
    for need, offers in market.best(range(len(market.opportunities)), looked):
        found[need] = _judge(market, need, offers, limit, minimum, as_of)
        if len(found[need][0]) < limit and len(offers) == looked and found[need][1]:
            again.append(need)  # the gates took so many that good offers may be further down
    for need, offers in market.best(again, len(market.offers)):
        found[need] = _judge(market, need, offers, limit, minimum, as_of)
    for need, opportunity in enumerate(market.opportunities):
        accepted, out = found[need]
        edges += accepted
        refused += out
        if not accepted:
            nobody.append(opportunity.id)
    return Candidates(tuple(edges), tuple(refused), tuple(nobody))


def _judge(
    market: _Market, need: int, offers: Sequence[int], limit: int, minimum: float, as_of: date
) -> tuple[list[Candidate], list[Candidate]]:
    accepted: list[Candidate] = []
    refused: list[Candidate] = []
    for offer in offers:
        if len(accepted) == limit:
            break
        conditions = gates(market.opportunities[need], market.enterprises[offer], as_of=as_of)
        candidate = market.candidate(need, offer, conditions)
        if candidate is None:
            continue
        if candidate.score < minimum:
            break
        no = any(gate.verdict is Verdict.NO for gate in conditions)
        (refused if no else accepted).append(candidate)
    for group in (accepted, refused):
        group.sort(key=lambda candidate: (-candidate.score, candidate.enterprise_id))
    return accepted, refused


def _is_told(reasons: Sequence[Reason], match: TextMatch, total: float) -> bool:
    """Whether one readable word that is not a common one carries a good part of the score.

    Common words (旅游) are enough where much else fits as well.
    """
    words = sorted({word for reason in reasons if reason.kind == "文字" for word in reason.words})
    if score_of(total) >= FAINT_ENOUGH:
        return any(not is_generic(word) for word in words)
    return any(not is_faint(word) and word_weight(word, match) >= LEAST_TOLD * total for word in words)


def _named(opportunities: Sequence[Opportunity], enterprises: Sequence[Enterprise]) -> dict[int, list[int]]:
    """Need → the offers its sender named."""
    by_key: dict[str, list[int]] = {}
    for column, enterprise in enumerate(enterprises):
        for name in (enterprise.name, *enterprise.aliases):
            by_key.setdefault(company_key(name), []).append(column)
    named: dict[int, set[int]] = {}
    for row, opportunity in enumerate(opportunities):
        for name in opportunity.candidates:
            key = company_key(name)
            columns = by_key.get(key, [])
            if not columns and len(key) >= SHORTEST_NAME:
                columns = [column for full, found in by_key.items() if key in full for column in found]
            if columns:
                named.setdefault(row, set()).update(columns)
    return {row: sorted(columns) for row, columns in named.items()}


def _tags(opportunity: Opportunity, named: str) -> tuple[_Tag, ...]:
    tags = [
        _Tag(f"track {track}", "赛道", TRACK_WEIGHT / len(opportunity.tracks), track, f"同属“{track}”赛道")
        for track in opportunity.tracks
    ]
    roles = suggest_roles(opportunity.text)
    tags += [
        _Tag(f"role {role}", "角色", ROLE_WEIGHT / len(roles), role, f"机会写明“{words[0]}”，企业承担“{role}”角色")
        for role, words in roles
    ]
    if named:
        tags.append(_Tag(named, "点名", NAMED_WEIGHT, "潜在企业", "报送单位点名该企业为潜在企业"))
    return tuple(tags)


def _keys(enterprise: Enterprise) -> frozenset[str]:
    tracks = [*enterprise.tracks, *(track for c in enterprise.capabilities for track in c.tracks)]
    roles = [*enterprise.roles, *(role for c in enterprise.capabilities for role in c.roles)]
    return frozenset([*(f"track {track}" for track in tracks), *(f"role {role}" for role in roles)])


def _best_grade(enterprise: Enterprise) -> str:
    grades = [evidence.grade for c in enterprise.capabilities for evidence in c.evidence if evidence.grade]
    return min(grades, default="C" if enterprise.cases else "")


GRADE_CONFIDENCE = {"A": 1.0, "B": 0.95, "C": 0.85, "D": 0.75, "": 0.65}
UNKNOWN_CONFIDENCE = 0.92  # per missing fact
ENOUGH_NEED = 20  # characters that halve the doubt about a short text
ENOUGH_OFFER = 40


def _confidence(
    need: Sequence[Segment], offer: Sequence[Segment], enterprise: Enterprise, conditions: Sequence[Gate]
) -> float:
    """Lower where texts are short, evidence is weak or facts are missing. A rule of thumb, not a probability."""
    asked = sum(len(segment.text) for segment in need)
    told = sum(len(segment.text) for segment in offer)
    unknown = sum(gate.verdict is Verdict.UNKNOWN for gate in conditions)
    lengths = asked / (asked + ENOUGH_NEED) * told / (told + ENOUGH_OFFER)
    return float(lengths * GRADE_CONFIDENCE[_best_grade(enterprise)] * UNKNOWN_CONFIDENCE**unknown)


def _against(opportunity: Opportunity, enterprise: Enterprise, name: str, match: TextMatch) -> tuple[str, ...]:
    against = []
    if words := uncovered_words(name, match):
        against.append(f"机会名称中的{''.join(f'“{word}”' for word in words)}未见于企业材料")
    known = {key for key in _keys(enterprise) if key.startswith("track ")}
    if opportunity.tracks and known and not any(f"track {track}" in known for track in opportunity.tracks):
        against.append(f"企业未申报{'、'.join(opportunity.tracks)}赛道")
    if not enterprise.capabilities and not enterprise.cases and not enterprise.business and not enterprise.products:
        against.append("只有经营范围，没有能力、产品或案例说明")
    elif _best_grade(enterprise) in ("", "D"):
        against.append("只有企业自述，没有案例、证书或合同佐证")
    return tuple(against)
