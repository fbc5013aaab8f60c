"""⑤ 匹配建议 and 对接日程: candidates with reasons, chosen pairs, the timetable as workbook, paper and calendars."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from pathlib import Path

from yingcheng.matchmaking.records import Candidate, Meeting, Slot
from yingcheng.matchmaking.timetable.stored import TIMETABLE_FILE, write_timetable
from yingcheng.measures.records import Verdict
from yingcheng.publish import charts
from yingcheng.publish.calendars import calendar, file_name
from yingcheng.publish.pictures import write_pictures
from yingcheng.publish.records import STEP_FOLDERS, Deliverable, Results
from yingcheng.publish.timetable_paper import timetable_pdf
from yingcheng.publish.wording import hundredths
from yingcheng.publish.workbook import Column, Table, Value, write_workbook
from yingcheng.standards.text import one_line

__all__ = ["write", "write_paper"]

_STEP = 5
_NO_DAY = "设置中未写明对接会日期，日程所用日期为示意。"
_NO_UNIT = "部分机会的需求单位未填，参会方暂以机会名称代替（标“需求单位待补”）。"
_SCORE = (
    "匹配分为 0–1，由各条理由前所写的分值相加而得：0.3 表示在公开的供需评测中，"
    "文字同样相合的组合约有三成被判为值得对接；不按注册地排序。建议仅供参考，由对接双方确认。"
)
_DECIDE = "请在“决定”栏填写采纳、不采纳、已对接或已签约；积累三十条后可用 yingcheng learn 让匹配更合本地实际。"
_OFFERED = ("采纳", "不采纳", "已对接", "已签约")
_INNER_QUOTES = str.maketrans("“”", "‘’")
_TOO_FEW = "本批材料未同时包含场景机会与企业，没有候选。"


def _when(slot: Slot) -> str:
    return f"{slot.start:%m月%d日 %H:%M}–{slot.end:%H:%M}"


def _questions(candidate: Candidate) -> str:
    return "；".join(gate.ask for gate in candidate.gates if gate.verdict is Verdict.UNKNOWN and gate.ask)


def _reasons(candidate: Candidate) -> str:
    """Each reason with what it adds to the score; what is printed adds up to the printed score."""
    parts = hundredths([reason.contribution for reason in candidate.reasons])
    return "\n".join(f"{part / 100:.2f}　{reason.text}" for part, reason in zip(parts, candidate.reasons, strict=True))


def _nobody(results: Results) -> str:
    """Why there are no candidates."""
    some = results.opportunities.opportunities and results.matrix.enterprises
    return "没有匹配度足够的企业。" if some else _TOO_FEW


def _candidates(results: Results) -> Table:
    columns = (
        Column("场景机会", 30),
        Column("需求单位", 20),
        Column("名次", 6, "centre"),
        Column("企业", 30),
        Column("匹配分", 8, "number"),
        Column("把握度", 8, "number"),
        Column("选定", 6, "centre"),
        Column("决定", 9, "centre", _OFFERED),
        Column("理由", 60),
        Column("不利因素", 30),
        Column("需核实", 30),
    )
    opportunities = {o.id: o for o in results.opportunities.opportunities}
    enterprises = results.enterprise_names()
    chosen = {(pair.opportunity_id, pair.enterprise_id) for pair in results.assignment.pairs}
    rows: list[tuple[Value, ...]] = []
    ranks: dict[str, int] = {}
    for edge in results.candidates.edges:
        ranks[edge.opportunity_id] = rank = ranks.get(edge.opportunity_id, 0) + 1
        opportunity = opportunities[edge.opportunity_id]
        rows.append(
            (
                opportunity.name, opportunity.unit, rank, enterprises[edge.enterprise_id], edge.score, edge.confidence,
                "✓" if (edge.opportunity_id, edge.enterprise_id) in chosen else "", "",
                _reasons(edge), "；".join(edge.against), _questions(edge),
            )
        )  # fmt: skip
    notes: tuple[str, ...] = (_SCORE, _DECIDE)
    if any(not (o.unit or o.lead) for o in results.opportunities.opportunities):
        notes = (*notes, "部分机会的需求单位未填，对接时暂以机会名称代替。")
    return Table("候选企业", "场景机会的候选企业与理由", columns, rows, notes=notes, empty=_nobody(results))


def _openings(results: Results) -> Table:
    """The other direction: for an enterprise the opportunities that fit, and what it lacks for others."""
    columns = (
        Column("企业", 30),
        Column("名次", 6, "centre"),
        Column("场景机会", 34),
        Column("需求单位", 20),
        Column("匹配分", 8, "number"),
        Column("还缺什么", 40),
        Column("理由", 60),
        Column("需核实", 30),
    )
    opportunities = {o.id: o for o in results.opportunities.opportunities}
    enterprises = results.enterprise_names()
    rows: list[tuple[Value, ...]] = []
    ranks: dict[str, int] = {}
    for opening in results.candidates.openings:
        ranks[opening.enterprise_id] = rank = ranks.get(opening.enterprise_id, 0) + 1
        opportunity = opportunities[opening.candidate.opportunity_id]
        rows.append(
            (
                enterprises[opening.enterprise_id], rank, opportunity.name, opportunity.unit, opening.candidate.score,
                "；".join(opening.lacking), _reasons(opening.candidate), _questions(opening.candidate),
            )
        )  # fmt: skip
    notes = ("每家企业最多列出五项最相合的机会；“还缺什么”为空的可以直接对接，不为空的补上即可。",)
    return Table("企业可对接机会", "各企业可对接的场景机会", columns, rows, notes=notes, empty=_nobody(results))


def _chosen(results: Results) -> Table:
    columns = (Column("场景机会", 34), Column("企业", 34), Column("匹配分", 9, "number"), Column("指定", 8, "centre"))
    opportunities, enterprises = results.opportunity_names(), results.enterprise_names()
    assignment = results.assignment
    rows: list[tuple[Value, ...]] = [
        (opportunities[pair.opportunity_id], enterprises[pair.enterprise_id], pair.score, "是" if pair.pinned else "")
        for pair in assignment.pairs
    ]
    if not rows:
        return Table("选定对接", "选定的一对一对接", columns, rows, notes=assignment.unmet, empty=_nobody(results))
    quality = f"共 {len(assignment.pairs)} 场，总分 {assignment.total:.3f}"
    proof = f"同样场次上限下任何选法不超过 {assignment.bound:.3f}（差距 {assignment.gap:.2%}）"
    return Table("选定对接", "选定的一对一对接", columns, rows, notes=(f"{quality}；{proof}。", *assignment.unmet))


def _cited(text: str) -> str:
    """A text in quotation marks; those inside become single ones (GB/T 15834-2011, 4.8)."""
    return f"“{text.translate(_INNER_QUOTES)}”"


def _left_out(results: Results) -> Table:
    columns = (Column("场景机会", 34), Column("企业", 34), Column("原因", 60))
    opportunities, enterprises = results.opportunity_names(), results.enterprise_names()
    rows: list[tuple[Value, ...]] = [(opportunities[o], "", "没有匹配度足够的企业") for o in results.candidates.nobody]
    for refused in results.candidates.refused:
        clauses = "；".join(gate.clause for gate in refused.gates if gate.verdict is Verdict.NO)
        rows.append(
            (opportunities[refused.opportunity_id], enterprises[refused.enterprise_id], f"不符合硬性条件：{clauses}")
        )
    for copy, kept in results.opportunities.copies.items():
        rows.append((opportunities[copy], "", f"疑似与{_cited(opportunities[kept])}为同一场景，由后者对接"))
    return Table("未列入", "没有候选的机会与不符合硬性条件的企业", columns, rows, empty="没有未列入的机会或企业。")


def _doubts(results: Results) -> tuple[str, ...]:
    """What of the timetable is only assumed."""
    nameless = any(participant.name.endswith("（需求单位待补）") for participant in results.timetable.participants)
    return (*(() if results.session_given else (_NO_DAY,)), *((_NO_UNIT,) if nameless else ()))


def _board(results: Results, titles: Mapping[str, str]) -> Table:
    timetable = results.timetable
    names = {participant.id: participant.name for participant in timetable.participants}
    columns = (Column("时段", 20), *(Column(table, 26) for table in timetable.session.tables))
    placed: dict[tuple[int, int], Meeting] = {(m.slot, m.table): m for m in timetable.meetings}
    rows: list[tuple[Value, ...]] = []
    for slot in timetable.session.slots:
        cells = []
        for table in range(len(timetable.session.tables)):
            meeting = placed.get((slot.index, table))
            parties = " ↔ ".join(names[party] for party in meeting.parties) if meeting else ""
            cells.append(f"{parties}\n{titles[meeting.opportunity_id]}" if meeting else "")
        rows.append((_when(slot), *cells))
    blocks = tuple(
        f"{block.start:%m月%d日 %H:%M}–{block.end:%H:%M} {block.title}"
        + (f"（台上：{'、'.join(block.on_stage)}）" if block.on_stage else "")
        for block in timetable.session.agenda
    )
    notes = (*_doubts(results), *(("固定议程：" + "；".join(blocks),) if blocks else ()))
    return Table("按桌位与时段", "一对一对接日程（按桌位与时段）", columns, rows, notes=notes)


def _personal(results: Results) -> Table:
    timetable = results.timetable
    columns = (
        Column("参会方", 30),
        Column("时段", 20),
        Column("桌位", 12, "centre"),
        Column("对方", 30),
        Column("场景机会", 34),
        Column("为何匹配", 50),
    )
    titles = results.opportunity_names()
    edges = {(edge.opportunity_id, edge.enterprise_id): edge for edge in results.candidates.edges}
    names = {participant.id: participant.name for participant in timetable.participants}
    rows: list[tuple[Value, ...]] = []
    for participant in timetable.participants:
        mine = [meeting for meeting in timetable.meetings if participant.id in meeting.parties]
        for meeting in sorted(mine, key=lambda m: m.slot):
            edge = edges.get((meeting.opportunity_id, meeting.enterprise_id))
            rows.append(
                (
                    participant.name,
                    _when(timetable.session.slots[meeting.slot]),
                    timetable.session.tables[meeting.table],
                    "、".join(names[party] for party in meeting.parties if party != participant.id),
                    titles[meeting.opportunity_id],
                    "\n".join(reason.text for reason in edge.reasons[:2]) if edge else "",
                )
            )
    return Table("按参会方", "一对一对接日程（按参会方）", columns, rows, notes=_doubts(results))


def _quality(results: Results) -> Table:
    timetable = results.timetable
    titles, enterprises = results.opportunity_names(), results.enterprise_names()
    columns = (Column("场景机会", 34), Column("企业", 34), Column("未排入原因", 60))
    rows = [(titles[left.opportunity_id], enterprises[left.enterprise_id], left.reason) for left in timetable.unplaced]
    proof = "已证明最少" if timetable.proven else f"任何排法不少于 {timetable.bound}"
    placed = f"排入 {len(timetable.meetings)} 场，未排入 {len(timetable.unplaced)} 场"
    note = f"{placed}；参会方日程中的空档共 {timetable.breaks} 处（{proof}）。"
    return Table("质量与未排入", "日程质量", columns, rows, notes=(note,), empty="选定的对接全部排入。")


def _write_calendars(results: Results, folder: Path) -> int:
    timetable = results.timetable
    folder.mkdir(parents=True, exist_ok=True)
    titles = results.opportunity_names()
    stamp = datetime.combine(results.as_of, time())
    why = {
        (edge.opportunity_id, edge.enterprise_id): one_line(edge.reasons[0].text)
        for edge in results.candidates.edges
        if edge.reasons
    }
    busy = {party for meeting in timetable.meetings for party in meeting.parties}
    written: dict[str, int] = {}
    for participant in timetable.participants:
        if participant.id not in busy:
            continue
        name = file_name(participant)
        written[name] = written.get(name, 0) + 1
        if written[name] > 1:  # two parties whose names differ only in characters a file name cannot hold
            name = f"{Path(name).stem}_{written[name]}.ics"
        (folder / name).write_bytes(calendar(participant, timetable, titles, stamp=stamp, why=why))
    return sum(written.values())


def write(results: Results, out: Path) -> tuple[Deliverable, ...]:
    """Write 匹配建议.xlsx, 对接日程.xlsx and one .ics per participant below ``out``."""
    folder = out / STEP_FOLDERS[_STEP]
    suggestions = folder / "匹配建议.xlsx"
    tables = [_candidates(results), _chosen(results), _openings(results), _left_out(results)]
    write_workbook(suggestions, tables, title="匹配建议", as_of=results.as_of)
    matched = len({edge.opportunity_id for edge in results.candidates.edges})
    found = f"{matched} 项机会有候选，{len(results.candidates.nobody)} 项暂无"
    if copies := results.opportunities.copies:
        found += f"，{len(copies)} 项疑似重复不单独对接"
    summary = f"{found}；选定 {len(results.assignment.pairs)} 场对接"
    if not (results.opportunities.opportunities and results.matrix.enterprises):
        summary = "本批未同时收到场景机会与企业"
    deliverables = [
        Deliverable(
            _STEP,
            "匹配建议（工作簿）",
            suggestions.relative_to(out),
            summary=summary,
        )
    ]
    timetable = results.timetable
    if timetable.meetings or timetable.unplaced:
        schedule = folder / "对接日程.xlsx"
        titles = results.opportunity_names()
        tables = [_board(results, titles), _personal(results), _quality(results)]
        write_workbook(schedule, tables, title="对接日程", as_of=results.as_of)
        summary = f"排入 {len(timetable.meetings)} 场，未排入 {len(timetable.unplaced)} 场，空档 {timetable.breaks} 处"
        deliverables.append(Deliverable(_STEP, "对接日程（工作簿）", schedule.relative_to(out), summary=summary))
        record = folder / TIMETABLE_FILE
        write_timetable(record, timetable)
        deliverables.append(Deliverable(_STEP, "对接日程（供当天调整的数据文件）", record.relative_to(out)))
    if timetable.meetings:
        calendars = folder / "日历"
        count = _write_calendars(results, calendars)
        deliverables.append(Deliverable(_STEP, f"个人日历（.ics，{count} 份）", calendars.relative_to(out)))
    pictures = {
        "候选匹配分": lambda: results.gallery.draw(charts.candidate_scores, results.candidates, results.assignment)
    }
    if timetable.meetings:
        pictures = {"日程占用": lambda: results.gallery.draw(charts.timetable_occupancy, timetable), **pictures}
    return (*deliverables, *write_pictures(_STEP, pictures, out))


def write_paper(results: Results, out: Path) -> tuple[Deliverable, ...]:
    """Write 对接日程.pdf below ``out``; nothing where no meeting takes place.

    Raises:
        MissingExtra: the ``paper`` extra is not installed.
    """
    if not results.timetable.meetings:
        return ()
    path = out / STEP_FOLDERS[_STEP] / "对接日程.pdf"
    pdf = timetable_pdf(results)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pdf)
    return (Deliverable(_STEP, "对接日程（PDF）", path.relative_to(out)),)
