"""Ledgers as they come: one file per month, no column for the stage, months in the header."""

from __future__ import annotations

from datetime import date

import pytest
from intake_sheets import codes, read, sheet

from yingcheng.findings import Severity
from yingcheng.intake.folder import Intake
from yingcheng.projects.ledger import keep_ledger

MONTHLY = ("项目名称", "公司名称", "阶段", "推进情况", "问题")
LANDING = ("序号", "公司名称", "企业与产品简介", "场景能力", "类别", "场景项目介绍", "计划落地应用场景")
LANDING_END = ("建议对接部门", "推进情况", "场景全周期落地跟进人")


def monthly(file: str, stage: str, progress: str, *, title: str = "", name: str = "Sheet1"):
    rows = [MONTHLY, ("智慧停车", "甲科技有限公司", stage, progress, "")]
    return sheet(*([(title,)] if title else []), *rows, file=file, name=name)


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ({"file": "项目台账2025年9月.xlsx"}, {"file": "项目台账2025年10月.xlsx"}),
        ({"file": "台账202509.xlsx"}, {"file": "台账202510.xlsx"}),
        ({"file": "台账2025-09.xlsx"}, {"file": "台账2025-10.xlsx"}),
        ({"file": "台账9月.xlsx"}, {"file": "台账10月.xlsx"}),
        ({"file": "甲.xlsx", "title": "2025年9月项目台账"}, {"file": "乙.xlsx", "title": "2025年10月项目台账"}),
        ({"file": "年.xlsx", "name": "2025年9月"}, {"file": "年.xlsx", "name": "2025年10月"}),
    ],
)
def test_the_name_of_the_file_tells_which_month_is_newer(
    older: dict[str, str], newer: dict[str, str], backwards: bool
) -> None:
    sheets = [monthly(stage="签约", progress="已签约", **older), monthly(stage="开工", progress="进场", **newer)]
    (project,) = read(*(sheets[::-1] if backwards else sheets)).projects
    assert (project.stage, project.progress) == ("开工", "进场")
    assert [(entry.stage, entry.progress) for entry in project.history] == [("签约", "已签约"), ("开工", "进场")]
    ledger = keep_ledger([project], as_of=date(2025, 11, 1))
    changed, undated = (next(f for f in ledger.findings if f.code == c) for c in ("ledger-changed", "stage-undated"))
    assert "签约→开工" in changed.found
    assert changed.severity is Severity.NOTICE
    assert (changed.place.file, changed.place.sheet) == (newer["file"], newer.get("name", "Sheet1"))
    assert undated.place == changed.place


def test_a_month_of_its_own_takes_the_year_of_the_file() -> None:
    rows = (("月份", "状态", "进展", "项目名称"), ("9月", "洽谈", "见面", "停车"), ("10月", "签约", "签了", "停车"))
    (project,) = read(sheet(*rows, file="2025年台账.xlsx")).projects
    assert (project.month, project.progress) == ("10", "签了")
    (project,) = read(sheet(*rows, file="2025年10月台账.xlsx")).projects
    assert (project.month, [entry.month for entry in project.history]) == ("2025-10", ["2025-09", "2025-10"])


def test_a_lower_stage_of_the_newer_month_takes_the_older_back() -> None:
    sheets = [monthly("台账2025年10月.xlsx", "意向", "重新谈"), monthly("台账2025年9月.xlsx", "签约", "已签约")]
    ledger = keep_ledger(read(*sheets).projects, as_of=date(2025, 11, 1))
    assert ledger.projects[0].stage == "意向"
    assert [f.code for f in ledger.findings].count("stage-taken-back") == 1


def test_unchanged_months_are_not_told() -> None:
    sheets = [monthly("台账2025年10月.xlsx", "签约", "同前月"), monthly("台账2025年9月.xlsx", "签约", "同前月")]
    ledger = keep_ledger(read(*sheets).projects, as_of=date(2025, 11, 1))
    assert "ledger-changed" not in [f.code for f in ledger.findings]


def landing(progress: str) -> Intake:
    row = (1, "甲科技有限公司", "停车系统", "停车管理", "技术", "智慧停车", "老城区", "市城管局", progress, "张某")
    return read(sheet((*LANDING, *LANDING_END), row, name="落地项目"))


@pytest.mark.parametrize(
    ("progress", "stage", "day", "told"),
    [
        ("已于2025年8月1日签约", "签约", date(2025, 8, 1), ""),
        ("开工建设", "开工", None, ""),
        ("意向", "意向", None, ""),
        ("正在洽谈", "对接", None, ""),
        ("与市城管局签约后正在组织设备进场施工", "开工", None, "stage-uncertain"),
        ("2025年8月1日签约，目前已停工", "搁置", None, "stage-uncertain"),
        ("2025年8月1日签约，2025年9月1日完成注册", "注册", date(2025, 9, 1), ""),
        ("材料已报送", "", None, "stage-unknown"),
    ],
)
def test_the_stage_of_the_landing_table_stands_in_the_progress(
    progress: str, stage: str, day: date | None, told: str
) -> None:
    intake = landing(progress)
    (project,) = intake.projects
    assert (project.stage, project.progress) == (stage, progress)
    assert next((event.date for event in project.events if event.stage == stage), None) == day
    findings = [f for f in intake.findings if f.code.startswith("stage-")]
    assert [f.code for f in findings] == ([told] if told else [])
    assert all(f.place.cell == "I2" and f.severity is Severity.WARNING for f in findings)


def test_a_day_beside_the_status_dates_the_stage() -> None:
    (project,) = read(sheet(("项目名称", "公司名称", "状态"), ("停车", "甲科技有限公司", "2025年7月10日签约"))).projects
    assert [(event.stage, event.date) for event in project.events] == [("签约", date(2025, 7, 10))]
    assert project.stage == "签约"


def test_a_stage_column_left_blank_is_no_unknown_stage() -> None:
    intake = read(monthly("台账.xlsx", "", "材料已报送"))
    assert "stage-unknown" not in codes(intake)


WIDE = ("洽谈", "缺地", "签约", "缺资金")


@pytest.mark.parametrize(
    ("header", "merged"),
    [
        ((("2025年9月 进展", "2025年9月 问题", "2025年10月 进展", "2025年10月 问题"),), ()),
        ((("2025年10月 进展", "2025年10月 问题", "2025年9月 进展", "2025年9月 问题"),), ()),
        (
            (("2025年9月", None, "2025年10月", None), ("进展", "问题", "进展", "问题")),
            ((1, 3, 1, 4), (1, 5, 1, 6), (1, 1, 2, 1), (1, 2, 2, 2)),
        ),
    ],
)
def test_months_in_the_header(header: tuple[tuple[str | None, ...], ...], merged: tuple) -> None:
    october_first = str(header[0][0]).startswith("2025年10月")
    said = (*WIDE[2:], *WIDE[:2]) if october_first else WIDE
    first, *more = header
    rows = [("项目名称", "公司名称", *first), *((None, None, *row) for row in more)]
    data = [("停车", "甲科技有限公司", *said), ("储能", "乙科技有限公司", "洽谈", None, None, None)]
    project, other = read(sheet(*rows, *data, name="台账", merged=merged)).projects
    assert (project.month, project.progress, project.problem, project.stage) == ("2025-10", "签约", "缺资金", "签约")
    assert [(e.month, e.progress, e.problem) for e in project.history] == [
        ("2025-09", "洽谈", "缺地"),
        ("2025-10", "签约", "缺资金"),
    ]
    assert (other.progress, other.problem) == ("洽谈", "")
