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
