"""Who can answer an opportunity: scores with exact reasons, hard conditions in three values.

    sum   = text + track + role + named by the sender, each times its multiplier
    score = share of such pairs that were judged worth a meeting; see :mod:`yingcheng.matchmaking.affinity.model`

Registration counts for nothing unless the opportunity's own published rule asks for it (公平竞争审查).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from yingcheng.capabilities.records import Enterprise
from yingcheng.matchmaking.affinity.encoders import Encoder
from yingcheng.matchmaking.affinity.judging import judge_all
from yingcheng.matchmaking.affinity.market import Market
from yingcheng.matchmaking.affinity.model import Model, check_target, load_model, save_model, shipped_model
from yingcheng.matchmaking.records import Candidates
from yingcheng.opportunities.records import Opportunity

__all__ = [
    "Market",
    "Model",
    "check_target",
    "find_candidates",
    "judge_all",
    "load_model",
    "save_model",
    "shipped_model",
]


def find_candidates(
    opportunities: Sequence[Opportunity],
    enterprises: Sequence[Enterprise],
    *,
    limit: int = 10,
    minimum: float | None = None,
    as_of: date,
    model: Model | None = None,
    encoder: Encoder | None = None,
) -> Candidates:
    """Find for every opportunity the enterprises that can answer it.

    Args:
        opportunities: the needs; ids are unique.
        enterprises: the offers; ids are unique.
        limit: most candidates per opportunity.
        minimum: least score of a candidate, 0 … 1; by default the score below which only common words are shared.
        as_of: the day on which facts such as a firm's age are judged.
        model: what decisions taught; by default the shipped one.
        encoder: where words that mean nearly the same are to count.

    Returns:
        Candidates best first within each opportunity, in the order of opportunity ids, ties by enterprise id. A firm
        that a hard condition refuses is listed apart when it would have been among the candidates. ``openings`` are the
        same pairs from the side of the enterprise, with what it lacks.
    """
    market = Market(opportunities, enterprises, as_of=as_of, model=model, encoder=encoder)
    return judge_all(market, limit=limit, minimum=minimum)
