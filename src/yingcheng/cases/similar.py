"""Cases that resemble an opportunity, and what a case still lacks for the white paper."""

from __future__ import annotations

from collections.abc import Sequence

from yingcheng.cases.records import Case, SimilarCase
from yingcheng.opportunities.records import Opportunity
from yingcheng.similarity import Segment, TextIndex, common_words, is_faint, is_generic, normal_text

__all__ = ["completeness", "find_similar"]

_MINIMUM = 0.12  # share below which two texts have little more than common characters in common
_FAINT_ENOUGH = 0.3  # share from which common words alone explain a likeness

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


def _document(text: str) -> tuple[Segment]:
    return (Segment("全文", "全文", normal_text(text), 1.0),)


def find_similar(
    opportunities: Sequence[Opportunity], cases: Sequence[Case], *, limit: int = 3
) -> tuple[SimilarCase, ...]:
    """For each opportunity the cases whose text resembles it, best first, at most ``limit``.

    The likeness is the share of the opportunity's own words, by weight, that the case holds, 0 … 1; pairs that share
    little more than common words are left out.
    """
    if not opportunities or not cases or limit < 1:
        return ()
    told = [_document(_case_text(case)) for case in cases]
    index = TextIndex(told)
    found = []
    for opportunity in opportunities:
        wanted = _document(_opportunity_text(opportunity))
        query = index.query(wanted)
        itself = query.weights.sum()
        numbers = [number for number in index.search([query], limit).numbers[0].tolist() if number >= 0]
        for number, match in zip(numbers, index.matches(query, numbers), strict=True):
            words = common_words(wanted[0].text, told[number][0].text, match.grams, index.frequency_of)
            words = tuple(word for word in words if not is_generic(word))
            likeness = min(1.0, match.total / itself)
            if likeness >= _MINIMUM and words and (likeness >= _FAINT_ENOUGH or not all(map(is_faint, words))):
                found.append(SimilarCase(opportunity.id, cases[number].id, likeness, words))
    return tuple(found)
