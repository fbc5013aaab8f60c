"""The choice of pairs: optimal against brute force, hard limits, honest certificates."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yingcheng.errors import Infeasible
from yingcheng.matchmaking.assignment import choose_pairs, verify
from yingcheng.matchmaking.records import Candidate

Wish = tuple[str, str]


def edge(opportunity: str, enterprise: str, score: float) -> Candidate:
    return Candidate(opportunity, enterprise, score, 1.0, ())


@st.composite
def instances(draw: st.DrawFn) -> tuple[list[Candidate], int, int, dict[str, int], list[Wish]]:
    scores = draw(
        st.dictionaries(
            st.tuples(st.sampled_from(["o1", "o2", "o3"]), st.sampled_from(["e1", "e2", "e3"])),
            st.integers(0, 8).map(lambda n: n / 8),
            max_size=8,
        )
    )
    limits = draw(st.dictionaries(st.sampled_from(["o1", "o2", "e1", "e2"]), st.integers(0, 3), max_size=2))
    must_not = draw(st.lists(st.tuples(st.sampled_from(["o1", "o2"]), st.sampled_from(["e1", "e3"])), max_size=2))
    candidates = [edge(o, e, s) for (o, e), s in scores.items()]
    return candidates, draw(st.integers(0, 3)), draw(st.integers(1, 3)), limits, must_not


def brute_force(
    candidates: list[Candidate], per_opportunity: int, per_enterprise: int, limits: dict[str, int], must_not: list[Wish]
) -> tuple[int, float]:
    best = (0, 0.0)
    for picks in product((False, True), repeat=len(candidates)):
        chosen = [c for c, pick in zip(candidates, picks, strict=True) if pick]
        if any((c.opportunity_id, c.enterprise_id) in must_not for c in chosen):
            continue
        needs = Counter(c.opportunity_id for c in chosen)
        offers = Counter(c.enterprise_id for c in chosen)
        if any(n > min(per_opportunity, limits.get(o, 9)) for o, n in needs.items()):
            continue
        if any(n > min(per_enterprise, limits.get(e, 9)) for e, n in offers.items()):
            continue
        best = max(best, (len(needs), sum(c.score for c in chosen)))
    return best


@settings(max_examples=150, deadline=None)
@given(instances())
def test_most_opportunities_then_highest_total(
    instance: tuple[list[Candidate], int, int, dict[str, int], list[Wish]],
) -> None:
    candidates, per_opportunity, per_enterprise, limits, must_not = instance
    made = choose_pairs(
        candidates,
        per_opportunity=per_opportunity,
        per_enterprise=per_enterprise,
        limits=limits,
        must_not=must_not,
    )
    served = {pair.opportunity_id for pair in made.pairs}
    expected = brute_force(candidates, per_opportunity, per_enterprise, limits, must_not)
    assert (len(served), made.total) == (expected[0], pytest.approx(expected[1]))
    assert made.gap == pytest.approx(0, abs=1e-6)
    assert len(made.unmet) == len({c.opportunity_id for c in candidates} - served)
    faults = verify(
        made,
        candidates,
        per_opportunity=per_opportunity,
        per_enterprise=per_enterprise,
        limits=limits,
        must_not=must_not,
    )
    assert faults == ()


@settings(max_examples=40, deadline=None)
@given(instances(), st.randoms(use_true_random=False))
def test_the_order_of_candidates_changes_nothing(
    instance: tuple[list[Candidate], int, int, dict[str, int], list[Wish]], random: object
) -> None:
    candidates, per_opportunity, per_enterprise, limits, must_not = instance
    shuffled = list(candidates)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = (
        choose_pairs(
            given_,
            per_opportunity=per_opportunity,
            per_enterprise=per_enterprise,
            limits=limits,
            must_not=must_not,
        )
        for given_ in (candidates, shuffled)
    )
    assert one == other


CANDIDATES = [edge("o1", "e1", 0.9), edge("o1", "e2", 0.8), edge("o2", "e1", 0.5), edge("o3", "e1", 0.4)]


def test_an_opportunity_is_not_left_out_for_a_higher_total() -> None:
    made = choose_pairs(CANDIDATES[:3], per_opportunity=1, per_enterprise=1)
    assert [(p.opportunity_id, p.enterprise_id) for p in made.pairs] == [("o1", "e2"), ("o2", "e1")]
    assert made.unmet == ()


def test_who_goes_without_is_named_with_the_reason() -> None:
    made = choose_pairs(CANDIDATES, per_opportunity=1, per_enterprise=1)
    assert len(made.unmet) == 1
    assert "o3" in made.unmet[0]
    vetoed = choose_pairs(CANDIDATES, per_opportunity=1, per_enterprise=3, must_not=[("o3", "e1")])
    assert vetoed.unmet == ("机会 o3 的候选企业全部在禁止对接名单中，未安排对接",)


def test_pinned_pairs_are_kept_and_count_against_the_limits() -> None:
    made = choose_pairs(CANDIDATES, per_opportunity=1, per_enterprise=1, must=[("o3", "e1"), ("o2", "e9")])
    assert [(p.opportunity_id, p.enterprise_id, p.pinned) for p in made.pairs] == [
        ("o1", "e2", False),
        ("o2", "e9", True),
        ("o3", "e1", True),
    ]
    assert made.pairs[1].score == 0
    limits = {"per_opportunity": 1, "per_enterprise": 1}
    assert verify(made, CANDIDATES, **limits, must=[("o3", "e1"), ("o2", "e9")]) == ()


def test_a_stricter_own_limit_holds() -> None:
    made = choose_pairs(CANDIDATES, per_opportunity=2, per_enterprise=3, limits={"e1": 1, "o1": 5})
    assert Counter(p.enterprise_id for p in made.pairs)["e1"] == 1
    assert Counter(p.opportunity_id for p in made.pairs)["o1"] <= 2


def test_contradicting_wishes_are_named_with_the_smallest_core() -> None:
    with pytest.raises(Infeasible) as caught:
        choose_pairs(CANDIDATES, per_opportunity=2, per_enterprise=1, must=[("o1", "e1"), ("o2", "e1"), ("o3", "e1")])
    assert caught.value.core == ("必须对接：o1 × e1", "必须对接：o2 × e1", "e1 最多 1 场")
    with pytest.raises(Infeasible) as caught:
        choose_pairs(CANDIDATES, per_opportunity=2, per_enterprise=2, must=[("o1", "e1")], must_not=[("o1", "e1")])
    assert caught.value.core == ("必须对接：o1 × e1", "禁止对接：o1 × e1")


def test_nothing_to_choose_from() -> None:
    made = choose_pairs([], per_opportunity=3, per_enterprise=3)
    assert (made.pairs, made.total, made.bound, made.unmet) == ((), 0, 0, ())
    assert verify(made, [], per_opportunity=3, per_enterprise=3) == ()


def test_the_verifier_sees_every_kind_of_fault() -> None:
    made = choose_pairs(CANDIDATES, per_opportunity=2, per_enterprise=2)
    good = {"per_opportunity": 2, "per_enterprise": 2}
    assert verify(made, CANDIDATES, **good) == ()
    fewer = replace(made, pairs=made.pairs[1:], total=sum(p.score for p in made.pairs[1:]))
    assert any("未证明最优" in fault for fault in verify(fewer, CANDIDATES, **good))
    assert verify(replace(made, total=made.total + 1), CANDIDATES, **good)
    assert any("上界" in fault for fault in verify(replace(made, bound=made.bound + 1), CANDIDATES, **good))
    assert any("超过上限" in fault for fault in verify(made, CANDIDATES, per_opportunity=2, per_enterprise=1))
    assert any("禁止" in fault for fault in verify(made, CANDIDATES, **good, must_not=[("o1", "e2")]))
    assert any("必须" in fault for fault in verify(made, CANDIDATES, **good, must=[("o3", "e9")]))
    doubled = replace(made, pairs=(*made.pairs, made.pairs[0]))
    assert any("重复" in fault for fault in verify(doubled, CANDIDATES, **good))
