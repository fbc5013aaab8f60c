"""Soundness and completeness of the three values: against every completion, and against the solver z3."""

import operator
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from itertools import product

import pytest
import z3
from hypothesis import given, settings
from hypothesis import strategies as st

from yingcheng.measures import deciding
from yingcheng.measures.conditions import (
    All,
    Any,
    AtLeast,
    Between,
    Compare,
    Condition,
    Domain,
    Human,
    In,
    Includes,
    Leaf,
    Linear,
    Not,
    Within,
    facts_of,
    leaves,
)
from yingcheng.measures.deciding import Decider
from yingcheng.measures.records import Fact, FactValue, Verdict

SIGNS = ["==", "!=", ">=", ">", "<=", "<"]
FEW = [Decimal(number) for number in range(4)]
# Every possible value of the facts of the property test; thresholds lie inside, so that each cell has a value here.
WORLD: dict[str, list[FactValue]] = {
    "人数": [Decimal(number) for number in range(6)],
    "研发": list(FEW),
    "营收": list(FEW),
    "年份": [date(2020, 1, 1) + timedelta(days=step) for step in range(5)],
    "异常": [False, True],
    "类型": [(), ("国有",), ("民营",), ("国有", "民营")],
    "规模": ["小型", "大型", "其他"],
    "人工": [False, True],
}
DOMAINS = {
    "人数": Domain(Decimal(0), whole=True),
    "研发": Domain(Decimal(0), whole=True, maximum=Decimal(3)),
    "营收": Domain(Decimal(0), whole=True, maximum=Decimal(3)),
    "规模": Domain(single=True),
}


def known(facts: Mapping[str, FactValue]) -> dict[str, Fact]:
    return {name: Fact(value, "测试") for name, value in facts.items()}


def leaf_holds(leaf: Leaf, facts: Mapping[str, FactValue]) -> bool:
    if isinstance(leaf, Linear):
        numbers = {name: facts[name] for name in leaf.facts}
        answer = leaf.given({name: value for name, value in numbers.items() if isinstance(value, Decimal)})
        assert isinstance(answer, bool)
        return answer
    return bool(leaf.test(facts[leaf.fact]))


def holds_for(condition: Condition, facts: Mapping[str, FactValue]) -> bool:
    """Plain two-valued evaluation: the reference."""
    if isinstance(condition, All):
        return all(holds_for(part, facts) for part in condition.parts)
    if isinstance(condition, Any):
        return any(holds_for(part, facts) for part in condition.parts)
    if isinstance(condition, AtLeast):
        return sum(holds_for(part, facts) for part in condition.parts) >= condition.count
    if isinstance(condition, Not):
        return not holds_for(condition.part, facts)
    return leaf_holds(condition, facts)


def trees(of: st.SearchStrategy[Condition], most: int) -> st.SearchStrategy[Condition]:
    return st.recursive(
        of,
        lambda parts: st.one_of(
            st.builds(lambda some: All(tuple(some)), st.lists(parts, max_size=4)),
            st.builds(lambda some: Any(tuple(some)), st.lists(parts, max_size=4)),
            st.builds(lambda count, some: AtLeast(count, tuple(some)), st.integers(0, 4), st.lists(parts, max_size=4)),
            st.builds(Not, parts),
        ),
        max_leaves=most,
    )


