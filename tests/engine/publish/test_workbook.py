"""Workbooks: bytes repeat, text stays text, long text is cut where Excel would refuse it."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl

from yingcheng.publish.workbook import Column, Table, write_workbook

COLUMNS = (Column("名称", 20), Column("数", 8, "number"), Column("日期", 12, "date"), Column("率", 8, "percent"))


def make(path: Path, rows: list[tuple[object, ...]]) -> Path:
    table = Table("表", "标题", COLUMNS, rows, notes=("一条说明",))  # type: ignore[arg-type]
    write_workbook(path, [table], title="标题", as_of=date(2021, 5, 20))
    return path


def test_same_input_same_bytes(tmp_path: Path) -> None:
    rows: list[tuple[object, ...]] = [("甲", Decimal("1.5"), date(2021, 1, 2), 0.25)]
    assert make(tmp_path / "a.xlsx", rows).read_bytes() == make(tmp_path / "b.xlsx", rows).read_bytes()


def test_formula_and_link_texts_stay_text(tmp_path: Path) -> None:
    hostile = ["=1+1", '=HYPERLINK("http://example.com")', "http://example.com", "+cmd|' /C calc'!A0"]
    sheet = openpyxl.load_workbook(make(tmp_path / "a.xlsx", [(text, None, None, None) for text in hostile])).active
    assert sheet is not None
    cells = [sheet.cell(row, 1) for row in range(4, 4 + len(hostile))]
    assert [cell.value for cell in cells] == hostile
    assert all(cell.data_type == "s" for cell in cells)
    assert all(cell.hyperlink is None for cell in cells)


def test_header_freezes_filters_and_values_keep_their_types(tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(
        make(tmp_path / "a.xlsx", [("甲", 3, date(2021, 1, 2), 0.5), ("", None, None, None)])
    ).active
    assert sheet is not None
    assert sheet["A1"].value == "标题"
    assert [cell.value for cell in sheet[3]] == ["名称", "数", "日期", "率"]
    assert sheet.freeze_panes == "B4"
    assert sheet.auto_filter.ref == "A3:D5"
    assert sheet["C4"].value.date() == date(2021, 1, 2)
    assert sheet["D4"].number_format == "0.0%"
    assert sheet["A5"].value is None


def test_a_text_longer_than_a_cell_is_cut_with_a_mark(tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(make(tmp_path / "a.xlsx", [("长" * 40_000, None, None, None)])).active
    assert sheet is not None
    assert len(sheet["A4"].value) == 32_767
    assert sheet["A4"].value.endswith("…")


def test_rows_are_high_enough_for_their_longest_text_and_not_endless(tmp_path: Path) -> None:
    rows: list[tuple[object, ...]] = [
        ("甲", 1, None, None),
        ("二十个汉字" * 8, 1, None, None),
        ("一\n二\n三", 1, None, None),
        ("长" * 5000, 1, None, None),
    ]
    sheet = openpyxl.load_workbook(make(tmp_path / "a.xlsx", rows)).active
    assert sheet is not None
    short, long, broken, endless = (float(sheet.row_dimensions[row].height or 0) for row in range(4, 8))
    assert 15 <= short < 20
    assert long >= 4 * 15  # eighty half widths in a column of twenty
    assert 3 * 15 <= broken < 4 * 16
    assert 215 < endless <= 220
    assert {cell.alignment.vertical for row in sheet.iter_rows(min_row=4) for cell in row} == {"top"}


def test_a_wide_sheet_prints_on_two_a3_pages_with_its_first_columns_on_both(tmp_path: Path) -> None:
    columns = tuple(Column(f"列{number}", 16) for number in range(27))
    tables = [Table("宽", "标题", columns, [("甲",) * 27], freeze=3), Table("窄", "标题", columns[:5], [("甲",) * 5])]
    write_workbook(tmp_path / "a.xlsx", tables, title="标题", as_of=date(2021, 5, 20))
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert (book["宽"].page_setup.paperSize, book["宽"].page_setup.fitToWidth) == (8, 2)
    assert book["宽"].print_title_cols == "$A:$C"
    assert (book["窄"].page_setup.paperSize, book["窄"].print_title_cols) == (9, None)


def test_a_table_without_rows_says_why(tmp_path: Path) -> None:
    table = Table("表", "标题", COLUMNS, [], empty="本批材料未包含政策条款。")
    write_workbook(tmp_path / "a.xlsx", [table], title="标题", as_of=date(2021, 5, 20))
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    assert sheet is not None
    assert sheet["A2"].value == "本批材料未包含政策条款。"
    assert sheet["A3"].value == "名称"
