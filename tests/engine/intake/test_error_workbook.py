"""The workbook that goes back to the sender: marks, list, links, styles kept, nothing executable, the same bytes."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import docx
import openpyxl
import pytest
import xlsxwriter
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from yingcheng.findings import Finding, Place, Severity
from yingcheng.intake.error_workbook import write_error_workbook
from yingcheng.intake.readers import open_file

DATA = Path(__file__).parents[2] / "data" / "intake"


def finding(
    name: str,
    *,
    sheet: str = "清单",
    row: int = 3,
    column: int = 2,
    severity: Severity = Severity.WARNING,
    found: str = "约三个亿",
) -> Finding:
    return Finding(severity, "amount-unclear", Place(name, sheet, row, column), found, "金额和单位", "请写成 3 亿元。")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "报送.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet("清单")
        page.merge_range("A1:C1", "全区清单", book.add_format({"bold": True, "font_size": 20}))
        page.write_row("A2", ["序号", "投资额", "单位"])
        page.write_row("A3", [1, "约三个亿", "甲局"])
        page.write_row("A4", [2, 5, "乙局"])
        page.write_formula("B5", "=SUM(B4:B4)", None, 5)
        page.set_column("B:B", 33)
        book.add_worksheet("附件").write("A1", "说明")
    return path


def written(source: Path, name: str, findings: list[Finding], tmp_path: Path) -> openpyxl.Workbook:
    target = tmp_path / "out.xlsx"
    write_error_workbook(source, name, findings, target)
    return openpyxl.load_workbook(target)


def listed(page: Worksheet) -> list[tuple[object, ...]]:
    return [row for row in page.iter_rows(min_row=5, values_only=True) if row[0] is not None]


def test_own_workbook_comes_back_marked(source: Path, tmp_path: Path) -> None:
    findings = [
        finding("报送.xlsx"),
        finding("报送.xlsx", severity=Severity.ERROR, found="另一处"),
        finding("报送.xlsx", row=4, column=0, severity=Severity.NOTICE),
        finding("别的文件.xlsx", row=2),
    ]
    book = written(source, "报送.xlsx", findings, tmp_path)
    assert book.sheetnames == ["问题清单", "清单", "附件"]
    page = book["清单"]
    assert (page["A1"].font.size, page["A1"].font.bold, page.column_dimensions["B"].width > 30) == (20, True, True)
    assert [str(span) for span in page.merged_cells.ranges] == ["A1:C1"]
    assert page["B5"].value == "=SUM(B4:B4)"
    assert page["B3"].fill.fgColor.rgb == "FFFFC7CE"
    comment = page["B3"].comment
    assert comment is not None
    for text in ("【错误】", "【提醒】", "现为：约三个亿", "应为：金额和单位", "怎么改：请写成 3 亿元。"):
        assert text in comment.text
    assert page["A4"].comment is not None
    assert page["A2"].comment is None
    rows = listed(book["问题清单"])
    assert [row[1:5] for row in rows] == [
        ("错误", "清单", "B3", "另一处"),
        ("提醒", "清单", "B3", "约三个亿"),
        ("提示", "清单", "第4行", "约三个亿"),
    ]
    link = book["问题清单"]["D5"].hyperlink
    assert link is not None
    assert link.location == "'清单'!B3"
    assert sum(bool(sheet.sheet_view.tabSelected) for sheet in book.worksheets) == 1


def test_the_same_input_gives_the_same_bytes(source: Path, tmp_path: Path) -> None:
    for path, name in ((source, "报送.xlsx"), (DATA / "list.xls", "list.xls")):
        results = []
        for number in (1, 2):
            target = tmp_path / f"{number}.xlsx"
            write_error_workbook(path, name, [finding(name)], target)
            results.append(target.read_bytes())
        assert results[0] == results[1]
        with zipfile.ZipFile(tmp_path / "1.xlsx") as archive:  # the clock stands nowhere, or a second later they differ
            assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
            core = archive.read("docProps/core.xml").decode()
        created, modified = re.findall(r"<dcterms:\w+[^>]*>([^<]+)<", core)
        assert created == modified


@pytest.mark.parametrize("text", ["=1+1", "+86 0351", "-5", "@SUM(A1)", "=cmd|'/c calc'!A1"])
def test_text_never_becomes_a_formula(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"名称,说明\n甲,{text}\n", encoding="utf-8")
    book = written(path, "a.csv", [finding("a.csv", sheet="a", row=2, found=text)], tmp_path)
    for cell in (book["a"]["B2"], book["问题清单"]["E5"]):
        assert (cell.value, cell.data_type, cell.quotePrefix) == (text, "s", True)


def test_a_formula_that_starts_a_program_is_defused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet("清单")
        page.write_formula("A1", "=cmd|'/c calc'!A1", None, 0)
        page.write_formula("A2", "=SUM(B1:B2)", None, 0)
    page = written(path, "a.xlsx", [], tmp_path)["清单"]
    assert (page["A1"].data_type, page["A2"].data_type) == ("s", "f")


def test_other_formats_are_rebuilt_where_they_stood(tmp_path: Path) -> None:
    book = written(DATA / "list.xls", "list.xls", [finding("list.xls", sheet="场景清单", row=4, column=3)], tmp_path)
    page = book["场景清单"]
    assert page["B3"].value == "无人机巡检河道"
    assert page["D4"].value == 200.5
    assert "C3:C4" in [str(span) for span in page.merged_cells.ranges]
    assert page["C3"].comment is not None  # C4 is inside the merged range
    assert book["备查"]["B3"].value == "旧数据"


def test_table_names_a_spreadsheet_refuses(tmp_path: Path) -> None:
    document = docx.Document()
    for number in range(2):
        document.add_paragraph("[附件1] 场景/机会：清单*" + "很长的名字" * 6 + str(number))
        document.add_table(1, 1).cell(0, 0).text = "名称"
    document.add_paragraph("问题清单")
    document.add_table(1, 1).cell(0, 0).text = "甲"
    path = tmp_path / "a.docx"
    document.save(str(path))
    names = [sheet.name for sheet in open_file(path, name="a.docx").sheets]
    book = written(path, "a.docx", [finding("a.docx", sheet=name, row=1, column=1) for name in names], tmp_path)
    assert len(book.sheetnames) == 4
    assert all(len(title) <= 31 for title in book.sheetnames)
    assert all(book[title]["A1"].comment is not None for title in book.sheetnames[1:])


def test_a_refused_file_yields_the_list_alone(tmp_path: Path) -> None:
    path = tmp_path / "坏.xlsx"
    path.write_bytes(b"PK\x03\x04 nothing")
    refused = Finding(Severity.ERROR, "broken-zip", Place("坏.xlsx"), "", "完整的文件", "请重新发送。")
    book = written(path, "坏.xlsx", [refused], tmp_path)
    assert book.sheetnames == ["问题清单"]
    assert listed(book["问题清单"])[0][1:4] == ("错误", None, "整个文件")
    assert "未能读取" in str(book["问题清单"]["A3"].value)


def test_sent_back_workbook_is_read_without_our_sheet_and_marked_afresh(source: Path, tmp_path: Path) -> None:
    first = tmp_path / "退回.xlsx"
    write_error_workbook(source, "报送.xlsx", [finding("报送.xlsx")], first)
    assert [sheet.name for sheet in open_file(first, name="退回.xlsx").sheets] == ["清单", "附件"]
    book = written(first, "退回.xlsx", [finding("退回.xlsx", row=4)], tmp_path)
    assert book.sheetnames == ["问题清单", "清单", "附件"]
    page = book["清单"]
    assert (page["B3"].comment, page["B3"].fill.fill_type) == (None, None)
    assert page["B4"].comment is not None


def test_the_senders_own_comment_and_sheet_stay(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet("清单")
        page.write("B3", "约三个亿")
        page.write_comment("B3", "领导批示", {"author": "办公室"})
        book.add_worksheet("问题清单").write("A1", "本单位存在的问题")
    book = written(path, "a.xlsx", [finding("a.xlsx")], tmp_path)
    comment = book["清单"]["B3"].comment
    assert comment is not None
    assert comment.text.startswith("领导批示")
    assert book["问题清单"]["A1"].value == "本单位存在的问题"
    assert len(book.sheetnames) == 3


def test_control_characters_and_long_texts_do_not_break_the_workbook(source: Path, tmp_path: Path) -> None:
    odd = finding("报送.xlsx", found="甲\x00\x0b乙" + "长" * 40_000)
    value = written(source, "报送.xlsx", [odd], tmp_path)["问题清单"]["E5"].value
    assert isinstance(value, str)
    assert value.startswith("甲乙长")
    assert len(value) <= 32_767


def test_a_workbook_openpyxl_cannot_load_is_rebuilt(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(*_: object, **__: object) -> None:
        raise TypeError("expected <class 'float'>")

    monkeypatch.setattr("yingcheng.intake.error_workbook.load_workbook", stumble)
    target = tmp_path / "out.xlsx"
    write_error_workbook(source, "报送.xlsx", [finding("报送.xlsx")], target)
    monkeypatch.undo()
    page = openpyxl.load_workbook(target)["清单"]
    assert page["B3"].value == "约三个亿"
    assert page["B3"].comment is not None
    assert page["A1"].font != Font(size=20, bold=True)
