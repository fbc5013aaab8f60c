"""⑤ 匹配建议 and 对接日程: candidates with reasons, chosen pairs, the timetable as workbook, paper and calendars."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from yingcheng.capabilities.records import Enterprise
from yingcheng.matchmaking.naming import with_names
from yingcheng.matchmaking.records import Candidate
from yingcheng.matchmaking.timetable.schedule import Schedule, Talk, make_known
from yingcheng.matchmaking.timetable.stored import TIMETABLE_FILE
from yingcheng.measures.records import Verdict
from yingcheng.opportunities.records import Opportunity
from yingcheng.publish import charts
from yingcheng.publish.fairness import account_table, fairness_notes, frontier_table, party_names, refusals
from yingcheng.publish.pictures import write_pictures
from yingcheng.publish.records import STEP_FOLDERS, Deliverable, Results
from yingcheng.publish.schedule import (
    AGENDAS,
    BADGES,
    BOARD,
    BOOK,
    PAPER,
    QUALITY,
    WEB,
    write_papers,
    write_screens,
)
from yingcheng.publish.wording import hundredths
from yingcheng.publish.workbook import Column, Table, Value, write_workbook
from yingcheng.standards.text import one_line

__all__ = ["schedule_of", "write", "write_paper"]

_STEP = 5
PROOF_FILE = "匹配证明.json"
_REASONS = 3  # told to those who meet
_HOSTS, _CREDIT = "时限", "信用"  # hard conditions that the enterprise's own papers do not settle
_SHOWN_GRADES = ("A", "B")  # what can be put on a table: contracts, acceptances, cases, certificates
_PROOFS, _LONGEST = 2, 40
_SCORE = (
    "匹配分为 0–1，由各条理由前所写的分值相加而得：0.3 表示在公开的供需评测中，"
    "文字同样相合的组合约有三成被判为值得对接；不按注册地排序。建议仅供参考，由对接双方确认。"
)
_DECIDE = "请在“决定”栏填写采纳、不采纳、已对接或已签约；积累三十条后可用 yingcheng learn 让匹配更合本地实际。"
_OFFERED = ("采纳", "不采纳", "已对接", "已签约")
_INNER_QUOTES = str.maketrans("“”", "‘’")
_TOO_FEW = "本批材料未同时包含场景机会与企业，没有候选。"


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
        Column("未选原因", 40),
    )
    opportunities = {o.id: o for o in results.opportunities.opportunities}
    enterprises = results.enterprise_names()
    refused = refusals(results.assignment)
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
                refused.get((edge.opportunity_id, edge.enterprise_id), ""),
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
    unmet = tuple(with_names(sentence, party_names(results)) for sentence in assignment.unmet)
    if not rows:
        return Table("选定对接", "选定的一对一对接", columns, rows, notes=unmet, empty=_nobody(results))
    quality = f"共 {len(assignment.pairs)} 场，总分 {assignment.total:.3f}"
    limits = "同样的场次上限、约束和保底" if assignment.fair else "同样的场次上限和约束"
    proof = f"{limits}下任何选法不超过 {assignment.bound:.3f}（差距 {assignment.gap:.2%}）"
    notes = (f"{quality}；{proof}。", *fairness_notes(results), *unmet)
    return Table("选定对接", "选定的一对一对接", columns, rows, notes=notes)


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


def schedule_of(results: Results) -> Schedule:
    """What is published of the timetable; who was invited before is told of changes only."""
    enterprises = {enterprise.id: enterprise for enterprise in results.matrix.enterprises}
    opportunities = {opportunity.id: opportunity for opportunity in results.opportunities.opportunities}
    missing = {review.opportunity_id: review.missing for review in results.opportunities.reviews}
    edges = {(edge.opportunity_id, edge.enterprise_id): edge for edge in results.candidates.edges}
    timetable = results.timetable
    pairs = {(one.opportunity_id, one.enterprise_id) for one in timetable.meetings}
    pairs |= {(one.opportunity_id, one.enterprise_id) for one in timetable.unplaced}
    pinned = {(pair.opportunity_id, pair.enterprise_id): pair.pinned for pair in results.assignment.pairs}
    talks = [
        _talk(
            opportunities[o],
            enterprises[e],
            edges.get((o, e)),
            missing=missing.get(o, ()),
            pinned=pinned.get((o, e), False),
        )
        for o, e in sorted(pairs)
    ]
    schedule = Schedule(
        timetable,
        results.as_of,
        results.name,
        results.session_given,
        results.link_base,
        tuple(talks),
    )
    return make_known(schedule, before=results.known)


def _talk(
    opportunity: Opportunity, enterprise: Enterprise, edge: Candidate | None, *, missing: Sequence[str], pinned: bool
) -> Talk:
    """What the two sides are told: why they were brought together, and what the records say is still to be shown."""
    why = [*(("组织方指定",) if pinned else ()), *((r.text for r in edge.reasons[:_REASONS]) if edge else ())]
    asked = [gate for gate in (edge.gates if edge else ()) if gate.verdict is Verdict.UNKNOWN and gate.ask]
    host = [gate.ask.removeprefix("请需求单位") for gate in asked if gate.name == _HOSTS]
    if missing:
        host.append(f"说明清单中未填的：{'、'.join(missing)}")
    guest = [gate.ask.removeprefix("请企业") for gate in asked if gate.name not in (_HOSTS, _CREDIT)]
    guest += ["近期企业信用报告，用以核实是否列入经营异常名录" for gate in asked if gate.name == _CREDIT]
    guest += _proofs(opportunity, enterprise)
    return Talk(
        opportunity.id,
        enterprise.id,
        opportunity.name,
        enterprise.name,
        tuple(one_line(text) for text in why),
        tuple(one_line(text) for text in host),
        tuple(one_line(text) for text in guest),
    )


def _proofs(opportunity: Opportunity, enterprise: Enterprise) -> list[str]:
    """The best evidence the enterprise named itself for the tracks of the opportunity."""
    found = {
        (one.grade, one.kind, one.text): f"{one.kind}材料：{_cut(one.text)}"
        for capability in enterprise.capabilities
        if set(capability.tracks) & set(opportunity.tracks)
        for one in capability.evidence
        if one.grade in _SHOWN_GRADES and one.text
    }
    return [found[key] for key in sorted(found)][:_PROOFS]


def _cut(text: str) -> str:
    line = one_line(text)
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def write(results: Results, out: Path) -> tuple[Deliverable, ...]:
    """Write 匹配建议.xlsx and all that is published of the timetable except its papers below ``out``."""
    folder = out / STEP_FOLDERS[_STEP]
    suggestions = folder / "匹配建议.xlsx"
    weighed = frontier_table(results)
    tables = [_candidates(results), _chosen(results), account_table(results), *([weighed] if weighed else [])]
    tables += [_openings(results), _left_out(results)]
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
    if results.assignment.proof:
        proof = folder / PROOF_FILE
        proof.write_text(results.assignment.proof, encoding="utf-8")
        deliverables.append(
            Deliverable(_STEP, "匹配证明（可用 yingcheng match --verify 复核）", proof.relative_to(out))
        )
    timetable = results.timetable
    if timetable.meetings or timetable.unplaced:
        schedule = schedule_of(results)
        write_screens(schedule, folder)
        summary = f"排入 {len(timetable.meetings)} 场，未排入 {len(timetable.unplaced)} 场，空档 {timetable.breaks} 处"
        invited = {one.party for one in schedule.invitations}
        below = folder.relative_to(out)
        deliverables += [
            Deliverable(_STEP, "对接日程（工作簿）", below / BOOK, summary=summary),
            Deliverable(_STEP, "桌位屏（网页）", below / BOARD),
            Deliverable(_STEP, "对接日程（供当天调整的数据文件）", below / TIMETABLE_FILE),
        ]
        if invited:
            deliverables.append(Deliverable(_STEP, f"个人日程（网页与日历，{len(invited)} 方）", below / AGENDAS))
        if schedule.link_base:
            deliverables.append(Deliverable(_STEP, "供上网的个人日程与桌位屏", below / WEB))
    pictures = {
        "候选匹配分": lambda: results.gallery.draw(charts.candidate_scores, results.candidates, results.assignment)
    }
    if results.assignment.frontier:
        pictures["公平与总分"] = lambda: results.gallery.draw(charts.fairness_frontier, results.assignment)
    if timetable.meetings:
        pictures = {"日程占用": lambda: results.gallery.draw(charts.timetable_occupancy, timetable), **pictures}
    return (*deliverables, *write_pictures(_STEP, pictures, out))


def write_paper(results: Results, out: Path) -> tuple[Deliverable, ...]:
    """Write the timetable, its quality and the badges as PDF below ``out``; nothing where no meeting takes place.

    Raises:
        MissingExtra: the ``paper`` extra is not installed.
    """
    if not results.timetable.meetings:
        return ()
    folder = out / STEP_FOLDERS[_STEP]
    write_papers(schedule_of(results), folder)
    below = folder.relative_to(out)
    titles = (("对接日程（PDF）", PAPER), ("日程质量报告（PDF）", QUALITY), ("胸牌（PDF）", BADGES))
    return tuple(Deliverable(_STEP, title, below / name) for title, name in titles)
