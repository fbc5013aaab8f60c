"""③ 惠企政策适用: which measure reaches which enterprise, with the trace of every clause."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from yingcheng.measures.amounts import Amount, read_standard
from yingcheng.measures.asking import requests
from yingcheng.measures.automatic import without_application
from yingcheng.measures.money import Stakes, at_stake
from yingcheng.measures.reach import Reach
from yingcheng.measures.records import Clause, Verdict
from yingcheng.publish import charts
from yingcheng.publish.decision_table import write_decision_table
from yingcheng.publish.measure_analyses import DECIDES, analyses, in_ten_thousands
from yingcheng.publish.pictures import write_pictures
from yingcheng.publish.records import STEP_FOLDERS, Deliverable, Results
from yingcheng.publish.wording import origin, written
from yingcheng.publish.workbook import Column, Table, Value, write_workbook

__all__ = ["write"]

_STEP = 3
_NO_MEASURES = "本批材料未包含政策条款。"
_NO_ENTERPRISES = "本批材料未包含企业，未作适用判定。"

_MOST_ROWS = 200_000
"""More rows than this make a workbook no office machine opens; then 不符合 is left out, and after that the rest cut."""


def _nothing(reach: Reach) -> str:
    """Why there are no verdicts."""
    return _NO_ENTERPRISES if reach.measures else _NO_MEASURES


def _overview(reach: Reach, stakes: Stakes) -> Table:
    columns = (
        Column("政策名称", 30),
        Column("文号", 18),
        Column("级别", 8, "centre"),
        Column("类别", 10),
        Column("工具类型", 8, "centre"),
        Column("支持标准", 26),
        Column("申报截止", 14),
        Column("有效期", 16),
        Column("办理时限", 10, "centre"),
        Column("责任单位", 18),
        Column("申报渠道", 14),
        Column("条款数", 8, "int"),
        Column("符合（家）", 9, "int"),
        Column("还需材料（家）", 11, "int"),
        Column("不符合（家）", 10, "int"),
        Column("符合企业可得（万元）", 14, "number"),
        Column("免申即享", 10, "centre"),
        Column("来源", 34),
    )
    rows = [
        (
            measure.name, measure.number, measure.level, measure.category, measure.tool,
            measure.standard or written(measure.amount) or measure.support, written(measure.deadline),
            written(measure.validity), "" if measure.days is None else f"{measure.days}个工作日", measure.unit,
            measure.channel, len(measure.clauses), reach.count(place, Verdict.YES), reach.count(place, Verdict.UNKNOWN),
            reach.count(place, Verdict.NO),
            None if stakes.measures[place].fault else in_ten_thousands(stakes.measures[place].least),
            "可以" if without_application(reach.judged[place].reading).possible else "不可以",
            origin(measure.sources[:1]),
        )
        for place, measure in enumerate(reach.measures)
    ]  # fmt: skip
    return Table("政策一览", "惠企政策一览与覆盖情况", columns, rows, notes=(DECIDES,), empty=_NO_MEASURES)


_ORDER = {Verdict.YES: 0, Verdict.UNKNOWN: 1, Verdict.NO: 2}


def _pairs(reach: Reach, rows_of: Counter[int]) -> tuple[list[tuple[int, int]], str]:
    """(measure, enterprise) to be listed, and a note on what is left out. ``rows_of``: rows a measure takes."""
    wanted: tuple[Verdict, ...] = tuple(Verdict)
    every = len(reach.enterprises) * sum(rows_of.values())
    note = ""
    if every > _MOST_ROWS:
        wanted = (Verdict.YES, Verdict.UNKNOWN)
        note = f"全部共 {every} 行，本表不列“不符合”的，且至多列 {_MOST_ROWS} 行；各政策的家数见“政策一览”。"
    pairs: list[tuple[int, int]] = []
    left = _MOST_ROWS
    for place in range(len(reach.measures)):
        for verdict in wanted:
            of_verdict = reach.having(place, verdict)[: max(0, left // max(rows_of[place], 1))]
            left -= len(of_verdict) * rows_of[place]
            pairs += [(place, enterprise) for enterprise in of_verdict]
    return sorted(pairs), note


def _can_get(amount: Amount | None) -> str:
    if amount is None:
        return ""
    low, high = (None if end is None else f"{in_ten_thousands(end):,.2f}" for end in (amount.low, amount.high))
    if amount.certain:
        return f"{low}"
    if high is None:
        return f"不低于 {low}" if amount.low else "尚不能测算"
    return f"不超过 {high}" if not amount.low else f"{low}–{high}"


def _results(reach: Reach, names: dict[str, str]) -> Table:
    columns = (
        Column("企业名称", 32),
        Column("政策名称", 32),
        Column("结论", 10, "centre"),
        Column("还需材料", 36),
        Column("未满足的条款", 46),
        Column("可得支持（万元）", 16, "centre"),
    )
    pairs, note = _pairs(reach, Counter(dict.fromkeys(range(len(reach.measures)), 1)))
    standards = [read_standard(measure) for measure in reach.measures]
    listed = sorted(
        pairs, key=lambda pair: (names.get(reach.enterprises[pair[1]], ""), _ORDER[reach.verdict(*pair)], pair)
    )
    rows: list[tuple[Value, ...]] = []
    for place, enterprise in listed:
        application = reach.application(place, enterprise)
        amount = None
        if application.verdict is not Verdict.NO:
            amount = standards[place].amount(reach.facts[application.enterprise_id])
        rows.append(
            (
                names.get(application.enterprise_id, application.enterprise_id),
                reach.measures[place].name,
                application.verdict.value,
                "、".join(application.missing),
                "；".join(trace.reason for trace in application.traces if trace.verdict is Verdict.NO),
                _can_get(amount),
            )
        )
    notes = (DECIDES, *([note] if note else []))
    return Table("企业适用", "逐企业适用结论", columns, rows, notes=notes, empty=_nothing(reach))


def _clause_text(clause: Clause) -> str:
    return clause.text or " ".join(part for part in (clause.fact, clause.operator, clause.value) if part)


def _trace_rows(reach: Reach, names: dict[str, str], pairs: list[tuple[int, int]]) -> Iterator[tuple[Value, ...]]:
    for place, enterprise in pairs:
        application = reach.application(place, enterprise)
        for trace in application.traces:
            yield (
                reach.measures[place].name,
                names.get(application.enterprise_id, application.enterprise_id),
                trace.clause.kind,
                " ".join(part for part in (trace.clause.outline, _clause_text(trace.clause)) if part),
                trace.verdict.value,
                trace.reason,
                "、".join(trace.missing),
                origin([trace.clause.source] if trace.clause.source else []),
            )


def _traces(reach: Reach, names: dict[str, str]) -> Table:
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
    rows_of = Counter({place: len(judged.reading.clauses) for place, judged in enumerate(reach.judged)})
    pairs, note = _pairs(reach, rows_of)
    rows = list(_trace_rows(reach, names, pairs))
    notes = (DECIDES, *([note] if note else []))
    return Table("条款判定", "逐条款判定过程", columns, rows, notes=notes, freeze=2, empty=_nothing(reach))


def _to_ask(reach: Reach, names: dict[str, str]) -> Table:
    columns = (
        Column("企业名称", 32),
        Column("次序", 8, "centre"),
        Column("需补充", 28),
        Column("数据来自", 24),
        Column("补齐后可定的政策", 50),
        Column("涉及政策（项）", 12, "int"),
    )
    rows: list[tuple[Value, ...]] = []
    for enterprise, identifier in enumerate(reach.enterprises):
        if len(rows) > _MOST_ROWS:
            break
        for number, request in enumerate(requests(reach, enterprise), start=1):
            settled = "、".join(reach.measures[place].name for place in request.settles)
            name = names.get(identifier, identifier)
            source = request.source or "企业提供或人工认定"
            rows.append((name, str(number), request.fact, source, settled, len(request.concerns)))
    notes = ("只列补齐后可能改变结论的材料；按“少补材料、多定政策”排列，登记部门已有的排在前面。",)
    return Table("待补材料", "各企业待补材料与次序", columns, rows, notes=notes, empty="没有待补的材料。")


def write(results: Results, out: Path) -> tuple[Deliverable, ...]:
    """Write 惠企政策适用.xlsx and 惠企政策条款表.xlsx below ``out``."""
    reach = results.reach
    names = results.enterprise_names()
    folder = out / STEP_FOLDERS[_STEP]
    stakes = at_stake(reach)
    tables = [_overview(reach, stakes), _results(reach, names), _traces(reach, names), _to_ask(reach, names)]
    path = folder / "惠企政策适用.xlsx"
    write_workbook(path, [*tables, *analyses(reach, stakes, names)], title="惠企政策适用", as_of=results.as_of)
    rules = folder / "惠企政策条款表.xlsx"
    write_decision_table(rules, reach.measures, as_of=results.as_of)
    pictures = {"政策覆盖": lambda: results.gallery.draw(charts.measure_verdicts, reach)}
    return (
        Deliverable(_STEP, "惠企政策适用（工作簿）", path.relative_to(out), summary=_summary(reach)),
        Deliverable(
            _STEP,
            "惠企政策条款表（读入的决策表，可修改后再次报送）",
            rules.relative_to(out),
            summary=f"{len(reach.measures)} 项政策",
        ),
        *write_pictures(_STEP, pictures, out),
    )


def _summary(reach: Reach) -> str:
    if not reach.measures:
        return "本批未收到政策条款"
    if not reach.enterprises:
        return f"{len(reach.measures)} 项政策；本批未收到企业，未作适用判定"
    places = range(len(reach.measures))
    return f"{len(reach.measures)} 项政策 × {len(reach.enterprises)} 家企业：" + "，".join(
        f"{verdict.value} {sum(reach.count(place, verdict) for place in places)}" for verdict in Verdict
    )
