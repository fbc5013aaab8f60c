"""What an organiser may ask for, in ids and words, and the same as arrays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from yingcheng.errors import Infeasible
from yingcheng.i18n import _
from yingcheng.matchmaking.assignment.problem import Bools, Floats, Problem, Rule
from yingcheng.matchmaking.records import Candidate

__all__ = ["Quota", "Table", "Terms", "Wish", "contradicting", "tabulate", "wish_text"]

Wish = tuple[str, str]  # opportunity id, enterprise id


@dataclass(frozen=True, slots=True)
class Quota:
    """A limit on the meetings of some parties together: a district, a track, a size class, one group of companies.

    Attributes:
        name: what people call it.
        parties: ids of opportunities or of enterprises; a meeting counts once if one of its parties is among them.
        least: meetings at least.
        most: meetings at most.
        least_share: share of all meetings at least, 0 … 1.
        most_share: share of all meetings at most.
    """

    name: str
    parties: frozenset[str]
    least: int | None = None
    most: int | None = None
    least_share: float | None = None
    most_share: float | None = None

    def __post_init__(self) -> None:
        """Refuse what means nothing.

        Raises:
            ValueError: no limit at all, a negative number, a share outside 0 … 1, or a least above its most.
        """
        numbers = [value for value in (self.least, self.most, self.least_share, self.most_share) if value is not None]
        if not numbers or min(numbers) < 0 or max(self.least_share or 0, self.most_share or 0) > 1:
            raise ValueError(f"quota {self.name!r}: no limit, or one that cannot be")
        for least, most in ((self.least, self.most), (self.least_share, self.most_share)):
            if least is not None and most is not None and least > most:
                raise ValueError(f"quota {self.name!r}: least is above most")


@dataclass(frozen=True, slots=True)
class Terms:
    """Limits and wishes. All but the two general maximums may be left out.

    Attributes:
        per_opportunity: most meetings of one opportunity.
        per_enterprise: most meetings of one enterprise.
        limits: id → its own maximum; the stricter of the two holds.
        minimums: id → its least number of meetings. An opportunity with candidates has 1 unless said otherwise, an
            enterprise 0. As few meetings as possible are missing.
        must: pairs that meet in any case, also where they are no candidates (their score is then 0).
        must_not: pairs that never meet.
        met: pairs that have met before and need not meet again.
        quotas: limits on many parties together.
        weights: id → how much its meetings count in the total, 1 unless said otherwise; floors are of scores alone.
    """

    per_opportunity: int
    per_enterprise: int
    limits: Mapping[str, int] = field(default_factory=dict)
    minimums: Mapping[str, int] = field(default_factory=dict)
    must: Sequence[Wish] = ()
    must_not: Sequence[Wish] = ()
    met: Sequence[Wish] = ()
    quotas: Sequence[Quota] = ()
    weights: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what means nothing.

        Raises:
            ValueError: a negative maximum or minimum.
        """
        if min(self.per_opportunity, self.per_enterprise, *self.limits.values(), *self.minimums.values(), 0) < 0:
            raise ValueError("maximums and minimums cannot be negative")


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """The problem as arrays, with the ids that its numbers stand for.

    Attributes:
        opportunities: sorted ids, one per row.
        enterprises: sorted ids, one per column.
        problem: the arrays.
        gains: (E,) scores times weights.
        rules: what each rule of the problem says.
    """

    opportunities: tuple[str, ...]
    enterprises: tuple[str, ...]
    problem: Problem
    gains: Floats
    rules: tuple[str, ...]

    def wishes(self, edges: Bools) -> list[Wish]:
        """The ids of some edges, sorted."""
        heads, tails = self.problem.heads[edges].tolist(), self.problem.tails[edges].tolist()
        return [(self.opportunities[head], self.enterprises[tail]) for head, tail in zip(heads, tails, strict=True)]

    def edge(self, wish: Wish) -> int | None:
        """The edge of a pair; None where it is none."""
        row, column = _place(self.opportunities, wish[0]), _place(self.enterprises, wish[1])
        if row is None or column is None:
            return None
        start, end = np.searchsorted(self.problem.heads, [row, row + 1])
        at = start + int(np.searchsorted(self.problem.tails[start:end], column))
        return int(at) if at < end and self.problem.tails[at] == column else None

    def party(self, side: str, place: int) -> str:
        """The id of a row (``needs``) or a column (``offers``)."""
        return (self.opportunities if side == "needs" else self.enterprises)[place]


def _place(ids: tuple[str, ...], party: str) -> int | None:
    at = int(np.searchsorted(np.array(ids), party)) if ids else 0
    return at if at < len(ids) and ids[at] == party else None


