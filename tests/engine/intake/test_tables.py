"""Where tables stand on a sheet, and which rows are data."""

from __future__ import annotations

import pytest
from intake_sheets import codes, read, sheet

from yingcheng.findings import Severity
from yingcheng.intake.tables import cell_text, find_tables

HEADER = ("序号", "场景名称", "需求描述", "需求单位", "联系方式")
FIRST = (1.0, "智慧停车", "盘活存量车位", "市城管局", "0351-0000000")
SECOND = (2.0, "无人配送", "末端配送试点", "市商务局", "0351-0000001")


def names(*rows, **options) -> list[str]:
    return [o.name for o in read(sheet(*rows, **options)).opportunities]


@pytest.mark.parametrize(
    "above",
    [
        [],
        [("2026年场景机会清单",)],
        [("附件1",), ("2026年场景机会清单",)],
        [("2026年场景机会清单",), (), ("填报单位：市城管局", None, None, "填报日期：2026年3月")],
        [(), (), ("场景机会清单",)],
    ],
)
def test_header_under_titles(above: list[tuple]) -> None:
    found = find_tables(sheet(*above, HEADER, FIRST, SECOND))
    (table,) = found.tables
    assert table.header_row == len(above) + 1
    assert [row.number for row in table.rows] == [len(above) + 2, len(above) + 3]
    assert [column.header for column in table.columns] == list(HEADER)


def test_title_is_kept_with_the_table() -> None:
    (table,) = find_tables(sheet(("附件1",), ("场景机会清单",), HEADER, FIRST)).tables
    assert table.title == "附件1\n场景机会清单"


def test_merged_two_row_header_is_joined() -> None:
    rows = sheet(
        ("2026年场景机会清单",),
        ("序号", "场景名称", "联系人", None, None, "投资（万元）", None),
        (None, None, "姓名", "电话", "邮箱", "总投资", "年度计划投资"),
        (1.0, "智慧停车", "张三", "13800000000", "a@example.com", 3500, 1000),
        merged=((1, 1, 1, 7), (2, 1, 3, 1), (2, 2, 3, 2), (2, 3, 2, 5), (2, 6, 2, 7)),
    )
    (table,) = find_tables(rows).tables
    assert table.header_row == 3
    assert [c.header for c in table.columns] == [
        "序号",
        "场景名称",
        "联系人 姓名",
        "联系人 电话",
        "联系人 邮箱",
        "投资（万元） 总投资",
        "投资（万元） 年度计划投资",
    ]
    (opportunity,) = read(rows).opportunities
    assert opportunity.contact.person == "张三"
    assert opportunity.contact.phones == ("13800000000",)
    assert opportunity.contact.emails == ("a@example.com",)
    assert opportunity.investment is not None
    assert opportunity.investment.low == 35_000_000  # the unit stands in the upper header


def test_two_row_header_without_merge_information() -> None:
    rows = (
        ("序号", "场景名称", "需求描述", "联系人", None),
        (None, None, None, "姓名", "电话"),
        (1.0, "智慧停车", "盘活车位", "张三", "13800000000"),
    )
    (table,) = find_tables(sheet(*rows)).tables
    assert table.header_row == 2
    assert [c.header for c in table.columns][3:] == ["联系人 姓名", "联系人 电话"]


def test_group_headings_above_a_complete_header() -> None:
    rows = sheet(
        ("基本情况", None, None, "联系方式", None),
        ("场景名称", "需求描述", "需求单位", "姓名", "电话"),
        ("智慧停车", "盘活车位", "市城管局", "张三", "13800000000"),
        merged=((1, 1, 1, 3), (1, 4, 1, 5)),
    )
    (opportunity,) = read(rows).opportunities
    assert (opportunity.unit, opportunity.contact.person) == ("市城管局", "张三")


def test_two_tables_below_each_other() -> None:
    rows = sheet(
        ("一、场景机会清单",),
        HEADER,
        FIRST,
        SECOND,
        (),
        ("二、企业名单",),
        ("企业名称", "统一社会信用代码", "注册资本(万元)"),
        ("甲科技有限公司", "91140726757264884C", 300),
    )
    intake = read(rows)
    assert [o.name for o in intake.opportunities] == ["智慧停车", "无人配送"]
    assert [e.name for e in intake.enterprises] == ["甲科技有限公司"]
    assert [(t.kind, t.rows_in) for t in intake.files[0].tables] == [("opportunities", 2), ("enterprises", 1)]