SUMS = st.builds(
    lambda a, b, sign, value, positive: Linear(
        (("研发", Decimal(a)), ("营收", Decimal(b))), sign, Decimal(value), positive
    ),
    st.sampled_from([-2, -1, 1, 3]),
    st.sampled_from([-2, -1, 1, 2]),
    st.sampled_from(SIGNS),
    st.integers(-4, 7),
    st.sampled_from([(), ("营收",)]),
)
LEAVES: st.SearchStrategy[Condition] = st.one_of(
    st.builds(Compare, st.just("人数"), st.sampled_from(SIGNS), st.sampled_from(list(map(Decimal, range(1, 5))))),
    st.builds(
        lambda low, size: Between("人数", Decimal(low), Decimal(low + size)), st.integers(0, 3), st.integers(0, 1)
    ),
    st.builds(
        lambda sign, step: Compare("年份", sign, date(2020, 1, 1) + timedelta(days=step)),
        st.sampled_from([">=", "<", "=="]),
        st.integers(1, 3),
    ),
    st.builds(Compare, st.just("异常"), st.just("=="), st.booleans()),
    st.builds(lambda word: Includes("类型", (word,)), st.sampled_from(["国有", "民营"])),
    st.builds(lambda: In("类型", ("国有", "民营"))),
    st.builds(lambda words: In("规模", tuple(words)), st.sampled_from([("小型",), ("大型",), ("小型", "大型")])),
    st.builds(lambda: Human("人工")),
    SUMS,
    st.builds(Compare, st.sampled_from(["研发", "营收"]), st.sampled_from(SIGNS), st.sampled_from(FEW)),
)
TREES = trees(LEAVES, 9)


def completions(names: list[str], facts: dict[str, FactValue]) -> Iterator[dict[str, FactValue]]:
    for values in product(*(WORLD[name] for name in names)):
        yield {**facts, **dict(zip(names, values, strict=True))}


@given(TREES, st.data())
@settings(max_examples=400, deadline=None)
def test_sound_and_complete_against_all_completions(tree: Condition, data: st.DataObject) -> None:
    names = sorted({fact for leaf in leaves(tree) for fact in facts_of(leaf)})
    given_names = data.draw(st.lists(st.sampled_from(names), unique=True)) if names else []
    facts = {name: data.draw(st.sampled_from(WORLD[name])) for name in given_names}
    absent = [name for name in names if name not in facts]
    decision = Decider(tree, DOMAINS).decide(known(facts))

    truths = {tuple(world[name] for name in absent): holds_for(tree, world) for world in completions(absent, facts)}
    answers = set(truths.values())
    expected = Verdict.UNKNOWN if len(answers) == 2 else Verdict.YES if answers == {True} else Verdict.NO
    assert decision.verdict is expected
    assert decision.complete

    def matters(at: int) -> bool:
        return any(
            truths[(*values[:at], other, *values[at + 1 :])] != truth
            for values, truth in truths.items()
            for other in WORLD[absent[at]]
        )

    assert set(decision.missing) == {name for at, name in enumerate(absent) if matters(at)}
    if expected is not Verdict.UNKNOWN:
        assert decision.missing == ()


# Real numbers without upper limits, joined by inequalities: there are infinitely many completions, so z3 decides.
REALS = {name: Domain(Decimal(0)) for name in "abc"}
NUMBERS: st.SearchStrategy[Condition] = st.one_of(
    st.builds(Compare, st.sampled_from("abc"), st.sampled_from(SIGNS), st.sampled_from(FEW)),
    st.builds(
        lambda name, low: Between(name, Decimal(low), Decimal(low + 1)), st.sampled_from("abc"), st.integers(0, 2)
    ),
    st.builds(
        lambda names, a, b, sign, value, guard: Linear(
            ((names[0], Decimal(a)), (names[1], Decimal(b))), sign, Decimal(value), (names[1],) if guard else ()
        ),
        st.sampled_from(["ab", "bc", "ca"]),
        st.sampled_from([-2, -1, 1, 3]),
        st.sampled_from([-2, -1, 1, 2]),
        st.sampled_from(SIGNS),
        st.integers(-4, 7),
        st.booleans(),
    ),
)


def in_z3(condition: Condition, value: Mapping[str, z3.ArithRef]) -> z3.BoolRef:
    if isinstance(condition, Not):
        return z3.Not(in_z3(condition.part, value))
    if isinstance(condition, All | Any | AtLeast):
        parts = [in_z3(part, value) for part in condition.parts]
        if isinstance(condition, AtLeast):
            return z3.Sum([z3.IntVal(0), *(z3.If(part, 1, 0) for part in parts)]) >= condition.count
        return z3.And(parts) if isinstance(condition, All) else z3.Or(parts)
    if isinstance(condition, Between):
        number = value[condition.fact]
        return z3.And(number >= str(condition.low), number <= str(condition.high))
    assert isinstance(condition, Compare | Linear)
    terms = condition.terms if isinstance(condition, Linear) else ((condition.fact, Decimal(1)),)
    total = z3.Sum([z3.RealVal(str(factor)) * value[name] for name, factor in terms])
    compared = getattr(
        operator, {"==": "eq", "!=": "ne", ">=": "ge", ">": "gt", "<=": "le", "<": "lt"}[condition.operator]
    )(total, z3.RealVal(str(condition.value)))
    positive = condition.positive if isinstance(condition, Linear) else ()
    return z3.And(compared, *(value[name] > 0 for name in positive))


