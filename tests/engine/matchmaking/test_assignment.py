"""The choice of pairs in the user's words: wishes, quotas, reasons, contradictions, changes."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yingcheng.errors import Infeasible
from yingcheng.matchmaking.assignment import (
    Choice,
    Goal,
    Quota,
    Reassigned,
    Terms,
    accounts,
    choose_pairs,
    frontier,
    reassign,
    verify,
    why_not,
)
from yingcheng.matchmaking.records import Candidate

Wish = tuple[str, str]


def edge(opportunity: str, enterprise: str, score: float) -> Candidate:
    return Candidate(opportunity, enterprise, score, 1.0, ())


@st.composite
def instances(draw: st.DrawFn) -> tuple[list[Candidate], Terms]:
    scores = draw(
        st.dictionaries(
            st.tuples(st.sampled_from(["o1", "o2", "o3"]), st.sampled_from(["e1", "e2", "e3"])),
            st.integers(0, 8).map(lambda n: n / 8),
            max_size=8,
        )
    )
    limits = draw(st.dictionaries(st.sampled_from(["o1", "o2", "e1", "e2"]), st.integers(0, 3), max_size=2))
    must_not = draw(st.lists(st.tuples(st.sampled_from(["o1", "o2"]), st.sampled_from(["e1", "e3"])), max_size=2))
    weights = draw(st.dictionaries(st.sampled_from(["o1", "e2"]), st.sampled_from([0.5, 2.0]), max_size=2))
    quotas = [Quota("甲类", frozenset({"e1", "e3"}), most=draw(st.integers(0, 3)))] if draw(st.booleans()) else []
    terms = Terms(draw(st.integers(0, 3)), draw(st.integers(1, 3)), limits, {}, (), must_not, (), quotas, weights)
    return [edge(o, e, s) for (o, e), s in scores.items()], terms


def pairs_of(choice: Choice) -> list[Wish]:
    return [(pair.opportunity_id, pair.enterprise_id) for pair in choice.assignment.pairs]


def faults_of(choice: Choice) -> tuple[str, ...]:
    return verify(choice.assignment, choice.candidates, choice.terms, choice.solution)


@settings(max_examples=150, deadline=None)
@given(instances(), st.sampled_from([None, "needs", "offers"]), st.randoms(use_true_random=False))
def test_choices_verify_and_do_not_depend_on_the_order(
    instance: tuple[list[Candidate], Terms], side: str | None, random: object
) -> None:
    candidates, terms = instance
    shuffled = list(candidates)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    goal = Goal(side)  # type: ignore[arg-type]
    one, other = (choose_pairs(some, terms, goal) for some in (candidates, shuffled))
    assert one.assignment == other.assignment
    assert faults_of(one) == ()


CANDIDATES = [edge("o1", "e1", 0.9), edge("o1", "e2", 0.8), edge("o2", "e1", 0.5), edge("o3", "e1", 0.4)]


def test_an_opportunity_is_not_left_out_for_a_higher_total() -> None:
    made = choose_pairs(CANDIDATES[:3], Terms(1, 1))
    assert pairs_of(made) == [("o1", "e2"), ("o2", "e1")]
    assert made.assignment.unmet == ()


def test_who_goes_without_is_named_with_the_reason() -> None:
    made = choose_pairs(CANDIDATES, Terms(1, 1)).assignment
    assert made.unmet == ("机会 o3 有 1 家候选企业，但名额都已用于其他机会，未能安排对接",)
    vetoed = choose_pairs(CANDIDATES, Terms(1, 3, must_not=[("o3", "e1")])).assignment
    assert vetoed.unmet == ("机会 o3 的候选企业全部在禁止对接名单中，未安排对接",)


def test_pinned_pairs_are_kept_and_count_against_the_limits() -> None:
    made = choose_pairs(CANDIDATES, Terms(1, 1, must=[("o3", "e1"), ("o2", "e9")]))
    assert [(p.opportunity_id, p.enterprise_id, p.pinned) for p in made.assignment.pairs] == [
        ("o1", "e2", False),
        ("o2", "e9", True),
        ("o3", "e1", True),
    ]
    assert made.assignment.pairs[1].score == 0
    assert faults_of(made) == ()


def test_a_stricter_own_limit_holds() -> None:
    made = choose_pairs(CANDIDATES, Terms(2, 3, limits={"e1": 1, "o1": 5})).assignment
    assert Counter(p.enterprise_id for p in made.pairs)["e1"] == 1
    assert Counter(p.opportunity_id for p in made.pairs)["o1"] <= 2


def test_pairs_that_have_met_need_not_meet_again() -> None:
    made = choose_pairs(CANDIDATES, Terms(2, 3, met=[("o1", "e1")]))
    assert ("o1", "e1") not in pairs_of(made)
    assert "此前已对接过" in why_not(made, ("o1", "e1"))


def test_weights_move_the_choice_and_not_the_scores() -> None:
    candidates = [edge("o1", "e1", 0.9), edge("o2", "e1", 0.6)]
    zero = {"o1": 0, "o2": 0}
    assert pairs_of(choose_pairs(candidates, Terms(1, 1, minimums=zero))) == [("o1", "e1")]
    weighed = choose_pairs(candidates, Terms(1, 1, minimums=zero, weights={"o2": 2.0}))
    assert [(p.opportunity_id, p.score) for p in weighed.assignment.pairs] == [("o2", 0.6)]
    assert weighed.assignment.total == pytest.approx(1.2)
    with pytest.raises(ValueError, match="positive"):
        choose_pairs(candidates, Terms(1, 1, weights={"o2": 0.0}))


MARKET = [edge(f"o{o}", f"e{e}", round(1 - 0.1 * e - 0.01 * o, 2)) for o in range(4) for e in range(5)]


def test_a_share_of_the_meetings_goes_to_small_enterprises() -> None:
    terms = Terms(2, 4, minimums={f"o{o}": 2 for o in range(4)})
    plain = Counter(enterprise for _o, enterprise in pairs_of(choose_pairs(MARKET, terms)))
    assert plain == {"e0": 4, "e1": 4}
    small = Quota("小型企业", frozenset({"e3", "e4"}), least_share=0.3)
    made = choose_pairs(MARKET, replace(terms, quotas=[small]))
    count = Counter(enterprise for _o, enterprise in pairs_of(made))
    assert count["e3"] + count["e4"] == 3  # 30 % of 8, rounded up
    assert faults_of(made) == ()
    assert any("小型企业至少占全部场次的 30%" in loss.why for account in accounts(made) for loss in account.losses)


def test_a_scarce_place_goes_to_the_pair_of_higher_score() -> None:
    quota = Quota("甲类", frozenset({"e1"}), most=1)
    made = choose_pairs([edge("o1", "e1", 0.67), edge("o2", "e1", 0.87)], Terms(3, 2, quotas=[quota]))
    assert pairs_of(made) == [("o2", "e1")]
    assert "低于现在的 0.870" in why_not(made, ("o1", "e1")) or "最低场次" in why_not(made, ("o1", "e1"))
    with pytest.raises(ValueError, match="quota"):
        Quota("空", frozenset({"e1"}))


def test_one_group_has_at_most_so_many_meetings() -> None:
    group = Quota("同一集团", frozenset({"e0", "e1"}), most=2)
    made = choose_pairs(MARKET, Terms(2, 4, quotas=[group]))
    count = Counter(enterprise for _o, enterprise in pairs_of(made))
    assert count["e0"] + count["e1"] == 2
    assert sum(count.values()) == 8
    assert faults_of(made) == ()


def test_contradicting_wishes_are_named_with_the_smallest_core() -> None:
    with pytest.raises(Infeasible) as caught:
        choose_pairs(CANDIDATES, Terms(2, 1, must=[("o1", "e1"), ("o2", "e1"), ("o3", "e1")]))
    assert caught.value.core == ("必须对接：o1 × e1", "必须对接：o2 × e1", "e1 最多 1 场")
    with pytest.raises(Infeasible) as caught:
        choose_pairs(CANDIDATES, Terms(2, 2, must=[("o1", "e1")], must_not=[("o1", "e1")]))
    assert caught.value.core == ("必须对接：o1 × e1", "禁止对接：o1 × e1")
    with pytest.raises(Infeasible) as caught:
        choose_pairs(CANDIDATES, Terms(1, 1, minimums={"o2": 2}))
    assert caught.value.core == ("o2 至少 2 场", "o2 最多 1 场")


def test_contradicting_quotas_are_named_with_the_smallest_core() -> None:
    quotas = [
        Quota("甲区", frozenset({"e0", "e1"}), least=3),
        Quota("乙区", frozenset({"e2"}), most=4),
        Quota("国有企业", frozenset({"e0", "e1", "e2"}), most=2),
    ]
    with pytest.raises(Infeasible) as caught:
        choose_pairs(MARKET, Terms(3, 3, quotas=quotas))
    assert caught.value.core == ("甲区合计至少 3 场", "国有企业合计最多 2 场")
    with pytest.raises(Infeasible) as caught:
        choose_pairs(MARKET, Terms(3, 3, must=[("o0", "e0"), ("o1", "e1"), ("o2", "e2")], quotas=quotas[2:]))
    assert set(caught.value.core) == {
        "必须对接：o0 × e0", "必须对接：o1 × e1", "必须对接：o2 × e2", "国有企业合计最多 2 场",
    }  # fmt: skip


def test_unmet_minimums_are_named_or_refused_with_a_smallest_core() -> None:
    minimums = {"o1": 1, "o2": 1, "o3": 1, "e2": 2, "e9": 1}
    made = choose_pairs(CANDIDATES, Terms(1, 2, minimums=minimums))
    assert made.assignment.unmet == ("e2 至少应有 2 场对接，只能安排 1 场", "e9 至少应有 1 场对接，但没有任何候选")
    assert faults_of(made) == ()
    with pytest.raises(Infeasible) as caught:
        choose_pairs(CANDIDATES, Terms(1, 1), strict=True)
    assert caught.value.core == ("o2 至少 1 场", "o3 至少 1 场", "e1 最多 1 场")


def test_nothing_to_choose_from() -> None:
    made = choose_pairs([], Terms(3, 3), Goal("needs"))
    assert (made.assignment.pairs, made.assignment.total, made.assignment.bound) == ((), 0, 0)
    assert faults_of(made) == ()
    assert accounts(made) == ()


def test_the_floor_comes_before_the_total() -> None:
    candidates = [edge("o1", "e1", 0.9), edge("o1", "e2", 0.6), edge("o2", "e1", 0.5), edge("o2", "e2", 0.3)]
    rich, fair = (choose_pairs(candidates, Terms(1, 1), goal).assignment for goal in (Goal(), Goal("needs")))
    assert (rich.total, min(p.score for p in rich.pairs)) == (pytest.approx(1.2), 0.3)
    assert fair.total == pytest.approx(1.1)
    assert [(level.party, level.floor, level.bound) for level in fair.levels] == [("o2", 0.5, pytest.approx(0.5))]


def test_the_verifier_sees_every_kind_of_fault() -> None:
    made = choose_pairs(CANDIDATES, Terms(2, 2))
    right, solution = made.assignment, made.solution

    def faults(assignment: object = right, terms: Terms = made.terms, candidates: object = CANDIDATES) -> str:
        return "；".join(verify(assignment, candidates, terms, solution))  # type: ignore[arg-type]

    assert faults() == ""
    fewer = replace(right, pairs=right.pairs[1:], total=sum(p.score for p in right.pairs[1:]))
    assert "选法不符" in faults(fewer)
    assert "总分或上界" in faults(replace(right, total=right.total + 1))
    assert "总分或上界" in faults(replace(right, bound=right.bound + 1))
    assert "at most 1" in faults(terms=Terms(2, 1))
    assert "禁止对接" in faults(terms=replace(made.terms, must_not=[("o1", "e2")]))
    assert "必须对接" in faults(terms=replace(made.terms, must=[("o3", "e9")]))
    assert "重复" in faults(replace(right, pairs=(*right.pairs, right.pairs[0])))
    assert "得分" in faults(candidates=[edge("o1", "e1", 0.91), *CANDIDATES[1:]])
    assert "不是候选" in faults(candidates=[CANDIDATES[0], *CANDIDATES[2:]])


def test_a_pair_that_was_not_chosen_is_told_why() -> None:
    few = [edge("o1", "e1", 0.9), edge("o2", "e1", 0.7), edge("o3", "e1", 0.1)]
    made = choose_pairs(few, Terms(1, 1, minimums={"o1": 0, "o2": 0, "o3": 0}, must_not=[("o1", "e9")]))
    assert why_not(made, ("o1", "e1")) == ""
    assert "低于现在的 0.900（该企业的 1 场名额已排满）" in why_not(made, ("o3", "e1"))
    assert "禁止" in why_not(made, ("o1", "e9"))
    assert "不是候选" in why_not(made, ("o2", "e9"))
    needed = choose_pairs(CANDIDATES[:3], Terms(1, 1))
    assert "最低场次" in why_not(needed, ("o1", "e1"))


@settings(max_examples=200, deadline=None)
@given(instances(), st.sampled_from([None, "needs"]))
def test_the_figure_for_a_pair_not_chosen_is_a_true_bound(
    instance: tuple[list[Candidate], Terms], side: str | None
) -> None:
    candidates, terms = instance
    made = choose_pairs(candidates, terms, Goal(side))  # type: ignore[arg-type]
    for wish in {(c.opportunity_id, c.enterprise_id) for c in candidates} - set(pairs_of(made)) - set(terms.must_not):
        text = why_not(made, wish)
        try:
            other = choose_pairs(candidates, replace(terms, must=[wish]))
        except Infeasible:
            continue
        if other.assignment.unmet != made.assignment.unmet or side is not None:
            continue
        assert "最低场次" not in text
        if "总分最多" in text:
            assert other.assignment.total <= float(text.split("总分最多 ")[1].split("，")[0]) + 1e-3


@settings(max_examples=100, deadline=None)
@given(instances())
def test_accounts_add_up(instance: tuple[list[Candidate], Terms]) -> None:
    candidates, terms = instance
    made = choose_pairs(candidates, terms, Goal("needs"))
    for account in accounts(made):
        lost = sum(loss.amount for loss in account.losses)
        extra = account.got + lost - account.alone
        assert extra >= -1e-9  # more than alone only where a minimum or a must pair made it meet
        assert all(loss.why for loss in account.losses)
        assert account.alone >= account.got - 1e-9 or terms.must


def test_the_frontier_goes_from_the_highest_total_to_the_highest_floor() -> None:
    random = np.random.default_rng(1)
    candidates = [
        edge(f"o{o:02}", f"e{e}", round(float(random.random()) * (1 - e / 7), 3)) for o in range(14) for e in range(6)
    ]
    made = choose_pairs(candidates, Terms(2, 5), Goal("needs", 0.05))
    points = frontier(made)
    assert 3 <= len(points) <= 10
    assert [point.floor for point in points] == sorted(point.floor for point in points)
    assert [point.total for point in points] == sorted((point.total for point in points), reverse=True)
    assert sum(point.taken for point in points) == 1
    assert points[0].better == points[0].worse == ()
    assert points[-1].better
    assert points[-1].worse
    assert all(point.bound >= point.total - 1e-9 for point in points)
    with pytest.raises(ValueError, match="side"):
        frontier(choose_pairs(candidates, Terms(2, 5)))


def test_after_a_cancellation_as_few_pairs_as_possible_change() -> None:
    made = choose_pairs(MARKET, Terms(2, 2))
    earlier = pairs_of(made)
    gone = [c for c in MARKET if c.enterprise_id != "e0"]
    again = reassign(gone, Terms(2, 2), earlier, confirmed=[earlier[-1]])
    assert set(again.dropped) == {pair for pair in earlier if pair[1] == "e0"}
    assert again.fewest == len(again.dropped) == 2
    assert earlier[-1] in again.kept
    assert {o for o, _e in again.added} <= {o for o, _e in again.dropped}
    few = reassign(gone, Terms(2, 2), earlier, refill=False)
    assert few.added == ()
    lost = reassign(gone, Terms(2, 2), earlier, confirmed=[next(pair for pair in earlier if pair[1] == "e0")])
    assert len(lost.dropped) == 2  # nobody can be held to a meeting with a party that is gone
    with pytest.raises(ValueError, match="confirmed"):
        reassign(MARKET, Terms(2, 2), earlier, confirmed=[("o0", "e4")])
    quiet = reassign(MARKET, Terms(2, 2), earlier)
    assert (quiet.dropped, quiet.added) == ((), ())


@settings(max_examples=150, deadline=None)
@given(instances(), st.data())
def test_reassigning_drops_the_fewest_of_all_choices(
    instance: tuple[list[Candidate], Terms], data: st.DataObject
) -> None:
    candidates, terms = instance
    terms = replace(terms, quotas=(), weights={})
    every = [(c.opportunity_id, c.enterprise_id) for c in candidates]
    earlier = data.draw(st.lists(st.sampled_from(every), unique=True, max_size=5)) if every else []
    made = reassign(candidates, terms, earlier)
    assert len(made.dropped) == made.fewest
    kept = {frozenset(p for p in earlier if p in set(some)) for some in _choices(made)}
    assert max(len(some) for some in kept) == len(made.kept)


def _choices(made: Reassigned) -> list[list[Wish]]:
    """All choices that leave the same minimums unmet."""
    table, solution = made.choice.table, made.choice.solution
    problem, found = table.problem, []
    for bits in range(1 << len(problem.scores)):
        chosen = (bits >> np.arange(len(problem.scores)) & 1).astype(bool)
        row, column = problem.loads(chosen)
        if np.any(row > problem.row_max) or np.any(column > problem.column_max):
            continue
        missing = problem.missing(chosen)
        if np.array_equal(missing[0], solution.row_missing) and np.array_equal(missing[1], solution.column_missing):
            found.append(table.wishes(chosen))
    return found
