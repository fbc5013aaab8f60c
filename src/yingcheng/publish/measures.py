"""③ 惠企政策适用: which measure reaches which enterprise, with the trace of every clause."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from yingcheng.measures.records import Application, Measure, Reach, Verdict
from yingcheng.publish import charts
from yingcheng.publish.pictures import write_pictures
from yingcheng.publish.records import STEP_FOLDERS, Deliverable, Results
from yingcheng.publish.wording import origin, written
from yingcheng.publish.workbook import Column, Table, Value, write_workbook

__all__ = ["write"]

_STEP = 3
_NO_MEASURES = "本批材料未包含政策条款。"
_NO_ENTERPRISES = "本批材料未包含企业，未作适用判定。"

_MOST_TRACES = 200_000
"""More clause rows than this make a workbook no office machine opens; then those of 不符合 are left out."""


def _nothing(reach: Reach) -> str:
    """Why there are no verdicts."""
    return _NO_ENTERPRISES if reach.measures else _NO_MEASURES


def _overview(reach: Reach) -> Table:
    columns = (
        Column("政策名称", 30),
        Column("文号", 18),
        Column("级别", 8, "centre"),
        Column("类别", 12),
        Column("扶持方式", 14),
        Column("扶持标准", 18),
        Column("申报截止", 14),
        Column("责任单位", 18),
        Column("条款数", 8, "int"),
        Column("符合（家）", 9, "int"),
        Column("还需材料（家）", 11, "int"),
        Column("不符合（家）", 10, "int"),
        Column("来源", 34),
    )
    counts: Counter[tuple[str, Verdict]] = Counter((a.measure_id, a.verdict) for a in reach.applications)
    rows = [
        (
            measure.name, measure.number, measure.level, measure.category, measure.support, written(measure.amount),
            written(measure.deadline), measure.unit, len(measure.clauses), counts[measure.id, Verdict.YES],
            counts[measure.id, Verdict.UNKNOWN], counts[measure.id, Verdict.NO], origin(measure.sources[:1]),
        )
        for measure in reach.measures
    ]  # fmt: skip
    return Table("政策一览", "惠企政策一览与覆盖情况", columns, rows, empty=_NO_MEASURES)


_ORDER = {Verdict.YES: 0, Verdict.UNKNOWN: 1, Verdict.NO: 2}


def _results(reach: Reach, measures: Mapping[str, Measure], names: Mapping[str, str]) -> Table:
    columns = (
        Column("企业名称", 32),
        Column("政策名称", 32),
        Column("结论", 10, "centre"),
        Column("还需材料", 36),
        Column("未满足的条款", 46),
    )
    ordered = sorted(reach.applications, key=lambda a: (names.get(a.enterprise_id, ""), _ORDER[a.verdict]))
    rows = [
        (
            names.get(application.enterprise_id, application.enterprise_id),
            measures[application.measure_id].name,
            application.verdict.value,
            "、".join(application.missing),
            "；".join(trace.reason for trace in application.traces if trace.verdict is Verdict.NO),
        )
        for application in ordered
    ]
    return Table("企业适用", "逐企业适用结论", columns, rows, notes=("以主管部门认定为准。",), empty=_nothing(reach))


def _traces(reach: Reach, measures: Mapping[str, Measure], names: Mapping[str, str]) -> Table:
    columns = (
        Column("政策名称", 30),
        Column("企业名称", 30),
        Column("条款类型", 10, "centre"),
        Column("条款内容", 44),
        Column("判定", 10, "centre"),
        Column("理由", 46),
        Column("需补充", 22),
        Column("条款来源", 34),
    )
    total = sum(len(application.traces) for application in reach.applications)
    shown: tuple[Application, ...] = reach.applications
    notes: tuple[str, ...] = ("以主管部门认定为准。",)
    if total > _MOST_TRACES:
        shown = tuple(a for a in reach.applications if a.verdict is not Verdict.NO)[: _MOST_TRACES // 8]
        notes = (*notes, f"全部条款判定共 {total} 行，本表只列结论不是“不符合”的；其余结论见“企业适用”。")
    rows: list[tuple[Value, ...]] = [
        (
            measures[application.measure_id].name,
            names.get(application.enterprise_id, application.enterprise_id),
            trace.clause.kind,
            trace.clause.text,
            trace.verdict.value,
            trace.reason,
            "、".join(trace.missing),
            origin([trace.clause.source] if trace.clause.source else []),
        )
        for application in shown
        for trace in application.traces
    ]
    return Table("条款判定", "逐条款判定过程", columns, rows, notes=notes, freeze=2, empty=_nothing(reach))


def write(results: Results, out: Path) -> tuple[Deliverable, ...]:
    """Write 惠企政策适用.xlsx below ``out``."""
    reach = results.reach
    measures = {measure.id: measure for measure in reach.measures}
    names = results.enterprise_names()
    path = out / STEP_FOLDERS[_STEP] / "惠企政策适用.xlsx"
    tables = [_overview(reach), _results(reach, measures, names), _traces(reach, measures, names)]
    write_workbook(path, tables, title="惠企政策适用", as_of=results.as_of)
    counts = Counter(application.verdict for application in reach.applications)
    summary = f"{len(reach.measures)} 项政策 × {len(results.matrix.enterprises)} 家企业：" + "，".join(
        f"{verdict.value} {counts[verdict]}" for verdict in Verdict
    )
    if not reach.measures:
        summary = "本批未收到政策条款"
    elif not results.matrix.enterprises:
        summary = f"{len(reach.measures)} 项政策；本批未收到企业，未作适用判定"
    pictures = {"政策覆盖": lambda: results.gallery.draw(charts.measure_verdicts, reach)}
    return (
        Deliverable(_STEP, "惠企政策适用（工作簿）", path.relative_to(out), summary=summary),
        *write_pictures(_STEP, pictures, out),
    )
