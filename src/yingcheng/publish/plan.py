"""① 顶层策划 as PDF, as a Word document an officer can edit, and its charts as SVG."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from yingcheng.publish import chapters, charts, plan_chapter
from yingcheng.publish.blocks import (
    Block,
    Column,
    Cover,
    Figure,
    Heading,
    Paragraph,
    Points,
    Table,
    cited,
    columns_of,
    figure,
    to_pdf,
)
from yingcheng.publish.chapters import EVIDENCE, Places
from yingcheng.publish.drafting import draft_of
from yingcheng.publish.records import STEP_FOLDERS, Deliverable, Results
from yingcheng.publish.wording import written
from yingcheng.standards.tracks import TRACKS

__all__ = ["PLAN_DOCUMENT", "plan_blocks", "write"]

_STEP = 1
_NAME = "顶层策划"
PLAN_DOCUMENT = Path(STEP_FOLDERS[_STEP]) / f"{_NAME}.docx"
"""Where the Word document is written, below the output folder."""
_PICTURES = {
    "quadrant": "图-城市定位.svg",
    "city_tiles": "图-参照城市等级.svg",
    "subsystem_levels": "图-子系统水平.svg",
    "obstacles": "图-障碍度.svg",
    "gaps": "图-指标差距.svg",
    "industry_scatter": "图-产业基础.svg",
    "track_table": "图-赛道三列.svg",
}
"""Charts kept as files of their own, the key picture first."""

_EVIDENCE = "各行“依据”列：〔编号〕行号，编号见“依据索引”"
_NOBODY = "未填单位"
_MOST_NAMED = 6  # records of one kind that are named for one track
_WORKBOOKS = {
    "机会": "《场景机会清单.xlsx》",
    "企业": "《企业能力矩阵.xlsx》",
    "案例": "《白皮书.pdf》",
    "举措": "《惠企政策适用.xlsx》",
    "不计入": "《惠企政策适用.xlsx》",
}
_REMARK = "本稿由营城软件依据公开统计资料与各单位报送材料自动编制，供修改；图表下方均注明数据来源。"


def _resources(results: Results) -> list[Block]:
    parts = (
        ("场景机会", results.opportunities.opportunities, "场景机会清单.xlsx"),
        ("企业", results.matrix.enterprises, "企业能力矩阵.xlsx"),
        ("政策举措", results.reach.measures, "惠企政策适用.xlsx"),
        ("案例", results.cases, "白皮书.pdf"),
        ("跟进项目", results.portfolio.projects, "落地项目台账.xlsx"),
    )
    units = ("项", "家", "项", "个", "项")
    rows = tuple(
        (name, str(len(records)), cited(chapters.rows_of(records)) or "—", f"《{where}》")
        for name, records, where in parts
        if records
    )
    if not rows:
        return [Paragraph("本批材料未包含可汇集的资源。", key="none")]
    columns = columns_of(
        Column("资源", 1.2), Column("数量", 0.8, "right"), Column("数据来源", 4), Column("逐条可查", 1.8)
    )
    words = "、".join(
        f"{name} {len(records)} {unit}" for (name, records, _w), unit in zip(parts, units, strict=True) if records
    )
    absent = "、".join(name for name, records, _where in parts if not records)
    lacking = f"本批材料未包含{absent}。" if absent else ""
    return [
        Paragraph(f"本次汇集{words}，为谋划提供依据。{lacking}", key="summary"),
        Table("现有资源", columns, rows, "各行“数据来源”列"),
    ]


def _scenarios(results: Results, places: Places, *, drawn: bool) -> list[Block]:
    """The scenario system: per track what is asked, who can answer, what has been done, what supports it."""
    opportunities = Counter(track for o in results.opportunities.opportunities for track in o.tracks)
    levels = charts.matrix_levels(results.matrix)
    enterprises = Counter(track for row in levels.values() for track in row)
    cases = Counter(track for case in results.cases for track in case.tracks)
    measures = Counter(track for measure in results.reach.measures for track in measure.tracks)
    focus = {view.track for view in results.plan.tracks if view.focus}
    rows = tuple(
        (
            track,
            "建议重点" if track in focus else "",
            *(str(counts[track]) for counts in (opportunities, enterprises, cases, measures)),
        )
        for track in TRACKS
    )
    columns = columns_of(
        Column("赛道", 1.6),
        Column("结论", 1, "centre"),
        *(Column(head, 1, "right") for head in ("机会（项）", "企业（家）", "案例（个）", "政策（项）")),
    )
    everything = [
        *results.opportunities.opportunities,
        *results.matrix.enterprises,
        *results.cases,
        *results.reach.measures,
    ]
    if not everything:
        return [Paragraph("本批材料未包含场景机会、企业、案例与政策，未展开场景体系。", key="none")]
    source = cited(chapters.rows_of(everything)) or "无"
    words = "场景体系按十三个赛道展开，逐赛道列出机会、可承接企业、可借鉴案例与可用政策。一项可属多个赛道。"
    blocks: list[Block] = [
        Paragraph(words, key="system"),
        Table("分赛道的场景体系", columns, rows, source),
    ]
    if drawn and results.opportunities.opportunities and results.matrix.enterprises:
        picture = results.gallery.draw(charts.demand_and_supply, results.opportunities, results.matrix)
        blocks.append(figure(picture, source))
    return blocks + _support(results, places)


def _support(results: Results, places: Places) -> list[Block]:
    """What stands ready for the tracks in focus, record by record."""
    rows = []
    for view in plan_chapter.focused(results):
        kinds = (
            ("机会", view.support.opportunities),
            ("企业", view.support.enterprises),
            ("案例", view.support.cases),
            ("举措", view.support.measures),
            ("不计入", view.support.excluded),
        )
        for kind, items in kinds:
            for item in items[:_MOST_NAMED]:
                where = places.of_rows([item.source]) if item.source is not None else "—"
                rows.append((view.track, kind, item.name, item.remark or "—", where))
            if len(items) > _MOST_NAMED:
                rows.append((view.track, kind, f"另 {len(items) - _MOST_NAMED} 项，见{_WORKBOOKS[kind]}", "—", "—"))
    if not rows:
        return []
    columns = columns_of(
        Column("赛道", 1.1), Column("类别", 0.7, "centre"), Column("名称", 3), Column("条件或说明", 2.2), EVIDENCE
    )
    return [
        Heading("重点赛道的场景支撑", 2),
        Table("重点赛道的机会、企业、案例与举措", columns, tuple(rows), _EVIDENCE, (0, 1, 2)),
    ]


def _dated(results: Results) -> Iterator[tuple[date, str, str, object]]:
    """Day, what is due, who is responsible, and the record that says so."""
    for measure in results.reach.measures:
        if measure.deadline is not None and measure.deadline.end is not None:
            yield measure.deadline.end, f"申报截止：{measure.name}", measure.unit, measure
    for project in results.portfolio.projects:
        if project.start_due is not None:
            yield project.start_due, f"约定开工：{project.name}", project.department, project
    for opportunity in results.opportunities.published:
        period = opportunity.period
        if period is not None and period.end is not None:
            unit = opportunity.lead or opportunity.unit
            yield period.end, f"场景时限（{written(period)}）：{opportunity.name}", unit, opportunity


def _milestones(results: Results, places: Places) -> list[Block]:
    dated = [entry for entry in _dated(results) if entry[0] >= results.as_of]
    if not dated:
        return [Paragraph("报送材料中没有截至日期之后的时间节点。", key="none")]
    rows = [
        (f"{day:%Y-%m-%d}", what, who or "—", places.of(record))
        for day, what, who, record in sorted(dated, key=lambda entry: entry[:3])
    ]
    columns = columns_of(Column("日期", 1.2, "centre"), Column("事项", 3.2), Column("责任单位", 1.6), EVIDENCE)
    table = Table("时间节点", columns, tuple(rows[: chapters.MOST_ROWS]), _EVIDENCE, (1,))
    rest = len(rows) - chapters.MOST_ROWS
    return [table, *([Paragraph(f"另有 {rest} 个更晚的时间节点，未列出。", key="rest")] if rest > 0 else [])]


def _responsibilities(results: Results, places: Places) -> list[Block]:
    tasks: dict[str, dict[str, list[object]]] = {}
    for opportunity in results.opportunities.opportunities:
        unit = opportunity.lead or opportunity.unit or _NOBODY
        tasks.setdefault(unit, {}).setdefault("机会", []).append(opportunity)
    for measure in results.reach.measures:
        tasks.setdefault(measure.unit or _NOBODY, {}).setdefault("举措", []).append(measure)
    for project in results.portfolio.projects:
        tasks.setdefault(project.department or _NOBODY, {}).setdefault("项目", []).append(project)
    if not tasks:
        return [Paragraph("报送材料中没有责任单位。", key="none")]

    def load(entry: tuple[str, dict[str, list[object]]]) -> tuple[int, str]:
        return -sum(map(len, entry[1].values())), entry[0]

    kinds = ("机会", "举措", "项目")
    rows = tuple(
        (
            unit,
            *(str(len(mine.get(kind, ())) or "") for kind in kinds),
            places.of_rows(chapters.rows_of(record for records in mine.values() for record in records)),
        )
        for unit, mine in sorted(tasks.items(), key=load)
    )
    columns = columns_of(Column("单位", 3), *(Column(kind, 0.8, "right") for kind in kinds), EVIDENCE)
    blocks: list[Block] = [Table("责任分工（按报送材料中的牵头、责任、对接单位）", columns, rows, _EVIDENCE)]
    owners: dict[str, list[str]] = {}
    for view in plan_chapter.focused(results):
        for one in view.need_evidence:
            if one.gap and one.owner:
                owners.setdefault(one.owner, []).append(f"{view.track}—{one.indicator}")
    if owners:
        shown = tuple((owner, "、".join(dict.fromkeys(what))) for owner, what in owners.items())
        columns = columns_of(Column("部门", 1.6), Column("负责补齐的指标（赛道—指标）", 5))
        blocks.append(Table("重点赛道差距的负责部门", columns, shown, "赛道指标表（程序所附，可改）"))
    return blocks


def _gaps(results: Results) -> list[Block]:
    missing, said = plan_chapter.notes_of(results)
    items = list(missing)
    held = len(results.opportunities.opportunities) - len(results.opportunities.published)
    if held:
        items.append(f"{held} 项场景机会未达到发布要求，原因见《场景机会清单.xlsx》。")
    if results.matrix.uncovered_tracks and results.matrix.enterprises:
        items.append(f"没有企业覆盖的赛道：{'、'.join(results.matrix.uncovered_tracks)}。")
    if results.candidates.nobody:
        items.append(f"{len(results.candidates.nobody)} 项场景机会暂无足够匹配的候选企业。")
    unmeasured = [view.track for view in results.plan.tracks if view.need_value is None]
    if unmeasured and results.plan.diagnosis is not None:
        items.append(f"需求无可测指标的赛道：{'、'.join(unmeasured)}；选为重点的须人工补充依据。")
    nobody = sum(not (o.lead or o.unit) for o in results.opportunities.opportunities)
    if nobody:
        items.append(f"{nobody} 项场景机会没有填写需求单位或牵头部门，责任尚未落实。")
    undated = sum(p.start_due is None for p in results.portfolio.projects)
    if undated:
        items.append(f"{undated} 个项目没有约定开工日期，未列入时间节点。")
    refused = [
        f"{report.file}（{words}）" for report in results.files if (words := chapters.file_status(report, results))
    ]
    if refused:
        items.append(f"未读取的文件：{'；'.join(refused)}。")
    blocks: list[Block] = [Points(tuple(items))] if items else [Paragraph("未发现数据缺口。", key="none")]
    return blocks + ([Heading("数据说明", 2), Points(said)] if said else [])


def plan_blocks(results: Results, *, drawn: bool) -> list[Block]:
    """The plan from resources to gaps, in the order in which officials read it; every row names where it comes from."""
    everything = [
        *results.opportunities.opportunities,
        *results.matrix.enterprises,
        *results.reach.measures,
        *results.cases,
        *results.portfolio.projects,
    ]
    places = Places(everything)
    return [
        Heading("资源"),
        *_resources(results),
        Heading("定位"),
        *plan_chapter.position_section(results, drawn=drawn),
        Heading("重点赛道"),
        *plan_chapter.track_section(results, drawn=drawn),
        *plan_chapter.need_table(results),
        Heading("场景体系"),
        *_scenarios(results, places, drawn=drawn),
        Heading("场景机会清单"),
        *chapters.opportunities_chapter(results, drawn=False, places=places),
        Heading("制度创新举措"),
        *chapters.measures_chapter(results, drawn=False, places=places),
        Heading("项目"),
        *chapters.projects_chapter(results, drawn=False, places=places),
        Heading("时间节点"),
        *_milestones(results, places),
        Heading("责任分工"),
        *_responsibilities(results, places),
        Heading("数据缺口"),
        *_gaps(results),
        *([Heading("依据索引"), places.index(results)] if everything else []),
    ]


def write(results: Results, out: Path) -> tuple[Deliverable, ...]:
    """Write ``1-顶层策划/顶层策划.docx``; with the ``paper`` extra also the PDF and the charts.

    The Word document can be written without the extra, then without charts.
    """
    folder = Path(STEP_FOLDERS[_STEP])
    (out / folder).mkdir(parents=True, exist_ok=True)
    drawn = charts.available()
    title = f"{results.city}{_NAME}" if results.city else _NAME
    entries = (("批次", results.batch), ("截至日期", f"{results.as_of:%Y年%m月%d日}"))
    cover = Cover(
        results.name, title, "", entries, _REMARK, results.name, results.as_of, False, chapters.statements(results)
    )
    blocks = plan_blocks(results, drawn=drawn)
    draft = draft_of(cover, blocks, results.editions)
    diagnosis = results.plan.diagnosis
    position = "本批材料未包含可用的城市指标；"
    if diagnosis is not None:
        grade, lagging = plan_chapter.grade_words(diagnosis), plan_chapter.lagging_words(diagnosis)
        position = f"耦合协调度 {diagnosis.degree:.3f}，{grade}；{lagging}；"
    summary = position + plan_chapter.focus_words(results) + (f"；{draft.summary}" if draft.summary else "")
    made: list[Deliverable] = []
    if drawn:
        (out / folder / f"{_NAME}.pdf").write_bytes(to_pdf(*draft.to_blocks()))
        made.append(Deliverable(_STEP, f"{_NAME}（PDF）", folder / f"{_NAME}.pdf", summary=summary))
    draft.to_document().write(out / PLAN_DOCUMENT)
    made.append(Deliverable(_STEP, f"{_NAME}（Word，可修改）", PLAN_DOCUMENT, summary=summary))
    shown = {block.name: block for block in blocks if isinstance(block, Figure)}
    for chart, name in _PICTURES.items():
        if chart in shown:
            picture = shown[chart]
            (out / folder / name).write_text(picture.picture.svg, encoding="utf-8", newline="\n")
            made.append(Deliverable(_STEP, picture.caption, folder / name, picture=True, summary=picture.alt))
    return tuple(made)
