"""All enterprises at once give the same answers as one by one, and CEL agrees where every fact is known."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import celpy
from hypothesis import given, settings
from hypothesis import strategies as st

from yingcheng.measures.columns import FactColumns
from yingcheng.measures.conditions import (
    Age,
    All,
    AtLeast,
    Between,
    Compare,
    Condition,
    Has,
    Human,
    In,
    Linear,
    Not,
    Within,
    facts_of,
    leaves,
)
from yingcheng.measures.conditions import Any as AnyOf
from yingcheng.measures.deciding import Decider
from yingcheng.measures.facts import domain_of
from yingcheng.measures.records import Fact, FactValue, Verdict
from yingcheng.measures.sweep import VERDICTS, sweep

TODAY = date(2026, 6, 30)
SIGNS = st.sampled_from(["==", "!=", ">=", ">", "<=", "<"])
SMALL = st.sampled_from([Decimal(number) for number in range(5)] + [Decimal("2.5")])
JOINED = ("研发投入", "营业收入", "员工人数", "研发人员数", "研发人员占比", "净利润")
VALUES: Mapping[str, st.SearchStrategy[FactValue]] = {
    **{name: SMALL.map(lambda n: n) for name in ("研发投入", "营业收入", "研发人员占比")},
    **{name: st.integers(0, 4).map(Decimal) for name in ("员工人数", "研发人员数")},
    "净利润": st.integers(-3, 3).map(Decimal),
    "资质": st.lists(st.sampled_from(["高新技术企业", "专精特新中小企业", "瞪羚企业"]), max_size=2, unique=True).map(
        tuple
    ),
    "注册地": st.sampled_from(["山西省太原市", "山西省大同市", "山西省", "某路1号"]),
    "注册日期": st.dates(date(2019, 1, 1), date(2026, 1, 1)),
    "经营异常": st.booleans(),
    "企业规模": st.sampled_from(["大型", "小型", "微型"]),
    "人工认定：信用良好": st.booleans(),
}
SUMS = st.builds(
    lambda pair, a, b, sign, value, guard: Linear(
        ((pair[0], Decimal(a)), (pair[1], Decimal(b))), sign, Decimal(value), (pair[1],) if guard else ()
    ),
    st.sampled_from([(a, b) for a in JOINED for b in JOINED if a != b]),
    st.sampled_from([-3, -1, 1, 2]),
    st.sampled_from([-2, -1, 1, 3]),
    SIGNS,
    st.integers(-4, 6),
    st.booleans(),
)
NUMBERS = st.builds(Compare, st.sampled_from(JOINED), SIGNS, SMALL)
OTHERS: st.SearchStrategy[Condition] = st.one_of(
    st.builds(lambda name, low: Between(name, low, low + 1), st.sampled_from(JOINED), SMALL),
    st.builds(
        lambda name: Has("资质", name),
        st.sampled_from(["高新技术企业", "国家级专精特新“小巨人”企业", "专精特新中小企业"]),
    ),
    st.builds(lambda name: Within("注册地", name, f"山西省{name}"), st.sampled_from(["太原市", "大同市"])),
    st.builds(lambda sign, years: Age("注册日期", sign, years, TODAY), st.sampled_from([">=", "<"]), st.integers(1, 4)),
    st.builds(lambda truth: Compare("经营异常", "==", truth), st.booleans()),
    st.builds(lambda word: In("企业规模", (word,)), st.sampled_from(["大型", "小型"])),
    st.just(Human("人工认定：信用良好")),
)


def trees(of: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    return st.recursive(
        of,
        lambda parts: st.one_of(
            st.builds(lambda some: All(tuple(some)), st.lists(parts, min_size=1, max_size=4)),
            st.builds(lambda some: AnyOf(tuple(some)), st.lists(parts, min_size=1, max_size=4)),
            st.builds(
                lambda n, some: AtLeast(n, tuple(some)), st.integers(1, 3), st.lists(parts, min_size=2, max_size=4)
            ),
            st.builds(Not, parts),
        ),
        max_leaves=7,
    )


ENTERPRISES = st.lists(st.fixed_dictionaries({}, optional=dict(VALUES)), min_size=1, max_size=8)
WHOLE_ENTERPRISES = st.lists(st.fixed_dictionaries(dict(VALUES)), min_size=1, max_size=10)


def decider_of(tree: Condition) -> Decider:
    return Decider(tree, {fact: domain_of(fact) for leaf in leaves(tree) for fact in facts_of(leaf)})


def known(values: Mapping[str, FactValue]) -> dict[str, Fact]:
    return {name: Fact(value, "测试") for name, value in values.items()}


@given(trees(st.one_of(NUMBERS, SUMS, OTHERS)), ENTERPRISES)
@settings(max_examples=60, deadline=None)
def test_all_at_once_is_the_same_as_one_by_one(tree: Condition, enterprises: list[dict[str, FactValue]]) -> None:
    facts = [known(values) for values in enterprises]
    decider = decider_of(tree)
    verdicts, _parts = sweep(tree, decider, FactColumns(facts))
    assert [VERDICTS[number] for number in verdicts] == [decider.verdict(decider.states(of_one)) for of_one in facts]


@given(trees(st.one_of(NUMBERS, SUMS)), ENTERPRISES)
@settings(max_examples=60, deadline=None)
def test_also_where_inequalities_share_what_is_missing(
    tree: Condition, enterprises: list[dict[str, FactValue]]
) -> None:
    facts = [known(values) for values in enterprises]
    decider = decider_of(tree)
    verdicts, parts = sweep(tree, decider, FactColumns(facts))
    assert [VERDICTS[number] for number in verdicts] == [decider.verdict(decider.states(of_one)) for of_one in facts]
    if isinstance(tree, All):
        for part, numbers in zip(tree.parts, parts, strict=True):
            of_part = decider_of(part)
            exact = [of_part.verdict(of_part.states(of_one)) for of_one in facts]
            assert all(VERDICTS[n] in (verdict, Verdict.UNKNOWN) for n, verdict in zip(numbers, exact, strict=True))


NAMES = {name: f"f{number}" for number, name in enumerate(VALUES)}


def as_cel(tree: Condition) -> str:
    if isinstance(tree, All | AnyOf):
        return "(" + (" && " if isinstance(tree, All) else " || ").join(map(as_cel, tree.parts)) + ")"
    if isinstance(tree, AtLeast):
        return "(" + " + ".join(f"({as_cel(part)} ? 1 : 0)" for part in tree.parts) + f" >= {tree.count})"
    if isinstance(tree, Not):
        return f"!{as_cel(tree.part)}"
    if isinstance(tree, Linear):
        total = " + ".join(f"{NAMES[name]} * {float(factor)}" for name, factor in tree.terms)
        guards = "".join(f" && {NAMES[name]} > 0.0" for name in tree.positive)
        return f"({total} {tree.operator} {float(tree.value)}{guards})"
    if isinstance(tree, Between):
        name = NAMES[tree.fact]
        return f"({name} >= {float(str(tree.low))} && {name} <= {float(str(tree.high))})"
    if isinstance(tree, In):
        return f"({NAMES[tree.fact]} in {list(tree.values)})"
    if isinstance(tree, Human):
        return NAMES[tree.fact]
    assert isinstance(tree, Compare)
    value = str(tree.value).lower() if isinstance(tree.value, bool) else float(str(tree.value))
    return f"({NAMES[tree.fact]} {tree.operator} {value})"


CEL = celpy.Environment()


@given(
    trees(st.one_of(NUMBERS, SUMS, OTHERS.filter(lambda leaf: not isinstance(leaf, Has | Within | Age)))),
    WHOLE_ENTERPRISES,
)
@settings(max_examples=80, deadline=None)
def test_cel_agrees_where_every_fact_is_known(tree: Condition, enterprises: list[dict[str, FactValue]]) -> None:
    program = CEL.program(CEL.compile(as_cel(tree)))
    decider = decider_of(tree)
    for values in enterprises:
        activation = {
            NAMES[name]: celpy.json_to_cel(float(value) if isinstance(value, Decimal) else value)
            for name, value in values.items()
            if not isinstance(value, date)
        }
        expected = Verdict.YES if bool(program.evaluate(activation)) else Verdict.NO
        assert decider.decide(known(values)).verdict is expected
