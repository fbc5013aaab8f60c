"""Cells, titles and sheets far beyond what anybody types: read or refused with a finding, never a crash."""

from __future__ import annotations

import pytest
from intake_sheets import codes, read, sheet

from yingcheng.findings import Severity
from yingcheng.intake.assemble import enterprises
from yingcheng.intake.cells import read_cell
from yingcheng.intake.limits import Limits


@pytest.mark.parametrize("cell", ["1" * 400, "9" * 17 + "人", 1e300, 10**400])
def test_a_number_nobody_can_mean_is_unreadable(cell: object) -> None:
    intake = read(sheet(("企业名称", "员工人数"), ("甲科技有限公司", cell)))
    assert intake.enterprises[0].staff is None
    (finding,) = [f for f in intake.findings if f.code == "number-unreadable"]
    assert (finding.severity, finding.place.cell) == (Severity.WARNING, "B2")


def test_a_figure_nobody_can_mean_is_unreadable() -> None:
    for cell in ("1" * 400, 1e300):
        reading = read_cell("figure", cell)
        assert reading.value is None
        assert [issue.code for issue in reading.issues] == ["figure-unreadable"]


def test_large_numbers_are_kept() -> None:
    assert read_cell("number", "1,000,000,000").value == 1_000_000_000
    assert read_cell("figure", 123_456_789_012.0).value == 123_456_789_012.0


def test_the_firm_of_a_title_is_looked_for_once_and_at_its_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []

    class Counting:
        def search(self, text: str) -> None:
            looked.append(len(text))

    monkeypatch.setattr(enterprises, "_FIRM_IN_TITLE", Counting())
    title = "甲" * 3200
    rows = [(f"能力{i}", "智慧城市", "说明") for i in range(30)]
    read(sheet((title,), ("场景能力", "类别", "能力描述"), *rows, name="能力清单"))
    assert len(looked) == 3  # title, sheet, file
    assert max(looked) == 200


def test_an_agenda_may_end_at_midnight() -> None:
    intake = read(sheet(("日期", "时间", "议程"), ("2026-05-21", "22:00-24:00", "交流晚宴"), name="议程"))
    (block,) = intake.agenda
    assert (f"{block.start:%H:%M}", f"{block.end:%d %H:%M}") == ("22:00", "21 23:59")
    assert "agenda-end-missing" not in codes(intake)


def test_cells_of_a_file_are_limited() -> None:
    assert Limits().cells == 2_000_000
