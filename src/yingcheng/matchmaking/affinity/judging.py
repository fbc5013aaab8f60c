"""From scored pairs to what both sides are shown: candidates of an opportunity, openings for an enterprise."""

from __future__ import annotations

from collections.abc import Sequence

from yingcheng.matchmaking.affinity.market import LOOKED_AT, MINIMUM, Market, Scored
from yingcheng.matchmaking.records import Candidate, Candidates, Opening
from yingcheng.measures.records import Verdict

__all__ = ["judge_all"]

OPENINGS = 5  # opportunities told to one enterprise


class _Desk:
    """Puts pairs into words, each once."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self._known: dict[tuple[int, int], Candidate | None] = {}

    def candidate(self, need: int, one: Scored) -> Candidate | None:
        if (need, one.offer) not in self._known:
            self._known[need, one.offer] = self._market.candidate(need, one)
        return self._known[need, one.offer]


def _refused(candidate: Candidate) -> bool:
    return any(gate.verdict is Verdict.NO for gate in candidate.gates)


def _judge(desk: _Desk, need: int, ranked: Sequence[Scored], limit: int) -> tuple[list[Candidate], list[Candidate]]:
    accepted: list[Candidate] = []
    refused: list[Candidate] = []
    for one in ranked:
        if len(accepted) == limit:
            break
        candidate = desk.candidate(need, one)
        if candidate is not None:
            (refused if _refused(candidate) else accepted).append(candidate)
    for group in (accepted, refused):
        group.sort(key=lambda candidate: (-candidate.score, candidate.enterprise_id))
    return accepted, refused


def judge_all(market: Market, *, limit: int, minimum: float | None = None) -> Candidates:
    """Every opportunity's candidates and every enterprise's openings; see :func:`find_candidates`."""
    least = market.least(MINIMUM if minimum is None else minimum)
    desk = _Desk(market)
    ranked = market.best(range(len(market.opportunities)), least=least)
    edges: list[Candidate] = []
    refused: list[Candidate] = []
    nobody: list[str] = []
    for need, opportunity in enumerate(market.opportunities):
        accepted, out = _judge(desk, need, ranked[need], limit)
        if len(accepted) < limit and len(ranked[need]) >= LOOKED_AT and out:
            # The gates took so many that good offers may be further down.
            (ranked[need],) = market.best([need], least=least, looked=len(market.enterprises))
            accepted, out = _judge(desk, need, ranked[need], limit)
        edges += accepted
        refused += out
        if not accepted:
            nobody.append(opportunity.id)
    return Candidates(tuple(edges), tuple(refused), tuple(nobody), _openings(market, desk, ranked))


def _openings(market: Market, desk: _Desk, ranked: Sequence[Sequence[Scored]]) -> tuple[Opening, ...]:
    by_offer: dict[int, list[tuple[float, int, Scored]]] = {}
    for need, row in enumerate(ranked):
        for one in row:
            by_offer.setdefault(one.offer, []).append((-round(one.total, 9), need, one))
    openings = []
    for offer in sorted(by_offer):
        told = 0
        for _total, need, one in sorted(by_offer[offer], key=lambda entry: entry[:2]):
            candidate = desk.candidate(need, one)
            if candidate is None:
                continue
            lacking = tuple(gate.clause for gate in candidate.gates if gate.verdict is Verdict.NO)
            openings.append(Opening(market.enterprises[offer].id, candidate, lacking))
            told += 1
            if told == OPENINGS:
                break
    return tuple(openings)
