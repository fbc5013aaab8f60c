"""All needs and all offers, prepared once; any pair can be scored, explained and judged."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from yingcheng.capabilities.records import Enterprise
from yingcheng.matchmaking.affinity.doubts import against, confidence
from yingcheng.matchmaking.affinity.encoders import Encoder
from yingcheng.matchmaking.affinity.gates import gates
from yingcheng.matchmaking.affinity.meaning import Meaning
from yingcheng.matchmaking.affinity.model import Model, shipped_model
from yingcheng.matchmaking.affinity.reasons import Part, parts_of, word_weight, worded
from yingcheng.matchmaking.affinity.segments import NAME, need_segments, offer_segments, unit_of
from yingcheng.matchmaking.affinity.tags import NAMED, Tag, keys_of, named_offers, named_tag, tags_of
from yingcheng.matchmaking.records import Candidate, Reason
from yingcheng.opportunities.records import Opportunity
from yingcheng.similarity import Match, Segment, TextIndex, is_faint, is_generic
from yingcheng.similarity.grams import count_grams, gram_of

__all__ = ["LOOKED_AT", "MINIMUM", "Market", "Ranked", "Scored"]

TEXT_WEIGHT = 3.0  # of a text that says exactly what the name of the opportunity says
MINIMUM = 0.25  # score below which candidates share common words only
LEAST_TOLD = 0.25  # of the sum, in one word that both texts share and that is not generic
FAINT_ENOUGH = 0.41  # score from which common words alone explain a candidate
ROUNDING = 1e-9
LOOKED_AT = 200  # offers per need whose parts are weighed at first; more where one behind them could be better


@dataclass(frozen=True, slots=True)
class Scored:
    """One pair, taken apart but not yet put into words.

    ``raw`` is the sum before multipliers: what decides whether a pair is shown at all, so that learning moves ranks and
    scores but lets nobody appear or vanish.
    """

    offer: int  # position of the enterprise
    total: float
    raw: float
    match: Match
    tags: tuple[Tag, ...]
    parts: tuple[Part, ...]

    @property
    def rank(self) -> tuple[float, int]:
        """What pairs of one need are sorted by: best first, ties by id, noise of the last digits left out."""
        return -round(self.total, 9), self.offer


@dataclass(frozen=True, slots=True)
class Ranked:
    """The offers of one need, best first; no offer that was not looked at has a higher total than ``reach``."""

    offers: tuple[Scored, ...]
    reach: float


class Market:
    """Opportunities × enterprises in the order of their ids, so that the order of the files changes nothing.

    Args:
        opportunities: the needs; ids are unique.
        enterprises: the offers; ids are unique.
        as_of: the day on which facts such as a firm's age are judged.
        model: how much each part counts.
        encoder: where words that mean nearly the same are to count; the model must be of that kind.
        workers: threads that search; as many as there are processors by default. No result depends on them.
    """

    def __init__(
        self,
        opportunities: Sequence[Opportunity],
        enterprises: Sequence[Enterprise],
        *,
        as_of: date,
        model: Model | None = None,
        encoder: Encoder | None = None,
        workers: int | None = None,
    ) -> None:
        self.opportunities = sorted(opportunities, key=lambda o: o.id)
        self.enterprises = sorted(enterprises, key=lambda e: e.id)
        self.as_of = as_of
        self._workers = workers or os.cpu_count() or 1
        self.model = model or shipped_model(meaning=encoder is not None)
        self.needs = [need_segments(opportunity) for opportunity in self.opportunities]
        self.offers = [offer_segments(enterprise) for enterprise in self.enterprises]
        self.index = TextIndex(self.offers)
        self.queries = [self.index.query(need) for need in self.needs]
        self.scales = [TEXT_WEIGHT / unit_of(query.sums) for query in self.queries]
        self.tags = [tags_of(opportunity) for opportunity in self.opportunities]
        self.keys = [keys_of(enterprise) for enterprise in self.enterprises]
        self.named = named_offers(self.opportunities, self.enterprises)
        self._frequencies: dict[str, int] = {}
        self.encoder = "" if encoder is None else encoder.name
        self._meaning = None if encoder is None else Meaning(encoder, self.needs, self._rarity)

    @property
    def has_meaning(self) -> bool:
        """Whether words that mean nearly the same count."""
        return self._meaning is not None

    def with_model(self, model: Model) -> Market:
        """The same market under another model."""
        other = copy(self)
        other.model = model
        return other

    def least(self, score: float) -> float:
        """The sum before multipliers that has this score under the shipped model."""
        return shipped_model(meaning=self.has_meaning).total(score)

    @cached_property
    def _asked(self) -> dict[int, int]:
        """Gram → needs it stands in."""
        counted = count_grams(["\n".join(segment.text for segment in need) for need in self.needs])
        return dict(zip(*(part.tolist() for part in np.unique(counted.grams, return_counts=True)), strict=True))

    def frequency(self, pair: str) -> int:
        """In how many needs and offers two neighbouring characters stand."""
        if pair not in self._frequencies:
            self._frequencies[pair] = self.index.frequency_of(pair) + self._asked.get(gram_of(pair), 0)
        return self._frequencies[pair]

    def _rarity(self, unit: str) -> float:
        """Inverse document frequency of a word, by its rarest pair of characters."""
        pairs = [unit[place : place + 2] for place in range(len(unit) - 1)]
        frequency = min((self.index.frequency_of(pair) for pair in pairs), default=self.index.size)
        return math.log1p((self.index.size - frequency + 0.5) / (frequency + 0.5))

    def best(self, needs: Sequence[int], *, least: float, looked: int = LOOKED_AT) -> list[Ranked]:
        """Per need its offers by total, best first, ties by id: the best by words, and those its sender named.

        Args:
            needs: their positions.
            least: offers with a lower sum before multipliers are left out.
            looked: offers taken apart per need.
        """
        hits = self.index.search([self.queries[need] for need in needs], looked, workers=self._workers)
        chosen: list[tuple[int, list[int], float]] = []
        for need, numbers, scores in zip(needs, hits.numbers, hits.scores, strict=True):
            texts = scores * self.scales[need]
            tagged = math.fsum(tag.weight for tag in self.tags[need])
            worth = numbers >= 0
            # How much the best of those behind the last one looked at can have, by words and tags.
            behind = 0.0 if not worth.all() or not len(worth) else float(texts[-1])
            reach = 0.0 if not behind or behind + tagged < least else (behind + tagged) * self._largest
            if self._meaning is None:  # else words that mean the same may still lift any of them
                worth &= texts + tagged >= least - ROUNDING
            chosen.append((need, sorted({*numbers[worth].tolist(), *self.named.get(need, ())}), reach))
        if self._meaning is not None:
            self._meaning.prepare([self.offers[offer] for offer in sorted({o for _, row, _r in chosen for o in row})])
        found = []
        for need, offers, reach in chosen:
            scored = [one for one in self.scored(need, offers) if one.raw >= least - ROUNDING]
            found.append(Ranked(tuple(sorted(scored, key=lambda one: one.rank)), reach))
        return found

    @property
    def _largest(self) -> float:
        """No sum of words and tags grows by more than this factor."""
        by_side: dict[str, float] = {}
        for group, multiplier in self.model.multipliers.items():
            side = group.partition("·")[0]
            by_side[side] = max(by_side.get(side, 1.0), multiplier)
        text = by_side.pop("机会", 1.0) * by_side.pop("企业", 1.0)
        return max([text, *by_side.values()])

    def scored(self, need: int, offers: Sequence[int]) -> list[Scored]:
        """A need and some offers, taken apart, in the order given."""
        if self._meaning is not None:
            self._meaning.prepare([self.offers[offer] for offer in offers])
        found = []
        for offer, match in zip(offers, self.index.matches(self.queries[need], offers), strict=True):
            near = () if self._meaning is None else self._meaning.near(need, self.offers[offer])
            tags = tuple(tag for tag in self.tags[need] if tag.key in self.keys[offer])
            if offer in self.named.get(need, ()):
                tags = (named_tag(), *tags)
            parts = parts_of(match, near, self.offers[offer], tags, scale=self.scales[need], model=self.model)
            total, raw = math.fsum(part.value for part in parts), math.fsum(part.raw for part in parts)
            found.append(Scored(offer, total, raw, match, tags, parts))
        return found

    def candidate(self, need: int, one: Scored) -> Candidate | None:
        """A pair with its score, reasons and conditions; ``None`` where no word that says something carries it."""
        opportunity, enterprise = self.opportunities[need], self.enterprises[one.offer]
        score = self.model.score(one.total)
        reasons = worded(
            one.parts,
            one.match,
            {segment.kind: segment.text for segment in self.needs[need]},
            self.offers[one.offer],
            factor=score / one.total if one.total > 0 else 0.0,
            frequency=self.frequency,
        )
        if not any(tag.kind == NAMED for tag in one.tags) and not self._is_told(need, reasons, one):
            return None
        conditions = gates(opportunity, enterprise, as_of=self.as_of)
        return Candidate(
            opportunity_id=opportunity.id,
            enterprise_id=enterprise.id,
            score=score,
            confidence=confidence(self.needs[need], self.offers[one.offer], enterprise, conditions),
            reasons=reasons,
            gates=conditions,
            against=against(opportunity, enterprise, _name(self.needs[need]), one.match),
        )

    def _is_told(self, need: int, reasons: Sequence[Reason], one: Scored) -> bool:
        """Whether one readable word that is not a common one carries a good part of the sum.

        Common words (旅游) are enough where much else fits as well.
        """
        words = sorted({word for reason in reasons if reason.kind == "文字" for word in reason.words})
        if one.raw >= self.least(FAINT_ENOUGH):
            return any(not is_generic(word) for word in words)
        least = LEAST_TOLD * one.raw / self.scales[need]
        return any(not is_faint(word) and word_weight(word, one.match) >= least for word in words)


def _name(need: Sequence[Segment]) -> str:
    return next((segment.text for segment in need if segment.kind == NAME), "")
