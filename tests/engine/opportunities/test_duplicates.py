"""Near-duplicates: what is one scenario, what is not, and what is said about a group."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yingcheng.opportunities import Opportunity, find_duplicates
from yingcheng.standards.regions import find_region

BACKGROUND = (
    "为落实工作部署，结合我单位职责，现提出如下需求。我单位已成立工作专班，完成了摸底调研，资金由各方共同承担。"
)

HOUSES = Opportunity(
    id="A1",
    name="老旧小区成片改造与长效物业",
    need="选取六个连片老旧小区，缺停车、缺电梯、无物业。需要社会资本参与改造投资，以停车和物业收入平衡投入。",
    expected="六个小区全部有物业",
    unit="迎泽区住房和城乡建设局（虚构）",
)
PARKING = Opportunity(
    id="A2",
    name="路内泊位智慧停车一体化运营",
    need="全区约两万个泊位未联网，找车位难。拟统一授权经营，建设停车诱导、无感支付和错时共享平台。",
    unit="示例停车管理有限公司（虚构）",
)
LINES = Opportunity(
    id="A3",
    name="低空物流配送航线试点",
    need="开通综改区到医院的无人机送血航线，需要飞行服务与空域管理系统。",
    unit="示例低空公司（虚构）",
)
LISTED = (HOUSES, PARKING, LINES)


def groups(*entries: Opportunity) -> list[tuple[str, ...]]:
    return sorted(group.opportunity_ids for group in find_duplicates(entries))


def placed(opportunity: Opportunity, place: str, **changed: str) -> Opportunity:
    reading = find_region(place)
    assert reading.region is not None
    moved = replace(opportunity, id=f"{opportunity.id}-{place}", region=reading.region, region_text=place)
    return replace(moved, **changed)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "关于老旧小区成片改造与长效物业的需求"},
        {"name": "2021年推进老旧小区成片改造与长效物业项目（一期）"},
        {
            "name": "老旧小区成片改造与长效物业",
            "need": "选取六个连片老旧小区，缺停车、缺电梯、无物业。",
            "expected": "",
        },
        {"need": "需要社会资本参与提升投资。" + BACKGROUND + "选取8个连片老旧小区，缺停车,缺电梯,无物业。"},
        {"name": "老旧小区成片改造", "unit": "迎泽区发展和改革局（虚构）"},
        {"name": "老旧小区成片改造和物业长效管理"},
        {"name": "老旧小区　成片改造与长效物业", "need": HOUSES.need.replace("，", ",").replace("。", " ")},
    ],
)
def test_edits_as_departments_make_them_are_found(changed: dict[str, str]) -> None:
    copy = replace(HOUSES, id="B1", **changed)  # type: ignore[arg-type]
    assert groups(*LISTED, copy) == [("A1", "B1")]


def test_one_text_about_two_objects_is_two_scenarios() -> None:
    texts = {field: getattr(HOUSES, field).replace("小区", "厂房") for field in ("name", "need", "expected")}
    assert groups(*LISTED, replace(HOUSES, id="B1", **texts)) == []


def test_one_introduction_with_everything_makes_no_group() -> None:
    assert groups(*(replace(o, need=BACKGROUND * 3 + o.need) for o in LISTED)) == []


def test_names_that_say_different_districts_are_different_scenarios_whoever_sends_them() -> None:
    for unit in (("迎泽区住建局（虚构）", "小店区住建局（虚构）"), ("太原市住建局（虚构）", "太原市住建局（虚构）")):
        one = placed(HOUSES, "迎泽区", name="迎泽区" + HOUSES.name, unit=unit[0])
        other = placed(HOUSES, "小店区", name=HOUSES.name + "（小店区）", unit=unit[1])
        assert groups(one, other, PARKING) == []


def test_a_district_in_the_column_tells_scenarios_apart_only_where_the_units_differ() -> None:
    one = placed(HOUSES, "迎泽区", unit="迎泽区住建局（虚构）")
    assert groups(one, placed(HOUSES, "小店区", unit="小店区住建局（虚构）"), PARKING) == []
    assert groups(one, placed(HOUSES, "小店区", unit=one.unit), PARKING) == [("A1-小店区", "A1-迎泽区")]


def test_a_district_left_out_or_wider_is_the_same_scenario() -> None:
    one = placed(HOUSES, "迎泽区", name="迎泽区" + HOUSES.name)
    assert groups(one, replace(HOUSES, id="B1", unit="太原市住建局（虚构）"), PARKING) == [("A1-迎泽区", "B1")]
    assert groups(one, placed(HOUSES, "太原市", unit="太原市住建局（虚构）"), PARKING) == [("A1-太原市", "A1-迎泽区")]


def test_phases_and_lots_are_different_scenarios_however_they_are_numbered() -> None:
    first, second = replace(HOUSES, name=HOUSES.name + "一期"), replace(HOUSES, id="B1", name=HOUSES.name + "（2期）")
    assert groups(first, second, PARKING) == []
    assert groups(first, replace(second, name=HOUSES.name + "（1期）"), PARKING) == [("A1", "B1")]
    assert groups(replace(LINES, name="3号航线"), replace(LINES, id="B3", name="4号航线")) == []


def test_a_title_that_says_nothing_is_no_name() -> None:
    one, other = replace(HOUSES, name="城市服务平台"), replace(PARKING, name="城市服务平台")
    assert groups(one, other) == []
    assert groups(one, replace(one, id="B1", unit="另一单位（虚构）"), other) == [("A1", "B1")]


def test_chains_make_one_group_with_the_fullest_kept_and_what_differs_named() -> None:
    second = replace(HOUSES, id="B1", name="关于老旧小区成片改造与长效物业的需求", contact=HOUSES.contact, expected="")
    third = replace(second, id="C1", need=HOUSES.need[:20])
    (group,) = find_duplicates([third, second, PARKING, HOUSES])
    assert group.opportunity_ids == ("A1", "B1", "C1")
    assert group.keep == "A1"
    assert group.copies == ("B1", "C1")
    assert group.differs == ("名称", "需求内容", "预期目标")
    assert 0 < group.similarity <= 1


def test_an_entry_sent_twice_is_wholly_alike_and_the_first_is_kept() -> None:
    (group,) = find_duplicates([*LISTED, replace(LINES, id="A0")])
    assert (group.similarity, group.keep, group.differs) == (1.0, "A3", ())


def test_nothing_to_compare_makes_no_group() -> None:
    assert find_duplicates([]) == ()
    assert find_duplicates([HOUSES]) == ()
    assert find_duplicates([Opportunity("A", ""), Opportunity("B", ""), Opportunity("C", "，的")]) == ()


@given(st.permutations([*LISTED, replace(HOUSES, id="B1", name="老旧小区成片改造"), replace(PARKING, id="B2")]))
def test_the_order_of_sending_changes_no_group(entries: list[Opportunity]) -> None:
    assert groups(*entries) == [("A1", "B1"), ("A2", "B2")]


@given(st.lists(st.tuples(st.text(max_size=12), st.text(max_size=20)), max_size=5), st.sampled_from((0.0, 0.5, 0.85)))
def test_any_text_can_be_compared(texts: list[tuple[str, str]], minimum: float) -> None:
    entries = [Opportunity(str(number), name, need=need) for number, (name, need) in enumerate(texts)]
    for group in find_duplicates(entries, minimum=minimum):
        assert len(group.opportunity_ids) > 1
        assert minimum <= group.similarity <= 1


def test_a_copy_is_found_behind_many_of_one_name() -> None:
    districts = [
        replace(HOUSES, id=f"D{n}", name="老旧小区改造与长效物业", unit=f"{n}区住建局", region_text=f"{n}区")
        for n in range(15)
    ]
    copy = replace(districts[-1], id="Z", lead="市住建局")
    found = groups(*districts, copy, PARKING)
    assert any({"D14", "Z"} <= set(group) for group in found)
