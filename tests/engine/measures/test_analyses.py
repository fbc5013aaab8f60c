"""Expressions and thresholds, and what is said of the measures as a set."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from yingcheng.capabilities import enterprise_facts
from yingcheng.capabilities.records import Enterprise
from yingcheng.errors import UnusableInput
from yingcheng.measures import Reach, assess, check_rules
from yingcheng.measures.amounts import Amount, read_standard
from yingcheng.measures.asking import requests
from yingcheng.measures.automatic import without_application
from yingcheng.measures.balance import balance, ending, suggest_tool, unreached
from yingcheng.measures.clauses import read_clause
from yingcheng.measures.conditions import All, Compare, Condition, Human, Linear, leaves
from yingcheng.measures.money import at_stake
from yingcheng.measures.near import near_misses
from yingcheng.measures.records import Clause, Fact, Facts, FactValue, Measure, Verdict
from yingcheng.measures.relations import Kind, relations
from yingcheng.measures.whatif import what_if
from yingcheng.standards.dates import parse_period
from yingcheng.standards.money import parse_money

TODAY = date(2026, 6, 30)
WAN = 10_000


def read(fact: str, operator: str, value: str, as_of: date = TODAY) -> Condition:
    return read_clause(Clause("1", "", "条款原文", fact, operator, value), as_of=as_of).condition


def firm(**facts: FactValue | int) -> Facts:
    return {name: Fact(Decimal(v) if type(v) is int else v, "名录") for name, v in facts.items()}  # type: ignore[arg-type]


def measure(name: str, *rows: tuple[str, str, str], **fields: object) -> Measure:
    clauses = tuple(Clause(str(n), "", "", *row, outline=str(n)) for n, row in enumerate(rows, start=1))
    return Measure(name, name, clauses=clauses, **fields)  # type: ignore[arg-type]


def test_expressions_become_inequalities() -> None:
    assert read("研发投入÷营业收入", "≥", "3%") == Linear(
        (("研发投入", Decimal(1)), ("营业收入", Decimal("-0.03"))), ">=", Decimal(0), ("营业收入",)
    )
    assert read("研发投入占营业收入的比例", "≥", "3%") == read("研发投入/营业收入", "不低于", "3%")
    assert read("营业收入+出口额", "≥", "1亿元") == Linear(
        (("营业收入", Decimal(1)), ("出口额", Decimal(1))), ">=", Decimal(10**8)
    )
    assert read("0.6×专利数+0.4×软件著作权数", "≥", "10件") == Linear(
        (("专利数", Decimal("0.6")), ("软件著作权数", Decimal("0.4"))), ">=", Decimal(10)
    )
    assert read("营业收入÷员工人数", "≥", "100万元") == Linear(
        (("营业收入", Decimal(1)), ("员工人数", Decimal(-1_000_000))), ">=", Decimal(0), ("员工人数",)
    )


def test_growth_counts_back_from_last_year() -> None:
    total = read("营业收入近2年累计增长率", "≥", "20%")
    assert total == Linear(
        (("2025年营业收入", Decimal(1)), ("2023年营业收入", Decimal("-1.2"))), ">=", Decimal(0), ("2023年营业收入",)
    )
    average = read("营业收入近2年年均增长率", "≥", "10%")
    assert isinstance(average, Linear)
    assert average.terms[1] == ("2023年营业收入", Decimal("-1.21"))
    each = read("营业收入连续3年增长率", "≥", "5%")
    assert isinstance(each, All)
    assert len(each.parts) == 3


def test_thresholds_carry_dates() -> None:
    value = "500万元；2026-01-01起：800万元；2027年起为1000万元"
    for day, wan in ((date(2025, 12, 31), 500), (date(2026, 1, 1), 800), (date(2027, 5, 1), 1000)):
        assert read("注册资本", "≥", value, day) == Compare("注册资本", ">=", Decimal(wan * WAN))
    reading = read_clause(Clause("", "", "条款", "注册资本", "≥", "2027-01-01起：800万元"), as_of=TODAY)
    assert [fault.code for fault in reading.faults] == ["threshold-not-in-force"]
    assert isinstance(reading.condition, Human)


def test_tier_table_by_another_fact() -> None:
    rule = measure("研发", ("研发费用占比", "≥", "营业收入5000万元以下：5%；5000万元至2亿元：4%；其余：3%"))
    cases = {(5000, 5): Verdict.YES, (5000, 4): Verdict.NO, (5001, 4): Verdict.YES, (30000, 3): Verdict.YES}
    facts = {f"{wan}-{share}": firm(营业收入=wan * WAN, 研发费用占比=share) for wan, share in cases}
    facts["high"] = firm(研发费用占比=6)  # enough in every tier: the revenue need not be asked for
    facts["low"] = firm(研发费用占比=2)
    facts["middle"] = firm(研发费用占比=4)
    reach = assess([rule], facts, as_of=TODAY)
    verdicts = [reach.verdict(0, place) for place in range(len(facts))]
    assert verdicts == [*cases.values(), Verdict.YES, Verdict.NO, Verdict.UNKNOWN]
    assert reach.missing(0, 6) == ("营业收入",)


@pytest.mark.parametrize(
    ("fact", "value", "code"),
    [
        ("营业收入+员工人数", "5", "unit-mismatch"),
        ("研发投入÷营业收入", "0.03", "unit-missing"),
        ("营业收人÷利润额", "5%", "unknown-fact"),
    ],
)
def test_bad_expressions_are_told(fact: str, value: str, code: str) -> None:
    reading = read_clause(Clause("", "", "x", fact, "≥", value), as_of=TODAY)
    assert [fault.code for fault in reading.faults] == [code]


def test_a_measure_may_depend_on_another_and_not_on_itself() -> None:
    first = measure("甲", ("员工人数", "≥", "50人"))
    second = measure("乙", ("政策", "符合", "甲"), ("经营异常", "否", ""))
    reach = assess([first, second], {"e": firm(员工人数=40, 经营异常=False)}, as_of=TODAY)
    assert reach.verdict(1, 0) is Verdict.NO
    assert check_rules([first, second]) == ()
    circle = measure("丙", ("政策", "符合", "丁")), measure("丁", ("政策", "符合", "丙"))
    assert "cyclic-dependence" in [finding.code for finding in check_rules(circle)]
    assert assess(circle, {"e": {}}, as_of=TODAY).verdict(0, 0) is Verdict.UNKNOWN
    (finding,) = (
        f for f in check_rules([first, measure("戊", ("政策", "符合", "甲甲"))]) if f.code == "unknown-measure"
    )
    assert "甲" in finding.remedy


def test_unreachable_and_idle_clauses_are_told() -> None:
    clauses = (
        Clause("", "", "必须有百人", "员工人数", "≥", "100人", outline="1"),
        Clause("", "", "", "", "任一满足", "", outline="2"),
        Clause("", "", "五十人以内", "员工人数", "<", "50人", outline="2.1"),
        Clause("", "", "上市", "上市", "是", "", outline="2.2"),
        Clause("", "", "八十人", "员工人数", "≥", "80人", outline="3"),
    )
    found = {f.code: f.found for f in check_rules([Measure("M", "M", clauses=clauses)])}
    assert found == {"unreachable-clause": "五十人以内", "idle-clause": "八十人"}


def test_formula_of_the_amount() -> None:
    def amount(standard: str, facts: Facts, money: str = "") -> Amount | None:
        rule = Measure("M", "M", standard=standard, amount=parse_money(money) if money else None)
        return read_standard(rule).amount(facts)

    rich = firm(研发投入=3000 * WAN, 专利数=7, 营业收入=8000 * WAN)
    assert amount("一次性奖励20万元", rich) == Amount(Decimal(20 * WAN), Decimal(20 * WAN))
    assert amount("研发投入×10%，最高200万元", rich) == Amount(Decimal(200 * WAN), Decimal(200 * WAN))
    assert amount("按研发投入的5%给予补助，最高不超过200万元，最低10万元", rich) == Amount(
        Decimal(150 * WAN), Decimal(150 * WAN)
    )
    assert amount("研发投入×10%，最高200万元", {}) == Amount(Decimal(0), Decimal(200 * WAN))
    assert amount("研发投入×10%", {}) == Amount(Decimal(0), None)
    assert amount("专利数×1万元", rich) == Amount(Decimal(7 * WAN), Decimal(7 * WAN))
    assert amount("营业收入<1亿元：10万元；其余：20万元", rich) == Amount(Decimal(10 * WAN), Decimal(10 * WAN))
    assert amount("营业收入<1亿元：10万元；其余：20万元", {}) == Amount(Decimal(10 * WAN), Decimal(20 * WAN))
    assert amount("按章办理", rich) is None
    assert amount("", {}, "20-50万元") == Amount(Decimal(20 * WAN), Decimal(50 * WAN))


STAFF = ("员工人数", "≥", "50人")


def sample() -> Reach:
    measures = [
        measure("甲", STAFF, ("经营异常", "否", ""), standard="一次性奖励20万元", exclusive="规模", tool="供给"),
        measure(
            "乙", ("员工人数", "≥", "100人"), ("经营异常", "否", ""), standard="一次性奖励50万元", exclusive="规模"
        ),
        measure("丙", ("员工人数", "<", "20人"), standard="研发投入×10%，最高30万元", tool="需求"),
        measure("丁", ("员工人数", "≥", "5000人"), deadline=parse_period("2026-06-01")),
    ]
    facts = {
        "大": firm(员工人数=200, 经营异常=False),
        "中": firm(员工人数=90, 经营异常=False),
        "小": firm(员工人数=48, 经营异常=False),
        "微": firm(员工人数=10, 研发投入=100 * WAN, 经营异常=True),
        "新": {},
    }
    return assess(measures, facts, as_of=TODAY)


def test_near_misses_say_by_what() -> None:
    (first,) = near_misses(sample(), 0)
    assert (first.enterprise, first.gap) == (2, "员工人数为48人，要求不少于50人，还差2人")
    assert first.share == pytest.approx(0.04)
    assert [miss.enterprise for miss in near_misses(sample(), 1)][:2] == [1, 2]


def test_money_counts_the_best_of_a_group_once() -> None:
    stakes = at_stake(sample())
    assert [stake.least for stake in stakes.measures] == [
        Decimal(40 * WAN),
        Decimal(50 * WAN),
        Decimal(10 * WAN),
        Decimal(0),
    ]
    assert stakes.saved == Decimal(20 * WAN)  # 大 qualifies for both of the group and gets the better one
    assert stakes.least == Decimal(80 * WAN)
    assert stakes.measures[3].fault


def test_relations_between_measures() -> None:
    found = {(r.first, r.second): r for r in relations(sample())}
    assert found[0, 1].kind is Kind.AROUND
    assert (found[0, 1].both, found[0, 1].share) == (1, 1.0)
    assert found[0, 2].kind is Kind.EXCLUSIVE
    assert found[0, 2].clash == ("员工人数 ≥ 50人", "员工人数 < 20人")


def test_balance_unreached_and_ending() -> None:
    reach = sample()
    assert [(share.tool, share.measures, share.reached) for share in balance(reach, at_stake(reach))] == [
        ("供给", (0,), 2),
        ("环境", (), 0),
        ("需求", (2,), 1),
        ("", (1, 3), 1),
    ]
    assert unreached(assess(reach.measures[3:], {"大": reach.facts["大"]}, as_of=TODAY)) == (0,)
    assert [(end.measure, end.days) for end in ending(reach.measures, as_of=TODAY)] == [(3, -29)]
    assert suggest_tool(Measure("x", "首台套采购奖励", support="首购")) == ("需求", ("采购", "首购", "首台"))


def test_what_settles_most_for_least_comes_first() -> None:
    rules = [
        measure("甲", ("员工人数", "≥", "50人")),
        measure("乙", ("员工人数", "≥", "80人"), ("经营异常", "否", "")),
        measure("丙", ("员工人数", "≥", "90人"), ("研发人员数", "≥", "9人")),
    ]
    asked = requests(assess(rules, {"e": {}}, as_of=TODAY), 0)
    assert [(one.fact, one.settles) for one in asked] == [("员工人数", (0,)), ("经营异常", (1,)), ("研发人员数", (2,))]
    assert asked[0].concerns == (0, 1, 2)
    assert asked[1].source == "市场监管部门"
    assert requests(assess(rules, {"e": firm(员工人数=10)}, as_of=TODAY), 0) == ()


def test_without_application_names_the_leaf_that_blocks() -> None:
    fine = measure("甲", ("纳税额", "≥", "100万元"), ("资质", "具有", "高新技术企业"))
    blocked = replace(
        fine, clauses=(*fine.clauses, Clause("", "", "示范作用", operator="人工认定"), Clause("", "", "", *STAFF))
    )
    reach = assess([fine, blocked], {}, as_of=TODAY)
    answer = without_application(reach.judged[0].reading)
    assert answer.possible
    assert answer.sources == ("纳税额（税务部门）", "资质（认定部门公布的名单）")
    obstacles = without_application(reach.judged[1].reading).obstacles
    assert [obstacle.clause for obstacle in obstacles] == [2, 3]


def test_what_if_a_threshold_moves() -> None:
    (change,) = what_if(sample(), 0, 0, value="100人")
    assert (change.entering, change.leaving) == ((), (1,))
    (change,) = what_if(sample(), 0, 0, value="40人")
    assert (change.entering, change.leaving) == ((2,), ())
    with pytest.raises(UnusableInput, match="读不懂"):
        what_if(sample(), 0, 0, value="40万元")


def test_traces_carry_source_date_and_grade() -> None:
    facts = {"e": {"员工人数": Fact(Decimal(80), "年报.xlsx / B3", date(2025, 12, 31), "B")}}
    (trace,) = next(iter(assess([measure("甲", STAFF)], facts, as_of=TODAY).applications)).traces
    assert trace.reason == "员工人数为80人（来源：年报.xlsx / B3，截至 2025-12-31，可信度 B），满足“员工人数 ≥ 50人”。"
    assert leaves(read("员工人数", "≥", "50人"))


def test_further_columns_of_an_enterprise_are_facts() -> None:
    enterprise = Enterprise(
        "E",
        "甲公司（虚构）",
        extra=(("专利数", "5"), ("2023年纳税额(万元)", "80"), ("2024年纳税额(万元)", "90"), ("备注", "无")),
    )
    facts = enterprise_facts(enterprise)
    assert facts["专利数"].value == 5
    assert (facts["2023年纳税额"].value, facts["2023年纳税额"].day) == (Decimal(80 * WAN), date(2023, 12, 31))
    assert (facts["纳税额"].value, facts["纳税额"].day) == (Decimal(90 * WAN), date(2024, 12, 31))
    assert "备注" not in facts