def satisfiable(*clauses: z3.BoolRef) -> bool:
    solver = z3.Solver()
    solver.add(*clauses)
    answer = solver.check()
    assert answer != z3.unknown
    return bool(answer == z3.sat)


@given(trees(NUMBERS, 6), st.dictionaries(st.sampled_from("abc"), st.sampled_from(FEW), max_size=2))
@settings(max_examples=150, deadline=None)
def test_sound_and_complete_on_joined_real_numbers_against_z3(tree: Condition, facts: dict[str, Decimal]) -> None:
    decision = Decider(tree, REALS).decide(known(facts))
    value = {name: z3.Real(name) for name in "abc"}
    fixed = [number >= 0 for number in value.values()] + [value[name] == str(known_) for name, known_ in facts.items()]
    whole = in_z3(tree, value)
    can_be, can_fail = satisfiable(whole, *fixed), satisfiable(z3.Not(whole), *fixed)
    expected = Verdict.UNKNOWN if can_be and can_fail else Verdict.YES if can_be else Verdict.NO
    if decision.complete:
        assert decision.verdict is expected
    else:
        assert decision.verdict in (expected, Verdict.UNKNOWN)
        return
    if expected is not Verdict.UNKNOWN:
        return
    turning = set()
    for name in sorted(set("abc") - set(facts)):
        other = in_z3(tree, {**value, name: z3.Real("other")})
        if satisfiable(z3.Xor(whole, other), z3.Real("other") >= 0, *fixed):
            turning.add(name)
    assert set(decision.missing) == turning


@given(TREES, st.data())
@settings(max_examples=100, deadline=None)
def test_parts_have_their_own_verdicts_and_ask_only_for_what_the_whole_needs(
    tree: Condition, data: st.DataObject
) -> None:
    other = data.draw(TREES)
    decider = Decider(All((tree, other)), DOMAINS, (tree, other))
    whole, parts = decider.decide_states(decider.states({}))
    for part, condition in zip(parts, (tree, other), strict=True):
        assert part.verdict is Decider(condition, DOMAINS).decide({}).verdict
        assert set(part.missing) <= set(whole.missing)


def test_beyond_the_bound_the_answer_is_cautious_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    tangled = Any(
        tuple(
            All((Compare(f"事实{i}", ">=", Decimal(5)), Compare(f"事实{(i * 7 + 3) % 20}", "<", Decimal(3))))
            for i in range(20)
        )
    )
    either = Any((tangled, Not(tangled)))
    monkeypatch.setattr(deciding, "STEPS", 10)
    decision = Decider(either).decide({})
    assert (decision.verdict, decision.complete) == (Verdict.UNKNOWN, False)
    assert Decider(All((either, Compare("异常", "==", True)))).decide(known({"异常": False})).verdict is Verdict.NO


def test_many_words_that_have_nothing_to_do_with_each_other_stay_exact() -> None:
    words = [f"称号{number}" for number in range(30)]
    asked = Any(tuple(All((Includes("荣誉", (word,)), Not(Includes("荣誉", (word,))))) for word in words))
    decision = Decider(asked).decide({})
    assert (decision.verdict, decision.complete) == (Verdict.NO, True)


def test_a_place_known_only_coarsely_still_rules_out_two_cities_at_once() -> None:
    cities = tuple(Within("注册地", name, f"山西省{name}") for name in ("太原市", "大同市"))
    assert Decider(All(cities)).decide(known({"注册地": "山西省"})).verdict is Verdict.NO
    assert Decider(Any(cities)).decide(known({"注册地": "山西省"})).missing == ("注册地（需人工认定）",)
