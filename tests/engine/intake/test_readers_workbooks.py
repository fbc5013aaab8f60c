"""Workbooks as offices send them: coordinates, merged and hidden cells, wrong names, formulas, links, macros."""

from __future__ import annotations

import shutil
import zipfile
from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from yingcheng.findings import Finding, Severity
from yingcheng.intake.grid import Sheet
from yingcheng.intake.readers import OpenedFile, open_file

DATA = Path(__file__).parents[2] / "data" / "intake"


def cell(sheet: Sheet, row: int, column: int) -> object:
    """A value by the coordinates the sender sees."""
    return sheet.rows[row - sheet.first_row][column - sheet.first_column]


def only(opened: OpenedFile, code: str) -> Finding:
    """The one finding of a kind."""
    (finding,) = [finding for finding in opened.findings if finding.code == code]
    return finding


def codes(opened: OpenedFile) -> list[str]:
    return [finding.code for finding in opened.findings]


@pytest.mark.parametrize("extension", ["xls", "ods"])
def test_old_and_open_formats_read_like_xlsx(extension: str) -> None:
    opened = open_file(DATA / f"list.{extension}", name=f"list.{extension}")
    assert opened.format == extension
    sheet = opened.sheets[0]
    assert sheet.name == "场景清单"
    assert sheet.rows[1] == ("序号", "场景机会名称", "单位名称", "投资额（万元）")
    assert sheet.rows[3][0] == 2
    assert sheet.rows[3][3] == 200.5
    if extension == "xls":
        assert sheet.merged == ((1, 1, 1, 4), (3, 3, 4, 3))
    hidden = opened.sheets[1]
    assert (hidden.first_row, hidden.first_column, hidden.rows) == (3, 2, (("旧数据",),))
    assert only(opened, "hidden-sheet").place.sheet == "备查"


def test_old_workbook_under_the_new_extension(tmp_path: Path) -> None:
    path = tmp_path / "报送表.xlsx"
    shutil.copy(DATA / "list.xls", path)
    opened = open_file(path, name="报送表.xlsx")
    assert opened.format == "xls"
    assert cell(opened.sheets[0], 3, 2) == "无人机巡检河道"
    finding = only(opened, "wrong-extension")
    assert finding.severity is Severity.NOTICE
    assert finding.found == ".xlsx"
    assert "wrong-extension" not in codes(open_file(DATA / "list.xls", name="报送表.xls"))


@pytest.mark.parametrize("name", ["清单.csv", "清单", "清单.xls"])
def test_new_workbook_under_another_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet().write("A1", "名称")
    opened = open_file(path, name=name)
    assert (opened.format, codes(opened)) == ("xlsx", ["wrong-extension"])


def test_coordinates_stay_those_of_the_sheet(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet("Sheet2")
        page.merge_range("C4:E4", "全市清单")
        page.write_row("C5", ["序号", "名称", "单位"])
        page.write_row("C7", [1, "甲场景", "甲局"])
        page.merge_range("E7:E8", "甲局")
    (sheet,) = open_file(path, name="a.xlsx").sheets
    assert (sheet.name, sheet.first_row, sheet.first_column) == ("Sheet2", 4, 3)
    assert cell(sheet, 5, 4) == "名称"
    assert sheet.rows[2] == (None, None, None)
    assert cell(sheet, 7, 3) == 1
    assert sheet.merged == ((4, 3, 4, 5), (7, 5, 8, 5))


def test_values_are_what_the_sender_sees(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.append([1.0, 2.5, "  ", "甲", True, date(2025, 12, 31), datetime(2025, 1, 2, 3, 4), time(9, 30), None, 1e20])  # noqa: DTZ001
    book.save(path)
    (sheet,) = open_file(path, name="a.xlsx").sheets
    row = sheet.rows[0]
    assert row == (1, 2.5, None, "甲", True, date(2025, 12, 31), datetime(2025, 1, 2, 3, 4), "09:30", None, 1e20)  # noqa: DTZ001
    assert [type(value) for value in row[:2]] == [int, float]
    assert type(row[4]) is bool
    assert type(row[5]) is date


def test_hidden_rows_are_read_and_noted(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet("清单")
        for row, name in enumerate(["名称", "甲", "乙", "丙"]):
            page.write(row, 0, name)
        page.set_row(2, None, None, {"hidden": True})
        page.set_row(40, None, None, {"hidden": True})
        page.set_column("C:C", None, None, {"hidden": True})
    opened = open_file(path, name="a.xlsx")
    assert opened.sheets[0].hidden_rows == {3}
    assert opened.sheets[0].rows[2] == ("乙",)
    assert not opened.findings  # said once, by the search for tables


def test_formula_nobody_has_calculated(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = "投资"
    page.append(["一", "二", "合计"])
    page.append([1, 2, "=SUM(A2:B2)"])
    book.save(path)
    opened = open_file(path, name="a.xlsx")
    finding = only(opened, "formula-without-value")
    assert (finding.severity, finding.place.sheet, finding.place.cell) == (Severity.WARNING, "投资", "C2")
    calculated = tmp_path / "b.xlsx"
    with xlsxwriter.Workbook(calculated) as written:
        written.add_worksheet().write_formula("A1", "=1+2", None, 3)
    opened = open_file(calculated, name="b.xlsx")
    assert opened.sheets[0].rows == ((3,),)
    assert opened.findings == ()


def test_error_values_are_named_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet("甲")
        page.write_string(0, 0, "金额")
        for row in range(1, 31):
            page.write_formula(row, 0, "=1/0", None, "#DIV/0!")
    found = [finding for finding in open_file(path, name="a.xlsx").findings if finding.code == "error-value"]
    assert [finding.place.cell for finding in found[:2]] == ["A2", "A3"]
    assert found[0].found == "#DIV/0!"
    assert len(found) == 21
    assert "10" in found[-1].found


def test_macros_and_external_links_are_noted_not_followed(tmp_path: Path) -> None:
    plain, path = tmp_path / "plain.xlsx", tmp_path / "a.xlsm"
    with xlsxwriter.Workbook(plain) as book:
        book.add_worksheet().write("A1", "甲")
    shutil.copy(plain, path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0")
        archive.writestr("xl/externalLinks/externalLink1.xml", "<externalLink/>")
    opened = open_file(path, name="a.xlsm")
    assert opened.sheets[0].rows == (("甲",),)
    assert codes(opened) == ["macros-ignored", "external-links-ignored"]
    assert all(finding.severity is Severity.NOTICE for finding in opened.findings)
    assert open_file(plain, name="plain.xlsx").findings == ()


def test_several_sheets_keep_their_order_and_empty_ones(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("说明")
        book.add_worksheet("数据").write("B2", "甲")
        chart = book.add_chart({"type": "column"})
        chart.add_series({"values": "=数据!$B$2"})
        book.add_chartsheet("图").set_chart(chart)
    opened = open_file(path, name="a.xlsx")
    assert [(sheet.name, len(sheet.rows)) for sheet in opened.sheets] == [("说明", 0), ("数据", 1)]


def test_line_breaks_and_full_width_text_arrive_untouched(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    text = "智慧城市\n②人工智能、智能终端（ＡＩ）"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet().write_string("A1", text)
    assert open_file(path, name="a.xlsx").sheets[0].rows == ((text,),)


def test_reading_twice_gives_the_same(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet().write_row("A1", ["甲", 1, 2.5])
    assert open_file(path, name="a.xlsx") == open_file(path, name="a.xlsx")
