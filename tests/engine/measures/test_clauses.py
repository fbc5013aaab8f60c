from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yingcheng.measures.clauses import read_clause
from yingcheng.measures.conditions import (
    Age,
    All,
    Any,
    AtLeast,
    Belongs,
    Between,
    Compare,
    Condition,
    Has,
    Human,
    Includes,
    Linear,
    Not,
    Within,
    leaves,
)
from yingcheng.measures.facts import fact_kinds, find_fact, find_operator, operator_spellings, read_quantity, show
from yingcheng.measures.records import Clause
from yingcheng.measures.wording import home_region

TODAY = date(2026, 6, 30)
TAIYUAN = Within("注册地", "太原市", "山西省太原市")
HIGH_TECH = Has("资质", "高新技术企业")


def read(
    text: str = "", fact: str = "", operator: str = "", value: str = "", unit: str = "太原市科学技术局"
) -> Condition:
    return read_clause(Clause("1", "", text, fact, operator, value), as_of=TODAY, home=home_region(unit)).condition


def money(wan: int, operator: str = ">=", fact: str = "注册资本") -> Compare:
    return Compare(fact, operator, Decimal(wan * 10_000))


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("注册地在太原市", TAIYUAN),
        ("企业应在太原市注册", TAIYUAN),
        ("在我市注册的独立法人企业", All((TAIYUAN, Compare("独立法人", "==", True)))),
        (
            "注册在太原市小店区或晋源区",
            Any(
                (
                    Within("注册地", "太原市小店区", "山西省太原市小店区"),
                    Within("注册地", "晋源区", "山西省太原市晋源区"),
                )
            ),
        ),
        ("高新技术企业", HIGH_TECH),
        ("具有高新技术企业资质", HIGH_TECH),
        ("获得国家高新技术企业认定", HIGH_TECH),
        ("国高企业", HIGH_TECH),
        ("高新技术企业或专精特新中小企业", Any((HIGH_TECH, Has("资质", "专精特新中小企业")))),
        ("注册资本不低于500万元", money(500)),
        ("企业注册资本500万元（含）以上", money(500)),
        ("上年度营业收入2000万元以上", money(2000, fact="营业收入")),
        ("营业收入超过1亿元", money(10_000, ">", "营业收入")),
        ("员工50人以上", Compare("员工人数", ">=", Decimal(50))),
        ("从业人员不超过一百人", Compare("员工人数", "<=", Decimal(100))),
        ("研发费用占比不低于3%", Compare("研发费用占比", ">=", Decimal(3))),
        (
            "上年度研发投入占营业收入的比例不低于3%",
            Linear((("研发投入", Decimal(1)), ("营业收入", Decimal("-0.03"))), ">=", Decimal(0), ("营业收入",)),
        ),
        ("成立满3年", Age("注册日期", ">=", 3, TODAY)),
        ("成立三年以上", Age("注册日期", ">=", 3, TODAY)),
        ("成立不满五年", Age("注册日期", "<", 5, TODAY)),
        ("无经营异常", Compare("经营异常", "==", False)),
        (
            "未被列入经营异常名录或严重违法失信企业名单",
            All((Compare("经营异常", "==", False), Compare("严重失信", "==", False))),
        ),
        ("属于软件和信息技术服务业", Belongs("行业", "软件和信息技术服务业", "65", "I")),
        ("不属于房地产业", Not(Belongs("行业", "房地产业", "K", "K"))),
        ("拥有高新技术企业证书且注册资本不低于1000万元", All((HIGH_TECH, money(1000)))),
        (
            "（一）注册地在太原市；（二）成立满一年；（三）信用良好",
            All((TAIYUAN, Age("注册日期", ">=", 1, TODAY), Human("人工认定：信用良好"))),
        ),
    ],
)
def test_common_sentences(text: str, condition: Condition) -> None:
    assert read(text) == condition


@pytest.mark.parametrize(
    "text",
    [
        "优先支持高新技术企业",
        "原则上注册资本不低于500万元",
        "认定为高新技术企业、专精特新中小企业",  # both, or either?
        "高新技术企业，专精特新企业",
        "不是高新技术企业",
        "高新技术企业协会会员",
        "为规模以上工业企业",  # 工业 is a condition of its own
        "属于新一代信息技术产业",  # not a class of GB/T 4754
        "近三年无重大安全事故",
        "近三年营业收入年均增长10%以上",
        "注册资本不低于500万美元",
        "注册资本不低于500",
        "注册地不在太原市",
        "工商注册地、税务征管关系在太原市",
        "注册地在太原市或者经市政府同意，成立满1年",
        "注册资本不低于500万元以下",
        "信用状况良好",
        "",
    ],
)
def test_what_is_not_fully_understood_is_left_to_a_person(text: str) -> None:
    assert all(isinstance(leaf, Human) for leaf in leaves(read(text)))


def test_our_city_needs_to_be_known() -> None:
    assert isinstance(read("注册地在我市", unit=""), Human)
    assert read("注册地在我市", unit="晋中市工业和信息化局") == Within("注册地", "晋中市", "山西省晋中市")
    assert read("注册地在我省") == Within("注册地", "山西省", "山西省")


