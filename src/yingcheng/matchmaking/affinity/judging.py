"""From scored pairs to what both sides are shown: candidates of an opportunity, openings for an enterprise."""

from __future__ import annotations

from collections.abc import Sequence

from yingcheng.matchmaking.affinity.market import LOOKED_AT, MINIMUM, Market, Ranked, Scored
from yingcheng.matchmaking.records import Candidate, Candidates, Opening
from yingcheng.measures.records import Verdict

__all__ = ["judge_all"]

OPENINGS = 5  # opportunities told to one enterprise
# What a firm can make up for; no use in telling it of an opportunity that is closed to it.
CURABLE = frozenset({"资质", "注册地", "注册资本", "营业收入", "员工人数", "成立年限", "产能"})
DEEPER = 8  # times as many offers are looked at where the first look was not enough


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


def _judge(desk: _Desk, need: int, ranked: Ranked, limit: int) -> tuple[list[Candidate], list[Candidate], float]:
    """Accepted and refused candidates, best first, and the total a further one would have to beat."""
    accepted: list[Candidate] = []
    refused: list[Candidate] = []
    for one in ranked.offers:
        candidate = desk.candidate(need, one)
        if candidate is None:
            continue
        (refused if _refused(candidate) else accepted).append(candidate)
        if len(accepted) == limit:
            return accepted, refused, one.total
    return accepted, refused, 0.0


def judge_all(market: Market, *, limit: int, minimum: float | None = None) -> Candidates:
    """Every opportunity's candidates and every enterprise's openings; see :func:`find_candidates`."""
    least = market.least(MINIMUM if minimum is None else minimum)
    desk = _Desk(market)
    ranked = market.best(range(len(market.opportunities)), least=least)
    edges: list[Candidate] = []
    refused: list[Candidate] = []
    nobody: list[str] = []
    for need, opportunity in enumerate(market.opportunities):
        accepted, out, last = _judge(desk, need, ranked[need], limit)
        looked = LOOKED_AT
        while ranked[need].reach > last and looked < len(market.enterprises):
            looked *= DEEPER  # the gates took many, or the multipliers favour what stands further down
            (ranked[need],) = market.best([need], least=least, looked=looked)
            accepted, out, last = _judge(desk, need, ranked[need], limit)
        edges += accepted
        refused += out
        if not accepted:
            nobody.append(opportunity.id)
    openings = _openings(market, desk, [row.offers for row in ranked])
    return Candidates(tuple(edges), tuple(refused), tuple(nobody), openings, market.model.version, market.encoder)


def _openings(market: Market, desk: _Desk, ranked: Sequence[Sequence[Scored]]) -> tuple[Opening, ...]:
    by_offer: dict[int, list[tuple[float, int, Scored]]] = {}
    for need, row in enumerate(ranked):
        for one in row:
            by_offer.setdefault(one.offer, []).append((one.rank[0], need, one))
    openings = []
    for offer in sorted(by_offer):
        told = 0
        for _total, need, one in sorted(by_offer[offer], key=lambda entry: entry[:2]):
            candidate = desk.candidate(need, one)
            if candidate is None:
                continue
            refusing = [gate for gate in candidate.gates if gate.verdict is Verdict.NO]
            if any(gate.name not in CURABLE for gate in refusing):
                continue
            lacking = tuple(gate.clause for gate in refusing)
            openings.append(Opening(market.enterprises[offer].id, candidate, lacking))
            told += 1
            if told == OPENINGS:
                break
    return tuple(openings)
