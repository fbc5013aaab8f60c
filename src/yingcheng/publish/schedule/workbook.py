"""对接日程.xlsx: by table and slot, by participant, by organisation, the quality, and what has no place."""

from __future__ import annotations

from pathlib import Path

from yingcheng.matchmaking.records import Meeting
from yingcheng.matchmaking.timetable.check import breaks_by_party, table_changes_by_party
from yingcheng.matchmaking.timetable.schedule import Schedule
from yingcheng.publish.schedule.agendas import Agenda, clock, make_agendas, span_of, talks_of
from yingcheng.publish.schedule.quality import measures, reasons, unplaced_rows
from yingcheng.publish.workbook import Column, Table, Value, write_workbook

__all__ = ["doubts", "write_schedule_book"]

_NO_DAY = "设置中未写明对接会日期，日程所用日期为示意。"
_NO_UNIT = "部分机会的需求单位未填，参会方暂以机会名称代替（标“需求单位待补”）。"


def doubts(schedule: Schedule) -> tuple[str, ...]:
    """What of the timetable is only assumed."""
    nameless = any(participant.name.endswith("（需求单位待补）") for participant in schedule.timetable.participants)
    return (*(() if schedule.day_given else (_NO_DAY,)), *((_NO_UNIT,) if nameless else ()))


def _board(schedule: Schedule) -> Table:
    timetable, talks = schedule.timetable, talks_of(schedule)
    session = timetable.session
    names = {participant.id: participant.name for participant in timetable.participants}
    columns = (Column("时段", 20), *(Column(table, 26) for table in session.tables))
    placed: dict[tuple[int, int], Meeting] = {}
    for meeting in timetable.meetings:
        for slot_number in range(meeting.slot, meeting.slot + meeting.slots):
            placed[slot_number, meeting.table] = meeting
    rows: list[tuple[Value, ...]] = []
    for slot in session.slots:
        cells = []
        for table in range(len(session.tables)):
            one = placed.get((slot.index, table))
            if one is None:
                cells.append("")
                continue
            talk = talks.get((one.opportunity_id, one.enterprise_id))
            whole = span_of(one, session)
            span = (
                f"{'（续）' if one.slot < slot.index else ''}{clock(whole.start, whole.end)}" if one.slots > 1 else ""
            )
            parties = " ↔ ".join(names[party] for party in one.parties)
            cells.append("\n".join(text for text in (span, parties, talk.title if talk else "") if text))
        rows.append((f"{slot.start:%m月%d日} {clock(slot.start, slot.end)}", *cells))
    blocks = tuple(
        f"{block.start:%m月%d日} {clock(block.start, block.end)} {block.title}"
        + (f"（台上：{'、'.join(block.on_stage)}）" if block.on_stage else "")
        for block in session.agenda
    )
    notes = (*doubts(schedule), *(("固定议程：" + "；".join(blocks),) if blocks else ()))
    return Table("按桌位与时段", "一对一对接日程（按桌位与时段）", columns, rows, notes=notes)


def _personal(schedule: Schedule, agendas: tuple[Agenda, ...]) -> Table:
    columns = (
        Column("参会方", 30),
        Column("时段", 20),
        Column("桌位", 12, "centre"),
        Column("对方", 30),
        Column("场景机会", 34),
        Column("为何匹配", 50),
        Column("请准备", 40),
    )
    rows: list[tuple[Value, ...]] = [
        (
            agenda.participant.name,
            f"{a.invitation.start:%m月%d日} {clock(a.invitation.start, a.invitation.end)}",
            a.invitation.table,
            "、".join(a.others),
            a.about,
            "\n".join(a.why),
            "\n".join(a.bring),
        )
        for agenda in agendas
        for a in agenda.appointments
    ]
    return Table("按参会方", "一对一对接日程（按参会方）", columns, rows, notes=doubts(schedule))


def _organisations(schedule: Schedule, agendas: tuple[Agenda, ...]) -> Table:
    """One row for each organisation: when it must be there, where, whom it meets, how smooth its day is."""
    timetable = schedule.timetable
    columns = (
        Column("单位", 30),
        Column("类型", 12, "centre"),
        Column("人数", 8, "int"),
        Column("会谈", 8, "int"),
        Column("首场开始", 16),
        Column("末场结束", 16),
        Column("桌位", 20),
        Column("空档", 8, "int"),
        Column("换桌", 8, "int"),
        Column("会谈对象（按时间）", 60),
    )
    breaks, moves = breaks_by_party(timetable), table_changes_by_party(timetable)
    here = {participant.id for participant in timetable.participants}
    rows: list[tuple[Value, ...]] = []
    for agenda in agendas:
        one, meetings = agenda.participant, agenda.appointments
        if one.id not in here:
            continue
        ends = sorted(a.invitation.end for a in meetings)
        rows.append(
            (
                one.name, one.kind, one.people, len(meetings),
                f"{meetings[0].invitation.start:%m月%d日 %H:%M}" if meetings else "",
                f"{ends[-1]:%m月%d日 %H:%M}" if meetings else "",
                "、".join(dict.fromkeys(a.invitation.table for a in meetings)),
                breaks.get(one.id, 0), moves.get(one.id, 0),
                "\n".join(f"{a.invitation.start:%H:%M} {'、'.join(a.others)}" for a in meetings),
            )
        )  # fmt: skip
    return Table("按单位", "一对一对接日程（按单位）", columns, rows, notes=doubts(schedule))


def _quality(schedule: Schedule) -> Table:
    columns = (Column("项目", 18), Column("结果", 34), Column("说明", 70))
    rows: list[tuple[Value, ...]] = [(one.name, one.value, one.note) for one in measures(schedule)]
    rows += [("未排入原因", f"{count} 场", reason) for reason, count in reasons(schedule)]
    return Table("质量报告", "日程质量报告", columns, rows, notes=doubts(schedule))


def _unplaced(schedule: Schedule) -> Table:
    names = {participant.id: participant.name for participant in schedule.timetable.participants}
    columns = (Column("场景机会", 34), Column("企业", 34), Column("未排入原因", 60))
    rows = unplaced_rows(schedule, names)
    return Table("未排入", "未排入的对接", columns, rows, empty="选定的对接全部排入。")


def write_schedule_book(path: Path, schedule: Schedule) -> None:
    """Write the workbook."""
    agendas = make_agendas(schedule)
    tables = [
        _board(schedule),
        _personal(schedule, agendas),
        _organisations(schedule, agendas),
        _quality(schedule),
        _unplaced(schedule),
    ]
    write_workbook(path, tables, title="对接日程", as_of=schedule.as_of)
