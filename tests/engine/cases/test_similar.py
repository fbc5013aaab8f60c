"""Similar cases and what a case lacks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yingcheng.cases import completeness, find_similar
from yingcheng.cases.records import Case
from yingcheng.opportunities.records import Opportunity

PARKING = Case(
    "c1",
    "城市智慧停车服务",
    tracks=("智慧城市",),
    summary="整合路内路外停车位，以一个平台统一收费与诱导。",
    investment="企业投资建设，特许经营。",
    operation="企业统一运营全市停车场。",
    business_model="停车费分成。",
    planning="按片区规划泊位。",
)
TOWN = Case("c2", "文旅产业小镇", tracks=("文化旅游",), summary="以古镇为载体，导入非遗工坊、客栈与演艺。")
RENEWAL = Case("c3", "老旧小区有机更新", tracks=("城市更新",), summary="引入社会资本改造老旧小区，以物业服务平衡投入。")
CASES = (PARKING, TOWN, RENEWAL)

WANTED = Opportunity("o1", "老城区停车诱导平台", need="整合停车位资源，建设统一收费和诱导平台")
OTHER = Opportunity("o2", "晋源古镇文旅提升", need="导入非遗工坊与演艺，延长游客停留时间")


def test_the_case_that_tells_the_same_story_comes_first_with_the_words_shared() -> None:
    found = find_similar((WANTED, OTHER), CASES, limit=2)
    best = {}
    for similar in found:
        best.setdefault(similar.opportunity_id, similar)
    assert best["o1"].case_id == "c1"
    assert best["o2"].case_id == "c2"
    assert "导入非遗工坊" in best["o2"].words
    assert any("诱导" in word or "停车位" in word for word in best["o1"].words)


def test_every_word_stands_in_both_texts() -> None:
    texts = {"o1": WANTED.text, "o2": OTHER.text}
    told = {case.id: "\n".join((case.name, case.summary, case.operation, case.investment)) for case in CASES}
    found = find_similar((WANTED, OTHER), CASES)
    assert found
    for similar in found:
        assert similar.words
        for word in similar.words:
            assert len(word) >= 2
            assert word in texts[similar.opportunity_id]
            assert word in told[similar.case_id] + "".join(PARKING.tracks + TOWN.tracks + RENEWAL.tracks)


def test_results_are_bounded_ordered_and_repeatable() -> None:
    found = find_similar((WANTED, OTHER), CASES, limit=1)
    assert len(found) <= 2
    assert [similar.opportunity_id for similar in found] == ["o1", "o2"]
    assert all(0 < similar.similarity <= 1 for similar in found)
    assert found == find_similar((WANTED, OTHER), CASES, limit=1)


def test_what_has_nothing_in_common_is_not_called_similar() -> None:
    stranger = Opportunity("o3", "低空无人机巡检", need="输电线路巡查")
    assert find_similar((stranger,), (TOWN,)) == ()
    assert find_similar((WANTED,), (PARKING,)) != ()


@pytest.mark.parametrize(
    ("opportunities", "cases", "limit"), [((), CASES, 3), ((WANTED,), (), 3), ((WANTED,), CASES, 0)]
)
def test_nothing_to_compare_gives_nothing(
    opportunities: tuple[Opportunity, ...], cases: tuple[Case, ...], limit: int
) -> None:
    assert find_similar(opportunities, cases, limit=limit) == ()


def test_an_empty_text_is_similar_to_nothing() -> None:
    assert find_similar((Opportunity("o4", ""),), (*CASES, Case("c4", ""))) == ()


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text_can_be_compared(first: str, second: str) -> None:
    for similar in find_similar((Opportunity("o", first),), (Case("c", second),)):
        assert 0 <= similar.similarity <= 1


def test_completeness_names_the_dimensions_without_text() -> None:
    assert completeness(PARKING) == ()
    assert completeness(TOWN) == ("投资建设", "招商运营", "商业模式", "规划设计")
    assert completeness(Case("c5", "例", investment="有", planning="  ")) == ("招商运营", "商业模式", "规划设计")


def test_common_words_alone_make_no_likeness() -> None:
    cloud = Opportunity("o4", "中小企业数字化转型云服务", need="整合资源，提供统一的服务平台", tracks=("智慧城市",))
    assert "c1" not in {similar.case_id for similar in find_similar((cloud,), CASES)}


def test_one_track_alone_makes_no_likeness_and_stands_last_among_the_words() -> None:
    stranger = Opportunity("o5", "低空无人机巡检", need="输电线路巡查", tracks=("智慧城市",))
    assert find_similar((stranger,), (PARKING,)) == ()
    (similar,) = find_similar((Opportunity("o6", WANTED.name, need=WANTED.need, tracks=("智慧城市",)),), (PARKING,))
    assert similar.words[-1] == "智慧城市"


def test_no_word_reaches_over_two_parts_of_a_text() -> None:
    wanted = Opportunity("o7", "古镇夜间演艺", summary="非遗工坊提升")
    told = Case("c7", "古镇夜间演艺", summary="非遗工坊提升")
    (similar,) = find_similar((wanted,), (told, *CASES), limit=1)
    assert similar.case_id == "c7"
    assert all("\n" not in word for word in similar.words)
    assert similar.similarity > 0.9
