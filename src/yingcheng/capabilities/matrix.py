"""The capability matrix: enterprises × 13 tracks × roles, each cell with its evidence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from yingcheng.capabilities.records import Capability, Cell, Enterprise, Evidence, Matrix
from yingcheng.opportunities.records import Opportunity
from yingcheng.standards.qualifications import holds
from yingcheng.standards.tracks import ROLES, TRACKS, suggest_roles, suggest_tracks

__all__ = ["LEVELS", "REGISTERED", "UNSTATED_ROLE", "build_matrix", "own_evidence"]

REGISTERED = "登记经营范围"
"""Kind of the evidence that is a business scope: what a firm may do, not what it says it does."""

UNSTATED_ROLE = "未标明"
"""Column for capabilities whose role neither the sheet nor the text tells."""

LEVELS = {"A": 3, "B": 2, "C": 1, "D": 1}
"""Level by best grade: 3 has done it and it was accepted, 2 shows it by a case or certificate, 1 says it."""

_SCOPE_WORDS = 2  # different words of a track that a business scope must hold
_LONG_WORD = 4  # characters; one such word is enough

_ROLE_ORDER = {role: position for position, role in enumerate((*ROLES, UNSTATED_ROLE))}
_TRACK_ORDER = {track: position for position, track in enumerate(TRACKS)}


def own_evidence(enterprise: Enterprise) -> tuple[Evidence, ...]:
    """Evidence in the enterprise's own row, outside of its listed capabilities.

    Named cases are B, product and technology texts C, what the firm says of itself (position, business, registered
    scope) D. A general qualification says nothing about a track and is left to the measures.
    """
    source = enterprise.sources[0] if enterprise.sources else None
    stated = (
        ("案例", enterprise.cases, "B"),
        ("产品", enterprise.products, "C"),
        ("产品", enterprise.technologies, "C"),
        ("自述", enterprise.position, "D"),
        ("自述", enterprise.business, "D"),
        (REGISTERED, enterprise.scope, "D"),
    )
    return tuple(Evidence(kind, text, grade, source=source) for kind, text, grade in stated if text)


def _tracks(given: Sequence[str], text: str) -> tuple[str, ...]:
    return tuple(given) or tuple(track for track, _ in suggest_tracks(text))


def _scope_tracks(text: str) -> list[str]:
    """Tracks a business scope points to by two different words, or by one long enough not to be everybody's."""
    return [
        track
        for track, words in suggest_tracks(text)
        if len(_distinct(words)) >= _SCOPE_WORDS or any(len(word) >= _LONG_WORD for word in words)
    ]


def _distinct(words: Sequence[str]) -> list[str]:
    """Words that are not a part of another one."""
    return [word for word in words if not any(word != other and word in other for other in words)]


def _roles(given: Sequence[str], text: str) -> tuple[str, ...]:
    return tuple(given) or tuple(role for role, _ in suggest_roles(text)[:2]) or (UNSTATED_ROLE,)


def _stated(enterprise: Enterprise) -> Iterable[tuple[str, str, Evidence]]:
    """(track, role, evidence) for everything the enterprise has said or shown."""
    for capability in enterprise.capabilities:
        text = f"{capability.name}\n{capability.description}\n{capability.scenario}"
        roles = _roles(capability.roles or enterprise.roles, text)
        for track in _tracks(capability.tracks, text) or enterprise.tracks:
            for role in roles:
                for evidence in capability.evidence or (_claim(capability),):
                    yield track, role, evidence
    for evidence in own_evidence(enterprise):
        if evidence.kind == REGISTERED:
            roles = tuple(enterprise.roles) or (UNSTATED_ROLE,)
            named = _scope_tracks(evidence.text)
        else:
            roles = _roles(enterprise.roles, evidence.text)
            named = [track for track, _ in suggest_tracks(evidence.text)]
        # A text that points to no track of its own still backs the tracks the sheet states for the firm.
        for track in named or enterprise.tracks:
            for role in roles:
                yield track, role, evidence


def _claim(capability: Capability) -> Evidence:
    return Evidence("自述", capability.description or capability.name, "D", source=capability.source)


def _cells(enterprise: Enterprise) -> list[Cell]:
    grouped: dict[tuple[str, str], list[Evidence]] = {}
    for track, role, evidence in _stated(enterprise):
        entries = grouped.setdefault((track, role), [])
        if evidence not in entries:
            entries.append(evidence)
    cells = []
    for (track, role), entries in grouped.items():
        entries.sort(key=lambda evidence: evidence.grade)
        grade = entries[0].grade
        cells.append(Cell(enterprise.id, track, role, LEVELS.get(grade, 1), grade, tuple(entries)))
    return sorted(cells, key=lambda cell: (_TRACK_ORDER.get(cell.track, 99), _ROLE_ORDER.get(cell.role, 99)))


def _unserved(
    opportunities: Sequence[Opportunity], covered: frozenset[str], enterprises: Sequence[Enterprise]
) -> Iterable[tuple[str, str]]:
    held = {q for enterprise in enterprises for q in enterprise.qualifications}
    all_held = tuple(sorted(held))
    for opportunity in opportunities:
        if opportunity.tracks and not covered.intersection(opportunity.tracks):
            yield opportunity.id, f"赛道“{'、'.join(opportunity.tracks)}”没有企业覆盖"
            continue
        lacking = [wanted for wanted in opportunity.qualifications if not holds(all_held, wanted)]
        if lacking:
            yield opportunity.id, f"没有企业具有所要求的“{'、'.join(lacking)}”"


def build_matrix(enterprises: Sequence[Enterprise], opportunities: Sequence[Opportunity]) -> Matrix:
    """Put every enterprise's evidence into tracks and roles and name the gaps.

    Args:
        enterprises: merged firms.
        opportunities: the checked list; decides what "asked for" means in the gaps.

    Returns:
        The matrix; ``unserved`` names the opportunities whose tracks nobody covers or whose asked qualification nobody
        holds.
    """
    cells = [cell for enterprise in enterprises for cell in _cells(enterprise)]
    covered = frozenset(cell.track for cell in cells)
    return Matrix(
        enterprises=tuple(enterprises),
        cells=tuple(cells),
        uncovered_tracks=tuple(track for track in TRACKS if track not in covered),
        unserved=tuple(_unserved(opportunities, covered, enterprises)),
    )
