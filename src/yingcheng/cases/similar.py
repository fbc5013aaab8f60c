"""Cases that resemble an opportunity, and what a case still lacks for the white paper."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from yingcheng.cases.records import Case, SimilarCase
from yingcheng.opportunities.records import Opportunity
from yingcheng.similarity import Match, Segment, TextIndex, common_words, is_faint, is_generic, normal_text
from yingcheng.similarity.words import Frequency

__all__ = ["completeness", "find_similar"]

_MINIMUM = 0.12  # share below which two texts have little more than common characters in common
_FAINT_ENOUGH = 0.3  # share from which common words alone explain a likeness
_TRACK = 0.5  # weight of the tracks' names: two of one track have more to say than that

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
    return "\n".join(part for part in parts if part)


def _document(text: str, tracks: Sequence[str]) -> tuple[Segment, Segment]:
    return Segment("正文", "正文", normal_text(text), 1.0), Segment("赛道", "赛道", "\n".join(tracks), _TRACK)


def _shared_words(wanted: Segment, told: Segment, match: Match, frequency: Frequency) -> tuple[str, ...]:
    """Words of both texts, heaviest first, without those that anybody writes."""
    found = common_words(wanted.text, told.text, match.grams, frequency)
    return tuple(word for word in found if not is_generic(word))


def find_similar(
    opportunities: Sequence[Opportunity], cases: Sequence[Case], *, limit: int = 3
) -> tuple[SimilarCase, ...]:
    """For each opportunity the cases whose text resembles it, best first, at most ``limit``.

    The likeness is what of the opportunity's own words, by weight, the case holds, at most 1; the names of the
    tracks weigh half. Pairs that share little more than common words are left out. ``words`` are of the texts, then
    the tracks both have.
    """
    if not opportunities or not cases or limit < 1:
        return ()
    told = [_document(_case_text(case), case.tracks) for case in cases]
    index = TextIndex(told)
    wanted = [_document(opportunity.text, opportunity.tracks) for opportunity in opportunities]
    queries = [index.query(document) for document in wanted]
    hits = index.search(queries, limit)
    asked = TextIndex(wanted)

    @cache
    def frequency(pair: str) -> int:  # a few cases alone do not tell where words begin
        return index.frequency_of(pair) + asked.frequency_of(pair)

    found = []
    for place, (opportunity, query) in enumerate(zip(opportunities, queries, strict=True)):
        itself = query.weights.sum()
        numbers = [number for number in hits.numbers[place].tolist() if number >= 0]
        for number, match in zip(numbers, index.matches(query, numbers), strict=True):
            likeness = min(1.0, float(match.total / itself))
            if likeness < _MINIMUM:
                continue
            words = _shared_words(wanted[place][0], told[number][0], match, frequency)
            if words and (likeness >= _FAINT_ENOUGH or not all(map(is_faint, words))):
                tracks = tuple(track for track in opportunity.tracks if track in cases[number].tracks)
                shared = tuple(dict.fromkeys((*words, *tracks)))
                found.append(SimilarCase(opportunity.id, cases[number].id, likeness, shared))
    return tuple(found)
