"""How sure a candidate is, and what speaks against it."""

from __future__ import annotations

from collections.abc import Sequence

from yingcheng.capabilities.records import Enterprise
from yingcheng.matchmaking.affinity.reasons import uncovered_words
from yingcheng.matchmaking.affinity.tags import TRACK, keys_of
from yingcheng.matchmaking.records import Gate
from yingcheng.measures.records import Verdict
from yingcheng.opportunities.records import Opportunity
from yingcheng.similarity import Match, Segment

__all__ = ["against", "confidence"]

GRADE_CONFIDENCE = {"A": 1.0, "B": 0.95, "C": 0.85, "D": 0.75, "": 0.65}
UNKNOWN_CONFIDENCE = 0.92  # per missing fact
ENOUGH_NEED = 20  # characters that halve the doubt about a short text
ENOUGH_OFFER = 40


def _best_grade(enterprise: Enterprise) -> str:
    grades = [evidence.grade for c in enterprise.capabilities for evidence in c.evidence if evidence.grade]
    return min(grades, default="C" if enterprise.cases else "")


def confidence(
    need: Sequence[Segment], offer: Sequence[Segment], enterprise: Enterprise, conditions: Sequence[Gate]
) -> float:
    """Lower where texts are short, evidence is weak or facts are missing. A rule of thumb, not a probability."""
    asked = sum(len(segment.text) for segment in need)
    told = sum(len(segment.text) for segment in offer)
    unknown = sum(gate.verdict is Verdict.UNKNOWN for gate in conditions)
    lengths = asked / (asked + ENOUGH_NEED) * told / (told + ENOUGH_OFFER)
    return float(lengths * GRADE_CONFIDENCE[_best_grade(enterprise)] * UNKNOWN_CONFIDENCE**unknown)


def against(opportunity: Opportunity, enterprise: Enterprise, name: str, match: Match) -> tuple[str, ...]:
    """What an officer should know before inviting; each a sentence without its full stop.

    Args:
        opportunity: the need.
        enterprise: the offer.
        name: normal text of the opportunity's name.
        match: of their texts.
    """
    sentences = []
    if words := uncovered_words(name, match):
        sentences.append(f"机会名称中的{''.join(f'“{word}”' for word in words)}未见于企业材料")
    known = {key for key in keys_of(enterprise) if key.startswith(TRACK)}
    if opportunity.tracks and known and not any(f"{TRACK} {track}" in known for track in opportunity.tracks):
        sentences.append(f"企业未申报{'、'.join(opportunity.tracks)}赛道")
    if not enterprise.capabilities and not enterprise.cases and not enterprise.business and not enterprise.products:
        sentences.append("只有经营范围，没有能力、产品或案例说明")
    elif _best_grade(enterprise) in ("", "D"):
        sentences.append("只有企业自述，没有案例、证书或合同佐证")
    return tuple(sentences)