def tabulate(candidates: Sequence[Candidate], terms: Terms) -> Table:
    """The problem as arrays.

    Raises:
        Infeasible: a must pair is vetoed, a party has more must pairs than its maximum, or a minimum above it.
        ValueError: a pair is given twice, or a weight is not positive.
    """
    pinned, closed = set(terms.must), {*terms.must_not, *terms.met}
    scores = {(c.opportunity_id, c.enterprise_id): c.score for c in candidates}
    if len(scores) != len(candidates):
        raise ValueError("a candidate is given twice")
    if any(weight <= 0 for weight in terms.weights.values()):
        raise ValueError("weights must be positive")
    opportunities = tuple(sorted({o for o, _e in (*scores, *pinned)}))
    enterprises = tuple(sorted({e for _o, e in (*scores, *pinned)}))
    row_max = {o: _own(terms.limits, o, terms.per_opportunity) for o in opportunities}
    column_max = {e: _own(terms.limits, e, terms.per_enterprise) for e in enterprises}
    _check_wishes(terms, row_max, column_max)
    known = {o for o, _e in scores}
    edges = sorted({*(wish for wish in scores if wish not in closed), *pinned})
    row = {party: place for place, party in enumerate(opportunities)}
    column = {party: place for place, party in enumerate(enterprises)}
    rules, texts = _rules(terms.quotas, edges)
    problem = Problem.of(
        [row[o] for o, _e in edges],
        [column[e] for _o, e in edges],
        [scores.get(edge, 0.0) for edge in edges],
        row_min=[max(0, terms.minimums.get(o, min(1, row_max[o]) if o in known else 0)) for o in opportunities],
        row_max=list(row_max.values()),
        column_min=[max(0, terms.minimums.get(e, 0)) for e in enterprises],
        column_max=list(column_max.values()),
        forced=[edge in pinned for edge in edges],
        rules=rules,
    )
    factor = np.array([terms.weights.get(o, 1.0) * terms.weights.get(e, 1.0) for o, e in edges], dtype=np.float64)
    return Table(opportunities, enterprises, problem, problem.scores * factor, texts)


def _own(limits: Mapping[str, int], party: str, general: int) -> int:
    return max(0, min(general, limits.get(party, general)))


def _rules(quotas: Iterable[Quota], edges: Sequence[Wish]) -> tuple[tuple[Rule, ...], tuple[str, ...]]:
    rules, texts = [], []
    for quota in quotas:
        inside = np.array([o in quota.parties or e in quota.parties for o, e in edges], dtype=np.float64)
        if quota.least is not None:
            rules.append(Rule(inside, quota.least, np.inf))
            texts.append(_("{name}合计至少 {least} 场").format(name=quota.name, least=quota.least))
        if quota.most is not None:
            rules.append(Rule(inside, -np.inf, quota.most))
            texts.append(_("{name}合计最多 {most} 场").format(name=quota.name, most=quota.most))
        if quota.least_share is not None:
            rules.append(Rule(inside - quota.least_share, 0.0, np.inf))
            texts.append(_("{name}至少占全部场次的 {share:.0%}").format(name=quota.name, share=quota.least_share))
        if quota.most_share is not None:
            rules.append(Rule(inside - quota.most_share, -np.inf, 0.0))
            texts.append(_("{name}最多占全部场次的 {share:.0%}").format(name=quota.name, share=quota.most_share))
    return tuple(rules), tuple(texts)


def _check_wishes(terms: Terms, row_max: Mapping[str, int], column_max: Mapping[str, int]) -> None:
    must, forbidden = sorted(set(terms.must)), set(terms.must_not)
    cores: list[tuple[str, ...]] = [
        (wish_text(wish), _("禁止对接：{0} × {1}").format(*wish)) for wish in must if wish in forbidden
    ]
    for side, most in ((0, row_max), (1, column_max)):
        held: dict[str, list[Wish]] = {}
        for wish in must:
            held.setdefault(wish[side], []).append(wish)
        for party, wishes in held.items():
            if len(wishes) > most[party]:
                texts = [wish_text(wish) for wish in wishes[: most[party] + 1]]
                cores.append((*texts, most_text(party, most[party])))
        cores += [
            (least_text(party, terms.minimums[party]), most_text(party, most[party]))
            for party in sorted(terms.minimums.keys() & most.keys())
            if terms.minimums[party] > most[party]
        ]
    if cores:
        raise contradicting(min(cores, key=lambda sentences: (len(sentences), sentences)))


def contradicting(core: tuple[str, ...]) -> Infeasible:
    """The error that names a smallest set of wishes and limits that cannot all hold."""
    return Infeasible(
        _("指定的对接互相矛盾：{core}").format(core="；".join(core)),
        remedy=_("请放宽其中一条后重试。"),
        core=core,
    )


def wish_text(wish: Wish) -> str:
    """A must pair in words."""
    return _("必须对接：{0} × {1}").format(*wish)


def most_text(party: str, most: int) -> str:
    """A maximum in words."""
    return _("{party} 最多 {most} 场").format(party=party, most=most)


def least_text(party: str, least: int) -> str:
    """A minimum in words."""
    return _("{party} 至少 {least} 场").format(party=party, least=least)
