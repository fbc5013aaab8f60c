"""What is certain, what is asked, and what mapping.toml settles."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from intake_sheets import codes, read, sheet
from test_headers import HEADERS, mapped

from yingcheng.errors import SettingsError
from yingcheng.findings import Severity
from yingcheng.intake.mapping import Pin, load_pins


@given(st.sampled_from(sorted(HEADERS)).flatmap(lambda n: st.tuples(st.just(n), st.permutations(list(HEADERS[n][1])))))
@settings(max_examples=60, deadline=None)
def test_column_order_does_not_matter(example: tuple[str, list[str]]) -> None:
    name, header = example
    kind, columns = HEADERS[name]
    result = mapped(*header)
    assert result.kind is not None
    assert result.kind.name == kind
    assert {c.header: c.field.name if c.field else "" for c in result.columns} == columns


def test_uncertain_column_is_taken_with_a_question() -> None:
    result = mapped("场景名称", "需求描述", "归口主管部门", "需求单位")
    column = next(c for c in result.columns if c.header == "归口主管部门")
    assert column.field is not None
    assert column.field.name == "lead"
    (finding,) = [f for f in result.findings if f.code == "column-uncertain"]
    assert finding.severity is Severity.WARNING
    assert "您是否指：“牵头部门”" in finding.expected


def test_unknown_column_is_kept_as_extra() -> None:
    intake = read(sheet(("场景名称", "需求描述", "星座"), ("智慧停车", "盘活车位", "狮子座")))
    assert intake.opportunities[0].extra == (("星座", "狮子座"),)
    (finding,) = [f for f in intake.findings if f.code == "column-extra"]
    assert finding.place.cell == "C1"


def test_unnamed_column_with_content_is_kept() -> None:
    intake = read(sheet(("场景名称", "需求描述", None), ("智慧停车", "盘活车位", "急")))
    assert intake.opportunities[0].extra == (("第3列", "急"),)


def test_second_column_of_one_field_is_kept_as_extra() -> None:
    intake = read(sheet(("场景名称", "需求描述", "项目名称"), ("智慧停车", "盘活车位", "停车项目")))
    assert intake.opportunities[0].name == "智慧停车"
    assert intake.opportunities[0].extra == (("项目名称", "停车项目"),)


def test_content_speaks_for_a_column_without_a_telling_heading() -> None:
    intake = read(
        sheet(
            ("企业名称", "注册资本(万元)", "代 码 栏", "栏目五"),
            ("甲科技有限公司", 100, "91140726757264884C", "13800000000"),
            ("乙科技有限公司", 200, "91140923672300903N", "13800000001"),
        )
    )
    assert [e.credit_code for e in intake.enterprises] == ["91140726757264884C", "91140923672300903N"]
    assert [e.contact.phones for e in intake.enterprises] == [("13800000000",), ("13800000001",)]
    assert codes(intake).count("column-uncertain") == 2


def test_names_around_the_table_tip_the_scales() -> None:
    header = ("单位名称", "类别", "联系人", "备注")
    rows = ("甲科技有限公司", "企业", "张三", "")
    assert read(sheet(header, rows, file="参会回执.xlsx")).participants
    assert read(sheet(header, rows, file="企业名录.xlsx")).enterprises


def test_unknown_kind_refuses_every_row_and_names_the_nearest() -> None:
    intake = read(sheet(("牵头部门", "甲栏", "乙栏", "场景类型"), ("市城管局", "一", "二", "三")))
    assert (intake.rows_in, intake.rows_refused) == (1, 1)
    (finding,) = [f for f in intake.findings if f.severity is Severity.ERROR]
    assert finding.code == "kind-unknown"
    assert "场景机会" in finding.expected


PINS = """
[[table]]
file = "城管*.xlsx"
kind = "场景机会"
header_row = 2
[table.columns]
"甲栏" = "name"
"乙栏" = "合作需求"
"丙栏" = ""
"""


def test_pins_settle_kind_header_and_columns(tmp_path: Path) -> None:
    path = tmp_path / "mapping.toml"
    path.write_text(PINS, "utf-8")
    pins = load_pins(path)
    rows = (("标题", "场景名称"), ("甲栏", "乙栏", "丙栏"), ("智慧停车", "盘活车位", "其他"))
    pinned = read(sheet(*rows, file="城管局报送.xlsx"), pins=pins)
    assert [(o.name, o.need, o.extra) for o in pinned.opportunities] == [("智慧停车", "盘活车位", (("丙栏", "其他"),))]
    assert [f for f in pinned.findings if f.severity is not Severity.NOTICE] == []
    # the control: another file is not meant
    assert read(sheet(*rows, file="商务局报送.xlsx"), pins=pins).opportunities == ()


def test_mapping_faults_are_all_listed(tmp_path: Path) -> None:
    path = tmp_path / "mapping.toml"
    path.write_text(
        """