@pytest.mark.parametrize(
    ("fact", "operator", "value", "condition"),
    [
        ("注册资本", "不低于", "500万元", money(500)),
        ("注册资本(万元)", ">=", "500", money(500)),
        ("注册资金", "≥", "五百万元", money(500)),
        ("注册资本", "", "≥500万元", money(500)),
        ("注册资本", "<", "1,000 万", money(1000, "<")),
        ("员工人数", "", "50人以上", Compare("员工人数", ">=", Decimal(50))),
        ("员工人数", "介于", "200-50人", Between("员工人数", Decimal(50), Decimal(200))),
        ("营业收入", "介于", "500至2000万元", Between("营业收入", Decimal(5_000_000), Decimal(20_000_000))),
        ("资质", "具有", "高新技术企业、专精特新中小企业", Any((HIGH_TECH, Has("资质", "专精特新中小企业")))),
        ("资质", "同时具有", "国高企业；专精特新中小企业", All((HIGH_TECH, Has("资质", "专精特新中小企业")))),
        ("资质", "至少1项", "高新技术企业", AtLeast(1, (HIGH_TECH,))),
        ("资质", "不具有", "高新技术企业", Not(HIGH_TECH)),
        ("资质", "", "龙城工匠单位", Has("资质", "龙城工匠单位", known=False)),
        ("注册地", "属于", "太原市、晋中市", Any((TAIYUAN, Within("注册地", "晋中市", "山西省晋中市")))),
        ("注册地", "在", "本市", TAIYUAN),
        ("注册地", "在", "山西综改示范区", Within("注册地", "山西综改示范区")),
        ("行业", "属于", "制造业", Belongs("行业", "制造业", "C", "C")),
        ("经营异常", "否", "", Compare("经营异常", "==", False)),
        ("经营异常", "无", "", Compare("经营异常", "==", False)),
        ("经营异常", "等于", "否", Compare("经营异常", "==", False)),
        ("经营异常", "不等于", "是", Compare("经营异常", "==", False)),
        ("上市公司", "是", "", Compare("上市", "==", True)),
        ("企业规模", "属于", "小微企业", Includes("企业规模", ("小型", "微型"))),
        ("成立年限", "满", "三年", Age("注册日期", ">=", 3, TODAY)),
        ("成立年限", "介于", "1-5年", All((Age("注册日期", ">=", 1, TODAY), Age("注册日期", "<=", 5, TODAY)))),
        ("注册日期", "不晚于", "2023-01-01", Compare("注册日期", "<=", date(2023, 1, 1))),
    ],
)
def test_decision_columns(fact: str, operator: str, value: str, condition: Condition) -> None:
    assert read("条款原文", fact, operator, value) == condition


@pytest.mark.parametrize(
    ("fact", "operator", "value", "code", "field"),
    [
        ("注册资金额", "≥", "500万元", "unknown-fact", "fact"),
        ("员工人数", "约", "50人", "unknown-operator", "operator"),
        ("资质", "大于", "高新技术企业", "operator-mismatch", "operator"),
        ("员工人数", "属于", "50人", "operator-mismatch", "operator"),
        ("员工人数", "", "50人", "operator-mismatch", "operator"),
        ("员工人数", "≥", "很多", "unreadable-value", "value"),
        ("员工人数", "≥", "50万元", "unit-mismatch", "value"),
        ("注册资本", "≥", "500", "unit-missing", "value"),
        ("注册资本", "≥", "", "unreadable-value", "value"),
        ("注册日期", "≥", "前年", "unreadable-value", "value"),
        ("经营异常", "是", "也许", "unreadable-value", "value"),
        ("资质", "具有", "", "unreadable-value", "value"),
        ("资质", "至少3项", "高新技术企业、瞪羚企业", "unreadable-value", "value"),
        ("成立年限", "≥", "2.5年", "unreadable-value", "value"),
        ("员工人数", "介于", "50人", "unreadable-value", "value"),
    ],
)
def test_bad_cells_are_told_and_left_to_a_person(fact: str, operator: str, value: str, code: str, field: str) -> None:
    reading = read_clause(Clause("1", "", "条款原文", fact, operator, value), as_of=TODAY)
    (fault,) = reading.faults
    assert (fault.code, fault.field) == (code, field)
    assert reading.condition == Human("人工认定：条款原文")


def test_unknown_fact_gets_a_suggestion() -> None:
    (fault,) = read_clause(Clause("1", "", "", "员工人屏", "≥", "50人"), as_of=TODAY).faults
    assert "员工人数" in fault.remedy


def test_a_human_judgement_may_be_asked_for_on_purpose() -> None:
    reading = read_clause(Clause("1", "", "信用良好", "", "人工认定", ""), as_of=TODAY)
    assert (reading.condition, reading.faults) == (Human("人工认定：信用良好"), ())


def test_every_name_and_operator_of_the_vocabulary_is_found_and_unambiguous() -> None:
    spellings = [name for kind in fact_kinds().values() for name in (kind.name, *kind.synonyms)]
    assert len(spellings) == len(set(spellings))
    for kind in fact_kinds().values():
        assert all(find_fact(name)[0] == kind for name in (kind.name, *kind.synonyms))
    assert all(find_operator(spelling) for spelling in operator_spellings())


@given(st.decimals(min_value=0, max_value=10**7, places=2), st.sampled_from(["元", "万元", "亿元"]))
@settings(max_examples=100, deadline=None)
def test_amounts_shown_are_read_back(number: Decimal, unit: str) -> None:
    kind = fact_kinds()["注册资本"]
    value = read_quantity(f"{number}{unit}", kind).value
    assert value is not None
    assert read_quantity(show(value, "元"), kind).value == value


@given(
    st.text(max_size=25),
    st.sampled_from([*fact_kinds(), ""]),
    st.text(max_size=6) | st.sampled_from(operator_spellings()),
    st.text(max_size=12),
)
@settings(max_examples=200, deadline=None)
def test_any_cell_is_read_or_left_to_a_person(text: str, fact: str, operator: str, value: str) -> None:
    reading = read_clause(Clause("1", "", text, fact, operator, value), as_of=TODAY)
    assert leaves(reading.condition)
