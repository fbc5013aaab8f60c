"""The chapters shared by the white paper and the top-level plan: each step as prose, key figures, charts and tables.

Every figure and table carries the rows it was made from. People's names, telephone numbers and addresses are never
taken up here. Charts are left out where ``charts`` is false, so that the Word document can be written without the
``paper`` extra.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from yingcheng.capabilities.records import Matrix
from yingcheng.cases.records import Case
from yingcheng.findings import FileReport, Severity, SourceRow
from yingcheng.matchmaking.records import Timetable
from yingcheng.measures.records import Verdict
from yingcheng.projects.records import AssessmentLine, Portfolio
from yingcheng.publish import charts
from yingcheng.publish.blocks import (
    Block,
    CaseStudy,
    Column,
    Fact,
    Facts,
    Heading,
    Paragraph,
    Table,
    cited,
    columns_of,
    figure,
    row_ranges,
)
from yingcheng.publish.findings import SEVERITY_LABELS
from yingcheng.publish.records import STEP_FOLDERS, Results
from yingcheng.publish.wording import hundred_million_yuan, written
from yingcheng.standards.datafiles import read_toml
from yingcheng.standards.money import Money
from yingcheng.standards.tracks import TRACKS

__all__ = [
    "EVIDENCE",
    "Places",
    "case_pages",
    "cell_words",
    "data_appendix",
    "file_status",
    "findings_appendix",
    "investment_words",
    "matching_chapter",
    "matrix_chapter",
    "measures_chapter",
    "methods_appendix",
    "opportunities_chapter",
    "projects_chapter",
    "rows_of",
    "statements",
]

MOST_ROWS = 120
MOST_NAMED = 4  # projects named in one line of the score sheet
PROVEN = 1e-6  # a gap below this is a rounding error of the solver
MOST_HELD = 20  # entries held back that are listed one by one; more are grouped by reason
REASON_WIDTH = 44  # Chinese characters
EVIDENCE = Column("依据", 1.1)
KINDS = {
    "opportunities": "场景机会",
    "capabilities": "场景能力",
    "enterprises": "企业",
    "measures": "政策举措",
    "indicators": "指标",
    "cases": "案例",
    "projects": "项目",
    "participants": "参会方",
    "agenda": "议程",
}


def rows_of(records: Iterable[object]) -> tuple[SourceRow, ...]:
    """The source rows of records that keep them in ``sources``."""
    rows: list[SourceRow] = []
    for record in records:
        rows.extend(getattr(record, "sources", ()))
    return tuple(rows)


class Places:
    """Short references to the rows records come from, so that every row of a table can name its own: 〔3〕15–17.

    The number is that of a sheet in :meth:`index`, which says file, sheet and checksum; behind it stand the rows.
    """

    def __init__(self, records: Iterable[object]) -> None:
        sheets = sorted({(row.file, row.sheet) for row in rows_of(records)})
        self._numbers = {sheet: number for number, sheet in enumerate(sheets, start=1)}

    def of(self, record: object) -> str:
        """The rows of one record."""
        return self.of_rows(getattr(record, "sources", ()))

    def of_rows(self, rows: Iterable[SourceRow]) -> str:
        """The same for rows of the records this was made for."""
        sheets: dict[int, list[int]] = {}
        for row in rows:
            sheets.setdefault(self._numbers[row.file, row.sheet], []).append(row.row)
        return "；".join(f"〔{number}〕{row_ranges(lines)}" for number, lines in sorted(sheets.items())) or "—"

    def index(self, results: Results) -> Block:
        """The sheets behind the numbers."""
        digests = {report.file: report.sha256[:12] for report in results.files}
        rows = tuple(
            (f"〔{number}〕", file, sheet or "—", digests.get(file, "—"))
            for (file, sheet), number in self._numbers.items()
        )
        columns = columns_of(
            Column("编号", 0.8, "centre"), Column("文件", 4), Column("工作表", 1.8), Column("校验值", 1.6)
        )
        return Table("依据索引", columns, rows, "程序读入记录；“校验值”为文件 SHA-256 的前 12 位", (1, 2))


def _from(records: Iterable[object], workbook: str) -> str:
    """Input rows, and the deliverable in which each single row can be looked up."""
    places = cited(rows_of(records))
    return f"{places}；逐条见《{workbook}》" if places else f"《{workbook}》"


def _percent(value: float | None) -> str:
    return "—" if value is None else f"{value:.1%}"


@dataclass(frozen=True, slots=True)
class _Sum:
    """What a total of amounts covers."""

    total: Decimal  # 亿元
    counted: int
    foreign: int  # amounts in other currencies, left out

    def words(self, unit: str) -> str:
        """The total with everything a reader needs for quoting it."""
        left_out = f"；另 {self.foreign} {unit}为其他币种，未计入" if self.foreign else ""
        return (
            f"{self.counted} {unit}填报人民币投资额，合计 {self.total:,.2f} 亿元"
            f"（区间取中值，“不超过”“不少于”按限值计{left_out}）"
        )


def _sum_of(amounts: Iterable[Money | None]) -> _Sum:
    total, counted, foreign = Decimal(0), 0, 0
    for amount in amounts:
        if amount is None or amount.middle is None:
            continue
        value = hundred_million_yuan(amount)
        if value is None:
            foreign += 1
        else:
            total, counted = total + value, counted + 1
    return _Sum(total, counted, foreign)


def _grouped(pairs: Iterable[tuple[str, str]], unit: str) -> tuple[tuple[str, str, str], ...]:
    """(what, why) with equal reasons on one line: the reason, how many, the first of them."""
    groups: dict[str, list[str]] = {}
    for name, why in pairs:
        groups.setdefault(why, []).append(name)
    return tuple(
        (why, f"{len(names)}", "、".join(names[:3]) + (f" 等 {len(names)} {unit}" if len(names) > 3 else ""))
        for why, names in sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    )


def _cut_rows(rows: Sequence[tuple[str, ...]], workbook: str) -> tuple[tuple[tuple[str, ...], ...], tuple[Block, ...]]:
    """At most :data:`MOST_ROWS` rows, with a sentence that says where the rest stands."""
    if len(rows) <= MOST_ROWS:
        return tuple(rows), ()
    rest = Paragraph(f"上表列前 {MOST_ROWS} 项，其余 {len(rows) - MOST_ROWS} 项见《{workbook}》。")
    return tuple(rows[:MOST_ROWS]), (rest,)


# ② 场景机会清单


def opportunities_chapter(results: Results, *, drawn: bool, places: Places | None = None) -> list[Block]:
    """② The list: figures, charts, the published entries, what is held back and why.

    With ``places`` every row of a table names the row of the input it was made from; so in the other chapters.
    """
    listed, workbook = results.opportunities, "场景机会清单.xlsx"
    everything = listed.opportunities
    if not everything:
        return [Paragraph("本批材料未包含场景机会清单。")]
    source = _from(everything, workbook)
    published = listed.published
    units = {o.lead or o.unit for o in everything if o.lead or o.unit}
    invested = _sum_of(o.investment for o in published)
    complete = sum(review.completeness for review in listed.reviews) / len(listed.reviews)
    blocks: list[Block] = [
        Facts(
            (
                Fact("收到场景机会", f"{len(everything)} 项", f"{len(units)} 个报送/需求单位"),
                Fact("可发布", f"{len(published)} 项", f"占 {len(published) / len(everything):.0%}"),
                Fact("平均完整度", f"{complete:.0%}"),
                Fact("疑似重复", f"{len(listed.duplicates)} 组"),
            ),
        ),
        Paragraph(
            f"本批共收到 {len(everything)} 项场景机会，涉及 {len(units)} 个报送/需求单位，"
            f"其中 {len(published)} 项达到发布要求。"
            + (f"可发布机会中有 {invested.words('项')}。" if invested.counted else ""),
            key="summary",
            source="" if places is None else source,
        ),
    ]
    if drawn:
        blocks.append(figure(results.gallery.draw(charts.opportunities_by_track, listed), source))
        if len(units) > 1:
            blocks.append(figure(results.gallery.draw(charts.opportunities_by_department, listed), source))
    rows, rest = _cut_rows(
        [
            (
                str(number),
                o.name,
                "、".join(o.tracks) or "—",
                o.unit or "—",
                *(["、".join(o.modes) or "—"] if places is None else []),
                written(o.investment) or "—",
                written(o.period) or "—",
                *([places.of(o)] if places is not None else []),
            )
            for number, o in enumerate(published, start=1)
        ],
        workbook,
    )
    columns = columns_of(
        Column("序号", 0.95, "centre"),
        Column("场景机会名称", 3.4),
        Column("赛道", 1.5),
        Column("需求单位", 2.3),
        *([Column("合作方式", 1.3)] if places is None else []),
        Column("投资额", 1.4),
        Column("时限", 1.6),
        *([EVIDENCE] if places is not None else []),
    )
    if published:
        table = Table("场景机会清单", columns, rows, _from(published, workbook), (1, 3))
        blocks += [Heading("可发布的场景机会", 2), table, *rest]
    held = [(o, r) for o, r in zip(everything, listed.reviews, strict=True) if not r.publishable]
    if held:
        if len(held) > MOST_HELD:
            grouped = _grouped(((o.name, "；".join(r.blockers)) for o, r in held), "项")
            rows, rest = _cut_rows(grouped, workbook)
            columns = columns_of(Column("原因", 3.4), Column("项数", 0.7, "right"), Column("场景机会", 4))
        else:
            rows, rest = _cut_rows(
                [
                    (
                        o.name,
                        o.unit or "—",
                        f"{r.completeness:.0%}",
                        "；".join(r.blockers),
                        *([places.of(o)] if places is not None else []),
                    )
                    for o, r in held
                ],
                workbook,
            )
            columns = columns_of(
                Column("场景机会名称", 3),
                Column("需求单位", 2),
                Column("完整度", 0.9, "right"),
                Column("原因", 3.4),
                *([EVIDENCE] if places is not None else []),
            )
        table = Table("暂不发布的场景机会及原因", columns, rows, _from([o for o, _r in held], workbook))
        blocks += [Heading("待补正", 2), table, *rest]
    if listed.duplicates:
        names = results.opportunity_names()
        rows = tuple(
            ("\n".join(names[i] for i in g.opportunity_ids), names[g.keep], f"{g.similarity:.2f}", "、".join(g.differs))
            for g in listed.duplicates
        )
        columns = columns_of(
            Column("疑似同一场景", 3.4),
            Column("建议保留", 2.6),
            Column("相似度", 0.9, "right"),
            Column("不同之处", 1.8),
        )
        together = {member for group in listed.duplicates for member in group.opportunity_ids}
        table = Table("疑似重复", columns, rows, _from([o for o in everything if o.id in together], workbook))
        blocks += [Heading("疑似重复", 2), Paragraph("相似不等于重复，请报送单位确认后核并。", key="duplicates"), table]
    return blocks


# ③ 制度创新举措


def measures_chapter(results: Results, *, drawn: bool, places: Places | None = None) -> list[Block]:
    """③ The measures and which enterprises each one reaches."""
    reach, workbook = results.reach, "惠企政策适用.xlsx"
    if not reach.measures:
        return [Paragraph("本批材料未包含政策举措。")]
    counts = Counter((item.measure_id, item.verdict) for item in reach.applications)
    reached = {item.enterprise_id for item in reach.applications if item.verdict is Verdict.YES}
    asked = Counter(name for item in reach.applications if item.verdict is Verdict.UNKNOWN for name in item.missing)
    source = _from([*reach.measures, *results.matrix.enterprises], workbook)
    lonely = [m.name for m in reach.measures if not counts[m.id, Verdict.YES] and not counts[m.id, Verdict.UNKNOWN]]
    blocks: list[Block] = [
        Facts(
            (
                Fact("举措", f"{len(reach.measures)} 项"),
                Fact("至少符合一项的企业", f"{len(reached)} 家", f"共 {len(results.matrix.enterprises)} 家"),
                Fact("判断为符合", f"{sum(n for (_m, v), n in counts.items() if v is Verdict.YES)} 次"),
                Fact("还需材料", f"{sum(n for (_m, v), n in counts.items() if v is Verdict.UNKNOWN)} 次"),
            )
        ),
        Paragraph(
            f"{len(reach.measures)} 项举措逐条对照 {len(results.matrix.enterprises)} 家企业的已知事实；"
            "缺少事实时列为“还需材料”，不作否定判断。结果以主管部门认定为准。",
            key="summary",
            source="" if places is None else source,
        ),
    ]
    if drawn:
        blocks.append(figure(results.gallery.draw(charts.measure_verdicts, reach), source))
    rows = tuple(
        (
            m.name,
            m.number or "—",
            m.unit or "—",
            written(m.amount) or m.support or "—",
            written(m.deadline) or "—",
            *(str(counts[m.id, verdict]) for verdict in (Verdict.YES, Verdict.UNKNOWN, Verdict.NO)),
            *([places.of(m)] if places is not None else []),
        )
        for m in reach.measures
    )
    columns = columns_of(
        Column("举措", 3.2),
        Column("文号", 1.7),
        Column("责任单位", 1.5),
        Column("支持标准", 1.5),
        Column("申报截止", 1.7),
        *(Column(head, 0.75, "right") for head in ("符合", "还需", "不符")),
        *([EVIDENCE] if places is not None else []),
    )
    blocks.append(Table("政策举措及适用企业数（家）", columns, rows, source))
    if asked:
        common = "、".join(
            f"{name}（{count} 次）" for name, count in sorted(asked.items(), key=lambda i: (-i[1], i[0]))[:5]
        )
        blocks.append(Paragraph(f"最常缺少的企业事实：{common}。补齐后可作出更多确定判断。", key="asked"))
    if lonely:
        blocks.append(
            Paragraph(f"在现有名单中没有企业适用或可能适用的举措 {len(lonely)} 项：{'、'.join(lonely)}。", key="lonely")
        )
    return blocks


# ④ 企业能力矩阵


def _strongest(matrix: Matrix) -> tuple[tuple[str, ...], ...]:
    levels = charts.matrix_levels(matrix)
    grades: dict[str, str] = {}
    for cell in matrix.cells:
        grades[cell.enterprise_id] = min(grades.get(cell.enterprise_id, "D"), cell.grade or "D")
    order = sorted(matrix.enterprises, key=lambda e: (-sum(levels[e.id].values()), e.name, e.id))
    return tuple(
        (
            e.name,
            "、".join(f"{track} {level}" for track, level in sorted(levels[e.id].items(), key=lambda i: (-i[1], i[0])))
            or "—",
            "、".join(e.roles) or "—",
            grades.get(e.id, "—"),
            "、".join(e.qualifications) or "—",
        )
        for e in order
    )


def cell_words(matrix: Matrix) -> str:
    """How many cells have evidence: enterprise × track, and with the role as third dimension."""
    pairs = {(cell.enterprise_id, cell.track) for cell in matrix.cells}
    return (
        f"{len(matrix.enterprises)} 家企业在 {len(pairs)} 个“企业×赛道”格上有能力记录"
        f"（细分到“企业×赛道×角色”为 {len(matrix.cells)} 格），"
    )


def matrix_chapter(results: Results, *, drawn: bool) -> list[Block]:
    """④ Enterprises × tracks with levels, demand beside supply, and the gaps."""
    matrix, workbook = results.matrix, "企业能力矩阵.xlsx"
    if not matrix.enterprises:
        return [Paragraph("本批材料未包含企业资料。")]
    source = _from(matrix.enterprises, workbook)
    proven = {cell.enterprise_id for cell in matrix.cells if cell.level == 3}
    covered = {cell.track for cell in matrix.cells}
    blocks: list[Block] = [
        Facts(
            (
                Fact("企业", f"{len(matrix.enterprises)} 家"),
                Fact("覆盖赛道", f"{len(covered)}/{len(TRACKS)}"),
                Fact("有已验收能力的企业", f"{len(proven)} 家", "等级 3"),
                Fact("赛道无企业覆盖的机会", f"{len(matrix.unserved)} 项"),
            )
        ),
        Paragraph(
            f"{cell_words(matrix)}每格均附证据。"
            + (f"尚无企业覆盖的赛道：{'、'.join(matrix.uncovered_tracks)}。" if matrix.uncovered_tracks else "")
        ),
    ]
    if drawn:
        both = _from([*results.opportunities.opportunities, *matrix.enterprises], workbook)
        if results.opportunities.opportunities:
            blocks.append(figure(results.gallery.draw(charts.demand_and_supply, results.opportunities, matrix), both))
        blocks.append(figure(results.gallery.draw(charts.capability_heatmap, matrix), source))
    rows, rest = _cut_rows(_strongest(matrix), workbook)
    columns = columns_of(
        Column("企业", 3),
        Column("赛道与等级", 2.6),
        Column("角色", 1.6),
        Column("最高证据", 0.9, "centre"),
        Column("资质", 2),
    )
    blocks += [Table("企业能力一览", columns, rows, source), *rest]
    if matrix.unserved:
        names = results.opportunity_names()
        missing = {opportunity for opportunity, _why in matrix.unserved}
        grouped = _grouped(((names[opportunity], why) for opportunity, why in matrix.unserved), "项")
        rows, rest = _cut_rows(grouped, workbook)
        rooted = [o for o in results.opportunities.opportunities if o.id in missing]
        columns = columns_of(Column("原因", 3), Column("项数", 0.7, "right"), Column("场景机会", 4))
        table = Table("赛道无企业覆盖的机会", columns, rows, _from(rooted, workbook))
        blocks += [Heading("能力缺口", 2), table, *rest]
    return blocks


# ⑤ 政企精准对接


def _break_words(timetable: Timetable) -> str:
    if not timetable.breaks:
        return "各方会谈之间没有空闲时段"
    proof = "已证明最少" if timetable.proven else f"任何排法不少于 {timetable.bound} 处"
    return f"两场会谈之间的空闲；{proof}"


def matching_chapter(results: Results, *, drawn: bool) -> list[Block]:
    """⑤ Candidates, the chosen meetings with their bound, and the timetable."""
    candidates, assignment, timetable = results.candidates, results.assignment, results.timetable
    workbook = "匹配建议.xlsx"
    if not candidates.edges:
        return [Paragraph("本批材料未同时包含场景机会与相应企业，没有形成候选匹配。")]
    both = [*results.opportunities.opportunities, *results.matrix.enterprises]
    source = _from(both, workbook)
    placed = len(timetable.meetings)
    proven = assignment.gap < PROVEN
    quality = "已证明没有更优的选法" if proven else f"距理论最优不超过 {assignment.gap:.2%}"
    blocks: list[Block] = [
        Facts(
            (
                Fact("候选匹配", f"{len(candidates.edges)} 对", f"{len(candidates.nobody)} 项机会暂无足够匹配的候选"),
                Fact("入选会谈", f"{len(assignment.pairs)} 对", quality),
                Fact("已排时段", f"{placed} 场", f"{len(timetable.unplaced)} 场未排入"),
                Fact("空档", f"{timetable.breaks} 处", _break_words(timetable)),
            )
        ),
        Paragraph(
            f"在场次上限内选定 {len(assignment.pairs)} 对会谈，匹配得分合计 {assignment.total:.3f}；"
            + (f"{quality}。" if proven else f"任何选法的合计不超过 {assignment.bound:.3f}，{quality}。")
            + f"每对会谈的理由见《{workbook}》。"
        ),
    ]
    if drawn:
        blocks.append(figure(results.gallery.draw(charts.candidate_scores, candidates, assignment), source))
        if timetable.meetings:
            agenda = cited(rows_of([*timetable.session.agenda, *timetable.participants]))
            places = f"《对接日程.xlsx》；议程与参会方：{agenda or '由场次设置生成'}"
            blocks.append(figure(results.gallery.draw(charts.timetable_occupancy, timetable), places))
    opportunities, enterprises = results.opportunity_names(), results.enterprise_names()
    reasons = {
        (edge.opportunity_id, edge.enterprise_id): charts.cut_text(edge.reasons[0].text, REASON_WIDTH)
        for edge in candidates.edges
        if edge.reasons
    }
    rows, rest = _cut_rows(
        [
            (
                opportunities[pair.opportunity_id],
                enterprises[pair.enterprise_id],
                f"{pair.score:.2f}",
                reasons.get((pair.opportunity_id, pair.enterprise_id)) or ("人工指定" if pair.pinned else "—"),
            )
            for pair in assignment.pairs
        ],
        workbook,
    )
    columns = columns_of(
        Column("场景机会", 2.6), Column("企业", 2.4), Column("得分", 0.7, "right"), Column("主要理由", 2.8)
    )
    blocks += [Table("选定的一对一会谈", columns, rows, source), *rest]
    if timetable.unplaced:
        rows, rest = _cut_rows(
            [(opportunities[u.opportunity_id], enterprises[u.enterprise_id], u.reason) for u in timetable.unplaced],
            workbook,
        )
        columns = columns_of(Column("场景机会", 2.6), Column("企业", 2.4), Column("原因", 2))
        blocks += [Heading("未能排入时段的会谈", 2), Table("未排入的会谈", columns, rows, "《对接日程.xlsx》"), *rest]
    return blocks


# ⑥ 落地项目


LATER = "到达后一阶段的项目计入之前各阶段；搁置、终止的项目计到已到达的阶段。"
RATE_WORDS = {
    "签约率": "签约率 = 到达签约的项目数 ÷ 到达对接的项目数",
    "履约率": "履约率 = 到达注册的项目数 ÷ 到达签约的项目数",
    "开工率": "开工率 = 到达开工的项目数 ÷ 到达签约的项目数",
    "投产率": "投产率 = 到达投产的项目数 ÷ 到达签约的项目数",
    "资金到位率": "资金到位率 = 到位资金 ÷ 计划投资（已签约且两项均以人民币填报的项目）",
}
"""How the rates of the projects room are defined, see yingcheng.projects.funnel.rates."""


def _counted(line: AssessmentLine, names: Mapping[str, str]) -> str:
    """The note of a score line and the projects it was computed from."""
    rows = "、".join(names[project] for project in line.rows[:MOST_NAMED])
    more = f" 等 {len(line.rows)} 项" if len(line.rows) > MOST_NAMED else ""
    return "\n".join(text for text in (line.note, f"计入：{rows}{more}" if rows else "") if text) or "—"


def investment_words(portfolio: Portfolio) -> str:
    """Planned investment of projects from 签约 and from 开工 on; stopped projects are named apart."""
    stopped = {item.project_id for item in portfolio.stopped}
    steps = {step.stage: {*step.project_ids} - stopped for step in portfolio.funnel}
    parts = []
    for stage in ("签约", "开工"):
        found = _sum_of(p.investment for p in portfolio.projects if p.id in steps.get(stage, set()))
        if found.counted:
            parts.append(f"{stage}及以后 {found.total:,.2f} 亿元（{found.counted} 项）")
    running = _sum_of(p.investment for p in portfolio.projects if p.id not in stopped)
    if not running.counted:
        return ""
    words = f"在跟进项目中 {running.words('项')}" + (f"，其中{'，'.join(parts)}" if parts else "")
    halted = _sum_of(p.investment for p in portfolio.projects if p.id in stopped)
    if stopped:
        words += f"；终止、搁置的 {len(stopped)} 项" + (
            f"（计划投资 {halted.total:,.2f} 亿元）未计入" if halted.counted else "未计入"
        )
    return words + "。"


def projects_chapter(results: Results, *, drawn: bool, places: Places | None = None) -> list[Block]:
    """⑥ The funnel, rates, score, overdue projects and the ledger."""
    portfolio, workbook = results.portfolio, "落地项目台账.xlsx"
    if not portfolio.projects:
        return [Paragraph("本批材料未包含落地项目台账。")]
    source = _from(portfolio.projects, workbook)
    shown = portfolio.rates[:3]
    defined = "；".join(RATE_WORDS[name] for name, _rate in shown if name in RATE_WORDS)
    facts = [Fact("跟进项目", f"{len(portfolio.projects)} 项", f"截至 {portfolio.as_of:%Y-%m-%d}")]
    facts += [Fact(name, _percent(rate), "" if rate is not None else "分母为零或无数据") for name, rate in shown]
    blocks: list[Block] = [
        Facts(tuple(facts)),
        Paragraph(f"各比率：{defined}。{LATER}", key="rates"),
        Paragraph(
            f"截至 {portfolio.as_of:%Y年%m月%d日}，跟进项目 {len(portfolio.projects)} 项，"
            f"超期 {len({item.project_id for item in portfolio.overdue})} 项。{investment_words(portfolio)}",
            key="summary",
            source="" if places is None else source,
        ),
    ]
    if drawn:
        blocks.append(figure(results.gallery.draw(charts.funnel, portfolio), source))
    rows, rest = _cut_rows(
        [
            (
                p.name,
                p.enterprise or "—",
                p.stage or "—",
                written(p.investment) or "—",
                p.progress or "—",
                p.next_step or "—",
                *([places.of(p)] if places is not None else []),
            )
            for p in portfolio.projects
        ],
        workbook,
    )
    columns = columns_of(
        Column("项目", 2.6),
        Column("企业", 2),
        Column("阶段", 0.8, "centre"),
        Column("投资额", 1.1),
        Column("推进情况", 2.6),
        Column("下一步", 1.6),
        *([EVIDENCE] if places is not None else []),
    )
    blocks += [Table("落地项目", columns, rows, source), *rest]
    if portfolio.overdue:
        named = {project.id: project for project in portfolio.projects}
        rows = tuple(
            (
                named[o.project_id].name,
                o.stage,
                f"{o.due:%Y-%m-%d}",
                f"{o.days}",
                *([places.of(named[o.project_id])] if places is not None else []),
            )
            for o in portfolio.overdue[:MOST_ROWS]
        )
        columns = columns_of(
            Column("项目", 3),
            Column("应达阶段", 1, "centre"),
            Column("期限", 1.2, "centre"),
            Column("超期（天）", 1, "right"),
            *([EVIDENCE] if places is not None else []),
        )
        late = [named[o.project_id] for o in portfolio.overdue]
        blocks += [Heading("超期项目", 2), Table("超期项目", columns, rows, _from(late, workbook), (0, 1))]
    if portfolio.assessment is not None:
        assessment = portfolio.assessment
        projects = {project.id: project.name for project in portfolio.projects}
        rows = tuple(
            (
                line.name,
                line.formula,
                "—" if line.points is None else f"{line.points:.2f}",
                "—" if line.full is None else f"{line.full:g}",
                _counted(line, projects),
            )
            for line in assessment.lines
        )
        columns = columns_of(
            Column("考核项", 1.6),
            Column("计算公式", 3.2),
            Column("得分", 0.8, "right"),
            Column("满分", 0.8, "right"),
            Column("说明与计入的项目", 3.4),
        )
        origin = "、".join(sorted({line.source for line in assessment.lines if line.source}))
        total = (
            f"合计 {assessment.total:.2f}" if assessment.total is not None else f"已知部分合计 {assessment.known:.2f}"
        )
        title = f"{assessment.title}（{total}）"
        blocks += [Heading("考核得分", 2), Table(title, columns, rows, f"{origin}；{source}")]
    return blocks


# 材料声明


STATEMENT = ("虚构", "不代表", "不得据以", "仅供演示", "仅供参考")


def statements(results: Results) -> tuple[tuple[str, str], ...]:
    """What senders say about their own material in its notes: file and words, equal words of a file once."""
    found = (
        (finding.place.file, finding.found.strip())
        for finding in results.findings
        if finding.code == "note-row" and any(word in finding.found for word in STATEMENT)
    )
    return tuple(dict.fromkeys((file.rsplit("/", 1)[-1], words.removeprefix("注：")) for file, words in found))


# 案例与附录


def case_pages(results: Results) -> list[Block]:
    """Every case along the four innovation dimensions, with the opportunities that resemble it."""
    if not results.cases:
        return [Paragraph("本批材料未包含案例。")]
    names = results.opportunity_names()
    alike: dict[str, list[str]] = {}
    for similar in results.similar:
        words = f"（共有：{'、'.join(similar.words)}）" if similar.words else ""
        alike.setdefault(similar.case_id, []).append(names.get(similar.opportunity_id, similar.opportunity_id) + words)
    rows = tuple(
        (
            case.name,
            case.city or "—",
            case.enterprise or "—",
            "、".join(case.tracks) or "—",
            "、".join(name[:4] for name, text in _dimensions(case) if text) or "—",
        )
        for case in results.cases
    )
    columns = columns_of(
        Column("案例", 3),
        Column("城市", 1),
        Column("企业", 2.2),
        Column("赛道", 1.4),
        Column("已有材料的维度", 2),
    )
    return [
        Paragraph(f"共 {len(results.cases)} 个案例，按投资建设、招商运营、商业模式、规划设计四个创新维度整理。"),
        Table("案例一览", columns, rows, cited(rows_of(results.cases)) or "未注明"),
        *(_case(case, alike.get(case.id, [])) for case in results.cases),
    ]


def _dimensions(case: Case) -> tuple[tuple[str, str], ...]:
    return (
        ("投资建设创新", case.investment),
        ("招商运营创新", case.operation),
        ("商业模式创新", case.business_model),
        ("规划设计创新", case.planning),
    )


def _case(case: Case, alike: Sequence[str]) -> CaseStudy:
    tags = (case.kind, case.city, case.enterprise, "、".join(case.tracks), case.year)
    return CaseStudy(
        name=case.name,
        tags="　|　".join(tag for tag in tags if tag),
        summary=case.summary,
        dimensions=_dimensions(case),
        rest=(("成效", case.result), ("可复制条件", case.preconditions), ("相近的场景机会", "；".join(alike[:3]))),
        source=cited(case.sources) or "未注明",
    )


def file_status(report: FileReport, results: Results) -> str:
    """What became of a file that was not read; empty where it was."""
    if report.refused:
        return f"拒绝：{report.refused}"
    again = any(f.code == "file-repeated" and f.place.file == report.file for f in results.findings)
    return "重复（未再读）" if again else ""


def data_appendix(results: Results) -> list[Block]:
    """Every input file with its checksum and the rows read from it."""
    rows: list[tuple[str, ...]] = []
    for report in results.files:
        kinds = "、".join(dict.fromkeys(KINDS.get(t.kind, t.kind or "未识别") for t in report.tables)) or "—"
        counts = [sum(getattr(t, part) for t in report.tables) for part in ("rows_in", "rows_taken", "rows_refused")]
        note = file_status(report, results)
        rows.append((report.file, report.format or "—", kinds, *(str(n) for n in counts), report.sha256[:12], note))
    columns = columns_of(
        Column("文件", 3),
        Column("格式", 0.7, "centre"),
        Column("内容", 1.3),
        Column("行数", 0.7, "right"),
        Column("采用", 0.7, "right"),
        Column("退回", 0.7, "right"),
        Column("校验值", 1.6),
        Column("备注", 1.6),
    )
    taken = sum(t.rows_taken for report in results.files for t in report.tables)
    intro = Paragraph(
        f"本报告全部数字来自下列 {len(results.files)} 个文件中采用的 {taken} 行数据及所注明的官方统计资料。"
        "“校验值”为文件 SHA-256 的前 12 位，完整校验值与运行参数见成果目录中的 run.json。"
    )
    return [intro, Table("输入文件", columns, tuple(rows), "程序读入记录")] if rows else [intro]


@cache
def _methods() -> tuple[tuple[str, str, str, str], ...]:
    data = read_toml("methods.toml", room="publish")
    return tuple((m["step"], m["name"], m["formula"], m["source"]) for m in data["method"])


def methods_appendix() -> list[Block]:
    """What was computed, how, and after which publication."""
    columns = columns_of(Column("步骤", 0.6, "centre"), Column("方法", 1.6), Column("算法", 5), Column("出处", 2.8))
    return [Table("方法与出处", columns, _methods(), "软件随附方法说明")]


def findings_appendix(results: Results) -> list[Block]:
    """How many findings of each kind there were, with one example each; never what stood in a cell."""
    if not results.findings:
        return [Paragraph("数据核验未发现问题。")]
    order = {severity: place for place, severity in enumerate(SEVERITY_LABELS)}
    groups: dict[tuple[Severity, str], list[int]] = {}
    for index, finding in enumerate(results.findings):
        groups.setdefault((finding.severity, finding.code), []).append(index)
    rows = []
    for (severity, code), members in sorted(groups.items(), key=lambda i: (order[i[0][0]], -len(i[1]), i[0][1])):
        first = results.findings[members[0]]
        rows.append(
            (SEVERITY_LABELS[severity], code, str(len(members)), first.expected, first.remedy, str(first.place))
        )
    counts = Counter(finding.severity for finding in results.findings)
    words = "，".join(f"{SEVERITY_LABELS[s]} {counts[s]} 条" for s in SEVERITY_LABELS)
    columns = columns_of(
        Column("级别", 1),
        Column("代码", 1.5),
        Column("条数", 0.6, "right"),
        Column("应为", 2.2),
        Column("怎么改", 2),
        Column("首例位置", 2.2),
    )
    table = Table("数据核验问题汇总", columns, tuple(rows), f"《{STEP_FOLDERS[0]}》")
    return [Paragraph(f"数据核验共记录 {len(results.findings)} 条：{words}。"), table]
