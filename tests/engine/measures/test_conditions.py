from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yingcheng.measures.conditions import (
    Age,
    All,
    Any,
    Belongs,
    Compare,
    Domain,
    Has,
    Not,
    Within,
    full_years,
)
from yingcheng.measures.deciding import Decider
from yingcheng.measures.records import Fact, FactValue, Verdict

TODAY = date(2026, 6, 30)
SMALL, GADGET = "专精特新“小巨人”企业", "专精特新中小企业"


def known(**facts: FactValue) -> dict[str, Fact]:
    return {name: Fact(value, "测试") for name, value in facts.items()}


def test_missing_fact_never_means_no() -> None:
    condition = All((Compare("注册资本", ">=", Decimal(500)), Compare("经营异常", "==", False)))
    assert Decider(condition).decide({}).verdict is Verdict.UNKNOWN
    assert Decider(condition).decide(known(经营异常=True)).verdict is Verdict.NO
    assert Decider(condition).decide(known(经营异常=False)).missing == ("注册资本",)


def test_repeated_fact_is_decided_where_plain_kleene_logic_gives_up() -> None:
    either = Any((Compare("人数", ">=", Decimal(50)), Compare("人数", "<", Decimal(50))))
    assert Decider(either).decide({}).verdict is Verdict.YES
    both = All((Compare("人数", ">", Decimal(50)), Compare("人数", "<", Decimal(51))))
    assert Decider(both, {"人数": Domain(Decimal(0), whole=True)}).decide({}).verdict is Verdict.NO
    assert Decider(both).decide({}).verdict is Verdict.UNKNOWN  # half a person is possible where nothing forbids it


def test_only_facts_that_can_change_the_answer_are_asked_for() -> None:
    idle = Any((Compare("上市", "==", True), Compare("上市", "==", False)))
    decision = Decider(All((Compare("人数", ">=", Decimal(5)), Any((idle, Compare("专利", ">=", Decimal(1))))))).decide(
        {}
    )
    assert decision.missing == ("人数",)


def test_negative_amounts_do_not_exist() -> None:
    condition = Compare("注册资本", ">=", Decimal(0))
    assert Decider(condition, {"注册资本": Domain(Decimal(0))}).decide({}).verdict is Verdict.YES
    assert Decider(condition).decide({}).verdict is Verdict.UNKNOWN


def test_higher_level_of_a_qualification_implies_the_lower() -> None:
    leaf = Has("资质", GADGET)
    assert leaf.test((SMALL,)) is True
    assert leaf.test(("高新技术企业",)) is False
    assert leaf.test(Decimal(3)) is None
    # Whoever has the higher one has the lower one: the two cannot be told apart the other way round.
    implied = Any((Not(Has("资质", SMALL)), Has("资质", GADGET)))
    assert Decider(implied).decide({}).verdict is Verdict.YES
    assert Decider(Any((Not(Has("资质", GADGET)), Has("资质", SMALL)))).decide({}).verdict is Verdict.UNKNOWN


def test_qualification_outside_the_vocabulary_is_found_but_never_denied() -> None:
    leaf = Has("资质", "龙城工匠单位", known=False)
    assert leaf.test(("龙城工匠单位",)) is True
    assert leaf.test(("高新技术企业",)) is None
    decision = Decider(leaf).decide(known(资质=("高新技术企业",)))
    assert (decision.verdict, decision.missing) == (Verdict.UNKNOWN, ("资质（需人工认定）",))


@pytest.mark.parametrize(
    ("place", "truth"),
    [
        ("山西省太原市", True),
        ("山西省太原市小店区", True),
        ("太原市小店区长治路1号", True),
        ("山西省大同市", False),
        ("北京市海淀区", False),
        ("山西省", None),  # may or may not be in the city
        ("长治路1号", None),
    ],
)
def test_place(place: str, truth: bool | None) -> None:
    assert Within("注册地", "太原市", "山西省太原市").test(place) is truth


def test_namesake_districts_are_kept_apart() -> None:
    assert Within("注册地", "朝阳区", "北京市朝阳区").test("吉林省长春市朝阳区") is False


def test_places_exclude_each_other_and_contain_each_other() -> None:
    city, other, province = (Within("注册地", path, path) for path in ("山西省太原市", "山西省大同市", "山西省"))
    assert Decider(All((city, other))).decide({}).verdict is Verdict.NO
    assert Decider(All((city, Not(province)))).decide({}).verdict is Verdict.NO
    assert Decider(All((province, Not(city)))).decide({}).verdict is Verdict.UNKNOWN
    zone = Within("注册地", "山西综改示范区")
    assert Decider(All((city, zone))).decide({}).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("value", "truth"),
    [
        (("6513", "应用软件开发"), True),
        (("65", "软件和信息技术服务业", "I"), True),
        (("C", "制造业"), False),
        (("3911", "计算机整机制造", "C"), False),
        (("63", "电信、广播电视和卫星传输服务", "I", "信息传输、软件和信息技术服务业"), False),
        (("I", "信息传输、软件和信息技术服务业"), None),
        (("I",), None),  # the section is known only
        (("新材料",), None),
    ],
)
def test_industry(value: tuple[str, ...], truth: bool | None) -> None:
    assert Belongs("行业", "软件和信息技术服务业", "65", "I").test(value) is truth


@given(
    st.dates(date(1990, 1, 1), date(2026, 12, 31)), st.integers(0, 30), st.sampled_from(["==", ">=", ">", "<=", "<"])
)
@settings(max_examples=200, deadline=None)
def test_age_changes_only_at_its_points(start: date, years: int, sign: str) -> None:
    leaf = Age("注册日期", sign, years, TODAY)
    points = [date(1, 1, 1), *sorted(leaf.points), date(2027, 1, 1)]  # type: ignore[type-var]
    low = max(point for point in points if point <= start)
    same_stretch = low + timedelta(days=1) if low < start else low
    assert leaf.test(start) is leaf.test(same_stretch)


def test_full_years_count_the_anniversary() -> None:
    assert full_years(date(2023, 6, 30), TODAY) == 3
    assert full_years(date(2023, 7, 1), TODAY) == 2
    assert full_years(date(2024, 2, 29), date(2026, 2, 28)) == 1
    assert full_years(date(2024, 2, 29), date(2026, 3, 1)) == 2
    leap = Age("注册日期", ">=", 2, date(2026, 2, 28))
    assert leap.test(date(2024, 2, 28)) is True
    assert Decider(All((leap, Compare("注册日期", ">", date(2024, 2, 28))))).decide({}).verdict is Verdict.NO


def test_value_of_the_wrong_kind_is_left_to_a_person() -> None:
    decision = Decider(Compare("人数", ">=", Decimal(5))).decide(known(人数="不详"))
    assert (decision.verdict, decision.missing) == (Verdict.UNKNOWN, ("人数（需人工认定）",))


def test_many_repeated_facts_stay_fast() -> None:
    """Forty facts, each asked for twice in its own branch: 2^40 completions, folded branch by branch."""
    pairs = tuple(Any((Compare(f"事实{i}", ">=", Decimal(5)), Compare(f"事实{i}", "<", Decimal(3)))) for i in range(40))
    decision = Decider(All(pairs)).decide({})
    assert decision.verdict is Verdict.UNKNOWN
    assert len(decision.missing) == 40