def test_two_tables_side_by_side() -> None:
    rows = sheet(
        ("序号", "场景名称", "需求描述", None, "序号", "场景名称", "需求描述"),
        (1.0, "智慧停车", "盘活车位", None, 3.0, "夜间经济", "灯光改造"),
        (2.0, "无人配送", "末端配送", None, None, None, None),
    )
    intake = read(rows)
    assert sorted(o.name for o in intake.opportunities) == sorted(["智慧停车", "无人配送", "夜间经济"])
    assert (intake.rows_in, intake.rows_taken) == (3, 3)


def test_an_empty_column_alone_does_not_split_a_table() -> None:
    rows = (("场景名称", "需求描述", None, "需求单位", "联系方式"), ("智慧停车", "盘活", None, "市城管局", "张三"))
    assert [len(t.columns) for t in find_tables(sheet(*rows)).tables] == [4]


def test_blank_rows_inside_lose_nothing() -> None:
    assert names(HEADER, FIRST, (), (), SECOND) == ["智慧停车", "无人配送"]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (("合计", None, None, None, None), "totals-row"),
        (("总 计", None, 2, None, None), "totals-row"),
        (("注：单位名称待补充。",), "note-row"),
        (("填表人：张三", None, "审核人：李四", None, None), "note-row"),
        (("一、城市治理类",), "section-row"),
        (HEADER, "repeated-header"),
        (("示例", "某某场景", "按此填写", None, None), "example-row"),
    ],
)
def test_rows_that_are_no_data_are_named(row: tuple, code: str) -> None:
    intake = read(sheet(HEADER, FIRST, row, SECOND))
    assert [o.name for o in intake.opportunities] == ["智慧停车", "无人配送"]
    (finding,) = [f for f in intake.findings if f.code == code]
    assert (finding.severity, finding.place.row) == (Severity.NOTICE, 3)
    assert intake.rows_in == intake.rows_taken == 2


def test_numbering_row_under_the_header() -> None:
    intake = read(sheet(HEADER, ("1", "2", "3", "4", "5"), FIRST))
    assert [o.name for o in intake.opportunities] == ["智慧停车"]
    assert "numbering-row" in codes(intake)


def test_notes_over_several_rows() -> None:
    intake = read(sheet(HEADER, FIRST, ("注：1.请如实填写。",), ("2.联系方式请写座机。",)))
    assert [o.name for o in intake.opportunities] == ["智慧停车"]
    assert codes(intake).count("note-row") == 2


def test_a_name_that_begins_like_a_note_is_data() -> None:
    assert names(("场景名称", "需求描述"), ("单位食堂智能化", "改造"), ("说明书自动生成", "生成")) == [
        "单位食堂智能化",
        "说明书自动生成",
    ]


def test_group_heading_reaches_the_records() -> None:
    (first, second) = read(sheet(HEADER, ("一、城市更新类",), FIRST, ("二、其他",), SECOND)).opportunities
    assert ("分组", "一、城市更新类") in first.extra
    assert "城市更新" in first.tracks
    assert ("分组", "二、其他") in second.extra


def test_hidden_rows_are_taken_and_said() -> None:
    intake = read(sheet(HEADER, FIRST, SECOND, hidden=frozenset({3})))
    assert len(intake.opportunities) == 2
    assert ["3" in f.found for f in intake.findings if f.code == "hidden-rows"] == [True]


def test_cover_sheet_is_a_notice() -> None:
    intake = read(sheet(("场景机会清单",), (), ("2026年3月",), name="封面"), sheet(HEADER, FIRST, name="Sheet2"))
    assert [o.name for o in intake.opportunities] == ["智慧停车"]
    (finding,) = [f for f in intake.findings if f.code == "sheet-without-table"]
    assert (finding.place.sheet, finding.severity) == ("封面", Severity.NOTICE)


def test_empty_sheet_says_nothing() -> None:
    assert read(sheet(), sheet((), ())).findings == ()


def test_cells_merged_down_a_group_are_filled() -> None:
    rows = sheet(
        ("场景名称", "需求单位", "需求描述"),
        ("智慧停车", "市城管局", "甲"),
        ("无人配送", None, "乙"),
        ("夜间经济", None, "丙"),
        merged=((2, 2, 3, 2),),
    )
    assert [o.unit for o in read(rows).opportunities] == ["市城管局", "市城管局", ""]


def test_data_without_any_header_is_refused_aloud() -> None:
    intake = read(sheet(("甲", "乙丙丁"), ("戊", "己庚辛"), ("壬", "癸")))
    assert intake.rows_in == intake.rows_refused > 0
    (finding,) = [f for f in intake.findings if f.severity is Severity.ERROR]
    assert finding.code == "kind-unknown"


