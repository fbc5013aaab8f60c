"""One firm under several spellings, and two firms that only look alike."""

from __future__ import annotations

import pytest
from intake_sheets import codes, read, sheet

from yingcheng.findings import Severity

HEADER = ("企业名称", "统一社会信用代码", "注册资本(万元)", "核心产品", "企业资质")
CODE, OTHER = "91140726757264884C", "91140923672300903N"


def test_the_same_code_joins_different_names() -> None:
    intake = read(
        sheet(
            HEADER,
            ("甲科技有限公司", CODE, 100, "相机", None),
            ("甲智能科技股份有限公司", CODE, None, None, "高新技术企业"),
        )
    )
    (firm,) = intake.enterprises
    assert (firm.id, firm.credit_code, firm.name) == (CODE, CODE, "甲科技有限公司")
    assert firm.aliases == ("甲智能科技股份有限公司",)
    assert firm.products == "相机"
    assert "高新技术企业" in firm.qualifications
    assert len(firm.sources) == 2
    assert intake.rows_taken == 2


def test_spellings_join_by_name() -> None:
    intake = read(
        sheet(HEADER, ("甲（太原）科技有限公司", None, 100)),
        sheet(HEADER, ("甲(太原)科技有限公司（国高企业）", CODE, None), name="Sheet2"),
        sheet(HEADER, ("甲 （太原）科技\n有限公司", None, None), file="另一份.xlsx"),
    )
    (firm,) = intake.enterprises
    assert firm.id == CODE
    assert len(firm.sources) == 3


def test_different_valid_codes_never_merge() -> None:
    intake = read(sheet(HEADER, ("甲科技有限公司", CODE, 100), ("甲科技有限公司", OTHER, 200)))
    assert [e.credit_code for e in intake.enterprises] == [CODE, OTHER]


def test_a_name_with_two_codes_is_not_guessed() -> None:
    intake = read(
        sheet(HEADER, ("甲科技有限公司", CODE, 100), ("甲科技有限公司", OTHER, 200), ("甲科技有限公司", None, 300))
    )
    assert len(intake.enterprises) == 3
    assert len({e.id for e in intake.enterprises}) == 3
    assert "company-ambiguous" in codes(intake)


def test_contradictions_are_said_and_the_first_counts() -> None:
    intake = read(sheet(HEADER, ("甲科技有限公司", CODE, 100), ("甲科技有限公司", CODE, 300)))
    (firm,) = intake.enterprises
    assert firm.capital is not None
    assert firm.capital.low == 1_000_000
    (finding,) = [f for f in intake.findings if f.code == "company-contradiction"]
    assert (finding.severity, finding.place.cell) == (Severity.NOTICE, "C3")


def test_agreeing_amounts_in_other_words_are_no_contradiction() -> None:
    header = ("企业名称", "统一社会信用代码", "注册资金")
    intake = read(sheet(header, ("甲科技有限公司", CODE, "100万元"), ("甲科技有限公司", CODE, "1000000元")))
    assert "company-contradiction" not in codes(intake)


def test_consent_needs_every_row() -> None:
    header = ("企业名称", "电话(是否公开)")
    public = read(sheet(header, ("甲科技有限公司", "13800000000（公开）"))).enterprises[0]
    assert "phone" in public.contact.publishable
    joined = read(
        sheet(header, ("甲科技有限公司", "13800000000（公开）"), ("甲科技有限公司", "13800000001（不公开）"))
    ).enterprises[0]
    assert joined.contact.phones == ("13800000000", "13800000001")
    assert joined.contact.publishable == frozenset()


def test_capabilities_attach_to_the_firm_of_another_table() -> None:
    intake = read(
        sheet(HEADER, ("甲科技有限公司", CODE, 100)),
        sheet(("公司名称", "场景能力", "类别"), ("甲科技有限公司", "车位识别", "智慧城市"), name="能力"),
    )
    (firm,) = intake.enterprises
    assert [c.name for c in firm.capabilities] == ["车位识别"]
    assert firm.tracks == ("智慧城市",)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("中国建筑股份有限公司", None), ("中国建筑集团有限公司", None)),
        (("华润集团有限公司", CODE), ("华润股份有限公司", None)),
        (("华润集团", None), ("华润股份有限公司", None)),
        (("长城物业有限公司（北京）", None), ("长城物业有限公司（太原）", None)),
        (("大地设计有限公司-太原分公司", None), ("大地设计有限公司-大同分公司", None)),
        (("同名科技有限公司", "911407267572648840"), ("同名科技有限公司", "911409236723009030")),
        (("同名科技有限公司", CODE), ("同名科技有限公司", "911409236723009030")),
    ],
)
def test_different_firms_stay_apart(first: tuple[str, str | None], second: tuple[str, str | None]) -> None:
    intake = read(sheet(HEADER, (*first, 100, None, None), (*second, 200, None, None)))
    assert len(intake.enterprises) == 2
    assert len({firm.id for firm in intake.enterprises}) == 2
    assert "company-merged" not in codes(intake)


def test_a_code_pasted_on_another_firm_is_said() -> None:
    intake = read(sheet(HEADER, ("甲环保有限公司", CODE, 100), ("乙食品有限公司", CODE, 200)))
    assert [(firm.name, firm.credit_code) for firm in intake.enterprises] == [
        ("甲环保有限公司", CODE),
        ("乙食品有限公司", ""),
    ]
    assert CODE in dict(intake.enterprises[1].extra).values()
    (finding,) = [f for f in intake.findings if f.code == "company-ambiguous"]
    assert (finding.severity, finding.place.cell) == (Severity.WARNING, "B3")


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_short_name_joins_the_one_full_name(order: tuple[int, int]) -> None:
    rows = (("科大讯飞", None, 100, None, None), ("科大讯飞股份有限公司", CODE, None, None, None))
    intake = read(sheet(HEADER, *(rows[i] for i in order)))
    (firm,) = intake.enterprises
    assert {firm.name, *firm.aliases} == {"科大讯飞", "科大讯飞股份有限公司"}
    (finding,) = [f for f in intake.findings if f.code == "company-merged"]
    assert (finding.severity, finding.found) == (Severity.NOTICE, "科大讯飞")


def test_a_short_name_between_two_full_names_is_not_guessed() -> None:
    intake = read(
        sheet(
            HEADER,
            ("中国建筑", None, 1, None, None),
            ("中国建筑股份有限公司", None, 2, None, None),
            ("中国建筑集团有限公司", None, 3, None, None),
        )
    )
    assert len({firm.id for firm in intake.enterprises}) == 3
    assert "company-ambiguous" in codes(intake)


def test_forms_that_mean_the_same_join() -> None:
    intake = read(sheet(HEADER, ("甲科技有限公司", None, 1, None, None), ("甲科技有限责任公司", None, 1, None, None)))
    assert len(intake.enterprises) == 1
    assert "company-merged" in codes(intake)
