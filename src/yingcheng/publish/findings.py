"""What was found in the input, as one workbook for the officer (each sender gets their own file back besides)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from yingcheng.findings import Finding, Severity
from yingcheng.publish.records import STEP_FOLDERS, Deliverable, Results
from yingcheng.publish.workbook import Column, Table, Value, write_workbook

__all__ = ["SEVERITY_LABELS", "write"]

SEVERITY_LABELS = {Severity.ERROR: "错误", Severity.WARNING: "疑问", Severity.NOTICE: "提示"}

_SHOWN = 500
_DIGITS = 12
"""Enough of a digest to tell files apart by eye; ``run.json`` holds all of it."""


def _shortened(text: str) -> str:
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def _findings(findings: Iterable[Finding]) -> Table:
    columns = (
        Column("级别", 8, "centre"),
        Column("文件", 34),
        Column("工作表", 14),
        Column("位置", 9, "centre"),
        Column("现有内容", 40),
        Column("应为", 40),
        Column("怎么改", 40),
        Column("代码", 22),
    )
    rows: list[tuple[Value, ...]] = [
        (
            SEVERITY_LABELS[finding.severity], finding.place.file, finding.place.sheet, finding.place.cell,
            _shortened(finding.found), finding.expected, finding.remedy, finding.code,
        )
        for finding in findings
    ]  # fmt: skip
    return Table("问题清单", "报送材料问题清单", columns, rows, freeze=2, empty="未发现问题。")


def _files(results: Results) -> Table:
    columns = (
        Column("文件", 40),
        Column("工作表", 16),
        Column("识别为", 14),
        Column("行数", 8, "int"),
        Column("采用", 8, "int"),
        Column("退回", 8, "int"),
        Column("列的理解", 70),
        Column("拒绝原因", 40),
        Column("校验值（sha256 前 12 位）", 16),
    )
    rows: list[tuple[Value, ...]] = []
    for file in results.files:
        if not file.tables:
            rows.append((file.file, "", "", None, None, None, "", file.refused, file.sha256[:_DIGITS]))
        for table in file.tables:
            understood = "；".join(f"{column.header}→{column.label or '（附加）'}" for column in table.columns)
            rows.append(
                (
                    file.file, table.sheet, table.label or "未识别", table.rows_in, table.rows_taken,
                    table.rows_refused, understood, file.refused, file.sha256[:_DIGITS],
                )
            )  # fmt: skip
    return Table("文件", "读取的文件与表", columns, rows)


def write(results: Results, out: Path) -> tuple[Deliverable, ...]:
    """Write 问题清单.xlsx below ``out``."""
    path = out / STEP_FOLDERS[0] / "问题清单.xlsx"
    write_workbook(path, [_findings(results.findings), _files(results)], title="报送材料问题清单", as_of=results.as_of)
    counts = Counter(finding.severity for finding in results.findings)
    summary = "，".join(f"{label} {counts[severity]}" for severity, label in SEVERITY_LABELS.items())
    return (Deliverable(0, "问题清单（工作簿）", path.relative_to(out), summary=summary),)
