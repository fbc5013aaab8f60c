"""② completeness, publishability, track suggestion, near-duplicates, masking."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yingcheng.findings import SourceRow
from yingcheng.opportunities import (
    Contact,
    Opportunity,
    completeness,
    find_duplicates,
    review_findings,
    review_list,
)
from yingcheng.opportunities.disclosure import public_contact
from yingcheng.standards.dates import Period

AS_OF = date(2021, 5, 20)

FULL = Opportunity(
    id="A1",
    name="迎泽区老旧小区智慧停车改造",
    need="对 12 个老旧小区开展停车位扩容、车牌识别与错时共享，寻求投资运营一体化合作。",
    unit="迎泽区住建局（虚构）",
    tracks=("城市更新",),
    technology="车牌识别、共享停车平台",
    foundation="已完成 12 个小区摸底",
    expected="新增车位 800 个",
    modes=("特许经营",),
    period=Period(date(2021, 1, 1), date(2022, 12, 31), "year", "2021-2022"),
    region_text="迎泽区",
    contact=Contact(person="联系人甲", phones=("0351-0000000",)),
)


def only(opportunity: Opportunity):
    listed = review_list([opportunity], as_of=AS_OF)
    return listed.opportunities[0], listed.reviews[0]


def test_completeness_falls_by_the_weight_of_what_is_missing() -> None:
    share, missing = completeness(FULL)
    assert missing == ("投资额",)
    less, more_missing = completeness(replace(FULL, need="", unit=""))
    assert set(more_missing) == {"投资额", "需求内容", "需求单位"}
    assert less == pytest.approx(share - 0.32)


def test_a_full_entry_may_be_published() -> None:
    _, review = only(FULL)
    assert review.publishable
    assert review.blockers == ()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"need": ""}, "需求内容"),
        ({"need": "合作"}, "需求内容过短（不足 6 字）"),
        ({"status": "已揭榜"}, "不再征集"),
        ({"unit": ""}, "需求单位"),
        ({"need": FULL.need + "有意者请电 13800000000"}, "脱敏"),
        ({"summary": "联系 contact@example.com"}, "脱敏"),
        ({"unit": "城管局 联系电话138-0000-0000"}, "脱敏"),
        ({"modes": ("特许经营", "详询（0351）0000000")}, "脱敏"),
        ({"extra": (("备注", "微信：example_01"),)}, "脱敏"),
        ({"period": Period(None, date(2020, 12, 31), "year", "2020年底前")}, "时限已过"),
    ],
)
def test_what_blocks_publication_is_named(changed: dict[str, object], words: str) -> None:
    _, review = only(replace(FULL, **changed))  # type: ignore[arg-type]
    assert not review.publishable
    assert any(words in blocker for blocker in review.blockers)


def test_long_numbers_that_are_no_telephone_do_not_block() -> None:
    _, review = only(replace(FULL, need=FULL.need + "总建筑面积 1380000000012 平方米，编号 91140100MA0000000X"))
    assert review.publishable


def test_a_track_is_suggested_with_its_words_and_never_replaces_a_given_one() -> None:
    opportunity, review = only(replace(FULL, tracks=()))
    assert opportunity.tracks
    assert opportunity.tracks[0] in {"城市更新", "智慧城市", "城市治理", "城市运营", "智慧生活"}
    assert review.suggestions[0].reason.startswith("依据：")
    assert "赛道/领域" in review.missing
    kept, untouched = only(FULL)
    assert kept.tracks == ("城市更新",)
    assert untouched.suggestions == ()


def test_what_is_required_and_missing_is_a_finding_at_its_cell() -> None:
    row = SourceRow("住建局.xlsx", "Sheet2", 5, (("name", 2), ("unit", 4)))
    listed = review_list([replace(FULL, unit="", need="", sources=(row,)), OTHER], as_of=AS_OF)
    findings = review_findings(listed)
    assert {(str(finding.place), finding.expected) for finding in findings} == {
        ("住建局.xlsx / Sheet2 / D5", "填写“需求单位”"),
        ("住建局.xlsx / Sheet2 / 第5行", "填写“需求内容”"),
    }


def test_a_short_need_is_shown_as_it_stands_and_an_open_status_blocks_nothing() -> None:
    row = SourceRow("城管局.xlsx", "Sheet1", 2, (("name", 2), ("need", 6)))
    listed = review_list([replace(FULL, need="智能识图", sources=(row,)), replace(OTHER, status="未揭榜")], as_of=AS_OF)
    (finding,) = review_findings(listed)
    assert (finding.place.cell, finding.found) == ("F2", "智能识图")
    assert "过短" in finding.remedy
    assert {review.opportunity_id: review.publishable for review in listed.reviews} == {"A1": False, "C3": True}


def edited_copy(opportunity: Opportunity) -> Opportunity:
    return replace(
        opportunity, id="B7", unit="太原市城乡管理局（虚构）", name="老旧小区智慧停车改造项目（迎泽）",
        need=opportunity.need.replace("12 个", "十余个") + "资金由运营方筹措。", technology="",
    )  # fmt: skip


OTHER = replace(
    FULL, id="C3", name="低空物流配送航线试点", need="开通综改区到医院的无人机送血航线，需要飞行服务与空域管理系统。",
    technology="无人机、航路规划", expected="日均 30 架次",
)  # fmt: skip


def test_an_edited_copy_from_another_department_is_found_and_an_unrelated_entry_is_not() -> None:
    groups = find_duplicates([edited_copy(FULL), OTHER, FULL])
    assert len(groups) == 1
    assert groups[0].opportunity_ids == ("A1", "B7")
    assert groups[0].keep == "A1"
    assert "需求单位" in groups[0].differs
    listed = review_list([edited_copy(FULL), OTHER, FULL], as_of=AS_OF)
    blocked = {r.opportunity_id: r.blockers for r in listed.reviews if not r.publishable}
    assert list(blocked) == ["B7"]
    assert "迎泽区老旧小区智慧停车改造" in blocked["B7"][0]
    assert listed.copies == {"B7": "A1"}
    assert {o.id for o in listed.distinct} == {"A1", "C3"}


def test_nothing_is_left_out_and_every_review_stands_beside_its_entry() -> None:
    listed = review_list([OTHER, FULL, edited_copy(FULL)], as_of=AS_OF)
    assert sorted(o.id for o in listed.opportunities) == ["A1", "B7", "C3"]
    assert [o.id for o in listed.opportunities] == [r.opportunity_id for r in listed.reviews]
    assert {o.id for o in listed.published} == {"A1", "C3"}


def test_of_a_contact_only_what_the_sheet_consents_to_is_shown_and_no_fragments() -> None:
    contact = Contact(
        person="联系人甲", title="场景专员", phones=("13800000000",), emails=("contact@example.com",),
        text="联系人甲 13800000000 家住某处", publishable=frozenset({"email"}),
    )  # fmt: skip
    shown = public_contact(contact)
    assert "13800000000" not in shown
    assert "联系人甲" not in shown
    assert "家住某处" not in shown
    assert shown == "联系人（场景专员） contact@example.com"
    assert public_contact(replace(contact, publishable=frozenset({"person"}))) == ""
    assert "13800000000" in public_contact(replace(contact, publishable=frozenset({"phone"})))


@given(st.permutations([FULL, OTHER, edited_copy(FULL)]))
def test_the_order_of_sending_changes_no_judgement(entries: list[Opportunity]) -> None:
    listed = review_list(entries, as_of=AS_OF)
    assert {r.opportunity_id: r.publishable for r in listed.reviews} == {"A1": True, "B7": False, "C3": True}
