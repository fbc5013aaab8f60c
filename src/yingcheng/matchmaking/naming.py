"""Whom organisers mean: wishes by name as terms in ids, and sentences about ids with names."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from rapidfuzz import process

from yingcheng.capabilities.records import Enterprise
from yingcheng.errors import SettingsError
from yingcheng.i18n import _
from yingcheng.matchmaking.assignment.terms import Quota, Terms
from yingcheng.matchmaking.wishes import NamedPair, QuotaWish, Wishes
from yingcheng.opportunities.records import Opportunity
from yingcheng.standards.names import company_key
from yingcheng.standards.regions import find_region

__all__ = ["make_terms", "with_names"]


def _regions(party: Opportunity | Enterprise) -> tuple[str, ...]:
    """Names of the region and of those around it, as far as they can be told from its path."""
    if party.region is None:
        return (party.region_text,) if party.region_text else ()
    above = find_region(party.region.path.removesuffix(party.region.name)).region
    return tuple(region.name for region in (party.region, above) if region is not None)


def _extra(party: Opportunity | Enterprise, header: str) -> tuple[str, ...]:
    return tuple(text for name, text in party.extra if header in name)


_VALUES: Mapping[str, Callable[[Opportunity | Enterprise], tuple[str, ...]]] = {
    "区域": _regions,
    "赛道": lambda party: party.tracks,
    "单位": lambda party: (party.unit, party.lead) if isinstance(party, Opportunity) else (),
    "集团": lambda party: (party.group,) if isinstance(party, Enterprise) else (),
    "企业类型": lambda party: (party.kind, *_extra(party, "企业类型")) if isinstance(party, Enterprise) else (),
    "规模": lambda party: (party.size,) if isinstance(party, Opportunity) else _extra(party, "规模"),
    "企业": lambda party: (party.name, party.id) if isinstance(party, Enterprise) else (),
    "机会": lambda party: (party.name, party.id, party.number) if isinstance(party, Opportunity) else (),
}
"""Word of ``QUOTA_ATTRIBUTES`` → what a party says there."""


def make_terms(
    wishes: Wishes,
    opportunities: Sequence[Opportunity],
    enterprises: Sequence[Enterprise],
    *,
    per_opportunity: int,
    per_enterprise: int,
    enterprise_minimum: int,
    where: str,
) -> Terms:
    """The terms in ids; limits of the rows themselves (max_meetings) are taken over.

    Raises:
        SettingsError: a name is nobody's, or a quota is about nobody; all faults at once.
    """
    faults: list[str] = []
    one = _names(opportunities)
    other = _names(enterprises)
    every = {**one, **other}

    def found(name: str, known: Mapping[str, str], what: str) -> str:
        key = name if name in known else company_key(name)
        if key in known:
            return known[key]
        near = process.extractOne(name, list(known), score_cutoff=60)
        hint = _("您是否指：{name}").format(name=near[0]) if near else ""
        faults.append(_("没有名为“{name}”的{what}。{hint}").format(name=name, what=what, hint=hint))
        return ""

    def pairs(named: Sequence[NamedPair]) -> list[tuple[str, str]]:
        return [(found(o, one, _("场景机会")), found(e, other, _("企业"))) for o, e in named]

    must, must_not, met = pairs(wishes.must), pairs(wishes.must_not), pairs(wishes.met)
    minimums = {enterprise.id: enterprise_minimum for enterprise in enterprises} if enterprise_minimum else {}
    minimums |= {found(name, every, _("场景机会或企业")): least for name, least in wishes.minimums}
    weights = {found(name, every, _("场景机会或企业")): weight for name, weight in wishes.weights}
    quotas = [_quota(wish, (*opportunities, *enterprises), faults) for wish in wishes.quotas]
    if faults:
        raise SettingsError(_("对接约束有 {count} 处错误").format(count=len(faults)), where=where, faults=tuple(faults))
    everybody: tuple[Opportunity | Enterprise, ...] = (*opportunities, *enterprises)
    limits = {party.id: party.max_meetings for party in everybody if party.max_meetings is not None}
    return Terms(per_opportunity, per_enterprise, limits, minimums, must, must_not, met, quotas, weights)


def _names(parties: Sequence[Opportunity | Enterprise]) -> dict[str, str]:
    """Everything a party may be called by → its id; a name of two is left out."""
    names: dict[str, set[str]] = {}
    for party in parties:
        own = (party.id, party.name, party.number) if isinstance(party, Opportunity) else (party.id, party.name)
        aliases = party.aliases if isinstance(party, Enterprise) else ()
        for name in (*own, *aliases, company_key(party.name)):
            if name:
                names.setdefault(name, set()).add(party.id)
    return {name: next(iter(ids)) for name, ids in names.items() if len(ids) == 1}


def _quota(wish: QuotaWish, parties: Sequence[Opportunity | Enterprise], faults: list[str]) -> Quota:
    of = _VALUES[wish.attribute]
    inside = frozenset(party.id for party in parties if any(value in of(party) for value in wish.values))
    if not inside:
        said = sorted({value for party in parties for value in of(party) if value})
        near = [match[0] for match in process.extract(wish.values[0], said, limit=3, score_cutoff=30)]
        hint = _("您是否指：{name}").format(name="、".join(near)) if near else ""
        text = _("名额“{name}”：没有一方的{attribute}是{values}。{hint}")
        faults.append(text.format(name=wish.name, attribute=wish.attribute, values="、".join(wish.values), hint=hint))
    return Quota(wish.name, inside, wish.least, wish.most, wish.least_share, wish.most_share)


def with_names(text: str, names: Mapping[str, str]) -> str:
    """A sentence about ids with the names of those it speaks of."""
    known = [party for party in names if party in text]
    if not known:
        return text
    pattern = re.compile("|".join(re.escape(party) for party in sorted(known, key=len, reverse=True)))
    return pattern.sub(lambda found: f"“{names[found[0]]}”", text)
