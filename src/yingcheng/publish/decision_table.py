"""The decision table of measures as a workbook that officers fill in and send back; intake reads it again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from yingcheng.measures.balance import TOOLS
from yingcheng.measures.facts import FactKind, fact_kinds
from yingcheng.measures.outline import rows_of, tree_of
from yingcheng.measures.records import Clause, Measure
from yingcheng.publish.workbook import Column, Table, Value, write_workbook

__all__ = ["decision_table", "write_decision_table", "write_template"]

_OPERATORS = (
    *(
        "≥",
        "≤",
        ">",
        "<",
        "等于",
        "不等于",
        "介于",
        "属于",
        "不属于",
        "具有",
        "不具有",
        "同时具有",
        "至少2项",
        "是",
        "否",
    ),
    *("符合", "人工认定", "任一满足", "全部满足", "至少满足2项", "均不满足"),
)
_COLUMNS = (
    Column("序号", 6, "centre"),
    Column("政策名称", 26),
    Column("文号", 18),
    Column("级别", 8, "centre", ("国家", "省", "市", "区", "街道")),
    Column("类别", 10),
    Column("工具类型", 10, "centre", TOOLS),
    Column("扶持方式", 16),
    Column("支持标准", 26),
    Column("扶持金额", 16),
    Column("不重复享受", 12),
    Column("资金总额", 12),
    Column("申报截止日期", 14),
    Column("有效期", 18),
    Column("办理时限", 10, "centre"),
    Column("责任单位", 18),
    Column("依据", 20),
    Column("材料", 22),
    Column("申报渠道", 16),
    Column("适用赛道", 16),
    Column("来源链接", 16),
    Column("条款号", 10, "centre"),
    Column("条款类型", 10, "centre", ("资质", "行业", "规模", "地域", "信用", "其他")),
    Column("条件编号", 9, "centre"),
    Column("条款内容", 36),
    Column("事实", 20, "text", tuple(kind.name for kind in fact_kinds().values())),
    Column("比较", 12, "centre", _OPERATORS),
    Column("值", 26),
)
_NOTES = (
    "一项政策占若干行，政策各栏只在第一行填写，其后空白视为同上；每行一条条件，“条款内容”照抄政策原文。",
    "条件编号 1、2、3 须同时满足。组合条件单占一行：2 的“比较”填“任一满足”，其下 2.1、2.2 满足其一即可。",
    "组合的写法还有：全部满足、至少满足2项、均不满足。只能由人判断的条件，比较填“人工认定”。",
    "事实可写算式：研发投入÷营业收入、0.6×专利数+0.4×软件著作权数、营业收入近3年年均增长率。",
    "值写明单位，可分时段：500万元；2026-01-01起：800万元。可分档：营业收入<5000万元：5%；营业收入<2亿元：4%；其余：3%。",
    "支持标准写成能计算的公式，如 研发投入×10%，最高200万元；同一“不重复享受”组内企业只能取最高一项。",
)


def _texts(measure: Measure) -> tuple[Value, ...]:
    return (
        measure.name, measure.number, measure.level, measure.category, measure.tool, measure.support, measure.standard,
        measure.amount.text if measure.amount else "", measure.exclusive, measure.budget.text if measure.budget else "",
        measure.deadline.text if measure.deadline else "", measure.validity.text if measure.validity else "",
        f"{measure.days}个工作日" if measure.days is not None else "", measure.unit, measure.basis,
        "、".join(measure.materials), measure.channel, "、".join(measure.tracks), measure.link,
    )  # fmt: skip


def decision_table(measures: Sequence[Measure], *, template: bool = False) -> Table:
    """Every measure with its conditions as a tree of numbered rows.

    Args:
        measures: the measures.
        template: keep columns that nothing is filled in.
    """
    rows: list[tuple[Value, ...]] = []
    for number, measure in enumerate(measures, start=1):
        texts = _texts(measure)
        clauses = rows_of(tree_of(measure.clauses).tree) or (Clause("", "", ""),)
        for place, clause in enumerate(clauses):
            about = (str(number), *texts) if place == 0 else ("", measure.name, *("" for _text in texts[1:]))
            rows.append(
                (
                    *about,
                    clause.number,
                    clause.kind,
                    clause.outline,
                    clause.text,
                    clause.fact,
                    clause.operator,
                    clause.value,
                )
            )
    needed = {"政策名称", "条件编号", "条款内容", "事实", "比较", "值"}
    kept = [
        index
        for index, column in enumerate(_COLUMNS)
        if template or column.header in needed or any(row[index] for row in rows)
    ]
    return Table(
        "政策条款",
        "惠企政策条款表",
        tuple(_COLUMNS[index] for index in kept),
        [tuple(row[index] for index in kept) for row in rows],
        notes=_NOTES if template else (),
        freeze=2,
        empty="本批未收到政策条款。",
    )


def write_decision_table(path: Path, measures: Sequence[Measure], *, as_of: date) -> None:
    """Write the decision table of measures as it was read."""
    write_workbook(path, [decision_table(measures)], title="惠企政策条款表", as_of=as_of)


_TYPES = {
    "number": "数值", "date": "日期", "flag": "是或否", "age": "整年数", "texts": "文字", "region": "地区",
    "industry": "行业", "qualification": "资质", "measure": "另一项政策",
}  # fmt: skip


def _about(kind: FactKind) -> str:
    unit = f"，单位 {kind.unit}" if kind.unit else ""
    other = f"；也可写作 {'、'.join(kind.synonyms)}" if kind.synonyms else ""
    return f"{kind.name}：{_TYPES[kind.type]}{unit}；数据来自{kind.authority or '企业提供'}{other}。"


def write_template(path: Path, *, as_of: date) -> None:
    """Write an empty decision table with an example, drop-down lists, and the facts that can be asked for."""
    blank: Sequence[Value] = ("",) * len(_COLUMNS)
    table = decision_table([_EXAMPLE], template=True)
    # Sentences, not a table: the workbook is sent back with them.
    about = tuple(map(_about, fact_kinds().values()))
    facts = Table("可用的事实", "可填入“事实”栏的名称", (Column("", 120),), (), notes=about, freeze=0)
    filled = replace(table, rows=[*table.rows, *(blank for _row in range(40))])
    write_workbook(path, [filled, facts], title="惠企政策条款表（模板）", as_of=as_of)


_TIERS = "营业收入<5000万元：5%；营业收入<2亿元：4%；其余：3%"
_EXAMPLE = Measure(
    id="",
    name="研发投入后补助（虚构示例，填写时请删去）",
    number="示例〔2026〕1号",
    level="市",
    category="科技",
    tool="供给",
    support="后补助",
    standard="研发投入×10%，最高200万元",
    unit="市科技局（虚构示例）",
    materials=("营业执照", "审计报告"),
    channel="惠企政策兑现平台",
    days=20,
    clauses=(
        Clause("第三条", "地域", "在本市注册的企业", "注册地", "属于", "太原市", outline="1"),
        Clause("第三条", "资质", "具备下列条件之一", operator="任一满足", outline="2"),
        Clause("第三条", "资质", "高新技术企业", "资质", "具有", "高新技术企业", outline="2.1"),
        Clause("第三条", "规模", "研发人员不少于30人", "研发人员数", "≥", "30人", outline="2.2"),
        Clause("第四条", "规模", "研发费用占比达到规定标准", "研发投入÷营业收入", "≥", _TIERS, outline="3"),
        Clause("第五条", "信用", "未列入经营异常名录", "经营异常", "否", "", outline="4"),
        Clause("第六条", "其他", "项目具有较好的示范作用", operator="人工认定", outline="5"),
    ),
)  # fmt: skip
