"""白皮书.pdf: the whole programme in one paper, a chapter per step, the cases, and where every figure comes from."""

from __future__ import annotations

from pathlib import Path

from yingcheng.publish import chapters
from yingcheng.publish.blocks import Block, Cover, Fact, Facts, Heading, Points, to_pdf
from yingcheng.publish.records import Deliverable, Results

__all__ = ["white_paper", "write"]

FILE = Path("白皮书.pdf")
REMARK = "本文由营城软件依据各单位报送材料自动编制，图表下方均注明数据来源；标注“虚构”的内容仅供演示。"


def _summary(results: Results) -> list[Block]:
    listed, matrix = results.opportunities, results.matrix
    taken = sum(table.rows_taken for report in results.files for table in report.tables)
    plan = results.plan
    focus = [view.track for view in plan.tracks if view.focus]
    position = f"耦合协调度 {plan.diagnosis.degree:.3f}，{plan.diagnosis.grade}；" if plan.diagnosis else ""
    lines = [
        f"顶层策划：{position}{'重点赛道为' + '、'.join(focus) if focus else '未选出重点赛道'}。",
        f"场景机会清单：{len(listed.opportunities)} 条，可发布 {len(listed.published)} 条。",
        f"制度创新举措：{len(results.reach.measures)} 项，逐条对照 {len(matrix.enterprises)} 家企业。",
        f"企业能力矩阵：{len(matrix.enterprises)} 家企业、{len(matrix.cells)} 个有证据的能力格。",
        f"政企精准对接：选定 {len(results.assignment.pairs)} 对会谈，排入 {len(results.timetable.meetings)} 场。",
        f"落地项目：{len(results.portfolio.projects)} 项，超时限 {len(results.portfolio.overdue)} 项。",
    ]
    return [
        Heading("概要"),
        Facts(
            (
                Fact("输入文件", f"{len(results.files)} 个", f"采用 {taken} 行"),
                Fact("场景机会", f"{len(listed.opportunities)} 条"),
                Fact("企业", f"{len(matrix.enterprises)} 家"),
                Fact("案例", f"{len(results.cases)} 个"),
            )
        ),
        Points(tuple(lines)),
    ]


def blocks_of(results: Results) -> list[Block]:
    """Everything the white paper consists of, in order."""
    return [
        *_summary(results),
        Heading("① 做好一个顶层策划设计"),
        *chapters.plan_chapter(results, drawn=True),
        Heading("② 发布一个场景机会清单"),
        *chapters.opportunities_chapter(results, drawn=True),
        Heading("③ 出台一套制度创新举措"),
        *chapters.measures_chapter(results, drawn=True),
        Heading("④ 匹配一个企业能力矩阵"),
        *chapters.matrix_chapter(results, drawn=True),
        Heading("⑤ 组织一次政企精准对接"),
        *chapters.matching_chapter(results, drawn=True),
        Heading("⑥ 落地一批场景营城项目"),
        *chapters.projects_chapter(results, drawn=True),
        Heading("案例"),
        *chapters.case_pages(results),
        Heading("附录一　数据来源"),
        *chapters.data_appendix(results),
        Heading("附录二　方法"),
        *chapters.methods_appendix(),
        Heading("附录三　数据核验"),
        *chapters.findings_appendix(results),
    ]


def cover_of(results: Results) -> Cover:
    """The first page."""
    return Cover(
        programme=results.name,
        title="产城融合白皮书",
        subtitle=f"{results.city}　场景营城“六个一”成果" if results.city else "场景营城“六个一”成果",
        entries=(
            ("城市", results.city or "未注明"),
            ("批次", results.batch or "未注明"),
            ("截至日期", f"{results.as_of:%Y年%m月%d日}"),
        ),
        remark=REMARK,
        author=results.name,
        as_of=results.as_of,
    )


def white_paper(results: Results) -> bytes:
    """The white paper as PDF.

    Raises:
        MissingExtra: the ``paper`` extra is not installed.
    """
    return to_pdf(cover_of(results), blocks_of(results))


def write(results: Results, out: Path) -> tuple[Deliverable, ...]:
    """Write ``白皮书.pdf`` below ``out``.

    Raises:
        MissingExtra: the ``paper`` extra is not installed.
    """
    (out / FILE).write_bytes(white_paper(results))
    summary = f"六章、{len(results.cases)} 个案例、三个附录，图表均注明数据来源"
    return (Deliverable(0, "白皮书", FILE, summary=summary),)
