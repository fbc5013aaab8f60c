"""The copies that go back to the senders: one per file, never over each other, with names every disk takes."""

from datetime import date
from pathlib import Path

import openpyxl
import pytest

from yingcheng.checking import check_files, give_back

HEADER = ("序号", "场景机会名称", "合作需求", "单位名称", "联系方式")


def workbook(path: Path, unit: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (HEADER, (1, "智慧停车改造", "对老旧小区开展停车位扩容与错时共享", unit, "电话待定")):
        sheet.append(row)
    book.save(path)
    return path


def test_files_with_like_names_get_copies_of_their_own(tmp_path: Path) -> None:
    paths = [workbook(tmp_path / name, name) for name in ("甲/表.xlsx", "甲_表.xlsx", "乙/表.xlsx")]
    intake, findings = check_files(paths, root=tmp_path, mapping=None, as_of=date(2026, 1, 1), progress=lambda *_: None)
    written = give_back({path.relative_to(tmp_path).as_posix(): path for path in paths}, findings, tmp_path / "退回")
    assert len(intake.opportunities) == 3
    assert len(set(written)) == 3
    units = {openpyxl.load_workbook(path).worksheets[-1]["D2"].value for path in written}
    assert units == {"甲/表.xlsx", "甲_表.xlsx", "乙/表.xlsx"}


@pytest.mark.parametrize("length", [20, 80])
def test_long_chinese_names_are_cut_and_stay_apart(tmp_path: Path, length: int) -> None:
    paths = [workbook(tmp_path / f"{'长' * length}{end}.xlsx", end) for end in "甲乙"]
    _, findings = check_files(paths, root=tmp_path, mapping=None, as_of=date(2026, 1, 1), progress=lambda *_: None)
    written = give_back({path.name: path for path in paths}, findings, tmp_path / "退回")
    assert len(set(written)) == 2
    assert all(len(path.name.encode()) < 255 for path in written)
