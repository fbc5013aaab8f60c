"""What fits beside the words: the same track, the role an opportunity asks for, a firm its sender named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from yingcheng.capabilities.records import Enterprise
from yingcheng.opportunities.records import Opportunity
from yingcheng.standards.names import company_key
from yingcheng.standards.tracks import suggest_roles

__all__ = ["NAMED", "ROLE", "TRACK", "Tag", "keys_of", "named_offers", "named_tag", "tags_of"]

TRACK, ROLE, NAMED = "赛道", "角色", "点名"
WEIGHTS = {TRACK: 0.25, ROLE: 0.08, NAMED: 1.2}
SHORTEST_NAME = 4  # characters, for a sender's short name to be found inside a firm's full name


@dataclass(frozen=True, slots=True)
class Tag:
    """One additive part of a need beside its words: it counts for every offer that carries the same key."""

    key: str
    kind: str
    weight: float
    word: str
    text: str


def tags_of(opportunity: Opportunity) -> tuple[Tag, ...]:
    """The tracks of an opportunity and the roles its words ask for."""
    tags = [
        Tag(f"{TRACK} {track}", TRACK, WEIGHTS[TRACK] / len(opportunity.tracks), track, f"同属“{track}”赛道")
        for track in opportunity.tracks
    ]
    roles = suggest_roles("\n".join((opportunity.text, *opportunity.modes)))
    return (
        *tags,
        *(
            Tag(f"{ROLE} {role}", ROLE, WEIGHTS[ROLE] / len(roles), role,
                f"机会写明“{words[0]}”，企业承担“{role}”角色")
            for role, words in roles
        ),
    )  # fmt: skip


def named_tag() -> Tag:
    """What being named by the sender adds."""
    return Tag(NAMED, NAMED, WEIGHTS[NAMED], "潜在企业", "报送单位点名该企业为潜在企业")


def keys_of(enterprise: Enterprise) -> frozenset[str]:
    """The tracks and roles a firm declares, as keys of tags."""
    tracks = [*enterprise.tracks, *(track for c in enterprise.capabilities for track in c.tracks)]
    roles = [*enterprise.roles, *(role for c in enterprise.capabilities for role in c.roles)]
    return frozenset([*(f"{TRACK} {track}" for track in tracks), *(f"{ROLE} {role}" for role in roles)])


def named_offers(opportunities: Sequence[Opportunity], enterprises: Sequence[Enterprise]) -> dict[int, list[int]]:
    """Need → the offers its sender named, by position."""
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
