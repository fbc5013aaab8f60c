"""白皮书.pdf: the whole programme in one paper, a chapter per step, the cases, and where every figure comes from."""

from __future__ import annotations

from pathlib import Path

from yingcheng.publish import chapters, plan_chapter
from yingcheng.publish.blocks import Block, Cover, Fact, Facts, Heading, Points, to_pdf
from yingcheng.publish.records import Deliverable, Results

__all__ = ["white_paper", "write"]

FILE = Path("白皮书.pdf")
REMARK = "本文由营城软件依据各单位报送材料自动编制，图表下方均注明数据来源；标注“虚构”的内容仅供演示。"


def _lines(results: Results) -> list[str]:
    """One line per step that had material, and one that names the steps without."""
    listed, matrix, plan = results.opportunities, results.matrix, results.plan
    position = ""
    if plan.diagnosis is not None:
        grade, lagging = plan_chapter.grade_words(plan.diagnosis), plan_chapter.lagging_words(plan.diagnosis)
        position = f"耦合协调度 {plan.diagnosis.degree:.3f}，{grade}；{lagging}；"
    late = len({item.project_id for item in results.portfolio.overdue})
    steps: tuple[tuple[str, object, str], ...] = (
        ("顶层策划", plan.diagnosis or plan_chapter.focused(results), f"{position}{plan_chapter.focus_words(results)}"),
        (
            "场景机会清单",
            listed.opportunities,
            f"收到 {len(listed.opportunities)} 项，可发布 {len(listed.published)} 项",
        ),
        (
            "制度创新举措",
            results.reach.measures,
            f"{len(results.reach.measures)} 项，逐条对照 {len(matrix.enterprises)} 家企业",
        ),
        ("企业能力矩阵", matrix.enterprises, chapters.cell_words(matrix).rstrip("，")),
        (
            "政企精准对接",
            results.candidates.edges,
            f"选定 {len(results.assignment.pairs)} 对会谈，排入 {len(results.timetable.meetings)} 场",
        ),
        (
            "落地项目",
            results.portfolio.projects,
            f"{len(results.portfolio.projects)} 项，超期 {late} 项。"
            + chapters.investment_words(results.portfolio).rstrip("。"),
        ),
    )
    lines = [f"{name}：{words}。" for name, there, words in steps if there]
    absent = [name for name, there, _words in steps if not there]
    return lines + ([f"本批材料未包含可用于下列部分的内容：{'、'.join(absent)}。"] if absent else [])


def _summary(results: Results) -> list[Block]:
    taken = sum(table.rows_taken for report in results.files for table in report.tables)
    counts = (
        ("场景机会", len(results.opportunities.opportunities), "项"),
        ("企业", len(results.matrix.enterprises), "家"),
        ("案例", len(results.cases), "个"),
    )
    facts = [Fact("输入文件", f"{len(results.files)} 个", f"采用 {taken} 行")]
    facts += [Fact(name, f"{count} {unit}") for name, count, unit in counts if count]
    return [Heading("概要"), Facts(tuple(facts)), Points(tuple(_lines(results)))]


def blocks_of(results: Results) -> list[Block]:
    """Everything the white paper consists of, in order."""
    return [
        *_summary(results),
        Heading("① 做好一个顶层策划设计"),
        *plan_chapter.plan_chapter(results, drawn=True),
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
            ("城市", results.city),
            ("批次", results.batch),
            ("截至日期", f"{results.as_of:%Y年%m月%d日}"),
        ),
        remark=REMARK,
        author=results.name,
        as_of=results.as_of,
        statements=chapters.statements(results),
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
    cases = f"、{len(results.cases)} 个案例" if results.cases else ""
    summary = f"六章{cases}、三个附录，图表均注明数据来源"
    return (Deliverable(0, "白皮书", FILE, summary=summary),)
