"""⑥ 落地项目台账 as a workbook: the ledger in the official columns, funnel, overdue, assessment."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from yingcheng.projects.records import Portfolio, Project
from yingcheng.publish import charts
from yingcheng.publish.pictures import write_pictures
from yingcheng.publish.records import STEP_FOLDERS, Deliverable, Results
from yingcheng.publish.wording import hundred_million_yuan, origin, written
from yingcheng.publish.workbook import Column, Table, Value, write_workbook
from yingcheng.standards.stages import STAGES

__all__ = ["write"]

_STEP = 6
_NO_PROJECTS = "本批材料未包含项目台账。"

_RATE_NOTES: dict[str, tuple[str, str]] = {
    "签约率": (
        "percent",
        "到达签约的项目数 ÷ 到达对接的项目数；到达后一阶段即计入前面各阶段，搁置、终止的计到其到达的阶段。",
    ),
    "履约率": ("percent", "到达注册（项目公司已登记）的项目数 ÷ 到达签约的项目数。"),
    "开工率": ("percent", "到达开工的项目数 ÷ 到达签约的项目数。"),
    "投产率": ("percent", "到达投产的项目数 ÷ 到达签约的项目数。"),
    "资金到位率": ("percent", "到位资金合计 ÷ 计划投资合计，只计到达签约且两项均以人民币填报的项目。"),
    "转化周期": ("days", "从对接到签约天数的中位数，只计两个日期都有的项目。"),
    "超时限未开工项目数": ("count", "已过约定开工日期仍未开工的项目数，不含终止项目。"),
}
"""Rate → how it is written, and its definition as computed in the step."""

_LEDGER = (
    Column("序号", 6, "centre"),
    Column("项目名称", 28),
    Column("公司名称", 28),
    Column("企业与产品简介", 30),
    Column("场景能力", 22),
    Column("类别", 12),
    Column("场景项目介绍", 34),
    Column("计划落地应用场景", 24),
    Column("建议对接部门", 16),
    Column("当前阶段", 10, "centre"),
    *(Column(f"{stage}日期", 12, "date") for stage in STAGES),
    Column("总投资", 14),
    Column("到位资金", 14),
    Column("月份", 10, "centre"),
    Column("推进情况", 34),
    Column("结果", 24),
    Column("存在问题", 26),
    Column("需协调事项", 26),
    Column("下一步", 26),
    Column("场景全周期落地跟进人", 18),
    Column("来源", 36),
)


def _ledger_row(number: int, project: Project) -> tuple[Value, ...]:
    dates = {event.stage: event.date for event in project.events}
    return (
        number,
        project.name,
        project.enterprise,
        project.enterprise_intro,
        project.capability,
        project.category or "、".join(project.tracks),
        project.intro,
        project.scenario or project.opportunity,
        project.department,
        project.stage + (f"（{project.stopped_reason}）" if project.stopped_reason else ""),
        *(dates.get(stage) for stage in STAGES),
        written(project.investment),
        written(project.paid_in),
        project.month,
        "\n".join(dict.fromkeys(text for text in (project.progress, project.status) if text)),
        project.result,
        project.problem,
        project.coordination,
        project.next_step,
        project.follower,
        origin(project.sources),
    )


def _ledger(portfolio: Portfolio) -> Table:
    rows = [_ledger_row(number, project) for number, project in enumerate(portfolio.projects, start=1)]
    return Table(
        "台账", f"落地项目台账（截至 {portfolio.as_of.isoformat()}）", _LEDGER, rows, freeze=3, empty=_NO_PROJECTS
    )


def _funnel(portfolio: Portfolio, names: dict[str, str]) -> Table:
    columns = (
        Column("阶段", 10, "centre"),
        Column("项目数", 9, "int"),
        Column("上一阶段到本阶段中位天数", 14, "number"),
        Column("有日期的项目数", 12, "int"),
        Column("项目", 80),
    )
    rows = [
        (step.stage, step.count, step.median_days, step.dated, "、".join(names[p] for p in step.project_ids))
        for step in portfolio.funnel
    ]
    return Table(
        "阶段漏斗", "项目阶段漏斗", columns, rows, notes=("到达后一阶段的项目计入之前各阶段。",), empty=_NO_PROJECTS
    )


def _rate(kind: str, value: float | None) -> str:
    if value is None:
        return "无可测数据"
    if kind == "percent":
        return f"{value:.1%}"
    if kind == "days":
        return f"{value:g} 天"
    return f"{value:,.0f} 个" if kind == "count" else f"{value:g}"


def _rates(portfolio: Portfolio) -> Table:
    columns = (Column("指标", 22), Column("数值", 14, "centre"), Column("说明", 80))
    if not portfolio.projects:
        return Table("转化指标", "转化指标", columns, [], empty=_NO_PROJECTS)
    rows: list[tuple[Value, ...]] = []
    for name, value in portfolio.rates:
        kind, definition = _RATE_NOTES.get(name, ("number", ""))
        rows.append((name, _rate(kind, value), definition))
    return Table("转化指标", "转化指标", columns, rows, notes=("分母为零或没有日期时不计算。",))


def _overdue(portfolio: Portfolio, names: dict[str, str]) -> Table:
    columns = (
        Column("项目", 34),
        Column("应达到的阶段", 14, "centre"),
        Column("期限", 12, "date"),
        Column("超期天数", 10, "int"),
    )
    rows = [(names[late.project_id], late.stage, late.due, late.days) for late in portfolio.overdue]
    return Table(
        "超期",
        f"超期项目（截至 {portfolio.as_of.isoformat()}）",
        columns,
        rows,
        empty="没有超期项目。" if portfolio.projects else _NO_PROJECTS,
    )


def _assessment(portfolio: Portfolio, names: dict[str, str]) -> Table:
    columns = (
        Column("考核项", 26),
        Column("公式", 44),
        Column("数值", 12, "number"),
        Column("得分", 10, "number"),
        Column("满分", 8, "number"),
        Column("说明", 34),
        Column("公式来源", 30),
        Column("计入的项目", 70),
    )
    assessment = portfolio.assessment
    if assessment is None:
        return Table("考核", "考核得分", columns, [], empty="未提供考核办法文件，未计算得分。")
    rows: list[tuple[Value, ...]] = [
        (
            line.name, line.formula, line.value, line.points, line.full, line.note, line.source,
            "、".join(names[p] for p in line.rows),
        )
        for line in assessment.lines
    ]  # fmt: skip
    rows.append(("合计", "", None, assessment.total, None, "", "", ""))
    return Table("考核", assessment.title, columns, rows)


def _signed(project: Project) -> bool:
    """Whether a project has been signed and still goes on."""
    return project.stage in STAGES[STAGES.index("签约") :]


def _summary(portfolio: Portfolio) -> str:
    if not portfolio.projects:
        return "本批未收到项目台账"
    signed = [project for project in portfolio.projects if _signed(project)]
    planned = sum((amount for p in signed if (amount := hundred_million_yuan(p.investment))), start=Decimal(0))
    parts = [
        f"{len(portfolio.projects)} 个项目",
        f"{len(signed)} 个签约项目计划投资合计 {planned:,.2f} 亿元（不含搁置、终止）",
        f"超期 {len({late.project_id for late in portfolio.overdue})} 个",
    ]
    if portfolio.assessment is not None and portfolio.assessment.total is not None:
        parts.append(f"考核得分 {portfolio.assessment.total:.1f}")
    return "，".join(parts)


def write(results: Results, out: Path) -> tuple[Deliverable, ...]:
    """Write 落地项目台账.xlsx below ``out``."""
    portfolio = results.portfolio
    names = {project.id: project.name for project in portfolio.projects}
    path = out / STEP_FOLDERS[_STEP] / "落地项目台账.xlsx"
    tables = [
        _ledger(portfolio),
        _funnel(portfolio, names),
        _rates(portfolio),
        _overdue(portfolio, names),
        _assessment(portfolio, names),
    ]
    write_workbook(path, tables, title="落地项目台账", as_of=results.as_of)
    summary = _summary(portfolio)
    return (
        Deliverable(_STEP, "落地项目台账（工作簿）", path.relative_to(out), summary=summary),
        *write_pictures(_STEP, {"项目漏斗": lambda: results.gallery.draw(charts.funnel, portfolio)}, out),
    )