@pytest.mark.parametrize(
    ("value", "text"), [(1.0, "1"), (1.5, "1.5"), (None, ""), (True, "是"), (" 甲 ", "甲"), (2021, "2021")]
)
def test_cells_as_a_person_reads_them(value: object, text: str) -> None:
    assert cell_text(value) == text  # type: ignore[arg-type]


def test_cover_sheet_with_labels_is_a_notice() -> None:
    cover = (("文旅场景征集表",), ("报送单位", "市文旅局"), ("填报日期", "2026年3月"), ("联系人", "张三"))
    intake = read(sheet(*cover))
    assert codes(intake) == ["sheet-without-table"]
    assert intake.rows_in == 0
    # the control: labels nobody knows above values are a table that could not be told
    assert codes(read(sheet(("甲乙", "丙丁"), ("戊己", "庚辛"), ("壬癸", "子丑")))) == ["kind-unknown"]


def test_long_explanations_in_brackets_are_still_headings() -> None:
    need = "合作需求（包括技术参数、应用规模、预期投入资金和实施时间等，不超过五百字，可另附页说明）"
    intake = read(sheet(("序号", "场景机会名称", need), (1, "智慧停车", "盘活存量车位")))
    assert [(o.name, o.need) for o in intake.opportunities] == [("智慧停车", "盘活存量车位")]


def test_labels_with_values_above_the_header_are_no_header() -> None:
    above = ("填报单位", "市城管局", "联系人", "张三", "联系电话", "0351-0000000")
    (table,) = find_tables(sheet(above, HEADER, FIRST, SECOND)).tables
    assert table.header_row == 2
    assert "row-above-header" in codes(read(sheet(above, HEADER, FIRST, SECOND)))


def test_unit_in_the_title_holds_for_amounts_without_one() -> None:
    header = ("场景名称", "需求描述", "投资额", "资金来源")
    rows = (("场景机会清单",), ("单位：万元",), header, ("智慧停车", "盘活车位", 3500, "自筹"))
    (opportunity,) = read(sheet(*rows)).opportunities
    assert opportunity.investment is not None
    assert opportunity.investment.low == 35_000_000


def test_header_without_rows_is_a_notice() -> None:
    intake = read(sheet(("模板",), HEADER))
    assert codes(intake) == ["table-empty"]
    assert intake.files[0].tables == ()


FORM = (
    ("城市场景机会征集表",),
    ("场景名称：", "智慧停车"),
    ("场景类型", "揭榜", "所属区", "太原市小店区"),
    ("需求描述", "盘活存量车位"),
    ("联系人", "姓名", "张三", "电话(是否公开)", "13800000000（公开）"),
    ("申请单位", "市城管局"),
    ("建设基础",),
    ("已有停车平台，可开放数据。",),
    ("特别说明", "急"),
    ("本表一式两份",),
    ("所属领域", "城市"),  # a value that is a heading elsewhere
)


def test_form_with_labels_beside_values_is_one_record() -> None:
    intake = read(sheet(*FORM))
    (opportunity,) = intake.opportunities
    assert (opportunity.name, opportunity.unit, opportunity.need) == ("智慧停车", "市城管局", "盘活存量车位")
    assert opportunity.contact.person == "张三"
    assert "phone" in opportunity.contact.publishable
    assert opportunity.region is not None
    assert opportunity.region.name == "小店区"
    assert opportunity.foundation == "已有停车平台，可开放数据。"
    assert ("特别说明", "急") in opportunity.extra
    assert opportunity.domains == ("城市",)
    assert (intake.rows_in, intake.rows_taken) == (1, 1)
    assert [f.found for f in intake.findings if f.code == "note-row"] == ["本表一式两份"]


def test_faults_of_a_form_name_their_own_cell() -> None:
    rows = (*FORM[:4], ("投资额", "看情况"), *FORM[4:])
    (finding,) = [f for f in read(sheet(*rows)).findings if f.code.startswith("amount")]
    assert finding.place.cell == "B5"


def test_short_form_is_no_cover() -> None:
    rows = (
        ("市城管局场景需求",),
        ("场景名称：", "智慧停车"),
        ("需求描述：", "盘活车位"),
        ("联系人", "张三"),
        ("电话", "无"),
    )
    assert [o.name for o in read(sheet(*rows)).opportunities] == ["智慧停车"]