colour = 1
[[table]]
kind = "oportunities"
header_row = 0
shet = "Sheet1"
[[table]]
kind = "opportunities"
[table.columns]
"甲" = "nam"
"乙" = 3
""",
        "utf-8",
    )
    with pytest.raises(SettingsError) as caught:
        load_pins(path)
    text = str(caught.value)
    assert len(caught.value.faults) == 5
    for expected in ("colour", "“opportunities”", "header_row", "“sheet”", "columns"):
        assert expected in text


def test_unknown_field_asks_did_you_mean(tmp_path: Path) -> None:
    path = tmp_path / "mapping.toml"
    path.write_text('[[table]]\nkind = "opportunities"\n[table.columns]\n"甲" = "nam"\n', "utf-8")
    with pytest.raises(SettingsError, match="您是否指：“name”"):
        load_pins(path)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"[[table]\n", b"table = 3\n"])
def test_broken_mapping_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "mapping.toml"
    path.write_bytes(content)
    with pytest.raises(SettingsError):
        load_pins(path)


def test_two_headings_pinned_to_a_field_of_one_column_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "mapping.toml"
    path.write_text('[[table]]\n[table.columns]\n"电话" = "phone"\n"联系人" = "phone"\n', "utf-8")
    with pytest.raises(SettingsError) as caught:
        load_pins(path)
    assert "电话" in caught.value.faults[0]
    assert "联系人" in caught.value.faults[0]


def test_two_headings_pinned_to_a_field_of_many_columns_are_fine(tmp_path: Path) -> None:
    path = tmp_path / "mapping.toml"
    path.write_text('[[table]]\nkind = "enterprises"\n[table.columns]\n"甲" = "tracks"\n"乙" = "tracks"\n', "utf-8")
    assert len(load_pins(path)[0].columns) == 2


@pytest.mark.parametrize("row", [3, 99])
def test_a_pinned_header_beyond_the_sheet_refuses_its_rows(row: int) -> None:
    page = sheet(("企业名称", "核心产品"), ("甲科技有限公司", "相机"), (None, None), ("乙科技有限公司", "镜头"))
    intake = read(page, pins=[Pin(header_row=row)])
    assert (intake.rows_in, intake.rows_taken, intake.rows_refused) == (3, 0, 3)
    (finding,) = [f for f in intake.findings if f.code == "header-row-missing"]
    assert finding.severity is Severity.ERROR


def test_columns_far_behind_are_kept_without_matching() -> None:
    named = ("企业名称", "核心产品", "注册资本(万元)", "统一社会信用代码")
    heads = (*named, *(f"附加栏{i}" for i in range(600)), "联系电话")
    intake = read(sheet(heads, ("甲科技有限公司", "相机", 100, None, *("值",) * 600, "13800000000")))
    (firm,) = intake.enterprises
    assert firm.products == "相机"
    assert firm.contact.phones == ()
    assert ("联系电话", "13800000000") in firm.extra
    assert len([f for f in intake.findings if f.code == "column-extra"]) == 500 - len(named) + 1
