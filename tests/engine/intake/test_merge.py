"""One firm under several spellings, and two firms that only look alike."""

from __future__ import annotations

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
